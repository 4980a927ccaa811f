/* bundle.c - the centre's end of a session in a file.
 *
 * Who a peer is the handshake says on the line; here the certificate in front says it, held against the
 * roster, and the signature over the whole file proves it. What follows is as on the line: the cursor tells
 * what is a repeat, a chunk that does not go on where its stream stands changes nothing. A gap is the one
 * thing a line heals by itself and a file cannot: a person has to ask for another file, so it is said which.
 */
#include "collector/ledger/bundle.h"

#include "collector/ledger/state.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/wire/bundle_wire.h"
#include "common/wire/message_wire.h"
#include "common/wire/update_wire.h"

#include <inttypes.h>
#include <stdlib.h>

#define FRAME_BUDGET DECODE_BUDGET (FRAME_MAX)
#define DOWN_BYTES (DOWN_MAX / 2) /* as a session asks for */
#define DOWN_ARENA (4u << 20)
#define FRAME_ROOM (sizeof (message_t) + CHUNK_UPDATES_MAX * sizeof (decoded_t))

struct bundle_in {
  bundle_t *file;
  bundle_source_t from;
  own_stream_t own[STREAMS_PER_HELLO_MAX];
  stream_state_t stream[STREAMS_PER_HELLO_MAX];
  size_t own_n, stream_n;
  curve_key_t curve;
  size_t refills; /* chunks of our own streams, in front */
  buf_t name, present, hello;
  buf_t frames, pending; /* pending: a frame that did not fit into the call before */
};

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

/* Only then can anything of our own be missing here. */
static bool
was_restored (const ledger_t *l)
{
  return l->epochs_n > 1;
}

/* ---- whose it is ---- */

static err_t
unreadable (fail_t *fail)
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

static err_t
stranger (fail_t *fail)
{
  return fail_set (fail, ERR_FOREIGN,
                   L ("tệp trao đổi của một máy mà trung tâm này không cấp phép; không lấy gì từ nó",
                      "the bundle is of a PC this centre never enrolled; nothing is taken of it"));
}

static err_t
revoked (str_t agent, fail_t *fail)
{
  return fail_set (fail, ERR_FOREIGN,
                   L ("máy %.*s đã bị thu hồi; không lấy gì từ tệp của nó",
                      "agent %.*s is revoked; nothing is taken of its file"),
                   STR_ARG (agent));
}

static bool
is_same (const agent_full_t *there, const agent_certificate_t *c)
{
  return curve_key_eq (there->row.curve_key, c->curve_key) &&
         memcmp (there->row.sign_key.b, c->sign_key.b, sizeof c->sign_key.b) == 0;
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
  if (err == ERR_NOT_FOUND && was_restored (l) && enrolled_here (l, s)) {
    err = roster_turned_away (txn, c->agent, &away);
    *out = (agent_row_t){.name = c->agent, .unit = c->unit, .role = c->role};
    return err == ERR_OK && away ? revoked (c->agent, fail) : err;
  }
  if (err == ERR_NOT_FOUND || (err == ERR_OK && !is_same (&agent, c)))
    return stranger (fail);
  if (err == ERR_OK && agent.row.state == AGENT_REVOKED)
    return revoked (agent.row.name, fail);
  *out = agent.row;
  return err;
}

static err_t
identify (bundle_in_t *b, ledger_t *l, kv_txn_t *txn, const signed_t *s, arena_t *arena, fail_t *fail)
{
  agent_certificate_t c;
  agent_row_t agent = {0};
  if (!s->given || agent_certificate_decode (s->body, arena, &c) != ERR_OK)
    return unreadable (fail);
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
  b->from.serial = c.serial;
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
      b->own[b->own_n++] = (own_stream_t){s->store, i == 0 ? UINT64_MAX : s->last_seq};
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
    return unreadable (fail);
  err = identify (b, l, txn, &m.u.present.certificate, arena, fail);
  if (err != ERR_OK)
    return err;
  err = keep_frame (b, MSG_HELLO, arena, &b->hello, &m);
  if (err == ERR_NOMEM)
    return err;
  if (err != ERR_OK || m.u.hello.streams_n == 0 || m.u.hello.streams[0].centre)
    return unreadable (fail);
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
is_ours (const bundle_in_t *b, store_id_t stream)
{
  for (size_t i = 0; i < b->stream_n; i++)
    if (b->stream[i].centre && store_id_eq (b->stream[i].store, stream))
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
    if (m.type == MSG_CHUNK && b->from.upto == 0 && is_ours (b, c->store)) {
      b->refills++;
      continue;
    }
    if (m.type != MSG_CHUNK || !store_id_eq (c->store, b->from.stream) ||
        (b->from.upto > 0 && c->first_seq != b->from.upto + 1))
      return unreadable (fail);
    if (b->from.upto == 0)
      b->from.first = c->first_seq;
    b->from.upto = c->first_seq + c->updates_n - 1;
  }
  return err == ERR_END ? ERR_OK : err == ERR_NOMEM ? err : unreadable (fail);
}

