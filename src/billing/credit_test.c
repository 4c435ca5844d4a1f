/* credit_test: balances are sums over the journal. SPDX-License-Identifier: Apache-2.0 */
#include "billing/credit.h"

#include <inttypes.h>

#include "billing/ledger.h"
#include "db/db_test.h"

enum { ACCOUNTS = 3, NOW = 1000000 };

static void open_with_accounts(struct test_db *t)
{
    struct account_add_all_in rows[ACCOUNTS];

    test_db_open(t, NOW);
    for (int i = 0; i < ACCOUNTS; i++)
        rows[i] = (struct account_add_all_in){.account_id = i + 1,
                                              .external_id = arena_printf(&t->arena, "m%d", i + 1),
                                              .email = "",
                                              .name = "",
                                              .country = i == 2 ? "JP" : "DE",
                                              .region = "",
                                              .currency = i == 2 ? "JPY" : "EUR",
                                              .zone = "Europe/Berlin",
                                              .locale = "",
                                              .import_hash = ""};
    TX tx = {0};
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(account_add_all(&t->cx, rows, ACCOUNTS, NULL));
    CHECK_OK(tx_commit(&tx));
}

static int64_t balance(struct test_db *t, int64_t account_id)
{
    int64_t minor = -1;

    CHECK_OK(credit_balance(&t->cx, account_id, &minor));
    return minor;
}

static enum status post(struct test_db *t, int64_t account_id, enum credit_kind kind, int64_t minor)
{
    struct credit_move const m = {account_id, kind, minor, account_id == 3 ? "JPY" : "EUR",
                                  0,          "",   0};

    return credit_post(&t->cx, &m, NULL);
}

/* Each step is one posting to account 1; account 2 never changes. */
static const struct {
    enum credit_kind kind;
    int64_t minor;
    const struct fault *fault;
    int64_t balance;
} steps[] = {
    {CREDIT_CONSUME, 1,                &CREDIT_TOO_LITTLE, 0   },
    {CREDIT_ISSUE,   500,              NULL,               500 },
    {CREDIT_REDEEM,  2500,             NULL,               3000},
    {CREDIT_CONSUME, 1799,             NULL,               1201},
    {CREDIT_CONSUME, 1202,             &CREDIT_TOO_LITTLE, 1201},
    {CREDIT_REFUND,  99,               NULL,               1300},
    {CREDIT_ADJUST,  -1300,            NULL,               0   },
    {CREDIT_ADJUST,  -1,               &CREDIT_TOO_LITTLE, 0   },
    {CREDIT_ADJUST,  7,                NULL,               7   },
    {CREDIT_ISSUE,   0,                &CREDIT_AMOUNT,     7   },
    {CREDIT_ISSUE,   -5,               &CREDIT_AMOUNT,     7   },
    {CREDIT_CONSUME, -5,               &CREDIT_AMOUNT,     7   },
    {CREDIT_ISSUE,   INT64_MAX,        &CREDIT_AMOUNT,     7   },
    {CREDIT_ADJUST,  INT64_MIN,        &CREDIT_AMOUNT,     7   },
    {CREDIT_ISSUE,   1000000000000000, &CREDIT_AMOUNT,     7   },
};

static void moves_credit(void **state)
{
    struct test_db db, *t = &db;

    (void)state;
    open_with_accounts(t);
    for (size_t i = 0; i < COUNT(steps); i++) {
        enum status const s = post(t, 1, steps[i].kind, steps[i].minor);

        if ((s == OK) != !steps[i].fault || (s != OK && t->err.fault != steps[i].fault) ||
            balance(t, 1) != steps[i].balance || balance(t, 2) != 0)
            FAIL("step %zu: status %d, balance %" PRId64, i, s, balance(t, 1));
    }
    test_db_close(t);
}

static void lists_entries(void **state)
{
    struct test_db db, *t = &db;
    struct credit_row *rows;
    struct credit_move const used = {1, CREDIT_CONSUME, 300, "EUR", 77, "renewal", 0};
    int64_t document_id;
    size_t n;

    (void)state;
    open_with_accounts(t);
    CHECK_OK(post(t, 1, CREDIT_REDEEM, 500));
    CHECK_OK(credit_post(&t->cx, &used, &document_id));
    CHECK_OK(credit_entries(&t->cx, 1, 10, &rows, &n));
    CHECK(n == 2 && rows[0].credit_no == 2 && rows[0].credit_kind == CREDIT_CONSUME);
    CHECK(rows[0].credit_minor == -300 && rows[0].cause_id == 77 && rows[0].booked_at == NOW);
    CHECK(rows[0].document_id == document_id && strcmp(rows[0].reason, "renewal") == 0);
    CHECK(rows[1].credit_kind == CREDIT_REDEEM && rows[1].credit_minor == 500);
    CHECK_OK(credit_entries(&t->cx, 1, 1, &rows, &n));
    CHECK(n == 1);
    CHECK_OK(credit_entries(&t->cx, 2, 10, &rows, &n));
    CHECK(n == 0);
    test_db_close(t);
}

