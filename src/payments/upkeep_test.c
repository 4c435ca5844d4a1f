/* upkeep_test: new details for a method, and taking one away, through ops.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/luhn.h"
#include "billing/dispute.h"
#include "payments/method_test.h"

/* {"method": …, MORE} */
static const char *about(int64_t method_id, const char *more)
{
    const char *plain = reference(method_id);

    return arena_printf(&life.t.arena, "%.*s%s%s}", (int)strlen(plain) - 1, plain, *more ? "," : "",
                        more);
}

static int64_t nth(int64_t account_id, size_t place)
{
    size_t n;
    const struct method *m = methods(account_id, &n);

    CHECK(place < n);
    return m[place].method_id;
}

static size_t count(int64_t account_id)
{
    size_t n;

    methods(account_id, &n);
    return n;
}

/* ---- taking one away ---- */

static void the_next_backup_leads(void **state)
{
    int64_t const m = joins("tok_visa;tok_insufficient_funds;tok_mastercard");
    int64_t const first = nth(m, 0), second = nth(m, 1), third = nth(m, 2);
    char text[ID_TEXT];

    (void)state;
    done(m, "method.remove", reference(first),
         arena_printf(&life.t.arena, "\"primary\":\"%s\"", id_text("mth", second, text)));
    CHECK(count(m) == 2 && nth(m, 0) == second && nth(m, 1) == third);
    CHECK(life_look(&life, m).method_id == second);
    refused(m, "method.remove", reference(first), &METHOD_UNKNOWN);
    run_sql(arena_printf(&life.t.arena,
                         "UPDATE method SET method_state = 'blocked' WHERE method_id = %lld",
                         (long long)second));
    done(m, "method.remove", reference(second), "\"last_usable\":false"); /* it pays no more */
    CHECK(count(m) == 1 && life_look(&life, m).method_id == third);
    life_run(&life, "2024-03-01");
    CHECK(life_look(&life, m).state == M_ACTIVE);
    done(m, "method.add", "{\"token\":\"tok_visa\"}", "\"place\":1"); /* the same, anew */
    CHECK(count(m) == 2);
    done(m, "method.list", "{}", "\"event\":\"removed\"");
    life_close(&life);
}

static void the_last_one_warns(void **state)
{
    int64_t const m = joins("tok_visa;tok_mastercard");
    int64_t const first = nth(m, 0);

    (void)state;
    done(m, "method.remove", reference(nth(m, 1)), "\"removed\":true");
    const char *warned = done(m, "method.remove", reference(first), "\"removed\":false");
    CHECK(strstr(warned, "\"last_usable\":true"));
    CHECK(strstr(warned, "\"next_charge_on\":\"2024-02-29\""));
    CHECK(strstr(warned, "\"access_until\":\"2024-03-05\""));
    CHECK(count(m) == 1 && life_look(&life, m).method_id == first);
    done(m, "method.remove", about(first, "\"confirm\":true"), "\"removed\":true");
    CHECK(count(m) == 0 && life_look(&life, m).method_id == 0);
    life_run(&life, "2024-03-04");
    CHECK(state_has_access((enum membership_state)life_look(&life, m).state));
    life_run(&life, "2024-03-06"); /* as foretold */
    CHECK(life_look(&life, m).state == M_HOLD);
    life_close(&life);
}

static void the_last_one_in_grace_and_after(void **state)
{
    int64_t const m = joins("tok_insufficient_funds"),
                  other =
                      life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");

    (void)state;
    life_run(&life, "2024-03-01");
    done(m, "method.remove", reference(nth(m, 0)), "\"access_until\":\"2024-03-05\"");
    done(other, "membership.cancel", "{}", "ending");
    done(other, "method.remove", reference(nth(other, 0)), "\"access_until\":\"2024-03-31\"");
    life_run(&life, "2024-04-02");
    done(other, "method.remove", reference(nth(other, 0)), "\"last_usable\":false");
    life_close(&life);
}

