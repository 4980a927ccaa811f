/* show.c - one record: its fields now, and how it stands. */
#include "agent/entry/show_private.h"

#include "agent/entry/conflicts.h"
#include "agent/entry/flags.h"
#include "agent/entry/removed.h"
#include "agent/outbox/told.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/store/period_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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

typedef struct {
  bool people;
  table_t *t;
  buf_t b;
} refusing_t;

static void
refused_value (refusing_t *r, str_t field, str_t value)
{
  buf_clear (&r->b);
  buf_printf (&r->b, r->people ? "%.*s: %.*s" : "%.*s=%.*s", STR_ARG (field),
              STR_ARG (value.p != NULL ? value : STR ("")));
  two_cells (r->t, r->people ? str_of (L ("Giá trị bị từ chối", "Refused value")) : STR ("refused_value"),
             buf_str (&r->b));
}

static void
refused_entry (void *ctx, str_t field, str_t old, str_t now)
{
  refusing_t *r = ctx;
  (void)old;
  refused_value (r, field, now.n > 0 || !r->people ? now : str_of (L ("(bỏ)", "(removed)")));
}

/* What the refused update would have made of it: it is nowhere on the screen any more. only: of this entry of
 * the scheme. */
static err_t
show_refused_values (outbox_t *o, kv_txn_t *txn, const present_t *p, const refused_row_t *why,
                     const entry_ref_t *only, bool people, table_t *t)
{
  const catalogue_t *c = outbox_catalogue (o);
  const version_t refused = outbox_version_at (o, why->seq);
  refusing_t r = {.people = people, .t = t};
  update_t u;
  buf_t v = BUF_INIT;
  arena_t *arena = arena_new (SHOW_BUDGET);
  columns_t *cs = columns_new (p->record.kind, c);
  int *changed = cs != NULL ? calloc (columns_count (cs) + 1, sizeof *changed) : NULL;
  err_t err = arena != NULL && changed != NULL ? outbox_version_get (o, txn, refused, arena, &u) : ERR_NOMEM;
  const bool differs =
      err == ERR_OK && u.record.kind == p->record.kind && !version_eq (p->row.version, refused);
  const size_t n = differs && only == NULL ? edit_diff (cs, c, &p->record, &u.record, changed) : 0;
  for (size_t i = 0; i < n; i++) {
    const column_t *col = columns_at (cs, (size_t)changed[i]);
    buf_clear (&v);
    show_value (col, &u.record, c, people, &v);
    refused_value (&r, show_label (col, people), buf_str (&v));
  }
  if (differs && p->record.kind == KIND_SCHEME)
    err = history_lists (&p->record.u.scheme, &u.record.u.scheme, only != NULL ? &only->id : NULL, c, people,
                         refused_entry, &r);
  if (differs && u.operation == OP_WITHDRAW && !p->row.withdrawn)
    two_cells (t, people ? str_of (L ("Giá trị bị từ chối", "Refused value")) : STR ("refused_value"),
               people ? str_of (L ("rút bản ghi", "its withdrawal")) : STR ("withdrawn=yes"));
  free (changed);
  columns_destroy (&cs);
  arena_destroy (&arena);
  buf_free (&v);
  buf_free (&r.b);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* entry: the record is the scheme of what was shown, which has said its own id. */
static err_t
show_standing (outbox_t *o, kv_txn_t *txn, const present_t *p, const entry_ref_t *entry, bool people,
               table_t *t)
{
  char id[37], revision[16];
  update_state_t state;
  refused_row_t why;
  bool refused = false;
  buf_t b = BUF_INIT;
  err_t err = outbox_state_of (o, txn, &p->row, &state);
  if (err == ERR_OK) /* of what is shown, else of what is not */
    err = outbox_refusal_of (o, txn, p->row.ref.id, p->row.version, &refused, &why);
  if (err == ERR_OK && !refused)
    err = outbox_refusal_standing (o, txn, p->row.ref.id, &refused, &why);
  if (err != ERR_OK)
    return err;
  record_id_format (p->row.ref.id, id);
  snprintf (revision, sizeof revision, "%" PRIu32, p->row.revision);
  if (entry == NULL)
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
      reason_words_in (&r, outbox_catalogue (o), p->record.kind, &b);
    else
      buf_put (&b, why.reason.p, why.reason.n);
    two_cells (t, people ? str_of (L ("Lý do từ chối", "Refused because")) : STR ("refused"), buf_str (&b));
    err = show_refused_values (o, txn, p, &why, entry, people, t);
  }
  buf_free (&b);
  return err;
}

typedef struct {
  bool people;
  const catalogue_t *labels;
  table_t *t;
} doubting_t;

