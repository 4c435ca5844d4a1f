/* intake_test: what a row may say, where it puts a member, and that a batch is stored once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/intake.h"

#include "base/calendar.h"
#include "base/id.h"
#include "base/luhn.h"
#include "billing/billing.h"
#include "charge_sql.h"
#include "db/clock.h"
#include "db/db_test.h"
#include "method_sql.h"
#include "payments/method.h"

static int64_t day(const char *text)
{
    int64_t out;

    CHECK(day_parse(text, &out));
    return out;
}

/* A database with the example catalog and a sandbox; the clock stands at the first of 2024. */
struct shop {
    struct test_db db;
    struct intake in;
};

static char *example(struct arena *a, size_t *n)
{
    char path[1024], *text = arena_alloc(a, CATALOG_BYTES_MAX);

    snprintf(path, sizeof path, "%s/examples/catalog.yaml", getenv("SOURCE_ROOT"));
    FILE *f = fopen(path, "r");
    CHECK(f);
    *n = fread(text, 1, CATALOG_BYTES_MAX - 1, f);
    fclose(f);
    return text;
}

static void shop_open(struct shop *s)
{
    struct test_db *t = &s->db;
    struct problems *problems;
    struct catalog_applied done;
    size_t n;

    test_db_open(t, day("2024-01-01") * DAY_MS);
    CHECK_OK(clock_make_test(&t->cx, t->cx.now));
    problems = arena_new(&t->arena, struct problems);
    char *text = example(&t->arena, &n);
    CHECK_OK(catalog_apply(&t->cx, text, n, "example", problems, &done));
    s->in = (struct intake){.terms.as_of_day = day("2024-01-01"), .test_clock = true};
    CHECK_OK(catalog_load(&t->cx, 0, &s->in.terms.catalog));
    CHECK_OK(sandbox_open(t->url, &s->in.gateway, &t->err));
}

static void shop_close(struct shop *s)
{
    struct test_db *t = &s->db;
    char sql[128];

    gateway_close(s->in.gateway);
    if (t->schema[0]) {
        snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %s_sandbox CASCADE", t->schema);
        CHECK_OK(db_script(t->db, sql, &t->err));
    }
    test_db_close(t);
}

/* external_id, plan, country, joined_on; the rest by `with`. */
static struct intake_row plain(const char *id)
{
    struct intake_row row;

    for (size_t i = 0; i < INTAKE_FIELDS; i++) row.at[i] = "";
    row.at[IN_EXTERNAL_ID] = id;
    row.at[IN_PLAN] = "standard";
    row.at[IN_COUNTRY] = "DE";
    row.at[IN_JOINED_ON] = "2022-01-31";
    return row;
}

static struct intake_row with(const char *id, enum intake_field field, const char *value)
{
    struct intake_row row = plain(id);

    row.at[field] = value;
    return row;
}

static struct intake_result take(struct shop *s, struct intake_row row)
{
    struct test_db *t = &s->db;
    struct intake_result result;

    CHECK_OK(intake_members(&t->cx, &s->in, &row, 1, &result));
    return result;
}

static void take_well(struct shop *s, struct intake_row row, enum intake_outcome want)
{
    struct intake_result const r = take(s, row);

    if (r.outcome != want)
        FAIL("%s: %s %s", intake_outcomes.at[r.outcome],
             r.outcome == INTAKE_REJECTED ? r.why.fault->code : "", r.why.detail);
}

static void look(struct shop *s, const char *id, struct account *a, struct membership *m)
{
    struct test_db *t = &s->db;

    CHECK_OK(account_find(&t->cx, id, a));
    CHECK_OK(membership_get(&t->cx, a->account_id, m));
}

/* Walks from the anchor month by month, the slow way: the last day where the day is missing. */
static int64_t slow_start(int64_t anchor, int64_t months)
{
    struct civil const a = civil_of(anchor);
    int64_t year = a.year, month = a.month;

    for (; months > 0; months--) {
        if (++month <= 12) continue;
        month = 1;
        year++;
    }
    int64_t const last = month_days(year, month);
    return day_of(year, month, a.day < last ? a.day : last);
}

static void places_by_anchor(void **state)
{
    (void)state;
    for (int64_t anchor = day("2019-12-25"); anchor < day("2020-03-05"); anchor++)
        for (int64_t as_of = day("2019-12-20"); as_of < day("2021-03-10"); as_of += 3)
            for (int64_t ahead = -40; ahead < 70; ahead += 13) {
                int64_t const through = as_of + ahead, first = ahead < 0 ? as_of : through + 1;
                struct newcomer m = {.joined_day = anchor, .paid_through_day = through};
                int64_t k = 0;

                while (slow_start(anchor, k) < first) k++;
                newcomer_place(&m, as_of);
                CHECK(m.k == k - 1 && m.period_end_day == slow_start(anchor, k));
                CHECK(m.period_start_day == slow_start(anchor, k > 0 ? k - 1 : 0));
            }
}

