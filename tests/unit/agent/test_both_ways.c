/* test_both_ways.c - real stores on both sides, without a network: PCs of an office and of the province edit
 * at random, send and are told in pieces and in any order, forget where they were, lose power. Whenever
 * everybody has everything, every PC holds for each record the very version and bytes that the centre holds,
 * the same sides are parked everywhere, and every book passes its own verify. */
#include "tests/unit/agent/office.h"

#include "agent/entry/conflicts.h"
#include "agent/outbox/internal.h"
#include "agent/outbox/told.h"
#include "collector/ledger/conflicts.h"
#include "collector/ledger/roster.h"
#include "collector/ledger/verify.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/wire/update_wire.h"

#define PCS 5u
#define CODES 5u

typedef struct {
  outbox_t *o;
  uint32_t serial;
  unit_id_t unit;
  role_t role;
} pc_t;

typedef struct {
  ledger_t *l;
  pc_t pc[PCS];
  arena_t *arena, *work;
  kv_txn_t *here, *there; /* of a comparison: a failing one leaves them open */
  uint64_t dice;
  bool moves;   /* the province gives records to another office and back */
  unsigned era; /* codes begin anew: creates on both sides too */
} world_t;

static uint32_t
dice (world_t *w, uint32_t n)
{
  w->dice ^= w->dice >> 12;
  w->dice ^= w->dice << 25;
  w->dice ^= w->dice >> 27;
  return (uint32_t)((w->dice * UINT64_C (2685821657736338717)) >> 33) % n;
}

/* ---- joining, sending, being told ---- */

static ledger_t *
new_ledger (void)
{
  kv_t *kv = NULL;
  ledger_t *l = NULL;
  sign_secret_t authority;
  buf_t file = BUF_INIT;
  fail_t fail = {0};
  kv_options_t o = ledger_kv_options ();
  o.create = true;
  assert_true (crypto_init ());
  assert_int_equal (file_read (CATALOGUE_FILE, CATALOGUE_FILE_MAX, &file, &fail), ERR_OK);
  assert_int_equal (kv_open_mem (&o, &kv), ERR_OK);
  assert_int_equal (ledger_init_kv (kv, buf_str (&file), clock_wall (), &authority, &fail), ERR_OK);
  assert_int_equal (ledger_open_kv (&kv, &l, &fail), ERR_OK);
  buf_free (&file);
  return l;
}

static bool
pull_some (world_t *w, pc_t *pc, size_t max)
{
  kv_txn_t *txn = NULL;
  msg_down_t d;
  fail_t fail = {0};
  const own_stream_t own = {.store = outbox_store_id (pc->o), .upto = UINT64_MAX};
  const listener_t who = {.unit = pc->unit,
                          .role = pc->role,
                          .serial = pc->serial,
                          .own = &own,
                          .own_n = 1,
                          .catalogue = ledger_catalogue (w->l)};
  arena_reset (w->work);
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_down (w->l, txn, &who, facts_of (pc->o).down, max, w->work, &d), ERR_OK);
  kv_abort (&txn);
  const err_t err = outbox_down (pc->o, &d, clock_wall (), &fail);
  if (err != ERR_OK && err != ERR_END)
    fail_msg ("down: %s %s", err_name (err), fail.text);
  return !d.complete || err == ERR_END;
}

static void
pull (world_t *w, pc_t *pc)
{
  while (pull_some (w, pc, 1 + dice (w, 20000)))
    ;
}

