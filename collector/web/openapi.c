/* openapi.c - the API's description, made from its routes. */
#include "collector/web/routes.h"

#include "common/text/json.h"

static void
put_words (buf_t *out, const char *name, const char *words)
{
  buf_printf (out, "\"%s\":", name);
  json_put_text (out, str_of (words));
}

static void
put_schema (buf_t *out, const param_t *p)
{
  if (p->kind == PARAM_OPERANDS)
    buf_puts (out, "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}");
  else
    buf_puts (out, p->kind == PARAM_FLAG ? "{\"type\":\"boolean\"}" : "{\"type\":\"string\"}");
}

/* Options are explained by the command's --help, to which the description points. */
static void
put_parameter_words (buf_t *out, const route_t *r, const param_t *p)
{
  buf_t words = BUF_INIT;
  if (p->help != NULL)
    buf_puts (&words, p->help);
  else
    buf_printf (&words, "As --%s of kc-collector %s", p->option != NULL ? p->option : p->name, r->command);
  put_words (out, "description", buf_z (&words));
  buf_free (&words);
}

static void
put_query (buf_t *out, const route_t *r)
{
  buf_puts (out, ",\"parameters\":[");
  for (const param_t *p = r->params; p->name != NULL; p++) {
    buf_puts (out, p == r->params ? "{" : ",{");
    put_words (out, "name", p->name);
    buf_printf (out, ",\"in\":\"query\",\"required\":%s,", p->required ? "true" : "false");
    put_parameter_words (out, r, p);
    buf_puts (out, ",\"schema\":");
    put_schema (out, p);
    buf_puts (out, "}");
  }
  buf_puts (out, "]");
}

static void
put_form (buf_t *out, const route_t *r)
{
  bool first = true;
  buf_puts (
      out,
      ",\"requestBody\":{\"required\":true,\"content\":{\"application/x-www-form-urlencoded\":{\"schema\":{"
      "\"type\":\"object\",\"properties\":{");
  for (const param_t *p = r->params; p->name != NULL; p++) {
    if (p != r->params)
      buf_putc (out, ',');
    json_put_text (out, str_of (p->name));
    buf_puts (out, ":{");
    put_parameter_words (out, r, p);
    buf_puts (out, p->kind == PARAM_OPERANDS ? ",\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
                                             : ",\"type\":\"string\"}");
  }
  buf_puts (out, "},\"required\":[");
  for (const param_t *p = r->params; p->name != NULL; p++)
    if (p->required) {
      if (!first)
        buf_putc (out, ',');
      json_put_text (out, str_of (p->name));
      first = false;
    }
  buf_puts (out, "]}}}}");
}

static void
put_responses (buf_t *out, const route_t *r)
{
  buf_puts (out, ",\"responses\":{\"200\":{\"description\":\"");
  if (r->file)
    buf_puts (out, "The file\"}");
  else if (r->post)
    buf_puts (out, "Done: what the command says\",\"content\":{\"application/json\":{\"schema\":{\"$ref\":"
                   "\"#/components/schemas/Answer\"}}}}");
  else
    buf_puts (out, "Rows as the command gives them with --format json\",\"content\":{\"application/json\":{"
                   "\"schema\":{\"$ref\":\"#/components/schemas/Rows\"}}}}");
  static const char *const errors[][2] = {{"400", "Wrong use"},
                                          {"401", "Not logged in, no token"},
                                          {"403", "Not for this role; or a form without its key"},
                                          {"422", "Bad input: what is wrong, and what to do"},
                                          {"503", "The store is busy or out of order"}};
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    buf_printf (out, ",\"%s\":{", errors[i][0]);
    put_words (out, "description", errors[i][1]);
    buf_puts (out,
              ",\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Error\"}}}}");
  }
  buf_puts (out, "}");
}

static void
put_operation (buf_t *out, const route_t *r)
{
  buf_printf (out, "\"%s\":{", r->post ? "post" : "get");
  put_words (out, "summary", r->help);
  buf_printf (out, ",\"description\":\"kc-collector %s; for %s and above\"", r->command,
              user_role_name (r->role));
  if (r->post)
    put_form (out, r);
  else if (r->params[0].name != NULL)
    put_query (out, r);
  put_responses (out, r);
  buf_puts (out, "}");
}

static const char others[] =
    ",\n\"/api/v1/events\":{\"get\":{\"summary\":\"Running totals as they change (server-sent events)\","
    "\"description\":\"event: snapshot, then event: change; id: EPOCH:LSN; data: {position, seal, parked, "
    "groupings: "
    "[{by, rows}]}, changed cells as absolute values, a cell that is gone with zeros. Last-Event-ID resumes, "
    "or, too "
    "old, starts over with a snapshot.\",\"responses\":{\"200\":{\"description\":\"The stream\",\"content\":{"
    "\"text/event-stream\":{\"schema\":{\"type\":\"string\"}}}},\"401\":{\"description\":\"Not logged in, no "
    "token\"}}}},"
    "\n\"/api/v1/me\":{\"get\":{\"summary\":\"Who asks: name, role, and the key their forms must carry\","
    "\"responses\":{\"200\":{\"description\":\"name, role, "
    "form_key\"},\"401\":{\"description\":\"Nobody\"}}}},"
    "\n\"/api/v1/labels\":{\"get\":{\"summary\":\"What the codes of the figures are called, by "
    "dimension\",\"responses\":{"
    "\"200\":{\"description\":\"category, item, source, district, status; category_of: of each item\"}}}},"
    "\n\"/api/v1/openapi.json\":{\"get\":{\"summary\":\"This "
    "document\",\"security\":[],\"responses\":{\"200\":{"
    "\"description\":\"OpenAPI 3\"}}}}";

static const char components[] =
    "\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},\"login\":{"
    "\"type\":"
    "\"apiKey\",\"in\":\"cookie\",\"name\":\"kc_session\",\"description\":\"From the login page. A POST that "
    "comes by "
    "it carries X-Form-Key, or a field form_key, from "
    "/api/v1/me.\"}},\"schemas\":{\"Rows\":{\"type\":\"object\","
    "\"required\":[\"rows\"],\"properties\":{\"position\":{\"type\":\"string\",\"description\":\"EPOCH:LSN\"}"
    ",\"seal\":"
    "{\"type\":\"string\"},\"rows\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"description\":"
    "\"Money is a "
    "string of "
    "digits\"}}}},\"Answer\":{\"type\":\"object\",\"required\":[\"answer\"],\"properties\":{\"answer\":{"
    "\"type\":\"string\"}}},\"Error\":{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{"
    "\"error\":{\"type\":"
    "\"string\"}}}}},\"security\":[{\"token\":[]},{\"login\":[]}]";

void
routes_openapi (const char *version, buf_t *out)
{
  buf_puts (out, "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"khuyencong: the centre\",");
  put_words (out, "version", version);
  buf_puts (out, "},\n\"paths\":{");
  for (const route_t *r = routes; r->path != NULL; r++) {
    bool before = false;
    for (const route_t *other = routes; other != r; other++)
      before = before || str_is (str_of (other->path), r->path);
    if (before)
      continue; /* with the path's first method */
    buf_printf (out, "%s\n\"" API_PREFIX "%s\":{", r == routes ? "" : ",", r->path);
    put_operation (out, r);
    for (const route_t *other = r + 1; other->path != NULL; other++)
      if (str_is (str_of (other->path), r->path)) {
        buf_putc (out, ',');
        put_operation (out, other);
      }
    buf_puts (out, "}");
  }
  buf_puts (out, others);
  buf_puts (out, "},\n");
  buf_puts (out, components);
  buf_puts (out, "}\n");
}
