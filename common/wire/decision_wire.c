/* decision_wire.c - the centre's decisions: each type is one function each way.
 *
 * A decision of a later version decodes to DECISION_NONE; its holder keeps the bytes and goes on. */
#include "common/wire/centre_wire.h"
#include "common/wire/frame_wire.h"
#include "common/wire/signed_wire.h"

#include <string.h>

/* ---- to bytes ---- */

/* Trailing absent ones are left out; an absent one between others is empty. */
static char **
arguments_to_wire (const str_t arguments[REASON_ARGS], arena_t *arena, size_t *n_out, bool *ok)
{
  size_t n = REASON_ARGS;
  while (n > 0 && arguments[n - 1].p == NULL)
    n--;
  char **out = arena_alloc (arena, n * sizeof *out);
  for (size_t i = 0; i < n && out != NULL; i++)
    out[i] = pb_copy (arguments[i].p != NULL ? arguments[i] : STR (""), arena, ok);
  if (out == NULL)
    *ok = false;
  *n_out = n;
  return out;
}

static char **
texts_to_wire (const str_t *texts, size_t n, arena_t *arena, bool *ok)
{
  char **out = arena_alloc (arena, n * sizeof *out);
  for (size_t i = 0; i < n && out != NULL; i++)
    out[i] = pb_copy (texts[i], arena, ok);
  *ok = *ok && out != NULL;
  return out;
}

static bool
verdict_to_wire (const decision_t *d, arena_t *arena, Kc__Version *version, Kc__VerdictDecision *w)
{
  bool ok = true;
  kc__version__init (version);
  kc__verdict_decision__init (w);
  SET_FIXED (*version, store, d->u.verdict.update.store);
  SET (*version, seq, d->u.verdict.update.seq);
  w->update = version;
  SET_FIXED (*w, record, d->u.verdict.record);
  SET (*w, verdict, (Kc__Verdict)d->u.verdict.verdict);
  w->reason = pb_copy (d->u.verdict.reason, arena, &ok);
  w->arguments = arguments_to_wire (d->u.verdict.arguments, arena, &w->n_arguments, &ok);
  if (d->u.verdict.resulting.p != NULL)
    SET_BYTES (*w, resulting, d->u.verdict.resulting.p, d->u.verdict.resulting.n);
  if (d->u.verdict.kind != KIND_NONE)
    SET (*w, kind, (Kc__Kind)d->u.verdict.kind);
  w->key = pb_copy (d->u.verdict.key, arena, &ok);
  if (d->u.verdict.alias_home != 0) {
    SET_FIXED (*w, alias_to, d->u.verdict.alias_to);
    SET (*w, alias_home, d->u.verdict.alias_home);
  }
  CHECK (d->u.verdict.clashes_n <= CLASHES_MAX);
  w->clashes = texts_to_wire (d->u.verdict.clashes, d->u.verdict.clashes_n, arena, &ok);
  w->n_clashes = d->u.verdict.clashes_n;
  return ok;
}

/* What a decision's parts are packed from; one of them is used. */
typedef union {
  Kc__StreamOpened opened;
  Kc__VerdictDecision verdict;
  Kc__CatalogueChange catalogue;
  Kc__Enrolment enrolment;
  Kc__Revocation revocation;
  Kc__SubmissionAnswer submission;
  Kc__DueDate due;
  Kc__Lock lock;
  Kc__Closing closing;
  Kc__Flag flag;
  Kc__FlagAnswer flag_answer;
  Kc__SettledConflict settled;
  Kc__KeyNotice key_notice;
  Kc__Confirmation confirmation;
  Kc__ParkedSide parked_side;
} parts_t;
/* What some of them point to. */
typedef union {
  Kc__Version version;
  Kc__Signed certificate;
} named_t;

static bool
submission_to_wire (const decision_t *d, arena_t *arena, Kc__Version *version, Kc__SubmissionAnswer *w)
{
  bool ok = true;
  kc__version__init (version);
  kc__submission_answer__init (w);
  SET_FIXED (*version, store, d->u.submission.version.store);
  SET (*version, seq, d->u.submission.version.seq);
  w->version = version;
  SET_FIXED (*w, record, d->u.submission.record);
  SET (*w, accepted, d->u.submission.accepted);
  w->comment = pb_copy (d->u.submission.comment, arena, &ok);
  w->key = pb_copy (d->u.submission.key, arena, &ok);
  return ok;
}

