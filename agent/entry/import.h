/* import.h - a file of records into the store: all or nothing.
 *
 * The whole file is read, judged and encoded against one snapshot before the write begins; a dry run is
 * the same code that stops there. What each row would do and each finding are told through callbacks. */
#ifndef KC_AGENT_ENTRY_IMPORT_H
#define KC_AGENT_ENTRY_IMPORT_H

#include "agent/entry/edits.h"

#define IMPORT_FINDINGS_MAX 50u /* told in full; the rest are counted */

typedef enum { IMPORT_CREATED = 1, IMPORT_CHANGED, IMPORT_RESTORED, IMPORT_UNCHANGED } import_action_t;
const char *import_action_name (import_action_t a); /* "created" */

typedef struct {
  kind_t kind; /* KIND_NONE: recognise from the header */
  number_locale_t locale;
  bool million, ignore_unknown, restore, dry_run;
  str_t person, reason;
  str_t sheet; /* of a workbook; blank: the one with a header */
} import_options_t;

/* What happens to a row's record. Valid during the call. */
typedef struct {
  import_action_t action;
  uint32_t line;
  const columns_t *columns;
  const catalogue_t *catalogue;
  const record_t *before, *after; /* before NULL: created */
  const int *changed;             /* columns that differ */
  size_t changed_n;
} import_row_t;

/* Something wrong (hard), or odd but taken (soft). */
typedef struct {
  bool soft;
  uint32_t line, column; /* in the file; 0 = does not apply */
  str_t column_name, key, text;
  str_t place; /* in a workbook: "Đề án!B7"; blank: line and column say it */
} import_finding_t;

typedef struct {
  void *ctx;
  void (*row) (void *ctx, const import_row_t *r);
  void (*finding) (void *ctx, const import_finding_t *f); /* every one; the caller stops showing at a limit */
  void (*progress) (void *ctx, unsigned permille);
} import_watch_t; /* any may be NULL */

typedef struct {
  kind_t kind;
  uint64_t rows, created, changed, restored, unchanged; /* rows of the file: of a form its lines */
  uint64_t schemes, schemes_restored;                   /* of a form: that became new versions */
  uint64_t refused;                                     /* hard findings */
  uint64_t refused_rows;                                /* that have one */
  uint64_t warnings;                                    /* soft ones */
  uint64_t import;                                      /* its number, for undo; 0: nothing was stored */
} import_counts_t;

/* name: as people know the file. ERR_INPUT when anything in it is refused: findings were told, *fail sums up
 * and nothing is stored. ERR_FULL and the like: nothing is stored. A dry run gives the same result. */
MUST_USE err_t import_file (outbox_t *o, str_t name, str_t file, const import_options_t *options,
                            const import_watch_t *watch, import_counts_t *out, fail_t *fail);

#endif
