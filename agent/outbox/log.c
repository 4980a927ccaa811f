/* log.c - our own stream as rows, and which of its updates the centre refused.
 *
 * A refusal is kept for ever under (record, seq). Whether a record stands refused is computed when asked:
 * was any later update of it taken, whoever made it (the record's story says so, or, for what an older
 * program was told, a walk back from the present version)? So no state has to be cleared when a correction is
 * accepted, and nothing can be cleared too early. */
#include "agent/outbox/internal.h"
#include "agent/outbox/told.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#define ABSENT_TEXT 0xFFFFu

static str_t
seq_key (uint64_t seq, uint8_t out[8])
{
  for (int i = 0; i < 8; i++)
    out[i] = (uint8_t)(seq >> (56 - 8 * i));
  return (str_t){(const char *)out, 8};
}

err_t
outbox_log_read (kv_txn_t *txn, uint64_t place, outbox_log_t *out)
{
  uint8_t key[8];
  str_t v, part;
  err_t err = val_get (txn, ODB_LOG, seq_key (place, key), &v);
  if (err != ERR_OK)
    return err;
  rd_t r = rd_of (v.p, v.n);
  outbox_log_t row;
  row.stored.ms = rd_i64 (&r);
  row.import = rd_u64 (&r);
  row.ref.home = rd_u32 (&r);
  part = rd_bytes (&r, 16);
  if (part.p != NULL)
    memcpy (row.ref.id.b, part.p, 16);
  part = rd_bytes (&r, 32);
  if (part.p == NULL)
    return ERR_DAMAGED;
  memcpy (row.chain.b, part.p, 32);
  row.bytes = (str_t){(const char *)r.p, r.n};
  *out = row;
  return ERR_OK;
}

static bool
log_row (const outbox_log_t *row, buf_t *scratch)
{
  buf_clear (scratch);
  buf_i64 (scratch, row->stored.ms);
  buf_u64 (scratch, row->import);
  buf_u32 (scratch, row->ref.home);
  buf_put (scratch, row->ref.id.b, 16);
  buf_put (scratch, row->chain.b, 32);
  buf_put (scratch, row->bytes.p, row->bytes.n);
  return buf_ok (scratch);
}

err_t
outbox_log_append (kv_txn_t *txn, uint64_t place, const outbox_log_t *row, buf_t *scratch)
{
  uint8_t key[8];
  return log_row (row, scratch) ? val_append (txn, ODB_LOG, seq_key (place, key), buf_str (scratch))
                                : ERR_NOMEM;
}

err_t
outbox_log_replace (kv_txn_t *txn, uint64_t place, const outbox_log_t *row, buf_t *scratch)
{
  uint8_t key[8];
  return log_row (row, scratch) ? val_put (txn, ODB_LOG, seq_key (place, key), buf_str (scratch)) : ERR_NOMEM;
}

err_t
outbox_log_get (outbox_t *o, kv_txn_t *txn, uint64_t place, log_row_t *out)
{
  outbox_log_t row;
  (void)o;
  err_t err = outbox_log_read (txn, place, &row);
  if (err == ERR_OK)
    *out = (log_row_t){place, row.stored, row.bytes, row.chain};
  return err;
}

err_t
outbox_stream_end (const outbox_t *o, kv_txn_t *txn, uint64_t *last, hash_t *hash)
{
  str_t v;
  err_t err = meta_get (txn, ODB_META, META_STREAM, &v);
  if (err == ERR_NOT_FOUND) {
    *last = 0;
    *hash = outbox_stream_start (o);
    return ERR_OK;
  }
  if (err != ERR_OK)
    return err;
  if (v.n != 40)
    return ERR_DAMAGED;
  rd_t r = rd_of (v.p, v.n);
  *last = rd_u64 (&r);
  memcpy (hash->b, v.p + 8, 32);
  return ERR_OK;
}

err_t
outbox_stream_put (kv_txn_t *txn, uint64_t last, hash_t hash)
{
  uint8_t v[40];
  (void)seq_key (last, v);
  memcpy (v + 8, hash.b, 32);
  return meta_put (txn, ODB_META, META_STREAM, (str_t){(const char *)v, sizeof v});
}

err_t
outbox_chain_at (const outbox_t *o, kv_txn_t *txn, uint64_t place, hash_t *out)
{
  outbox_log_t row;
  if (place == outbox_before (o)) {
    *out = outbox_stream_start (o);
    return ERR_OK;
  }
  err_t err = outbox_log_read (txn, place, &row);
  if (err == ERR_OK)
    *out = row.chain;
  return err;
}

