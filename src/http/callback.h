/* callback: what providers tell us over HTTP, beside the ops of the API. They have no key of ours:
 * each request bears a signature, and nothing of it is believed, nor looked up, before that is
 * checked. A table of paths; a noun that hears of a provider adds its row.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/http.h"
#include "http/op.h"

enum { CALLBACK_BYTES_MAX = 16384 }; /* of a body; more is answered 413 */

struct callback {
    const char *id;   /* "callback.text": in the log and the metrics */
    const char *path; /* whole, for no client of the API looks for it below a version of ours */
    /* Whether the provider sent it: false for whatever is wrong, and where none is set up. */
    bool (*genuine)(struct ctx *cx, const struct op_world *w, const struct http_request *rq);
    /* What it becomes, at most once: whoever sent it may send it again. What names nothing that we
     * know is OK too, so that nobody learns what we know. Faults: HTTP_CALLBACK. */
    enum status (*take)(struct ctx *cx, const struct op_world *w, const struct http_request *rq);
};
/* clang-format off */
#define CALLBACKS(X) \
    X(payment_callback) \
    X(text_callback)
#define CALLBACK_DECLARED(row) extern const struct callback row;
CALLBACKS(CALLBACK_DECLARED)
/* clang-format on */

/* HTTP_FORGED tells nobody what is wrong. */
extern const struct fault HTTP_FORGED, HTTP_CALLBACK;

const struct callback *callback_find(const char *path); /* NULL: none */
/* OK: answered 204. Otherwise the fault says how to refuse it. */
enum status callback_answer(struct ctx *cx, const struct op_world *w, const struct callback *c,
                            const struct http_request *rq, struct http_answer *an) MUST_CHECK;
