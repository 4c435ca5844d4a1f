/* read: a member's history, the next charge, and why a charge is what it is.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/read.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "billing/billing.h"
#include "cli/table.h"

json_t *day_json(int64_t day)
{
    char text[DAY_TEXT];
    return day ? json_string(day_text(day, text)) : json_null();
}

const char *money_cell(struct cli *cli, int64_t minor, const char *currency)
{
    char text[MONEY_TEXT];
    return arena_strdup(&cli->arena, money_text(minor, currency, text));
}

const char *day_cell(struct cli *cli, int64_t day)
{
    char text[DAY_TEXT];
    return day ? arena_strdup(&cli->arena, day_text(day, text)) : "";
}

static bool bound_parse(const char *text, int64_t *day)
{
    char date[DAY_TEXT] = "";

    if (strlen(text) == strlen("2024-01")) {
        memcpy(date, text, 7);
        memcpy(date + 7, "-01", 4);
        text = date;
    }
    return day_parse(text, day);
}

bool read_window(const char *from, const char *to, int64_t *from_day, int64_t *until_day,
                 const char **why)
{
    *why = "--from and --to want a date such as 2024-01-31 or a month such as 2024-01";
    if (from && !bound_parse(from, from_day)) return false;
    if (to && !bound_parse(to, until_day)) return false;
    *why = "--from must lie before --to";
    return !from || !to || *from_day < *until_day;
}

static json_t *evidence_json(struct cli *cli, const char *locale, const struct evidence *e,
                             size_t n)
{
    const struct charge_view_change *c = changes_view(&cli->arena, locale, e, n);
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, shape_write(&charge_change_shape, &c[i]));
    return list;
}

static json_t *causes_json(struct cli *cli, const char *locale, const struct causes *c)
{
    json_t *list = json_array();

    for (size_t i = 0; i < c->n; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o}", "cause", explain_causes.at[c->at[i].cause], "text",
                            explain_text(&cli->arena, locale, c->at[i].cause), "evidence",
                            evidence_json(cli, locale, c->at[i].at, c->at[i].n)));
    return list;
}

static void print_evidence(struct cli *cli, const char *locale, const struct evidence *e)
{
    const char *old = explain_fact(&cli->arena, locale, &e->old);
    const char *new_ = explain_fact(&cli->arena, locale, &e->new_);

    if (*old && *new_)
        printf("    %s: %s -> %s\n", e->name, old, new_);
    else
        printf("    %s: %s%s\n", e->name, *new_ ? new_ : old, *new_ ? "" : " (before)");
}

static void print_causes(struct cli *cli, const char *locale, const struct causes *c)
{
    for (size_t i = 0; i < c->n; i++) {
        printf("  %s (%s)\n", explain_text(&cli->arena, locale, c->at[i].cause),
               explain_causes.at[c->at[i].cause]);
        for (size_t k = 0; k < c->at[i].n; k++) print_evidence(cli, locale, &c->at[i].at[k]);
    }
}

static json_t *tries_json(const struct history_row *r)
{
    json_t *list = json_array();
    char at[INSTANT_TEXT];

    for (size_t i = 0; i < r->n_tries; i++) {
        const struct history_attempt *t = r->tries[i].attempt;

        json_array_append_new(
            list, json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "attempt",
                            (json_int_t)t->attempt_no, "round", (json_int_t)r->tries[i].round, "at",
                            instant_text(t->sent_at, at), "method", r->tries[i].method, "state",
                            t->outcome, "code", t->code, "class", t->meaning));
    }
    return list;
}

static json_t *lines_json(const struct history_row *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->n_lines; i++) {
        const struct history_line *l = &r->lines[i];

        json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "kind", line_kinds.at[l->line_kind],
                            "item", l->item, "unit_minor", (json_int_t)l->unit_minor, "rate_ppm",
                            (json_int_t)l->rate_ppm, "amount_minor", (json_int_t)l->amount_minor,
                            "since", day_json(l->effective_day)));
    }
    return list;
}

static json_t *parts_json(const struct history_row *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < r->n_parts; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "by", r->parts[i].kind, "card",
                                              r->parts[i].card, "amount_minor",
                                              (json_int_t)r->parts[i].minor));
    return list;
}

static json_t *row_json(struct cli *cli, const struct history_row *r)
{
    const struct history_charge *c = r->charge;
    json_t *j = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:I}", "reference",
                          r->reference, "invoice", r->invoice_number, "date",
                          day_json(c->due_on_day), "period_start", day_json(c->period_start_day),
                          "period_end", day_json(c->period_end_day), "plan", c->plan, "biller",
                          r->facts.biller, "currency", c->currency, "net_minor",
                          c->invoiced ? json_integer(c->net_minor) : json_null(), "tax_minor",
                          c->invoiced ? json_integer(c->tax_minor) : json_null(), "total_minor",
                          (json_int_t)c->total_minor);
    json_t *rest = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:s}", "method",
        r->method, "cause", charge_causes.at[c->cause], "state", charge_states.at[c->charge_state],
        "recovered_by", recoveries.at[c->recovered_by], "credit_note", r->credit_note, "initiated",
        day_json(r->initiated_day), "captured", day_json(r->captured_day),
        "expected_on_statement_by", day_json(r->expected_day), "lines", lines_json(r), "credit",
        parts_json(r), "attempts", tries_json(r), "changes",
        evidence_json(cli, "en", r->changes, r->n_changes), "refunded_minor",
        (json_int_t)r->refunded_minor, "dispute",
        r->dispute ? dispute_states.at[r->dispute->dispute_state] : "");

    json_object_update(j, rest);
    json_decref(rest);
    return j;
}

static json_t *member_json(const struct history *h, const char *method)
{
    char id[ID_TEXT];

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "member", h->account.external_id,
                     "id", id_text("mem", h->account.account_id, id), "plan", h->membership.plan,
                     "state", membership_states.at[h->membership.state], "biller",
                     h->membership.biller, "country", h->account.country, "time_zone",
                     h->account.zone, "method", method);
}

static const char *changes_cell(struct cli *cli, const struct history_row *r)
{
    const char *text = "";

    for (size_t i = 0; i < r->n_changes; i++) {
        const char *old = explain_fact(&cli->arena, "en", &r->changes[i].old);
        const char *new_ = explain_fact(&cli->arena, "en", &r->changes[i].new_);

        text = arena_printf(&cli->arena, "%s%s%s %s -> %s", text, *text ? "; " : "",
                            r->changes[i].name, *old ? old : "none", *new_ ? new_ : "none");
    }
    return text;
}

static void print_tries(const struct history_row *r)
{
    char at[INSTANT_TEXT];

    if (r->n_tries < 2 && r->charge->charge_state == CHARGE_CAPTURED) return;
    for (size_t i = 0; i < r->n_tries; i++) {
        const struct history_attempt *t = r->tries[i].attempt;

        printf("%s%s attempt %lld, round %lld, %s: %s %s%s%s\n", i ? "" : "\n", r->reference,
               (long long)t->attempt_no, (long long)r->tries[i].round, instant_text(t->sent_at, at),
               r->tries[i].method, t->outcome, *t->code ? " " : "", t->code);
    }
}

/* What credit paid, card by card, under the table. */
static void print_parts(struct cli *cli, const struct history_row *r)
{
    for (size_t i = 0; i < r->n_parts; i++)
        printf("%s%s paid by %s%s%s: %s\n", i ? "" : "\n", r->reference, r->parts[i].kind,
               *r->parts[i].card ? " " : "", r->parts[i].card,
               money_cell(cli, r->parts[i].minor, r->charge->currency));
}

