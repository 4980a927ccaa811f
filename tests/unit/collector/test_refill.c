/* A centre restored from a copy of any age, filled again by its agents in any order, is what it was: the same
 * state of every record, the same totals, conflicts, roster and tables; nothing is counted twice. */
#include "tests/unit/collector/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/ledger/conflicts.h"
#include "collector/ledger/epochs.h"
#include "collector/ledger/period_locks.h"
#include "collector/ledger/submissions.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"
#include "tests/unit/core/small_catalogue.h"

#define NOW ((wall_t){INT64_C (1764000000000)})
#define OFFICE 10u
#define RECORDS 6u
#define CHUNK 4u
#define AUTHORS_MAX 4u

static uint32_t seed;
static uint32_t
below (uint32_t n)
{
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % n;
}

/* ---- the centre before ---- */

static ledger_t *
copy_of (ledger_t *l)
{
  kv_t *kv = NULL;
  ledger_t *copy = NULL;
  fail_t fail = {0};
  assert_int_equal (kv_copy_mem (ledger_kv (l), &kv), ERR_OK);
  assert_int_equal (ledger_open_kv (&kv, &copy, &fail), ERR_OK);
  return copy;
}

static record_ref_t
ref_of (unsigned n)
{
  update_t u = scheme_update (OFFICE, n, STATUS_APPROVED, 0, (version_t){.seq = 0});
  return (record_ref_t){OFFICE, u.id};
}

/* What a peer goes by when it edits record n: what it last wrote of it, or what it was last told. */
typedef struct {
  version_t own[RECORDS + 1], told[RECORDS + 1];
} view_t;

static bool
row_of (ledger_t *l, kv_txn_t *txn, unsigned n, row_t *row)
{
  err_t err = book_get (ledger_book (l), txn, ref_of (n), row);
  assert_true (err == ERR_OK || err == ERR_NOT_FOUND);
  return err == ERR_OK;
}

static void
hear (ledger_t *l, view_t *v)
{
  kv_txn_t *txn = NULL;
  row_t row;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  for (unsigned n = 1; n <= RECORDS; n++)
    if (row_of (l, txn, n, &row))
      v->told[n] = v->own[n] = row.version;
  kv_abort (&txn);
}

/* One edit of one field, sometimes a wrong one, sent at once. */
static void
edit (ledger_t *l, peer_t *p, view_t *v)
{
  static const char *const words[] = {"một", "hai", "ba", "bốn"};
  const unsigned n = 1 + below (RECORDS);
  const version_t base = below (3) > 0 ? v->own[n] : v->told[n];
  kv_txn_t *txn = NULL;
  arena_t *arena = arena_new (4u << 20);
  update_t u = scheme_update (OFFICE, n, STATUS_APPROVED, 1000 + n, base), state;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  if (base.seq != 0 && ledger_version_state (l, txn, base, arena, &state) == ERR_OK)
    u.record = state.record;
  else if (base.seq != 0) { /* the author's own, not sent: cannot be here */
    kv_abort (&txn);
    arena_destroy (&arena);
    return;
  }
  scheme_t *s = &u.record.u.scheme;
  switch (below (6)) {
  case 0:
    s->note = str_of (words[below (4)]);
    break;
  case 1:
    s->commune = str_of (words[below (4)]);
    break;
  case 2:
    s->name = str_of (words[below (4)]);
    break;
  case 3:
    s->funding[0].planned_vnd = s->funding[0].approved_vnd = (opt_i64_t){true, 1000 + below (5)};
    break;
  case 4:
    s->name = STR (""); /* refused */
    break;
  case 5:
    if (base.seq != 0)
      u.operation = below (3) == 0 ? OP_WITHDRAW : OP_PUT;
    break;
  }
  if (base.seq == 0 && below (2) == 0) { /* entered on another PC, too: an id of its own for the same key */
    u.id.b[14] = (uint8_t)(1 + p->serial);
  }
  const uint64_t seq = peer_add (p, &u);
  kv_abort (&txn);
  arena_destroy (&arena);
  assert_int_equal (peer_send (p, l, seq, seq).err, ERR_OK);
  if (u.id.b[14] == 0)
    v->own[n] = (version_t){p->store, seq};
}

static void
settle (ledger_t *l)
{
  char code[32];
  size_t settled = 0;
  fail_t fail = {0};
  snprintf (code, sizeof code, "SCHEME-%u", 1 + below (RECORDS));
  const resolve_t r = {.record = str_of (code),
                       .how = below (2) ? RESOLVE_CURRENT : RESOLVE_PARKED,
                       .reason = STR ("đã hỏi"),
                       .person = STR ("Lê Thị B")};
  err_t err = conflicts_resolve (l, &r, NOW, &settled, &fail);
  assert_true (err == ERR_OK || fail.text[0] != '\0');
}

