/* test_labels.c - values as people write them: every label of the shipped catalogue finds its code or says
 * that it is ambiguous, headers in Vietnamese and English find their columns for every kind, and what is none
 * is refused with what is nearest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/lang.h"
#include "common/core/edit.h"
#include "common/core/labels.h"
#include "common/text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))

typedef struct {
  catalogue_t *c;
  labels_t *labels;
} set_t;

static catalogue_t *
parse (str_t file)
{
  fail_t fail = {0};
  catalogue_t *c = catalogue_parse (file, 1, &fail);
  if (c == NULL)
    fail_msg ("catalogue: %u: %s", fail.line, fail.text);
  return c;
}

static int
set_up (void **state)
{
  buf_t b = BUF_INIT;
  FILE *f = fopen (KC_SOURCE_DIR "/deploy/binh-dinh/catalogue.csv", "rb");
  assert_non_null (f);
  char *room = buf_reserve (&b, 1u << 20);
  b.n += fread (room, 1, 1u << 20, f);
  fclose (f);
  set_t *s = calloc (1, sizeof *s);
  assert_non_null (s);
  s->c = parse (buf_str (&b));
  s->labels = labels_new (s->c);
  assert_non_null (s->labels);
  buf_free (&b);
  lang_set (LANG_EN);
  *state = s;
  return 0;
}

static int
tear_down (void **state)
{
  set_t *s = *state;
  labels_destroy (&s->labels);
  catalogue_destroy (&s->c);
  free (s);
  lang_set (LANG_VI);
  return 0;
}

/* ---- headers ---- */

static void
change_case (str_t text, buf_t *out)
{
  buf_clear (out);
  utf8_fold (text, out);
  for (size_t i = 0; i < out->n; i++)
    if (out->p[i] >= 'a' && out->p[i] <= 'z')
      out->p[i] = (char)(out->p[i] - 32);
}

static void
check_label (const columns_t *cs, str_t label, size_t column)
{
  buf_t other = BUF_INIT, spaced = BUF_INIT;
  if (str_blank (label))
    fail_msg ("kind %d, %.*s: no label", (int)columns_kind (cs), STR_ARG (columns_at (cs, column)->name));
  if (columns_find (cs, label) != (int)column)
    fail_msg ("kind %d: label %.*s finds column %d", (int)columns_kind (cs), STR_ARG (label),
              columns_find (cs, label));
  change_case (label, &other);
  assert_int_equal (columns_find (cs, buf_str (&other)), column);
  buf_printf (&spaced, " \xC2\xA0%.*s \n", STR_ARG (label));
  assert_int_equal (columns_find (cs, buf_str (&spaced)), column);
  buf_free (&other);
  buf_free (&spaced);
}

/* Both labels of every column of every kind and form, and the header made of them tells the kind. */
static void
headers (void **state)
{
  set_t *s = *state;
  for (int kind = KIND_SCHEME; kind < FORM_END; kind++) {
    columns_t *cs = kind == KIND_DECISION || kind == KIND_COUNT ? NULL : columns_new ((kind_t)kind, s->c);
    if (cs == NULL)
      continue;
    str_t *header[2] = {calloc (columns_count (cs), sizeof (str_t)),
                        calloc (columns_count (cs), sizeof (str_t))};
    for (size_t i = 0; i < columns_count (cs); i++) {
      header[0][i] = columns_at (cs, i)->label_vi;
      header[1][i] = columns_at (cs, i)->label_en;
      check_label (cs, header[0][i], i);
      check_label (cs, header[1][i], i);
    }
    for (int en = 0; en < 2; en++) {
      const kind_t found = columns_recognise (s->c, header[en], columns_count (cs));
      if (found != (kind_t)kind)
        fail_msg ("the labels (%d) of kind %d are taken for kind %d", en, kind, (int)found);
      free (header[en]);
    }
    columns_destroy (&cs);
  }
}

/* ---- values ---- */

