/* cmd_convert.c - convert: a file in an old encoding into UTF-8. */
#include "agent/cli/commands.h"

#include "agent/entry/convert.h"
#include "agent/entry/known_words.h"
#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/shipped/catalogue.h"

#include <inttypes.h>
#include <stdio.h>

/* On stderr: stdout may be the file. */
static void
say (const convert_result_t *r, buf_t *samples)
{
  const legacy_t found[] = {r->from, r->also};
  buf_t words = BUF_INIT;
  known_encodings_words (found, r->also != LEGACY_NONE ? 2 : 1, &words);
  if (r->whole)
    fprintf (stderr, L ("Đã chuyển cả tệp từ %s sang UTF-8", "The whole file was converted from %s to UTF-8"),
             buf_z (&words));
  else
    fprintf (stderr,
             L ("Đã chuyển %" PRIu64 " ô chữ phông cũ %s sang Unicode",
                "%" PRIu64 " cells in letters of %s were converted to Unicode"),
             r->cells, legacy_words (r->from));
  if (samples->n > 0)
    fprintf (stderr, L ("; ví dụ: %s", "; for example: %s"), buf_z (samples));
  fprintf (stderr, L (".\nHãy xem lại rồi nhập tệp mới.\n", ".\nLook it over, then import the new file.\n"));
  if (r->lost > 0)
    fprintf (stderr,
             L ("Lưu ý: %" PRIu64 " chỗ không đọc được, trong tệp mới là dấu �.\n",
                "Note: %" PRIu64 " signs cannot be read; in the new file they are �.\n"),
             r->lost);
  buf_free (&words);
}

static int
read_options (const args_t *a, legacy_t *from)
{
  const char *name = args_value (a, "from"), *out = args_value (a, "o");
  *from = legacy_of_name (str_of (name));
  if (name != NULL && *from == LEGACY_NONE)
    return args_usage (a, L ("--from phải là tcvn3, vni, viscii hoặc cp1258",
                             "--from must be tcvn3, vni, viscii or cp1258"));
  if (out != NULL && strcmp (out, args_operand (a, 0)) == 0)
    return args_usage (a, L ("tệp mới phải khác tệp cũ: hãy giữ tệp gốc",
                             "the new file must be another: keep the original"));
  return 0;
}

int
cmd_convert (const args_t *a)
{
  fail_t fail = {0};
  buf_t file = BUF_INIT, out = BUF_INIT, samples = BUF_INIT;
  convert_result_t result;
  legacy_t from;
  int code = read_options (a, &from);
  if (code != 0)
    return code;
  catalogue_t *c =
      catalogue_parse ((str_t){(const char *)shipped_catalogue, shipped_catalogue_size}, 1, &fail);
  err_t err = c != NULL ? file_read (args_operand (a, 0), IMPORT_FILE_MAX, &file, &fail) : fail.err;
  if (err == ERR_OK)
    err = convert_file (buf_str (&file), from, c, args_excel (a), &out, &samples, &result, &fail);
  if (err != ERR_OK) {
    fail_at (&fail, args_operand (a, 0), 0, 0);
    code = answer_fail (a, err, &fail);
  } else if ((code = put_out (a, &out)) == 0)
    say (&result, &samples);
  catalogue_destroy (&c);
  buf_free (&file);
  buf_free (&out);
  buf_free (&samples);
  return code;
}