static void
decide_otherwise (ledger_t *l)
{
  fail_t fail = {0};
  bool changed;
  uint32_t version;
  char extra[64];
  buf_t file = BUF_INIT;
  const due_t due = {.period = STR ("2020-Q2"), .date = 20200600 + 1 + below (20), .person = STR ("B")};
  lock_row_t lock = {
      .period = STR ("2019"), .table = TABLE_STAFF, .locked = below (2) == 0, .person = STR ("B")};
  switch (below (3)) {
  case 0:
    assert_int_equal (submissions_due_set (l, &due, NOW, &changed, &fail), ERR_OK);
    break;
  case 1:
    assert_int_equal (period_lock_set (l, &lock, NOW, &changed, &fail), ERR_OK);
    break;
  case 2:
    snprintf (extra, sizeof extra, "[other]\nx\n%u\n", (unsigned)below (1000));
    buf_puts (&file, SMALL_CATALOGUE);
    buf_puts (&file, extra);
    assert_int_equal (roster_catalogue (l, buf_str (&file), STR ("B"), NOW, &version, &fail), ERR_OK);
    break;
  }
  buf_free (&file);
}

static void
live (ledger_t *l, peer_t *peers, view_t *views, unsigned n, unsigned steps)
{
  for (unsigned i = 0; i < steps; i++) {
    const unsigned k = below (n);
    if (below (4) == 0)
      hear (l, &views[k]);
    if (below (12) == 0)
      settle (l);
    else if (below (12) == 0)
      decide_otherwise (l);
    else
      edit (l, &peers[k], &views[k]);
  }
}

/* ---- what the agents hand back ---- */

static void
send_decisions (ledger_t *from, ledger_t *to, store_id_t stream, uint32_t serial)
{
  kv_txn_t *txn = NULL;
  uint64_t cursor = 0, end = 0;
  hash_t hash, previous;
  uint32_t owner;
  assert_int_equal (kv_begin (ledger_kv (from), false, &txn), ERR_OK);
  assert_int_equal (ledger_cursor (from, txn, stream, &end, &hash, &owner), ERR_OK);
  kv_txn_t *there = NULL;
  assert_int_equal (kv_begin (ledger_kv (to), false, &there), ERR_OK);
  err_t known = ledger_cursor (to, there, stream, &cursor, &hash, &owner);
  kv_abort (&there);
  assert_true (known == ERR_OK || cursor == 0);
  if (cursor > 2)
    cursor -= below (2); /* what is known already does no harm */
  while (cursor < end) {
    arena_t *arena = arena_new (32u << 20);
    str_t bytes[CHUNK];
    decoded_t d[CHUNK];
    memset (d, 0, sizeof d);
    msg_chunk_t c = {.store = stream, .first_seq = cursor + 1, .updates = bytes};
    assert_int_equal (ledger_chain_at (from, txn, stream, cursor, &previous), ERR_OK);
    c.previous_hash = previous;
    for (; cursor < end && c.updates_n < CHUNK; cursor++) {
      log_entry_t e;
      uint64_t lsn;
      assert_int_equal (ledger_version_lsn (from, txn, (version_t){stream, cursor + 1}, &lsn), ERR_OK);
      assert_int_equal (ledger_log_get (from, txn, lsn, &e), ERR_OK);
      bytes[c.updates_n] = arena_str (arena, e.bytes);
      d[c.updates_n].err = update_decode (bytes[c.updates_n], arena, &d[c.updates_n].update, NULL);
      hash = e.chain;
      c.updates_n++;
    }
    buf_t head = BUF_INIT;
    c.head = (signed_head_t){.store = stream, .seq = cursor, .hash = hash, .given = true};
    head_bytes (stream, cursor, hash, 0, &head);
    c.head.signature = sign_make (SIGN_HEAD, buf_str (&head), &ledger_keys (from)->centre_secret);
    buf_free (&head);
    ingest_t item = {.serial = serial, .office = OFFICE, .role = ROLE_OFFICE, .chunk = &c, .updates = d};
    ingest_report_t report;
    assert_int_equal (ledger_ingest (to, &item, 1, NOW, &report), ERR_OK);
    assert_false (item.forged || item.restated);
    arena_destroy (&arena);
  }
  kv_abort (&txn);
}

