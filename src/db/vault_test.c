/* vault_test: sealed cells, the file of the master key, and its rotation.
 * SPDX-License-Identifier: Apache-2.0 */
#include "db/vault.h"

#include <sys/stat.h>

#include "db/db_test.h"
#include "db/secret.h"
#include "secret_sql.h"

static struct test_db database;
static char folder[64], path[96];

/* Each test has a key file of its own, also on PostgreSQL. */
static int set_up(void **state)
{
    struct test_db *t = &database;

    (void)state;
    snprintf(folder, sizeof folder, "/tmp/foyer-vault-XXXXXX");
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    test_db_open(t, 1000000000000);
    db_key_file(t->db, path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_db_close(&database);
    unlink(path);
    CHECK(rmdir(folder) == 0); /* and nothing is left beside it */
    return 0;
}

static const char *seal(const struct cell *where, const char *text)
{
    struct test_db *t = &database;
    const char *sealed;
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(vault_seal(&t->cx, where, text, &sealed));
    CHECK_OK(tx_commit(&tx));
    return sealed;
}

static void destroy(int64_t account_id)
{
    struct test_db *t = &database;
    TX tx = {0};

    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_OK(vault_destroy(&t->cx, account_id, t->cx.now));
    CHECK_OK(tx_commit(&tx));
}

static const struct cell mine = {"note.text", 7, 1};

static void check_opens(const char *sealed, const char *want)
{
    struct test_db *t = &database;
    const char *text;

    CHECK_OK(vault_open(&t->cx, &mine, sealed, &text));
    CHECK(strcmp(text, want) == 0);
}

static void opens_in_its_place(void **state)
{
    static const struct cell elsewhere[] = {
        {"note.title", 7, 1},
        {"note.text",  8, 1},
        {"note.text",  7, 2}
    };
    struct test_db *t = &database;
    const char *text, *sealed = seal(&mine, "at home");

    (void)state;
    check_opens(sealed, "at home");
    CHECK(!strstr(sealed, "home") && strcmp(sealed, seal(&mine, "at home")) != 0);
    seal(&elsewhere[1], "so that this account has a key");
    for (size_t i = 0; i < COUNT(elsewhere); i++)
        CHECK_FAULT(vault_open(&t->cx, &elsewhere[i], sealed, &text), &VAULT_TAMPERED);
    check_opens(seal(&mine, ""), "");
}

/* Every byte changed, every length cut, and texts that were never sealed. */
static void refuses_what_was_changed(void **state)
{
    static const char *const never[] = {"", "A", "=", "not base64!", "AAAA", "\xff\xfe", "a\nb"};
    struct test_db *t = &database;
    const char *text, *sealed = seal(&mine, "abc");
    size_t const n = strlen(sealed);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        char *changed = arena_strdup(&t->arena, sealed);

        changed[i] = changed[i] == 'B' ? 'C' : 'B';
        CHECK_FAULT(vault_open(&t->cx, &mine, changed, &text), &VAULT_TAMPERED);
        changed[i] = 0;
        CHECK_FAULT(vault_open(&t->cx, &mine, changed, &text), &VAULT_TAMPERED);
    }
    for (size_t i = 0; i < COUNT(never); i++)
        CHECK_FAULT(vault_open(&t->cx, &mine, never[i], &text), &VAULT_TAMPERED);
    const char *longer = arena_printf(&t->arena, "%sAAAA", sealed);
    CHECK_FAULT(vault_open(&t->cx, &mine, longer, &text), &VAULT_TAMPERED);
}

static void destroys_for_good(void **state)
{
    struct test_db *t = &database;
    struct cell const other = {"note.text", 8, 1};
    const char *text, *sealed = seal(&mine, "abc"), *kept = seal(&other, "def");

    (void)state;
    destroy(7);
    CHECK_FAULT(vault_open(&t->cx, &mine, sealed, &text), &VAULT_DESTROYED);
    CHECK(strcmp(seal(&mine, "again"), "") == 0); /* and it gets no new one */
    CHECK_FAULT(vault_open(&t->cx, &mine, sealed, &text), &VAULT_DESTROYED);
    CHECK_OK(vault_open(&t->cx, &other, kept, &text));
    destroy(9); /* who never had one has a tombstone too */
    CHECK(strcmp(seal(&(struct cell){"note.text", 9, 1}, "x"), "") == 0);
}

