/* report_test: figures of made-up stories and of lives. SPDX-License-Identifier: Apache-2.0 */
#include "billing/dispute.h"
#include "billing/refund.h"
#include "catalog/catalog_test.h"
#include "history_sql.h"
#include "payments/life_test.h"
#include "report_sql.h"

static struct life life;
static struct arena arena;

#define DAY(y, m, d) day_of(y, m, d)

/* A story begins as that of a German who joined on 5 January 2024 and is active. */
static struct story story(void)
{
    static struct story_term mine;

    mine = (struct story_term){.term = 1};
    mine.anchor_day = mine.start_day = DAY(2024, 1, 5);
    return (struct story){.plan = "standard",
                          .country = "DE",
                          .currency = "EUR",
                          .state = M_ACTIVE,
                          .term = 1,
                          .n_terms = 1,
                          .terms = &mine};
}

static struct story_charge charge(int64_t k, enum charge_state state)
{
    struct story_charge c = {.term = 1,
                             .k = k,
                             .renewal = true,
                             .invoiced = true,
                             .state = state,
                             .amount_minor = 1190,
                             .net_minor = 1000,
                             .tax_minor = 190,
                             .total_minor = 1190,
                             .plan = "standard",
                             .country = "DE",
                             .currency = "EUR",
                             .code = "",
                             .decline_class = "",
                             .rounds = 1};

    c.due_day = c.period_start_day = period_start_day(DAY(2024, 1, 5), k);
    if (state == CHARGE_CAPTURED) c.captured_day = c.due_day;
    return c;
}

static struct report tell(const struct story *s, int64_t from, int64_t until)
{
    struct report r;

    report_begin(&r, &arena, from, until, REPORT_BY_ALL);
    report_story(&r, s);
    report_end(&r);
    return r;
}

static const struct report_row *row_of(const struct report *r, const char *month)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->rows[i].month, month) == 0) return &r->rows[i];
    FAIL("no row of %s", month);
    return NULL;
}

static void money_lies_in_its_month(void **state)
{
    struct story_charge c[] = {charge(0, CHARGE_CAPTURED), charge(1, CHARGE_CAPTURED),
                               charge(2, CHARGE_CREDITED)};
    struct story_note const notes[] = {
        {DAY(2024, 4, 9), 190, 2190, "standard", "DE", "EUR"},
        {DAY(2024, 1, 9), 19,  119,  "standard", "DE", "EUR"}, /* a part of what is paid */
    };
    struct story s = story();

    (void)state;
    c[1].captured_day = DAY(2024, 3, 1), c[1].recovered_by = RECOVERED_RETRY, c[1].rounds = 4;
    c[1].code = "do_not_honor", c[1].decline_class = "later";
    c[2].net_minor = 2000, c[2].total_minor = 2190;
    s.charges = c, s.n_charges = COUNT(c), s.k = 2, s.notes = notes, s.n_notes = COUNT(notes);
    struct report const r = tell(&s, DAY(2024, 1, 1), DAY(2024, 5, 1));
    const struct report_row *jan = row_of(&r, "2024-01"), *feb = row_of(&r, "2024-02");
    const struct report_row *mar = row_of(&r, "2024-03"), *apr = row_of(&r, "2024-04");

    CHECK(r.n == 4 && jan->invoiced_minor == 1190 && jan->collected_minor == 1190);
    CHECK(jan->credited_minor == 119);
    CHECK(jan->tax_minor == 171 && jan->failed == 0 && jan->mrr_minor == 1000);
    CHECK(jan->active_before == 0 && jan->active == 1 && feb->active_before == 1);
    CHECK(feb->invoiced_minor == 1190 && feb->collected_minor == 0 && feb->failed == 1);
    CHECK(mar->collected_minor == 1190 && mar->recovered_retry == 1 && mar->failed == 1);
    CHECK(mar->invoiced_minor == 2190 && mar->mrr_minor == 2000);
    CHECK(apr->credited_minor == 2190 && apr->tax_minor == -190 && apr->invoiced_minor == 0);
    CHECK(r.n_reasons == 2 && r.n_retries == 1);
    CHECK(r.retries[0].retry == 3 && r.retries[0].recovered == 1);
    CHECK(r.sum.due == 3 && r.sum.charged == 2 && r.sum.credited == 1 && !r.sum.difference);
}

