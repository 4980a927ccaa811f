/* change_user.h - the operations behind user and token. */
#ifndef KC_COLLECTOR_CLI_CHANGE_USER_H
#define KC_COLLECTOR_CLI_CHANGE_USER_H

#include "collector/cli/change.h"

/* Writer thread only. Each fills out with a sentence, or *fail. */
err_t change_user (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail);
err_t change_token (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail);

#endif
