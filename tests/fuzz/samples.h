/* samples.h - one well-made example of everything that has a decoder: seeds of the fuzz targets, and the
 * starting point of the wire's unit tests, which then damage them. */
#ifndef KC_TESTS_SAMPLES_H
#define KC_TESTS_SAMPLES_H

#include "common/core/message.h"
#include "common/wire/bundle_wire.h"
#include "common/wire/centre_wire.h"
#include "common/wire/update_wire.h"

update_t sample_scheme (void); /* every field, three sources, unknown fields on three levels */
update_t sample_lists (void);  /* the same with two entries in each list */
ledger_entry_t sample_entry (uint8_t id);
beneficiary_t sample_beneficiary (uint8_t id);
update_t sample_outcome (void);
update_t sample_withdrawal (void);
update_t sample_decision_update (str_t decision);
message_t sample_message (message_type_t type); /* every type but CHUNK and DOWN carry no bytes */
decision_t sample_decision (decision_type_t type);
invite_t sample_invite (void);
agent_certificate_t sample_agent_certificate (void);
centre_certificate_t sample_centre_certificate (void);
bundle_head_t sample_bundle_head (void);
curve_key_t sample_bundle_secret (void); /* of the key it is sealed to */

#endif
