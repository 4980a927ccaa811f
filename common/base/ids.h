/* ids.h - identities and points in time as types of their own, so that they cannot be mixed up. */
#ifndef KC_BASE_IDS_H
#define KC_BASE_IDS_H

#include "common/base/bytes.h"

#include <string.h>

typedef struct {
  uint8_t b[16];
} store_id_t; /* a stream: one author's updates in one store */
typedef struct {
  uint8_t b[16];
} record_id_t; /* UUIDv7 made by the author */
typedef struct {
  uint8_t b[32];
} hash_t; /* BLAKE2b-256 */
typedef struct {
  uint8_t b[32];
} curve_key_t; /* CURVE (Curve25519) key, public or secret */
typedef struct {
  uint8_t b[32];
} sign_key_t; /* Ed25519 public key */
typedef struct {
  uint8_t b[64];
} sign_secret_t;
typedef struct {
  uint8_t b[64];
} signature_t;
typedef uint32_t unit_id_t; /* immutable id of an organisation unit, never its code; 0 = none */
typedef struct {
  int64_t ms;
} wall_t; /* milliseconds since 1970 UTC; agent's or collector's, said by the name */
typedef struct {
  int64_t ms;
} mono_t; /* milliseconds of a clock that never goes back */

/* A version of a record: the update that made it. seq 0 = no version (a create's base). */
typedef struct {
  store_id_t store;
  uint64_t seq;
} version_t;

/* A place in a collector's log. Shown everywhere as EPOCH:LSN, the epoch as 16 hex digits. */
typedef struct {
  uint64_t epoch, lsn;
} position_t;
#define POSITION_TEXT_MAX 40

static inline bool
store_id_eq (store_id_t a, store_id_t b)
{
  return memcmp (a.b, b.b, 16) == 0;
}
static inline bool
record_id_eq (record_id_t a, record_id_t b)
{
  return memcmp (a.b, b.b, 16) == 0;
}
static inline bool
hash_eq (hash_t a, hash_t b)
{
  return memcmp (a.b, b.b, 32) == 0;
}
static inline bool
curve_key_eq (curve_key_t a, curve_key_t b)
{
  return memcmp (a.b, b.b, 32) == 0;
}
static inline bool
version_eq (version_t a, version_t b)
{
  return a.seq == b.seq && (a.seq == 0 || store_id_eq (a.store, b.store));
}
bool id_is_zero (const uint8_t *b, size_t n);

/* UUID text form, 36 characters and NUL. */
void record_id_format (record_id_t id, char out[37]);
bool record_id_parse (str_t text, record_id_t *out);
/* UUIDv7 from a time and 10 random bytes (RFC 9562): the clock and the randomness are passed in. */
record_id_t record_id_make (wall_t now, const uint8_t random[10]);

void position_format (position_t at, char out[POSITION_TEXT_MAX]);

#endif
