/* centre.c - what the centre sends down: its own streams, verdicts, the catalogue, records (records.c).
 *
 * A DOWN is believed only as a whole: every new entry must continue its stream's chain from what we hold,
 * and the end of every stream it extends must stand under the centre's signature. Entries, what follows
 * from them and the cursor are one transaction, so that a crash leaves us before or after it. A repeat of
 * what we hold is passed over; a different entry under a number we hold is a forgery.
 *
 * A centre restored from a backup goes on in a new epoch, and in new streams that name the old ones as their
 * parents. Its cursor then begins where the old epoch was left, and what it has lost we still hold. */
#include "agent/outbox/recover.h"
#include "agent/outbox/taking.h"

#include "common/base/lang.h"
#include "common/core/units.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#define ENTRY_BUDGET (UPDATE_MAX * UNPACK_BUDGET_PER_BYTE * 3u + (4u << 20))

static str_t
entry_key (store_id_t stream, uint64_t seq, uint8_t out[24])
{
  memcpy (out, stream.b, 16);
  for (int i = 0; i < 8; i++)
    out[16 + i] = (uint8_t)(seq >> (56 - 8 * i));
  return (str_t){(const char *)out, 24};
}

err_t
outbox_entry_read (str_t key, str_t stored, uint64_t *lsn, hash_t *hash, str_t *bytes)
{
  str_t body;
  err_t err = val_open (ODB_CENTRE, key, stored, &body);
  if (err != ERR_OK)
    return err;
  if (body.n < 40)
    return ERR_DAMAGED;
  rd_t r = rd_of (body.p, 8);
  *lsn = rd_u64 (&r);
  memcpy (hash->b, body.p + 8, 32);
  *bytes = (str_t){body.p + 40, body.n - 40};
  return ERR_OK;
}

err_t
outbox_centre_chain_at (kv_txn_t *txn, store_id_t stream, uint64_t seq, hash_t *out)
{
  uint8_t bytes[24];
  str_t stored, held;
  uint64_t lsn;
  const str_t key = entry_key (stream, seq, bytes);
  err_t err = kv_get (txn, ODB_CENTRE, key, &stored);
  return err == ERR_OK ? outbox_entry_read (key, stored, &lsn, out, &held) : err;
}

static err_t
load_tip (taking_t *t, store_id_t stream, tip_t *tip)
{
  kv_cursor_t *c = NULL;
  str_t key, value, bytes;
  uint64_t lsn;
  *tip = (tip_t){.stream = stream};
  err_t err = kv_cursor_open (t->txn, ODB_CENTRE, &c);
  if (err == ERR_OK)
    err = kv_seek_last (c, (str_t){(const char *)stream.b, 16}, &key, &value);
  if (err == ERR_OK)
    err = outbox_entry_read (key, value, &lsn, &tip->hash, &bytes);
  if (err == ERR_OK && key.n == 24) {
    rd_t r = rd_of (key.p + 16, 8);
    tip->seq = rd_u64 (&r);
  }
  kv_cursor_close (&c);
  if (err == ERR_NOT_FOUND) {
    tip->hash = chain_start (stream, (store_id_t){{0}}, 0, (hash_t){{0}});
    return ERR_OK;
  }
  return err;
}

static err_t
find_tip (taking_t *t, store_id_t stream, tip_t **out)
{
  for (size_t i = 0; i < t->tips; i++)
    if (store_id_eq (t->tip[i].stream, stream)) {
      *out = &t->tip[i];
      return ERR_OK;
    }
  if (t->tips == HEADS_PER_DOWN_MAX)
    return ERR_FORGED;
  err_t err = load_tip (t, stream, &t->tip[t->tips]);
  if (err == ERR_OK)
    *out = &t->tip[t->tips++];
  return err;
}

/* ---- what follows from an entry ---- */

/* Do records of more units come to us now? What those left lies behind the cursor. */
static bool
heirs_of_more (const taking_t *t, const catalogue_t *now)
{
  unit_id_t before[FOREBEARS_MAX], after[FOREBEARS_MAX];
  const identity_t *id = &t->o->identity;
  const size_t had =
      t->o->catalogue != NULL ? unit_forebears (t->o->catalogue, id->unit, before, FOREBEARS_MAX) : 0;
  const size_t has = unit_forebears (now, id->unit, after, FOREBEARS_MAX);
  return id->role == ROLE_OFFICE && t->o->catalogue != NULL &&
         (has > had || (has > 0 && memcmp (before, after, has * sizeof after[0]) != 0));
}

