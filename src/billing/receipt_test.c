/* receipt_test: every charge has a document to print, in the words of its reader.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/receipt.h"

#include "base/id.h"
#include "base/message.h"
#include "http/op.h"
#include "payments/life_test.h"

static struct life life;

static int64_t joins(const char *place, const char *tokens)
{
    struct test_db *t = &life.t;
    char sql[400];

    life_open(&life, "2024-02-01");
    int64_t const m = life_member(&life, place, "standard", "2024-01-31", "2024-02-01", tokens);
    snprintf(sql, sizeof sql,
             "UPDATE account SET name = 'Zoë 山田 عمر', email = 'zoe@example.com'"
             " WHERE account_id = %lld",
             (long long)m);
    CHECK_OK(db_script(t->db, sql, &t->err));
    return m;
}

/* The reference of the n-th charge of an account, or of its credit note. */
static const char *reference(int64_t account_id, size_t n, bool credit_note)
{
    struct test_db *t = &life.t;
    struct charge *rows;
    char id[ID_TEXT];
    size_t count;

    CHECK_OK(charges_of(&t->cx, &rows, &count, .account_id = account_id, .max = 100));
    CHECK(n < count);
    return arena_strdup(&t->arena, credit_note ? id_text("inv", rows[n].credit_note_id, id)
                                               : id_text("chg", rows[n].charge_id, id));
}

static struct receipt_view load(int64_t account_id, const char *ref, const char *locale)
{
    struct test_db *t = &life.t;
    struct receipt_ask const in = {NULL, account_id, ref, locale};
    struct receipt_view v;

    CHECK_OK(receipt_load(&t->cx, &in, &v));
    return v;
}

static void is(const char *a, const char *b)
{
    if (strcmp(a, b) != 0) FAIL("\"%s\" is not \"%s\"", a, b);
}

static void is_paid(void **unused UNUSED)
{
    int64_t const m = joins("DE", "tok_visa");

    life_run(&life, "2024-03-05");
    struct receipt_view v = load(m, reference(m, 0, false), "de-DE");
    CHECK(v.kind == RECEIPT_PAID && !v.rtl && v.n_lines == 2 && v.n_sums == 3);
    is(v.title, "Zahlungsbeleg");
    is(v.seller_name, "Example B.V.");
    is(v.seller_tax, "Steuernummer EX-1");
    is(v.payer_name, "Zoë 山田 عمر");
    is(v.period, "29. Februar 2024 bis 30. März 2024");
    is(v.lines[0].label, "Standard");
    is(v.lines[1].label, "VAT 19\u00a0%");
    is(v.lines[1].amount, "2,07\u00a0€");
    is(v.sums[0].amount, "10,92\u00a0€");
    is(v.sums[2].amount, "12,99\u00a0€");
    is(v.status, "Bezahlt am 29. Februar 2024 mit visa 4242");
    is(v.cause,
       "Ihren Abrechnungstag gibt es in diesem Monat nicht, daher wurde am letzten Tag des "
       "Monats abgebucht.");
    is(v.tax_note, "Die Preise enthalten die Steuer.");
    v = load(m, reference(m, 0, false), NULL); /* the account's own */
    is(v.status, "Paid on February 29, 2024 with visa 4242");
    life_close(&life);
}

static void follows_the_locale(void **unused UNUSED)
{
    int64_t const m = joins("JP", "tok_visa");

    life_run(&life, "2024-03-05");
    struct receipt_view v = load(m, reference(m, 0, false), "ja-JP");
    is(v.title, "領収書");
    is(v.sums[2].amount, "￥1,490");
    v = load(m, reference(m, 0, false), "ar-EG");
    CHECK(v.rtl);
    is(v.title, "إيصال");
    v = load(m, reference(m, 0, false), "tlh"); /* a language without texts reads English */
    is(v.title, "Receipt");
    life_close(&life);
}

