/* bundle.c - the centre's end of a session in a file.
 *
 * Who a peer is the handshake says on the line; here the certificate in front says it, held against the
 * roster, and the signature over the whole file proves it. What follows is as on the line: the cursor tells
 * what is a repeat, a chunk that does not go on where its stream stands changes nothing. A gap is the one
 * thing a line heals by itself and a file cannot: a person has to ask for another file, so it is said which.
 */
#include "collector/ledger/bundle_private.h"
#include "collector/ledger/rotation.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/wire/message_wire.h"

#include <inttypes.h>
#include <stdlib.h>

#define FRAME_BUDGET DECODE_BUDGET (FRAME_MAX)

const bundle_source_t *
ledger_bundle_source (const bundle_in_t *b)
{
  return &b->from;
}

void
ledger_bundle_close (bundle_in_t **self_p)
{
  bundle_in_t *b = *self_p;
  if (b == NULL)
    return;
  bundle_destroy (&b->file);
  buf_free (&b->name);
  buf_free (&b->present);
  buf_free (&b->hello);
  buf_free (&b->pending);
  buf_free (&b->frames);
  free (b);
  *self_p = NULL;
}

/* ---- whose it is ---- */

err_t
bundle_unreadable (fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("tệp trao đổi có phần mà phiên bản này không đọc được; hãy cập nhật chương trình",
                      "the bundle has a part this version cannot read; update the program"));
}

static bool
enrolled_here (const ledger_t *l, const signed_t *s)
{
  return sign_check (SIGN_AGENT_CERTIFICATE, s->body, s->signature, &l->keys.centre);
}

err_t
bundle_stranger (fail_t *fail)
{
  return fail_set (fail, ERR_FOREIGN,
                   L ("tệp trao đổi của một máy mà trung tâm này không cấp phép; không lấy gì từ nó",
                      "the bundle is of a PC this centre never enrolled; nothing is taken of it"));
}

err_t
bundle_revoked (str_t agent, fail_t *fail)
{
  return fail_set (fail, ERR_FOREIGN,
                   L ("máy %.*s đã bị thu hồi; không lấy gì từ tệp của nó",
                      "agent %.*s is revoked; nothing is taken of its file"),
                   STR_ARG (agent));
}

err_t
bundle_replaced (str_t agent, fail_t *fail)
{
  return fail_set (
      fail, ERR_FOREIGN,
      L ("tệp trao đổi làm trước khi máy %.*s đổi khóa, hoặc từ bản chép cũ của kho; hãy làm tệp mới "
         "bằng “kc-agent bundle export”",
         "the bundle was made before agent %.*s got new keys, or from an old copy of its store; make "
         "a new one with \"kc-agent bundle export\""),
      STR_ARG (agent));
}

/* Keys and state as the roster has them. One that a restored centre has forgotten is who its certificate
 * says: it is let in again when its updates are taken. */
static err_t
find_agent (ledger_t *l, kv_txn_t *txn, const signed_t *s, const agent_certificate_t *c, agent_row_t *out,
            fail_t *fail)
{
  agent_full_t agent;
  bool away = false;
  err_t err = agent_get (txn, c->serial, &agent);
  if (err == ERR_NOT_FOUND && bundle_after_restore (l) && enrolled_here (l, s)) {
    err = roster_turned_away (txn, c->agent, &away);
    *out = (agent_row_t){.name = c->agent, .unit = c->unit, .role = c->role};
    return err == ERR_OK && away ? bundle_revoked (c->agent, fail) : err;
  }
  if (err == ERR_NOT_FOUND || (err == ERR_OK && !agent_has_keys (&agent.row, &c->curve_key, &c->sign_key)))
    return bundle_stranger (fail);
  if (err == ERR_OK && agent.row.state == AGENT_REVOKED)
    return bundle_revoked (agent.row.name, fail);
  if (err == ERR_OK && !agent_is_present (&agent.row))
    return bundle_replaced (agent.row.name, fail);
  *out = agent.row;
  return err;
}

