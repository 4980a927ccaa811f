/* merge_names.c - clashes as people read them: a column of import files, and what either side has in it.
 *
 * One column may show two scalars (X_vnd: the approved amount, else the plan), and a clash of an entry as a
 * whole is no column at all. */
#include "common/base/lang.h"
#include "common/core/fields.h"
#include "common/core/lists.h"
#include "common/core/merge.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct {
  const catalogue_t *c;
  const update_t *first, *second;
  columns_t *columns, *ledger, *beneficiaries;
  arena_t *arena;
  clash_row_t *row;
  size_t n, cap;
} naming_t;

static str_t
key_of (const naming_t *k, const record_t *r)
{
  buf_t text = BUF_INIT;
  record_key_text (r, k->c, &text);
  str_t out = arena_str (k->arena, text.n > 0 ? buf_str (&text) : STR (""));
  buf_free (&text);
  return out;
}

static err_t
add_row (naming_t *k, const record_t *of, str_t field, str_t first, str_t second)
{
  clash_row_t row = {.code = key_of (k, of),
                     .field = arena_str (k->arena, field),
                     .first = arena_str (k->arena, first.n > 0 ? first : STR ("")),
                     .second = arena_str (k->arena, second.n > 0 ? second : STR (""))};
  if (row.code.p == NULL || row.field.p == NULL || row.first.p == NULL || row.second.p == NULL)
    return ERR_NOMEM;
  for (size_t i = 0; i < k->n; i++)
    if (str_eq (k->row[i].code, row.code) && str_eq (k->row[i].field, row.field))
      return ERR_OK;
  CHECK (k->n < k->cap);
  k->row[k->n++] = row;
  return ERR_OK;
}

static err_t
add_column_row (naming_t *k, const column_t *col, const record_t *first, const record_t *second)
{
  buf_t a = BUF_INIT, b = BUF_INIT;
  column_get (col, first, k->c, &a);
  column_get (col, second, k->c, &b);
  err_t err =
      buf_ok (&a) && buf_ok (&b) ? add_row (k, first, col->name, buf_str (&a), buf_str (&b)) : ERR_NOMEM;
  buf_free (&a);
  buf_free (&b);
  return err;
}

static const column_t *
column_named (const columns_t *cs, str_t name)
{
  for (size_t i = 0; i < columns_count (cs); i++)
    if (str_eq (columns_at (cs, i)->name, name))
      return columns_at (cs, i);
  return NULL;
}

/* ---- funding ---- */

static const funding_t *
line_of (const update_t *u, source_id_t source)
{
  static const funding_t none;
  const scheme_t *s = &u->record.u.scheme;
  for (uint32_t i = 0; i < s->funding_n; i++)
    if (s->funding[i].source == source)
      return &s->funding[i];
  return &none;
}

static void
put_amount (opt_i64_t v, buf_t *out)
{
  if (v.has)
    buf_printf (out, "%" PRId64, v.v);
}

/* The amount itself, where its column shows another one. */
static err_t
add_amount_row (naming_t *k, str_t field, opt_i64_t first, opt_i64_t second)
{
  buf_t a = BUF_INIT, b = BUF_INIT;
  put_amount (first, &a);
  put_amount (second, &b);
  err_t err = buf_ok (&a) && buf_ok (&b) ? add_row (k, &k->first->record, field, buf_str (&a), buf_str (&b))
                                         : ERR_NOMEM;
  buf_free (&a);
  buf_free (&b);
  return err;
}

static const column_t *
source_column (const naming_t *k, field_type_t type, source_id_t source)
{
  for (size_t i = 0; i < columns_count (k->columns); i++) {
    const column_t *col = columns_at (k->columns, i);
    if (col->type == type && col->source == source)
      return col;
  }
  return NULL;
}

/* A line of which no column shows anything (unknown bytes alone) is named as merging names it. */
static err_t
name_whole_line (naming_t *k, str_t clash, source_id_t source)
{
  static const field_type_t types[] = {FIELD_SUPPORT, FIELD_SETTLED};
  bool shown = false;
  err_t err = ERR_OK;
  for (size_t i = 0; i < 2 && err == ERR_OK; i++) {
    const column_t *col = source_column (k, types[i], source);
    if (col == NULL || (!column_has (col, &k->first->record) && !column_has (col, &k->second->record)))
      continue;
    err = add_column_row (k, col, &k->first->record, &k->second->record);
    shown = true;
  }
  return err == ERR_OK && !shown ? add_row (k, &k->first->record, clash, STR_NONE, STR_NONE) : err;
}

/* clash: funding.<source>[.<member>] */
static err_t
name_funding (naming_t *k, str_t clash, source_id_t source, str_t member)
{
  const funding_t *x = line_of (k->first, source), *y = line_of (k->second, source);
  const bool settled = str_is (member, "settled_vnd"), planned = str_is (member, "planned_vnd");
  const column_t *col = source_column (k, settled ? FIELD_SETTLED : FIELD_SUPPORT, source);
  if (col != NULL && member.n == 0)
    return name_whole_line (k, clash, source);
  if (col == NULL || !(settled || planned || str_is (member, "approved_vnd")))
    return add_row (k, &k->first->record, clash, STR_NONE, STR_NONE);
  if (planned)
    return add_amount_row (k, col->name,
                           x->approved_vnd.has && !y->approved_vnd.has ? x->approved_vnd : x->planned_vnd,
                           y->approved_vnd.has && !x->approved_vnd.has ? y->approved_vnd : y->planned_vnd);
  return add_column_row (k, col, &k->first->record, &k->second->record);
}

