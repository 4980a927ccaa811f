#include "common/report/office.h"

#include "common/platform/platform.h"
#include "common/report/narrative_private.h"

#include <stdio.h>

#define ARENA_BUDGET ((size_t)16 << 20)

#define BODY .align = OFFICE_JUSTIFIED, .size = 28, .before = 60, .after = 60, .indent = 720
#define HEADING(n) .bold = true, .keep_with_next = true, .size = 28, .level = (n)

static const unsigned frame_width[] = {42, 58};
static const unsigned sign_width[] = {50, 50};

enum { TABLE_FRAME = 0, TABLE_TARGETS, TABLE_SIGN };
const office_table_t office_tables[] = {
    [TABLE_FRAME] = {"Frame", frame_width, 2, false},
    [TABLE_TARGETS] = {"Targets", target_width, TARGET_COLUMNS, true},
    [TABLE_SIGN] = {"Sign", sign_width, 2, false},
    {NULL, NULL, 0, false},
};

const office_style_t office_styles[] = {
    {.name = "Frame", .align = OFFICE_CENTRE, .size = 26},
    {.name = "FrameStrong", .align = OFFICE_CENTRE, .bold = true, .size = 24},
    {.name = "FrameMotto", .align = OFFICE_CENTRE, .bold = true, .size = 26},
    {.name = "FrameRule", .align = OFFICE_CENTRE, .rule = true, .size = 4, .after = 120, .inset = 1150},
    {.name = "FrameDate", .align = OFFICE_CENTRE, .italic = true, .size = 26},
    {.name = "Title",
     .align = OFFICE_CENTRE,
     .bold = true,
     .keep_with_next = true,
     .size = 30,
     .before = 360},
    {.name = "Subtitle", .align = OFFICE_CENTRE, .bold = true, .size = 28, .inset = 300},
    {.name = "TitleRule", .align = OFFICE_CENTRE, .rule = true, .size = 4, .after = 240, .inset = 3500},
    {.name = "Addressee", .align = OFFICE_CENTRE, .size = 28, .before = 120, .after = 240},
    {.name = "Heading1", .align = OFFICE_CENTRE, HEADING (1), .before = 300, .after = 120},
    {.name = "Heading2", HEADING (2), .before = 200, .after = 100, .indent = 720},
    {.name = "Heading3", HEADING (3), .before = 160, .after = 80, .indent = 720},
    {.name = "Heading4", HEADING (4), .italic = true, .before = 120, .after = 60, .indent = 720},
    {.name = "Text", BODY},
    {.name = "Prompt", BODY, .italic = true},
    {.name = "TableHead",
     .align = OFFICE_CENTRE,
     .bold = true,
     .size = 22,
     .before = 20,
     .after = 20,
     .inset = 70},
    {.name = "TableCell", .align = OFFICE_CENTRE, .size = 22, .before = 20, .after = 20, .inset = 70},
    {.name = "TableLabel", .size = 22, .before = 20, .after = 20, .inset = 70},
    {.name = "Between", .size = 4},
    {.name = "RecipientHead", .bold = true, .italic = true, .size = 24, .before = 360},
    {.name = "Recipient", .size = 22},
    {.name = "Signer", .align = OFFICE_CENTRE, .bold = true, .size = 28, .before = 360},
    {.name = "SignerNext", .align = OFFICE_CENTRE, .bold = true, .size = 28},
    {.name = "SignRoom", .size = 28, .after = 1400},
    {.name = "NoteFirst", .align = OFFICE_JUSTIFIED, .size = 20, .before = 240, .after = 40},
    {.name = "Note", .align = OFFICE_JUSTIFIED, .size = 20, .after = 40},
    {.name = "Foot", .tab = true, .size = 16},
    {.name = NULL},
};

typedef struct {
  const narrative_t *n;
  const office_dialect_t *d;
  buf_t *out;
  arena_t *arena;
} office_t;

static void
put_line (const office_t *o, const char *style, str_t text)
{
  o->d->paragraph (o->out, style, 0);
  if (!str_blank (text))
    o->d->run (o->out, RUN_TEXT, text);
  o->d->paragraph_end (o->out, 0);
}

static void
put_line_if_any (const office_t *o, const char *style, str_t text)
{
  if (!str_blank (text))
    put_line (o, style, text);
}

static void
put_frame (const office_t *o, const layout_frame_t *f)
{
  const office_table_t *t = &office_tables[TABLE_FRAME];
  o->d->table (o->out, t);
  o->d->row (o->out, false);
  o->d->cell (o->out, t, 0);
  put_line_if_any (o, "Frame", f->above);
  put_line (o, "FrameStrong", f->issuer);
  put_line (o, "FrameRule", STR_NONE);
  put_line (o, "Frame", f->number);
  o->d->cell_end (o->out);
  o->d->cell (o->out, t, 1);
  put_line (o, "FrameStrong", f->state);
  put_line (o, "FrameMotto", f->motto);
  put_line (o, "FrameRule", STR_NONE);
  put_line (o, "FrameDate", f->date);
  o->d->cell_end (o->out);
  o->d->row_end (o->out, false);
  o->d->table_end (o->out);
}

static void
put_runs (const office_t *o, const char *style, unsigned level, const char *before, const block_t *b)
{
  o->d->paragraph (o->out, style, level);
  if (before[0] != '\0')
    o->d->run (o->out, RUN_TEXT, str_of (before));
  for (size_t i = 0; i < b->runs; i++)
    o->d->run (o->out, b->run[i].kind, b->run[i].text);
  o->d->paragraph_end (o->out, level);
}

