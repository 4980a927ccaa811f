/* test_outbox_model.c - an office's store against plain arrays (outbox_model.h): random entering, importing,
 * taking back, sending, acknowledging and being told, forks, bundles, failing commits and power cuts; after
 * every step everything that can be seen is compared.
 *
 * A step that fails at its commit leaves the store before it or after it, and the test says which. A failing
 * run names its seed: KC_SEED=n runs that one alone and tells its steps; KC_SEEDS=n runs so many. */
#include "tests/unit/agent/outbox_run.h"

#include "agent/entry/undo.h"
#include "agent/outbox/bundle.h"
#include "agent/outbox/internal.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/bundle_wire.h"

#define STEPS 120
#define SEEDS 24u
#define PERSON STR ("An")

uint32_t
dice (run_t *r, uint32_t n)
{
  r->dice ^= r->dice >> 12;
  r->dice ^= r->dice << 25;
  r->dice ^= r->dice >> 27;
  return (uint32_t)((r->dice * UINT64_C (2685821657736338717)) >> 33) % n;
}

run_t *running;

/* ---- the office's people ---- */

static int
some_shown (run_t *r)
{
  const int record = (int)dice (r, RECORDS);
  return model_shown (r->m, record) >= 0 ? record : -1;
}

static void
note_id (run_t *r, int record)
{
  kv_txn_t *txn = NULL;
  record_ref_t ref;
  fail_t fail = {0};
  if (r->m->has_id[record])
    return;
  assert_int_equal (kv_begin (outbox_kv (r->e->o), false, &txn), ERR_OK);
  r->m->has_id[record] =
      edits_find (r->e->o, txn, str_of (model_code (record)), KIND_NONE, &ref, &fail) == ERR_OK;
  r->m->id[record] = ref.id;
  kv_abort (&txn);
}

static err_t
do_add (run_t *r)
{
  char code[24], money[40], note[24];
  const int record = (int)dice (r, OWN_RECORDS);
  const state_t s = {1 + (int)dice (r, 3), 0, 1 + (int)dice (r, 3), false};
  snprintf (code, sizeof code, "code=%s", model_code (record));
  snprintf (money, sizeof money, "province_vnd=%d", s.money);
  snprintf (note, sizeof note, "note=ghi %d", s.note);
  const char *pairs[] = {code,         "name=Máy",        "district=549", "plan_year=2019",
                         "item=III.3", "status=approved", money,          note};
  edit_result_t out = {0};
  fail_t fail = {0};
  const bool there = model_shown (r->m, record) >= 0;
  if (!there)
    model_write (r->m, record, s);
  const err_t err = edits_add (r->e->o, KIND_SCHEME, pairs, 8, PERSON, r->work, &out, &fail);
  if (there)
    assert_int_equal (err, ERR_INPUT);
  return there ? ERR_OK : err;
}

static err_t
do_set (run_t *r)
{
  char pair[40];
  const int record = some_shown (r);
  if (record < 0)
    return ERR_OK;
  const state_t was = r->m->version[model_shown (r->m, record)].state;
  state_t s = was;
  const char *pairs[] = {pair};
  edit_result_t out = {0};
  fail_t fail = {0};
  switch (dice (r, 3)) {
  case 0:
    s.note = (int)dice (r, 4);
    snprintf (pair, sizeof pair, s.note != 0 ? "note=ghi %d" : "note=", s.note);
    break;
  case 1:
    s.commune = (int)dice (r, 3);
    snprintf (pair, sizeof pair, s.commune != 0 ? "commune=xã %d" : "commune=", s.commune);
    break;
  default:
    s.money = 1 + (int)dice (r, 3);
    snprintf (pair, sizeof pair, "province_vnd=%d", s.money);
    break;
  }
  if (!was.withdrawn && !state_same (was, s))
    model_write (r->m, record, s);
  const err_t err = edits_set (r->e->o, str_of (model_code (record)), KIND_NONE, pairs, 1, PERSON, STR_NONE,
                               r->work, &out, &fail);
  if (was.withdrawn)
    assert_int_equal (err, ERR_INPUT);
  return was.withdrawn ? ERR_OK : err;
}

