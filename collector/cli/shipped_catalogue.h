/* shipped_catalogue.h - deploy/binh-dinh/catalogue.csv, made part of the program at build time (embed.cmake).
 */
#ifndef KC_COLLECTOR_CLI_SHIPPED_CATALOGUE_H
#define KC_COLLECTOR_CLI_SHIPPED_CATALOGUE_H

#include <stddef.h>

extern const unsigned char shipped_catalogue[];
extern const size_t shipped_catalogue_size;

#endif
