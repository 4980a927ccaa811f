/* shipped.h - deploy/binh-dinh/catalogue.csv inside the program: for templates before a centre is known. */
#ifndef KC_AGENT_CLI_SHIPPED_H
#define KC_AGENT_CLI_SHIPPED_H

#include <stddef.h>

extern const unsigned char shipped_catalogue[];
extern const size_t shipped_catalogue_size;

#endif
