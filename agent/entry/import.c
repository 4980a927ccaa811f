/* import.c - a file of records into the store.
 *
 * One pass over the file against one snapshot: each row is turned into cells, applied to what its key names,
 * judged, and, if it changes something, encoded into a buffer of drafts. Records are large structs, encoded
 * ones are a few hundred bytes: that is what lets a file of a million rows fit. Only when the whole file is
 * fine does the write begin; it checks that every base is still current, else the pass is made again.
 *
 * Where a key stands for a record already, the cells are applied to that record; where not, to nothing. So a
 * row is first applied to nothing to learn its key. Those first findings are dropped when the record exists.
 */
#include "agent/entry/import.h"

#include "agent/entry/import_private.h"
#include "agent/entry/known_words.h"
#include "agent/entry/lock_warning.h"
#include "agent/entry/rows.h"
#include "agent/entry/submit.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/text/csv.h"
#include "common/wire/update_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ROW_BUDGET (16u << 20)
#define IMPORT_TRIES 5
#define PROGRESS_EVERY 500u
#define STORED_MORE (COMMENT_MAX + 64u) /* what storing adds to a draft's bytes: reason, larger numbers */

const char *
import_action_name (import_action_t a)
{
  switch (a) {
  case IMPORT_CREATED:
    return "created";
  case IMPORT_CHANGED:
    return "changed";
  case IMPORT_RESTORED:
    return "restored";
  case IMPORT_UNCHANGED:
    return "unchanged";
  }
  UNREACHABLE ();
}

/* ---- telling ---- */

void
import_tell_finding (importer_t *im, const import_finding_t *f)
{
  if (f->soft)
    im->n.warnings++;
  else
    im->n.refused++;
  if (im->quiet || im->watch->finding == NULL)
    return;
  import_finding_t placed = *f;
  buf_clear (&im->place);
  if (im->rows != NULL && rows_place (im->rows, f->line, f->column, &im->place))
    placed.place = buf_str (&im->place);
  im->watch->finding (im->watch->ctx, &placed);
}

/* cells: the row's cells handed to the edit, file_column: where each stands in the file. */
void
import_tell_reason (importer_t *im, const csv_row_t *row, const size_t *file_column, const reason_t *r,
                    str_t key)
{
  import_finding_t f = {.soft = reason_soft (r->code), .line = row->line, .key = key};
  if (r->column >= 0) {
    const size_t at = file_column[r->column];
    f.line = row->cell[at].line;
    f.column = row->cell[at].column;
    f.column_name = im->header.name[at];
  }
  buf_clear (&im->text);
  reason_words_in (r, outbox_catalogue (im->o), im->header.kind, &im->text);
  f.text = buf_str (&im->text);
  import_tell_finding (im, &f);
}

void
import_tell_row (importer_t *im, import_action_t action, const csv_row_t *row, const record_t *before,
                 const record_t *after)
{
  int changed[CSV_COLUMNS_MAX];
  uint64_t *const count[] = {[IMPORT_CREATED] = &im->n.created,
                             [IMPORT_CHANGED] = &im->n.changed,
                             [IMPORT_RESTORED] = &im->n.restored,
                             [IMPORT_UNCHANGED] = &im->n.unchanged};
  if (after->kind == im->header.kind) /* else it is the scheme of lines */
    ++*count[action];
  if (im->quiet || im->watch->row == NULL)
    return;
  CHECK (columns_count (im->columns) <= CSV_COLUMNS_MAX);
  import_row_t r = {.action = action,
                    .line = row->line,
                    .columns = im->columns,
                    .catalogue = outbox_catalogue (im->o),
                    .before = before,
                    .after = after,
                    .changed = changed};
  if (action != IMPORT_UNCHANGED && after->kind == im->header.kind)
    r.changed_n = edit_diff (im->columns, r.catalogue, before, after, changed);
  im->watch->row (im->watch->ctx, &r);
}

/* ---- one row ---- */

