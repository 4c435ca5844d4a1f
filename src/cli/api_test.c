/* api_test: every op over HTTP, in the stories of a few members. An op that no step reaches fails
 * the test: give a new one a step here. Answers are checked against OpenAPI by tests/api/watch.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/api_test.h"

#include "base/id.h"
#include "catalog/catalog_test.h"
#include "db/outbox.h"
#include "notify/notify.h"
#include "outbox_sql.h"

static struct desk desk;

/* ---- what answers have named, for the steps that follow: $charge, $method, … ---- */

static struct {
    char name[40], text[120];
} known[400];
static size_t n_known;

static void learn(const char *name, const char *text)
{
    size_t i = 0;

    if (!*text || strlen(text) >= sizeof known[0].text || strlen(name) >= sizeof known[0].name)
        return;
    while (i < n_known && strcmp(known[i].name, name) != 0) i++;
    if (i == n_known) n_known++;
    CHECK(n_known < COUNT(known));
    snprintf(known[i].name, sizeof known[i].name, "%s", name);
    snprintf(known[i].text, sizeof known[i].text, "%s", text);
}

/* Of lists the first item counts. */
static void learn_all(const json_t *j)
{
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)j, name, value) {
        if (json_is_string(value)) learn(name, json_string_value(value));
        if (json_is_array(value)) learn_all(json_array_get(value, 0));
    }
}

static const char *fill_in(const char *text)
{
    struct arena *a = &desk.life.t.arena;
    const char *out = "";

    for (const char *at; text && (at = strchr(text, '$')); text = at) {
        size_t const n = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_"),
                     before = (size_t)(at - text);
        const char *value = NULL;

        for (size_t i = 0; i < n_known; i++)
            if (strlen(known[i].name) == n && !strncmp(known[i].name, at + 1, n))
                value = known[i].text;
        if (!value) FAIL("nothing is known of %s", at);
        out = arena_printf(a, "%s%.*s%s", out, (int)before, text, value);
        at += n + 1;
    }
    return text ? arena_printf(a, "%s%s", out, text) : NULL;
}

/* ---- the stories ---- */

/* Who asks: an owner, freshly proven and on the web, perhaps @ a country; an agent; or nobody: the
 * system. */
struct step {
    const char *who, *method, *target, *body, *says;
};

#define JOINS(name)                                                                                \
    {                                                                                              \
        "visitor", "POST", "/v1/memberships",                                                      \
            "{\"member\":\"" name "\",\"email\":\"" name "@example.com\",\"name\":\"Somebody\","   \
            "\"country\":\"DE\",\"plan\":\"standard\",\"token\":\"tok_visa\"}",                    \
            "\"state\":\"active\""                                                                 \
    }
#define UNTIL(date)                                                                                \
    {                                                                                              \
        NULL, "UNTIL", date, NULL, ""                                                              \
    }
/* $code is then what the newest message of a topic calls by that name. */
#define TOLD(topic, name)                                                                          \
    {                                                                                              \
        NULL, "TOLD", topic, NULL, name                                                            \
    }

