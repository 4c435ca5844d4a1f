/* receipt: writes a charge's document to a file. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "cli/read.h"

static const struct fault RECEIPT_UNWRITTEN = {
    E_INTERNAL, "file.unwritten", "The file cannot be written; free some space or name another."};

/* Whole, or not at all: a file that could not be finished is removed. */
static enum status write_file(struct cli *cli, const char *path, const struct receipt_pdf *pdf)
{
    FILE *f = fopen(path, "wb");
    bool whole = f != NULL;

    if (f) {
        whole = fwrite(pdf->bytes, 1, pdf->n, f) == pdf->n;
        whole = fclose(f) == 0 && whole;
    }
    if (whole) return OK;
    enum status const st = failf(&cli->err, &RECEIPT_UNWRITTEN, "%s: %s", path, strerror(errno));
    if (f) remove(path);
    return st;
}

static enum status print(struct cli *cli, const struct receipt_ask *in, const char *path,
                         struct receipt_view *v)
{
    struct receipt_ask ask = *in;
    struct receipt_pdf pdf;
    int64_t charge_id;

    TRY(explain_find(&cli->cx, in->reference, &charge_id, &ask.account_id));
    TRY(receipt_load(&cli->cx, &ask, v));
    receipt_draw(&cli->arena, v, &pdf);
    return write_file(cli, path, &pdf);
}

int run_receipt(struct cli *cli, int argc, char **argv)
{
    const char *locale = NULL, *why = NULL;
    const struct cli_option options[] = {
        {"locale", &locale, NULL}
    };
    struct receipt_view v;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc != 2)
        return cli_usage(cli, read_command("receipt"), why);
    NEED_DATABASE(cli);
    struct receipt_ask const in = {NULL, 0, argv[0], locale};
    enum status const st = print(cli, &in, argv[1], &v);
    if (st != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(
            json_pack("{s:s, s:s, s:s}", "file", argv[1], "number", v.number, "title", v.title));
    else
        printf("%s: %s %s\n", argv[1], v.title, v.number);
    return EXIT_DONE;
}
