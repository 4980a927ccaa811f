/* change_user.c - users and their tokens, as operations. What is secret comes hashed. */
#include "collector/cli/change_user.h"

#include "collector/ledger/users.h"
#include "common/base/lang.h"

static err_t
role_of (str_t name, user_role_t *out, fail_t *fail)
{
  *out = user_role_of_name (name);
  return *out != USER_NONE ? ERR_OK
                           : fail_set (fail, ERR_USAGE,
                                       L ("vai trò phải là viewer, officer hoặc admin",
                                          "the role must be viewer, officer or admin"));
}

static void
say (buf_t *out, str_t name, bool changed, const char *done)
{
  buf_printf (out, "%.*s: %s\n", STR_ARG (name), changed ? done : L ("đã như vậy từ trước", "was so before"));
}

err_t
change_user (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  bool changed = true;
  user_role_t role = USER_NONE;
  if (r->args_n != 4)
    return ERR_MALFORMED;
  const str_t what = r->args[0], name = r->args[1], hash = r->args[3];
  err_t err = ERR_OK;
  if (str_is (what, "add")) {
    err = role_of (r->args[2], &role, fail);
    if (err == ERR_OK)
      err = user_add (l, name, role, hash, now, fail);
    if (err == ERR_OK)
      say (out, name, true, L ("đã thêm", "added"));
  } else if (str_is (what, "passwd")) {
    err = user_password (l, name, hash, now, fail);
    if (err == ERR_OK)
      say (out, name, true,
           L ("đã đổi mật khẩu; phải đăng nhập lại, các mã truy cập cũ không còn dùng được",
              "has another password; who is logged in logs in anew, earlier tokens are void"));
  } else if (str_is (what, "role")) {
    err = role_of (r->args[2], &role, fail);
    if (err == ERR_OK)
      err = user_role (l, name, role, now, &changed, fail);
    if (err == ERR_OK)
      say (out, name, changed, L ("đã đổi vai trò", "has another role"));
  } else if (str_is (what, "disable") || str_is (what, "enable")) {
    bool off = str_is (what, "disable");
    err = user_disable (l, name, off, now, &changed, fail);
    if (err == ERR_OK)
      say (out, name, changed, off ? L ("đã ngừng", "disabled") : L ("đã mở lại", "let in again"));
  } else {
    err = ERR_MALFORMED;
  }
  return err;
}

err_t
change_token (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  hash_t hash;
  uint64_t cancelled = 0;
  if (r->args_n != 2)
    return ERR_MALFORMED;
  if (r->args[1].n > 0)
    return hex_decode (r->args[1], hash.b, sizeof hash.b) ? token_add (l, r->args[0], hash, now, fail)
                                                          : ERR_MALFORMED;
  err_t err = tokens_cancel (l, r->args[0], now, &cancelled, fail);
  if (err == ERR_OK)
    buf_printf (out, L ("%.*s: đã hủy %llu mã truy cập\n", "%.*s: %llu tokens cancelled\n"),
                STR_ARG (r->args[0]), (unsigned long long)cancelled);
  return err;
}