err_t
outbox_acked_seq (outbox_t *o, kv_txn_t *txn, uint64_t *acked, uint64_t *last)
{
  hash_t hash;
  uint64_t decided = 0;
  err_t err = outbox_stream_end (o, txn, last, &hash);
  if (err == ERR_OK)
    err = outbox_meta_number (txn, META_ACKED, 0, acked);
  if (err == ERR_OK)
    err = outbox_decided (txn, &decided);
  if (decided > *acked && decided <= *last)
    *acked =
        decided; /* what the centre has told us of, it has, whether or not its acknowledgement was stored */
  return err;
}

/* ---- refusals ---- */

static void
put_optional (buf_t *b, str_t s)
{
  if (s.p == NULL) {
    buf_u16 (b, ABSENT_TEXT);
    return;
  }
  const size_t n = s.n < 4000 ? s.n : 4000;
  buf_u16 (b, (uint16_t)n);
  buf_put (b, s.p, n);
}

static str_t
get_optional (rd_t *r)
{
  const uint16_t n = rd_u16 (r);
  return n == ABSENT_TEXT ? STR_NONE : rd_bytes (r, n);
}

static str_t
refusal_key (record_id_t id, uint64_t seq, uint8_t out[24])
{
  memcpy (out, id.b, 16);
  (void)seq_key (seq, out + 16);
  return (str_t){(const char *)out, 24};
}

