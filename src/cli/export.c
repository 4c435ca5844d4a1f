/* export: charges, the journal and the trial balance, row by row.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "base/id.h"
#include "cli/csv.h"
#include "cli/read.h"
#include "cli/table.h"

/* Far before and after every date that can be billed. */
enum { FIRST_DAY = -10000000, LAST_DAY = 10000000 };

/* What has been given back is in the JSON alone: these columns are a promise. */
static const char *const charge_columns[] = {
    "external_id", "plan",      "kind",        "period_start", "period_end", "due_on", "currency",
    "net_minor",   "tax_minor", "total_minor", "cause",        "state",      "method", "attempts",
};

static void charge_csv(struct csv_writer *w, const struct charge_export *c, const char *method)
{
    char day[DAY_TEXT];

    csv_put(w, c->external_id);
    csv_put(w, c->plan);
    csv_put(w, charge_kinds.at[c->kind]);
    csv_put(w, day_text(c->period_start_day, day));
    csv_put(w, day_text(c->period_end_day, day));
    csv_put(w, day_text(c->due_on_day, day));
    csv_put(w, c->currency);
    csv_put_int(w, c->net_minor);
    csv_put_int(w, c->tax_minor);
    csv_put_int(w, c->total_minor);
    csv_put(w, charge_causes.at[c->cause]);
    csv_put(w, charge_states.at[c->charge_state]);
    csv_put(w, method);
    csv_put_int(w, c->attempts);
    csv_end_row(w);
}

static void charge_json(const struct charge_export *c, const char *method, bool first)
{
    char start[DAY_TEXT], end[DAY_TEXT], due[DAY_TEXT];
    json_t *j = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:I, s:I}",
        "external_id", c->external_id, "plan", c->plan, "kind", charge_kinds.at[c->kind],
        "period_start", day_text(c->period_start_day, start), "period_end",
        day_text(c->period_end_day, end), "due_on", day_text(c->due_on_day, due), "currency",
        c->currency, "net_minor", (json_int_t)c->net_minor, "tax_minor", (json_int_t)c->tax_minor,
        "total_minor", (json_int_t)c->total_minor, "cause", charge_causes.at[c->cause], "state",
        charge_states.at[c->charge_state], "method", method, "attempts", (json_int_t)c->attempts,
        "refunded_minor", (json_int_t)c->refunded_minor);

    fputs(first ? "[\n" : ",\n", stdout);
    json_dumpf(j, stdout, JSON_PRESERVE_ORDER);
    json_decref(j);
}

struct charges {
    struct cli *cli;
    struct csv_writer w;
    int64_t from_day, until_day;
    bool some;
};

static enum status write_scan(struct charges *e, struct db_scan *scan)
{
    struct charge_export row;
    bool more = true;

    for (;; e->some = true) {
        TRY(db_scan_next(scan, &row, &more));
        if (!more || ferror(stdout)) return OK;
        const char *method = method_text(row.pays_by, row.brand, row.last4, &scan->arena);
        if (e->cli->json)
            charge_json(&row, method, !e->some);
        else
            charge_csv(&e->w, &row, method);
    }
}

static enum status write_living(struct charges *e, const char *after, const char *before)
{
    SCAN scan = {0};

    TRY(charges_export(&e->cli->cx, &scan, .after = after, .before = before,
                       .from_day = e->from_day, .until_day = e->until_day));
    return write_scan(e, &scan);
}

static enum status write_erased(struct charges *e)
{
    SCAN scan = {0};

    TRY(charges_export_erased(&e->cli->cx, &scan, .from_day = e->from_day,
                              .until_day = e->until_day));
    return write_scan(e, &scan);
}

/* In the order of what is shown: the erased stand where their common name does, and all the others
 * come by the index. */
static enum status write_charges(struct charges *e)
{
    static const char erased[] = "erased";
    TX tx = {0};

    TRY(tx_begin_kind(&tx, &e->cli->cx, TX_READ));
    for (size_t i = 0; !e->cli->json && i < COUNT(charge_columns); i++)
        csv_put(&e->w, charge_columns[i]);
    if (!e->cli->json) csv_end_row(&e->w);
    TRY(write_living(e, "", erased));
    TRY(write_erased(e));
    TRY(write_living(e, erased, ""));
    if (e->cli->json) fputs(e->some ? "\n]\n" : "[]\n", stdout);
    return OK;
}

