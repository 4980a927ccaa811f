/* cmd_web.c - web: the page and the API alone, over a store that serve may be serving; serve starts one of
 * its own. */
#include "collector/cli/commands.h"
#include "collector/cli/web_options.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <stdio.h>

int
web_options (const args_t *a, const char *const *hosts, size_t n, web_options_t *out)
{
  const char *given[WEB_HOSTS_MAX + 1];
  size_t given_n = args_values (a, "host", given, WEB_HOSTS_MAX + 1), all = 0;
  *out = (web_options_t){
      .dir = args_operand (a, 0), .program = args_program (a)->program, .version = args_program (a)->version};
  if (given_n + n + 1 > WEB_HOSTS_MAX)
    return args_usage (a, L ("nhiều nhất %u --host", "at most %u --host"), WEB_HOSTS_MAX - 1);
  for (size_t i = 0; i < given_n; i++)
    out->hosts[all++] = given[i];
  for (size_t i = 0; i < n; i++)
    out->hosts[all++] = hosts[i];
  if (host_name ()[0] != '\0')
    out->hosts[all++] = host_name ();
  return 0;
}

int
cmd_web (const args_t *a)
{
  const char *http = args_value (a, "http");
  web_options_t o;
  char at[64];
  fail_t fail = {0};
  int code = web_options (a, NULL, 0, &o);
  if (code != 0)
    return code;
  stop_install ();
  int fd = web_keeper_given ();
  err_t err = ERR_OK;
  if (fd < 0) {
    err = web_listen (http != NULL ? http : WEB_DEFAULT, &fd, at, &fail);
    if (err == ERR_OK)
      printf ("http://%s/\n", at);
    fflush (stdout);
  }
  process_raise_limits ();
  if (err == ERR_OK)
    err = web_serve (&o, &fd, &fail);
  if (err == ERR_OK)
    return 0;
  fail_set (&fail, err, "%s", err_words (err));
  fail_at (&fail, err == ERR_USAGE ? NULL : o.dir, 0, 0);
  return args_fail (a, &fail);
}
