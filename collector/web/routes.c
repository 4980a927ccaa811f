#include "collector/web/routes.h"

#include "common/base/lang.h"

#define READ(path, command, help) false, path, USER_VIEWER, command, NULL, false, help
#define ACT(path, command, help) true, path, USER_OFFICER, command, NULL, false, help

#define OPTION(name)                                                                                         \
  {                                                                                                          \
    name, PARAM_OPTION, false, NULL, NULL                                                                    \
  }
#define NEEDED(name)                                                                                         \
  {                                                                                                          \
    name, PARAM_OPTION, true, NULL, NULL                                                                     \
  }
#define FLAG(name)                                                                                           \
  {                                                                                                          \
    name, PARAM_FLAG, false, NULL, NULL                                                                      \
  }
#define OPERAND(name, help)                                                                                  \
  {                                                                                                          \
    name, PARAM_OPERAND, true, NULL, help                                                                    \
  }
#define OPERANDS(name, help)                                                                                 \
  {                                                                                                          \
    name, PARAM_OPERANDS, true, NULL, help                                                                   \
  }
#define NO_PARAMS                                                                                            \
  {                                                                                                          \
    {                                                                                                        \
      NULL, PARAM_OPTION, false, NULL, NULL                                                                  \
    }                                                                                                        \
  }

const route_t routes[] = {
    {READ ("totals", "totals", "Running totals by the dimensions asked for"),
     {NEEDED ("by"), OPTION ("where"), OPTION ("as-of"), OPTION ("view")}},
    {READ ("trace", "trace", "The records behind a figure; they add up to it"),
     {OPERAND ("where", "The figure: DIM=VALUE,…"), OPTION ("view")}},
    {READ ("history", "trace", "Every version of a record: who wrote it, when it came, what became of it"),
     {OPERAND ("record", "A scheme's code, another natural key, or an id"), OPTION ("kind")}},
    {READ ("agents", "agents", "Agents and their state"), NO_PARAMS},
    {READ ("offices", "offices", "Offices"), NO_PARAMS},
    {false,
     "units",
     USER_VIEWER,
     "unit",
     "list",
     false,
     "Units, what they were called and who follows them",
     {OPTION ("on")}},
    {READ ("completeness", "completeness", "Who has submitted which table of a period"), {NEEDED ("period")}},
    {READ ("submissions", "submissions", "What offices submitted, and the answers"), {OPTION ("period")}},
    {READ ("dues", "dues", "Due dates"), NO_PARAMS},
    {READ ("closings", "closings", "Closed periods, and how many records changed since"), NO_PARAMS},
    {READ ("locks", "locks", "Locks and extensions"), NO_PARAMS},
    {READ ("changes", "changes", "Figures that changed since a closing or a position"),
     {NEEDED ("since"), OPTION ("by"), OPTION ("where"), FLAG ("records"), OPTION ("view")}},
    {READ ("conflicts", "conflicts", "Conflicts, field by field"), NO_PARAMS},
    {READ ("refused", "refused", "Refused updates"), NO_PARAMS},
    {READ ("flags", "flags", "What the catalogue's checks doubt"),
     {FLAG ("open"), FLAG ("all"), OPTION ("office"), OPTION ("check"), OPTION ("history")}},
    {false,
     "report",
     USER_VIEWER,
     "report",
     NULL,
     true,
     "The annexes or the text of the report, as a file",
     {NEEDED ("years"), OPTION ("annex"), FLAG ("narrative"), OPTION ("office"), OPTION ("as-of"),
      NEEDED ("format")}},
    {false, "invites", USER_OFFICER, "invites", NULL, false, "Invites", NO_PARAMS},
    {false, "users", USER_ADMIN, "user", "list", false, "Users of the page", NO_PARAMS},
    {false, "audit", USER_ADMIN, "audit", NULL, false, "Who did what at the centre", NO_PARAMS},

    {ACT ("submissions/accept", "accept", "Accept a submission"),
     {OPERAND ("submission", "OFFICE/TABLE/PERIOD, or an id"), OPTION ("comment")}},
    {ACT ("submissions/return", "return", "Return a submission to be mended"),
     {OPERAND ("submission", "OFFICE/TABLE/PERIOD, or an id"), NEEDED ("comment")}},
    {ACT ("conflicts/resolve", "resolve", "Settle a record's conflict"),
     {OPERAND ("record", "The record's code or id"),
      OPERANDS ("choice", "current, parked, or COLUMN=VALUE as often as need be"), NEEDED ("reason")}},
    {ACT ("flags/answer", "answer", "Say why a flagged figure is right as it is"),
     {OPERAND ("flag", "The flag"), NEEDED ("reason")}},
    {ACT ("invites", "invite",
          "Invite an office's PC; the answer holds the invite, which is shown this once"),
     {NEEDED ("office"), OPTION ("role"), OPTION ("address")}},
    {ACT ("invites/cancel", "invite", "Cancel an invite"), {{"id", PARAM_OPTION, true, "cancel", NULL}}},
    {ACT ("agents/confirm", "confirm", "Say that an agent with an alarm was looked at"),
     {OPERAND ("agent", "The agent"), OPTION ("reason")}},
    {ACT ("periods/due", "due", "Set when a period is due"),
     {OPERAND ("period", "The period"), OPERAND ("date", "A day, or none"), OPTION ("table"),
      OPTION ("office")}},
    {ACT ("periods/close", "close", "Close a period: note the position that the tables sent tell of"),
     {OPERAND ("period", "The period"), OPTION ("comment")}},
    {ACT ("periods/lock", "lock", "Lock a table of a period"),
     {OPERAND ("period", "The period"), OPERAND ("table", "The table, or all"), OPTION ("office"),
      OPTION ("comment")}},
    {ACT ("periods/unlock", "unlock", "Unlock a table of a period, or give one office longer"),
     {OPERAND ("period", "The period"), OPERAND ("table", "The table, or all"), OPTION ("office"),
      OPTION ("until"), OPTION ("comment")}},
    {true,
     "agents/revoke",
     USER_ADMIN,
     "revoke",
     NULL,
     false,
     "Revoke an agent",
     {OPERAND ("agent", "The agent"), OPTION ("reason")}},
    {.path = NULL},
};

