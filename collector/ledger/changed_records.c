#include "collector/ledger/changed_records.h"

#include "common/base/lang.h"
#include "common/core/edit.h"

#include <stdlib.h>

#define COLUMNS_MAX 128u

const char *
record_change_name (record_change_t c)
{
  switch (c) {
  case RECORD_ADDED:
    return "added";
  case RECORD_CHANGED:
    return "changed";
  case RECORD_WITHDRAWN:
    return "withdrawn";
  case RECORD_RESTORED:
    return "restored";
  }
  UNREACHABLE ();
}

const char *
record_change_words (record_change_t c)
{
  switch (c) {
  case RECORD_ADDED:
    return L ("thêm mới", "added");
  case RECORD_CHANGED:
    return L ("sửa", "changed");
  case RECORD_WITHDRAWN:
    return L ("rút", "withdrawn");
  case RECORD_RESTORED:
    return L ("đưa lại", "brought back");
  }
  UNREACHABLE ();
}

typedef struct {
  const catalogue_t *c;
  bool labels;
  columns_t *columns[KIND_COUNT]; /* made when needed */
  arena_t *arena;
  changed_record_t *row;
  size_t n, cap;
} gathering_t;

/* ---- what differs ---- */

static void
put_name (buf_t *out, str_t name, bool labels)
{
  if (out->n > 0)
    buf_puts (out, labels ? ", " : " ");
  buf_put (out, name.p, name.n);
}

static bool
lists_differ (const record_t *then, const record_t *now)
{
  if (now->kind != KIND_SCHEME)
    return false;
  record_t with = *now; /* but the lists of then */
  with.u.scheme.ledger = then->u.scheme.ledger;
  with.u.scheme.ledger_n = then->u.scheme.ledger_n;
  with.u.scheme.beneficiaries = then->u.scheme.beneficiaries;
  with.u.scheme.beneficiaries_n = then->u.scheme.beneficiaries_n;
  return !record_same (&with, now);
}

static err_t
put_fields (gathering_t *g, const record_t *then, const record_t *now, buf_t *out)
{
  int at[COLUMNS_MAX];
  columns_t **cs = &g->columns[now->kind];
  if (*cs == NULL && (*cs = columns_new (now->kind, g->c)) == NULL)
    return ERR_NOMEM;
  CHECK (columns_count (*cs) <= COLUMNS_MAX);
  size_t n = edit_diff (*cs, g->c, then, now, at);
  for (size_t i = 0; i < n; i++) {
    const column_t *col = columns_at (*cs, (size_t)at[i]);
    const str_t label = lang_get () == LANG_EN ? col->label_en : col->label_vi;
    put_name (out, g->labels && !str_blank (label) ? label : col->name, g->labels);
  }
  if (lists_differ (then, now))
    put_name (
        out, str_of (g->labels ? L ("sổ tiền, danh sách thụ hưởng", "money ledger, beneficiaries") : "lists"),
        g->labels);
  return buf_ok (out) ? ERR_OK : ERR_NOMEM;
}

/* False: it is what it was. */
static bool
what_became (const update_t *then, bool then_withdrawn, const update_t *now, bool withdrawn,
             record_change_t *out)
{
  const bool was = then != NULL && !then_withdrawn;
  *out = !was && then != NULL ? RECORD_RESTORED
         : !was               ? RECORD_ADDED
         : withdrawn          ? RECORD_WITHDRAWN
                              : RECORD_CHANGED;
  return was == withdrawn || (was && !record_same (&then->record, &now->record));
}

/* ---- gathering ---- */

static err_t
gather (void *ctx, const update_t *then, bool then_withdrawn, const update_t *now, const row_t *row)
{
  gathering_t *g = ctx;
  record_change_t change;
  if (now->record.kind == KIND_SUBMISSION ||
      !what_became (then, then_withdrawn, now, row->withdrawn, &change))
    return ERR_OK;
  buf_t key = BUF_INIT, fields = BUF_INIT;
  changed_record_t *grown = array_room (g->row, g->n, &g->cap, sizeof *grown);
  err_t err = grown != NULL ? ERR_OK : ERR_NOMEM;
  if (grown != NULL)
    g->row = grown;
  record_key_text (&now->record, g->c, &key);
  if (err == ERR_OK && change == RECORD_CHANGED)
    err = put_fields (g, &then->record, &now->record, &fields);
  if (err == ERR_OK) {
    changed_record_t *r = &g->row[g->n++];
    *r = (changed_record_t){.kind = now->record.kind,
                            .key = arena_str (g->arena, buf_str (&key)),
                            .office = record_office (&now->record),
                            .revision = row->revision,
                            .person = arena_str (g->arena, now->person),
                            .received = row->received,
                            .change = change,
                            .fields = arena_str (g->arena, buf_str (&fields))};
    if (!buf_ok (&key) || (key.n > 0 && r->key.p == NULL) || (fields.n > 0 && r->fields.p == NULL))
      err = ERR_NOMEM;
  }
  buf_free (&key);
  buf_free (&fields);
  return err;
}

static int
by_kind_and_key (const void *x, const void *y)
{
  const changed_record_t *a = x, *b = y;
  int order = strcmp (kind_name (a->kind), kind_name (b->kind));
  return order != 0 ? order : str_cmp (a->key, b->key);
}

err_t
changed_records (snapshot_t *then, const catalogue_t *c, bool labels, changed_record_fn *fn, void *ctx)
{
  gathering_t g = {.c = c, .labels = labels, .arena = arena_new (SIZE_MAX / 4)};
  err_t err = g.arena != NULL ? snapshot_changes (then, gather, &g) : ERR_NOMEM;
  if (err == ERR_OK && g.n > 0)
    qsort (g.row, g.n, sizeof *g.row, by_kind_and_key);
  for (size_t i = 0; err == ERR_OK && i < g.n; i++)
    err = fn (ctx, &g.row[i]);
  for (size_t k = 0; k < KIND_COUNT; k++)
    columns_destroy (&g.columns[k]);
  free (g.row);
  arena_destroy (&g.arena);
  return err;
}
