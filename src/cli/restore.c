/* restore: puts a backup in the place of a database, whole or not at all. Who was erased since is
 * erased again before anybody can look. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "billing/billing.h"
#include "cli/backup.h"
#include "cli/doctor.h"
#include "db/audit_check.h"
#include "db/copy.h"
#include "keys_file_sql.h"

static const struct fault RESTORE_NOT_EMPTY = {
    E_CONFLICT, "backup.not_empty",
    "There is a database with data, which a restore would replace; say --replace if you mean it."};
static const struct fault RESTORE_NO_FILE = {E_NOT_FOUND, "backup.no_file",
                                             "There is no backup of that name."};
static const struct fault RESTORE_UNSOUND = {
    E_CONFLICT, "backup.unsound",
    "The restored data is not sound, and nothing was replaced; `foyer doctor` and `foyer audit "
    "verify` on a copy tell more. --anyway puts it in place."};

struct restore {
    struct cli *cli;
    struct backup_parts from;
    bool replace, anyway;
    const char *old_erased; /* who was erased in the database that is replaced: a list, or NULL */
    struct keys_seen keys;
    int64_t listed, erased_again, entries, audit_findings, doctor_findings;
};

/* ---- in the restored database ---- */

static enum status erase_them_again(struct ctx *cx, int64_t *erased)
{
    struct tombstone_row *rows;
    size_t n;

    for (int64_t after = 0;; after = rows[n - 1].account_id) {
        TRY(tombstones_alive(cx, &rows, &n, .after = after, .max = 500));
        if (n == 0) return OK;
        for (size_t i = 0; i < n; i++, ++*erased)
            TRY(erase_again(cx, rows[i].account_id, rows[i].destroyed_at));
    }
}

static enum status examine(struct restore *r, struct ctx *cx, const struct clock_state *clock)
{
    struct patient const p = {.clock = *clock};
    struct audit_check *c = arena_new(cx->arena, struct audit_check);
    struct examined *list;
    size_t n;

    *c = (struct audit_check){.only_account = AUDIT_ALL};
    TRY(audit_walk(cx, c));
    r->entries = c->entries;
    r->audit_findings = c->findings;
    TRY(doctor_examine(cx, &p, &list, &n, &r->doctor_findings));
    bool const sound = !r->audit_findings && !r->doctor_findings;
    for (size_t i = 0; i < n; i++)
        if (list[i].findings)
            fprintf(stderr, "foyer: %s: %lld, such as %s\n", list[i].sentence,
                    (long long)list[i].findings, list[i].sample);
    return sound || r->anyway ? OK : fail(cx->err, &RESTORE_UNSOUND, NULL);
}

/* Keys, tombstones, migrations that the backup did not have, and then a look at everything. */
static enum status finish(struct restore *r, struct db *db)
{
    struct cli *cli = r->cli;
    struct ctx cx = cli->cx;
    struct clock_state clock;
    const char *list = backup_erased_list(cli);
    int64_t applied, listed = 0;
    struct audit_note const n = {0, AUDIT_CHANGE, "restore"};

    cx.db = db;
    if (db != cli->db) db_key_file(db, master_path(cli->db, &cli->arena));
    TRY(keys_file_read(&cx, r->from.keys, &r->keys));
    TRY(db_migrate(db, machine_now(), &applied, &cli->err));
    if (list) TRY(erased_list_read(&cx, list, &r->listed));
    if (r->old_erased) TRY(erased_list_read(&cx, r->old_erased, &listed));
    r->listed += listed;
    TRY(clock_read(&cx, machine_now(), &clock));
    cx.now = clock.now;
    TRY(settings_load(&cx, &cli->settings));
    TRY(erase_them_again(&cx, &r->erased_again));
    TRY(examine(r, &cx, &clock));
    return audit_add(&cx, &n,
                     json_pack("{s:{s:s}, s:{s:I}}", "in", "file", r->from.file, "out",
                               "erased_again", (json_int_t)r->erased_again));
}

/* ---- SQLite: made aside, and put in place in one step ---- */

static enum status remember_erased(struct restore *r, const char *aside)
{
    struct cli *cli = r->cli;

    if (db_check_version(cli->db, &cli->err) != OK) return OK; /* it cannot tell */
    TRY(erased_list_write(&cli->cx, aside));
    r->old_erased = aside;
    return OK;
}

static enum status make_aside(struct restore *r, const char *aside)
{
    struct cli *cli = r->cli;
    CLEANUP(db_closep) struct db *db = NULL;

    TRY(copy_bytes(r->from.file, aside, &cli->err));
    TRY(copy_check(aside, &cli->err));
    TRY(db_open(arena_printf(&cli->arena, "sqlite:%s", aside), &db, &cli->err));
    db_set_writer(db, getpid() & 1023);
    TRY(finish(r, db));
    return copy_end(db, &cli->err);
}

