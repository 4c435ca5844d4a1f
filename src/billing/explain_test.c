/* explain_test: the causes of a charge, by rule. SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "base/message.h"
#include "billing/billing.h"
#include "catalog/catalog_test.h"

static struct arena arena;

static const struct line_facts plain[] = {
    {LINE_PLAN, "standard", 1299, 0,      18262, 1092},
    {LINE_TAX,  "VAT",      1299, 190000, 17000, 207 },
};
static const struct line_facts dearer[] = {
    {LINE_PLAN, "standard", 1499, 0,      18290, 1260},
    {LINE_TAX,  "VAT",      1499, 190000, 17000, 239 },
};
static const struct line_facts premium[] = {
    {LINE_PLAN, "premium", 1799, 0,      18262, 1512},
    {LINE_TAX,  "VAT",     1799, 190000, 17000, 287 },
};
static const struct line_facts untaxed[] = {
    {LINE_PLAN, "standard", 1299, 0, 18262, 1299},
};
static const struct line_facts lower_tax[] = {
    {LINE_PLAN, "standard", 1299, 0,      18262, 1120},
    {LINE_TAX,  "VAT",      1299, 160000, 18290, 179 },
};
static const struct line_facts with_slot[] = {
    {LINE_PLAN, "standard",       1299, 0,      18262, 1092},
    {LINE_SLOT, "extra_member_1", 499,  0,      18262, 419 },
    {LINE_TAX,  "VAT",            1798, 190000, 17000, 287 },
};
static const struct line_facts tax_on_top[] = {
    {LINE_PLAN, "standard", 1299, 0,      18262, 1299},
    {LINE_TAX,  "VAT",      1299, 190000, 17000, 247 },
};

#define LINES(l) .n_lines = COUNT(l), .lines = (l)

/* 31 January 2020 and the charge a month later, the same in everything but the date. */
static struct charge_facts facts(int64_t k)
{
    struct charge_facts f = {.biller = "direct",
                             .plan = "standard",
                             .country = "DE",
                             .region = "",
                             .currency = "EUR",
                             .kind = CHARGE_RENEWAL,
                             .term = 1,
                             .k = k,
                             .anchor_day = day_of(2020, 1, 15),
                             .total_minor = 1299,
                             LINES(plain)};

    f.due_day = period_start_day(f.anchor_day, k);
    f.captured_day = f.due_day;
    f.expected_day = f.due_day + 5;
    return f;
}

static const struct cause *cause_of(const struct causes *c, enum explain_cause cause)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].cause == cause) return &c->at[i];
    return NULL;
}

/* The causes must be exactly these. */
static void expect(const struct charge_facts *was, const struct charge_facts *is, size_t n,
                   const enum explain_cause *expected)
{
    struct causes c;

    explain_charge(was, is, &c);
    for (size_t i = 0; i < c.n; i++) CHECK(c.at[i].n > 0); /* each has its evidence */
    if (c.n != n) FAIL("%zu causes, first %s", c.n, explain_causes.at[c.at[0].cause]);
    for (size_t i = 0; i < n; i++)
        if (!cause_of(&c, expected[i])) FAIL("not %s", explain_causes.at[expected[i]]);
}

#define EXPECT(was, is, ...)                                                                       \
    expect((was), (is), COUNT(((enum explain_cause[]){__VA_ARGS__})),                              \
           (enum explain_cause[]){__VA_ARGS__})

/* "1299 EUR since 2020-01-01" */
static const char *plainly(const struct evidence_fact *f)
{
    const char *unit = f->kind == FACT_MONEY ? f->text : f->kind == FACT_RATE ? "ppm" : "";
    char day[DAY_TEXT];

    return arena_printf(&arena, "%s%s%s%s%s", explain_value(&arena, f), *unit ? " " : "", unit,
                        f->since_day ? " since " : "",
                        f->since_day ? day_text(f->since_day, day) : "");
}

/* What one cause says was and is. */
static void check_evidence(const struct charge_facts *was, const struct charge_facts *is,
                           enum explain_cause cause, const char *name, const char *old,
                           const char *new_)
{
    struct causes all;
    explain_charge(was, is, &all);
    const struct cause *c = cause_of(&all, cause);

    CHECK(c);
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->at[i].name, name) != 0) continue;
        const char *const was_told = plainly(&c->at[i].old), *is_told = plainly(&c->at[i].new_);
        if (strcmp(was_told, old) != 0 || strcmp(is_told, new_) != 0)
            FAIL("%s: '%s' -> '%s'", name, was_told, is_told);
        return;
    }
    FAIL("no evidence %s", name);
}

