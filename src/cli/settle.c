/* settle: `foyer import settlement`. Streams a partner's monthly statement line by line, then says
 * that it is whole. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/money.h"
#include "cli/cli.h"
#include "cli/csv.h"
#include "partners/partners.h"

static const struct fault SETTLE_FILE = {E_INVALID, "file.unopened",
                                         "The file cannot be opened; give the path of a CSV file."};
static const struct fault SETTLE_COLUMNS = {
    E_INVALID, "import.settlement_columns",
    "The first row names the columns: line, period_start, amount, currency, and reference or "
    "member, or both."};
static const struct fault SETTLE_AMOUNT = {
    E_INVALID, "row.amount",
    "This is no amount of its currency; write it like 12.99, below 0 for what is taken back."};
static const struct fault SETTLE_SHORT = {
    E_INVALID, "row.fields",
    "The row has more or fewer fields than the header; quote texts that hold commas."};

enum column { C_LINE, C_REFERENCE, C_MEMBER, C_START, C_AMOUNT, C_CURRENCY, COLUMNS };
static const char *const column_names[COLUMNS] = {"line",         "reference", "member",
                                                  "period_start", "amount",    "currency"};

struct settle {
    struct cli *cli;
    const struct catalog *catalog;
    struct settlement_tell line; /* partner and month of all lines */
    FILE *file;
    struct csv_reader *reader;
    int at[COLUMNS]; /* -1: the file has no such column */
    size_t n_columns;
    struct arena arena; /* of one line */
    int64_t lines, refused, known, missing, findings[FINDING_MADE_UP + 1];
};

static void settle_clear(struct settle *s)
{
    cli_close(&s->file);
    arena_clear(&s->arena);
}

static enum status read_header(struct settle *s)
{
    struct csv_row row;
    bool more;

    TRY(csv_next(s->reader, &row, &more, &s->cli->err));
    for (int c = 0; c < COLUMNS; c++) {
        s->at[c] = -1;
        for (size_t i = 0; more && !row.problem && i < row.n_fields; i++)
            if (text_equal_nocase(row.fields[i], column_names[c])) s->at[c] = (int)i;
    }
    s->n_columns = more ? row.n_fields : 0;
    bool const whose = s->at[C_REFERENCE] >= 0 || s->at[C_MEMBER] >= 0;
    return whose && s->at[C_LINE] >= 0 && s->at[C_START] >= 0 && s->at[C_AMOUNT] >= 0 &&
                   s->at[C_CURRENCY] >= 0
               ? OK
               : fail(&s->cli->err, &SETTLE_COLUMNS, NULL);
}

static const char *cell(const struct settle *s, const struct csv_row *row, enum column c)
{
    const char *text = s->at[c] < 0 ? "" : row->fields[s->at[c]];

    return *text ? text : NULL;
}

/* Also "-12.99", which money_parse leaves to its callers. */
static bool amount_of(const char *text, const char *currency, int64_t *minor)
{
    bool const back = text && *text == '-';

    if (!text || !currency_find(currency) || !money_parse(text + back, currency, minor))
        return false;
    if (back) *minor = -*minor;
    return true;
}

static enum status take(struct settle *s, struct ctx *cx, const struct csv_row *row)
{
    struct settlement_tell in = s->line;
    struct settlement_answer out;
    enum status st = E_BUSY;

    if (row->problem) return fail(cx->err, row->problem, NULL);
    if (row->n_fields != s->n_columns) return fail(cx->err, &SETTLE_SHORT, NULL);
    in.line = cell(s, row, C_LINE);
    in.reference = cell(s, row, C_REFERENCE);
    in.member = cell(s, row, C_MEMBER);
    in.period_start = cell(s, row, C_START);
    in.currency = cell(s, row, C_CURRENCY);
    if (!in.line || !in.period_start || !in.currency) return fail(cx->err, &SETTLE_SHORT, NULL);
    if (!amount_of(cell(s, row, C_AMOUNT), in.currency, &in.amount_minor))
        return fail(cx->err, &SETTLE_AMOUNT, "amount");
    for (int n = 0; st == E_BUSY && n < 5; n++) st = settlement_tell(cx, s->catalog, &in, &out);
    if (st != OK) return st;
    s->known += out.known;
    s->findings[out.finding]++;
    return OK;
}

