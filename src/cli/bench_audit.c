/* bench_audit: `foyer bench audit` - what it costs that a change is written down: the same change
 * of contacts with and without its entry in the audit, in turn, each run on a fresh copy.
 * SPDX-License-Identifier: Apache-2.0 */
#include <time.h>
#include <unistd.h>

#include "account/account.h"
#include "cli/bench.h"
#include "db/audit.h"

enum { MEMBERS = 1000, GROUP = 64 };

struct trial {
    double with[BENCH_PAIRS_MAX], without[BENCH_PAIRS_MAX]; /* changes a second */
    double bytes[BENCH_PAIRS_MAX];                          /* of the database, for each entry */
    double cpu_us[BENCH_PAIRS_MAX]; /* of this process, for each entry: others do not count */
};

struct took {
    int64_t ns, cpu_ns, bytes;
};

struct meter {
    struct bench bench;
    struct error *e;
    int64_t pairs, changes;
    char key_file[700];
    struct trial of;
};

/* As op_call writes it down: input and answer, without what is secret. */
static json_t *facts(int64_t i)
{
    return json_pack("{s:{s:s}, s:{s:s, s:s, s:b, s:s, s:s, s:s}}", "in", "texts",
                     i % 2 ? "yes" : "no", "out", "member", "mem_06C8RF4DV8000K", "email",
                     "member1@example.com", "email_reachable", 1, "quiet_from", "22:00",
                     "quiet_until", "08:00", "locale", "en");
}

static enum status change(struct ctx *cx, int64_t account_id, int64_t i, bool audited)
{
    struct contact_set const in = {.account_id = account_id, .texts = i % 2, .push = -1};
    struct audit_note const note = {account_id, AUDIT_CHANGE, "contact.set"};
    struct contact_view out;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(contact_set(cx, &in, &out));
    if (audited) TRY(audit_add(cx, &note, facts(i)));
    return tx_commit(&tx);
}

/* SQLite writes in groups, as the server has it do; PostgreSQL groups commits by itself. */
static enum status change_group(struct ctx *cx, const int64_t *accounts, int64_t from, int64_t to,
                                bool audited)
{
    bool const groups = !db_is_pg(cx->db);

    arena_reset(cx->arena);
    if (groups) TRY(db_group_begin(cx));
    for (int64_t i = from; i < to; i++) TRY(change(cx, accounts[i % MEMBERS], i, audited));
    return groups ? db_group_commit(cx) : OK;
}

static enum status find_accounts(struct ctx *cx, int64_t *accounts)
{
    char member[32];

    for (int64_t i = 0; i < MEMBERS; i++) {
        snprintf(member, sizeof member, "member-%08lld", (long long)i);
        TRY(account_number(cx, member, &accounts[i]));
    }
    return OK;
}

static int64_t cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static enum status changes(struct meter *m, struct ctx *cx, bool audited, struct took *out)
{
    int64_t accounts[MEMBERS];

    TRY(find_accounts(cx, accounts));
    /* First the rows and keys that an account has once. */
    for (int64_t i = 0; i < MEMBERS; i += GROUP)
        TRY(change_group(cx, accounts, i, i + GROUP < MEMBERS ? i + GROUP : MEMBERS, audited));
    int64_t const began = bench_ns(), cpu_began = cpu_ns();
    for (int64_t i = 0; i < m->changes; i += GROUP) {
        int64_t const to = i + GROUP < m->changes ? i + GROUP : m->changes;

        TRY(change_group(cx, accounts, i, to, audited));
    }
    out->ns = bench_ns() - began;
    out->cpu_ns = cpu_ns() - cpu_began;
    return OK;
}

static enum status run(struct meter *m, bool audited, struct took *out)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct db *db = NULL;

    TRY(place_copy(&m->bench.place, m->e));
    TRY(db_open(m->bench.place.run, &db, m->e));
    db_key_file(db, m->key_file);
    struct ctx cx = {
        .db = db,
        .arena = &arena,
        .err = m->e,
        .now = (BENCH_FIRST_DAY - 1) * 86400000,
        .settings = &settings_default,
        .actor = {.role = ROLE_SYSTEM, .via = VIA_COMMAND_LINE}
    };
    enum status const st = changes(m, &cx, audited, out);
    db_close(db); /* what the log holds is in the file then */
    TRY(st);
    return place_bytes(&m->bench.place, &out->bytes, m->e);
}