static err_t
tell_lock (importer_t *im, const draft_t *d, uint32_t line)
{
  const csv_row_t row = {.line = line};
  reasons_t found = {.arena = im->arena};
  err_t err = lock_warning (im->o, im->txn, im->locks, d, &found);
  buf_clear (&im->key);
  if (err == ERR_OK && found.n > 0)
    edits_key_text (&d->record, outbox_catalogue (im->o), &im->key);
  (void)import_tell_all (im, &row, NULL, &found, buf_str (&im->key));
  return err;
}

static void
tell_too_long (importer_t *im, const record_t *r, uint32_t line)
{
  char most[16];
  const csv_row_t row = {.line = line};
  buf_clear (&im->key);
  edits_key_text (r, outbox_catalogue (im->o), &im->key);
  snprintf (most, sizeof most, "%u", (unsigned)(UPDATE_MAX - STORED_MORE));
  const reason_t too_long = {REASON_RECORD_TOO_LONG, {buf_str (&im->key), str_of (most), STR_NONE}, -1};
  import_tell_reason (im, &row, NULL, &too_long, buf_str (&im->key));
}

err_t
import_keep_draft (importer_t *im, const draft_t *d, uint32_t line)
{
  const update_t u = {.version = {im->store, 1},
                      .id = d->ref.id,
                      .home = d->ref.home,
                      .operation = d->operation,
                      .base = d->base,
                      .person = im->options->person,
                      .agent_time = im->now,
                      .record = d->record};
  const size_t at = im->drafts.n;
  err_t err = tell_lock (im, d, line);
  if (err != ERR_OK)
    return err;
  buf_u32 (&im->drafts, 0);
  if (!update_encode (&u, &im->drafts) || !buf_ok (&im->drafts))
    return ERR_NOMEM;
  const size_t n = im->drafts.n - at - 4;
  if (n > UPDATE_MAX - STORED_MORE) {
    im->drafts.n = at;
    tell_too_long (im, &d->record, line);
    return ERR_OK;
  }
  for (unsigned i = 0; i < 4; i++)
    im->drafts.p[at + i] = (char)(unsigned char)(n >> (24 - 8 * i));
  return ERR_OK;
}

static err_t
take_after (importer_t *im, const csv_row_t *row, const present_t *present, const record_t *after)
{
  const record_t *before = present->exists ? &present->record : NULL;
  import_action_t action = IMPORT_CREATED;
  if (present->exists)
    action = present->row.withdrawn ? IMPORT_RESTORED : IMPORT_CHANGED;
  if (action == IMPORT_CHANGED && record_same (before, after))
    action = IMPORT_UNCHANGED;
  import_tell_row (im, action, row, before, after);
  if (action == IMPORT_UNCHANGED)
    return ERR_OK;
  const draft_t d = edits_draft (im->o, present, after, im->now);
  return import_keep_draft (im, &d, row->line);
}

/* The row's cells that go to columns we know. */
size_t
import_row_cells (importer_t *im, const csv_row_t *row, cell_t *cells, size_t *file_column)
{
  size_t n = 0;
  for (size_t i = 0; i < row->n; i++) {
    if (im->header.column[i] < 0)
      continue;
    str_t text = row->cell[i].text;
    if (im->guarded && csv_is_guarded (text))
      text = (str_t){text.p + 1, text.n - 1};
    cells[n] = (cell_t){im->header.column[i], text};
    file_column[n++] = i;
  }
  return n;
}

bool
import_tell_all (importer_t *im, const csv_row_t *row, const size_t *file_column, const reasons_t *found,
                 str_t key)
{
  bool hard = false;
  for (uint32_t i = 0; i < found->n; i++) {
    import_tell_reason (im, row, file_column, &found->at[i], key);
    hard = hard || !reason_soft (found->at[i].code);
  }
  return hard;
}

bool
import_first_time (importer_t *im, const csv_row_t *row, str_t key, str_t key_text, err_t *err)
{
  char line[24];
  uint32_t first = 0;
  if (seen_add (im->seen, key, row->line, &first))
    return true;
  if (first == 0)
    *err = ERR_NOMEM;
  snprintf (line, sizeof line, "%" PRIu32, first);
  const reason_code_t code = kind_is_form (im->header.kind) ? REASON_ENTRY_TWICE : REASON_KEY_TWICE;
  const reason_t twice = {code, {key_text, str_of (line), STR_NONE}, -1};
  if (first != 0)
    import_tell_reason (im, row, NULL, &twice, key_text);
  return false;
}