static void members_move_and_leave(void **state)
{
    static const struct story_event events[] = {
        {19740, M_NONE,   M_ACTIVE,   MEV_IMPORT        }, /* 2024-01-18 */
        {19763, M_ACTIVE, M_GRACE,    MEV_RENEWAL_FAILED}, /* 2024-02-10 */
        {19768, M_GRACE,  M_HOLD,     MEV_GRACE_OVER    },
        {19778, M_HOLD,   M_ACTIVE,   MEV_PAYMENT_OK    },
        {19792, M_ACTIVE, M_HOLD,     MEV_GRACE_OVER    }, /* 2024-03-10 */
        {19822, M_HOLD,   M_CANCELED, MEV_HOLD_LIMIT    }, /* 2024-04-09 */
    };
    static const struct story_event ending[] = {
        {19740, M_NONE,   M_ACTIVE,   MEV_IMPORT    },
        {19800, M_ACTIVE, M_ENDING,   MEV_CANCEL    },
        {19818, M_ENDING, M_CANCELED, MEV_PERIOD_END}, /* 2024-04-05 */
    };
    struct story s = story();
    struct report r;

    (void)state;
    s.events = events, s.n_events = COUNT(events), s.state = M_CANCELED;
    report_begin(&r, &arena, DAY(2024, 1, 1), DAY(2024, 5, 1), REPORT_BY_ALL);
    report_story(&r, &s);
    s.events = ending, s.n_events = COUNT(ending);
    report_story(&r, &s);
    report_end(&r);
    const struct report_row *jan = row_of(&r, "2024-01"), *feb = row_of(&r, "2024-02");
    const struct report_row *mar = row_of(&r, "2024-03"), *apr = row_of(&r, "2024-04");

    CHECK(jan->active_before == 0 && jan->active == 2);
    CHECK(feb->grace == 1 && feb->hold == 1 && feb->active == 2 && feb->lost == 0);
    CHECK(mar->hold == 1 && mar->active_before == 2 && mar->active == 1 && mar->churn_ppm == 0);
    CHECK(apr->lost == 1 && apr->ended == 1 && apr->active_before == 1 && apr->active == 0);
    CHECK(apr->churn_ppm == 2 * PPM);
}

static void hold_recoveries_count_all_rounds(void **state)
{
    struct story_charge c[] = {charge(0, CHARGE_CREDITED), charge(0, CHARGE_CAPTURED)};
    struct story_term const terms[] = {
        {.term = 1, .anchor_day = DAY(2024, 1, 5),  .start_day = DAY(2024, 1, 5) },
        {.term = 2, .anchor_day = DAY(2024, 1, 15), .start_day = DAY(2024, 1, 15)},
    };
    struct story s = story();

    (void)state;
    c[0].rounds = 4;
    c[1].term = 2, c[1].begins_term = true, c[1].rounds = 2, c[1].recovered_by = RECOVERED_RETRY;
    c[1].due_day = c[1].captured_day = c[1].period_start_day = DAY(2024, 1, 15);
    s.charges = c, s.n_charges = 2, s.terms = terms, s.n_terms = 2, s.term = 2;
    struct report const r = tell(&s, DAY(2024, 1, 1), DAY(2024, 2, 1));

    CHECK(r.n == 1 && r.rows[0].failed == 1 && r.rows[0].recovered_retry == 1);
    CHECK(r.n_retries == 1 && r.retries[0].retry == 5); /* 4 failed rounds, one more, then paid */
    CHECK(r.sum.due == 2 && r.sum.charged == 1 && r.sum.credited == 1 && !r.sum.difference);
}

