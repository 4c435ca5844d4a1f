/* contact: how a person is reached, on which channels and when - the account's email address, a
 * phone, consents and quiet hours (SPEC Y-01, Y-14, Y-15). Part of the face, account.h.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/contact_rules.h"
#include "contact_sql.h" /* struct contact: the row */

struct contact_ask {
    const char *member;
    int64_t account_id;
};
/* Texts that are NULL and flags of -1 stay as they are. */
struct contact_set {
    const char *member;
    int64_t account_id;
    const char *email, *phone; /* phone "": none */
    const char *locale;
    int64_t texts, push;                  /* consent: 1 given, 0 taken back */
    const char *quiet_from, *quiet_until; /* "22:00" */
    bool phone_verified;                  /* the caller vouches for it: not for people */
};
/* Dates are instants, "" for none. */
struct contact_view {
    const char *member;
    const char *email, *phone;
    bool phone_verified;
    bool email_reachable, phone_reachable; /* false: messages come back (SPEC Y-14) */
    const char *email_failed_at, *phone_failed_at;
    bool texts, push; /* agreed to */
    const char *quiet_from, *quiet_until, *time_zone;
    const char *locale;
};

extern const struct fault CONTACT_EMAIL_INVALID, CONTACT_PHONE_INVALID, CONTACT_HOUR_INVALID,
    CONTACT_LOCALE_INVALID, CONTACT_NOT_VOUCHED;

/* As stored, or what holds for somebody who has never said anything. */
enum status contact_load(struct ctx *cx, int64_t account_id, struct contact *out) MUST_CHECK;
/* A channel refuses the address for good (SPEC Y-14), or takes it after all (code ""). */
enum status contact_refused(struct ctx *cx, int64_t account_id, bool is_phone, const char *code,
                            int64_t at) MUST_CHECK;

enum status contact_get(struct ctx *cx, const struct contact_ask *in,
                        struct contact_view *out) MUST_CHECK;
/* Every change of an address is told to all contacts, the one that it replaces included (SPEC
 * L-09, Y-08). Faults: those above, ACCOUNT_LOCKED. */
enum status contact_set(struct ctx *cx, const struct contact_set *in,
                        struct contact_view *out) MUST_CHECK;
