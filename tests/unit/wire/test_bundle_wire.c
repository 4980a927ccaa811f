/* Bundles as files: there and back, and that none is believed of which anything is not as it was written. */
#include "common/crypto/crypto.h"
#include "common/crypto/seal.h"
#include "common/wire/bundle_wire.h"
#include "common/wire/message_wire.h"
#include "tests/fuzz/samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#define SERIAL 7u
static const message_type_t frames[] = {MSG_PRESENT, MSG_HELLO, MSG_CHUNK, MSG_CHUNK, MSG_PING};
#define FRAMES (sizeof frames / sizeof frames[0])

static curve_key_t to, to_secret, other, other_secret;
static sign_key_t signer, stranger;
static sign_secret_t signer_secret, stranger_secret;
static arena_t *arena;

static bundle_head_t
head_of (bundle_kind_t kind)
{
  return (bundle_head_t){.kind = kind, .centre = {{3}}, .to = to, .answers = {{9}}};
}

static void
make (bundle_kind_t kind, size_t n, buf_t *out)
{
  const bundle_head_t head = head_of (kind);
  bundle_writer_t *w = bundle_writer_new (&head, out);
  assert_non_null (w);
  for (size_t i = 0; i < n; i++) {
    const message_t m = sample_message (frames[i]);
    assert_true (bundle_has_room (w));
    assert_true (bundle_put (w, &m));
  }
  assert_true (bundle_end (w, SERIAL, &signer_secret));
  bundle_writer_destroy (&w);
}

static err_t
open_as (const buf_t *file, bundle_head_t want, const curve_key_t *secret)
{
  bundle_t *b = NULL;
  fail_t fail = {0};
  err_t err = bundle_open (buf_str (file), &want, secret, &b, &fail);
  assert_int_equal (fail.err, err);
  assert_true (err == ERR_OK || (b == NULL && fail.text[0] != '\0'));
  bundle_destroy (&b);
  return err;
}

static err_t
open_up (const buf_t *file)
{
  return open_as (file, head_of (BUNDLE_UP), &to_secret);
}

static void
there_and_back (void **state)
{
  (void)state;
  for (size_t n = 0; n <= FRAMES; n++) {
    buf_t file = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
    bundle_t *in = NULL;
    message_t m;
    bundle_head_t want = head_of (BUNDLE_REPLY);
    want.answers = (hash_t){{0}};
    make (BUNDLE_REPLY, n, &file);
    assert_int_equal (bundle_open (buf_str (&file), &want, &to_secret, &in, NULL), ERR_OK);
    assert_int_equal (bundle_serial (in), SERIAL);
    assert_int_equal (bundle_head (in)->answers.b[0], 9);
    assert_true (bundle_signed_by (in, &signer));
    assert_false (bundle_signed_by (in, &stranger));
    for (size_t i = 0; i < n; i++) {
      const message_t sent = sample_message (frames[i]);
      buf_clear (&a);
      buf_clear (&b);
      assert_int_equal (bundle_next_message (in, arena, &m), ERR_OK);
      assert_true (message_encode (&m, &a) && message_encode (&sent, &b));
      assert_true (str_eq (buf_str (&a), buf_str (&b)));
    }
    assert_int_equal (bundle_next_message (in, arena, &m), ERR_END);
    assert_int_equal (bundle_next_message (in, arena, &m), ERR_END);
    bundle_destroy (&in);
    buf_free (&file);
    buf_free (&a);
    buf_free (&b);
  }
}

static void
names_tell_bundles_apart (void **state)
{
  (void)state;
  hash_t name[4];
  for (size_t i = 0; i < 4; i++) {
    buf_t file = BUF_INIT;
    bundle_t *b = NULL;
    const bundle_head_t want = head_of (i == 3 ? BUNDLE_REPLY : BUNDLE_UP);
    make (want.kind, i == 3 ? 1 : i, &file);
    assert_int_equal (bundle_open (buf_str (&file), &want, &to_secret, &b, NULL), ERR_OK);
    name[i] = bundle_name (b);
    bundle_destroy (&b);
    buf_free (&file);
  }
  for (size_t i = 0; i < 4; i++)
    for (size_t k = 0; k < i; k++)
      assert_false (hash_eq (name[i], name[k]));
}

static void
every_changed_byte_is_found (void **state)
{
  (void)state;
  buf_t file = BUF_INIT;
  make (BUNDLE_UP, FRAMES, &file);
  assert_int_equal (open_up (&file), ERR_OK);
  for (size_t at = 0; at < file.n; at++) {
    const char bit = (char)(1 << at % 8);
    file.p[at] = (char)(file.p[at] ^ bit);
    const err_t err = open_up (&file);
    if (err != ERR_INPUT && err != ERR_FOREIGN)
      fail_msg ("byte %zu changed: %s", at, err_name (err));
    file.p[at] = (char)(file.p[at] ^ bit);
  }
  assert_int_equal (open_up (&file), ERR_OK);
  buf_free (&file);
}

static void
every_cut_is_found (void **state)
{
  (void)state;
  buf_t file = BUF_INIT;
  make (BUNDLE_UP, FRAMES, &file);
  const size_t whole = file.n;
  for (file.n = 0; file.n < whole; file.n++)
    if (open_up (&file) != ERR_INPUT)
      fail_msg ("cut to %zu bytes", file.n);
  buf_putc (&file, 'x');
  assert_int_equal (open_up (&file), ERR_INPUT);
  buf_free (&file);
}

