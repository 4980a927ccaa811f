/* undo.h - an import taken back: the versions before it return as new updates.
 *
 * A record that has not changed since the import goes back to the whole state it had before (what this
 * version does not read of it included), one that the import made is withdrawn. Records changed since are
 * left alone and named. All of it is one transaction, and itself an import of the list, so that it can be
 * taken back. */
#ifndef KC_AGENT_ENTRY_UNDO_H
#define KC_AGENT_ENTRY_UNDO_H

#include "agent/entry/edits.h"
#include "common/cli/table.h"

typedef enum { UNDO_RETURNED = 1, UNDO_WITHDRAWN, UNDO_LEFT } undo_action_t;
const char *undo_action_name (undo_action_t a); /* "returned", "withdrawn", "left" */
const char *undo_action_words (undo_action_t a);

/* What becomes of one record. Texts live in the arena handed in. */
typedef struct {
  undo_action_t action;
  str_t key;
  str_t person; /* who changed it since, and when (0: not known); LEFT only */
  wall_t at;
  /* LEFT: "changed_since", "other_office", "merged", "unknown_before", or the name of a rule; of others the
   * name of what the centre will say to it, or NULL */
  const char *reason;
  str_t why; /* the reason in words */
} undo_row_t;

typedef struct {
  uint64_t import, undo; /* the number taken back, and that of the taking back; 0: nothing was stored */
  str_t file;
  uint64_t returned, withdrawn, left, already; /* already: as before it */
  uint64_t again;                              /* of the withdrawn: they were so before it, too */
  undo_row_t *row;                             /* returned, withdrawn and left ones, as the file had them */
  size_t n;
} undo_result_t;

typedef struct {
  uint64_t import;
  str_t person, reason; /* reason: goes behind what the history says of itself */
  bool dry_run;
} undo_options_t;

/* ERR_NOT_FOUND with words: no such import. ERR_INPUT: a viewer, words that are none, or the store kept being
 * changed meanwhile. row is to be freed by undo_free; texts are the arena's. */
MUST_USE err_t undo_import (outbox_t *o, const undo_options_t *options, arena_t *arena, undo_result_t *out,
                            fail_t *fail);
void undo_free (undo_result_t *r);

/* import,file,at,person,created,changed,undoes,undone_by; oldest first. */
MUST_USE err_t view_imports (outbox_t *o, bool people, table_t *t);

#endif
