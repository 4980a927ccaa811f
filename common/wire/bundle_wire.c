/* bundle_wire.c - the file of a bundle.
 *
 *   "KCB1" kind 0 0 0 ‖ centre id ‖ CURVE key it is sealed to ‖ name of the bundle it answers (or zeros)
 *   length of the file ‖ start of the seal
 *   records: length ‖ sealed frame …
 *   last record: length ‖ sealed (number of frames ‖ sum of their bytes ‖ serial ‖ signature)
 *
 * Integers are big-endian. The seal keeps the records together: none can be changed, dropped, repeated or
 * moved, and every one of them vouches for the plain part in front. Who wrote them is said by the signature
 * over a running hash of the frames, which is the bundle's name. The length in front is for words: it tells a
 * file that was cut while it was copied from one that was changed. A file is read twice under one key, once
 * to be believed and once to be taken, so what is taken is what was looked at. */
#include "common/wire/bundle_wire.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/crypto/seal.h"
#include "common/wire/message_wire.h"

#include <inttypes.h>
#include <stdlib.h>

#define MAGIC "KCB"
#define FORM '1'
#define PLAIN_SIZE (8u + 16u + 32u + 32u)
#define LENGTH_AT PLAIN_SIZE
#define SEAL_AT (LENGTH_AT + 8u)
#define RECORDS_AT (SEAL_AT + SEAL_START)
#define END_SIZE (8u + 8u + 4u + 64u)
#define END_RECORD (4u + END_SIZE + SEAL_EXTRA)

typedef struct {
  uint64_t frames, bytes;
  hash_t name;
} account_t;

/* The name says all there is: where the file goes, each frame, how many they are, who signed. */
static void
account_frame (account_t *a, str_t frame)
{
  a->frames++;
  a->bytes += frame.n;
  a->name = chain_next (a->name, frame);
}

static hash_t
account_end (const account_t *a, uint32_t serial)
{
  buf_t b = BUF_INIT;
  buf_u64 (&b, a->frames);
  buf_u64 (&b, a->bytes);
  buf_u32 (&b, serial);
  const hash_t name = hash_of2 ((str_t){(const char *)a->name.b, sizeof a->name.b}, buf_str (&b));
  CHECK (buf_ok (&b));
  buf_free (&b);
  return name;
}

static str_t
name_bytes (const hash_t *name)
{
  return (str_t){(const char *)name->b, sizeof name->b};
}

/* ---- writing ---- */

struct bundle_writer {
  seal_t *seal;
  buf_t *out;
  size_t at; /* where the file begins in it */
  account_t account;
  buf_t frame;
  char plain[PLAIN_SIZE];
};

bundle_writer_t *
bundle_writer_new (const bundle_head_t *head, buf_t *out)
{
  uint8_t start[SEAL_START];
  bundle_writer_t *w = calloc (1, sizeof *w);
  if (w == NULL)
    return NULL;
  w->out = out;
  w->at = out->n;
  w->seal = seal_new (&head->to, start);
  buf_puts (out, MAGIC);
  buf_putc (out, FORM);
  buf_u32 (out, (uint32_t)head->kind << 24);
  buf_put (out, head->centre.b, sizeof head->centre.b);
  buf_put (out, head->to.b, sizeof head->to.b);
  buf_put (out, head->answers.b, sizeof head->answers.b);
  if (w->seal == NULL || !buf_ok (out)) {
    bundle_writer_destroy (&w);
    return NULL;
  }
  memcpy (w->plain, out->p + w->at, PLAIN_SIZE);
  w->account.name = hash_of ((str_t){w->plain, PLAIN_SIZE});
  buf_u64 (out, 0);
  buf_put (out, start, sizeof start);
  return w;
}

void
bundle_writer_destroy (bundle_writer_t **self_p)
{
  bundle_writer_t *w = *self_p;
  if (w == NULL)
    return;
  seal_destroy (&w->seal);
  buf_free (&w->frame);
  free (w);
  *self_p = NULL;
}

static bool
put_record (bundle_writer_t *w, str_t bytes, bool last)
{
  buf_u32 (w->out, (uint32_t)(bytes.n + SEAL_EXTRA));
  return seal_put (w->seal, bytes, (str_t){w->plain, PLAIN_SIZE}, last, w->out) && buf_ok (w->out);
}

bool
bundle_put (bundle_writer_t *w, const message_t *m)
{
  buf_clear (&w->frame);
  if (!message_encode (m, &w->frame))
    return false;
  account_frame (&w->account, buf_str (&w->frame));
  return put_record (w, buf_str (&w->frame), false);
}

