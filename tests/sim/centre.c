/* centre.c - the centre's server: kc-collector serve as it is, and its control socket.
 *
 * Whoever keeps it running starts it again when it ends by itself. Commands reach it as they do beside serve:
 * as requests, answered when they are done; one whose answer never came may have been carried out. */
#include "tests/sim/sim.h"

#include "collector/cli/change.h"
#include "collector/gate/control_server.h"
#include "collector/gate/gate.h"
#include "common/platform/platform.h"
#include "common/shipped/catalogue.h"

#include <stdlib.h>

#define BEGIN_AGAIN_MS 2000

typedef struct request {
  struct request *next;
  uint32_t number;
  buf_t bytes;
  machine_t *about;
  reply_fn *then;
  bool handed;
} request_t;

struct control_server {
  pollable_t poll;
};

static request_t *requests;
static uint32_t requests_n;
static control_server_t *control;

/* The shipped catalogue without the long sections that no step of the protocol looks at: reading it again
 * and again would be most of what a run does. */
void
centre_catalogue (buf_t *out)
{
  static const char *const left_out[] = {"[communes]", "[columns]", "[facts]",      "[sentences]",
                                         "[targets]",  "[checks]",  "[same_words]", "[services]",
                                         "[ceilings]", "[staff]"};
  const char *at = (const char *)shipped_catalogue, *end = at + shipped_catalogue_size;
  bool skip = false;
  while (at < end) {
    const char *next = memchr (at, '\n', (size_t)(end - at));
    next = next != NULL ? next + 1 : end;
    if (*at == '[') {
      skip = false;
      for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        skip = skip || strncmp (at, left_out[i], strlen (left_out[i])) == 0;
    }
    if (!skip)
      buf_put (out, at, (size_t)(next - at));
    at = next;
  }
  CHECK (buf_ok (out));
}

static void
serve (machine_t *m)
{
  const serve_options_t o = {.binds = {"tcp://10.0.0.1:5570"}, .binds_n = 1, .change = change_run};
  for (;;) {
    fail_t fail = {0};
    err_t err = gate_serve (m->dir, &o, &fail);
    if (stop_requested ())
      return;
    sim_say ("%s: serve ended: %s", m->name, err_name (err));
    clock_sleep_ms (BEGIN_AGAIN_MS);
  }
}

void
centre_begin (void)
{
  kv_t *kv = NULL;
  sign_secret_t authority;
  fail_t fail = {0};
  buf_t catalogue = BUF_INIT;
  kv_options_t o = ledger_kv_options ();
  machine_t *m = machine_add ("centre", serve);
  o.create = true;
  machine_enter (m);
  err_t err = kv_open_lmdb (m->dir, &o, &kv, &fail);
  CHECK (err == ERR_OK);
  centre_catalogue (&catalogue);
  err = ledger_init_kv (kv, buf_str (&catalogue), machine_clock (m), &authority, &fail);
  CHECK (err == ERR_OK);
  buf_free (&catalogue);
  kv_close (&kv);
  machine_leave ();
  machine_on (m);
}

/* ---- commands ---- */

static void
forget (request_t *r)
{
  request_t **link = &requests;
  while (*link != r)
    link = &(*link)->next;
  *link = r->next;
  buf_free (&r->bytes);
  free (r);
}

void
centre_ask (const char *operation, const char *const *args, size_t n, machine_t *about, reply_fn *then)
{
  change_request_t c = {.operation = str_of (operation), .person = STR ("chuyên viên"), .args_n = n};
  if (control == NULL)
    return;
  request_t *r = calloc (1, sizeof *r), **link = &requests;
  CHECK (r != NULL && n <= CHANGE_ARGS_MAX);
  for (size_t i = 0; i < n; i++)
    c.args[i] = str_of (args[i]);
  CHECK (change_request_encode (&c, &r->bytes));
  r->number = ++requests_n;
  r->about = about;
  r->then = then;
  while (*link != NULL)
    link = &(*link)->next;
  *link = r;
  sim_say ("centre: asked to %s %.40s", operation, n > 0 && args[0][0] != '[' ? args[0] : "");
  pollable_ready (&control->poll);
}

err_t
control_server_new (const char *dir, control_server_t **out, fail_t *fail)
{
  (void)dir;
  (void)fail;
  control = calloc (1, sizeof *control);
  CHECK (control != NULL);
  *out = control;
  return ERR_OK;
}

void
control_server_destroy (control_server_t **self_p)
{
  if (*self_p == NULL)
    return;
  while (requests != NULL)
    forget (requests);
  free (*self_p);
  *self_p = NULL;
  control = NULL;
}

size_t
control_server_items (const control_server_t *s, net_item_t *items)
{
  items[0] = (net_item_t){.socket = (void *)(uintptr_t)&s->poll};
  return 1;
}

void
control_server_turn (control_server_t *s, const net_item_t *items, size_t n, control_request_fn *fn,
                     void *ctx)
{
  (void)items;
  (void)n;
  s->poll.ready = false;
  for (request_t *r = requests; r != NULL; r = r->next) {
    if (r->handed)
      continue;
    r->handed = true;
    fn (ctx, r->number, buf_str (&r->bytes));
  }
}

void
control_server_answer (control_server_t *s, uint32_t client, err_t err, str_t reply)
{
  change_reply_t said = {0};
  request_t *r = requests;
  (void)s;
  while (r != NULL && r->number != client)
    r = r->next;
  if (r == NULL || machines[0].dead)
    return;
  if (err == ERR_OK)
    err = change_reply_decode (reply, &said);
  sim_say ("centre: answers %s, exit %d", err_name (err), said.exit_code);
  if (err == ERR_OK && r->then != NULL)
    r->then (r->about, said.exit_code, said.out);
  forget (r);
}

void
centre_end (void)
{
  CHECK (requests == NULL && control == NULL);
  requests_n = 0;
}
