/* csv_parts.h - what csv.c and foreign.c share; nobody else includes it. */
#ifndef KC_TEXT_CSV_PARTS_H
#define KC_TEXT_CSV_PARTS_H

#include "common/base/bytes.h"

/* Where the rows of a UTF-8 file begin and what parts their cells. */
typedef struct {
  char delimiter;
  size_t start;  /* behind the byte order mark and a "sep=" line */
  uint32_t line; /* physical line there */
} csv_head_t;

/* False: a "sep=" line names something else than comma, semicolon or tab; *out is filled all the same. */
bool csv_head (str_t text, csv_head_t *out);
/* Line and cell of a byte, by a light reading that needs no well-formed text. */
void csv_place (str_t text, size_t at, uint32_t *line, uint32_t *column);

typedef enum { UTF16_NONE, UTF16_LITTLE, UTF16_BIG } utf16_t;
utf16_t csv_utf16 (str_t file); /* by its byte order mark */
/* UTF-16 to UTF-8. ERR_INPUT with the line of an unpaired surrogate or an odd end, ERR_NOMEM. */
err_t csv_from_utf16 (str_t file, utf16_t order, buf_t *out, fail_t *fail);

#endif
