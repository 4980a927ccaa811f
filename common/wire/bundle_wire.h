/* bundle_wire.h - a session in a file (PROTOCOL 8): the frames that one side would have sent, sealed to the
 * other's CURVE key and signed at the end.
 *
 * A file is looked at as a whole before any of it is given away: cut, changed, repeated, moved or added bytes
 * are found then, and nothing was taken. What the frames say is judged by whoever takes them, as on the line.
 */
#ifndef KC_WIRE_BUNDLE_WIRE_H
#define KC_WIRE_BUNDLE_WIRE_H

#include "common/core/message.h"

typedef enum {
  BUNDLE_UP = 1,   /* of an agent: PRESENT, HELLO, CHUNKs */
  BUNDLE_REPLY = 2 /* of the centre: WELCOME, DOWNs */
} bundle_kind_t;

typedef struct {
  bundle_kind_t kind;
  record_id_t centre; /* whose agents these are */
  curve_key_t to;     /* whom it is sealed to */
  hash_t answers;     /* reply: the name of the bundle it answers */
} bundle_head_t;

/* ---- writing ---- */
typedef struct bundle_writer bundle_writer_t;
/* Appends to out, which it keeps until it is destroyed. NULL: no memory. */
bundle_writer_t *bundle_writer_new (const bundle_head_t *head, buf_t *out);
void bundle_writer_destroy (bundle_writer_t **self_p);
MUST_USE bool bundle_put (bundle_writer_t *w, const message_t *m); /* false: no memory, here and below */
/* Room for one frame more, whatever it is? */
bool bundle_has_room (const bundle_writer_t *w);
/* serial of the signer's certificate; 0 = the centre. */
MUST_USE bool bundle_end (bundle_writer_t *w, uint32_t serial, const sign_secret_t *secret);

/* ---- reading ---- */
typedef struct bundle bundle_t;
/* want: what the file must be (answers does not matter), secret: of want->to. file is borrowed until the
 * bundle is destroyed. ERR_INPUT: no bundle, or cut, changed, of another version; ERR_FOREIGN: of another
 * centre, for somebody else, or the other kind. With words. */
MUST_USE err_t bundle_open (str_t file, const bundle_head_t *want, const curve_key_t *secret, bundle_t **out,
                            fail_t *fail);
void bundle_destroy (bundle_t **self_p);
const bundle_head_t *bundle_head (const bundle_t *b);
hash_t bundle_name (const bundle_t *b);     /* of its every byte */
uint32_t bundle_serial (const bundle_t *b); /* of its signer, as it says */
MUST_USE bool bundle_signed_by (const bundle_t *b, const sign_key_t *key);
/* The next frame, valid until the call after; ERR_END behind the last. */
MUST_USE err_t bundle_next (bundle_t *b, str_t *frame);
/* The same, decoded into the arena, which is reset before. ERR_MALFORMED … as message_decode. */
MUST_USE err_t bundle_next_message (bundle_t *b, arena_t *arena, message_t *out);
/* Back to the beginning; the first frames are passed over. */
MUST_USE err_t bundle_rewind (bundle_t *b, size_t skip);

#endif