static void stores_a_member(void **state)
{
    struct shop shop, *s = &shop;
    struct account a;
    struct membership m;
    struct membership_event_row *events;
    struct term_row *terms;
    size_t n;

    (void)state;
    shop_open(s);
    struct test_db *t = &s->db;
    struct intake_row row = plain(" m 1 ");
    row.at[IN_EMAIL] = "anna@example.com";
    row.at[IN_NAME] = " Anna\r\n  Example ";
    row.at[IN_COUNTRY] = "spain";
    row.at[IN_REGION] = "es-gc";
    row.at[IN_PLAN] = "STANDARD with Ads";
    row.at[IN_LOCALE] = "es_ES";
    row.at[IN_TIME_ZONE] = "Atlantic/Canary";
    take_well(s, row, INTAKE_IMPORTED);
    look(s, "m 1", &a, &m);
    CHECK(strcmp(a.name, "Anna Example") == 0 && strcmp(a.email, "anna@example.com") == 0);
    CHECK(strcmp(a.country, "ES") == 0 && strcmp(a.region, "GC") == 0);
    CHECK(strcmp(a.currency, "EUR") == 0 && strcmp(a.zone, "Atlantic/Canary") == 0);
    CHECK(strcmp(a.locale, "es-ES") == 0 && a.joined_day == day("2022-01-31"));
    CHECK(strcmp(m.plan, "standard_ads") == 0 && m.state == M_ACTIVE && m.term == 1);
    CHECK(m.anchor_day == day("2022-01-31") && m.k == 23 && m.step == STEP_RENEW);
    CHECK(m.period_start_day == day("2023-12-31") && m.period_end_day == day("2024-01-31"));
    CHECK(m.due_at == day("2024-01-31") * DAY_MS && m.due_day == day("2024-01-31"));
    CHECK_OK(terms_of(&t->cx, &terms, &n, .account_id = a.account_id, .max = 9));
    CHECK(n == 1 && strcmp(terms[0].term_cause, "imported") == 0);
    CHECK(terms[0].anchor_day == day("2022-01-31"));
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = a.account_id, .max = 9));
    CHECK(n == 1 && events[0].event == MEV_IMPORT && events[0].state_to == M_ACTIVE);
    shop_close(s);
}

static void chooses_the_zone(void **state)
{
    struct shop shop, *s = &shop;
    struct test_db *t = &s->db;
    struct account a;
    struct membership m;

    (void)state;
    shop_open(s);
    take_well(s, plain("country"), INTAKE_IMPORTED);
    CHECK_OK(zone_find("Asia/Tokyo", &s->in.terms.zone, &t->err));
    take_well(s, plain("file"), INTAKE_IMPORTED);
    take_well(s, with("row", IN_TIME_ZONE, "America/New_York"), INTAKE_IMPORTED);
    look(s, "country", &a, &m);
    CHECK(strcmp(a.zone, "Europe/Berlin") == 0);
    CHECK(m.due_at == day("2024-01-31") * DAY_MS - 3600000);
    look(s, "file", &a, &m);
    CHECK(strcmp(a.zone, "Asia/Tokyo") == 0);
    CHECK(m.due_at == day("2024-01-31") * DAY_MS - 9 * 3600000 && m.due_day == day("2024-01-30"));
    look(s, "row", &a, &m);
    CHECK(strcmp(a.zone, "America/New_York") == 0);
    CHECK(m.due_at == day("2024-01-31") * DAY_MS + 5 * 3600000);
    shop_close(s);
}

