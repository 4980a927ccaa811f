/* Updates: there and back again, and every way of being refused, with its reason. */
#include "common/core/fields.h"
#include "common/wire/update_wire.h"
#include "tests/fuzz/samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static arena_t *arena;

static err_t
decode (const buf_t *b, update_t *u, reason_t *why)
{
  return update_decode (buf_str (b), arena, u, why);
}

static void
round_trip (update_t u)
{
  buf_t b = BUF_INIT, again = BUF_INIT;
  update_t back;
  reason_t why;
  assert_true (update_encode (&u, &b));
  assert_int_equal (decode (&b, &back, &why), ERR_OK);
  assert_true (record_same (&u.record, &back.record));
  assert_true (version_eq (u.version, back.version) && version_eq (u.base, back.base));
  assert_int_equal (u.home, back.home);
  assert_int_equal (u.operation, back.operation);
  assert_int_equal (u.agent_time.ms, back.agent_time.ms);
  assert_true (str_eq (u.person, back.person) && str_eq (u.comment, back.comment));
  assert_true (str_eq (u.unknown, back.unknown) && str_eq (u.decision, back.decision));
  assert_ptr_equal (back.bytes.p, b.p);
  assert_true (update_encode (&back, &again));
  assert_true (str_eq (buf_str (&b), buf_str (&again))); /* unknown fields of every level among them */
  buf_free (&b);
  buf_free (&again);
}

static void
round_trips (void **state)
{
  (void)state;
  round_trip (sample_scheme ());
  round_trip (sample_outcome ());
  round_trip (sample_withdrawal ());
  round_trip (sample_decision_update (STR ("bytes of a decision")));
}

/* One field of a record given, the others not: a field that was forgotten on its way out or in shows itself.
 */
static void
one_field_round_trip (kind_t kind, const field_t *f)
{
  update_t u = kind == KIND_SCHEME ? sample_scheme () : sample_outcome (), back;
  buf_t b = BUF_INIT;
  u.record = (record_t){.kind = kind};
  void *member = (char *)&u.record.u + f->offset;
  if (f->max_bytes > 0)
    *(str_t *)member = STR ("x");
  else if (f->type == FIELD_MONEY || f->type == FIELD_VALUE || f->type == FIELD_COUNT)
    *(opt_i64_t *)member = (opt_i64_t){true, 5};
  else if (f->type == FIELD_YEARS)
    *(span_t *)member = (span_t){2014, 2020};
  else
    *(uint32_t *)member = f->type == FIELD_DATE ? 20190601 : 1; /* dates; units and enums */
  assert_true (update_encode (&u, &b));
  if (decode (&b, &back, NULL) != ERR_OK || !record_same (&u.record, &back.record))
    fail_msg ("%s does not come through", f->name);
  buf_free (&b);
}

static void
every_field_survives (void **state)
{
  (void)state;
  static const kind_t kinds[] = {KIND_SCHEME, KIND_OUTCOME,  KIND_CONSULTING,
                                 KIND_STAFF,  KIND_DOCUMENT, KIND_SUBMISSION};
  for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
    size_t n;
    const field_t *f = fields_of (kinds[k], &n);
    for (size_t i = 0; i < n; i++)
      if (f[i].type != FIELD_SUPPORT && f[i].type != FIELD_SETTLED)
        one_field_round_trip (kinds[k], &f[i]);
  }
}

/* Every field of both lists, those of newer programs too; whatever their order in the bytes. */
static void
keyed_lists_survive (void **state)
{
  (void)state;
  buf_t b = BUF_INIT;
  update_t u = sample_lists (), turned = sample_lists (), back;
  const ledger_entry_t *ledger = u.record.u.scheme.ledger;
  const beneficiary_t *beneficiaries = u.record.u.scheme.beneficiaries;
  round_trip (u);
  const ledger_entry_t ledger_turned[] = {ledger[1], ledger[0]};
  const beneficiary_t beneficiaries_turned[] = {beneficiaries[1], beneficiaries[0]};
  turned.record.u.scheme.ledger = ledger_turned;
  turned.record.u.scheme.beneficiaries = beneficiaries_turned;
  assert_true (update_encode (&turned, &b));
  assert_int_equal (decode (&b, &back, NULL), ERR_OK);
  assert_true (record_same (&back.record, &u.record));
  buf_free (&b);
}

