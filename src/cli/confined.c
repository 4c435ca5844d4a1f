/* confined: the paths that a command keeps. SPDX-License-Identifier: Apache-2.0 */
#include "cli/confined.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/confine.h"

enum { PATHS_MAX = 32 };

struct keeping {
    struct confine_path at[PATHS_MAX];
    size_t n;
};

static void keep(struct keeping *k, const char *path, bool writes)
{
    if (path && *path && k->n < PATHS_MAX) k->at[k->n++] = (struct confine_path){path, writes};
}

static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash) return ".";
    return slash == path ? "/" : arena_memdup(a, path, (size_t)(slash - path));
}

/* SQLite makes its log, and the sandbox its store, beside the file. libpq reads passwords and
 * certificates of whoever it runs as. */
static void keep_database(struct keeping *k, struct cli *cli)
{
    const char *home = getenv("HOME");

    if (strncmp(cli->db_url, "sqlite:", 7) == 0) {
        keep(k, folder_of(&cli->arena, cli->db_url + 7), true);
        return;
    }
    keep(k, getenv("PGPASSFILE"), false);
    if (!home || !*home) return;
    keep(k, arena_printf(&cli->arena, "%s/.pgpass", home), false);
    keep(k, arena_printf(&cli->arena, "%s/.postgresql", home), false);
}

/* Made now where it is missing: later nothing can be made beside it. Where it cannot be, whoever
 * writes into it says so. */
static void keep_folder(struct keeping *k, const char *path)
{
    (void)!mkdir(path, 0700);
    keep(k, path, true);
}

/* Couriers read passwords and certificates, and may write to folders instead of servers. */
static void keep_couriers(struct keeping *k, const struct settings *s)
{
    const char *const reads[] = {s->mail_password_file, s->mail_ca_file,
                                 s->text_token_file,    s->push_secret_file,
                                 s->webhook_ca_file,    s->payment_callback_secret_file};
    const char *const targets[] = {s->mail_url, s->text_url, s->push_url};
    size_t const scheme = strlen("maildir:");

    for (size_t i = 0; i < COUNT(reads); i++) keep(k, reads[i], false);
    for (size_t i = 0; i < COUNT(targets); i++)
        if (strncmp(targets[i], "maildir:", scheme) == 0) keep_folder(k, targets[i] + scheme);
}

/* As SQLite looks for its place. */
static void keep_temporary(struct keeping *k)
{
    keep(k, getenv("SQLITE_TMPDIR"), true);
    keep(k, getenv("TMPDIR"), true);
    keep(k, "/var/tmp", true);
}

static void tell(const struct log *log, const struct confined *done)
{
    struct log_line line;

    log_begin(&line, machine_now(), "confined");
    log_int(&line, "landlock", done->landlock_abi);
    log_text(&line, "seccomp", done->seccomp ? "on" : "this kernel has none");
    log_finish(&line);
    log_write(log, line.text, line.n);
}

enum status cli_confine(struct cli *cli, const struct log *log, const char *const *reads, size_t n)
{
    struct keeping k = {0};
    struct confined done;

    keep_database(&k, cli);
    keep_couriers(&k, &cli->settings);
    keep_temporary(&k);
    keep(&k, cli->key_file, false);
    keep(&k, cli->settings.webhook_ca_file, false);
    for (size_t i = 0; i < n; i++) keep(&k, reads[i], false);
    struct confinement const c = {k.at, k.n};
    TRY(confine_self(&c, &done, &cli->err));
    tell(log, &done);
    return OK;
}
