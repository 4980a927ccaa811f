/* outbox_seen.c - everything that can be seen of the store, beside what the model says. */
#include "tests/unit/agent/outbox_run.h"

#include "agent/entry/views.h"
#include "agent/outbox/told.h"
#include "common/view/totals_view.h"
#include "common/wire/update_wire.h"

/* ---- states as records ---- */

state_t
random_state (run_t *r)
{
  return (state_t){(int)dice (r, 4), (int)dice (r, 3), 1 + (int)dice (r, 3), false};
}

void
record_of (run_t *r, int record, state_t s, record_t *out)
{
  static char texts[2][3][16];
  static unsigned turn;
  char (*text)[16] = texts[turn++ % 2];
  snprintf (text[0], 16, "ghi %d", s.note);
  snprintf (text[1], 16, "xã %d", s.commune);
  memset (out, 0, sizeof *out);
  out->kind = KIND_SCHEME;
  out->u.scheme = (scheme_t){.code = str_of (model_code (record)),
                             .name = STR ("Máy"),
                             .item = STR ("III.3"),
                             .district = outbox_identity (r->e->o)->unit,
                             .plan_year = {2019, 2019},
                             .status = STATUS_APPROVED};
  if (s.note != 0)
    out->u.scheme.note = str_of (text[0]);
  if (s.commune != 0)
    out->u.scheme.commune = str_of (text[1]);
  out->u.scheme.funding_n = 1;
  out->u.scheme.funding[0] = (funding_t){.source = 2, .approved_vnd = {true, s.money}};
}

static int
last_digit (str_t s)
{
  return s.n > 0 ? s.p[s.n - 1] - '0' : 0;
}

static state_t
state_of (const update_t *u)
{
  const scheme_t *s = &u->record.u.scheme;
  return (state_t){last_digit (s->note), last_digit (s->commune),
                   s->funding_n > 0 ? (int)s->funding[0].approved_vnd.v : 0, u->operation == OP_WITHDRAW};
}

bool
state_same (state_t a, state_t b)
{
  return a.note == b.note && a.commune == b.commune && a.money == b.money && a.withdrawn == b.withdrawn;
}

void
check_update (run_t *r, str_t bytes, int version, const char *where)
{
  update_t u;
  const model_t *m = r->m;
  const version_row_t *v = &m->version[version];
  arena_reset (r->work);
  assert_int_equal (update_decode (bytes, r->work, &u, NULL), ERR_OK);
  if (!state_same (state_of (&u), v->state) || !str_is (u.record.u.scheme.code, model_code (v->record)))
    WRONG ("%s: another state of %s", where, model_code (v->record));
  if (!version_eq (u.version, model_name (m, version)))
    WRONG ("%s: another version of %s", where, model_code (v->record));
  if (v->maker != OURS)
    return;
  if (!version_eq (u.base, model_name (m, v->base)))
    WRONG ("%s: %s has another base", where, model_code (v->record));
  if (u.settles_n != (uint32_t)v->settles_n)
    WRONG ("%s: %s settles %u sides", where, model_code (v->record), (unsigned)u.settles_n);
  for (int i = 0; i < v->settles_n; i++)
    if (!version_eq (u.settles[i], model_name (m, v->settles[i])))
      WRONG ("%s: %s settles another side", where, model_code (v->record));
}

/* The record as it went, for who looks into it. */
static void
tell_about (const model_t *m, int record)
{
  static const char *const what[] = {"taken", "heard", "verdict", "settled"};
  for (int i = 0; i < m->versions; i++)
    if (m->version[i].record == record)
      print_error ("  version %d on %d, by %d, place %d: %d %d %d%s\n", i, m->version[i].base,
                   (int)m->version[i].maker, (int)m->version[i].place, m->version[i].state.note,
                   m->version[i].state.commune, m->version[i].state.money,
                   m->version[i].state.withdrawn ? " withdrawn" : "");
  for (int i = 0; i < m->events; i++)
    if (m->version[m->event[i].version].record == record)
      print_error ("  event %d at %d%s: %s %d, %d, gives %d\n", i, (int)m->event[i].lsn,
                   i < m->told ? "" : " (not told)", what[m->event[i].type], m->event[i].version,
                   (int)m->event[i].verdict, m->event[i].result);
}

/* ---- what is seen ---- */

static str_t
csv_of (table_t *t, buf_t *out)
{
  buf_clear (out);
  assert_int_equal (table_render (t, FORMAT_CSV, false, 0, NULL, out), ERR_OK);
  table_destroy (&t);
  return buf_str (out);
}

static void
compare_text (const char *what, str_t got, buf_t *expected)
{
  if (got.n != expected->n || memcmp (got.p, expected->p, got.n) != 0)
    WRONG ("%s:\n%.*s\nnot\n%s", what, STR_ARG (got), buf_z (expected));
}

