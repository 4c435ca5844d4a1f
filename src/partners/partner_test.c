/* partner_test: what partners tell, through ops. SPDX-License-Identifier: Apache-2.0 */
#include "catalog/catalog_test.h"
#include "db/outbox.h"
#include "partners/partners.h"
#include "payments/method_test.h"
#include "policy/reasons_rules.h"

static int sent; /* events, for references and the order */

/* What the system is answered when a partner tells something. */
static const char *hear(int64_t account_id, const char *more, enum status *s)
{
    struct test_db *t = &life.t;
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};
    const struct op *op;
    char member[ID_TEXT];
    json_t *in = json_loads(arena_printf(&t->arena, "{\"member\":\"%s\",%s}",
                                         id_text("mem", account_id, member), more),
                            0, NULL),
           *out;

    CHECK(in);
    CHECK_OK(op_find("partner.event", &op, &t->err));
    *s = op_call(&t->cx, &w, op, in, &out);
    char *text = json_dumps(out, JSON_COMPACT | JSON_PRESERVE_ORDER);
    const char *kept = arena_strdup(&t->arena, text);
    free(text);
    json_decref(in);
    json_decref(out);
    return kept;
}

/* The next event of a partner, which must be answered with all that it says. */
static const char *told(int64_t account_id, const char *partner, const char *event,
                        const char *more, const char *says)
{
    enum status s;

    sent++;
    const char *text =
        hear(account_id,
             arena_printf(&life.t.arena,
                          "\"partner\":\"%s\",\"event\":\"%s\",\"reference\":\"r%d\","
                          "\"sequence\":%d%s%s",
                          partner, event, sent, sent, *more ? "," : "", more),
             &s);
    if (s != OK || !strstr(text, says)) FAIL("%s %s: %d %s", event, more, s, text);
    return text;
}

static void refuses(int64_t account_id, const char *more, const struct fault *f)
{
    enum status s;
    const char *text = hear(account_id, more, &s);

    if (s != f->status || !strstr(text, f->code)) FAIL("%s: %d %s", more, s, text);
}

static int64_t begins(const char *tokens)
{
    size_t n;
    char *example = test_file("examples/catalog.yaml", &n);

    sent = 0;
    life_open(&life, "2024-02-01");
    life_apply(&life, example);
    free(example);
    return life_member(&life, "AT", "standard", "2024-01-31", "2024-02-01", tokens);
}

#define FEBRUARY "\"period_start\":\"2024-02-01\",\"period_end\":\"2024-03-01\""
#define MARCH    "\"period_start\":\"2024-03-01\",\"period_end\":\"2024-04-01\""

/* A member whom the package has billed since February, and who has never paid us. */
static int64_t packaged(const char *tokens)
{
    int64_t const m = begins(tokens);

    run_sql("UPDATE membership SET state = 'none', k = -1, step = 'none', due_at = 0, due_day = 0");
    told(m, "harbour_bundle", "activate", FEBRUARY, "\"outcome\":\"moved\"");
    return m;
}

static size_t n_charges(int64_t account_id)
{
    size_t n;

    charges(account_id, &n);
    return n;
}

static enum membership_state state_of(int64_t account_id)
{
    return (enum membership_state)life_look(&life, account_id).state;
}

static bool said(const char *topic, const char *fact)
{
    struct test_db *t = &life.t;
    struct outbox_row *rows;
    size_t n;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].topic, topic) == 0 && strstr(rows[i].body, fact)) return true;
    return false;
}

/* ---- a life at a partner ---- */

static void a_life_at_a_partner(void **state)
{
    int64_t const m = packaged("tok_visa");

    (void)state;
    told(m, "harbour_bundle", "renewed", MARCH, "\"period_end\":\"2024-04-01\"");
    told(m, "harbour_bundle", "change_plan", "\"plan\":\"standard_ads\"", "standard_ads");
    told(m, "harbour_bundle", "suspend", "", "\"membership\":\"hold\"");
    life_run(&life, "2024-05-01"); /* a hold of theirs has no limit of ours */
    CHECK(state_of(m) == M_HOLD && n_charges(m) == 0);
    CHECK(said("membership.partner_held", "Harbour account"));
    told(m, "harbour_bundle", "resume", "", "\"membership\":\"active\"");
    life_run(&life, "2024-08-01");
    CHECK(state_of(m) == M_ACTIVE && n_charges(m) == 0);
    life_close(&life);
}

