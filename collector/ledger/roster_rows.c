/* roster_rows.c - rows of agents, contacts and invites: bytes <-> structs, look-ups and listings. */
#include "collector/ledger/roster_rows.h"

#define ABSENT 0xFFFFu

void
row_text (buf_t *b, str_t s)
{
  if (s.p == NULL) {
    buf_u16 (b, ABSENT);
    return;
  }
  size_t n = s.n < ABSENT - 1 ? s.n : ABSENT - 1;
  buf_u16 (b, (uint16_t)n);
  buf_put (b, s.p, n);
}

str_t
row_text_read (rd_t *r)
{
  uint16_t n = rd_u16 (r);
  return n == ABSENT ? STR_NONE : rd_bytes (r, n);
}

void
row_texts (buf_t *b, const str_t *texts, size_t n)
{
  CHECK (n <= UINT8_MAX);
  buf_u8 (b, (uint8_t)n);
  for (size_t i = 0; i < n; i++)
    row_text (b, texts[i]);
}

err_t
row_texts_read (rd_t *r, arena_t *arena, str_t *out, size_t room, size_t *n)
{
  *n = rd_u8 (r);
  if (r->failed || *n > room)
    return ERR_DAMAGED;
  for (size_t i = 0; i < *n; i++) {
    out[i] = arena_str (arena, row_text_read (r));
    if (out[i].p == NULL)
      return r->failed ? ERR_DAMAGED : ERR_NOMEM;
  }
  return ERR_OK;
}

static void
take (rd_t *r, void *to, size_t n)
{
  str_t s = rd_bytes (r, n);
  if (s.p != NULL)
    memcpy (to, s.p, n);
}

/* ---- agents ---- */

void
agent_encode (const agent_full_t *a, buf_t *out)
{
  buf_u32 (out, a->row.serial);
  buf_put (out, a->row.curve_key.b, 32);
  buf_put (out, a->row.sign_key.b, 32);
  buf_u32 (out, a->row.unit);
  buf_u8 (out, (uint8_t)a->row.role);
  buf_u8 (out, (uint8_t)a->row.state);
  buf_i64 (out, a->row.enrolled.ms);
  buf_put (out, a->invite.b, 16);
  buf_put (out, a->certificate.signature.b, 64);
  row_text (out, a->row.name);
  row_text (out, a->row.host);
  row_text (out, a->certificate.body);
  if (a->row.root != 0 || a->row.present != 0) { /* others stay as older programs read them */
    buf_u32 (out, a->row.root);
    buf_u32 (out, a->row.present);
  }
}

bool
agent_decode (str_t body, agent_full_t *out)
{
  *out = (agent_full_t){.certificate.given = true};
  rd_t r = rd_of (body.p, body.n);
  out->row.serial = rd_u32 (&r);
  take (&r, out->row.curve_key.b, 32);
  take (&r, out->row.sign_key.b, 32);
  out->row.unit = rd_u32 (&r);
  out->row.role = (role_t)rd_u8 (&r);
  out->row.state = (agent_state_t)rd_u8 (&r);
  out->row.enrolled.ms = rd_i64 (&r);
  take (&r, out->invite.b, 16);
  take (&r, out->certificate.signature.b, 64);
  out->row.name = row_text_read (&r);
  out->row.host = row_text_read (&r);
  out->certificate.body = row_text_read (&r);
  if (!rd_done (&r)) {
    out->row.root = rd_u32 (&r);
    out->row.present = rd_u32 (&r);
  }
  return rd_done (&r) && out->row.role < ROLE_COUNT && out->row.state <= AGENT_REINSTALLED;
}

/* Certificates of one agent share the state that its first one's row has. */
static err_t
take_state (kv_txn_t *txn, agent_row_t *row)
{
  uint8_t key[4];
  str_t body;
  agent_full_t root;
  if (row->root == 0)
    return ERR_OK;
  err_t err = val_get (txn, DB_AGENT, key_u32 (key, row->root), &body);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  if (!agent_decode (body, &root))
    return ERR_DAMAGED;
  row->state = root.row.state;
  row->present = root.row.present;
  return ERR_OK;
}

