#include "agent/entry/heading.h"

#include "common/base/lang.h"
#include "common/text/utf8.h"

#include <inttypes.h>

#define ADVISE_WITHIN 50u
#define ADVICE_BUDGET ((size_t)4 << 20)

void
heading_open (heading_t *h, kind_t asked, const catalogue_t *c)
{
  *h = (heading_t){.c = c, .asked = asked};
  for (size_t k = KIND_SCHEME; k < FORM_END; k++)
    h->kind[k] = columns_new ((kind_t)k, c);
}

void
heading_close (heading_t *h)
{
  for (size_t k = 0; k < FORM_END; k++)
    columns_destroy (&h->kind[k]);
}

/* ---- one row ---- */

static bool
says (const csv_cell_t *cell)
{
  return !header_name_blank (cell->text);
}

static size_t
known_in (const columns_t *cs, const csv_row_t *row)
{
  size_t n = 0;
  for (size_t i = 0; cs != NULL && i < row->n; i++)
    n += says (&row->cell[i]) && columns_find (cs, row->cell[i].text) >= 0;
  return n;
}

static bool
may_be (const heading_t *h, size_t kind)
{
  return h->kind[kind] != NULL && (h->asked == KIND_NONE || (kind_t)kind == h->asked);
}

size_t
heading_known (const heading_t *h, const csv_row_t *row)
{
  size_t best = 0;
  for (size_t k = 0; k < FORM_END; k++) {
    const size_t n = may_be (h, k) ? known_in (h->kind[k], row) : 0;
    best = n > best ? n : best;
  }
  return best;
}

static bool
has_keys (const columns_t *cs, const csv_row_t *row)
{
  for (size_t i = 0; i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    bool has = !(col->key && col->required);
    for (size_t k = 0; k < row->n && !has; k++)
      has = columns_find (cs, row->cell[k].text) == (int)i;
    if (!has)
      return false;
  }
  return true;
}

kind_t
heading_kind (const heading_t *h, const csv_row_t *row)
{
  str_t names[CSV_COLUMNS_MAX];
  size_t n = 0;
  CHECK (row->n <= CSV_COLUMNS_MAX);
  for (size_t i = 0; i < row->n; i++)
    if (says (&row->cell[i]))
      names[n++] = row->cell[i].text;
  const columns_t *asked = h->kind[h->asked];
  if (heading_known (h, row) < (asked != NULL ? 1 : LIKE_A_HEADER))
    return KIND_NONE; /* to know the kind takes much longer */
  const kind_t kind = n > 1 ? columns_recognise (h->c, names, n) : KIND_NONE;
  if (kind == KIND_NONE && asked != NULL && has_keys (asked, row))
    return h->asked;
  return kind;
}

/* ---- two rows ---- */

typedef struct {
  const columns_t *cs;
  const csv_row_t *upper, *lower;
  heading_half_t main;
  arena_t *arena;
  csv_cell_t *out;
  size_t n, known;
  size_t news; /* names that the main row does not have by itself */
  bool failed;
} joining_t;

/* The cell of a column, NULL where it is blank. */
static const csv_cell_t *
cell_at (const csv_row_t *row, uint32_t column)
{
  for (size_t i = 0; i < row->n; i++)
    if (row->cell[i].column == column && says (&row->cell[i]))
      return &row->cell[i];
  return NULL;
}

/* What a caption says goes on to the right, up to the next one. */
static const csv_cell_t *
caption_of (const csv_row_t *row, uint32_t column)
{
  const csv_cell_t *caption = NULL;
  for (size_t i = 0; i < row->n && row->cell[i].column <= column; i++)
    if (says (&row->cell[i]))
      caption = &row->cell[i];
  return caption;
}

static void
put_name (joining_t *j, const csv_cell_t *at, str_t name, bool news)
{
  const str_t kept = arena_str (j->arena, name);
  j->failed = j->failed || kept.p == NULL || j->n >= CSV_COLUMNS_MAX;
  if (j->failed)
    return;
  j->known += columns_find (j->cs, name) >= 0;
  j->news += news;
  j->out[j->n++] = (csv_cell_t){kept, at->line, at->column};
}

static bool
begins (str_t label, str_t folded_start)
{
  buf_t folded = BUF_INIT;
  const bool yes = !str_blank (label) && utf8_fold (label, &folded) && folded.n > folded_start.n &&
                   memcmp (folded.p, folded_start.p, folded_start.n) == 0 && folded.p[folded_start.n] == ' ';
  buf_free (&folded);
  return yes;
}

static bool
is_of_source (const column_t *col)
{
  return col->type == FIELD_SUPPORT || col->type == FIELD_SETTLED;
}