/* The PC gets new keys; or only the centre has them yet, and the answer was lost. */
static void
new_keys (world_t *w, pc_t *pc, bool answered)
{
  fail_t fail = {0};
  msg_enrolled_t answer;
  buf_t proof = BUF_INIT, consent = BUF_INIT;
  assert_int_equal (outbox_rekey_begin (pc->o, &fail), ERR_OK);
  const identity_t *id = outbox_identity (pc->o);
  msg_enrol_t e = {.curve_key = id->next.curve, .sign_key = id->next.sign, .consent_given = true};
  buf_put (&proof, e.invite.b, sizeof e.invite.b);
  buf_put (&proof, e.curve_key.b, sizeof e.curve_key.b);
  e.proof = sign_make (SIGN_ENROL, buf_str (&proof), &id->next.sign_secret);
  rekey_bytes (&e.curve_key, &e.sign_key, &consent);
  e.consent = sign_make (SIGN_REKEY, buf_str (&consent), &id->sign_secret);
  assert_int_equal (roster_rekey (w->l, &id->curve, &e, clock_wall (), w->arena, &answer), ERR_OK);
  assert_true (str_blank (answer.refusal));
  const uint32_t before = id->serial;
  if (answered) {
    assert_int_equal (outbox_join_enrolled (pc->o, &answer, &fail), ERR_OK);
    id = outbox_identity (pc->o);
    assert_true (id->serial > before && id->number == pc->serial && !id->next.given);
    assert_true (curve_key_eq (id->curve, e.curve_key));
    assert_int_equal (outbox_join_enrolled (pc->o, &answer, &fail), ERR_OK); /* said twice */
  }
  buf_free (&proof);
  buf_free (&consent);
}

static bool
push_some (world_t *w, pc_t *pc, size_t max)
{
  msg_chunk_t c;
  if (outbox_identity (pc->o)->next.given)
    new_keys (w, pc, true); /* nothing goes before they are registered */
  facts_t f = facts_of (pc->o);
  ingest_report_t report;
  arena_reset (w->work);
  err_t err = outbox_read_chunk (pc->o, f.acked + 1, max, w->work, &c);
  if (err == ERR_NOT_FOUND)
    return false;
  assert_int_equal (err, ERR_OK);
  decoded_t *d = arena_alloc (w->work, c.updates_n * sizeof *d);
  for (size_t i = 0; i < c.updates_n; i++)
    d[i].err = update_decode (c.updates[i], w->work, &d[i].update, &d[i].why);
  ingest_t item = {.serial = pc->serial,
                   .certificate = outbox_identity (pc->o)->serial,
                   .office = pc->unit,
                   .role = pc->role,
                   .chunk = &c,
                   .updates = d};
  assert_int_equal (ledger_ingest (w->l, &item, 1, clock_wall (), &report), ERR_OK);
  assert_false (item.forged || item.restated);
  if (dice (w, 5) > 0) /* an acknowledgement may be lost: it is sent again */
    assert_int_equal (outbox_acked (pc->o, item.cursor, clock_wall ()), ERR_OK);
  return true;
}

static void
open_pc (world_t *w, pc_t *pc, const char *unit, role_t role)
{
  fail_t fail = {0};
  buf_t text = BUF_INIT;
  invite_t invite;
  msg_enrolled_t answer;
  agent_certificate_t certificate;
  const str_t address = STR ("tcp://127.0.0.1:1");
  pc->unit = catalogue_unit_by_code (ledger_catalogue (w->l), str_of (unit))->id;
  pc->role = role;
  pc->o = empty_store ();
  assert_int_equal (roster_invite (w->l, pc->unit, role, &address, 1, clock_wall (), &text, &fail), ERR_OK);
  assert_int_equal (invite_parse (buf_str (&text), w->arena, &invite), ERR_OK);
  assert_int_equal (outbox_join_begin (pc->o, &invite, clock_wall (), &fail), ERR_OK);
  const identity_t *id = outbox_identity (pc->o);
  msg_enrol_t e = {.invite = invite.id, .curve_key = id->curve, .sign_key = id->sign, .host = STR ("pc")};
  uint8_t proof[48];
  memcpy (proof, e.invite.b, 16);
  memcpy (proof + 16, e.curve_key.b, 32);
  e.proof = sign_make (SIGN_ENROL, (str_t){(const char *)proof, sizeof proof}, &id->sign_secret);
  assert_int_equal (roster_enrol (w->l, &invite.once_public, &e, clock_wall (), w->arena, &answer), ERR_OK);
  assert_int_equal (outbox_join_enrolled (pc->o, &answer, &fail), ERR_OK);
  assert_int_equal (agent_certificate_decode (answer.certificate.body, w->arena, &certificate), ERR_OK);
  pc->serial = certificate.serial;
  buf_free (&text);
  pull (w, pc);
  assert_true (outbox_identity (pc->o)->joined);
}

