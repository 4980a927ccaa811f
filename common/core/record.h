/* record.h - records and updates as plain structs: what the core works on.
 *
 * Text and unknown bytes are borrowed slices: whoever made the record (wire decoder, edit) says which
 * arena or transaction they live in. A zero-initialised struct is an empty record: every field absent.
 * Absent: str_t.p == NULL, opt_i64_t.has == false, date 0, year span {0,0}, enum 0, unit 0.
 * Enum numbers equal those in proto/record.proto. */
#ifndef KC_CORE_RECORD_H
#define KC_CORE_RECORD_H

#include "common/base/bounds.h"
#include "common/base/bytes.h"
#include "common/base/ids.h"

typedef enum {
  KIND_NONE = 0,
  KIND_SCHEME = 1,
  KIND_OUTCOME = 2,
  KIND_CONSULTING = 3,
  KIND_STAFF = 4,
  KIND_DOCUMENT = 5,
  KIND_SUBMISSION = 6, /* an office declares a table of a period complete, or nil */
  KIND_DECISION = 7,   /* the centre's own streams only; no record_t of this kind */
  KIND_COUNT,
  /* Forms: lines of a scheme's keyed lists as people enter and read them. No record has such a kind; nothing
   * travels or is stored under it. */
  FORM_LEDGER = 16,
  FORM_BENEFICIARY,
  FORM_END
} kind_t;

typedef enum { OP_NONE = 0, OP_PUT = 1, OP_WITHDRAW = 2 } operation_t;

typedef enum {
  STATUS_NONE = 0,
  STATUS_DRAFT,
  STATUS_REGISTERED,
  STATUS_APPRAISED_BASE,
  STATUS_APPRAISED_MINISTRY,
  STATUS_APPROVED,
  STATUS_CONTRACTED,
  STATUS_RUNNING,
  STATUS_ACCEPTED,
  STATUS_LIQUIDATED,
  STATUS_SETTLED,
  STATUS_RETURNED,
  STATUS_REJECTED,
  STATUS_STOPPED,
  STATUS_WITHDRAWN,
  STATUS_COUNT
} status_t;

typedef enum {
  SCHEME_KIND_NONE = 0,
  SCHEME_SINGLE,
  SCHEME_KEY,
  SCHEME_GROUP,
  SCHEME_KIND_COUNT
} scheme_kind_t;
typedef enum { VALUE_NONE = 0, VALUE_PLAN, VALUE_ESTIMATE, VALUE_ACTUAL, VALUE_KIND_COUNT } value_kind_t;
/* Columns of the printed annex 4: issued (đã ban hành), drafting (đang xây dựng), not_started (chưa xây
 * dựng). */
typedef enum {
  DOCUMENT_NONE = 0,
  DOCUMENT_ISSUED,
  DOCUMENT_DRAFTING,
  DOCUMENT_NOT_STARTED,
  DOCUMENT_STATUS_COUNT
} document_status_t;

typedef enum {
  LEDGER_NONE = 0,
  LEDGER_ADVANCE,
  LEDGER_PAYMENT,
  LEDGER_REFUND,
  LEDGER_SETTLEMENT,
  LEDGER_KIND_COUNT
} ledger_kind_t;

typedef struct {
  bool has;
  int64_t v;
} opt_i64_t;
typedef struct {
  uint16_t from, to;
} span_t;                     /* from == to: a single year; {0,0}: absent */
typedef uint32_t date_t;      /* yyyymmdd, 00 = unknown day or month; 0 = absent */
typedef uint32_t source_id_t; /* id of a funding source in the catalogue; 0 = none */

typedef struct {
  source_id_t source;
  opt_i64_t planned_vnd, approved_vnd, settled_vnd;
  str_t unknown; /* unknown protobuf fields, encoded */
} funding_t;

