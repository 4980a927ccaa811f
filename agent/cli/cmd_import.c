/* cmd_import.c - import: files in, findings and what changed out. */
#include "agent/cli/commands.h"

#include "agent/entry/import.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct {
  const args_t *a;
  const char *file;
  table_t *t; /* of a dry run */
  bool people;
  bool name_file; /* in each row: not for people who gave one file */
  uint64_t shown_hard, shown_soft;
  buf_t key, old, new_;
} telling_t;

/* ---- what a dry run tells ---- */

/* Rows stand in the order of the files, so they are sorted by their leading columns. */
static void
dry_columns (table_t *t, bool name_file)
{
  if (name_file) {
    table_column (t, "file", "Tệp", "File", COL_TEXT);
    table_spare (t, 1);
  }
  table_column (t, "line", "Dòng", "Line", COL_NUMBER);
  table_column (t, "action", "Việc", "Action", COL_TEXT);
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  table_column (t, "field", "Cột", "Field", COL_TEXT);
  table_column (t, "old", "Cũ", "Old", COL_TEXT);
  table_column (t, "new", "Mới", "New", COL_TEXT);
}

static const char *
action_words (import_action_t a)
{
  switch (a) {
  case IMPORT_CREATED:
    return L ("thêm mới", "created");
  case IMPORT_CHANGED:
    return L ("sửa", "changed");
  case IMPORT_RESTORED:
    return L ("đưa lại", "restored");
  case IMPORT_UNCHANGED:
    return L ("không đổi", "unchanged");
  }
  UNREACHABLE ();
}

/* The file's name without its folders, which stand in the sentence above. */
static const char *
last_part (const char *path)
{
  const char *last = path;
  for (const char *p = path; *p != '\0'; p++)
    if ((*p == '/' || *p == '\\') && p[1] != '\0')
      last = p + 1;
  return last;
}

static void
dry_row (telling_t *x, const char *action, str_t key, str_t field, str_t old, str_t now, uint32_t line)
{
  table_row (x->t);
  if (x->name_file)
    table_cell (x->t, str_of (x->people ? last_part (x->file) : x->file));
  table_printf (x->t, "%" PRIu32, line);
  table_cell (x->t, str_of (action));
  table_cell (x->t, key.p != NULL ? key : STR (""));
  table_cell (x->t, field.p != NULL ? field : STR (""));
  table_cell (x->t, old.p != NULL ? old : STR (""));
  table_cell (x->t, now.p != NULL ? now : STR (""));
}

static void
tell_row (void *ctx, const import_row_t *r)
{
  telling_t *x = ctx;
  const char *action = x->people ? action_words (r->action) : import_action_name (r->action);
  if (x->people && r->action == IMPORT_UNCHANGED)
    return;
  buf_clear (&x->key);
  edits_key_text (r->after, r->catalogue, &x->key);
  const bool whole = r->before == NULL || r->changed_n == 0;
  if (whole)
    dry_row (x, action, buf_str (&x->key), STR_NONE, STR_NONE, STR_NONE, r->line);
  for (size_t i = 0; !whole && i < r->changed_n; i++) {
    const column_t *col = columns_at (r->columns, (size_t)r->changed[i]);
    buf_clear (&x->old);
    buf_clear (&x->new_);
    column_get (col, r->before, r->catalogue, &x->old);
    column_get (col, r->after, r->catalogue, &x->new_);
    if (x->people && x->new_.n == 0)
      buf_puts (&x->new_, L ("(xóa)", "(cleared)"));
    dry_row (x, action, buf_str (&x->key), col->name, buf_str (&x->old), buf_str (&x->new_), r->line);
  }
}

/* FILE: line 5, column 3 (district): what is wrong; of a workbook: FILE: Sheet!C5 (district): … */
static void
print_finding (const telling_t *x, const import_finding_t *f)
{
  progress_show ("", UINT64_MAX, 0);
  fprintf (stderr, "%s", x->file);
  if (!str_blank (f->place))
    fprintf (stderr, ": %.*s", STR_ARG (f->place));
  else if (f->line != 0)
    fprintf (stderr, L (": dòng %" PRIu32, ": line %" PRIu32), f->line);
  if (str_blank (f->place) && f->column != 0)
    fprintf (stderr, L (", cột %" PRIu32, ", column %" PRIu32), f->column);
  if (!str_blank (f->column_name))
    fprintf (stderr, " (%.*s)", STR_ARG (f->column_name));
  if (f->column == 0 && !str_blank (f->key))
    fprintf (stderr, " (%.*s)", STR_ARG (f->key));
  fprintf (stderr, ": %s%.*s\n", f->soft ? L ("lưu ý: ", "note: ") : "", STR_ARG (f->text));
}

