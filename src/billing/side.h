/* side: charges beside the renewals - of a plan change or a slot inside a period - and what both
 * share. They are invoiced when they are captured, and never begin dunning. Billing's own.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/dunning.h"
#include "change_sql.h" /* struct plan_change: the row */
#include "slot_sql.h"   /* struct slot: the row */

/* Wants a charge for the membership's newest period. */
struct side_want {
    enum charge_kind kind;
    int64_t subject, day;
    const struct rated *rated;
    int64_t catalog_version;
};
enum status side_want(struct ctx *cx, const struct trouble *t,
                      const struct side_want *w) MUST_CHECK;

/* The catalog that a charge was rated with. */
enum status side_catalog(struct ctx *cx, const struct issuer *by, const struct charge *c,
                         const struct catalog **out) MUST_CHECK;
/* Invoices a captured charge. */
enum status side_invoice(struct ctx *cx, const struct issuer *by, const struct charge *c,
                         const struct rated *r, int64_t at) MUST_CHECK;
/* Nobody waits for the money any more: it goes back at once. */
enum status side_late(struct ctx *cx, const struct issuer *by, const struct charge *c,
                      int64_t at) MUST_CHECK;

/* What a charge was for, rated anew in the place where it was taxed. */
struct side_ask {
    int64_t account_id;
    enum charge_kind kind;
    int64_t subject;
    const char *country, *region;
};
struct side_rated {
    struct rated rated;
    const char *plan_before; /* NULL: of no other plan */
    struct share share;
};
/* Faults: CHANGE_NONE, SLOT_UNKNOWN, the RATE_ faults. */
enum status side_rate(struct ctx *cx, const struct catalog *c, const struct side_ask *in,
                      struct side_rated *out) MUST_CHECK;

/* The answers: what it was for is told. */
enum status side_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                          const struct charge *c, const struct settled *s) MUST_CHECK;
enum status side_failed(struct ctx *cx, struct trouble *t, struct charge *c,
                        const struct settled *s, const char *code) MUST_CHECK;
enum status side_unknown(struct ctx *cx, const struct charge *c,
                         const struct settled *s) MUST_CHECK;

/* --- plan changes --- */

/* The paid period that a change now would fall into, and the prices it was paid at and goes on at.
 * Faults: the refusals above that have nothing to do with a plan. */
struct change_ground {
    struct remainder left;
    int64_t old_price_day, new_price_day;
    bool unpaid; /* nothing was charged yet: whatever is chosen counts from the first charge */
    const struct country *country;
};
enum status change_ground(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                          struct change_ground *out) MUST_CHECK;
/* Whether a payment of the account's is on its way, for whatever. */
enum status change_flies(struct ctx *cx, int64_t account_id, bool *flies) MUST_CHECK;
/* Nothing may be in flight. Faults: BILLING_PAYMENT_IN_FLIGHT. */
enum status change_at_rest(struct ctx *cx, int64_t account_id) MUST_CHECK;
/* The plan counts from now on; that of the running period is remembered until it is over. */
void change_switch(struct membership *m, const char *plan);
/* Ends the period on another day: the next one begins a new term then, for that cause. */
void change_shift_in_memory(struct membership *m, int64_t new_end_day);
enum status change_shift(struct ctx *cx, struct trouble *t, int64_t new_end_day,
                         const char *cause) MUST_CHECK;
/* Whether the days before the first period of its term are paid to us: the anchor was moved within
 * a paid period. */
enum status change_paid_ahead(struct ctx *cx, const struct membership *m, bool *paid) MUST_CHECK;
/* What the next charge will be, with *t as it stands. */
enum status change_next(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                        const char **on, int64_t *total_minor) MUST_CHECK;

/* A change by its number. Faults: CHANGE_NONE. */
enum status change_row(struct ctx *cx, int64_t account_id, int64_t change_id,
                       struct plan_change *row) MUST_CHECK;
enum status change_tell(struct ctx *cx, const char *topic, const struct plan_change *row,
                        const char *code, int64_t at) MUST_CHECK;
/* What its charge was for, rated anew. */
enum status change_rate(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                        const struct plan_change *row, struct rated *out) MUST_CHECK;
/* The answers to a change's charge. */
enum status change_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                            const struct charge *c, int64_t at) MUST_CHECK;
enum status change_failed(struct ctx *cx, const struct trouble *t, const struct charge *c,
                          const char *code, int64_t at) MUST_CHECK;
/* The errand: its payment had no answer in time. */
enum status change_over(struct ctx *cx, int64_t account_id, int64_t change_id,
                        int64_t at) MUST_CHECK;
/* Plans a plan for the next period in place of what was planned; slots that it cannot hold end
 * then. What was chosen is told. The caller stores the membership. */
struct change_to {
    const struct plan *plan;
    int64_t day;            /* on which that period starts */
    const struct actor *by; /* who chose it, asked_at; NULL: nobody did */
    int64_t asked_at;
};
enum status change_schedule(struct ctx *cx, const struct catalog *c, struct trouble *t,
                            const struct change_to *to) MUST_CHECK;
/* In memory alone, as if nothing were planned for the next period. */
enum status change_unschedule(struct ctx *cx, struct trouble *t) MUST_CHECK;
/* Withdraws what is planned for the next period; the caller stores the membership. */
enum status change_withdraw(struct ctx *cx, struct trouble *t) MUST_CHECK;
/* The date has come for which a change was planned. */
enum status change_due(struct ctx *cx, int64_t account_id) MUST_CHECK;
/* The membership ends: what was planned is not to be. */
enum status change_drop(struct ctx *cx, struct membership *m) MUST_CHECK;

/* --- billing days --- */

/* Why its newest term began, where it was its owner who moved the billing day (SPEC B-13). */
#define TERM_DAY_MOVED    "day_moved"
#define TERM_ANCHOR_SHIFT "anchor_shift"
/* The answer to the charge for the days until a new billing day: the day moves unless the
 * membership is no longer as it was; then the money goes back. */
enum status move_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                          const struct charge *c, const struct plan_change *row,
                          int64_t at) MUST_CHECK;
/* What it was for, rated anew. */
enum status move_rate(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                      const struct plan_change *row, struct rated *out) MUST_CHECK;
enum status move_tell(struct ctx *cx, const char *topic, const struct plan_change *row,
                      const char *code, int64_t at) MUST_CHECK;

/* --- slots --- */

/* What a slot's charge was for, rated anew. */
enum status slot_rate(struct ctx *cx, const struct catalog *c, const struct account *a,
                      const struct slot *s, struct rated *out) MUST_CHECK;
enum status slot_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                          const struct charge *c, int64_t at) MUST_CHECK;
enum status slot_failed(struct ctx *cx, const struct trouble *t, const struct charge *c,
                        const char *code, int64_t at) MUST_CHECK;
/* Those that a plan leaves no room for, or has no price for: bits as in membership.slots. */
int64_t slots_lost(const struct country *country, const struct plan *to, int64_t slots,
                   int64_t price_day);
/* Ends them on a day because of a plan change; *out (room for SLOTS_MAX) names them. */
enum status slots_lose(struct ctx *cx, int64_t account_id, int64_t lost, int64_t end_day,
                       struct slot_loss *out, size_t *n, bool store) MUST_CHECK;
