/* update_wire.h - updates and their payloads: bytes <-> plain structs.
 *
 * Decoding is three steps: size cap, bounded unpack (the arena's budget), shape checks (id lengths,
 * enum values known, list counts, strict UTF-8, no NUL). Domain rules are core/validate's. protobuf-c
 * objects never leave this folder. Every slice of the result lives in the arena or in `bytes`, so both
 * must outlive it. Unknown fields of every level are kept in the struct and written again. */
#ifndef KC_WIRE_UPDATE_WIRE_H
#define KC_WIRE_UPDATE_WIRE_H

#include "common/core/reason.h"
#include "common/core/record.h"

/* ERR_TOO_BIG, ERR_MALFORMED, ERR_NOMEM (budget). *why (may be NULL) gets a reason with its field.
 * What identifies the update is filled as far as it could be read, also on ERR_MALFORMED: version, id,
 * home, kind - so that a bad update can be refused and kept under its number. out->bytes = bytes.
 * A kind this version does not know (consulting …) decodes with record.kind set and no payload. */
MUST_USE err_t update_decode (str_t bytes, arena_t *arena, update_t *out, reason_t *why);
/* Encodes u (u->bytes is ignored) and appends. False when out of memory. */
MUST_USE bool update_encode (const update_t *u, buf_t *out);

#endif