static void refuses_rows(void **state)
{
    static const char nine[] = "tok_a;tok_b;tok_c;tok_d;tok_e;tok_f;tok_g;tok_h;tok_i";
    static const struct {
        enum intake_field field;
        const char *value, *code;
    } cases[] = {
        {IN_EXTERNAL_ID,  "",                    "member.value_missing"      },
        {IN_EXTERNAL_ID,  " \t",                 "member.value_missing"      },
        {IN_EXTERNAL_ID,  "two\nlines",          "member.external_id_invalid"},
        {IN_PLAN,         "",                    "member.value_missing"      },
        {IN_PLAN,         "Gold",                "member.plan_unknown"       },
        {IN_COUNTRY,      "Atlantis",            "member.country_unknown"    },
        {IN_COUNTRY,      "D",                   "member.country_unknown"    },
        {IN_JOINED_ON,    "2023-02-31",          "member.date_invalid"       },
        {IN_JOINED_ON,    "2023-02-29",          "member.date_invalid"       },
        {IN_JOINED_ON,    "31.01.2023",          "member.date_invalid"       },
        {IN_JOINED_ON,    "2023-1-31",           "member.date_invalid"       },
        {IN_JOINED_ON,    "yesterday",           "member.date_invalid"       },
        {IN_JOINED_ON,    "2023-01-31 12:00",    "member.date_invalid"       },
        {IN_JOINED_ON,    "0023-01-31",          "member.date_range"         },
        {IN_JOINED_ON,    "1969-12-31",          "member.date_range"         },
        {IN_JOINED_ON,    "2025-01-02",          "member.date_range"         },
        {IN_PAID_THROUGH, "2023-13-01",          "member.date_invalid"       },
        {IN_PAID_THROUGH, "2099-01-01",          "member.date_range"         },
        {IN_EMAIL,        "anna",                "member.email_invalid"      },
        {IN_EMAIL,        "anna@",               "member.email_invalid"      },
        {IN_EMAIL,        "an na@example.com",   "member.email_invalid"      },
        {IN_EMAIL,        "an\nna@example.com",  "member.email_invalid"      },
        {IN_EMAIL,        "anna@@example.com",   "member.email_invalid"      },
        {IN_EMAIL,        "anna@example",        "member.email_invalid"      },
        {IN_NAME,         "4242 4242 4242 4242", "input.card_number"         },
        {IN_BILLER,       "App$tore",            "member.biller_unknown"     },
        {IN_LOCALE,       "german, please",      "member.locale_invalid"     },
        {IN_LOCALE,       "de--DE",              "member.locale_invalid"     },
        {IN_TIME_ZONE,    "Europe/Atlantis",     "member.zone_unknown"       },
        {IN_TIME_ZONE,    "../../etc/passwd",    "member.zone_unknown"       },
        {IN_METHOD,       "4242424242424242",    "method.is_number"          },
        {IN_METHOD,       "tok_nonsense",        "method.token_unknown"      },
        {IN_METHOD,       "tok_visa;nonsense",   "method.token_unknown"      },
        {IN_METHOD,       "tok_visa; tok_visa",  "member.method_invalid"     },
        {IN_METHOD,       nine,                  "member.method_invalid"     },
        {IN_METHOD,       "tok_no_recurring",    "method.not_recurring"      },
        {IN_METHOD,       "tok_unionpay",        "method.brand_not_accepted" },
    };
    struct shop shop, *s = &shop;
    char long_name[300] = "";
    struct account a;

    (void)state;
    shop_open(s);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct intake_result const r = take(s, with("m1", cases[i].field, cases[i].value));

        if (r.outcome != INTAKE_REJECTED || strcmp(r.why.fault->code, cases[i].code) != 0)
            FAIL("%s '%s': %s, not %s", intake_fields.at[cases[i].field], cases[i].value,
                 r.why.fault ? r.why.fault->code : intake_outcomes.at[r.outcome], cases[i].code);
    }
    struct intake_row named = with("m1", IN_COUNTRY, "US");
    named.at[IN_REGION] = "California";
    CHECK(take(s, named).why.fault == &MEMBER_REGION_INVALID);
    struct intake_row partner = with("m1", IN_BILLER, "delta_cable");
    partner.at[IN_METHOD] = "tok_visa";
    CHECK(take(s, partner).why.fault == &METHOD_PARTNER_BILLED);
    memset(long_name, 'x', sizeof long_name - 1);
    CHECK(take(s, with("m1", IN_NAME, long_name)).why.fault == &MEMBER_VALUE_TOO_LONG);
    CHECK(take(s, with(long_name, IN_NAME, "")).why.fault == &MEMBER_VALUE_TOO_LONG);
    CHECK(account_find(&s->db.cx, "m1", &a) == E_NOT_FOUND); /* nothing was kept of any */
    shop_close(s);
}

/* Files of tzdata that are the machine's own matter, or nobody's. */
static void refuses_zones_of_no_place(void **state)
{
    static const char *const zones[] = {
        "Factory",
        "posixrules",
        "localtime",
        "right/Europe/Berlin",
        "posix/Europe/Berlin",
        "leapseconds",
        "tzdata.zi",
        "zone.tab",
        "+01",
    };
    struct shop shop, *s = &shop;

    (void)state;
    shop_open(s);
    for (size_t i = 0; i < COUNT(zones); i++)
        if (take(s, with("m1", IN_TIME_ZONE, zones[i])).why.fault != &MEMBER_ZONE_UNKNOWN)
            FAIL("%s is a zone", zones[i]);
    take_well(s, with("m2", IN_TIME_ZONE, "Etc/UTC"), INTAKE_IMPORTED);
    shop_close(s);
}

