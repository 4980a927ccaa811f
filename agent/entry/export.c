/* export.c - records back into the form of an import file. */
#include "agent/entry/views.h"

#include "common/base/lang.h"
#include "common/core/lists.h"
#include "common/text/csv.h"

#include <stdlib.h>

/* One line of the file: where its key and its text stand in the buffers. */
typedef struct {
  size_t key, key_n, text, text_n;
} line_t;

typedef struct {
  const columns_t *cs;
  const catalogue_t *c;
  bool excel;
  kind_t kind;
  arena_t *arena;
  buf_t keys, texts, cell;
  line_t *line;
  size_t n, room;
} exporting_t;

static columns_t *
columns_or_words (kind_t kind, const catalogue_t *c, fail_t *fail)
{
  columns_t *cs = columns_new (kind, c);
  if (cs == NULL)
    fail_set (fail, ERR_INPUT, L ("loại “%s” không xuất ra tệp được", "\"%s\" is no kind that is exported"),
              kind_name (kind) != NULL ? kind_name (kind) : "?");
  return cs;
}

static void
put_header (const columns_t *cs, bool excel, buf_t *out)
{
  csv_write_start (out, excel);
  for (size_t i = 0; i < columns_count (cs); i++)
    csv_write_cell (out, columns_at (cs, i)->name, i == 0, excel);
  csv_write_end (out, excel);
}

err_t
export_template (kind_t kind, const catalogue_t *c, bool excel, buf_t *out, fail_t *fail)
{
  columns_t *cs = columns_or_words (kind, c, fail);
  if (cs == NULL)
    return ERR_INPUT;
  put_header (cs, excel, out);
  columns_destroy (&cs);
  return buf_ok (out) ? ERR_OK : ERR_NOMEM;
}

static bool
add_line (exporting_t *x, line_t line)
{
  line_t *grown = array_room (x->line, x->n, &x->room, sizeof *grown);
  if (grown == NULL)
    return false;
  x->line = grown;
  x->line[x->n++] = line;
  return true;
}

/* A record, or an entry of a scheme's list. */
static err_t
export_one (exporting_t *x, const record_t *r)
{
  line_t line = {.key = x->keys.n, .text = x->texts.n};
  if (!record_key (r, &x->keys) && !kind_is_form (r->kind))
    return ERR_DAMAGED;
  for (size_t i = 0; i < columns_count (x->cs); i++) {
    buf_clear (&x->cell);
    column_get (columns_at (x->cs, i), r, x->c, &x->cell);
    csv_write_cell (&x->texts, buf_str (&x->cell), i == 0, x->excel);
  }
  csv_write_end (&x->texts, x->excel);
  line.key_n = x->keys.n - line.key;
  line.text_n = x->texts.n - line.text;
  return buf_ok (&x->keys) && buf_ok (&x->texts) && buf_ok (&x->cell) && add_line (x, line) ? ERR_OK
                                                                                            : ERR_NOMEM;
}

static err_t
export_row (void *ctx, err_t err, const row_t *row)
{
  exporting_t *x = ctx;
  const bool form = kind_is_form (x->kind);
  update_t u;
  record_t line;
  if (err != ERR_OK)
    return err;
  if (row->withdrawn)
    return ERR_OK;
  arena_reset (x->arena);
  err = row_decode (row, x->arena, &u);
  if (err != ERR_OK || u.record.kind != (form ? KIND_SCHEME : x->kind))
    return err;
  if (!form)
    return export_one (x, &u.record);
  for (size_t i = 0; i < list_count (&u.record.u.scheme, x->kind) && err == ERR_OK; i++) {
    list_line (&u.record.u.scheme, x->kind, i, &line);
    err = export_one (x, &line);
  }
  return err;
}

/* qsort takes no context: the keys' address is put beside each line while sorting. */
typedef struct {
  str_t key;
  line_t line;
} sorted_t;

static int
by_key (const void *a, const void *b)
{
  const sorted_t *x = a, *y = b;
  const int c = str_cmp (x->key, y->key);
  return c != 0 ? c : (x->line.text > y->line.text) - (x->line.text < y->line.text);
}

static err_t
put_sorted (exporting_t *x, buf_t *out)
{
  sorted_t *s = malloc ((x->n + 1) * sizeof *s);
  if (s == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < x->n; i++)
    s[i] = (sorted_t){{x->keys.p + x->line[i].key, x->line[i].key_n}, x->line[i]};
  qsort (s, x->n, sizeof *s, by_key);
  for (size_t i = 0; i < x->n; i++)
    buf_put (out, x->texts.p + s[i].line.text, s[i].line.text_n);
  free (s);
  return buf_ok (out) ? ERR_OK : ERR_NOMEM;
}

err_t
export_records (outbox_t *o, kind_t kind, bool excel, buf_t *out, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  columns_t *cs = columns_or_words (kind, outbox_catalogue (o), fail);
  if (cs == NULL)
    return ERR_INPUT;
  exporting_t x = {.cs = cs,
                   .c = outbox_catalogue (o),
                   .excel = excel,
                   .kind = kind,
                   .arena = arena_new (DECODE_BUDGET (UPDATE_MAX)),
                   .keys = BUF_INIT,
                   .texts = BUF_INIT,
                   .cell = BUF_INIT};
  err_t err = x.arena != NULL ? kv_begin (outbox_kv (o), false, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = book_each (outbox_book (o), txn, 0, export_row, &x);
  kv_abort (&txn);
  if (err == ERR_OK) {
    put_header (cs, excel, out);
    err = put_sorted (&x, out);
  }
  free (x.line);
  buf_free (&x.keys);
  buf_free (&x.texts);
  buf_free (&x.cell);
  arena_destroy (&x.arena);
  columns_destroy (&cs);
  return err;
}
