/* Any bytes as a row of the centre's store, as if a check sum had let them through: refused, or taken with
 * every text inside them; agents and contacts encode to the same again. The first byte says which row. */
#include "collector/ledger/conflicts.h"
#include "collector/ledger/roster_rows.h"
#include "collector/ledger/state.h"
#include "common/store/period_rows.h"
#include "tests/fuzz/target.h"

#define KEY_SIZE 24u

static void
inside (str_t part, str_t whole)
{
  CHECK (part.n == 0 || (part.p >= whole.p && part.n <= (size_t)(whole.p + whole.n - part.p)));
}

static void
take_log_entry (str_t body)
{
  log_entry_t e;
  if (!log_entry_decode (body, &e))
    return;
  inside (e.reason, body);
  for (size_t i = 0; i < REASON_ARGS; i++)
    inside (e.arguments[i], body);
  inside (e.resulting, body);
  inside (e.bytes, body);
  inside (log_entry_sealed (body), body);
}

static void
take_agent (str_t body)
{
  agent_full_t a;
  buf_t again = BUF_INIT;
  if (!agent_decode (body, &a))
    return;
  inside (a.row.name, body);
  inside (a.row.host, body);
  inside (a.certificate.body, body);
  agent_encode (&a, &again);
  CHECK (str_eq (buf_str (&again), body));
  buf_free (&again);
}

static void
take_contact (str_t body)
{
  contact_t c, same;
  buf_t again = BUF_INIT;
  if (!contact_decode (body, &c))
    return;
  inside (c.version, body);
  inside (c.last_error, body);
  contact_encode (&c, &again);
  CHECK (contact_decode (buf_str (&again), &same) && same.backlog == c.backlog);
  buf_free (&again);
}

static void
take_keyed (uint8_t which, str_t key, str_t body)
{
  run_t run;
  invite_row_t invite;
  conflict_t conflict;
  record_ref_t to;
  uint64_t lsn;
  if (which == 'f' && conflict_decode (DB_CONFLICT, key, body, &conflict))
    CHECK (conflict.decided == 0);
  if (which == 'p' && conflict_decode (DB_CONFLICT_PAST, key, body, &conflict))
    CHECK (body.n == 4 + 24 + 24 + 8);
  if (which == 'o' && alias_decode (body, &to, &lsn))
    CHECK (body.n == 4 + 16 + 8);
  if (which == 'r' && run_decode (key, body, &run))
    CHECK (run.count > 0);
  if (which == 'i' && invite_decode ((str_t){key.p, 16}, body, &invite))
    CHECK (invite.state >= INVITE_OPEN && invite.state < INVITE_EXPIRED && invite.role < ROLE_COUNT);
}

/* A key of its own length: the first byte says how long it is. */
static void
take_period_row (uint8_t which, str_t rest)
{
  answer_t a;
  due_t d;
  const size_t n = rest.n > 0 ? (uint8_t)rest.p[0] : 0;
  if (rest.n <= n)
    return;
  const str_t key = {rest.p + 1, n}, body = {rest.p + 1 + n, rest.n - 1 - n};
  if (which == 'w' && answer_decode (key, body, &a)) {
    CHECK (a.state == ANSWER_RETURNED || a.state == ANSWER_ACCEPTED);
    inside (a.person, body);
    inside (a.comment, body);
  }
  if (which == 'd' && due_decode (key, body, &d)) {
    CHECK (d.period.n > 0 && d.table < TABLE_COUNT);
    inside (d.period, key);
    inside (d.person, body);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  stream_row_t stream;
  if (size == 0)
    return 0;
  const str_t rest = {(const char *)data + 1, size - 1};
  switch (data[0]) {
  case 'l':
    take_log_entry (rest);
    break;
  case 's':
    (void)stream_row_decode (rest, &stream);
    break;
  case 'a':
    take_agent (rest);
    break;
  case 'c':
    take_contact (rest);
    break;
  case 'w':
  case 'd':
    take_period_row (data[0], rest);
    break;
  default:
    if (rest.n >= KEY_SIZE)
      take_keyed (data[0], (str_t){rest.p, KEY_SIZE}, (str_t){rest.p + KEY_SIZE, rest.n - KEY_SIZE});
  }
  return 0;
}
