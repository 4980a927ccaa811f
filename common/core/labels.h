/* labels.h - values of coded columns as people write them: "Đã quyết toán", "Thị xã An Nhơn", "Đề án điểm".
 *
 * A code always wins and is nothing to ask here. Labels are the catalogue's names, the words of states and
 * kinds in both languages, and the synonyms of its section [labels] (field,code,label); case, accents, spaces
 * and punctuation do not count, i and y are one. A code with its label ("III.3 - …", "An Nhơn (549)") is a
 * label too. What may stand for two codes is neither: the candidates are named. */
#ifndef KC_CORE_LABELS_H
#define KC_CORE_LABELS_H

#include "common/core/fields.h"

typedef enum { LABEL_UNKNOWN, LABEL_FOUND, LABEL_AMBIGUOUS } label_answer_t;

typedef struct {
  str_t code;     /* as in files; lives as long as the catalogue or for ever */
  unit_id_t unit; /* FIELD_UNIT */
} label_t;

typedef struct labels labels_t; /* of a file: columns_labels */
/* Borrows the catalogue. NULL: out of memory. */
labels_t *labels_new (const catalogue_t *c);
void labels_destroy (labels_t **self_p);

/* What a text of a column of this type stands for. AMBIGUOUS: what it may be, UNKNOWN: what is nearest to it,
 * if anything is, is appended to near: "549 (An Nhơn, thị xã), …". */
label_answer_t labels_find (const labels_t *self, field_type_t type, str_t text, label_t *out, buf_t *near);

#endif
