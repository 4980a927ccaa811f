/* submit.c - declaring a table complete, with a look at what is in it.
 *
 * A declaration is an update like any other, so it is saved with no line and reaches the centre behind the
 * records it is about: what the centre holds when it reads "complete" is what stood here when it was said. */
#include "agent/entry/submit.h"

#include "common/base/lang.h"
#include "common/core/contribution.h"
#include "common/core/validate.h"
#include "common/platform/platform.h"
#include "common/text/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SUBMIT_TRIES 8

/* ---- what is in a table ---- */

typedef struct {
  unit_id_t unit;
  table_id_t table;
  const period_t *period;
  const catalogue_t *c;
  arena_t *arena;
  table_sum_t *sum;
} summing_t;

static void
sum_record (summing_t *s, const record_t *r)
{
  atom_t atoms[ATOMS_MAX];
  s->sum->records++;
  if (r->kind == KIND_CONSULTING && r->u.consulting.revenue_vnd.has)
    s->sum->amount_vnd += r->u.consulting.revenue_vnd.v;
  if (r->kind != KIND_SCHEME)
    return;
  s->sum->counting += status_counts (r->u.scheme.status);
  size_t n = contribution (r, false, atoms);
  for (size_t i = 0; i < n; i++)
    s->sum->amount_vnd += atoms[i].m[M_SUPPORT_VND];
}

static err_t
sum_row (void *ctx, err_t err, const row_t *row)
{
  summing_t *s = ctx;
  update_t u;
  if (err != ERR_OK)
    return err;
  arena_reset (s->arena);
  err = row_decode (row, s->arena, &u);
  if (err != ERR_OK)
    return err;
  if (table_of_kind (u.record.kind) != s->table || record_office (&u.record) != s->unit ||
      !period_touches (s->period, &u.record, s->c))
    return ERR_OK;
  if (row->at > s->sum->latest)
    s->sum->latest = row->at;
  if (!row->withdrawn && period_has (s->period, &u.record, s->c))
    sum_record (s, &u.record);
  else
    s->sum->spans += !row->withdrawn;
  return ERR_OK;
}

static err_t
sum_table (outbox_t *o, kv_txn_t *txn, unit_id_t unit, table_id_t table, const period_t *p, table_sum_t *out)
{
  summing_t s = {.unit = unit, .table = table, .period = p};
  s.c = outbox_catalogue (o);
  s.sum = out;
  *out = (table_sum_t){0};
  s.arena = arena_new (UPDATE_ROOM);
  err_t err = s.arena != NULL ? book_each (outbox_book (o), txn, 0, sum_row, &s) : ERR_NOMEM;
  arena_destroy (&s.arena);
  return err;
}

err_t
submit_judge (outbox_t *o, kv_txn_t *txn, const submission_t *s, reasons_t *found)
{
  const table_id_t table = table_of_name (s->table);
  table_sum_t sum;
  period_t p;
  char records[24];
  if (table == TABLE_NONE || !period_parse (s->period, outbox_catalogue (o), &p))
    return ERR_OK; /* refused for that */
  err_t err = sum_table (o, txn, s->district, table, &p, &sum);
  if (err != ERR_OK || s->nil == (sum.records + sum.spans == 0))
    return err;
  snprintf (records, sizeof records, "%" PRIu64, sum.records + sum.spans);
  const str_t count = found->arena != NULL ? arena_str (found->arena, str_of (records)) : STR_NONE;
  reasons_add (found, -1, s->nil ? REASON_NIL_BESIDE : REASON_NOT_NIL, str_of (table_name (table)), s->period,
               s->nil ? count : STR_NONE);
  return ERR_OK;
}

/* ---- declaring ---- */

typedef struct {
  outbox_t *o;
  const declaration_t *d;
  const unit_t *unit;
  period_t period;
  char period_text[PERIOD_TEXT_MAX];
  arena_t *arena;
  wall_t now;
} declaring_t;

