/* edits.c - one record at a time: add, set, withdraw.
 *
 * Each validates against a snapshot, then stores; when another process changed the record in between,
 * the store says so, nothing was stored, and the edit starts anew from what is there now. */
#include "agent/entry/edits_private.h"

#include "agent/entry/line_edits.h"
#include "agent/entry/lock_warning.h"
#include "agent/entry/submit.h"
#include "agent/outbox/told.h"

#include "common/base/lang.h"
#include "common/core/validate_units.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/text/utf8.h"
#include "common/wire/update_wire.h"

unit_id_t
edits_office (const outbox_t *o)
{
  const identity_t *id = outbox_identity (o);
  return id->role == ROLE_PROVINCE ? 0 : id->unit;
}

err_t
edits_may_write (const outbox_t *o, fail_t *fail)
{
  if (outbox_identity (o)->role != ROLE_VIEWER)
    return ERR_OK;
  return fail_set (fail, ERR_INPUT,
                   L ("máy này chỉ được xem; muốn nhập hãy xin trung tâm giấy mời của đơn vị",
                      "this agent may only read; to enter data ask the centre for an office's invite"));
}

err_t
edits_check_words (str_t person, str_t reason, fail_t *fail)
{
  if (str_blank (person) || person.n > PERSON_MAX || !utf8_valid (person, NULL) ||
      !utf8_clean (person, false, NULL))
    return fail_set (fail, ERR_INPUT,
                     L ("tên người làm (--as) phải có và không quá %u byte",
                        "the person (--as) must be given, at most %u bytes"),
                     PERSON_MAX);
  if (reason.n > COMMENT_MAX || !utf8_valid (reason, NULL) || !utf8_clean (reason, false, NULL))
    return fail_set (fail, ERR_INPUT,
                     L ("lý do (--reason) phải là chữ UTF-8 trên một dòng, không quá %u byte; hãy rút ngắn",
                        "the reason (--reason) must be one line of UTF-8, at most %u bytes; shorten it"),
                     COMMENT_MAX);
  return ERR_OK;
}

err_t
row_decode (const row_t *row, arena_t *arena, update_t *out)
{
  const str_t bytes = arena_str (arena, row->bytes);
  err_t err = bytes.p != NULL ? update_decode (bytes, arena, out, NULL) : ERR_NOMEM;
  return err == ERR_MALFORMED || err == ERR_TOO_BIG || err == ERR_VERSION ? ERR_DAMAGED : err;
}

void
edits_key_text (const record_t *r, const catalogue_t *c, buf_t *out)
{
  buf_t key = BUF_INIT;
  if (!kind_is_form (r->kind) && record_key (r, &key) && buf_ok (&key))
    book_key_text (r->kind, buf_str (&key), c, out);
  else
    record_key_text (r, c, out);
  buf_free (&key);
}

err_t
present_by_ref (outbox_t *o, kv_txn_t *txn, record_ref_t ref, arena_t *arena, present_t *out)
{
  update_t u;
  *out = (present_t){0};
  err_t err = book_get (outbox_book (o), txn, ref, &out->row);
  if (err == ERR_NOT_FOUND)
    err = outbox_displaced (o, txn, ref.id, &out->row);
  if (err == ERR_OK)
    err = row_decode (&out->row, arena, &u);
  if (err != ERR_OK)
    return err;
  out->row.bytes = u.bytes;
  out->record = u.record;
  out->exists = true;
  return ERR_OK;
}

err_t
present_by_key (outbox_t *o, kv_txn_t *txn, kind_t kind, str_t natural_key, arena_t *arena, present_t *out)
{
  record_ref_t ref;
  *out = (present_t){0};
  err_t err = book_find_key (outbox_book (o), txn, kind, natural_key, &ref);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err == ERR_OK)
    err = present_by_ref (o, txn, ref, arena, out);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

draft_t
edits_draft (const outbox_t *o, const present_t *before, const record_t *after, wall_t now)
{
  draft_t d = {.operation = OP_PUT, .record = *after};
  if (before != NULL && before->exists) {
    d.ref = before->row.ref;
    d.base = before->row.version;
    return d;
  }
  uint8_t random[10];
  crypto_random (random, sizeof random);
  d.ref.id = record_id_make (now, random);
  d.ref.home = record_office (after) != 0 ? record_office (after) : outbox_identity (o)->unit;
  return d;
}

