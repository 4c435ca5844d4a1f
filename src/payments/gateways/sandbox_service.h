/* sandbox_service: the sandbox as a payment provider that is reached over HTTP, whoever carries the
 * bytes. docs/sandbox.md tells its calls. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <jansson.h>

#include "payments/gateways/gateway.h"

struct sandbox_request {
    const char *method, *path, *body;
    const char *authorization; /* the header; NULL: none */
    const char *api_key;       /* that it must hold; NULL: anybody may call */
    int64_t now;               /* Unix ms: what a card's expiry is compared with */
};
struct sandbox_reply {
    int status;       /* 0: the reply is lost, hang up */
    const char *body; /* JSON */
    int64_t at;       /* what the caller's clock said; 0: nothing */
};
/* Answers one call; texts in the arena. */
void sandbox_serve(struct gateway *g, const struct sandbox_request *rq, struct arena *a,
                   struct sandbox_reply *out);

/* An answer as JSON, and back; false when it is none. */
json_t *sandbox_answer_json(const struct gateway_answer *answer);
bool sandbox_answer_read(struct arena *a, const json_t *json, struct gateway_answer *out);
bool sandbox_method_read(struct arena *a, const json_t *json, struct gateway_method *out);
bool sandbox_event_read(struct arena *a, const json_t *json, struct gateway_event *out);
extern const struct names authorization_outcomes;
