/* roster_rows.h - rows of agents, contacts and invites as stored; shared by roster.c and roster_rows.c. */
#ifndef KC_COLLECTOR_LEDGER_ROSTER_ROWS_H
#define KC_COLLECTOR_LEDGER_ROSTER_ROWS_H

#include "collector/ledger/state.h"

/* Text of at most 65533 bytes; absent stays absent. */
void row_text (buf_t *b, str_t s);
str_t row_text_read (rd_t *r);

void agent_encode (const agent_full_t *a, buf_t *out);
void contact_encode (const contact_t *c, buf_t *out);
MUST_USE err_t invite_get (kv_txn_t *txn, record_id_t id, invite_row_t *out);
MUST_USE err_t invite_put (ledger_t *l, kv_txn_t *txn, const invite_row_t *i);

#endif