err_t
edits_find (outbox_t *o, kv_txn_t *txn, str_t record, kind_t kind, record_ref_t *out, fail_t *fail)
{
  record_id_t id;
  unit_id_t holder = 0;
  bool alias = false;
  err_t err = book_find (outbox_book (o), txn, outbox_catalogue (o), record, kind, out);
  if (err == ERR_NOT_FOUND && record_id_parse (record, &id)) {
    err_t looked = outbox_alias_get (txn, id, out, &alias);
    row_t displaced;
    if (looked == ERR_OK && !alias && (looked = outbox_displaced (o, txn, id, &displaced)) == ERR_OK) {
      *out = displaced.ref;
      return ERR_OK;
    }
    if (looked != ERR_NOT_FOUND)
      return looked;
  }
  if (err == ERR_NOT_FOUND) {
    err_t looked = outbox_moved_to (o, txn, record, &holder);
    const unit_t *u = looked == ERR_OK ? catalogue_unit (outbox_catalogue (o), holder) : NULL;
    if (u != NULL)
      return fail_set (fail, ERR_FOREIGN,
                       L ("bản ghi “%.*s” nay thuộc đơn vị %.*s (%.*s), không phải đơn vị của máy này",
                          "record \"%.*s\" belongs to office %.*s (%.*s) now, not to this PC's"),
                       STR_ARG (record), STR_ARG (u->known_as), STR_ARG (u->name));
  }
  if (err == ERR_NOT_FOUND)
    return fail_set (fail, err,
                     L ("không có bản ghi “%.*s” trên máy này; xem “kc-agent list”",
                        "there is no record \"%.*s\" on this PC; see \"kc-agent list\""),
                     STR_ARG (record));
  if (err == ERR_INPUT)
    return fail_set (fail, err,
                     L ("“%.*s” có ở nhiều loại bản ghi; hãy thêm --kind",
                        "\"%.*s\" stands for records of several kinds; add --kind"),
                     STR_ARG (record));
  return err;
}

/* ---- cells from the command line ---- */

static err_t
parse_pairs (const columns_t *cs, const char *const *pairs, size_t n, cell_t *cells, fail_t *fail)
{
  if (n > PAIRS_MAX)
    return fail_set (fail, ERR_USAGE, L ("quá nhiều ô", "too many fields"));
  for (size_t i = 0; i < n; i++) {
    const char *eq = strchr (pairs[i], '=');
    if (eq == NULL || eq == pairs[i])
      return fail_set (fail, ERR_USAGE,
                       L ("“%s” phải có dạng cột=giá trị", "\"%s\" must be of the form column=value"),
                       pairs[i]);
    const str_t name = {pairs[i], (size_t)(eq - pairs[i])};
    cells[i] = (cell_t){columns_find (cs, name), str_of (eq + 1)};
    if (cells[i].column < 0)
      return fail_set (fail, ERR_INPUT,
                       L ("không có cột “%.*s”; xem tên các cột bằng “kc-agent template”",
                          "there is no column \"%.*s\"; see the names with \"kc-agent template\""),
                       STR_ARG (name));
    if (!utf8_valid (cells[i].text, NULL))
      return fail_set (fail, ERR_INPUT,
                       L ("giá trị của “%.*s” không phải UTF-8", "the value of \"%.*s\" is not UTF-8"),
                       STR_ARG (name));
    for (size_t k = 0; k < i; k++)
      if (cells[k].column == cells[i].column)
        return fail_set (fail, ERR_USAGE, L ("cột “%.*s” được ghi hai lần", "column \"%.*s\" is given twice"),
                         STR_ARG (name));
  }
  return ERR_OK;
}

err_t
editing_refuse (const outbox_t *o, kind_t kind, const reasons_t *found, fail_t *fail)
{
  buf_t words = BUF_INIT;
  for (uint32_t i = 0; i < found->n; i++) {
    if (reason_soft (found->at[i].code))
      continue;
    if (words.n > 0)
      buf_puts (&words, "; ");
    reason_words_in (&found->at[i], outbox_catalogue (o), kind, &words);
  }
  fail_set (fail, ERR_INPUT, "%s", buf_z (&words));
  buf_free (&words);
  return ERR_INPUT;
}

/* A second create of a key, or an edit of a withdrawn record, is not an edit. */
static err_t
refuse_present (const outbox_t *o, const present_t *p, bool creating, fail_t *fail)
{
  buf_t key = BUF_INIT;
  edits_key_text (&p->record, outbox_catalogue (o), &key);
  if (p->row.withdrawn)
    fail_set (fail, ERR_INPUT,
              L ("bản ghi “%s” đã được rút; muốn đưa lại hãy nhập từ tệp với --restore",
                 "record \"%s\" is withdrawn; to bring it back import it from a file with --restore"),
              buf_z (&key));
  else if (creating)
    fail_set (fail, ERR_INPUT,
              L ("đã có bản ghi “%s”; muốn sửa hãy dùng “kc-agent set”",
                 "record \"%s\" exists already; to change it use \"kc-agent set\""),
              buf_z (&key));
  buf_free (&key);
  return p->row.withdrawn || creating ? ERR_INPUT : ERR_OK;
}

