/* method_test: adding, ordering and trying payment methods, as clients do it: through ops.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/method_test.h"

#include "base/luhn.h"
#include "catalog/catalog_test.h"

/* ---- order ---- */

/* The same by taking a list apart and putting it together again. */
static void move_slowly(struct method_order *o, size_t from, size_t to)
{
    struct method_order rest = {0}, all = {0};

    for (size_t i = 0; i < o->n; i++)
        if (i != from) rest.at[rest.n++] = o->at[i];
    if (to > rest.n) to = rest.n;
    for (size_t i = 0; i <= rest.n; i++) {
        if (i == to) all.at[all.n++] = o->at[from];
        if (i < rest.n) all.at[all.n++] = rest.at[i];
    }
    *o = all;
}

static void moves_keep_the_others(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 6; n++)
        for (size_t from = 0; from < n; from++)
            for (size_t to = 0; to <= n + 1; to++) {
                struct method_order quick = {.n = n}, slow;

                for (size_t i = 0; i < n; i++) quick.at[i].method_id = (int64_t)i + 1;
                slow = quick;
                methods_move(&quick, from, to);
                move_slowly(&slow, from, to);
                for (size_t i = 0; i < n; i++)
                    if (quick.at[i].method_id != slow.at[i].method_id)
                        FAIL("%zu methods, from %zu to %zu", n, from, to);
            }
}

static void the_first_usable_leads(void **state)
{
    (void)state;
    for (unsigned usable = 0; usable < 64; usable++) {
        struct method_order o = {.n = 6};
        size_t first = 0;

        for (size_t i = 0; i < o.n; i++) {
            o.at[i].method_id = (int64_t)i;
            o.at[i].usable = usable >> i & 1;
        }
        while (first < o.n && !o.at[first].usable) first++;
        methods_settle(&o);
        CHECK(o.at[0].method_id == (first < o.n ? (int64_t)first : 0));
        for (size_t i = 2; i < o.n; i++) /* the others stay in order */
            CHECK(o.at[i].method_id > o.at[i - 1].method_id);
    }
}

