/* roster_rows.h - rows of agents, contacts and invites as stored; shared by roster.c and roster_rows.c. */
#ifndef KC_COLLECTOR_LEDGER_ROSTER_ROWS_H
#define KC_COLLECTOR_LEDGER_ROSTER_ROWS_H

#include "collector/ledger/state.h"

/* Text of at most 65533 bytes; absent stays absent. */
void row_text (buf_t *b, str_t s);
str_t row_text_read (rd_t *r);
/* Several, at most 255, behind their number. */
void row_texts (buf_t *b, const str_t *texts, size_t n);
/* Out of the arena; more than there is room for: ERR_DAMAGED. */
MUST_USE err_t row_texts_read (rd_t *r, arena_t *arena, str_t *out, size_t room, size_t *n);

/* ---- roster.c: what enrolling and new keys have in common ---- */
MUST_USE err_t roster_answer (ledger_t *l, const signed_t *certificate, arena_t *arena, msg_enrolled_t *out);
bool roster_proof_fits (const msg_enrol_t *e); /* it holds the key it names */
/* Above the one it is to replace, 0: any. */
MUST_USE err_t roster_next_serial (turn_t *t, uint32_t above, uint32_t *out);
/* Where the serials of another life of this centre begin, far enough from `from` by chance. */
uint64_t roster_serial_leap (uint64_t from);
MUST_USE err_t roster_certify (ledger_t *l, const agent_certificate_t *c, arena_t *arena, signed_t *out);
/* ERR_NOT_FOUND with words: no agent has that name. */
MUST_USE err_t roster_agent_named (ledger_t *l, kv_txn_t *txn, str_t name, agent_row_t *out, fail_t *fail);
/* ---- readmission.c ---- */
/* A name that another PC bears by now is told from it by the serial. */
MUST_USE err_t roster_name_free (ledger_t *l, kv_txn_t *txn, const agent_certificate_t *c, arena_t *arena,
                                 str_t *out);
/* ---- rekey.c ---- */
/* A certificate of later keys: the agent's row of its first one says so, and is made if it is not here. Fills
 * name, root and when of *row. */
MUST_USE err_t rekey_follow (ledger_t *l, turn_t *t, const agent_certificate_t *c, agent_state_t state,
                             arena_t *arena, agent_row_t *row);
/* The first certificate of an agent whose row is there, made without it. */
MUST_USE err_t rekey_fill (ledger_t *l, turn_t *t, const agent_full_t *there, const signed_t *certificate,
                           record_id_t invite, const agent_certificate_t *c);

void agent_encode (const agent_full_t *a, buf_t *out);
void contact_encode (const contact_t *c, buf_t *out);
MUST_USE err_t invite_get (kv_txn_t *txn, record_id_t id, invite_row_t *out);
MUST_USE err_t invite_put (ledger_t *l, kv_txn_t *txn, const invite_row_t *i);

#endif
