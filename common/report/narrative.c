/* narrative.c - sentences of the catalogue to blocks of text, with the figures in their places.
 *
 * Checking and building are one walk: a catalogue is checked with no figures at hand, so what passes can be
 * built, and what is refused is refused where it stands. */
#include "common/base/lang.h"
#include "common/report/narrative_private.h"

#include <string.h>

#define SENTENCES "sentences"
#define LEVEL_MAX 4
#define CHECK_BUDGET ((size_t)16 << 20)

static const char *const kinds[BLOCK_COUNT] = {
    [BLOCK_TITLE] = "title",
    [BLOCK_SUBTITLE] = "subtitle",
    [BLOCK_ADDRESSEE] = "addressee",
    [BLOCK_HEADING] = "heading",
    [BLOCK_PARAGRAPH] = "paragraph",
    [BLOCK_ITEM] = "item",
    [BLOCK_RUN] = "run",
    [BLOCK_PROMPT] = "prompt",
    [BLOCK_TARGETS] = "targets",
    [BLOCK_RECIPIENTS] = "recipients",
};

typedef struct {
  section_row_t row;
  const facts_t *facts;
  const fact_t *fact; /* NULL: only checking */
  arena_t *arena;
  span_t years;
  bool en;
  block_t *block;
  size_t blocks;
  run_t *run;
  size_t runs, gaps;
  bool *missing; /* by fact */
} builder_t;

/* ---- a text with places ---- */

static err_t
add_run (builder_t *b, run_t run)
{
  if (b->fact == NULL || (run.kind == RUN_TEXT && str_blank (run.text)))
    return ERR_OK;
  b->gaps += run.kind == RUN_GAP;
  b->run[b->runs++] = run;
  return ERR_OK;
}

static err_t
add_fact (builder_t *b, size_t at)
{
  buf_t text = BUF_INIT;
  if (b->fact == NULL)
    return ERR_OK;
  const fact_t *f = &b->fact[at];
  fact_printed (f, b->en, &text);
  run_t run = {.kind = f->gap == GAP_NONE ? RUN_FIGURE : RUN_GAP,
               .text = arena_str (b->arena, buf_str (&text)),
               .fact = f->id};
  b->missing[at] = b->missing[at] || f->gap != GAP_NONE;
  bool ok = buf_ok (&text) && run.text.p != NULL;
  buf_free (&text);
  return ok ? add_run (b, run) : ERR_NOMEM;
}

/* What stands between braces: F004, or F004:words|other words. */
static err_t
add_place (builder_t *b, const char *column, str_t place)
{
  size_t at, n = 0;
  while (n < place.n && place.p[n] != ':')
    n++;
  str_t id = {place.p, n};
  if (!facts_find (b->facts, id, &at))
    return section_refuse (&b->row, column,
                           L ("không có số liệu “%.*s” trong phần [facts]; hãy sửa mã hoặc thêm dòng ấy",
                              "there is no fact \"%.*s\" in section [facts]; correct the id or add its row"),
                           STR_ARG (id));
  if (n == place.n)
    return add_fact (b, at);
  str_t words = {place.p + n + 1, place.n - n - 1};
  const char *bar = memchr (words.p, '|', words.n);
  if (bar == NULL)
    return section_refuse (
        &b->row, column,
        L ("“{%.*s}” thiếu dấu “|” giữa hai cách viết", "\"{%.*s}\" lacks the bar between its two wordings"),
        STR_ARG (place));
  str_t estimate = {words.p, (size_t)(bar - words.p)};
  str_t actual = {bar + 1, words.n - estimate.n - 1};
  return add_run (b, (run_t){.text = b->fact != NULL && b->fact[at].estimate ? estimate : actual});
}

static err_t
add_text (builder_t *b, const char *column)
{
  str_t text = section_cell (&b->row, column);
  err_t err = ERR_OK;
  while (err == ERR_OK && text.n > 0) {
    const char *open = memchr (text.p, '{', text.n);
    size_t before = open != NULL ? (size_t)(open - text.p) : text.n;
    err = add_run (b, (run_t){.text = {text.p, before}});
    text = (str_t){text.p + before, text.n - before};
    if (err != ERR_OK || open == NULL)
      break;
    const char *close = memchr (text.p, '}', text.n);
    if (close == NULL)
      return section_refuse (&b->row, column, "%s",
                             L ("dấu “{” không có “}” đóng lại", "a \"{\" has no \"}\" that closes it"));
    str_t place = {text.p + 1, (size_t)(close - text.p) - 1};
    err = add_place (b, column, place);
    text = (str_t){close + 1, text.n - place.n - 2};
  }
  return err;
}

