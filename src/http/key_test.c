/* key_test: how keys are spelt, what they cover, and what becomes of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "base/luhn.h"
#include "db/secret.h"
#include "http/api_test.h"

static struct desk desk;

static int set_up(void **state)
{
    (void)state;
    desk_open(&desk, "2024-02-01");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_close(&desk);
    return 0;
}

/* ---- spelling ---- */

static void spells(void **state)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char random[KEY_RANDOM];
    char key[KEY_TEXT], other[KEY_TEXT];

    (void)state;
    for (int n = 0; n < 200; n++) {
        secret_random(random, sizeof random);
        CHECK(strlen(key_spell(random, key)) == KEY_TEXT - 1 && key_is_spelt(key));
        CHECK(!text_has_card_number(key));
        size_t const i = 4 + (size_t)n % (KEY_TEXT - 5);
        for (const char *d = digits; *d; d++) {
            memcpy(other, key, sizeof key);
            other[i] = *d;
            CHECK(key_is_spelt(other) == (*d == key[i]));
        }
        if (i + 1 >= KEY_TEXT - 3 || key[i] == key[i + 1]) continue;
        memcpy(other, key, sizeof key);
        other[i] = key[i + 1];
        other[i + 1] = key[i];
        CHECK(!key_is_spelt(other));
    }
    memset(random, 0xff, sizeof random);
    CHECK(strncmp(key_spell(random, key), "fky_zzzzzz", 10) == 0 && key_is_spelt(key));
    CHECK(!key_is_spelt("") && !key_is_spelt("fky_") && !key_is_spelt("Fky_"));
}

/* ---- scopes ---- */

