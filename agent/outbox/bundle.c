/* bundle.c - the office's end of a session in a file.
 *
 * The file says what HELLO and the chunks behind it would say on the line, and the reply what WELCOME and the
 * DOWNs would. Nothing is marked acknowledged that the centre has not said to hold in our chain, as there.
 * What a file adds is that it may be old: one that was left in a drawer while the centre was restored speaks
 * of an epoch that is over, and would turn our cursor back. */
#include "agent/outbox/bundle.h"

#include "agent/outbox/internal.h"
#include "common/base/lang.h"
#include "common/wire/bundle_wire.h"

#define BUNDLE_BUDGET DECODE_BUDGET (FRAME_MAX)
#define OWN_STREAMS_MAX 17u /* as on the line */
#define DAY_MS INT64_C (86400000)

/* The centre's id and our certificate, in the arena. */
static err_t
read_papers (outbox_t *o, arena_t *arena, record_id_t *centre, signed_t *certificate)
{
  kv_txn_t *txn = NULL;
  signed_t s = {0};
  centre_certificate_t c;
  err_t err = kv_begin (o->kv, false, &txn);
  if (err == ERR_OK)
    err = outbox_signed_get (txn, META_CENTRE, &s);
  if (err == ERR_OK)
    err = centre_certificate_decode (s.body, arena, &c);
  if (err == ERR_OK) {
    *centre = c.centre_id;
    err = outbox_signed_get (txn, META_CERTIFICATE, certificate);
  }
  if (err == ERR_OK) {
    certificate->body = arena_str (arena, certificate->body);
    err = certificate->body.p != NULL ? ERR_OK : ERR_NOMEM;
  }
  kv_abort (&txn);
  return err == ERR_NOT_FOUND || err == ERR_MALFORMED ? ERR_DAMAGED : err;
}

/* ---- export ---- */

static err_t
put_opening (outbox_t *o, bundle_writer_t *w, const facts_t *f, const signed_t *certificate, str_t program,
             wall_t now)
{
  stream_state_t streams[STREAMS_PER_HELLO_MAX];
  message_t present = {.type = MSG_PRESENT}, hello = {.type = MSG_HELLO};
  size_t n = outbox_streams (o, f, streams, OWN_STREAMS_MAX);
  for (size_t i = 0; i < f->centre_n && n < STREAMS_PER_HELLO_MAX; i++)
    streams[n++] = f->centre[i];
  present.u.present.certificate = *certificate;
  hello.u.hello = (msg_hello_t){.protocols = {WIRE_PROTOCOL},
                                .protocols_n = 1,
                                .streams = streams,
                                .streams_n = n,
                                .boot = f->boot,
                                .epochs = f->epochs,
                                .epochs_n = f->epochs_n,
                                .down = f->down,
                                .program = program,
                                .agent_time = now,
                                .pending = f->pending,
                                .oldest = f->oldest_pending};
  return bundle_put (w, &present) && bundle_put (w, &hello) ? ERR_OK : ERR_NOMEM;
}

static err_t
put_refill (outbox_t *o, bundle_writer_t *w, const stream_state_t *held, arena_t *arena)
{
  err_t err = ERR_OK;
  for (uint64_t seq = 1; err == ERR_OK && seq <= held->last_seq && bundle_has_room (w);) {
    message_t m = {.type = MSG_CHUNK};
    arena_reset (arena);
    err = outbox_read_refill (o, held->store, seq, arena, &m.u.chunk);
    if (err == ERR_NOT_FOUND)
      return ERR_OK; /* no head further on */
    if (err == ERR_OK && !bundle_put (w, &m))
      err = ERR_NOMEM;
    seq += m.u.chunk.updates_n;
  }
  return err;
}

/* The centre's own streams, as far as we can prove them to be its, and those of ours that we have left: for a
 * centre that was restored, which is asked for nothing else. They go first, in the order of the line. */
static err_t
put_refills (outbox_t *o, bundle_writer_t *w, const facts_t *f)
{
  stream_state_t ours[OWN_STREAMS_MAX];
  const size_t n = outbox_streams (o, f, ours, OWN_STREAMS_MAX);
  arena_t *arena = arena_new (CHUNK_MAX * 2u + CHUNK_UPDATES_MAX * 64u);
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  for (size_t i = 0; err == ERR_OK && i < f->centre_n; i++)
    err = put_refill (o, w, &f->centre[i], arena);
  for (size_t i = n - 1; err == ERR_OK && i > 0; i--)
    err = put_refill (o, w, &ours[i], arena);
  arena_destroy (&arena);
  return err;
}

