/* commands.h - the commands of kc-agent and what they share. */
#ifndef KC_AGENT_CLI_COMMANDS_H
#define KC_AGENT_CLI_COMMANDS_H

#include "agent/outbox/outbox.h"
#include "common/cli/args.h"
#include "common/core/reason.h"

#include <stdio.h>

extern const program_t agent_program;

command_fn cmd_join, cmd_sync, cmd_rekey, cmd_serve, cmd_doctor, cmd_status;
command_fn cmd_import, cmd_convert, cmd_add, cmd_set, cmd_withdraw, cmd_undo, cmd_imports, cmd_submit,
    cmd_submissions, cmd_flags, cmd_locks, cmd_retry, cmd_resolve, cmd_recover;
command_fn cmd_export, cmd_template, cmd_list, cmd_show, cmd_history, cmd_totals, cmd_conflicts, cmd_report,
    cmd_bundle;

/* Opens operand 0. Returns 0, or the exit code after saying why not. */
int store_open (const args_t *a, bool read_only, bool need_joined, outbox_t **out);
/* What the office is called today; what the invite called it while there is no catalogue. */
str_t office_name (const outbox_t *o);
/* --kind; KIND_NONE when not given. Returns 0 or 2 after saying so. */
int option_kind (const args_t *a, kind_t *out);
int name_kind (const args_t *a, const char *name, kind_t *out);
/* Prints the table unless err; takes it. Returns the exit code. */
int answer (const args_t *a, table_t **t, err_t err, fail_t *fail, const char *title);
/* Says why and gives the exit code; words of err when *fail has none. */
int answer_fail (const args_t *a, err_t err, fail_t *fail);
/* Soft findings, to stderr. */
void say_notes (const outbox_t *o, kind_t kind, const reasons_t *found);
/* Into the file of -o, or to stdout. Returns the exit code. */
int put_out (const args_t *a, const buf_t *text);
/* What a restored centre has lost and this PC holds, by the PC it was entered on. */
typedef struct {
  uint64_t records;
  struct {
    buf_t agent;
    uint64_t records;
  } * at;
  size_t n, room;
} lost_count_t;
MUST_USE err_t lost_count (outbox_t *o, kv_txn_t *txn, lost_count_t *out);
void lost_count_free (lost_count_t *c);
void say_lost (const lost_count_t *c, const char *dir, FILE *f); /* nothing lost: nothing */
void say_lost_of (const args_t *a, FILE *f);                     /* of operand 0 */
static inline bool
for_people (const args_t *a)
{
  return args_format (a) == FORMAT_TABLE;
}

#endif
