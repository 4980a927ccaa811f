/* network.c - common/net's sockets over lines of ours.
 *
 * A line is what ZeroMQ over TCP gives: in order, nothing lost or twice while it lives; what a real network
 * loses, repeats or swaps costs time or ends the line. What was under way when a line ended may still arrive,
 * after the new one is up even, and what arrives for nobody is gone. A line that breaks unseen stays half
 * open: one end learns it late. Who a peer is the table of keys says, as ZAP does; the handshake itself is
 * not played.
 *
 * Mangled lines do what TCP never does (frames dropped, repeated, swapped within a line): no program may lose
 * or double anything even then, it need only not get ahead. */
#include "tests/sim/sim.h"

#include "common/crypto/crypto.h"
#include "common/net/dealer.h"
#include "common/net/router.h"
#include "common/wire/message_wire.h"

#include <stdio.h>
#include <stdlib.h>

#define CONNECT_MS 8000   /* until dealing with a silent address is given up */
#define RESEND_MS 200     /* of a lost packet, doubling */
#define GIVEN_UP_MS 60000 /* a line through which nothing goes for so long is dead */
#define DEALER_HIGH 256u
#define ROUTER_HIGH 512u
#define ARENA ((size_t)16 << 20)

typedef enum { UP = 0, DOWN = 1 } way_t;

typedef struct parcel {
  struct parcel *next;
  int64_t due;
  size_t n;
  char bytes[];
} parcel_t;

typedef struct conn {
  struct conn *next;
  machine_t *office;
  dealer_t *dealer; /* NULL: that end is closed */
  router_t *router; /* likewise */
  uint32_t id;
  bool up, known; /* handshake done; the centre has heard of it */
  char user[ZAP_USER_MAX];
  parcel_t *first[2], *last[2];
  size_t waiting[2];
  int64_t after[2], stuck_since[2];
  bool pumping[2];
} conn_t;

struct frame {
  char *bytes;
  size_t n;
};

typedef struct inbox {
  struct inbox *next;
  conn_t *from;
  frame_t *frame;
} inbox_t;

struct dealer {
  pollable_t frames, events;
  conn_t *conn;
  curve_key_t server, own;
  inbox_t *first, *last;
  line_event_t said[4];
  size_t said_n;
};

struct router {
  pollable_t poll;
  machine_t *machine;
  curve_key_t key;
  inbox_t *first, *last;
  bool open;
};

struct zap {
  zap_entry_t *at;
  size_t n;
};

wire_line_t links[MACHINES_MAX];
static conn_t *conns;
static uint32_t conns_n;
static router_t *the_router;
static zap_t *the_zap;

static void pump (void *ctx, uint64_t way);

/* ---- frames and boxes ---- */

static frame_t *
frame_of (const char *bytes, size_t n)
{
  frame_t *f = calloc (1, sizeof *f);
  CHECK (f != NULL);
  f->bytes = malloc (n + 1);
  CHECK (f->bytes != NULL);
  memcpy (f->bytes, bytes, n);
  f->n = n;
  return f;
}

str_t
frame_bytes (frame_t *f)
{
  return (str_t){f->bytes, f->n};
}

void
frame_destroy (frame_t **self_p)
{
  if (*self_p == NULL)
    return;
  free ((*self_p)->bytes);
  free (*self_p);
  *self_p = NULL;
}

static void
box_put (inbox_t **first, inbox_t **last, conn_t *from, frame_t *f)
{
  inbox_t *in = calloc (1, sizeof *in);
  CHECK (in != NULL);
  in->from = from;
  in->frame = f;
  if (*first != NULL)
    (*last)->next = in;
  else
    *first = in;
  *last = in;
}

static frame_t *
box_take (inbox_t **first, conn_t **from)
{
  inbox_t *in = *first;
  if (in == NULL)
    return NULL;
  frame_t *f = in->frame;
  *first = in->next;
  if (from != NULL)
    *from = in->from;
  free (in);
  return f;
}