static err_t
check_declaration (declaring_t *k, fail_t *fail)
{
  const declaration_t *d = k->d;
  const catalogue_t *c = outbox_catalogue (k->o);
  err_t err = edits_may_write (k->o, fail);
  if (err == ERR_OK)
    err = edits_check_words (d->person, STR_NONE, fail);
  if (err == ERR_OK)
    err = period_read (d->period, c, &k->period, fail);
  if (err != ERR_OK)
    return err;
  k->unit = catalogue_unit (c, outbox_identity (k->o)->unit);
  if (k->unit == NULL)
    return fail_set (fail, ERR_INPUT,
                     L ("danh mục không có đơn vị của máy này; hãy gọi trung tâm",
                        "the catalogue does not have this PC's office; call the centre"));
  if (!table_expected (d->table, k->unit))
    return fail_set (
        fail, ERR_INPUT,
        L ("đơn vị %.*s không phải nộp biểu “%s”; các đơn vị huyện nộp outcomes và budget",
           "office %.*s is not asked for the table \"%s\"; district offices submit outcomes and budget"),
        STR_ARG (k->unit->code), table_words (d->table));
  if (d->note.n > TEXT_LONG_MAX || !utf8_valid (d->note, NULL) || !utf8_clean (d->note, false, NULL))
    return fail_set (fail, ERR_INPUT,
                     L ("ghi chú (--note) phải là chữ UTF-8 trên một dòng, không quá %u byte; hãy rút ngắn",
                        "the note must be one line of UTF-8, at most %u bytes; shorten it"),
                     TEXT_LONG_MAX);
  period_format (&k->period, k->period_text);
  return ERR_OK;
}

/* Complete and nil must each fit what is there. */
static err_t
check_sum (const declaring_t *k, const table_sum_t *sum, fail_t *fail)
{
  const uint64_t all = sum->records + sum->spans;
  if (k->d->nil && all > 0)
    return fail_set (
        fail, ERR_INPUT,
        L ("biểu “%s” kỳ %s có %" PRIu64
           " %s, không thể báo không phát sinh; hãy bỏ --nil, hoặc rút các bản ghi nhập nhầm",
           "the table \"%s\" of %s holds %" PRIu64
           " %s and cannot be declared nil; leave --nil out, or withdraw what was entered by mistake"),
        table_words (k->d->table), k->period_text, all, noun_of (all, "bản ghi", "record", "records"));
  if (!k->d->nil && all == 0)
    return fail_set (fail, ERR_INPUT,
                     L ("biểu “%s” kỳ %s chưa có bản ghi nào; nếu đúng là không phát sinh hãy thêm --nil",
                        "the table \"%s\" of %s holds no record; if there is nothing to report add --nil"),
                     table_words (k->d->table), k->period_text);
  return ERR_OK;
}

static record_t
declared_record (const declaring_t *k, const present_t *present)
{
  record_t r = {.kind = KIND_SUBMISSION};
  CHECK (k->unit != NULL);
  if (present->exists)
    r = present->record;
  r.u.submission.district = k->unit->id;
  r.u.submission.table = str_of (table_name (k->d->table));
  r.u.submission.period = str_of (k->period_text);
  r.u.submission.nil = k->d->nil;
  r.u.submission.note = k->d->note;
  return r;
}

/* Does what was declared before stand: said the same, not sent back, nothing changed since? */
static err_t
still_stands (const declaring_t *k, kv_txn_t *txn, const present_t *present, const record_t *after,
              const table_sum_t *sum, bool *stands)
{
  answer_t answer, previous;
  update_state_t state;
  *stands = false;
  if (!present->exists || present->row.withdrawn || !record_same (&present->record, after) ||
      sum->latest > present->row.at)
    return ERR_OK;
  err_t err = outbox_state_of (k->o, txn, &present->row, &state);
  if (err == ERR_OK)
    err = answers_last (txn, ODB_ANSWER, present->row.ref.id, present->row.version, ANSWERS_ALL, &answer,
                        &previous);
  if (err == ERR_OK)
    *stands = state != UPDATE_REFUSED && answer.state != ANSWER_RETURNED;
  return err;
}