static const struct {
  field_type_t type;
  const char *text, *code; /* NULL: unknown; "": ambiguous */
  const char *near;
} rows[] = {
    {FIELD_STATUS, "Đã quyết toán", "settled", ""},
    {FIELD_STATUS, "ĐÃ QUYẾT TOÁN", "settled", ""},
    {FIELD_STATUS, " da  quyet toan ", "settled", ""},
    {FIELD_STATUS, "Settled", "settled", ""},
    {FIELD_STATUS, "Đang thực hiện", "running", ""},
    {FIELD_STATUS, "Đang triển khai", "running", ""},
    {FIELD_STATUS, "trả lại - yêu cầu bổ sung", "returned", ""},
    {FIELD_STATUS, "settled: đã quyết toán", "settled", ""},
    {FIELD_STATUS, "quyết tóan", "settled", ""},
    {FIELD_STATUS, "đã quyêt tóan xong", NULL, "settled (đã quyết toán)"},
    {FIELD_STATUS, "xyz", NULL, ""},
    {FIELD_SCHEME_KIND, "Đề án điểm", "key", ""},
    {FIELD_SCHEME_KIND, "đề án nhóm", "group", ""},
    {FIELD_SCHEME_KIND, "điểm", "key", ""},
    {FIELD_VALUE_KIND, "Ước thực hiện", "estimate", ""},
    {FIELD_VALUE_KIND, "Kế hoạch", "plan", ""},
    {FIELD_VALUE_KIND, "Thực hiện", "actual", ""},
    {FIELD_DOCUMENT_STATUS, "Đã ban hành", "issued", ""},
    {FIELD_DOCUMENT_STATUS, "chưa xây dựng", "not_started", ""},
    {FIELD_LEDGER_KIND, "Tạm ứng", "advance", ""},
    {FIELD_YES, "Có", "yes", ""},
    {FIELD_FUND, "Khuyến công quốc gia", "KCQG", ""},
    {FIELD_FUND, "khuyến công địa phương", "KCĐP", ""},
    {FIELD_FUND, "Khuyến công địa phương cấp huyện", "KCĐP", ""},
    {FIELD_FUND, "KCDP", NULL, ""}, /* a code is a code */
    {FIELD_SOURCE, "Khuyến công địa phương cấp tỉnh", "province", ""},
    {FIELD_SOURCE, "Khuyến công địa phương", NULL, "commune (Khuyến công địa phương cấp xã), province"},
    {FIELD_ITEM, "Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến", "III.3", ""},
    {FIELD_ITEM, "HỖ TRỢ ỨNG DỤNG MÁY MÓC THIẾT BỊ TIÊN TIẾN", "III.3", ""},
    {FIELD_ITEM, "III.3 - Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến", "III.3", ""},
    {FIELD_ITEM, "III.3 (Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến)", "III.3", ""},
    {FIELD_ITEM, "III.1 Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến", NULL, "III.3 (Hỗ trợ ứng dụng máy móc"},
    {FIELD_ITEM, "ứng dụng máy móc thiết bị tiên tiến", NULL, "III.3 (Hỗ trợ ứng dụng máy móc"},
    {FIELD_INDICATOR, "Số sản phẩm được bình chọn", "IV.4.a", ""},
    {FIELD_INDICATOR, "Số lượt người", "", "VIII.2.b (Số lượt người), VIII.3.b (Số lượt người)"},
    {FIELD_SERVICE, "đánh giá tác động môi trường", "5.2", ""},
    {FIELD_STAFF_ITEM, "Đại học, cao đẳng", "2.b", ""},
    {FIELD_UNIT, "An Nhơn", "549", ""},
    {FIELD_UNIT, "Thị xã An Nhơn", "549", ""},
    {FIELD_UNIT, "TX. An Nhơn", "549", ""},
    {FIELD_UNIT, "huyện An Nhơn", "549", ""}, /* what it was */
    {FIELD_UNIT, "Huyện Hoài Nhơn", "543", ""},
    {FIELD_UNIT, "thị xã Hoài Nhơn", "543", ""},
    {FIELD_UNIT, "TP Quy Nhơn", "540", ""},
    {FIELD_UNIT, "Qui Nhơn", "540", ""},
    {FIELD_UNIT, "H. Phù Mĩ", "545", ""},
    {FIELD_UNIT, "An Nhơn (549)", "549", ""},
    {FIELD_UNIT, "549 - An Nhơn", "549", ""},
    {FIELD_UNIT, "xã An Nhơn", NULL, "549 (An Nhơn, thị xã)"},
    {FIELD_UNIT, "An Nhon Bac", NULL, "549 (An Nhơn, thị xã)"},
    {FIELD_UNIT, "Trung tâm Khuyến công tỉnh Bình Định", "52", ""},
    {FIELD_UNIT, "H.", NULL, ""},
    {FIELD_UNIT, "", NULL, ""},
    {FIELD_UNIT, "\xFF", NULL, ""},
    {FIELD_TEXT, "An Nhơn", NULL, ""},
};

