/* drafts.c - storing what was entered: number, encode, chain, log, book, in one transaction.
 *
 * The caller has validated against a snapshot; here the bases are looked at again, since another process
 * may have written in between. Then nothing is stored and the caller starts anew from what is there now.
 * Heads are not signed here but once per chunk, when updates leave. */
#include "agent/outbox/internal.h"
#include "agent/outbox/told.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  uint64_t seq, import_no, decided; /* seq: the last place taken */
  hash_t chain;
  str_t person, comment;
  wall_t now;
  arena_t *arena; /* one draft's old state; reset for each */
  buf_t bytes, row;
} storing_t;

static err_t
not_current (const outbox_t *o, fail_t *fail, const record_t *r)
{
  buf_t key = BUF_INIT, words = BUF_INIT;
  record_key_text (r, outbox_catalogue (o), &key);
  const reason_t why = {REASON_BASE_NOT_CURRENT, {buf_str (&key), STR_NONE, STR_NONE}, -1};
  reason_words (&why, &words);
  fail_set (fail, ERR_INPUT, "%s", buf_z (&words));
  buf_free (&key);
  buf_free (&words);
  return ERR_INPUT;
}

/* The row a draft is based on; *found false for a create, and for one that has left the book (*displaced).
 * ERR_INPUT: the base is not current. What was refused of ours may be tried again as it was: the centre
 * merges it with what stands now. */
static err_t
check_base (storing_t *s, const draft_t *d, row_t *row, bool *found, bool *displaced)
{
  bool refused = false;
  err_t err = book_get (s->o->book, s->txn, d->ref, row);
  *found = err == ERR_OK;
  if (err == ERR_NOT_FOUND && d->base.seq == 0)
    return ERR_OK;
  if (err == ERR_NOT_FOUND) {
    err = outbox_displaced (s->o, s->txn, d->ref.id, row);
    *displaced = err == ERR_OK && version_eq (row->version, d->base);
    return *displaced ? ERR_OK : err == ERR_OK || err == ERR_NOT_FOUND ? ERR_INPUT : err;
  }
  if (err != ERR_OK || d->base.seq == 0)
    return err != ERR_OK ? err : ERR_INPUT;
  if (version_eq (row->version, d->base))
    return ERR_OK;
  if (!outbox_row_undecided (s->o, row, s->decided))
    err = outbox_refusal_of (s->o, s->txn, d->ref.id, d->base, &refused, NULL);
  return err != ERR_OK || refused ? err : ERR_INPUT;
}

/* The centre's state waits in the shadow while the screen shows ours. A create that was refused is no state
 * of the centre's. */
static err_t
keep_shadow (storing_t *s, const row_t *row, str_t bytes)
{
  bool refused = false;
  row_t shadow = *row;
  if (outbox_row_undecided (s->o, row, s->decided))
    return ERR_OK;
  err_t err = outbox_refusal_of (s->o, s->txn, row->ref.id, row->version, &refused, NULL);
  shadow.bytes = bytes;
  return err == ERR_OK && !refused ? outbox_shadow_put (s->txn, &shadow) : err;
}

/* One that has left the book is back there when its key is free now; else it stays beside it. */
static err_t
apply_displaced (storing_t *s, const update_t *u, const row_t *before)
{
  const row_t row = {.ref = before->ref,
                     .version = u->version,
                     .at = AT_UNDECIDED | s->seq,
                     .revision = before->revision + 1,
                     .received = s->now,
                     .withdrawn = u->operation == OP_WITHDRAW,
                     .bytes = u->bytes};
  err_t err = book_set (s->o->book, s->txn, NULL, NULL, u, &row);
  if (err == ERR_EXISTS)
    return outbox_shadow_put (s->txn, &row);
  if (err == ERR_OK)
    err = outbox_shadow_del (s->txn, row.ref);
  return err == ERR_OK ? outbox_hidden_del (s->txn, row.ref) : err;
}

