/* former_test: who was erased is known by the operator's id, and no file brings them back.
 * SPDX-License-Identifier: Apache-2.0 */
#include "account/former.h"

#include "account/account.h"
#include "billing/erased.h"
#include "former_sql.h"
#include "payments/ask_test.h"
#include "payments/begin.h"
#include "payments/intake.h"

static struct life life;

static struct intake terms(void)
{
    return (struct intake){.terms.as_of_day = life.t.cx.now / DAY_MS,
                           .terms.catalog = life.catalog,
                           .gateway = life.gateway,
                           .test_clock = true};
}

static struct intake_result import(struct intake in, const char *id)
{
    struct test_db *t = &life.t;
    struct intake_result result;
    struct intake_row row;

    for (size_t i = 0; i < INTAKE_FIELDS; i++) row.at[i] = "";
    row.at[IN_EXTERNAL_ID] = id;
    row.at[IN_EMAIL] = "ann@example.com";
    row.at[IN_PLAN] = "standard";
    row.at[IN_COUNTRY] = "DE";
    row.at[IN_JOINED_ON] = "2023-06-15";
    CHECK_OK(intake_members(&t->cx, &in, &row, 1, &result));
    return result;
}

static void is_refused(struct intake in, const char *id, const struct fault *why)
{
    struct intake_result const r = import(in, id);

    if (r.outcome != INTAKE_REJECTED || r.why.fault != why)
        FAIL("%s: %s", id, intake_outcomes.at[r.outcome]);
}

static bool is_found(const char *id)
{
    struct test_db *t = &life.t;
    struct account a;

    return account_find(&t->cx, id, &a) == OK;
}

/* Imported, cancelled, over on 15 February 2024 and erased when the retention time is. */
static int64_t ann_is_erased(void)
{
    struct test_db *t = &life.t;
    struct account a;
    enum status s;

    life_open(&life, "2024-01-10");
    CHECK(import(terms(), "ann").outcome == INTAKE_IMPORTED);
    CHECK_OK(account_find(&t->cx, "ann", &a));
    life_run(&life, "2024-01-20");
    life_ask(&life, life_proven(ROLE_OWNER, a.account_id), "membership.cancel", json_object(), &s);
    CHECK_OK(s);
    life_run(&life, "2025-02-01");
    CHECK(life_look(&life, a.account_id).state == M_DELETED && !is_found("ann"));
    return a.account_id;
}

static size_t kept(void)
{
    struct test_db *t = &life.t;
    struct former_row *rows;
    size_t n;

    CHECK_OK(former_some(&t->cx, &rows, &n, .max = 10));
    for (size_t i = 0; i < n; i++) CHECK(strlen(rows[i].name_hash) == 64);
    return n;
}

static void no_file_brings_them_back(void **state)
{
    (void)state;
    ann_is_erased();
    CHECK(kept() == 1);
    struct intake in = terms();
    is_refused(in, "ann", &MEMBER_ERASED);
    in.update = true;
    is_refused(in, "ann", &MEMBER_ERASED);
    in.look_first = true;
    is_refused(in, "ann", &MEMBER_ERASED);
    in.dry_run = true;
    is_refused(in, "ann", &MEMBER_ERASED);
    CHECK(!is_found("ann"));
    CHECK(import(terms(), "ann2").outcome == INTAKE_IMPORTED);
    CHECK(import(terms(), "Ann").outcome == INTAKE_IMPORTED);
    CHECK(import(terms(), "ann2").outcome == INTAKE_UNCHANGED);
    life_end_well(&life);
}

/* A whole batch is taken but for them, also where others of it are known already. */
static void others_are_taken(void **state)
{
    struct test_db *t = &life.t;
    static const char *const ids[] = {"ben", "ann", "cid"};
    struct intake_result results[COUNT(ids)];
    struct intake_row rows[COUNT(ids)];

    (void)state;
    ann_is_erased();
    struct intake in = terms();
    CHECK(import(in, "cid").outcome == INTAKE_IMPORTED);
    for (size_t i = 0; i < COUNT(ids); i++) {
        for (size_t f = 0; f < INTAKE_FIELDS; f++) rows[i].at[f] = "";
        rows[i].at[IN_EXTERNAL_ID] = ids[i];
        rows[i].at[IN_EMAIL] = "ann@example.com";
        rows[i].at[IN_PLAN] = "standard";
        rows[i].at[IN_COUNTRY] = "DE";
        rows[i].at[IN_JOINED_ON] = "2023-06-15";
    }
    CHECK_OK(intake_members(&t->cx, &in, rows, COUNT(ids), results));
    CHECK(results[0].outcome == INTAKE_IMPORTED && results[2].outcome == INTAKE_UNCHANGED);
    CHECK(results[1].outcome == INTAKE_REJECTED && results[1].why.fault == &MEMBER_ERASED);
    life_end_well(&life);
}

static void who_signs_up_is_back(void **state)
{
    struct test_db *t = &life.t;
    struct begin_start in = {.member = "ann",
                             .email = "ann@example.com",
                             .name = "Ann",
                             .country = "DE",
                             .plan = "standard",
                             .token = "tok_visa",
                             .surface = "web"};
    struct begin_answer a;

    (void)state;
    int64_t const before = ann_is_erased();
    CHECK_OK(begin_describe(&t->cx, &life.world, &in));
    CHECK_OK(begin_start(&t->cx, life.catalog, &in, &a));
    CHECK_OK(begin_try(&t->cx, &life.world, life.catalog, &a));
    CHECK(a.account_id != before && a.state == M_ACTIVE && kept() == 0);
    is_refused(terms(), "ann", &MEMBER_DIFFERS);
    life_end_well(&life);
}

/* A restored backup has them, and maybe nothing of their erasure. */
static void erased_again_is_known_again(void **state)
{
    struct test_db *t = &life.t;
    struct account a;

    (void)state;
    life_open(&life, "2024-01-10");
    CHECK(import(terms(), "ann").outcome == INTAKE_IMPORTED);
    CHECK_OK(account_find(&t->cx, "ann", &a));
    CHECK_OK(erase_again(&t->cx, a.account_id, t->cx.now));
    is_refused(terms(), "ann", &MEMBER_ERASED);
    life_close(&life);
}

/* Whoever had no name of the operator's leaves none. */
static void without_a_name(void **state)
{
    struct test_db *t = &life.t;
    char sql[160], own[ID_TEXT];

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    snprintf(sql, sizeof sql, "UPDATE account SET external_id = '%s'", id_text("mem", m, own));
    CHECK_OK(db_script(t->db, sql, &t->err));
    CHECK_OK(erase_again(&t->cx, m, t->cx.now));
    CHECK(kept() == 0);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-22 F-07 no import brings back who was erased", no_file_brings_them_back),
        CASE("E-22 B-02 the others of a file are taken", others_are_taken),
        CASE("E-22 F-13 who signs up again under the same id is back", who_signs_up_is_back),
        CASE("E-22 who is erased again after a restore is refused as well",
             erased_again_is_known_again),
        CASE("E-22 who had no id of the operator's leaves none", without_a_name),
    };
    return RUN_CASES("former", cases);
}
