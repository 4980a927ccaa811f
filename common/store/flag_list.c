#include "common/store/flag_list.h"

#include "common/base/lang.h"
#include "common/core/units.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

const char *
flag_state_name (flag_state_t s)
{
  return s == FLAG_OPEN ? "open" : s == FLAG_IS_ANSWERED ? "answered" : "resolved";
}

const char *
flag_state_words (flag_state_t s)
{
  return s == FLAG_OPEN          ? L ("chờ trả lời", "open")
         : s == FLAG_IS_ANSWERED ? L ("đã trả lời", "answered")
                                 : L ("đã hết", "resolved");
}

/* ---- what is in doubt ---- */

typedef struct {
  quality_t *q;
  arena_t *arena;
  go_on_fn *go_on;
  void *ctx;
} scanning_t;

static err_t
scan_one (void *ctx, err_t err, const row_t *row)
{
  scanning_t *s = ctx;
  update_t u;
  if (s->go_on != NULL && !s->go_on (s->ctx))
    return ERR_END;
  if (err != ERR_OK || row->withdrawn)
    return ERR_OK;
  arena_reset (s->arena);
  err = update_decode (row->bytes, s->arena, &u, NULL);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK;
  return quality_add (s->q, row->ref.id, row->received, &u.record);
}

err_t
flags_scan (book_t *book, kv_txn_t *txn, unit_id_t home, quality_t *q, go_on_fn *go_on, void *ctx)
{
  scanning_t s = {q, arena_new (DECODE_BUDGET (UPDATE_MAX)), go_on, ctx};
  err_t err = s.arena != NULL ? book_each (book, txn, home, scan_one, &s) : ERR_NOMEM;
  arena_destroy (&s.arena);
  return err;
}

void
flag_of_finding (const finding_t *f, flag_t *out)
{
  *out = (flag_t){.flag = str_of (f->flag),
                  .check = f->check->id,
                  .what = f->check,
                  .severity = f->severity,
                  .state = FLAG_OPEN,
                  .records_n = f->subjects_n};
  for (size_t i = 0; i < f->subjects_n; i++) {
    out->record[i] = (flag_record_t){.unit = f->subject[i].office,
                                     .record = f->subject[i].id,
                                     .key = f->subject[i].key,
                                     .commune = f->subject[i].commune};
    memcpy (out->record[i].arguments, f->argument[i], sizeof f->argument[i]);
    if (f->subject[i].since.ms > out->since.ms)
      out->since = f->subject[i].since;
  }
}

void
flag_answered (const flag_standing_t *s, flag_t *out)
{
  if (s == NULL || !s->answered)
    return;
  if (out->state == FLAG_OPEN)
    out->state = FLAG_IS_ANSWERED;
  out->reason = s->reason;
  out->person = s->person;
  out->answered_at = s->answered_at;
}

void
flag_of_standing (const flag_standing_t *s, const checks_t *k, flag_t *out)
{
  *out = (flag_t){.flag = s->flag,
                  .check = s->check,
                  .what = k != NULL ? checks_find (k, s->check) : NULL,
                  .state = s->open ? FLAG_OPEN : FLAG_RESOLVED,
                  .told = s->open,
                  .records_n = s->records_n,
                  .since = s->since};
  out->severity = out->what != NULL ? out->what->severity : SEVERITY_WARNING;
  memcpy (out->record, s->record, sizeof out->record);
  flag_answered (s, out);
}

unit_id_t
flag_holder (const catalogue_t *c, const flag_record_t *r, date_t today)
{
  return catalogue_unit_on (c, r->unit, today) != NULL ? r->unit : unit_today (c, r->unit, r->commune, today);
}

static err_t
merge (flag_list_t *l, const finding_t *found, size_t found_n, size_t standing_n, check_scope_t widest)
{
  bool *seen = calloc (standing_n + 1, sizeof *seen);
  l->at = calloc (found_n + standing_n + 1, sizeof *l->at);
  if (seen == NULL || l->at == NULL) {
    free (seen);
    return ERR_NOMEM;
  }
  for (size_t i = 0; i < found_n; i++) {
    flag_t *f = &l->at[l->n++];
    flag_of_finding (&found[i], f);
    const flag_standing_t *s = flag_standing_find (l->standing, standing_n, f->flag);
    flag_answered (s, f);
    f->told = s != NULL && s->open;
    if (s != NULL)
      seen[s - l->standing] = true;
  }
  for (size_t i = 0; i < standing_n; i++) {
    if (seen[i] || l->standing[i].records_n == 0)
      continue;
    flag_t *f = &l->at[l->n++];
    flag_of_standing (&l->standing[i], l->checks, f);
    if (f->what != NULL ? f->what->scope <= widest : widest == SCOPE_PROVINCE)
      f->state = FLAG_RESOLVED; /* looked for here, and not found */
  }
  free (seen);
  return ERR_OK;
}

err_t
flags_list (book_t *book, kv_txn_t *txn, kv_db_t db, const catalogue_t *c, check_scope_t widest,
            flag_list_t *out)
{
  const finding_t *found = NULL;
  size_t found_n = 0, standing_n = 0;
  *out = (flag_list_t){.c = c, .checks = catalogue_checks (c), .arena = arena_new (FLAG_TEXTS_BUDGET)};
  out->quality = quality_new (c, widest);
  err_t err = out->quality != NULL && out->arena != NULL ? flags_scan (book, txn, 0, out->quality, NULL, NULL)
                                                         : ERR_NOMEM;
  if (err == ERR_OK)
    err = quality_run (out->quality, &found, &found_n);
  if (err == ERR_OK)
    err = flags_standing (txn, db, out->arena, &out->standing, &standing_n);
  if (err == ERR_OK)
    err = merge (out, found, found_n, standing_n, widest);
  if (err == ERR_OK)
    out->dropped = quality_dropped (out->quality);
  return err;
}

void
flag_list_free (flag_list_t *l)
{
  free (l->at);
  free (l->standing);
  quality_destroy (&l->quality);
  arena_destroy (&l->arena);
  *l = (flag_list_t){.at = NULL};
}
