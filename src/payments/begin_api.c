/* begin_api: the ops that begin or take up a membership, with their first payment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "payments/begin.h"
#include "payments/decline_rules.h"
#include "payments/intake_rules.h"
#include "policy/reasons_rules.h"

/* clang-format off */
static const struct field start_fields[] = {
    TEXT_OPT(struct begin_start, member, 1, 200, "The operator's own id of the new member."),
    TEXT(struct begin_start, email, 3, 254, NULL),
    TEXT(struct begin_start, name, 1, 200, NULL),
    TEXT(struct begin_start, country, 2, 60, "ISO 3166-1 code or English name."),
    TEXT_OPT(struct begin_start, region, 1, 64, "ISO 3166-2, where taxes differ by region."),
    TEXT(struct begin_start, plan, 1, 64, NULL),
    TEXT_OPT(struct begin_start, locale, 2, 35, "Such as de-DE."),
    TEXT_OPT(struct begin_start, time_zone, 1, 64, "The country's when left out."),
    TEXT_SECRET(struct begin_start, token, 1, 255, "The gateway's token; never a card's number."),
    TEXT_OPT(struct begin_start, consent, 1, 40,
             "The version of the text on recurring charges that was agreed to; the current one "
             "when left out."),
    TEXT_OPT(struct begin_start, surface, 1, 20,
             "Where: web, app, tv, …; when left out that of the call, or `api`."),
};
static const struct shape start_shape = SHAPE(begin_start, start_fields);

static const struct field restart_fields[] = {
    MEMBER_FIELD(struct begin_restart),
    TEXT_OPT(struct begin_restart, plan, 1, 64,
             "The same as before when left out, and always before the end."),
};
static const struct shape restart_shape = SHAPE(begin_restart, restart_fields);

static const struct field confirm_fields[] = {
    MEMBER_FIELD(struct begin_confirm),
    TEXT(struct begin_confirm, code, 20, 40, "That went to the account's contacts."),
};
static const struct shape confirm_shape = SHAPE(begin_confirm, confirm_fields);

static const struct field resume_fields[] = {
    MEMBER_FIELD(struct begin_resume),
    BOOL_OPT(struct begin_resume, preview, "Only tell the charge and the new dates."),
};
static const struct shape resume_shape = SHAPE(begin_resume, resume_fields);

static const struct field answer_fields[] = {
    TEXT(struct begin_answer, member, 0, 0, "The membership's reference."),
    TEXT(struct begin_answer, plan, 0, 0, NULL),
    ENUM(struct begin_answer, state, membership_states, "The membership's state afterwards."),
    ENUM(struct begin_answer, trial, method_trials, "What came of the payment."),
    ENUM(struct begin_answer, reason, decline_reasons, "Of a decline."),
    TEXT(struct begin_answer, text, 0, 0, "The same in words."),
    INT(struct begin_answer, amount_minor, 0, 0, "Of the payment, tax included."),
    TEXT(struct begin_answer, currency, 0, 0, NULL),
    TEXT(struct begin_answer, anchor_on, 0, 0,
         "The date whose day of month every period starts on."),
    TEXT(struct begin_answer, next_charge_on, 0, 0, NULL),
    TEXT(struct begin_answer, held_until, 0, 0,
         "A restart that looks unusual waits so long for its owner; nothing is charged; ''."),
};
static const struct shape answer_shape = SHAPE(begin_answer, answer_fields);
/* clang-format on */

OP_RUN_CATALOG(begin_start, struct begin_start, struct begin_answer)
OP_RUN_CATALOG(begin_resume, struct begin_resume, struct begin_answer)
OP_RUN_CATALOG(begin_confirm, struct begin_confirm, struct begin_answer)
OP_RUN_CATALOG(begin_restart, struct begin_restart, struct begin_answer)

static enum status describe(struct ctx *cx, const struct op_world *w, void *in)
{
    return begin_describe(cx, w->world, in);
}

