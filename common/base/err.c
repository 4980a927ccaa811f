#include "common/base/err.h"
#include "common/base/lang.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef fail_set

static const struct {
  const char *name, *vi, *en;
  int exit_code;
} table[] = {
#define X(name, exit_code, vi, en) {#name, vi, en, exit_code},
#include "common/base/err.def"
#undef X
};

_Static_assert(sizeof table / sizeof table[0] == ERR_COUNT, "one row an error");

int
err_exit_code (err_t err)
{
  CHECK (err >= 0 && err < ERR_COUNT);
  return table[err].exit_code;
}

const char *
err_name (err_t err)
{
  CHECK (err >= 0 && err < ERR_COUNT);
  return table[err].name;
}

const char *
err_words (err_t err)
{
  CHECK (err >= 0 && err < ERR_COUNT);
  return L (table[err].vi, table[err].en);
}

/* A cut must not leave half a character behind. */
static void
trim_partial (char *text, size_t room)
{
  size_t n = strlen (text);
  if (n + 1 < room)
    return;
  while (n > 0 && ((unsigned char)text[n - 1] & 0xC0) == 0x80)
    n--;
  if (n > 0 && (unsigned char)text[n - 1] >= 0xC0)
    n--;
  text[n] = '\0';
}

err_t
fail_set (fail_t *fail, err_t err, const char *fmt, ...)
{
  CHECK (err != ERR_OK);
  if (fail == NULL || fail->err != ERR_OK)
    return err;
  fail->err = err;
  va_list args;
  va_start (args, fmt);
  vsnprintf (fail->text, sizeof fail->text, fmt, args);
  va_end (args);
  trim_partial (fail->text, sizeof fail->text);
  return err;
}

void
fail_at (fail_t *fail, const char *where, uint32_t line, uint32_t column)
{
  if (fail == NULL)
    return;
  if (fail->where[0] == '\0' && where != NULL) {
    snprintf (fail->where, sizeof fail->where, "%s", where);
    trim_partial (fail->where, sizeof fail->where);
  }
  if (fail->line == 0) {
    fail->line = line;
    fail->column = column;
  }
}

void
fail_print (const fail_t *fail, const char *program)
{
  CHECK (fail != NULL);
  fprintf (stderr, "%s: ", program);
  if (fail->where[0] != '\0')
    fprintf (stderr, "%s: ", fail->where);
  if (fail->line != 0)
    fprintf (stderr, L ("dòng %u", "line %u"), fail->line);
  if (fail->line != 0 && fail->column != 0)
    fprintf (stderr, L (", cột %u", ", column %u"), fail->column);
  if (fail->line != 0)
    fputs (": ", stderr);
  fprintf (stderr, "%s\n", fail->text[0] != '\0' ? fail->text : err_words (fail->err));
}
