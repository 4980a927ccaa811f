#include "common/sheet/xml_read.h"

#include "common/base/lang.h"

#include <stdlib.h>
#include <string.h>

#include <expat.h>

#define PIECE (64u << 10)
#define TOKEN_MAX (4u << 20)
#define NAME_SPACE '|' /* stands between it and the name */

struct xml_read {
  zip_read_t *zip;
  xml_told_t told;
  XML_Parser parser;
  size_t fed; /* since anything was told */
  bool paused, ended;
  fail_t failed; /* stays */
};

static const char *
local_name (const char *name)
{
  const char *mark = strrchr (name, NAME_SPACE);
  return mark != NULL ? mark + 1 : name;
}

const char *
xml_attribute (const char **attributes, const char *name)
{
  for (size_t i = 0; attributes[i] != NULL; i += 2)
    if (strcmp (local_name (attributes[i]), name) == 0)
      return attributes[i + 1];
  return NULL;
}

bool
xml_yes (const char *value)
{
  return value != NULL &&
         (strcmp (value, "1") == 0 || strcmp (value, "true") == 0 || strcmp (value, "on") == 0);
}

/* ---- what expat calls ---- */

static void XMLCALL
on_start (void *data, const XML_Char *name, const XML_Char **attributes)
{
  xml_read_t *x = data;
  x->fed = 0;
  x->told.start (x->told.ctx, local_name (name), (const char **)attributes);
}

static void XMLCALL
on_end (void *data, const XML_Char *name)
{
  xml_read_t *x = data;
  x->fed = 0;
  x->told.end (x->told.ctx, local_name (name));
}

static void XMLCALL
on_text (void *data, const XML_Char *text, int n)
{
  xml_read_t *x = data;
  x->fed = 0;
  if (x->told.text != NULL)
    x->told.text (x->told.ctx, (str_t){text, (size_t)n});
}

static void XMLCALL
on_other (void *data, const XML_Char *mark, int n)
{
  xml_read_t *x = data;
  (void)mark, (void)n;
  x->fed = 0;
}

static void XMLCALL
on_doctype (void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
  fail_t why = {0};
  (void)name, (void)system, (void)public, (void)internal;
  (void)fail_set (
      &why, ERR_INPUT,
      L ("tệp có khai báo kiểu văn bản XML (DOCTYPE), điều không chương trình bảng tính nào ghi: không "
         "đọc vì lý do an toàn",
         "the file declares an XML document type (DOCTYPE), as no spreadsheet program does: not read, "
         "for safety"));
  xml_read_abort (data, &why);
}

/* ---- life ---- */

err_t
xml_read_new (zip_read_t *zip, const char *entry, const xml_told_t *told, xml_read_t **out, fail_t *fail)
{
  xml_read_t *self;
  err_t err = zip_read_start (zip, entry, fail);
  if (err != ERR_OK)
    return err;
  if ((self = calloc (1, sizeof *self)) != NULL)
    self->parser = XML_ParserCreateNS (NULL, NAME_SPACE);
  if (self == NULL || self->parser == NULL) {
    free (self);
    return fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  }
  self->zip = zip;
  self->told = *told;
  XML_SetUserData (self->parser, self);
  XML_SetElementHandler (self->parser, on_start, on_end);
  XML_SetStartDoctypeDeclHandler (self->parser, on_doctype);
  XML_SetCharacterDataHandler (self->parser, on_text);
  XML_SetDefaultHandler (self->parser, on_other);
  *out = self;
  return ERR_OK;
}

void
xml_read_destroy (xml_read_t **self_p)
{
  xml_read_t *self = *self_p;
  if (self == NULL)
    return;
  XML_ParserFree (self->parser);
  free (self);
  *self_p = NULL;
}

void
xml_read_pause (xml_read_t *self)
{
  self->paused = XML_StopParser (self->parser, XML_TRUE) == XML_STATUS_OK;
}

void
xml_read_abort (xml_read_t *self, const fail_t *why)
{
  if (self->failed.err == ERR_OK)
    self->failed = *why;
  (void)XML_StopParser (self->parser, XML_FALSE);
}

/* ---- on ---- */

static err_t
fail_xml (xml_read_t *self)
{
  const enum XML_Error code = XML_GetErrorCode (self->parser);
  if (self->failed.err != ERR_OK)
    return self->failed.err;
  if (code == XML_ERROR_NO_MEMORY)
    return fail_set (&self->failed, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  return fail_set (&self->failed, ERR_INPUT,
                   L ("nội dung sổ tính bị hỏng (XML: %s): hãy mở trong Excel rồi lưu lại",
                      "the workbook's content is damaged (XML: %s): open it in Excel and save it again"),
                   XML_ErrorString (code));
}

static err_t
feed (xml_read_t *self)
{
  size_t n;
  void *piece = XML_GetBuffer (self->parser, PIECE);
  if (piece == NULL)
    return fail_set (&self->failed, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  err_t err = zip_read_more (self->zip, piece, PIECE, &n, &self->failed);
  if (err != ERR_OK)
    return err;
  self->ended = n == 0;
  self->fed += n;
  if (XML_ParseBuffer (self->parser, (int)n, self->ended) == XML_STATUS_ERROR)
    return fail_xml (self);
  if (self->fed > TOKEN_MAX) /* expat gathers a mark until it ends, in whatever room that takes */
    return fail_set (
        &self->failed, ERR_INPUT,
        L ("nội dung sổ tính không như chương trình bảng tính ghi: hãy mở trong Excel rồi lưu lại",
           "the workbook's content is not as spreadsheet programs write it: open it in Excel and "
           "save it again"));
  return ERR_OK;
}

err_t
xml_read_on (xml_read_t *self, fail_t *fail)
{
  err_t err = self->failed.err;
  if (err == ERR_OK && self->paused) {
    self->paused = false;
    if (XML_ResumeParser (self->parser) == XML_STATUS_ERROR)
      err = fail_xml (self);
  }
  while (err == ERR_OK && !self->paused && !self->ended)
    err = feed (self);
  if (err != ERR_OK && fail != NULL && fail->err == ERR_OK)
    *fail = self->failed;
  if (err != ERR_OK)
    return err;
  return self->paused ? ERR_OK : ERR_END;
}
