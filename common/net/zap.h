/* zap.h - who may finish a handshake: a table of keys in memory, asked by the library for every new peer.
 *
 * Fails closed: a key that is not in the table is refused, and with this handler gone every key is
 * (router.h enforces the domain). Start it before any router is bound. One in a process. */
#ifndef KC_NET_ZAP_H
#define KC_NET_ZAP_H

#include "common/net/net.h"

#define ZAP_USER_MAX 48u

typedef struct {
  curve_key_t key;
  char user[ZAP_USER_MAX]; /* what router_recv says of messages under this key */
} zap_entry_t;

typedef struct zap zap_t;
zap_t *zap_new (void); /* an empty table: nobody; NULL when it cannot start */
void zap_destroy (zap_t **self_p);
/* Replaces the table; in force when it returns. False: out of memory, the old one stands. */
MUST_USE bool zap_set (zap_t *z, const zap_entry_t *entries, size_t n);

#endif
