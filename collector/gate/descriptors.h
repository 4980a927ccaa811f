/* descriptors.h - are open files nearly spent? */
#ifndef KC_COLLECTOR_GATE_DESCRIPTORS_H
#define KC_COLLECTOR_GATE_DESCRIPTORS_H

#include <stdbool.h>

/* already: what was said last; it takes some room more to become well again than to become scarce. */
bool descriptors_scarce (bool already);

#endif
