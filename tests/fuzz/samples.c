#include "tests/fuzz/samples.h"

#include "common/crypto/crypto.h"

static const str_t unknown = {"\xF8\x06\x2A", 3};        /* field 111, varint 42 */
static const str_t unknown_text = {"\x82\x07\x02hi", 5}; /* field 112, two bytes */

static update_t
update_of (kind_t kind, operation_t op)
{
  return (update_t){.version = {{{1, 2, 3}}, 7},
                    .id = {{9, 8, 7}},
                    .home = 549,
                    .operation = op,
                    .base = {{{1, 2, 3}}, 6},
                    .person = STR ("Nguyễn Văn A"),
                    .agent_time = {1577836800000},
                    .record = {.kind = kind},
                    .unknown = unknown};
}

update_t
sample_scheme (void)
{
  update_t u = update_of (KIND_SCHEME, OP_PUT);
  u.record.u.scheme = (scheme_t){.code = STR ("BD-549-2019-01"),
                                 .name = STR ("Hỗ trợ máy móc tiên tiến"),
                                 .item = STR ("III.3"),
                                 .commune = STR ("Nhơn Lộc"),
                                 .implementer = STR ("Phòng Kinh tế"),
                                 .beneficiary = STR ("Cơ sở Bảy"),
                                 .approval_no = STR ("12/QĐ"),
                                 .contract_no = STR ("1"),
                                 .acceptance_no = STR ("2"),
                                 .settlement_no = STR ("3"),
                                 .decision_stage = STR (""),
                                 .note = STR ("hai dòng\nở đây"),
                                 .district = 10,
                                 .plan_year = {2014, 2020},
                                 .status = STATUS_SETTLED,
                                 .kind = SCHEME_KEY,
                                 .matching_vnd = {true, 0},
                                 .investment_vnd = {true, 1000000000},
                                 .registered_on = 20140000,
                                 .approved_on = 20150300,
                                 .accepted_on = 20160229,
                                 .settled_on = 20161231,
                                 .funding = {{1, {true, 3}, {true, 2}, {true, 1}, STR_NONE},
                                             {2, {false, 0}, {true, 0}, {true, 0}, unknown_text},
                                             {3, {true, 5}, {false, 0}, {false, 0}, STR_NONE}},
                                 .funding_n = 3,
                                 .unknown = unknown_text};
  return u;
}

ledger_entry_t
sample_entry (uint8_t id)
{
  return (ledger_entry_t){.id = {{id}},
                          .kind = LEDGER_SETTLEMENT,
                          .date = 20200110,
                          .budget_year = {2019, 2019},
                          .source = 2,
                          .amount_vnd = {true, 50000000},
                          .voucher_no = STR ("PC-1"),
                          .note = STR ("đợt cuối"),
                          .unknown = unknown};
}

beneficiary_t
sample_beneficiary (uint8_t id)
{
  return (beneficiary_t){.id = {{id}},
                         .name = STR ("Cơ sở Minh Tâm"),
                         .address = STR ("Nhơn Hậu"),
                         .acceptance_no = STR ("12/BB"),
                         .note = STR ("x"),
                         .support_vnd = {true, 0},
                         .accepted_on = 20190700,
                         .unknown = unknown_text};
}

update_t
sample_lists (void)
{
  static ledger_entry_t ledger[2];
  static beneficiary_t beneficiaries[2];
  update_t u = sample_scheme ();
  for (uint8_t i = 0; i < 2; i++) {
    ledger[i] = sample_entry (i + 1);
    beneficiaries[i] = sample_beneficiary (i + 1);
  }
  ledger[1].kind = LEDGER_ADVANCE;
  beneficiaries[1].name = STR ("Cơ sở Thành Công");
  u.record.u.scheme.ledger = ledger;
  u.record.u.scheme.beneficiaries = beneficiaries;
  u.record.u.scheme.ledger_n = u.record.u.scheme.beneficiaries_n = 2;
  return u;
}

update_t
sample_outcome (void)
{
  update_t u = update_of (KIND_OUTCOME, OP_PUT);
  static const version_t settles[] = {{{{4}}, 2}};
  u.base = (version_t){{{0}}, 0};
  u.settles = settles;
  u.settles_n = 1;
  u.record.u.outcome = (outcome_t){.indicator = STR ("BS.17"),
                                   .fund = STR ("KCĐP"),
                                   .scheme_code = STR ("BD-1"),
                                   .period = STR ("2019-H1"),
                                   .note = STR ("ghi chú"),
                                   .district = 10,
                                   .year = {2019, 2019},
                                   .value = {true, -15},
                                   .scale = 1,
                                   .value_kind = VALUE_ESTIMATE,
                                   .unknown = unknown};
  return u;
}

update_t
sample_withdrawal (void)
{
  update_t u = sample_scheme ();
  u.operation = OP_WITHDRAW;
  u.comment = STR ("nhập nhầm");
  return u;
}

update_t
sample_decision_update (str_t decision)
{
  update_t u = update_of (KIND_DECISION, OP_PUT);
  u.home = 0;
  u.decision = decision;
  return u;
}

