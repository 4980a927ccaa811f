/* cmd_serve.c - serve: reads its options and the configuration, then hands over to the gate. */
#include "collector/cli/commands.h"
#include "collector/cli/web_options.h"

#include "collector/gate/gate.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#define CONFIG_MAX (64u << 10)

/* Options as they were gathered; text of the file lives in `file`. */
typedef struct {
  buf_t file;
  serve_options_t o;
  const args_t *a;
  const char *http; /* NULL: nobody said */
  const char *hosts[WEB_HOSTS_MAX];
  size_t hosts_n;
  web_options_t web;
  web_keeper_t *keeper;
} serving_t;

static err_t
bind_add (serving_t *s, const char *endpoint, fail_t *fail)
{
  if (s->o.binds_n == GATE_BINDS_MAX)
    return fail_set (fail, ERR_INPUT, L ("nhiều nhất %u bind", "at most %u bind"), (unsigned)GATE_BINDS_MAX);
  s->o.binds[s->o.binds_n++] = endpoint;
  return ERR_OK;
}

static char *
trim (char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  size_t n = strlen (p);
  while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
    p[--n] = '\0';
  if (n >= 2 && (p[0] == '"' || p[0] == '\'') && p[n - 1] == p[0]) {
    p[n - 1] = '\0';
    p++;
  }
  return p;
}

/* ZPL (ZeroMQ RFC 4): a name, an optional "= value", "#" for comments, indentation for children. Sections
 * only group here: bind, http and host mean the same wherever they stand. */
static err_t
config_line (serving_t *s, char *line, fail_t *fail)
{
  bool quoted = false;
  char *hash = line;
  for (; *hash != '\0' && (*hash != '#' || quoted); hash++)
    if (*hash == '"')
      quoted = !quoted;
  *hash = '\0';
  char *equals = strchr (line, '=');
  if (equals == NULL)
    return ERR_OK;
  *equals = '\0';
  char *name = trim (line), *value = trim (equals + 1);
  if (strcmp (name, "bind") == 0)
    return bind_add (s, value, fail);
  if (strcmp (name, "http") == 0) {
    s->http = value;
    return ERR_OK;
  }
  if (strcmp (name, "host") == 0 && s->hosts_n < WEB_HOSTS_MAX) {
    s->hosts[s->hosts_n++] = value;
    return ERR_OK;
  }
  return fail_set (fail, ERR_INPUT,
                   L ("không có thiết lập “%s”; có: bind, http, host",
                      "there is no setting \"%s\"; there are: bind, http, host"),
                   name);
}

static err_t
config_read (serving_t *s, const char *path, fail_t *fail)
{
  err_t err = file_read (path, CONFIG_MAX, &s->file, fail);
  if (err == ERR_OK && (memchr (s->file.p, '\0', s->file.n) != NULL || buf_z (&s->file)[0] == '\0'))
    err =
        s->file.n == 0 ? ERR_OK : fail_set (fail, ERR_INPUT, L ("không phải tệp văn bản", "is no text file"));
  char *line = s->file.p;
  uint32_t number = 1;
  while (err == ERR_OK && line != NULL && *line != '\0') {
    char *end = strchr (line, '\n');
    if (end != NULL)
      *end = '\0';
    err = config_line (s, line, fail);
    if (err != ERR_OK)
      fail_at (fail, path, number, 0);
    line = end != NULL ? end + 1 : NULL;
    number++;
  }
  fail_at (fail, err != ERR_OK ? path : NULL, 0, 0);
  return err;
}

/* ---- the page beside it ---- */

/* A place that was asked for and cannot be had is an error; of the usual one it is said, and agents are taken
 * all the same. */
static err_t
start_page (void *ctx, fail_t *fail)
{
  serving_t *s = ctx;
  char at[64];
  fail_t own = {0};
  err_t err = web_keeper_new (&s->web, s->http != NULL ? s->http : WEB_DEFAULT, at, &s->keeper, &own);
  if (err == ERR_OK)
    fprintf (stderr, "%s: http://%s/\n", args_program (s->a)->program, at);
  else if (s->http != NULL)
    *fail = own;
  else
    fail_print (&own, args_program (s->a)->program);
  return s->http != NULL ? err : ERR_OK;
}

static void
tick_page (void *ctx)
{
  serving_t *s = ctx;
  if (s->keeper != NULL)
    web_keeper_tick (s->keeper);
}

static void
stop_page (void *ctx)
{
  serving_t *s = ctx;
  web_keeper_destroy (&s->keeper);
}

static void
page_beside (serving_t *s)
{
  if (s->http == NULL || strcmp (s->http, "off") != 0)
    s->o.beside = (gate_beside_t){start_page, tick_page, stop_page, s};
}

int
cmd_serve (const args_t *a)
{
  const char *config = args_value (a, "config"), *http = args_value (a, "http"), *dir = args_operand (a, 0);
  const char *bind[GATE_BINDS_MAX + 1];
  serving_t s = {.o.change = change_run, .a = a};
  fail_t fail = {0};
  err_t err = config != NULL ? config_read (&s, config, &fail) : ERR_OK;
  size_t n = args_values (a, "bind", bind, GATE_BINDS_MAX + 1);
  if (n > 0)
    s.o.binds_n = 0; /* the command line wins */
  for (size_t i = 0; i < n && err == ERR_OK; i++)
    err = bind_add (&s, bind[i], &fail);
  if (http != NULL)
    s.http = http;
  if (err == ERR_OK) {
    int code = web_options (a, s.hosts, s.hosts_n, &s.web);
    if (code != 0) {
      buf_free (&s.file);
      return code;
    }
    page_beside (&s);
  }
  if (err == ERR_OK) {
    process_raise_limits ();
    stop_install ();
    err = gate_serve (dir, &s.o, &fail);
    if (err != ERR_OK)
      fail_at (&fail, err == ERR_USAGE ? NULL : dir, 0, 0);
  }
  buf_free (&s.file);
  if (err == ERR_OK)
    return 0;
  fail_set (&fail, err, "%s", err_words (err));
  return args_fail (a, &fail);
}
