/* zap.c - the ZAP handler (ZeroMQ RFC 27) as an actor with a table of its own.
 *
 * Revocation is not its job alone: the library asks at the handshake only, so the gate looks at each
 * message's user again. What it refuses here never gets to send a message at all. */
#include "common/net/zap.h"

#include "common/net/actor.h"
#include "common/net/internal.h"

#include <stdlib.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define REQUEST_FRAMES 7u

typedef struct {
  size_t n;
  zap_entry_t at[];
} table_t;

struct zap {
  actor_t *actor;
};

static int
by_key (const void *a, const void *b)
{
  return memcmp (((const zap_entry_t *)a)->key.b, ((const zap_entry_t *)b)->key.b, 32);
}

static const char *
admit (const table_t *table, zmsg_t *request)
{
  zap_entry_t wanted = {.user = ""};
  zframe_t *frames[REQUEST_FRAMES];
  if (table == NULL || zmsg_size (request) != REQUEST_FRAMES)
    return NULL;
  frames[0] = zmsg_first (request);
  for (size_t i = 1; i < REQUEST_FRAMES; i++)
    frames[i] = zmsg_next (request);
  if (!zframe_streq (frames[0], "1.0") || !zframe_streq (frames[2], ZAP_DOMAIN_NAME) ||
      !zframe_streq (frames[5], "CURVE") || zframe_size (frames[6]) != sizeof wanted.key.b)
    return NULL;
  memcpy (wanted.key.b, zframe_data (frames[6]), sizeof wanted.key.b);
  const zap_entry_t *e = bsearch (&wanted, table->at, table->n, sizeof wanted, by_key);
  return e != NULL ? e->user : NULL;
}

static void
answer (zsock_t *socket, const table_t *table)
{
  zmsg_t *request = zmsg_recv (socket);
  if (request == NULL)
    return;
  const char *user = admit (table, request);
  zframe_t *version = zmsg_pop (request), *id = zmsg_pop (request);
  zmsg_t *reply = zmsg_new ();
  zmsg_addstr (reply, "1.0");
  if (id != NULL)
    zmsg_append (reply, &id);
  else
    zmsg_addstr (reply, "");
  zmsg_addstr (reply, user != NULL ? "200" : "400");
  zmsg_addstr (reply, user != NULL ? "OK" : "unknown key");
  zmsg_addstr (reply, user != NULL ? user : "");
  zmsg_addstr (reply, "");
  zmsg_send (&reply, socket);
  zframe_destroy (&version);
  zmsg_destroy (&request);
}

static void
handler (mailbox_t *box, void *arg)
{
  bool *ok = arg;
  table_t *table = NULL;
  void *mail = NULL;
  zsock_t *socket = zsock_new (ZMQ_REP);
  CHECK (socket != NULL);
  *ok = zsock_bind (socket, ZAP_ENDPOINT) == 0;
  mailbox_send (box, ok);
  for (bool running = *ok; running;) {
    net_item_t items[] = {{.socket = mailbox_pollable (box)}, {.socket = zsock_resolve (socket)}};
    net_wait (items, 2, -1);
    mail_t got = items[0].readable ? mailbox_get (box, 0, &mail) : MAIL_NONE;
    if (got == MAIL_GOT) {
      free (table);
      table = mail;
      mailbox_send (box, ok); /* in force from here on */
    }
    running = got != MAIL_STOP;
    if (running && items[1].readable)
      answer (socket, table);
  }
  free (table);
  if (*ok)
    zsock_unbind (socket, ZAP_ENDPOINT); /* closing alone gives the name back at some later time */
  zsock_destroy (&socket);
}

zap_t *
zap_new (void)
{
  static bool bound; /* written by the handler before its first mail, read after it */
  void *mail = NULL;
  zap_t *z = calloc (1, sizeof *z);
  if (z == NULL)
    return NULL;
  z->actor = actor_new (handler, &bound);
  if (z->actor != NULL && mailbox_get (actor_mailbox (z->actor), -1, &mail) == MAIL_GOT && bound)
    return z;
  zap_destroy (&z);
  return NULL;
}

void
zap_destroy (zap_t **self_p)
{
  if (*self_p == NULL)
    return;
  actor_destroy (&(*self_p)->actor);
  free (*self_p);
  *self_p = NULL;
}

bool
zap_set (zap_t *z, const zap_entry_t *entries, size_t n)
{
  void *mail = NULL;
  table_t *t = malloc (sizeof *t + n * sizeof *entries);
  if (t == NULL)
    return false;
  t->n = n;
  if (n > 0)
    memcpy (t->at, entries, n * sizeof *entries);
  qsort (t->at, n, sizeof *entries, by_key);
  mailbox_send (actor_mailbox (z->actor), t);
  while (mailbox_get (actor_mailbox (z->actor), -1, &mail) == MAIL_NONE)
    ; /* interrupted by a signal */
  return true;
}