/* "Quyết toán" over "Kinh phí quốc gia" may be either: the caption begins the labels of other amounts than
 * the name does. */
static bool
says_otherwise (const joining_t *j, str_t caption, int column)
{
  buf_t start = BUF_INIT;
  bool others = false;
  const column_t *own = columns_at (j->cs, (size_t)column);
  if (is_of_source (own) && utf8_valid (caption, NULL) && utf8_fold (caption, &start) && start.n > 0 &&
      !begins (own->label_vi, buf_str (&start)) && !begins (own->label_en, buf_str (&start)))
    for (size_t i = 0; i < columns_count (j->cs) && !others; i++) {
      const column_t *col = columns_at (j->cs, i);
      others = is_of_source (col) &&
               (begins (col->label_vi, buf_str (&start)) || begins (col->label_en, buf_str (&start)));
    }
  buf_free (&start);
  return others;
}

/* A cell of the lower row. False: it is none of a header's. */
static bool
join_lower (joining_t *j, const csv_cell_t *lower, const csv_cell_t *upper)
{
  const csv_cell_t *caption = caption_of (j->upper, lower->column);
  const int own = columns_find (j->cs, lower->text);
  const int above = upper != NULL ? columns_find (j->cs, upper->text) : -1;
  buf_t both = BUF_INIT;
  if (above >= 0 && above != own && j->main == HEADING_UPPER)
    return false;
  if (caption != NULL)
    buf_printf (&both, "%.*s %.*s", STR_ARG (caption->text), STR_ARG (lower->text));
  if (caption != NULL && columns_find (j->cs, buf_str (&both)) >= 0)
    put_name (j, lower, buf_str (&both), true);
  else if (own >= 0 && caption != NULL && says_otherwise (j, caption->text, own))
    put_name (j, lower, buf_str (&both), true);
  else if (own < 0 && caption != NULL && j->main == HEADING_UPPER)
    put_name (j, lower, buf_str (&both), false);
  else
    put_name (j, lower, lower->text, own >= 0 && above != own && j->main == HEADING_UPPER);
  buf_free (&both);
  return true;
}

/* A cell of the upper row with nothing below it: a column's name, or a title's that is none of the header. */
static void
join_upper (joining_t *j, const csv_cell_t *upper)
{
  const bool known = columns_find (j->cs, upper->text) >= 0;
  if (known || j->main == HEADING_UPPER)
    put_name (j, upper, upper->text, known && j->main == HEADING_LOWER);
}

static bool
join (joining_t *j)
{
  size_t u = 0, l = 0;
  while (u < j->upper->n || l < j->lower->n) {
    const csv_cell_t *up = u < j->upper->n ? &j->upper->cell[u] : NULL;
    const csv_cell_t *low = l < j->lower->n ? &j->lower->cell[l] : NULL;
    CHECK (up != NULL || low != NULL);
    const uint32_t column =
        low == NULL || (up != NULL && up->column < low->column) ? up->column : low->column;
    u += up != NULL && up->column == column;
    l += low != NULL && low->column == column;
    up = cell_at (j->upper, column);
    low = cell_at (j->lower, column);
    if (low != NULL && !join_lower (j, low, up))
      return false;
    if (low == NULL && up != NULL)
      join_upper (j, up);
  }
  return j->news > 0 && !j->failed;
}

bool
heading_join (const heading_t *h, const csv_row_t *upper, const csv_row_t *lower, heading_half_t main,
              arena_t *arena, csv_row_t *out)
{
  size_t best = 0;
  for (size_t k = 0; k < FORM_END; k++) {
    joining_t j = {.cs = h->kind[k], .upper = upper, .lower = lower, .main = main, .arena = arena};
    if (!may_be (h, k) || known_in (j.cs, upper) + known_in (j.cs, lower) == 0)
      continue;
    j.out = arena_alloc (arena, CSV_COLUMNS_MAX * sizeof *j.out);
    if (j.out == NULL || !join (&j) || j.known <= best)
      continue;
    best = j.known;
    *out = (csv_row_t){j.out, j.n, lower->line};
  }
  return best > 0;
}

/* ---- advice ---- */

static bool
copy_row (arena_t *arena, const csv_row_t *row, csv_row_t *out)
{
  csv_cell_t *cell = arena_alloc (arena, (row->n + 1) * sizeof *cell);
  if (cell == NULL)
    return false;
  memcpy (cell, row->cell, row->n * sizeof *cell);
  *out = (csv_row_t){cell, row->n, row->line};
  return true;
}

