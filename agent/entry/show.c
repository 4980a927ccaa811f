/* show.c - one record: its fields now, and how it came to be so. */
#include "agent/entry/show_private.h"

#include "agent/entry/flags.h"
#include "agent/entry/line_edits.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/store/period_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOW_BUDGET (4 * DECODE_BUDGET (UPDATE_MAX))

str_t
show_label (const column_t *col, bool people)
{
  const str_t label = lang_get () == LANG_VI ? col->label_vi : col->label_en;
  return people && !str_blank (label) ? label : col->name;
}

static void
two_cells (table_t *t, str_t field, str_t value)
{
  table_row (t);
  table_cell (t, field);
  table_cell (t, value);
}

/* ---- show ---- */

static void
put_with_label (str_t code, str_t vi, str_t en, buf_t *out)
{
  const str_t label = lang_get () == LANG_VI || str_blank (en) ? vi : en;
  buf_printf (out, str_blank (label) ? "%.*s" : "%.*s (%.*s)", STR_ARG (code), STR_ARG (label));
}

/* "2019-06-01" as it is written in Vietnam; a date may lack its day, or its month too. */
static void
put_day_first (str_t iso, buf_t *out)
{
  size_t end = iso.n;
  for (size_t i = iso.n; i-- > 0;)
    if (i == 0 || iso.p[i - 1] == '-') {
      buf_put (out, iso.p + i, end - i);
      if (i > 0)
        buf_putc (out, '/');
      end = i > 0 ? i - 1 : 0;
    }
}

/* What the catalogue calls the code, beside it. */
static void
catalogue_words (field_type_t type, str_t code, const catalogue_t *c, buf_t *words)
{
  const item_t *item = type == FIELD_ITEM ? catalogue_item (c, code) : NULL;
  const indicator_t *indicator = type == FIELD_INDICATOR ? catalogue_indicator (c, code) : NULL;
  const service_t *service = type == FIELD_SERVICE ? catalogue_service (c, code) : NULL;
  const staff_item_t *staff = type == FIELD_STAFF_ITEM ? catalogue_staff_item (c, code) : NULL;
  const source_t *source = type == FIELD_SOURCE ? catalogue_source_by_code (c, code) : NULL;
  if (item != NULL)
    put_with_label (code, item->label_vi, item->label_en, words);
  else if (indicator != NULL)
    put_with_label (code, indicator->label_vi, indicator->label_en, words);
  else if (service != NULL)
    put_with_label (code, service->label_vi, service->label_en, words);
  else if (staff != NULL)
    put_with_label (code, staff->label_vi, staff->label_en, words);
  else if (source != NULL)
    put_with_label (code, source->label_vi, source->label_en, words);
}

void
show_words (const column_t *col, const record_t *r, const catalogue_t *c, buf_t *v)
{
  buf_t words = BUF_INIT;
  const str_t text = buf_str (v);
  const unit_t *unit;
  const indicator_t *indicator;
  switch (text.n > 0 ? col->type : FIELD_TEXT) {
  case FIELD_UNIT:
    if ((unit = catalogue_unit (c, record_office (r))) != NULL)
      put_with_label (unit->name, unit->code, unit->code, &words);
    break;
  case FIELD_ITEM:
  case FIELD_INDICATOR:
  case FIELD_SERVICE:
  case FIELD_STAFF_ITEM:
  case FIELD_SOURCE:
    catalogue_words (col->type, text, c, &words);
    break;
  case FIELD_STATUS:
    buf_puts (&words, status_words (status_of_name (text)));
    break;
  case FIELD_SCHEME_KIND:
    buf_puts (&words, scheme_kind_words (scheme_kind_of_name (text)));
    break;
  case FIELD_VALUE_KIND:
    buf_puts (&words, value_kind_words (value_kind_of_name (text)));
    break;
  case FIELD_DOCUMENT_STATUS:
    buf_puts (&words, document_status_words (document_status_of_name (text)));
    break;
  case FIELD_LEDGER_KIND:
    buf_puts (&words, ledger_kind_words (ledger_kind_of_name (text)));
    break;
  case FIELD_YES:
    buf_puts (&words, L ("có", "yes"));
    break;
  case FIELD_DATE:
    if (lang_get () == LANG_VI)
      put_day_first (text, &words);
    break;
  case FIELD_MONEY:
  case FIELD_COUNT:
  case FIELD_SUPPORT:
  case FIELD_SETTLED:
    table_group_digits (text, &words);
    break;
  case FIELD_VALUE:
    table_group_digits (text, &words);
    if ((indicator = catalogue_indicator (c, r->u.outcome.indicator)) != NULL &&
        !str_blank (indicator->unit_vi))
      buf_printf (&words, " %.*s", STR_ARG (indicator->unit_vi));
    break;
  case FIELD_TEXT:
  case FIELD_CODE:
  case FIELD_YEARS:
  case FIELD_FUND:
  case FIELD_ID:
    break;
  }
  if (words.n > 0 && buf_ok (&words)) {
    buf_clear (v);
    buf_put (v, words.p, words.n);
  }
  buf_free (&words);
}

