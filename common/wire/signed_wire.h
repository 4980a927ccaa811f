/* signed_wire.h - the parts that messages and the centre's papers share. Private to common/wire. */
#ifndef KC_WIRE_SIGNED_WIRE_H
#define KC_WIRE_SIGNED_WIRE_H

#include "common/core/message.h"
#include "common/wire/pb.h"

#include "centre.pb-c.h"

/* Setting an optional member for packing. */
#define SET(w, field, v) ((w).has_##field = 1, (w).field = (v))
#define SET_BYTES(w, field, data, size) ((w).has_##field = 1, (w).field = pb_view (data, size))
#define SET_FIXED(w, field, id) SET_BYTES (w, field, (id).b, sizeof (id).b)

/* Reading fixed-size members: false when the length is wrong. */
#define FIXED(w, field, id) pb_fixed ((w)->has_##field, (w)->field, (id).b, sizeof (id).b)
#define FIXED_OR_ABSENT(w, field, id) pb_fixed_or_absent ((w)->has_##field, (w)->field, (id).b, sizeof (id).b)
#define NUMBER(w, field) ((w)->has_##field ? (w)->field : 0)

/* NULL is fine: given = false. False: a member is missing or of the wrong length. */
bool signed_from_wire (const Kc__Signed *w, signed_t *out);
bool head_from_wire (const Kc__SignedHead *w, signed_head_t *out);
/* Borrow from their source. */
void signed_to_wire (const signed_t *s, Kc__Signed *w);
void head_to_wire (const signed_head_t *h, Kc__SignedHead *w);

/* Versions of parked sides: at most SETTLES_MAX. ERR_MALFORMED, ERR_NOMEM. */
MUST_USE err_t settles_from_wire (Kc__Version **w, size_t n, arena_t *arena, const version_t **out,
                                  uint32_t *out_n);
MUST_USE bool settles_to_wire (const version_t *v, uint32_t n, arena_t *arena, Kc__Version ***out);

/* Optional text of at most max bytes. */
bool text_from_wire (const char *z, size_t max, str_t *out);

#endif
