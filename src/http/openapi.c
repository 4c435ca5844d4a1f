/* openapi: describes ops, their faults and their shapes. SPDX-License-Identifier: Apache-2.0 */
#include "http/openapi.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/luhn.h"
#include "http/caller.h"
#include "http/http.h"
#include "http/key.h"
#include "http/route.h"

extern const struct fault ACCOUNT_UNKNOWN; /* what find_member answers (account/account.h) */

/* ---- faults ---- */

struct faults {
    const struct fault **at;
    size_t n;
};

static void add_fault(struct faults *list, const struct fault *f)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i] == f) return;
    assert(list->n < OPENAPI_FAULTS_MAX);
    list->at[list->n++] = f;
}

static void add_faults(struct faults *list, const struct fault *const *faults, size_t n)
{
    for (size_t i = 0; i < n && faults[i]; i++) add_fault(list, faults[i]);
}

static bool takes_body(const struct op *op)
{
    return strcmp(op->method, "GET") != 0 && strcmp(op->method, "DELETE") != 0;
}

/* Of every op: what becomes of a request before its op runs, and of a database. */
static void add_common(struct faults *list, const struct op *op)
{
    static const struct fault *const always[] = {
        &KEY_MISSING,     &KEY_INVALID,    &KEY_NOT_IN_SCOPE,  &KEY_NOT_AS_THEM,
        &CALLER_ACTOR,    &CALLER_SURFACE, &CALLER_PROOF,      &CALLER_SESSION,
        &ACCOUNT_UNKNOWN, &OP_NOT_ALLOWED, &INPUT_CARD_NUMBER, &INPUT_MISSING,
        &INPUT_TYPE,      &INPUT_RANGE,    &INPUT_UNKNOWN,     &HTTP_NOT_ACCEPTABLE,
        &HTTP_TOO_LARGE,  &HTTP_TEXT,      &HTTP_TWICE,        &HTTP_BUSY,
        &DB_GONE,         &DB_BROKEN,      &DB_RACE,           &DB_FULL,
        &DB_BUSY,
    };
    static const struct fault *const with_body[] = {&HTTP_TYPE, &HTTP_BODY, &HTTP_QUERY_NOT_HERE};
    static const struct fault *const writing[] = {&OP_KEY_INVALID, &OP_KEY_REUSED, &DB_CLOCK_LATE,
                                                  &DB_OUTCOME_UNKNOWN};
    static const struct fault *const of_member[] = {&OP_NOT_YOURS, &OP_MEMBER_MISSING};

    add_faults(list, always, COUNT(always));
    if (takes_body(op))
        add_faults(list, with_body, COUNT(with_body));
    else
        add_fault(list, &HTTP_BODY_NOT_HERE);
    if (op->writes) add_faults(list, writing, COUNT(writing));
    if (op->after) add_fault(list, &OP_KEY_RUNNING);
    if (op->subject.is_member) add_faults(list, of_member, COUNT(of_member));
    if (op->proof) add_fault(list, &OP_PROOF_NEEDED);
}

/* The reasons of the policy's table, where the op is an option of an account. */
static void add_reasons(struct faults *list, const struct op *op)
{
    const struct option_about *about = &option_abouts[op->action];

    if (op->action == ACTION_NONE) return;
    for (size_t t = 0; t < OPTION_TABLES_MAX; t++)
        for (size_t i = 0; i < about->tables[t].n; i++) {
            const struct option_rule *r = &about->tables[t].at[i];
            bool const concerns = !r->roles || r->roles & op->role;

            if (r->result != OPTION_ALLOWED && concerns) add_fault(list, &r->why->fault);
        }
}

size_t openapi_faults(const struct op *op, const struct fault *to[static OPENAPI_FAULTS_MAX])
{
    struct faults list = {to, 0};

    add_common(&list, op);
    if (op->faults) add_faults(&list, op->faults, SIZE_MAX);
    add_reasons(&list, op);
    return list.n;
}

/* ---- schemas ---- */

enum { SHAPES_MAX = 512 };

/* A document on its way: shapes of answers become named schemas. */
struct doc {
    json_t *schemas, *refusals, *faults;
    struct {
        const struct shape *shape;
        const char *name;
    } named[SHAPES_MAX];
    size_t n;
    struct arena arena;
};

static json_t *ref(struct doc *d, const struct shape *sh);

