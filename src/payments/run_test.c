/* run_test: lives of members, run through by the production engine against the sandbox.
 * SPDX-License-Identifier: Apache-2.0 */
#include "history_sql.h"
#include "method_sql.h"
#include "payments/budget.h"
#include "payments/life_test.h"

static struct life life;

static struct charge *charges(int64_t account_id, size_t *n)
{
    struct test_db *t = &life.t;
    struct charge *rows;

    CHECK_OK(charges_of(&t->cx, &rows, n, .account_id = account_id, .max = 1000));
    return rows;
}

static int64_t balance(const char *book, const char *currency)
{
    struct test_db *t = &life.t;
    struct trial_balance_row *rows;
    size_t n;

    CHECK_OK(trial_balance(&t->cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].book, book) && !strcmp(rows[i].currency, currency))
            return rows[i].debit_minor - rows[i].credit_minor;
    return 0;
}

/* Whether the charges of a member fell due on exactly these dates, in one term after another. */
static void check_dates(int64_t account_id, const char *const *dates, size_t expected)
{
    size_t n;
    struct charge *c = charges(account_id, &n);

    CHECK(n == expected);
    for (size_t i = 0; i < n; i++) {
        char text[DAY_TEXT];

        if (strcmp(day_text(c[i].due_on_day, text), dates[i]) != 0)
            FAIL("charge %zu is due on %s, not on %s", i, text, dates[i]);
    }
}

static void anchors(void **state)
{
    static const char *const leap[] = {"2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"};
    static const char *const common[] = {"2023-02-28", "2023-03-31", "2023-04-30"};
    size_t n;

    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-06-01");
    check_dates(m, leap, COUNT(leap));
    struct charge *c = charges(m, &n);
    for (size_t i = 0; i < n; i++) {
        CHECK(c[i].charge_state == CHARGE_CAPTURED && c[i].attempts == 1);
        CHECK(c[i].amount_minor == (c[i].due_on_day < life_day("2024-04-01") ? 1299 : 1399));
        /* at the first instant of the local date: Berlin is ahead of UTC */
        CHECK(c[i].captured_at / DAY_MS == c[i].due_on_day - 1);
    }
    CHECK(life_look(&life, m).anchor_day == life_day("2024-01-31"));
    life_close(&life);
    life_open(&life, "2023-02-01");
    int64_t const m2 = life_member(&life, "DE", "standard", "2023-01-31", "2023-02-01", "tok_visa");
    life_run(&life, "2023-05-01");
    check_dates(m2, common, COUNT(common));
    life_close(&life);
}

static void taxes(void **state)
{
    static const struct {
        const char *place, *from, *until;
        int64_t net, tax;
        enum charge_cause cause;
    } cases[] = {
        {"DE",    "2020-05-10", "2020-06-11", 1092, 207, CAUSE_RENEWAL     },
        {"DE",    "2020-06-10", "2020-07-11", 1120, 179, CAUSE_TAX_CHANGE  },
        {"DE",    "2024-03-10", "2024-04-11", 1176, 223, CAUSE_PRICE_CHANGE},
        {"US-CA", "2020-05-10", "2020-06-11", 1549, 112, CAUSE_RENEWAL     },
        {"US-NY", "2020-05-10", "2020-06-11", 1549, 0,   CAUSE_RENEWAL     },
        {"JP",    "2020-05-10", "2020-06-11", 1355, 135, CAUSE_RENEWAL     },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        static const struct fault MISSING = {E_INTERNAL, "test.missing", "missing"};
        struct test_db *t = &life.t;
        struct invoice invoice;
        size_t n;

        life_open(&life, cases[i].from);
        int64_t const m = life_member(&life, cases[i].place, "standard", cases[i].from,
                                      cases[i].from, "tok_visa");
        life_run(&life, cases[i].until);
        struct charge *c = charges(m, &n);
        CHECK(n == 2);
        CHECK_OK(invoice_by_id(&t->cx, &invoice, &MISSING, .invoice_id = c[1].charge_id));
        if (invoice.net_minor != cases[i].net || invoice.tax_minor != cases[i].tax ||
            invoice.cause != cases[i].cause)
            FAIL("%zu: %lld + %lld, cause %lld", i, (long long)invoice.net_minor,
                 (long long)invoice.tax_minor, (long long)invoice.cause);
        CHECK(invoice.total_minor == c[1].amount_minor);
        life_close(&life);
    }
}