static void refuses_other_currencies(void **state)
{
    struct test_db db, *t = &db;
    struct credit_move m = {3, CREDIT_REDEEM, 500, "EUR", 0, "", 0};

    (void)state;
    open_with_accounts(t);
    CHECK(credit_post(&t->cx, &m, NULL) == E_CONFLICT && t->err.fault == &CREDIT_CURRENCY);
    CHECK(balance(t, 3) == 0);
    m.account_id = 99;
    CHECK(credit_post(&t->cx, &m, NULL) == E_NOT_FOUND && t->err.fault == &ACCOUNT_UNKNOWN);
    test_db_close(t);
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return *seed >> 33;
}

/* What the journal says of member_credit, entry by entry. */
static void check_journal(struct test_db *t, const int64_t *balances)
{
    int64_t of[ACCOUNTS] = {0};
    struct credit_row *rows;
    size_t n;

    for (int64_t a = 0; a < ACCOUNTS; a++) {
        CHECK_OK(credit_entries(&t->cx, a + 1, 10000, &rows, &n));
        for (size_t i = 0; i < n; i++) {
            of[a] += rows[n - 1 - i].credit_minor;
            CHECK(of[a] >= 0); /* at no time */
            CHECK(rows[n - 1 - i].credit_no == (int64_t)i + 1);
        }
        CHECK(of[a] == balances[a] && balance(t, a + 1) == balances[a]);
    }
}

static void sums_never_fall_below_zero(void **state)
{
    struct test_db db, *t = &db;
    int64_t balances[ACCOUNTS] = {0};
    uint64_t seed = 11;
    int refused = 0, done = 0;

    (void)state;
    open_with_accounts(t);
    for (int i = 0; i < 1000; i++) {
        size_t const a = next(&seed) % ACCOUNTS;
        enum credit_kind const kind = next(&seed) % 5;
        int64_t minor = (int64_t)(next(&seed) % 1000) + 1;

        if (kind == CREDIT_CONSUME) minor *= 8;
        if (kind == CREDIT_ADJUST && next(&seed) % 2) minor = -minor;
        int64_t const change = kind == CREDIT_CONSUME ? -minor : minor;
        enum status const s = post(t, (int64_t)a + 1, kind, minor);
        bool const possible = balances[a] + change >= 0;

        CHECK(s == (possible ? OK : E_CONFLICT));
        if (possible) balances[a] += change;
        possible ? done++ : refused++;
        if (i % 100 == 0) arena_reset(&t->arena);
    }
    if (done < 500 || refused < 50) FAIL("%d done, %d refused", done, refused);
    check_journal(t, balances);
    test_db_close(t);
}

/* The second reader of one balance must begin again, even where the database would let it write. */
static void stops_a_second_spender(void **state)
{
    struct test_db db, *t = &db;
    struct error err;
    struct db *other;

    (void)state;
    open_with_accounts(t);
    CHECK_OK(post(t, 1, CREDIT_ISSUE, 100));
    if (!t->schema[0]) { /* SQLite has one writer at a time, and here one connection */
        test_db_close(t);
        return;
    }
    CHECK(db_open(t->url, &other, &err) == OK);
    db_set_writer(other, 5);
    struct ctx mine = t->cx;
    mine.db = other;
    {
        TX tx = {0};
        int64_t seen;

        CHECK_OK(tx_begin_kind(&tx, &mine, TX_BATCH));
        CHECK_OK(credit_balance(&mine, 1, &seen));
        CHECK(seen == 100);
        CHECK_OK(post(t, 1, CREDIT_CONSUME, 100));
        struct credit_move const m = {1, CREDIT_CONSUME, 100, "EUR", 0, "", 0};
        CHECK(credit_post(&mine, &m, NULL) == E_BUSY);
    }
    CHECK(balance(t, 1) == 0);
    db_close(other);
    test_db_close(t);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("J-11 credit moves by issue, redeem, consume, adjust and refund", moves_credit),
        CASE("J-11 each entry of credit is listed with its cause", lists_entries),
        CASE("J-11 credit in another currency than the account's is refused",
             refuses_other_currencies),
        CASE("J-11 the balance is the sum of entries and never below zero",
             sums_never_fall_below_zero),
        CASE("J-11 two at once cannot spend the same credit", stops_a_second_spender),
    };
    return RUN_CASES("credit", cases);
}
