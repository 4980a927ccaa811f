/* narrative_private.h - what the files that read and write narratives share; for narrative*.c alone. */
#ifndef KC_REPORT_NARRATIVE_PRIVATE_H
#define KC_REPORT_NARRATIVE_PRIVATE_H

#include "common/report/layout.h"
#include "common/report/narrative.h"
#include "common/report/section.h"

/* Reads [targets]; f NULL: only checks. Else fills in what they have reached: `now` over the years of the
 * report, and over the years of each target. */
MUST_USE err_t targets_read (const catalogue_t *c, const facts_t *facts, const figures_t *f, bool en,
                             const fact_t *now, arena_t *arena, narrative_t *out, fail_t *fail);

/* The notes under the text; missing: by fact, what stands there as a gap. ERR_NOMEM. */
MUST_USE err_t narrative_notes (narrative_t *n, const facts_t *facts, const catalogue_t *c,
                                const bool *missing, arena_t *arena);

/* ---- for those who write it ---- */

/* What stands round the text: layout_frame with this report's title. ERR_NOMEM. */
MUST_USE err_t narrative_frame (const narrative_t *n, arena_t *arena, layout_frame_t *out);
/* The text of a block without its runs' kinds. */
str_t narrative_text (const block_t *b, arena_t *arena);
/* Takes the next line off *rest, parted by LF or "|"; false at its end. */
bool narrative_next_line (str_t *rest, str_t *line);

/* Columns of the table of targets: headings, widths in hundredths of it, and a cell's text. */
#define TARGET_COLUMNS 6u
str_t target_heading (const narrative_t *n, size_t column);
extern const unsigned target_width[TARGET_COLUMNS];
/* Appends the text; true: it is a marked gap. */
bool target_cell (const narrative_t *n, const target_t *t, size_t column, buf_t *out);

#endif
