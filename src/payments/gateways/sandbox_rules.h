/* sandbox_rules: the script of the sandbox - what its tokens stand for and how it answers them.
 * docs/sandbox.md tells them to people. Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/gateways/sandbox.h"

enum script_kind {
    SCRIPT_PAYS,
    SCRIPT_DECLINES,
    SCRIPT_FAIL_FIRST, /* the first `count` attempts of every charge */
    SCRIPT_EVERY,      /* those of every `every`th period */
    SCRIPT_UNTIL,      /* pays until `at`, then never again */
    SCRIPT_FROM,       /* declines before `at` */
    SCRIPT_FLAKY, /* fails in `count` percent of attempts, by a hash of `every`, term, k, attempt */
    SCRIPT_LOST_REPLY,
    SCRIPT_LOST_DECLINE,
    SCRIPT_LOST_REQUEST,
    SCRIPT_RATE_LIMITED,
    SCRIPT_SLOW_CAPTURE,
    SCRIPT_SLOW_DECLINE,
    SCRIPT_DUPLICATE,
    SCRIPT_LATE,
    SCRIPT_UNORDERED,
    SCRIPT_SILENT,
    SCRIPT_SOON, /* pending for `count` seconds, then paid, and told at once */
};

struct script {
    enum script_kind kind;
    const char *code, *advice; /* of its declines */
    int64_t count, every, at;
};

/* How refunds of its charges fare. */
enum refund_script {
    GIVES_BACK,
    GIVES_BACK_LATER, /* pending for two days */
    FAILS_LATER,
    REFUSES,
    LOSES_REFUND_REPLY,   /* of the first sending */
    LOSES_REFUND_REQUEST, /* of the first sending */
    TURNS_REFUND_AWAY,    /* the first sending */
};

/* What the bank does after a capture. */
enum dispute_script { NOT_DISPUTED, DISPUTED, DISPUTE_ENDS_WON, DISPUTE_ENDS_LOST };
/* From the capture on: ten days until it is opened, thirty until it ends. */
bool sandbox_is_disputed(enum dispute_script script, int64_t captured_at, int64_t at);

enum { SANDBOX_TOKEN_MAX = 96 };
struct sandbox_token {
    enum method_kind kind;
    enum funding funding;
    const char *brand;
    char last4[5], country[3], operator_[SANDBOX_TOKEN_MAX];
    bool recurring;
    bool shared;  /* everybody's is the same card */
    bool refused; /* cannot be added as a method */
    bool postal;  /* the right postal code was given */
    int64_t expiry_month;
    enum gateway_event_kind outside; /* what happens to it by itself; EVENT_CHARGE: nothing */
    int64_t outside_at;
    struct script script;
    enum refund_script refunds;
    enum dispute_script disputes;
};
/* False when there is no such token. */
bool sandbox_token_read(const char *token, struct sandbox_token *out);

/* What the card network made of it, once it has. */
void sandbox_token_replaced(const struct sandbox_token *t, char last4[static 5],
                            int64_t *expiry_month);
/* The token after new details of the same method: an expiry month, or 0, and whether a postal code
 * was given. False when it becomes too long. */
bool sandbox_token_update(const char *token, int64_t expiry_month, bool postal,
                          char out[static SANDBOX_TOKEN_MAX]);
/* The token without what updates added: the same card as before. */
void sandbox_token_plain(const char *token, char out[static SANDBOX_TOKEN_MAX]);

/* What happens to the first sending of a key. */
enum sandbox_fate { FATE_ARRIVES, FATE_REPLY_LOST, FATE_REQUEST_LOST, FATE_TURNED_AWAY };

struct sandbox_callback {
    enum gateway_event_kind kind;
    const char *word;             /* tells the events of one charge apart, or of one method */
    int64_t copy;                 /* 1 for a second delivery */
    enum gateway_outcome outcome; /* what it says */
    int64_t deliver_at;
};

struct sandbox_verdict {
    enum gateway_outcome outcome; /* in the end: captured or declined */
    const char *code, *advice;
    int64_t settled_at; /* after the charge's `at`: pending until then */
    enum sandbox_fate fate;
    size_t n_callbacks;
    struct sandbox_callback callbacks[3];
};
/* Depends on the token, the clock and the key without its member, and on nothing else. */
void sandbox_judge(const struct sandbox_token *t, const struct gateway_charge *c,
                   struct sandbox_verdict *out);
/* The same for a refund sent at `at`. */
void sandbox_judge_refund(const struct sandbox_token *t, int64_t at, struct sandbox_verdict *out);
