/* cmd_roster.c - invite, invites, agents, offices, revoke. */
#include "collector/cli/commands.h"

#include "collector/gate/control.h"
#include "collector/ledger/epochs.h"
#include "collector/ledger/roster.h"
#include "common/base/lang.h"
#include "common/core/units.h"
#include "common/platform/platform.h"
#include "common/text/number.h"

#include <stdlib.h>

/* ---- changes ---- */

int
cmd_invite (const args_t *a)
{
  const char *cancel = args_value (a, "cancel"), *office = args_value (a, "office"),
             *role = args_value (a, "role");
  change_request_t r = {.person = str_of (args_person (a))};
  if (cancel != NULL) {
    if (office != NULL || role != NULL || args_values (a, "address", NULL, 0) > 0)
      return args_usage (a, L ("--cancel không đi cùng tùy chọn khác", "--cancel goes with no other option"));
    r.operation = STR (CHANGE_CANCEL);
    r.args[r.args_n++] = str_of (cancel);
    return change_ask (a, args_operand (a, 0), &r);
  }
  if (office == NULL)
    return args_usage (a, L ("thiếu --office MÃ-ĐƠN-VỊ", "--office CODE is missing"));
  if (role == NULL)
    role = "office";
  if (role_of_name (str_of (role)) == ROLE_NONE)
    return args_usage (
        a, L ("--role phải là office, province hoặc viewer", "--role must be office, province or viewer"));
  const char *address[ADDRESSES_MAX + 1];
  size_t n = args_values (a, "address", address, ADDRESSES_MAX + 1);
  if (n > ADDRESSES_MAX)
    return args_usage (a, L ("nhiều nhất %u --address", "at most %u --address"), ADDRESSES_MAX);
  r.operation = STR (CHANGE_INVITE);
  r.args[r.args_n++] = str_of (office);
  r.args[r.args_n++] = str_of (role);
  for (size_t i = 0; i < n; i++)
    r.args[r.args_n++] = str_of (address[i]);
  return change_ask (a, args_operand (a, 0), &r);
}

static int
about_agent (const args_t *a, const char *operation)
{
  const char *reason = args_value (a, "reason");
  change_request_t r = {.operation = str_of (operation), .person = str_of (args_person (a)), .args_n = 2};
  r.args[0] = str_of (args_operand (a, 1));
  r.args[1] = str_of (reason != NULL ? reason : "");
  return change_ask (a, args_operand (a, 0), &r);
}

int
cmd_revoke (const args_t *a)
{
  return about_agent (a, CHANGE_REVOKE);
}

int
cmd_confirm (const args_t *a)
{
  return about_agent (a, CHANGE_CONFIRM);
}

/* ---- listings ---- */

typedef struct {
  const args_t *a;
  reading_t *r;
  table_t *t;
  wall_t now;
  bool served;
} listing_t;

static err_t
invite_line (void *ctx, const invite_row_t *i)
{
  static const char *const states[][3] = {{"", "", ""},
                                          {"open", "chưa dùng", "open"},
                                          {"used", "đã dùng", "used"},
                                          {"cancelled", "đã hủy", "cancelled"},
                                          {"expired", "hết hạn", "expired"}};
  listing_t *s = ctx;
  char id[37];
  record_id_format (i->id, id);
  table_row (s->t);
  table_cell (s->t, str_of (id));
  table_cell (s->t, office_code (s->r->c, i->unit));
  table_cell (s->t, str_of (role_name (i->role)));
  const char *const *w = states[i->state];
  table_cell (s->t, str_of (args_format (s->a) == FORMAT_TABLE ? L (w[1], w[2]) : w[0]));
  table_time (s->t, s->a, i->expires);
  return ERR_OK;
}

