/* Records: keys, equality member by member, names, years; reasons and recognised headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/core/fields.h"
#include "tests/unit/core/small_catalogue.h"

#include <string.h>

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])

static void
years (void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint16_t from, to; /* 0: refused */
  } rows[] = {{"2019", 2019, 2019}, {"2014-2020", 2014, 2020},
              {"2000", 2000, 2000}, {"2100", 2100, 2100},
              {"1999", 0, 0},       {"2101", 0, 0},
              {"2020-2014", 0, 0},  {"2014-2014", 0, 0},
              {"", 0, 0},           {"201", 0, 0},
              {"2019 ", 0, 0},      {"2014–2020", 0, 0},
              {"2014-20", 0, 0},    {"20x9", 0, 0}};
  for (size_t i = 0; i < COUNT (rows); i++) {
    span_t s = {0, 0};
    char back[12];
    assert_int_equal (span_parse (str_of (rows[i].text), &s), rows[i].from != 0);
    assert_int_equal (s.from, rows[i].from);
    assert_int_equal (s.to, rows[i].to);
    span_format (s, back);
    assert_string_equal (back, rows[i].from != 0 ? rows[i].text : "");
  }
  assert_false (span_parse (STR_NONE, &(span_t){0, 0}));
}

static const record_t outcome = {.kind = KIND_OUTCOME,
                                 .u.outcome = {.indicator = {"I.1", 3},
                                               .fund = {"KCQG", 4},
                                               .district = 10,
                                               .year = {2019, 2019},
                                               .value = {true, 5},
                                               .value_kind = VALUE_ACTUAL}};

static void
keys (void **state)
{
  (void)state;
  enum { SAME, ESTIMATE, VALUE, NOTE, PLAN, FUND, PERIOD, SCHEME, YEAR, DISTRICT, CASES };
  buf_t base = BUF_INIT;
  assert_true (record_key (&outcome, &base));
  for (int i = 0; i < CASES; i++) {
    record_t r = outcome;
    buf_t key = BUF_INIT;
    r.u.outcome.value_kind = i == ESTIMATE ? VALUE_ESTIMATE : i == PLAN ? VALUE_PLAN : VALUE_ACTUAL;
    r.u.outcome.value.v = i == VALUE ? 6 : 5;
    r.u.outcome.note = i == NOTE ? STR ("x") : STR_NONE;
    r.u.outcome.fund = i == FUND ? STR_NONE : STR ("KCQG");
    r.u.outcome.period = i == PERIOD ? STR ("x") : STR_NONE;
    r.u.outcome.scheme_code = i == SCHEME ? STR ("x") : STR_NONE;
    r.u.outcome.year.to = i == YEAR ? 2020 : 2019;
    r.u.outcome.district = i == DISTRICT ? 1 : 10;
    assert_true (record_key (&r, &key));
    assert_int_equal (str_eq (buf_str (&key), buf_str (&base)), i <= NOTE);
    buf_free (&key);
  }
  record_t r = outcome;
  r.u.outcome.district = 0;
  assert_false (record_key (&r, &base));
  r = (record_t){.kind = KIND_SCHEME};
  assert_false (record_key (&r, &base));
  buf_clear (&base);
  record_key_text (&outcome, NULL, &base);
  assert_string_equal (buf_z (&base), "I.1 / 10 / 2019 / KCQG");
  buf_free (&base);
}

/* Every member counts: a record with one byte of one member changed is another record. */
static void
equality (void **state)
{
  (void)state;
  static const kind_t kinds[] = {KIND_SCHEME,   KIND_OUTCOME,    KIND_CONSULTING, KIND_STAFF,
                                 KIND_DOCUMENT, KIND_SUBMISSION, FORM_LEDGER,     FORM_BENEFICIARY};
  for (size_t k = 0; k < COUNT (kinds); k++) {
    size_t n;
    const field_t *f = fields_of (kinds[k], &n);
    for (size_t i = 0; i < n; i++) {
      record_t a, b;
      if (f[i].type == FIELD_SUPPORT || f[i].type == FIELD_SETTLED)
        continue;
      memset (&a, 0, sizeof a);
      a.kind = kinds[k];
      b = a;
      assert_true (record_same (&a, &b));
      void *member = (char *)&b.u + f[i].offset;
      if (f[i].max_bytes > 0)
        *(str_t *)member = STR ("x");
      else if (f[i].type == FIELD_MONEY || f[i].type == FIELD_VALUE || f[i].type == FIELD_COUNT)
        *(opt_i64_t *)member = (opt_i64_t){true, 0};
      else
        *(uint8_t *)member = 1;
      if (record_same (&a, &b))
        fail_msg ("%s is not compared", f[i].name);
    }
  }
}

static void
names (void **state)
{
  (void)state;
  for (int s = 1; s < STATUS_COUNT; s++)
    assert_int_equal (status_of_name (str_of (status_name ((status_t)s))), s);
  for (int k = 1; k < KIND_COUNT; k++)
    assert_int_equal (kind_of_name (str_of (kind_name ((kind_t)k))), k);
  for (int k = FORM_LEDGER; k < FORM_END; k++) {
    assert_int_equal (kind_of_name (str_of (kind_name ((kind_t)k))), k);
    assert_false (kind_supported ((kind_t)k));
  }
  for (int k = 1; k < LEDGER_KIND_COUNT; k++)
    assert_int_equal (ledger_kind_of_name (str_of (ledger_kind_name ((ledger_kind_t)k))), k);
  assert_int_equal (status_of_name (STR ("Settled")), STATUS_NONE);
  assert_int_equal (status_of_name (STR_NONE), STATUS_NONE);
  assert_null (status_name (STATUS_NONE));
  assert_null (status_name (STATUS_COUNT));
  for (int s = 1; s < STATUS_COUNT; s++)
    assert_int_equal (status_counts ((status_t)s), s >= STATUS_APPROVED && s <= STATUS_SETTLED);
}