bool
import_tell_withdrawn (importer_t *im, const csv_row_t *row, const present_t *present, str_t key_text)
{
  const reason_t withdrawn = {REASON_WITHDRAWN, {key_text, STR_NONE, STR_NONE}, -1};
  if (!present->exists || !present->row.withdrawn || im->options->restore)
    return false;
  import_tell_reason (im, row, NULL, &withdrawn, key_text);
  return true;
}

/* Finds what the row's key names. *refused: the row was told off already. */
static err_t
find_present (importer_t *im, const csv_row_t *row, const record_t *after, str_t key_text, present_t *present,
              bool *refused)
{
  err_t err = ERR_OK;
  buf_clear (&im->key);
  *present = (present_t){0};
  if (!record_key (after, &im->key))
    return ERR_OK;
  *refused = !import_first_time (im, row, buf_str (&im->key), key_text, &err);
  if (*refused)
    return err;
  err = present_by_key (im->o, im->txn, after->kind, buf_str (&im->key), im->arena, present);
  *refused = err == ERR_OK && import_tell_withdrawn (im, row, present, key_text);
  return err;
}

static err_t
take_row (importer_t *im, const csv_row_t *row)
{
  cell_t cells[CSV_COLUMNS_MAX];
  size_t file_column[CSV_COLUMNS_MAX];
  const catalogue_t *c = outbox_catalogue (im->o);
  record_t after;
  present_t present;
  bool refused = false;
  arena_reset (im->arena);
  reasons_t found = {.arena = im->arena};
  const size_t n = import_row_cells (im, row, cells, file_column);
  bool fine = edit_apply (im->columns, c, &im->edit, NULL, cells, n, im->arena, &after, &found);
  buf_clear (&im->key);
  edits_key_text (&after, c, &im->key);
  const str_t key = arena_str (im->arena, buf_str (&im->key));
  err_t err = find_present (im, row, &after, key, &present, &refused);
  if (err != ERR_OK || refused)
    return err;
  if (present.exists) {
    found = (reasons_t){.arena = im->arena};
    fine = edit_apply (im->columns, c, &im->edit, &present.record, cells, n, im->arena, &after, &found);
  }
  if (fine && after.kind == KIND_SUBMISSION && !(present.exists && record_same (&present.record, &after))) {
    err = submit_judge (im->o, im->txn, &after.u.submission, &found);
    if (err != ERR_OK)
      return err;
    fine = reasons_hard (&found) == NULL;
  }
  const bool hard = import_tell_all (im, row, file_column, &found, key);
  CHECK (fine != hard || found.n == REASONS_MAX);
  return fine ? take_after (im, row, &present, &after) : ERR_OK;
}

static void
tell_width (importer_t *im, const csv_row_t *row)
{
  char text[320];
  snprintf (text, sizeof text,
            L ("dòng này có %zu ô nhưng dòng tiêu đề có %zu; kiểm tra dấu phân cách và dấu ngoặc kép",
               "this row has %zu cells but the header has %zu; check separators and quotes"),
            row->n, im->header.n);
  import_tell_finding (im, &(import_finding_t){.line = row->line, .text = str_of (text)});
}

/* ---- the file ---- */

static err_t
tell_fail (importer_t *im, const fail_t *why)
{
  import_tell_finding (
      im, &(import_finding_t){.line = why->line, .column = why->column, .text = str_of (why->text)});
  return ERR_OK;
}

static void
tell_of_rows (void *ctx, const import_finding_t *f)
{
  import_tell_finding (ctx, f);
}

