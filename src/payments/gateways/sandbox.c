/* sandbox: a scripted payment provider with a store of its own. sandbox_rules decides; this tells
 * what tokens stand for and delivers callbacks.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/embedded.h"
#include "payments/gateways/sandbox.h"
#include "payments/gateways/sandbox_card.h"
#include "sandbox_sql.h"

extern const struct embedded sandbox_schema[];

const struct fault SANDBOX_STORE = {
    E_INTERNAL, "sandbox.store",
    "The sandbox cannot read or write its own store, so nothing more is collected; see to what it "
    "says and run again: what was on its way is looked up."};

enum gateway_injury sandbox_ask(struct sandbox *s, enum gateway_moment moment)
{
    return s->ask ? s->ask(s->ask_arg, moment) : GATEWAY_UNHURT;
}

/* A provider elsewhere may be away for a while, as may a store that others keep busy; a store of
 * our own that fails stays so until somebody sees to it, and what cannot be collected must not look
 * done. */
enum status sandbox_failed(struct sandbox *s, struct error *e)
{
    const struct fault *why = e->fault;
    bool const broken = why->status == E_INTERNAL && !(why == &DB_GONE && db_is_pg(s->db));
    char detail[sizeof e->detail];

    memcpy(detail, e->detail, sizeof detail);
    if (!broken) return failf(e, &GATEWAY_UNREACHABLE, "%s", detail);
    return failf(e, &SANDBOX_STORE, "%s: %s", why->code, *detail ? detail : why->text);
}

struct ctx sandbox_context(struct sandbox *s, struct error *e)
{
    arena_reset(&s->scratch);
    return (struct ctx){
        .db = s->db, .arena = &s->scratch, .err = e, .actor = {.role = ROLE_SYSTEM}};
}

const struct sandbox_token *sandbox_read_token(struct sandbox *s, const char *token)
{
    if (*token && strcmp(s->token_text, token) == 0) return &s->token;
    if (!sandbox_token_read(token, &s->token)) {
        s->token_text[0] = 0;
        return NULL;
    }
    memcpy(s->token_text, token, strlen(token) + 1);
    return &s->token;
}

enum status sandbox_hurt(struct sandbox *s, enum gateway_moment moment, enum gateway_injury *injury,
                         struct error *e)
{
    *injury = sandbox_ask(s, moment);
    if (*injury == GATEWAY_CUT_OFF) return fail(e, &GATEWAY_UNREACHABLE, NULL);
    if (*injury == GATEWAY_CRASH_BEFORE || *injury == GATEWAY_CRASH_AFTER)
        return fail(e, &GATEWAY_CRASHED, NULL);
    return OK;
}

/* The same token of the same customer is the same card, whatever the customer's other cards. */
static const char *fingerprint(struct arena *a, const char *token, const char *customer)
{
    unsigned char bytes[16];
    char *text = arena_alloc(a, 5 + 2 * sizeof bytes + 1);
    crypto_generichash_state h;

    crypto_generichash_init(&h, NULL, 0, sizeof bytes);
    crypto_generichash_update(&h, (const unsigned char *)token, strlen(token) + 1);
    crypto_generichash_update(&h, (const unsigned char *)customer, strlen(customer));
    crypto_generichash_final(&h, bytes, sizeof bytes);
    memcpy(text, "card_", 5);
    sodium_bin2hex(text + 5, 2 * sizeof bytes + 1, bytes, sizeof bytes);
    return text;
}

static enum status describe(void *state, const char *token, const char *customer,
                            struct gateway_method *out, struct arena *a, struct error *e)
{
    enum gateway_injury injury;
    char same[SANDBOX_TOKEN_MAX];

    TRY(sandbox_hurt(state, GATEWAY_ON_DESCRIBE, &injury, e));
    if (gateway_is_number(token)) return fail(e, &METHOD_IS_NUMBER, "token");
    const struct sandbox_token *t = sandbox_read_token(state, token);
    if (!t) return fail(e, &METHOD_TOKEN_UNKNOWN, "token");
    if (t->refused) return fail(e, &METHOD_REFUSED, "token");
    TRY(sandbox_enter_again(state, token, e));
    sandbox_token_plain(token, same);
    *out = (struct gateway_method){
        .kind = t->kind,
        .brand = t->brand,
        .last4 = arena_strdup(a, t->last4),
        .issuing_country = arena_strdup(a, t->country),
        .operator_ = arena_strdup(a, t->operator_),
        .fingerprint = fingerprint(a, same, t->shared ? "" : customer),
        .funding = t->funding,
        .expiry_month = t->expiry_month,
        .recurring = t->recurring,
    };
    return sandbox_card_recall(state, token, out, a, e);
}

static enum status update(void *state, const struct gateway_update *in, const char **token,
                          struct gateway_method *out, struct arena *a, struct error *e)
{
    char *updated = arena_alloc(a, SANDBOX_TOKEN_MAX);

    if (gateway_is_number(in->token)) return fail(e, &METHOD_IS_NUMBER, "token");
    if (!sandbox_token_update(in->token, in->expiry_month, *in->postal_code, updated))
        return fail(e, &METHOD_TOKEN_UNKNOWN, "token");
    TRY(describe(state, updated, in->customer, out, a, e));
    *token = updated;
    return OK;
}

/* Gives cursors to what is due now, so that they ascend in the order of delivery whenever the
 * events were made. */