/* One money event of a scheme. Settlements here never feed settled_vnd of a funding line (DESIGN 3). */
typedef struct {
  record_id_t id;
  ledger_kind_t kind;
  date_t date;
  span_t budget_year; /* one year; may differ from the date's: settled in January */
  source_id_t source;
  opt_i64_t amount_vnd;
  str_t voucher_no, note;
  str_t unknown;
} ledger_entry_t;

/* Whom a scheme's support reached; scheme_t.beneficiary is another thing, one line of text. */
typedef struct {
  record_id_t id;
  str_t name, address, acceptance_no, note;
  opt_i64_t support_vnd;
  date_t accepted_on;
  str_t unknown;
} beneficiary_t;

typedef struct {
  str_t code, name, item, commune, implementer, beneficiary;
  str_t approval_no, contract_no, acceptance_no, settlement_no, decision_stage, note;
  unit_id_t district;
  span_t plan_year;
  status_t status;
  scheme_kind_t kind;
  opt_i64_t matching_vnd, investment_vnd;
  date_t registered_on, approved_on, accepted_on, settled_on;
  funding_t funding[FUNDING_MAX]; /* ascending by source, no source twice */
  uint32_t funding_n;
  /* Both ascending by id, no id twice; borrowed, never written through: two versions may share them. */
  const ledger_entry_t *ledger;       /* at most LEDGER_MAX */
  const beneficiary_t *beneficiaries; /* at most BENEFICIARIES_MAX */
  uint32_t ledger_n, beneficiaries_n;
  str_t unknown;
} scheme_t;

typedef struct {
  str_t indicator, fund, scheme_code, period, note;
  unit_id_t district;
  span_t year;
  opt_i64_t value; /* scaled by scale */
  uint8_t scale;   /* value × 10^-scale is in the indicator's unit */
  value_kind_t value_kind;
  str_t unknown;
} outcome_t;

/* The next three are the provincial office's (DESIGN 3): files have no column for the office, edit_apply
 * fills district with the catalogue's provincial unit. */
typedef struct {
  str_t code, service, client, note;
  unit_id_t district;
  span_t year;
  opt_i64_t revenue_vnd;
  str_t unknown;
} consulting_t;

typedef struct {
  str_t indicator; /* of the catalogue's [staff] list: a name space of its own */
  unit_id_t district;
  span_t year;
  opt_i64_t value; /* a whole number */
  str_t unknown;
} staff_t;

typedef struct {
  str_t no, title, number, note; /* no: its place in the list, the natural key; number: of the paper */
  unit_id_t district;
  document_status_t status;
  date_t issued_on;
  str_t unknown;
} document_t;

/* Natural key: office, table, period. Declared again after a return: a new version of the same record. */
typedef struct {
  unit_id_t district;
  str_t table;  /* annex name: consulting, outcomes, budget, documents, staff */
  str_t period; /* normal form of period_parse */
  bool nil;     /* nothing to report */
  str_t note;
  str_t unknown;
} submission_t;

/* A line of a form: an entry of a list with the code of its scheme. */
typedef struct {
  str_t scheme_code;
  ledger_entry_t entry;
} ledger_line_t;

typedef struct {
  str_t scheme_code;
  beneficiary_t entry;
} beneficiary_line_t;

typedef struct {
  kind_t kind;
  union {
    scheme_t scheme;
    outcome_t outcome;
    consulting_t consulting;
    staff_t staff;
    document_t document;
    submission_t submission;
    ledger_line_t ledger;
    beneficiary_line_t beneficiary;
  } u;
} record_t;

/* An update as its author made it. bytes are the encoded form: what is hashed, stored and sent. */
typedef struct {
  version_t version; /* stream and sequence */
  record_id_t id;
  unit_id_t home; /* office at creation, never changes */
  operation_t operation;
  version_t base;           /* seq 0: a create */
  const version_t *settles; /* parked sides its author decided with it (PROTOCOL 5) */
  uint32_t settles_n;       /* at most SETTLES_MAX */
  str_t person, comment;
  wall_t agent_time; /* data, decides nothing */
  record_t record;   /* record.kind is the update's kind */
  str_t decision;    /* kind DECISION only: encoded kc.Decision */
  str_t unknown;
  str_t bytes;
} update_t;

