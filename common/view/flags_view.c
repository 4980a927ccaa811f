#include "common/view/flags_view.h"

#include "common/base/lang.h"
#include "common/core/fields.h"
#include "common/core/units.h"
#include "common/platform/platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An office that has gone is named by who has the record now, and found by its own code as well. */
static unit_id_t
shown_office (const catalogue_t *c, const flags_asked_t *asked, const flag_record_t *r)
{
  return asked->today != 0 ? flag_holder (c, r, asked->today) : r->unit;
}

static bool
concerns (const catalogue_t *c, const flags_asked_t *asked, const flag_record_t *r)
{
  const unit_id_t id = asked->office->id;
  return r->unit == id || (asked->today != 0 && (flag_holder (c, r, asked->today) == id ||
                                                 unit_today (c, r->unit, r->commune, asked->today) == id));
}

static bool
wanted (const args_t *a, const catalogue_t *c, const flags_asked_t *asked, const flag_t *f, size_t *side)
{
  const char *check = args_value (a, "check");
  bool concerned = asked->office == NULL;
  *side = 0;
  for (size_t i = f->records_n; i > 0; i--)
    if (asked->office != NULL && concerns (c, asked, &f->record[i - 1])) {
      concerned = true;
      *side = i - 1;
    }
  return concerned && (check == NULL || str_is (f->check, check)) &&
         (f->state != FLAG_RESOLVED || args_flag (a, "all")) &&
         (f->state == FLAG_OPEN || !args_flag (a, "open"));
}

static int
by_name (const void *x, const void *y)
{
  return str_cmp (((const flag_t *)x)->flag, ((const flag_t *)y)->flag);
}