/* A catalogue that this version cannot read is kept (its entry is stored); the present one stays in force. */
static err_t
take_catalogue (taking_t *t, uint32_t version, str_t file)
{
  uint64_t present = 0;
  buf_t key = BUF_INIT;
  fail_t why = {0};
  err_t err = outbox_meta_number (t->txn, META_CATALOGUE, 0, &present);
  if (err != ERR_OK || version <= present)
    return err;
  catalogue_t *c = catalogue_parse (file, version, &why);
  if (c == NULL)
    return ERR_OK;
  t->again = t->again || heirs_of_more (t, c);
  catalogue_destroy (&c);
  buf_u32 (&key, version);
  err = buf_ok (&key) ? val_put (t->txn, ODB_CATALOGUE, buf_str (&key), file) : ERR_NOMEM;
  buf_free (&key);
  return err == ERR_OK ? meta_put_u64 (t->txn, ODB_META, META_CATALOGUE, version) : err;
}

/* One that this version cannot read (a verdict of a later kind, say) stands under the centre's signature all
 * the same: it is kept and has no effect, and what comes behind it goes on. */
static err_t
take_decision (taking_t *t, const update_t *u, uint64_t lsn)
{
  decision_t d = {.type = DECISION_NONE};
  if (decision_decode (u->decision, t->arena, &d) == ERR_NOMEM)
    return ERR_NOMEM;
  if (u->version.seq == 1 && d.type != DECISION_OPENED)
    return ERR_FORGED;
  switch (d.type) {
  case DECISION_VERDICT:
  case DECISION_SETTLED:
  case DECISION_PARKED_SIDE:
    return records_take_decision (t, u, &d, lsn);
  case DECISION_CATALOGUE:
    return take_catalogue (t, d.u.catalogue.version, d.u.catalogue.file);
  case DECISION_CONFIRMATION:
    return d.u.confirmation.serial == t->o->identity.number ? outbox_fork_confirmed (t->txn) : ERR_OK;
  case DECISION_NONE:
  case DECISION_OPENED:
  case DECISION_ENROLMENT:
  case DECISION_REVOCATION:
  case DECISION_COUNT:
    return ERR_OK;
  case DECISION_KEY_NOTICE:
  case DECISION_SUBMISSION:
  case DECISION_DUE:
  case DECISION_LOCK:
  case DECISION_CLOSING:
  case DECISION_FLAG:
  case DECISION_FLAG_ANSWER:
    return outbox_take_decision (t->txn, u, &d, lsn);
  }
  return ERR_OK;
}

/* What it says of records is taken again: an older program may have passed it over. */
static err_t
take_held (taking_t *t, const update_t *u, uint64_t lsn)
{
  decision_t d = {.type = DECISION_NONE};
  if (decision_decode (u->decision, t->arena, &d) == ERR_NOMEM)
    return ERR_NOMEM;
  return d.type == DECISION_VERDICT || d.type == DECISION_SETTLED || d.type == DECISION_PARKED_SIDE
             ? records_take_decision (t, u, &d, lsn)
             : ERR_OK;
}

