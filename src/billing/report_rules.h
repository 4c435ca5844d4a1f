/* report_rules: the operator's figures by month, plan, country and currency, each defined once, in
 * report_row_shape; and the reconciliation of what fell due (SPEC B-17, E-23). Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/shape.h"
#include "billing/billing_rules.h"
#include "membership/membership_rules.h"

/* Dates are local to each member; money is in minor units of the row's currency. */
struct report_row {
    const char *month, *plan, *country, *currency;
    int64_t invoiced_minor, credited_minor, tax_minor, collected_minor, recognised_minor;
    int64_t failed, recovered_retry, recovered_backup, recovered_member;
    int64_t grace, hold, lost, ended;
    int64_t active_before, active, mrr_minor, churn_ppm;
};
extern const struct shape report_row_shape; /* its docs are the definitions */

/* What became of every renewal that fell due in the window. `due` is counted from the calendar of
 * each term, the others from what is stored; therefore the two sides can differ, and must not. */
struct reconciliation {
    int64_t due, charged, failed, credited, skipped;
    int64_t waiting; /* no answer yet, or the worker has not come by */
    int64_t difference;
};
extern const struct shape reconciliation_shape;

/* Why first rounds failed, and which retry brought the money (SPEC E-23). */
struct report_reason {
    const char *code, *decline_class;
    int64_t failed;
};
struct report_retry {
    int64_t retry; /* 1: the first try after the round that failed */
    int64_t recovered;
};
extern const struct shape report_reason_shape, report_retry_shape;

/* --- what is known of one member --- */
struct story_charge {
    int64_t term, k;
    bool renewal, invoiced;
    bool begins_term; /* the payment that ended a hold */
    bool dunned; /* its first round failed and it is still unpaid, or an attempt is in flight */
    enum charge_state state;
    enum recovery recovered_by;
    int64_t due_day, period_start_day, captured_day; /* 0: not */
    int64_t amount_minor, net_minor, tax_minor, total_minor;
    const char *plan, *country, *currency;
    const char *code, *decline_class; /* of the first attempt that was refused; "" */
    int64_t rounds;                   /* groups of attempts so far */
};
struct story_note { /* a credit note; money as it took back */
    int64_t day, tax_minor, total_minor;
    const char *plan, *country, *currency;
};
struct story_event {
    int64_t day;
    enum membership_state from, to;
    enum membership_event_kind event;
};
struct story_term {
    int64_t term, anchor_day, start_day;
    bool imported; /* its first periods were somebody else's */
    bool partner;  /* who bills it: nothing is due to us */
};
struct story_skip {
    int64_t term, k, due_day;
};
struct story {
    const char *plan, *country, *currency;
    enum membership_state state;
    int64_t term, k;
    bool direct;       /* we bill them now */
    bool pauses;       /* a pause is decided: the next period is none */
    bool waits;        /* the next renewal is done within a day: nobody has come by, or it was put
                          off, or an outcome is in doubt */
    int64_t until_day; /* the dates before it have begun */
    size_t n_charges, n_notes, n_events, n_terms, n_skips;
    const struct story_charge *charges; /* by term, k */
    const struct story_note *notes;
    const struct story_event *events; /* in order of time */
    const struct story_term *terms;   /* 1, 2, … */
    const struct story_skip *skips;   /* by term, k */
};

enum { REPORT_BY_MONTH = 1, REPORT_BY_PLAN = 2, REPORT_BY_COUNTRY = 4, REPORT_BY_ALL = 7 };

struct report {
    struct arena *arena;
    int64_t from_day, until_day; /* exclusive */
    unsigned by;                 /* what is not asked for is summed up and shown as "" */
    struct reconciliation sum;
    size_t n, room;
    struct report_row *rows;
    size_t n_reasons, reasons_room, n_retries, retries_room;
    struct report_reason *reasons;
    struct report_retry *retries;
    size_t *index; /* hash of key to row + 1 */
    size_t index_size;
};

void report_begin(struct report *r, struct arena *a, int64_t from_day, int64_t until_day,
                  unsigned by);
void report_story(struct report *r, const struct story *s);
void report_recognised(struct report *r, int64_t month, const char *plan, const char *country,
                       const char *currency, int64_t minor);
/* Sorts everything and computes what follows from the sums. */
void report_end(struct report *r);