/* U+0000 to U+001F and U+007F to U+009F, at the ends of a text too; blanks are none of them. */
static void refuses_controls(void **state)
{
    static const struct {
        enum intake_field field;
        const char *value, *code;
    } cases[] = {
        {IN_EXTERNAL_ID, "x\xc2\x85y",       "member.external_id_invalid"},
        {IN_EXTERNAL_ID, "end\x7f",          "member.external_id_invalid"},
        {IN_EXTERNAL_ID, "\xc2\x9f",         "member.external_id_invalid"},
        {IN_EXTERNAL_ID, "\x01start",        "member.external_id_invalid"},
        {IN_NAME,        "Ann\x7f",          "member.value_invalid"      },
        {IN_NAME,        "\x1b[31mAnn",      "member.value_invalid"      },
        {IN_NAME,        "An\xc2\x9bn",      "member.value_invalid"      },
        {IN_REGION,      "Ba\xc2\x80yern",   "member.value_invalid"      },
        {IN_EMAIL,       "an\xc2\x80@a.com", "member.email_invalid"      },
        {IN_EMAIL,       "anna@a.com\x7f",   "member.email_invalid"      },
        {IN_METHOD,      "tok_visa\x7f",     "method.token_unknown"      },
    };
    struct shop shop, *s = &shop;
    struct account a;
    struct membership m;

    (void)state;
    shop_open(s);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct intake_result const r = take(s, with("m1", cases[i].field, cases[i].value));

        if (r.outcome != INTAKE_REJECTED || strcmp(r.why.fault->code, cases[i].code) != 0)
            FAIL("%zu: not %s", i, cases[i].code);
    }
    take_well(s, with("\xc2\xa0kept", IN_NAME, "Ann\r\n\tExample"), INTAKE_IMPORTED);
    look(s, "\xc2\xa0kept", &a, &m);
    CHECK(strcmp(a.name, "Ann Example") == 0);
    shop_close(s);
}

/* Nobody new gets an id that names somebody else somewhere; who has one keeps it. */
static void reserves_ids(void **state)
{
    static const char *const reserved[] = {"me",     "system", ".",     "..",
                                           "erased", "mem_1",  "acc_x", "mem_"};
    static const char *const free_ones[] = {"Me",  "me2",    "member", "Erased",
                                            "...", "xmem_1", "mem-1"};
    struct shop shop, *s = &shop;
    struct test_db *t = &s->db;
    char own[ID_TEXT];
    struct account a;

    (void)state;
    shop_open(s);
    for (size_t i = 0; i < COUNT(reserved); i++) {
        struct intake_result const r = take(s, plain(reserved[i]));

        if (r.outcome != INTAKE_REJECTED || r.why.fault != &MEMBER_EXTERNAL_ID_RESERVED)
            FAIL("%s was taken", reserved[i]);
    }
    for (size_t i = 0; i < COUNT(free_ones); i++)
        take_well(s, plain(free_ones[i]), INTAKE_IMPORTED);
    CHECK_OK(account_find(&t->cx, "me2", &a));
    struct intake_result const r = take(s, plain(id_text("mem", a.account_id, own)));
    CHECK(r.why.fault == &MEMBER_EXTERNAL_ID_RESERVED);
    CHECK_OK(db_script(t->db, "UPDATE account SET external_id = 'me' WHERE external_id = 'Me'",
                       &t->err));
    s->in.look_first = false;
    take_well(s, plain("me"), INTAKE_UNCHANGED);
    shop_close(s);
}

static void takes_odd_rows(void **state)
{
    struct shop shop, *s = &shop;
    struct account a;
    struct membership m;

    (void)state;
    shop_open(s);
    take_well(s, with("closed", IN_PLAN, "basic"), INTAKE_IMPORTED);
    take_well(s, with("Bavarian", IN_REGION, "Bayern"), INTAKE_IMPORTED); /* no tax asks */
    take_well(s, with("first day", IN_JOINED_ON, "1970-01-01"), INTAKE_IMPORTED);
    look(s, "first day", &a, &m);
    CHECK(m.anchor_day == 0 && m.period_end_day == day("2024-01-01") && m.k == 647);
    take_well(s, with("today", IN_JOINED_ON, "2024-01-01"), INTAKE_IMPORTED);
    take_well(s, with("ahead", IN_JOINED_ON, "2024-03-30"), INTAKE_IMPORTED);
    take_well(s, with("paid", IN_PAID_THROUGH, "2024-01-31"), INTAKE_IMPORTED);
    take_well(s, with("paid long ago", IN_PAID_THROUGH, "2022-02-27"), INTAKE_IMPORTED);
    look(s, "closed", &a, &m);
    CHECK(strcmp(m.plan, "basic") == 0);
    look(s, "today", &a, &m);
    CHECK(m.k == -1 && m.period_end_day == day("2024-01-01"));
    look(s, "ahead", &a, &m);
    CHECK(m.k == -1 && m.period_start_day == day("2024-03-30"));
    CHECK(m.period_end_day == day("2024-03-30") && m.due_day == day("2024-03-29"));
    look(s, "paid", &a, &m);
    CHECK(m.period_start_day == day("2024-01-31") && m.period_end_day == day("2024-02-29"));
    CHECK(m.anchor_day == day("2022-01-31"));
    look(s, "paid long ago", &a, &m);
    CHECK(m.period_end_day == day("2024-01-31"));
    s->in.terms.date_format = "%d/%m/%Y";
    take_well(s, with("format", IN_JOINED_ON, "31/1/2022"), INTAKE_IMPORTED);
    CHECK(take(s, with("other", IN_JOINED_ON, "2022-01-31")).why.fault == &MEMBER_DATE_INVALID);
    shop_close(s);
}

