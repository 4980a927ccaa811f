/* frame_wire.h - decoder and encoder of each message, listed by message_wire.c. Private to common/wire.
 *
 * A decoder gets the bytes behind the header and a zeroed message whose type is set; an encoder appends
 * those bytes. Absent numbers are 0; an id, key or hash has its full length or the message is malformed. */
#ifndef KC_WIRE_FRAME_WIRE_H
#define KC_WIRE_FRAME_WIRE_H

#include "common/core/message.h"
#include "common/wire/pb.h"

typedef err_t (message_from_wire_fn) (str_t body, arena_t *arena, message_t *out);
typedef bool (message_to_wire_fn) (const message_t *m, arena_t *arena, buf_t *out);

message_from_wire_fn enrol_from_wire, enrolled_from_wire, hello_from_wire, welcome_from_wire;
message_from_wire_fn chunk_from_wire, ack_from_wire, down_from_wire, down_ack_from_wire;
message_from_wire_fn ping_from_wire, pong_from_wire, busy_from_wire, bye_from_wire;
message_from_wire_fn present_from_wire, readmitted_from_wire, sync_now_from_wire;
message_to_wire_fn enrol_to_wire, enrolled_to_wire, hello_to_wire, welcome_to_wire;
message_to_wire_fn chunk_to_wire, ack_to_wire, down_to_wire, down_ack_to_wire;
message_to_wire_fn ping_to_wire, pong_to_wire, busy_to_wire, bye_to_wire;
message_to_wire_fn present_to_wire, readmitted_to_wire, sync_now_to_wire;

/* The error of a failed pb_unpack. */
static inline err_t
unpack_error (const pb_fail_t *fail)
{
  return fail->what == PB_BUDGET ? ERR_NOMEM : ERR_MALFORMED;
}

#endif
