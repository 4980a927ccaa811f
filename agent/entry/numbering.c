/* numbering.c - see numbering.h.
 *
 * A cell is a number, bare or in brackets (Excel makes -1 of a typed "(1)"), perhaps with how it is worked
 * out behind it, or a letter. Letters begin with A, numbers with 1, wherever they begin; all one after the
 * other is sure. A short row without any bracket could as well be a record. */
#include "agent/entry/numbering.h"

#include <string.h>

enum { SURE_BARE = 4, SURE_BRACKETS = 2, LIKELY = 3 };

typedef struct {
  unsigned number; /* 0: it is a letter */
  char letter;
  bool bracket;
} mark_t;

static bool
is_worked_out (str_t s)
{
  static const char signs[] = " 0123456789()[]+-*/xX:=.,%";
  for (size_t i = 0; i < s.n; i++)
    if (memchr (signs, s.p[i], sizeof signs - 1) == NULL)
      return false;
  return s.n == 0 || s.p[0] == '=';
}

static void
skip (str_t *s, const char *signs)
{
  while (s->n > 0 && strchr (signs, *s->p) != NULL)
    *s = (str_t){s->p + 1, s->n - 1};
}

static bool
read_mark (str_t s, mark_t *out)
{
  *out = (mark_t){0, '\0', false};
  skip (&s, " ");
  out->bracket = s.n > 0 && (*s.p == '(' || *s.p == '[' || *s.p == '-');
  skip (&s, "([-");
  if (s.n > 0 && ((*s.p | 0x20) >= 'a' && (*s.p | 0x20) <= 'z')) {
    out->letter = (char)(*s.p | 0x20);
    s = (str_t){s.p + 1, s.n - 1};
  }
  while (out->letter == '\0' && s.n > 0 && *s.p >= '0' && *s.p <= '9' && out->number < 1000) {
    out->number = out->number * 10 + (unsigned)(*s.p - '0');
    s = (str_t){s.p + 1, s.n - 1};
  }
  skip (&s, " )]");
  return (out->letter != '\0' || out->number > 0) && is_worked_out (s);
}

numbering_t
numbering_of (const str_t *cell, size_t n)
{
  bool brackets = false, in_order = true, only_marks = true;
  unsigned next = 1;
  char letter = 'a';
  for (size_t i = 0; i < n; i++) {
    mark_t m;
    if (!read_mark (cell[i], &m))
      return NUMBERING_NONE;
    brackets = brackets || m.bracket;
    only_marks = only_marks && (m.bracket || m.letter != '\0');
    in_order = in_order && (m.number > 0 ? m.number == next : m.letter == letter && next == 1);
    next += m.number > 0;
    letter = (char)(letter + (m.number == 0));
  }
  if (in_order && n >= (brackets ? SURE_BRACKETS : SURE_BARE))
    return NUMBERING_SURE;
  return brackets && only_marks && n >= LIKELY ? NUMBERING_LIKELY : NUMBERING_NONE;
}
