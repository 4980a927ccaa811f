#include "common/report/html.h"

static const char style_of_all[] =
    "*{box-sizing:border-box}\n"
    "body{margin:0;padding:1.5rem;background:#fff;color:#000;"
    "font:12pt/1.3 \"Times New Roman\",\"Liberation Serif\",Tinos,\"Noto Serif\",serif}\n"
    "p{margin:0}\n"
    "h1,h2,h3,h4,h5,.titles{break-after:avoid}\n"
    ".frame{display:flex;flex-wrap:wrap;justify-content:space-between;gap:1rem 2rem;text-align:center;"
    "margin-bottom:1.5rem;break-inside:avoid}\n"
    ".frame>*{min-width:18rem}\n"
    ".strong{font-weight:bold}\n"
    ".rule::after{content:\"\";display:block;width:10rem;max-width:60%;margin:.2rem auto .4rem;"
    "border-top:1px solid}\n"
    ".motto.rule::after{width:14rem}\n"
    ".keep{white-space:pre-wrap}\n"
    ".date{font-style:italic}\n"
    ".sign .room{height:6rem}\n";

void
html_element (buf_t *out, const char *tag, const char *attributes, str_t text)
{
  buf_printf (out, "<%s%s>", tag, attributes);
  markup_put_text (out, text);
  buf_printf (out, "</%s>", tag);
}

void
html_line (buf_t *out, const char *attributes, str_t text)
{
  if (str_blank (text))
    return;
  html_element (out, "p", attributes, text);
  buf_putc (out, '\n');
}

/* Within a string of the style sheet: position and seal are digits and letters. */
static void
put_css (buf_t *out, str_t s)
{
  for (size_t i = 0; i < s.n; i++) {
    char c = s.p[i];
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':')
      buf_putc (out, c);
  }
}

void
html_start (buf_t *out, const render_meta_t *m, str_t title, const char *style, const char *page)
{
  buf_printf (out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
              m->en ? "en" : "vi");
  buf_puts (out, "<meta name=\"viewport\" content=\"width=device-width\">\n");
  buf_puts (out, "<meta http-equiv=\"Content-Security-Policy\" "
                 "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
  html_element (out, "title", "", title);
  buf_puts (out, "\n<style>\n");
  buf_puts (out, style_of_all);
  buf_puts (out, style);
  buf_printf (out,
              "@page{size:%s;@bottom-left{font:8pt \"Times New Roman\",\"Liberation Serif\",serif;content:\"",
              page);
  buf_puts (out, m->en ? "Position " : "Vị trí sổ ");
  put_css (out, m->position);
  buf_puts (out, m->en ? ", seal " : ", dấu niêm ");
  put_css (out, m->seal);
  buf_puts (out, "\"}@bottom-right{font:8pt \"Times New Roman\",\"Liberation Serif\",serif;"
                 "content:counter(page) \"/\" counter(pages)}}\n</style>\n</head>\n<body>\n");
}

void
html_frame_top (buf_t *out, const layout_frame_t *f)
{
  buf_puts (out, "<header class=\"frame\">\n<div>\n");
  html_line (out, "", f->above);
  html_line (out, " class=\"strong rule\"", f->issuer);
  html_line (out, " class=\"keep\"", f->number);
  buf_puts (out, "</div>\n<div>\n");
  html_line (out, " class=\"strong\"", f->state);
  html_line (out, " class=\"strong motto rule\"", f->motto);
  html_line (out, " class=\"date keep\"", f->date);
  buf_puts (out, "</div>\n</header>\n<main>\n");
}
