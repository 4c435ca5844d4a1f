/* api: ops over HTTP - a function from a request to its answer, which knows nothing of sockets.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/http.h"
#include "http/op.h"

/* What a request needs. It is known before anything is read or looked up. */
enum api_lane {
    API_AT_ONCE, /* nothing: a refusal, or the description of the API; touches no database */
    API_READ,    /* a transaction that changes nothing of the business */
    API_WRITE,   /* one writing transaction */
    API_OUTSIDE, /* asks gateways too: may take seconds, and holds no transaction meanwhile */
};
enum api_lane api_lane(const struct http_request *rq);

/* Answers any request, and never fails: what goes wrong is a problem (RFC 9457), of which cx->err
 * then keeps the fault and the detail for the log. cx->actor and cx->call_key are taken from the
 * request's headers; where the lane is API_AT_ONCE only cx->arena and cx->err are used, and w may
 * be NULL. HEAD is answered as GET is: whoever sends it leaves the body out. */
void api_answer(struct ctx *cx, const struct op_world *w, const struct http_request *rq,
                struct http_answer *an);
