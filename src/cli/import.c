/* import: `foyer import members`. Streams a CSV file into batches of members, and what could not be
 * taken into a file of rejects. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/calendar.h"
#include "cli/cli.h"
#include "cli/import_columns.h"
#include "cli/rejects.h"
#include "cli/seen.h"
#include "payments/payments.h"

static const struct fault ROW_COLUMNS = {
    E_INVALID, "row.columns",
    "The row has more or fewer fields than the header; quote texts that hold commas."};

static const struct fault IMPORT_AS_OF = {
    E_INVALID, "import.as_of",
    "--as-of is a day from 1970-01-03 to ten years ahead; what is before it counts as paid."};

/* So many rows are one commit, fewer when they are long. */
enum { BATCH_ROWS = 2000, BATCH_BYTES = 8 << 20 };

struct entry {
    struct reject reject;
    struct error why;
    const struct intake_result *result; /* NULL: refused before anybody looked at it, see why */
};

struct import {
    struct cli *cli;
    const char *path;
    FILE *file;
    struct csv_reader *reader;
    struct columns columns;
    struct intake intake;
    struct seen seen;
    struct rejects rejects;
    int64_t rows, outcomes[INTAKE_OUTCOMES];

    struct arena batch;
    size_t n, n_read;
    struct entry *entries;
    struct intake_row *members; /* n_read of the n entries */
    struct intake_result *results;
};

static void import_clear(struct import *im)
{
    if (im->file) fclose(im->file);
    gateway_close(im->intake.gateway);
    seen_end(&im->seen);
    rejects_drop(&im->rejects);
    arena_clear(&im->batch);
}

/* The row's values by field; all lie in the batch's arena. */
static void read_fields(struct import *im, const struct csv_row *row, struct intake_row *out)
{
    for (size_t f = 0; f < INTAKE_FIELDS; f++) {
        int const at = im->columns.at[f];

        out->at[f] = at == COLUMN_NONE ? "" : arena_strdup(&im->batch, row->fields[at]);
    }
}

/* Sets e->why where the row is refused. */
static enum status check_row(struct import *im, const struct csv_row *row, struct entry *e,
                             struct intake_row *member)
{
    int64_t before;

    if (row->problem) {
        fail(&e->why, row->problem, NULL);
        if (row->last_line > row->line)
            failf(&e->why, row->problem, "lines %lld to %lld", (long long)row->line,
                  (long long)row->last_line);
        return OK;
    }
    if (row->n_fields != im->columns.n) {
        failf(&e->why, &ROW_COLUMNS, "%zu, not %zu", row->n_fields, im->columns.n);
        return OK;
    }
    read_fields(im, row, member);
    e->reject.external_id = intake_trim(&im->batch, member->at[IN_EXTERNAL_ID]);
    if (!*e->reject.external_id) return OK; /* newcomer_read says so */
    TRY(seen_put(&im->seen, e->reject.external_id, row->line, &before, &im->cli->err));
    if (before) failf(&e->why, &MEMBER_DUPLICATE, "first on line %lld", (long long)before);
    return OK;
}

static enum status keep(struct import *im, const struct csv_row *row)
{
    struct entry *e = &im->entries[im->n++];
    struct intake_row *member = &im->members[im->n_read];

    *e = (struct entry){.reject.line = row->line,
                        .reject.external_id = "",
                        .reject.text = arena_memdup(&im->batch, row->text, row->text_size),
                        .reject.text_size = row->text_size};
    TRY(check_row(im, row, e, member));
    if (!e->why.fault) e->result = &im->results[im->n_read++];
    return OK;
}

static enum status flush(struct import *im)
{
    struct ctx cx = im->cli->cx;

    cx.arena = &im->batch;
    TRY(intake_members(&cx, &im->intake, im->members, im->n_read, im->results));
    for (size_t i = 0; i < im->n; i++) {
        struct entry *e = &im->entries[i];
        enum intake_outcome const outcome = e->result ? e->result->outcome : INTAKE_REJECTED;

        im->rows++;
        im->outcomes[outcome]++;
        if (outcome != INTAKE_REJECTED) continue;
        e->reject.why = e->result ? &e->result->why : &e->why;
        TRY(rejects_add(&im->rejects, &e->reject, &im->batch, cx.err));
    }
    im->n = im->n_read = 0;
    arena_reset(&im->batch);
    return OK;
}

