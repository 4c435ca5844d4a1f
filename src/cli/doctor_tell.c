/* doctor_tell: `foyer doctor` - what the machine and the database look like, and what was found.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "catalog/catalog.h"
#include "cli/cli.h"
#include "cli/defence.h"
#include "cli/doctor.h"
#include "cli/table.h"
#include "doctor_look_sql.h"

/* "2024a": the first line of tzdata.zi is "# version 2024a". */
static const char *tzdata_version(struct arena *a)
{
    CLEANUP(cli_close) FILE *f = fopen("/usr/share/zoneinfo/tzdata.zi", "r");
    char version[32];

    if (!f || fscanf(f, "# version %31s", version) != 1) return "not found";
    return arena_strdup(a, version);
}

static const char *catalog_text(struct cli *cli, const struct catalog_version *v, size_t n)
{
    char at[INSTANT_TEXT];

    if (!n) return "none; apply one with `foyer catalog apply FILE`";
    return arena_printf(&cli->arena, "version %lld of %s", (long long)v->version,
                        instant_text(v->applied_at, at));
}

static const char *clock_text(struct cli *cli)
{
    char at[INSTANT_TEXT];

    return arena_printf(&cli->arena, "%s, %s",
                        cli->clock.is_test ? "test clock, moved by `run`" : "the machine's",
                        instant_text(cli->clock.now, at));
}

/* The settings that are not as they ship. */
static const char *settings_text(struct cli *cli)
{
    const char *text = "";

    for (size_t i = 0; i < settings_shape.n_fields; i++) {
        const struct field *f = &settings_shape.fields[i];
        const char *mine = (const char *)&cli->settings + f->offset;
        const char *shipped = (const char *)&settings_default + f->offset;
        int64_t n;

        if (f->type == F_TEXT) {
            const char *value = *(const char *const *)(const void *)mine;

            if (strcmp(value, *(const char *const *)(const void *)shipped) == 0) continue;
            text = arena_printf(&cli->arena, "%s%s%s=%s", text, *text ? ", " : "", f->name,
                                setting_shown(value, &cli->arena));
        } else if ((n = *(const int64_t *)(const void *)mine) !=
                   *(const int64_t *)(const void *)shipped) {
            text = arena_printf(&cli->arena, "%s%s%s=%lld", text, *text ? ", " : "", f->name,
                                (long long)n);
        }
    }
    return *text ? text : "as they ship";
}

struct fact {
    const char *name, *value;
};
enum { FACTS_MAX = 16 };
struct facts {
    size_t n;
    struct fact at[FACTS_MAX];
};

static void tell(struct facts *f, const char *name, const char *value)
{
    assert(f->n < FACTS_MAX);
    f->at[f->n++] = (struct fact){name, value};
}

static const char *count_text(struct cli *cli, int64_t n)
{
    return arena_printf(&cli->arena, "%lld", (long long)n);
}

static enum status look(struct cli *cli, struct facts *f, bool *sandbox)
{
    struct doctor_counts_row counts;
    struct catalog_version *versions;
    size_t n;

    TRY(doctor_counts(&cli->cx, &counts, &DB_NO_ROW, .none = 0));
    TRY(catalog_versions(&cli->cx, 1, &versions, &n));
    tell(f, "database", db_is_pg(cli->db) ? "PostgreSQL" : "SQLite");
    tell(f, "clock", clock_text(cli));
    tell(f, "settings", settings_text(cli));
    tell(f, "catalog", catalog_text(cli, versions, n));
    tell(f, "tzdata", tzdata_version(&cli->arena));
    tell(f, "members", count_text(cli, counts.accounts));
    tell(f, "members_with_access", count_text(cli, counts.members));
    tell(f, "charges", count_text(cli, counts.charges));
    tell(f, "unknown_outcomes", count_text(cli, counts.unknown));
    tell(f, "workers", count_text(cli, counts.workers));
    *sandbox = counts.sandbox > 0;
    return OK;
}

