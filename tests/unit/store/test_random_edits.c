/* Random histories of every kind of record and every kind of edit, through the editor, the rules and the
 * book, against the model beside (model.h): each answer of each query, over and over, and a recount.
 *
 * A failure names its seed and step; KC_SEED=n runs that one alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/core/edit.h"
#include "common/core/lists.h"
#include "common/core/unit_events.h"
#include "common/core/validate.h"
#include "common/store/book.h"
#include "common/wire/update_wire.h"
#include "tests/unit/core/small_catalogue.h"
#include "tests/unit/store/model_answers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SEEDS 40u
#define STEPS 250u
#define RECORDS 70u
#define CELLS 16u
#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

static const char catalogue_text[] = SMALL_META
    "[units]\nid,code,name,name_en,type,parent,province,valid_from,valid_to\n"
    "1,52,Trung tâm,Centre,tỉnh,,yes,,\n4,543,Hoài Nhơn,,huyện,1,no,,\n10,549,An Nhơn,,thị xã,1,no,,\n"
    "11,550,Tuy Phước,,huyện,1,no,,\n12,551,Vân Canh,,huyện,1,no,,\n" SMALL_SOURCES SMALL_CATEGORIES
        SMALL_ITEMS SMALL_INDICATORS SMALL_COLUMNS SMALL_TREES;

static const char *const names[] = {"meta", "record", "key", "total"};
static const book_dbs_t dbs = {.meta = 0, .record = 1, .key = 2, .total = 3};

/* ---- the dice ---- */

static uint32_t seed, dice_state, step;

static uint32_t
dice (uint32_t n)
{
  dice_state = dice_state * 1664525u + 1013904223u;
  return (dice_state >> 8) % n;
}

#define PICK(list) (list)[dice (COUNT (list))]
#define AT "seed %" PRIu32 ", step %" PRIu32 ": "

static const char *const years[] = {"2018", "2019", "2020", "2014-2020"};
static const char *const items[] = {"I.1", "IV.8"};
static const char *const units[] = {"543", "549", "550", "551"};
static const char *const communes[] = {"", "Bồng Sơn", "Tam Quan", "Xã Hoài Hảo"};
static const char *const forms[] = {"", "single", "key", "group"};
static const char *const indicators[] = {"I.1", "I.1.a", "BS.15", "BS.17"};
static const char *const funds[] = {"KCQG", "KCĐP"};
static const char *const value_kinds[] = {"plan", "estimate", "actual"};
static const char *const periods[] = {"", "2019", "2019-H1"};
static const char *const services[] = {"5", "5.1"};

/* ---- the real thing ---- */

typedef struct {
  kv_t *kv;
  kv_txn_t *txn;
  book_t *book;
  catalogue_t *c;
  arena_t *arena;
  buf_t bytes;
  uint64_t seq;
  plain_t list[RECORDS];
  record_ref_t ref[RECORDS];
  size_t n;
  uint32_t codes; /* a code of a turn that was dropped is not used again */
  model_events_t events;
} world_t;

static record_t
read_record (world_t *w, size_t i, row_t *row)
{
  update_t u;
  assert_int_equal (book_get (w->book, w->txn, w->ref[i], row), ERR_OK);
  assert_int_equal (update_decode (row->bytes, w->arena, &u, NULL), ERR_OK);
  return u.record;
}

static void
store (world_t *w, size_t i, bool create, const record_t *after, operation_t operation)
{
  row_t row;
  record_t before;
  if (!create)
    before = read_record (w, i, &row);
  update_t u = {
      .version = {{{7}}, ++w->seq}, .id = w->ref[i].id, .home = w->ref[i].home, .operation = operation};
  u.person = STR ("An");
  u.record = *after;
  if (!create)
    u.base = row.version;
  buf_clear (&w->bytes);
  assert_true (update_encode (&u, &w->bytes));
  u.bytes = buf_str (&w->bytes);
  assert_int_equal (
      book_apply (w->book, w->txn, create ? NULL : &row, create ? NULL : &before, &u, w->seq, (wall_t){1}),
      ERR_OK);
}

/* ---- edits ---- */

typedef struct {
  struct {
    char name[32], text[48];
  } at[CELLS];
  size_t n;
} cells_t;

static void
cell (cells_t *cells, const char *name, const char *text)
{
  assert_true (cells->n < CELLS);
  snprintf (cells->at[cells->n].name, sizeof cells->at[0].name, "%s", name);
  snprintf (cells->at[cells->n++].text, sizeof cells->at[0].text, "%s", text);
}

