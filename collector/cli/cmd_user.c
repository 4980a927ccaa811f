/* cmd_user.c - user, token: who may look at the centre's page and act there; audit: what people did. */
#include "collector/cli/commands.h"
#include "collector/cli/password_read.h"

#include "collector/ledger/users.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/text/utf8.h"

#include <stdio.h>

/* ---- lists ---- */

typedef struct {
  const args_t *a;
  table_t *t;
} listing_t;

static const char *
role_words (user_role_t r)
{
  switch (r) {
  case USER_VIEWER:
    return L ("người xem", "viewer");
  case USER_OFFICER:
    return L ("cán bộ", "officer");
  case USER_ADMIN:
    return L ("quản trị viên", "administrator");
  case USER_NONE:
    break;
  }
  return "";
}

static err_t
user_line (void *ctx, const user_t *u)
{
  listing_t *l = ctx;
  bool people = for_people (l->a);
  table_row (l->t);
  table_cell (l->t, u->name);
  table_cell (l->t, str_of (people ? role_words (u->role) : user_role_name (u->role)));
  table_cell (l->t, str_of (u->disabled ? people ? L ("đã ngừng", "disabled") : "disabled"
                            : people    ? L ("đang dùng", "active")
                                        : "active"));
  return ERR_OK;
}

static int
list (const args_t *a, const char *dir)
{
  reading_t r;
  int code = reading_open_at (a, dir, &r);
  if (code != 0)
    return code;
  listing_t l = {a, table_new ()};
  table_column (l.t, "name", "Tên", "Name", COL_TEXT);
  table_column (l.t, "role", "Vai trò", "Role", COL_TEXT);
  table_column (l.t, "state", "Tình trạng", "State", COL_TEXT);
  err_t err = users_each (r.txn, user_line, &l);
  code = answer_table (a, &l.t, err, NULL);
  reading_close (&r);
  return code;
}

static err_t
audit_line (void *ctx, const audit_t *row)
{
  listing_t *l = ctx;
  table_row (l->t);
  table_printf (l->t, "%llu", (unsigned long long)row->number);
  table_time (l->t, l->a, row->at);
  table_cell (l->t, row->person);
  table_cell (l->t, row->action);
  table_cell (l->t, row->subject);
  return ERR_OK;
}

int
cmd_audit (const args_t *a)
{
  reading_t r;
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  listing_t l = {a, table_new ()};
  table_column (l.t, "number", "Số", "Number", COL_NUMBER);
  table_column (l.t, "at", "Lúc", "At", COL_TEXT);
  table_column (l.t, "person", "Người", "Person", COL_TEXT);
  table_column (l.t, "action", "Việc", "Action", COL_TEXT);
  table_column (l.t, "subject", "Về", "Subject", COL_TEXT);
  err_t err = audit_each (r.txn, audit_line, &l);
  code = answer_table (a, &l.t, err, NULL);
  reading_close (&r);
  return code;
}

/* ---- changes ---- */

/* A new password's hash; the password itself goes no further. */
static int
new_password (const args_t *a, char hash[PASSWORD_HASH_MAX])
{
  buf_t password = BUF_INIT;
  int code = password_read (a, true, &password);
  if (code == 0)
    code = password_check (a, buf_str (&password));
  if (code == 0 && !password_hash (buf_str (&password), hash))
    code = answer_err (a, ERR_NOMEM);
  password_forget (&password);
  return code;
}

static int
change (const args_t *a, const char *what, const char *dir, const char *name)
{
  char hash[PASSWORD_HASH_MAX] = "";
  const char *role = args_value (a, "role");
  bool add = strcmp (what, "add") == 0;
  if (role == NULL && strcmp (what, "role") == 0)
    return args_usage (a, L ("thiếu --role viewer|officer|admin", "--role viewer|officer|admin is missing"));
  if (role != NULL && user_role_of_name (str_of (role)) == USER_NONE)
    return args_usage (a,
                       L ("--role “%s”: phải là viewer, officer hoặc admin",
                          "--role \"%s\": it is viewer, officer or admin"),
                       role);
  if (role == NULL)
    role = add ? "viewer" : "";
  int code = add || strcmp (what, "passwd") == 0 ? new_password (a, hash) : 0;
  if (code != 0)
    return code;
  change_request_t r = {.operation = STR (CHANGE_USER),
                        .person = str_of (args_person (a)),
                        .args = {str_of (what), str_of (name), str_of (role), str_of (hash)},
                        .args_n = 4};
  return change_ask (a, dir, &r);
}