static enum status put_sandbox(struct restore *r, const char *path)
{
    struct cli *cli = r->cli;
    const char *to = arena_printf(&cli->arena, "%s-sandbox", path);
    const char *aside = arena_printf(&cli->arena, "%s.restoring", to);

    if (!backup_there(r->from.sandbox)) return OK;
    TRY(copy_bytes(r->from.sandbox, aside, &cli->err));
    if (backup_there(to)) TRY(copy_settle(to, &cli->err));
    return copy_put(aside, to, &cli->err);
}

static enum status restore_lite(struct restore *r)
{
    struct cli *cli = r->cli;
    const char *path = backup_lite_path(cli);
    const char *aside = arena_printf(&cli->arena, "%s.restoring", path);
    const char *erased = arena_printf(&cli->arena, "%s.erased", path);

    enum status s = remember_erased(r, erased);
    if (s == OK) s = make_aside(r, aside);
    db_close(cli->db); /* we use it no more; whoever else does is found now */
    cli->db = cli->cx.db = NULL;
    if (s == OK) s = copy_settle(path, &cli->err);
    if (s == OK) s = put_sandbox(r, path);
    if (s == OK) s = copy_put(aside, path, &cli->err);
    unlink(erased), unlink(aside);
    return s;
}

/* ---- PostgreSQL: until the last step the database counts as not migrated ---- */

static enum status restore_pg(struct restore *r)
{
    struct cli *cli = r->cli;
    struct arena *a = &cli->arena;
    const char *erased = arena_printf(a, "%s.erased", r->from.file);
    char *const argv[] = {"pg_restore",
                          "--clean",
                          "--if-exists",
                          "--no-owner",
                          "--single-transaction",
                          arena_printf(a, "--dbname=%s", cli->db_url),
                          (char *)(uintptr_t)r->from.file,
                          NULL};

    TRY(remember_erased(r, erased));
    enum status s = backup_run_tool(cli, argv);
    if (s == OK) s = finish(r, cli->db);
    unlink(erased);
    return s;
}

/* ---- the command ---- */

static enum status refuse_data(struct restore *r)
{
    struct restore_counts_row counts;
    struct cli *cli = r->cli;

    if (r->replace || db_check_version(cli->db, &cli->err) != OK) return OK;
    TRY(restore_counts(&cli->cx, &counts, &DB_NO_ROW));
    return counts.n ? fail(&cli->err, &RESTORE_NOT_EMPTY, NULL) : OK;
}

static enum status restore(struct restore *r)
{
    struct cli *cli = r->cli;

    if (!backup_there(r->from.file)) return failf(&cli->err, &RESTORE_NO_FILE, "%s", r->from.file);
    TRY(refuse_data(r));
    return db_is_pg(cli->db) ? restore_pg(r) : restore_lite(r);
}

static void tell(const struct restore *r)
{
    if (r->cli->json) {
        cli_print_json(json_pack(
            "{s:s, s:I, s:I, s:I, s:I, s:I}", "file", r->from.file, "keys",
            (json_int_t)r->keys.keys, "erased_again", (json_int_t)r->erased_again, "audit_entries",
            (json_int_t)r->entries, "audit_findings", (json_int_t)r->audit_findings,
            "doctor_findings", (json_int_t)r->doctor_findings));
        return;
    }
    printf("%s is restored\n", r->from.file);
    printf("  keys of %lld accounts, from %s\n", (long long)r->keys.keys, r->from.keys);
    printf("  %lld who were erased since were erased again\n", (long long)r->erased_again);
    printf("  audit: %lld entries, %lld findings; doctor: %lld findings\n", (long long)r->entries,
           (long long)r->audit_findings, (long long)r->doctor_findings);
}

static int run_restore(struct cli *cli, int argc, char **argv)
{
    const char *why = NULL, *keys = NULL;
    struct restore r = {.cli = cli};
    const struct cli_option options[] = {
        {"keys",    &keys, NULL      },
        {"replace", NULL,  &r.replace},
        {"anyway",  NULL,  &r.anyway }
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc != 1)
        return cli_usage(cli, restore_commands, why);
    r.from = backup_parts(&cli->arena, argv[0]);
    if (keys) r.from.keys = keys;
    enum status const s = restore(&r);
    if (s != OK) return cli_fail(cli, s);
    tell(&r);
    return EXIT_DONE;
}

/* clang-format off */
const struct command restore_commands[] = {
    {"restore", "FILE [--keys FILE] [--replace] [--anyway]",
     "Put a backup in the place of the database.", UNMIGRATED, run_restore},
    {0},
};
/* clang-format on */
