#include "common/wire/pb.h"
#include "common/text/utf8.h"

#include <string.h>

#define DEPTH_MAX 8u /* deeper than any schema of ours: none is recursive */
#define BUDGET_BASE (64u << 10)

/* ---- walking ---- */

static bool
take_varint (str_t *in, uint64_t *out)
{
  uint64_t v = 0;
  for (unsigned i = 0; i < 10 && i < in->n; i++) {
    uint8_t b = (uint8_t)in->p[i];
    if (i == 9 && b > 1)
      return false;
    v |= (uint64_t)(b & 0x7F) << (7 * i);
    if ((b & 0x80) == 0) {
      in->p += i + 1;
      in->n -= i + 1;
      *out = v;
      return true;
    }
  }
  return false;
}

static bool
take_fixed (str_t *in, unsigned n, uint64_t *out)
{
  if (in->n < n)
    return false;
  *out = 0;
  for (unsigned i = 0; i < n; i++)
    *out |= (uint64_t)(uint8_t)in->p[i] << (8 * i);
  in->p += n;
  in->n -= n;
  return true;
}

static bool
take_value (str_t *in, pb_field_t *f)
{
  f->bytes = STR_NONE;
  switch (f->type) {
  case PROTOBUF_C_WIRE_TYPE_VARINT:
    return take_varint (in, &f->value);
  case PROTOBUF_C_WIRE_TYPE_64BIT:
    return take_fixed (in, 8, &f->value);
  case PROTOBUF_C_WIRE_TYPE_32BIT:
    return take_fixed (in, 4, &f->value);
  case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
    if (!take_varint (in, &f->value) || f->value > in->n)
      return false;
    f->bytes = (str_t){in->p, (size_t)f->value};
    in->p += f->bytes.n;
    in->n -= f->bytes.n;
    return true;
  }
  return false;
}

bool
pb_next (str_t *in, pb_field_t *out)
{
  str_t rest = *in;
  uint64_t tag;
  if (rest.n == 0 || !take_varint (&rest, &tag) || tag >> 3 == 0 || tag > UINT32_MAX)
    return false;
  out->number = (uint32_t)(tag >> 3);
  out->type = (ProtobufCWireType)(tag & 7);
  if (!take_value (&rest, out))
    return false;
  out->raw = (str_t){in->p, in->n - rest.n};
  *in = rest;
  return true;
}

/* ---- checking ---- */

static bool
refuse (pb_fail_t *fail, pb_what_t what, const ProtobufCFieldDescriptor *fd, uint64_t value)
{
  *fail = (pb_fail_t){what, fd != NULL ? fd->name : NULL, value};
  return false;
}

static bool
text_ok (str_t s)
{
  bool plain = true;
  for (size_t i = 0; i < s.n && plain; i++)
    plain = (uint8_t)s.p[i] >= 0x20 && (uint8_t)s.p[i] < 0x7F;
  return plain || (utf8_valid (s, NULL) && utf8_clean (s, true, NULL));
}

static ProtobufCWireType
wire_type_of (ProtobufCType t)
{
  switch (t) {
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_BYTES:
  case PROTOBUF_C_TYPE_MESSAGE:
    return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
  case PROTOBUF_C_TYPE_FIXED32:
  case PROTOBUF_C_TYPE_SFIXED32:
  case PROTOBUF_C_TYPE_FLOAT:
    return PROTOBUF_C_WIRE_TYPE_32BIT;
  case PROTOBUF_C_TYPE_FIXED64:
  case PROTOBUF_C_TYPE_SFIXED64:
  case PROTOBUF_C_TYPE_DOUBLE:
    return PROTOBUF_C_WIRE_TYPE_64BIT;
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_SINT32:
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_UINT32:
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_BOOL:
  case PROTOBUF_C_TYPE_ENUM:
    break;
  }
  return PROTOBUF_C_WIRE_TYPE_VARINT;
}

