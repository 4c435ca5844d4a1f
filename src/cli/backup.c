/* backup: copies a database while others work with it. SPDX-License-Identifier: Apache-2.0 */
#include "cli/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/copy.h"
#include "db/master.h"
#include "db/schema.h"

const struct fault BACKUP_TOOL = {
    E_INTERNAL, "backup.tool",
    "The tools pg_dump, pg_restore or psql failed; see what they said. Debian's package "
    "postgresql-client has them."};
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

static pid_t begin_tool(char *const *argv, int in, int out)
{
    pid_t const child = fork();

    if (child != 0) return child;
    if ((in >= 0 && dup2(in, STDIN_FILENO) < 0) || (out >= 0 && dup2(out, STDOUT_FILENO) < 0))
        _exit(127);
    execvp(argv[0], argv);
    _exit(127);
}

static enum status end_tool(struct cli *cli, pid_t child, const char *name)
{
    int state = 0;

    while (child > 0 && waitpid(child, &state, 0) < 0 && errno == EINTR) {
    }
    if (child > 0 && WIFEXITED(state) && WEXITSTATUS(state) == 0) return OK;
    return failf(&cli->err, &BACKUP_TOOL, "%s: status %d", name,
                 child > 0 && WIFEXITED(state) ? WEXITSTATUS(state) : -1);
}

enum status backup_run_tool(struct cli *cli, char *const *argv)
{
    return end_tool(cli, begin_tool(argv, -1, -1), argv[0]);
}

enum status backup_run_pipe(struct cli *cli, char *const *from, char *const *to)
{
    int const nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) return failf(&cli->err, &BACKUP_TOOL, "no pipe");
    pid_t const writer = begin_tool(from, -1, ends[1]), reader = begin_tool(to, ends[0], nowhere);
    close(ends[0]), close(ends[1]), close(nowhere);
    enum status const wrote = end_tool(cli, writer, from[0]);
    struct error const why = cli->err;
    enum status const read = end_tool(cli, reader, to[0]);
    if (wrote != OK) cli->err = why;
    return wrote != OK ? wrote : read;
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

/* The sandbox stands for a payment provider, and everything that it has done was asked for by us
 * before: the two agree at each instant, and so both are held at one, at which the sandbox can do
 * nothing. */
static enum status hold_both(struct cli *cli, struct db **sandbox)
{
    CLEANUP(db_closep) struct db *stopped = NULL;
    const char *url = arena_printf(&cli->arena, "%s-sandbox", cli->db_url);

    if (!backup_there(url + strlen("sqlite:"))) return copy_hold(cli->db, &cli->err);
    TRY(db_open(url, sandbox, &cli->err));
    TRY(db_open(url, &stopped, &cli->err));
    TRY(copy_stop_writers(stopped, &cli->err));
    TRY(copy_hold(*sandbox, &cli->err));
    TRY(copy_hold(cli->db, &cli->err));
    return copy_release(stopped, &cli->err);
}

static enum status copy_sandbox(struct cli *cli, struct db *db, const char *to)
{
    if (!db) return OK;
    TRY(copy_database(db, to, NULL, &cli->err));
    return copy_check(to, &cli->err);
}

static enum status dump_lite(struct cli *cli, const struct backup_parts *aside)
{
    CLEANUP(db_closep) struct db *sandbox = NULL;
    struct progress bar;
    struct copy const c = {on_page, &bar};

    TRY(hold_both(cli, &sandbox));
    progress_begin(&bar, cli, "backing up", 1);
    enum status const s = copy_database(cli->db, aside->file, &c, &cli->err);
    progress_end(&bar);
    TRY(copy_release(cli->db, &cli->err));
    TRY(s);
    TRY(copy_sandbox(cli, sandbox, aside->sandbox));
    TRY(copy_check(aside->file, &cli->err));
    return take_keys_out(cli, aside->file, aside->keys);
}

/* pg_dump sees one snapshot, of the sandbox too. The keys come after it: more of them do no harm,
 * less would. */
static enum status dump_pg(struct cli *cli, const struct backup_parts *aside)
{
    struct arena *a = &cli->arena;
    const char *schema = schema_of(a, cli->db_url), *sandbox;

    schema_url_beside(a, cli->db_url, "sandbox", &sandbox);
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
    copy_remove(aside.file), unlink(aside.keys), copy_remove(aside.sandbox);
    if (s == OK && backup_erased_list(cli))
        s = erased_list_write(&cli->cx, backup_erased_list(cli));
    if (s != OK) return s;
    return cli_note(cli, "backup", json_pack("{s:{s:s}}", "in", "file", file));
}

static int run_backup(struct cli *cli, int argc, char **argv)
{
    const char *why = NULL;
    struct stat st = {0};

    if (!cli_options(&argc, argv, NULL, 0, &why) || argc != 1)
        return cli_usage(cli, backup_commands, why);
    NEED_DATABASE(cli);
    const char *key = master_path(cli->db, &cli->arena);
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
    {"backup", "FILE", "Copy the database while others work with it.", run_backup},
    {0},
};
/* clang-format on */
