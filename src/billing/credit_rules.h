/* credit_rules: which card pays what. Nothing of it is stored: credit is used up in the order in
 * which it came (SPEC J-04), so that it follows from the entries. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum credit_kind {
    CREDIT_ISSUE,   /* given by the operator: goodwill, a promotion */
    CREDIT_REDEEM,  /* a gift card turned into credit */
    CREDIT_CONSUME, /* pays an invoice; below zero: comes back from one that is taken back */
    CREDIT_ADJUST,  /* corrects a mistake, either way */
    CREDIT_REFUND,  /* a refund paid as credit */
};
extern const struct names credit_kinds;

/* One entry; minor is above zero where credit came and below where it went. */
struct credit_step {
    enum credit_kind kind;
    int64_t cause_id, minor;
};
/* What came with one entry. */
struct credit_lot {
    size_t step;
    int64_t minor, left;
};
/* What one entry took from one lot; below zero: gave back to it. */
struct credit_part {
    size_t step, lot;
    int64_t minor;
};
struct credit_story {
    size_t n_lots, n_parts;
    struct credit_lot *lots; /* in the order in which they came */
    struct credit_part *parts;
};

/* Tells an account's entries, the oldest first. An invoice that is taken back gives back to the
 * lots that paid it, and so the oldest of them is used first again. */
void credit_tell(const struct credit_step *steps, size_t n, struct arena *a,
                 struct credit_story *out);
/* What an invoice took from each lot, less what it gave back, in the order of the lots; returns
 * their number. `taken` has room for every lot. */
size_t credit_parts_of(const struct credit_story *s, const struct credit_step *steps,
                       int64_t cause_id, struct credit_part *taken);
