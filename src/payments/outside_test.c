/* outside_test: methods that change without their owner. SPDX-License-Identifier: Apache-2.0 */
#include "db/outbox.h"
#include "payments/method_test.h"
#include "payments/outside.h"

static size_t said(const char *topic, const char *fact)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    size_t n, times = 0;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 1000));
    for (size_t i = 0; i < n; i++)
        times += strcmp(rows[i].topic, topic) == 0 && strstr(rows[i].body, fact);
    return times;
}

static enum gateway_injury unheard(void *arg, enum gateway_moment moment)
{
    (void)arg;
    return moment == GATEWAY_ON_CHARGE    ? GATEWAY_LOSE_REPLY
           : moment == GATEWAY_ON_LOOK_UP ? GATEWAY_CUT_OFF
           : moment == GATEWAY_ON_EVENTS  ? GATEWAY_DELAY_EVENTS
                                          : GATEWAY_UNHURT;
}

static size_t times(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)); text++) n++;
    return n;
}

static void replaced_by_the_network(void **state)
{
    int64_t const m = joins("tok_updated_20240415");
    size_t n;

    (void)state;
    life_run(&life, "2024-04-10");
    CHECK(methods(m, &n)[0].expiry_month == 2024 * 12 + 3);
    life_run(&life, "2024-04-16");
    struct method const *card = methods(m, &n);
    CHECK(n == 1 && card->expiry_month == 2027 * 12 + 3 && strcmp(card->last4, "1881") == 0);
    CHECK(card->method_state == METHOD_USABLE && said("method.replaced", "1881") == 1);
    const char *list = done(m, "method.list", "{}", "\"event\":\"network_updated\"");
    CHECK(strstr(list, "\"by\":\"system\"") && times(list, "network_updated") == 1);
    life_run(&life, "2024-06-10");
    CHECK(life_look(&life, m).state == M_ACTIVE); /* and goes on paying */
    done(m, "method.update", reference(card->method_id), "\"last4\":\"1881\"");
    life_close(&life);
}

static const char *matches(int64_t account_id, const char *on, const char *last4)
{
    return done(account_id, "charge.match",
                arena_printf(&life.t.arena,
                             "{\"amount_minor\":%d,\"currency\":\"EUR\",\"on\":\"%s\","
                             "\"last4\":\"%s\",\"descriptor\":\"FOYER\"}",
                             strcmp(on, "2024-04-01") < 0 ? 1299 : 1399, on, last4),
                "");
}

/* Rows, attempts and parts of what was paid. */
static void shows_cards(int64_t m, size_t old, size_t new_)
{
    const char *list = done(m, "charge.list", "{}", "captured");

    if (times(list, "\"method\":\"visa 4242\"") != old ||
        times(list, "\"method\":\"visa 1881\"") != new_)
        FAIL("%zu and %zu: %s", old, new_, list);
}

static void the_old_number_has_paid(void **state)
{
    int64_t const m = joins("tok_updated_20240415");
    size_t n;

    (void)state;
    life_run(&life, "2024-04-14");
    shows_cards(m, 4, 0); /* of both charges the row and its attempt */
    life_run(&life, "2024-04-16");
    shows_cards(m, 4, 0);
    life_run(&life, "2024-05-02");
    shows_cards(m, 4, 2);
    CHECK(strstr(matches(m, "2024-02-29", "4242"), "\"account\""));
    CHECK(strstr(matches(m, "2024-02-29", "1881"), "\"none\""));
    CHECK(strstr(matches(m, "2024-04-30", "1881"), "\"account\""));
    done(m, "method.list", "{}", "\"last4\":\"1881\"");
    CHECK(methods(m, &n) && n == 1);
    life_end_well(&life);
}

/* It is the same account at the bank: a dispute of the old number stops the new one. */
static void the_old_number_is_disputed(void **state)
{
    int64_t const m = joins("tok_updated_20240415;tok_mastercard");
    struct test_db *t = &life.t;
    size_t n;

    (void)state;
    life_run(&life, "2024-05-02");
    struct dispute_opening const o = {
        .account_id = m, .charge_id = charges(m, &n)[0].charge_id, .reason = "", .at = t->cx.now};
    struct dispute_ending const won = {
        .account_id = m, .charge_id = o.charge_id, .won = true, .at = t->cx.now};
    CHECK_OK(dispute_begin(&t->cx, &o, NULL));
    const struct method *all = methods(m, &n);
    CHECK(n == 2 && all[0].method_state == METHOD_BLOCKED);
    refused(m, "method.update", reference(all[0].method_id), &METHOD_DISPUTED);
    CHECK_OK(dispute_end(&t->cx, &won));
    CHECK(methods(m, &n)[0].method_state == METHOD_USABLE);
    life_end_well(&life);
}

static void is_replaced_now(int64_t m)
{
    struct test_db *t = &life.t;
    size_t n;
    const struct method *card = methods(m, &n);
    struct gateway_event const e = {.kind = EVENT_METHOD_UPDATED,
                                    .id = "evt_now",
                                    .token = card->token,
                                    .last4 = "1881",
                                    .expiry_month = card->expiry_month};
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(outside_hear(&t->cx, life.gateway->name, m, &e, t->cx.now));
    CHECK_OK(tx_commit(&tx));
}

