/* readers.c - other processes that look at the store whenever they like, as commands beside serve do. */
#include "tests/consistency/conserved.h"

#include "common/platform/platform.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECENT 4000u    /* places a snapshot mostly goes back */
#define FAR_BACK 60000u /* and sometimes */
#define PAUSE_MS 100u

typedef struct {
  uint64_t asked, snapshots, between;
} seen_t;

static volatile sig_atomic_t over;
static pid_t process[READERS];
static int answer[READERS];

static void
stop (int signal_number)
{
  (void)signal_number;
  over = 1;
}

typedef struct {
  world_t *w;
  ledger_t *l;
  book_t *book;
  arena_t *arena;
  seen_t seen;
} reader_t;

static void
must_hold (reader_t *r, const char *what, uint64_t lsn, err_t err, const sums_t *got, const sums_t *expected)
{
  if (err == ERR_OK && sums_same (got, expected))
    return;
  printf ("FAILED: a reader, %s at %" PRIu64 ": %s\n", what, lsn, err_name (err));
  sums_say ("expected", expected);
  sums_say ("got", got);
  printf ("again: --updates %" PRIu64 " --seed %" PRIu64 "\n", r->w->plan.updates, r->w->plan.seed);
  fflush (stdout);
  _exit (1);
}

static void
look_now (reader_t *r, kv_txn_t *txn, uint64_t lsn)
{
  static const char *const by[] = {"",
                                   "year",
                                   "source",
                                   "district",
                                   "item",
                                   "status",
                                   "fund",
                                   "category",
                                   "office",
                                   "year,source",
                                   "year,item,source,district"};
  sums_t expected = r->w->expected, got;
  expected.figures = 0; /* no column of an answer */
  const char *question = by[dice (r->w, sizeof by / sizeof by[0])];
  const err_t err = look_asked (r->l, txn, r->book, question, &got);
  must_hold (r, question, lsn, err, &got, &expected);
  r->seen.asked++;
}

static void
look_back (reader_t *r, kv_txn_t *txn, uint64_t end, uint64_t first)
{
  const uint32_t back = dice (r->w, dice (r->w, 30) == 0 ? FAR_BACK : RECENT);
  const uint64_t lsn = end > first + back ? end - back : end;
  sums_t expected = r->w->expected, got, under_way = {0};
  int64_t by_year[YEARS];
  log_entry_t e;
  err_t err = ledger_log_get (r->l, txn, lsn, &e);
  if (err == ERR_OK)
    err = look_under_way (&e, r->arena, &under_way);
  r->seen.between += under_way.support != 0 || under_way.value != 0;
  sums_add (&expected, &under_way, 1);
  expected.figures = 0;
  if (err == ERR_OK)
    err = look_snapshot (r->l, txn, lsn, by_year, &got);
  must_hold (r, "a snapshot", lsn, err, &got, &expected);
  r->seen.snapshots++;
}

static void
look_around (reader_t *r)
{
  position_t first = {0};
  fail_t fail = {0};
  for (bool begun = false; !over && getppid () != 1; begun = true) {
    kv_txn_t *txn = NULL;
    position_t end;
    CHECK (kv_begin (ledger_kv (r->l), false, &txn) == ERR_OK);
    CHECK (ledger_end (r->l, txn, &end, NULL) == ERR_OK);
    CHECK (ledger_catalogue_refresh (r->l, txn, &fail) == ERR_OK);
    if (!begun)
      first = end;
    if (dice (r->w, 2) == 0)
      look_now (r, txn, end.lsn);
    else
      look_back (r, txn, end.lsn, first.lsn);
    kv_abort (&txn);
    clock_sleep_ms (dice (r->w, PAUSE_MS));
  }
}

static _Noreturn void
read_on (const world_t *of, size_t number, int out)
{
  world_t w = *of;
  reader_t r = {.w = &w, .book = book_new (ledger_book_dbs ()), .arena = arena_new (UPDATE_ROOM)};
  fail_t fail = {0};
  w.dice += 7919 * (number + 1);
  CHECK (r.book != NULL && r.arena != NULL);
  if (ledger_open (w.dir, true, &r.l, &fail) != ERR_OK)
    broken (&w, "a reader cannot open the store: %s", fail.text);
  look_around (&r);
  CHECK (write (out, &r.seen, sizeof r.seen) == (ssize_t)sizeof r.seen);
  ledger_close (&r.l);
  _exit (0);
}

void
readers_start (const world_t *w)
{
  signal (SIGTERM, stop);
  fflush (stdout);
  for (size_t i = 0; i < READERS; i++) {
    int ends[2];
    CHECK (pipe (ends) == 0);
    process[i] = fork ();
    CHECK (process[i] >= 0);
    if (process[i] == 0)
      read_on (w, i, ends[1]);
    close (ends[1]);
    answer[i] = ends[0];
  }
}

void
readers_stop (world_t *w)
{
  seen_t all = {0};
  bool well = true;
  for (size_t i = 0; i < READERS; i++) {
    seen_t seen = {0};
    int status = 0;
    kill (process[i], SIGTERM);
    well = read (answer[i], &seen, sizeof seen) == (ssize_t)sizeof seen && well;
    well = waitpid (process[i], &status, 0) == process[i] && WIFEXITED (status) &&
           WEXITSTATUS (status) == 0 && well;
    close (answer[i]);
    all.asked += seen.asked;
    all.snapshots += seen.snapshots;
    all.between += seen.between;
  }
  if (!well)
    broken (w, "a reader did not end well");
  printf ("%u readers: %" PRIu64 " questions, %" PRIu64 " snapshots, %" PRIu64 " of them within a move\n",
          READERS, all.asked, all.snapshots, all.between);
}
