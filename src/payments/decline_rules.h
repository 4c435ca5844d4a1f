/* decline_rules: what a gateway's refusal means - for retries, and in plain words for the member.
 * Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum decline_class {
    DECLINE_NONE,         /* no decline; spelt "" */
    DECLINE_NEVER,        /* this method will not pay again: no further attempt (SPEC E-11) */
    DECLINE_FIX_DATA,     /* pays once its data are corrected or it is replaced */
    DECLINE_NEEDS_MEMBER, /* the member must confirm, or speak with the bank */
    DECLINE_LATER,        /* the same may succeed on another day */
    DECLINE_TECHNICAL,    /* the same may succeed within the hour */
};
extern const struct names decline_classes;

/* What a member is told (SPEC E-12); texts: decline.REASON. Suspected fraud, lost and stolen cards
 * read as REASON_BANK_REFUSED: the person in front of us may not be the card's owner. */
enum decline_reason {
    REASON_NONE, /* spelt "" */
    REASON_FUNDS,
    REASON_EXPIRED_OR_INVALID,
    REASON_BANK_REFUSED,
    REASON_DETAILS_MISMATCH,
    REASON_POSTAL_MISMATCH,
};
extern const struct names decline_reasons;

/* Which of the details that were typed in the bank rejected (SPEC C-13). */
enum decline_detail { DETAIL_NONE, DETAIL_NUMBER, DETAIL_EXPIRY, DETAIL_CODE, DETAIL_POSTAL };
extern const struct names decline_details;

struct decline {
    const char *code; /* as the gateway spells it */
    enum decline_class class;
    enum decline_reason reason;
    bool retry; /* automatic attempts on the same method may go on */
};

/* The meaning of a decline with the network's advice code ("" for none). Advice only ever makes it
 * stricter: `do_not_try_again`, 03 and 21 mean never, `confirm_card_data` and 01 mean data to fix.
 * An unknown code is refused by the bank, for now. */
struct decline decline_read(const char *code, const char *advice);
/* A code that means by itself what both mean together: why a method stays blocked. */
const char *decline_kept(const char *code, const char *advice);
/* The meaning of a code alone, NULL when it is unknown. */
const struct decline *decline_find(const char *code);
/* All known codes, in alphabetical order. */
const struct decline *decline_list(size_t *n);

/* DETAIL_NONE when the bank did not say. */
enum decline_detail decline_detail(const char *code);

/* What a member can do about a decline, in the order shown (SPEC C-14). */
struct decline_action {
    const char *code;
    bool packaged; /* only where a billing partner collects the money */
};
enum { DECLINE_ACTIONS = 7 };
/* Writes those that apply and returns how many: all seven of a packaged membership, else six. */
size_t decline_actions(bool packaged, const struct decline_action *out[static DECLINE_ACTIONS]);
