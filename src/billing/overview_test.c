/* overview_test: what owners see of their membership, and how they end it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/overview.h"

#include <inttypes.h>

#include "billing/price.h"
#include "http/op.h"
#include "payments/life_test.h"

static struct life life;

static struct overview look(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct overview_get const in = {"", account_id};
    struct overview o;

    CHECK_OK(overview_get(&t->cx, life.catalog, &in, &o));
    return o;
}

static enum status cancel(int64_t account_id, struct overview *o)
{
    struct overview_get const in = {"", account_id};

    struct membership m;

    TRY(billing_cancel(&life.t.cx, life.catalog, in.account_id, &m));
    return overview_get(&life.t.cx, life.catalog, &in, o);
}

static struct charge *charges(int64_t account_id, size_t *n)
{
    struct test_db *t = &life.t;
    struct charge *rows;

    CHECK_OK(charges_of(&t->cx, &rows, n, .account_id = account_id, .max = 1000));
    return rows;
}

static int64_t joins(const char *place, const char *tokens)
{
    life_open(&life, "2024-02-01");
    return life_member(&life, place, "standard", "2024-01-31", "2024-02-01", tokens);
}

static bool is(const char *a, const char *b)
{
    if (strcmp(a, b) != 0) print_error("%s is not %s\n", a, b);
    return strcmp(a, b) == 0;
}

/* What the page says is what is charged: for a year of months of any length, a price change in
 * April, and a tax that is added. */
static void tells_the_next_charge(void **state)
{
    static const char *const places[] = {"DE", "US/CA", "US/TX", "JP"};

    (void)state;
    for (size_t p = 0; p < COUNT(places); p++) {
        int64_t const m = joins(places[p], "tok_visa");

        for (int month = 0; month < 12; month++) {
            struct overview const o = look(m);
            char until[DAY_TEXT];
            int64_t day;
            size_t n;

            CHECK(day_parse(o.next_charge_on, &day));
            CHECK(o.next_net_minor + o.next_tax_minor == o.next_total_minor);
            CHECK(is(o.standing, "good") && o.access && o.banner == BANNER_NONE);
            CHECK(is(o.period_end, o.next_charge_on));
            life_run(&life, day_text(day + 2, until));
            const struct charge *c = charges(m, &n);
            CHECK(n == (size_t)month + 1 && c[month].due_on_day == day);
            if (c[month].amount_minor != o.next_total_minor)
                FAIL("%s: %" PRId64 " was told, %" PRId64 " charged", o.next_charge_on,
                     o.next_total_minor, c[month].amount_minor);
        }
        life_close(&life);
    }
}

static void shows_price_and_taxes(void **state)
{
    int64_t m = joins("DE", "tok_visa");
    struct overview o = look(m);

    (void)state;
    CHECK(is(o.plan, "standard") && is(o.plan_name, "Standard") && is(o.currency, "EUR"));
    CHECK(o.price_minor == 1299 && o.tax_mode == TAX_INCLUSIVE && is(o.biller, "direct"));
    CHECK(is(o.next_charge_on, "2024-02-29") && is(o.anchor_on, "2024-01-31"));
    CHECK(o.next_total_minor == 1299 && o.n_taxes == 1 && is(o.taxes[0].name, "VAT"));
    CHECK(o.taxes[0].rate_ppm == 190000 && o.taxes[0].amount_minor == o.next_tax_minor);
    CHECK(o.next_tax_minor == 207 && is(o.next_problem, "") && is(o.last_day, ""));
    life_close(&life);
    m = joins("US/CA", "tok_visa");
    o = look(m);
    CHECK(o.price_minor == 1549 && o.tax_mode == TAX_EXCLUSIVE && o.next_net_minor == 1549);
    CHECK(o.next_tax_minor == 112 && o.next_total_minor == 1661);
    life_close(&life);
}

/* The page's price is what the member pays: not one that is not announced to them, nor one that
 * waits for their consent, nor one of a period that is still to come. */
static void shows_what_is_paid(void **state)
{
    const struct settings *s = &life.t.settings;
    struct test_db *t = &life.t;
    int64_t const as_ever = joins("DE", "tok_visa"),
                  joined =
                      life_member(&life, "DE", "standard", "2024-01-25", "2024-02-01", "tok_visa");
    struct price_change const in = {"DE", "standard", "2024-04-01", NULL, 0};
    struct price_changed out;

    (void)state;
    CHECK_OK(db_script(t->db,
                       arena_printf(&t->arena,
                                    "UPDATE membership SET price_known_day = %" PRId64
                                    " WHERE account_id = %" PRId64,
                                    life_day("2024-01-25"), joined),
                       &t->err));
    life_run(&life, "2024-04-10");
    CHECK(look(as_ever).price_minor == 1299); /* of the period since 31 March */
    CHECK(look(joined).price_minor == 1299 && look(joined).next_total_minor == 1299);
    CHECK_OK(price_change(&t->cx, life.catalog, &in, &out));
    CHECK(s->price_notice_days == 30 && look(joined).price_minor == 1299);
    life_run(&life, "2024-05-20");
    CHECK(look(as_ever).price_minor == 1299 && look(joined).price_minor == 1299);
    CHECK(look(joined).next_total_minor == 1399);
    life_run(&life, "2024-06-02");
    CHECK(look(as_ever).price_minor == 1399 && look(joined).price_minor == 1399);
    life_close(&life);
}

