/* taking.h - what the files of ingest share: the chunk being taken, and one update being judged.
 *
 *   ingest.c    the chunk as a whole: chain, head, overlap, cursor
 *   origin.c    a stream that begins: whose child it is
 *   judge.c     what becomes of one update: changes nothing
 *   verdicts.c  carries that out: log, book, decisions, tables */
#ifndef KC_COLLECTOR_LEDGER_TAKING_H
#define KC_COLLECTOR_LEDGER_TAKING_H

#include "collector/ledger/conflicts.h"
#include "collector/ledger/state.h"

#define RESOLVED_MAX 32u

/* One chunk being taken. */
typedef struct {
  ledger_t *l;
  turn_t *t;
  ingest_t *item;
  unit_id_t unit, office; /* the author's own; what it may write for (0 = all) */
  role_t role;
  agent_state_t state; /* of the author */
  bool fresh;          /* the stream begins with this chunk */
  stream_row_t stream;
  const hash_t *chain; /* after each update of the chunk */
  run_t run;
  /* bases past refused ones in this chunk, by sequence: a long file of corrections of what was refused costs
   * one walk */
  struct {
    record_id_t record;
    version_t of, is;
  } resolved[RESOLVED_MAX];
} taking_t;

/* What an update goes back to. */
typedef struct {
  version_t version;      /* seq 0: nothing, it is a create */
  bool known;             /* false: the centre has no such version of the record */
  bool current;           /* it is what stands */
  uint64_t replaces;      /* place of the parked side that the update was made on; 0: none */
  const update_t *parked; /* that side: what the author saw; NULL: none */
  bool given;             /* state is there: the base is neither nothing nor current */
  update_t state;
} base_t;

/* What judging one update found out. */
typedef struct {
  const update_t *u;
  record_ref_t ref; /* the record it is about: u's own, or the one that u's id is another id of */
  bool aliased;     /* ref is not u's own */
  bool alias_new;   /* and this update is what makes it so */
  bool exists;
  row_t row;       /* views of the store: good until the first write. Of a merge: copies */
  update_t before; /* borrows from row.bytes */
  base_t base;
  verdict_t verdict;
  merged_t merged;
  bool changes;              /* merged: the result is a new version */
  bool recorded;             /* the verdict came back with its decision: that is not made again */
  uint64_t decided_at;       /* place of that decision */
  version_t line, line_base; /* of a recorded merge: the state it gave, and what that was made on */
  const update_t *given;     /* of a recorded merge: the state it gave; NULL: it gives none now */
  reasons_t found;
} judged_t;

/* origin.c: does a stream that begins name a parent of the same agent, at a place of our history? */
MUST_USE err_t origin_fits (taking_t *k, bool *fits);
/* A chunk was taken: what its stream says of the agent is noted for people. */
MUST_USE err_t origin_note (taking_t *k);

/* judge.c: fills the verdict; of an accepted one it has yet to be seen whether the book takes it. */
MUST_USE err_t judge_update (taking_t *k, const decoded_t *d, judged_t *j);
/* The book knows the natural key as another record's: u is an alias, or refused. */
MUST_USE err_t judge_key_held (taking_t *k, judged_t *j);
/* What stands of the record that u is about, copied; of j->ref, whatever u's id is. */
MUST_USE err_t judge_standing (taking_t *k, judged_t *j);
MUST_USE err_t judge_standing_of (taking_t *k, judged_t *j);
/* May its author write it at all? What is wrong is in j->found. */
bool judge_may (taking_t *k, const decoded_t *d, judged_t *j);
void judge_refuse (judged_t *j, reason_code_t code, str_t a0, str_t a1);
/* The record's natural key as people write it; "" when it has none. */
void judge_key_text (const ledger_t *l, const update_t *u, buf_t *out);

/* verdicts.c: update i of the chunk into the log, with all that follows from its verdict. */
MUST_USE err_t verdict_carry_out (taking_t *k, size_t i, judged_t *j);

/* conflicts.c: an office that a record came to is told of the sides parked of it, with the state they were
 * made on. Of one too long for a decision the centre alone knows. */
MUST_USE err_t conflicts_follow (ledger_t *l, turn_t *t, record_ref_t ref, unit_id_t to);

/* versions.c: the version's place in the log, this chunk's entries included. ERR_NOT_FOUND. */
MUST_USE err_t version_place (const taking_t *k, version_t v, uint64_t *lsn);
/* Walks from u's base past what was refused, to a version that stands for something. */
MUST_USE err_t base_find (taking_t *k, const update_t *u, record_ref_t ref, const row_t *current,
                          base_t *out);

#endif
