/* backup: copies a database while others work with it. SPDX-License-Identifier: Apache-2.0 */
#include "cli/backup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/copy.h"
#include "db/master.h"

const struct fault BACKUP_TOOL = {
    E_INTERNAL, "backup.tool",
    "The tools pg_dump or pg_restore failed; see what they said. Debian's package "
    "postgresql-client has both."};
static const struct fault BACKUP_EXISTS = {
    E_CONFLICT, "backup.exists", "There is a backup of that name; choose another, or remove it."};

struct backup_parts backup_parts(struct arena *a, const char *file)
{
    return (struct backup_parts){file, arena_printf(a, "%s-keys", file),
                                 arena_printf(a, "%s-sandbox", file)};
}

const char *backup_lite_path(const struct cli *cli)
{
    return cli->db_url + strlen("sqlite:");
}

bool backup_there(const char *path)
{
    return access(path, F_OK) == 0;
}

enum status backup_run_tool(struct cli *cli, char *const *argv)
{
    int state = 0;
    pid_t const child = fork();

    if (child == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &state, 0) < 0 && errno == EINTR) {
    }
    if (child > 0 && WIFEXITED(state) && WEXITSTATUS(state) == 0) return OK;
    return failf(&cli->err, &BACKUP_TOOL, "%s: status %d", argv[0],
                 child > 0 && WIFEXITED(state) ? WEXITSTATUS(state) : -1);
}

const char *backup_pg_schema(struct cli *cli)
{
    const char *at = strstr(cli->db_url, "search_path");
    size_t n = 0;

    if (!at) return "public";
    at += strlen("search_path");
    at += *at == '=' ? 1 : 3;
    while (at[n] == '_' || (at[n] >= '0' && at[n] <= '9') || (at[n] >= 'a' && at[n] <= 'z')) n++;
    return arena_memdup(&cli->arena, at, n);
}

const char *backup_erased_list(struct cli *cli)
{
    const char *key = master_path(cli->db, &cli->arena);

    return key ? arena_printf(&cli->arena, "%s-erased", key) : NULL;
}

static void on_page(void *arg, int64_t done, int64_t total)
{
    struct progress *p = arg;

    p->total = total;
    progress_step(p, done);
}

/* The keys go into a file of their own, and leave nothing behind in the copy. */
static enum status take_keys_out(struct cli *cli, const char *copy, const char *keys)
{
    CLEANUP(db_closep) struct db *db = NULL;
    struct ctx cx = cli->cx;

    TRY(db_open(arena_printf(&cli->arena, "sqlite:%s", copy), &db, &cli->err));
    cx.db = db;
    TRY(keys_file_write(&cx, keys));
    TRY(copy_forget_keys(db, &cli->err));
    return copy_end(db, &cli->err);
}

/* The sandbox stands for a payment provider, who is asked after us and may know more. */
static enum status copy_sandbox(struct cli *cli, const char *to)
{
    CLEANUP(db_closep) struct db *db = NULL;
    const char *from = arena_printf(&cli->arena, "%s-sandbox", backup_lite_path(cli));

    if (!backup_there(from)) return OK;
    TRY(db_open(arena_printf(&cli->arena, "sqlite:%s", from), &db, &cli->err));
    TRY(copy_database(db, to, NULL, &cli->err));
    return copy_check(to, &cli->err);
}

static enum status dump_lite(struct cli *cli, const struct backup_parts *aside)
{
    struct progress bar;
    struct copy const c = {on_page, &bar};

    progress_begin(&bar, cli, "backing up", 1);
    enum status const s = copy_database(cli->db, aside->file, &c, &cli->err);
    progress_end(&bar);
    TRY(s);
    TRY(copy_check(aside->file, &cli->err));
    TRY(take_keys_out(cli, aside->file, aside->keys));
    return copy_sandbox(cli, aside->sandbox);
}

/* pg_dump sees one snapshot. The keys come after it: more of them do no harm, less would. */
static enum status dump_pg(struct cli *cli, const struct backup_parts *aside)
{
    struct arena *a = &cli->arena;
    const char *schema = backup_pg_schema(cli);
    const char *sandbox =
        strcmp(schema, "public") == 0 ? "foyer_sandbox" : arena_printf(a, "%s_sandbox", schema);
    char *const argv[] = {"pg_dump",
                          "--format=custom",
                          "--no-owner",
                          arena_printf(a, "--file=%s", aside->file),
                          arena_printf(a, "--schema=%s", schema),
                          arena_printf(a, "--schema=%s", sandbox),
                          arena_printf(a, "--exclude-table-data=%s.account_key", schema),
                          arena_printf(a, "--exclude-table-data=%s.secret", schema),
                          arena_printf(a, "--exclude-table-data=%s.migration", schema),
                          arena_printf(a, "--dbname=%s", cli->db_url),
                          NULL};

    TRY(backup_run_tool(cli, argv));
    return keys_file_write(&cli->cx, aside->keys);
}

static enum status make(struct cli *cli, const char *file)
{
    struct backup_parts const to = backup_parts(&cli->arena, file);
    struct backup_parts const aside =
        backup_parts(&cli->arena, arena_printf(&cli->arena, "%s.part", file));

    if (backup_there(file)) return failf(&cli->err, &BACKUP_EXISTS, "%s", file);
    enum status s = db_is_pg(cli->db) ? dump_pg(cli, &aside) : dump_lite(cli, &aside);
    if (s == OK) s = copy_put(aside.keys, to.keys, &cli->err);
    if (s == OK && backup_there(aside.sandbox)) s = copy_put(aside.sandbox, to.sandbox, &cli->err);
    if (s == OK) s = copy_put(aside.file, to.file, &cli->err);
    unlink(aside.file), unlink(aside.keys), unlink(aside.sandbox);
    if (s == OK && backup_erased_list(cli))
        s = erased_list_write(&cli->cx, backup_erased_list(cli));
    if (s != OK) return s;
    return cli_note(cli, "backup", json_pack("{s:{s:s}}", "in", "file", file));
}

static int run_backup(struct cli *cli, int argc, char **argv)
{
    const char *why = NULL, *key = master_path(cli->db, &cli->arena);
    struct stat st = {0};

    if (!cli_options(&argc, argv, NULL, 0, &why) || argc != 1)
        return cli_usage(cli, backup_commands, why);
    enum status const s = make(cli, argv[0]);
    if (s != OK) return cli_fail(cli, s);
    (void)!stat(argv[0], &st);
    if (cli->json) {
        cli_print_json(json_pack("{s:s, s:s, s:I, s:s?}", "file", argv[0], "keys",
                                 backup_parts(&cli->arena, argv[0]).keys, "bytes",
                                 (json_int_t)st.st_size, "master_key_not_in_it", key));
        return EXIT_DONE;
    }
    printf("%s: %lld bytes; its keys are in %s-keys\n", argv[0], (long long)st.st_size, argv[0]);
    printf("The master key %s is in neither: keep a copy of it elsewhere, or what is sealed is "
           "lost.\nKeep of the files of keys only the newest: it fits every older backup, and "
           "without an older one the erased stay erased.\n",
           key ? key : "");
    return EXIT_DONE;
}

/* clang-format off */
const struct command backup_commands[] = {
    {"backup", "FILE", "Copy the database while others work with it.", 0, run_backup},
    {0},
};
/* clang-format on */
