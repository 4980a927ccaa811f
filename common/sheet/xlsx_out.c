#include "common/sheet/xlsx_out.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/sheet/xlsx_parts.h"
#include "common/text/utf8.h"

#include <stdlib.h>

#define CELL_BYTES_MAX 32767u /* Excel counts UTF-16 units, of which there are never more than bytes */
#define TEXT_BUDGET ((size_t)256 << 20)
#define FILE_MAX_BYTES ((size_t)512 << 20)

struct xlsx_out {
  lxw_workbook *workbook; /* NULL once closed */
  buf_t path;
  arena_t *texts;
};

xlsx_out_t *
xlsx_out_new (wall_t created, const char *title, fail_t *fail)
{
  xlsx_out_t *self = calloc (1, sizeof *self);
  if (self == NULL || (self->texts = arena_new (TEXT_BUDGET)) == NULL) {
    (void)fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    goto failed;
  }
  if (file_temporary (&self->path, fail) != ERR_OK)
    goto failed;
  self->workbook = workbook_new (buf_z (&self->path));
  const char *clean = xlsx_out_text (self, str_of (title));
  if (self->workbook == NULL || clean == NULL) {
    (void)fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
    goto failed;
  }
  lxw_doc_properties properties = {.title = (char *)(uintptr_t)clean, .created = (time_t)(created.ms / 1000)};
  if (properties.created == 0) /* the library takes 0 for now */
    properties.created = 1;
  workbook_set_properties (self->workbook, &properties);
  return self;
failed:
  xlsx_out_destroy (&self);
  return NULL;
}

void
xlsx_out_destroy (xlsx_out_t **self_p)
{
  xlsx_out_t *self = *self_p;
  if (self == NULL)
    return;
  lxw_workbook_free (self->workbook);
  if (self->path.n > 0)
    file_remove (buf_z (&self->path));
  buf_free (&self->path);
  arena_destroy (&self->texts);
  free (self);
  *self_p = NULL;
}

lxw_workbook *
xlsx_out_workbook (xlsx_out_t *self)
{
  CHECK (self->workbook != NULL);
  return self->workbook;
}

/* A text that holds "_x000D_" as such would be read as a carriage return. */
static void
escape (str_t s, buf_t *out)
{
  uint32_t unit;
  for (size_t i = 0; i < s.n; i++) {
    if (xlsx_escape_at (s, i, &unit))
      buf_puts (out, "_x005F");
    buf_putc (out, s.p[i]);
  }
}

const char *
xlsx_out_text (xlsx_out_t *self, str_t text)
{
  if (str_blank (text))
    return "";
  buf_t clean = BUF_INIT, escaped = BUF_INIT;
  utf8_put_clean (&clean, text, true);
  escape (buf_str (&clean), &escaped);
  if (escaped.n > CELL_BYTES_MAX)
    for (escaped.n = CELL_BYTES_MAX; ((uint8_t)escaped.p[escaped.n] & 0xC0) == 0x80;)
      escaped.n--;
  const char *kept =
      buf_ok (&clean) && buf_ok (&escaped) ? arena_str (self->texts, buf_str (&escaped)).p : NULL;
  buf_free (&clean);
  buf_free (&escaped);
  return kept;
}

err_t
xlsx_out_finish (xlsx_out_t *self, buf_t *out, fail_t *fail)
{
  CHECK (self->workbook != NULL);
  lxw_error error = workbook_close (self->workbook); /* frees it, whatever comes of it */
  self->workbook = NULL;
  if (error == LXW_ERROR_MEMORY_MALLOC_FAILED)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  if (error != LXW_NO_ERROR)
    return fail_set (
        fail, ERR_IO,
        L ("không ghi được sổ tính (%s); xem đĩa chứa tệp tạm còn chỗ không",
           "the workbook cannot be written (%s); see whether the disk for temporary files is full"),
        lxw_strerror (error));
  return file_read (buf_z (&self->path), FILE_MAX_BYTES, out, fail);
}
