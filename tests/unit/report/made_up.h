/* made_up.h - a small catalogue and figures given by hand, for annexes and their reconciliation. */
#ifndef KC_TESTS_MADE_UP_H
#define KC_TESTS_MADE_UP_H

#include "common/report/figures.h"

#define COUNT(rows) (sizeof (rows) / sizeof (rows)[0])
#define T(literal)                                                                                           \
  {                                                                                                          \
    (literal), sizeof (literal) - 1                                                                          \
  }
#define SCHEME(from, to, item_, source_, schemes, support)                                                   \
  {                                                                                                          \
    .family = FAMILY_SCHEME, .year = {from, to}, .item = T (item_), .source = (source_),                     \
    .status = STATUS_SETTLED, .m = {                                                                         \
      (schemes),                                                                                             \
      (support),                                                                                             \
      (schemes)                                                                                              \
    }                                                                                                        \
  }

static const char made_up_catalogue[] =
    "[meta]\n"
    "key,value\n"
    "title_vi,Danh mục thử\n"
    "[units]\n"
    "id,code,name,name_en,type,parent,province,valid_from,valid_to\n"
    "1,52,Trung tâm,Centre,tỉnh,,yes,,\n"
    "10,549,An Nhơn,An Nhơn,thị xã,1,no,,\n"
    "[sources]\n"
    "id,code,fund,label_vi,label_en,active\n"
    "1,national,KCQG,Quốc gia,National,yes\n"
    "2,province,KCĐP,Tỉnh,Province,yes\n"
    "3,district,KCĐP,Huyện,District,yes\n"
    "[categories]\n"
    "code,label_vi,label_en,label_outcomes_vi\n"
    "I,Đào tạo,Training,\n"
    "II,Sản phẩm,Products,Kết quả\n"
    "[items]\n"
    "code,category,printed_code,label_vi,label_en\n"
    "I.1,I,1,Truyền nghề,\n"
    "I.2,I,2,Nâng cao,\n"
    "II.1,II,1,Hội chợ,\n"
    "[indicators]\n"
    "code,category,parent,printed_code,unit_vi,label_vi,label_en,decimals,scale,additive,by_fun"
    "d,subset,supplementary\n"
    "I.1,I,,1,Người,Số người,,0,0,yes,yes,no,no\n"
    "I.1.a,I,I.1,-,Người,Có việc,,0,0,yes,yes,yes,no\n"
    "II.1,II,,1,Tr. đồng,Doanh thu,,1,6,yes,yes,no,no\n"
    "II.2,II,,2,%,Tỷ lệ,,1,1,no,no,no,no\n"
    "BS.1,,,,Lần,Thêm,,0,0,yes,no,no,yes\n"
    "[services]\n"
    "code,parent,label_vi,label_en\n"
    "2,,Thiết kế,\n"
    "5,,Khác,\n"
    "5.1,5,Quy hoạch,\n"
    "5.2,5,Môi trường,\n"
    "[staff]\n"
    "code,parent,printed_code,unit_vi,label_vi,label_en,sums_to\n"
    "1,,1,Người,Tổng,,\n"
    "1.a,1,-,Người,Biên chế,,\n"
    "1.b,1,-,Người,Hợp đồng,,\n"
    "2,,2,,Trình độ,,1\n"
    "2.a,2,-,Người,Đại học,,\n"
    "2.b,2,-,Người,Khác,,\n"
    "[links]\n"
    "indicator,item,relation\n"
    "I.1,I.1,at_least\n"
    "I.1.a,I.2,equal\n"
    "[columns]\n"
    "kind,column,label_vi,label_en\n";

typedef struct {
  const atom_t *atom;
  size_t atoms;
  const record_t *record;
  size_t records;
} made_up_t;

static err_t
made_up_atoms (void *ctx, family_t family, uint32_t dims, figures_atom_fn *fn, void *fn_ctx)
{
  const made_up_t *m = ctx;
  err_t err = ERR_OK;
  (void)dims;
  for (size_t i = 0; err == ERR_OK && i < m->atoms; i++)
    if (m->atom[i].family == family)
      err = fn (fn_ctx, &m->atom[i]);
  return err;
}

static err_t
made_up_records (void *ctx, kind_t kind, figures_record_fn *fn, void *fn_ctx)
{
  const made_up_t *m = ctx;
  err_t err = ERR_OK;
  for (size_t i = 0; err == ERR_OK && i < m->records; i++)
    if (m->record[i].kind == kind)
      err = fn (fn_ctx, &m->record[i]);
  return err;
}

static figures_t
made_up_figures (made_up_t *m, const catalogue_t *c)
{
  return (figures_t){
      .ctx = m,
      .catalogue = c,
      .position = STR ("00000000000000aa:12"),
      .seal = STR ("0123456789abcdef0123456789abcdef"),
      .at = {INT64_C (1609433999000)}, /* 31/12/2020 16:59:59 UTC, in Vietnam one second short of 2021 */
      .atoms = made_up_atoms,
      .records = made_up_records};
}

#endif
