#include "agent/entry/flags.h"

#include "common/core/units.h"

#include <stdlib.h>

/* An heir hears all that its forebear was told; where that was divided, of records too that went elsewhere.
 */
static bool
is_heir (const outbox_t *o)
{
  unit_id_t forebear;
  return unit_forebears (outbox_catalogue (o), outbox_identity (o)->unit, &forebear, 1) > 0;
}

static err_t
is_here (outbox_t *o, kv_txn_t *txn, const flag_record_t *record, size_t n, bool *here)
{
  const catalogue_t *c = outbox_catalogue (o);
  err_t err = ERR_OK;
  *here = false;
  for (size_t i = 0; err == ERR_OK && !*here && i < n; i++) {
    char id[37];
    record_ref_t ref;
    record_id_format (record[i].record, id);
    err = book_find (outbox_book (o), txn, c, str_of (id), KIND_NONE, &ref);
    *here = err == ERR_OK;
    err = err == ERR_NOT_FOUND ? ERR_OK : err;
  }
  return err;
}

err_t
flags_of_office (outbox_t *o, kv_txn_t *txn, flag_list_t *out)
{
  err_t err = flags_list (outbox_book (o), txn, ODB_FLAG, outbox_catalogue (o), SCOPE_OFFICE, out);
  size_t n = 0;
  if (err != ERR_OK || !is_heir (o))
    return err;
  for (size_t i = 0; err == ERR_OK && i < out->n; i++) {
    bool here;
    err = is_here (o, txn, out->at[i].record, out->at[i].records_n, &here);
    if (err == ERR_OK && here)
      out->at[n++] = out->at[i];
  }
  if (err == ERR_OK)
    out->n = n;
  return err;
}

typedef struct {
  flag_standing_t *at;
  size_t n;
  arena_t *arena;
} told_t;

static err_t
read_told (kv_txn_t *txn, told_t *t)
{
  *t = (told_t){.arena = arena_new (FLAG_TEXTS_BUDGET)};
  return t->arena != NULL ? flags_standing (txn, ODB_FLAG, t->arena, &t->at, &t->n) : ERR_NOMEM;
}

static void
told_free (told_t *t)
{
  free (t->at);
  arena_destroy (&t->arena);
}

/* What this record alone gives, with its answers; then what was told of it and takes more to see. */
static err_t
give (const told_t *t, const checks_t *k, const finding_t *found, size_t n, record_id_t id,
      record_flag_fn *fn, void *ctx)
{
  flag_t f;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    flag_of_finding (&found[i], &f);
    flag_answered (flag_standing_find (t->at, t->n, f.flag), &f);
    err = fn (ctx, &f);
  }
  for (size_t i = 0; err == ERR_OK && i < t->n; i++) {
    flag_of_standing (&t->at[i], k, &f);
    bool seen_here = f.what != NULL && f.what->scope <= SCOPE_RECORD;
    for (size_t r = 0; err == ERR_OK && r < f.records_n; r++)
      if (f.state != FLAG_RESOLVED && !seen_here && record_id_eq (f.record[r].record, id))
        err = fn (ctx, &f);
  }
  return err;
}

err_t
flags_of_record (outbox_t *o, kv_txn_t *txn, record_id_t id, wall_t since, const record_t *r,
                 record_flag_fn *fn, void *ctx)
{
  const catalogue_t *c = outbox_catalogue (o);
  const finding_t *found = NULL;
  size_t n = 0;
  told_t told = {.at = NULL};
  quality_t *q = quality_new (c, SCOPE_RECORD);
  err_t err = q != NULL ? quality_add (q, id, since, r) : ERR_NOMEM;
  if (err == ERR_OK)
    err = quality_run (q, &found, &n);
  if (err == ERR_OK)
    err = read_told (txn, &told);
  if (err == ERR_OK)
    err = give (&told, catalogue_checks (c), found, n, id, fn, ctx);
  told_free (&told);
  quality_destroy (&q);
  return err;
}

/* ---- marks in a list ---- */

typedef struct {
  record_id_t record;
  str_t check;
} mark_t;

struct flag_marks {
  flag_list_t flags; /* owns what the marks point to */
  mark_t *mark;
  size_t n, room;
};

static int
by_record (const void *a, const void *b)
{
  const mark_t *x = a, *y = b;
  const int c = memcmp (x->record.b, y->record.b, sizeof x->record.b);
  return c != 0 ? c : str_cmp (x->check, y->check);
}

static err_t
mark_flag (flag_marks_t *m, const flag_t *f)
{
  for (size_t i = 0; f->state == FLAG_OPEN && i < f->records_n; i++) {
    mark_t *grown = array_room (m->mark, m->n, &m->room, sizeof *grown);
    if (grown == NULL)
      return ERR_NOMEM;
    m->mark = grown;
    m->mark[m->n++] = (mark_t){f->record[i].record, f->check};
  }
  return ERR_OK;
}

err_t
flag_marks_read (outbox_t *o, kv_txn_t *txn, flag_marks_t **out)
{
  flag_marks_t *m = calloc (1, sizeof *m);
  err_t err = m != NULL ? flags_of_office (o, txn, &m->flags) : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < m->flags.n; i++)
    err = mark_flag (m, &m->flags.at[i]);
  if (err == ERR_OK && m->n > 1)
    qsort (m->mark, m->n, sizeof *m->mark, by_record);
  if (err != ERR_OK)
    flag_marks_destroy (&m);
  *out = m;
  return err;
}

void
flag_marks_destroy (flag_marks_t **self_p)
{
  flag_marks_t *m = *self_p;
  if (m == NULL)
    return;
  flag_list_free (&m->flags);
  free (m->mark);
  free (m);
  *self_p = NULL;
}

void
flag_marks_put (const flag_marks_t *m, record_id_t id, bool people, buf_t *out)
{
  size_t from = 0, to = m->n, n = 0;
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    if (memcmp (m->mark[middle].record.b, id.b, sizeof id.b) < 0)
      from = middle + 1;
    else
      to = middle;
  }
  for (; from < m->n && record_id_eq (m->mark[from].record, id); from++, n++)
    if (!people)
      buf_printf (out, "%s%.*s", n > 0 ? ";" : "", STR_ARG (m->mark[from].check));
  if (people && n > 0)
    buf_printf (out, "%zu", n);
}

err_t
flags_waiting (outbox_t *o, kv_txn_t *txn, uint64_t *n)
{
  told_t told;
  facts_t facts;
  flag_list_t l = {.at = NULL};
  *n = 0;
  err_t err = outbox_facts (o, &facts);
  if (err == ERR_OK && facts.before + facts.last_seq <= FLAGS_FEW) {
    err = flags_of_office (o, txn, &l);
    for (size_t i = 0; err == ERR_OK && i < l.n; i++)
      *n += l.at[i].state == FLAG_OPEN;
    flag_list_free (&l);
    return err;
  }
  if (err != ERR_OK)
    return err;
  const bool heir = is_heir (o);
  err = read_told (txn, &told);
  for (size_t i = 0; err == ERR_OK && i < told.n; i++) {
    const flag_standing_t *s = &told.at[i];
    bool here = s->open && !s->answered;
    if (here && heir)
      err = is_here (o, txn, s->record, s->records_n, &here);
    *n += here;
  }
  told_free (&told);
  return err;
}
