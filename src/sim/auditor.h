/* auditor: what the parts of the auditor offer each other, and the rules of its own that the
 * workload
 * reckons with. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sim/member.h"

struct sim;

/* --- auditor.c, books.c --- */
/* Looks at what has changed since the last time, and at whether all that is due was done. */
void audit(struct sim *s);
void audit_everything(struct sim *s);
/* Grace, hold and retention as they are in the member's country. */
struct rules {
    int64_t grace_days, hold_days, retention_months;
};
struct rules rules_of(const struct sim *s, const struct member *m);
/* What the member buys for a period that starts on a day, or with another plan and slots. */
struct sale sale_of(const struct member *m, size_t plan, int64_t slots, int64_t start_day);
struct owed owed_for(const struct sim *s, const struct member *m, int64_t start_day);
/* The day whose prices hold for a period that starts on a day (SPEC A-08). */
int64_t price_day_of(const struct member *m, int64_t start_day);
/* The next period that is charged: those are passed over that a lock has outlived (SPEC 2.2), and
 * where only the current one is billed those that an outage did, or grace that a lock has moved. */
struct walk period_to_book(const struct sim *s, const struct member *m, int64_t at);
size_t plan_to_book(const struct member *m); /* the planned one, else the present one */
int64_t start_of(const struct member *m, int64_t day);
int64_t resume_day_of(const struct member *m);
/* Something happened at `at` that was due at `due`: never before, and on a test clock to the
 * millisecond, unless an outcome was open then or the account locked. */
void check_time(struct sim *s, const struct member *m, const char *what, int64_t due, int64_t at);
extern const int64_t SLACK_MS;

/* --- auditor_life.c: states and what leads from one to the other --- */
void life_event(struct sim *s, struct member *m, const struct seen_event *e);
/* Whether what was asked for has happened. */
void life_check_wishes(struct sim *s, struct member *m);
/* --- auditor_due.c: what should have happened by now --- */
void due_check(struct sim *s, struct member *m);
bool due_in_doubt(const struct member *m); /* a charge has no answer yet */
/* --- auditor_refund.c: money that goes back --- */
void refund_audit(struct sim *s, struct member *m);
/* Expects a refund of a charge; amount 0: whatever is left. */
/* What a rule gives back of a charge at that moment, at most most_minor: at once, or when the open
 * dispute of it has ended. */
void refund_by_rule(struct sim *s, struct member *m, struct duty *d,
                    enum refund_circumstance circumstance, int64_t most_minor, int64_t at);
void refund_expect(struct sim *s, struct member *m, struct duty *d,
                   enum refund_circumstance circumstance, int64_t amount_minor);
struct duty *duty_by_id(const struct member *m, int64_t charge_id);
int64_t refund_left_of(const struct duty *d); /* that may still be given back */
/* --- auditor_plan.c: plans, slots, prices --- */
/* What became of changes that wait for their payment. */
void plan_follow(struct sim *s, struct member *m);
void plan_audit(struct sim *s, struct member *m);
/* A charge of a change or a slot, as it is made. */
void plan_side_charge(struct sim *s, struct member *m, struct duty *d, const struct seen_charge *c);
/* The period ends early on a day, and a new term begins with it. */
void plan_shift(struct member *m, int64_t new_end_day);
/* It ends late: the billing day has moved. */
void plan_day_moved(struct member *m, int64_t new_end_day);
/* Slots that a plan has no room for; they end on a day. */
int64_t plan_slots_lost(const struct member *m, size_t plan);
void plan_lose_slots(struct member *m, int64_t lost, int64_t day);
/* Those that it would have cost after a day stay: what was planned is not to be. */
void plan_keep_slots(struct member *m, int64_t day);
/* Whether a charge is for days of its own, and not beside a period's or for nothing. */
bool plan_owns_days(const struct member *m, const struct duty *d);

/* --- auditor_retire.c: a plan that is retired --- */
void retire_told(struct sim *s, struct member *m, const struct seen_letter *l);
/* Whether it has the plan, was told, and pays us. */
bool retire_concerns(const struct sim *s, const struct member *m);
/* What takes the plan's place; PLANS: nothing. */
size_t retire_place(const struct sim *s, const struct member *m);
/* The first day on which a period may begin without the plan. */
int64_t retire_start(const struct sim *s, const struct member *m);
/* Of the next period that is booked. */
int64_t retire_next_day(const struct sim *s, const struct member *m);
/* Whether what takes its place is planned by then: the last period with it has begun. */
bool retire_is_time(const struct sim *s, const struct member *m, int64_t at);
void retire_plan(struct sim *s, struct member *m, size_t place, int64_t day);
/* Before a period of `day` is booked at `at`: nobody goes on with the plan. */
void retire_before(struct sim *s, struct member *m, int64_t day, int64_t at);
/* Before a payment that begins a term is asked for. */
void retire_before_term(struct sim *s, struct member *m, const struct seen_charge *c, int64_t at);
/* A hold has begun: what was planned for the end of the unpaid period waits for its day. */
void retire_held(struct sim *s, struct member *m, int64_t at);
/* Whether the membership may end by it at that moment. */
bool retire_ends(const struct sim *s, const struct member *m, const struct seen_event *e);
/* What the row says was planned meanwhile. */
void retire_follow(struct sim *s, struct member *m, const struct seen_membership *row);
void retire_audit(struct sim *s, struct member *m);

/* Whether an automatic attempt is allowed at all (SPEC E-10, E-11). A decline counts from when the
 * provider says that it was made. */
bool token_usable(const struct sim *s, const struct token *t, int64_t at);
struct duty *duty_of(const struct member *m, const struct seen_charge *c);
/* The renewal of a period. */
struct duty *duty_renewal(const struct member *m, int64_t term, int64_t k);
bool duty_final(const struct duty *d);
/* Compares one charge, its documents, entries and attempts with what is owed and was sent. */
void audit_charge(struct sim *s, struct member *m, struct duty *d, const struct seen_charge *c);
/* The same for a charge on hold, which takes another day and price with each attempt. */
void audit_held(struct sim *s, struct member *m, struct duty *d, const struct seen_charge *c);
void audit_books(struct sim *s);
/* --- auditor_end.c: what `foyer doctor` finds, and whether every charge has a cause --- */
void end_examine(struct sim *s);

/* What the auditor knows of one currency. */
struct till {
    const char *currency;
    int64_t receivable, clearing, deferred, tax, revenue, credit_notes, invoices, captures;
    int64_t credit, gift_sales; /* of gift cards: owed to members, and owed by who sold them */
    int64_t refunds, disputes;  /* decided and not paid out; taken back and open */
};
/* Adds what a member is given back. */
void refund_count(struct sim *s, struct member *m, struct till *t);
/* Compares it with the credit notes, once they have been added to the duties. */
void refund_check_notes(struct sim *s, const struct member *m);
