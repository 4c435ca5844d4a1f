/* cli: global options, finding the command, errors and progress.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* clang-format off */
const struct command *const command_tables[] = {
    migrate_commands,
    catalog_commands,
    import_commands,
    settle_commands,
    run_commands,
    sandbox_commands,
    courier_commands,
    serve_commands,
    read_commands,
    doctor_commands,
    call_commands,
    config_commands,
    audit_commands,
    person_commands,
    backup_commands,
    restore_commands,
    key_commands,
    simulate_commands,
    sabotage_commands,
    bench_commands,
    bench_http_commands,
    bench_audit_commands,
    example_commands,
    NULL,
};
/* clang-format on */

int cli_exit(enum status st)
{
    switch (st) {
    case OK: return EXIT_DONE;
    case E_INVALID:
    case E_DENIED:
    case E_NOT_FOUND:
    case E_CONFLICT:
    case E_LIMIT: return EXIT_REFUSED;
    case E_BUSY:
    case E_UNKNOWN:
    case E_UPSTREAM:
    case E_INTERNAL: break;
    }
    return EXIT_COULD_NOT;
}

void cli_close(FILE **f)
{
    if (*f && *f != stdin) fclose(*f);
}

void cli_print_json(json_t *j)
{
    json_dumpf(j, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
    putchar('\n');
    json_decref(j);
}

int cli_fail(const struct cli *cli, enum status st)
{
    const struct error *e = &cli->err;
    const char *field = e->field ? e->field : "";

    if (cli->json)
        cli_print_json(json_pack("{s:{s:s, s:s, s:s*, s:s*}}", "error", "code", e->fault->code,
                                 "message", e->fault->text, "field", *field ? field : NULL,
                                 "detail", *e->detail ? e->detail : NULL));
    else
        fprintf(stderr, "foyer: %s (%s%s%s)%s%s\n", e->fault->text, e->fault->code,
                *field ? ", " : "", field, *e->detail ? "\n  " : "", e->detail);
    return cli_exit(st);
}

/* The line of the configuration file that gave what is complained of; NULL: none did. */
static const char *whence(const struct cli *cli, const struct command *c, const char *why)
{
    for (size_t i = 0; i < cli->given.n_options; i++) {
        const struct given_option *o = &cli->given.options[i];
        const char *at = strstr(why, o->name);

        if (strcmp(o->command, c->name) == 0 && at && at >= why + 2 && !memcmp(at - 2, "--", 2))
            return o->from;
    }
    return NULL;
}

int cli_usage(const struct cli *cli, const struct command *c, const char *why)
{
    const char *from = why ? whence(cli, c, why) : NULL;

    if (why) fprintf(stderr, "foyer: %s%s%s\n", from ? from : "", from ? ": " : "", why);
    fprintf(stderr, "usage: %s [--db URL] [--json] %s %s\n", cli->program, c->name, c->usage);
    return EXIT_USAGE;
}

static bool take_option(char *arg, char **next, const struct cli_option *o, int *used)
{
    size_t const n = strlen(o->name);

    *used = 0;
    if (strncmp(arg, "--", 2) != 0 || strncmp(arg + 2, o->name, n) != 0) return true;
    if (o->flag && !arg[2 + n]) {
        *o->flag = true;
        *used = 1;
    } else if (o->value && arg[2 + n] == '=') {
        *o->value = arg + 3 + n;
        *used = 1;
    } else if (o->value && !arg[2 + n]) {
        if (!*next) return false;
        *o->value = *next;
        *used = 2;
    }
    return true;
}

bool cli_options(int *argc, char **argv, const struct cli_option *options, size_t n,
                 const char **why)
{
    int kept = 0, i = 0;

    while (i < *argc) {
        int used = 0;
        char *none = NULL;

        if (strcmp(argv[i], "--") == 0) {
            for (i++; i < *argc; i++) argv[kept++] = argv[i];
            break;
        }
        for (size_t k = 0; k < n && !used; k++)
            if (!take_option(argv[i], i + 1 < *argc ? &argv[i + 1] : &none, &options[k], &used)) {
                *why = "an option needs a value";
                return false;
            }
        if (!used && strncmp(argv[i], "--", 2) == 0) {
            static char said[128];

            snprintf(said, sizeof said, "there is no option %.60s here", argv[i]);
            *why = said;
            return false;
        }
        if (!used) argv[kept++] = argv[i++];
        i += used;
    }
    *argc = kept;
    return true;
}

void progress_begin(struct progress *p, const struct cli *cli, const char *what, int64_t total)
{
    *p = (struct progress){.cli = cli, .what = what, .total = total};
    progress_step(p, 0);
}

void progress_step(struct progress *p, int64_t done)
{
    enum { WIDTH = 32, PAUSE_MS = 100 };
    int64_t const now = machine_now();

    if (!p->cli->terminal || (done && done != p->total && now - p->shown_at < PAUSE_MS)) return;
    if (p->total <= 0) { /* nobody knows how much there is */
        p->shown_at = now;
        fprintf(stderr, "\r%s %lld", p->what, (long long)done);
        fflush(stderr);
        return;
    }
    int const filled = (int)(done * WIDTH / p->total);
    p->shown_at = now;
    fprintf(stderr, "\r%s [%.*s%.*s] %3d%%", p->what, filled, "################################",
            WIDTH - filled, "................................", (int)(done * 100 / p->total));
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->cli->terminal) fprintf(stderr, "\r\033[K");
}

