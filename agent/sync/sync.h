/* sync.h - the office's end of the line: serve, sync, join, doctor.
 *
 * One process at a time holds the line (the lock DIR/serve.lock). All of them block until done and watch the
 * platform's stop event. Times in ms. */
#ifndef KC_AGENT_SYNC_SYNC_H
#define KC_AGENT_SYNC_SYNC_H

#include "common/base/bytes.h"

#include <stdio.h>

/* Keeps DIR in sync until stopped (ERR_OK). ERR_BUSY: another serve has DIR; a running `sync` is waited for
 * a few seconds. ERR_NOT_STORE: not joined. */
MUST_USE err_t sync_serve (const char *dir, fail_t *fail);

/* One round: everything local acknowledged, everything waiting at the centre here. Beside a running serve it
 * wakes that and waits for its round. wait: afterwards ERR_NO if refused records remain, which *report names,
 * a line each (for stdout). ERR_TIMEOUT, ERR_UNREACHABLE, ERR_REFUSED with words in fail. */
MUST_USE err_t sync_once (const char *dir, bool wait, int64_t timeout_ms, buf_t *report, fail_t *fail);

/* Makes DIR if there is none, registers it by the invite (text as `invite` printed it) and fetches the
 * catalogue. May be repeated. ERR_MALFORMED: the invite cannot be read. ERR_REFUSED: used, cancelled, expired
 * or forged. ERR_UNREACHABLE, ERR_TIMEOUT: not done in time; ERR_EXISTS: DIR joined by another invite. */
MUST_USE err_t sync_join (const char *dir, str_t invite_text, int64_t timeout_ms, fail_t *fail);

/* Makes new keys and registers them with the centre; those of before open nothing from then on. Beside a
 * running serve that does it. ERR_UNREACHABLE, ERR_TIMEOUT: not done in time; the next session goes on with
 * it. */
MUST_USE err_t sync_rekey (const char *dir, int64_t timeout_ms, fail_t *fail);

/* Tests store, disk, name, port, key and clock one by one, a line each on out, then one sentence that says
 * which failed and whom to call. ERR_OK, ERR_UNREACHABLE, ERR_REFUSED or the store's error. */
MUST_USE err_t sync_doctor (const char *dir, FILE *out, fail_t *fail);

#endif
