/* lists_wire.c - a scheme's keyed lists: its money ledger and its beneficiaries.
 *
 * In the bytes the entries may stand in any order; in the struct they ascend by id, so that two versions are
 * compared place by place. Every entry carries the fields of newer programs along. */
#include "common/wire/record_wire.h"

#include <stdlib.h>
#include <string.h>

/* ---- one entry ---- */

static err_t
ledger_entry_from_wire (const Kc__LedgerEntry *w, arena_t *arena, ledger_entry_t *out, reason_t *why)
{
  if (!pb_fixed (w->has_id, w->id, out->id.b, sizeof out->id.b))
    return wire_malformed (why, REASON_REQUIRED, "ledger.id", STR_NONE, STR_NONE);
  out->kind = w->has_kind ? (ledger_kind_t)w->kind : LEDGER_NONE;
  out->source = w->has_source ? w->source : 0;
  if (w->has_amount_vnd)
    out->amount_vnd = (opt_i64_t){true, w->amount_vnd};
  out->voucher_no = pb_text (w->voucher_no);
  out->note = pb_text (w->note);
  err_t err = wire_date (w->has_date, w->date, "ledger.date", arena, &out->date, why);
  if (err == ERR_OK)
    err = wire_span (w->has_budget_year, w->budget_year, w->has_budget_year, w->budget_year,
                     "ledger.budget_year", arena, &out->budget_year, why);
  return err == ERR_OK ? wire_unknown (&w->base, "ledger", arena, &out->unknown, why) : err;
}

static Kc__LedgerEntry *
ledger_entry_to_wire (const ledger_entry_t *e, arena_t *arena)
{
  bool ok = true;
  Kc__LedgerEntry *w = arena_alloc (arena, sizeof *w);
  if (w == NULL)
    return NULL;
  kc__ledger_entry__init (w);
  w->has_id = 1;
  w->id = pb_view (e->id.b, sizeof e->id.b);
  w->has_kind = e->kind != LEDGER_NONE;
  w->kind = (Kc__LedgerKind)e->kind;
  w->has_date = e->date != 0;
  w->date = e->date;
  w->has_budget_year = e->budget_year.from != 0;
  w->budget_year = e->budget_year.from;
  w->has_source = e->source != 0;
  w->source = e->source;
  w->has_amount_vnd = e->amount_vnd.has;
  w->amount_vnd = e->amount_vnd.v;
  w->voucher_no = pb_copy (e->voucher_no, arena, &ok);
  w->note = pb_copy (e->note, arena, &ok);
  return ok && pb_add_unknown (&w->base, e->unknown, arena) ? w : NULL;
}

static err_t
beneficiary_from_wire (const Kc__Beneficiary *w, arena_t *arena, beneficiary_t *out, reason_t *why)
{
  if (!pb_fixed (w->has_id, w->id, out->id.b, sizeof out->id.b))
    return wire_malformed (why, REASON_REQUIRED, "beneficiaries.id", STR_NONE, STR_NONE);
  out->name = pb_text (w->name);
  out->address = pb_text (w->address);
  out->acceptance_no = pb_text (w->acceptance_no);
  out->note = pb_text (w->note);
  if (w->has_support_vnd)
    out->support_vnd = (opt_i64_t){true, w->support_vnd};
  err_t err = wire_date (w->has_accepted_on, w->accepted_on, "beneficiaries.accepted_on", arena,
                         &out->accepted_on, why);
  return err == ERR_OK ? wire_unknown (&w->base, "beneficiaries", arena, &out->unknown, why) : err;
}

static Kc__Beneficiary *
beneficiary_to_wire (const beneficiary_t *b, arena_t *arena)
{
  bool ok = true;
  Kc__Beneficiary *w = arena_alloc (arena, sizeof *w);
  if (w == NULL)
    return NULL;
  kc__beneficiary__init (w);
  w->has_id = 1;
  w->id = pb_view (b->id.b, sizeof b->id.b);
  w->name = pb_copy (b->name, arena, &ok);
  w->address = pb_copy (b->address, arena, &ok);
  w->acceptance_no = pb_copy (b->acceptance_no, arena, &ok);
  w->note = pb_copy (b->note, arena, &ok);
  w->has_support_vnd = b->support_vnd.has;
  w->support_vnd = b->support_vnd.v;
  w->has_accepted_on = b->accepted_on != 0;
  w->accepted_on = b->accepted_on;
  return ok && pb_add_unknown (&w->base, b->unknown, arena) ? w : NULL;
}