static err_t
do_withdraw (run_t *r)
{
  const int record = some_shown (r);
  if (record < 0)
    return ERR_OK;
  state_t s = r->m->version[model_shown (r->m, record)].state;
  edit_result_t out = {0};
  fail_t fail = {0};
  if (!s.withdrawn) {
    s.withdrawn = true;
    model_write (r->m, record, s);
  }
  return edits_withdraw (r->e->o, str_of (model_code (record)), KIND_NONE, PERSON, STR ("nhầm"), r->work,
                         &out, &fail);
}

/* An update that decides what is parked of its record. */
static err_t
do_settle (run_t *r)
{
  model_t *m = r->m;
  const int record = some_shown (r);
  version_t settles[SETTLES_MAX];
  fail_t fail = {0};
  if (record < 0)
    return ERR_OK;
  const int base = model_shown (m, record);
  state_t s = random_state (r);
  draft_t d = {.ref = {outbox_identity (r->e->o)->unit, m->id[record]},
               .base = model_name (m, base),
               .operation = OP_PUT,
               .settles = settles};
  record_of (r, record, s, &d.record);
  const int at = model_write (m, record, s);
  version_row_t *v = &m->version[at];
  for (int i = 0; i < m->versions && v->settles_n < (int)SETTLES_MAX; i++)
    if (m->told_parked[i] > 0 && m->version[i].record == record) {
      settles[d.settles_n++] = model_name (m, i);
      v->settles[v->settles_n++] = i;
    }
  return outbox_store (r->e->o, &d, 1, PERSON, STR ("đã hỏi"), NULL, clock_wall (), NULL, NULL, &fail);
}

static err_t
do_import (run_t *r)
{
  model_t *m = r->m;
  buf_t file = BUF_INIT;
  const import_options_t options = {.restore = dice (r, 2)};
  import_counts_t n = {0};
  bool refused = false, used[RECORDS] = {false};
  uint64_t created = 0, changed = 0, first = m->last + 1;
  model_t *before = malloc (sizeof *before);
  *before = *m;
  buf_puts (&file, HEAD ",note,province_vnd\n");
  for (uint32_t k = 1 + dice (r, 4); k > 0; k--) {
    const int record = (int)dice (r, dice (r, 2) ? OWN_RECORDS : RECORDS), at = model_shown (m, record);
    state_t s = {1 + (int)dice (r, 2), 0, 1 + (int)dice (r, 2), false};
    if (used[record] || (at < 0 && record >= OWN_RECORDS))
      continue;
    used[record] = true;
    buf_printf (&file, "%s,Máy,549,2019,III.3,approved,ghi %d,%d\n", model_code (record), s.note, s.money);
    if (at >= 0)
      s.commune = m->version[at].state.commune;
    refused = refused || (at >= 0 && m->version[at].state.withdrawn && !options.restore);
    created += at < 0;
    if (at < 0 || !state_same (s, m->version[at].state)) {
      changed += at >= 0;
      m->version[model_write (m, record, s)].import = (uint64_t)m->imports + 1;
    }
  }
  if (m->last >= first)
    m->import[m->imports++] = (import_log_t){.first = first, .last = m->last};
  if (refused)
    *m = *before;
  const err_t err = take (r->e->o, buf_z (&file), &options, NULL, &n);
  if (refused)
    assert_int_equal (err, ERR_INPUT);
  else if (err == ERR_OK && (n.created != created || n.changed + n.restored != changed))
    WRONG ("import: %llu created, %llu changed, %llu restored", (unsigned long long)n.created,
           (unsigned long long)n.changed, (unsigned long long)n.restored);
  free (before);
  buf_free (&file);
  return refused || (created == 0 && changed == 0 && err == ERR_INPUT) ? ERR_OK : err;
}