/* Ranks are 0, 1, 2, … and the membership names the one of rank 0. */
static void check_primary(int64_t account_id, bool settled)
{
    size_t n, usable = 0;
    struct method *m = methods(account_id, &n);

    for (size_t i = 0; i < n; i++) {
        if (m[i].method_rank != (int64_t)i) FAIL("rank %zu is missing", i);
        usable += m[i].method_state == METHOD_USABLE;
    }
    CHECK(life_look(&life, account_id).method_id == (n ? m[0].method_id : 0));
    if (settled && usable) CHECK(m[0].method_state == METHOD_USABLE);
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

static void there_is_one_primary(void **state)
{
    int64_t const m = joins("");
    uint64_t seed = 5;

    (void)state;
    for (int step = 0; step < 300; step++) {
        struct arena *a = &life.t.arena;
        size_t n;
        enum status s;
        const struct method *all = methods(m, &n), *one = n ? &all[next(&seed) % n] : NULL;
        uint64_t const what = next(&seed) % 8;

        if (what == 0 || !one)
            ask(m, "method.add",
                arena_printf(a, "{\"token\":\"tok_visa-%d\",\"primary\":%s}", step,
                             next(&seed) % 2 ? "true" : "false"),
                &s);
        else if (what == 1)
            run_sql(arena_printf(a, "UPDATE method SET method_state = '%s' WHERE method_id = %lld",
                                 next(&seed) % 3 ? "blocked" : "usable",
                                 (long long)one->method_id));
        else if (what < 5)
            ask(m, "method.set_primary", reference(one->method_id), &s);
        else
            ask(m, "method.set_backup", reference(one->method_id), &s);
        check_primary(m, what != 1 && s == OK);
        if (step % 50 == 0) arena_reset(a);
    }
    life_close(&life);
}

static void backups_in_order(void **state)
{
    int64_t const m = joins("tok_insufficient_funds;tok_visa-1;tok_mastercard-2");
    size_t n;

    (void)state;
    int64_t const second = methods(m, &n)[2].method_id;
    CHECK(n == 3);
    done(m, "method.set_backup",
         arena_printf(&life.t.arena, "{\"method\":\"%.*s\",\"place\":1}", 18,
                      reference(second) + strlen("{\"method\":\"")),
         "\"place\":1");
    life_run(&life, "2024-03-01");
    const struct charge *c = charges(m, &n);
    CHECK(n == 1 && c[0].charge_state == CHARGE_CAPTURED && c[0].attempts == 2);
    CHECK(c[0].method_id == second && c[0].recovered_by == RECOVERED_BACKUP);
    CHECK(life_look(&life, m).state == M_ACTIVE);
    life_close(&life);
}

static void ordering_is_refused(void **state)
{
    int64_t const m = joins("tok_visa;tok_mastercard"),
                  other =
                      life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    size_t n;

    (void)state;
    struct method *mine = methods(m, &n);
    int64_t const theirs = methods(other, &n)[0].method_id;
    refused(m, "method.set_primary", reference(theirs), &METHOD_UNKNOWN); /* another's */
    refused(m, "method.set_primary", "{\"method\":\"nonsense\"}", &METHOD_UNKNOWN);
    refused(other, "method.set_backup", reference(theirs), &METHOD_ONLY_ONE);
    done(m, "method.set_backup", reference(mine[0].method_id), "\"place\":1");
    run_sql(arena_printf(&life.t.arena,
                         "UPDATE method SET method_state = 'blocked' WHERE method_id = %lld",
                         (long long)mine[0].method_id));
    refused(m, "method.set_primary", reference(mine[0].method_id), &METHOD_BLOCKED_NOW);
    refused(m, "method.set_backup", reference(mine[1].method_id), &METHOD_ONLY_ONE);
    check_primary(m, true);
    life_close(&life);
}

/* ---- adding ---- */

static void accepted_by_country(void **state)
{
    static const struct {
        const char *country, *token;
        const struct fault *fault; /* NULL: accepted */
    } cases[] = {
        {"DE", "tok_visa",             NULL                         },
        {"DE", "tok_carrier_rhein_de", NULL                         },
        {"DE", "tok_carrier_loire_fr", &METHOD_OPERATOR_NOT_ACCEPTED},
        {"DE", "tok_rupay",            &METHOD_BRAND_NOT_ACCEPTED   },
        {"IN", "tok_rupay",            NULL                         },
        {"IN", "tok_amex",             &METHOD_BRAND_NOT_ACCEPTED   },
        {"US", "tok_discover",         NULL                         },
        {"DE", "tok_gift",             &METHOD_GIFT_NOT_A_METHOD    },
        {"DE", "tok_no_recurring",     &METHOD_NOT_RECURRING        },
        {"DE", "tok_refused",          &METHOD_REFUSED              },
        {"DE", "tok_nonsense",         &METHOD_TOKEN_UNKNOWN        },
    };
    size_t n;
    char *example = test_file("examples/catalog.yaml", &n);

    (void)state;
    life_open(&life, "2024-02-01");
    life_apply(&life, example);
    free(example);
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t const m =
            life_member(&life, cases[i].country, "standard", "2024-01-31", "2024-02-01", "");
        const char *in = arena_printf(&life.t.arena, "{\"token\":\"%s\"}", cases[i].token);

        if (cases[i].fault)
            refused(m, "method.add", in, cases[i].fault);
        else
            done(m, "method.add", in, "\"state\":\"usable\"");
        methods(m, &n);
        CHECK(n == (cases[i].fault ? 0 : 1));
    }
    life_close(&life);
}