static err_t
identify (bundle_in_t *b, ledger_t *l, kv_txn_t *txn, const signed_t *s, arena_t *arena, fail_t *fail)
{
  agent_certificate_t c;
  agent_row_t agent = {0};
  if (!s->given || agent_certificate_decode (s->body, arena, &c) != ERR_OK)
    return bundle_unreadable (fail);
  err_t err = find_agent (l, txn, s, &c, &agent, fail);
  if (err != ERR_OK)
    return err;
  if (bundle_serial (b->file) != c.serial || !bundle_signed_by (b->file, &c.sign_key))
    return fail_set (fail, ERR_INPUT,
                     L ("tệp trao đổi không có chữ ký đúng của máy %.*s; không lấy gì từ nó",
                        "the bundle is not signed by agent %.*s; nothing is taken of it"),
                     STR_ARG (agent.name));
  buf_put (&b->name, agent.name.p, agent.name.n);
  b->curve = c.curve_key;
  b->from.serial = agent_number (&c);
  b->from.unit = agent.unit;
  b->from.role = agent.role;
  b->from.agent = buf_str (&b->name);
  return buf_ok (&b->name) ? ERR_OK : ERR_NOMEM;
}

/* Its present stream comes first; of the others it says how much it has. */
static void
keep_hello (bundle_in_t *b, const msg_hello_t *h)
{
  for (size_t i = 0; i < h->streams_n && i < STREAMS_PER_HELLO_MAX; i++) {
    const stream_state_t *s = &h->streams[i];
    b->stream[b->stream_n++] = *s;
    if (!s->centre)
      b->own[b->own_n++] = (own_stream_t){.store = s->store, .upto = i == 0 ? UINT64_MAX : s->last_seq};
  }
  b->from.stream = h->streams[0].store;
  b->from.last_seq = h->streams[0].last_seq;
  b->from.made = h->agent_time;
  b->from.down = h->down;
  b->from.present = buf_str (&b->present);
  b->from.hello = buf_str (&b->hello);
}

static err_t
keep_frame (bundle_in_t *b, message_type_t type, arena_t *arena, buf_t *frame, message_t *m)
{
  str_t bytes;
  err_t err = bundle_next (b->file, &bytes);
  if (err != ERR_OK)
    return err;
  buf_put (frame, bytes.p, bytes.n);
  arena_reset (arena);
  err = buf_ok (frame) ? message_decode (buf_str (frame), arena, m) : ERR_NOMEM;
  return err == ERR_OK && m->type != type ? ERR_MALFORMED : err;
}

static err_t
read_opening (bundle_in_t *b, ledger_t *l, kv_txn_t *txn, arena_t *arena, fail_t *fail)
{
  message_t m;
  err_t err = keep_frame (b, MSG_PRESENT, arena, &b->present, &m);
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK)
    return bundle_unreadable (fail);
  err = identify (b, l, txn, &m.u.present.certificate, arena, fail);
  if (err != ERR_OK)
    return err;
  err = keep_frame (b, MSG_HELLO, arena, &b->hello, &m);
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK || m.u.hello.streams_n == 0 || m.u.hello.streams[0].centre)
    return bundle_unreadable (fail);
  keep_hello (b, &m.u.hello);
  return ERR_OK;
}

/* ---- the chunks ---- */

err_t
ledger_bundle_next (bundle_in_t *b, size_t max_bytes, str_t frames[BUNDLE_FRAMES_MAX], size_t *n)
{
  size_t length[BUNDLE_FRAMES_MAX];
  str_t frame = buf_str (&b->pending);
  err_t err = ERR_OK;
  *n = 0;
  buf_clear (&b->frames);
  while (*n < BUNDLE_FRAMES_MAX) {
    if (frame.n == 0 && (err = bundle_next (b->file, &frame)) != ERR_OK)
      break;
    if (*n > 0 && b->frames.n + frame.n > max_bytes) {
      buf_put (&b->pending, frame.p, frame.n);
      break;
    }
    buf_put (&b->frames, frame.p, frame.n);
    length[(*n)++] = frame.n;
    buf_clear (&b->pending);
    frame = STR_NONE;
  }
  if (!buf_ok (&b->frames) || !buf_ok (&b->pending))
    return ERR_NOMEM;
  size_t at = 0;
  for (size_t i = 0; i < *n; at += length[i++])
    frames[i] = (str_t){b->frames.p + at, length[i]};
  return err == ERR_END ? ERR_OK : err;
}

static bool
is_refill (const bundle_in_t *b, store_id_t stream)
{
  for (size_t i = 1; i < b->stream_n; i++)
    if (store_id_eq (b->stream[i].store, stream))
      return true;
  return false;
}

/* All of them once: which updates they hold, and that they are chunks of its stream without a gap, behind
 * those of our own. */