static err_t
do_undo (run_t *r)
{
  model_t *m = r->m;
  undo_result_t out = {0};
  fail_t fail = {0};
  if (m->imports == 0)
    return ERR_OK;
  const undo_options_t options = {.import = 1 + dice (r, (uint32_t)m->imports), .person = PERSON};
  const import_log_t i = m->import[options.import - 1];
  uint64_t left = 0, already = 0;
  const uint64_t first = m->last + 1;
  for (uint64_t p = i.first; p <= i.last; p++) {
    const version_row_t made = m->version[m->of_place[p]];
    const state_t now = m->version[model_shown (m, made.record)].state;
    state_t then = made.state;
    if (made.base >= 0)
      then = m->version[made.base].state;
    else
      then.withdrawn = true;
    if (made.base < 0 ? now.withdrawn : state_same (now, then))
      already++;
    else if (!state_same (now, made.state))
      left++;
    else
      m->version[model_write (m, made.record, then)].import = (uint64_t)m->imports + 1;
  }
  const uint64_t steps = m->last + 1 - first;
  if (steps > 0)
    m->import[m->imports++] = (import_log_t){.first = first, .last = m->last, .undoes = options.import};
  const err_t err = undo_import (r->e->o, &options, r->work, &out, &fail);
  if (err == ERR_OK && (out.left != left || out.already != already || out.returned + out.withdrawn != steps))
    WRONG ("undo of %llu: %llu left, %llu already, %llu returned, %llu withdrawn",
           (unsigned long long)options.import, (unsigned long long)out.left, (unsigned long long)out.already,
           (unsigned long long)out.returned, (unsigned long long)out.withdrawn);
  undo_free (&out);
  return err;
}

/* ---- the line ---- */

static void
received (run_t *r, const msg_chunk_t *c)
{
  model_t *m = r->m;
  const uint64_t before = m->stream[m->streams - 1].before;
  const store_id_t store = m->stream[m->streams - 1].store;
  assert_true (store_id_eq (c->store, store));
  for (size_t i = 0; i < c->updates_n; i++)
    check_update (r, c->updates[i], m->of_place[before + c->first_seq + i], "sent");
  const uint64_t last = before + c->first_seq + c->updates_n - 1;
  m->received = last > m->received ? last : m->received;
}

static err_t
do_send (run_t *r)
{
  msg_chunk_t c;
  model_t *m = r->m;
  arena_t *arena = arena_new ((size_t)4 << 20);
  const uint64_t first = m->acked - m->stream[m->streams - 1].before + 1;
  const err_t err = outbox_read_chunk (r->e->o, first, 1 + dice (r, 3000), arena, &c);
  assert_int_equal (err, m->last > m->acked ? ERR_OK : ERR_NOT_FOUND);
  if (err == ERR_OK) {
    assert_int_equal (c.first_seq, first);
    received (r, &c);
  }
  arena_destroy (&arena);
  return ERR_OK;
}

static err_t
do_ack (run_t *r)
{
  model_t *m = r->m;
  const uint64_t before = m->stream[m->streams - 1].before;
  if (m->received <= before)
    return ERR_OK;
  const uint64_t place = before + 1 + dice (r, (uint32_t)(m->received - before));
  if (place > m->acked)
    m->acked = place;
  return outbox_acked (r->e->o, place - before, clock_wall ());
}

static err_t
do_fork (run_t *r)
{
  model_t *m = r->m;
  const stream_t s = m->stream[m->streams - 1];
  const uint64_t common = m->received > s.before ? m->received : s.before;
  const err_t err = outbox_fork (r->e->o, s.store, common - s.before, FORK_OLDER, clock_wall ());
  model_fork (m, common, outbox_store_id (r->e->o));
  return err;
}

/* ---- being told ---- */

static err_t
do_down (run_t *r)
{
  fail_t fail = {0};
  const int to = events_next (r);
  if (to == r->m->again)
    return ERR_OK;
  arena_t *arena = arena_new ((size_t)16 << 20);
  const msg_down_t d = down_of (r, r->m->again, to, arena);
  told_upto (r->m, to);
  const err_t err = outbox_down (r->e->o, &d, clock_wall (), &fail);
  arena_destroy (&arena);
  return err;
}

