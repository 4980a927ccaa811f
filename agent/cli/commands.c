/* commands.c - the table of commands; what they share. */
#include "agent/cli/commands.h"

#include "common/base/lang.h"
#include "common/core/period.h"
#include "common/core/units.h"
#include "common/platform/platform.h"
#include "common/view/flags_view.h"
#include "common/view/report_view.h"

#include <stdio.h>

#define KINDS "scheme, outcome, consulting, staff, document, submission"
#define FORMS "ledger, beneficiary"
#define KIND_OPTION                                                                                          \
  {                                                                                                          \
    "kind", "KIND", false, "loại bản ghi: " KINDS "; mục của đề án: " FORMS,                                 \
        "kind of record: " KINDS "; of a scheme's entries: " FORMS                                           \
  }
#define REASON_OPTION                                                                                        \
  {                                                                                                          \
    "reason", "TEXT", false, "lý do, ghi vào lịch sử", "reason, kept in the history"                         \
  }
#define OUTPUT_OPTION                                                                                        \
  {                                                                                                          \
    "o", "FILE", false, "ghi vào tệp thay vì màn hình", "write to FILE instead of stdout"                    \
  }
#define FILE_FORMAT_OPTION                                                                                   \
  {                                                                                                          \
    "format", "csv|xlsx", false, "dạng tệp (mặc định theo đuôi của FILE, nếu không thì csv)",                \
        "kind of file (default by FILE's ending, else csv)"                                                  \
  }
#define TIMEOUT_OPTION                                                                                       \
  {                                                                                                          \
    "timeout", "SECONDS", false, "chờ tối đa (mặc định 60)", "wait at most (default 60)"                     \
  }
#define WHERE_OPTION                                                                                         \
  {                                                                                                          \
    "where", "DIM=VALUE,…", false, "chỉ lấy các giá trị này, ví dụ year=2019,status=settled",                \
        "only these values, e.g. year=2019,status=settled"                                                   \
  }
#define END                                                                                                  \
  {                                                                                                          \
    NULL, NULL, false, NULL, NULL                                                                            \
  }

static const option_t join_options[] = {TIMEOUT_OPTION, END};
static const option_t import_options[] = {
    {"dry-run", NULL, false, "chỉ nói sẽ làm gì, không lưu (csv: file,line,action,code,field,old,new)",
     "say what would be done, store nothing (csv: file,line,action,code,field,old,new)"},
    KIND_OPTION,
    {"locale", "plain|vi|en", false, "cách viết số và ngày trong tệp (mặc định plain)",
     "how numbers and dates are written (default plain)"},
    {"unit", "dong|trieu", false, "đơn vị của các cột tiền (mặc định dong)",
     "unit of the money columns (default dong)"},
    {"sheet", "NAME", false, "trang tính của sổ tính .xlsx (mặc định: trang duy nhất có dòng tiêu đề)",
     "sheet of an .xlsx workbook (default: the only one with a header)"},
    {"ignore-unknown", NULL, false, "bỏ qua các cột không biết", "skip unknown columns"},
    {"restore", NULL, false, "đưa lại các bản ghi đã rút", "bring withdrawn records back"},
    REASON_OPTION,
    END};
static const option_t convert_options[] = {OUTPUT_OPTION,
                                           {"from", "tcvn3|vni|viscii|cp1258", false,
                                            "bảng mã của tệp (mặc định tự nhận)",
                                            "the file's encoding (default: found out)"},
                                           END};
static const option_t undo_options[] = {
    {"dry-run", NULL, false, "chỉ nói sẽ làm gì, không lưu", "say what would be done, store nothing"},
    REASON_OPTION,
    END};
static const option_t output_options[] = {OUTPUT_OPTION, FILE_FORMAT_OPTION, END};
static const option_t template_options[] = {OUTPUT_OPTION,
                                            FILE_FORMAT_OPTION,
                                            {"dir", "DIR", false,
                                             "theo danh mục của kho này thay vì danh mục kèm theo",
                                             "by this store's catalogue instead of the shipped one"},
                                            END};
