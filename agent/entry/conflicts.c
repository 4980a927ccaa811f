/* conflicts.c - parked sides at the office: shown beside what stands, and settled.
 *
 * The centre keeps what stands and parks the other side; both are here. Settling is an edit like any other
 * that names the parked versions it decides, so it works with no line, and until the centre has taken it the
 * sides are merely not shown any more. */
#include "agent/entry/conflicts.h"
#include "agent/entry/edits_private.h"
#include "agent/entry/list_private.h"

#include "agent/outbox/told.h"
#include "common/base/lang.h"
#include "common/core/merge.h"
#include "common/core/validate.h"
#include "common/platform/platform.h"
#include "common/text/utf8.h"
#include "common/wire/update_wire.h"

#define BASE_HOPS_MAX 1000u
#define SIDES_BUDGET (6 * UPDATE_ROOM)

/* ---- one parked side ---- */

typedef struct {
  version_t version;
  bool ours;
  wall_t since;
  update_t parked, base;
  bool based; /* else both were made from nothing */
  const str_t *clashes;
  size_t clashes_n;
} side_t;

static err_t
decode (str_t bytes, arena_t *arena, update_t *out)
{
  bytes = arena_str (arena, bytes);
  err_t err = bytes.p != NULL ? update_decode (bytes, arena, out, NULL) : ERR_NOMEM;
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

/* What the side was made on, past what was refused or parked itself. */
static err_t
find_base (outbox_t *o, kv_txn_t *txn, record_id_t id, arena_t *arena, side_t *s)
{
  version_t v = s->parked.base;
  s->based = false;
  for (unsigned hops = 0; v.seq != 0 && hops < BASE_HOPS_MAX; hops++) {
    story_row_t story = {.verdict = VERDICT_NONE};
    err_t err = outbox_story_of (txn, id, v, &story);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
      return err;
    err = outbox_version_get (o, txn, v, arena, &s->base);
    if (err != ERR_OK)
      return err == ERR_NOT_FOUND ? ERR_OK : err; /* another's that was refused: nobody else has it */
    if (story.verdict != VERDICT_PARKED && story.verdict != VERDICT_REFUSED) {
      s->based = s->base.record.kind == s->parked.record.kind;
      return ERR_OK;
    }
    v = s->base.base;
  }
  return ERR_OK;
}

static err_t
read_side (outbox_t *o, kv_txn_t *txn, const parked_row_t *r, arena_t *arena, side_t *s)
{
  uint64_t place;
  *s = (side_t){.version = r->version,
                .ours = outbox_place_of (o, r->version, &place),
                .since = r->since,
                .clashes_n = r->clashes_n};
  str_t *clashes = arena_alloc (arena, (r->clashes_n + 1) * sizeof *clashes);
  if (clashes == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < r->clashes_n; i++)
    if ((clashes[i] = arena_str (arena, r->clashes[i])).p == NULL)
      return ERR_NOMEM;
  s->clashes = clashes;
  err_t err = decode (r->bytes, arena, &s->parked);
  return err == ERR_OK ? find_base (o, txn, r->ref.id, arena, s) : err;
}

/* Has an update of ours that waits for its verdict settled it? */
static err_t
is_settled (outbox_t *o, kv_txn_t *txn, const row_t *row, version_t parked, bool *out)
{
  uint64_t decided = 0;
  row_t at = *row;
  arena_t *arena = arena_new (SIDES_BUDGET);
  err_t err = arena != NULL ? outbox_decided (txn, &decided) : ERR_NOMEM;
  *out = false;
  while (err == ERR_OK && !*out && outbox_row_undecided (o, &at, decided)) {
    update_t u;
    arena_reset (arena);
    err = outbox_version_get (o, txn, at.version, arena, &u);
    for (uint32_t i = 0; err == ERR_OK && i < u.settles_n; i++)
      *out = *out || version_eq (u.settles[i], parked);
    if (err == ERR_OK && u.base.seq >= at.version.seq && store_id_eq (u.base.store, at.version.store))
      break;
    if (err == ERR_OK)
      at.version = u.base;
  }
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* Both sides as rows, what stands first. Clashes were named when it was parked; where a rule alone was in the
 * way there are none, and everything that differs is shown. */
static err_t
rows_of (const catalogue_t *c, const side_t *s, const update_t *present, arena_t *arena, clash_row_t **rows,
         size_t *n)
{
  merged_t m;
  err_t err = merge3 (s->based ? &s->base : NULL, present, &s->parked, MERGE_FIRST, arena, &m);
  if (err == ERR_OK)
    err = clash_rows (c, m.clashes, m.clashes_n, present, &s->parked, arena, rows, n);
  if (err == ERR_OK && *n == 0)
    err = clash_rows (c, s->clashes, s->clashes_n, present, &s->parked, arena, rows, n);
  if (err != ERR_OK || *n > 0)
    return err;
  clash_row_t *row = arena_alloc (arena, sizeof *row);
  buf_t key = BUF_INIT;
  edits_key_text (&present->record, c, &key);
  if (row != NULL)
    *row = (clash_row_t){arena_str (arena, buf_str (&key)), STR (""), STR (""), STR ("")};
  *rows = row;
  *n = 1;
  err = row != NULL && buf_ok (&key) && (key.n == 0 || row->code.p != NULL) ? ERR_OK : ERR_NOMEM;
  buf_free (&key);
  return err;
}

/* ---- the list ---- */

typedef struct {
  listing_t *l;
  arena_t *arena;
} gathering_t;

static err_t
gather (void *ctx, const parked_row_t *r)
{
  gathering_t *g = ctx;
  listing_t *l = g->l;
  present_t present;
  update_t now;
  side_t side;
  clash_row_t *rows = NULL;
  size_t n = 0;
  bool settled = false;
  arena_reset (g->arena);
  err_t err = present_by_ref (l->o, l->txn, r->ref, g->arena, &present);
  if (err == ERR_NOT_FOUND)
    return ERR_OK; /* another office's by now */
  if (err == ERR_OK)
    err = is_settled (l->o, l->txn, &present.row, r->version, &settled);
  if (err != ERR_OK || settled || !listing_wants (l, &present.record, UPDATE_SENT))
    return err;
  err = decode (present.row.bytes, g->arena, &now);
  if (err == ERR_OK)
    err = read_side (l->o, l->txn, r, g->arena, &side);
  if (err == ERR_OK)
    err = rows_of (l->c, &side, &now, g->arena, &rows, &n);
  wall_put (r->since, l->people, &l->b);
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    const str_t cells[] = {rows[i].code,
                           rows[i].field,
                           side.ours ? rows[i].second : rows[i].first,
                           side.ours ? rows[i].first : rows[i].second,
                           side.parked.person,
                           buf_str (&l->b)};
    err = buf_ok (&l->b) ? lines_add (&l->lines, cells) : ERR_NOMEM;
  }
  return err;
}

err_t
view_conflicts (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail)
{
  listing_t l = {.o = o, .f = f, .people = people};
  gathering_t g = {.l = &l, .arena = arena_new (SIDES_BUDGET)};
  listing_column (&l, t, "code", "Mã", "Code", COL_TEXT);
  listing_column (&l, t, "field", "Cột", "Field", COL_TEXT);
  listing_column (&l, t, "mine", "Bên này (mine)", "Mine", COL_TEXT);
  listing_column (&l, t, "theirs", "Bên kia (theirs)", "Theirs", COL_TEXT);
  listing_column (&l, t, "person", "Người ghi bên đang chờ", "Author of the parked side", COL_TEXT);
  listing_column (&l, t, "since", "Từ lúc", "Since", COL_TEXT);
  err_t err = g.arena != NULL ? listing_open (&l, fail) : ERR_NOMEM;
  if (err == ERR_OK)
    err = outbox_parked (l.txn, NULL, gather, &g);
  arena_destroy (&g.arena);
  return listing_close (&l, err, t);
}

/* ---- one record's ---- */

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  const row_t *row;
  const update_t *now;
  bool people;
  table_t *t;
  arena_t *arena;
} showing_t;

