/* import_lines.c - a file of ledger entries or beneficiaries: rows into the lists of their schemes.
 *
 * A record is one update, so all rows of a scheme, wherever they stand in the file, make one new version of
 * it. Each row is applied to the scheme as the rows before it left it; when the file has ended every scheme
 * that changed is judged as a whole, and its findings stand at the first row that changed it. A file says
 * nothing about entries it lacks. */
#include "agent/entry/import_private.h"

#include "agent/entry/removed.h"
#include "common/core/validate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LINES_BUDGET ((size_t)1 << 30)

/* A scheme of the file. */
typedef struct {
  bool exists, changed, taken; /* taken: some row of it is fine */
  bool removals_known;
  present_t present;
  record_t after; /* with what the rows put into its lists */
  list_room_t room;
  uint32_t line; /* of the first row that changed it, else of the first taken */
} group_t;

struct import_lines {
  arena_t *arena; /* all that lasts until the file's end */
  group_t **at;
  size_t n, room;
  seen_t *codes; /* a scheme's code → its place + 1 */
  /* Where entries stand now; read when the file first names an id that its scheme does not have. */
  seen_t *ids;     /* → the place of its scheme's code + 1 */
  seen_t *removed; /* entries that schemes of the file held once: by key and by id */
  str_t *owner;
  size_t owners, owners_room;
};

void
import_lines_destroy (import_lines_t **self_p)
{
  import_lines_t *self = *self_p;
  if (self == NULL)
    return;
  free (self->at);
  free (self->owner);
  seen_destroy (&self->ids);
  seen_destroy (&self->removed);
  arena_destroy (&self->arena);
  seen_destroy (&self->codes);
  free (self);
  *self_p = NULL;
}

static import_lines_t *
lines_new (void)
{
  import_lines_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->arena = arena_new (LINES_BUDGET);
  self->codes = seen_new ();
  if (self->arena == NULL || self->codes == NULL)
    import_lines_destroy (&self);
  return self;
}

/* The scheme of a code, looked up when the file names it for the first time. */
static err_t
group_of (importer_t *im, str_t code, group_t **out)
{
  import_lines_t *l = im->lines;
  uint32_t place = 0;
  if (!seen_add (l->codes, code, (uint32_t)l->n + 1, &place)) {
    if (place == 0)
      return ERR_NOMEM;
    *out = l->at[place - 1];
    return ERR_OK;
  }
  group_t **grown = array_room (l->at, l->n, &l->room, sizeof *grown);
  group_t *g = arena_alloc (l->arena, sizeof *g);
  if (grown != NULL)
    l->at = grown;
  if (grown == NULL || g == NULL)
    return ERR_NOMEM;
  l->at[l->n++] = g;
  err_t err = present_by_key (im->o, im->txn, KIND_SCHEME, code, l->arena, &g->present);
  if (err != ERR_OK)
    return err;
  g->exists = g->present.exists;
  g->after = g->present.record;
  *out = g;
  return ERR_OK;
}

/* ---- an entry stands in one scheme ---- */

typedef struct {
  importer_t *im;
  kind_t form;
  arena_t *arena;
} reading_t;

