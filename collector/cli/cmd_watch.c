/* cmd_watch.c - watch: totals as they rise, on the centre's own machine.
 *
 * The store says by its transaction number that something changed; then the cells are read anew in one
 * short transaction, which knows its exact position. What is shown are absolute values, so nothing can be
 * missed between a snapshot and the changes after it: a change that was overtaken is simply not shown
 * in between. On a terminal the table is drawn again; elsewhere each look gives the cells that changed
 * (watch_cells.h). */
#include "collector/cli/commands.h"
#include "collector/cli/watch_cells.h"

#include "collector/ledger/conflicts.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/view/totals_view.h"

#include <stdlib.h>

#define LOOK_EVERY_MS 200
#define STEP_MS 20
#define FRAME_LINES 8u /* title, header, position and the lines between */

typedef struct {
  const args_t *a;
  ledger_t *l;
  str_t by, where;
  bool by_given;
  watch_cells_t *cells;
  bool terminal;
} watch_t;

/* Sum of a whole-number measure over the rows. */
static int64_t
column_sum (const query_result_t *r, const char *name)
{
  int64_t sum = 0;
  for (size_t i = 0; i < r->columns; i++) {
    if (!r->is_measure[i] || strcmp (r->name[i], name) != 0)
      continue;
    for (size_t row = 0; row < r->rows; row++)
      sum += strtoll (r->cell[row * r->columns + i].p, NULL, 10);
  }
  return sum;
}

static size_t
lines_of (str_t text)
{
  size_t n = 0;
  for (size_t i = 0; i < text.n; i++)
    n += text.p[i] == '\n';
  return n;
}

/* From the top of the terminal; what an earlier, longer line left is wiped. A table that is higher than the
 * terminal is cut, and says so: scrolled away, its head and its sum could not be seen. */
static err_t
redraw (str_t table, str_t foot)
{
  size_t lines = lines_of (table), room = console_height ();
  size_t own = lines_of (foot) + 1; /* and the line the cursor stands on */
  size_t shown = lines + own <= room ? lines : room > own + 1 ? room - own - 1 : 1;
  bool ok = fputs ("\x1b[H", stdout) >= 0;
  for (size_t i = 0; table.n > 0 && i < shown && ok; i++) {
    const char *end = memchr (table.p, '\n', table.n);
    size_t n = end != NULL ? (size_t)(end - table.p) : table.n;
    ok = fwrite (table.p, 1, n, stdout) == n && fputs ("\x1b[K\n", stdout) >= 0;
    n += end != NULL ? 1 : 0;
    table = (str_t){table.p + n, table.n - n};
  }
  if (lines > shown)
    printf (L ("… còn %zu dòng: mở rộng cửa sổ, hoặc dùng --by, --where\x1b[K\n",
               "… %zu more lines: make the window larger, or use --by, --where\x1b[K\n"),
            lines - shown);
  ok = ok && fwrite (foot.p, 1, foot.n, stdout) == foot.n;
  return fputs ("\x1b[J", stdout) >= 0 && fflush (stdout) == 0 && ok ? ERR_OK : ERR_IO;
}

static err_t
show_table (const catalogue_t *c, const query_result_t *r, const char *position, uint64_t parked)
{
  buf_t screen = BUF_INIT, foot = BUF_INIT, number = BUF_INIT, title = BUF_INIT;
  table_t *t = table_new ();
  query_result_t few = *r;
  char digits[32];
  size_t measures = 0, dims = 0;
  while (dims < r->columns && !r->is_measure[dims])
    dims++;
  /* the first measures only: the table has to fit the terminal */
  for (few.columns = dims; few.columns < r->columns && measures < WATCH_MEASURES; measures++)
    few.columns++;
  str_t *cells = calloc (r->rows * few.columns + 1, sizeof *cells);
  if (cells != NULL)
    for (size_t row = 0; row < r->rows; row++)
      for (size_t i = 0; i < few.columns; i++)
        cells[row * few.columns + i] = r->cell[row * r->columns + i];
  few.cell = cells;
  if (few.columns > dims && strcmp (r->name[dims], "schemes") == 0) {
    snprintf (digits, sizeof digits, "%lld", (long long)column_sum (r, "schemes"));
    buf_printf (&title, L ("%s đề án, ", "%s schemes, "), digits);
    snprintf (digits, sizeof digits, "%lld", (long long)column_sum (r, "support_vnd"));
    table_group_digits (str_of (digits), &number);
    buf_printf (&title, L ("%.*s đồng", "%.*s VND"), STR_ARG (buf_str (&number)));
  }
  if (cells != NULL)
    totals_fill (t, c, &few, true);
  err_t err = cells == NULL
                  ? ERR_NOMEM
                  : table_render (t, FORMAT_TABLE, false, console_width (), buf_z (&title), &screen);
  buf_puts (&foot, "\x1b[K\n");
  if (parked > 0)
    buf_printf (
        &foot,
        L ("chưa kể %llu %s đang chờ giải quyết xung đột\x1b[K\n", "%llu %s of conflicts left out\x1b[K\n"),
        (unsigned long long)parked, noun_of (parked, "bên", "parked side", "parked sides"));
  buf_printf (&foot, L ("vị trí %s — Ctrl-C để dừng\x1b[K\n", "position %s — Ctrl-C to stop\x1b[K\n"),
              position);
  if (err == ERR_OK)
    err = redraw (buf_str (&screen), buf_str (&foot));
  free (cells);
  table_destroy (&t);
  buf_free (&screen);
  buf_free (&foot);
  buf_free (&number);
  buf_free (&title);
  return err;
}