static void
box_drop (inbox_t **first)
{
  frame_t *f;
  while ((f = box_take (first, NULL)) != NULL)
    frame_destroy (&f);
}

/* ---- lines ---- */

static const char *
kind_of (const char *bytes, size_t n)
{
  static const char *const names[] = {"?",    "ENROL",    "ENROLLED", "HELLO", "WELCOME", "CHUNK", "ACK",
                                      "DOWN", "DOWN_ACK", "PING",     "PONG",  "BUSY",    "BYE"};
  size_t kind = n > 2 ? (uint8_t)bytes[2] : 0;
  return names[kind < sizeof names / sizeof *names ? kind : 0];
}

static wire_line_t *
link_of (const conn_t *c)
{
  return &links[c->office->index];
}

static int64_t
travel_ms (const wire_line_t *l)
{
  int64_t ms = chance_between (l->delay_ms / 2, l->delay_ms * 3 / 2), again = RESEND_MS;
  while (chance_in (l->loss) && again < GIVEN_UP_MS) {
    ms += again;
    again *= 2;
  }
  return ms;
}

static bool
blocked (const conn_t *c, way_t way)
{
  const wire_line_t *l = link_of (c);
  return sim_now () < l->cut_until[way] || sim_now () < l->clogged_until[way];
}

static void
tell (dealer_t *d, line_event_t e)
{
  if (d == NULL || d->said_n == sizeof d->said / sizeof *d->said)
    return;
  d->said[d->said_n++] = e;
  pollable_ready (&d->events);
}

static void
empty (conn_t *c, way_t way)
{
  while (c->first[way] != NULL) {
    parcel_t *p = c->first[way];
    c->first[way] = p->next;
    free (p);
  }
  c->waiting[way] = 0;
}

static void
break_line (conn_t *c)
{
  empty (c, UP);
  empty (c, DOWN);
  if (c->dealer != NULL)
    tell (c->dealer, LINE_DOWN);
  c->router = NULL;
  c->up = false;
}

/* The way is made free by the clock: looked at again when it may be. */
static void
pump_at (conn_t *c, way_t way, int64_t when)
{
  if (c->pumping[way])
    return;
  c->pumping[way] = true;
  sim_at (when, pump, c, way);
}

static void
arrive (conn_t *c, way_t way, const parcel_t *p)
{
  sim_say ("%s: %s %s, %zu bytes", c->office->name, kind_of (p->bytes, p->n),
           way == UP ? "reaches the centre" : "arrives", p->n);
  if (way == UP && c->router != NULL && c->router == the_router) {
    box_put (&the_router->first, &the_router->last, c, frame_of (p->bytes, p->n));
    pollable_ready (&the_router->poll);
  } else if (way == UP && c->dealer != NULL && machine_runs (&machines[0])) {
    break_line (c); /* the server answers that it knows no such line */
  } else if (way == DOWN && c->dealer != NULL) {
    box_put (&c->dealer->first, &c->dealer->last, c, frame_of (p->bytes, p->n));
    pollable_ready (&c->dealer->frames);
  }
}

static bool
handle_mangled (conn_t *c, way_t way, parcel_t *p)
{
  if (!chance_in (link_of (c)->mangled))
    return false;
  switch (chance_below (3)) {
  case 0:
    sim_say ("%s: %s dropped", c->office->name, kind_of (p->bytes, p->n));
    return true;
  case 1:
    sim_say ("%s: %s repeated", c->office->name, kind_of (p->bytes, p->n));
    arrive (c, way, p);
    return false;
  default: {
    parcel_t *q = c->first[way];
    if (q == NULL)
      return false;
    sim_say ("%s: %s swapped", c->office->name, kind_of (p->bytes, p->n));
    c->first[way] = q->next;
    c->waiting[way]--;
    arrive (c, way, q);
    free (q);
    return false;
  }
  }
}

