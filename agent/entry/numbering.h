/* numbering.h - the row below a header that numbers its columns on paper: (1) (2) … (7)=(5)+(6), A B C …. */
#ifndef KC_AGENT_ENTRY_NUMBERING_H
#define KC_AGENT_ENTRY_NUMBERING_H

#include "common/base/bytes.h"

typedef enum {
  NUMBERING_NONE,
  NUMBERING_LIKELY, /* nothing but such numbers, though not one after the other */
  NUMBERING_SURE
} numbering_t;

/* cell: those of the row that hold anything, in order. */
numbering_t numbering_of (const str_t *cell, size_t n);

#endif