static bool
due_to_wire (const decision_t *d, arena_t *arena, Kc__DueDate *w)
{
  bool ok = true;
  kc__due_date__init (w);
  w->period = pb_copy (d->u.due.period, arena, &ok);
  w->table = pb_copy (d->u.due.table, arena, &ok);
  if (d->u.due.unit != 0)
    SET (*w, unit, d->u.due.unit);
  SET (*w, date, d->u.due.date);
  return ok;
}

static bool
lock_to_wire (const decision_t *d, arena_t *arena, Kc__Lock *w)
{
  bool ok = true;
  kc__lock__init (w);
  w->period = pb_copy (d->u.lock.period, arena, &ok);
  w->table = pb_copy (d->u.lock.table, arena, &ok);
  SET (*w, locked, d->u.lock.locked);
  if (d->u.lock.unit != 0) {
    SET (*w, unit, d->u.lock.unit);
    SET (*w, until_ms, d->u.lock.until.ms);
  }
  w->reason = pb_copy (d->u.lock.reason, arena, &ok);
  return ok;
}

static bool
closing_to_wire (const decision_t *d, arena_t *arena, Kc__Closing *w)
{
  bool ok = true;
  kc__closing__init (w);
  w->period = pb_copy (d->u.closing.period, arena, &ok);
  SET (*w, epoch, d->u.closing.at.epoch);
  SET (*w, lsn, d->u.closing.at.lsn);
  SET_FIXED (*w, seal, d->u.closing.seal);
  w->comment = pb_copy (d->u.closing.comment, arena, &ok);
  return ok;
}

static bool
flag_to_wire (const decision_t *d, arena_t *arena, Kc__Flag *w)
{
  bool ok = true;
  kc__flag__init (w);
  w->flag = pb_copy (d->u.flag.flag, arena, &ok);
  SET_FIXED (*w, record, d->u.flag.record);
  w->check = pb_copy (d->u.flag.check, arena, &ok);
  w->key = pb_copy (d->u.flag.key, arena, &ok);
  w->arguments = arguments_to_wire (d->u.flag.arguments, arena, &w->n_arguments, &ok);
  SET (*w, cleared, d->u.flag.cleared);
  return ok;
}

static bool
flag_answer_to_wire (const decision_t *d, arena_t *arena, Kc__FlagAnswer *w)
{
  bool ok = true;
  kc__flag_answer__init (w);
  w->flag = pb_copy (d->u.flag_answer.flag, arena, &ok);
  w->reason = pb_copy (d->u.flag_answer.reason, arena, &ok);
  SET_FIXED (*w, record, d->u.flag_answer.record);
  return ok;
}

static bool
settled_to_wire (const decision_t *d, arena_t *arena, Kc__SettledConflict *w)
{
  bool ok = true;
  kc__settled_conflict__init (w);
  SET_FIXED (*w, record, d->u.settled.record);
  SET (*w, home, d->u.settled.home);
  SET (*w, kind, (Kc__Kind)d->u.settled.kind);
  w->key = pb_copy (d->u.settled.key, arena, &ok);
  w->reason = pb_copy (d->u.settled.reason, arena, &ok);
  SET_BYTES (*w, resulting, d->u.settled.resulting.p, d->u.settled.resulting.n);
  w->n_settles = d->u.settled.settles_n;
  return settles_to_wire (d->u.settled.settles, d->u.settled.settles_n, arena, &w->settles) && ok;
}

static bool
key_notice_to_wire (const decision_t *d, arena_t *arena, Kc__Signed *certificate, Kc__KeyNotice *w)
{
  bool ok = true;
  kc__key_notice__init (w);
  if (d->u.key_notice.centre_certificate.given) {
    signed_to_wire (&d->u.key_notice.centre_certificate, certificate);
    w->centre_certificate = certificate;
  }
  CHECK (d->u.key_notice.addresses_n <= ADDRESSES_MAX);
  w->addresses = texts_to_wire (d->u.key_notice.addresses, d->u.key_notice.addresses_n, arena, &ok);
  w->n_addresses = d->u.key_notice.addresses_n;
  return ok;
}

static bool
confirmation_to_wire (const decision_t *d, arena_t *arena, Kc__Confirmation *w)
{
  bool ok = true;
  kc__confirmation__init (w);
  SET (*w, serial, d->u.confirmation.serial);
  w->reason = pb_copy (d->u.confirmation.reason, arena, &ok);
  return ok;
}

