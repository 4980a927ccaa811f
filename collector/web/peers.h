/* peers.h - who is connected, and who has to go.
 *
 * A connection is half open until its request has come whole, and again from the end of an answer to the
 * next whole request. Nobody may stay so for long; and when there are too many connections the ones longest
 * half open go, not those of some address: behind a proxy everybody has the same one. Pure: the sockets are
 * numbers here, the time is passed in. */
#ifndef KC_COLLECTOR_WEB_PEERS_H
#define KC_COLLECTOR_WEB_PEERS_H

#include "common/base/ids.h"

#define PEERS_MAX 1024u
#define PEER_PATIENCE_MS 15000 /* for a whole request to come */

typedef struct {
  int fd; /* -1: free */
  bool half_open, cut;
  mono_t since; /* half open */
} peer_t;

typedef struct {
  peer_t at[PEERS_MAX];
  size_t n, busy_max; /* connected; from which on the oldest half-open one goes for each that comes */
} peers_t;

void peers_init (peers_t *self, size_t busy_max);
/* A new connection; NULL: no place (then it is refused). *goes: one to shut down for it, or -1. */
peer_t *peers_add (peers_t *self, int fd, mono_t now, int *goes);
void peers_remove (peers_t *self, peer_t *peer);
void peer_busy (peer_t *peer); /* its request is here whole */
void peer_idle (peer_t *peer, mono_t now);
/* The next one that has been half open for too long; it is named once. -1: there is none. */
int peers_overdue (peers_t *self, mono_t now);

#endif
