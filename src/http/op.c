/* op: roles, ownership, reruns, errors as JSON. SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"

#include <stdio.h>
#include <string.h>

#include "base/luhn.h"

const struct ops *const op_tables[] = {
    &membership_ops,
    &method_ops,
    &work_ops,
    NULL,
};

const struct fault OP_UNKNOWN = {E_NOT_FOUND, "op.unknown",
                                 "There is no such op; `foyer call` lists them."};
const struct fault OP_NOT_ALLOWED = {
    E_DENIED, "op.not_allowed", "This role may not do that; ask the account's owner to do it."};
const struct fault OP_NOT_YOURS = {E_DENIED, "op.not_yours",
                                   "An owner reaches the own account only; leave `member` out."};
const struct fault OP_MEMBER_MISSING = {E_INVALID, "op.member_missing",
                                        "Say whose account it is about: the external id or mem_…."};

enum { BUSY_RETRIES = 5 };

enum status op_find(const char *id, const struct op **out, struct error *e)
{
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++)
            if (strcmp(op_tables[t]->at[i].id, id) == 0) {
                *out = &op_tables[t]->at[i];
                return OK;
            }
    return fail(e, &OP_UNKNOWN, NULL);
}

int op_http_status(enum status s)
{
    static const int codes[] = {
        [OK] = 200,         [E_INVALID] = 400, [E_DENIED] = 403, [E_NOT_FOUND] = 404,
        [E_CONFLICT] = 409, [E_LIMIT] = 429,   [E_BUSY] = 503,   [E_UNKNOWN] = 504,
        [E_UPSTREAM] = 502, [E_INTERNAL] = 500};
    return codes[s];
}

/* `member` is left out: it is looked up and not kept, and the ids of some services are numbers. */
static enum status refuse_card_numbers(const json_t *in, const struct op *op, struct error *e)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)in, key, value) {
        char digits[24];

        snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
        if (op->subject.is_member && strcmp(key, "member") == 0) continue;
        if (text_has_card_number(key) || text_has_card_number(digits) ||
            (json_is_string(value) && text_has_card_number(json_string_value(value))))
            return fail(e, &INPUT_CARD_NUMBER, NULL);
    }
    return OK;
}

static enum status find_subject(struct ctx *cx, const struct op_world *w, const struct op *op,
                                char *in)
{
    const char *member = *(const char **)(void *)(in + op->subject.member_at);
    int64_t *account_id = (int64_t *)(void *)(in + op->subject.account_at);

    if (cx->actor.role == ROLE_OWNER) {
        *account_id = cx->actor.id;
        if (!member) return OK;
        enum status const s = w->find_member(cx, member, account_id);
        if (s != OK && s != E_NOT_FOUND) return s;
        return s == OK && *account_id == cx->actor.id ? OK : fail(cx->err, &OP_NOT_YOURS, "member");
    }
    if (!member) return fail(cx->err, &OP_MEMBER_MISSING, "member");
    enum status const s = w->find_member(cx, member, account_id);
    if (s == E_NOT_FOUND && text_has_card_number(member))
        return fail(cx->err, &INPUT_CARD_NUMBER, "member");
    return s;
}

static enum status prepare(struct ctx *cx, const struct op_world *w, const struct op *op,
                           const json_t *json, void *in)
{
    if (!(op->role & MAY(cx->actor.role))) return fail(cx->err, &OP_NOT_ALLOWED, NULL);
    TRY(refuse_card_numbers(json, op, cx->err));
    TRY(shape_read(op->in, json, in, cx->arena, cx->err));
    if (op->subject.is_member) TRY(find_subject(cx, w, op, in));
    return op->ask ? op->ask(cx, w, in) : OK;
}

static enum status carry_out(struct ctx *cx, const struct op_world *w, const struct op *op,
                             const void *in, void *out)
{
    enum status s = E_BUSY;

    for (int n = 0; s == E_BUSY && n <= BUSY_RETRIES; n++) {
        memset(out, 0, op->out->size);
        s = op->run(cx, w, in, out);
    }
    return s == OK && op->after ? op->after(cx, w, in, out) : s;
}

static json_t *error_json(const struct error *e)
{
    return json_pack("{s:{s:s, s:s, s:s*}}", "error", "code", e->fault->code, "message",
                     e->fault->text, "field", e->field);
}

enum status op_call(struct ctx *cx, const struct op_world *w, const struct op *op,
                    const json_t *json, json_t **out)
{
    void *in = arena_alloc(cx->arena, op->in->size);
    void *answer = arena_alloc(cx->arena, op->out->size);
    enum status s = prepare(cx, w, op, json, in);

    if (s == OK) s = carry_out(cx, w, op, in, answer);
    *out = s == OK ? shape_write(op->out, answer) : error_json(cx->err);
    return s;
}
