/* Runs the seeds of a fuzz target as an ordinary test: every file of the folders given, whole and (small
 * ones) cut short at every length. A folder that holds none is a failure, lest a moved folder go
 * unnoticed. */
#include "tests/fuzz/target.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CUTS_MAX 1024

static void
replay_cuts (const uint8_t *bytes, size_t size)
{
  for (size_t n = 0; size <= CUTS_MAX && n < size; n++) {
    uint8_t *part = malloc (n > 0 ? n : 1);
    if (part == NULL)
      return;
    memcpy (part, bytes, n);
    LLVMFuzzerTestOneInput (part, n);
    free (part);
  }
}

/* The bytes stand on the heap at their exact size, so that a sanitizer sees a step too far. */
static int
replay_file (const char *path)
{
  int rc = -1;
  uint8_t *bytes = NULL;
  FILE *file = fopen (path, "rb");
  if (file == NULL || fseek (file, 0, SEEK_END) != 0)
    goto done;
  int64_t size = ftell (file);
  if (size < 0 || fseek (file, 0, SEEK_SET) != 0)
    goto done;
  bytes = malloc (size > 0 ? (size_t)size : 1);
  if (bytes == NULL || fread (bytes, 1, (size_t)size, file) != (size_t)size)
    goto done;
  rc = LLVMFuzzerTestOneInput (bytes, (size_t)size);
  replay_cuts (bytes, (size_t)size);
done:
  if (rc != 0)
    fprintf (stderr, "%s: cannot be replayed\n", path);
  free (bytes);
  if (file != NULL)
    fclose (file);
  return rc;
}

/* Number of files replayed, -1 at the first failure. */
static int
replay_folder (const char *folder)
{
  DIR *dir = opendir (folder);
  if (dir == NULL) {
    fprintf (stderr, "%s: no such folder\n", folder);
    return -1;
  }
  int n = 0;
  for (struct dirent *entry; n >= 0 && (entry = readdir (dir)) != NULL;) {
    char path[4096];
    struct stat st;
    snprintf (path, sizeof path, "%s/%s", folder, entry->d_name);
    if (stat (path, &st) != 0 || !S_ISREG (st.st_mode))
      continue;
    n = replay_file (path) == 0 ? n + 1 : -1;
  }
  closedir (dir);
  return n;
}

int
main (int argc, char **argv)
{
  int failed = argc < 2;
  for (int i = 1; i < argc; i++) {
    int n = replay_folder (argv[i]);
    if (n >= 0)
      printf ("%s: %d replayed\n", argv[i], n);
    failed |= n <= 0;
  }
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