static const option_t set_options[] = {KIND_OPTION, REASON_OPTION, END};
static const option_t list_options[] = {
    {"search", "TEXT", false, "có chữ này (không cần dấu)", "holding this text (accents do not matter)"},
    {"sort", "COLUMN", false,
     "xếp theo cột này, chữ theo thứ tự tiếng Việt (mặc định: name; csv, json: code)",
     "sort by this column, text in Vietnamese order (default: name; csv, json: code)"},
    WHERE_OPTION,
    {"waiting", NULL, false, "các thay đổi trung tâm chưa nhận", "updates the centre has not acknowledged"},
    {"refused", NULL, false, "các bản ghi bị trung tâm từ chối", "records the centre has refused"},
    {"conflicts", NULL, false, "các bản ghi bị sửa khác nhau ở hai nơi",
     "records edited differently in two places"},
    END};
static const option_t record_options[] = {KIND_OPTION, END};
static const option_t totals_options[] = {{"by", "DIM,…", false,
                                           "theo các chiều: year, category, item, source, fund, district, "
                                           "status, kind; kết quả: indicator, value_kind, period",
                                           "by these dimensions: year, category, item, source, fund, "
                                           "district, status, kind; outcomes: indicator, value_kind, period"},
                                          WHERE_OPTION,
                                          END};
static const option_t sync_options[] = {{"wait", NULL, false,
                                         "chờ đến khi gửi và nhận xong; báo những gì bị từ chối",
                                         "wait until all is exchanged; name what was refused"},
                                        TIMEOUT_OPTION,
                                        END};
static const option_t serve_options[] = {{"http", "HOST:PORT|off", false,
                                          "trang web tại chỗ (chưa có trong phiên bản này)",
                                          "local web page (not in this version yet)"},
                                         END};
static const option_t submit_options[] = {
    {"nil", NULL, false, "không phát sinh: kỳ này không có gì", "nil: there is nothing to report"},
    {"note", "TEXT", false, "ghi chú cho trung tâm", "a note to the centre"},
    END};
static const option_t report_options[] = {REPORT_OPTIONS, END};
static const option_t bundle_options[] = {
    {"all", NULL, false, "xuất mọi thay đổi từ trước tới nay, không chỉ những gì trung tâm chưa nhận",
     "export every update there ever was, not only what the centre has not received"},
    {"from", "NUMBER", false, "xuất từ thay đổi số này (trung tâm cho biết khi thiếu một tệp)",
     "export from this update on (the centre says which when a file is missing)"},
    END};
static const option_t none[] = {END};

static const option_t flags_options[] = {FLAGS_OPTIONS, {0}};