/* A package that is sold again under another plan: the period is known, the plan is new. */
static void activated_again(void **state)
{
    int64_t const m = packaged("tok_visa");

    (void)state;
    told(m, "harbour_bundle", "activate", FEBRUARY ",\"plan\":\"standard_ads\"",
         "\"outcome\":\"moved\"");
    CHECK(strcmp(life_look(&life, m).plan, "standard_ads") == 0);
    CHECK(said("membership.partner_plan", "standard_ads"));
    told(m, "harbour_bundle", "activate", FEBRUARY, "\"outcome\":\"same\"");
    CHECK(strcmp(life_look(&life, m).plan, "standard_ads") == 0);
    life_close(&life);
}

static void told_once(void **state)
{
    int64_t const m = begins("tok_visa");
    static const char *const event =
        "\"partner\":\"harbour_bundle\",\"reference\":\"x\",\"sequence\":5,";
    enum status s;

    (void)state;
    const char *first = arena_printf(&life.t.arena, "%s\"event\":\"activate\"," FEBRUARY, event);
    CHECK(strstr(hear(m, first, &s), "\"outcome\":\"moved\",\"known\":false"));
    struct membership const was = life_look(&life, m);
    CHECK(strstr(hear(m, first, &s), "\"outcome\":\"moved\",\"known\":true"));
    CHECK(life_look(&life, m).version == was.version);
    refuses(m, arena_printf(&life.t.arena, "%s\"event\":\"suspend\"", event),
            &PARTNER_REFERENCE_REUSED);
    refuses(m, arena_printf(&life.t.arena, "%s\"event\":\"activate\"," MARCH, event),
            &PARTNER_REFERENCE_REUSED);
    CHECK(life_look(&life, m).version == was.version);
    life_close(&life);
}

/* Whatever the order in which they come, the newest rules, and each is kept. */
static void told_in_order(void **state)
{
    static const char *const kinds[] = {"suspend", "resume", "suspend"};
    static const int orders[][3] = {
        {0, 1, 2},
        {0, 2, 1},
        {1, 0, 2},
        {1, 2, 0},
        {2, 0, 1},
        {2, 1, 0}
    };
    enum status s;

    (void)state;
    for (size_t i = 0; i < COUNT(orders); i++) {
        int64_t const m = packaged("tok_visa");

        for (size_t k = 0; k < 3; k++) {
            int const which = orders[i][k];
            hear(
                m,
                arena_printf(&life.t.arena,
                             "\"partner\":\"harbour_bundle\",\"event\":\"%s\",\"reference\":\"o%d\""
                             ",\"sequence\":%d",
                             kinds[which], which, 10 + which),
                &s);
            CHECK(s == OK);
        }
        CHECK(state_of(m) == M_HOLD);
        life_close(&life);
    }
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

/* Any events, shuffled and repeated, against a few lines that say what must come of them; and never
 * a charge of ours, however long it lasts. */
static void whatever_is_told(void **state)
{
    static const char *const kinds[] = {"suspend", "resume",
                                        "change_plan\",\"plan\":\"standard_ads"};
    enum { EVENTS = 12, TALES = 40 };

    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        int64_t const m = packaged("tok_visa");
        uint64_t chance = seed;
        enum membership_state expected = M_ACTIVE;
        bool seen[EVENTS] = {0};
        size_t kind[EVENTS], newest = 0;

        for (size_t i = 0; i < EVENTS; i++) kind[i] = next(&chance) % COUNT(kinds);
        for (int tale = 0; tale < TALES; tale++) {
            size_t const i = next(&chance) % EVENTS;
            enum status s;
            const char *text =
                hear(m,
                     arena_printf(
                         &life.t.arena,
                         "\"partner\":\"harbour_bundle\",\"event\":\"%s\",\"reference\":\"w%zu\""
                         ",\"sequence\":%zu",
                         kinds[kind[i]], i, 10 + i),
                     &s);
            bool const counts = !seen[i] && 10 + i > newest;

            CHECK(s == OK);
            CHECK((strstr(text, "\"known\":true") != NULL) == seen[i]);
            CHECK(seen[i] || (strstr(text, "\"outcome\":\"late\"") != NULL) == !counts);
            if (counts && kind[i] == 0 && expected == M_ACTIVE) expected = M_HOLD;
            if (counts && kind[i] == 1 && expected == M_HOLD) expected = M_ACTIVE;
            if (counts) newest = 10 + i;
            seen[i] = true;
            CHECK(state_of(m) == expected);
        }
        life_run(&life, "2024-12-31");
        CHECK(state_of(m) == expected && n_charges(m) == 0);
        life_close(&life);
    }
}

