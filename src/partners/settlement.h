/* settlement: a partner's monthly statement beside what it has told us of its members (SPEC D-17).
 * Each line is taken once; what does not fit opens work for a person.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"
#include "catalog/catalog.h"
#include "partners/settlement_rules.h"

struct settlement_tell {
    const char *partner, *month; /* "2024-02" */
    const char *line;            /* the partner's own number of it, once per statement */
    const char *reference;       /* of one of the partner's events, names the member too; NULL */
    const char *member;          /* mem_… or external id; NULL */
    const char *period_start;    /* "2024-02-29" */
    int64_t amount_minor;
    const char *currency;
};
struct settlement_answer {
    int64_t finding;
    bool known;                       /* told before: nothing was done now */
    const char *line, *member, *work; /* stl_…; mem_… and wrk_… or '' */
    int64_t amount_minor, expected_minor;
    const char *currency;
};

extern const struct fault SETTLEMENT_MONTH, SETTLEMENT_LINE_REUSED, SETTLEMENT_WHOSE;

/* Takes one line. Faults: PARTNER_UNKNOWN, PARTNER_DATE, SETTLEMENT_MONTH, SETTLEMENT_WHOSE when it
 * names neither a member nor a reference, SETTLEMENT_LINE_REUSED for another line under a number of
 * the same statement, CURRENCY_UNKNOWN. */
enum status settlement_tell(struct ctx *cx, const struct catalog *c,
                            const struct settlement_tell *in,
                            struct settlement_answer *out) MUST_CHECK;

struct settlement_ask {
    const char *partner, *month;
};
struct settlement_closed {
    const char *partner, *month;
    int64_t missing; /* found by this call */
    bool more;       /* call it again */
};
/* Says that a month's statement has been told whole: periods that began in it and are in no line
 * become lines of their own, a batch in one commit. Faults: PARTNER_UNKNOWN, SETTLEMENT_MONTH. */
enum status settlement_close(struct ctx *cx, const struct catalog *c,
                             const struct settlement_ask *in,
                             struct settlement_closed *out) MUST_CHECK;

struct settlement_sum {
    int64_t finding, lines, amount_minor, expected_minor;
    const char *currency;
};
struct settlement_view {
    const char *partner, *month, *closed_at; /* '' while lines may come */
    int64_t mismatches;
    const struct settlement_sum *sums; /* by finding and currency */
    size_t n;
};
/* How a month stands. Faults: PARTNER_UNKNOWN, SETTLEMENT_MONTH. */
enum status settlement_reconcile(struct ctx *cx, const struct catalog *c,
                                 const struct settlement_ask *in,
                                 struct settlement_view *out) MUST_CHECK;
