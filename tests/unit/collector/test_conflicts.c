/* test_conflicts.c - two PCs of an office and the province edit the same few records off line: what the
 * centre makes of it against a model of PROTOCOL 5 that knows a state as a handful of numbers. What the model
 * has no room for is in test_conflict_rules.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/conflicts.h"
#include "collector/ledger/snapshot.h"
#include "common/wire/update_wire.h"
#include "tests/unit/collector/fixture.h"

#define AN_NHON 10u
#define CENTRE 1u
#define AUTHORS 3u
#define RECORDS 3u
#define FIELDS 5u
#define VERSIONS_MAX 4000

static ledger_t *l;
static peer_t peer[AUTHORS];

/* ---- chance ---- */

static uint64_t seed;

static unsigned
chance (unsigned n)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (unsigned)(seed >> 11) % n;
}

/* ---- the model ---- */

typedef struct {
  unsigned f[FIELDS]; /* 0: absent; f[0] absent is against the rules */
  bool withdrawn;
} state_t;

typedef enum { TAKEN, MERGED, PARKED, ALIAS, REFUSED } became_t;

typedef struct {
  version_t name;
  state_t state;
  became_t became;
  bool standing; /* parked, undecided */
  int base;      /* as the author named it; -1: none */
  int effective; /* of a parked one: what it was merged against */
  unsigned record;
} version_row_t;

static version_row_t version[VERSIONS_MAX];
static int versions;

typedef struct {
  int current; /* -1: not there */
  unsigned id; /* whose create it was: author number */
} record_row_t;
static record_row_t record[RECORDS];

/* What an author knows of a record: the version it would edit on. */
typedef struct {
  bool knows;
  unsigned id;
  int at;
  state_t state;
} view_t;
static view_t view[AUTHORS][RECORDS];

/* Updates made and not sent: their versions' numbers. */
static int pending[AUTHORS][200];
static size_t pending_n[AUTHORS];
static unsigned under[VERSIONS_MAX]; /* the id it was made under */
static int settles[VERSIONS_MAX][SETTLES_MAX];
static uint32_t settles_n[VERSIONS_MAX];

static bool
state_same (const state_t *a, const state_t *b)
{
  return memcmp (a->f, b->f, sizeof a->f) == 0 && a->withdrawn == b->withdrawn;
}

/* A bit for each clash; FIELDS is the withdrawal's. */
static unsigned
model_merge (const state_t *b, const state_t *x, const state_t *y, bool second, state_t *out)
{
  static const state_t none;
  unsigned clashes = 0;
  const bool nothing = b == NULL;
  if (nothing)
    b = &none;
  *out = *x;
  for (unsigned i = 0; i < FIELDS; i++) {
    if (x->f[i] == y->f[i] || y->f[i] == b->f[i])
      continue;
    if (x->f[i] != b->f[i])
      clashes |= 1u << i;
    if (x->f[i] == b->f[i] || second)
      out->f[i] = y->f[i];
  }
  if (x->withdrawn != y->withdrawn) {
    const bool x_changed = nothing || !state_same (b, x), y_changed = nothing || !state_same (b, y);
    if (x_changed && y_changed)
      clashes |= 1u << FIELDS;
    if (y_changed && (!x_changed || second))
      out->withdrawn = y->withdrawn;
  }
  return clashes;
}

static int
version_add (unsigned of, const state_t *s, int base)
{
  assert_true (versions < VERSIONS_MAX);
  version_row_t *v = &version[versions];
  *v = (version_row_t){.state = *s, .base = base, .effective = -1, .record = of};
  settles_n[versions] = 0;
  return versions++;
}

/* Walks to what an update goes back to. */
static int
model_base (int from, int *replaces)
{
  *replaces = -1;
  while (from >= 0) {
    const version_row_t *v = &version[from];
    if (v->became == REFUSED)
      from = v->base;
    else if (v->became == PARKED && v->standing) {
      *replaces = from;
      return v->effective;
    } else
      return from;
  }
  return -1;
}

