/* book_private.h - what the files of the book share. */
#ifndef KC_STORE_BOOK_PRIVATE_H
#define KC_STORE_BOOK_PRIVATE_H

#include "common/store/book.h"

#define REF_SIZE 20u /* home u32 big-endian ‖ id: order is office, then age */

struct book {
  book_dbs_t dbs;
  totals_t *totals;
  kv_txn_t *txn;       /* of the call that is running: the totals' loader reads through it */
  buf_t key, key_then; /* index keys after and before */
  arena_t *arena;      /* decodes; made when first needed */
};

void ref_encode (record_ref_t ref, char out[REF_SIZE]);
/* False when the bytes are no reference (damage). */
bool ref_decode (str_t bytes, record_ref_t *out);

/* The key of the index: kind ‖ natural key, the end of a long one replaced by a hash. *has false when the
 * record's kind or state has no natural key. */
MUST_USE err_t index_key_of (const record_t *r, buf_t *out, bool *has);
/* Splits what index_key joined. */
bool index_key_split (str_t key, kind_t *kind, str_t *natural_key);

/* Takes before out of the totals and puts after in (either may be NULL); the one caller of totals_apply. */
MUST_USE err_t book_count (book_t *b, kv_txn_t *txn, const record_t *before, bool before_withdrawn,
                           const record_t *after, bool after_withdrawn);

/* A cell's value: MEASURES_MAX numbers. */
bool cell_decode (str_t body, int64_t m[MEASURES_MAX]);

/* A row from what a cursor gives. ERR_DAMAGED: only its ref is filled, as far as it can be read. */
MUST_USE err_t book_row_open (const book_t *b, str_t key, str_t stored, row_t *out);

/* Decodes a row's bytes into the book's arena, whose earlier content goes. ERR_DAMAGED when they cannot be
 * read. */
MUST_USE err_t book_decode (book_t *b, str_t bytes, update_t *out);

#endif