static int
set_up (void **state)
{
  world_t *w = calloc (1, sizeof *w);
  w->arena = arena_new ((size_t)64 << 20);
  w->work = arena_new ((size_t)64 << 20);
  w->l = new_ledger ();
  open_pc (w, &w->pc[0], "549", ROLE_OFFICE);
  open_pc (w, &w->pc[1], "549", ROLE_OFFICE);
  open_pc (w, &w->pc[2], "52", ROLE_PROVINCE);
  *state = w;
  return 0;
}

static int
tear_down (void **state)
{
  world_t *w = *state;
  kv_abort (&w->here);
  kv_abort (&w->there);
  for (size_t i = 0; i < PCS; i++)
    outbox_close (&w->pc[i].o);
  ledger_close (&w->l);
  arena_destroy (&w->arena);
  arena_destroy (&w->work);
  free (w);
  return 0;
}

/* ---- edits ---- */

static void
add (world_t *w, pc_t *pc, const char *code)
{
  char c[32], money[40], note[16];
  snprintf (c, sizeof c, "code=%s", code);
  snprintf (money, sizeof money, "province_vnd=%u", (unsigned)(1 + dice (w, 3)));
  snprintf (note, sizeof note, "note=%u", (unsigned)dice (w, 3));
  const char *pairs[] = {c,     "name=Máy", "district=549", "plan_year=2019", "item=III.3", "status=approved",
                         money, note};
  edit_result_t r = {0};
  fail_t fail = {0};
  arena_t *arena = arena_new ((size_t)16 << 20);
  (void)!edits_add (pc->o, KIND_SCHEME, pairs, 8, STR ("An"), arena, &r, &fail); /* it may be there */
  arena_destroy (&arena);
}

static void
edit (world_t *w, pc_t *pc, const char *code)
{
  static const char *const field[] = {"note", "commune", "implementer", "province_vnd", "contract_no"};
  char pair[64];
  edit_result_t r = {0};
  fail_t fail = {0};
  arena_t *arena = arena_new ((size_t)16 << 20);
  const char *pairs[] = {pair};
  const uint32_t what = dice (w, 12);
  snprintf (pair, sizeof pair, "%s=%u", field[dice (w, 5)], (unsigned)(1 + dice (w, 4)));
  if (what == 0)
    (void)!edits_withdraw (pc->o, str_of (code), KIND_NONE, STR ("An"), STR ("nhầm"), arena, &r, &fail);
  else if (what ==
           1) { /* backwards without a reason is refused here, settled without an amount there and here */
    snprintf (pair, sizeof pair, "status=%s", dice (w, 2) == 0 ? "contracted" : "running");
    (void)!edits_set (pc->o, str_of (code), KIND_NONE, pairs, 1, STR ("An"), STR ("lý do"), arena, &r, &fail);
  } else
    (void)!edits_set (pc->o, str_of (code), KIND_NONE, pairs, 1, STR ("An"), STR_NONE, arena, &r, &fail);
  arena_destroy (&arena);
}

static void
move (world_t *w, const char *code)
{
  edit_result_t r = {0};
  fail_t fail = {0};
  arena_t *arena = arena_new ((size_t)16 << 20);
  const char *pairs[] = {dice (w, 2) == 0 ? "district=551" : "district=549"};
  (void)!edits_set (w->pc[2].o, str_of (code), KIND_NONE, pairs, 1, STR ("Lan"), STR_NONE, arena, &r, &fail);
  arena_destroy (&arena);
}

static void
settle (world_t *w, pc_t *pc, const char *code)
{
  static const char *const sides[] = {"mine", "theirs", "note=9"};
  edit_result_t r = {0};
  fail_t fail = {0};
  arena_t *arena = arena_new ((size_t)256 << 20);
  (void)!edits_resolve (pc->o, str_of (code), KIND_NONE, &sides[dice (w, 3)], 1, STR ("An"), STR ("đúng"),
                        arena, &r, &fail);
  arena_destroy (&arena);
}

/* The cursor begins anew, as after an update of the program: what is known must do nothing. */
static void
forget_cursor (pc_t *pc)
{
  kv_txn_t *txn = NULL;
  str_t v;
  uint8_t cursor[16] = {0};
  assert_int_equal (kv_begin (outbox_kv (pc->o), true, &txn), ERR_OK);
  assert_int_equal (meta_get (txn, ODB_META, META_DOWN, &v), ERR_OK);
  memcpy (cursor, v.p, 8);
  assert_int_equal (meta_put (txn, ODB_META, META_DOWN, (str_t){(const char *)cursor, 16}), ERR_OK);
  assert_int_equal (kv_commit (&txn), ERR_OK);
}

