/* cmd_changes.c - changes: which figures are no longer what they were when tables were sent. */
#include "collector/cli/commands.h"

#include "collector/ledger/changed_records.h"
#include "collector/ledger/changes.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/view/totals_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAMES_BUDGET 16384u /* of columns made from those of the totals */
#define MEASURES_KEPT 2u    /* that people see whatever changed */

typedef struct {
  const args_t *a;
  const changes_t *c;
  const catalogue_t *catalogue;
  arena_t *names;
  table_t *t;
  size_t dims, measures;
  bool shown[MEASURES_MAX]; /* people see two and those that changed anywhere */
  bool records, cells;      /* which rows the table has */
  bool headed;              /* people: the cell of the last row has its own */
  buf_t cell;               /* its texts */
} listing_t;

/* ---- columns ---- */

static const char *
joined (listing_t *s, const char *text, const char *tail)
{
  buf_t b = BUF_INIT;
  buf_printf (&b, "%s%s", text, tail);
  buf_putc (&b, '\0');
  str_t kept = arena_str (s->names, buf_str (&b));
  buf_free (&b);
  return kept.p != NULL ? kept.p : text;
}

static bool
has_dimension (const query_result_t *form, const char *name)
{
  for (size_t i = 0; i < form->columns; i++)
    if (!form->is_measure[i] && strcmp (form->name[i], name) == 0)
      return true;
  return false;
}

static void
record_columns (listing_t *s, const query_result_t *form)
{
  table_column (s->t, "code", "Bản ghi", "Record", COL_TEXT);
  table_column (s->t, has_dimension (form, "office") ? "record_office" : "office", "Đơn vị", "Office",
                COL_TEXT);
  table_spare (s->t, 2);
  table_column (s->t, "revision", "Lần sửa", "Revision", COL_NUMBER);
  table_spare (s->t, 3);
  table_column (s->t, "person", "Người ghi", "Person", COL_TEXT);
  table_spare (s->t, 1);
  table_column (s->t, "received_at", "Nhận lúc", "Received", COL_TEXT);
  table_spare (s->t, 1);
}

static void
columns (listing_t *s)
{
  const query_result_t *form = changes_form (s->c);
  for (size_t i = 0; i < form->columns; i++) {
    const char *vi, *en;
    if (i == s->dims && s->records)
      record_columns (s, form);
    totals_labels (form->name[i], &vi, &en);
    if (!form->is_measure[i]) {
      table_column (s->t, form->name[i], vi, en, COL_TEXT);
      continue;
    }
    if (!s->shown[i - s->dims])
      continue;
    col_type_t type = totals_type (form, i);
    unsigned rank = (unsigned)(i - s->dims) + 2;
    table_column (s->t, joined (s, form->name[i], "_before"), joined (s, vi, ", trước"),
                  joined (s, en, ", before"), type);
    table_spare (s->t, rank);
    table_column (s->t, joined (s, form->name[i], "_now"), joined (s, vi, ", nay"), joined (s, en, ", now"),
                  type);
    table_spare (s->t, rank);
  }
}

/* ---- rows ---- */

static void
put_cell (listing_t *s, const str_t *cell)
{
  const query_result_t *form = changes_form (s->c);
  buf_t label = BUF_INIT;
  for (size_t i = 0; i < s->dims; i++) {
    buf_clear (&label);
    if (cell != NULL && for_people (s->a))
      totals_value (s->catalogue, form->name[i], cell[i], &label);
    table_cell (s->t, cell == NULL ? STR ("") : for_people (s->a) ? buf_str (&label) : cell[i]);
  }
  buf_free (&label);
}

static void
put_record (listing_t *s, const change_row_t *r)
{
  if (!r->record) {
    for (int i = 0; i < 5; i++)
      table_cell (s->t, STR_NONE);
    return;
  }
  if (for_people (s->a) && r->withdrawn)
    table_printf (s->t, L ("%.*s (đã rút)", "%.*s (withdrawn)"), STR_ARG (r->key));
  else
    table_cell (s->t, r->key);
  table_cell (s->t, office_code (s->catalogue, r->office));
  table_printf (s->t, "%u", (unsigned)r->revision);
  table_cell (s->t, r->person);
  table_time (s->t, s->a, r->received);
}

static void
put_measures (listing_t *s, const change_row_t *r)
{
  for (size_t i = 0; i < s->measures; i++) {
    if (!s->shown[i])
      continue;
    bool differs = r != NULL && (!for_people (s->a) || !str_eq (r->before[i], r->now[i]));
    table_cell (s->t, differs ? r->before[i] : STR_NONE);
    table_cell (s->t, differs ? r->now[i] : STR_NONE);
  }
}