static void
check_row (const labels_t *labels, size_t i, field_type_t type, const char *text, const char *code,
           const char *near)
{
  label_t found;
  buf_t b = BUF_INIT;
  const label_answer_t answer = labels_find (labels, type, str_of (text), &found, &b);
  const label_answer_t wanted = code == NULL      ? LABEL_UNKNOWN
                                : code[0] == '\0' ? LABEL_AMBIGUOUS
                                                  : LABEL_FOUND;
  if (answer != wanted || (wanted == LABEL_FOUND && !str_is (found.code, code)))
    fail_msg ("row %zu, \"%s\": answer %d, %.*s; %s", i, text, (int)answer, STR_ARG (found.code), buf_z (&b));
  if (strncmp (buf_z (&b), near, strlen (near)) != 0 || (near[0] == '\0' && answer == LABEL_FOUND && b.n > 0))
    fail_msg ("row %zu, \"%s\": near \"%s\"", i, text, buf_z (&b));
  buf_free (&b);
}

static void
values (void **state)
{
  set_t *s = *state;
  for (size_t i = 0; i < COUNT (rows); i++)
    check_row (s->labels, i, rows[i].type, rows[i].text, rows[i].code, rows[i].near);
}

/* No label of the catalogue is lost: it finds its own code, or that and another. */
static void
check_own (const labels_t *labels, field_type_t type, str_t label, str_t code)
{
  label_t found;
  buf_t near = BUF_INIT;
  const label_answer_t answer = labels_find (labels, type, label, &found, &near);
  buf_t name = BUF_INIT;
  buf_printf (&name, "%.*s (", STR_ARG (code));
  const bool fine = (answer == LABEL_FOUND && str_eq (found.code, code)) ||
                    (answer == LABEL_AMBIGUOUS && utf8_contains (buf_str (&near), buf_str (&name)));
  if (!fine && !str_is (label, "………..")) /* a line that the form leaves open */
    fail_msg ("%.*s: answer %d, %.*s", STR_ARG (label), (int)answer, STR_ARG (found.code));
  buf_free (&near);
  buf_free (&name);
}

static void
every_label (void **state)
{
  set_t *s = *state;
  const item_t *item;
  const indicator_t *indicator;
  const service_t *service;
  const staff_item_t *staff;
  const unit_t *unit;
  for (size_t i = 0; (item = catalogue_item_at (s->c, i)) != NULL; i++) {
    check_own (s->labels, FIELD_ITEM, item->label_vi, item->code);
    check_own (s->labels, FIELD_ITEM, item->label_en, item->code);
  }
  for (size_t i = 0; (indicator = catalogue_indicator_at (s->c, i)) != NULL; i++)
    check_own (s->labels, FIELD_INDICATOR, indicator->label_vi, indicator->code);
  for (size_t i = 0; (service = catalogue_service_at (s->c, i)) != NULL; i++)
    check_own (s->labels, FIELD_SERVICE, service->label_vi, service->code);
  for (size_t i = 0; (staff = catalogue_staff_item_at (s->c, i)) != NULL; i++)
    check_own (s->labels, FIELD_STAFF_ITEM, staff->label_vi, staff->code);
  for (size_t i = 0; (unit = catalogue_unit_at (s->c, i)) != NULL; i++)
    check_own (s->labels, FIELD_UNIT, unit->name, unit->code);
}