static void what_is_missing_shows(void **state)
{
    struct story_charge c[] = {charge(0, CHARGE_CAPTURED), charge(2, CHARGE_CAPTURED)};
    struct story_skip const skips[] = {
        {1, 1, DAY(2024, 2, 5)},
        {1, 1, DAY(2024, 2, 5)},
        {1, 2, DAY(2024, 3, 5)},
    };
    struct story s = story();
    struct report r;

    (void)state;
    s.charges = c, s.n_charges = COUNT(c), s.k = 2;
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.due == 3 && r.sum.difference == 1); /* period 1 was lost */
    s.skips = skips, s.n_skips = COUNT(skips);      /* once for two reasons; 2 was booked later */
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.due == 3 && r.sum.skipped == 1 && r.sum.difference == 0);
    s.k = 3; /* the membership says that period 3 is booked, and it is not */
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.due == 4 && r.sum.difference == 1);
    s.k = 2, s.until_day = DAY(2024, 4, 6), s.waits = true;
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.due == 4 && r.sum.waiting == 1 && r.sum.difference == 0);
    s.waits = false, s.until_day = DAY(2024, 6, 5); /* nobody will come by */
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.due == 5 && r.sum.waiting == 0 && r.sum.difference == 2);
    c[1].due_day++; /* a date that the calendar does not know */
    r = tell(&s, DAY(2024, 3, 5), DAY(2024, 3, 6));
    CHECK(r.sum.due == 1 && r.sum.difference == 1);
}

/* How many renewals are missing of somebody who has paid until 5 February and of whom nothing is
 * stored since, by 20 May. */
static int64_t missing(struct story s)
{
    struct story_charge const c[] = {charge(0, CHARGE_CAPTURED)};

    s.charges = c, s.n_charges = COUNT(c), s.until_day = DAY(2024, 5, 20);
    struct report const r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.charged == 1 && r.sum.due == 1 + r.sum.difference);
    return r.sum.difference;
}

/* What is due is what the calendar says for as long as the member is to be billed. */
static void the_calendar_knows_states(void **state)
{
    /* clang-format off */
    static const struct {
        struct story_event events[2];
        enum membership_state now;
        int64_t missing;
    } lives[] = {
        /* nobody who leaves before we have come by is billed for what we missed */
        {{{19800, M_ACTIVE, M_ENDING, MEV_CANCEL}}, M_CANCELED, 0},
        {{{19760, M_ACTIVE, M_ENDING, MEV_CANCEL}}, M_CANCELED, 0},
        {{{19758, M_ACTIVE, M_PAUSED, MEV_PAUSE_BEGIN}}, M_PAUSED, 0},
        /* what was booked last was in doubt all the time */
        {{{19830, M_ACTIVE, M_GRACE, MEV_RENEWAL_FAILED}}, M_GRACE, 0},
        {{{19750, M_ACTIVE, M_GRACE, MEV_RENEWAL_FAILED},
          {19800, M_GRACE, M_ACTIVE, MEV_PAYMENT_OK}}, M_ACTIVE, 2},
        {{{19750, M_ACTIVE, M_ACTIVE, MEV_LOCK}}, M_ACTIVE, 0},
        {{{19750, M_ACTIVE, M_ACTIVE, MEV_LOCK},
          {19800, M_ACTIVE, M_ACTIVE, MEV_UNLOCK}}, M_ACTIVE, 2},
        {{{19800, M_ACTIVE, M_ACTIVE, MEV_CANCEL_BEGIN}}, M_ACTIVE, 4},
    };
    /* clang-format on */
    struct story s = story();

    (void)state;
    CHECK(missing(s) == 4);
    s.pauses = true;
    CHECK(missing(s) == 0);
    s.pauses = false;
    for (size_t i = 0; i < COUNT(lives); i++) {
        s.events = lives[i].events, s.state = lives[i].now;
        s.n_events = lives[i].events[1].day ? 2 : 1;
        if (missing(s) != lives[i].missing)
            FAIL("life %zu: %lld are missing", i, (long long)missing(s));
    }
}

