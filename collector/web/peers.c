#include "collector/web/peers.h"

void
peers_init (peers_t *self, size_t busy_max)
{
  CHECK (busy_max > 0 && busy_max < PEERS_MAX);
  *self = (peers_t){.busy_max = busy_max};
  for (size_t i = 0; i < PEERS_MAX; i++)
    self->at[i].fd = -1;
}

static peer_t *
oldest_half_open (peers_t *self)
{
  peer_t *oldest = NULL;
  for (size_t i = 0; i < PEERS_MAX; i++) {
    peer_t *p = &self->at[i];
    if (p->fd >= 0 && p->half_open && !p->cut && (oldest == NULL || p->since.ms < oldest->since.ms))
      oldest = p;
  }
  return oldest;
}

static int
cut (peer_t *p)
{
  if (p == NULL)
    return -1;
  p->cut = true;
  return p->fd;
}

peer_t *
peers_add (peers_t *self, int fd, mono_t now, int *goes)
{
  *goes = self->n >= self->busy_max ? cut (oldest_half_open (self)) : -1;
  for (size_t i = 0; i < PEERS_MAX; i++) {
    if (self->at[i].fd >= 0)
      continue;
    self->at[i] = (peer_t){.fd = fd, .half_open = true, .since = now};
    self->n++;
    return &self->at[i];
  }
  return NULL;
}

void
peers_remove (peers_t *self, peer_t *peer)
{
  CHECK (peer->fd >= 0 && self->n > 0);
  peer->fd = -1;
  self->n--;
}

void
peer_busy (peer_t *peer)
{
  peer->half_open = false;
}

void
peer_idle (peer_t *peer, mono_t now)
{
  peer->half_open = true;
  peer->since = now;
}

int
peers_overdue (peers_t *self, mono_t now)
{
  peer_t *p = oldest_half_open (self);
  return p != NULL && now.ms - p->since.ms > PEER_PATIENCE_MS ? cut (p) : -1;
}
