/* charge_list_test: what owners read of their charges, and nobody else's.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/charge_list.h"

#include "http/op.h"
#include "payments/life_test.h"

static struct life life;

static json_t *ask(int64_t owner, const char *id, const char *body)
{
    struct test_db *t = &life.t;
    struct op_world const w = {.catalog = life.catalog, .world = &life.world};
    const struct op *op;
    json_t *out = NULL;
    CLEANUP(json_decrefp) json_t *in = json_loads(body, 0, NULL);

    CHECK_OK(op_find(id, &op, &t->err));
    t->cx.actor = (struct actor){.role = ROLE_OWNER, .id = owner, .surface = SURFACE_WEB};
    (void)!op_call(&t->cx, &w, op, in, &out);
    t->cx.actor = (struct actor){.role = ROLE_SYSTEM};
    CHECK(out != NULL);
    return out;
}

static const char *text(const json_t *j, const char *name)
{
    const char *s = json_string_value(json_object_get(j, name));

    return s ? s : "";
}

static void is(const char *a, const char *b)
{
    if (strcmp(a, b) != 0) FAIL("\"%s\" is not \"%s\"", a, b);
}

static void lists_charges(void **unused UNUSED)
{
    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-05-02");
    CLEANUP(json_decrefp) json_t *out = ask(m, "charge.list", "{}");
    const json_t *list = json_object_get(out, "charges"), *newest = json_array_get(list, 0);
    CHECK(json_array_size(list) == 3);
    is(text(newest, "date"), "2024-04-30");
    is(text(newest, "method"), "visa 4242");
    is(text(newest, "descriptor"), "FOYER");
    is(text(newest, "captured"), "2024-04-30");
    is(text(newest, "expected_on_statement_by"), "2024-05-05");
    CHECK(json_array_size(json_object_get(newest, "lines")) == 2);
    CHECK(json_array_size(json_object_get(newest, "attempts")) == 1);
    CHECK(json_array_size(json_object_get(newest, "changes")) > 0); /* the price, in April */
    CLEANUP(json_decrefp) json_t *one = ask(m, "charge.list", "{\"limit\":1}");
    CHECK(json_array_size(json_object_get(one, "charges")) == 1);
    CLEANUP(json_decrefp) json_t *none = ask(m, "charge.list", "{\"limit\":0}");
    is(text(json_object_get(none, "error"), "field"), "limit");
    life_close(&life);
}

/* Pages show each charge once, also while a new one comes; others' charges are no place to begin.
 */
static void lists_in_pages(void **unused UNUSED)
{
    static const char *const dates[] = {"2024-04-30", "2024-03-31", "2024-02-29"};
    char body[80] = "{\"limit\":1}";

    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    int64_t const other =
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-05-02");
    for (size_t i = 0; i < COUNT(dates); i++) {
        CLEANUP(json_decrefp) json_t *page = ask(m, "charge.list", body);

        is(text(json_array_get(json_object_get(page, "charges"), 0), "date"), dates[i]);
        CHECK((*text(page, "next") == 0) == (i + 1 == COUNT(dates)));
        snprintf(body, sizeof body, "{\"limit\":1,\"before\":\"%s\"}", text(page, "next"));
        if (i + 1 == COUNT(dates)) break;
        CLEANUP(json_decrefp) json_t *stranger = ask(other, "charge.list", body);
        is(text(json_object_get(stranger, "error"), "code"), "charge.unknown");
        if (i == 0) life_run(&life, "2024-06-02");
    }
    life_close(&life);
}

static void explains_a_charge(void **unused UNUSED)
{
    char body[80];

    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    int64_t const other =
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    life_run(&life, "2024-05-02");
    CLEANUP(json_decrefp) json_t *list = ask(m, "charge.list", "{\"limit\":1}");
    snprintf(body, sizeof body, "{\"reference\":\"%s\"}",
             text(json_array_get(json_object_get(list, "charges"), 0), "reference"));
    CLEANUP(json_decrefp) json_t *out = ask(m, "charge.explain", body);
    const json_t *causes = json_object_get(out, "causes");
    CHECK(json_array_size(causes) >= 2); /* a short month, and another price */
    is(text(json_array_get(causes, 0), "code"), "missing_day");
    CHECK(json_is_true(json_object_get(out, "reproduced")));
    is(text(out, "next_charge"), "2024-05-31");
    is(text(out, "next_step"), "none");
    CLEANUP(json_decrefp)
    json_t *french =
        ask(m, "charge.explain",
            arena_printf(&life.t.arena, "%.*s,\"locale\":\"fr\"}", (int)strlen(body) - 1, body));
    const json_t *said = json_array_get(json_object_get(french, "causes"), 0),
                 *same = json_array_get(causes, 0);
    CHECK(json_equal(json_object_get(said, "code"), json_object_get(same, "code")));
    const json_t *date = json_array_get(json_object_get(said, "evidence"), 2),
                 *alike = json_array_get(json_object_get(same, "evidence"), 2);
    CHECK(json_equal(json_object_get(date, "new"), json_object_get(alike, "new")));
    is(text(date, "name"), "date");
    is(text(date, "kind"), "date");
    CHECK(strstr(text(date, "new_text"), " avril 2024"));
    CHECK(!json_equal(json_object_get(date, "new_text"), json_object_get(alike, "new_text")));
    CHECK(!json_equal(json_object_get(said, "text"), json_object_get(same, "text")));
    CLEANUP(json_decrefp) json_t *stranger = ask(other, "charge.explain", body);
    is(text(json_object_get(stranger, "error"), "code"), "charge.unknown");
    life_close(&life);
}

