/* price_test: prices that are announced, per member and never for what is charged.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/price.h"

#include "billing/explain.h"
#include "db/outbox.h"
#include "payments/life_test.h"

static struct life life;

static struct price_changed announce(const char *after, int64_t limit)
{
    struct test_db *t = &life.t;
    struct price_change const in = {"Germany", "standard", "2024-04-01", after, limit};
    struct price_changed out;

    CHECK_OK(price_change(&t->cx, life.catalog, &in, &out));
    return out;
}

static int64_t newest(int64_t account_id, int64_t *day)
{
    struct test_db *t = &life.t;
    struct charge *rows;
    size_t n, at = 0;

    CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = account_id, .max = 1000));
    CHECK(n > 0);
    for (size_t i = 0; i < n; i++)
        if (rows[i].charge_id > rows[at].charge_id) at = i;
    *day = rows[at].due_on_day;
    return rows[at].amount_minor;
}

static void check_charge(int64_t account_id, const char *day, int64_t amount_minor)
{
    int64_t due, amount = newest(account_id, &due);

    if (due != life_day(day) || amount != amount_minor)
        FAIL("%s: charged %lld, not %lld", day, (long long)amount, (long long)amount_minor);
}

static int64_t previewed(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct rated r;

    CHECK_OK(billing_preview(&t->cx, life.catalog, account_id, &r));
    return r.total_minor;
}

/* The catalog has 13.99 from 1 April on; it is announced on 20 March with 30 days' notice. */
static void waits_for_the_notice(void **state)
{
    (void)state;
    life_open(&life, "2024-02-01");
    int64_t const a = life_member(&life, "DE", "standard", "2024-01-15", "2024-02-01", "tok_visa");
    int64_t const b = life_member(&life, "DE", "standard", "2024-01-25", "2024-02-01", "tok_visa");
    int64_t const other = life_member(&life, "DE", "basic", "2024-01-15", "2024-02-01", "tok_visa");
    int64_t const us = life_member(&life, "US", "standard", "2024-01-15", "2024-02-01", "tok_visa");
    life_run(&life, "2024-03-20");
    CHECK(previewed(a) == 1399); /* as the catalog says, until it is announced */
    struct price_changed const done = announce(NULL, 0);
    CHECK(done.told == 2 && !*done.next && done.notice_days == 30 && !done.consent);
    CHECK(done.old_minor == 1299 && done.new_minor == 1399);
    CHECK(announce(NULL, 0).told == 0); /* again is nothing */
    CHECK(previewed(a) == 1299 && previewed(b) == 1299);
    life_run(&life, "2024-04-26");
    check_charge(a, "2024-04-15", 1299); /* the notice is over on the 19th */
    check_charge(b, "2024-04-25", 1399);
    check_charge(other, "2024-04-15", 799);
    check_charge(us, "2024-04-15", 1549);
    CHECK(previewed(a) == 1399);
    life_run(&life, "2024-05-17");
    check_charge(a, "2024-05-15", 1399);
    life_close(&life);
}

static void goes_in_batches(void **state)
{
    struct test_db *t = &life.t;
    struct outbox_row *letters;
    int64_t told = 0, letters_seen = 0;
    const char *after = NULL;
    size_t n;

    (void)state;
    life_open(&life, "2024-02-01");
    for (int i = 0; i < 5; i++)
        life_member(&life, "DE", "standard", "2024-01-15", "2024-02-01", "tok_visa");
    for (int rounds = 0; rounds < 4; rounds++) {
        struct price_changed const done = announce(after, 2);

        told += done.told;
        after = done.next;
        if (!*after) break;
    }
    CHECK(told == 5 && !*after);
    CHECK_OK(outbox_after(&t->cx, &letters, &n, .after = 0, .max = 100));
    for (size_t i = 0; i < n; i++) letters_seen += strcmp(letters[i].topic, "price.notice") == 0;
    CHECK(letters_seen == 5);
    int64_t const late =
        life_member(&life, "DE", "standard", "2024-01-20", "2024-02-01", "tok_visa");
    CHECK(announce(NULL, 0).told == 1); /* who came since */
    CHECK(life_look(&life, late).price_new_day == life_day("2024-04-01"));
    life_close(&life);
}

