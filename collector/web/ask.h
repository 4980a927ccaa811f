/* ask.h - what the files of this folder share: the process's own struct, one request, and its answer. Nobody
 * outside this folder includes it. */
#ifndef KC_COLLECTOR_WEB_ASK_H
#define KC_COLLECTOR_WEB_ASK_H

#include "collector/web/feed.h"
#include "collector/web/logins.h"
#include "collector/web/peers.h"
#include "collector/web/routes.h"
#include "collector/web/runner.h"
#include "collector/web/web.h"

#include <microhttpd.h>

#define STREAMS_MAX 400u
#define COOKIE_SESSION "kc_session"
#define COOKIE_LOGIN "kc_login" /* of a login page, to be shown again with its form */
#define COOKIE_LANGUAGE "kc_lang"

typedef struct ask ask_t;

typedef struct {
  const web_options_t *options;
  ledger_t *ledger;
  feed_t *feed;
  runner_t *runner;
  logins_t *logins;
  peers_t peers;
  struct MHD_Daemon *daemon;
  ask_t *streams; /* those that listen to events */
  size_t streams_n;
  bool stopping;
} web_t;

/* Who asks, as the store has them at this moment. */
typedef struct {
  char name[USER_NAME_MAX + 1]; /* "": nobody */
  user_role_t role;
  const login_t *login; /* came by a cookie: its forms need their key; NULL: a token */
} person_t;

struct ask {
  web_t *web;
  struct MHD_Connection *connection;
  peer_t *peer;
  arena_t *arena;
  str_t path, query; /* as they came, nothing undone */
  form_t form;       /* a POST's fields, else the query's */
  buf_t body;
  bool begun, post, too_big, english, suspended;
  bool over; /* a stream that ends */
  person_t who;
  const route_t *route;
  const char *type, *ending; /* of the answer to come */
  uint64_t task;             /* a command under way; 0: none */
  char login_name[USER_NAME_MAX + 1];
  struct MHD_Response *response;
  unsigned status;
  listening_t *listening;
  ask_t *next, **previous; /* among the streams */
};

/* The value of a header; STR_NONE. */
str_t ask_header (const ask_t *a, const char *name);
/* Who asks is at this address; a proxy on this machine says whose it passes on. */
str_t ask_address (const ask_t *a);

/* ---- answers: the first one counts. Bodies are taken (BUF_INIT afterwards). ---- */
void answer_body (ask_t *a, unsigned status, const char *type, buf_t *body);
void answer_static (ask_t *a, const char *type, const void *bytes, size_t n);
void answer_error (ask_t *a, unsigned status, const char *words); /* as json, or as a page */
void answer_header (ask_t *a, const char *name, const char *value);
void answer_redirect (ask_t *a, const char *to);
void answer_stream_headers (ask_t *a);
/* The answer is there, for who had to wait for it. */
void answer_resume (ask_t *a);

/* ---- who.c ---- */
/* Fills a->who. ERR_NOT_FOUND: nobody. */
MUST_USE err_t who_asks (ask_t *a);
/* May a POST that came by a cookie be believed? */
bool form_is_ours (const ask_t *a, str_t key);
void login_page (ask_t *a, unsigned status, const char *words);
void login_post (ask_t *a);
void logout_post (ask_t *a);

/* ---- api.c ---- */
void api_handle (ask_t *a, bool authenticated);
/* ---- labels.c ---- */
void labels_handle (ask_t *a);
/* ---- stream.c ---- */
void stream_begin (ask_t *a);
void stream_end (ask_t *a);   /* it is over */
void streams_look (web_t *w); /* tells listeners what has changed */
void streams_beat (web_t *w);
void streams_stop (web_t *w);
/* ---- pages.c ---- */
/* False: there is no such page. */
bool page_handle (ask_t *a, bool authenticated);
/* A whole page around what is in it; body is taken. */
void page_put (ask_t *a, unsigned status, const char *title, buf_t *inner);

#endif
