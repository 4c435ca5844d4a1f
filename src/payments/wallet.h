/* wallet: an account with its membership and its methods in order; what the use cases on methods
 * share. Payments' own; others use method.h. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "method_sql.h"
#include "payments/method.h"

/* An account, its membership and its methods in order. */
struct wallet {
    struct account account;
    struct membership m;
    struct method *methods;
    size_t n;
    struct method_order order;
    const struct temporary *temporary;
    size_t n_temporary;
};

/* Faults: METHOD_PARTNER_BILLED, MEMBERSHIP_NOT_NOW once everything is deleted. */
enum status wallet_load(struct ctx *cx, int64_t account_id, struct wallet *w) MUST_CHECK;
/* The methods alone, whoever bills. */
enum status wallet_load_methods(struct ctx *cx, int64_t account_id, struct wallet *w) MUST_CHECK;
/* The place of a method named mth_…. Faults: METHOD_UNKNOWN. */
enum status wallet_find(struct ctx *cx, const struct wallet *w, const char *method,
                        size_t *place) MUST_CHECK;
/* Stores the order, a usable method first, and the membership. */
enum status wallet_store(struct ctx *cx, struct wallet *w) MUST_CHECK;
/* No attempt may be on its way with a method that is taken away or changed, nor be decided while
 * that happens. Faults: BILLING_PAYMENT_IN_FLIGHT. */
enum status wallet_at_rest(struct ctx *cx, const struct wallet *w, int64_t method_id) MUST_CHECK;
bool wallet_has_failed(const struct membership *m); /* the last payment has */
/* How many methods beside this one could be charged. */
size_t wallet_others(const struct wallet *w, size_t place);
enum status wallet_today(struct ctx *cx, const struct account *a, int64_t *day) MUST_CHECK;
/* Faults: the true reason of a refusal (SPEC C-03 to C-08), METHOD_NOT_RECURRING (C-15). */
enum status wallet_accepts(struct ctx *cx, const struct catalog *c, const struct account *a,
                           const struct gateway_method *is) MUST_CHECK;

/* A card that is entered may not have expired in the member's zone; one that is stored may (SPEC
 * C-16). Month 0: it does not expire. Faults: METHOD_EXPIRY_INVALID of `field`. */
enum status wallet_unexpired(struct ctx *cx, const struct account *a, int64_t month,
                             const char *field) MUST_CHECK;

/* Whether the method is this card, perhaps under another token. */
bool wallet_is_card(const struct method *m, const struct dispute_card *card);
/* What method_update does with the method at `place`, inside the caller's transaction. */
enum status wallet_renew(struct ctx *cx, const struct catalog *c, struct wallet *w, size_t place,
                         const struct method_update *in, struct method_answer *out) MUST_CHECK;

/* The method gets other digits. What it has paid, and its disputes, go to a row of their own,
 * removed and otherwise as the method is: history, receipts and statements name the card that paid.
 * Attempts of charges that are still being tried go with them only with `open_too`. */
enum status wallet_hand_on(struct ctx *cx, const struct method *m, bool open_too,
                           int64_t *id) MUST_CHECK;

/* Faults: METHOD_DISPUTED. */
enum status wallet_undisputed(struct ctx *cx, int64_t account_id,
                              const struct dispute_card *card) MUST_CHECK;

struct method_view wallet_view(struct arena *a, const struct wallet *w, size_t place);
enum status wallet_answer(struct ctx *cx, struct wallet *w, int64_t method_id,
                          struct method_answer *out) MUST_CHECK;
/* A message about a method. */
enum status wallet_tell(struct ctx *cx, const char *topic, int64_t account_id,
                        const struct method_view *v) MUST_CHECK;

/* Writes an entry of a method's history, by cx->actor (SPEC C-22). */
struct method_note {
    int64_t account_id, method_id, happened_at;
    enum method_event_kind event;
    const char *last4, *code, *gateway_event; /* NULL: "" */
    int64_t expiry_month;
};
enum status wallet_note(struct ctx *cx, const struct method_note *n) MUST_CHECK;

/* Decides one attempt with a method at once where the last payment has failed (SPEC B-09), and
 * remembers the one before it, to tell the two apart. */
enum status trial_decide(struct ctx *cx, const struct catalog *c, struct wallet *w,
                         int64_t method_id, struct method_answer *out) MUST_CHECK;
