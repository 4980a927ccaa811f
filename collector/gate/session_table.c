/* session_table.c - the sessions there are: found by their connection, or by the handle of a job. */
#include "collector/gate/sessions_private.h"

#include "common/platform/platform.h"

#include <stdlib.h>

#define DOWN_BUDGET (2u << 20)
#define NONE UINT32_MAX

sessions_t *
sessions_new (const sessions_links_t *links, uint64_t end_lsn)
{
  sessions_t *s = calloc (1, sizeof *s);
  if (s == NULL)
    return NULL;
  s->to = *links;
  s->end_lsn = end_lsn;
  s->free_list = NONE;
  s->traced = trace_wanted ();
  for (size_t i = 0; i < BUCKETS; i++)
    s->buckets[i] = NONE;
  s->at = calloc (SESSIONS_MAX, sizeof *s->at);
  s->scratch = arena_new (FRAME_MAX * UNPACK_BUDGET_PER_BYTE + ARENA_EXTRA);
  s->down = arena_new (DOWN_BUDGET);
  s->turns = turns_new (SESSIONS_MAX);
  if (s->at == NULL || s->scratch == NULL || s->down == NULL || s->turns == NULL)
    sessions_destroy (&s);
  return s;
}

void
session_drop_queue (sessions_t *s, session_t *p)
{
  while (p->first != NULL) {
    job_t *j = p->first;
    p->first = j->next;
    job_destroy (&j);
  }
  p->last = NULL;
  turns_leave (s->turns, (uint32_t)(p - s->at));
}

void
sessions_destroy (sessions_t **self_p)
{
  sessions_t *s = *self_p;
  if (s == NULL)
    return;
  for (uint32_t i = 0; i < s->used; i++) {
    session_drop_queue (s, &s->at[i]);
    free (s->at[i].own);
    collector_session_destroy (&s->at[i].machine);
  }
  turns_destroy (&s->turns);
  catalogue_destroy (&s->catalogue);
  arena_destroy (&s->scratch);
  arena_destroy (&s->down);
  buf_free (&s->out);
  free (s->at);
  free (s);
  *self_p = NULL;
}

static uint32_t
bucket_of (const peer_id_t *peer)
{
  return crc32c (0, peer->b, peer->n) % BUCKETS;
}

session_t *
session_find (sessions_t *s, const peer_id_t *peer)
{
  for (uint32_t i = s->buckets[bucket_of (peer)]; i != NONE; i = s->at[i].next)
    if (s->at[i].peer.n == peer->n && memcmp (s->at[i].peer.b, peer->b, peer->n) == 0)
      return &s->at[i];
  return NULL;
}

session_t *
session_of_handle (sessions_t *s, uint64_t handle)
{
  session_t *p = &s->at[handle % SESSIONS_MAX];
  return p->machine != NULL && p->handle == handle ? p : NULL;
}

static void
say_change (void *ctx, const char *from, const char *event, const char *to)
{
  const session_t *p = ctx;
  trace_line ("session %llu, agent %u: %s, %s -> %s", (unsigned long long)p->handle, (unsigned)p->serial,
              from, event, to);
}

session_t *
session_add (sessions_t *s, const peer_id_t *peer)
{
  uint32_t slot = s->free_list;
  if (slot == NONE && s->used == SESSIONS_MAX)
    return NULL;
  collector_session_t *machine = collector_session_new (s->now);
  if (machine == NULL)
    return NULL;
  if (slot == NONE)
    slot = s->used++;
  else
    s->free_list = s->at[slot].next;
  uint32_t *bucket = &s->buckets[bucket_of (peer)];
  s->at[slot] = (session_t){
      .machine = machine, .peer = *peer, .handle = ++s->count * SESSIONS_MAX + slot, .next = *bucket};
  if (s->traced)
    collector_session_watch (machine, say_change, &s->at[slot]);
  *bucket = slot;
  s->live++;
  return &s->at[slot];
}

void
session_forget (sessions_t *s, session_t *p)
{
  uint32_t slot = (uint32_t)(p - s->at), *link = &s->buckets[bucket_of (&p->peer)];
  while (*link != slot)
    link = &s->at[*link].next;
  *link = p->next;
  session_drop_queue (s, p);
  free (p->own);
  collector_session_destroy (&p->machine);
  *p = (session_t){.next = s->free_list};
  s->free_list = slot;
  s->live--;
}

void
session_forget_if_over (sessions_t *s, session_t *p)
{
  if (p->ended && !p->dirty)
    session_forget (s, p);
}
