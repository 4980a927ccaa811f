/* bundle_reply.c - bundles, the answer: what WELCOME and DOWN would say on the line. */
#include "collector/ledger/bundle_private.h"

#include "common/crypto/crypto.h"

#define DOWN_BYTES (DOWN_MAX / 2) /* as a session asks for */
#define DOWN_ARENA (4u << 20)

/* As a session answers a HELLO. */
static err_t
cursor_of (ledger_t *l, kv_txn_t *txn, uint32_t serial, const stream_state_t *mine, stream_cursor_t *out)
{
  uint32_t owner = 0;
  hash_t there;
  *out = (stream_cursor_t){.store = mine->store, .acked_fits = mine->last_acked == 0};
  err_t err = ledger_cursor (l, txn, mine->store, &out->cursor, &out->hash, &owner);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err == ERR_OK && owner != serial) { /* another agent's stream: its chain is nobody else's to continue */
    *out = (stream_cursor_t){.store = mine->store, .cursor = mine->last_acked};
    return ERR_OK;
  }
  if (err != ERR_OK || mine->last_acked == 0 || mine->last_acked > out->cursor)
    return err;
  err = ledger_chain_at (l, txn, mine->store, mine->last_acked, &there);
  out->acked_fits = err == ERR_OK && hash_eq (there, mine->hash_at_acked);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* The last place of its present stream that both have alike, as far as the file tells: a line would ask for
 * it, should the agent find that its store is an old copy. out->cursor 0: none is known. */
static err_t
find_common (ledger_t *l, kv_txn_t *txn, const bundle_in_t *b, const stream_cursor_t *at,
             stream_cursor_t *out)
{
  message_t m;
  arena_t *arena = arena_new (DECODE_BUDGET (FRAME_MAX));
  *out = (stream_cursor_t){.store = at->store, .acked_fits = true};
  err_t err = arena != NULL ? bundle_rewind (b->file, 2 + b->refills) : ERR_NOMEM;
  for (bool alike = true;
       alike && err == ERR_OK && (err = bundle_next_message (b->file, arena, &m)) == ERR_OK;) {
    const msg_chunk_t *c = &m.u.chunk;
    hash_t hash = c->previous_hash, there;
    for (size_t i = 0; alike && err == ERR_OK && i < c->updates_n; i++) {
      const uint64_t seq = c->first_seq + i;
      hash = chain_next (hash, c->updates[i]);
      err = seq <= at->cursor ? ledger_chain_at (l, txn, at->store, seq, &there) : ERR_NOT_FOUND;
      alike = err == ERR_OK && hash_eq (hash, there);
      if (alike) {
        out->cursor = seq;
        out->hash = hash;
      }
    }
  }
  arena_destroy (&arena);
  return err == ERR_END || err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Behind the streams of the HELLO the present one stands once more with that place, where we hold more. */
static err_t
put_welcome (ledger_t *l, kv_txn_t *txn, const bundle_in_t *b, wall_t now, bundle_writer_t *w)
{
  stream_cursor_t cursor[STREAMS_PER_HELLO_MAX];
  message_t m = {.type = MSG_WELCOME};
  msg_welcome_t *say = &m.u.welcome;
  *say = (msg_welcome_t){.protocol = WIRE_PROTOCOL,
                         .streams = cursor,
                         .collector_time = now,
                         .program = STR ("kc-collector " KC_VERSION)};
  err_t err = ledger_end (l, txn, &say->end, NULL);
  for (size_t i = 0; err == ERR_OK && i < b->stream_n; i++)
    if (!b->stream[i].centre) /* of our own nobody could answer by sending more */
      err = cursor_of (l, txn, b->from.serial, &b->stream[i], &cursor[say->streams_n++]);
  if (err == ERR_OK && say->streams_n < STREAMS_PER_HELLO_MAX) {
    err = find_common (l, txn, b, &cursor[0], &cursor[say->streams_n]);
    const uint64_t common = cursor[say->streams_n].cursor;
    say->streams_n += common > 0 && common < cursor[0].cursor;
  }
  if (err != ERR_OK)
    return err;
  return bundle_put (w, &m) ? ERR_OK : ERR_NOMEM;
}

static err_t
put_downs (ledger_t *l, kv_txn_t *txn, const bundle_in_t *b, bundle_writer_t *w, bool *complete, fail_t *fail)
{
  catalogue_t *catalogue = NULL;
  arena_t *arena = arena_new (DOWN_ARENA);
  position_t from = b->from.down;
  err_t err = arena != NULL ? ledger_catalogue_load (txn, &catalogue, fail) : ERR_NOMEM;
  const listener_t who = {.unit = b->from.unit,
                          .role = b->from.role,
                          .serial = b->from.serial,
                          .own = b->own,
                          .own_n = b->own_n,
                          .catalogue = catalogue};
  *complete = false;
  while (err == ERR_OK && !*complete && bundle_has_room (w)) {
    message_t m = {.type = MSG_DOWN};
    msg_down_t *d = &m.u.down;
    arena_reset (arena);
    err = ledger_down (l, txn, &who, from, DOWN_BYTES, arena, d);
    if (err != ERR_OK)
      break;
    const bool moves = d->epoch != from.epoch || d->last_lsn > from.lsn;
    *complete = d->complete;
    from = (position_t){d->epoch, d->last_lsn};
    if (moves && !bundle_put (w, &m))
      err = ERR_NOMEM;
  }
  catalogue_destroy (&catalogue);
  arena_destroy (&arena);
  return err;
}

err_t
ledger_bundle_reply (ledger_t *l, kv_txn_t *txn, const bundle_in_t *b, wall_t now, buf_t *out, bool *complete,
                     fail_t *fail)
{
  const bundle_head_t head = {
      .kind = BUNDLE_REPLY, .centre = l->keys.centre_id, .to = b->curve, .answers = bundle_name (b->file)};
  agent_full_t agent;
  err_t err = agent_get (txn, b->from.serial, &agent);
  if (err == ERR_OK && agent.row.state == AGENT_REVOKED)
    return bundle_revoked (b->from.agent, fail); /* meanwhile */
  bundle_writer_t *w = bundle_writer_new (&head, out);
  err = w != NULL ? put_welcome (l, txn, b, now, w) : ERR_NOMEM;
  if (err == ERR_OK)
    err = put_downs (l, txn, b, w, complete, fail);
  if (err == ERR_OK && !bundle_end (w, 0, &l->keys.centre_secret))
    err = ERR_NOMEM;
  bundle_writer_destroy (&w);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}