static void refused_events(void **state)
{
    int64_t const m = begins("tok_visa");
    struct membership const was = life_look(&life, m);

    (void)state;
#define BUNDLE "\"partner\":\"harbour_bundle\",\"reference\":\"q\","
    refuses(m, "\"partner\":\"x\",\"reference\":\"q\",\"event\":\"suspend\",\"sequence\":1",
            &PARTNER_UNKNOWN);
    refuses(m, BUNDLE "\"event\":\"activate\"," FEBRUARY, &PARTNER_ORDER_MISSING);
    refuses(m, BUNDLE "\"event\":\"activate\",\"sequence\":1", &PARTNER_PERIOD);
    refuses(m,
            BUNDLE "\"event\":\"activate\",\"sequence\":1,\"period_start\":\"2024-02-01\","
                   "\"period_end\":\"2024-02-01\"",
            &PARTNER_PERIOD);
    refuses(m,
            BUNDLE "\"event\":\"activate\",\"sequence\":1,\"period_start\":\"2024-02-30\","
                   "\"period_end\":\"2024-03-01\"",
            &PARTNER_DATE);
    refuses(m, BUNDLE "\"event\":\"activate\",\"sequence\":1,\"plan\":\"premium\"," FEBRUARY,
            &PARTNER_PLAN);
    refuses(m,
            "\"partner\":\"delta_cable\",\"reference\":\"q\",\"event\":\"activate\",\"sequence\":"
            "1," FEBRUARY,
            &PARTNER_CLOSED);
    refuses(m,
            "\"partner\":\"polder_net\",\"reference\":\"q\",\"event\":\"activate\",\"sequence\":"
            "1," FEBRUARY,
            &PARTNER_CLOSED);
    CHECK(life_look(&life, m).version == was.version);
    told(m, "app_store", "suspend", "", "\"outcome\":\"not_theirs\""); /* who bills nobody here */
    CHECK(life_look(&life, m).version == was.version);
    life_close(&life);
}

static void one_biller(void **state)
{
    int64_t const m = packaged("");
    struct work_list const open = {.kind = "partner.two_billers"};
    struct test_db *t = &life.t;
    struct works_view items;

    (void)state;
    told(m, "app_store", "activate", FEBRUARY, "\"outcome\":\"not_theirs\"");
    CHECK(strcmp(life_look(&life, m).biller, "harbour_bundle") == 0);
    CHECK_OK(work_list(&t->cx, &open, &items));
    CHECK(items.n == 1);
    life_close(&life);
}

/* ---- what a member sees ---- */

