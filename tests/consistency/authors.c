/* authors.c - PCs as the centre hears them: streams, chunks, and the disorder they come in. */
#include "tests/consistency/conserved.h"

#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"
#include "tests/unit/collector/fixture.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 8u
#define SLICES_MAX CHUNK_UPDATES_MAX

void
pc_open (world_t *w, pc_t *pc, unit_id_t unit, role_t role)
{
  peer_t *peer = calloc (1, sizeof *peer);
  CHECK (peer != NULL);
  peer_open (peer, w->l, unit, role);
  pc->serial = peer->serial;
  pc->unit = unit;
  pc->role = role;
  pc->store = peer->store;
  pc->secret = peer->secret;
  pc->hash = peer->chain[0];
  free (peer);
}

static void
batch_free (batch_t *b)
{
  buf_free (&b->bytes);
  free (b->end);
}

void
pc_close (pc_t *pc)
{
  for (size_t i = 0; i < pc->kept_n; i++)
    batch_free (&pc->kept[i]);
  for (size_t i = 0; i < pc->waiting_n; i++)
    batch_free (&pc->waiting[i]);
  free (pc->own);
  free (pc->shared);
}

void
pc_begin_batch (pc_t *pc)
{
  CHECK (pc->waiting_n < WAITING);
  pc->waiting[pc->waiting_n++] = (batch_t){.first = pc->seq + 1, .before = pc->hash};
}

void
pc_write (world_t *w, pc_t *pc, account_t *a, operation_t operation, const char *comment,
          const version_t *settles, uint32_t settles_n)
{
  made_t m;
  batch_t *b = &pc->waiting[pc->waiting_n - 1];
  const size_t from = b->bytes.n;
  size_t *end = array_room (b->end, b->n, &b->cap, sizeof *end);
  CHECK (end != NULL);
  b->end = end;
  a->withdrawn = operation == OP_WITHDRAW;
  account_update (a, operation, comment, &m);
  m.u.version = (version_t){pc->store, ++pc->seq};
  m.u.settles = settles;
  m.u.settles_n = settles_n;
  CHECK (update_encode (&m.u, &b->bytes) && buf_ok (&b->bytes));
  b->end[b->n++] = b->bytes.n;
  pc->hash = chain_next (pc->hash, (str_t){b->bytes.p + from, b->bytes.n - from});
  a->version = m.u.version;
  w->made++;
}

/* ---- one chunk ---- */

typedef struct {
  pc_t *pc;
  msg_chunk_t chunk;
  uint64_t known; /* what its author had acknowledged before, of the chunk */
  bool early;     /* there is a gap in front of it: it must be turned away */
  bool next;      /* it takes the first waiting batch along */
} parcel_t;

static str_t
update_in (const batch_t *b, size_t i)
{
  const size_t from = i == 0 ? 0 : b->end[i - 1];
  return (str_t){b->bytes.p + from, b->end[i] - from};
}

static void
put_batch (parcel_t *p, const batch_t *b, size_t from, str_t *slices)
{
  for (size_t i = from; i < b->n; i++) {
    CHECK (p->chunk.updates_n < SLICES_MAX);
    slices[p->chunk.updates_n++] = update_in (b, i);
  }
}

static void
begin_at (parcel_t *p, const batch_t *b, size_t from)
{
  p->chunk.first_seq = b->first + from;
  p->chunk.previous_hash = b->before;
  for (size_t i = 0; i < from; i++)
    p->chunk.previous_hash = chain_next (p->chunk.previous_hash, update_in (b, i));
}

static void
sign (parcel_t *p)
{
  buf_t bytes = BUF_INIT;
  hash_t last = p->chunk.previous_hash;
  for (size_t i = 0; i < p->chunk.updates_n; i++)
    last = chain_next (last, p->chunk.updates[i]);
  signed_head_t *h = &p->chunk.head;
  *h = (signed_head_t){.store = p->pc->store,
                       .seq = p->chunk.first_seq + p->chunk.updates_n - 1,
                       .hash = last,
                       .serial = p->pc->serial,
                       .given = true};
  head_bytes (h->store, h->seq, h->hash, h->serial, &bytes);
  h->signature = sign_make (SIGN_HEAD, buf_str (&bytes), &p->pc->secret);
  buf_free (&bytes);
}

