/* test_conflicts.c - two PCs of an office and the province edit the same few records off line: what the
 * centre makes of it against a model of PROTOCOL 5 that knows a state as a handful of numbers; then a row for
 * each rule the model has no room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/conflicts.h"
#include "collector/ledger/period_locks.h"
#include "collector/ledger/snapshot.h"
#include "collector/ledger/trace.h"
#include "common/wire/update_wire.h"
#include "tests/unit/collector/fixture.h"

#define AN_NHON 10u
#define HOAI_NHON 4u
#define CENTRE 1u
#define AUTHORS 3u
#define RECORDS 3u
#define FIELDS 5u
#define VERSIONS_MAX 4000

static ledger_t *l;
static peer_t peer[AUTHORS];
static buf_t things;

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

static kv_txn_t *
reading (void)
{
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  return txn;
}

static void
compare_record (unsigned of)
{
  kv_txn_t *txn = reading ();
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
  kv_txn_t *txn = reading ();
  assert_int_equal (conflicts_each (txn, NULL, find_standing, &found), ERR_OK);
  assert_int_equal (conflicts_count (txn, UINT64_MAX, &n), ERR_OK);
  kv_abort (&txn);
  assert_int_equal (found, standing_of (-1));
  assert_int_equal (n, found);
}

static void
all_is_right (void)
{
  if (fixture_verify (l, &things) != 0)
    fail_msg ("%s", buf_z (&things));
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
  kv_txn_t *txn = reading ();
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
  kv_txn_t *txn = reading ();
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
  buf_free (&things);
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
  all_is_right ();
  for (unsigned of = 0; of < RECORDS; of++)
    settle_at_centre (of, false);
  assert_int_equal (standing_of (-1), 0);
  all_is_right ();
  kv_txn_t *txn = reading ();
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

/* ---- rules beyond the model ---- */

static int
set_up (void **state)
{
  (void)state;
  open_world ();
  return 0;
}

static int
tear_down (void **state)
{
  (void)state;
  close_world ();
  return 0;
}

/* One author's update into the log; what became of it. */
static const char *
send_one (unsigned author, update_t *u)
{
  const uint64_t seq = peer_add (&peer[author], u);
  sent_t sent = peer_send (&peer[author], l, seq, seq);
  assert_int_equal (sent.err, ERR_OK);
  return verdict_of (l, &peer[author], seq);
}

/* The verdict as told to the office. */
static void
decision_behind (const peer_t *p, uint64_t seq, arena_t *arena, update_t *u, decision_t *d)
{
  uint64_t lsn;
  log_entry_t e;
  kv_txn_t *txn = reading ();
  assert_int_equal (ledger_version_lsn (l, txn, (version_t){p->store, seq}, &lsn), ERR_OK);
  do { /* the office's stream may have been opened before it */
    assert_int_equal (ledger_log_get (l, txn, ++lsn, &e), ERR_OK);
    assert_int_equal (e.serial, 0);
    assert_int_equal (update_decode (arena_str (arena, e.bytes), arena, u, NULL), ERR_OK);
    assert_int_equal (decision_decode (u->decision, arena, d), ERR_OK);
  } while (d->type != DECISION_VERDICT);
  kv_abort (&txn);
}

static update_t
settled_scheme (version_t base)
{
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, base);
  u.record.u.scheme.status = STATUS_SETTLED;
  u.record.u.scheme.funding[0].settled_vnd = (opt_i64_t){true, 4000000};
  return u;
}

static resolve_t
settle (resolve_how_t how, const str_t *cells, size_t n)
{
  return (resolve_t){.record = STR ("SCHEME-1"),
                     .how = how,
                     .cells = cells,
                     .cells_n = n,
                     .reason = STR ("theo quyết định"),
                     .person = STR ("Trần B")};
}

/* One settles the scheme, the other gives it another source: fine alone, against the rules together. */
static void
test_wrong_only_together (void **state)
{
  (void)state;
  static const str_t value[] = {{"settled_national_vnd=7", 22}};
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0});
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  assert_string_equal (send_one (0, &u), "");
  update_t one = settled_scheme (u.version), other = u;
  assert_string_equal (send_one (0, &one), "");
  other.base = u.version;
  other.record.u.scheme.funding[1] = other.record.u.scheme.funding[0];
  other.record.u.scheme.funding[0] =
      (funding_t){.source = 1, .planned_vnd = {true, 9}, .approved_vnd = {true, 9}};
  other.record.u.scheme.funding_n = 2;
  assert_string_equal (send_one (1, &other), "parked");
  update_t said;
  decision_t d;
  decision_behind (&peer[1], 1, arena, &said, &d);
  assert_true (str_is (d.u.verdict.reason, "settled_amount") && d.u.verdict.clashes_n == 0);

  conflict_row_t *row;
  size_t n, settled;
  fail_t fail = {0};
  kv_txn_t *txn = reading ();
  assert_int_equal (conflicts_rows (l, txn, arena, &row, &n), ERR_OK);
  kv_abort (&txn);
  assert_int_equal (n, 1);
  assert_string_equal (row[0].field.p, "national_vnd");
  assert_string_equal (row[0].parked.p, "9");
  assert_true (row[0].why.n > 0);
  resolve_t r = settle (RESOLVE_PARKED, NULL, 0);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_INPUT);
  r = settle (RESOLVE_VALUES, value, 1);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  assert_int_equal (settled, 1);
  all_is_right ();
  arena_destroy (&arena);
}