static signed_t
sample_signed (void)
{
  return (signed_t){STR ("body"), {{5}}, true};
}

static signed_head_t
sample_head (void)
{
  return (signed_head_t){{{1}}, 8, {{2}}, 3, {{4}}, true};
}

message_t
sample_message (message_type_t type)
{
  static const stream_state_t states[] = {{{{1}}, {{2}}, 3, {{4}}, 5, 5, {{6}}, false},
                                          {.store = {{7}}, .centre = true}};
  static const stream_cursor_t cursors[] = {{{{1}}, 5, {{6}}, true, 4}};
  static const uint64_t epochs[] = {11, UINT64_MAX};
  static const str_t updates[] = {{"first", 5}, {"second", 6}};
  static const centre_entry_t entries[] = {{4, {"entry", 5}}};
  static const record_entry_t records[] = {{5, {"record", 6}, VERDICT_PARKED, {1577836800000}, {"549-2", 5}}};
  static const own_range_t own[] = {{{{1}}, 2, 3, 4}};
  static signed_head_t heads[1];
  message_t m = {.type = type};
  heads[0] = sample_head ();
  switch (type) {
  case MSG_ENROL:
    m.u.enrol = (msg_enrol_t){{{1}}, {{2}}, {{3}}, {{4}}, STR ("PC-KT"), STR ("0.1.0"), {{5}}, true};
    break;
  case MSG_ENROLLED:
    m.u.enrolled = (msg_enrolled_t){sample_signed (), sample_signed (), STR_NONE, {{8}}};
    break;
  case MSG_HELLO:
    m.u.hello = (msg_hello_t){{1, 2},        2,           states,          2, 3, epochs, 2,       {11, 40},
                              STR ("0.1.0"), STR ("lỗi"), {1577836800000}, 5, 6, {-7},   1u << 20};
    break;
  case MSG_WELCOME:
    m.u.welcome = (msg_welcome_t){1,
                                  cursors,
                                  1,
                                  99,
                                  {11, 41},
                                  1u << 20,
                                  5000,
                                  {STR ("tcp://10.0.0.1:5570")},
                                  1,
                                  {{8}},
                                  {1577836800000},
                                  STR ("0.1.0")};
    break;
  case MSG_CHUNK:
    m.u.chunk = (msg_chunk_t){99, {{1}}, 7, {{2}}, updates, 2, sample_head ()};
    break;
  case MSG_ACK:
    m.u.ack = (msg_ack_t){99, {{1}}, 8, true, 2};
    break;
  case MSG_DOWN:
    m.u.down = (msg_down_t){99, 11, 1, 9, entries, 1, own, 1, heads, 1, true, records, 1};
    break;
  case MSG_DOWN_ACK:
    m.u.down_ack = (msg_down_ack_t){99, {11, 9}};
    break;
  case MSG_PING:
    m.u.ping = (msg_ping_t){99, 8, 0, 12345, {0}};
    break;
  case MSG_PONG:
    m.u.pong = (msg_pong_t){99, 12345, 41, {1577836800000}};
    break;
  case MSG_BUSY:
    m.u.busy = (msg_busy_t){99, 250};
    break;
  case MSG_BYE:
    m.u.bye = (msg_bye_t){99, STR ("revoked"), STR ("đã thu hồi")};
    break;
  case MSG_PRESENT:
    m.u.present = (msg_present_t){sample_signed (), {{9}}, true};
    break;
  case MSG_READMITTED:
    m.u.readmitted = (msg_readmitted_t){{{9}}, true, STR ("revoked")};
    break;
  case MSG_SYNC_NOW:
    m.u.sync_now = (msg_sync_now_t){99};
    break;
  case MSG_NONE:
    break;
  }
  return m;
}