/* Places of the records of a file: RECORDS_AT and each behind the one before. */
static size_t
records_of (const buf_t *file, size_t at[FRAMES + 2])
{
  size_t n = 0;
  for (size_t p = 8 + 16 + 32 + 32 + 8 + SEAL_START; p < file->n; n++) {
    assert_true (n < FRAMES + 1);
    at[n] = p;
    rd_t r = rd_of (file->p + p, 4);
    p += 4 + rd_u32 (&r);
  }
  at[n] = file->n;
  return n;
}

/* The file with its records in another order; -1 ends the list. The length in front fits. */
static void
rearrange (const buf_t *file, const int *order, buf_t *out)
{
  size_t at[FRAMES + 2];
  records_of (file, at);
  buf_put (out, file->p, at[0]);
  for (size_t i = 0; order[i] >= 0; i++)
    buf_put (out, file->p + at[order[i]], at[order[i] + 1] - at[order[i]]);
  for (unsigned i = 0; i < 8; i++)
    out->p[88 + i] = (char)(uint8_t)((uint64_t)out->n >> (56 - 8 * i));
}

static void
records_stand_where_they_stood (void **state)
{
  (void)state;
  static const struct {
    int order[9];
    err_t err;
  } rows[] = {
      {{0, 1, 2, 3, 4, 5, -1}, ERR_OK},       {{0, 1, 3, 2, 4, 5, -1}, ERR_INPUT},
      {{0, 1, 2, 3, 5, -1}, ERR_INPUT},       {{0, 1, 2, 2, 3, 4, 5, -1}, ERR_INPUT},
      {{0, 1, 2, 3, 4, -1}, ERR_INPUT},       {{5, -1}, ERR_INPUT},
      {{0, 1, 2, 3, 4, 5, 5, -1}, ERR_INPUT}, {{1, 2, 3, 4, 5, -1}, ERR_INPUT},
  };
  buf_t file = BUF_INIT, moved = BUF_INIT;
  make (BUNDLE_UP, FRAMES, &file);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    buf_clear (&moved);
    rearrange (&file, rows[i].order, &moved);
    if (open_up (&moved) != rows[i].err)
      fail_msg ("row %zu", i);
  }
  buf_free (&file);
  buf_free (&moved);
}

static void
it_is_for_one_place (void **state)
{
  (void)state;
  buf_t file = BUF_INIT;
  make (BUNDLE_UP, 2, &file);
  bundle_head_t want = head_of (BUNDLE_UP);
  want.answers = (hash_t){{1}};
  assert_int_equal (open_as (&file, want, &to_secret), ERR_OK); /* only told */
  want.centre.b[5] = 1;
  assert_int_equal (open_as (&file, want, &to_secret), ERR_FOREIGN);
  assert_int_equal (open_as (&file, head_of (BUNDLE_REPLY), &to_secret), ERR_FOREIGN);
  want = head_of (BUNDLE_UP);
  want.to = other;
  assert_int_equal (open_as (&file, want, &other_secret), ERR_FOREIGN);
  /* one that says it is for them, under our seal */
  memcpy (file.p + 24, other.b, sizeof other.b);
  assert_int_equal (open_as (&file, want, &other_secret), ERR_INPUT);
  assert_int_equal (open_as (&file, want, &to_secret), ERR_INPUT);
  buf_free (&file);
}

/* A file never gets larger than it may: what does not fit is left for another. */
static void
full_files_are_whole (void **state)
{
  (void)state;
  buf_t file = BUF_INIT;
  static char bytes[UPDATE_MAX];
  const str_t update = {bytes, sizeof bytes};
  message_t m = sample_message (MSG_CHUNK);
  m.u.chunk.updates = &update;
  m.u.chunk.updates_n = 1;
  const bundle_head_t head = head_of (BUNDLE_UP);
  bundle_writer_t *w = bundle_writer_new (&head, &file);
  assert_non_null (w);
  size_t n = 0;
  for (; bundle_has_room (w); n++)
    assert_true (bundle_put (w, &m));
  assert_true (bundle_end (w, SERIAL, &signer_secret));
  bundle_writer_destroy (&w);
  assert_true (file.n <= BUNDLE_FILE_MAX && file.n > BUNDLE_FILE_MAX - 2 * FRAME_MAX);
  assert_true (n > BUNDLE_FILE_MAX / UPDATE_MAX - 8);
  assert_int_equal (open_up (&file), ERR_OK);
  buf_free (&file);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test (there_and_back),
      cmocka_unit_test (names_tell_bundles_apart),
      cmocka_unit_test (every_changed_byte_is_found),
      cmocka_unit_test (every_cut_is_found),
      cmocka_unit_test (records_stand_where_they_stood),
      cmocka_unit_test (it_is_for_one_place),
      cmocka_unit_test (full_files_are_whole),
  };
  if (!crypto_init ())
    return 1;
  curve_keys_make (&to, &to_secret);
  curve_keys_make (&other, &other_secret);
  sign_keys_make (&signer, &signer_secret);
  sign_keys_make (&stranger, &stranger_secret);
  arena = arena_new (DECODE_BUDGET (FRAME_MAX));
  const int failed = cmocka_run_group_tests (tests, NULL, NULL);
  arena_destroy (&arena);
  return failed;
}
