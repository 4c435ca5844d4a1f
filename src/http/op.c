/* op: roles, ownership, proofs, one transaction, reruns, errors as JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/luhn.h"
#include "db/audit.h"
#include "policy/settings.h"

#define OP_TABLE_ADDRESS(table) &table,
const struct ops *const op_tables[] = {OP_TABLES(OP_TABLE_ADDRESS) NULL};

const struct fault OP_UNKNOWN = {E_NOT_FOUND, "op.unknown",
                                 "There is no such op; `foyer call` lists them."};
const struct fault OP_NOT_ALLOWED = {
    E_DENIED, "op.not_allowed", "This role may not do that; ask the account's owner to do it."};
const struct fault OP_NOT_YOURS = {E_DENIED, "op.not_yours",
                                   "People reach their own account only; leave `member` out."};
const struct fault OP_PROOF_NEEDED = {
    E_DENIED, "op.proof_needed",
    "This needs a fresh proof of who you are; sign in again or enter the code sent to you."};
const struct fault OP_MEMBER_MISSING = {E_INVALID, "op.member_missing",
                                        "Say whose account it is about: the external id or mem_…."};

enum { BUSY_RETRIES = 12, RECORD_WAIT_MS = 5000 };

/* Whoever has waited for the database as long as anybody may does not wait again. */
static bool comes_again(enum status s, const struct error *e)
{
    return s == E_BUSY && e->fault != &DB_BUSY;
}

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

static bool is_phone(const struct shape *sh, const char *name, const char *text)
{
    for (size_t i = 0; i < sh->n_fields; i++)
        if (strcmp(sh->fields[i].name, name) == 0)
            return sh->fields[i].flags & PHONE && text_is_phone(text);
    return false;
}

/* `member` is left out: it is looked up and not kept, and the ids of some services are numbers. */
static enum status refuse_card_numbers(const json_t *in, const struct op *op, struct error *e)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)in, key, value) {
        const char *text = json_string_value(value);
        char digits[24];

        snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
        if (op->subject.is_member && strcmp(key, "member") == 0) continue;
        if (text_has_card_number(key) || text_has_card_number(digits) ||
            (text && text_has_card_number(text) && !is_phone(op->in, key, text)))
            return fail(e, &INPUT_CARD_NUMBER, NULL);
    }
    return OK;
}

bool actor_is_of_account(enum role r)
{
    return r == ROLE_OWNER || r == ROLE_PROFILE || r == ROLE_KIDS || r == ROLE_EXTRA;
}

/* Who was erased is found no more; staff alone still read, by the reference, what the books keep of
 * them, as far as the policy lets them. */
static enum status find_other(struct ctx *cx, const struct op_world *w, const struct op *op,
                              const char *member, int64_t *account_id)
{
    bool const staff = cx->actor.role == ROLE_AGENT || cx->actor.role == ROLE_SYSTEM;
    enum status const s = w->find_member(cx, member, account_id);

    if (s != E_NOT_FOUND || !staff || op->writes || op->action == ACTION_NONE || !w->find_erased)
        return s;
    return w->find_erased(cx, member, account_id);
}

static enum status find_subject(struct ctx *cx, const struct op_world *w, const struct op *op,
                                char *in)
{
    const char *member = *(const char **)(void *)(in + op->subject.member_at);
    int64_t *account_id = (int64_t *)(void *)(in + op->subject.account_at);

    if (actor_is_of_account(cx->actor.role)) {
        *account_id = cx->actor.id;
        if (!member) return OK;
        enum status const s = w->find_member(cx, member, account_id);
        if (s != OK && s != E_NOT_FOUND) return s;
        return s == OK && *account_id == cx->actor.id ? OK : fail(cx->err, &OP_NOT_YOURS, "member");
    }
    if (!member) return fail(cx->err, &OP_MEMBER_MISSING, "member");
    enum status const s = find_other(cx, w, op, member, account_id);
    if (s == E_NOT_FOUND && text_has_card_number(member))
        return fail(cx->err, &INPUT_CARD_NUMBER, "member");
    if (s == E_NOT_FOUND) cx->err->field = "member";
    return s;
}

