/* held_test: who may not restart is told to the owner; a restart that looks unusual waits for the
 * owner, charges nothing until then, and can be confirmed or stopped from a contact.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/held.h"

#include "payments/call_test.h"

/* Somebody whose membership ended on 2024-02-05, and who used it on a television at home. */
static int64_t leaves(void)
{
    struct test_db *t = &life.t;
    struct actor home;

    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-05", "2024-02-01", "tok_visa");
    home = owner_of(m);
    home.device = "a television", home.country = "DE";
    says(home, "membership.cancel", "{}", "\"ending\"");
    life_run(&life, "2024-03-01");
    CHECK(life_look(&life, m).state == M_CANCELED);
    CHECK(t->cx.now == life_day("2024-03-01") * DAY_MS);
    return m;
}

static struct actor from(int64_t m, enum role role, const char *device, const char *country)
{
    struct actor a = owner_of(m);

    a.role = role;
    a.device = device;
    a.country = country;
    a.network = "192.0.2.9";
    return a;
}

static size_t captured(int64_t m)
{
    struct test_db *t = &life.t;
    struct charge *c;
    size_t n, found = 0;

    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 100));
    for (size_t i = 0; i < n; i++) found += c[i].term > 1 && c[i].charge_state == CHARGE_CAPTURED;
    return found;
}

static size_t notes(int64_t m, enum membership_event_kind kind)
{
    struct test_db *t = &life.t;
    struct membership_event_row *e;
    size_t n, found = 0;

    CHECK_OK(membership_events_of(&t->cx, &e, &n, .account_id = m, .max = 1000));
    for (size_t i = 0; i < n; i++) found += e[i].event == kind;
    return found;
}

/* Golden 12. */
static void blocks(void **state)
{
    int64_t const m = leaves();
    struct actor const guest = from(m, ROLE_PROFILE, "a phone", "BR");
    const char *who;

    (void)state;
    refused(guest, "membership.restart", "{}", "op.not_allowed");
    CHECK(life_look(&life, m).state == M_CANCELED && captured(m) == 0);
    CHECK(told(m, "membership.restart_blocked", "who", &who) == 1 && !strcmp(who, "profile"));
    told(m, "membership.restart_blocked", "country", &who);
    CHECK(!strcmp(who, "BR"));
    told(m, "membership.restart_blocked", "to", &who);
    CHECK(!strcmp(who, "all_contacts") && notes(m, MEV_RESTART_REFUSED) == 1);
    for (int i = 0; i < 30; i++) refused(guest, "membership.restart", "{}", "op.not_allowed");
    CHECK((int64_t)told(m, "membership.restart_blocked", NULL, NULL) ==
          life.t.settings.blocked_letters);
    CHECK(notes(m, MEV_RESTART_REFUSED) == 20);
    life.t.cx.now += DAY_MS + 1; /* the next day begins anew */
    refused(guest, "membership.restart", "{}", "op.not_allowed");
    CHECK((int64_t)told(m, "membership.restart_blocked", NULL, NULL) ==
          life.t.settings.blocked_letters + 1);
    all_is_well();
}

/* An owner who forgot to prove who it is, and people of a membership that runs, alarm nobody. */
static void is_quiet(void **state)
{
    int64_t const m = leaves();
    struct actor owner = from(m, ROLE_OWNER, "a television", "DE");

    (void)state;
    owner.proven = false;
    refused(owner, "membership.restart", "{}", "policy.prove_first");
    CHECK(told(m, "membership.restart_blocked", NULL, NULL) == 0);
    int64_t const two =
        life_member(&life, "DE", "standard", "2024-02-05", "2024-03-01", "tok_visa");
    refused(from(two, ROLE_PROFILE, "a phone", "BR"), "membership.restart", "{}", "op.not_allowed");
    CHECK(told(two, "membership.restart_blocked", NULL, NULL) == 0);
    CHECK(notes(two, MEV_RESTART_REFUSED) == 0);
    all_is_well();
}