void
show_value (const column_t *col, const record_t *r, const catalogue_t *c, bool people, buf_t *out)
{
  column_get (col, r, c, out);
  if (people)
    show_words (col, r, c, out);
}

static void
show_fields (const record_t *r, const catalogue_t *c, bool people, table_t *t)
{
  buf_t v = BUF_INIT;
  columns_t *cs = columns_new (r->kind, c);
  for (size_t i = 0; cs != NULL && i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    if (people && !column_has (col, r))
      continue;
    buf_clear (&v);
    show_value (col, r, c, people, &v);
    two_cells (t, show_label (col, people), v.n > 0 ? buf_str (&v) : STR (""));
  }
  columns_destroy (&cs);
  buf_free (&v);
}

/* of_entry: the record is the scheme of what was shown, which has said its own id. */
static err_t
show_standing (outbox_t *o, kv_txn_t *txn, const present_t *p, bool of_entry, bool people, table_t *t)
{
  char id[37], revision[16];
  update_state_t state;
  refused_row_t why;
  bool refused = false;
  buf_t b = BUF_INIT;
  err_t err = outbox_state_of (o, txn, &p->row, &state);
  if (err == ERR_OK)
    err = outbox_refusal_of (o, txn, p->row.ref.id, p->row.version.seq, &refused, &why);
  if (err != ERR_OK)
    return err;
  record_id_format (p->row.ref.id, id);
  snprintf (revision, sizeof revision, "%" PRIu32, p->row.revision);
  if (!of_entry)
    two_cells (t, people ? str_of (L ("Mã nội bộ", "Id")) : STR ("id"), str_of (id));
  two_cells (t, people ? str_of (L ("Lần lưu", "Revision")) : STR ("revision"), str_of (revision));
  wall_put (p->row.received, people, &b);
  two_cells (t, people ? str_of (L ("Lưu lúc", "Saved at")) : STR ("saved_at"), buf_str (&b));
  if (people)
    two_cells (t, str_of (L ("Gửi đi", "Sent")), str_of (update_state_words (state)));
  else
    two_cells (t, STR ("state"), str_of (update_state_name (state)));
  if (!people || p->row.withdrawn)
    two_cells (t, people ? str_of (L ("Đã rút", "Withdrawn")) : STR ("withdrawn"),
               str_of (p->row.withdrawn ? (people ? L ("có", "yes") : "yes") : "no"));
  if (refused) {
    const reason_t r = {
        reason_of_name (why.reason), {why.arguments[0], why.arguments[1], why.arguments[2]}, -1};
    buf_clear (&b);
    if (people && r.code != REASON_NONE)
      reason_words (&r, &b);
    else
      buf_put (&b, why.reason.p, why.reason.n);
    two_cells (t, people ? str_of (L ("Lý do từ chối", "Refused because")) : STR ("refused"), buf_str (&b));
  }
  buf_free (&b);
  return ERR_OK;
}

