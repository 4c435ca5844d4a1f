/* call: every op is also a command. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "account/account.h"
#include "catalog/catalog.h"
#include "cli/cli.h"
#include "http/op.h"
#include "payments/payments.h"

static const struct fault CALL_FILE_UNREADABLE = {
    E_INTERNAL, "call.file_unreadable",
    "The file of a value cannot be read, is over 64 KiB or is no text in UTF-8."};
static const struct fault CALL_VALUE_TWICE = {E_INVALID, "call.value_twice",
                                              "An input stands there twice; give it once."};
static const struct fault CALL_NO_TEXT = {E_INVALID, "call.no_text",
                                          "An input is no text in UTF-8."};

enum { VALUE_BYTES_MAX = 65536 };

/* `@FILE` and `-` read a value that should not stand on a command line; the newline at its end is
 * no part of it. */
static enum status read_value(struct cli *cli, const char **value)
{
    bool const standard = strcmp(*value, "-") == 0;
    const char *path = *value + 1;

    if (!standard && **value != '@') return OK;
    CLEANUP(cli_close) FILE *f = standard ? stdin : fopen(path, "rb");
    if (!f) return failf(&cli->err, &CALL_FILE_UNREADABLE, "%s: %s", path, strerror(errno));
    char *text = arena_alloc(&cli->arena, VALUE_BYTES_MAX + 2);
    size_t n = fread(text, 1, VALUE_BYTES_MAX + 1, f);
    if (ferror(f) || n > VALUE_BYTES_MAX || memchr(text, 0, n))
        return failf(&cli->err, &CALL_FILE_UNREADABLE, "%s", standard ? "standard input" : path);
    if (n && text[n - 1] == '\n') text[--n] = 0;
    if (n && text[n - 1] == '\r') text[--n] = 0;
    *value = text;
    return OK;
}

/* A number or a truth value where the op wants one; whatever cannot be read stays text, which the
 * op's shape then refuses by name. */
static json_t *typed(const struct shape *sh, const char *name, const char *value)
{
    int64_t number;

    for (size_t i = 0; i < sh->n_fields; i++) {
        const struct field *f = &sh->fields[i];

        if (strcmp(f->name, name) != 0) continue;
        if (f->type == F_INT && int_parse(value, &number)) return json_integer(number);
        if (f->type == F_BOOL && strcmp(value, "true") == 0) return json_true();
        if (f->type == F_BOOL && strcmp(value, "false") == 0) return json_false();
    }
    return json_string(value);
}

static enum status read_pairs(struct cli *cli, const struct op *op, char **pairs, int n, json_t *in)
{
    for (int i = 0; i < n; i++) {
        const char *value = strchr(pairs[i], '=') + 1;
        char *name = arena_memdup(&cli->arena, pairs[i], (size_t)(value - 1 - pairs[i]));

        if (json_object_get(in, name)) return fail(&cli->err, &CALL_VALUE_TWICE, NULL);
        TRY(read_value(cli, &value));
        json_t *j = typed(op->in, name, value);
        if (!j || json_object_set_new(in, name, j) != 0)
            return fail(&cli->err, &CALL_NO_TEXT, NULL);
    }
    return OK;
}

/* ---- who calls, and from where ---- */

struct caller {
    const char *as, *surface, *proof, *device, *network, *key;
};

enum { SESSION_TEXT_MAX = 200 };

/* Tells what is wrong with it, or NULL. */
static const char *session_problem(const struct caller *c)
{
    if (c->surface && (name_find(&surfaces, c->surface) <= SURFACE_NONE))
        return "--surface is web, app, tv or contact";
    if (c->proof && strcmp(c->proof, "fresh") != 0) return "--proof is fresh, or left out";
    const char *const texts[] = {c->device, c->network};
    for (size_t i = 0; i < COUNT(texts); i++)
        if (texts[i] && (!texts[i][0] || strlen(texts[i]) > SESSION_TEXT_MAX))
            return "--device and --network have 1 to 200 bytes";
    return NULL;
}

/* Where people are when nothing is said: owners at the web pages, agents at the other end. */
static enum surface usual_surface(enum role role)
{
    if (role == ROLE_SYSTEM) return SURFACE_NONE;
    return role == ROLE_AGENT ? SURFACE_CONTACT : SURFACE_WEB;
}

/* `system`, `visitor`, `agent:NUMBER`, or a role on an account and whose account it is; *usable is
 * false for anything else. */
static enum status read_role(struct cli *cli, const char *as, bool *usable)
{
    static const struct {
        const char *prefix;
        enum role role;
    } on_account[] = {
        {"owner:",   ROLE_OWNER  },
        {"profile:", ROLE_PROFILE},
        {"kids:",    ROLE_KIDS   },
        {"extra:",   ROLE_EXTRA  },
    };
    struct actor *actor = &cli->cx.actor;
    struct account account;

    *usable = true;
    *actor = (struct actor){.role = ROLE_SYSTEM};
    if (!as || strcmp(as, "system") == 0) return OK;
    if (strcmp(as, "visitor") == 0) {
        actor->role = ROLE_VISITOR;
        return OK;
    }
    if (strncmp(as, "agent:", 6) == 0) {
        actor->role = ROLE_AGENT;
        *usable = int_parse(as + 6, &actor->id) && actor->id > 0;
        return OK;
    }
    for (size_t i = 0; i < COUNT(on_account); i++) {
        size_t const n = strlen(on_account[i].prefix);

        if (strncmp(as, on_account[i].prefix, n) != 0 || !as[n]) continue;
        TRY(account_find(&cli->cx, as + n, &account));
        *actor = (struct actor){.role = on_account[i].role, .id = account.account_id};
        return OK;
    }
    *usable = false;
    return OK;
}

