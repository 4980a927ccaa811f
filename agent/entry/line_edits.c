/* line_edits.c - one entry of a scheme's list at a time.
 *
 * An entry is edited by its own columns, then the scheme that holds it is judged and stored as a whole, as
 * the next version of itself: an entry has no life outside its scheme. */
#include "agent/entry/line_edits.h"

#include "agent/entry/edits_private.h"

#include "common/base/lang.h"
#include "common/core/validate.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"

#include <inttypes.h>

void
line_identify (const scheme_t *s, record_id_t scheme, record_t *line)
{
  buf_t b = BUF_INIT;
  size_t at;
  record_id_t id = line_id (line);
  if (!id_is_zero (id.b, sizeof id.b))
    return;
  for (uint32_t i = 0; i == 0 || list_find (s, line, &at) > 0; i++) {
    buf_clear (&b);
    buf_put (&b, scheme.b, sizeof scheme.b);
    buf_u8 (&b, (uint8_t)line->kind);
    buf_u32 (&b, i);
    (void)line_key (line, &b);
    const hash_t hash = hash_of (buf_str (&b));
    memcpy (id.b, hash.b, sizeof id.b);
    line_set_id (line, id);
  }
  buf_free (&b);
}

/* ---- naming an entry ---- */

typedef struct {
  outbox_t *o;
  kind_t form;
  record_id_t id;
  arena_t *arena;
  entry_ref_t *out;
  size_t n;
} looking_t;

static err_t
look_in (void *ctx, err_t err, const row_t *row)
{
  looking_t *l = ctx;
  update_t u;
  if (err != ERR_OK || row->withdrawn)
    return err;
  arena_reset (l->arena);
  err = row_decode (row, l->arena, &u);
  for (kind_t form = FORM_LEDGER; form < FORM_END && err == ERR_OK; form++) {
    record_t line = {.kind = form};
    size_t at;
    line_set_id (&line, l->id);
    if ((l->form != KIND_NONE && l->form != form) || list_find (&u.record.u.scheme, &line, &at) == 0)
      continue;
    *l->out = (entry_ref_t){row->ref, form, l->id};
    l->n++;
  }
  return err;
}

/* An id alone: every scheme is asked. */
static err_t
find_by_id (outbox_t *o, kv_txn_t *txn, record_id_t id, kind_t form, entry_ref_t *out, fail_t *fail)
{
  looking_t l = {.o = o, .form = form, .id = id, .arena = arena_new (DECODE_BUDGET (UPDATE_MAX)), .out = out};
  err_t err = l.arena != NULL ? book_each_of (outbox_book (o), txn, KIND_SCHEME, look_in, &l) : ERR_NOMEM;
  arena_destroy (&l.arena);
  if (err == ERR_OK && l.n > 1)
    return fail_set (fail, ERR_INPUT,
                     L ("mã mục (id) này có ở %zu đề án; hãy ghi ĐỀ-ÁN:MÃ-MỤC",
                        "this id is that of entries of %zu schemes; write SCHEME:ID"),
                     l.n);
  return err == ERR_OK && l.n == 0 ? ERR_NOT_FOUND : err;
}

/* forms: in how many of the two lists they stand. */
static err_t
several (str_t entry, str_t code, size_t n, size_t forms, fail_t *fail)
{
  if (forms == 1)
    return fail_set (fail, ERR_INPUT,
                     L ("“%.*s” có %zu mục; hãy ghi %.*s:MÃ, MÃ là 8 chữ đầu của cột id trong “kc-agent list "
                        "DIR ledger|beneficiary --format csv”",
                        "\"%.*s\" stands for %zu entries; write %.*s:ID, ID being the first 8 characters of "
                        "column id in \"kc-agent list DIR ledger|beneficiary --format csv\""),
                     STR_ARG (entry), n, STR_ARG (code));
  return fail_set (
      fail, ERR_INPUT,
      L ("“%.*s” có %zu mục, ở cả sổ tiền và danh sách thụ hưởng; hãy thêm --kind ledger hoặc --kind "
         "beneficiary, hoặc ghi mã mục (cột id của “kc-agent list DIR ledger|beneficiary --format csv”)",
         "\"%.*s\" stands for %zu entries, of both lists; add --kind ledger or --kind beneficiary, or give "
         "the entry's id (column id of \"kc-agent list DIR ledger|beneficiary --format csv\")"),
      STR_ARG (entry), n);
}