typedef struct {
  bool people;
  table_t *t;
} doubting_t;

static err_t
show_flag (void *ctx, const flag_t *f)
{
  doubting_t *d = ctx;
  buf_t b = BUF_INIT;
  if (f->what != NULL)
    check_words (f->what, f->record[0].arguments, &b);
  if (f->state == FLAG_IS_ANSWERED)
    buf_printf (&b, L (" — đã trả lời: %.*s (%.*s)", " — answered: %.*s (%.*s)"), STR_ARG (f->reason),
                STR_ARG (f->person));
  if (!d->people) {
    buf_clear (&b);
    buf_printf (&b, "%.*s %.*s %s", STR_ARG (f->flag), STR_ARG (f->check), flag_state_name (f->state));
  }
  two_cells (d->t, d->people ? str_of (L ("Cảnh báo", "Flag")) : STR ("flag"), buf_str (&b));
  buf_free (&b);
  return ERR_OK;
}

/* What RECORD names: a record, or an entry of a scheme's list. */
typedef struct {
  record_ref_t ref; /* of an entry: its scheme's */
  bool is_entry;
  entry_ref_t entry;
} thing_t;

static err_t
find_thing (outbox_t *o, kv_txn_t *txn, str_t record, kind_t kind, thing_t *out, fail_t *fail)
{
  err_t err = line_find (o, txn, record, kind, &out->entry, fail);
  out->is_entry = err == ERR_OK;
  if (err == ERR_NOT_FOUND)
    return edits_find (o, txn, record, kind, &out->ref, fail);
  out->ref = out->entry.scheme;
  return err;
}

static void
show_entry (const scheme_t *s, const entry_ref_t *entry, const catalogue_t *c, bool people, table_t *t)
{
  record_t line = {.kind = entry->form};
  size_t at;
  line_set_id (&line, entry->id);
  if (list_find (s, &line, &at) > 0) {
    list_line (s, entry->form, at, &line);
    show_fields (&line, c, people, t);
  }
}

err_t
view_show (outbox_t *o, str_t record, kind_t kind, bool people, table_t *t, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  thing_t thing;
  present_t p;
  arena_t *arena = arena_new (SHOW_BUDGET);
  table_column (t, "field", "Cột", "Field", COL_TEXT);
  table_column (t, "value", "Giá trị", "Value", COL_TEXT);
  err_t err = arena != NULL ? kv_begin (outbox_kv (o), false, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = find_thing (o, txn, record, kind, &thing, fail);
  if (err == ERR_OK)
    err = present_by_ref (o, txn, thing.ref, arena, &p);
  if (err == ERR_OK && thing.is_entry)
    show_entry (&p.record.u.scheme, &thing.entry, outbox_catalogue (o), people, t);
  else if (err == ERR_OK) {
    show_fields (&p.record, outbox_catalogue (o), people, t);
    if (p.record.kind == KIND_SCHEME)
      err = show_lists (&p.record.u.scheme, outbox_catalogue (o), people, t);
  }
  if (err == ERR_OK)
    err = show_standing (o, txn, &p, thing.is_entry, people, t);
  if (err == ERR_OK && !p.row.withdrawn && !thing.is_entry)
    err = flags_of_record (o, txn, p.row.ref.id, p.row.received, &p.record, show_flag,
                           &(doubting_t){people, t});
  kv_abort (&txn);
  arena_destroy (&arena);
  return err;
}

/* ---- history ---- */

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  const catalogue_t *c;
  columns_t *cs;
  bool people;
  table_t *t;
  uint32_t revision;
  const update_t *now;     /* the version being told */
  const entry_ref_t *only; /* of a scheme: this entry's alone */
  version_t declared;      /* of a submission: the version whose answers are told */
  buf_t at, old, new_;
} telling_t;