int
cmd_invites (const args_t *a)
{
  reading_t r;
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  listing_t s = {.a = a, .r = &r, .t = table_new ()};
  table_column (s.t, "id", "Mã", "Id", COL_TEXT);
  table_column (s.t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (s.t, "role", "Vai trò", "Role", COL_TEXT);
  table_column (s.t, "state", "Trạng thái", "State", COL_TEXT);
  table_column (s.t, "expires", "Hết hạn", "Expires", COL_TEXT);
  err_t err = roster_invites (r.l, r.txn, clock_wall (), invite_line, &s);
  code = answer_table (a, &s.t, err, NULL);
  reading_close (&r);
  return code;
}

/* What a person is to look at: data flows meanwhile. */
static const struct {
  agent_state_t state;
  const char *name, *vi, *en, *why_vi, *why_en;
} alarms[] = {
    {AGENT_READMITTED, "readmitted", "vào lại, chờ xác nhận", "readmitted",
     "được nhận lại bằng giấy chứng nhận sau khi trung tâm phục hồi kho; hãy hỏi đơn vị xem có đúng máy của "
     "họ không",
     "was let in again by its certificate after the centre restored its store; ask the office whether it is "
     "their PC"},
    {AGENT_FORKED, "forked", "kho cũ hoặc bị chép, chờ xác nhận", "forked",
     "kho trên máy này là một bản cũ được khôi phục, hoặc đã bị chép sang máy khác; số liệu vẫn về đủ, không "
     "tính hai lần. Hãy gọi đơn vị hỏi ai đã khôi phục hoặc chép kho",
     "the store of this PC is an old copy that was put back, or was copied to another PC; its data arrives "
     "and nothing counts twice. Call the office and ask who restored or copied it"},
    {AGENT_CLONED, "cloned", "hai máy dùng chung một kho, chờ xác nhận", "cloned",
     "hai máy đang dùng hai bản chép của cùng một kho; số liệu của cả hai vẫn về đủ, không tính hai lần. Hãy "
     "gọi đơn vị: chỉ để một máy chạy tiếp, máy kia mời lại bằng giấy mời mới",
     "two PCs run copies of one store; the data of both arrives and nothing counts twice. Call the office: "
     "let one of them go on, and invite the other anew"},
    {AGENT_REINSTALLED, "reinstalled", "kho làm lại từ đầu, chờ xác nhận", "reinstalled",
     "máy này có khóa cũ nhưng kho mới; hãy gọi đơn vị hỏi có phải đã cài lại máy không",
     "this PC has its old key but a new store; call the office and ask whether it was installed anew"},
};

/* States of an agent, first that fits: revoked; an alarm, until confirmed; enrolled (never heard of);
 * offline (no session, or no serve to hold one); stale (a session that has been silent for long); draining
 * (on line, with updates the centre has not acknowledged); online. */
static const char *
agent_state (const listing_t *s, const agent_row_t *a, const contact_t *c)
{
  if (a->state == AGENT_REVOKED)
    return "revoked";
  for (size_t i = 0; i < sizeof alarms / sizeof *alarms; i++)
    if (a->state == alarms[i].state)
      return alarms[i].name;
  if (c->seen.ms == 0)
    return "enrolled";
  if (!c->online || !s->served)
    return "offline";
  if (s->now.ms - c->seen.ms > INT64_C (3) * PING_INTERVAL_MS)
    return "stale";
  return c->backlog > 0 ? "draining" : "online";
}

static const char *
state_words (const char *state)
{
  static const char *const words[][3] = {
      {"revoked", "đã thu hồi", "revoked"},    {"enrolled", "chưa kết nối lần nào", "never connected"},
      {"offline", "không kết nối", "offline"}, {"stale", "im lặng", "silent"},
      {"draining", "đang gửi", "sending"},     {"online", "đang kết nối", "online"}};
  for (size_t i = 0; i < sizeof alarms / sizeof *alarms; i++)
    if (strcmp (alarms[i].name, state) == 0)
      return L (alarms[i].vi, alarms[i].en);
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp (words[i][0], state) == 0)
      return L (words[i][1], words[i][2]);
  return state;
}

static void
agent_line (listing_t *s, const agent_row_t *a, const contact_t *c)
{
  char position[POSITION_TEXT_MAX] = "";
  const char *state = agent_state (s, a, c);
  buf_t offset = BUF_INIT;
  if (c->position_lsn > 0)
    position_format (ledger_position (s->r->l, c->position_lsn), position);
  if (c->seen.ms != 0)
    number_format_plain (c->clock_offset_ms, 3, 1, &offset);
  table_row (s->t);
  table_cell (s->t, a->name);
  table_cell (s->t, office_code (s->r->c, a->unit));
  table_cell (s->t, str_of (args_format (s->a) == FORMAT_TABLE ? state_words (state) : state));
  table_time (s->t, s->a, c->seen);
  table_cell (s->t, str_of (position));
  if (c->seen.ms != 0)
    table_printf (s->t, "%llu", (unsigned long long)c->backlog);
  else
    table_cell (s->t, STR_NONE);
  table_time (s->t, s->a, c->oldest_unsent);
  table_cell (s->t, offset.n > 0 ? buf_str (&offset) : STR_NONE);
  table_cell (s->t, c->version.p != NULL ? c->version : STR (""));
  table_cell (s->t, c->last_error.p != NULL ? c->last_error : STR (""));
  buf_free (&offset);
}

static err_t
agent_gather (void *ctx, const agent_row_t *a, const contact_t *c)
{
  agent_items_t *s = ctx;
  if (a->root != 0)
    return ERR_OK; /* another certificate of one that is listed */
  agent_item_t *at = array_room (s->at, s->n, &s->cap, sizeof *at);
  if (at == NULL)
    return ERR_NOMEM;
  s->at = at;
  s->at[s->n++] = (agent_item_t){*a, *c};
  return ERR_OK;
}

static int
by_name (const void *x, const void *y)
{
  const agent_item_t *a = x, *b = y;
  return str_cmp (a->a.name, b->a.name);
}

err_t
agents_sorted (reading_t *r, agent_items_t *out)
{
  err_t err = roster_agents (r->l, r->txn, agent_gather, out);
  if (out->n > 0)
    qsort (out->at, out->n, sizeof *out->at, by_name);
  return err;
}