static void amounts(void **state)
{
    struct charge_facts const was = facts(0);
    struct charge_facts is = facts(1);

    (void)state;
    EXPECT(&was, &is, WHY_AS_BEFORE);
    EXPECT(NULL, &was, WHY_FIRST);
    is = facts(1), is.lines = dearer, is.total_minor = 1499;
    EXPECT(&was, &is, WHY_PRICE_CHANGE);
    check_evidence(&was, &is, WHY_PRICE_CHANGE, "price", "1299 EUR since 2020-01-01",
                   "1499 EUR since 2020-01-29");
    is = facts(1), is.plan = "premium", is.lines = premium, is.total_minor = 1799;
    EXPECT(&was, &is, WHY_PLAN_UPGRADE);
    check_evidence(&was, &is, WHY_PLAN_UPGRADE, "plan", "standard", "premium");
    EXPECT(&is, &was, WHY_PLAN_DOWNGRADE, WHY_UNKNOWN); /* and time does not run backwards */
    is = facts(1), is.lines = with_slot, is.n_lines = COUNT(with_slot), is.total_minor = 1798;
    EXPECT(&was, &is, WHY_SLOT_ADDED);
    check_evidence(&was, &is, WHY_SLOT_ADDED, "extra_member_1", "", "499 EUR since 2020-01-01");
    struct charge_facts const slot = is;
    is = facts(2);
    EXPECT(&slot, &is, WHY_SLOT_REMOVED);
    is = facts(1), is.kind = CHARGE_SLOT, is.total_minor = 250, is.n_lines = 0;
    EXPECT(&was, &is, WHY_SLOT_ADDED);
}

static void credits(void **state)
{
    struct charge_facts was = facts(0), is = facts(1);

    (void)state;
    is.credit_minor = 1000;
    EXPECT(&was, &is, WHY_CREDIT);
    check_evidence(&was, &is, WHY_CREDIT, "credit", "", "1000 EUR");
    check_evidence(&was, &is, WHY_CREDIT, "method_pays", "1299 EUR", "299 EUR");
    was.credit_minor = 1000;
    EXPECT(&was, &is, WHY_AS_BEFORE);
    is.credit_minor = CREDIT_OPEN; /* nothing is known before it is tried */
    EXPECT(&was, &is, WHY_AS_BEFORE);
    was.credit_minor = 1299, is.credit_minor = 1499, is.lines = dearer, is.total_minor = 1499;
    EXPECT(&was, &is, WHY_PRICE_CHANGE); /* credit pays all of both */
}

static void taxes(void **state)
{
    struct charge_facts was = facts(0), is = facts(1);

    (void)state;
    was.lines = untaxed, was.n_lines = COUNT(untaxed);
    EXPECT(&was, &is, WHY_TAX_ADDED);
    check_evidence(&was, &is, WHY_TAX_ADDED, "VAT", "", "190000 ppm since 2016-07-18");
    was = facts(0), is.lines = lower_tax;
    EXPECT(&was, &is, WHY_TAX_CHANGED);
    check_evidence(&was, &is, WHY_TAX_CHANGED, "VAT", "190000 ppm since 2016-07-18",
                   "160000 ppm since 2020-01-29");
    is.lines = tax_on_top, is.total_minor = 1546;
    EXPECT(&was, &is, WHY_TAX_CHANGED);
    check_evidence(&was, &is, WHY_TAX_CHANGED, "tax_place", "included", "on_top");
    is = facts(1), is.country = "CH", is.currency = "CHF";
    EXPECT(&was, &is, WHY_COUNTRY_CHANGE);
    check_evidence(&was, &is, WHY_COUNTRY_CHANGE, "currency", "EUR", "CHF");
}

static struct charge_facts on_anchor_31(int64_t k)
{
    struct charge_facts f = facts(k);

    f.anchor_day = day_of(2019, 12, 31);
    f.due_day = f.captured_day = period_start_day(f.anchor_day, k);
    return f;
}