/* A call on its way. */
struct call {
    struct ctx *cx;
    const struct op_world *w;
    const struct op *op;
    void *in, *out;
    struct op_key key;
    json_t *answer; /* NULL, unless it was kept: it is what `out` says */
};

static enum status read_input(struct call *c, const json_t *json)
{
    struct ctx *cx = c->cx;

    TRY(refuse_card_numbers(json, c->op, cx->err));
    TRY(shape_read(c->op->in, json, c->in, cx->arena, cx->err));
    TRY(op_key_of(cx->arena, c->op->writes ? cx->call_key : NULL, c->op->id, json, &c->key,
                  cx->err));
    if (!c->op->subject.is_member) return OK;
    TRY(find_subject(cx, c->w, c->op, c->in));
    c->key.account_id = *(int64_t *)(void *)((char *)c->in + c->op->subject.account_at);
    return OK;
}

static enum status ask_policy(struct call *c)
{
    struct option_case is;

    if (c->op->action == ACTION_NONE) return OK;
    TRY(facts_of(c->cx, c->w->catalog, c->key.account_id, option_facts_of(c->op->action), &is));
    const struct option_rule *r = option_decide(c->op->action, &is);
    bool const may = r->result == OPTION_ALLOWED || (c->op->tells && r->why == c->op->tells);
    return may ? OK : fail(c->cx->err, &r->why->fault, NULL);
}

static enum status prepare(struct call *c, const json_t *json)
{
    struct ctx *cx = c->cx;

    if (!(c->op->role & MAY(cx->actor.role))) return fail(cx->err, &OP_NOT_ALLOWED, NULL);
    TRY(read_input(c, json));
    if (c->op->proof && actor_is_of_account(cx->actor.role) && !cx->actor.proven)
        return fail(cx->err, &OP_PROOF_NEEDED, NULL);
    if (c->op->after) TRY(op_key_hold(cx, &c->key));
    TRY(op_key_find(cx, &c->key, &c->answer));
    if (c->answer) return OK;
    TRY(ask_policy(c));
    return c->op->ask ? c->op->ask(cx, c->w, c->in) : OK;
}

static void forget(json_t *answer, const char *name)
{
    const char *key;
    json_t *list, *item;
    size_t i;

    if (json_object_get(answer, name)) json_object_set_new(answer, name, json_string(""));
    json_object_foreach (answer, key, list)
        json_array_foreach (list, i, item) json_object_set_new(item, name, json_string(""));
}

/* Keeps an answer under the call's key. */
static enum status keep(const struct call *c, const void *out)
{
    if (!c->key.text) return OK;
    CLEANUP(json_decrefp) json_t *answer = shape_write(c->op->out, out);

    if (c->op->told_once) forget(answer, c->op->told_once);
    return op_key_keep(c->cx, &c->key, answer);
}

/* ---- the audit ---- */

/* Whom a call was about: where the input does not say, the answer's `member` does, as after a
 * sign-up. */
static int64_t account_of(const struct call *c, bool answered)
{
    const struct shape *sh = c->op->out;
    int64_t id = 0;

    if (c->op->subject.is_member || !answered) return c->key.account_id;
    for (size_t i = 0; i < sh->n_fields; i++) {
        const void *at = (const char *)c->out + sh->fields[i].offset;

        if (sh->fields[i].type != F_TEXT || strcmp(sh->fields[i].name, "member") != 0) continue;
        const char *text = *(const char *const *)at;
        if (text && !id_parse("mem", text, &id)) id = 0;
    }
    return id;
}

/* What was asked, without whose account that is: it was looked up, and nobody else's id is kept. */
static json_t *asked(const struct call *c)
{
    json_t *in = shape_write_record(c->op->in, c->in);

    if (c->op->subject.is_member) json_object_del(in, "member");
    return json_pack("{s:o}", "in", in);
}

