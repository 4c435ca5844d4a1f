/* sandbox_parts: what the files of the sandbox share. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/gateways/sandbox_rules.h"

/* Reruns of what lost a race of its own: a provider does not bother its callers with that. */
enum { SANDBOX_TRIES = 20 };

struct sandbox {
    struct db *db;
    struct arena scratch; /* of one call */
    enum gateway_injury (*ask)(void *arg, enum gateway_moment moment);
    void *ask_arg;
    char token_text[SANDBOX_TOKEN_MAX]; /* the newest token, read */
    struct sandbox_token token;
};

/* What the simulator does to a call at this moment. */
enum gateway_injury sandbox_ask(struct sandbox *s, enum gateway_moment moment);
/* Of one call, on an emptied scratch arena. */
struct ctx sandbox_context(struct sandbox *s, struct error *e);
enum status sandbox_unreachable(struct error *e) MUST_CHECK; /* *e keeps its detail */
const struct sandbox_token *sandbox_read_token(struct sandbox *s, const char *token); /* or NULL */
bool sandbox_is_currency(const char *s);

/* sandbox_auth.c: the calls of struct gateway. */
enum status sandbox_authorize(void *state, const struct gateway_authorization *in,
                              struct authorization_answer *out, struct arena *a,
                              struct error *e) MUST_CHECK;
enum status sandbox_void(void *state, const char *key, int64_t at, struct authorization_answer *out,
                         struct arena *a, struct error *e) MUST_CHECK;