err_t
ledger_bundle_open (ledger_t *l, kv_txn_t *txn, str_t file, bundle_in_t **out, fail_t *fail)
{
  const bundle_head_t want = {.kind = BUNDLE_UP, .centre = l->keys.centre_id, .to = l->keys.curve};
  bundle_in_t *b = calloc (1, sizeof *b);
  arena_t *arena = arena_new (FRAME_BUDGET);
  err_t err = b != NULL && arena != NULL ? bundle_open (file, &want, &l->keys.curve_secret, &b->file, fail)
                                         : ERR_NOMEM;
  if (err == ERR_OK)
    err = read_opening (b, l, txn, arena, fail);
  if (err == ERR_OK)
    err = survey (b, arena, fail);
  if (err == ERR_OK)
    err = bundle_rewind (b->file, 2 + (was_restored (l) ? 0 : b->refills)); /* PRESENT and HELLO are known */
  if (err == ERR_OK) {
    *out = b;
    b = NULL;
  }
  ledger_bundle_close (&b);
  arena_destroy (&arena);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

/* ---- does it go on where the stream stands? ---- */

static err_t
gap (str_t agent, uint64_t cursor, uint64_t first, fail_t *fail)
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

static err_t
misfit (str_t agent, fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("dữ liệu trong tệp không nối tiếp những gì trung tâm đã nhận từ máy %.*s (kho của máy "
                      "ấy bị chép hoặc khôi phục "
                      "từ bản cũ); không lấy gì từ tệp này",
                      "what is in the file does not go on from what the centre has of agent %.*s (its store "
                      "was copied, or "
                      "restored from an old one); nothing is taken of it"),
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
    return misfit (b->from.agent, fail);
  const uint64_t first = b->from.upto > 0 ? b->from.first : b->stream[0].last_acked + 1;
  return first > cursor + 1 ? gap (b->from.agent, cursor, first, fail) : ERR_OK;
}

/* ---- taking ---- */

/* What stands in one frame; all of it lives in the arena. */
static err_t
read_chunk (str_t frame, arena_t *arena, ingest_t *item)
{
  message_t *m = arena_alloc (arena, sizeof *m);
  if (m == NULL)
    return ERR_NOMEM;
  err_t err = message_decode (frame, arena, m);
  if (err != ERR_OK)
    return err;
  if (m->type != MSG_CHUNK)
    return ERR_MALFORMED;
  const msg_chunk_t *c = &m->u.chunk;
  decoded_t *d = arena_alloc (arena, c->updates_n * sizeof *d);
  if (d == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < c->updates_n; i++) {
    d[i].err = update_decode (c->updates[i], arena, &d[i].update, &d[i].why);
    d[i].update.bytes = c->updates[i];
    if (d[i].err == ERR_NOMEM)
      return ERR_NOMEM;
  }
  item->chunk = c;
  item->updates = d;
  return ERR_OK;
}

static void
add_counts (bundle_counts_t *out, const ingest_t *item)
{
  out->accepted += item->accepted;
  out->merged += item->merged;
  out->parked += item->parked;
  out->refused += item->refused;
  out->repeated += item->repeated;
}

/* What is known of the agent since its file: no older file says it again, and no live session is talked over.
 */
static err_t
note_contact (ledger_t *l, uint32_t serial, const msg_hello_t *h, uint64_t cursor, wall_t now)
{
  kv_txn_t *txn = NULL;
  uint8_t key[4];
  str_t body;
  contact_t c = {0};
  position_t end;
  const uint64_t last = h->streams[0].last_seq;
  err_t err = kv_begin (l->kv, false, &txn);
  if (err == ERR_OK)
    err = ledger_end (l, txn, &end, NULL);
  if (err == ERR_OK)
    err = val_get (txn, DB_CONTACT, key_u32 (key, serial), &body);
  if (err == ERR_OK && !contact_decode (body, &c))
    err = ERR_DAMAGED;
  kv_abort (&txn);
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  const uint64_t heard = h->down.epoch == end.epoch && h->down.lsn <= end.lsn ? h->down.lsn : 0;
  if (c.online || heard < c.position_lsn)
    return ERR_OK;
  const contact_t noted = {.seen = now,
                           .position_lsn = heard,
                           .backlog = last > cursor ? last - cursor : 0,
                           .oldest_unsent = last > cursor ? h->oldest : (wall_t){0},
                           .clock_offset_ms = c.clock_offset_ms,
                           .version = h->program,
                           .last_error = h->last_error};
  return roster_contact (l, &serial, &noted, 1);
}

/* Who sends, and what it says of itself. */
typedef struct {
  ledger_t *l;
  wall_t now;
  const signed_t *certificate;
  agent_certificate_t agent;
  const msg_hello_t *hello;
  str_t name; /* as the roster has it */
  uint64_t cursor;
  bundle_counts_t *n;
  fail_t *fail;
} sender_t;

static err_t
take_items (sender_t *s, ingest_t *items, size_t n)
{
  ingest_report_t report;
  err_t err = ledger_ingest (s->l, items, n, s->now, &report);
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    add_counts (s->n, &items[i]);
    s->cursor = items[i].cursor;
    if (items[i].forged)
      err =
          fail_set (s->fail, ERR_FOREIGN,
                    L ("chữ ký hoặc chuỗi băm trong tệp không khớp với máy %.*s, hoặc máy ấy đã bị thu hồi; "
                       "không lấy gì từ đó trở đi",
                       "a signature or the chain in the file does not fit agent %.*s, or it was revoked; "
                       "nothing is taken from there on"),
                    STR_ARG (s->name));
    else if (items[i].restated)
      err = items[i].chunk->first_seq > items[i].cursor + 1
                ? gap (s->name, items[i].cursor, items[i].chunk->first_seq, s->fail)
                : misfit (s->name, s->fail);
  }
  return err;
}

