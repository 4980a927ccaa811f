/* down.c - what is for an agent out of the log: its office's centre stream and the one for all.
 *
 * Both are read side by side in the order of the log. The cursor passes what is not for the office, so an
 * agent that is up to date holds the log's end whoever wrote last. A head is signed over the last entry
 * of each stream in the message: its reader checks chains, not single entries. */
#include "collector/ledger/state.h"

#include "common/crypto/crypto.h"

/* Room a centre entry takes in the message beside its bytes. */
#define ENTRY_OVERHEAD 24u

typedef struct {
  unit_id_t unit;
  kv_cursor_t *cursor;
  uint64_t lsn; /* of the next entry; UINT64_MAX = no more */
} source_feed_t;

typedef struct {
  ledger_t *l;
  kv_txn_t *txn;
  arena_t *arena;
  source_feed_t feed[2];
  centre_entry_t *entry;
  size_t entries;
  signed_head_t head[2];
  size_t heads, bytes, max_bytes;
} gathering_t;

static err_t
feed_take (source_feed_t *f, err_t err, str_t key)
{
  uint8_t prefix[12];
  f->lsn = UINT64_MAX;
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err != ERR_OK)
    return err;
  if (key.n == 12 && memcmp (key.p, key_down (prefix, f->unit, 0).p, 4) == 0)
    f->lsn = key_read_u64 (key, 4);
  return ERR_OK;
}

static err_t
feed_open (source_feed_t *f, kv_txn_t *txn, unit_id_t unit, uint64_t after)
{
  uint8_t from[12];
  str_t key = STR_NONE, value;
  f->unit = unit;
  f->lsn = UINT64_MAX;
  err_t err = kv_cursor_open (txn, DB_DOWN, &f->cursor);
  if (err != ERR_OK)
    return err;
  err = kv_seek (f->cursor, key_down (from, unit, after + 1), &key, &value);
  return feed_take (f, err, key);
}

static err_t
feed_next (source_feed_t *f)
{
  str_t key = STR_NONE, value;
  err_t err = kv_next (f->cursor, &key, &value);
  return feed_take (f, err, key);
}

static void
note_head (gathering_t *g, const log_entry_t *e)
{
  size_t i = 0;
  while (i < g->heads && !store_id_eq (g->head[i].store, e->stream))
    i++;
  if (i == g->heads) {
    CHECK (g->heads < 2);
    g->heads++;
  }
  g->head[i] = (signed_head_t){.store = e->stream, .seq = e->seq, .hash = e->chain, .given = true};
}

static err_t
sign_heads (gathering_t *g)
{
  buf_t bytes = BUF_INIT;
  err_t err = ERR_OK;
  for (size_t i = 0; i < g->heads && err == ERR_OK; i++) {
    signed_head_t *h = &g->head[i];
    buf_clear (&bytes);
    head_bytes (h->store, h->seq, h->hash, h->serial, &bytes);
    if (!buf_ok (&bytes))
      err = ERR_NOMEM;
    else
      h->signature = sign_make (SIGN_HEAD, buf_str (&bytes), &g->l->keys.centre_secret);
  }
  buf_free (&bytes);
  return err;
}

/* Takes the entry that comes first in the log; *full when it does not fit any more. */
static err_t
take_next (gathering_t *g, source_feed_t *f, bool *full)
{
  log_entry_t e;
  err_t err = ledger_log_get (g->l, g->txn, f->lsn, &e);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  size_t room = e.bytes.n + ENTRY_OVERHEAD;
  if (g->entries == DOWN_ENTRIES_MAX || (g->entries > 0 && g->bytes + room > g->max_bytes)) {
    *full = true;
    return ERR_OK;
  }
  centre_entry_t *to = &g->entry[g->entries];
  to->lsn = f->lsn;
  to->update = arena_str (g->arena, e.bytes);
  if (to->update.p == NULL)
    return ERR_NOMEM;
  g->entries++;
  g->bytes += room;
  note_head (g, &e);
  return feed_next (f);
}

static err_t
gather (gathering_t *g, bool *full)
{
  err_t err = ERR_OK;
  *full = false;
  while (err == ERR_OK && !*full) {
    source_feed_t *f = g->feed[0].lsn <= g->feed[1].lsn ? &g->feed[0] : &g->feed[1];
    if (f->lsn == UINT64_MAX)
      break;
    err = take_next (g, f, full);
  }
  return err;
}

err_t
ledger_down (ledger_t *l, kv_txn_t *txn, unit_id_t unit, position_t from, size_t max_bytes, arena_t *arena,
             msg_down_t *out)
{
  position_t end;
  bool full = false;
  signed_head_t *heads = NULL;
  gathering_t g = {
      .l = l, .txn = txn, .arena = arena, .max_bytes = max_bytes < DOWN_MAX ? max_bytes : DOWN_MAX};
  err_t err = ledger_end (l, txn, &end, NULL);
  if (err != ERR_OK)
    return err;
  uint64_t after = from.epoch == l->epoch && from.lsn <= end.lsn ? from.lsn : 0;
  g.entry = arena_alloc (arena, DOWN_ENTRIES_MAX * sizeof *g.entry);
  heads = arena_alloc (arena, 2 * sizeof *heads);
  if (g.entry == NULL || heads == NULL)
    return ERR_NOMEM;
  err = feed_open (&g.feed[0], txn, 0, after);
  g.feed[1].lsn = UINT64_MAX;
  if (err == ERR_OK && unit != 0)
    err = feed_open (&g.feed[1], txn, unit, after);
  if (err == ERR_OK)
    err = gather (&g, &full);
  if (err == ERR_OK)
    err = sign_heads (&g);
  if (err == ERR_OK) {
    memcpy (heads, g.head, sizeof g.head);
    *out = (msg_down_t){
        .epoch = l->epoch,
        .first_lsn = after + 1,
        .last_lsn = full ? g.entry[g.entries - 1].lsn : end.lsn,
        .centre = g.entry,
        .centre_n = g.entries,
        .heads = heads,
        .heads_n = g.heads,
        .complete = !full,
    };
  }
  kv_cursor_close (&g.feed[0].cursor);
  kv_cursor_close (&g.feed[1].cursor);
  return err;
}