static err_t
show_side (void *ctx, const parked_row_t *r)
{
  showing_t *s = ctx;
  side_t side;
  clash_row_t *rows = NULL;
  size_t n = 0;
  bool settled = false;
  buf_t b = BUF_INIT;
  err_t err = is_settled (s->o, s->txn, s->row, r->version, &settled);
  if (err != ERR_OK || settled)
    return err;
  err = read_side (s->o, s->txn, r, s->arena, &side);
  if (err == ERR_OK)
    err = rows_of (outbox_catalogue (s->o), &side, s->now, s->arena, &rows, &n);
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    buf_clear (&b);
    buf_printf (&b, s->people ? "%.*s: %.*s (%.*s)" : "%.*s=%.*s %.*s", STR_ARG (rows[i].field),
                STR_ARG (rows[i].second), STR_ARG (side.parked.person));
    table_row (s->t);
    table_cell (s->t, s->people ? str_of (L ("Bên đang chờ", "Parked side")) : STR ("parked"));
    table_cell (s->t, buf_str (&b));
  }
  buf_free (&b);
  return err;
}

err_t
conflicts_show (outbox_t *o, kv_txn_t *txn, const row_t *row, bool people, table_t *t)
{
  update_t now;
  showing_t s = {.o = o, .txn = txn, .row = row, .now = &now, .people = people, .t = t};
  s.arena = arena_new ((size_t)(SETTLES_MAX + 1) * SIDES_BUDGET);
  err_t err = s.arena != NULL ? decode (row->bytes, s.arena, &now) : ERR_NOMEM;
  if (err == ERR_OK)
    err = outbox_parked (txn, &row->ref.id, show_side, &s);
  arena_destroy (&s.arena);
  return err;
}

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  record_id_t last;
  uint64_t n;
} counting_t;