static enum status measure(struct meter *m)
{
    struct trial *t = &m->of;

    for (int64_t i = 0; i < m->pairs; i++) {
        struct took with = {0}, without = {0};
        double const n = (double)m->changes;

        if (i % 2) TRY(run(m, true, &with));
        TRY(run(m, false, &without));
        if (i % 2 == 0) TRY(run(m, true, &with));
        t->with[i] = n * 1e9 / (double)with.ns;
        t->without[i] = n * 1e9 / (double)without.ns;
        t->cpu_us[i] = (double)(with.cpu_ns - without.cpu_ns) / n / 1e3;
        t->bytes[i] = (double)(with.bytes - without.bytes) / (n + MEMBERS);
    }
    return OK;
}

static enum status bench_audit(struct meter *m, const char *db_url)
{
    enum status st = place_make(&m->bench.place, db_url, m->e);
    const char *folder = m->bench.place.pg ? "/tmp" : m->bench.place.folder;

    snprintf(m->key_file, sizeof m->key_file, "%s/foyer-bench-%ld.key", folder, (long)getpid());
    snprintf(m->bench.label, sizeof m->bench.label, "making members");
    if (st == OK) st = bench_add_members(&m->bench, m->e);
    if (st == OK) st = measure(m);
    unlink(m->key_file);
    place_remove(&m->bench.place);
    return st;
}

static void print_figures(const struct cli *cli, const struct meter *m)
{
    const struct trial *t = &m->of;
    double const with = bench_median(t->with, m->pairs);
    double const without = bench_median(t->without, m->pairs);
    double const us = 1e6 / with - 1e6 / without, bytes = bench_median(t->bytes, m->pairs);
    double const cpu_us = bench_median(t->cpu_us, m->pairs);

    if (cli->json)
        cli_print_json(json_pack("{s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:f}", "db",
                                 m->bench.place.pg ? "postgresql" : "sqlite", "changes",
                                 (json_int_t)m->changes, "with_per_second", (json_int_t)with,
                                 "without_per_second", (json_int_t)without, "ratio", with / without,
                                 "microseconds_per_entry", us, "cpu_microseconds_per_entry", cpu_us,
                                 "bytes_per_entry", bytes));
    else
        printf("%lld changes: %.0f/s written down, %.0f/s not, ratio %.3f\n"
               "an entry costs %.1f microseconds, %.1f of them of this process, and %.0f bytes\n",
               (long long)m->changes, with, without, with / without, us, cpu_us, bytes);
}

static int run_audit(struct cli *cli, int argc, char **argv)
{
    const char *pairs = NULL, *changes_text = NULL, *why = NULL;
    static struct meter m;
    const struct cli_option options[] = {
        {"pairs",   &pairs,        NULL},
        {"changes", &changes_text, NULL},
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, bench_audit_commands, why);
    m = (struct meter){
        .bench = {.cli = cli, .members = MEMBERS, .days = 1, .batch = settings_default.batch_size},
        .e = &cli->err
    };
    if (!bench_number(pairs, 5, 1, BENCH_PAIRS_MAX, &m.pairs) ||
        !bench_number(changes_text, 20000, 1, 10000000, &m.changes))
        return cli_usage(cli, bench_audit_commands, "a number is missing or out of range");
    enum status const st = bench_audit(&m, cli->db_url);
    if (st != OK) return cli_fail(cli, st);
    print_figures(cli, &m);
    return EXIT_DONE;
}

/* clang-format off */
const struct command bench_audit_commands[] = {
    {"bench audit", "[--pairs N] [--changes N]",
     "Measure what it costs to write changes down.", run_audit},
    {0},
};
/* clang-format on */
