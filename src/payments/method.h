/* method: what an account pays with - one primary method and backups in order (SPEC C-01, C-11).
 * Nothing is kept of a card but what struct gateway_method has (SPEC C-18). A change counts from
 * the next billing date on, but is tried at once when the last payment has failed (SPEC B-09).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/method_rules.h"
#include "payments/payments.h"

/* Inputs. `member` is how the caller names the account, account_id what is meant. */
struct method_list {
    const char *member;
    int64_t account_id;
};
struct method_add {
    const char *member;
    int64_t account_id;
    const char *token; /* the gateway's name for the method */
    bool primary;
    /* What the owner has agreed to (SPEC B-16): the version of the text that was shown, NULL for
     * the current one; and where, NULL for the call's surface, "api" where it has none. */
    const char *consent, *surface;
    bool charged_now;      /* a charge follows at once: it shows more than an authorization */
    const char *source_op; /* what records the consent; NULL: "method.add" */
    /* Found out at the gateway by method_describe. */
    const char *gateway;
    int64_t forget_seen; /* see forget_look */
    struct gateway_method is;
};
struct method_choose {
    const char *member;
    int64_t account_id;
    const char *method; /* mth_… */
    int64_t place;      /* of a backup: 1 is tried first; 0 means last */
};

/* A method as it is shown. */
struct method_view {
    const char *method; /* mth_… */
    int64_t place;      /* 0: primary; 1, 2, …: backups in the order in which they are tried */
    int64_t state, kind, funding;
    const char *brand, *last4, *expires /* "2031-05" */, *issuing_country, *operator_;
    const struct temporary *temporary; /* of this method, at most one (SPEC B-10) */
    size_t n_temporary;
};

/* What has happened to a method, whoever did it (SPEC C-22). */
enum method_event_kind {
    METHOD_ADDED,
    METHOD_UPDATED,   /* by the owner: new details, or another token for the same method */
    METHOD_CONFIRMED, /* the owner says that a blocked one works again */
    METHOD_IS_REMOVED,
    METHOD_IS_BLOCKED,      /* a bank refused it for good (SPEC E-11) */
    METHOD_NETWORK_UPDATED, /* the card network replaced the card or its date (SPEC C-16) */
    METHOD_CLOSED,          /* the bank closed the account behind it */
    METHOD_REVOKED,         /* the owner took the mandate back at the bank */
};
extern const struct names method_events;
enum { METHOD_HISTORY_MAX = 50 };
struct method_event_view {
    const char *method; /* mth_…, perhaps removed since */
    int64_t event;
    const char *at, *last4, *expires; /* as they were from then on */
    int64_t by;                       /* role */
};
struct methods_view {
    const struct method_view *methods;
    size_t n;
    const struct method_event_view *history; /* the newest first */
    size_t n_history;
    /* Codes of what a page must say: issuers may add fees, tax can depend on the method (SPEC
     * C-21), a replaced or expired card can still be charged and be removed at any time (C-16). */
    const char *fee_note, *tax_note, *replaced_note;
};
struct method_update {
    const char *member;
    int64_t account_id;
    const char *method; /* mth_… */
    /* NULL: as it was. A postal code goes to the gateway and is not kept. */
    const char *token, *expires /* "2031-05" */, *postal_code;
    /* Found out at the gateway by method_describe_update. */
    const char *was_token, *new_token;
    int64_t forget_seen; /* of the new token; see forget_look */
    struct gateway_method is;
};
struct method_remove {
    const char *member;
    int64_t account_id;
    const char *method; /* mth_… */
    bool confirm;       /* also when it is the last that could be charged */
};
struct method_removal {
    const char *method;
    bool removed; /* false: it was the last one, and nobody has confirmed */
    bool last_usable;
    /* What follows when no other one is added; "" where nothing does. Local dates. */
    const char *next_charge_on, *access_until /* exclusive */;
    const char *primary; /* mth_… that leads now; "" */
    int64_t membership;
};

/* What came of an attempt made at once. */
enum method_trial {
    TRIAL_NONE,
    TRIAL_CAPTURED,
    TRIAL_DECLINED,
    TRIAL_PENDING, /* the gateway has not answered: the worker goes on */
    TRIAL_NOT_NOW, /* the card's network allows no further attempt for now (SPEC E-10) */
};
extern const struct names method_trials;
struct method_check { /* what to look at after a decline (SPEC C-08) */
    const char *code, *text, *finding;
};
struct method_action { /* what the member can do about it (SPEC C-14) */
    const char *code, *text;
    bool applies;
};
struct method_answer {
    struct method_view view; /* first, so that shapes can share its fields */
    int64_t membership;      /* its state afterwards */
    int64_t trial;
    int64_t reason; /* of a decline, for the member */
    int64_t detail; /* which detail the bank rejected (SPEC C-13) */
    const char *text;
    int64_t amount_minor;
    const char *currency;
    const struct method_check *checks;
    size_t n_checks;
    const struct method_action *actions;
    size_t n_actions;
    /* Between the use case and method_try. */
    bool try_now, authorize_now;
    int64_t method_id, seen_charge_id, seen_attempt_no;
};

