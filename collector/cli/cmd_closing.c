/* cmd_closing.c - close, closings, lock, unlock, locks. */
#include "collector/cli/commands.h"

#include "collector/ledger/closings.h"
#include "collector/ledger/submissions.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/view/locks_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TOUCHED_TOLD 10000u /* records counted since a closing, in passing */

/* ---- what a closing should not overlook ---- */

/* What an officer would want to know before the tables go out; closing is theirs to decide. */
static int
say_what_lacks (const args_t *a)
{
  reading_t r;
  period_t p;
  completeness_t c = {.rows = NULL};
  bool any = true;
  fail_t fail = {0};
  int code = reading_open (a, &r);
  if (code != 0)
    goto done;
  err_t err = period_read (str_of (args_operand (a, 1)), r.c, &p, &fail);
  if (err == ERR_OK)
    err = closings_any_record (r.l, r.txn, &p, &any);
  if (err == ERR_OK)
    err = submissions_completeness (r.l, r.txn, &p, &c);
  if (err == ERR_OK && !any)
    fprintf (stderr, "%s\n",
             L ("lưu ý: chưa có bản ghi nào thuộc kỳ này", "note: no record belongs to this period"));
  if (err == ERR_OK && c.done < c.asked)
    fprintf (stderr,
             L ("lưu ý: %" PRIu64 "/%" PRIu64 " biểu của kỳ này chưa nộp hoặc phải nộp lại; xem kc-collector "
                "completeness %s --period %s\n",
                "note: %" PRIu64 " of %" PRIu64 " tables of this period are not submitted, or returned; see "
                "kc-collector completeness %s --period %s\n"),
             c.asked - c.done, c.asked, args_operand (a, 0), args_operand (a, 1));
  code = answer_err (a, err);
done:
  completeness_free (&c);
  reading_close (&r);
  return code;
}

/* ---- closings ---- */

typedef struct {
  uint64_t *lsn;
  size_t n, cap;
} places_t;

