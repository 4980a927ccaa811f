/* windows_text.h - UTF-8 to the UTF-16 of Windows' calls and back. */
#ifndef KC_PLATFORM_WINDOWS_TEXT_H
#define KC_PLATFORM_WINDOWS_TEXT_H

#include <stddef.h>
#include <wchar.h>

/* Both return a string of malloc, NULL when out of memory or not valid. */
wchar_t *wide_of (const char *utf8);
char *utf8_of (const wchar_t *wide);

#endif