static void
tell_finding (void *ctx, const import_finding_t *f)
{
  telling_t *x = ctx;
  uint64_t *shown = f->soft ? &x->shown_soft : &x->shown_hard;
  if (++*shown <= IMPORT_FINDINGS_MAX)
    print_finding (x, f);
  if (x->t == NULL || x->people) /* people have just read it */
    return;
  const char *action = f->soft ? "warning" : "refused";
  dry_row (x, action, f->key, f->column_name, STR_NONE, f->text, f->line);
}

static void
tell_more (uint64_t shown, const char *what)
{
  if (shown > IMPORT_FINDINGS_MAX)
    fprintf (stderr, L ("… và %" PRIu64 " %s nữa\n", "… and %" PRIu64 " more %s\n"),
             shown - IMPORT_FINDINGS_MAX, what);
}

static void
tell_progress (void *ctx, unsigned permille)
{
  const telling_t *x = ctx;
  progress_show (x->file, permille, 1000);
}

/* ---- one file ---- */

static void
sum_columns (table_t *t)
{
  table_column (t, "file", "Tệp", "File", COL_TEXT);
  table_column (t, "kind", "Loại", "Kind", COL_TEXT);
  table_column (t, "created", "Thêm mới", "Created", COL_NUMBER);
  table_column (t, "changed", "Sửa", "Changed", COL_NUMBER);
  table_column (t, "unchanged", "Không đổi", "Unchanged", COL_NUMBER);
  table_column (t, "warnings", "Lưu ý", "Notes", COL_NUMBER);
  table_column (t, "import", "Lần nhập", "Import", COL_NUMBER);
  table_column (t, "records", "Bản ghi lưu", "Records saved", COL_NUMBER);
}

static void
sum_row (table_t *t, const char *file, const import_counts_t *n)
{
  table_row (t);
  table_cell (t, str_of (file));
  table_cell (t, str_of (kind_name (n->kind)));
  table_printf (t, "%" PRIu64, n->created);
  table_printf (t, "%" PRIu64, n->changed + n->restored);
  table_printf (t, "%" PRIu64, n->unchanged);
  table_printf (t, "%" PRIu64, n->warnings);
  if (n->import != 0)
    table_printf (t, "%" PRIu64, n->import);
  else
    table_cell (t, STR_NONE);
  table_printf (t, "%" PRIu64, kind_is_form (n->kind) ? n->schemes : n->created + n->changed + n->restored);
}

static void
refused_words (const import_counts_t *n)
{
  if (n->refused_rows > 0)
    printf (L (", %" PRIu64 " dòng bị từ chối", ", %" PRIu64 " %s refused"), n->refused_rows,
            noun_of (n->refused_rows, "dòng", "row", "rows"));
  if (n->refused > 0)
    printf (L (", %" PRIu64 " chỗ sai (sẽ không lưu gì)", ", %" PRIu64 " %s (nothing would be saved)"),
            n->refused, noun_of (n->refused, "chỗ sai", "mistake", "mistakes"));
}

/* Lines of a form are counted as lines, and the schemes that hold them, which are the records, as schemes: so
 * does the list of imports count them, and undo. */
static void
sum_words (const char *file, const import_counts_t *n, bool dry)
{
  const bool form = kind_is_form (n->kind);
  printf (L ("%s: %s %" PRIu64 " %s mới, %" PRIu64 " %s sửa, %" PRIu64 " không đổi",
             "%s: %s %" PRIu64 " %screated, %" PRIu64 " %schanged, %" PRIu64 " unchanged"),
          file, dry ? L ("sẽ có", "would be") : L ("đã lưu", "saved:"), n->created,
          form ? L ("dòng", "lines ") : L ("bản ghi", ""), n->changed,
          form ? L ("dòng", "lines ") : L ("bản ghi", ""), n->unchanged);
  if (n->restored > 0)
    printf (L (", %" PRIu64 " %s đưa lại", ", %" PRIu64 " %srestored"), n->restored,
            form ? L ("dòng", "lines ") : L ("bản ghi", ""));
  if (form)
    printf (L ("; %" PRIu64 " đề án có thay đổi", "; %" PRIu64 " %s changed"), n->schemes,
            noun_of (n->schemes, "đề án", "scheme", "schemes"));
  if (n->schemes_restored > 0)
    printf (L (", trong đó %" PRIu64 " đề án đã rút được đưa lại",
               ", %" PRIu64 " of them withdrawn and restored"),
            n->schemes_restored);
  refused_words (n);
  if (n->warnings > 0)
    printf (L (", %" PRIu64 " lưu ý", ", %" PRIu64 " notes"), n->warnings);
  printf ("\n");
  if (!dry && n->import != 0)
    printf (L ("Đây là lần nhập %" PRIu64 "; muốn hoàn tác: kc-agent undo DIR %" PRIu64 "\n",
               "This is import %" PRIu64 "; to take it back: kc-agent undo DIR %" PRIu64 "\n"),
            n->import, n->import);
  fflush (stdout);
}