struct verdict {
    struct facts facts;
    struct defence *defences;
    size_t n_defences, n;
    struct examined *list;
    int64_t findings;
};

static void print_json(const struct verdict *r)
{
    json_t *all = json_array(), *about = json_object(), *defences = json_array();

    for (size_t i = 0; i < r->facts.n; i++)
        json_object_set_new(about, r->facts.at[i].name, json_string(r->facts.at[i].value));
    for (size_t i = 0; i < r->n_defences; i++)
        json_array_append_new(defences,
                              json_pack("{s:s, s:b, s:s}", "name", r->defences[i].name, "weak",
                                        (int)r->defences[i].weak, "says", r->defences[i].says));
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(all, json_pack("{s:s, s:s, s:I, s:s}", "id", r->list[i].id, "says",
                                             r->list[i].sentence, "findings",
                                             (json_int_t)r->list[i].findings, "sample",
                                             r->list[i].sample));
    cli_print_json(json_pack("{s:I, s:o, s:o, s:o}", "findings", (json_int_t)r->findings, "about",
                             about, "defences", defences, "checks", all));
}

static void print_checks(struct cli *cli, const struct verdict *r)
{
    static const struct table_column columns[] = {
        {"CHECK",          false},
        {"FOUND",          true },
        {"SAMPLE",         false},
        {"WHAT MUST HOLD", false}
    };
    struct table t;

    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t i = 0; i < r->n; i++) {
        table_text(&t, r->list[i].id);
        table_text(&t, r->list[i].findings ? count_text(cli, r->list[i].findings) : "ok");
        table_text(&t, r->list[i].sample);
        table_text(&t, r->list[i].sentence);
    }
    table_print(&t, stdout);
}

static void print_text(struct cli *cli, const struct verdict *r)
{
    static const struct table_column columns[] = {
        {"DEFENCE", false},
        {"",        false},
        {"HOW",     false}
    };
    struct table t;

    for (size_t i = 0; i < r->facts.n; i++)
        printf("%-20s %s\n", r->facts.at[i].name, r->facts.at[i].value);
    printf("\n");
    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t i = 0; i < r->n_defences; i++) {
        table_text(&t, r->defences[i].name);
        table_text(&t, r->defences[i].weak ? "WEAK" : "ok");
        table_text(&t, r->defences[i].says);
    }
    table_print(&t, stdout);
    printf("\n");
    print_checks(cli, r);
    printf("\n%zu checks, %lld finding%s\n", r->n, (long long)r->findings,
           r->findings == 1 ? "" : "s");
}

static enum status examine(struct cli *cli, struct verdict *r)
{
    CLEANUP(gateway_closep) struct gateway *sandbox = NULL;
    bool uses_sandbox;

    TRY(look(cli, &r->facts, &uses_sandbox));
    TRY(defences_look(cli, &r->defences, &r->n_defences));
    /* What one elsewhere has done is its own affair. */
    uses_sandbox = uses_sandbox && strcmp(cli->settings.payment_gateway, "sandbox") == 0;
    if (uses_sandbox) TRY(sandbox_open(cli->db_url, &sandbox, &cli->err));
    struct patient const p = {cli->clock, sandbox};
    return doctor_examine(&cli->cx, &p, &r->list, &r->n, &r->findings);
}

static int run_doctor(struct cli *cli, int argc, char **argv)
{
    struct verdict r = {0};

    (void)argv;
    if (argc) return cli_usage(cli, doctor_commands, NULL);
    NEED_DATABASE(cli);
    enum status const st = examine(cli, &r);
    if (st != OK) return cli_fail(cli, st);
    if (cli->json)
        print_json(&r);
    else
        print_text(cli, &r);
    return r.findings ? EXIT_REFUSED : EXIT_DONE;
}

/* clang-format off */
const struct command doctor_commands[] = {
    {"doctor", "", "Check everything that must always hold.", run_doctor},
    {0},
};
/* clang-format on */
