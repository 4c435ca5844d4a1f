/* history_test: what is read of charges that the engine has made.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/id.h"
#include "billing/parts_test.h"
#include "payments/life_test.h"
#include "report_sql.h"

static struct life life;

static bool pays_by(int64_t account_id, const char *want)
{
    struct test_db *t = &life.t;
    const char *method;

    CHECK_OK(method_now(&t->cx, account_id, &method));
    return strcmp(method, want) == 0;
}

static struct history read_history(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct history h;

    CHECK_OK(history_load(&t->cx, account_id, &h));
    return h;
}

static struct explanation explain(const char *prefix, int64_t id)
{
    struct test_db *t = &life.t;
    struct explanation x;
    char reference[ID_TEXT];

    CHECK_OK(explain_reference(&t->cx, id_text(prefix, id, reference), &x));
    return x;
}

static bool has(const struct causes *c, enum explain_cause cause)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].cause == cause) return true;
    return false;
}

static bool is_value(const struct evidence_fact *f, const char *want)
{
    return strcmp(explain_value(&life.t.arena, f), want) == 0;
}

static bool changed(const struct history_row *r, const char *name, const char *old,
                    const char *new_)
{
    for (size_t i = 0; i < r->n_changes; i++)
        if (strcmp(r->changes[i].name, name) == 0)
            return is_value(&r->changes[i].old, old) && is_value(&r->changes[i].new_, new_);
    return false;
}

static void one_row_for_each_charge(void **state)
{
    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m = life_member(&life, "DE", "standard", "2023-12-31", "2024-01-01",
                                  "tok_fail_first_2;tok_mastercard-b");
    int64_t const only =
        life_member(&life, "JP", "standard", "2023-12-15", "2024-01-01", "tok_every_2_fail_2");
    life_run(&life, "2024-06-01");

    struct history h = read_history(m);
    CHECK(h.n == 5 && strcmp(h.account.country, "DE") == 0);
    for (size_t i = 0; i < h.n; i++) { /* the backup pays in the same round (SPEC E-01) */
        const struct history_row *r = &h.rows[i];

        CHECK(r->charge->charge_state == CHARGE_CAPTURED && r->n_tries == 2);
        CHECK(r->tries[0].round == 1 && r->tries[1].round == 1);
        CHECK(strcmp(r->tries[0].attempt->outcome, "declined") == 0);
        CHECK(strcmp(r->tries[1].attempt->outcome, "captured") == 0);
        CHECK(strcmp(r->method, "mastercard 4444") == 0);
        CHECK(r->charge->recovered_by == RECOVERED_BACKUP && r->facts.refusals == 1);
        CHECK(strncmp(r->invoice_number, "eu-2024-0-0000", 14) == 0 && !*r->credit_note);
        CHECK(r->charge->total_minor == (i < 3 ? 1299 : 1399)); /* the price changes in April */
        CHECK(r->n_lines == 2 && r->lines[0].line_kind == LINE_PLAN);
    }
    CHECK(h.rows[0].n_changes == 0); /* nothing stands before it */
    CHECK(h.rows[1].n_changes == 1 && changed(&h.rows[1], "day", "31", "29"));
    CHECK(h.rows[3].n_changes == 2 && changed(&h.rows[3], "price", "1299", "1399"));

    h = read_history(only); /* two refusals, then paid: still one row a month (SPEC E-17) */
    CHECK(h.n == 5);
    const struct history_row *r = &h.rows[0]; /* period 1 */
    CHECK(r->charge->k == 1 && r->n_tries == 3 && r->tries[2].round == 3);
    CHECK(r->charge->recovered_by == RECOVERED_RETRY && r->facts.refusals == 2);
    CHECK(h.rows[1].n_tries == 1 && h.rows[1].tries[0].round == 1);
    life_close(&life);
}

