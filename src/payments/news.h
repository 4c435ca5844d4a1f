/* news: the payment provider calls when it has something to tell. What it says in the call is not
 * believed: a worker asks it at once what has happened, as it does from time to time anyway.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

/* Takes a call, once for each id; `wall` is the machine's clock. */
enum status news_take(struct ctx *cx, const char *callback_id, int64_t wall) MUST_CHECK;

/* What one worker has heard; zero: nothing yet. */
struct ear {
    int64_t told, listened_at; /* by the machine's clock, as billed_at */
    int64_t billed_at;
};
/* Whether it is to ask the provider now: there is news, or it has not asked for so long. *told is
 * what it will have heard then. */
enum status news_wait(struct ctx *cx, const struct ear *ear, int64_t wall, int64_t *told,
                      bool *listens) MUST_CHECK;
