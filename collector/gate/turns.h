/* turns.h - whose chunk goes to the writer next.
 *
 * Shares are of bytes, not of chunks. Each session has a mark: what it has had so far, moved up to where the
 * others are when it comes back from having nothing to send. Whose next chunk would end at the lowest mark
 * goes first. So those with backlogs share evenly, however they cut them, and one that sends an update now
 * and then goes before all of them, for it asks for little; it cannot get more than its share that way, and
 * nobody waits for ever: marks only rise. */
#ifndef KC_COLLECTOR_GATE_TURNS_H
#define KC_COLLECTOR_GATE_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct turns turns_t;
turns_t *turns_new (uint32_t slots); /* NULL: no memory */
void turns_destroy (turns_t **self_p);

/* The slot, which was not waiting, has a chunk of so many bytes. */
void turns_wait (turns_t *t, uint32_t slot, size_t bytes);
/* Whose turn it is; it waits no more. False: nobody waits. */
bool turns_next (turns_t *t, uint32_t *slot);
bool turns_any (const turns_t *t);
/* The slot waits no more, and is another's from now on. */
void turns_leave (turns_t *t, uint32_t slot);

#endif