static err_t
keep_key (const outbox_t *o, const record_t *r, arena_t *arena, str_t *out)
{
  buf_t key = BUF_INIT;
  edits_key_text (r, outbox_catalogue (o), &key);
  *out = arena_str (arena, buf_str (&key));
  const bool ok = buf_ok (&key) && (key.n == 0 || out->p != NULL);
  buf_free (&key);
  return ok ? ERR_OK : ERR_NOMEM;
}

err_t
editing_apply (editing_t *e, const record_t *before, record_t *after, edit_result_t *out, fail_t *fail)
{
  const edit_options_t options = {
      .locale = NUMBER_PLAIN, .comment = e->reason, .office = edits_office (e->o)};
  out->found = (reasons_t){.arena = e->arena};
  const bool fine = edit_apply (e->cs, outbox_catalogue (e->o), &options, before, e->cells, e->n, e->arena,
                                after, &out->found);
  return fine ? keep_key (e->o, after, e->arena, &out->key)
              : editing_refuse (e->o, after->kind, &out->found, fail);
}

/* A declaration may say only what submit would. */
static err_t
judge_declaration (editing_t *e, kv_txn_t *txn, const record_t *after, edit_result_t *out, fail_t *fail)
{
  if (after->kind != KIND_SUBMISSION)
    return ERR_OK;
  err_t err = submit_judge (e->o, txn, &after->u.submission, &out->found);
  return err == ERR_OK && reasons_hard (&out->found) != NULL
             ? editing_refuse (e->o, after->kind, &out->found, fail)
             : err;
}

static err_t
add_once (editing_t *e, edit_result_t *out, draft_t *draft, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  buf_t key = BUF_INIT;
  record_t after;
  present_t present;
  err_t err = editing_apply (e, NULL, &after, out, fail);
  if (err == ERR_OK && !record_key (&after, &key))
    err = fail_set (fail, ERR_INPUT, L ("thiếu khóa của bản ghi", "the record's key is missing"));
  if (err == ERR_OK)
    err = kv_begin (outbox_kv (e->o), false, &txn);
  if (err == ERR_OK)
    err = present_by_key (e->o, txn, after.kind, buf_str (&key), e->arena, &present);
  if (err == ERR_OK && present.exists)
    err = refuse_present (e->o, &present, true, fail);
  if (err == ERR_OK)
    err = judge_declaration (e, txn, &after, out, fail);
  kv_abort (&txn);
  if (err == ERR_OK)
    *draft = edits_draft (e->o, NULL, &after, clock_wall ());
  buf_free (&key);
  out->changed = true;
  return err;
}

err_t
editing_begin (editing_t *e, kind_t kind, fail_t *fail)
{
  err_t err = edits_may_write (e->o, fail);
  if (err == ERR_OK)
    err = edits_check_words (e->person, e->reason, fail);
  if (err != ERR_OK)
    return err;
  e->cs = columns_new (kind, outbox_catalogue (e->o));
  if (e->cs == NULL)
    return fail_set (fail, ERR_INPUT,
                     L ("loại bản ghi “%s” chưa được hỗ trợ", "records of kind \"%s\" are not supported yet"),
                     kind_name (kind) != NULL ? kind_name (kind) : "?");
  return parse_pairs (e->cs, e->pairs, e->n, e->cells, fail);
}

static err_t
store (editing_t *e, const draft_t *draft, edit_result_t *out, fail_t *fail)
{
  err_t err = lock_warning_once (e->o, draft, &out->found);
  if (err != ERR_OK)
    return err;
  return outbox_store (e->o, draft, 1, e->person, e->reason, NULL, clock_wall (), NULL, NULL, fail);
}

err_t
editing_store (editing_t *e, const draft_t *draft, edit_result_t *out, fail_t *fail)
{
  fail_t why = {0};
  const err_t err = store (e, draft, out, &why);
  if (err == ERR_INPUT)
    return ERR_EXISTS;
  if (err != ERR_OK && fail != NULL && fail->err == ERR_OK)
    *fail = why;
  return err;
}

err_t
editing_gave_up (fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("bản ghi đang được sửa ở nơi khác; hãy thử lại",
                      "the record is being changed elsewhere; try again"));
}

err_t
edits_add (outbox_t *o, kind_t kind, const char *const *pairs, size_t n, str_t person, arena_t *arena,
           edit_result_t *out, fail_t *fail)
{
  editing_t e = {.o = o, .pairs = pairs, .n = n, .person = person, .arena = arena};
  draft_t draft;
  if (kind_is_form (kind))
    return line_add (o, kind, pairs, n, person, arena, out, fail);
  err_t err = editing_begin (&e, kind, fail);
  if (err == ERR_OK)
    err = add_once (&e, out, &draft, fail);
  if (err == ERR_OK)
    err = store (&e, &draft, out, fail);
  columns_destroy (&e.cs);
  return err;
}