static void dates_of_a_charge(void **state)
{
    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const slow =
        life_member(&life, "US/CA", "standard", "2023-12-10", "2024-01-01", "tok_slow_capture");
    int64_t const never =
        life_member(&life, "US/CA", "standard", "2023-12-10", "2024-01-01", "tok_do_not_honor");
    life_run(&life, "2024-01-20");

    struct history h = read_history(slow);
    const struct history_row *r = &h.rows[0];
    CHECK(h.n == 1 && r->initiated_day == life_day("2024-01-10"));
    CHECK(r->captured_day == life_day("2024-01-12") && r->expected_day == life_day("2024-01-17"));
    CHECK(r->charge->net_minor == 1549 && r->charge->tax_minor == 112);
    struct explanation const x = explain("chg", r->charge->charge_id);
    CHECK(has(&x.causes, WHY_BANK_POSTING) && has(&x.causes, WHY_FIRST));

    h = read_history(never);
    r = &h.rows[0];
    CHECK(r->charge->charge_state == CHARGE_FAILED && !r->captured_day && !r->expected_day);
    CHECK(strcmp(r->charge->code, "do_not_honor") == 0);
    life_close(&life);
}

static void methods_of_charges(void **state)
{
    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const alone =
        life_member(&life, "DE", "standard", "2023-12-10", "2024-01-01", "tok_stolen_card");
    int64_t const backed = life_member(&life, "DE", "standard", "2023-12-10", "2024-01-01",
                                       "tok_stolen_card;tok_mastercard");
    life_run(&life, "2024-02-01");
    struct history h = read_history(alone);
    CHECK(h.n == 2 && h.rows[0].n_tries == 1 && strcmp(h.rows[0].method, "visa 4242") == 0);
    CHECK(h.rows[1].n_tries == 0 && strcmp(h.rows[1].method, "none") == 0);
    CHECK(pays_by(alone, "none")); /* a stolen card is never tried again */
    h = read_history(backed);
    CHECK(h.n == 1 && strcmp(h.rows[0].method, "mastercard 4444") == 0);
    CHECK(pays_by(backed, "mastercard 4444"));
    life_close(&life);
}

static void life_after_a_hold(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const back =
        life_member(&life, "DE", "standard", "2023-12-31", "2024-01-01", "tok_from_20240209");
    int64_t const gone =
        life_member(&life, "DE", "standard", "2023-12-31", "2024-01-01", "tok_insufficient_funds");
    life_run(&life, "2024-02-09");
    struct history h = read_history(back);
    CHECK(h.membership.state == M_HOLD &&
          h.n == 2); /* the payment that would end it is not invoiced */
    CHECK(!h.rows[1].charge->invoiced && !*h.rows[1].invoice_number && !h.rows[1].n_changes);
    struct explanation x = explain("chg", h.rows[1].charge->charge_id);
    CHECK(x.reproduced && has(&x.causes, WHY_HOLD_UNPAID) && !has(&x.causes, WHY_UNKNOWN));

    life_run(&life, "2024-05-01");
    h = read_history(back);
    CHECK(h.n == 4 && h.rows[0].charge->charge_state == CHARGE_CREDITED);
    CHECK(strncmp(h.rows[0].credit_note, "eu-2024-0-CN-", 13) == 0);
    CHECK(h.rows[1].charge->due_on_day == life_day("2024-02-10"));
    CHECK(h.rows[1].charge->invoiced && h.rows[1].charge->term == 2);
    x = explain("inv", h.rows[1].charge->charge_id);
    CHECK(has(&x.causes, WHY_RECOVERED) && !has(&x.causes, WHY_UNKNOWN) && x.reproduced);
    CHECK(x.before == &x.history.rows[0]);
    struct explanation const note = explain("inv", h.rows[0].charge->credit_note_id);
    CHECK(note.row->charge->charge_id == h.rows[0].charge->charge_id); /* what it takes back */

    h = read_history(gone);
    CHECK(h.membership.state == M_CANCELED && h.n == 2);
    CHECK(h.rows[1].charge->charge_state == CHARGE_CANCELED && !h.rows[1].charge->invoiced);

    struct explanation none;
    CHECK(explain_reference(&t->cx, "chg_0000000000001Z", &none) == E_NOT_FOUND);
    CHECK(t->err.fault == &EXPLAIN_NO_CHARGE);
    CHECK(explain_reference(&t->cx, "Peter", &none) == E_NOT_FOUND);
    life_close(&life);
}