static void backup_pays(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-15", "2024-01-01",
                                  "tok_insufficient_funds;tok_stolen_card;tok_mastercard");
    life_run(&life, "2024-01-20");
    struct charge *c = charges(m, &n);
    CHECK(n == 1 && c[0].charge_state == CHARGE_CAPTURED && c[0].attempts == 3);
    CHECK(c[0].recovered_by == RECOVERED_BACKUP);
    CHECK(life_look(&life, m).state == M_ACTIVE);
    /* the stolen card is never tried again, the empty one is */
    life_run(&life, "2024-02-20");
    c = charges(m, &n);
    CHECK(n == 2 && c[1].charge_state == CHARGE_CAPTURED && c[1].attempts == 2);
    CHECK(balance("gateway_clearing", "EUR") == 2 * 1299 && balance("receivable", "EUR") == 0);
    life_close(&life);
}

static void grace_then_hold_then_over(void **state)
{
    static const struct {
        const char *date;
        enum membership_state state;
        int64_t attempts, hold_attempts;
    } days[] = {
  /* what is due on a local date in Berlin is due an hour before that date in UTC */
        {"2024-01-14", M_ACTIVE,   0, 0},
        {"2024-01-15", M_GRACE,    1, 0},
        {"2024-01-16", M_GRACE,    2, 0},
        {"2024-01-17", M_GRACE,    2, 0},
        {"2024-01-18", M_GRACE,    3, 0},
        {"2024-01-19", M_GRACE,    3, 0},
        {"2024-01-20", M_HOLD,     4, 0},
        {"2024-01-22", M_HOLD,     4, 1},
        {"2024-02-05", M_HOLD,     4, 4},
        {"2024-02-18", M_HOLD,     4, 4},
        {"2024-02-19", M_CANCELED, 4, 4},
        {"2024-11-18", M_CANCELED, 4, 4},
        {"2024-11-20", M_DELETED,  4, 4},
        {"2026-02-19", M_DELETED,  4, 4},
    };
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_insufficient_funds");
    for (size_t i = 0; i < COUNT(days); i++) {
        life_run(&life, days[i].date);
        struct charge *c = charges(m, &n);
        int64_t const hold = n > 1 ? c[1].attempts : 0;

        if (life_look(&life, m).state != days[i].state ||
            (n && c[0].attempts != days[i].attempts) || hold != days[i].hold_attempts)
            FAIL("%s: %s, %lld and %lld attempts", days[i].date,
                 membership_states.at[life_look(&life, m).state],
                 (long long)(n ? c[0].attempts : 0), (long long)hold);
    }
    struct charge *c = charges(m, &n);
    struct membership const over = life_look(&life, m);
    CHECK(n == 2 && c[0].charge_state == CHARGE_CREDITED && c[1].charge_state == CHARGE_CANCELED);
    CHECK(over.end_day == life_day("2024-01-20"));
    CHECK(over.retention_until_day == life_day("2024-11-20"));
    CHECK(balance("receivable", "EUR") == 0 && balance("deferred_revenue", "EUR") == 0);
    CHECK(balance("tax_payable:DE", "EUR") == 0 && balance("revenue", "EUR") == 0);
    life_close(&life);
}

static void no_grace_when_set_so(void **state)
{
    (void)state;
    life_open(&life, "2024-01-01");
    life.t.settings.grace_days = 0;
    int64_t const m = life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "");
    life_run(&life, "2024-01-16");
    CHECK(life_look(&life, m).state == M_HOLD);
    life_close(&life);
}

