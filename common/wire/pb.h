/* pb.h - what every decoder of this folder does before and after protobuf-c. Private to common/wire.
 *
 * protobuf-c alone is too trusting with bytes of strangers: no UTF-8 check, an embedded NUL hides the
 * tail of a string, unknown enum values and numbers of more than 32 bits pass through (the latter cut),
 * repeated singular fields merge, and 200 KB of crafted input can make it allocate 25 MB. So the bytes
 * are walked once beforehand by the same descriptors (pb_unpack refuses all of that, naming the field),
 * and the unpack itself allocates from the caller's arena under a budget of its own. */
#ifndef KC_WIRE_PB_H
#define KC_WIRE_PB_H

#include "common/base/bounds.h"
#include "common/base/ids.h"

#include <protobuf-c/protobuf-c.h>

typedef enum { PB_SHAPE = 0, PB_TEXT, PB_ENUM, PB_NUMBER, PB_TWICE, PB_BUDGET } pb_what_t;

/* Why bytes were refused; field is static, NULL where no field is to blame. */
typedef struct {
  pb_what_t what;
  const char *field;
  uint64_t value; /* PB_ENUM, PB_NUMBER */
} pb_fail_t;

/* One field as it lies in the bytes. */
typedef struct {
  uint32_t number;
  ProtobufCWireType type;
  uint64_t value; /* varint, fixed */
  str_t bytes;    /* length-prefixed: the content */
  str_t raw;      /* tag and all */
} pb_field_t;

/* Takes the next field off *in; false at the end or when wire_malformed (then in->n > 0). */
bool pb_next (str_t *in, pb_field_t *out);

/* Checks and unpacks. NULL: *fail says why (PB_BUDGET: out of budget or memory). */
void *pb_unpack (const ProtobufCMessageDescriptor *d, str_t bytes, arena_t *arena, pb_fail_t *fail);
#define PB_UNPACK(Type, d, bytes, arena, fail) ((Type *)pb_unpack (&(d), bytes, arena, fail))

/* Unknown fields of one level as encoded bytes in the arena; STR_NONE when there are none. False: out of
 * budget, or more than UNKNOWN_MAX. */
MUST_USE bool pb_unknown (const ProtobufCMessage *m, arena_t *arena, str_t *out);
/* The way back: encoded fields to be packed behind the known ones. May be called more than once. */
MUST_USE bool pb_add_unknown (ProtobufCMessage *m, str_t raw, arena_t *arena);

/* Present text as a slice of the unpacked object. */
str_t pb_text (const char *z);
/* A NUL-terminated copy for packing; NULL for absent text, or with *ok = false when out of memory. */
char *pb_copy (str_t s, arena_t *arena, bool *ok);
str_t pb_bytes (ProtobufCBinaryData b, bool has);
ProtobufCBinaryData pb_view (const void *p, size_t n);
/* Copies exactly n bytes; false when the field is absent or of another length. */
bool pb_fixed (bool has, ProtobufCBinaryData b, uint8_t *out, size_t n);
/* As pb_fixed, but absent is fine and leaves zeros. */
bool pb_fixed_or_absent (bool has, ProtobufCBinaryData b, uint8_t *out, size_t n);

/* Packs and appends. */
MUST_USE bool pb_pack (const ProtobufCMessage *m, buf_t *out);

#endif
