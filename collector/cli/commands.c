/* commands.c - the table of kc-collector's commands. Adding one: a row here and its function. */
#include "collector/cli/commands.h"

#include "common/base/lang.h"
#include "common/view/flags_view.h"
#include "common/view/report_view.h"

static const option_t none[] = {{0}};
static const option_t init_options[] = {
    {"catalogue", "FILE", false, "tệp danh mục (mặc định: danh mục Bình Định)",
     "catalogue file (default: Bình Định's)"},
    {"map-size", "SIZE", false, "dung lượng tối đa của kho, ví dụ 4G (mặc định 32G)",
     "largest size of the store, such as 4G (default 32G)"},
    {0}};
static const option_t serve_options[] = {
    {"config", "FILE", false, "tệp cấu hình ZPL (bind, http, host)", "ZPL configuration (bind, http, host)"},
    {"bind", "ENDPOINT", true, "địa chỉ nhận máy (mặc định tcp://127.0.0.1:5570)",
     "where agents come in (default tcp://127.0.0.1:5570)"},
    {"http", "HOST:PORT|off", false,
     "trang web và API (mặc định 127.0.0.1:8570; cổng 0: một cổng còn trống); off: không có",
     "page and API (default 127.0.0.1:8570; port 0: a free one); off: none"},
    {"host", "NAME", true, "trang web còn được gọi bằng tên này (sau một proxy)",
     "the page may be asked for by this name, too (behind a proxy)"},
    {0}};
static const option_t web_command_options[] = {{"http", "HOST:PORT", false,
                                                "nơi mở trang (mặc định 127.0.0.1:8570)",
                                                "where the page is (default 127.0.0.1:8570)"},
                                               {"host", "NAME", true, "trang web còn được gọi bằng tên này",
                                                "the page may be asked for by this name, too"},
                                               {0}};
static const option_t invite_options[] = {
    {"office", "OFFICE", false, "mã đơn vị; MÃ@NGÀY: đơn vị mang mã này vào ngày đó",
     "code of the office; CODE@DATE: who bore the code on that day"},
    {"role", "office|province|viewer", false, "vai trò (mặc định office)", "role (default office)"},
    {"address", "ENDPOINT", true, "địa chỉ của trung tâm (mặc định: nơi serve đã mở)",
     "the centre's address (default: what serve last bound)"},
    {"cancel", "ID", false, "hủy giấy mời", "cancel an invite"},
    {0}};
static const option_t revoke_options[] = {{"reason", "TEXT", false, "lý do", "reason"}, {0}};
#define AS_OF                                                                                                \
  {                                                                                                          \
    "as-of", "POSITION|DATE|PERIOD", false,                                                                  \
        "như khi ấy: vị trí ĐỜI:SỐ hoặc SỐ, cuối một ngày (2020-12-31), "                \
        "lần chốt cuối của một kỳ (2020-Q2, closing:2020)",                                                  \
        "as it stood then: position EPOCH:LSN or LSN, end of a day (2020-12-31), "                           \
        "a period's latest closing (2020-Q2, closing:2020)"                                                  \
  }
static const option_t totals_options[] = {
    {"by", "DIM,…", false,
     "các chiều: year, category, item, source, fund, district, status, kind, indicator …",
     "dimensions: year, category, item, source, fund, district, status, kind, indicator …"},
    {"where", "DIM=VALUE,…", false,
     "chỉ lấy; accepted=yes|no: chỉ số liệu của biểu đã (chưa) được chấp nhận; district=549@2025-06-30: đơn "
     "vị "
     "mang mã này vào ngày đó",
     "only these; accepted=yes|no: figures of accepted tables, or of the others; district=549@2025-06-30: "
     "who "
     "bore the code on that day"},
    AS_OF,
    {"view", "then|today", false, "đơn vị như khi đó (mặc định), hay các đơn vị kế thừa ngày nay",
     "offices as they were (default), or their successors of today"},
    {0}};
static const option_t watch_options[] = {
    {"by", "DIM,…", false, "các chiều (mặc định year,source)", "dimensions (default year,source)"},
    {"where", "DIM=VALUE,…", false, "chỉ lấy", "only these"},
    {0}};
static const option_t trace_options[] = {
    {"kind", "KIND", false, "loại bản ghi", "kind of record"},
    {"view", "then|today", false, "của một ô: đơn vị như khi đó (mặc định), hay các đơn vị kế thừa ngày nay",
     "of a cell: offices as they were (default), or their successors of today"},
    {0}};
