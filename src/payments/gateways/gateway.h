/* gateway: what Foyer asks of a payment provider. One file per provider; every one passes the
 * conformance test. Calls are made by couriers, never inside a transaction of ours.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"
#include "catalog/catalog.h"
#include "payments/gateways/gateway_key.h"

enum gateway_outcome {
    GATEWAY_CAPTURED,
    GATEWAY_DECLINED,
    GATEWAY_PENDING,  /* the provider has it and will tell: a bank asks the member, or it is slow */
    GATEWAY_NO_REPLY, /* the outcome is unknown: only a look-up can tell */
    GATEWAY_NEVER_SEEN, /* look-up only: the provider has never had this key; sending it is safe */
    GATEWAY_LATER,      /* rate limited: not processed; send the same key again later */
};
extern const struct names gateway_outcomes;

/* One attempt. The key is derived from (member, term, k, kind, subject, attempt) and stays the same
 * however often the same attempt is sent (SPEC B-11). */
struct gateway_charge {
    const char *key, *token, *currency, *descriptor;
    int64_t amount_minor;
    int64_t at; /* Unix ms: the caller's clock, test clocks included */
};

/* A look-up. On a test clock one batch asks at many times; none may see what comes after its own.
 */
struct gateway_question {
    const char *key;
    int64_t at;
};

struct gateway_answer {
    enum gateway_outcome outcome;
    const char
        *code; /* decline code as the provider spells it ("insufficient_funds"); "" if none */
    const char *advice;  /* network advice code ("do_not_try_again", "03"); "" if none */
    const char *ref;     /* the provider's reference; "" if none */
    int64_t captured_at; /* 0 unless captured */
    int64_t declined_at; /* 0 unless declined, and when the provider does not say */
    bool replayed;       /* the answer of an earlier sending of the same key */
};

/* A temporary authorization: a small amount, or none, that a bank reserves to show that a method
 * works (SPEC B-10). Nothing here can capture one. Its key is none of a charge. */
struct gateway_authorization {
    const char *key, *token, *currency;
    int64_t amount_minor;
    int64_t at; /* Unix ms */
};
enum authorization_outcome {
    AUTHORIZATION_HELD,
    AUTHORIZATION_REFUSED,
    AUTHORIZATION_VOIDED,
    AUTHORIZATION_NO_REPLY,   /* unknown: send the same key again, or void it */
    AUTHORIZATION_NEVER_SEEN, /* void only: the provider has never had this key */
    AUTHORIZATION_LATER,      /* rate limited: not processed */
};
struct authorization_answer {
    enum authorization_outcome outcome;
    const char *code; /* of a refusal; "" if none */
};

/* What a token stands for (SPEC C-18: nothing more may be known). */
struct gateway_method {
    enum method_kind kind;
    const char *brand, *last4, *issuing_country, *operator_; /* "" if there is none */
    const char *fingerprint; /* the same card always gives the same; "" if it is no card */
    enum funding funding;
    int64_t expiry_month; /* year * 12 + month - 1; 0: none */
    bool recurring;       /* can do e-commerce and recurring charges (C-15) */
};

/* NO_REPLY is unknown: send it again. LATER: rate limited, not processed. */
enum forget_outcome { FORGET_DONE, FORGET_NO_REPLY, FORGET_LATER };
extern const struct names forget_outcomes;

/* New details of a method that the provider has. */
struct gateway_update {
    const char *token, *customer;
    int64_t expiry_month;    /* as gateway_method; 0: as it was */
    const char *postal_code; /* of the billing address; "": as it was. Nobody of us keeps it. */
};

/* Money of one captured attempt going back the way it came (SPEC I-04). Its key is none of a
 * charge. */
struct gateway_refund {
    const char *key;
    const char *charge_key, *charge_ref; /* the attempt that was captured, in both names */
    const char *currency;
    int64_t amount_minor;
    int64_t at; /* Unix ms */
};

enum gateway_event_kind {
    EVENT_CHARGE,
    EVENT_REFUND,
    EVENT_DISPUTE,
    EVENT_METHOD_UPDATED, /* the card network has replaced the card, or its date (SPEC C-16) */
    EVENT_METHOD_CLOSED,  /* the bank has closed the account behind it */
    EVENT_MANDATE_REVOKED,
};
extern const struct names gateway_event_kinds;

/* A bank takes a captured charge back; then the money comes back to us, or it is gone. */
enum gateway_dispute { GATEWAY_DISPUTE_OPENED, GATEWAY_DISPUTE_WON, GATEWAY_DISPUTE_LOST };
extern const struct names gateway_disputes;

/* Something the provider tells by itself, possibly twice, late or out of order. */
struct gateway_event {
    int64_t cursor; /* the provider's own, of this telling; ascending in the order of delivery */
    const char *id; /* the same for duplicates */
    enum gateway_event_kind kind;
    const char *key; /* of the attempt or refund it is about; of a method the first charge's */
    /* Of a method: which, and what it is from now on; "" and 0: as it was, or about no method. */
    const char *token, *last4;
    int64_t expiry_month;
    int64_t deliver_at;
    struct gateway_answer answer;
    enum gateway_dispute dispute; /* EVENT_DISPUTE; answer.code says why */
};