static size_t stored(struct shop *s, int64_t account_id, struct method **out)
{
    struct test_db *t = &s->db;
    size_t n;

    CHECK_OK(methods_of(&t->cx, out, &n, .account_id = account_id, .max = 20));
    return n;
}

static void keeps_methods(void **state)
{
    struct shop shop, *s = &shop;
    struct method *list;
    struct account a;
    struct membership m;

    (void)state;
    shop_open(s);
    take_well(s, plain("none"), INTAKE_IMPORTED);
    take_well(s, with("three", IN_METHOD, "tok_insufficient_funds; tok_mastercard;;tok_visa"),
              INTAKE_IMPORTED);
    look(s, "none", &a, &m);
    CHECK(stored(s, a.account_id, &list) == 1 && strcmp(list[0].token, "tok_visa") == 0);
    CHECK(m.method_id == list[0].method_id && list[0].method_rank == 0);
    look(s, "three", &a, &m);
    CHECK(stored(s, a.account_id, &list) == 3 && m.method_id == list[0].method_id);
    CHECK(strcmp(list[0].token, "tok_insufficient_funds") == 0 && list[0].method_rank == 0);
    CHECK(strcmp(list[1].token, "tok_mastercard") == 0 && list[1].method_rank == 1);
    CHECK(strcmp(list[2].token, "tok_visa") == 0 && list[2].method_rank == 2);
    s->in.test_clock = false; /* by the real clock nobody is given a card */
    take_well(s, plain("real"), INTAKE_IMPORTED);
    look(s, "real", &a, &m);
    CHECK(stored(s, a.account_id, &list) == 0 && m.method_id == 0 && m.step == STEP_RENEW);
    shop_close(s);
}

static int64_t wall(void *arg)
{
    (void)arg;
    return 1704067200000;
}

static bool gone(void *arg, const char *process)
{
    (void)arg, (void)process;
    return false;
}

static void no_pause(void *arg, int64_t ms)
{
    (void)arg, (void)ms;
}

static size_t charged(struct shop *s, int64_t account_id, int64_t first_k, int64_t last_k,
                      struct charge *last)
{
    struct test_db *t = &s->db;
    size_t all = 0;

    for (int64_t k = first_k; k <= last_k; k++) {
        struct charge *list;
        size_t n;

        CHECK_OK(charges_by_key(&t->cx, &list, &n, .account_id = account_id, .term = 1, .k = k,
                                .kind = CHARGE_RENEWAL, .subject = 0, .max = 2));
        if (n) *last = list[0];
        all += n;
    }
    return all;
}

static void bills_what_is_ours(void **state)
{
    struct machine const machine = {
        .wall_ms = wall, .process_gone = gone, .pause = no_pause, .process = "test"};
    struct shop shop, *s = &shop;
    struct test_db *t = &s->db;
    struct charge last = {0};
    struct account a;
    struct membership m;

    (void)state;
    shop_open(s);
    take_well(s, plain("ours"), INTAKE_IMPORTED);
    take_well(s, with("theirs", IN_BILLER, "App Store"), INTAKE_IMPORTED);
    look(s, "theirs", &a, &m);
    CHECK(strcmp(m.biller, "app_store") == 0 && m.state == M_ACTIVE);
    CHECK(m.step == STEP_NONE && m.due_at == 0 && m.due_day == 0 && m.method_id == 0);
    struct world const w = {.machine = &machine, .gateway = s->in.gateway, .test_clock = true};
    CHECK_OK(payments_run(&t->cx, &w, day("2024-05-01") * DAY_MS));
    CHECK(charged(s, a.account_id, 0, 30, &last) == 0);
    look(s, "ours", &a, &m);
    CHECK(m.k == 27 && m.period_start_day == day("2024-04-30"));
    CHECK(charged(s, a.account_id, 0, 23, &last) == 0); /* before as_of is paid */
    CHECK(charged(s, a.account_id, 24, 30, &last) == 4);
    CHECK(last.charge_state == CHARGE_CAPTURED && last.due_on_day == day("2024-04-30"));
    take_well(s, plain("ours"), INTAKE_UNCHANGED); /* the days that Foyer billed stay billed */
    look(s, "ours", &a, &m);
    CHECK(m.k == 27);
    shop_close(s);
}