static err_t
check_rules (const declaring_t *k, const present_t *present, const record_t *after, fail_t *fail)
{
  reasons_t found = {.arena = k->arena};
  const record_t *before = present->exists ? &present->record : NULL;
  if (validate (outbox_catalogue (k->o), before, after, STR_NONE, edits_office (k->o), &found))
    return ERR_OK;
  buf_t words = BUF_INIT;
  const reason_t *hard = reasons_hard (&found);
  if (hard != NULL)
    reason_words_in (hard, outbox_catalogue (k->o), after->kind, &words);
  fail_set (fail, ERR_INPUT, "%s", buf_z (&words));
  buf_free (&words);
  return ERR_INPUT;
}

static err_t
look (declaring_t *k, present_t *present, record_t *after, submit_result_t *out, bool *stands, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  buf_t key = BUF_INIT, text = BUF_INIT;
  *after = declared_record (k, &(present_t){.exists = false});
  err_t err =
      record_key (after, &key) && buf_ok (&key) ? kv_begin (outbox_kv (k->o), false, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = present_by_key (k->o, txn, KIND_SUBMISSION, buf_str (&key), k->arena, present);
  if (err == ERR_OK)
    err = sum_table (k->o, txn, k->unit->id, k->d->table, &k->period, &out->sum);
  if (err == ERR_OK)
    err = check_sum (k, &out->sum, fail);
  if (err == ERR_OK) {
    *after = declared_record (k, present);
    err = still_stands (k, txn, present, after, &out->sum, stands);
  }
  kv_abort (&txn);
  edits_key_text (after, outbox_catalogue (k->o), &text);
  out->key = arena_str (k->arena, buf_str (&text));
  buf_free (&key);
  buf_free (&text);
  return err == ERR_OK && out->key.p == NULL ? ERR_NOMEM : err;
}

static err_t
declare_once (declaring_t *k, submit_result_t *out, fail_t *fail)
{
  present_t present = {.exists = false};
  record_t after;
  bool stands = false;
  fail_t why = {0};
  err_t err = look (k, &present, &after, out, &stands, fail);
  out->what = stands ? SUBMITTED_UNCHANGED : present.exists ? SUBMITTED_ANEW : SUBMITTED_FIRST;
  if (err != ERR_OK || stands)
    return err;
  err = check_rules (k, &present, &after, fail);
  if (err != ERR_OK)
    return err;
  const draft_t draft = edits_draft (k->o, &present, &after, k->now);
  err = outbox_store (k->o, &draft, 1, k->d->person, STR_NONE, NULL, k->now, NULL, NULL, &why);
  if (err == ERR_INPUT)
    return ERR_EXISTS; /* another process was quicker: from the start */
  if (err != ERR_OK && fail != NULL && fail->err == ERR_OK)
    *fail = why;
  return err;
}

err_t
submit_table (outbox_t *o, const declaration_t *d, wall_t now, arena_t *arena, submit_result_t *out,
              fail_t *fail)
{
  declaring_t k = {.o = o, .d = d, .arena = arena, .now = now};
  *out = (submit_result_t){.what = SUBMITTED_UNCHANGED};
  err_t err = check_declaration (&k, fail);
  if (err == ERR_OK)
    err = ERR_EXISTS;
  for (int i = 0; i < SUBMIT_TRIES && err == ERR_EXISTS; i++)
    err = declare_once (&k, out, fail);
  if (err == ERR_EXISTS)
    return fail_set (fail, ERR_INPUT,
                     L ("bản ghi đang được sửa ở nơi khác; hãy thử lại",
                        "the record is being changed elsewhere; try again"));
  return err;
}