/* A card or wallet that the whole table of a country refuses, for its true reason. */
static void refused_for_the_true_reason(void **state)
{
    size_t n, prepaid = 0, wallets = 0;
    char *example = test_file("examples/catalog.yaml", &n);

    (void)state;
    life_open(&life, "2024-02-01");
    life_apply(&life, example);
    free(example);
    for (size_t i = 0; i < life.catalog->n_countries; i++) {
        const struct country *c = &life.catalog->countries[i];
        struct method_card const card = {KIND_CARD, "visa", FUNDING_PREPAID, NULL};
        const struct fault *f = country_accepts(c, &card, life_day("2024-02-01"));
        bool const wallet = country_offers(c, KIND_WALLET, life_day("2024-02-01"));
        int64_t const m = life_member(&life, c->code, "standard", "2024-01-31", "2024-02-01", "");

        CHECK(!f || f == &METHOD_FUNDING_NOT_ACCEPTED || f == &METHOD_BRAND_NOT_ACCEPTED);
        prepaid += f == &METHOD_FUNDING_NOT_ACCEPTED;
        wallets += !wallet;
        if (f) refused(m, "method.add", "{\"token\":\"tok_visa_prepaid\"}", f);
        if (!f) done(m, "method.add", "{\"token\":\"tok_visa_prepaid\"}", "prepaid");
        if (!wallet)
            refused(m, "method.add", "{\"token\":\"tok_wallet\"}", &METHOD_KIND_NOT_ACCEPTED);
    }
    CHECK(prepaid > 0 && wallets > 0);
    life_close(&life);
}

static void keeps_what_is_there(void **state)
{
    int64_t const m = joins("");
    size_t n;

    (void)state;
    done(m, "method.add", "{\"token\":\"tok_visa\"}", "\"place\":0"); /* the first: primary */
    done(m, "method.add", "{\"token\":\"tok_mastercard\"}", "\"place\":1");
    done(m, "method.add", "{\"token\":\"tok_visa_debit\",\"primary\":true}", "\"place\":0");
    life_close(&life);
    int64_t const again = joins("");
    const char *first = done(again, "method.add", "{\"token\":\"tok_visa\"}", "\"place\":0");
    CHECK(strcmp(first, done(again, "method.add", "{\"token\":\"tok_visa\"}", "")) == 0);
    methods(again, &n);
    CHECK(n == 1);
    for (int i = 1; i < METHODS_OF_ACCOUNT_MAX; i++)
        done(again, "method.add", arena_printf(&life.t.arena, "{\"token\":\"tok_visa-%d\"}", i),
             "");
    refused(again, "method.add", "{\"token\":\"tok_visa-99\"}", &METHOD_TOO_MANY);
    run_sql("UPDATE membership SET biller = 'store'");
    refused(again, "method.add", "{\"token\":\"tok_visa-99\"}", &WHY_PARTNER_PAYMENT.fault);
    life_close(&life);
}

/* A gateway that tells all it knows. */
static enum status tell_all(void *state, const char *token, const char *customer,
                            struct gateway_method *out, struct arena *a, struct error *e)
{
    (void)state, (void)token, (void)customer, (void)a, (void)e;
    *out = (struct gateway_method){.kind = KIND_CARD,
                                   .brand = "visa",
                                   .last4 = "4242424242424242",
                                   .issuing_country = "DE",
                                   .operator_ = "",
                                   .fingerprint = "f",
                                   .funding = FUNDING_CREDIT,
                                   .expiry_month = 2031 * 12 + 4,
                                   .recurring = true};
    return OK;
}

static void knows_no_number(void **state)
{
    int64_t const m = joins("");
    struct gateway lying = *life.gateway;
    size_t n;

    (void)state;
    refused(m, "method.add", "{\"token\":\"4242424242424242\"}", &INPUT_CARD_NUMBER);
    refused(m, "method.add", "{\"token\":\"tok 4242 4242 4242 4242\"}", &INPUT_CARD_NUMBER);
    refused(m, "method.set_primary", "{\"method\":\"4242-4242-4242-4242\"}", &INPUT_CARD_NUMBER);
    lying.describe = tell_all;
    life.world.gateway = &lying;
    const char *answer = done(m, "method.add", "{\"token\":\"tok_secret\"}", "\"last4\":\"4242\"");
    CHECK(strstr(answer, "\"expires\":\"2031-05\"") && !strstr(answer, "tok_secret"));
    CHECK(!strstr(done(m, "method.list", "{}", "\"last4\":\"4242\""), "tok_secret"));
    const struct method *row = methods(m, &n);
    CHECK(n == 1 && strcmp(row[0].last4, "4242") == 0 && row[0].expiry_month == 2031 * 12 + 4);
    life_close(&life);
}

/* ---- when a change counts ---- */

