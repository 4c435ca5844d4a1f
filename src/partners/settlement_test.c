/* settlement_test: statements of partners, beside what they had told.
 * SPDX-License-Identifier: Apache-2.0 */
#include "partners/settlement.h"

#include "account/work.h"
#include "base/id.h"
#include "base/money.h"
#include "catalog/catalog_test.h"
#include "partners/partners.h"
#include "payments/method_test.h"

/* ---- rules ---- */

/* The same order, said as one sentence per finding. */
static bool fits(const struct settlement_facts *f, enum settlement_finding finding)
{
    bool const back = f->amount_minor < 0, sound = f->known && !back && !f->paid && !f->ended;
    bool const exact = f->same_currency && f->amount_minor == f->expected_minor;
    bool const within = f->same_currency && -f->amount_minor <= f->expected_minor;

    switch (finding) {
    case FINDING_UNKNOWN_REFERENCE: return !f->known;
    case FINDING_REVERSED: return f->known && back && f->paid && within;
    case FINDING_DOUBLED: return f->known && !back && f->paid;
    case FINDING_MEMBER_ENDED: return f->known && !back && !f->paid && f->ended;
    case FINDING_UNKNOWN_PERIOD: return (f->known && back && !f->paid) || (sound && !f->told);
    case FINDING_MATCHED: return sound && f->told && exact;
    case FINDING_AMOUNT_DIFFERS:
        return (f->known && back && f->paid && !within) || (sound && f->told && !exact);
    case FINDING_MISSING:
    case FINDING_MADE_UP: break;
    }
    return false;
}

static void judges_every_line(void **state)
{
    static const int64_t amounts[] = {-1000, -999, -1, 0, 1, 999, 1000, 1001};

    (void)state;
    for (unsigned bits = 0; bits < 32; bits++)
        for (size_t i = 0; i < COUNT(amounts); i++) {
            struct settlement_facts const f = {
                bits & 1, bits >> 1 & 1, bits >> 2 & 1, bits >> 3 & 1, bits >> 4 & 1, amounts[i],
                999};
            size_t n = 0;

            for (size_t k = 0; k < settlement_findings.n; k++)
                n += fits(&f, (enum settlement_finding)k);
            if (n != 1 || !fits(&f, settlement_judge(&f)))
                FAIL("%u, %lld: %s", bits, (long long)amounts[i],
                     settlement_findings.at[settlement_judge(&f)]);
        }
}

static void months(void **state)
{
    static const char *const wrong[] = {"", "2024", "2024-13", "2024-1", "2024-02-01", "2024/02"};
    int64_t first, until;

    (void)state;
    CHECK(settlement_month("2024-02", &first, &until));
    CHECK(first == life_day("2024-02-01") && until == life_day("2024-03-01"));
    for (size_t i = 0; i < COUNT(wrong); i++) CHECK(!settlement_month(wrong[i], &first, &until));
}

/* ---- statements ---- */

static int sent, told_lines;

static int64_t begins(void)
{
    size_t n;
    char *example = test_file("examples/catalog.yaml", &n);

    sent = told_lines = 0;
    life_open(&life, "2024-02-01");
    life_apply(&life, example);
    free(example);
    return life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "");
}

static void hears(int64_t m, enum partner_event_kind event, const char *start, const char *end)
{
    struct test_db *t = &life.t;
    const char *reference = arena_printf(&t->arena, "rm-%d", ++sent);
    struct partner_tell const in = {.account_id = m,
                                    .partner = "rhein_mobile",
                                    .reference = reference,
                                    .event = event,
                                    .sequence = sent,
                                    .period_start = event == EVENT_CANCEL ? NULL : start,
                                    .period_end = event == EVENT_CANCEL ? NULL : end,
                                    .end_on = event == EVENT_CANCEL ? start : NULL};
    struct partner_answer out;

    CHECK_OK(partner_event(&t->cx, life.catalog, &in, &out));
}

/* A member whom the carrier bills since February. */
static int64_t carried(void)
{
    int64_t const m = begins();

    run_sql("UPDATE membership SET state = 'none', k = -1, step = 'none', due_at = 0, due_day = 0");
    hears(m, EVENT_ACTIVATE, "2024-02-10", "2024-03-10");
    return m;
}

