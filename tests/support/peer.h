/* peer.h - a client of the wire for tests and benchmarks: it speaks the protocol without the agent's
 * checks, so it can also lie. One peer is one CURVE connection and one stream. Not thread-safe. */
#ifndef KC_TESTS_SUPPORT_PEER_H
#define KC_TESTS_SUPPORT_PEER_H

#include "common/core/message.h"
#include "common/wire/centre_wire.h"

typedef struct peer peer_t;

/* Parses the invite's text, makes keys. NULL when it cannot be read. */
peer_t *peer_new (str_t invite_text);
void peer_destroy (peer_t **self_p);

/* Connects with a key pair: the invite's, our own, or one made up on the spot. */
typedef enum { PEER_ONCE, PEER_OWN, PEER_STRANGER, PEER_NO_KEY } peer_key_t;
void peer_connect (peer_t *p, peer_key_t key);
/* A second connection with another peer's identity (a clone of it): copies keys, stream and chain. */
void peer_copy_identity (peer_t *to, const peer_t *from);

/* Sends a message (encoded), raw bytes as one frame, or raw bytes as two frames. */
void peer_send (peer_t *p, const message_t *m);
void peer_send_raw (peer_t *p, str_t frame);
void peer_send_two (peer_t *p, str_t a, str_t b);
/* Next message within timeout_ms; NULL when none came. Valid until the next receive. */
const message_t *peer_receive (peer_t *p, int64_t timeout_ms);
/* Receives until a message of the type comes; others are dropped. */
const message_t *peer_receive_type (peer_t *p, message_type_t type, int64_t timeout_ms);

/* What zmq_poll waits on; peer_receive (p, 0) takes what came. */
void *peer_socket (peer_t *p);

/* ENROL over the once key; then HELLO over our own. False when the centre does not play along. */
bool peer_enrol (peer_t *p);
bool peer_enrol_by (peer_t *p, peer_key_t key);
bool peer_hello (peer_t *p, int64_t timeout_ms);

/* Appends an update to the peer's chain: gives it the next sequence, encodes it. */
str_t peer_add (peer_t *p, update_t *u);
/* A chunk of the updates added since `first` (a sequence), with chain and signed head. */
void peer_chunk (peer_t *p, uint64_t first, size_t n, message_t *out);
/* Waits for the ACK that covers seq. False on timeout or when the session ends. */
bool peer_wait_ack (peer_t *p, uint64_t seq, int64_t timeout_ms);

/* A scheme of the peer's unit that every check passes, numbered n. Slices live in the peer. */
void peer_scheme (peer_t *p, uint64_t n, update_t *out);

unit_id_t peer_unit (const peer_t *p);
store_id_t peer_store (const peer_t *p);
uint64_t peer_token (const peer_t *p);
uint64_t peer_cursor (const peer_t *p); /* from the last WELCOME or ACK */
uint64_t peer_last_seq (const peer_t *p);
hash_t peer_hash_at (const peer_t *p, uint64_t seq);
const invite_t *peer_invite (const peer_t *p);

#endif