static void
history_row (const telling_t *h, const update_t *u, str_t field, str_t old, str_t now)
{
  table_row (h->t);
  table_printf (h->t, "%" PRIu32, h->revision);
  table_cell (h->t, u->person);
  table_cell (h->t, buf_str (&h->at));
  table_cell (h->t, field);
  table_cell (h->t, old.p != NULL ? old : STR (""));
  table_cell (h->t, now.p != NULL ? now : STR (""));
}

static void
entry_row (void *ctx, str_t field, str_t old, str_t now)
{
  const telling_t *h = ctx;
  history_row (h, h->now, field, old, now);
}

static err_t
tell_change (telling_t *h, const update_t *before, const update_t *u, wall_t stored)
{
  int changed[256];
  const record_t *old = before != NULL ? &before->record : NULL;
  const bool was_out = before != NULL && before->operation == OP_WITHDRAW;
  const bool is_out = u->operation == OP_WITHDRAW;
  const size_t rows = table_rows (h->t);
  CHECK (columns_count (h->cs) <= 256);
  wall_put (stored, h->people, &h->at);
  const size_t n = h->only == NULL ? edit_diff (h->cs, h->c, old, &u->record, changed) : 0;
  for (size_t i = 0; i < n; i++) {
    const column_t *col = columns_at (h->cs, (size_t)changed[i]);
    buf_clear (&h->old);
    buf_clear (&h->new_);
    if (old != NULL)
      show_value (col, old, h->c, h->people, &h->old);
    show_value (col, &u->record, h->c, h->people, &h->new_);
    history_row (h, u, show_label (col, h->people), buf_str (&h->old), buf_str (&h->new_));
  }
  h->now = u;
  err_t err = u->record.kind == KIND_SCHEME
                  ? history_lists (old != NULL ? &old->u.scheme : NULL, &u->record.u.scheme,
                                   h->only != NULL ? &h->only->id : NULL, h->c, h->people, entry_row, h)
                  : ERR_OK;
  if (h->only != NULL && table_rows (h->t) == rows)
    return err; /* a version that left the entry alone */
  if (was_out != is_out && h->people)
    history_row (h, u, str_of (L ("Đã rút", "Withdrawn")),
                 str_of (was_out ? L ("có", "yes") : L ("không", "no")),
                 str_of (is_out ? L ("có", "yes") : L ("không", "no")));
  else if (was_out != is_out)
    history_row (h, u, STR ("withdrawn"), str_of (was_out ? "yes" : "no"), str_of (is_out ? "yes" : "no"));
  if (!str_blank (u->comment))
    history_row (h, u, h->people ? str_of (L ("Lý do", "Reason")) : STR ("reason"), STR (""), u->comment);
  return err;
}

/* ---- a submission: each time it was declared, and what the centre said to that ---- */

static err_t
tell_answer (void *ctx, const answer_t *a)
{
  telling_t *h = ctx;
  if (!version_eq (a->version, h->declared))
    return ERR_OK;
  const update_t said = {.person = a->person};
  const char *what = h->people ? answer_words (a->state) : answer_name (a->state);
  buf_clear (&h->new_);
  buf_puts (&h->new_, what);
  if (!str_blank (a->comment))
    buf_printf (&h->new_, ": %.*s", STR_ARG (a->comment));
  wall_put (a->at, h->people, &h->at);
  history_row (h, &said, h->people ? str_of (L ("Trung tâm", "The centre")) : STR ("answer"), STR (""),
               buf_str (&h->new_));
  return ERR_OK;
}

static err_t
tell_submission (telling_t *h, const update_t *before, const update_t *u)
{
  if (before != NULL && u->operation == OP_PUT && record_same (&before->record, &u->record))
    history_row (h, u, h->people ? str_of (L ("Nộp lại", "Submitted again")) : STR ("submitted"), STR (""),
                 STR (""));
  h->declared = u->version;
  return answers_each (h->txn, ODB_ANSWER, u->id, tell_answer, h);
}

