/* gate.c - serve: opening everything in order, one loop, closing it in reverse.
 *
 * Order matters twice. The ZAP handler has its table before a port is bound, so there is no moment in which
 * anybody is let in. And at the end the writer is stopped before the ledger is closed: what it has begun it
 * finishes or gives up unacknowledged. */
#include "collector/gate/gate.h"

#include "collector/gate/control_server.h"
#include "collector/gate/descriptors.h"
#include "collector/gate/inspector.h"
#include "collector/gate/sessions.h"
#include "collector/ledger/rotation.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"

#include <stdio.h>

#define KEY_BUDGET (256u << 10)
#define TICK_MS 1000
#define CONTACTS_MS 5000
#define CONTACTS_SOON_MS 500 /* of a state that `agents` shows */
#define READERS_MS 30000
#define QUIET_MS 3000 /* nothing written for so long: time to tidy up */
#define STOP_PATIENCE_MS 1500
/* When records are looked over for what is in doubt: once it is quiet, and now and then where it never is;
 * and no more than a small part of the time. */
#define LOOK_QUIET_MS 250
#define LOOK_BUSY_MS 30000
#define LOOK_SHARE 20

typedef struct {
  const char *dir;
  const serve_options_t *options;
  lock_t *lock;
  ledger_t *ledger;
  zap_t *zap;
  admission_t *admission;
  router_t *router;
  writer_t *writer;
  inspector_t *inspector;
  job_t *look; /* under way at the inspector */
  control_server_t *control;
  sessions_t *sessions;
  curve_key_t curve; /* under which most places answer */
  bool contacts_out, stopped, scarce;
  err_t fatal;
  int64_t tick_at, contacts_at, readers_at, tidy_at; /* tidy_at 0: nothing to tidy */
  int64_t look_at, look_by, look_not_before;         /* look_by 0: nothing to look at */
} gate_t;

/* ---- opening ---- */

static err_t
take_lock (gate_t *g, fail_t *fail)
{
  buf_t path = BUF_INIT;
  err_t err = lock_take (path_join (&path, g->dir, "serve.lock"), &g->lock);
  buf_free (&path);
  if (err == ERR_BUSY)
    fail_set (fail, err,
              L ("thư mục này đang được một “kc-collector serve” khác phục vụ",
                 "another \"kc-collector serve\" is serving this directory already"));
  return err;
}

/* What an invite should say for a wildcard: an address others can dial. */
static void
dialable (str_t endpoint, buf_t *out)
{
  str_t host;
  uint16_t port;
  char own[64];
  if (!endpoint_split (endpoint, &host, &port) || !(str_is (host, "0.0.0.0") || str_is (host, "[::]"))) {
    buf_put (out, endpoint.p, endpoint.n);
    return;
  }
  own_address (own);
  buf_printf (out, "tcp://%s:%u", own[0] != '\0' ? own : "127.0.0.1", (unsigned)port);
}

static err_t
bind_all (gate_t *g, buf_t *first, fail_t *fail)
{
  static const char *const by_default[] = {GATE_BIND_DEFAULT};
  const char *const *binds = g->options->binds_n > 0 ? g->options->binds : by_default;
  size_t n = g->options->binds_n > 0 ? g->options->binds_n : 1;
  buf_t bound[GATE_BINDS_MAX] = {{0}};
  str_t addresses[GATE_BINDS_MAX];
  err_t err = ERR_OK;
  for (size_t i = 0; i < n && err == ERR_OK; i++) {
    const char *why = NULL;
    buf_t endpoint = BUF_INIT;
    err = router_bind (g->router, binds[i], &endpoint, &why);
    if (err == ERR_USAGE)
      fail_set (fail, err,
                L ("không mở được cổng “%s”: %s; chọn địa chỉ khác bằng --bind",
                   "cannot bind \"%s\": %s; choose another with --bind"),
                binds[i], why);
    if (err == ERR_OK && i == 0)
      buf_put (first, endpoint.p, endpoint.n);
    if (err == ERR_OK)
      dialable (buf_str (&endpoint), &bound[i]);
    addresses[i] = buf_str (&bound[i]);
    buf_free (&endpoint);
  }
  if (err == ERR_OK)
    err = roster_bound (g->ledger, addresses, n);
  for (size_t i = 0; i < GATE_BINDS_MAX; i++)
    buf_free (&bound[i]);
  return err;
}