static void retry_recovers_in_grace(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_fail_first_2");
    life_run(&life, "2024-01-19");
    struct charge *c = charges(m, &n);
    struct membership const now = life_look(&life, m);
    CHECK(n == 1 && c[0].charge_state == CHARGE_CAPTURED && c[0].attempts == 3);
    CHECK(c[0].recovered_by == RECOVERED_RETRY);
    CHECK(now.state == M_ACTIVE && now.term == 1 && now.period_end_day == life_day("2024-02-15"));
    life_close(&life);
}

/* On a real clock that stands at an hour of a day. */
static void run_really(const char *date, int64_t hour)
{
    struct test_db *t = &life.t;

    life.world.test_clock = false;
    t->cx.now = life_day(date) * DAY_MS + hour * 3600000;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now + 1));
}

static void wants_now(int64_t m, const char *token)
{
    struct test_db *t = &life.t;
    int64_t method;
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    life_method(&life, m, 1, token, &method);
    CHECK_OK(billing_try_now(&t->cx, life.catalog, m, method));
    CHECK_OK(tx_commit(&tx));
}

/* The member's own attempt is decided, and carried out when two retries are overdue. */
static void own_attempt_is_no_retry(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_insufficient_funds");
    run_really("2024-01-15", 12);
    CHECK(charges(m, &n)[0].attempts == 1);
    wants_now(m, "tok_stolen_card");
    run_really("2024-01-18", 12);
    CHECK(charges(m, &n)[0].attempts == 3 && n == 1);
    CHECK(life_look(&life, m).state == M_GRACE);
    run_really("2024-01-19", 12);
    CHECK(charges(m, &n)[0].attempts == 3); /* one retry stands for both */
    life_close(&life);
}

/* An answer takes longer than the next retry is away: that one is made when it has come, unless
 * grace is over by then. */
static void slow_declines(void **state)
{
    static const struct {
        const char *date;
        enum membership_state state;
        int64_t attempts, hold_attempts;
    } days[] = {
        {"2024-01-16", M_ACTIVE, 1, 0},
        {"2024-01-17", M_GRACE,  1, 0},
        {"2024-01-18", M_GRACE,  2, 0},
        {"2024-01-20", M_HOLD,   2, 0}, /* five days of grace, not one more */
        {"2024-01-21", M_HOLD,   2, 1},
        {"2024-01-23", M_HOLD,   2, 2}, /* that of the 22nd */
    };
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    life.t.settings.retry_schedule_days = "1,2,3,4,5,6,7";
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_slow_decline");
    for (size_t i = 0; i < COUNT(days); i++) {
        life_run(&life, days[i].date);
        struct charge *c = charges(m, &n);
        int64_t const hold = n > 1 ? c[1].attempts : 0;

        if (life_look(&life, m).state != days[i].state || c[0].attempts != days[i].attempts ||
            hold != days[i].hold_attempts)
            FAIL("%s: %s, %lld and %lld attempts", days[i].date,
                 membership_states.at[life_look(&life, m).state], (long long)c[0].attempts,
                 (long long)hold);
    }
    life_close(&life);
}

/* Nothing ran from the 18th to the 24th: the answer comes, grace is over, and the retry of the 22nd
 * is overdue. */
static void late_answer_leaves_holds_retries(void **state)
{
    static const char *const dates[] = {"2024-01-15", "2024-01-17", "2024-01-18"};
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_slow_decline");
    for (size_t i = 0; i < COUNT(dates); i++) run_really(dates[i], 12);
    CHECK(charges(m, &n)[0].attempts == 2 && life_look(&life, m).state == M_GRACE);
    run_really("2024-01-24", 12);
    struct charge *c = charges(m, &n);
    CHECK(life_look(&life, m).state == M_HOLD);
    CHECK(c[0].attempts == 2 && n == 2 && c[1].attempts == 1);
    life_close(&life);
}

