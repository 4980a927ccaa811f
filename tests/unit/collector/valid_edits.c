#include "tests/unit/collector/valid_edits.h"

#include "common/core/lists.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof (a) / sizeof ((a)[0]))
#define ENTRIES 4u

typedef enum {
  ANY_TEXT,
  KEPT_TEXT, /* never cleared */
  ANY_MONEY,
  KEPT_MONEY,
  ANY_DATE,
  KEPT_YEAR,
  ITEM,
  SERVICE,
  STATUS,
  SCHEME_KIND,
  VALUE_KIND,
  DOCUMENT_STATUS,
  YES_NO,
  LATER_FIELDS /* bytes of a later version */
} domain_t;

typedef struct {
  kind_t kind;
  domain_t domain;
  size_t offset;
} editable_t;

#define S(m) offsetof (scheme_t, m)
#define O(m) offsetof (outcome_t, m)
#define C(m) offsetof (consulting_t, m)
#define T(m) offsetof (staff_t, m)
#define D(m) offsetof (document_t, m)
#define B(m) offsetof (submission_t, m)
static const editable_t editable[] = {
    {KIND_SCHEME, KEPT_TEXT, S (name)},
    {KIND_SCHEME, ITEM, S (item)},
    {KIND_SCHEME, ANY_TEXT, S (commune)},
    {KIND_SCHEME, ANY_TEXT, S (implementer)},
    {KIND_SCHEME, ANY_TEXT, S (beneficiary)},
    {KIND_SCHEME, ANY_TEXT, S (approval_no)},
    {KIND_SCHEME, ANY_TEXT, S (contract_no)},
    {KIND_SCHEME, ANY_TEXT, S (acceptance_no)},
    {KIND_SCHEME, ANY_TEXT, S (settlement_no)},
    {KIND_SCHEME, ANY_TEXT, S (decision_stage)},
    {KIND_SCHEME, ANY_TEXT, S (note)},
    {KIND_SCHEME, KEPT_YEAR, S (plan_year)},
    {KIND_SCHEME, STATUS, S (status)},
    {KIND_SCHEME, SCHEME_KIND, S (kind)},
    {KIND_SCHEME, ANY_MONEY, S (matching_vnd)},
    {KIND_SCHEME, ANY_MONEY, S (investment_vnd)},
    {KIND_SCHEME, ANY_DATE, S (registered_on)},
    {KIND_SCHEME, ANY_DATE, S (approved_on)},
    {KIND_SCHEME, ANY_DATE, S (accepted_on)},
    {KIND_SCHEME, ANY_DATE, S (settled_on)},
    {KIND_SCHEME, LATER_FIELDS, S (unknown)},
    {KIND_OUTCOME, KEPT_MONEY, O (value)},
    {KIND_OUTCOME, VALUE_KIND, O (value_kind)},
    {KIND_OUTCOME, ANY_TEXT, O (note)},
    {KIND_OUTCOME, LATER_FIELDS, O (unknown)},
    {KIND_CONSULTING, SERVICE, C (service)},
    {KIND_CONSULTING, ANY_TEXT, C (client)},
    {KIND_CONSULTING, ANY_TEXT, C (note)},
    {KIND_CONSULTING, KEPT_MONEY, C (revenue_vnd)},
    {KIND_CONSULTING, KEPT_YEAR, C (year)},
    {KIND_CONSULTING, LATER_FIELDS, C (unknown)},
    {KIND_STAFF, KEPT_MONEY, T (value)},
    {KIND_STAFF, LATER_FIELDS, T (unknown)},
    {KIND_DOCUMENT, KEPT_TEXT, D (title)},
    {KIND_DOCUMENT, ANY_TEXT, D (number)},
    {KIND_DOCUMENT, ANY_TEXT, D (note)},
    {KIND_DOCUMENT, DOCUMENT_STATUS, D (status)},
    {KIND_DOCUMENT, ANY_DATE, D (issued_on)},
    {KIND_DOCUMENT, LATER_FIELDS, D (unknown)},
    {KIND_SUBMISSION, YES_NO, B (nil)},
    {KIND_SUBMISSION, ANY_TEXT, B (note)},
    {KIND_SUBMISSION, LATER_FIELDS, B (unknown)},
};

unsigned
editor_chance (editor_t *e, unsigned n)
{
  e->seed ^= e->seed << 13;
  e->seed ^= e->seed >> 7;
  e->seed ^= e->seed << 17;
  return (unsigned)(e->seed >> 11) % n;
}

/* What nobody wrote before, or one of a few. */
static unsigned
fresh (editor_t *e)
{
  return e->unique ? ++e->number + 10 : 1 + editor_chance (e, 3);
}