/* Behind the table, where the eye is when the command is over. */
static void
say_alarms (const args_t *a, const agent_items_t *items)
{
  for (size_t i = 0; i < items->n; i++)
    for (size_t k = 0; k < sizeof alarms / sizeof *alarms; k++)
      if (items->at[i].a.state == alarms[k].state)
        printf (L ("*** %.*s: %s; xong thì “kc-collector confirm %s %.*s --reason …”\n",
                   "*** %.*s: %s; then \"kc-collector confirm %s %.*s --reason …\"\n"),
                STR_ARG (items->at[i].a.name), L (alarms[k].why_vi, alarms[k].why_en), args_operand (a, 0),
                STR_ARG (items->at[i].a.name));
}

int
cmd_agents (const args_t *a)
{
  reading_t r;
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  listing_t s = {.a = a,
                 .r = &r,
                 .t = table_new (),
                 .now = clock_wall (),
                 .served = control_served (args_operand (a, 0))};
  table_column (s.t, "agent", "Máy", "Agent", COL_TEXT);
  table_column (s.t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (s.t, "state", "Trạng thái", "State", COL_TEXT);
  table_column (s.t, "last_contact", "Liên lạc cuối", "Last contact", COL_TEXT);
  table_column (s.t, "position", "Vị trí", "Position", COL_TEXT);
  table_column (s.t, "backlog", "Chờ gửi", "Waiting", COL_NUMBER);
  table_column (s.t, "oldest_unsent", "Cũ nhất chưa gửi", "Oldest unsent", COL_TEXT);
  table_column (s.t, "clock_offset_s", "Lệch giờ (giây)", "Clock offset (s)", COL_DECIMAL);
  table_column (s.t, "version", "Phiên bản", "Version", COL_TEXT);
  table_column (s.t, "last_error", "Lỗi cuối", "Last error", COL_TEXT);
  agent_items_t items = {0};
  err_t err = agents_sorted (&r, &items);
  for (size_t i = 0; err == ERR_OK && i < items.n; i++)
    agent_line (&s, &items.at[i].a, &items.at[i].c);
  code = answer_table (a, &s.t, err, NULL);
  if (code == 0 && args_format (a) == FORMAT_TABLE)
    say_alarms (a, &items);
  free (items.at);
  reading_close (&r);
  return code;
}

/* ---- offices ---- */

static int
by_code (const void *x, const void *y)
{
  const unit_t *const *a = x, *const *b = y;
  return str_cmp ((*a)->known_as, (*b)->known_as);
}

static int
by_name_of_unit (const void *x, const void *y)
{
  return unit_order (*(const unit_t *const *)x, *(const unit_t *const *)y);
}

/* By the name it has today, whatever is decreed for later; one that has gone by its last. */
static void
office_line (const listing_t *s, const unit_t *last, date_t today, const agent_items_t *agents)
{
  const unit_t *u = unit_named_on (s->r->c, last->id, today);
  table_t *t = s->t;
  buf_t names = BUF_INIT;
  for (size_t i = 0; i < agents->n; i++) {
    const agent_row_t *a = &agents->at[i].a;
    if (a->unit == u->id && a->state != AGENT_REVOKED)
      buf_printf (&names, "%s%.*s", names.n > 0 ? " " : "", STR_ARG (a->name));
  }
  table_row (t);
  table_cell (t, u->known_as);
  table_cell (t,
              for_people (s->a) && lang_get () == LANG_EN && !str_blank (u->name_en) ? u->name_en : u->name);
  table_cell (t, u->type.p != NULL ? u->type : STR (""));
  table_cell (t, buf_str (&names));
  table_day (t, s->a, last->valid_to != 0 && last->valid_to < today ? last->valid_to : 0);
  buf_free (&names);
}

int
cmd_offices (const args_t *a)
{
  reading_t r;
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  listing_t s = {.a = a, .r = &r, .t = table_new ()};
  table_column (s.t, "code", "Mã", "Code", COL_TEXT);
  table_column (s.t, "name", "Tên", "Name", COL_TEXT);
  table_column (s.t, "type", "Loại", "Type", COL_TEXT);
  table_column (s.t, "agents", "Các máy", "Agents", COL_TEXT);
  table_column (s.t, "ended", "Đến hết", "Ended", COL_TEXT);
  const unit_t **units = calloc (UNITS_MAX, sizeof *units);
  agent_items_t agents = {0};
  err_t err = units != NULL ? agents_sorted (&r, &agents) : ERR_NOMEM;
  size_t n = 0;
  const unit_t *u;
  for (size_t i = 0; err == ERR_OK && n < UNITS_MAX && (u = catalogue_unit_at (r.c, i)) != NULL; i++)
    if (catalogue_unit (r.c, u->id) == u)
      units[n++] = u;
  if (n > 0)
    qsort (units, n, sizeof *units, args_format (a) == FORMAT_TABLE ? by_name_of_unit : by_code);
  for (size_t i = 0; i < n; i++)
    office_line (&s, units[i], day_of (clock_wall ()), &agents);
  code = answer_table (a, &s.t, err, NULL);
  free (units);
  free (agents.at);
  reading_close (&r);
  return code;
}
