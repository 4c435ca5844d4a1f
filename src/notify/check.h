/* check: is this message really ours? By its reference, its sender or a link in it, without telling
 * whose message it is (SPEC R-06), and what we never ask for (SPEC R-05).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"
#include "notify/check_rules.h"

struct message_check {
    const char *reference, *sender, *link; /* exactly one */
    const char *locale;                    /* of the answer; NULL: English */
};
struct check_answer {
    int64_t verdict, reason;
    const char *text;           /* what it means and what to do */
    const char *kind, *sent_on; /* of a known reference: compare with what you got; else "" */
};
struct safety_ask {
    const char *locale;
};
struct safety_line {
    const char *code, *text;
};
struct safety_view {
    const char *title;
    const struct safety_line *lines;
    size_t n;
};

extern const struct fault CHECK_ONE_THING, CHECK_TOO_MANY;

/* Faults: CHECK_ONE_THING, CHECK_TOO_MANY. */
enum status message_check(struct ctx *cx, const struct message_check *in,
                          struct check_answer *out) MUST_CHECK;
enum status safety_text(struct ctx *cx, const struct safety_ask *in,
                        struct safety_view *out) MUST_CHECK;
