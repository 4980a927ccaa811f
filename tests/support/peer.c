#include "tests/support/peer.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/message_wire.h"
#include "common/wire/update_wire.h"

#include <czmq.h>
#include <stdio.h>
#include <string.h>

#define RECEIVE_BUDGET (16u << 20)
#define SEND_MS 10000

typedef struct {
  size_t at, n; /* in the peer's bytes */
  hash_t hash;  /* of the chain after it */
} added_t;

struct peer {
  arena_t *arena;   /* the invite */
  arena_t *receive; /* the last message */
  buf_t frame;      /* its bytes */
  message_t message;
  invite_t invite;
  curve_key_t pub, secret;
  sign_key_t sign_pub;
  sign_secret_t sign_secret;
  uint32_t serial;
  store_id_t store;
  hash_t start;
  buf_t bytes; /* every update added, one behind the other */
  added_t *added;
  size_t added_n, added_cap;
  str_t *views; /* of the last chunk */
  size_t views_cap;
  uint64_t token, cursor;
  zsock_t *socket;
  char code[48], name[160];
};

peer_t *
peer_new (str_t invite_text)
{
  CHECK (crypto_init ());
  zsys_handler_set (NULL);
  peer_t *p = calloc (1, sizeof *p);
  CHECK (p != NULL);
  p->arena = arena_new (1u << 20);
  p->receive = arena_new (RECEIVE_BUDGET);
  CHECK (p->arena != NULL && p->receive != NULL);
  if (invite_parse (invite_text, p->arena, &p->invite) != ERR_OK) {
    peer_destroy (&p);
    return NULL;
  }
  curve_keys_make (&p->pub, &p->secret);
  sign_keys_make (&p->sign_pub, &p->sign_secret);
  crypto_random (p->store.b, sizeof p->store.b);
  store_id_t none = {{0}};
  hash_t zero = {{0}};
  p->start = chain_start (p->store, none, 0, zero);
  return p;
}

void
peer_destroy (peer_t **self_p)
{
  peer_t *p = *self_p;
  if (p == NULL)
    return;
  zsock_destroy (&p->socket);
  arena_destroy (&p->arena);
  arena_destroy (&p->receive);
  buf_free (&p->frame);
  buf_free (&p->bytes);
  free (p->added);
  free (p->views);
  free (p);
  *self_p = NULL;
}

void
peer_copy_identity (peer_t *to, const peer_t *from)
{
  to->pub = from->pub;
  to->secret = from->secret;
  to->sign_pub = from->sign_pub;
  to->sign_secret = from->sign_secret;
  to->serial = from->serial;
  to->store = from->store;
  to->start = from->start;
  buf_clear (&to->bytes);
  buf_put (&to->bytes, from->bytes.p, from->bytes.n);
  to->added_n = to->added_cap = from->added_n;
  to->added = realloc (to->added, (from->added_n + 1) * sizeof *to->added);
  CHECK (to->added != NULL);
  memcpy (to->added, from->added, from->added_n * sizeof *to->added);
}

void
peer_connect (peer_t *p, peer_key_t key)
{
  zsock_destroy (&p->socket);
  p->socket = zsock_new (ZMQ_DEALER);
  CHECK (p->socket != NULL);
  curve_key_t pub = p->pub, secret = p->secret;
  if (key == PEER_ONCE) {
    pub = p->invite.once_public;
    secret = p->invite.once_secret;
  } else if (key == PEER_STRANGER) {
    curve_keys_make (&pub, &secret);
  }
  void *s = zsock_resolve (p->socket);
  if (key != PEER_NO_KEY) {
    CHECK (zmq_setsockopt (s, ZMQ_CURVE_SERVERKEY, p->invite.server_key.b, 32) == 0);
    CHECK (zmq_setsockopt (s, ZMQ_CURVE_PUBLICKEY, pub.b, 32) == 0);
    CHECK (zmq_setsockopt (s, ZMQ_CURVE_SECRETKEY, secret.b, 32) == 0);
  }
  zsock_set_linger (p->socket, 0);
  /* A key that is no longer let in leaves the socket without a pipe: sending would wait for ever. */
  zsock_set_sndtimeo (p->socket, SEND_MS);
  CHECK (p->invite.addresses_n > 0);
  char address[ADDRESS_MAX + 1];
  snprintf (address, sizeof address, "%.*s", STR_ARG (p->invite.addresses[0]));
  CHECK (zsock_connect (p->socket, "%s", address) == 0);
}