static void
cell_number (cells_t *cells, const char *name, int64_t v)
{
  char text[24] = "";
  if (v != MODEL_NONE)
    snprintf (text, sizeof text, "%" PRId64, v);
  cell (cells, name, text);
}

/* Applies the cells as people do; `allowed` is what the model says of it. */
static void
edit (world_t *w, size_t i, bool create, kind_t kind, const cells_t *cells, bool reason, bool allowed)
{
  cell_t given[CELLS];
  record_t before, after;
  row_t row;
  reasons_t found = {.n = 0};
  const edit_options_t o = {.comment = reason ? STR ("xem lại") : STR_NONE};
  columns_t *cs = columns_new (kind, w->c);
  assert_non_null (cs);
  if (!create)
    before = read_record (w, i, &row);
  for (size_t k = 0; k < cells->n; k++) {
    given[k] = (cell_t){columns_find (cs, str_of (cells->at[k].name)), str_of (cells->at[k].text)};
    assert_true (given[k].column >= 0);
  }
  const bool fine =
      edit_apply (cs, w->c, &o, create ? NULL : &before, given, cells->n, w->arena, &after, &found);
  if (fine != allowed)
    fail_msg (AT "the edit is %s, the model says otherwise (%s)", seed, step, fine ? "taken" : "refused",
              fine ? "" : reason_name (reasons_hard (&found)->code));
  if (fine)
    store (w, i, create, &after, OP_PUT);
  columns_destroy (&cs);
}

static void
pick_amounts (model_amounts_t *a, cells_t *cells, uint32_t chance)
{
  static const char *const prefix[] = {"", "settled_"};
  *a = (model_amounts_t){{{0}}, {{0}}};
  for (int which = 0; which < 2; which++)
    for (int s = 0; s < MODEL_SOURCES; s++) {
      char name[32];
      if (dice (100) >= chance)
        continue;
      a->given[which][s] = true;
      a->value[which][s] = dice (6) == 0 ? MODEL_NONE : (int64_t)dice (5) * 1000;
      snprintf (name, sizeof name, "%s%s_vnd", prefix[which], model_source[s]);
      cell_number (cells, name, a->value[which][s]);
    }
}

static size_t
new_place (world_t *w, const char *unit)
{
  const uint32_t code = ++w->codes;
  unsigned id = 0;
  static const unsigned ids[] = {4, 10, 11, 12};
  for (size_t u = 0; u < COUNT (units); u++)
    if (strcmp (units[u], unit) == 0)
      id = ids[u];
  w->ref[w->n] = (record_ref_t){id == 0 ? 1 : id, {{1}}};
  memcpy (w->ref[w->n].id.b + 8, &code, sizeof code);
  return w->n;
}

static plain_t
blank (plain_kind_t kind)
{
  plain_t p = {
      .kind = kind, .year = PICK (years), .unit = "52", .commune = "", .item = "", .status = "draft"};
  p.form = p.indicator = p.fund = p.value_kind = p.period = p.service = "";
  for (int s = 0; s < MODEL_SOURCES; s++)
    p.plan[s] = p.approved[s] = p.settled[s] = MODEL_NONE;
  p.matching = MODEL_NONE;
  return p;
}

/* ---- schemes ---- */

static void
scheme_fields (plain_t *p, cells_t *cells, uint32_t chance)
{
  if (dice (100) < chance)
    cell (cells, "plan_year", p->year = PICK (years));
  if (dice (100) < chance)
    cell (cells, "item", p->item = PICK (items));
  if (dice (100) < chance)
    cell (cells, "district", p->unit = PICK (units));
  if (dice (100) < chance)
    cell (cells, "commune", p->commune = PICK (communes));
  if (dice (100) < chance)
    cell (cells, "kind", p->form = PICK (forms));
  if (dice (100) < chance)
    cell_number (cells, "matching_vnd", p->matching = dice (4) == 0 ? MODEL_NONE : (int64_t)dice (4) * 500);
}