static void
columns (table_t *t)
{
  table_column (t, "flag", "Cảnh báo", "Flag", COL_TEXT);
  table_column (t, "check", "Phép kiểm", "Check", COL_TEXT);
  table_column (t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (t, "codes", "Bản ghi", "Records", COL_TEXT);
  table_column (t, "since", "Từ", "Since", COL_TEXT);
  table_spare (t, 3);
  table_column (t, "state", "Tình trạng", "State", COL_TEXT);
  table_column (t, "words", "Nội dung", "What is in doubt", COL_TEXT);
  table_column (t, "answer", "Trả lời", "Answer", COL_TEXT);
  table_spare (t, 1);
  table_column (t, "person", "Người trả lời", "Answered by", COL_TEXT);
  table_spare (t, 2);
  table_column (t, "severity", "Mức", "Severity", COL_TEXT);
  table_spare (t, 4);
}

static void
joined (const catalogue_t *c, const flags_asked_t *asked, const flag_t *f, buf_t *offices, buf_t *codes)
{
  unit_id_t first = 0;
  for (size_t i = 0; i < f->records_n; i++) {
    const unit_id_t id = shown_office (c, asked, &f->record[i]);
    const unit_t *u = catalogue_unit (c, id);
    if (i == 0)
      first = id;
    if (i == 0 || id != first)
      buf_printf (offices, "%s%.*s", i > 0 ? ";" : "", STR_ARG (u != NULL ? u->known_as : STR ("")));
    buf_printf (codes, "%s%.*s", i > 0 ? ";" : "", STR_ARG (f->record[i].key));
  }
}

/* People read a column's label where a sentence names the column. */
static void
put_words (const catalogue_t *c, const flag_t *f, size_t side, bool people, buf_t *words)
{
  static const kind_t kinds[] = {KIND_SCHEME, KIND_OUTCOME};
  str_t arguments[REASON_ARGS];
  memcpy (arguments, f->record[side].arguments, sizeof arguments);
  columns_t *of[2] = {NULL, NULL};
  for (size_t k = 0; people && k < 2; k++) {
    of[k] = columns_new (kinds[k], c);
    for (size_t i = 0; of[k] != NULL && i < REASON_ARGS; i++)
      for (size_t n = 0; n < columns_count (of[k]); n++) {
        const column_t *col = columns_at (of[k], n);
        if (str_eq (arguments[i], col->name))
          arguments[i] = L (col->label_vi, col->label_en);
      }
  }
  check_words (f->what, arguments, NULL, words);
  columns_destroy (&of[0]);
  columns_destroy (&of[1]);
}

static void
line (const catalogue_t *c, const flags_asked_t *asked, const flag_t *f, size_t side, bool people, table_t *t)
{
  buf_t offices = BUF_INIT, codes = BUF_INIT, words = BUF_INIT, since = BUF_INIT;
  joined (c, asked, f, &offices, &codes);
  wall_put (f->since, people, &since);
  if (f->what != NULL)
    put_words (c, f, side, people, &words);
  table_row (t);
  table_cell (t, f->flag);
  table_cell (t, f->check);
  table_cell (t, buf_str (&offices));
  table_cell (t, buf_str (&codes));
  table_cell (t, buf_str (&since));
  table_cell (t, str_of (people ? flag_state_words (f->state) : flag_state_name (f->state)));
  table_cell (t, buf_str (&words));
  table_cell (t, f->reason);
  table_cell (t, f->person);
  table_cell (t, str_of (people ? severity_words (f->severity) : severity_name (f->severity)));
  buf_free (&offices);
  buf_free (&codes);
  buf_free (&words);
  buf_free (&since);
}

/* What the list does not hold must not pass unseen. */
static void
say_limits (const flag_list_t *l)
{
  str_t id;
  if (checks_at (l->checks, 0) == NULL && checks_unknown (l->checks, 0).p == NULL)
    fprintf (stderr, "%s\n",
             L ("danh mục không nêu phép kiểm nào (phần [checks]): không kiểm gì cả",
                "the catalogue names no checks (section [checks]): nothing is checked"));
  for (size_t i = 0; (id = checks_unknown (l->checks, i)).p != NULL; i++)
    fprintf (stderr,
             L ("phép kiểm “%.*s” của danh mục thuộc loại mà phiên bản này chưa biết; bỏ qua\n",
                "check \"%.*s\" of the catalogue is of a kind this version does not know; stepped over\n"),
             STR_ARG (id));
  if (l->dropped > 0)
    fprintf (stderr,
             L ("còn %zu cảnh báo nữa không nêu; hãy xử lý những cảnh báo trên trước\n",
                "%zu more are not listed; settle those above first\n"),
             l->dropped);
}

/* One of the catalogue's, or one that a flag was made by when it had it. */
static err_t
know_check (const flag_list_t *l, const char *name, fail_t *fail)
{
  const data_check_t *k;
  bool known = name == NULL || checks_find (l->checks, str_of (name)) != NULL;
  str_t id;
  buf_t names = BUF_INIT;
  for (size_t i = 0; !known && (id = checks_unknown (l->checks, i)).p != NULL; i++)
    known = str_is (id, name);
  for (size_t i = 0; !known && i < l->n; i++)
    known = str_is (l->at[i].check, name);
  if (known)
    return ERR_OK;
  for (size_t i = 0; (k = checks_at (l->checks, i)) != NULL; i++)
    buf_printf (&names, "%s%.*s", i > 0 ? ", " : "", STR_ARG (k->id));
  fail_set (fail, ERR_INPUT,
            L ("--check: danh mục không có phép kiểm “%s”; dùng một trong: %s",
               "--check: the catalogue has no check \"%s\"; use one of: %s"),
            name, buf_z (&names));
  buf_free (&names);
  return ERR_INPUT;
}

err_t
flags_view (const args_t *a, flag_list_t *l, flags_asked_t *asked, table_t *t, fail_t *fail)
{
  bool people = args_format (a) == FORMAT_TABLE;
  size_t side;
  const err_t err = know_check (l, args_value (a, "check"), fail);
  if (err != ERR_OK)
    return err;
  columns (t);
  if (!people && l->n > 1)
    qsort (l->at, l->n, sizeof *l->at, by_name);
  asked->rows = asked->open = 0;
  for (size_t i = 0; i < l->n; i++) {
    if (!wanted (a, l->c, asked, &l->at[i], &side))
      continue;
    asked->rows++;
    asked->open += l->at[i].state == FLAG_OPEN;
    line (l->c, asked, &l->at[i], side, people, t);
  }
  say_limits (l);
  return ERR_OK;
}