/* Each row up to its nth comma: what comes behind may grow. */
static str_t
first_columns (str_t csv, unsigned n, buf_t *out)
{
  unsigned commas = 0;
  buf_clear (out);
  for (size_t i = 0; i < csv.n; i++) {
    commas = csv.p[i] == '\n' ? 0 : commas + (csv.p[i] == ',');
    if (commas < n && csv.p[i] != '\r')
      buf_putc (out, csv.p[i]);
  }
  return buf_str (out);
}

static void
see_lists (run_t *r)
{
  static const char *const states[] = {"waiting", "sent", "refused"};
  const model_t *m = r->m;
  const list_filter_t all = {.kind = KIND_NONE};
  buf_t text = BUF_INIT, part = BUF_INIT, expected = BUF_INIT, refused = BUF_INIT;
  fail_t fail = {0};
  buf_puts (&expected, "code,kind,name,district,status,year,item,support_vnd,value,state\n");
  buf_puts (&refused, "code\n");
  uint64_t refusals = 0;
  for (int i = 0; i < RECORDS; i++) {
    int which;
    const int at = model_shown (m, i);
    if (at < 0)
      continue;
    if (!m->version[at].state.withdrawn)
      buf_printf (&expected, "%s,scheme,Máy,549,approved,2019,III.3,%d,,%s\n", model_code (i),
                  m->version[at].state.money, states[model_state_of (m, i)]);
    if (model_refusal_stands (m, i, &which)) {
      buf_printf (&refused, "%s\n", model_code (i));
      refusals++;
    }
  }
  table_t *t = table_new ();
  assert_int_equal (view_list (r->e->o, &all, false, t, &fail), ERR_OK);
  compare_text ("list", first_columns (csv_of (t, &text), 10, &part), &expected);
  t = table_new ();
  assert_int_equal (view_refused (r->e->o, &all, false, t, &fail), ERR_OK);
  compare_text ("refused", first_columns (csv_of (t, &text), 1, &part), &refused);
  buf_clear (&expected);
  buf_puts (&expected, "code\n");
  for (int i = 0; i < RECORDS; i++)
    for (uint64_t p = m->acked + 1; p <= m->last; p++)
      if (m->version[m->of_place[p]].record == i)
        buf_printf (&expected, "%s\n", model_code (i));
  t = table_new ();
  assert_int_equal (view_waiting (r->e->o, &all, false, t, &fail), ERR_OK);
  compare_text ("waiting", first_columns (csv_of (t, &text), 1, &part), &expected);
  if (facts_of (r->e->o).refused != refusals)
    WRONG ("%llu refused", (unsigned long long)facts_of (r->e->o).refused);
  buf_free (&text);
  buf_free (&part);
  buf_free (&expected);
  buf_free (&refused);
}

static void
see_facts (run_t *r)
{
  const model_t *m = r->m;
  const facts_t f = facts_of (r->e->o);
  const stream_t *s = &m->stream[m->streams - 1];
  if (!store_id_eq (f.store, s->store) || f.before != s->before)
    WRONG ("%s", "another stream");
  if (f.last_seq + f.before != m->last || f.acked + f.before != m->acked || f.pending != m->last - m->acked)
    WRONG ("%llu of %llu acknowledged, not %llu of %llu", (unsigned long long)(f.acked + f.before),
           (unsigned long long)(f.last_seq + f.before), (unsigned long long)m->acked,
           (unsigned long long)m->last);
}

static err_t
see_import (void *ctx, const import_log_t *i)
{
  int *n = ctx;
  const model_t *m = running->m;
  const import_log_t *w = &m->import[*n];
  if (*n == m->imports || i->number != (uint64_t)*n + 1 || i->first != w->first || i->last != w->last ||
      i->undoes != w->undoes)
    WRONG ("import %llu: %llu to %llu", (unsigned long long)i->number, (unsigned long long)i->first,
           (unsigned long long)i->last);
  ++*n;
  return ERR_OK;
}

static err_t
see_parked (void *ctx, const parked_row_t *p)
{
  uint64_t *n = ctx;
  const model_t *m = running->m;
  ++*n;
  for (int i = 0; i < m->versions; i++)
    if (m->told_parked[i] > 0 && version_eq (model_name (m, i), p->version)) {
      if ((m->version[i].maker == OURS) != (p->agent.n == 0))
        WRONG ("%s", "a parked side is another PC's");
      return ERR_OK;
    }
  WRONG ("%s", "a side is parked that is not");
  return ERR_OK;
}

typedef struct {
  int record, at;
} telling_t;