bool
path_is_api (str_t path)
{
  const size_t n = sizeof API_PREFIX - 1;
  return path.n >= n && memcmp (path.p, API_PREFIX, n) == 0;
}

const route_t *
route_find (bool post, str_t path, bool *other_method)
{
  const size_t n = sizeof API_PREFIX - 1;
  *other_method = false;
  if (!path_is_api (path))
    return NULL;
  for (const route_t *r = routes; r->path != NULL; r++) {
    if (!str_is ((str_t){path.p + n, path.n - n}, r->path))
      continue;
    if (r->post == post) {
      *other_method = false;
      return r;
    }
    *other_method = true;
  }
  return NULL;
}

/* ---- command lines ---- */

static bool
add (command_line_t *c, const char *word)
{
  if (word == NULL || c->n == COMMAND_WORDS_MAX)
    return false;
  c->word[c->n++] = word;
  c->word[c->n] = NULL;
  return true;
}

/* "--name=value" */
static bool
add_option (command_line_t *c, arena_t *arena, const char *name, str_t value)
{
  buf_t text = BUF_INIT;
  buf_printf (&text, "--%s=", name);
  buf_put (&text, value.p, value.n);
  str_t word = buf_ok (&text) ? arena_str (arena, buf_str (&text)) : STR_NONE;
  buf_free (&text);
  return add (c, word.p);
}

static const param_t *
param_find (const route_t *r, str_t name)
{
  for (const param_t *p = r->params; p->name != NULL; p++)
    if (str_is (name, p->name))
      return p;
  return NULL;
}