static err_t
note_measures (void *ctx, const change_row_t *r)
{
  listing_t *s = ctx;
  for (size_t i = 0; i < s->measures; i++)
    s->shown[i] = s->shown[i] || !str_eq (r->before[i], r->now[i]);
  return ERR_OK;
}

/* For people: is the record's cell the one of the last heading? */
static bool
under_heading (listing_t *s, const change_row_t *r)
{
  buf_t cell = BUF_INIT;
  for (size_t i = 0; i < s->dims; i++) {
    buf_put (&cell, r->cell[i].p, r->cell[i].n);
    buf_putc (&cell, '\x1f');
  }
  bool same = s->headed && str_eq (buf_str (&cell), buf_str (&s->cell));
  buf_free (&s->cell);
  s->cell = cell;
  s->headed = true;
  return same;
}

/* People read a cell and then its records, without the cell again. Where those cancel out it has no figures.
 */
static err_t
line (void *ctx, const change_row_t *r)
{
  listing_t *s = ctx;
  if (r->record ? !s->records : !s->cells)
    return ERR_OK;
  bool heading = for_people (s->a) && s->cells && !under_heading (s, r);
  if (heading && r->record) {
    table_row (s->t);
    put_cell (s, r->cell);
    put_record (s, &(change_row_t){.record = false});
    put_measures (s, NULL);
  }
  table_row (s->t);
  put_cell (s, for_people (s->a) && s->cells && r->record ? NULL : r->cell);
  if (s->records)
    put_record (s, r);
  put_measures (s, r);
  return ERR_OK;
}

/* ---- what is said around the rows ---- */

static void
put_since (snapshot_t *then, buf_t *out)
{
  buf_t at = BUF_INIT;
  wall_put (snapshot_time (then), true, &at);
  buf_printf (out, "%.*s (%s)", STR_ARG (snapshot_position_text (then)), buf_z (&at));
  buf_free (&at);
}

/* Since when, and by how much the records behind differ. */
static void
say_since (const listing_t *s, const changes_count_t *n)
{
  buf_t since = BUF_INIT;
  snapshot_t *then = changes_then (s->c);
  const uint32_t before = catalogue_version (snapshot_catalogue (then)),
                 now = catalogue_version (snapshot_catalogue (changes_now (s->c)));
  put_since (then, &since);
  printf (L ("Từ vị trí %s có %" PRIu64 " %s được ghi thêm hay sửa, %" PRIu64
             " làm đổi số liệu theo các chiều này.\n",
             "Since position %s %" PRIu64 " %s added or changed, %" PRIu64
             " of them moving figures by these dimensions.\n"),
          buf_z (&since), n->touched, noun_of (n->touched, "bản ghi", "record was", "records were"),
          n->moved);
  if (n->touched > n->moved)
    printf (L ("Mọi bản ghi đã đổi, cả nhân lực và văn bản: kc-collector changes %s --since %s\n",
               "Every record that changed, staff and documents too: kc-collector changes %s --since %s\n"),
            args_operand (s->a, 0), args_value (s->a, "since"));
  if (before != now)
    printf (
        L ("Danh mục cũng đã đổi, từ phiên bản %u sang %u: số có thể chuyển ô mà không bản ghi nào đổi.\n",
           "The catalogue changed too, from version %u to %u: figures may have moved to other cells without "
           "any record changing.\n"),
        (unsigned)before, (unsigned)now);
  buf_free (&since);
}

static void
meta (table_t *t, snapshot_t *then, snapshot_t *now)
{
  table_meta (t, "since", snapshot_position_text (then));
  table_meta (t, "since_seal", snapshot_seal_text (then));
  table_meta (t, "position", snapshot_position_text (now));
  table_meta (t, "seal", snapshot_seal_text (now));
}

static int
show_cells (listing_t *s, changes_t *c)
{
  changes_count_t count = {0, 0};
  const bool people = for_people (s->a);
  s->c = c;
  s->catalogue = snapshot_catalogue (changes_now (c));
  s->dims = changes_dimensions (c);
  s->measures = changes_form (c)->columns - s->dims;
  s->records = people || args_flag (s->a, "records");
  s->cells = people || !args_flag (s->a, "records");
  s->t = table_new ();
  meta (s->t, changes_then (c), changes_now (c));
  for (size_t i = 0; i < s->measures; i++)
    s->shown[i] = !people || i < MEASURES_KEPT;
  err_t err = people ? changes_records (c, note_measures, s, NULL) : ERR_OK;
  columns (s);
  if (err == ERR_OK)
    err = s->records ? changes_records (c, line, s, &count) : changes_cells (c, line, s);
  int code = answer_table (s->a, &s->t, err, NULL);
  if (code == 0 && people)
    say_since (s, &count);
  buf_free (&s->cell);
  return code;
}

