/* audit_test: chains of entries, signed heads, and what the walk says when either was tampered
 * with.
 * SPDX-License-Identifier: Apache-2.0 */
#include "db/audit_check.h"

#include "db/db_test.h"
#include "db/secret.h"

enum { MEMBERS = 3, ENTRIES = 5 };
static struct test_db database;

static void note(int64_t account_id, const char *what)
{
    struct test_db *t = &database;
    struct audit_note const n = {account_id, AUDIT_CHANGE, what};

    t->cx.now += 1000;
    CHECK_OK(audit_add(&t->cx, &n, json_pack("{s:{s:s}}", "in", "plan", "premium")));
}

static void sign(void)
{
    struct test_db *t = &database;
    int64_t signs;

    CHECK_OK(audit_sign(&t->cx, &signs));
    CHECK(signs == 1);
}

/* Accounts 1 to 3 with entries 1 to 5 each, signed after the third and the fourth round. */
static int set_up(void **state)
{
    struct test_db *t = &database;

    (void)state;
    test_db_open(t, 1000000000000);
    t->cx.actor = (struct actor){.role = ROLE_OWNER,
                                 .id = 1,
                                 .surface = SURFACE_WEB,
                                 .device = "a browser",
                                 .network = "192.0.2.1"};
    for (int i = 1; i <= ENTRIES; i++) {
        for (int64_t a = 1; a <= MEMBERS; a++) note(a, "membership.cancel");
        if (i == 3 || i == 4) sign();
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_db_close(&database);
    return 0;
}

static struct audit_check walk(const struct audit_kept *kept)
{
    struct test_db *t = &database;
    struct audit_check c = {.only_account = AUDIT_ALL, .kept = kept};

    CHECK_OK(audit_walk(&t->cx, &c));
    return c;
}

static void finds_nothing_in_what_is_whole(void **state)
{
    struct audit_check const c = walk(NULL);

    (void)state;
    CHECK(c.findings == 0 && c.entries == (int64_t)MEMBERS * ENTRIES && c.signs == 2);
}

#define ENTRY(account, no) " WHERE account_id = " #account " AND entry_no = " #no ";"

#define CUT_LAST                                                                                   \
    "DELETE FROM audit_entry WHERE account_id = 2 AND entry_no = 5;"                               \
    "UPDATE audit_head SET entry_no = 4, chain = (SELECT chain FROM audit_entry"                   \
    " WHERE account_id = 2 AND entry_no = 4) WHERE account_id = 2;"

/* clang-format off */
static const struct tampering {
    const char *name, *sql;
    struct audit_finding want; /* among what is found */
} tamperings[] = {
    {"the text of an entry", "UPDATE audit_entry SET audit_what = 'x'" ENTRY(2, 3),
     {AUDIT_ENTRY_CHANGED, 2, 3, 0}},
    {"who did it", "UPDATE audit_entry SET actor_id = 9" ENTRY(2, 1),
     {AUDIT_ENTRY_CHANGED, 2, 1, 0}},
    {"its role", "UPDATE audit_entry SET actor_role = 'agent'" ENTRY(2, 5),
     {AUDIT_ENTRY_CHANGED, 2, 5, 0}},
    {"its kind", "UPDATE audit_entry SET audit_kind = 'read'" ENTRY(2, 2),
     {AUDIT_ENTRY_CHANGED, 2, 2, 0}},
    {"its time", "UPDATE audit_entry SET happened_at = happened_at + 1" ENTRY(3, 4),
     {AUDIT_ENTRY_CHANGED, 3, 4, 0}},
    {"the sealed facts", "UPDATE audit_entry SET sealed_facts = 'AAAA'" ENTRY(1, 4),
     {AUDIT_ENTRY_CHANGED, 1, 4, 0}},
    {"sealed facts of another entry",
     "UPDATE audit_entry SET sealed_facts = (SELECT sealed_facts FROM audit_entry"
     " WHERE account_id = 1 AND entry_no = 3)" ENTRY(1, 4), {AUDIT_ENTRY_CHANGED, 1, 4, 0}},
    {"the chain", "UPDATE audit_entry SET chain = '00'" ENTRY(1, 2),
     {AUDIT_ENTRY_CHANGED, 1, 2, 0}},
    {"the chain of a signed end", "UPDATE audit_entry SET chain = '00'" ENTRY(1, 3),
     {AUDIT_SIGNED_CHANGED, 1, 3, 1}},
    {"an entry taken away", "DELETE FROM audit_entry" ENTRY(2, 3), {AUDIT_ENTRY_MISSING, 2, 4, 0}},
    {"the first taken away", "DELETE FROM audit_entry" ENTRY(2, 1), {AUDIT_ENTRY_MISSING, 2, 2, 0}},
    {"the last taken away", "DELETE FROM audit_entry" ENTRY(2, 5),
     {AUDIT_ENTRIES_CUT_OFF, 2, 5, 0}},
    {"the last taken away, and the end moved back",
     "DELETE FROM audit_entry WHERE account_id = 2 AND entry_no > 3;"
     "UPDATE audit_head SET entry_no = 3, chain = (SELECT chain FROM audit_entry"
     " WHERE account_id = 2 AND entry_no = 3) WHERE account_id = 2;",
     {AUDIT_SIGNED_CHANGED, 2, 4, 2}},
    {"the last, its end and all that was signed",
     CUT_LAST "DELETE FROM audit_sign; DELETE FROM audit_sign_head;", {AUDIT_HEAD_WRONG, 2, 4, 0}},
    {"all that was signed", "DELETE FROM audit_sign; DELETE FROM audit_sign_head;",
     {AUDIT_SIGNS_CUT_OFF, 0, 0, 2}},
    {"all that was signed, and the end of it",
     "DELETE FROM audit_sign; DELETE FROM audit_sign_head; DELETE FROM audit_sign_end;",
     {AUDIT_SIGNS_CUT_OFF, 0, 0, 1}},
    {"all that was signed, its key, and a whole chain",
     "DELETE FROM audit_entry WHERE account_id = 2; DELETE FROM audit_head WHERE account_id = 2;"
     "DELETE FROM audit_sign; DELETE FROM audit_sign_head; DELETE FROM audit_sign_end;"
     "DELETE FROM secret WHERE secret = 'audit_sign';", {AUDIT_SIGNS_CUT_OFF, 0, 0, 1}},
    {"the newest that was signed, and the end moved back",
     "DELETE FROM audit_sign WHERE sign_no = 2; DELETE FROM audit_sign_head WHERE sign_no = 2;"
     "UPDATE audit_sign_end SET sign_no = 1;", {AUDIT_SIGNS_CUT_OFF, 0, 0, 1}},
    {"a whole chain, and the newest that was signed",
     "DELETE FROM audit_entry WHERE account_id = 2; DELETE FROM audit_head WHERE account_id = 2;"
     "DELETE FROM audit_sign WHERE sign_no = 2; DELETE FROM audit_sign_head WHERE sign_no = 2;",
     {AUDIT_SIGNS_CUT_OFF, 0, 0, 2}},
    {"what is said to be signed", "UPDATE audit_head SET unsigned_no = 0 WHERE account_id = 2;",
     {AUDIT_HEAD_WRONG, 2, 5, 0}},
    {"a seal", "UPDATE audit_head SET seal = '' WHERE account_id = 2;",
     {AUDIT_HEAD_WRONG, 2, 5, 0}},
    {"a whole chain taken away",
     "DELETE FROM audit_entry WHERE account_id = 2; DELETE FROM audit_head WHERE account_id = 2;",
     {AUDIT_SIGNED_CHANGED, 2, 3, 1}},
    {"two entries swapped",
     "UPDATE audit_entry SET entry_no = 99" ENTRY(2, 2) "UPDATE audit_entry SET entry_no = 2"
     ENTRY(2, 3) "UPDATE audit_entry SET entry_no = 3" ENTRY(2, 99),
     {AUDIT_ENTRY_CHANGED, 2, 2, 0}},
    {"an entry moved to another account",
     "UPDATE audit_entry SET account_id = 3, entry_no = 6" ENTRY(2, 5),
     {AUDIT_ENTRY_CHANGED, 3, 6, 0}},
    {"an entry put in", "INSERT INTO audit_entry SELECT account_id, 6, happened_at, audit_kind,"
     " audit_what, actor_role, actor_id, sealed_facts, chain FROM audit_entry" ENTRY(1, 5),
     {AUDIT_HEAD_WRONG, 1, 6, 0}},
    {"the end changed", "UPDATE audit_head SET chain = '00' WHERE account_id = 1;",
     {AUDIT_HEAD_WRONG, 1, 5, 0}},
    {"the end taken away", "DELETE FROM audit_head WHERE account_id = 1;",
     {AUDIT_HEAD_WRONG, 1, 1, 0}},
    {"a signed head taken away",
     "DELETE FROM audit_sign WHERE sign_no = 1; DELETE FROM audit_sign_head WHERE sign_no = 1;",
     {AUDIT_SIGN_MISSING, 0, 0, 2}},
    {"a digest changed", "UPDATE audit_sign SET digest = signature WHERE sign_no = 1;",
     {AUDIT_SIGN_CHANGED, 0, 0, 1}},
    {"a signature changed", "UPDATE audit_sign SET signature = 'zz' WHERE sign_no = 2;",
     {AUDIT_SIGN_CHANGED, 0, 0, 2}},
    {"the time of a signed head",
     "UPDATE audit_sign SET signed_at = signed_at + 1 WHERE sign_no = 2;",
     {AUDIT_SIGN_CHANGED, 0, 0, 2}},
    {"a signed end changed", "UPDATE audit_sign_head SET chain = '00' WHERE sign_no = 1 AND"
     " account_id = 2;", {AUDIT_SIGN_CHANGED, 0, 0, 1}},
    {"a signed end taken away", "DELETE FROM audit_sign_head WHERE sign_no = 1 AND account_id = 2;",
     {AUDIT_SIGN_CHANGED, 0, 0, 1}},
    {"the key", "DELETE FROM secret WHERE secret = 'audit_chain';", {AUDIT_ENTRY_CHANGED, 1, 1, 0}},
    {"the key of the signatures", "DELETE FROM secret WHERE secret = 'audit_sign';",
     {AUDIT_SIGN_CHANGED, 0, 0, 1}},
};
/* clang-format on */

static bool found(const struct audit_check *c, const struct audit_finding *want)
{
    for (int64_t i = 0; i < c->findings && i < AUDIT_FINDINGS; i++) {
        const struct audit_finding *f = &c->found[i];

        if (f->defect == want->defect && f->account_id == want->account_id &&
            f->entry_no == want->entry_no && f->sign_no == want->sign_no)
            return true;
    }
    return false;
}

/* Each way in a database of its own; every one is found, and named where it is. */
static void finds_every_tampering(void **state)
{
    struct test_db *t = &database;

    for (size_t i = 0; i < COUNT(tamperings); i++) {
        const struct tampering *bad = &tamperings[i];

        CHECK_OK(db_script(t->db, bad->sql, &t->err));
        struct audit_check const c = walk(NULL);
        if (!found(&c, &bad->want))
            FAIL("%s: %lld findings, the first %s of %lld %lld %lld", bad->name,
                 (long long)c.findings, c.findings ? audit_defects.at[c.found[0].defect] : "",
                 (long long)c.found[0].account_id, (long long)c.found[0].entry_no,
                 (long long)c.found[0].sign_no);
        tear_down(state);
        set_up(state);
    }
}

/* What comes later does not mend what was cut off before it. */
static void stays_found(void **state)
{
    struct test_db *t = &database;
    int64_t signs;

    (void)state;
    CHECK_OK(db_script(t->db,
                       CUT_LAST "DELETE FROM audit_sign WHERE sign_no = 2;"
                                "DELETE FROM audit_sign_head WHERE sign_no = 2;",
                       &t->err));
    for (int i = 0; i < 2; i++) {
        note(2, "membership.cancel");
        struct audit_check const c = walk(NULL);
        CHECK(found(&c, &(struct audit_finding){AUDIT_HEAD_WRONG, 2, 5 + i, 0}));
        CHECK(found(&c, &(struct audit_finding){AUDIT_SIGNS_CUT_OFF, 0, 0, 2}));
        CHECK_OK(audit_sign(&t->cx, &signs));
    }
}

/* A database that was there before ends were sealed is migrated. */
static void seals_what_was_there(void **state)
{
    struct test_db *t = &database;
    int64_t applied;

    (void)state;
    CHECK_OK(db_script(t->db,
                       "ALTER TABLE audit_head DROP COLUMN seal; DROP TABLE audit_sign_end;"
                       "DROP TABLE erased_name;"
                       "ALTER TABLE term DROP COLUMN lifted_end_day;"
                       "ALTER TABLE term DROP COLUMN lifted_until_day;"
                       "DROP INDEX contact_by_phone;"
                       "ALTER TABLE method DROP COLUMN copy_of;"
                       "ALTER TABLE term DROP COLUMN lifted_plan;"
                       "ALTER TABLE retirement DROP COLUMN actor_role;"
                       "ALTER TABLE retirement DROP COLUMN actor_id;"
                       "ALTER TABLE retirement DROP COLUMN actor_surface;"
                       "ALTER TABLE retirement DROP COLUMN device;"
                       "ALTER TABLE retirement DROP COLUMN network;"
                       "ALTER TABLE price_notice DROP COLUMN slot_old_minor;"
                       "ALTER TABLE price_notice DROP COLUMN slot_new_minor;"
                       "DELETE FROM migration WHERE name >= '0027'",
                       &t->err));
    CHECK_OK(db_migrate(t->db, t->cx.now, &applied, &t->err));
    CHECK(applied == 8);
    CHECK(walk(NULL).findings == 0);
}

/* Whoever has the database and its keys can write it anew; not what was kept elsewhere. */
static void kept_heads_tell_more(void **state)
{
    struct test_db *t = &database;
    char public_key[AUDIT_PUBLIC];
    struct audit_sign *rows;
    int64_t signs;
    size_t n;

    (void)state;
    CHECK_OK(audit_sign_public(&t->cx, public_key));
    CHECK_OK(audit_sign_newest(&t->cx, &rows, &n, .max = 1));
    struct audit_kept const kept = {rows->sign_no, rows->digest, rows->signature, public_key};
    CHECK(walk(&kept).findings == 0);
    CHECK_OK(db_script(t->db,
                       "DELETE FROM audit_entry; DELETE FROM audit_head;"
                       "DELETE FROM audit_sign; DELETE FROM audit_sign_head;"
                       "DELETE FROM audit_sign_end; DELETE FROM secret WHERE secret = 'audit_sign'",
                       &t->err));
    CHECK(walk(NULL).findings == 0);
    CHECK(walk(&kept).findings == 1 && walk(&kept).found[0].defect == AUDIT_KEPT_MISSING);
    for (int64_t a = 1; a <= MEMBERS; a++) note(a, "membership.cancel");
    CHECK_OK(audit_sign(&t->cx, &signs));
    note(1, "membership.cancel");
    CHECK_OK(audit_sign(&t->cx, &signs));
    CHECK(walk(NULL).findings == 0);
    CHECK(walk(&kept).findings == 1);
    struct audit_kept forged = kept;
    forged.signature = kept.digest;
    CHECK(walk(&forged).findings == 1);
}

/* What was erased cannot be read any more, and the chain over it is as good as before. */
static void survives_erasure(void **state)
{
    struct test_db *t = &database;
    struct audit_entry *rows;
    const char *text;
    size_t n;

    (void)state;
    CHECK_OK(audit_entries_before(&t->cx, &rows, &n, .account_id = 2, .before = 3, .max = 1));
    struct cell const where = {"audit_entry.sealed_facts", 2, 2};
    CHECK_OK(vault_open(&t->cx, &where, rows->sealed_facts, &text));
    CHECK(strstr(text, "192.0.2.1") && strstr(text, "premium") && strstr(text, "\"web\""));
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK_OK(vault_destroy(&t->cx, 2, t->cx.now));
        CHECK_OK(tx_commit(&tx));
    }
    CHECK_FAULT(vault_open(&t->cx, &where, rows->sealed_facts, &text), &VAULT_DESTROYED);
    note(2, "account.erased");
    CHECK(walk(NULL).findings == 0);
}