static json_t *answer_schema(struct doc *d, const struct shape *sh)
{
    json_t *properties = json_object(), *required = json_array();

    for (size_t i = 0; i < sh->n_fields; i++) {
        const struct field *f = &sh->fields[i];
        json_t *schema = field_schema(f);

        if (f->type == F_LIST) json_object_set_new(schema, "items", ref(d, f->items));
        json_object_set_new(properties, f->name, schema);
        json_array_append_new(required, json_string(f->name));
    }
    return json_pack("{s:s, s:o, s:o}", "type", "object", "properties", properties, "required",
                     required);
}

/* Two shapes of one struct differ in what they show: the second has a number. */
static const char *name_of(struct doc *d, const struct shape *sh)
{
    const char *name = sh->name;

    for (int n = 2; json_object_get(d->schemas, name); n++)
        name = arena_printf(&d->arena, "%s_%d", sh->name, n);
    return name;
}

static json_t *ref_to(const char *kind, const char *name)
{
    return json_pack("{s:s++}", "$ref", "#/components/", kind, name);
}

static json_t *ref(struct doc *d, const struct shape *sh)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->named[i].shape == sh) return ref_to("schemas/", d->named[i].name);
    const char *name = name_of(d, sh);
    assert(d->n < SHAPES_MAX);
    d->named[d->n].shape = sh;
    d->named[d->n++].name = name;
    json_object_set_new(d->schemas, name, json_object()); /* takes the place, and the name */
    json_object_set_new(d->schemas, name, answer_schema(d, sh));
    return ref_to("schemas/", name);
}

/* ---- inputs ---- */

/* A schema of an input, with an example where its name alone suggests one. */
static json_t *input_schema(const struct field *f)
{
    static const struct {
        const char *name, *example;
    } examples[] = {
        {"charge",    "chg_33DA20G000E00R" },
        {"country",   "DE"                 },
        {"currency",  "EUR"                },
        {"email",     "ann@example.com"    },
        {"expires",   "2031-05"            },
        {"from",      "2024-04-16"         },
        {"locale",    "de-DE"              },
        {"member",    "ann"                },
        {"name",      "Ann"                },
        {"phone",     "+15550100"          },
        {"plan",      "standard"           },
        {"scopes",    "membership.*,*:read"},
        {"time_zone", "Europe/Berlin"      },
        {"token",     "tok_visa"           },
    };
    json_t *schema = field_schema(f);

    for (size_t i = 0; i < COUNT(examples) && f->type == F_TEXT; i++)
        if (strcmp(examples[i].name, f->name) == 0)
            json_object_set_new(schema, "examples", json_pack("[s]", examples[i].example));
    return schema;
}

static bool is_in_path(const struct op *op, const struct field *f)
{
    const char *at = op->path;
    size_t const n = strlen(f->name);

    while ((at = strchr(at, '{'))) {
        if (strncmp(++at, f->name, n) == 0 && at[n] == '}') return true;
    }
    return false;
}

static json_t *parameter(const struct op *op, const struct field *f)
{
    bool const in_path = is_in_path(op, f);
    bool const is_member = op->subject.is_member && strcmp(f->name, "member") == 0;
    const char *doc =
        is_member ? "Whose account: external id or mem_…; `me` is the caller's own." : f->doc;
    json_t *schema = input_schema(f);

    json_object_del(schema, "description");
    return json_pack("{s:s, s:s, s:b, s:s*, s:o}", "name", f->name, "in",
                     in_path ? "path" : "query", "required", in_path || !(f->flags & OPTIONAL),
                     "description", doc, "schema", schema);
}

static json_t *parameters(const struct op *op)
{
    static const char *const headers[] = {"Actor",  "Surface", "Proof",
                                          "Device", "Network", "Country"};
    json_t *list = json_array();

    for (size_t i = 0; i < op->in->n_fields; i++)
        if (is_in_path(op, &op->in->fields[i]) || !takes_body(op))
            json_array_append_new(list, parameter(op, &op->in->fields[i]));
    for (size_t i = 0; i < COUNT(headers); i++)
        json_array_append_new(list, ref_to("parameters/", headers[i]));
    if (op->writes) json_array_append_new(list, ref_to("parameters/", "IdempotencyKey"));
    return list;
}

static json_t *request_body(const struct op *op)
{
    json_t *properties = json_object(), *required = json_array();

    for (size_t i = 0; i < op->in->n_fields; i++) {
        const struct field *f = &op->in->fields[i];

        if (is_in_path(op, f)) continue;
        json_object_set_new(properties, f->name, input_schema(f));
        if (!(f->flags & OPTIONAL)) json_array_append_new(required, json_string(f->name));
    }
    bool const is_required = json_array_size(required) > 0;
    return json_pack("{s:b, s:{s:{s:{s:s, s:b, s:o, s:o}}}}", "required", is_required, "content",
                     "application/json", "schema", "type", "object", "additionalProperties", 0,
                     "properties", properties, "required", required);
}

