/* cmd_enter.c - add, set, withdraw, resolve. */
#include "agent/cli/commands.h"

#include "agent/entry/conflicts.h"
#include "agent/entry/edits.h"
#include "common/base/lang.h"

#include <stdio.h>
#include <stdlib.h>

#define EDIT_BUDGET ((size_t)64 << 20)

/* Operands from the third on. */
static const char **
pairs_of (const args_t *a, size_t *n)
{
  *n = args_count (a) > 2 ? args_count (a) - 2 : 0;
  const char **pairs = calloc (*n + 1, sizeof *pairs);
  for (size_t i = 0; pairs != NULL && i < *n; i++)
    pairs[i] = args_operand (a, i + 2);
  return pairs;
}

void
say_notes (const outbox_t *o, kind_t kind, const reasons_t *found)
{
  buf_t words = BUF_INIT;
  for (uint32_t i = 0; i < found->n; i++) {
    if (!reason_soft (found->at[i].code))
      continue;
    buf_clear (&words);
    reason_words_in (&found->at[i], outbox_catalogue (o), kind, &words);
    fprintf (stderr, L ("lưu ý: %s\n", "note: %s\n"), buf_z (&words));
  }
  buf_free (&words);
}

typedef err_t (edit_fn) (const args_t *a, outbox_t *o, kind_t kind, const char **pairs, size_t n,
                         arena_t *arena, edit_result_t *out, fail_t *fail);

static int
edit (const args_t *a, kind_t kind, edit_fn *fn, const char *done, const char *nothing)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  size_t n = 0;
  edit_result_t result = {0};
  const char **pairs = pairs_of (a, &n);
  arena_t *arena = arena_new (EDIT_BUDGET);
  int code = store_open (a, false, true, &o);
  if (code == 0) {
    err_t err = pairs != NULL && arena != NULL ? fn (a, o, kind, pairs, n, arena, &result, &fail) : ERR_NOMEM;
    if (err != ERR_OK)
      code = answer_fail (a, err, &fail);
    else {
      say_notes (o, kind, &result.found);
      fprintf (args_words (a), "%.*s: %s\n", STR_ARG (result.key), result.changed ? done : nothing);
    }
  }
  outbox_close (&o);
  arena_destroy (&arena);
  free (pairs);
  return code;
}

static str_t
reason_of (const args_t *a)
{
  return str_of (args_value (a, "reason"));
}

static err_t
do_add (const args_t *a, outbox_t *o, kind_t kind, const char **pairs, size_t n, arena_t *arena,
        edit_result_t *out, fail_t *fail)
{
  return edits_add (o, kind, pairs, n, str_of (args_person (a)), arena, out, fail);
}

static err_t
do_set (const args_t *a, outbox_t *o, kind_t kind, const char **pairs, size_t n, arena_t *arena,
        edit_result_t *out, fail_t *fail)
{
  return edits_set (o, str_of (args_operand (a, 1)), kind, pairs, n, str_of (args_person (a)), reason_of (a),
                    arena, out, fail);
}

static err_t
do_withdraw (const args_t *a, outbox_t *o, kind_t kind, const char **pairs, size_t n, arena_t *arena,
             edit_result_t *out, fail_t *fail)
{
  (void)pairs;
  (void)n;
  return edits_withdraw (o, str_of (args_operand (a, 1)), kind, str_of (args_person (a)), reason_of (a),
                         arena, out, fail);
}

int
cmd_add (const args_t *a)
{
  kind_t kind;
  int code = name_kind (a, args_operand (a, 1), &kind);
  return code != 0 ? code : edit (a, kind, do_add, L ("đã lưu", "saved"), "");
}

int
cmd_set (const args_t *a)
{
  kind_t kind;
  int code = option_kind (a, &kind);
  return code != 0
             ? code
             : edit (a, kind, do_set, L ("đã lưu", "saved"), L ("không có gì thay đổi", "nothing to change"));
}

int
cmd_withdraw (const args_t *a)
{
  kind_t kind;
  int code = option_kind (a, &kind);
  return code != 0 ? code
                   : edit (a, kind, do_withdraw, L ("đã rút", "withdrawn"),
                           L ("đã được rút từ trước", "was withdrawn before"));
}

static err_t
do_resolve (const args_t *a, outbox_t *o, kind_t kind, const char **pairs, size_t n, arena_t *arena,
            edit_result_t *out, fail_t *fail)
{
  return edits_resolve (o, str_of (args_operand (a, 1)), kind, pairs, n, str_of (args_person (a)),
                        reason_of (a), arena, out, fail);
}

int
cmd_resolve (const args_t *a)
{
  kind_t kind;
  int code = option_kind (a, &kind);
  return code != 0 ? code : edit (a, kind, do_resolve, L ("đã giải quyết", "settled"), "");
}