static enum status import_rows(struct import *im, int64_t size)
{
    struct cli *cli = im->cli;
    struct progress progress;
    enum status st = OK;
    bool more = true;

    im->entries = arena_array(&cli->arena, struct entry, BATCH_ROWS);
    im->members = arena_array(&cli->arena, struct intake_row, BATCH_ROWS);
    im->results = arena_array(&cli->arena, struct intake_result, BATCH_ROWS);
    progress_begin(&progress, cli, "importing", size);
    while (more && st == OK) {
        struct csv_row row;

        st = csv_next(im->reader, &row, &more, &cli->err);
        if (st == OK && more) st = keep(im, &row);
        if (st == OK && (!more || im->n == BATCH_ROWS || im->batch.used > BATCH_BYTES)) {
            st = flush(im);
            progress_step(&progress, im->reader->bytes_done);
        }
    }
    progress_end(&progress);
    return st == OK ? rejects_end(&im->rejects, &cli->err) : st;
}

static enum status open_file(struct import *im, int64_t *size)
{
    struct stat about;

    im->file = fopen(im->path, "rb");
    if (!im->file || fstat(fileno(im->file), &about) != 0)
        return failf(&im->cli->err, &FILE_UNREADABLE, "%s: %s", im->path, strerror(errno));
    *size = about.st_size;
    im->reader = arena_new(&im->cli->arena, struct csv_reader);
    return csv_begin(im->reader, csv_from_file, im->file, &im->cli->err);
}

static enum status read_header(struct import *im, const struct column_map *map)
{
    struct cli *cli = im->cli;
    struct csv_row header;
    bool more;

    TRY(csv_next(im->reader, &header, &more, &cli->err));
    if (!more) return fail(&cli->err, &IMPORT_EMPTY, NULL);
    if (header.problem)
        return failf(&cli->err, header.problem, "the header, on line %lld", (long long)header.line);
    return columns_find(map, &header, &cli->arena, &im->columns, &cli->err);
}

static int refuse_columns(const struct import *im)
{
    const struct fault *f = &IMPORT_COLUMNS_MISSING;

    if (im->cli->json)
        cli_print_json(json_pack("{s:{s:s, s:s, s:s, s:s}}", "error", "code", f->code, "message",
                                 f->text, "missing", im->columns.missing, "columns",
                                 im->columns.named));
    else
        fprintf(stderr, "foyer: %s (%s)\n  missing: %s\n  columns of the file: %s\n", f->text,
                f->code, im->columns.missing, im->columns.named);
    return EXIT_REFUSED;
}

static json_t *summary(const struct import *im)
{
    json_t *codes = json_object();
    const struct rejects *r = &im->rejects;
    char day[DAY_TEXT];

    for (size_t i = 0; i < r->n_codes; i++)
        json_object_set_new(codes, r->codes[i].code, json_integer(r->codes[i].n));
    json_t *all = json_pack("{s:s, s:s, s:b, s:I}", "file", im->path, "as_of",
                            day_text(im->intake.terms.as_of_day, day), "dry_run",
                            im->intake.dry_run, "rows", (json_int_t)im->rows);
    for (size_t i = 0; i < INTAKE_OUTCOMES; i++)
        json_object_set_new(all, intake_outcomes.at[i], json_integer(im->outcomes[i]));
    json_object_set_new(all, "rejected_by_code", codes);
    json_object_set_new(all, "rejects_file", r->n ? json_string(r->path) : json_null());
    return all;
}

static void summary_text(const struct import *im)
{
    static const enum intake_outcome order[] = {INTAKE_IMPORTED, INTAKE_UNCHANGED, INTAKE_UPDATED,
                                                INTAKE_REJECTED};
    const struct rejects *r = &im->rejects;

    printf("%s: %lld row%s%s\n", im->path, (long long)im->rows, im->rows == 1 ? "" : "s",
           im->intake.dry_run ? "; a dry run, nothing was changed" : "");
    for (size_t i = 0; i < COUNT(order); i++)
        printf("  %-28s %10lld\n", intake_outcomes.at[order[i]], (long long)im->outcomes[order[i]]);
    for (size_t i = 0; i < r->n_codes; i++)
        printf("    %-26s %10lld\n", r->codes[i].code, (long long)r->codes[i].n);
    if (r->n) printf("  rejects, with line and reason: %s\n", r->path);
}

