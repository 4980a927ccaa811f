/* conserved.h - a workload that moves money about and neither makes nor loses any, through the ledger's own
 * door into a real store (MESSAGING 5, row 9).
 *
 * Schemes hold money by source, with a year, an item, an office and a state; outcomes hold a value. PCs of
 * eleven offices and of the province move it: from source to source, year to year, item to item, office to
 * office within one record; from record to record in two updates, which travel in one chunk and hence are
 * committed together; out of a withdrawn record into one that comes back. They work on what they last saw,
 * so updates are accepted, merged, parked and refused; their chunks come interleaved, early, twice and
 * overlapping. Whatever becomes of an update, the sums over all cells of every grouping stay what they were
 * when everything had been entered:
 *
 *   published   after every commit, every cell of every grouping is read (looks.c)
 *   asked       other processes ask for totals and for snapshots at random places, all the while (readers.c)
 *   replayed    at the end the log is counted again from its first entry, by a count of our own that shares
 *               nothing with the product's, and looked at after every single entry; snapshots at places far
 *               back must say what that count said there (replay.c)
 *
 * Between the two updates of one move what is under way is missing; the first one's comment says how much,
 * so a snapshot that stands there is checked as exactly as any other.
 *
 * A merge takes each field from whoever changed it, and equal changes once. Moves within a record that other
 * PCs also write are therefore made so that no two of them ever write the same amount into the same field:
 * what stays the sum is then every clean merge, and clashes are parked whole. */
#ifndef KC_TESTS_CONSERVED_H
#define KC_TESTS_CONSERVED_H

#include "collector/ledger/ledger.h"

#define OFFICES 11u
#define PCS (2u * OFFICES + 1u) /* two of each office, one of the province */
#define SOURCES 3u
#define YEARS 4u
#define FIRST_YEAR 2016u
#define ITEMS 4u
#define OTHER_ID (1u << 30) /* added to a record's number: the id that the office's other PC gave it */
#define KEPT 3u             /* chunks that may be sent again */
#define WAITING 3u          /* chunks made ahead */

typedef struct {
  int64_t support, schemes, schemes_all, matching; /* of schemes */
  int64_t value, figures;                          /* of outcomes */
} sums_t;
bool sums_same (const sums_t *a, const sums_t *b);
void sums_add (sums_t *to, const sums_t *more, int sign);
void sums_say (const char *what, const sums_t *s);

/* A record as one PC last saw it. */
typedef struct {
  uint32_t n, id; /* its code and its id are made of these */
  bool outcome, withdrawn;
  unit_id_t home, office;
  status_t status;
  unsigned year, item;
  int64_t approved[SOURCES], settled[SOURCES]; /* -1: none */
  int64_t matching, value;
  value_kind_t value_kind;
  uint64_t note;
  version_t version; /* seq 0: it is not made yet */
} account_t;

typedef struct {
  update_t u;
  char code[24], note[24];
} made_t;
void account_update (const account_t *a, operation_t operation, const char *comment, made_t *out);
void account_read (account_t *a, const update_t *u); /* number and id stay */
sums_t account_sums (const account_t *a);
bool account_counts_settled (const account_t *a);
record_id_t id_of_number (uint32_t n);
uint32_t number_of_id (record_id_t id);

/* Updates of a stream that travel together; first and last of a move are never in two. */
typedef struct {
  buf_t bytes;
  size_t *end; /* of each update in bytes */
  size_t n, cap;
  uint64_t first;
  hash_t before; /* the chain in front of them */
} batch_t;

typedef struct {
  uint32_t serial;
  unit_id_t unit;
  role_t role;
  store_id_t store;
  sign_secret_t secret;
  uint64_t seq, acked;
  hash_t hash;
  batch_t kept[KEPT], waiting[WAITING];
  size_t kept_n, waiting_n;
  account_t *own, *shared; /* nobody else writes own: of those, spare ones are withdrawn */
  size_t own_n, shared_n;
} pc_t;

typedef struct {
  uint64_t updates, seed;
  size_t own, shared; /* schemes of each PC; of each office */
} plan_t;

typedef struct {
  plan_t plan;
  const char *dir;
  ledger_t *l;
  book_t *book; /* for looking */
  arena_t *arena, *look_arena;
  pc_t pc[PCS];
  uint64_t dice, notes, made;
  uint32_t numbers;
  wall_t now;
  sums_t expected;
  uint64_t entered; /* place of the log from which on the sums stand */
  uint64_t commits, cells, accepted, merged, parked, refused, repeated, turned_away;
} world_t;

uint32_t dice (world_t *w, uint32_t n);
_Noreturn void broken (const world_t *w, const char *fmt, ...) PRINTF_LIKE (2, 3);

/* authors.c */
void pc_open (world_t *w, pc_t *pc, unit_id_t unit, role_t role);
void pc_close (pc_t *pc);
void pc_begin_batch (pc_t *pc); /* there is room for one */
void pc_write (world_t *w, pc_t *pc, account_t *a, operation_t operation, const char *comment,
               const version_t *settles, uint32_t settles_n);
/* Sends some PCs' chunks in one commit: the next ones, or early, old and overlapping ones. */
void send_some (world_t *w);
void send_all (world_t *w);

/* deeds.c */
void enter_all (world_t *w); /* made and sent; w->expected is what it comes to */
void do_deeds (world_t *w, pc_t *pc, size_t n);

/* looks.c */
sums_t atom_sums (const atom_t *a);
void look_published (world_t *w); /* every cell of every grouping */
/* By a question, as `totals` asks it; as_of absent: now. */
MUST_USE err_t look_asked (ledger_t *l, kv_txn_t *txn, book_t *book, const char *by, sums_t *out);
MUST_USE err_t look_snapshot (ledger_t *l, kv_txn_t *txn, uint64_t lsn, int64_t by_year[YEARS], sums_t *out);
/* What is under way behind an entry of the log: what its comment says, else nothing. */
MUST_USE err_t look_under_way (const log_entry_t *e, arena_t *arena, sums_t *out);
void under_way_text (const sums_t *s, char out[160]);

/* readers.c */
#define READERS 2u
void readers_start (const world_t *w); /* before this process opens the store */
void readers_stop (world_t *w);

/* replay.c */
void replay_all (world_t *w);

#endif