static bool
parked_side_to_wire (const decision_t *d, arena_t *arena, Kc__ParkedSide *w)
{
  bool ok = true;
  kc__parked_side__init (w);
  SET_FIXED (*w, record, d->u.parked_side.record);
  SET (*w, home, d->u.parked_side.home);
  SET_BYTES (*w, update, d->u.parked_side.update.p, d->u.parked_side.update.n);
  if (d->u.parked_side.base.n > 0)
    SET_BYTES (*w, under, d->u.parked_side.base.p, d->u.parked_side.base.n);
  CHECK (d->u.parked_side.clashes_n <= CLASHES_MAX);
  w->clashes = texts_to_wire (d->u.parked_side.clashes, d->u.parked_side.clashes_n, arena, &ok);
  w->n_clashes = d->u.parked_side.clashes_n;
  w->agent = pb_copy (d->u.parked_side.agent, arena, &ok);
  SET (*w, since_ms, d->u.parked_side.since.ms);
  return ok;
}

static void
opened_to_wire (const decision_t *d, Kc__StreamOpened *w)
{
  kc__stream_opened__init (w);
  SET (*w, unit, d->u.opened.unit);
  SET (*w, epoch, d->u.opened.epoch);
  if (id_is_zero (d->u.opened.parent.b, sizeof d->u.opened.parent.b))
    return;
  SET_FIXED (*w, parent_store, d->u.opened.parent);
  SET (*w, parent_seq, d->u.opened.parent_seq);
  SET_FIXED (*w, parent_hash, d->u.opened.parent_hash);
}

static void
catalogue_to_wire (const decision_t *d, Kc__CatalogueChange *w)
{
  kc__catalogue_change__init (w);
  SET (*w, version, d->u.catalogue.version);
  SET_BYTES (*w, file, d->u.catalogue.file.p, d->u.catalogue.file.n);
}

static void
enrolment_to_wire (const decision_t *d, Kc__Signed *certificate, Kc__Enrolment *w)
{
  kc__enrolment__init (w);
  signed_to_wire (&d->u.enrolment.certificate, certificate);
  w->certificate = certificate;
  SET_FIXED (*w, invite, d->u.enrolment.invite);
}

static bool
revocation_to_wire (const decision_t *d, arena_t *arena, Kc__Revocation *w)
{
  bool ok = true;
  kc__revocation__init (w);
  SET (*w, serial, d->u.revocation.serial);
  w->reason = pb_copy (d->u.revocation.reason, arena, &ok);
  return ok;
}

static bool
decision_pack (const decision_t *d, arena_t *arena, buf_t *out)
{
  Kc__Decision w = KC__DECISION__INIT;
  named_t n;
  parts_t p;
  bool ok = true;
  switch (d->type) {
  case DECISION_OPENED:
    opened_to_wire (d, &p.opened);
    w.opened = &p.opened;
    break;
  case DECISION_VERDICT:
    ok = verdict_to_wire (d, arena, &n.version, &p.verdict);
    w.verdict = &p.verdict;
    break;
  case DECISION_CATALOGUE:
    catalogue_to_wire (d, &p.catalogue);
    w.catalogue = &p.catalogue;
    break;
  case DECISION_ENROLMENT:
    enrolment_to_wire (d, &n.certificate, &p.enrolment);
    w.enrolment = &p.enrolment;
    break;
  case DECISION_REVOCATION:
    ok = revocation_to_wire (d, arena, &p.revocation);
    w.revocation = &p.revocation;
    break;
  case DECISION_SUBMISSION:
    ok = submission_to_wire (d, arena, &n.version, &p.submission);
    w.submission = &p.submission;
    break;
  case DECISION_DUE:
    ok = due_to_wire (d, arena, &p.due);
    w.due = &p.due;
    break;
  case DECISION_LOCK:
    ok = lock_to_wire (d, arena, &p.lock);
    w.lock = &p.lock;
    break;
  case DECISION_CLOSING:
    ok = closing_to_wire (d, arena, &p.closing);
    w.closing = &p.closing;
    break;
  case DECISION_FLAG:
    ok = flag_to_wire (d, arena, &p.flag);
    w.flag = &p.flag;
    break;
  case DECISION_FLAG_ANSWER:
    ok = flag_answer_to_wire (d, arena, &p.flag_answer);
    w.flag_answer = &p.flag_answer;
    break;
  case DECISION_SETTLED:
    ok = settled_to_wire (d, arena, &p.settled);
    w.settled = &p.settled;
    break;
  case DECISION_KEY_NOTICE:
    ok = key_notice_to_wire (d, arena, &n.certificate, &p.key_notice);
    w.key_notice = &p.key_notice;
    break;
  case DECISION_CONFIRMATION:
    ok = confirmation_to_wire (d, arena, &p.confirmation);
    w.confirmation = &p.confirmation;
    break;
  case DECISION_PARKED_SIDE:
    ok = parked_side_to_wire (d, arena, &p.parked_side);
    w.parked_side = &p.parked_side;
    break;
  case DECISION_NONE:
  case DECISION_COUNT:
    UNREACHABLE ();
  }
  return ok && pb_pack (&w.base, out);
}

