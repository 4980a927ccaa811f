/* utf8.h - Vietnamese text: checking, normalising, folding, sorting, widths. utf8proc underneath.
 *
 * Storage form: UTF-8, NFC, with U+01A3/U+01A2 (a frequent slip for ư/Ư) repaired first. */
#ifndef KC_TEXT_UTF8_H
#define KC_TEXT_UTF8_H

#include "common/base/bytes.h"

/* Strict UTF-8 (no overlong, surrogate, cut or out-of-range sequences). On failure *at is the byte
 * offset of the first bad sequence (at may be NULL). */
bool utf8_valid (str_t s, size_t *at);
/* No control characters (C0, DEL, C1; also no tab), no U+FEFF or noncharacters, no bidi overrides or
 * isolates; line breaks (LF, CRLF, U+2028) only when multiline. Invalid UTF-8 is not clean either. */
bool utf8_clean (str_t s, bool multiline, size_t *at);
/* Absent, empty, or nothing but blanks: spaces of any width, tabs, line breaks, what has no width at all. */
bool utf8_blank (str_t s);
/* Appends the text with U+FFFD for each sequence utf8_clean refuses: for formats that hold no such thing. */
void utf8_put_clean (buf_t *out, str_t s, bool multiline);
/* ƣ→ư, Ƣ→Ư, then NFC. Result in the arena (borrowed as is when nothing changes). False: invalid UTF-8
 * (check it first) or out of budget. */
bool utf8_normalise (str_t s, arena_t *arena, str_t *out);
bool utf8_is_normal (str_t s);
/* For searching: lower case, accents stripped, đ→d, runs of space to one, trimmed; appended. False:
 * invalid UTF-8 (nothing is appended then) or out of memory. */
bool utf8_fold (str_t s, buf_t *out);
/* Does folded haystack hold folded needle? (both folded by the caller) */
bool utf8_contains (str_t folded_haystack, str_t folded_needle);
/* Sort key in Vietnamese order (letters, then tones, then case), appended: compare with memcmp, the
 * shorter first. False as above. */
bool utf8_sort_key (str_t s, buf_t *out);
/* Columns on a terminal; and a prefix of at most n columns. */
size_t utf8_width (str_t s);
size_t utf8_prefix (str_t s, size_t columns);
/* Appends the code point at most 4 bytes. */
void utf8_put (buf_t *b, uint32_t codepoint);

#endif