/* protobuf-c would cut such a number to 32 bits and go on. */
static bool
number_ok (const ProtobufCFieldDescriptor *fd, uint64_t v, pb_fail_t *fail)
{
  if (fd->type == PROTOBUF_C_TYPE_UINT32 && v > UINT32_MAX)
    return refuse (fail, PB_NUMBER, fd, v);
  if (fd->type == PROTOBUF_C_TYPE_BOOL && v > 1)
    return refuse (fail, PB_NUMBER, fd, v);
  if (fd->type == PROTOBUF_C_TYPE_ENUM &&
      (v == 0 || v > INT32_MAX || protobuf_c_enum_descriptor_get_value (fd->descriptor, (int)v) == NULL))
    return refuse (fail, PB_ENUM, fd, v);
  return true;
}

static bool
packed_ok (const ProtobufCFieldDescriptor *fd, str_t in, pb_fail_t *fail)
{
  uint64_t v;
  while (in.n > 0) {
    if (!take_varint (&in, &v))
      return refuse (fail, PB_SHAPE, fd, 0);
    if (!number_ok (fd, v, fail))
      return false;
  }
  return true;
}

static bool message_ok (const ProtobufCMessageDescriptor *d, str_t in, unsigned depth, pb_fail_t *fail);

static bool
field_ok (const ProtobufCFieldDescriptor *fd, const pb_field_t *f, unsigned depth, pb_fail_t *fail)
{
  ProtobufCWireType expected = wire_type_of (fd->type);
  if (f->type != expected) {
    if (f->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && expected == PROTOBUF_C_WIRE_TYPE_VARINT &&
        fd->label == PROTOBUF_C_LABEL_REPEATED)
      return packed_ok (fd, f->bytes, fail);
    return refuse (fail, PB_SHAPE, fd, 0);
  }
  if (fd->type == PROTOBUF_C_TYPE_STRING && !text_ok (f->bytes))
    return refuse (fail, PB_TEXT, fd, 0);
  if (fd->type == PROTOBUF_C_TYPE_MESSAGE)
    return message_ok (fd->descriptor, f->bytes, depth + 1, fail);
  return f->type != PROTOBUF_C_WIRE_TYPE_VARINT || number_ok (fd, f->value, fail);
}

static bool
message_ok (const ProtobufCMessageDescriptor *d, str_t in, unsigned depth, pb_fail_t *fail)
{
  CHECK (depth < DEPTH_MAX && d->n_fields <= 64);
  uint64_t seen = 0;
  pb_field_t f;
  while (pb_next (&in, &f)) {
    const ProtobufCFieldDescriptor *fd = protobuf_c_message_descriptor_get_field (d, f.number);
    if (fd == NULL)
      continue;
    uint64_t bit = UINT64_C (1) << (fd - d->fields);
    if (fd->label != PROTOBUF_C_LABEL_REPEATED && (seen & bit) != 0)
      return refuse (fail, PB_TWICE, fd, 0);
    seen |= bit;
    if (!field_ok (fd, &f, depth, fail))
      return false;
  }
  return in.n == 0 || refuse (fail, PB_SHAPE, NULL, 0);
}

/* ---- unpacking under a budget ---- */

typedef struct {
  arena_t *arena;
  size_t left;
  bool spent;
} budget_t;

static void *
budget_alloc (void *ctx, size_t n)
{
  budget_t *b = ctx;
  void *p = n > b->left ? NULL : arena_alloc (b->arena, n);
  if (p == NULL)
    b->spent = true;
  else
    b->left -= n;
  return p;
}

static void
budget_free (void *ctx, void *p)
{
  (void)ctx;
  (void)p;
}

void *
pb_unpack (const ProtobufCMessageDescriptor *d, str_t bytes, arena_t *arena, pb_fail_t *fail)
{
  *fail = (pb_fail_t){PB_SHAPE, NULL, 0};
  if (!message_ok (d, bytes, 0, fail))
    return NULL;
  budget_t budget = {arena, bytes.n * UNPACK_BUDGET_PER_BYTE + BUDGET_BASE, false};
  ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};
  void *m = protobuf_c_message_unpack (d, &allocator, bytes.n, (const uint8_t *)bytes.p);
  if (m == NULL && budget.spent)
    fail->what = PB_BUDGET;
  return m;
}

/* ---- unknown fields ---- */

