/* lang.h - the user's language. Set once at start (lang_set) from --lang, else from the locale;
 * read everywhere through L(vi, en), which picks one of two literals. Vietnamese is the default. */
#ifndef KC_BASE_LANG_H
#define KC_BASE_LANG_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { LANG_VI, LANG_EN } lang_t;

void lang_set (lang_t lang);
lang_t lang_get (void);
/* For this thread alone: a program that answers somebody else's command answers in their language. */
void lang_thread (lang_t lang);
void lang_thread_end (void);
/* The language of a locale name such as "en_US.UTF-8"; Vietnamese for NULL, "", "C", "POSIX". */
lang_t lang_of_locale (const char *locale);

/* A noun behind a number: English has two forms, Vietnamese one. */
static inline const char *
noun_of (uint64_t n, const char *vi, const char *en_one, const char *en_many)
{
  if (lang_get () == LANG_VI)
    return vi;
  return n == 1 ? en_one : en_many;
}

#define L(vi, en) (lang_get () == LANG_VI ? (vi) : (en))

#endif
