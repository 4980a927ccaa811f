/* snapshot_place.c - which position of the log is meant, and which catalogue was in force there.
 *
 * The collector's clock never goes back in the log, so the end of a day is found by halving. Catalogues are
 * decisions in the stream for all; that stream is short, and walking it back finds the one in force. */
#include "collector/ledger/closings.h"
#include "collector/ledger/snapshot_private.h"
#include "collector/ledger/state.h"

#include "common/base/lang.h"
#include "common/core/period.h"
#include "common/text/number.h"

/* ---- positions ---- */

static bool
read_number (str_t text, uint64_t *out)
{
  uint64_t v = 0;
  if (text.n == 0 || text.n > 19)
    return false;
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] < '0' || text.p[i] > '9')
      return false;
    v = v * 10 + (uint64_t)(text.p[i] - '0');
  }
  *out = v;
  return true;
}

static bool
read_epoch (str_t text, uint64_t *out)
{
  uint64_t v = 0;
  if (text.n == 0 || text.n > 16)
    return false;
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0)
      return false;
    v = v << 4 | (uint64_t)digit;
  }
  *out = v;
  return true;
}

static err_t
check_lsn (uint64_t lsn, uint64_t end, fail_t *fail)
{
  if (lsn >= 1 && lsn <= end)
    return ERR_OK;
  return fail_set (fail, ERR_INPUT,
                   L ("nhật ký không có vị trí %llu; nó đi từ 1 đến %llu",
                      "the log has no position %llu; it goes from 1 to %llu"),
                   (unsigned long long)lsn, (unsigned long long)end);
}

/* A position of an epoch that was left names what it always did, up to there. */
static err_t
check_epoch (const ledger_t *l, uint64_t epoch, uint64_t lsn, fail_t *fail)
{
  uint64_t last = 0;
  const bool known = ledger_epoch_end (l, epoch, &last);
  if (known && lsn <= last)
    return ERR_OK;
  if (known)
    return fail_set (
        fail, ERR_INPUT,
        L ("vị trí %016llx:%llu nằm sau chỗ kho này được phục hồi từ bản sao lưu (%016llx:%llu): số liệu khi "
           "ấy "
           "không còn ở đây; hãy hỏi một vị trí trước đó, hoặc hiện nay",
           "position %016llx:%llu lies behind the place this store was restored at from a backup "
           "(%016llx:%llu): "
           "what stood there is not known here any more; ask for a position before it, or for now"),
        (unsigned long long)epoch, (unsigned long long)lsn, (unsigned long long)epoch,
        (unsigned long long)last);
  return fail_set (
      fail, ERR_INPUT,
      L ("kho này không có vị trí nào thuộc đời %016llx; nó đang ở đời %016llx (xem totals "
         "--format json)",
         "this store knows no position of epoch %016llx; its own is %016llx (see totals --format "
         "json)"),
      (unsigned long long)epoch, (unsigned long long)l->epoch);
}

static err_t
place_of_position (ledger_t *l, str_t text, size_t colon, uint64_t end, uint64_t *lsn, fail_t *fail)
{
  uint64_t epoch;
  if (!read_epoch ((str_t){text.p, colon}, &epoch) ||
      !read_number ((str_t){text.p + colon + 1, text.n - colon - 1}, lsn))
    return fail_set (fail, ERR_INPUT,
                     L ("“%.*s” không phải một vị trí; hãy ghi ĐỜI:SỐ như totals --format json nêu",
                        "\"%.*s\" is no position; write EPOCH:LSN as totals --format json gives it"),
                     STR_ARG (text));
  err_t err = check_epoch (l, epoch, *lsn, fail);
  return err == ERR_OK ? check_lsn (*lsn, end, fail) : err;
}

/* The last entry received by the end of the day. */
static err_t
place_of_day (ledger_t *l, kv_txn_t *txn, date_t day, uint64_t end, uint64_t *lsn, fail_t *fail)
{
  uint64_t low = 0, high = end; /* received by then, as far as known; the last that may be */
  wall_t until = day_end (day), first = {0};
  while (low < high) {
    uint64_t middle = low + (high - low + 1) / 2;
    log_entry_t e;
    err_t err = ledger_log_get (l, txn, middle, &e);
    if (err != ERR_OK)
      return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    if (middle == 1)
      first = e.received;
    if (e.received.ms <= until.ms)
      low = middle;
    else
      high = middle - 1;
  }
  *lsn = low;
  if (low > 0)
    return ERR_OK;
  buf_t begins = BUF_INIT;
  day_put (day_of (first), true, &begins);
  fail_set (fail, ERR_INPUT,
            L ("nhật ký của kho bắt đầu ngày %s; không có số liệu của trước đó",
               "this store's log begins on %s; there are no figures of before"),
            buf_z (&begins));
  buf_free (&begins);
  return ERR_INPUT;
}

