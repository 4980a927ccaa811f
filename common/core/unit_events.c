/* unit_events.c - what happens to units, written into [units] and [lineage].
 *
 * Steps keep the draft a valid catalogue at each moment: first the old versions end, then new ones begin,
 * then the lineage says who follows whom. A code is looked up on the day the event comes into force, or the
 * day before, since that is when the person who writes the command means it. */
#include "common/core/unit_events.h"
#include "common/base/lang.h"
#include "common/core/catalogue_edit.h"
#include "common/core/units.h"
#include "common/text/number.h"
#include "common/text/utf8.h"

#include <stdio.h>

#define LINEAGE_HEADER "from,to,event,on,legal,heir,commune"
#define DAY_TEXT 11u

typedef struct {
  draft_t *d;
  const unit_change_t *ch;
  bool changed;
  fail_t *fail;
} work_t;

/* ---- days and codes ---- */

date_t
day_before (date_t day)
{
  unsigned y = day / 10000, m = day / 100 % 100, d = day % 100;
  if (d > 1)
    return day - 1;
  if (m == 1)
    return (y - 1) * 10000 + 1231;
  return y * 10000 + (m - 1) * 100 + date_days_in (y, m - 1);
}

static str_t
day_text (date_t day, char out[DAY_TEXT])
{
  snprintf (out, DAY_TEXT, "%04u-%02u-%02u", (unsigned)(day / 10000 % 10000), (unsigned)(day / 100 % 100),
            (unsigned)(day % 100));
  return (str_t){out, DAY_TEXT - 1};
}

static str_t
number_text (uint32_t n, char out[12])
{
  return (str_t){out, (size_t)snprintf (out, 12, "%u", (unsigned)n)};
}

static const catalogue_t *
cat (const work_t *w)
{
  return draft_catalogue (w->d);
}

/* Who is meant by a code: who goes on from that day, for a new name or type; who ends the day before, else.
 */
static const unit_t *
meant (const work_t *w, str_t code)
{
  bool stays = w->ch->event == EVENT_RENAME || w->ch->event == EVENT_RETYPE;
  date_t first = stays ? w->ch->on : day_before (w->ch->on),
         second = stays ? day_before (w->ch->on) : w->ch->on;
  const unit_t *u = code.n > 0 && memchr (code.p, '@', code.n) != NULL
                        ? catalogue_unit_by_code (cat (w), code)
                        : unit_by_code_on (cat (w), code, first);
  return u != NULL ? u : unit_by_code_on (cat (w), code, second);
}

static err_t
unknown (const work_t *w, str_t code)
{
  char day[DAY_TEXT];
  day_text (w->ch->on, day);
  return fail_set (w->fail, ERR_INPUT,
                   L ("không có đơn vị nào mang mã “%.*s” vào ngày %s; xem kc-collector unit list DIR",
                      "no office bears code \"%.*s\" on %s; see kc-collector unit list DIR"),
                   STR_ARG (code), day);
}

/* Row of [units] of a unit's version that covers the day; DRAFT_NONE. */
static size_t
row_on (const work_t *w, unit_id_t id, date_t day)
{
  const unit_t *u;
  for (size_t i = 0; (u = catalogue_unit_version_at (cat (w), i)) != NULL; i++)
    if (u->id == id && unit_is_on (u, day))
      return i;
  return DRAFT_NONE;
}

/* ---- rename, retype ---- */

typedef struct {
  const char *column;
  str_t text;
} renewal_t;

static str_t
renewed_of (const unit_t *u, const char *column)
{
  return strcmp (column, "name") == 0 ? u->name : strcmp (column, "type") == 0 ? u->type : u->name_en;
}

