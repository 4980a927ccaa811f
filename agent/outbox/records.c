/* records.c - what the centre says of records, put beside what we have entered ourselves.
 *
 * The centre's word comes in the order of its log: updates by others, ours that were accepted, verdicts. Of
 * each record it makes one state after the other. That state is what the book shows, unless updates of ours
 * lie on top of it that the centre has not judged: then the latest of ours stays on the screen and the
 * centre's state waits in a shadow. When the last of ours is judged the book goes to the centre's state: to
 * our own version where that was accepted, to another where it was merged, parked or refused. A refused
 * create has no such state and stays as it is, for its author to mend.
 *
 * Whatever was taken before is known by its version and passed, so the cursor may begin anew at any time. */
#include "agent/outbox/recover.h"
#include "agent/outbox/taking.h"

#include "common/core/validate_units.h"
#include "common/wire/update_wire.h"

/* ---- the book and the shadow ---- */

typedef struct {
  bool shown, shadowed;
  row_t row, shadow; /* bytes are copies */
  update_t before;   /* of row */
} standing_t;

static err_t
decode_copy (taking_t *t, str_t *bytes, update_t *out)
{
  *bytes = arena_str (t->arena, *bytes);
  err_t err = bytes->p != NULL ? update_decode (*bytes, t->arena, out, NULL) : ERR_NOMEM;
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

static err_t
read_standing (taking_t *t, record_ref_t ref, standing_t *s)
{
  s->shown = s->shadowed = false;
  err_t err = book_get (t->o->book, t->txn, ref, &s->row);
  if (err == ERR_OK) {
    s->shown = true;
    err = decode_copy (t, &s->row.bytes, &s->before);
  } else if (err == ERR_NOT_FOUND)
    err = ERR_OK;
  if (err != ERR_OK)
    return err;
  err = outbox_shadow_get (t->txn, ref, &s->shadow);
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  s->shadowed = err == ERR_OK;
  if (err == ERR_OK && (s->shadow.bytes = arena_str (t->arena, s->shadow.bytes)).p == NULL)
    err = ERR_NOMEM;
  return err;
}

/* Its office may have become another: the provincial office moved it. */
static bool
is_ours (const taking_t *t, const record_t *r)
{
  const identity_t *id = &t->o->identity;
  return id->role != ROLE_OFFICE || t->o->catalogue == NULL ||
         office_may_write (t->o->catalogue, id->unit, r);
}

static err_t
drop_row (taking_t *t, const standing_t *s)
{
  return s->shown ? book_drop (t->o->book, t->txn, &s->row, &s->before.record) : ERR_OK;
}

/* Out of the book, for as long as that must be. */
static err_t
hide (taking_t *t, const standing_t *s, const row_t *state)
{
  err_t err = drop_row (t, s);
  if (err == ERR_OK)
    err = outbox_shadow_put (t->txn, state);
  return err == ERR_OK ? outbox_hidden_put (t->txn, state->ref) : err;
}

static err_t
put (taking_t *t, const standing_t *s, const update_t *u, const row_t *state)
{
  return book_set (t->o->book, t->txn, s->shown ? &s->row : NULL, s->shown ? &s->before.record : NULL, u,
                   state);
}

/* A create of ours that was refused holds the key of a record that is there after all: it keeps to the
 * shadow, refused as before, until the key is free. Others that hold a key are records too, and what waits in
 * such a shadow itself puts nobody out. */
static err_t
make_way (taking_t *t, const update_t *u, bool *made)
{
  buf_t key = BUF_INIT;
  record_ref_t ref;
  standing_t s;
  bool refused = false;
  *made = false;
  err_t err = outbox_unsettled (t->o, t->txn, u->id, u->version, t->decided, &refused);
  if (err != ERR_OK || refused)
    return err;
  err = record_key (&u->record, &key) && buf_ok (&key) ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK)
    err = book_find_key (t->o->book, t->txn, u->record.kind, buf_str (&key), &ref);
  buf_free (&key);
  if (err == ERR_OK)
    err = read_standing (t, ref, &s);
  if (err != ERR_OK || !s.shown || s.shadowed || outbox_row_undecided (t->o, &s.row, t->decided))
    return err == ERR_NOT_FOUND ? ERR_OK : err;
  err = outbox_refusal_of (t->o, t->txn, ref.id, s.row.version, &refused, NULL);
  if (err != ERR_OK || !refused)
    return err;
  *made = true;
  return hide (t, &s, &s.row);
}