/* In grace the unpaid period is paid; a blocked method is never the primary while another works. */
static void pays_at_once(void **state)
{
    static const char *const before_and_after[][2] = {
        {"tok_insufficient_funds", "tok_visa"                },
        {"tok_stolen_card",        "tok_stolen_card;tok_visa"},
    };
    struct machine const machine = {
        .wall_ms = wall, .process_gone = gone, .pause = no_pause, .process = "test"};

    (void)state;
    for (size_t i = 0; i < COUNT(before_and_after); i++) {
        struct shop shop, *s = &shop;
        struct test_db *t = &s->db;
        struct charge last = {0};
        struct account a;
        struct membership m;

        shop_open(s);
        struct world const w = {.machine = &machine, .gateway = s->in.gateway, .test_clock = true};
        take_well(s, with("m1", IN_METHOD, before_and_after[i][0]), INTAKE_IMPORTED);
        CHECK_OK(payments_run(&t->cx, &w, day("2024-02-02") * DAY_MS));
        look(s, "m1", &a, &m);
        CHECK(m.state == M_GRACE);
        t->cx.now = day("2024-02-02") * DAY_MS;
        s->in.update = true;
        take_well(s, with("m1", IN_METHOD, before_and_after[i][1]), INTAKE_UPDATED);
        CHECK_OK(payments_run(&t->cx, &w, day("2024-02-02") * DAY_MS + 1));
        look(s, "m1", &a, &m);
        CHECK(m.state == M_ACTIVE && charged(s, a.account_id, 24, 24, &last) == 1);
        CHECK(last.charge_state == CHARGE_CAPTURED && last.method_id == m.method_id);
        shop_close(s);
    }
}

static void tells_same_from_other(void **state)
{
    static const struct {
        enum intake_field field;
        const char *value;
        enum intake_outcome without, update;
    } cases[] = {
        {IN_NAME,         " Anna  ",       INTAKE_UNCHANGED, INTAKE_UNCHANGED},
        {IN_COUNTRY,      "Germany",       INTAKE_UNCHANGED, INTAKE_UNCHANGED},
        {IN_PLAN,         "Standard",      INTAKE_UNCHANGED, INTAKE_UNCHANGED},
        {IN_BILLER,       "Direct",        INTAKE_UNCHANGED, INTAKE_UNCHANGED},
        {IN_PLAN,         "premium",       INTAKE_REJECTED,  INTAKE_REJECTED },
        {IN_COUNTRY,      "AT",            INTAKE_REJECTED,  INTAKE_REJECTED },
        {IN_JOINED_ON,    "2022-01-30",    INTAKE_REJECTED,  INTAKE_REJECTED },
        {IN_PAID_THROUGH, "2024-02-01",    INTAKE_REJECTED,  INTAKE_REJECTED },
        {IN_BILLER,       "Delta Cable",   INTAKE_REJECTED,  INTAKE_REJECTED },
        {IN_EMAIL,        "b@example.com", INTAKE_REJECTED,  INTAKE_UPDATED  },
        {IN_NAME,         "Berta",         INTAKE_REJECTED,  INTAKE_UPDATED  },
        {IN_REGION,       "BY",            INTAKE_REJECTED,  INTAKE_UPDATED  },
        {IN_LOCALE,       "fr",            INTAKE_REJECTED,  INTAKE_UPDATED  },
        {IN_TIME_ZONE,    "Asia/Tokyo",    INTAKE_REJECTED,  INTAKE_UPDATED  },
        {IN_METHOD,       "tok_amex",      INTAKE_REJECTED,  INTAKE_UPDATED  },
    };
    struct shop shop, *s = &shop;
    struct intake_result r;

    (void)state;
    shop_open(s);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char id[16];

        snprintf(id, sizeof id, "m%zu", i);
        struct intake_row row = with(id, IN_NAME, "Anna");
        s->in.update = s->in.dry_run = false;
        take_well(s, row, INTAKE_IMPORTED);
        take_well(s, row, INTAKE_UNCHANGED);
        row.at[cases[i].field] = cases[i].value;
        take_well(s, row, cases[i].without);
        s->in.update = s->in.dry_run = true;
        take_well(s, row, cases[i].update);
        take_well(s, row, cases[i].update); /* the dry run changed nothing */
        s->in.dry_run = false;
        r = take(s, row);
        CHECK(r.outcome == cases[i].update);
        CHECK(r.outcome != INTAKE_REJECTED || r.why.fault == &MEMBER_DIFFERS);
        take_well(s, row, r.outcome == INTAKE_UPDATED ? INTAKE_UNCHANGED : r.outcome);
    }
    shop_close(s);
}

