/* doctor.c - what stands between this PC and the centre, tested one by one from the inside out.
 *
 * The port is tried with throw-away keys, so it can be tested while serve holds the line; whether our own key
 * is let in is then asked of serve's last state, else by a session of our own. */
#include "agent/sync/hold.h"
#include "agent/sync/line.h"
#include "agent/sync/sync.h"
#include "common/base/lang.h"
#include "common/crypto/crypto.h"
#include "common/net/dealer.h"

#include <inttypes.h>

#define DISK_LEAST (UINT64_C (64) << 20)
#define PORT_MS 8000
#define PROBE_MS 15000
#define CLOCK_FAR_MS 300000
#define TEXT_BUDGET (64u << 10)

typedef struct {
  FILE *out;
  fail_t *fail;
  err_t err; /* the first that failed */
} visit_t;

static void
say (visit_t *v, bool ok, const char *what, const char *detail)
{
  fprintf (v->out, "%s %s%s%s\n", ok ? L ("[đạt]  ", "[ok]   ") : L ("[hỏng] ", "[fail] "), what,
           detail[0] != '\0' ? ": " : "", detail);
  fflush (v->out);
}

static void
failed (visit_t *v, err_t err, const char *sentence)
{
  if (v->err != ERR_OK)
    return;
  v->err = err;
  fail_set (v->fail, err, "%s", sentence);
}

static void
test_disk (visit_t *v, const char *dir)
{
  char text[64];
  uint64_t room = disk_free (dir);
  bool ok = room >= DISK_LEAST;
  snprintf (text, sizeof text, L ("còn trống %" PRIu64 " MB", "%" PRIu64 " MB free"), room >> 20);
  say (v, ok, L ("ổ đĩa", "disk"), room == UINT64_MAX ? "" : text);
  if (!ok)
    failed (v, ERR_FULL,
            L ("ổ đĩa gần đầy: hãy dọn bớt tệp trên máy này, hoặc gọi người quản trị máy",
               "the disk is nearly full: free some space, or call whoever looks after this PC"));
}

static bool
port_answers (str_t address)
{
  dealer_options_t o = {.endpoint = NULL};
  dealer_t *line = NULL;
  char endpoint[ADDRESS_MAX + 1];
  bool answers = false;
  int64_t until = clock_mono ().ms + PORT_MS;
  snprintf (endpoint, sizeof endpoint, "%.*s", STR_ARG (address));
  o.endpoint = endpoint;
  curve_keys_make (&o.own, &o.own_secret);
  o.server = o.own;
  net_init ();
  if (dealer_new (&o, &line) != ERR_OK)
    return false;
  for (bool over = false; !over && clock_mono ().ms < until;) {
    net_item_t item = {.socket = dealer_events_pollable (line)};
    net_wait (&item, 1, 200);
    line_event_t e = dealer_event (line);
    answers = e == LINE_CONNECTED;
    over = e != LINE_NONE;
  }
  dealer_destroy (&line);
  return answers;
}

static void
test_addresses (visit_t *v, const identity_t *id)
{
  bool any = false, named = false;
  for (size_t i = 0; i < id->addresses_n; i++) {
    str_t host;
    uint16_t port;
    char text[ADDRESS_MAX + 1];
    snprintf (text, sizeof text, "%.*s", STR_ARG (id->addresses[i]));
    bool name = endpoint_split (id->addresses[i], &host, &port) && name_resolves (host);
    say (v, name,
         i < id->addresses_new_n ? L ("tên máy trung tâm, địa chỉ mới", "centre's name, new address")
                                 : L ("tên máy trung tâm", "centre's name"),
         text);
    bool answers = name && port_answers (id->addresses[i]);
    if (name)
      say (v, answers, L ("cổng của trung tâm", "centre's port"), text);
    named = named || name;
    any = any || answers;
  }
  if (!any)
    failed (v, ERR_UNREACHABLE,
            named ? L ("không tới được cổng của trung tâm: kiểm tra mạng và tường lửa, rồi gọi trung tâm hỏi "
                       "máy chủ có đang chạy không",
                       "the centre's port cannot be reached: check network and firewall, then ask the centre "
                       "whether its server runs")
                  : L ("không tìm ra tên máy trung tâm: kiểm tra mạng hoặc gọi nhà cung cấp mạng",
                       "the centre's name does not resolve: check the network or call its provider"));
}

