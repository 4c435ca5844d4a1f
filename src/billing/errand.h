/* errand: small things that are due beside a membership's own step - look-ups, reminders, notices.
 * One row per account, kind and subject; a new kind is a word here and a line in errand.c.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "errand_sql.h" /* struct errand: the row */

enum errand_kind {
    ERRAND_LOOK_UP,         /* subject: a charge of a payment that begins a term and is in doubt */
    ERRAND_RESUME_REMINDER, /* subject 0: a pause is over soon (SPEC G-05) */
    ERRAND_CHANGE_END,      /* subject: a plan change whose payment has had no answer in time */
    ERRAND_CANCEL_REMINDER, /* subject 0: a cancel was begun (SPEC F-02) */
    ERRAND_CREDIT_LOW,      /* subject: the local date of the charge it is about; 0: to be found */
    ERRAND_USE_QUESTION,    /* subject 0: asks whether the member still wants to pay (SPEC B-15) */
    ERRAND_USE_ANSWER,      /* subject 0: by now it has answered, or the membership ends */
    ERRAND_CANCEL_FORM,     /* subject: a form for cancelling; its account may be 0 (SPEC F-25) */
    ERRAND_RESTART,         /* subject 0: a restart was held back until now (SPEC DT-3) */
    ERRAND_RETIRE_NOTICE,   /* subject 0: its plan is retired soon: tells it (SPEC A-10) */
    ERRAND_RETIRE,          /* subject 0: its plan is retired, and it was told */
};
extern const struct names errand_kinds;

/* Inside the caller's transaction: plans an errand, instead of the one with the same subject. */
enum status errand_plan(struct ctx *cx, int64_t account_id, enum errand_kind kind, int64_t subject,
                        int64_t due_at) MUST_CHECK;
/* The same unless it is planned already. */
enum status errand_plan_once(struct ctx *cx, int64_t account_id, enum errand_kind kind,
                             int64_t subject, int64_t due_at) MUST_CHECK;
/* Gives it up; nothing when there is none. */
enum status errand_drop(struct ctx *cx, int64_t account_id, enum errand_kind kind,
                        int64_t subject) MUST_CHECK;
