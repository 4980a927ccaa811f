#include "tests/unit/agent/outbox_model.h"

#include <string.h>

void
model_begin (model_t *m, store_id_t store)
{
  memset (m, 0, sizeof *m);
  m->stream[m->streams++] = (stream_t){store, 0};
  for (int i = 0; i < RECORDS; i++)
    m->stands[i] = m->told_state[i] = -1;
}

const char *
model_code (int record)
{
  static const char *const codes[RECORDS] = {"M-1", "M-2", "M-3", "M-4", "M-5", "N-1", "N-2", "N-3", "N-4"};
  return codes[record];
}

version_t
model_name (const model_t *m, int version)
{
  if (version < 0)
    return (version_t){.seq = 0};
  const version_row_t *v = &m->version[version];
  if (v->maker != OURS)
    return v->name;
  int s = m->streams - 1;
  while (m->stream[s].before >= v->place)
    s--;
  return (version_t){m->stream[s].store, v->place - m->stream[s].before};
}

/* ---- ours ---- */

static int
latest_of_ours (const model_t *m, int record, uint64_t behind)
{
  for (uint64_t p = m->last; p > behind; p--)
    if (m->version[m->of_place[p]].record == record)
      return m->of_place[p];
  return -1;
}

/* Ours that the centre has not judged, else what the centre has, else what it refused to have. */
int
model_shown (const model_t *m, int record)
{
  const int undecided = latest_of_ours (m, record, m->decided);
  if (undecided >= 0)
    return undecided;
  return m->told_state[record] >= 0 ? m->told_state[record] : latest_of_ours (m, record, 0);
}

int
model_add_version (model_t *m, int record, state_t s, maker_t maker, int base)
{
  CHECK (m->versions < VERSIONS_MAX);
  m->version[m->versions] = (version_row_t){.record = record, .state = s, .maker = maker, .base = base};
  return m->versions++;
}

int
model_write (model_t *m, int record, state_t s)
{
  const int at = model_add_version (m, record, s, OURS, model_shown (m, record));
  m->version[at].place = ++m->last;
  m->of_place[m->last] = at;
  return at;
}

void
model_fork (model_t *m, uint64_t common_place, store_id_t to)
{
  CHECK (m->streams < STREAMS_MAX);
  m->stream[m->streams++] = (stream_t){to, common_place};
  if (m->acked < common_place)
    m->acked = common_place;
}

/* ---- the centre ---- */

int
model_base (const model_t *m, int version, int *replaces)
{
  int base = m->version[version].base;
  *replaces = -1;
  while (base >= 0) {
    const version_row_t *b = &m->version[base];
    if (b->maker == OURS && b->judged == VERDICT_REFUSED)
      base = b->base;
    else if (b->judged == VERDICT_PARKED && b->standing) {
      *replaces = base;
      base = b->base;
    } else
      return base;
  }
  return base;
}

void
model_settles (model_t *m, int version, bool counts)
{
  const version_row_t *v = &m->version[version];
  if (v->base >= 0)
    m->version[v->base].standing = false;
  for (int i = 0; counts && i < v->settles_n; i++)
    m->version[v->settles[i]].standing = false;
}

/* ---- told ---- */

static void
decide_parked (model_t *m, int version, bool counts)
{
  const version_row_t *v = &m->version[version];
  if (v->base >= 0)
    m->told_parked[v->base] = 0;
  for (int i = 0; counts && i < v->settles_n; i++)
    m->told_parked[v->settles[i]] = 0;
}

static void
tell_verdict (model_t *m, int event)
{
  const event_t *e = &m->event[event];
  const version_row_t *v = &m->version[e->version];
  switch (e->verdict) {
  case VERDICT_REFUSED:
    m->refused[e->version] = event + 1;
    break;
  case VERDICT_MERGED:
    decide_parked (m, e->version, true);
    if (e->result >= 0)
      m->told_state[v->record] = e->result;
    break;
  case VERDICT_PARKED:
    decide_parked (m, e->version, false);
    m->told_parked[e->version] = event + 1;
    break;
  case VERDICT_NONE:
  case VERDICT_ACCEPTED:
  case VERDICT_ALIAS:
    CHECK (false);
  }
}

/* Told again, an event changes nothing. */
void
model_tell (model_t *m, int event)
{
  const event_t *e = &m->event[event];
  const version_row_t *v = &m->version[e->version];
  if (event < m->told)
    return;
  m->told = event + 1;
  if (v->maker == OURS && v->place > m->decided)
    m->decided = v->place;
  if (m->decided > m->acked) /* what it speaks of it has */
    m->acked = m->decided;
  if (e->type == EVENT_HEARD)
    return;
  if (e->type == EVENT_VERDICT) {
    tell_verdict (m, event);
  } else if (e->type == EVENT_SETTLED) {
    for (int i = 0; i < e->settles_n; i++)
      m->told_parked[e->settles[i]] = 0;
    m->told_state[v->record] = e->version;
  } else {
    decide_parked (m, e->version, true);
    m->told_state[v->record] = e->version;
  }
}

int
model_step (const model_t *m, int record, int at)
{
  for (; at < m->told; at++)
    if (m->event[at].type != EVENT_HEARD && m->version[m->event[at].version].record == record)
      return at;
  return -1;
}

static bool
taken_behind (const model_t *m, int record, int event)
{
  for (int i = model_step (m, record, event); i >= 0; i = model_step (m, record, i + 1))
    if (m->event[i].type != EVENT_VERDICT || m->event[i].verdict == VERDICT_MERGED)
      return true;
  return false;
}

/* The latest refusal, unless something was taken since, what is shown goes back to an update of ours that has
 * arrived since, or the record is withdrawn. */
bool
model_refusal_stands (const model_t *m, int record, int *refused)
{
  int shown = model_shown (m, record), at = -1;
  for (int i = 0; i < m->versions; i++)
    if (m->version[i].record == record && m->refused[i] > 0)
      at = i;
  *refused = at;
  if (at < 0 || m->version[shown].state.withdrawn || taken_behind (m, record, m->refused[at]))
    return false;
  const uint64_t since = m->version[at].place;
  for (; shown >= 0 && m->version[shown].maker == OURS && m->version[shown].place > since;
       shown = m->version[shown].base)
    if (m->version[shown].place <= m->acked && m->refused[shown] == 0)
      return false;
  return true;
}

shown_state_t
model_state_of (const model_t *m, int record)
{
  const int shown = model_shown (m, record);
  int refused;
  const version_row_t *v = &m->version[shown];
  if (m->refused[shown] > 0)
    return STATE_REFUSED;
  if (v->maker == OURS && v->place > m->acked)
    return STATE_WAITING;
  return model_refusal_stands (m, record, &refused) ? STATE_REFUSED : STATE_SENT;
}