static size_t
put_tag (uint8_t *to, uint32_t number, ProtobufCWireType type)
{
  uint64_t v = (uint64_t)number << 3 | (uint64_t)type;
  size_t n = 0;
  for (; v >= 0x80; v >>= 7)
    to[n++] = (uint8_t)(v | 0x80);
  to[n++] = (uint8_t)v;
  return n;
}

bool
pb_unknown (const ProtobufCMessage *m, arena_t *arena, str_t *out)
{
  size_t n = 0;
  *out = STR_NONE;
  if (m->n_unknown_fields == 0)
    return true;
  for (size_t i = 0; i < m->n_unknown_fields; i++)
    n += 5 + m->unknown_fields[i].len;
  uint8_t *to = n > (size_t)2 * UNKNOWN_MAX ? NULL : arena_alloc (arena, n);
  if (to == NULL)
    return false;
  n = 0;
  for (size_t i = 0; i < m->n_unknown_fields; i++) {
    const ProtobufCMessageUnknownField *f = &m->unknown_fields[i];
    n += put_tag (to + n, f->tag, f->wire_type);
    if (f->len > 0)
      memcpy (to + n, f->data, f->len);
    n += f->len;
  }
  *out = (str_t){(const char *)to, n};
  return n <= UNKNOWN_MAX;
}

bool
pb_add_unknown (ProtobufCMessage *m, str_t raw, arena_t *arena)
{
  pb_field_t f;
  size_t n = m->n_unknown_fields;
  str_t in = raw;
  if (str_blank (raw))
    return true;
  while (pb_next (&in, &f))
    n++;
  CHECK (in.n == 0);
  ProtobufCMessageUnknownField *to = arena_alloc (arena, n * sizeof *to);
  if (to == NULL)
    return false;
  if (m->n_unknown_fields > 0)
    memcpy (to, m->unknown_fields, m->n_unknown_fields * sizeof *to);
  for (n = m->n_unknown_fields, in = raw; pb_next (&in, &f); n++) {
    size_t skip = 1;
    while ((uint8_t)f.raw.p[skip - 1] & 0x80)
      skip++;
    to[n] = (ProtobufCMessageUnknownField){f.number, f.type, f.raw.n - skip,
                                           (uint8_t *)(uintptr_t)f.raw.p + skip};
  }
  m->unknown_fields = to;
  m->n_unknown_fields = (unsigned)n;
  return true;
}

/* ---- small helpers ---- */

str_t
pb_text (const char *z)
{
  return str_of (z);
}

char *
pb_copy (str_t s, arena_t *arena, bool *ok)
{
  if (s.p == NULL)
    return NULL;
  char *p = arena_alloc (arena, s.n + 1);
  if (p == NULL || (s.n > 0 && memchr (s.p, '\0', s.n) != NULL)) {
    *ok = false;
    return NULL;
  }
  if (s.n > 0)
    memcpy (p, s.p, s.n);
  return p;
}

str_t
pb_bytes (ProtobufCBinaryData b, bool has)
{
  if (!has)
    return STR_NONE;
  return (str_t){b.data != NULL ? (const char *)b.data : "", b.len};
}

ProtobufCBinaryData
pb_view (const void *p, size_t n)
{
  return (ProtobufCBinaryData){n, (uint8_t *)(uintptr_t)p};
}

bool
pb_fixed (bool has, ProtobufCBinaryData b, uint8_t *out, size_t n)
{
  if (!has || b.len != n)
    return false;
  memcpy (out, b.data, n);
  return true;
}

bool
pb_fixed_or_absent (bool has, ProtobufCBinaryData b, uint8_t *out, size_t n)
{
  if (has)
    return pb_fixed (has, b, out, n);
  memset (out, 0, n);
  return true;
}

bool
pb_pack (const ProtobufCMessage *m, buf_t *out)
{
  size_t n = protobuf_c_message_get_packed_size (m);
  char *to = buf_reserve (out, n);
  if (to == NULL)
    return false;
  CHECK (protobuf_c_message_pack (m, (uint8_t *)to) == n);
  out->n += n;
  return true;
}