/* A stream that goes on from another begins its chain there. */
static err_t
begin_chain (taking_t *t, const update_t *u, tip_t *tip)
{
  decision_t d = {.type = DECISION_NONE};
  hash_t held;
  if (decision_decode (u->decision, t->arena, &d) == ERR_NOMEM)
    return ERR_NOMEM;
  if (d.type != DECISION_OPENED || id_is_zero (d.u.opened.parent.b, sizeof d.u.opened.parent.b))
    return ERR_OK;
  err_t err = outbox_centre_chain_at (t->txn, d.u.opened.parent, d.u.opened.parent_seq, &held);
  if (err == ERR_OK && !hash_eq (held, d.u.opened.parent_hash))
    return ERR_FORGED; /* another past than the one we were told */
  tip->hash = chain_start (tip->stream, d.u.opened.parent, d.u.opened.parent_seq, d.u.opened.parent_hash);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
same_as_held (taking_t *t, const update_t *u)
{
  uint8_t bytes[24];
  str_t stored, held;
  hash_t hash;
  uint64_t lsn;
  const str_t key = entry_key (u->version.store, u->version.seq, bytes);
  err_t err = kv_get (t->txn, ODB_CENTRE, key, &stored);
  if (err == ERR_OK)
    err = outbox_entry_read (key, stored, &lsn, &hash, &held);
  if (err == ERR_NOT_FOUND)
    return ERR_DAMAGED;
  return err == ERR_OK && !str_eq (held, u->bytes) ? ERR_FORGED : err;
}

static err_t
take_entry (taking_t *t, const centre_entry_t *e)
{
  update_t u;
  tip_t *tip = NULL;
  uint8_t key[24];
  buf_t v = BUF_INIT;
  arena_reset (t->arena);
  err_t err = update_decode (e->update, t->arena, &u, NULL);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_FORGED;
  if (u.record.kind != KIND_DECISION)
    return ERR_FORGED;
  if (u.agent_time.ms > t->told_at.ms)
    t->told_at = u.agent_time;
  err = find_tip (t, u.version.store, &tip);
  if (err != ERR_OK)
    return err;
  if (u.version.seq <= tip->seq) {
    err = same_as_held (t, &u);
    return err == ERR_OK ? take_held (t, &u, e->lsn) : err;
  }
  if (u.version.seq != tip->seq + 1)
    return ERR_FORGED;
  if (tip->seq == 0 && (err = begin_chain (t, &u, tip)) != ERR_OK)
    return err;
  tip->hash = chain_next (tip->hash, u.bytes);
  tip->seq++;
  tip->extended = true;
  buf_u64 (&v, e->lsn);
  buf_put (&v, tip->hash.b, 32);
  buf_put (&v, u.bytes.p, u.bytes.n);
  err = buf_ok (&v) ? val_put (t->txn, ODB_CENTRE, entry_key (tip->stream, tip->seq, key), buf_str (&v))
                    : ERR_NOMEM;
  buf_free (&v);
  return err == ERR_OK ? take_decision (t, &u, e->lsn) : err;
}

static err_t
keep_head (taking_t *t, const signed_head_t *h)
{
  uint8_t key[24], value[32 + 64];
  memcpy (value, h->hash.b, 32);
  memcpy (value + 32, h->signature.b, 64);
  return val_put (t->txn, ODB_HEAD, entry_key (h->store, h->seq, key),
                  (str_t){(const char *)value, sizeof value});
}

/* What a head signs is worth no less when the centre has lost it: heads are kept with the entries. */
static err_t
check_heads (taking_t *t, const msg_down_t *d)
{
  buf_t b = BUF_INIT;
  err_t err = ERR_OK;
  for (size_t i = 0; i < d->heads_n && err == ERR_OK; i++) {
    const signed_head_t *h = &d->heads[i];
    for (size_t k = 0; k < t->tips && err == ERR_OK; k++) {
      tip_t *tip = &t->tip[k];
      if (!store_id_eq (tip->stream, h->store) || h->seq != tip->seq || h->serial != 0)
        continue;
      buf_clear (&b);
      head_bytes (h->store, h->seq, h->hash, h->serial, &b);
      tip->signed_for = buf_ok (&b) && hash_eq (h->hash, tip->hash) &&
                        sign_check (SIGN_HEAD, buf_str (&b), h->signature, &t->o->identity.centre);
      if (tip->signed_for && tip->extended)
        err = keep_head (t, h);
    }
  }
  buf_free (&b);
  for (size_t k = 0; k < t->tips && err == ERR_OK; k++)
    if (t->tip[k].extended && !t->tip[k].signed_for)
      err = ERR_FORGED;
  return err;
}

/* ---- the cursor ---- */

static err_t
read_cursor (taking_t *t)
{
  err_t err = outbox_streams_read (t->o, t->txn);
  if (err == ERR_OK)
    err = outbox_told_upto (t->txn, &t->cursor, &t->told_at);
  return err == ERR_OK ? outbox_decided (t->txn, &t->decided) : err;
}

static err_t
note_epoch (kv_txn_t *txn, uint64_t epoch)
{
  buf_t b = BUF_INIT;
  str_t known = STR_NONE;
  err_t err = meta_get (txn, ODB_META, META_EPOCHS, &known);
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  const size_t most = (size_t)(EPOCHS_KNOWN_MAX - 1) * 8;
  if (err == ERR_OK && known.n > most)
    known = (str_t){known.p + (known.n - most), most};
  buf_put (&b, known.p, err == ERR_OK ? known.n : 0);
  buf_u64 (&b, epoch);
  err = buf_ok (&b) ? meta_put (txn, ODB_META, META_EPOCHS, buf_str (&b)) : ERR_NOMEM;
  buf_free (&b);
  return err;
}

static err_t
write_cursor (taking_t *t, const msg_down_t *d)
{
  buf_t b = BUF_INIT;
  buf_u64 (&b, d->epoch);
  buf_u64 (&b, t->again ? 0 : d->last_lsn);
  err_t err = buf_ok (&b) ? meta_put (t->txn, ODB_META, META_DOWN, buf_str (&b)) : ERR_NOMEM;
  if (err == ERR_OK && t->cursor.epoch != d->epoch)
    err = note_epoch (t->txn, d->epoch);
  buf_free (&b);
  return err;
}

/* The three lists side by side, in the order of the log. */
static err_t
take_all (taking_t *t, const msg_down_t *d)
{
  size_t c = 0, r = 0, o = 0;
  uint64_t lsn = d->first_lsn - 1;
  err_t err = ERR_OK;
  while (err == ERR_OK && (c < d->centre_n || r < d->records_n || o < d->own_n)) {
    const uint64_t at_c = c < d->centre_n ? d->centre[c].lsn : UINT64_MAX;
    const uint64_t at_r = r < d->records_n ? d->records[r].lsn : UINT64_MAX;
    const uint64_t at_o = o < d->own_n ? d->own[o].first_lsn : UINT64_MAX;
    const uint64_t at = at_c < at_r ? (at_c < at_o ? at_c : at_o) : at_r < at_o ? at_r : at_o;
    if (at <= lsn || at > d->last_lsn)
      return ERR_FORGED;
    lsn = at;
    if (at == at_c)
      err = take_entry (t, &d->centre[c++]);
    else if (at == at_r)
      err = records_take_other (t, &d->records[r++]);
    else {
      const own_range_t *own = &d->own[o++];
      lsn = at + (own->last_seq - own->first_seq);
      err = lsn >= at && lsn <= d->last_lsn ? records_take_own (t, own) : ERR_FORGED;
    }
  }
  return err;
}

static err_t
take_down (taking_t *t, const msg_down_t *d, fail_t *fail)
{
  err_t err = read_cursor (t);
  const uint64_t decided = t->decided;
  const wall_t told_at = t->told_at;
  if (err != ERR_OK)
    return err;
  if (d->epoch == t->cursor.epoch && d->epoch != 0 && t->cursor.lsn == 0 && d->first_lsn > 1)
    return ERR_END; /* on its way when we began anew */
  if (d->epoch == 0 || d->first_lsn == 0 || d->first_lsn > t->cursor.lsn + 1)
    return fail_set (fail, ERR_FORGED,
                     L ("dữ liệu từ trung tâm bị hụt một đoạn", "a part of the centre's data is missing"));
  if (t->cursor.epoch != 0 && t->cursor.epoch != d->epoch)
    err = outbox_lost_from (t->txn, d->first_lsn);
  if (err == ERR_OK)
    err = outbox_meta_number (t->txn, META_OWN_TOLD, 0, &t->own_told);
  const uint64_t own_told = t->own_told;
  if (err == ERR_OK)
    err = take_all (t, d);
  if (err == ERR_OK)
    err = check_heads (t, d);
  if (err == ERR_OK)
    err = records_show_hidden (t);
  if (err == ERR_OK)
    err = book_flush (t->o->book, t->txn);
  if (err == ERR_OK && t->decided != decided)
    err = meta_put_u64 (t->txn, ODB_META, META_DECIDED, t->decided);
  if (err == ERR_OK && d->complete)
    err = outbox_lost_complete (t->txn);
  if (err == ERR_OK && t->own_told != own_told)
    err = meta_put_u64 (t->txn, ODB_META, META_OWN_TOLD, t->own_told);
  if (err == ERR_OK && t->told_at.ms != told_at.ms)
    err = meta_put_u64 (t->txn, ODB_META, META_TOLD_AT, (uint64_t)t->told_at.ms);
  if (err == ERR_OK && (d->last_lsn > t->cursor.lsn || t->cursor.epoch != d->epoch))
    err = write_cursor (t, d);
  return err;
}

/* Nothing new in it: no transaction, no flush. */
static err_t
is_news (outbox_t *o, const msg_down_t *d, bool *news)
{
  taking_t t = {.o = o};
  *news = true;
  err_t err = kv_begin (o->kv, false, &t.txn);
  if (err == ERR_OK)
    err = read_cursor (&t);
  kv_abort (&t.txn);
  if (err == ERR_OK && t.cursor.epoch == d->epoch && d->epoch != 0 && d->last_lsn <= t.cursor.lsn)
    *news = false;
  return err;
}

err_t
outbox_down (outbox_t *o, const msg_down_t *d, wall_t now, fail_t *fail)
{
  taking_t t = {.o = o, .now = now};
  bool news = true;
  err_t err = is_news (o, d, &news);
  if (err != ERR_OK || !news)
    return outbox_fail (fail, err);
  err = ERR_NOMEM;
  t.arena = arena_new (ENTRY_BUDGET);
  if (t.arena == NULL)
    goto done;
  err = kv_begin (o->kv, true, &t.txn);
  if (err == ERR_OK)
    err = take_down (&t, d, fail);
  if (err == ERR_OK)
    err = kv_commit (&t.txn);
done:
  kv_abort (&t.txn);
  book_reset (o->book);
  arena_destroy (&t.arena);
  if (err == ERR_OK)
    err = outbox_refresh (o, fail);
  if (err == ERR_OK || err == ERR_END)
    return err == ERR_OK && t.again ? ERR_END : err;
  if (err == ERR_FORGED)
    fail_set (fail, err,
              L ("dữ liệu từ trung tâm không khớp chữ ký hoặc chuỗi băm; không lưu gì",
                 "the centre's data does not fit its signature or chain; nothing was stored"));
  return outbox_fail (fail, err);
}
