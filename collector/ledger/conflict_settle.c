/* conflict_settle.c - a person decides what two PCs changed to different values.
 *
 * Whatever is chosen, what only one side changed is in the outcome: nobody was asked about that. The outcome
 * is a new version of the record, told in the stream of its office, and every side that was parked is decided
 * by it. A conflict within an entry of a list may be named by the entry (549-01:CT05): its scheme is what is
 * settled, and values are the entry's. */
#include "collector/ledger/conflicts.h"
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/core/edit.h"
#include "common/core/lists.h"
#include "common/core/validate.h"
#include "common/text/utf8.h"
#include "common/wire/update_wire.h"

typedef struct {
  ledger_t *l;
  turn_t t;
  const resolve_t *r;
  arena_t *arena;
  record_ref_t ref;
  str_t label; /* of the entry named; absent: the record as a whole */
  row_t row;
  update_t before, result;
  conflict_t side[SETTLES_MAX];
  uint32_t sides;
  version_t settles[SETTLES_MAX];
  str_t taken[SETTLES_MAX * CLASHES_MAX]; /* clashes decided for a parked side */
  size_t taken_n;
  fail_t *fail;
} settling_t;

static err_t
note_side (void *ctx, const conflict_t *c)
{
  settling_t *s = ctx;
  if (s->sides == SETTLES_MAX)
    return ERR_END;
  s->settles[s->sides] = c->version;
  s->side[s->sides++] = *c;
  return ERR_OK;
}

/* Of records with one code, the one that has a conflict is meant. */
static err_t
find_among_kinds (settling_t *s, str_t name)
{
  ledger_t *l = s->l;
  for (kind_t kind = KIND_SCHEME; kind_supported (kind); kind++) {
    record_ref_t ref;
    err_t err = book_find (l->book, s->t.txn, l->catalogue, name, kind, &ref);
    if (err == ERR_OK)
      err = conflicts_each (s->t.txn, &ref.id, note_side, s);
    if (err == ERR_OK && s->sides > 0) {
      s->ref = ref;
      return ERR_OK;
    }
    if (err != ERR_OK && err != ERR_NOT_FOUND)
      return err;
  }
  return ERR_OK;
}

/* The scheme before the colon, the entry behind it. */
static bool
split_line (str_t name, str_t *scheme, str_t *label)
{
  const char *colon = name.n > 0 ? memchr (name.p, ':', name.n) : NULL;
  if (colon == NULL)
    return false;
  *scheme = (str_t){name.p, (size_t)(colon - name.p)};
  *label = (str_t){colon + 1, name.n - scheme->n - 1};
  return label->n > 0;
}

static err_t
find_sides (settling_t *s)
{
  const str_t name = s->r->record;
  str_t scheme;
  err_t err = ledger_find (s->l, s->t.txn, name, KIND_NONE, &s->ref);
  if (err == ERR_NOT_FOUND && split_line (name, &scheme, &s->label))
    err = ledger_find (s->l, s->t.txn, scheme, KIND_SCHEME, &s->ref);
  if (err == ERR_NOT_FOUND)
    return fail_set (s->fail, ERR_INPUT,
                     L ("không có bản ghi “%.*s”; xem kc-collector conflicts DIR",
                        "there is no record \"%.*s\"; see kc-collector conflicts DIR"),
                     STR_ARG (name));
  if (err == ERR_INPUT)
    err = find_among_kinds (s, name);
  else if (err == ERR_OK)
    err = conflicts_each (s->t.txn, &s->ref.id, note_side, s);
  if (err == ERR_OK && s->sides == 0)
    return fail_set (s->fail, ERR_INPUT,
                     L ("bản ghi “%.*s” không có xung đột nào; xem kc-collector conflicts DIR",
                        "record \"%.*s\" has no conflict; see kc-collector conflicts DIR"),
                     STR_ARG (name));
  return err;
}

