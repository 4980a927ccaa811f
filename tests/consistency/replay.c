/* replay.c - the log counted again by a count of our own, looked at after every entry; and the snapshots that
 * must agree with it. */
#include "tests/consistency/conserved.h"

#include "common/wire/update_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLICE 20000u /* entries a transaction */
#define MARKS 8u

/* What a record stands for now. */
typedef struct {
  sums_t sums;
  unsigned year;
} stand_t;

typedef struct {
  uint64_t lsn;
  int64_t support[YEARS];
  sums_t sums;
} mark_t;

typedef struct {
  world_t *w;
  stand_t *stand[2]; /* by number: of the first ids, of the other ids */
  sums_t sums;
  int64_t support[YEARS];
  mark_t mark[MARKS];
  size_t marks;
  uint64_t entries, entered; /* entered: place from which on the sums must stand */
} replay_t;

static void
stands_for (replay_t *r, const update_t *u)
{
  account_t a = {.outcome = u->record.kind == KIND_OUTCOME};
  const uint32_t number = number_of_id (u->id), n = number & ~OTHER_ID;
  CHECK (n <= r->w->numbers);
  stand_t *s = &r->stand[number != n][n];
  if (a.outcome) {
    a.value = u->record.u.outcome.value.v;
    a.withdrawn = u->operation == OP_WITHDRAW;
  } else {
    account_read (&a, u);
  }
  sums_add (&r->sums, &s->sums, -1);
  r->support[s->year] -= s->sums.support;
  *s = (stand_t){account_sums (&a), a.outcome ? 0 : a.year};
  sums_add (&r->sums, &s->sums, 1);
  r->support[s->year] += s->sums.support;
}

static void
replay_one (replay_t *r, kv_txn_t *txn, uint64_t lsn)
{
  log_entry_t e;
  update_t u;
  sums_t expected = r->w->expected, under_way;
  if (ledger_log_get (r->w->l, txn, lsn, &e) != ERR_OK)
    broken (r->w, "the log has no readable entry %" PRIu64, lsn);
  const str_t state = e.resulting.n > 0 ? e.resulting : e.verdict == VERDICT_ACCEPTED ? e.bytes : STR_NONE;
  if (e.serial != 0 && state.n > 0) {
    arena_reset (r->w->look_arena);
    CHECK (update_decode (state, r->w->look_arena, &u, NULL) == ERR_OK);
    stands_for (r, &u);
  }
  r->entries++;
  if (lsn < r->entered)
    return;
  CHECK (look_under_way (&e, r->w->look_arena, &under_way) == ERR_OK);
  sums_add (&expected, &under_way, 1);
  if (sums_same (&r->sums, &expected))
    return;
  sums_say ("expected", &expected);
  sums_say ("counted", &r->sums);
  broken (r->w, "the log, counted again up to %" PRIu64, lsn);
}

/* Places at which snapshots are compared: near ones, and twice as far back each time. */
static void
choose_marks (replay_t *r, uint64_t end)
{
  uint64_t back = 1 + dice (r->w, 50);
  for (r->marks = 0; r->marks < MARKS && end > r->entered + back; back = back * 8 + dice (r->w, 50))
    r->mark[r->marks++].lsn = end - back;
}

static void
note_marks (replay_t *r, uint64_t lsn)
{
  for (size_t i = 0; i < r->marks; i++)
    if (r->mark[i].lsn == lsn) {
      memcpy (r->mark[i].support, r->support, sizeof r->support);
      r->mark[i].sums = r->sums;
    }
}

static void
compare_marks (replay_t *r, kv_txn_t *txn)
{
  for (size_t i = 0; i < r->marks; i++) {
    int64_t by_year[YEARS];
    sums_t got, expected = r->mark[i].sums;
    expected.figures = 0;
    const err_t err = look_snapshot (r->w->l, txn, r->mark[i].lsn, by_year, &got);
    if (err != ERR_OK || !sums_same (&got, &expected) ||
        memcmp (by_year, r->mark[i].support, sizeof by_year) != 0)
      broken (r->w, "the snapshot of %" PRIu64 " says something else than the log (%s)", r->mark[i].lsn,
              err_name (err));
  }
}

void
replay_all (world_t *w)
{
  replay_t r = {.w = w, .entered = w->entered};
  position_t end;
  kv_txn_t *txn = NULL;
  for (size_t i = 0; i < 2; i++) {
    r.stand[i] = calloc (w->numbers + 1, sizeof *r.stand[i]);
    CHECK (r.stand[i] != NULL);
  }
  CHECK (kv_begin (ledger_kv (w->l), false, &txn) == ERR_OK);
  CHECK (ledger_end (w->l, txn, &end, NULL) == ERR_OK);
  choose_marks (&r, end.lsn);
  for (uint64_t lsn = 1; lsn <= end.lsn; lsn++) {
    if (lsn % SLICE == 0) {
      kv_abort (&txn);
      CHECK (kv_begin (ledger_kv (w->l), false, &txn) == ERR_OK);
    }
    replay_one (&r, txn, lsn);
    note_marks (&r, lsn);
  }
  compare_marks (&r, txn);
  kv_abort (&txn);
  for (size_t i = 0; i < 2; i++)
    free (r.stand[i]);
  printf ("replayed: %" PRIu64 " entries, the sums looked at after each of %" PRIu64
          "; %zu snapshots back to "
          "%" PRIu64 " agree\n",
          r.entries, end.lsn - r.entered + 1, r.marks, r.marks > 0 ? r.mark[r.marks - 1].lsn : end.lsn);
}