/* The cursor begins anew. */
static err_t
do_forget (run_t *r)
{
  kv_txn_t *txn = NULL;
  uint8_t cursor[16] = {0};
  str_t v;
  assert_int_equal (kv_begin (outbox_kv (r->e->o), true, &txn), ERR_OK);
  assert_int_equal (meta_get (txn, ODB_META, META_DOWN, &v), ERR_OK);
  memcpy (cursor, v.p, 8);
  assert_int_equal (meta_put (txn, ODB_META, META_DOWN, (str_t){(const char *)cursor, 16}), ERR_OK);
  r->m->again = 0;
  return kv_commit (&txn);
}

/* ---- files in place of the line ---- */

static record_id_t
centre_id (run_t *r)
{
  centre_certificate_t c;
  assert_int_equal (centre_certificate_decode (r->e->centre->certificate.body, r->work, &c), ERR_OK);
  return c.centre_id;
}

static err_t
do_export (run_t *r)
{
  model_t *m = r->m;
  buf_t file = BUF_INIT;
  bundle_made_t made;
  bundle_t *b = NULL;
  message_t msg;
  fail_t fail = {0};
  arena_t *arena = arena_new ((size_t)8 << 20);
  const bundle_head_t want = {.kind = BUNDLE_UP, .centre = centre_id (r), .to = r->e->centre->curve};
  uint64_t n = 0;
  assert_int_equal (outbox_bundle_export (r->e->o, 0, STR ("thử"), clock_wall (), &file, &made, &fail),
                    ERR_OK);
  assert_int_equal (bundle_open (buf_str (&file), &want, &r->e->centre->curve_secret, &b, &fail), ERR_OK);
  while (bundle_next_message (b, arena, &msg) == ERR_OK)
    if (msg.type == MSG_CHUNK) {
      received (r, &msg.u.chunk);
      n += msg.u.chunk.updates_n;
    }
  if (n != m->last - m->acked || made.last_seq + 1 - made.first_seq != n)
    WRONG ("%llu updates in the file", (unsigned long long)n);
  bundle_destroy (&b);
  arena_destroy (&arena);
  buf_free (&file);
  return ERR_OK;
}

static err_t
do_reply (run_t *r)
{
  model_t *m = r->m;
  const uint64_t before = m->stream[m->streams - 1].before;
  const uint64_t place = m->received > before ? m->received : before;
  const int to = events_next (r);
  buf_t file = BUF_INIT;
  bundle_taken_t taken_in;
  fail_t fail = {0};
  arena_t *arena = arena_new ((size_t)16 << 20);
  const bundle_head_t head = {
      .kind = BUNDLE_REPLY, .centre = centre_id (r), .to = outbox_identity (r->e->o)->curve};
  stream_cursor_t at = {
      .store = m->stream[m->streams - 1].store, .cursor = place - before, .acked_fits = true};
  assert_int_equal (outbox_hash_at (r->e->o, place - before, &at.hash), ERR_OK);
  message_t welcome = {.type = MSG_WELCOME};
  welcome.u.welcome = (msg_welcome_t){.protocol = WIRE_PROTOCOL,
                                      .streams = &at,
                                      .streams_n = 1,
                                      .end = {r->e->centre->epoch, r->e->centre->lsn}};
  bundle_writer_t *w = bundle_writer_new (&head, &file);
  assert_true (bundle_put (w, &welcome));
  if (to > m->again) {
    message_t down = {.type = MSG_DOWN, .u.down = down_of (r, m->again, to, arena)};
    assert_true (bundle_put (w, &down));
  }
  assert_true (bundle_end (w, 0, &r->e->centre->centre_secret));
  bundle_writer_destroy (&w);
  told_upto (m, to);
  m->acked = place > m->acked ? place : m->acked;
  const err_t err = outbox_bundle_import (r->e->o, buf_str (&file), clock_wall (), &taken_in, &fail);
  arena_destroy (&arena);
  buf_free (&file);
  return err;
}

/* ---- the machine ---- */

/* The process ends and begins anew; what was committed is there. */
static void
reopen (run_t *r)
{
  kv_t *copy = NULL;
  fail_t fail = {0};
  kv_mem_crash (outbox_kv (r->e->o));
  assert_int_equal (kv_copy_mem (outbox_kv (r->e->o), &copy), ERR_OK);
  outbox_close (&r->e->o);
  assert_int_equal (outbox_open_kv (&copy, &r->e->o, &fail), ERR_OK);
}