/* 85 % of what the plan costs. */
static int64_t share(const char *on)
{
    const struct country *de = catalog_country(life.catalog, "DE");

    return money_rate(country_price(de, "standard", NULL, life_day(on))->amount_minor, 850000);
}

static struct settlement_tell line_of(const char *reference, const char *member, const char *start,
                                      int64_t amount)
{
    return (struct settlement_tell){.partner = "rhein_mobile",
                                    .month = "2024-02",
                                    .line = arena_printf(&life.t.arena, "L%d", ++told_lines),
                                    .reference = reference,
                                    .member = member,
                                    .period_start = start,
                                    .amount_minor = amount,
                                    .currency = "EUR"};
}

static struct settlement_answer tells(const struct settlement_tell *in)
{
    struct test_db *t = &life.t;
    struct settlement_answer out;

    CHECK_OK(settlement_tell(&t->cx, life.catalog, in, &out));
    return out;
}

static void finds(struct settlement_tell in, enum settlement_finding wanted)
{
    struct settlement_answer const out = tells(&in);

    if (out.finding != wanted)
        FAIL("%s is %s, not %s", in.line, settlement_findings.at[out.finding],
             settlement_findings.at[wanted]);
    CHECK((*out.work != 0) == settlement_is_mismatch(wanted));
}

static size_t open_work(void)
{
    struct test_db *t = &life.t;
    struct work_list const in = {.state = "open", .kind = "partner.settlement"};
    struct works_view v;

    CHECK_OK(work_list(&t->cx, &in, &v));
    return v.n;
}

static int64_t closes(const char *month)
{
    struct test_db *t = &life.t;
    struct settlement_ask const in = {"rhein_mobile", month};
    struct settlement_closed out;

    CHECK_OK(settlement_close(&t->cx, life.catalog, &in, &out));
    CHECK(!out.more);
    return out.missing;
}

static void a_month_that_fits(void **state)
{
    int64_t const m = carried();
    struct test_db *t = &life.t;
    struct settlement_ask const ask = {"rhein_mobile", "2024-02"};
    struct settlement_view v;
    char member[ID_TEXT];

    (void)state;
    finds(line_of("rm-1", id_text("mem", m, member), "2024-02-10", share("2024-02-10")),
          FINDING_MATCHED);
    CHECK(closes("2024-02") == 0 && open_work() == 0);
    CHECK_OK(settlement_reconcile(&t->cx, life.catalog, &ask, &v));
    CHECK(v.mismatches == 0 && v.n == 1 && v.sums[0].lines == 1 && *v.closed_at);
    CHECK(v.sums[0].amount_minor == v.sums[0].expected_minor);
    life_close(&life);
}

static void what_does_not_fit(void **state)
{
    int64_t const owed = (carried(), share("2024-02-10"));

    (void)state;
    finds(line_of("never told", NULL, "2024-02-10", owed), FINDING_UNKNOWN_REFERENCE);
    finds(line_of(NULL, "nobody", "2024-02-10", owed), FINDING_UNKNOWN_REFERENCE);
    finds(line_of("rm-1", "nobody", "2024-02-10", owed), FINDING_UNKNOWN_REFERENCE);
    finds(line_of("rm-1", NULL, "2024-02-11", owed), FINDING_UNKNOWN_PERIOD);
    finds(line_of("rm-1", NULL, "2024-02-10", -owed), FINDING_UNKNOWN_PERIOD);
    finds(line_of("rm-1", NULL, "2024-02-10", owed - 1), FINDING_AMOUNT_DIFFERS);
    finds(line_of("rm-1", NULL, "2024-02-10", owed), FINDING_DOUBLED);
    finds(line_of("rm-1", NULL, "2024-02-10", -owed), FINDING_REVERSED);
    finds(line_of("rm-1", NULL, "2024-02-10", owed), FINDING_MATCHED); /* it was taken back */
    CHECK(open_work() == 7);
    life_close(&life);
}

static void another_currency(void **state)
{
    struct settlement_tell in;

    (void)state;
    carried();
    in = line_of("rm-1", NULL, "2024-02-10", share("2024-02-10"));
    in.currency = "CHF";
    finds(in, FINDING_AMOUNT_DIFFERS);
    life_close(&life);
}

