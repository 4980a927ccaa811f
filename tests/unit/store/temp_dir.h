/* temp_dir.h - a directory of a test's own, removed after it. */
#ifndef KC_TEST_TEMP_DIR_H
#define KC_TEST_TEMP_DIR_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEMP_DIR_MAX 128

static inline void
temp_dir_make (char dir[TEMP_DIR_MAX])
{
  const char *base = getenv ("TMPDIR");
  snprintf (dir, TEMP_DIR_MAX, "%.80s/kc-test-XXXXXX", base != NULL ? base : "/tmp");
  if (mkdtemp (dir) == NULL)
    abort ();
}

/* A store's files and then the directory. */
static inline void
temp_dir_remove (const char *dir)
{
  static const char *const files[] = {"data.mdb", "lock.mdb"};
  char path[TEMP_DIR_MAX + 16];
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    snprintf (path, sizeof path, "%s/%s", dir, files[i]);
    unlink (path);
  }
  rmdir (dir);
}

#endif