static void says_whose_dates(void **state)
{
    static const char *const zones[][2] = {
        {"DE",    "Europe/Berlin"   },
        {"US/CA", "America/New_York"},
        {"JP",    "Asia/Tokyo"      }
    };

    (void)state;
    for (size_t i = 0; i < COUNT(zones); i++) {
        struct overview const o = look(joins(zones[i][0], "tok_visa"));

        CHECK(is(o.time_zone, zones[i][1]));
        CHECK(is(o.date_note, "bank_date_may_differ_by_a_day"));
        life_close(&life);
    }
}

static void shows_grace_and_hold(void **state)
{
    int64_t const m = joins("DE", "tok_insufficient_funds");
    struct overview o;

    (void)state;
    life_run(&life, "2024-03-01");
    o = look(m);
    CHECK(o.banner == BANNER_GRACE && is(o.standing, "grace") && o.access);
    CHECK(is(o.unpaid_since, "2024-02-29") && is(o.grace_until, "2024-03-05"));
    CHECK(is(o.next_charge_on, "2024-02-29") && o.next_total_minor == 1299);
    life_run(&life, "2024-03-10");
    o = look(m);
    CHECK(o.banner == BANNER_HOLD && is(o.standing, "hold") && !o.access);
    CHECK(is(o.next_charge_on, "2024-03-14")); /* of the days 1, 3, 5, 7, 10 and 14 the next */
    CHECK(is(o.hold_until, "2024-04-04") && is(o.grace_until, ""));
    life_run(&life, "2024-06-01");
    o = look(m);
    CHECK(o.banner == BANNER_NONE && is(o.standing, "canceled") && !o.access);
    CHECK(is(o.next_charge_on, "") && is(o.next_problem, "billing.no_next_charge"));
    CHECK(*o.kept_until);
    life_close(&life);
}

static void cancels_at_the_end(void **state)
{
    int64_t const m = joins("DE", "tok_visa");
    struct overview o;
    size_t n;

    (void)state;
    life_run(&life, "2024-03-10");
    CHECK(cancel(m, &o) == OK);
    CHECK(o.state == M_ENDING && is(o.standing, "ending") && o.access);
    CHECK(o.banner == BANNER_ENDING && is(o.last_day, "2024-03-30"));
    CHECK(is(o.next_charge_on, "") && is(o.next_problem, "billing.no_next_charge"));
    CHECK(cancel(m, &o) == E_CONFLICT && life.t.err.fault == &MEMBERSHIP_NOT_NOW);
    life_run(&life, "2024-03-30"); /* 01:00 of the 30th in Berlin */
    CHECK(look(m).access);
    life_run(&life, "2024-03-31");
    o = look(m);
    CHECK(o.state == M_CANCELED && !o.access && is(o.last_day, "2024-03-30"));
    CHECK(is(o.kept_until, "2025-01-31")); /* ten months after the end */
    life_run(&life, "2025-06-01");
    charges(m, &n);
    CHECK(n == 1);
    life_close(&life);
}

static void cancels_when_unpaid(void **state)
{
    static const char *const days[] = {"2024-03-01", "2024-03-10"};

    (void)state;
    for (size_t i = 0; i < COUNT(days); i++) {
        int64_t const m = joins("DE", "tok_insufficient_funds");
        int64_t attempts = 0;
        struct overview o;
        size_t before, n;

        life_run(&life, days[i]);
        CHECK(look(m).state == (i ? M_HOLD : M_GRACE));
        CHECK(cancel(m, &o) == OK);
        CHECK(o.state == (i ? M_CANCELED : M_ENDING) && o.access == !i); /* grace is served */
        const struct charge *c = charges(m, &before);
        for (size_t k = 0; k < before; k++) attempts += c[k].attempts;
        life_run(&life, "2024-12-01");
        c = charges(m, &n);
        for (size_t k = 0; k < n; k++) attempts -= c[k].attempts;
        CHECK(n == before && attempts == 0);         /* nothing is tried again */
        CHECK(c[0].charge_state == CHARGE_CREDITED); /* and no debt is left */
        CHECK(look(m).state == M_CANCELED);
        life_close(&life);
    }
}