static const struct command *find(int argc, char **argv, int *words)
{
    for (size_t t = 0; command_tables[t]; t++)
        for (const struct command *c = command_tables[t]; c->name; c++) {
            const char *space = strchr(c->name, ' ');
            size_t const n = space ? (size_t)(space - c->name) : strlen(c->name);

            if (strlen(argv[0]) != n || strncmp(argv[0], c->name, n) != 0) continue;
            if (space && (argc < 2 || strcmp(argv[1], space + 1) != 0)) continue;
            *words = space ? 2 : 1;
            return c;
        }
    return NULL;
}

/* `foyer catalog`: what there is of that name. NULL when it is no first word of a command. */
static const char *second_words(const char *first, struct arena *a)
{
    const char *list = NULL;
    size_t const n = strlen(first);

    for (size_t t = 0; command_tables[t]; t++)
        for (const struct command *c = command_tables[t]; c->name; c++)
            if (strncmp(c->name, first, n) == 0 && c->name[n] == ' ')
                list = arena_printf(a, "%s%sfoyer %s", list ? list : "", list ? ", " : "", c->name);
    return list;
}

static int unknown_command(struct cli *cli, const char *name, bool wants_help)
{
    const char *list = second_words(name, &cli->arena);

    if (list)
        fprintf(wants_help ? stdout : stderr, "foyer %s is one of: %s\n", name, list);
    else
        fprintf(stderr, "foyer: there is no command '%s'; foyer help lists them\n", name);
    arena_clear(&cli->arena);
    return list && wants_help ? EXIT_DONE : EXIT_USAGE;
}

static int help(FILE *out, int status)
{
    fprintf(out, "usage: foyer [--db URL] [--json] COMMAND …\n\n");
    for (size_t t = 0; command_tables[t]; t++)
        for (const struct command *c = command_tables[t]; c->name; c++)
            fprintf(out, "  %-18s %s\n", c->name, c->summary);
    fprintf(out, "\n--db is sqlite:PATH or postgresql://…, else FOYER_DB, else sqlite:foyer.db.\n"
                 "--config FILE, else FOYER_CONFIG, is a file of settings and options.\n"
                 "--key-file FILE, else FOYER_KEY_FILE, holds the master key; else it lies beside "
                 "an SQLite file.\n"
                 "Exit status: 0 done; 1 refused or found something; 2 usage; 3 could not.\n");
    return status;
}

/* A file that is not there would be made, empty, where a path was mistyped. */
static enum status look_for_file(struct cli *cli)
{
    const char *path = cli->db_url;

    if (strncmp(path, "sqlite:", 7) != 0) return OK;
    path += 7;
    if (strcmp(path, ":memory:") == 0 || access(path, F_OK) == 0 || errno != ENOENT) return OK;
    return failf(&cli->err, &DB_GONE, "there is no file %s; `foyer migrate` makes it", path);
}

enum status cli_settings(struct cli *cli, struct settings *out)
{
    TRY(settings_load(&cli->cx, out));
    TRY(settings_overlay(cli->given.settings, cli->given.n_settings, out, &cli->arena, &cli->err));
    return settings_check_sender(cli->given.settings, cli->given.n_settings, out, &cli->err);
}

static enum status open_database(struct cli *cli, unsigned flags)
{
    if (!(flags & UNMIGRATED)) TRY(look_for_file(cli));
    TRY(db_open(cli->db_url, &cli->db, &cli->err));
    db_key_file(cli->db, cli->key_file);
    cli->cx = (struct ctx){
        .db = cli->db,
        .arena = &cli->arena,
        .err = &cli->err,
        .now = machine_now(),
        .settings = &cli->settings,
        .actor = {.role = ROLE_SYSTEM, .via = VIA_COMMAND_LINE}
    };
    db_set_writer(cli->db, getpid() & 1023);
    if (flags & UNMIGRATED) return OK;
    TRY(db_check_version(cli->db, &cli->err));
    TRY(clock_read(&cli->cx, cli->cx.now, &cli->clock));
    cli->cx.now = cli->clock.now;
    TRY(db_follow_ids(&cli->cx));
    return cli_settings(cli, &cli->settings);
}

