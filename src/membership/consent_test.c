/* consent_test: what is recorded of consents to recurring charges, by whom, and for how long.
 * SPDX-License-Identifier: Apache-2.0 */
#include "membership/consent.h"

#include "base/id.h"
#include "payments/ask_test.h"

static struct life life;

static int64_t joins(const char *tokens)
{
    life_open(&life, "2024-02-01");
    return life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", tokens);
}

/* What an op answers; it lives in the test's arena. */
static const char *ask(enum role role, int64_t m, const char *id, const char *in)
{
    json_t *input = json_loads(in, 0, NULL);
    char member[ID_TEXT];
    enum status s;

    json_object_set_new(input, "member", json_string(id_text("mem", m, member)));
    struct actor const who = life_proven(role, role == ROLE_OWNER ? m : 0);
    const char *text = life_ask(&life, who, id, input, &s);
    if (s != OK) FAIL("%s %s: %s", id, in, text);
    return text;
}

static struct consent *consents(int64_t m, size_t *n)
{
    struct test_db *t = &life.t;
    struct consent *rows;

    CHECK_OK(consent_list(&t->cx, m, &rows, n));
    return rows;
}

static bool is(const struct consent *c, const char *text_version, const char *surface)
{
    return strcmp(c->text_version, text_version) == 0 && strcmp(c->surface, surface) == 0 &&
           strcmp(c->source_op, "method.add") == 0;
}

static void an_owner_consents(void **state)
{
    int64_t const m = joins("tok_visa-old");
    struct test_db *t = &life.t;
    struct settings settings;
    size_t n;

    (void)state;
    consents(m, &n);
    CHECK(n == 0);
    CHECK_OK(settings_set(&t->cx, "consent_text_version", "2024-01"));
    CHECK_OK(settings_load(&t->cx, &settings));
    t->cx.settings = &settings;
    ask(ROLE_OWNER, m, "method.add", "{\"token\":\"tok_visa-a\"}");
    ask(ROLE_OWNER, m, "method.add", "{\"token\":\"tok_visa-a\"}"); /* known: nothing new */
    t->cx.now += 5000;
    ask(ROLE_OWNER, m, "method.add",
        "{\"token\":\"tok_visa-b\",\"consent\":\"2023-07\",\"surface\":\"tv\"}");
    const struct consent *c = consents(m, &n);
    CHECK(n == 2 && is(&c[0], "2024-01", "web") && is(&c[1], "2023-07", "tv"));
    CHECK(c[0].consented_at == life_day("2024-02-01") * DAY_MS);
    CHECK(c[1].consented_at == c[0].consented_at + 5000);
    CHECK(c[0].keep_until_day == life_day("2027-02-02"));
    const char *text = ask(ROLE_OWNER, m, "membership.get", "{}");
    CHECK(strstr(text, "\"consents\":[{\"text_version\":\"2024-01\","
                       "\"consented_at\":\"2024-02-01T00:00:00.000Z\",\"surface\":\"web\","
                       "\"source\":\"method.add\",\"kept_until\":\"2027-02-02\"},"));
    life_close(&life);
}

static void nobody_consents_for_the_owner(void **state)
{
    int64_t const m = joins("tok_visa-old");
    size_t n;

    (void)state;
    ask(ROLE_SYSTEM, m, "method.add", "{\"token\":\"tok_visa-a\"}");
    consents(m, &n);
    CHECK(n == 0);
    ask(ROLE_SYSTEM, m, "method.add", "{\"token\":\"tok_visa-b\",\"consent\":\"7\"}");
    const struct consent *c = consents(m, &n);
    CHECK(n == 1 && is(c, "7", "web"));
    life_close(&life);
}

/* A method that is refused leaves no consent behind. */
static void refused_means_none(void **state)
{
    struct test_db *t = &life.t;
    int64_t const m = joins("");
    struct op_world const w = {
        .catalog = life.catalog, .world = &life.world, .find_member = account_number};
    const struct op *op;
    json_t *in = json_pack("{s:s}", "token", "tok_amex"), *out;
    size_t n;

    (void)state;
    CHECK_OK(op_find("method.add", &op, &t->err));
    t->cx.actor =
        (struct actor){.role = ROLE_OWNER, .id = m, .surface = SURFACE_WEB, .proven = true};
    CHECK(op_call(&t->cx, &w, op, in, &out) != OK);
    json_decref(in);
    json_decref(out);
    consents(m, &n);
    CHECK(n == 0);
    life_close(&life);
}

/* Whatever becomes of the membership - grace, hold, its end, the time after it. */
static void kept_for_years(void **state)
{
    int64_t const m = joins("");
    size_t n;

    (void)state;
    ask(ROLE_OWNER, m, "method.add", "{\"token\":\"tok_until_20240601\"}");
    for (int year = 2025; year <= 2027; year++) {
        char until[DAY_TEXT];

        snprintf(until, sizeof until, "%d-02-01", year);
        life_run(&life, until);
        CHECK(life_look(&life, m).state != M_ACTIVE);
        CHECK(consents(m, &n)->keep_until_day > life_day(until) && n == 1);
    }
    life_close(&life);
}

static void years_are_whole(void **state)
{
    (void)state;
    for (int64_t day = life_day("2020-01-01"); day < life_day("2028-06-01"); day++)
        for (int64_t years = 1; years <= 30; years++) {
            struct civil const c = civil_of(day);
            int64_t const until = consent_keep_until_day(day, years);

            /* the same date so many years later is still kept, and little more */
            CHECK(until > day_of(c.year + years, c.month, c.day < 29 ? c.day : 28));
            CHECK(until <= day + 366 * years + 1);
        }
    CHECK(consent_keep_until_day(life_day("2024-02-29"), 3) == life_day("2027-03-01"));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-16 an owner who adds a method consents: text version, time and surface are stored",
             an_owner_consents),
        CASE("B-16 nobody consents in an owner's place", nobody_consents_for_the_owner),
        CASE("B-16 a refused method leaves no consent", refused_means_none),
        CASE("B-16 consents are kept, whatever becomes of the membership", kept_for_years),
        CASE("B-16 consents are kept for whole years", years_are_whole),
    };
    return RUN_CASES("consent", cases);
}
