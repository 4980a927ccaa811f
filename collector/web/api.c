/* api.c - /api/v1: from a route to its command, and from what that says to the answer. */
#include "collector/web/ask.h"

#include "common/base/lang.h"
#include "common/text/json.h"
#include "common/text/utf8.h"

#include <stdio.h>

/* INTERFACE 1's exit codes as HTTP has it. 1 is an answer like any other. */
static unsigned
status_of (int exit_code)
{
  switch (exit_code) {
  case 0:
  case 1:
    return MHD_HTTP_OK;
  case 2:
    return MHD_HTTP_BAD_REQUEST;
  case 3:
    return MHD_HTTP_UNPROCESSABLE_CONTENT;
  case 4:
    return MHD_HTTP_GATEWAY_TIMEOUT;
  default:
    return MHD_HTTP_SERVICE_UNAVAILABLE;
  }
}

/* The first line of what a command says, without the program's name before it and hints behind. */
static str_t
sentence (str_t err, const char *program)
{
  const char *end = err.n > 0 ? memchr (err.p, '\n', err.n) : NULL;
  str_t line = {err.p, end != NULL ? (size_t)(end - err.p) : err.n};
  const size_t n = strlen (program);
  if (line.n > n + 2 && memcmp (line.p, program, n) == 0 && line.p[n] == ':')
    line = (str_t){line.p + n + 2, line.n - n - 2};
  return line;
}

static void
say_error (ask_t *a, unsigned status, str_t words)
{
  buf_t text = BUF_INIT;
  utf8_put_clean (&text, words, false);
  answer_error (a, status, text.n > 0 ? buf_z (&text) : err_words (ERR_IO));
  buf_free (&text);
}

static void
answer_command (ask_t *a, str_t out)
{
  buf_t body = BUF_INIT;
  if (a->route->post) {
    buf_puts (&body, "{\"answer\":");
    json_put_text (&body, out);
    buf_puts (&body, "}\n");
  } else {
    buf_put (&body, out.p, out.n);
  }
  answer_body (a, MHD_HTTP_OK, a->type, &body);
  if (a->route->file) {
    char name[80];
    snprintf (name, sizeof name, "attachment; filename=\"khuyencong.%s\"", a->ending);
    answer_header (a, "Content-Disposition", name);
  }
}

static void
command_done (void *ctx, int exit_code, str_t out, str_t err)
{
  ask_t *a = ctx;
  a->task = 0;
  lang_thread (a->english ? LANG_EN : LANG_VI);
  unsigned status = status_of (exit_code);
  if (status == MHD_HTTP_OK)
    answer_command (a, out);
  else
    say_error (a, status, sentence (err, a->web->options->program));
  lang_thread_end ();
  answer_resume (a);
}

static void
begin_command (ask_t *a)
{
  command_line_t line;
  fail_t fail = {0};
  a->type = route_content_type (a->route, &a->form, &a->ending);
  err_t err = route_command (a->route, &a->form, a->web->options->program, a->web->options->dir,
                             str_of (a->who.name), a->english, a->arena, &line, &fail);
  if (err != ERR_OK) {
    answer_error (a, MHD_HTTP_BAD_REQUEST, fail.text);
    return;
  }
  err = runner_run (a->web->runner, line.word, STR_NONE, false, command_done, a, &a->task);
  if (err == ERR_OK)
    return;
  answer_error (a, MHD_HTTP_SERVICE_UNAVAILABLE,
                err == ERR_BUSY ? L ("trung tâm đang bận; hãy thử lại", "the centre is busy; try again")
                                : err_words (err));
  answer_header (a, "Retry-After", "2");
}

static void
say_who (ask_t *a)
{
  buf_t body = BUF_INIT;
  buf_puts (&body, "{\"name\":");
  json_put_text (&body, str_of (a->who.name));
  buf_printf (&body, ",\"role\":\"%s\"", user_role_name (a->who.role));
  if (a->who.login != NULL)
    buf_printf (&body, ",\"form_key\":\"%s\"", a->who.login->form_key);
  buf_puts (&body, "}\n");
  answer_body (a, MHD_HTTP_OK, "application/json", &body);
}

static void
not_this_way (ask_t *a, const char *allowed)
{
  answer_error (a, MHD_HTTP_METHOD_NOT_ALLOWED,
                L ("phương thức này không dùng được ở đây", "this method cannot be used here"));
  answer_header (a, "Allow", allowed);
}

/* What is no command's answer. */
static bool
handle_others (ask_t *a)
{
  static const struct {
    const char *path;
    void (*handle) (ask_t *a);
  } others[] = {
      {API_PREFIX "me", say_who}, {API_PREFIX "events", stream_begin}, {API_PREFIX "labels", labels_handle}};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (str_is (a->path, others[i].path)) {
      if (a->post)
        not_this_way (a, "GET");
      else
        others[i].handle (a);
      return true;
    }
  return false;
}

void
api_handle (ask_t *a, bool authenticated)
{
  bool other;
  if (!a->post && str_is (a->path, API_PREFIX "openapi.json")) {
    buf_t body = BUF_INIT;
    routes_openapi (a->web->options->version, &body);
    answer_body (a, MHD_HTTP_OK, "application/json", &body);
    return;
  }
  if (!authenticated) {
    answer_error (a, MHD_HTTP_UNAUTHORIZED,
                  L ("hãy đăng nhập, hoặc gửi Authorization: Bearer MÃ (kc-collector token)",
                     "log in, or send Authorization: Bearer TOKEN (kc-collector token)"));
    answer_header (a, "WWW-Authenticate", "Bearer realm=\"khuyencong\"");
    return;
  }
  if (handle_others (a))
    return;
  a->route = route_find (a->post, a->path, &other);
  if (a->route == NULL && other)
    not_this_way (a, a->post ? "GET" : "POST");
  else if (a->route == NULL)
    answer_error (a, MHD_HTTP_NOT_FOUND,
                  L ("không có địa chỉ này; xem /api/v1/openapi.json",
                     "there is no such address; see /api/v1/openapi.json"));
  else if (a->who.role < a->route->role)
    answer_error (a, MHD_HTTP_FORBIDDEN,
                  L ("vai trò của bạn không được làm việc này", "your role may not do this"));
  else if (a->post && a->who.login != NULL && !form_is_ours (a, str_of (a->who.login->form_key)))
    answer_error (a, MHD_HTTP_FORBIDDEN,
                  L ("thiếu X-Form-Key của phiên này (/api/v1/me)",
                     "X-Form-Key of this login is missing (/api/v1/me)"));
  else
    begin_command (a);
}