static void looks_at_a_part(void **state)
{
    struct test_db *t = &database;
    struct audit_check one = {.only_account = 2},
                       late = {.only_account = AUDIT_ALL, .from_at = t->cx.now - 1500};

    (void)state;
    CHECK_OK(audit_walk(&t->cx, &one));
    CHECK(one.entries == ENTRIES && one.findings == 0);
    CHECK_OK(audit_walk(&t->cx, &late));
    CHECK(late.entries == 2 && late.findings == 0);
    CHECK_OK(db_script(t->db, "UPDATE audit_entry SET actor_id = 9" ENTRY(2, 5), &t->err));
    struct audit_check other = {.only_account = 1};
    CHECK_OK(audit_walk(&t->cx, &other));
    CHECK(other.findings == 0);
    CHECK_OK(audit_walk(&t->cx, &late));
    CHECK(late.findings == 1);
}

/* What the transaction does not keep is not in the chain, and a lost race leaves no gap. */
static void belongs_to_its_transaction(void **state)
{
    struct test_db *t = &database;
    struct audit_note const n = {1, AUDIT_CHANGE, "x"};

    (void)state;
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK_OK(audit_add(&t->cx, &n, json_object()));
    }
    CHECK(walk(NULL).entries == (int64_t)MEMBERS * ENTRIES);
    note(1, "y");
    CHECK(walk(NULL).findings == 0);
}

int main(void)
{
#define FRESH(name_, fn_)                                                                          \
    {                                                                                              \
        (name_), (fn_), set_up, tear_down, NULL                                                    \
    }
    /* clang-format off */
    const struct CMUnitTest cases[] = {
        FRESH("F-23 what is whole is found whole", finds_nothing_in_what_is_whole),
        FRESH("F-23 every way of tampering is found and named", finds_every_tampering),
        FRESH("F-23 a head that was kept elsewhere shows a rewritten audit", kept_heads_tell_more),
        FRESH("F-23 what was cut off is found whatever comes later", stays_found),
        FRESH("F-23 ends that were there before seals are sealed", seals_what_was_there),
        FRESH("E-22 an erased person's chain stays whole and says no more", survives_erasure),
        FRESH("the walk looks at one account, or at what is new", looks_at_a_part),
        FRESH("F-23 an entry is there when its effect is", belongs_to_its_transaction),
    };
    /* clang-format on */
    return RUN_CASES("db/audit", cases);
}
