/* actor.h - a thread that owns its state and is reached by mail only.
 *
 * Mail is a pointer; sending it gives it away. Each actor has one pipe to its maker: mail sent from one end
 * arrives at the other in order. Sending never blocks, so what may be under way is bounded by who sends. */
#ifndef KC_NET_ACTOR_H
#define KC_NET_ACTOR_H

#include "common/net/net.h"

typedef struct mailbox mailbox_t; /* one end of the pipe */
typedef struct actor actor_t;
typedef void (actor_fn) (mailbox_t *box, void *arg);

typedef enum { MAIL_NONE, MAIL_GOT, MAIL_STOP } mail_t;

/* Starts fn in a thread of its own; NULL when that fails. arg must outlive the actor. */
actor_t *actor_new (actor_fn *fn, void *arg);
/* Asks it to stop (mailbox_get gives MAIL_STOP there) and waits until fn has returned. Mail still under way
 * to the maker is lost: agree on the end by mail first where it matters. */
void actor_destroy (actor_t **self_p);
mailbox_t *actor_mailbox (actor_t *a); /* the maker's end */

void mailbox_send (mailbox_t *box, void *mail);
mail_t mailbox_get (mailbox_t *box, int64_t timeout_ms, void **mail); /* negative: waits for ever */
void *mailbox_pollable (mailbox_t *box);

#endif