/* What a partner has billed, under the table. */
static void print_billed_by(const struct biller_period *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%s%s%s%s%s%s\n", i ? "" : "\n", p[i].period_start, *p[i].period_start ? " - " : "",
               p[i].period_end, *p[i].period_end ? ": " : "", p[i].text);
}

static json_t *billed_by_json(const struct biller_period *p, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "partner",
                                              p[i].partner, "name", p[i].name, "period_start",
                                              p[i].period_start, "period_end", p[i].period_end,
                                              "plan", p[i].plan, "place", p[i].place, "link",
                                              p[i].link, "text", p[i].text));
    return list;
}

static void print_history(struct cli *cli, const struct history *h)
{
    static const struct table_column columns[] = {
        {"DATE",         false},
        {"TOTAL",        true },
        {"TAX",          true },
        {"METHOD",       false},
        {"PLAN",         false},
        {"CAUSE",        false},
        {"STATE",        false},
        {"TRIES",        true },
        {"BEGUN",        false},
        {"CAPTURED",     false},
        {"STATEMENT BY", false},
        {"INVOICE",      false},
        {"REF",          false},
        {"CHANGES",      false},
    };
    struct table t;

    printf("%s, %s, %s, %s\n\n", h->account.external_id, h->membership.plan,
           membership_states.at[h->membership.state], h->account.zone);
    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t i = 0; i < h->n; i++) {
        const struct history_row *r = &h->rows[i];
        const struct history_charge *c = r->charge;

        table_text(&t, day_cell(cli, c->due_on_day));
        table_text(&t, money_cell(cli, c->total_minor, c->currency));
        table_text(&t, c->invoiced ? money_cell(cli, c->tax_minor, c->currency) : "");
        table_text(&t, r->method);
        table_text(&t, c->plan);
        table_text(&t, charge_causes.at[c->cause]);
        table_text(&t, charge_states.at[c->charge_state]);
        table_int(&t, c->attempts);
        table_text(&t, day_cell(cli, r->initiated_day));
        table_text(&t, day_cell(cli, r->captured_day));
        table_text(&t, day_cell(cli, r->expected_day));
        table_text(&t, r->invoice_number);
        table_text(&t, r->reference);
        table_text(&t, changes_cell(cli, r));
    }
    table_print(&t, stdout);
    for (size_t i = 0; i < h->n; i++) {
        print_parts(cli, &h->rows[i]);
        print_tries(&h->rows[i]);
    }
}

