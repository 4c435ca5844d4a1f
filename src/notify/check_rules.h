/* check_rules: whether a sender or a link is ours, by its domain, and what only looks like ours.
 * Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum check_verdict { CHECK_GENUINE, CHECK_NOT_OURS, CHECK_UNKNOWN };
extern const struct names check_verdicts;

/* Each is also the key of a text, check.REASON. */
enum check_reason {
    CHECK_SENT,       /* a message with this reference was sent by us */
    CHECK_NEVER_SENT, /* none was */
    CHECK_MISTYPED,   /* the reference does not check: a typing error, or made up */
    CHECK_OUR_DOMAIN,
    CHECK_LOOK_ALIKE, /* made to be taken for ours */
    CHECK_OTHER,
    CHECK_UNREADABLE, /* no address, no link */
};
extern const struct names check_reasons;

/* The host of a sender ("Foyer <account@example.com>") or of a link, in small letters and in
 * Unicode; NULL when there is none. Of "https://example.com@evil.test/" it is evil.test. */
char *check_sender_host(struct arena *a, const char *sender);
char *check_link_host(struct arena *a, const char *link);

/* Of a whole sender or link. What one reader might take for ours and another not is unreadable:
 * with blanks or controls inside, backslashes, several addresses, a port that is no number.
 * `domains` are ours, with commas between them. */
enum check_reason check_sender(struct arena *a, const char *sender, const char *domains);
enum check_reason check_link(struct arena *a, const char *link, const char *domains);
/* Of a host. */
enum check_reason check_host(struct arena *a, const char *host, const char *domains);
enum check_verdict check_verdict_of(enum check_reason reason);
