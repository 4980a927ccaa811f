#include "tests/support/load.h"

#include "common/wire/message_wire.h"
#include "tests/support/process.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define IN_FLIGHT 6u /* chunks of a backlog; below an agent's credit */
#define REST_IN_FLIGHT 64u
#define SILENCE_S 120
#define POLLED_MAX 256u

void
load_make (load_t *l, peer_t *p, uint64_t number, size_t updates, size_t per_chunk)
{
  if (!peer_hello (p, SILENCE_S * 1000))
    process_fail ("a synthetic office is not let in");
  uint64_t first = peer_last_seq (p) + 1;
  *l = (load_t){.peer = p, .n = (updates + per_chunk - 1) / per_chunk, .updates = updates};
  for (size_t i = 0; i < updates; i++) {
    update_t u;
    peer_scheme (p, number + i, &u);
    l->bytes += peer_add (p, &u).n;
  }
  l->frames = calloc (l->n, sizeof *l->frames);
  l->last = calloc (l->n, sizeof *l->last);
  CHECK (l->frames != NULL && l->last != NULL);
  for (size_t i = 0; i < l->n; i++) {
    const size_t n = updates < per_chunk ? updates : per_chunk;
    message_t m;
    peer_chunk (p, first, n, &m);
    CHECK (message_encode (&m, &l->frames[i]));
    first += n;
    updates -= n;
    l->last[i] = first - 1;
  }
}

void
load_free (load_t *l)
{
  for (size_t i = 0; i < l->n; i++)
    buf_free (&l->frames[i]);
  free (l->frames);
  free (l->last);
  *l = (load_t){0};
}

void
load_send (load_t *l, size_t in_flight)
{
  while (l->sent < l->n && l->sent - l->acked < in_flight)
    peer_send_raw (l->peer, buf_str (&l->frames[l->sent++]));
}

size_t
load_take (load_t *l)
{
  const size_t before = l->acked;
  const message_t *m;
  while (l->acked < l->n && (m = peer_receive (l->peer, 0)) != NULL) {
    if (m->type == MSG_BYE)
      process_fail ("the centre ended a session");
    while (l->acked < l->n && l->last[l->acked] <= peer_cursor (l->peer))
      l->acked++;
  }
  return l->acked - before;
}

/* ---- live offices beside backlogs ---- */

typedef struct {
  double at; /* when its update was sent */
  size_t acks;
} under_way_t;

static void
note (lived_t *out, const under_way_t *w)
{
  out->latency_ms = realloc (out->latency_ms, (out->n + 1) * sizeof *out->latency_ms);
  CHECK (out->latency_ms != NULL);
  out->latency_ms[out->n++] = (process_seconds () - w->at) * 1000;
}

static void
wait_any (const load_t *live, size_t live_n, const load_t *backlogs, size_t backlogs_n)
{
  zmq_pollitem_t items[POLLED_MAX];
  size_t n = 0;
  CHECK (live_n + backlogs_n <= POLLED_MAX);
  for (size_t i = 0; i < live_n; i++)
    items[n++] = (zmq_pollitem_t){peer_socket (live[i].peer), 0, ZMQ_POLLIN, 0};
  for (size_t i = 0; i < backlogs_n; i++)
    items[n++] = (zmq_pollitem_t){peer_socket (backlogs[i].peer), 0, ZMQ_POLLIN, 0};
  if (zmq_poll (items, (int)n, SILENCE_S * 1000L) <= 0)
    process_fail ("what was sent is not acknowledged");
}

/* Backlogs first: what they got before a live office got its own is told against us. */
static void
take_backlogs (load_t *backlogs, size_t n, size_t *open)
{
  for (size_t i = 0; i < n; i++) {
    load_t *l = &backlogs[i];
    if (l->acked == l->n)
      continue;
    load_take (l);
    *open -= l->acked == l->n;
    load_send (l, IN_FLIGHT);
  }
}

static void
spend (load_t *l)
{
  while (l->acked < l->n) {
    load_send (l, REST_IN_FLIGHT);
    wait_any (l, 1, NULL, 0);
    load_take (l);
  }
}

void
load_live (load_t *live, size_t live_n, load_t *backlogs, size_t backlogs_n, double seconds, lived_t *out)
{
  under_way_t *w = calloc (live_n + 1, sizeof *w);
  size_t open = backlogs_n;
  CHECK (w != NULL);
  *out = (lived_t){0};
  const double begun = process_seconds ();
  for (size_t i = 0; i < backlogs_n; i++) {
    out->backlog += backlogs[i].updates;
    load_send (&backlogs[i], IN_FLIGHT);
  }
  for (size_t i = 0; i < live_n; i++) {
    w[i].at = process_seconds ();
    load_send (&live[i], 1);
  }
  while (backlogs_n > 0 ? open > 0 : process_seconds () - begun < seconds) {
    wait_any (live, live_n, backlogs, backlogs_n);
    take_backlogs (backlogs, backlogs_n, &open);
    for (size_t i = 0; i < live_n; i++) {
      if (load_take (&live[i]) == 0)
        continue;
      note (out, &w[i]);
      w[i] = (under_way_t){process_seconds (), w[i].acks + 1};
      load_send (&live[i], 1);
    }
  }
  out->seconds = process_seconds () - begun;
  for (size_t i = 0; i < live_n; i++)
    out->live_n = i == 0 || w[i].acks < out->live_n ? w[i].acks : out->live_n;
  for (size_t i = 0; i < live_n; i++)
    spend (&live[i]);
  free (w);
}

void
lived_free (lived_t *l)
{
  free (l->latency_ms);
  *l = (lived_t){0};
}