static void not_while_it_pays(void **state)
{
    int64_t const m = joins("tok_insufficient_funds;tok_insufficient_funds-2");

    (void)state;
    life_run(&life, "2024-02-29");
    done(m, "method.add", "{\"token\":\"tok_slow_capture\"}", "\"trial\":\"pending\"");
    refused(m, "method.remove", about(nth(m, 0), "\"confirm\":true"), &BILLING_PAYMENT_IN_FLIGHT);
    refused(m, "method.update", about(nth(m, 0), "\"token\":\"tok_visa\""),
            &BILLING_PAYMENT_IN_FLIGHT);
    CHECK(count(m) == 3);
    done(m, "method.remove", reference(nth(m, 1)), "\"removed\":true"); /* another one may go */
    life_run(&life, "2024-03-03");
    CHECK(life_look(&life, m).state == M_ACTIVE);
    done(m, "method.remove", reference(nth(m, 0)), "\"removed\":true");
    life_close(&life);
}

/* ---- new details ---- */

static void keeps_its_place(void **state)
{
    int64_t const m = joins("tok_visa;tok_mastercard");
    int64_t const second = nth(m, 1);
    size_t n;

    (void)state;
    done(m, "method.update", about(second, "\"expires\":\"2030-07\""), "\"expires\":\"2030-07\"");
    const struct method *all = methods(m, &n);
    CHECK(n == 2 && all[1].method_id == second && all[1].expiry_month == 2030 * 12 + 6);
    const char *print = all[1].fingerprint;
    done(m, "method.update", about(second, "\"postal_code\":\"10115\""), "\"place\":1");
    all = methods(m, &n);
    CHECK(strcmp(all[1].fingerprint, print) == 0 && all[1].expiry_month == 2030 * 12 + 6);
    done(m, "method.update", about(second, "\"token\":\"tok_visa_debit\""),
         "\"funding\":\"debit\"");
    CHECK(nth(m, 1) == second);
    CHECK(!strstr(done(m, "method.list", "{}", "\"event\":\"updated\""), "10115"));
    life_close(&life);
}

static void details_are_checked(void **state)
{
    int64_t const m = joins("tok_visa"), id = nth(m, 0);

    (void)state;
    refused(m, "method.update", about(id, "\"expires\":\"2024-01\""), &METHOD_EXPIRY_INVALID);
    refused(m, "method.update", about(id, "\"expires\":\"2030-13\""), &METHOD_EXPIRY_INVALID);
    refused(m, "method.update", about(id, "\"token\":\"tok_wallet\""), &METHOD_KIND_DIFFERS);
    refused(m, "method.update", about(id, "\"token\":\"tok_amex\""), &METHOD_BRAND_NOT_ACCEPTED);
    refused(m, "method.update", about(id, "\"token\":\"tok_no_recurring\""), &METHOD_NOT_RECURRING);
    refused(m, "method.update", "{\"method\":\"mth_nonsense\"}", &METHOD_UNKNOWN);
    refused(m, "method.update", about(id, "\"token\":\"4242424242424242\""), &INPUT_CARD_NUMBER);
    done(m, "method.update", about(id, "\"expires\":\"2024-02\""), "usable"); /* this month */
    run_sql("UPDATE membership SET biller = 'store'");
    refused(m, "method.update", about(id, "\"expires\":\"2030-01\""), &WHY_PARTNER_PAYMENT.fault);
    refused(m, "method.remove", reference(id), &WHY_PARTNER_PAYMENT.fault);
    life_close(&life);
}

static void tried_at_once(void **state)
{
    int64_t const m = joins("tok_expired_card");
    size_t n;

    (void)state;
    life_run(&life, "2024-03-01");
    CHECK(life_look(&life, m).state == M_GRACE);
    CHECK(methods(m, &n)[0].method_state == METHOD_BLOCKED);
    done(m, "method.list", "{}", "\"event\":\"blocked\"");
    refused(m, "method.update", reference(nth(m, 0)), &METHOD_BLOCKED_NOW); /* a word is no date */
    const char *answer = done(m, "method.update", about(nth(m, 0), "\"expires\":\"2030-07\""),
                              "\"trial\":\"captured\"");
    CHECK(strstr(answer, "\"membership\":\"active\"") && strstr(answer, "\"state\":\"usable\""));
    const struct charge *c = charges(m, &n);
    CHECK(n == 1 && c[0].attempts == 2 && c[0].recovered_by == RECOVERED_MEMBER);
    life_close(&life);
}

