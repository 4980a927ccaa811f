/* users.h - who may look at the centre and act there by its page or its API, and what people did.
 *
 * Not part of the log: users are this centre's own and travel nowhere. A password is kept as its argon2id
 * hash, a token as the hash of it. Whoever hashes does that before the writer is asked: it takes 0.2 s.
 *
 * The audit trail has a row for everything a person had changed, whether by a command or by the page. It is
 * written by the transaction that makes the change, so there is neither without the other. */
#ifndef KC_COLLECTOR_LEDGER_USERS_H
#define KC_COLLECTOR_LEDGER_USERS_H

#include "collector/ledger/ledger.h"
#include "common/crypto/password.h"

#define USER_NAME_MAX 64u

/* Each may do what the one before may: look; act (accept, return, settle, answer, invite …); manage. */
typedef enum { USER_NONE = 0, USER_VIEWER, USER_OFFICER, USER_ADMIN } user_role_t;
const char *user_role_name (user_role_t r);
user_role_t user_role_of_name (str_t name); /* USER_NONE: there is none such */

/* Slices are views as kv_get's. */
typedef struct {
  str_t name, password; /* password: its hash */
  user_role_t role;
  bool disabled;
  uint64_t revision; /* another with each change: what was let in before has to come again */
  wall_t changed;
} user_t;
MUST_USE err_t user_get (kv_txn_t *txn, str_t name, user_t *out); /* ERR_NOT_FOUND */
typedef err_t (user_fn) (void *ctx, const user_t *u);
MUST_USE err_t users_each (kv_txn_t *txn, user_fn *fn, void *ctx);
bool user_decode (str_t key, str_t body, user_t *out);

/* A user's name: clean text of one line, not too long. ERR_INPUT with words. */
MUST_USE err_t user_name_check (str_t name, fail_t *fail);
/* Each in a transaction of its own. ERR_EXISTS, ERR_INPUT (no such user; the last administrator goes) with
 * words. *changed false: it stood so already. A user who is disabled, or has another password, has no tokens
 * any more. */
MUST_USE err_t user_add (ledger_t *l, str_t name, user_role_t role, str_t password, wall_t now, fail_t *fail);
MUST_USE err_t user_password (ledger_t *l, str_t name, str_t password, wall_t now, fail_t *fail);
MUST_USE err_t user_disable (ledger_t *l, str_t name, bool disabled, wall_t now, bool *changed, fail_t *fail);
MUST_USE err_t user_role (ledger_t *l, str_t name, user_role_t role, wall_t now, bool *changed, fail_t *fail);

/* Whose token it is, by its hash; a disabled user's is none. ERR_NOT_FOUND. */
MUST_USE err_t token_user (kv_txn_t *txn, hash_t token, user_t *out);
bool token_decode (str_t body, str_t *name, wall_t *made);
MUST_USE err_t token_add (ledger_t *l, str_t name, hash_t token, wall_t now, fail_t *fail);
/* All of the user's. */
MUST_USE err_t tokens_cancel (ledger_t *l, str_t name, wall_t now, uint64_t *cancelled, fail_t *fail);

/* ---- audit ---- */
typedef struct {
  uint64_t number;
  wall_t at; /* the collector's clock */
  str_t person, action, subject;
} audit_t;
/* What the next transaction of the writer is for; empty action: of nobody's. Copied. */
void audit_next (ledger_t *l, str_t person, str_t action, str_t subject);
typedef err_t (audit_fn) (void *ctx, const audit_t *a);
MUST_USE err_t audit_each (kv_txn_t *txn, audit_fn *fn, void *ctx);
bool audit_decode (str_t key, str_t body, audit_t *out);

#endif
