/* answer.c - answers, with the headers that all of them bear. */
#include "collector/web/ask.h"

#include "common/text/json.h"
#include "common/text/markup.h"

#define CSP                                                                                                  \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src "   \
  "'self'; "                                                                                                 \
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/* A referrer of none would have a browser say of our own forms that they come from nowhere. */
static const char *const headers[][2] = {
    {"Content-Security-Policy", CSP},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

str_t
ask_header (const ask_t *a, const char *name)
{
  return str_of (MHD_lookup_connection_value (a->connection, MHD_HEADER_KIND, name));
}

void
answer_header (ask_t *a, const char *name, const char *value)
{
  if (a->response != NULL)
    (void)MHD_add_response_header (a->response, name, value); /* refused: a line end in it */
}

static void
put_headers (ask_t *a, const char *type)
{
  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
    answer_header (a, headers[i][0], headers[i][1]);
  if (type != NULL)
    answer_header (a, "Content-Type", type);
}

void
answer_body (ask_t *a, unsigned status, const char *type, buf_t *body)
{
  if (a->response == NULL && buf_ok (body)) {
    a->response =
        MHD_create_response_from_buffer (body->n, body->n > 0 ? body->p : (void *)"",
                                         body->n > 0 ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    a->status = status;
    if (a->response != NULL) {
      if (body->n > 0)
        *body = BUF_INIT;
      put_headers (a, type);
      answer_header (a, "Cache-Control", "no-store");
    }
  }
  buf_free (body);
}

void
answer_stream_headers (ask_t *a)
{
  put_headers (a, "text/event-stream");
  answer_header (a, "Cache-Control", "no-store");
  answer_header (a, "X-Accel-Buffering", "no"); /* a proxy passes on at once */
}

void
answer_static (ask_t *a, const char *type, const void *bytes, size_t n)
{
  a->response = MHD_create_response_from_buffer (n, (void *)bytes, MHD_RESPMEM_PERSISTENT);
  a->status = MHD_HTTP_OK;
  put_headers (a, type);
  answer_header (a, "Cache-Control", "no-cache");
}

void
answer_error (ask_t *a, unsigned status, const char *words)
{
  buf_t body = BUF_INIT;
  if (path_is_api (a->path)) {
    buf_puts (&body, "{\"error\":");
    json_put_text (&body, str_of (words));
    buf_puts (&body, "}\n");
    answer_body (a, status, "application/json", &body);
    return;
  }
  buf_puts (&body, "<main><h1>");
  markup_put_text (&body, str_of (words));
  buf_puts (&body, "</h1><p><a href=\"/\">khuyencong</a></p></main>");
  page_put (a, status, words, &body);
}

void
answer_redirect (ask_t *a, const char *to)
{
  buf_t body = BUF_INIT;
  answer_body (a, MHD_HTTP_SEE_OTHER, NULL, &body);
  answer_header (a, "Location", to);
}

void
answer_resume (ask_t *a)
{
  if (!a->suspended)
    return;
  a->suspended = false;
  MHD_resume_connection (a->connection);
}