static enum status record_change(const struct call *c)
{
    struct audit_note const n = {account_of(c, true), AUDIT_CHANGE, c->op->id};
    json_t *facts = asked(c), *out = shape_write_record(c->op->out, c->out);

    if (c->op->told_once) json_object_del(out, c->op->told_once);
    json_object_set_new(facts, "out", out);
    return audit_add(c->cx, &n, facts);
}

/* What is to be written down of a call that changed nothing. */
struct op_due {
    struct audit_note note;
    const char *facts; /* JSON */
};

enum status op_record(struct ctx *cx)
{
    const struct op_due *d = cx->due;
    enum status s;
    int n = 0;

    cx->due = NULL;
    if (!d) return OK;
    db_patience(cx->db, RECORD_WAIT_MS);
    do s = audit_add(cx, &d->note, json_loads(d->facts, 0, NULL));
    while (comes_again(s, cx->err) && n++ < BUSY_RETRIES);
    db_patience(cx->db, 0);
    if (s == OK) audit_look_kept(cx, &d->note);
    return s;
}

/* At once, or where the caller reads, when it has read. */
static enum status record_later(struct ctx *cx, const struct audit_note *n, json_t *facts)
{
    CLEANUP(json_decrefp) json_t *owned = facts;
    struct op_due *d = arena_new(cx->arena, struct op_due);

    *d = (struct op_due){*n, json_text(cx->arena, owned, JSON_PRESERVE_ORDER)};
    cx->due = d;
    return db_is_reading(cx->db) ? OK : op_record(cx);
}

/* People look at their own account unseen, unless it takes a proof. Whoever else looks at it is
 * written down, and is told nothing if that cannot be done. */
static enum status record_read(const struct call *c)
{
    struct ctx *cx = c->cx;
    struct audit_note const n = {account_of(c, true), AUDIT_READ, c->op->id};
    bool const in_their_name = cx->actor.via && actor_is_of_account(cx->actor.role);

    bool const each = cx->actor.role == ROLE_AGENT || c->op->proof;

    if (!each && !in_their_name) return OK;
    if (!each && audit_looked(cx, &n, cx->settings->audit_look_minutes * 60000)) return OK;
    return record_later(cx, &n, asked(c));
}

/* A refusal stays what it is, also where it cannot be written down: what was to be protected is. */
static void record_refusal(const struct call *c, enum status refused)
{
    struct ctx *cx = c->cx;
    struct error const why = *cx->err;
    int64_t const own = actor_is_of_account(cx->actor.role) ? cx->actor.id : c->key.account_id;
    struct audit_note const n = {own, AUDIT_REFUSED, c->op->id};
    bool const matters = (c->op->writes || c->op->proof || cx->actor.role == ROLE_AGENT) &&
                         (refused == E_DENIED || refused == E_LIMIT);

    if (!matters || (!own && cx->actor.role == ROLE_VISITOR)) return;
    (void)!record_later(cx, &n, json_pack("{s:s}", "fault", why.fault->code));
    *cx->err = why;
}

static enum status run_once(struct call *c)
{
    TX tx = {0};

    TRY(tx_begin_kind(&tx, c->cx, c->op->writes ? TX_WRITE : TX_READ));
    TRY(op_key_find(c->cx, &c->key, &c->answer)); /* the same call may have come in meanwhile */
    if (c->answer) return OK;
    memset(c->out, 0, c->op->out->size);
    TRY(c->op->run(c->cx, c->w, c->in, c->out));
    TRY(keep(c, c->out));
    if (c->op->writes) TRY(record_change(c));
    return tx_commit(&tx);
}

static enum status carry_out(struct call *c)
{
    enum status s;
    int n = 0;

    for (s = run_once(c); comes_again(s, c->cx->err) && n < BUSY_RETRIES; s = run_once(c)) {
        if (c->w->give_way) c->w->give_way(n);
        n++;
    }
    if (s != OK || c->answer) return s;
    if (!c->op->writes) TRY(record_read(c));
    if (c->op->after) TRY(c->op->after(c->cx, c->w, c->in, c->out));
    return c->op->after ? keep(c, c->out) : OK;
}

