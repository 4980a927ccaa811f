/* narrative_notes.c - what stands under the text: which figures are missing and what to enter for them, where
 * rounded parts do not add up, and from what place in the books all of it was read. */
#include "common/report/narrative_private.h"

static bool
wants (const narrative_t *n, const bool *missing, size_t fact, str_t indicator)
{
  const fact_t *f = &n->fact[fact];
  return missing[fact] && f->gap == GAP_NO_DATA && str_eq (f->indicator, indicator);
}

/* " (F052, F055)": the missing facts of an indicator, from the first on. */
static void
put_facts_of (const narrative_t *n, const bool *missing, size_t first, buf_t *out)
{
  const str_t indicator = n->fact[first].indicator;
  for (size_t i = first; i < n->facts; i++)
    if (wants (n, missing, i, indicator))
      buf_printf (out, "%s%.*s", i == first ? " (" : ", ", STR_ARG (n->fact[i].id));
  buf_putc (out, ')');
}

/* "BS.15 Vốn đầu tư … (F111); BS.16 …": the indicators that would give what is missing, each once. */
static size_t
put_indicators (const narrative_t *n, const catalogue_t *c, const bool *missing, buf_t *out)
{
  size_t found = 0;
  for (size_t i = 0; i < n->facts; i++) {
    const str_t code = n->fact[i].indicator;
    const indicator_t *of = str_blank (code) ? NULL : catalogue_indicator (c, code);
    size_t first = 0;
    while (first < i && !wants (n, missing, first, code))
      first++;
    if (of == NULL || first < i || !wants (n, missing, i, code))
      continue;
    str_t label = n->meta.en && !str_blank (of->label_en) ? of->label_en : of->label_vi;
    buf_printf (out, "%s%.*s %.*s", found++ > 0 ? "; " : "", STR_ARG (code), STR_ARG (label));
    put_facts_of (n, missing, i, out);
  }
  return found;
}

static void
gap_note (const narrative_t *n, const catalogue_t *c, const bool *missing, buf_t *out)
{
  buf_t indicators = BUF_INIT;
  const bool en = n->meta.en;
  if (n->gaps == 0)
    return;
  buf_printf (out,
              en ? "Figures in square brackets are not in the data (%zu places); nothing was put in for them."
                 : "Chỗ trong ngoặc vuông chưa có số liệu (%zu chỗ), không được thay bằng số nào khác.",
              n->gaps);
  if (put_indicators (n, c, missing, &indicators) > 0)
    buf_printf (out, en ? " Indicators to enter: %s." : " Chỉ tiêu cần nhập: %s.", buf_z (&indicators));
  out->failed = out->failed || !buf_ok (&indicators);
  buf_free (&indicators);
}

static void
rounding_note (const narrative_t *n, const fact_rounding_t *r, buf_t *out)
{
  const bool en = n->meta.en;
  const fact_t *total = &n->fact[r->total];
  str_t unit = en && !str_blank (total->unit_en) ? total->unit_en : total->unit_vi;
  buf_puts (out, en ? "Each figure is rounded on its own from the exact value: the parts of "
                    : "Mỗi số được làm tròn riêng từ giá trị chính xác: các số thành phần của ");
  fact_printed (total, en, out);
  buf_printf (out, en ? " %.*s (%.*s) as printed add up to " : " %.*s (%.*s) như đã in cộng lại bằng ",
              STR_ARG (unit), STR_ARG (total->id));
  annex_number_printed (r->parts, r->decimals, en, out);
  buf_putc (out, '.');
}

/* Takes what was written as the next note. */
static err_t
take (str_t *note, size_t *n, buf_t *text, arena_t *arena)
{
  if (!buf_ok (text))
    return ERR_NOMEM;
  if (text->n == 0)
    return ERR_OK;
  note[*n] = arena_str (arena, buf_str (text));
  buf_clear (text);
  return note[(*n)++].p != NULL ? ERR_OK : ERR_NOMEM;
}

err_t
narrative_notes (narrative_t *n, const facts_t *facts, const catalogue_t *c, const bool *missing,
                 arena_t *arena)
{
  const fact_rounding_t *rounding;
  size_t roundings;
  buf_t text = BUF_INIT;
  str_t *note = NULL;
  err_t err = facts_roundings (facts, n->fact, arena, &rounding, &roundings);
  if (err == ERR_OK) {
    note = arena_alloc (arena, (roundings + 2) * sizeof *note);
    err = note != NULL ? ERR_OK : ERR_NOMEM;
  }
  if (err == ERR_OK) {
    gap_note (n, c, missing, &text);
    err = take (note, &n->notes, &text, arena);
  }
  for (size_t i = 0; err == ERR_OK && i < roundings; i++) {
    rounding_note (n, &rounding[i], &text);
    err = take (note, &n->notes, &text, arena);
  }
  if (err == ERR_OK) {
    note[n->notes] = layout_source (&n->meta, arena);
    err = note[n->notes++].p != NULL ? ERR_OK : ERR_NOMEM;
  }
  buf_free (&text);
  n->note = note;
  return err;
}
