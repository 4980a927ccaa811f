/* stream.c - server-sent events over the library: who listens, woken when there is something to say.
 *
 * A listener with nothing to hear is suspended; a client that went away is noticed at its next beat, one that
 * does not read runs into the connection's time limit. */
#include "collector/web/ask.h"

#include "common/base/lang.h"

#define PIECE 16384

static void
look (web_t *w, bool snapshot)
{
  fail_t fail = {0};
  if (feed_look (w->feed, snapshot, &fail) != ERR_OK)
    fail_print (&fail, w->options->program); /* tried again with the next look */
}

static ssize_t
give (void *ctx, uint64_t at, char *to, size_t max)
{
  ask_t *a = ctx;
  (void)at;
  if (a->web->stopping || a->over)
    return MHD_CONTENT_READER_END_OF_STREAM;
  if (listening_wants_snapshot (a->listening))
    look (a->web, true);
  size_t n = listening_read (a->listening, to, max);
  if (n == 0 && !a->suspended) {
    a->suspended = true;
    MHD_suspend_connection (a->connection);
  }
  return (ssize_t)n;
}

void
stream_begin (ask_t *a)
{
  web_t *w = a->web;
  if (w->streams_n == STREAMS_MAX) {
    answer_error (a, MHD_HTTP_SERVICE_UNAVAILABLE, L ("quá nhiều người đang xem", "too many are watching"));
    answer_header (a, "Retry-After", "10");
    return;
  }
  if (feed_is_due (w->feed))
    look (w, false);
  a->listening = listening_new (feed_events (w->feed), ask_header (a, "Last-Event-ID"));
  if (a->listening == NULL)
    return;
  a->response = MHD_create_response_from_callback (MHD_SIZE_UNKNOWN, PIECE, give, a, NULL);
  a->status = MHD_HTTP_OK;
  a->next = w->streams;
  a->previous = &w->streams;
  if (a->next != NULL)
    a->next->previous = &a->next;
  w->streams = a;
  w->streams_n++;
  answer_stream_headers (a);
}

void
stream_end (ask_t *a)
{
  if (a->listening == NULL)
    return;
  *a->previous = a->next;
  if (a->next != NULL)
    a->next->previous = a->previous;
  a->web->streams_n--;
  listening_destroy (&a->listening);
}

static void
wake (web_t *w, bool all)
{
  for (ask_t *a = w->streams; a != NULL; a = a->next)
    if (all || listening_has_more (a->listening))
      answer_resume (a);
}

void
streams_look (web_t *w)
{
  if (w->streams_n == 0)
    return;
  if (feed_is_due (w->feed))
    look (w, false);
  wake (w, false);
}

/* Who may not listen any more hears no more: they are asked who they are again when they come back. */
void
streams_beat (web_t *w)
{
  for (ask_t *a = w->streams; a != NULL; a = a->next) {
    listening_beat (a->listening);
    a->over = a->over || who_asks (a) == ERR_NOT_FOUND;
  }
  wake (w, false);
}

void
streams_stop (web_t *w)
{
  w->stopping = true;
  wake (w, true);
}
