/* The command line, on getopt_long.
 *
 * Two passes: before the command only the program's own options ("+": stop at the first operand), then
 * the command's arguments. There "-" makes getopt_long hand every operand out in its place, so options
 * and operands mix whatever POSIXLY_CORRECT says. The language is found before either pass, since the
 * first mistake must already be told in it. */
#include "common/cli/args.h"
#include "common/base/bounds.h"
#include "common/base/lang.h"
#include "common/cli/args_private.h"
#include "common/platform/platform.h"
#include "common/text/utf8.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define CODE_FIRST 256 /* getopt_long's values: this + index in the list of options */
#define OPTIONS_ROOM (ARGS_OPTIONS_MAX + 8u)

typedef struct {
  const char *name, *value; /* value NULL: a flag */
} given_t;

struct args {
  const program_t *program;
  const command_t *command; /* NULL before the command */
  const char **operand;
  size_t operands;
  given_t *given;
  size_t givens;
  format_t format;
  bool excel;
  arena_t *arena;
  str_t person;
};

const option_t args_common_options[] = {
    {"format", "table|csv|json", false, "dạng kết quả (mặc định: table)",
     "form of the answer (default: table)"},
    {"excel", NULL, false, "csv cho Excel: có BOM, CRLF, ô không bắt đầu bằng = + - @",
     "csv for Excel: BOM, CRLF, no cell that starts with = + - @"},
    {"lang", "vi|en", false, "ngôn ngữ của thông báo và bảng (mặc định: theo máy)",
     "language of messages and tables (default: the locale)"},
    {"as", "PERSON", false, "người thực hiện, ghi vào lịch sử (mặc định: tên đăng nhập)",
     "who acts, kept in the history (default: the login name)"},
    {"help", NULL, false, "in phần trợ giúp này", "print this help"},
    {NULL, NULL, false, NULL, NULL},
};

const option_t args_program_options[] = {
    {"help", NULL, false, "in phần trợ giúp này", "print this help"},
    {"version", NULL, false, "in phiên bản", "print the version"},
    {"lang", "vi|en", false, "ngôn ngữ của thông báo và bảng (mặc định: theo máy)",
     "language of messages and tables (default: the locale)"},
    {"help-man", NULL, false, "in trang hướng dẫn (man)", "print the man page"},
    {"completion", "bash", false, "in phần gợi ý lệnh cho bash", "print the completion for bash"},
    {NULL, NULL, false, NULL, NULL},
};

size_t
options_count (const option_t *o)
{
  size_t n = 0;
  while (o != NULL && o[n].name != NULL)
    n++;
  return n;
}

const option_t *
options_find (const option_t *o, const char *name)
{
  for (; o != NULL && o->name != NULL; o++)
    if (strcmp (o->name, name) == 0)
      return o;
  return NULL;
}

/* ---- words ---- */

static void
print_hint (const args_t *a)
{
  const char *command = a->command != NULL ? a->command->name : "";
  fprintf (stderr, L ("Xem cách dùng: %s%s%s --help\n", "For its use: %s%s%s --help\n"), a->program->program,
           *command != '\0' ? " " : "", command);
}

int
args_usage (const args_t *a, const char *fmt, ...)
{
  va_list words;
  fprintf (stderr, "%s: ", a->program->program);
  va_start (words, fmt);
  vfprintf (stderr, fmt, words);
  va_end (words);
  fputc ('\n', stderr);
  print_hint (a);
  return err_exit_code (ERR_USAGE);
}

int
args_fail (const args_t *a, const fail_t *fail)
{
  if (fail->err != ERR_IO ||
      !ferror (stdout)) /* a broken stdout has words of its own, or none: finish_output */
    fail_print (fail, a->program->program);
  if (fail->err == ERR_USAGE)
    print_hint (a);
  return err_exit_code (fail->err);
}

/* ---- one pass of getopt_long ---- */

typedef struct {
  struct option longs[OPTIONS_ROOM];
  char shorts[2 * OPTIONS_ROOM + 3];
  const option_t *option[OPTIONS_ROOM];
  size_t n;
} spec_t;

