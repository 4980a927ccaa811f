/* cmd_report.c - report: the office's own annexes, with no line.
 *
 * What an office's figures are as of is said by its own stream: its name, the number of the last update in it
 * and that update's chain hash; and by how far the centre has told what others did. */
#include "agent/cli/commands.h"

#include "agent/entry/inherited.h"
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

/* Figures of an office whose records this PC does not hold would be blanks that look like zeros, and those of
 * one of which it holds a part would look whole. */
static err_t
check_held (const outbox_t *o, unit_id_t office, fail_t *fail)
{
  const identity_t *id = outbox_identity (o);
  const catalogue_t *c = outbox_catalogue (o);
  const unit_t *u = catalogue_unit (c, office), *own = catalogue_unit (c, id->unit);
  const str_t mine = own != NULL ? own->known_as : id->unit_code;
  const held_t held = inherited_held (o, office);
  if (held == HELD_IN_PART)
    return fail_set (
        fail, ERR_NO,
        L ("của đơn vị %.*s, máy này chỉ giữ phần đã về đơn vị %.*s, nên phụ lục lập ở đây sẽ thiếu; hãy xin "
           "trung tâm phụ lục này: kc-collector report --office %.*s",
           "of office %.*s this PC holds only the part that came to office %.*s, and an annex made here "
           "would "
           "lack the rest; ask the centre for this annex: kc-collector report --office %.*s"),
        STR_ARG (u->known_as), STR_ARG (mine), STR_ARG (u->known_as));
  if (held == HELD_NOT)
    return fail_set (
        fail, ERR_FOREIGN,
        L ("máy này không giữ số liệu của đơn vị %.*s, chỉ của đơn vị %.*s; hãy bỏ --office",
           "this PC does not hold the figures of office %.*s, only those of %.*s; leave --office out"),
        STR_ARG (u->known_as), STR_ARG (mine));
  return ERR_OK;
}

/* What was left to the office is reported under the names of those who left it. */
static err_t
say_inherited (outbox_t *o, kv_txn_t *txn)
{
  inherited_t h;
  buf_t whole = BUF_INIT, part = BUF_INIT;
  const catalogue_t *c = outbox_catalogue (o);
  err_t err = inherited_read (o, txn, &h);
  if (err != ERR_OK)
    return err;
  inherited_codes (&h, c, true, &whole);
  inherited_codes (&h, c, false, &part);
  if (whole.n > 0)
    fprintf (
        stderr,
        L ("Phụ lục này là của riêng đơn vị, chưa kể số liệu nhận lại từ %s: lập riêng với --office MÃ\n",
           "This is the office's own annex, without what %s left to it: write theirs with --office CODE\n"),
        buf_z (&whole));
  if (part.n > 0)
    fprintf (
        stderr,
        L ("Chưa kể phần nhận lại của %s: phụ lục của họ chỉ trung tâm lập đủ (kc-collector report --office "
           "MÃ)\n",
           "Without the part that came from %s, whose annexes only the centre can write whole (kc-collector "
           "report --office CODE)\n"),
        buf_z (&part));
  buf_free (&whole);
  buf_free (&part);
  return ERR_OK;
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
  const bool alone = err == ERR_OK && office == 0 && outbox_identity (o)->role == ROLE_OFFICE;
  if (alone)
    office = outbox_identity (o)->unit;
  if (err == ERR_OK)
    err = check_held (o, office, fail);
  if (err == ERR_OK)
    err = kv_begin (outbox_kv (o), false, &txn);
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
  if (err == ERR_OK && alone)
    err = say_inherited (o, txn);
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