/* Periods that partners bill, and payments that came too late for their term, are no renewals. */
static void what_is_not_due_is_not_counted(void **state)
{
    struct story_charge late = charge(0, CHARGE_CAPTURED);
    struct story_term term = {.term = 1, .anchor_day = DAY(2024, 1, 5), .imported = true};
    struct story s = story();
    struct report r;

    (void)state;
    late.term = 2;
    s.charges = &late, s.n_charges = 1, s.terms = &term, s.k = -1;
    s.until_day = DAY(2024, 3, 1);
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1)); /* a partner's, whose periods are not ours */
    CHECK(r.sum.due == 0 && r.sum.charged == 0 && r.sum.difference == 0);
    s.direct = true;
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.due == 2 && r.sum.charged == 0 && r.sum.difference == 2);
    term.imported = false, term.partner = true;
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.due == 0 && r.sum.difference == 0);
    late.term = 1; /* the term that it was to begin is the partner's */
    r = tell(&s, DAY(2024, 1, 1), DAY(2025, 1, 1));
    CHECK(r.sum.due == 0 && r.sum.charged == 0 && r.sum.difference == 0);
}

/* A note, such as of a cancellation that was begun, is no change of state. */
static void notes_are_no_changes(void **state)
{
    static const struct story_event events[] = {
        {19763, M_ACTIVE,   M_GRACE,    MEV_RENEWAL_FAILED },
        {19764, M_GRACE,    M_GRACE,    MEV_CANCEL_BEGIN   },
        {19768, M_GRACE,    M_HOLD,     MEV_GRACE_OVER     },
        {19769, M_HOLD,     M_HOLD,     MEV_LOCK           },
        {19770, M_HOLD,     M_HOLD,     MEV_UNLOCK         },
        {19778, M_HOLD,     M_CANCELED, MEV_HOLD_LIMIT     },
        {19779, M_CANCELED, M_CANCELED, MEV_ERASE_ANNOUNCED},
    };
    struct story s = story();

    (void)state;
    s.events = events, s.n_events = COUNT(events), s.state = M_CANCELED;
    struct report const r = tell(&s, DAY(2024, 2, 1), DAY(2024, 3, 1));
    const struct report_row *feb = row_of(&r, "2024-02");
    CHECK(feb->grace == 1 && feb->hold == 1 && feb->lost == 1 && feb->ended == 0);
}

/* ---- lives ---- */

static struct report report(const char *from, const char *until, unsigned by)
{
    struct test_db *t = &life.t;
    struct report r;

    CHECK_OK(report_make(&t->cx, life_day(from), life_day(until), by, &r));
    return r;
}

static void live(void)
{
    static const char *const tokens[] = {
        "tok_visa",           "tok_insufficient_funds;tok_mastercard",
        "tok_every_3_fail_2", "tok_every_4_fail_9_do_not_honor",
        "tok_until_20240310", "tok_slow_capture",
        "tok_flaky_3_20",     "",
    };
    static const char *const places[] = {"DE", "US/CA", "JP"};
    char joined[DAY_TEXT];

    life_open(&life, "2024-01-01");
    for (int64_t i = 0; i < 40; i++)
        life_member(&life, places[i % 3], "standard",
                    day_text(life_day("2023-12-01") + i % 31, joined), "2024-01-01",
                    tokens[i % (int64_t)COUNT(tokens)]);
    life_run(&life, "2024-09-01");
}

static int64_t sum_of(const struct report *r, const char *currency, size_t offset)
{
    int64_t sum = 0;

    for (size_t i = 0; i < r->n; i++)
        if (!*currency || strcmp(r->rows[i].currency, currency) == 0)
            sum += *(const int64_t *)(const void *)((const char *)&r->rows[i] + offset);
    return sum;
}
#define SUM(r, currency, figure) sum_of((r), (currency), offsetof(struct report_row, figure))

static int64_t balance(const char *book, const char *currency, bool credit)
{
    struct test_db *t = &life.t;
    struct trial_balance_row *rows;
    size_t n;

    CHECK_OK(trial_balance(&t->cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].book, book) == 0 && strcmp(rows[i].currency, currency) == 0)
            return credit ? rows[i].credit_minor : rows[i].debit_minor;
    return 0;
}

