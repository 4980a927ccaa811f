/* accepted.c - figures apart by whether the centre has accepted the table they stand in.
 *
 * It is no dimension of the totals: one answer moves all records of a table at once, and running totals are
 * moved by records alone. So such a question is answered from the records, each asked for itself. */
#include "collector/ledger/state.h"
#include "collector/ledger/submissions.h"

#include "common/base/lang.h"
#include "common/core/contribution.h"
#include "common/wire/update_wire.h"

#include <stdlib.h>

/* What was last said of a declaration: the answer, or that it was declared anew and waits again. */
typedef struct {
  unit_id_t office;
  table_id_t table;
  uint64_t lsn; /* of the answer, else of the declaration */
  period_t period;
  bool accepted;
} standing_t;

struct accepted {
  const catalogue_t *c;
  standing_t *at; /* by office, table, the latest first */
  size_t n, cap;
};

static int
latest_first (const void *x, const void *y)
{
  const standing_t *a = x, *b = y;
  if (a->office != b->office)
    return a->office < b->office ? -1 : 1;
  if (a->table != b->table)
    return a->table < b->table ? -1 : 1;
  return (a->lsn < b->lsn) - (a->lsn > b->lsn);
}

static err_t
note_standing (void *ctx, const submission_row_t *s)
{
  accepted_t *a = ctx;
  standing_t one = {.office = s->office, .table = s->table};
  one.lsn = s->answer.state != ANSWER_NONE ? s->answer.lsn : s->lsn;
  one.accepted = s->answer.state == ANSWER_ACCEPTED;
  if (s->answer.state == ANSWER_NONE && s->previous.state == ANSWER_NONE)
    return ERR_OK;
  if (!period_parse (s->period, a->c, &one.period))
    return ERR_OK;
  standing_t *grown = array_room (a->at, a->n, &a->cap, sizeof *grown);
  if (grown == NULL)
    return ERR_NOMEM;
  a->at = grown;
  a->at[a->n++] = one;
  return ERR_OK;
}

err_t
accepted_open (ledger_t *l, kv_txn_t *txn, const catalogue_t *c, uint64_t upto, accepted_t **out)
{
  accepted_t *a = calloc (1, sizeof *a);
  if (a == NULL)
    return ERR_NOMEM;
  a->c = c;
  err_t err = submissions_each (l, txn, STR_NONE, upto, note_standing, a);
  if (err != ERR_OK) {
    accepted_close (&a);
    return err;
  }
  if (a->n > 0)
    qsort (a->at, a->n, sizeof *a->at, latest_first);
  *out = a;
  return ERR_OK;
}

void
accepted_close (accepted_t **self_p)
{
  accepted_t *a = *self_p;
  if (a == NULL)
    return;
  free (a->at);
  free (a);
  *self_p = NULL;
}

static bool
is_of (const standing_t *s, unit_id_t office, table_id_t table)
{
  return s->office == office && s->table == table;
}