/* ---- what must hold ---- */

typedef struct {
  world_t *w;
  pc_t *pc;
  kv_txn_t *txn;
  uint64_t n, rows;
} comparing_t;

static err_t
same_row (void *ctx, err_t err, const row_t *row)
{
  comparing_t *c = ctx;
  row_t here;
  update_t u;
  assert_int_equal (err, ERR_OK);
  arena_reset (c->w->work);
  assert_int_equal (update_decode (row->bytes, c->w->work, &u, NULL), ERR_OK);
  err = book_get (outbox_book (c->pc->o), c->txn, row->ref, &here);
  if (c->pc->role == ROLE_OFFICE && record_office (&u.record) != c->pc->unit) {
    assert_int_equal (err, ERR_NOT_FOUND);
    return ERR_OK;
  }
  assert_int_equal (err, ERR_OK);
  assert_true (version_eq (here.version, row->version));
  assert_true (str_eq (here.bytes, row->bytes));
  assert_true (here.withdrawn == row->withdrawn);
  assert_true (here.revision == row->revision || c->w->moves); /* who got it later counts from there */
  assert_true (here.at >= row->at && (here.at & AT_UNDECIDED) == 0);
  c->n++;
  return ERR_OK;
}

/* A create that was refused is no record of the centre's. */
static err_t
count_row (void *ctx, err_t err, const row_t *row)
{
  comparing_t *c = ctx;
  bool refused = false;
  assert_int_equal (outbox_refusal_of (c->pc->o, c->txn, row->ref.id, row->version, &refused, NULL), ERR_OK);
  c->rows += !refused;
  return err;
}

static err_t
is_parked_here (void *ctx, const conflict_t *at_centre)
{
  comparing_t *c = ctx;
  parked_row_t row = {.lsn = 0};
  (void)row;
  buf_t key = BUF_INIT;
  str_t stored;
  buf_put (&key, at_centre->ref.id.b, 16);
  buf_put (&key, at_centre->version.store.b, 16);
  buf_u64 (&key, at_centre->version.seq);
  assert_int_equal (kv_get (c->txn, ODB_PARKED, buf_str (&key), &stored), ERR_OK);
  buf_free (&key);
  c->n++;
  return ERR_OK;
}

static err_t
count_refused (void *ctx, const refused_row_t *r)
{
  (void)r;
  ++*(uint64_t *)ctx;
  return ERR_OK;
}

static err_t
count_parked (void *ctx, const parked_row_t *r)
{
  (void)r;
  ++*(uint64_t *)ctx;
  return ERR_OK;
}

static void
finding (void *ctx, const char *thing, str_t name, const char *what)
{
  (void)ctx;
  print_error ("%s %.*s: %s\n", thing, STR_ARG (name), what);
}

static uint64_t
all_equal (world_t *w)
{
  uint64_t parked = 0;
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &w->there), ERR_OK);
  for (size_t i = 0; i < PCS; i++) {
    comparing_t c = {.w = w, .pc = &w->pc[i]};
    uint64_t sides = 0, findings = 0;
    if (c.pc->o == NULL)
      continue;
    assert_int_equal (kv_begin (outbox_kv (c.pc->o), false, &w->here), ERR_OK);
    c.txn = w->here;
    assert_int_equal (book_each (ledger_book (w->l), w->there, 0, same_row, &c), ERR_OK);
    assert_int_equal (book_each (outbox_book (c.pc->o), c.txn, 0, count_row, &c), ERR_OK);
    assert_int_equal (c.rows, c.n);
    c.n = 0;
    if (!w->moves)
      assert_int_equal (conflicts_each (w->there, NULL, is_parked_here, &c), ERR_OK);
    assert_int_equal (outbox_parked (c.txn, NULL, count_parked, &sides), ERR_OK);
    assert_true (sides == c.n || w->moves);
    assert_int_equal (
        book_verify (outbox_book (c.pc->o), c.txn, outbox_catalogue (c.pc->o), finding, NULL, &findings),
        ERR_OK);
    assert_int_equal (findings, 0);
    kv_abort (&w->here);
  }
  assert_int_equal (conflicts_count (w->there, UINT64_MAX, &parked), ERR_OK);
  kv_abort (&w->there);
  return parked;
}