static void covers(void **state)
{
    static const struct {
        const char *scopes, *op;
        bool writes, covers;
    } cases[] = {
        {"*",                           "charge.list",       false, true },
        {"*",                           "key.list",          false, false},
        {"*:read",                      "charge.list",       false, true },
        {"*:read",                      "charge.refund",     true,  false},
        {"*:write",                     "charge.refund",     true,  true },
        {"key.*",                       "key.create",        true,  true },
        {"key.*:read",                  "key.create",        true,  false},
        {"membership.*",                "membership.cancel", true,  true },
        {"membership.*",                "members.cancel",    true,  false},
        {"member*",                     "membership.cancel", true,  false},
        {"membership",                  "membership.cancel", true,  false},
        {"membership.cancel",           "membership.cancel", true,  true },
        {"membership.cancel",           "membership.get",    false, false},
        {"membership.cancel:read",      "membership.cancel", true,  false},
        {"charge.list, membership.get", "membership.get",    false, true },
        {"charge.list,membership.get",  "charge.list",       false, true },
        {"",                            "charge.list",       false, false},
        {" , ",                         "charge.list",       false, false},
        {"*:all",                       "charge.list",       false, false},
        {".*",                          "charge.list",       false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (scopes_cover(cases[i].scopes, cases[i].op, cases[i].writes) != cases[i].covers)
            FAIL("\"%s\" and %s", cases[i].scopes, cases[i].op);
}

/* ---- what becomes of keys ---- */

static int ask_with(const char *authorization, const char *actor, const char *target)
{
    struct asked const q = {
        "GET", target, NULL, {{"Authorization", authorization}, {"Foyer-Actor", actor}}
    };

    return desk_ask(&desk, &q);
}

static struct key_made make(const char *scopes, const char *acts_as, int64_t expires_days)
{
    struct test_db *t = &desk.life.t;
    struct key_create const in = {"a test", scopes, acts_as, expires_days};
    struct key_made made;

    CHECK_OK(key_create(&t->cx, &in, &made));
    return made;
}

static const char *bearer(const struct key_made *k)
{
    return arena_printf(&desk.life.t.arena, "Bearer %s", k->secret);
}

static struct api_key row_of(const struct key_made *k)
{
    struct test_db *t = &desk.life.t;
    struct api_key row;
    int64_t id;

    CHECK(id_parse("key", k->view.key, &id));
    CHECK_OK(key_by_id(&t->cx, &row, &KEY_UNKNOWN, .key_id = id));
    return row;
}

static void refuses_alike(void **state)
{
    struct test_db *t = &desk.life.t;
    struct key_made const revoked = make("*", "system", 0), expired = make("*", "system", 1);
    struct key_view view;
    unsigned char random[KEY_RANDOM];
    char unknown[KEY_TEXT];
    int64_t const now = t->cx.now;

    (void)state;
    CHECK(ask_with(bearer(&revoked), "system", "/v1/plans?country=DE") == 200);
    CHECK(ask_with(bearer(&expired), "system", "/v1/plans?country=DE") == 200);
    CHECK_OK(key_revoke(&t->cx, &(struct key_choose){.key = revoked.view.key}, &view));
    CHECK(view.state == KEY_REVOKED && *view.revoked_at);
    t->cx.now += INT64_C(86400000);
    secret_random(random, sizeof random);
    const char *const bad[] = {
        arena_printf(&t->arena, "Bearer %s", key_spell(random, unknown)),
        bearer(&revoked),
        bearer(&expired),
        "Bearer ",
        "Bearer fky_",
        "bearer nonsense",
        "Basic YTpi",
        "",
    };
    const char *first = NULL;
    for (size_t i = 0; i + 1 < COUNT(bad); i++) {
        CHECK(ask_with(bad[i], "system", "/v1/plans?country=DE") == 401);
        if (!first) first = desk.answer.body;
        CHECK(strcmp(first, desk.answer.body) == 0 && desk.answer.n_headers == 2);
    }
    t->cx.now = now;
}

static void limits(void **state)
{
    struct key_made const shop = make("plan.*, *:read", "visitor, owner", 0);
    const char *const key = bearer(&shop);
    struct asked const create = {
        "POST",
        "/v1/keys",
        "{\"name\":\"x\",\"scopes\":\"*\",\"roles\":\"system\"}",
        {{"Authorization", bearer(&(struct key_made){.secret = make("*", "system", 0).secret})}}};

    (void)state;
    CHECK(ask_with(key, "visitor", "/v1/plans?country=DE") == 200);
    CHECK(ask_with(key, "system", "/v1/plans?country=DE") == 403);
    CHECK(strstr(desk.answer.body, "key.not_as_them"));
    CHECK(ask_with(key, "agent:7", "/v1/plans?country=DE") == 403);
    CHECK(ask_with(key, "visitor", "/v1/keys") == 403);
    CHECK(strstr(desk.answer.body, "key.not_in_scope"));
    CHECK(desk_ask(&desk, &create) == 403 && strstr(desk.answer.body, "key.not_in_scope"));
}

static void refuses_slips(void **state)
{
    static const struct {
        const char *scopes, *acts_as;
        const struct fault *fault;
    } cases[] = {
        {"membershp.*",       "owner",        &KEY_SCOPES_INVALID},
        {"*, charge.lst",     "owner",        &KEY_SCOPES_INVALID},
        {"charge.list:write", "owner",        &KEY_SCOPES_INVALID},
        {",",                 "owner",        &KEY_SCOPES_INVALID},
        {"*",                 "king",         &KEY_ROLES_INVALID },
        {"*",                 "owner, kings", &KEY_ROLES_INVALID },
        {"*",                 " ",            &KEY_ROLES_INVALID },
    };
    struct test_db *t = &desk.life.t;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct key_create const in = {"a test", cases[i].scopes, cases[i].acts_as, 0};
        struct key_made made;

        CHECK_FAULT(key_create(&t->cx, &in, &made), cases[i].fault);
    }
}

static void rotates(void **state)
{
    struct test_db *t = &desk.life.t;
    struct key_made const old = make("plan.*", "visitor", 0);
    struct key_made made, again;
    int64_t const now = t->cx.now;

    (void)state;
    struct key_choose const in = {.key = old.view.key, .grace_hours = 2};
    CHECK_OK(key_rotate(&t->cx, &in, &made));
    CHECK(strcmp(made.view.scopes, "plan.*") == 0 && strcmp(made.view.roles, "visitor") == 0);
    CHECK(strcmp(made.secret, old.secret) != 0);
    CHECK_FAULT(key_rotate(&t->cx, &in, &again), &KEY_ENDED);
    CHECK(ask_with(bearer(&old), "visitor", "/v1/plans?country=DE") == 200);
    CHECK(ask_with(bearer(&made), "visitor", "/v1/plans?country=DE") == 200);
    t->cx.now = now + 2 * INT64_C(3600000);
    CHECK(ask_with(bearer(&old), "visitor", "/v1/plans?country=DE") == 401);
    CHECK(ask_with(bearer(&made), "visitor", "/v1/plans?country=DE") == 200);
    t->cx.now = now;
    /* A key that ends sooner by itself does not live longer for being rotated. */
    struct key_made const day = make("plan.*", "visitor", 1);
    CHECK_OK(key_rotate(&t->cx, &(struct key_choose){day.view.key, 720}, &again));
    CHECK(row_of(&day).expires_at == now + INT64_C(86400000));
}

static void notes_use(void **state)
{
    struct test_db *t = &desk.life.t;
    struct key_made const k = make("plan.*", "visitor", 0);
    int64_t const now = t->cx.now;

    (void)state;
    CHECK(row_of(&k).used_at == 0);
    CHECK_OK(key_uses_write(&t->cx));
    CHECK(ask_with(bearer(&k), "visitor", "/v1/plans?country=DE") == 200);
    CHECK(row_of(&k).used_at == 0 && key_uses_noted()); /* no request waits for it */
    CHECK_OK(key_uses_write(&t->cx));
    CHECK(row_of(&k).used_at == now && !key_uses_noted());
    t->cx.now = now + 59999;
    CHECK(ask_with(bearer(&k), "visitor", "/v1/plans?country=DE") == 200);
    CHECK(!key_uses_noted());
    t->cx.now = now + 60000;
    CHECK(ask_with(bearer(&k), "visitor", "/v1/plans?country=DE") == 200);
    CHECK_OK(key_uses_write(&t->cx));
    CHECK(row_of(&k).used_at == now + 60000);
    t->cx.now = now;
}

/* The secret is in the first answer and nowhere else. */
static void tells_once(void **state)
{
    struct asked const q = {"POST",
                            "/v1/keys",
                            "{\"name\":\"x\",\"scopes\":\"*\",\"roles\":\"owner\"}",
                            {{"Idempotency-Key", "once"}}};

    (void)state;
    CHECK(desk_ask(&desk, &q) == 200 && strstr(desk.answer.body, "\"secret\":\"fky_"));
    CHECK(desk_ask(&desk, &q) == 200 && strstr(desk.answer.body, "\"secret\":\"\""));
    CHECK(ask_with(desk.key, "system", "/v1/keys") == 200 && !strstr(desk.answer.body, "fky_"));
}

static void pages(void **state)
{
    struct test_db *t = &desk.life.t;
    const char *target = "/v1/keys?limit=3";
    size_t seen = 0, pages_seen = 0, all = 0;

    (void)state;
    CHECK(ask_with(desk.key, "system", "/v1/keys?limit=200") == 200);
    for (const char *at = desk.answer.body; (at = strstr(at, "{\"key\":")); at++) all++;
    CHECK(all > 6);
    for (; target; pages_seen++) {
        CHECK(pages_seen < 50 && ask_with(desk.key, "system", target) == 200);
        for (const char *at = desk.answer.body; (at = strstr(at, "{\"key\":")); at++) seen++;
        const char *link = desk_header(&desk, "Link");
        size_t const n = *link ? strcspn(link + 1, ">") : 0;
        target = n ? arena_memdup(&t->arena, link + 1, n) : NULL;
        CHECK(!target || strcmp(link + n + 1, ">; rel=\"next\"") == 0);
    }
    CHECK(seen == all && pages_seen == (all + 2) / 3);
    CHECK(ask_with(desk.key, "system", "/v1/keys?before=key_nonsense") == 404);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("keys are spelt so that slips and leaks are found", spells),
        CASE("scopes cover ops by name, noun and kind, and keys only by name", covers),
        CASE("unknown, revoked, expired and misspelt keys are refused alike", refuses_alike),
        CASE("a key acts in its scopes and roles only", limits),
        CASE("scopes and roles that mean nothing are refused", refuses_slips),
        CASE("a rotated key lives on for its grace time", rotates),
        CASE("the last use is written once a minute", notes_use),
        CASE("a secret is told once", tells_once),
        CASE("pages of keys follow each other by their links", pages),
    };
    return cmocka_run_group_tests_name("key", cases, set_up, tear_down);
}