static void hold_recovers_with_a_new_term(void **state)
{
    static const char *const dates[] = {"2024-01-15", "2024-01-25", "2024-02-25", "2024-03-25"};
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_from_20240123");
    life_run(&life, "2024-03-30");
    struct membership const now = life_look(&life, m);
    CHECK(now.state == M_ACTIVE && now.term == 2 && now.anchor_day == life_day("2024-01-25"));
    check_dates(m, dates, COUNT(dates)); /* retried on day 10 */
    struct charge *c = charges(m, &n);
    CHECK(c[0].charge_state == CHARGE_CREDITED && c[0].credit_note_id != 0);
    CHECK(c[1].charge_state == CHARGE_CAPTURED && c[1].term == 2 && c[1].k == 0);
    CHECK(balance("gateway_clearing", "EUR") == 3 * 1299 && balance("receivable", "EUR") == 0);
    life_close(&life);
}

/* Two members' methods that are no cards do not use up one budget. */
static void only_cards_are_counted(void **state)
{
    struct test_db *t = &life.t;
    struct card_decline_row *rows;
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    for (int i = 0; i < 2; i++)
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_insufficient_funds");
    CHECK_OK(db_script(t->db, "UPDATE method SET fingerprint = ''", &t->err));
    life_run(&life, "2024-02-01");
    CHECK_OK(card_declines(&t->cx, &rows, &n, .fingerprint = "", .since = 0, .max = 9));
    CHECK(n == 0);
    life_close(&life);
}

/* A reply is lost on the 15th, and nothing asks for it before the 31st. */
static void a_decline_counts_from_its_own_day(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    life.t.settings.max_attempts_card_30d = 1;
    life.t.settings.retry_schedule_days = "29,30";
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_lost_decline");
    run_really("2024-01-15", 12);
    run_really("2024-01-31", 12);
    CHECK(charges(m, &n)[0].charge_state == CHARGE_FAILED);
    run_really("2024-02-13", 13);
    struct charge *c = charges(m, &n);
    CHECK(n == 2 && c[1].attempts == 0);
    run_really("2024-02-14", 13);
    CHECK(charges(m, &n)[1].attempts == 1);
    life_close(&life);
}

static void stolen_card_is_tried_once(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_stolen_card");
    life_run(&life, "2024-06-01");
    struct charge *c = charges(m, &n);
    CHECK(c[0].attempts == 1 && (n == 1 || c[1].attempts == 0));
    CHECK(life_look(&life, m).state == M_CANCELED);
    life_close(&life);
}

