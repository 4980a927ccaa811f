/* Synthetic offices against a real collector over CURVE loopback. Frames are made before the clock
 * starts, so that the load costs as little as it can on the shared cores. */
#include "common/base/bounds.h"
#include "common/platform/platform.h"
#include "common/wire/message_wire.h"
#include "tests/bench/bench.h"
#include "tests/support/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define CHUNK_UPDATES 700u
#define IN_FLIGHT 4u
#define WAIT_MS 60000
#define BACKLOG_PATIENCE_S 600

static peer_t *peers[OFFICES];
static uint64_t made[OFFICES];

void
drive_join (const char *collector, const char *dir, const char *const *unit_codes)
{
  for (size_t i = 0; i < OFFICES; i++) {
    const char *argv[] = {collector, "invite", dir, "--office", unit_codes[i], NULL};
    buf_t invite = BUF_INIT;
    if (process_run (argv, &invite) != 0)
      process_fail ("invite");
    peers[i] = peer_new (buf_str (&invite));
    buf_free (&invite);
    if (peers[i] == NULL || !peer_enrol (peers[i]) || !peer_hello (peers[i], 10000))
      process_fail ("a synthetic office could not join");
  }
}

void
drive_leave (void)
{
  for (size_t i = 0; i < OFFICES; i++)
    peer_destroy (&peers[i]);
}

static void
add_updates (size_t office, size_t n, size_t *bytes)
{
  for (size_t k = 0; k < n; k++) {
    update_t u;
    peer_scheme (peers[office], ++made[office], &u);
    *bytes += peer_add (peers[office], &u).n;
  }
}

typedef struct {
  buf_t *frames;  /* encoded chunks */
  uint64_t *last; /* sequence each ends with */
  size_t n, sent, acked;
} load_t;

static void
make_load (size_t office, size_t updates, size_t per_chunk, load_t *load)
{
  uint64_t first = peer_last_seq (peers[office]) - updates + 1;
  load->n = (updates + per_chunk - 1) / per_chunk;
  load->frames = calloc (load->n, sizeof *load->frames);
  load->last = calloc (load->n, sizeof *load->last);
  CHECK (load->frames != NULL && load->last != NULL);
  for (size_t i = 0; i < load->n; i++) {
    size_t n = updates < per_chunk ? updates : per_chunk;
    message_t m;
    peer_chunk (peers[office], first, n, &m);
    CHECK (message_encode (&m, &load->frames[i]));
    first += n;
    updates -= n;
    load->last[i] = first - 1;
  }
}

static void
free_load (load_t *load)
{
  for (size_t i = 0; i < load->n; i++)
    buf_free (&load->frames[i]);
  free (load->frames);
  free (load->last);
}

static void
send_next (size_t office, load_t *load)
{
  peer_send_raw (peers[office], buf_str (&load->frames[load->sent++]));
}

/* Sleeps until something came for any office: the load must not steal the collector's core. */
static void
wait_all (double until)
{
  zmq_pollitem_t items[OFFICES];
  for (size_t i = 0; i < OFFICES; i++)
    items[i] = (zmq_pollitem_t){peer_socket (peers[i]), 0, ZMQ_POLLIN, 0};
  zmq_poll (items, OFFICES, 1000);
  if (process_seconds () > until)
    process_fail ("what was sent is not acknowledged");
}

void
drive_backlog (size_t updates_each, drive_t *out)
{
  load_t load[OFFICES] = {{0}};
  size_t bytes = 0, open = OFFICES;
  for (size_t i = 0; i < OFFICES; i++) {
    add_updates (i, updates_each, &bytes);
    make_load (i, updates_each, CHUNK_UPDATES, &load[i]);
  }
  double begun = process_seconds ();
  for (size_t i = 0; i < OFFICES; i++)
    for (size_t k = 0; k < IN_FLIGHT && k < load[i].n; k++)
      send_next (i, &load[i]);
  while (open > 0) {
    wait_all (begun + BACKLOG_PATIENCE_S);
    for (size_t i = 0; i < OFFICES; i++) {
      load_t *l = &load[i];
      while (l->acked < l->n && peer_receive (peers[i], 0) != NULL) {
        while (l->acked < l->n && l->last[l->acked] <= peer_cursor (peers[i])) {
          l->acked++;
          if (l->sent < l->n)
            send_next (i, l);
        }
        open -= l->acked == l->n;
      }
    }
  }
  double took = process_seconds () - begun;
  for (size_t i = 0; i < OFFICES; i++)
    free_load (&load[i]);
  memset (out, 0, sizeof *out);
  out->updates = updates_each * OFFICES;
  out->update_bytes = bytes / out->updates;
  out->updates_per_s = (double)out->updates / took;
}

static int
by_size (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void
drive_single (double seconds, drive_t *out)
{
  enum { EACH = 6000 };
  load_t load[OFFICES] = {{0}};
  double sent_at[OFFICES], *latency = calloc ((size_t)EACH * OFFICES, sizeof *latency);
  CHECK (latency != NULL);
  size_t bytes = 0, acks = 0;
  for (size_t i = 0; i < OFFICES; i++) {
    add_updates (i, EACH, &bytes);
    make_load (i, EACH, 1, &load[i]);
  }
  double begun = process_seconds ();
  for (size_t i = 0; i < OFFICES; i++) {
    sent_at[i] = process_seconds ();
    send_next (i, &load[i]);
  }
  for (size_t open = OFFICES; open > 0;) {
    wait_all (begun + seconds + WAIT_MS / 1000);
    for (size_t i = 0; i < OFFICES; i++) {
      load_t *l = &load[i];
      while (l->acked < l->sent && peer_receive (peers[i], 0) != NULL) {
        if (peer_cursor (peers[i]) < l->last[l->acked])
          continue;
        double now = process_seconds ();
        latency[acks++] = (now - sent_at[i]) * 1000;
        l->acked++;
        if (l->sent < l->n && now - begun < seconds) {
          sent_at[i] = now;
          send_next (i, l);
        } else
          open--;
      }
    }
  }
  double took = process_seconds () - begun;
  /* what was made but not sent goes out too, in larger chunks, so that the next run's sequence fits */
  for (size_t i = 0; i < OFFICES; i++) {
    for (uint64_t next = peer_cursor (peers[i]) + 1; next <= peer_last_seq (peers[i]);) {
      size_t n = peer_last_seq (peers[i]) - next + 1 < CHUNK_UPDATES
                     ? (size_t)(peer_last_seq (peers[i]) - next + 1)
                     : CHUNK_UPDATES;
      message_t m;
      peer_chunk (peers[i], next, n, &m);
      peer_send (peers[i], &m);
      next += n;
      if (!peer_wait_ack (peers[i], next - 1, WAIT_MS))
        process_fail ("the rest is not acknowledged");
    }
    free_load (&load[i]);
  }
  qsort (latency, acks, sizeof *latency, by_size);
  memset (out, 0, sizeof *out);
  out->updates = acks;
  out->update_bytes = bytes / ((size_t)EACH * OFFICES);
  out->updates_per_s = (double)acks / took;
  out->ack_p50_ms = latency[acks / 2];
  out->ack_p99_ms = latency[acks * 99 / 100];
  free (latency);
}