static err_t
note_place (void *ctx, const closing_t *c)
{
  places_t *p = ctx;
  uint64_t *grown = array_room (p->lsn, p->n, &p->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  p->lsn = grown;
  grown[p->n++] = c->at.lsn;
  return ERR_OK;
}

static int
earlier_first (const void *x, const void *y)
{
  const uint64_t *a = x, *b = y;
  return (*a > *b) - (*a < *b);
}

typedef struct {
  const args_t *a;
  table_t *t;
  places_t places;   /* for people: of all closings, the earliest first */
  uint64_t *touched; /* for each, records written since */
} closing_list_t;

static err_t
count_since (closing_list_t *s, reading_t *r)
{
  places_t *p = &s->places;
  err_t err = closings_each (r->l, r->txn, note_place, p);
  if (err != ERR_OK || p->n == 0)
    return err;
  qsort (p->lsn, p->n, sizeof *p->lsn, earlier_first);
  s->touched = calloc (p->n, sizeof *s->touched);
  return s->touched != NULL ? closings_touched (r->l, r->txn, p->lsn, p->n, UINT64_MAX, s->touched)
                            : ERR_NOMEM;
}

static err_t
closing_line (void *ctx, const closing_t *c)
{
  closing_list_t *s = ctx;
  char position[POSITION_TEXT_MAX], seal[33];
  position_format (c->at, position);
  hex_encode (c->seal.b, 16, seal);
  table_row (s->t);
  table_cell (s->t, c->period);
  table_cell (s->t, str_of (position));
  table_cell (s->t, str_of (seal));
  table_time (s->t, s->a, c->closed);
  table_cell (s->t, c->person);
  table_cell (s->t, c->comment);
  if (s->touched != NULL) {
    const uint64_t *at =
        bsearch (&c->at.lsn, s->places.lsn, s->places.n, sizeof *s->places.lsn, earlier_first);
    table_printf (s->t, "%" PRIu64, at != NULL ? s->touched[at - s->places.lsn] : 0);
  }
  return ERR_OK;
}

static void
closing_columns (table_t *t)
{
  table_column (t, "period", "Kỳ", "Period", COL_TEXT);
  table_column (t, "position", "Vị trí", "Position", COL_TEXT);
  table_column (t, "seal", "Niêm", "Seal", COL_TEXT);
  table_spare (t, 1);
  table_column (t, "closed_at", "Chốt lúc", "Closed", COL_TEXT);
  table_column (t, "person", "Người chốt", "Person", COL_TEXT);
  table_spare (t, 2);
  table_column (t, "comment", "Lời ghi", "Comment", COL_TEXT);
  table_spare (t, 2);
}

int
cmd_closings (const args_t *a)
{
  reading_t r;
  closing_list_t s = {.a = a};
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  s.t = table_new ();
  closing_columns (s.t);
  if (for_people (a))
    table_column (s.t, "touched", "Bản ghi đổi từ đó", "Records changed since", COL_NUMBER);
  err_t err = for_people (a) ? count_since (&s, &r) : ERR_OK;
  if (err == ERR_OK)
    err = closings_each (r.l, r.txn, closing_line, &s);
  if (!for_people (a))
    table_sort (s.t);
  code = answer_table (a, &s.t, err, NULL);
  free (s.places.lsn);
  free (s.touched);
  reading_close (&r);
  return code;
}

typedef struct {
  str_t period; /* wanted; absent: any */
  char name[PERIOD_TEXT_MAX];
  closing_t last; /* its texts are gone */
} last_closing_t;

static err_t
note_last (void *ctx, const closing_t *c)
{
  last_closing_t *k = ctx;
  if ((k->period.p != NULL && !str_eq (k->period, c->period)) || c->lsn < k->last.lsn ||
      c->period.n >= sizeof k->name)
    return ERR_OK;
  k->last = *c;
  memcpy (k->name, c->period.p, c->period.n);
  k->name[c->period.n] = '\0';
  return ERR_OK;
}

void
say_since_closing (const args_t *a, reading_t *r, str_t period)
{
  last_closing_t k = {.period = period};
  buf_t at = BUF_INIT;
  uint64_t touched = 0;
  err_t err = for_people (a) ? closings_each (r->l, r->txn, note_last, &k) : ERR_OK;
  if (err == ERR_OK && k.last.lsn != 0)
    err = closings_touched (r->l, r->txn, &k.last.at.lsn, 1, TOUCHED_TOLD, &touched);
  wall_put (k.last.closed, true, &at);
  if (err == ERR_OK && touched > 0)
    fprintf (stderr,
             L ("lưu ý: kỳ %s chốt lúc %s; từ đó %s%" PRIu64
                " %s được ghi thêm hay sửa: kc-collector changes %s "
                "--since %s --by …\n",
                "note: period %s was closed on %s; since then %s%" PRIu64
                " %s added or changed: kc-collector changes %s --since %s --by …\n"),
             k.name, buf_z (&at), touched < TOUCHED_TOLD ? "" : L ("ít nhất ", "at least "), touched,
             noun_of (touched, "bản ghi", "record was", "records were"), args_operand (a, 0), k.name);
  buf_free (&at);
}

void
say_as_of (const args_t *a, const reading_t *r)
{
  const char *text = args_value (a, "as-of");
  closing_t c;
  period_t p;
  if (text != NULL && strlen (text) == 4 && period_parse (str_of (text), r->c, &p) &&
      closings_latest (r->txn, str_of (text), &c) == ERR_OK)
    fprintf (
        stderr,
        L ("lưu ý: --as-of %s là vị trí %s của nhật ký; số liệu đã chốt của năm %s: --as-of closing:%s\n",
           "note: --as-of %s is place %s of the log; the figures of year %s as closed: --as-of "
           "closing:%s\n"),
        text, text, text, text);
}

/* ---- close ---- */

typedef struct {
  closing_list_t list;
  uint64_t lsn;
} last_closing_line_t;

static err_t
latest_line (void *ctx, const closing_t *c)
{
  last_closing_line_t *x = ctx;
  return c->lsn == x->lsn ? closing_line (&x->list, c) : ERR_OK;
}

/* The row that closings has of it. */
static int
closing_for_machines (const args_t *a)
{
  reading_t r;
  period_t p;
  char name[PERIOD_TEXT_MAX];
  fail_t fail = {0};
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  last_closing_line_t x = {.list = {.a = a, .t = table_new ()}};
  closing_columns (x.list.t);
  err_t err = period_read (str_of (args_operand (a, 1)), r.c, &p, &fail);
  if (err == ERR_OK) {
    period_format (&p, name);
    last_closing_t k = {.period = str_of (name)};
    err = closings_each (r.l, r.txn, note_last, &k);
    x.lsn = k.last.lsn;
  }
  if (err == ERR_OK)
    err = closings_each (r.l, r.txn, latest_line, &x);
  code = answer_table (a, &x.list.t, err, NULL);
  reading_close (&r);
  return code;
}

int
cmd_close (const args_t *a)
{
  const char *comment = args_value (a, "comment");
  change_request_t r = {.operation = STR (CHANGE_CLOSE),
                        .person = str_of (args_person (a)),
                        .args = {str_of (args_operand (a, 1)), str_of (comment != NULL ? comment : "")},
                        .args_n = 2};
  int code = change_ask (a, args_operand (a, 0), &r);
  if (code == 0 && !for_people (a))
    code = closing_for_machines (a);
  return code == 0 ? say_what_lacks (a) : code;
}

/* ---- locks ---- */

static int
lock (const args_t *a, const char *state)
{
  const char *office = args_value (a, "office"), *until = args_value (a, "until"),
             *comment = args_value (a, "comment");
  change_request_t r = {.operation = STR (CHANGE_LOCK),
                        .person = str_of (args_person (a)),
                        .args = {str_of (args_operand (a, 1)), str_of (args_operand (a, 2)), str_of (state),
                                 str_of (office != NULL ? office : ""), str_of (until != NULL ? until : ""),
                                 str_of (comment != NULL ? comment : "")},
                        .args_n = 6};
  return change_ask (a, args_operand (a, 0), &r);
}

int
cmd_lock (const args_t *a)
{
  return lock (a, "locked");
}

int
cmd_unlock (const args_t *a)
{
  if ((args_value (a, "office") != NULL) != (args_value (a, "until") != NULL))
    return args_usage (a, L ("gia hạn cho một đơn vị cần cả --office và --until, ví dụ --office 549 --until "
                             "2026-12-05",
                             "an extension for one office needs both --office and --until, such as --office "
                             "549 --until 2026-12-05"));
  return lock (a, "open");
}

int
cmd_locks (const args_t *a)
{
  reading_t r;
  locks_t *locks = NULL;
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  table_t *t = table_new ();
  err_t err = locks_load (r.txn, DB_LOCK, r.c, &locks);
  if (err == ERR_OK)
    err = locks_fill (t, locks, r.c, ledger_clock (r.txn, clock_wall ()), for_people (a));
  code = answer_table (a, &t, err, NULL);
  locks_destroy (&locks);
  reading_close (&r);
  return code;
}
