/* What the machine could do without us: the denominator of every ratio. */
#include "common/base/bounds.h"
#include "common/crypto/crypto.h"
#include "common/store/values.h"
#include "tests/bench/bench.h"

#include <czmq.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  LIMIT_LOG,
  LIMIT_RECORD,
  LIMIT_KEY,
  LIMIT_TOTAL,
  LIMIT_CURSOR,
  LIMIT_RANGE,
  LIMIT_HEAD,
  LIMIT_META,
  LIMIT_DBS
};

/* Sizes as the ledger writes them, checksums included. */
#define LOG_OVERHEAD 133u /* verdict, times, chain and seal beside the bytes */
#define ROW_OVERHEAD 49u
#define REF_BYTES 24u
#define CELL_BYTES 68u
#define CURSOR_BYTES 109u
#define RANGE_BYTES 16u
#define HEAD_BYTES 104u
#define END_BYTES 52u
#define UPDATES_PER_CHUNK 700u /* one row of cursor, range and head for each chunk */
#define CELLS_PER_UPDATE 4u    /* one in each grouping of schemes */
#define CELLS_OF_ALL 28u       /* dirty after many updates: by year and source or status, */
#define CELLS_OF_OFFICE 42u    /* and those of the office of each chunk */

static void
put (kv_txn_t *txn, kv_db_t db, buf_t *key, const char *value, size_t n, bool append)
{
  str_t v = {value, n};
  err_t err = append ? kv_append (txn, db, buf_str (key), v) : kv_put (txn, db, buf_str (key), v);
  if (err != ERR_OK)
    process_fail ("LMDB limit: put");
}

static void
one_update (kv_txn_t *txn, uint64_t i, const char *value, size_t update_bytes, buf_t *key)
{
  buf_clear (key);
  buf_u64 (key, i + 1);
  put (txn, LIMIT_LOG, key, value, update_bytes + LOG_OVERHEAD, true);
  uint8_t id[16] = {0};
  crypto_random (id + 8, 8);
  buf_clear (key);
  buf_u32 (key, (uint32_t)(2 + i % OFFICES)); /* rows of one office lie together, in the order of their ids */
  buf_u64 (key, i);
  buf_put (key, id + 8, 8);
  put (txn, LIMIT_RECORD, key, value, update_bytes + ROW_OVERHEAD, false);
  buf_clear (key);
  buf_printf (key, "T-%u-%llu", (unsigned)(540 + i % OFFICES), (unsigned long long)i);
  put (txn, LIMIT_KEY, key, value, REF_BYTES, false);
}

static void
stream_key (buf_t *key, uint64_t stream, uint64_t seq)
{
  buf_clear (key);
  buf_u64 (key, stream * UINT64_C (0x9E3779B97F4A7C15)); /* store ids are random */
  buf_u64 (key, stream);
  if (seq > 0)
    buf_u64 (key, seq);
}

static void
rest_of_commit (kv_txn_t *txn, uint64_t i, size_t updates, const char *value, buf_t *key)
{
  uint64_t chunks = (updates + UPDATES_PER_CHUNK - 1) / UPDATES_PER_CHUNK;
  uint64_t cells = CELLS_OF_ALL + chunks * CELLS_OF_OFFICE;
  if (cells > updates * CELLS_PER_UPDATE)
    cells = updates * CELLS_PER_UPDATE;
  for (uint64_t c = 0; c < cells; c++) {
    buf_clear (key);
    buf_u32 (key, (uint32_t)((i * 7 + c * 11) % 400));
    put (txn, LIMIT_TOTAL, key, value, CELL_BYTES, false);
  }
  for (uint64_t c = 0; c < chunks; c++) {
    stream_key (key, (i + c) % OFFICES, 0);
    put (txn, LIMIT_CURSOR, key, value, CURSOR_BYTES, false);
    stream_key (key, (i + c) % OFFICES, i + c);
    put (txn, LIMIT_RANGE, key, value, RANGE_BYTES, false);
    put (txn, LIMIT_HEAD, key, value, HEAD_BYTES, false);
  }
  buf_clear (key);
  buf_puts (key, "end");
  put (txn, LIMIT_META, key, value, END_BYTES, false);
}

