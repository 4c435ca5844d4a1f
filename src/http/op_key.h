/* op_key: idempotency keys. A key belongs to the actor who chose it and to one call: one op with
 * one
 * input. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>

#include "db/db.h"

enum { OP_KEY_MAX = 200, OP_KEY_HASH = 65 };

struct op_key {
    const char *text; /* as the client chose it; NULL: none, and nothing below counts */
    const char *op;
    int64_t account_id;
    char hash[OP_KEY_HASH]; /* of the input */
    bool held;
    int64_t name; /* by which it is held */
};

extern const struct fault OP_KEY_INVALID, OP_KEY_REUSED, OP_KEY_RUNNING;

/* Takes a call's key, which may be NULL. Faults: OP_KEY_INVALID, INPUT_CARD_NUMBER. */
enum status op_key_of(struct arena *a, const char *text, const char *op, const json_t *in,
                      struct op_key *out, struct error *e) MUST_CHECK;
/* For calls whose answer is not final when it is first kept: until op_key_let_go no other call
 * under the key begins. A process that is gone holds none. Faults: OP_KEY_RUNNING. */
enum status op_key_hold(struct ctx *cx, struct op_key *k) MUST_CHECK;
void op_key_let_go(struct ctx *cx, struct op_key *k);
/* What the same call was answered under this key, which the caller owns; NULL when it is a new one
 * or older than the setting op_key_hours. Faults: OP_KEY_REUSED. */
enum status op_key_find(struct ctx *cx, const struct op_key *k, json_t **answer) MUST_CHECK;
/* Keeps the answer under the key, in the caller's transaction where there is one. */
enum status op_key_keep(struct ctx *cx, const struct op_key *k, const json_t *answer) MUST_CHECK;
/* Drops what is too old to be answered again. */
enum status op_keys_forget(struct ctx *cx) MUST_CHECK;
