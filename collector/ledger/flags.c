#include "collector/ledger/flags.h"
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/core/period.h"
#include "common/text/utf8.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

/* ---- writing ---- */

static err_t
write_event (ledger_t *l, turn_t *t, unit_id_t unit, const decision_t *d, str_t person)
{
  flag_row_t row;
  err_t err = centre_append (l, t, unit, d, person);
  if (err == ERR_OK && !flag_row_of (d, unit, person, t->now, t->lsn, &row))
    err = ERR_MALFORMED;
  return err == ERR_OK ? flag_row_put (t->txn, DB_FLAG, &row) : err;
}

static void
address (const catalogue_t *c, date_t today, flag_t *f)
{
  for (size_t i = 0; i < f->records_n; i++)
    f->record[i].unit = flag_holder (c, &f->record[i], today);
}

static decision_t
telling (str_t flag, str_t check, const flag_record_t *r, bool cleared)
{
  decision_t d = {.type = DECISION_FLAG};
  d.u.flag.flag = flag;
  d.u.flag.check = check;
  d.u.flag.key = r->key;
  d.u.flag.record = r->record;
  d.u.flag.cleared = cleared;
  memcpy (d.u.flag.arguments, r->arguments, sizeof d.u.flag.arguments);
  return d;
}

/* ---- answering ---- */

static err_t
write_answer (ledger_t *l, turn_t *t, const flag_t *f, str_t reason, str_t person)
{
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < f->records_n && !f->told; i++) {
    decision_t d = telling (f->flag, f->check, &f->record[i], false);
    err = write_event (l, t, f->record[i].unit, &d, STR_NONE);
  }
  for (size_t i = 0; err == ERR_OK && i < f->records_n; i++) {
    decision_t d = {.type = DECISION_FLAG_ANSWER};
    d.u.flag_answer.flag = f->flag;
    d.u.flag_answer.reason = reason;
    d.u.flag_answer.record = f->record[i].record;
    err = write_event (l, t, f->record[i].unit, &d, person);
  }
  return err;
}

static err_t
check_reason (str_t reason, fail_t *fail)
{
  if (utf8_blank (reason))
    return fail_set (fail, ERR_USAGE,
                     L ("trả lời phải nói vì sao số liệu vẫn đúng: --reason “…”",
                        "an answer must say why it is right as it is: --reason \"…\""));
  return centre_comment_check (reason, fail);
}

/* What was told is answered without looking at the records again; what was not yet must be found there. */
static err_t
find_flag (ledger_t *l, turn_t *t, str_t flag, flag_list_t *list, flag_t *out, fail_t *fail)
{
  size_t n = 0;
  list->arena = arena_new (FLAG_TEXTS_BUDGET);
  err_t err =
      list->arena != NULL ? flags_standing (t->txn, DB_FLAG, list->arena, &list->standing, &n) : ERR_NOMEM;
  const flag_standing_t *s = err == ERR_OK ? flag_standing_find (list->standing, n, flag) : NULL;
  if (s != NULL && s->open) {
    flag_of_standing (s, NULL, out);
    return ERR_OK;
  }
  flag_list_free (list);
  if (err == ERR_OK)
    err = flags_list (l->book, t->txn, DB_FLAG, l->catalogue, SCOPE_PROVINCE, list);
  if (err != ERR_OK)
    return err;
  for (size_t i = 0; i < list->n; i++) {
    if (!str_eq (list->at[i].flag, flag))
      continue;
    *out = list->at[i];
    address (l->catalogue, day_of (t->now), out);
    return out->state != FLAG_RESOLVED
               ? ERR_OK
               : fail_set (
                     fail, ERR_INPUT,
                     L ("cảnh báo “%.*s” đã hết: số liệu đã đổi, không cần trả lời",
                        "flag \"%.*s\" no longer holds: the figures have changed, nothing is to be answered"),
                     STR_ARG (flag));
  }
  return fail_set (fail, ERR_INPUT,
                   L ("không có cảnh báo “%.*s”; xem kc-collector flags DIR --all",
                      "there is no flag \"%.*s\"; see kc-collector flags DIR --all"),
                   STR_ARG (flag));
}

static bool
says_the_same (const flag_t *f, str_t reason)
{
  return f->state == FLAG_IS_ANSWERED && f->reason.n == reason.n &&
         memcmp (f->reason.p, reason.p, reason.n) == 0;
}

err_t
flags_answer (ledger_t *l, str_t flag, str_t reason, str_t person, wall_t now, bool *changed, fail_t *fail)
{
  turn_t t;
  flag_list_t list = {.at = NULL};
  flag_t f = {.told = false};
  *changed = false;
  err_t err = check_reason (reason, fail);
  if (err == ERR_OK)
    err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = find_flag (l, &t, flag, &list, &f, fail);
  if (err == ERR_OK && says_the_same (&f, reason)) {
    turn_abort (l, &t);
    goto done;
  }
  if (err == ERR_OK)
    err = write_answer (l, &t, &f, reason, person);
  err = turn_end (l, &t, err);
  *changed = err == ERR_OK;
done:
  flag_list_free (&list);
  return ledger_said (fail, err);
}

/* ---- telling offices ---- */