/* What stands in front of the agent's own: they say what was decided before, so they are taken before. */
static err_t
take_refills (sender_t *s, ingest_t *items, size_t n)
{
  ingest_report_t report;
  err_t err = n > 0 ? ledger_ingest (s->l, items, n, s->now, &report) : ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    s->n->regained += items[i].accepted;
  return err;
}

/* Not in the roster even now that what was decided is back: let in by its certificate, until a person
 * confirms. */
static err_t
let_in (sender_t *s)
{
  const msg_present_t p = {.certificate = *s->certificate};
  msg_readmitted_t answer;
  if (!was_restored (s->l))
    return stranger (s->fail);
  err_t err = roster_readmit (s->l, &p, NULL, s->now, &answer);
  if (err != ERR_OK || answer.admitted)
    return err;
  return str_is (answer.refusal, "revoked") ? revoked (s->agent.agent, s->fail) : stranger (s->fail);
}

static err_t
look_up (sender_t *s, arena_t *arena)
{
  kv_txn_t *txn = NULL;
  agent_full_t agent;
  hash_t hash;
  uint32_t owner;
  err_t err = kv_begin (s->l->kv, false, &txn);
  if (err == ERR_OK)
    err = agent_get (txn, s->agent.serial, &agent);
  if (err == ERR_OK && !is_same (&agent, &s->agent))
    err = stranger (s->fail);
  if (err == ERR_OK) {
    s->name = arena_str (arena, agent.row.name);
    err = s->name.p != NULL ? ledger_cursor (s->l, txn, s->hello->streams[0].store, &s->cursor, &hash, &owner)
                            : ERR_NOMEM;
    err = err == ERR_NOT_FOUND ? ERR_OK : err;
  } else if (err == ERR_NOT_FOUND) {
    s->name = s->agent.agent;
    kv_abort (&txn);
    err = let_in (s);
  }
  kv_abort (&txn);
  return err;
}