static err_t
no_entry (str_t name, str_t code, fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("đề án “%.*s” không có mục “%.*s”; xem “kc-agent show”",
                      "scheme \"%.*s\" has no entry \"%.*s\"; see \"kc-agent show\""),
                   STR_ARG (code), STR_ARG (name));
}

static err_t
find_in_scheme (outbox_t *o, kv_txn_t *txn, record_ref_t ref, str_t entry, str_t name, kind_t form,
                entry_ref_t *out, fail_t *fail)
{
  present_t scheme;
  size_t all = 0, forms = 0;
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX));
  err_t err = arena != NULL ? present_by_ref (o, txn, ref, arena, &scheme) : ERR_NOMEM;
  for (kind_t f = FORM_LEDGER; f < FORM_END && err == ERR_OK; f++) {
    record_t line;
    size_t at = 0;
    const size_t n =
        form == KIND_NONE || form == f ? list_find_named (&scheme.record.u.scheme, f, name, &at) : 0;
    if (n > 0) {
      list_line (&scheme.record.u.scheme, f, at, &line);
      *out = (entry_ref_t){ref, f, line_id (&line)};
    }
    all += n;
    forms += n > 0;
  }
  if (err == ERR_OK && all == 0)
    err = no_entry (name, scheme.record.u.scheme.code, fail);
  else if (err == ERR_OK && all > 1)
    err = several (entry, scheme.record.u.scheme.code, all, forms, fail);
  arena_destroy (&arena);
  return err;
}

err_t
line_find (outbox_t *o, kv_txn_t *txn, str_t entry, kind_t kind, entry_ref_t *out, fail_t *fail)
{
  record_id_t id;
  record_ref_t ref;
  if (kind != KIND_NONE && !kind_is_form (kind))
    return ERR_NOT_FOUND;
  if (kind == KIND_NONE &&
      book_find (outbox_book (o), txn, outbox_catalogue (o), entry, kind, &ref) != ERR_NOT_FOUND)
    return ERR_NOT_FOUND;
  const char *colon = str_blank (entry) ? NULL : memchr (entry.p, ':', entry.n);
  if (record_id_parse (entry, &id))
    return find_by_id (o, txn, id, kind, out, fail);
  if (colon == NULL)
    return ERR_NOT_FOUND;
  const str_t code = {entry.p, (size_t)(colon - entry.p)};
  const str_t name = {colon + 1, entry.n - code.n - 1};
  err_t err = book_find_key (outbox_book (o), txn, KIND_SCHEME, code, &ref);
  return err == ERR_OK ? find_in_scheme (o, txn, ref, entry, name, kind, out, fail) : err;
}

/* ---- storing ---- */

static err_t
keep_label (const record_t *line, arena_t *arena, str_t *out)
{
  buf_t b = BUF_INIT;
  record_key_text (line, NULL, &b);
  *out = arena_str (arena, buf_str (&b));
  const bool ok = buf_ok (&b) && out->p != NULL;
  buf_free (&b);
  return ok ? ERR_OK : ERR_NOMEM;
}

static err_t
withdrawn_scheme (str_t code, fail_t *fail)
{
  return fail_set (
      fail, ERR_INPUT,
      L ("đề án “%.*s” đã được rút; muốn sửa hãy đưa lại đề án trước (nhập từ tệp với --restore)",
         "scheme \"%.*s\" is withdrawn; bring it back first (import it from a file with --restore)"),
      STR_ARG (code));
}

/* The scheme as it is now, which must be there to be edited. */
static err_t
scheme_of_code (editing_t *e, str_t code, present_t *out, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (outbox_kv (e->o), false, &txn);
  if (err == ERR_OK)
    err = present_by_key (e->o, txn, KIND_SCHEME, code, e->arena, out);
  kv_abort (&txn);
  if (err != ERR_OK)
    return err;
  if (!out->exists)
    return fail_set (fail, ERR_INPUT,
                     L ("máy này không có đề án “%.*s”; hãy sửa scheme_code hoặc thêm đề án trước",
                        "this PC has no scheme \"%.*s\"; mend scheme_code or add the scheme first"),
                     STR_ARG (code));
  return out->row.withdrawn ? withdrawn_scheme (code, fail) : ERR_OK;
}

