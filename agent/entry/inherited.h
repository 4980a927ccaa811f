/* inherited.h - what an office's PC holds of others: their records, of which its office is the heir.
 *
 * Records keep the office that made them, so that office's figures are told apart from the PC's own for ever.
 * Of an office that was divided the PC holds a part only. A PC of the province holds everything, and
 * inherits nothing. */
#ifndef KC_AGENT_ENTRY_INHERITED_H
#define KC_AGENT_ENTRY_INHERITED_H

#include "agent/outbox/outbox.h"
#include "common/core/units.h"

typedef struct {
  struct {
    unit_id_t unit;
    bool whole; /* all of its records come here */
  } at[FOREBEARS_MAX];
  size_t n;
} inherited_t;

/* The offices whose figures are here, by the transaction. */
MUST_USE err_t inherited_read (outbox_t *o, kv_txn_t *txn, inherited_t *out);
/* The codes of the wholly inherited, or of the others, "543, 544"; appended. */
void inherited_codes (const inherited_t *h, const catalogue_t *c, bool whole, buf_t *out);

typedef enum { HELD_NOT = 0, HELD_IN_PART, HELD_WHOLLY } held_t;
/* Does this PC hold the figures of an office? Its own and, for the province, all. */
held_t inherited_held (const outbox_t *o, unit_id_t office);

#endif
