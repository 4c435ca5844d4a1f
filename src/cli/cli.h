/* cli: the command line. One row per command; global options are read before any of them runs.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdio.h>

#include "cli/given.h"
#include "db/clock.h"
#include "db/db.h"
#include "db/lease.h"

enum exit_status { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_COULD_NOT = 3 };

/* What a command gets: the options. Its database is closed until the command has read its words and
 * opens it: whoever has written a command wrongly is told so first, and nothing is made. */
struct cli {
    const char *program;
    const char *db_url;
    const char *key_file; /* NULL: see db/master.h */
    bool json;
    bool terminal; /* standard error is one: show progress */
    struct db *db;
    struct clock_state clock;
    struct given given;       /* by the configuration file and the environment */
    struct settings settings; /* as they count here */
    struct arena arena;
    struct error err;
    struct ctx cx;
};

enum { UNMIGRATED = 1 };

struct command {
    const char *name;    /* one or two words: "run", "catalog apply" */
    const char *usage;   /* what follows the name */
    const char *summary; /* one line */
    int (*run)(struct cli *cli, int argc, char **argv); /* argv[0] is the first argument */
};

/* Each file of commands offers a table that ends with a zero row. */
extern const struct command *const command_tables[];
extern const struct command catalog_commands[], import_commands[], run_commands[], read_commands[],
    call_commands[], doctor_commands[], bench_commands[], simulate_commands[], sabotage_commands[],
    config_commands[], migrate_commands[], example_commands[], courier_commands[], serve_commands[],
    settle_commands[], sandbox_commands[], bench_http_commands[], bench_audit_commands[],
    audit_commands[], backup_commands[], restore_commands[], key_commands[], person_commands[];

int cli_exit(enum status st); /* the exit status of a class */
/* Opens the database, and sees that it is up to date, but for UNMIGRATED. EXIT_DONE, or the exit
 * status after it has said what is wrong. */
int cli_open(struct cli *cli, unsigned flags);
/* In a command, after its words are read. */
#define NEED_DATABASE(cli)                                                                         \
    do {                                                                                           \
        int const opened_ = cli_open(cli, 0);                                                      \
        if (opened_ != EXIT_DONE) return opened_;                                                  \
    } while (0)
/* The settings as they count here: of the database, the file and the environment. */
enum status cli_settings(struct cli *cli, struct settings *out) MUST_CHECK;
/* Prints the error (as JSON on standard output with --json, else a sentence on standard error with
 * code, field and detail) and returns the exit status of its class. */
int cli_fail(const struct cli *cli, enum status st);
/* Prints the command's usage and returns EXIT_USAGE. */
int cli_usage(const struct cli *cli, const struct command *c, const char *why);

struct serve_options;
/* For commands that listen: EXIT_DONE, or the exit status after it has said what is wrong with the
 * address. One that is none is a matter of usage. */
int cli_check_listen(struct cli *cli, const struct command *c, const struct serve_options *o);

/* One option of a command: --name VALUE or --name=VALUE (value set) or a flag (flag set). */
struct cli_option {
    const char *name; /* without dashes */
    const char **value;
    bool *flag;
};
/* Takes the options out of argv, wherever they stand; what is left are the arguments, argc of them.
 * False (with *why) on an unknown option or a missing value. "--" ends options. */
bool cli_options(int *argc, char **argv, const struct cli_option *options, size_t n,
                 const char **why);

/* Closes a file unless it is none or standard input; a CLEANUP function. */
void cli_close(FILE **f);

/* Writes down a change of the command line that is about no account, in the open transaction or one
 * of its own. Takes over `facts`. */
enum status cli_note(struct cli *cli, const char *what, json_t *facts) MUST_CHECK;

/* The machine: its clock and its processes. */
int64_t machine_now(void);
const struct machine *machine_this(void);
/* Waits for some milliseconds, by chance, and for more after more tries: whoever lost a race to the
 * same other would meet it again. */
void machine_give_way(int tries);

/* A progress bar on a terminal's standard error; nothing in a pipe. */
struct progress {
    const struct cli *cli;
    const char *what;
    int64_t total, shown_at;
};
void progress_begin(struct progress *p, const struct cli *cli, const char *what, int64_t total);
void progress_step(struct progress *p, int64_t done);
void progress_end(struct progress *p);

int cli_main(int argc, char **argv); /* what main() calls */
/* Prints JSON and a newline; takes over j. */
void cli_print_json(json_t *j);

/* The doctor's findings on a database without a sandbox to be asked; *first names one of them. */
enum status doctor_count(struct ctx *cx, int64_t machine_now, int64_t *findings,
                         const char **first) MUST_CHECK;
