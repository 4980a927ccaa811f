#include "common/view/locks_view.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"

typedef struct {
  table_t *t;
  const catalogue_t *c;
  wall_t now;
  bool people;
} filling_t;

static const char *
state_of (const lock_row_t *row, wall_t now, bool people)
{
  if (row->unit == 0)
    return people ? L ("đã khóa", "locked") : "locked";
  if (row->until.ms < now.ms)
    return people ? L ("gia hạn đã hết", "extension ended") : "expired";
  return people ? L ("được gia hạn", "has longer") : "extended";
}

static str_t
table_of (const lock_row_t *row, bool people)
{
  if (row->table == TABLE_NONE)
    return str_of (people ? L ("mọi biểu", "every table") : "all");
  return str_of (people ? table_words (row->table) : table_name (row->table));
}

static str_t
office_of (const filling_t *f, const lock_row_t *row)
{
  const unit_t *u = row->unit != 0 ? catalogue_unit (f->c, row->unit) : NULL;
  if (row->unit == 0)
    return str_of (f->people ? L ("mọi đơn vị", "every office") : "");
  return u != NULL ? u->known_as : STR ("");
}

static err_t
fill_row (void *ctx, const lock_row_t *row)
{
  const filling_t *f = ctx;
  buf_t until = BUF_INIT, since = BUF_INIT;
  if (row->unit != 0)
    day_put (day_of (row->until), f->people, &until);
  wall_put (row->set, f->people, &since);
  table_row (f->t);
  table_cell (f->t, row->period);
  table_cell (f->t, table_of (row, f->people));
  table_cell (f->t, office_of (f, row));
  table_cell (f->t, str_of (state_of (row, f->now, f->people)));
  table_cell (f->t, buf_str (&until));
  table_cell (f->t, row->person);
  table_cell (f->t, buf_str (&since));
  table_cell (f->t, row->reason);
  buf_free (&until);
  buf_free (&since);
  return ERR_OK;
}

err_t
locks_fill (table_t *t, const locks_t *l, const catalogue_t *c, wall_t now, bool people)
{
  filling_t f = {t, c, now, people};
  table_column (t, "period", "Kỳ", "Period", COL_TEXT);
  table_column (t, "table", "Biểu", "Table", COL_TEXT);
  table_column (t, "office", "Đơn vị", "Office", COL_TEXT);
  table_column (t, "state", "Tình trạng", "State", COL_TEXT);
  table_column (t, "until", "Đến hết ngày", "Until", COL_TEXT);
  table_column (t, "person", "Người đặt", "Person", COL_TEXT);
  table_spare (t, 1);
  table_column (t, "since", "Từ lúc", "Since", COL_TEXT);
  table_column (t, "comment", "Lời ghi", "Comment", COL_TEXT);
  table_spare (t, 2);
  err_t err = locks_each_standing (l, fill_row, &f);
  if (!people)
    table_sort (t);
  return err;
}