/* Applies the catalog with one text replaced by another of the same length. */
static void apply_changed(char *text, const char *before, const char *after)
{
    char *at = strstr(text, before);
    CHECK(at && strlen(before) == strlen(after));
    memcpy(at, after, strlen(after));
    life_apply(&life, text);
}

static void versions_explain_their_own_charges(void **state)
{
    static char text[sizeof life_catalog];

    (void)state;
    memcpy(text, life_catalog, sizeof text);
    life_open(&life, "2024-01-01");
    int64_t const m = life_member(&life, "DE", "basic", "2023-12-05", "2024-01-01", "tok_visa");
    life_run(&life, "2024-02-01");
    apply_changed(text, "amount: 7.99", "amount: 8.99"); /* as if it had been so since 2015 */
    life_run(&life, "2024-03-01");
    apply_changed(text, "name: VAT, from: 2021-01-01, rate: 19",
                  "name: VAT, from: 2021-01-01, rate: 25");
    life_run(&life, "2024-04-01");

    struct history const h = read_history(m);
    CHECK(h.n == 3);
    for (size_t i = 0; i < h.n; i++) {
        struct explanation const x = explain("chg", h.rows[i].charge->charge_id);

        CHECK(h.rows[i].charge->catalog_version == (int64_t)i + 1);
        CHECK(x.reproduced && x.reproduced_minor == h.rows[i].charge->total_minor);
        CHECK(strcmp(x.plan_name, "Basic") == 0 && !has(&x.causes, WHY_UNKNOWN));
        CHECK(has(&x.causes, WHY_PRICE_CHANGE) == (i == 1));
        CHECK(has(&x.causes, WHY_TAX_CHANGED) == (i == 2));
    }
    CHECK(h.rows[0].charge->total_minor == 799 && h.rows[2].charge->tax_minor == 180);
    life_close(&life);
}

static const char *const tokens[] = {
    "tok_visa",           "tok_visa;tok_mastercard", "tok_insufficient_funds;tok_mastercard",
    "tok_every_3_fail_1", "tok_every_4_fail_3",      "tok_every_5_fail_9",
    "tok_flaky_7_30",     "tok_until_20210310",      "tok_slow_capture",
    "tok_lost_reply",     "tok_from_20200310",       "",
};

/* Members of every anchor day, country and kind of method. */
static void settle_many(void)
{
    static const char *const places[] = {"DE", "US", "US/CA", "JP"};
    char joined[DAY_TEXT];

    for (int64_t i = 0; i < 31; i++)
        life_member(&life, places[i % 4], "standard",
                    day_text(life_day("2019-12-01") + i % 31, joined), "2020-01-01",
                    tokens[i % (int64_t)COUNT(tokens)]);
}

enum { MEMBERS_MAX = 100 };

static size_t members(int64_t ids[static MEMBERS_MAX])
{
    struct test_db *t = &life.t;
    struct report_member *rows;
    size_t n;

    CHECK_OK(report_members(&t->cx, &rows, &n, .after = -1, .max = MEMBERS_MAX));
    for (size_t i = 0; i < n; i++) ids[i] = rows[i].account_id;
    return n;
}

