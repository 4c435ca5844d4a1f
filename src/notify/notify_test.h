/* notify_test: a service of life_test.h whose members are written to.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/outbox.h"
#include "message_sql.h"
#include "notify/notify.h"
#include "payments/life_test.h"

static struct life life;

static inline void sql(const char *format, int64_t account_id)
{
    struct test_db *t = &life.t;
    char text[600];

    snprintf(text, sizeof text, "%s WHERE account_id = %lld", format, (long long)account_id);
    CHECK_OK(db_script(t->db, text, &t->err));
}

/* A member in Berlin with an address; members begin with nothing in the outbox. */
static inline int64_t reader(const char *joined, const char *as_of, const char *tokens)
{
    int64_t const m = life_member(&life, "DE", "standard", joined, as_of, tokens);

    sql("UPDATE account SET email = 'anna@example.com', name = 'Anna'", m);
    return m;
}

static inline void emit(int64_t account_id, const char *topic, int64_t at, const char *facts)
{
    struct test_db *t = &life.t;
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(outbox_put(&t->cx, topic, account_id, at, json_loads(facts, 0, NULL)));
    CHECK_OK(tx_commit(&tx));
}

static inline size_t dispatch_all(void)
{
    struct test_db *t = &life.t;
    size_t n = 1, all = 0;

    for (; n; all += n) CHECK_OK(notify_dispatch(&t->cx, life.catalog, 7, &n));
    return all;
}

static inline struct messages_view list(int64_t m)
{
    struct test_db *t = &life.t;
    struct messages_view v;

    CHECK_OK(message_list(&t->cx, &(struct message_list){.account_id = m, .limit = 100}, &v));
    return v;
}

/* The newest message of that kind, or NULL. */
static inline const struct message_view *newest(int64_t m, const char *kind)
{
    struct messages_view const v = list(m);

    for (size_t i = 0; i < v.n; i++)
        if (strcmp(v.messages[i].kind, kind) == 0) return &v.messages[i];
    return NULL;
}