err_t
agent_get (kv_txn_t *txn, uint32_t serial, agent_full_t *out)
{
  uint8_t key[4];
  str_t body;
  err_t err = val_get (txn, DB_AGENT, key_u32 (key, serial), &body);
  if (err != ERR_OK)
    return err;
  return agent_decode (body, out) ? take_state (txn, &out->row) : ERR_DAMAGED;
}

err_t
agent_root (kv_txn_t *txn, uint32_t serial, agent_full_t *out)
{
  err_t err = agent_get (txn, serial, out);
  return err == ERR_OK && out->row.root != 0 ? agent_get (txn, out->row.root, out) : err;
}

bool
agent_is_present (const agent_row_t *a)
{
  return a->present == 0 || a->present == a->serial;
}

/* ---- contacts ---- */

void
contact_encode (const contact_t *c, buf_t *out)
{
  buf_u8 (out, c->online ? 1 : 0);
  buf_i64 (out, c->seen.ms);
  buf_u64 (out, c->position_lsn);
  buf_u64 (out, c->backlog);
  buf_i64 (out, c->oldest_unsent.ms);
  buf_i64 (out, c->clock_offset_ms);
  row_text (out, c->version);
  row_text (out, c->last_error);
}

bool
contact_decode (str_t body, contact_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (contact_t){0};
  out->online = rd_u8 (&r) != 0;
  out->seen.ms = rd_i64 (&r);
  out->position_lsn = rd_u64 (&r);
  out->backlog = rd_u64 (&r);
  out->oldest_unsent.ms = rd_i64 (&r);
  out->clock_offset_ms = rd_i64 (&r);
  out->version = row_text_read (&r);
  out->last_error = row_text_read (&r);
  return rd_done (&r);
}

/* ---- invites ---- */

static void
invite_encode (const invite_row_t *i, buf_t *out)
{
  buf_put (out, i->once_public.b, 32);
  buf_u32 (out, i->unit);
  buf_u8 (out, (uint8_t)i->role);
  buf_u8 (out, (uint8_t)i->state);
  buf_i64 (out, i->expires.ms);
  buf_u32 (out, i->serial);
}

bool
invite_decode (str_t key, str_t body, invite_row_t *out)
{
  rd_t r = rd_of (body.p, body.n);
  *out = (invite_row_t){0};
  take (&r, out->once_public.b, 32);
  out->unit = rd_u32 (&r);
  out->role = (role_t)rd_u8 (&r);
  out->state = (invite_state_t)rd_u8 (&r);
  out->expires.ms = rd_i64 (&r);
  out->serial = rd_u32 (&r);
  if (!rd_done (&r) || key.n != 16 || out->role >= ROLE_COUNT || out->state < INVITE_OPEN ||
      out->state > INVITE_CANCELLED)
    return false;
  memcpy (out->id.b, key.p, 16);
  return true;
}

err_t
invite_get (kv_txn_t *txn, record_id_t id, invite_row_t *out)
{
  str_t key = {(const char *)id.b, 16}, body;
  err_t err = val_get (txn, DB_INVITE, key, &body);
  if (err != ERR_OK)
    return err;
  return invite_decode (key, body, out) ? ERR_OK : ERR_DAMAGED;
}

err_t
invite_put (ledger_t *l, kv_txn_t *txn, const invite_row_t *i)
{
  buf_clear (&l->value);
  invite_encode (i, &l->value);
  return buf_ok (&l->value)
             ? val_put (txn, DB_INVITE, (str_t){(const char *)i->id.b, 16}, buf_str (&l->value))
             : ERR_NOMEM;
}

err_t
agent_put (ledger_t *l, kv_txn_t *txn, const agent_full_t *a)
{
  uint8_t key[4];
  buf_clear (&l->value);
  agent_encode (a, &l->value);
  return buf_ok (&l->value) ? val_put (txn, DB_AGENT, key_u32 (key, a->row.serial), buf_str (&l->value))
                            : ERR_NOMEM;
}