static void usual(void **state)
{
    int64_t const m = leaves();
    const char *code, *who;

    (void)state;
    says(from(m, ROLE_OWNER, "a television", "DE"), "membership.restart", "{}", "\"active\"");
    CHECK(captured(m) == 1);
    CHECK(told(m, "membership.restart_begun", "not_me_code", &code) == 1);
    told(m, "membership.restart_begun", "device", &who);
    CHECK(!strcmp(who, "a television"));
    /* One click in the letter undoes it. */
    says(visitor, "membership.disown_restart", json_of("code", code), "\"undone\"");
    CHECK(life_look(&life, m).state == M_CANCELED);
    refused(visitor, "membership.disown_restart", json_of("code", code), "contact.proof_unknown");
    life_run(&life, "2024-03-05");
    all_is_well();
}

/* From another country and another device: it waits, and goes on when nobody has stopped it. */
static void waits(void **state)
{
    int64_t const m = leaves();
    struct actor const far = from(m, ROLE_OWNER, "a phone", "BR");
    const char *why;

    (void)state;
    says(far, "policy.options", "{}", "policy.held_back");
    says(far, "membership.restart", "{}", "\"held_until\":\"2024-03-02T00:00:00.000Z\"");
    says(far, "membership.restart", "{}", "\"held_until\":\"2024-03-02T00:00:00.000Z\"");
    CHECK(told(m, "membership.restart_held", "risks", &why) == 1);
    CHECK(!strcmp(why, "new_country,new_device") && notes(m, MEV_RESTART_HELD) == 1);
    CHECK(life_look(&life, m).state == M_CANCELED && captured(m) == 0);
    life_run(&life, "2024-03-02");
    CHECK(life_look(&life, m).state == M_CANCELED && captured(m) == 0);
    life_run(&life, "2024-03-03");
    CHECK(life_look(&life, m).state == M_ACTIVE && captured(m) == 1);
    CHECK(told(m, "membership.restart_begun", "country", &why) == 1 && !strcmp(why, "BR"));
    all_is_well();
}

static void confirms(void **state)
{
    int64_t const m = leaves();
    struct actor const far = from(m, ROLE_OWNER, "a phone", "BR");
    struct actor unproven = far;
    const char *code;

    (void)state;
    refused(far, "membership.confirm_restart", json_of("code", "00000000000000000000000000"),
            "billing.no_restart_held");
    says(far, "membership.restart", "{}", "looks unusual");
    told(m, "membership.restart_held", "confirm_code", &code);
    unproven.proven = false;
    refused(unproven, "membership.confirm_restart", json_of("code", code), "op.proof_needed");
    refused(far, "membership.confirm_restart", json_of("code", "00000000000000000000000000"),
            "contact.proof_unknown");
    says(far, "membership.confirm_restart", json_of("code", code), "\"active\"");
    CHECK(captured(m) == 1);
    refused(far, "membership.confirm_restart", json_of("code", code), "policy.still_runs");
    life_run(&life, "2024-03-10");
    CHECK(captured(m) == 1 && life_look(&life, m).term == 2);
    all_is_well();
}

static void stops(void **state)
{
    int64_t const m = leaves();
    const char *code;

    (void)state;
    says(from(m, ROLE_OWNER, "a phone", "BR"), "membership.restart", "{}", "looks unusual");
    told(m, "membership.restart_held", "not_me_code", &code);
    says(visitor, "membership.disown_restart", json_of("code", code), "\"locked\":true");
    CHECK(notes(m, MEV_RESTART_STOPPED) == 1);
    life_run(&life, "2024-03-10");
    CHECK(life_look(&life, m).state == M_CANCELED && captured(m) == 0);
    all_is_well();
}