enum { CANCEL_DAYS = 12, CANCEL_EVERY = 5, TOKENS = 8 };

/* Whatever tokens, wherever in the course of two months the cancel comes: from then on no charge is
 * made, and what is in flight comes to its end. */
static void nothing_is_charged_afterwards(void **state)
{
    static const char *const tokens[TOKENS] = {"tok_visa",
                                               "tok_insufficient_funds;tok_visa",
                                               "",
                                               "tok_insufficient_funds",
                                               "tok_every_3_fail_2",
                                               "tok_lost_reply",
                                               "tok_slow_capture",
                                               "tok_slow_decline"};
    int64_t members[CANCEL_DAYS][TOKENS];
    size_t charged[CANCEL_DAYS][TOKENS], n;
    bool canceled[CANCEL_DAYS][TOKENS];
    int64_t const first = life_day("2024-02-27");
    int done = 0;
    char text[DAY_TEXT];

    (void)state;
    life_open(&life, "2024-02-01");
    for (int d = 0; d < CANCEL_DAYS; d++)
        for (int i = 0; i < TOKENS; i++)
            members[d][i] =
                life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", tokens[i]);
    for (int d = 0; d < CANCEL_DAYS; d++) {
        life_run(&life, day_text(first + d * CANCEL_EVERY, text));
        for (int i = 0; i < TOKENS; i++) {
            struct overview o;

            canceled[d][i] = cancel(members[d][i], &o) == OK;
            if (!canceled[d][i]) CHECK(life.t.err.fault->status == E_CONFLICT); /* in flight */
            done += canceled[d][i];
            charges(members[d][i], &charged[d][i]);
        }
    }
    CHECK(done > CANCEL_DAYS * TOKENS / 2);
    life_run(&life, "2024-12-01");
    for (int d = 0; d < CANCEL_DAYS; d++)
        for (int i = 0; i < TOKENS; i++) {
            const struct charge *c = charges(members[d][i], &n);

            if (!canceled[d][i]) continue;
            if (n != charged[d][i]) FAIL("%s, day %d: a charge was made", tokens[i], d);
            for (size_t k = 0; k < n; k++)
                CHECK(c[k].charge_state != CHARGE_WANTED && c[k].charge_state != CHARGE_FAILED);
            CHECK(look(members[d][i]).state == M_CANCELED && !look(members[d][i]).access);
        }
    life_close(&life);
}

/* Every op but those that decide about the membership, with what it needs: none ends it. */
static void only_a_cancel_ends(void **state)
{
    int64_t const m = joins("DE", "tok_visa;tok_mastercard");
    struct test_db *t = &life.t;
    struct membership_event_row *events;
    size_t n;

    (void)state;
    for (size_t i = 0; op_tables[i]; i++)
        for (size_t k = 0; k < op_tables[i]->n; k++) {
            struct op_world const w = {.catalog = life.catalog, .world = &life.world};
            const struct op *op = &op_tables[i]->at[k];

            if (op->action >= ACTION_START && op->writes) continue; /* what an owner decides */
            json_t *in = json_object(), *out;
            t->cx.actor = (struct actor){.role = ROLE_OWNER, .id = m};
            enum status const s = op_call(&t->cx, &w, op, in, &out);
            CHECK(s == OK || s == E_INVALID || s == E_DENIED || s == E_CONFLICT);
            json_decref(in);
            json_decref(out);
            CHECK(life_look(&life, m).state == M_ACTIVE);
        }
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = m, .max = 10));
    for (size_t i = 0; i < n; i++) CHECK(events[i].state_to == M_ACTIVE);
    life_run(&life, "2024-06-15"); /* four months of no sign of the member */
    CHECK(life_look(&life, m).state == M_ACTIVE);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-12 the next date and amount shown are those that are charged",
             tells_the_next_charge),
        CASE("A-02 B-12 plan, price and taxes are shown", shows_price_and_taxes),
        CASE("A-02 H-01 A-08 the price shown is the one that is paid", shows_what_is_paid),
        CASE("B-04 the dates' zone is shown, and that a bank's may differ", says_whose_dates),
        CASE("E-04 E-21 B-12 grace and hold are shown with their dates", shows_grace_and_hold),
        CASE("F-06 F-04 after a cancel access lasts until the paid period is over",
             cancels_at_the_end),
        CASE("E-18 E-20 cancelling on hold takes effect at once, in grace with its end; no debt is "
             "left",
             cancels_when_unpaid),
        CASE("F-07 after a completed cancel no charge is made", nothing_is_charged_afterwards),
        CASE("F-05 nothing but a cancel ends a membership", only_a_cancel_ends),
    };
    return RUN_CASES("overview", cases);
}