static void golden_eleven(void **state)
{
    int64_t const m = packaged("tok_visa");
    struct work_list const open = {.kind = WORK_PARTNER_CANCEL, .state = "open"};
    struct test_db *t = &life.t;
    struct works_view items;

    (void)state;
    const char *page = done(m, "membership.get", "{}", "\"biller_name\":\"Harbour Bundle\"");
    CHECK(strstr(page, "\"payment_place\":\"See your Harbour account.\""));
    CHECK(strstr(page, "\"cancel_link\":\"https://harbour.example/account\""));
    CHECK(strstr(page, "\"refund_place\":\"Ask Harbour.\""));
    CHECK(strstr(page, "\"period_start\":\"2024-02-01\",\"period_end\":\"2024-03-01\""));
    CHECK(strstr(page, "\"next_charge_on\":\"\"") && strstr(page, "\"cancel_asked_at\":\"\""));
    refused(m, "method.add", "{\"token\":\"tok_mastercard\"}", &WHY_PARTNER_PAYMENT.fault);
    const char *answer = done(m, "membership.cancel", "{}", "\"state\":\"active\"");
    CHECK(strstr(answer, "Harbour account") && !strstr(answer, "\"cancel_asked_at\":\"\""));
    done(m, "membership.cancel", "{}", "\"state\":\"active\""); /* asked twice, open once */
    CHECK_OK(work_list(&t->cx, &open, &items));
    CHECK(items.n == 1);
    life_run(&life, "2024-02-20");
    CHECK(state_of(m) == M_ACTIVE);
    told(m, "harbour_bundle", "cancel", "\"end_on\":\"2024-03-01\"", "");
    CHECK_OK(work_list(&t->cx, &open, &items));
    CHECK(items.n == 0);
    CHECK(strstr(done(m, "membership.get", "{}", ""), "\"cancel_asked_at\":\"\""));
    life_close(&life);
}

/* What a partner has billed is no charge of ours: its periods say whose bill to look at. */
static void history_at_a_partner(void **state)
{
    int64_t const m = packaged("tok_visa");
    size_t n;

    (void)state;
    told(m, "harbour_bundle", "renewed", MARCH, "\"period_end\":\"2024-04-01\"");
    const char *list = done(m, "charge.list", "{}", "\"charges\":[],\"billed_by\":[{");
    CHECK(strstr(list, "\"name\":\"Harbour Bundle\",\"period_start\":\"2024-03-01\","
                       "\"period_end\":\"2024-04-01\",\"plan\":\"standard\","
                       "\"place\":\"See your Harbour account.\""));
    CHECK(strstr(list, "\"period_start\":\"2024-02-01\",\"period_end\":\"2024-03-01\""));
    CHECK(strstr(list, "Billed by Harbour Bundle; what you paid is on the bill from Harbour "
                       "Bundle. See your Harbour account."));
    run_sql("DELETE FROM partner_period"); /* as after an import: nothing was told yet */
    list = done(m, "charge.list", "{}", "\"period_start\":\"2024-03-01\"");
    CHECK(!strstr(list, "2024-02-01"));
    life_close(&life);
    int64_t const ours = begins("tok_visa");
    life_run(&life, "2024-03-10");
    CHECK(charges(ours, &n) && n == 1);
    done(ours, "charge.list", "{}", "\"billed_by\":[]");
    life_close(&life);
}

/* Neither an agent nor the system reads or changes payment data of a partner. */
static void nobody_edits(void **state)
{
    int64_t const m = packaged("tok_visa");
    static const char *const ops[] = {"method.add", "method.update", "method.remove",
                                      "method.set_primary", "method.set_backup"};
    struct test_db *t = &life.t;
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};
    char member[ID_TEXT], method[ID_TEXT];
    size_t n;

    (void)state;
    id_text("mem", m, member);
    id_text("mth", methods(m, &n)[0].method_id, method);
    for (int agent = 0; agent < 2; agent++)
        for (size_t i = 0; i < COUNT(ops); i++) {
            const struct op *op;
            json_t *in = i ? json_pack("{s:s, s:s}", "member", member, "method", method)
                           : json_pack("{s:s, s:s}", "member", member, "token", "tok_visa-2"),
                   *out;

            CHECK_OK(op_find(ops[i], &op, &t->err));
            t->cx.actor = agent ? (struct actor){.role = ROLE_AGENT,
                                                 .id = 7,
                                                 .surface = SURFACE_CONTACT,
                                                 .proven = true}
                                : (struct actor){.role = ROLE_SYSTEM};
            CHECK(op_call(&t->cx, &w, op, in, &out) != OK);
            json_decref(in);
            json_decref(out);
        }
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    life_close(&life);
}

/* ---- the end ---- */

