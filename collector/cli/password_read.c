#include "collector/cli/password_read.h"

#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/platform/platform.h"
#include "common/text/utf8.h"

#include <stdio.h>
#include <termios.h>

void
password_forget (buf_t *password)
{
  if (password->p != NULL)
    crypto_wipe (password->p, password->cap);
  buf_free (password);
}

static int
failed (const args_t *a, err_t err, const char *words)
{
  fail_t fail = {0};
  fail_set (&fail, err, "%s", words);
  return args_fail (a, &fail);
}

/* One line of stdin, without its end. */
static err_t
read_line (buf_t *out)
{
  char line[PASSWORD_MAX + 3];
  if (buf_reserve (out, sizeof line) == NULL) /* so that it never moves and leaves a copy behind */
    return ERR_NOMEM;
  bool got = fgets (line, sizeof line, stdin) != NULL;
  size_t n = got ? strcspn (line, "\r\n") : 0;
  buf_put (out, line, n);
  crypto_wipe (line, sizeof line);
  return !got ? ERR_NO_FILE : n > PASSWORD_MAX ? ERR_TOO_BIG : ERR_OK;
}

static err_t
ask (const char *words, buf_t *out)
{
  struct termios seen, unseen;
  if (tcgetattr (0, &seen) != 0)
    return ERR_NO_FILE;
  unseen = seen;
  unseen.c_lflag &= ~(tcflag_t)ECHO;
  fputs (words, stderr);
  fflush (stderr);
  tcsetattr (0, TCSAFLUSH, &unseen);
  err_t err = read_line (out);
  tcsetattr (0, TCSAFLUSH, &seen);
  fputc ('\n', stderr);
  return err;
}

static err_t
normalise (buf_t *password)
{
  str_t normal;
  arena_t *arena = arena_new ((size_t)8 * PASSWORD_MAX);
  err_t err = arena == NULL ? ERR_NOMEM : ERR_OK;
  if (err == ERR_OK && !utf8_valid (buf_str (password), NULL))
    err = ERR_INPUT;
  if (err == ERR_OK && !utf8_is_normal (buf_str (password))) {
    err = utf8_normalise (buf_str (password), arena, &normal) ? ERR_OK : ERR_INPUT;
    if (err == ERR_OK) {
      buf_clear (password);
      buf_put (password, normal.p, normal.n);
      crypto_wipe ((void *)normal.p, normal.n);
    }
  }
  arena_destroy (&arena);
  return err == ERR_OK && !buf_ok (password) ? ERR_NOMEM : err;
}

int
password_read (const args_t *a, bool again, buf_t *out)
{
  buf_t second = BUF_INIT;
  bool piped = args_flag (a, "password-stdin");
  if (!piped && (!console_is_terminal (0) || !console_is_terminal (2)))
    return args_usage (a, L ("không có bàn phím để hỏi mật khẩu; dùng --password-stdin",
                             "there is no terminal to ask for a password on; use --password-stdin"));
  err_t err = piped ? read_line (out) : ask (L ("Mật khẩu: ", "Password: "), out);
  if (err == ERR_OK && again && !piped) {
    err = ask (L ("Nhập lại: ", "Once more: "), &second);
    bool same = err == ERR_OK && str_eq (buf_str (out), buf_str (&second));
    password_forget (&second);
    if (err == ERR_OK && !same)
      return failed (a, ERR_INPUT, L ("hai lần nhập không giống nhau", "the two are not alike"));
  }
  if (err == ERR_OK)
    err = normalise (out);
  if (err == ERR_OK)
    return 0;
  return failed (a, err == ERR_NOMEM ? err : ERR_INPUT,
                 L ("không đọc được mật khẩu: cần một dòng UTF-8, không quá 1024 byte",
                    "the password cannot be read: one line of UTF-8, at most 1024 bytes"));
}

int
password_check (const args_t *a, str_t password)
{
  fail_t fail = {0};
  size_t letters = 0;
  for (size_t i = 0; i < password.n; i++)
    letters += ((uint8_t)password.p[i] & 0xc0) != 0x80;
  if (letters >= PASSWORD_MIN && !utf8_blank (password))
    return 0;
  fail_set (&fail, ERR_INPUT,
            L ("mật khẩu phải có ít nhất %u ký tự", "a password has at least %u characters"), PASSWORD_MIN);
  return args_fail (a, &fail);
}