decision_t
sample_decision (decision_type_t type)
{
  static const str_t clashes[] = {{"name", 4}, {"funding.1.planned_vnd", 21}};
  static const version_t settles[] = {{{{1}}, 7}, {{{2}}, 1}};
  decision_t d = {.type = type};
  switch (type) {
  case DECISION_OPENED:
    d.u.opened.unit = 10;
    d.u.opened.epoch = 11;
    d.u.opened.parent = (store_id_t){{1}};
    d.u.opened.parent_seq = 3;
    d.u.opened.parent_hash = (hash_t){{2}};
    break;
  case DECISION_VERDICT:
    d.u.verdict.update = (version_t){{{1}}, 7};
    d.u.verdict.record = (record_id_t){{2}};
    d.u.verdict.verdict = VERDICT_REFUSED;
    d.u.verdict.reason = STR ("key_held");
    d.u.verdict.arguments[0] = STR ("BD-1");
    d.u.verdict.arguments[1] = STR ("549");
    d.u.verdict.key = STR ("BD-1");
    d.u.verdict.kind = KIND_SCHEME;
    d.u.verdict.resulting = STR ("update");
    d.u.verdict.alias_to = (record_id_t){{3}};
    d.u.verdict.alias_home = 10;
    d.u.verdict.clashes = clashes;
    d.u.verdict.clashes_n = 2;
    break;
  case DECISION_CATALOGUE:
    d.u.catalogue.version = 2;
    d.u.catalogue.file = STR ("[meta]\nkey,value\n");
    break;
  case DECISION_ENROLMENT:
    d.u.enrolment.certificate = sample_signed ();
    d.u.enrolment.invite = (record_id_t){{3}};
    break;
  case DECISION_REVOCATION:
    d.u.revocation.serial = 4;
    d.u.revocation.reason = STR ("máy bị mất");
    break;
  case DECISION_SUBMISSION:
    d.u.submission.record = (record_id_t){{5}};
    d.u.submission.version = (version_t){{{1}}, 8};
    d.u.submission.accepted = true;
    d.u.submission.comment = STR ("thiếu nhóm VI");
    d.u.submission.key = STR ("549/outcomes/2020-Q2");
    break;
  case DECISION_DUE:
    d.u.due.period = STR ("2020-Q2");
    d.u.due.table = STR ("budget");
    d.u.due.unit = 10;
    d.u.due.date = 20200616;
    break;
  case DECISION_LOCK:
    d.u.lock.period = STR ("2020");
    d.u.lock.table = STR ("outcomes");
    d.u.lock.locked = true;
    d.u.lock.unit = 10;
    d.u.lock.until = (wall_t){1600000000000};
    d.u.lock.reason = STR ("bổ sung");
    break;
  case DECISION_CLOSING:
    d.u.closing.period = STR ("2020");
    d.u.closing.at = (position_t){7, 42};
    d.u.closing.seal = (hash_t){{6}};
    d.u.closing.comment = STR ("Báo cáo số 12/BC-UBND");
    break;
  case DECISION_FLAG:
    d.u.flag.flag = STR ("near_duplicate-1a2b3c4d5e");
    d.u.flag.record = (record_id_t){{7}};
    d.u.flag.check = STR ("near_duplicate");
    d.u.flag.key = STR ("BD-1");
    d.u.flag.arguments[0] = STR ("BD-2");
    d.u.flag.cleared = true;
    break;
  case DECISION_FLAG_ANSWER:
    d.u.flag_answer.flag = STR ("near_duplicate-1a2b3c4d5e");
    d.u.flag_answer.reason = STR ("hai cơ sở khác nhau");
    d.u.flag_answer.record = (record_id_t){{7}};
    break;
  case DECISION_SETTLED:
    d.u.settled.record = (record_id_t){{7}};
    d.u.settled.home = 10;
    d.u.settled.kind = KIND_SCHEME;
    d.u.settled.key = STR ("BD-1");
    d.u.settled.resulting = STR ("update");
    d.u.settled.reason = STR ("đã đối chiếu hồ sơ");
    d.u.settled.settles = settles;
    d.u.settled.settles_n = 2;
    break;
  case DECISION_KEY_NOTICE:
    d.u.key_notice.centre_certificate = sample_signed ();
    d.u.key_notice.addresses[0] = STR ("tcp://kc.example:5570");
    d.u.key_notice.addresses_n = 1;
    break;
  case DECISION_CONFIRMATION:
    d.u.confirmation.serial = 4;
    d.u.confirmation.reason = STR ("đã gọi điện");
    break;
  case DECISION_PARKED_SIDE:
    d.u.parked_side.record = (record_id_t){{7}};
    d.u.parked_side.home = 10;
    d.u.parked_side.update = STR ("update");
    d.u.parked_side.base = STR ("base");
    d.u.parked_side.clashes = clashes;
    d.u.parked_side.clashes_n = 2;
    d.u.parked_side.agent = STR ("549-2");
    d.u.parked_side.since.ms = 1700000000000;
    break;
  case DECISION_NONE:
  case DECISION_COUNT:
    break;
  }
  return d;
}

invite_t
sample_invite (void)
{
  return (invite_t){.id = {{1}},
                    .addresses = {STR ("tcp://127.0.0.1:5570"), STR ("tcp://kc.example:5570")},
                    .addresses_n = 2,
                    .server_key = {{2}},
                    .authority_key = {{3}},
                    .centre_certificate = sample_signed (),
                    .once_public = {{4}},
                    .once_secret = {{5}},
                    .unit = 10,
                    .unit_code = STR ("549"),
                    .unit_name = STR ("An Nhơn"),
                    .role = ROLE_OFFICE,
                    .expires = {1577836800000}};
}

agent_certificate_t
sample_agent_certificate (void)
{
  return (agent_certificate_t){7, STR ("549-1"), {{2}}, {{3}}, 10, ROLE_OFFICE, 5, 1};
}

centre_certificate_t
sample_centre_certificate (void)
{
  return (centre_certificate_t){{{1}}, {{2}}, {{3}}, 1, {{4}}};
}

curve_key_t
sample_bundle_secret (void)
{
  return (curve_key_t){{1, 2, 3, 4, 5, 6, 7, 8}};
}

bundle_head_t
sample_bundle_head (void)
{
  const curve_key_t secret = sample_bundle_secret ();
  bundle_head_t head = {.kind = BUNDLE_UP, .centre = {{3}}};
  curve_public_of (&secret, &head.to);
  return head;
}