static void
pump (void *ctx, uint64_t which)
{
  conn_t *c = ctx;
  way_t way = (way_t)which;
  c->pumping[way] = false;
  while (c->first[way] != NULL && c->first[way]->due <= sim_now ()) {
    if (blocked (c, way)) {
      if (c->stuck_since[way] == 0)
        c->stuck_since[way] = sim_now ();
      if (sim_now () - c->stuck_since[way] >= GIVEN_UP_MS) {
        sim_say ("%s: a line is given up", c->office->name);
        break_line (c);
        return;
      }
      pump_at (c, way, sim_now () + chance_between (50, 1000));
      return;
    }
    c->stuck_since[way] = 0;
    parcel_t *p = c->first[way];
    c->first[way] = p->next;
    c->waiting[way]--;
    if (!handle_mangled (c, way, p))
      arrive (c, way, p);
    free (p);
  }
  if (c->first[way] != NULL)
    pump_at (c, way, c->first[way]->due);
}

static void
post (conn_t *c, way_t way, str_t bytes)
{
  parcel_t *p = malloc (sizeof *p + bytes.n);
  CHECK (p != NULL);
  p->next = NULL;
  p->n = bytes.n;
  memcpy (p->bytes, bytes.p, bytes.n);
  p->due = sim_now () + travel_ms (link_of (c));
  if (p->due < c->after[way])
    p->due = c->after[way]; /* order is kept */
  c->after[way] = p->due;
  if (c->first[way] != NULL)
    c->last[way]->next = p;
  else
    c->first[way] = p;
  c->last[way] = p;
  c->waiting[way]++;
  pump_at (c, way, p->due);
}

/* ---- the office's end ---- */

static void
shake_hands (void *ctx, uint64_t n)
{
  conn_t *c = ctx;
  (void)n;
  if (c->dealer == NULL)
    return;
  if (blocked (c, UP) || blocked (c, DOWN)) {
    tell (c->dealer, LINE_DOWN);
    return;
  }
  if (the_router == NULL || !the_router->open || the_router != c->router) {
    tell (c->dealer, LINE_DOWN);
    return;
  }
  const zap_entry_t *found = NULL;
  for (size_t i = 0; the_zap != NULL && i < the_zap->n; i++)
    if (curve_key_eq (the_zap->at[i].key, c->dealer->own))
      found = &the_zap->at[i];
  if (!curve_key_eq (the_router->key, c->dealer->server)) {
    tell (c->dealer, LINE_HANDSHAKE);
    return;
  }
  if (found == NULL) {
    tell (c->dealer, LINE_REFUSED);
    return;
  }
  snprintf (c->user, sizeof c->user, "%s", found->user);
  c->up = true;
  tell (c->dealer, LINE_UP);
}

static void
connected (void *ctx, uint64_t n)
{
  conn_t *c = ctx;
  (void)n;
  if (c->dealer == NULL)
    return;
  if (blocked (c, UP) || blocked (c, DOWN)) {
    tell (c->dealer, LINE_DOWN); /* after CONNECT_MS: see dealer_new */
    return;
  }
  if (the_router == NULL || !the_router->open) {
    tell (c->dealer, LINE_DOWN);
    return;
  }
  c->router = the_router;
  tell (c->dealer, LINE_CONNECTED);
  sim_after (travel_ms (link_of (c)) + travel_ms (link_of (c)), shake_hands, c, 0);
}

err_t
dealer_new (const dealer_options_t *o, dealer_t **out)
{
  machine_t *m = machine_here ();
  if (m->dead)
    return ERR_UNREACHABLE;
  dealer_t *d = calloc (1, sizeof *d);
  conn_t *c = calloc (1, sizeof *c);
  CHECK (d != NULL && c != NULL);
  d->conn = c;
  d->server = o->server;
  d->own = o->own;
  c->dealer = d;
  c->office = m;
  c->id = ++conns_n;
  c->next = conns;
  conns = c;
  bool through = !blocked (c, UP) && !blocked (c, DOWN);
  sim_after (through ? travel_ms (link_of (c)) + travel_ms (link_of (c)) : CONNECT_MS, connected, c, 0);
  *out = d;
  return ERR_OK;
}

