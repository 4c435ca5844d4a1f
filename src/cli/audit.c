/* audit: shows, checks and signs what was written down about everything that was done.
 * SPDX-License-Identifier: Apache-2.0 */
#include "db/audit_check.h"

#include <errno.h>
#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/id.h"
#include "cli/cli.h"

static const struct fault AUDIT_HEAD_FILE = {
    E_INVALID, "audit.head_file",
    "The file holds no head as `foyer audit head` prints it, as text or as JSON."};

enum status cli_note(struct cli *cli, const char *what, json_t *facts)
{
    struct audit_note const n = {0, AUDIT_CHANGE, what};

    return audit_add(&cli->cx, &n, facts);
}

/* ---- audit verify ---- */

static void on_entries(void *arg, int64_t entries)
{
    progress_step(arg, entries);
}

static json_t *finding_json(const struct audit_finding *f)
{
    char id[ID_TEXT];
    json_t *o = json_pack("{s:s}", "defect", audit_defects.at[f->defect]);

    if (f->entry_no) {
        const char *member = f->account_id ? id_text("mem", f->account_id, id) : "";
        json_object_set_new(o, "member", json_string(member));
        json_object_set_new(o, "entry", json_integer(f->entry_no));
    }
    if (f->sign_no) json_object_set_new(o, "head", json_integer(f->sign_no));
    return o;
}

static void print_finding(const struct audit_finding *f)
{
    static const char *const words[] = {
        "was changed, moved or put in",
        "has nothing before it: what stood there is missing",
        "is cut off: the chain's end still tells of it",
        "and the chain's end do not fit",
        "has nothing before it: a head is missing",
        "was changed, or its signature is not ours",
        "is not what the signed head tells of",
        "that was kept elsewhere is not here",
        "is not the newest that is here: what was signed last was cut off",
    };
    char id[ID_TEXT];

    if (f->entry_no)
        printf("  entry %lld of %s %s\n", (long long)f->entry_no,
               f->account_id ? id_text("mem", f->account_id, id) : "Foyer itself",
               words[f->defect]);
    else
        printf("  signed head %lld %s\n", (long long)f->sign_no, words[f->defect]);
}

static int print_check(const struct cli *cli, const struct audit_check *c)
{
    int64_t const shown = c->findings < AUDIT_FINDINGS ? c->findings : AUDIT_FINDINGS;

    if (cli->json) {
        json_t *found = json_array();

        for (int64_t i = 0; i < shown; i++)
            json_array_append_new(found, finding_json(&c->found[i]));
        cli_print_json(json_pack("{s:I, s:I, s:I, s:o}", "entries", (json_int_t)c->entries, "heads",
                                 (json_int_t)c->signs, "findings", (json_int_t)c->findings, "found",
                                 found));
    } else {
        printf("%lld entries and %lld signed heads: %s\n", (long long)c->entries,
               (long long)c->signs, c->findings ? "NOT as they were written" : "all as written");
        for (int64_t i = 0; i < shown; i++) print_finding(&c->found[i]);
        if (c->findings > shown) printf("  and %lld more\n", (long long)(c->findings - shown));
    }
    return c->findings ? EXIT_REFUSED : EXIT_DONE;
}

/* As `audit head` prints it to people: a name and its value on each line. */
static json_t *read_lines(FILE *f)
{
    char line[512], name[32], value[256];
    json_t *j = json_object();
    int64_t number;

    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%31s %255s", name, value) != 2) continue;
        json_object_set_new(j, name,
                            int_parse(value, &number) ? json_integer(number) : json_string(value));
    }
    return j;
}

static json_t *read_head(const char *path)
{
    CLEANUP(cli_close) FILE *f = fopen(path, "r");
    json_t *j = f ? json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL) : NULL;

    if (!f || j) return j;
    rewind(f);
    return read_lines(f);
}

static enum status read_kept(struct cli *cli, const char *path, struct audit_kept *out)
{
    CLEANUP(json_decrefp) json_t *j = read_head(path);
    const char *digest, *signature, *public_key;
    json_int_t number;

    if (json_unpack(j, "{s:I, s:s, s:s, s:s}", "head", &number, "digest", &digest, "signature",
                    &signature, "public_key", &public_key) != 0)
        return failf(&cli->err, &AUDIT_HEAD_FILE, "%s", path);
    *out = (struct audit_kept){number, arena_strdup(&cli->arena, digest),
                               arena_strdup(&cli->arena, signature),
                               arena_strdup(&cli->arena, public_key)};
    return OK;
}