/* ---- with no dimensions: records ---- */

static err_t
record_line (void *ctx, const changed_record_t *r)
{
  listing_t *s = ctx;
  const bool people = for_people (s->a);
  table_row (s->t);
  table_cell (s->t, str_of (people ? kind_words (r->kind) : kind_name (r->kind)));
  table_cell (s->t, r->key);
  table_cell (s->t, office_code (s->catalogue, r->office));
  table_printf (s->t, "%u", (unsigned)r->revision);
  table_cell (s->t, r->person);
  table_time (s->t, s->a, r->received);
  table_cell (s->t, str_of (people ? record_change_words (r->change) : record_change_name (r->change)));
  table_cell (s->t, r->fields);
  return ERR_OK;
}

static int
show_records (listing_t *s, snapshot_t *then, snapshot_t *now)
{
  const bool people = for_people (s->a);
  buf_t since = BUF_INIT;
  s->catalogue = snapshot_catalogue (now);
  s->t = table_new ();
  meta (s->t, then, now);
  table_column (s->t, "kind", "Loại", "Kind", COL_TEXT);
  table_column (s->t, "code", "Bản ghi", "Record", COL_TEXT);
  table_column (s->t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (s->t, "revision", "Lần sửa", "Revision", COL_NUMBER);
  table_spare (s->t, 2);
  table_column (s->t, "person", "Người ghi", "Person", COL_TEXT);
  table_spare (s->t, 1);
  table_column (s->t, "received_at", "Nhận lúc", "Received", COL_TEXT);
  table_column (s->t, "change", "Việc", "Change", COL_TEXT);
  table_column (s->t, "fields", "Đổi ở", "Fields", COL_TEXT);
  err_t err = changed_records (then, s->catalogue, people, record_line, s);
  const size_t n = table_rows (s->t);
  int code = answer_table (s->a, &s->t, err, NULL);
  put_since (then, &since);
  if (code == 0 && people)
    printf (L ("Từ vị trí %s có %zu bản ghi đã khác.\n", "Since position %s %zu records differ.\n"),
            buf_z (&since), n);
  buf_free (&since);
  return code;
}

/* ---- the command ---- */

static int
fail_with (const args_t *a, err_t err, fail_t *fail)
{
  fail_set (fail, err, "%s", err_words (err));
  return args_fail (a, fail);
}

static int
list_records (const args_t *a, reading_t *r, const char *since)
{
  listing_t s = {.a = a};
  snapshot_t *then = NULL, *now = NULL;
  fail_t fail = {0};
  err_t err = snapshot_open_since (r->l, r->txn, str_of (since), &then, &fail);
  if (err == ERR_OK)
    err = snapshot_open (r->l, r->txn, STR_NONE, &now, &fail);
  int code = err == ERR_OK ? show_records (&s, then, now) : fail_with (a, err, &fail);
  snapshot_close (&then);
  snapshot_close (&now);
  return code;
}

static int
list_cells (const args_t *a, reading_t *r, const changes_ask_t *ask)
{
  listing_t s = {.a = a, .names = arena_new (NAMES_BUDGET)};
  changes_t *c = NULL;
  fail_t fail = {0};
  err_t err = s.names != NULL ? changes_open (r->l, r->txn, ask, &c, &fail) : ERR_NOMEM;
  int code = err == ERR_OK ? show_cells (&s, c) : fail_with (a, err, &fail);
  changes_close (&c);
  arena_destroy (&s.names);
  return code;
}

int
cmd_changes (const args_t *a)
{
  reading_t r;
  const char *by = args_value (a, "by"), *since = args_value (a, "since");
  changes_ask_t ask = {.since = str_of (since), .by = str_of (by), .where = str_of (args_value (a, "where"))};
  if (since == NULL || since[0] == '\0')
    return args_usage (a, L ("thiếu --since, ví dụ --since 2020 (lần chốt cuối của năm 2020)",
                             "--since is missing, such as --since 2020 (the year's latest closing)"));
  if (by == NULL && (ask.where.p != NULL || args_value (a, "view") != NULL || args_flag (a, "records")))
    return args_usage (a, L ("--where, --view và --records cần --by, ví dụ --by district,year",
                             "--where, --view and --records go with --by, such as --by district,year"));
  if (by != NULL && by[0] == '\0')
    return args_usage (
        a, L ("--by trống; hãy ghi như --by district,year", "--by is blank; write it as --by district,year"));
  if (!view_day (a, &ask.today))
    return args_usage (a, L ("--view phải là then hoặc today", "--view must be then or today"));
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  code = by == NULL ? list_records (a, &r, since) : list_cells (a, &r, &ask);
  reading_close (&r);
  return code;
}