/* ---- both lists ---- */

static int
by_id (const void *a, const void *b)
{
  return memcmp (a, b, sizeof (record_id_t));
}

_Static_assert(offsetof (ledger_entry_t, id) == 0 && offsetof (beneficiary_t, id) == 0,
               "by_id reads the id first");

/* Ascending by id; an id twice is refused under the list's name. */
static err_t
put_in_order (void *at, size_t n, size_t size, const char *list, reason_t *why)
{
  qsort (at, n, size, by_id);
  for (size_t i = 1; i < n; i++)
    if (by_id ((char *)at + (i - 1) * size, (char *)at + i * size) == 0)
      return wire_malformed (why, REASON_MALFORMED, list, STR_NONE, STR_NONE);
  return ERR_OK;
}

static err_t
ledger_from_wire (const Kc__Scheme *w, arena_t *arena, scheme_t *out, reason_t *why)
{
  err_t err = ERR_OK;
  if (w->n_ledger == 0)
    return ERR_OK;
  if (w->n_ledger > LEDGER_MAX)
    return wire_out_of_range (why, "ledger", w->n_ledger, STR ("0..1000"), arena);
  ledger_entry_t *entries = arena_alloc (arena, w->n_ledger * sizeof *entries);
  if (entries == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < w->n_ledger && err == ERR_OK; i++)
    err = ledger_entry_from_wire (w->ledger[i], arena, &entries[i], why);
  if (err == ERR_OK)
    err = put_in_order (entries, w->n_ledger, sizeof *entries, "ledger", why);
  out->ledger = entries;
  out->ledger_n = (uint32_t)w->n_ledger;
  return err;
}

static err_t
beneficiaries_from_wire (const Kc__Scheme *w, arena_t *arena, scheme_t *out, reason_t *why)
{
  err_t err = ERR_OK;
  if (w->n_beneficiaries == 0)
    return ERR_OK;
  if (w->n_beneficiaries > BENEFICIARIES_MAX)
    return wire_out_of_range (why, "beneficiaries", w->n_beneficiaries, STR ("0..500"), arena);
  beneficiary_t *entries = arena_alloc (arena, w->n_beneficiaries * sizeof *entries);
  if (entries == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < w->n_beneficiaries && err == ERR_OK; i++)
    err = beneficiary_from_wire (w->beneficiaries[i], arena, &entries[i], why);
  if (err == ERR_OK)
    err = put_in_order (entries, w->n_beneficiaries, sizeof *entries, "beneficiaries", why);
  out->beneficiaries = entries;
  out->beneficiaries_n = (uint32_t)w->n_beneficiaries;
  return err;
}

_Static_assert(LEDGER_MAX == 1000 && BENEFICIARIES_MAX == 500, "the limits named in words above");

err_t
lists_from_wire (const Kc__Scheme *w, arena_t *arena, scheme_t *out, reason_t *why)
{
  err_t err = ledger_from_wire (w, arena, out, why);
  return err == ERR_OK ? beneficiaries_from_wire (w, arena, out, why) : err;
}

bool
lists_to_wire (const scheme_t *s, Kc__Scheme *w, arena_t *arena)
{
  w->ledger = arena_alloc (arena, (s->ledger_n + 1) * sizeof *w->ledger);
  w->beneficiaries = arena_alloc (arena, (s->beneficiaries_n + 1) * sizeof *w->beneficiaries);
  if (w->ledger == NULL || w->beneficiaries == NULL)
    return false;
  for (uint32_t i = 0; i < s->ledger_n; i++)
    if ((w->ledger[w->n_ledger++] = ledger_entry_to_wire (&s->ledger[i], arena)) == NULL)
      return false;
  for (uint32_t i = 0; i < s->beneficiaries_n; i++)
    if ((w->beneficiaries[w->n_beneficiaries++] = beneficiary_to_wire (&s->beneficiaries[i], arena)) == NULL)
      return false;
  return true;
}