static void confirmed_or_replaced(void **state)
{
    int64_t const m = joins("tok_authentication_required;tok_stolen_card");

    (void)state;
    life_run(&life, "2024-03-01");
    CHECK(life_look(&life, m).state == M_GRACE);
    int64_t const asks = nth(m, 0), stolen = nth(m, 1);
    refused(m, "method.update", reference(stolen), &METHOD_BLOCKED_NOW);
    refused(m, "method.update", about(stolen, "\"expires\":\"2030-01\""), &METHOD_BLOCKED_NOW);
    /* the owner has spoken with the bank: one more attempt, which fails again */
    done(m, "method.update", reference(asks), "\"trial\":\"declined\"");
    CHECK(life_look(&life, m).state == M_GRACE);
    done(m, "method.update", about(stolen, "\"token\":\"tok_visa\""), "\"trial\":\"captured\"");
    CHECK(nth(m, 0) == stolen); /* it leads, being the only one that pays */
    life_close(&life);
}

/* The code alone would allow it; the network's advice does not. */
static void advice_stands(void **state)
{
    int64_t const m = joins("tok_advice_03@mastercard;tok_authentication_required");

    (void)state;
    life_run(&life, "2024-03-01");
    int64_t const never = nth(m, 0);
    refused(m, "method.update", reference(never), &METHOD_BLOCKED_NOW);
    refused(m, "method.update", about(never, "\"expires\":\"2030-01\""), &METHOD_BLOCKED_NOW);
    done(m, "method.update", about(never, "\"token\":\"tok_visa\""), "\"trial\":\"captured\"");
    life_close(&life);
}

static void disputes(int64_t account_id, int64_t charge_id)
{
    struct test_db *t = &life.t;
    struct dispute_opening const o = {
        .account_id = account_id, .charge_id = charge_id, .reason = "", .at = t->cx.now};

    CHECK_OK(dispute_begin(&t->cx, &o, NULL));
}

static enum method_state state_of(int64_t account_id, int64_t method_id)
{
    size_t n;
    const struct method *all = methods(account_id, &n);

    for (size_t i = 0; i < n; i++)
        if (all[i].method_id == method_id) return (enum method_state)all[i].method_state;
    return METHOD_REMOVED;
}

/* The method keeps its number and place, and is another card from now on. */
static void another_card(void **state)
{
    int64_t const m = joins("tok_visa"), id = nth(m, 0);
    size_t n;

    (void)state;
    life_run(&life, "2024-03-01");
    int64_t const paid = charges(m, &n)[0].charge_id;
    const char *before = done(m, "charge.list", "{}", "visa 4242");
    done(m, "method.update", about(id, "\"token\":\"tok_mastercard\""), "\"place\":0");
    CHECK(strstr(done(m, "charge.list", "{}", "captured"), "visa 4242"));
    CHECK(!strstr(before, "mastercard") && count(m) == 1 && nth(m, 0) == id);
    disputes(m, paid);
    CHECK(state_of(m, id) == METHOD_USABLE); /* it has paid nothing yet */
    refused(m, "method.add", "{\"token\":\"tok_visa\"}", &METHOD_DISPUTED);
    refused(m, "method.update", about(id, "\"token\":\"tok_visa\""), &METHOD_DISPUTED);
    done(m, "method.add", "{\"token\":\"tok_visa_debit\"}", "\"place\":1");
    done(m, "method.remove", reference(id), "\"removed\":true");
    done(m, "method.add", "{\"token\":\"tok_mastercard\"}", ""); /* nobody disputes it */
    life_close(&life);
}

/* A new date gives it another token; it is the same card. */
static void the_same_card_anew(void **state)
{
    int64_t const m = joins("tok_visa"), id = nth(m, 0);
    size_t n;

    (void)state;
    life_run(&life, "2024-03-01");
    int64_t const paid = charges(m, &n)[0].charge_id;
    done(m, "method.update", about(id, "\"expires\":\"2030-01\""), "\"state\":\"usable\"");
    disputes(m, paid);
    CHECK(state_of(m, id) == METHOD_BLOCKED);
    refused(m, "method.add", "{\"token\":\"tok_visa\"}", &METHOD_DISPUTED);
    life_close(&life);
}

