/* The book's answer to every question beside the model's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/store/model_answers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 2048u

typedef struct {
  plain_kind_t kind;
  const char *by, *where;
  bool today;
} question_t;

static const question_t questions[] = {
    {PLAIN_SCHEME, "year,source", "", false},
    {PLAIN_SCHEME, "year,item,source", "", false},
    {PLAIN_SCHEME, "category,fund", "", false},
    {PLAIN_SCHEME, "district,year", "", false},
    {PLAIN_SCHEME, "district,item,source,year", "", false},
    {PLAIN_SCHEME, "status", "", false},
    {PLAIN_SCHEME, "kind,status,fund", "", false},
    {PLAIN_SCHEME, "source", "year=2014-2020", false},
    {PLAIN_SCHEME, "item", "district=549", false},
    {PLAIN_SCHEME, "year", "status=settled", false},
    {PLAIN_SCHEME, "district", "", true},
    {PLAIN_SCHEME, "district,year,source", "", true},
    {PLAIN_SCHEME, "item,status", "district=549", true},
    {PLAIN_OUTCOME, "indicator", "", false},
    {PLAIN_OUTCOME, "indicator,year,fund", "", false},
    {PLAIN_OUTCOME, "indicator,district", "", false},
    {PLAIN_OUTCOME, "indicator,value_kind", "", false},
    {PLAIN_OUTCOME, "indicator,period,year", "", false},
    {PLAIN_OUTCOME, "indicator", "value_kind=plan", false},
    {PLAIN_OUTCOME, "indicator,district", "", true},
    {PLAIN_CONSULTING, "service,year", "", false},
    {PLAIN_CONSULTING, "service", "", false},
};

/* A figure as it is shown, "2.0", as the model counts it. */
static int64_t
shown_number (str_t text)
{
  char digits[32];
  size_t n = 0;
  for (size_t i = 0; i < text.n && n + 1 < sizeof digits; i++)
    if (text.p[i] != '.')
      digits[n++] = text.p[i];
  digits[n] = '\0';
  return strtoll (digits, NULL, 10);
}

static bool say (char *why, size_t room, const question_t *ask, const char *fmt, ...) PRINTF_LIKE (4, 5);

static bool
say (char *why, size_t room, const question_t *ask, const char *fmt, ...)
{
  va_list args;
  const int n =
      snprintf (why, room, "by %s where \"%s\"%s: ", ask->by, ask->where, ask->today ? " today" : "");
  va_start (args, fmt);
  if (n > 0 && (size_t)n < room)
    vsnprintf (why + n, room - (size_t)n, fmt, args);
  va_end (args);
  return false;
}

static bool
rows_agree (const question_t *ask, const query_result_t *r, const model_row_t *want, size_t n, char *why,
            size_t room)
{
  for (size_t i = 0; i < r->rows; i++) {
    const str_t *cells = &r->cell[i * r->columns];
    char key[160] = "";
    size_t at = 0, k = 0;
    for (; k < r->columns && !r->is_measure[k]; k++)
      snprintf (key + strlen (key), sizeof key - strlen (key), "%s%.*s", k == 0 ? "" : "|",
                STR_ARG (cells[k]));
    while (at < n && strcmp (want[at].key, key) != 0)
      at++;
    for (size_t m = 0; k + m < r->columns; m++)
      if (at == n || want[at].m[m] != shown_number (cells[k + m]))
        return say (why, room, ask, "row %s: %s is %.*s, the model says %" PRId64, key, r->name[k + m],
                    STR_ARG (cells[k + m]), at == n ? 0 : want[at].m[m]);
  }
  return r->rows == n || say (why, room, ask, "%zu rows, the model has %zu", r->rows, n);
}

static bool
answer_agrees (const question_t *ask, book_t *book, kv_txn_t *txn, const catalogue_t *c, const plain_t *list,
               size_t n, const model_events_t *events, char *why, size_t room)
{
  static model_row_t want[ROWS];
  fail_t fail = {0};
  query_result_t r;
  const size_t rows = model_ask (list, n, events, ask->kind, ask->by, ask->where, ask->today, want, ROWS);
  query_t *q = query_parse (str_of (ask->by), str_of (ask->where), c, &fail);
  if (q == NULL)
    return say (why, room, ask, "%s", fail.text);
  if (ask->today)
    query_today (q, 20300101);
  assert_int_equal (book_query (book, txn, q), ERR_OK);
  assert_int_equal (query_finish (q, true, &r), ERR_OK);
  const bool agree = rows_agree (ask, &r, want, rows, why, room);
  query_destroy (&q);
  return agree;
}

bool
model_agrees (book_t *book, kv_txn_t *txn, const catalogue_t *c, const plain_t *list, size_t n,
              const model_events_t *events, char *why, size_t room)
{
  bool agree = true;
  for (size_t i = 0; i < sizeof questions / sizeof questions[0] && agree; i++)
    agree = answer_agrees (&questions[i], book, txn, c, list, n, events, why, room);
  return agree;
}
