/* bytes.h - slices, growable buffers, arenas and bounded cursors.
 *
 * str_t   a borrowed run of bytes (text is UTF-8, not NUL-terminated). It never owns; its header
 *         of origin says how long it lives. {NULL,0} is absent, {"",0} is present and empty.
 * buf_t   an owned growable buffer. First allocation failure sticks (buf_ok is false, writes do
 *         nothing), so a writer checks once at the end.
 * arena_t many small allocations freed at once, under a budget in bytes: what comes from outside
 *         can never make us allocate more than the budget.
 * rd_t    a cursor over bytes that never passes its end; the first short read sticks. */
#ifndef KC_BASE_BYTES_H
#define KC_BASE_BYTES_H

#include "common/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *p;
  size_t n;
} str_t;

#define STR(literal) ((str_t){(literal), sizeof (literal) - 1})
#define STR_NONE ((str_t){NULL, 0})
#define STR_ARG(s) (int)(s).n, (s).p != NULL ? (s).p : "" /* for "%.*s" */

str_t str_of (const char *z);   /* NULL gives STR_NONE */
bool str_eq (str_t a, str_t b); /* absent equals only absent */
bool str_is (str_t a, const char *z);
int str_cmp (str_t a, str_t b); /* by bytes, then by length */
bool str_blank (str_t a);       /* absent or empty */

typedef struct {
  char *p;
  size_t n, cap;
  bool failed;
} buf_t;

#define BUF_INIT ((buf_t){NULL, 0, 0, false})
void buf_free (buf_t *b);  /* back to BUF_INIT */
void buf_clear (buf_t *b); /* keeps the memory */
bool buf_ok (const buf_t *b);
void buf_put (buf_t *b, const void *p, size_t n);
void buf_puts (buf_t *b, const char *z);
void buf_putc (buf_t *b, char c);
void buf_printf (buf_t *b, const char *fmt, ...) PRINTF_LIKE (2, 3);
char *buf_reserve (buf_t *b, size_t n); /* n writable bytes at the end, NULL on failure; then b->n += used */
str_t buf_str (const buf_t *b);         /* borrowed until the next write */
const char *buf_z (buf_t *b);           /* NUL-terminated view, "" on failure */
void buf_u8 (buf_t *b, uint8_t v);      /* integers big-endian: byte order is numeric order */
void buf_u16 (buf_t *b, uint16_t v);
void buf_u32 (buf_t *b, uint32_t v);
void buf_u64 (buf_t *b, uint64_t v);
void buf_i64 (buf_t *b, int64_t v); /* two's complement as u64 */

/* Room for one more element behind the n of a growing array: the array, moved when it had to grow (then *cap
 * has); NULL when out of memory, and at stands. */
MUST_USE void *array_room (void *at, size_t n, size_t *cap, size_t size);

typedef struct arena arena_t;
/* budget = most bytes it will ever hand out between resets. NULL when out of memory. */
arena_t *arena_new (size_t budget);
void arena_destroy (arena_t **self_p);
/* Zeroed, aligned to 16. NULL when the budget or memory is used up. */
void *arena_alloc (arena_t *self, size_t n);
/* A copy, NUL-terminated beyond its length. STR_NONE stays STR_NONE; on failure p is NULL. */
str_t arena_str (arena_t *self, str_t s);
void arena_reset (arena_t *self); /* keeps its first block */

typedef struct {
  const uint8_t *p;
  size_t n;
  bool failed;
} rd_t;

rd_t rd_of (const void *p, size_t n);
uint8_t rd_u8 (rd_t *r); /* 0 after a failure */
uint16_t rd_u16 (rd_t *r);
uint32_t rd_u32 (rd_t *r);
uint64_t rd_u64 (rd_t *r);
int64_t rd_i64 (rd_t *r);
str_t rd_bytes (rd_t *r, size_t n); /* a view into the input; STR_NONE on failure */
bool rd_done (const rd_t *r);       /* all read, nothing failed */

/* Lower-case hex, base64url without padding. Decoders refuse anything else; *out_n in = room. */
void hex_encode (const void *p, size_t n, char *out /* 2n+1 */);
bool hex_decode (str_t hex, uint8_t *out, size_t n /* exactly */);
void base64url_encode (const void *p, size_t n, buf_t *out);
bool base64url_decode (str_t text, buf_t *out);

/* CRC-32C (Castagnoli). Start with crc = 0; may be continued. Uses SSE4.2 where there is one. */
uint32_t crc32c (uint32_t crc, const void *p, size_t n);

#endif