static void
create_scheme (world_t *w)
{
  plain_t p = blank (PLAIN_SCHEME);
  cells_t cells = {.n = 0};
  model_amounts_t amounts;
  char code[16];
  snprintf (code, sizeof code, "DA-%" PRIu32, w->codes + 1);
  cell (&cells, "code", code);
  cell (&cells, "name", "Máy móc");
  scheme_fields (&p, &cells, 101);
  const char *status = PICK (model_status);
  cell (&cells, "status", status);
  pick_amounts (&amounts, &cells, 40);
  const bool fine = model_edit (&p, true, status, &amounts, false);
  const size_t i = new_place (w, p.unit);
  edit (w, i, true, KIND_SCHEME, &cells, false, fine);
  w->list[i] = p;
  w->n += fine;
}

static void
edit_scheme (world_t *w, size_t i)
{
  plain_t p = w->list[i];
  cells_t cells = {.n = 0};
  model_amounts_t amounts;
  const char *status = dice (2) ? PICK (model_status) : NULL;
  const bool reason = dice (2);
  if (status != NULL)
    cell (&cells, "status", status);
  scheme_fields (&p, &cells, 15);
  pick_amounts (&amounts, &cells, 25);
  const bool fine = model_edit (&p, false, status, &amounts, reason);
  edit (w, i, false, KIND_SCHEME, &cells, reason, fine);
  p.withdrawn = false;
  if (fine)
    w->list[i] = p;
}

/* An entry put into a list, or taken out: no total may move. */
static void
edit_list (world_t *w, size_t i)
{
  row_t row;
  reasons_t found = {.n = 0};
  list_room_t room = {NULL, 0};
  const record_t before = read_record (w, i, &row);
  record_t after = before, line = {.kind = dice (2) ? FORM_LEDGER : FORM_BENEFICIARY};
  const size_t n = list_count (&before.u.scheme, line.kind);
  if (line.kind == FORM_LEDGER)
    line.u.ledger.entry = (ledger_entry_t){.kind = (ledger_kind_t)(1 + dice (4)),
                                           .date = 20190101 + dice (28),
                                           .source = 1 + dice (3),
                                           .amount_vnd = {true, (int64_t)dice (9) * 1000}};
  else
    line.u.beneficiary.entry =
        (beneficiary_t){.name = STR ("Cơ sở"), .support_vnd = {true, (int64_t)dice (9) * 1000}};
  line_set_id (&line, (record_id_t){{1 + (uint8_t)dice (5)}});
  if (n > 0 && dice (3) == 0)
    assert_true (list_drop (&after.u.scheme, line.kind, dice ((uint32_t)n), w->arena));
  else
    assert_true (list_put (&after.u.scheme, &line, &room, w->arena));
  assert_true (validate (w->c, &before, &after, STR_NONE, 0, &found));
  store (w, i, false, &after, OP_PUT);
  w->list[i].withdrawn = false;
}

/* ---- outcomes, consulting and what has no totals ---- */

static void
put_value (plain_t *p, cells_t *cells)
{
  char text[24];
  p->value = dice (20);
  if (model_decimals (p->indicator) == 1)
    snprintf (text, sizeof text, "%" PRId64 ".%" PRId64, p->value / 10, p->value % 10);
  else
    snprintf (text, sizeof text, "%" PRId64, p->value);
  cell (cells, "value", text);
}

static void
create_outcome (world_t *w, const plain_t *like)
{
  plain_t p = like != NULL ? *like : blank (PLAIN_OUTCOME);
  cells_t cells = {.n = 0};
  char code[16];
  if (like == NULL) {
    p.indicator = PICK (indicators);
    p.unit = PICK (units);
    p.period = PICK (periods);
    p.value_kind = PICK (value_kinds);
  }
  const bool by_fund = strncmp (p.indicator, "I.", 2) == 0;
  if (by_fund) /* of a twin, the other fund */
    p.fund = like == NULL ? PICK (funds) : strcmp (like->fund, funds[0]) == 0 ? funds[1] : funds[0];
  snprintf (code, sizeof code, "K-%" PRIu32, w->codes + 1);
  cell (&cells, "scheme_code", code);
  cell (&cells, "indicator", p.indicator);
  cell (&cells, "district", p.unit);
  cell (&cells, "year", p.year);
  cell (&cells, "period", p.period);
  cell (&cells, "value_kind", p.value_kind);
  cell (&cells, "fund", p.fund);
  put_value (&p, &cells);
  const size_t i = new_place (w, p.unit);
  edit (w, i, true, KIND_OUTCOME, &cells, false, true);
  p.withdrawn = false;
  w->list[i] = p;
  w->n++;
}

