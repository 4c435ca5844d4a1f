/* report: the operator's figures as a table or as JSON. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/money.h"
#include "cli/chart.h"
#include "cli/read.h"
#include "cli/table.h"

/* Names of --by, whose places are the bits of `enum REPORT_BY_…`. */
static bool by_parse(const char *text, unsigned *by)
{
    static const char *const names[] = {"month", "plan", "country"};

    for (*by = 0; *text;) {
        size_t const n = strcspn(text, ",");
        size_t i = 0;

        while (i < COUNT(names) && (strlen(names[i]) != n || strncmp(names[i], text, n) != 0)) i++;
        if (i == COUNT(names)) return false;
        *by |= 1U << i;
        text += n + (text[n] == ',');
    }
    return true;
}

/* Everything that has fallen due, and at least until now. */
static enum status whole_span(struct cli *cli, int64_t *from_day, int64_t *until_day)
{
    int64_t const today = divide_down(cli->clock.now, DAY_MS);

    TRY(report_span(&cli->cx, from_day, until_day));
    if (*from_day == 0) *from_day = today;
    if (*until_day < today) *until_day = today;
    return OK;
}

static json_t *rows_json(const struct shape *sh, const void *rows, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, shape_write(sh, (const char *)rows + i * sh->size));
    return list;
}

static void print_json(const struct report *r)
{
    json_t *sum = shape_write(&reconciliation_shape, &r->sum);

    json_object_set_new(sum, "holds", json_boolean(r->sum.difference == 0));
    cli_print_json(
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "from", day_json(r->from_day), "to",
                  day_json(r->until_day), "rows", rows_json(&report_row_shape, r->rows, r->n),
                  "reconciliation", sum, "failures_by_reason",
                  rows_json(&report_reason_shape, r->reasons, r->n_reasons), "recoveries_by_retry",
                  rows_json(&report_retry_shape, r->retries, r->n_retries)));
}

static bool is_money(const char *name)
{
    size_t const n = strlen(name);
    return n > 6 && strcmp(name + n - 6, "_minor") == 0;
}

/* Money without its currency, which stands in a column of its own. */
static const char *figure(struct cli *cli, const struct field *f, const struct report_row *row)
{
    const char *const at = (const char *)row + f->offset;

    if (f->type == F_TEXT) return *(const char *const *)(const void *)at;
    int64_t const n = *(const int64_t *)(const void *)at;
    if (strcmp(f->name, "churn_ppm") == 0) return rate_text(n, &cli->arena);
    if (!is_money(f->name)) return arena_printf(&cli->arena, "%lld", (long long)n);
    char text[MONEY_TEXT];
    money_text(n, row->currency, text);
    text[strcspn(text, " ")] = '\0';
    return arena_strdup(&cli->arena, text);
}

/* The table's columns are those of the shape, without the ends of their names that say the unit. */
static void print_rows(struct cli *cli, const struct report *r)
{
    struct table_column columns[TABLE_COLUMNS_MAX];
    const struct shape *sh = &report_row_shape;
    struct table t;

    for (size_t i = 0; i < sh->n_fields; i++) {
        char *name = arena_strdup(&cli->arena, sh->fields[i].name);

        if (is_money(name)) name[strlen(name) - 6] = '\0';
        if (strcmp(name, "churn_ppm") == 0) name[5] = '\0';
        columns[i] = (struct table_column){name, sh->fields[i].type == F_INT};
    }
    table_begin(&t, &cli->arena, columns, sh->n_fields);
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < sh->n_fields; k++)
            table_text(&t, figure(cli, &sh->fields[k], &r->rows[i]));
    table_print(&t, stdout);
}

