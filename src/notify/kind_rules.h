/* kind_rules: what each topic of the outbox becomes for people - the one table of messages. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* Ways out. The message centre is none: every message is listed there (SPEC Y-01, Y-12). */
enum channel { CHANNEL_EMAIL, CHANNEL_TEXT, CHANNEL_PUSH, CHANNELS };
extern const struct names channels;

/* 1 goes first. Only routine waits for the end of quiet hours (SPEC Y-13, Y-15). */
enum urgency {
    URGENCY_SECURITY = 1, /* somebody may be taking the account */
    URGENCY_ANSWER = 2,   /* to what somebody has just done: expected now */
    URGENCY_ROUTINE = 3,
};

/* A fact as people read it. One that is missing or empty is the word `none`. */
enum arg_type {
    ARG_NONE,
    ARG_WORD, /* what a text chooses by: yes, credit, phone */
    ARG_TEXT,
    ARG_MONEY,
    ARG_DATE,
};
struct message_arg {
    enum arg_type type;
    const char *fact;
    const char *currency; /* ARG_MONEY: the fact that names it */
};

enum { KIND_ARGS_MAX = 10, HOUR_MS = 3600000 };

struct message_kind {
    const char *topic; /* and the key of its texts: message.TOPIC.subject, message.TOPIC.body */
    enum urgency urgency;
    unsigned channels;   /* 1 << channel */
    bool everywhere;     /* texts go to every verified phone, agreed or not (SPEC L-09) */
    bool next;           /* says the next billing date and amount (SPEC B-12) */
    bool old_contact;    /* also to the address in the fact `old` (SPEC Y-08) */
    int64_t stale_hours; /* after it happened; later nobody wants it (SPEC Y-13) */
    const char *until;   /* or from this date of its facts on */
    unsigned states;     /* of the membership, in which alone it is still true; 0: any */
    bool foretells;      /* and untrue when the next charge that it says does not come */
    struct message_arg args[KIND_ARGS_MAX];
};
extern const struct message_kind message_kinds[];
extern const size_t n_message_kinds;

/* Topics that nobody is written about, and why not. */
struct silent_topic {
    const char *topic, *reason;
};
extern const struct silent_topic silent_topics[];
extern const size_t n_silent_topics;

const struct message_kind *message_kind_find(const char *topic); /* NULL: silent or unknown */
