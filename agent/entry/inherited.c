#include "agent/entry/inherited.h"

/* ---- who left something ---- */

typedef struct {
  unit_id_t own;
  inherited_t *out;
} noting_t;

static err_t
note_office (void *ctx, const atom_t *a)
{
  noting_t *n = ctx;
  bool any = false;
  for (size_t i = 0; i < MEASURES_MAX; i++)
    any = any || a->m[i] != 0;
  for (size_t i = 0; i < n->out->n; i++)
    any = any && n->out->at[i].unit != a->district;
  if (any && a->district != n->own && n->out->n < FOREBEARS_MAX)
    n->out->at[n->out->n++].unit = a->district;
  return ERR_OK;
}

err_t
inherited_read (outbox_t *o, kv_txn_t *txn, inherited_t *out)
{
  static const family_t families[] = {FAMILY_SCHEME, FAMILY_OUTCOME};
  const identity_t *id = outbox_identity (o);
  const catalogue_t *c = outbox_catalogue (o);
  noting_t n = {id->unit, out};
  unit_id_t forebear;
  err_t err = ERR_OK;
  out->n = 0;
  if (id->role != ROLE_OFFICE || unit_forebears (c, id->unit, &forebear, 1) == 0)
    return ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < sizeof families / sizeof families[0]; i++)
    err = book_atoms (outbox_book (o), txn, families[i], DIM_BIT (DIM_DISTRICT), note_office, &n);
  for (size_t i = 0; i < out->n; i++)
    out->at[i].whole = unit_heir_of_all (c, id->unit, out->at[i].unit);
  return err;
}

void
inherited_codes (const inherited_t *h, const catalogue_t *c, bool whole, buf_t *out)
{
  const char *between = "";
  for (size_t i = 0; i < h->n; i++) {
    const unit_t *u = catalogue_unit (c, h->at[i].unit);
    if (u == NULL || h->at[i].whole != whole)
      continue;
    buf_printf (out, "%s%.*s", between, STR_ARG (u->known_as));
    between = ", ";
  }
}

/* ---- may it be reported here? ---- */

held_t
inherited_held (const outbox_t *o, unit_id_t office)
{
  const identity_t *id = outbox_identity (o);
  const catalogue_t *c = outbox_catalogue (o);
  unit_id_t forebear[FOREBEARS_MAX];
  if (office == id->unit || id->role != ROLE_OFFICE || unit_heir_of_all (c, id->unit, office))
    return HELD_WHOLLY;
  const size_t n = unit_forebears (c, id->unit, forebear, FOREBEARS_MAX);
  for (size_t i = 0; i < n; i++)
    if (forebear[i] == office)
      return HELD_IN_PART;
  return HELD_NOT;
}