struct gateway {
    const char *name; /* "sandbox", "null" */
    void *state;
    bool is_real; /* moves money: not to be used with a test clock */
    /* Answers n charges, each on its own; texts in the arena. The first answer to a key is kept and
     * given to every further sending of it. The same key with another token, amount or currency is
     * declined as `idempotency_key_in_use`: what became of its first sending only a look-up tells.
     * An amount that is not positive is declined as `invalid_amount`. The status is OK even when
     * single answers are GATEWAY_NO_REPLY; E_UPSTREAM means that none was sent. */
    enum status (*charge)(void *state, const struct gateway_charge *charges, size_t n,
                          struct gateway_answer *answers, struct arena *a, struct error *e);
    /* What has become of each attempt by its own `at`; never makes a charge. */
    enum status (*look_up)(void *state, const struct gateway_question *questions, size_t n,
                           struct gateway_answer *answers, struct arena *a, struct error *e);
    /* Makes one temporary authorization. The same key again makes no other one and tells what is so
     * now, HELD, REFUSED or VOIDED; with other particulars it is refused as
     * `idempotency_key_in_use`. A negative amount is refused as `invalid_amount`. E_UPSTREAM:
     * nothing was sent. */
    enum status (*authorize)(void *state, const struct gateway_authorization *in,
                             struct authorization_answer *out, struct arena *a, struct error *e);
    /* Gives back what an authorization holds; of one that is voided or refused already it only
     * tells so. E_UPSTREAM: nothing was sent. */
    enum status (*void_authorization)(void *state, const char *key, int64_t at,
                                      struct authorization_answer *out, struct arena *a,
                                      struct error *e);
    /* Gives money of a captured attempt back. Of a refund GATEWAY_CAPTURED means that the money has
     * gone back, at captured_at; GATEWAY_DECLINED that it never will. The first answer to a key
     * is kept; the same key with other particulars is declined as `idempotency_key_in_use`. All
     * refunds of an attempt together never exceed it. E_UPSTREAM: nothing was sent. */
    enum status (*refund)(void *state, const struct gateway_refund *in, struct gateway_answer *out,
                          struct arena *a, struct error *e);
    /* What has become of a refund by the question's `at`; never makes one. */
    enum status (*look_up_refund)(void *state, const struct gateway_question *q,
                                  struct gateway_answer *out, struct arena *a, struct error *e);
    /* What a token stands for. `customer` tells one person's card from another's. Faults:
     * METHOD_TOKEN_UNKNOWN, METHOD_REFUSED, METHOD_IS_NUMBER (a card number is never taken). */
    enum status (*describe)(void *state, const char *token, const char *customer,
                            struct gateway_method *out, struct arena *a, struct error *e);
    /* Takes new details. *token is what stands for the method from now on, perhaps the same; the
     * fingerprint stays. Faults as describe. */
    enum status (*update)(void *state, const struct gateway_update *in, const char **token,
                          struct gateway_method *out, struct arena *a, struct error *e);
    /* Nothing new can be charged or authorized with a token (SPEC C-18). What was sent before keeps
     * its answer. Again, and of a token that never was, it is DONE. E_UPSTREAM: nothing was sent.
     */
    enum status (*forget)(void *state, const char *token, int64_t at, enum forget_outcome *out,
                          struct error *e);
    /* At most max events after a cursor (0: from the first) that are to be delivered by `at`, and
     * what was delivered before to somebody who stood at a later day, in the order of delivery. The
     * same events come again until the caller's cursor has passed them. */
    enum status (*events)(void *state, int64_t after, int64_t at, struct gateway_event **out,
                          size_t *n, size_t max, struct arena *a, struct error *e);
    void (*close)(void *state);
};

extern const struct fault METHOD_TOKEN_UNKNOWN, METHOD_REFUSED, METHOD_IS_NUMBER,
    GATEWAY_UNREACHABLE, GATEWAY_UNKNOWN, GATEWAY_CRASHED, GATEWAY_REAL;

/* GATEWAY_REAL where one that moves money would be used with a test clock. */
enum status gateway_check_clock(const struct gateway *g, bool test_clock,
                                struct error *e) MUST_CHECK;
/* Opens a gateway by its name, or the sandbox elsewhere by its http(s) URL; `db_url` is that of
 * Foyer's database. Faults: GATEWAY_UNKNOWN. */
enum status gateway_open(const char *name, const char *db_url, struct gateway **out,
                         struct error *e) MUST_CHECK;
/* The same for a database with such a clock. Faults: GATEWAY_REAL too. */
enum status gateway_open_for(const char *name, const char *db_url, bool test_clock,
                             struct gateway **out, struct error *e) MUST_CHECK;
void gateway_close(struct gateway *g);   /* accepts NULL */
void gateway_closep(struct gateway **g); /* the same as a CLEANUP function */

/* True for what looks like a full card number, blanks and dashes aside (SPEC C-18). */
bool gateway_is_number(const char *token);

/* Captures everything at once and remembers nothing; for tests of what surrounds a gateway. */
enum status null_open(struct gateway **out, struct error *e) MUST_CHECK;
