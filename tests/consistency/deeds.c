/* deeds.c - what the workload's people do. Each function leaves every sum as it was. */
#include "tests/consistency/conserved.h"

#include "collector/ledger/conflicts.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>
#include <string.h>

#define MONEY INT64_C (100000000000)
#define MOVED_MIN INT64_C (100000000) /* of a record that others write too: no two moves are alike */

static int64_t
amount (world_t *w, int64_t below)
{
  const uint64_t high = dice (w, UINT32_MAX), low = dice (w, UINT32_MAX);
  return 1 + (int64_t)((high << 31 ^ low) % (uint64_t)below);
}

/* ---- everything is entered ---- */

static account_t
new_scheme (world_t *w, unit_id_t unit, size_t sources)
{
  account_t a = {.n = ++w->numbers, .home = unit, .office = unit, .status = STATUS_APPROVED};
  a.id = a.n;
  a.year = dice (w, YEARS);
  a.item = dice (w, ITEMS);
  a.matching = amount (w, MONEY);
  for (size_t i = 0; i < SOURCES; i++) {
    a.settled[i] = -1;
    a.approved[i] = i < sources ? MONEY + amount (w, MONEY) : -1;
  }
  return a;
}

static void
enter (world_t *w, pc_t *pc, account_t *a)
{
  const sums_t s = account_sums (a);
  sums_add (&w->expected, &s, 1);
  pc_write (w, pc, a, OP_PUT, NULL, NULL, 0);
}

/* Records of its own, some of them withdrawn before they ever counted. */
static void
enter_own (world_t *w, pc_t *pc)
{
  const size_t schemes = w->plan.own, spare = schemes / 8 + 1, outcomes = schemes / 4 + 2;
  pc->own_n = schemes + spare + outcomes;
  pc->own = calloc (pc->own_n, sizeof *pc->own);
  CHECK (pc->own != NULL);
  for (size_t i = 0; i < pc->own_n; i++) {
    account_t *a = &pc->own[i];
    *a = new_scheme (w, pc->unit, SOURCES);
    a->outcome = i >= schemes + spare;
    a->value = amount (w, 1000000);
    a->value_kind = VALUE_ESTIMATE;
    if (!a->outcome && i >= schemes) {
      a->status = STATUS_DRAFT;
      pc_write (w, pc, a, OP_PUT, NULL, NULL, 0);
      pc_write (w, pc, a, OP_WITHDRAW, "để dành", NULL, 0);
    } else {
      enter (w, pc, a);
    }
  }
}

/* Records of the office: its first PC enters them; some the second has entered, too, under another id. */
static void
enter_shared (world_t *w, pc_t *first, pc_t *second)
{
  first->shared_n = second->shared_n = w->plan.shared;
  first->shared = calloc (w->plan.shared, sizeof *first->shared);
  second->shared = calloc (w->plan.shared, sizeof *second->shared);
  CHECK (first->shared != NULL && second->shared != NULL);
  for (size_t i = 0; i < w->plan.shared; i++) {
    account_t *a = &first->shared[i];
    *a = new_scheme (w, first->unit, 2);
    second->shared[i] = *a;
    enter (w, first, a);
    if (i % 4 == 0) {
      second->shared[i].id |= OTHER_ID;
      pc_write (w, second, &second->shared[i], OP_PUT, NULL, NULL, 0);
    }
  }
}

void
enter_all (world_t *w)
{
  pc_t *province = &w->pc[PCS - 1];
  for (size_t i = 0; i + 1 < PCS; i++)
    pc_begin_batch (&w->pc[i]);
  for (size_t i = 0; i < OFFICES; i++)
    enter_shared (w, &w->pc[2 * i], &w->pc[2 * i + 1]);
  province->shared_n = OFFICES * w->plan.shared;
  province->shared = calloc (province->shared_n, sizeof *province->shared);
  CHECK (province->shared != NULL);
  for (size_t i = 0; i < province->shared_n; i++) {
    province->shared[i] = w->pc[2 * (i / w->plan.shared)].shared[i % w->plan.shared];
    province->shared[i].version.seq = 0; /* not seen yet */
  }
  send_all (w);
  for (size_t i = 0; i < PCS; i++) {
    pc_begin_batch (&w->pc[i]);
    enter_own (w, &w->pc[i]);
    send_all (w);
  }
}