static void
reasons (void **state)
{
  (void)state;
  reasons_t found = {.n = 0};
  buf_t b = BUF_INIT;
  for (int i = 0; i < REASON_COUNT; i++)
    assert_int_equal (reason_of_name (str_of (reason_name ((reason_code_t)i))), i);
  assert_int_equal (reason_of_name (STR ("of_tomorrow")), REASON_NONE);
  for (unsigned i = 0; i < 2 * REASONS_MAX; i++)
    reasons_add (&found, -1, REASON_LOST_LETTERS, STR ("note"), STR_NONE, STR_NONE);
  assert_null (reasons_hard (&found));
  reasons_add (&found, 3, REASON_MOVE_NEEDS_REASON, STR ("settled"), STR ("running"), STR_NONE);
  assert_non_null (reasons_hard (&found)); /* flags leave room for it */
  assert_int_equal (reasons_hard (&found)->column, 3);
  reason_words (reasons_hard (&found), &b);
  assert_string_equal (buf_z (&b), "moving from \"settled\" to \"running\" needs a reason (--reason)");
  buf_clear (&b);
  lang_set (LANG_VI);
  reason_words (reasons_hard (&found), &b);
  assert_non_null (strstr (buf_z (&b), "“đã quyết toán” sang “đang thực hiện”"));
  lang_set (LANG_EN);
  buf_clear (&b);
  reason_words (&(reason_t){.code = REASON_NONE, .arg = {{"of_tomorrow", 11}}}, &b);
  assert_string_equal (buf_z (&b), "of_tomorrow");
  buf_free (&b);
}

static void
headers (void **state)
{
  (void)state;
  static const char labelled[] = SMALL_CATALOGUE
      "scheme,name,Tên đề án,Name\nscheme,district,Mã đơn vị,Office\nscheme,plan_year,Năm kế hoạch,Plan "
      "year\n"
      "scheme,item,Nội dung chi,Budget item\nscheme,status,Trạng thái,State\n"
      "outcome,indicator,Mã chỉ tiêu,Indicator\noutcome,district,Mã đơn vị,Office\noutcome,year,Năm,Year\n"
      "outcome,fund,Nguồn kinh phí,Fund\noutcome,value,Giá trị,Value\n";
  fail_t fail = {0};
  catalogue_t *c = catalogue_parse (str_of (labelled), 1, &fail);
  assert_non_null (c);
  static const struct {
    const char *header[10];
    kind_t kind;
  } rows[] = {
      {{"code", "name", "district", "plan_year", "item", "status"}, KIND_SCHEME},
      {{"status", "x", "item", "plan_year", "district", "name", "code"}, KIND_SCHEME},
      {{"code", "name", "district", "plan_year", "item"}, KIND_NONE},
      {{"indicator", "district", "year", "fund", "value"}, KIND_OUTCOME},
      {{"indicator", "district", "year", "value"}, KIND_NONE},
      {{"indicator", "year", "value"}, KIND_STAFF},
      {{"indicator", "year", "value", "fund"}, KIND_NONE},
      {{"code", "service", "year", "client", "revenue_vnd", "note"}, KIND_CONSULTING},
      {{"no", "title", "number", "issued_on", "status", "note"}, KIND_DOCUMENT},
      {{"a"}, KIND_NONE},
      {{"CODE", " Name ", "District", "plan_YEAR", "item", "status"}, KIND_SCHEME},
      {{"Mã đề án", "TÊN ĐỀ ÁN", "ma don vi", " Năm  kế hoạch", "Nội dung chi", "Trạng thái"}, KIND_SCHEME},
      {{"Mã chỉ tiêu", "Mã đơn vị", "Năm", "Nguồn kinh phí", "Giá trị", "Loại số liệu"}, KIND_OUTCOME},
      {{"Mã chỉ tiêu", "Năm", "Giá trị"}, KIND_NONE},
  };
  for (size_t i = 0; i < COUNT (rows); i++) {
    str_t header[10];
    size_t n = 0;
    for (; n < 10 && rows[i].header[n] != NULL; n++)
      header[n] = str_of (rows[i].header[n]);
    assert_int_equal (columns_recognise (c, header, n), rows[i].kind);
  }
  columns_t *cs = columns_new (KIND_SCHEME, c);
  assert_int_equal (columns_find (cs, STR ("CODE ")), 0);
  assert_int_equal (columns_find (cs, STR ("ten de an")), 1);
  assert_int_equal (columns_find (cs, STR ("codes")), -1);
  assert_int_equal (columns_find (cs, STR ("")), -1);
  columns_destroy (&cs);
  catalogue_destroy (&c);
}

int
main (void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test (years), cmocka_unit_test (keys),    cmocka_unit_test (equality),
      cmocka_unit_test (names), cmocka_unit_test (reasons), cmocka_unit_test (headers),
  };
  lang_set (LANG_EN);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