static err_t
import_one (telling_t *x, outbox_t *o, const import_options_t *options, table_t *sums, fail_t *fail)
{
  buf_t file = BUF_INIT;
  import_counts_t n = {0};
  const import_watch_t watch = {x, options->dry_run ? tell_row : NULL, tell_finding, tell_progress};
  x->shown_hard = x->shown_soft = 0;
  err_t err = file_read (x->file, IMPORT_FILE_MAX, &file, fail);
  const bool read = err == ERR_OK;
  if (read)
    err = import_file (o, str_of (x->file), buf_str (&file), options, &watch, &n, fail);
  progress_show ("", UINT64_MAX, 0);
  tell_more (x->shown_hard, L ("chỗ sai", "errors"));
  tell_more (x->shown_soft, L ("lưu ý", "notes"));
  if (read && (err == ERR_OK || (options->dry_run && n.rows > 0))) {
    if (!options->dry_run && !x->people)
      sum_row (sums, x->file, &n);
    else if (x->people)
      sum_words (x->file, &n, options->dry_run);
  }
  if (err != ERR_OK)
    fail_at (fail, x->file, 0, 0);
  buf_free (&file);
  return err;
}

static int
read_options (const args_t *a, import_options_t *out)
{
  const char *locale = args_value (a, "locale"), *unit = args_value (a, "unit");
  *out = (import_options_t){.ignore_unknown = args_flag (a, "ignore-unknown"),
                            .restore = args_flag (a, "restore"),
                            .dry_run = args_flag (a, "dry-run"),
                            .person = str_of (args_person (a)),
                            .reason = str_of (args_value (a, "reason")),
                            .sheet = str_of (args_value (a, "sheet"))};
  if (locale != NULL && !number_words_locale (str_of (locale), &out->locale))
    return args_usage (a, L ("--locale phải là plain, vi hoặc en", "--locale must be plain, vi or en"));
  if (unit != NULL && strcmp (unit, "trieu") != 0 && strcmp (unit, "dong") != 0)
    return args_usage (a, L ("--unit phải là dong hoặc trieu", "--unit must be dong or trieu"));
  out->million = unit != NULL && strcmp (unit, "trieu") == 0;
  return option_kind (a, &out->kind);
}

int
cmd_import (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  err_t err = ERR_OK;
  import_options_t options;
  int code = read_options (a, &options);
  if (code == 0)
    code = store_open (a, false, true, &o);
  if (code != 0)
    return code;
  telling_t x = {.a = a, .people = for_people (a), .name_file = !for_people (a) || args_count (a) > 2};
  table_t *t = table_new ();
  if (t != NULL && options.dry_run)
    dry_columns (t, x.name_file);
  else if (t != NULL)
    sum_columns (t);
  else
    err = ERR_NOMEM;
  x.t = options.dry_run ? t : NULL;
  if (err == ERR_OK && options.dry_run && args_count (a) > 2)
    err = outbox_rehearse (o);
  for (size_t i = 1; i < args_count (a) && err == ERR_OK; i++) {
    x.file = args_operand (a, i);
    err = import_one (&x, o, &options, t, &fail);
  }
  outbox_rehearse_end (o);
  /* For people the sentences are enough where there is no row; machines get their header in any case. */
  err_t printed = ERR_OK;
  if (t != NULL && (!x.people || (options.dry_run && table_rows (t) > 0)))
    printed = table_print (t, stdout, args_format (a), args_excel (a), NULL);
  if (err == ERR_OK)
    err = printed;
  table_destroy (&t);
  outbox_close (&o);
  buf_free (&x.key);
  buf_free (&x.old);
  buf_free (&x.new_);
  return err == ERR_OK ? 0 : answer_fail (a, err, &fail);
}