/* The figures are those of the books, and each day's renewals reconcile. */
static void every_day_reconciles(void **state)
{
    static const char *const currencies[] = {"EUR", "USD", "JPY"};
    struct reconciliation sum = {0};
    char day[DAY_TEXT], next[DAY_TEXT];

    (void)state;
    live();
    struct report const all = report("2024-01-01", "2024-09-02", REPORT_BY_ALL);
    CHECK(all.sum.due > 200 && all.sum.charged > 150 && all.sum.credited > 5);
    CHECK(all.sum.difference == 0);
    for (size_t i = 0; i < COUNT(currencies); i++) {
        const char *c = currencies[i];

        CHECK(SUM(&all, c, collected_minor) == balance("gateway_clearing", c, false));
        CHECK(SUM(&all, c, invoiced_minor) == balance("receivable", c, false));
        CHECK(SUM(&all, c, recognised_minor) == balance("revenue", c, true));
        CHECK(SUM(&all, c, collected_minor) + SUM(&all, c, credited_minor) ==
              balance("receivable", c, true));
    }
    CHECK(SUM(&all, "EUR", tax_minor) ==
          balance("tax_payable:DE", "EUR", true) - balance("tax_payable:DE", "EUR", false));
    for (int64_t d = life_day("2024-01-01"); d < life_day("2024-09-02"); d++) {
        struct report const r = report(day_text(d, day), day_text(d + 1, next), REPORT_BY_ALL);

        CHECK(r.sum.difference == 0);
        sum.due += r.sum.due, sum.charged += r.sum.charged, sum.failed += r.sum.failed;
        sum.credited += r.sum.credited, sum.skipped += r.sum.skipped;
        sum.waiting += r.sum.waiting;
        if (d % 10 == 0) arena_reset(&life.t.arena);
    }
    CHECK(memcmp(&sum,
                 &(struct reconciliation){all.sum.due, all.sum.charged, all.sum.failed,
                                          all.sum.credited, all.sum.skipped, all.sum.waiting, 0},
                 sizeof sum) == 0);
    life_close(&life);
}

static uint64_t chance_state;
static int64_t chance(int64_t upto)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return (int64_t)(chance_state % (uint64_t)upto);
}

/* Gives back of a charge, or lets a bank take it, or ends that: what may not be is refused. */
static void take_back(const struct charge *c)
{
    struct test_db *t = &life.t;
    struct refund_order const refund = {
        .account_id = c->account_id,
        .charge_id = c->charge_id,
        .amount_minor = chance(2) ? 1 + chance(500) : 0,
        .to = chance(2) ? REFUND_TO_METHOD : REFUND_TO_CREDIT,
        .circumstance = REFUND_GOODWILL,
        .rule = "test",
        .key = arena_printf(&t->arena, "%lld", (long long)chance(INT64_C(1) << 60)),
        .at = t->cx.now};
    struct dispute_opening const opening = {c->account_id, c->charge_id, "", t->cx.now};
    struct dispute_ending const ending = {c->account_id, c->charge_id, chance(2) == 0, t->cx.now,
                                          NULL};
    int64_t const what = chance(6);
    enum status const st = what == 0   ? refund_order(&t->cx, &refund, NULL)
                           : what == 1 ? dispute_begin(&t->cx, &opening, NULL)
                           : what == 2 ? dispute_end(&t->cx, &ending)
                                       : OK;
    CHECK(st == OK || st == E_CONFLICT || st == E_NOT_FOUND);
}

static int64_t invoiced(const struct history_charge *list, size_t n)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) sum += list[i].invoiced ? list[i].total_minor : 0;
    return sum;
}

static int64_t noted(const struct history_credit_note *list, size_t n)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) sum += list[i].total_minor;
    return sum;
}

