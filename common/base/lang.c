#include "common/base/lang.h"

#include <string.h>

static lang_t current = LANG_VI;

void
lang_set (lang_t lang)
{
  current = lang;
}

lang_t
lang_get (void)
{
  return current;
}

lang_t
lang_of_locale (const char *locale)
{
  return locale != NULL && strncmp (locale, "en", 2) == 0 ? LANG_EN : LANG_VI;
}
