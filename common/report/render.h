/* render.h - annexes laid out: csv and json for machines, html and xlsx for people.
 *
 * The same tables and meta give the same bytes on any day and in any time zone. */
#ifndef KC_REPORT_RENDER_H
#define KC_REPORT_RENDER_H

#include "common/report/annex.h"

typedef struct {
  str_t position, seal;
  wall_t at;                        /* of the position: the only time that gets into a file */
  str_t authority_vi, authority_en; /* "UBND TỈNH BÌNH ĐỊNH": from the catalogue's [meta] */
  str_t body_vi, body_en;           /* the same within a sentence: "UBND tỉnh Bình Định" */
  str_t place_vi, place_en;         /* where it is signed: "Bình Định" */
  str_t symbol;                     /* of the report the annexes go with: "BC-UBND" */
  str_t signer_vi, signer_en;       /* posts over the signature, a "|" between lines */
  str_t office_vi, office_en;       /* name of the office; absent for the whole province */
  bool en;                          /* titles, headings and separators in English */
  bool excel;                       /* csv: BOM, CRLF, no formulas */
} render_meta_t;

/* Fills in all but excel: position, seal and office from f, the words from the [meta] of its catalogue
 * (authority_vi, body_vi, place_vi, symbol, signer_vi and so on). Texts live in the arena, with f or with its
 * catalogue. ERR_NOMEM. */
MUST_USE err_t render_meta_of (const figures_t *f, bool en, arena_t *arena, render_meta_t *out);

/* INTERFACE 3: annex,code,year,fund,measure,value; one row a cell that is not blank. */
MUST_USE err_t render_csv (const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out);
MUST_USE err_t render_json (const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out);
/* One self-contained document, no script, prints well on A3 landscape. */
MUST_USE err_t render_html (const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out);
/* One workbook, a sheet an annex. ERR_IO, ERR_NOMEM. */
MUST_USE err_t render_xlsx (const annex_table_t *tables, size_t n, const render_meta_t *m, buf_t *out,
                            fail_t *fail);

#endif
