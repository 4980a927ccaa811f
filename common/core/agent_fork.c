/* agent_fork.c - the centre holds something else under our name: up to where do we agree?
 *
 * A WELCOME can tell that the centre has more of our stream than we do (this store is an old copy of itself),
 * or other bytes under our numbers (it was copied, or written on after an old copy was put back). Going on
 * would drop updates in silence, so the stream is left at the last place both have and goes on in a new one.
 *
 * Where that is, the centre is asked: a HELLO says "acknowledged up to here, with this hash", the WELCOME
 * whether that fits, and halving finds the place in a few questions on the same line. The later the place,
 * the less is sent twice under another name, to be merged with itself. Then the store forks, and a HELLO
 * begins anew. A line that breaks meanwhile costs nothing but asking again. That a new stream does not fit
 * either cannot be, and is not forked from: then a person must look. */
#include "common/core/agent_session_private.h"

static void
next_question (agent_session_t *s, mono_t now, agent_effects_t *out)
{
  if (s->fork.lo < s->fork.hi) {
    s->fork.probe =
        s->fork.probe == 0 && s->fork.older ? s->fork.hi : s->fork.lo + (s->fork.hi - s->fork.lo + 1) / 2;
    agent_change_state (s, AGENT_CHECKING, now, out);
    agent_effect (out, AGENT_DO_PROBE)->u.seq = s->fork.probe;
    return;
  }
  agent_change_state (s, AGENT_FORKING, now, out);
  agent_effect_t *e = agent_effect (out, AGENT_DO_FORK);
  e->u.fork.store = s->facts.stream.store;
  e->u.fork.common = s->fork.lo;
  e->u.fork.older = s->fork.older;
}

void
agent_fork_begin (agent_session_t *s, const stream_cursor_t *at, bool cursor_misfits, mono_t now,
                  agent_effects_t *out)
{
  const stream_state_t *mine = &s->facts.stream;
  const bool older = at->cursor > mine->last_seq;
  if (s->forked) {
    agent_end_session (s, older ? SESSION_STORE_OLDER : SESSION_STORE_CLONED, now, out);
    return;
  }
  s->fork.on = true;
  s->fork.older = older;
  s->fork.probe = 0;
  s->fork.lo = at->acked_fits ? mine->last_acked : 0;
  s->fork.hi = older ? mine->last_seq : at->cursor;
  if (!at->acked_fits && s->fork.hi >= mine->last_acked)
    s->fork.hi = mine->last_acked > 0 ? mine->last_acked - 1 : 0;
  if (cursor_misfits && s->fork.hi >= at->cursor)
    s->fork.hi = at->cursor - 1;
  if (s->fork.lo > s->fork.hi)
    s->fork.lo = s->fork.hi;
  next_question (s, now, out);
}

void
agent_fork_answered (agent_session_t *s, const stream_cursor_t *at, mono_t now, agent_effects_t *out)
{
  if (at->acked_fits && at->cursor >= s->fork.probe)
    s->fork.lo = s->fork.probe;
  else
    s->fork.hi = s->fork.probe - 1;
  next_question (s, now, out);
}