static void dates(void **state)
{
    struct charge_facts was = on_anchor_31(1), is = on_anchor_31(2);

    (void)state;
    EXPECT(&was, &is, WHY_MISSING_DAY);
    check_evidence(&was, &is, WHY_MISSING_DAY, "date", "2020-01-31", "2020-02-29");
    check_evidence(&was, &is, WHY_MISSING_DAY, "last_day_of_month", "", "2020-02-29");
    was = is, is = on_anchor_31(3); /* back on the 31st: another day than last time */
    EXPECT(&was, &is, WHY_MISSING_DAY);
    check_evidence(&was, &is, WHY_MISSING_DAY, "date", "2020-02-29", "2020-03-31");
    was = facts(0), is = facts(3);
    EXPECT(&was, &is, WHY_GAP);
    check_evidence(&was, &is, WHY_GAP, "periods_not_charged", "", "2");
    is = facts(0), is.term = 2, is.anchor_day = is.due_day = is.captured_day = day_of(2020, 3, 3);
    EXPECT(&was, &is, WHY_NEW_TERM);
    is.recovered = true;
    EXPECT(&was, &is, WHY_RECOVERED);
    check_evidence(&was, &is, WHY_RECOVERED, "anchor", "2020-01-15", "2020-03-03");
    is.in_vain = true; /* it was never paid */
    EXPECT(&was, &is, WHY_HOLD_UNPAID);
    is.recovered = false;
    EXPECT(&was, &is, WHY_TERM_NOT_BEGUN);
    is.in_vain = false, is.resumed = true;
    EXPECT(&was, &is, WHY_PAUSE_OVER);
    check_evidence(&was, &is, WHY_PAUSE_OVER, "billing_day", "15", "3");
    is = facts(1), is.biller = "apple";
    EXPECT(&was, &is, WHY_PARTNER);
    is = facts(1), is.due_day += 2, is.captured_day += 2; /* no rule knows this date */
    EXPECT(&was, &is, WHY_UNKNOWN);
}

static void payments(void **state)
{
    struct charge_facts was = facts(0), is = facts(1);

    (void)state;
    is.captured_day += 2, is.expected_day += 2;
    EXPECT(&was, &is, WHY_BANK_POSTING);
    check_evidence(&was, &is, WHY_BANK_POSTING, "captured", "", "2020-02-17");
    check_evidence(&was, &is, WHY_BANK_POSTING, "expected_on_statement_by", "", "2020-02-22");
    is.refusals = 2;
    EXPECT(&was, &is, WHY_RETRIED);
    is.lines = dearer, is.total_minor = 1499;
    EXPECT(&was, &is, WHY_RETRIED, WHY_PRICE_CHANGE);
}

static void every_cause_has_words(void **state)
{
    (void)state;
    CHECK(explain_causes.n == CAUSES_MAX);
    for (size_t i = 0; i < explain_causes.n; i++)
        CHECK(message_exists(arena_printf(&arena, "why.%s", explain_causes.at[i])));
    CHECK(strcmp(rate_text(190000, &arena), "19 %") == 0);
    CHECK(strcmp(rate_text(88750, &arena), "8.875 %") == 0);
    CHECK(strcmp(rate_text(5000, &arena), "0.5 %") == 0);
    CHECK(strcmp(rate_text(0, &arena), "0 %") == 0);
}

/* The same facts as people of each language write them. */
static void facts_have_words(void **state)
{
    struct evidence_fact const price = {FACT_MONEY, "EUR", 1299, day_of(2022, 1, 1)};
    struct evidence_fact const day = {FACT_DATE, NULL, day_of(2020, 2, 29), 0};
    struct evidence_fact const rate = {FACT_RATE, NULL, 88750, 0}, none = {0};
    static const char *const words[] = {"included", "on_top"};

    (void)state;
#define SAYS(locale, f, want)                                                                      \
    if (strcmp(explain_fact(&arena, locale, &(f)), want) != 0)                                     \
    FAIL("%s: %s", locale, explain_fact(&arena, locale, &(f)))
    SAYS("en-US", price, "€12.99 since January 1, 2022");
    SAYS("de-DE", price, "12,99\u00a0€ seit 1. Januar 2022");
    SAYS("de-DE", day, "29. Februar 2020");
    SAYS("ja-JP", day, "2020年2月29日");
    SAYS("de-DE", rate, "8,875\u00a0%");
    SAYS("de-DE", none, "");
    for (size_t i = 0; i < COUNT(words); i++)
        CHECK(message_exists(arena_printf(&arena, "fact.%s", words[i])));
    for (size_t i = 0; i < roles.n; i++)
        CHECK(message_exists(arena_printf(&arena, "fact.%s", roles.at[i])));
    for (size_t i = SURFACE_NONE + 1; i < surfaces.n; i++)
        CHECK(message_exists(arena_printf(&arena, "fact.%s", surfaces.at[i])));
}

