/* update_wire.c - an update's head; its payload is record_wire.c's.
 *
 * What names the update is read first and by hand (identify), before anything else is believed of the bytes:
 * an update that nobody can read must still be refused under its number, or it would stop those behind it. */
#include "common/wire/update_wire.h"
#include "common/wire/record_wire.h"
#include "common/wire/signed_wire.h"

#include <string.h>

_Static_assert(UPDATE_MAX == 196608 && UNKNOWN_MAX == 65536, "the limits that update_decode names in words");

/* Room for what is too long to be sent, too: that is found out from the bytes. */
#define ENCODE_BUDGET ((size_t)64 * UPDATE_MAX)

enum { FIELD_STORE = 1, FIELD_SEQ = 2, FIELD_ID = 3, FIELD_HOME = 4, FIELD_KIND = 5 };

static void
copy_id (const pb_field_t *f, uint8_t out[16])
{
  if (f->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && f->bytes.n == 16)
    memcpy (out, f->bytes.p, 16);
}

/* Reads what names the update, whatever else is wrong with its bytes. */
static void
identify (str_t in, update_t *out)
{
  pb_field_t f;
  while (pb_next (&in, &f)) {
    bool varint = f.type == PROTOBUF_C_WIRE_TYPE_VARINT;
    if (f.number == FIELD_STORE)
      copy_id (&f, out->version.store.b);
    else if (f.number == FIELD_ID)
      copy_id (&f, out->id.b);
    else if (f.number == FIELD_SEQ && varint)
      out->version.seq = f.value;
    else if (f.number == FIELD_HOME && varint && f.value <= UINT32_MAX)
      out->home = (unit_id_t)f.value;
    else if (f.number == FIELD_KIND && varint && f.value < KIND_COUNT)
      out->record.kind = (kind_t)f.value;
  }
}

static err_t
missing (reason_t *why, const char *field)
{
  return wire_malformed (why, REASON_REQUIRED, field, STR_NONE, STR_NONE);
}

static err_t
update_head_from_wire (const Kc__Update *w, arena_t *arena, update_t *out, reason_t *why)
{
  if (!pb_fixed (w->has_store, w->store, out->version.store.b, 16))
    return missing (why, "store");
  if (!w->has_seq || w->seq == 0)
    return missing (why, "seq");
  if (!pb_fixed (w->has_id, w->id, out->id.b, 16))
    return missing (why, "id");
  if (!w->has_kind)
    return missing (why, "kind");
  if (!w->has_operation)
    return missing (why, "operation");
  out->version.seq = w->seq;
  out->home = w->has_home ? w->home : 0;
  out->record.kind = (kind_t)w->kind;
  out->operation = (operation_t)w->operation;
  if (out->home == 0 && out->record.kind != KIND_DECISION)
    return missing (why, "home");
  if (w->based_on != NULL) {
    if (!pb_fixed (w->based_on->has_store, w->based_on->store, out->base.store.b, 16))
      return missing (why, "based_on.store");
    if (!w->based_on->has_seq || w->based_on->seq == 0)
      return missing (why, "based_on.seq");
    out->base.seq = w->based_on->seq;
  }
  err_t err = settles_from_wire (w->settles, w->n_settles, arena, &out->settles, &out->settles_n);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : missing (why, "settles");
  out->person = pb_text (w->person);
  out->comment = pb_text (w->comment);
  out->agent_time.ms = w->has_agent_ms ? w->agent_ms : 0;
  return ERR_OK;
}

/* Exactly the payload of its kind, and none of another's. */
static err_t
payload_from_wire (const Kc__Update *w, arena_t *arena, update_t *out, reason_t *why)
{
  kind_t kind = out->record.kind;
  if ((w->scheme != NULL) != (kind == KIND_SCHEME))
    return wire_malformed (why, REASON_MALFORMED, "scheme", STR_NONE, STR_NONE);
  if ((w->outcome != NULL) != (kind == KIND_OUTCOME))
    return wire_malformed (why, REASON_MALFORMED, "outcome", STR_NONE, STR_NONE);
  if ((w->consulting != NULL) != (kind == KIND_CONSULTING))
    return wire_malformed (why, REASON_MALFORMED, "consulting", STR_NONE, STR_NONE);
  if ((w->staff != NULL) != (kind == KIND_STAFF))
    return wire_malformed (why, REASON_MALFORMED, "staff", STR_NONE, STR_NONE);
  if ((w->document != NULL) != (kind == KIND_DOCUMENT))
    return wire_malformed (why, REASON_MALFORMED, "document", STR_NONE, STR_NONE);
  if ((w->submission != NULL) != (kind == KIND_SUBMISSION))
    return wire_malformed (why, REASON_MALFORMED, "submission", STR_NONE, STR_NONE);
  if (w->has_decision != (kind == KIND_DECISION))
    return wire_malformed (why, REASON_MALFORMED, "decision", STR_NONE, STR_NONE);
  if (kind == KIND_SCHEME)
    return scheme_from_wire (w->scheme, arena, &out->record.u.scheme, why);
  if (kind == KIND_OUTCOME)
    return outcome_from_wire (w->outcome, arena, &out->record.u.outcome, why);
  if (kind == KIND_CONSULTING)
    return consulting_from_wire (w->consulting, arena, &out->record.u.consulting, why);
  if (kind == KIND_STAFF)
    return staff_from_wire (w->staff, arena, &out->record.u.staff, why);
  if (kind == KIND_DOCUMENT)
    return document_from_wire (w->document, arena, &out->record.u.document, why);
  if (kind == KIND_SUBMISSION)
    return submission_from_wire (w->submission, arena, &out->record.u.submission, why);
  out->decision = pb_bytes (w->decision, w->has_decision);
  return ERR_OK;
}