static enum status try_begun(struct ctx *cx, const struct op_world *w, const void *in UNUSED,
                             void *out)
{
    return begin_try(cx, w->world, w->catalog, out);
}

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "membership.start",
        .method = "POST",
        .path = "/memberships",
        .role = MAY(ROLE_VISITOR) | MAY(ROLE_SYSTEM),
        .summary = "Sign up: make an account with its method and membership, and charge the first "
                   "period.",
        .in = &start_shape,
        .out = &answer_shape,
        .action = ACTION_START,
        .faults = FAULTS(&MEMBER_VALUE_MISSING, &MEMBER_VALUE_TOO_LONG, &MEMBER_VALUE_INVALID,
                         &MEMBER_EXTERNAL_ID_INVALID, &MEMBER_EXTERNAL_ID_RESERVED,
                         &MEMBER_EMAIL_INVALID, &MEMBER_COUNTRY_UNKNOWN, &MEMBER_PLAN_UNKNOWN,
                         &MEMBER_PLAN_NOT_SOLD, &MEMBER_PLAN_CLOSED, &MEMBER_REGION_INVALID,
                         &MEMBER_LOCALE_INVALID, &MEMBER_ZONE_UNKNOWN, &MEMBER_EXISTS,
                         &METHOD_TOKEN_UNKNOWN, &METHOD_REFUSED, &METHOD_IS_NUMBER,
                         &GATEWAY_UNREACHABLE, &METHOD_KIND_NOT_ACCEPTED,
                         &METHOD_BRAND_NOT_ACCEPTED, &METHOD_FUNDING_NOT_ACCEPTED,
                         &METHOD_OPERATOR_NOT_ACCEPTED, &METHOD_GIFT_NOT_A_METHOD,
                         &METHOD_NOT_RECURRING, &METHOD_EXPIRY_INVALID, &METHOD_DISPUTED,
                         &METHOD_TOO_MANY, &BILLING_PAYMENT_IN_FLIGHT),
        .writes = true,
        .ask = describe,
        .run = run_begin_start,
        .after = try_begun,
    },
    {
        .id = "membership.restart",
        .method = "POST",
        .path = "/accounts/{member}/membership/restart",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Take up a membership that has ended and charge a new period; undo an end that "
                   "has not come.",
        .in = &restart_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct begin_restart),
        .action = ACTION_RESTART,
        .tells = &WHY_HELD_BACK,
        .refused = held_refused,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_NOT_NOW, &MEMBERSHIP_RETENTION_OVER,
                         &MEMBERSHIP_PROOF_NEEDED, &MEMBERSHIP_PARTNER_BILLED, &ACCOUNT_LOCKED,
                         &MEMBER_PLAN_UNKNOWN, &MEMBER_PLAN_CLOSED, &RETIRE_PLAN_OVER,
                         &METHOD_NEEDED, &BILLING_PAYMENT_IN_FLIGHT, &RATE_NO_COUNTRY,
                         &RATE_NO_PLAN, &RATE_NO_PRICE, &CHANGE_NOT_NOW),
        .writes = true,
        .run = run_begin_restart,
        .after = try_begun,
    },
    {
        .id = "membership.confirm_restart",
        .method = "POST",
        .path = "/accounts/{member}/membership/confirm-restart",
        .role = MAY(ROLE_OWNER),
        .summary = "Carry out at once a restart that was held back, with the code that went to "
                   "the account's contacts.",
        .in = &confirm_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct begin_confirm),
        .action = ACTION_RESTART,
        .tells = &WHY_HELD_BACK,
        .refused = held_refused,
        .proof = true,
        .faults = FAULTS(&PROOF_UNKNOWN, &HELD_NONE, &MEMBERSHIP_UNKNOWN, &MEMBERSHIP_NOT_NOW,
                         &MEMBERSHIP_RETENTION_OVER, &MEMBERSHIP_PARTNER_BILLED, &ACCOUNT_LOCKED,
                         &RETIRE_PLAN_OVER, &BILLING_PAYMENT_IN_FLIGHT, &RATE_NO_COUNTRY,
                         &RATE_NO_PLAN, &RATE_NO_PRICE),
        .writes = true,
        .run = run_begin_confirm,
        .after = try_begun,
    },
    {
        .id = "membership.resume",
        .method = "POST",
        .path = "/accounts/{member}/membership/resume",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "End a pause early and charge a new period; withdraw one that has not begun.",
        .in = &resume_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct begin_resume),
        .action = ACTION_RESUME,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN, &MEMBERSHIP_PARTNER_BILLED, &ACCOUNT_LOCKED,
                         &PAUSE_NONE, &BILLING_PAYMENT_IN_FLIGHT, &RATE_NO_COUNTRY,
                         &RATE_NO_PLAN, &RATE_NO_PRICE, &RETIRE_ENDS),
        .writes = true,
        .run = run_begin_resume,
        .after = try_begun,
    },
};
/* clang-format on */
const struct ops begin_ops = {COUNT(ops), ops};
