/* import_parts.c - the header row and the keys seen in a file. */
#include "agent/entry/import_private.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/text/likeness.h"
#include "common/text/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- the header ---- */

#define UNKNOWN_TOLD 4u   /* columns that are not understood, by name */
#define UNKNOWN_BYTES 60u /* of such a name */

/* As people know it: “Năm kế hoạch” (plan_year). */
static void
put_column (buf_t *b, const column_t *col)
{
  if (lang_get () == LANG_VI && !str_blank (col->label_vi))
    buf_printf (b, "“%.*s” (%.*s)", STR_ARG (col->label_vi), STR_ARG (col->name));
  else
    buf_put (b, col->name.p, col->name.n);
}

static bool
has_column (const header_t *h, const columns_t *cs, int column)
{
  for (size_t i = 0; i < h->n; i++)
    if (columns_find (cs, h->name[i]) == column)
      return true;
  return false;
}

/* Required (or only key) columns of a kind that the header lacks. */
static size_t
missing_columns (const header_t *h, const columns_t *cs, bool only_key, buf_t *names)
{
  size_t n = 0;
  for (size_t i = 0; i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    if (!(only_key ? col->key && col->required : col->required) || has_column (h, cs, (int)i))
      continue;
    if (n++ > 0)
      buf_puts (names, ", ");
    put_column (names, col);
  }
  return n;
}

static size_t
present_columns (const header_t *h, const columns_t *cs)
{
  size_t n = 0;
  for (size_t i = 0; i < h->n; i++)
    n += columns_find (cs, h->name[i]) >= 0;
  return n;
}

static err_t
unsupported (kind_t kind, fail_t *fail)
{
  return fail_set (fail, ERR_INPUT,
                   L ("đây là tệp loại %s (%s), loại này không nhập từ tệp",
                      "this is a file of kind %s (%s), which is not imported"),
                   kind_name (kind), kind_words (kind));
}

bool
header_name_blank (str_t name)
{
  size_t i = 0;
  while (i < name.n && name.p[i] == ' ')
    i++;
  return i == name.n;
}

/* The column that a name is most like; NULL: none is near. */
static const column_t *
nearest_column (const columns_t *cs, str_t name)
{
  const column_t *best = NULL;
  unsigned most = LIKENESS_NEAR - 1;
  buf_t text = BUF_INIT, other = BUF_INIT;
  const bool folded = utf8_valid (name, NULL) && utf8_fold (name, &text);
  for (size_t i = 0; folded && i < columns_count (cs); i++) {
    const column_t *col = columns_at (cs, i);
    const str_t called[] = {col->name, col->label_vi, col->label_en};
    for (size_t k = 0; k < sizeof called / sizeof called[0]; k++) {
      buf_clear (&other);
      if (str_blank (called[k]) || !utf8_fold (called[k], &other))
        continue;
      const unsigned percent = likeness_percent (buf_str (&text), buf_str (&other));
      best = percent > most ? col : best;
      most = percent > most ? percent : most;
    }
  }
  buf_free (&text);
  buf_free (&other);
  return best;
}

/* "; nearest is plan_year (Plan year)", where one is near. */
static void
put_nearest (const columns_t *cs, str_t name, buf_t *out)
{
  const column_t *best = nearest_column (cs, name);
  if (best != NULL)
    buf_printf (out, L ("; gần nhất là %.*s (%.*s)", "; nearest is %.*s (%.*s)"), STR_ARG (best->name),
                STR_ARG (lang_get () == LANG_VI ? best->label_vi : best->label_en));
}

/* The names that the kind does not have, each with the column it may be meant for: “Ten de tai” (name?). */
static void
put_unknown (const header_t *h, const columns_t *cs, buf_t *out)
{
  size_t n = 0;
  for (size_t i = 0; i < h->n; i++) {
    str_t name = h->name[i];
    if (header_name_blank (name) || columns_find (cs, name) >= 0)
      continue;
    if (n++ == UNKNOWN_TOLD) {
      buf_puts (out, ", …");
      return;
    }
    const column_t *near = nearest_column (cs, name);
    const bool cut = name.n > UNKNOWN_BYTES;
    for (name.n = cut ? UNKNOWN_BYTES : name.n; cut && ((uint8_t)name.p[name.n] & 0xc0) == 0x80;)
      name.n--;
    buf_printf (out, "%s“%.*s%s”", n > 1 ? ", " : "", STR_ARG (name), cut ? "…" : "");
    if (near != NULL)
      buf_printf (out, " (%.*s?)", STR_ARG (near->name));
  }
}

