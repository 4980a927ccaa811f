/* cmd_flags.c - flags: what is in doubt of the office's records. */
#include "agent/cli/commands.h"

#include "agent/entry/flags.h"
#include "common/view/flags_view.h"

int
cmd_flags (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  kv_txn_t *txn = NULL;
  flag_list_t l = {.at = NULL};
  flags_asked_t asked = {.office = NULL};
  int code = store_open (a, true, true, &o);
  if (code != 0)
    return code;
  table_t *t = table_new ();
  err_t err = t != NULL ? kv_begin (outbox_kv (o), false, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = flags_of_office (o, txn, &l);
  if (err == ERR_OK)
    err = flags_view (a, &l, &asked, t, &fail);
  code = answer (a, &t, err, &fail, NULL);
  flag_list_free (&l);
  kv_abort (&txn);
  outbox_close (&o);
  return code;
}