static void asks_for_consent(void **state)
{
    struct test_db *t = &life.t;
    struct price_answer yes;
    char text[8192];

    (void)state;
    life_open(&life, "2024-02-01");
    const char *at =
        strstr(life_catalog, "tax: inclusive,\n    acceptance: cards,\n    taxes: [{name: VAT");
    CHECK(at);
    snprintf(text, sizeof text,
             "%.*ssettings: {price_consent: true, price_notice_days: 10, "
             "source: test}, %s",
             (int)(at - life_catalog), life_catalog, at);
    life_apply(&life, text);
    int64_t const a = life_member(&life, "DE", "standard", "2024-01-15", "2024-02-01", "tok_visa");
    int64_t const b = life_member(&life, "DE", "standard", "2024-01-15", "2024-02-01", "tok_visa");
    struct price_changed const done = announce(NULL, 0);
    CHECK(done.told == 2 && done.consent && done.notice_days == 10);
    life_run(&life, "2024-04-20");
    check_charge(a, "2024-04-15", 1299); /* without consent the old price goes on */
    CHECK_OK(price_consent(&t->cx, &(struct price_ask){.account_id = a}, &yes));
    CHECK(strcmp(yes.applies_on, "2024-04-20") == 0 && yes.new_minor == 1399);
    CHECK(price_consent(&t->cx, &(struct price_ask){.account_id = a}, &yes) == E_CONFLICT);
    CHECK(t->err.fault == &PRICE_NO_QUESTION);
    CHECK(previewed(a) == 1399 && previewed(b) == 1299);
    life_run(&life, "2024-05-17");
    check_charge(a, "2024-05-15", 1399);
    check_charge(b, "2024-05-15", 1299);
    life_close(&life);
}

/* Slots of Germany cost 5.99 instead of 4.99 from 1 April on; `plan` leaves the plan at 12.99, and
 * `settings` stand in the country. */
static void with_slots(bool plan, const char *settings)
{
    struct arena *a = &life.t.arena;
    char *text = arena_strdup(a, life_catalog), *taxes = strstr(text, "taxes: [{name: VAT");
    char *rest = strstr(taxes, "amount: 13.99}");

    *taxes = *rest = '\0';
    life_apply(&life,
               arena_printf(a,
                            "%s%st%samount: %s},\n    {plan: standard, addon: extra_member, "
                            "from: 2015-01-01, until: 2024-04-01, amount: 4.99},\n"
                            "    {plan: standard, addon: extra_member, from: 2024-04-01, amount: "
                            "5.99}%s",
                            text, settings, taxes + 1, plan ? "13.99" : "12.99",
                            rest + strlen("amount: 13.99}")));
}

static int64_t with_slot(void)
{
    struct test_db *t = &life.t;
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-15", "2024-02-01", "tok_visa");

    CHECK_OK(db_script(t->db,
                       arena_printf(&t->arena,
                                    "UPDATE membership SET slots = 1, period_slots = 1"
                                    " WHERE account_id = %lld",
                                    (long long)m),
                       &t->err));
    return m;
}

/* The facts of the only notice to somebody; the caller owns them. */
static json_t *notice_to(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    json_t *found = NULL;
    size_t n;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (rows[i].account_id == account_id && strcmp(rows[i].topic, "price.notice") == 0) {
            CHECK(!found);
            found = json_loads(rows[i].body, 0, NULL);
        }
    return found;
}

static int64_t fact(json_t *facts, const char *name)
{
    return json_integer_value(json_object_get(facts, name));
}

/* By how much each slot of the newest charge is dearer than of the one before. */
static int64_t slot_price_change(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct history h;
    const struct history_row *r;

    CHECK_OK(history_load(&t->cx, account_id, &h));
    r = &h.rows[h.n - 1];
    for (size_t i = 0; i < r->n_changes; i++)
        if (strcmp(r->changes[i].name, "slot_price") == 0)
            return r->changes[i].new_.number - r->changes[i].old.number;
    return 0;
}

static void names_the_slots(void **state)
{
    struct test_db *t = &life.t;
    struct price_answer yes;

    (void)state;
    life_open(&life, "2024-02-01");
    with_slots(true, "settings: {price_consent: true, price_notice_days: 10, source: test}, ");
    int64_t const m = with_slot();
    int64_t const none =
        life_member(&life, "DE", "standard", "2024-01-15", "2024-02-01", "tok_visa");
    struct price_changed const done = announce(NULL, 0);
    CHECK(done.told == 2 && done.slot_old_minor == 499 && done.slot_new_minor == 599);
    json_t *facts = notice_to(m);
    CHECK(fact(facts, "slot_old_minor") == 499 && fact(facts, "slot_new_minor") == 599);
    CHECK(fact(facts, "total_old_minor") == 1798 && fact(facts, "total_new_minor") == 1998);
    json_decref(facts);
    facts = notice_to(none);
    CHECK(!json_object_get(facts, "slot_new_minor") && !json_object_get(facts, "total_new_minor"));
    json_decref(facts);
    life_run(&life, "2024-04-10");
    CHECK_OK(price_consent(&t->cx, &(struct price_ask){.account_id = m}, &yes));
    CHECK(yes.old_minor == 1299 && yes.new_minor == 1399 && yes.slots == 1);
    CHECK(yes.slot_old_minor == 499 && yes.slot_new_minor == 599);
    CHECK(yes.total_old_minor == 1798 && yes.total_new_minor == 1998);
    life_run(&life, "2024-04-16");
    check_charge(m, "2024-04-15", 1998);
    CHECK(slot_price_change(m) == 100);
    check_charge(none, "2024-04-15", 1299);
    life_close(&life);
}

