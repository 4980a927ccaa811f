/* sim.h - the programs in a world of our own making: time, network, disks and chance are ours.
 *
 * What runs here are the programs themselves: kc-agent's serve and join (agent/sync over agent/outbox) and
 * kc-collector's serve (collector/gate over collector/ledger), the same libraries as shipped. Only what
 * touches the outside has another body here, behind the same headers: common/net (network.c), actors and
 * waiting (fibers.c), clocks, locks and stopping (machine.c), the store's engine (disk.c: the one in memory
 * behind a disk that fails), the control socket (centre.c), the source of randomness (chance.c).
 *
 * One thread. Every thread of a program is a fiber, which runs until it waits; what it waits for is an event
 * of one queue ordered by simulated time. All chance comes from the seed: same seed, same run, bit for bit.
 *
 * A machine that dies goes on for a moment as a shade: its fibers run to their end so that nothing leaks,
 * but nothing they do reaches disk, network or anybody's eye any more. */
#ifndef KC_TESTS_SIM_H
#define KC_TESTS_SIM_H

#include "agent/outbox/outbox.h"
#include "collector/ledger/ledger.h"
#include "common/net/net.h"

#include <stdio.h>

#define MACHINES_MAX 8u
#define SECOND INT64_C (1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* ---- chance (chance.c) ---- */
uint64_t chance (void);
uint64_t chance_below (uint64_t n);                 /* 0 when n is 0 */
int64_t chance_between (int64_t low, int64_t high); /* both included */
bool chance_in (uint32_t permille);
void chance_seed (uint64_t seed);
void chance_install (void); /* once a process, before the library of secrets wakes: its bytes are ours too */

/* ---- what happens when (world.c) ---- */
typedef void (event_fn) (void *ctx, uint64_t n);
int64_t sim_now (void); /* true time, ms since the run began */
void sim_at (int64_t when, event_fn *fn, void *ctx, uint64_t n);
void sim_after (int64_t delay, event_fn *fn, void *ctx, uint64_t n);
/* Runs the world until then, or until a violation. */
void sim_run_until (int64_t until);
/* An event as replay prints it; part of the run's fingerprint. */
void sim_say (const char *fmt, ...) PRINTF_LIKE (1, 2);
/* What replay prints beside it. */
void sim_note (const char *fmt, ...) PRINTF_LIKE (1, 2);
bool sim_loud (void);
/* Something that must never be. The run ends there. */
void sim_violation (const char *fmt, ...) PRINTF_LIKE (1, 2);
bool sim_violated (void);
extern FILE *sim_out;
#define EXIT_CHECK_FAILED 9

typedef struct {
  uint64_t seed, events, fingerprint;
  double agent_hours;
  uint64_t updates, acknowledged, refused, crashes, checks;
  bool violated;
} run_result_t;
void sim_begin (uint64_t seed, bool loud);
void sim_end (run_result_t *out);

/* ---- fibers (fibers.c) ---- */
typedef struct fiber fiber_t;
typedef struct machine machine_t;

typedef struct {
  fiber_t *waiter; /* who waits for it now */
  bool ready;
} pollable_t;
void pollable_ready (pollable_t *p); /* sets it and wakes who waits */

fiber_t *fiber_new (machine_t *m, void (*fn) (void *arg), void *arg);
void
fiber_wait (int64_t timeout_ms); /* the running one: until woken or the time is over (negative: for ever) */
void fiber_wake (fiber_t *f, int64_t delay_ms);
bool fiber_over (const fiber_t *f);
bool fibers_turn (void); /* runs one that is ready; false: none is */
void fibers_unwind (machine_t *m);
void fibers_end (void); /* of the run */

/* ---- machines (machine.c) ---- */
struct disk;
struct machine {
  unsigned index; /* 0: the centre's server */
  char name[24], dir[24];
  unsigned fibers;   /* alive */
  bool dead, buried; /* power cut; nothing runs on as a shade any more */
  bool stopping;     /* asked to */
  bool locked;       /* somebody serves its DIR */
  int64_t skew_ms;   /* its wall clock against the true one */
  int64_t shade_ms;  /* time that passes for the dead alone */
  uint64_t life;     /* counts the times it was switched on */
  int64_t on_since;
  struct disk *disk;
  void (*program) (machine_t *m);
};
extern machine_t machines[MACHINES_MAX];
extern unsigned machines_n;
machine_t *machine_here (void); /* whose code runs now; NULL: nobody's */
void
machine_enter (machine_t *m); /* code of m runs from here on, outside its fibers (a command); not nested */
void machine_leave (void);
machine_t *machine_add (const char *name, void (*program) (machine_t *m));
void machine_on (machine_t *m);
void machine_stop (machine_t *m);                 /* as its user switches it off */
void machine_die (machine_t *m, const char *how); /* power cut: from within its code or without */
void machine_settle (machine_t *m);               /* after its code ran: buries what died */
bool machine_runs (const machine_t *m);
wall_t machine_clock (const machine_t *m);
void machines_skip (int64_t ms); /* the calendar goes on by so much, with all machines off */
void machines_end (void);

