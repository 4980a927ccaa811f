/* cmd_rotate_key.c - rotate-key: another CURVE key for the centre, step by step.
 *
 * The authority's secret is read here, signs here and goes nowhere else. */
#include "collector/cli/commands.h"

#include "collector/ledger/addresses.h"
#include "collector/ledger/rotation.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/net/net.h"
#include "common/platform/platform.h"

#include <stdlib.h>

#define TEXT_BUDGET (256u << 10)

/* ---- who knows the new key ---- */

static bool
knows (const rotation_t *r, const agent_item_t *i)
{
  return i->c.position_lsn >= r->lsn;
}

static int
list (const args_t *a, reading_t *r, const rotation_t *k)
{
  agent_items_t items = {0};
  table_t *t = table_new ();
  err_t err = agents_sorted (r, &items);
  table_column (t, "agent", "Máy", "Agent", COL_TEXT);
  table_column (t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (t, "state", "Khóa mới", "New key", COL_TEXT);
  table_column (t, "last_contact", "Liên lạc cuối", "Last contact", COL_TEXT);
  for (size_t i = 0; err == ERR_OK && k->given && i < items.n; i++) {
    const agent_item_t *at = &items.at[i];
    const bool known = knows (k, at);
    if (!agent_counts (&at->a))
      continue;
    table_row (t);
    table_cell (t, at->a.name);
    table_cell (t, office_code (r->c, at->a.unit));
    table_cell (t, str_of (for_people (a) ? known ? L ("đã biết", "known") : L ("chưa biết", "not yet")
                           : known ? "known"
                                          : "waiting"));
    table_time (t, a, at->c.seen);
  }
  free (items.at);
  return answer_table (a, &t, err, NULL);
}

static int
finish (const args_t *a, reading_t *r, const rotation_t *k)
{
  agent_items_t items = {0};
  size_t waiting = 0;
  fail_t fail = {0};
  err_t err = agents_sorted (r, &items);
  for (size_t i = 0; err == ERR_OK && k->given && i < items.n; i++)
    waiting += agent_counts (&items.at[i].a) && !knows (k, &items.at[i]);
  free (items.at);
  if (err != ERR_OK)
    return answer_err (a, err);
  if (waiting > 0 && !args_flag (a, "anyway")) {
    fail_set (&fail, ERR_NO,
              L ("%zu máy chưa biết khóa mới (xem rotate-key DIR); đợi thêm, hoặc thêm --anyway: các máy đó "
                 "sẽ cần giấy "
                 "mời mới",
                 "%zu PCs do not know the new key yet (see rotate-key DIR); wait, or add --anyway: those "
                 "will need a "
                 "new invite"),
              waiting);
    return args_fail (a, &fail);
  }
  const change_request_t q = {.operation = STR (CHANGE_ROTATE_END), .person = str_of (args_person (a))};
  reading_close (r);
  return change_ask (a, args_operand (a, 0), &q);
}

/* ---- begin ---- */

/* Where serve answers under the key it has, nobody can be told to find the new one. */
static err_t
apart_from_old (reading_t *r, arena_t *arena, const rotation_t *k, uint16_t port, fail_t *fail)
{
  str_t old[ADDRESSES_MAX], host;
  addresses_t set;
  size_t n = 0;
  uint16_t old_port = 0;
  err_t err = addresses_bound (r->txn, arena, old, &n);
  for (size_t i = 0; err == ERR_OK && i < n; i++)
    if (endpoint_split (old[i], &host, &old_port) && old_port == port)
      err = fail_set (fail, ERR_INPUT,
                      L ("serve đang trả lời ở cổng %u bằng khóa cũ; hãy chọn một cổng khác cho khóa mới",
                         "serve answers on port %u under the old key; choose another port for the new one"),
                      port);
  if (err == ERR_OK)
    err = addresses_configured (r->txn, arena, &set);
  for (size_t i = 0; err == ERR_OK && i < k->addresses_n; i++)
    for (size_t j = 0; err == ERR_OK && j < set.n; j++)
      if (str_eq (set.at[j], k->addresses[i]))
        err = fail_set (fail, ERR_INPUT,
                        L ("các máy đang tới “%.*s” bằng khóa cũ; hãy cho khóa mới một địa chỉ khác",
                           "PCs go to \"%.*s\" under the old key; give the new one another address"),
                        STR_ARG (set.at[j]));
  return err;
}

static err_t
places (const args_t *a, reading_t *r, arena_t *arena, rotation_t *k, fail_t *fail)
{
  const char *given[ADDRESSES_MAX + 1], *endpoint = args_operand (a, 1);
  str_t host;
  uint16_t port = 0;
  const size_t n = args_values (a, "address", given, ADDRESSES_MAX + 1);
  if (!endpoint_split (str_of (endpoint), &host, &port) || port == 0)
    return fail_set (
        fail, ERR_INPUT,
        L ("“%s” không đúng dạng tcp://ĐỊA-CHỈ:CỔNG", "\"%s\" is not of the form tcp://ADDRESS:PORT"),
        endpoint);
  k->endpoint = str_of (endpoint);
  for (size_t i = 0; i < n && i < ADDRESSES_MAX; i++)
    k->addresses[k->addresses_n++] = str_of (given[i]);
  if (n == 0 && (str_is (host, "0.0.0.0") || str_is (host, "[::]")))
    return fail_set (fail, ERR_INPUT,
                     L ("hãy ghi --address tcp://TÊN-MÁY:CỔNG: các máy cần biết tới đâu",
                        "give --address tcp://HOST:PORT: PCs must know where to dial"));
  if (n == 0)
    k->addresses[k->addresses_n++] = k->endpoint;
  err_t err = addresses_check (k->addresses, k->addresses_n, fail);
  return err == ERR_OK ? apart_from_old (r, arena, k, port, fail) : err;
}

static int
begin (const args_t *a, reading_t *r, arena_t *arena)
{
  const char *file = args_value (a, "authority");
  rotation_t k = {.given = false};
  sign_secret_t secret;
  sign_key_t authority;
  buf_t path = BUF_INIT;
  fail_t fail = {0};
  err_t err =
      ledger_authority_read (file != NULL ? file : path_join (&path, args_operand (a, 0), "authority.key"),
                             &authority, &secret, &fail);
  if (err == ERR_OK)
    err = rotation_make (r->l, &secret, arena, &k);
  crypto_wipe (&secret, sizeof secret);
  buf_free (&path);
  if (err == ERR_OK)
    err = places (a, r, arena, &k, &fail);
  reading_close (r);
  change_request_t q = {.operation = STR (CHANGE_ROTATE), .person = str_of (args_person (a)), .args_n = 4};
  q.args[0] = (str_t){(const char *)k.secret.b, sizeof k.secret.b};
  q.args[1] = k.certificate.body;
  q.args[2] = (str_t){(const char *)k.certificate.signature.b, sizeof k.certificate.signature.b};
  q.args[3] = k.endpoint;
  for (size_t i = 0; i < k.addresses_n; i++)
    q.args[q.args_n++] = k.addresses[i];
  if (err != ERR_OK)
    fail_set (&fail, err, "%s", err_words (err));
  const int code = err == ERR_OK ? change_ask (a, args_operand (a, 0), &q) : args_fail (a, &fail);
  crypto_wipe (&k.secret, sizeof k.secret);
  return code;
}

int
cmd_rotate_key (const args_t *a)
{
  reading_t r;
  rotation_t k = {.given = false};
  const bool end = args_flag (a, "finish"), start = args_operand (a, 1) != NULL;
  if (end && start)
    return args_usage (a, L ("--finish không đi cùng ENDPOINT", "--finish goes with no ENDPOINT"));
  int code = reading_open (a, &r);
  if (code != 0)
    return code;
  arena_t *arena = arena_new (TEXT_BUDGET);
  err_t err = arena != NULL ? rotation_pending (r.txn, arena, &k) : ERR_NOMEM;
  crypto_wipe (&k.secret, sizeof k.secret);
  code = err != ERR_OK ? answer_err (a, err)
         : end         ? finish (a, &r, &k)
         : start       ? begin (a, &r, arena)
                       : list (a, &r, &k);
  arena_destroy (&arena);
  reading_close (&r);
  return code;
}