static err_t
unknown_column (const columns_t *cs, str_t name, fail_t *fail)
{
  buf_t near = BUF_INIT;
  if (header_name_blank (name))
    return fail_set (
        fail, ERR_INPUT,
        L ("cột này không có tên; ghi tên cột, xóa cột thừa, hoặc dùng --ignore-unknown để bỏ qua",
           "this column has no name; name it, remove it, or use --ignore-unknown to skip it"));
  put_nearest (cs, name, &near);
  fail_set (fail, ERR_INPUT,
            L ("không có cột tên “%.*s” trong loại này%s; sửa tên cột, hoặc dùng --ignore-unknown để bỏ qua",
               "this kind has no column \"%.*s\"%s; mend its name, or use --ignore-unknown to skip it"),
            STR_ARG (name), buf_z (&near));
  buf_free (&near);
  return ERR_INPUT;
}

/* The kind that most of the header is of (of several the one that lacks least), to say what is missing for
 * it. */
static err_t
unrecognised (const header_t *h, const catalogue_t *c, fail_t *fail)
{
  static const kind_t kinds[] = {KIND_SCHEME,   KIND_OUTCOME, KIND_CONSULTING, KIND_STAFF,
                                 KIND_DOCUMENT, FORM_LEDGER,  FORM_BENEFICIARY};
  buf_t best = BUF_INIT, names = BUF_INIT, unknown = BUF_INIT;
  kind_t best_kind = KIND_NONE;
  size_t best_n = 0, best_present = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    columns_t *cs = columns_new (kinds[i], c);
    if (cs == NULL)
      continue;
    buf_clear (&names);
    const size_t n = missing_columns (h, cs, false, &names), present = present_columns (h, cs);
    if (best_kind == KIND_NONE || present > best_present || (present == best_present && n < best_n)) {
      best_kind = kinds[i];
      best_n = n;
      best_present = present;
      buf_clear (&best);
      buf_put (&best, names.p, names.n);
      buf_clear (&unknown);
      put_unknown (h, cs, &unknown);
    }
    columns_destroy (&cs);
  }
  buf_clear (&names);
  if (lang_get () == LANG_VI)
    buf_printf (&names, "%s (%s)", kind_words (best_kind), kind_name (best_kind));
  else
    buf_puts (&names, kind_name (best_kind));
  fail_set (
      fail, ERR_INPUT,
      L ("không nhận ra loại bản ghi từ dòng tiêu đề; gần nhất là %s nhưng thiếu cột: %s%s%s. Sửa tên cột "
         "hoặc thêm "
         "cột, hoặc dùng --kind nếu chỉ sửa bản ghi đã có",
         "the header fits no kind of record; nearest is %s, which lacks: %s%s%s. Mend the names or add the "
         "columns, or use --kind to change existing records only"),
      buf_z (&names), buf_z (&best), unknown.n > 0 ? L (". Không hiểu cột: ", ". Not understood: ") : "",
      buf_z (&unknown));
  buf_free (&best);
  buf_free (&names);
  buf_free (&unknown);
  return ERR_INPUT;
}

/* Which of the kind's columns is it? Unknown: refused by name, or skipped; twice: refused, known or not. */
static err_t
map_column (header_t *h, const csv_row_t *row, size_t i, bool ignore_unknown, const columns_t *cs,
            fail_t *fail)
{
  const str_t name = h->name[i];
  h->column[i] = columns_find (cs, name);
  if (h->column[i] < 0 && !ignore_unknown)
    return unknown_column (cs, name, fail);
  if (h->column[i] < 0 && header_name_blank (name))
    return ERR_OK;
  for (size_t k = 0; k < i; k++)
    if (h->column[k] == h->column[i] && (h->column[i] >= 0 || str_eq (h->name[k], name)))
      return fail_set (fail, ERR_INPUT,
                       L ("cột “%.*s” có hai lần trong dòng tiêu đề (lần đầu là cột %" PRIu32 "); hãy bỏ một",
                          "column \"%.*s\" stands twice in the header (first as column %" PRIu32
                          "); remove one"),
                       STR_ARG (name), row->cell[k].column);
  return ERR_OK;
}

