/* facts_test: the options of real members, and that ops follow them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/facts.h"

#include "base/id.h"
#include "catalog/catalog_test.h"
#include "http/op.h"
#include "payments/life_test.h"

static struct life life;

/* Law and slots in Germany, neither in the United States. */
static const char law[] =
    "format: 1\n"
    "sellers: {eu: {legal_name: Example B.V., tax_id: EX-1, country: NL}}\n"
    "plans:\n"
    "  basic: {name: Basic, ads: false, streams: 1, downloads: 1, resolution: 720, audio: stereo,\n"
    "    slots: 0, from: 2015-01-01}\n"
    "  standard: {name: Standard, ads: false, streams: 2, downloads: 2, resolution: 1080,\n"
    "    audio: stereo, slots: 1, pausable: true, from: 2015-01-01}\n"
    "brands: {visa: Visa}\n"
    "acceptance: {cards: [{kind: card, brand: [visa]}]}\n"
    "settings: {de: {withdrawal_days: 14, cancel_form: true, source: the law}}\n"
    "countries:\n"
    "  DE: {name: Germany, currency: EUR, zone: Europe/Berlin, seller: eu, tax: inclusive,\n"
    "    acceptance: cards, settings: de,\n"
    "    prices: [{plan: basic, from: 2015-01-01, amount: 7.99},\n"
    "             {plan: standard, from: 2015-01-01, amount: 12.99},\n"
    "             {plan: standard, addon: extra_member, from: 2015-01-01, amount: 4.99}]}\n"
    "  US: {name: United States, currency: USD, zone: America/New_York, seller: eu,\n"
    "    tax: exclusive, acceptance: cards,\n"
    "    prices: [{plan: basic, from: 2015-01-01, amount: 9.49},\n"
    "             {plan: standard, from: 2015-01-01, amount: 15.49}]}\n";

/* What an op answers; the caller owns it. */
static json_t *ask(enum role role, int64_t m, const char *id, const char *in, enum status *s)
{
    struct test_db *t = &life.t;
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};
    json_t *input = json_loads(in, 0, NULL), *out;
    const struct op *op;
    char member[ID_TEXT];

    CHECK_OK(op_find(id, &op, &t->err));
    json_object_set_new(input, "member", json_string(id_text("mem", m, member)));
    t->cx.actor = (struct actor){
        .role = role, .id = role == ROLE_SYSTEM ? 0 : m, .surface = SURFACE_WEB, .proven = true};
    *s = op_call(&t->cx, &w, op, input, &out);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    json_decref(input);
    return out;
}

static void free_text(char **text)
{
    free(*text);
}

/* "RESULT CODE PLACE" of one action, as the role sees it. */
static const char *option(enum role role, int64_t m, const char *in, const char *action)
{
    struct test_db *t = &life.t;
    const char *found = NULL;
    enum status s;
    size_t i;
    json_t *one;
    CLEANUP(json_decrefp) json_t *out = ask(role, m, "policy.options", in, &s);

    CHECK_OK(s);
    json_array_foreach (json_object_get(out, "options"), i, one) {
        const char *result, *code, *place, *name;

        CHECK(json_unpack(one, "{s:s, s:s, s:s, s:s}", "action", &name, "result", &result, "code",
                          &code, "place", &place) == 0);
        if (strcmp(name, action) == 0)
            found = arena_printf(&t->arena, "%s %s %s", result, code, place);
    }
    CHECK(found);
    return found;
}

static void is(const char *is, const char *wanted)
{
    if (strcmp(is, wanted) != 0) FAIL("%s, not %s", is, wanted);
}

static void change(const char *sql)
{
    struct test_db *t = &life.t;

    CHECK_OK(db_script(t->db, sql, &t->err));
}

static int64_t joins(const char *country, const char *plan)
{
    life_open(&life, "2024-02-01");
    life_apply(&life, law);
    return life_member(&life, country, plan, "2024-01-31", "2024-02-01", "tok_visa");
}

