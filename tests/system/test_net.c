/* Doors and lines over loopback: who is let in, who is not, and that a dead ZAP handler lets nobody in. */
#include "common/crypto/crypto.h"
#include "common/net/actor.h"
#include "common/net/dealer.h"
#include "common/net/router.h"
#include "common/platform/platform.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>
#include <czmq.h>

#define PATIENCE_MS 20000

typedef struct {
  curve_key_t pub, secret;
} keys_t;

typedef struct {
  zap_t *zap;
  router_t *router;
  keys_t centre, friend, stranger;
  char endpoint[128];
} door_t;

static keys_t
make_keys (void)
{
  keys_t k;
  curve_keys_make (&k.pub, &k.secret);
  return k;
}

static int
open_door (void **state)
{
  door_t *d = calloc (1, sizeof *d);
  buf_t bound = BUF_INIT;
  const char *why;
  assert_true (crypto_init ());
  net_init ();
  d->centre = make_keys ();
  d->friend = make_keys ();
  d->stranger = make_keys ();
  d->zap = zap_new ();
  assert_non_null (d->zap);
  zap_entry_t e = {.key = d->friend.pub, .user = "a7"};
  assert_true (zap_set (d->zap, &e, 1));
  assert_int_equal (router_new (&d->centre.secret, &d->router), ERR_OK);
  assert_int_equal (router_bind (d->router, "tcp://127.0.0.1:0", &bound, &why), ERR_OK);
  snprintf (d->endpoint, sizeof d->endpoint, "%s", buf_z (&bound));
  buf_free (&bound);
  *state = d;
  return 0;
}

static int
close_door (void **state)
{
  door_t *d = *state;
  router_destroy (&d->router);
  zap_destroy (&d->zap);
  free (d);
  return 0;
}

static dealer_t *
dial (const door_t *d, const keys_t *k, const curve_key_t *server)
{
  dealer_t *line = NULL;
  dealer_options_t o = {.endpoint = d->endpoint, .server = *server, .own = k->pub, .own_secret = k->secret};
  assert_int_equal (dealer_new (&o, &line), ERR_OK);
  return line;
}

/* How the attempt went. */
static line_event_t
outcome (dealer_t *line)
{
  int64_t until = clock_mono ().ms + PATIENCE_MS;
  while (clock_mono ().ms < until) {
    net_item_t item = {.socket = dealer_events_pollable (line)};
    net_wait (&item, 1, 200);
    for (line_event_t e; (e = dealer_event (line)) != LINE_NONE;)
      if (e != LINE_CONNECTED)
        return e;
  }
  return LINE_NONE;
}

static err_t
receive (router_t *r, inbound_t *in)
{
  int64_t until = clock_mono ().ms + PATIENCE_MS;
  err_t err = ERR_END;
  while (err == ERR_END && clock_mono ().ms < until) {
    net_item_t item = {.socket = router_pollable (r)};
    net_wait (&item, 1, 200);
    err = router_recv (r, in);
  }
  return err;
}

static void
a_known_key_comes_in_and_is_named (void **state)
{
  door_t *d = *state;
  inbound_t in;
  frame_t *back = NULL;
  dealer_t *line = dial (d, &d->friend, &d->centre.pub);
  assert_int_equal (outcome (line), LINE_UP);
  assert_int_equal (dealer_send (line, STR ("xin chào")), ERR_OK);
  assert_int_equal (receive (d->router, &in), ERR_OK);
  assert_string_equal (in.user, "a7");
  assert_true (str_is (frame_bytes (in.frame), "xin chào"));
  assert_int_equal (router_send (d->router, &in.peer, STR ("chào")), ERR_OK);
  for (int i = 0; i < 100 && dealer_recv (line, &back) == ERR_END; i++) {
    net_item_t item = {.socket = dealer_pollable (line)};
    net_wait (&item, 1, 200);
  }
  assert_non_null (back);
  assert_true (str_is (frame_bytes (back), "chào"));
  frame_destroy (&back);
  frame_destroy (&in.frame);
  dealer_destroy (&line);
}

static void
a_strangers_key_is_refused (void **state)
{
  door_t *d = *state;
  dealer_t *line = dial (d, &d->stranger, &d->centre.pub);
  assert_int_equal (outcome (line), LINE_REFUSED);
  dealer_destroy (&line);
}

static void
another_centres_key_shakes_no_hands (void **state)
{
  door_t *d = *state;
  dealer_t *line = dial (d, &d->friend, &d->stranger.pub);
  line_event_t e = outcome (line);
  assert_true (e == LINE_HANDSHAKE || e == LINE_DOWN);
  dealer_destroy (&line);
}

static void
a_changed_table_holds_at_once (void **state)
{
  door_t *d = *state;
  zap_entry_t e = {.key = d->stranger.pub, .user = "a8"};
  assert_true (zap_set (d->zap, &e, 1));
  dealer_t *line = dial (d, &d->stranger, &d->centre.pub);
  assert_int_equal (outcome (line), LINE_UP);
  dealer_destroy (&line);
  line = dial (d, &d->friend, &d->centre.pub);
  assert_int_equal (outcome (line), LINE_REFUSED);
  dealer_destroy (&line);
}

static void
a_dead_handler_lets_nobody_in (void **state)
{
  door_t *d = *state;
  zap_destroy (&d->zap);
  const keys_t *both[] = {&d->friend, &d->stranger};
  for (size_t i = 0; i < 2; i++) {
    dealer_t *line = dial (d, both[i], &d->centre.pub);
    assert_int_not_equal (outcome (line), LINE_UP);
    dealer_destroy (&line);
  }
}

