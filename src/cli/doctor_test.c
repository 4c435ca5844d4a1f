/* doctor_test: a healthy database has no findings, and each check finds what breaks its sentence.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/credit.h"
#include "catalog/catalog_test.h"
#include "cli/doctor.h"
#include "partners/partners.h"
#include "payments/life_test.h"
#include "report_sql.h"

static struct life life;
static int64_t behind_ms; /* so much later is what was done than the clock says */

static struct examined *examine(size_t *n, int64_t *findings)
{
    struct test_db *t = &life.t;
    struct patient const p = {
        .clock = {.is_test = true, .now = t->cx.now - behind_ms},
          .sandbox = life.gateway
    };
    struct examined *list;

    CHECK_OK(doctor_examine(&t->cx, &p, &list, n, findings));
    return list;
}

static void check_healthy(const char *when)
{
    int64_t findings;
    size_t n;
    struct examined *list = examine(&n, &findings);

    for (size_t i = 0; i < n; i++)
        if (list[i].findings)
            FAIL("%s: %s finds %lld, such as %s", when, list[i].id, (long long)list[i].findings,
                 list[i].sample);
    CHECK(findings == 0);
}

static const char *const tokens[] = {
    "tok_visa",
    "tok_insufficient_funds;tok_mastercard",
    "tok_fail_first_2",
    "tok_every_2_fail_9_do_not_honor",
    "tok_from_20240220",
    "tok_slow_capture",
    "tok_slow_decline",
    "tok_no_callback",
    "tok_lost_reply",
    "tok_lost_request",
    "tok_duplicate_callbacks",
    "tok_until_20240310",
    "tok_flaky_11_40",
    "",
};

static void give_credit(int64_t account_id, int64_t minor)
{
    struct test_db *t = &life.t;
    struct account account;

    CHECK_OK(account_get(&t->cx, account_id, &account));
    struct credit_move const m = {.account_id = account_id,
                                  .kind = CREDIT_ISSUE,
                                  .amount_minor = minor,
                                  .currency = account.currency};
    CHECK_OK(credit_post(&t->cx, &m, NULL));
}

enum { MEMBERS = 42 };
static int64_t members[MEMBERS];

/* Somebody has some of a charge given back, every third time as credit. */
static void give_back(int64_t no)
{
    struct charge *charges;
    struct test_db *t = &life.t;
    struct report_member *accounts;
    struct refund_left left;
    size_t n, n_charges;

    CHECK_OK(report_members(&t->cx, &accounts, &n, .after = 0, .max = 100));
    int64_t const account_id = accounts[(size_t)no % n].account_id;
    CHECK_OK(charges_of(&t->cx, &charges, &n_charges, .account_id = account_id, .max = 100));
    if (n_charges == 0) return;
    struct refund_order const o = {.account_id = account_id,
                                   .charge_id = charges[(size_t)no % n_charges].charge_id,
                                   .amount_minor = no % 4 ? 100 + no : 0,
                                   .to = no % 3 ? REFUND_TO_METHOD : REFUND_TO_CREDIT,
                                   .circumstance = REFUND_GOODWILL,
                                   .rule = "test",
                                   .key = arena_printf(&t->arena, "give%lld", (long long)no),
                                   .at = t->cx.now};
    CHECK_OK(refund_left(&t->cx, account_id, o.charge_id, &left));
    if (left.total_minor > o.amount_minor) CHECK_OK(refund_order(&t->cx, &o, NULL));
}

/* A member from elsewhere, as an import brings one. */
static int64_t import(const char *place, const char *joined, const char *as_of, const char *tokens_)
{
    struct test_db *t = &life.t;
    int64_t const id = life_member(&life, place, "standard", joined, as_of, tokens_);
    struct consent_record const consent = {id, CONSENT_IMPORTED, "import", "import"};
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(consent_record(&t->cx, &consent));
    CHECK_OK(tx_commit(&tx));
    return id;
}

