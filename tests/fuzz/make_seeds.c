/* make_seeds DIR: writes the seeds that are committed under tests/fuzz/seeds, from samples.c. */
#include "collector/ledger/roster_rows.h"
#include "common/core/groupings.h"
#include "common/crypto/crypto.h"
#include "common/wire/message_wire.h"
#include "tests/fuzz/samples.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static const char *root;

static void
save (const char *target, const char *name, buf_t *b)
{
  char path[1024];
  snprintf (path, sizeof path, "%s/%s", root, target);
  CHECK (mkdir (path, 0777) == 0 || errno == EEXIST);
  snprintf (path, sizeof path, "%s/%s/%s", root, target, name);
  FILE *f = fopen (path, "wb");
  CHECK (f != NULL && buf_ok (b) && fwrite (b->p, 1, b->n, f) == b->n);
  CHECK (fclose (f) == 0);
  buf_clear (b);
}

static void
save_update (const char *name, update_t u, buf_t *b)
{
  CHECK (update_encode (&u, b));
  save ("fuzz_update", name, b);
}

/* Base and two sides behind their lengths; fuzz_merge. */
static void
save_merge (const char *name, uint8_t how, const update_t *base, const update_t *first,
            const update_t *second, buf_t *b)
{
  const update_t *const each[] = {base, first, second};
  buf_t one = BUF_INIT;
  buf_u8 (b, how);
  for (size_t i = 0; i < 3; i++) {
    buf_clear (&one);
    CHECK (update_encode (each[i], &one) && one.n <= UINT16_MAX);
    buf_u16 (b, (uint16_t)one.n);
    buf_put (b, one.p, one.n);
  }
  save ("fuzz_merge", name, b);
  buf_free (&one);
}

static void
save_merges (buf_t *b)
{
  const update_t scheme = sample_scheme (), outcome = sample_outcome ();
  update_t lists = sample_lists (), named = scheme, valued = outcome, gone = scheme;
  ledger_entry_t other[2] = {lists.record.u.scheme.ledger[0], lists.record.u.scheme.ledger[1]};
  update_t changed = lists;
  named.record.u.scheme.name = STR ("Tên khác");
  named.record.u.scheme.funding_n = 1;
  gone.operation = OP_WITHDRAW;
  valued.record.u.outcome.value.v++;
  other[0].amount_vnd.v++;
  other[1].id.b[0] ^= 1;
  changed.record.u.scheme.ledger = other;
  save_merge ("disjoint", 1, &scheme, &named, &lists, b);
  save_merge ("clash", 3, &outcome, &valued, &outcome, b);
  save_merge ("withdrawn", 1, &scheme, &named, &gone, b);
  save_merge ("entries", 3, &lists, &changed, &scheme, b);
  save_merge ("from-nothing", 2, &scheme, &lists, &changed, b);
}

static void
save_keys (buf_t *b)
{
  for (const grouping_t *g = groupings; g->id != 0; g++) {
    char name[16];
    atom_t a = {.family = g->family,
                .year = {2014, 2020},
                .district = 10,
                .item = STR ("III.3"),
                .source = 2,
                .status = STATUS_RUNNING,
                .indicator = STR ("I.1.a"),
                .fund = STR ("KCQG"),
                .period = STR ("2019-H1"),
                .value_kind = VALUE_ACTUAL};
    CHECK (cell_key_encode (g, &a, b));
    snprintf (name, sizeof name, "grouping-%u", (unsigned)g->id);
    save ("fuzz_cell_key", name, b);
  }
}

/* As log_append lays an entry out. */
static void
put_log_entry (buf_t *b)
{
  buf_put (b, (uint8_t[32]){1}, 32);
  buf_u64 (b, 4);
  buf_put (b, (uint8_t[16]){2}, 16);
  buf_u64 (b, 7);
  buf_u32 (b, 3);
  buf_u8 (b, VERDICT_REFUSED);
  buf_u32 (b, 1);
  buf_i64 (b, 1795579183000);
  buf_put (b, (uint8_t[32]){3}, 32);
  row_text (b, STR ("key_held"));
  for (size_t i = 0; i < REASON_ARGS; i++)
    row_text (b, i == 0 ? STR ("KC-1") : STR_NONE);
  buf_u32 (b, 0);
  buf_u32 (b, 5);
  buf_puts (b, "bytes");
}

