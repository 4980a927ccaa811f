/* fibers.c - the threads of all programs on one: each runs until it waits.
 *
 * Actors and waiting have their body here. Mail is there at once, but who waits for it looks a moment later:
 * that moment is chance, and with it the order in which things are done. */
#include "tests/sim/sim.h"

#include "common/net/actor.h"

#include <stdlib.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define LEAVING(fake, bottom, size) __sanitizer_start_switch_fiber (fake, bottom, size)
#define ARRIVED(fake, bottom, size) __sanitizer_finish_switch_fiber (fake, bottom, size)
#else
#define LEAVING(fake, bottom, size) ((void)(bottom), (void)(size))
#define ARRIVED(fake, bottom, size) ((void)(fake))
#endif

#define STACK ((size_t)1 << 20)
#define MAIL_DELAY_MS 3
#define SHADE_TURNS 100000u

struct fiber {
  ucontext_t context;
  char *stack;
  void *fake; /* of the sanitizer */
  machine_t *machine;
  void (*fn) (void *arg);
  void *arg;
  fiber_t *next_ready, *next_all;
  uint64_t sleep; /* counts its waits: a call for an earlier one comes too late */
  bool over, ready;
};

static fiber_t *all, *ready_first, *ready_last, *running;
static ucontext_t scheduler;
static void *scheduler_fake;
static const void *scheduler_stack;
static size_t scheduler_size;

static void
make_ready (fiber_t *f)
{
  if (f->ready || f->over || f == running)
    return;
  f->ready = true;
  f->next_ready = NULL;
  if (ready_last != NULL)
    ready_last->next_ready = f;
  else
    ready_first = f;
  ready_last = f;
}

static void
entry (void)
{
  fiber_t *f = running;
  ARRIVED (NULL, &scheduler_stack, &scheduler_size);
  f->fn (f->arg);
  f->over = true;
  f->machine->fibers--;
  LEAVING (NULL, scheduler_stack, scheduler_size);
  swapcontext (&f->context, &scheduler);
}

/* A stack that is free again is used again. */
fiber_t *
fiber_new (machine_t *m, void (*fn) (void *arg), void *arg)
{
  fiber_t *f = all;
  while (f != NULL && !(f->over && !f->ready))
    f = f->next_all;
  if (f == NULL) {
    f = calloc (1, sizeof *f);
    CHECK (f != NULL);
    f->stack = malloc (STACK);
    CHECK (f->stack != NULL);
    f->next_all = all;
    all = f;
  }
  f->sleep++;
  f->machine = m;
  f->fn = fn;
  f->arg = arg;
  f->over = false;
  f->fake = NULL;
  CHECK (getcontext (&f->context) == 0);
  f->context.uc_stack.ss_sp = f->stack;
  f->context.uc_stack.ss_size = STACK;
  f->context.uc_link = NULL;
  makecontext (&f->context, entry, 0);
  m->fibers++;
  make_ready (f);
  return f;
}

static void
resume (fiber_t *f)
{
  CHECK (running == NULL && !f->over);
  machine_enter (f->machine);
  running = f;
  LEAVING (&scheduler_fake, f->stack, STACK);
  swapcontext (&scheduler, &f->context);
  ARRIVED (scheduler_fake, NULL, NULL);
  running = NULL;
  machine_leave ();
}

static void
yield (void)
{
  fiber_t *f = running;
  CHECK (f != NULL);
  LEAVING (&f->fake, scheduler_stack, scheduler_size);
  swapcontext (&f->context, &scheduler);
  ARRIVED (f->fake, &scheduler_stack, &scheduler_size);
}

static void
time_over (void *ctx, uint64_t sleep)
{
  fiber_t *f = ctx;
  if (!f->over && f->sleep == sleep)
    make_ready (f);
}

void
fiber_wait (int64_t timeout_ms)
{
  fiber_t *f = running;
  CHECK (f != NULL);
  f->sleep++;
  if (f->machine->dead) /* fibers_unwind comes back at once, with time gone by */
    f->machine->shade_ms += timeout_ms < 0 || timeout_ms > SECOND ? SECOND : timeout_ms + 1;
  else if (timeout_ms >= 0)
    sim_after (timeout_ms, time_over, f, f->sleep);
  yield ();
  f->sleep++;
}

void
fiber_wake (fiber_t *f, int64_t delay_ms)
{
  if (f == NULL || f->over)
    return;
  if (delay_ms > 0)
    sim_after (delay_ms, time_over, f, f->sleep);
  else
    make_ready (f);
}

bool
fiber_over (const fiber_t *f)
{
  return f->over;
}

bool
fibers_turn (void)
{
  fiber_t *f = ready_first;
  if (f == NULL)
    return false;
  ready_first = f->next_ready;
  if (ready_first == NULL)
    ready_last = NULL;
  f->ready = false;
  if (f->over)
    return true;
  resume (f);
  machine_settle (f->machine);
  return true;
}

