#include "common/view/catalogue_read.h"

#include "common/platform/platform.h"
#include "common/report/narrative.h"

err_t
catalogue_read (const char *path, buf_t *out, fail_t *fail)
{
  catalogue_t *c = NULL;
  err_t err = file_read (path, CATALOGUE_FILE_MAX, out, fail);
  if (err == ERR_OK) {
    c = catalogue_parse (buf_str (out), 1, fail);
    err = c != NULL ? narrative_check (c, fail) : ERR_INPUT;
  }
  catalogue_destroy (&c);
  if (err == ERR_OK)
    return ERR_OK;
  err = fail_set (fail, err, "%s", err_words (err));
  fail_at (fail, path, 0, 0);
  return err;
}