/* clang-format off */
static const struct step steps[] = {
    JOINS("ann"),
    {"visitor", "GET", "/v1/plans?country=DE", NULL, "\"standard\""},
    {"owner:ann", "GET", "/v1/accounts/me/membership", NULL, "\"standing\":\"good\""},
    {"owner:ann", "GET", "/v1/accounts/me/options", NULL, "\"allowed\""},
    {"owner:ann", "GET", "/v1/accounts/me/preview/next", NULL, "2024-02-10"},
    {"owner:ann", "GET", "/v1/accounts/me/preview/change?plan=premium", NULL, "premium"},
    {"owner:ann", "POST", "/v1/accounts/me/membership/plan",
     "{\"plan\":\"standard_ads\",\"accept_losses\":true}", "standard_ads"},
    {"owner:ann", "POST", "/v1/accounts/me/membership/plan/undo", NULL, ""},
    {"owner:ann", "POST", "/v1/accounts/me/slots", "{}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/slots/$slot/cancel", "{}", ""},
    {"owner:ann", "GET", "/v1/accounts/me/charges?limit=1", NULL, "chg_"},
    {"owner:ann", "GET", "/v1/accounts/me/charges/$reference/explanation", NULL, "causes"},
    {"agent:7", "GET", "/v1/accounts/ann/receipts/$reference?locale=de-DE",
     NULL, "application/pdf"},
    /* methods */
    {"owner:ann", "POST", "/v1/accounts/me/methods",
     "{\"token\":\"tok_mastercard\"}", "mastercard"},
    {"owner:ann", "PATCH", "/v1/accounts/me/methods/$method",
     "{\"expires\":\"2031-05\"}", "2031-05"},
    {"owner:ann", "POST", "/v1/accounts/me/methods/$method/primary", NULL, "\"place\":0"},
    {"owner:ann", "POST", "/v1/accounts/me/methods/$method/backup", "{\"place\":1}", "\"place\":1"},
    {"owner:ann", "DELETE", "/v1/accounts/me/methods/$method?confirm=true",
     NULL, "\"removed\":true"},
    {"owner:ann", "GET", "/v1/accounts/me/methods", NULL, "\"history\""},
    {"owner:ann", "GET", "/v1/accounts/me/export", NULL, "ann@example.com"},
    {"owner:ann", "GET", "/v1/accounts/me/audit?limit=2", NULL, "account.export"},
    /* gift cards */
    {NULL, "POST", "/v1/gifts",
     "{\"amount_minor\":500,\"currency\":\"EUR\",\"inactive\":true}", "gft_"},
    {NULL, "POST", "/v1/gifts/$card/activation", NULL, "active"},
    {"agent:7", "POST", "/v1/accounts/ann/gifts/check", "{\"code\":\"$code\"}", "good"},
    {"owner:ann", "POST", "/v1/accounts/me/gifts", "{\"code\":\"$code\"}", "\"balance_minor\":500"},
    {"owner:ann", "GET", "/v1/accounts/me/gifts", NULL, "\"balance_minor\":500"},
    /* a cancel, taken back */
    {"owner:ann", "POST", "/v1/accounts/me/membership/cancel/begin", "{}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/membership/cancel", "{}", "ending"},
    {"owner:ann", "POST", "/v1/accounts/me/membership/cancel/confirmation", "{}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/membership/cancel/undo", "{}", "active"},
    /* a pause */
    {"owner:ann", "POST", "/v1/accounts/me/membership/pause", "{}", ""},
    UNTIL("2024-02-12"),
    {"owner:ann", "POST", "/v1/accounts/me/membership/pause/extend", "{}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/membership/resume", "{\"preview\":true}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/membership/resume", "{}", ""},
    /* what people ask */
    {"owner:ann", "POST", "/v1/accounts/me/guides/charged-twice", "{}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/guides/unknown-charge", "{\"amount_minor\":1}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/guides/charged-after-cancel", "{}", ""},
    {"agent:7", "POST", "/v1/accounts/ann/guides/sign-up", "{}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/playback/seen", "{}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/membership/confirm-use", "{}", ""},
    /* money back */
    {"owner:ann", "GET", "/v1/accounts/me/charges?limit=1", NULL, "chg_"},
    {"agent:7", "POST", "/v1/accounts/ann/refunds",
     "{\"charge\":\"$reference\",\"circumstance\":\"goodwill\",\"amount_minor\":100,"
     "\"note\":\"sorry\"}", ""},
    {"owner:ann", "POST", "/v1/accounts/me/refunds/ask",
     "{\"charge\":\"$reference\",\"circumstance\":\"unauthorized\"}", ""},
    {"agent:7", "POST", "/v1/accounts/ann/refunds",
     "{\"charge\":\"$reference\",\"circumstance\":\"goodwill\",\"amount_minor\":300,"
     "\"note\":\"sorry\"}", "waiting"},
    {"agent:8", "POST", "/v1/accounts/ann/refunds/$remedy/approve", "{\"decline\":true}", ""},
    {"agent:7", "GET", "/v1/accounts/ann/charges?limit=1", NULL, "chg_"},
    {"agent:7", "POST", "/v1/accounts/ann/disputes",
     "{\"charge\":\"$reference\",\"reason\":\"fraudulent\"}", "open"},
    {"agent:7", "POST", "/v1/accounts/ann/disputes/$reference/close",
     "{\"outcome\":\"won\"}", "won"},
    /* support */
    {"agent:7", "POST", "/v1/accounts/ann/lock", "{\"report\":\"case 1\"}", ""},
    {"agent:7", "GET", "/v1/work?state=open&limit=1", NULL, "wrk_"},
    {"agent:7", "POST", "/v1/accounts/ann/unlock", "{\"outcome\":\"hers\"}", ""},
    {"agent:7", "GET", "/v1/work?state=open&limit=1", NULL, "wrk_"},
    {"agent:7", "POST", "/v1/work/$work/close", "{\"outcome\":\"answered\"}", "closed"},
    /* withdrawals, restarts and the end */
    JOINS("bob"),
    {"owner:bob", "POST", "/v1/accounts/me/membership/withdraw", "{}", ""},
    {"owner:bob", "POST", "/v1/accounts/me/membership/restart", "{}", ""},
    {"agent:7", "POST", "/v1/accounts/bob/membership/undo-restart", "{\"report\":\"case 2\"}", ""},
    JOINS("cat"),
    JOINS("ida"),
    {"owner:cat", "POST", "/v1/accounts/me/membership/cancel", "{}", "ending"},
    UNTIL("2024-03-20"),
    {"owner:ida", "GET", "/v1/accounts/me/preview/billing-day?day=20", NULL, "\"days\":8"},
    {"owner:ida", "POST", "/v1/accounts/me/membership/billing-day", "{\"day\":20}", "\"done\""},
    {"owner:cat", "POST", "/v1/accounts/me/delete", "{}", "erase_on"},
    {"owner:cat", "POST", "/v1/accounts/me/undo-delete", "{}", "\"erase_on\":\"\""},
    /* unusual restarts, and what strangers may ask */
    {"owner:cat", "POST", "/v1/accounts/me/methods", "{\"token\":\"tok_mastercard\"}", "mth_"},
    {"owner:cat@BR", "POST", "/v1/accounts/me/membership/restart", "{}", "held_until"},
    TOLD("membership.restart_held", "confirm_code"),
    {"owner:cat", "POST", "/v1/accounts/me/membership/confirm-restart", "{\"code\":\"$code\"}",
     "\"active\""},
    TOLD("membership.restart_begun", "not_me_code"),
    {"visitor", "POST", "/v1/memberships/disown-restart", "{\"code\":\"$code\"}", "undone"},
    JOINS("fay"),
    {"visitor", "POST", "/v1/memberships/cancel",
     "{\"email\":\"fay@example.com\",\"name\":\"Somebody\"}", "cfm_"},
    UNTIL("2024-03-21"),
    TOLD("membership.cancel_form_received", "keep_code"),
    {"visitor", "POST", "/v1/memberships/keep", "{\"code\":\"$code\"}", "active"},
    {"visitor", "POST", "/v1/charges/match",
     "{\"on\":\"2024-01-10\",\"amount_minor\":1299,\"currency\":\"EUR\",\"last4\":\"4242\","
     "\"descriptor\":\"FOYER\"}",
     ""},
    /* two accounts of one person */
    JOINS("gus"),
    {"owner:gus", "POST", "/v1/accounts/me/link", "{\"email\":\"fay@example.com\"}", "code"},
    TOLD("account.compare_code", "compare_code"),
    {"owner:gus", "POST", "/v1/accounts/me/compare", "{\"code\":\"$code\"}", "fay@example.com"},
    {"owner:gus", "POST", "/v1/accounts/me/keep-one",
     "{\"code\":\"$code\",\"keep\":\"this\"}", "\"ending\""},
    /* partners */
    JOINS("dan"),
    {NULL, "POST", "/v1/accounts/dan/partner-events",
     "{\"partner\":\"app_store\",\"event\":\"activate\",\"reference\":\"r1\",\"sequence\":1,"
     "\"period_start\":\"2024-03-20\",\"period_end\":\"2024-04-20\"}", "outcome"},
    {"owner:dan", "GET", "/v1/accounts/me/doubles", NULL, ""},
    {NULL, "POST", "/v1/partners/rhein_mobile/settlements/2024-02/lines",
     "{\"line\":\"l1\",\"reference\":\"x\",\"period_start\":\"2024-02-01\","
     "\"amount_minor\":999,\"currency\":\"EUR\"}",
     "unknown_reference"},
    {NULL, "POST", "/v1/partners/rhein_mobile/settlements/2024-02/close", NULL, "2024-02"},
    {"agent:7", "GET", "/v1/partners/rhein_mobile/settlements/2024-02", NULL, "2024-02"},
    {"agent:7", "GET", "/v1/accounts/dan/audit?limit=2", NULL, ""},
    /* prices */
    JOINS("eve"),
    {NULL, "POST", "/v1/prices/change",
     "{\"country\":\"DE\",\"plan\":\"standard\",\"from\":\"2024-04-16\"}", "told"},
    {"owner:eve", "POST", "/v1/accounts/me/price/consent", "{}", ""},
    /* keys */
    {NULL, "POST", "/v1/keys",
     "{\"name\":\"a shop\",\"scopes\":\"plan.*\",\"roles\":\"visitor\"}", "fky_"},
    {NULL, "POST", "/v1/keys/$key/rotate", "{\"grace_hours\":1}", "fky_"},
    {NULL, "POST", "/v1/keys/$key/revoke", NULL, "revoked"},
    {NULL, "GET", "/v1/keys?limit=2", NULL, "\"ending\""},
    /* webhooks */
    {NULL, "POST", "/v1/webhooks", "{\"url\":\"https://hooks.example.com/foyer\"}", "whsec_"},
    {NULL, "POST", "/v1/webhooks/$endpoint", "{\"note\":\"the shop\"}", "the shop"},
    {NULL, "POST", "/v1/webhooks/$endpoint/rotate", "{\"overlap_hours\":24}", "whsec_"},
    {NULL, "POST", "/v1/webhooks/$endpoint/test", NULL, "dlv_"},
    {NULL, "GET", "/v1/webhook-deliveries?limit=1", NULL, "dlv_"},
    {NULL, "GET", "/v1/webhook-deliveries/$delivery", NULL, "\"body\""},
    {NULL, "POST", "/v1/webhook-deliveries/replay",
     "{\"endpoint\":\"$endpoint\",\"since\":\"2024-01-01\"}", "\"replayed\":"},
    {NULL, "GET", "/v1/webhooks", NULL, "the shop"},
    {NULL, "POST", "/v1/webhooks/$endpoint/delete", NULL, ""},
    /* messages */
    {NULL, "WRITE", "", NULL, ""},
    {"owner:ann", "GET", "/v1/accounts/me/messages?limit=2", NULL, "\"subject\""},
    {"owner:ann", "POST", "/v1/accounts/me/messages/$reference/read", NULL, "\"read_at\""},
    {"visitor", "POST", "/v1/messages/check", "{\"reference\":\"$reference\"}", "genuine"},
    {NULL, "POST", "/v1/messages/report",
     "{\"provider_ref\":\"SM0\",\"status\":\"delivered\"}", "\"known\":false"},
    {"visitor", "GET", "/v1/safety?locale=de", NULL, "Passwort"},
    {"profile:ann", "GET", "/v1/accounts/me/banners", NULL, "\"banners\""},
    {"owner:ann", "GET", "/v1/accounts/me/contact", NULL, "ann@example.com"},
    {"owner:ann", "POST", "/v1/accounts/me/contact", "{\"locale\":\"de\"}", "\"de\""},
    /* a plan that is retired */
    {NULL, "RETIRE", "    retired: 2024-04-25\n    retired_to: premium\n", NULL, ""},
    UNTIL("2024-03-30"),
    {"owner:eve", "GET", "/v1/accounts/me/membership/plan/choices", NULL, "\"premium\""},
    {"owner:eve", "POST", "/v1/accounts/me/membership/plan/choose",
     "{\"plan\":\"standard_ads\",\"accept_losses\":true}", "\"standard_ads\""},
};
/* clang-format on */