static const command_t commands[] = {
    {"join", "DIR INVITE|-", 2, 2,
     "kết nối máy này với trung tâm lần đầu, bằng giấy mời (tệp, chữ dán, hoặc - từ đầu vào)",
     "join a centre with its invite (a file, pasted text, or - for stdin)", join_options, cmd_join},
    {"status", "DIR", 1, 1, "máy này: đã lưu gì, đã gửi gì, còn chờ gì",
     "this PC: what is saved, sent and waiting", none, cmd_status},
    {"doctor", "DIR", 1, 1, "kiểm tra từng phần: kho, ổ đĩa, mạng, khóa, đồng hồ",
     "test store, disk, network, key and clock one by one", none, cmd_doctor},
    {"import", "DIR FILE…", 2, OPERANDS_MANY,
     "nhập bản ghi từ tệp CSV hoặc sổ tính Excel (.xlsx); sai một chỗ thì không lưu gì của tệp đó",
     "import records from CSV files or Excel workbooks (.xlsx); each file all or nothing", import_options,
     cmd_import},
    {"convert", "FILE", 1, 1,
     "chuyển tệp viết bằng bảng mã hay phông cũ (TCVN3, VNI, VISCII, CP1258) sang CSV UTF-8 nhập được",
     "make UTF-8 CSV that imports of a file in an old encoding or font (TCVN3, VNI, VISCII, CP1258)",
     convert_options, cmd_convert},
    {"export", "DIR KIND", 2, 2,
     "xuất mọi bản ghi một loại (hoặc ledger, beneficiary: sổ tiền, cơ sở thụ hưởng của các đề án) ra CSV, "
     "hoặc ra sổ "
     "tính Excel nếu FILE có đuôi .xlsx (nhập lại được)",
     "export all records of a kind (or ledger, beneficiary: the schemes' entries) as CSV, or as an Excel "
     "workbook to "
     "a FILE.xlsx (imports back)",
     output_options, cmd_export},
    {"template", "KIND", 1, 1,
     "tệp mẫu của một loại bản ghi: CSV, hoặc sổ tính Excel có danh sách chọn nếu FILE có đuôi .xlsx",
     "an empty file to fill in: CSV, or to a FILE.xlsx an Excel workbook with lists to choose from",
     template_options, cmd_template},
    {"add", "DIR KIND KEY=VALUE…", 3, OPERANDS_MANY,
     "thêm một bản ghi, hoặc một mục của đề án: ledger|beneficiary scheme_code=…",
     "add a record, or an entry of a scheme: ledger|beneficiary scheme_code=…", none, cmd_add},
    {"set", "DIR RECORD KEY=VALUE…", 3, OPERANDS_MANY,
     "sửa một bản ghi, hoặc một mục của đề án (MÃ-ĐỀ-ÁN:SỐ-CHỨNG-TỪ, MÃ-ĐỀ-ÁN:TÊN hay id của mục); “cột=” để "
     "xóa giá trị",
     "change a record, or an entry of a scheme (SCHEME:VOUCHER, SCHEME:NAME or the entry's id); \"key=\" "
     "clears a field",
     set_options, cmd_set},
    {"withdraw", "DIR RECORD", 2, 2, "rút một bản ghi nhập nhầm, hoặc bỏ một mục của đề án",
     "retract a record, or take an entry out of a scheme", set_options, cmd_withdraw},
    {"list", "DIR [KIND]", 1, 2, "danh sách bản ghi của đơn vị; ledger, beneficiary: các mục của mọi đề án",
     "the office's records; ledger, beneficiary: the entries of all schemes", list_options, cmd_list},
    {"show", "DIR RECORD", 2, 2, "một bản ghi: mọi cột và tình trạng gửi",
     "one record: its fields and where it stands", record_options, cmd_show},
    {"history", "DIR RECORD", 2, 2, "lịch sử sửa của một bản ghi", "how a record came to be so",
     record_options, cmd_history},
    {"totals", "DIR", 1, 1, "tổng hợp của riêng đơn vị, không cần mạng",
     "the office's own totals, with no line", totals_options, cmd_totals},
    {"sync", "DIR", 1, 1, "gửi và nhận một lượt", "exchange with the centre once", sync_options, cmd_sync},
    {"serve", "DIR", 1, 1, "chạy thường trực, tự gửi nhận khi có mạng", "keep running and syncing",
     serve_options, cmd_serve},
    {"rekey", "DIR", 1, 1,
     "đổi khóa của máy này: trung tâm chỉ nhận khóa mới từ đó; bản chép của kho (trên máy khác, trong bản "
     "sao "
     "lưu) không vào được nữa, máy thứ hai phải kết nối bằng giấy mời riêng",
     "new keys for this PC: the centre takes only those from then on; copies of the store (on another PC, in "
     "a "
     "backup) are let in no more, a second PC joins by an invite of its own",
     join_options, cmd_rekey},
    {"conflicts", "DIR", 1, 1, "các bản ghi bị sửa khác nhau ở hai nơi",
     "records edited differently in two places", none, cmd_conflicts},
    {"undo", "DIR IMPORT", 2, 2,
     "hoàn tác một lần nhập: bản ghi trở lại như trước nó, bản ghi nó thêm được rút; bản ghi đã sửa sau đó "
     "để "
     "nguyên và nêu tên (khi ấy mã thoát 1)",
     "take an import back: records return to what they were, new ones are withdrawn; those changed since are "
     "left alone and named (exit 1 then)",
     undo_options, cmd_undo},
    {"imports", "DIR", 1, 1, "các lần nhập: số, tệp, lúc nào, ai, đã hoàn tác chưa",
     "the imports: number, file, when, who, and whether undone", none, cmd_imports},
    {"resolve", "DIR RECORD mine|theirs|KEY=VALUE…", 3, OPERANDS_MANY,
     "giải quyết một xung đột: bên này (mine), bên kia (theirs), hoặc giá trị đúng; cần --reason",
     "settle a conflict: this side (mine), the other (theirs), or the right values; needs --reason",
     set_options, cmd_resolve},
    {"submit", "DIR TABLE PERIOD", 3, 3, "báo một biểu của một kỳ đã đủ, ví dụ outcomes 2020-Q2 (biểu: 1..5)",
     "declare a table of a period complete, such as outcomes 2020-Q2 (tables: 1..5)", submit_options,
     cmd_submit},
    {"submissions", "DIR", 1, 1, "các biểu đã nộp, phải nộp và câu trả lời của trung tâm",
     "tables submitted and due, and the centre's answers", none, cmd_submissions},
    {"locks", "DIR", 1, 1, "các kỳ trung tâm đã khóa và gia hạn của đơn vị",
     "periods the centre has locked, and this office's extensions", none, cmd_locks},
    {"retry", "DIR [RECORD]", 1, 2,
     "gửi lại, không phải gõ lại, những gì bị từ chối vì kỳ đã khóa mà nay đã mở hay được gia hạn; hoặc một "
     "bản "
     "ghi bị từ chối",
     "send again, typing nothing, what was refused for a lock that is open or extended now; or one record "
     "that "
     "was refused",
     set_options, cmd_retry},
    {"recover", "DIR", 1, 1,
     "nhập lại, thành của máy này, những gì một máy khác đã nhập mà trung tâm phục hồi bị mất và máy đó "
     "không "
     "bao giờ trở lại để tự gửi; xem “status”",
     "enter again, as this PC's own, what another PC had entered, a restored centre lost, and that PC will "
     "never return to send itself; see \"status\"",
     undo_options, cmd_recover},
    {"flags", "DIR", 1, 1,
     "những số liệu đáng ngờ: máy này thấy, hay trung tâm báo; trung tâm là nơi trả lời",
     "figures in doubt, found here or told by the centre, which answers them", flags_options, cmd_flags},
    {"report", "DIR", 1, 1, "lập phụ lục báo cáo của riêng đơn vị, không cần mạng",
     "write the office's own annexes, with no line", report_options, cmd_report},
    {"bundle", "export|import DIR FILE", 3, 3,
     "trao đổi bằng tệp khi không có mạng: xuất tệp mang về trung tâm, nhập tệp trả lời; bản xuất đủ (--all) "
     "cũng là bản "
     "lưu của đơn vị",
     "exchange by file with no line: export what the centre takes in, import its reply; a whole export "
     "(--all) is "
     "the office's own backup, too",
     bundle_options, cmd_bundle},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL}};