/* The library ends the lines with the listening socket; whoever is honest dials again. */
static void
a_closed_door_opens_at_the_same_place (void **state)
{
  door_t *d = *state;
  dealer_t *line = dial (d, &d->friend, &d->centre.pub);
  assert_int_equal (outcome (line), LINE_UP);
  assert_true (router_listen (d->router, false));
  assert_true (router_listen (d->router, false)); /* again is nothing */
  line_event_t e = LINE_NONE;
  for (int i = 0; e != LINE_DOWN && i < 400;
       i++) { /* the router's own thread has to turn for it, as serve does */
    inbound_t in;
    net_item_t items[] = {{.socket = router_pollable (d->router)}, {.socket = dealer_events_pollable (line)}};
    net_wait (items, 2, 50);
    assert_int_equal (router_recv (d->router, &in), ERR_END);
    e = dealer_event (line);
  }
  dealer_destroy (&line);
  assert_int_equal (e, LINE_DOWN);
  line = dial (d, &d->friend, &d->centre.pub);
  assert_int_equal (outcome (line), LINE_DOWN);
  dealer_destroy (&line);
  assert_true (router_listen (d->router, true));
  line = dial (d, &d->friend, &d->centre.pub);
  assert_int_equal (outcome (line), LINE_UP);
  dealer_destroy (&line);
}

static void
no_key_at_all_stays_outside (void **state)
{
  door_t *d = *state;
  inbound_t in;
  zsock_t *bare = zsock_new_dealer (d->endpoint);
  assert_non_null (bare);
  zstr_send (bare, "hello");
  for (int i = 0; i < 10; i++) {
    net_item_t item = {.socket = router_pollable (d->router)};
    net_wait (&item, 1, 100);
    assert_int_equal (router_recv (d->router, &in), ERR_END);
  }
  zsock_destroy (&bare);
}

static void
two_frames_are_dropped_and_the_next_is_read (void **state)
{
  door_t *d = *state;
  inbound_t in;
  zsock_t *raw = zsock_new (ZMQ_DEALER);
  void *s = zsock_resolve (raw);
  assert_int_equal (zmq_setsockopt (s, ZMQ_CURVE_SERVERKEY, d->centre.pub.b, 32), 0);
  assert_int_equal (zmq_setsockopt (s, ZMQ_CURVE_PUBLICKEY, d->friend.pub.b, 32), 0);
  assert_int_equal (zmq_setsockopt (s, ZMQ_CURVE_SECRETKEY, d->friend.secret.b, 32), 0);
  assert_int_equal (zsock_connect (raw, "%s", d->endpoint), 0);
  zstr_sendm (raw, "one");
  zstr_sendm (raw, "two");
  zstr_send (raw, "three");
  zstr_send (raw, "whole");
  assert_int_equal (receive (d->router, &in), ERR_MALFORMED);
  assert_null (in.frame);
  assert_int_equal (receive (d->router, &in), ERR_OK);
  assert_true (str_is (frame_bytes (in.frame), "whole"));
  frame_destroy (&in.frame);
  zsock_destroy (&raw);
}

/* ---- signals while threads begin and end ---- */

#define ACTORS 40u /* a closed pipe keeps its place among the 128 sockets until the library has reaped it */
static atomic_bool pestering;

static void
echo (mailbox_t *box, void *arg)
{
  void *mail = NULL;
  (void)arg;
  for (mail_t got = MAIL_NONE; got != MAIL_STOP;) {
    got = mailbox_get (box, -1, &mail);
    if (got == MAIL_GOT)
      mailbox_send (box, mail);
  }
}

static void
no_action (int signal_number)
{
  (void)signal_number;
}

static void *
pester (void *thread)
{
  while (atomic_load (&pestering))
    pthread_kill (*(pthread_t *)thread, SIGTERM);
  return NULL;
}

static void
signals_do_not_reach_a_thread_that_begins_or_ends (void **state)
{
  pthread_t self = pthread_self (), other;
  struct sigaction act = {.sa_handler = no_action, .sa_flags = SA_RESTART}, before;
  (void)state;
  sigaction (SIGTERM, &act, &before);
  atomic_store (&pestering, true);
  assert_int_equal (pthread_create (&other, NULL, pester, &self), 0);
  for (unsigned i = 0; i < ACTORS; i++) {
    int letter;
    void *mail = NULL;
    actor_t *a = actor_new (echo, NULL);
    assert_non_null (a);
    mailbox_send (actor_mailbox (a), &letter);
    while (mailbox_get (actor_mailbox (a), -1, &mail) == MAIL_NONE)
      ;
    assert_ptr_equal (mail, &letter);
    actor_destroy (&a);
  }
  atomic_store (&pestering, false);
  assert_int_equal (pthread_join (other, NULL), 0);
  sigaction (SIGTERM, &before, NULL);
}

int
main (void)
{
#define TEST(f) cmocka_unit_test_setup_teardown (f, open_door, close_door)
  const struct CMUnitTest tests[] = {TEST (a_known_key_comes_in_and_is_named),
                                     TEST (a_strangers_key_is_refused),
                                     TEST (another_centres_key_shakes_no_hands),
                                     TEST (a_changed_table_holds_at_once),
                                     TEST (a_dead_handler_lets_nobody_in),
                                     TEST (a_closed_door_opens_at_the_same_place),
                                     TEST (no_key_at_all_stays_outside),
                                     TEST (two_frames_are_dropped_and_the_next_is_read),
                                     cmocka_unit_test (signals_do_not_reach_a_thread_that_begins_or_ends)};
  int failed = cmocka_run_group_tests (tests, NULL, NULL);
  net_shutdown ();
  return failed;
}