static void
everybody (world_t *w)
{
  for (unsigned round = 0; round < 2; round++)
    for (size_t i = 0; i < PCS; i++)
      if (w->pc[i].o != NULL) {
        while (push_some (w, &w->pc[i], 1 + dice (w, 20000)))
          ;
        pull (w, &w->pc[i]);
      }
  for (size_t i = 0; i < PCS; i++)
    if (w->pc[i].o != NULL)
      pull (w, &w->pc[i]);
}

static void
some_step (world_t *w)
{
  char code[32];
  pc_t *pc = &w->pc[dice (w, PCS)];
  if (pc->o == NULL)
    pc = &w->pc[0];
  snprintf (code, sizeof code, "S-%u-%u", w->era - dice (w, 2), (unsigned)dice (w, CODES));
  switch (dice (w, 13)) {
  case 0:
    add (w, pc, code);
    break;
  case 1:
    (void)push_some (w, pc, 1);
    break;
  case 2:
    (void)push_some (w, pc, 100000);
    break;
  case 3:
    (void)pull_some (w, pc, 1);
    break;
  case 4:
    pull (w, pc);
    break;
  case 5:
    settle (w, pc, code);
    break;
  case 6:
    if (dice (w, 8) == 0)
      forget_cursor (pc);
    break;
  case 7:
    kv_mem_crash (outbox_kv (pc->o));
    break;
  case 8:
    if (w->moves)
      move (w, code);
    break;
  case 9:
    if (dice (w, 4) == 0)
      new_keys (w, pc, dice (w, 2) == 0);
    break;
  default:
    edit (w, pc, code);
    break;
  }
}

static void
at_random (void **state)
{
  world_t *w = *state;
  uint64_t ever_parked = 0;
  for (unsigned seed = 1; seed <= 16; seed++) {
    w->dice = UINT64_C (0x9e3779b97f4a7c15) * seed;
    w->era = seed;
    for (unsigned i = 0; i < 60; i++)
      some_step (w);
    everybody (w);
    ever_parked += all_equal (w);
    if (seed == 6) /* one that comes late has it all the same */
      open_pc (w, &w->pc[3], "549", ROLE_OFFICE);
    if (seed % 4 == 0) {
      for (unsigned i = 0; i < 20; i++)
        for (unsigned k = 0; k < CODES; k++) {
          char code[32];
          snprintf (code, sizeof code, "S-%u-%u", w->era, k);
          settle (w, &w->pc[dice (w, 3)], code);
          if (i % 4 == 3)
            everybody (w);
        }
      everybody (w);
      all_equal (w);
    }
  }
  assert_true (ever_parked > 0); /* else this proves less than it says */
  verify_counts_t n;
  assert_int_equal (verify_run (w->l, finding, NULL, NULL, &n), ERR_OK);
  assert_int_equal (n.findings, 0);
}

/* The same while records go from office to office: each PC holds those of its office and no other. */
static void
moving (void **state)
{
  world_t *w = *state;
  w->moves = true;
  open_pc (w, &w->pc[4], "551", ROLE_OFFICE);
  at_random (state);
}

/* ---- a refused create whose key another record takes ---- */

static record_id_t
add_refused (pc_t *pc, const char *code)
{
  static const uint8_t random[10] = {7};
  draft_t d = {.operation = OP_PUT};
  fail_t fail = {0};
  d.ref = (record_ref_t){pc->unit, record_id_make ((wall_t){1600000000000}, random)};
  d.record.kind = KIND_SCHEME;
  d.record.u.scheme.code = str_of (code);
  d.record.u.scheme.name = STR ("Máy");
  d.record.u.scheme.district = pc->unit;
  d.record.u.scheme.plan_year = (span_t){2019, 2019};
  d.record.u.scheme.item = STR ("XX.9"); /* of no catalogue */
  d.record.u.scheme.status = STATUS_APPROVED;
  assert_int_equal (outbox_store (pc->o, &d, 1, STR ("An"), STR_NONE, NULL, clock_wall (), NULL, NULL, &fail),
                    ERR_OK);
  return d.ref.id;
}

