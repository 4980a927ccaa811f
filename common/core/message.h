/* message.h - the messages of a session as plain structs: what both session machines speak.
 *
 * The codec is wire/message_wire.h; the meaning of each field stands in proto/wire.proto. Slices and
 * arrays are borrowed: from the arena of the decode, or from whoever built the message. */
#ifndef KC_CORE_MESSAGE_H
#define KC_CORE_MESSAGE_H

#include "common/base/bounds.h"
#include "common/base/ids.h"

#define WIRE_PROTOCOL 1u

typedef enum {
  MSG_NONE = 0,
  MSG_ENROL = 1,
  MSG_ENROLLED = 2,
  MSG_HELLO = 3,
  MSG_WELCOME = 4,
  MSG_CHUNK = 5,
  MSG_ACK = 6,
  MSG_DOWN = 7,
  MSG_DOWN_ACK = 8,
  MSG_PING = 9,
  MSG_PONG = 10,
  MSG_BUSY = 11,
  MSG_BYE = 12,
  MSG_PRESENT = 16,
  MSG_READMITTED = 17,
  MSG_SYNC_NOW = 21
  /* the others up to 21: reserved, see proto/wire.proto */
} message_type_t;

typedef struct {
  str_t body;
  signature_t signature;
  bool given;
} signed_t;

typedef struct {
  store_id_t store;
  uint64_t seq;
  hash_t hash;
  uint32_t serial; /* agent certificate; 0 = centre key */
  signature_t signature;
  bool given;
} signed_head_t;

typedef struct {
  record_id_t invite;
  curve_key_t curve_key;
  sign_key_t sign_key;
  signature_t proof;
  str_t host, program;
  signature_t consent; /* given: of the key it had; the invite is zeros then */
  bool consent_given;
} msg_enrol_t;
typedef struct {
  signed_t certificate, centre_certificate;
  str_t refusal;
  curve_key_t reentry_secret; /* zeros: not given */
} msg_enrolled_t;

typedef struct {
  store_id_t store, parent_store;
  uint64_t parent_seq;
  hash_t parent_hash;
  uint64_t last_seq, last_acked;
  hash_t hash_at_acked;
  bool centre; /* a stream of the centre */
} stream_state_t;

typedef struct {
  uint32_t protocols[8];
  size_t protocols_n;
  const stream_state_t *streams;
  size_t streams_n;
  uint64_t boot;
  const uint64_t *epochs;
  size_t epochs_n;
  position_t down;
  str_t program, last_error;
  wall_t agent_time;
  uint64_t uptime_ms, pending;
  wall_t oldest; /* agent time of the oldest waiting update, 0 = none */
  uint32_t down_credit;
} msg_hello_t;

typedef struct {
  store_id_t store;
  uint64_t cursor;
  hash_t hash;
  bool acked_fits;
  uint64_t acked; /* of the HELLO: what acked_fits speaks of; 0: of an older centre, or nothing */
} stream_cursor_t;

typedef struct {
  uint32_t protocol;
  const stream_cursor_t *streams;
  size_t streams_n;
  uint64_t token;
  position_t end;
  uint32_t credit, ping_ms;
  str_t addresses[ADDRESSES_MAX];
  size_t addresses_n;
  signature_t addresses_signature;
  wall_t collector_time;
  str_t program;
} msg_welcome_t;

typedef struct {
  uint64_t token;
  store_id_t store;
  uint64_t first_seq;
  hash_t previous_hash;
  const str_t *updates;
  size_t updates_n; /* crc is checked on decode, computed on encode */
  signed_head_t head;
} msg_chunk_t;

/* Bytes of a chunk as credit counts them, on both sides. */
static inline size_t
chunk_bytes (const msg_chunk_t *c)
{
  size_t bytes = 0;
  for (size_t i = 0; i < c->updates_n; i++)
    bytes += c->updates[i].n;
  return bytes;
}

typedef struct {
  uint64_t token;
  store_id_t store;
  uint64_t seq;
  bool restated;
  uint32_t refused;
} msg_ack_t;
typedef struct {
  uint64_t lsn;
  str_t update;
} centre_entry_t;
typedef struct {
  store_id_t store;
  uint64_t first_seq, last_seq, first_lsn;
} own_range_t;

typedef struct {
  uint64_t lsn;
  str_t update;
  uint32_t verdict; /* verdict_t */
  wall_t received;
  str_t agent; /* name of the PC it came from */
} record_entry_t;

typedef struct {
  uint64_t token, epoch, first_lsn, last_lsn;
  const centre_entry_t *centre;
  size_t centre_n;
  const own_range_t *own;
  size_t own_n;
  const signed_head_t *heads;
  size_t heads_n;
  bool complete;
  const record_entry_t *records;
  size_t records_n;
} msg_down_t;

typedef struct {
  uint64_t token;
  position_t at;
} msg_down_ack_t;
typedef struct {
  uint64_t token, last_acked, pending, nonce;
  wall_t oldest;
} msg_ping_t;
typedef struct {
  uint64_t token, nonce, lsn;
  wall_t collector_time;
} msg_pong_t;
typedef struct {
  uint64_t token;
  uint32_t retry_after_ms;
} msg_busy_t;
typedef struct {
  uint64_t token;
  str_t reason, text;
} msg_bye_t;

typedef struct {
  signed_t certificate;
  signature_t signature;
  bool signature_given;
} msg_present_t;
typedef struct {
  hash_t nonce; /* zeros: none, this is the answer */
  bool admitted;
  str_t refusal;
} msg_readmitted_t;
typedef struct {
  uint64_t token;
} msg_sync_now_t;

typedef struct {
  message_type_t type;
  union {
    msg_enrol_t enrol;
    msg_enrolled_t enrolled;
    msg_hello_t hello;
    msg_welcome_t welcome;
    msg_chunk_t chunk;
    msg_ack_t ack;
    msg_down_t down;
    msg_down_ack_t down_ack;
    msg_ping_t ping;
    msg_pong_t pong;
    msg_busy_t busy;
    msg_bye_t bye;
    msg_present_t present;
    msg_readmitted_t readmitted;
    msg_sync_now_t sync_now;
  } u;
} message_t;

#endif
