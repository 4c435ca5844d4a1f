/* partner_api: the ops of billing partners. SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "partners/partners.h"

/* clang-format off */
static const struct field tell_fields[] = {
    MEMBER_FIELD(struct partner_tell),
    TEXT(struct partner_tell, partner, 1, 40, "Its code in the catalog."),
    TEXT(struct partner_tell, reference, 1, 120, "The partner's own, once per event."),
    ENUM(struct partner_tell, event, partner_events, "What has happened."),
    INT_OPT(struct partner_tell, sequence, 1, INT64_MAX, "Ascending per member."),
    INT_OPT(struct partner_tell, occurred_at, 1, INT64_MAX,
            "Unix milliseconds; orders the events where there is no sequence."),
    TEXT_OPT(struct partner_tell, plan, 1, 40, "The plan from now on."),
    TEXT_OPT(struct partner_tell, period_start, 10, 10, "Of the period that the partner bills."),
    TEXT_OPT(struct partner_tell, period_end, 10, 10, "The first date after it."),
    TEXT_OPT(struct partner_tell, end_on, 10, 10,
             "Of a cancel: the first date without access; today when left out."),
};
static const struct shape tell_shape = SHAPE(partner_tell, tell_fields);

static const struct field answer_fields[] = {
    TEXT(struct partner_answer, member, 0, 0, "The membership's reference."),
    ENUM(struct partner_answer, outcome, partner_outcomes, "What became of the event."),
    BOOL(struct partner_answer, known, "It was told before; nothing was done now."),
    ENUM(struct partner_answer, membership, membership_states, "Its state afterwards."),
    TEXT(struct partner_answer, biller, 0, 0, "Who collects the money afterwards."),
    TEXT(struct partner_answer, plan, 0, 0, NULL),
    TEXT(struct partner_answer, period_start, 0, 0, NULL),
    TEXT(struct partner_answer, period_end, 0, 0, NULL),
    INT(struct partner_answer, doubles, 0, 0,
        "Other accounts that seem to be the same person's and pay too."),
};
static const struct shape answer_shape = SHAPE(partner_answer, answer_fields);

static const struct field doubles_fields[] = {MEMBER_FIELD(struct partner_doubles)};
static const struct shape doubles_shape = SHAPE(partner_doubles, doubles_fields);

static const struct field double_fields[] = {
    TEXT(struct partner_double, member, 0, 0, "Empty for an owner, who must prove that one first."),
    TEXT(struct partner_double, biller, 0, 0, "The same."),
    TEXT(struct partner_double, same, 0, 0, "What they share: email or card."),
};
static const struct shape double_shape = SHAPE(partner_double, double_fields);

static const struct field doubles_view_fields[] = {
    LIST(struct partner_doubles_view, doubles, n, double_shape, NULL),
    TEXT(struct partner_doubles_view, way_out, 0, 0, "Where this one of the two is ended."),
};
static const struct shape doubles_view_shape = SHAPE(partner_doubles_view, doubles_view_fields);
/* clang-format on */

OP_RUN_CATALOG(partner_event, struct partner_tell, struct partner_answer)
OP_RUN_CATALOG(partner_doubles, struct partner_doubles, struct partner_doubles_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "partner.event",
        .method = "POST",
        .path = "/accounts/{member}/partner-events",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Take what a billing partner tells about a member, once and in order.",
        .in = &tell_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct partner_tell),
        .faults = FAULTS(&PARTNER_UNKNOWN, &PARTNER_CLOSED, &PARTNER_PLAN,
                         &PARTNER_REFERENCE_REUSED, &PARTNER_ORDER_MISSING, &PARTNER_DATE,
                         &PARTNER_PERIOD, &BILLING_PAYMENT_IN_FLIGHT, &MEMBERSHIP_NOT_NOW,
                         &MEMBERSHIP_UNKNOWN),
        .writes = true,
        .run = run_partner_event,
    },
    {
        .id = "partner.doubles",
        .method = "GET",
        .path = "/accounts/{member}/doubles",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Tell whether the same person seems to pay on another account too.",
        .in = &doubles_shape,
        .out = &doubles_view_shape,
        .subject = ABOUT_MEMBER(struct partner_doubles),
        .action = ACTION_CHARGES_VIEW,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN),
        .run = run_partner_doubles,
    },
};
/* clang-format on */
const struct ops partner_ops = {COUNT(ops), ops};
