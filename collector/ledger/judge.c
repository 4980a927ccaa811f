/* judge.c - what becomes of one update: accepted, merged, parked, another id, or refused.
 *
 * An update made on what stands is judged by the rules alone. Any other is first judged by itself, on the
 * state its author saw, so that what is wrong with it is refused to the one who can mend it; then it is
 * merged with what stands. Where both changed one field, or where only together they break a rule, it is
 * parked: that takes a person. Nothing here writes. */
#include "collector/ledger/taking.h"

#include "common/core/validate.h"
#include "common/core/validate_units.h"
#include "common/wire/update_wire.h"

/* ---- words ---- */

static str_t
unit_code (const ledger_t *l, unit_id_t id)
{
  const unit_t *u = catalogue_unit (l->catalogue, id);
  return u != NULL ? u->known_as : STR ("?");
}

void
judge_refuse (judged_t *j, reason_code_t code, str_t a0, str_t a1)
{
  reasons_add (&j->found, -1, code, a0, a1, STR_NONE);
}

void
judge_key_text (const ledger_t *l, const update_t *u, buf_t *out)
{
  buf_t key = BUF_INIT;
  if (kind_supported (u->record.kind) && record_key (&u->record, &key))
    book_key_text (u->record.kind, buf_str (&key), l->catalogue, out);
  buf_free (&key);
}

static void
refuse_key (ledger_t *l, judged_t *j, reason_code_t code, str_t a1)
{
  buf_t text = BUF_INIT;
  judge_key_text (l, j->u, &text);
  judge_refuse (j, code, buf_str (&text), a1); /* copied into the arena */
  buf_free (&text);
}

/* ---- what stands ---- */

static err_t
read_row (taking_t *k, judged_t *j)
{
  ledger_t *l = k->l;
  err_t err = book_get (l->book, k->t->txn, j->ref, &j->row);
  j->exists = err == ERR_OK;
  if (err == ERR_NOT_FOUND)
    return ERR_OK;
  if (err != ERR_OK)
    return err;
  err = update_decode (j->row.bytes, l->arena, &j->before, NULL);
  return err == ERR_OK || err == ERR_NOMEM ? err : ERR_DAMAGED;
}

static err_t
read_current (taking_t *k, judged_t *j)
{
  const record_ref_t own = {j->u->home, j->u->id};
  j->ref = own;
  err_t err = k->t->any_alias ? alias_resolve (k->t->txn, own, &j->ref) : ERR_OK;
  j->aliased = !record_id_eq (own.id, j->ref.id);
  return err == ERR_OK ? read_row (k, j) : err;
}

/* What is written before the book is asked would end the views of the row. */
static err_t
keep_current (ledger_t *l, judged_t *j)
{
  j->row.bytes = arena_str (l->arena, j->row.bytes);
  if (j->row.bytes.p == NULL)
    return ERR_NOMEM;
  return update_decode (j->row.bytes, l->arena, &j->before, NULL);
}

err_t
judge_standing_of (taking_t *k, judged_t *j)
{
  err_t err = read_row (k, j);
  return err == ERR_OK && j->exists ? keep_current (k->l, j) : err;
}

err_t
judge_standing (taking_t *k, judged_t *j)
{
  err_t err = read_current (k, j);
  return err == ERR_OK && j->exists ? keep_current (k->l, j) : err;
}

static err_t
judge_base (taking_t *k, judged_t *j)
{
  err_t err = base_find (k, j->u, j->ref, j->exists ? &j->row : NULL, &j->base);
  if (err != ERR_OK)
    return err;
  if (!j->base.known || (!j->exists && j->base.version.seq != 0))
    judge_refuse (j, REASON_NO_SUCH_RECORD, STR_NONE, STR_NONE);
  else if (!j->exists && j->u->operation == OP_WITHDRAW)
    judge_refuse (j, REASON_NEVER_TAKEN, STR_NONE, STR_NONE);
  return ERR_OK;
}

/* ---- the rules ---- */