int run_history(struct cli *cli, int argc, char **argv)
{
    struct account account;
    struct history h;
    const struct biller_period *billed_by;
    const struct catalog *catalog;
    const char *method, *why = NULL;
    enum status st;
    size_t n;

    if (!cli_options(&argc, argv, NULL, 0, &why) || argc != 1)
        return cli_usage(cli, read_command("history"), why);
    NEED_DATABASE(cli);
    if ((st = account_find(&cli->cx, argv[0], &account)) != OK ||
        (st = history_load(&cli->cx, account.account_id, &h)) != OK ||
        (st = method_now(&cli->cx, account.account_id, &method)) != OK ||
        (st = catalog_load(&cli->cx, 0, &catalog)) != OK ||
        (st = biller_periods(&cli->cx, catalog, &h.membership, h.account.locale, &billed_by, &n)) !=
            OK)
        return cli_fail(cli, st);
    if (!cli->json) return print_history(cli, &h), print_billed_by(billed_by, n), EXIT_DONE;
    json_t *j = member_json(&h, method), *rows = json_array();
    for (size_t i = 0; i < h.n; i++) json_array_append_new(rows, row_json(cli, &h.rows[i]));
    json_object_set_new(j, "charges", rows);
    json_object_set_new(j, "billed_by", billed_by_json(billed_by, n));
    cli_print_json(j);
    return EXIT_DONE;
}

static json_t *preview_line_json(const struct preview_line *l)
{
    const struct rated_line *n = l->next;
    const struct line_facts *b = l->before;

    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:b}", "kind",
                     line_kinds.at[n ? n->kind : b->kind], "item", n ? n->item : b->item,
                     "amount_minor", (json_int_t)(n ? n->amount_minor : 0), "unit_minor",
                     (json_int_t)(n ? n->unit_minor : 0), "rate_ppm",
                     (json_int_t)(n ? n->rate_ppm : 0), "since",
                     n ? day_json(n->effective_day) : json_null(), "last_amount_minor",
                     b ? json_integer(b->amount_minor) : json_null(), "differs", (int)l->differs);
}

