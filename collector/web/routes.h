/* routes.h - what the API has: a table of paths, who may use each, and the command that answers it.
 *
 * An answer is the command's own --format json, so that the API has its names and rows by construction
 * (INTERFACE 3, HTTP). From the same table come the command lines and the OpenAPI document. Pure. */
#ifndef KC_COLLECTOR_WEB_ROUTES_H
#define KC_COLLECTOR_WEB_ROUTES_H

#include "collector/ledger/users.h"
#include "collector/web/http.h"

#define API_PREFIX "/api/v1/"

typedef enum {
  PARAM_OPTION = 0,
  PARAM_FLAG,     /* present, with 1 or yes; 0 or no: as if it were not there */
  PARAM_OPERAND,  /* in the order of the table */
  PARAM_OPERANDS, /* any number of them */
} param_kind_t;

typedef struct {
  const char *name; /* in the address or the form */
  param_kind_t kind;
  bool required;
  const char *option; /* of the command, where it is called otherwise */
  const char *help;   /* English; of an operand, which has no help of its own */
} param_t;

#define ROUTE_PARAMS_MAX 8u
typedef struct {
  bool post;
  const char *path; /* behind API_PREFIX */
  user_role_t role; /* who may, at least */
  const char *command;
  const char *word; /* an operand before DIR, as in "unit list DIR"; NULL */
  bool file;        /* answers with a file in the format asked for, instead of json */
  const char *help; /* English */
  param_t params[ROUTE_PARAMS_MAX + 1];
} route_t;
extern const route_t routes[]; /* ended by a NULL path */

/* Does a path lead to the API, whether or not to anything there? */
bool path_is_api (str_t path);
/* NULL: there is no such path; *other_method: but there is one with the other method. */
const route_t *route_find (bool post, str_t path, bool *other_method);

#define COMMAND_WORDS_MAX (FORM_FIELDS_MAX + 12u)
typedef struct {
  const char *word[COMMAND_WORDS_MAX + 1]; /* NULL-ended */
  size_t n;
} command_line_t;
/* The words of the command, out of the arena. ERR_USAGE with words: a parameter that is unknown, missing, or
 * given twice. */
MUST_USE err_t route_command (const route_t *r, const form_t *given, const char *program, const char *dir,
                              str_t person, bool english, arena_t *arena, command_line_t *out, fail_t *fail);
/* What a route answers with; file routes: by the format asked for. */
const char *route_content_type (const route_t *r, const form_t *given, const char **ending);

/* The OpenAPI document. */
void routes_openapi (const char *version, buf_t *out);

#endif
