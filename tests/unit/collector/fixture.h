/* fixture.h - a ledger over the engine in memory, and authors whose updates go straight into it. */
#ifndef KC_TESTS_LEDGER_FIXTURE_H
#define KC_TESTS_LEDGER_FIXTURE_H

#include "collector/ledger/ledger.h"
#include "collector/ledger/roster.h"
#include "collector/ledger/verify.h"
#include "common/core/validate.h"

#define PEER_UPDATES_MAX 4000u

/* One agent's side: keys, a stream, and every update it ever made. */
typedef struct {
  uint32_t serial;
  unit_id_t unit;
  role_t role;
  curve_key_t curve, curve_secret;
  sign_key_t sign;
  sign_secret_t secret;
  store_id_t store;
  uint64_t seq;
  origin_t origin;              /* of its stream, as its HELLO says */
  uint64_t acked_before;        /* by a centre that was restored since */
  bool patient;                 /* it sends again what had to wait */
  const sign_key_t *prove_with; /* chunks come with a proof made with this key; NULL: without */
  buf_t bytes[PEER_UPDATES_MAX];
  hash_t chain[PEER_UPDATES_MAX + 1]; /* [0] = h0 */
} peer_t;

extern wall_t fixture_now;       /* the centre's clock when a peer sends */
ledger_t *fixture_ledger (void); /* of the small catalogue */
ledger_t *fixture_ledger_of (str_t catalogue);
void peer_open (peer_t *p, ledger_t *l, unit_id_t unit, role_t role);
void peer_close (peer_t *p);
/* The same agent goes on in a new stream, which leaves its old one at seq. Close it, too. */
void peer_fork (const peer_t *from, uint64_t seq, peer_t *child);
/* Encodes u as the peer's next update (its version is filled in). Returns its sequence number. */
uint64_t peer_add (peer_t *p, update_t *u);
/* Any bytes as the next update. */
uint64_t peer_add_raw (peer_t *p, str_t bytes);

/* Sends updates first..last as one chunk. The item's results are copied out; err of ledger_ingest. */
typedef struct {
  err_t err;
  ingest_t item;
  ingest_report_t report;
} sent_t;
sent_t peer_send (peer_t *p, ledger_t *l, uint64_t first, uint64_t last);
/* The same, after meddle has changed the chunk. */
typedef void (meddle_fn) (msg_chunk_t *c, decoded_t *d);
sent_t peer_send_meddled (peer_t *p, ledger_t *l, uint64_t first, uint64_t last, meddle_fn *meddle);

/* A scheme that is in order: id made from n, code SCHEME-n. */
update_t scheme_update (unit_id_t home, unsigned n, status_t status, int64_t support_vnd, version_t base);

/* What became of the peer's update seq: "" accepted, "merged", "parked", "alias", else why it was refused.
 * Static. */
const char *verdict_of (ledger_t *l, const peer_t *p, uint64_t seq);
uint64_t cursor_of (ledger_t *l, store_id_t s);
kv_txn_t *fixture_reading (ledger_t *l);

/* verify's findings as "thing\n" lines, with their words; 0 = all is right. */
uint64_t fixture_verify (ledger_t *l, buf_t *things);
void fixture_all_is_right (ledger_t *l); /* else the test fails with what verify found */

#endif