/* Exit 1: the password is not theirs, or they are disabled. */
static int
check (const args_t *a, const char *dir, const char *name)
{
  reading_t r;
  buf_t password = BUF_INIT;
  user_t u = {0};
  int code = password_read (a, false, &password);
  if (code != 0)
    return code;
  code = reading_open_at (a, dir, &r);
  if (code != 0) {
    password_forget (&password);
    return code;
  }
  err_t err = user_get (r.txn, str_of (name), &u);
  bool fits = password_fits (buf_str (&password), err == ERR_OK ? u.password : STR_NONE) && !u.disabled;
  password_forget (&password);
  if (err == ERR_OK && fits)
    printf ("%s\n", user_role_name (u.role));
  reading_close (&r);
  return err == ERR_OK || err == ERR_NOT_FOUND ? (fits ? 0 : 1) : answer_err (a, err);
}

/* A name as the store keeps it. Exit code. */
static int
take_name (const args_t *a, const char *given, arena_t *arena, str_t *out)
{
  fail_t fail = {0};
  str_t name = str_of (given);
  err_t err = arena == NULL ? ERR_NOMEM : ERR_OK;
  *out = name;
  if (err == ERR_OK && name.n <= USER_NAME_MAX && utf8_valid (name, NULL) &&
      !utf8_normalise (name, arena, out))
    err = ERR_NOMEM;
  if (err == ERR_OK)
    err = user_name_check (*out, &fail);
  if (err == ERR_OK)
    return 0;
  fail_set (&fail, err, "%s", err_words (err));
  return args_fail (a, &fail);
}

int
cmd_user (const args_t *a)
{
  static const char *const changes[] = {"add", "passwd", "role", "disable", "enable"};
  const char *what = args_operand (a, 0), *dir = args_operand (a, 1), *name = args_operand (a, 2);
  bool known = strcmp (what, "list") == 0 || strcmp (what, "check") == 0;
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
    known = known || strcmp (what, changes[i]) == 0;
  if (!known)
    return args_usage (
        a,
        L ("user %s: không có việc này; dùng add, passwd, role, disable, enable, check hoặc list",
           "user %s: no such thing; use add, passwd, role, disable, enable, check or list"),
        what);
  if (strcmp (what, "list") == 0)
    return name == NULL ? list (a, dir) : args_usage (a, L ("dùng: user list DIR", "use: user list DIR"));
  if (name == NULL)
    return args_usage (a, L ("dùng: user %s DIR NAME", "use: user %s DIR NAME"), what);
  str_t normal;
  arena_t *arena = arena_new (4096);
  int code = take_name (a, name, arena, &normal);
  if (code == 0)
    code = strcmp (what, "check") == 0 ? check (a, dir, normal.p) : change (a, what, dir, normal.p);
  arena_destroy (&arena);
  return code;
}

int
cmd_token (const args_t *a)
{
  char token[SECRET_TEXT_MAX], hex[65] = "";
  str_t name;
  arena_t *arena = arena_new (4096);
  bool cancel = args_flag (a, "cancel");
  int code = take_name (a, args_operand (a, 1), arena, &name);
  if (code != 0)
    goto done;
  secret_make (token);
  if (!cancel) {
    hash_t hash = secret_hash (str_of (token));
    hex_encode (hash.b, sizeof hash.b, hex);
  }
  change_request_t r = {.operation = STR (CHANGE_TOKEN),
                        .person = str_of (args_person (a)),
                        .args = {name, str_of (hex)},
                        .args_n = 2};
  code = change_ask (a, args_operand (a, 0), &r);
  if (code == 0 && !cancel)
    printf ("%s\n", token);
done:
  crypto_wipe (token, sizeof token);
  arena_destroy (&arena);
  return code;
}