bool
bundle_has_room (const bundle_writer_t *w)
{
  return w->out->n - w->at + 4 + FRAME_MAX + SEAL_EXTRA + END_RECORD <= BUNDLE_FILE_MAX;
}

bool
bundle_end (bundle_writer_t *w, uint32_t serial, const sign_secret_t *secret)
{
  const hash_t name = account_end (&w->account, serial);
  const signature_t signature = sign_make (SIGN_BUNDLE, name_bytes (&name), secret);
  const uint64_t length = w->out->n - w->at + END_RECORD;
  buf_clear (&w->frame);
  buf_u64 (&w->frame, w->account.frames);
  buf_u64 (&w->frame, w->account.bytes);
  buf_u32 (&w->frame, serial);
  buf_put (&w->frame, signature.b, sizeof signature.b);
  if (!buf_ok (&w->frame) || !put_record (w, buf_str (&w->frame), true))
    return false;
  CHECK (w->out->n - w->at == length && length <= BUNDLE_FILE_MAX);
  for (unsigned i = 0; i < 8; i++)
    w->out->p[w->at + LENGTH_AT + i] = (char)(uint8_t)(length >> (56 - 8 * i));
  return true;
}

/* ---- reading ---- */

struct bundle {
  bundle_head_t head;
  str_t file;
  seal_t *seal;
  size_t at; /* of the next record */
  uint32_t serial;
  signature_t signature;
  hash_t name;
  char frame[FRAME_MAX];
};

static err_t
fail_changed (fail_t *fail)
{
  return fail_set (
      fail, ERR_INPUT,
      L ("tệp trao đổi đã bị thay đổi, không lấy gì từ nó; hãy chép lại từ nơi đã xuất",
         "the bundle was changed, nothing is taken of it; copy it again from where it was made"));
}

/* The plain part, and whether the file is as long as it says. */
static err_t
read_head (str_t file, bundle_head_t *out, fail_t *fail)
{
  rd_t r = rd_of (file.p, file.n);
  const str_t magic = rd_bytes (&r, 3);
  const uint8_t form = rd_u8 (&r);
  const uint32_t kind = rd_u32 (&r);
  const str_t centre = rd_bytes (&r, 16), to = rd_bytes (&r, 32), answers = rd_bytes (&r, 32);
  const uint64_t length = rd_u64 (&r);
  if (!str_is (magic, MAGIC))
    return fail_set (fail, ERR_INPUT,
                     L ("không phải tệp trao đổi (bundle) của khuyencong; hãy chọn lại tệp",
                        "this is no bundle of khuyencong; choose the right file"));
  if (!r.failed && (form != FORM || (kind != BUNDLE_UP << 24 && kind != BUNDLE_REPLY << 24)))
    return fail_set (fail, ERR_INPUT,
                     L ("tệp trao đổi bị thay đổi, hoặc của phiên bản mới hơn; hãy chép lại tệp, hoặc dùng "
                        "chương trình mới hơn",
                        "the bundle was changed, or is of a newer version; copy it again, or use a newer "
                        "program"));
  if (r.failed || file.n < length || file.n < RECORDS_AT + END_RECORD)
    return fail_set (
        fail, ERR_INPUT,
        L ("tệp trao đổi bị cắt cụt (chỉ có %" PRIu64 " byte), không lấy gì từ nó; hãy chép lại từ "
           "nơi đã xuất",
           "the bundle was cut off (%" PRIu64 " bytes are there), nothing is taken of it; copy it "
           "again from where it was made"),
        (uint64_t)file.n);
  if (file.n > length)
    return fail_changed (fail);
  out->kind = (bundle_kind_t)(kind >> 24);
  memcpy (out->centre.b, centre.p, centre.n);
  memcpy (out->to.b, to.p, to.n);
  memcpy (out->answers.b, answers.p, answers.n);
  return ERR_OK;
}

static err_t
check_head (const bundle_head_t *is, const bundle_head_t *want, fail_t *fail)
{
  const bool up = want->kind == BUNDLE_UP;
  if (!record_id_eq (is->centre, want->centre))
    return fail_set (fail, ERR_FOREIGN,
                     L ("là tệp trao đổi của một trung tâm khác", "this is a bundle of another centre"));
  if (is->kind != want->kind)
    return fail_set (
        fail, ERR_FOREIGN, "%s",
        up ? L ("là tệp trả lời của trung tâm: hãy nhập nó ở máy đơn vị bằng “kc-agent bundle import”",
                "this is a reply of the centre: take it in at the office with \"kc-agent bundle import\"")
           : L ("là tệp do đơn vị xuất: hãy đưa về trung tâm nhập bằng “kc-collector bundle import”",
                "this is what an office exported: the centre takes it in with \"kc-collector bundle "
                "import\""));
  if (!curve_key_eq (is->to, want->to))
    return fail_set (
        fail, ERR_FOREIGN, "%s",
        up ? L ("tệp được niêm bằng một khóa mà trung tâm không còn dùng; hãy để đơn vị xuất lại",
                "the bundle is sealed to a key the centre does not use any more; have the office export "
                "again")
           : L ("là tệp trả lời cho một máy khác", "this reply is for another PC"));
  return ERR_OK;
}

