/* test_merge_kinds.c - what the centre makes of records of every kind that several PCs write without hearing
 * of each other, against a merge of our own that knows a record as a set of named texts (core/merge_model.h).
 *
 *   both_orders   chains of edits on a common record, or on one that each PC entered itself, reach two
 * centres in two orders: each says what the model says, and where neither found a clash, both hold one state
 * in the end. Edits that write what nobody else writes are a history of their own kind: equal changes count
 * once, so what is written, taken back and written by another depends on the order by its nature. hearing one
 * centre, whose decisions the PCs hear now and then, settle, and write on
 *
 * After every history: what anybody wrote stands, or is parked, or was replaced by somebody who had seen it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/ledger/conflicts.h"
#include "common/wire/update_wire.h"
#include "tests/unit/collector/fixture.h"
#include "tests/unit/collector/valid_edits.h"
#include "tests/unit/core/merge_model.h"
#include "tests/unit/core/small_catalogue.h"

#define AN_NHON 10u
#define CENTRE 1u
#define CENTRES 2u
#define AUTHORS 3u
#define KEYS 60u
#define VERSIONS_MAX 64 /* a bit each */

typedef enum { WAITS, TAKEN, MERGED, PARKED, ALIAS } became_t;
static const char *const words[] = {"not there", "", "merged", "parked", "alias"};

/* An update of an author; or, of one centre, the outcome of a merge. */
typedef struct {
  update_t update;
  state_t state;
  unsigned author;
  int base;               /* as its author named it; -1: made from nothing */
  uint64_t settles, seen; /* seen: versions its author knew of, itself too */
  version_t name[CENTRES];
  became_t became[CENTRES];
  bool standing[CENTRES];
  int effective[CENTRES]; /* what it was judged against */
} version_row_t;

typedef struct {
  ledger_t *l;
  peer_t peer[2 * AUTHORS - 1]; /* two PCs of the office, three of the province */
  int current;
  unsigned author_of_id;
  int next[AUTHORS]; /* what it has of each author's updates so far */
} centre_t;

static centre_t centre[CENTRES];
static version_row_t version[VERSIONS_MAX];
static int versions;
static int view[AUTHORS];       /* the version each would edit on; -1: none */
static unsigned id_of[AUTHORS]; /* under whose id it knows the record */
static size_t kind;
static unsigned number; /* its natural key is made of */
static editor_t editor;
static uint64_t first_seed; /* of the history that runs */

static unsigned
chance (unsigned n)
{
  return editor_chance (&editor, n);
}

/* What came of the field, for who looks into it. */
static void
tell (const char *name)
{
  for (int i = 0; i < versions; i++) {
    const version_row_t *v = &version[i];
    print_error ("  %2d by %u on %2d: %s/%s '%s'%s%s\n", i, v->author, v->base, words[v->became[0]],
                 words[v->became[1]], look (&v->state, name), v->standing[0] ? " stands" : "",
                 v->standing[1] ? " stands there" : "");
  }
  print_error ("  current: %d and %d\n", centre[0].current, centre[1].current);
}

_Noreturn static void
wrong (const char *what, const char *detail)
{
  print_error ("%s: %s (%s; again: KC_SEED=%llu %s)\n", kind_name (model_kinds[kind].kind), what, detail,
               (unsigned long long)first_seed, "tests/test_merge_kinds");
  tell (detail);
  fail ();
  abort ();
}

/* ---- the model ---- */

static const state_t nothing;

static const state_t *
state_of (int at)
{
  return at >= 0 ? &version[at].state : &nothing;
}

static int
model_base (unsigned c, int from, int *replaces)
{
  *replaces = -1;
  if (from < 0 || version[from].became[c] != PARKED || !version[from].standing[c])
    return from;
  *replaces = from;
  return version[from].effective[c];
}

static void
model_taken (unsigned c, int at, int replaces)
{
  if (replaces >= 0)
    version[replaces].standing[c] = false;
  for (int i = 0; i < versions && version[at].became[c] != PARKED; i++)
    if (version[at].settles >> i & 1)
      version[i].standing[c] = false;
}

static int
version_add (void)
{
  assert_true (versions < VERSIONS_MAX);
  memset (&version[versions], 0, sizeof version[0]);
  version[versions].seen = UINT64_C (1) << versions;
  return versions++;
}

