/* call: every op is also a command. SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "account/account.h"
#include "catalog/catalog.h"
#include "cli/cli.h"
#include "http/caller.h"
#include "http/openapi.h"
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

static enum status read_pairs(struct cli *cli, const struct op *op, char **pairs, int n, json_t *in)
{
    for (int i = 0; i < n; i++) {
        const char *value = strchr(pairs[i], '=') + 1;
        char *name = arena_memdup(&cli->arena, pairs[i], (size_t)(value - 1 - pairs[i]));

        if (json_object_get(in, name)) return fail(&cli->err, &CALL_VALUE_TWICE, NULL);
        TRY(read_value(cli, &value));
        json_t *j = shape_value(op->in, name, value);
        if (!j || json_object_set_new(in, name, j) != 0)
            return fail(&cli->err, &CALL_NO_TEXT, NULL);
    }
    return OK;
}

/* ---- who calls, and from where ---- */

/* Where no device is named the audit shows that the command line acted as them. */
static int read_actor(struct cli *cli, struct caller *c, const struct op_world *w)
{
    const struct fault *const usage[] = {&CALLER_ACTOR, &CALLER_SURFACE, &CALLER_PROOF,
                                         &CALLER_SESSION};

    if (!c->device) c->device = "command line";
    enum status const s = caller_read(&cli->cx, w, c, &cli->cx.actor);
    cli->cx.actor.via = VIA_COMMAND_LINE;
    if (s == OK) return EXIT_DONE;
    for (size_t i = 0; i < COUNT(usage); i++)
        if (cli->err.fault == usage[i])
            return cli_usage(cli, call_commands,
                             arena_printf(&cli->arena, "--%s: %s", cli->err.field, usage[i]->text));
    return cli_fail(cli, s);
}

/* Couriers are needed only where an op asks them or sends them. */
static enum status call(struct cli *cli, const struct op *op, const json_t *in, json_t **out)
{
    CLEANUP(gateway_closep) struct gateway *gateway = NULL;
    struct op_world w = {
        .find_member = account_number, .find_erased = account_erased, .give_way = machine_give_way};

    TRY(catalog_load(&cli->cx, 0, &w.catalog));
    if (op->ask || op->after)
        TRY(gateway_open_for(cli->settings.payment_gateway, cli->db_url, cli->clock.is_test,
                             &gateway, &cli->err));
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

static enum status anybody(struct ctx *cx, const char *name, int64_t *account_id)
{
    (void)cx, (void)name;
    *account_id = 0;
    return OK;
}

static int run_call(struct cli *cli, int argc, char **argv)
{
    static const struct op_world
        no_world = {.find_member = anybody}, /* how it is written can be told before */
        world = {.find_member = account_number, .find_erased = account_erased};
    struct caller c = {0};
    const char *why = NULL, *key = NULL;
    const struct cli_option options[] = {
        {"as",      &c.as,      NULL},
        {"surface", &c.surface, NULL},
        {"proof",   &c.proof,   NULL},
        {"device",  &c.device,  NULL},
        {"network", &c.network, NULL},
        {"country", &c.country, NULL},
        {"key",     &key,       NULL},
    };

    if (!cli_options(&argc, argv, options, COUNT(options), &why))
        return cli_usage(cli, call_commands, why);
    if (argc == 0) return list_ops(cli);
    for (int i = 1; i < argc; i++)
        if (!strchr(argv[i], '=') || argv[i][0] == '=')
            return cli_usage(cli, call_commands, "inputs look like name=value");
    int status = read_actor(cli, &c, &no_world);
    if (status == EXIT_DONE) status = cli_open(cli, 0);
    if (status == EXIT_DONE) status = read_actor(cli, &c, &world);
    if (status != EXIT_DONE) return status;
    cli->cx.call_key = key;
    return call_op(cli, argv, argc);
}

static int run_openapi(struct cli *cli, int argc, char **argv)
{
    const char *why = NULL;

    if (!cli_options(&argc, argv, NULL, 0, &why) || argc)
        return cli_usage(cli, &call_commands[1], why ? why : "openapi takes no arguments");
    cli_print_json(openapi_json());
    return EXIT_DONE;
}

/* clang-format off */
const struct command call_commands[] = {
    {"call", "[OP [NAME=VALUE|NAME=@FILE|NAME=-]… [--as ROLE[:WHO]] [--surface web|app|tv|contact] "
             "[--proof fresh] [--device NAME] [--network ADDRESS] [--country CODE] "
             "[--key KEY]]",
     "Do what a client of the API can do; without an op, list the ops.", run_call},
    {"openapi", "", "Print the description of the API over HTTP, as OpenAPI 3.1.", run_openapi},
    {0},
};
/* clang-format on */
