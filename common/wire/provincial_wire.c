/* provincial_wire.c - the payloads of the provincial office's kinds: consulting, staff, document. */
#include "common/wire/record_wire.h"

#include <string.h>

/* ---- consulting ---- */

err_t
consulting_from_wire (const Kc__Consulting *w, arena_t *arena, consulting_t *out, reason_t *why)
{
  memset (out, 0, sizeof *out);
  out->code = pb_text (w->code);
  out->service = pb_text (w->service);
  out->client = pb_text (w->client);
  out->note = pb_text (w->note);
  out->district = w->has_district ? w->district : 0;
  if (w->has_revenue_vnd)
    out->revenue_vnd = (opt_i64_t){true, w->revenue_vnd};
  err_t err =
      wire_span (w->has_year_from, w->year_from, w->has_year_to, w->year_to, "year", arena, &out->year, why);
  return err != ERR_OK ? err : wire_unknown (&w->base, "consulting", arena, &out->unknown, why);
}

Kc__Consulting *
consulting_to_wire (const consulting_t *s, arena_t *arena)
{
  bool ok = true;
  Kc__Consulting *w = arena_alloc (arena, sizeof *w);
  if (w == NULL)
    return NULL;
  kc__consulting__init (w);
  w->code = pb_copy (s->code, arena, &ok);
  w->service = pb_copy (s->service, arena, &ok);
  w->client = pb_copy (s->client, arena, &ok);
  w->note = pb_copy (s->note, arena, &ok);
  w->has_year_from = w->has_year_to = s->year.from != 0;
  w->year_from = s->year.from;
  w->year_to = s->year.to;
  w->has_revenue_vnd = s->revenue_vnd.has;
  w->revenue_vnd = s->revenue_vnd.v;
  w->has_district = s->district != 0;
  w->district = s->district;
  return ok && pb_add_unknown (&w->base, s->unknown, arena) ? w : NULL;
}

/* ---- staff ---- */

err_t
staff_from_wire (const Kc__Staff *w, arena_t *arena, staff_t *out, reason_t *why)
{
  memset (out, 0, sizeof *out);
  out->indicator = pb_text (w->indicator);
  out->district = w->has_district ? w->district : 0;
  if (w->has_value)
    out->value = (opt_i64_t){true, w->value};
  err_t err =
      wire_span (w->has_year_from, w->year_from, w->has_year_to, w->year_to, "year", arena, &out->year, why);
  return err != ERR_OK ? err : wire_unknown (&w->base, "staff", arena, &out->unknown, why);
}

Kc__Staff *
staff_to_wire (const staff_t *s, arena_t *arena)
{
  bool ok = true;
  Kc__Staff *w = arena_alloc (arena, sizeof *w);
  if (w == NULL)
    return NULL;
  kc__staff__init (w);
  w->indicator = pb_copy (s->indicator, arena, &ok);
  w->has_year_from = w->has_year_to = s->year.from != 0;
  w->year_from = s->year.from;
  w->year_to = s->year.to;
  w->has_value = s->value.has;
  w->value = s->value.v;
  w->has_district = s->district != 0;
  w->district = s->district;
  return ok && pb_add_unknown (&w->base, s->unknown, arena) ? w : NULL;
}

/* ---- documents ---- */

err_t
document_from_wire (const Kc__Document *w, arena_t *arena, document_t *out, reason_t *why)
{
  memset (out, 0, sizeof *out);
  out->no = pb_text (w->no);
  out->title = pb_text (w->title);
  out->number = pb_text (w->number);
  out->note = pb_text (w->note);
  out->status = w->has_status ? (document_status_t)w->status : DOCUMENT_NONE;
  out->district = w->has_district ? w->district : 0;
  err_t err = wire_date (w->has_issued_on, w->issued_on, "issued_on", arena, &out->issued_on, why);
  return err != ERR_OK ? err : wire_unknown (&w->base, "document", arena, &out->unknown, why);
}

Kc__Document *
document_to_wire (const document_t *d, arena_t *arena)
{
  bool ok = true;
  Kc__Document *w = arena_alloc (arena, sizeof *w);
  if (w == NULL)
    return NULL;
  kc__document__init (w);
  w->no = pb_copy (d->no, arena, &ok);
  w->title = pb_copy (d->title, arena, &ok);
  w->number = pb_copy (d->number, arena, &ok);
  w->note = pb_copy (d->note, arena, &ok);
  w->has_status = d->status != DOCUMENT_NONE;
  w->status = (Kc__DocumentStatus)d->status;
  w->has_issued_on = d->issued_on != 0;
  w->issued_on = d->issued_on;
  w->has_district = d->district != 0;
  w->district = d->district;
  return ok && pb_add_unknown (&w->base, d->unknown, arena) ? w : NULL;
}