/* As many entries as there may be, and as small as they may be, fit into what decoding is given. */
static void
full_lists_are_read (void **state)
{
  (void)state;
  static ledger_entry_t ledger[LEDGER_MAX + 1];
  static beneficiary_t beneficiaries[BENEFICIARIES_MAX + 1];
  for (unsigned i = 0; i <= LEDGER_MAX; i++)
    ledger[i].id = (record_id_t){{1, (uint8_t)(i >> 8), (uint8_t)i}};
  for (unsigned i = 0; i <= BENEFICIARIES_MAX; i++)
    beneficiaries[i].id = ledger[i].id;
  for (unsigned more = 0; more < 3; more++) {
    buf_t b = BUF_INIT;
    reason_t why;
    update_t u = {.version = {{{1}}, 7}, .id = {{9}}, .home = 549, .operation = OP_PUT}, back;
    u.record.kind = KIND_SCHEME;
    u.record.u.scheme.ledger = ledger;
    u.record.u.scheme.beneficiaries = beneficiaries;
    u.record.u.scheme.ledger_n = LEDGER_MAX + (more == 1);
    u.record.u.scheme.beneficiaries_n = BENEFICIARIES_MAX + (more == 2);
    assert_true (update_encode (&u, &b));
    assert_int_equal (decode (&b, &back, &why), more == 0 ? ERR_OK : ERR_MALFORMED);
    if (more > 0)
      assert_int_equal (why.code, REASON_OUT_OF_RANGE);
    buf_free (&b);
  }
}

/* Encoded fields behind a good update, and what becomes of it. */
typedef struct {
  const char *what;
  str_t tail;
  err_t err;
  reason_code_t why;
  const char *field;
} tail_t;

static const tail_t tails[] = {
    {"an unknown field is kept", {"\xF8\x3F\x01", 3}, ERR_OK, REASON_NONE, NULL},
    {"cut inside a field", {"\x42\x05no", 4}, ERR_MALFORMED, REASON_MALFORMED, NULL},
    {"a group", {"\xFB\x3F", 2}, ERR_MALFORMED, REASON_MALFORMED, NULL},
    {"field number 0", {"\x00\x00", 2}, ERR_MALFORMED, REASON_MALFORMED, NULL},
    {"kind twice", {"\x28\x01", 2}, ERR_MALFORMED, REASON_MALFORMED, "kind"},
    {"a comment with NUL", {"\x52\x03\x61\x00\x62", 5}, ERR_MALFORMED, REASON_BAD_TEXT, "comment"},
    {"a comment of broken UTF-8", {"\x52\x01\xC3", 3}, ERR_MALFORMED, REASON_BAD_TEXT, "comment"},
    {"a comment with a control character", {"\x52\x01\x07", 3}, ERR_MALFORMED, REASON_BAD_TEXT, "comment"},
    {"a payload of another kind", {"\x8A\x01\x00", 3}, ERR_MALFORMED, REASON_MALFORMED, "outcome"},
    {"a decision in an office's update", {"\xC2\x02\x00", 3}, ERR_MALFORMED, REASON_MALFORMED, "decision"},
    {"wrong wire type",
     {"\x51\x00\x00\x00\x00\x00\x00\x00\x00", 9},
     ERR_MALFORMED,
     REASON_MALFORMED,
     "comment"},
};

static void
good_update_bad_tail (void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
    buf_t b = BUF_INIT;
    update_t u = sample_scheme ();
    reason_t why;
    assert_true (update_encode (&u, &b));
    buf_put (&b, tails[i].tail.p, tails[i].tail.n);
    err_t err = decode (&b, &u, &why);
    if (err != tails[i].err || why.code != tails[i].why ||
        (tails[i].field != NULL && !str_is (why.arg[0], tails[i].field)))
      fail_msg ("%s: %s, %s %.*s", tails[i].what, err_name (err), reason_name (why.code),
                STR_ARG (why.arg[0]));
    /* whatever is wrong, it can be kept under its number */
    assert_int_equal (u.version.seq, 7);
    assert_int_equal (u.id.b[0], 9);
    assert_int_equal (u.home, 549);
    buf_free (&b);
  }
}

/* Changes to the struct that no honest author would make. */
static void
spoil (update_t *u, size_t i)
{
  scheme_t *s = &u->record.u.scheme;
  switch (i) {
  case 0:
    u->version.seq = 0;
    break;
  case 1:
    u->home = 0;
    break;
  case 2:
    u->record.kind = KIND_STAFF + 40;
    break;
  case 3:
    u->operation = 9;
    break;
  case 4:
    s->status = 77;
    break;
  case 5:
    s->kind = 9;
    break;
  case 6:
    s->registered_on = 20141301;
    break;
  case 7:
    s->registered_on = 20150229;
    break;
  case 8:
    s->registered_on = 20150007;
    break;
  case 9:
    s->plan_year = (span_t){2020, 2014};
    break;
  case 10:
    s->funding[1].source = 1;
    break;
  case 11:
    s->funding[0].source = 0;
    break;
  case 12:
    s->unknown = STR ("\xCA\x01\x02\x30\x05");
    break; /* a ledger entry without its id */
  default: {
    static ledger_entry_t twice[2];
    static beneficiary_t pair[2];
    twice[0] = twice[1] = sample_entry (1);
    pair[0] = pair[1] = sample_beneficiary (1);
    twice[1].id.b[0] = i == 13 ? 1 : 2;
    pair[1].id.b[0] = i == 14 ? 1 : 2;
    twice[1].kind = i == 15 ? (ledger_kind_t)9 : LEDGER_ADVANCE;
    twice[1].date = i == 16 ? 20191301 : 20191201;
    twice[1].budget_year.from = i == 17 ? UINT16_MAX : 2019;
    pair[1].accepted_on = i == 18 ? 99 : 20190000;
    s->ledger = twice;
    s->beneficiaries = pair;
    s->ledger_n = s->beneficiaries_n = 2;
  }
  }
}