static bool is_of_the_line(enum status st)
{
    return st == E_INVALID || st == E_CONFLICT || st == E_NOT_FOUND;
}

static enum status take_all(struct settle *s)
{
    struct ctx cx = s->cli->cx;
    struct csv_row row;
    bool more = true;

    cx.arena = &s->arena;
    for (;;) {
        TRY(csv_next(s->reader, &row, &more, &s->cli->err));
        if (!more) return OK;
        enum status const st = take(s, &cx, &row);
        if (st != OK && !is_of_the_line(st)) return st;
        s->lines++;
        s->refused += st != OK;
        if (st != OK)
            fprintf(stderr, "line %lld: %s (%s%s%s)\n", (long long)row.line, cx.err->fault->text,
                    cx.err->fault->code, cx.err->field ? " " : "",
                    cx.err->field ? cx.err->field : "");
        arena_reset(&s->arena);
    }
}

/* A statement with refused lines is not whole: it is told again when they are mended. */
static enum status close_month(struct settle *s)
{
    struct settlement_ask const in = {s->line.partner, s->line.month};
    struct settlement_closed out = {.more = s->refused == 0};

    while (out.more) {
        TRY(settlement_close(&s->cli->cx, s->catalog, &in, &out));
        s->missing += out.missing;
    }
    return OK;
}

static void print(const struct settle *s)
{
    if (s->cli->json) {
        json_t *found = json_object();

        for (size_t i = 0; i < settlement_findings.n; i++)
            json_object_set_new(found, settlement_findings.at[i], json_integer(s->findings[i]));
        json_object_set_new(found, "missing", json_integer(s->missing));
        cli_print_json(json_pack("{s:s, s:s, s:I, s:I, s:I, s:b, s:o}", "partner", s->line.partner,
                                 "month", s->line.month, "lines", (json_int_t)s->lines, "known",
                                 (json_int_t)s->known, "refused", (json_int_t)s->refused, "closed",
                                 s->refused == 0, "findings", found));
        return;
    }
    printf("%lld lines of %s for %s: %lld told before, %lld refused\n", (long long)s->lines,
           s->line.partner, s->line.month, (long long)s->known, (long long)s->refused);
    for (size_t i = 0; i < settlement_findings.n; i++)
        if (s->findings[i] && i != FINDING_MISSING)
            printf("  %s: %lld\n", settlement_findings.at[i], (long long)s->findings[i]);
    if (s->refused) printf("Mend the refused lines and import it again; it is not closed.\n");
    if (s->missing) printf("  missing: %lld\n", (long long)s->missing);
}

static enum status import_it(struct settle *s, const char *path)
{
    struct cli *cli = s->cli;

    s->file = fopen(path, "rb");
    if (!s->file) return failf(&cli->err, &SETTLE_FILE, "%s: %s", path, strerror(errno));
    s->reader = arena_new(&cli->arena, struct csv_reader);
    TRY(csv_begin(s->reader, csv_from_file, s->file, &cli->err));
    TRY(read_header(s));
    TRY(catalog_load(&cli->cx, 0, &s->catalog));
    TRY(take_all(s));
    return close_month(s);
}

static int run_settle(struct cli *cli, int argc, char **argv)
{
    CLEANUP(settle_clear) struct settle s = {.cli = cli};
    const struct cli_option options[] = {
        {"partner", &s.line.partner, NULL},
        {"month",   &s.line.month,   NULL},
    };
    const char *why = NULL;
    bool const read = cli_options(&argc, argv, options, COUNT(options), &why);

    if (read && (argc != 1 || !s.line.partner || !s.line.month))
        why = "one file, --partner and --month, please";
    if (why) return cli_usage(cli, settle_commands, why);
    NEED_DATABASE(cli);
    enum status const st = import_it(&s, argv[0]);
    if (st != OK) return cli_fail(cli, st);
    print(&s);
    return s.refused ? EXIT_REFUSED : EXIT_DONE;
}

const struct command settle_commands[] = {
    {.name = "import settlement",
     .usage = "FILE.csv --partner PARTNER --month MONTH",
     .summary = "Take a partner's monthly statement, and find what does not fit.",
     .run = run_settle},
    {.name = NULL},
};
