/* args.h - the command line: options and operands mix after the command (INTERFACE 1).
 *
 * A program is a table of commands; a command names its operands and options in a table, from which
 * parsing, --help, the man page and the shell completion are made:
 *   program COMMAND --help     program --help-man (roff, in --lang)     program --completion bash */
#ifndef KC_CLI_ARGS_H
#define KC_CLI_ARGS_H

#include "common/cli/table.h"

#define ARGS_OPTIONS_MAX 24u
#define OPERANDS_MANY 100000u

typedef struct {
  const char *name;  /* "timeout" for --timeout; one letter, "o", for -o */
  const char *value; /* NULL: a flag; else what it is called in help, "SECONDS" */
  bool many;         /* may be given several times */
  const char *help_vi, *help_en;
} option_t;

typedef struct args args_t;
typedef int (command_fn) (const args_t *a); /* returns the exit code */

typedef struct {
  const char *name;     /* "invite" */
  const char *operands; /* "DIR FILE…", for help; upper-case words, "…" many, "[X]" optional */
  unsigned operands_min, operands_max; /* max: OPERANDS_MANY for any number */
  const char *help_vi, *help_en;
  const option_t
      *options; /* ended by {NULL}; the common ones (--lang --as --format --excel --help) are implied */
  command_fn *run;
} command_t;

typedef struct {
  const char *program, *version;
  const char *about_vi, *about_en;
  const command_t *commands; /* ended by {NULL} */
} program_t;

/* An option of the command's own table wins over a common one of the same name (a report's own
 * --format). The whole main: locale, language, command look-up, parse, help, run. Returns the exit code;
 * usage errors print one sentence and a hint, exit 2. Output that cannot be written to stdout: exit 5; a
 * reader that went away: the command's own, without a word. */
int args_main (const program_t *p, int argc, char **argv);

size_t args_count (const args_t *a);
const char *args_operand (const args_t *a, size_t i); /* NULL past the end */
bool args_flag (const args_t *a, const char *option);
const char *args_value (const args_t *a, const char *option); /* last one given; NULL */
size_t args_values (const args_t *a, const char *option, const char **out, size_t max);
format_t args_format (const args_t *a);
bool args_excel (const args_t *a);
/* Where an answer in words goes: stdout for people; beside csv and json, whose stdout is rows, stderr. */
FILE *args_words (const args_t *a);
const char *args_person (const args_t *a); /* --as, else the login name; valid UTF-8, NFC */
const program_t *args_program (const args_t *a);
/* "60" → 60000 ms; fails with usage words. */
MUST_USE bool args_seconds (const args_t *a, const char *option, int64_t default_ms, int64_t *out_ms);
/* Prints a usage error, returns 2. */
int args_usage (const args_t *a, const char *fmt, ...) PRINTF_LIKE (2, 3);
/* Prints a failure, returns its exit code. */
int args_fail (const args_t *a, const fail_t *fail);

/* Progress of long work on stderr, only on a terminal; done -1 ends the line. */
void progress_show (const char *what, uint64_t done, uint64_t total);

#endif
