/* catalogue_lineage.c - rows of [lineage] and [communes]: what they must say, and that following them ends.
 *
 * Units are followed forward in time (units.c), so only rows of one and the same day could lead in a circle.
 * A row's depth is one more than that of the deepest row of the day that leads to it; in a circle depths
 * would grow for ever, so a depth above the number of rows is refused. */
#include "common/base/lang.h"
#include "common/core/catalogue_parser.h"
#include "common/core/units.h"

#include <stdlib.h>

#define LINEAGE_MAX 1024u
#define DEPTH_MAX 16u

/* ---- lineage ---- */

static err_t
check_lineage (parser_t *p, const lineage_t *l)
{
  bool moves = l->event == EVENT_MERGE || l->event == EVENT_SPLIT;
  bool stays = l->event == EVENT_RENAME || l->event == EVENT_RETYPE;
  p->column = (uint32_t)p->place[0] + 1;
  if (l->from == 0)
    return parser_refuse (p, L ("ô này không được để trống", "this cell must not be blank"));
  p->column = (uint32_t)p->place[1] + 1;
  if (l->to == l->from)
    return parser_refuse (p, L ("đơn vị không thể kế thừa chính mình", "a unit cannot be its own heir"));
  if (moves && l->to == 0)
    return parser_refuse (p, L ("phải ghi đơn vị nhận (to)", "the unit that receives (to) is missing"));
  if ((stays && l->to != 0) || (l->to == 0 && (l->heir || !str_blank (l->commune))))
    return parser_refuse (p, L ("cột to không hợp với sự kiện này", "column to does not go with this event"));
  p->column = (uint32_t)p->place[3] + 1;
  if (l->on == 0)
    return parser_refuse (p, L ("ô này không được để trống", "this cell must not be blank"));
  return ERR_OK;
}

/* On one day a unit, or one commune of it, goes to one place. */
static err_t
check_once (parser_t *p, const lineage_t *l)
{
  const list_t *rows = &p->c->lists[LIST_LINEAGE];
  p->column = 1;
  if (rows->n >= LINEAGE_MAX)
    return parser_refuse (p, L ("quá %u dòng trong [lineage]", "more than %u rows in [lineage]"),
                          LINEAGE_MAX);
  for (size_t i = 0; i < rows->n; i++) {
    const lineage_t *o = rows->at[i];
    if (o->from != l->from || o->on != l->on || o->to == 0 || l->to == 0)
      continue;
    if ((l->folded.n > 0 && str_eq (l->folded, o->folded)) ||
        (l->folded.n == 0 && o->folded.n == 0 && l->heir && o->heir))
      return parser_refuse (
          p, L ("đơn vị này, hoặc xã này của nó, đã có nơi nhận trong cùng ngày ở một dòng trên",
                "this unit, or this commune of it, has an heir on that day on a line above"));
  }
  return ERR_OK;
}

err_t
parser_add_lineage (parser_t *p, void *row)
{
  lineage_t *l = row;
  buf_t folded = BUF_INIT;
  err_t err = check_lineage (p, l);
  if (err != ERR_OK)
    return err;
  if (!commune_fold (l->commune, &folded))
    err = parser_no_memory (p);
  else if (folded.n > 0 && (l->folded = arena_str (p->c->arena, buf_str (&folded))).p == NULL)
    err = parser_no_memory (p);
  buf_free (&folded);
  return err == ERR_OK ? check_once (p, l) : err;
}

static int
by_day (const void *a, const void *b)
{
  const lineage_t *x = *(lineage_t *const *)a, *y = *(lineage_t *const *)b;
  return (x->on > y->on) - (x->on < y->on);
}

/* Rows [at, end) are of one day. */
static bool
day_ends (lineage_t *const *rows, size_t n, uint32_t *depth)
{
  bool grows = true;
  for (uint32_t pass = 0; grows; pass++) {
    if (pass > DEPTH_MAX)
      return false;
    grows = false;
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; rows[i]->to != 0 && j < n; j++)
        if (rows[j]->to == rows[i]->from && depth[i] <= depth[j]) {
          depth[i] = depth[j] + 1;
          grows = true;
        }
  }
  return true;
}

err_t
parser_lineage_whole (parser_t *p)
{
  const list_t *list = &p->c->lists[LIST_LINEAGE];
  lineage_t **rows = calloc (list->n + 1, sizeof *rows);
  uint32_t *depth = calloc (list->n + 1, sizeof *depth);
  err_t err = ERR_OK;
  if (rows == NULL || depth == NULL) {
    free (rows);
    free (depth);
    return parser_no_memory (p);
  }
  for (size_t i = 0; err == ERR_OK && i < list->n; i++)
    rows[i] = list->at[i];
  if (err == ERR_OK)
    qsort (rows, list->n, sizeof *rows, by_day);
  for (size_t at = 0, end; err == ERR_OK && at < list->n; at = end) {
    for (end = at + 1; end < list->n && rows[end]->on == rows[at]->on; end++)
      ;
    if (!day_ends (rows + at, end - at, depth + at))
      err = fail_set (p->fail, ERR_INPUT,
                      L ("[lineage]: các đơn vị kế thừa nhau thành vòng trong ngày %04u-%02u-%02u",
                         "[lineage]: units inherit from one another in a circle on %04u-%02u-%02u"),
                      (unsigned)(rows[at]->on / 10000), (unsigned)(rows[at]->on / 100 % 100),
                      (unsigned)(rows[at]->on % 100));
  }
  free (rows);
  free (depth);
  return err;
}

/* ---- communes ---- */

err_t
parser_add_commune (parser_t *p, void *row)
{
  const commune_t *m = row;
  buf_t key = BUF_INIT;
  err_t err = ERR_OK;
  p->column = (uint32_t)p->place[1] + 1;
  if (m->valid_to != 0 && m->valid_to < m->valid_from)
    return parser_refuse (
        p, L ("xã “%.*s” hết hiệu lực trước khi có hiệu lực", "commune \"%.*s\" ends before it begins"),
        STR_ARG (m->name));
  buf_put (&key, m->unit.p, m->unit.n);
  buf_putc (&key, 0x1f);
  str_t code = commune_fold (m->name, &key) ? arena_str (p->c->arena, buf_str (&key)) : STR_NONE;
  if (code.p == NULL || catalogue_index_put (p->c, INDEX_COMMUNE, 0, m->unit, m) != ERR_OK ||
      catalogue_index_put (p->c, INDEX_COMMUNE, 0, code, m) != ERR_OK)
    err = parser_no_memory (p);
  buf_free (&key);
  return err;
}
