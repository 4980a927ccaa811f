/* office.h - a joined office over the engine in memory, for the tests of this folder. */
#ifndef KC_TESTS_UNIT_AGENT_OFFICE_H
#define KC_TESTS_UNIT_AGENT_OFFICE_H

#include "agent/entry/import.h"
#include "common/base/lang.h"
#include "tests/support/joined.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE_FILE KC_SOURCE_DIR "/deploy/binh-dinh/catalogue.csv"
#define HEAD "code,name,district,plan_year,item,status"

typedef struct {
  fake_centre_t *centre;
  outbox_t *o;
  arena_t *arena;
} office_t;

static inline outbox_t *
empty_store (void)
{
  kv_t *kv = NULL;
  outbox_t *o = NULL;
  fail_t fail = {0};
  const kv_options_t options = {.db_names = outbox_db_names, .db_n = ODB_COUNT, .create = true};
  assert_int_equal (kv_open_mem (&options, &kv), ERR_OK);
  assert_int_equal (outbox_prepare_kv (kv, &fail), ERR_OK);
  assert_int_equal (outbox_open_kv (&kv, &o, &fail), ERR_OK);
  return o;
}

static inline office_t *
office_new (const char *unit, role_t role)
{
  fail_t fail = {0};
  office_t *e = calloc (1, sizeof *e);
  assert_non_null (e);
  e->centre = fake_centre_new (CATALOGUE_FILE);
  assert_non_null (e->centre);
  e->arena = arena_new (256u << 20);
  e->o = empty_store ();
  const err_t err = fake_centre_join (e->centre, e->o, unit, role, &fail);
  if (err != ERR_OK)
    fail_msg ("join: %s %s", err_name (err), fail.text);
  return e;
}

static inline void
office_destroy (office_t *e)
{
  outbox_close (&e->o);
  fake_centre_destroy (&e->centre);
  arena_destroy (&e->arena);
  free (e);
}

/* cmocka's, for the tests of one office, in English. */
static inline int
office_set_up (void **state)
{
  lang_set (LANG_EN);
  *state = office_new ("549", ROLE_OFFICE);
  return 0;
}

static inline int
office_tear_down (void **state)
{
  office_destroy (*state);
  lang_set (LANG_VI);
  return 0;
}

static inline err_t
take (outbox_t *o, const char *text, const import_options_t *options, const import_watch_t *watch,
      import_counts_t *n)
{
  fail_t fail = {0};
  import_options_t with = options != NULL ? *options : (import_options_t){0};
  with.person = STR ("Lan");
  return import_file (o, STR ("a.csv"), str_of (text), &with, watch, n, &fail);
}

static inline facts_t
facts_of (outbox_t *o)
{
  facts_t f;
  assert_int_equal (outbox_facts (o, &f), ERR_OK);
  return f;
}

#endif