static str_t
text_of (editor_t *e, const char *prefix, unsigned number)
{
  char text[40];
  const int n = snprintf (text, sizeof text, "%s%u", prefix, number);
  return arena_str (e->arena, (str_t){text, (size_t)n});
}

/* Field 1000, a number; as it would be written by who knows it. */
static str_t
later_fields (editor_t *e)
{
  const unsigned v = fresh (e);
  const char bytes[] = {'\xc0', '\x3e', (char)(0x80 | (v & 0x7f)), (char)(1 + v / 128 % 100)};
  return arena_str (e->arena, (str_t){bytes, sizeof bytes});
}

static opt_i64_t
money (editor_t *e, bool kept)
{
  if (!kept && editor_chance (e, 4) == 0)
    return (opt_i64_t){false, 0};
  return (opt_i64_t){true, fresh (e)};
}

static date_t
day (unsigned n)
{
  return (2001 + n / 28 % 100) * 10000 + 100 + 1 + n % 28;
}

/* A choice of a few words comes round to what it was. */
static bool
can_be_new (domain_t d)
{
  return d <= KEPT_YEAR || d == LATER_FIELDS;
}

static void
set_field (editor_t *e, record_t *r, const editable_t *f)
{
  static const str_t items[] = {STR ("I.1"), STR ("IV.8")}, services[] = {STR ("5"), STR ("5.1")};
  void *at = (char *)&r->u + f->offset;
  switch (f->domain) {
  case ANY_TEXT:
    *(str_t *)at = editor_chance (e, 4) == 0 ? STR_NONE : text_of (e, "chữ ", fresh (e));
    break;
  case KEPT_TEXT:
    *(str_t *)at = text_of (e, "tên ", fresh (e));
    break;
  case ANY_MONEY:
  case KEPT_MONEY:
    *(opt_i64_t *)at = money (e, f->domain == KEPT_MONEY);
    break;
  case ANY_DATE:
    *(date_t *)at = editor_chance (e, 4) == 0 ? 0 : day (fresh (e));
    break;
  case KEPT_YEAR:
    *(span_t *)at = (span_t){2001, (uint16_t)(2001 + fresh (e) % 100)};
    break;
  case ITEM:
    *(str_t *)at = items[editor_chance (e, 2)];
    break;
  case SERVICE:
    *(str_t *)at = services[editor_chance (e, 2)];
    break;
  case STATUS:
    *(status_t *)at = (status_t)(STATUS_DRAFT + editor_chance (e, STATUS_LIQUIDATED - STATUS_DRAFT));
    break;
  case SCHEME_KIND:
    *(scheme_kind_t *)at = (scheme_kind_t)editor_chance (e, SCHEME_KIND_COUNT);
    break;
  case VALUE_KIND:
    *(value_kind_t *)at = editor_chance (e, 2) ? VALUE_ESTIMATE : VALUE_ACTUAL; /* a plan is another key */
    break;
  case DOCUMENT_STATUS:
    *(document_status_t *)at = (document_status_t)(1 + editor_chance (e, DOCUMENT_STATUS_COUNT - 1));
    break;
  case YES_NO:
    *(bool *)at = editor_chance (e, 2);
    break;
  case LATER_FIELDS:
    *(str_t *)at = editor_chance (e, 3) == 0 ? STR_NONE : later_fields (e);
    break;
  }
}

/* ---- lists ---- */

static void
drop_line (scheme_t *s, funding_t *f)
{
  memmove (f, f + 1, (size_t)(&s->funding[s->funding_n] - (f + 1)) * sizeof *f);
  s->funding_n--;
}

static void
edit_funding (editor_t *e, scheme_t *s)
{
  const source_id_t source = 1 + editor_chance (e, 3);
  uint32_t i = 0;
  while (i < s->funding_n && s->funding[i].source < source)
    i++;
  funding_t *f = &s->funding[i];
  if (i == s->funding_n || f->source != source) {
    memmove (f + 1, f, (s->funding_n - i) * sizeof *f);
    *f = (funding_t){.source = source};
    s->funding_n++;
  } else if (editor_chance (e, 5) == 0) {
    drop_line (s, f);
    return;
  }
  opt_i64_t *const amount[] = {&f->planned_vnd, &f->approved_vnd, &f->settled_vnd};
  *amount[editor_chance (e, 3)] = money (e, false);
  if (!f->planned_vnd.has && !f->approved_vnd.has && !f->settled_vnd.has)
    drop_line (s, f);
}

