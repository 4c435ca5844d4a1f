/* dispute: a bank takes a captured charge back because somebody said there that it is wrong (SPEC
 * I-06). The flag stands beside the charge; while it is open nothing is retried, the method that
 * paid is not used, and nothing is deleted. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"
#include "dispute_sql.h" /* struct dispute: the row */

struct issuer;

enum dispute_state { DISPUTE_OPEN, DISPUTE_WON, DISPUTE_LOST };
extern const struct names dispute_states;

extern const struct fault DISPUTE_CHARGE_UNKNOWN, DISPUTE_NOT_PAID, DISPUTE_UNKNOWN, DISPUTE_OVER;

struct dispute_opening {
    int64_t account_id, charge_id;
    const char *reason; /* as the provider spells it */
    int64_t at;
};
/* Inside the caller's transaction, or one of its own: books what the bank has withdrawn, which is
 * what has not been given back, blocks the method and tells the owner the way to resolve it. Again
 * is nothing. Faults: DISPUTE_CHARGE_UNKNOWN, DISPUTE_NOT_PAID. */
enum status dispute_begin(struct ctx *cx, const struct dispute_opening *o,
                          int64_t *dispute_id) MUST_CHECK;

struct dispute_ending {
    int64_t account_id, charge_id;
    bool won; /* by us: the money comes back; else it is gone, with a credit note */
    int64_t at;
    const struct issuer *by; /* NULL: by hand */
};
/* Again is nothing. Faults: DISPUTE_UNKNOWN; by hand DISPUTE_OVER when it has ended otherwise. */
enum status dispute_end(struct ctx *cx, const struct dispute_ending *e) MUST_CHECK;

/* Whether the account has an open one. */
enum status dispute_is_open(struct ctx *cx, int64_t account_id, bool *open) MUST_CHECK;
/* As a gateway knows it; new details give a card another token and not another fingerprint. */
struct dispute_card {
    const char *gateway, *token, *fingerprint;
};
/* Whether one of something that this card has paid is open or was lost: it is not charged again,
 * also when it was taken away in between and comes back. */
enum status dispute_stands(struct ctx *cx, int64_t account_id, const struct dispute_card *card,
                           bool *stands) MUST_CHECK;
/* What `from_id` has paid is from now on `to_id`'s. */
enum status dispute_hand_on(struct ctx *cx, int64_t account_id, int64_t from_id,
                            int64_t to_id) MUST_CHECK;

/* --- the ops --- */
struct dispute_open {
    const char *member;
    int64_t account_id;
    const char *charge, *reason;
};
struct dispute_close {
    const char *member;
    int64_t account_id;
    const char *charge;
    int64_t outcome; /* of dispute_outcomes */
};
extern const struct names dispute_outcomes; /* "won", "lost" */
struct dispute_view {
    const char *dispute, *charge;
    int64_t state, amount_minor;
    const char *currency, *reason, *opened_at, *closed_at;
};
enum status dispute_report(struct ctx *cx, const struct dispute_open *in,
                           struct dispute_view *out) MUST_CHECK;
enum status dispute_settle(struct ctx *cx, const struct dispute_close *in,
                           struct dispute_view *out) MUST_CHECK;