/* One piece of news: unit ‖ length ‖ decision. */
static err_t
put_news (unit_id_t unit, const decision_t *d, buf_t *news)
{
  buf_t bytes = BUF_INIT;
  err_t err = decision_encode (d, &bytes) ? ERR_OK : ERR_NOMEM;
  buf_u32 (news, unit);
  buf_u32 (news, (uint32_t)bytes.n);
  buf_put (news, bytes.p, bytes.n);
  buf_free (&bytes);
  return err == ERR_OK && buf_ok (news) ? ERR_OK : ERR_NOMEM;
}

static err_t
news_of (const flag_record_t *records, size_t n, str_t flag, str_t check, bool cleared, buf_t *news,
         size_t *told)
{
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    decision_t d = telling (flag, check, &records[i], cleared);
    err = put_news (records[i].unit, &d, news);
    ++*told;
  }
  return err;
}

static int
by_flag (const void *x, const void *y)
{
  return strcmp (*(const char *const *)x, *(const char *const *)y);
}

static bool
still_found (const char **names, size_t n, str_t flag)
{
  char z[FLAG_ID_MAX];
  const char *key = z;
  if (flag.n >= sizeof z)
    return false;
  memcpy (z, flag.p, flag.n);
  z[flag.n] = '\0';
  return n > 0 && bsearch (&key, names, n, sizeof *names, by_flag) != NULL;
}

/* Was each office concerned told of its record? */
static bool
told_to (const flag_standing_t *s, const flag_t *f)
{
  size_t n = 0;
  for (size_t i = 0; i < f->records_n; i++)
    for (size_t k = 0; k < s->records_n; k++)
      n += s->record[k].unit == f->record[i].unit && record_id_eq (s->record[k].record, f->record[i].record);
  return n == f->records_n;
}

err_t
flags_news (kv_txn_t *txn, const catalogue_t *c, date_t today, const finding_t *found, size_t n, bool all,
            buf_t *news, bool *more)
{
  flag_standing_t *standing = NULL;
  size_t standing_n = 0, told = 0;
  flag_t f;
  arena_t *arena = arena_new (FLAG_TEXTS_BUDGET);
  const char **names = calloc (n + 1, sizeof *names);
  err_t err = arena != NULL && names != NULL ? flags_standing (txn, DB_FLAG, arena, &standing, &standing_n)
                                             : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    names[i] = found[i].flag;
  if (err == ERR_OK && n > 1)
    qsort (names, n, sizeof *names, by_flag);
  for (size_t i = 0; all && err == ERR_OK && i < standing_n && told < FLAGS_NEWS_MAX; i++) {
    const flag_standing_t *s = &standing[i];
    if (s->open && !still_found (names, n, s->flag))
      err = news_of (s->record, s->records_n, s->flag, s->check, true, news, &told);
  }
  for (size_t i = 0; err == ERR_OK && i < n && told < FLAGS_NEWS_MAX; i++) {
    const flag_standing_t *s = flag_standing_find (standing, standing_n, str_of (found[i].flag));
    /* Notes that the office can work out from its own records it has anyway. */
    if (found[i].severity != SEVERITY_WARNING && found[i].check->scope != SCOPE_PROVINCE)
      continue;
    flag_of_finding (&found[i], &f);
    address (c, today, &f);
    if (s != NULL && s->open && told_to (s, &f))
      continue;
    err = news_of (f.record, f.records_n, f.flag, f.check, false, news, &told);
  }
  *more = told >= FLAGS_NEWS_MAX;
  free (standing);
  free (names);
  arena_destroy (&arena);
  return err;
}

/* Does the last opening or clearing of the flag's record say this already? */
typedef struct {
  record_id_t record;
  unit_id_t unit;
  bool open;
} last_t;

static err_t
note_last (void *ctx, const flag_row_t *r)
{
  last_t *last = ctx;
  if (r->event != FLAG_ANSWERED && record_id_eq (r->record, last->record)) {
    last->open = r->event == FLAG_OPENED;
    last->unit = r->unit;
  }
  return ERR_OK;
}

static err_t
tell_one (ledger_t *l, turn_t *t, unit_id_t unit, str_t bytes, arena_t *arena, size_t *told)
{
  decision_t d = {.type = DECISION_NONE};
  arena_reset (arena);
  err_t err = decision_decode (bytes, arena, &d);
  if (err != ERR_OK || d.type != DECISION_FLAG)
    return err == ERR_OK ? ERR_MALFORMED : err;
  last_t last = {.record = d.u.flag.record};
  err = flag_rows_each (t->txn, DB_FLAG, d.u.flag.flag, note_last, &last);
  bool said = last.open == !d.u.flag.cleared && (d.u.flag.cleared || last.unit == unit);
  if (err != ERR_OK || said)
    return err;
  ++*told;
  return write_event (l, t, unit, &d, STR_NONE);
}

err_t
flags_tell (ledger_t *l, str_t news, wall_t now, size_t *told)
{
  turn_t t;
  rd_t r = rd_of (news.p, news.n);
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX));
  *told = 0;
  err_t err = arena != NULL ? turn_begin (l, now, &t) : ERR_NOMEM;
  if (err != ERR_OK)
    goto done;
  while (err == ERR_OK && !rd_done (&r)) {
    unit_id_t unit = rd_u32 (&r);
    str_t bytes = rd_bytes (&r, rd_u32 (&r));
    err = bytes.p != NULL ? tell_one (l, &t, unit, bytes, arena, told) : ERR_MALFORMED;
  }
  if (err == ERR_OK && *told == 0)
    turn_abort (l, &t);
  else
    err = turn_end (l, &t, err);
done:
  arena_destroy (&arena);
  return err;
}
