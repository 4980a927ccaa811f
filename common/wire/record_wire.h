/* record_wire.h - payloads of updates: protobuf objects <-> record.h. Private to common/wire. */
#ifndef KC_WIRE_RECORD_WIRE_H
#define KC_WIRE_RECORD_WIRE_H

#include "common/core/reason.h"
#include "common/core/record.h"
#include "common/wire/pb.h"

#include "record.pb-c.h"

/* On refusal *why (never NULL) gets the reason. Texts of the result point into the object. */
MUST_USE err_t scheme_from_wire (const Kc__Scheme *w, arena_t *arena, scheme_t *out, reason_t *why);
MUST_USE err_t outcome_from_wire (const Kc__Outcome *w, arena_t *arena, outcome_t *out, reason_t *why);
MUST_USE err_t submission_from_wire (const Kc__Submission *w, arena_t *arena, submission_t *out,
                                     reason_t *why);
MUST_USE err_t consulting_from_wire (const Kc__Consulting *w, arena_t *arena, consulting_t *out,
                                     reason_t *why);
MUST_USE err_t staff_from_wire (const Kc__Staff *w, arena_t *arena, staff_t *out, reason_t *why);
MUST_USE err_t document_from_wire (const Kc__Document *w, arena_t *arena, document_t *out, reason_t *why);
/* NULL: out of memory. */
Kc__Consulting *consulting_to_wire (const consulting_t *s, arena_t *arena);
Kc__Staff *staff_to_wire (const staff_t *s, arena_t *arena);
Kc__Document *document_to_wire (const document_t *d, arena_t *arena);
Kc__Scheme *scheme_to_wire (const scheme_t *s, arena_t *arena);
Kc__Outcome *outcome_to_wire (const outcome_t *o, arena_t *arena);
Kc__Submission *submission_to_wire (const submission_t *s, arena_t *arena);

/* A scheme's keyed lists: all of them, or the reason; false: out of memory. */
MUST_USE err_t lists_from_wire (const Kc__Scheme *w, arena_t *arena, scheme_t *out, reason_t *why);
MUST_USE bool lists_to_wire (const scheme_t *s, Kc__Scheme *w, arena_t *arena);

/* The unknown fields of a message; more than UNKNOWN_MAX is refused under its name. */
MUST_USE err_t wire_unknown (const ProtobufCMessage *m, const char *message, arena_t *arena, str_t *out,
                             reason_t *why);
/* Absent is fine; what a struct could not hold is not. */
MUST_USE err_t wire_date (bool has, uint32_t v, const char *field, arena_t *arena, date_t *out,
                          reason_t *why);
MUST_USE err_t wire_span (bool has_from, uint32_t from, bool has_to, uint32_t to, const char *field,
                          arena_t *arena, span_t *out, reason_t *why);

/* Fills *why and returns ERR_MALFORMED; the field's name is static. */
err_t wire_malformed (reason_t *why, reason_code_t code, const char *field, str_t value, str_t more);
err_t wire_out_of_range (reason_t *why, const char *field, uint64_t v, str_t range, arena_t *arena);
/* What pb_unpack found, as a reason; gives the error to return. */
err_t wire_malformed_pb (const pb_fail_t *fail, arena_t *arena, reason_t *why);

#endif