static void updates(void **state)
{
    struct shop shop, *s = &shop;
    struct account a, b;
    struct membership m;
    struct method *list;

    (void)state;
    shop_open(s);
    struct intake_row row = with("m1", IN_METHOD, "tok_visa;tok_mastercard");
    row.at[IN_EMAIL] = "a@example.com";
    take_well(s, row, INTAKE_IMPORTED);
    look(s, "m1", &a, &m);
    CHECK(stored(s, a.account_id, &list) == 2);
    int64_t const visa = list[0].method_id, mastercard = list[1].method_id;
    s->in.update = true;
    row.at[IN_EMAIL] = ""; /* says nothing, so the address stays */
    row.at[IN_METHOD] = "tok_mastercard;tok_amex";
    row.at[IN_TIME_ZONE] = "Asia/Tokyo";
    take_well(s, row, INTAKE_UPDATED);
    look(s, "m1", &b, &m);
    CHECK(strcmp(b.email, "a@example.com") == 0 && strcmp(b.zone, "Asia/Tokyo") == 0);
    CHECK(m.period_end_day == day("2024-01-31") && m.k == 23);
    CHECK(m.due_at == day("2024-01-31") * DAY_MS - 9 * 3600000);
    CHECK(stored(s, a.account_id, &list) == 2 && m.method_id == mastercard);
    CHECK(list[0].method_id == mastercard && strcmp(list[1].token, "tok_amex") == 0);
    CHECK(list[1].method_id != visa && list[1].method_rank == 1);
    row.at[IN_METHOD] = "";
    row.at[IN_TIME_ZONE] = "";
    row.at[IN_NAME] = "Anna";
    take_well(s, row, INTAKE_UPDATED);
    look(s, "m1", &b, &m);
    CHECK(strcmp(b.zone, "Asia/Tokyo") == 0 && strcmp(b.name, "Anna") == 0);
    CHECK(stored(s, a.account_id, &list) == 2 && m.method_id == mastercard);
    shop_close(s);
}

/* A bank has taken back what the card paid before it was taken away. */
static void stays_disputed(void **state)
{
    struct shop shop, *s = &shop;
    struct test_db *t = &s->db;
    struct membership m;
    struct method *list;
    struct account a;

    (void)state;
    shop_open(s);
    take_well(s, with("m1", IN_METHOD, "tok_visa"), INTAKE_IMPORTED);
    look(s, "m1", &a, &m);
    CHECK(stored(s, a.account_id, &list) == 1);
    CHECK_OK(db_script(
        t->db,
        arena_printf(&t->arena,
                     "INSERT INTO attempt VALUES (9, 1, %1$lld, %2$lld, 'captured', 100, '', '',"
                     " '', '', 0, 0);"
                     "INSERT INTO dispute VALUES (8, %1$lld, 9, 100, 'EUR', 'lost', '', 0, 1, 0,"
                     " %2$lld)",
                     (long long)a.account_id, (long long)list[0].method_id),
        &t->err));
    s->in.update = true;
    take_well(s, with("m1", IN_METHOD, "tok_mastercard"), INTAKE_UPDATED);
    take_well(s, with("m1", IN_METHOD, "tok_visa;tok_mastercard"), INTAKE_UPDATED);
    look(s, "m1", &a, &m);
    CHECK(stored(s, a.account_id, &list) == 2 && m.method_id == list[0].method_id);
    CHECK(strcmp(list[0].token, "tok_mastercard") == 0 && strcmp(list[1].token, "tok_visa") == 0);
    CHECK(list[1].method_state == METHOD_BLOCKED && !strcmp(list[1].blocked_code, "disputed"));
    shop_close(s);
}

static void counts_from_as_of(void **state)
{
    struct membership_event_row *events;
    struct shop shop, *s = &shop;
    struct test_db *t = &s->db;
    struct account a;
    struct membership m;
    size_t n;

    (void)state;
    shop_open(s);
    s->in.terms.as_of_day = day("2023-11-10");
    take_well(s, plain("late"), INTAKE_IMPORTED); /* renewals were due before the import ran */
    look(s, "late", &a, &m);
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = a.account_id, .max = 9));
    CHECK(n == 1 && events[0].happened_at == day("2023-11-10") * DAY_MS - 3600000);
    CHECK(events[0].happened_at < m.due_at && m.due_at < t->cx.now);
    s->in.terms.as_of_day = day("2024-02-10");
    take_well(s, plain("early"), INTAKE_IMPORTED); /* never at a time to come */
    look(s, "early", &a, &m);
    CHECK_OK(membership_events_of(&t->cx, &events, &n, .account_id = a.account_id, .max = 9));
    CHECK(n == 1 && events[0].happened_at == t->cx.now);
    shop_close(s);
}