static void
edit_outcome (world_t *w, size_t i)
{
  plain_t p = w->list[i];
  cells_t cells = {.n = 0};
  const bool plan = strcmp (p.value_kind, "plan") == 0;
  const char *kind = PICK (value_kinds);
  const bool same_key = (strcmp (kind, "plan") == 0) == plan;
  cell (&cells, "value_kind", kind);
  put_value (&p, &cells);
  edit (w, i, false, KIND_OUTCOME, &cells, false, same_key); /* a plan is a figure of its own */
  p.value_kind = kind;
  p.withdrawn = false;
  if (same_key)
    w->list[i] = p;
}

static void
edit_consulting (world_t *w, size_t i, bool create)
{
  plain_t p = create ? blank (PLAIN_CONSULTING) : w->list[i];
  cells_t cells = {.n = 0};
  char code[16];
  snprintf (code, sizeof code, "TV-%" PRIu32, w->codes + 1);
  if (create)
    cell (&cells, "code", code);
  if (create || dice (2))
    cell (&cells, "service", p.service = PICK (services));
  if (create || dice (2))
    cell (&cells, "year", p.year = PICK (years));
  if (create || dice (2))
    cell_number (&cells, "revenue_vnd", p.revenue = (int64_t)dice (5) * 1000);
  if (create)
    i = new_place (w, p.unit);
  edit (w, i, create, KIND_CONSULTING, &cells, false, true);
  p.withdrawn = false;
  w->list[i] = p;
  w->n += create;
}

static void
create_other (world_t *w)
{
  plain_t p = blank (PLAIN_OTHER);
  cells_t cells = {.n = 0};
  char no[16];
  snprintf (no, sizeof no, "%" PRIu32, w->codes + 1);
  cell (&cells, "no", no);
  cell (&cells, "title", "Quyết định");
  cell (&cells, "status", "issued");
  const size_t i = new_place (w, p.unit);
  edit (w, i, true, KIND_DOCUMENT, &cells, false, true);
  w->list[i] = p;
  w->n++;
}

static void
withdraw (world_t *w, size_t i)
{
  row_t row;
  const record_t r = read_record (w, i, &row);
  store (w, i, false, &r, w->list[i].withdrawn ? OP_PUT : OP_WITHDRAW);
  w->list[i].withdrawn = !w->list[i].withdrawn;
}

/* ---- offices ---- */

static void
office_event (world_t *w)
{
  static const str_t merged[] = {{"550", 3}}, split[] = {{"543", 3}}, abolished[] = {{"551", 3}};
  const successor_t into[] = {{.code = STR ("549")}};
  const successor_t parts[] = {{STR ("21907"), STR ("phường"), STR ("Bồng Sơn"), STR ("Bồng Sơn;Tam Quan")},
                               {STR ("21910"), STR ("phường"), STR ("Hoài Nhơn"), STR_NONE}};
  const unit_change_t changes[] = {
      {.event = EVENT_MERGE, .on = 20250701, .offices = merged, .offices_n = 1, .into = into, .into_n = 1},
      {.event = EVENT_SPLIT,
       .on = 20250701,
       .offices = split,
       .offices_n = 1,
       .into = parts,
       .into_n = 2,
       .heir = STR ("21910")},
      {.event = EVENT_ABOLISH, .on = 20250701, .offices = abolished, .offices_n = 1, .heir = STR ("549")},
  };
  bool *const done[] = {&w->events.merged, &w->events.split, &w->events.abolished};
  const uint32_t which = dice (3);
  buf_t next = BUF_INIT;
  bool changed = false;
  fail_t fail = {0};
  if (*done[which])
    return;
  if (unit_change_apply (w->c, &changes[which], &next, &changed, &fail) != ERR_OK || !changed)
    fail_msg (AT "the event is refused: %s", seed, step, fail.text);
  catalogue_t *c = catalogue_parse (buf_str (&next), 2, &fail);
  assert_non_null (c);
  catalogue_destroy (&w->c);
  w->c = c;
  *done[which] = true;
  buf_free (&next);
}

/* ---- comparing ---- */

static void
no_finding (void *ctx, const char *thing, str_t name, const char *what)
{
  (void)ctx;
  fail_msg (AT "verify: %s %.*s: %s", seed, step, thing, STR_ARG (name), what);
}

