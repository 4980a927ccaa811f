/* process.h - programs run by tests and benchmarks. POSIX. */
#ifndef KC_TESTS_SUPPORT_PROCESS_H
#define KC_TESTS_SUPPORT_PROCESS_H

#include "common/base/bytes.h"

#include <sys/types.h>

/* Runs argv to its end with stdout into out (may be NULL); exit code. What it says on stderr is shown only
 * when it fails. Programs still running die with us. */
int process_run (const char *const *argv, buf_t *out);
/* Starts argv; its stdout is read up to the first line, which goes to line (NULL: do not wait). */
pid_t process_start (const char *const *argv, buf_t *line);
void process_kill (pid_t pid, int signal_number); /* and waits */
double process_private_mb (pid_t pid);            /* private memory, mapped store apart */
double process_cpu_seconds (pid_t pid);           /* used so far, user and system */
double process_seconds (void);                    /* monotonic */
void process_fail (const char *what);             /* prints, exits 1 */

#endif
