#include "common/report/section.h"

#include "common/base/lang.h"
#include "common/text/number.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

str_t
section_cell (const section_row_t *r, const char *column)
{
  return catalogue_section_cell (r->c, r->section, r->row, column);
}

str_t
section_words (const section_row_t *r, const char *column, bool en)
{
  char name[32];
  snprintf (name, sizeof name, "%s_en", column);
  str_t text = en ? section_cell (r, name) : STR_NONE;
  if (!str_blank (text))
    return text;
  snprintf (name, sizeof name, "%s_vi", column);
  return section_cell (r, name);
}

err_t
section_refuse (const section_row_t *r, const char *column, const char *fmt, ...)
{
  char text[sizeof ((fail_t *)NULL)->text];
  va_list args;
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  fail_set (r->fail, ERR_INPUT, "[%s] %s: %s", r->section, column, text);
  fail_at (r->fail, NULL, catalogue_section_line (r->c, r->section, r->row),
           catalogue_section_column (r->c, r->section, column));
  return ERR_INPUT;
}

err_t
section_year (const section_row_t *r, const char *column, uint16_t *out)
{
  str_t text = section_cell (r, column);
  span_t span = {0, 0};
  if (!str_blank (text) && (!span_parse (text, &span) || span.from != span.to))
    return section_refuse (r, column, L ("“%.*s” phải là một năm", "\"%.*s\" must be a year"),
                           STR_ARG (text));
  *out = span.from;
  return ERR_OK;
}

err_t
section_number (const section_row_t *r, const char *column, int64_t low, int64_t high, int64_t *out)
{
  str_t text = section_cell (r, column);
  *out = 0;
  if (str_blank (text))
    return ERR_OK;
  if (number_parse (text, NUMBER_PLAIN, 0, out) == NUMBER_OK && *out >= low && *out <= high)
    return ERR_OK;
  return section_refuse (r, column,
                         L ("“%.*s” phải là số nguyên từ %" PRId64 " đến %" PRId64,
                            "\"%.*s\" must be a whole number from %" PRId64 " to %" PRId64),
                         STR_ARG (text), low, high);
}

err_t
section_code (const section_row_t *r, const char *column, str_t *out)
{
  *out = section_cell (r, column);
  if (code_valid (*out) && out->n <= CATALOGUE_CODE_MAX)
    return ERR_OK;
  return section_refuse (r, column, L ("“%.*s” không phải là mã", "\"%.*s\" is no code"), STR_ARG (*out));
}
