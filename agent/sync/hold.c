/* hold.c - the store opened and its line held. */
#include "agent/sync/hold.h"

#define LOCK_NAME "serve.lock"
#define POLL_MS 50

err_t
hold_try (const char *dir, hold_t *h)
{
  buf_t path = BUF_INIT;
  err_t err = lock_take (path_join (&path, dir, LOCK_NAME), &h->lock);
  buf_free (&path);
  return err == ERR_OK ? outbox_count_boot (h->outbox) : err == ERR_BUSY ? ERR_OK : err;
}

err_t
hold_take (const char *dir, bool need_joined, int64_t patience_ms, hold_t *out, fail_t *fail)
{
  int64_t until = clock_mono ().ms + patience_ms;
  err_t err = outbox_open (dir, false, need_joined, &out->outbox, fail);
  if (err != ERR_OK)
    return err;
  for (;;) {
    err = hold_try (dir, out);
    if (err != ERR_OK || out->lock != NULL || clock_mono ().ms >= until || stop_requested ())
      break;
    clock_sleep_ms (POLL_MS);
  }
  if (err != ERR_OK) {
    fail_set (fail, err, "%s", err_words (err));
    fail_at (fail, dir, 0, 0);
  }
  return err;
}

void
hold_release (hold_t *h)
{
  outbox_close (&h->outbox);
  lock_release (&h->lock);
}