int cli_open(struct cli *cli, unsigned flags)
{
    enum status const st = open_database(cli, flags);

    if (st == OK) return EXIT_DONE;
    if (cli->err.fault == &DB_URL) return cli_fail(cli, st), EXIT_USAGE;
    return cli_fail(cli, st == E_CONFLICT || st == E_INVALID ? st : E_INTERNAL);
}

struct globals {
    const char *db, *config, *key_file;
    bool json, help, version;
};

/* `--NAME VALUE` or `--NAME=VALUE` at argv[i]: how many words it takes, 0: it is another; -1: its
 * value is missing. */
static int global_value(char **argv, int argc, int i, const char *name, const char **value)
{
    size_t const n = strlen(name);

    if (strncmp(argv[i], name, n) != 0) return 0;
    if (argv[i][n] == '=') return *value = argv[i] + n + 1, 1;
    if (argv[i][n]) return 0;
    if (i + 1 == argc) return -1;
    return *value = argv[i + 1], 2;
}

/* Takes the global options out of argv wherever they stand, unless after "--", and --version before
 * the command: `catalog show` has an option of that name. NULL, or the name of what lacks a value.
 */
static const char *globals(struct globals *g, int *argc, char **argv)
{
    int kept = 0;

    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            while (i < *argc) argv[kept++] = argv[i++];
            break;
        }
        int used = global_value(argv, *argc, i, "--db", &g->db);
        if (used < 0) return "--db";
        if (!used) used = global_value(argv, *argc, i, "--config", &g->config);
        if (used < 0) return "--config";
        if (!used) used = global_value(argv, *argc, i, "--key-file", &g->key_file);
        if (used < 0) return "--key-file";
        if (used)
            i += used - 1;
        else if (strcmp(argv[i], "--json") == 0)
            g->json = true;
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            g->help = true;
        else if (kept == 0 && strcmp(argv[i], "--version") == 0)
            g->version = true;
        else
            argv[kept++] = argv[i];
    }
    *argc = kept;
    argv[kept] = NULL;
    return NULL;
}

static const char *said(const char *value)
{
    return value && *value ? value : NULL;
}

/* The command line says it before the environment, and that before the file. */
static enum status take_given(struct cli *cli, const struct globals *g)
{
    const char *file = g->config ? g->config : said(getenv("FOYER_CONFIG"));

    TRY(given_read(file, environ, &cli->given, &cli->arena, &cli->err));
    const char *db = g->db ? g->db : said(getenv("FOYER_DB"));
    if (!db) db = cli->given.database;
    cli->db_url = db ? db : "sqlite:foyer.db";
    cli->key_file = g->key_file ? g->key_file : said(getenv("FOYER_KEY_FILE"));
    return OK;
}

static int run_command(struct cli *cli, const struct globals *g, int argc, char **argv)
{
    int words = 0;
    const struct command *c = find(argc, argv, &words);

    if (!c) return unknown_command(cli, argv[0], g->help);
    if (g->help) {
        printf("usage: foyer [--db URL] [--json] %s %s\n\n%s\n", c->name, c->usage, c->summary);
        return EXIT_DONE;
    }
    enum status const st = take_given(cli, g);
    if (st != OK) return cli_fail(cli, st);
    argc -= words;
    argv = given_arguments(&cli->given, c->name, &argc, argv + words, &cli->arena);
    return c->run(cli, argc, argv);
}

static bool reader_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

/* Whoever reads only the first lines has all they want: then it ends as any filter does. */
static int end_output(int status)
{
    int const why = fflush(stdout) == 0 ? 0 : errno;

    if (!why && !ferror(stdout)) return status;
    if (why == EPIPE || reader_is_gone()) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    if (status != EXIT_DONE) return status;
    fprintf(stderr, "foyer: standard output: %s\n",
            why ? strerror(why) : "some of it could not be written");
    return EXIT_COULD_NOT;
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {.program = "foyer", .settings = settings_default};
    struct globals g = {0};

    cli.cx = (struct ctx){.arena = &cli.arena, .err = &cli.err, .settings = &cli.settings};
    cli.terminal = isatty(STDERR_FILENO);
    signal(SIGPIPE, SIG_IGN);
    umask(077); /* databases and rejects are about people: for their owner alone */
    argc--, argv++;
    const char *lacks = globals(&g, &argc, argv);
    if (lacks) {
        fprintf(stderr, "foyer: %s needs a value\n", lacks);
        return EXIT_USAGE;
    }
    cli.json = g.json;
    if (g.version) return printf("foyer %s\n", FOYER_VERSION), EXIT_DONE;
    if (argc == 0 || strcmp(argv[0], "help") == 0)
        return help(g.help || argc ? stdout : stderr, g.help || argc ? EXIT_DONE : EXIT_USAGE);
    int const status = run_command(&cli, &g, argc, argv);
    db_close(cli.db);
    arena_clear(&cli.arena);
    return end_output(status);
}
