/* message_wire.c - the frame: its header, and which decoder and encoder each type has.
 *
 * The messages themselves are in session_wire.c (a session's set-up and small talk) and flow_wire.c
 * (chunks and what comes down). */
#include "common/wire/message_wire.h"
#include "common/wire/frame_wire.h"

#include <string.h>

#define HEADER 4u
#define MAGIC 'K'
#define CHUNK_OVERHEAD (16u << 10) /* tags and lengths of CHUNK_UPDATES_MAX updates, and the rest */
#define DOWN_OVERHEAD (64u << 10)

_Static_assert(CHUNK_MAX + CHUNK_OVERHEAD <= FRAME_MAX, "a chunk fits a frame");
_Static_assert(DOWN_MAX + DOWN_OVERHEAD <= FRAME_MAX, "a DOWN fits a frame");
_Static_assert(CHUNK_UPDATES_MAX * 4u + 1024u <= CHUNK_OVERHEAD, "room for the tags of a chunk");

typedef struct {
  const char *name;
  size_t limit;
  message_from_wire_fn *decode;
  message_to_wire_fn *encode;
} codec_t;

static const codec_t codecs[] = {
    [MSG_ENROL] = {"ENROL", SMALL_MESSAGE_MAX, enrol_from_wire, enrol_to_wire},
    [MSG_ENROLLED] = {"ENROLLED", SMALL_MESSAGE_MAX, enrolled_from_wire, enrolled_to_wire},
    [MSG_HELLO] = {"HELLO", HELLO_MAX, hello_from_wire, hello_to_wire},
    [MSG_WELCOME] = {"WELCOME", HELLO_MAX, welcome_from_wire, welcome_to_wire},
    [MSG_CHUNK] = {"CHUNK", CHUNK_MAX + CHUNK_OVERHEAD, chunk_from_wire, chunk_to_wire},
    [MSG_ACK] = {"ACK", SMALL_MESSAGE_MAX, ack_from_wire, ack_to_wire},
    [MSG_DOWN] = {"DOWN", DOWN_MAX + DOWN_OVERHEAD, down_from_wire, down_to_wire},
    [MSG_DOWN_ACK] = {"DOWN_ACK", SMALL_MESSAGE_MAX, down_ack_from_wire, down_ack_to_wire},
    [MSG_PING] = {"PING", SMALL_MESSAGE_MAX, ping_from_wire, ping_to_wire},
    [MSG_PONG] = {"PONG", SMALL_MESSAGE_MAX, pong_from_wire, pong_to_wire},
    [MSG_BUSY] = {"BUSY", SMALL_MESSAGE_MAX, busy_from_wire, busy_to_wire},
    [MSG_BYE] = {"BYE", SMALL_MESSAGE_MAX, bye_from_wire, bye_to_wire},
    [MSG_PRESENT] = {"PRESENT", SMALL_MESSAGE_MAX, present_from_wire, present_to_wire},
    [MSG_READMITTED] = {"READMITTED", SMALL_MESSAGE_MAX, readmitted_from_wire, readmitted_to_wire},
    [MSG_SYNC_NOW] = {"SYNC_NOW", SMALL_MESSAGE_MAX, sync_now_from_wire, sync_now_to_wire},
};

static const codec_t *
codec_of (unsigned type)
{
  if (type >= sizeof codecs / sizeof codecs[0] || codecs[type].decode == NULL)
    return NULL;
  return &codecs[type];
}

size_t
message_limit (message_type_t type)
{
  const codec_t *c = codec_of ((unsigned)type);
  return c != NULL ? c->limit : 0;
}

const char *
message_name (message_type_t type)
{
  const codec_t *c = codec_of ((unsigned)type);
  return c != NULL ? c->name : "?";
}

err_t
message_decode (str_t frame, arena_t *arena, message_t *out)
{
  if (frame.n < HEADER || frame.p[0] != MAGIC)
    return ERR_MALFORMED;
  if ((uint8_t)frame.p[1] != WIRE_PROTOCOL)
    return ERR_VERSION;
  const codec_t *c = codec_of ((uint8_t)frame.p[2]);
  if (c == NULL || frame.p[3] != 0)
    return ERR_MALFORMED;
  if (frame.n > c->limit)
    return ERR_TOO_BIG;
  memset (out, 0, sizeof *out);
  out->type = (message_type_t)(uint8_t)frame.p[2];
  return c->decode ((str_t){frame.p + HEADER, frame.n - HEADER}, arena, out);
}

bool
message_encode (const message_t *m, buf_t *out)
{
  const codec_t *c = codec_of ((unsigned)m->type);
  CHECK (c != NULL);
  size_t start = out->n;
  arena_t *arena = arena_new (FRAME_MAX);
  if (arena == NULL)
    return false;
  buf_putc (out, MAGIC);
  buf_u8 (out, WIRE_PROTOCOL);
  buf_u8 (out, (uint8_t)m->type);
  buf_u8 (out, 0);
  bool ok = c->encode (m, arena, out) && buf_ok (out);
  CHECK (!ok || out->n - start <= c->limit);
  arena_destroy (&arena);
  return ok;
}