static err_t
scheme_of_entry (editing_t *e, const entry_ref_t *entry, present_t *out, record_t *line, size_t *at,
                 fail_t *fail)
{
  kv_txn_t *txn = NULL;
  err_t err = kv_begin (outbox_kv (e->o), false, &txn);
  if (err == ERR_OK)
    err = present_by_ref (e->o, txn, entry->scheme, e->arena, out);
  kv_abort (&txn);
  if (err != ERR_OK)
    return err;
  const scheme_t *s = &out->record.u.scheme;
  if (out->row.withdrawn)
    return withdrawn_scheme (s->code, fail);
  *line = (record_t){.kind = entry->form};
  line_set_id (line, entry->id);
  if (list_find (s, line, at) == 0)
    return fail_set (fail, ERR_NOT_FOUND,
                     L ("mục này vừa được bỏ ở nơi khác", "the entry was just removed elsewhere"));
  list_line (s, entry->form, *at, line);
  return ERR_OK;
}

/* Judges the scheme with its new list and stores it. */
static err_t
store_scheme (editing_t *e, const present_t *before, const record_t *after, edit_result_t *out, fail_t *fail)
{
  reasons_t found = {.arena = e->arena};
  (void)validate (outbox_catalogue (e->o), &before->record, after, e->reason, edits_office (e->o), &found);
  out->found = found;
  if (reasons_hard (&found) != NULL)
    return editing_refuse (e->o, after->kind, &found, fail);
  const draft_t draft = edits_draft (e->o, before, after, clock_wall ());
  return editing_store (e, &draft, out, fail);
}

static err_t
too_many (kind_t form, fail_t *fail)
{
  return fail_set (
      fail, ERR_INPUT,
      L ("danh sách %s của đề án đã đủ %zu mục", "the scheme's list %s holds %zu entries already"),
      kind_name (form), list_max (form));
}

/* ---- add, set, withdraw ---- */

/* An id given by hand must not be that of an entry there is. */
static err_t
refuse_id_elsewhere (editing_t *e, const record_t *line, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  entry_ref_t other;
  fail_t many = {0};
  const record_id_t id = line_id (line);
  if (id_is_zero (id.b, sizeof id.b))
    return ERR_OK;
  err_t err = kv_begin (outbox_kv (e->o), false, &txn);
  if (err == ERR_OK)
    err = find_by_id (e->o, txn, id, KIND_NONE, &other, &many);
  kv_abort (&txn);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  return err != ERR_OK && err != ERR_INPUT
             ? err
             : fail_set (fail, ERR_INPUT,
                         L ("mã mục (id) này đã dùng ở một đề án khác; hãy để trống id",
                            "this id is that of another scheme's entry; leave id blank"));
}

static err_t
add_once (editing_t *e, edit_result_t *out, fail_t *fail)
{
  present_t scheme;
  record_t line, after;
  size_t at;
  list_room_t room = {NULL, 0};
  err_t err = editing_apply (e, NULL, &line, out, fail);
  if (err == ERR_OK)
    err = scheme_of_code (e, line_scheme_code (&line), &scheme, fail);
  if (err == ERR_OK)
    err = keep_label (&line, e->arena, &out->key);
  if (err != ERR_OK)
    return err;
  after = scheme.record;
  if (list_find (&after.u.scheme, &line, &at) > 0)
    return fail_set (
        fail, ERR_INPUT,
        L ("đề án đã có mục “%.*s”; muốn sửa hãy dùng “kc-agent set”, muốn thêm mục giống hệt hãy ghi "
           "voucher_no hoặc address khác",
           "the scheme has the entry \"%.*s\" already; to change it use \"kc-agent set\", to add one "
           "like it give another voucher_no or address"),
        STR_ARG (out->key));
  if (list_count (&after.u.scheme, line.kind) >= list_max (line.kind))
    return too_many (line.kind, fail);
  err = refuse_id_elsewhere (e, &line, fail);
  if (err != ERR_OK)
    return err;
  line_identify (&after.u.scheme, scheme.row.ref.id, &line);
  out->changed = true;
  if (!list_put (&after.u.scheme, &line, &room, e->arena))
    return ERR_NOMEM;
  return store_scheme (e, &scheme, &after, out, fail);
}