err_t
outbox_refusal_put (kv_txn_t *txn, const refused_row_t *r)
{
  uint8_t key[24];
  buf_t b = BUF_INIT;
  buf_i64 (&b, r->since.ms);
  buf_u8 (&b, (uint8_t)r->kind);
  put_optional (&b, r->reason);
  for (int i = 0; i < REASON_ARGS; i++)
    put_optional (&b, r->arguments[i]);
  put_optional (&b, r->key);
  err_t err =
      buf_ok (&b) ? val_put (txn, ODB_REFUSED, refusal_key (r->id, r->seq, key), buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

err_t
outbox_refusal_del (kv_txn_t *txn, record_id_t id, uint64_t place)
{
  uint8_t key[24];
  const err_t err = kv_del (txn, ODB_REFUSED, refusal_key (id, place, key));
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
refusal_read (str_t key, str_t body, refused_row_t *out)
{
  if (key.n != 24)
    return ERR_DAMAGED;
  refused_row_t row = {0};
  rd_t k = rd_of (key.p + 16, 8), r = rd_of (body.p, body.n);
  memcpy (row.id.b, key.p, 16);
  row.seq = rd_u64 (&k);
  row.since.ms = rd_i64 (&r);
  const uint8_t kind = rd_u8 (&r);
  row.kind = kind < KIND_COUNT ? (kind_t)kind : KIND_NONE;
  row.reason = get_optional (&r);
  for (int i = 0; i < REASON_ARGS; i++)
    row.arguments[i] = get_optional (&r);
  row.key = get_optional (&r);
  if (!rd_done (&r))
    return ERR_DAMAGED;
  *out = row;
  return ERR_OK;
}

err_t
outbox_refusal_of (outbox_t *o, kv_txn_t *txn, record_id_t id, version_t v, bool *refused, refused_row_t *out)
{
  uint8_t bytes[24];
  uint64_t place;
  str_t body, key = STR_NONE;
  refused_row_t row;
  err_t err = ERR_NOT_FOUND;
  if (outbox_place_of (o, v, &place)) {
    key = refusal_key (id, place, bytes);
    err = val_get (txn, ODB_REFUSED, key, &body);
  }
  if (err == ERR_NOT_FOUND) {
    *refused = false;
    return ERR_OK;
  }
  if (err == ERR_OK)
    err = refusal_read (key, body, &row);
  if (err != ERR_OK)
    return err;
  *refused = true;
  if (out != NULL)
    *out = row;
  return ERR_OK;
}

err_t
outbox_unsettled (outbox_t *o, kv_txn_t *txn, record_id_t id, version_t v, uint64_t decided, bool *out)
{
  *out = outbox_row_undecided (o, &(row_t){.version = v}, decided);
  return *out ? ERR_OK : outbox_refusal_of (o, txn, id, v, out, NULL);
}

/* The last refusal of a record. ERR_NOT_FOUND. */
static err_t
last_refusal (kv_txn_t *txn, record_id_t id, refused_row_t *out)
{
  kv_cursor_t *c = NULL;
  const str_t prefix = {(const char *)id.b, sizeof id.b};
  str_t key, value, body;
  err_t err = kv_cursor_open (txn, ODB_REFUSED, &c);
  if (err == ERR_OK)
    err = kv_seek_last (c, prefix, &key, &value);
  if (err == ERR_OK)
    err = val_open (ODB_REFUSED, key, value, &body);
  if (err == ERR_OK)
    err = refusal_read (key, body, out);
  kv_cursor_close (&c);
  return err;
}

err_t
outbox_displaced (outbox_t *o, kv_txn_t *txn, record_id_t id, row_t *out)
{
  refused_row_t refusal;
  outbox_log_t log;
  uint64_t decided = 0;
  bool unsettled = false;
  err_t err = last_refusal (txn, id, &refusal);
  if (err == ERR_OK)
    err = outbox_log_read (txn, refusal.seq, &log);
  if (err != ERR_OK)
    return err;
  const record_ref_t ref = log.ref;
  err = book_get (o->book, txn, ref, out);
  if (err != ERR_NOT_FOUND)
    return err == ERR_OK ? ERR_NOT_FOUND : err;
  err = outbox_shadow_get (txn, ref, out);
  if (err == ERR_OK)
    err = outbox_decided (txn, &decided);
  if (err == ERR_OK)
    err = outbox_unsettled (o, txn, id, out->version, decided, &unsettled);
  return err == ERR_OK && !unsettled ? ERR_NOT_FOUND : err;
}

/* Base of one of our updates: its place, 0 when it is a create or not ours. */
static err_t
base_of (outbox_t *o, kv_txn_t *txn, uint64_t place, uint64_t *base)
{
  outbox_log_t row;
  update_t u;
  arena_t *arena = NULL;
  err_t err = outbox_log_read (txn, place, &row);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  arena = arena_new (DECODE_BUDGET (row.bytes.n));
  err = arena != NULL ? update_decode (row.bytes, arena, &u, NULL) : ERR_NOMEM;
  if (err == ERR_OK && (!outbox_place_of (o, u.base, base) || *base >= place))
    *base = 0;
  arena_destroy (&arena);
  return err == ERR_MALFORMED || err == ERR_TOO_BIG ? ERR_DAMAGED : err;
}

/* Walks from the record's present version back to the refused one: was any on the way accepted? */
static err_t
accepted_since (outbox_t *o, kv_txn_t *txn, const row_t *row, uint64_t refused_at, uint64_t acked, bool *out)
{
  uint64_t place;
  (void)outbox_place_of (o, row->version, &place);
  *out = false;
  while (place > refused_at) {
    bool refused = false;
    err_t err = outbox_refusal_of (o, txn, row->ref.id, outbox_version_at (o, place), &refused, NULL);
    if (err != ERR_OK)
      return err;
    if (place <= acked && !refused) {
      *out = true;
      return ERR_OK;
    }
    err = base_of (o, txn, place, &place);
    if (err != ERR_OK)
      return err;
  }
  return ERR_OK;
}

#define MADE_ON_HOPS_MAX 100u

/* Was the refused update made on what that step gave, however far back? */
static err_t
made_on (outbox_t *o, kv_txn_t *txn, version_t refused, const story_row_t *step, bool *out)
{
  arena_t *arena = arena_new (2 * UPDATE_ROOM);
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  *out = false;
  for (unsigned hops = 0; err == ERR_OK && !*out && refused.seq != 0 && hops < MADE_ON_HOPS_MAX; hops++) {
    update_t u;
    arena_reset (arena);
    err = outbox_version_get (o, txn, refused, arena, &u);
    if (err != ERR_OK)
      break;
    refused = u.base;
    *out = refused.seq != 0 && (version_eq (refused, step->version) || version_eq (refused, step->resulting));
  }
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  version_t refused;
  bool behind, taken;
} since_t;

static err_t
story_since (void *ctx, const story_row_t *r)
{
  since_t *s = ctx;
  if (version_eq (r->version, s->refused)) {
    s->behind = true;
    return ERR_OK;
  }
  /* places of a restored centre's log do not follow those of the lost one: numbers of a stream always do, and
   * so does what was made on what */
  bool earlier = store_id_eq (r->version.store, s->refused.store) && r->version.seq < s->refused.seq;
  if (!s->behind || earlier ||
      (r->verdict != VERDICT_ACCEPTED && r->verdict != VERDICT_MERGED && r->verdict != VERDICT_ALIAS))
    return ERR_OK;
  err_t err = made_on (s->o, s->txn, s->refused, r, &earlier);
  s->taken = err == ERR_OK && !earlier;
  return s->taken ? ERR_END : err;
}

/* Was an update of the record taken since that one was refused? */
static err_t
taken_since (outbox_t *o, kv_txn_t *txn, const row_t *row, uint64_t refused_at, uint64_t acked, bool *out)
{
  since_t s = {.o = o, .txn = txn, .refused = outbox_version_at (o, refused_at)};
  err_t err = outbox_story (txn, row->ref.id, story_since, &s);
  *out = s.taken;
  return err == ERR_OK && !s.taken ? accepted_since (o, txn, row, refused_at, acked, out) : err;
}

/* A withdrawn record is nobody's trouble, unless the centre has it still: it is locked there. */
static err_t
stands_refused (outbox_t *o, kv_txn_t *txn, const refused_row_t *r, bool *out)
{
  uint64_t acked = 0, last = 0;
  outbox_log_t log;
  row_t row;
  bool accepted = false;
  *out = false;
  err_t err = outbox_acked_seq (o, txn, &acked, &last);
  if (err == ERR_OK)
    err = outbox_log_read (txn, r->seq, &log);
  if (err == ERR_NOT_FOUND)
    return ERR_OK; /* a rest of what is not in this store any more */
  if (err == ERR_OK)
    err = book_get (o->book, txn, log.ref, &row);
  if (err == ERR_NOT_FOUND)
    err = outbox_shadow_get (txn, log.ref, &row); /* another office's by now */
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  if (row.withdrawn && (!version_eq (row.version, outbox_version_at (o, r->seq)) ||
                        reason_of_name (r->reason) != REASON_PERIOD_LOCKED))
    return ERR_OK;
  err = taken_since (o, txn, &row, r->seq, acked, &accepted);
  *out = !accepted;
  return err;
}

err_t
outbox_refused (outbox_t *o, kv_txn_t *txn, refused_row_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, value, body;
  refused_row_t row = {0}, next;
  bool have = false, stands = false;
  err_t err = kv_cursor_open (txn, ODB_REFUSED, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek (c, STR ("\0"), &key, &value);
  while (err == ERR_OK) {
    err = val_open (ODB_REFUSED, key, value, &body);
    if (err == ERR_OK)
      err = refusal_read (key, body, &next);
    if (err != ERR_OK)
      break;
    if (have && !record_id_eq (row.id, next.id)) {
      err = stands_refused (o, txn, &row, &stands);
      if (err == ERR_OK && stands)
        err = fn (ctx, &row);
      if (err != ERR_OK)
        break;
    }
    row = next;
    have = true;
    err = kv_next (c, &key, &value);
  }
  if (err == ERR_NOT_FOUND) {
    err = have ? stands_refused (o, txn, &row, &stands) : ERR_OK;
    if (err == ERR_OK && have && stands)
      err = fn (ctx, &row);
  }
  kv_cursor_close (&c);
  return err == ERR_END ? ERR_OK : err;
}

err_t
outbox_refusal_standing (outbox_t *o, kv_txn_t *txn, record_id_t id, bool *stands, refused_row_t *out)
{
  refused_row_t row;
  *stands = false;
  err_t err = last_refusal (txn, id, &row);
  if (err == ERR_OK)
    err = stands_refused (o, txn, &row, stands);
  if (err == ERR_OK && *stands && out != NULL)
    *out = row;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

err_t
outbox_state_of (outbox_t *o, kv_txn_t *txn, const row_t *row, update_state_t *out)
{
  uint64_t acked = 0, last = 0, place;
  bool refused = false;
  const bool ours = outbox_place_of (o, row->version, &place);
  err_t err = outbox_acked_seq (o, txn, &acked, &last);
  if (err == ERR_OK && ours)
    err = outbox_refusal_of (o, txn, row->ref.id, row->version, &refused, NULL);
  *out = refused ? UPDATE_REFUSED : ours && place > acked ? UPDATE_WAITING : UPDATE_SENT;
  if (err != ERR_OK || *out != UPDATE_SENT)
    return err;
  err = outbox_refusal_standing (o, txn, row->ref.id, &refused, NULL); /* of an edit on top of this state */
  if (refused)
    *out = UPDATE_REFUSED;
  return err;
}

const char *
update_state_name (update_state_t s)
{
  switch (s) {
  case UPDATE_WAITING:
    return "waiting";
  case UPDATE_SENT:
    return "sent";
  case UPDATE_REFUSED:
    return "refused";
  }
  UNREACHABLE ();
}

const char *
update_state_words (update_state_t s)
{
  switch (s) {
  case UPDATE_WAITING:
    return L ("chờ gửi", "waiting");
  case UPDATE_SENT:
    return L ("đã gửi", "sent");
  case UPDATE_REFUSED:
    return L ("bị từ chối", "refused");
  }
  UNREACHABLE ();
}
