/* plan_test: the list of plans is what billing and sign-up go by.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/plan.h"

#include "http/op.h"
#include "payments/life_test.h"

static json_t *call(struct life *l, enum status want, json_t *in)
{
    struct op_world const w = {.catalog = l->catalog};
    const struct op *op;
    json_t *out = NULL;

    CHECK(op_find("plan.list", &op, &l->t.err) == OK);
    CHECK(op_call(&l->t.cx, &w, op, in, &out) == want);
    json_decref(in);
    return out;
}

static int64_t number(const json_t *row, const char *name)
{
    return json_integer_value(json_object_get(row, name));
}

static void lists_what_is_sold(void **state)
{
    struct life l;

    (void)state;
    life_open(&l, "2024-03-31");
    l.t.cx.actor = (struct actor){.role = ROLE_VISITOR};
    for (int64_t later = 0; later < 2; later++) {
        json_t *out = call(&l, OK, json_pack("{s:s}", "country", "Germany"));
        const json_t *plans = json_object_get(out, "plans");

        CHECK(json_array_size(plans) == 2);
        CHECK(strcmp(json_string_value(json_object_get(out, "currency")), "EUR") == 0);
        for (size_t i = 0; i < json_array_size(plans); i++) {
            const json_t *p = json_array_get(plans, i);
            const char *code = json_string_value(json_object_get(p, "plan"));
            struct rate_in const in = {.plan = code,
                                       .country = "DE",
                                       .region = "",
                                       .anchor_day = life_day("2024-03-31") + later};
            struct rated r;

            CHECK(!rate_period(l.catalog, &in, &r) && number(p, "price_minor") == r.total_minor);
            CHECK(number(p, "streams") == catalog_plan(l.catalog, code)->streams);
            CHECK(json_is_true(json_object_get(p, "open")));
            CHECK(number(p, "slots") == 0); /* no price for one, no slot */
        }
        json_decref(out);
        l.t.cx.now += DAY_MS;
    }
    json_t *only = call(&l, OK, json_pack("{s:s}", "country", "us"));
    CHECK(json_array_size(json_object_get(only, "plans")) == 1);
    json_decref(only);
    json_decref(call(&l, E_NOT_FOUND, json_pack("{s:s}", "country", "Atlantis")));
    CHECK(l.t.err.fault == &COUNTRY_UNKNOWN);
    life_close(&l);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("A-01, A-16 the plans of a country, with the prices that billing takes",
             lists_what_is_sold),
    };
    return RUN_CASES("plan", cases);
}
