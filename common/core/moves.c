/* moves.c - which way a scheme may go. DESIGN 3, Moves, word by word:
 *
 *   any state at creation (history is imported); any forward move, skipping allowed; into returned,
 *   rejected, stopped or withdrawn from anything not settled; leaving returned, whatever for, is free;
 *   backward, out of settled (to anything), or out of rejected, stopped or withdrawn only with a reason.
 */
#include "common/core/validate.h"

static bool
on_the_road (status_t s)
{
  return s >= STATUS_DRAFT && s <= STATUS_SETTLED;
}

move_t
move_judge (status_t from, status_t to)
{
  if (to <= STATUS_NONE || to >= STATUS_COUNT)
    return MOVE_ILLEGAL;
  if (from == STATUS_NONE || from == to || from == STATUS_RETURNED)
    return MOVE_FREE;
  if (from == STATUS_SETTLED || !on_the_road (from))
    return MOVE_NEEDS_REASON;
  if (!on_the_road (to))
    return MOVE_FREE;
  return to > from ? MOVE_FREE : MOVE_NEEDS_REASON;
}
