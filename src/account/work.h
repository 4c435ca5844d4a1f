/* work: what a person must look at. A requirement that opens a case writes a work item; support
 * lists and closes them. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"
#include "work_sql.h" /* struct work_item: the row */

enum work_priority { WORK_NORMAL, WORK_HIGH, WORK_URGENT };
extern const struct names work_priorities;
enum work_state { WORK_OPEN, WORK_CLOSED };
extern const struct names work_states;

extern const struct fault WORK_UNKNOWN, WORK_IS_CLOSED;

struct work_open {
    int64_t account_id; /* 0: concerns nobody in particular */
    const char *kind;   /* "account.takeover": named by who opens it, stable */
    int64_t subject;    /* the charge, dispute, … it is about; 0: the account itself */
    enum work_priority priority;
    json_t *evidence; /* an object of facts and references, which it takes over; NULL: none */
    bool adds;        /* to what is open, as one more of the objects under `more` */
};

/* Opens one inside the caller's transaction, by cx->actor at cx->now. Where one is open for the
 * same account, kind and subject that one is answered, and keeps what it says; what it says already
 * is not added again. *work_id may be NULL. */
enum status work_open(struct ctx *cx, const struct work_open *w, int64_t *work_id) MUST_CHECK;

struct work_list {
    const char *member; /* NULL: everybody's */
    const char *state;  /* of work_states; NULL: any */
    const char *kind;   /* NULL: any */
    const char *before; /* `next` of the page before; NULL: from the newest on */
    int64_t limit;      /* 0: 50 */
};
struct work_view {
    const char *work, *member; /* wrk_…, mem_… or '' */
    const char *kind, *subject;
    int64_t priority, state;
    const char *opened_at, *opened_by, *closed_at, *closed_by; /* RFC 3339; `system`, `agent:7` */
    const char *evidence;                                      /* JSON */
    const char *outcome;
};
struct works_view {
    const struct work_view *items;
    size_t n;
    const char *next; /* gives the next page as `before`; '' when this was the last */
};
/* Newest first. Faults: ACCOUNT_UNKNOWN, WORK_UNKNOWN when `before` or `state` is no such thing. */
enum status work_list(struct ctx *cx, const struct work_list *in,
                      struct works_view *out) MUST_CHECK;

struct work_close {
    const char *work, *outcome;
};
/* Says what came of it (SPEC I-11). Faults: WORK_UNKNOWN, WORK_IS_CLOSED. */
enum status work_close(struct ctx *cx, const struct work_close *in,
                       struct work_view *out) MUST_CHECK;
/* The same for the one that is open for an account's kind and subject; nothing when none is. */
enum status work_settle(struct ctx *cx, int64_t account_id, const char *kind, int64_t subject,
                        const char *outcome) MUST_CHECK;
