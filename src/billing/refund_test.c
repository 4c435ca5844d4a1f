/* refund_test: random refunds beside a slow oracle. SPDX-License-Identifier: Apache-2.0 */
#include "billing/refund.h"

#include "base/money.h"
#include "billing/credit.h"
#include "payments/life_test.h"

static struct life life;

/* xorshift: the same sequence everywhere. */
static uint64_t chance_state;
static int64_t chance(int64_t upto)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return (int64_t)(chance_state % (uint64_t)upto);
}

static int64_t sum_of(const char *what)
{
    struct test_db *t = &life.t;
    struct trial_balance_row *rows;
    int64_t sum = 0;
    size_t n;

    CHECK_OK(trial_balance(&t->cx, &rows, &n, .max = 1000));
    for (size_t i = 0; i < n; i++)
        if (strncmp(rows[i].book, what, strlen(what)) == 0)
            sum += rows[i].debit_minor - rows[i].credit_minor;
    return sum;
}

/* What is known of a charge by counting alone. */
struct oracle {
    struct charge c;
    int64_t tax, given, method, credit;
};

/* One try; the oracle says whether it must succeed, and what is left. */
static void try_one(struct oracle *o, int64_t no)
{
    struct test_db *t = &life.t;
    int64_t const left = o->c.amount_minor - o->given;
    struct refund_order order = {.account_id = o->c.account_id,
                                 .charge_id = o->c.charge_id,
                                 .amount_minor = chance(5) ? 1 + chance(o->c.amount_minor) : 0,
                                 .to = chance(2) ? REFUND_TO_METHOD : REFUND_TO_CREDIT,
                                 .circumstance = (enum refund_circumstance)chance(5),
                                 .rule = "test",
                                 .key = arena_printf(&t->arena, "key%lld", (long long)no),
                                 .at = t->cx.now};
    struct refund_left now;
    int64_t id, again;

    if (chance(3) == 0) {
        order.from_day = o->c.due_on_day + chance(20);
        order.until_day = order.from_day + 1 + chance(10);
    }
    enum status const st = refund_order(&t->cx, &order, &id);
    int64_t const asked = order.amount_minor ? order.amount_minor : left;
    if ((st == OK) != (asked > 0 && asked <= left))
        FAIL("%lld of %lld left: status %d", (long long)asked, (long long)left, st);
    if (st == OK) {
        o->given += asked;
        *(order.to == REFUND_TO_METHOD ? &o->method : &o->credit) += asked;
        CHECK_OK(refund_order(&t->cx, &order, &again));
        CHECK(again == id);
    }
    CHECK_OK(refund_left(&t->cx, order.account_id, order.charge_id, &now));
    CHECK(now.total_minor == o->c.amount_minor - o->given);
}

/* The tax that the credit notes of a charge have given back, and whether their lines add up. */
static int64_t tax_given(const struct oracle *o)
{
    struct test_db *t = &life.t;
    struct refund *refunds;
    int64_t tax = 0, all = 0;
    size_t n;

    CHECK_OK(refunds_of(&t->cx, &refunds, &n, .account_id = o->c.account_id, .max = 1000));
    for (size_t i = 0; i < n; i++) {
        struct invoice note;

        if (refunds[i].charge_id != o->c.charge_id) continue;
        CHECK_OK(invoice_by_id(&t->cx, &note, &DB_NO_ROW, .invoice_id = refunds[i].credit_note_id));
        CHECK(note.total_minor == -refunds[i].amount_minor);
        CHECK(note.net_minor + note.tax_minor == note.total_minor);
        tax -= note.tax_minor;
        all -= note.total_minor;
    }
    CHECK(all == o->given);
    return tax;
}

static void check(const struct oracle *all, size_t n)
{
    int64_t given = 0, method = 0, credit = 0, captured = 0, tax = 0;

    for (size_t i = 0; i < n; i++) {
        const struct oracle *o = &all[i];
        int64_t const back = tax_given(o);

        CHECK(back == money_part(o->tax, o->given, o->c.amount_minor));
        if (o->given == o->c.amount_minor) CHECK(back == o->tax);
        given += o->given, method += o->method, credit += o->credit;
        captured += o->c.amount_minor, tax += o->tax - back;
    }
    CHECK(sum_of("receivable") == 0 && sum_of("refunds") == 0);
    CHECK(sum_of("gateway_clearing") == captured - method);
    CHECK(sum_of("member_credit") == -credit && sum_of("tax_payable") == -tax);
    CHECK(sum_of("deferred_revenue") == 0);
    CHECK(sum_of("revenue") == -(captured - given - tax));
}

static void one_world(const char *place, uint64_t seed)
{
    enum { CHARGES = 4 };
    char until[DAY_TEXT];
    struct oracle all[CHARGES];
    struct test_db *t = &life.t;
    struct charge *c;
    size_t n;

    chance_state = seed * UINT64_C(0x9e3779b97f4a7c15);
    life_open(&life, "2024-01-01");
    int64_t const m = life_member(&life, place, "standard", "2023-12-20", "2024-01-01", "tok_visa");
    life_run(&life, "2024-04-25");
    CHECK_OK(billing_cancel(&t->cx, life.catalog, m, &(struct membership){0}));
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 100));
    CHECK(n == CHARGES);
    for (size_t i = 0; i < n; i++) {
        struct invoice invoice;

        CHECK_OK(invoice_by_id(&t->cx, &invoice, &DB_NO_ROW, .invoice_id = c[i].charge_id));
        all[i] = (struct oracle){.c = c[i], .tax = invoice.tax_minor};
    }
    for (int64_t day = life_day("2024-04-25"), no = 0; day < life_day("2024-07-20"); day += 5) {
        for (int64_t i = chance(4); i > 0; i--) try_one(&all[chance(CHARGES)], no++);
        life_run(&life, day_text(day + 5, until));
    }
    life_run(&life, "2024-09-02");
    check(all, n);
    life_close(&life);
}

