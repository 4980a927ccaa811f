#include "collector/gate/turns.h"

#include "common/base/check.h"

#include <stdlib.h>

#define CHUNK_COST 1024u /* of any chunk, however small */

struct turns {
  uint32_t *heap;  /* slots that wait; none goes before the one at half its place */
  uint32_t *place; /* of a slot in the heap, counted from 1; 0: it does not wait */
  uint64_t *mark;  /* of a slot: what it has had */
  uint64_t *end;   /* mark it would have after its chunk */
  uint64_t now;    /* highest mark from which one went */
  uint32_t n, slots;
};

turns_t *
turns_new (uint32_t slots)
{
  turns_t *t = calloc (1, sizeof *t);
  if (t == NULL)
    return NULL;
  t->slots = slots;
  t->heap = calloc ((size_t)slots + 1, sizeof *t->heap);
  t->place = calloc (slots, sizeof *t->place);
  t->mark = calloc (slots, sizeof *t->mark);
  t->end = calloc (slots, sizeof *t->end);
  if (t->heap == NULL || t->place == NULL || t->mark == NULL || t->end == NULL)
    turns_destroy (&t);
  return t;
}

void
turns_destroy (turns_t **self_p)
{
  turns_t *t = *self_p;
  if (t == NULL)
    return;
  free (t->heap);
  free (t->place);
  free (t->mark);
  free (t->end);
  free (t);
  *self_p = NULL;
}

static void
put (turns_t *t, uint32_t at, uint32_t slot)
{
  t->heap[at] = slot;
  t->place[slot] = at;
}

static void
rise (turns_t *t, uint32_t at)
{
  const uint32_t slot = t->heap[at];
  for (; at > 1 && t->end[t->heap[at / 2]] > t->end[slot]; at /= 2)
    put (t, at, t->heap[at / 2]);
  put (t, at, slot);
}

static void
sink (turns_t *t, uint32_t at)
{
  const uint32_t slot = t->heap[at];
  for (uint32_t below; (below = at * 2) <= t->n; at = below) {
    if (below < t->n && t->end[t->heap[below + 1]] < t->end[t->heap[below]])
      below++;
    if (t->end[t->heap[below]] >= t->end[slot])
      break;
    put (t, at, t->heap[below]);
  }
  put (t, at, slot);
}

static void
take (turns_t *t, uint32_t slot)
{
  const uint32_t at = t->place[slot], last = t->heap[t->n--];
  t->place[slot] = 0;
  if (last == slot)
    return;
  put (t, at, last);
  rise (t, at);
  sink (t, t->place[last]);
}

void
turns_wait (turns_t *t, uint32_t slot, size_t bytes)
{
  CHECK (slot < t->slots && t->place[slot] == 0);
  if (t->mark[slot] < t->now)
    t->mark[slot] = t->now;
  t->end[slot] = t->mark[slot] + bytes + CHUNK_COST;
  put (t, ++t->n, slot);
  rise (t, t->n);
}

bool
turns_next (turns_t *t, uint32_t *slot)
{
  if (t->n == 0)
    return false;
  *slot = t->heap[1];
  if (t->mark[*slot] > t->now)
    t->now = t->mark[*slot];
  t->mark[*slot] = t->end[*slot];
  take (t, *slot);
  return true;
}

bool
turns_any (const turns_t *t)
{
  return t->n > 0;
}

void
turns_leave (turns_t *t, uint32_t slot)
{
  CHECK (slot < t->slots);
  if (t->place[slot] != 0)
    take (t, slot);
  t->mark[slot] = 0;
}