/* Invoices and credit notes of everybody in a currency, from each member's history. */
static int64_t documents(const char *currency)
{
    struct test_db *t = &life.t;
    struct history_charge *charges;
    struct history_credit_note *notes;
    struct report_member *rows;
    size_t n, n_charges, n_notes;
    int64_t sum = 0;

    CHECK_OK(report_members(&t->cx, &rows, &n, .after = -1, .max = 1000));
    for (size_t i = 0; i < n; i++) {
        int64_t const id = rows[i].account_id;

        if (strcmp(rows[i].currency, currency) != 0) continue;
        CHECK_OK(history_charges(&t->cx, &charges, &n_charges, .account_id = id, .least_id = 0,
                                 .most_id = INT64_MAX, .max = 1000));
        CHECK_OK(history_credit_notes(&t->cx, &notes, &n_notes, .account_id = id, .least_id = 0,
                                      .most_id = INT64_MAX, .max = 1000));
        sum += invoiced(charges, n_charges) + noted(notes, n_notes);
    }
    return sum;
}

/* The property: whatever is given back or taken back by banks, the report has it as the books do.
 */
static void what_is_taken_back_is_in_the_books(void **state)
{
    static const struct {
        const char *country, *currency, *book;
    } places[] = {
        {"DE", "EUR", "tax_payable:DE"},
        {"US", "USD", "tax_payable:US"},
        {"JP", "JPY", "tax_payable:JP"},
    };
    struct test_db *t = &life.t;
    struct report_member *rows;
    struct charge *charges;
    size_t n, n_charges;
    char day[DAY_TEXT];

    (void)state;
    live();
    chance_state = UINT64_C(0x9e3779b97f4a7c15);
    CHECK_OK(report_members(&t->cx, &rows, &n, .after = -1, .max = 1000));
    for (int64_t d = life_day("2024-09-08"); d < life_day("2024-11-20"); d += 7) {
        for (size_t i = 0; i < n; i++) {
            CHECK_OK(charges_of(&t->cx, &charges, &n_charges, .account_id = rows[i].account_id,
                                .max = 99));
            for (size_t k = 0; k < n_charges; k++) take_back(&charges[k]);
        }
        life_run(&life, day_text(d, day));
    }
    struct report const all = report("2024-01-01", "2024-12-01", REPORT_BY_COUNTRY);
    for (size_t i = 0; i < COUNT(places); i++) {
        const char *c = places[i].currency, *book = places[i].book;

        CHECK(SUM(&all, c, credited_minor) > 20000);
        CHECK(SUM(&all, c, tax_minor) == balance(book, c, true) - balance(book, c, false));
        CHECK(SUM(&all, c, invoiced_minor) - SUM(&all, c, credited_minor) == documents(c));
    }
    CHECK(all.sum.due > 300 && all.sum.difference == 0);
    life_close(&life);
}

static int64_t with_access(void)
{
    struct test_db *t = &life.t;
    struct report_member *rows;
    int64_t found = 0;
    size_t n;

    CHECK_OK(report_members(&t->cx, &rows, &n, .after = -1, .max = 1000));
    for (size_t i = 0; i < n; i++) found += state_has_access((enum membership_state)rows[i].state);
    return found;
}

static void groups_add_up(void **state)
{
    (void)state;
    live();
    struct report const all = report("2024-01-01", "2024-09-01", REPORT_BY_ALL);
    struct report const months = report("2024-01-01", "2024-09-01", REPORT_BY_MONTH);
    struct report const whole = report("2024-01-01", "2024-09-01", 0);

    CHECK(months.n == 24 && whole.n == 3); /* 8 months, 3 currencies */
    CHECK(SUM(&all, "", failed) == SUM(&months, "", failed));
    CHECK(SUM(&all, "", failed) == SUM(&whole, "", failed) && SUM(&all, "", failed) > 20);
    CHECK(SUM(&all, "JPY", mrr_minor) == SUM(&months, "JPY", mrr_minor));
    for (size_t i = 0; i < months.n; i++)
        if (i + 3 < months.n) CHECK(months.rows[i].active == months.rows[i + 3].active_before);
    CHECK(SUM(&whole, "", active) == with_access()); /* told by events, seen in the state */
    life_close(&life);
}

static int64_t reason(const struct report *r, const char *code)
{
    for (size_t i = 0; i < r->n_reasons; i++)
        if (strcmp(r->reasons[i].code, code) == 0) return r->reasons[i].failed;
    return 0;
}