static void
spec_add (spec_t *s, const option_t *list)
{
  size_t end = strlen (s->shorts), longs = 0;
  while (s->longs[longs].name != NULL)
    longs++;
  for (; list != NULL && list->name != NULL; list++) {
    bool known = false;
    for (size_t i = 0; i < s->n; i++)
      known = known || strcmp (s->option[i]->name, list->name) == 0;
    if (known)
      continue;
    CHECK (s->n + 1 < OPTIONS_ROOM);
    s->option[s->n] = list;
    if (strlen (list->name) == 1) {
      s->shorts[end++] = list->name[0];
      if (list->value != NULL)
        s->shorts[end++] = ':';
      s->shorts[end] = '\0';
    } else {
      s->longs[longs++] = (struct option){list->name, list->value != NULL ? required_argument : no_argument,
                                          NULL, CODE_FIRST + (int)s->n};
    }
    s->n++;
  }
}

static const option_t *
spec_find (const spec_t *s, int code)
{
  if (code >= CODE_FIRST)
    return s->option[code - CODE_FIRST];
  for (size_t i = 0; i < s->n; i++)
    if (s->option[i]->name[0] == code && s->option[i]->name[1] == '\0')
      return s->option[i];
  return NULL;
}

static int
unknown_option (const args_t *a, const char *word, int letter)
{
  if (letter != 0 && letter < CODE_FIRST)
    return args_usage (a, L ("không có lựa chọn “-%c”", "there is no option -%c"), letter);
  if (letter >= CODE_FIRST)
    return args_usage (a, L ("lựa chọn “%s” không nhận giá trị", "option %s takes no value"), word);
  const char *near = a->command != NULL ? nearest_option (a->command, word + 2) : NULL;
  if (near != NULL)
    return args_usage (
        a, L ("không có lựa chọn “%s”; có phải “--%s” không?", "there is no option %s; did you mean --%s?"),
        word, near);
  return args_usage (a, L ("không có lựa chọn “%s”", "there is no option %s"), word);
}

/* Returns 0, or an exit code after a usage error. *used = words of argv read. */
static int
parse (args_t *a, const option_t *own, const option_t *common, const char *mode, int argc, char **argv,
       int *used)
{
  spec_t s = {.n = 0};
  memcpy (s.shorts, mode, 2);
  spec_add (&s, own);
  spec_add (&s, common);
  optind = 0; /* start over */
  opterr = 0;
  for (;;) {
    int code = getopt_long (argc, argv, s.shorts, s.longs, NULL);
    if (code == -1)
      break;
    if (code == 1) {
      a->operand[a->operands++] = optarg;
      continue;
    }
    if (code == '?')
      return unknown_option (a, argv[optind - 1], optopt);
    const option_t *o = spec_find (&s, code == ':' ? optopt : code);
    CHECK (o != NULL);
    const char *dashes = o->name[1] == '\0' ? "-" : "--";
    if (code == ':')
      return args_usage (a, L ("lựa chọn “%s%s” cần một giá trị (%s)", "option %s%s needs a value (%s)"),
                         dashes, o->name, o->value);
    a->given[a->givens++] = (given_t){o->name, o->value != NULL ? optarg : NULL};
  }
  *used = optind;
  return 0;
}

/* ---- the common options ---- */

/* Both passes may say it; found before either. False: not a language. */
static bool
choose_language (int argc, char **argv)
{
  const char *name = NULL;
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++) {
    if (strncmp (argv[i], "--lang=", 7) == 0)
      name = argv[i] + 7;
    else if (strcmp (argv[i], "--lang") == 0 && i + 1 < argc)
      name = argv[i + 1];
  }
  lang_set (lang_of_locale (locale_name ()));
  if (name == NULL)
    return true;
  bool vi = strcmp (name, "vi") == 0, en = strcmp (name, "en") == 0;
  if (vi || en)
    lang_set (vi ? LANG_VI : LANG_EN);
  return vi || en;
}

