/* catalogue_cells.c - one cell of a catalogue, by the type of its column. What is wrong is said where it
 * stands. */
#include "common/base/lang.h"
#include "common/core/catalogue_parser.h"
#include "common/text/number.h"
#include "common/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#define SCALE_MAX 9u

err_t
parser_refuse (parser_t *p, const char *fmt, ...)
{
  char text[sizeof ((fail_t *)NULL)->text];
  va_list args;
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  fail_set (p->fail, ERR_INPUT, "%s", text);
  fail_at (p->fail, NULL, p->row.line, p->column);
  return ERR_INPUT;
}

err_t
parser_no_memory (parser_t *p)
{
  return fail_set (p->fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
}

static err_t
note_ref (parser_t *p, index_space_t space, uint32_t id, str_t code)
{
  ref_t *refs = array_room (p->refs, p->refs_n, &p->refs_cap, sizeof *refs);
  if (refs == NULL)
    return parser_no_memory (p);
  p->refs = refs;
  p->refs[p->refs_n++] = (ref_t){space, id, p->row.line, p->column, code};
  return ERR_OK;
}

static bool
code_fits (str_t text, bool fund)
{
  static const char letter[] = "Đ";
  char plain[CATALOGUE_CODE_MAX];
  size_t n = 0;
  if (text.n == 0 || text.n > CATALOGUE_CODE_MAX)
    return false;
  for (size_t i = 0; i < text.n; i++)
    if (fund && i + 1 < text.n && memcmp (text.p + i, letter, 2) == 0)
      i++;
    else
      plain[n++] = text.p[i];
  return n == 0 || code_valid ((str_t){plain, n});
}

static err_t
read_number (parser_t *p, str_t text, int64_t low, int64_t high, int64_t *out)
{
  int64_t v = 0;
  if (number_parse (text, NUMBER_PLAIN, 0, &v) != NUMBER_OK || v < low || v > high)
    return parser_refuse (
        p, L ("“%.*s” không phải số nguyên trong khoảng cho phép", "\"%.*s\" is not a whole number in range"),
        STR_ARG (text));
  *out = v;
  return ERR_OK;
}

static err_t
read_text (parser_t *p, const spec_t *spec, str_t text, str_t *out)
{
  bool code = spec->type == CELL_CODE || spec->type == CELL_FUND;
  if (code && text.n > 0 && !code_fits (text, spec->type == CELL_FUND))
    return parser_refuse (p,
                          L ("mã “%.*s” phải gồm 1 đến 15 byte: chữ cái không dấu, chữ số và . - _ /",
                             "code \"%.*s\" must be 1 to 15 bytes: ASCII letters, digits and . - _ /"),
                          STR_ARG (text));
  if (text.n > TEXT_LONG_MAX)
    return parser_refuse (p, L ("nội dung dài quá %u byte", "the text is longer than %u bytes"),
                          TEXT_LONG_MAX);
  if (!utf8_is_normal (text))
    return parser_refuse (p,
                          L ("“%.*s” không ở dạng Unicode dựng sẵn (NFC)", "\"%.*s\" is not in Unicode NFC"),
                          STR_ARG (text));
  *out = arena_str (p->c->arena, text);
  if (out->p == NULL)
    return parser_no_memory (p);
  return code && text.n > 0 && spec->refers != INDEX_NONE ? note_ref (p, spec->refers, 0, *out) : ERR_OK;
}

static err_t
read_relation (parser_t *p, str_t text, link_relation_t *out)
{
  static const char *const words[] = {
      [LINK_NONE] = "none", [LINK_EQUAL] = "equal", [LINK_AT_LEAST] = "at_least"};
  *out = LINK_NONE;
  for (size_t i = 0; text.n > 0 && i < sizeof words / sizeof words[0]; i++)
    if (str_is (text, words[i])) {
      *out = (link_relation_t)i;
      return ERR_OK;
    }
  return text.n == 0 ? ERR_OK
                     : parser_refuse (p,
                                      L ("“%.*s” phải là equal, at_least hoặc none",
                                         "\"%.*s\" must be equal, at_least or none"),
                                      STR_ARG (text));
}

static err_t
read_event (parser_t *p, str_t text, unit_event_t *out)
{
  for (unsigned e = EVENT_RENAME; e < UNIT_EVENT_COUNT; e++)
    if (str_is (text, unit_event_name ((unit_event_t)e))) {
      *out = (unit_event_t)e;
      return ERR_OK;
    }
  return parser_refuse (p,
                        L ("“%.*s” phải là rename, retype, merge, split hoặc abolish",
                           "\"%.*s\" must be rename, retype, merge, split or abolish"),
                        STR_ARG (text));
}

err_t
parser_cell (parser_t *p, const spec_t *spec, str_t text, void *member)
{
  int64_t v = 0;
  bool may_be_blank = spec->type == CELL_TEXT || spec->type == CELL_DATE || spec->type == CELL_BOOL ||
                      spec->type == CELL_DECIMALS || spec->type == CELL_RELATION || spec->type == CELL_UNIT ||
                      (spec->refers != INDEX_NONE && !spec->required);
  if (text.n == 0 && !may_be_blank)
    return parser_refuse (p, L ("ô này không được để trống", "this cell must not be blank"));
  switch (spec->type) {
  case CELL_ID:
  case CELL_UNIT:
    if (text.n == 0)
      return ERR_OK;
    if (read_number (p, text, 1, UINT32_MAX, &v) != ERR_OK)
      return ERR_INPUT;
    *(uint32_t *)member = (uint32_t)v;
    return spec->type == CELL_UNIT ? note_ref (p, spec->refers, (uint32_t)v, STR_NONE) : ERR_OK;
  case CELL_DECIMALS:
    if (text.n > 0 && read_number (p, text, 0, SCALE_MAX, &v) != ERR_OK)
      return ERR_INPUT;
    *(uint8_t *)member = (uint8_t)v;
    return ERR_OK;
  case CELL_DATE:
    if (text.n > 0 && (date_parse (text, NUMBER_PLAIN, member) != NUMBER_OK || *(date_t *)member % 100 == 0))
      return parser_refuse (
          p, L ("“%.*s” không phải ngày dạng yyyy-mm-dd", "\"%.*s\" is not a date as yyyy-mm-dd"),
          STR_ARG (text));
    return ERR_OK;
  case CELL_BOOL:
    *(bool *)member = str_is (text, "yes");
    if (text.n > 0 && !str_is (text, "yes") && !str_is (text, "no"))
      return parser_refuse (p, L ("“%.*s” phải là yes hoặc no", "\"%.*s\" must be yes or no"),
                            STR_ARG (text));
    return ERR_OK;
  case CELL_RELATION:
    return read_relation (p, text, member);
  case CELL_EVENT:
    return read_event (p, text, member);
  case CELL_CODE:
  case CELL_FUND:
  case CELL_WORD:
  case CELL_TEXT:
    return read_text (p, spec, text, member);
  }
  UNREACHABLE ();
}
