/* import_fonts.c - cells of a good file that are typed in letters of an old font (common/text/fonts.h):
 * refused, with what they say and the way to convert them. A column is judged when all of it has been seen.
 */
#include "agent/entry/import_private.h"

#include "common/base/lang.h"

#include <inttypes.h>

bool
import_fonts_begin (importer_t *im)
{
  im->fonts = fonts_new ();
  return im->fonts != NULL;
}

void
import_fonts_look (importer_t *im, const csv_row_t *row)
{
  for (size_t i = 0; i < row->n; i++)
    if (im->header.column[i] >= 0)
      fonts_look (im->fonts, i, row->cell[i].text, row->cell[i].line, row->cell[i].column);
}

void
import_fonts_tell (importer_t *im)
{
  buf_t samples = BUF_INIT;
  for (size_t i = 0; i < im->header.n; i++) {
    font_finding_t found;
    buf_clear (&samples);
    if (!fonts_found (im->fonts, i, &found, &samples))
      continue;
    buf_clear (&im->text);
    buf_printf (&im->text,
                L ("cột này có %" PRIu64
                   " ô gõ bằng phông cũ %s, không phải Unicode; đọc là: %s. Nếu đúng, hãy chuyển "
                   "bằng “kc-agent convert TỆP -o TỆP-MỚI” rồi nhập tệp mới",
                   "%" PRIu64
                   " cells of this column are in letters of %s, not in Unicode; they read: %s. If that is "
                   "right, convert them with \"kc-agent convert FILE -o NEW-FILE\" and import the new file"),
                found.cells, legacy_words (found.encoding), buf_z (&samples));
    import_tell_finding (im, &(import_finding_t){.line = found.line,
                                                 .column = found.at,
                                                 .column_name = im->header.name[i],
                                                 .text = buf_str (&im->text)});
  }
  buf_free (&samples);
}

bool
import_fonts_header (const csv_row_t *row, fail_t *fail)
{
  buf_t names = BUF_INIT, reading = BUF_INIT;
  for (size_t i = 0; i < row->n; i++) {
    buf_put (&names, row->cell[i].text.p, row->cell[i].text.n);
    buf_puts (&names, i + 1 < row->n ? "; " : "");
  }
  const legacy_t e = fonts_guess (buf_str (&names));
  const bool found = e != LEGACY_NONE && fonts_read (e, buf_str (&names), &reading);
  if (found)
    fail_set (fail, ERR_INPUT,
              L ("dòng tiêu đề gõ bằng phông cũ %s, không phải Unicode; đọc là: “%s”. Nếu đúng, hãy chuyển "
                 "bằng “kc-agent "
                 "convert TỆP -o TỆP-MỚI” rồi nhập tệp mới",
                 "the header is in letters of %s, not in Unicode; it reads: \"%s\". If that is right, "
                 "convert it with "
                 "\"kc-agent convert FILE -o NEW-FILE\" and import the new file"),
              legacy_words (e), buf_z (&reading));
  if (found)
    fail_at (fail, NULL, row->line, 0);
  buf_free (&names);
  buf_free (&reading);
  return found;
}