static err_t
check_missing (const header_t *h, const columns_t *cs, bool only_key, fail_t *fail)
{
  buf_t names = BUF_INIT;
  const size_t n = missing_columns (h, cs, only_key, &names);
  if (n > 0)
    fail_set (fail, ERR_INPUT, L ("dòng tiêu đề thiếu cột: %s", "the header lacks the columns: %s"),
              buf_z (&names));
  buf_free (&names);
  return n > 0 ? ERR_INPUT : ERR_OK;
}

err_t
header_read (header_t *h, const csv_row_t *row, const import_options_t *options, const catalogue_t *c,
             columns_t **columns, fail_t *fail)
{
  if (row->n > CSV_COLUMNS_MAX) {
    fail_set (fail, ERR_INPUT, L ("quá %u cột", "more than %u columns"), CSV_COLUMNS_MAX);
    fail_at (fail, NULL, row->line, 0);
    return ERR_INPUT;
  }
  h->n = row->n;
  for (size_t i = 0; i < row->n; i++)
    h->name[i] = row->cell[i].text;
  h->kind = options->kind != KIND_NONE ? options->kind : columns_recognise (c, h->name, h->n);
  err_t err = h->kind == KIND_NONE ? unrecognised (h, c, fail) : ERR_OK;
  if (err == ERR_OK && (*columns = columns_new (h->kind, c)) == NULL)
    err = unsupported (h->kind, fail);
  for (size_t i = 0; i < h->n && err == ERR_OK; i++) {
    err = map_column (h, row, i, options->ignore_unknown, *columns, fail);
    if (err != ERR_OK)
      fail_at (fail, NULL, row->cell[i].line, row->cell[i].column);
  }
  if (err == ERR_OK)
    err = check_missing (h, *columns, options->kind != KIND_NONE, fail);
  fail_at (fail, NULL, row->line, 0);
  return err;
}

/* ---- keys ---- */

typedef struct {
  uint8_t hash[16];
  uint32_t line; /* 0: free */
} slot_t;

struct seen {
  slot_t *slot;
  size_t room, n; /* room: a power of two */
};

seen_t *
seen_new (void)
{
  seen_t *self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->room = 1024;
  self->slot = calloc (self->room, sizeof *self->slot);
  if (self->slot == NULL)
    seen_destroy (&self);
  return self;
}

void
seen_destroy (seen_t **self_p)
{
  if (*self_p == NULL)
    return;
  free ((*self_p)->slot);
  free (*self_p);
  *self_p = NULL;
}

static slot_t *
find_slot (slot_t *slots, size_t room, const uint8_t hash[16])
{
  uint64_t h;
  memcpy (&h, hash, sizeof h);
  for (size_t i = (size_t)h & (room - 1);; i = (i + 1) & (room - 1))
    if (slots[i].line == 0 || memcmp (slots[i].hash, hash, 16) == 0)
      return &slots[i];
}

static bool
grow (seen_t *self)
{
  slot_t *slots = calloc (self->room * 2, sizeof *slots);
  if (slots == NULL)
    return false;
  for (size_t i = 0; i < self->room; i++)
    if (self->slot[i].line != 0)
      *find_slot (slots, self->room * 2, self->slot[i].hash) = self->slot[i];
  free (self->slot);
  self->slot = slots;
  self->room *= 2;
  return true;
}

bool
seen_find (const seen_t *self, str_t key, uint32_t *line)
{
  const hash_t hash = hash_of (key);
  *line = find_slot (self->slot, self->room, hash.b)->line;
  return *line != 0;
}

bool
seen_add (seen_t *self, str_t key, uint32_t line, uint32_t *first)
{
  CHECK (line != 0);
  *first = 0;
  if (self->n * 2 >= self->room && !grow (self))
    return false;
  const hash_t hash = hash_of (key);
  slot_t *slot = find_slot (self->slot, self->room, hash.b);
  if (slot->line != 0) {
    *first = slot->line;
    return false;
  }
  memcpy (slot->hash, hash.b, sizeof slot->hash);
  slot->line = line;
  self->n++;
  return true;
}
