/* sandbox_service: a table of calls, each of which is one of struct gateway.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/sandbox_service.h"

#include <sodium.h>
#include <string.h>

#include "base/calendar.h"
#include "base/shape.h"
#include "payments/gateways/sandbox_card.h"

const struct names authorization_outcomes =
    NAMES("held", "refused", "voided", "no_reply", "never_seen", "later");

enum { EVENTS_MAX = 1000 };

/* One call on its way. */
struct service {
    struct gateway *g;
    const struct sandbox_request *rq;
    struct arena *a;
    const json_t *in;
    struct error err;
    int status;
    json_t *out;
};

/* ---- JSON ---- */

static const char *text(const struct service *s, const char *name)
{
    const char *value = json_string_value(json_object_get(s->in, name));

    return value ? value : "";
}

static int64_t number(const struct service *s, const char *name)
{
    return json_integer_value(json_object_get(s->in, name));
}

static const char *kept(struct arena *a, const json_t *json, const char *name)
{
    const char *value = json_string_value(json_object_get(json, name));

    return arena_strdup(a, value ? value : "");
}

static int64_t count(const json_t *json, const char *name)
{
    return json_integer_value(json_object_get(json, name));
}

/* The place of a word; false when it is none. */
static bool word(const struct names *names, const json_t *json, const char *name, int64_t *out)
{
    const char *value = json_string_value(json_object_get(json, name));

    *out = value ? name_find(names, value) : -1;
    return *out >= 0;
}

json_t *sandbox_answer_json(const struct gateway_answer *x)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:b}", "outcome",
                     gateway_outcomes.at[x->outcome], "code", x->code, "advice", x->advice, "ref",
                     x->ref, "captured_at", (json_int_t)x->captured_at, "declined_at",
                     (json_int_t)x->declined_at, "replayed", (int)x->replayed);
}

bool sandbox_answer_read(struct arena *a, const json_t *json, struct gateway_answer *out)
{
    int64_t outcome;

    if (!word(&gateway_outcomes, json, "outcome", &outcome)) return false;
    *out = (struct gateway_answer){.outcome = (enum gateway_outcome)outcome,
                                   .code = kept(a, json, "code"),
                                   .advice = kept(a, json, "advice"),
                                   .ref = kept(a, json, "ref"),
                                   .captured_at = count(json, "captured_at"),
                                   .declined_at = count(json, "declined_at"),
                                   .replayed = json_is_true(json_object_get(json, "replayed"))};
    return true;
}

static json_t *method_json(const struct gateway_method *m)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:b}", "kind",
                     method_kinds.at[m->kind], "brand", m->brand, "last4", m->last4,
                     "issuing_country", m->issuing_country, "operator", m->operator_, "fingerprint",
                     m->fingerprint, "funding", fundings.at[m->funding], "expiry_month",
                     (json_int_t)m->expiry_month, "recurring", (int)m->recurring);
}

bool sandbox_method_read(struct arena *a, const json_t *json, struct gateway_method *out)
{
    int64_t kind, funding;

    if (!word(&method_kinds, json, "kind", &kind) || !word(&fundings, json, "funding", &funding))
        return false;
    *out = (struct gateway_method){.kind = (enum method_kind)kind,
                                   .brand = kept(a, json, "brand"),
                                   .last4 = kept(a, json, "last4"),
                                   .issuing_country = kept(a, json, "issuing_country"),
                                   .operator_ = kept(a, json, "operator"),
                                   .fingerprint = kept(a, json, "fingerprint"),
                                   .funding = (enum funding)funding,
                                   .expiry_month = count(json, "expiry_month"),
                                   .recurring = json_is_true(json_object_get(json, "recurring"))};
    return true;
}

static json_t *event_json(const struct gateway_event *e)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:s}", "cursor",
                     (json_int_t)e->cursor, "id", e->id, "kind", gateway_event_kinds.at[e->kind],
                     "key", e->key, "token", e->token, "last4", e->last4, "expiry_month",
                     (json_int_t)e->expiry_month, "deliver_at", (json_int_t)e->deliver_at, "answer",
                     sandbox_answer_json(&e->answer), "dispute", gateway_disputes.at[e->dispute]);
}

bool sandbox_event_read(struct arena *a, const json_t *json, struct gateway_event *out)
{
    int64_t kind, dispute;

    *out = (struct gateway_event){.cursor = count(json, "cursor"),
                                  .id = kept(a, json, "id"),
                                  .key = kept(a, json, "key"),
                                  .token = kept(a, json, "token"),
                                  .last4 = kept(a, json, "last4"),
                                  .expiry_month = count(json, "expiry_month"),
                                  .deliver_at = count(json, "deliver_at")};
    if (!word(&gateway_event_kinds, json, "kind", &kind) ||
        !word(&gateway_disputes, json, "dispute", &dispute))
        return false;
    out->kind = (enum gateway_event_kind)kind;
    out->dispute = (enum gateway_dispute)dispute;
    return sandbox_answer_read(a, json_object_get(json, "answer"), &out->answer);
}