bool
decision_encode (const decision_t *d, buf_t *out)
{
  arena_t *arena = arena_new ((size_t)4 * UPDATE_MAX);
  if (arena == NULL)
    return false;
  bool ok = decision_pack (d, arena, out);
  arena_destroy (&arena);
  return ok;
}

/* ---- from bytes ---- */

static bool
clashes_from_wire (char *const *texts, size_t n, arena_t *arena, const str_t **out, size_t *out_n)
{
  if (n > CLASHES_MAX)
    return false;
  str_t *clashes = arena_alloc (arena, n * sizeof *clashes);
  for (size_t i = 0; clashes != NULL && i < n; i++)
    if (!text_from_wire (texts[i], TEXT_SHORT_MAX, &clashes[i]))
      return false;
  *out = clashes;
  *out_n = n;
  return clashes != NULL;
}

static bool
verdict_from_wire (const Kc__VerdictDecision *w, arena_t *arena, decision_t *out)
{
  if (w->update == NULL || !FIXED (w->update, store, out->u.verdict.update.store) ||
      NUMBER (w->update, seq) == 0 || !FIXED_OR_ABSENT (w, record, out->u.verdict.record) ||
      !w->has_verdict || w->n_arguments > REASON_ARGS)
    return false;
  out->u.verdict.update.seq = w->update->seq;
  out->u.verdict.verdict = (verdict_t)w->verdict;
  out->u.verdict.kind = w->has_kind ? (kind_t)w->kind : KIND_NONE;
  out->u.verdict.resulting = pb_bytes (w->resulting, w->has_resulting);
  for (size_t i = 0; i < w->n_arguments; i++)
    out->u.verdict.arguments[i] = pb_text (w->arguments[i]);
  out->u.verdict.alias_home = NUMBER (w, alias_home);
  if (!FIXED_OR_ABSENT (w, alias_to, out->u.verdict.alias_to) ||
      !clashes_from_wire (w->clashes, w->n_clashes, arena, &out->u.verdict.clashes,
                          &out->u.verdict.clashes_n))
    return false;
  return text_from_wire (w->reason, CODE_MAX, &out->u.verdict.reason) &&
         text_from_wire (w->key, TEXT_LONG_MAX, &out->u.verdict.key);
}

static bool
submission_from_wire (const Kc__SubmissionAnswer *w, decision_t *out)
{
  out->type = DECISION_SUBMISSION;
  if (w->version == NULL || !FIXED (w->version, store, out->u.submission.version.store) ||
      NUMBER (w->version, seq) == 0 || !FIXED (w, record, out->u.submission.record))
    return false;
  out->u.submission.version.seq = w->version->seq;
  out->u.submission.accepted = w->has_accepted && w->accepted;
  return text_from_wire (w->comment, COMMENT_MAX, &out->u.submission.comment) &&
         text_from_wire (w->key, TEXT_LONG_MAX, &out->u.submission.key);
}

static bool
due_from_wire (const Kc__DueDate *w, decision_t *out)
{
  out->type = DECISION_DUE;
  out->u.due.unit = NUMBER (w, unit);
  out->u.due.date = NUMBER (w, date);
  return text_from_wire (w->period, CODE_MAX, &out->u.due.period) && out->u.due.period.n > 0 &&
         text_from_wire (w->table, CODE_MAX, &out->u.due.table);
}