static void
model_judge (unsigned c, int at)
{
  static expected_t merged;
  centre_t *m = &centre[c];
  version_row_t *u = &version[at];
  int replaces, base = model_base (c, u->base, &replaces);
  const bool other_id = m->current >= 0 && id_of[u->author] != m->author_of_id && base < 0;
  if (m->current < 0)
    m->author_of_id = id_of[u->author];
  u->became[c] = TAKEN;
  u->effective[c] = base;
  if (m->current < 0 || (base == m->current && id_of[u->author] == m->author_of_id)) {
    m->current = at;
    model_taken (c, at, replaces);
    return;
  }
  const state_t *now = state_of (m->current);
  model_merge (state_of (base), now, &u->state, false, &merged);
  u->became[c] = MERGED;
  if (merged.clashes > 0) {
    u->became[c] = PARKED;
    u->standing[c] = true;
  } else if (!same_state (&merged.result, now)) {
    const int result = version_add ();
    version[result].state = merged.result;
    version[result].seen |= u->seen | version[m->current].seen;
    version[result].became[c] = TAKEN;
    version[result].author = AUTHORS;
    m->current = result;
  } else if (other_id && replaces < 0 && same_state (&u->state, now)) {
    u->became[c] = ALIAS;
  }
  model_taken (c, at, replaces);
}

/* ---- what nobody may lose ---- */

/* Taken back before it ever stood, a value is not written: what counts is what an update says beside the
 * state that it was judged against. */

static bool
told_of (unsigned c, const char *name, const char *text)
{
  if (strcmp (look (state_of (centre[c].current), name), text) == 0)
    return true;
  for (int i = 0; i < versions; i++) {
    const version_row_t *v = &version[i];
    if (v->author == AUTHORS || v->became[c] == WAITS)
      continue;
    if (v->standing[c] && strcmp (look (&v->state, name), text) == 0)
      return true;
    for (int k = 0; k < versions; k++) /* it was seen by who wrote something else */
      if (k != i && (v->seen >> k & 1) != 0 && strcmp (look (&version[k].state, name), text) == 0 &&
          strcmp (look (&v->state, name), text) != 0)
        return true;
  }
  return false;
}

static void
nothing_vanished (unsigned c)
{
  for (int at = 0; at < versions; at++) {
    const version_row_t *v = &version[at];
    if (v->author == AUTHORS || v->became[c] == WAITS)
      continue;
    const state_t *base = state_of (v->effective[c]), *both[] = {base, &v->state};
    for (size_t s = 0; s < 2; s++)
      for (size_t i = 0; i < both[s]->n; i++) {
        const char *name = both[s]->at[i].name, *text = look (&v->state, name);
        if (strcmp (look (base, name), text) != 0 && !told_of (c, name, text))
          wrong ("what somebody wrote has vanished", name);
      }
  }
}

/* ---- comparing ---- */

static bool
provincial (void)
{
  const kind_t k = model_kinds[kind].kind;
  return k == KIND_CONSULTING || k == KIND_STAFF || k == KIND_DOCUMENT;
}

static record_ref_t
ref_of (unsigned author)
{
  const model_kind_t *k = &model_kinds[kind];
  record_ref_t ref = {version[0].update.home, {{(uint8_t)k->kind, (uint8_t)number, [14] = (uint8_t)author}}};
  return ref;
}

typedef struct {
  unsigned centre;
  int found;
} standing_t;

static err_t
find_standing (void *ctx, const conflict_t *row)
{
  standing_t *s = ctx;
  s->found++;
  for (int i = 0; i < versions; i++)
    if (version[i].standing[s->centre] && version_eq (version[i].name[s->centre], row->version))
      return ERR_OK;
  wrong ("a side is parked that the model has none of", "");
}

static void
compare (unsigned c)
{
  static state_t got;
  centre_t *m = &centre[c];
  kv_txn_t *txn = NULL;
  row_t row;
  update_t u;
  standing_t parked = {.centre = c};
  int standing = 0;
  arena_t *arena = arena_new (UPDATE_ROOM);
  const record_ref_t ref = ref_of (m->author_of_id);
  version_row_t *v = &version[m->current];
  assert_int_equal (kv_begin (ledger_kv (m->l), false, &txn), ERR_OK);
  assert_int_equal (book_get (ledger_book (m->l), txn, ref, &row), ERR_OK);
  assert_int_equal (update_decode (row.bytes, arena, &u, NULL), ERR_OK);
  say_all (&got, &u.record, kind, u.operation, u.unknown);
  for (size_t i = 0; i < v->state.n; i++)
    if (strcmp (look (&got, v->state.at[i].name), v->state.at[i].text) != 0)
      wrong ("what stands is another state", v->state.at[i].name);
  if (!same_state (&got, &v->state))
    wrong ("what stands says more", "");
  if (v->name[c].seq == 0)
    v->name[c] = row.version;
  if (!version_eq (v->name[c], row.version))
    wrong ("another version stands", "");
  assert_int_equal (conflicts_each (txn, &ref.id, find_standing, &parked), ERR_OK);
  for (int i = 0; i < versions; i++)
    standing += version[i].standing[c];
  if (parked.found != standing)
    wrong ("fewer sides are parked than the model has", "");
  kv_abort (&txn);
  arena_destroy (&arena);
}