static int64_t charge_of(int64_t m)
{
    struct test_db *t = &life.t;
    struct charge *rows;
    size_t n;

    CHECK_OK(charges_of(&t->cx, &rows, &n, .account_id = m, .max = 1));
    CHECK(n == 1);
    return rows->charge_id;
}

static void gives_back(int64_t m, int64_t minor, const char *key)
{
    struct test_db *t = &life.t;
    struct refund_order const o = {.account_id = m,
                                   .charge_id = charge_of(m),
                                   .amount_minor = minor,
                                   .to = REFUND_TO_CREDIT,
                                   .rule = "test",
                                   .key = key,
                                   .at = t->cx.now};
    int64_t id;

    CHECK_OK(refund_order(&t->cx, &o, &id));
}

/* Whatever takes a charge back is told with it, and can be printed by what is told. */
static void note_is(int64_t m, size_t i, size_t of, const char *cause, int64_t minor)
{
    CLEANUP(json_decrefp) json_t *out = ask(m, "charge.list", "{}");
    const json_t *all = json_object_get(out, "charges"),
                 *charge = json_array_get(all, json_array_size(all) - 1), /* the oldest */
                     *list = json_object_get(charge, "credit_notes"),
                 *note = json_array_get(list, i);
    char body[80];

    CHECK(json_array_size(list) == of);
    is(text(note, "cause"), cause);
    CHECK(json_integer_value(json_object_get(note, "amount_minor")) == minor);
    CHECK(strstr(text(note, "number"), "-CN-") && *text(note, "issued_at"));
    is(text(charge, "credit_note"), strcmp(cause, "unpaid") == 0 ? text(note, "number") : "");
    snprintf(body, sizeof body, "{\"reference\":\"%s\"}", text(note, "document"));
    CLEANUP(json_decrefp) json_t *pdf = ask(m, "receipt.pdf", body);
    is(text(pdf, "number"), text(note, "number"));
}

static void tells_credit_notes(void **unused UNUSED)
{
    static const char *const tokens[] = {"tok_visa", "tok_visa", "tok_insufficient_funds"};
    struct test_db *t = &life.t;
    int64_t m[COUNT(tokens)], id;

    life_open(&life, "2024-02-01");
    for (size_t i = 0; i < COUNT(m); i++)
        m[i] = life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", tokens[i]);
    life_run(&life, "2024-03-02");
    gives_back(m[0], 500, "a");
    gives_back(m[0], 799, "b");
    note_is(m[0], 0, 2, "refund", 500);
    note_is(m[0], 1, 2, "refund", 799);
    struct dispute_opening const opens = {m[1], charge_of(m[1]), "fraudulent", t->cx.now};
    struct dispute_ending const ends = {m[1], opens.charge_id, .at = t->cx.now};
    CHECK_OK(dispute_begin(&t->cx, &opens, &id));
    CHECK_OK(dispute_end(&t->cx, &ends));
    note_is(m[1], 0, 1, "dispute", 1299);
    life_run(&life, "2024-06-02");
    note_is(m[2], 0, 1, "unpaid", 1299);
    life_close(&life);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("H-01 H-02 B-08 H-16 owners read their charges, the newest first", lists_charges),
        CASE("H-01 charges come in pages that neither repeat nor leave out any", lists_in_pages),
        CASE("H-03 H-02 credit notes of refunds, disputes and debts are told, and can be printed",
             tells_credit_notes),
        CASE("B-05 H-11 owners ask why a charge is what it is; strangers learn nothing",
             explains_a_charge),
    };

    return RUN_CASES("charge_list", cases);
}
