/* defence: a row for each. SPDX-License-Identifier: Apache-2.0 */
#include "cli/defence.h"

#include <string.h>
#include <sys/stat.h>

#include "base/confine.h"
#include "db/master.h"
#include "defence_sql.h"
#include "policy/settings_check.h"

enum { OTHERS = 0077, TRIED_OFTEN = 3 };

typedef enum status look_fn(struct cli *cli, struct defence *d);

/* Nobody but its owner may read what is about people, nor write it. */
static void look_at_file(struct cli *cli, const char *path, const char *what, struct defence *d)
{
    struct stat is;

    if (stat(path, &is) != 0) {
        d->says = arena_printf(&cli->arena, "there is no %s at %s", what, path);
        return;
    }
    d->weak = (is.st_mode & OTHERS) != 0;
    d->says = arena_printf(&cli->arena, d->weak ? "others may reach %s: chmod 600" : "%s", path);
}

static enum status database(struct cli *cli, struct defence *d)
{
    if (db_is_pg(cli->db))
        d->says = "PostgreSQL decides who may connect: see its pg_hba.conf";
    else
        look_at_file(cli, cli->db_url + strlen("sqlite:"), "file", d);
    return OK;
}

static enum status master_key(struct cli *cli, struct defence *d)
{
    const char *path = master_path(cli->db, &cli->arena);

    if (path)
        look_at_file(cli, path, "master key yet", d);
    else
        d->says = "none is named: say --key-file or FOYER_KEY_FILE before anything must be sealed";
    return OK;
}

static enum status files(struct cli *cli, struct defence *d)
{
    int64_t const abi = confine_landlock();

    d->weak = abi == 0;
    d->says = abi ? arena_printf(&cli->arena, "a server is held to its own, by Landlock %lld",
                                 (long long)abi)
                  : "this kernel has no Landlock: let systemd hold the server (foyer.service)";
    return OK;
}

static enum status calls(struct cli *cli, struct defence *d)
{
    (void)cli;
    d->weak = !confine_seccomp();
    d->says = d->weak ? "this kernel has no seccomp: let systemd hold the server (foyer.service)"
                      : "a server has those that it needs, by seccomp";
    return OK;
}

#if defined __PIC__ && defined __SSP_STRONG__
#define IS_HARDENED true
#else
#define IS_HARDENED false
#endif
#ifdef NDEBUG
#define HAS_ASSERTIONS false
#else
#define HAS_ASSERTIONS true
#endif

static enum status program(struct cli *cli, struct defence *d)
{
    (void)cli;
    d->weak = !IS_HARDENED || !HAS_ASSERTIONS;
    d->says = d->weak ? "built without assertions, stack protector or PIE: use the options of "
                        "meson.build"
                      : "assertions, stack protector, position-independent, read-only relocations";
    return OK;
}

static enum status keys(struct cli *cli, struct defence *d)
{
    struct defence_keys_row k;

    TRY(defence_keys(&cli->cx, &k, &DB_NO_ROW, .at = cli->cx.now));
    d->says = arena_printf(&cli->arena, "%lld in force, %lld of them for ever, %lld for every op",
                           (long long)k.keys, (long long)k.endless, (long long)k.everything);
    return OK;
}

/* Only sandboxes exist. One on a real clock collects nothing from anybody. */
static enum status gateway(struct cli *cli, struct defence *d)
{
    bool const here = strcmp(cli->settings.payment_gateway, "sandbox") == 0;

    d->weak = !cli->clock.is_test;
    d->says = arena_printf(&cli->arena, "%s%s", here ? "sandbox" : "sandbox elsewhere",
                           d->weak ? ", NOT FOR USE: the clock is real and no money moves" : "");
    return OK;
}

static enum status webhooks(struct cli *cli, struct defence *d)
{
    d->weak = cli->settings.webhook_local_targets;
    d->says = d->weak ? "NOT SAFE: they may go to private addresses (webhook_local_targets)"
                      : "to public addresses alone, whatever a name resolves to";
    return OK;
}