static void populate(void)
{
    static const char *const places[] = {"DE", "US/CA", "JP"};
    char joined[DAY_TEXT];

    life_open(&life, "2024-01-01");
    for (int64_t i = 0; i < MEMBERS; i++) {
        members[i] = import(places[i % 3], day_text(life_day("2023-12-02") + i % 30, joined),
                            "2024-01-02", tokens[i % (int64_t)COUNT(tokens)]);
        if (i % 4 == 1) give_credit(members[i], 700 * i);
    }
    import("DE", "2023-12-05", "2024-01-02", "tok_dispute_won");
    import("DE", "2023-12-06", "2024-01-02", "tok_dispute_lost;tok_visa");
    import("JP", "2023-12-07", "2024-01-02", "tok_disputed");
}

/* A run moves the test clock at the ends of months, so one that was killed leaves it behind. */
static void healthy_after_a_kill(void **state)
{
    (void)state;
    populate();
    import("JP", "2023-12-01", "2024-01-01", "tok_visa");
    check_healthy("imported");
    life_run(&life, "2024-03-25");
    behind_ms = 24 * DAY_MS;
    check_healthy("behind");
    behind_ms = 0;
    life_close(&life);
}

static void healthy_at_every_moment(void **state)
{
    char until[DAY_TEXT];

    (void)state;
    populate();
    for (int64_t day = life_day("2024-01-02"); day < life_day("2024-05-20"); day += 3) {
        life_run(&life, day_text(day, until));
        check_healthy(until);
        give_credit(members[day * 7 % MEMBERS], 1 + day * 131 % 4000);
        for (int64_t i = 0; i < 3; i++) give_back(3 * day + i);
        check_healthy("given back");
        arena_reset(&life.t.arena);
    }
    life_close(&life);
}

/* Members whose retention time is over are gone, and the books still add up. */
static void healthy_after_erasure(void **state)
{
    static const char *const days[] = {"2025-02-01", "2025-03-15", "2025-06-01"};
    struct test_db *t = &life.t;
    struct membership_event_row *e;
    size_t n, erased = 0;

    (void)state;
    populate();
    int64_t const m = import("DE", "2023-12-20", "2024-01-02", "tok_insufficient_funds");
    for (size_t i = 0; i < COUNT(days); i++) {
        life_run(&life, days[i]);
        check_healthy(days[i]);
    }
    CHECK_OK(membership_events_of(&t->cx, &e, &n, .account_id = m, .max = 100));
    for (size_t i = 0; i < n; i++) erased += e[i].event == MEV_RETENTION_OVER;
    CHECK(erased == 1);
    life_close(&life);
}

/* What a partner suspends is on hold without a debt to us (SPEC D-16). */
static void healthy_at_a_partner(void **state)
{
    static const struct tale {
        enum partner_event_kind event;
        const char *start, *end, *end_on;
    } tales[] = {
        {EVENT_ACTIVATE, "2024-01-10", "2024-02-10", NULL        },
        {EVENT_SUSPEND,  NULL,         NULL,         NULL        },
        {EVENT_RESUME,   NULL,         NULL,         NULL        },
        {EVENT_RENEWED,  "2024-02-10", "2024-03-10", NULL        },
        {EVENT_RENEWED,  "2024-02-10", "2024-02-20", NULL        },
        {EVENT_SUSPEND,  NULL,         NULL,         NULL        },
        {EVENT_CANCEL,   NULL,         NULL,         "2024-03-01"},
    };
    struct test_db *t = &life.t;
    struct partner_answer answer;
    size_t n;
    char *example = test_file("examples/catalog.yaml", &n);

    (void)state;
    life_open(&life, "2024-01-10");
    life_apply(&life, example);
    free(example);
    int64_t const m = import("DE", "2023-05-05", "2024-01-10", "tok_visa");
    for (size_t i = 0; i < COUNT(tales); i++) {
        struct partner_tell const tell = {.account_id = m,
                                          .partner = "rhein_mobile",
                                          .reference = arena_printf(&t->arena, "r%zu", i),
                                          .sequence = (int64_t)i + 1,
                                          .event = tales[i].event,
                                          .period_start = tales[i].start,
                                          .period_end = tales[i].end,
                                          .end_on = tales[i].end_on};

        CHECK_OK(partner_event(&t->cx, life.catalog, &tell, &answer));
        CHECK(answer.outcome != OUTCOME_NOT_THEIRS);
        check_healthy(tell.reference);
    }
    life_run(&life, "2026-01-01");
    check_healthy("erased");
    life_close(&life);
}

