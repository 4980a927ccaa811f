#include "common/view/report_view.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/report/narrative.h"

#include <stdio.h>
#include <string.h>

#define REPORT_BUDGET ((size_t)256 << 20)

static const struct {
  const char *name;
  bool annexes, narrative; /* who has it */
  bool text;               /* may go to stdout */
} formats[] = {
    [REPORT_CSV] = {"csv", true, true, true},     [REPORT_JSON] = {"json", true, true, true},
    [REPORT_HTML] = {"html", true, true, true},   [REPORT_XLSX] = {"xlsx", true, false, false},
    [REPORT_DOCX] = {"docx", false, true, false}, [REPORT_ODT] = {"odt", false, true, false},
};

#define FORMATS (sizeof formats / sizeof formats[0])

/* ---- what is asked for ---- */

static bool
name_format (const char *name, report_format_t *out)
{
  for (size_t i = 0; name != NULL && i < FORMATS; i++)
    if (strcmp (formats[i].name, name) == 0) {
      *out = (report_format_t)i;
      return true;
    }
  return false;
}

static int
take_format (const args_t *a, report_request_t *r)
{
  const char *name = args_value (a, "format"), *dot = r->out != NULL ? strrchr (r->out, '.') : NULL;
  bool known = true;
  if (name != NULL)
    known = name_format (name, &r->format);
  else if (dot != NULL)
    (void)name_format (dot + 1, &r->format);
  if (!known || !(r->narrative ? formats[r->format].narrative : formats[r->format].annexes))
    return args_usage (a, "%s",
                       r->narrative ? L ("phần lời có các dạng html, docx, odt, csv và json",
                                         "a narrative is html, docx, odt, csv or json")
                                    : L ("phụ lục có các dạng xlsx, html, csv và json",
                                         "annexes are xlsx, html, csv or json"));
  if (args_excel (a) && r->format != REPORT_CSV)
    return args_usage (a, L ("“--excel” chỉ đi với “--format csv”", "--excel goes with --format csv only"));
  bool piped = args_value (a, "o") != NULL && !console_is_terminal (1); /* -o -: who says so knows */
  if (r->out == NULL && !formats[r->format].text && !piped)
    return args_usage (a, L ("dạng %s cần -o TỆP", "%s needs -o FILE"), formats[r->format].name);
  return 0;
}

static int
take_annexes (const args_t *a, report_request_t *r)
{
  const char *name = args_value (a, "annex");
  if (r->narrative) {
    if (name != NULL)
      return args_usage (a, L ("hãy chọn --annex hoặc --narrative, mỗi lần một tệp",
                               "choose --annex or --narrative, one file at a time"));
    if (args_value (a, "office") != NULL)
      return args_usage (a, L ("phần lời là báo cáo của cả tỉnh: không dùng --office",
                               "the narrative is the whole province's report: leave --office out"));
    return 0;
  }
  if (name == NULL || strcmp (name, "all") == 0) {
    for (unsigned i = ANNEX_NONE + 1; i < ANNEX_COUNT; i++)
      r->annex[r->annexes++] = (annex_id_t)i;
    return 0;
  }
  r->annex[0] = annex_of_name (str_of (name));
  r->annexes = 1;
  if (r->annex[0] != ANNEX_NONE)
    return 0;
  return args_usage (a,
                     L ("không có phụ lục “%s”; có 1 (consulting), 2 (outcomes), 3 (budget), "
                        "4 (documents), 5 (staff) và all",
                        "there is no annex \"%s\"; there are 1 (consulting), 2 (outcomes), 3 (budget), "
                        "4 (documents), 5 (staff) and all"),
                     name);
}

int
report_request (const args_t *a, report_request_t *out)
{
  const char *years = args_value (a, "years");
  report_request_t r = {.narrative = args_flag (a, "narrative"), .out = args_value (a, "o")};
  if (r.out != NULL && strcmp (r.out, "-") == 0)
    r.out = NULL;
  if (years == NULL)
    return args_usage (a,
                       L ("thiếu --years, ví dụ --years 2014-2020", "--years is missing, such as 2014-2020"));
  if (!span_parse (str_of (years), &r.years))
    return args_usage (a,
                       L ("“--years %s”: hãy viết một năm (2019) hoặc các năm (2014-2020), từ %u đến %u",
                          "--years %s: write a year (2019) or years (2014-2020), from %u to %u"),
                       years, YEAR_MIN, YEAR_MAX);
  int code = take_annexes (a, &r);
  if (code == 0)
    code = take_format (a, &r);
  if (code == 0)
    *out = r;
  return code;
}

