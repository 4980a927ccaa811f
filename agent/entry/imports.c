/* imports.c - the list of imports: what each brought, and which were taken back. */
#include "agent/entry/undo.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdlib.h>

/* What the list keeps of each while it is read. */
typedef struct {
  import_log_t log;
  str_t person;
  uint64_t created, changed;
  uint64_t undone_by;
} import_line_t;

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  import_line_t *line;
  size_t n, room;
  arena_t *texts, *arena;
} imports_t;

static err_t
count_updates (imports_t *x, import_line_t *line)
{
  err_t err = ERR_OK;
  for (uint64_t seq = line->log.first; err == ERR_OK && seq <= line->log.last; seq++) {
    log_row_t log;
    update_t u;
    arena_reset (x->arena);
    err = outbox_log_get (x->o, x->txn, seq, &log);
    if (err == ERR_OK)
      err = row_decode (&(row_t){.bytes = log.bytes}, x->arena, &u);
    if (err != ERR_OK)
      break;
    line->created += u.base.seq == 0;
    line->changed += u.base.seq != 0;
    if (seq == line->log.first)
      line->person = arena_str (x->texts, u.person);
  }
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

static err_t
take (void *ctx, const import_log_t *i)
{
  imports_t *x = ctx;
  import_line_t *grown = array_room (x->line, x->n, &x->room, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  x->line = grown;
  import_line_t *line = &x->line[x->n++];
  *line = (import_line_t){.log = *i};
  line->log.file = arena_str (x->texts, i->file);
  return line->log.file.p != NULL ? count_updates (x, line) : ERR_NOMEM;
}

/* Whoever took it back last, unless that was taken back in turn. */
static void
find_undone (imports_t *x)
{
  for (size_t i = x->n; i-- > 0;) {
    const import_line_t *line = &x->line[i];
    for (size_t k = 0; line->log.undoes != 0 && line->undone_by == 0 && k < i; k++)
      if (x->line[k].log.number == line->log.undoes && x->line[k].undone_by == 0)
        x->line[k].undone_by = line->log.number;
  }
}

static void
put_number (table_t *t, uint64_t n)
{
  if (n != 0)
    table_printf (t, "%" PRIu64, n);
  else
    table_cell (t, STR_NONE);
}

static void
put_line (const import_line_t *line, bool people, table_t *t, buf_t *at)
{
  buf_clear (at);
  wall_put (line->log.at, people, at);
  table_row (t);
  table_printf (t, "%" PRIu64, line->log.number);
  table_cell (t, line->log.file);
  table_cell (t, buf_str (at));
  table_cell (t, line->person);
  table_printf (t, "%" PRIu64, line->created);
  table_printf (t, "%" PRIu64, line->changed);
  put_number (t, line->log.undoes);
  put_number (t, line->undone_by);
}

err_t
view_imports (outbox_t *o, bool people, table_t *t)
{
  imports_t x = {.o = o, .texts = arena_new ((size_t)64 << 20), .arena = arena_new (2 * UPDATE_ROOM)};
  buf_t at = BUF_INIT;
  table_column (t, "import", "Lần nhập", "Import", COL_NUMBER);
  table_column (t, "file", "Tệp", "File", COL_TEXT);
  table_column (t, "at", "Lúc", "At", COL_TEXT);
  table_column (t, "person", "Người làm", "Person", COL_TEXT);
  table_column (t, "created", "Bản ghi mới", "Records created", COL_NUMBER);
  table_column (t, "changed", "Bản ghi sửa", "Records changed", COL_NUMBER);
  table_column (t, "undoes", "Hoàn tác lần", "Undoes", COL_NUMBER);
  table_spare (t, 1);
  table_column (t, "undone_by", "Đã hoàn tác ở lần", "Undone by", COL_NUMBER);
  table_spare (t, 1);
  err_t err = x.texts != NULL && x.arena != NULL ? kv_begin (outbox_kv (o), false, &x.txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = outbox_imports (x.txn, take, &x);
  kv_abort (&x.txn);
  if (err == ERR_OK)
    find_undone (&x);
  for (size_t i = 0; err == ERR_OK && i < x.n; i++)
    put_line (&x.line[i], people, t, &at);
  buf_free (&at);
  free (x.line);
  arena_destroy (&x.texts);
  arena_destroy (&x.arena);
  return err;
}
