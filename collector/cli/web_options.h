/* web_options.h - what serve and web have in common. */
#ifndef KC_COLLECTOR_CLI_WEB_OPTIONS_H
#define KC_COLLECTOR_CLI_WEB_OPTIONS_H

#include "collector/web/web.h"
#include "common/cli/args.h"

/* From --host, n more names, and the machine's own. Exit code. */
int web_options (const args_t *a, const char *const *hosts, size_t n, web_options_t *out);

#endif