/* ---- what happens ---- */

static peer_t *
peer_of (unsigned c, unsigned author)
{
  return &centre[c].peer[provincial () ? author + 2 : author];
}

/* settle: it decides whatever is parked at the first centre. */
static void
write_version (unsigned author, int base, const update_t *u, bool settle, size_t centres)
{
  const int at = version_add ();
  version_row_t *v = &version[at];
  version_t settles[SETTLES_MAX];
  v->update = *u;
  v->update.id = ref_of (id_of[author]).id;
  v->author = author;
  v->base = base;
  if (base >= 0)
    v->seen |= version[base].seen;
  say_all (&v->state, &u->record, kind, u->operation, u->unknown);
  for (unsigned c = 0; c < centres; c++) {
    update_t sent = v->update;
    sent.base = base >= 0 ? version[base].name[c] : (version_t){.seq = 0};
    sent.settles = settles;
    sent.settles_n = 0;
    for (int i = 0; i < at && settle && sent.settles_n < SETTLES_MAX; i++)
      if (version[i].standing[c]) {
        v->settles |= UINT64_C (1) << i;
        v->seen |= version[i].seen;
        settles[sent.settles_n++] = version[i].name[c];
      }
    peer_t *p = peer_of (c, author);
    v->name[c] = (version_t){p->store, peer_add (p, &sent)};
  }
  view[author] = at;
}

static void
edit_on (unsigned author, unsigned times, bool settle, size_t centres)
{
  update_t u = version[view[author]].update;
  if (editor.unique && u.operation == OP_WITHDRAW)
    return; /* brought back, it would be what it was */
  for (unsigned i = 0; i < times; i++)
    valid_edit (&editor, &u);
  if (version[view[author]].update.operation == OP_WITHDRAW)
    u.operation = OP_PUT; /* nobody withdraws what is withdrawn */
  write_version (author, view[author], &u, settle, centres);
}

static bool
deliver (unsigned c, unsigned author)
{
  centre_t *m = &centre[c];
  int at = m->next[author];
  while (at < versions && version[at].author != author)
    at++;
  if (at == versions)
    return false;
  m->next[author] = at + 1;
  model_judge (c, at);
  peer_t *p = peer_of (c, author);
  const uint64_t seq = version[at].name[c].seq;
  assert_int_equal (peer_send (p, m->l, seq, seq).err, ERR_OK);
  const char *verdict = verdict_of (m->l, p, seq);
  if (strcmp (verdict, words[version[at].became[c]]) != 0)
    wrong (verdict, words[version[at].became[c]]);
  compare (c);
  return true;
}

static void
begin_history (uint64_t seed)
{
  first_seed = seed;
  editor.seed = seed * UINT64_C (0x9e3779b97f4a7c15) | 1;
  editor.unique = chance (2);
  editor.number = 0;
  arena_reset (editor.arena);
  versions = 0;
  for (unsigned c = 0; c < CENTRES; c++) {
    centre[c].current = -1;
    memset (centre[c].next, 0, sizeof centre[c].next);
  }
}

/* Entered by one and heard by all, or by each under an id of its own. */
static void
enter (bool by_each, size_t centres)
{
  update_t u;
  valid_record (&editor, model_kinds[kind].kind, number, provincial () ? CENTRE : AN_NHON, &u);
  u.comment = STR ("lý do");
  for (unsigned a = 0; a < AUTHORS; a++) {
    id_of[a] = by_each ? a : 0;
    view[a] = 0;
    if (!by_each && a > 0)
      continue;
    update_t own = u;
    for (unsigned i = by_each ? chance (3) : 6; i > 0; i--)
      valid_edit (&editor, &own);
    own.operation = OP_PUT;
    write_version (a, -1, &own, false, centres);
  }
  for (unsigned c = 0; c < centres && !by_each; c++)
    deliver (c, 0);
}

static void
finish_history (size_t centres)
{
  for (unsigned c = 0; c < centres; c++) {
    for (unsigned left = AUTHORS; left > 0;) {
      const unsigned a = chance (AUTHORS);
      if (deliver (c, a))
        left = AUTHORS;
      else
        left -= a == left - 1;
    }
    nothing_vanished (c);
  }
}

static unsigned met[CENTRES][ALIAS + 1], clean;