static err_t
count (void *ctx, const parked_row_t *r)
{
  counting_t *c = ctx;
  row_t row;
  bool settled = false;
  if (c->n > 0 && record_id_eq (c->last, r->ref.id))
    return ERR_OK;
  err_t err = book_get (outbox_book (c->o), c->txn, r->ref, &row);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err == ERR_OK)
    err = is_settled (c->o, c->txn, &row, r->version, &settled);
  if (err != ERR_OK || settled)
    return err;
  c->last = r->ref.id;
  c->n++;
  return ERR_OK;
}

err_t
conflicts_waiting (outbox_t *o, kv_txn_t *txn, uint64_t *out)
{
  counting_t c = {.o = o, .txn = txn};
  err_t err = outbox_parked (txn, NULL, count, &c);
  *out = c.n;
  return err;
}

/* ---- settling ---- */

typedef enum { CHOICE_MINE, CHOICE_THEIRS, CHOICE_VALUES } choice_t;

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  arena_t *arena;
  choice_t choice;
  present_t present;
  update_t result; /* operation, record and unknown */
  version_t settles[SETTLES_MAX];
  uint32_t sides;
  str_t taken[SETTLES_MAX * CLASHES_MAX]; /* clashes decided for a parked side */
  size_t taken_n;
  fail_t *fail;
} settling_t;

/* The side goes into the result: what it alone changed in any case, what clashes if it is the one chosen. */
static err_t
take_side (void *ctx, const parked_row_t *r)
{
  settling_t *s = ctx;
  side_t side;
  merged_t m;
  bool settled = false;
  if (s->sides == SETTLES_MAX)
    return ERR_END;
  err_t err = is_settled (s->o, s->txn, &s->present.row, r->version, &settled);
  if (err != ERR_OK || settled)
    return err;
  err = read_side (s->o, s->txn, r, s->arena, &side);
  if (err != ERR_OK)
    return err;
  const bool parked = s->choice == (side.ours ? CHOICE_MINE : CHOICE_THEIRS);
  err = merge3 (side.based ? &side.base : NULL, &s->result, &side.parked, parked ? MERGE_SECOND : MERGE_FIRST,
                s->arena, &m);
  if (err == ERR_OK && parked)
    err = clashes_take (&m, s->taken, &s->taken_n, s->fail);
  if (err != ERR_OK)
    return err;
  s->settles[s->sides++] = side.version;
  s->result.operation = m.operation;
  s->result.record = m.record;
  s->result.unknown = m.unknown;
  return ERR_OK;
}

