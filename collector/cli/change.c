/* change.c - a change as bytes, carried out in whichever process may write.
 *
 * Request and reply are a version byte and length-prefixed texts: both ends are the same program, and an
 * old command beside a new serve is refused instead of misunderstood. */
#include "collector/cli/change.h"
#include "collector/cli/change_period.h"
#include "collector/cli/change_unit.h"
#include "collector/cli/change_user.h"

#include "collector/ledger/addresses.h"
#include "collector/ledger/flags.h"
#include "collector/ledger/roster.h"
#include "collector/ledger/rotation.h"
#include "collector/ledger/submissions.h"
#include "collector/ledger/users.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"

#include <stdio.h>

#define CHANGE_FORM 1u

/* ---- encodings ---- */

static void
put_text (buf_t *b, str_t s)
{
  buf_u32 (b, (uint32_t)s.n);
  buf_put (b, s.p, s.n);
}

static str_t
read_text (rd_t *r)
{
  return rd_bytes (r, rd_u32 (r));
}

bool
change_request_encode (const change_request_t *r, buf_t *out)
{
  CHECK (r->args_n <= CHANGE_ARGS_MAX);
  buf_u8 (out, CHANGE_FORM);
  buf_u8 (out, (uint8_t)lang_get ());
  put_text (out, r->operation);
  put_text (out, r->person);
  buf_u8 (out, (uint8_t)r->args_n);
  for (size_t i = 0; i < r->args_n; i++)
    put_text (out, r->args[i]);
  return buf_ok (out);
}

static bool
request_decode (str_t bytes, lang_t *lang, change_request_t *out)
{
  *out = (change_request_t){0};
  rd_t r = rd_of (bytes.p, bytes.n);
  uint8_t form = rd_u8 (&r), said = rd_u8 (&r);
  *lang = said == LANG_EN ? LANG_EN : LANG_VI;
  out->operation = read_text (&r);
  out->person = read_text (&r);
  out->args_n = rd_u8 (&r);
  if (form != CHANGE_FORM || out->args_n > CHANGE_ARGS_MAX)
    return false;
  for (size_t i = 0; i < out->args_n; i++)
    out->args[i] = read_text (&r);
  return rd_done (&r);
}

static void
reply_encode (int exit_code, str_t out, str_t err, buf_t *reply)
{
  buf_u8 (reply, (uint8_t)exit_code);
  put_text (reply, out);
  put_text (reply, err);
}

err_t
change_reply_decode (str_t bytes, change_reply_t *out)
{
  rd_t r = rd_of (bytes.p, bytes.n);
  *out = (change_reply_t){.exit_code = rd_u8 (&r)};
  out->out = read_text (&r);
  out->err = read_text (&r);
  return rd_done (&r) ? ERR_OK : ERR_MALFORMED;
}

/* ---- operations: each fills out, or *fail ---- */

typedef err_t (operation_fn) (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail);

static err_t
do_invite (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  if (r->args_n < 2)
    return ERR_MALFORMED;
  unit_id_t unit;
  err_t err = change_office (l, r->args[0], &unit, fail);
  if (err != ERR_OK)
    return err;
  role_t role = role_of_name (r->args[1]);
  if (role == ROLE_NONE)
    return fail_set (
        fail, ERR_USAGE,
        L ("vai trò phải là office, province hoặc viewer", "the role must be office, province or viewer"));
  err = roster_invite (l, unit, role, r->args + 2, r->args_n - 2, now, out, fail);
  if (err == ERR_OK)
    buf_putc (out, '\n');
  return err;
}

static err_t
do_cancel (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  (void)out;
  return r->args_n == 1 ? roster_invite_cancel (l, r->args[0], now, fail) : ERR_MALFORMED;
}

static err_t
do_revoke (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  (void)out;
  if (r->args_n != 2)
    return ERR_MALFORMED;
  return roster_revoke (l, r->args[0], r->args[1].n > 0 ? r->args[1] : STR_NONE, now, fail);
}

static err_t
do_confirm (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  bool changed = false;
  if (r->args_n != 2)
    return ERR_MALFORMED;
  const str_t reason = r->args[1].n > 0 ? r->args[1] : STR_NONE;
  err_t err = roster_confirm (l, r->args[0], reason, r->person, now, &changed, fail);
  if (err == ERR_OK)
    buf_printf (out, "%.*s: %s\n", STR_ARG (r->args[0]),
                changed ? L ("đã xác nhận", "confirmed")
                        : L ("không chờ xác nhận", "waits for no confirmation"));
  return err;
}

static err_t
do_addresses (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  bool changed = false;
  err_t err = addresses_set (l, r->args, r->args_n, r->person, now, &changed, fail);
  if (err == ERR_OK)
    buf_printf (out, "%s\n",
                !changed ? L ("đã đúng như vậy từ trước", "it was just so before")
                : r->args_n == 0
                    ? L ("không đặt địa chỉ nữa; các máy dùng tiếp địa chỉ đang có",
                         "no addresses are set any more; PCs go on with those they have")
                    : L ("đã báo cho các máy: máy nào tới được địa chỉ mới thì bỏ địa chỉ cũ",
                         "told to the PCs: each drops its old addresses once a new one has answered it"));
  return err;
}

