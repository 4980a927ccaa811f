/* catalogue.h - deploy/binh-dinh/catalogue.csv inside the programs: what `init` begins with, and what
 * templates are made from before a centre is known. Made part of them at build time (embed.cmake). */
#ifndef KC_SHIPPED_CATALOGUE_H
#define KC_SHIPPED_CATALOGUE_H

#include <stddef.h>

extern const unsigned char shipped_catalogue[];
extern const size_t shipped_catalogue_size;

#endif