/* Every stream of the centre that there is, in the order they were opened. */
static void
hand_back (ledger_t *from, ledger_t *to, uint32_t serial)
{
  kv_txn_t *txn = NULL;
  position_t end;
  assert_int_equal (kv_begin (ledger_kv (from), false, &txn), ERR_OK);
  assert_int_equal (ledger_end (from, txn, &end, NULL), ERR_OK);
  for (uint64_t lsn = 1; lsn <= end.lsn; lsn++) {
    log_entry_t e;
    assert_int_equal (ledger_log_get (from, txn, lsn, &e), ERR_OK);
    if (e.serial == 0 && e.seq == 1)
      send_decisions (from, to, e.stream, serial);
  }
  kv_abort (&txn);
}

/* ---- comparing ---- */

typedef struct {
  buf_t text;
  ledger_t *l;
  kv_txn_t *txn;
} listing_t;

static err_t
list_row (void *ctx, err_t err, const row_t *row)
{
  listing_t *t = ctx;
  update_t u;
  arena_t *arena = arena_new (1u << 20);
  assert_int_equal (err, ERR_OK);
  assert_int_equal (update_decode (row->bytes, arena, &u, NULL), ERR_OK);
  const scheme_t *s = &u.record.u.scheme;
  buf_printf (&t->text, "record %u %02x%02x %.*s|%.*s|%.*s|%lld %d\n", (unsigned)row->ref.home,
              row->ref.id.b[0], row->ref.id.b[14], STR_ARG (s->name), STR_ARG (s->note), STR_ARG (s->commune),
              (long long)s->funding[0].planned_vnd.v, row->withdrawn);
  arena_destroy (&arena);
  return ERR_OK;
}

static err_t
list_atom (void *ctx, const atom_t *a)
{
  listing_t *t = ctx;
  buf_printf (&t->text, "total");
  for (size_t i = 0; i < MEASURES_MAX; i++)
    buf_printf (&t->text, " %lld", (long long)a->m[i]);
  buf_putc (&t->text, '\n');
  return ERR_OK;
}

static err_t
list_agent (void *ctx, const agent_row_t *a, const contact_t *c)
{
  listing_t *t = ctx;
  (void)c;
  buf_printf (&t->text, "agent %.*s %d\n", STR_ARG (a->name), a->state);
  return ERR_OK;
}

static err_t
list_conflict (void *ctx, const conflict_t *c)
{
  listing_t *t = ctx;
  buf_printf (&t->text, "parked %02x %llu\n", c->ref.id.b[0], (unsigned long long)c->version.seq);
  return ERR_OK;
}

static err_t
list_due (void *ctx, const due_t *d)
{
  listing_t *t = ctx;
  buf_printf (&t->text, "due %.*s %d\n", STR_ARG (d->period), (int)d->date);
  return ERR_OK;
}

static err_t
list_lock (void *ctx, const lock_row_t *row)
{
  listing_t *t = ctx;
  buf_printf (&t->text, "lock %.*s %d %d\n", STR_ARG (row->period), (int)row->table, row->locked);
  return ERR_OK;
}