static const struct op *called[400];
static size_t n_called;

static void take(const struct step *s)
{
    struct asked q = {
        s->method,
        fill_in(s->target),
        fill_in(s->body),
        {{"Foyer-Actor", s->who ? s->who : "system"},
                   {"Foyer-Surface", "web"},
                   {"Foyer-Device", "a browser"},
                   {"Foyer-Network", "192.0.2.1"},
                   {"Foyer-Proof", "fresh"}}
    };
    struct op_route r;
    const char *at = s->who ? strchr(s->who, '@') : NULL;

    if (at) {
        q.headers[0].value = arena_memdup(&desk.life.t.arena, s->who, (size_t)(at - s->who));
        q.headers[5] = (struct http_header){"Foyer-Country", at + 1};
    }
    if (s->who && strncmp(s->who, "agent", 5) == 0) q.headers[1].value = "contact";
    if (desk_ask(&desk, &q) != 200 || !strstr(desk.answer.body, s->says))
        FAIL("%s %s as %s: %d %s", q.method, q.target, s->who, desk.answer.status,
             desk.answer.body);
    json_t *answer = json_loads(desk.answer.body, 0, NULL);
    learn_all(answer);
    json_decref(answer);
    route_find(s->method, arena_memdup(&desk.life.t.arena, q.target, strcspn(q.target, "?")), &r);
    CHECK(r.op && n_called < COUNT(called));
    called[n_called++] = r.op;
}

