/* Near-duplicates among many schemes, beside what cannot be done without: reading their names, and comparing
 * with each. */
#include "common/core/similar.h"
#include "common/text/utf8.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#define PROBES 200u

static const char catalogue[] =
    "[meta]\nkey,value\ntitle_vi,Danh mục\n[units]\nid,code,name,type,parent,province\n1,52,Tỉnh,tỉnh,,yes\n"
    "[sources]\nid,code,fund,label_vi,active\n2,province,KCĐP,Tỉnh,yes\n[categories]\ncode,label_vi\nIII,Máy "
    "móc\n"
    "[items]\ncode,category,label_vi\nIII.3,III,\"Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến\"\n"
    "[indicators]\ncode,category,label_vi,decimals,scale,additive,by_fund\nIII.3,III,Số cơ sở,0,0,yes,yes\n"
    "[same_words]\nwords,as\nhợp tác xã,htx\ncông ty,cty\n";

/* Names as offices write them: a machine, what it makes, whose, where; every thousandth stands twice. */
static void
name_of (unsigned i, buf_t *out)
{
  static const char *const machines[] = {"Máy ép",        "Lò nung",     "Máy sấy", "Dây chuyền chế biến",
                                         "Máy cưa",       "Máy dệt",     "Lò hấp",  "Máy tiện CNC",
                                         "Máy cắt laser", "Máy đóng gói"};
  static const char *const things[] = {
      "gạch không nung", "gốm",      "bún tươi", "chiếu cói", "đá mỹ nghệ", "dừa",       "rượu Bàu Đá",
      "nón ngựa",        "trà dung", "gỗ",       "sắt",       "nước mắm",   "bánh tráng"};
  static const char *const whose[] = {"HTX", "Công ty TNHH", "Cơ sở", "Doanh nghiệp tư nhân", "Hợp tác xã"};
  static const char *const places[] = {"Nhơn Hậu",  "Đập Đá",   "Phú Phong",  "Tam Quan", "Cát Tiến",
                                       "Phước Lộc", "Ân Hảo",   "Canh Vinh",  "Vĩnh Sơn", "Mỹ Hiệp",
                                       "An Hòa",    "Bồng Sơn", "Ghềnh Ráng", "Nhơn Mỹ"};
  static const char *const names[] = {"An",   "Bình",  "Châu", "Dung", "Đạt",   "Giang", "Hà",    "Hải",
                                      "Hạnh", "Hòa",   "Hùng", "Khoa", "Lan",   "Liên",  "Long",  "Mai",
                                      "Minh", "Nam",   "Nga",  "Ngọc", "Nhân",  "Phúc",  "Quang", "Sơn",
                                      "Tâm",  "Thành", "Thu",  "Tiến", "Trung", "Vinh"};
  uint64_t n = i - (i % 1000 == 999), h = hash_end (hash_more (HASH_START, &n, sizeof n));
  buf_clear (out);
  buf_printf (out, "Hỗ trợ ứng dụng %s %s %s %s %s, %s", machines[h % 10], things[h / 10 % 13],
              whose[h / 130 % 5], names[h / 650 % 30], names[h / 19500 % 30], places[h / 585000 % 14]);
}

static err_t
count (void *ctx, size_t a, size_t b)
{
  (void)a, (void)b;
  ++*(size_t *)ctx;
  return ERR_OK;
}

static similar_t *
set_of (const catalogue_t *c, size_t n)
{
  buf_t name = BUF_INIT;
  similar_t *s = similar_new (c, (similar_limits_t){85, 10});
  for (unsigned i = 0; s != NULL && i < n; i++) {
    name_of (i, &name);
    likeness_t l = {.name = buf_str (&name),
                    .item = STR ("III.3"),
                    .years = {(uint16_t)(2014 + i / 2 % 7), (uint16_t)(2014 + i / 2 % 7)},
                    .amount_vnd = INT64_C (1000000) * (50 + i / 2 % 100)};
    if (similar_add (s, &l) != ERR_OK)
      similar_destroy (&s);
  }
  buf_free (&name);
  return s;
}

static double
read_all (size_t n)
{
  buf_t name = BUF_INIT, folded = BUF_INIT;
  double begun = process_seconds ();
  for (unsigned i = 0; i < n; i++) {
    name_of (i, &name);
    buf_clear (&folded);
    (void)utf8_fold (buf_str (&name), &folded);
  }
  buf_free (&name);
  buf_free (&folded);
  return process_seconds () - begun;
}

void
bench_alike (size_t n, alike_t *out)
{
  fail_t fail = {0};
  size_t found = 0, compared = 0;
  catalogue_t *c = catalogue_parse (STR (catalogue), 1, &fail);
  if (c == NULL)
    process_fail (fail.text);
  out->read_ms = read_all (n) * 1000;
  double begun = process_seconds ();
  similar_t *s = set_of (c, n);
  if (s == NULL || similar_index (s) != ERR_OK)
    process_fail ("no set of schemes");
  out->index_ms = (process_seconds () - begun) * 1000;
  begun = process_seconds ();
  for (size_t i = 0; i < PROBES; i++)
    if (similar_find (s, i * (n / PROBES), count, &found) != ERR_OK)
      process_fail ("find");
  out->one_ms = (process_seconds () - begun) * 1000 / PROBES;
  begun = process_seconds ();
  for (size_t i = 0; i < PROBES; i++)
    for (size_t k = 0; k < n; k++)
      compared += k != i * (n / PROBES) && similar_alike (s, i * (n / PROBES), k);
  out->each_ms = (process_seconds () - begun) * 1000 / PROBES;
  if (found != compared)
    process_fail ("the index does not find what comparing finds");
  begun = process_seconds ();
  out->pairs = 0;
  if (similar_pairs (s, count, &out->pairs) != ERR_OK)
    process_fail ("pairs");
  out->pairs_ms = (process_seconds () - begun) * 1000;
  similar_destroy (&s);
  catalogue_destroy (&c);
}