/* ---- answers ---- */

static json_t *text_header(const char *doc)
{
    return json_pack("{s:{s:s}, s:s}", "schema", "type", "string", "description", doc);
}

static bool has_pages(const struct op *op)
{
    for (size_t i = 0; i < op->in->n_fields; i++)
        if (strcmp(op->in->fields[i].name, "before") == 0) return true;
    return false;
}

static json_t *success(struct doc *d, const struct op *op)
{
    json_t *answer = json_pack("{s:s, s:{s:{s:o}}}", "description", "Done.", "content",
                               "application/json", "schema", ref(d, op->out));

    if (has_pages(op))
        json_object_set_new(
            answer, "headers",
            json_pack("{s:o}", "Link", text_header("The next page, rel=\"next\"; RFC 8288.")));
    return answer;
}

static bool has_fault(const struct fault *const *faults, size_t n, const struct fault *f)
{
    for (size_t i = 0; i < n; i++)
        if (faults[i] == f) return true;
    return false;
}

static json_t *refusal(int status, const struct fault *const *faults, size_t n)
{
    json_t *codes = json_array(), *headers = json_object();

    for (size_t i = 0; i < n; i++)
        if (http_status(faults[i]) == status)
            json_array_append_new(codes, json_string(faults[i]->code));
    if (status == 401)
        json_object_set_new(headers, "WWW-Authenticate",
                            text_header("Bearer, as RFC 6750 has it."));
    if (status == 429 || status == 503 || (status == 409 && has_fault(faults, n, &OP_KEY_RUNNING)))
        json_object_set_new(headers, "Retry-After", text_header("Seconds."));
    return json_pack("{s:s, s:o, s:{s:{s:{s:[o, {s:{s:{s:o}}}]}}}}", "description",
                     http_phrase(status), "headers", headers, "content", "application/problem+json",
                     "schema", "allOf", ref_to("schemas/", "problem"), "properties", "code", "enum",
                     codes);
}

/* Many ops are refused alike: each kind stands in the document once, named by the first of them.
 * Takes over `made`. */
static json_t *shared_refusal(struct doc *d, const struct op *op, int status, json_t *made)
{
    const char *name;
    json_t *other;

    json_object_foreach (d->refusals, name, other) {
        if (json_equal(other, made)) {
            json_decref(made);
            return ref_to("responses/", name);
        }
    }
    name = arena_printf(&d->arena, "%s_%d", op->id, status);
    json_object_set_new(d->refusals, name, made);
    return ref_to("responses/", name);
}

static json_t *responses(struct doc *d, const struct op *op)
{
    static const int statuses[] = {400, 401, 403, 404, 406, 409, 413, 415, 429, 500, 502, 503, 504};
    const struct fault *faults[OPENAPI_FAULTS_MAX];
    size_t const n = openapi_faults(op, faults);
    json_t *all = json_object();

    for (size_t i = 0; i < n; i++)
        json_object_set_new(d->faults, faults[i]->code, json_string(faults[i]->text));
    json_object_set_new(all, "200", success(d, op));
    for (size_t s = 0; s < COUNT(statuses); s++)
        for (size_t i = 0; i < n; i++)
            if (http_status(faults[i]) == statuses[s]) {
                json_object_set_new(
                    all, arena_printf(&d->arena, "%d", statuses[s]),
                    shared_refusal(d, op, statuses[s], refusal(statuses[s], faults, n)));
                break;
            }
    return all;
}

/* ---- ops ---- */

static const char *noun_of(struct doc *d, const struct op *op)
{
    return arena_memdup(&d->arena, op->id, strcspn(op->id, "."));
}

static json_t *role_names(const struct op *op)
{
    json_t *list = json_array();

    for (size_t r = 0; r < roles.n; r++)
        if (op->role & MAY(r)) json_array_append_new(list, json_string(roles.at[r]));
    return list;
}

static json_t *operation(struct doc *d, const struct op *op)
{
    const char *proof =
        op->proof ? " People on an account need a fresh proof of who they are (Foyer-Proof)." : "";
    const char *about = arena_printf(&d->arena, "%s%s", op->summary, proof);
    json_t *o = json_pack("{s:s, s:[s], s:s, s:s, s:o, s:o}", "operationId", op->id, "tags",
                          noun_of(d, op), "summary", op->summary, "description", about,
                          "x-foyer-roles", role_names(op), "parameters", parameters(op));

    if (takes_body(op)) json_object_set_new(o, "requestBody", request_body(op));
    json_object_set_new(o, "responses", responses(d, op));
    return o;
}

