#include "collector/ledger/users.h"
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/text/utf8.h"

static const char *const role_names[] = {"", "viewer", "officer", "admin"};

const char *
user_role_name (user_role_t r)
{
  return role_names[r];
}

user_role_t
user_role_of_name (str_t name)
{
  for (user_role_t r = USER_VIEWER; r <= USER_ADMIN; r++)
    if (str_is (name, role_names[r]))
      return r;
  return USER_NONE;
}

/* ---- rows ---- */

bool
user_decode (str_t key, str_t body, user_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (user_t){.name = key};
  uint8_t role = rd_u8 (&r);
  out->disabled = rd_u8 (&r) != 0;
  out->revision = rd_u64 (&r);
  out->changed.ms = rd_i64 (&r);
  out->password = rd_bytes (&r, rd_u32 (&r));
  out->role = role <= USER_ADMIN ? (user_role_t)role : USER_NONE;
  return rd_done (&r) && out->role != USER_NONE;
}

static err_t
user_put (turn_t *t, const user_t *u)
{
  buf_t row = BUF_INIT;
  buf_u8 (&row, (uint8_t)u->role);
  buf_u8 (&row, u->disabled);
  buf_u64 (&row, u->revision + 1);
  buf_i64 (&row, t->now.ms);
  buf_u32 (&row, (uint32_t)u->password.n);
  buf_put (&row, u->password.p, u->password.n);
  err_t err = buf_ok (&row) ? val_put (t->txn, DB_USER, u->name, buf_str (&row)) : ERR_NOMEM;
  buf_free (&row);
  return err;
}

err_t
user_get (kv_txn_t *txn, str_t name, user_t *out)
{
  str_t body;
  if (name.n == 0 || name.n > USER_NAME_MAX)
    return ERR_NOT_FOUND;
  err_t err = val_get (txn, DB_USER, name, &body);
  if (err == ERR_OK && !user_decode (name, body, out))
    err = ERR_DAMAGED;
  return err;
}

typedef struct {
  user_fn *user;
  void *ctx;
} each_t;

static err_t
each_user (void *ctx, str_t key, str_t body)
{
  const each_t *e = ctx;
  user_t u;
  return user_decode (key, body, &u) ? e->user (e->ctx, &u) : ERR_DAMAGED;
}

err_t
users_each (kv_txn_t *txn, user_fn *fn, void *ctx)
{
  return rows_each (txn, DB_USER, each_user, &(each_t){fn, ctx});
}

/* ---- changes ---- */

err_t
user_name_check (str_t name, fail_t *fail)
{
  if (name.n > 0 && name.n <= USER_NAME_MAX && utf8_valid (name, NULL) && utf8_clean (name, false, NULL) &&
      utf8_is_normal (name) && name.p[0] != ' ' && name.p[0] != '-' && name.p[name.n - 1] != ' ')
    return ERR_OK;
  return fail_set (fail, ERR_INPUT,
                   L ("tên người dùng phải là chữ UTF-8 trên một dòng, không quá %u byte, không bắt đầu bằng "
                      "dấu cách hay “-”",
                      "a user's name is UTF-8 text of one line, at most %u bytes, and begins with neither a "
                      "space nor \"-\""),
                   USER_NAME_MAX);
}

static err_t
no_such_user (str_t name, fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("không có người dùng “%.*s”; xem kc-collector user list DIR",
                      "there is no user \"%.*s\"; see kc-collector user list DIR"),
                   STR_ARG (name));
}

