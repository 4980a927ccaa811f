#include "common/core/reason.h"
#include "common/base/lang.h"
#include "common/core/catalogue.h"
#include "common/core/period.h"

typedef struct {
  const char *wire;
  bool soft;
  const char *vi, *en;
} row_t;

static const row_t rows[REASON_COUNT] = {
#define X(name, wire, soft, vi, en) {wire, soft, vi, en},
#include "common/core/reasons.def"
#undef X
};

const char *
reason_name (reason_code_t c)
{
  CHECK ((unsigned)c < REASON_COUNT);
  return rows[c].wire;
}

reason_code_t
reason_of_name (str_t wire_name)
{
  for (unsigned i = 0; i < REASON_COUNT; i++)
    if (str_is (wire_name, rows[i].wire))
      return (reason_code_t)i;
  return REASON_NONE;
}

bool
reason_soft (reason_code_t c)
{
  CHECK ((unsigned)c < REASON_COUNT);
  return rows[c].soft;
}

/* Length of "{0}" (3), "{0s}", "{0n}" or "{0c}" (4) at p, 0 when there is none. */
static size_t
placeholder (const char *p)
{
  if (p[0] != '{' || p[1] < '0' || p[1] >= '0' + REASON_ARGS)
    return 0;
  if (p[2] == '}')
    return 3;
  return (p[2] == 's' || p[2] == 'n' || p[2] == 'c') && p[3] == '}' ? 4 : 0;
}

/* By name, it is shown in words: a state, a table or a kind of money event. */
static void
put_argument (str_t a, bool by_name, buf_t *out)
{
  status_t s = by_name ? status_of_name (a) : STATUS_NONE;
  table_id_t t = by_name ? table_of_name (a) : TABLE_NONE;
  ledger_kind_t k = by_name ? ledger_kind_of_name (a) : LEDGER_NONE;
  if (s != STATUS_NONE)
    buf_puts (out, status_words (s));
  else if (t != TABLE_NONE)
    buf_puts (out, table_words (t));
  else if (k != LEDGER_NONE)
    buf_puts (out, ledger_kind_words (k));
  else
    buf_put (out, a.p, a.n);
}

/* Digits before the decimals of a plain number; 0: other text. */
static size_t
whole_digits (str_t s)
{
  size_t at = 0;
  while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
    at++;
  const size_t whole = at;
  if (at + 1 < s.n && s.p[at] == '.')
    for (at++; at < s.n && s.p[at] >= '0' && s.p[at] <= '9';)
      at++;
  return at == s.n ? whole : 0;
}

void
words_put_digits (str_t digits, buf_t *out)
{
  const size_t whole = whole_digits (digits);
  for (size_t i = 0; i < digits.n; i++) {
    if (i > 0 && i < whole && (whole - i) % 3 == 0)
      buf_putc (out, L ('.', ','));
    buf_putc (out, whole > 0 && i == whole ? L (',', '.') : digits.p[i]);
  }
}

/* Of the kind, else of any: the lines of a scheme have columns of their own. */
static str_t
column_label (const catalogue_t *c, kind_t kind, str_t column)
{
  str_t label = kind != KIND_NONE ? catalogue_column_label (c, kind, column, false) : STR_NONE;
  for (kind_t k = KIND_SCHEME; str_blank (label) && k < FORM_END; k++)
    label = catalogue_column_label (c, k, column, false);
  return label;
}

/* “Ngày quyết toán” (settled_on) */
static void
put_column (str_t name, const catalogue_t *c, kind_t kind, buf_t *out)
{
  const str_t label = c != NULL && lang_get () == LANG_VI ? column_label (c, kind, name) : STR_NONE;
  if (str_blank (label))
    buf_put (out, name.p, name.n);
  else
    buf_printf (out, "“%.*s” (%.*s)", STR_ARG (label), STR_ARG (name));
}

void
reason_words (const reason_t *r, buf_t *out)
{
  reason_words_in (r, NULL, KIND_NONE, out);
}

/* A reason of a newer peer arrives as REASON_NONE with its wire name as the first argument. */
void
reason_words_in (const reason_t *r, const catalogue_t *c, kind_t kind, buf_t *out)
{
  if (r->code == REASON_NONE) {
    buf_put (out, r->arg[0].p, r->arg[0].n);
    return;
  }
  CHECK ((unsigned)r->code < REASON_COUNT);
  for (const char *p = L (rows[r->code].vi, rows[r->code].en); *p != '\0'; p++) {
    size_t n = placeholder (p);
    if (n == 0) {
      buf_putc (out, *p);
      continue;
    }
    if (n == 4 && p[2] == 'c')
      put_column (r->arg[p[1] - '0'], c, kind, out);
    else if (n == 4 && p[2] == 'n')
      words_put_digits (r->arg[p[1] - '0'], out);
    else
      put_argument (r->arg[p[1] - '0'], n == 4, out);
    p += n - 1;
  }
}

/* One slot is kept for a hard finding: soft flags must never crowd out a refusal. */
void
reasons_add (reasons_t *rs, int column, reason_code_t c, str_t a0, str_t a1, str_t a2)
{
  if (rs->n >= REASONS_MAX || (rs->n == REASONS_MAX - 1 && reason_soft (c)))
    return;
  reason_t *r = &rs->at[rs->n++];
  *r = (reason_t){c, {a0, a1, a2}, column};
  for (unsigned i = 0; rs->arena != NULL && i < REASON_ARGS; i++)
    r->arg[i] = arena_str (rs->arena, r->arg[i]);
}

const reason_t *
reasons_hard (const reasons_t *rs)
{
  for (uint32_t i = 0; i < rs->n; i++)
    if (!reason_soft (rs->at[i].code))
      return &rs->at[i];
  return NULL;
}
