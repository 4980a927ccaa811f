/* runner.h - commands carried out for the API: each a process of its own, a few at a time.
 *
 * A question that is slow, large or fatal is that process's alone: the page goes on, and ingest never hears
 * of it. What is asked comes as a vector of words, never by a shell. */
#ifndef KC_COLLECTOR_WEB_RUNNER_H
#define KC_COLLECTOR_WEB_RUNNER_H

#include "common/net/net.h"

#define RUNNER_AT_ONCE 4u
#define RUNNER_WAITING_MAX 128u
#define RUNNER_PATIENCE_MS 60000
#define RUNNER_OUTPUT_MAX ((size_t)64 << 20)

typedef struct runner runner_t;
/* exit_code: of the command; -1: it could not be run, took too long or said too much. out and err are
 * borrowed for the call. */
typedef void (run_done_fn) (void *ctx, int exit_code, str_t out, str_t err);

runner_t *runner_new (void);             /* NULL: no memory */
void runner_destroy (runner_t **self_p); /* ends what runs; who waits is told -1 */

/* Queues a command: words (NULL-ended, copied), what stands on its stdin (copied; wiped when secret). heavy:
 * of these one at a time, password hashing takes 64 MiB. *id names it for runner_forget. ERR_BUSY: too many
 * wait; ERR_NOMEM. */
MUST_USE err_t runner_run (runner_t *self, const char *const *words, str_t input, bool heavy, run_done_fn *fn,
                           void *ctx, uint64_t *id);
/* Who asked is gone: nobody is told, a command that only waits is not begun. */
void runner_forget (runner_t *self, uint64_t id);

/* As the control server's: items to wait for, and a turn with the same items after waiting. */
#define RUNNER_ITEMS_MAX (3u * RUNNER_AT_ONCE)
size_t runner_items (const runner_t *self, net_item_t *items);
void runner_turn (runner_t *self, const net_item_t *items, size_t n, mono_t now);
/* Must a turn follow soon, whether or not anything is ready? */
bool runner_is_ending (const runner_t *self);

#endif