static bool
lock_from_wire (const Kc__Lock *w, decision_t *out)
{
  out->type = DECISION_LOCK;
  out->u.lock.locked = w->has_locked && w->locked;
  out->u.lock.unit = NUMBER (w, unit);
  out->u.lock.until.ms = NUMBER (w, until_ms);
  return text_from_wire (w->period, CODE_MAX, &out->u.lock.period) && out->u.lock.period.n > 0 &&
         text_from_wire (w->table, CODE_MAX, &out->u.lock.table) &&
         text_from_wire (w->reason, COMMENT_MAX, &out->u.lock.reason);
}

static bool
closing_from_wire (const Kc__Closing *w, decision_t *out)
{
  out->type = DECISION_CLOSING;
  out->u.closing.at = (position_t){NUMBER (w, epoch), NUMBER (w, lsn)};
  return text_from_wire (w->period, CODE_MAX, &out->u.closing.period) && out->u.closing.period.n > 0 &&
         FIXED (w, seal, out->u.closing.seal) &&
         text_from_wire (w->comment, COMMENT_MAX, &out->u.closing.comment);
}

static bool
flag_from_wire (const Kc__Flag *w, decision_t *out)
{
  out->type = DECISION_FLAG;
  if (w->n_arguments > REASON_ARGS || !FIXED (w, record, out->u.flag.record))
    return false;
  for (size_t i = 0; i < w->n_arguments; i++)
    out->u.flag.arguments[i] = pb_text (w->arguments[i]);
  out->u.flag.cleared = w->has_cleared && w->cleared;
  return text_from_wire (w->flag, CODE_MAX, &out->u.flag.flag) && out->u.flag.flag.n > 0 &&
         text_from_wire (w->check, CODE_MAX, &out->u.flag.check) &&
         text_from_wire (w->key, TEXT_LONG_MAX, &out->u.flag.key);
}

static bool
flag_answer_from_wire (const Kc__FlagAnswer *w, decision_t *out)
{
  out->type = DECISION_FLAG_ANSWER;
  return text_from_wire (w->flag, CODE_MAX, &out->u.flag_answer.flag) && out->u.flag_answer.flag.n > 0 &&
         text_from_wire (w->reason, COMMENT_MAX, &out->u.flag_answer.reason) &&
         FIXED (w, record, out->u.flag_answer.record);
}

static bool
settled_from_wire (const Kc__SettledConflict *w, arena_t *arena, decision_t *out)
{
  out->type = DECISION_SETTLED;
  out->u.settled.home = NUMBER (w, home);
  out->u.settled.kind = w->has_kind ? (kind_t)w->kind : KIND_NONE;
  out->u.settled.resulting = pb_bytes (w->resulting, w->has_resulting);
  return FIXED (w, record, out->u.settled.record) && out->u.settled.home != 0 &&
         out->u.settled.resulting.n > 0 && text_from_wire (w->key, TEXT_LONG_MAX, &out->u.settled.key) &&
         text_from_wire (w->reason, COMMENT_MAX, &out->u.settled.reason) &&
         settles_from_wire (w->settles, w->n_settles, arena, &out->u.settled.settles,
                            &out->u.settled.settles_n) == ERR_OK;
}

static bool
key_notice_from_wire (const Kc__KeyNotice *w, decision_t *out)
{
  out->type = DECISION_KEY_NOTICE;
  if (w->n_addresses > ADDRESSES_MAX ||
      !signed_from_wire (w->centre_certificate, &out->u.key_notice.centre_certificate))
    return false;
  for (size_t i = 0; i < w->n_addresses; i++)
    if (!text_from_wire (w->addresses[i], ADDRESS_MAX, &out->u.key_notice.addresses[i]))
      return false;
  out->u.key_notice.addresses_n = w->n_addresses;
  return true;
}

static bool
confirmation_from_wire (const Kc__Confirmation *w, decision_t *out)
{
  out->type = DECISION_CONFIRMATION;
  out->u.confirmation.serial = NUMBER (w, serial);
  return out->u.confirmation.serial != 0 &&
         text_from_wire (w->reason, COMMENT_MAX, &out->u.confirmation.reason);
}