/* What the office lists as refused, and which record it shows under the code (NULL: none). */
static void
check_office (world_t *w, pc_t *pc, uint64_t refused, const char *code, const record_id_t *holder)
{
  record_ref_t ref = {0, {{0}}};
  uint64_t n = 0;
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (outbox_kv (pc->o), false, &txn), ERR_OK);
  assert_int_equal (outbox_refused (pc->o, txn, count_refused, &n), ERR_OK);
  assert_int_equal (n, refused);
  const err_t err =
      book_find (outbox_book (pc->o), txn, ledger_catalogue (w->l), str_of (code), KIND_SCHEME, &ref);
  assert_int_equal (err, holder != NULL ? ERR_OK : ERR_NOT_FOUND);
  assert_true (holder == NULL || record_id_eq (ref.id, *holder));
  kv_abort (&txn);
}

static record_id_t
id_at_centre (world_t *w, const char *code)
{
  record_ref_t ref = {0, {{0}}};
  kv_txn_t *txn = NULL;
  assert_int_equal (kv_begin (ledger_kv (w->l), false, &txn), ERR_OK);
  assert_int_equal (ledger_find (w->l, txn, str_of (code), KIND_SCHEME, &ref), ERR_OK);
  kv_abort (&txn);
  return ref.id;
}

static err_t
set_by_id (pc_t *pc, record_id_t id, const char *pair, const char *item)
{
  char name[37];
  const char *pairs[] = {pair, item};
  edit_result_t r = {0};
  fail_t fail = {0};
  arena_t *arena = arena_new ((size_t)16 << 20);
  record_id_format (id, name);
  const err_t err =
      edits_set (pc->o, str_of (name), KIND_NONE, pairs, 2, STR ("An"), STR ("sửa"), arena, &r, &fail);
  arena_destroy (&arena);
  return err;
}

static void
displaced_begin (world_t *w, record_id_t *refused, record_id_t *taken)
{
  w->dice = 1;
  *refused = add_refused (&w->pc[0], "S-1");
  everybody (w);
  check_office (w, &w->pc[0], 1, "S-1", refused);
  add (w, &w->pc[1], "S-1");
  everybody (w);
  *taken = id_at_centre (w, "S-1");
  assert_false (record_id_eq (*taken, *refused));
  check_office (w, &w->pc[0], 1, "S-1", taken); /* the record that counts is shown, the other not forgotten */
}

/* Named by its id it is taken back, and nothing is left of it. */
static void
displaced_withdrawn (void **state)
{
  world_t *w = *state;
  record_id_t refused, taken;
  char name[37];
  edit_result_t r = {0};
  fail_t fail = {0};
  displaced_begin (w, &refused, &taken);
  assert_int_equal (set_by_id (&w->pc[0], refused, "note=1", "status=draft"),
                    ERR_INPUT); /* as wrong as before */
  record_id_format (refused, name);
  assert_int_equal (
      edits_withdraw (w->pc[0].o, str_of (name), KIND_NONE, STR ("An"), STR ("nhầm"), w->arena, &r, &fail),
      ERR_OK);
  check_office (w, &w->pc[0], 0, "S-1", &taken);
  everybody (w);
  check_office (w, &w->pc[0], 0, "S-1", &taken);
  all_equal (w);
}

/* Mended under the code that is taken it is another name of the record there. */
static void
displaced_alias (void **state)
{
  world_t *w = *state;
  record_id_t refused, taken;
  displaced_begin (w, &refused, &taken);
  assert_int_equal (set_by_id (&w->pc[0], refused, "note=1", "item=III.3"), ERR_OK);
  check_office (w, &w->pc[0], 1, "S-1", &taken);
  everybody (w);
  check_office (w, &w->pc[0], 0, "S-1", &taken);
  all_equal (w);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown (at_random, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown (moving, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown (displaced_withdrawn, set_up, tear_down),
                                     cmocka_unit_test_setup_teardown (displaced_alias, set_up, tear_down)};
  return cmocka_run_group_tests (tests, NULL, NULL);
}