typedef err_t (step_fn) (run_t *r);
typedef struct {
  const char *name;
  step_fn *fn;
  unsigned often;
  bool may_fail; /* one transaction that the office makes: it may be cut short */
} step_t;
static const step_t steps[] = {
    {"add", do_add, 4, true},        {"set", do_set, 10, true},      {"withdraw", do_withdraw, 2, true},
    {"settle", do_settle, 2, true},  {"import", do_import, 5, true}, {"undo", do_undo, 3, true},
    {"send", do_send, 5, false},     {"ack", do_ack, 5, true},       {"down", do_down, 6, true},
    {"forget", do_forget, 1, false}, {"fork", do_fork, 1, false},    {"export", do_export, 1, false},
    {"reply", do_reply, 2, false},
};

static unsigned met[sizeof steps / sizeof steps[0]][2], judged[VERDICT_REFUSED + 1]; /* [1]: cut short */

static void
one_step (run_t *r)
{
  unsigned sum = 0, i = 0;
  for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++)
    sum += steps[k].often;
  uint32_t at = dice (r, sum);
  while (at >= steps[i].often)
    at -= steps[i++].often;
  const bool cut = steps[i].may_fail && dice (r, 8) == 0;
  const kv_faults_t faults = {.fail_commit_at = cut, .lose_failed = dice (r, 2)}, none = {0};
  model_t *before = malloc (sizeof *before);
  assert_non_null (before);
  *before = *r->m;
  arena_reset (r->work);
  if (r->loud)
    print_message ("%s%s\n", steps[i].name, !cut ? "" : faults.lose_failed ? " cut" : " cut behind");
  kv_mem_faults (outbox_kv (r->e->o), &faults);
  const err_t err = steps[i].fn (r);
  kv_mem_faults (outbox_kv (r->e->o), &none);
  if (err != ERR_OK && !cut)
    WRONG ("%s: %s", steps[i].name, err_name (err));
  if (err != ERR_OK && faults.lose_failed)
    *r->m = *before;
  free (before);
  met[i][err != ERR_OK]++;
  if (err != ERR_OK || dice (r, 12) == 0)
    reopen (r);
  for (int k = 0; k < RECORDS; k++)
    note_id (r, k);
}

static void
one_run (uint64_t seed, bool loud)
{
  run_t *r = calloc (1, sizeof *r);
  r->m = calloc (1, sizeof *r->m);
  r->work = arena_new ((size_t)64 << 20);
  r->e = office_new ("549", ROLE_OFFICE);
  r->seed = seed;
  r->dice = seed * UINT64_C (0x9e3779b97f4a7c15) | 1;
  r->loud = loud;
  running = r;
  crypto_random (r->other_store.b, sizeof r->other_store.b);
  model_begin (r->m, outbox_store_id (r->e->o));
  for (int i = 0; i < STEPS; i++) {
    one_step (r);
    centre_acts (r);
    see_all (r);
  }
  for (int i = 0; i < r->m->told; i++)
    judged[r->m->event[i].verdict]++;
  office_destroy (r->e);
  arena_destroy (&r->work);
  free (r->m);
  free (r);
}

static void
against_the_model (void **state)
{
  (void)state;
  const char *only = getenv ("KC_SEED"), *more = getenv ("KC_SEEDS");
  const uint64_t first = only != NULL ? strtoull (only, NULL, 10) : 1;
  const uint64_t n = only != NULL ? 1 : more != NULL ? strtoull (more, NULL, 10) : SEEDS;
  for (uint64_t seed = first; seed < first + n; seed++)
    one_run (seed, only != NULL);
  if (only != NULL)
    return;
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) /* else this proves less than it says */
    assert_true (met[i][0] > 0 && (met[i][1] > 0) == steps[i].may_fail);
  assert_true (judged[VERDICT_ACCEPTED] > 0 && judged[VERDICT_MERGED] > 0 && judged[VERDICT_PARKED] > 0 &&
               judged[VERDICT_REFUSED] > 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test (against_the_model)};
  return cmocka_run_group_tests (tests, NULL, NULL);
}