static ledger_entry_t
paid (uint8_t id, int64_t amount)
{
  return (ledger_entry_t){
      .id = {{id}}, .kind = LEDGER_PAYMENT, .date = 20190305, .source = 2, .amount_vnd = {true, amount}};
}

/* One file imported on two PCs: ids of their own for the scheme and for the entries of its ledger. */
static void
test_one_file_twice (void **state)
{
  (void)state;
  const ledger_entry_t ours[] = {paid (1, 5), paid (2, 6)}, theirs[] = {paid (3, 5), paid (4, 6)};
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  update_t a = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), b = a, said;
  decision_t d;
  b.id.b[14] = 9;
  a.record.u.scheme.ledger = ours;
  b.record.u.scheme.ledger = theirs;
  a.record.u.scheme.ledger_n = b.record.u.scheme.ledger_n = 2;
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "alias");
  decision_behind (&peer[1], 1, arena, &said, &d);
  assert_true (record_id_eq (d.u.verdict.record, b.id) && record_id_eq (d.u.verdict.alias_to, a.id));
  assert_int_equal (d.u.verdict.alias_home, AN_NHON);
  b.base = b.version;
  b.record.u.scheme.note = STR ("đã xem");
  assert_string_equal (send_one (1, &b), "merged");
  decision_behind (&peer[1], 2, arena, &said, &d);
  update_t merged;
  assert_int_equal (update_decode (d.u.verdict.resulting, arena, &merged, NULL), ERR_OK);
  assert_true (record_id_eq (merged.id, a.id) && version_eq (merged.version, said.version));
  assert_int_equal (merged.record.u.scheme.ledger_n, 2);
  assert_true (record_id_eq (merged.record.u.scheme.ledger[0].id, ours[0].id));
  record_ref_t found;
  char id[37];
  record_id_format (b.id, id);
  kv_txn_t *txn = reading ();
  assert_int_equal (ledger_find (l, txn, str_of (id), KIND_NONE, &found), ERR_OK);
  assert_true (record_id_eq (found.id, a.id));
  b.id.b[14] = 10;
  record_id_format (b.id, id);
  assert_int_equal (ledger_find (l, txn, str_of (id), KIND_NONE, &found), ERR_NOT_FOUND);
  kv_abort (&txn);
  all_is_right ();
  arena_destroy (&arena);
}

/* Within an entry of a list; the entry is named as its lines are, and a value settles it. */
static void
test_entry_of_a_list (void **state)
{
  (void)state;
  ledger_entry_t one = paid (1, 5), other = paid (1, 6), both = paid (1, 4);
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a, b;
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  static const str_t value[] = {{"amount_vnd=8", 12}};
  one.voucher_no = other.voucher_no = both.voucher_no = STR ("CT5");
  u.record.u.scheme.ledger = &both;
  u.record.u.scheme.ledger_n = 1;
  a = b = u;
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = u.version;
  a.record.u.scheme.ledger = &one;
  b.record.u.scheme.ledger = &other;
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  conflict_row_t *row;
  size_t n, settled;
  fail_t fail = {0};
  kv_txn_t *txn = reading ();
  assert_int_equal (conflicts_rows (l, txn, arena, &row, &n), ERR_OK);
  assert_int_equal (n, 1);
  assert_string_equal (row[0].code.p, "SCHEME-1:CT5");
  assert_string_equal (row[0].field.p, "amount_vnd");
  kv_abort (&txn);
  resolve_t r = settle (RESOLVE_VALUES, value, 1);
  r.record = STR ("SCHEME-1:CT6");
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_INPUT);
  r.record = row[0].code;
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  record_ref_t ref;
  row_t now;
  update_t state_now;
  txn = reading ();
  assert_int_equal (ledger_find (l, txn, STR ("SCHEME-1"), KIND_NONE, &ref), ERR_OK);
  assert_int_equal (book_get (ledger_book (l), txn, ref, &now), ERR_OK);
  assert_int_equal (update_decode (now.bytes, arena, &state_now, NULL), ERR_OK);
  assert_int_equal (state_now.record.u.scheme.ledger_n, 1);
  assert_int_equal (state_now.record.u.scheme.ledger[0].amount_vnd.v, 8);
  kv_abort (&txn);
  all_is_right ();
  arena_destroy (&arena);
}