/* What has changed meanwhile ends the wait, and never stops the worker. */
static void is_dropped(void **state)
{
    int64_t const m = leaves();
    const char *code;

    (void)state;
    run_sql(arena_printf(&life.t.arena,
                         "UPDATE account SET locale = 'de-DE' WHERE account_id = %lld",
                         (long long)m));
    says(from(m, ROLE_OWNER, "a phone", "BR"), "membership.restart", "{}",
         "sieht ungewöhnlich aus");
    says((struct actor){.role = ROLE_SYSTEM}, "account.lock",
         arena_printf(&life.t.arena, "{\"member\":\"m%lld\",\"report\":\"x\"}", (long long)m),
         "true");
    life_run(&life, "2024-03-10");
    CHECK(told(m, "membership.restart_dropped", "code", &code) == 1);
    CHECK(!strcmp(code, "account.locked") && captured(m) == 0);
    all_is_well();
}

/* Points add up, over every set of reasons. */
static void rules_add_up(void **state)
{
    size_t n;
    const struct risk_rule *rules = risk_rules(&n);

    (void)state;
    CHECK(n == RISKS);
    for (unsigned set = 0; set < 1U << RISKS; set++) {
        int64_t sum = 0;

        for (size_t i = 0; i < n; i++) {
            CHECK(rules[i].points > 0 && rules[i].text[0]);
            if (set >> rules[i].risk & 1) sum += rules[i].points;
        }
        CHECK(risk_points(set) == sum);
        for (enum risk r = 0; r < RISKS; r++) CHECK(risk_points(set | RISK(r)) >= sum);
    }
}

/* Every reason is found from what is stored. */
static void finds_reasons(void **state)
{
    int64_t const m = leaves();
    struct test_db *t = &life.t;
    struct restart_risk r;

    (void)state;
    t->cx.actor = from(m, ROLE_OWNER, "a television", "DE");
    CHECK_OK(held_risk(&t->cx, m, &r));
    CHECK(r.set == 0 && !r.high);
    t->cx.actor = from(m, ROLE_OWNER, "a phone", "DE");
    CHECK_OK(held_risk(&t->cx, m, &r));
    CHECK(r.set == RISK(RISK_NEW_DEVICE) && !r.high);
    says(t->cx.actor, "method.add", "{\"token\":\"tok_mastercard\"}", "mth_");
    t->cx.actor = from(m, ROLE_OWNER, "a phone", "DE");
    CHECK_OK(held_risk(&t->cx, m, &r));
    CHECK(r.set == (RISK(RISK_NEW_DEVICE) | RISK(RISK_METHOD_ADDED)) && !r.high);
    run_sql(arena_printf(&t->arena, "UPDATE account SET unlocked_at = %lld", (long long)t->cx.now));
    CHECK_OK(held_risk(&t->cx, m, &r));
    CHECK(r.set & RISK(RISK_UNLOCKED) && r.high);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    CHECK_OK(held_risk(&t->cx, m, &r));
    CHECK(r.set == 0);
    refused(from(m, ROLE_PROFILE, "a phone", "BR"), "membership.restart", "{}", "op.not_allowed");
    t->cx.actor = from(m, ROLE_OWNER, "a television", NULL);
    CHECK_OK(held_risk(&t->cx, m, &r));
    CHECK(r.set & RISK(RISK_REFUSED));
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("F-12 F-15 X-02 golden 12: a restart by a profile is blocked, and all contacts told",
             blocks),
        CASE("F-12 nobody is alarmed by an owner without proof, or where nothing has ended",
             is_quiet),
        CASE("F-15 I-05 one click in the letter about a restart undoes it", usual),
        CASE("DT-3 L-13 a restart at high risk waits, charges nothing, and then goes on", waits),
        CASE("DT-3 F-12 the code that went to the contacts carries it out at once", confirms),
        CASE("DT-3 F-15 one click stops a restart that waits, and locks", stops),
        CASE("DT-3 L-10 what has changed meanwhile ends the wait", is_dropped),
        CASE("L-13 the points of all reasons add up", rules_add_up),
        CASE("L-13 reasons are found: country, device, method, lock, tries", finds_reasons),
    };
    return RUN_CASES("held", cases);
}
