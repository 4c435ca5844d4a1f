/* slot_use_test: when a slot is of use to somebody, and since when renewals pay for it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "payments/shop_test.h"

/* What membership.get says of the newest slot. */
static bool slot_says(int64_t m, const char *name, const char *value)
{
    json_t *out = done(m, "membership.get", json_object());
    const json_t *at = json_object_get(json_array_get(json_object_get(out, "slots"), 0), name);
    bool const same = at && (json_is_string(at) ? strcmp(json_string_value(at), value) == 0
                                                : json_is_true(at) == (strcmp(value, "yes") == 0));

    json_decref(out);
    return same;
}

static void pays_with(const char *token)
{
    struct test_db *t = &life.t;

    CHECK_OK(db_script(
        t->db,
        arena_printf(&t->arena, "UPDATE method SET token = '%s', fingerprint = '%s'", token, token),
        &t->err));
}

/* Nobody in a slot watches while the owner may not, nor before the slot is paid for. */
static void a_slot_is_of_use_when_paid(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    json_decref(done(m, "slot.buy", json_object()));
    CHECK(slot_says(m, "usable", "yes"));
    json_decref(done(m, "membership.pause", json_object()));
    life_run(&life, "2024-03-02");
    CHECK(life_look(&life, m).state == M_PAUSED && slot_says(m, "usable", "no"));
    life_run(&life, "2024-04-01"); /* goes on */
    CHECK(life_look(&life, m).state == M_ACTIVE && slot_says(m, "usable", "yes"));
    pays_with("tok_insufficient_funds");
    life_run(&life, "2024-05-02");
    CHECK(life_look(&life, m).state == M_GRACE && slot_says(m, "usable", "yes"));
    life_run(&life, "2024-05-12");
    CHECK(life_look(&life, m).state == M_HOLD && slot_says(m, "usable", "no"));
    life_close(&life);
}

static void a_failed_renewal_pays_no_slot(void **state)
{
    (void)state;
    open_shop("2024-02-01");
    int64_t const m =
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_insufficient_funds");
    json_decref(done(m, "slot.buy", json_object()));
    CHECK(slot_says(m, "state", "hold") && slot_says(m, "usable", "no"));
    life_run(&life, "2024-03-01");
    CHECK(life_look(&life, m).state == M_GRACE && slot_says(m, "usable", "no"));
    pays_with("tok_visa");
    life_run(&life, "2024-03-05"); /* the retry of the third day */
    CHECK(life_look(&life, m).state == M_ACTIVE && slot_says(m, "usable", "yes"));
    life_close(&life);
}

/* A second shift moves the date from which a renewal pays for the slot, too. */
static void a_slot_follows_the_anchor(void **state)
{
    static const char only[] = "addon: extra_member, from: 2015-01-01, amount: 7.99}]}";
    const char *at = strstr(shop, only);
    char paid_from[DAY_TEXT];

    (void)state;
    CHECK(at);
    open_shop("2024-02-01");
    life_apply(&life, arena_printf(&life.t.arena,
                                   "%.*saddon: extra_member, from: 2015-01-01, amount: 7.99},\n"
                                   "             {plan: premium, %s%s",
                                   (int)(at - shop), shop, only, at + strlen(only)));
    int64_t const m =
        life_member(&life, "US CA", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    json_decref(done(m, "slot.buy", json_object()));
    day_text(life_look(&life, m).period_end_day, paid_from);
    CHECK(slot_says(m, "paid_from", paid_from));
    life_run(&life, "2024-02-05");
    json_decref(done(m, "membership.change_plan", to_plan("premium")));
    CHECK(!slot_says(m, "paid_from", paid_from));
    day_text(life_look(&life, m).period_end_day, paid_from);
    CHECK(slot_says(m, "paid_from", paid_from));
    life_run(&life, "2024-02-28");
    CHECK(life_newest(&life, m, CHARGE_RENEWAL).due_on_day == life_day(paid_from));
    CHECK(slot_says(m, "paid_from", paid_from));
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("G-10 E-05 a slot is of no use while its owner may not watch",
             a_slot_is_of_use_when_paid),
        CASE("E-15 a renewal that fails pays for no slot", a_failed_renewal_pays_no_slot),
        CASE("B-06 A-03 a slot is paid from the billing day that was moved last",
             a_slot_follows_the_anchor),
    };
    return RUN_CASES("slot_use", cases);
}
