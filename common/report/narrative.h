/* narrative.h - the report's text: the catalogue's sentences with figures in their places.
 *
 * Section [sentences], in order, one row a piece of text in both languages:
 *   kind    title, subtitle, addressee, heading (level 1 to 4), paragraph, item (a dash before it), run (goes
 *           on where the row above ends), prompt (what the officer is to write: no data say it), targets (the
 *           table of section [targets] stands here, this text above it), recipients ("|" parts lines)
 *   year    the row stands only in a report whose years hold this one
 * In a text {F004} is a fact of [facts] as printed; {F004:estimated at|} the words before the bar when an
 * estimate is among its figures, else those behind it. A gap stands marked where its figure would; the
 * sentence stays.
 *
 * Section [targets]: id, section, from, year, value, unit, qualifier, progress (a fact; blank: no data
 * measure it), text. A target without a value is a matter of words. Progress counts over the years of the
 * target; what the years of the report gave stands beside it.
 *
 * A narrative is the province's: its sentences say so. It is built once; csv, json, html, docx and odt write
 * the same one. The same figures and years give the same bytes, on any day and in any time zone. */
#ifndef KC_REPORT_NARRATIVE_H
#define KC_REPORT_NARRATIVE_H

#include "common/report/facts.h"
#include "common/report/render.h"

typedef enum {
  BLOCK_TITLE = 0,
  BLOCK_SUBTITLE,
  BLOCK_ADDRESSEE,
  BLOCK_HEADING,
  BLOCK_PARAGRAPH,
  BLOCK_ITEM,
  BLOCK_RUN, /* in the catalogue only */
  BLOCK_PROMPT,
  BLOCK_TARGETS,
  BLOCK_RECIPIENTS,
  BLOCK_COUNT
} block_kind_t;

typedef enum { RUN_TEXT = 0, RUN_FIGURE, RUN_GAP, RUN_PROMPT } run_kind_t;
typedef struct {
  run_kind_t kind;
  str_t text;
  str_t fact; /* of a figure or a gap: its id */
} run_t;

typedef struct {
  block_kind_t kind;
  uint8_t level; /* of a heading */
  const run_t *run;
  size_t runs;
} block_t;

typedef struct {
  str_t id, section, text, unit, unit_vi;
  uint16_t from, year;
  bool measurable; /* has a value */
  str_t aim;       /* "trên 110 cơ sở CNNT"; what the text says when it has no value */
  fact_t value, period, progress, progress_share;
} target_t;

typedef struct {
  span_t years;
  render_meta_t meta;
  const fact_t *fact; /* helpers among them */
  size_t facts;
  const block_t *block;
  size_t blocks;
  const target_t *target;
  size_t targets;
  const str_t *note;  /* under the text: gaps, rounding, where the figures are from */
  size_t notes, gaps; /* gaps: places in the text */
} narrative_t;

/* Reads and checks the three sections: what a catalogue must pass before it is taken. ERR_INPUT with line and
 * column. A catalogue without them passes. */
MUST_USE err_t narrative_check (const catalogue_t *c, fail_t *fail);

/* For whole years. Everything lives in the arena, with f or with its catalogue. ERR_INPUT: the catalogue has
 * no sentences, or the figures are of one office; else as facts_eval. */
MUST_USE err_t narrative_build (const figures_t *f, span_t years, bool en, arena_t *arena, narrative_t *out,
                                fail_t *fail);

/* INTERFACE 3: fact,section,value,unit; a gap has an empty value (json: null). Behind the facts the targets
 * that have a value: T03 itself, T03.percent, T03.period, T03.progress. meta.excel counts for csv. ERR_NOMEM.
 */
MUST_USE err_t narrative_csv (const narrative_t *n, buf_t *out);
MUST_USE err_t narrative_json (const narrative_t *n, buf_t *out);
/* One document without script, A4 portrait. ERR_NOMEM. */
MUST_USE err_t narrative_html (const narrative_t *n, buf_t *out);
/* The same for Word and LibreOffice. ERR_NOMEM. */
MUST_USE err_t narrative_docx (const narrative_t *n, buf_t *out);
MUST_USE err_t narrative_odt (const narrative_t *n, buf_t *out);

#endif