static int
take_format (args_t *a)
{
  const char *name = args_value (a, "format");
  bool own = options_find (a->command->options, "format") != NULL;
  a->excel = args_flag (a, "excel");
  a->format = a->excel ? FORMAT_CSV : FORMAT_TABLE;
  if (name == NULL || own)
    return 0;
  if (!format_of_name (str_of (name), &a->format))
    return args_usage (
        a, L ("“--format %s”: chỉ có table, csv và json", "--format %s: there are table, csv and json"),
        name);
  if (a->excel && a->format != FORMAT_CSV)
    return args_usage (a, L ("“--excel” chỉ đi với “--format csv”", "--excel goes with --format csv only"));
  return 0;
}

static int
take_person (args_t *a)
{
  const char *given = args_value (a, "as");
  str_t name = str_of (given != NULL ? given : login_name ());
  bool good = utf8_valid (name, NULL) && utf8_clean (name, false, NULL) && name.n <= PERSON_MAX &&
              utf8_normalise (name, a->arena, &a->person) && a->person.n <= PERSON_MAX;
  if (!good)
    a->person = STR ("");
  if (given == NULL || (good && !str_blank (name)) || options_find (a->command->options, "as") != NULL)
    return 0;
  return args_usage (a,
                     L ("“--as” cần tên người: chữ UTF-8, một dòng, không quá %u byte",
                        "--as needs a person's name: UTF-8 text of one line, at most %u bytes"),
                     PERSON_MAX);
}

/* ---- operands ---- */

/* The nth upper-case word of "DIR FILE…". */
static void
operand_word (const char *operands, size_t nth, char out[32])
{
  const char *p = operands;
  for (size_t i = 0; i < nth && *p != '\0'; i++) {
    p += strcspn (p, " ");
    p += strspn (p, " ");
  }
  size_t n = strcspn (p, " ");
  snprintf (out, 32, "%.*s", (int)(n < 31 ? n : 31), p);
}

static int
check_operands (const args_t *a)
{
  const command_t *c = a->command;
  if (a->operands < c->operands_min) {
    char word[32];
    operand_word (c->operands, a->operands, word);
    return args_usage (a, L ("lệnh “%s” thiếu %s", "%s: %s is missing"), c->name, word);
  }
  if (a->operands > c->operands_max)
    return args_usage (a, L ("lệnh “%s” thừa “%s”", "%s: \"%s\" is one too many"), c->name,
                       a->operand[c->operands_max]);
  for (size_t i = 0; i < a->operands; i++)
    if (a->operand[i][0] == '\0') {
      char word[32];
      operand_word (c->operands, i, word);
      return args_usage (a, L ("lệnh “%s”: %s để trống", "%s: %s is empty"), c->name, word);
    }
  return 0;
}

/* ---- running ---- */

static int
finish_output (const args_t *a, int code)
{
  bool broken = fflush (stdout) != 0;
  if (!broken && !ferror (stdout))
    return code;
  if (errno == EPIPE || console_gone (1)) /* who reads no further has what they wanted */
    return code == err_exit_code (ERR_IO) ? 0 : code;
  fprintf (
      stderr,
      L ("%s: không ghi được kết quả ra (đầy đĩa?)\n", "%s: the answer could not be written (disk full?)\n"),
      a->program->program);
  return code != 0 ? code : err_exit_code (ERR_IO);
}

static int
run_command (args_t *a, int argc, char **argv)
{
  int used = 0;
  const command_t *c = a->program->commands;
  while (c->name != NULL && strcmp (c->name, argv[0]) != 0)
    c++;
  if (c->name == NULL) {
    const char *near = nearest_command (a->program, argv[0]);
    if (near != NULL)
      return args_usage (
          a,
          L ("không có lệnh “%s”; có phải “%s” không?", "there is no command \"%s\"; did you mean \"%s\"?"),
          argv[0], near);
    return args_usage (a, L ("không có lệnh “%s”", "there is no command \"%s\""), argv[0]);
  }
  a->command = c;
  a->givens = 0;
  int code = parse (a, c->options, args_common_options, "-:", argc, argv, &used);
  if (code != 0)
    return code;
  for (int i = used; i < argc; i++)
    a->operand[a->operands++] = argv[i];
  if (args_flag (a, "help")) {
    help_command (a->program, c, stdout);
    return 0;
  }
  if ((code = check_operands (a)) != 0 || (code = take_format (a)) != 0 || (code = take_person (a)) != 0)
    return code;
  return c->run (a);
}

