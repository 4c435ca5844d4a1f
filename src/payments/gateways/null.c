/* null: a gateway that captures everything and remembers nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "payments/gateways/gateway_calls.h"

static enum status charge(void *state, const struct gateway_charge *charges, size_t n,
                          struct gateway_answer *answers, struct arena *a, struct error *e)
{
    (void)state, (void)a, (void)e;
    for (size_t i = 0; i < n; i++) {
        bool const pays = charges[i].amount_minor > 0;

        answers[i] = (struct gateway_answer){
            .outcome = pays ? GATEWAY_CAPTURED : GATEWAY_DECLINED,
            .code = pays ? "" : "invalid_amount",
            .advice = "",
            .ref = "",
            .captured_at = pays ? charges[i].at : 0,
        };
    }
    return OK;
}

static enum status look_up(void *state, const struct gateway_question *questions, size_t n,
                           struct gateway_answer *answers, struct arena *a, struct error *e)
{
    (void)state, (void)questions, (void)a, (void)e;
    for (size_t i = 0; i < n; i++)
        answers[i] = (struct gateway_answer){
            .outcome = GATEWAY_NEVER_SEEN, .code = "", .advice = "", .ref = ""};
    return OK;
}

static enum status authorize(void *state, const struct gateway_authorization *in,
                             struct authorization_answer *out, struct arena *a, struct error *e)
{
    bool const valid = in->amount_minor >= 0;

    (void)state, (void)a, (void)e;
    *out = (struct authorization_answer){valid ? AUTHORIZATION_HELD : AUTHORIZATION_REFUSED,
                                         valid ? "" : "invalid_amount"};
    return OK;
}

static enum status void_authorization(void *state, const char *key, int64_t at,
                                      struct authorization_answer *out, struct arena *a,
                                      struct error *e)
{
    (void)state, (void)key, (void)at, (void)a, (void)e;
    *out = (struct authorization_answer){AUTHORIZATION_VOIDED, ""};
    return OK;
}

static enum status refund(void *state, const struct gateway_refund *in, struct gateway_answer *out,
                          struct arena *a, struct error *e)
{
    bool const pays = in->amount_minor > 0;

    (void)state, (void)a, (void)e;
    *out = (struct gateway_answer){.outcome = pays ? GATEWAY_CAPTURED : GATEWAY_DECLINED,
                                   .code = pays ? "" : "invalid_amount",
                                   .advice = "",
                                   .ref = "",
                                   .captured_at = pays ? in->at : 0};
    return OK;
}

static enum status look_up_refund(void *state, const struct gateway_question *q,
                                  struct gateway_answer *out, struct arena *a, struct error *e)
{
    return look_up(state, q, 1, out, a, e);
}

static enum status describe(void *state, const char *token, const char *customer,
                            struct gateway_method *out, struct arena *a, struct error *e)
{
    (void)state;
    if (gateway_is_number(token)) return fail(e, &METHOD_IS_NUMBER, "token");
    if (!*token) return fail(e, &METHOD_TOKEN_UNKNOWN, "token");
    *out = (struct gateway_method){
        .kind = KIND_CARD,
        .brand = "visa",
        .last4 = "0000",
        .issuing_country = "",
        .operator_ = "",
        .fingerprint = arena_printf(a, "%s:%s", customer, token),
        .funding = FUNDING_CREDIT,
        .recurring = true,
    };
    return OK;
}

static enum status update(void *state, const struct gateway_update *in, const char **token,
                          struct gateway_method *out, struct arena *a, struct error *e)
{
    TRY(describe(state, in->token, in->customer, out, a, e));
    if (in->expiry_month) out->expiry_month = in->expiry_month;
    *token = arena_strdup(a, in->token);
    return OK;
}

static enum status forget(void *state, const char *token, int64_t at, enum forget_outcome *out,
                          struct error *e)
{
    (void)state, (void)token, (void)at, (void)e;
    *out = FORGET_DONE;
    return OK;
}

static enum status events(void *state, int64_t after, int64_t at, struct gateway_event **out,
                          size_t *n, size_t max, struct arena *a, struct error *e)
{
    (void)state, (void)after, (void)at, (void)max, (void)a, (void)e;
    *out = NULL;
    *n = 0;
    return OK;
}

static void close_nothing(void *state)
{
    (void)state;
}

enum status null_open(struct gateway **out, struct error *e)
{
    struct gateway *g = memory_new(sizeof *g);

    (void)e;
    *g = (struct gateway){.name = "null", GATEWAY_CALLS, .close = close_nothing};
    *out = g;
    return OK;
}
