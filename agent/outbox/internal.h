/* internal.h - what the files of this folder share: the object, names of meta values, log rows. */
#ifndef KC_AGENT_OUTBOX_INTERNAL_H
#define KC_AGENT_OUTBOX_INTERNAL_H

#include "agent/outbox/outbox.h"

/* A stream that a fork has ended: what we hold of it. */
typedef struct {
  store_id_t store;
  uint64_t before, last; /* places: before its first update; of its last that is common with the centre */
  hash_t hash;           /* of its chain there */
} past_t;

struct outbox {
  kv_t *kv;
  kv_txn_t *rehearsal; /* what outbox_store_each writes into instead, while one runs */
  bool shared;         /* kv is another outbox's (outbox_twin) */
  book_t *book;
  store_id_t store; /* present stream */
  past_t *past;     /* those before it, oldest first; NULL: not read yet */
  size_t past_n;
  identity_t identity;
  arena_t *identity_arena; /* the texts of identity */
  catalogue_t *catalogue;  /* NULL: none came yet */
  uint64_t seen_txn;       /* kv_stat's last_txn when identity and catalogue were read */
};

/* Names in ODB_META. */
#define META_PROGRAM "program" /* "kc-agent": tells our store from the centre's */
#define META_FORMAT "format"
#define META_STORE "store"
#define META_STREAM "stream" /* last place ‖ chain hash of it */
#define META_PAST "past"     /* streams before a fork: store ‖ last place ‖ hash there */
#define META_FORKED                                                                                          \
  "forked" /* outbox_forked_t of the last fork; gone once a person at the centre said it is fine */
#define META_ACKED "acked" /* place */
#define META_LAST_ACK "last_ack"
#define META_BOOT "boot"
#define META_WANT "sync_wanted"
#define META_DONE "sync_done"
#define META_DOWN "down" /* epoch ‖ lsn */
#define META_EPOCHS "epochs"
#define META_LINK "link"
#define META_IMPORT "import" /* last import number */
#define META_CATALOGUE "catalogue"
#define META_CERTIFICATE "certificate"
#define META_CENTRE "centre_certificate"
#define META_AUTHORITY "authority"
#define META_SERVER "server"
#define META_CURVE "curve_secret"
#define META_SIGN "sign_secret"
#define META_SIGN_PUBLIC "sign"
/* Likewise, that the centre may not know yet; zeros: none (rekey.c) */
#define META_NEXT_CURVE "next_curve_secret"
#define META_NEXT_SIGN "next_sign_secret"
#define META_NEXT_SIGN_PUBLIC "next_sign"
#define META_INVITE "invite"
#define META_ONCE "once_secret"
#define META_REENTRY "reentry_secret"      /* absent: the centre gave none */
#define META_ADDRESSES "addresses"         /* one a line */
#define META_CENTRE_NEW "centre_new"       /* its certificate with the key it has there; empty: as ever */
#define META_ADDRESSES_NEW "addresses_new" /* likewise; tried first, none has answered yet */
#define META_UNIT_CODE "unit_code"
#define META_UNIT_NAME "unit_name"
#define META_TAKEN "decisions_taken" /* DECISIONS_TAKEN of the program that took what is in ODB_CENTRE */

#define META_DECIDED "decided"     /* told.h: a place */
#define META_LOST_OPEN "lost_open" /* 1: what the present epoch has is still coming down */
#define META_OWN_TOLD "own_told"   /* last place of ours that came down in the present epoch */
#define META_TOLD_AT "told_at"     /* the centre's latest time among what it told */
#define META_TOLD "told"           /* TOLD_FORM of what the down cursor has passed */

#define STORE_FORMAT 1u
/* Raise it when a program takes more of what comes down: the cursor then begins anew, once. */
#define TOLD_FORM 1u

/* A value of exactly n bytes. ERR_NOT_FOUND; ERR_DAMAGED when its size is another. */
MUST_USE err_t outbox_meta_fixed (kv_txn_t *txn, const char *name, void *out, size_t n);
/* A number; fallback when there is none. */
MUST_USE err_t outbox_meta_number (kv_txn_t *txn, const char *name, uint64_t fallback, uint64_t *out);
/* Store and past streams as this transaction sees them: another process may have forked. */
MUST_USE err_t outbox_streams_read (outbox_t *o, kv_txn_t *txn);
/* The present stream ends at a place. */
MUST_USE err_t outbox_past_add (outbox_t *o, kv_txn_t *txn, uint64_t last, hash_t hash);
/* Chain hash before the first update of the present stream. */
hash_t outbox_stream_start (const outbox_t *o);

/* The places of a stream of ours, and the hash its chain starts with. ERR_NOT_FOUND. */
MUST_USE err_t outbox_span (outbox_t *o, kv_txn_t *txn, store_id_t stream, uint64_t *before, uint64_t *last,
                            hash_t *start);
