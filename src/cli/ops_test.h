/* ops_test: for tests that walk the tables of ops - members, actors, and inputs by an op's shape.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/id.h"
#include "db/audit.h"
#include "payments/ask_test.h"

static struct life life;
static int64_t commits;

static inline void watch(void *arg, bool done)
{
    (void)arg;
    commits += done;
}

static inline void begin(void)
{
    life_open(&life, "2024-02-01");
    db_watch(life.t.db, watch, NULL);
}

static inline int64_t joins(const char *plan)
{
    char today[DAY_TEXT];

    return life_member(&life, "DE", plan, "2024-01-15", day_text(life.t.cx.now / DAY_MS, today),
                       "tok_visa");
}

/* Calls an op; *out belongs to the caller. What is not named of the actor is as an owner's. */
static inline enum status call(const struct op *op, struct actor actor, const json_t *in,
                               const char *key, json_t **out)
{
    struct test_db *t = &life.t;
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};

    t->cx.actor = actor;
    t->cx.call_key = key;
    enum status const s = op_call(&t->cx, &w, op, in, out);
    t->cx.call_key = NULL;
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    return s;
}

static inline bool is_on_account(enum role r)
{
    return r != ROLE_VISITOR && r != ROLE_AGENT && r != ROLE_SYSTEM;
}

static inline struct actor actor_of(enum role r, int64_t m)
{
    return (struct actor){.role = r,
                          .id = is_on_account(r)  ? m
                                : r == ROLE_AGENT ? 7
                                                  : 0,
                          .surface = r == ROLE_AGENT ? SURFACE_CONTACT : SURFACE_WEB,
                          .proven = true,
                          .device = "a browser",
                          .network = "192.0.2.1"};
}

static inline const char *member_text(int64_t m)
{
    static char text[ID_TEXT];

    return id_text("mem", m, text);
}

/* ---- inputs ---- */

static inline json_t *text_of(size_t n)
{
    char text[300];

    if (n >= sizeof text) n = sizeof text - 1;
    memset(text, 'x', n);
    return json_stringn(text, n);
}

/* A value that the field's shape takes. */
static inline json_t *plain_value(const struct field *f)
{
    switch (f->type) {
    case F_INT: return json_integer(f->min || f->max ? f->min : 1);
    case F_TEXT: return text_of(f->min ? (size_t)f->min : 1);
    case F_ENUM: return json_string(f->names->at[0]);
    case F_BOOL: return json_true();
    case F_LIST: break;
    }
    return json_null();
}

/* The least that the op's shape takes, about a member. */
static inline json_t *plain_input(const struct op *op, int64_t m)
{
    json_t *in = json_object();

    for (size_t i = 0; i < op->in->n_fields; i++) {
        const struct field *f = &op->in->fields[i];

        if (strcmp(f->name, "member") == 0 && op->subject.is_member)
            json_object_set_new(in, f->name, json_string(member_text(m)));
        else if (!(f->flags & OPTIONAL))
            json_object_set_new(in, f->name, plain_value(f));
    }
    return in;
}

static inline json_t *wrong_type(const struct field *f)
{
    if (f->type == F_TEXT || f->type == F_ENUM) return json_integer(5);
    return json_string(f->type == F_LIST ? "list" : "five");
}

/* Outside the shape's bounds, or NULL where there are none. */
static inline json_t *out_of_range(const struct field *f)
{
    if (f->type == F_ENUM) return json_string("no such word");
    if (!f->min && !f->max) return NULL;
    if (f->type == F_INT) return f->max < INT64_MAX ? json_integer(f->max + 1) : NULL;
    if (f->type != F_TEXT) return NULL;
    char *text = arena_alloc(&life.t.arena, (size_t)f->max + 2);
    memset(text, 'x', (size_t)f->max + 1);
    return json_string(text);
}

/* ---- refusals ---- */

static inline int64_t audit_entries(void)
{
    struct test_db *t = &life.t;
    struct audit_totals_row all;

    CHECK_OK(audit_totals(&t->cx, &all, &DB_NO_ROW));
    return all.entries;
}

/* The call must be refused with the code and field, and commit nothing but that it was refused. */
static inline void refuse(const struct op *op, struct actor actor, json_t *in, const char *code,
                          const char *field)
{
    int64_t const before = commits, entries = audit_entries();
    struct test_db *t = &life.t;
    json_t *out;
    enum status const s = call(op, actor, in, NULL, &out);
    int64_t const noted = audit_entries() - entries;

    if (s == OK || strcmp(t->err.fault->code, code) != 0 || noted > 1 ||
        commits != before + noted || (field && (!t->err.field || strcmp(t->err.field, field) != 0)))
        FAIL("%s as %s: %s%s%s, not %s %s; %lld commits", op->id, roles.at[actor.role],
             s == OK ? "done" : t->err.fault->code, t->err.field ? " " : "",
             t->err.field ? t->err.field : "", code, field ? field : "",
             (long long)(commits - before));
    json_decref(in);
    json_decref(out);
}

#define EACH_OP(op)                                                                                \
    for (size_t t_ = 0; op_tables[t_]; t_++)                                                       \
        for (const struct op *op = op_tables[t_]->at; op < op_tables[t_]->at + op_tables[t_]->n;   \
             op++)