/* The record at b->at, opened into b->frame; goes on behind it. */
static bool
take_record (bundle_t *b, str_t *out, bool *last)
{
  rd_t r = rd_of (b->file.p + b->at, b->file.n - b->at);
  const uint32_t n = rd_u32 (&r);
  if (n < SEAL_EXTRA || n > sizeof b->frame + SEAL_EXTRA)
    return false;
  const str_t record = rd_bytes (&r, n);
  if (r.failed || !seal_take (b->seal, record, (str_t){b->file.p, PLAIN_SIZE}, b->frame, last))
    return false;
  b->at += 4 + n;
  *out = (str_t){b->frame, n - SEAL_EXTRA};
  return true;
}

/* All of it, once. */
static bool
look_over (bundle_t *b)
{
  account_t a = {.name = hash_of ((str_t){b->file.p, PLAIN_SIZE})};
  str_t record = STR_NONE;
  bool last = false;
  for (b->at = RECORDS_AT; take_record (b, &record, &last) && !last;)
    account_frame (&a, record);
  if (!last || b->at != b->file.n)
    return false;
  rd_t r = rd_of (record.p, record.n);
  const uint64_t frames = rd_u64 (&r), bytes = rd_u64 (&r);
  b->serial = rd_u32 (&r);
  const str_t signature = rd_bytes (&r, sizeof b->signature.b);
  if (!rd_done (&r) || frames != a.frames || bytes != a.bytes)
    return false;
  memcpy (b->signature.b, signature.p, signature.n);
  b->name = account_end (&a, b->serial);
  return true;
}

err_t
bundle_open (str_t file, const bundle_head_t *want, const curve_key_t *secret, bundle_t **out, fail_t *fail)
{
  bundle_t *b = NULL;
  bundle_head_t head = {0};
  err_t err = read_head (file, &head, fail);
  if (err == ERR_OK)
    err = check_head (&head, want, fail);
  if (err != ERR_OK)
    return err;
  b = calloc (1, sizeof *b);
  if (b == NULL)
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  b->head = head;
  b->file = file;
  err = seal_open (&want->to, secret, (const uint8_t *)file.p + SEAL_AT, &b->seal);
  if (err == ERR_FORGED || (err == ERR_OK && !look_over (b)))
    err = fail_changed (fail);
  if (err == ERR_OK)
    err = bundle_rewind (b, 0);
  if (err != ERR_OK) {
    bundle_destroy (&b);
    return fail_set (fail, err, "%s", err_words (err));
  }
  *out = b;
  return ERR_OK;
}

void
bundle_destroy (bundle_t **self_p)
{
  if (*self_p != NULL)
    seal_destroy (&(*self_p)->seal);
  free (*self_p);
  *self_p = NULL;
}

const bundle_head_t *
bundle_head (const bundle_t *b)
{
  return &b->head;
}

hash_t
bundle_name (const bundle_t *b)
{
  return b->name;
}

uint32_t
bundle_serial (const bundle_t *b)
{
  return b->serial;
}

bool
bundle_signed_by (const bundle_t *b, const sign_key_t *key)
{
  return sign_check (SIGN_BUNDLE, name_bytes (&b->name), b->signature, key);
}

err_t
bundle_next (bundle_t *b, str_t *frame)
{
  bool last = false;
  if (b->at == b->file.n)
    return ERR_END;
  if (!take_record (b, frame, &last))
    return ERR_MALFORMED; /* the memory it lies in was written to since */
  return last ? ERR_END : ERR_OK;
}

err_t
bundle_next_message (bundle_t *b, arena_t *arena, message_t *out)
{
  str_t frame;
  err_t err = bundle_next (b, &frame);
  if (err != ERR_OK)
    return err;
  arena_reset (arena);
  return message_decode (frame, arena, out);
}

err_t
bundle_rewind (bundle_t *b, size_t skip)
{
  str_t frame;
  err_t err = ERR_OK;
  seal_rewind (b->seal);
  b->at = RECORDS_AT;
  for (size_t i = 0; err == ERR_OK && i < skip; i++)
    err = bundle_next (b, &frame);
  return err;
}
