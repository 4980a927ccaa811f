#include "collector/gate/inspector.h"

#include "collector/ledger/flags.h"
#include "common/base/lang.h"
#include "common/core/period.h"
#include "common/platform/platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define NICE 10
#define LOOK_UP_EVERY 512u /* records between two looks at the mailbox */
#define MANY 2000u         /* records whose memory is worth giving back */

struct inspector {
  actor_t *actor;
  ledger_t *ledger;
  mailbox_t *box;
  book_t *book;
  uint64_t seen; /* records of the present look */
  bool stopping, said_many;
};

/* Asked before each record. */
static bool
goes_on (void *ctx)
{
  inspector_t *i = ctx;
  void *mail = NULL;
  if (++i->seen % LOOK_UP_EVERY == 0 && mailbox_get (i->box, 0, &mail) == MAIL_STOP)
    i->stopping = true;
  return !i->stopping && i->seen <= INSPECTOR_RECORDS_MAX;
}

/* One transaction for each office: none stays open long, and flags of records that changed meanwhile are put
 * right by the next look. */
static err_t
scan (inspector_t *i, const catalogue_t *c, quality_t *q)
{
  const unit_t *u;
  err_t err = ERR_OK;
  for (size_t k = 0; err == ERR_OK && (u = catalogue_unit_at (c, k)) != NULL; k++) {
    kv_txn_t *txn = NULL;
    err = kv_begin (ledger_kv (i->ledger), false, &txn);
    if (err == ERR_OK)
      err = flags_scan (i->book, txn, u->id, q, goes_on, i);
    kv_abort (&txn);
  }
  if (i->seen > INSPECTOR_RECORDS_MAX && !i->said_many) {
    i->said_many = true;
    fprintf (
        stderr,
        L ("quá %u bản ghi: không kiểm số liệu ngầm nữa, hãy dùng kc-collector flags\n",
           "more than %u records: figures are no longer checked in the background, use kc-collector flags\n"),
        (unsigned)INSPECTOR_RECORDS_MAX);
  }
  return err;
}

static err_t
inspect (inspector_t *i, job_t *j)
{
  kv_txn_t *txn = NULL;
  catalogue_t *c = NULL;
  quality_t *q = NULL;
  const finding_t *found = NULL;
  size_t n = 0;
  fail_t fail = {0};
  i->seen = 0;
  err_t err = i->said_many ? ERR_TOO_BIG : kv_begin (ledger_kv (i->ledger), false, &txn);
  if (err == ERR_OK)
    err = ledger_catalogue_load (txn, &c, &fail);
  kv_abort (&txn);
  if (err != ERR_OK)
    goto done;
  q = quality_new (c, SCOPE_PROVINCE);
  err = q != NULL ? scan (i, c, q) : ERR_NOMEM;
  if (err == ERR_OK && (i->stopping || i->seen > INSPECTOR_RECORDS_MAX))
    goto done;
  if (err == ERR_OK)
    err = quality_run (q, &found, &n);
  if (err == ERR_OK)
    err = kv_begin (ledger_kv (i->ledger), false, &txn);
  if (err == ERR_OK)
    err = flags_news (txn, c, day_of (clock_wall ()), found, n, quality_dropped (q) == 0, &j->request,
                      &j->more);
done:
  kv_abort (&txn);
  quality_destroy (&q);
  catalogue_destroy (&c);
  if (i->seen >= MANY)
    process_give_memory_back ();
  return err;
}

static void
run (mailbox_t *box, void *arg)
{
  inspector_t *i = arg;
  void *mail = NULL;
  i->box = box;
  (void)setpriority (PRIO_PROCESS, 0,
                     NICE); /* of this thread alone; without it the look is only less polite */
  while (!i->stopping) {
    mail_t got = mailbox_get (box, -1, &mail);
    i->stopping = got == MAIL_STOP;
    if (got != MAIL_GOT)
      continue;
    job_t *j = mail;
    int64_t begun = clock_mono ().ms;
    j->err = inspect (i, j);
    j->took_ms = clock_mono ().ms - begun;
    mailbox_send (box, j);
  }
}

inspector_t *
inspector_new (ledger_t *l)
{
  inspector_t *i = calloc (1, sizeof *i);
  if (i == NULL)
    return NULL;
  i->ledger = l;
  i->book = book_new (ledger_book_dbs ());
  i->actor = i->book != NULL ? actor_new (run, i) : NULL;
  if (i->actor == NULL)
    inspector_destroy (&i);
  return i;
}

void
inspector_destroy (inspector_t **self_p)
{
  inspector_t *i = *self_p;
  if (i == NULL)
    return;
  actor_destroy (&i->actor);
  book_destroy (&i->book);
  free (i);
  *self_p = NULL;
}

mailbox_t *
inspector_mailbox (inspector_t *i)
{
  return actor_mailbox (i->actor);
}