/* Sequences of the record's versions in our log, newest first. */
static err_t
collect (telling_t *h, const row_t *row, arena_t *arena, uint64_t **out, size_t *out_n)
{
  size_t n = 0, room = 0;
  uint64_t *seqs = NULL, seq = row->version.seq;
  err_t err = ERR_OK;
  while (seq != 0 && err == ERR_OK) {
    log_row_t log;
    update_t u;
    uint64_t *grown = array_room (seqs, n, &room, sizeof *grown);
    if (grown == NULL) {
      err = ERR_NOMEM;
      break;
    }
    seqs = grown;
    arena_reset (arena);
    err = outbox_log_get (h->o, h->txn, seq, &log);
    if (err == ERR_OK)
      err = row_decode (&(row_t){.bytes = log.bytes}, arena, &u);
    if (err != ERR_OK)
      break;
    seqs[n++] = seq;
    seq =
        u.base.seq < seq && (u.base.seq == 0 || store_id_eq (u.base.store, u.version.store)) ? u.base.seq : 0;
  }
  *out = seqs;
  *out_n = n;
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

static err_t
tell_all (telling_t *h, const uint64_t *seqs, size_t n, arena_t *arenas[2])
{
  update_t u[2];
  for (size_t i = 0; i < n; i++) {
    log_row_t log;
    update_t *now = &u[i & 1];
    const update_t *before = i > 0 ? &u[(i & 1) ^ 1] : NULL;
    arena_reset (arenas[i & 1]);
    err_t err = outbox_log_get (h->o, h->txn, seqs[n - 1 - i], &log);
    if (err == ERR_OK)
      err = row_decode (&(row_t){.bytes = log.bytes}, arenas[i & 1], now);
    if (err != ERR_OK)
      return err;
    h->revision++;
    err = tell_change (h, before, now, log.stored);
    if (err == ERR_OK && now->record.kind == KIND_SUBMISSION)
      err = tell_submission (h, before, now);
    if (err != ERR_OK)
      return err;
  }
  return ERR_OK;
}

err_t
view_history (outbox_t *o, str_t record, kind_t kind, bool people, table_t *t, fail_t *fail)
{
  telling_t h = {.o = o, .c = outbox_catalogue (o), .people = people, .t = t};
  thing_t thing;
  present_t p;
  uint64_t *seqs = NULL;
  size_t n = 0;
  arena_t *arenas[2] = {arena_new (SHOW_BUDGET), arena_new (SHOW_BUDGET)};
  table_column (t, "revision", "Lần", "Revision", COL_NUMBER);
  table_column (t, "person", "Người làm", "Person", COL_TEXT);
  table_column (t, "at", "Lúc", "At", COL_TEXT);
  table_column (t, "field", "Cột", "Field", COL_TEXT);
  table_column (t, "old", "Cũ", "Old", COL_TEXT);
  table_column (t, "new", "Mới", "New", COL_TEXT);
  err_t err = arenas[0] != NULL && arenas[1] != NULL ? kv_begin (outbox_kv (o), false, &h.txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = find_thing (o, h.txn, record, kind, &thing, fail);
  if (err == ERR_OK)
    err = present_by_ref (o, h.txn, thing.ref, arenas[0], &p);
  h.only = err == ERR_OK && thing.is_entry ? &thing.entry : NULL;
  if (err == ERR_OK && (h.cs = columns_new (p.record.kind, h.c)) == NULL)
    err = ERR_DAMAGED;
  if (err == ERR_OK)
    err = collect (&h, &p.row, arenas[1], &seqs, &n);
  if (err == ERR_OK)
    err = tell_all (&h, seqs, n, arenas);
  kv_abort (&h.txn);
  free (seqs);
  columns_destroy (&h.cs);
  buf_free (&h.at);
  buf_free (&h.old);
  buf_free (&h.new_);
  arena_destroy (&arenas[0]);
  arena_destroy (&arenas[1]);
  return err;
}