static json_t *preview_json(struct cli *cli, const char *locale, const struct preview *p,
                            const char *method)
{
    json_t *j = member_json(&p->history, method), *lines = json_array();
    json_t *rest =
        json_pack("{s:s, s:o, s:s, s:o}", "plan_name", p->plan_name, "date", day_json(p->date_day),
                  "date_note", BANK_DATE_NOTE, "causes", causes_json(cli, locale, &p->causes));

    json_object_update(j, rest);
    json_decref(rest);
    for (size_t i = 0; i < p->n_lines; i++)
        json_array_append_new(lines, preview_line_json(&p->lines[i]));
    json_object_set_new(j, "lines", lines);
    if (p->by_partner) return j;
    json_object_set_new(j, "if_paid", json_boolean(p->if_paid));
    rest = json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:o}", "period_end", day_json(p->next.end_day),
                     "currency", p->next.currency, "tax_mode",
                     tax_modes.at[p->next.country->tax_mode], "net_minor",
                     (json_int_t)p->next.net_minor, "tax_minor", (json_int_t)p->next.tax_minor,
                     "total_minor", (json_int_t)p->next.total_minor, "last_total_minor",
                     p->before ? json_integer(p->before->charge->total_minor) : json_null());
    json_object_update(j, rest);
    json_decref(rest);
    return j;
}

static void print_preview(struct cli *cli, const char *locale, const struct preview *p,
                          const char *method)
{
    static const struct table_column columns[] = {
        {"LINE",      false},
        {"ITEM",      false},
        {"RATE",      true },
        {"AMOUNT",    true },
        {"SINCE",     false},
        {"LAST TIME", true },
        {"DIFFERS",   false},
    };
    const char *const currency = p->next.currency;
    struct table t;

    if (p->by_partner) {
        printf("%s: %s, billed by %s\n\n", p->history.account.external_id, p->plan_name,
               p->history.membership.biller);
        print_causes(cli, locale, &p->causes);
        return;
    }
    bool const payable = strcmp(method, "none") != 0;
    printf("%s: %s %s, %s, for %s until %s, %s%s\n", p->history.account.external_id,
           p->if_paid ? "nothing more is tried; if paid today," : "next charge on",
           day_cell(cli, p->next.start_day), money_cell(cli, p->next.total_minor, currency),
           p->plan_name, day_cell(cli, p->next.end_day), payable ? "by " : "",
           payable ? method : "but there is no method that can be charged");
    printf("Dates are those of %s; a bank may show the charge one day earlier or later.\n\n",
           p->history.account.zone);
    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct rated_line *n = p->lines[i].next;
        const struct line_facts *b = p->lines[i].before;

        table_text(&t, line_kinds.at[n ? n->kind : b->kind]);
        table_text(&t, n ? n->item : b->item);
        table_text(&t, n && n->rate_ppm ? rate_text(n->rate_ppm, &cli->arena) : "");
        table_text(&t, n ? money_cell(cli, n->amount_minor, currency) : "");
        table_text(&t, n ? day_cell(cli, n->effective_day) : "");
        table_text(&t, b ? money_cell(cli, b->amount_minor, p->before->charge->currency) : "");
        table_text(&t, p->lines[i].differs ? "yes" : "");
    }
    table_print(&t, stdout);
    printf("\n");
    print_causes(cli, locale, &p->causes);
}

/* One word and the language of sentences: an operator's are English, as the rest is. */
static bool take_locale(int *argc, char **argv, const char **locale, const char **why)
{
    const struct cli_option options[] = {
        {"locale", locale, NULL}
    };

    *locale = "en";
    *why = NULL;
    return cli_options(argc, argv, options, COUNT(options), why) && *argc == 1;
}