static void take(struct charge_facts *f, const struct rated *r, struct line_facts *lines)
{
    f->total_minor = r->total_minor;
    f->currency = r->currency;
    f->due_day = f->captured_day = r->start_day;
    f->n_lines = r->n_lines;
    f->lines = lines;
    for (size_t i = 0; i < r->n_lines; i++)
        lines[i] = (struct line_facts){r->lines[i].kind,          r->lines[i].item,
                                       r->lines[i].unit_minor,    r->lines[i].rate_ppm,
                                       r->lines[i].effective_day, r->lines[i].amount_minor};
}

static bool rate(const struct catalog *c, struct charge_facts *f, struct line_facts *lines)
{
    struct rate_in const in = {.plan = f->plan,
                               .country = f->country,
                               .region = f->region,
                               .anchor_day = f->anchor_day,
                               .k = f->k};
    struct rated r;

    if (rate_period(c, &in, &r)) return false;
    take(f, &r, lines);
    return true;
}

/* Whatever the catalog does to two charges in a row, and whoever changes plan, country or term in
 * between: a difference has a cause, and no difference has none. */
static void no_difference_without_cause(void **state)
{
    static const char *const plans[] = {"basic", "standard", "premium"};
    static const char *const regions[] = {"", "CA", "NY", "QC", "CN"};
    const struct catalog *c = test_catalog(&arena);
    struct line_facts l0[LINES_MAX], l1[LINES_MAX];
    uint64_t seed = 7;
    int checked = 0, differing = 0;

    (void)state;
    for (int i = 0; i < 60000; i++) {
        uint64_t const x = seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        struct charge_facts was = facts(0), is;
        struct causes causes;

        was.country = c->countries[(x >> 20) % c->n_countries].code;
        was.region = regions[(x >> 28) % COUNT(regions)];
        was.plan = plans[(x >> 32) % COUNT(plans)];
        was.anchor_day = day_of(2017, 1, 1) + (int64_t)((x >> 36) % 1000);
        was.k = (int64_t)((x >> 48) % 60);
        is = was;
        is.k++;
        if ((x >> 54) % 8 == 0) is.plan = plans[(x >> 57) % COUNT(plans)];
        if ((x >> 55) % 16 == 0) is.country = c->countries[(x >> 58) % c->n_countries].code;
        if ((x >> 56) % 16 == 0) is.term++, is.k = 0, is.anchor_day += 1000;
        if (!rate(c, &was, l0) || !rate(c, &is, l1)) continue;
        explain_charge(&was, &is, &causes);
        bool const date = civil_of(was.due_day).day != civil_of(is.due_day).day;
        bool const amount = was.total_minor != is.total_minor;
        checked++;
        differing += date || amount;
        CHECK(causes.n > 0);
        if (cause_of(&causes, WHY_UNKNOWN))
            FAIL("%s %s k %lld: no cause", was.country, is.plan, (long long)is.k);
        if ((date || amount) && cause_of(&causes, WHY_AS_BEFORE))
            FAIL("%s %s k %lld: differs", was.country, is.plan, (long long)is.k);
    }
    CHECK(checked > 20000 && differing > 2000);
}

static void rounds_are_counted(void **state)
{
    struct try_round r = {0};

    (void)state;
    CHECK(try_round_next(&r, 1, 100) == 1); /* primary */
    CHECK(try_round_next(&r, 2, 100) == 1); /* backup */
    CHECK(try_round_next(&r, 1, 100) == 2); /* quick retry */
    CHECK(try_round_next(&r, 2, 101) == 3); /* the first is blocked by now */
    CHECK(try_round_next(&r, 3, 101) == 3);
    for (int64_t m = 10; m < 100; m++) try_round_next(&r, m, 101);
    CHECK(try_round_next(&r, 3, 101) > 3);
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
        CASE("B-05 plan, slot and price changes are causes with old and new", amounts),
        CASE("H-11 credit is a cause where the method pays another amount", credits),
        CASE("A-14, B-05 added and changed taxes are causes with their rates", taxes),
        CASE("B-03, B-05, E-16 missing days, gaps, new terms and partners explain dates", dates),
        CASE("B-05, B-08 late capture is bank posting, after a refusal a retry", payments),
        CASE("B-05 every cause has words", every_cause_has_words),
        CASE("B-05, H-11 evidence is facts, and each language writes them its way",
             facts_have_words),
        CASE("B-05 no charge differs without a cause", no_difference_without_cause),
        CASE("E-17 attempts fall into rounds", rounds_are_counted),
    };

    return cmocka_run_group_tests_name("explain", cases, NULL, forget);
}