/* The record's steps, as the events told of it. */
static err_t
see_step (void *ctx, const story_row_t *s)
{
  telling_t *t = ctx;
  const model_t *m = running->m;
  const int at = model_step (m, t->record, t->at);
  if (at < 0)
    WRONG ("%s: a step that was not told", model_code (t->record));
  const event_t *e = &m->event[at];
  t->at = at + 1;
  const verdict_t verdict = e->type == EVENT_TAKEN     ? VERDICT_ACCEPTED
                            : e->type == EVENT_SETTLED ? VERDICT_MERGED
                                                       : e->verdict;
  if (!version_eq (s->version, model_name (m, e->version)) || s->verdict != verdict || s->lsn != e->lsn)
    WRONG ("%s: another step at %llu", model_code (t->record), (unsigned long long)s->lsn);
  return ERR_OK;
}

static void
see_records (run_t *r, kv_txn_t *txn)
{
  const model_t *m = r->m;
  for (int i = 0; i < RECORDS; i++) {
    row_t row;
    telling_t t = {i, 0};
    const int at = model_shown (m, i);
    if (!m->has_id[i])
      continue;
    const record_ref_t ref = {outbox_identity (r->e->o)->unit, m->id[i]};
    const err_t err = book_get (outbox_book (r->e->o), txn, ref, &row);
    if (at < 0) {
      assert_int_equal (err, ERR_NOT_FOUND);
      continue;
    }
    assert_int_equal (err, ERR_OK);
    check_update (r, row.bytes, at, "shown");
    assert_true (version_eq (row.version, model_name (m, at)) &&
                 row.withdrawn == m->version[at].state.withdrawn);
    assert_int_equal (outbox_story (txn, m->id[i], see_step, &t), ERR_OK);
    if (model_step (m, i, t.at) >= 0)
      tell_about (m, i);
    if (model_step (m, i, t.at) >= 0)
      WRONG ("%s: a step that was told is not there", model_code (i));
  }
}

static void
see_log (run_t *r, kv_txn_t *txn)
{
  log_row_t row;
  for (uint64_t p = 1; p <= r->m->last; p++) {
    assert_int_equal (outbox_log_get (r->e->o, txn, p, &row), ERR_OK);
    check_update (r, row.bytes, r->m->of_place[p], "log");
  }
  assert_int_equal (outbox_log_get (r->e->o, txn, r->m->last + 1, &row), ERR_NOT_FOUND);
}

static void
see_totals (run_t *r, kv_txn_t *txn)
{
  query_t *q = NULL;
  query_result_t result;
  fail_t fail = {0};
  int64_t schemes = 0, money = 0, got[2] = {0, 0};
  for (int i = 0; i < RECORDS; i++) {
    const int at = model_shown (r->m, i);
    if (at < 0 || r->m->version[at].state.withdrawn)
      continue;
    schemes++;
    money += r->m->version[at].state.money;
  }
  assert_int_equal (totals_ask (outbox_book (r->e->o), txn, outbox_catalogue (r->e->o), STR ("year"),
                                STR (""), true, &q, &result, &fail),
                    ERR_OK);
  for (size_t i = 0; i < result.columns && result.rows > 0; i++) {
    if (strcmp (result.name[i], "schemes") == 0)
      got[0] = strtoll (result.cell[i].p, NULL, 10);
    if (strcmp (result.name[i], "support_vnd") == 0)
      got[1] = strtoll (result.cell[i].p, NULL, 10);
  }
  query_destroy (&q);
  if (got[0] != schemes || got[1] != money)
    WRONG ("totals: %lld schemes, %lld dong, not %lld and %lld", (long long)got[0], (long long)got[1],
           (long long)schemes, (long long)money);
}

static void
finding (void *ctx, const char *thing, str_t name, const char *what)
{
  (void)ctx;
  print_error ("%s %.*s: %s\n", thing, STR_ARG (name), what);
}

void
see_all (run_t *r)
{
  kv_txn_t *txn = NULL;
  int imports = 0;
  uint64_t parked = 0, expected = 0, findings = 0;
  see_facts (r);
  see_lists (r);
  assert_int_equal (kv_begin (outbox_kv (r->e->o), false, &txn), ERR_OK);
  see_records (r, txn);
  see_log (r, txn);
  see_totals (r, txn);
  assert_int_equal (outbox_imports (txn, see_import, &imports), ERR_OK);
  assert_int_equal (imports, r->m->imports);
  assert_int_equal (outbox_parked (txn, NULL, see_parked, &parked), ERR_OK);
  for (int i = 0; i < r->m->versions; i++)
    expected += r->m->told_parked[i] > 0;
  assert_int_equal (parked, expected);
  assert_int_equal (
      book_verify (outbox_book (r->e->o), txn, outbox_catalogue (r->e->o), finding, NULL, &findings), ERR_OK);
  assert_int_equal (findings, 0);
  kv_abort (&txn);
}