/* A chunk of a stream that we have left, as the author of it: for a restored centre. ERR_NOT_FOUND. */
MUST_USE err_t outbox_read_left (outbox_t *o, kv_txn_t *txn, store_id_t stream, uint64_t first_seq,
                                 arena_t *arena, msg_chunk_t *out);

/* Last place of our log and the chain hash there. */
MUST_USE err_t outbox_stream_end (const outbox_t *o, kv_txn_t *txn, uint64_t *last, hash_t *hash);
MUST_USE err_t outbox_stream_put (kv_txn_t *txn, uint64_t last, hash_t hash);
/* Chain hash at a place (that before the present stream's first: its start). ERR_NOT_FOUND past the end. */
MUST_USE err_t outbox_chain_at (const outbox_t *o, kv_txn_t *txn, uint64_t place, hash_t *out);

/* A row of ODB_LOG. bytes is a view. */
typedef struct {
  wall_t stored;
  uint64_t import;
  record_ref_t ref;
  hash_t chain;
  str_t bytes;
} outbox_log_t;
MUST_USE err_t outbox_log_read (kv_txn_t *txn, uint64_t place, outbox_log_t *out);
MUST_USE err_t outbox_log_append (kv_txn_t *txn, uint64_t place, const outbox_log_t *row, buf_t *scratch);
/* The same for a place that is taken. */
MUST_USE err_t outbox_log_replace (kv_txn_t *txn, uint64_t place, const outbox_log_t *row, buf_t *scratch);

/* Marks an update of ours as refused by the centre. */
MUST_USE err_t outbox_refusal_put (kv_txn_t *txn, const refused_row_t *r);

/* Is a version ours, and not judged or refused: no state of the centre's? */
MUST_USE err_t outbox_unsettled (outbox_t *o, kv_txn_t *txn, record_id_t id, version_t v, uint64_t decided,
                                 bool *out);

/* A person at the centre has looked at this agent: nothing more to say of its last fork. */
MUST_USE err_t outbox_fork_confirmed (kv_txn_t *txn);

/* A value of ODB_CENTRE: lsn ‖ chain hash ‖ bytes. Views. */
MUST_USE err_t outbox_entry_read (str_t key, str_t stored, uint64_t *lsn, hash_t *hash, str_t *bytes);
/* The centre's streams that we hold, for the HELLO. */
MUST_USE err_t outbox_centre_streams (kv_txn_t *txn, facts_t *f);
/* Chain hash of a centre stream at a sequence we hold. ERR_NOT_FOUND. */
MUST_USE err_t outbox_centre_chain_at (kv_txn_t *txn, store_id_t stream, uint64_t seq, hash_t *out);
/* What follows from a decision that came since the first version (answers, due dates …): rows of their own.
 * A repeat changes nothing. */
MUST_USE err_t outbox_take_decision (kv_txn_t *txn, const update_t *u, const decision_t *d, uint64_t lsn);
MUST_USE err_t outbox_next_keys (kv_txn_t *txn, next_keys_t *out);
/* They take the place of those we have; the caller stores their certificate. */
MUST_USE err_t outbox_next_keys_adopt (kv_txn_t *txn);
/* Left as it is when the centre answers under the same key there. */
MUST_USE err_t outbox_key_read (kv_txn_t *txn, arena_t *arena, curve_key_t *out);
/* Where the centre says it is from now on; n 0: nothing new any more. */
MUST_USE err_t outbox_addresses_take (kv_txn_t *txn, const str_t *addresses, size_t n);
/* The same, with another key if a certificate is given. */
MUST_USE err_t outbox_key_take (kv_txn_t *txn, const signed_t *certificate, const str_t *addresses, size_t n);
/* The centre's certificate under the authority's signature, else ERR_FORGED. */
MUST_USE err_t outbox_check_centre (const signed_t *s, const sign_key_t *authority, centre_certificate_t *out,
                                    arena_t *arena);
/* Takes decisions anew that an older program kept without knowing them. */
MUST_USE err_t outbox_catch_up (outbox_t *o);

/* Records that have no place in the book yet: their natural key is another's. */
MUST_USE err_t outbox_hidden_put (kv_txn_t *txn, record_ref_t ref);
MUST_USE err_t outbox_hidden_del (kv_txn_t *txn, record_ref_t ref);
/* The next one behind *ref (zeros: the first). ERR_NOT_FOUND. */
MUST_USE err_t outbox_hidden_after (kv_txn_t *txn, record_ref_t *ref);

/* Words for errors of the store that carry none of their own. */
err_t outbox_fail (fail_t *fail, err_t err);

/* Domain tags of values kept as body ‖ signature. */
MUST_USE err_t outbox_signed_get (kv_txn_t *txn, const char *name, signed_t *out);
MUST_USE err_t outbox_signed_put (kv_txn_t *txn, const char *name, const signed_t *s);

#endif