/* Members are told what has happened. */
static void write_messages(void)
{
    struct life *l = &desk.life;
    struct test_db *t = &l->t;
    size_t n = 1;

    while (n) CHECK_OK(notify_dispatch(&t->cx, l->catalog, 100, &n));
}

static void learn_told(const char *topic, const char *name)
{
    struct test_db *t = &desk.life.t;
    struct outbox_row *rows;
    size_t n;

    CHECK_OK(outbox_after(&t->cx, &rows, &n, .after = 0, .max = 10000));
    for (size_t i = 0; i < n; i++) {
        CLEANUP(json_decrefp) json_t *body = json_loads(rows[i].body, 0, NULL);
        const char *value = json_string_value(json_object_get(body, name));

        if (strcmp(rows[i].topic, topic) == 0 && value) learn("code", value);
    }
}

/* Applies the example catalog with more said of its standard plan. */
static void retire(const char *lines)
{
    struct test_db *t = &desk.life.t;
    size_t n;
    char *example = test_file("examples/catalog.yaml", &n);
    const char *after = strstr(example, "  premium:\n");

    CHECK(after);
    life_apply(&desk.life,
               arena_printf(&t->arena, "%.*s%s%s", (int)(after - example), example, lines, after));
    free(example);
}

static bool was_called(const struct op *op)
{
    for (size_t i = 0; i < n_called; i++)
        if (called[i] == op) return true;
    return false;
}

static void stories(void **state)
{
    size_t n, missing = 0;
    char *example = test_file("examples/catalog.yaml", &n);

    (void)state;
    desk_open(&desk, "2024-01-10");
    life_apply(&desk.life, example);
    free(example);
    desk.life.t.settings.refund_second_person_minor = 200;
    desk.life.t.settings.billing_day_moves = 1;
    for (size_t i = 0; i < COUNT(steps); i++) {
        if (strcmp(steps[i].method, "UNTIL") == 0)
            life_run(&desk.life, steps[i].target);
        else if (strcmp(steps[i].method, "RETIRE") == 0)
            retire(steps[i].target);
        else if (strcmp(steps[i].method, "WRITE") == 0)
            write_messages();
        else if (strcmp(steps[i].method, "TOLD") == 0)
            learn_told(steps[i].target, steps[i].says);
        else
            take(&steps[i]);
    }
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++)
            if (!was_called(&op_tables[t]->at[i])) {
                print_error("no step calls %s\n", op_tables[t]->at[i].id);
                missing++;
            }
    CHECK(missing == 0);
    desk_close(&desk);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("every op is called over HTTP, and answers what OpenAPI says", stories),
    };
    return RUN_CASES("api", cases);
}