/* The book shows the centre's state; where it cannot the state keeps to the shadow. */
static err_t
show (taking_t *t, const standing_t *s, const update_t *u, const row_t *state)
{
  bool made = false;
  if (!is_ours (t, &u->record))
    return hide (t, s, state);
  err_t err = put (t, s, u, state);
  if (err == ERR_EXISTS) {
    err = make_way (t, u, &made);
    if (err == ERR_OK)
      err = made ? put (t, s, u, state) : ERR_EXISTS;
  }
  if (err == ERR_EXISTS || err == ERR_OVERFLOW)
    return hide (t, s, state);
  if (err == ERR_OK && s->shadowed)
    err = outbox_shadow_del (t->txn, state->ref);
  return err == ERR_OK && s->shadowed ? outbox_hidden_del (t->txn, state->ref) : err;
}

/* The centre gave the record this state. */
static err_t
new_state (taking_t *t, record_ref_t ref, const update_t *u, uint64_t lsn, wall_t received)
{
  standing_t s;
  err_t err = read_standing (t, ref, &s);
  if (err != ERR_OK)
    return err;
  const bool undecided = s.shown && outbox_row_undecided (t->o, &s.row, t->decided);
  const uint32_t revision = s.shadowed ? s.shadow.revision : s.shown && !undecided ? s.row.revision : 0;
  const row_t state = {.ref = ref,
                       .version = u->version,
                       .at = lsn,
                       .revision = revision + 1,
                       .received = received,
                       .withdrawn = u->operation == OP_WITHDRAW,
                       .bytes = u->bytes};
  if (s.shown && !undecided && version_eq (s.row.version, u->version))
    return s.shadowed ? outbox_shadow_del (t->txn, ref) : ERR_OK;
  return undecided ? outbox_shadow_put (t->txn, &state) : show (t, &s, u, &state);
}

/* An update of ours on this record was judged: if it was the last of them the centre's state is shown. */
static err_t
settle (taking_t *t, record_ref_t ref)
{
  standing_t s;
  update_t u;
  record_ref_t other;
  bool alias = false;
  err_t err = read_standing (t, ref, &s);
  if (err != ERR_OK || !s.shown || outbox_row_undecided (t->o, &s.row, t->decided))
    return err;
  err = outbox_alias_get (t->txn, ref.id, &other, &alias);
  if (err == ERR_OK && alias)
    return drop_row (t, &s);
  if (err != ERR_OK || !s.shadowed)
    return err;
  err = update_decode (s.shadow.bytes, t->arena, &u, NULL);
  if (err == ERR_OK)
    return show (t, &s, &u, &s.shadow);
  return err == ERR_NOMEM ? err : ERR_DAMAGED;
}

