/* Zip archives as bytes: what went in comes out, the same entries are the same bytes, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/sheet/zip_write.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define METHOD_AT 8u /* of an entry's head */
#define DATE_AT 12u
#define SIZE_AT 22u
#define NAME_SIZE_AT 26u
#define HEAD_SIZE 30u
#define FIRST_DAY 0x21u

static unsigned
u16 (const buf_t *b, size_t at)
{
  return (unsigned)(uint8_t)b->p[at] | (unsigned)(uint8_t)b->p[at + 1] << 8;
}

static void
one_archive (buf_t *out, str_t long_text)
{
  zip_write_t *z = zip_write_new (out);
  assert_non_null (z);
  assert_int_equal (zip_write_add (z, "mimetype", STR ("text/plain"), true), ERR_OK);
  assert_int_equal (zip_write_add (z, "a/content.xml", long_text, false), ERR_OK);
  assert_int_equal (zip_write_add (z, "empty", STR_NONE, false), ERR_OK);
  assert_int_equal (zip_write_finish (z), ERR_OK);
  zip_write_destroy (&z);
  assert_null (z);
}

static str_t
long_text (buf_t *room)
{
  for (unsigned i = 0; i < 10000; i++)
    buf_printf (room, "dòng %u\n", i);
  return buf_str (room);
}

static void
same_bytes (void **state)
{
  (void)state;
  buf_t room = BUF_INIT, one = BUF_INIT, two = BUF_INIT;
  str_t text = long_text (&room);
  setenv ("TZ", "Asia/Ho_Chi_Minh", 1);
  tzset ();
  one_archive (&one, text);
  setenv ("TZ", "America/New_York", 1);
  tzset ();
  one_archive (&two, text);
  unsetenv ("TZ");
  assert_true (str_eq (buf_str (&one), buf_str (&two)));
  buf_free (&room);
  buf_free (&one);
  buf_free (&two);
}

/* What an office program looks for without unpacking: the first entry, bare, at a known place. */
static void
first_entry_is_bare (void **state)
{
  (void)state;
  buf_t room = BUF_INIT, zip = BUF_INIT;
  one_archive (&zip, long_text (&room));
  assert_true (zip.n < room.n && zip.n > 200);
  assert_memory_equal (zip.p, "PK\3\4", 4);
  assert_int_equal (u16 (&zip, METHOD_AT), 0);
  assert_int_equal (u16 (&zip, DATE_AT), FIRST_DAY);
  assert_int_equal (u16 (&zip, SIZE_AT), strlen ("text/plain"));
  assert_int_equal (u16 (&zip, NAME_SIZE_AT), strlen ("mimetype"));
  assert_int_equal (u16 (&zip, NAME_SIZE_AT + 2), 0);
  assert_memory_equal (zip.p + HEAD_SIZE, "mimetypetext/plain", strlen ("mimetypetext/plain"));
  buf_free (&room);
  buf_free (&zip);
}

/* Behind what is in the buffer already, with offsets counted from its own start. */
static void
appends (void **state)
{
  (void)state;
  buf_t alone = BUF_INIT, behind = BUF_INIT;
  buf_puts (&behind, "before");
  one_archive (&alone, STR ("x"));
  one_archive (&behind, STR ("x"));
  assert_int_equal (behind.n, alone.n + strlen ("before"));
  assert_memory_equal (behind.p + strlen ("before"), alone.p, alone.n);
  buf_free (&alone);
  buf_free (&behind);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (same_bytes),
      cmocka_unit_test (first_entry_is_bare),
      cmocka_unit_test (appends),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