static err_t
show_flag (void *ctx, const flag_t *f)
{
  doubting_t *d = ctx;
  buf_t b = BUF_INIT;
  if (f->what != NULL)
    check_words (f->what, f->record[0].arguments, d->labels, &b);
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

err_t
show_find (outbox_t *o, kv_txn_t *txn, str_t record, kind_t kind, thing_t *out, fail_t *fail)
{
  fail_t why = {0};
  err_t err = line_find (o, txn, record, kind, &out->entry, &why);
  out->is_entry = err == ERR_OK;
  if (err == ERR_INPUT || err == ERR_NOT_FOUND) {
    const err_t was = removed_find (o, txn, record, kind, &out->entry);
    if (was != ERR_NOT_FOUND)
      err = was;
    out->is_entry = was == ERR_OK;
  }
  if (err == ERR_NOT_FOUND)
    return edits_find (o, txn, record, kind, &out->ref, fail);
  out->ref = out->entry.scheme;
  return err == ERR_INPUT ? fail_set (fail, err, "%s", why.text) : err;
}

/* ---- an entry ---- */

typedef struct {
  const record_id_t *id;
  const catalogue_t *c;
  bool people;
  table_t *t;
  arena_t *arena;
  str_t person, reason;
  wall_t at;
  size_t times, met; /* that it was taken out: the last one is shown */
} gone_t;

static err_t
count_gone (void *ctx, const removed_t *r)
{
  gone_t *g = ctx;
  g->times += record_id_eq (line_id (r->line), *g->id);
  return ERR_OK;
}

static err_t
keep_gone (void *ctx, const removed_t *r)
{
  gone_t *g = ctx;
  if (!record_id_eq (line_id (r->line), *g->id) || ++g->met != g->times)
    return ERR_OK;
  show_fields (r->line, g->c, g->people, g->t);
  g->person = arena_str (g->arena, r->by->person);
  g->reason = arena_str (g->arena, r->by->comment);
  g->at = r->by->agent_time;
  return ERR_OK;
}

/* One that was taken out: what it was, and who took it out and why. */
static err_t
show_gone (outbox_t *o, kv_txn_t *txn, const present_t *scheme, const entry_ref_t *entry, arena_t *arena,
           bool people, table_t *t)
{
  buf_t at = BUF_INIT;
  gone_t g = {.id = &entry->id, .c = outbox_catalogue (o), .people = people, .t = t, .arena = arena};
  err_t err = removed_each (o, txn, scheme, entry->form, count_gone, &g);
  if (err == ERR_OK && g.times > 0)
    err = removed_each (o, txn, scheme, entry->form, keep_gone, &g);
  if (err != ERR_OK || g.times == 0)
    return err;
  wall_put (g.at, people, &at);
  two_cells (t, people ? str_of (L ("Đã bỏ", "Removed")) : STR ("removed"),
             str_of (people ? L ("có", "yes") : "yes"));
  two_cells (t, people ? str_of (L ("Người bỏ", "Removed by")) : STR ("removed_by"), g.person);
  two_cells (t, people ? str_of (L ("Bỏ lúc", "Removed at")) : STR ("removed_at"), buf_str (&at));
  two_cells (t, people ? str_of (L ("Lý do bỏ", "Removed because")) : STR ("removed_because"),
             g.reason.p != NULL ? g.reason : STR (""));
  buf_free (&at);
  return ERR_OK;
}

static err_t
show_entry (outbox_t *o, kv_txn_t *txn, const present_t *scheme, const entry_ref_t *entry, arena_t *arena,
            bool people, table_t *t)
{
  const scheme_t *s = &scheme->record.u.scheme;
  record_t line = {.kind = entry->form};
  size_t at;
  line_set_id (&line, entry->id);
  if (list_find (s, &line, &at) == 0)
    return show_gone (o, txn, scheme, entry, arena, people, t);
  list_line (s, entry->form, at, &line);
  show_fields (&line, outbox_catalogue (o), people, t);
  return ERR_OK;
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
    err = show_find (o, txn, record, kind, &thing, fail);
  if (err == ERR_OK)
    err = present_by_ref (o, txn, thing.ref, arena, &p);
  if (err == ERR_OK && thing.is_entry)
    err = show_entry (o, txn, &p, &thing.entry, arena, people, t);
  else if (err == ERR_OK) {
    show_fields (&p.record, outbox_catalogue (o), people, t);
    if (p.record.kind == KIND_SCHEME)
      err = show_lists (&p.record.u.scheme, outbox_catalogue (o), people, t);
  }
  if (err == ERR_OK)
    err = show_standing (o, txn, &p, thing.is_entry ? &thing.entry : NULL, people, t);
  if (err == ERR_OK && !thing.is_entry)
    err = conflicts_show (o, txn, &p.row, people, t);
  if (err == ERR_OK && !p.row.withdrawn && !thing.is_entry)
    err = flags_of_record (o, txn, p.row.ref.id, p.row.received, &p.record, show_flag,
                           &(doubting_t){people, outbox_catalogue (o), t});
  kv_abort (&txn);
  arena_destroy (&arena);
  return err;
}
