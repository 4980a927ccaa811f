/* cmd_init.c - init: makes the centre's directory. */
#include "collector/cli/commands.h"

#include "common/base/lang.h"
#include "common/platform/platform.h"
#include "common/shipped/catalogue.h"
#include "common/view/catalogue_read.h"

#include <stdio.h>

/* "512M", "4G", bytes. */
static bool
size_parse (const char *text, uint64_t *out)
{
  uint64_t v = 0;
  const char *p = text;
  for (; *p >= '0' && *p <= '9'; p++) {
    if (v > UINT64_MAX / 10 - 10)
      return false;
    v = v * 10 + (uint64_t)(*p - '0');
  }
  if (p == text)
    return false;
  unsigned shift = 0;
  switch (*p) {
  case 'k':
  case 'K':
    shift = 10;
    break;
  case 'm':
  case 'M':
    shift = 20;
    break;
  case 'g':
  case 'G':
    shift = 30;
    break;
  case 't':
  case 'T':
    shift = 40;
    break;
  case '\0':
    break;
  default:
    return false;
  }
  if (shift != 0)
    p++;
  if (p[0] == 'i' && p[1] == 'B')
    p += 2;
  if (*p != '\0' || v > MAP_SIZE_MAX >> shift)
    return false;
  *out = v << shift;
  return *out >= MAP_SIZE_MIN;
}

int
cmd_init (const args_t *a)
{
  const char *dir = args_operand (a, 0), *path = args_value (a, "catalogue"),
             *size = args_value (a, "map-size");
  buf_t file = BUF_INIT;
  fail_t fail = {0};
  uint64_t map_size = 0;
  str_t catalogue = {(const char *)shipped_catalogue, shipped_catalogue_size};
  if (size != NULL && !size_parse (size, &map_size))
    return args_usage (a,
                       L ("--map-size “%s” không phải dung lượng như 4G, ít nhất 1M",
                          "--map-size \"%s\" is no size such as 4G, at least 1M"),
                       size);
  err_t err = ERR_OK;
  if (path != NULL) {
    err = catalogue_read (path, &file, &fail);
    catalogue = buf_str (&file);
  }
  if (err == ERR_OK) {
    err = ledger_init (dir, catalogue, map_size, clock_wall (), &fail);
    if (path != NULL && (fail.line != 0 || fail.err == ERR_INPUT))
      snprintf (fail.where, sizeof fail.where, "%s", path);
  }
  buf_free (&file);
  if (err != ERR_OK) {
    fail_set (&fail, err, "%s", err_words (err));
    return args_fail (a, &fail);
  }
  fprintf (stderr,
           L ("Đã tạo kho của trung tâm ở %s.\nHãy cất %s/authority.key ở nơi an toàn ngoài máy này.\n"
              "Tiếp theo: kc-collector serve %s\n",
              "The centre's store is in %s.\nKeep %s/authority.key in a safe place away from this machine.\n"
              "Next: kc-collector serve %s\n"),
           dir, dir, dir);
  return 0;
}
