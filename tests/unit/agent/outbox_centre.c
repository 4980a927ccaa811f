/* outbox_centre.c - a centre that says whatever it likes, as far as an office may rely on it. */
#include "tests/unit/agent/outbox_run.h"

#include "common/crypto/crypto.h"
#include "common/wire/update_wire.h"

#define TOLD_BEFORE 2u /* events of joining */

/* ---- judging ---- */

static int
new_event (run_t *r, event_type_t type, int version, verdict_t verdict)
{
  model_t *m = r->m;
  assert_true (m->events < EVENTS_MAX);
  m->event[m->events] = (event_t){.type = type, .version = version, .verdict = verdict, .result = -1};
  r->entry[m->events] = (centre_entry_t){0};
  return m->events++;
}

static void
say (run_t *r, int event, const decision_t *d)
{
  const msg_down_t down = fake_centre_say (r->e->centre, d);
  r->entry[event] = down.centre[0];
  r->head[event] = down.heads[0];
  r->m->event[event].lsn = down.last_lsn;
}

/* A state under the number of the decision to come. */
static str_t
encode (run_t *r, int version, uint64_t seq, buf_t *out)
{
  const version_row_t *v = &r->m->version[version];
  update_t u = {.version = {v->maker == THEIRS ? r->other_store : r->e->centre->stream, seq},
                .id = r->m->id[v->record],
                .home = outbox_identity (r->e->o)->unit,
                .operation = v->state.withdrawn ? OP_WITHDRAW : OP_PUT,
                .base = model_name (r->m, v->base),
                .person = STR ("Bình"),
                .comment = STR ("lý do")};
  version_t settles[SETTLES_MAX];
  for (int i = 0; i < v->settles_n; i++)
    settles[u.settles_n++] = model_name (r->m, v->settles[i]);
  u.settles = settles;
  record_of (r, v->record, v->state, &u.record);
  buf_clear (out);
  assert_true (update_encode (&u, out));
  r->m->version[version].name = u.version;
  return buf_str (out);
}

static void
taken (run_t *r, int version)
{
  model_t *m = r->m;
  m->version[version].judged = VERDICT_ACCEPTED;
  m->stands[m->version[version].record] = version;
  model_settles (m, version, true);
  m->event[new_event (r, EVENT_TAKEN, version, VERDICT_ACCEPTED)].lsn = ++r->e->centre->lsn;
}

static state_t
mixed (run_t *r, state_t a, state_t b)
{
  return (state_t){dice (r, 2) ? a.note : b.note, dice (r, 2) ? a.commune : b.commune,
                   dice (r, 2) ? a.money : b.money, dice (r, 2) ? a.withdrawn : b.withdrawn};
}

static void
verdict (run_t *r, int version, verdict_t verdict)
{
  static const str_t clash = STR ("note");
  model_t *m = r->m;
  version_row_t *v = &m->version[version];
  buf_t bytes = BUF_INIT;
  const int event = new_event (r, EVENT_VERDICT, version, verdict);
  decision_t d = {.type = DECISION_VERDICT};
  d.u.verdict.update = model_name (m, version);
  d.u.verdict.record = m->id[v->record];
  d.u.verdict.verdict = v->judged = verdict;
  d.u.verdict.kind = KIND_SCHEME;
  d.u.verdict.key = str_of (model_code (v->record));
  if (verdict == VERDICT_REFUSED)
    d.u.verdict.reason = STR ("bad_code");
  if (verdict == VERDICT_PARKED) {
    d.u.verdict.clashes = &clash;
    d.u.verdict.clashes_n = 1;
    model_settles (m, version, false);
    v->standing = true;
  }
  if (verdict == VERDICT_MERGED) {
    model_settles (m, version, true);
    if (dice (r, 4) > 0) {
      const int now = m->stands[v->record];
      const int result =
          model_add_version (m, v->record, mixed (r, m->version[now].state, v->state), MADE, now);
      d.u.verdict.resulting = encode (r, result, r->e->centre->seq + 1, &bytes);
      m->stands[v->record] = m->event[event].result = result;
    }
  }
  say (r, event, &d);
  buf_free (&bytes);
}

static void
judge_one (run_t *r)
{
  model_t *m = r->m;
  if (m->judged == m->received)
    return;
  const int at = m->of_place[++m->judged];
  const version_row_t *v = &m->version[at];
  int replaces;
  const int base = model_base (m, at, &replaces), now = m->stands[v->record];
  const uint32_t chance = dice (r, 10);
  if (now < 0 ? v->state.withdrawn || chance < 3 : chance < 2)
    verdict (r, at, VERDICT_REFUSED);
  else if (now < 0 || (base == now && replaces < 0))
    taken (r, at);
  else
    verdict (r, at, chance < 6 ? VERDICT_MERGED : VERDICT_PARKED);
}