static const option_t due_options[] = {
    {"table", "TABLE", false, "chỉ biểu này (mặc định mọi biểu)", "this table only (default every table)"},
    {"office", "OFFICE", false, "chỉ đơn vị này, ví dụ để gia hạn", "this office only, to give it longer"},
    {0}};
static const option_t period_options[] = {{"period", "PERIOD", false,
                                           "kỳ: 2020, 2020-Y, 2020-H1, 2020-9M, 2020-Q2, 2020-03",
                                           "period: 2020, 2020-Y, 2020-H1, 2020-9M, 2020-Q2, 2020-03"},
                                          {0}};
static const option_t answer_options[] = {{"comment", "TEXT", false,
                                           "lời nhắn cho đơn vị (trả lại thì bắt buộc)",
                                           "words for the office (a return needs them)"},
                                          {0}};
static const option_t close_options[] = {
    {"comment", "TEXT", false, "lời ghi, ví dụ số báo cáo đã gửi", "a note, such as the report's number"},
    {0}};
static const option_t changes_options[] = {
    {"since", "PERIOD|POSITION|DATE", false,
     "từ lần chốt cuối của một kỳ (2020, 2020-Q2), vị trí ĐỜI:SỐ hoặc SỐ, hay cuối một ngày",
     "since a period's latest closing (2020, 2020-Q2), a position EPOCH:LSN or LSN, or the end of a day"},
    {"by", "DIM,…", false, "theo các chiều của totals; không có thì liệt kê mọi bản ghi đã đổi",
     "by these dimensions, as in totals; without it every record that changed is listed"},
    {"where", "DIM=VALUE,…", false, "chỉ lấy; ví dụ year=2020 (không có thì mọi năm, như các biểu đã gửi)",
     "only these, such as year=2020 (without it every year, as in the tables sent)"},
    {"records", NULL, false,
     "csv, json: mỗi dòng một bản ghi đứng sau: các chiều, code, office, revision, person, received_at, phần "
     "của nó trước và nay",
     "csv, json: a row for each record behind: dimensions, code, office, revision, person, received_at, its "
     "share before and now"},
    {"view", "then|today", false, "đơn vị như khi đó (mặc định), hay các đơn vị kế thừa ngày nay",
     "offices as they were (default), or their successors of today"},
    {0}};
static const option_t lock_options[] = {
    {"office", "OFFICE", false, "thôi gia hạn cho đơn vị này", "take this office's extension back"},
    {"comment", "TEXT", false, "lời ghi cho các đơn vị", "a note to the offices"},
    {0}};
static const option_t unlock_options[] = {
    {"office", "OFFICE", false, "chỉ gia hạn cho đơn vị này, kỳ vẫn khóa với nơi khác (cùng --until)",
     "only give this office longer, others stay locked out (with --until)"},
    {"until", "DATE", false, "đến hết ngày này theo đồng hồ của trung tâm",
     "to the end of this day by the collector's clock"},
    {"comment", "TEXT", false, "lời ghi cho đơn vị", "a note to the office"},
    {0}};
static const option_t flags_options[] = {
    FLAGS_OPTIONS,
    {"office", "OFFICE", false, "chỉ của đơn vị này", "this office only"},
    {"history", "FLAG", false, "một cảnh báo: đã nêu, trả lời, hết khi nào, ai trả lời",
     "one flag: when it was raised, answered, cleared, and by whom"},
    {0}};
static const option_t reason_options[] = {
    {"reason", "TEXT", false, "vì sao số liệu vẫn đúng (bắt buộc)", "why it is right as it is (needed)"},
    {0}};
static const option_t resolve_options[] = {{"reason", "TEXT", false, "vì sao (bắt buộc)", "why (needed)"},
                                           {0}};
static const option_t report_options[] = {REPORT_OPTIONS, AS_OF, {0}};
static const option_t reconcile_options[] = {
    {"published", "DIR", false, "thư mục có các tệp CSV của số đã công bố",
     "directory of the publication's CSV files"},
    {"all", NULL, false, "cho người xem: cả các ô khớp", "for people: cells that are equal, too"},
    {0}};