/* Where no device is named the audit shows that the command line acted as them. */
static enum status read_actor(struct cli *cli, const struct caller *c, bool *usable)
{
    struct actor *actor = &cli->cx.actor;

    TRY(read_role(cli, c->as, usable));
    actor->surface =
        c->surface ? (enum surface)name_find(&surfaces, c->surface) : usual_surface(actor->role);
    actor->proven = c->proof;
    actor->device = c->device ? c->device : "command line";
    actor->network = c->network;
    CLEANUP(json_decrefp) json_t *texts = json_pack("[s, s?]", actor->device, actor->network);
    return texts ? OK : fail(&cli->err, &CALL_NO_TEXT, NULL);
}

static enum status find_member(struct ctx *cx, const char *member, int64_t *account_id)
{
    struct account account;

    TRY(account_find(cx, member, &account));
    *account_id = account.account_id;
    return OK;
}

/* Couriers are needed only where an op asks them or sends them. */
static enum status call(struct cli *cli, const struct op *op, const json_t *in, json_t **out)
{
    CLEANUP(gateway_closep) struct gateway *gateway = NULL;
    struct op_world w = {.find_member = find_member};

    TRY(catalog_load(&cli->cx, 0, &w.catalog));
    if (op->ask || op->after) TRY(sandbox_open(cli->db_url, &gateway, &cli->err));
    struct world const world = {
        .machine = machine_this(), .gateway = gateway, .test_clock = cli->clock.is_test};
    w.world = &world;
    return op_call(&cli->cx, &w, op, in, out);
}

static int call_op(struct cli *cli, char **argv, int n)
{
    CLEANUP(json_decrefp) json_t *in = json_object(), *out = NULL;
    const struct op *op;
    enum status s = op_find(argv[0], &op, &cli->err);

    if (s == OK) s = read_pairs(cli, op, argv + 1, n - 1, in);
    if (s == OK) s = call(cli, op, in, &out);
    if (!out) return cli_fail(cli, s); /* it was not called */
    cli_print_json(json_incref(out));
    return cli_exit(s);
}

/* ---- without an op: the list of them ---- */

static json_t *who(const struct op *op)
{
    json_t *list = json_array();

    for (size_t r = 0; r < roles.n; r++)
        if (op->role & MAY(r)) json_array_append_new(list, json_string(roles.at[r]));
    return list;
}

static json_t *ops_json(void)
{
    json_t *list = json_array();

    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) {
            const struct op *op = &op_tables[t]->at[i];

            json_array_append_new(
                list, json_pack("{s:s, s:s, s:o, s:b, s:o, s:o}", "op", op->id, "summary",
                                op->summary, "roles", who(op), "writes", (int)op->writes, "in",
                                shape_schema(op->in), "out", shape_schema(op->out)));
        }
    return list;
}

static void print_op(const struct op *op)
{
    printf("%s\n    %s\n   ", op->id, op->summary);
    for (size_t i = 0; i < op->in->n_fields; i++) {
        bool const optional = op->in->fields[i].flags & OPTIONAL;

        printf(optional ? " [%s=…]" : " %s=…", op->in->fields[i].name);
    }
    printf("\n    by");
    for (size_t r = 0; r < roles.n; r++)
        if (op->role & MAY(r)) printf(" %s", roles.at[r]);
    printf("\n");
}

static int list_ops(const struct cli *cli)
{
    if (cli->json) return cli_print_json(ops_json()), EXIT_DONE;
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) print_op(&op_tables[t]->at[i]);
    return EXIT_DONE;
}

static int run_call(struct cli *cli, int argc, char **argv)
{
    struct caller c = {0};
    const char *why = NULL;
    const struct cli_option options[] = {
        {"as",      &c.as,      NULL},
        {"surface", &c.surface, NULL},
        {"proof",   &c.proof,   NULL},
        {"device",  &c.device,  NULL},
        {"network", &c.network, NULL},
        {"key",     &c.key,     NULL},
    };
    bool usable;

    if (!cli_options(&argc, argv, options, COUNT(options), &why))
        return cli_usage(cli, call_commands, why);
    if (argc == 0) return list_ops(cli);
    for (int i = 1; i < argc; i++)
        if (!strchr(argv[i], '=') || argv[i][0] == '=')
            return cli_usage(cli, call_commands, "inputs look like name=value");
    why = session_problem(&c);
    if (why) return cli_usage(cli, call_commands, why);
    int const opened = cli_open(cli, 0);
    if (opened != EXIT_DONE) return opened;
    enum status const s = read_actor(cli, &c, &usable);
    if (!usable)
        return cli_usage(
            cli, call_commands,
            "--as is owner:MEMBER, profile:MEMBER, kids:MEMBER, extra:MEMBER, visitor, "
            "agent:NUMBER or system");
    if (s != OK) return cli_fail(cli, s);
    cli->cx.call_key = c.key;
    return call_op(cli, argv, argc);
}

/* clang-format off */
const struct command call_commands[] = {
    {"call", "[OP [NAME=VALUE|NAME=@FILE|NAME=-]… [--as ROLE[:WHO]] [--surface web|app|tv|contact] "
             "[--proof fresh] [--device NAME] [--network ADDRESS] [--key KEY]]",
     "Do what a client of the API can do; without an op, list the ops.", NO_DB, run_call},
    {0},
};
/* clang-format on */