static err_t
do_rotate (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  rotation_t k = {.certificate = {.given = true}};
  if (r->args_n < 5 || r->args_n - 4 > ADDRESSES_MAX || r->args[0].n != sizeof k.secret.b ||
      r->args[2].n != sizeof k.certificate.signature.b)
    return ERR_MALFORMED;
  memcpy (k.secret.b, r->args[0].p, sizeof k.secret.b);
  k.certificate.body = r->args[1];
  memcpy (k.certificate.signature.b, r->args[2].p, sizeof k.certificate.signature.b);
  k.endpoint = r->args[3];
  for (size_t i = 4; i < r->args_n; i++)
    k.addresses[k.addresses_n++] = r->args[i];
  err_t err = rotation_begin (l, &k, r->person, now, fail);
  crypto_wipe (&k.secret, sizeof k.secret);
  if (err == ERR_OK)
    buf_printf (
        out, "%s\n",
        L ("đã báo khóa mới cho các máy; máy nào tới được nó thì bỏ khóa cũ. Hãy sao lưu ngay, xem ai đã "
           "biết "
           "bằng rotate-key, rồi kết thúc bằng rotate-key --finish",
           "the PCs are told of the new key; each drops the old one once the new one has answered it. Make a "
           "backup now, see with rotate-key who knows, then end it with rotate-key --finish"));
  return err;
}

static err_t
do_rotate_end (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  (void)r;
  err_t err = rotation_finish (l, now, fail);
  if (err == ERR_OK)
    buf_printf (out, "%s\n",
                L ("khóa cũ không còn dùng được; hãy sao lưu ngay",
                   "the old key answers nobody any more; make a backup now"));
  return err;
}

static err_t
do_catalogue (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  uint32_t version = 0;
  if (r->args_n != 1)
    return ERR_MALFORMED;
  err_t err = roster_catalogue (l, r->args[0], r->person, now, &version, fail);
  if (err == ERR_OK)
    buf_printf (out, L ("danh mục phiên bản %u đang được dùng\n", "catalogue version %u is in force\n"),
                (unsigned)version);
  return err;
}

static err_t
do_answer (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  bool changed = false;
  if (r->args_n != 3)
    return ERR_MALFORMED;
  bool accept = str_is (r->args[1], "accepted");
  str_t comment = r->args[2].n > 0 ? r->args[2] : STR_NONE;
  err_t err = submissions_answer (l, r->args[0], accept, comment, r->person, now, &changed, fail);
  if (err != ERR_OK)
    return err;
  const char *done = accept ? L ("đã chấp nhận; đơn vị thấy ở lần liên lạc tới",
                                 "accepted; the office sees it at its next contact")
                            : L ("đã trả lại; đơn vị thấy ở lần liên lạc tới",
                                 "returned; the office sees it at its next contact");
  const char *before =
      accept ? L ("đã được chấp nhận từ trước", "was accepted before")
             : L ("đã được trả lại với đúng lời nhắn này", "was returned with this comment before");
  buf_printf (out, "%.*s: %s\n", STR_ARG (r->args[0]), changed ? done : before);
  return ERR_OK;
}

static err_t
do_flag (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  bool changed = false;
  if (r->args_n != 2)
    return ERR_MALFORMED;
  err_t err = flags_answer (l, r->args[0], r->args[1], r->person, now, &changed, fail);
  if (err == ERR_OK)
    buf_printf (out, "%.*s: %s\n", STR_ARG (r->args[0]),
                changed ? L ("đã ghi trả lời; đơn vị thấy ở lần liên lạc tới",
                             "answered; the offices see it at their next contact")
                        : L ("đã được trả lời đúng như vậy từ trước", "was answered just so before"));
  return err;
}

/* For the command, which adds up what its requests came to. */
static err_t
do_bundle (ledger_t *l, const change_request_t *r, wall_t now, buf_t *out, fail_t *fail)
{
  bundle_counts_t n;
  if (r->args_n < 3 || r->args_n > 2 + BUNDLE_FRAMES_MAX)
    return ERR_MALFORMED;
  err_t err = ledger_bundle_take (l, r->args[0], r->args[1], r->args + 2, r->args_n - 2, now, &n, fail);
  if (err != ERR_OK)
    return err;
  const uint64_t said[] = {n.accepted, n.merged, n.parked, n.refused, n.repeated, n.regained};
  for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
    buf_u64 (out, said[i]);
  return buf_ok (out) ? ERR_OK : ERR_NOMEM;
}

err_t
change_bundle_decode (str_t out, bundle_counts_t *counts)
{
  rd_t r = rd_of (out.p, out.n);
  counts->accepted = rd_u64 (&r);
  counts->merged = rd_u64 (&r);
  counts->parked = rd_u64 (&r);
  counts->refused = rd_u64 (&r);
  counts->repeated = rd_u64 (&r);
  counts->regained = rd_u64 (&r);
  return rd_done (&r) ? ERR_OK : ERR_MALFORMED;
}

