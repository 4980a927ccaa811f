/* who.c - who asks: by a token or by a cookie; logging in and out. */
#include "collector/web/ask.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/text/markup.h"
#include "common/text/utf8.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

static bool
is_loopback (const struct sockaddr *s)
{
  if (s->sa_family == AF_INET)
    return ntohl (((const struct sockaddr_in *)s)->sin_addr.s_addr) >> 24 == 127;
  return s->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK (&((const struct sockaddr_in6 *)s)->sin6_addr);
}

str_t
ask_address (const ask_t *a)
{
  char text[INET6_ADDRSTRLEN] = "?";
  const union MHD_ConnectionInfo *i =
      MHD_get_connection_info (a->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  const struct sockaddr *s = i != NULL ? i->client_addr : NULL;
  str_t passed_on = ask_header (a, "X-Forwarded-For");
  if (s != NULL && is_loopback (s) && passed_on.n > 0) { /* the last one is what our proxy saw */
    size_t from = passed_on.n;
    while (from > 0 && passed_on.p[from - 1] != ',' && passed_on.p[from - 1] != ' ')
      from--;
    return arena_str (a->arena, (str_t){passed_on.p + from, passed_on.n - from});
  }
  if (s != NULL && s->sa_family == AF_INET)
    inet_ntop (AF_INET, &((const struct sockaddr_in *)s)->sin_addr, text, sizeof text);
  else if (s != NULL && s->sa_family == AF_INET6)
    inet_ntop (AF_INET6, &((const struct sockaddr_in6 *)s)->sin6_addr, text, sizeof text);
  return arena_str (a->arena, str_of (text));
}

static void
take_user (ask_t *a, const user_t *u)
{
  CHECK (u->name.n <= USER_NAME_MAX);
  memcpy (a->who.name, u->name.p, u->name.n);
  a->who.name[u->name.n] = '\0';
  a->who.role = u->role;
}

static err_t
by_cookie (ask_t *a, kv_txn_t *txn)
{
  user_t u;
  const login_t *l =
      logins_find (a->web->logins, cookie_get (ask_header (a, "Cookie"), COOKIE_SESSION), clock_mono ());
  if (l == NULL)
    return ERR_NOT_FOUND;
  err_t err = user_get (txn, str_of (l->name), &u);
  if (err == ERR_OK && (u.disabled || u.revision != l->revision))
    err = ERR_NOT_FOUND;
  if (err == ERR_NOT_FOUND)
    logins_remove (a->web->logins, l);
  if (err != ERR_OK)
    return err;
  take_user (a, &u);
  a->who.login = l;
  return ERR_OK;
}

err_t
who_asks (ask_t *a)
{
  kv_txn_t *txn = NULL;
  user_t u;
  str_t said = ask_header (a, "Authorization");
  a->who = (person_t){.name = ""};
  err_t err = kv_begin (ledger_kv (a->web->ledger), false, &txn);
  if (err != ERR_OK)
    return err;
  if (said.p == NULL) {
    err = by_cookie (a, txn);
  } else {
    str_t token = bearer_of (said);
    err = token.n == SECRET_TEXT_MAX - 1 ? token_user (txn, secret_hash (token), &u) : ERR_NOT_FOUND;
    if (err == ERR_OK)
      take_user (a, &u);
  }
  kv_abort (&txn);
  return err;
}

bool
form_is_ours (const ask_t *a, str_t key)
{
  str_t given = ask_header (a, "X-Form-Key"), origin = ask_header (a, "Origin");
  if (given.p == NULL)
    given = form_get (&a->form, "form_key");
  return (origin.p == NULL || origin_is_host (origin, ask_header (a, "Host"))) && secret_eq (given, key);
}

/* ---- cookies ---- */

static void
set_cookie (ask_t *a, const char *name, const char *value)
{
  buf_t text = BUF_INIT;
  bool https = str_is (ask_header (a, "X-Forwarded-Proto"), "https");
  buf_printf (&text, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", name, value, https ? "; Secure" : "",
              value[0] == '\0' ? "; Max-Age=0" : "");
  if (buf_ok (&text))
    answer_header (a, "Set-Cookie", buf_z (&text));
  buf_free (&text);
}

/* ---- logging in ---- */

void
login_page (ask_t *a, unsigned status, const char *words)
{
  char key[SECRET_TEXT_MAX];
  buf_t b = BUF_INIT;
  secret_make (key);
  buf_puts (&b, "<main class=\"login\"><h1>");
  buf_puts (&b, L ("Khuyến công Bình Định", "Industrial promotion, Bình Định"));
  buf_puts (&b, "</h1><form method=\"post\" action=\"/login\">");
  if (words != NULL) {
    buf_puts (&b, "<p class=\"wrong\" role=\"alert\">");
    markup_put_text (&b, str_of (words));
    buf_puts (&b, "</p>");
  }
  buf_printf (&b,
              "<input type=\"hidden\" name=\"form_key\" value=\"%s\">"
              "<label for=\"name\">%s</label><input id=\"name\" name=\"name\" autocomplete=\"username\" "
              "autocapitalize=\"none\" spellcheck=\"false\" required maxlength=\"64\" autofocus>"
              "<label for=\"password\">%s</label><input id=\"password\" name=\"password\" type=\"password\" "
              "autocomplete=\"current-password\" required maxlength=\"1000\">"
              "<button>%s</button></form></main>",
              key, L ("Tên người dùng", "User name"), L ("Mật khẩu", "Password"), L ("Đăng nhập", "Log in"));
  page_put (a, status, L ("Đăng nhập", "Log in"), &b);
  set_cookie (a, COOKIE_LOGIN, key);
}

static err_t
let_in (ask_t *a, char secret[SECRET_TEXT_MAX])
{
  kv_txn_t *txn = NULL;
  user_t u;
  err_t err = kv_begin (ledger_kv (a->web->ledger), false, &txn);
  if (err == ERR_OK)
    err = user_get (txn, str_of (a->login_name), &u);
  if (err == ERR_OK && u.disabled)
    err = ERR_NOT_FOUND;
  if (err == ERR_OK)
    logins_add (a->web->logins, u.name, u.revision, clock_mono (), secret);
  kv_abort (&txn);
  return err;
}

static void
checked (void *ctx, int exit_code, str_t out, str_t err)
{
  ask_t *a = ctx;
  char secret[SECRET_TEXT_MAX];
  const str_t name = str_of (a->login_name), address = ask_address (a);
  (void)out;
  (void)err;
  a->task = 0;
  lang_thread (a->english ? LANG_EN : LANG_VI);
  if (exit_code == 0 && let_in (a, secret) == ERR_OK) {
    attempts_forgive (a->web->logins, name, address);
    answer_redirect (a, "/");
    set_cookie (a, COOKIE_SESSION, secret);
    answer_header (a, "Set-Cookie", COOKIE_LOGIN "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
  } else if (exit_code == 0 || exit_code == 1) {
    attempts_failed (a->web->logins, name, address, clock_mono ());
    login_page (a, MHD_HTTP_UNAUTHORIZED,
                L ("Tên hoặc mật khẩu không đúng.", "The name or the password is wrong."));
  } else {
    login_page (
        a, MHD_HTTP_SERVICE_UNAVAILABLE,
        L ("Chưa kiểm tra được mật khẩu; hãy thử lại.", "The password could not be checked; try again."));
  }
  lang_thread_end ();
  answer_resume (a);
}

/* The name in the form the store keeps it. False: no user has such a name. */
static bool
take_login_name (ask_t *a)
{
  str_t name;
  if (!utf8_normalise (form_get (&a->form, "name"), a->arena, &name) ||
      user_name_check (name, &(fail_t){0}) != ERR_OK)
    return false;
  memcpy (a->login_name, name.p, name.n);
  a->login_name[name.n] = '\0';
  return true;
}

/* The command hashes: it takes 64 MiB and 0.2 s, which are that process's. */
void
login_post (ask_t *a)
{
  unsigned wait_s;
  char wait[16];
  str_t key = cookie_get (ask_header (a, "Cookie"), COOKIE_LOGIN), password = form_get (&a->form, "password");
  if (!form_is_ours (a, key)) {
    login_page (
        a, MHD_HTTP_FORBIDDEN,
        L ("Trang đăng nhập đã cũ; hãy nhập lại.", "The login page was out of date; enter it again."));
    return;
  }
  if (!take_login_name (a) || password.n == 0 || memchr (password.p, '\n', password.n) != NULL ||
      memchr (password.p, '\r', password.n) != NULL) {
    login_page (a, MHD_HTTP_UNAUTHORIZED,
                L ("Tên hoặc mật khẩu không đúng.", "The name or the password is wrong."));
    return;
  }
  if (!attempts_allowed (a->web->logins, str_of (a->login_name), ask_address (a), clock_mono (), &wait_s)) {
    login_page (a, MHD_HTTP_TOO_MANY_REQUESTS,
                L ("Đã thử sai quá nhiều lần; hãy đợi rồi thử lại.",
                   "Too many wrong attempts; wait, then try again."));
    snprintf (wait, sizeof wait, "%u", wait_s);
    answer_header (a, "Retry-After", wait);
    return;
  }
  const char *words[] = {a->web->options->program,
                         "user",
                         "--password-stdin",
                         "--",
                         "check",
                         a->web->options->dir,
                         a->login_name,
                         NULL};
  buf_t input = BUF_INIT;
  buf_put (&input, password.p, password.n);
  buf_putc (&input, '\n');
  err_t err = buf_ok (&input)
                  ? runner_run (a->web->runner, words, buf_str (&input), true, checked, a, &a->task)
                  : ERR_NOMEM;
  if (input.p != NULL)
    crypto_wipe (input.p, input.cap);
  buf_free (&input);
  if (err != ERR_OK)
    answer_error (a, MHD_HTTP_SERVICE_UNAVAILABLE, err_words (err));
}

void
logout_post (ask_t *a)
{
  if (a->who.login == NULL || !form_is_ours (a, str_of (a->who.login->form_key))) {
    answer_error (a, MHD_HTTP_FORBIDDEN,
                  L ("Biểu mẫu đã cũ; hãy tải lại trang.", "The form is out of date; load the page again."));
    return;
  }
  logins_remove (a->web->logins, a->who.login);
  a->who.login = NULL;
  answer_redirect (a, "/");
  set_cookie (a, COOKIE_SESSION, "");
}