static void whose_member_had_ended(void **state)
{
    int64_t const m = carried();

    (void)state;
    hears(m, EVENT_RENEWED, "2024-03-10", "2024-04-10");
    hears(m, EVENT_CANCEL, "2024-03-10", NULL);
    struct settlement_tell late = line_of("rm-1", NULL, "2024-03-10", share("2024-03-10"));
    late.month = "2024-03";
    finds(late, FINDING_MEMBER_ENDED);
    finds(line_of("rm-1", NULL, "2024-02-10", share("2024-02-10")), FINDING_MATCHED);
    CHECK(closes("2024-03") == 0); /* nobody owes for a period after the end */
    life_close(&life);
}

static void what_is_missing(void **state)
{
    struct test_db *t = &life.t;
    struct settlement_ask const ask = {"rhein_mobile", "2024-02"};
    struct settlement_view v;

    (void)state;
    carried();
    CHECK(closes("2024-02") == 1 && open_work() == 1);
    CHECK(closes("2024-02") == 0 && open_work() == 1);
    CHECK_OK(settlement_reconcile(&t->cx, life.catalog, &ask, &v));
    CHECK(v.mismatches == 1 && v.sums[0].finding == FINDING_MISSING);
    CHECK(v.sums[0].amount_minor == 0 && v.sums[0].expected_minor == share("2024-02-10"));
    struct settlement_tell late = line_of("rm-1", NULL, "2024-02-10", share("2024-02-10"));
    late.month = "2024-03"; /* in the next statement after all */
    finds(late, FINDING_MATCHED);
    CHECK(open_work() == 0);
    CHECK_OK(settlement_reconcile(&t->cx, life.catalog, &ask, &v));
    CHECK(v.mismatches == 0);
    life_close(&life);
}

static void told_once(void **state)
{
    struct test_db *t = &life.t;
    struct settlement_answer out;

    (void)state;
    carried();
    struct settlement_tell in = line_of("never told", NULL, "2024-02-10", 5);
    CHECK(!tells(&in).known);
    out = tells(&in);
    CHECK(out.known && out.finding == FINDING_UNKNOWN_REFERENCE && open_work() == 1);
    in.amount_minor = 6;
    CHECK(settlement_tell(&t->cx, life.catalog, &in, &out) == E_CONFLICT &&
          t->err.fault == &SETTLEMENT_LINE_REUSED);
    in.month = "2024-03"; /* another statement's line of that number */
    CHECK(!tells(&in).known);
    life_close(&life);
}

static void refusals(void **state)
{
    struct test_db *t = &life.t;
    struct settlement_answer out;
    struct {
        struct settlement_tell in;
        const struct fault *fault;
    } rows[5];

    (void)state;
    carried();
    for (size_t i = 0; i < COUNT(rows); i++) rows[i].in = line_of("rm-1", NULL, "2024-02-10", 5);
    rows[0].in.partner = "direct";
    rows[0].fault = &PARTNER_UNKNOWN;
    rows[1].in.month = "2024-13";
    rows[1].fault = &SETTLEMENT_MONTH;
    rows[2].in.period_start = "2024-02-30";
    rows[2].fault = &PARTNER_DATE;
    rows[3].in.currency = "EUX";
    rows[3].fault = &CURRENCY_UNKNOWN;
    rows[4].in.reference = NULL;
    rows[4].fault = &SETTLEMENT_WHOSE;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (settlement_tell(&t->cx, life.catalog, &rows[i].in, &out) == OK ||
            t->err.fault != rows[i].fault)
            FAIL("row %zu: %s", i, t->err.fault->code);
    CHECK(open_work() == 0);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("D-17 a line is exactly one thing, whatever is known beside it", judges_every_line),
        CASE("D-17 a statement is of a month", months),
        CASE("D-17 a month that fits opens no work", a_month_that_fits),
        CASE("D-17 what does not fit opens work, a kind each", what_does_not_fit),
        CASE("D-17 an amount in another currency is another amount", another_currency),
        CASE("D-17 nobody owes for a period after the partner's end", whose_member_had_ended),
        CASE("D-17 a period without a line is found, and settled when it comes", what_is_missing),
        CASE("D-17 a line is taken once", told_once),
        CASE("D-17 what is no line is refused", refusals),
    };
    return RUN_CASES("settlement", cases);
}