/* Binds one place more; one that cannot be had is said, and costs the others nothing. */
static void
bind_too (gate_t *g, const curve_key_t *secret, str_t endpoint)
{
  char text[ADDRESS_MAX + 1];
  buf_t bound = BUF_INIT;
  const char *why = "";
  if (endpoint.n == 0 || endpoint.n > ADDRESS_MAX || router_bound (g->router, endpoint))
    return;
  snprintf (text, sizeof text, "%.*s", STR_ARG (endpoint));
  if (router_bind_as (g->router, secret, text, &bound, &why) != ERR_OK)
    fprintf (stderr,
             L ("không mở được cổng “%s” của khóa mới: %s; các máy vẫn dùng khóa cũ\n",
                "cannot bind \"%s\" for the new key: %s; PCs go on with the old one\n"),
             text, why);
  buf_free (&bound);
}

/* While the centre's key is being changed, the new one answers at a place of its own; once that is over it
 * does so everywhere, and there too. */
static err_t
follow_key (gate_t *g)
{
  kv_txn_t *txn = NULL;
  rotation_t r = {.given = false};
  str_t too = STR_NONE;
  const ledger_keys_t *keys = ledger_keys (g->ledger);
  arena_t *arena = arena_new (KEY_BUDGET);
  err_t err = arena != NULL ? kv_begin (ledger_kv (g->ledger), false, &txn) : ERR_NOMEM;
  if (err == ERR_OK)
    err = rotation_pending (txn, arena, &r);
  if (err == ERR_OK)
    err = rotation_endpoint (txn, arena, &too);
  kv_abort (&txn);
  if (err == ERR_OK && !curve_key_eq (g->curve, keys->curve)) {
    g->curve = keys->curve;
    if (!router_rekey (g->router, &keys->curve_secret))
      g->scarce = true; /* tried again with the next tick */
  }
  if (err == ERR_OK)
    bind_too (g, &keys->curve_secret, too);
  if (err == ERR_OK && r.given)
    bind_too (g, &r.secret, r.endpoint);
  crypto_wipe (&r.secret, sizeof r.secret);
  arena_destroy (&arena);
  return err;
}

static err_t
start (gate_t *g, buf_t *first, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  position_t end = {0};
  err_t err = ledger_open (g->dir, false, &g->ledger, fail);
  if (err == ERR_OK)
    err = take_lock (g, fail);
  if (err != ERR_OK)
    return err;
  kv_check_readers (ledger_kv (g->ledger));
  net_init ();
  g->zap = zap_new ();
  g->admission = admission_new ();
  if (g->zap == NULL || g->admission == NULL)
    return ERR_NOMEM;
  err = admission_refresh (g->admission, g->ledger, g->zap, clock_wall ());
  if (err == ERR_OK)
    err = router_new (&ledger_keys (g->ledger)->curve_secret, &g->router);
  if (err == ERR_IO)
    fail_set (fail, err,
              L ("thư viện ZeroMQ không bật được CURVE/ZAP; không mở cửa",
                 "the ZeroMQ library cannot enforce CURVE and ZAP; not opening the door"));
  if (err == ERR_OK)
    err = bind_all (g, first, fail);
  g->curve = ledger_keys (g->ledger)->curve;
  if (err == ERR_OK)
    err = follow_key (g);
  if (err == ERR_OK)
    err = kv_begin (ledger_kv (g->ledger), false, &txn);
  if (err == ERR_OK)
    err = ledger_end (g->ledger, txn, &end, NULL);
  kv_abort (&txn);
  if (err == ERR_OK)
    err = control_server_new (g->dir, &g->control, fail);
  if (err != ERR_OK)
    return err;
  g->writer = writer_new (g->ledger, g->options->change);
  g->inspector = inspector_new (g->ledger);
  if (g->writer == NULL || g->inspector == NULL)
    return ERR_NOMEM;
  g->sessions = sessions_new (
      &(sessions_links_t){g->ledger, g->router, writer_mailbox (g->writer), g->admission}, end.lsn);
  return g->sessions != NULL ? ERR_OK : ERR_NOMEM;
}

/* ---- turning ---- */

static void
asked (void *ctx, uint32_t client, str_t request)
{
  gate_t *g = ctx;
  job_t *j = job_new (JOB_CHANGE, client);
  if (j != NULL)
    buf_put (&j->request, request.p, request.n);
  if (j == NULL || !buf_ok (&j->request)) {
    job_destroy (&j);
    control_server_answer (g->control, client, ERR_NOMEM, STR_NONE);
    return;
  }
  mailbox_send (writer_mailbox (g->writer), j);
}

