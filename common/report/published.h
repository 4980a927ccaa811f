/* published.h - a publication's tables, as printed: figures with the decimals they were printed with.
 *
 * Files and columns are those of the province's publication put into CSV (the table in published.c). A blank
 * cell is none. Figures are kept at PUBLISHED_SCALE in the publication's own units: millions, persons,
 * models. */
#ifndef KC_REPORT_PUBLISHED_H
#define KC_REPORT_PUBLISHED_H

#include "common/report/annex.h"

#define PUBLISHED_SCALE 6u

typedef enum { PRINTED_YEAR = 0, PRINTED_UNDATED, PRINTED_TOTAL, PRINTED_AVERAGE, PRINTED_STATUS } printed_t;

typedef struct {
  annex_id_t annex;
  printed_t period;
  uint16_t year; /* PRINTED_YEAR */
  measure_t measure;
  str_t code, fund; /* fund: absent where the annex is not split */
  str_t text;       /* as printed; of documents the state's name */
  int64_t v;        /* × 10^-PUBLISHED_SCALE */
  uint8_t decimals; /* printed */
} published_cell_t;

typedef struct published published_t;

/* Names of the files a publication may have, ended by NULL; a file's number is its place here. */
extern const char *const published_files[];

published_t *published_new (const catalogue_t *c); /* NULL: out of memory. Borrows the catalogue. */
void published_destroy (published_t **self_p);
/* Takes one file. ERR_INPUT: what is wrong, at which line and column; its name the caller adds. */
MUST_USE err_t published_read (published_t *p, size_t file, str_t bytes, fail_t *fail);
/* Was the table with the annex's yearly figures (or states) read; that with its totals and averages? */
bool published_has (const published_t *p, annex_id_t a, bool totals);
/* From the first year printed in the annex's table to the last, which is what its averages divide by; of a
 * table without years, and for ANNEX_NONE, those of all tables. {0,0}: none names a year. */
span_t published_years (const published_t *p, annex_id_t a);
/* In the order read; NULL past the end. */
const published_cell_t *published_at (const published_t *p, size_t i);
/* The first cell there; NULL when it is blank. year counts for PRINTED_YEAR alone. */
const published_cell_t *published_find (const published_t *p, annex_id_t a, str_t code, printed_t period,
                                        uint16_t year, str_t fund, measure_t m);

#endif