extern const struct fault METHOD_UNKNOWN, METHOD_TOO_MANY, METHOD_NOT_RECURRING, METHOD_BLOCKED_NOW,
    METHOD_DISPUTED, METHOD_ONLY_ONE, METHOD_PARTNER_BILLED, METHOD_KIND_DIFFERS,
    METHOD_EXPIRY_INVALID, METHOD_KNOWN;

/* Before method_add and outside any transaction: asks the gateway what the token stands for.
 * Faults: METHOD_TOKEN_UNKNOWN, METHOD_REFUSED, GATEWAY_UNREACHABLE. */
enum status method_describe(struct ctx *cx, const struct world *w,
                            struct method_add *in) MUST_CHECK;
/* The same of somebody who has no account yet: `customer` tells one person's card from another's.
 */
enum status method_describe_for(struct ctx *cx, const struct world *w, const char *customer,
                                struct method_add *in) MUST_CHECK;
/* Stores a method, and the consent that its owner gives by adding it; or answers with the stored
 * one when the account has the token already, and gives the stored one new details when the card
 * came under another token. It becomes the primary one when it is asked to, when
 * it is the first, when the present one is blocked, or when the last payment has failed; else the
 * last backup. Faults: those of country_accepts with the true reason (SPEC C-03 to C-08),
 * METHOD_NOT_RECURRING (C-15), METHOD_EXPIRY_INVALID (C-13), METHOD_DISPUTED when a bank has taken
 * back what it paid before (I-06), METHOD_TOO_MANY, METHOD_PARTNER_BILLED. */
enum status method_add(struct ctx *cx, const struct catalog *c, const struct method_add *in,
                       struct method_answer *out) MUST_CHECK;
/* Before method_update and outside any transaction: tells the gateway the new details. Faults as
 * method_describe, METHOD_UNKNOWN, METHOD_EXPIRY_INVALID. */
enum status method_describe_update(struct ctx *cx, const struct world *w,
                                   struct method_update *in) MUST_CHECK;
/* New details or a new token for the same method, which keeps its place; without either the owner
 * confirms that a blocked one works again. It is tried at once when the last payment has failed
 * (SPEC B-09, E-08). Faults: METHOD_UNKNOWN, METHOD_KIND_DIFFERS, METHOD_KNOWN, METHOD_BLOCKED_NOW
 * when only other details can help, BILLING_PAYMENT_IN_FLIGHT, those of method_add. */
enum status method_update(struct ctx *cx, const struct catalog *c, const struct method_update *in,
                          struct method_answer *out) MUST_CHECK;
/* Takes a method away; the next backup leads when it was the primary one. The last one that could
 * be charged goes only with `confirm`; else the answer is when access will stop (SPEC C-12).
 * Faults: METHOD_UNKNOWN, BILLING_PAYMENT_IN_FLIGHT. */
enum status method_remove(struct ctx *cx, const struct catalog *c, const struct method_remove *in,
                          struct method_removal *out) MUST_CHECK;
/* Faults beside METHOD_PARTNER_BILLED: METHOD_UNKNOWN, METHOD_BLOCKED_NOW. */
enum status method_set_primary(struct ctx *cx, const struct catalog *c,
                               const struct method_choose *in,
                               struct method_answer *out) MUST_CHECK;
/* Faults beside METHOD_PARTNER_BILLED: METHOD_UNKNOWN, METHOD_ONLY_ONE when no other method could
 * be the primary one. */
enum status method_set_backup(struct ctx *cx, const struct method_choose *in,
                              struct method_answer *out) MUST_CHECK;
/* After one of these and outside any transaction: makes the attempt that was decided and tells what
 * came of it (SPEC E-08). */
enum status method_try(struct ctx *cx, const struct world *w, const struct catalog *c,
                       int64_t account_id, struct method_answer *out) MUST_CHECK;

/* After method_add and outside any transaction: makes the temporary authorization that was decided,
 * and tells why the bank refuses it where it does (SPEC C-13).
 * There is none where the method is tried at once: that shows more, and the member would see two
 * amounts. */
enum status method_authorize(struct ctx *cx, const struct world *w, const struct catalog *c,
                             int64_t account_id, struct method_answer *out) MUST_CHECK;

enum status method_list(struct ctx *cx, const struct method_list *in,
                        struct methods_view *out) MUST_CHECK;