/* ---- walking ---- */

err_t
rows_each (kv_txn_t *txn, kv_db_t db, row_fn *fn, void *ctx)
{
  kv_cursor_t *c = NULL;
  str_t key, stored, body;
  err_t err = kv_cursor_open (txn, db, &c);
  if (err != ERR_OK)
    return err;
  for (err = kv_seek (c, STR ("\0"), &key, &stored); err == ERR_OK; err = kv_next (c, &key, &stored)) {
    err = val_open (db, key, stored, &body);
    if (err == ERR_OK)
      err = fn (ctx, key, body);
    if (err != ERR_OK)
      break;
  }
  kv_cursor_close (&c);
  return err == ERR_NOT_FOUND || err == ERR_END ? ERR_OK : err;
}

typedef struct {
  kv_txn_t *txn;
  agent_row_fn *agent;
  invite_row_fn *invite;
  void *ctx;
  wall_t now;
  /* searches */
  const curve_key_t *key;
  str_t name;
  agent_row_t *found;
  bool hit;
} visit_t;

static err_t
visit_agent (void *ctx, str_t key, str_t body)
{
  visit_t *v = ctx;
  agent_full_t a;
  contact_t c = {0};
  str_t contact;
  if (!agent_decode (body, &a))
    return ERR_DAMAGED;
  err_t err = take_state (v->txn, &a.row);
  if (err == ERR_OK)
    err = val_get (v->txn, DB_CONTACT, key, &contact);
  if (err == ERR_OK && !contact_decode (contact, &c))
    err = ERR_DAMAGED;
  if (err != ERR_OK && err != ERR_NOT_FOUND)
    return err;
  return v->agent (v->ctx, &a.row, &c);
}

err_t
roster_agents (ledger_t *l, kv_txn_t *txn, agent_row_fn *fn, void *ctx)
{
  (void)l;
  visit_t v = {.txn = txn, .agent = fn, .ctx = ctx};
  return rows_each (txn, DB_AGENT, visit_agent, &v);
}

static err_t
visit_invite (void *ctx, str_t key, str_t body)
{
  visit_t *v = ctx;
  invite_row_t row;
  if (!invite_decode (key, body, &row))
    return ERR_DAMAGED;
  if (row.state == INVITE_OPEN && row.expires.ms <= v->now.ms)
    row.state = INVITE_EXPIRED;
  return v->invite (v->ctx, &row);
}

err_t
roster_invites (ledger_t *l, kv_txn_t *txn, wall_t now, invite_row_fn *fn, void *ctx)
{
  (void)l;
  visit_t v = {.txn = txn, .invite = fn, .ctx = ctx, .now = ledger_clock (txn, now)};
  return rows_each (txn, DB_INVITE, visit_invite, &v);
}

static err_t
search_agent (void *ctx, str_t key, str_t body)
{
  visit_t *v = ctx;
  agent_full_t a;
  (void)key;
  if (!agent_decode (body, &a))
    return ERR_DAMAGED;
  if (v->key != NULL ? !curve_key_eq (a.row.curve_key, *v->key) : !str_eq (a.row.name, v->name))
    return ERR_OK;
  *v->found = a.row;
  v->hit = true;
  return ERR_END;
}

err_t
roster_agent_by_key (ledger_t *l, kv_txn_t *txn, const curve_key_t *key, agent_row_t *out)
{
  (void)l;
  visit_t v = {.key = key, .found = out};
  err_t err = rows_each (txn, DB_AGENT, search_agent, &v);
  return err == ERR_OK && !v.hit ? ERR_NOT_FOUND : err;
}

err_t
roster_agent_by_name (ledger_t *l, kv_txn_t *txn, str_t name, agent_row_t *out)
{
  (void)l;
  visit_t v = {.name = name, .found = out};
  err_t err = rows_each (txn, DB_AGENT, search_agent, &v);
  return err == ERR_OK && !v.hit ? ERR_NOT_FOUND : err;
}
