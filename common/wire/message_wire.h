/* message_wire.h - frames <-> messages (proto/wire.proto, core/message.h).
 *
 * message_decode checks magic, protocol version, type, the type's size limit, then unpacks into the
 * arena and checks shapes (id and key lengths, counts, UTF-8, a chunk's CRC). All slices of the result
 * live in the arena or the frame. */
#ifndef KC_WIRE_MESSAGE_WIRE_H
#define KC_WIRE_MESSAGE_WIRE_H

#include "common/core/message.h"

/* Size limit of a frame of this type, header included; 0 for types this version does not take. */
size_t message_limit (message_type_t type);
const char *message_name (message_type_t type);
/* ERR_MALFORMED, ERR_TOO_BIG, ERR_VERSION (another protocol), ERR_NOMEM (budget of the arena). */
MUST_USE err_t message_decode (str_t frame, arena_t *arena, message_t *out);
MUST_USE bool message_encode (const message_t *m, buf_t *out);

#endif
