/* change.h - commands that change the centre's store: a request, and its carrying out.
 *
 * A request is made by the command's process and carried out by change_run: on serve's writer thread when
 * serve runs (it comes by the control socket), else by the command itself under the store's lock. So both
 * ways do the same, and the words come in the asker's language. */
#ifndef KC_COLLECTOR_CLI_CHANGE_H
#define KC_COLLECTOR_CLI_CHANGE_H

#include "collector/ledger/bundle.h"
#include "collector/ledger/ledger.h"

#define CHANGE_INVITE "invite"       /* office code, role, addresses… */
#define CHANGE_CANCEL "cancel"       /* id */
#define CHANGE_ADDRESSES "addresses" /* addresses…; none: none any more */
#define CHANGE_REVOKE "revoke"       /* agent, reason or "" */
#define CHANGE_CONFIRM "confirm"     /* agent, reason or "" */
#define CHANGE_CATALOGUE "catalogue" /* file's bytes */
#define CHANGE_ANSWER "answer"       /* submission, accepted or returned, comment or "" */
#define CHANGE_DUE "due"             /* period, day or "none", table or "", office code or "" */
#define CHANGE_CLOSE "close"         /* period, comment or "" */
#define CHANGE_LOCK "lock"           /* period, table or "all", locked or open, office, until, comment */
#define CHANGE_FLAG "flag"           /* flag, reason */
#define CHANGE_UNIT "unit"           /* see change_unit.h */
#define CHANGE_RESOLVE "resolve"     /* record, reason, then current, parked or key=value… */
#define CHANGE_BUNDLE "bundle"       /* frames of PRESENT, HELLO, CHUNKs … */
#define CHANGE_ROTATE "rotate"       /* secret, certificate, signature, endpoint, addresses… */
#define CHANGE_ROTATE_END "rotate-end"
#define CHANGE_SYNC "sync"   /* office codes; none: all */
#define CHANGE_USER "user"   /* add, passwd, role, disable or enable; name, role or "", hash or "" */
#define CHANGE_TOKEN "token" /* user, hash in hex; "": all of them are cancelled */
#define CHANGE_ARGS_MAX 64u

typedef struct {
  str_t operation, person;
  str_t args[CHANGE_ARGS_MAX];
  size_t args_n;
} change_request_t;

typedef struct {
  int exit_code;
  str_t out, err; /* for stdout; one sentence for stderr; borrowed from the reply's bytes */
} change_reply_t;

/* What CHANGE_BUNDLE answers. ERR_MALFORMED. */
MUST_USE err_t change_bundle_decode (str_t out, bundle_counts_t *counts);

bool change_request_encode (const change_request_t *r, buf_t *out);
/* ERR_MALFORMED. */
MUST_USE err_t change_reply_decode (str_t bytes, change_reply_t *out);
/* Writer thread only. Always fills reply; ERR_OK when the request was understood, whatever the answer. ask:
 * the offices whose agents serve should ask to sync; NULL: nobody serves. */
err_t change_run (ledger_t *l, str_t request, wall_t now, buf_t *reply, told_t *ask);

#endif