err_t
update_decode (str_t bytes, arena_t *arena, update_t *out, reason_t *why)
{
  reason_t ignored;
  pb_fail_t fail;
  if (why == NULL)
    why = &ignored;
  *why = (reason_t){REASON_NONE, {STR_NONE, STR_NONE, STR_NONE}, -1};
  memset (out, 0, sizeof *out);
  out->bytes = bytes;
  if (bytes.n > UPDATE_MAX) {
    wire_malformed (why, REASON_TOO_LONG, "update", STR ("196608"), STR_NONE);
    return ERR_TOO_BIG;
  }
  identify (bytes, out);
  Kc__Update *w = PB_UNPACK (Kc__Update, kc__update__descriptor, bytes, arena, &fail);
  if (w == NULL)
    return wire_malformed_pb (&fail, arena, why);
  err_t err = update_head_from_wire (w, arena, out, why);
  if (err == ERR_OK)
    err = payload_from_wire (w, arena, out, why);
  if (err == ERR_OK && !pb_unknown (&w->base, arena, &out->unknown))
    err = wire_malformed (why, REASON_TOO_LONG, "update", STR ("65536"), STR_NONE);
  if (err == ERR_NOMEM)
    wire_malformed (why, REASON_MALFORMED, NULL, STR_NONE, STR_NONE);
  return err;
}

/* ---- encoding ---- */

static bool
payload_to_wire (const update_t *u, Kc__Update *w, arena_t *arena)
{
  if (u->record.kind == KIND_SCHEME) {
    w->scheme = scheme_to_wire (&u->record.u.scheme, arena);
    return w->scheme != NULL;
  }
  if (u->record.kind == KIND_OUTCOME) {
    w->outcome = outcome_to_wire (&u->record.u.outcome, arena);
    return w->outcome != NULL;
  }
  if (u->record.kind == KIND_CONSULTING) {
    w->consulting = consulting_to_wire (&u->record.u.consulting, arena);
    return w->consulting != NULL;
  }
  if (u->record.kind == KIND_STAFF) {
    w->staff = staff_to_wire (&u->record.u.staff, arena);
    return w->staff != NULL;
  }
  if (u->record.kind == KIND_DOCUMENT) {
    w->document = document_to_wire (&u->record.u.document, arena);
    return w->document != NULL;
  }
  if (u->record.kind == KIND_SUBMISSION) {
    w->submission = submission_to_wire (&u->record.u.submission, arena);
    return w->submission != NULL;
  }
  w->has_decision = u->decision.p != NULL;
  w->decision = pb_view (u->decision.p, u->decision.n);
  return true;
}

bool
update_encode (const update_t *u, buf_t *out)
{
  Kc__Update w = KC__UPDATE__INIT;
  Kc__Version base = KC__VERSION__INIT;
  bool ok = true;
  arena_t *arena = arena_new (ENCODE_BUDGET);
  if (arena == NULL)
    return false;
  w.has_store = w.has_seq = w.has_id = 1;
  w.store = pb_view (u->version.store.b, 16);
  w.seq = u->version.seq;
  w.id = pb_view (u->id.b, 16);
  w.has_home = u->home != 0;
  w.home = u->home;
  w.has_kind = w.has_operation = 1;
  w.kind = (Kc__Kind)u->record.kind;
  w.operation = (Kc__Operation)u->operation;
  if (u->base.seq != 0) {
    base.has_store = base.has_seq = 1;
    base.store = pb_view (u->base.store.b, 16);
    base.seq = u->base.seq;
    w.based_on = &base;
  }
  ok = settles_to_wire (u->settles, u->settles_n, arena, &w.settles);
  w.n_settles = u->settles_n;
  w.person = pb_copy (u->person, arena, &ok);
  w.comment = pb_copy (u->comment, arena, &ok);
  w.has_agent_ms = u->agent_time.ms != 0;
  w.agent_ms = u->agent_time.ms;
  ok = ok && payload_to_wire (u, &w, arena) && pb_add_unknown (&w.base, u->unknown, arena) &&
       pb_pack (&w.base, out);
  arena_destroy (&arena);
  return ok;
}
