/* layout.h - an annex as it stands on paper, before it is html or a workbook: which columns there are, what
 * their headings say and cover, what each cell says, the lines above the table and the notes under it.
 *
 * Both renderers walk this, so that they cannot differ in a word. Texts live in the arena or with the table.
 * Private to the layer. */
#ifndef KC_REPORT_LAYOUT_H
#define KC_REPORT_LAYOUT_H

#include "common/report/render.h"

typedef enum {
  LAYOUT_CODE = 0, /* TT */
  LAYOUT_LABEL,
  LAYOUT_UNIT,
  LAYOUT_FIGURE,
  LAYOUT_MARK, /* documents: a column a state, with an x */
  LAYOUT_NOTE
} layout_kind_t;

typedef struct {
  layout_kind_t kind;
  size_t column;          /* of the annex: FIGURE, MARK, NOTE */
  document_status_t mark; /* MARK */
  double width;           /* in digits of the usual font, as workbooks count */
} layout_column_t;

/* A heading: where it begins and how much it covers. Its text may hold line breaks. */
typedef struct {
  size_t row, column, rows, columns;
  str_t text;
} layout_head_t;

typedef struct {
  const annex_table_t *table;
  bool en;
  str_t word, title, period, attached; /* "Phụ lục" and the three lines under it */
  str_t money_unit;                    /* "Đơn vị tính: triệu đồng"; absent where headings say it */
  const layout_column_t *column;
  size_t columns;
  const layout_head_t *head; /* row by row; the row of letters is the last when there is one */
  size_t heads, head_rows;
  bool letters;
  const str_t *note;
  size_t notes;
} layout_t;

/* ERR_NOMEM. */
MUST_USE err_t layout_of (const annex_table_t *t, const render_meta_t *m, arena_t *arena, layout_t *out);
/* The text of a cell of the body, appended; nothing for a blank one. */
void layout_put (const layout_t *l, size_t row, size_t column, buf_t *out);
bool layout_is_number (const layout_t *l, size_t row, size_t column);
/* Is this row's text in another language than the document's? Then it is Vietnamese. */
bool layout_is_foreign (const layout_t *l, size_t row, size_t column);
bool layout_is_bold (const layout_t *l, size_t row);
bool layout_is_dash (const layout_t *l, size_t row); /* printed as "- …", a step in */
/* Does the label cover the column of units too? (rows that only name a group) */
bool layout_label_covers_unit (const layout_t *l, size_t row);

/* What stands round the tables. Lines of a text are parted by LF. */
typedef struct {
  str_t state, motto;   /* Quốc hiệu, Tiêu ngữ */
  str_t above, issuer;  /* the body above it, absent for the province; the body that reports */
  str_t number, date;   /* "Số:        /BC-UBND"; "Bình Định, ngày       tháng 4 năm 2020" */
  str_t clerk, signer;  /* over the two signatures */
  str_t position, seal; /* "Vị trí sổ: …", "Dấu niêm: …" */
  str_t title;          /* of the file */
} layout_frame_t;
MUST_USE err_t layout_frame (const annex_table_t *tables, size_t n, const render_meta_t *m, arena_t *arena,
                             layout_frame_t *out);

/* The parts of layout_of, in files of their own. */
MUST_USE err_t layout_head_make (layout_t *l, arena_t *arena);
MUST_USE err_t layout_notes_make (layout_t *l, const render_meta_t *m, arena_t *arena);
/* "Số liệu tại vị trí sổ …, dấu niêm … (02:29 ngày 01/04/2020, giờ Việt Nam)." STR_NONE when out of memory.
 */
str_t layout_source (const render_meta_t *m, arena_t *arena);
/* Heading of a column as its levels from the top down; how many (at most LAYOUT_LEVELS). */
#define LAYOUT_LEVELS 4
size_t layout_levels (const layout_t *l, size_t column, arena_t *arena, str_t level[LAYOUT_LEVELS]);

/* Formatted into the arena; STR_NONE when out of memory. */
str_t layout_text (arena_t *arena, const char *fmt, ...) PRINTF_LIKE (2, 3);
str_t layout_words (bool en, const char *vi_words, const char *en_words);
/* "2019", "2014 - 2020". */
str_t layout_years (arena_t *arena, span_t years);
/* Day and time of the position in Vietnam. */
typedef struct {
  unsigned year, month, day, hour, minute;
} layout_time_t;
layout_time_t layout_time (wall_t at);
/* How many lines a text takes in a cell so many characters wide. */
size_t layout_lines (str_t text, double width);

#endif