static void counts_from_the_next_date(void **state)
{
    int64_t const m = joins("tok_visa");
    size_t n;

    (void)state;
    life_run(&life, "2024-03-10");
    charges(m, &n);
    CHECK(n == 1);
    done(m, "method.add", "{\"token\":\"tok_mastercard\",\"primary\":true}", "\"trial\":\"none\"");
    int64_t const added = life_look(&life, m).method_id;
    life_run(&life, "2024-03-30");
    charges(m, &n);
    CHECK(n == 1); /* nothing before the date */
    life_run(&life, "2024-04-01");
    const struct charge *c = charges(m, &n);
    CHECK(n == 2 && c[0].method_id != added && c[1].method_id == added);
    CHECK(c[1].charge_state == CHARGE_CAPTURED && c[1].attempts == 1);
    life_close(&life);
}

static void tried_at_once_in_grace(void **state)
{
    int64_t const m = joins("tok_insufficient_funds");
    size_t n;

    (void)state;
    life_run(&life, "2024-02-29");
    CHECK(life_look(&life, m).state == M_GRACE);
    const char *answer =
        done(m, "method.add", "{\"token\":\"tok_visa\"}", "\"trial\":\"captured\"");
    CHECK(strstr(answer, "\"membership\":\"active\"") && strstr(answer, "\"amount_minor\":1299"));
    CHECK(strstr(answer, "\"place\":0")); /* and leads from now on */
    const struct charge *c = charges(m, &n);
    CHECK(n == 1 && c[0].charge_state == CHARGE_CAPTURED && c[0].attempts == 2);
    CHECK(c[0].recovered_by == RECOVERED_MEMBER);
    CHECK(life_look(&life, m).period_end_day == life_day("2024-03-31")); /* the period it was */
    life_close(&life);
}

static void tried_at_once_on_hold(void **state)
{
    int64_t const m = joins("tok_insufficient_funds");

    (void)state;
    life_run(&life, "2024-03-10");
    CHECK(life_look(&life, m).state == M_HOLD);
    done(m, "method.add", "{\"token\":\"tok_visa\"}", "\"membership\":\"active\"");
    struct membership const after = life_look(&life, m);
    CHECK(after.term == 2 && after.anchor_day == life_day("2024-03-10"));
    check_primary(m, true);
    life_close(&life);
}

static void a_decline_is_shown(void **state)
{
    size_t n;
    int64_t const m = joins("tok_insufficient_funds");

    (void)state;
    life_run(&life, "2024-02-29");
    const char *answer =
        done(m, "method.add", "{\"token\":\"tok_stolen_card\"}", "\"trial\":\"declined\"");
    /* a stolen card reads as any refusal, and is not tried again */
    CHECK(strstr(answer, "\"reason\":\"bank_refused\"") &&
          strstr(answer, "\"membership\":\"grace\""));
    CHECK(strstr(answer, "\"state\":\"blocked\"") && !strstr(answer, "stolen"));
    const char *first = strstr(answer, "\"checks\":[{\"code\":\"method.accepted_here\"");
    CHECK(first && strstr(first, "\"finding\":\"\""));
    struct charge *c = charges(m, &n);
    CHECK(n == 1 && c[0].charge_state == CHARGE_FAILED && c[0].attempts == 2);
    /* an old method, chosen again, is tried at once too */
    struct method *all = methods(m, &n);
    answer = done(m, "method.set_primary", reference(all[1].method_id), "\"trial\":\"declined\"");
    CHECK(strstr(answer, "\"reason\":\"funds\""));
    c = charges(m, &n);
    CHECK(n == 1 && c[0].attempts == 3);
    life_close(&life);
}

static void a_decline_may_be_a_matter_of_acceptance(void **state)
{
    size_t n;
    char *example = test_file("examples/catalog.yaml", &n);
    int64_t const m = joins("tok_insufficient_funds;tok_insufficient_funds@rupay");

    (void)state;
    life_run(&life, "2024-02-29");
    life_apply(&life, example); /* a catalog in which that brand is not accepted */
    free(example);
    struct method *all = methods(m, &n);
    const char *answer =
        done(m, "method.set_primary", reference(all[1].method_id), "\"trial\":\"declined\"");
    CHECK(strstr(answer, "\"checks\":[{\"code\":\"method.accepted_here\""));
    CHECK(strstr(answer, "\"finding\":\"method.brand_not_accepted\""));
    life_close(&life);
}

