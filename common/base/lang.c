#include "common/base/lang.h"

#include <string.h>

static lang_t current = LANG_VI;
static _Thread_local int of_thread = -1; /* -1: as the program */

void
lang_set (lang_t lang)
{
  current = lang;
}

lang_t
lang_get (void)
{
  return of_thread >= 0 ? (lang_t)of_thread : current;
}

void
lang_thread (lang_t lang)
{
  of_thread = (int)lang;
}

void
lang_thread_end (void)
{
  of_thread = -1;
}

lang_t
lang_of_locale (const char *locale)
{
  return locale != NULL && strncmp (locale, "en", 2) == 0 ? LANG_EN : LANG_VI;
}