static void follows_the_account(void **state)
{
    int64_t const m = joins("DE", "standard");

    (void)state;
    is(option(ROLE_OWNER, m, "{}", "cancel"), "allowed policy.ends_later here");
    is(option(ROLE_OWNER, m, "{}", "plan.undo"), "disabled policy.no_plan_change account");
    is(option(ROLE_OWNER, m, "{}", "pause"), "allowed policy.pause_later here");
    is(option(ROLE_OWNER, m, "{}", "resume"), "disabled policy.not_paused account");
    is(option(ROLE_OWNER, m, "{}", "withdraw"), "allowed policy.refunded here");
    is(option(ROLE_OWNER, m, "{}", "slot.buy"), "allowed policy.slot_billed here");
    is(option(ROLE_OWNER, m, "{}", "slot.cancel"), "disabled policy.no_slot account");
    is(option(ROLE_KIDS, m, "{}", "cancel"), "hidden policy.kids_profile profiles");
    is(option(ROLE_PROFILE, m, "{}", "payment.view"), "hidden policy.ask_owner owner");
    is(option(ROLE_PROFILE, m, "{}", "cancel"), "redirect policy.cancel_form cancel_form");
    is(option(ROLE_AGENT, m, "{}", "payment.change"), "hidden policy.not_agent account");
    is(option(ROLE_AGENT, m, "{\"role\":\"owner\"}", "cancel"), "allowed policy.ends_later here");
    is(option(ROLE_SYSTEM, m, "{\"role\":\"owner\",\"surface\":\"tv\"}", "cancel"),
       "redirect policy.on_web web");
    change("UPDATE membership SET state = 'ending', end_day = 19783");
    is(option(ROLE_OWNER, m, "{}", "cancel.undo"), "allowed policy.undone here");
    change("UPDATE membership SET end_day = 19754"); /* today */
    is(option(ROLE_OWNER, m, "{}", "cancel.undo"), "disabled policy.end_reached account");
    is(option(ROLE_OWNER, m, "{}", "restart"), "disabled policy.end_reached account");
    change("UPDATE membership SET state = 'active', end_day = 0");
    change("UPDATE membership SET slots = 1, pause_months = 3");
    is(option(ROLE_OWNER, m, "{}", "slot.buy"), "disabled policy.slot_limit plans");
    change("UPDATE membership SET next_plan = 'basic'");
    is(option(ROLE_OWNER, m, "{}", "slot.buy"), "disabled policy.change_planned plans");
    is(option(ROLE_OWNER, m, "{}", "slot.cancel"), "allowed policy.slot_ends here");
    is(option(ROLE_OWNER, m, "{}", "plan.undo"), "allowed policy.plan_kept here");
    is(option(ROLE_OWNER, m, "{}", "pause"), "disabled policy.pause_planned resume");
    change("UPDATE account SET locked_at = 1");
    is(option(ROLE_OWNER, m, "{}", "slot.buy"), "disabled policy.locked security");
    is(option(ROLE_AGENT, m, "{}", "unlock"), "allowed policy.unlocks here");
    change("UPDATE membership SET biller = 'store'");
    is(option(ROLE_OWNER, m, "{}", "payment.change"),
       "disabled policy.partner_payment partner_payment");
    life_close(&life);
}

static void elsewhere(void **state)
{
    int64_t const m = joins("US", "basic");

    (void)state;
    is(option(ROLE_OWNER, m, "{}", "slot.buy"), "disabled policy.slot_plan plans");
    is(option(ROLE_OWNER, m, "{}", "withdraw"), "disabled policy.no_withdrawal cancel");
    is(option(ROLE_OWNER, m, "{}", "pause"), "disabled policy.pause_plan plans");
    is(option(ROLE_PROFILE, m, "{}", "cancel"), "hidden policy.ask_owner owner");
    change("UPDATE membership SET plan = 'standard'");
    is(option(ROLE_OWNER, m, "{}", "slot.buy"), "disabled policy.slot_country sign_up");
    life_close(&life);
}

