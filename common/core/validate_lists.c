/* validate_lists.c - the rules of a scheme's money ledger and beneficiaries.
 *
 * An entry is judged as a line of its form, by the same rows of fields.def that read it. One that stands as
 * it stood before is not judged again: a source put out of use, or a stricter rule, must not keep an office
 * from writing on in an old scheme. */
#include "common/core/validate_lists.h"
#include "common/core/lists.h"
#include "common/core/validate.h"
#include "common/text/number.h"

#include <inttypes.h>

/* An argument made here lives in the findings' arena; without one it is left out. */
static str_t
kept (const reasons_t *found, const buf_t *made)
{
  return found->arena != NULL && buf_ok (made) ? buf_str (made) : STR_NONE;
}

/* ---- hard ---- */

/* "ledger[PC-12].amount_vnd": what is wrong with an entry, said of the scheme. */
static void
pass_on (const record_t *line, const reason_t *r, reasons_t *found)
{
  buf_t name = BUF_INIT;
  buf_printf (&name, "%s[", kind_name (line->kind));
  line_quotable_label (line, &name);
  buf_printf (&name, "].%.*s", STR_ARG (r->arg[0]));
  const str_t field = found->arena != NULL && buf_ok (&name) ? buf_str (&name) : r->arg[0];
  reasons_add (found, -1, r->code, field, r->arg[1], r->arg[2]);
  buf_free (&name);
}

/* The entry of the same id before, as a line; false when there is none. */
static bool
line_before (const scheme_t *before, const record_t *line, record_t *out)
{
  size_t at;
  if (before == NULL || list_find (before, line, &at) == 0)
    return false;
  list_line (before, line->kind, at, out);
  return true;
}

static void
check_list (const catalogue_t *c, const scheme_t *before, const scheme_t *after, kind_t form,
            reasons_t *found)
{
  record_t line, was;
  record_id_t last = {{0}};
  const str_t code = after->code;
  for (size_t i = 0; i < list_count (after, form); i++) {
    list_line (after, form, i, &line);
    const record_id_t id = line_id (&line);
    if (memcmp (last.b, id.b, sizeof id.b) >= 0) {
      reasons_add (found, -1, REASON_MALFORMED_LIST, str_of (kind_name (form)), STR_NONE, STR_NONE);
      return;
    }
    last = id;
    const bool stood = line_before (before, &line, &was);
    if (stood && str_cmp (before->code, code) == 0 && record_same (&was, &line))
      continue;
    reasons_t own = {.arena = found->arena};
    (void)validate (c, stood ? &was : NULL, &line, STR_NONE, 0, &own);
    for (uint32_t k = 0; k < own.n; k++)
      if (!str_is (own.at[k].arg[0], "scheme_code"))
        pass_on (&line, &own.at[k], found);
  }
}

void
check_lists (const catalogue_t *c, const record_t *before, const record_t *after, reasons_t *found)
{
  const scheme_t *was = before != NULL ? &before->u.scheme : NULL;
  for (kind_t form = FORM_LEDGER; form < FORM_END; form++)
    check_list (c, was, &after->u.scheme, form, found);
}

/* ---- soft ---- */

/* What stands in the ledger for one source. Old entries may hold any number: only those in range are added.
 */
typedef struct {
  int64_t sum[LEDGER_KIND_COUNT];
  uint32_t n[LEDGER_KIND_COUNT];
} spent_t;

static spent_t
spent_of (const scheme_t *s, source_id_t source)
{
  spent_t out = {{0}, {0}};
  for (uint32_t i = 0; i < s->ledger_n; i++) {
    const ledger_entry_t *e = &s->ledger[i];
    if (e->source != source || (unsigned)e->kind >= LEDGER_KIND_COUNT || !e->amount_vnd.has ||
        e->amount_vnd.v < 0 || e->amount_vnd.v > AMOUNT_MAX)
      continue;
    out.sum[e->kind] += e->amount_vnd.v; /* LEDGER_MAX × AMOUNT_MAX fits */
    out.n[e->kind]++;
  }
  return out;
}

static const funding_t *
line_of (const scheme_t *s, source_id_t source)
{
  static const funding_t none;
  for (uint32_t i = 0; i < s->funding_n; i++)
    if (s->funding[i].source == source)
      return &s->funding[i];
  return &none;
}

static opt_i64_t
allowed (const funding_t *f)
{
  return f->approved_vnd.has ? f->approved_vnd : f->planned_vnd;
}

/* Money paid back may be paid out again. A settled amount is final, so a ledger that says otherwise is odd;
 * before that the settlements may still be coming in. */