static int
by_text (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* In the order of the text: that of the log is another one. */
static void
sort_lines (buf_t *text)
{
  char *line[400];
  size_t n = 0;
  buf_t sorted = BUF_INIT;
  for (char *at = text->p, *end;
       at != NULL && (end = memchr (at, '\n', text->n - (size_t)(at - text->p))) != NULL; at = end + 1) {
    assert_true (n < sizeof line / sizeof *line);
    *end = '\0';
    line[n++] = at;
    if ((size_t)(end + 1 - text->p) == text->n)
      break;
  }
  qsort (line, n, sizeof *line, by_text);
  for (size_t i = 0; i < n; i++)
    buf_printf (&sorted, "%s\n", line[i]);
  buf_free (text);
  *text = sorted;
}

static void
listing (ledger_t *l, buf_t *out)
{
  listing_t t = {.l = l};
  uint64_t version;
  assert_int_equal (kv_begin (ledger_kv (l), false, &t.txn), ERR_OK);
  assert_int_equal (book_each (ledger_book (l), t.txn, 0, list_row, &t), ERR_OK);
  assert_int_equal (book_atoms (ledger_book (l), t.txn, FAMILY_SCHEME, 0, list_atom, &t), ERR_OK);
  assert_int_equal (roster_agents (l, t.txn, list_agent, &t), ERR_OK);
  assert_int_equal (conflicts_each (t.txn, NULL, list_conflict, &t), ERR_OK);
  assert_int_equal (dues_each (t.txn, DB_DUE, list_due, &t), ERR_OK);
  assert_int_equal (locks_each (t.txn, DB_LOCK, list_lock, &t), ERR_OK);
  assert_int_equal (ledger_catalogue_version (t.txn, &version), ERR_OK);
  buf_printf (&t.text, "catalogue %llu\n", (unsigned long long)version);
  kv_abort (&t.txn);
  sort_lines (&t.text);
  *out = t.text;
}

static void
assert_same (ledger_t *before, ledger_t *after, uint32_t run)
{
  buf_t a = BUF_INIT, b = BUF_INIT, things = BUF_INIT;
  listing (before, &a);
  listing (after, &b);
  if (!str_eq (buf_str (&a), buf_str (&b)))
    print_error ("run %u\n--- before\n%s--- after\n%s", run, buf_z (&a), buf_z (&b));
  assert_true (str_eq (buf_str (&a), buf_str (&b)));
  if (fixture_verify (after, &things) > 0)
    print_error ("run %u\n%s", run, buf_z (&things));
  assert_int_equal (things.n, 0);
  buf_free (&a);
  buf_free (&b);
  buf_free (&things);
}

/* ---- one life ---- */

static void
send_all (ledger_t *to, peer_t *peers, unsigned n)
{
  uint64_t next[AUTHORS_MAX] = {1, 1, 1, 1};
  for (unsigned turns = 0;; turns++) {
    assert_true (turns < 10000); /* each waits for another */
    unsigned k = below (n), tries = 0;
    for (; tries < n && next[k] > peers[k].seq; tries++)
      k = (k + 1) % n;
    if (tries == n)
      return;
    uint64_t last = next[k] + below (CHUNK);
    if (last > peers[k].seq)
      last = peers[k].seq;
    sent_t s = peer_send (&peers[k], to, next[k], last);
    assert_int_equal (s.err, ERR_OK);
    assert_false (s.item.forged || s.item.restated);
    assert_true (s.item.cursor >= last || s.item.awaited);
    next[k] = s.item.cursor > last ? last + 1 : s.item.cursor + 1;
  }
}

static void
one_life (uint32_t run, unsigned n, bool patient)
{
  static peer_t peers[AUTHORS_MAX];
  view_t views[AUTHORS_MAX];
  fail_t fail = {0};
  ledger_t *l = fixture_ledger (), *restored;
  seed = run * 7919u + 17u;
  memset (views, 0, sizeof views);
  for (unsigned i = 0; i + 1 < n; i++)
    peer_open (&peers[i], l, OFFICE, ROLE_OFFICE);
  live (l, peers, views, n - 1, below (40)); /* before the backup */
  restored = copy_of (l);
  live (l, peers, views, n - 1, below (20));
  peer_open (&peers[n - 1], l, OFFICE, ROLE_OFFICE); /* enrolled since */
  live (l, peers, views, n, 10 + below (60));

  assert_int_equal (ledger_fork (restored, NULL, 0, NOW, &fail), ERR_OK);
  for (unsigned i = 0; i < n; i++) {
    peers[i].acked_before = peers[i].seq;
    peers[i].patient = patient;
  }
  hand_back (l, restored, peers[0].serial);
  send_all (restored, peers, n);
  assert_same (l, restored, run);

  /* once more from the start: nothing counts again */
  hand_back (l, restored, peers[0].serial);
  send_all (restored, peers, n);
  assert_same (l, restored, run);
  for (unsigned i = 0; i < n; i++)
    peer_close (&peers[i]);
  ledger_close (&restored);
  ledger_close (&l);
}

static void
two_authors (void **state)
{
  (void)state;
  for (uint32_t run = 0; run < 60; run++)
    one_life (run, 2, run % 2 == 0);
}

static void
three_authors (void **state)
{
  (void)state;
  for (uint32_t run = 1000; run < 1060; run++)
    one_life (run, 3, run % 2 == 0);
}

static void
four_authors (void **state)
{
  (void)state;
  for (uint32_t run = 2000; run < 2060; run++)
    one_life (run, 4, run % 2 == 0);
}

/* ---- what must wait ---- */

typedef struct {
  ledger_t *l;
  peer_t a, b;
} two_t;

static uint64_t
put (peer_t *p, unsigned n, version_t base)
{
  update_t u = scheme_update (OFFICE, n, STATUS_APPROVED, 1000, base);
  return peer_add (p, &u);
}

/* A enters record 1 and B corrects it, between an update of its own and another; the centre has lost it all.
 */
static int
begin_two (void **state)
{
  static two_t w;
  fail_t fail = {0};
  w = (two_t){.l = fixture_ledger ()};
  fixture_now = NOW;
  peer_open (&w.a, w.l, OFFICE, ROLE_OFFICE);
  peer_open (&w.b, w.l, OFFICE, ROLE_OFFICE);
  assert_int_equal (ledger_fork (w.l, NULL, 0, NOW, &fail), ERR_OK);
  const uint64_t first = put (&w.a, 1, (version_t){.seq = 0});
  put (&w.b, 2, (version_t){.seq = 0});
  put (&w.b, 1, (version_t){w.a.store, first});
  put (&w.b, 3, (version_t){.seq = 0});
  w.b.patient = true;
  *state = &w;
  return 0;
}

static int
end_two (void **state)
{
  two_t *w = *state;
  peer_close (&w->a);
  peer_close (&w->b);
  ledger_close (&w->l);
  fixture_now = NOW;
  return 0;
}

static void
waits (void **state)
{
  two_t *w = *state;
  buf_t things = BUF_INIT;
  sent_t s = peer_send (&w->b, w->l, 1, 3);
  assert_int_equal (s.err, ERR_OK);
  assert_true (s.item.awaited && !s.item.forged && !s.item.restated);
  assert_int_equal (s.item.cursor, 1);
  assert_int_equal (s.item.accepted, 1);
  s = peer_send (&w->b, w->l, 2, 3); /* asked again: nothing is written */
  assert_true (s.item.awaited);
  assert_int_equal (s.item.cursor, 1);
  assert_true (s.report.last_lsn < s.report.first_lsn);
  s = peer_send (&w->a, w->l, 1, 1);
  assert_int_equal (s.item.accepted, 1);
  s = peer_send (&w->b, w->l, 2, 3);
  assert_false (s.item.awaited);
  assert_int_equal (s.item.cursor, 3);
  assert_int_equal (s.item.accepted, 2);
  assert_int_equal (fixture_verify (w->l, &things), 0);
  buf_free (&things);
}

/* Who is gone for good is not waited for for ever. */
static void
waits_a_day (void **state)
{
  two_t *w = *state;
  fixture_now.ms = NOW.ms + INT64_C (24) * 3600000;
  assert_int_equal (peer_send (&w->b, w->l, 1, 3).item.cursor, 1);
  fixture_now.ms++;
  const sent_t s = peer_send (&w->b, w->l, 2, 3);
  assert_false (s.item.awaited);
  assert_int_equal (s.item.cursor, 3);
  assert_string_equal (verdict_of (w->l, &w->b, 2), "no_such_record");
  assert_string_equal (verdict_of (w->l, &w->b, 3), "");
}

static uint64_t
refused_n (ledger_t *l)
{
  kv_txn_t *txn = NULL;
  kv_cursor_t *c = NULL;
  str_t key, value;
  uint64_t n = 0;
  assert_int_equal (kv_begin (ledger_kv (l), false, &txn), ERR_OK);
  assert_int_equal (kv_cursor_open (txn, DB_REFUSED, &c), ERR_OK);
  while (kv_next (c, &key, &value) == ERR_OK)
    n++;
  kv_cursor_close (&c);
  kv_abort (&txn);
  return n;
}

/* A file has nobody who would send it again. What was turned away stays listed when that comes which it was
 * made on, until something later of the record is taken. */
static void
a_file_does_not_wait (void **state)
{
  two_t *w = *state;
  w->b.patient = false;
  assert_int_equal (peer_send (&w->b, w->l, 1, 3).item.cursor, 3);
  assert_string_equal (verdict_of (w->l, &w->b, 2), "no_such_record");
  assert_int_equal (peer_send (&w->a, w->l, 1, 1).item.accepted, 1);
  assert_int_equal (refused_n (w->l), 1);
  const uint64_t later = put (&w->a, 1, (version_t){w->a.store, 1});
  assert_int_equal (peer_send (&w->a, w->l, later, later).item.accepted, 1);
  assert_int_equal (refused_n (w->l), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (two_authors),
      cmocka_unit_test (three_authors),
      cmocka_unit_test (four_authors),
      cmocka_unit_test_setup_teardown (waits, begin_two, end_two),
      cmocka_unit_test_setup_teardown (waits_a_day, begin_two, end_two),
      cmocka_unit_test_setup_teardown (a_file_does_not_wait, begin_two, end_two),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
