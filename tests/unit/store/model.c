#include "tests/unit/store/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const model_source[MODEL_SOURCES] = {"national", "province", "district"};
const char *const model_status[14] = {
    "draft",    "registered", "appraised_base", "appraised_ministry", "approved", "contracted", "running",
    "accepted", "liquidated", "settled",        "returned",           "rejected", "stopped",    "withdrawn"};

enum { APPROVED = 4, SETTLED = 9, RETURNED = 10 };

static int
place_of (const char *status)
{
  for (int i = 0; i < 14; i++)
    if (strcmp (model_status[i], status) == 0)
      return i;
  abort ();
}

/* ---- what an edit may do and does ---- */

/* Does going from a to b need a reason? */
static bool
needs_reason (int a, int b)
{
  if (a == b || a == RETURNED)
    return false;
  if (a >= SETTLED) /* out of settled, rejected, stopped, withdrawn */
    return true;
  return b < a; /* backward; the four beside the road are behind it */
}

static void
give (plain_t *p, int source, const model_amounts_t *a, bool approved_now)
{
  if (a->given[1][source])
    p->settled[source] = a->value[1][source];
  if (!a->given[0][source])
    return;
  const int64_t v = a->value[0][source];
  if (v == MODEL_NONE)
    p->plan[source] = p->approved[source] = MODEL_NONE;
  else if (approved_now || p->approved[source] != MODEL_NONE)
    p->approved[source] = v;
  else
    p->plan[source] = v;
}

bool
model_edit (plain_t *p, bool create, const char *status, const model_amounts_t *amounts, bool reason)
{
  plain_t next = *p;
  const int before = create ? -1 : place_of (p->status),
            after = place_of (status != NULL ? status : p->status);
  const bool was_approved = before >= APPROVED && before <= SETTLED;
  const bool is_approved = after >= APPROVED && after <= SETTLED;
  if (!create && !reason && needs_reason (before, after))
    return false;
  next.status = model_status[after];
  for (int s = 0; s < MODEL_SOURCES; s++) {
    give (&next, s, amounts, is_approved);
    if (is_approved && !was_approved && next.approved[s] == MODEL_NONE)
      next.approved[s] = next.plan[s];
    if (after == SETTLED && next.approved[s] != MODEL_NONE && next.settled[s] == MODEL_NONE)
      return false;
  }
  *p = next;
  return true;
}

/* ---- what counts ---- */

/* What decides where a scheme stands, and what its support is while it counts. */
static int64_t
amount_of (const plain_t *p, int source)
{
  const int at = place_of (p->status);
  if (at == SETTLED)
    return p->settled[source];
  if (at >= APPROVED && at < SETTLED)
    return p->approved[source];
  return p->approved[source] != MODEL_NONE ? p->approved[source] : p->plan[source];
}

static int
main_source (const plain_t *p)
{
  int best = -1;
  for (int s = 0; s < MODEL_SOURCES; s++)
    if (amount_of (p, s) != MODEL_NONE && (best < 0 || amount_of (p, s) > amount_of (p, best)))
      best = s;
  return best;
}

static int64_t
or_zero (int64_t v)
{
  return v == MODEL_NONE ? 0 : v;
}

/* What a scheme puts under one source; -1: under none. */
static void
scheme_measures (const plain_t *p, int source, int64_t m[MODEL_MEASURES])
{
  const int at = place_of (p->status);
  const bool counts = at >= APPROVED && at <= SETTLED, here = main_source (p) == source;
  memset (m, 0, MODEL_MEASURES * sizeof *m);
  m[0] = here && counts;
  m[2] = here;
  m[6] = here && counts ? or_zero (p->matching) : 0;
  if (source < 0)
    return;
  m[1] = counts ? or_zero (amount_of (p, source)) : 0;
  m[3] = or_zero (p->plan[source]);
  m[4] = or_zero (p->approved[source]);
  m[5] = or_zero (p->settled[source]);
}

/* ---- asking ---- */

static const char *
heir_of (const plain_t *p, const model_events_t *e)
{
  const char *u = p->unit;
  if (strcmp (u, "543") == 0 && e->split) {
    const bool ours = p->kind == PLAIN_SCHEME &&
                      (strcmp (p->commune, "Bồng Sơn") == 0 || strcmp (p->commune, "Tam Quan") == 0);
    return ours ? "21907" : "21910";
  }
  if ((strcmp (u, "550") == 0 && e->merged) || (strcmp (u, "551") == 0 && e->abolished))
    return "549";
  return u;
}

static const char *
category_of (const char *code)
{
  if (strncmp (code, "IV.", 3) == 0)
    return "IV";
  return strncmp (code, "I.", 2) == 0 ? "I" : "";
}