#define PAID "(SELECT MIN(charge_id) FROM charge WHERE charge_state = 'captured')"
#define ENTRY(debit, credit)                                                                       \
    "INSERT INTO ledger_entry VALUES (" PAID ", 77, 0, 0, '" debit "', '" credit "', 'EUR', 5)"

#define HOLD(state, due_at, due_day)                                                               \
    "INSERT INTO method_authorization SELECT method_id, account_id, 100, 'EUR', " state            \
    ", '', 0, 86400000, " due_at ", " due_day ", 0, 0 FROM method"

#define PUT_OFF(days, which)                                                                       \
    "UPDATE membership SET due_at = due_at + (" days ") * CAST(86400000 AS BIGINT),"               \
    " due_day = due_day + (" days ") WHERE " which

/* clang-format off */
static const struct harm {
    const char *id, *sql;
} harms[] = {
    {"ledger.entries", ENTRY("receivable", "receivable")},
    {"ledger.entries", ENTRY("pocket_money", "receivable")},
    {"ledger.receivable", ENTRY("receivable", "write_off")},
    {"ledger.revenue", ENTRY("deferred_revenue", "write_off")},
    {"ledger.tax", ENTRY("write_off", "tax_payable:DE")},
    {"ledger.clearing", ENTRY("gateway_clearing", "write_off")},
    {"ledger.recognised", "UPDATE recognition SET recognised_minor = recognised_minor + 1"},
    {"ledger.documents", "UPDATE ledger_entry SET document_id = 7 WHERE document_id = " PAID
                         " AND entry_no = 1"},
    {"invoice.total", "UPDATE invoice SET net_minor = net_minor + 1 WHERE invoice_id = " PAID},
    {"invoice.lines", "DELETE FROM invoice_line WHERE invoice_id = " PAID " AND line_no = 1"},
    {"invoice.numbers", "UPDATE invoice SET number = number + 1000 WHERE invoice_id = " PAID},
    {"invoice.numbers", "UPDATE invoice SET number = 1 WHERE number = 2"},
    {"invoice.numbers", "UPDATE invoice_series SET next_number = next_number + 1"},
    {"invoice.charge", "UPDATE charge SET amount_minor = amount_minor + 1 WHERE charge_id = " PAID},
    {"invoice.charge", "DELETE FROM charge WHERE charge_id = " PAID},
    {"invoice.credit_notes", "UPDATE invoice SET credits_id = " PAID
                             " WHERE document = 'credit_note'"},
    {"charge.invoice", "DELETE FROM invoice WHERE invoice_id = " PAID},
    {"charge.once", "DROP INDEX charge_once; UPDATE charge SET term = 1, k = 1"},
    {"invoice.taxes", "UPDATE invoice_line SET rate_ppm = 1 WHERE line_kind = 'tax'"
                      " AND invoice_id = " PAID},
    {"invoice.taxes", "UPDATE invoice_line SET rate_ppm = 1 WHERE line_kind = 'tax' AND invoice_id"
                      " IN (SELECT invoice_id FROM invoice WHERE country = 'US')"},
    {"invoice.taxes", "UPDATE invoice_line SET unit_minor = unit_minor + 1"
                      " WHERE line_kind = 'tax'"},
    {"invoice.taxes", "UPDATE invoice_line SET amount_minor = amount_minor - 1"
                      " WHERE line_kind = 'tax' AND invoice_id = " PAID},
    {"invoice.taxes", "UPDATE invoice_line SET rate_ppm = rate_ppm + 1 WHERE line_kind = 'tax'"
                      " AND invoice_id IN (SELECT invoice_id FROM reversal)"},
    {"charge.calendar", "UPDATE charge SET due_on_day = due_on_day + 5"},
    {"charge.calendar", "UPDATE charge SET due_on_day = due_on_day + 1 WHERE charge_id = " PAID},
    {"charge.calendar", "UPDATE charge SET due_on_day = due_on_day + 5 WHERE term = 2"},
    {"charge.calendar", "UPDATE invoice SET period_end_day = period_end_day - 2"
                        " WHERE invoice_id = " PAID},
    {"charge.calendar", "UPDATE charge SET k = 1000000 WHERE charge_id = " PAID},
    {"charge.overlap", "UPDATE invoice SET period_end_day = period_end_day + 1"},
    {"charge.overlap", "UPDATE invoice SET period_end_day = period_end_day + 1 WHERE invoice_id IN"
                       " (SELECT n.credits_id FROM reversal v JOIN invoice n ON n.invoice_id ="
                       " v.invoice_id GROUP BY n.credits_id HAVING SUM(n.total_minor) > -300)"},
    {"charge.capture", "DELETE FROM attempt WHERE charge_id = " PAID},
    {"charge.capture", "UPDATE attempt SET attempt_state = 'captured'"},
    {"charge.capture", "UPDATE attempt SET amount_minor = amount_minor + 1"},
    {"charge.captured_at", "UPDATE charge SET captured_at = 0 WHERE charge_id = " PAID},
    {"charge.credit", "UPDATE charge SET credit_minor = credit_minor + 1"},
    {"charge.credit", "UPDATE credit_entry SET credit_kind = 'adjust'"},
    {"ledger.gifts", ENTRY("gift_sales", "gift_cards")},
    {"gift.redeemed", "INSERT INTO gift_card VALUES (7, 'x', 'used', 5, 'EUR', 0, 1, 7, 1)"},
    {"credit.balance", "UPDATE membership SET has_credit = 1 - has_credit"},
    {"credit.balance", "DELETE FROM credit_entry WHERE credit_kind = 'issue'"},
    {"charge.attempts", "UPDATE charge SET attempts = attempts + 1 WHERE charge_id = " PAID},
    {"charge.attempts", "UPDATE charge SET attempts = attempts - 1 WHERE charge_id = " PAID},
    {"charge.credited", "UPDATE charge SET credit_note_id = 0"},
    {"charge.wanted", "INSERT INTO charge_wanted SELECT charge_id, account_id FROM charge"
                      " WHERE charge_id = " PAID},
    {"charge.wanted", "UPDATE charge SET charge_state = 'wanted' WHERE charge_id = " PAID},
    {"charge.stale", "INSERT INTO charge_wanted SELECT charge_id, account_id FROM charge"
                     " WHERE charge_id = " PAID},
    {"charge.unknown", "UPDATE membership SET step = 'renew' WHERE step = 'look_up'"},
    {"method.primary", "UPDATE membership SET method_id = 0"},
    {"method.primary", "UPDATE method SET method_rank = method_rank + 1"},
    {"method.ranks", "UPDATE method SET method_rank = 0"},
    {"method.digits", "UPDATE method SET last4 = '4242424242424242'"},
    {"invoice.reversals", "DELETE FROM reversal"},
    {"invoice.reversals", "UPDATE invoice SET total_minor = total_minor - 99999 WHERE invoice_id ="
                          " (SELECT MIN(invoice_id) FROM reversal)"},
    {"refund.left", "UPDATE refund SET amount_minor = amount_minor + 99999"},
    {"refund.left", "UPDATE refund SET refund_no = refund_no + 1000"},
    {"refund.note", "UPDATE refund SET amount_minor = amount_minor - 1"},
    {"refund.note", "UPDATE refund SET credit_note_id = 0"},
    {"refund.books", ENTRY("refunds", "write_off")},
    {"refund.books", "DELETE FROM refund WHERE refund_state = 'wanted'"},
    {"refund.state", "UPDATE refund SET due_at = 0, due_day = 0"},
    {"refund.state", "UPDATE refund SET done_at = 0"},
    {"dispute.books", ENTRY("chargebacks", "write_off")},
    {"dispute.books", "UPDATE dispute SET dispute_state = 'lost' WHERE dispute_state = 'open'"},
    {"dispute.state", "UPDATE dispute SET closed_at = 7"},
    {"dispute.state", "UPDATE dispute SET amount_minor = amount_minor + 9999"},
    {"forget.overdue", "INSERT INTO token_forget VALUES (7, 7, 'sandbox', 'tok', 'wanted', 0, 1,"
                       " 86400000, 1, 0)"},
    {"refund.overdue", "UPDATE refund SET due_at = 86400000, due_day = 1"},
    {"gateway.sandbox", "UPDATE refund SET refund_state = 'failed'"},
    {"authorization.state", HOLD("'held'", "0", "0")},
    {"authorization.state", HOLD("'voided'", "86400000", "1")},
    {"authorization.overdue", HOLD("'held'", "86400000", "1")},
    {"orphan.method", "INSERT INTO method_authorization VALUES (7, 7, 100, 'EUR', 'voided', '', 0,"
                      " 1, 0, 0, 0, 2)"},
    {"membership.step", "UPDATE membership SET step = 'none' WHERE state = 'active'"},
    {"membership.step", "UPDATE membership SET step = 'renew' WHERE state = 'canceled'"},
    {"membership.due", "UPDATE membership SET due_day = due_day + 1"},
    {"membership.due", "UPDATE membership SET due_at = 0, due_day = 0"},
    {"membership.overdue", "UPDATE membership SET due_at = due_at - 8640000000,"
                           " due_day = due_day - 100 WHERE due_at > 0"},
    {"membership.due_date", PUT_OFF("30", "state = 'active'")},
    {"membership.due_date", PUT_OFF("300", "state = 'active'")},
    {"membership.due_date", PUT_OFF("-30", "step = 'renew'")},
    {"membership.due_date", PUT_OFF("300", "step = 'look_up'")},
    {"membership.due_date", PUT_OFF("300", "state = 'grace'")},
    {"membership.due_date", PUT_OFF("300", "state = 'hold'")},
    {"membership.due_date", "UPDATE membership SET state = 'paused', step = 'resume',"
                            " pause_months = 1, due_at = 8640000000000, due_day = 100000"},
    {"membership.due_date", "UPDATE membership SET state = 'ending', step = 'period_end',"
                            " due_at = 8640000000000, due_day = 100000"},
    {"membership.due_date", "UPDATE membership SET state = 'canceled', step = 'erase',"
                            " retention_until_day = 20000, due_at = 8640000000000,"
                            " due_day = 100000"},
    {"membership.due_date", "UPDATE membership SET period_end_day = 90000000000"},
    {"account.locked", "UPDATE account SET locked_at = 1"},
    {"account.erased", "UPDATE account SET erased_at = 1"},
    {"membership.period", "UPDATE membership SET period_end_day = period_start_day"},
    {"membership.period", "UPDATE membership SET period_end_day = period_end_day + 1"},
    {"membership.period", "UPDATE membership SET period_end_day = period_end_day - 3"},
    {"membership.period", "UPDATE membership SET period_end_day = period_end_day + 12"},
    {"membership.period", "UPDATE membership SET period_start_day = period_start_day + 1"},
    {"membership.period", "UPDATE membership SET anchor_day = 90000000000"},
    {"consent.given", "UPDATE account SET import_hash = 'aa'; DELETE FROM consent"},
    {"consent.given", "UPDATE term SET term_cause = 'joined' WHERE term = 1"},
    {"consent.given", "UPDATE term SET term_cause = 'restarted' WHERE term = 2"},
    {"membership.slots", "UPDATE membership SET slots = 4"},
    {"membership.next_plan", "UPDATE membership SET next_plan = 'basic'"},
    {"membership.terms", "DELETE FROM term WHERE term = 1"},
    {"membership.terms", "UPDATE term SET anchor_day = anchor_day + 1"},
    {"membership.newest", "UPDATE membership SET k = k + 1"},
    {"membership.dunning", "DELETE FROM dunning"},
    {"membership.dunning", "UPDATE membership SET state = 'active', step = 'renew'"},
    {"membership.dunned_charge", "UPDATE dunning SET charge_id = " PAID},
    {"membership.events", "UPDATE membership_event SET state_to = 'paused'"},
    {"orphan.account", "DELETE FROM membership"},
    {"orphan.account", "DELETE FROM account"},
    {"orphan.term", "UPDATE term SET account_id = -account_id WHERE term = 2"},
    {"orphan.term", "UPDATE membership_event SET account_id = 7"},
    {"orphan.term", "INSERT INTO consent VALUES (7, 7, '1', 0, 'web', 'method.add', 0)"},
    {"orphan.term", "INSERT INTO renewal_skip VALUES (7, 1, 1, 1, '', 0)"},
    {"orphan.charge", "UPDATE invoice SET account_id = 7"},
    {"orphan.charge", "DELETE FROM invoice"},
    {"orphan.charge", "UPDATE charge SET method_id = 7"},
    {"orphan.attempt", "DELETE FROM charge"},
    {"orphan.attempt", "INSERT INTO card_decline VALUES ('x', 1, 7, 1)"},
    {"orphan.attempt", "DELETE FROM method"},
    {"orphan.method", "UPDATE outbox SET account_id = 7"},
    {"orphan.method", "UPDATE method SET account_id = 7"},
    {"orphan.method", "UPDATE ledger_entry SET account_id = 7"},
    {"orphan.catalog", "DELETE FROM catalog_version"},
    {"message.delivery", "INSERT INTO message VALUES (7, 7, 'x', 'R', 0, 'en', '{}', 0)"},
    {"message.delivery", "INSERT INTO delivery VALUES (7, 'email', 1, 7, '', 'due', 1, 0, 0, 0, 0,"
                         " 0, '', 0, '', '')"},
    {"audit.chain", "INSERT INTO audit_entry VALUES (7, 1, 9000000000000, 'change', 'x', 'system',"
                    " 0, '', 'forged')"},
    {"audit.chain", "INSERT INTO audit_head VALUES (7, 3, 'forged', 0, '')"},
    {"catalog.prices", "DELETE FROM catalog_version"},
    {"catalog.prices", "UPDATE membership SET plan = 'gold'"},
    {"zone.rules", "UPDATE account SET zone = 'Mars/Olympus'"},
    {"gateway.sandbox", "UPDATE attempt SET attempt_state = 'declined'"},
    {"gateway.sandbox", "INSERT INTO attempt SELECT charge_id, 99, account_id, method_id,"
                        " 'captured', amount_minor, '', 'none', '', '', 0, 0 FROM charge"
                        " WHERE charge_id = " PAID},
};
/* clang-format on */

