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
#include "db/master.h"
#include "db/schema.h"
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

/* Whoever was erased in the database that is to be replaced. One that is empty, or too broken to
 * say what it is, cannot tell. */
static enum status remember_erased(struct restore *r, struct ctx *cx)
{
    struct error why = {0}, ignored = {0};
    struct ctx old = r->cli->cx;
    int64_t listed = 0;

    old.err = &why;
    enum status const s = erased_copy(&old, cx, &listed);
    if (s == OK) r->listed += listed;
    if (!why.fault) return s;
    if (db_check_version(old.db, &ignored) != OK) return OK;
    r->cli->err = why;
    return s;
}

/* Keys, tombstones, migrations that the backup did not have, and then a look at everything. */
static enum status finish(struct restore *r, struct db *db)
{
    struct cli *cli = r->cli;
    struct ctx cx = cli->cx;
    struct clock_state clock;
    const char *list = backup_erased_list(cli);
    int64_t applied;
    struct audit_note const n = {0, AUDIT_CHANGE, "restore"};

    cx.db = db;
    db_set_writer(db, getpid() & 1023);
    db_key_file(db, master_path(cli->db, &cli->arena));
    TRY(keys_file_read(&cx, r->from.keys, &r->keys));
    TRY(db_migrate(db, machine_now(), &applied, &cli->err));
    if (list) TRY(erased_list_read(&cx, list, &r->listed));
    TRY(remember_erased(r, &cx));
    TRY(clock_read(&cx, machine_now(), &clock));
    cx.now = clock.now;
    TRY(settings_load(&cx, &cli->settings));
    TRY(erase_them_again(&cx, &r->erased_again));
    TRY(examine(r, &cx, &clock));
    return audit_add(&cx, &n,
                     json_pack("{s:{s:s}, s:{s:I}}", "in", "file", r->from.file, "out",
                               "erased_again", (json_int_t)r->erased_again));
}

/* Right before anything is put in place: whatever happens then, who was erased is on the list. */
static enum status write_down_erased(struct restore *r, struct db *db)
{
    const char *list = backup_erased_list(r->cli);
    struct ctx cx = r->cli->cx;

    cx.db = db;
    return list ? erased_list_write(&cx, list) : OK;
}

/* ---- SQLite: made aside, and put in place in one step ---- */

static enum status make_aside(struct restore *r, const char *aside)
{
    struct cli *cli = r->cli;
    CLEANUP(db_closep) struct db *db = NULL;

    TRY(copy_bytes(r->from.file, aside, &cli->err));
    TRY(copy_check(aside, &cli->err));
    TRY(db_open(arena_printf(&cli->arena, "sqlite:%s", aside), &db, &cli->err));
    TRY(finish(r, db));
    TRY(write_down_erased(r, db));
    return copy_end(db, &cli->err);
}

static enum status make_sandbox_aside(struct restore *r, const char *aside)
{
    if (!backup_there(r->from.sandbox)) return OK;
    TRY(copy_bytes(r->from.sandbox, aside, &r->cli->err));
    return copy_check(aside, &r->cli->err);
}

/* After the database: between the two steps there is the restored one beside a provider who knows
 * more, as any real one does after a restore. */
static enum status put_sandbox(struct restore *r, const char *aside, const char *to)
{
    if (!backup_there(aside)) return OK;
    if (backup_there(to)) TRY(copy_settle(to, &r->cli->err));
    return copy_put(aside, to, &r->cli->err);
}

static enum status restore_lite(struct restore *r)
{
    struct cli *cli = r->cli;
    struct arena *a = &cli->arena;
    const char *path = backup_lite_path(cli), *sandbox = arena_printf(a, "%s-sandbox", path);
    const char *aside = arena_printf(a, "%s.restoring", path);
    const char *sandbox_aside = arena_printf(a, "%s-sandbox", aside);

    copy_remove(aside), copy_remove(sandbox_aside); /* of one that was killed */
    enum status s = make_sandbox_aside(r, sandbox_aside);
    if (s == OK) s = make_aside(r, aside);
    db_close(cli->db); /* we use it no more; whoever else does is found now */
    cli->db = cli->cx.db = NULL;
    if (s == OK) s = copy_settle(path, &cli->err);
    if (s == OK) s = copy_put(aside, path, &cli->err);
    if (s == OK) s = put_sandbox(r, sandbox_aside, sandbox);
    copy_remove(aside), copy_remove(sandbox_aside);
    return s;
}

