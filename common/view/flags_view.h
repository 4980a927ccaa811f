/* flags_view.h - flags as a table, for both programs: what is in doubt, since when, and what was answered. */
#ifndef KC_VIEW_FLAGS_VIEW_H
#define KC_VIEW_FLAGS_VIEW_H

#include "common/cli/args.h"
#include "common/store/flag_list.h"

/* For the table of commands: --open --all --check CHECK. */
#define FLAGS_OPTIONS                                                                                        \
  {"open", NULL, false, "chỉ những cảnh báo chờ trả lời", "only those not answered"},                        \
      {"all", NULL, false, "cả những cảnh báo đã hết", "those that no longer hold, too"},                    \
  {                                                                                                          \
    "check", "CHECK", false, "chỉ của phép kiểm này, ví dụ duplicate", "this check only, such as duplicate"  \
  }

typedef struct {
  const unit_t *office; /* NULL: all */
  date_t today;         /* offices are who has the records then; 0: those they were made for */
  size_t rows, open;    /* what flags_view found */
} flags_asked_t;

/* flag,check,office,codes,since,state,words,answer,person,severity; for machines sorted by flag. Says on
 * stderr what the list does not hold. ERR_INPUT with words: --check names none of the catalogue's. */
MUST_USE err_t flags_view (const args_t *a, flag_list_t *l, flags_asked_t *asked, table_t *t, fail_t *fail);

#endif
