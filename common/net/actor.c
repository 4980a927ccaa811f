/* actor.c - threads with a pipe, over czmq's actors.
 *
 * czmq greets a new thread and takes leave of an ending one with a message it waits for, but a signal in
 * that wait ends it early and unsaid: the greeting then stays in the pipe and is read as the first mail, or
 * the pipe is gone while the thread still runs. So no signal reaches this thread meanwhile; the new thread
 * never takes one, which leaves them all to the main thread. */
#include "common/net/actor.h"

#include "common/net/internal.h"
#include "common/platform/platform.h"

#include <stdlib.h>

struct mailbox {
  void *socket;
};

struct actor {
  zactor_t *thread;
  mailbox_t box;
  actor_fn *fn;
  void *arg;
};

static void
run (zsock_t *pipe, void *arg)
{
  actor_t *a = arg;
  actor_fn *fn = a->fn;
  void *its = a->arg;
  mailbox_t box = {zsock_resolve (pipe)};
  TAKEN_OVER (a);
  zsock_signal (pipe, 0);
  fn (&box, its);
  HANDED_OVER (a);
}

actor_t *
actor_new (actor_fn *fn, void *arg)
{
  actor_t *a = calloc (1, sizeof *a);
  if (a == NULL)
    return NULL;
  a->fn = fn;
  a->arg = arg;
  HANDED_OVER (a);
  signals_hold ();
  a->thread = zactor_new (run, a);
  signals_release ();
  if (a->thread == NULL) {
    free (a);
    return NULL;
  }
  a->box.socket = zsock_resolve (a->thread);
  return a;
}

void
actor_destroy (actor_t **self_p)
{
  actor_t *a = *self_p;
  if (a == NULL)
    return;
  signals_hold ();
  zactor_destroy (&a->thread);
  signals_release ();
  TAKEN_OVER (a);
  free (a);
  *self_p = NULL;
}

mailbox_t *
actor_mailbox (actor_t *a)
{
  return &a->box;
}

void
mailbox_send (mailbox_t *box, void *mail)
{
  CHECK (mail != NULL);
  HANDED_OVER (mail);
  while (zmq_send (box->socket, &mail, sizeof mail, 0) < 0)
    CHECK (zmq_errno () == EINTR);
}

mail_t
mailbox_get (mailbox_t *box, int64_t timeout_ms, void **mail)
{
  char bytes[16];
  net_item_t item = {.socket = box->socket};
  if (timeout_ms != 0)
    net_wait (&item, 1, timeout_ms);
  int n = zmq_recv (box->socket, bytes, sizeof bytes, ZMQ_DONTWAIT);
  if (n < 0)
    return MAIL_NONE;
  if (n != (int)sizeof *mail)
    return MAIL_STOP; /* czmq's own "$TERM" */
  memcpy (mail, bytes, sizeof *mail);
  TAKEN_OVER (*mail);
  return MAIL_GOT;
}

void *
mailbox_pollable (mailbox_t *box)
{
  return box->socket;
}
