#include "common/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- slices ---- */

str_t
str_of (const char *z)
{
  return z == NULL ? STR_NONE : (str_t){z, strlen (z)};
}

bool
str_eq (str_t a, str_t b)
{
  if (a.p == NULL || b.p == NULL)
    return a.p == NULL && b.p == NULL;
  return a.n == b.n && (a.n == 0 || memcmp (a.p, b.p, a.n) == 0);
}

bool
str_is (str_t a, const char *z)
{
  return str_eq (a, str_of (z));
}

int
str_cmp (str_t a, str_t b)
{
  size_t n = a.n < b.n ? a.n : b.n;
  int c = n == 0 ? 0 : memcmp (a.p, b.p, n);
  return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

bool
str_blank (str_t a)
{
  return a.p == NULL || a.n == 0;
}

/* ---- buffers ---- */

void
buf_free (buf_t *b)
{
  free (b->p);
  *b = BUF_INIT;
}

void
buf_clear (buf_t *b)
{
  b->n = 0;
  b->failed = false;
}

bool
buf_ok (const buf_t *b)
{
  return !b->failed;
}

char *
buf_reserve (buf_t *b, size_t n)
{
  if (b->failed || n > SIZE_MAX / 4 - b->n) {
    b->failed = true;
    return NULL;
  }
  if (b->n + n + 1 > b->cap) {
    size_t cap = b->cap < 64 ? 64 : b->cap;
    while (cap < b->n + n + 1)
      cap *= 2;
    char *p = realloc (b->p, cap);
    if (p == NULL) {
      b->failed = true;
      return NULL;
    }
    b->p = p;
    b->cap = cap;
  }
  return b->p + b->n;
}

void
buf_put (buf_t *b, const void *p, size_t n)
{
  char *to = buf_reserve (b, n);
  if (to == NULL || n == 0)
    return;
  memcpy (to, p, n);
  b->n += n;
}

void
buf_puts (buf_t *b, const char *z)
{
  buf_put (b, z, strlen (z));
}

void
buf_putc (buf_t *b, char c)
{
  buf_put (b, &c, 1);
}

void
buf_printf (buf_t *b, const char *fmt, ...)
{
  va_list args, again;
  va_start (args, fmt);
  va_copy (again, args);
  int n = vsnprintf (NULL, 0, fmt, args);
  va_end (args);
  CHECK (n >= 0);
  char *to = buf_reserve (b, (size_t)n);
  if (to != NULL) {
    vsnprintf (to, (size_t)n + 1, fmt, again);
    b->n += (size_t)n;
  }
  va_end (again);
}

str_t
buf_str (const buf_t *b)
{
  return (str_t){b->p != NULL ? b->p : "", b->n};
}

const char *
buf_z (buf_t *b)
{
  char *end = buf_reserve (b, 0);
  if (end == NULL)
    return "";
  *end = '\0';
  return b->p;
}

void
buf_u8 (buf_t *b, uint8_t v)
{
  buf_put (b, &v, 1);
}

static void
put_big_endian (buf_t *b, uint64_t v, unsigned n)
{
  uint8_t out[8];
  for (unsigned i = 0; i < n; i++)
    out[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
  buf_put (b, out, n);
}

void
buf_u16 (buf_t *b, uint16_t v)
{
  put_big_endian (b, v, 2);
}

void
buf_u32 (buf_t *b, uint32_t v)
{
  put_big_endian (b, v, 4);
}

void
buf_u64 (buf_t *b, uint64_t v)
{
  put_big_endian (b, v, 8);
}

void
buf_i64 (buf_t *b, int64_t v)
{
  put_big_endian (b, (uint64_t)v, 8);
}

/* ---- growing arrays ---- */

void *
array_room (void *at, size_t n, size_t *cap, size_t size)
{
  CHECK (cap != NULL && n <= *cap && size > 0);
  if (n < *cap)
    return at;
  if (*cap > SIZE_MAX / 2 / size)
    return NULL;
  size_t more = *cap == 0 ? 64 : *cap * 2;
  void *grown = realloc (at, more * size);
  if (grown != NULL)
    *cap = more;
  return grown;
}

/* ---- arenas ---- */

typedef struct block {
  struct block *next;
  size_t cap, used;
  _Alignas(16) char data[];
} block_t;

struct arena {
  block_t *first, *last; /* blocks in the order made; `last` is the one in use */
  size_t budget, used;
};

#define ARENA_BLOCK 8192u

arena_t *
arena_new (size_t budget)
{
  arena_t *self = calloc (1, sizeof *self);
  if (self != NULL)
    self->budget = budget;
  return self;
}

static void
blocks_free (block_t *b)
{
  while (b != NULL) {
    block_t *next = b->next;
    free (b);
    b = next;
  }
}

void
arena_destroy (arena_t **self_p)
{
  if (*self_p == NULL)
    return;
  blocks_free ((*self_p)->first);
  free (*self_p);
  *self_p = NULL;
}

void *
arena_alloc (arena_t *self, size_t n)
{
  if (n > self->budget)
    return NULL;
  n = (n + 15) & ~(size_t)15;
  if (n == 0)
    n = 16;
  if (n > self->budget - self->used)
    return NULL;
  if (self->last == NULL || self->last->cap - self->last->used < n) {
    size_t cap = self->last != NULL && self->last->cap < (1u << 20) ? self->last->cap * 2 : ARENA_BLOCK;
    if (cap < n)
      cap = n;
    block_t *b = malloc (sizeof *b + cap);
    if (b == NULL)
      return NULL;
    b->next = NULL;
    b->cap = cap;
    b->used = 0;
    if (self->last != NULL)
      self->last->next = b;
    else
      self->first = b;
    self->last = b;
  }
  void *p = self->last->data + self->last->used;
  self->last->used += n;
  self->used += n;
  memset (p, 0, n);
  return p;
}

str_t
arena_str (arena_t *self, str_t s)
{
  if (s.p == NULL)
    return STR_NONE;
  char *p = arena_alloc (self, s.n + 1);
  if (p == NULL)
    return STR_NONE;
  if (s.n > 0)
    memcpy (p, s.p, s.n);
  return (str_t){p, s.n};
}

void
arena_reset (arena_t *self)
{
  if (self->first != NULL) {
    blocks_free (self->first->next);
    self->first->next = NULL;
    self->first->used = 0;
  }
  self->last = self->first;
  self->used = 0;
}

/* ---- cursors ---- */

rd_t
rd_of (const void *p, size_t n)
{
  return (rd_t){p, n, false};
}

static uint64_t
read_big_endian (rd_t *r, unsigned n)
{
  if (r->failed || r->n < n) {
    r->failed = true;
    return 0;
  }
  uint64_t v = 0;
  for (unsigned i = 0; i < n; i++)
    v = v << 8 | r->p[i];
  r->p += n;
  r->n -= n;
  return v;
}

uint8_t
rd_u8 (rd_t *r)
{
  return (uint8_t)read_big_endian (r, 1);
}

uint16_t
rd_u16 (rd_t *r)
{
  return (uint16_t)read_big_endian (r, 2);
}

uint32_t
rd_u32 (rd_t *r)
{
  return (uint32_t)read_big_endian (r, 4);
}

uint64_t
rd_u64 (rd_t *r)
{
  return read_big_endian (r, 8);
}

int64_t
rd_i64 (rd_t *r)
{
  return (int64_t)read_big_endian (r, 8);
}

str_t
rd_bytes (rd_t *r, size_t n)
{
  if (r->failed || r->n < n) {
    r->failed = true;
    return STR_NONE;
  }
  str_t s = {(const char *)r->p, n};
  r->p += n;
  r->n -= n;
  return s;
}

bool
rd_done (const rd_t *r)
{
  return !r->failed && r->n == 0;
}
