/* webhook_rules: what is signed (Standard Webhooks 1.0.0), when it is tried again, and the states
 * of
 * endpoints and deliveries. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"
#include "base/fsm.h"

enum endpoint_state { ENDPOINT_ENABLED, ENDPOINT_DISABLED, ENDPOINT_DELETED };
extern const struct names endpoint_states;

/* MISSED: planned while its endpoint was disabled; nothing was sent. */
enum hook_state { HOOK_WAITING, HOOK_SENDING, HOOK_DELIVERED, HOOK_GIVEN_UP, HOOK_MISSED };
extern const struct names hook_states;
enum hook_event {
    HOOK_CLAIM,   /* a courier takes it */
    HOOK_SUCCEED, /* the endpoint has it */
    HOOK_FAIL,    /* to be tried again */
    HOOK_EXHAUST, /* that was the last try */
    HOOK_LAPSE,   /* its courier was not heard of again */
    HOOK_DROP,    /* the endpoint is disabled or deleted */
    HOOK_REPLAY,  /* an operator wants it sent once more */
};
extern const struct fsm hook_fsm;

enum attempt_result {
    ATTEMPT_DELIVERED,
    ATTEMPT_REFUSED,     /* an answer that is no success */
    ATTEMPT_REDIRECTED,  /* 3xx: never followed */
    ATTEMPT_GONE,        /* 410 */
    ATTEMPT_SLOWED,      /* 429, 502, 504 or a Retry-After */
    ATTEMPT_NOT_PUBLIC,  /* its address is none of the public internet: nothing was sent */
    ATTEMPT_UNREACHABLE, /* no connection, or no trust in its certificate */
    ATTEMPT_TIMED_OUT,
    ATTEMPT_BROKEN, /* the connection ended before an answer */
};
extern const struct names attempt_results;

enum {
    WEBHOOK_SECRET = 32, /* bytes of v1's secret, and of v1a's seed */
    WEBHOOK_TRIES = 10,
    WEBHOOK_KEY_TEXT = 64,
    WEBHOOK_SIGNATURES = 512,
    WEBHOOK_ANSWER = 256, /* bytes that the log keeps of an answer */
};

/* What came of an attempt. */
struct webhook_answer {
    int64_t http_status;         /* 0: none */
    int64_t retry_after_s;       /* 0: none */
    enum attempt_result trouble; /* where there was no answer */
};
/* What follows. */
struct webhook_verdict {
    enum attempt_result result;
    enum hook_event event; /* SUCCEED, FAIL or EXHAUST */
    int64_t due_at;        /* of the next attempt; 0: there is none */
    int64_t quiet_until;   /* the endpoint wants to hear nothing before; 0 */
    bool disables;         /* the endpoint is gone for good */
};

/* After so many attempts, the one just made included, at `now`. Jitter is a hash of the delivery's
 * number and the attempt's: 0 to 20 percent on top. */
struct webhook_verdict webhook_judge(const struct webhook_answer *a, int64_t attempts,
                                     int64_t delivery_id, int64_t now);
/* How long an endpoint that gave no answer is left alone, in ms: longer the longer it gives none.
 */
int64_t webhook_rest_ms(int64_t failing_since, int64_t now);
/* Whether an endpoint that has failed since then is to be disabled. */
bool webhook_is_dead(int64_t failing_since, int64_t now, int64_t days);

/* The names of keys as people copy them: "whsec_" or "whpk_" and base64. */
void webhook_secret_text(const unsigned char secret[static WEBHOOK_SECRET],
                         char to[static WEBHOOK_KEY_TEXT]);
void webhook_public_text(const unsigned char seed[static WEBHOOK_SECRET],
                         char to[static WEBHOOK_KEY_TEXT]);

/* One signature of "id.timestamp.body": "v1,…" by a secret of n bytes, "v1a,…" by a pair's seed. */
char *webhook_sign(struct arena *a, const unsigned char *secret, size_t n, const char *id,
                   int64_t timestamp_s, const char *body);
char *webhook_sign_pair(struct arena *a, const unsigned char seed[static WEBHOOK_SECRET],
                        const char *id, int64_t timestamp_s, const char *body);

/* What may be kept of an answer: its first bytes, in printable ASCII, and nothing at all where they
 * hold a card number. */
char *webhook_answer_text(struct arena *a, const char *bytes, size_t n);