static bool
parked_side_from_wire (const Kc__ParkedSide *w, arena_t *arena, decision_t *out)
{
  out->type = DECISION_PARKED_SIDE;
  out->u.parked_side.home = NUMBER (w, home);
  out->u.parked_side.update = pb_bytes (w->update, w->has_update);
  out->u.parked_side.base = pb_bytes (w->under, w->has_under);
  out->u.parked_side.since.ms = NUMBER (w, since_ms);
  return FIXED (w, record, out->u.parked_side.record) && out->u.parked_side.home != 0 &&
         out->u.parked_side.update.n > 0 &&
         text_from_wire (w->agent, TEXT_SHORT_MAX, &out->u.parked_side.agent) &&
         clashes_from_wire (w->clashes, w->n_clashes, arena, &out->u.parked_side.clashes,
                            &out->u.parked_side.clashes_n);
}

static bool
decision_from_wire (const Kc__Decision *w, arena_t *arena, decision_t *out)
{
  if (w->opened != NULL) {
    out->type = DECISION_OPENED;
    out->u.opened.unit = NUMBER (w->opened, unit);
    out->u.opened.epoch = NUMBER (w->opened, epoch);
    out->u.opened.parent_seq = NUMBER (w->opened, parent_seq);
    return FIXED_OR_ABSENT (w->opened, parent_store, out->u.opened.parent) &&
           FIXED_OR_ABSENT (w->opened, parent_hash, out->u.opened.parent_hash);
  }
  if (w->verdict != NULL) {
    out->type = DECISION_VERDICT;
    return verdict_from_wire (w->verdict, arena, out);
  }
  if (w->catalogue != NULL) {
    out->type = DECISION_CATALOGUE;
    out->u.catalogue.version = NUMBER (w->catalogue, version);
    out->u.catalogue.file = pb_bytes (w->catalogue->file, w->catalogue->has_file);
    return out->u.catalogue.version != 0 && out->u.catalogue.file.n > 0;
  }
  if (w->enrolment != NULL) {
    out->type = DECISION_ENROLMENT;
    return signed_from_wire (w->enrolment->certificate, &out->u.enrolment.certificate) &&
           out->u.enrolment.certificate.given &&
           FIXED_OR_ABSENT (w->enrolment, invite, out->u.enrolment.invite);
  }
  if (w->revocation != NULL) {
    out->type = DECISION_REVOCATION;
    out->u.revocation.serial = NUMBER (w->revocation, serial);
    return text_from_wire (w->revocation->reason, COMMENT_MAX, &out->u.revocation.reason) &&
           out->u.revocation.serial != 0;
  }
  if (w->submission != NULL)
    return submission_from_wire (w->submission, out);
  if (w->due != NULL)
    return due_from_wire (w->due, out);
  if (w->lock != NULL)
    return lock_from_wire (w->lock, out);
  if (w->closing != NULL)
    return closing_from_wire (w->closing, out);
  if (w->flag != NULL)
    return flag_from_wire (w->flag, out);
  if (w->flag_answer != NULL)
    return flag_answer_from_wire (w->flag_answer, out);
  if (w->settled != NULL)
    return settled_from_wire (w->settled, arena, out);
  if (w->key_notice != NULL)
    return key_notice_from_wire (w->key_notice, out);
  if (w->confirmation != NULL)
    return confirmation_from_wire (w->confirmation, out);
  if (w->parked_side != NULL)
    return parked_side_from_wire (w->parked_side, arena, out);
  out->type = DECISION_NONE;
  return true;
}

err_t
decision_decode (str_t bytes, arena_t *arena, decision_t *out)
{
  pb_fail_t fail;
  decision_t d;
  memset (&d, 0, sizeof d);
  if (bytes.n > UPDATE_MAX)
    return ERR_TOO_BIG;
  Kc__Decision *w = PB_UNPACK (Kc__Decision, kc__decision__descriptor, bytes, arena, &fail);
  if (w == NULL)
    return unpack_error (&fail);
  int given = (w->opened != NULL) + (w->verdict != NULL) + (w->catalogue != NULL) + (w->enrolment != NULL) +
              (w->revocation != NULL) + (w->submission != NULL) + (w->due != NULL) + (w->lock != NULL) +
              (w->closing != NULL) + (w->flag != NULL) + (w->flag_answer != NULL) + (w->settled != NULL) +
              (w->key_notice != NULL) + (w->confirmation != NULL) + (w->parked_side != NULL);
  if (given > 1 || !decision_from_wire (w, arena, &d))
    return ERR_MALFORMED;
  *out = d;
  return ERR_OK;
}
