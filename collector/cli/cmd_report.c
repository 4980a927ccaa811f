/* cmd_report.c - report: the annexes of the province or of an office; reconcile: a publication against them.
 */
#include "collector/cli/commands.h"

#include "collector/ledger/snapshot.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/report/reconcile.h"
#include "common/view/report_view.h"

#include <stdio.h>

#define RECONCILE_BUDGET ((size_t)256 << 20)

/* The figures as of --as-of, or of now. */
typedef struct {
  reading_t r;
  snapshot_t *s;
  figures_t f;
} standing_t;

static void
standing_close (standing_t *n)
{
  snapshot_close (&n->s);
  reading_close (&n->r);
}

/* Exit code; says what is wrong itself. */
static int
standing_open (const args_t *a, standing_t *n)
{
  fail_t fail = {0};
  unit_id_t office = 0;
  *n = (standing_t){0};
  int code = reading_open (a, &n->r);
  if (code != 0)
    return code;
  err_t err = snapshot_open (n->r.l, n->r.txn, str_of (args_value (a, "as-of")), &n->s, &fail);
  if (err == ERR_OK)
    err = report_office (a, snapshot_catalogue (n->s), &office, &fail);
  if (err != ERR_OK) {
    fail_set (&fail, err, "%s", err_words (err));
    standing_close (n);
    return args_fail (a, &fail);
  }
  n->f = snapshot_figures (n->s, office);
  say_as_of (a, &n->r);
  return 0;
}

int
cmd_report (const args_t *a)
{
  standing_t at;
  report_request_t request;
  fail_t fail = {0};
  int code = report_request (a, &request);
  if (code == 0)
    code = standing_open (a, &at);
  if (code != 0)
    return code;
  err_t err = report_write (a, &request, &at.f, &fail);
  if (err != ERR_OK) {
    fail_set (&fail, err, "%s", err_words (err));
    code = args_fail (a, &fail);
  }
  standing_close (&at);
  return code;
}

/* ---- reconcile ---- */

/* Reads what the directory has of a publication; what it has not is named and left out. */
static err_t
read_published (const char *dir, published_t *p, fail_t *fail)
{
  buf_t path = BUF_INIT, bytes = BUF_INIT;
  size_t found = 0;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && published_files[i] != NULL; i++) {
    const char *file = path_join (&path, dir, published_files[i]);
    if (!file_exists (file)) {
      fprintf (stderr, L ("không có %s: bỏ qua bảng này\n", "no %s: this table is left out\n"), file);
      continue;
    }
    found++;
    buf_clear (&bytes);
    err = file_read (file, IMPORT_FILE_MAX, &bytes, fail);
    if (err == ERR_OK)
      err = published_read (p, i, buf_str (&bytes), fail);
    if (err != ERR_OK)
      fail_at (fail, file, 0, 0);
  }
  if (err == ERR_OK && (found == 0 || published_years (p, ANNEX_NONE).from == 0)) {
    err = fail_set (fail, ERR_NO_FILE,
                    found == 0 ? L ("không có bảng nào của số đã công bố (annex_budget.csv …)",
                                    "none of a publication's tables is here (annex_budget.csv …)")
                               : L ("các bảng không ghi năm nào", "the tables name no year"));
    fail_at (fail, dir, 0, 0);
  }
  buf_free (&path);
  buf_free (&bytes);
  return err;
}

static err_t
compare (const figures_t *f, const published_t *p, arena_t *arena, const finding_t **found, size_t *n,
         fail_t *fail)
{
  annex_table_t ours[ANNEX_COUNT] = {{0}};
  err_t err = ERR_OK;
  for (unsigned i = ANNEX_NONE + 1; err == ERR_OK && i < ANNEX_COUNT; i++)
    err = annex_build ((annex_id_t)i, f, published_years (p, (annex_id_t)i), arena, &ours[i], fail);
  return err == ERR_OK ? reconcile (f->catalogue, p, ours, arena, found, n) : err;
}

static table_t *
findings_table (const args_t *a, const finding_t *found, size_t n)
{
  const bool people = args_format (a) == FORMAT_TABLE, all = !people || args_flag (a, "all");
  table_t *t = table_new ();
  table_column (t, "annex", "Biểu", "Annex", COL_TEXT);
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  table_column (t, "year", "Năm", "Year", COL_TEXT);
  table_column (t, "fund", "Nguồn", "Fund", COL_TEXT);
  table_column (t, "measure", "Số đo", "Measure", COL_TEXT);
  table_column (t, "published", "Đã công bố", "Published", people ? COL_DECIMAL : COL_TEXT);
  table_column (t, "other", "So với", "Other", people ? COL_DECIMAL : COL_TEXT);
  table_column (t, "verdict", "Kết luận", "Verdict", COL_TEXT);
  table_column (t, "note", "Ghi chú", "Note", COL_TEXT);
  for (size_t i = 0; i < n; i++) {
    const finding_t *f = &found[i];
    if (!all && f->judged == JUDGED_EQUAL)
      continue;
    table_row (t);
    table_cell (t, str_of (annex_name (f->annex)));
    table_cell (t, f->code);
    table_cell (t, f->year);
    table_cell (t, f->fund);
    table_cell (t, str_of (measure_name (f->measure)));
    table_cell (t, f->published);
    table_cell (t, f->other);
    table_cell (t, str_of (people ? judged_words (f->judged) : judged_name (f->judged)));
    table_cell (t, f->note);
  }
  return t;
}

/* Prints; 1 when something differs or contradicts. */
static int
answer_findings (const args_t *a, const figures_t *f, const finding_t *found, size_t n)
{
  size_t count[JUDGED_COUNT] = {0};
  table_t *t = findings_table (a, found, n);
  for (size_t i = 0; i < n; i++)
    count[found[i].judged]++;
  table_meta (t, "position", f->position);
  table_meta (t, "seal", f->seal);
  int code = answer_table (a, &t, ERR_OK, NULL);
  if (code != 0)
    return code;
  fprintf (stderr, L ("%zu phép so:", "%zu comparisons:"), n);
  for (unsigned j = 0; j < JUDGED_COUNT; j++)
    fprintf (stderr, "%s %zu %s", j > 0 ? "," : "", count[j], judged_words ((judged_t)j));
  fputc ('\n', stderr);
  return count[JUDGED_DIFFERS] + count[JUDGED_CONTRADICTS] > 0 ? 1 : 0;
}

int
cmd_reconcile (const args_t *a)
{
  standing_t at;
  fail_t fail = {0};
  const char *dir = args_value (a, "published");
  const finding_t *found = NULL;
  size_t n = 0;
  if (dir == NULL)
    return args_usage (a, L ("thiếu --published THƯ-MỤC: nơi có các bảng đã công bố",
                             "--published DIR is missing: where the published tables are"));
  int code = standing_open (a, &at);
  if (code != 0)
    return code;
  arena_t *arena = arena_new (RECONCILE_BUDGET);
  published_t *p = published_new (at.f.catalogue);
  err_t err = arena != NULL && p != NULL ? read_published (dir, p, &fail) : ERR_NOMEM;
  if (err == ERR_OK)
    err = compare (&at.f, p, arena, &found, &n, &fail);
  if (err == ERR_OK) {
    code = answer_findings (a, &at.f, found, n);
  } else {
    fail_set (&fail, err, "%s", err_words (err));
    code = args_fail (a, &fail);
  }
  published_destroy (&p);
  arena_destroy (&arena);
  standing_close (&at);
  return code;
}