static void put_file(const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");

    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, mode) == 0);
}

static void keeps_its_file_to_itself(void **state)
{
    struct test_db *t = &database;
    struct stat st;

    (void)state;
    CHECK_OK(master_load(&t->cx, NULL));
    CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == 65);
    static const mode_t unsafe[] = {0640, 0604, 0660, 0620, 0601};
    for (size_t i = 0; i < COUNT(unsafe); i++) {
        db_key_file(t->db, path);
        CHECK(chmod(path, unsafe[i]) == 0);
        CHECK_FAULT(master_load(&t->cx, NULL), &MASTER_FILE_UNSAFE);
    }
    CHECK(chmod(path, 0400) == 0);
    db_key_file(t->db, path);
    CHECK_OK(master_load(&t->cx, NULL));
    db_key_file(t->db, folder);
    CHECK_FAULT(master_load(&t->cx, NULL), &MASTER_FILE_UNSAFE); /* no file */
}

static void refuses_files_without_a_key(void **state)
{
    static const char *const texts[] = {"", "\n", "abc\n", "zz", "00", "# a comment\n"};
    struct test_db *t = &database;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        put_file(texts[i], 0600);
        db_key_file(t->db, path);
        CHECK_FAULT(master_load(&t->cx, NULL), &MASTER_FILE_BROKEN);
    }
    for (int n = 1; n < 300; n++) { /* hex of every length but the right one */
        char text[301];

        memset(text, 'a', sizeof text);
        text[n] = 0;
        put_file(text, 0600);
        db_key_file(t->db, path);
        CHECK(master_load(&t->cx, NULL) == (n == 64 ? OK : E_INTERNAL));
    }
}

static void never_makes_a_second_key(void **state)
{
    struct test_db *t = &database;
    const char *text, *sealed = seal(&mine, "abc");

    (void)state;
    CHECK(unlink(path) == 0);
    db_key_file(t->db, path);
    CHECK_FAULT(vault_open(&t->cx, &mine, sealed, &text), &MASTER_FILE_MISSING);
    put_file("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0600);
    CHECK_FAULT(vault_open(&t->cx, &mine, sealed, &text), &MASTER_FILE_WRONG);
    struct cell const other = {"note.text", 8, 1}; /* nor is anything wrapped by a wrong one */
    TX tx = {0};
    CHECK_OK(tx_begin(&tx, &t->cx));
    CHECK_FAULT(vault_seal(&t->cx, &other, "x", &sealed), &MASTER_FILE_WRONG);
}

static int64_t wrapped_by_old(const char *now)
{
    struct test_db *t = &database;
    struct keys_wrapped_otherwise_row row;

    CHECK_OK(keys_wrapped_otherwise(&t->cx, &row, &DB_NO_ROW, .wrapped_by = now));
    return row.n;
}

static void rotates(void **state)
{
    struct test_db *t = &database;
    char hash[SECRET_HASH], again[SECRET_HASH], old[MASTER_ID_TEXT];
    const char *sealed = seal(&mine, "abc"), *id;
    struct stat st;
    int64_t keys;

    (void)state;
    for (int64_t a = 100; a < 2300; a++) seal(&(struct cell){"note.text", a, 1}, "x");
    destroy(100);
    CHECK_OK(secret_hash(&t->cx, "gift_code", "code", hash));
    CHECK_OK(master_load(&t->cx, &id));
    snprintf(old, sizeof old, "%s", id);
    CHECK_OK(vault_rotate(&t->cx, &keys));
    CHECK_OK(master_load(&t->cx, &id));
    CHECK(keys == 2200 && strcmp(id, old) != 0 && wrapped_by_old(id) == 0);
    CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == 65);
    check_opens(sealed, "abc");
    CHECK_OK(secret_hash(&t->cx, "gift_code", "code", again));
    CHECK(strcmp(hash, again) == 0);
    db_key_file(t->db, path); /* a new process */
    check_opens(sealed, "abc");
}

static int64_t left_until_crash;

static enum db_injury crash_later(void *arg, enum db_moment moment)
{
    (void)arg;
    return moment == AT_COMMIT && left_until_crash-- == 0 ? CRASH_BEFORE : UNHURT;
}

