/* settlement_rules: what a line of a partner's statement is, beside what we know of its member.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum settlement_finding {
    FINDING_MATCHED,
    FINDING_REVERSED,          /* the partner takes back what it had paid */
    FINDING_UNKNOWN_REFERENCE, /* it names nobody whom this partner bills */
    FINDING_DOUBLED,           /* the period is paid by another line already */
    FINDING_MEMBER_ENDED,      /* the partner had told that it ended before this period */
    FINDING_UNKNOWN_PERIOD,    /* the partner never told of this period */
    FINDING_AMOUNT_DIFFERS, /* another amount, or another currency, than its share of the price */
    FINDING_MISSING,        /* told of, and in no statement */
    FINDING_MADE_UP,        /* was missing; another line has come since */
};
extern const struct names settlement_findings;
/* Whether a person must look. */
bool settlement_is_mismatch(enum settlement_finding f);

/* What is known of a line's member and period. */
struct settlement_facts {
    bool known; /* its member is one whom the partner bills, or has billed */
    bool paid;  /* another line pays the same period */
    bool ended; /* by the partner's word, before the period began */
    bool told;  /* the partner has told of the period */
    bool same_currency;
    int64_t amount_minor, expected_minor;
};
enum settlement_finding settlement_judge(const struct settlement_facts *f);

/* "2024-02": its first day, and the first of the next month. */
bool settlement_month(const char *text, int64_t *first_day, int64_t *until_day);