static void
advise_one (const csv_row_t *row, kind_t kind, uint32_t first, fail_t *fail)
{
  *fail = (fail_t){0};
  (void)fail_set (fail, ERR_INPUT,
                  L ("dòng đầu của tệp CSV phải là dòng tiêu đề; dòng %" PRIu32
                     " có vẻ là dòng tiêu đề (%s): hãy xóa mọi dòng phía trên nó, hoặc nhập thẳng sổ tính "
                     ".xlsx, ở đó tên "
                     "biểu phía trên được bỏ qua",
                     "a CSV file begins with its header; line %" PRIu32
                     " looks like it (%s): delete every line above it, or import the .xlsx workbook, where "
                     "titles above are "
                     "passed over"),
                  row->line, kind_words (kind));
  fail_at (fail, NULL, first, 0);
}

static void
advise_two (const csv_row_t *upper, const csv_row_t *lower, const csv_row_t *both, uint32_t first,
            fail_t *fail)
{
  const csv_cell_t *example = &both->cell[both->n - 1];
  for (size_t i = 0; i < both->n; i++) {
    const csv_cell_t *cell = cell_at (lower, both->cell[i].column);
    if (cell != NULL && !str_eq (cell->text, both->cell[i].text)) {
      example = &both->cell[i];
      break;
    }
  }
  *fail = (fail_t){0};
  (void)fail_set (fail, ERR_INPUT,
                  L ("tiêu đề đứng trên hai dòng (%" PRIu32 " và %" PRIu32
                     "), tệp CSV cần một: hãy ghép thành một dòng ở đầu tệp, ví dụ cột %" PRIu32
                     " là “%.*s”, hoặc nhập thẳng sổ tính .xlsx",
                     "the header stands over two lines (%" PRIu32 " and %" PRIu32
                     ") and a CSV file has one: make one line of them at the top, where column %" PRIu32
                     " is \"%.*s\", or import the .xlsx workbook"),
                  upper->line, lower->line, example->column, STR_ARG (example->text));
  fail_at (fail, NULL, first, 0);
}

static void
advise_most_like (uint32_t line, size_t known, uint32_t first, fail_t *fail)
{
  *fail = (fail_t){0};
  (void)fail_set (
      fail, ERR_INPUT,
      L ("dòng đầu của tệp CSV phải là dòng tiêu đề; giống tiêu đề nhất là dòng %" PRIu32
         " (nhận ra %zu tên cột): hãy xóa mọi dòng phía trên nó rồi nhập lại để biết nó còn thiếu cột nào",
         "a CSV file begins with its header; line %" PRIu32
         " is most like one (%zu names of columns are known): delete every line above it and import again to "
         "learn what it lacks"),
      line, known);
  fail_at (fail, NULL, first, 0);
}

static void
advise_none (uint32_t first, fail_t *fail)
{
  *fail = (fail_t){0};
  (void)fail_set (fail, ERR_INPUT,
                  L ("dòng đầu của tệp CSV phải là dòng tiêu đề, mà dòng này không có tên cột nào của một "
                     "loại bản ghi; xem tên "
                     "các cột bằng “kc-agent template KIND” (scheme, outcome, ledger …)",
                     "a CSV file begins with its header, but this line lacks any name of a column of "
                     "records; see \"kc-agent "
                     "template KIND\" for the names (scheme, outcome, ledger …)"));
  fail_at (fail, NULL, first, 0);
}

void
heading_advise (const heading_t *h, csv_t *csv, const csv_row_t *first, fail_t *fail)
{
  csv_row_t upper, lower, both;
  fail_t past = {0};
  arena_t *arena = arena_new (ADVICE_BUDGET);
  const size_t known = heading_known (h, first);
  size_t most = known;
  uint32_t most_like = 0;
  bool told = false;
  bool on = arena != NULL && first->n <= CSV_COLUMNS_MAX && copy_row (arena, first, &upper);
  for (size_t i = 0; on && !told && i < ADVISE_WITHIN; i++) {
    on = csv_next (csv, &lower, &past) == ERR_OK && copy_row (arena, &lower, &lower);
    const kind_t kind = on ? heading_kind (h, &lower) : KIND_NONE;
    told = on && ((kind != KIND_NONE && heading_known (h, &lower) > known) ||
                  heading_join (h, &upper, &lower, HEADING_UPPER, arena, &both));
    if (told && kind != KIND_NONE)
      advise_one (&lower, kind, first->line, fail);
    else if (told && heading_kind (h, &both) != KIND_NONE)
      advise_two (&upper, &lower, &both, first->line, fail);
    else
      told = false;
    if (on && heading_known (h, &lower) > most) {
      most = heading_known (h, &lower);
      most_like = lower.line;
    }
    upper = lower;
  }
  if (!told && most_like != 0 && most >= LIKE_A_HEADER)
    advise_most_like (most_like, most, first->line, fail);
  else if (!told && known == 0)
    advise_none (first->line, fail);
  arena_destroy (&arena);
}
