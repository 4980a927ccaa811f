/* xml_read.h - an entry of a zip archive as XML: elements and texts told through callbacks, with a pause.
 *
 * Names come without their name space; that of nothing else here is XML. A document type is refused, and with
 * it every entity that could grow. A mark of more than TOKEN_MAX bytes is refused before it is gathered. */
#ifndef KC_SHEET_XML_READ_H
#define KC_SHEET_XML_READ_H

#include "common/sheet/zip_read.h"

typedef struct xml_read xml_read_t;

typedef struct {
  void *ctx;
  void (*start) (void *ctx, const char *name, const char **attributes);
  void (*end) (void *ctx, const char *name);
  void (*text) (void *ctx, str_t text); /* a run of text may come in several pieces; may be NULL */
} xml_told_t;

/* Starts an entry of zip, both borrowed until the end; nobody else may read from zip meanwhile. ERR_NOT_FOUND
 * as zip_read_start. */
MUST_USE err_t xml_read_new (zip_read_t *zip, const char *entry, const xml_told_t *told, xml_read_t **out,
                             fail_t *fail);
void xml_read_destroy (xml_read_t **self_p);
/* Tells on until a callback pauses (ERR_OK), the end (ERR_END), or an error, which stays. */
MUST_USE err_t xml_read_on (xml_read_t *self, fail_t *fail);
/* For callbacks. abort: with the error that xml_read_on is to give. */
void xml_read_pause (xml_read_t *self);
void xml_read_abort (xml_read_t *self, const fail_t *why);

/* The attribute's value, whatever its name space; NULL when it is not there. */
const char *xml_attribute (const char **attributes, const char *name);
/* "1", "true", "on" */
bool xml_yes (const char *value);

#endif
