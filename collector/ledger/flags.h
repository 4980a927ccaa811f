/* flags.h - doubts about records at the centre: found by the catalogue's checks, answered by people.
 *
 * What is in doubt now is always worked out from the records (flag_list.h). Kept, as decisions in the streams
 * of the offices concerned, is what was told and answered: so offices hear of it, and an answer stays with
 * its flag. While serve runs its inspector tells what is new (flags_news, flags_tell); without it `flags`
 * shows it all the same. Notes are shown but not told. */
#ifndef KC_COLLECTOR_LEDGER_FLAGS_H
#define KC_COLLECTOR_LEDGER_FLAGS_H

#include "collector/ledger/ledger.h"
#include "common/store/flag_list.h"

/* ---- answering ---- */

/* A person says why it is right as it is; the last answer counts, the log keeps all. *changed false: it was
 * answered just so. ERR_INPUT with words: no such flag, no longer in doubt; ERR_USAGE: no reason. One
 * durable transaction. */
MUST_USE err_t flags_answer (ledger_t *l, str_t flag, str_t reason, str_t person, wall_t now, bool *changed,
                             fail_t *fail);

/* ---- telling offices ---- */

#define FLAGS_NEWS_MAX 200u /* decisions told at once; *more says that others wait */
/* The decisions that findings ask for beside what was told: warnings opened and, when these are all findings
 * there are, told ones cleared. An office that has gone has its heir told. Appended encoded; empty: none. */
MUST_USE err_t flags_news (kv_txn_t *txn, const catalogue_t *c, date_t today, const finding_t *found,
                           size_t n, bool all, buf_t *news, bool *more);
/* Writes them, but those that meanwhile stand so. One durable transaction. */
MUST_USE err_t flags_tell (ledger_t *l, str_t news, wall_t now, size_t *told);

#endif