static err_t
look (watch_t *w, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  query_t *q = NULL;
  query_result_t r;
  position_t at;
  uint64_t parked = 0;
  char position[POSITION_TEXT_MAX];
  const catalogue_t *c = NULL;
  err_t err = kv_begin (ledger_kv (w->l), false, &txn);
  if (err != ERR_OK)
    return fail_set (fail, err, "%s", err_words (err));
  err = ledger_end (w->l, txn, &at, NULL);
  if (err == ERR_OK)
    err = conflicts_count (txn, UINT64_MAX, &parked);
  if (err == ERR_OK)
    err = ledger_catalogue_refresh (w->l, txn, fail);
  c = ledger_catalogue (w->l);
  if (err == ERR_OK)
    err = totals_ask (ledger_book (w->l), txn, c, w->by, w->where, !w->terminal, &q, &r, fail);
  if (err == ERR_OK && w->terminal && !w->by_given && r.rows + FRAME_LINES > console_height ()) {
    query_destroy (&q); /* what fits is better than a part */
    err = totals_ask (ledger_book (w->l), txn, c, STR ("year"), w->where, false, &q, &r, fail);
  }
  kv_abort (&txn);
  if (err == ERR_OK) {
    position_format (at, position);
    err = w->terminal ? show_table (c, &r, position, parked) : watch_cells_show (w->cells, &r, position);
  }
  query_destroy (&q);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

int
cmd_watch (const args_t *a)
{
  const char *dir = args_operand (a, 0), *by = args_value (a, "by"), *where = args_value (a, "where");
  fail_t fail = {0};
  if (strstr (dir, "://") != NULL)
    return args_usage (
        a, L ("xem từ máy khác sẽ có ở phiên bản sau; hãy dùng watch DIR trên máy của trung tâm",
              "watching from another machine comes with a later version; use watch DIR on the centre's "
              "own machine"));
  watch_t w = {.a = a,
               .by = str_of (by != NULL ? by : "year,source"),
               .where = str_of (where),
               .by_given = by != NULL,
               .terminal = args_format (a) == FORMAT_TABLE && console_is_terminal (1)};
  stop_install ();
  err_t err = ledger_open (dir, true, &w.l, &fail);
  w.cells = watch_cells_new (args_format (a), args_excel (a));
  if (err == ERR_OK && w.cells == NULL)
    err = fail_set (&fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  uint64_t shown = 0;
  bool first = true;
  if (err == ERR_OK && w.terminal)
    fputs ("\x1b[2J", stdout);
  for (int64_t waited = LOOK_EVERY_MS; err == ERR_OK && !stop_requested () && !console_gone (1);
       waited += STEP_MS) {
    if (waited < LOOK_EVERY_MS) {
      clock_sleep_ms (STEP_MS);
      continue;
    }
    waited = 0;
    kv_stat_t stat;
    kv_stat (ledger_kv (w.l), &stat);
    if (first || stat.last_txn != shown)
      err = look (&w, &fail);
    shown = stat.last_txn;
    first = false;
  }
  watch_cells_destroy (&w.cells);
  ledger_close (&w.l);
  if (err == ERR_OK)
    return 0;
  fail_at (&fail, fail.err == ERR_USAGE ? NULL : dir, 0, 0);
  return args_fail (a, &fail);
}