/* token, and what the first renewal of 15 January came to by 1 March */
static void unknown_outcomes(void **state)
{
    static const struct {
        const char *token;
        enum charge_state state;
        int64_t attempts;
    } cases[] = {
        {"tok_lost_reply",            CHARGE_CAPTURED, 1},
        {"tok_lost_request",          CHARGE_CAPTURED, 1},
        {"tok_slow_capture",          CHARGE_CAPTURED, 1},
        {"tok_duplicate_callbacks",   CHARGE_CAPTURED, 1},
        {"tok_late_callback",         CHARGE_CAPTURED, 1},
        {"tok_rate_limited",          CHARGE_CAPTURED, 1},
        {"tok_slow_decline;tok_visa", CHARGE_CAPTURED, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n;

        life_open(&life, "2024-01-01");
        int64_t const m =
            life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", cases[i].token);
        life_run(&life, "2024-03-01");
        struct charge *c = charges(m, &n);
        if (n != 2 || c[0].charge_state != cases[i].state || c[0].attempts != cases[i].attempts ||
            c[1].charge_state != cases[i].state || life_look(&life, m).state != M_ACTIVE)
            FAIL("%s: %zu charges, %s after %lld attempts", cases[i].token, n,
                 n ? charge_states.at[c[0].charge_state] : "", (long long)(n ? c[0].attempts : 0));
        CHECK(balance("gateway_clearing", "EUR") == 2 * 1299);
        life_close(&life);
    }
}

/* It was to be sent once more, and by then the method may not be charged any more: another one
 * pays, under a key of its own. */
static void never_seen_and_blocked_since(void **state)
{
    static const struct {
        const char *tokens;
        int64_t attempts, state;
    } cases[] = {
        {"tok_lost_request;tok_visa", 2, M_ACTIVE},
        {"tok_lost_request",          1, M_GRACE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct test_db *t = &life.t;
        struct history_attempt *made;
        struct method *methods;
        size_t n;

        life_open(&life, "2024-01-01");
        int64_t const m =
            life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", cases[i].tokens);
        CHECK_OK(methods_of(&t->cx, &methods, &n, .account_id = m, .max = 9));
        CHECK_OK(payments_run(&t->cx, &life.world, life_day("2024-01-15") * DAY_MS - 3599999));
        CHECK(life_look(&life, m).step == STEP_LOOK_UP);
        CHECK_OK(db_script(t->db,
                           "UPDATE method SET method_state = 'blocked', blocked_code = 'disputed'"
                           " WHERE method_rank = 0",
                           &t->err));
        life_run(&life, "2024-01-16");
        struct charge *c = charges(m, &n);
        CHECK(n == 1 && c[0].attempts == cases[i].attempts);
        CHECK(life_look(&life, m).state == cases[i].state);
        CHECK_OK(
            history_attempts(&t->cx, &made, &n, .account_id = m, .most_id = INT64_MAX, .max = 9));
        CHECK((int64_t)n == cases[i].attempts && !strcmp(made[0].code, "payment.never_sent"));
        for (size_t k = 0; k < n; k++) CHECK(made[k].method_id == methods[k].method_id);
        life_close(&life);
    }
}

static enum status (*quiet_events)(void *state, int64_t after, int64_t at,
                                   struct gateway_event **out, size_t *n, size_t max,
                                   struct arena *a, struct error *e);

/* Says of everything twice that it is still pending before it says what came of it. */
static enum status chatty_events(void *state, int64_t after, int64_t at, struct gateway_event **out,
                                 size_t *n, size_t max, struct arena *a, struct error *e)
{
    struct gateway_event *events, *all;

    TRY(quiet_events(state, after / 3, at, &events, n, max, a, e));
    all = arena_array(a, struct gateway_event, 3 * *n);
    for (size_t i = 0; i < 3 * *n; i++) {
        all[i] = events[i / 3];
        all[i].cursor = 3 * events[i / 3].cursor + (int64_t)i % 3;
        if (i % 3 < 2) all[i].answer.outcome = GATEWAY_PENDING;
    }
    *out = all;
    *n *= 3;
    return OK;
}

static void pending_events_end_nothing(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    quiet_events = life.gateway->events;
    life.gateway->events = chatty_events;
    life.t.settings.look_up_minutes = 1000;
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_slow_capture");
    life_run(&life, "2024-01-17"); /* the callback comes on the evening before, after a look-up */
    struct charge *c = charges(m, &n);
    CHECK(n == 1 && c->charge_state == CHARGE_CAPTURED && c->attempts == 1);
    CHECK(balance("gateway_clearing", "EUR") == 1299);
    life_close(&life);
}

static void never_after_cancel(void **state)
{
    struct membership out;
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    struct test_db *t = &life.t;
    int64_t const m = life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_visa");
    life_run(&life, "2024-01-20");
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &out));
    CHECK(out.state == M_ENDING && out.end_day == life_day("2024-02-15"));
    CHECK(billing_cancel(&t->cx, life.catalog, m, &out) == E_CONFLICT);
    life_run(&life, "2024-02-14");
    CHECK(state_has_access((enum membership_state)life_look(&life, m).state));
    life_run(&life, "2024-12-14");
    charges(m, &n);
    CHECK(n == 1 && life_look(&life, m).state == M_CANCELED);
    CHECK(life_look(&life, m).retention_until_day == life_day("2024-12-15"));
    CHECK(balance("deferred_revenue", "EUR") == 0 && balance("revenue", "EUR") == -1092);
    life_close(&life);
}