static const struct examined *result_of(const struct examined *list, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].id, id) == 0) return &list[i];
    FAIL("there is no check %s", id);
    return NULL;
}

static void every_harm_is_found(void **state)
{
    struct test_db *t = &life.t;
    int64_t findings;
    size_t n;

    (void)state;
    populate();
    life_run(&life, "2024-03-12");
    for (int64_t i = 0; i < 60; i++) give_back(i);
    life_run(&life, "2024-03-22");
    for (int64_t i = 60; i < 99; i++) give_back(i);
    check_healthy("before");
    for (size_t i = 0; i < COUNT(harms); i++) {
        TX tx = {0};

        CHECK_OK(tx_begin(&tx, &t->cx)); /* rolled back at the end of the scope */
        CHECK_OK(db_script(t->db, harms[i].sql, &t->err));
        struct examined *list = examine(&n, &findings);
        const struct examined *r = result_of(list, n, harms[i].id);
        if (r->findings == 0) FAIL("%s does not find: %s", harms[i].id, harms[i].sql);
        CHECK(*r->sample && findings >= r->findings);
        arena_reset(&t->arena);
    }
    check_healthy("afterwards");
    struct examined *list = examine(&n, &findings);
    for (size_t i = 0; i < n; i++) { /* no check without a proof that it can find something */
        size_t k = 0;

        while (k < COUNT(harms) && strcmp(harms[k].id, list[i].id) != 0) k++;
        if (k == COUNT(harms)) FAIL("%s is never broken", list[i].id);
    }
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("an import, and a run that was killed, have no findings", healthy_after_a_kill),
        CASE("B-11, B-17 a database at work has no findings", healthy_at_every_moment),
        CASE("E-22 a database whose members were erased has no findings", healthy_after_erasure),
        CASE("D-16 a partner's members have no findings, whatever it tells", healthy_at_a_partner),
        CASE("B-01, B-11, B-14, B-16 each invariant is found broken", every_harm_is_found),
    };

    return RUN_CASES("doctor", cases);
}