static void ends_with_the_partner(void **state)
{
    int64_t const m = packaged("");

    (void)state;
    told(m, "harbour_bundle", "cancel", "\"end_on\":\"2024-02-20\"", "\"membership\":\"ending\"");
    life_run(&life, "2024-02-19");
    CHECK(state_of(m) == M_ENDING);
    life_run(&life, "2024-02-21");
    struct membership const after = life_look(&life, m);
    CHECK(after.state == M_CANCELED && after.end_day == life_day("2024-02-20"));
    CHECK(after.retention_until_day > after.end_day && n_charges(m) == 0);
    CHECK(strcmp(after.biller, "direct") == 0); /* free to come back as they like */
    told(m, "harbour_bundle", "activate", MARCH, "\"membership\":\"active\"");
    CHECK(life_look(&life, m).retention_until_day == 0);
    told(m, "harbour_bundle", "suspend", "", "\"membership\":\"hold\"");
    told(m, "harbour_bundle", "cancel", "", "\"membership\":\"canceled\"");
    told(m, "harbour_bundle", "cancel", "", "\"outcome\":\"not_theirs\"");
    life_close(&life);
}

/* ---- a member of ours joins a package, and leaves it ---- */

static void linking_keeps_paid_days(void **state)
{
    int64_t const m = begins("tok_visa");

    (void)state;
    life_run(&life, "2024-03-10"); /* paid to us: 29 February to 30 March */
    CHECK(n_charges(m) == 1);
    told(m, "harbour_bundle", "activate",
         "\"period_start\":\"2024-03-10\",\"period_end\":\"2024-04-10\"", "harbour_bundle");
    life_run(&life, "2024-06-01");
    CHECK(n_charges(m) == 1 && state_of(m) == M_ACTIVE); /* no direct charge ever */
    told(m, "harbour_bundle", "cancel", "\"end_on\":\"2024-06-10\"", "\"biller\":\"direct\"");
    /* 21 days were paid and not served: they follow the package */
    CHECK(said("membership.direct_resumes", "\"next_charge_on\": \"2024-07-01\"") ||
          said("membership.direct_resumes", "\"next_charge_on\":\"2024-07-01\""));
    done(m, "membership.get", "{}", "\"next_charge_on\":\"2024-07-01\"");
    life_run(&life, "2024-06-30");
    CHECK(n_charges(m) == 1 && state_of(m) == M_ACTIVE);
    life_run(&life, "2024-07-02");
    CHECK(n_charges(m) == 2 && state_of(m) == M_ACTIVE);
    life_run(&life, "2024-08-02");
    CHECK(n_charges(m) == 3);
    life_close(&life);
}

static void resumes_only_after_notice(void **state)
{
    int64_t const m = begins("tok_visa");

    (void)state;
    life_run(&life, "2024-02-28"); /* one paid day is left */
    told(m, "harbour_bundle", "activate",
         "\"period_start\":\"2024-02-28\",\"period_end\":\"2024-03-28\"", "");
    life_run(&life, "2024-05-01");
    told(m, "harbour_bundle", "cancel", "", "\"biller\":\"direct\"");
    size_t const before = n_charges(m);
    life_run(&life, "2024-05-07");
    CHECK(n_charges(m) == before); /* seven days */
    life_run(&life, "2024-05-09");
    CHECK(n_charges(m) == before + 1);
    life_close(&life);
}

static void who_was_leaving_is_not_charged_again(void **state)
{
    int64_t const m = begins("tok_visa");

    (void)state;
    life_run(&life, "2024-03-10");
    done(m, "membership.cancel", "{}", "ending");
    told(m, "harbour_bundle", "activate",
         "\"period_start\":\"2024-03-10\",\"period_end\":\"2024-04-10\"", "active");
    told(m, "harbour_bundle", "cancel", "\"end_on\":\"2024-04-10\"", "\"membership\":\"ending\"");
    CHECK(life_look(&life, m).end_day == life_day("2024-05-01")); /* 21 days are still served */
    life_run(&life, "2024-06-01");
    CHECK(state_of(m) == M_CANCELED && n_charges(m) == 1);
    life_close(&life);
}

/* Where a country asks for consent to charges there is none without it. */
static void no_charge_without_consent(void **state)
{
    begins("");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");

    (void)state;
    told(m, "harbour_bundle", "activate", FEBRUARY, "");
    told(m, "harbour_bundle", "cancel", "\"end_on\":\"2024-02-20\"", "\"membership\":\"ending\"");
    life_run(&life, "2024-06-01");
    CHECK(state_of(m) == M_CANCELED && n_charges(m) == 0);
    life_close(&life);
}

