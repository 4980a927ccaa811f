/* cmd_undo.c - undo, imports. */
#include "agent/cli/commands.h"

#include "agent/entry/undo.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define UNDO_BUDGET ((size_t)256 << 20)

static int
by_key (const void *a, const void *b)
{
  const undo_row_t *x = a, *y = b;
  return str_cmp (x->key, y->key);
}

/* For people the records left alone, and those that the centre will refuse; the others are as many as the
 * sentence says. */
static void
fill (table_t *t, undo_result_t *r, bool people)
{
  buf_t at = BUF_INIT;
  table_column (t, "code", "Mã", "Code", COL_TEXT);
  table_column (t, "action", "Việc", "Action", COL_TEXT);
  table_column (t, "person", "Người sửa sau", "Changed by", COL_TEXT);
  table_column (t, "at", "Lúc", "At", COL_TEXT);
  table_column (t, "reason", "Lý do", "Reason", COL_TEXT);
  if (r->n > 1)
    qsort (r->row, r->n, sizeof *r->row, by_key);
  for (size_t i = 0; i < r->n; i++) {
    const undo_row_t *row = &r->row[i];
    if (people && row->reason == NULL)
      continue;
    buf_clear (&at);
    if (row->at.ms != 0)
      wall_put (row->at, people, &at);
    table_row (t);
    table_cell (t, row->key);
    table_cell (t, str_of (people ? undo_action_words (row->action) : undo_action_name (row->action)));
    table_cell (t, row->person);
    table_cell (t, buf_str (&at));
    table_cell (t, people ? row->why : str_of (row->reason));
  }
  buf_free (&at);
}

static void
say (const undo_result_t *r, bool dry)
{
  if (r->returned + r->withdrawn == 0) {
    printf (L ("Lần nhập %" PRIu64 " (%.*s): không có gì để hoàn tác",
               "Import %" PRIu64 " (%.*s): nothing to undo"),
            r->import, STR_ARG (r->file));
  } else {
    printf (L ("Lần nhập %" PRIu64 " (%.*s): %s %" PRIu64 " %s trở lại như trước, %" PRIu64
               " bản ghi do lần nhập này thêm được rút",
               "Import %" PRIu64 " (%.*s): %s %" PRIu64 " %s returned to what they were, %" PRIu64
               " that it had made withdrawn"),
            r->import, STR_ARG (r->file), dry ? L ("sẽ có", "would be:") : L ("đã cho", "done:"), r->returned,
            noun_of (r->returned, "bản ghi", "record", "records"), r->withdrawn - r->again);
    if (r->again > 0)
      printf (L (", %" PRIu64 " bản ghi do lần nhập này đưa lại thì rút lại như cũ",
                 ", %" PRIu64 " that it had restored withdrawn again"),
              r->again);
  }
  if (r->already > 0)
    printf (L (", %" PRIu64 " bản ghi đã như trước lần nhập", ", %" PRIu64 " were so already"), r->already);
  if (r->left > 0)
    printf (L (", %" PRIu64 " bản ghi để nguyên", ", %" PRIu64 " left alone"), r->left);
  printf (".\n");
  if (r->undo != 0)
    printf (L ("Việc này là lần nhập %" PRIu64 "; muốn lấy lại: kc-agent undo DIR %" PRIu64 "\n",
               "This is import %" PRIu64 "; to take it back: kc-agent undo DIR %" PRIu64 "\n"),
            r->undo, r->undo);
  fflush (stdout);
}

static bool
read_number (const char *text, uint64_t *out)
{
  char *end = NULL;
  errno = 0;
  const unsigned long long n = text[0] >= '0' && text[0] <= '9' ? strtoull (text, &end, 10) : 0;
  *out = n;
  return n != 0 && errno == 0 && *end == '\0';
}

static int
tell_all (const args_t *a, undo_result_t *r, fail_t *fail)
{
  const bool people = for_people (a);
  table_t *t = table_new ();
  if (people)
    say (r, args_flag (a, "dry-run"));
  if (t != NULL)
    fill (t, r, people);
  err_t err = t == NULL ? ERR_NOMEM : ERR_OK;
  if (err == ERR_OK && (!people || table_rows (t) > 0))
    err = table_print (t, stdout, args_format (a), args_excel (a), NULL);
  table_destroy (&t);
  if (err != ERR_OK)
    return answer_fail (a, err, fail);
  return r->left > 0 ? 1 : 0;
}

int
cmd_undo (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  undo_result_t result = {0};
  undo_options_t options = {.person = str_of (args_person (a)),
                            .reason = str_of (args_value (a, "reason")),
                            .dry_run = args_flag (a, "dry-run")};
  if (!read_number (args_operand (a, 1), &options.import))
    return args_usage (
        a,
        L ("IMPORT là số của lần nhập, do “kc-agent import” in ra; xem “kc-agent imports”: “%s”",
           "IMPORT is the number that \"kc-agent import\" prints; see \"kc-agent imports\": \"%s\""),
        args_operand (a, 1));
  int code = store_open (a, false, true, &o);
  if (code != 0)
    return code;
  arena_t *arena = arena_new (UNDO_BUDGET);
  err_t err = arena != NULL ? undo_import (o, &options, arena, &result, &fail) : ERR_NOMEM;
  code = err == ERR_OK ? tell_all (a, &result, &fail) : answer_fail (a, err, &fail);
  undo_free (&result);
  arena_destroy (&arena);
  outbox_close (&o);
  return code;
}

int
cmd_imports (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  int code = store_open (a, true, true, &o);
  if (code != 0)
    return code;
  table_t *t = table_new ();
  err_t err = t != NULL ? view_imports (o, for_people (a), t) : ERR_NOMEM;
  code = answer (a, &t, err, &fail, NULL);
  outbox_close (&o);
  return code;
}
