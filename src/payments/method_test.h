/* method_test: what tests of payment methods share: an owner who calls ops.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/id.h"
#include "method_sql.h"
#include "payments/ask_test.h"
#include "payments/method.h"
#include "policy/reasons_rules.h"

static struct life life;

/* ---- the world of a test ---- */

/* What the owner of an account is answered; it lives in the test's arena. */
static inline const char *ask(int64_t account_id, const char *id, const char *in, enum status *s)
{
    return life_ask(&life, life_proven(ROLE_OWNER, account_id), id, json_loads(in, 0, NULL), s);
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