static void random_refunds(void **state)
{
    static const char *const places[] = {"DE", "US/CA", "JP", "US"};

    (void)state;
    for (uint64_t i = 0; i < 24; i++) one_world(places[i % COUNT(places)], i + 1);
}

/* What was paid with credit is credit again, whatever is asked. */
static void credit_to_credit(void **state)
{
    struct test_db *t = &life.t;
    struct refund_left left;
    struct charge *c;
    struct refund *r;
    int64_t minor;
    size_t n;

    (void)state;
    life_open(&life, "2024-01-01");
    int64_t const m = life_member(&life, "DE", "standard", "2023-12-20", "2024-01-01", "tok_visa");
    life_run(&life, "2024-01-25");
    CHECK_OK(charges_of(&t->cx, &c, &n, .account_id = m, .max = 100));
    CHECK_OK(db_script(t->db,
                       "UPDATE charge SET amount_minor = 1000;"
                       "UPDATE attempt SET amount_minor = 1000",
                       &t->err));
    struct refund_order const o = {.account_id = m,
                                   .charge_id = c->charge_id,
                                   .circumstance = REFUND_BILLING_ERROR,
                                   .rule = "test",
                                   .key = "one",
                                   .at = t->cx.now};
    CHECK_OK(refund_left(&t->cx, m, c->charge_id, &left));
    CHECK(left.total_minor == 1299 && left.method_minor == 1000);
    CHECK_OK(refund_order(&t->cx, &o, NULL));
    CHECK_OK(refunds_of(&t->cx, &r, &n, .account_id = m, .max = 9));
    CHECK(n == 2 && r[0].refund_to == REFUND_TO_METHOD && r[0].amount_minor == 1000);
    CHECK(r[1].refund_to == REFUND_TO_CREDIT && r[1].amount_minor == 299);
    CHECK_OK(credit_balance(&t->cx, m, &minor));
    CHECK(minor == 299);
    life_close(&life);
}

/* --- the life of a refund --- */

enum { AT = 1000, WAIT = 60000 };
static const struct turn {
    enum refund_state was;
    enum refund_news news;
    enum refund_state is;
    int64_t due_at;
} turns[] = {
    {REFUND_WANTED,  REFUND_NEWS_DONE,       REFUND_DONE,    0        },
    {REFUND_WANTED,  REFUND_NEWS_REFUSED,    REFUND_FAILED,  0        },
    {REFUND_WANTED,  REFUND_NEWS_PENDING,    REFUND_UNKNOWN, AT + WAIT},
    {REFUND_WANTED,  REFUND_NEWS_NO_REPLY,   REFUND_UNKNOWN, AT + WAIT},
    {REFUND_WANTED,  REFUND_NEWS_LATER,      REFUND_WANTED,  AT + WAIT},
    {REFUND_UNKNOWN, REFUND_NEWS_DONE,       REFUND_DONE,    0        },
    {REFUND_UNKNOWN, REFUND_NEWS_REFUSED,    REFUND_FAILED,  0        },
    {REFUND_UNKNOWN, REFUND_NEWS_PENDING,    REFUND_UNKNOWN, AT + WAIT},
    {REFUND_UNKNOWN, REFUND_NEWS_NEVER_SEEN, REFUND_WANTED,  AT       },
    {REFUND_UNKNOWN, REFUND_NEWS_LATER,      REFUND_UNKNOWN, AT + WAIT},
    {REFUND_DONE,    REFUND_NEWS_REFUSED,    REFUND_DONE,    0        },
    {REFUND_FAILED,  REFUND_NEWS_DONE,       REFUND_FAILED,  0        },
};

static void answers_have_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(turns); i++) {
        struct refund_life r = {turns[i].was, turns[i].was < REFUND_DONE ? AT : 0, 0};

        refund_live(&r, turns[i].news, AT, WAIT);
        if (r.state != turns[i].is || r.due_at != turns[i].due_at)
            FAIL("turn %zu: %s, due at %lld", i, refund_states.at[r.state], (long long)r.due_at);
    }
}

static void waits_grow(void **state)
{
    struct refund_life r = {.state = REFUND_WANTED};
    int64_t waited = 0;

    (void)state;
    for (int64_t i = 0; i < 50; i++) {
        int64_t const at = r.due_at;

        refund_live(&r, REFUND_NEWS_NO_REPLY, at, WAIT);
        CHECK(r.due_at - at == DAY_MS || r.due_at - at == (i ? 2 * waited : WAIT));
        waited = r.due_at - at;
    }
    CHECK(waited == DAY_MS);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("I-04 random refunds never exceed a charge, and tax, books and revenue come out exact",
             random_refunds),
        CASE("I-04 J-11 what credit paid goes back to credit", credit_to_credit),
        CASE("I-04 each answer of the provider has its meaning", answers_have_meaning),
        CASE("I-04 waits double up to a day", waits_grow),
    };
    return RUN_CASES("refund", cases);
}
