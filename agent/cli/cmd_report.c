/* cmd_report.c - report: the office's own annexes, with no line.
 *
 * What an office's figures are as of is said by its own stream: its name, the number of the last update in it
 * and that update's chain hash; and by how far the centre has told what others did. */
#include "agent/cli/commands.h"

#include "agent/outbox/told.h"
#include "common/base/lang.h"
#include "common/view/book_figures.h"
#include "common/view/report_view.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct {
  char position[64 + POSITION_TEXT_MAX], seal[65];
  wall_t at;
} stand_t;

static err_t
stand_of (outbox_t *o, kv_txn_t *txn, stand_t *out)
{
  uint64_t acked, last;
  log_row_t row = {0};
  const store_id_t stream = outbox_store_id (o);
  char stream_hex[33], told[POSITION_TEXT_MAX];
  position_t upto;
  wall_t at;
  err_t err = outbox_acked_seq (o, txn, &acked, &last);
  if (err == ERR_OK && last > 0)
    err = outbox_log_get (o, txn, last, &row);
  if (err == ERR_OK)
    err = outbox_told_upto (txn, &upto, &at);
  if (err != ERR_OK)
    return err;
  position_format (upto, told);
  hex_encode (stream.b, sizeof stream.b, stream_hex);
  snprintf (out->position, sizeof out->position, "%s:%" PRIu64 " + %s", stream_hex, last - outbox_before (o),
            told);
  hex_encode (row.chain.b, 16, out->seal);
  out->at = row.stored.ms > at.ms ? row.stored : at;
  return ERR_OK;
}

static err_t
found_one (void *ctx, err_t err, const row_t *row)
{
  bool *any = ctx;
  (void)row;
  if (err != ERR_OK)
    return err;
  *any = true;
  return ERR_END;
}

/* Figures of an office whose records this PC does not hold would be blanks that look like zeros. */
static err_t
check_held (outbox_t *o, kv_txn_t *txn, unit_id_t office, fail_t *fail)
{
  const identity_t *id = outbox_identity (o);
  const catalogue_t *c = outbox_catalogue (o);
  bool any = office == 0 || office == id->unit || id->role != ROLE_OFFICE;
  err_t err = any ? ERR_OK : book_each (outbox_book (o), txn, office, found_one, &any);
  if (err != ERR_OK || any)
    return err;
  const unit_t *u = catalogue_unit (c, office), *own = catalogue_unit (c, id->unit);
  return fail_set (
      fail, ERR_FOREIGN,
      L ("máy này không giữ số liệu của đơn vị %.*s, chỉ của đơn vị %.*s; hãy bỏ --office",
         "this PC does not hold the figures of office %.*s, only those of %.*s; leave --office out"),
      STR_ARG (u->known_as), STR_ARG (own != NULL ? own->known_as : id->unit_code));
}

static err_t
report (const args_t *a, outbox_t *o, const report_request_t *request, fail_t *fail)
{
  kv_txn_t *txn = NULL;
  book_figures_t own = {0};
  figures_t all = {.catalogue = outbox_catalogue (o)}, f;
  figures_office_t of_office;
  stand_t stand;
  unit_id_t office = 0;
  err_t err = report_office (a, all.catalogue, &office, fail);
  if (err == ERR_OK && office == 0 && outbox_identity (o)->role == ROLE_OFFICE)
    office = outbox_identity (o)->unit; /* what others left it is reported under their names */
  if (err == ERR_OK)
    err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = check_held (o, txn, office, fail);
  if (err == ERR_OK)
    err = stand_of (o, txn, &stand);
  if (err == ERR_OK) {
    own = (book_figures_t){.book = outbox_book (o), .txn = txn};
    book_figures (&own, &all);
    all.position = str_of (stand.position);
    all.seal = str_of (stand.seal);
    all.at = stand.at;
    figures_of_office (&of_office, &all, office, &f);
    err = report_write (a, request, &f, fail);
  }
  book_figures_end (&own);
  kv_abort (&txn);
  return err;
}

int
cmd_report (const args_t *a)
{
  outbox_t *o = NULL;
  report_request_t request;
  fail_t fail = {0};
  int code = report_request (a, &request);
  if (code == 0)
    code = store_open (a, true, true, &o);
  if (code != 0)
    return code;
  err_t err = report (a, o, &request, &fail);
  if (err != ERR_OK)
    code = answer_fail (a, err, &fail);
  outbox_close (&o);
  return code;
}