/* Every directive known, and a year, a month and a day among them. */
static bool date_format_sound(const char *format)
{
    bool year = false, month = false, day = false;

    for (const char *s = format; *s; s++) {
        if (*s != '%') continue;
        s++;
        year = year || *s == 'Y' || *s == 'y';
        month = month || *s == 'm' || *s == 'b' || *s == 'B';
        day = day || *s == 'd';
        if (!*s || !strchr("YymbBdHMS%", *s)) return false;
    }
    return year && month && day;
}

struct options {
    const char *map, *date_format, *as_of, *time_zone;
    struct column_map columns;
};

/* NULL, or what is wrong on the command line. */
static const char *read_options(struct import *im, int *argc, char **argv, struct options *o)
{
    const struct cli_option options[] = {
        {"map",         &o->map,         NULL               },
        {"date-format", &o->date_format, NULL               },
        {"as-of",       &o->as_of,       NULL               },
        {"time-zone",   &o->time_zone,   NULL               },
        {"update",      NULL,            &im->intake.update },
        {"dry-run",     NULL,            &im->intake.dry_run},
    };
    struct intake_terms *terms = &im->intake.terms;
    const char *why = NULL;

    if (!cli_options(argc, argv, options, COUNT(options), &why)) return why;
    if (*argc != 1) return "one file, please";
    terms->date_format = o->date_format;
    if (o->as_of && !day_parse(o->as_of, &terms->as_of_day))
        return "--as-of wants a date such as 2024-01-31";
    if (o->date_format && !date_format_sound(o->date_format))
        return "--date-format wants %Y or %y, %m or %b or %B, and %d; such as %d/%m/%Y";
    if (o->time_zone && zone_find_place(o->time_zone, &terms->zone, &im->cli->err) != OK)
        return "--time-zone wants a name such as Europe/Berlin";
    if (o->map && !column_map_read(o->map, &o->columns, &im->cli->arena, &why)) return why;
    im->path = argv[0];
    return NULL;
}

static int run_import(struct cli *cli, int argc, char **argv)
{
    CLEANUP(import_clear) struct import im = {.cli = cli};
    struct options o = {0};
    const char *why = read_options(&im, &argc, argv, &o);
    int64_t size = 0;

    if (why) return cli_usage(cli, import_commands, why);
    NEED_DATABASE(cli);
    if (!o.as_of) im.intake.terms.as_of_day = divide_down(cli->cx.now, DAY_MS);
    if (!intake_as_of_fits(im.intake.terms.as_of_day, divide_down(cli->cx.now, DAY_MS)))
        return cli_fail(cli, fail(&cli->err, &IMPORT_AS_OF, "as-of"));
    im.intake.test_clock = cli->clock.is_test;
    rejects_begin(&im.rejects, im.path, &cli->arena);
    enum status st = open_file(&im, &size);
    if (st == OK) st = read_header(&im, &o.columns);
    if (st != OK && cli->err.fault == &IMPORT_COLUMNS_MISSING) return refuse_columns(&im);
    if (st == OK) st = catalog_load(&cli->cx, 0, &im.intake.terms.catalog);
    if (st == OK)
        st = gateway_open_for(cli->settings.payment_gateway, cli->db_url, cli->clock.is_test,
                              &im.intake.gateway, &cli->err);
    if (st == OK) st = import_rows(&im, size);
    if (st == OK && !im.intake.dry_run)
        st = cli_note(cli, "import members", json_pack("{s:o}", "out", summary(&im)));
    if (st != OK) return cli_fail(cli, st);
    if (cli->json)
        cli_print_json(summary(&im));
    else
        summary_text(&im);
    return im.rejects.n ? EXIT_REFUSED : EXIT_DONE;
}

#define USAGE                                                                                      \
    "FILE.csv [--map 'external_id=User ID,plan=Kind,…'] [--date-format %d/%m/%Y]\n"              \
    "    [--as-of DATE] [--time-zone ZONE] [--update] [--dry-run]"

const struct command import_commands[] = {
    {.name = "import members",
     .usage = USAGE,
     .summary = "Take over members who were billed elsewhere until now.",
     .run = run_import},
    {.name = NULL},
};