/* ---- calls ---- */

/* As payment providers do: 402 for what is declined, 202 for what is not yet known. */
static void say(struct service *s, const struct gateway_answer *x)
{
    static const int statuses[] = {
        [GATEWAY_CAPTURED] = 200, [GATEWAY_DECLINED] = 402,   [GATEWAY_PENDING] = 202,
        [GATEWAY_NO_REPLY] = 0,   [GATEWAY_NEVER_SEEN] = 404, [GATEWAY_LATER] = 429,
    };

    s->status = statuses[x->outcome];
    s->out = sandbox_answer_json(x);
}

static void hold(struct service *s, const struct authorization_answer *x)
{
    static const int statuses[] = {
        [AUTHORIZATION_HELD] = 200,       [AUTHORIZATION_REFUSED] = 402,
        [AUTHORIZATION_VOIDED] = 200,     [AUTHORIZATION_NO_REPLY] = 0,
        [AUTHORIZATION_NEVER_SEEN] = 404, [AUTHORIZATION_LATER] = 429,
    };

    s->status = statuses[x->outcome];
    s->out =
        json_pack("{s:s, s:s}", "outcome", authorization_outcomes.at[x->outcome], "code", x->code);
}

static enum status refuse_key(struct service *s)
{
    size_t const n = strlen(text(s, "key"));

    return n && n < GATEWAY_KEY_TEXT ? OK : failf(&s->err, &METHOD_TOKEN_UNKNOWN, "key");
}

static enum status charge(struct service *s)
{
    struct gateway_charge const in = {
        text(s, "key"),        text(s, "token"),          text(s, "currency"),
        text(s, "descriptor"), number(s, "amount_minor"), number(s, "at")};
    struct gateway_answer x;

    TRY(refuse_key(s));
    TRY(s->g->charge(s->g->state, &in, 1, &x, s->a, &s->err));
    return say(s, &x), OK;
}

static enum status look_up(struct service *s)
{
    struct gateway_question const q = {text(s, "key"), number(s, "at")};
    struct gateway_answer x;

    TRY(s->g->look_up(s->g->state, &q, 1, &x, s->a, &s->err));
    return say(s, &x), OK;
}

static enum status authorize(struct service *s)
{
    struct gateway_authorization const in = {text(s, "key"), text(s, "token"), text(s, "currency"),
                                             number(s, "amount_minor"), number(s, "at")};
    struct authorization_answer x;

    TRY(refuse_key(s));
    TRY(s->g->authorize(s->g->state, &in, &x, s->a, &s->err));
    return hold(s, &x), OK;
}

static enum status release(struct service *s)
{
    struct authorization_answer x;

    TRY(s->g->void_authorization(s->g->state, text(s, "key"), number(s, "at"), &x, s->a, &s->err));
    return hold(s, &x), OK;
}

static enum status refund(struct service *s)
{
    struct gateway_refund const in = {
        text(s, "key"),      text(s, "charge_key"),     text(s, "charge_ref"),
        text(s, "currency"), number(s, "amount_minor"), number(s, "at")};
    struct gateway_answer x;

    TRY(refuse_key(s));
    TRY(s->g->refund(s->g->state, &in, &x, s->a, &s->err));
    return say(s, &x), OK;
}

static enum status look_up_refund(struct service *s)
{
    struct gateway_question const q = {text(s, "key"), number(s, "at")};
    struct gateway_answer x;

    TRY(s->g->look_up_refund(s->g->state, &q, &x, s->a, &s->err));
    return say(s, &x), OK;
}

static enum status describe(struct service *s)
{
    struct gateway_method m;

    TRY(s->g->describe(s->g->state, text(s, "token"), text(s, "customer"), &m, s->a, &s->err));
    s->out = method_json(&m);
    return OK;
}

static enum status update(struct service *s)
{
    struct gateway_update const in = {text(s, "token"), text(s, "customer"),
                                      number(s, "expiry_month"), text(s, "postal_code")};
    struct gateway_method m;
    const char *token;

    TRY(s->g->update(s->g->state, &in, &token, &m, s->a, &s->err));
    s->out = method_json(&m);
    json_object_set_new(s->out, "token", json_string(token));
    return OK;
}