static err_t
too_long (const outbox_t *o, fail_t *fail, const draft_t *d)
{
  buf_t key = BUF_INIT;
  record_key_text (&d->record, outbox_catalogue (o), &key);
  fail_set (fail, ERR_TOO_BIG,
            L ("bản ghi “%s” quá dài (giới hạn %u byte); hãy rút ngắn ghi chú",
               "record \"%s\" is too long (limit %u bytes); shorten its note"),
            buf_z (&key), UPDATE_MAX);
  buf_free (&key);
  return ERR_TOO_BIG;
}

static err_t
store_one (storing_t *s, const draft_t *d, fail_t *fail)
{
  row_t row = {0};
  update_t old = {0};
  bool found = false, displaced = false;
  arena_reset (s->arena);
  err_t err = check_base (s, d, &row, &found, &displaced);
  if (err == ERR_INPUT)
    return not_current (s->o, fail, &d->record);
  str_t bytes = found || displaced ? arena_str (s->arena, row.bytes) : STR_NONE;
  if (err == ERR_OK && (found || displaced))
    err = bytes.p != NULL ? update_decode (bytes, s->arena, &old, NULL) : ERR_NOMEM;
  if (err != ERR_OK)
    return err == ERR_MALFORMED || err == ERR_TOO_BIG ? ERR_DAMAGED : err;

  update_t u = {.version = outbox_version_at (s->o, s->seq + 1),
                .id = d->ref.id,
                .home = d->ref.home,
                .operation = d->operation,
                .base = d->named != NULL ? *d->named : d->base,
                .person = s->person,
                .comment = s->comment,
                .agent_time = s->now,
                .record = d->record,
                .settles = d->settles,
                .settles_n = d->settles_n,
                .unknown = d->unknown != NULL ? *d->unknown : old.unknown};
  buf_clear (&s->bytes);
  if (!update_encode (&u, &s->bytes))
    return ERR_NOMEM;
  u.bytes = buf_str (&s->bytes);
  if (u.bytes.n > UPDATE_MAX)
    return too_long (s->o, fail, d);
  s->chain = chain_next (s->chain, u.bytes);
  s->seq++;

  const outbox_log_t log = {s->now, s->import_no, d->ref, s->chain, u.bytes};
  if (found)
    err = keep_shadow (s, &row, bytes);
  if (err != ERR_OK)
    return err;
  err = displaced ? apply_displaced (s, &u, &row)
                  : book_apply (s->o->book, s->txn, found ? &row : NULL, found ? &old.record : NULL, &u,
                                AT_UNDECIDED | s->seq, s->now);
  if (err == ERR_EXISTS)
    return not_current (s->o, fail, &d->record);
  if (err == ERR_OVERFLOW)
    return fail_set (fail, err,
                     L ("tổng sẽ vượt quá giới hạn số nguyên 64 bit; kiểm tra lại số tiền",
                        "a total would overflow 64 bits; check the amounts"));
  return err == ERR_OK ? outbox_log_append (s->txn, s->seq, &log, &s->row) : err;
}

/* The import's row: number → when, first and last sequence, rows, file, and what it takes back. */
static err_t
write_import (storing_t *s, const import_info_t *import, uint64_t first)
{
  buf_t key = BUF_INIT, v = BUF_INIT;
  /* no system opens a path longer than the length's field, so nothing is ever cut */
  const size_t n = import->file.n < UINT16_MAX ? import->file.n : UINT16_MAX;
  buf_u64 (&key, s->import_no);
  buf_i64 (&v, s->now.ms);
  buf_u64 (&v, first);
  buf_u64 (&v, s->seq);
  buf_u64 (&v, import->rows);
  buf_u16 (&v, (uint16_t)n);
  buf_put (&v, import->file.p, n);
  if (import->undoes != 0)
    buf_u64 (&v, import->undoes);
  err_t err = buf_ok (&key) && buf_ok (&v) ? val_append (s->txn, ODB_IMPORT, buf_str (&key), buf_str (&v))
                                           : ERR_NOMEM;
  if (err == ERR_OK)
    err = meta_put_u64 (s->txn, ODB_META, META_IMPORT, s->import_no);
  buf_free (&key);
  buf_free (&v);
  return err;
}