/* The version of the day begins on it: cut in two if need be. */
static err_t
begin_version (work_t *w, unit_id_t id, size_t *row)
{
  char last[DAY_TEXT], first[DAY_TEXT], end[DAY_TEXT];
  *row = row_on (w, id, w->ch->on);
  CHECK (*row != DRAFT_NONE);
  const unit_t *u = catalogue_unit_version_at (cat (w), *row);
  if (u->valid_from == w->ch->on)
    return ERR_OK;
  str_t was_end = u->valid_to != 0 ? day_text (u->valid_to, end) : STR ("");
  draft_cell_t old = {"valid_to", day_text (day_before (w->ch->on), last)};
  draft_cell_t fresh[] = {{"valid_from", day_text (w->ch->on, first)}, {"valid_to", was_end}};
  err_t err = draft_set (w->d, "units", *row, &old, 1, w->fail);
  if (err == ERR_OK)
    err = draft_insert (w->d, "units", *row, *row, fresh, 2, w->fail);
  ++*row;
  w->changed = true;
  return err;
}

/* From the day on, through later versions as long as they bear what the day's version bore. */
static err_t
renew (work_t *w, unit_id_t id, const renewal_t *to, size_t n)
{
  size_t row = row_on (w, id, w->ch->on);
  const unit_t *u = row != DRAFT_NONE ? catalogue_unit_version_at (cat (w), row) : NULL;
  bool same = u != NULL;
  for (size_t k = 0; same && k < n; k++)
    same = str_eq (renewed_of (u, to[k].column), to[k].text);
  if (u == NULL || same)
    return ERR_OK;
  buf_t was[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
  for (size_t k = 0; k < n; k++)
    buf_put (&was[k], renewed_of (u, to[k].column).p, renewed_of (u, to[k].column).n);
  err_t err = begin_version (w, id, &row);
  for (; err == ERR_OK && (u = catalogue_unit_version_at (cat (w), row)) != NULL; row++) {
    draft_cell_t cells[3];
    size_t kept = 0;
    for (size_t k = 0; u->id == id && k < n; k++) {
      str_t has = renewed_of (u, to[k].column), before = buf_str (&was[k]);
      if (has.n == before.n && (has.n == 0 || memcmp (has.p, before.p, has.n) == 0))
        cells[kept++] = (draft_cell_t){to[k].column, to[k].text};
    }
    if (kept > 0)
      err = draft_set (w->d, "units", row, cells, kept, w->fail);
    w->changed = w->changed || kept > 0;
  }
  for (size_t k = 0; k < 3; k++)
    buf_free (&was[k]);
  return err;
}

/* The name in English when none was given: the same, where the catalogue has such a column at all. */
static str_t
english_of (const work_t *w, str_t given, str_t name)
{
  if (!str_blank (given))
    return given;
  return catalogue_unit_version_at (cat (w), 0)->name_en.p != NULL ? name : STR ("");
}

/* Blank: stays. The name it has already keeps what it is called in English, too. */
static err_t
renew_name (work_t *w, unit_id_t id, str_t name, str_t type)
{
  renewal_t to[3];
  size_t n = 0;
  const size_t row = row_on (w, id, w->ch->on);
  const unit_t *u = row != DRAFT_NONE ? catalogue_unit_version_at (cat (w), row) : NULL;
  if (!str_blank (name)) {
    to[n++] = (renewal_t){"name", name};
    if (u == NULL || !str_eq (u->name, name) || !str_blank (w->ch->name_en))
      to[n++] = (renewal_t){"name_en", english_of (w, w->ch->name_en, name)};
  }
  if (!str_blank (type))
    to[n++] = (renewal_t){"type", type};
  return renew (w, id, to, n);
}

/* ---- lineage ---- */

static bool
says_so (const work_t *w, const lineage_t *l)
{
  const lineage_t *o;
  buf_t folded = BUF_INIT;
  bool found = false;
  (void)commune_fold (l->commune, &folded);
  for (size_t i = 0; !found && (o = catalogue_lineage_at (cat (w), i)) != NULL; i++)
    found = o->from == l->from && o->to == l->to && o->event == l->event && o->on == l->on &&
            o->heir == l->heir && o->folded.n == folded.n &&
            (folded.n == 0 || memcmp (o->folded.p, buf_str (&folded).p, folded.n) == 0);
  buf_free (&folded);
  return found;
}

static err_t
write_lineage (work_t *w, unit_id_t from, unit_id_t to, bool heir, str_t commune)
{
  char a[12], b[12], day[DAY_TEXT];
  lineage_t l = {
      .from = from, .to = to, .event = w->ch->event, .on = w->ch->on, .heir = heir, .commune = commune};
  if (says_so (w, &l))
    return ERR_OK;
  draft_cell_t cells[] = {{"from", number_text (from, a)},
                          {"to", to != 0 ? number_text (to, b) : STR ("")},
                          {"event", str_of (unit_event_name (w->ch->event))},
                          {"on", day_text (w->ch->on, day)},
                          {"legal", str_blank (w->ch->legal) ? STR ("") : w->ch->legal},
                          {"heir", heir ? STR ("yes") : STR ("no")},
                          {"commune", str_blank (commune) ? STR ("") : commune}};
  w->changed = true;
  return draft_append (w->d, "lineage", LINEAGE_HEADER, "units", cells, sizeof cells / sizeof cells[0],
                       w->fail);
}

/* ---- an end, a beginning ---- */

/* The unit's last day is the one before. */
static err_t
end_unit (work_t *w, unit_id_t id)
{
  char day[DAY_TEXT];
  date_t last = day_before (w->ch->on);
  size_t row = row_on (w, id, last);
  const unit_t *u = row != DRAFT_NONE ? catalogue_unit_version_at (cat (w), row) : NULL;
  const unit_t *newest = catalogue_unit (cat (w), id);
  if (u != NULL && u->valid_to == last && newest->valid_from <= last)
    return ERR_OK;
  day_text (w->ch->on, day);
  if (u == NULL || u->valid_from > last || newest->valid_from > last || newest->province)
    return fail_set (
        w->fail, ERR_INPUT,
        newest->province
            ? L ("đơn vị cấp tỉnh “%.*s” không thể kết thúc; dùng unit rename nếu chỉ đổi tên (%s)",
                 "the provincial office \"%.*s\" cannot end; use unit rename if it has a new name (%s)")
            : L ("“%.*s” có thay đổi sau ngày %s, hoặc không còn vào ngày đó; xem kc-collector unit list DIR",
                 "\"%.*s\" has changes after %s, or is gone by then; see kc-collector unit list DIR"),
        STR_ARG (newest->name), day);
  draft_cell_t cell = {"valid_to", day_text (last, day)};
  w->changed = true;
  return draft_set (w->d, "units", row, &cell, 1, w->fail);
}

/* The unit that is to receive: the one that bears the code on the day, else a new one. */
static err_t
find_or_make (work_t *w, const successor_t *s, unit_id_t parent, unit_id_t *out)
{
  char id[12], up[12], day[DAY_TEXT];
  const unit_t *u = unit_by_code_on (cat (w), s->code, w->ch->on), *v;
  if (u != NULL) {
    *out = u->id;
    if (!str_blank (s->name) && (!str_eq (u->name, s->name) || !str_eq (u->type, s->type)))
      return fail_set (
          w->fail, ERR_INPUT,
          L ("mã “%.*s” khi đó đã thuộc “%.*s”; hãy chọn mã khác, hoặc chỉ ghi mã nếu đúng là đơn vị này",
             "code \"%.*s\" belongs to \"%.*s\" by then; choose another, or give the code alone if that "
             "is the office meant"),
          STR_ARG (s->code), STR_ARG (u->name));
    return ERR_OK;
  }
  if (str_blank (s->name) || str_blank (s->type))
    return fail_set (w->fail, ERR_INPUT,
                     L ("chưa có đơn vị mã “%.*s”; hãy ghi cả loại và tên của đơn vị mới",
                        "there is no office with code \"%.*s\" yet; give the type and name of the new one"),
                     STR_ARG (s->code));
  size_t rows = 0;
  *out = 0;
  for (; (v = catalogue_unit_version_at (cat (w), rows)) != NULL; rows++)
    *out = v->id > *out ? v->id : *out;
  if (*out == UINT32_MAX)
    return fail_set (w->fail, ERR_TOO_BIG, L ("hết số hiệu cho đơn vị", "no ids are left for offices"));
  ++*out;
  str_t english = english_of (w, w->ch->event == EVENT_MERGE ? w->ch->name_en : STR_NONE, s->name);
  draft_cell_t cells[] = {{"id", number_text (*out, id)},
                          {"code", s->code},
                          {"name", s->name},
                          {"name_en", english},
                          {"type", s->type},
                          {"parent", parent != 0 ? number_text (parent, up) : STR ("")},
                          {"province", STR ("no")},
                          {"valid_from", day_text (w->ch->on, day)}};
  w->changed = true;
  return draft_insert (w->d, "units", rows - 1, DRAFT_NONE, cells, sizeof cells / sizeof cells[0], w->fail);
}

/* ---- the events ---- */

static err_t
do_renew (work_t *w, const unit_t *u)
{
  unit_id_t id = u->id;
  char day[DAY_TEXT];
  if (row_on (w, id, w->ch->on) == DRAFT_NONE) {
    day_text (w->ch->on, day);
    return fail_set (w->fail, ERR_INPUT, L ("“%.*s” không còn vào ngày %s", "\"%.*s\" is gone by %s"),
                     STR_ARG (u->name), day);
  }
  err_t err = renew_name (w, id, w->ch->name, w->ch->type);
  return err == ERR_OK && w->changed ? write_lineage (w, id, 0, false, STR_NONE) : err;
}

/* The receiver's name and type stand in --into or in options of their own. */
static err_t
merge_words (const work_t *w, successor_t *to)
{
  if (!str_blank (to->communes))
    return fail_set (w->fail, ERR_USAGE,
                     L ("unit merge nhận mọi xã: --into chỉ ghi CODE hoặc CODE:LOẠI:TÊN",
                        "unit merge takes every commune: --into is CODE or CODE:TYPE:NAME"));
  if ((!str_blank (to->name) && !str_blank (w->ch->name) && !str_eq (to->name, w->ch->name)) ||
      (!str_blank (to->type) && !str_blank (w->ch->type) && !str_eq (to->type, w->ch->type)))
    return fail_set (w->fail, ERR_USAGE,
                     L ("--into và --name, --type nói khác nhau; hãy ghi tên và loại một lần",
                        "--into and --name, --type say different things; give name and type once"));
  to->name = str_blank (to->name) ? w->ch->name : to->name;
  to->type = str_blank (to->type) ? w->ch->type : to->type;
  return ERR_OK;
}

/* Is there nobody but the receiver? */
static bool
alone (const work_t *w, const unit_id_t *ids, unit_id_t into)
{
  for (size_t i = 0; i < w->ch->offices_n; i++)
    if (ids[i] != into)
      return false;
  return true;
}

static err_t
do_merge (work_t *w, const unit_id_t *ids)
{
  successor_t to = w->ch->into[0];
  unit_id_t into = 0, parent = catalogue_unit (cat (w), ids[0])->parent;
  buf_t type = BUF_INIT;
  for (size_t i = 0; i < w->ch->offices_n; i++)
    if (str_eq (w->ch->offices[i], to.code))
      into = ids[i];
  const unit_t *there = into == 0 ? unit_by_code_on (cat (w), to.code, w->ch->on) : NULL;
  str_t first = catalogue_unit (cat (w), ids[0])->type;
  err_t err = merge_words (w, &to);
  if (there != NULL && err == ERR_OK && !str_blank (w->ch->into[0].name))
    err = find_or_make (w, &w->ch->into[0], parent, &into); /* is it the one that is meant? */
  else if (there != NULL)
    into = there->id;
  if (err == ERR_OK && alone (w, ids, into))
    err = fail_set (
        w->fail, ERR_INPUT,
        L ("“%.*s” không thể gộp vào chính mình; hãy ghi các đơn vị được gộp, và --into là đơn vị nhận",
           "\"%.*s\" cannot be merged into itself; name the offices that merge, and with --into who "
           "receives"),
        STR_ARG (to.code));
  buf_put (&type, first.p, first.n);
  for (size_t i = 0; err == ERR_OK && i < w->ch->offices_n; i++)
    if (ids[i] != into)
      err = end_unit (w, ids[i]);
  if (into == 0 && err == ERR_OK) {
    to.type = str_blank (to.type) ? buf_str (&type) : to.type;
    err = find_or_make (w, &to, parent, &into);
  } else if (err == ERR_OK)
    err = renew_name (w, into, to.name, to.type);
  for (size_t i = 0; err == ERR_OK && i < w->ch->offices_n; i++)
    if (ids[i] != into)
      err = write_lineage (w, ids[i], into, true, STR_NONE);
  buf_free (&type);
  return err;
}

/* What of a split goes to one successor. */
static err_t
give (work_t *w, unit_id_t from, unit_id_t to, bool heir, str_t communes)
{
  size_t at = 0;
  str_t one;
  bool any = false;
  err_t err = heir ? write_lineage (w, from, to, true, STR_NONE) : ERR_OK;
  while (err == ERR_OK && !str_blank (communes) && commune_next (communes, &at, &one))
    if (one.n > 0) {
      err = write_lineage (w, from, to, false, one);
      any = true;
    }
  return err == ERR_OK && !heir && !any ? write_lineage (w, from, to, false, STR_NONE) : err;
}

static err_t
do_split (work_t *w, unit_id_t id)
{
  unit_id_t parent = catalogue_unit (cat (w), id)->parent;
  bool heir_named = str_blank (w->ch->heir);
  for (size_t i = 0; i < w->ch->into_n; i++)
    heir_named = heir_named || str_eq (w->ch->heir, w->ch->into[i].code);
  if (!heir_named)
    return fail_set (w->fail, ERR_USAGE,
                     L ("--heir “%.*s” phải là một trong các mã của --into",
                        "--heir \"%.*s\" must be one of the codes of --into"),
                     STR_ARG (w->ch->heir));
  err_t err = w->ch->keep ? ERR_OK : end_unit (w, id);
  for (size_t i = 0; err == ERR_OK && i < w->ch->into_n; i++) {
    const successor_t *s = &w->ch->into[i];
    unit_id_t to = 0;
    err = find_or_make (w, s, parent, &to);
    if (err == ERR_OK)
      err = give (w, id, to, !str_blank (w->ch->heir) && str_eq (s->code, w->ch->heir), s->communes);
  }
  return err;
}

static err_t
do_abolish (work_t *w, unit_id_t id)
{
  unit_id_t heir = 0;
  if (!str_blank (w->ch->heir)) {
    const unit_t *u = unit_by_code_on (cat (w), w->ch->heir, w->ch->on);
    if (u == NULL)
      return unknown (w, w->ch->heir);
    heir = u->id;
  }
  err_t err = end_unit (w, id);
  return err == ERR_OK ? write_lineage (w, id, heir, heir != 0, STR_NONE) : err;
}

static err_t
do_event (work_t *w)
{
  unit_id_t ids[UNIT_OFFICES_MAX] = {0};
  const unit_t *first = NULL;
  CHECK (w->ch->offices_n > 0 && w->ch->offices_n <= UNIT_OFFICES_MAX);
  for (size_t i = 0; i < w->ch->offices_n; i++) {
    const unit_t *u = meant (w, w->ch->offices[i]);
    if (u == NULL)
      return unknown (w, w->ch->offices[i]);
    ids[i] = u->id;
    first = first != NULL ? first : u;
  }
  switch (w->ch->event) {
  case EVENT_RENAME:
  case EVENT_RETYPE:
    return do_renew (w, first);
  case EVENT_MERGE:
    return do_merge (w, ids);
  case EVENT_SPLIT:
    return do_split (w, ids[0]);
  case EVENT_ABOLISH:
    return do_abolish (w, ids[0]);
  case EVENT_NONE:
  case UNIT_EVENT_COUNT:
    break;
  }
  UNREACHABLE ();
}

static err_t
check_text (const work_t *w, const char *option, str_t text)
{
  if (str_blank (text) || (utf8_valid (text, NULL) && utf8_clean (text, false, NULL)))
    return ERR_OK;
  return fail_set (
      w->fail, ERR_INPUT,
      L ("--%s có ký tự xuống dòng, ký tự điều khiển hoặc không phải UTF-8; hãy ghi lại trên một dòng",
         "--%s has a line break, a control character or is no UTF-8; write it on one line"),
      option);
}

static err_t
check_texts (const work_t *w)
{
  const unit_change_t *ch = w->ch;
  err_t err = check_text (w, "name", ch->name);
  if (err == ERR_OK)
    err = check_text (w, "name-en", ch->name_en);
  if (err == ERR_OK)
    err = check_text (w, "type", ch->type);
  if (err == ERR_OK)
    err = check_text (w, "legal", ch->legal);
  for (size_t i = 0; err == ERR_OK && i < ch->into_n; i++) {
    const str_t parts[] = {ch->into[i].code, ch->into[i].type, ch->into[i].name, ch->into[i].communes};
    for (size_t k = 0; err == ERR_OK && k < sizeof parts / sizeof parts[0]; k++)
      err = check_text (w, "into", parts[k]);
  }
  const bool rename = ch->event == EVENT_RENAME, retype = ch->event == EVENT_RETYPE;
  if (err == ERR_OK && ((rename && utf8_blank (ch->name)) || (retype && utf8_blank (ch->type))))
    err = fail_set (w->fail, ERR_INPUT,
                    rename ? L ("--name để trống; hãy ghi tên mới", "--name is blank; give the new name")
                           : L ("--type để trống; hãy ghi loại mới", "--type is blank; give the new type"));
  return err;
}

err_t
unit_change_apply (const catalogue_t *c, const unit_change_t *change, buf_t *out, bool *changed, fail_t *fail)
{
  work_t w = {.ch = change, .fail = fail};
  *changed = false;
  err_t err = check_texts (&w);
  if (err == ERR_OK)
    err = draft_new (c, &w.d, fail);
  if (err == ERR_OK)
    err = do_event (&w);
  if (err == ERR_OK && w.changed) {
    str_t file = catalogue_bytes (cat (&w));
    buf_put (out, file.p, file.n);
    *changed = true;
    err = buf_ok (out) ? ERR_OK : fail_set (fail, ERR_NOMEM, "%s", err_words (ERR_NOMEM));
  }
  draft_destroy (&w.d);
  return err;
}

/* ---- words of the command ---- */

bool
successor_parse (str_t text, successor_t *out)
{
  str_t part[4] = {{0}};
  size_t n = 0, from = 0;
  for (size_t i = 0; i <= text.n; i++) {
    if (i < text.n && (text.p[i] != ':' || n == 3))
      continue;
    if (n == 4)
      return false;
    part[n++] = (str_t){text.p + from, i - from};
    from = i + 1;
  }
  *out = (successor_t){part[0], part[1], part[2], part[3]};
  return part[0].n > 0 && (n == 1 || (n >= 3 && part[1].n > 0 && part[2].n > 0));
}