/* Cut short before each of its commits: what is sealed opens with the file as it is, and the same
 * again ends it. */
static void survives_a_cut_short_rotation(void **state)
{
    struct test_db *t = &database;
    const char *sealed = seal(&mine, "abc"), *id;
    int64_t keys;

    (void)state;
    for (int64_t a = 100; a < 1200; a++) seal(&(struct cell){"note.text", a, 1}, "x");
    for (int64_t at = 0; at < 2; at++) {
        left_until_crash = at;
        db_injure(t->db, crash_later, NULL);
        CHECK_FAULT(vault_rotate(&t->cx, &keys), &DB_CRASHED);
        db_injure(t->db, NULL, NULL);
        db_revive(t->db);
        db_key_file(t->db, path);
        check_opens(sealed, "abc");
        CHECK_OK(vault_rotate(&t->cx, &keys));
        CHECK_OK(master_load(&t->cx, &id));
        CHECK(wrapped_by_old(id) == 0);
        check_opens(sealed, "abc");
    }
}

static void get_file(char to[static 128])
{
    FILE *f = fopen(path, "r");

    CHECK(f && fgets(to, 128, f) && fclose(f) == 0);
}

/* A server that runs on while another process rotates. */
static void follows_a_rotation_of_others(void **state)
{
    struct test_db *t = &database;
    const char *sealed = seal(&mine, "abc"), *id;
    int64_t keys;

    (void)state;
    char kept[128], fresh[128];
    get_file(kept);
    CHECK_OK(vault_rotate(&t->cx, &keys));
    get_file(fresh);
    put_file(kept, 0600);
    db_key_file(t->db, path);
    CHECK_OK(master_load(&t->cx, &id)); /* as the other process still has it */
    put_file(fresh, 0600);
    check_opens(sealed, "abc");
    db_key_file(t->db, path);
    put_file(kept, 0600);
    CHECK_OK(master_load(&t->cx, NULL));
    put_file(fresh, 0600);
    struct cell const other = {"note.text", 8, 1};
    seal(&other, "new"); /* wrapped by the key in force, not by the one it had read */
    CHECK_OK(master_load(&t->cx, &id));
    CHECK(wrapped_by_old(id) == 0);
}

static void seals_open_keys(void **state)
{
    static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    struct test_db *t = &database;

    (void)state;
    CHECK_OK(secret_add(&t->cx, NULL, .secret = "gift_code", .secret_key = hex, .wrapped_by = ""));
    {
        TX tx = {0};
        CHECK_OK(tx_begin(&tx, &t->cx));
        CHECK_OK(secrets_rewrap(&t->cx));
        CHECK_OK(tx_commit(&tx));
    }
    struct secret *rows;
    size_t n;
    CHECK_OK(secret_by_name(&t->cx, &rows, &n, .secret = "gift_code", .max = 1));
    CHECK(n == 1 && *rows->wrapped_by && !strstr(rows->secret_key, "0a0b0c"));
    WIPED_KEY k;
    CHECK_OK(secret_key_of(&t->cx, "gift_code", &k));
    for (size_t i = 0; i < sizeof k.at; i++) CHECK(k.at[i] == i);
}

int main(void)
{
#define FRESH(name_, fn_)                                                                          \
    {                                                                                              \
        (name_), (fn_), set_up, tear_down, NULL                                                    \
    }
    /* clang-format off */
    const struct CMUnitTest cases[] = {
        FRESH("a sealed cell opens in its place and nowhere else",
              opens_in_its_place),
        FRESH("a changed cell is refused, whatever was changed",
              refuses_what_was_changed),
        FRESH("E-22 a destroyed key is gone for good, for that account alone",
              destroys_for_good),
        FRESH("the key file is for its owner alone",
              keeps_its_file_to_itself),
        FRESH("a file without a key is refused",
              refuses_files_without_a_key),
        FRESH("a lost or wrong key file is never replaced",
              never_makes_a_second_key),
        FRESH("a rotation wraps every key anew",
              rotates),
        FRESH("a rotation that was cut short loses nothing",
              survives_a_cut_short_rotation),
        FRESH("a process outlives the rotation of another",
              follows_a_rotation_of_others),
        FRESH("keys that lay open are sealed",
              seals_open_keys),
    };
    /* clang-format on */
    return RUN_CASES("db/vault", cases);
}