static void nothing_stays_unexplained(void **state)
{
    int64_t ids[MEMBERS_MAX];
    size_t explained = 0, differing = 0;

    (void)state;
    life_open(&life, "2020-01-01");
    settle_many();
    life_run(&life, "2022-01-01");
    size_t const n = members(ids);
    CHECK(n == 31);
    for (size_t i = 0; i < n; i++) {
        struct history const h = read_history(ids[i]);

        for (size_t k = 0; k < h.n; k++) {
            struct explanation const x = explain("chg", h.rows[k].charge->charge_id);

            if (has(&x.causes, WHY_UNKNOWN)) FAIL("%s: nothing explains it", h.rows[k].reference);
            CHECK(x.causes.n > 0 && x.reproduced);
            explained++;
            differing += !has(&x.causes, WHY_AS_BEFORE);
        }
        arena_reset(&life.t.arena);
    }
    CHECK(explained > 400 && differing > 100);
    life_close(&life);
}

/* Whoever needs but a part loads no more. */
static void parts_are_those_of_the_whole(void **state)
{
    struct test_db *t = &life.t;
    char until[DAY_TEXT];
    size_t seen = 0;

    (void)state;
    life_open(&life, "2020-01-01");
    settle_many();
    for (int64_t day = life_day("2020-02-10"); day < life_day("2021-06-01"); day += 61) {
        life_run(&life, day_text(day, until));
        seen += parts_check_all(&t->cx);
        arena_reset(&t->arena);
    }
    CHECK(seen > 1000);
    /* A shifted day can let terms overlap: days no longer follow the periods. */
    CHECK_OK(db_script(t->db, "UPDATE charge SET due_on_day = due_on_day + 95 WHERE k % 3 = 0",
                       &t->err));
    CHECK(parts_check_all(&t->cx) > 300);
    life_close(&life);
}

/* Everyone's next charge, as it was announced, is the one that comes - unless they cannot pay,
 * whose next charge depends on the day they can. */
static void previews_come_true(void **state)
{
    struct test_db *t = &life.t;
    int64_t ids[MEMBERS_MAX];
    struct preview announced[MEMBERS_MAX];
    size_t n, proven = 0;

    (void)state;
    life_open(&life, "2020-01-01");
    settle_many();
    life_run(&life, "2020-06-20"); /* a tax rate changes on 1 July */
    n = members(ids);
    for (size_t i = 0; i < n; i++) {
        struct membership const m = life_look(&life, ids[i]);
        enum status const st = explain_next(&t->cx, life.catalog, ids[i], &announced[i]);

        if (m.state == M_CANCELED) {
            CHECK(st == E_CONFLICT && t->err.fault == &BILLING_NO_NEXT_CHARGE);
            ids[i] = 0;
        } else {
            CHECK(st == OK && announced[i].n_lines >= announced[i].next.n_lines);
            CHECK(!has(&announced[i].causes, WHY_UNKNOWN));
            if (m.state != M_ACTIVE) ids[i] = 0;
        }
    }
    life_run(&life, "2020-08-01");
    for (size_t i = 0; i < n; i++) {
        if (!ids[i]) continue;
        struct history const h = read_history(ids[i]);
        const struct rated *next = &announced[i].next;
        const struct history_row *r = NULL;

        for (size_t k = 0; k < h.n && !r; k++)
            if (h.rows[k].charge->due_on_day == next->start_day) r = &h.rows[k];
        CHECK(r && r->charge->total_minor == next->total_minor);
        CHECK(r->charge->tax_minor == next->tax_minor && r->n_lines == next->n_lines);
        for (size_t k = 0; k < r->n_lines; k++)
            CHECK(r->lines[k].amount_minor == next->lines[k].amount_minor);
        proven++;
    }
    CHECK(proven > 20);
    life_close(&life);
}

