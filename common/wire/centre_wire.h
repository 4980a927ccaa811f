/* centre_wire.h - certificates, invites and the centre's decisions: bytes <-> plain structs. */
#ifndef KC_WIRE_CENTRE_WIRE_H
#define KC_WIRE_CENTRE_WIRE_H

#include "common/core/message.h"
#include "common/core/reason.h"
#include "common/core/record.h"

typedef enum { ROLE_NONE = 0, ROLE_OFFICE, ROLE_PROVINCE, ROLE_VIEWER, ROLE_COUNT } role_t;
const char *role_name (role_t r); /* "office", "province", "viewer" */
role_t role_of_name (str_t name);

typedef struct {
  sign_key_t centre_key;
  curve_key_t curve_key, reentry_key;
  uint32_t serial;
  record_id_t centre_id;
} centre_certificate_t;
typedef struct {
  uint32_t serial;
  str_t agent;
  curve_key_t curve_key;
  sign_key_t sign_key;
  unit_id_t unit;
  role_t role;
  uint32_t replaces;
  uint32_t root; /* the agent's first serial, which it keeps; 0: this is the first */
} agent_certificate_t;
/* The number an agent has whatever its keys. */
static inline uint32_t
agent_number (const agent_certificate_t *c)
{
  return c->root != 0 ? c->root : c->serial;
}

typedef struct {
  record_id_t id;
  str_t addresses[ADDRESSES_MAX];
  size_t addresses_n;
  curve_key_t server_key;
  sign_key_t authority_key;
  signed_t centre_certificate;
  curve_key_t once_public, once_secret;
  unit_id_t unit;
  str_t unit_code, unit_name;
  role_t role;
  wall_t expires;
} invite_t;

bool centre_certificate_encode (const centre_certificate_t *c, buf_t *out);
MUST_USE err_t centre_certificate_decode (str_t bytes, arena_t *arena, centre_certificate_t *out);
bool agent_certificate_encode (const agent_certificate_t *c, buf_t *out);
MUST_USE err_t agent_certificate_decode (str_t bytes, arena_t *arena, agent_certificate_t *out);

/* Text form: "KCI1-" and base64url of the message and its CRC-32C; white space inside is ignored.
 * ERR_MALFORMED when it cannot be read. */
bool invite_format (const invite_t *i, buf_t *out);
MUST_USE err_t invite_parse (str_t text, arena_t *arena, invite_t *out);

typedef enum {
  VERDICT_NONE = 0,
  VERDICT_ACCEPTED,
  VERDICT_MERGED,
  VERDICT_PARKED,
  VERDICT_ALIAS,
  VERDICT_REFUSED
} verdict_t;
const char *verdict_name (verdict_t v);

typedef enum {
  DECISION_NONE = 0,
  DECISION_OPENED,
  DECISION_VERDICT,
  DECISION_CATALOGUE,
  DECISION_ENROLMENT,
  DECISION_REVOCATION,
  DECISION_SUBMISSION, /* accepted or returned */
  DECISION_DUE,
  DECISION_LOCK,
  DECISION_CLOSING,
  DECISION_FLAG,
  DECISION_FLAG_ANSWER,
  DECISION_SETTLED,      /* a conflict, by a person at the centre */
  DECISION_KEY_NOTICE,   /* keys and addresses the centre will answer under */
  DECISION_CONFIRMATION, /* a person has looked at an agent something was odd about */
  DECISION_PARKED_SIDE,  /* of a record that came to this office: parked before */
  DECISION_COUNT
} decision_type_t;

typedef struct {
  decision_type_t type; /* DECISION_NONE: of a later version; skip it, keep its bytes */
  union {
    struct {
      unit_id_t unit;
      uint64_t epoch;
      store_id_t parent; /* zeros: none; after a restore, the stream it goes on from */
      uint64_t parent_seq;
      hash_t parent_hash;
    } opened;
    struct {
      version_t update;
      record_id_t record;
      verdict_t verdict;
      str_t reason; /* wire name */
      str_t arguments[REASON_ARGS];
      str_t resulting, key; /* resulting: an update under this decision's own number */
      kind_t kind;
      record_id_t alias_to; /* alias_home 0: none */
      unit_id_t alias_home;
      const str_t *clashes; /* of a parked one: names of fields */
      size_t clashes_n;     /* at most CLASHES_MAX */
    } verdict;
    struct {
      uint32_t version;
      str_t file;
    } catalogue;
    struct {
      signed_t certificate;
      record_id_t invite;
    } enrolment;
    struct {
      uint32_t serial;
      str_t reason;
    } revocation;
    struct {
      record_id_t record;
      version_t version; /* what is answered */
      bool accepted;     /* else returned */
      str_t comment, key;
    } submission;
    struct {
      str_t period, table; /* table absent: all */
      unit_id_t unit;      /* 0: all */
      date_t date;         /* 0: none any more */
    } due;
    struct {
      str_t period, table; /* table absent: all */
      bool locked;
      unit_id_t unit; /* not 0: an exception for this office, until then */
      wall_t until;
      str_t reason;
    } lock;
    struct {
      str_t period;
      position_t at;
      hash_t seal;
      str_t comment;
    } closing;
    struct {
      str_t flag, check, key;
      record_id_t record;
      str_t arguments[REASON_ARGS];
      bool cleared;
    } flag;
    struct {
      str_t flag, reason;
      record_id_t record;
    } flag_answer;
    struct {
      record_id_t record;
      unit_id_t home;
      kind_t kind;
      str_t key, resulting, reason; /* resulting: an update under this decision's own number */
      const version_t *settles;
      uint32_t settles_n;
    } settled;
    struct {
      signed_t centre_certificate; /* given: the keys change */
      str_t addresses[ADDRESSES_MAX];
      size_t addresses_n;
    } key_notice;
    struct {
      uint32_t serial;
      str_t reason;
    } confirmation;
    struct {
      record_id_t record;
      unit_id_t home;
      str_t update, base; /* the update names the base; base absent: made from nothing */
      const str_t *clashes;
      size_t clashes_n; /* at most CLASHES_MAX */
      str_t agent;      /* it came from */
      wall_t since;
    } parked_side;
  } u;
} decision_t;

bool decision_encode (const decision_t *d, buf_t *out);
MUST_USE err_t decision_decode (str_t bytes, arena_t *arena, decision_t *out);

#endif
