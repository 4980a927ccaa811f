/* cmd_addresses.c - addresses: where agents find the centre. */
#include "collector/cli/commands.h"

#include "collector/ledger/addresses.h"
#include "common/base/lang.h"

#define TEXT_BUDGET (64u << 10)

static int
list (const args_t *a)
{
  reading_t r;
  addresses_t set = {0};
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  arena_t *arena = arena_new (TEXT_BUDGET);
  err_t err = arena != NULL ? addresses_configured (r.txn, arena, &set) : ERR_NOMEM;
  str_t at[ADDRESSES_MAX];
  size_t n = 0;
  if (err == ERR_OK)
    err = addresses_of_invites (r.txn, arena, at, &n);
  table_t *t = table_new ();
  table_column (t, "address", "Địa chỉ", "Address", COL_TEXT);
  table_column (t, "state", "Nguồn", "From", COL_TEXT);
  const char *from = for_people (a) ? set.n > 0 ? L ("đã đặt", "set by a person") : L ("serve mở", "serve")
                     : set.n > 0 ? "set"
                                 : "served";
  for (size_t i = 0; i < n; i++) {
    table_row (t);
    table_cell (t, at[i]);
    table_cell (t, str_of (from));
  }
  code = answer_table (a, &t, err, NULL);
  arena_destroy (&arena);
  reading_close (&r);
  return code;
}

int
cmd_addresses (const args_t *a)
{
  const bool clear = args_flag (a, "clear");
  change_request_t r = {.operation = STR (CHANGE_ADDRESSES), .person = str_of (args_person (a))};
  const char *given;
  for (size_t i = 1; (given = args_operand (a, i)) != NULL; i++) {
    if (r.args_n == ADDRESSES_MAX)
      return args_usage (a, L ("nhiều nhất %u địa chỉ", "at most %u addresses"), ADDRESSES_MAX);
    r.args[r.args_n++] = str_of (given);
  }
  if (clear && r.args_n > 0)
    return args_usage (a, L ("--clear không đi cùng địa chỉ", "--clear goes with no address"));
  return clear || r.args_n > 0 ? change_ask (a, args_operand (a, 0), &r) : list (a);
}
