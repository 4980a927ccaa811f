/* writer.c - group commit.
 *
 * The writer takes what lies in its mailbox, never waiting for more: when one update comes alone it is
 * committed alone, and while a commit runs the next batch gathers by itself. Nothing is answered before its
 * commit.
 *
 * When the disk is full or failing the batch is kept and tried again, from the beginning: what an unknown
 * commit has written after all is recognised by the cursor and counted as repeated. Meanwhile readers are
 * told to wait, and credit, which comes back only with a commit, stops the agents by itself. */
#include "collector/gate/writer.h"

#include "collector/ledger/flags.h"
#include "common/platform/platform.h"

#include <stdlib.h>

#define BATCH_JOBS_MAX 1024u
#define RETRY_FIRST_MS 250
#define RETRY_LAST_MS 4000

struct writer {
  actor_t *actor;
  mailbox_t *box;
  ledger_t *ledger;
  gate_change_fn *change;
  job_t *first, *last; /* taken from the mailbox, not begun */
  job_t *batch[BATCH_JOBS_MAX];
  ingest_t items[BATCH_JOBS_MAX];
  size_t batch_n;
  bool stopping;
};

job_t *
job_new (job_type_t type, uint64_t session)
{
  job_t *j = calloc (1, sizeof *j);
  if (j != NULL) {
    j->type = type;
    j->session = session;
  }
  return j;
}

void
job_destroy (job_t **self_p)
{
  job_t *j = *self_p;
  if (j == NULL)
    return;
  frame_destroy (&j->frame);
  arena_destroy (&j->arena);
  buf_free (&j->request);
  buf_free (&j->reply);
  free (j->decoded);
  free (j->serials);
  free (j->contacts);
  free (j->said);
  free (j);
  *self_p = NULL;
}

/* ---- the queue ---- */

static void
take_mail (writer_t *w, int64_t timeout_ms)
{
  void *mail = NULL;
  mail_t got;
  while ((got = mailbox_get (w->box, timeout_ms, &mail)) == MAIL_GOT) {
    job_t *j = mail;
    w->stopping = w->stopping || j->type == JOB_STOP;
    j->next = NULL;
    if (w->last != NULL)
      w->last->next = j;
    else
      w->first = j;
    w->last = j;
    timeout_ms = 0;
  }
  w->stopping = w->stopping || got == MAIL_STOP;
}

static job_t *
next_job (writer_t *w)
{
  job_t *j = w->first;
  if (j == NULL)
    return NULL;
  w->first = j->next;
  if (w->first == NULL)
    w->last = NULL;
  j->next = NULL;
  return j;
}

static void
say (writer_t *w, job_type_t type, err_t err)
{
  job_t *j = job_new (type, 0);
  if (j == NULL)
    return;
  j->err = err;
  mailbox_send (w->box, j);
}

/* ---- ingest ---- */

static void
gather (writer_t *w)
{
  size_t updates = 0, bytes = 0;
  w->batch_n = 0;
  while (w->first != NULL && w->first->type == JOB_INGEST && w->batch_n < BATCH_JOBS_MAX) {
    size_t n = w->first->ingest.chunk->updates_n;
    if (w->batch_n > 0 && (updates + n > COMMIT_UPDATES_MAX || bytes + w->first->bytes > COMMIT_BYTES_MAX))
      break;
    job_t *j = next_job (w);
    updates += n;
    bytes += j->bytes;
    w->batch[w->batch_n++] = j;
  }
}

static void
note_end (writer_t *w, job_t *j)
{
  kv_txn_t *txn = NULL;
  position_t end;
  if (kv_begin (ledger_kv (w->ledger), false, &txn) == ERR_OK &&
      ledger_end (w->ledger, txn, &end, NULL) == ERR_OK)
    j->end_lsn = end.lsn;
  kv_abort (&txn);
  j->told.all = true;
}

/* again: an attempt before this one may have written all of it after all, and nobody was told of that. */
static void
give_back (writer_t *w, const ingest_report_t *report, bool again)
{
  for (size_t i = 0; i < w->batch_n; i++) {
    job_t *j = w->batch[i];
    j->ingest = w->items[i];
    j->end_lsn = report->last_lsn >= report->first_lsn ? report->last_lsn : 0;
    if (i + 1 == w->batch_n) /* said once a commit, behind all its acknowledgements */
      j->told = report->told;
    if (i + 1 == w->batch_n && again)
      note_end (w, j);
    mailbox_send (w->box, j);
  }
  w->batch_n = 0;
}

static bool
passes (err_t err)
{
  return err == ERR_FULL || err == ERR_IO || err == ERR_NOMEM || err == ERR_BUSY;
}

