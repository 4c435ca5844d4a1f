/* person_file: writes everything that is kept about a person into a file.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "account/account.h"
#include "cli/cli.h"
#include "db/audit.h"
#include "notify/notify.h"

static const struct fault FILE_EXPORT = {
    E_INTERNAL, "file.export", "The file cannot be written, or is there already; name another."};

/* For its owner's eyes, whole or not at all; nothing is overwritten. */
static enum status write_file(struct cli *cli, const char *path, const struct person_view *v)
{
    CLEANUP(json_decrefp) json_t *j = person_json(v);
    int const fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) return failf(&cli->err, &FILE_EXPORT, "%s: %s", path, strerror(errno));
    bool whole = json_dumpfd(j, fd, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0;
    whole = whole && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
    int const why = errno;
    whole = close(fd) == 0 && whole;
    if (whole) return OK;
    unlink(path);
    return failf(&cli->err, &FILE_EXPORT, "%s: %s", path, strerror(why));
}

/* Written down first: what was told cannot be taken back. */
static enum status export_person(struct cli *cli, const char *member, const char *path,
                                 struct person_view *v)
{
    struct person_ask in = {.member = member};

    TRY(account_number(&cli->cx, member, &in.account_id));
    TRY(person_export(&cli->cx, &in, v));
    TRY(audit_add(&cli->cx, &(struct audit_note){in.account_id, AUDIT_READ, "export person"},
                  json_object()));
    return write_file(cli, path, v);
}

static int run_export_person(struct cli *cli, int argc, char **argv)
{
    const char *why = NULL;
    struct person_view v;
    int64_t rows = 0;

    if (!cli_options(&argc, argv, NULL, 0, &why) || argc != 2)
        return cli_usage(cli, person_commands, why);
    NEED_DATABASE(cli);
    enum status const st = export_person(cli, argv[0], argv[1], &v);
    if (st != OK) return cli_fail(cli, st);
    for (size_t i = 0; i < v.n; i++) rows += (int64_t)v.parts[i].n;
    if (cli->json)
        cli_print_json(json_pack("{s:s, s:s, s:I}", "file", argv[1], "member", v.member, "rows",
                                 (json_int_t)rows));
    else
        printf("%s: %lld rows about %s\n", argv[1], (long long)rows, v.member);
    return EXIT_DONE;
}

/* clang-format off */
const struct command person_commands[] = {
    {"export person", "MEMBER FILE",
     "Write everything that is kept about a person into a file of JSON.", run_export_person},
    {0},
};
/* clang-format on */