/* What the province makes of another office's record is told in that office's stream. */
static void
test_told_where_the_record_is (void **state)
{
  (void)state;
  arena_t *arena = arena_new (8 * UPDATE_ROOM);
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, c = u,
           said;
  decision_t d;
  assert_string_equal (send_one (0, &u), "");
  a.base = c.base = u.version;
  a.record.u.scheme.name = STR ("Tên một");
  c.record.u.scheme.name = STR ("Tên hai");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (2, &c), "parked");
  decision_behind (&peer[2], 1, arena, &said, &d);
  assert_int_equal (said.home, AN_NHON);
  assert_int_equal (d.u.verdict.clashes_n, 1);
  assert_true (str_is (d.u.verdict.clashes[0], "name") && str_is (d.u.verdict.key, "SCHEME-1"));
  all_is_right ();
  arena_destroy (&arena);
}

/* A record that goes to another office takes its parked sides along: told there, with what they were made on.
 */
static void
test_follows_the_record (void **state)
{
  (void)state;
  arena_t *arena = arena_new (16 * UPDATE_ROOM);
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u,
           c = u, said, side, made_on;
  decision_t d;
  log_entry_t e;
  uint64_t lsn;
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = u.version;
  a.record.u.scheme.name = STR ("Tên một");
  b.record.u.scheme.name = STR ("Tên hai");
  b.record.u.scheme.note = STR ("hai");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  c = a;
  c.base = a.version;
  c.record.u.scheme.district = HOAI_NHON;
  assert_string_equal (send_one (2, &c), "");
  kv_txn_t *txn = reading ();
  assert_int_equal (ledger_version_lsn (l, txn, c.version, &lsn), ERR_OK);
  do { /* its stream may have been opened before it */
    assert_int_equal (ledger_log_get (l, txn, ++lsn, &e), ERR_OK);
    assert_int_equal (e.serial, 0);
    assert_int_equal (update_decode (arena_str (arena, e.bytes), arena, &said, NULL), ERR_OK);
    assert_int_equal (decision_decode (said.decision, arena, &d), ERR_OK);
  } while (d.type != DECISION_PARKED_SIDE);
  kv_abort (&txn);
  assert_int_equal (said.home, HOAI_NHON);
  assert_true (record_id_eq (d.u.parked_side.record, u.id) && d.u.parked_side.home == u.home);
  assert_int_equal (d.u.parked_side.clashes_n, 1);
  assert_true (str_is (d.u.parked_side.clashes[0], "name") && d.u.parked_side.agent.n > 0);
  assert_int_equal (update_decode (d.u.parked_side.update, arena, &side, NULL), ERR_OK);
  assert_int_equal (update_decode (d.u.parked_side.base, arena, &made_on, NULL), ERR_OK);
  assert_true (version_eq (side.version, b.version) && version_eq (side.base, u.version));
  assert_true (str_is (side.record.u.scheme.name, "Tên hai") && version_eq (made_on.version, u.version));
  const resolve_t r = settle (RESOLVE_PARKED, NULL, 0);
  size_t settled = 0;
  fail_t fail = {0};
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  assert_int_equal (settled, 1);
  all_is_right ();
  arena_destroy (&arena);
}

typedef struct {
  char verdicts[200];
} history_t;

static err_t
note_version (void *ctx, const trace_version_t *v)
{
  history_t *t = ctx;
  const size_t n = strlen (t->verdicts);
  snprintf (t->verdicts + n, sizeof t->verdicts - n, "%s:%.*s ", verdict_name (v->verdict),
            STR_ARG (v->update->record.u.scheme.name));
  return ERR_OK;
}

/* A record's history has every side, also the one that was decided against. */
static void
test_history (void **state)
{
  (void)state;
  history_t told = {""};
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u,
           c = u;
  size_t settled;
  fail_t fail = {0};
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = c.base = u.version;
  a.record.u.scheme.name = STR ("Một");
  b.record.u.scheme.name = STR ("Hai");
  c.record.u.scheme.note = STR ("x");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  assert_string_equal (send_one (2, &c), "merged");
  const resolve_t r = settle (RESOLVE_PARKED, NULL, 0);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  kv_txn_t *txn = reading ();
  assert_int_equal (trace_record (l, txn, (record_ref_t){AN_NHON, u.id}, note_version, &told), ERR_OK);
  kv_abort (&txn);
  assert_string_equal (told.verdicts,
                       "accepted:Hỗ trợ máy móc accepted:Một parked:Hai merged:Một accepted:Hai ");
  all_is_right ();
}