static enum status forget(struct service *s)
{
    static const int statuses[] = {
        [FORGET_DONE] = 200, [FORGET_NO_REPLY] = 0, [FORGET_LATER] = 429};
    enum forget_outcome x;

    TRY(s->g->forget(s->g->state, text(s, "token"), number(s, "at"), &x, &s->err));
    s->status = statuses[x];
    s->out = json_pack("{s:s}", "outcome", forget_outcomes.at[x]);
    return OK;
}

static enum status events(struct service *s)
{
    int64_t const max = number(s, "max");
    struct gateway_event *rows;
    size_t n;

    TRY(s->g->events(s->g->state, number(s, "after"), number(s, "at"), &rows, &n,
                     max > 0 && max < EVENTS_MAX ? (size_t)max : EVENTS_MAX, s->a, &s->err));
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, event_json(&rows[i]));
    s->out = json_pack("{s:o}", "events", list);
    return OK;
}

/* What the card's form sends: the one call that ever sees a number. */
static enum status tokenize(struct service *s)
{
    struct sandbox_card_form const form = {text(s, "number"), text(s, "expiry"), text(s, "cvc"),
                                           text(s, "postal"), month_of(s->rq->now / DAY_MS)};
    struct sandbox_card_error wrong;
    struct sandbox_card_made made;

    TRY(sandbox_card_make(s->g, &form, &wrong, &made, s->a, &s->err));
    if (wrong.field) {
        s->status = 402;
        s->out = json_pack("{s:{s:s, s:s, s:s}}", "error", "code", wrong.code, "field", wrong.field,
                           "message", wrong.text);
        return OK;
    }
    s->out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "token", made.token, "brand",
                       made.brand, "last4", made.last4, "funding", made.funding, "issuing_country",
                       made.issuing_country, "expiry_year", (json_int_t)(made.expiry_month / 12),
                       "expiry_month", (json_int_t)(made.expiry_month % 12 + 1));
    return OK;
}

static const struct call {
    const char *path;
    bool open; /* the form's own; all others need the key */
    enum status (*run)(struct service *s);
} calls[] = {
    {"/v1/tokens",              true,  tokenize      },
    {"/v1/charges",             false, charge        },
    {"/v1/charges/look_up",     false, look_up       },
    {"/v1/authorizations",      false, authorize     },
    {"/v1/authorizations/void", false, release       },
    {"/v1/refunds",             false, refund        },
    {"/v1/refunds/look_up",     false, look_up_refund},
    {"/v1/methods/describe",    false, describe      },
    {"/v1/methods/update",      false, update        },
    {"/v1/methods/forget",      false, forget        },
    {"/v1/events",              false, events        },
};

/* ---- */

static bool has_key(const struct sandbox_request *rq)
{
    static const char scheme[] = "Bearer ";
    size_t const n = rq->api_key ? strlen(rq->api_key) : 0;

    if (!rq->api_key) return true;
    if (!rq->authorization || strncmp(rq->authorization, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *given = rq->authorization + sizeof scheme - 1;
    return strlen(given) == n && sodium_memcmp(given, rq->api_key, n) == 0;
}

static void refuse(struct service *s, int status, const char *code, const char *message)
{
    s->status = status;
    s->out = json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", message);
}

static int status_of(enum status st)
{
    if (st == E_NOT_FOUND) return 404;
    return st == E_INVALID ? 400 : 503;
}

static void answer(struct service *s)
{
    const struct call *c = NULL;

    for (size_t i = 0; i < COUNT(calls) && !c; i++)
        if (strcmp(calls[i].path, s->rq->path) == 0) c = &calls[i];
    if (!c) return refuse(s, 404, "unknown", "There is no such call.");
    if (strcmp(s->rq->method, "POST") != 0) return refuse(s, 405, "method", "Use POST.");
    if (!c->open && !has_key(s->rq)) return refuse(s, 401, "key", "The key is missing or wrong.");
    if (!json_is_object(s->in)) return refuse(s, 400, "body", "The body is no JSON object.");
    enum status const st = c->run(s);
    if (st != OK) refuse(s, status_of(st), s->err.fault->code, s->err.fault->text);
}

void sandbox_serve(struct gateway *g, const struct sandbox_request *rq, struct arena *a,
                   struct sandbox_reply *out)
{
    CLEANUP(json_decrefp)
    json_t *in = json_loads(rq->body ? rq->body : "", JSON_REJECT_DUPLICATES, NULL);
    struct service s = {.g = g, .rq = rq, .a = a, .in = in, .status = 200};

    answer(&s);
    CLEANUP(json_decrefp) json_t *owned = s.out;
    *out = (struct sandbox_reply){s.status, json_text(a, owned, JSON_COMPACT), number(&s, "at")};
}
