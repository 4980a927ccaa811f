/* fairness - forty offices come back with weeks of work while others go on working, against a real collector:
 * an update of a live office does not wait for the backlogs, and all that was sent counts once. What is
 * asserted is an order, not a time: how often live offices were answered before the backlogs had drained. And
 * a centre that cannot write says so, and when to ask again.
 *
 * The programs are found through KC_BIN. */
#include "common/platform/platform.h"
#include "tests/support/load.h"
#include "tests/support/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RETURNING 40u
#define LIVE 3u
#define BACKLOG 2000u /* updates of each that returns */
#define CHUNK_UPDATES 650u
#define SINGLES 2000u
/* Were chunks served in turn whatever their size, it would be three: a round of all is a third of what there
 * is.
 */
#define ANSWERED_LEAST 6u
#define NUMBERS_OF_ONE UINT64_C (1000000) /* codes of schemes must differ within a unit */
#define BUSY_MS 60000

typedef struct {
  char base[64], dir[80], collector[1024];
  pid_t server;
} centre_t;

static void
start (centre_t *c, const char *map_size)
{
  const char *bin = getenv ("KC_BIN");
  assert_non_null (bin);
  snprintf (c->collector, sizeof c->collector, "%s/kc-collector", bin);
  snprintf (c->base, sizeof c->base, "/tmp/kc-fairness-XXXXXX");
  assert_non_null (mkdtemp (c->base));
  snprintf (c->dir, sizeof c->dir, "%s/centre", c->base);
  const char *init[] = {c->collector, "init", c->dir, "--map-size", map_size, NULL};
  assert_int_equal (process_run (init, NULL), 0);
  const char *serve[] = {c->collector, "serve", c->dir, "--bind", "tcp://127.0.0.1:0", "--http", "off", NULL};
  buf_t line = BUF_INIT;
  c->server = process_start (serve, &line);
  assert_true (strncmp (buf_z (&line), "ready ", 6) == 0);
  buf_free (&line);
}

static void
stop (centre_t *c)
{
  process_kill (c->server, SIGTERM);
  const char *verify[] = {c->collector, "verify", c->dir, NULL};
  assert_int_equal (process_run (verify, NULL), 0);
  const char *clean[] = {"/bin/rm", "-rf", c->base, NULL};
  process_run (clean, NULL);
}

static peer_t *
join (const centre_t *c, const char *office)
{
  const char *argv[] = {c->collector, "invite", c->dir, "--office", office, NULL};
  buf_t text = BUF_INIT;
  assert_int_equal (process_run (argv, &text), 0);
  peer_t *p = peer_new (buf_str (&text));
  buf_free (&text);
  assert_non_null (p);
  assert_true (peer_enrol (p));
  return p;
}

static size_t
schemes_counted (const centre_t *c)
{
  const char *argv[] = {c->collector, "totals", c->dir, "--by", "kind", "--format", "json", NULL};
  buf_t out = BUF_INIT;
  size_t n = 0;
  assert_int_equal (process_run (argv, &out), 0);
  for (const char *at = buf_z (&out); (at = strstr (at, "\"schemes\":")) != NULL; at++)
    n += (size_t)strtoull (at + strlen ("\"schemes\":"), NULL, 10);
  buf_free (&out);
  return n;
}

static void
live_offices_are_answered_beside_backlogs (void **state)
{
  (void)state;
  static const char *const codes[] = {"540", "542", "543", "544", "545", "546", "547", "548"};
  static const char *const live_codes[LIVE] = {"549", "550", "551"};
  centre_t c;
  load_t backlogs[RETURNING], live[LIVE];
  peer_t *peers[RETURNING + LIVE];
  lived_t lived;
  start (&c, "1G");
  for (size_t i = 0; i < RETURNING; i++)
    peers[i] = join (&c, codes[i % (sizeof codes / sizeof *codes)]);
  for (size_t i = 0; i < LIVE; i++)
    peers[RETURNING + i] = join (&c, live_codes[i]);
  for (size_t i = 0; i < RETURNING; i++)
    load_make (&backlogs[i], peers[i], (i + 1) * NUMBERS_OF_ONE, BACKLOG, CHUNK_UPDATES);
  for (size_t i = 0; i < LIVE; i++)
    load_make (&live[i], peers[RETURNING + i], 1, SINGLES, 1);
  load_live (live, LIVE, backlogs, RETURNING, 0, &lived);
  printf ("%zu updates of backlogs; each live office answered %zu times meanwhile\n", lived.backlog,
          lived.live_n);
  assert_int_equal (lived.backlog, RETURNING * BACKLOG);
  assert_true (lived.live_n >= ANSWERED_LEAST);
  assert_int_equal (schemes_counted (&c), RETURNING * BACKLOG + LIVE * SINGLES);
  lived_free (&lived);
  for (size_t i = 0; i < RETURNING; i++)
    load_free (&backlogs[i]);
  for (size_t i = 0; i < LIVE; i++)
    load_free (&live[i]);
  for (size_t i = 0; i < RETURNING + LIVE; i++)
    peer_destroy (&peers[i]);
  stop (&c);
}

/* It is told when to come again, is not hung up on, and others are let in all the same. */
static void
a_full_centre_says_when_to_ask_again (void **state)
{
  (void)state;
  centre_t c;
  load_t load;
  start (&c, "4M");
  peer_t *p = join (&c, "549"), *other = join (&c, "550");
  load_make (&load, p, 1, 30000, CHUNK_UPDATES);
  const message_t *m = NULL;
  uint32_t retry = 0;
  for (const int64_t until = clock_mono ().ms + BUSY_MS; retry == 0 && clock_mono ().ms < until;) {
    load_send (&load, 6);
    m = peer_receive (p, 1000);
    while (load.acked < load.n && load.last[load.acked] <= peer_cursor (p))
      load.acked++;
    assert_true (m == NULL || m->type != MSG_BYE);
    if (m != NULL && m->type == MSG_BUSY)
      retry = m->u.busy.retry_after_ms;
  }
  assert_in_range (retry, 100, 30000);
  assert_true (load.acked < load.n);
  assert_true (peer_hello (other, BUSY_MS));
  assert_int_equal (schemes_counted (&c),
                    peer_cursor (p)); /* acknowledged is durable; nothing more is there */
  load_free (&load);
  peer_destroy (&p);
  peer_destroy (&other);
  stop (&c);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (live_offices_are_answered_beside_backlogs),
      cmocka_unit_test (a_full_centre_says_when_to_ask_again),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
