/* narrative_targets.c - the programme's targets and how far they are reached. */
#include "common/base/lang.h"
#include "common/report/narrative_private.h"
#include "common/text/number.h"

#define TARGET_SCALE 6u

typedef struct {
  section_row_t row;
  const facts_t *facts;
  const figures_t *figures; /* NULL: only checking */
  const fact_t *now;
  bool en;
  arena_t *arena;
  span_t years;        /* of the target before */
  const fact_t *since; /* the facts over them */
} targets_t;

/* The result as a percentage of the target. */
static fact_t
share_of (const fact_t *result, const fact_t *aim)
{
  fact_t share = {.gap = result->gap != GAP_NONE ? result->gap
                         : aim->num <= 0         ? GAP_ZERO
                                                 : GAP_NONE,
                  .num = result->num,
                  .den = aim->num > 0 ? aim->num : 1,
                  .scale = result->scale - aim->scale - 2,
                  .quotient = true,
                  .decimals = 1};
  fact_settle (&share);
  return share;
}

static err_t
read_value (const targets_t *t, target_t *out)
{
  str_t text = section_cell (&t->row, "value");
  out->measurable = !str_blank (text);
  out->value = (fact_t){.den = 1, .scale = TARGET_SCALE, .decimals = TARGET_SCALE};
  if (!out->measurable)
    out->value.gap = GAP_NO_DATA;
  else if (number_parse (text, NUMBER_PLAIN, TARGET_SCALE, &out->value.num) != NUMBER_OK)
    return section_refuse (&t->row, "value", L ("“%.*s” không phải là số", "\"%.*s\" is no number"),
                           STR_ARG (text));
  return ERR_OK;
}

/* Over the years of the target, whatever years the report is about. In the table a gap names no fact: its row
 * says what is missing. */
static err_t
read_progress (targets_t *t, target_t *out)
{
  str_t id = section_cell (&t->row, "progress");
  size_t at = 0;
  const bool named = !str_blank (id);
  if (named && !facts_find (t->facts, id, &at))
    return section_refuse (&t->row, "progress",
                           L ("không có số liệu “%.*s” trong phần [facts]; hãy sửa mã hoặc thêm dòng ấy",
                              "there is no fact \"%.*s\" in section [facts]; correct the id or add its row"),
                           STR_ARG (id));
  out->period = out->progress = (fact_t){.gap = GAP_NO_DATA, .den = 1};
  if (t->figures == NULL || !named)
    return ERR_OK;
  if (t->since == NULL || t->years.from != out->from || t->years.to != out->year) {
    t->years = (span_t){out->from, out->year};
    err_t err = facts_eval (t->facts, t->figures, t->years, t->arena, &t->since, t->row.fail);
    if (err != ERR_OK)
      return err;
  }
  out->period = t->now[at];
  out->progress = t->since[at];
  out->period.id = out->progress.id = STR_NONE;
  return ERR_OK;
}

static err_t
make_aim (const targets_t *t, target_t *out)
{
  buf_t value = BUF_INIT;
  str_t qualifier = section_words (&t->row, "qualifier", t->en);
  fact_printed (&out->value, t->en, &value);
  const bool percent = str_is (out->unit, "%");
  out->aim = layout_text (t->arena, "%.*s%s%s%s%.*s", STR_ARG (qualifier), str_blank (qualifier) ? "" : " ",
                          buf_z (&value), percent ? "" : " ", STR_ARG (out->unit));
  bool ok = buf_ok (&value) && out->aim.p != NULL;
  buf_free (&value);
  return ok ? ERR_OK : ERR_NOMEM;
}

static err_t
read_target (targets_t *t, target_t *out)
{
  err_t err = section_code (&t->row, "id", &out->id);
  out->section = section_cell (&t->row, "section");
  out->text = section_words (&t->row, "text", t->en);
  out->unit = section_words (&t->row, "unit", t->en);
  out->unit_vi = section_cell (&t->row, "unit_vi");
  if (err == ERR_OK)
    err = section_year (&t->row, "from", &out->from);
  if (err == ERR_OK)
    err = section_year (&t->row, "year", &out->year);
  if (err == ERR_OK && (out->from == 0 || out->from > out->year))
    err = section_refuse (&t->row, "from", "%s",
                          L ("năm đầu (from) và năm đích (year) phải có và theo thứ tự",
                             "a first year (from) and a last one (year) must be there, in order"));
  if (err == ERR_OK)
    err = read_value (t, out);
  if (err == ERR_OK)
    err = read_progress (t, out);
  if (err != ERR_OK)
    return err;
  out->progress_share = share_of (&out->progress, &out->value);
  return out->measurable ? make_aim (t, out) : ERR_OK;
}

err_t
targets_read (const catalogue_t *c, const facts_t *facts, const figures_t *f, bool en, const fact_t *now,
              arena_t *arena, narrative_t *out, fail_t *fail)
{
  targets_t t = {{c, "targets", 0, fail}, facts, f, now, en, arena, {0, 0}, NULL};
  size_t rows = catalogue_section_rows (c, "targets");
  target_t *target = arena_alloc (arena, (rows + 1) * sizeof *target);
  err_t err = target != NULL ? ERR_OK : ERR_NOMEM;
  for (; err == ERR_OK && t.row.row < rows; t.row.row++)
    err = read_target (&t, &target[t.row.row]);
  out->target = target;
  out->targets = rows;
  return err;
}

/* ---- the table ---- */

const unsigned target_width[TARGET_COLUMNS] = {6, 38, 16, 14, 14, 12};

str_t
target_heading (const narrative_t *n, size_t column)
{
  static const char *const vi[TARGET_COLUMNS] = {
      "TT", "Mục tiêu", "Mức mục tiêu", "Kết quả kỳ báo cáo", "Tiến độ trong kỳ mục tiêu", "So với mục tiêu"};
  static const char *const in_english[TARGET_COLUMNS] = {
      "No.",          "Target", "Level", "Result of the years reported", "Progress in the target period",
      "Of the target"};
  CHECK (column < TARGET_COLUMNS);
  return str_of (n->meta.en ? in_english[column] : vi[column]);
}

bool
target_cell (const narrative_t *n, const target_t *t, size_t column, buf_t *out)
{
  const bool en = n->meta.en;
  CHECK (column < TARGET_COLUMNS);
  if (column == 0) {
    buf_printf (out, "%zu", (size_t)(t - n->target) + 1);
    return false;
  }
  if (column == 1) {
    buf_put (out, t->text.p, t->text.n);
    return false;
  }
  if (!t->measurable) {
    if (column == 2)
      buf_puts (out, en ? "in words" : "định tính");
    return false;
  }
  switch (column) {
  case 2:
    buf_printf (out, "%.*s, %s %u", STR_ARG (t->aim), en ? "by" : "đến", (unsigned)t->year);
    return false;
  case 3:
    fact_printed (&t->period, en, out);
    return t->period.gap != GAP_NONE;
  case 4:
    fact_printed (&t->progress, en, out);
    if (t->progress.gap == GAP_NONE)
      buf_printf (out, " (%u-%u)", (unsigned)t->from, (unsigned)t->year);
    return t->progress.gap != GAP_NONE;
  default:
    fact_printed (&t->progress_share, en, out);
    if (t->progress_share.gap == GAP_NONE)
      buf_putc (out, '%');
    return t->progress_share.gap != GAP_NONE;
  }
}
