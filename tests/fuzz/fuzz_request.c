/* Any bytes as a request on the collector's control socket: carried out or refused, and always answered
 * with a reply that can be read. The store is made anew now and then, since requests may fill it. */
#include "collector/cli/change.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "tests/fuzz/target.h"
#include "tests/unit/core/small_catalogue.h"

#define REQUESTS_A_STORE 2000u

static ledger_t *
open_ledger (void)
{
  kv_t *kv = NULL;
  ledger_t *l = NULL;
  sign_secret_t authority;
  kv_options_t o = ledger_kv_options ();
  fail_t fail = {0};
  CHECK (crypto_init ());
  o.create = true;
  CHECK (kv_open_mem (&o, &kv) == ERR_OK);
  CHECK (ledger_init_kv (kv, STR (SMALL_CATALOGUE), (wall_t){1}, &authority, &fail) == ERR_OK);
  CHECK (ledger_open_kv (&kv, &l, &fail) == ERR_OK);
  return l;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static ledger_t *l;
  static unsigned asked;
  if (asked++ % REQUESTS_A_STORE == 0)
    ledger_close (&l);
  if (l == NULL)
    l = open_ledger ();
  buf_t reply = BUF_INIT;
  change_reply_t answer;
  err_t err = change_run (l, (str_t){(const char *)data, size}, (wall_t){2}, &reply, NULL);
  CHECK (buf_ok (&reply) && change_reply_decode (buf_str (&reply), &answer) == ERR_OK);
  CHECK (err == ERR_OK || answer.exit_code != 0);
  CHECK (answer.exit_code >= 0 && answer.exit_code <= 5);
  buf_free (&reply);
  return 0;
}