static void recovery_has_its_causes(void **state)
{
    struct test_db *t = &life.t;
    int64_t method;

    (void)state;
    life_open(&life, "2024-01-01");
    life_member(&life, "DE", "standard", "2023-12-05", "2024-01-01", "tok_do_not_honor;tok_visa-2");
    life_member(&life, "DE", "standard", "2023-12-05", "2024-01-01", "tok_fail_first_3");
    life_member(&life, "DE", "standard", "2023-12-05", "2024-01-01", "");
    int64_t const helped =
        life_member(&life, "DE", "standard", "2023-12-05", "2024-01-01", "tok_expired_card");
    life_run(&life, "2024-01-07");
    {
        TX tx = {0};

        CHECK_OK(tx_begin(&tx, &t->cx));
        life_method(&life, helped, 1, "tok_mastercard", &method);
        CHECK_OK(tx_commit(&tx));
    }
    CHECK_OK(billing_try_now(&t->cx, life.catalog, helped, method));
    life_run(&life, "2024-02-01");
    struct report const r = report("2024-01-01", "2024-02-01", REPORT_BY_ALL);

    CHECK(r.n == 1 && r.rows[0].failed == 3); /* the backup paid in the first round */
    CHECK(r.rows[0].recovered_backup == 1 && r.rows[0].recovered_retry == 1);
    CHECK(r.rows[0].recovered_member == 1 && r.rows[0].grace == 3 && r.rows[0].hold == 1);
    CHECK(reason(&r, "insufficient_funds") == 1 && reason(&r, "expired_card") == 1);
    CHECK(reason(&r, "method.none") == 1 && reason(&r, "do_not_honor") == 0);
    CHECK(r.n_retries == 1 && r.retries[0].retry == 3 && r.retries[0].recovered == 1);
    CHECK(r.sum.due == 4 && r.sum.charged == 3 && r.sum.failed == 1 && !r.sum.difference);
    life_run(&life, "2024-04-01");
    struct report const later = report("2024-02-01", "2024-03-01", REPORT_BY_ALL);
    CHECK(SUM(&later, "", lost) == 1);
    life_close(&life);
}

/* What cannot be rated is skipped with its reason, until it can again. */
static void skips_reconcile(void **state)
{
    struct test_db *t = &life.t;
    struct report r;

    (void)state;
    life_open(&life, "2024-01-01");
    life_member(&life, "DE", "basic", "2023-12-05", "2024-01-01", "tok_visa");
    life_run(&life, "2024-02-01");
    CHECK_OK(db_script(t->db, "UPDATE membership SET plan = 'gold'", &t->err));
    life_run(&life, "2024-02-10"); /* five days in a row without a price */
    r = report("2024-01-01", "2024-04-01", REPORT_BY_ALL);
    CHECK(r.sum.due == 2 && r.sum.charged == 1 && r.sum.skipped == 1 && !r.sum.difference);
    CHECK_OK(db_script(t->db, "UPDATE membership SET plan = 'basic'", &t->err));
    life_run(&life, "2024-02-20");
    r = report("2024-01-01", "2024-04-01", REPORT_BY_ALL);
    CHECK(r.sum.due == 2 && r.sum.charged == 2 && r.sum.skipped == 0 && !r.sum.difference);
    life_close(&life);
}

/* After an outage of the real world, where the operator forgives what was missed. */
static void forgiven_periods_reconcile(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    life_open(&life, "2024-01-01");
    life_member(&life, "DE", "basic", "2023-12-05", "2024-01-01", "tok_visa");
    life_run(&life, "2024-01-20");
    life.world.test_clock = false;
    t->settings.bill_missed_periods = 0;
    t->cx.now = life_day("2024-06-20") * DAY_MS;
    CHECK_OK(payments_run(&t->cx, &life.world, t->cx.now));
    struct report const r = report("2024-01-01", "2024-07-01", REPORT_BY_ALL);
    CHECK(r.sum.due == 6 && r.sum.charged == 2 && r.sum.skipped == 4 && !r.sum.difference);
    life_close(&life);
}

/* The property: of whatever has become of members, when the queue forgets some of them, exactly the
 * renewals are missing that the calendar of each has since, in each month. */