static void (*watcher)(const struct op *op, const json_t *answer, const struct error *e);

void op_watch(void (*watch)(const struct op *op, const json_t *answer, const struct error *e))
{
    watcher = watch;
}

/* The refusal stands whatever becomes of telling it. */
static void tell_refused(const struct call *c, enum status s)
{
    struct error aside = {0};
    struct ctx cx = *c->cx;

    if (!c->op->refused || s != E_DENIED || !actor_is_of_account(cx.actor.role)) return;
    cx.err = &aside;
    for (int n = 0; n <= BUSY_RETRIES; n++)
        if (!comes_again(c->op->refused(&cx, cx.actor.id, c->cx->err->fault), cx.err)) return;
}

static json_t *error_json(const struct error *e)
{
    return json_pack("{s:{s:s, s:s, s:s*}}", "error", "code", e->fault->code, "message",
                     e->fault->text, "field", e->field);
}

static void tell_watcher(const struct call *c, enum status s)
{
    if (!watcher) return;
    CLEANUP(json_decrefp) json_t *written = c->answer ? NULL : shape_write(c->op->out, c->out);
    watcher(c->op, s != OK ? NULL : c->answer ? c->answer : written, c->cx->err);
}

static struct call begin(struct ctx *cx, const struct op_world *w, const struct op *op)
{
    return (struct call){.cx = cx,
                         .w = w,
                         .op = op,
                         .in = arena_alloc(cx->arena, op->in->size),
                         .out = arena_alloc(cx->arena, op->out->size)};
}

/* Of the same call sent twice at once the second may be refused for what the first has done: it is
 * answered as that one was. An answer that is not final yet nobody else is given. */
static enum status refuse_unless_answered(struct call *c, enum status refused)
{
    struct error const why = *c->cx->err;

    if (!c->op->writes || c->op->after) return refused;
    if (op_key_find(c->cx, &c->key, &c->answer) == OK && c->answer) return OK;
    *c->cx->err = why;
    return refused;
}

static enum status call(struct call *c, const json_t *json)
{
    c->cx->due = NULL;
    enum status s = prepare(c, json);
    bool const prepared = s == OK;

    if (prepared && !c->answer) s = carry_out(c);
    if (s != OK) s = refuse_unless_answered(c, s);
    if (s != OK && !prepared) tell_refused(c, s);
    op_key_let_go(c->cx, &c->key);
    if (s != OK) record_refusal(c, s);
    tell_watcher(c, s);
    return s;
}

enum status op_call(struct ctx *cx, const struct op_world *w, const struct op *op,
                    const json_t *json, json_t **out)
{
    struct call c = begin(cx, w, op);
    enum status const s = call(&c, json);

    if (s != OK) {
        json_decref(c.answer);
        *out = error_json(cx->err);
    } else {
        *out = c.answer ? c.answer : shape_write(op->out, c.out);
    }
    return s;
}

static const char *next_of(const struct call *c)
{
    const struct shape *sh = c->op->out;

    if (c->answer) {
        const char *next = json_string_value(json_object_get(c->answer, "next"));

        return next ? arena_strdup(c->cx->arena, next) : NULL;
    }
    for (size_t i = 0; i < sh->n_fields; i++)
        if (sh->fields[i].type == F_TEXT && strcmp(sh->fields[i].name, "next") == 0)
            return *(const char **)(void *)((char *)c->out + sh->fields[i].offset);
    return NULL;
}

enum status op_call_text(struct ctx *cx, const struct op_world *w, const struct op *op,
                         const json_t *json, struct op_text *out)
{
    struct call c = begin(cx, w, op);
    enum status const s = call(&c, json);
    CLEANUP(json_decrefp) json_t *kept = c.answer;

    if (s != OK) return s;
    out->next = next_of(&c);
    out->text = kept ? json_text(cx->arena, kept, JSON_PRESERVE_ORDER)
                     : shape_print(cx->arena, op->out, c.out);
    return OK;
}