static void cancel_on_hold_is_immediate(void **state)
{
    struct membership out;

    (void)state;
    life_open(&life, "2024-01-01");
    struct test_db *t = &life.t;
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_generic_decline");
    life_run(&life, "2024-01-25");
    CHECK(life_look(&life, m).state == M_HOLD);
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &out));
    CHECK(out.state == M_CANCELED && out.end_day == life_day("2024-01-20"));
    CHECK(balance("receivable", "EUR") == 0 && balance("deferred_revenue", "EUR") == 0);
    life_close(&life);
}

static void cancel_in_grace_ends_with_it(void **state)
{
    struct membership out;
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    struct test_db *t = &life.t;
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_insufficient_funds");
    life_run(&life, "2024-01-17");
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &out));
    CHECK(out.state == M_ENDING && out.end_day == life_day("2024-01-20"));
    life_run(&life, "2024-01-19");
    CHECK(state_has_access((enum membership_state)life_look(&life, m).state));
    life_run(&life, "2024-03-01");
    struct charge *c = charges(m, &n);
    CHECK(n == 1 && c[0].attempts == 2 && c[0].charge_state == CHARGE_CREDITED);
    CHECK(life_look(&life, m).state == M_CANCELED);
    CHECK(balance("receivable", "EUR") == 0 && balance("deferred_revenue", "EUR") == 0);
    life_close(&life);
}

/* Everything that is kept of a person, as one text. */
static char *keepsakes(int64_t account_id, size_t n_methods)
{
    struct test_db *t = &life.t;
    struct account a;
    struct method *m;
    size_t n;
    json_t *all = json_array();

    CHECK_OK(account_get(&t->cx, account_id, &a));
    CHECK_OK(methods_of(&t->cx, &m, &n, .account_id = account_id, .max = 100));
    CHECK(n >= n_methods);
    json_array_append_new(all, shape_write(&account_shape, &a));
    for (size_t i = 0; i < n_methods; i++)
        json_array_append_new(all, shape_write(&method_shape, &m[i]));
    char *text = json_dumps(all, JSON_COMPACT);
    json_decref(all);
    return text;
}

static void hold_and_return_lose_nothing(void **state)
{
    int64_t method;

    (void)state;
    life_open(&life, "2024-01-01");
    struct test_db *t = &life.t;
    int64_t const m = life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01",
                                  "tok_insufficient_funds;tok_generic_decline");
    char *before = keepsakes(m, 2);
    life_run(&life, "2024-02-10");
    CHECK(life_look(&life, m).state == M_HOLD);
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        life_method(&life, m, 2, "tok_visa", &method);
        CHECK_OK(billing_try_now(&t->cx, life.catalog, m, method));
        CHECK_OK(tx_commit(&tx));
    }
    CHECK_OK(payments_collect_account(&t->cx, &life.world, life.catalog, m));
    CHECK(life_look(&life, m).state == M_ACTIVE);
    char *after = keepsakes(m, 2);
    CHECK(strcmp(before, after) == 0);
    free(before);
    free(after);
    life_close(&life);
}

static void new_method_is_tried_at_once(void **state)
{
    int64_t method;
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    struct test_db *t = &life.t;
    int64_t const m =
        life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "tok_expired_card");
    life_run(&life, "2024-01-24");
    CHECK(life_look(&life, m).state == M_HOLD);
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        life_method(&life, m, 1, "tok_visa", &method);
        CHECK_OK(billing_try_now(&t->cx, life.catalog, m, method));
        CHECK_OK(tx_commit(&tx));
    }
    CHECK_OK(payments_collect_account(&t->cx, &life.world, life.catalog, m));
    struct membership const now = life_look(&life, m);
    struct charge *c = charges(m, &n);
    CHECK(now.state == M_ACTIVE && now.term == 2 && now.anchor_day == life_day("2024-01-24"));
    CHECK(c[n - 1].recovered_by == RECOVERED_MEMBER && c[n - 1].charge_state == CHARGE_CAPTURED);
    life_close(&life);
}