/* ---- set ---- */

static err_t
read_present (outbox_t *o, str_t record, kind_t kind, arena_t *arena, present_t *out, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  record_ref_t ref;
  err_t err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = edits_find (o, txn, record, kind, &ref, fail);
  if (err == ERR_OK)
    err = present_by_ref (o, txn, ref, arena, out);
  kv_abort (&txn);
  return err;
}

static err_t
find_entry (outbox_t *o, str_t record, kind_t kind, entry_ref_t *out, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = line_find (o, txn, record, kind, out, fail);
  kv_abort (&txn);
  return err;
}

static err_t
set_once (editing_t *e, str_t record, kind_t kind, edit_result_t *out, fail_t *fail)
{
  present_t present;
  record_t after;
  err_t err = read_present (e->o, record, kind, e->arena, &present, fail);
  if (err == ERR_OK)
    err = refuse_present (e->o, &present, false, fail);
  if (err == ERR_OK)
    err = editing_begin (e, present.record.kind, fail);
  if (err == ERR_OK)
    err = editing_apply (e, &present.record, &after, out, fail);
  columns_destroy (&e->cs);
  if (err != ERR_OK)
    return err;
  out->changed = !record_same (&present.record, &after);
  if (!out->changed)
    return ERR_OK;
  kv_txn_t *txn = NULL;
  err = kv_begin (outbox_kv (e->o), false, &txn);
  if (err == ERR_OK)
    err = judge_declaration (e, txn, &after, out, fail);
  kv_abort (&txn);
  if (err != ERR_OK)
    return err;
  const draft_t draft = edits_draft (e->o, &present, &after, clock_wall ());
  return editing_store (e, &draft, out, fail);
}

err_t
edits_set (outbox_t *o, str_t record, kind_t kind, const char *const *pairs, size_t n, str_t person,
           str_t reason, arena_t *arena, edit_result_t *out, fail_t *fail)
{
  editing_t e = {.o = o, .pairs = pairs, .n = n, .person = person, .reason = reason, .arena = arena};
  entry_ref_t entry;
  err_t err = find_entry (o, record, kind, &entry, fail);
  if (err != ERR_NOT_FOUND)
    return err == ERR_OK ? line_set (o, &entry, pairs, n, person, reason, arena, out, fail) : err;
  err = ERR_EXISTS;
  for (int i = 0; i < EDIT_TRIES && err == ERR_EXISTS; i++)
    err = set_once (&e, record, kind, out, fail);
  return err == ERR_EXISTS ? editing_gave_up (fail) : err;
}

/* ---- withdraw ---- */

static err_t
withdraw_once (editing_t *e, str_t record, kind_t kind, edit_result_t *out, fail_t *fail)
{
  present_t present;
  err_t err = read_present (e->o, record, kind, e->arena, &present, fail);
  if (err != ERR_OK)
    return err;
  out->found = (reasons_t){.arena = e->arena};
  err = keep_key (e->o, &present.record, e->arena, &out->key);
  const unit_id_t office = edits_office (e->o);
  out->changed = !present.row.withdrawn;
  if (err != ERR_OK || present.row.withdrawn)
    return err;
  if (!office_may_write (outbox_catalogue (e->o), office, &present.record))
    return fail_set (fail, ERR_FOREIGN,
                     L ("bản ghi “%.*s” là của đơn vị khác", "record \"%.*s\" is another office's"),
                     STR_ARG (out->key));
  draft_t draft = edits_draft (e->o, &present, &present.record, clock_wall ());
  draft.operation = OP_WITHDRAW;
  return editing_store (e, &draft, out, fail);
}

err_t
edits_withdraw (outbox_t *o, str_t record, kind_t kind, str_t person, str_t reason, arena_t *arena,
                edit_result_t *out, fail_t *fail)
{
  editing_t e = {.o = o, .person = person, .reason = reason, .arena = arena};
  if (str_blank (reason))
    return fail_set (
        fail, ERR_USAGE,
        L ("rút bản ghi phải ghi lý do: --reason “…”", "withdrawing needs a reason: --reason \"…\""));
  err_t err = edits_may_write (o, fail);
  if (err == ERR_OK)
    err = edits_check_words (person, reason, fail);
  out->found = (reasons_t){.arena = arena};
  entry_ref_t entry;
  if (err == ERR_OK && (err = find_entry (o, record, kind, &entry, fail)) == ERR_OK)
    return line_withdraw (o, &entry, person, reason, arena, out, fail);
  if (err == ERR_NOT_FOUND)
    err = ERR_EXISTS;
  for (int i = 0; i < EDIT_TRIES && err == ERR_EXISTS; i++)
    err = withdraw_once (&e, record, kind, out, fail);
  return err == ERR_EXISTS ? editing_gave_up (fail) : err;
}