static err_t
put_chunks (outbox_t *o, bundle_writer_t *w, bundle_made_t *made)
{
  arena_t *arena = arena_new (CHUNK_MAX * 2u + CHUNK_UPDATES_MAX * 64u);
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  for (uint64_t seq = made->first_seq; err == ERR_OK && seq <= made->end && bundle_has_room (w);
       seq = made->last_seq + 1) {
    message_t m = {.type = MSG_CHUNK};
    arena_reset (arena);
    err = outbox_read_chunk (o, seq, CHUNK_TARGET_MAX, arena, &m.u.chunk);
    if (err == ERR_OK && !bundle_put (w, &m))
      err = ERR_NOMEM;
    if (err == ERR_OK)
      made->last_seq = m.u.chunk.head.seq;
  }
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

err_t
outbox_bundle_export (outbox_t *o, uint64_t first_seq, str_t program, wall_t now, buf_t *out,
                      bundle_made_t *made, fail_t *fail)
{
  facts_t f;
  signed_t certificate = {0};
  bundle_head_t head = {.kind = BUNDLE_UP, .to = o->identity.server_new}; /* the centre opens either */
  bundle_writer_t *w = NULL;
  arena_t *arena = arena_new (BUNDLE_BUDGET);
  err_t err = arena != NULL ? outbox_facts (o, &f) : ERR_NOMEM;
  if (err == ERR_OK)
    err = read_papers (o, arena, &head.centre, &certificate);
  if (err != ERR_OK)
    goto done;
  *made = (bundle_made_t){.first_seq = first_seq != 0 ? first_seq : f.acked + 1, .end = f.last_seq};
  made->last_seq = made->first_seq - 1;
  w = bundle_writer_new (&head, out);
  err = w != NULL ? put_opening (o, w, &f, &certificate, program, now) : ERR_NOMEM;
  if (err == ERR_OK && first_seq != 0)
    err = put_refills (o, w, &f);
  if (err == ERR_OK)
    err = put_chunks (o, w, made);
  if (err == ERR_OK && !bundle_end (w, o->identity.serial, &o->identity.sign_secret))
    err = ERR_NOMEM;
  if (made->end < made->last_seq)
    made->end = made->last_seq; /* entered meanwhile */
done:
  bundle_writer_destroy (&w);
  arena_destroy (&arena);
  return outbox_fail (fail, err);
}

uint64_t
outbox_waiting_days (const facts_t *f, wall_t last_contact, wall_t now)
{
  const int64_t since = f->oldest_pending.ms > last_contact.ms ? f->oldest_pending.ms : last_contact.ms;
  return f->pending > 0 && now.ms > since && since > 0 ? (uint64_t)((now.ms - since) / DAY_MS) : 0;
}

/* ---- the reply ---- */

static bool
epoch_is_over (const facts_t *f, uint64_t epoch)
{
  for (size_t i = 0; i < f->epochs_n; i++)
    if (f->epochs[i] == epoch)
      return epoch != f->down.epoch;
  return false;
}

/* The last place that the centre is known to have as we do: it may be named behind our stream's own cursor.
 */
static err_t
find_common (outbox_t *o, const facts_t *f, const msg_welcome_t *w, const stream_cursor_t *at,
             uint64_t *common)
{
  hash_t ours;
  err_t err = ERR_OK;
  *common = at->acked_fits ? f->acked : 0;
  for (const stream_cursor_t *c = at + 1; err == ERR_OK && c < w->streams + w->streams_n; c++) {
    if (!store_id_eq (c->store, f->store) || c->cursor <= *common || c->cursor > f->last_seq)
      continue;
    err = outbox_hash_at (o, c->cursor, &ours);
    if (err == ERR_OK && hash_eq (ours, c->hash))
      *common = c->cursor;
  }
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
}

/* Does the centre speak of our stream, and hold it as we have it? If it has more, or something else under our
 * numbers, the stream goes on as a new one from that place. */
static err_t
check_welcome (outbox_t *o, const facts_t *f, const msg_welcome_t *w, wall_t now, uint64_t *cursor,
               bool *forked, fail_t *fail)
{
  const stream_cursor_t *at = NULL;
  hash_t ours;
  for (size_t i = 0; i < w->streams_n; i++)
    if (at == NULL && store_id_eq (w->streams[i].store, f->store))
      at = &w->streams[i];
  if (at == NULL)
    return fail_set (
        fail, ERR_FOREIGN,
        L ("tệp trả lời nói về một kho khác của máy này (kho đã được làm lại từ đó); hãy xuất tệp mới",
           "the reply is about another store of this PC (it was made anew since); export again"));
  if (epoch_is_over (f, w->end.epoch))
    return fail_set (
        fail, ERR_INPUT,
        L ("tệp trả lời có từ trước khi trung tâm khôi phục kho, không dùng được nữa; hãy xuất tệp "
           "mới",
           "the reply is of before the centre restored its store, and of no use now; export again"));
  const bool older = at->cursor > f->last_seq;
  err_t err = older ? ERR_OK : outbox_hash_at (o, at->cursor, &ours);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  *forked =
      older || (at->cursor > 0 && !hash_eq (ours, at->hash)) || (at->cursor >= f->acked && !at->acked_fits);
  if (*forked) {
    uint64_t common = 0;
    err = find_common (o, f, w, at, &common);
    return err == ERR_OK ? outbox_fork (o, f->store, common, older ? FORK_OLDER : FORK_TWIN, now) : err;
  }
  *cursor = at->cursor;
  return ERR_OK;
}

static err_t
unreadable (err_t err, fail_t *fail)
{
  if (err != ERR_END && err != ERR_OK && err != ERR_MALFORMED && err != ERR_TOO_BIG && err != ERR_VERSION)
    return err;
  return fail_set (fail, ERR_INPUT,
                   L ("tệp trả lời có phần mà phiên bản này không đọc được; hãy cập nhật chương trình",
                      "the reply has a part this version cannot read; update the program"));
}

static err_t
take_reply (outbox_t *o, bundle_t *b, arena_t *arena, const facts_t *f, wall_t now, bundle_taken_t *taken,
            fail_t *fail)
{
  message_t m;
  uint64_t cursor = 0;
  err_t err = bundle_next_message (b, arena, &m);
  if (err != ERR_OK || m.type != MSG_WELCOME)
    return unreadable (err, fail);
  err = check_welcome (o, f, &m.u.welcome, now, &cursor, &taken->forked, fail);
  if (err != ERR_OK || taken->forked)
    return err; /* what comes down to the new stream is more than this */
  taken->complete = true;
  while ((err = bundle_next_message (b, arena, &m)) == ERR_OK && m.type == MSG_DOWN) {
    err = outbox_down (o, &m.u.down, now, fail);
    taken->complete = err == ERR_OK && m.u.down.complete;
    if (err == ERR_END)
      break; /* it is to be told anew; what stands behind is of no use before */
    if (err != ERR_OK)
      return err;
  }
  if (err != ERR_END)
    return unreadable (err, fail);
  return cursor > f->acked ? outbox_acked (o, cursor, now) : ERR_OK;
}

err_t
outbox_bundle_import (outbox_t *o, str_t file, wall_t now, bundle_taken_t *taken, fail_t *fail)
{
  facts_t f;
  signed_t certificate = {0};
  bundle_t *b = NULL;
  bundle_head_t want = {.kind = BUNDLE_REPLY, .to = o->identity.curve};
  arena_t *arena = arena_new (BUNDLE_BUDGET);
  err_t err = arena != NULL ? outbox_facts (o, &f) : ERR_NOMEM;
  if (err == ERR_OK)
    err = read_papers (o, arena, &want.centre, &certificate);
  if (err == ERR_OK)
    err = bundle_open (file, &want, &o->identity.curve_secret, &b, fail);
  if (err == ERR_OK && (bundle_serial (b) != 0 || !bundle_signed_by (b, &o->identity.centre)))
    err = fail_set (fail, ERR_INPUT,
                    L ("tệp trả lời không có chữ ký của trung tâm mình; không lấy gì từ nó",
                       "the reply is not signed by our centre; nothing is taken of it"));
  if (err == ERR_OK) {
    *taken = (bundle_taken_t){.acked_before = f.acked, .before = f.down};
    err = take_reply (o, b, arena, &f, now, taken, fail);
  }
  if (err == ERR_FORGED)
    err = ERR_INPUT; /* a file, not a line: there are words already */
  if (err == ERR_OK)
    err = outbox_facts (o, &f);
  if (err == ERR_OK) {
    taken->acked = f.acked;
    taken->at = f.down;
  }
  bundle_destroy (&b);
  arena_destroy (&arena);
  return outbox_fail (fail, err);
}