/* ---- disks (disk.c) ---- */
typedef struct disk {
  kv_t *store; /* NULL: nothing on it */
  kv_t *copy;  /* somebody has made of it; NULL: none */
  uint64_t commits;
  uint32_t die_in;           /* store operations from now on, then the power fails; 0: it does not */
  uint32_t die_at_commit;    /* the same in commits: right before or right after it is durable */
  int64_t full_until;        /* true time */
  uint32_t flush_fails, rot; /* per 10,000 commits, reads */
} disk_t;
/* Opens the store of a machine past all faults, for the checks. */
void disk_watch (bool on);
void disk_keep (disk_t *d);    /* a copy is made of the store */
void disk_go_back (disk_t *d); /* and put back, with the machine off */
void disk_end (disk_t *d);
/* Turns one bit of one value of the store; false: there is none. */
bool disk_rot_forever (disk_t *d, size_t db_n);

/* ---- network (network.c) ---- */
typedef struct {
  int64_t delay_ms;         /* mean, one way */
  uint32_t loss;            /* permille of packets: sent again, later */
  uint32_t mangled;         /* permille of frames dropped, repeated or swapped: what no real line does */
  int64_t cut_until[2];     /* true time; up, down */
  int64_t clogged_until[2]; /* nothing is lost, all of it comes later */
} wire_line_t;
extern wire_line_t links[MACHINES_MAX]; /* of each office to the centre */
void network_reset (machine_t *m);      /* the line breaks; both ends hear of it if they can */
void network_died (machine_t *m);
void network_end (void);

/* ---- the programs (agent.c, centre.c) ---- */
void centre_catalogue (buf_t *out);
void centre_begin (void); /* makes the centre's store and switches its server on */
/* Asks the running centre for a change, as a command beside serve does. Lost when it dies meanwhile. */
typedef void (reply_fn) (machine_t *about, int exit_code, str_t out);
void centre_ask (const char *operation, const char *const *args, size_t n, machine_t *about, reply_fn *then);
void centre_end (void);

typedef struct {
  const char *office;
  unit_id_t unit;
  machine_t *twin; /* the office's other PC; NULL: there is none */
  buf_t invite;
  bool joined, revoked;
  bool restored;  /* an old copy of its store came back, and has not left its stream (yet) */
  unsigned codes; /* made so far */
  uint64_t saved; /* last sequence its clerk was told is stored */
  hash_t saved_hash;
} office_t;
extern office_t offices[MACHINES_MAX];
void office_begin (const char *code, unit_id_t unit, bool two_pcs);
void offices_end (void);

/* ---- what people and fate do (workload.c, faults.c) ---- */
typedef struct {
  const char *name, *what;
  uint32_t loss_max, mangled, cut, clog, crash, crash_centre, disk_faults, jumps, away, storms, copies,
      holidays, restores, rekeys, twins;
} profile_t;
const profile_t *profile_find (const char *name); /* NULL: none of that name */
const profile_t *profile_at (size_t i);           /* NULL past the last */
void faults_begin (const profile_t *p);
void faults_end (void); /* all is well from here on */
void workload_begin (void);
void workload_end (void);

/* ---- checks (checks.c) ---- */
void checks_begin (void);
void checks_committed (machine_t *m);
void checks_acknowledged (machine_t *m, store_id_t store, uint64_t seq); /* the centre says so to m */
void checks_enrolled (machine_t *m, str_t certificate);                  /* likewise */
void checks_saved (machine_t *m, outbox_t *o, bool changed); /* its clerk was told so; changed: something */
void checks_restored (machine_t *m);
/* The centre's store is a backup's, the machine off: what follows a restore is done, and checked against. */
void checks_centre_restored (machine_t *m);
bool checks_drained (bool say); /* say: who still waits is a violation */
void checks_final (void);
void checks_end (run_result_t *out);

#endif
