/* lists.h - a scheme's keyed lists, entry by entry, as lines of their forms.
 *
 * A line is a record_t of kind FORM_LEDGER or FORM_BENEFICIARY: the entry with its scheme's code, so that the
 * table of columns, edit_apply and the rules serve an entry as they serve a record. Lists are never written
 * in place: a scheme that is edited gets lists of its own in the editor's arena. */
#ifndef KC_CORE_LISTS_H
#define KC_CORE_LISTS_H

#include "common/core/record.h"

size_t list_count (const scheme_t *s, kind_t form);
size_t list_max (kind_t form); /* LEDGER_MAX, BENEFICIARIES_MAX */
/* Entry i as a line, borrowed from the scheme. Only the line's own part of *out is written. */
void list_line (const scheme_t *s, kind_t form, size_t i, record_t *out);

str_t line_scheme_code (const record_t *line);
record_id_t line_id (const record_t *line); /* zero: it has none yet */
void line_set_id (record_t *line, record_id_t id);

/* What the line is, by its content: an entry of the ledger is its voucher within the year of its date
 * (numbers start anew every January), where there is none its kind, date, source and amount; a beneficiary
 * its name and address without accents and case. Appends; parts are joined by 0x1f. False when a part is
 * missing. */
bool line_key (const record_t *line, buf_t *out);
/* The same with the scheme's code in front: record_key of a line. */
bool line_full_key (const record_t *line, buf_t *out);
/* For people within the scheme: voucher or name, else the first 8 digits of the id. */
void line_label (const record_t *line, buf_t *out);
/* The same where it goes into a reason: what a stranger wrote only when it is short and clean. */
void line_quotable_label (const record_t *line, buf_t *out);
/* The label of entry i, or its 8 digits where another entry has the same label. */
void list_label (const scheme_t *s, kind_t form, size_t i, buf_t *out);

/* The entries that a line stands for: the one of its id, where it has one, else those of its key. Their
 * number; *first is one of them. */
size_t list_find (const scheme_t *s, const record_t *line, size_t *first);
/* The entries that people name: by voucher or name (case and accents do not matter), or by the first digits
 * (4 at least) of the id. Their number; *first is one of them. */
size_t list_find_named (const scheme_t *s, kind_t form, str_t name, size_t *first);

/* A list in the making. Starts zero. */
typedef struct {
  void *at;
  uint32_t room;
} list_room_t;

/* Puts the line's entry (it has an id) in its place, instead of the one of the same id or as a new one. The
 * first call copies the list, later ones write into that copy. False: out of memory; the list is full. */
bool list_put (scheme_t *s, const record_t *line, list_room_t *room, arena_t *arena);
/* Takes entry i out of a copy. False: out of memory. */
bool list_drop (scheme_t *s, kind_t form, size_t i, arena_t *arena);

#endif