static err_t
find_record (settling_t *s)
{
  err_t err = find_sides (s);
  if (err == ERR_OK)
    err = book_get (s->l->book, s->t.txn, s->ref, &s->row);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  s->row.bytes = arena_str (s->arena, s->row.bytes);
  err = s->row.bytes.p != NULL ? update_decode (s->row.bytes, s->arena, &s->before, NULL) : ERR_NOMEM;
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* Side after side into the result; what only one side changed comes in either way. */
static err_t
merge_sides (settling_t *s)
{
  const bool parked = s->r->how == RESOLVE_PARKED;
  err_t err = ERR_OK;
  s->result = s->before;
  for (uint32_t i = 0; i < s->sides && err == ERR_OK; i++) {
    conflict_sides_t of;
    merged_t m;
    err = conflict_sides (s->l, s->t.txn, &s->side[i], MERGE_FIRST, s->arena, &of);
    if (err == ERR_OK)
      err = merge3 (of.based ? &of.base : NULL, &s->result, &of.parked, parked ? MERGE_SECOND : MERGE_FIRST,
                    s->arena, &m);
    if (err == ERR_OK && parked)
      err = clashes_take (&m, s->taken, &s->taken_n, s->fail);
    if (err != ERR_OK)
      break;
    s->result.operation = m.operation;
    s->result.record = m.record;
    s->result.unknown = m.unknown;
  }
  return err;
}

static err_t
say_reason (settling_t *s, const reasons_t *found)
{
  const reason_t *why = reasons_hard (found);
  buf_t text = BUF_INIT;
  if (why == NULL)
    return ERR_OK;
  reason_words_in (why, s->l->catalogue, s->result.record.kind, &text);
  fail_set (s->fail, ERR_INPUT, "%s", buf_z (&text));
  buf_free (&text);
  return ERR_INPUT;
}

/* The cells applied to a record, or to a line of a form. */
static err_t
edit_record (settling_t *s, const record_t *before, record_t *after)
{
  const catalogue_t *c = s->l->catalogue;
  cell_t cells[CSV_COLUMNS_MAX];
  edit_options_t o = {.locale = NUMBER_PLAIN, .comment = s->r->reason};
  reasons_t found = {.arena = s->arena};
  columns_t *cs = columns_new (before->kind, c);
  err_t err = cs != NULL ? ERR_OK : ERR_NOMEM;
  for (size_t i = 0; i < s->r->cells_n && err == ERR_OK; i++) {
    str_t cell = s->r->cells[i];
    const char *equals = memchr (cell.p, '=', cell.n);
    if (equals == NULL || i == CSV_COLUMNS_MAX) {
      err = fail_set (s->fail, ERR_USAGE,
                      L ("“%.*s” không phải current, parked hay cột=giá trị",
                         "\"%.*s\" is none of current, parked, column=value"),
                      STR_ARG (cell));
      break;
    }
    const size_t n = (size_t)(equals - cell.p);
    cells[i] = (cell_t){columns_find (cs, (str_t){cell.p, n}), {equals + 1, cell.n - n - 1}};
    if (cells[i].column < 0)
      err = fail_set (s->fail, ERR_INPUT,
                      L ("không có cột “%.*s”; hãy dùng tên cột như trong tệp nhập",
                         "there is no column \"%.*s\"; use names as in import files"),
                      (int)n, cell.p);
  }
  if (err == ERR_OK && !edit_apply (cs, c, &o, before, cells, s->r->cells_n, s->arena, after, &found))
    err = say_reason (s, &found);
  columns_destroy (&cs);
  return err;
}

static err_t
edit_line (settling_t *s)
{
  static const kind_t forms[] = {FORM_LEDGER, FORM_BENEFICIARY};
  scheme_t *to = &s->result.record.u.scheme;
  record_t line, after;
  list_room_t room = {0};
  size_t at = 0, found = 0;
  for (size_t i = 0; i < 2 && found == 0; i++) {
    found = list_find_named (to, forms[i], s->label, &at);
    if (found == 1)
      list_line (to, forms[i], at, &line);
  }
  if (found != 1)
    return fail_set (s->fail, ERR_INPUT,
                     L ("“%.*s” phải là đúng một mục của đề án; hãy chọn current hoặc parked",
                        "\"%.*s\" must be one entry of the scheme; choose current or parked"),
                     STR_ARG (s->r->record));
  err_t err = edit_record (s, &line, &after);
  if (err != ERR_OK)
    return err;
  line_set_id (&after, line_id (&line));
  return list_put (to, &after, &room, s->arena) ? ERR_OK : ERR_NOMEM;
}

static err_t
edit_result (settling_t *s)
{
  record_t after;
  if (s->label.p != NULL)
    return edit_line (s);
  err_t err = edit_record (s, &s->result.record, &after);
  if (err == ERR_OK)
    s->result.record = after;
  return err;
}

static err_t
judge_result (settling_t *s)
{
  ledger_t *l = s->l;
  reasons_t found = {.arena = s->arena};
  const locks_t *locks;
  (void)validate (l->catalogue, &s->before.record, &s->result.record, s->r->reason, 0, &found);
  err_t err = say_reason (s, &found);
  if (err == ERR_OK)
    err = period_locks (l, s->t.txn, &locks);
  if (err != ERR_OK || locks_count (locks) == 0)
    return err;
  const unit_id_t unit = record_office (&s->before.record);
  const lock_row_t *by = locks_holding (locks, l->catalogue, &s->before.record, unit, s->t.now, NULL);
  if (by == NULL)
    by = locks_holding (locks, l->catalogue, &s->result.record, unit, s->t.now, NULL);
  if (by == NULL)
    return ERR_OK;
  return fail_set (
      s->fail, ERR_INPUT,
      L ("kỳ %.*s đang khóa với bản ghi này; hãy mở khóa bằng kc-collector unlock, rồi làm lại",
         "period %.*s is locked for this record; unlock it with kc-collector unlock, then settle "
         "it again"),
      STR_ARG (by->period));
}

static err_t
write_decision (settling_t *s, unit_id_t unit)
{
  ledger_t *l = s->l;
  buf_t key = BUF_INIT;
  decision_t d = {.type = DECISION_SETTLED};
  record_key_text (&s->before.record, l->catalogue, &key);
  d.u.settled.record = s->ref.id;
  d.u.settled.home = s->ref.home;
  d.u.settled.kind = s->before.record.kind;
  d.u.settled.key = buf_str (&key);
  d.u.settled.reason = s->r->reason;
  d.u.settled.resulting = s->result.bytes;
  d.u.settled.settles = s->settles;
  d.u.settled.settles_n = s->sides;
  err_t err = buf_ok (&key)
                  ? centre_append_state (l, &s->t, unit, &d, s->r->person, s->result.bytes, s->row.at)
                  : ERR_NOMEM;
  for (uint32_t i = 0; i < s->sides && err == ERR_OK; i++)
    err = conflict_decide (s->t.txn, s->ref.id, s->side[i].lsn, s->t.lsn);
  buf_free (&key);
  return err;
}

static err_t
write_result (settling_t *s)
{
  ledger_t *l = s->l;
  update_t *u = &s->result;
  const unit_id_t unit = record_office (&s->before.record);
  u->id = s->ref.id;
  u->home = s->ref.home;
  u->base = s->row.version;
  u->settles = s->settles;
  u->settles_n = s->sides;
  u->person = s->r->person;
  u->comment = s->r->reason;
  u->agent_time = s->t.now;
  err_t err = centre_next (l, &s->t, unit, &u->version);
  buf_clear (&l->resulting);
  if (err == ERR_OK && !update_encode (u, &l->resulting))
    err = ERR_NOMEM;
  u->bytes = buf_str (&l->resulting);
  if (err == ERR_OK)
    err = book_apply (l->book, s->t.txn, &s->row, &s->before.record, u, s->t.lsn + 1, s->t.now);
  if (err == ERR_OVERFLOW)
    return fail_set (s->fail, ERR_INPUT,
                     L ("tổng sẽ vượt quá giới hạn số nguyên 64 bit", "a total would overflow 64 bits"));
  if (err == ERR_OK)
    err = write_decision (s, unit);
  if (err == ERR_TOO_BIG)
    return fail_set (s->fail, ERR_INPUT,
                     L ("bản ghi quá lớn để trung tâm gửi xuống; hãy để đơn vị giải quyết trên máy của mình",
                        "the record is too large for the centre to send down; let the office settle it"));
  return err;
}

static err_t
resolve_in_turn (settling_t *s)
{
  err_t err = find_record (s);
  if (err == ERR_OK)
    err = merge_sides (s);
  if (err == ERR_OK && s->r->how == RESOLVE_VALUES)
    err = edit_result (s);
  if (err == ERR_OK)
    err = judge_result (s);
  return err == ERR_OK ? write_result (s) : err;
}

err_t
conflicts_resolve (ledger_t *l, const resolve_t *r, wall_t now, size_t *settled, fail_t *fail)
{
  settling_t *s = NULL;
  arena_t *arena = NULL;
  *settled = 0;
  if (utf8_blank (r->reason))
    return fail_set (fail, ERR_USAGE,
                     L ("giải quyết xung đột phải nói vì sao: --reason “…”",
                        "settling a conflict needs a reason: --reason \"…\""));
  err_t err = centre_comment_check (r->reason, fail);
  if (err != ERR_OK)
    return err;
  arena = arena_new ((size_t)(2 + 4 * SETTLES_MAX) * UPDATE_ROOM);
  s = arena != NULL ? arena_alloc (arena, sizeof *s) : NULL;
  if (s == NULL) {
    err = ERR_NOMEM;
    goto done;
  }
  s->l = l;
  s->r = r;
  s->arena = arena;
  s->fail = fail;
  err = turn_begin (l, now, &s->t);
  if (err != ERR_OK)
    goto done;
  err = turn_end (l, &s->t, resolve_in_turn (s));
  if (err == ERR_OK)
    *settled = s->sides;
done:
  arena_destroy (&arena);
  return ledger_said (fail, err);
}