/* The office's declarations of the table, the latest said of first. */
static size_t
first_of (const accepted_t *a, unit_id_t office, table_id_t table)
{
  size_t low = 0, high = a->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const standing_t *s = &a->at[middle];
    if (s->office < office || (s->office == office && s->table < table))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Who accepts a table accepts what stands in it then. */
static bool
covers (const standing_t *s, uint64_t version_lsn)
{
  return s->accepted && version_lsn <= s->lsn;
}

/* Each calendar year of the span has an accepted table of its own. */
static bool
years_accepted (const accepted_t *a, unit_id_t office, table_id_t table, span_t years, uint64_t version_lsn)
{
  const size_t first = first_of (a, office, table);
  for (uint32_t year = years.from; year <= years.to; year++) {
    size_t i = first;
    while (i < a->n && is_of (&a->at[i], office, table) &&
           (a->at[i].period.form != PERIOD_CALENDAR || a->at[i].period.year != year))
      i++;
    if (i == a->n || !is_of (&a->at[i], office, table) || !covers (&a->at[i], version_lsn))
      return false;
  }
  return true;
}

bool
accepted_has (const accepted_t *a, const record_t *r, uint64_t version_lsn)
{
  const unit_id_t office = record_office (r);
  const table_id_t table = table_of_kind (r->kind);
  const span_t years = record_years (r);
  if (years.from != years.to)
    return years_accepted (a, office, table, years, version_lsn);
  for (size_t i = first_of (a, office, table); i < a->n && is_of (&a->at[i], office, table); i++)
    if (period_has (&a->at[i].period, r, a->c))
      return covers (&a->at[i], version_lsn);
  return false;
}

typedef struct {
  const submission_row_t *s;
  const catalogue_t *c;
  period_t period;
  arena_t *arena;
  bool changed;
} since_t;

static err_t
look_since (void *ctx, err_t err, const row_t *row)
{
  since_t *w = ctx;
  update_t u;
  if (err != ERR_OK || row->at <= w->s->answer.lsn)
    return ERR_OK; /* a damaged one is verify's to name */
  arena_reset (w->arena);
  err = update_decode (row->bytes, w->arena, &u, NULL);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK;
  w->changed = table_of_kind (u.record.kind) == w->s->table && record_office (&u.record) == w->s->office &&
               period_touches (&w->period, &u.record, w->c);
  return w->changed ? ERR_END : ERR_OK;
}

err_t
accepted_changed_since (ledger_t *l, kv_txn_t *txn, const submission_row_t *s, bool *out)
{
  since_t w = {.s = s, .c = l->catalogue};
  book_t *book = book_new (ledger_book_dbs ());
  w.arena = arena_new (UPDATE_ROOM);
  err_t err = book != NULL && w.arena != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK && period_parse (s->period, w.c, &w.period))
    err = book_each (book, txn, 0, look_since, &w);
  *out = w.changed;
  book_destroy (&book);
  arena_destroy (&w.arena);
  return err == ERR_END ? ERR_OK : err;
}

/* ---- totals of them ---- */

err_t
accepted_of_where (str_t where, buf_t *rest, accepted_want_t *want, fail_t *fail)
{
  static const str_t name = {"accepted=", 9};
  *want = ACCEPTED_ANY;
  while (where.n > 0) {
    const char *comma = memchr (where.p, ',', where.n);
    str_t one = {where.p, comma != NULL ? (size_t)(comma - where.p) : where.n};
    size_t used = one.n + (comma != NULL ? 1 : 0);
    where = (str_t){where.p + used, where.n - used};
    if (one.n < name.n || memcmp (one.p, name.p, name.n) != 0) {
      if (rest->n > 0)
        buf_putc (rest, ',');
      buf_put (rest, one.p, one.n);
      continue;
    }
    str_t value = {one.p + name.n, one.n - name.n};
    accepted_want_t wanted = str_is (value, "yes")  ? ACCEPTED_YES
                             : str_is (value, "no") ? ACCEPTED_NO
                                                    : ACCEPTED_ANY;
    if (wanted == ACCEPTED_ANY || (*want != ACCEPTED_ANY && *want != wanted))
      return fail_set (fail, ERR_INPUT,
                       L ("accepted chỉ nhận một trong yes (biểu đã được chấp nhận) và no",
                          "accepted takes one of yes (the table was accepted) and no"));
    *want = wanted;
  }
  return buf_ok (rest) ? ERR_OK : ERR_NOMEM;
}

err_t
accepted_feed (const accepted_t *a, accepted_want_t want, const record_t *r, const row_t *row, query_t *q)
{
  atom_t atoms[ATOMS_MAX];
  err_t err = ERR_OK;
  if (want != ACCEPTED_ANY && accepted_has (a, r, row->at) != (want == ACCEPTED_YES))
    return ERR_OK;
  size_t n = contribution (r, row->withdrawn, atoms);
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    if (atoms[i].family == query_family (q))
      err = query_feed (q, &atoms[i]);
  return err;
}