static void tells_unpaid_and_taken_back(void **unused UNUSED)
{
    int64_t const m = joins("US/CA", "tok_insufficient_funds");

    life_run(&life, "2024-03-02");
    struct receipt_view v = load(m, reference(m, 0, false), NULL);
    CHECK(v.kind == RECEIPT_UNPAID);
    is(v.title, "Invoice");
    is(v.status, "Not paid yet");
    is(v.tax_note, "");
    const char *number = v.number;
    life_run(&life, "2024-06-01"); /* hold is over */
    v = load(m, reference(m, 0, true), NULL);
    CHECK(v.kind == RECEIPT_CREDIT_NOTE);
    is(v.status, arena_printf(&life.t.arena, "This credit note takes back invoice %s.", number));
    is(v.sums[2].amount, "-$16.61");
    life_close(&life);
}

static void belongs_to_its_account(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    int64_t const m = joins("DE", "tok_visa");
    int64_t const other =
        life_member(&life, "DE", "standard", "2024-01-31", "2024-02-01", "tok_visa");
    static const char *const wrong[] = {"", "chg_", "inv_0000000000000", "mem_1", "x'; --"};
    struct receipt_view v;

    life_run(&life, "2024-03-05");
    struct receipt_ask in = {NULL, other, reference(m, 0, false), NULL};
    CHECK_FAULT(receipt_load(&t->cx, &in, &v), &RECEIPT_UNKNOWN);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        in = (struct receipt_ask){NULL, m, wrong[i], NULL};
        CHECK_FAULT(receipt_load(&t->cx, &in, &v), &RECEIPT_UNKNOWN);
    }
    life_close(&life);
}

static void is_a_pdf(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    int64_t const m = joins("DE", "tok_visa");
    struct receipt_pdf a, b;

    life_run(&life, "2024-03-05");
    struct receipt_view v = load(m, reference(m, 0, false), "ar");
    receipt_draw(&t->arena, &v, &a);
    receipt_draw(&t->arena, &v, &b);
    CHECK(a.n > 2000 && memcmp(a.bytes, "%PDF-", 5) == 0);
    CHECK(a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0);
    struct receipt_line many[200]; /* what a page cannot hold goes on to the next */
    for (size_t i = 0; i < COUNT(many); i++) many[i] = v.lines[0];
    v.lines = many;
    v.n_lines = COUNT(many);
    receipt_draw(&t->arena, &v, &b);
    CHECK(b.n > a.n);
    life_close(&life);
}

static void is_an_op(void **unused UNUSED)
{
    struct test_db *t = &life.t;
    int64_t const m = joins("DE", "tok_visa");
    const struct op *op;

    life_run(&life, "2024-03-05");
    CLEANUP(json_decrefp) json_t *in = json_pack("{s:s}", "reference", reference(m, 0, false));
    CLEANUP(json_decrefp) json_t *out = NULL;
    struct op_world const w = {.catalog = life.catalog, .world = &life.world};
    CHECK_OK(op_find("receipt.pdf", &op, &t->err));
    t->cx.actor = (struct actor){.role = ROLE_OWNER, .id = m};
    CHECK_OK(op_call(&t->cx, &w, op, in, &out));
    CHECK(strncmp(json_string_value(json_object_get(out, "content_base64")), "JVBERi", 6) == 0);
    is(json_string_value(json_object_get(out, "file_name")),
       arena_printf(&t->arena, "%s.pdf", json_string_value(json_object_get(out, "number"))));
    life_close(&life);
}

static void has_words_for_every_cause(void **state)
{
    struct test_db *t = &life.t;

    (void)state;
    for (size_t i = 0; i < charge_causes.n; i++)
        if (!message_exists(arena_printf(&t->arena, "cause.%s", charge_causes.at[i])))
            FAIL("cause.%s", charge_causes.at[i]);
    arena_clear(&t->arena);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("H-03 a receipt says who, what, when, how much and why", is_paid),
        CASE("H-03 a receipt follows its reader's language and formats", follows_the_locale),
        CASE("H-03 E-20 what is unpaid is an invoice, what was never paid a credit note",
             tells_unpaid_and_taken_back),
        CASE("H-03 nobody prints another account's documents", belongs_to_its_account),
        CASE("H-03 the same document makes the same PDF, of any length", is_a_pdf),
        CASE("H-03 owners print their charges", is_an_op),
        CASE("H-03 there are words for every cause of a charge", has_words_for_every_cause),
    };

    return RUN_CASES("receipt", cases);
}