/* ---- blocks ---- */

static err_t
read_kind (const builder_t *b, block_t *out)
{
  str_t text = section_cell (&b->row, "kind"), level = section_cell (&b->row, "level");
  unsigned k = 0;
  while (k < BLOCK_COUNT && !str_is (text, kinds[k]))
    k++;
  if (k == BLOCK_COUNT)
    return section_refuse (&b->row, "kind",
                           L ("không có loại câu “%.*s”", "there is no kind of sentence \"%.*s\""),
                           STR_ARG (text));
  out->kind = (block_kind_t)k;
  if (out->kind == BLOCK_HEADING) {
    if (level.n != 1 || level.p[0] < '1' || level.p[0] > '0' + LEVEL_MAX)
      return section_refuse (&b->row, "level",
                             L ("cấp tiêu đề phải từ 1 đến %d", "a heading's level is 1 to %d"), LEVEL_MAX);
    out->level = (uint8_t)(level.p[0] - '0');
  }
  return ERR_OK;
}

/* Both languages are checked, one is built. */
static err_t
add_row (builder_t *b)
{
  block_t block = {.kind = BLOCK_TITLE};
  uint16_t year;
  err_t err = read_kind (b, &block);
  if (err == ERR_OK)
    err = section_year (&b->row, "year", &year);
  if (err != ERR_OK)
    return err;
  if (b->fact == NULL) {
    err = add_text (b, "text_vi");
    return err == ERR_OK ? add_text (b, "text_en") : err;
  }
  if (year != 0 && (year < b->years.from || year > b->years.to))
    return ERR_OK;
  if (block.kind != BLOCK_RUN || b->blocks == 0) {
    block.run = &b->run[b->runs];
    b->block[b->blocks++] = block;
  } else
    err = add_run (b, (run_t){.text = STR (" ")});
  const bool english = b->en && !str_blank (section_cell (&b->row, "text_en"));
  const bool prompt = block.kind == BLOCK_PROMPT;
  const size_t first = b->runs;
  if (err == ERR_OK && prompt)
    err = add_run (b, (run_t){.text = STR ("[")});
  if (err == ERR_OK)
    err = add_text (b, english ? "text_en" : "text_vi");
  if (err == ERR_OK && prompt)
    err = add_run (b, (run_t){.text = STR ("]")});
  for (size_t i = first; prompt && i < b->runs; i++)
    b->run[i].kind = RUN_PROMPT;
  block_t *last = &b->block[b->blocks - 1];
  last->runs = (size_t)(&b->run[b->runs] - last->run);
  return err;
}

/* An upper bound: a place makes a run and ends another; a text may stand in brackets or behind a space. */
static size_t
runs_at_most (const catalogue_t *c)
{
  size_t n = 0;
  const char *const columns[] = {"text_vi", "text_en"};
  for (size_t row = 0; row < catalogue_section_rows (c, SENTENCES); row++)
    for (size_t k = 0; k < 2; k++) {
      str_t text = catalogue_section_cell (c, SENTENCES, row, columns[k]);
      n += 4;
      for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '{' ? 2 : 0;
    }
  return n;
}

static err_t
add_rows (builder_t *b)
{
  size_t rows = catalogue_section_rows (b->row.c, SENTENCES);
  err_t err = ERR_OK;
  if (b->fact != NULL) {
    b->block = arena_alloc (b->arena, (rows + 1) * sizeof *b->block);
    b->run = arena_alloc (b->arena, (runs_at_most (b->row.c) + 1) * sizeof *b->run);
    if (b->block == NULL || b->run == NULL)
      return ERR_NOMEM;
  }
  for (b->row.row = 0; err == ERR_OK && b->row.row < rows; b->row.row++)
    err = add_row (b);
  return err;
}

err_t
narrative_check (const catalogue_t *c, fail_t *fail)
{
  narrative_t unused = {0};
  facts_t *facts = NULL;
  arena_t *arena = arena_new (CHECK_BUDGET);
  err_t err = arena != NULL ? facts_read (c, &facts, fail) : ERR_NOMEM;
  builder_t b = {.row = {c, SENTENCES, 0, fail}, .facts = facts, .arena = arena};
  if (err == ERR_OK)
    err = add_rows (&b);
  if (err == ERR_OK)
    err = targets_read (c, facts, NULL, false, NULL, arena, &unused, fail);
  arena_destroy (&arena);
  facts_destroy (&facts);
  return err == ERR_OK ? ERR_OK : fail_set (fail, err, "%s", err_words (err));
}

