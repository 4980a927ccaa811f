/* views.h - what the office holds, as tables: list, show, history, export, template. Reads only. */
#ifndef KC_AGENT_ENTRY_VIEWS_H
#define KC_AGENT_ENTRY_VIEWS_H

#include "agent/entry/edits.h"
#include "common/cli/table.h"

/* All live records of a kind in the form of an import file, sorted by natural key; imports back with no
 * change. template: the header alone. ERR_INPUT with words for a kind not supported yet. */
MUST_USE err_t export_records (outbox_t *o, kind_t kind, bool excel, buf_t *out, fail_t *fail);
MUST_USE err_t export_template (kind_t kind, const catalogue_t *c, bool excel, buf_t *out, fail_t *fail);
/* The same as workbooks: labels as header, true numbers and dates, the catalogue's choices to drop down.
 * office: whose units may be chosen; 0: all. */
MUST_USE err_t export_workbook (outbox_t *o, kind_t kind, buf_t *out, fail_t *fail);
MUST_USE err_t template_workbook (kind_t kind, const catalogue_t *c, unit_id_t office, buf_t *out,
                                  fail_t *fail);

typedef struct {
  kind_t kind;  /* KIND_NONE: all */
  str_t search; /* accents and case do not matter; blank: all */
  str_t where;  /* DIM=VALUE,… ; blank: all */
  str_t sort;   /* a column's name; blank: by code, and records for people by name */
} list_filter_t;

/* code,kind,name,district,status,year,item,support_vnd,value,state,flags - live records; of a form its
 * entries: code, its columns, state. In csv and json codes; for people words, and of flags how many.
 * ERR_USAGE: an unknown dimension. ERR_INPUT: a value no record can have. */
MUST_USE err_t view_list (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail);
/* code,since: one row an update that the centre has not acknowledged. */
MUST_USE err_t view_waiting (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail);
/* code,reason,since */
MUST_USE err_t view_refused (outbox_t *o, const list_filter_t *f, bool people, table_t *t, fail_t *fail);

/* submission,table,period,nil,state,since,due,answered,answered_by,comment */
MUST_USE err_t view_submissions (outbox_t *o, bool people, table_t *t);

/* field,value of one record. */
MUST_USE err_t view_show (outbox_t *o, str_t record, kind_t kind, bool people, table_t *t, fail_t *fail);
/* revision,person,at,field,old,new; oldest first. */
MUST_USE err_t view_history (outbox_t *o, str_t record, kind_t kind, bool people, table_t *t, fail_t *fail);

#endif