/* ---- PostgreSQL: made in schemas aside, whose tables take their places in one transaction ---- */

struct schemas {
    const char *main, *sandbox, *aside, *sandbox_aside;
};

static struct schemas schemas_of(struct cli *cli)
{
    struct arena *a = &cli->arena;
    struct schemas s = {.main = schema_of(a, cli->db_url)};
    const char *url = schema_url_beside(a, cli->db_url, "restoring", &s.aside);

    schema_url_beside(a, cli->db_url, "sandbox", &s.sandbox);
    schema_url_beside(a, url, "sandbox", &s.sandbox_aside);
    return s;
}

/* A dump names its schemas: for one transaction those that are there make way for what it holds. */
static enum status read_dump(struct restore *r, const struct schemas *at)
{
    struct cli *cli = r->cli;
    struct arena *a = &cli->arena;
    char *const from[] = {"pg_restore",
                          "--no-owner",
                          "--file=-",
                          arena_printf(a, "--schema=%s", at->main),
                          arena_printf(a, "--schema=%s", at->sandbox),
                          (char *)(uintptr_t)r->from.file,
                          NULL};
    char *const to[] = {
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        arena_printf(a, "--dbname=%s", cli->db_url),
        arena_printf(a, "--command=%s", schema_make_way(a, at->main)),
        arena_printf(a, "--command=%s", schema_make_way(a, at->sandbox)),
        "--file=-",
        arena_printf(a, "--command=%s", schema_must_hold(a, at->main)),
        arena_printf(a, "--command=%s", schema_put_aside(a, at->main, at->aside)),
        arena_printf(a, "--command=%s", schema_put_aside(a, at->sandbox, at->sandbox_aside)),
        NULL};

    return backup_run_pipe(cli, from, to);
}

static enum status drop_aside(struct restore *r, const struct schemas *at, struct error *e)
{
    struct db *db = r->cli->db;

    TRY(schema_drop(db, at->aside, e));
    return schema_drop(db, at->sandbox_aside, e);
}

static enum status make_schemas(struct restore *r, const struct schemas *at)
{
    struct cli *cli = r->cli;
    CLEANUP(db_closep) struct db *db = NULL;

    TRY(drop_aside(r, at, &cli->err)); /* of one that was killed */
    TRY(read_dump(r, at));
    TRY(db_open_beside(cli->db_url, "restoring", "", &db, &cli->err));
    TRY(finish(r, db));
    return write_down_erased(r, db);
}

static enum status restore_pg(struct restore *r)
{
    struct cli *cli = r->cli;
    struct schemas const at = schemas_of(cli);
    struct schema_pair const pairs[] = {
        {at.aside,         at.main   },
        {at.sandbox_aside, at.sandbox}
    };
    struct error ignored = {0};

    enum status s = make_schemas(r, &at);
    if (s == OK) s = schema_take_place(cli->db, pairs, COUNT(pairs), &cli->err);
    if (s != OK) (void)!drop_aside(r, &at, &ignored);
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

/* A file that was made only because it was to be looked into. */
static void remove_made(struct restore *r)
{
    db_close(r->cli->db);
    r->cli->db = r->cli->cx.db = NULL;
    copy_remove(backup_lite_path(r->cli));
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
    bool const lite = strncmp(cli->db_url, "sqlite:", 7) == 0;
    bool const made = lite && !backup_there(backup_lite_path(cli));
    int const opened = cli_open(cli, UNMIGRATED);
    if (opened != EXIT_DONE) return opened;
    enum status const s = restore(&r);
    if (s != OK && made) remove_made(&r);
    if (s != OK) return cli_fail(cli, s);
    tell(&r);
    return EXIT_DONE;
}

/* clang-format off */
const struct command restore_commands[] = {
    {"restore", "FILE [--keys FILE] [--replace] [--anyway]",
     "Put a backup in the place of the database.", run_restore},
    {0},
};
/* clang-format on */