int run_charges(struct cli *cli, int argc, char **argv)
{
    const char *from = NULL, *to = NULL, *why = NULL;
    bool csv = false;
    const struct cli_option options[] = {
        {"csv",  NULL,  &csv},
        {"from", &from, NULL},
        {"to",   &to,   NULL}
    };
    int64_t from_day = FIRST_DAY, until_day = LAST_DAY;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, read_command("charges"), why);
    if (!csv && !cli->json) return cli_usage(cli, read_command("charges"), "say --csv or --json");
    if (!read_window(from, to, &from_day, &until_day, &why))
        return cli_usage(cli, read_command("charges"), why);
    NEED_DATABASE(cli);
    struct charges e = {cli, {.file = stdout}, from_day, until_day, false};
    enum status const st = write_charges(&e);
    return st == OK ? EXIT_DONE : cli_fail(cli, st);
}

static enum status write_journal(struct cli *cli)
{
    static const char *const columns[] = {"date",   "document", "entry", "debit",
                                          "credit", "currency", "amount"};
    struct csv_writer w = {.file = stdout};
    char day[DAY_TEXT], id[ID_TEXT];
    struct journal_row row;
    bool more = true;
    SCAN scan = {0};

    TRY(journal_export(&cli->cx, &scan));
    for (size_t i = 0; i < COUNT(columns); i++) csv_put(&w, columns[i]);
    csv_end_row(&w);
    for (;;) {
        TRY(db_scan_next(&scan, &row, &more));
        if (!more || ferror(stdout)) return OK;
        csv_put(&w, day_text(divide_down(row.booked_at, DAY_MS), day));
        csv_put(&w, id_text("doc", row.document_id, id));
        csv_put_int(&w, row.entry_no);
        csv_put(&w, row.debit);
        csv_put(&w, row.credit);
        csv_put(&w, row.currency);
        csv_put_int(&w, row.amount_minor);
        csv_end_row(&w);
    }
}

static void print_balance(struct cli *cli, const struct trial_balance_row *rows, size_t n)
{
    static const struct table_column columns[] = {
        {"ACCOUNT",  false},
        {"CURRENCY", false},
        {"DEBIT",    true },
        {"CREDIT",   true },
        {"BALANCE",  true }
    };
    struct table t;

    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t i = 0; i < n; i++) {
        const struct trial_balance_row *r = &rows[i];

        table_text(&t, r->book);
        table_text(&t, r->currency);
        table_text(&t, money_cell(cli, r->debit_minor, r->currency));
        table_text(&t, money_cell(cli, r->credit_minor, r->currency));
        table_text(&t, money_cell(cli, r->debit_minor - r->credit_minor, r->currency));
    }
    table_print(&t, stdout);
}

static json_t *balance_json(const struct trial_balance_row *rows, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:I, s:I}", "account", rows[i].book, "currency",
                            rows[i].currency, "debit", (json_int_t)rows[i].debit_minor, "credit",
                            (json_int_t)rows[i].credit_minor, "balance",
                            (json_int_t)(rows[i].debit_minor - rows[i].credit_minor)));
    return list;
}

int run_ledger(struct cli *cli, int argc, char **argv)
{
    enum { BOOKS_MAX = 100000 };
    const char *why = NULL;
    bool csv = false;
    const struct cli_option options[] = {
        {"csv", NULL, &csv}
    };
    struct trial_balance_row *rows;
    enum status st;
    size_t n;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc || (csv && cli->json))
        return cli_usage(cli, read_command("ledger"), why);
    NEED_DATABASE(cli);
    if (csv) return (st = write_journal(cli)) == OK ? EXIT_DONE : cli_fail(cli, st);
    if ((st = trial_balance(&cli->cx, &rows, &n, .max = BOOKS_MAX)) != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(balance_json(rows, n));
    else
        print_balance(cli, rows, n);
    return EXIT_DONE;
}
