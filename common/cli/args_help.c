/* Help, man page and completion, all from the tables of commands and options. */
#include "common/base/lang.h"
#include "common/cli/args_private.h"
#include "common/platform/platform.h"
#include "common/text/utf8.h"

#include <string.h>

#define HELP_WIDTH_MAX 100u

/* ---- text for a terminal ---- */

static unsigned
help_width (void)
{
  unsigned w = console_width ();
  return w > HELP_WIDTH_MAX ? HELP_WIDTH_MAX : w < 40 ? 40 : w;
}

/* Words of text, wrapped; the first line starts at column `at`, the others at `indent`. */
static void
put_wrapped (FILE *out, const char *text, size_t at, size_t indent)
{
  size_t width = help_width (), start = at;
  for (const char *p = text; *p != '\0';) {
    size_t n = strcspn (p, " \n"), w = utf8_width ((str_t){p, n});
    if (at > start && at + 1 + w > width) {
      fprintf (out, "\n%*s", (int)indent, "");
      at = start = indent;
    } else if (at > start) {
      fputc (' ', out);
      at++;
    }
    fprintf (out, "%.*s", (int)n, p);
    at += w;
    p += n;
    if (*p == '\n') {
      fprintf (out, "\n%*s", (int)indent, "");
      at = start = indent;
    }
    p += *p != '\0';
  }
  fputc ('\n', out);
}

/* "  left      text text" */
static void
put_entry (FILE *out, const char *left, size_t column, const char *text)
{
  size_t w = 2 + utf8_width (str_of (left));
  fprintf (out, "  %s", left);
  if (w + 2 > column) {
    fputc ('\n', out);
    w = 0;
  }
  fprintf (out, "%*s", (int)(column - w), "");
  put_wrapped (out, text, column, column);
}

static void
option_left (const option_t *o, char out[64])
{
  const char *dashes = o->name[1] == '\0' ? "-" : "--";
  snprintf (out, 64, "%s%s%s%s", dashes, o->name, o->value != NULL ? " " : "",
            o->value != NULL ? o->value : "");
}

static void
put_options (FILE *out, const option_t *o, const option_t *except)
{
  for (; o != NULL && o->name != NULL; o++) {
    char left[64];
    if (options_find (except, o->name) != NULL)
      continue;
    option_left (o, left);
    put_entry (out, left, 26, L (o->help_vi, o->help_en));
  }
}

/* The first line of a command's help, for lists. */
static void
first_line (const char *text, char out[256])
{
  snprintf (out, 256, "%.*s", (int)(strcspn (text, "\n") < 255 ? strcspn (text, "\n") : 255), text);
}

void
help_program (const program_t *p, FILE *out)
{
  put_wrapped (out, L (p->about_vi, p->about_en), 0, 0);
  fprintf (out,
           L ("\nCách dùng: %s LỆNH … [lựa chọn]\n\nCác lệnh:\n",
              "\nUsage: %s COMMAND … [options]\n\nCommands:\n"),
           p->program);
  for (const command_t *c = p->commands; c->name != NULL; c++) {
    char left[128], line[256];
    snprintf (left, sizeof left, "%s %s", c->name, c->operands);
    first_line (L (c->help_vi, c->help_en), line);
    put_entry (out, left, 30, line);
  }
  fputs (L ("\nLựa chọn:\n", "\nOptions:\n"), out);
  put_options (out, args_program_options, NULL);
  fprintf (out, L ("\nVề một lệnh: %s LỆNH --help\n", "\nAbout a command: %s COMMAND --help\n"), p->program);
}

void
help_command (const program_t *p, const command_t *c, FILE *out)
{
  fprintf (out, L ("Cách dùng: %s %s %s [lựa chọn]\n\n", "Usage: %s %s %s [options]\n\n"), p->program,
           c->name, c->operands);
  put_wrapped (out, L (c->help_vi, c->help_en), 0, 0);
  if (options_count (c->options) > 0) {
    fputs (L ("\nLựa chọn:\n", "\nOptions:\n"), out);
    put_options (out, c->options, NULL);
  }
  fputs (L ("\nLựa chọn chung:\n", "\nCommon options:\n"), out);
  put_options (out, args_common_options, c->options);
}