/* Hurts the n-th commit. */
struct plan_of_injury {
    int commits;
    enum db_injury injury;
};

static enum db_injury hurt_commit(void *arg, enum db_moment moment)
{
    struct plan_of_injury *p = arg;

    return moment == AT_COMMIT && p->commits-- == 0 ? p->injury : UNHURT;
}

static void survives_injuries(void **state)
{
    static const enum db_injury injuries[] = {LOSE_RACE, LOSE_REPLY};
    enum { N = 50 };

    (void)state;
    for (size_t i = 0; i < COUNT(injuries); i++) {
        struct plan_of_injury injury = {0, injuries[i]};
        struct intake_row rows[N];
        struct intake_result results[N];
        struct shop shop, *s = &shop;
        struct test_db *t = &s->db;
        char ids[N][16];

        shop_open(s);
        for (size_t k = 0; k < N; k++) {
            snprintf(ids[k], sizeof ids[k], "m%zu", k);
            rows[k] = plain(ids[k]);
        }
        take_well(s, rows[7], INTAKE_IMPORTED); /* somebody is known before */
        db_injure(t->db, hurt_commit, &injury);
        CHECK_OK(intake_members(&t->cx, &s->in, rows, N, results));
        db_injure(t->db, NULL, NULL);
        for (size_t k = 0; k < N; k++)
            CHECK(results[k].outcome == (k == 7 ? INTAKE_UNCHANGED : INTAKE_IMPORTED));
        CHECK(injury.commits < 0);
        CHECK_OK(intake_members(&t->cx, &s->in, rows, N, results));
        for (size_t k = 0; k < N; k++) CHECK(results[k].outcome == INTAKE_UNCHANGED);
        shop_close(s);
    }
}

static void consents_come_along(void **state)
{
    struct shop s;
    struct test_db *t = &s.db;
    struct intake_row row;
    struct consent *c;
    struct account a;
    struct membership m;
    size_t n;

    (void)state;
    shop_open(&s);
    take_well(&s, plain("ours"), INTAKE_IMPORTED);
    take_well(&s, plain("ours"), INTAKE_UNCHANGED);
    row = with("theirs", IN_BILLER, "App Store");
    take_well(&s, row, INTAKE_IMPORTED);
    look(&s, "ours", &a, &m);
    CHECK_OK(consent_list(&t->cx, a.account_id, &c, &n));
    CHECK(n == 1 && strcmp(c->text_version, "imported") == 0);
    CHECK(strcmp(c->surface, "import") == 0 && strcmp(c->source_op, "import") == 0);
    CHECK(c->consented_at == t->cx.now && c->keep_until_day == day("2027-01-02"));
    look(&s, "theirs", &a, &m);
    CHECK_OK(consent_list(&t->cx, a.account_id, &c, &n));
    CHECK(n == 0); /* of charges by a partner no consent is ours */
    shop_close(&s);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-02 B-03 imported members stand where a walk from the joining day puts them",
             places_by_anchor),
        CASE("B-02 B-04 a row becomes an account, a membership, a term and its cause",
             stores_a_member),
        CASE("B-04 the zone is the row's, else the file's, else the country's", chooses_the_zone),
        CASE("B-04 a zone that is no place is refused", refuses_zones_of_no_place),
        CASE("C-03 C-18 a row that is wrong is refused with its reason and leaves nothing",
             refuses_rows),
        CASE("C-18 control characters are refused in every text", refuses_controls),
        CASE("B-02 nobody new gets an id that means something else", reserves_ids),
        CASE("A-10 B-02 closed plans, future joining days and paid days are taken over",
             takes_odd_rows),
        CASE("C-01 C-11 the first method is the primary, the others are backups in order",
             keeps_methods),
        CASE("B-07 B-14 partners' members are never charged, ours only for days not paid",
             bills_what_is_ours),
        CASE("B-09 a method that an update brings is tried at once while a payment is failed",
             pays_at_once),
        CASE("B-16 imported members bring their consent, partners' members none",
             consents_come_along),
        CASE("the same content is unchanged, other content differs", tells_same_from_other),
        CASE("I-06 a card that an update brings back stays disputed", stays_disputed),
        CASE("an update changes contact data, zone and methods only", updates),
        CASE("E-23 an import counts from as_of, before what was due then", counts_from_as_of),
        CASE("B-11 lost races and lost replies import nobody twice", survives_injuries),
    };
    return RUN_CASES("intake", cases);
}