/* The centre hears of it behind what was sent last. */
static void
closed (void *ctx, uint64_t n)
{
  conn_t *c = ctx;
  (void)n;
  if (c->waiting[UP] > 0 || blocked (c, UP))
    sim_after (SECOND, closed, c, 0);
  else
    c->router = NULL;
}

void
dealer_destroy (dealer_t **self_p)
{
  dealer_t *d = *self_p;
  if (d == NULL)
    return;
  if (!d->conn->office->dead && d->conn->router != NULL)
    sim_after (travel_ms (link_of (d->conn)), closed, d->conn, 0);
  box_drop (&d->first);
  empty (d->conn, DOWN);
  d->conn->dealer = NULL;
  free (d);
  *self_p = NULL;
}

line_event_t
dealer_event (dealer_t *d)
{
  if (d->said_n == 0)
    return LINE_NONE;
  line_event_t e = d->said[0];
  d->said_n--;
  for (size_t i = 0; i < d->said_n; i++)
    d->said[i] = d->said[i + 1];
  d->events.ready = d->said_n > 0;
  return e;
}

err_t
dealer_recv (dealer_t *d, frame_t **out)
{
  frame_t *f = box_take (&d->first, NULL);
  d->frames.ready = d->first != NULL;
  if (f == NULL)
    return ERR_END;
  *out = f;
  return ERR_OK;
}

err_t
dealer_send (dealer_t *d, str_t frame)
{
  if (machine_here ()->dead)
    return ERR_OK;
  if (!d->conn->up || d->conn->waiting[UP] >= DEALER_HIGH)
    return ERR_BUSY;
  post (d->conn, UP, frame);
  return ERR_OK;
}

void *
dealer_pollable (dealer_t *d)
{
  return &d->frames;
}

void *
dealer_events_pollable (dealer_t *d)
{
  return &d->events;
}

/* ---- the centre's end ---- */

err_t
router_new (const curve_key_t *secret, router_t **out)
{
  router_t *r = calloc (1, sizeof *r);
  CHECK (r != NULL);
  r->machine = machine_here ();
  curve_public_of (secret, &r->key);
  the_router = r;
  *out = r;
  return ERR_OK;
}

void
router_destroy (router_t **self_p)
{
  router_t *r = *self_p;
  if (r == NULL)
    return;
  for (conn_t *c = conns; c != NULL; c = c->next)
    if (c->router == r)
      break_line (c);
  box_drop (&r->first);
  if (the_router == r)
    the_router = NULL;
  free (r);
  *self_p = NULL;
}

err_t
router_bind (router_t *r, const char *endpoint, buf_t *bound, const char **why)
{
  *why = "";
  r->open = true;
  buf_puts (bound, endpoint);
  return ERR_OK;
}

err_t
router_bind_as (router_t *r, const curve_key_t *secret, const char *endpoint, buf_t *bound, const char **why)
{
  (void)secret;
  return router_bind (r, endpoint, bound, why);
}

bool
router_bound (const router_t *r, str_t endpoint)
{
  (void)endpoint;
  return r->open;
}

bool
router_rekey (router_t *r, const curve_key_t *secret)
{
  curve_public_of (secret, &r->key);
  return true;
}

bool
router_listen (router_t *r, bool on)
{
  r->open = on;
  return true;
}

static void
peer_of (const conn_t *c, peer_id_t *out)
{
  out->n = 5;
  out->b[0] = 0;
  for (unsigned i = 0; i < 4; i++)
    out->b[1 + i] = (uint8_t)(c->id >> (8 * i));
}

static conn_t *
conn_of (const peer_id_t *peer)
{
  uint32_t id = 0;
  for (unsigned i = 0; i < 4; i++)
    id |= (uint32_t)peer->b[1 + i] << (8 * i);
  for (conn_t *c = conns; c != NULL; c = c->next)
    if (c->id == id)
      return c;
  return NULL;
}