/* It had expired before its holder disputed what it paid: a new date does not end the dispute. */
static void blocked_before_it_was_disputed(void **state)
{
    int64_t const m = joins("tok_until_20240301"), id = nth(m, 0);
    size_t n;

    (void)state;
    life_run(&life, "2024-03-01");
    int64_t const paid = charges(m, &n)[0].charge_id;
    life_run(&life, "2024-04-03");
    CHECK(state_of(m, id) == METHOD_BLOCKED);
    disputes(m, paid);
    refused(m, "method.update", about(id, "\"expires\":\"2030-01\""), &METHOD_DISPUTED);
    CHECK(state_of(m, id) == METHOD_BLOCKED);
    life_close(&life);
}

/* Else removing it would leave it there, and a refusal for good would not end its charges. */
static void one_card_one_method(void **state)
{
    int64_t const m = joins("tok_visa;tok_mastercard"), first = nth(m, 0), second = nth(m, 1);

    (void)state;
    refused(m, "method.update", about(second, "\"token\":\"tok_visa\""), &METHOD_KNOWN);
    done(m, "method.update", about(first, "\"expires\":\"2030-01\""), "\"place\":0");
    refused(m, "method.update", about(second, "\"token\":\"tok_visa\""), &METHOD_KNOWN);
    done(m, "method.add", "{\"token\":\"tok_visa\"}", "\"expires\":\"2049-12\"");
    CHECK(count(m) == 2 && nth(m, 0) == first && nth(m, 1) == second);
    done(m, "method.update", about(second, "\"expires\":\"2031-01\""), "\"place\":1");
    done(m, "method.add", "{\"token\":\"tok_mastercard\", \"primary\":true}", "\"place\":0");
    CHECK(count(m) == 2 && nth(m, 0) == second);
    life_close(&life);
}

/* What is entered may not be over; what is stored may be, and be charged. */
static void an_expired_card_is_not_entered(void **state)
{
    int64_t const m = joins("tok_visa"), id = nth(m, 0);

    (void)state;
    refused(m, "method.add", "{\"token\":\"tok_visa@expires_202301\"}", &METHOD_EXPIRY_INVALID);
    refused(m, "method.add", "{\"token\":\"tok_mastercard@expires_202401\"}",
            &METHOD_EXPIRY_INVALID);
    refused(m, "method.update", about(id, "\"token\":\"tok_visa@expires_202301\""),
            &METHOD_EXPIRY_INVALID);
    done(m, "method.list", "{}", "\"expires\":\"2049-12\"");
    done(m, "method.add", "{\"token\":\"tok_visa@expires_202402\"}", "\"expires\":\"2024-02\"");
    CHECK(count(m) == 1 && nth(m, 0) == id);
    life_run(&life, "2024-06-01");
    done(m, "method.update", about(id, "\"postal_code\":\"10115\""), "\"state\":\"usable\"");
    done(m, "method.add", "{\"token\":\"tok_visa@expires_202402@postal\"}",
         "\"expires\":\"2024-02\""); /* the stored one, as it is */
    life_close(&life);
}

static void the_rejected_detail(void **state)
{
    static const struct {
        const char *token, *says;
    } cases[] = {
        {"tok_incorrect_zip",  "\"detail\":\"postal\""},
        {"tok_incorrect_cvc",  "\"detail\":\"code\""  },
        {"tok_expired_card",   "\"detail\":\"expiry\""},
        {"tok_invalid_number", "\"detail\":\"number\""},
        {"tok_do_not_honor",   "\"detail\":\"\""      },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t const m = joins("tok_insufficient_funds");

        life_run(&life, "2024-02-29");
        done(m, "method.add", arena_printf(&life.t.arena, "{\"token\":\"%s\"}", cases[i].token),
             cases[i].says);
        life_close(&life);
    }
    for (size_t i = 0; i < COUNT(cases); i++) { /* nothing has failed: its authorization tells */
        int64_t const good = joins("tok_visa");
        const char *text =
            done(good, "method.add",
                 arena_printf(&life.t.arena, "{\"token\":\"%s\"}", cases[i].token), cases[i].says);

        if (!strstr(text, "\"trial\":\"none\"") || strstr(text, "\"reason\":\"\"") ||
            strstr(text, "\"text\":\"\"") || strstr(text, "\"checks\":[]") ||
            strstr(text, "\"actions\":[]") || !strstr(text, "\"state\":\"usable\""))
            FAIL("%s", text);
        life_close(&life);
    }
    int64_t const m = joins("tok_incorrect_zip");
    life_run(&life, "2024-02-29");
    done(m, "method.update", about(nth(m, 0), "\"postal_code\":\"10115\""),
         "\"trial\":\"captured\"");
    life_close(&life);
}