static void forgotten_members_show(void **state)
{
    enum { MONTHS = 4 };
    static const char *const months[MONTHS + 1] = {"2024-09-01", "2024-10-01", "2024-11-01",
                                                   "2024-12-01", "2025-01-01"};
    struct test_db *t = &life.t;
    struct report_member *rows;
    int64_t expected[MONTHS] = {0}, all = 0;
    size_t n;

    (void)state;
    live();
    CHECK(report("2024-01-01", "2024-09-02", 0).sum.difference == 0);
    CHECK_OK(db_script(t->db,
                       "UPDATE membership SET due_at = due_at + 300 * CAST(86400000 AS BIGINT),"
                       " due_day = due_day + 300 WHERE state = 'active' AND account_id % 3 <> 0",
                       &t->err));
    CHECK_OK(report_members(&t->cx, &rows, &n, .after = -1, .max = 1000));
    for (size_t i = 0; i < n; i++) {
        struct membership const m = life_look(&life, rows[i].account_id);

        if (m.state != M_ACTIVE || m.due_at < t->cx.now + 200 * DAY_MS) continue;
        for (int64_t k = m.k + 1, day;
             day = period_start_day(m.anchor_day, k), day < life_day(months[MONTHS]); k++)
            for (size_t j = 0; j < MONTHS; j++)
                if (day >= life_day(months[j]) && day < life_day(months[j + 1])) expected[j]++;
    }
    life_run(&life, months[MONTHS]);
    for (size_t j = 0; j < MONTHS; j++) {
        struct report const r = report(months[j], months[j + 1], 0);

        if (r.sum.difference != expected[j])
            FAIL("%s: %lld are missing, not %lld", months[j], (long long)r.sum.difference,
                 (long long)expected[j]);
        all += expected[j];
    }
    CHECK(all > 30 && report("2024-01-01", "2025-01-01", 0).sum.difference == all);
    life_close(&life);
}

/* ---- words ---- */

static void check_docs(const char *text, const struct shape *sh)
{
    for (size_t i = 0; i < sh->n_fields; i++) {
        const struct field *f = &sh->fields[i];
        const char *row = arena_printf(&arena, "| `%s` | %s |\n", f->name, f->doc);

        if (!strstr(text, row)) FAIL("docs/figures.md lacks\n%s", row);
    }
}

static void figures_are_defined_once(void **state)
{
    size_t n;
    char *text = test_file("docs/figures.md", &n);

    (void)state;
    check_docs(text, &report_row_shape);
    check_docs(text, &reconciliation_shape);
    check_docs(text, &report_reason_shape);
    check_docs(text, &report_retry_shape);
    free(text);
}

static int forget(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("E-23 money lies in its month", money_lies_in_its_month),
        CASE("E-23 grace, hold, losses, churn and who is active", members_move_and_leave),
        CASE("E-23 recovery from a hold counts every round", hold_recoveries_count_all_rounds),
        CASE("B-17 what is missing shows as a difference", what_is_missing_shows),
        CASE("B-17 what is due follows from the calendar and the state", the_calendar_knows_states),
        CASE("B-17, D-16 partners' periods and late payments are not due",
             what_is_not_due_is_not_counted),
        CASE("E-23 a note is no change of state", notes_are_no_changes),
        CASE("B-17 renewals of members whom the queue has forgotten are missing",
             forgotten_members_show),
        CASE("B-17 every day reconciles, and with the books", every_day_reconciles),
        CASE("E-23, I-04, I-06 refunds and lost disputes are in the report as in the books",
             what_is_taken_back_is_in_the_books),
        CASE("E-23 groups of rows add up", groups_add_up),
        CASE("E-23 failures by reason, recoveries by cause", recovery_has_its_causes),
        CASE("B-17 skipped periods reconcile", skips_reconcile),
        CASE("B-17 periods that an outage forgave reconcile", forgiven_periods_reconcile),
        CASE("E-23 docs/figures.md says what the figures are", figures_are_defined_once),
    };

    return cmocka_run_group_tests_name("report", cases, NULL, forget);
}