static void runs_again_without_effect(void **state)
{
    size_t n, again;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m =
        life_member(&life, "US-CA", "standard", "2023-12-15", "2024-01-01", "tok_flaky_7_50");
    for (int i = 0; i < 3; i++) life_run(&life, "2024-05-01");
    charges(m, &n);
    life_run(&life, "2024-05-01");
    charges(m, &again);
    CHECK(n == again && n >= 4);
    life_close(&life);
}

static void partner_is_never_charged(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    struct test_db *t = &life.t;
    int64_t const m = life_member(&life, "DE", "standard", "2023-12-15", "2024-01-01", "");
    CHECK_OK(db_script(
        t->db, "UPDATE membership SET biller = 'shop', step = 'none', due_at = 0, due_day = 0",
        &t->err));
    life_run(&life, "2024-05-01");
    charges(m, &n);
    CHECK(n == 0);
    life_close(&life);
}

static void unpriced_plan_is_skipped_and_caught_up(void **state)
{
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m = life_member(&life, "JP", "basic", "2023-12-15", "2024-01-01", "tok_visa");
    life_run(&life, "2024-02-20");
    charges(m, &n);
    CHECK(n == 0); /* Japan has no price for it */
    char *priced = arena_strdup(&life.t.arena, life_catalog);
    for (char *at = strstr(priced, "  JP:"); (at = strstr(at, "standard"));)
        memcpy(at, "basic   ", 8);
    life_apply(&life, priced);
    life_run(&life, "2024-02-25");
    struct charge *c = charges(m, &n);
    CHECK(n == 2 && c[0].due_on_day == life_day("2024-01-15"));
    CHECK(c[1].due_on_day == life_day("2024-02-15"));
    for (size_t i = 0; i < n; i++) /* not before there was a price */
        CHECK(c[i].captured_at >= life_day("2024-02-20") * DAY_MS);
    life_close(&life);
}

/* Nobody's plan leaves the catalog, nor the price that they have agreed to. */
static void catalogs_keep_what_members_have(void **state)
{
    static struct problems problems;
    struct test_db *t = &life.t;
    struct catalog_applied done;

    (void)state;
    life_open(&life, "2024-01-01");
    life_member(&life, "DE", "basic", "2023-12-15", "2024-01-01", "tok_visa");
    char *later = arena_strdup(&t->arena, life_catalog);
    memcpy(strstr(strstr(later, "{plan: basic, from"), "2015"), "2024", 4);
    memcpy(strstr(strstr(later, "{plan: basic, from"), "-01-01"), "-01-16", 6);
    CHECK(catalog_apply(&t->cx, later, strlen(later), "later", &problems, &done) == E_CONFLICT);
    CHECK(t->err.fault == &CATALOG_IN_USE && strstr(t->err.detail, "basic in DE from 2024-01-15"));
    memcpy(strstr(strstr(later, "{plan: basic, from"), "-01-16"), "-01-15", 6);
    CHECK_OK(catalog_apply(&t->cx, later, strlen(later), "later", &problems, &done));
    CHECK(done.version == 2);
    CHECK_OK(
        catalog_apply(&t->cx, life_catalog, sizeof life_catalog - 1, "again", &problems, &done));
    life_close(&life);
}