static void
judge_withdrawal (ledger_t *l, const taking_t *k, judged_t *j, const update_t *before)
{
  if (str_blank (j->u->comment)) {
    judge_refuse (j, REASON_WITHDRAW_NEEDS_REASON, STR_NONE, STR_NONE);
    return;
  }
  if (before->operation == OP_WITHDRAW &&
      j->u->settles_n == 0) { /* else a settlement that leaves it withdrawn */
    refuse_key (l, j, REASON_WITHDRAWN, STR_NONE);
    return;
  }
  /* A withdrawal keeps the state; rules made stricter since must not hold the record in. */
  if (!record_same (&before->record, &j->u->record))
    (void)validate (l->catalogue, &before->record, &j->u->record, j->u->comment, k->office, &j->found);
  else if (!office_may_write (l->catalogue, k->office, &before->record))
    judge_refuse (j, REASON_FOREIGN_OFFICE, unit_code (l, record_office (&before->record)),
                  unit_code (l, k->office));
}

/* By the state its author saw; NULL: none. */
static void
judge_rules (taking_t *k, judged_t *j, const update_t *before)
{
  if (j->u->operation == OP_WITHDRAW && before != NULL)
    judge_withdrawal (k->l, k, j, before);
  else
    (void)validate (k->l->catalogue, before != NULL ? &before->record : NULL, &j->u->record, j->u->comment,
                    k->office, &j->found);
}

/* A locked table of a period keeps what is in it, and lets nothing in. */
static err_t
judge_locks (taking_t *k, judged_t *j)
{
  const locks_t *locks;
  const lock_row_t *by = NULL;
  err_t err = period_locks (k->l, k->t->txn, &locks);
  if (err != ERR_OK || locks_count (locks) == 0)
    return err;
  if (j->exists && !j->row.withdrawn)
    by = locks_holding (locks, k->l->catalogue, &j->before.record, k->unit, k->t->now, NULL);
  if (by == NULL && j->u->operation != OP_WITHDRAW)
    by = locks_holding (locks, k->l->catalogue, &j->u->record, k->unit, k->t->now, NULL);
  if (by != NULL)
    judge_refuse (j, REASON_PERIOD_LOCKED, by->period,
                  str_of (table_name (table_of_kind (j->u->record.kind))));
  return ERR_OK;
}

/* ---- merging ---- */

/* What came of a clean merge, by the rules; a withdrawal of what stands is none of theirs. */
static void
judge_merged (taking_t *k, judged_t *j)
{
  const merged_t *m = &j->merged;
  if (m->operation == OP_WITHDRAW && record_same (&j->before.record, &m->record))
    return;
  (void)validate (k->l->catalogue, &j->before.record, &m->record, j->u->comment, k->office, &j->found);
  if (reasons_hard (&j->found) != NULL)
    j->verdict = VERDICT_PARKED;
}

static err_t
judge_merge (taking_t *k, judged_t *j, const update_t *base)
{
  ledger_t *l = k->l;
  j->found.n = 0; /* what is doubtful alone leaves no room for what is wrong together */
  if (j->before.record.kind != j->u->record.kind ||
      (base != NULL && base->record.kind != j->u->record.kind)) {
    judge_refuse (j, REASON_MALFORMED, STR_NONE, STR_NONE);
    return ERR_OK;
  }
  if (!office_may_write (l->catalogue, k->office, &j->before.record)) {
    judge_refuse (j, REASON_FOREIGN_OFFICE, unit_code (l, record_office (&j->before.record)),
                  unit_code (l, k->office));
    return ERR_OK;
  }
  err_t err = merge3 (base, &j->before, j->u, MERGE_FIRST, l->arena, &j->merged);
  if (err != ERR_OK)
    return err;
  const merged_t *m = &j->merged;
  j->verdict = VERDICT_MERGED;
  j->changes = !m->as_first;
  if (m->clashes_n > 0)
    j->verdict = VERDICT_PARKED;
  else if (m->as_first && m->as_second && j->alias_new)
    j->verdict = VERDICT_ALIAS;
  if (!j->changes)
    return ERR_OK;
  if (j->verdict == VERDICT_MERGED)
    judge_merged (k, j);
  if (reasons_hard (&j->found) != NULL)
    return ERR_OK;
  err = judge_locks (k, j);
  if (reasons_hard (&j->found) != NULL)
    j->verdict = VERDICT_REFUSED;
  return err;
}

/* Made on another state than what stands, or under another id. */
static err_t
judge_apart (taking_t *k, judged_t *j)
{
  err_t err = keep_current (k->l, j);
  if (err != ERR_OK)
    return err;
  const update_t *base = j->base.current ? &j->before : j->base.given ? &j->base.state : NULL;
  judge_rules (k, j, j->base.parked != NULL ? j->base.parked : base);
  return reasons_hard (&j->found) == NULL ? judge_merge (k, j, base) : ERR_OK;
}

