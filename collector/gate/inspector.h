/* inspector.h - the thread that looks for what is in doubt while serve runs.
 *
 * It reads by short transactions of its own, at low priority, and writes nothing: what offices have to hear
 * goes back as a FLAGS job, for the writer. One look at a time: the job that asks for it comes back with the
 * answer. */
#ifndef KC_COLLECTOR_GATE_INSPECTOR_H
#define KC_COLLECTOR_GATE_INSPECTOR_H

#include "collector/gate/writer.h"

/* More records than this are not looked at in the background; `flags` does it when asked. */
#define INSPECTOR_RECORDS_MAX 200000u

/* Reads l's store and nothing else of it; destroy it before l is closed. NULL: no memory. */
typedef struct inspector inspector_t;
inspector_t *inspector_new (ledger_t *l);
/* Ends a look under way; its job does not come back: who asked frees it then. */
void inspector_destroy (inspector_t **self_p);
/* Mail: a JOB_FLAGS, given away; it comes back with request (news for flags_tell, maybe empty), more, err and
 * took_ms. */
mailbox_t *inspector_mailbox (inspector_t *i);

#endif
