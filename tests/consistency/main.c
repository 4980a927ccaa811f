/* main.c - kc-conserved: how long, with what chance, and what came of it. */
#include "tests/consistency/conserved.h"

#include "collector/ledger/verify.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/shipped/catalogue.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_MS INT64_C (1764000000000) /* what the fixture's invites are made by */

uint32_t
dice (world_t *w, uint32_t n)
{
  w->dice ^= w->dice >> 12;
  w->dice ^= w->dice << 25;
  w->dice ^= w->dice >> 27;
  return (uint32_t)((w->dice * UINT64_C (2685821657736338717)) >> 32) % n;
}

void
broken (const world_t *w, const char *fmt, ...)
{
  va_list args;
  printf ("FAILED after %" PRIu64 " updates in %" PRIu64 " commits: ", w->made, w->commits);
  va_start (args, fmt);
  vprintf (fmt, args);
  va_end (args);
  printf ("\nagain: --updates %" PRIu64 " --seed %" PRIu64 "\n", w->plan.updates, w->plan.seed);
  fflush (stdout);
  exit (1);
}

static bool
read_number (const char *text, uint64_t *out)
{
  char *end;
  *out = strtoull (text, &end, 10);
  return end != text && *end == '\0';
}

static void
open_store (world_t *w)
{
  fail_t fail = {0};
  if (ledger_open (w->dir, false, &w->l, &fail) != ERR_OK)
    broken (w, "open: %s", fail.text);
}

static void
make_store (world_t *w)
{
  static const char *const codes[OFFICES] = {"540", "542", "543", "544", "545", "546",
                                             "547", "548", "549", "550", "551"};
  const str_t catalogue = {(const char *)shipped_catalogue, shipped_catalogue_size};
  fail_t fail = {0};
  if (ledger_init (w->dir, catalogue, 0, w->now, &fail) != ERR_OK)
    broken (w, "init: %s", fail.text);
  open_store (w);
  for (size_t i = 0; i < PCS; i++) {
    const char *code = i + 1 < PCS ? codes[i / 2] : "52";
    const unit_t *unit = catalogue_unit_by_code (ledger_catalogue (w->l), str_of (code));
    CHECK (unit != NULL);
    pc_open (w, &w->pc[i], unit->id, i + 1 < PCS ? ROLE_OFFICE : ROLE_PROVINCE);
  }
}

/* Chunks are made ahead of being sent, so that their authors know less than the centre. */
static void
work (world_t *w)
{
  const uint64_t from = w->made;
  while (w->made - from < w->plan.updates) {
    pc_t *pc = &w->pc[dice (w, PCS)];
    if (pc->waiting_n < WAITING) {
      pc_begin_batch (pc);
      const uint32_t most = UINT32_C (1) << dice (w, 10);
      for (uint32_t n = 1 + dice (w, most); pc->waiting[pc->waiting_n - 1].n == 0;)
        do_deeds (w, pc, n);
    }
    if (dice (w, 3) > 0)
      continue;
    send_some (w);
    look_published (w);
  }
  send_all (w);
  look_published (w);
}

static void
finding (void *ctx, const char *thing, str_t name, const char *what)
{
  (void)ctx;
  printf ("  %s %.*s: %s\n", thing, STR_ARG (name), what);
}

static void
verify (world_t *w)
{
  verify_counts_t n;
  const err_t err = verify_run (w->l, finding, NULL, NULL, &n);
  if (err != ERR_OK || n.findings != 0)
    broken (w, "verify: %s, %" PRIu64 " findings", err_name (err), n.findings);
  printf ("verify: %" PRIu64 " entries, %" PRIu64 " records, no finding\n", n.entries, n.records);
}

static void
run (world_t *w)
{
  position_t end;
  kv_txn_t *txn = NULL;
  make_store (w);
  enter_all (w);
  look_published (w);
  CHECK (kv_begin (ledger_kv (w->l), false, &txn) == ERR_OK);
  CHECK (ledger_end (w->l, txn, &end, NULL) == ERR_OK);
  kv_abort (&txn);
  w->entered = end.lsn;
  const uint64_t entered = w->made;
  printf ("entered: %" PRIu64 " updates\n", entered);
  sums_say ("sums", &w->expected);
  ledger_close (&w->l);
  readers_start (w);
  open_store (w);
  const mono_t begun = clock_mono ();
  work (w);
  const int64_t took = clock_mono ().ms - begun.ms;
  readers_stop (w);
  printf ("%" PRIu64 " updates in %" PRIu64 " commits, every cell of every grouping read after each (%" PRIu64
          " cells), %.1f s\n",
          w->made - entered, w->commits, w->cells, (double)took / 1000);
  printf ("%" PRIu64 " accepted, %" PRIu64 " merged, %" PRIu64 " parked, %" PRIu64 " refused; %" PRIu64
          " repeated, %" PRIu64 " chunks turned away\n",
          w->accepted, w->merged, w->parked, w->refused, w->repeated, w->turned_away);
  replay_all (w);
  verify (w);
  if (w->merged == 0 || w->parked == 0 || w->refused == 0 || w->repeated == 0 || w->turned_away == 0)
    broken (w, "something never happened: this proves less than it says");
}

int
main (int argc, char **argv)
{
  static world_t w;
  w.plan = (plan_t){.updates = 150000, .seed = 1};
  for (int i = 1; i < argc; i++) {
    const bool has = i + 1 < argc;
    if (has && strcmp (argv[i], "--updates") == 0 && read_number (argv[i + 1], &w.plan.updates))
      i++;
    else if (has && strcmp (argv[i], "--seed") == 0 && read_number (argv[i + 1], &w.plan.seed))
      i++;
    else if (argv[i][0] != '-' && w.dir == NULL)
      w.dir = argv[i];
    else
      w.dir = NULL, argc = 0;
  }
  if (w.dir == NULL) {
    fputs ("usage: kc-conserved DIR [--updates N] [--seed N]   (DIR: an empty place for the store)\n",
           stderr);
    return 2;
  }
  w.plan.own = w.plan.updates / 10000 < 20     ? 20
               : w.plan.updates / 10000 > 1000 ? 1000
                                               : w.plan.updates / 10000;
  w.plan.shared = w.plan.own / 2;
  w.dice = w.plan.seed * UINT64_C (0x9e3779b97f4a7c15) | 1;
  w.now.ms = NOW_MS;
  w.arena = arena_new ((size_t)512 << 20);
  w.look_arena = arena_new (UPDATE_ROOM);
  w.book = book_new (ledger_book_dbs ());
  CHECK (crypto_init () && w.arena != NULL && w.look_arena != NULL && w.book != NULL);
  run (&w);
  for (size_t i = 0; i < PCS; i++)
    pc_close (&w.pc[i]);
  book_destroy (&w.book);
  arena_destroy (&w.arena);
  arena_destroy (&w.look_arena);
  ledger_close (&w.l);
  puts ("every published total and every snapshot held the sums");
  return 0;
}