/* Germany has rules of its own, the United States those of the installation. */
static void countries_rule(void **state)
{
    static const char own[] = "settings:\n"
                              "  law: {grace_days: 2, hold_limit_days: 7, retention_months: 3,\n"
                              "    source: Example}\n";
    struct membership_event_row *e;
    struct test_db *t = &life.t;
    size_t n;

    (void)state;
    life_open(&life, "2024-02-01");
    const char *de = strstr(life_catalog, "seller: eu, tax: inclusive,\n");
    life_apply(&life, arena_printf(&t->arena, "%s%.*s settings: law, %s", own,
                                   (int)(de - life_catalog), life_catalog, de));
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-01-10", "2024-02-01", "tok_insufficient_funds");
    int64_t const us = life_member(&life, "US/CA", "standard", "2024-01-10", "2024-02-01",
                                   "tok_insufficient_funds");
    life_run(&life, "2024-04-01");
    CHECK_OK(membership_events_of(&t->cx, &e, &n, .account_id = m, .max = 10));
    CHECK(n == 3 && e[0].event == MEV_RENEWAL_FAILED);
    CHECK(e[1].event == MEV_GRACE_OVER && e[1].happened_at - e[0].happened_at == 2 * DAY_MS);
    CHECK(e[2].event == MEV_HOLD_LIMIT && e[2].happened_at - e[1].happened_at == 7 * DAY_MS);
    CHECK(life_look(&life, m).retention_until_day == life_day("2024-05-12"));
    CHECK_OK(membership_events_of(&t->cx, &e, &n, .account_id = us, .max = 10));
    CHECK(n == 3 && life_look(&life, us).retention_until_day == life_day("2024-12-15"));
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-01 B-02 B-03 joined on 31 January: billed monthly on the last day of short months",
             anchors),
        CASE("A-14 B-05 taxes and prices in force on the day, with the cause of a change", taxes),
        CASE("C-11 E-01 E-17 E-11 backups are tried in order within one charge", backup_pays),
        CASE("E-02 E-05 E-06 E-09 E-19 E-20 grace, hold, the limit and a credit note",
             grace_then_hold_then_over),
        CASE("E-02 no grace when it is set to 0", no_grace_when_set_so),
        CASE("E-09 E-17 a retry recovers within grace", retry_recovers_in_grace),
        CASE("E-09 a member's own attempt takes no retry's place", own_attempt_is_no_retry),
        CASE("E-05 E-09 what falls due behind a slow decline is tried after it, within grace",
             slow_declines),
        CASE("E-09 an answer that comes after grace takes no retry of hold's place",
             late_answer_leaves_holds_retries),
        CASE("B-02 E-16 E-20 a hold that is cured begins a new term on the day of payment",
             hold_recovers_with_a_new_term),
        CASE("E-11 a stolen card is tried once", stolen_card_is_tried_once),
        CASE("E-10 a decline that is learned of late counts from the day it was made",
             a_decline_counts_from_its_own_day),
        CASE("E-10 only cards have a budget of declines", only_cards_are_counted),
        CASE("B-11 unknown outcomes are looked up and never charged twice", unknown_outcomes),
        CASE("B-11 E-01 what was never seen and may not be sent again another method pays",
             never_seen_and_blocked_since),
        CASE("B-11 an event that a payment is still pending ends nothing",
             pending_events_end_nothing),
        CASE("F-06 F-07 access to the end of the paid period and no charge after it",
             never_after_cancel),
        CASE("E-18 E-20 cancelling on hold is immediate", cancel_on_hold_is_immediate),
        CASE("E-20 F-06 F-07 cancelling in grace ends with it and stops all attempts",
             cancel_in_grace_ends_with_it),
        CASE("E-06 E-07 a hold and the return from it leave all that is kept as it was",
             hold_and_return_lose_nothing),
        CASE("B-09 E-08 E-16 a new method is tried at once", new_method_is_tried_at_once),
        CASE("B-11 B-17 running again changes nothing", runs_again_without_effect),
        CASE("B-07 a partner's member is never charged", partner_is_never_charged),
        CASE("A-15, B-01 a catalog without what members have is refused",
             catalogs_keep_what_members_have),
        CASE("B-17 what has no price is skipped with its reason and caught up",
             unpriced_plan_is_skipped_and_caught_up),
        CASE("E-02 E-06 E-19 a country's own grace, hold limit and retention rule there",
             countries_rule),
    };
    return RUN_CASES("run", cases);
}
