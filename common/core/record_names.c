/* record_names.c - what kinds, states and the like are called: in files, in Vietnamese and in English. */
#include "common/core/record.h"

#include "common/base/lang.h"

static const word_t kinds[KIND_COUNT] = {
    [KIND_SCHEME] = {"scheme", "đề án", "scheme"},
    [KIND_OUTCOME] = {"outcome", "kết quả", "outcome"},
    [KIND_CONSULTING] = {"consulting", "dự án tư vấn", "consulting project"},
    [KIND_STAFF] = {"staff", "nhân lực, cơ sở vật chất", "staff and facilities"},
    [KIND_DOCUMENT] = {"document", "văn bản", "document"},
    [KIND_SUBMISSION] = {"submission", "báo cáo đã gửi", "submission"},
    [KIND_DECISION] = {"decision", "quyết định của trung tâm", "decision of the centre"},
};
static const word_t forms[FORM_END - FORM_LEDGER] = {
    [0] = {"ledger", "sổ tiền của đề án", "money ledger of a scheme"},
    [FORM_BENEFICIARY -
        FORM_LEDGER] = {"beneficiary", "cơ sở thụ hưởng của đề án", "beneficiaries of a scheme"},
};
static const word_t statuses[STATUS_COUNT] = {
    [STATUS_DRAFT] = {"draft", "nháp", "draft"},
    [STATUS_REGISTERED] = {"registered", "đã đăng ký", "registered"},
    [STATUS_APPRAISED_BASE] = {"appraised_base", "đã thẩm định cấp cơ sở", "appraised at base level"},
    [STATUS_APPRAISED_MINISTRY] = {"appraised_ministry", "đã thẩm định cấp Bộ", "appraised by the ministry"},
    [STATUS_APPROVED] = {"approved", "đã phê duyệt kế hoạch", "approved"},
    [STATUS_CONTRACTED] = {"contracted", "đã ký hợp đồng", "contracted"},
    [STATUS_RUNNING] = {"running", "đang thực hiện", "running"},
    [STATUS_ACCEPTED] = {"accepted", "đã nghiệm thu", "accepted"},
    [STATUS_LIQUIDATED] = {"liquidated", "đã thanh lý hợp đồng", "contract liquidated"},
    [STATUS_SETTLED] = {"settled", "đã quyết toán", "settled"},
    [STATUS_RETURNED] = {"returned", "trả lại, yêu cầu bổ sung", "returned for completion"},
    [STATUS_REJECTED] = {"rejected", "không phê duyệt", "rejected"},
    [STATUS_STOPPED] = {"stopped", "ngừng triển khai", "stopped"},
    [STATUS_WITHDRAWN] = {"withdrawn", "xin rút", "withdrawn by its owner"},
};
static const word_t scheme_kinds[SCHEME_KIND_COUNT] = {
    [SCHEME_SINGLE] = {"single", "đề án đơn", "single"},
    [SCHEME_KEY] = {"key", "đề án điểm", "key"},
    [SCHEME_GROUP] = {"group", "đề án nhóm", "group"},
};
static const word_t value_kinds[VALUE_KIND_COUNT] = {
    [VALUE_PLAN] = {"plan", "kế hoạch", "plan"},
    [VALUE_ESTIMATE] = {"estimate", "ước thực hiện", "estimate"},
    [VALUE_ACTUAL] = {"actual", "thực hiện", "actual"},
};
static const word_t document_statuses[DOCUMENT_STATUS_COUNT] = {
    [DOCUMENT_ISSUED] = {"issued", "đã ban hành", "issued"},
    [DOCUMENT_DRAFTING] = {"drafting", "đang xây dựng", "being drafted"},
    [DOCUMENT_NOT_STARTED] = {"not_started", "chưa xây dựng", "not started"},
};

static const word_t ledger_kinds[LEDGER_KIND_COUNT] = {
    [LEDGER_ADVANCE] = {"advance", "tạm ứng", "advance"},
    [LEDGER_PAYMENT] = {"payment", "thanh toán", "payment"},
    [LEDGER_REFUND] = {"refund", "hoàn trả", "refund"},
    [LEDGER_SETTLEMENT] = {"settlement", "quyết toán", "settlement"},
};