static void print_recovery(struct cli *cli, const struct report *r)
{
    static const struct table_column reasons[] = {
        {"REASON", false},
        {"CLASS",  false},
        {"FAILED", true }
    };
    static const struct table_column retries[] = {
        {"RETRY",     true},
        {"RECOVERED", true}
    };
    struct table t;

    if (r->n_reasons) {
        table_begin(&t, &cli->arena, reasons, COUNT(reasons));
        for (size_t i = 0; i < r->n_reasons; i++) {
            table_text(&t, r->reasons[i].code);
            table_text(&t, r->reasons[i].decline_class);
            table_int(&t, r->reasons[i].failed);
        }
        printf("\n");
        table_print(&t, stdout);
    }
    if (!r->n_retries) return;
    table_begin(&t, &cli->arena, retries, COUNT(retries));
    for (size_t i = 0; i < r->n_retries; i++) {
        table_int(&t, r->retries[i].retry);
        table_int(&t, r->retries[i].recovered);
    }
    printf("\n");
    table_print(&t, stdout);
}

static void print_sum(const struct report *r)
{
    const struct reconciliation *s = &r->sum;
    char from[DAY_TEXT], to[DAY_TEXT];

    printf("\n%s to %s: due %lld = charged %lld + failed %lld + credited %lld + skipped %lld + "
           "waiting %lld",
           day_text(r->from_day, from), day_text(r->until_day, to), (long long)s->due,
           (long long)s->charged, (long long)s->failed, (long long)s->credited,
           (long long)s->skipped, (long long)s->waiting);
    if (s->difference)
        printf(" does NOT hold: the difference is %lld\n", (long long)s->difference);
    else
        printf(" holds\n");
}

static void print_text(struct cli *cli, const struct report *r)
{
    char from[DAY_TEXT], to[DAY_TEXT];

    if (!r->n && !r->sum.due && !r->sum.difference) {
        printf("nothing fell due from %s to %s\n", day_text(r->from_day, from),
               day_text(r->until_day, to));
        return;
    }
    print_rows(cli, r);
    print_recovery(cli, r);
    print_sum(r);
}

/* What was asked for; what is NULL was not. */
struct wishes {
    const char *from, *to, *by, *currency;
    bool chart;
};

static const char *read_wishes(const struct cli *cli, const struct wishes *w, unsigned *by)
{
    if (w->by && !by_parse(w->by, by)) return "--by wants some of month,plan,country";
    if (w->currency && !w->chart) return "--currency is for --chart";
    if (w->currency && !currency_find(w->currency)) return "--currency wants a code of ISO 4217";
    if (w->chart && (w->by || cli->json)) return "--chart is by month, and no JSON";
    if (w->chart) *by = REPORT_BY_MONTH;
    return NULL;
}

int run_report(struct cli *cli, int argc, char **argv)
{
    const struct command *c = read_command("report");
    struct wishes w = {0};
    const struct cli_option options[] = {
        {"from",     &w.from,     NULL    },
        {"to",       &w.to,       NULL    },
        {"by",       &w.by,       NULL    },
        {"currency", &w.currency, NULL    },
        {"chart",    NULL,        &w.chart}
    };
    int64_t from_day = 0, until_day = 0, first_day, end_day;
    unsigned by = REPORT_BY_ALL;
    const char *why = NULL;
    struct report r;
    enum status st;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc ||
        (why = read_wishes(cli, &w, &by)))
        return cli_usage(cli, c, why);
    if (!read_window(w.from, w.to, &from_day, &until_day, &why)) return cli_usage(cli, c, why);
    NEED_DATABASE(cli);
    if ((st = whole_span(cli, &first_day, &end_day)) != OK) return cli_fail(cli, st);
    if (!w.from) from_day = first_day;
    if (!w.to) until_day = end_day;
    st = report_make(&cli->cx, from_day, until_day, by, &r);
    if (st != OK) return cli_fail(cli, st);
    if (w.chart) chart_print(&r, w.currency);
    if (cli->json)
        print_json(&r);
    else if (w.chart)
        print_sum(&r);
    else
        print_text(cli, &r);
    return r.sum.difference ? EXIT_REFUSED : EXIT_DONE;
}