static const option_t unit_options[] = {
    {"on", "DATE", false, "ngày đầu tiên có hiệu lực; với list: các đơn vị của ngày này",
     "first day of the new state; with list: the offices of that day"},
    {"legal", "TEXT", false, "số và tên văn bản, ví dụ “NQ 1664/NQ-UBTVQH15”",
     "number and name of the legal text"},
    {"name", "NAME", false, "tên mới", "new name"},
    {"name-en", "NAME", false, "tên tiếng Anh (mặc định như tên)", "its name in English (default: the name)"},
    {"type", "TYPE", false, "loại mới, ví dụ “thị xã”", "new type, such as \"thị xã\""},
    {"into", "CODE[:TYPE:NAME[:COMMUNE;…]]", true,
     "đơn vị nhận: mã của một đơn vị đang có, hoặc mã, loại, tên của đơn vị mới; kèm các xã về đơn vị này",
     "who receives: the code of an office, or code, type and name of a new one; with the communes it gets"},
    {"heir", "CODE", false, "đơn vị nhận mọi bản ghi còn lại", "office that takes all other records"},
    {"keep", NULL, false, "đơn vị bị chia vẫn còn", "the office that is split goes on"},
    {0}};
static const option_t restore_options[] = {
    {"revoked", "AGENT,…", false, "các máy không được vào nữa, kể cả máy mà bản sao lưu chưa biết",
     "agents that are not let in any more, also those the backup does not know"},
    {0}};
static const option_t addresses_options[] = {{"clear", NULL, false,
                                              "không đặt nữa: giấy mời lại dùng địa chỉ mà serve mở",
                                              "set none any more: invites name what serve binds again"},
                                             {0}};
static const option_t rotate_options[] = {
    {"address", "ENDPOINT", true, "địa chỉ để các máy tới, nếu khác ENDPOINT",
     "where PCs dial it, if that is not ENDPOINT"},
    {"authority", "FILE", false, "khóa gốc (mặc định DIR/authority.key)",
     "the authority's key (default DIR/authority.key)"},
    {"finish", NULL, false, "bỏ khóa cũ: từ đó chỉ khóa mới trả lời, ở mọi cổng",
     "retire the old key: only the new one answers then, on every port"},
    {"anyway", NULL, false,
     "với --finish: dù còn máy chưa biết khóa mới; máy đó phải xin giấy mời và chạy lại join",
     "with --finish: though some PCs do not know the new key; those need an invite and run join again"},
    {0}};
static const option_t sync_options[] = {{"timeout", "SECONDS", false,
                                         "chờ các máy làm xong tối đa chừng ấy giây (mặc định 15)",
                                         "wait so many seconds at most until they have (default 15)"},
                                        {0}};
static const option_t bundle_options[] = {
    {"reply", "FILE", false,
     "ghi tệp trả lời vào FILE: trung tâm đã nhận đến đâu, và những gì gửi về cho đơn vị",
     "write the reply to FILE: how far the centre has it, and what is for the office"},
    {0}};
static const option_t user_options[] = {{"role", "viewer|officer|admin", false,
                                         "vai trò: xem; xem và xử lý; cả quản lý (mặc định viewer)",
                                         "role: looks; looks and acts; manages, too (default viewer)"},
                                        {"password-stdin", NULL, false, "đọc mật khẩu từ dòng đầu của stdin",
                                         "read the password from the first line of stdin"},
                                        {0}};
static const option_t token_options[] = {
    {"cancel", NULL, false, "hủy mọi mã truy cập của người này", "cancel all of this user's tokens"}, {0}};