static bool
breaks_rules (const version_row_t *u, int base)
{
  const state_t *b = base >= 0 ? &version[base].state : NULL;
  if (u->state.withdrawn && b != NULL) {
    if (b->withdrawn && settles_n[u - version] == 0) /* a settlement may leave it withdrawn */
      return true;
    return memcmp (b->f, u->state.f, sizeof b->f) != 0 && u->state.f[0] == 0;
  }
  return u->state.f[0] == 0;
}

static void
model_taken (int at, int replaces)
{
  if (replaces >= 0)
    version[replaces].standing = false;
  for (uint32_t i = 0; i < settles_n[at] && version[at].became != PARKED; i++)
    version[settles[at][i]].standing = false;
}

static void
model_judge (int at)
{
  version_row_t *u = &version[at];
  record_row_t *r = &record[u->record];
  int replaces, base = model_base (u->base, &replaces);
  const bool other_id = r->current >= 0 && under[at] != r->id;
  const bool first_of_id = other_id && base < 0 && replaces < 0;
  u->became = REFUSED;
  if (r->current < 0 && u->state.withdrawn)
    return;
  if (breaks_rules (u, replaces >= 0 ? replaces : base)) /* by what its author saw */
    return;
  if (r->current < 0 || (base == r->current && !other_id)) {
    if (r->current < 0)
      r->id = under[at];
    u->became = TAKEN;
    r->current = at;
    model_taken (at, replaces);
    return;
  }
  state_t merged;
  const state_t *now = &version[r->current].state;
  const unsigned clashes =
      model_merge (base >= 0 ? &version[base].state : NULL, now, &u->state, false, &merged);
  u->became = MERGED;
  if (clashes != 0) {
    u->became = PARKED;
    u->standing = true;
    u->effective = base;
  } else if (!state_same (&merged, now)) {
    r->current = version_add (u->record, &merged, r->current);
    version[r->current].became = TAKEN;
  } else if (first_of_id && state_same (&u->state, now))
    u->became = ALIAS;
  model_taken (at, replaces);
}

/* ---- the same as records ---- */

static update_t
update_of (int at)
{
  static char text[FIELDS][8];
  const version_row_t *v = &version[at];
  update_t u = scheme_update (AN_NHON, v->record + 1, STATUS_APPROVED, 0,
                              v->base >= 0 ? version[v->base].name : (version_t){.seq = 0});
  scheme_t *s = &u.record.u.scheme;
  str_t *const texts[] = {&s->name, &s->note, &s->commune, &s->implementer};
  u.id.b[14] = (uint8_t)under[at];
  u.operation = v->state.withdrawn ? OP_WITHDRAW : OP_PUT;
  for (unsigned i = 0; i < 4; i++) {
    snprintf (text[i], sizeof text[i], "chữ%u", v->state.f[i]);
    *texts[i] = v->state.f[i] != 0 ? str_of (text[i]) : STR_NONE;
  }
  s->funding_n = v->state.f[4] != 0;
  s->funding[0].planned_vnd = s->funding[0].approved_vnd = (opt_i64_t){true, v->state.f[4]};
  return u;
}

static unsigned
number_of (str_t text)
{
  return text.n == 0 ? 0 : (unsigned)(text.p[text.n - 1] - '0');
}

static state_t
state_of (const update_t *u)
{
  const scheme_t *s = &u->record.u.scheme;
  return (state_t){{number_of (s->name), number_of (s->note), number_of (s->commune),
                    number_of (s->implementer),
                    s->funding_n > 0 ? (unsigned)s->funding[0].approved_vnd.v : 0},
                   u->operation == OP_WITHDRAW};
}

static record_ref_t
ref_of (unsigned of)
{
  update_t u = scheme_update (AN_NHON, of + 1, STATUS_APPROVED, 0, (version_t){.seq = 0});
  u.id.b[14] = (uint8_t)record[of].id;
  return (record_ref_t){AN_NHON, u.id};
}

/* ---- comparing ---- */