err_t
router_recv (router_t *r, inbound_t *out)
{
  conn_t *c = NULL;
  *out = (inbound_t){.frame = NULL};
  frame_t *f = box_take (&r->first, &c);
  r->poll.ready = r->first != NULL;
  if (f == NULL)
    return ERR_END;
  peer_of (c, &out->peer);
  snprintf (out->user, sizeof out->user, "%s", c->user);
  out->frame = f;
  return ERR_OK;
}

/* An acknowledgement is a promise from the moment it leaves, and so is a certificate. */
static void
hear_promise (const conn_t *c, str_t frame)
{
  message_t m;
  const char *kind = kind_of (frame.p, frame.n);
  if (strcmp (kind, "ACK") != 0 && strcmp (kind, "ENROLLED") != 0)
    return;
  arena_t *arena = arena_new (ARENA);
  CHECK (arena != NULL);
  if (message_decode (frame, arena, &m) == ERR_OK) {
    if (m.type == MSG_ACK && !m.u.ack.restated)
      checks_acknowledged (c->office, m.u.ack.store, m.u.ack.seq);
    if (m.type == MSG_ENROLLED && m.u.enrolled.certificate.given)
      checks_enrolled (c->office, m.u.enrolled.certificate.body);
  }
  arena_destroy (&arena);
}

err_t
router_send (router_t *r, const peer_id_t *to, str_t frame)
{
  conn_t *c = conn_of (to);
  if (r->machine->dead)
    return ERR_OK;
  hear_promise (c, frame);
  if (c == NULL || c->router != r)
    return ERR_UNREACHABLE;
  if (c->waiting[DOWN] >= ROUTER_HIGH)
    return ERR_BUSY;
  if (c->dealer != NULL)
    post (c, DOWN, frame);
  return ERR_OK;
}

void *
router_pollable (router_t *r)
{
  return &r->poll;
}

zap_t *
zap_new (void)
{
  zap_t *z = calloc (1, sizeof *z);
  CHECK (z != NULL);
  the_zap = z;
  return z;
}

void
zap_destroy (zap_t **self_p)
{
  if (*self_p == NULL)
    return;
  if (the_zap == *self_p)
    the_zap = NULL;
  free ((*self_p)->at);
  free (*self_p);
  *self_p = NULL;
}

bool
zap_set (zap_t *z, const zap_entry_t *entries, size_t n)
{
  free (z->at);
  z->at = calloc (n + 1, sizeof *z->at);
  CHECK (z->at != NULL);
  if (n > 0)
    memcpy (z->at, entries, n * sizeof *entries);
  z->n = n;
  return true;
}

/* ---- what happens to lines ---- */

void
network_reset (machine_t *m)
{
  for (conn_t *c = conns; c != NULL; c = c->next)
    if (c->office == m && (c->dealer != NULL || c->router != NULL))
      break_line (c);
}

/* What it had sent is on its way; nobody tells the other end. */
void
network_died (machine_t *m)
{
  if (m->index != 0)
    return;
  for (conn_t *c = conns; c != NULL; c = c->next)
    c->router = NULL;
  the_router = NULL;
  the_zap = NULL;
}

void
network_end (void)
{
  while (conns != NULL) {
    conn_t *c = conns;
    conns = c->next;
    empty (c, UP);
    empty (c, DOWN);
    free (c);
  }
  conns_n = 0;
  memset (links, 0, sizeof links);
  the_router = NULL;
  the_zap = NULL;
}

bool
endpoint_split (str_t endpoint, str_t *host, uint16_t *port)
{
  (void)endpoint;
  *host = STR ("10.0.0.1");
  *port = 5570;
  return true;
}

bool
name_resolves (str_t host)
{
  (void)host;
  return true;
}

void
own_address (char out[64])
{
  snprintf (out, 64, "10.0.0.1");
}
