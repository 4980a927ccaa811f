/* submission_wire.c - the payload of kind SUBMISSION. */
#include "common/wire/record_wire.h"

#include <string.h>

err_t
submission_from_wire (const Kc__Submission *w, arena_t *arena, submission_t *out, reason_t *why)
{
  memset (out, 0, sizeof *out);
  out->district = w->has_district ? w->district : 0;
  out->table = pb_text (w->table);
  out->period = pb_text (w->period);
  out->nil = w->has_nil && w->nil;
  out->note = pb_text (w->note);
  return wire_unknown (&w->base, "submission", arena, &out->unknown, why);
}

Kc__Submission *
submission_to_wire (const submission_t *s, arena_t *arena)
{
  bool ok = true;
  Kc__Submission *w = arena_alloc (arena, sizeof *w);
  if (w == NULL)
    return NULL;
  kc__submission__init (w);
  w->has_district = s->district != 0;
  w->district = s->district;
  w->table = pb_copy (s->table, arena, &ok);
  w->period = pb_copy (s->period, arena, &ok);
  w->has_nil = s->nil;
  w->nil = s->nil;
  w->note = pb_copy (s->note, arena, &ok);
  return ok && pb_add_unknown (&w->base, s->unknown, arena) ? w : NULL;
}
