/* platform.h - what differs between systems, behind one small interface. posix_*.c and windows*.c.
 *
 * Paths are UTF-8 with '/' or the system's separator. Nothing here knows of records or the wire. */
#ifndef KC_PLATFORM_PLATFORM_H
#define KC_PLATFORM_PLATFORM_H

#include "common/base/ids.h"

/* ---- files ---- */
/* Whole file into out. limit in bytes. ERR_NO_FILE (missing, unreadable, a directory), ERR_TOO_BIG. "-" is
 * stdin. */
MUST_USE err_t file_read (const char *path, size_t limit, buf_t *out, fail_t *fail);
/* Writes to a temporary name beside it, flushes, renames over, flushes the directory. mode_private: 0600. */
MUST_USE err_t file_write (const char *path, str_t bytes, bool mode_private, fail_t *fail);
bool file_exists (const char *path);
bool path_is_dir (const char *path);
MUST_USE err_t dir_make (const char *path); /* 0700, parents too; fine if it is there */
err_t dir_sync (const char *path);
bool file_remove (const char *path);
/* An empty file of our own in the system's folder for such, its path in place of what out holds; for
 * libraries that only write to a name. The caller removes it. The path is one that fopen takes. */
MUST_USE err_t file_temporary (buf_t *out, fail_t *fail);
/* Joins with a separator into out (which is cleared). Returns buf_z. */
const char *path_join (buf_t *out, const char *dir, const char *name);
uint64_t disk_free (const char *path); /* bytes; UINT64_MAX when unknown */
uint64_t file_size (const char *path); /* 0 when missing */

/* ---- a lock on a file of its own: says that serve runs ---- */
typedef struct lock lock_t;
MUST_USE err_t lock_take (const char *path, lock_t **out); /* ERR_BUSY when another process has it */
void lock_release (lock_t **self_p);
bool lock_is_taken (const char *path); /* by anybody, without taking it */

/* ---- clocks ---- */
wall_t clock_wall (void);
mono_t clock_mono (void);
void clock_sleep_ms (int64_t ms);
/* Local form for people, "25/11/2026 09:05:07" (vi) or ISO (en), in Vietnam's time (UTC+7). */
void wall_format (wall_t t, buf_t *out);
void wall_format_iso (wall_t t, buf_t *out); /* 2026-11-25T02:05:07Z */
/* In place of what out holds: the one for people or the other; nothing when t is 0, which is never. */
void wall_put (wall_t t, bool people, buf_t *out);

/* ---- console ---- */
bool console_is_terminal (int fd); /* 0, 1, 2 */
unsigned console_width (void);     /* columns; 80 when unknown */
unsigned console_height (void);    /* rows; 24 when unknown */
bool console_gone (int fd);        /* nobody reads any more what is written there */
void console_init (void);          /* UTF-8 output, ANSI sequences on Windows; a broken pipe is no signal */
/* argv as UTF-8 (Windows hands it over in a code page); nothing to do elsewhere. */
void console_arguments (int *argc, char ***argv);
const char *login_name (void); /* UTF-8, static; "" when unknown */
const char *host_name (void);
const char *locale_name (void); /* of the user's messages; may be "" */

/* ---- stopping: set by SIGTERM, SIGINT or the console's close ---- */
void stop_install (void); /* once, at start */
void stop_keep (void); /* after a library that puts its own in the place of ours; nothing when none stood */
bool stop_requested (void);
int stop_fd (void);       /* becomes readable; -1 where there is none (then poll) */
void stop_request (void); /* from within */
/* No signal interrupts the calling thread between the two; a thread begun there never takes one. Not nested.
 */
void signals_hold (void);
void signals_release (void);

/* ---- tracing: KC_TRACE=1 in the environment; what serve and sync do, a line each on stderr ---- */
bool trace_wanted (void);
void trace_line (const char *fmt, ...) PRINTF_LIKE (1, 2); /* with the time in front; cut at 511 bytes */

uint64_t process_private_memory (void); /* bytes, for status; 0 when unknown */
/* Gives back what the allocator keeps for later. Costs milliseconds: for when there is nothing to do. */
void process_give_memory_back (void);
void process_raise_limits (void); /* open files, to the hard limit */

#endif
