/* ask_test: what tests of a life share: ops as anybody calls them, what was told, and whether all
 * is well. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/id.h"
#include "billing/explain.h"
#include "billing/parts_test.h"
#include "cli/doctor.h"
#include "db/outbox.h"
#include "http/op.h"
#include "payments/life_test.h"

/* What somebody is answered; it lives in the test's arena. Takes over `in`. */
static inline const char *life_ask(struct life *l, struct actor who, const char *id, json_t *in,
                                   enum status *s)
{
    struct test_db *t = &l->t;
    struct op_world const w = {.catalog = l->catalog,
                               .world = &l->world,
                               .find_member = account_number,
                               .find_erased = account_erased};
    const struct op *op;
    json_t *out;

    CHECK(in);
    CHECK_OK(op_find(id, &op, &t->err));
    t->cx.actor = who;
    *s = op_call(&t->cx, &w, op, in, &out);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    t->cx.call_key = NULL;
    const char *text = json_text(&t->arena, out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(in);
    json_decref(out);
    return text;
}

/* Somebody whose identity was proven a moment ago, on the web. */
static inline struct actor life_proven(enum role role, int64_t id)
{
    return (struct actor){.role = role, .id = id, .surface = SURFACE_WEB, .proven = true};
}

/* How many messages of a topic that hold a text went out about an account. */
static inline size_t life_told(struct life *l, int64_t account_id, const char *topic,
                               const char *part)
{
    struct test_db *t = &l->t;
    struct outbox_row *rows;
    size_t n, found = 0;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 100000));
    for (size_t i = 0; i < n; i++)
        found += rows[i].account_id == account_id && strcmp(rows[i].topic, topic) == 0 &&
                 strstr(rows[i].body, part);
    return found;
}

/* The newest charge of a kind; charge_id 0: none. */
static inline struct charge life_newest(struct life *l, int64_t account_id, enum charge_kind kind)
{
    struct test_db *t = &l->t;
    struct charge *rows, found = {0};
    size_t n;

    CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = account_id, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (rows[i].kind == kind && rows[i].charge_id > found.charge_id) found = rows[i];
    return found;
}

/* Whether a charge is explained by that cause among others, all of them known. */
static inline bool life_explains(struct life *l, int64_t charge_id, enum explain_cause cause)
{
    struct test_db *t = &l->t;
    struct explanation x;
    bool found = false;
    char id[ID_TEXT];

    CHECK_OK(explain_reference(&t->cx, id_text("chg", charge_id, id), &x));
    for (size_t i = 0; i < x.causes.n; i++) {
        CHECK(x.causes.at[i].cause != WHY_UNKNOWN);
        found = found || x.causes.at[i].cause == cause;
    }
    return found;
}

/* Every invariant holds. */
static inline void life_is_well(struct life *l, const char *when)
{
    struct test_db *t = &l->t;
    struct patient p = {.sandbox = l->gateway};
    struct examined *found;
    int64_t findings;
    size_t n;

    CHECK_OK(clock_read(&t->cx, 0, &p.clock));
    CHECK_OK(doctor_examine(&t->cx, &p, &found, &n, &findings));
    for (size_t i = 0; i < n; i++)
        if (found[i].findings)
            FAIL("%s: %s: %lld, such as %s", when, found[i].id, (long long)found[i].findings,
                 found[i].sample);
}

static inline void life_end_well(struct life *l)
{
    struct test_db *t = &l->t;

    life_is_well(l, "at the end");
    parts_check_all(&t->cx);
    life_close(l);
}