int run_preview(struct cli *cli, int argc, char **argv)
{
    const struct catalog *catalog;
    struct account account;
    struct preview p;
    const char *locale, *method, *why;
    enum status st;

    if (!take_locale(&argc, argv, &locale, &why))
        return cli_usage(cli, read_command("preview"), why);
    NEED_DATABASE(cli);
    if ((st = account_find(&cli->cx, argv[0], &account)) != OK ||
        (st = catalog_load(&cli->cx, 0, &catalog)) != OK ||
        (st = explain_next(&cli->cx, catalog, account.account_id, &p)) != OK ||
        (st = method_now(&cli->cx, account.account_id, &method)) != OK)
        return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(preview_json(cli, locale, &p, method));
    else
        print_preview(cli, locale, &p, method);
    return EXIT_DONE;
}

static json_t *explanation_json(struct cli *cli, const char *locale, const struct explanation *x)
{
    const struct history_charge *c = x->row->charge;

    return json_pack("{s:s, s:o, s:o, s:o, s:s, s:{s:I, s:b, s:I}}", "member",
                     x->history.account.external_id, "charge", row_json(cli, x->row), "before",
                     x->before ? row_json(cli, x->before) : json_null(), "causes",
                     causes_json(cli, locale, &x->causes), "plan_name", x->plan_name, "catalog",
                     "version", (json_int_t)c->catalog_version, "reproduced", (int)x->reproduced,
                     "total_minor", (json_int_t)x->reproduced_minor);
}

static void print_explanation(struct cli *cli, const char *locale, const struct explanation *x)
{
    const struct history_charge *c = x->row->charge;

    printf("%s%s%s: %s on %s for %s, %s\n", x->row->reference, c->invoiced ? " " : "",
           x->row->invoice_number, money_cell(cli, c->total_minor, c->currency),
           day_cell(cli, c->due_on_day), x->plan_name, charge_states.at[c->charge_state]);
    if (x->before)
        printf("compared with %s: %s on %s\n", x->before->reference,
               money_cell(cli, x->before->charge->total_minor, x->before->charge->currency),
               day_cell(cli, x->before->charge->due_on_day));
    printf("\n");
    print_causes(cli, locale, &x->causes);
    printf("\ncatalog version %lld produced it; asked again it says %s%s\n",
           (long long)c->catalog_version, money_cell(cli, x->reproduced_minor, c->currency),
           x->reproduced ? "" : ", which differs");
}

int run_explain(struct cli *cli, int argc, char **argv)
{
    struct explanation x;
    const char *locale, *why;

    if (!take_locale(&argc, argv, &locale, &why))
        return cli_usage(cli, read_command("explain"), why);
    NEED_DATABASE(cli);
    enum status const st = explain_reference(&cli->cx, argv[0], &x);
    if (st != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(explanation_json(cli, locale, &x));
    else
        print_explanation(cli, locale, &x);
    return EXIT_DONE;
}

/* clang-format off */
const struct command read_commands[] = {
    {"history", "MEMBER", "Show a member's charges and what changed from one to the next.",
     run_history},
    {"preview", "MEMBER [--locale LOCALE]", "Show a member's next charge, line by line.",
     run_preview},
    {"explain", "REFERENCE [--locale LOCALE]",
     "Say why a charge (chg_… or inv_…) has its date and amount.",
     run_explain},
    {"receipt", "REFERENCE FILE.pdf [--locale LOCALE]",
     "Print a charge's receipt, invoice or credit note as PDF.", run_receipt},
    {"charges", "--csv [--from DATE] [--to DATE]", "Write every invoiced period as CSV or JSON.",
     run_charges},
    {"ledger", "[--csv]", "Show the trial balance, or write the journal as CSV.", run_ledger},
    {"report",
     "[--from MONTH] [--to MONTH] [--by month,plan,country | --chart [--currency CODE]]",
     "Show revenue, failures, recovery and members, and reconcile what fell due.", run_report},
    {0},
};
/* clang-format on */

const struct command *read_command(const char *name)
{
    const struct command *c = read_commands;

    while (strcmp(c->name, name) != 0) c++;
    return c;
}
