/* password_read.h - a password from whoever runs a command. */
#ifndef KC_COLLECTOR_CLI_PASSWORD_READ_H
#define KC_COLLECTOR_CLI_PASSWORD_READ_H

#include "common/cli/args.h"

#define PASSWORD_MIN 8u /* letters */
#define PASSWORD_MAX 1024u

/* The first line of stdin under --password-stdin; else asked for on a terminal, unseen, twice when again. In
 * its normal form. Exit code; says what is wrong itself. The caller wipes out (password_forget). */
int password_read (const args_t *a, bool again, buf_t *out);
void password_forget (buf_t *password);
/* Long enough to be taken? Exit code. */
int password_check (const args_t *a, str_t password);

#endif