static void linking_in_trouble(void **state)
{
    int64_t const m = begins("tok_insufficient_funds"),
                  other = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01",
                                      "tok_slow_capture");

    (void)state;
    life_run(&life, "2024-03-10");
    CHECK(state_of(m) == M_HOLD);
    told(m, "harbour_bundle", "activate", MARCH, "active");
    life_run(&life, "2024-04-10");
    size_t n;
    const struct charge *c = charges(m, &n);
    for (size_t i = 0; i < n; i++) CHECK(c[i].charge_state != CHARGE_CAPTURED);
    CHECK(state_of(m) == M_ACTIVE);
    /* an attempt whose answer is still to come is waited for */
    life_close(&life);
    (void)other;
    int64_t const slow = begins("tok_slow_capture");
    life_run(&life, "2024-03-01");
    refuses(slow,
            "\"partner\":\"harbour_bundle\",\"reference\":\"q\",\"event\":\"activate\","
            "\"sequence\":1," MARCH,
            &BILLING_PAYMENT_IN_FLIGHT);
    life_run(&life, "2024-03-05");
    told(slow, "harbour_bundle", "activate", MARCH, "moved");
    life_close(&life);
}

/* ---- the same person twice ---- */

static void paid_twice(void **state)
{
    int64_t const m = begins("tok_visa@shared"),
                  twin = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01",
                                     "tok_visa@shared"),
                  friend = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "");
    char text[ID_TEXT];

    (void)state;
    run_sql("UPDATE account SET email = 'a@example.com'");
    run_sql(arena_printf(&life.t.arena,
                         "UPDATE account SET email = 'b@example.com' WHERE account_id = %lld",
                         (long long)friend));
    const char *answer = told(m, "harbour_bundle", "activate", FEBRUARY, "\"doubles\":2");
    CHECK(answer && said("membership.paid_twice", "same_email"));
    answer = done(m, "partner.doubles", "{}", "\"same\":\"email\"");
    CHECK(strstr(answer, "\"same\":\"card\"") && strstr(answer, "Harbour account"));
    CHECK(!strstr(answer, id_text("mem", twin, text))); /* not before it is proven */
    told(friend, "harbour_bundle", "activate", FEBRUARY, "\"doubles\":0");
    CHECK(strstr(done(friend, "partner.doubles", "{}", ""), "\"doubles\":[]"));
    life_close(&life);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("D-13 D-16 B-07 a life at a partner has no charge and no dunning of ours",
             a_life_at_a_partner),
        CASE("D-13 an event told twice happens once", told_once),
        CASE("D-13 an activation of what runs already changes its plan", activated_again),
        CASE("D-13 a late older event moves nothing", told_in_order),
        CASE("B-07 D-13 whatever is told, in whatever order, each counts once and nothing is "
             "charged",
             whatever_is_told),
        CASE("D-12 D-13 events that cannot be are refused and change nothing", refused_events),
        CASE("D-01 one biller at a time", one_biller),
        CASE("D-02 D-03 D-04 D-05 D-06 D-07 D-15 golden scenario 11: a partner's member is sent "
             "there and "
             "the wish to cancel stays open",
             golden_eleven),
        CASE("D-07 what a partner has billed stands in the history in place of charges",
             history_at_a_partner),
        CASE("D-05 no role changes payment data held by a partner", nobody_edits),
        CASE("D-16 the membership ends when the partner says so", ends_with_the_partner),
        CASE("D-10 B-14 who joins a package keeps the days paid to us", linking_keeps_paid_days),
        CASE("D-10 after a package we charge only after notice", resumes_only_after_notice),
        CASE("D-10 who was leaving is not charged after a package",
             who_was_leaving_is_not_charged_again),
        CASE("D-10 A-08 after a package there is no charge without a consent that is asked for",
             no_charge_without_consent),
        CASE("D-10 E-20 joining a package ends what failed and waits for what is on its way",
             linking_in_trouble),
        CASE("D-09 the same person paying twice is warned", paid_twice),
    };
    return RUN_CASES("partner", cases);
}
