/* bundle_take.c - bundles, the writer's part: a few chunks at a time, by the rules of the line. */
#include "collector/ledger/bundle_private.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/wire/message_wire.h"
#include "common/wire/update_wire.h"

#define FRAME_ROOM (sizeof (message_t) + CHUNK_UPDATES_MAX * sizeof (decoded_t))

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
  position_t end = {0};
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
                ? bundle_gap (s->name, items[i].cursor, items[i].chunk->first_seq, s->fail)
                : bundle_misfit (s->name, s->fail);
  }
  return err;
}

/* What stands in front of the agent's present stream: what was decided before, and what it had sent under
 * other names. */
static err_t
take_refills (sender_t *s, ingest_t *items, size_t n)
{
  ingest_report_t report;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 1; k < s->hello->streams_n; k++) {
      const stream_state_t *mine = &s->hello->streams[k];
      if (mine->centre || !store_id_eq (mine->store, items[i].chunk->store))
        continue;
      items[i].acked_before = mine->last_acked;
      items[i].origin = (origin_t){mine->parent_store, mine->parent_seq, mine->parent_hash};
    }
  err_t err = n > 0 ? ledger_ingest (s->l, items, n, s->now, &report) : ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    s->n->regained += (uint64_t)items[i].accepted + items[i].merged + items[i].parked + items[i].refused;
  return err;
}

/* Not in the roster even now that what was decided is back: let in by its certificate, until a person
 * confirms. */
static err_t
let_in (sender_t *s)
{
  const msg_present_t p = {.certificate = *s->certificate};
  msg_readmitted_t answer;
  if (!bundle_after_restore (s->l))
    return bundle_stranger (s->fail);
  err_t err = roster_readmit (s->l, &p, NULL, s->now, &answer);
  if (err != ERR_OK || answer.admitted)
    return err;
  return str_is (answer.refusal, "revoked") ? bundle_revoked (s->agent.agent, s->fail)
                                            : bundle_stranger (s->fail);
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
  if (err == ERR_OK && !agent_has_keys (&agent.row, &s->agent.curve_key, &s->agent.sign_key))
    err = bundle_stranger (s->fail);
  if (err == ERR_OK && !agent_is_present (&agent.row))
    err = bundle_replaced (agent.row.name, s->fail);
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
  return bundle_after_restore (s->l) && acked > s->cursor ? acked : 0;
}

static err_t
take_from (sender_t *s, ingest_t *items, size_t n, arena_t *arena)
{
  size_t refills = 0;
  while (refills < n && !store_id_eq (items[refills].chunk->store, s->hello->streams[0].store))
    refills++;
  err_t err = bundle_after_restore (s->l) || refills == 0 ? take_refills (s, items, refills) : ERR_MALFORMED;
  if (err == ERR_OK && refills < n)
    err = look_up (s, arena);
  if (err != ERR_OK || refills == n)
    return err;
  const stream_state_t *mine = &s->hello->streams[0];
  for (size_t i = refills; i < n; i++) {
    items[i].acked_before = acked_before (s);
    items[i].origin = (origin_t){mine->parent_store, mine->parent_seq, mine->parent_hash};
  }
  err = take_items (s, items + refills, n - refills);
  const bundle_counts_t *c = s->n;
  if (err == ERR_OK && c->accepted + c->merged + c->parked + c->refused > 0)
    err = note_contact (s->l, agent_number (&s->agent), s->hello, s->cursor, s->now);
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
    items[i].serial = agent_number (&s.agent);
    items[i].certificate = s.agent.serial;
    err = read_chunk (frames[i], arena, &items[i]);
  }
  if (err == ERR_OK)
    err = take_from (&s, items, n, arena);
  arena_destroy (&arena);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}
