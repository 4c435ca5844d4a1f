/* sandbox_forget: tokens that the sandbox was told to forget. What was charged to one before stays
 * as it is. SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/sandbox_card.h"
#include "sandbox_sql.h"

static enum status forget_once(struct ctx *cx, const char *token, int64_t at)
{
    return sandbox_forgotten_add(cx, NULL, .token = token, .forgotten_at = at);
}

enum status sandbox_forget(void *state, const char *token, int64_t at, enum forget_outcome *out,
                           struct error *e)
{
    struct sandbox *s = state;
    struct ctx cx = sandbox_context(s, e);
    enum gateway_injury injury;

    TRY(sandbox_begin(s, GATEWAY_ON_FORGET, &injury, e));
    enum status st = sandbox_arrives(injury) ? E_BUSY : OK;
    for (int i = 0; i < SANDBOX_TRIES && sandbox_again(st); i++) st = forget_once(&cx, token, at);
    if (st != OK && st != E_UNKNOWN) return sandbox_failed(s, e);
    if (injury == GATEWAY_CRASH_AFTER) return fail(e, &GATEWAY_CRASHED, NULL);
    *out = FORGET_DONE;
    if (injury == GATEWAY_LIMIT_RATE)
        *out = FORGET_LATER;
    else if (injury == GATEWAY_LOSE_REQUEST || injury == GATEWAY_LOSE_REPLY || st == E_UNKNOWN)
        *out = FORGET_NO_REPLY;
    return OK;
}

enum status sandbox_is_forgotten(struct ctx *cx, const char *token, bool *forgotten)
{
    struct sandbox_forgotten_row *rows;
    size_t n;

    TRY(sandbox_forgotten_find(cx, &rows, &n, .token = token, .max = 1));
    *forgotten = n > 0;
    return OK;
}

static enum status enter_once(struct ctx *cx, struct sandbox *s, const char *token)
{
    bool forgotten, by_form;

    TRY(sandbox_is_forgotten(cx, token, &forgotten));
    if (!forgotten) return OK;
    TRY(sandbox_card_is_of_form(s, token, &by_form, cx->err));
    if (by_form) return fail(cx->err, &METHOD_TOKEN_UNKNOWN, "token");
    return sandbox_forgotten_drop(cx, NULL, .token = token);
}

enum status sandbox_enter_again(struct sandbox *s, const char *token, struct error *e)
{
    struct ctx cx = sandbox_context(s, e);
    enum status st = E_BUSY;

    for (int i = 0; i < SANDBOX_TRIES && sandbox_again(st); i++) st = enter_once(&cx, s, token);
    return st == OK || st == E_NOT_FOUND ? st : sandbox_failed(s, e);
}
