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
/* Why a call could not use the store: SANDBOX_STORE, or GATEWAY_UNREACHABLE where trying again may
 * do. *e keeps its detail. */
enum status sandbox_failed(struct sandbox *s, struct error *e) MUST_CHECK;
const struct sandbox_token *sandbox_read_token(struct sandbox *s, const char *token); /* or NULL */
bool sandbox_is_currency(const char *s);
/* The injuries of a call that changes one thing: those that keep it from beginning, whether it
 * arrives, and whether it is run again (keys make that safe even when it is not known whether the
 * first one counts). */
enum status sandbox_begin(struct sandbox *s, enum gateway_moment moment,
                          enum gateway_injury *injury, struct error *e) MUST_CHECK;
/* Those of a call that changes nothing. */
enum status sandbox_hurt(struct sandbox *s, enum gateway_moment moment, enum gateway_injury *injury,
                         struct error *e) MUST_CHECK;
bool sandbox_arrives(enum gateway_injury injury);
bool sandbox_again(enum status st);
/* What its caller is to see of the answer; OK, or why the call itself failed. */
enum sandbox_seen { SANDBOX_SEEN, SANDBOX_LATER, SANDBOX_NO_REPLY };
enum status sandbox_end(struct sandbox *s, enum status st, enum gateway_injury injury,
                        enum sandbox_seen *seen, struct error *e) MUST_CHECK;
struct gateway_answer sandbox_plain(enum gateway_outcome outcome, const char *code);
/* How an outcome that stands from settled_at on looks at `at`. */
struct gateway_answer sandbox_answer_at(struct arena *a, const char *key, int64_t at,
                                        enum gateway_outcome outcome, const char *code,
                                        const char *advice, int64_t settled_at);

/* sandbox_charge.c: the calls of struct gateway. */
enum status sandbox_charge_all(void *state, const struct gateway_charge *charges, size_t n,
                               struct gateway_answer *answers, struct arena *a,
                               struct error *e) MUST_CHECK;
enum status sandbox_look_up(void *state, const struct gateway_question *questions, size_t n,
                            struct gateway_answer *answers, struct arena *a,
                            struct error *e) MUST_CHECK;

/* sandbox_auth.c: the calls of struct gateway. */
enum status sandbox_authorize(void *state, const struct gateway_authorization *in,
                              struct authorization_answer *out, struct arena *a,
                              struct error *e) MUST_CHECK;
enum status sandbox_void(void *state, const char *key, int64_t at, struct authorization_answer *out,
                         struct arena *a, struct error *e) MUST_CHECK;

/* sandbox_forget.c: the call of struct gateway; and whether a token is forgotten. */
enum status sandbox_forget(void *state, const char *token, int64_t at, enum forget_outcome *out,
                           struct error *e) MUST_CHECK;
enum status sandbox_is_forgotten(struct ctx *cx, const char *token, bool *forgotten) MUST_CHECK;
/* A script's token stands for its card, so that adding it is entering the card once more; one that
 * the form made is gone for good. Faults: METHOD_TOKEN_UNKNOWN. */
enum status sandbox_enter_again(struct sandbox *s, const char *token, struct error *e) MUST_CHECK;

/* sandbox_refund.c: the calls of struct gateway. */
enum status sandbox_refund(void *state, const struct gateway_refund *in, struct gateway_answer *out,
                           struct arena *a, struct error *e) MUST_CHECK;
enum status sandbox_look_up_refund(void *state, const struct gateway_question *q,
                                   struct gateway_answer *out, struct arena *a,
                                   struct error *e) MUST_CHECK;