/* Whether mail_url names this machine by an address or name that nobody else can have. */
static bool is_relay_here(const char *url)
{
    const char *scheme = strstr(url, "://");

    if (!scheme) return false;
    const char *host = scheme + 3;
    size_t const n = strcspn(host, ":/"), digits = strspn(host, "0123456789.");

    return strncmp(host, "[::1]", 5) == 0 || (n == 9 && strncmp(host, "localhost", 9) == 0) ||
           (strncmp(host, "127.", 4) == 0 && digits == n);
}

/* Mail that was tried often and is still here: a server, a password or a folder may be wrong. */
static enum status find_stuck(struct cli *cli, struct defence *d)
{
    struct defence_mail_row m;

    TRY(defence_mail(&cli->cx, &m, &DB_NO_ROW, .least = TRIED_OFTEN));
    if (!m.waiting) return OK;
    d->weak = true;
    d->says = arena_printf(&cli->arena, "%s; %lld tried in vain: %s", d->says, (long long)m.waiting,
                           m.code);
    return OK;
}

static enum status mail(struct cli *cli, struct defence *d)
{
    const struct settings *s = &cli->settings;
    bool const by_smtp = strncmp(s->mail_url, "smtp", 4) == 0;

    d->weak = by_smtp && s->mail_plain && !is_relay_here(s->mail_url);
    d->says = "by TLS with a certificate that is checked, or not at all";
    if (!by_smtp) d->says = "to no server";
    if (by_smtp && s->mail_plain) d->says = "in the clear, to a relay on this machine";
    if (d->weak) d->says = "NOT SAFE: in the clear to another machine (mail_plain)";
    if (!settings_sender_is_ours(s)) {
        d->weak = true;
        d->says = "NOT OURS: mail_from is not within service_domains, and is told apart from us";
    }
    return find_stuck(cli, d);
}

/* Whoever runs the service alone reads what it proves itself with. */
static enum status secret_files(struct cli *cli, struct defence *d)
{
    const struct settings *s = &cli->settings;
    const char *const paths[] = {s->mail_password_file, s->text_token_file, s->push_secret_file,
                                 s->payment_callback_secret_file};
    struct stat st;
    size_t n = 0;

    for (size_t i = 0; i < COUNT(paths) && !d->weak; i++) {
        if (!*paths[i]) continue;
        bool const there = stat(paths[i], &st) == 0;

        n++;
        d->weak = !there || st.st_mode & OTHERS;
        if (d->weak)
            d->says = arena_printf(&cli->arena,
                                   there ? "NOT SAFE: others may reach %s; chmod 600 it"
                                         : "%s is not there, or not for whoever asks here",
                                   paths[i]);
    }
    if (!d->weak) d->says = arena_printf(&cli->arena, "%zu, each its user's alone", n);
    return OK;
}

static enum status guesses(struct cli *cli, struct defence *d)
{
    d->says = arena_printf(&cli->arena,
                           "wrong gift codes in a day: %lld of an account, %lld of a "
                           "device, %lld of a network",
                           (long long)cli->settings.gift_wrong_account,
                           (long long)cli->settings.gift_wrong_device,
                           (long long)cli->settings.gift_wrong_network);
    return OK;
}

/* clang-format off */
static const struct {
    const char *name;
    look_fn *look;
} rows[] = {
    {"database", database},
    {"master_key", master_key},
    {"files", files},
    {"system_calls", calls},
    {"program", program},
    {"api_keys", keys},
    {"gateway", gateway},
    {"webhooks", webhooks},
    {"mail", mail},
    {"secret_files", secret_files},
    {"guesses", guesses},
};
/* clang-format on */

enum status defences_look(struct cli *cli, struct defence **out, size_t *n)
{
    struct defence *list = arena_array(&cli->arena, struct defence, COUNT(rows));

    for (size_t i = 0; i < COUNT(rows); i++) {
        list[i].name = rows[i].name;
        TRY(rows[i].look(cli, &list[i]));
    }
    *out = list;
    *n = COUNT(rows);
    return OK;
}
