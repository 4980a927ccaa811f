/* control_path.h - the address of DIR's control socket, also when its path is longer than an address holds.
 */
#ifndef KC_COLLECTOR_GATE_CONTROL_PATH_H
#define KC_COLLECTOR_GATE_CONTROL_PATH_H

#include <sys/socket.h>
#include <sys/un.h>

/* Fills the address through a descriptor of DIR (/proc/self/fd/N/…), which must stay open while it is used;
 * -1 when DIR cannot be opened. */
int control_address (const char *dir, struct sockaddr_un *out);

#endif