/* Is it a kind of record (no decision of the centre)? */
bool kind_supported (kind_t k);
bool kind_is_form (kind_t k);
/* The unit a record belongs to now (its district field). 0 when absent. */
unit_id_t record_office (const record_t *r);
str_t record_commune (const record_t *r); /* absent where the kind has none */
/* Kinds that only the provincial office writes: consulting, staff, document (DESIGN 3). Their member
 * district, which files have no column for. NULL for the other kinds. */
const unit_id_t *record_provincial (const record_t *r);

typedef struct catalogue catalogue_t; /* catalogue.h, which needs this header */

/* The natural key: unique per kind in the province (INTERFACE 4). Appends to out, parts joined by
 * 0x1f; for an outcome plan figures are kept apart from estimate and actual. False when a required
 * part is missing. record_key_text gives the form for people: code, or parts joined by " / ",
 * the unit by its code (c NULL: by its id). */
bool record_key (const record_t *r, buf_t *out);
void record_key_text (const record_t *r, const catalogue_t *c, buf_t *out);

/* Are all fields (unknown bytes included) equal? */
bool record_same (const record_t *a, const record_t *b);
bool ledger_entry_same (const ledger_entry_t *a, const ledger_entry_t *b);
bool beneficiary_same (const beneficiary_t *a, const beneficiary_t *b);

/* Names as in import files: "scheme", "registered", "single", "actual". NULL for 0 and unknown. */
const char *kind_name (kind_t k);
const char *status_name (status_t s);
const char *scheme_kind_name (scheme_kind_t k);
const char *value_kind_name (value_kind_t k);
const char *document_status_name (document_status_t s); /* "issued", "drafting", "not_started" */
const char *ledger_kind_name (ledger_kind_t k);         /* "advance", "payment", "refund", "settlement" */
kind_t kind_of_name (str_t name);                       /* KIND_NONE when unknown; likewise below */
status_t status_of_name (str_t name);
scheme_kind_t scheme_kind_of_name (str_t name);
value_kind_t value_kind_of_name (str_t name);
document_status_t document_status_of_name (str_t name);
ledger_kind_t ledger_kind_of_name (str_t name);
/* Words in the current language ("đã quyết toán"). */
const char *status_words (status_t s);
const char *scheme_kind_words (scheme_kind_t k);
const char *value_kind_words (value_kind_t k);
const char *document_status_words (document_status_t s);
const char *ledger_kind_words (ledger_kind_t k);
/* A name or word whatever the language; NULL past the end. Values from 1. */
typedef enum {
  WORDS_STATUS,
  WORDS_SCHEME_KIND,
  WORDS_VALUE_KIND,
  WORDS_DOCUMENT_STATUS,
  WORDS_LEDGER_KIND
} word_set_t;
typedef struct {
  const char *name, *vi, *en;
} word_t;
const word_t *word_of_set (word_set_t set, unsigned value);
const char *kind_words (kind_t k);

/* Does a scheme in this state count in `schemes` and `support_vnd`? (DESIGN 3, What counts) */
bool status_counts (status_t s);
/* approved, contracted, running, accepted, liquidated, settled: states with an approved amount. */
bool status_approved_or_later (status_t s);

/* A code of an office's own or of the catalogue: 1.. ASCII letters, digits and . - _ / (INTERFACE 4).
 * Lengths are the caller's. */
bool code_valid (str_t code);

/* Years as people write them: "2019" or "2014-2020" (from < to). */
bool span_parse (str_t text, span_t *out); /* YEAR_MIN..YEAR_MAX */
void span_format (span_t s, char out[12]); /* "" when absent */

#endif
