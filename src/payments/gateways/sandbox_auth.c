/* sandbox_auth: the sandbox's temporary authorizations. They lie beside its charges, and nothing
 * turns one into a charge. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "payments/gateways/sandbox_parts.h"
#include "sandbox_sql.h"

static struct authorization_answer say(enum authorization_outcome outcome, const char *code)
{
    return (struct authorization_answer){outcome, code};
}

static struct authorization_answer stored(const struct sandbox_authorization *row, struct arena *a)
{
    if (!row->held) return say(AUTHORIZATION_REFUSED, arena_strdup(a, row->code));
    return say(row->voided_at ? AUTHORIZATION_VOIDED : AUTHORIZATION_HELD, "");
}

/* What is refused before it is looked at; NULL otherwise. */
static const char *refusal(struct sandbox *s, const struct gateway_authorization *in)
{
    if (in->amount_minor < 0) return "invalid_amount";
    if (!sandbox_is_currency(in->currency)) return "currency_not_supported";
    return sandbox_read_token(s, in->token) ? NULL : "method_unknown";
}

/* As the first attempt of a charge fares, so does an authorization; what is slow is not. */
static enum status authorize_once(struct ctx *cx, struct sandbox *s,
                                  const struct gateway_authorization *in,
                                  struct authorization_answer *out, struct arena *a)
{
    struct gateway_charge const c = {in->key, in->token,        in->currency,
                                     "",      in->amount_minor, in->at};
    struct sandbox_verdict v;
    struct sandbox_authorization *row;
    int64_t first = 0, added = 0;
    bool forgotten;
    size_t n;
    TX tx = {0};

    sandbox_judge(&s->token, &c, &v);
    TRY(tx_begin(&tx, cx));
    TRY(sandbox_is_forgotten(cx, in->token, &forgotten));
    if (forgotten) {
        TRY(sandbox_authorization_by_key(cx, &row, &n, .authorization_key = in->key));
        *out = n ? stored(row, a) : say(AUTHORIZATION_REFUSED, "method_unknown");
        return tx_commit(&tx);
    }
    if (v.fate == FATE_REQUEST_LOST || v.fate == FATE_TURNED_AWAY)
        TRY(sandbox_sending_add(cx, &first, .charge_key = in->key));
    if (first) {
        *out = say(v.fate == FATE_REQUEST_LOST ? AUTHORIZATION_NO_REPLY : AUTHORIZATION_LATER, "");
        return tx_commit(&tx);
    }
    TRY(sandbox_authorization_add(cx, &added, .authorization_key = in->key, .token = in->token,
                                  .currency = in->currency, .amount_minor = in->amount_minor,
                                  .held = v.outcome == GATEWAY_CAPTURED, .code = v.code,
                                  .made_at = in->at));
    TRY(sandbox_authorization_by_key(cx, &row, &n, .authorization_key = in->key));
    *out = stored(row, a);
    if (row->amount_minor != in->amount_minor || strcmp(row->currency, in->currency) != 0 ||
        strcmp(row->token, in->token) != 0)
        *out = say(AUTHORIZATION_REFUSED, "idempotency_key_in_use");
    if (added && v.fate == FATE_REPLY_LOST) *out = say(AUTHORIZATION_NO_REPLY, "");
    return tx_commit(&tx);
}

static enum status void_once(struct ctx *cx, const char *key, int64_t at,
                             struct authorization_answer *out, struct arena *a)
{
    struct sandbox_authorization *row;
    size_t n;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(sandbox_authorization_void(cx, NULL, .authorization_key = key, .voided_at = at));
    TRY(sandbox_authorization_by_key(cx, &row, &n, .authorization_key = key));
    *out = n ? stored(row, a) : say(AUTHORIZATION_NEVER_SEEN, "");
    return tx_commit(&tx);
}

enum status sandbox_begin(struct sandbox *s, enum gateway_moment moment,
                          enum gateway_injury *injury, struct error *e)
{
    *injury = sandbox_ask(s, moment);
    if (*injury == GATEWAY_CUT_OFF) return fail(e, &GATEWAY_UNREACHABLE, NULL);
    return *injury == GATEWAY_CRASH_BEFORE ? fail(e, &GATEWAY_CRASHED, NULL) : OK;
}

bool sandbox_arrives(enum gateway_injury injury)
{
    return injury != GATEWAY_LOSE_REQUEST && injury != GATEWAY_LIMIT_RATE;
}

bool sandbox_again(enum status st)
{
    return st == E_BUSY || st == E_UNKNOWN;
}

enum status sandbox_end(struct sandbox *s, enum status st, enum gateway_injury injury,
                        enum sandbox_seen *seen, struct error *e)
{
    bool const lost = injury == GATEWAY_LOSE_REQUEST || injury == GATEWAY_LOSE_REPLY;

    if (st != OK && st != E_UNKNOWN) return sandbox_failed(s, e);
    if (injury == GATEWAY_CRASH_AFTER) return fail(e, &GATEWAY_CRASHED, NULL);
    *seen = injury == GATEWAY_LIMIT_RATE ? SANDBOX_LATER
            : lost || st == E_UNKNOWN    ? SANDBOX_NO_REPLY
                                         : SANDBOX_SEEN;
    return OK;
}

static enum status end(struct sandbox *s, enum status st, enum gateway_injury injury,
                       struct authorization_answer *out, struct error *e)
{
    enum sandbox_seen seen;

    TRY(sandbox_end(s, st, injury, &seen, e));
    if (seen == SANDBOX_LATER) *out = say(AUTHORIZATION_LATER, "");
    if (seen == SANDBOX_NO_REPLY) *out = say(AUTHORIZATION_NO_REPLY, "");
    return OK;
}

enum status sandbox_authorize(void *state, const struct gateway_authorization *in,
                              struct authorization_answer *out, struct arena *a, struct error *e)
{
    struct sandbox *s = state;
    struct ctx cx = sandbox_context(s, e);
    enum gateway_injury injury;
    enum status st = OK;

    TRY(sandbox_begin(s, GATEWAY_ON_AUTHORIZE, &injury, e));
    const char *code = refusal(s, in);
    if (code) *out = say(AUTHORIZATION_REFUSED, code);
    if (!code && sandbox_arrives(injury)) st = E_BUSY;
    for (int i = 0; i < SANDBOX_TRIES && sandbox_again(st); i++)
        st = authorize_once(&cx, s, in, out, a);
    return end(s, st, injury, out, e);
}

enum status sandbox_void(void *state, const char *key, int64_t at, struct authorization_answer *out,
                         struct arena *a, struct error *e)
{
    struct sandbox *s = state;
    struct ctx cx = sandbox_context(s, e);
    enum gateway_injury injury;

    TRY(sandbox_begin(s, GATEWAY_ON_VOID, &injury, e));
    enum status st = sandbox_arrives(injury) ? E_BUSY : OK;
    for (int i = 0; i < SANDBOX_TRIES && sandbox_again(st); i++)
        st = void_once(&cx, key, at, out, a);
    return end(s, st, injury, out, e);
}