static void do_job (writer_t *w, job_t *j);

/* What is no update does not wait behind a batch that cannot be written: it is done, or fails, at once. */
static void
do_the_others (writer_t *w)
{
  job_t *kept = NULL, *last = NULL, *j;
  while ((j = next_job (w)) != NULL) {
    if (j->type != JOB_INGEST) {
      do_job (w, j);
      continue;
    }
    if (last != NULL)
      last->next = j;
    else
      kept = j;
    last = j;
  }
  w->first = kept;
  w->last = last;
}

/* False: asked to stop. */
static bool
wait_and_serve (writer_t *w, int64_t wait_ms)
{
  int64_t until = clock_mono ().ms + wait_ms;
  for (int64_t left = wait_ms; left > 0 && !w->stopping; left = until - clock_mono ().ms) {
    take_mail (w, left);
    if (!w->stopping)
      do_the_others (w);
  }
  return !w->stopping;
}

/* Commits the batch, however long that takes; gives it up, unacknowledged, when asked to stop. */
static void
commit_batch (writer_t *w)
{
  int64_t wait_ms = RETRY_FIRST_MS;
  for (;;) {
    ingest_report_t report = {0};
    for (size_t i = 0; i < w->batch_n; i++)
      w->items[i] = w->batch[i]->ingest;
    err_t err = ledger_ingest (w->ledger, w->items, w->batch_n, clock_wall (), &report);
    if (err == ERR_OK) {
      give_back (w, &report, wait_ms > RETRY_FIRST_MS);
      return;
    }
    say (w, passes (err) ? JOB_BUSY : JOB_FATAL, err);
    if (!passes (err) || !wait_and_serve (w, wait_ms))
      break;
    wait_ms = wait_ms * 2 < RETRY_LAST_MS ? wait_ms * 2 : RETRY_LAST_MS;
  }
  for (size_t i = 0; i < w->batch_n; i++)
    job_destroy (&w->batch[i]);
  w->batch_n = 0;
}

/* ---- the other jobs ---- */

static void
do_job (writer_t *w, job_t *j)
{
  size_t told = 0;
  switch (j->type) {
  case JOB_ENROL:
    j->err = (j->message.u.enrol.consent_given ? roster_rekey : roster_enrol) (
        w->ledger, &j->once, &j->message.u.enrol, clock_wall (), j->arena, &j->enrolled);
    note_end (w, j);
    break;
  case JOB_PRESENT:
    j->err = roster_readmit (w->ledger, &j->message.u.present, &j->nonce, clock_wall (), &j->readmitted);
    note_end (w, j);
    break;
  case JOB_STREAM:
    j->err = ledger_stream_begins (w->ledger, j->serial, j->own.store, &j->own.origin, clock_wall ());
    break;
  case JOB_START:
    j->err = ledger_store_started (w->ledger, j->serial, j->own.store, j->boot, clock_wall ());
    break;
  case JOB_CHANGE:
    j->err = w->change (w->ledger, buf_str (&j->request), clock_wall (), &j->reply, &j->ask);
    note_end (w, j);
    break;
  case JOB_FLAGS:
    j->err = flags_tell (w->ledger, buf_str (&j->request), clock_wall (), &told);
    if (told > 0)
      note_end (w, j);
    break;
  case JOB_CONTACT:
    j->err = roster_contact (w->ledger, j->serials, j->contacts, j->contacts_n);
    break;
  case JOB_STOP:
    break;
  case JOB_INGEST:
  case JOB_BUSY:
  case JOB_FATAL:
    UNREACHABLE ();
  }
  mailbox_send (w->box, j);
}

static void
run (mailbox_t *box, void *arg)
{
  writer_t *w = arg;
  w->box = box;
  while (!w->stopping || w->first != NULL) {
    take_mail (w, w->first == NULL && !w->stopping ? -1 : 0);
    if (w->first == NULL)
      continue;
    if (w->first->type == JOB_INGEST) {
      gather (w);
      commit_batch (w);
    } else
      do_job (w, next_job (w));
  }
}

writer_t *
writer_new (ledger_t *l, gate_change_fn *change)
{
  writer_t *w = calloc (1, sizeof *w);
  if (w == NULL)
    return NULL;
  w->ledger = l;
  w->change = change;
  w->actor = actor_new (run, w);
  if (w->actor == NULL) {
    free (w);
    return NULL;
  }
  return w;
}

void
writer_destroy (writer_t **self_p)
{
  if (*self_p == NULL)
    return;
  actor_destroy (&(*self_p)->actor);
  free (*self_p);
  *self_p = NULL;
}

mailbox_t *
writer_mailbox (writer_t *w)
{
  return actor_mailbox (w->actor);
}
