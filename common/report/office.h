/* office.h - the narrative as an office program's document, whatever its dialect of xml: what stands where,
 * in which paragraph style. docx and odt each are a const struct of functions that say it their way, and the
 * fixed parts of their archive. Private to the layer. */
#ifndef KC_REPORT_OFFICE_H
#define KC_REPORT_OFFICE_H

#include "common/report/narrative.h"

/* A table: its name, the width of its columns in hundredths of the text's, and whether lines are drawn. */
typedef struct {
  const char *name;
  const unsigned *width;
  size_t columns;
  bool lines;
} office_table_t;

/* Each appends; what is opened is closed in turn. level: of a heading, 0 for any other paragraph. */
typedef struct {
  void (*paragraph) (buf_t *out, const char *style, unsigned level);
  void (*run) (buf_t *out, run_kind_t kind, str_t text);
  void (*paragraph_end) (buf_t *out, unsigned level);
  void (*table) (buf_t *out, const office_table_t *t);
  void (*row) (buf_t *out, bool head);
  void (*cell) (buf_t *out, const office_table_t *t, size_t column);
  void (*cell_end) (buf_t *out);
  void (*row_end) (buf_t *out, bool head);
  void (*table_end) (buf_t *out);
} office_dialect_t;

/* The tables a document has; ended by a name of NULL. */
extern const office_table_t office_tables[];

/* The paragraph styles it uses: alignment, weight, sizes and distances, one table for both
 * dialects. Sizes are in half points, distances in twentieths of a point, as docx has them. */
typedef enum { OFFICE_LEFT = 0, OFFICE_CENTRE, OFFICE_JUSTIFIED } office_align_t;
typedef struct {
  const char *name;
  office_align_t align;
  bool bold, italic, keep_with_next;
  bool rule; /* a line under it */
  bool tab;  /* one stop, at the right edge of the text */
  unsigned size, before, after;
  unsigned indent, inset; /* of the first line; of both sides */
  unsigned level;         /* of a heading */
} office_style_t;
extern const office_style_t office_styles[]; /* ended by a name of NULL */

/* Appends the whole body. ERR_NOMEM. */
MUST_USE err_t office_body (const narrative_t *n, const office_dialect_t *d, buf_t *out);
/* "Vị trí sổ …, dấu niêm …", for every foot. */
void office_foot (const narrative_t *n, buf_t *out);
/* The file's title and the time of its position. ERR_NOMEM. */
MUST_USE err_t office_facts (const narrative_t *n, buf_t *title, buf_t *created);

#endif