static void add_op(struct doc *d, const struct op *op, json_t *paths, json_t *tags)
{
    static const struct {
        const char *method, *name;
    } methods[] = {
        {"GET",    "get"   },
        {"POST",   "post"  },
        {"PUT",    "put"   },
        {"PATCH",  "patch" },
        {"DELETE", "delete"}
    };
    json_t *path = json_object_get(paths, op->path), *tag;
    size_t i;

    if (!path) json_object_set_new(paths, op->path, path = json_object());
    for (size_t m = 0; m < COUNT(methods); m++)
        if (strcmp(methods[m].method, op->method) == 0)
            json_object_set_new(path, methods[m].name, operation(d, op));
    const char *noun = noun_of(d, op);
    json_array_foreach (tags, i, tag)
        if (strcmp(json_string_value(json_object_get(tag, "name")), noun) == 0) return;
    json_array_append_new(tags, json_pack("{s:s, s:s++}", "name", noun, "description",
                                          "The ops whose ids begin with `", noun, ".`."));
}

/* ---- the rest of the document ---- */

static json_t *header_parameter(const char *name, const char *doc)
{
    return json_pack("{s:s, s:s, s:s, s:{s:s}}", "name", name, "in", "header", "description", doc,
                     "schema", "type", "string");
}

static json_t *header_parameters(void)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "Actor",
        header_parameter("Foyer-Actor",
                         "Whom the key's owner acts as: owner:MEMBER, profile:MEMBER, kids:MEMBER, "
                         "extra:MEMBER, visitor, agent:NUMBER or system; the last when left out."),
        "Surface", header_parameter("Foyer-Surface", "Where they are: web, app, tv or contact."),
        "Proof", header_parameter("Foyer-Proof", "fresh: they have just proven who they are."),
        "Device", header_parameter("Foyer-Device", "Their device, as their session tells it."),
        "Network",
        header_parameter("Foyer-Network", "Their network address, as their session tells it."),
        "Country", header_parameter("Foyer-Country", "The country that it is in: two letters."),
        "IdempotencyKey",
        header_parameter("Idempotency-Key",
                         "Chosen by the client for this call: sent again under it, the call has no "
                         "second effect and is answered the same."));
}

static json_t *problem_schema(void)
{
    return json_pack(
        "{s:s, s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:s}, s:{s:s, s:s}, "
        "s:{s:s, s:s}}, s:[s, s, s, s, s, s]}",
        "type", "object", "description", "Problem details (RFC 9457).", "properties", "type",
        "type", "string", "title", "type", "string", "status", "type", "integer", "detail", "type",
        "string", "code", "type", "string", "description",
        "Stable; x-foyer-faults has them with their sentences.", "field", "type", "string",
        "description", "Which input or header, where it is one.", "request", "type", "string",
        "description", "The request's id, as the log has it.", "required", "type", "title",
        "status", "detail", "code", "request");
}

static json_t *info(void)
{
    return json_pack(
        "{s:s, s:s, s:s, s:{s:s, s:s}}", "title", "Foyer", "version", FOYER_VERSION, "description",
        "The member side of a streaming service. Amounts are minor units of the currency beside "
        "them; dates are local dates of the member, instants RFC 3339 in UTC; an empty text means "
        "none. Answers may gain fields.",
        "license", "name", "Apache License 2.0", "identifier", "Apache-2.0");
}

json_t *openapi_json(void)
{
    struct doc d = {.schemas = json_pack("{s:o}", "problem", problem_schema()),
                    .refusals = json_object(),
                    .faults = json_object()};
    json_t *paths = json_object(), *tags = json_array();

    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) add_op(&d, &op_tables[t]->at[i], paths, tags);
    json_t *doc = json_pack(
        "{s:s, s:o, s:[{s:s}], s:[{s:[]}], s:o, s:o, s:{s:{s:{s:s, s:s, s:s}}, s:o, s:o, s:o}, "
        "s:o}",
        "openapi", "3.1.0", "info", info(), "servers", "url", ROUTE_PREFIX, "security", "key",
        "tags", tags, "paths", paths, "components", "securitySchemes", "key", "type", "http",
        "scheme", "bearer", "description", "A key of the API, fky_….", "parameters",
        header_parameters(), "responses", d.refusals, "schemas", d.schemas, "x-foyer-faults",
        d.faults);

    assert(doc);
    arena_clear(&d.arena);
    return doc;
}

static char *text;

static void make(void)
{
    static struct arena kept;
    CLEANUP(json_decrefp) json_t *doc = openapi_json();

    text = json_text(&kept, doc, JSON_PRESERVE_ORDER);
}

const char *openapi_text(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make);
    return text;
}