static err_t
place_of_period (ledger_t *l, kv_txn_t *txn, const period_t *p, uint64_t end, uint64_t *lsn, fail_t *fail)
{
  char text[PERIOD_TEXT_MAX];
  closing_t c;
  period_format (p, text);
  err_t err = closings_latest (txn, str_of (text), &c);
  if (err == ERR_NOT_FOUND)
    return fail_set (
        fail, ERR_INPUT,
        L ("kỳ %s chưa được chốt; hãy chốt bằng kc-collector close DIR %s, hoặc nêu một vị trí "
           "dạng ĐỜI:SỐ",
           "period %s is not closed; close it with kc-collector close DIR %s, or give a position "
           "as EPOCH:LSN"),
        text, text);
  if (err == ERR_OK)
    err = check_epoch (l, c.at.epoch, c.at.lsn, fail);
  if (err == ERR_OK)
    err = check_lsn (c.at.lsn, end, fail);
  *lsn = c.at.lsn;
  return err;
}

/* A number is a place in the log (INTERFACE 3), though it looks like a year: closing:2020 is what was sent of
 * that year. Other periods are no numbers and need no prefix. */
err_t
snapshot_place (ledger_t *l, kv_txn_t *txn, str_t text, bool period_first, uint64_t *lsn, fail_t *fail)
{
  position_t end;
  period_t period;
  date_t day = 0;
  err_t err = ledger_end (l, txn, &end, NULL);
  if (err != ERR_OK)
    return err;
  if (text.p == NULL) {
    *lsn = end.lsn;
    return ERR_OK;
  }
  static const char closing[] = "closing:";
  const size_t prefix = sizeof closing - 1;
  bool named = text.n > prefix && memcmp (text.p, closing, prefix) == 0;
  if (named)
    text = (str_t){text.p + prefix, text.n - prefix};
  bool names_period = period_parse (text, l->catalogue, &period);
  if (names_period && (period_first || named))
    return place_of_period (l, txn, &period, end.lsn, lsn, fail);
  const char *colon = text.n > 0 ? memchr (text.p, ':', text.n) : NULL;
  if (colon != NULL && !named)
    return place_of_position (l, text, (size_t)(colon - text.p), end.lsn, lsn, fail);
  if (!named && read_number (text, lsn))
    return check_lsn (*lsn, end.lsn, fail);
  if (names_period)
    return place_of_period (l, txn, &period, end.lsn, lsn, fail);
  if (!named && date_parse (text, NUMBER_PLAIN, &day) == NUMBER_OK && day % 100 != 0)
    return place_of_day (l, txn, day, end.lsn, lsn, fail);
  return fail_set (
      fail, ERR_INPUT,
      L ("“%.*s” không phải vị trí (ĐỜI:SỐ hoặc số), ngày (2020-12-31) hay kỳ đã chốt (2020-Q2, "
         "closing:2020)",
         "\"%.*s\" is no position (EPOCH:LSN or a number), day (2020-12-31) or closed period (2020-Q2, "
         "closing:2020)"),
      STR_ARG (text));
}

err_t
snapshot_last_of_figures (ledger_t *l, kv_txn_t *txn, uint64_t *lsn)
{
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX) * 2u);
  err_t err = arena != NULL ? ERR_OK : ERR_NOMEM;
  while (err == ERR_OK && *lsn > 1) {
    log_entry_t e;
    decision_t d = {.type = DECISION_NONE};
    err = ledger_log_get (l, txn, *lsn, &e);
    if (err != ERR_OK || e.serial != 0)
      break;
    err = log_decision (l, txn, *lsn, arena, &e, &d);
    if (err != ERR_OK ||
        (d.type != DECISION_FLAG && d.type != DECISION_FLAG_ANSWER && d.type != DECISION_OPENED))
      break;
    --*lsn;
  }
  arena_destroy (&arena);
  return err == ERR_NOT_FOUND ? ERR_DAMAGED : err == ERR_MALFORMED ? ERR_OK : err;
}

/* ---- catalogues ---- */

/* The version an entry of the stream for all brought; 0: it is about something else. */
static err_t
version_at (ledger_t *l, kv_txn_t *txn, uint64_t lsn, arena_t *arena, uint32_t *version)
{
  log_entry_t e;
  decision_t d = {.type = DECISION_NONE};
  *version = 0;
  err_t err = log_decision (l, txn, lsn, arena, &e, &d);
  if (err == ERR_OK && d.type == DECISION_CATALOGUE)
    *version = d.u.catalogue.version;
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

err_t
snapshot_catalogue_version (ledger_t *l, kv_txn_t *txn, uint64_t lsn, uint32_t *version)
{
  kv_cursor_t *c = NULL;
  str_t key, value;
  uint8_t from[12];
  arena_t *arena = arena_new (DECODE_BUDGET (UPDATE_MAX) * 2u);
  err_t err = arena != NULL ? kv_cursor_open (txn, DB_DOWN, &c) : ERR_NOMEM;
  *version = 0;
  if (err == ERR_OK)
    err = kv_seek_before (c, key_down (from, 0, lsn), &key, &value);
  while (err == ERR_OK && *version == 0 && key.n == 12 && key_read_u64 (key, 4) >= 1) {
    err = version_at (l, txn, key_read_u64 (key, 4), arena, version);
    if (err == ERR_OK && *version == 0)
      err = kv_prev (c, &key, &value);
  }
  kv_cursor_close (&c);
  arena_destroy (&arena);
  if (*version == 0 && (err == ERR_OK || err == ERR_NOT_FOUND)) {
    *version = 1; /* before the first decision the one it began with is all there is */
    return ERR_OK;
  }
  return err;
}