/* What the other PC does, on what stands or on what stood. */
static void
theirs (run_t *r)
{
  model_t *m = r->m;
  const int record = (int)dice (r, RECORDS), now = m->stands[record];
  if (now < 0 && record < OWN_RECORDS)
    return;
  const bool behind = now >= 0 && dice (r, 3) == 0, settle = dice (r, 2);
  const int at = model_add_version (m, record, random_state (r), THEIRS, now);
  version_row_t *v = &m->version[at];
  v->state.withdrawn = now >= 0 && dice (r, 8) == 0;
  for (int i = 0; i < at && settle && v->settles_n < (int)SETTLES_MAX; i++)
    if (m->version[i].standing && m->version[i].record == record)
      v->settles[v->settles_n++] = i;
  if (now < 0) {
    crypto_random (m->id[record].b, sizeof m->id[record].b);
    m->has_id[record] = true;
  }
  v->name = (version_t){r->other_store, ++r->other_seq};
  if (!behind) {
    taken (r, at);
    return;
  }
  /* told as a record first, then what came of it */
  const int event = new_event (r, EVENT_HEARD, at, VERDICT_NONE);
  m->event[event].lsn = ++r->e->centre->lsn;
  verdict (r, at, dice (r, 2) ? VERDICT_PARKED : VERDICT_MERGED);
}

static void
settle_there (run_t *r)
{
  model_t *m = r->m;
  const int record = (int)dice (r, RECORDS);
  version_t settles[SETTLES_MAX];
  buf_t bytes = BUF_INIT;
  decision_t d = {.type = DECISION_SETTLED};
  event_t e = {.type = EVENT_SETTLED};
  for (int i = 0; i < m->versions && e.settles_n < (int)SETTLES_MAX; i++)
    if (m->version[i].standing && m->version[i].record == record) {
      settles[e.settles_n] = model_name (m, i);
      e.settles[e.settles_n++] = i;
      m->version[i].standing = false;
    }
  if (e.settles_n == 0)
    return;
  const int result = model_add_version (m, record, random_state (r), MADE, m->stands[record]);
  const int event = new_event (r, EVENT_SETTLED, result, VERDICT_NONE);
  memcpy (m->event[event].settles, e.settles, sizeof e.settles);
  m->event[event].settles_n = e.settles_n;
  d.u.settled.record = m->id[record];
  d.u.settled.home = outbox_identity (r->e->o)->unit;
  d.u.settled.kind = KIND_SCHEME;
  d.u.settled.key = str_of (model_code (record));
  d.u.settled.reason = STR ("đã hỏi");
  d.u.settled.settles = settles;
  d.u.settled.settles_n = (uint32_t)e.settles_n;
  d.u.settled.resulting = encode (r, result, r->e->centre->seq + 1, &bytes);
  m->stands[record] = result;
  say (r, event, &d);
  buf_free (&bytes);
}

/* ---- being told ---- */

msg_down_t
down_of (run_t *r, int from, int to, arena_t *arena)
{
  const model_t *m = r->m;
  const size_t n = (size_t)(to - from);
  centre_entry_t *entry = arena_alloc (arena, (n + 1) * sizeof *entry);
  record_entry_t *record = arena_alloc (arena, (n + 1) * sizeof *record);
  own_range_t *own = arena_alloc (arena, (n + 1) * sizeof *own);
  msg_down_t d = {.epoch = r->e->centre->epoch,
                  .first_lsn = from == 0 ? 1 : m->event[from - 1].lsn + 1,
                  .last_lsn = to == 0 ? TOLD_BEFORE : m->event[to - 1].lsn,
                  .centre = entry,
                  .records = record,
                  .own = own,
                  .complete = to == m->events};
  for (int i = from; i < to; i++) {
    const event_t *e = &m->event[i];
    const version_row_t *v = &m->version[e->version];
    const version_t name = model_name (m, e->version);
    buf_t bytes = BUF_INIT;
    if (e->type == EVENT_VERDICT || e->type == EVENT_SETTLED) {
      entry[d.centre_n++] = r->entry[i];
      d.heads = &r->head[i];
      d.heads_n = 1;
    } else if (v->maker == OURS) {
      own_range_t *last = d.own_n > 0 ? &own[d.own_n - 1] : NULL;
      if (last != NULL && store_id_eq (last->store, name.store) && last->last_seq + 1 == name.seq &&
          last->first_lsn + (name.seq - last->first_seq) == e->lsn)
        last->last_seq++;
      else
        own[d.own_n++] = (own_range_t){name.store, name.seq, name.seq, e->lsn};
    } else {
      record[d.records_n++] =
          (record_entry_t){.lsn = e->lsn,
                           .update = arena_str (arena, encode (r, e->version, name.seq, &bytes)),
                           .verdict = e->type == EVENT_HEARD ? m->event[i + 1].verdict : VERDICT_ACCEPTED,
                           .received = {1700000000000},
                           .agent = STR ("549-2")};
    }
    buf_free (&bytes);
  }
  return d;
}

int
events_next (run_t *r)
{
  const int left = r->m->events - r->m->again;
  return r->m->again + (left > 0 ? 1 + (int)dice (r, (uint32_t)left) : 0);
}

void
told_upto (model_t *m, int to)
{
  for (int i = m->again; i < to; i++)
    model_tell (m, i);
  m->again = to;
}

void
centre_acts (run_t *r)
{
  for (uint32_t n = dice (r, 4); n > 0; n--)
    judge_one (r);
  if (dice (r, 4) == 0)
    theirs (r);
  if (dice (r, 12) == 0)
    settle_there (r);
}