err_t
records_show_hidden (taking_t *t)
{
  record_ref_t ref = {0, {{0}}};
  err_t err;
  while ((err = outbox_hidden_after (t->txn, &ref)) == ERR_OK) {
    standing_t s;
    update_t u;
    arena_reset (t->arena);
    err = read_standing (t, ref, &s);
    if (err == ERR_OK && (!s.shadowed || s.shown))
      err = outbox_hidden_del (t->txn, ref);
    else if (err == ERR_OK) {
      err = update_decode (s.shadow.bytes, t->arena, &u, NULL);
      if (err == ERR_OK)
        err = show (t, &s, &u, &s.shadow);
      else if (err != ERR_NOMEM)
        err = ERR_DAMAGED;
    }
    if (err != ERR_OK)
      return err;
  }
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- parked sides ---- */

/* What a counted update decides: the sides it names, and the one it was made on. */
static err_t
decide_parked (taking_t *t, record_id_t id, const update_t *u, bool counts)
{
  err_t err = u->base.seq != 0 ? outbox_parked_del (t->txn, id, u->base) : ERR_OK;
  for (uint32_t i = 0; err == ERR_OK && counts && i < u->settles_n; i++)
    err = outbox_parked_del (t->txn, id, u->settles[i]);
  return err;
}

/* ---- updates ---- */

static err_t
was_told (taking_t *t, record_id_t id, version_t v, bool *out)
{
  err_t err = outbox_story_of (t->txn, id, v, NULL);
  *out = err == ERR_OK;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void
decided_upto (taking_t *t, const version_t *v)
{
  uint64_t place;
  if (outbox_place_of (t->o, *v, &place) && place > t->decided)
    t->decided = place;
}

static err_t
accepted (taking_t *t, const update_t *u, uint64_t lsn, wall_t received)
{
  bool told = false;
  err_t err = was_told (t, u->id, u->version, &told);
  if (err != ERR_OK || told)
    return err;
  const story_row_t story = {.id = u->id, .lsn = lsn, .version = u->version, .verdict = VERDICT_ACCEPTED};
  err = outbox_story_put (t->txn, &story);
  if (err == ERR_OK)
    err = decide_parked (t, u->id, u, true);
  return err == ERR_OK ? new_state (t, (record_ref_t){u->home, u->id}, u, lsn, received) : err;
}

/* One that this version cannot read has no effect; its bytes are kept. */
err_t
records_take_other (taking_t *t, const record_entry_t *e)
{
  update_t u;
  uint64_t place;
  arena_reset (t->arena);
  err_t err = update_decode (e->update, t->arena, &u, NULL);
  if (err == ERR_NOMEM)
    return err;
  if (u.version.seq == 0)
    return ERR_FORGED;
  if (e->received.ms > t->told_at.ms)
    t->told_at = e->received;
  const other_row_t row = {.version = u.version,
                           .lsn = e->lsn,
                           .received = e->received,
                           .verdict = (verdict_t)e->verdict,
                           .agent = e->agent,
                           .bytes = e->update};
  if (err != ERR_OK || !kind_supported (u.record.kind))
    return outbox_other_put (t->txn, &row);
  if (!outbox_place_of (t->o, u.version, &place))
    err = outbox_other_put (t->txn, &row);
  if (err == ERR_OK)
    err = outbox_lost_shown (t->txn, u.id, u.version);
  return err == ERR_OK && row.verdict == VERDICT_ACCEPTED ? accepted (t, &u, e->lsn, e->received) : err;
}

/* The row shows this very version: that it stands at the centre is all there is to note. */
static err_t
mark_own (taking_t *t, const update_t *u, uint64_t lsn, bool *marked)
{
  row_t row;
  bool told = false;
  *marked = false;
  err_t err = book_get (t->o->book, t->txn, (record_ref_t){u->home, u->id}, &row);
  if (err == ERR_NOT_FOUND || (err == ERR_OK && !version_eq (row.version, u->version)))
    return ERR_OK;
  if (err == ERR_OK)
    err = was_told (t, u->id, u->version, &told);
  if (err != ERR_OK)
    return err;
  *marked = true;
  if (told)
    return ERR_OK;
  row.bytes = u->bytes;
  const story_row_t story = {.id = u->id, .lsn = lsn, .version = u->version, .verdict = VERDICT_ACCEPTED};
  err = book_mark (t->o->book, t->txn, &row, lsn);
  if (err == ERR_OK)
    err = outbox_story_put (t->txn, &story);
  if (err == ERR_OK)
    err = decide_parked (t, u->id, u, true);
  return err == ERR_OK ? outbox_shadow_del (t->txn, row.ref) : err;
}

err_t
records_take_own (taking_t *t, const own_range_t *r)
{
  err_t err = ERR_OK;
  for (uint64_t seq = r->first_seq; err == ERR_OK && seq <= r->last_seq; seq++) {
    const version_t v = {r->store, seq};
    const uint64_t lsn = r->first_lsn + (seq - r->first_seq);
    update_t u;
    uint64_t place;
    bool marked = false;
    arena_reset (t->arena);
    err = outbox_version_get (t->o, t->txn, v, t->arena, &u);
    if (err == ERR_NOT_FOUND)
      return ERR_FORGED; /* nothing of ours that we do not have */
    decided_upto (t, &v);
    if (outbox_place_of (t->o, v, &place) && place > t->own_told)
      t->own_told = place;
    if (err == ERR_OK)
      err = mark_own (t, &u, lsn, &marked);
    if (err == ERR_OK && !marked)
      err = accepted (t, &u, lsn, t->now);
  }
  return err;
}

/* ---- verdicts ---- */

typedef struct {
  const update_t *said; /* the decision's update */
  const decision_t *d;
  uint64_t lsn;
  bool ours, known; /* the update judged: ours; here */
  update_t u;
  str_t agent;
  record_ref_t ref; /* the record it was judged for */
  bool told;
} verdict_of_t;

static err_t
read_judged (taking_t *t, verdict_of_t *v)
{
  const version_t judged = v->d->u.verdict.update;
  uint64_t place;
  other_row_t other;
  v->ours = outbox_place_of (t->o, judged, &place);
  v->agent = STR ("");
  err_t err = outbox_version_get (t->o, t->txn, judged, t->arena, &v->u);
  v->known = err == ERR_OK;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  if (v->known && !v->ours && outbox_other_get (t->txn, judged, &other) == ERR_OK) {
    v->agent = arena_str (t->arena, other.agent);
    if (v->agent.p == NULL)
      return ERR_NOMEM;
  }
  v->ref = (record_ref_t){v->known ? v->u.home : 0, v->d->u.verdict.record};
  if (v->d->u.verdict.alias_home != 0)
    v->ref = (record_ref_t){v->d->u.verdict.alias_home, v->d->u.verdict.alias_to};
  return was_told (t, v->ref.id, judged, &v->told);
}

static err_t
note_story (taking_t *t, const verdict_of_t *v, version_t resulting)
{
  const story_row_t story = {.id = v->ref.id,
                             .lsn = v->lsn,
                             .version = v->d->u.verdict.update,
                             .verdict = v->d->u.verdict.verdict,
                             .resulting = resulting};
  return outbox_story_put (t->txn, &story);
}

static err_t
take_refused (taking_t *t, const verdict_of_t *v)
{
  uint64_t place;
  if (!outbox_place_of (t->o, v->d->u.verdict.update, &place))
    return ERR_OK;
  refused_row_t r = {.id = v->d->u.verdict.record,
                     .seq = place,
                     .reason = v->d->u.verdict.reason,
                     .since = v->said->agent_time,
                     .key = v->d->u.verdict.key,
                     .kind = v->d->u.verdict.kind};
  for (int i = 0; i < REASON_ARGS; i++)
    r.arguments[i] = v->d->u.verdict.arguments[i];
  err_t err = outbox_refusal_put (t->txn, &r);
  return err == ERR_OK ? note_story (t, v, (version_t){.seq = 0}) : err;
}

/* The state that a decision holds, under the decision's own number. */
static err_t
take_resulting (taking_t *t, const verdict_of_t *v, str_t resulting)
{
  update_t u;
  err_t err = decode_copy (t, &resulting, &u);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK; /* of a later version: kept as it came */
  if (!version_eq (u.version, v->said->version) || !kind_supported (u.record.kind))
    return ERR_FORGED;
  return new_state (t, (record_ref_t){u.home, u.id}, &u, v->lsn, v->said->agent_time);
}

static err_t
take_merged (taking_t *t, const verdict_of_t *v)
{
  const str_t resulting = v->d->u.verdict.resulting;
  err_t err = note_story (t, v, resulting.n > 0 ? v->said->version : (version_t){.seq = 0});
  if (err == ERR_OK && v->known)
    err = decide_parked (t, v->ref.id, &v->u, true);
  return err == ERR_OK && resulting.n > 0 ? take_resulting (t, v, resulting) : err;
}

static err_t
take_parked (taking_t *t, const verdict_of_t *v)
{
  if (!v->known)
    return ERR_OK; /* of a record that is not for us */
  const parked_row_t row = {.ref = v->ref,
                            .version = v->d->u.verdict.update,
                            .lsn = v->lsn,
                            .since = v->said->agent_time,
                            .agent = v->agent,
                            .bytes = v->u.bytes,
                            .clashes = v->d->u.verdict.clashes,
                            .clashes_n = v->d->u.verdict.clashes_n};
  err_t err = note_story (t, v, (version_t){.seq = 0});
  if (err == ERR_OK)
    err = decide_parked (t, v->ref.id, &v->u, false);
  return err == ERR_OK ? outbox_parked_put (t->txn, &row) : err;
}

/* A restored centre may have to refuse what the lost one had taken: another got the key before we came back.
 */
static err_t
taken_back (taking_t *t, verdict_of_t *v)
{
  story_row_t before;
  if (!v->ours || !v->told || v->d->u.verdict.verdict != VERDICT_REFUSED)
    return ERR_OK;
  err_t err = outbox_story_of (t->txn, v->ref.id, v->d->u.verdict.update, &before);
  if (err == ERR_OK && before.verdict != VERDICT_REFUSED)
    v->told = false;
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static err_t
take_verdict (taking_t *t, verdict_of_t *v)
{
  err_t err = read_judged (t, v);
  if (err == ERR_OK)
    err = taken_back (t, v);
  if (err != ERR_OK)
    return err;
  decided_upto (t, &v->d->u.verdict.update);
  if (v->d->u.verdict.verdict == VERDICT_REFUSED) /* its author is back, and has it to mend */
    err = outbox_lost_shown (t->txn, v->d->u.verdict.record, v->d->u.verdict.update);
  if (err == ERR_OK && v->d->u.verdict.alias_home != 0)
    err = outbox_alias_put (t->txn, v->d->u.verdict.record, v->ref);
  switch (err == ERR_OK && !v->told ? v->d->u.verdict.verdict : VERDICT_NONE) {
  case VERDICT_NONE:
  case VERDICT_ACCEPTED:
    break;
  case VERDICT_ALIAS:
    err = note_story (t, v, (version_t){.seq = 0});
    break;
  case VERDICT_REFUSED:
    err = take_refused (t, v);
    break;
  case VERDICT_MERGED:
    err = take_merged (t, v);
    break;
  case VERDICT_PARKED:
    err = take_parked (t, v);
    break;
  }
  if (err != ERR_OK || !v->ours || !v->known)
    return err;
  err = settle (t, (record_ref_t){v->u.home, v->u.id});
  return err == ERR_OK && v->u.home != 0 && !record_id_eq (v->u.id, v->ref.id) ? settle (t, v->ref) : err;
}

static err_t
take_settled (taking_t *t, const verdict_of_t *v)
{
  bool told = false;
  const record_id_t id = v->d->u.settled.record;
  err_t err = was_told (t, id, v->said->version, &told);
  if (err != ERR_OK || told)
    return err;
  const story_row_t story = {.id = id,
                             .lsn = v->lsn,
                             .version = v->said->version,
                             .verdict = VERDICT_MERGED,
                             .resulting = v->said->version};
  err = outbox_story_put (t->txn, &story);
  for (uint32_t i = 0; err == ERR_OK && i < v->d->u.settled.settles_n; i++)
    err = outbox_parked_del (t->txn, id, v->d->u.settled.settles[i]);
  return err == ERR_OK ? take_resulting (t, v, v->d->u.settled.resulting) : err;
}

/* ---- sides that came with their record ---- */

static err_t
keep_other (taking_t *t, version_t v, uint64_t lsn, wall_t received, verdict_t verdict, str_t agent,
            str_t bytes)
{
  other_row_t known;
  uint64_t place;
  if (outbox_place_of (t->o, v, &place))
    return ERR_OK;
  err_t err = outbox_other_get (t->txn, v, &known);
  if (err != ERR_NOT_FOUND)
    return err;
  const other_row_t row = {
      .version = v, .lsn = lsn, .received = received, .verdict = verdict, .agent = agent, .bytes = bytes};
  return outbox_other_put (t->txn, &row);
}

/* Where the record was before, its office was told of the side as it was parked; we are told now, with the
 * state it was made on. */
static err_t
take_side (taking_t *t, const decision_t *d, uint64_t lsn)
{
  update_t parked, base;
  bool told = false;
  const record_ref_t ref = {d->u.parked_side.home, d->u.parked_side.record};
  const wall_t since = d->u.parked_side.since;
  const str_t agent = d->u.parked_side.agent;
  str_t bytes = d->u.parked_side.update, under = d->u.parked_side.base;
  err_t err = decode_copy (t, &bytes, &parked);
  if (err == ERR_OK && under.n > 0)
    err = decode_copy (t, &under, &base);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_OK; /* of a later version: kept as it came */
  err = was_told (t, ref.id, parked.version, &told);
  if (err != ERR_OK || told)
    return err;
  err = keep_other (t, parked.version, lsn, since, VERDICT_PARKED, agent, bytes);
  if (err == ERR_OK && under.n > 0 && parked.base.seq != 0)
    err = keep_other (t, parked.base, lsn, since, VERDICT_ACCEPTED, STR (""), under);
  const story_row_t story = {.id = ref.id, .lsn = lsn, .version = parked.version, .verdict = VERDICT_PARKED};
  const parked_row_t row = {.ref = ref,
                            .version = parked.version,
                            .lsn = lsn,
                            .since = since,
                            .agent = agent,
                            .bytes = bytes,
                            .clashes = d->u.parked_side.clashes,
                            .clashes_n = d->u.parked_side.clashes_n};
  if (err == ERR_OK)
    err = outbox_story_put (t->txn, &story);
  return err == ERR_OK ? outbox_parked_put (t->txn, &row) : err;
}

err_t
records_take_decision (taking_t *t, const update_t *u, const decision_t *d, uint64_t lsn)
{
  verdict_of_t v = {.said = u, .d = d, .lsn = lsn};
  if (d->type == DECISION_PARKED_SIDE)
    return take_side (t, d, lsn);
  return d->type == DECISION_VERDICT ? take_verdict (t, &v) : take_settled (t, &v);
}