static err_t
check_names (const route_t *r, const form_t *given, fail_t *fail)
{
  for (size_t i = 0; i < given->n; i++) {
    const param_t *p = param_find (r, given->at[i].name);
    if (p == NULL)
      return fail_set (fail, ERR_USAGE, L ("%s không có tham số “%.*s”", "%s has no parameter \"%.*s\""),
                       r->path, (int)(given->at[i].name.n < 64 ? given->at[i].name.n : 64),
                       given->at[i].name.p);
    for (size_t k = 0; k < i && p->kind != PARAM_OPERANDS; k++)
      if (str_eq (given->at[k].name, given->at[i].name))
        return fail_set (fail, ERR_USAGE, L ("tham số “%s” có hai lần", "parameter \"%s\" is there twice"),
                         p->name);
  }
  for (const param_t *p = r->params; p->name != NULL; p++)
    if (p->required && str_blank (form_get (given, p->name)))
      return fail_set (fail, ERR_USAGE, L ("thiếu tham số “%s”", "parameter \"%s\" is missing"), p->name);
  return ERR_OK;
}

static bool
is_on (str_t value)
{
  return !str_is (value, "0") && !str_is (value, "no") && !str_is (value, "false");
}

static bool
add_options (command_line_t *c, const route_t *r, const form_t *given, arena_t *arena)
{
  bool ok = true;
  for (size_t i = 0; ok && i < given->n; i++) {
    const param_t *p = param_find (r, given->at[i].name);
    const char *option = p->option != NULL ? p->option : p->name;
    if (p->kind == PARAM_OPTION && given->at[i].value.n > 0)
      ok = add_option (c, arena, option, given->at[i].value);
    else if (p->kind == PARAM_FLAG && is_on (given->at[i].value)) {
      buf_t text = BUF_INIT;
      buf_printf (&text, "--%s", option);
      ok = buf_ok (&text) && add (c, arena_str (arena, buf_str (&text)).p);
      buf_free (&text);
    }
  }
  return ok;
}

static bool
add_operands (command_line_t *c, const route_t *r, const form_t *given, arena_t *arena)
{
  bool ok = true;
  for (const param_t *p = r->params; p->name != NULL; p++) {
    if (p->kind != PARAM_OPERAND && p->kind != PARAM_OPERANDS)
      continue;
    for (size_t i = 0; ok && i < given->n; i++)
      if (str_is (given->at[i].name, p->name))
        ok = add (c, arena_str (arena, given->at[i].value).p);
  }
  return ok;
}

/* Options first, then "--": what stands behind it is never an option, whatever it begins with. */
err_t
route_command (const route_t *r, const form_t *given, const char *program, const char *dir, str_t person,
               bool english, arena_t *arena, command_line_t *out, fail_t *fail)
{
  *out = (command_line_t){.n = 0};
  err_t err = check_names (r, given, fail);
  if (err != ERR_OK)
    return err;
  bool ok = add (out, program) && add (out, r->command) && add (out, english ? "--lang=en" : "--lang=vi") &&
            add_option (out, arena, "as", person) && add_options (out, r, given, arena);
  if (ok && r->file)
    ok = add (out, "-o") && add (out, "-");
  else if (ok && !r->post)
    ok = add (out, "--format=json");
  ok = ok && add (out, "--") && (r->word == NULL || add (out, r->word)) && add (out, dir) &&
       add_operands (out, r, given, arena);
  return ok ? ERR_OK : fail_set (fail, ERR_TOO_BIG, "%s", err_words (ERR_TOO_BIG));
}

const char *
route_content_type (const route_t *r, const form_t *given, const char **ending)
{
  static const struct {
    const char *format, *type;
  } types[] = {
      {"csv", "text/csv; charset=utf-8"},
      {"html", "text/html; charset=utf-8"},
      {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      {"odt", "application/vnd.oasis.opendocument.text"},
  };
  *ending = "json";
  for (size_t i = 0; r->file && i < sizeof types / sizeof types[0]; i++)
    if (str_is (form_get (given, "format"), types[i].format)) {
      *ending = types[i].format;
      return types[i].type;
    }
  return "application/json";
}
