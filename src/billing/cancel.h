/* cancel: the two screens of cancelling, its confirmation, and withdrawal from the contract (SPEC
 * F,
 * DT-2). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"
#include "membership/membership.h"

struct cancel_first {
    const char *member;
    int64_t account_id;
    bool keep; /* skip: the membership stays as it is, and the cancel that was begun is forgotten */
};
/* What the first screen says (SPEC F-02, F-11, F-19, F-22). Nothing is cancelled by it. */
struct cancel_screen {
    const char *member;
    int64_t state;
    const char *unfinished_since; /* RFC 3339; '' when it is kept */
    const char *last_day; /* the final service date if it is finished now; '' : over at once */
    int64_t slots;        /* extra-member slots that end with it */
    int64_t credit_minor; /* that is left */
    const char *currency;
    const char *offer;       /* one instead of cancelling: `pause`; '' for none */
    bool others_may_restart; /* who knows the password could: change it and sign out all devices */
};
enum status cancel_begin(struct ctx *cx, const struct catalog *c, const struct cancel_first *in,
                         struct cancel_screen *out) MUST_CHECK;

struct cancel_ask {
    const char *member;
    int64_t account_id;
};
struct cancel_proof {
    const char *member;
    int64_t state;
    const char *reference;    /* cnl_… */
    const char *cancelled_at; /* RFC 3339 */
    const char *last_day;     /* the final service date; '' when nothing paid was left */
};
/* Sends the confirmation of a completed cancel again (SPEC F-03). Faults: MEMBERSHIP_UNKNOWN,
 * MEMBERSHIP_NOT_CANCELLED. */
enum status cancel_confirm(struct ctx *cx, const struct cancel_ask *in,
                           struct cancel_proof *out) MUST_CHECK;

struct cancel_undone {
    const char *member;
    int64_t state;
    const char *next_charge_on; /* '' while a payment is open */
};
/* billing_undo_cancel, and what is so afterwards. */
enum status cancel_undo(struct ctx *cx, const struct catalog *c, const struct cancel_ask *in,
                        struct cancel_undone *out) MUST_CHECK;

/* The newest term that began with a contract - a start, an import, a restart - and its first day;
 * *term is 0 when there is none. Days of withdrawal count from it, whatever moved the anchor since.
 */
enum status cancel_contract(struct ctx *cx, int64_t account_id, int64_t *term,
                            int64_t *since_day) MUST_CHECK;

/* Within so many days of the contract: the day on which it was made is not one of them (SPEC F-24;
 * Regulation 1182/71, article 3). days 0: the country grants no withdrawal. */
static inline bool cancel_is_withdrawable(int64_t days, int64_t since_day, int64_t today)
{
    return days > 0 && today <= since_day + days;
}

struct withdrawal {
    const char *member;
    int64_t state;
    int64_t amount_minor; /* that goes back: the part not served */
    int64_t waits_minor;  /* the rest of it, which a bank is taking back: given if we win that */
    const char *currency;
};
/* Withdraws from the contract within the country's days of its start: access ends and what is not
 * served goes back (SPEC F-24). Faults: MEMBERSHIP_NO_WITHDRAWAL, MEMBERSHIP_NOT_NOW,
 * MEMBERSHIP_PARTNER_BILLED, ACCOUNT_LOCKED, BILLING_PAYMENT_IN_FLIGHT. */
enum status cancel_withdraw(struct ctx *cx, const struct catalog *c, const struct cancel_ask *in,
                            struct withdrawal *out) MUST_CHECK;
