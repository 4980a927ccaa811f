/* import_private.h - parts of the import: the header row, keys seen in a file, lines of forms, and what they
 * share of one run. */
#ifndef KC_AGENT_ENTRY_IMPORT_PRIVATE_H
#define KC_AGENT_ENTRY_IMPORT_PRIVATE_H

#include "agent/entry/import.h"

#include "common/store/locks.h"
#include "common/text/csv.h"
#include "common/text/fonts.h"

typedef struct {
  kind_t kind;
  size_t n;
  int column[CSV_COLUMNS_MAX]; /* file column → column of the kind, -1: ignored */
  str_t name[CSV_COLUMNS_MAX]; /* as the file writes it */
} header_t;

/* Recognises the kind and maps every column. ERR_INPUT with words: kind unknown, not supported, a column
 * unknown, given twice, or missing. */
bool header_name_blank (str_t name); /* nothing but blanks */
MUST_USE err_t header_read (header_t *h, const csv_row_t *row, const import_options_t *options,
                            const catalogue_t *c, columns_t **columns, fail_t *fail);

/* Keys met in a file, each with its first line: hashes only, 24 bytes a key. */
typedef struct seen seen_t;
seen_t *seen_new (void);
void seen_destroy (seen_t **self_p);
/* False: it was there, *first is its line; or out of memory, *first is 0. */
bool seen_add (seen_t *self, str_t key, uint32_t line, uint32_t *first);
bool seen_find (const seen_t *self, str_t key, uint32_t *line);

/* The file being read: rows.h. */
typedef struct rows rows_t;

/* Lines of a form gathered by their schemes: import_lines.c. */
typedef struct import_lines import_lines_t;

typedef struct {
  outbox_t *o;
  kv_txn_t *txn;
  str_t name;
  const import_options_t *options;
  const import_watch_t *watch;
  bool guarded; /* it is an export for Excel: the ' before formulas comes off */
  bool quiet;   /* a second pass: rows and findings have been told */
  wall_t now;
  store_id_t store;
  rows_t *rows;
  header_t header;
  columns_t *columns;
  edit_options_t edit;
  arena_t *arena; /* one row's */
  seen_t *seen;
  import_lines_t *lines; /* of a form */
  fonts_t *fonts;        /* cells looked at for letters of old fonts */
  locks_t *locks;        /* as the centre has told them */
  buf_t drafts;          /* length (u32), update bytes; again and again */
  buf_t key, text, place;
  import_counts_t n;
} importer_t;

/* cells: of the row, by the column they go to; file_column: where each stands in the file. */
size_t import_row_cells (importer_t *im, const csv_row_t *row, cell_t *cells, size_t *file_column);
void import_tell_reason (importer_t *im, const csv_row_t *row, const size_t *file_column, const reason_t *r,
                         str_t key);
/* True when one of them is hard. */
bool import_tell_all (importer_t *im, const csv_row_t *row, const size_t *file_column, const reasons_t *found,
                      str_t key);
/* False: the key stood in the file before, which was told; or out of memory, *err says so. */
bool import_first_time (importer_t *im, const csv_row_t *row, str_t key, str_t key_text, err_t *err);
/* True when what is there was withdrawn and is not to be brought back; that was told. */
bool import_tell_withdrawn (importer_t *im, const csv_row_t *row, const present_t *present, str_t key_text);
/* Counts what the row does, and tells it. */
void import_tell_row (importer_t *im, import_action_t action, const csv_row_t *row, const record_t *before,
                      const record_t *after);
/* Told too: what the centre will refuse since it is locked. line: of the file, 0 = none. */
MUST_USE err_t import_keep_draft (importer_t *im, const draft_t *d, uint32_t line);

void import_tell_finding (importer_t *im, const import_finding_t *f);

/* Letters of old fonts: false when out of memory; a row's cells; what was found; is the header in them? */
bool import_fonts_begin (importer_t *im);
void import_fonts_look (importer_t *im, const csv_row_t *row);
void import_fonts_tell (importer_t *im);
bool import_fonts_header (const csv_row_t *row, fail_t *fail);

/* One row of a form into its scheme's list. */
MUST_USE err_t import_line_take (importer_t *im, const csv_row_t *row);
/* The schemes whose lists changed, judged as wholes, become drafts: one each. */
MUST_USE err_t import_lines_finish (importer_t *im);
void import_lines_destroy (import_lines_t **self_p);

#endif