/* ---- entries ---- */

static bool
find_line (const update_t *u, kind_t form, record_id_t id, record_t *out)
{
  size_t at = 0;
  out->kind = form;
  line_set_id (out, id);
  if (list_find (&u->record.u.scheme, out, &at) == 0)
    return false;
  list_line (&u->record.u.scheme, form, at, out);
  return true;
}

/* clash: ledger.<id>[.<field>] */
static err_t
name_entry (naming_t *k, str_t clash, kind_t form, record_id_t id, str_t field)
{
  record_t x, y;
  const bool in_x = find_line (k->first, form, id, &x), in_y = find_line (k->second, form, id, &y);
  const columns_t *cs = form == FORM_LEDGER ? k->ledger : k->beneficiaries;
  const column_t *col = field.n > 0 ? column_named (cs, field) : NULL;
  if (in_x && in_y && col != NULL)
    return add_column_row (k, col, &x, &y);
  if (in_x || in_y)
    return add_row (k, in_x ? &x : &y, field.n > 0 ? field : STR ("removed"), in_x ? STR ("") : STR ("yes"),
                    in_y ? STR ("") : STR ("yes"));
  return add_row (k, &k->first->record, clash, STR_NONE, STR_NONE);
}

/* ---- names ---- */

/* What stands before the first dot, and what behind it. */
static str_t
head_of (str_t name, str_t *tail)
{
  for (size_t i = 0; i < name.n; i++)
    if (name.p[i] == '.') {
      *tail = (str_t){name.p + i + 1, name.n - i - 1};
      return (str_t){name.p, i};
    }
  *tail = STR_NONE;
  return name;
}

static source_id_t
source_of (str_t text)
{
  source_id_t v = 0;
  for (size_t i = 0; i < text.n && i < 9; i++)
    v = v * 10 + (source_id_t)(text.p[i] >= '0' && text.p[i] <= '9' ? text.p[i] - '0' : 0);
  return v;
}

static err_t
name_one (naming_t *k, str_t clash)
{
  str_t rest, member;
  record_id_t id;
  const record_t *of = &k->first->record;
  const str_t head = head_of (clash, &rest), key = head_of (rest, &member);
  const column_t *col = column_named (k->columns, clash);
  if (col != NULL)
    return add_column_row (k, col, of, &k->second->record);
  if (str_is (clash, "withdrawn"))
    return add_row (k, of, clash, k->first->operation == OP_WITHDRAW ? STR ("yes") : STR (""),
                    k->second->operation == OP_WITHDRAW ? STR ("yes") : STR (""));
  if (of->kind == KIND_SCHEME && rest.n > 0 && str_is (head, "funding"))
    return name_funding (k, clash, source_of (key), member);
  const bool ledger = str_is (head, "ledger");
  if (of->kind == KIND_SCHEME && rest.n > 0 && (ledger || str_is (head, "beneficiaries")) &&
      record_id_parse (key, &id))
    return name_entry (k, clash, ledger ? FORM_LEDGER : FORM_BENEFICIARY, id, member);
  return add_row (k, of, clash, STR_NONE, STR_NONE);
}

err_t
clash_rows (const catalogue_t *c, const str_t *clashes, size_t n, const update_t *first,
            const update_t *second, arena_t *arena, clash_row_t **out, size_t *out_n)
{
  naming_t k = {.c = c, .first = first, .second = second, .arena = arena, .cap = 2 * n};
  err_t err = ERR_NOMEM;
  k.row = arena_alloc (arena, (k.cap + 1) * sizeof *k.row);
  k.columns = columns_new (first->record.kind, c);
  k.ledger = columns_new (FORM_LEDGER, c);
  k.beneficiaries = columns_new (FORM_BENEFICIARY, c);
  if (k.row != NULL && k.columns != NULL && k.ledger != NULL && k.beneficiaries != NULL)
    err = ERR_OK;
  for (size_t i = 0; i < n && err == ERR_OK; i++)
    err = name_one (&k, clashes[i]);
  columns_destroy (&k.columns);
  columns_destroy (&k.ledger);
  columns_destroy (&k.beneficiaries);
  *out = k.row;
  *out_n = k.n;
  return err;
}

err_t
clashes_take (const merged_t *m, str_t *taken, size_t *taken_n, fail_t *fail)
{
  for (size_t i = 0; i < m->clashes_n; i++) {
    for (size_t k = 0; k < *taken_n; k++)
      if (str_eq (taken[k], m->clashes[i]))
        return fail_set (fail, ERR_INPUT,
                         L ("có hai bên đang chờ cùng sửa “%.*s”; hãy ghi giá trị: %.*s=…",
                            "two parked sides changed \"%.*s\"; give the value: %.*s=…"),
                         STR_ARG (m->clashes[i]), STR_ARG (m->clashes[i]));
    taken[(*taken_n)++] = m->clashes[i];
  }
  return ERR_OK;
}