static void
refresh (gate_t *g)
{
  err_t err = admission_refresh (g->admission, g->ledger, g->zap, clock_wall ());
  if (err == ERR_DAMAGED)
    g->fatal = err;
}

/* Records may have changed. */
static void
look_later (gate_t *g)
{
  int64_t now = clock_mono ().ms;
  g->look_at = now + LOOK_QUIET_MS;
  if (g->look_by == 0)
    g->look_by = now + LOOK_BUSY_MS;
}

static void
look_over (gate_t *g)
{
  int64_t now = clock_mono ().ms;
  if (g->look != NULL || g->look_by == 0 || now < g->look_not_before ||
      (now < g->look_at && now < g->look_by))
    return;
  g->look = job_new (JOB_FLAGS, 0);
  if (g->look == NULL)
    return;
  g->look_by = 0;
  mailbox_send (inspector_mailbox (g->inspector), g->look);
}

/* What it found goes on to the writer; nothing new ends there. */
static void
looked (gate_t *g, job_t *j)
{
  g->look = NULL;
  g->look_not_before = clock_mono ().ms + j->took_ms * LOOK_SHARE;
  if (j->more)
    look_later (g);
  if (j->err != ERR_OK) /* a damaged store is named by who stumbles over it in earnest */
    buf_clear (&j->request);
  if (j->request.n > 0)
    mailbox_send (writer_mailbox (g->writer), j);
  else
    job_destroy (&j);
}

static void
job_done (gate_t *g, job_t *j)
{
  uint64_t end = j->end_lsn;
  const told_t told = j->told;
  if (j->err == ERR_REOPEN)
    g->fatal = j->err; /* whoever keeps serve running starts it again in seconds */
  switch (j->type) {
  case JOB_CHANGE:
    refresh (g); /* before the answer: an invite is good from the moment it is printed */
    if (follow_key (g) == ERR_DAMAGED)
      g->fatal = ERR_DAMAGED;
    sessions_ask (g->sessions, &j->ask);
    control_server_answer (g->control, (uint32_t)j->session, j->err, buf_str (&j->reply));
    job_destroy (&j);
    look_later (g);
    break;
  case JOB_ENROL:
  case JOB_PRESENT:
  case JOB_STREAM:
  case JOB_START:
    refresh (g);
    sessions_job_done (g->sessions, &j);
    break;
  case JOB_INGEST:
    look_later (g);
    g->tidy_at = clock_mono ().ms + QUIET_MS;
    if (end != 0)
      sessions_end_moved (g->sessions, end, NULL); /* the machine's PONG tells it after the ACK */
    sessions_job_done (g->sessions, &j);
    break;
  case JOB_BUSY:
    fprintf (stderr, L ("chưa ghi được kho: %s; sẽ thử lại\n", "cannot write the store: %s; trying again\n"),
             err_words (j->err));
    sessions_job_done (g->sessions, &j);
    break;
  case JOB_CONTACT:
    g->contacts_out = false;
    job_destroy (&j);
    break;
  case JOB_FLAGS:
    job_destroy (&j);
    break;
  case JOB_STOP:
    g->stopped = true;
    job_destroy (&j);
    break;
  case JOB_FATAL:
    g->fatal = j->err;
    job_destroy (&j);
    break;
  }
  if (end != 0)
    sessions_end_moved (g->sessions, end, &told);
}

static void
take_mail (gate_t *g)
{
  void *mail = NULL;
  while (mailbox_get (writer_mailbox (g->writer), 0, &mail) == MAIL_GOT)
    job_done (g, mail);
  while (mailbox_get (inspector_mailbox (g->inspector), 0, &mail) == MAIL_GOT)
    looked (g, mail);
}

static void
send_contacts (gate_t *g, bool gone)
{
  job_t *j = g->contacts_out && !gone ? NULL : sessions_contacts (g->sessions, gone);
  if (j == NULL)
    return;
  g->contacts_out = true;
  g->contacts_at = clock_mono ().ms + CONTACTS_MS;
  mailbox_send (writer_mailbox (g->writer), j);
}

/* With no descriptor left a listening socket spins and nobody gets in. So the door is shut a moment before,
 * which gives all of them back, and opened again with a later tick: who only held a place has lost it, agents
 * dial again. */