/* heard: the centre has answered, whatever it said; else there is nobody but the centre to ask. */
static void
judge_session (visit_t *v, bool ok, bool heard, const char *words, int64_t offset_ms)
{
  char text[96];
  say (v, ok, L ("khóa của máy này", "this PC's key"), ok ? "" : words);
  if (!ok && !heard)
    failed (
        v, ERR_UNREACHABLE,
        L ("cổng có mở nhưng trung tâm không trả lời đúng: hãy gọi trung tâm nhờ xem lại máy chủ",
           "the port is open but the centre does not answer as it should: call the centre about its server"));
  else if (!ok)
    failed (v, ERR_REFUSED, words);
  if (!ok)
    return;
  bool near = offset_ms < CLOCK_FAR_MS && offset_ms > -CLOCK_FAR_MS;
  snprintf (text, sizeof text, L ("lệch %" PRId64 " giây so với trung tâm", "%" PRId64 " s off the centre's"),
            offset_ms / 1000);
  say (v, near, L ("đồng hồ", "clock"), text);
  if (!near)
    failed (v, ERR_NO,
            L ("đồng hồ máy này lệch nhiều: số liệu vẫn gửi được, nhưng hãy chỉnh lại ngày giờ",
               "this PC's clock is far off: data still goes through, but set date and time"));
}

static void
test_session (visit_t *v, hold_t *h)
{
  if (h->lock != NULL) {
    fail_t why = {0};
    line_result_t r = {0};
    const line_options_t options = {.goal = GOAL_PROBE, .timeout_ms = PROBE_MS};
    err_t err = line_run (h->outbox, &options, &r, &why);
    judge_session (v, err == ERR_OK && r.welcomed, err != ERR_UNREACHABLE && err != ERR_TIMEOUT,
                   why.err != ERR_OK ? why.text : err_words (ERR_TIMEOUT), r.clock_offset_ms);
    return;
  }
  link_state_t link = {0};
  char words[512] = "";
  arena_t *arena = arena_new (TEXT_BUDGET);
  err_t err = arena != NULL ? outbox_link_get (h->outbox, arena, &link) : ERR_NOMEM;
  say (v, true, L ("“serve” đang chạy trên thư mục này", "serve is running on this directory"), "");
  snprintf (words, sizeof words, "%.*s", STR_ARG (link.last_error));
  judge_session (v, err == ERR_OK && link.online, true, words[0] != '\0' ? words : err_words (ERR_TIMEOUT),
                 link.clock_offset_ms);
  arena_destroy (&arena);
}

err_t
sync_doctor (const char *dir, FILE *out, fail_t *fail)
{
  hold_t h = {0};
  visit_t v = {.out = out, .fail = fail};
  fail_t why = {0};
  err_t err = hold_take (dir, false, 0, &h, &why);
  say (&v, err == ERR_OK, L ("kho dữ liệu", "store"), err == ERR_OK ? dir : why.text);
  if (err != ERR_OK) {
    *fail = why;
    goto done;
  }
  test_disk (&v, dir);
  const identity_t *id = outbox_identity (h.outbox);
  say (&v, id->joined, L ("đã kết nối lần đầu, có danh mục", "joined, catalogue is here"), "");
  if (!id->joined)
    failed (&v, ERR_REFUSED,
            L ("máy này chưa kết nối lần đầu xong: chạy “kc-agent join” với giấy mời của trung tâm",
               "this PC has not finished joining: run \"kc-agent join\" with the centre's invite"));
  test_addresses (&v, id);
  if (v.err == ERR_OK)
    test_session (&v, &h);
  err = v.err == ERR_NO ? ERR_OK : v.err; /* a wrong clock stops nothing */
  if (v.err == ERR_NO)
    fprintf (out, "%s\n", fail->text);
  if (v.err == ERR_OK)
    fprintf (out, "%s\n", L ("mọi thứ đều ổn", "everything is well"));
done:
  hold_release (&h);
  net_shutdown ();
  return err;
}
