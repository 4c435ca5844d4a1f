/* call_test: what tests of ops share: anybody who calls one, and the messages that go out.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/id.h"
#include "method_sql.h"
#include "payments/ask_test.h"

static struct life life;

/* What somebody is answered; it lives in the test's arena. */
static inline const char *call(struct actor who, const char *id, const char *in, enum status *s)
{
    return life_ask(&life, who, id, json_loads(in, 0, NULL), s);
}

static inline struct actor owner_of(int64_t account_id)
{
    return life_proven(ROLE_OWNER, account_id);
}

static const struct actor visitor = {.role = ROLE_VISITOR, .surface = SURFACE_WEB};

/* The answer, which must be one; and a part of what it must say. */
static inline const char *says(struct actor who, const char *id, const char *in, const char *part)
{
    enum status s;
    const char *text = call(who, id, in, &s);

    if (s != OK || !strstr(text, part)) FAIL("%s %s: %d %s, not %s", id, in, s, text, part);
    return text;
}

static inline void refused(struct actor who, const char *id, const char *in, const char *code)
{
    enum status s;
    const char *text = call(who, id, in, &s);

    if (s == OK || !strstr(text, code)) FAIL("%s %s: %d %s, not %s", id, in, s, text, code);
}

/* How many messages of a topic went to an account, and what the newest one says of `name`. */
static inline size_t told(int64_t account_id, const char *topic, const char *name,
                          const char **what)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    size_t n, found = 0;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 100000));
    for (size_t i = 0; i < n; i++) {
        if (rows[i].account_id != account_id || strcmp(rows[i].topic, topic) != 0) continue;
        found++;
        if (!name) continue;
        CLEANUP(json_decrefp) json_t *body = json_loads(rows[i].body, 0, NULL);
        const char *value = json_string_value(json_object_get(body, name));
        if (!value) FAIL("%s has no %s: %s", topic, name, rows[i].body);
        *what = arena_strdup(&t->arena, value);
    }
    return found;
}

static inline const char *json_of(const char *fmt, const char *a)
{
    return arena_printf(&life.t.arena, "{\"%s\":\"%s\"}", fmt, a);
}

static inline void run_sql(const char *sql)
{
    struct test_db *t = &life.t;

    CHECK_OK(db_script(t->db, sql, &t->err));
}

/* Ends a test: the books and everything else are well. */
static inline void all_is_well(void)
{
    life_end_well(&life);
}