/* The next chunk most of the time. False: it has nothing. */
static bool
choose (world_t *w, pc_t *pc, parcel_t *p, str_t *slices)
{
  const uint32_t how = dice (w, 16);
  *p = (parcel_t){.pc = pc, .chunk = {.store = pc->store, .updates = slices}};
  if (how == 0 && pc->waiting_n > 1) { /* the second before the first */
    p->early = true;
    begin_at (p, &pc->waiting[1], 0);
    put_batch (p, &pc->waiting[1], 0, slices);
  } else if (how == 1 && pc->kept_n > 0) { /* an old one again */
    const batch_t *b = &pc->kept[dice (w, (uint32_t)pc->kept_n)];
    begin_at (p, b, 0);
    put_batch (p, b, 0, slices);
    p->known = b->n;
  } else if (pc->waiting_n == 0) {
    return false;
  } else {
    const batch_t *b = pc->kept_n > 0 ? &pc->kept[pc->kept_n - 1] : NULL;
    p->next = true;
    if (how == 2 && b != NULL && b->n + pc->waiting[0].n <= SLICES_MAX) { /* what is known in front of it */
      const size_t from = dice (w, (uint32_t)b->n);
      p->known = b->n - from;
      begin_at (p, b, from);
      put_batch (p, b, from, slices);
    } else {
      begin_at (p, &pc->waiting[0], 0);
    }
    put_batch (p, &pc->waiting[0], 0, slices);
  }
  sign (p);
  return true;
}

/* The first waiting batch is durable. */
static void
move_on (pc_t *pc)
{
  if (pc->kept_n == KEPT) {
    batch_free (&pc->kept[0]);
    memmove (&pc->kept[0], &pc->kept[1], --pc->kept_n * sizeof pc->kept[0]);
  }
  pc->kept[pc->kept_n++] = pc->waiting[0];
  memmove (&pc->waiting[0], &pc->waiting[1], --pc->waiting_n * sizeof pc->waiting[0]);
}

static void
check_answer (world_t *w, const parcel_t *p, const ingest_t *item)
{
  const uint64_t last = p->chunk.first_seq + p->chunk.updates_n - 1;
  if (item->forged || item->restated != p->early)
    broken (w, "a chunk of stream %u was %s", (unsigned)p->pc->serial, item->forged ? "forged" : "restated");
  if (p->early) {
    w->turned_away++;
    if (item->cursor != p->pc->acked)
      broken (w, "the cursor was restated wrongly");
    return;
  }
  if (item->repeated != p->known)
    broken (w, "%u updates were taken for repeats, %u are", (unsigned)item->repeated, (unsigned)p->known);
  if (p->next && item->cursor != last)
    broken (w, "the cursor stands elsewhere than behind the chunk");
  if (!p->next && item->cursor != p->pc->acked)
    broken (w, "a repeat moved the cursor");
  p->pc->acked = item->cursor;
  if (p->next)
    move_on (p->pc);
}

static void
commit (world_t *w, parcel_t *p, size_t n)
{
  static decoded_t decoded[ITEMS_MAX][SLICES_MAX];
  ingest_t items[ITEMS_MAX];
  ingest_report_t report;
  arena_reset (w->arena);
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < p[i].chunk.updates_n; k++) {
      decoded_t *d = &decoded[i][k];
      d->err = update_decode (p[i].chunk.updates[k], w->arena, &d->update, &d->why);
      CHECK (d->err == ERR_OK);
    }
    items[i] = (ingest_t){.serial = p[i].pc->serial,
                          .office = p[i].pc->unit,
                          .role = p[i].pc->role,
                          .chunk = &p[i].chunk,
                          .updates = decoded[i]};
  }
  w->now.ms += 1 + dice (w, 50);
  const err_t err = ledger_ingest (w->l, items, n, w->now, &report);
  if (err != ERR_OK)
    broken (w, "ingest: %s", err_name (err));
  for (size_t i = 0; i < n; i++)
    check_answer (w, &p[i], &items[i]);
  w->accepted += report.accepted;
  w->merged += report.merged;
  w->parked += report.parked;
  w->refused += report.refused;
  w->repeated += report.repeated;
  w->commits++;
}

void
send_some (world_t *w)
{
  static str_t slices[ITEMS_MAX][SLICES_MAX];
  parcel_t parcels[ITEMS_MAX];
  size_t n = 0;
  uint32_t at = dice (w, PCS), step = 1 + dice (w, PCS - 1); /* PCS is a prime: nobody twice */
  for (size_t wanted = 1 + dice (w, ITEMS_MAX); wanted > 0; wanted--, at = (at + step) % PCS)
    n += choose (w, &w->pc[at], &parcels[n], slices[n]);
  if (n > 0)
    commit (w, parcels, n);
}

void
send_all (world_t *w)
{
  for (size_t i = 0; i < PCS; i++)
    while (w->pc[i].waiting_n > 0)
      send_some (w);
}