static int
run_program (args_t *a, int argc, char **argv)
{
  int used = 0;
  if (!choose_language (argc, argv))
    return args_usage (a, L ("“--lang”: chỉ có vi và en", "--lang: there are vi and en"));
  int code = parse (a, NULL, args_program_options, "+:", argc, argv, &used);
  if (code != 0)
    return code;
  const char *shell = args_value (a, "completion");
  if (args_flag (a, "help")) {
    help_program (a->program, stdout);
  } else if (args_flag (a, "version")) {
    printf ("%s %s\n", a->program->program, a->program->version);
  } else if (args_flag (a, "help-man")) {
    help_man (a->program, stdout);
  } else if (shell != NULL) {
    if (strcmp (shell, "bash") != 0)
      return args_usage (a, L ("“--completion %s”: chỉ có bash", "--completion %s: there is bash only"),
                         shell);
    help_completion_bash (a->program, stdout);
  } else if (used >= argc) {
    help_program (a->program, stderr);
    return err_exit_code (ERR_USAGE);
  } else {
    return run_command (a, argc - used, argv + used);
  }
  return 0;
}

int
args_main (const program_t *p, int argc, char **argv)
{
  args_t a = {.program = p};
  int code = err_exit_code (ERR_NOMEM);
  console_init ();
  console_arguments (&argc, &argv);
  a.operand = calloc ((size_t)argc + 1, sizeof *a.operand);
  a.given = calloc ((size_t)argc + 1, sizeof *a.given);
  a.arena = arena_new (16384);
  if (a.operand == NULL || a.given == NULL || a.arena == NULL)
    fprintf (stderr, "%s: %s\n", p->program, err_words (ERR_NOMEM));
  else
    code = finish_output (&a, run_program (&a, argc, argv));
  free (a.operand);
  free (a.given);
  arena_destroy (&a.arena);
  return code;
}

/* ---- what the commands ask ---- */

size_t
args_count (const args_t *a)
{
  return a->operands;
}

const char *
args_operand (const args_t *a, size_t i)
{
  return i < a->operands ? a->operand[i] : NULL;
}

bool
args_flag (const args_t *a, const char *option)
{
  for (size_t i = 0; i < a->givens; i++)
    if (strcmp (a->given[i].name, option) == 0)
      return true;
  return false;
}

const char *
args_value (const args_t *a, const char *option)
{
  for (size_t i = a->givens; i-- > 0;)
    if (strcmp (a->given[i].name, option) == 0)
      return a->given[i].value;
  return NULL;
}

size_t
args_values (const args_t *a, const char *option, const char **out, size_t max)
{
  size_t n = 0;
  for (size_t i = 0; i < a->givens && n < max; i++)
    if (strcmp (a->given[i].name, option) == 0)
      out[n++] = a->given[i].value;
  return n;
}

format_t
args_format (const args_t *a)
{
  return a->format;
}

FILE *
args_words (const args_t *a)
{
  return a->format == FORMAT_TABLE ? stdout : stderr;
}

bool
args_excel (const args_t *a)
{
  return a->excel;
}

const char *
args_person (const args_t *a)
{
  return a->person.p;
}

const program_t *
args_program (const args_t *a)
{
  return a->program;
}

bool
args_seconds (const args_t *a, const char *option, int64_t default_ms, int64_t *out_ms)
{
  const char *text = args_value (a, option);
  int64_t seconds = 0;
  size_t n = text == NULL ? 0 : strlen (text);
  bool good = n > 0 && n <= 7 && strspn (text, "0123456789") == n;
  for (size_t i = 0; good && i < n; i++)
    seconds = seconds * 10 + (text[i] - '0');
  if (text != NULL && !good) {
    args_usage (a, L ("“--%s %s”: cần số giây nguyên, ví dụ 60", "--%s %s: needs whole seconds, such as 60"),
                option, text);
    return false;
  }
  *out_ms = text == NULL ? default_ms : seconds * 1000;
  return true;
}