/* Where the price of slots alone changes, those are told who have one, and nobody else. */
static void of_slots_alone(void **state)
{
    (void)state;
    for (int consent = 0; consent < 2; consent++) {
        life_open(&life, "2024-02-01");
        with_slots(false, consent ? "settings: {price_consent: true, price_notice_days: 10, "
                                    "source: test}, "
                                  : "");
        int64_t const m = with_slot();
        int64_t const none =
            life_member(&life, "DE", "standard", "2024-01-15", "2024-02-01", "tok_visa");
        life_run(&life, "2024-03-20");
        CHECK(announce(NULL, 0).told == 1 && !notice_to(none));
        json_t *facts = notice_to(m);
        CHECK(strcmp(json_string_value(json_object_get(facts, "changes")), "slot") == 0);
        CHECK(fact(facts, "old_minor") == 1299 && fact(facts, "new_minor") == 1299);
        json_decref(facts);
        CHECK(announce(NULL, 0).told == 0);
        life_run(&life, "2024-05-17");
        check_charge(m, "2024-05-15", consent ? 1798 : 1898);
        check_charge(none, "2024-05-15", 1299);
        life_close(&life);
    }
}

static void refuses_what_is_none(void **state)
{
    struct test_db *t = &life.t;
    struct price_changed out;
    static const struct {
        struct price_change in;
        const struct fault *why;
    } wrong[] = {
        {{"Atlantis", "standard", "2024-04-01", NULL, 0}, &COUNTRY_UNKNOWN},
        {{"DE", "gold", "2024-04-01", NULL, 0},           &PLAN_UNKNOWN   },
        {{"DE", "standard", "2024-04-02", NULL, 0},       &PRICE_NOT_THERE},
        {{"DE", "standard", "April", NULL, 0},            &PRICE_NOT_THERE},
        {{"US", "basic", "2024-04-01", NULL, 0},          &PRICE_NOT_THERE},
    };

    (void)state;
    life_open(&life, "2024-02-01");
    for (size_t i = 0; i < COUNT(wrong); i++) {
        CHECK(price_change(&t->cx, life.catalog, &wrong[i].in, &out) == wrong[i].why->status);
        CHECK(t->err.fault == wrong[i].why);
    }
    life_close(&life);
}

/* Whatever was announced when: a period has a price of a day that the member was told of, at least
 * so many days before it starts, and never one that is older than before. */
static void dates_it_for_each(void **state)
{
    (void)state;
    for (int64_t today = 100; today < 160; today += 7)
        for (int64_t from = 90; from < 170; from += 3)
            for (int64_t notice = 0; notice < 40; notice += 13)
                for (int bits = 0; bits < 4; bits++)
                    for (int64_t known = 0; known < 180; known += 60) {
                        struct price_terms const was = {.known_day = known};
                        struct price_news const n = {today, from, notice, bits & 1, bits & 2};
                        struct price_terms const is = price_announce(&was, &n);
                        int64_t const old = known ? known : from - 1;
                        bool const waits = (bits & 3) == 3, knows = known >= from;
                        int64_t const told = today + (bits & 1 ? notice : 0);
                        int64_t const since = told > from ? told : from;

                        for (int64_t start = 80; start < 240; start++) {
                            int64_t day = start < old ? start : old;

                            if (!knows && !waits && start >= since) day = from;
                            if (knows) day = known && known < start ? known : start;
                            CHECK(price_day(&is, start) == day);
                        }
                        if (!waits || knows) continue;
                        struct price_terms const yes = price_agree(&is, from, since, today + 5);
                        int64_t const first = since > today + 5 ? since : today + 5;
                        for (int64_t start = 80; start < 240; start++)
                            CHECK(price_day(&yes, start) == (start >= first
                                                                 ? (from < start ? from : start)
                                                                 : (start < old ? start : old)));
                    }
}

