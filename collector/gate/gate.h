/* gate.h - `serve`: the centre's door. Sockets and sessions on the calling thread, the ledger's writes on a
 * writer thread of their own; who may come in is decided by a table in memory (zap) made from the roster.
 *
 * Commands that change something reach a running serve through control.h. The gate does not know them: it
 * hands each request to options.change on the writer thread and refreshes its tables afterwards. */
#ifndef KC_COLLECTOR_GATE_GATE_H
#define KC_COLLECTOR_GATE_GATE_H

#include "collector/ledger/ledger.h"

/* Carries out one request of a command (collector/cli/change.h: change_run). Runs on the writer thread. ask:
 * the offices whose agents are to be asked to sync. */
typedef err_t (gate_change_fn) (ledger_t *l, str_t request, wall_t now, buf_t *reply, told_t *ask);

/* What runs beside the gate, and ends with it: the page. All NULL: nothing does. */
typedef struct {
  /* Once DIR is this serve's, before agents are told; an error ends serve. */
  err_t (*start) (void *ctx, fail_t *fail);
  void (*tick) (void *ctx); /* each second */
  void (*stop) (void *ctx); /* also when start was not called */
  void *ctx;
} gate_beside_t;

#define GATE_BINDS_MAX ADDRESSES_MAX
#define GATE_BIND_DEFAULT "tcp://127.0.0.1:5570"

typedef struct {
  const char *binds[GATE_BINDS_MAX]; /* ZeroMQ endpoints; none: GATE_BIND_DEFAULT */
  size_t binds_n;
  gate_change_fn *change; /* pass change_run */
  gate_beside_t beside;
} serve_options_t;

/* Serves DIR until SIGTERM or SIGINT (platform's stop event), then ERR_OK. Prints and flushes "ready
 * ENDPOINT" on stdout when it takes agents. ERR_BUSY: DIR is served already. ERR_USAGE: an endpoint that
 * cannot be bound. Errors of the store as ledger_open's. */
MUST_USE err_t gate_serve (const char *dir, const serve_options_t *o, fail_t *fail);

#endif