static void
compare_record (unsigned of)
{
  kv_txn_t *txn = fixture_reading (l);
  row_t row;
  update_t u;
  arena_t *arena = arena_new (UPDATE_ROOM);
  err_t err = book_get (ledger_book (l), txn, ref_of (of), &row);
  assert_int_equal (err, record[of].current >= 0 ? ERR_OK : ERR_NOT_FOUND);
  if (err == ERR_OK) {
    version_row_t *v = &version[record[of].current];
    assert_int_equal (update_decode (row.bytes, arena, &u, NULL), ERR_OK);
    const state_t s = state_of (&u);
    assert_true (state_same (&s, &v->state));
    assert_int_equal (row.withdrawn, s.withdrawn);
    assert_true (version_eq (u.version, row.version));
    if (v->name.seq == 0)
      v->name = row.version;
    assert_true (version_eq (v->name, row.version));
    arena_reset (arena);
    assert_int_equal (ledger_version_state (l, txn, row.version, arena, &u), ERR_OK);
  }
  kv_abort (&txn);
  arena_destroy (&arena);
}

static err_t
find_standing (void *ctx, const conflict_t *c)
{
  size_t *n = ctx;
  ++*n;
  for (int i = 0; i < versions; i++)
    if (version[i].standing && version_eq (version[i].name, c->version))
      return ERR_OK;
  fail_msg ("%s", "a side is parked that the model has none of");
  return ERR_OK;
}

static size_t
standing_of (int of)
{
  size_t n = 0;
  for (int i = 0; i < versions; i++)
    n += version[i].standing && (of < 0 || version[i].record == (unsigned)of);
  return n;
}

static void
compare (void)
{
  for (unsigned i = 0; i < RECORDS; i++)
    compare_record (i);
  size_t found = 0;
  uint64_t n;
  kv_txn_t *txn = fixture_reading (l);
  assert_int_equal (conflicts_each (txn, NULL, find_standing, &found), ERR_OK);
  assert_int_equal (conflicts_count (txn, UINT64_MAX, &n), ERR_OK);
  kv_abort (&txn);
  assert_int_equal (found, standing_of (-1));
  assert_int_equal (n, found);
}

/* ---- what happens ---- */

static state_t
other_state (state_t s)
{
  const unsigned i = chance (FIELDS + 1);
  if (i == FIELDS && !s.withdrawn && chance (3) == 0)
    s.withdrawn = true;
  else {
    s.withdrawn = false; /* entered again: brought back */
    if (i < FIELDS)
      s.f[i] = i == 0 && chance (5) > 0 ? 1 + chance (3) : chance (4);
  }
  return s;
}

static void
write_update (unsigned author, unsigned of, const state_t *s)
{
  view_t *w = &view[author][of];
  const int at = version_add (of, s, w->knows ? w->at : -1);
  if (!w->knows)
    w->id = author + 1;
  under[at] = w->id;
  version[at].name = (version_t){peer[author].store, peer[author].seq + 1};
  version[at].became = TAKEN; /* as far as its author knows */
  w->knows = true;
  w->at = at;
  w->state = *s;
  pending[author][pending_n[author]++] = at;
}

static void
add_to_stream (unsigned author, int at)
{
  version_t named[SETTLES_MAX];
  update_t u = update_of (at);
  for (uint32_t i = 0; i < settles_n[at]; i++)
    named[i] = version[settles[at][i]].name;
  u.settles = named;
  u.settles_n = settles_n[at];
  peer_add (&peer[author], &u);
}

static void
edit_offline (unsigned author)
{
  const unsigned of = chance (RECORDS);
  view_t *w = &view[author][of];
  if (pending_n[author] == 100)
    return;
  const state_t fresh = {{1 + chance (2), chance (2), 0, 0, 1}, false};
  const state_t s = w->knows ? other_state (w->state) : fresh;
  write_update (author, of, &s);
  add_to_stream (author, versions - 1);
}

static const char *const words[] = {"", "merged", "parked", "alias", "refused"};