/* The first byte says which row; fuzz_rows. */
static void
save_rows (buf_t *b)
{
  const agent_full_t agent = {.row = {.serial = 3,
                                      .name = STR ("549-1"),
                                      .unit = 10,
                                      .role = ROLE_OFFICE,
                                      .state = AGENT_ENROLLED,
                                      .host = STR ("pc")},
                              .certificate = {.given = true, .body = STR ("certificate")}};
  const contact_t contact = {
      .online = true, .seen = {1795579183000}, .backlog = 2, .version = STR ("kc-agent")};
  log_entry_t e;
  buf_puts (b, "l");
  put_log_entry (b);
  CHECK (log_entry_decode ((str_t){b->p + 1, b->n - 1}, &e));
  save ("fuzz_rows", "log", b);
  buf_puts (b, "a");
  agent_encode (&agent, b);
  save ("fuzz_rows", "agent", b);
  buf_puts (b, "c");
  contact_encode (&contact, b);
  save ("fuzz_rows", "contact", b);
  buf_puts (b, "s");
  buf_put (b, (uint8_t[8 + 32 + 4 + 1 + 4 + 16 + 8 + 32]){0}, 8 + 32 + 4 + 1 + 4 + 16 + 8 + 32);
  save ("fuzz_rows", "stream", b);
  buf_puts (b, "r");
  buf_put (b, (uint8_t[24]){[23] = 1}, 24);
  buf_u64 (b, 1);
  buf_u32 (b, 1);
  save ("fuzz_rows", "run", b);
  buf_puts (b, "i");
  buf_put (b, (uint8_t[24 + 32]){1}, 24 + 32);
  buf_u32 (b, 10);
  buf_u8 (b, ROLE_OFFICE);
  buf_u8 (b, INVITE_OPEN);
  buf_i64 (b, 1795579183000);
  buf_u32 (b, 0);
  save ("fuzz_rows", "invite", b);
  buf_puts (b, "f");
  buf_put (b, (uint8_t[24 + 4 + 24 + 24]){[23] = 7, [27] = 10, [51] = 2, [75] = 1}, 24 + 4 + 24 + 24);
  save ("fuzz_rows", "conflict", b);
  buf_puts (b, "p");
  buf_put (b, (uint8_t[24 + 4 + 24 + 24 + 8]){[23] = 7, [27] = 10, [51] = 2, [83] = 9}, 24 + 4 + 24 + 24 + 8);
  save ("fuzz_rows", "conflict-past", b);
  buf_puts (b, "o");
  buf_put (b, (uint8_t[24 + 4 + 16 + 8]){[27] = 10, [28] = 1, [51] = 7}, 24 + 4 + 16 + 8);
  save ("fuzz_rows", "alias", b);
}

static void
save_bundle (const char *name, bundle_kind_t kind, const message_type_t *types, size_t n, buf_t *b)
{
  sign_key_t signer;
  sign_secret_t secret;
  bundle_head_t head = sample_bundle_head ();
  buf_t inside = BUF_INIT, frame = BUF_INIT;
  char inside_name[32];
  head.kind = kind;
  sign_keys_make (&signer, &secret);
  buf_puts (b, "f");
  buf_puts (&inside, "i");
  bundle_writer_t *w = bundle_writer_new (&head, b);
  CHECK (w != NULL);
  for (size_t i = 0; i < n; i++) {
    const message_t m = sample_message (types[i]);
    buf_clear (&frame);
    CHECK (bundle_put (w, &m) && message_encode (&m, &frame));
    buf_u16 (&inside, (uint16_t)frame.n);
    buf_put (&inside, frame.p, frame.n);
  }
  CHECK (bundle_end (w, 7, &secret));
  bundle_writer_destroy (&w);
  save ("fuzz_bundle", name, b);
  snprintf (inside_name, sizeof inside_name, "%s-inside", name);
  save ("fuzz_bundle", inside_name, &inside);
  buf_free (&inside);
  buf_free (&frame);
}

int
main (int argc, char **argv)
{
  static const message_type_t up[] = {MSG_PRESENT, MSG_HELLO, MSG_CHUNK};
  static const message_type_t reply[] = {MSG_WELCOME, MSG_DOWN};
  buf_t b = BUF_INIT, decision = BUF_INIT;
  char name[32];
  if (argc != 2 || !crypto_init ())
    return 2;
  root = argv[1];
  save_update ("scheme", sample_scheme (), &b);
  save_update ("lists", sample_lists (), &b);
  save_update ("outcome", sample_outcome (), &b);
  save_update ("withdrawal", sample_withdrawal (), &b);
  for (unsigned t = MSG_ENROL; t <= MSG_SYNC_NOW; t++) {
    message_t m = sample_message ((message_type_t)t);
    if (message_limit (m.type) == 0) /* reserved */
      continue;
    CHECK (message_encode (&m, &b));
    snprintf (name, sizeof name, "%s", message_name ((message_type_t)t));
    save ("fuzz_message", name, &b);
  }
  for (unsigned t = DECISION_OPENED; t < DECISION_COUNT; t++) {
    decision_t d = sample_decision ((decision_type_t)t);
    CHECK (decision_encode (&d, &b) && decision_encode (&d, &decision));
    snprintf (name, sizeof name, "decision-%u", t);
    save ("fuzz_decision", name, &b);
    save_update (name, sample_decision_update (buf_str (&decision)), &b);
    buf_clear (&decision);
  }
  invite_t invite = sample_invite ();
  CHECK (invite_format (&invite, &b));
  save ("fuzz_invite", "invite", &b);
  centre_certificate_t centre = sample_centre_certificate ();
  CHECK (centre_certificate_encode (&centre, &b));
  save ("fuzz_certificate", "centre", &b);
  agent_certificate_t agent = sample_agent_certificate ();
  CHECK (agent_certificate_encode (&agent, &b));
  save ("fuzz_certificate", "agent", &b);
  save_keys (&b);
  save_rows (&b);
  save_merges (&b);
  save_bundle ("up", BUNDLE_UP, up, sizeof up / sizeof up[0], &b);
  save_bundle ("reply", BUNDLE_REPLY, reply, sizeof reply / sizeof reply[0], &b);
  buf_free (&b);
  buf_free (&decision);
  return 0;
}
