/* Bundles. The first byte says what the rest is: 'f' the file itself, which the fuzzer can only spoil; else
 * the inside, records by their lengths, put under a seal of our own so that it gets to what lies behind it.
 */
#include "common/crypto/crypto.h"
#include "common/crypto/seal.h"
#include "common/wire/bundle_wire.h"
#include "tests/fuzz/samples.h"
#include "tests/fuzz/target.h"

#define PLAIN_SIZE 88u

static void
read_all (str_t file, const curve_key_t *secret)
{
  bundle_t *b = NULL;
  message_t m;
  fail_t fail = {0};
  bundle_head_t want = sample_bundle_head ();
  if (file.n > 4 && file.p[4] == BUNDLE_REPLY)
    want.kind = BUNDLE_REPLY;
  arena_t *arena = arena_new (32u << 20);
  if (arena == NULL)
    return;
  err_t err = bundle_open (file, &want, secret, &b, &fail);
  CHECK (err == ERR_OK || fail.text[0] != '\0');
  while (err == ERR_OK) {
    err = bundle_next_message (b, arena, &m);
    if (err == ERR_MALFORMED || err == ERR_TOO_BIG || err == ERR_VERSION)
      err = ERR_OK; /* a frame of nonsense: the next one is looked at */
  }
  bundle_destroy (&b);
  arena_destroy (&arena);
}

/* Each frame: two bytes of length, then its bytes. The end that counts them is put behind. */
static void
seal_up (str_t inside, buf_t *out)
{
  buf_t plain = BUF_INIT, end = BUF_INIT;
  uint64_t frames = 0, bytes = 0;
  const bundle_head_t head = sample_bundle_head ();
  uint8_t start[SEAL_START];
  rd_t r = rd_of (inside.p, inside.n);
  seal_t *seal = seal_new (&head.to, start);
  CHECK (seal != NULL);
  buf_puts (out, "KCB1");
  buf_u32 (out, (uint32_t)head.kind << 24);
  buf_put (out, head.centre.b, sizeof head.centre.b);
  buf_put (out, head.to.b, sizeof head.to.b);
  buf_put (out, head.answers.b, sizeof head.answers.b);
  CHECK (buf_ok (out) && out->n == PLAIN_SIZE);
  buf_put (&plain, out->p, PLAIN_SIZE);
  buf_u64 (out, 0);
  buf_put (out, start, sizeof start);
  while (r.n >= 2) {
    const size_t n = rd_u16 (&r);
    const str_t record = rd_bytes (&r, n < r.n ? n : r.n);
    buf_u32 (out, (uint32_t)(record.n + SEAL_EXTRA));
    CHECK (seal_put (seal, record, buf_str (&plain), false, out));
    frames++;
    bytes += record.n;
  }
  buf_u64 (&end, frames);
  buf_u64 (&end, bytes);
  buf_put (&end, (uint8_t[68]){0}, 68);
  buf_u32 (out, (uint32_t)(end.n + SEAL_EXTRA));
  CHECK (seal_put (seal, buf_str (&end), buf_str (&plain), true, out));
  for (unsigned i = 0; i < 8; i++)
    out->p[PLAIN_SIZE + i] = (char)(uint8_t)((uint64_t)out->n >> (56 - 8 * i));
  seal_destroy (&seal);
  buf_free (&plain);
  buf_free (&end);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const curve_key_t secret = sample_bundle_secret ();
  buf_t file = BUF_INIT;
  if (size == 0 || !crypto_init ())
    return 0;
  const str_t rest = {(const char *)data + 1, size - 1};
  if (data[0] == 'f')
    read_all (rest, &secret);
  else {
    seal_up (rest, &file);
    read_all (buf_str (&file), &secret);
  }
  buf_free (&file);
  return 0;
}
