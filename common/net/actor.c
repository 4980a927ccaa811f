/* actor.c - threads with a pipe, over czmq's actors.
 *
 * czmq greets a new thread and takes leave of an ending one with a message it waits for, but a signal in
 * that wait ends it early and unsaid: the greeting then stays in the pipe and is read as the first mail, or
 * the pipe is gone while the thread still runs. So no signal reaches this thread meanwhile; the new thread
 * never takes one, which leaves them all to the main thread. */
#include "common/net/actor.h"

#include "common/net/internal.h"

#include <stdlib.h>
#ifndef _WIN32
#include <signal.h>
#endif

struct mailbox {
  void *socket;
};

struct actor {
  zactor_t *thread;
  mailbox_t box;
  actor_fn *fn;
  void *arg;
};

#ifdef _WIN32
typedef int quiet_t; /* no signals */
#else
typedef sigset_t quiet_t;
#endif

static quiet_t
signals_hold (void)
{
#ifdef _WIN32
  return 0;
#else
  quiet_t all, before;
  sigfillset (&all);
  CHECK (pthread_sigmask (SIG_SETMASK, &all, &before) == 0);
  return before;
#endif
}

static void
signals_release (const quiet_t *before)
{
#ifdef _WIN32
  (void)before;
#else
  CHECK (pthread_sigmask (SIG_SETMASK, before, NULL) == 0);
#endif
}

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
  quiet_t before = signals_hold ();
  a->thread = zactor_new (run, a);
  signals_release (&before);
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
  quiet_t before = signals_hold ();
  zactor_destroy (&a->thread);
  signals_release (&before);
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
