/* bundle_private.h - what the three files of bundles share: an opened file, and what is said of one that is
 * not taken. bundle.c reads, bundle_take.c is the writer's part, bundle_reply.c answers. */
#ifndef KC_COLLECTOR_LEDGER_BUNDLE_PRIVATE_H
#define KC_COLLECTOR_LEDGER_BUNDLE_PRIVATE_H

#include "collector/ledger/bundle.h"
#include "collector/ledger/state.h"
#include "common/wire/bundle_wire.h"

struct bundle_in {
  bundle_t *file;
  bundle_source_t from;
  own_stream_t own[STREAMS_PER_HELLO_MAX];
  stream_state_t stream[STREAMS_PER_HELLO_MAX];
  size_t own_n, stream_n;
  curve_key_t curve;
  size_t refills; /* chunks of our own streams, in front */
  buf_t name, present, hello;
  buf_t frames, pending; /* pending: a frame that did not fit into the call before */
};

/* Only then can anything of our own be missing here. */
static inline bool
bundle_after_restore (const ledger_t *l)
{
  return l->epochs_n > 1;
}

/* Words: who it is of … */
err_t bundle_unreadable (fail_t *fail);
err_t bundle_stranger (fail_t *fail);
err_t bundle_revoked (str_t agent, fail_t *fail);
err_t bundle_replaced (str_t agent, fail_t *fail);
/* … and that it does not go on where its stream stands. */
err_t bundle_gap (str_t agent, uint64_t cursor, uint64_t first, fail_t *fail);
err_t bundle_misfit (str_t agent, fail_t *fail);

#endif