double
limit_lmdb (const char *dir, size_t updates, size_t batch, size_t update_bytes)
{
  static const char *const names[] = {"log", "record", "key", "total", "cursor", "range", "head", "meta"};
  kv_options_t options = {
      .db_names = names, .db_n = LIMIT_DBS, .map_size = (uint64_t)8 << 30, .create = true};
  kv_t *kv = NULL;
  fail_t fail = {0};
  if (kv_open_lmdb (dir, &options, &kv, &fail) != ERR_OK)
    process_fail (fail.text);
  char value[4096];
  memset (value, 'x', sizeof value);
  CHECK (update_bytes + LOG_OVERHEAD < sizeof value);
  buf_t key = BUF_INIT;
  double begun = process_seconds ();
  for (uint64_t i = 0; i < updates;) {
    kv_txn_t *txn = NULL;
    if (kv_begin (kv, true, &txn) != ERR_OK)
      process_fail ("LMDB limit: begin");
    size_t n = 0;
    for (; n < batch && i < updates; n++, i++)
      one_update (txn, i, value, update_bytes, &key);
    rest_of_commit (txn, i, n, value, &key);
    if (kv_commit (&txn) != ERR_OK)
      process_fail ("LMDB limit: commit");
  }
  double took = process_seconds () - begun;
  buf_free (&key);
  kv_close (&kv);
  return (double)updates / took;
}

/* The echoing side, in a process of its own. */
static void
echo_server (const char *endpoint, const char *secret, int ready)
{
  zsys_handler_set (NULL);
  zsock_t *router = zsock_new (ZMQ_ROUTER);
  int yes = 1;
  void *s = zsock_resolve (router);
  zmq_setsockopt (s, ZMQ_CURVE_SERVER, &yes, sizeof yes);
  zmq_setsockopt (s, ZMQ_CURVE_SECRETKEY, secret, 32);
  if (zsock_bind (router, "%s", endpoint) < 0)
    _exit (1);
  if (write (ready, "1", 1) != 1)
    _exit (1);
  for (;;) {
    zmq_msg_t id, body;
    zmq_msg_init (&id);
    zmq_msg_init (&body);
    if (zmq_msg_recv (&id, s, 0) < 0 || zmq_msg_recv (&body, s, 0) < 0)
      _exit (0);
    zmq_msg_send (&id, s, ZMQ_SNDMORE);
    zmq_msg_send (&body, s, 0);
  }
}

double
limit_echo (double seconds)
{
  char server_pub[32], server_secret[32], endpoint[128];
  curve_key_t pub, secret;
  curve_keys_make (&pub, &secret);
  memcpy (server_pub, pub.b, 32);
  memcpy (server_secret, secret.b, 32);
  snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", 20000 + (int)(getpid () % 20000));
  int ready[2];
  if (pipe (ready) != 0)
    process_fail ("pipe");
  pid_t server = fork (); /* before this process makes a socket: libzmq does not live across fork */
  if (server == 0)
    echo_server (endpoint, server_secret, ready[1]);
  char c;
  if (read (ready[0], &c, 1) != 1)
    process_fail ("the echo server did not start");
  pid_t client = fork ();
  if (client != 0) {
    double rate = 0;
    if (read (ready[0], &rate, sizeof rate) != (ssize_t)sizeof rate)
      process_fail ("the echo clients did not answer");
    waitpid (client, NULL, 0);
    process_kill (server, SIGKILL);
    close (ready[0]);
    close (ready[1]);
    return rate;
  }
  zsys_handler_set (NULL);
  zmq_pollitem_t items[OFFICES];
  zsock_t *dealers[OFFICES];
  char message[260];
  memset (message, 'x', sizeof message);
  for (size_t i = 0; i < OFFICES; i++) {
    dealers[i] = zsock_new (ZMQ_DEALER);
    void *s = zsock_resolve (dealers[i]);
    curve_keys_make (&pub, &secret);
    zmq_setsockopt (s, ZMQ_CURVE_SERVERKEY, server_pub, 32);
    zmq_setsockopt (s, ZMQ_CURVE_PUBLICKEY, pub.b, 32);
    zmq_setsockopt (s, ZMQ_CURVE_SECRETKEY, secret.b, 32);
    zsock_connect (dealers[i], "%s", endpoint);
    zmq_send (s, message, sizeof message, 0);
    items[i] = (zmq_pollitem_t){s, 0, ZMQ_POLLIN, 0};
  }
  uint64_t trips = 0;
  double begun = 0, now = process_seconds ();
  while (begun <= 0 || now - begun < seconds) {
    zmq_poll (items, OFFICES, 1000);
    for (size_t i = 0; i < OFFICES; i++)
      if ((items[i].revents & ZMQ_POLLIN) != 0) {
        char in[512];
        zmq_recv (items[i].socket, in, sizeof in, 0);
        zmq_send (items[i].socket, message, sizeof message, 0);
        trips++;
      }
    now = process_seconds ();
    if (begun <= 0 && trips >= OFFICES * 20) { /* everybody is connected: now it counts */
      begun = now;
      trips = 0;
    }
  }
  double rate = (double)trips / (now - begun);
  if (write (ready[1], &rate, sizeof rate) != (ssize_t)sizeof rate)
    _exit (1);
  _exit (0);
}