err_t
line_add (outbox_t *o, kind_t form, const char *const *pairs, size_t n, str_t person, arena_t *arena,
          edit_result_t *out, fail_t *fail)
{
  editing_t e = {.o = o, .pairs = pairs, .n = n, .person = person, .arena = arena};
  err_t err = editing_begin (&e, form, fail);
  if (err == ERR_OK)
    err = ERR_EXISTS;
  for (int i = 0; i < EDIT_TRIES && err == ERR_EXISTS; i++)
    err = add_once (&e, out, fail);
  columns_destroy (&e.cs);
  return err == ERR_EXISTS ? editing_gave_up (fail) : err;
}

static err_t
moved (const record_t *before, const record_t *after, fail_t *fail)
{
  const record_id_t a = line_id (before), b = line_id (after);
  if (str_cmp (line_scheme_code (before), line_scheme_code (after)) == 0 && record_id_eq (a, b))
    return ERR_OK;
  return fail_set (
      fail, ERR_INPUT,
      L ("không được đổi scheme_code hay id của một mục; hãy bỏ mục này rồi thêm ở đề án kia",
         "scheme_code and id of an entry may not change; withdraw it and add it to the other scheme"));
}

static err_t
set_once (editing_t *e, const entry_ref_t *entry, edit_result_t *out, fail_t *fail)
{
  present_t scheme;
  record_t before, line, after;
  size_t at;
  list_room_t room = {NULL, 0};
  err_t err = scheme_of_entry (e, entry, &scheme, &before, &at, fail);
  if (err == ERR_OK)
    err = editing_apply (e, &before, &line, out, fail);
  if (err == ERR_OK)
    err = moved (&before, &line, fail);
  if (err == ERR_OK)
    err = keep_label (&line, e->arena, &out->key);
  out->changed = err == ERR_OK && !record_same (&before, &line);
  if (!out->changed)
    return err;
  after = scheme.record;
  if (!list_put (&after.u.scheme, &line, &room, e->arena))
    return ERR_NOMEM;
  return store_scheme (e, &scheme, &after, out, fail);
}

err_t
line_set (outbox_t *o, const entry_ref_t *entry, const char *const *pairs, size_t n, str_t person,
          str_t reason, arena_t *arena, edit_result_t *out, fail_t *fail)
{
  editing_t e = {.o = o, .pairs = pairs, .n = n, .person = person, .reason = reason, .arena = arena};
  err_t err = editing_begin (&e, entry->form, fail);
  if (err == ERR_OK)
    err = ERR_EXISTS;
  for (int i = 0; i < EDIT_TRIES && err == ERR_EXISTS; i++)
    err = set_once (&e, entry, out, fail);
  columns_destroy (&e.cs);
  return err == ERR_EXISTS ? editing_gave_up (fail) : err;
}

static err_t
withdraw_once (editing_t *e, const entry_ref_t *entry, edit_result_t *out, fail_t *fail)
{
  present_t scheme;
  record_t line, after;
  size_t at;
  err_t err = scheme_of_entry (e, entry, &scheme, &line, &at, fail);
  if (err == ERR_OK)
    err = keep_label (&line, e->arena, &out->key);
  if (err != ERR_OK)
    return err;
  after = scheme.record;
  out->changed = true;
  if (!list_drop (&after.u.scheme, entry->form, at, e->arena))
    return ERR_NOMEM;
  return store_scheme (e, &scheme, &after, out, fail);
}

err_t
line_withdraw (outbox_t *o, const entry_ref_t *entry, str_t person, str_t reason, arena_t *arena,
               edit_result_t *out, fail_t *fail)
{
  editing_t e = {.o = o, .person = person, .reason = reason, .arena = arena};
  err_t err = ERR_EXISTS;
  for (int i = 0; i < EDIT_TRIES && err == ERR_EXISTS; i++)
    err = withdraw_once (&e, entry, out, fail);
  return err == ERR_EXISTS ? editing_gave_up (fail) : err;
}