/* What it had acknowledged before a restore is taken as it was then. */
static uint64_t
acked_before (const sender_t *s)
{
  const uint64_t acked = s->hello->streams[0].last_acked;
  return was_restored (s->l) && acked > s->cursor ? acked : 0;
}

static err_t
take_from (sender_t *s, ingest_t *items, size_t n, arena_t *arena)
{
  size_t refills = 0;
  while (refills < n && !store_id_eq (items[refills].chunk->store, s->hello->streams[0].store))
    refills++;
  err_t err = was_restored (s->l) || refills == 0 ? take_refills (s, items, refills) : ERR_MALFORMED;
  if (err == ERR_OK && refills < n)
    err = look_up (s, arena);
  if (err != ERR_OK || refills == n)
    return err;
  for (size_t i = refills; i < n; i++)
    items[i].acked_before = acked_before (s);
  err = take_items (s, items + refills, n - refills);
  const bundle_counts_t *c = s->n;
  if (err == ERR_OK && c->accepted + c->merged + c->parked + c->refused > 0)
    err = note_contact (s->l, s->agent.serial, s->hello, s->cursor, s->now);
  return err;
}

err_t
ledger_bundle_take (ledger_t *l, str_t present, str_t hello, const str_t *frames, size_t n, wall_t now,
                    bundle_counts_t *out, fail_t *fail)
{
  ingest_t items[BUNDLE_FRAMES_MAX] = {{0}};
  message_t p, h;
  sender_t s = {.l = l, .now = now, .n = out, .fail = fail};
  size_t bytes = present.n + hello.n;
  CHECK (n <= BUNDLE_FRAMES_MAX);
  for (size_t i = 0; i < n; i++)
    bytes += frames[i].n;
  *out = (bundle_counts_t){0};
  arena_t *arena = arena_new (2 * DECODE_BUDGET (bytes) + (n + 1) * FRAME_ROOM);
  err_t err = arena != NULL ? message_decode (present, arena, &p) : ERR_NOMEM;
  if (err == ERR_OK)
    err = message_decode (hello, arena, &h);
  if (err == ERR_OK && (p.type != MSG_PRESENT || h.type != MSG_HELLO || h.u.hello.streams_n == 0))
    err = ERR_MALFORMED;
  if (err == ERR_OK) {
    s.certificate = &p.u.present.certificate;
    s.hello = &h.u.hello;
    err = s.certificate->given ? agent_certificate_decode (s.certificate->body, arena, &s.agent)
                               : ERR_MALFORMED;
  }
  for (size_t i = 0; err == ERR_OK && i < n; i++) {
    items[i].serial = s.agent.serial;
    err = read_chunk (frames[i], arena, &items[i]);
  }
  if (err == ERR_OK)
    err = take_from (&s, items, n, arena);
  arena_destroy (&arena);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

/* ---- the reply ---- */

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
  for (size_t i = 0; err == ERR_OK && i < b->stream_n; i++) {
    if (b->stream[i].centre)
      continue; /* nobody could answer by sending more */
    stream_cursor_t *at = &cursor[say->streams_n++];
    uint32_t owner = 0;
    *at = (stream_cursor_t){.store = b->stream[i].store};
    err = ledger_cursor (l, txn, at->store, &at->cursor, &at->hash, &owner);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && owner != b->from.serial)) {
      *at = (stream_cursor_t){.store = b->stream[i].store};
      err = ERR_OK;
    }
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
  bundle_writer_t *w = bundle_writer_new (&head, out);
  err_t err = w != NULL ? put_welcome (l, txn, b, now, w) : ERR_NOMEM;
  if (err == ERR_OK)
    err = put_downs (l, txn, b, w, complete, fail);
  if (err == ERR_OK && !bundle_end (w, 0, &l->keys.centre_secret))
    err = ERR_NOMEM;
  bundle_writer_destroy (&w);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}
