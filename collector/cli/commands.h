/* commands.h - the commands of kc-collector, and what they share. */
#ifndef KC_COLLECTOR_CLI_COMMANDS_H
#define KC_COLLECTOR_CLI_COMMANDS_H

#include "collector/cli/change.h"
#include "collector/ledger/roster.h"
#include "common/cli/args.h"
#include "common/core/period.h"

extern const command_t collector_commands[];

command_fn cmd_init, cmd_serve, cmd_invite, cmd_invites, cmd_agents, cmd_offices, cmd_revoke, cmd_confirm,
    cmd_totals, cmd_watch, cmd_verify, cmd_trace, cmd_refused, cmd_report, cmd_reconcile, cmd_catalogue,
    cmd_unit, cmd_due, cmd_dues, cmd_submissions, cmd_accept, cmd_return, cmd_completeness, cmd_flags,
    cmd_answer, cmd_close, cmd_closings, cmd_changes, cmd_lock, cmd_unlock, cmd_locks, cmd_backup,
    cmd_restore, cmd_conflicts, cmd_resolve, cmd_bundle, cmd_addresses, cmd_rotate_key, cmd_sync, cmd_user,
    cmd_token, cmd_audit, cmd_web;

/* A store opened for reading, with one short read transaction. */
typedef struct {
  ledger_t *l;
  kv_txn_t *txn;
  const catalogue_t *c;
} reading_t;
/* Opens operand 0. Exit code; says what is wrong itself. */
int reading_open (const args_t *a, reading_t *out);
int reading_open_at (const args_t *a, const char *dir, reading_t *out);
void reading_close (reading_t *r);

/* Carries a change out, by serve when it runs. Exit code; on the way there it says itself what is wrong. The
 * answer's own exit code stands in *reply, whose texts lie in bytes. */
int change_send (const args_t *a, const char *dir, const change_request_t *request, buf_t *bytes,
                 change_reply_t *reply);
/* The same, and shows its answer. Exit code. */
int change_ask (const args_t *a, const char *dir, const change_request_t *request);

/* Agents, sorted by name; texts are views of the reading. Free .at. */
typedef struct {
  agent_row_t a;
  contact_t c;
} agent_item_t;
typedef struct {
  agent_item_t *at;
  size_t n, cap;
} agent_items_t;
MUST_USE err_t agents_sorted (reading_t *r, agent_items_t *out);
/* Is it waited for, when all are to have done something? */
static inline bool
agent_counts (const agent_row_t *a)
{
  return a->state != AGENT_REVOKED && a->role != ROLE_VIEWER;
}

/* Prints and destroys the table; err: what filling it came to. Exit code. */
int answer_table (const args_t *a, table_t **t, err_t err, const char *title);
int answer_err (const args_t *a, err_t err);

str_t office_code (const catalogue_t *c, unit_id_t id);
void table_time (table_t *t, const args_t *a, wall_t w); /* ISO for machines, local for people; empty for 0 */
void table_day (table_t *t, const args_t *a, date_t day); /* likewise */
void table_table (table_t *t, const args_t *a,
                  table_id_t table); /* TABLE_NONE: every table; machines: empty */
bool for_people (const args_t *a);
/* --view: the day whose offices are asked for; 0: as they were. False: no such view. */
bool view_day (const args_t *a, date_t *today);

/* For people, to stderr: how many parked sides the figures of a position leave out. Nothing when none. */
void say_parked (const args_t *a, uint64_t parked);
/* For people, to stderr: how many records changed since the period's latest closing; absent: the latest of
 * all. Nothing when none did. */
void say_since_closing (const args_t *a, reading_t *r, str_t period);
/* For people, to stderr: --as-of was a number that is a closed year, too; it is a place in the log. */
void say_as_of (const args_t *a, const reading_t *r);

/* PERIOD of --period, and its normal form; blank without one. Exit code; says what is wrong itself. */
int option_period (const args_t *a, const catalogue_t *c, period_t *p, char text[PERIOD_TEXT_MAX]);

#endif