static void
compare (world_t *w, bool recount)
{
  uint64_t n = 0;
  char why[400];
  assert_int_equal (kv_begin (w->kv, false, &w->txn), ERR_OK);
  if (!model_agrees (w->book, w->txn, w->c, w->list, w->n, &w->events, why, sizeof why))
    fail_msg (AT "%s", seed, step, why);
  if (recount)
    assert_int_equal (book_verify (w->book, w->txn, w->c, no_finding, NULL, &n), ERR_OK);
  kv_abort (&w->txn);
}

/* ---- a history ---- */

static void
one_edit (world_t *w)
{
  arena_reset (w->arena);
  if (w->n + 2 < RECORDS && (w->n < 6 || dice (5) == 0)) {
    const uint32_t what = dice (10);
    if (what < 5)
      create_scheme (w);
    else if (what < 8)
      create_outcome (w, NULL);
    else if (what == 8)
      edit_consulting (w, 0, true);
    else
      create_other (w);
    return;
  }
  if (w->n == 0)
    return;
  const size_t i = dice ((uint32_t)w->n);
  const plain_t now = w->list[i];
  if (dice (6) == 0) {
    withdraw (w, i);
    if (now.kind == PLAIN_OUTCOME && !now.withdrawn && now.fund[0] != '\0' && w->n + 2 < RECORDS && dice (2))
      create_outcome (w, &now); /* a figure entered under the wrong fund */
  } else if (now.kind == PLAIN_SCHEME && dice (5) == 0)
    edit_list (w, i);
  else if (now.kind == PLAIN_SCHEME)
    edit_scheme (w, i);
  else if (now.kind == PLAIN_OUTCOME)
    edit_outcome (w, i);
  else if (now.kind == PLAIN_CONSULTING)
    edit_consulting (w, i, false);
  else
    withdraw (w, i);
}

/* A few edits in one transaction, which is then kept or dropped as one. */
static void
one_turn (world_t *w)
{
  static plain_t kept[RECORDS];
  const size_t n = w->n;
  const uint32_t edits = 1 + dice (4);
  memcpy (kept, w->list, sizeof kept);
  assert_int_equal (kv_begin (w->kv, true, &w->txn), ERR_OK);
  for (uint32_t i = 0; i < edits; i++, step++)
    one_edit (w);
  if (dice (12) == 0) {
    kv_abort (&w->txn);
    memcpy (w->list, kept, sizeof kept);
    w->n = n;
  } else {
    assert_int_equal (book_flush (w->book, w->txn), ERR_OK);
    assert_int_equal (kv_commit (&w->txn), ERR_OK);
  }
  book_reset (w->book);
}

static void
rebuild (world_t *w)
{
  book_destroy (&w->book);
  w->book = book_new (dbs); /* as after a restart */
  assert_non_null (w->book);
  assert_int_equal (kv_begin (w->kv, true, &w->txn), ERR_OK);
  assert_int_equal (book_rebuild_totals (w->book, w->txn), ERR_OK);
  assert_int_equal (kv_commit (&w->txn), ERR_OK);
}

static void
history (void)
{
  static world_t world;
  world_t *w = &world;
  const kv_options_t o = {.db_names = names, .db_n = COUNT (names), .create = true};
  fail_t fail = {0};
  *w = (world_t){.arena = arena_new (16u << 20), .c = catalogue_parse (STR (catalogue_text), 1, &fail)};
  if (w->c == NULL)
    fail_msg ("%s", fail.text);
  assert_non_null (w->arena);
  assert_int_equal (kv_open_mem (&o, &w->kv), ERR_OK);
  rebuild (w);
  dice_state = seed * 2654435761u;
  for (step = 0; step < STEPS;) {
    const uint32_t before = step;
    one_turn (w);
    if (dice (40) == 0)
      office_event (w);
    if (step / 25 != before / 25)
      compare (w, step / 100 != before / 100);
  }
  compare (w, true);
  rebuild (w);
  compare (w, true);
  book_destroy (&w->book);
  kv_close (&w->kv);
  catalogue_destroy (&w->c);
  arena_destroy (&w->arena);
  buf_free (&w->bytes);
}

static void
random_histories (void **state)
{
  (void)state;
  const char *one = getenv ("KC_SEED");
  const uint32_t first = one != NULL ? (uint32_t)strtoul (one, NULL, 10) : 1;
  for (seed = first; seed < first + (one != NULL ? 1 : SEEDS); seed++)
    history ();
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (random_histories)};
  return cmocka_run_group_tests (tests, NULL, NULL);
}