static err_t
store_all (storing_t *s, draft_next_fn *next, void *ctx, const import_info_t *import, uint64_t *first,
           fail_t *fail)
{
  draft_t d;
  err_t err = outbox_streams_read (s->o, s->txn);
  if (err == ERR_OK)
    err = outbox_stream_end (s->o, s->txn, &s->seq, &s->chain);
  *first = s->seq + 1;
  if (err == ERR_OK)
    err = outbox_decided (s->txn, &s->decided);
  if (err == ERR_OK && import != NULL)
    err = outbox_meta_number (s->txn, META_IMPORT, 0, &s->import_no);
  if (import != NULL)
    s->import_no++;
  while (err == ERR_OK) {
    err = next (ctx, &d);
    if (err == ERR_OK)
      err = store_one (s, &d, fail);
  }
  if (err != ERR_END)
    return err;
  err = import != NULL ? write_import (s, import, *first) : ERR_OK;
  if (err == ERR_OK)
    err = outbox_stream_put (s->txn, s->seq, s->chain);
  return err == ERR_OK ? book_flush (s->o->book, s->txn) : err;
}

err_t
outbox_store_each (outbox_t *o, draft_next_fn *next, void *ctx, str_t person, str_t comment,
                   const import_info_t *import, wall_t now, uint64_t *first_seq, uint64_t *import_no,
                   fail_t *fail)
{
  uint64_t first = 0;
  storing_t s = {
      .o = o, .person = person, .comment = comment, .now = now, .bytes = BUF_INIT, .row = BUF_INIT};
  err_t err = ERR_NOMEM;
  CHECK (person.n <= PERSON_MAX && comment.n <= COMMENT_MAX);
  s.arena = arena_new (UPDATE_ROOM + (64u << 10));
  if (s.arena == NULL)
    goto done;
  s.txn = o->rehearsal;
  err = s.txn != NULL ? ERR_OK : kv_begin (o->kv, true, &s.txn);
  if (err == ERR_OK)
    err = store_all (&s, next, ctx, import, &first, fail);
  if (err == ERR_OK && o->rehearsal == NULL)
    err = kv_commit (&s.txn);
done:
  if (o->rehearsal == NULL)
    kv_abort (&s.txn);
  book_reset (o->book);
  arena_destroy (&s.arena);
  buf_free (&s.bytes);
  buf_free (&s.row);
  if (err != ERR_OK)
    return outbox_fail (fail, err);
  if (first_seq != NULL)
    *first_seq = first;
  if (import_no != NULL)
    *import_no = s.import_no;
  return ERR_OK;
}

typedef struct {
  const draft_t *at;
  size_t n;
} array_t;

static err_t
next_of_array (void *ctx, draft_t *out)
{
  array_t *a = ctx;
  if (a->n == 0)
    return ERR_END;
  *out = *a->at++;
  a->n--;
  return ERR_OK;
}

err_t
outbox_store (outbox_t *o, const draft_t *drafts, size_t n, str_t person, str_t comment,
              const import_info_t *import, wall_t now, uint64_t *first_seq, uint64_t *import_no, fail_t *fail)
{
  array_t a = {drafts, n};
  return outbox_store_each (o, next_of_array, &a, person, comment, import, now, first_seq, import_no, fail);
}

err_t
outbox_rehearse (outbox_t *o)
{
  CHECK (o->rehearsal == NULL);
  return kv_begin (o->kv, true, &o->rehearsal);
}

kv_txn_t *
outbox_rehearsal (outbox_t *o)
{
  return o->rehearsal;
}

void
outbox_rehearse_end (outbox_t *o)
{
  kv_abort (&o->rehearsal);
  book_reset (o->book);
}