static void budgets_hold_for_members_too(void **state)
{
    int64_t const m = joins("tok_insufficient_funds@mastercard");
    int declined = 0;
    size_t n;

    (void)state;
    life_run(&life, "2024-02-29");
    const char *in = reference(methods(m, &n)[0].method_id);
    for (int i = 0; i < 15; i++) {
        enum status s;
        const char *answer = ask(m, "method.set_primary", in, &s);

        CHECK(s == OK);
        declined += strstr(answer, "\"trial\":\"declined\"") != NULL;
        CHECK(i < 9 || strstr(answer, "\"trial\":\"not_now\""));
    }
    CHECK(declined == 9); /* ten in 24 hours, one of them the renewal's */
    life_close(&life);
}

static void a_lost_reply_is_pending(void **state)
{
    int64_t const m = joins("tok_insufficient_funds");
    size_t n;

    (void)state;
    life_run(&life, "2024-02-29");
    done(m, "method.add", "{\"token\":\"tok_lost_reply\"}", "\"trial\":\"pending\"");
    CHECK(life_look(&life, m).state == M_GRACE);
    life_run(&life, "2024-03-03");
    const struct charge *c = charges(m, &n);
    CHECK(n == 1 && c[0].charge_state == CHARGE_CAPTURED && c[0].attempts == 2);
    CHECK(life_look(&life, m).state == M_ACTIVE);
    life_close(&life);
}

static enum gateway_injury cut_off(void *arg, enum gateway_moment moment)
{
    return moment == *(enum gateway_moment *)arg ? GATEWAY_CUT_OFF : GATEWAY_UNHURT;
}

static void an_unreachable_gateway(void **state)
{
    int64_t const m = joins("tok_insufficient_funds");
    enum gateway_moment when = GATEWAY_ON_DESCRIBE;
    size_t n;

    (void)state;
    life_run(&life, "2024-02-29");
    sandbox_injure(life.gateway, cut_off, &when);
    refused(m, "method.add", "{\"token\":\"tok_visa\"}", &GATEWAY_UNREACHABLE);
    when = GATEWAY_ON_CALL;
    done(m, "method.add", "{\"token\":\"tok_visa\"}",
         "\"trial\":\"pending\""); /* stored all the same */
    sandbox_injure(life.gateway, NULL, NULL);
    life_run(&life, "2024-03-03");
    const struct charge *c = charges(m, &n);
    CHECK(n == 1 && c[0].charge_state == CHARGE_CAPTURED);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("C-11 moving a method keeps the others in order", moves_keep_the_others),
        CASE("C-01 as long as any method is usable the primary one is", the_first_usable_leads),
        CASE("C-01 whatever is asked there is one primary method", there_is_one_primary),
        CASE("C-11 a renewal tries the backups in their order", backups_in_order),
        CASE("C-11 only own and usable methods can be put first", ordering_is_refused),
        CASE("C-03 C-05 C-07 C-20 a new method is accepted by the country's table",
             accepted_by_country),
        CASE("C-04 C-06 wallets and prepaid cards are refused for the true reason",
             refused_for_the_true_reason),
        CASE("C-01 C-11 the first method is primary, a known token is answered with itself",
             keeps_what_is_there),
        CASE("C-18 of a card no more is kept or shown than its last four digits", knows_no_number),
        CASE("B-09 a new method counts from the next billing date on", counts_from_the_next_date),
        CASE("B-09 E-08 in grace a new method is tried at once", tried_at_once_in_grace),
        CASE("B-09 E-08 on hold a new method is tried at once", tried_at_once_on_hold),
        CASE("E-08 C-08 the answer shows the decline and what to check first", a_decline_is_shown),
        CASE("C-08 a decline of a card not accepted here says so first",
             a_decline_may_be_a_matter_of_acceptance),
        CASE("E-08 E-10 a card's budget holds for attempts of members too",
             budgets_hold_for_members_too),
        CASE("E-08 a lost reply leaves the attempt pending", a_lost_reply_is_pending),
        CASE("E-08 a method is stored though the gateway cannot be reached",
             an_unreachable_gateway),
    };
    return RUN_CASES("method", cases);
}
