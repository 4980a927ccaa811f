/* report_view.h - the report command as both programs have it: what is asked for, and the file that answers.
 */
#ifndef KC_VIEW_REPORT_VIEW_H
#define KC_VIEW_REPORT_VIEW_H

#include "common/cli/args.h"
#include "common/report/render.h"

typedef enum {
  REPORT_CSV = 0,
  REPORT_JSON,
  REPORT_HTML,
  REPORT_XLSX,
  REPORT_DOCX,
  REPORT_ODT
} report_format_t;

typedef struct {
  bool narrative; /* else annexes */
  annex_id_t annex[ANNEX_COUNT];
  size_t annexes;
  span_t years;
  report_format_t format;
  const char *out; /* NULL: stdout */
} report_request_t;

/* Options of report, ended; the programs add none of their own but --as-of. */
#define REPORT_OPTIONS                                                                                       \
  {"annex", "1..5|NAME|all", false,                                                                          \
   "phụ lục: 1 consulting, 2 outcomes, 3 budget, 4 documents, 5 staff, hoặc all (mặc định)",                 \
   "annex: 1 consulting, 2 outcomes, 3 budget, 4 documents, 5 staff, or all (default)"},                     \
      {"narrative", NULL, false,                                                                             \
       "phần lời của báo cáo cả tỉnh, số liệu điền sẵn: html, docx, odt, csv hoặc json",                     \
       "the text of the province's report with its figures: html, docx, odt, csv or json"},                  \
      {"years", "YEARS", false, "năm hoặc giai đoạn, ví dụ 2014-2020",                                       \
       "a year or years, such as 2014-2020"},                                                                \
      {"office", "OFFICE", false, "chỉ của đơn vị này", "of this office alone"},                             \
      {"format", "xlsx|html|docx|odt|csv|json", false,                                                       \
       "dạng tệp (mặc định theo đuôi của OUT, nếu không thì csv)",                                           \
       "kind of file (default by OUT's ending, else csv)"},                                                  \
  {                                                                                                          \
    "o", "OUT", false, "ghi vào tệp này thay vì màn hình", "write to this file instead of stdout"            \
  }

/* 0, or 2 after saying what is wrong. */
int report_request (const args_t *a, report_request_t *out);
/* --office by the catalogue; 0 when not given. ERR_INPUT with words. */
MUST_USE err_t report_office (const args_t *a, const catalogue_t *c, unit_id_t *out, fail_t *fail);
/* Builds, lays out and writes. */
MUST_USE err_t report_write (const args_t *a, const report_request_t *r, const figures_t *f, fail_t *fail);

#endif