static void
send_all (unsigned author)
{
  const size_t n = pending_n[author];
  if (n == 0)
    return;
  for (size_t i = 0; i < n; i++)
    model_judge (pending[author][i]);
  const uint64_t last = version[pending[author][n - 1]].name.seq;
  sent_t sent = peer_send (&peer[author], l, last - n + 1, last);
  assert_int_equal (sent.err, ERR_OK);
  assert_int_equal (sent.item.cursor, last);
  for (size_t i = 0; i < n; i++) {
    const version_row_t *v = &version[pending[author][i]];
    const char *verdict = verdict_of (l, &peer[author], v->name.seq);
    const bool refused = strcmp (verdict, "") != 0 && strcmp (verdict, "merged") != 0 &&
                         strcmp (verdict, "parked") != 0 && strcmp (verdict, "alias") != 0;
    if (v->became == REFUSED ? !refused : strcmp (verdict, words[v->became]) != 0)
      fail_msg ("update is '%s', not '%s'", verdict, words[v->became]);
  }
  pending_n[author] = 0;
  compare ();
}

/* The author is told what stands, as far as it has nothing of its own under way. */
static void
hear (unsigned author, unsigned of)
{
  for (size_t i = 0; i < pending_n[author]; i++)
    if (version[pending[author][i]].record == of)
      return;
  if (record[of].current < 0)
    return;
  view[author][of] =
      (view_t){.knows = true,
               .id = chance (4) == 0 && view[author][of].knows ? view[author][of].id : record[of].id,
               .at = record[of].current,
               .state = version[record[of].current].state};
}

/* At the office: an update that names what it decides. */
static void
settle_there (unsigned author, unsigned of)
{
  hear (author, of);
  view_t *w = &view[author][of];
  if (pending_n[author] > 0 || !w->knows || w->at != record[of].current)
    return;
  state_t s = w->state;
  s.f[1] = 1 + chance (3);
  write_update (author, of, &s);
  const int at = versions - 1;
  for (int i = 0; i < at && settles_n[at] < SETTLES_MAX; i++)
    if (version[i].standing && version[i].record == of)
      settles[at][settles_n[at]++] = i;
  add_to_stream (author, at);
}

static void
settle_at_centre (unsigned of, bool parked)
{
  if (standing_of ((int)of) == 0 || standing_of ((int)of) > SETTLES_MAX)
    return;
  state_t result = version[record[of].current].state;
  unsigned taken = 0;
  bool twice = false;
  char code[16];
  size_t settled;
  fail_t fail = {0};
  /* one side after the other as they came */
  kv_txn_t *txn = fixture_reading (l);
  uint64_t done = 0;
  for (;;) {
    int next = -1;
    uint64_t lsn, least = UINT64_MAX;
    for (int i = 0; i < versions; i++)
      if (version[i].standing && version[i].record == of &&
          ledger_version_lsn (l, txn, version[i].name, &lsn) == ERR_OK && lsn > done && lsn < least) {
        least = lsn;
        next = i;
      }
    if (next < 0)
      break;
    done = least;
    state_t out;
    const int base = version[next].effective;
    const unsigned clashes =
        model_merge (base >= 0 ? &version[base].state : NULL, &result, &version[next].state, parked, &out);
    twice = twice || (parked && (taken & clashes) != 0);
    taken |= clashes;
    result = out;
  }
  kv_abort (&txn);
  snprintf (code, sizeof code, "SCHEME-%u", of + 1);
  const resolve_t r = {.record = str_of (code),
                       .how = parked ? RESOLVE_PARKED : RESOLVE_CURRENT,
                       .reason = STR ("đã hỏi lại"),
                       .person = STR ("Trần B")};
  err_t err = conflicts_resolve (l, &r, fixture_now, &settled, &fail);
  assert_int_equal (err, twice ? ERR_INPUT : ERR_OK);
  if (twice)
    return;
  assert_int_equal (settled, standing_of ((int)of));
  record[of].current = version_add (of, &result, record[of].current);
  for (int i = 0; i < versions; i++)
    version[i].standing = version[i].standing && version[i].record != of;
  compare ();
}

typedef struct {
  uint64_t lsn, parked;
  int64_t support;
} noted_t;

static int64_t
support_now (void)
{
  int64_t sum = 0;
  for (unsigned i = 0; i < RECORDS; i++)
    if (record[i].current >= 0 && !version[record[i].current].state.withdrawn)
      sum += version[record[i].current].state.f[4];
  return sum;
}