static err_t
take_rows (importer_t *im)
{
  const rows_tell_t tell = {im, tell_of_rows};
  csv_row_t row;
  bool refused;
  fail_t why = {0};
  err_t err;
  uint64_t mistakes = im->n.refused;
  while ((err = rows_next (im->rows, &im->header, im->columns, &tell, &row, &refused, &why)) == ERR_OK) {
    im->n.rows++;
    im->n.refused_rows += refused;
    if (refused) {
      mistakes = im->n.refused;
      continue;
    }
    if (row.n == im->header.n)
      import_fonts_look (im, &row);
    if (row.n != im->header.n)
      tell_width (im, &row);
    else if (kind_is_form (im->header.kind))
      err = import_line_take (im, &row);
    else
      err = take_row (im, &row);
    if (err != ERR_OK)
      return err;
    im->n.refused_rows += im->n.refused > mistakes;
    mistakes = im->n.refused;
    if (im->watch->progress != NULL && im->n.rows % PROGRESS_EVERY == 0)
      im->watch->progress (im->watch->ctx, rows_progress (im->rows));
  }
  import_fonts_tell (im);
  if (err == ERR_END)
    return kind_is_form (im->header.kind) ? import_lines_finish (im) : ERR_OK;
  return err == ERR_NOMEM ? err : tell_fail (im, &why);
}

/* Written by --excel, and its header by us: people's own files have names of their own, or formulas. */
static bool
is_export_for_excel (const importer_t *im)
{
  bool ours = rows_are_for_excel (im->rows);
  for (size_t i = 0; i < im->header.n && ours; i++)
    ours = im->header.column[i] >= 0 &&
           str_eq (im->header.name[i], columns_at (im->columns, (size_t)im->header.column[i])->name);
  return ours;
}

static err_t
take_names (importer_t *im, const csv_row_t *row, fail_t *fail)
{
  fail_t why = {0};
  err_t err = header_read (&im->header, row, im->options, outbox_catalogue (im->o), &im->columns, &why);
  if (err == ERR_INPUT && import_fonts_header (row, fail))
    return ERR_INPUT;
  if (err == ERR_INPUT)
    rows_advise (im->rows, row, &why);
  if (err != ERR_OK)
    *fail = why;
  else
    im->guarded = im->edit.guarded = is_export_for_excel (im);
  return err;
}

static err_t
take_header (importer_t *im)
{
  csv_row_t row;
  fail_t why = {0};
  err_t err = rows_header (im->rows, &row, &why);
  if (err == ERR_END) {
    fail_set (&why, ERR_INPUT,
              L ("tệp trống: cần dòng tiêu đề và ít nhất một dòng dữ liệu; xem “kc-agent template”",
                 "the file is empty: it needs a header row and rows; see \"kc-agent template\""));
    err = ERR_INPUT;
  } else if (err == ERR_OK)
    err = take_names (im, &row, &why);
  im->n.kind = im->header.kind;
  if (err == ERR_OK)
    return ERR_OK;
  if (err == ERR_NOMEM)
    return err;
  tell_fail (im, &why);
  return ERR_INPUT;
}

static err_t
read_file (importer_t *im, str_t file)
{
  fail_t why = {0};
  im->rows = rows_open (file, im->options, outbox_catalogue (im->o), &why);
  if (im->rows == NULL && why.err == ERR_INPUT)
    (void)known_encodings_refuse (im->name, file, outbox_catalogue (im->o), &why);
  if (im->rows == NULL)
    return why.err == ERR_NOMEM ? ERR_NOMEM : tell_fail (im, &why);
  err_t err = take_header (im);
  if (err != ERR_OK)
    return err == ERR_INPUT ? ERR_OK : err;
  return take_rows (im);
}

static void
forget_pass (importer_t *im)
{
  rows_destroy (&im->rows);
  columns_destroy (&im->columns);
  seen_destroy (&im->seen);
  fonts_destroy (&im->fonts);
  import_lines_destroy (&im->lines);
  locks_destroy (&im->locks);
  buf_clear (&im->drafts);
}

static err_t
pass (importer_t *im, str_t file)
{
  forget_pass (im);
  im->n = (import_counts_t){0};
  im->seen = seen_new ();
  if (im->seen == NULL || !import_fonts_begin (im))
    return ERR_NOMEM;
  const bool rehearsal = outbox_rehearsal (im->o) != NULL;
  im->txn = outbox_rehearsal (im->o);
  err_t err = rehearsal ? ERR_OK : kv_begin (outbox_kv (im->o), false, &im->txn);
  if (err == ERR_OK)
    err = locks_of_outbox (im->o, im->txn, &im->locks);
  if (err == ERR_OK)
    err = read_file (im, file);
  if (!rehearsal)
    kv_abort (&im->txn);
  return err;
}

