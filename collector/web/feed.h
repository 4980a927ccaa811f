/* feed.h - from the store to the stream: every shipped grouping of the totals, as it stands and as it
 * changes.
 *
 * The store says by its transaction number that something was written; then the groupings are read anew in
 * one short transaction and compared with what was there before. So nothing can be missed between two looks,
 * and a change that was overtaken is not shown in between. */
#ifndef KC_COLLECTOR_WEB_FEED_H
#define KC_COLLECTOR_WEB_FEED_H

#include "collector/ledger/ledger.h"
#include "collector/web/events.h"

typedef struct feed feed_t;
/* Reads how things stand. The ledger is the caller's; open it for reading, for this thread alone. */
MUST_USE err_t feed_new (ledger_t *l, feed_t **out, fail_t *fail);
void feed_destroy (feed_t **self_p); /* when nobody listens any more */
events_t *feed_events (feed_t *self);
/* Has anything been written since the last look? Cheap. */
bool feed_is_due (const feed_t *self);
/* Pushes what changed; with snapshot, also how all of it stands. */
MUST_USE err_t feed_look (feed_t *self, bool snapshot, fail_t *fail);

#endif