/* On hold, while an attempt at the new price has no answer yet. */
static void leaves_what_flies(void **state)
{
    static const struct fault MISSING = {E_INTERNAL, "test.missing", "missing"};
    struct test_db *t = &life.t;
    struct invoice invoice;
    struct charge *c;
    size_t n;

    (void)state;
    life_open(&life, "2024-03-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-02-20", "2024-03-01", "tok_insufficient_funds");
    life_run(&life, "2024-04-05");
    CHECK_OK(db_script(t->db, "UPDATE method SET token = 'tok_slow_capture', fingerprint = 'f'",
                       &t->err));
    life_run(&life, "2024-04-10");
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 9));
    CHECK(n == 2 && c[1].charge_state == CHARGE_UNKNOWN && c[1].amount_minor == 1399);
    CHECK(announce(NULL, 0).told == 1);
    life_run(&life, "2024-04-19");
    CHECK(life_look(&life, m).state == M_ACTIVE);
    CHECK_OK(invoice_by_id(&t->cx, &invoice, &MISSING, .invoice_id = c[1].charge_id));
    CHECK(invoice.total_minor == 1399);
    CHECK(previewed(m) == 1399); /* the notice is over by then */
    life_close(&life);
}

/* What the newest notice of a member says of the old price; 0: none was sent. */
static int64_t told_old(int64_t account_id)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    int64_t old = 0;
    size_t n;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 1000));
    for (size_t i = 0; i < n; i++) {
        if (rows[i].account_id != account_id || strcmp(rows[i].topic, "price.notice") != 0)
            continue;
        CLEANUP(json_decrefp) json_t *body = json_loads(rows[i].body, 0, NULL);
        old = json_integer_value(json_object_get(body, "old_minor"));
    }
    return old;
}

static void knows_from(int64_t account_id, const char *day)
{
    struct test_db *t = &life.t;

    CHECK_OK(db_script(t->db,
                       arena_printf(&t->arena,
                                    "UPDATE membership SET price_known_day = %lld WHERE account_id "
                                    "= %lld",
                                    (long long)life_day(day), (long long)account_id),
                       &t->err));
}

/* The old price is what the member pays: who joined with the new one is left alone, and who was
 * never told of the one before goes on from an older one. */
static void tells_own_prices(void **state)
{
    struct test_db *t = &life.t;
    bool open;

    (void)state;
    life_open(&life, "2024-02-01");
    static const char since[] = "{plan: standard, from: 2015-01-01, until: 2024-04-01";
    const char *at = strstr(life_catalog, since);
    CHECK(at);
    life_apply(&life,
               arena_printf(&t->arena,
                            "%.*s{plan: standard, from: 2015-01-01, until: 2020-01-01, amount: "
                            "10.99},\n             {plan: standard, from: 2020-01-01, until: "
                            "2024-04-01%s",
                            (int)(at - life_catalog), life_catalog, at + strlen(since)));
    int64_t const old =
        life_member(&life, "DE", "standard", "2024-01-25", "2024-02-01", "tok_visa");
    int64_t const as_ever =
        life_member(&life, "DE", "standard", "2024-01-25", "2024-02-01", "tok_visa");
    int64_t const joined =
        life_member(&life, "DE", "standard", "2024-01-25", "2024-02-01", "tok_visa");
    life_run(&life, "2024-04-20");
    knows_from(old, "2018-06-01");
    knows_from(joined, "2024-04-05");
    CHECK(announce(NULL, 0).told == 2 && announce(NULL, 0).told == 0);
    CHECK(told_old(old) == 1099 && told_old(as_ever) == 1299 && told_old(joined) == 0);
    CHECK_OK(price_question(&t->cx, joined, &open));
    CHECK(!open && previewed(joined) == 1399);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("A-08, Y-07 the notice and its answer name the price of slots", names_the_slots),
        CASE("A-08, Y-07 a price of slots alone is told to who has one", of_slots_alone),
        CASE("A-08 a price is dated for each member, and never one that is untold",
             dates_it_for_each),
        CASE("A-08, B-05 a price waits until its notice is over", waits_for_the_notice),
        CASE("A-08 A-14 an attempt that flies is invoiced at the price it asks for",
             leaves_what_flies),
        CASE("A-08 H-11 a notice tells the price that its reader pays, and goes to nobody who pays "
             "the new one",
             tells_own_prices),
        CASE("A-08 everybody is told once, in batches", goes_in_batches),
        CASE("A-08 without consent the old price goes on", asks_for_consent),
        CASE("A-08 what the catalog has no new price for is refused", refuses_what_is_none),
    };
    return RUN_CASES("price", cases);
}