static void
put_target_rows (const office_t *o, const office_table_t *t)
{
  buf_t text = BUF_INIT;
  for (size_t i = 0; i < o->n->targets; i++) {
    o->d->row (o->out, false);
    for (size_t c = 0; c < t->columns; c++) {
      buf_clear (&text);
      bool gap = target_cell (o->n, &o->n->target[i], c, &text);
      o->d->cell (o->out, t, c);
      o->d->paragraph (o->out, c == 1 ? "TableLabel" : "TableCell", 0);
      o->d->run (o->out, gap ? RUN_GAP : RUN_TEXT, buf_str (&text));
      o->d->paragraph_end (o->out, 0);
      o->d->cell_end (o->out);
    }
    o->d->row_end (o->out, false);
  }
  o->out->failed = o->out->failed || !buf_ok (&text);
  buf_free (&text);
}

static void
put_targets (const office_t *o, const block_t *b)
{
  const office_table_t *t = &office_tables[TABLE_TARGETS];
  put_runs (o, "Text", 0, "", b);
  o->d->table (o->out, t);
  o->d->row (o->out, true);
  for (size_t c = 0; c < t->columns; c++) {
    o->d->cell (o->out, t, c);
    put_line (o, "TableHead", target_heading (o->n, c));
    o->d->cell_end (o->out);
  }
  o->d->row_end (o->out, true);
  put_target_rows (o, t);
  o->d->table_end (o->out);
}

static void
put_block (const office_t *o, const block_t *b)
{
  char heading[] = "Heading1";
  switch (b->kind) {
  case BLOCK_TITLE:
    put_runs (o, "Title", 0, "", b);
    break;
  case BLOCK_SUBTITLE:
    put_runs (o, "Subtitle", 0, "", b);
    put_line (o, "TitleRule", STR_NONE);
    break;
  case BLOCK_ADDRESSEE:
    put_runs (o, "Addressee", 0, "", b);
    break;
  case BLOCK_HEADING:
    heading[sizeof heading - 2] = (char)('0' + b->level);
    put_runs (o, heading, b->level, "", b);
    break;
  case BLOCK_PARAGRAPH:
  case BLOCK_RUN:
    put_runs (o, "Text", 0, "", b);
    break;
  case BLOCK_ITEM:
    put_runs (o, "Text", 0, "- ", b);
    break;
  case BLOCK_PROMPT:
    put_runs (o, "Prompt", 0, "", b);
    break;
  case BLOCK_TARGETS:
    put_targets (o, b);
    break;
  case BLOCK_RECIPIENTS: /* beside the signature */
  case BLOCK_COUNT:
    break;
  }
}

static size_t
put_recipients (const office_t *o)
{
  size_t lines = 0;
  for (size_t i = 0; i < o->n->blocks; i++) {
    const block_t *b = &o->n->block[i];
    str_t rest = b->kind == BLOCK_RECIPIENTS ? narrative_text (b, o->arena) : STR_NONE, line;
    while (narrative_next_line (&rest, &line))
      put_line (o, lines++ == 0 ? "RecipientHead" : "Recipient", line);
  }
  return lines;
}

static void
put_sign (const office_t *o, const layout_frame_t *f)
{
  const office_table_t *t = &office_tables[TABLE_SIGN];
  str_t rest = f->signer, line;
  const char *style = "Signer";
  put_line (o, "Between", STR_NONE); /* two tables would be taken for one */
  o->d->table (o->out, t);
  o->d->row (o->out, false);
  o->d->cell (o->out, t, 0);
  if (put_recipients (o) == 0) /* a cell holds a paragraph at least */
    put_line (o, "Recipient", STR_NONE);
  o->d->cell_end (o->out);
  o->d->cell (o->out, t, 1);
  for (; narrative_next_line (&rest, &line); style = "SignerNext")
    put_line (o, style, line);
  put_line (o, "SignRoom", STR_NONE);
  o->d->cell_end (o->out);
  o->d->row_end (o->out, false);
  o->d->table_end (o->out);
}

err_t
office_body (const narrative_t *n, const office_dialect_t *d, buf_t *out)
{
  layout_frame_t frame;
  office_t o = {n, d, out, arena_new (ARENA_BUDGET)};
  err_t err = o.arena != NULL ? narrative_frame (n, o.arena, &frame) : ERR_NOMEM;
  if (err == ERR_OK) {
    put_frame (&o, &frame);
    for (size_t i = 0; i < n->blocks; i++)
      put_block (&o, &n->block[i]);
    put_sign (&o, &frame);
    for (size_t i = 0; i < n->notes; i++)
      put_line (&o, i == 0 ? "NoteFirst" : "Note", n->note[i]);
    err = buf_ok (out) ? ERR_OK : ERR_NOMEM;
  }
  arena_destroy (&o.arena);
  return err;
}

void
office_foot (const narrative_t *n, buf_t *out)
{
  buf_printf (out, n->meta.en ? "Position %.*s, seal %.*s" : "Vị trí sổ %.*s, dấu niêm %.*s",
              STR_ARG (n->meta.position), STR_ARG (n->meta.seal));
}

err_t
office_facts (const narrative_t *n, buf_t *title, buf_t *created)
{
  layout_frame_t frame;
  arena_t *arena = arena_new (ARENA_BUDGET);
  err_t err = arena != NULL ? narrative_frame (n, arena, &frame) : ERR_NOMEM;
  if (err == ERR_OK) {
    buf_put (title, frame.title.p, frame.title.n);
    wall_format_iso (n->meta.at, created);
    err = buf_ok (title) && buf_ok (created) ? ERR_OK : ERR_NOMEM;
  }
  arena_destroy (&arena);
  return err;
}