/* Nothing is decided by what has nothing to do with it. */
static void
test_verify_sees_who_decided (void **state)
{
  (void)state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u;
  uint64_t lsn;
  kv_txn_t *txn = NULL;
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = u.version;
  a.record.u.scheme.name = STR ("Một");
  b.record.u.scheme.name = STR ("Hai");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  a.base = a.version;
  a.record.u.scheme.note = STR ("y");
  assert_string_equal (send_one (0, &a), "");
  assert_int_equal (kv_begin (ledger_kv (l), true, &txn), ERR_OK);
  assert_int_equal (ledger_version_lsn (l, txn, b.version, &lsn), ERR_OK);
  assert_int_equal (conflict_decide (txn, u.id, lsn, lsn + 2), ERR_OK); /* by the other's edit */
  assert_int_equal (kv_commit (&txn), ERR_OK);
  assert_true (fixture_verify (l, &things) > 0);
  assert_non_null (strstr (buf_z (&things), "conflict|"));
}

/* A locked table takes no merge either, nor what settles a conflict. */
static void
test_locked (void **state)
{
  (void)state;
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u,
           c = u;
  lock_row_t lock = {.period = STR ("2019"), .locked = true, .person = STR ("Trần B")};
  bool changed;
  size_t settled;
  fail_t fail = {0};
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = c.base = u.version;
  a.record.u.scheme.name = STR ("Một");
  b.record.u.scheme.name = STR ("Hai");
  c.record.u.scheme.note = STR ("x");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  assert_int_equal (period_lock_set (l, &lock, fixture_now, &changed, &fail), ERR_OK);
  assert_string_equal (send_one (1, &c), "period_locked");
  const resolve_t r = settle (RESOLVE_PARKED, NULL, 0);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_INPUT);
  lock.locked = false;
  assert_int_equal (period_lock_set (l, &lock, fixture_now, &changed, &fail), ERR_OK);
  assert_int_equal (conflicts_resolve (l, &r, fixture_now, &settled, &fail), ERR_OK);
  all_is_right ();
}

/* What is missing beside the log is found. */
static void
test_verify_sees (void **state)
{
  (void)state;
  static const struct {
    kv_db_t db;
    const char *thing;
  } rows[] = {{DB_CONFLICT, "conflict|"}, {DB_CONFLICT_PAST, "conflict|"}, {DB_ALIAS, "decision|"}};
  update_t u = scheme_update (AN_NHON, 1, STATUS_APPROVED, 5000000, (version_t){.seq = 0}), a = u, b = u,
           c = u;
  assert_string_equal (send_one (0, &u), "");
  a.base = b.base = u.version;
  a.record.u.scheme.name = STR ("Một");
  b.record.u.scheme.name = STR ("Hai");
  c.id.b[14] = 7;
  c.record.u.scheme.name = STR ("Ba");
  assert_string_equal (send_one (0, &a), "");
  assert_string_equal (send_one (1, &b), "parked");
  b.base = b.version;
  b.record.u.scheme.note = STR ("y");
  assert_string_equal (send_one (1, &b), "parked");
  assert_string_equal (send_one (2, &c), "parked");
  all_is_right ();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kv_txn_t *txn = NULL;
    kv_cursor_t *cursor = NULL;
    str_t key, value;
    buf_t kept_key = BUF_INIT, kept = BUF_INIT;
    assert_int_equal (kv_begin (ledger_kv (l), true, &txn), ERR_OK);
    assert_int_equal (kv_cursor_open (txn, rows[i].db, &cursor), ERR_OK);
    assert_int_equal (kv_next (cursor, &key, &value), ERR_OK);
    buf_put (&kept_key, key.p, key.n);
    buf_put (&kept, value.p, value.n);
    kv_cursor_close (&cursor);
    assert_int_equal (kv_del (txn, rows[i].db, buf_str (&kept_key)), ERR_OK);
    assert_int_equal (kv_commit (&txn), ERR_OK);
    assert_true (fixture_verify (l, &things) > 0);
    assert_non_null (strstr (buf_z (&things), rows[i].thing));
    assert_int_equal (kv_begin (ledger_kv (l), true, &txn), ERR_OK);
    assert_int_equal (kv_put (txn, rows[i].db, buf_str (&kept_key), buf_str (&kept)), ERR_OK);
    assert_int_equal (kv_commit (&txn), ERR_OK);
    all_is_right ();
    buf_free (&kept_key);
    buf_free (&kept);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (test_random_histories),
      cmocka_unit_test_setup_teardown (test_wrong_only_together, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_one_file_twice, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_entry_of_a_list, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_told_where_the_record_is, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_follows_the_record, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_history, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_verify_sees, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_verify_sees_who_decided, set_up, tear_down),
      cmocka_unit_test_setup_teardown (test_locked, set_up, tear_down),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
