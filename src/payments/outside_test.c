/* outside_test: methods that change without their owner. SPDX-License-Identifier: Apache-2.0 */
#include "db/outbox.h"
#include "payments/method_test.h"

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
        CASE("C-22 a closed account makes the next backup lead", closed_by_the_bank),
        CASE("C-22 the owner is warned when nothing is left to charge", the_last_one_is_revoked),
        CASE("C-22 what is told twice happens once, to each its own", told_twice),
        CASE("C-22 a removed method is nobody's any more", gone_before_it_was_told),
        CASE("C-16 H-10 a card that expires before the next charge is announced once",
             expiring_cards_are_announced),
    };
    return RUN_CASES("outside", cases);
}