/* Begins a turn and finds the user in it; the turn is over when it fails. */
static err_t
begin_with (ledger_t *l, str_t name, wall_t now, turn_t *t, user_t *u, fail_t *fail)
{
  *u = (user_t){.name = name};
  err_t err = turn_begin (l, now, t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = user_get (t->txn, name, u);
  if (err == ERR_OK)
    return ERR_OK;
  turn_abort (l, t);
  return err == ERR_NOT_FOUND ? no_such_user (name, fail) : ledger_said (fail, err);
}

static err_t
count_admin (void *ctx, const user_t *u)
{
  *(size_t *)ctx += u->role == USER_ADMIN && !u->disabled;
  return ERR_OK;
}

/* Somebody must be left who can manage the others by the page; commands can always. */
static err_t
keep_an_admin (turn_t *t, const user_t *u, fail_t *fail)
{
  size_t admins = 0;
  if (u->role != USER_ADMIN || u->disabled)
    return ERR_OK;
  err_t err = users_each (t->txn, count_admin, &admins);
  if (err == ERR_OK && admins < 2)
    err = fail_set (fail, ERR_INPUT,
                    L ("đây là quản trị viên cuối cùng; hãy thêm người khác với --role admin trước",
                       "this is the last administrator; add another with --role admin first"));
  return err;
}

typedef struct {
  str_t name;
  buf_t keys; /* 32 bytes each */
} tokens_t;

static err_t
gather_token (void *ctx, str_t key, str_t body)
{
  tokens_t *k = ctx;
  str_t name;
  wall_t made;
  if (!token_decode (body, &name, &made) || key.n != 32)
    return ERR_DAMAGED;
  if (str_eq (name, k->name))
    buf_put (&k->keys, key.p, key.n);
  return buf_ok (&k->keys) ? ERR_OK : ERR_NOMEM;
}

static err_t
drop_tokens (turn_t *t, str_t name, uint64_t *dropped)
{
  tokens_t k = {.name = name};
  err_t err = rows_each (t->txn, DB_TOKEN, gather_token, &k);
  for (size_t at = 0; err == ERR_OK && at < k.keys.n; at += 32)
    err = kv_del (t->txn, DB_TOKEN, (str_t){k.keys.p + at, 32});
  *dropped = k.keys.n / 32;
  buf_free (&k.keys);
  return err;
}

err_t
user_add (ledger_t *l, str_t name, user_role_t role, str_t password, wall_t now, fail_t *fail)
{
  turn_t t;
  user_t u = {.name = name, .role = role, .password = password}, before;
  err_t err = user_name_check (name, fail);
  if (err == ERR_OK)
    err = turn_begin (l, now, &t);
  if (err != ERR_OK)
    return ledger_said (fail, err);
  err = user_get (t.txn, name, &before);
  if (err == ERR_OK)
    err = fail_set (fail, ERR_EXISTS,
                    L ("đã có người dùng “%.*s”; đổi mật khẩu bằng kc-collector user passwd",
                       "there is a user \"%.*s\" already; change the password with kc-collector user passwd"),
                    STR_ARG (name));
  else if (err == ERR_NOT_FOUND)
    err = user_put (&t, &u);
  return ledger_said (fail, turn_end (l, &t, err));
}

err_t
user_password (ledger_t *l, str_t name, str_t password, wall_t now, fail_t *fail)
{
  turn_t t;
  user_t u;
  uint64_t dropped;
  err_t err = begin_with (l, name, now, &t, &u, fail);
  if (err != ERR_OK)
    return err;
  u.password = password;
  err = user_put (&t, &u);
  if (err == ERR_OK)
    err = drop_tokens (&t, name, &dropped);
  return ledger_said (fail, turn_end (l, &t, err));
}

/* Makes the user found that role and state; the turn is over then. */
static err_t
change_to (ledger_t *l, turn_t *t, user_t *u, user_role_t role, bool disabled, bool *changed, fail_t *fail)
{
  const bool goes = disabled && !u->disabled;
  uint64_t dropped;
  *changed = u->role != role || u->disabled != disabled;
  if (!*changed) {
    turn_abort (l, t);
    return ERR_OK;
  }
  err_t err = keep_an_admin (t, u, fail);
  u->role = role;
  u->disabled = disabled;
  if (err == ERR_OK)
    err = user_put (t, u);
  if (err == ERR_OK && goes)
    err = drop_tokens (t, u->name, &dropped);
  return ledger_said (fail, turn_end (l, t, err));
}

err_t
user_disable (ledger_t *l, str_t name, bool disabled, wall_t now, bool *changed, fail_t *fail)
{
  turn_t t;
  user_t u;
  err_t err = begin_with (l, name, now, &t, &u, fail);
  return err == ERR_OK ? change_to (l, &t, &u, u.role, disabled, changed, fail) : err;
}

err_t
user_role (ledger_t *l, str_t name, user_role_t role, wall_t now, bool *changed, fail_t *fail)
{
  turn_t t;
  user_t u;
  err_t err = begin_with (l, name, now, &t, &u, fail);
  return err == ERR_OK ? change_to (l, &t, &u, role, u.disabled, changed, fail) : err;
}

/* ---- tokens ---- */

bool
token_decode (str_t body, str_t *name, wall_t *made)
{
  rd_t r = rd_of (body.p, body.n);
  made->ms = rd_i64 (&r);
  *name = rd_bytes (&r, rd_u32 (&r));
  return rd_done (&r);
}

err_t
token_user (kv_txn_t *txn, hash_t token, user_t *out)
{
  str_t body, name;
  wall_t made;
  err_t err = val_get (txn, DB_TOKEN, (str_t){(const char *)token.b, sizeof token.b}, &body);
  if (err == ERR_OK && !token_decode (body, &name, &made))
    err = ERR_DAMAGED;
  if (err == ERR_OK)
    err = user_get (txn, name, out);
  return err == ERR_OK && out->disabled ? ERR_NOT_FOUND : err;
}

err_t
token_add (ledger_t *l, str_t name, hash_t token, wall_t now, fail_t *fail)
{
  turn_t t;
  user_t u;
  buf_t row = BUF_INIT;
  err_t err = begin_with (l, name, now, &t, &u, fail);
  if (err != ERR_OK)
    return err;
  if (u.disabled)
    err = fail_set (fail, ERR_INPUT,
                    L ("người dùng “%.*s” đang bị ngừng; mở lại bằng kc-collector user enable",
                       "user \"%.*s\" is disabled; kc-collector user enable lets them in again"),
                    STR_ARG (name));
  buf_i64 (&row, t.now.ms);
  buf_u32 (&row, (uint32_t)name.n);
  buf_put (&row, name.p, name.n);
  if (err == ERR_OK)
    err = buf_ok (&row)
              ? val_put (t.txn, DB_TOKEN, (str_t){(const char *)token.b, sizeof token.b}, buf_str (&row))
              : ERR_NOMEM;
  buf_free (&row);
  return ledger_said (fail, turn_end (l, &t, err));
}

err_t
tokens_cancel (ledger_t *l, str_t name, wall_t now, uint64_t *cancelled, fail_t *fail)
{
  turn_t t;
  user_t u;
  err_t err = begin_with (l, name, now, &t, &u, fail);
  if (err != ERR_OK)
    return err;
  err = drop_tokens (&t, name, cancelled);
  return ledger_said (fail, turn_end (l, &t, err));
}