static void seven_actions(void **state)
{
    static const char *const order[] = {"check_details",  "check_funds",  "ask_bank",
                                        "check_support",  "other_method", "update_method",
                                        "contact_partner"};
    int64_t const m = joins("tok_insufficient_funds");

    (void)state;
    life_run(&life, "2024-02-29");
    const char *at = done(m, "method.add", "{\"token\":\"tok_do_not_honor\"}", "\"actions\":[");
    at = strstr(at, "\"method.accepted_here\""); /* what to look at comes first, C-08 */
    for (size_t i = 0; i < COUNT(order); i++) {
        CHECK(at);
        at = strstr(at, order[i]);
    }
    CHECK(at && strstr(at, "\"applies\":false") && !strstr(at, "\"applies\":true"));
    life_close(&life);
}

static void the_page_says_what_it_must(void **state)
{
    int64_t const m = joins("tok_visa");
    const char *answer =
        done(m, "method.list", "{}", "\"fee_note\":\"method.issuer_may_add_fees\"");

    (void)state;
    CHECK(strstr(answer, "\"tax_note\":\"method.tax_may_depend\""));
    CHECK(strstr(answer, "\"replaced_note\":\"method.replaced_may_be_charged\""));
    life_close(&life);
}

/* Only a removed method may lack what the account may still be charged with. */
static void history_tells_everything(void **state)
{
    int64_t const m = joins("");

    (void)state;
    done(m, "method.add", "{\"token\":\"tok_visa\"}", "");
    done(m, "method.update", about(nth(m, 0), "\"expires\":\"2031-01\""), "");
    done(m, "method.update", reference(nth(m, 0)), "");
    done(m, "method.remove", about(nth(m, 0), "\"confirm\":true"), "\"removed\":true");
    const char *at = done(m, "method.list", "{}", "\"methods\":[]");
    static const char *const order[] = {"\"removed\"", "\"confirmed\"", "\"updated\"", "\"added\""};
    for (size_t i = 0; i < COUNT(order); i++) {
        at = strstr(at, order[i]);
        CHECK(at);
    }
    CHECK(strstr(at, "\"by\":\"owner\""));
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("C-12 when the primary method is removed the next backup leads",
             the_next_backup_leads),
        CASE("C-12 removing the last usable method warns with the date access will stop",
             the_last_one_warns),
        CASE("C-12 the warning knows grace, an ending and an end", the_last_one_in_grace_and_after),
        CASE("C-12 no method goes or changes while an attempt is on its way", not_while_it_pays),
        CASE("C-09 C-18 a method with new details keeps its place", keeps_its_place),
        CASE("C-06 C-15 D-03 new details are checked as new methods are", details_are_checked),
        CASE("B-09 E-08 new details are tried at once when a payment has failed", tried_at_once),
        CASE("E-11 a word unblocks what a bank asked for, a new card what is gone",
             confirmed_or_replaced),
        CASE("E-11 the network's advice stands when a word is given", advice_stands),
        CASE("I-06 H-02 a new card answers for nothing that the old one has paid", another_card),
        CASE("I-06 a card that is disputed stays so with a new date", the_same_card_anew),
        CASE("C-16 I-06 so does one that was blocked before", blocked_before_it_was_disputed),
        CASE("C-12 C-16 an account has a card once", one_card_one_method),
        CASE("C-13 C-16 a card that has expired is not entered, and a stored one may expire",
             an_expired_card_is_not_entered),
        CASE("C-13 the answer tells which detail the bank rejected", the_rejected_detail),
        CASE("C-14 C-08 a decline lists seven actions, acceptance first", seven_actions),
        CASE("C-16 C-21 the list says what its page must say", the_page_says_what_it_must),
        CASE("C-22 the history of methods tells who did what", history_tells_everything),
    };
    return RUN_CASES("upkeep", cases);
}