static void
both_orders_once (uint64_t seed)
{
  begin_history (seed);
  enter (chance (3) == 0, CENTRES);
  for (unsigned a = 0; a < AUTHORS; a++)
    for (unsigned n = chance (4); n > 0; n--)
      edit_on (a, 1 + chance (2), false, CENTRES);
  finish_history (CENTRES);
  bool parked = false;
  for (int i = 0; i < versions; i++)
    for (unsigned c = 0; c < CENTRES; c++) {
      met[c][version[i].became[c]]++;
      parked = parked || version[i].became[c] == PARKED;
    }
  if (parked || !editor.unique)
    return;
  clean++;
  if (!same_state (state_of (centre[0].current), state_of (centre[1].current)))
    wrong ("two orders, and two states", "");
}

static void
hear (unsigned author)
{
  centre_t *m = &centre[0];
  for (int i = m->next[author]; i < versions; i++)
    if (version[i].author == author)
      return; /* it has something under way */
  const int at = m->current;
  view[author] = at;
  if (version[at].author != AUTHORS)
    return;
  kv_txn_t *txn = NULL; /* a merged state, as it comes down */
  row_t row;
  assert_int_equal (kv_begin (ledger_kv (m->l), false, &txn), ERR_OK);
  assert_int_equal (book_get (ledger_book (m->l), txn, ref_of (m->author_of_id), &row), ERR_OK);
  const str_t bytes = arena_str (editor.arena, row.bytes);
  assert_int_equal (update_decode (bytes, editor.arena, &version[at].update, NULL), ERR_OK);
  kv_abort (&txn);
}

static void
hearing_once (uint64_t seed)
{
  begin_history (seed);
  enter (chance (3) == 0, 1);
  if (centre[0].current < 0)
    deliver (0, chance (AUTHORS));
  for (unsigned step = 0; step < 120 && versions < VERSIONS_MAX / 2; step++) {
    const unsigned a = chance (AUTHORS), what = chance (8);
    if (what < 3)
      edit_on (a, 1 + chance (2), false, 1);
    else if (what < 6)
      (void)deliver (0, a);
    else if (what == 6)
      hear (a);
    else {
      hear (a);
      if (view[a] == centre[0].current)
        edit_on (a, 1, true, 1);
    }
  }
  finish_history (1);
}

/* ---- running ---- */

static int
set_up (void **state)
{
  (void)state;
  editor.arena = arena_new ((size_t)32 << 20);
  for (unsigned c = 0; c < CENTRES; c++) {
    centre[c].l = fixture_ledger_of (STR (SMALL_CATALOGUE SMALL_TREES));
    for (unsigned i = 0; i < 2 * AUTHORS - 1; i++)
      peer_open (&centre[c].peer[i], centre[c].l, i < 2 ? AN_NHON : CENTRE,
                 i < 2 ? ROLE_OFFICE : ROLE_PROVINCE);
  }
  return editor.arena != NULL ? 0 : -1;
}

static int
tear_down (void **state)
{
  (void)state;
  for (unsigned c = 0; c < CENTRES; c++) {
    for (unsigned i = 0; i < 2 * AUTHORS - 1; i++)
      peer_close (&centre[c].peer[i]);
    ledger_close (&centre[c].l);
  }
  arena_destroy (&editor.arena);
  return 0;
}

/* KC_SEED: that history alone; KC_SEEDS: so many of each kind instead of those of every run. */
static void
histories (void (*one) (uint64_t seed), unsigned each)
{
  const char *only = getenv ("KC_SEED"), *more = getenv ("KC_SEEDS");
  if (more != NULL)
    each = (unsigned)strtoul (more, NULL, 10);
  for (uint64_t i = 0; i < (uint64_t)each * MODEL_KINDS; i++) {
    kind = (size_t)(i % MODEL_KINDS);
    number = (unsigned)(i / MODEL_KINDS % KEYS);
    if (number == 0 && i >= MODEL_KINDS && kind == 0) { /* the keys are used up */
      (void)tear_down (NULL);
      assert_int_equal (set_up (NULL), 0);
    }
    if (only == NULL || strtoull (only, NULL, 10) == i + 1)
      one (i + 1);
  }
}

static void
all_is_right (void)
{
  buf_t things = BUF_INIT;
  for (unsigned c = 0; c < CENTRES; c++)
    if (fixture_verify (centre[c].l, &things) != 0)
      fail_msg ("%s", buf_z (&things));
  buf_free (&things);
}

static void
test_both_orders (void **state)
{
  (void)state;
  histories (both_orders_once, 60);
  all_is_right ();
  if (getenv ("KC_SEED") != NULL)
    return;
  for (unsigned c = 0; c < CENTRES; c++)
    for (became_t b = TAKEN; b <= ALIAS; b++)
      assert_true (met[c][b] > 10); /* else this proves less than it says */
  assert_true (clean > 20);
}

static void
test_hearing (void **state)
{
  (void)state;
  histories (hearing_once, 25);
  all_is_right ();
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (test_both_orders, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_hearing, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