static const char *
text_of (const plain_t *p, int source, const char *dim, bool today, const model_events_t *e)
{
  const bool scheme = p->kind == PLAIN_SCHEME;
  if (strcmp (dim, "year") == 0)
    return p->year;
  if (strcmp (dim, "district") == 0)
    return today ? heir_of (p, e) : p->unit;
  if (strcmp (dim, "category") == 0)
    return category_of (scheme ? p->item : p->indicator);
  if (strcmp (dim, "item") == 0)
    return p->item;
  if (strcmp (dim, "source") == 0)
    return source < 0 ? "" : model_source[source];
  if (strcmp (dim, "fund") == 0 && scheme)
    return source < 0 ? "" : source == 0 ? "KCQG" : "KCĐP";
  if (strcmp (dim, "fund") == 0)
    return p->fund;
  if (strcmp (dim, "status") == 0)
    return p->status;
  if (strcmp (dim, "kind") == 0)
    return p->form;
  if (strcmp (dim, "indicator") == 0)
    return p->indicator;
  if (strcmp (dim, "value_kind") == 0)
    return p->value_kind;
  if (strcmp (dim, "period") == 0)
    return p->period;
  if (strcmp (dim, "service") == 0)
    return p->service;
  abort ();
}

typedef struct {
  const model_events_t *events;
  const char *by, *where;
  bool today;
  model_row_t *out;
  size_t n, max;
} asking_t;

static bool
wanted (const asking_t *q, const plain_t *p, int source)
{
  char dim[32];
  const char *eq = strchr (q->where, '=');
  if (p->kind == PLAIN_OUTCOME && strcmp (p->value_kind, "plan") == 0 &&
      strstr (q->by, "value_kind") == NULL && strstr (q->where, "value_kind") == NULL)
    return false;
  if (eq == NULL)
    return true;
  snprintf (dim, sizeof dim, "%.*s", (int)(eq - q->where), q->where);
  return strcmp (text_of (p, source, dim, q->today, q->events), eq + 1) == 0;
}

static void
add (asking_t *q, const plain_t *p, int source, const int64_t m[MODEL_MEASURES])
{
  char key[160] = "", dim[32];
  size_t i = 0;
  if (!wanted (q, p, source))
    return;
  for (const char *rest = q->by; *rest != '\0';) {
    const size_t n = strcspn (rest, ",");
    snprintf (dim, sizeof dim, "%.*s", (int)n, rest);
    snprintf (key + strlen (key), sizeof key - strlen (key), "%s%s", rest == q->by ? "" : "|",
              text_of (p, source, dim, q->today, q->events));
    rest += n + (rest[n] == ',');
  }
  while (i < q->n && strcmp (q->out[i].key, key) != 0)
    i++;
  if (i == q->n) {
    if (q->n == q->max)
      abort ();
    q->out[q->n++] = (model_row_t){.indicator = p->indicator};
    memcpy (q->out[i].key, key, sizeof key);
  }
  for (size_t k = 0; k < MODEL_MEASURES; k++)
    q->out[i].m[k] += m[k];
  q->out[i].figures++;
}

static void
add_record (asking_t *q, const plain_t *p)
{
  int64_t m[MODEL_MEASURES] = {0};
  switch (p->kind) {
  case PLAIN_SCHEME:
    for (int s = -1; s < MODEL_SOURCES; s++) {
      scheme_measures (p, s, m);
      add (q, p, s, m);
    }
    return;
  case PLAIN_OUTCOME:
    m[0] = p->value;
    add (q, p, -1, m);
    return;
  case PLAIN_CONSULTING:
    m[0] = 1;
    m[1] = p->revenue;
    add (q, p, -1, m);
    return;
  case PLAIN_OTHER:
    return;
  }
}

static bool
shows (const model_row_t *r, plain_kind_t kind)
{
  bool any = false;
  for (size_t k = 0; k < MODEL_MEASURES; k++)
    any = any || r->m[k] != 0;
  /* BS.17 is not additive: only a figure that stands alone is shown. */
  return any && (kind != PLAIN_OUTCOME || strcmp (r->indicator, "BS.17") != 0 || r->figures == 1);
}

size_t
model_ask (const plain_t *list, size_t n, const model_events_t *events, plain_kind_t kind, const char *by,
           const char *where, bool today, model_row_t *out, size_t max)
{
  asking_t q = {events, by, where, today, out, 0, max};
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    if (list[i].kind == kind && !list[i].withdrawn)
      add_record (&q, &list[i]);
  for (size_t i = 0; i < q.n; i++)
    if (shows (&out[i], kind))
      out[kept++] = out[i];
  return kept;
}

unsigned
model_decimals (const char *indicator)
{
  return strcmp (indicator, "BS.17") == 0 ? 1 : 0;
}