static err_t
read_owner (void *ctx, err_t err, const row_t *row)
{
  reading_t *r = ctx;
  import_lines_t *l = r->im->lines;
  update_t u;
  record_t line;
  uint32_t first;
  if (err != ERR_OK || row->withdrawn)
    return err;
  arena_reset (r->arena);
  err = row_decode (row, r->arena, &u);
  const size_t n = err == ERR_OK ? list_count (&u.record.u.scheme, r->form) : 0;
  if (n == 0)
    return err;
  str_t *grown = array_room (l->owner, l->owners, &l->owners_room, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  l->owner = grown;
  l->owner[l->owners++] = arena_str (l->arena, u.record.u.scheme.code);
  for (size_t i = 0; i < n; i++) {
    list_line (&u.record.u.scheme, r->form, i, &line);
    const record_id_t id = line_id (&line);
    if (!seen_add (l->ids, (str_t){(const char *)id.b, sizeof id.b}, (uint32_t)l->owners, &first) &&
        first == 0)
      return ERR_NOMEM;
  }
  return ERR_OK;
}

/* The scheme that has the line's id already; STR_NONE: none. */
static err_t
owner_of (importer_t *im, const record_t *line, str_t *out)
{
  import_lines_t *l = im->lines;
  const record_id_t id = line_id (line);
  uint32_t place = 0;
  *out = STR_NONE;
  if (id_is_zero (id.b, sizeof id.b))
    return ERR_OK;
  if (l->ids == NULL) {
    reading_t r = {im, line->kind, arena_new (DECODE_BUDGET (UPDATE_MAX))};
    l->ids = seen_new ();
    err_t err = ERR_NOMEM;
    if (l->ids != NULL && r.arena != NULL)
      err = book_each_of (outbox_book (im->o), im->txn, KIND_SCHEME, read_owner, &r);
    arena_destroy (&r.arena);
    if (err != ERR_OK)
      return err;
  }
  if (seen_find (l->ids, (str_t){(const char *)id.b, sizeof id.b}, &place))
    *out = l->owner[place - 1];
  return ERR_OK;
}

/* ---- what was taken out on purpose ---- */

static str_t
removed_key (importer_t *im, const group_t *g, const record_t *line, bool by_id)
{
  const record_id_t scheme = g->present.row.ref.id, id = line_id (line);
  buf_clear (&im->text);
  buf_put (&im->text, scheme.b, sizeof scheme.b);
  buf_u8 (&im->text, by_id);
  if (by_id)
    buf_put (&im->text, id.b, sizeof id.b);
  else
    (void)line_key (line, &im->text);
  return buf_str (&im->text);
}

typedef struct {
  importer_t *im;
  const group_t *g;
} noting_t;

static err_t
note_removed (void *ctx, const removed_t *r)
{
  noting_t *x = ctx;
  seen_t *removed = x->im->lines->removed;
  uint32_t first = 0;
  for (int by_id = 0; by_id < 2; by_id++)
    if (!seen_add (removed, removed_key (x->im, x->g, r->line, by_id != 0), 1, &first) && first == 0)
      return ERR_NOMEM;
  return ERR_OK;
}

/* Did the scheme's list hold the entry once? */
static err_t
was_removed (importer_t *im, group_t *g, const record_t *line, bool *out)
{
  import_lines_t *l = im->lines;
  const record_id_t id = line_id (line);
  uint32_t at;
  if (l->removed == NULL && (l->removed = seen_new ()) == NULL)
    return ERR_NOMEM;
  if (!g->removals_known) {
    noting_t x = {im, g};
    err_t err = removed_each (im->o, im->txn, &g->present, line->kind, note_removed, &x);
    if (err != ERR_OK)
      return err;
    g->removals_known = true;
  }
  *out = seen_find (l->removed, removed_key (im, g, line, false), &at) ||
         (!id_is_zero (id.b, sizeof id.b) && seen_find (l->removed, removed_key (im, g, line, true), &at));
  return ERR_OK;
}

/* ---- rows ---- */

static void
tell_about (importer_t *im, const csv_row_t *row, reason_code_t code, str_t a0, str_t a1, str_t a2, str_t key)
{
  const reason_t r = {code, {a0, a1, a2}, -1};
  import_tell_reason (im, row, NULL, &r, key);
}

/* May the row go on to the scheme's list? What speaks against it was told. */
static bool
scheme_takes (importer_t *im, const csv_row_t *row, const group_t *g, const record_t *line, size_t matches,
              str_t key)
{
  char number[24], range[24];
  const str_t code = line_scheme_code (line);
  if (!g->exists) {
    tell_about (im, row, REASON_NO_SCHEME, code, STR_NONE, STR_NONE, key);
    return false;
  }
  if (import_tell_withdrawn (im, row, &g->present, code))
    return false;
  const size_t n = list_count (&g->after.u.scheme, line->kind), max = list_max (line->kind);
  if (matches > 1) {
    snprintf (number, sizeof number, "%zu", matches);
    tell_about (im, row, REASON_ENTRY_AMBIGUOUS, key, str_of (number), STR_NONE, key);
  } else if (matches == 0 && n >= max) {
    snprintf (number, sizeof number, "%zu", n + 1);
    snprintf (range, sizeof range, "0..%zu", max);
    tell_about (im, row, REASON_OUT_OF_RANGE, str_of (kind_name (line->kind)), str_of (number),
                str_of (range), key);
  }
  return matches == 1 || (matches == 0 && n < max);
}

/* An entry stands once in a file, whether a row names it by its id or by its key. */
static bool
first_time (importer_t *im, const csv_row_t *row, const record_t *line, str_t key, err_t *err)
{
  const record_id_t id = line_id (line);
  const str_t code = line_scheme_code (line);
  buf_clear (&im->key);
  buf_put (&im->key, code.p, code.n);
  buf_putc (&im->key, '\x1f');
  buf_put (&im->key, id.b, sizeof id.b);
  return import_first_time (im, row, buf_str (&im->key), key, err);
}

static err_t
put_line (importer_t *im, const csv_row_t *row, group_t *g, const record_t *before, const record_t *line,
          str_t key, bool restored)
{
  err_t err = ERR_OK;
  if (!first_time (im, row, line, key, &err))
    return err;
  import_action_t action = restored ? IMPORT_RESTORED : IMPORT_CREATED;
  if (before != NULL)
    action = IMPORT_CHANGED;
  if (before != NULL && record_same (before, line))
    action = IMPORT_UNCHANGED;
  import_tell_row (im, action, row, before, line);
  if (!g->taken || (!g->changed && action != IMPORT_UNCHANGED))
    g->line = row->line;
  g->taken = true;
  if (action == IMPORT_UNCHANGED)
    return ERR_OK;
  g->changed = true;
  return list_put (&g->after.u.scheme, line, &g->room, im->lines->arena) ? ERR_OK : ERR_NOMEM;
}

/* A line that its scheme does not have: may it come? What speaks against it was told. *restored: it was there
 * once. */
static err_t
take_new (importer_t *im, const csv_row_t *row, group_t *g, record_t *line, str_t key, bool *fine,
          bool *restored)
{
  str_t owner;
  err_t err = owner_of (im, line, &owner);
  if (err == ERR_OK && str_blank (owner))
    err = was_removed (im, g, line, restored);
  if (err != ERR_OK)
    return err;
  *fine = str_blank (owner) && (!*restored || im->options->restore);
  if (!str_blank (owner))
    tell_about (im, row, REASON_ENTRY_ELSEWHERE, owner, STR_NONE, STR_NONE, key);
  else if (!*fine)
    tell_about (im, row, REASON_WITHDRAWN, key, STR_NONE, STR_NONE, key);
  else
    line_identify (&g->after.u.scheme, g->present.row.ref.id, line);
  return ERR_OK;
}

err_t
import_line_take (importer_t *im, const csv_row_t *row)
{
  cell_t cells[CSV_COLUMNS_MAX];
  size_t file_column[CSV_COLUMNS_MAX], at = 0;
  const catalogue_t *c = outbox_catalogue (im->o);
  record_t line, before;
  const record_t *was = NULL;
  group_t *g = NULL;
  bool restored = false;
  if (im->lines == NULL && (im->lines = lines_new ()) == NULL)
    return ERR_NOMEM;
  arena_reset (im->arena);
  reasons_t found = {.arena = im->arena};
  const size_t n = import_row_cells (im, row, cells, file_column);
  bool fine = edit_apply (im->columns, c, &im->edit, NULL, cells, n, im->lines->arena, &line, &found);
  buf_clear (&im->key);
  edits_key_text (&line, c, &im->key);
  const str_t key = arena_str (im->arena, buf_str (&im->key));
  if (!str_blank (line_scheme_code (&line))) {
    err_t err = group_of (im, line_scheme_code (&line), &g);
    if (err != ERR_OK)
      return err;
    const size_t matches = g->exists ? list_find (&g->after.u.scheme, &line, &at) : 0;
    if (!scheme_takes (im, row, g, &line, matches, key))
      return ERR_OK;
    if (matches == 1) {
      list_line (&g->after.u.scheme, line.kind, at, &before);
      was = &before;
      found = (reasons_t){.arena = im->arena};
      fine = edit_apply (im->columns, c, &im->edit, was, cells, n, im->lines->arena, &line, &found);
    } else if (fine) {
      err = take_new (im, row, g, &line, key, &fine, &restored);
      if (err != ERR_OK || !fine)
        return err;
    }
  }
  (void)import_tell_all (im, row, file_column, &found, key);
  return fine && g != NULL ? put_line (im, row, g, was, &line, key, restored) : ERR_OK;
}

err_t
import_lines_finish (importer_t *im)
{
  err_t err = ERR_OK;
  for (size_t i = 0; im->lines != NULL && i < im->lines->n && err == ERR_OK; i++) {
    group_t *g = im->lines->at[i];
    const csv_row_t row = {.line = g->line};
    const bool restored = g->taken && g->present.row.withdrawn; /* by --restore, though no line changed */
    if (!restored && (!g->changed || record_same (&g->present.record, &g->after)))
      continue;
    arena_reset (im->arena);
    reasons_t found = {.arena = im->arena};
    (void)validate (outbox_catalogue (im->o), &g->present.record, &g->after, im->options->reason,
                    edits_office (im->o), &found);
    if (import_tell_all (im, &row, NULL, &found, g->after.u.scheme.code)) {
      im->n.refused_rows++;
      continue;
    }
    const draft_t d = edits_draft (im->o, &g->present, &g->after, im->now);
    im->n.schemes++;
    im->n.schemes_restored += restored;
    if (restored)
      import_tell_row (im, IMPORT_RESTORED, &row, &g->present.record, &g->after);
    err = import_keep_draft (im, &d, g->line);
  }
  return err;
}
