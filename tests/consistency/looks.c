/* looks.c - what must hold, whoever looks and whenever. */
#include "tests/consistency/conserved.h"

#include "collector/ledger/snapshot.h"
#include "common/wire/update_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- every cell ---- */

sums_t
atom_sums (const atom_t *a)
{
  if (a->family == FAMILY_OUTCOME)
    return (sums_t){.value = a->m[M_VALUE], .figures = a->m[M_FIGURES]};
  return (sums_t){.support = a->m[M_SUPPORT_VND],
                  .schemes = a->m[M_SCHEMES],
                  .schemes_all = a->m[M_SCHEMES_ALL],
                  .matching = a->m[M_MATCHING_VND]};
}

typedef struct {
  sums_t sums;
  uint64_t cells;
} adding_t;

static err_t
add_cell (void *ctx, const atom_t *a)
{
  adding_t *k = ctx;
  const sums_t s = atom_sums (a);
  sums_add (&k->sums, &s, 1);
  k->cells++;
  return ERR_OK;
}

static sums_t
of_family (const sums_t *s, family_t family)
{
  if (family == FAMILY_OUTCOME)
    return (sums_t){.value = s->value, .figures = s->figures};
  return (sums_t){
      .support = s->support, .schemes = s->schemes, .schemes_all = s->schemes_all, .matching = s->matching};
}

void
look_published (world_t *w)
{
  kv_txn_t *txn = NULL;
  if (kv_begin (ledger_kv (w->l), false, &txn) != ERR_OK)
    broken (w, "a reader cannot begin");
  for (const grouping_t *g = groupings; g->id != 0; g++) {
    adding_t k = {.cells = 0};
    if (g->family == FAMILY_CONSULTING)
      continue;
    const err_t err = book_atoms (w->book, txn, g->family, g->dims, add_cell, &k);
    const sums_t expected = of_family (&w->expected, g->family);
    if (err == ERR_OK && sums_same (&k.sums, &expected)) {
      w->cells += k.cells;
      continue;
    }
    sums_say ("expected", &expected);
    sums_say ("published", &k.sums);
    broken (w, "the totals of grouping %u (%s)", (unsigned)g->id, err_name (err));
  }
  kv_abort (&txn);
}

/* ---- questions ---- */

static int64_t
column_sum (const query_result_t *r, const char *name)
{
  int64_t sum = 0;
  for (size_t i = 0; i < r->columns; i++)
    for (size_t row = 0; strcmp (r->name[i], name) == 0 && row < r->rows; row++)
      sum += strtoll (r->cell[row * r->columns + i].p, NULL, 10);
  return sum;
}

/* s NULL: what is published; else the snapshot. by_year may be NULL. */
static err_t
ask (ledger_t *l, kv_txn_t *txn, book_t *book, snapshot_t *s, const char *by, const char *where,
     int64_t *by_year, sums_t *out)
{
  fail_t fail = {0};
  query_result_t r;
  const catalogue_t *c = s != NULL ? snapshot_catalogue (s) : ledger_catalogue (l);
  query_t *q = query_parse (str_of (by), str_of (where), c, &fail);
  if (q == NULL)
    return fail.err != ERR_OK ? fail.err : ERR_NOMEM;
  err_t err = s != NULL ? snapshot_query (s, q) : book_query (book, txn, q);
  if (err == ERR_OK)
    err = query_finish (q, true, &r);
  if (err == ERR_OK) {
    out->support += column_sum (&r, "support_vnd");
    out->schemes += column_sum (&r, "schemes");
    out->schemes_all += column_sum (&r, "schemes_all");
    out->matching += column_sum (&r, "matching_vnd");
    out->value += column_sum (&r, "value");
  }
  for (size_t row = 0; err == ERR_OK && by_year != NULL && row < r.rows; row++)
    for (size_t i = 0; i < r.columns; i++)
      if (strcmp (r.name[i], "support_vnd") == 0)
        by_year[strtoul (r.cell[row * r.columns].p, NULL, 10) - FIRST_YEAR] =
            strtoll (r.cell[row * r.columns + i].p, NULL, 10);
  query_destroy (&q);
  return err;
}

#define OUTCOMES "indicator=I.1"

err_t
look_asked (ledger_t *l, kv_txn_t *txn, book_t *book, const char *by, sums_t *out)
{
  *out = (sums_t){0};
  err_t err = ask (l, txn, book, NULL, by, NULL, NULL, out);
  return err == ERR_OK ? ask (l, txn, book, NULL, "year", OUTCOMES, NULL, out) : err;
}

err_t
look_snapshot (ledger_t *l, kv_txn_t *txn, uint64_t lsn, int64_t by_year[YEARS], sums_t *out)
{
  char place[24];
  snapshot_t *s = NULL;
  fail_t fail = {0};
  snprintf (place, sizeof place, "%" PRIu64, lsn);
  *out = (sums_t){0};
  memset (by_year, 0, YEARS * sizeof *by_year);
  err_t err = snapshot_open (l, txn, str_of (place), &s, &fail);
  if (err == ERR_OK)
    err = ask (l, txn, NULL, s, "year", NULL, by_year, out);
  if (err == ERR_OK)
    err = ask (l, txn, NULL, s, "year", OUTCOMES, NULL, out);
  snapshot_close (&s);
  return err;
}

/* ---- between the two updates of a move ---- */

#define UNDER_WAY "đang chuyển"

void
under_way_text (const sums_t *s, char out[160])
{
  snprintf (out, 160, UNDER_WAY " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
            s->support, s->schemes, s->schemes_all, s->matching, s->value, s->figures);
}

err_t
look_under_way (const log_entry_t *e, arena_t *arena, sums_t *out)
{
  update_t u;
  *out = (sums_t){0};
  if (e->serial == 0)
    return ERR_OK;
  arena_reset (arena);
  const err_t err = update_decode (e->bytes, arena, &u, NULL);
  const str_t head = STR (UNDER_WAY);
  if (err != ERR_OK || u.comment.n < head.n || memcmp (u.comment.p, head.p, head.n) != 0)
    return err;
  char text[160];
  snprintf (text, sizeof text, "%.*s", STR_ARG (u.comment));
  int64_t *const part[] = {&out->support,  &out->schemes, &out->schemes_all,
                           &out->matching, &out->value,   &out->figures};
  char *at = text + head.n;
  for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
    *part[i] = strtoll (at, &at, 10);
  return *at == '\0' ? ERR_OK : ERR_MALFORMED;
}
