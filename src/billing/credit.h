/* credit: money that a member may spend here and nowhere else, as entries of the double-entry
 * ledger (SPEC J-11): the balance is their sum and is stored nowhere.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "billing/credit_rules.h"
#include "credit_sql.h" /* struct credit_row: one entry, newest first in lists */

/* One movement. */
struct credit_move {
    int64_t account_id;
    enum credit_kind kind;
    int64_t amount_minor; /* above 0; CREDIT_ADJUST may be below, to take credit away */
    const char *currency; /* must be the account's */
    int64_t cause_id;     /* the invoice it pays, the charge it refunds, …; 0: none */
    const char *reason;   /* '' or why, as a stable code */
    int64_t at;           /* when; 0: now */
};

extern const struct fault CREDIT_CURRENCY, CREDIT_AMOUNT, CREDIT_TOO_LITTLE, CREDIT_CHANGED;

/* Moves credit, in the caller's transaction or one of its own; *document_id (may be NULL) receives
 * its ledger document. Faults: ACCOUNT_UNKNOWN, CREDIT_CURRENCY, CREDIT_AMOUNT, CREDIT_TOO_LITTLE
 * when the balance would fall below zero, CREDIT_CHANGED (E_BUSY) when another move came first. */
enum status credit_post(struct ctx *cx, const struct credit_move *m,
                        int64_t *document_id) MUST_CHECK;

/* What an invoice took comes back (CREDIT_CONSUME below zero). */
enum status credit_return(struct ctx *cx, const struct credit_move *m) MUST_CHECK;
/* The account of the books that a kind of credit comes from, or goes to. */
const char *credit_counter(enum credit_kind kind);

/* What the account may spend, in its currency; 0 for an account without credit. */
enum status credit_balance(struct ctx *cx, int64_t account_id, int64_t *minor) MUST_CHECK;
/* The newest max entries, the newest first; credit_minor is negative where credit went away. */
enum status credit_entries(struct ctx *cx, int64_t account_id, int64_t max, struct credit_row **out,
                           size_t *n) MUST_CHECK;

/* Everything that ever happened to an account's credit, and which of it paid what. */
struct credit_life {
    struct credit_story story;
    const struct credit_step *steps;
    const struct credit_story_row *rows; /* the same, with their time */
    size_t n;
};
enum status credit_life_of(struct ctx *cx, int64_t account_id, struct credit_life *out) MUST_CHECK;
/* gft_… of the gift card that a lot came from; '' for other credit. */
const char *credit_card_of(const struct credit_life *l, size_t lot, struct arena *a);