static void
spoilt (void **state)
{
  (void)state;
  static const struct {
    reason_code_t why;
    const char *field;
  } expected[] = {
      {REASON_REQUIRED, "seq"},
      {REASON_REQUIRED, "home"},
      {REASON_UNKNOWN_ENUM, "kind"},
      {REASON_UNKNOWN_ENUM, "operation"},
      {REASON_UNKNOWN_ENUM, "status"},
      {REASON_UNKNOWN_ENUM, "kind"},
      {REASON_BAD_DATE, "registered_on"},
      {REASON_BAD_DATE, "registered_on"},
      {REASON_BAD_DATE, "registered_on"},
      {REASON_BAD_YEAR, "plan_year"},
      {REASON_MALFORMED, "funding"},
      {REASON_REQUIRED, "source"},
      {REASON_REQUIRED, "ledger.id"},
      {REASON_MALFORMED, "ledger"},
      {REASON_MALFORMED, "beneficiaries"},
      {REASON_UNKNOWN_ENUM, "kind"},
      {REASON_BAD_DATE, "ledger.date"},
      {REASON_NONE, NULL},
      {REASON_BAD_DATE, "beneficiaries.accepted_on"},
  };
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    buf_t b = BUF_INIT;
    update_t u = sample_scheme (), back;
    reason_t why;
    spoil (&u, i);
    assert_true (update_encode (&u, &b));
    err_t err = decode (&b, &back, &why);
    if (err != (expected[i].why == REASON_NONE ? ERR_OK : ERR_MALFORMED) || why.code != expected[i].why ||
        (expected[i].field != NULL && !str_is (why.arg[0], expected[i].field)))
      fail_msg ("row %zu: %s, %s %.*s", i, err_name (err), reason_name (why.code), STR_ARG (why.arg[0]));
    buf_free (&b);
  }
}

static void
funding_is_sorted (void **state)
{
  (void)state;
  buf_t b = BUF_INIT;
  update_t u = sample_scheme (), back;
  funding_t first = u.record.u.scheme.funding[0];
  u.record.u.scheme.funding[0] = u.record.u.scheme.funding[2];
  u.record.u.scheme.funding[2] = first;
  assert_true (update_encode (&u, &b));
  assert_int_equal (decode (&b, &back, NULL), ERR_OK);
  update_t ordered = sample_scheme ();
  assert_true (record_same (&back.record, &ordered.record));
  buf_free (&b);
}

/* Every kind has its own payload and no other's. */
static void
payload_of_another_kind (void **state)
{
  (void)state;
  for (kind_t kind = KIND_SCHEME; kind < KIND_COUNT; kind++) {
    buf_t b = BUF_INIT;
    reason_t why;
    update_t u = sample_scheme (), back;
    u.record.kind = kind;
    memset (&u.record.u, 0, sizeof u.record.u);
    u.decision = STR ("d");
    u.unknown =
        kind == KIND_STAFF ? STR ("\xA2\x01\x00") : STR ("\x9A\x01\x00"); /* a document; a staff figure */
    assert_true (update_encode (&u, &b));
    assert_int_equal (decode (&b, &back, &why), ERR_MALFORMED);
    assert_int_equal (back.record.kind, kind);
    buf_free (&b);
  }
}

static void
limits (void **state)
{
  (void)state;
  buf_t b = BUF_INIT;
  update_t u = sample_scheme (), back;
  reason_t why;
  assert_true (update_encode (&u, &b));
  /* many empty sub-messages: 2 to 3 bytes each would unpack to far more than the budget */
  for (size_t i = 0; i < 60000; i++)
    buf_put (&b, "\xFA\x3F\x00", 3);
  assert_int_equal (decode (&b, &back, &why), ERR_NOMEM);
  assert_int_equal (back.version.seq, 7);
  while (b.n <= UPDATE_MAX)
    buf_put (&b, "\xFA\x3F\x00", 3);
  assert_int_equal (decode (&b, &back, &why), ERR_TOO_BIG);
  buf_free (&b);
}

static int
setup (void **state)
{
  (void)state;
  arena = arena_new (64u << 20);
  return arena == NULL;
}

static int
teardown (void **state)
{
  (void)state;
  arena_destroy (&arena);
  return 0;
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (round_trips),
      cmocka_unit_test (every_field_survives),
      cmocka_unit_test (keyed_lists_survive),
      cmocka_unit_test (full_lists_are_read),
      cmocka_unit_test (good_update_bad_tail),
      cmocka_unit_test (spoilt),
      cmocka_unit_test (funding_is_sorted),
      cmocka_unit_test (payload_of_another_kind),
      cmocka_unit_test (limits),
  };
  return cmocka_run_group_tests (tests, setup, teardown);
}