err_t
report_office (const args_t *a, const catalogue_t *c, unit_id_t *out, fail_t *fail)
{
  const char *code = args_value (a, "office");
  const unit_t *u = code != NULL ? catalogue_unit_by_code (c, str_of (code)) : NULL;
  if (code != NULL && u == NULL)
    return fail_set (fail, ERR_INPUT,
                     L ("không có đơn vị “%s” trong danh mục", "the catalogue has no office \"%s\""), code);
  *out = u != NULL ? u->id : 0;
  return ERR_OK;
}

/* ---- the answer ---- */

static err_t
render (report_format_t format, const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out,
        fail_t *fail)
{
  switch (format) {
  case REPORT_CSV:
    return render_csv (tables, n, m, out);
  case REPORT_JSON:
    return render_json (tables, n, m, out);
  case REPORT_HTML:
    return render_html (tables, n, m, out);
  case REPORT_XLSX:
    return render_xlsx (tables, n, m, out, fail);
  case REPORT_DOCX:
  case REPORT_ODT:
    break;
  }
  UNREACHABLE ();
}

static err_t
write_annexes (const args_t *a, const report_request_t *r, const figures_t *f, arena_t *arena, buf_t *out,
               fail_t *fail)
{
  annex_table_t table[ANNEX_COUNT];
  render_meta_t m;
  err_t err = render_meta_of (f, lang_get () == LANG_EN, arena, &m);
  if (err != ERR_OK)
    return err;
  m.excel = args_excel (a);
  for (size_t i = 0; err == ERR_OK && i < r->annexes; i++)
    err = annex_build (r->annex[i], f, r->years, arena, &table[i], fail);
  return err == ERR_OK ? render (r->format, table, r->annexes, &m, out, fail) : err;
}

static err_t
write_narrative (const args_t *a, const report_request_t *r, const figures_t *f, arena_t *arena, buf_t *out,
                 fail_t *fail)
{
  narrative_t n;
  err_t err = narrative_build (f, r->years, lang_get () == LANG_EN, arena, &n, fail);
  if (err != ERR_OK)
    return err;
  n.meta.excel = args_excel (a);
  switch (r->format) {
  case REPORT_CSV:
    return narrative_csv (&n, out);
  case REPORT_JSON:
    return narrative_json (&n, out);
  case REPORT_HTML:
    return narrative_html (&n, out);
  case REPORT_DOCX:
    return narrative_docx (&n, out);
  case REPORT_ODT:
    return narrative_odt (&n, out);
  case REPORT_XLSX:
    break;
  }
  UNREACHABLE ();
}

static err_t
put_out (const report_request_t *r, const figures_t *f, const buf_t *text, fail_t *fail)
{
  if (r->out == NULL)
    return fwrite (text->p, 1, text->n, stdout) == text->n ? ERR_OK : ERR_IO;
  err_t err = file_write (r->out, buf_str (text), false, fail);
  if (err != ERR_OK)
    fail_at (fail, r->out, 0, 0);
  else if (console_is_terminal (2))
    fprintf (stderr, L ("đã ghi %s, ở vị trí %.*s\n", "%s written, as of %.*s\n"), r->out,
             STR_ARG (f->position));
  return err;
}

err_t
report_write (const args_t *a, const report_request_t *r, const figures_t *f, fail_t *fail)
{
  buf_t text = BUF_INIT;
  arena_t *arena = arena_new (REPORT_BUDGET);
  err_t err = arena == NULL  ? ERR_NOMEM
              : r->narrative ? write_narrative (a, r, f, arena, &text, fail)
                             : write_annexes (a, r, f, arena, &text, fail);
  if (err == ERR_OK && !buf_ok (&text))
    err = ERR_NOMEM;
  if (err == ERR_OK)
    err = put_out (r, f, &text, fail);
  arena_destroy (&arena);
  buf_free (&text);
  return err;
}