static void preview_names_what_differs(void **state)
{
    struct test_db *t = &life.t;
    struct preview p;

    (void)state;
    life_open(&life, "2020-06-01");
    int64_t const m = life_member(&life, "DE", "standard", "2020-05-15", "2020-06-01", "tok_visa");
    CHECK_OK(explain_next(&t->cx, life.catalog, m, &p));
    CHECK(!p.before && has(&p.causes, WHY_FIRST) && p.n_lines == 2 && !p.lines[0].differs);
    life_run(&life, "2020-06-20");
    CHECK_OK(explain_next(&t->cx, life.catalog, m, &p));
    CHECK(p.next.start_day == life_day("2020-07-15") && p.next.total_minor == 1299);
    CHECK(strcmp(p.plan_name, "Standard") == 0 && pays_by(m, "visa 4242"));
    CHECK(p.n_lines == 2 && p.lines[0].next->unit_minor == 1299); /* the monthly price … */
    CHECK(p.lines[1].next->rate_ppm == 160000 &&
          p.lines[1].next->amount_minor == 179); /* its tax */
    CHECK(p.lines[1].differs && p.lines[1].before->rate_ppm == 190000);
    CHECK(has(&p.causes, WHY_TAX_CHANGED) && !has(&p.causes, WHY_PRICE_CHANGE));
    life_close(&life);
}

/* Retries on days 1, 3, 5, 7, 10, 14 and 21; the hold begins on day 5 and ends on day 35. */
static void preview_on_hold_names_the_next_retry(void **state)
{
    struct test_db *t = &life.t;
    struct preview p;

    (void)state;
    life_open(&life, "2024-01-10");
    int64_t const m = life_member(&life, "DE", "standard", "2023-06-15", "2024-01-10",
                                  "tok_from_20240128"); /* UTC */
    int64_t const lost =
        life_member(&life, "DE", "standard", "2023-06-15", "2024-01-10", "tok_insufficient_funds");
    life_run(&life, "2024-01-26");
    CHECK(life_look(&life, m).state == M_HOLD);
    CHECK_OK(explain_next(&t->cx, life.catalog, m, &p));
    CHECK(p.date_day == life_day("2024-01-29") && !p.if_paid);
    life_run(&life, "2024-02-10");
    CHECK(life_look(&life, m).anchor_day == life_day("2024-01-29"));
    CHECK(life_look(&life, lost).state == M_HOLD);
    CHECK_OK(explain_next(&t->cx, life.catalog, lost, &p));
    CHECK(p.date_day == life_day("2024-02-10") && p.if_paid);
    life_close(&life);
}

static void partners_have_their_own_dates(void **state)
{
    struct test_db *t = &life.t;
    struct preview p;

    (void)state;
    life_open(&life, "2020-06-01");
    int64_t const m = life_member(&life, "DE", "standard", "2020-05-15", "2020-06-01", "");
    CHECK_OK(db_script(t->db, "UPDATE membership SET biller = 'app_store'", &t->err));
    CHECK_OK(explain_next(&t->cx, life.catalog, m, &p));
    CHECK(p.by_partner && p.n_lines == 0 && p.causes.n == 1);
    CHECK(p.causes.at[0].cause == WHY_PARTNER && p.date_day == life_day("2020-06-15"));
    CHECK(is_value(&p.causes.at[0].at[0].new_, "app_store"));
    CHECK(is_value(&p.causes.at[0].at[1].new_, "2020-06-15"));
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-01, E-17 a charge is one row with its attempts and changes",
             one_row_for_each_charge),
        CASE("B-08 begun, captured and expected on the statement", dates_of_a_charge),
        CASE("E-11, C-11 a charge shows the method it was tried with", methods_of_charges),
        CASE("E-16, E-17, B-05 a hold, its end and a loss", life_after_a_hold),
        CASE("A-15 each charge is explained by its own catalog",
             versions_explain_their_own_charges),
        CASE("B-05, A-15 no charge of two years stays unexplained", nothing_stays_unexplained),
        CASE("H-01, A-09 a page and the last charge are what they are in the whole",
             parts_are_those_of_the_whole),
        CASE("A-02, B-12 the announced charge is the one that comes", previews_come_true),
        CASE("A-02, B-12 the preview shows plan, price and tax", preview_names_what_differs),
        CASE("B-12 on hold the preview is that of the next retry, and then of paying today",
             preview_on_hold_names_the_next_retry),
        CASE("B-05, B-07 a partner's date is shown as the partner's",
             partners_have_their_own_dates),
    };

    return RUN_CASES("history", cases);
}