/* While it is told, a payment with the old number has no answer yet: that goes on by itself. */
static void in_doubt_meanwhile(void **state)
{
    int64_t const m = joins("tok_visa");
    size_t n;

    (void)state;
    life_run(&life, "2024-03-30");
    sandbox_injure(life.gateway, unheard, NULL);
    life_run(&life, "2024-04-01");
    CHECK(charges(m, &n)[n - 1].charge_state == CHARGE_UNKNOWN && n == 2);
    is_replaced_now(m);
    shows_cards(m, 2, 2);
    sandbox_injure(life.gateway, NULL, NULL);
    life_run(&life, "2024-05-02");
    const struct charge *c = charges(m, &n);
    CHECK(n == 3);
    for (size_t i = 0; i < n; i++)
        CHECK(c[i].charge_state == CHARGE_CAPTURED && c[i].attempts == 1);
    life_end_well(&life);
}

static void closed_by_the_bank(void **state)
{
    int64_t const m = joins("tok_closed_20240415;tok_mastercard");
    size_t n;

    (void)state;
    life_run(&life, "2024-04-16");
    const struct method *all = methods(m, &n);
    CHECK(n == 2 && all[0].method_state == METHOD_USABLE && all[1].method_state == METHOD_BLOCKED);
    CHECK(life_look(&life, m).method_id == all[0].method_id); /* the backup leads */
    CHECK(said("method.closed", "") == 1 && said("method.endangers_charge", "") == 0);
    refused(m, "method.set_primary", reference(all[1].method_id), &METHOD_BLOCKED_NOW);
    life_run(&life, "2024-05-10");
    const struct charge *c = charges(m, &n);
    CHECK(n == 3 && c[2].attempts == 1 && c[2].charge_state == CHARGE_CAPTURED);
    life_close(&life);
}

static void the_last_one_is_revoked(void **state)
{
    int64_t const m = joins("tok_revoked_20240415");
    size_t n;

    (void)state;
    life_run(&life, "2024-04-16");
    CHECK(said("method.endangers_charge", "\"next_charge_on\":\"2024-04-30\"") == 1 ||
          said("method.endangers_charge", "\"next_charge_on\": \"2024-04-30\"") == 1);
    done(m, "method.list", "{}", "\"event\":\"revoked\"");
    life_run(&life, "2024-05-02");
    CHECK(life_look(&life, m).state == M_GRACE);
    charges(m, &n);
    done(m, "method.update",
         arena_printf(&life.t.arena, "%.*s,\"token\":\"tok_visa\"}",
                      (int)strlen(reference(methods(m, &n)[0].method_id)) - 1,
                      reference(methods(m, &n)[0].method_id)),
         "\"trial\":\"captured\"");
    life_close(&life);
}

static enum gateway_injury twice(void *arg, enum gateway_moment moment)
{
    (void)arg;
    return moment == GATEWAY_ON_EVENTS ? GATEWAY_REPEAT_EVENTS : GATEWAY_UNHURT;
}

static void told_twice(void **state)
{
    int64_t const m = joins("tok_updated_20240415;tok_mastercard"),
                  other = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01",
                                      "tok_updated_20240415");

    (void)state;
    sandbox_injure(life.gateway, twice, NULL);
    life_run(&life, "2024-04-20");
    CHECK(times(done(m, "method.list", "{}", ""), "network_updated") == 1);
    CHECK(times(done(other, "method.list", "{}", ""), "network_updated") == 1);
    CHECK(said("method.replaced", "") == 2);
    life_close(&life);
}

static void gone_before_it_was_told(void **state)
{
    int64_t const m = joins("tok_closed_20240415;tok_mastercard");
    size_t n;

    (void)state;
    life_run(&life, "2024-03-10");
    done(m, "method.remove", reference(methods(m, &n)[0].method_id), "\"removed\":true");
    life_run(&life, "2024-04-20");
    CHECK(methods(m, &n)[0].method_state == METHOD_USABLE && n == 1);
    CHECK(said("method.closed", "") == 0);
    life_close(&life);
}

static void expiring_cards_are_announced(void **state)
{
    int64_t const m = joins("tok_visa@expires_202404");

    (void)state;
    life_run(&life, "2024-04-29");
    CHECK(said("method.expires", "") == 0);
    life_run(&life, "2024-05-01"); /* the charge of 30 April is the last before it expires */
    CHECK(said("method.expires", "2024-05-31") == 1);
    CHECK(said("method.expires", "may_still_be_charged") == 1);
    life_run(&life, "2024-08-10"); /* expired and charged all the same: nothing new to tell */
    CHECK(said("method.expires", "") == 1 && life_look(&life, m).state == M_ACTIVE);
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("C-16 C-22 a card that the network replaced goes on and has a history",
             replaced_by_the_network),
        CASE("H-02 C-16 what the old number has paid stays with the old number",
             the_old_number_has_paid),
        CASE("I-06 C-16 a dispute of the old number stops the new one", the_old_number_is_disputed),
        CASE("C-16 B-11 a payment in doubt while the card is replaced is paid once",
             in_doubt_meanwhile),
        CASE("C-22 a closed account makes the next backup lead", closed_by_the_bank),
        CASE("C-22 the owner is warned when nothing is left to charge", the_last_one_is_revoked),
        CASE("C-22 what is told twice happens once, to each its own", told_twice),
        CASE("C-22 a removed method is nobody's any more", gone_before_it_was_told),
        CASE("C-16 H-10 a card that expires before the next charge is announced once",
             expiring_cards_are_announced),
    };
    return RUN_CASES("outside", cases);
}