/* ---- storing ---- */

typedef struct {
  rd_t rest;
  arena_t *arena;
} replay_t;

static err_t
next_draft (void *ctx, draft_t *out)
{
  replay_t *r = ctx;
  update_t u;
  if (r->rest.n == 0)
    return ERR_END;
  arena_reset (r->arena);
  const str_t bytes = rd_bytes (&r->rest, rd_u32 (&r->rest));
  err_t err = update_decode (bytes, r->arena, &u, NULL);
  CHECK (err == ERR_OK || err == ERR_NOMEM || err == ERR_TOO_BIG);
  if (err != ERR_OK)
    return err;
  *out = (draft_t){.ref = {u.home, u.id}, .base = u.base, .operation = u.operation, .record = u.record};
  return ERR_OK;
}

static err_t
store_drafts (importer_t *im, fail_t *fail)
{
  replay_t r = {rd_of (im->drafts.p, im->drafts.n), im->arena};
  const import_info_t info = {.file = im->name, .rows = im->n.rows};
  return outbox_store_each (im->o, next_draft, &r, im->options->person, im->options->reason, &info, im->now,
                            NULL, &im->n.import, fail);
}

static err_t
sum_up (const importer_t *im, fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("có %" PRIu64 " chỗ sai: chưa lưu gì của tệp này; hãy sửa rồi nhập lại",
                      "mistakes: %" PRIu64
                      "; nothing of this file was saved; mend what is named above and import again"),
                   im->n.refused);
}

static err_t
run (importer_t *im, str_t file, fail_t *fail)
{
  err_t err = ERR_INPUT;
  for (int i = 0; i < IMPORT_TRIES; i++) {
    fail_t why = {0};
    im->quiet = i > 0;
    err = pass (im, file);
    if (err == ERR_OK && im->n.refused > 0)
      return sum_up (im, fail);
    if (err != ERR_OK || im->drafts.n == 0 || (im->options->dry_run && outbox_rehearsal (im->o) == NULL))
      return err;
    err = store_drafts (im, &why);
    if (err != ERR_INPUT) { /* anything but: another process wrote meanwhile */
      if (err != ERR_OK && fail != NULL && fail->err == ERR_OK)
        *fail = why;
      return err;
    }
  }
  return fail_set (
      fail, err,
      L ("kho đang được sửa ở nơi khác; hãy nhập lại", "the store is being changed elsewhere; import again"));
}

err_t
import_file (outbox_t *o, str_t name, str_t file, const import_options_t *options,
             const import_watch_t *watch, import_counts_t *out, fail_t *fail)
{
  static const import_watch_t deaf = {0};
  importer_t im = {.o = o,
                   .name = name,
                   .options = options,
                   .watch = watch != NULL ? watch : &deaf,
                   .now = clock_wall (),
                   .edit = {.locale = options->locale,
                            .million = options->million,
                            .comment = options->reason,
                            .office = edits_office (o),
                            .file = true},
                   .drafts = BUF_INIT,
                   .key = BUF_INIT,
                   .place = BUF_INIT,
                   .text = BUF_INIT};
  err_t err = edits_may_write (o, fail);
  if (err == ERR_OK)
    err = edits_check_words (options->person, options->reason, fail);
  if (err != ERR_OK)
    return err;
  im.arena = arena_new (ROW_BUDGET);
  im.store = outbox_store_id (o);
  err = im.arena != NULL ? run (&im, file, fail) : ERR_NOMEM;
  *out = im.n;
  forget_pass (&im);
  arena_destroy (&im.arena);
  buf_free (&im.drafts);
  buf_free (&im.key);
  buf_free (&im.place);
  buf_free (&im.text);
  if (err == ERR_TOO_BIG)
    return fail_set (fail, err,
                     L ("một dòng quá dài để lưu; hãy rút ngắn ghi chú",
                        "a row is too long to be stored; shorten its note"));
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}
