/* html.h - what our documents in html share: one file without script or anything beside it, the official
 * header of administrative papers (the body at the left, the state's name and motto at the right), position
 * and seal at the foot of every printed page.
 *
 * Everything that comes from outside passes markup_put_text; the style sheet takes digits and letters only.
 * Private to the layer. */
#ifndef KC_REPORT_HTML_H
#define KC_REPORT_HTML_H

#include "common/report/layout.h"
#include "common/text/markup.h"

/* Up to the body's start. style: rules behind the common ones; page: size and margins of paper. */
void html_start (buf_t *out, const render_meta_t *m, str_t title, const char *style, const char *page);
void html_frame_top (buf_t *out, const layout_frame_t *f);
/* An element around a text; attributes as they are, "" for none. */
void html_element (buf_t *out, const char *tag, const char *attributes, str_t text);
/* A paragraph on a line of its own; nothing for a blank text. */
void html_line (buf_t *out, const char *attributes, str_t text);

#endif