static err_t
survey (bundle_in_t *b, arena_t *arena, fail_t *fail)
{
  message_t m;
  err_t err;
  b->from.first = 1;
  b->from.upto = 0;
  while ((err = bundle_next_message (b->file, arena, &m)) == ERR_OK) {
    const msg_chunk_t *c = &m.u.chunk;
    if (m.type == MSG_CHUNK && b->from.upto == 0 && is_refill (b, c->store)) {
      b->refills++;
      continue;
    }
    if (m.type != MSG_CHUNK || !store_id_eq (c->store, b->from.stream) ||
        (b->from.upto > 0 && c->first_seq != b->from.upto + 1))
      return bundle_unreadable (fail);
    if (b->from.upto == 0)
      b->from.first = c->first_seq;
    b->from.upto = c->first_seq + c->updates_n - 1;
  }
  return err == ERR_END ? ERR_OK : err == ERR_NOMEM ? err : bundle_unreadable (fail);
}

err_t
ledger_bundle_open (ledger_t *l, kv_txn_t *txn, str_t file, bundle_in_t **out, fail_t *fail)
{
  bundle_head_t want = {.kind = BUNDLE_UP, .centre = l->keys.centre_id};
  rotation_t r = {.given = false};
  bundle_in_t *b = calloc (1, sizeof *b);
  arena_t *arena = arena_new (FRAME_BUDGET);
  err_t err = b != NULL && arena != NULL ? rotation_pending (txn, arena, &r) : ERR_NOMEM;
  bool open = false;
  if (err == ERR_OK && r.given) { /* sealed to the key that is coming? */
    curve_public_of (&r.secret, &want.to);
    open = bundle_open (file, &want, &r.secret, &b->file, NULL) == ERR_OK;
  }
  want.to = l->keys.curve;
  if (err == ERR_OK && !open)
    err = bundle_open (file, &want, &l->keys.curve_secret, &b->file, fail);
  crypto_wipe (&r.secret, sizeof r.secret);
  arena_reset (arena);
  if (err == ERR_OK)
    err = read_opening (b, l, txn, arena, fail);
  if (err == ERR_OK)
    err = survey (b, arena, fail);
  if (err == ERR_OK)
    err = bundle_rewind (b->file,
                         2 + (bundle_after_restore (l) ? 0 : b->refills)); /* PRESENT and HELLO are known */
  if (err == ERR_OK) {
    *out = b;
    b = NULL;
  }
  ledger_bundle_close (&b);
  arena_destroy (&arena);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

/* ---- does it go on where the stream stands? ---- */

err_t
bundle_gap (str_t agent, uint64_t cursor, uint64_t first, fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("thiếu tệp trước đó của máy %.*s: trung tâm mới có đến số %" PRIu64
                      ", tệp này bắt đầu từ số %" PRIu64
                      ". Hãy nhập tệp xuất trước đó, hoặc xin đơn vị xuất lại từ số %" PRIu64
                      ": kc-agent bundle export DIR FILE --from %" PRIu64,
                      "an earlier file of agent %.*s is missing: the centre has its updates up to %" PRIu64
                      ", this file begins at %" PRIu64
                      ". Take the earlier file in first, or have the office export again from "
                      "%" PRIu64 " on: kc-agent bundle export DIR FILE --from %" PRIu64),
                   STR_ARG (agent), cursor, first, cursor + 1, cursor + 1);
}

err_t
bundle_misfit (str_t agent, fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("tệp không nối tiếp những gì trung tâm đã nhận từ máy %.*s (kho của máy ấy bị chép, "
                      "hoặc khôi phục từ bản "
                      "cũ); không lấy gì từ tệp này. Hãy ghi tệp trả lời (--reply), nhập nó ở máy ấy, rồi "
                      "xuất lại từ máy ấy",
                      "the file does not go on from what the centre has of agent %.*s (its store was copied, "
                      "or restored from an "
                      "old one); nothing is taken of it. Write the reply (--reply), take it in at that PC, "
                      "and export again there"),
                   STR_ARG (agent));
}

err_t
ledger_bundle_fits (ledger_t *l, kv_txn_t *txn, const bundle_in_t *b, fail_t *fail)
{
  uint64_t cursor = 0;
  hash_t hash;
  uint32_t owner = 0;
  err_t err = ledger_cursor (l, txn, b->from.stream, &cursor, &hash, &owner);
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  if (err == ERR_OK && owner != b->from.serial)
    return bundle_misfit (b->from.agent, fail);
  const uint64_t first = b->from.upto > 0 ? b->from.first : b->stream[0].last_acked + 1;
  return first > cursor + 1 ? bundle_gap (b->from.agent, cursor, first, fail) : ERR_OK;
}
