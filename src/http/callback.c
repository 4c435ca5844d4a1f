/* callback: finds the row, and lets nothing in that is not the provider's.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/callback.h"

#include <string.h>
#include <strings.h>

const struct fault HTTP_FORGED = {E_DENIED, "http.forged",
                                  "That is not known to come from a provider of ours."};
const struct fault HTTP_CALLBACK = {
    E_INVALID, "http.callback",
    "It comes from the provider, but is nothing that we can read; see what it was set up to send."};

#define CALLBACK_LISTED(row) &row,
/* clang-format off */
static const struct callback *const rows[] = {CALLBACKS(CALLBACK_LISTED)};
/* clang-format on */

const struct callback *callback_find(const char *path)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(rows[i]->path, path) == 0) return rows[i];
    return NULL;
}

/* Whoever reads the first of two headers and whoever reads the last would see two requests. */
static bool says_twice(const struct http_request *rq)
{
    for (size_t i = 0; i < rq->n_headers; i++)
        for (size_t k = 0; k < i; k++)
            if (strcasecmp(rq->headers[i].name, rq->headers[k].name) == 0 &&
                strcasestr(rq->headers[i].name, "-signature"))
                return true;
    return false;
}

enum status callback_answer(struct ctx *cx, const struct op_world *w, const struct callback *c,
                            const struct http_request *rq, struct http_answer *an)
{
    cx->actor = (struct actor){.role = ROLE_SYSTEM, .network = rq->peer};
    cx->request_id = rq->id;
    cx->call_key = NULL;
    if (rq->body_bytes > CALLBACK_BYTES_MAX) return fail(cx->err, &HTTP_TOO_LARGE, NULL);
    if (says_twice(rq) || !c->genuine(cx, w, rq)) return fail(cx->err, &HTTP_FORGED, NULL);
    TRY(c->take(cx, w, rq));
    an->status = 204;
    http_answer_header(an, "Cache-Control", "no-store");
    return OK;
}
