/* cmd_recover.c - recover, and the sentence of status and sync that leads there: what a restored centre has
 * lost of other PCs' work and this one still holds. */
#include "agent/cli/commands.h"

#include "agent/entry/edits.h"
#include "agent/outbox/recover.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- how many, and of which PC ---- */

static err_t
count_of (void *ctx, const lost_t *l)
{
  lost_count_t *c = ctx;
  size_t i = 0;
  c->records++;
  while (i < c->n && !str_eq (buf_str (&c->at[i].agent), l->agent))
    i++;
  if (i == c->n) {
    void *grown = array_room (c->at, c->n, &c->room, sizeof *c->at);
    if (grown == NULL)
      return ERR_NOMEM;
    c->at = grown;
    memset (&c->at[c->n++], 0, sizeof c->at[0]);
    buf_put (&c->at[i].agent, l->agent.p, l->agent.n);
  }
  c->at[i].records++;
  return buf_ok (&c->at[i].agent) ? ERR_OK : ERR_NOMEM;
}

err_t
lost_count (outbox_t *o, kv_txn_t *txn, lost_count_t *out)
{
  return outbox_lost (o, txn, count_of, out);
}

void
lost_count_free (lost_count_t *c)
{
  for (size_t i = 0; i < c->n; i++)
    buf_free (&c->at[i].agent);
  free (c->at);
}

void
say_lost (const lost_count_t *c, const char *dir, FILE *f)
{
  for (size_t i = 0; i < c->n; i++)
    fprintf (f,
             L ("*** Trung tâm phục hồi từ bản sao lưu và bị mất số liệu của %" PRIu64
                " %s nhập trên máy %s; máy này vẫn giữ.\n",
                "*** The centre was restored from a backup and lost what was entered for %" PRIu64
                " %s on PC %s; this PC still holds it.\n"),
             c->at[i].records, noun_of (c->at[i].records, "bản ghi", "record", "records"),
             c->at[i].agent.n > 0 ? buf_z (&c->at[i].agent) : "?");
  if (c->n > 0)
    fprintf (f,
             L ("    Khi máy đó kết nối lại, số liệu tự trở về trung tâm. Nếu máy đó không bao giờ trở lại "
                "(hỏng ổ đĩa, mất, bị thu hồi): kc-agent recover %s\n",
                "    When that PC connects, it comes back to the centre by itself. If that PC will never "
                "return (its disk died, it was stolen or revoked): kc-agent recover %s\n"),
             dir);
}

void
say_lost_of (const args_t *a, FILE *f)
{
  outbox_t *o = NULL;
  kv_txn_t *txn = NULL;
  fail_t fail = {0};
  lost_count_t c = {0};
  err_t err = outbox_open (args_operand (a, 0), true, true, &o, &fail);
  if (err == ERR_OK)
    err = kv_begin (outbox_kv (o), false, &txn);
  if (err == ERR_OK)
    err = lost_count (o, txn, &c);
  kv_abort (&txn);
  if (err == ERR_OK)
    say_lost (&c, args_operand (a, 0), f);
  lost_count_free (&c);
  outbox_close (&o);
}

/* ---- recover ---- */

typedef struct {
  const catalogue_t *c;
  table_t *t;
  bool people;
} telling_t;

static err_t
tell_row (void *ctx, const lost_t *l)
{
  telling_t *x = ctx;
  buf_t key = BUF_INIT;
  record_key_text (&l->state->record, x->c, &key);
  table_row (x->t);
  table_cell (x->t, buf_str (&key));
  table_cell (x->t, str_of (kind_name (l->state->record.kind)));
  table_cell (x->t, l->agent);
  table_cell (x->t, l->base.seq == 0 ? str_of (x->people ? L ("cả bản ghi", "the record") : "record")
                                     : str_of (x->people ? L ("lần sửa", "a change") : "change"));
  buf_free (&key);
  return ERR_OK;
}

static void
say_done (uint64_t n, bool dry, const char *dir)
{
  if (n == 0)
    printf ("%s\n", L ("Không có gì phải nhập lại: trung tâm có đủ những gì máy này giữ.",
                       "Nothing to enter again: the centre has all that this PC holds."));
  else if (dry)
    printf (L ("Sẽ nhập lại %" PRIu64 " %s; chưa lưu gì.\n",
               "%" PRIu64 " %s would be entered again; nothing is stored.\n"),
            n, noun_of (n, "bản ghi", "record", "records"));
  else
    printf (L ("Đã nhập lại %" PRIu64 " %s, chờ gửi: “kc-agent sync %s”. Nếu máy kia vẫn trở lại thì không "
               "có gì tính hai lần.\n",
               "%" PRIu64
               " %s entered again and waiting: \"kc-agent sync %s\". If the other PC returns after "
               "all, nothing counts twice.\n"),
            n, noun_of (n, "bản ghi", "record", "records"), dir);
  fflush (stdout);
}

static err_t
recover (const args_t *a, outbox_t *o, telling_t *x, uint64_t *n, fail_t *fail)
{
  const str_t person = str_of (args_person (a));
  const char *given = args_value (a, "reason");
  const str_t reason = str_of (given != NULL ? given
                                             : L ("nhập lại số liệu trung tâm bị mất khi phục hồi",
                                                  "entered again: lost by the centre in a restore"));
  err_t err = edits_may_write (o, fail);
  if (err == ERR_OK)
    err = edits_check_words (person, reason, fail);
  return err == ERR_OK ? outbox_recover (o, person, reason, args_flag (a, "dry-run"), clock_wall (), tell_row,
                                         x, n, fail)
                       : err;
}

int
cmd_recover (const args_t *a)
{
  outbox_t *o = NULL;
  fail_t fail = {0};
  uint64_t n = 0;
  int code = store_open (a, false, true, &o);
  if (code != 0)
    return code;
  telling_t x = {outbox_catalogue (o), table_new (), for_people (a)};
  err_t err = x.t != NULL ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK) {
    table_column (x.t, "code", "Mã", "Code", COL_TEXT);
    table_column (x.t, "kind", "Loại", "Kind", COL_TEXT);
    table_column (x.t, "agent", "Máy", "PC", COL_TEXT);
    table_column (x.t, "lost", "Bị mất", "Lost", COL_TEXT);
    err = recover (a, o, &x, &n, &fail);
  }
  if (err == ERR_OK && for_people (a))
    say_done (n, args_flag (a, "dry-run"), args_operand (a, 0));
  if (err == ERR_OK && (!for_people (a) || n > 0))
    err = table_print (x.t, stdout, args_format (a), args_excel (a), NULL);
  table_destroy (&x.t);
  outbox_close (&o);
  return err == ERR_OK ? 0 : answer_fail (a, err, &fail);
}