/* After a reform a name may be two units', one of them gone. */
static const char reformed[] =
    "[units]\nid,code,name,type,parent,province,valid_from,valid_to\n"
    "1,52,Tỉnh,tỉnh,,yes,,\n"
    "2,549,An Nhơn,thị xã,1,no,,2025-06-30\n"
    "3,21910,An Nhơn,phường,1,no,2025-07-01,\n"
    "4,21583,Thị Nại,phường,1,no,,2025-06-30\n"
    "5,21583,Quy Nhơn,phường,1,no,2025-07-01,\n"
    "[sources]\nid,code,fund,label_vi,label_en,active\n1,national,KCQG,Quốc gia,National,yes\n"
    "[categories]\ncode,label_vi,label_en\nI,Một,One\n"
    "[items]\ncode,category,printed_code,label_vi,label_en\nI.1,I,1,Một,One\n"
    "[indicators]\ncode,category,parent,printed_code,unit_vi,label_vi,label_en,decimals,scale,additive,by_"
    "fund,subset,supplementary\n"
    "I.1,I,,1,Cái,Một,One,0,0,yes,yes,no,no\n"
    "[labels]\nfield,code,label\ndistrict,52,Trung tâm\nstatus,nonsense,Vớ vẩn\nfoo,52,Bar\n";

static void
units_of_two_times (void **state)
{
  (void)state;
  catalogue_t *c = parse (STR (reformed));
  labels_t *labels = labels_new (c);
  label_t found;
  buf_t near = BUF_INIT;
  assert_non_null (labels);
  check_row (labels, 0, FIELD_UNIT, "An Nhơn", "", "21910 (An Nhơn, phường), 549 (An Nhơn, thị xã)");
  check_row (labels, 1, FIELD_UNIT, "Thị xã An Nhơn", "549", "");
  check_row (labels, 2, FIELD_UNIT, "P. An Nhơn", "21910", "");
  check_row (labels, 3, FIELD_UNIT, "Trung tâm", "52", "");
  /* a code that passed on: the name means the unit, not whoever bears its code now */
  assert_int_equal (labels_find (labels, FIELD_UNIT, STR ("Thị Nại"), &found, &near), LABEL_FOUND);
  assert_int_equal (found.unit, 4);
  assert_true (str_eq (found.code, catalogue_unit (c, 4)->known_as)); /* which is not the plain code */
  assert_false (str_is (found.code, "21583"));
  assert_int_equal (labels_find (labels, FIELD_UNIT, STR ("phường Quy Nhơn"), &found, &near), LABEL_FOUND);
  assert_int_equal (found.unit, 5);
  buf_free (&near);
  labels_destroy (&labels);
  catalogue_destroy (&c);
}

/* ---- in an edit ---- */

static void
in_an_edit (void **state)
{
  set_t *s = *state;
  arena_t *arena = arena_new (16u << 20);
  columns_t *cs = columns_new (KIND_SCHEME, s->c);
  record_t r;
  reasons_t found = {.n = 0};
  const edit_options_t o = {.office = 0};
  const char *const texts[][2] = {{"code", "A-1"},
                                  {"name", "Máy"},
                                  {"district", "TX An Nhơn"},
                                  {"plan_year", "2019"},
                                  {"item", "Hỗ trợ ứng dụng máy móc thiết bị tiên tiến"},
                                  {"status", "Đã phê duyệt"},
                                  {"kind", "Đề án điểm"}};
  cell_t cells[COUNT (texts)];
  for (size_t i = 0; i < COUNT (texts); i++)
    cells[i] = (cell_t){columns_find (cs, str_of (texts[i][0])), str_of (texts[i][1])};
  assert_true (edit_apply (cs, s->c, &o, NULL, cells, COUNT (cells), arena, &r, &found));
  assert_int_equal (r.u.scheme.district, catalogue_unit_by_code (s->c, STR ("549"))->id);
  assert_true (str_is (r.u.scheme.item, "III.3"));
  assert_int_equal (r.u.scheme.status, STATUS_APPROVED);
  assert_int_equal (r.u.scheme.kind, SCHEME_KEY);
  /* refused, each with what helps */
  cells[2].text = STR ("An Nhon Bac");
  cells[5].text = STR ("da quyet toan het");
  found.n = 0;
  assert_false (edit_apply (cs, s->c, &o, NULL, cells, COUNT (cells), arena, &r, &found));
  assert_int_equal (found.n, 2);
  buf_t words = BUF_INIT;
  reason_words (&found.at[0], &words);
  reason_words (&found.at[1], &words);
  assert_non_null (strstr (buf_z (&words), "nearest: 549 (An Nhơn, thị xã)"));
  assert_non_null (strstr (buf_z (&words), "draft, registered"));
  assert_non_null (strstr (buf_z (&words), "nearest: settled"));
  buf_free (&words);
  columns_destroy (&cs);
  arena_destroy (&arena);
}

