/* verify_tables.c - the tables beside the log: each must say what the log says. */
#include "collector/ledger/closings.h"
#include "collector/ledger/submissions.h"
#include "collector/ledger/verify_private.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/store/flag_rows.h"

/* One value; when its checksum does not fit it is named and passed. */
static err_t
one (verify_t *v, kv_db_t db, str_t key, str_t stored, const char *thing, table_name_fn *name,
     table_row_fn *fn)
{
  str_t body;
  v->counts->values++;
  err_t err = val_open (db, key, stored, &body);
  if (err == ERR_OK)
    err = fn (v, key, body);
  if (err != ERR_DAMAGED)
    return err;
  buf_clear (&v->name);
  name (v, key);
  verify_found (v, thing, verify_unreadable ());
  return ERR_OK;
}

err_t
verify_some (verify_t *v, kv_db_t db, place_t *place, size_t limit, bool *over, const char *thing,
             table_name_fn *name, table_row_fn *fn)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, at = {(const char *)place->key, place->n};
  *over = false;
  err_t err = kv_cursor_open (v->txn, db, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek (c, at, &key, &stored);
  if (err == ERR_OK && str_eq (key, at))
    err = kv_next (c, &key, &stored);
  for (; err == ERR_OK && limit > 0; limit--) {
    place->n = key.n < sizeof place->key ? key.n : sizeof place->key;
    memcpy (place->key, key.p, place->n);
    err = one (v, db, key, stored, thing, name, fn);
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  *over = err == ERR_NOT_FOUND;
  return *over ? ERR_OK : err;
}

err_t
verify_each (verify_t *v, kv_db_t db, const char *thing, table_name_fn *name, table_row_fn *fn)
{
  kv_cursor_t *c = NULL;
  str_t key, stored;
  err_t err = kv_cursor_open (v->txn, db, &c);
  while (err == ERR_OK) {
    err = kv_next (c, &key, &stored);
    if (err == ERR_OK)
      err = one (v, db, key, stored, thing, name, fn);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void
name_stream (verify_t *v, str_t key)
{
  char hex[33];
  if (key.n < 16)
    return;
  hex_encode (key.p, 16, hex);
  buf_puts (&v->name, hex);
  if (key.n == 24)
    buf_printf (&v->name, ":%llu", (unsigned long long)key_read_u64 (key, 16));
}

static void
name_number (verify_t *v, str_t key)
{
  uint64_t n = 0;
  for (size_t i = 0; i < key.n && i < 8; i++)
    n = n << 8 | (uint8_t)key.p[i];
  buf_printf (&v->name, "%llu", (unsigned long long)n);
}

static void
name_text (verify_t *v, str_t key)
{
  buf_put (&v->name, key.p, key.n);
}

static void
name_id (verify_t *v, str_t key)
{
  record_id_t id;
  char text[37];
  if (key.n < 16)
    return;
  memcpy (id.b, key.p, 16);
  record_id_format (id, text);
  buf_puts (&v->name, text);
}

static store_id_t
stream_of (str_t key)
{
  store_id_t id;
  memcpy (id.b, key.p, 16);
  return id;
}

/* ---- cursors ---- */

static err_t
check_cursor (verify_t *v, str_t key, str_t body)
{
  stream_row_t row;
  if (key.n != 16)
    return ERR_DAMAGED;
  seen_stream_t *s = verify_stream (v, stream_of (key));
  if (s == NULL)
    return ERR_NOMEM;
  s->row_seen = true;
  if (!stream_row_decode (body, &row))
    return ERR_DAMAGED;
  buf_clear (&v->name);
  name_stream (v, key);
  if (row.cursor != s->seq && (v->lost == 0 || row.cursor < s->seq))
    verify_found (v, "cursor",
                  L ("con trỏ không bằng số cuối của dòng trong nhật ký",
                     "the cursor is not the stream's last number in the log"));
  else if (row.cursor == s->seq && s->known && !hash_eq (row.hash, s->chain))
    verify_found (
        v, "chain",
        L ("giá trị băm ở con trỏ không khớp với nhật ký", "the hash at the cursor does not fit the log"));
  if (s->count > 0 && (row.centre != s->centre || (!row.centre && row.owner != s->serial)))
    verify_found (v, "cursor",
                  L ("chủ của dòng không khớp với nhật ký", "the stream's owner does not fit the log"));
  s->unit = row.unit;
  return verify_parent (v, s->id, &row);
}

err_t
verify_cursors (verify_t *v)
{
  err_t err = verify_each (v, DB_CURSOR, "cursor", name_stream, check_cursor);
  for (size_t i = 0; i < v->streams_n && err == ERR_OK; i++) {
    seen_stream_t *s = &v->stream[i];
    if (s->row_seen)
      continue;
    buf_clear (&v->name);
    name_stream (v, (str_t){(const char *)s->id.b, 16});
    /* a damaged row is named already; this is one that is gone */
    str_t stored;
    if (kv_get (v->txn, DB_CURSOR, (str_t){(const char *)s->id.b, 16}, &stored) == ERR_NOT_FOUND)
      verify_found (
          v, "cursor",
          L ("nhật ký có dòng này nhưng không có con trỏ", "the log has this stream, but no cursor"));
  }
  v->counts->streams = v->streams_n;
  return err;
}

/* The values of one stream from a number on: what came since the walk. Takes what it reads off *limit. */
static err_t
since (verify_t *v, kv_db_t db, store_id_t stream, uint64_t from, size_t *limit, const char *thing,
       table_row_fn *fn)
{
  kv_cursor_t *c = NULL;
  str_t key, stored;
  uint8_t first[24];
  err_t err = kv_cursor_open (v->txn, db, &c);
  if (err != ERR_OK)
    return err;
  err = kv_seek (c, key_version (first, stream, from), &key, &stored);
  while (err == ERR_OK && *limit > 0 && key.n >= sizeof stream.b &&
         memcmp (key.p, stream.b, sizeof stream.b) == 0) {
    --*limit;
    err = one (v, db, key, stored, thing, name_stream, fn);
    if (err == ERR_OK)
      err = kv_next (c, &key, &stored);
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- runs ---- */

static err_t
check_run (verify_t *v, str_t key, str_t body)
{
  run_t run;
  log_entry_t e;
  if (!run_decode (key, body, &run))
    return ERR_DAMAGED;
  seen_stream_t *s = verify_stream (v, run.stream);
  if (s == NULL)
    return ERR_NOMEM;
  bool fits = run.first_seq == s->ranged + 1;
  s->run_first = run.first_seq;
  s->ranged = run.first_seq + run.count - 1;
  for (uint32_t i = 0; i < run.count && fits; i += run.count > 1 ? run.count - 1 : 1) {
    err_t err = ledger_log_get (v->l, v->txn, run.first_lsn + i, &e);
    if (err == ERR_OK)
      fits = store_id_eq (e.stream, run.stream) && e.seq == run.first_seq + i;
    else if (err == ERR_NOT_FOUND)
      fits = v->lost > 0;
    else if (err != ERR_DAMAGED)
      return err;
  }
  if (!fits) {
    buf_clear (&v->name);
    name_stream (v, key);
    verify_found (v, "version index",
                  L ("không dẫn tới đúng mục nhật ký", "it does not lead to its log entries"));
  }
  return ERR_OK;
}

err_t
verify_runs (verify_t *v, size_t limit, bool *over)
{
  uint64_t findings = v->counts->findings;
  err_t err = verify_some (v, DB_RANGE, &v->run, limit, over, "version index", name_stream, check_run);
  v->runs_named = v->runs_named || v->counts->findings != findings;
  return err;
}

/* What streams got since the walk: a last run may have grown, others may have come. */
err_t
verify_runs_since (verify_t *v, size_t limit, bool *over)
{
  err_t err = ERR_OK;
  for (size_t i = 0; i < v->streams_n && err == ERR_OK && limit > 0; i++) {
    uint64_t first = v->stream[i].run_first;
    if (v->stream[i].ranged >= v->stream[i].seq)
      continue;
    v->stream[i].ranged = first > 0 ? first - 1 : 0;
    err = since (v, DB_RANGE, v->stream[i].id, first, &limit, "version index", check_run);
  }
  *over = limit > 0;
  return err;
}

err_t
verify_runs_end (verify_t *v)
{
  bool over;
  uint64_t findings = v->counts->findings;
  err_t err = verify_runs_since (v, SIZE_MAX, &over);
  if (err != ERR_OK || v->counts->findings != findings || v->lost > 0 || v->runs_named)
    return err;
  for (size_t i = 0; i < v->streams_n; i++) {
    if (v->stream[i].ranged == v->stream[i].seq)
      continue;
    buf_clear (&v->name);
    name_stream (v, (str_t){(const char *)v->stream[i].id.b, 16});
    verify_found (v, "version index", L ("thiếu một phần của dòng", "a part of the stream is missing"));
  }
  return ERR_OK;
}

/* ---- heads ---- */

static err_t
check_head (verify_t *v, str_t key, str_t body)
{
  rd_t r = rd_of (body.p, body.n);
  str_t hash_bytes = rd_bytes (&r, 32);
  uint32_t serial = rd_u32 (&r);
  str_t signature_bytes = rd_bytes (&r, 64);
  agent_full_t agent;
  hash_t hash, ours;
  signature_t signature;
  if (!rd_done (&r) || key.n != 24)
    return ERR_DAMAGED;
  memcpy (hash.b, hash_bytes.p, 32);
  memcpy (signature.b, signature_bytes.p, 64);
  store_id_t stream = stream_of (key);
  uint64_t seq = key_read_u64 (key, 16);
  v->counts->heads++;
  seen_stream_t *s = verify_stream (v, stream);
  if (s == NULL)
    return ERR_NOMEM;
  s->head_seq = seq;
  buf_clear (&v->name);
  name_stream (v, key);
  err_t err = ledger_chain_at (v->l, v->txn, stream, seq, &ours);
  if (err == ERR_OK && !hash_eq (hash, ours))
    verify_found (v, "head",
                  L ("đầu dòng đã ký không khớp với chuỗi băm", "the signed head does not fit the chain"));
  if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_DAMAGED)
    return err;
  err = agent_get (v->txn, serial, &agent);
  if (err == ERR_DAMAGED)
    return ERR_OK; /* named with the agents */
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  buf_t bytes = BUF_INIT;
  head_bytes (stream, seq, hash, serial, &bytes);
  bool ok = err == ERR_OK && buf_ok (&bytes) &&
            sign_check (SIGN_HEAD, buf_str (&bytes), signature, &agent.row.sign_key);
  buf_free (&bytes);
  if (!ok)
    verify_found (v, "head", L ("chữ ký của đầu dòng không đúng", "the signature of the head is wrong"));
  return ERR_OK;
}

err_t
verify_heads (verify_t *v, size_t limit, bool *over)
{
  return verify_some (v, DB_HEAD, &v->head, limit, over, "head", name_stream, check_head);
}

err_t
verify_heads_since (verify_t *v, size_t limit, bool *over)
{
  err_t err = ERR_OK;
  for (size_t i = 0; i < v->streams_n && err == ERR_OK && limit > 0; i++)
    if (!v->stream[i].centre && v->stream[i].head_seq < v->stream[i].seq)
      err = since (v, DB_HEAD, v->stream[i].id, v->stream[i].head_seq + 1, &limit, "head", check_head);
  *over = limit > 0;
  return err;
}

/* ---- down, refused ---- */

static err_t
check_down (verify_t *v, str_t key, str_t body)
{
  log_entry_t e;
  stream_row_t stream;
  (void)body;
  if (key.n != 12)
    return ERR_DAMAGED;
  rd_t r = rd_of (key.p, key.n);
  unit_id_t unit = rd_u32 (&r);
  err_t err = ledger_log_get (v->l, v->txn, key_read_u64 (key, 4), &e);
  bool fits = err == ERR_OK && e.serial == 0;
  if (err == ERR_OK)
    err = stream_get (v->txn, e.stream, &stream);
  fits = fits && err == ERR_OK && stream.unit == unit;
  if (fits || err == ERR_DAMAGED) /* a damaged one is named where it is */
    return ERR_OK;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  verify_found_at (
      v, "down", key_read_u64 (key, 4),
      L ("không dẫn tới một quyết định cho đơn vị này", "it leads to no decision for this office"));
  return ERR_OK;
}

static void
name_down (verify_t *v, str_t key)
{
  char text[POSITION_TEXT_MAX];
  position_format (ledger_position (v->l, key_read_u64 (key, 4)), text);
  buf_puts (&v->name, text);
}

err_t
verify_down (verify_t *v, size_t limit, bool *over)
{
  return verify_some (v, DB_DOWN, &v->down, limit, over, "down", name_down, check_down);
}

static err_t
check_refused (verify_t *v, str_t key, str_t body)
{
  log_entry_t e;
  (void)body;
  if (key.n != 24)
    return ERR_DAMAGED;
  err_t err = ledger_log_get (v->l, v->txn, key_read_u64 (key, 16), &e);
  if (err == ERR_DAMAGED || (err == ERR_OK && e.verdict == VERDICT_REFUSED))
    return ERR_OK;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  buf_clear (&v->name);
  name_id (v, key);
  verify_found (v, "refused", L ("không dẫn tới một thay đổi bị từ chối", "it leads to no refused update"));
  return ERR_OK;
}

err_t
verify_refused (verify_t *v, size_t limit, bool *over)
{
  return verify_some (v, DB_REFUSED, &v->refused, limit, over, "refused", name_id, check_refused);
}

/* ---- rows that stand for themselves ---- */

static err_t
check_agent (verify_t *v, str_t key, str_t body)
{
  agent_full_t a;
  (void)key;
  if (!agent_decode (body, &a))
    return ERR_DAMAGED;
  if (a.certificate.body.n == 0 && a.row.present != 0)
    return ERR_OK; /* known by its later keys only: after a restore (rekey.c) */
  if (sign_check (SIGN_AGENT_CERTIFICATE, a.certificate.body, a.certificate.signature, &v->l->keys.centre))
    return ERR_OK;
  buf_clear (&v->name);
  buf_put (&v->name, a.row.name.p, a.row.name.n);
  verify_found (v, "agent",
                L ("chữ ký trên chứng thư của máy không đúng", "the signature of its certificate is wrong"));
  return ERR_OK;
}

static err_t
check_contact (verify_t *v, str_t key, str_t body)
{
  contact_t c;
  (void)v;
  (void)key;
  return contact_decode (body, &c) ? ERR_OK : ERR_DAMAGED;
}

static err_t
check_invite (verify_t *v, str_t key, str_t body)
{
  invite_row_t i;
  (void)v;
  return invite_decode (key, body, &i) ? ERR_OK : ERR_DAMAGED;
}

static err_t
check_catalogue (verify_t *v, str_t key, str_t body)
{
  fail_t fail = {0};
  catalogue_t *c = catalogue_parse (body, 1, &fail);
  if (c == NULL) {
    buf_clear (&v->name);
    name_number (v, key);
    verify_found (v, "catalogue", L ("không phân tích được", "it cannot be parsed"));
  }
  catalogue_destroy (&c);
  return ERR_OK;
}

/* The decision an entry of the log holds; ERR_NOT_FOUND when it is none of the type. */
static err_t
decision_at (verify_t *v, uint64_t lsn, decision_type_t type, decision_t *out)
{
  log_entry_t e;
  err_t err = log_decision (v->l, v->txn, lsn, v->arena, &e, out);
  if (err == ERR_MALFORMED || (err == ERR_OK && (out->type != type || e.serial != 0)))
    return ERR_NOT_FOUND;
  return err;
}

static err_t
judge_row (verify_t *v, err_t err, bool fits, const char *thing, table_name_fn *name, str_t key)
{
  if (err == ERR_DAMAGED || (err == ERR_OK && fits)) /* a damaged entry is named where it is */
    return ERR_OK;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  buf_clear (&v->name);
  name (v, key);
  verify_found (
      v, thing,
      L ("không khớp với quyết định trong nhật ký", "it does not say what the decision in the log says"));
  return ERR_OK;
}

static err_t
check_answer (verify_t *v, str_t key, str_t body)
{
  answer_t a;
  decision_t d = {.type = DECISION_NONE};
  if (!answer_decode (key, body, &a))
    return ERR_DAMAGED;
  err_t err = decision_at (v, a.lsn, DECISION_SUBMISSION, &d);
  bool fits = err == ERR_OK && memcmp (d.u.submission.record.b, key.p, 16) == 0 &&
              version_eq (d.u.submission.version, a.version) &&
              d.u.submission.accepted == (a.state == ANSWER_ACCEPTED);
  return judge_row (v, err, fits, "answer", name_id, key);
}

static void
name_due (verify_t *v, str_t key)
{
  for (size_t i = 0; i + 5 < key.n; i++)
    buf_putc (&v->name, key.p[i] == '\x1f' ? '/' : key.p[i]);
}

/* What stands before 0x1f and a place in the log: a closing's period, a flag. */
static void
name_before_lsn (verify_t *v, str_t key)
{
  for (size_t i = 0; i + 9 < key.n; i++)
    buf_putc (&v->name, key.p[i]);
}

static err_t
check_due (verify_t *v, str_t key, str_t body)
{
  due_t row;
  decision_t d = {.type = DECISION_NONE};
  if (!due_decode (key, body, &row))
    return ERR_DAMAGED;
  err_t err = decision_at (v, row.lsn, DECISION_DUE, &d);
  bool fits = err == ERR_OK && str_eq (d.u.due.period, row.period) && d.u.due.unit == row.unit &&
              d.u.due.date == row.date && table_of_name (d.u.due.table) == row.table;
  return judge_row (v, err, fits, "due", name_due, key);
}

static err_t
check_lock (verify_t *v, str_t key, str_t body)
{
  lock_row_t row;
  decision_t d = {.type = DECISION_NONE};
  if (!lock_decode (key, body, &row))
    return ERR_DAMAGED;
  err_t err = decision_at (v, row.lsn, DECISION_LOCK, &d);
  bool fits = err == ERR_OK && str_eq (d.u.lock.period, row.period) && d.u.lock.unit == row.unit &&
              d.u.lock.locked == row.locked && d.u.lock.until.ms == row.until.ms &&
              table_of_name (d.u.lock.table) == row.table;
  return judge_row (v, err, fits, "lock", name_due, key);
}

/* A closing's position must have the seal it names: the figures sent are what the log says of it. */
static err_t
check_closing (verify_t *v, str_t key, str_t body)
{
  closing_t row;
  log_entry_t at;
  decision_t d = {.type = DECISION_NONE};
  if (!closing_decode (key, body, &row))
    return ERR_DAMAGED;
  err_t err = decision_at (v, row.lsn, DECISION_CLOSING, &d);
  bool fits = err == ERR_OK && str_eq (d.u.closing.period, row.period) &&
              d.u.closing.at.epoch == row.at.epoch && d.u.closing.at.lsn == row.at.lsn &&
              hash_eq (d.u.closing.seal, row.seal);
  uint64_t last = 0;
  if (fits && ledger_epoch_end (v->l, row.at.epoch, &last) && row.at.lsn <= last) {
    err = ledger_log_get (v->l, v->txn, row.at.lsn, &at);
    fits = err == ERR_OK && hash_eq (at.seal, row.seal);
  }
  return judge_row (v, err, fits, "closing", name_before_lsn, key);
}

/* A row is what its decision says, byte for byte. */
static err_t
check_flag (verify_t *v, str_t key, str_t body)
{
  flag_row_t row, said;
  log_entry_t e;
  decision_t d = {.type = DECISION_NONE};
  stream_row_t stream;
  buf_t bytes = BUF_INIT;
  if (!flag_row_decode (key, body, &row))
    return ERR_DAMAGED;
  err_t err = log_decision (v->l, v->txn, row.lsn, v->arena, &e, &d);
  if (err == ERR_OK)
    err = stream_get (v->txn, e.stream, &stream);
  bool fits = err == ERR_OK && e.serial == 0 && stream.unit == row.unit &&
              flag_row_of (&d, row.unit, row.person, e.received, row.lsn, &said) &&
              flag_row_encode (&said, &bytes) && str_eq (said.flag, row.flag) &&
              str_eq (buf_str (&bytes), body);
  buf_free (&bytes);
  return judge_row (v, err == ERR_MALFORMED ? ERR_NOT_FOUND : err, fits, "flag", name_before_lsn, key);
}

static err_t
check_meta (verify_t *v, str_t key, str_t body)
{
  if (!str_is (key, META_EPOCHS))
    return ERR_OK;
  buf_clear (&v->name);
  buf_put (&v->name, key.p, key.n);
  return verify_epochs (v, body);
}

err_t
verify_rows (verify_t *v)
{
  err_t err = verify_each (v, DB_META, "meta", name_text, check_meta);
  if (err == ERR_OK)
    err = verify_each (v, DB_AGENT, "agent", name_number, check_agent);
  if (err == ERR_OK)
    err = verify_each (v, DB_CONTACT, "contact", name_number, check_contact);
  if (err == ERR_OK)
    err = verify_each (v, DB_INVITE, "invite", name_id, check_invite);
  if (err == ERR_OK)
    err = verify_each (v, DB_CATALOGUE, "catalogue", name_number, check_catalogue);
  if (err == ERR_OK)
    err = verify_each (v, DB_VERDICT, "verdict", name_stream, verify_verdict_row);
  if (err == ERR_OK)
    err = verify_each (v, DB_ANSWER, "answer", name_id, check_answer);
  if (err == ERR_OK)
    err = verify_each (v, DB_DUE, "due", name_due, check_due);
  if (err == ERR_OK)
    err = verify_each (v, DB_LOCK, "lock", name_due, check_lock);
  if (err == ERR_OK)
    err = verify_each (v, DB_CLOSING, "closing", name_before_lsn, check_closing);
  if (err == ERR_OK)
    err = verify_each (v, DB_FLAG, "flag", name_before_lsn, check_flag);
  return err == ERR_OK ? verify_people (v) : err;
}