void
peer_send_raw (peer_t *p, str_t frame)
{
  zmq_send (zsock_resolve (p->socket), frame.p, frame.n, 0);
}

void
peer_send_two (peer_t *p, str_t a, str_t b)
{
  zmq_send (zsock_resolve (p->socket), a.p, a.n, ZMQ_SNDMORE);
  zmq_send (zsock_resolve (p->socket), b.p, b.n, 0);
}

void
peer_send (peer_t *p, const message_t *m)
{
  buf_t frame = BUF_INIT;
  CHECK (message_encode (m, &frame));
  peer_send_raw (p, buf_str (&frame));
  buf_free (&frame);
}

const message_t *
peer_receive (peer_t *p, int64_t timeout_ms)
{
  void *s = zsock_resolve (p->socket);
  int timeout = (int)timeout_ms;
  zmq_setsockopt (s, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
  zmq_msg_t msg;
  zmq_msg_init (&msg);
  const message_t *result = NULL;
  if (zmq_msg_recv (&msg, s, 0) >= 0) {
    buf_clear (&p->frame);
    buf_put (&p->frame, zmq_msg_data (&msg), zmq_msg_size (&msg));
    arena_reset (p->receive);
    memset (&p->message, 0, sizeof p->message);
    if (message_decode (buf_str (&p->frame), p->receive, &p->message) == ERR_OK)
      result = &p->message;
  }
  zmq_msg_close (&msg);
  if (result != NULL && result->type == MSG_ACK && store_id_eq (result->u.ack.store, p->store))
    p->cursor = result->u.ack.seq;
  return result;
}

const message_t *
peer_receive_type (peer_t *p, message_type_t type, int64_t timeout_ms)
{
  mono_t end = {clock_mono ().ms + timeout_ms};
  for (;;) {
    int64_t left = end.ms - clock_mono ().ms;
    if (left <= 0)
      return NULL;
    const message_t *m = peer_receive (p, left);
    if (m != NULL && m->type == type)
      return m;
  }
}

void *
peer_socket (peer_t *p)
{
  return zsock_resolve (p->socket);
}

bool
peer_enrol (peer_t *p)
{
  return peer_enrol_by (p, PEER_ONCE);
}

bool
peer_enrol_by (peer_t *p, peer_key_t key)
{
  peer_connect (p, key);
  message_t m = {.type = MSG_ENROL};
  msg_enrol_t *e = &m.u.enrol;
  e->invite = p->invite.id;
  e->curve_key = p->pub;
  e->sign_key = p->sign_pub;
  buf_t proof = BUF_INIT;
  buf_put (&proof, p->invite.id.b, 16);
  buf_put (&proof, p->pub.b, 32);
  e->proof = sign_make (SIGN_ENROL, buf_str (&proof), &p->sign_secret);
  buf_free (&proof);
  e->host = STR ("test");
  e->program = STR ("peer");
  peer_send (p, &m);
  const message_t *answer = peer_receive_type (p, MSG_ENROLLED, 10000);
  agent_certificate_t certificate;
  if (answer == NULL || !answer->u.enrolled.certificate.given ||
      agent_certificate_decode (answer->u.enrolled.certificate.body, p->receive, &certificate) != ERR_OK)
    return false;
  p->serial = certificate.serial;
  return true;
}

bool
peer_hello (peer_t *p, int64_t timeout_ms)
{
  peer_connect (p, PEER_OWN);
  stream_state_t stream = {.store = p->store, .last_seq = p->added_n, .last_acked = p->cursor};
  stream.hash_at_acked = peer_hash_at (p, p->cursor);
  message_t m = {.type = MSG_HELLO};
  msg_hello_t *h = &m.u.hello;
  h->protocols[0] = WIRE_PROTOCOL;
  h->protocols_n = 1;
  h->streams = &stream;
  h->streams_n = 1;
  h->boot = 1;
  h->program = STR ("peer");
  h->agent_time = clock_wall ();
  h->down_credit = DOWN_CREDIT_BYTES;
  peer_send (p, &m);
  const message_t *w = peer_receive_type (p, MSG_WELCOME, timeout_ms);
  if (w == NULL || w->u.welcome.streams_n != 1)
    return false;
  p->token = w->u.welcome.token;
  p->cursor = w->u.welcome.streams[0].cursor;
  return true;
}

str_t
peer_add (peer_t *p, update_t *u)
{
  u->version.store = p->store;
  u->version.seq = p->added_n + 1;
  size_t at = p->bytes.n;
  CHECK (update_encode (u, &p->bytes));
  if (p->added_n == p->added_cap) {
    p->added_cap = p->added_cap == 0 ? 1024 : p->added_cap * 2;
    p->added = realloc (p->added, p->added_cap * sizeof *p->added);
    CHECK (p->added != NULL);
  }
  str_t bytes = {p->bytes.p + at, p->bytes.n - at};
  p->added[p->added_n] = (added_t){at, bytes.n, chain_next (peer_hash_at (p, p->added_n), bytes)};
  p->added_n++;
  return bytes;
}

void
peer_chunk (peer_t *p, uint64_t first, size_t n, message_t *out)
{
  CHECK (first >= 1 && first - 1 + n <= p->added_n);
  if (n > p->views_cap) {
    p->views = realloc (p->views, n * sizeof *p->views);
    CHECK (p->views != NULL);
    p->views_cap = n;
  }
  for (size_t i = 0; i < n; i++) {
    const added_t *a = &p->added[first - 1 + i];
    p->views[i] = (str_t){p->bytes.p + a->at, a->n};
  }
  memset (out, 0, sizeof *out);
  out->type = MSG_CHUNK;
  msg_chunk_t *c = &out->u.chunk;
  c->token = p->token;
  c->store = p->store;
  c->first_seq = first;
  c->previous_hash = peer_hash_at (p, first - 1);
  c->updates = p->views;
  c->updates_n = n;
  c->head = (signed_head_t){.store = p->store, .seq = first - 1 + n, .serial = p->serial, .given = true};
  c->head.hash = peer_hash_at (p, c->head.seq);
  buf_t covered = BUF_INIT;
  head_bytes (p->store, c->head.seq, c->head.hash, p->serial, &covered);
  c->head.signature = sign_make (SIGN_HEAD, buf_str (&covered), &p->sign_secret);
  buf_free (&covered);
}

bool
peer_wait_ack (peer_t *p, uint64_t seq, int64_t timeout_ms)
{
  mono_t end = {clock_mono ().ms + timeout_ms};
  while (p->cursor < seq) {
    int64_t left = end.ms - clock_mono ().ms;
    if (left <= 0)
      return false;
    const message_t *m = peer_receive (p, left);
    if (m != NULL && m->type == MSG_BYE)
      return false;
  }
  return true;
}

void
peer_scheme (peer_t *p, uint64_t n, update_t *out)
{
  uint8_t random[10];
  crypto_random (random, sizeof random);
  memset (out, 0, sizeof *out);
  out->id = record_id_make (clock_wall (), random);
  out->home = p->invite.unit;
  out->operation = OP_PUT;
  out->person = STR ("test");
  out->agent_time = clock_wall ();
  out->record.kind = KIND_SCHEME;
  scheme_t *s = &out->record.u.scheme;
  snprintf (p->code, sizeof p->code, "T-%.*s-%llu", STR_ARG (p->invite.unit_code), (unsigned long long)n);
  snprintf (p->name, sizeof p->name, "Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến (%s)", p->code);
  s->code = str_of (p->code);
  s->name = str_of (p->name);
  s->district = p->invite.unit;
  s->plan_year = (span_t){(uint16_t)(2014 + n % 7), (uint16_t)(2014 + n % 7)};
  s->item = STR ("III.3");
  s->status = STATUS_APPROVED;
  s->kind = SCHEME_SINGLE;
  s->approved_on = 20190627;
  s->matching_vnd = (opt_i64_t){true, 120000000};
  s->funding_n = 1;
  s->funding[0].source = (source_id_t)(1 + n % 3);
  s->funding[0].planned_vnd = (opt_i64_t){true, 30000000};
  s->funding[0].approved_vnd = (opt_i64_t){true, 30000000 + (int64_t)(n % 100) * 100000};
}

unit_id_t
peer_unit (const peer_t *p)
{
  return p->invite.unit;
}

store_id_t
peer_store (const peer_t *p)
{
  return p->store;
}

uint64_t
peer_token (const peer_t *p)
{
  return p->token;
}

uint64_t
peer_cursor (const peer_t *p)
{
  return p->cursor;
}

uint64_t
peer_last_seq (const peer_t *p)
{
  return p->added_n;
}

hash_t
peer_hash_at (const peer_t *p, uint64_t seq)
{
  CHECK (seq <= p->added_n);
  return seq == 0 ? p->start : p->added[seq - 1].hash;
}

const invite_t *
peer_invite (const peer_t *p)
{
  return &p->invite;
}