/* Who has no contact left is sent to where the partner knows them. */
static void recovers_at_the_partner(void **state)
{
    size_t n;
    char *example = test_file("examples/catalog.yaml", &n);
    enum status s;

    (void)state;
    life_open(&life, "2024-02-01");
    life_apply(&life, example);
    free(example);
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    change("UPDATE account SET email = 'ana@example.com'");
    is(option(ROLE_AGENT, m, "{\"role\":\"visitor\"}", "recover"), "allowed policy.link_sent here");
    struct test_db *t = &life.t;
    CHECK_OK(contact_refused(&t->cx, m, false, "550", t->cx.now)); /* it is gone */
    is(option(ROLE_AGENT, m, "{\"role\":\"visitor\"}", "recover"),
       "redirect policy.assisted support");
    change("UPDATE membership SET biller = 'rhein_mobile'");
    is(option(ROLE_AGENT, m, "{\"role\":\"visitor\"}", "recover"),
       "redirect policy.partner_recovery partner");
    CLEANUP(json_decrefp)
    json_t *out = ask(ROLE_AGENT, m, "policy.options", "{\"role\":\"visitor\"}", &s);
    CLEANUP(free_text) char *text = json_dumps(out, 0);
    CHECK(strstr(text, "https://rhein.example/video") && !strstr(text, "rhein.example/billing"));
    life_close(&life);
}

/* The same codes for programs, sentences in the language of the account or of the call. */
static void in_their_language(void **state)
{
    int64_t const m = joins("DE", "standard");
    enum status s;

    (void)state;
    change("UPDATE account SET locale = 'de-DE'");
    CLEANUP(json_decrefp) json_t *own = ask(ROLE_OWNER, m, "policy.options", "{}", &s);
    CLEANUP(json_decrefp)
    json_t *asked = ask(ROLE_OWNER, m, "policy.options", "{\"locale\":\"ja\"}", &s);
    CLEANUP(free_text) char *german = json_dumps(own, 0), *japanese = json_dumps(asked, 0);

    CHECK(strstr(german, "Die Mitgliedschaft kündigen"));
    CHECK(strstr(german, "policy.not_paused") && strstr(japanese, "policy.not_paused"));
    CHECK(strstr(japanese, "メンバーシップを解約する"));
    CHECK(!strstr(german, "The membership") && !strstr(japanese, "The membership"));
    life_close(&life);
}

/* People see what is theirs to see. */
static void own_view_only(void **state)
{
    int64_t const m = joins("DE", "standard");
    struct test_db *t = &life.t;
    enum status s;

    (void)state;
    json_decref(ask(ROLE_KIDS, m, "policy.options", "{\"role\":\"owner\"}", &s));
    CHECK(s == E_DENIED && t->err.fault == &BILLING_OWN_OPTIONS);
    json_decref(ask(ROLE_OWNER, m, "policy.options", "{\"surface\":\"app\"}", &s));
    CHECK(s == E_DENIED && t->err.fault == &BILLING_OWN_OPTIONS);
    life_close(&life);
}

/* Whatever policy.options does not allow an owner, its ops refuse for the same reason. */
static void ops_follow(void **state)
{
    static const char *const states[] = {"pending", "active", "grace",    "hold",   "paused",
                                         "ending",  "none",   "canceled", "deleted"};
    int64_t const m = joins("DE", "standard");
    struct test_db *t = &life.t;

    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        struct option_case c;
        enum status s;

        change(arena_printf(&t->arena, "UPDATE membership SET state = '%s'", states[i]));
        t->cx.actor = (struct actor){.role = ROLE_OWNER, .id = m, .surface = SURFACE_WEB};
        CHECK_OK(facts_of(&t->cx, life.catalog, m, ALL_FACTS, &c));
        const struct option_rule *r = option_decide(ACTION_CANCEL, &c);
        if (r->result == OPTION_ALLOWED) continue;
        json_decref(ask(ROLE_OWNER, m, "membership.cancel", "{}", &s));
        if (s == OK || t->err.fault != &r->why->fault)
            FAIL("%s: %s", states[i], t->err.fault->code);
    }
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("X-05 X-06 D-03 G-03 O-03 options follow account, country, plan and role",
             follows_the_account),
        CASE("O-02 F-24 F-25 a plan without slots, a country without special law", elsewhere),
        CASE("D-14 D-02 who has no contact left is sent to the partner that bills them",
             recovers_at_the_partner),
        CASE("X-06 options and reasons are told in the member's language", in_their_language),
        CASE("X-01 people are told their own options only", own_view_only),
        CASE("X-05 an op refuses for the reason that the option gives", ops_follow),
    };
    return RUN_CASES("facts", cases);
}
