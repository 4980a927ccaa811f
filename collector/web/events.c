#include "collector/web/events.h"

#include <stdlib.h>

#define BEAT ": \n\n"

/* Text that several listeners are being given; it outlives its place here until the last has had it. */
typedef struct shared {
  unsigned users; /* listeners in the middle of it */
  buf_t text;
  struct shared *next; /* among those that have no place any more */
} shared_t;

typedef struct {
  position_t at;
  shared_t *text;
} event_t;

struct events {
  event_t ring[EVENTS_MAX];
  uint64_t first, next; /* numbers of the oldest kept, and of the one to come */
  position_t base, end; /* before the oldest kept; of the newest */
  size_t bytes;
  shared_t *snapshot, *left;
  position_t snapshot_at;
  unsigned listeners;
};

struct listening {
  events_t *events;
  uint64_t next;
  shared_t *text; /* being given */
  size_t given;
  bool start_over, beat;
};

/* ---- texts ---- */

void
event_put (buf_t *out, const char *event, str_t id, str_t data)
{
  buf_printf (out, "event: %s\n", event);
  if (id.n > 0)
    buf_printf (out, "id: %.*s\n", STR_ARG (id));
  buf_puts (out, "data: ");
  for (size_t i = 0; i < data.n; i++) {
    if (data.p[i] == '\n')
      buf_puts (out, "\ndata: ");
    else if (data.p[i] != '\r')
      buf_putc (out, data.p[i]);
  }
  buf_puts (out, "\n\n");
}

static shared_t *
shared_new (const char *event, position_t at, str_t data)
{
  char id[POSITION_TEXT_MAX];
  shared_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return NULL;
  position_format (at, id);
  event_put (&s->text, event, str_of (id), data);
  if (buf_ok (&s->text))
    return s;
  buf_free (&s->text);
  free (s);
  return NULL;
}

/* Those nobody reads any more go. */
static void
sweep (events_t *self)
{
  for (shared_t **at = &self->left; *at != NULL;) {
    shared_t *s = *at;
    if (s->users > 0) {
      at = &s->next;
      continue;
    }
    *at = s->next;
    buf_free (&s->text);
    free (s);
  }
}

static void
leave (events_t *self, shared_t **s_p)
{
  shared_t *s = *s_p;
  *s_p = NULL;
  if (s == NULL)
    return;
  s->next = self->left;
  self->left = s;
  sweep (self);
}

static bool
same (position_t a, position_t b)
{
  return a.epoch == b.epoch && a.lsn == b.lsn;
}

/* ---- the ring ---- */

events_t *
events_new (position_t base)
{
  events_t *self = calloc (1, sizeof *self);
  if (self != NULL)
    self->base = self->end = base;
  return self;
}

static void
drop_oldest (events_t *self)
{
  event_t *e = &self->ring[self->first % EVENTS_MAX];
  self->base = e->at;
  self->bytes -= e->text->text.n;
  leave (self, &e->text);
  self->first++;
}

void
events_destroy (events_t **self_p)
{
  events_t *self = *self_p;
  if (self == NULL)
    return;
  CHECK (self->listeners == 0);
  while (self->first < self->next)
    drop_oldest (self);
  leave (self, &self->snapshot);
  sweep (self);
  free (self);
  *self_p = NULL;
}

err_t
events_push (events_t *self, position_t at, str_t data)
{
  shared_t *text = shared_new ("change", at, data);
  if (text == NULL)
    return ERR_NOMEM;
  while (self->first < self->next &&
         (self->next - self->first == EVENTS_MAX || self->bytes + text->text.n > EVENTS_BYTES_MAX))
    drop_oldest (self);
  self->ring[self->next++ % EVENTS_MAX] = (event_t){at, text};
  self->bytes += text->text.n;
  self->end = at;
  return ERR_OK;
}

err_t
events_snapshot (events_t *self, position_t at, str_t data)
{
  shared_t *text = shared_new ("snapshot", at, data);
  if (text == NULL)
    return ERR_NOMEM;
  CHECK (same (at, self->end));
  leave (self, &self->snapshot);
  self->snapshot = text;
  self->snapshot_at = at;
  return ERR_OK;
}

/* Is the latest snapshot that of the latest position? */
static bool
snapshot_is_fresh (const events_t *self)
{
  return self->snapshot != NULL && same (self->snapshot_at, self->end);
}

position_t
events_end (const events_t *self)
{
  return self->end;
}

/* ---- listeners ---- */

/* The number of the first event behind a position; false: the ring does not reach back so far. */
static bool
resume (const events_t *e, str_t last_id, uint64_t *next)
{
  char text[POSITION_TEXT_MAX];
  position_t at = {.epoch = e->end.epoch};
  size_t i = last_id.n;
  while (i > 0 && last_id.p[i - 1] >= '0' && last_id.p[i - 1] <= '9')
    i--;
  for (; i < last_id.n && at.lsn < UINT64_MAX / 100; i++)
    at.lsn = at.lsn * 10 + (uint64_t)(last_id.p[i] - '0');
  position_format (at, text);
  if (!str_is (last_id, text) || e->base.epoch != at.epoch || at.lsn < e->base.lsn || at.lsn > e->end.lsn)
    return false;
  *next = e->first;
  while (*next < e->next && e->ring[*next % EVENTS_MAX].at.lsn <= at.lsn)
    ++*next;
  return true;
}

listening_t *
listening_new (events_t *e, str_t last_id)
{
  listening_t *l = calloc (1, sizeof *l);
  if (l == NULL)
    return NULL;
  l->events = e;
  l->start_over = last_id.n == 0 || !resume (e, last_id, &l->next);
  l->beat = !l->start_over && l->next == e->next; /* something goes out at once */
  e->listeners++;
  return l;
}

void
listening_destroy (listening_t **self_p)
{
  listening_t *l = *self_p;
  if (l == NULL)
    return;
  l->events->listeners--;
  if (l->text != NULL)
    l->text->users--;
  free (l);
  *self_p = NULL;
}

bool
listening_wants_snapshot (const listening_t *l)
{
  return l->text == NULL && (l->start_over || l->next < l->events->first) && !snapshot_is_fresh (l->events);
}

bool
listening_has_more (const listening_t *l)
{
  return l->beat || l->text != NULL || l->start_over || l->next < l->events->next;
}

void
listening_beat (listening_t *l)
{
  l->beat = true;
}

/* What comes next for them becomes l->text; nothing when there is nothing, or a snapshot has to be made. */
static void
take_next (listening_t *l)
{
  events_t *e = l->events;
  if (l->start_over || l->next < e->first) {
    if (!snapshot_is_fresh (e))
      return;
    l->text = e->snapshot;
    l->next = e->next;
    l->start_over = false;
  } else if (l->next < e->next) {
    l->text = e->ring[l->next++ % EVENTS_MAX].text;
  } else {
    return;
  }
  l->text->users++;
  l->given = 0;
}

size_t
listening_read (listening_t *l, char *to, size_t max)
{
  size_t n = 0;
  if (l->text == NULL && l->beat && max >= sizeof BEAT - 1) {
    memcpy (to, BEAT, sizeof BEAT - 1);
    n = sizeof BEAT - 1;
    l->beat = false;
  }
  while (n < max) {
    if (l->text == NULL)
      take_next (l);
    if (l->text == NULL)
      break;
    size_t left = l->text->text.n - l->given, some = left < max - n ? left : max - n;
    memcpy (to + n, l->text->text.p + l->given, some);
    n += some;
    l->given += some;
    if (l->given == l->text->text.n) {
      l->text->users--;
      l->text = NULL;
    }
  }
  return n;
}