static void
flag_source (const scheme_t *s, const source_t *source, reasons_t *found)
{
  const funding_t *f = line_of (s, source->id);
  const spent_t spent = spent_of (s, source->id);
  const opt_i64_t may = allowed (f);
  static const ledger_kind_t out_going[] = {LEDGER_ADVANCE, LEDGER_PAYMENT};
  for (size_t i = 0; i < 2; i++)
    if (spent.n[out_going[i]] > 0 &&
        spent.sum[out_going[i]] - spent.sum[LEDGER_REFUND] > (may.has ? may.v : 0))
      reasons_add (found, -1, REASON_LEDGER_ABOVE, str_of (ledger_kind_name (out_going[i])), source->code,
                   STR_NONE);
  if (spent.n[LEDGER_SETTLEMENT] > 0 && (f->settled_vnd.has || s->status == STATUS_SETTLED) &&
      (!f->settled_vnd.has || spent.sum[LEDGER_SETTLEMENT] != f->settled_vnd.v)) {
    buf_t sum = BUF_INIT, settled = BUF_INIT;
    buf_printf (&sum, "%" PRId64, spent.sum[LEDGER_SETTLEMENT]);
    if (f->settled_vnd.has)
      buf_printf (&settled, "%" PRId64, f->settled_vnd.v);
    else
      buf_puts (&settled, "-");
    reasons_add (found, -1, REASON_LEDGER_SETTLED, source->code, kept (found, &sum), kept (found, &settled));
    buf_free (&sum);
    buf_free (&settled);
  }
}

static void
flag_beneficiaries (const scheme_t *s, reasons_t *found)
{
  int64_t reached = 0, support = 0;
  for (uint32_t i = 0; i < s->beneficiaries_n; i++) {
    const opt_i64_t v = s->beneficiaries[i].support_vnd;
    if (v.has && v.v >= 0 && v.v <= AMOUNT_MAX)
      reached += v.v;
  }
  for (uint32_t i = 0; i < s->funding_n; i++) {
    const funding_t *f = &s->funding[i];
    const opt_i64_t v = s->status == STATUS_SETTLED && f->settled_vnd.has ? f->settled_vnd : allowed (f);
    if (v.has && v.v >= 0 && v.v <= AMOUNT_MAX)
      support += v.v;
  }
  if (reached <= support)
    return;
  buf_t a = BUF_INIT, b = BUF_INIT;
  buf_printf (&a, "%" PRId64, reached);
  buf_printf (&b, "%" PRId64, support);
  reasons_add (found, -1, REASON_BENEFICIARIES_ABOVE, kept (found, &a), kept (found, &b), STR_NONE);
  buf_free (&a);
  buf_free (&b);
}

static void
flag_day (const record_t *line, const char *field, const char *than, reasons_t *found)
{
  const reason_t r = {REASON_DATES_ORDER, {str_of (field), str_of (than), STR_NONE}, -1};
  pass_on (line, &r, found);
}

/* Money moves and support arrives after the plan was approved; a source is settled after it was paid. */
static void
flag_days (const scheme_t *s, reasons_t *found)
{
  record_t line;
  for (uint32_t i = 0; i < s->ledger_n; i++) {
    const ledger_entry_t *e = &s->ledger[i];
    bool early = false;
    list_line (s, FORM_LEDGER, i, &line);
    if (date_surely_earlier (e->date, s->approved_on))
      flag_day (&line, "date", "approved_on", found);
    for (uint32_t k = 0; e->kind == LEDGER_SETTLEMENT && k < s->ledger_n && !early; k++)
      early = s->ledger[k].source == e->source &&
              (s->ledger[k].kind == LEDGER_ADVANCE || s->ledger[k].kind == LEDGER_PAYMENT) &&
              date_surely_earlier (e->date, s->ledger[k].date);
    if (early)
      flag_day (&line, "date", ledger_kind_name (LEDGER_PAYMENT), found);
  }
  for (uint32_t i = 0; i < s->beneficiaries_n; i++)
    if (date_surely_earlier (s->beneficiaries[i].accepted_on, s->approved_on)) {
      list_line (s, FORM_BENEFICIARY, i, &line);
      flag_day (&line, "accepted_on", "approved_on", found);
    }
}

void
flag_lists (const catalogue_t *c, const record_t *after, reasons_t *found)
{
  const scheme_t *s = &after->u.scheme;
  const source_t *source;
  for (size_t i = 0; s->ledger_n > 0 && (source = catalogue_source_at (c, i)) != NULL; i++)
    flag_source (s, source, found);
  flag_beneficiaries (s, found);
  flag_days (s, found);
}