const word_t *
word_of_set (word_set_t set, unsigned value)
{
  static const struct {
    const word_t *words;
    unsigned count;
  } sets[] = {[WORDS_STATUS] = {statuses, STATUS_COUNT},
              [WORDS_SCHEME_KIND] = {scheme_kinds, SCHEME_KIND_COUNT},
              [WORDS_VALUE_KIND] = {value_kinds, VALUE_KIND_COUNT},
              [WORDS_DOCUMENT_STATUS] = {document_statuses, DOCUMENT_STATUS_COUNT},
              [WORDS_LEDGER_KIND] = {ledger_kinds, LEDGER_KIND_COUNT}};
  return value > 0 && value < sets[set].count ? &sets[set].words[value] : NULL;
}

static const char *
name_of (const word_t *words, unsigned count, unsigned i)
{
  return i < count ? words[i].name : NULL;
}

static unsigned
find_name (const word_t *words, unsigned count, str_t name)
{
  for (unsigned i = 1; i < count; i++)
    if (words[i].name != NULL && str_is (name, words[i].name))
      return i;
  return 0;
}

static const char *
words_of (const word_t *words, unsigned count, unsigned i)
{
  if (i == 0 || i >= count)
    return L ("không rõ", "unknown");
  return L (words[i].vi, words[i].en);
}

const char *
kind_name (kind_t k)
{
  return kind_is_form (k) ? forms[k - FORM_LEDGER].name : name_of (kinds, KIND_COUNT, (unsigned)k);
}

const char *
status_name (status_t s)
{
  return name_of (statuses, STATUS_COUNT, (unsigned)s);
}

const char *
scheme_kind_name (scheme_kind_t k)
{
  return name_of (scheme_kinds, SCHEME_KIND_COUNT, (unsigned)k);
}

const char *
value_kind_name (value_kind_t k)
{
  return name_of (value_kinds, VALUE_KIND_COUNT, (unsigned)k);
}

const char *
document_status_name (document_status_t s)
{
  return name_of (document_statuses, DOCUMENT_STATUS_COUNT, (unsigned)s);
}

const char *
ledger_kind_name (ledger_kind_t k)
{
  return name_of (ledger_kinds, LEDGER_KIND_COUNT, (unsigned)k);
}

ledger_kind_t
ledger_kind_of_name (str_t name)
{
  return (ledger_kind_t)find_name (ledger_kinds, LEDGER_KIND_COUNT, name);
}

const char *
ledger_kind_words (ledger_kind_t k)
{
  return words_of (ledger_kinds, LEDGER_KIND_COUNT, (unsigned)k);
}

document_status_t
document_status_of_name (str_t name)
{
  return (document_status_t)find_name (document_statuses, DOCUMENT_STATUS_COUNT, name);
}

const char *
document_status_words (document_status_t s)
{
  return words_of (document_statuses, DOCUMENT_STATUS_COUNT, (unsigned)s);
}

kind_t
kind_of_name (str_t name)
{
  for (kind_t k = FORM_LEDGER; k < FORM_END; k++)
    if (str_is (name, kind_name (k)))
      return k;
  return (kind_t)find_name (kinds, KIND_COUNT, name);
}

status_t
status_of_name (str_t name)
{
  return (status_t)find_name (statuses, STATUS_COUNT, name);
}

scheme_kind_t
scheme_kind_of_name (str_t name)
{
  return (scheme_kind_t)find_name (scheme_kinds, SCHEME_KIND_COUNT, name);
}

value_kind_t
value_kind_of_name (str_t name)
{
  return (value_kind_t)find_name (value_kinds, VALUE_KIND_COUNT, name);
}

const char *
status_words (status_t s)
{
  return words_of (statuses, STATUS_COUNT, (unsigned)s);
}

const char *
scheme_kind_words (scheme_kind_t k)
{
  return words_of (scheme_kinds, SCHEME_KIND_COUNT, (unsigned)k);
}

const char *
value_kind_words (value_kind_t k)
{
  return words_of (value_kinds, VALUE_KIND_COUNT, (unsigned)k);
}

const char *
kind_words (kind_t k)
{
  if (kind_is_form (k))
    return L (forms[k - FORM_LEDGER].vi, forms[k - FORM_LEDGER].en);
  return words_of (kinds, KIND_COUNT, (unsigned)k);
}
