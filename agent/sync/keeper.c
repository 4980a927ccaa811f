/* keeper.c - writes of the line, in order, one short transaction each. */
#include "agent/sync/keeper.h"

#include "common/platform/platform.h"

#include <stdlib.h>

struct keeper {
  actor_t *actor;
  outbox_t *outbox;
};

task_t *
task_new (task_type_t type)
{
  task_t *t = calloc (1, sizeof *t);
  if (t != NULL)
    t->type = type;
  return t;
}

void
task_destroy (task_t **self_p)
{
  task_t *t = *self_p;
  if (t == NULL)
    return;
  frame_destroy (&t->frame);
  arena_destroy (&t->arena);
  free (t);
  *self_p = NULL;
}

static void
perform (outbox_t *o, task_t *t)
{
  switch (t->type) {
  case TASK_ACK:
    t->err = outbox_acked (o, t->seq, clock_wall ());
    return;
  case TASK_DOWN:
    t->err = outbox_down (o, &t->message.u.down, clock_wall (), &t->fail);
    return;
  case TASK_ENROL:
    t->err = outbox_join_enrolled (o, &t->message.u.enrolled, &t->fail);
    return;
  case TASK_DROP_KEYS:
    t->err = outbox_rekey_refused (o);
    return;
  case TASK_ADDRESSES:
    t->err = outbox_addresses_said (o, &t->message.u.welcome);
    return;
  case TASK_ANSWERED:
    t->err = outbox_addresses_answered (o, str_of (t->address));
    return;
  case TASK_FORK:
    t->err = outbox_fork (o, t->store, t->seq, t->cause, clock_wall ());
    return;
  case TASK_WANT:
    t->err = outbox_want_sync (o, &t->seq);
    return;
  case TASK_ROUND:
    t->err = outbox_round_done (o, t->seq);
    return;
  case TASK_LINK:
    t->link.last_error = str_of (t->error);
    t->link.address = str_of (t->address);
    t->err = outbox_link_put (o, &t->link);
    return;
  case TASK_STOP:
    return;
  }
}

static void
run (mailbox_t *box, void *arg)
{
  keeper_t *k = arg;
  task_t *held = NULL; /* an acknowledgement: a later one that follows at once makes it needless */
  for (bool stop = false; !stop;) {
    void *mail = NULL;
    mail_t got = mailbox_get (box, held != NULL ? 0 : -1, &mail);
    task_t *t = got == MAIL_GOT ? mail : NULL;
    if (held != NULL) {
      if (t == NULL || t->type != TASK_ACK)
        perform (k->outbox, held);
      mailbox_send (box, held);
      held = NULL;
    }
    if (t != NULL && t->type == TASK_ACK)
      held = t;
    else if (t != NULL) {
      perform (k->outbox, t);
      mailbox_send (box, t);
    }
    stop = got == MAIL_STOP;
  }
}

keeper_t *
keeper_new (outbox_t *o)
{
  keeper_t *k = calloc (1, sizeof *k);
  if (k == NULL)
    return NULL;
  k->outbox = o;
  k->actor = actor_new (run, k);
  if (k->actor == NULL) {
    free (k);
    return NULL;
  }
  return k;
}

void
keeper_destroy (keeper_t **self_p)
{
  if (*self_p == NULL)
    return;
  actor_destroy (&(*self_p)->actor);
  free (*self_p);
  *self_p = NULL;
}

mailbox_t *
keeper_mailbox (keeper_t *k)
{
  return actor_mailbox (k->actor);
}
