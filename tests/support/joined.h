/* joined.h - a centre without a network: makes invites, certificates and signed DOWN messages, so that
 * a store can be joined in a test. */
#ifndef KC_TESTS_SUPPORT_JOINED_H
#define KC_TESTS_SUPPORT_JOINED_H

#include "agent/outbox/outbox.h"

typedef struct {
  sign_key_t authority, centre;
  sign_secret_t authority_secret, centre_secret;
  curve_key_t curve, curve_secret;
  signed_t certificate; /* of the centre */
  store_id_t stream;    /* for all */
  uint64_t seq, lsn, epoch;
  hash_t hash;
  arena_t *arena; /* texts of what it makes */
  catalogue_t *catalogue;
} fake_centre_t;

/* catalogue_file: path. NULL and words on stderr when it cannot be read. */
fake_centre_t *fake_centre_new (const char *catalogue_file);
void fake_centre_destroy (fake_centre_t **self_p);
invite_t fake_centre_invite (fake_centre_t *c, const char *unit_code, role_t role);
msg_enrolled_t fake_centre_enrol (fake_centre_t *c, const outbox_t *o, const char *unit_code, role_t role);
/* The next entry of its stream as a DOWN of one entry with its head; valid until the centre is destroyed. */
msg_down_t fake_centre_say (fake_centre_t *c, const decision_t *d);
/* invite, enrolment, opened stream, catalogue: the store is joined afterwards. */
MUST_USE err_t fake_centre_join (fake_centre_t *c, outbox_t *o, const char *unit_code, role_t role,
                                 fail_t *fail);
/* Refuses an update of the store. */
MUST_USE err_t fake_centre_refuse (fake_centre_t *c, outbox_t *o, version_t update, record_id_t id, str_t key,
                                   str_t reason, fail_t *fail);

#endif