/* A Vietnamese reader has the catalogue's label of a column, its code behind it; others the code. */
static void
columns_in_sentences (void **state)
{
  set_t *s = *state;
  static const struct {
    reason_t reason;
    kind_t kind;
    const char *vi, *en;
  } said[] = {
      {{REASON_DATES_ORDER, {{"settled_on", 10}, {"accepted_on", 11}}, -1},
       KIND_SCHEME,
       "“Ngày quyết toán” (settled_on) sớm hơn “Ngày nghiệm thu” (accepted_on)",
       "settled_on is earlier than accepted_on"},
      {{REASON_SETTLED_ABOVE, {{"settled_province_vnd", 20}}, -1},
       KIND_SCHEME,
       "“Quyết toán cấp tỉnh” (settled_province_vnd) lớn hơn số được duyệt",
       "settled_province_vnd is above the approved amount"},
      {{REASON_REQUIRED, {{"code", 4}}, -1},
       KIND_CONSULTING,
       "thiếu “Mã dự án tư vấn” (code), cột bắt buộc",
       "code is missing (required)"},
      /* of a line of the scheme, and of a column that has no label */
      {{REASON_REQUIRED, {{"amount_vnd", 10}}, -1},
       KIND_SCHEME,
       "thiếu “Số tiền” (amount_vnd), cột bắt buộc",
       "amount_vnd is missing (required)"},
      {{REASON_REQUIRED, {{"comment", 7}}, -1},
       KIND_SCHEME,
       "thiếu comment, cột bắt buộc",
       "comment is missing (required)"},
      {{REASON_ILLEGAL_MOVE, {{"settled", 7}, {"draft", 5}}, -1},
       KIND_SCHEME,
       "không được chuyển trạng thái từ “đã quyết toán” sang",
       "the state may not move from \"settled\" to \"draft\""},
  };
  for (size_t i = 0; i < COUNT (said); i++)
    for (lang_t lang = LANG_VI; lang <= LANG_EN; lang++) {
      buf_t words = BUF_INIT, bare = BUF_INIT;
      lang_set (lang);
      reason_words_in (&said[i].reason, s->c, said[i].kind, &words);
      const char *want = L (said[i].vi, said[i].en);
      if (strncmp (buf_z (&words), want, strlen (want)) != 0)
        fail_msg ("row %zu: <%s>", i, buf_z (&words));
      reason_words (&said[i].reason, &bare);
      assert_null (strstr (buf_z (&bare), "Ngày"));
      buf_free (&words);
      buf_free (&bare);
    }
  lang_set (LANG_EN);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown (headers, set_up, tear_down),
      cmocka_unit_test_setup_teardown (values, set_up, tear_down),
      cmocka_unit_test_setup_teardown (every_label, set_up, tear_down),
      cmocka_unit_test (units_of_two_times),
      cmocka_unit_test_setup_teardown (in_an_edit, set_up, tear_down),
      cmocka_unit_test_setup_teardown (columns_in_sentences, set_up, tear_down),
  };
  return cmocka_run_group_tests_name ("labels", tests, NULL, NULL);
}
