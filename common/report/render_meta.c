#include "common/report/layout.h"

#include "common/core/period.h"
#include "common/core/units.h"
#include "common/text/utf8.h"

#include <string.h>

/* "UBND thị xã An Nhơn"; the provincial office has a name of its own. */
static err_t
office_names (const unit_t *u, arena_t *arena, render_meta_t *out)
{
  str_t name_en = str_blank (u->name_en) ? u->name : u->name_en;
  out->office_vi = u->name;
  out->office_en = name_en;
  if (u->province)
    return ERR_OK;
  out->office_vi = layout_text (arena, "UBND %.*s%s%.*s", STR_ARG (u->type), str_blank (u->type) ? "" : " ",
                                STR_ARG (u->name));
  out->office_en = layout_text (arena, "People's Committee of %.*s", STR_ARG (name_en));
  return out->office_vi.p != NULL && out->office_en.p != NULL ? ERR_OK : ERR_NOMEM;
}

err_t
render_meta_of (const figures_t *f, bool en, arena_t *arena, render_meta_t *out)
{
  const catalogue_t *c = f->catalogue;
  render_meta_t m = {
      .position = f->position,
      .seal = f->seal,
      .at = f->at,
      .authority_vi = catalogue_meta (c, "authority_vi"),
      .authority_en = catalogue_meta (c, "authority_en"),
      .body_vi = catalogue_meta (c, "body_vi"),
      .body_en = catalogue_meta (c, "body_en"),
      .place_vi = catalogue_meta (c, "place_vi"),
      .place_en = catalogue_meta (c, "place_en"),
      .symbol = catalogue_meta (c, "symbol"),
      .signer_vi = catalogue_meta (c, "signer_vi"),
      .signer_en = catalogue_meta (c, "signer_en"),
      .en = en,
  };
  const unit_t *u = f->office != 0 ? unit_named_on (c, f->office, day_of (f->at)) : NULL;
  err_t err = u != NULL ? office_names (u, arena, &m) : ERR_OK;
  if (err == ERR_OK)
    *out = m;
  return err;
}

/* ---- what stands round the tables ---- */

static str_t
pick (bool en, str_t vi, str_t in_english)
{
  return en && !str_blank (in_english) ? in_english : vi;
}

static str_t
lines_of (str_t text, arena_t *arena)
{
  str_t copy = arena_str (arena, text);
  char *at = (char *)(uintptr_t)copy.p;
  for (size_t i = 0; at != NULL && i < copy.n; i++)
    if (at[i] == '|')
      at[i] = '\n';
  return copy;
}

static str_t
date_line (const render_meta_t *m, arena_t *arena)
{
  const layout_time_t at = layout_time (m->at);
  str_t place = pick (m->en, m->place_vi, m->place_en);
  const char *comma = str_blank (place) ? "" : ", ";
  if (m->en)
    return layout_text (arena, "%.*s%s      /%u/%u", STR_ARG (place), comma, at.month, at.year);
  return layout_text (arena, "%.*s%s%s      tháng %u năm %u", STR_ARG (place), comma,
                      comma[0] != '\0' ? "ngày" : "Ngày", at.month, at.year);
}

err_t
layout_frame (const annex_table_t *tables, size_t n, const render_meta_t *m, arena_t *arena,
              layout_frame_t *out)
{
  const bool en = m->en, office = !str_blank (m->office_vi);
  layout_frame_t f = {
      .state = layout_words (en, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM"),
      .motto = layout_words (en, "Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness"),
      .issuer = pick (en, m->authority_vi, m->authority_en),
      .clerk = layout_words (en, "NGƯỜI LẬP BIỂU", "PREPARED BY"),
      .date = date_line (m, arena),
  };
  if (office) {
    f.above = f.issuer;
    f.issuer = pick (en, m->office_vi, m->office_en);
  }
  str_t signer = office ? STR_NONE : pick (en, m->signer_vi, m->signer_en);
  f.signer = str_blank (signer) ? layout_words (en, "THỦ TRƯỞNG ĐƠN VỊ", "HEAD OF THE OFFICE")
                                : lines_of (signer, arena);
  str_t symbol = office ? STR_NONE : m->symbol;
  f.number = layout_text (arena, "%s          %s%.*s", en ? "No.:" : "Số:", str_blank (symbol) ? "" : "/",
                          STR_ARG (symbol));
  f.position = layout_text (arena, en ? "Position %.*s" : "Vị trí sổ %.*s", STR_ARG (m->position));
  f.seal = layout_text (arena, en ? "seal %.*s" : "dấu niêm %.*s", STR_ARG (m->seal));
  if (n == 1)
    f.title = layout_words (en, annex_title_vi (tables[0].id), annex_title_en (tables[0].id));
  else
    f.title = layout_words (en, "Phụ lục báo cáo khuyến công", "Annexes of the industrial promotion report");
  const str_t years = n > 0 ? layout_years (arena, tables[0].years) : STR_NONE;
  if (n > 0)
    f.title = layout_text (arena, "%.*s %.*s", STR_ARG (f.title), STR_ARG (years));
  if (f.date.p == NULL || f.signer.p == NULL || f.number.p == NULL || f.position.p == NULL ||
      f.seal.p == NULL || f.title.p == NULL)
    return ERR_NOMEM;
  *out = f;
  return ERR_OK;
}