static void
watch_descriptors (gate_t *g)
{
  bool scarce = descriptors_scarce (g->scarce);
  if (scarce == g->scarce || !router_listen (g->router, !scarce))
    return; /* a place that cannot be had again: tried with the next tick */
  g->scarce = scarce;
  fprintf (stderr, "%s\n",
           scarce ? L ("gần hết số tệp được mở: tạm ngừng nhận kết nối mới (tăng giới hạn “ulimit -n”)",
                       "open files are nearly spent: no new connections for now (raise \"ulimit -n\")")
                  : L ("nhận kết nối mới trở lại", "taking new connections again"));
}

static void
timers (gate_t *g)
{
  int64_t now = clock_mono ().ms;
  if (now >= g->tick_at) {
    g->tick_at = now + TICK_MS;
    watch_descriptors (g);
    sessions_tick (g->sessions);
    if (g->options->beside.tick != NULL)
      g->options->beside.tick (g->options->beside.ctx);
  }
  if (now >=
      (sessions_urgent (g->sessions) ? g->contacts_at - CONTACTS_MS + CONTACTS_SOON_MS : g->contacts_at))
    send_contacts (g, false);
  if (now >= g->readers_at) {
    g->readers_at = now + READERS_MS;
    kv_check_readers (ledger_kv (g->ledger));
  }
  look_over (g);
  if (g->tidy_at != 0 && now >= g->tidy_at) {
    g->tidy_at = 0;
    process_give_memory_back ();
  }
}

static void
turn (gate_t *g, int64_t wait_ms)
{
  net_item_t items[4 + CONTROL_CLIENTS_MAX + 1];
  size_t n = 0;
  items[n++] = (net_item_t){.socket = router_pollable (g->router)};
  items[n++] = (net_item_t){.socket = mailbox_pollable (writer_mailbox (g->writer))};
  items[n++] = (net_item_t){.socket = mailbox_pollable (inspector_mailbox (g->inspector))};
  if (stop_fd () >= 0)
    items[n++] = (net_item_t){.fd = stop_fd ()};
  size_t own = n;
  n += control_server_items (g->control, items + n);
  net_wait (items, n, wait_ms);
  take_mail (g);
  control_server_turn (g->control, items + own, n - own, asked, g);
}

static void
loop (gate_t *g)
{
  bool more = false;
  look_later (g);
  while (!stop_requested () && g->fatal == ERR_OK) {
    turn (g, more ? 0 : TICK_MS / 2);
    more = sessions_turn (g->sessions);
    timers (g);
    if (g->fatal == ERR_OK)
      g->fatal = sessions_fatal (g->sessions);
  }
}

/* ---- closing ---- */

static void
stop (gate_t *g)
{
  if (g->sessions == NULL)
    return;
  int64_t until = clock_mono ().ms + STOP_PATIENCE_MS;
  job_t *j = job_new (JOB_STOP, 0);
  inspector_destroy (&g->inspector);
  job_destroy (&g->look);
  sessions_shutdown (g->sessions);
  send_contacts (g, true);
  if (j == NULL)
    return;
  mailbox_send (writer_mailbox (g->writer), j);
  while (!g->stopped && clock_mono ().ms < until) {
    void *mail = NULL;
    if (mailbox_get (writer_mailbox (g->writer), 100, &mail) == MAIL_GOT)
      job_done (g, mail);
  }
}

err_t
gate_serve (const char *dir, const serve_options_t *o, fail_t *fail)
{
  gate_t g = {.dir = dir, .options = o};
  buf_t first = BUF_INIT;
  err_t err = start (&g, &first, fail);
  if (err == ERR_OK && o->beside.start != NULL)
    err = o->beside.start (o->beside.ctx, fail);
  if (err == ERR_OK) {
    printf ("ready %s\n", buf_z (&first));
    fflush (stdout);
    loop (&g);
    err = g.fatal;
  }
  stop (&g);
  if (o->beside.stop != NULL)
    o->beside.stop (o->beside.ctx);
  inspector_destroy (&g.inspector);
  writer_destroy (&g.writer);
  sessions_destroy (&g.sessions);
  control_server_destroy (&g.control);
  router_destroy (&g.router);
  zap_destroy (&g.zap);
  admission_destroy (&g.admission);
  net_shutdown ();
  ledger_close (&g.ledger);
  lock_release (&g.lock);
  buf_free (&first);
  if (err != ERR_OK)
    fail_set (fail, err, "%s", err_words (err));
  return err;
}