static int run_verify(struct cli *cli, int argc, char **argv)
{
    const char *from = NULL, *account = NULL, *head = NULL, *why = NULL;
    const struct cli_option options[] = {
        {"from",    &from,    NULL},
        {"account", &account, NULL},
        {"head",    &head,    NULL}
    };
    struct audit_check *c = arena_new(&cli->arena, struct audit_check);
    struct audit_totals_row all;
    struct audit_kept kept;
    struct progress bar;
    int64_t day = 0;
    enum status st = OK;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc)
        return cli_usage(cli, &audit_commands[0], why);
    if (from && !day_parse(from, &day))
        return cli_usage(cli, &audit_commands[0], "--from wants a date such as 2026-01-31");
    NEED_DATABASE(cli);
    *c = (struct audit_check){
        .only_account = AUDIT_ALL, .from_at = day * DAY_MS, .step = on_entries, .step_arg = &bar};
    if (head && (st = read_kept(cli, head, &kept)) == OK) c->kept = &kept;
    if (st == OK && account) st = account_number(&cli->cx, account, &c->only_account);
    if (st == OK) st = audit_totals(&cli->cx, &all, &DB_NO_ROW);
    if (st != OK) return cli_fail(cli, st);
    progress_begin(&bar, cli, "verifying", all.entries);
    st = audit_walk(&cli->cx, c);
    progress_end(&bar);
    return st == OK ? print_check(cli, c) : cli_fail(cli, st);
}

/* ---- audit show ---- */

static void print_entry(const struct trail_entry *e)
{
    const char *const after[] = {e->surface, e->device, e->network, e->via, e->fault};

    printf("%4s  %s  %-7s  %-28s by %s", e->entry, e->at, audit_kinds.at[e->kind], e->what, e->by);
    for (size_t i = 0; i < COUNT(after); i++)
        if (*after[i]) printf(", %s", after[i]);
    printf("\n");
    if (*e->asked && strcmp(e->asked, "{}") != 0) printf("      asked     %s\n", e->asked);
    if (*e->answered && strcmp(e->answered, "{}") != 0) printf("      answered  %s\n", e->answered);
}

/* Whoever looks here looks at somebody's account, and that is written down too. */
static enum status show(struct cli *cli, const char *member, const struct trail_list *in)
{
    struct trail_view v;
    struct audit_note n = {0, AUDIT_READ, "audit show"};

    struct trail_list ask = *in;
    if (strcmp(member, "system") != 0) TRY(account_number(&cli->cx, member, &ask.account_id));
    n.account_id = ask.account_id;
    TRY(trail_list(&cli->cx, &ask, &v));
    TRY(audit_add(&cli->cx, &n, json_object()));
    if (cli->json)
        cli_print_json(shape_write(&trail_view_shape, &v));
    else
        for (size_t i = 0; i < v.n; i++) print_entry(&v.items[i]);
    if (!cli->json && *v.next) printf("…   older ones: --before %s\n", v.next);
    return OK;
}

static int run_show(struct cli *cli, int argc, char **argv)
{
    const char *before = NULL, *limit = NULL, *why = NULL;
    const struct cli_option options[] = {
        {"before", &before, NULL},
        {"limit",  &limit,  NULL}
    };
    struct trail_list in = {0};

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc != 1)
        return cli_usage(cli, &audit_commands[1], why);
    if (limit && (!int_parse(limit, &in.limit) || in.limit < 1 || in.limit > 1000))
        return cli_usage(cli, &audit_commands[1], "--limit wants a number from 1 to 1000");
    NEED_DATABASE(cli);
    in.before = before;
    enum status const st = show(cli, argv[0], &in);
    return st == OK ? EXIT_DONE : cli_fail(cli, st);
}

/* ---- audit head ---- */

static enum status head(struct cli *cli, json_t **out)
{
    char public_key[AUDIT_PUBLIC], at[INSTANT_TEXT];
    struct audit_sign *s;
    int64_t signs;
    size_t n;

    TRY(audit_sign(&cli->cx, &signs));
    TRY(audit_sign_newest(&cli->cx, &s, &n, .max = 1));
    TRY(audit_sign_public(&cli->cx, public_key));
    if (n == 0) return *out = json_object(), OK;
    *out = json_pack("{s:I, s:s, s:s, s:s, s:s}", "head", (json_int_t)s->sign_no, "signed_at",
                     instant_text(s->signed_at, at), "digest", s->digest, "signature", s->signature,
                     "public_key", public_key);
    return OK;
}

static int run_head(struct cli *cli, int argc, char **argv)
{
    const char *key;
    json_t *out = NULL, *value;

    (void)argv;
    if (argc) return cli_usage(cli, &audit_commands[2], "no arguments, please");
    NEED_DATABASE(cli);
    enum status const st = head(cli, &out);
    if (st != OK) return cli_fail(cli, st);
    if (cli->json) return cli_print_json(out), EXIT_DONE;
    json_object_foreach (out, key, value)
        if (json_is_string(value))
            printf("%-11s %s\n", key, json_string_value(value));
        else
            printf("%-11s %lld\n", key, (long long)json_integer_value(value));
    if (json_object_size(out) == 0) printf("nothing was written down yet\n");
    json_decref(out);
    return EXIT_DONE;
}

/* clang-format off */
const struct command audit_commands[] = {
    {"audit verify", "[--from DATE] [--account MEMBER] [--head FILE]",
     "Look whether everything that was written down is still there as it was.", run_verify},
    {"audit show", "MEMBER|system [--before ENTRY] [--limit N]",
     "Show what was done to an account, by whom and from where.", run_show},
    {"audit head", "", "Sign the ends of all chains, and print what to keep elsewhere.",
     run_head},
    {0},
};
/* clang-format on */