/* ---- records of one's own ---- */

static int64_t *
counting (account_t *a)
{
  return account_counts_settled (a) ? a->settled : a->approved;
}

static account_t *
pick_own (world_t *w, pc_t *pc, bool outcome, bool withdrawn)
{
  for (unsigned tries = 0; tries < 1000; tries++) {
    account_t *a = &pc->own[dice (w, (uint32_t)pc->own_n)];
    if (a->outcome == outcome && a->withdrawn == withdrawn)
      return a;
  }
  return NULL;
}

/* Two updates that only together leave the sums: the first says what is missing until the second. */
static void
write_pair (world_t *w, pc_t *pc, account_t *a, operation_t operation, const account_t *before, account_t *b)
{
  char text[160];
  sums_t was = account_sums (before), is = account_sums (a);
  sums_add (&is, &was, -1);
  under_way_text (&is, text);
  pc_write (w, pc, a, operation, text, NULL, 0);
  pc_write (w, pc, b, OP_PUT, "nửa sau", NULL, 0);
}

static void
pay_across (world_t *w, pc_t *pc)
{
  account_t *a = pick_own (w, pc, false, false), *b = pick_own (w, pc, false, false);
  const uint32_t from = dice (w, SOURCES), to = dice (w, SOURCES);
  if (a == NULL || b == NULL || a == b)
    return;
  const account_t before = *a;
  if (counting (a)[from] > 0) {
    const int64_t moved = amount (w, counting (a)[from]);
    counting (a)[from] -= moved;
    counting (b)[to] += moved;
  }
  if (a->matching > 0) {
    const int64_t moved = amount (w, a->matching);
    a->matching -= moved;
    b->matching += moved;
  }
  write_pair (w, pc, a, OP_PUT, &before, b);
}

/* One is withdrawn, another comes back with what it had. */
static void
replace (world_t *w, pc_t *pc)
{
  account_t *a = pick_own (w, pc, false, false), *b = pick_own (w, pc, false, true);
  if (a == NULL || b == NULL)
    return;
  const account_t before = *a;
  b->status = STATUS_APPROVED;
  b->matching = a->matching;
  for (size_t i = 0; i < SOURCES; i++)
    b->approved[i] = counting (a)[i];
  a->withdrawn = true;
  write_pair (w, pc, a, OP_WITHDRAW, &before, b);
}

static void
shift_value (world_t *w, pc_t *pc)
{
  account_t *a = pick_own (w, pc, true, false), *b = pick_own (w, pc, true, false);
  if (a == NULL || b == NULL || a == b || a->value == 0)
    return;
  const account_t before = *a;
  const int64_t moved = amount (w, a->value);
  a->value -= moved;
  b->value += moved;
  a->value_kind = a->value_kind == VALUE_ESTIMATE ? VALUE_ACTUAL : VALUE_ESTIMATE;
  write_pair (w, pc, a, OP_PUT, &before, b);
}

static void
settle (account_t *a)
{
  a->status = STATUS_SETTLED;
  memcpy (a->settled, a->approved, sizeof a->settled);
}

/* Out of settled: what counts from now on is what counted. */
static void
reopen (account_t *a)
{
  a->status = STATUS_RUNNING;
  memcpy (a->approved, a->settled, sizeof a->approved);
}

static void
move_within (world_t *w, account_t *a, int64_t least)
{
  const uint32_t from = dice (w, SOURCES), to = (from + 1 + dice (w, SOURCES - 1)) % SOURCES;
  int64_t *at = counting (a);
  if (at[from] < 4 * least || at[from] < 4)
    return;
  const int64_t moved = amount (w, at[from] / 4);
  at[from] -= moved;
  at[to] = (at[to] < 0 ? 0 : at[to]) + moved;
}

static void
step_status (world_t *w, account_t *a)
{
  if (!account_counts_settled (a))
    a->status = (status_t)(STATUS_APPROVED + dice (w, STATUS_SETTLED - STATUS_APPROVED));
}

