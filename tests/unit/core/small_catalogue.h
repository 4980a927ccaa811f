/* small_catalogue.h - a catalogue small enough to read, with one of everything, for the core's tests. */
#ifndef KC_TESTS_SMALL_CATALOGUE_H
#define KC_TESTS_SMALL_CATALOGUE_H

#define SMALL_META "[meta]\nkey,value\ntitle_vi,Danh mục thử\n"
#define SMALL_UNITS                                                                                          \
  "[units]\nid,code,name,name_en,type,parent,province,valid_from,valid_to\n"                                 \
  "1,52,Trung tâm,Centre,tỉnh,,yes,,\n"                                                                   \
  "4,543,Hoài Nhơn,Hoài Nhơn,huyện,1,no,,2020-05-31\n"                                                 \
  "4,543,Hoài Nhơn,Hoài Nhơn,thị xã,1,no,2020-06-01,\n"                                               \
  "10,549,An Nhơn,An Nhơn,thị xã,1,no,,\n"
#define SMALL_SOURCES                                                                                        \
  "[sources]\nid,code,fund,label_vi,label_en,active\n"                                                       \
  "1,national,KCQG,Quốc gia,National,yes\n2,province,KCĐP,Tỉnh,Province,yes\n"                          \
  "3,district,KCĐP,Huyện,District,yes\n4,commune,KCĐP,Xã,Commune,no\n"
#define SMALL_CATEGORIES "[categories]\ncode,label_vi,label_en\nI,Đào tạo,Training\nIV,Sản phẩm,Products\n"
#define SMALL_ITEMS                                                                                          \
  "[items]\ncode,category,printed_code,label_vi,label_en\n"                                                  \
  "I.1,I,1,Đào tạo nghề,Training\nIV.8,IV,8,Thăm cơ sở,Visits\n"
#define SMALL_INDICATORS                                                                                     \
  "[indicators]\n"                                                                                           \
  "code,category,parent,printed_code,unit_vi,label_vi,label_en,decimals,scale,additive,by_fund,subset,"      \
  "supplementary\n"                                                                                          \
  "I.1,I,,1,Lao động,Số lao động,,0,0,yes,yes,no,no\n"                                               \
  "I.1.a,I,I.1,-,Lao động,Có việc làm,,0,0,yes,yes,yes,no\n"                                          \
  "BS.2,,,,Cuộc,Số cuộc bình chọn,,0,0,yes,no,no,yes\n"                                             \
  "BS.15,,,,Tr. đồng,Vốn đầu tư,,0,6,yes,no,no,no\n"                                                \
  "BS.17,,,,Lần,Số lần tăng,,1,1,no,no,no,no\n"
#define SMALL_COLUMNS                                                                                        \
  "[columns]\nkind,column,label_vi,label_en\n"                                                               \
  "scheme,code,Mã đề án,Code\nscheme,national_vnd,Kinh phí quốc gia,National support\n"

#define SMALL_TREES                                                                                          \
  "[services]\ncode,parent,label_vi,label_en\n5,,Khác,Other\n5.1,5,Quy hoạch,Planning\n"                  \
  "[staff]\ncode,parent,printed_code,unit_vi,label_vi,label_en\n"                                            \
  "1,,1,Người,Tổng số người,Total\n1.a,1,-,Người,Biên chế,Payroll\n"                         \
  "[links]\nindicator,item,relation\nI.1,IV.8,at_least\n"

#define SMALL_CATALOGUE                                                                                      \
  SMALL_META SMALL_UNITS SMALL_SOURCES SMALL_CATEGORIES SMALL_ITEMS SMALL_INDICATORS SMALL_COLUMNS

#endif