/* ---- man page ---- */

/* Text of roff: a backslash, a dash that is typed, and a dot or quote that would be a request. */
static void
put_roff (FILE *out, const char *text)
{
  bool start = true;
  for (const char *p = text; *p != '\0'; p++) {
    if (start && (*p == '.' || *p == '\''))
      fputs ("\\&", out);
    if (*p == '\\')
      fputs ("\\e", out);
    else if (*p == '-')
      fputs ("\\-", out);
    else if (*p == '\n')
      fputs ("\n.br\n", out);
    else
      fputc (*p, out);
    start = *p == '\n';
  }
}

static void
man_options (FILE *out, const option_t *o)
{
  for (; o != NULL && o->name != NULL; o++) {
    char left[64];
    option_left (o, left);
    fputs (".TP\n.B ", out);
    put_roff (out, left);
    fputc ('\n', out);
    put_roff (out, L (o->help_vi, o->help_en));
    fputc ('\n', out);
  }
}

static void
man_exit_codes (FILE *out)
{
  static const struct {
    const char *code, *vi, *en;
  } rows[] = {
      {"0", "xong", "done"},
      {"1", "câu trả lời là không (verify thấy sai, sync --wait còn bản bị từ chối)",
       "the answer is no (verify found something, sync --wait ended with refused updates)"},
      {"2", "dùng sai lệnh", "wrong usage"},
      {"3", "dữ liệu vào không hợp lệ, hoặc không đọc được tệp", "bad input, or a file that cannot be read"},
      {"4", "không liên lạc được với bên kia, hoặc bên kia không cho vào",
       "the other side cannot be reached in time, or does not let us in"},
      {"5", "kho dữ liệu: không phải kho, hỏng, đầy, hoặc đang được dùng",
       "the store: no store, damaged, full, or already served"},
  };
  fputs (L (".SH \"MÃ KẾT THÚC\"\n", ".SH \"EXIT STATUS\"\n"), out);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    fprintf (out, ".TP\n.B %s\n", rows[i].code);
    put_roff (out, L (rows[i].vi, rows[i].en));
    fputc ('\n', out);
  }
}

void
help_man (const program_t *p, FILE *out)
{
  fprintf (out, ".TH %s 1 \"\" \"%s %s\"\n", p->program, p->program, p->version);
  fputs (L (".SH \"TÊN\"\n", ".SH NAME\n"), out);
  fprintf (out, "%s \\- ", p->program);
  put_roff (out, L (p->about_vi, p->about_en));
  fputs (L ("\n.SH \"CÁCH DÙNG\"\n", "\n.SH SYNOPSIS\n"), out);
  fprintf (out, ".B %s\n", p->program);
  fputs (L ("LỆNH … [lựa chọn]\n", "COMMAND … [options]\n"), out);
  fputs (L (".SH \"CÁC LỆNH\"\n", ".SH COMMANDS\n"), out);
  for (const command_t *c = p->commands; c->name != NULL; c++) {
    fprintf (out, ".SS \"%s %s\"\n", c->name, c->operands);
    put_roff (out, L (c->help_vi, c->help_en));
    fputc ('\n', out);
    man_options (out, c->options);
  }
  fputs (L (".SH \"LỰA CHỌN CHUNG\"\n", ".SH \"COMMON OPTIONS\"\n"), out);
  man_options (out, args_common_options);
  const option_t version[2] = {*options_find (args_program_options, "version"),
                               {NULL, NULL, false, NULL, NULL}};
  man_options (out, version);
  man_exit_codes (out);
}

/* ---- completion ---- */

