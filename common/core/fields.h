/* fields.h - the columns of each kind of record: one table behind import, export, set, show, history.
 *
 * fields.def holds one row a field; the forms of a scheme's lists have columns as the kinds of record have. A
 * columns_t adds to it the two columns per funding source of a catalogue (X_vnd, settled_X_vnd). Adding a
 * field: README, "How to". */
#ifndef KC_CORE_FIELDS_H
#define KC_CORE_FIELDS_H

#include "common/core/catalogue.h"
#include "common/core/reason.h"

typedef enum {
  FIELD_TEXT, /* free text */
  FIELD_CODE, /* ASCII code of the user's own */
  FIELD_UNIT,
  FIELD_YEARS,
  FIELD_ITEM,
  FIELD_INDICATOR,
  FIELD_FUND,
  FIELD_STATUS,
  FIELD_SCHEME_KIND,
  FIELD_VALUE_KIND,
  FIELD_MONEY, /* đồng */
  FIELD_YES,   /* yes or nothing */
  FIELD_SERVICE,
  FIELD_STAFF_ITEM,
  FIELD_DOCUMENT_STATUS,
  FIELD_COUNT, /* a whole number */
  FIELD_ID,    /* of an entry in a scheme's list */
  FIELD_LEDGER_KIND,
  FIELD_SOURCE,
  FIELD_DATE,
  FIELD_VALUE,   /* outcome value, scaled by its indicator */
  FIELD_SUPPORT, /* X_vnd of a source: approved, else planned (DESIGN 3, Amounts) */
  FIELD_SETTLED  /* settled_X_vnd of a source */
} field_type_t;

/* A row of fields.def: what is known of a column without a catalogue. */
typedef struct {
  kind_t kind;
  const char *name; /* "%" in it stands for the code of a source */
  field_type_t type;
  bool required, key;
  uint32_t max_bytes;
  size_t offset;
} field_t;

/* The rows of a kind. */
const field_t *fields_of (kind_t kind, size_t *n);
/* The member of a record that a field is about (not SUPPORT, SETTLED). */
static inline const void *
field_member (const record_t *r, size_t offset)
{
  return (const char *)&r->u + offset;
}

typedef struct {
  str_t name; /* as in import files, "national_vnd" */
  field_type_t type;
  bool required, key;
  uint32_t max_bytes; /* of text */
  size_t offset;      /* of the member in scheme_t / outcome_t; unused for SUPPORT, SETTLED */
  source_id_t source; /* SUPPORT and SETTLED */
  str_t label_vi, label_en;
} column_t;

typedef struct columns columns_t;

/* Columns of a kind in the order of templates and exports; sources that are not in use have none. NULL
 * for a kind that is not supported yet, and out of memory. Borrows the catalogue. */
columns_t *columns_new (kind_t kind, const catalogue_t *c);
void columns_destroy (columns_t **self_p);
kind_t columns_kind (const columns_t *cs);
size_t columns_count (const columns_t *cs);
const column_t *columns_at (const columns_t *cs, size_t i);
/* By name or label (case, accents and spaces folded); -1 when unknown. */
int columns_find (const columns_t *cs, str_t name);
/* Required names of kinds that are not supported yet are known too, so that their files are
 * recognised: the kind whose columns a header fits, KIND_NONE if none does. A header fits a kind
 * when it holds all its required columns, by name or by the catalogue's labels (c may be NULL), as in
 * columns_find; the kind with most columns in common wins. staff needs indicator, year and value and
 * must have neither fund nor district (INTERFACE 4). */
kind_t columns_recognise (const catalogue_t *c, const str_t *header, size_t n);

/* What values of coded columns are called (labels.h): made when it is first asked for, lives as long as the
 * columns. NULL: out of memory. */
struct labels;
const struct labels *columns_labels (const columns_t *cs);

/* The column's value as text, as in import (plain numbers, ISO dates, codes). "" when absent. */
void column_get (const column_t *col, const record_t *r, const catalogue_t *c, buf_t *out);
/* Is it given? */
bool column_has (const column_t *col, const record_t *r);

#endif