/* The holder of a natural key is the record meant, where the author may write it: the same figures entered on
 * two PCs. */
err_t
judge_key_held (taking_t *k, judged_t *j)
{
  ledger_t *l = k->l;
  buf_t key = BUF_INIT;
  err_t err = record_key (&j->u->record, &key) && buf_ok (&key) ? ERR_OK : ERR_NOMEM;
  if (err == ERR_OK)
    err = book_find_key (l->book, k->t->txn, j->u->record.kind, buf_str (&key), &j->ref);
  buf_free (&key);
  if (err == ERR_OK)
    err = book_get (l->book, k->t->txn, j->ref, &j->row);
  if (err != ERR_OK)
    return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
  err = keep_current (l, j);
  if (err != ERR_OK)
    return err == ERR_NOMEM ? err : ERR_DAMAGED;
  if (j->exists || !office_may_write (l->catalogue, k->office, &j->before.record)) {
    j->ref = (record_ref_t){j->u->home, j->u->id};
    j->verdict = VERDICT_REFUSED;
    refuse_key (l, j, REASON_KEY_HELD, unit_code (l, record_office (&j->before.record)));
    return ERR_OK;
  }
  j->verdict = VERDICT_REFUSED;
  j->exists = j->aliased = j->alias_new = true;
  err = judge_merge (k, j, NULL);
  if (j->verdict == VERDICT_REFUSED) {
    j->exists = j->aliased = j->alias_new = false;
    j->ref = (record_ref_t){j->u->home, j->u->id};
  }
  return err;
}

/* ---- one update ---- */

/* Readable, of a kind and by an author that may: judged without the record. */
bool
judge_may (taking_t *k, const decoded_t *d, judged_t *j)
{
  ledger_t *l = k->l;
  const update_t *u = j->u;
  if (d->err != ERR_OK) {
    if (d->why.code != REASON_NONE && d->err == ERR_MALFORMED)
      reasons_add (&j->found, -1, d->why.code, d->why.arg[0], d->why.arg[1], d->why.arg[2]);
    if (reasons_hard (&j->found) == NULL)
      judge_refuse (j, REASON_MALFORMED, STR_NONE, STR_NONE);
  } else if (!kind_supported (u->record.kind)) {
    const char *name = kind_name (u->record.kind);
    judge_refuse (j, REASON_KIND_UNSUPPORTED, str_of (name != NULL ? name : "?"), STR_NONE);
  } else if (k->role != ROLE_OFFICE && k->role != ROLE_PROVINCE) {
    judge_refuse (j, REASON_READ_ONLY, STR_NONE, STR_NONE);
  } else if (catalogue_unit (l->catalogue, u->home) == NULL) {
    judge_refuse (j, REASON_FOREIGN_OFFICE, unit_code (l, u->home), unit_code (l, k->unit));
  }
  return reasons_hard (&j->found) == NULL;
}

/* A record is its present office's to write, whoever made it; a new one is its maker's. */
static void
judge_office (taking_t *k, judged_t *j)
{
  const catalogue_t *c = k->l->catalogue;
  const unit_id_t holder = j->exists ? record_office (&j->before.record) : j->u->home;
  if (j->exists ? !office_may_write (c, k->office, &j->before.record)
                : !office_may_write_home (c, k->office, holder, &j->u->record))
    judge_refuse (j, REASON_FOREIGN_OFFICE, unit_code (k->l, holder), unit_code (k->l, k->unit));
}

/* Fixed order: readable, kind, role, office, base, the record's own rules, what stands, locks. */
err_t
judge_update (taking_t *k, const decoded_t *d, judged_t *j)
{
  j->verdict = VERDICT_REFUSED;
  if (!judge_may (k, d, j))
    return ERR_OK;
  err_t err = read_current (k, j);
  if (err == ERR_OK)
    judge_office (k, j);
  if (err == ERR_OK && reasons_hard (&j->found) == NULL)
    err = judge_base (k, j);
  if (err != ERR_OK || reasons_hard (&j->found) != NULL)
    return err;
  if (j->exists && (!j->base.current || j->aliased))
    return judge_apart (k, j);
  judge_rules (k, j, j->exists ? &j->before : NULL);
  if (reasons_hard (&j->found) == NULL)
    err = judge_locks (k, j);
  if (reasons_hard (&j->found) == NULL)
    j->verdict = VERDICT_ACCEPTED;
  return err;
}