static void
completion_words (FILE *out, const option_t *o, const option_t *except)
{
  for (; o != NULL && o->name != NULL; o++)
    if (options_find (except, o->name) == NULL)
      fprintf (out, " %s%s", o->name[1] == '\0' ? "-" : "--", o->name);
}

/* Values such as "plain|vi|en" are offered; for others the shell offers files. */
static void
completion_values (FILE *out, const option_t *o)
{
  for (; o != NULL && o->name != NULL; o++) {
    if (o->value == NULL || strchr (o->value, '|') == NULL)
      continue;
    fprintf (out, "    --%s) COMPREPLY=($(compgen -W '", o->name);
    for (const char *p = o->value; *p != '\0'; p++)
      fputc (*p == '|' ? ' ' : *p, out);
    fputs ("' -- \"$word\")); return;;\n", out);
  }
}

void
help_completion_bash (const program_t *p, FILE *out)
{
  char name[64];
  snprintf (name, sizeof name, "_%s", p->program);
  for (char *c = name; *c != '\0'; c++)
    if (*c == '-')
      *c = '_';
  fprintf (out,
           "%s () {\n  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= "
           "options= i\n",
           name);
  fputs ("  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in --lang) ((i++));; -*) ;; *) command=${COMP_WORDS[i]}; break;; esac\n"
         "  done\n  case $command in\n    '') options='",
         out);
  for (const command_t *c = p->commands; c->name != NULL; c++)
    fprintf (out, "%s%s", c == p->commands ? "" : " ", c->name);
  completion_words (out, args_program_options, NULL);
  fputs ("';;\n", out);
  for (const command_t *c = p->commands; c->name != NULL; c++) {
    fprintf (out, "    %s) options='", c->name);
    completion_words (out, c->options, NULL);
    completion_words (out, args_common_options, c->options);
    fputs ("';;\n", out);
  }
  fputs ("  esac\n  case $before in\n", out);
  completion_values (out, args_common_options);
  for (const command_t *c = p->commands; c->name != NULL; c++)
    for (const option_t *o = c->options; o != NULL && o->name != NULL; o++) {
      bool seen = options_find (args_common_options, o->name) != NULL;
      for (const command_t *d = p->commands; d != c && !seen; d++)
        seen = options_find (d->options, o->name) != NULL;
      option_t one[2] = {*o, {NULL, NULL, false, NULL, NULL}};
      if (!seen)
        completion_values (out, one);
    }
  fputs ("  esac\n  COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n", out);
  fprintf (out, "}\ncomplete -o default -F %s %s\n", name, p->program);
}

/* ---- did you mean ---- */

#define WORD_MAX 32u

/* Letters to change, add or take away. */
static size_t
distance (const char *a, const char *b)
{
  size_t n = strlen (a), m = strlen (b), row[WORD_MAX + 1];
  if (n > WORD_MAX || m > WORD_MAX)
    return WORD_MAX;
  for (size_t j = 0; j <= m; j++)
    row[j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= m; j++) {
      size_t change = diagonal + (a[i - 1] != b[j - 1]);
      size_t edge = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
      diagonal = row[j];
      row[j] = change < edge ? change : edge;
    }
  }
  return row[m];
}

static void
consider (const char *typed, const char *name, const char **best, size_t *least)
{
  size_t d = distance (typed, name);
  if (d < *least) {
    *least = d;
    *best = name;
  }
}

const char *
nearest_command (const program_t *p, const char *typed)
{
  const char *best = NULL;
  size_t least = 3;
  for (const command_t *c = p->commands; c->name != NULL; c++)
    consider (typed, c->name, &best, &least);
  return best;
}

const char *
nearest_option (const command_t *c, const char *typed)
{
  const char *best = NULL;
  size_t least = 3;
  for (const option_t *o = c->options; o != NULL && o->name != NULL; o++)
    if (o->name[1] != '\0')
      consider (typed, o->name, &best, &least);
  for (const option_t *o = args_common_options; o->name != NULL; o++)
    consider (typed, o->name, &best, &least);
  return best;
}