/* Turn by turn, so that one may wait for the other to end. */
void
fibers_unwind (machine_t *m)
{
  for (unsigned turns = 0; m->fibers > 0; turns++) {
    CHECK (turns < SHADE_TURNS);
    for (fiber_t *f = all; f != NULL; f = f->next_all)
      if (!f->over && f->machine == m)
        resume (f);
  }
}

void
fibers_end (void)
{
  while (ready_first != NULL) { /* of lives that are over */
    CHECK (ready_first->over);
    ready_first->ready = false;
    ready_first = ready_first->next_ready;
  }
  ready_last = NULL;
  for (fiber_t *f = all; f != NULL; f = all) {
    CHECK (f->over);
    all = f->next_all;
    free (f->stack);
    free (f);
  }
}

/* ---- waiting for several things ---- */

void
pollable_ready (pollable_t *p)
{
  p->ready = true;
  if (p->waiter != NULL)
    fiber_wake (p->waiter, 0);
}

static bool
any_ready (net_item_t *items, size_t n)
{
  bool any = false;
  for (size_t i = 0; i < n; i++) {
    const pollable_t *p = items[i].socket;
    items[i].readable = p != NULL && p->ready;
    items[i].writable = false;
    any = any || items[i].readable;
  }
  return any;
}

void
net_wait (net_item_t *items, size_t n, int64_t timeout_ms)
{
  if (any_ready (items, n) && !machine_here ()->dead)
    return;
  if (timeout_ms == 0 && !machine_here ()->dead)
    return;
  for (size_t i = 0; i < n; i++)
    if (items[i].socket != NULL)
      ((pollable_t *)items[i].socket)->waiter = running;
  fiber_wait (timeout_ms);
  for (size_t i = 0; i < n; i++)
    if (items[i].socket != NULL)
      ((pollable_t *)items[i].socket)->waiter = NULL;
  any_ready (items, n);
}

void
net_init (void)
{
}

void
net_shutdown (void)
{
}

/* ---- actors ---- */

typedef struct mail {
  struct mail *next;
  void *what;
} letter_t;

struct mailbox {
  pollable_t poll; /* first: it is the pollable */
  mailbox_t *other;
  letter_t *first, *last;
  bool stop;
};

struct actor {
  mailbox_t maker, own;
  fiber_t *fiber;
  actor_fn *fn;
  void *arg;
  bool over;
  pollable_t end;
};

static void
act (void *arg)
{
  actor_t *a = arg;
  a->fn (&a->own, a->arg);
  a->over = true;
  pollable_ready (&a->end);
}

actor_t *
actor_new (actor_fn *fn, void *arg)
{
  actor_t *a = calloc (1, sizeof *a);
  CHECK (a != NULL);
  a->maker.other = &a->own;
  a->own.other = &a->maker;
  a->fn = fn;
  a->arg = arg;
  a->fiber = fiber_new (machine_here (), act, a);
  return a;
}

static void
drop_mail (mailbox_t *box)
{
  while (box->first != NULL) {
    letter_t *l = box->first;
    box->first = l->next;
    free (l);
  }
}

void
actor_destroy (actor_t **self_p)
{
  actor_t *a = *self_p;
  if (a == NULL)
    return;
  a->own.stop = true;
  pollable_ready (&a->own.poll);
  net_item_t end = {.socket = &a->end};
  while (!a->over)
    net_wait (&end, 1, -1);
  drop_mail (&a->maker);
  drop_mail (&a->own);
  free (a);
  *self_p = NULL;
}

mailbox_t *
actor_mailbox (actor_t *a)
{
  return &a->maker;
}

void
mailbox_send (mailbox_t *box, void *mail)
{
  mailbox_t *to = box->other;
  letter_t *l = calloc (1, sizeof *l);
  CHECK (mail != NULL && l != NULL);
  l->what = mail;
  if (to->last != NULL && to->first != NULL)
    to->last->next = l;
  else
    to->first = l;
  to->last = l;
  to->poll.ready = true;
  fiber_wake (to->poll.waiter, chance_between (0, MAIL_DELAY_MS));
}

mail_t
mailbox_get (mailbox_t *box, int64_t timeout_ms, void **mail)
{
  net_item_t item = {.socket = &box->poll};
  if (timeout_ms != 0 && box->first == NULL && !box->stop)
    net_wait (&item, 1, timeout_ms);
  letter_t *l = box->first;
  if (l == NULL && box->stop)
    return MAIL_STOP;
  if (l == NULL)
    return MAIL_NONE;
  box->first = l->next;
  box->poll.ready = box->first != NULL || box->stop;
  *mail = l->what;
  free (l);
  return MAIL_GOT;
}

void *
mailbox_pollable (mailbox_t *box)
{
  return &box->poll;
}