/* ---- building ---- */

static err_t
can_be_told (const figures_t *f, fail_t *fail)
{
  if (f->office != 0)
    return fail_set (
        fail, ERR_INPUT, "%s",
        L ("phần lời là báo cáo của cả tỉnh; với một đơn vị hãy lập phụ lục (--annex)",
           "the narrative is the whole province's report; for one office write annexes (--annex)"));
  if (catalogue_section_rows (f->catalogue, SENTENCES) == 0)
    return fail_set (
        fail, ERR_INPUT, "%s",
        L ("danh mục của kho này chưa có phần [sentences] của báo cáo lời; hãy nhập danh mục mới "
           "hơn (kc-collector catalogue import)",
           "this store's catalogue has no section [sentences] for the narrative; import a newer "
           "catalogue (kc-collector catalogue import)"));
  return ERR_OK;
}

static err_t
build (const figures_t *f, const facts_t *facts, arena_t *arena, narrative_t *n, fail_t *fail)
{
  const bool en = n->meta.en;
  builder_t b = {.row = {f->catalogue, SENTENCES, 0, fail},
                 .facts = facts,
                 .arena = arena,
                 .years = n->years,
                 .en = en,
                 .missing = arena_alloc (arena, facts_count (facts) * sizeof *b.missing + 1)};
  if (b.missing == NULL)
    return ERR_NOMEM;
  err_t err = facts_eval (facts, f, n->years, arena, &n->fact, fail);
  n->facts = facts_count (facts);
  b.fact = n->fact;
  if (err == ERR_OK)
    err = add_rows (&b);
  n->block = b.block;
  n->blocks = b.blocks;
  n->gaps = b.gaps;
  if (err == ERR_OK)
    err = targets_read (f->catalogue, facts, f, en, n->fact, arena, n, fail);
  return err == ERR_OK ? narrative_notes (n, facts, f->catalogue, b.missing, arena) : err;
}

err_t
narrative_build (const figures_t *f, span_t years, bool en, arena_t *arena, narrative_t *out, fail_t *fail)
{
  narrative_t n = {.years = years};
  facts_t *facts = NULL;
  err_t err = can_be_told (f, fail);
  if (err == ERR_OK)
    err = facts_read (f->catalogue, &facts, fail);
  if (err == ERR_OK)
    err = render_meta_of (f, en, arena, &n.meta);
  if (err == ERR_OK)
    err = build (f, facts, arena, &n, fail);
  facts_destroy (&facts);
  if (err != ERR_OK)
    return fail_set (fail, err, "%s", err_words (err));
  *out = n;
  return ERR_OK;
}

/* ---- for those who write it ---- */

err_t
narrative_frame (const narrative_t *n, arena_t *arena, layout_frame_t *out)
{
  err_t err = layout_frame (NULL, 0, &n->meta, arena, out);
  if (err != ERR_OK)
    return err;
  const str_t years = layout_years (arena, n->years);
  out->title = layout_text (
      arena, n->meta.en ? "Industrial promotion report %.*s" : "Báo cáo khuyến công %.*s", STR_ARG (years));
  return out->title.p != NULL ? ERR_OK : ERR_NOMEM;
}

str_t
narrative_text (const block_t *b, arena_t *arena)
{
  buf_t text = BUF_INIT;
  for (size_t i = 0; i < b->runs; i++)
    buf_put (&text, b->run[i].text.p, b->run[i].text.n);
  str_t all = buf_ok (&text) ? arena_str (arena, (str_t){text.p != NULL ? text.p : "", text.n}) : STR_NONE;
  buf_free (&text);
  return all;
}

bool
narrative_next_line (str_t *rest, str_t *line)
{
  size_t n = 0;
  if (rest->p == NULL)
    return false;
  while (n < rest->n && rest->p[n] != '|' && rest->p[n] != '\n')
    n++;
  *line = (str_t){rest->p, n};
  while (line->n > 0 && line->p[0] == ' ')
    *line = (str_t){line->p + 1, line->n - 1};
  while (line->n > 0 && line->p[line->n - 1] == ' ')
    line->n--;
  *rest = n < rest->n ? (str_t){rest->p + n + 1, rest->n - n - 1} : STR_NONE;
  return true;
}
