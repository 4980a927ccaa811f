/* flags.h - doubts about records at the centre: found by the catalogue's checks, answered by people.
 *
 * What is in doubt now is always worked out from the records (flags_scan); nothing has to be kept for that,
 * and a flag that no longer holds is gone by itself. Kept, as decisions in the streams of the offices
 * concerned, is what was told and answered: so offices hear of it, and an answer stays with its flag. While
 * serve runs its inspector tells what is new (flags_news, flags_tell); without it `flags` shows it all the
 * same. Notes are shown but not told. */
#ifndef KC_COLLECTOR_LEDGER_FLAGS_H
#define KC_COLLECTOR_LEDGER_FLAGS_H

#include "collector/ledger/ledger.h"
#include "common/core/quality.h"
#include "common/store/flag_rows.h"

/* ---- what is in doubt ---- */

/* Puts the live records of a unit (0: of all) into q; damaged ones are verify's to name. */
MUST_USE err_t flags_scan (kv_txn_t *txn, unit_id_t home, quality_t *q);

typedef enum { FLAG_OPEN = 1, FLAG_IS_ANSWERED, FLAG_RESOLVED } flag_state_t;
const char *flag_state_name (flag_state_t s); /* "open", "answered", "resolved" */
const char *flag_state_words (flag_state_t s);

typedef struct {
  str_t flag, check;
  const data_check_t *what; /* NULL: the catalogue has it no longer */
  severity_t severity;
  flag_state_t state;
  bool told; /* offices have heard of it */
  flag_record_t record[FLAG_RECORDS_MAX];
  size_t records_n;
  wall_t since, answered_at, resolved_at;
  str_t reason, person;
} flag_t;

typedef struct {
  const catalogue_t *c;
  flag_t *at; /* in doubt now by check and keys, then those resolved by flag */
  size_t n, dropped;
  checks_t *checks; /* with checks_unknown */
  quality_t *quality;
  flag_standing_t *standing;
  arena_t *arena;
} flag_list_t;
/* All flags as this transaction sees them, worked out now. */
MUST_USE err_t flags_list (kv_txn_t *txn, const catalogue_t *c, flag_list_t *out);
void flag_list_free (flag_list_t *l);

/* ---- answering ---- */

/* A person says why it is right as it is; the last answer counts, the log keeps all. *changed false: it was
 * answered just so. ERR_INPUT with words: no such flag, no reason, no longer in doubt. One durable
 * transaction. */
MUST_USE err_t flags_answer (ledger_t *l, str_t flag, str_t reason, str_t person, wall_t now, bool *changed,
                             fail_t *fail);

/* ---- telling offices ---- */

#define FLAGS_NEWS_MAX 200u /* decisions told at once; *more says that others wait */
/* The decisions that findings ask for beside what was told: warnings opened, and told ones cleared. Appended
 * encoded; empty: none. */
MUST_USE err_t flags_news (kv_txn_t *txn, const finding_t *found, size_t n, buf_t *news, bool *more);
/* Writes them, but those that meanwhile stand so. One durable transaction. */
MUST_USE err_t flags_tell (ledger_t *l, str_t news, wall_t now, size_t *told);

#endif