const program_t agent_program = {
    "kc-agent", KC_VERSION, "Sổ khuyến công của đơn vị: ghi đề án và kết quả, gửi về trung tâm khi có mạng",
    "The office's book of industrial promotion: record schemes and outcomes, send them when there is a line",
    commands};

int
answer_fail (const args_t *a, err_t err, fail_t *fail)
{
  if (fail->err == ERR_OK)
    fail_set (fail, err, "%s", err_words (err));
  fail->err = err;
  return args_fail (a, fail);
}

int
answer (const args_t *a, table_t **t, err_t err, fail_t *fail, const char *title)
{
  if (err == ERR_OK)
    err = table_print (*t, stdout, args_format (a), args_excel (a), title);
  if (err == ERR_OK && for_people (a) && table_rows (*t) == 0)
    fprintf (stderr, "%s\n", L ("(không có dòng nào)", "(no rows)"));
  table_destroy (t);
  return err == ERR_OK ? 0 : answer_fail (a, err, fail);
}

int
store_open (const args_t *a, bool read_only, bool need_joined, outbox_t **out)
{
  fail_t fail = {0};
  err_t err = outbox_open (args_operand (a, 0), read_only, need_joined, out, &fail);
  return err == ERR_OK ? 0 : answer_fail (a, err, &fail);
}

str_t
office_name (const outbox_t *o)
{
  const catalogue_t *c = outbox_catalogue (o);
  const identity_t *id = outbox_identity (o);
  const unit_t *u = c != NULL ? unit_named_on (c, id->unit, day_of (clock_wall ())) : NULL;
  if (u == NULL)
    return id->unit_name;
  return lang_get () == LANG_EN && !str_blank (u->name_en) ? u->name_en : u->name;
}

int
name_kind (const args_t *a, const char *name, kind_t *out)
{
  *out = kind_of_name (str_of (name));
  if (*out != KIND_NONE && *out != KIND_DECISION)
    return 0;
  return args_usage (a,
                     L ("không có loại bản ghi “%s”; dùng " KINDS ", " FORMS,
                        "there is no kind \"%s\"; use " KINDS ", " FORMS),
                     name);
}

int
option_kind (const args_t *a, kind_t *out)
{
  const char *name = args_value (a, "kind");
  *out = KIND_NONE;
  return name != NULL ? name_kind (a, name, out) : 0;
}