const command_t collector_commands[] = {
    {"init", "DIR", 1, 1, "tạo kho của trung tâm", "make the centre's store", init_options, cmd_init},
    {"serve", "DIR", 1, 1, "nhận các máy và giữ tổng", "take agents and keep the totals", serve_options,
     cmd_serve},
    {"invite", "DIR", 1, 1, "mời một máy của đơn vị", "invite an office's PC", invite_options, cmd_invite},
    {"invites", "DIR", 1, 1, "các giấy mời", "list invites", none, cmd_invites},
    {"addresses", "DIR [tcp://HOST:PORT…]", 1, OPERANDS_MANY,
     "đặt địa chỉ của trung tâm cho các máy: máy thử địa chỉ mới trước, giữ địa chỉ cũ đến khi địa chỉ mới "
     "trả lời; không ghi địa chỉ thì liệt kê",
     "set where agents find the centre: they try the new addresses first and keep the old ones until a new "
     "one answers; without any it lists them",
     addresses_options, cmd_addresses},
    {"rotate-key", "DIR [ENDPOINT]", 1, 2,
     "đổi khóa của trung tâm: khóa mới trả lời ở ENDPOINT, khóa cũ ở chỗ cũ, đến khi --finish; không ghi "
     "ENDPOINT thì xem máy nào đã biết khóa mới. Máy vắng suốt thời gian đó: gửi giấy mời mới, chạy lại join "
     "trên chính kho của nó",
     "change the centre's key: the new one answers at ENDPOINT, the old one where it did, until --finish; "
     "without "
     "ENDPOINT, who knows the new key. A PC that was away all the while: a new invite, and join once more on "
     "the "
     "store it has",
     rotate_options, cmd_rotate_key},
    {"sync", "DIR [OFFICE…]", 1, OPERANDS_MANY,
     "bảo các máy đang kết nối gửi nhận ngay; nói máy nào đã xong, máy nào im lặng (khi đó mã thoát 4)",
     "ask connected PCs to sync now; says which have, and which are silent (exit 4 then)", sync_options,
     cmd_sync},
    {"agents", "DIR", 1, 1, "các máy và tình trạng", "list agents and their state", none, cmd_agents},
    {"offices", "DIR", 1, 1, "các đơn vị", "list offices", none, cmd_offices},
    {"revoke", "DIR AGENT", 2, 2, "thu hồi một máy", "revoke an agent", revoke_options, cmd_revoke},
    {"confirm", "DIR AGENT", 2, 2, "xác nhận đã xem một máy có báo động (readmitted, forked, cloned …)",
     "say that an agent with an alarm was looked at (readmitted, forked, cloned …)", revoke_options,
     cmd_confirm},
    {"totals", "DIR", 1, 1, "tổng theo các chiều (--by), của những gì đã nhận",
     "totals by the dimensions asked for (--by)", totals_options, cmd_totals},
    {"watch", "DIR", 1, 1, "xem số tổng thay đổi", "watch totals change", watch_options, cmd_watch},
    {"verify", "DIR", 1, 1, "kiểm chứng toàn bộ kho", "prove the whole store", none, cmd_verify},
    {"trace", "DIR DIM=VALUE,…|RECORD", 2, 2, "các bản ghi đứng sau một số, hoặc lịch sử một bản ghi",
     "records behind a figure, or a record's history", trace_options, cmd_trace},
    {"refused", "DIR", 1, 1, "các thay đổi bị từ chối", "refused updates", none, cmd_refused},
    {"catalogue", "show|import DIR [FILE]", 2, 3, "xem hoặc thay danh mục", "show or replace the catalogue",
     none, cmd_catalogue},
    {"report", "DIR", 1, 1, "lập phụ lục hoặc phần lời của báo cáo",
     "write the annexes or the text of the report", report_options, cmd_report},
    {"reconcile", "DIR", 1, 1, "đối chiếu từng ô với số đã công bố; mã thoát 1 khi có chỗ lệch hay mâu thuẫn",
     "judge a publication cell by cell; exit 1 when something differs or contradicts", reconcile_options,
     cmd_reconcile},
    {"completeness", "DIR", 1, 1, "tình hình nộp của một kỳ (--period): đơn vị nào còn thiếu biểu nào",
     "who has submitted which table of a period (--period)", period_options, cmd_completeness},
    {"submissions", "DIR", 1, 1, "các báo cáo đơn vị đã nộp và câu trả lời",
     "what offices submitted, and the answers", period_options, cmd_submissions},
    {"accept", "DIR SUBMISSION", 2, 2, "chấp nhận một báo cáo, ví dụ 549/outcomes/2020-Q2",
     "accept a submission, such as 549/outcomes/2020-Q2", answer_options, cmd_accept},
    {"return", "DIR SUBMISSION", 2, 2, "trả lại một báo cáo để sửa (--comment)",
     "return a submission to be mended (--comment)", answer_options, cmd_return},
    {"due", "DIR PERIOD DATE|none", 3, 3, "đặt hạn nộp của một kỳ", "set when a period is due", due_options,
     cmd_due},
    {"dues", "DIR", 1, 1, "các hạn nộp đã đặt", "list due dates", none, cmd_dues},
    {"close", "DIR PERIOD", 2, 2, "chốt một kỳ: ghi lại vị trí mà các biểu đã gửi nói về",
     "close a period: note the position that the tables sent tell of", close_options, cmd_close},
    {"closings", "DIR", 1, 1, "các lần chốt và số bản ghi đổi từ đó",
     "list closings, and how many records changed since", none, cmd_closings},
    {"changes", "DIR", 1, 1, "số nào đã đổi từ một lần chốt (--since, --by), và các bản ghi làm nó đổi",
     "which figures changed since a closing (--since, --by), and the records behind that", changes_options,
     cmd_changes},
    {"lock", "DIR PERIOD TABLE|all", 3, 3, "khóa một biểu của một kỳ: không nhận thêm, sửa hay rút nữa",
     "lock a table of a period: nothing is added, changed or withdrawn any more", lock_options, cmd_lock},
    {"unlock", "DIR PERIOD TABLE|all", 3, 3, "mở khóa; hoặc gia hạn cho một đơn vị (--office, --until)",
     "unlock it; or give one office longer (--office, --until)", unlock_options, cmd_unlock},
    {"locks", "DIR", 1, 1, "các khóa và gia hạn", "list locks and extensions", none, cmd_locks},
    {"conflicts", "DIR", 1, 1,
     "những cột hai máy cùng sửa thành hai giá trị khác nhau: bên đang đứng và bên đang chờ",
     "fields that two PCs changed to different values: the side that stands and the parked one", none,
     cmd_conflicts},
    {"flags", "DIR", 1, 1,
     "những số liệu đáng ngờ theo các phép kiểm của danh mục; csv: "
     "flag,check,office,codes,since,state,words,answer,person,severity",
     "what the catalogue's checks doubt; csv: "
     "flag,check,office,codes,since,state,words,answer,person,severity",
     flags_options, cmd_flags},
    {"resolve", "DIR RECORD current|parked|COLUMN=VALUE…", 3, OPERANDS_MANY,
     "giải quyết xung đột của một bản ghi (--reason); phần chỉ một bên sửa thì bên nào cũng giữ",
     "settle a record's conflict (--reason); what only one side changed is kept either way", resolve_options,
     cmd_resolve},
    {"answer", "DIR FLAG", 2, 2, "trả lời một cảnh báo: vì sao số liệu vẫn đúng (--reason)",
     "answer a flag: why it is right as it is (--reason)", reason_options, cmd_answer},
    {"unit", "rename|retype|merge|split|abolish|list DIR [OFFICE…]", 2, OPERANDS_MANY,
     "đổi tên, đổi loại, nhập, chia, bỏ đơn vị (--on, --legal); hoặc liệt kê",
     "rename, retype, merge, split, abolish offices (--on, --legal); or list them", unit_options, cmd_unit},
    {"user", "add|passwd|role|disable|enable|check|list DIR [NAME]", 2, 3,
     "người dùng trang của trung tâm; check: mật khẩu có đúng không (mã thoát 1: không)",
     "users of the centre's page; check: is that their password (exit 1: no)", user_options, cmd_user},
    {"web", "DIR", 1, 1, "chỉ trang web và API, ở tiến trình riêng (serve tự chạy một cái)",
     "the page and the API alone, as a process of their own (serve starts one itself)", web_command_options,
     cmd_web},
    {"token", "DIR NAME", 2, 2,
     "in một mã truy cập cho chương trình (Authorization: Bearer …), chỉ hiện một lần",
     "print a token for a program (Authorization: Bearer …), shown this once", token_options, cmd_token},
    {"audit", "DIR", 1, 1, "ai đã làm gì ở trung tâm", "who did what at the centre", none, cmd_audit},
    {"backup", "DIR FILE", 2, 2,
     "sao lưu kho vào một tệp, cả khi serve đang chạy; đã kiểm chứng mới được coi là có",
     "back the store up to a file, also while serve runs; it counts only once it is proved", none,
     cmd_backup},
    {"restore", "FILE DIR", 2, 2, "lập lại kho từ một bản sao lưu; các máy tự gửi lại phần nó thiếu",
     "make the store again from a backup; the PCs send what it lacks again by themselves", restore_options,
     cmd_restore},
    {"bundle", "import DIR FILE", 3, 3,
     "nhận tệp mà một đơn vị không có mạng đã xuất (kc-agent bundle export); --reply: tệp trả lời để mang về "
     "đơn vị",
     "take in what an office without a line exported (kc-agent bundle export); --reply: the answer to carry "
     "back",
     bundle_options, cmd_bundle},
    {0}};