/* As the totals of the position say. */
static int64_t
support_then (kv_txn_t *txn, uint64_t lsn)
{
  char place[24];
  snapshot_t *s = NULL;
  query_result_t r;
  int64_t sum = 0;
  fail_t fail = {0};
  snprintf (place, sizeof place, "%llu", (unsigned long long)lsn);
  assert_int_equal (snapshot_open (l, txn, str_of (place), &s, &fail), ERR_OK);
  query_t *q = query_parse (STR ("year"), STR (""), snapshot_catalogue (s), &fail);
  assert_non_null (q);
  assert_int_equal (snapshot_query (s, q), ERR_OK);
  assert_int_equal (query_finish (q, true, &r), ERR_OK);
  for (size_t row = 0; row < r.rows; row++)
    for (size_t i = 0; i < r.columns; i++)
      if (strcmp (r.name[i], "support_vnd") == 0)
        sum += strtoll (r.cell[row * r.columns + i].p, NULL, 10);
  query_destroy (&q);
  snapshot_close (&s);
  return sum;
}

static void
note_parked (noted_t *n)
{
  position_t at;
  kv_txn_t *txn = fixture_reading (l);
  assert_int_equal (ledger_end (l, txn, &at, NULL), ERR_OK);
  kv_abort (&txn);
  *n = (noted_t){at.lsn, standing_of (-1), support_now ()};
}

static void
open_world (void)
{
  static const unit_id_t unit[] = {AN_NHON, AN_NHON, CENTRE};
  l = fixture_ledger ();
  for (unsigned i = 0; i < AUTHORS; i++)
    peer_open (&peer[i], l, unit[i], i == 2 ? ROLE_PROVINCE : ROLE_OFFICE);
  versions = 0;
  memset (view, 0, sizeof view);
  memset (pending_n, 0, sizeof pending_n);
  for (unsigned i = 0; i < RECORDS; i++)
    record[i] = (record_row_t){.current = -1};
}

static void
close_world (void)
{
  for (unsigned i = 0; i < AUTHORS; i++)
    peer_close (&peer[i]);
  ledger_close (&l);
}

static unsigned seen[REFUSED + 1];

static void
one_history (void)
{
  noted_t noted[8];
  size_t n = 0;
  open_world ();
  for (unsigned step = 0; step < 160; step++) {
    const unsigned author = chance (AUTHORS), what = chance (16);
    if (what < 8)
      edit_offline (author);
    else if (what < 11)
      send_all (author);
    else if (what < 14)
      hear (author, chance (RECORDS));
    else if (what == 14)
      settle_there (author, chance (RECORDS));
    else
      settle_at_centre (chance (RECORDS), chance (2));
    if (step % 20 == 19)
      note_parked (&noted[n++]);
  }
  for (unsigned i = 0; i < AUTHORS; i++)
    send_all (i);
  fixture_all_is_right (l);
  for (unsigned of = 0; of < RECORDS; of++)
    settle_at_centre (of, false);
  assert_int_equal (standing_of (-1), 0);
  fixture_all_is_right (l);
  kv_txn_t *txn = fixture_reading (l);
  for (size_t i = 0; i < n; i++) {
    uint64_t parked;
    assert_int_equal (conflicts_count (txn, noted[i].lsn, &parked), ERR_OK);
    assert_int_equal (parked, noted[i].parked);
    assert_int_equal (support_then (txn, noted[i].lsn), noted[i].support);
  }
  kv_abort (&txn);
  for (int i = 0; i < versions; i++)
    seen[version[i].became]++;
  close_world ();
}

static void
test_random_histories (void **state)
{
  (void)state;
  memset (seen, 0, sizeof seen);
  for (unsigned i = 0; i < 60; i++) {
    seed = UINT64_C (88172645463325252) + i * UINT64_C (7919);
    one_history ();
  }
  for (became_t b = TAKEN; b <= REFUSED; b++)
    assert_true (seen[b] > 20); /* each verdict has been met */
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_random_histories),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