static enum status deliver(struct ctx *cx, int64_t at, size_t max)
{
    struct sandbox_event_due *due;
    struct sandbox_cursor newest;
    size_t n;
    TX tx = {0};

    TRY(sandbox_events_due(cx, &due, &n, .at = at, .max = (int64_t)max));
    if (n == 0) return OK;
    TRY(tx_begin(&tx, cx));
    TRY(sandbox_events_due(cx, &due, &n, .at = at, .max = (int64_t)max));
    TRY(sandbox_cursor_newest(cx, &newest, &DB_NO_ROW));
    struct sandbox_event_deliver_in *in =
        arena_array(cx->arena, struct sandbox_event_deliver_in, n);
    for (size_t i = 0; i < n; i++)
        in[i] = (struct sandbox_event_deliver_in){.cursor = newest.cursor + 1 + (int64_t)i,
                                                  .event_id = due[i].event_id,
                                                  .copy = due[i].copy};
    TRY(sandbox_event_deliver(cx, in, n, NULL));
    return tx_commit(&tx);
}

static void add_method(struct arena *a, const struct sandbox_event *row, struct gateway_event *e)
{
    struct sandbox_token t;
    char *last4 = arena_alloc(a, 5);

    e->token = arena_strdup(a, row->token);
    if (e->kind != EVENT_METHOD_UPDATED || !sandbox_token_read(e->token, &t)) return;
    sandbox_token_replaced(&t, last4, &e->expiry_month);
    e->last4 = last4;
}

static struct gateway_event event_of(struct arena *a, const struct sandbox_event *row)
{
    struct gateway_event event = {
        .cursor = row->cursor,
        .id = arena_strdup(a, row->event_id),
        .kind = (enum gateway_event_kind)row->event_kind,
        .key = arena_strdup(a, row->charge_key),
        .token = "",
        .last4 = "",
        .deliver_at = row->deliver_at,
    };

    event.answer = sandbox_answer_at(a, event.key, row->settled_at,
                                     (enum gateway_outcome)row->outcome, arena_strdup(a, row->code),
                                     arena_strdup(a, row->advice), row->settled_at);
    if (event.kind == EVENT_DISPUTE) {
        event.answer = sandbox_plain(GATEWAY_PENDING, arena_strdup(a, row->code));
        event.dispute = (enum gateway_dispute)name_find(&gateway_disputes, row->advice);
    }
    if (event.kind >= EVENT_METHOD_UPDATED) add_method(a, row, &event);
    return event;
}

static enum status read_events(struct ctx *cx, int64_t after, int64_t at,
                               struct gateway_event **out, size_t *n, size_t max, size_t times,
                               struct arena *a)
{
    struct sandbox_event *rows;
    size_t n_rows;

    TRY(deliver(cx, at, max));
    TRY(sandbox_events_after(cx, &rows, &n_rows, .cursor = after, .max = (int64_t)(max / times)));
    struct gateway_event *events = arena_array(a, struct gateway_event, times * n_rows + 1);
    for (size_t i = 0; i < times * n_rows; i++) events[i] = event_of(a, &rows[i / times]);
    *out = events;
    *n = times * n_rows;
    return OK;
}

static enum status events(void *state, int64_t after, int64_t at, struct gateway_event **out,
                          size_t *n, size_t max, struct arena *a, struct error *e)
{
    struct ctx cx = sandbox_context(state, e);
    enum gateway_injury injury;
    enum status st = E_BUSY;

    assert(max > 0);
    TRY(sandbox_hurt(state, GATEWAY_ON_EVENTS, &injury, e));
    *out = NULL;
    *n = 0;
    if (injury == GATEWAY_DELAY_EVENTS) return OK;
    size_t const times = injury == GATEWAY_REPEAT_EVENTS && max > 1 ? 2 : 1;
    for (int i = 0; i < SANDBOX_TRIES && (st == E_BUSY || st == E_UNKNOWN); i++)
        st = read_events(&cx, after, at, out, n, max, times, a);
    return st == OK ? OK : sandbox_failed(state, e);
}

static void close_store(void *state)
{
    struct sandbox *s = state;

    db_close(s->db);
    arena_clear(&s->scratch);
    memory_free(s);
}

enum status sandbox_open(const char *db_url, struct gateway **out, struct error *e)
{
    struct db *db;

    TRY(db_open_beside(db_url, "sandbox", sandbox_schema[0].text, &db, e));
    struct sandbox *s = memory_new(sizeof *s);
    struct gateway *g = memory_new(sizeof *g);
    s->db = db;
    *g = (struct gateway){.name = "sandbox",
                          .state = s,
                          .charge = sandbox_charge_all,
                          .look_up = sandbox_look_up,
                          .authorize = sandbox_authorize,
                          .void_authorization = sandbox_void,
                          .refund = sandbox_refund,
                          .look_up_refund = sandbox_look_up_refund,
                          .describe = describe,
                          .update = update,
                          .forget = sandbox_forget,
                          .events = events,
                          .close = close_store};
    *out = g;
    return OK;
}

void sandbox_injure(struct gateway *g,
                    enum gateway_injury (*asked)(void *arg, enum gateway_moment moment), void *arg)
{
    struct sandbox *s = g->state;

    assert(strcmp(g->name, "sandbox") == 0);
    s->ask = asked;
    s->ask_arg = arg;
}