/* Year, item or status: where the money is counted. */
static void
change_place (world_t *w, account_t *a, uint32_t what)
{
  if (what == 0)
    a->year = dice (w, YEARS);
  else if (what == 1)
    a->item = dice (w, ITEMS);
  else
    step_status (w, a);
}

static void
change_own (world_t *w, pc_t *pc)
{
  account_t *a = pick_own (w, pc, false, false);
  if (a == NULL)
    return;
  const uint32_t what = dice (w, 6);
  switch (what) {
  case 0:
  case 1:
  case 2:
    change_place (w, a, what);
    break;
  case 3:
    if (account_counts_settled (a))
      reopen (a);
    else
      settle (a);
    break;
  default:
    move_within (w, a, 1);
    break;
  }
  pc_write (w, pc, a, OP_PUT, "sửa", NULL, 0);
}

/* ---- records that others write, too ---- */

typedef struct {
  version_t version[SETTLES_MAX];
  uint32_t n;
} parked_t;

static err_t
note_parked (void *ctx, const conflict_t *c)
{
  parked_t *p = ctx;
  if (p->n == SETTLES_MAX)
    return ERR_END;
  p->version[p->n++] = c->version;
  return ERR_OK;
}

/* What stands, and which sides are parked: the next edit decides those. False: it is not there yet. */
static bool
catch_up (world_t *w, account_t *a, parked_t *parked)
{
  kv_txn_t *txn = NULL;
  row_t row;
  update_t u;
  const record_ref_t ref = {a->home, id_of_number (a->n)};
  if (kv_begin (ledger_kv (w->l), false, &txn) != ERR_OK)
    broken (w, "a reader cannot begin");
  err_t err = book_get (w->book, txn, ref, &row);
  if (err == ERR_NOT_FOUND) { /* the id that the second PC gave it was the first here */
    const record_ref_t other = {a->home, id_of_number (a->n | OTHER_ID)};
    err = book_get (w->book, txn, other, &row);
  }
  if (err == ERR_OK) {
    arena_reset (w->look_arena);
    CHECK (update_decode (row.bytes, w->look_arena, &u, NULL) == ERR_OK);
    account_read (a, &u);
    a->version = row.version;
    const err_t seen = conflicts_each (txn, &row.ref.id, note_parked, parked);
    CHECK (seen == ERR_OK || seen == ERR_END);
  }
  kv_abort (&txn);
  return err == ERR_OK;
}

static void
change_shared (world_t *w, pc_t *pc)
{
  account_t *a = &pc->shared[dice (w, (uint32_t)pc->shared_n)];
  parked_t parked = {.n = 0};
  if ((a->version.seq == 0 || dice (w, 3) == 0) && !catch_up (w, a, &parked))
    return;
  if (pc->role == ROLE_OFFICE && a->office != pc->unit && dice (w, 20) > 0)
    return; /* it went to another office; now and then one does not know that yet */
  const uint32_t what = dice (w, 8);
  switch (what) {
  case 0:
  case 1:
  case 2:
    change_place (w, a, what);
    break;
  case 3:
    a->note = ++w->notes;
    break;
  case 4:
    if (a->n % 2 == 0 && !account_counts_settled (a) && dice (w, 200) == 0)
      settle (a); /* once: two PCs that settle anew might write the same amount into one field of several */
    break;
  default:
    move_within (w, a, MOVED_MIN);
    break;
  }
  if (pc->role == ROLE_PROVINCE && dice (w, 4) == 0)
    a->office = a->office == a->home ? w->pc[2 * dice (w, OFFICES)].unit : a->home;
  pc_write (w, pc, a, OP_PUT, "sửa", parked.version, parked.n);
}

void
do_deeds (world_t *w, pc_t *pc, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const uint32_t what = dice (w, 20);
    if (what < 5 && pc->shared_n > 0)
      change_shared (w, pc);
    else if (what < 11)
      change_own (w, pc);
    else if (what < 16)
      pay_across (w, pc);
    else if (what < 18)
      replace (w, pc);
    else
      shift_value (w, pc);
  }
}