static err_t
merge_sides (settling_t *s, str_t record, kind_t kind)
{
  record_ref_t ref;
  err_t err = kv_begin (outbox_kv (s->o), false, &s->txn);
  if (err == ERR_OK)
    err = edits_find (s->o, s->txn, record, kind, &ref, s->fail);
  if (err == ERR_OK)
    err = present_by_ref (s->o, s->txn, ref, s->arena, &s->present);
  if (err == ERR_OK)
    err = decode (s->present.row.bytes, s->arena, &s->result);
  if (err == ERR_OK)
    err = outbox_parked (s->txn, &ref.id, take_side, s);
  kv_abort (&s->txn);
  if (err == ERR_OK && s->sides == 0)
    err = fail_set (s->fail, ERR_INPUT,
                    L ("bản ghi “%.*s” không có xung đột nào; xem “kc-agent conflicts”",
                       "record \"%.*s\" has no conflict; see \"kc-agent conflicts\""),
                    STR_ARG (record));
  return err;
}

static err_t
judge_result (settling_t *s, editing_t *e, edit_result_t *out)
{
  buf_t key = BUF_INIT;
  const record_t *after = &s->result.record;
  edits_key_text (after, outbox_catalogue (s->o), &key);
  out->key = arena_str (s->arena, buf_str (&key));
  const bool ok = buf_ok (&key) && out->key.p != NULL;
  buf_free (&key);
  out->found = (reasons_t){.arena = s->arena};
  if (!ok)
    return ERR_NOMEM;
  if (s->result.operation == OP_WITHDRAW && record_same (&s->present.record, after))
    return ERR_OK;
  return validate (outbox_catalogue (s->o), &s->present.record, after, e->reason, edits_office (s->o),
                   &out->found)
             ? ERR_OK
             : editing_refuse (s->o, after->kind, &out->found, s->fail);
}

static err_t
resolve_once (settling_t *s, editing_t *e, str_t record, kind_t kind, edit_result_t *out)
{
  record_t after;
  err_t err = merge_sides (s, record, kind);
  if (err == ERR_OK && s->choice == CHOICE_VALUES) {
    err = editing_begin (e, s->present.record.kind, s->fail);
    if (err == ERR_OK)
      err = editing_apply (e, &s->result.record, &after, out, s->fail);
    columns_destroy (&e->cs);
    if (err == ERR_OK) {
      s->result.record = after;
      s->result.operation = OP_PUT; /* whoever gives a value means the record to stay */
    }
  }
  if (err == ERR_OK)
    err = judge_result (s, e, out);
  if (err != ERR_OK)
    return err;
  draft_t draft = edits_draft (s->o, &s->present, &s->result.record, clock_wall ());
  draft.operation = s->result.operation;
  draft.settles = s->settles;
  draft.settles_n = s->sides;
  draft.unknown = &s->result.unknown;
  out->changed = true;
  return editing_store (e, &draft, out, s->fail);
}

err_t
edits_resolve (outbox_t *o, str_t record, kind_t kind, const char *const *choice, size_t n, str_t person,
               str_t reason, arena_t *arena, edit_result_t *out, fail_t *fail)
{
  editing_t e = {.o = o, .person = person, .reason = reason, .arena = arena};
  settling_t *s = arena_alloc (arena, sizeof *s);
  choice_t which = CHOICE_VALUES;
  if (s == NULL)
    return ERR_NOMEM;
  if (utf8_blank (reason))
    return fail_set (fail, ERR_USAGE,
                     L ("giải quyết xung đột phải nói vì sao: --reason “…”",
                        "settling a conflict needs a reason: --reason \"…\""));
  if (n == 1 && strcmp (choice[0], "mine") == 0)
    which = CHOICE_MINE;
  else if (n == 1 && strcmp (choice[0], "theirs") == 0)
    which = CHOICE_THEIRS;
  else if (n == 0)
    return fail_set (fail, ERR_USAGE,
                     L ("hãy nêu bên nào đúng: mine, theirs, hoặc cột=giá trị",
                        "say which side is right: mine, theirs, or column=value"));
  else {
    e.pairs = choice;
    e.n = n;
  }
  err_t err = edits_may_write (o, fail);
  if (err == ERR_OK)
    err = edits_check_words (person, reason, fail);
  if (err == ERR_OK)
    err = ERR_EXISTS;
  for (int i = 0; i < EDIT_TRIES && err == ERR_EXISTS; i++) {
    *s = (settling_t){.o = o, .arena = arena, .choice = which, .fail = fail};
    err = resolve_once (s, &e, record, kind, out);
  }
  return err == ERR_EXISTS ? editing_gave_up (fail) : err;
}