/* Writes nothing: it is serve that knows who is connected. */
static err_t
ask_to_sync (const ledger_t *l, const change_request_t *r, told_t *ask, fail_t *fail)
{
  told_t offices = {.all = r->args_n == 0};
  err_t err = ERR_OK;
  if (ask == NULL)
    return fail_set (fail, ERR_UNREACHABLE,
                     L ("“kc-collector serve” không chạy trên kho này, nên không có máy nào đang kết nối",
                        "no \"kc-collector serve\" is running on this store, so nobody is connected"));
  for (size_t i = 0; err == ERR_OK && i < r->args_n; i++) {
    unit_id_t unit = 0;
    err = change_office (l, r->args[i], &unit, fail);
    told_note (&offices, unit);
  }
  if (err == ERR_OK)
    *ask = offices;
  return err;
}

static const struct {
  const char *name;
  operation_fn *run;
} operations[] = {
    {CHANGE_INVITE, do_invite},         {CHANGE_CANCEL, do_cancel},       {CHANGE_REVOKE, do_revoke},
    {CHANGE_CONFIRM, do_confirm},       {CHANGE_CATALOGUE, do_catalogue}, {CHANGE_ANSWER, do_answer},
    {CHANGE_DUE, change_due},           {CHANGE_UNIT, change_unit},       {CHANGE_CLOSE, change_close},
    {CHANGE_LOCK, change_lock},         {CHANGE_FLAG, do_flag},           {CHANGE_RESOLVE, change_resolve},
    {CHANGE_BUNDLE, do_bundle},         {CHANGE_ADDRESSES, do_addresses}, {CHANGE_ROTATE, do_rotate},
    {CHANGE_ROTATE_END, do_rotate_end}, {CHANGE_USER, change_user},       {CHANGE_TOKEN, change_token},
};

/* How many of an operation's arguments stand in the audit trail, where that is not all of them. */
#define TOLD_NOTHING SIZE_MAX
static const struct {
  const char *name;
  size_t told;
} told[] = {
    {CHANGE_INVITE, 2},
    {CHANGE_CATALOGUE, 0}, /* not the file's bytes */
    {CHANGE_USER, 3},
    {CHANGE_TOKEN, 1},             /* no secret, not even hashed */
    {CHANGE_BUNDLE, TOLD_NOTHING}, /* the log says it, update by update */
};

static void
audit (ledger_t *l, const change_request_t *r)
{
  size_t n = r->args_n;
  buf_t subject = BUF_INIT;
  for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
    if (str_is (r->operation, told[i].name))
      n = told[i].told;
  for (size_t i = 0; n != TOLD_NOTHING && i < n && i < r->args_n; i++)
    if (r->args[i].n > 0)
      buf_printf (&subject, "%s%.*s", subject.n > 0 ? " " : "", STR_ARG (r->args[i]));
  audit_next (l, r->person, n != TOLD_NOTHING ? r->operation : STR_NONE, buf_str (&subject));
  buf_free (&subject);
}

/* A place in a file is part of the sentence: only words travel. */
static void
fail_sentence (const fail_t *fail, buf_t *out)
{
  if (fail->where[0] != '\0')
    buf_printf (out, "%s: ", fail->where);
  if (fail->line != 0)
    buf_printf (out, L ("dòng %u", "line %u"), (unsigned)fail->line);
  if (fail->line != 0 && fail->column != 0)
    buf_printf (out, L (", cột %u", ", column %u"), (unsigned)fail->column);
  if (fail->line != 0)
    buf_puts (out, ": ");
  buf_puts (out, fail->text[0] != '\0' ? fail->text : err_words (fail->err));
}

err_t
change_run (ledger_t *l, str_t request, wall_t now, buf_t *reply, told_t *ask)
{
  change_request_t r;
  lang_t lang;
  buf_t out = BUF_INIT, words = BUF_INIT;
  fail_t fail = {0};
  operation_fn *run = NULL;
  if (!request_decode (request, &lang, &r)) {
    reply_encode (err_exit_code (ERR_MALFORMED), STR (""), str_of (err_words (ERR_MALFORMED)), reply);
    return ERR_MALFORMED;
  }
  for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
    if (str_is (r.operation, operations[i].name))
      run = operations[i].run;
  lang_thread (lang);
  audit (l, &r);
  err_t err = str_is (r.operation, CHANGE_SYNC) ? ask_to_sync (l, &r, ask, &fail)
              : run != NULL                     ? run (l, &r, now, &out, &fail)
                                                : ERR_VERSION;
  audit_next (l, STR_NONE, STR_NONE, STR_NONE); /* what changed nothing is nobody's deed */
  if (err != ERR_OK) {
    if (fail.err == ERR_OK)
      fail.err = err;
    fail_sentence (&fail, &words);
    buf_clear (&out);
  }
  lang_thread_end ();
  reply_encode (err == ERR_OK ? 0 : err_exit_code (fail.err), buf_str (&out), buf_str (&words), reply);
  buf_free (&out);
  buf_free (&words);
  return ERR_OK;
}
