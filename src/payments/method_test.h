/* method_test: what tests of payment methods share: an owner who calls ops.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/id.h"
#include "http/op.h"
#include "method_sql.h"
#include "payments/life_test.h"
#include "payments/method.h"
#include "policy/reasons_rules.h"

static struct life life;

/* ---- the world of a test ---- */

static inline enum status find_member(struct ctx *cx, const char *member, int64_t *account_id)
{
    struct account a;

    TRY(account_find(cx, member, &a));
    *account_id = a.account_id;
    return OK;
}

/* What the owner of an account is answered; it lives in the test's arena. */
static inline const char *ask(int64_t account_id, const char *id, const char *in, enum status *s)
{
    struct test_db *t = &life.t;
    struct op_world const w = {life.catalog, &life.world, find_member};
    const struct op *op;
    json_t *input = json_loads(in, 0, NULL), *out;

    CHECK(input);
    CHECK_OK(op_find(id, &op, &t->err));
    t->cx.actor = (struct actor){
        .role = ROLE_OWNER, .id = account_id, .surface = SURFACE_WEB, .proven = true};
    *s = op_call(&t->cx, &w, op, input, &out);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    char *text = json_dumps(out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    const char *kept = arena_strdup(&t->arena, text);
    free(text);
    json_decref(input);
    json_decref(out);
    return kept;
}

/* The answer, which must be one; and all of what it must say. */
static inline const char *done(int64_t account_id, const char *id, const char *in, const char *says)
{
    enum status s;
    const char *text = ask(account_id, id, in, &s);

    if (s != OK || !strstr(text, says)) FAIL("%s %s: %d %s", id, in, s, text);
    return text;
}

static inline void refused(int64_t account_id, const char *id, const char *in,
                           const struct fault *f)
{
    enum status s;
    const char *text = ask(account_id, id, in, &s);

    if (s != f->status || !strstr(text, f->code)) FAIL("%s %s: %d %s", id, in, s, text);
}

static inline const char *reference(int64_t method_id)
{
    struct arena *a = &life.t.arena;

    return arena_printf(a, "{\"method\":\"%s\"}",
                        id_text("mth", method_id, arena_alloc(a, ID_TEXT)));
}

static inline struct method *methods(int64_t account_id, size_t *n)
{
    struct test_db *t = &life.t;
    struct method *rows;

    CHECK_OK(methods_of(&t->cx, &rows, n, .account_id = account_id, .max = 100));
    return rows;
}

static inline struct charge *charges(int64_t account_id, size_t *n)
{
    struct test_db *t = &life.t;
    struct charge *rows;

    CHECK_OK(charges_of(&t->cx, &rows, n, .account_id = account_id, .max = 1000));
    return rows;
}

static inline void run_sql(const char *sql)
{
    struct test_db *t = &life.t;

    CHECK_OK(db_script(t->db, sql, &t->err));
}

static inline int64_t joins(const char *tokens)
{
    life_open(&life, "2024-02-01");
    return life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", tokens);
}