/* The voucher or the name is the id's: entries of different ids never say the same. */
static void
edit_list (editor_t *e, scheme_t *s, kind_t form)
{
  const unsigned n = editor_chance (e, ENTRIES);
  record_t line = {.kind = form};
  list_room_t room = {0};
  size_t at;
  line_set_id (&line, (record_id_t){{1, (uint8_t)n}});
  if (list_find (s, &line, &at) > 0) {
    list_line (s, form, at, &line);
    if (editor_chance (e, 3) == 0) {
      CHECK (list_drop (s, form, at, e->arena));
      return;
    }
  } else if (form == FORM_LEDGER) {
    line.u.ledger.entry.kind = LEDGER_PAYMENT;
    line.u.ledger.entry.date = 20190305;
    line.u.ledger.entry.source = 2;
    line.u.ledger.entry.voucher_no = text_of (e, "PC-", n);
    line.u.ledger.entry.amount_vnd = money (e, true);
  } else {
    line.u.beneficiary.entry.name = text_of (e, "Cơ sở ", n);
  }
  if (form == FORM_LEDGER && editor_chance (e, 2))
    line.u.ledger.entry.amount_vnd = money (e, true);
  else if (form == FORM_LEDGER)
    line.u.ledger.entry.note = editor_chance (e, 4) ? text_of (e, "chữ ", fresh (e)) : STR_NONE;
  else if (editor_chance (e, 3))
    line.u.beneficiary.entry.support_vnd = money (e, false);
  else
    line.u.beneficiary.entry.unknown = editor_chance (e, 3) ? later_fields (e) : STR_NONE;
  CHECK (list_put (s, &line, &room, e->arena));
}

/* ---- whole records ---- */

static void
edit_once (editor_t *e, update_t *u)
{
  record_t *r = &u->record;
  const unsigned what = editor_chance (e, 12);
  if (what == 0) {
    u->unknown = editor_chance (e, 3) ? later_fields (e) : STR_NONE;
  } else if (r->kind == KIND_SCHEME && what < 4) {
    edit_funding (e, &r->u.scheme);
  } else if (r->kind == KIND_SCHEME && what < 8) {
    edit_list (e, &r->u.scheme, what < 6 ? FORM_LEDGER : FORM_BENEFICIARY);
  } else {
    for (;;) {
      const editable_t *f = &editable[editor_chance (e, COUNT (editable))];
      if (f->kind == r->kind && (!e->unique || can_be_new (f->domain))) {
        set_field (e, r, f);
        return;
      }
    }
  }
}

void
valid_edit (editor_t *e, update_t *u)
{
  const bool was_withdrawn = u->operation == OP_WITHDRAW;
  u->operation = OP_PUT;
  u->comment = STR ("lý do");
  if (!was_withdrawn && editor_chance (e, 14) == 0) {
    u->operation = OP_WITHDRAW;
    return;
  }
  if (was_withdrawn && editor_chance (e, 2) == 0)
    return;
  edit_once (e, u);
}

void
valid_record (editor_t *e, kind_t kind, unsigned n, unit_id_t home, update_t *out)
{
  memset (out, 0, sizeof *out);
  out->home = home;
  out->operation = OP_PUT;
  out->person = STR ("Nguyễn Văn A");
  record_t *r = &out->record;
  r->kind = kind;
  const uint16_t year = (uint16_t)(2000 + n / 2);
  if (kind == KIND_SCHEME)
    r->u.scheme = (scheme_t){.code = text_of (e, "DA-", n),
                             .name = STR ("Máy"),
                             .item = STR ("I.1"),
                             .district = home,
                             .plan_year = {2019, 2019},
                             .status = STATUS_REGISTERED};
  else if (kind == KIND_OUTCOME)
    r->u.outcome = (outcome_t){.indicator = STR ("I.1"),
                               .fund = STR ("KCĐP"),
                               .scheme_code = text_of (e, "DA-", n),
                               .district = home,
                               .year = {2019, 2019},
                               .value = {true, 1},
                               .value_kind = VALUE_ESTIMATE};
  else if (kind == KIND_CONSULTING)
    r->u.consulting = (consulting_t){.code = text_of (e, "TV-", n),
                                     .service = STR ("5.1"),
                                     .district = home,
                                     .year = {2019, 2019},
                                     .revenue_vnd = {true, 1}};
  else if (kind == KIND_STAFF)
    r->u.staff = (staff_t){.indicator = n % 2 ? STR ("1") : STR ("1.a"),
                           .district = home,
                           .year = {year, year},
                           .value = {true, 1}};
  else if (kind == KIND_DOCUMENT)
    r->u.document = (document_t){
        .no = text_of (e, "", n), .title = STR ("Quyết định"), .district = home, .status = DOCUMENT_ISSUED};
  else
    r->u.submission = (submission_t){.district = home,
                                     .table = n % 2 ? STR ("outcomes") : STR ("budget"),
                                     .period = text_of (e, "", year)};
}
