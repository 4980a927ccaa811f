/* control_server.h - serve's end of the control socket: a few clients, each one request, never blocking. */
#ifndef KC_COLLECTOR_GATE_CONTROL_SERVER_H
#define KC_COLLECTOR_GATE_CONTROL_SERVER_H

#include "common/net/net.h"

#define CONTROL_CLIENTS_MAX 16u

typedef struct control_server control_server_t;
/* Replaces a stale socket; the caller holds DIR's lock. */
MUST_USE err_t control_server_new (const char *dir, control_server_t **out, fail_t *fail);
void control_server_destroy (control_server_t **self_p); /* removes the socket from DIR */

/* Fills items to wait for (CONTROL_CLIENTS_MAX + 1 of them at most), returns how many. */
size_t control_server_items (const control_server_t *s, net_item_t *items);
/* Called with the same items after waiting. Gives each whole request once; client names who asked. */
typedef void (control_request_fn) (void *ctx, uint32_t client, str_t request);
void control_server_turn (control_server_t *s, const net_item_t *items, size_t n, control_request_fn *fn,
                          void *ctx);
/* Sends the answer; a client that is gone meanwhile is no error. */
void control_server_answer (control_server_t *s, uint32_t client, err_t err, str_t reply);

#endif
