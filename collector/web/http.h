/* http.h - the pure parts of serving HTTP: what a client's words mean, and which of them are believed. No
 * socket, no clock. */
#ifndef KC_COLLECTOR_WEB_HTTP_H
#define KC_COLLECTOR_WEB_HTTP_H

#include "common/base/bytes.h"

#define HTTP_BODY_MAX (64u << 10)
#define HTTP_HEADERS_MAX (16u << 10) /* a connection's pool: request line and headers, and our answer's */
#define FORM_FIELDS_MAX 64u

typedef struct {
  str_t name, value; /* NUL-terminated beyond their length, and without one within */
} field_t;

typedef struct {
  field_t at[FORM_FIELDS_MAX];
  size_t n;
} form_t;
/* a=1&b=%C4%90 out of the arena. False: it is no such thing, holds a NUL or what is no UTF-8, or too much. */
MUST_USE bool form_parse (str_t text, arena_t *arena, form_t *out);
/* The first one's value; STR_NONE: there is none. */
str_t form_get (const form_t *f, const char *name);

/* The value of a cookie in a Cookie header; STR_NONE. */
str_t cookie_get (str_t header, const char *name);

/* Is Host this machine? An address, localhost, or one of the names (NULL-ended): a site whose name is made to
 * lead here is none of them. */
bool host_is_ours (str_t host, const char *const *names);
/* Does an Origin header name the Host header's site? */
bool origin_is_host (str_t origin, str_t host);

/* Vietnamese, unless English is asked for before it. */
bool wants_english (str_t accept_language);
/* "Bearer X" → X; STR_NONE. */
str_t bearer_of (str_t authorization);

#endif
