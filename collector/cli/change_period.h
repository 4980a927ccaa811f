/* change_period.h - the operations behind due, close, lock and unlock. */
#ifndef KC_COLLECTOR_CLI_CHANGE_PERIOD_H
#define KC_COLLECTOR_CLI_CHANGE_PERIOD_H

#include "collector/cli/change.h"

/* Writer thread only. Each fills out with a sentence, or *fail. */
err_t change_due (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail);
err_t change_close (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail);
err_t change_lock (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail);

/* conflicts: settled by a person. */
err_t change_resolve (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail);

/* An office by its code. ERR_INPUT with words. */
err_t change_office (const ledger_t *l, str_t code, unit_id_t *out, fail_t *fail);

#endif
