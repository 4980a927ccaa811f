/* pages.c - what a browser is shown: everything around what the scripts then fill. */
#include "collector/web/ask.h"
#include "collector/web/static.h"

#include "common/base/lang.h"
#include "common/text/markup.h"

void
page_put (ask_t *a, unsigned status, const char *title, buf_t *inner)
{
  buf_t b = BUF_INIT;
  buf_printf (&b, "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>", L ("vi", "en"));
  markup_put_text (&b, str_of (title));
  buf_puts (&b, "</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                "<link rel=\"icon\" href=\"/static/icon.svg\"><link rel=\"stylesheet\" "
                "href=\"/static/page.css\"></head><body>");
  buf_put (&b, inner->p, inner->n);
  buf_puts (&b, "</body></html>\n");
  if (!buf_ok (inner))
    b.failed = true;
  buf_free (inner);
  answer_body (a, status, "text/html; charset=utf-8", &b);
}

static bool
static_handle (ask_t *a)
{
  for (const static_file_t *f = static_files; f->path != NULL; f++)
    if (!a->post && str_is (a->path, f->path)) {
      answer_static (a, f->type, f->bytes, f->n);
      return true;
    }
  return false;
}

/* The pages, and the other language for this browser from now on. */
static void
put_navigation (ask_t *a, buf_t *out)
{
  const char *other = a->english ? "vi" : "en";
  buf_printf (out,
              "<nav><a href=\"/#\">%s</a><a href=\"/#work\">%s</a><a href=\"/#completeness\">%s</a>"
              "<a href=\"/lang/%s\" lang=\"%s\" hreflang=\"%s\">%s</a></nav>",
              L ("Số liệu", "Figures"), L ("Việc cần làm", "Work to do"), L ("Tình hình nộp", "Completeness"),
              other, other, other, a->english ? "Tiếng Việt" : "English");
}

static void
board (ask_t *a)
{
  buf_t b = BUF_INIT;
  buf_puts (&b, "<header><a class=\"name\" href=\"/\">");
  buf_puts (&b, L ("Khuyến công Bình Định", "Industrial promotion, Bình Định"));
  buf_puts (&b, "</a>");
  put_navigation (a, &b);
  buf_puts (&b, "<form method=\"post\" action=\"/logout\"><span>");
  markup_put_text (&b, str_of (a->who.name));
  buf_printf (
      &b, "</span><input type=\"hidden\" name=\"form_key\" value=\"%s\"><button>%s</button></form></header>",
      a->who.login != NULL ? a->who.login->form_key : "", L ("Đăng xuất", "Log out"));
  buf_printf (&b,
              "<main id=\"board\"><noscript><p>%s</p></noscript></main><script type=\"module\" "
              "src=\"/static/board.js\"></script>",
              L ("Trang này cần JavaScript.", "This page needs JavaScript."));
  page_put (a, MHD_HTTP_OK, L ("Bảng số liệu", "Board"), &b);
}

static bool
language_handle (ask_t *a)
{
  bool en = str_is (a->path, "/lang/en");
  if (a->post || (!en && !str_is (a->path, "/lang/vi")))
    return false;
  answer_redirect (a, "/");
  answer_header (a, "Set-Cookie",
                 en ? COOKIE_LANGUAGE "=en; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000"
                    : COOKIE_LANGUAGE "=vi; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000");
  return true;
}

bool
page_handle (ask_t *a, bool authenticated)
{
  if (static_handle (a) || language_handle (a))
    return true;
  bool root = str_is (a->path, "/"), login = str_is (a->path, "/login"), logout = str_is (a->path, "/logout");
  if (!root && !login && !logout)
    return false;
  if (a->post && login)
    login_post (a);
  else if (a->post && logout)
    logout_post (a);
  else if (a->post || logout) {
    answer_error (a, MHD_HTTP_METHOD_NOT_ALLOWED,
                  L ("Không dùng được cách này ở đây.", "This cannot be used here."));
    answer_header (a, "Allow", logout ? "POST" : "GET");
  } else if (root && authenticated)
    board (a);
  else
    login_page (a, MHD_HTTP_OK, NULL);
  return true;
}
