/* guide_api: the ops of the guides. SPDX-License-Identifier: Apache-2.0 */
#include "billing/guide.h"
#include "http/op.h"

/* clang-format off */
#define GUIDE_FIELDS                                                                               \
    MEMBER_FIELD(struct guide_ask),                                                                \
    TEXT_OPT(struct guide_ask, locale, 2, 35, "Of the texts; else the account's."),                \
    INT_OPT(struct guide_ask, days, 1, 730, "How far back to look; else 62.")

static const struct field ask_fields[] = {GUIDE_FIELDS};
static const struct shape ask_shape = SHAPE(guide_ask, ask_fields);

static const struct field unknown_fields[] = {
    GUIDE_FIELDS,
    TEXT_OPT(struct guide_ask, on, 10, 10, "The charge's date, like 2026-01-31."),
    INT_OPT(struct guide_ask, amount_minor, 1, INT64_C(1000000000000), "And its amount."),
    INT_OPT(struct guide_ask, steps_done, 0, GUIDE_STEPS, "How many of the steps are behind you."),
    BOOL_OPT(struct guide_ask, stolen, "The card was stolen."),
};
static const struct shape unknown_shape = SHAPE(guide_ask, unknown_fields);

static const struct field evidence_fields[] = {
    TEXT(struct guide_evidence, name, 0, 0, NULL),
    TEXT(struct guide_evidence, value, 0, 0, "For machines."),
    TEXT(struct guide_evidence, text, 0, 0, "The same for people, in the language of the texts."),
};
static const struct shape evidence_shape = SHAPE(guide_evidence, evidence_fields);

static const struct field item_fields[] = {
    TEXT(struct guide_item, code, 0, 0, NULL),
    TEXT(struct guide_item, text, 0, 0, "One plain sentence."),
    ENUM(struct guide_item, verdict, verdicts, "Whether it is so; of a step: whether it is next."),
    LIST(struct guide_item, evidence, n_evidence, evidence_shape, NULL),
};
static const struct shape item_shape = SHAPE(guide_item, item_fields);

static const struct field answer_fields[] = {
    LIST(struct guide_answer, checks, n_checks, item_shape, "All that was looked at."),
    LIST(struct guide_answer, causes, n_causes, item_shape, "Those that hold, or `none`."),
    LIST(struct guide_answer, steps, n_steps, item_shape, "Of an unknown charge: what to do."),
    TEXT(struct guide_answer, next_step, 0, 0, "An op, a guide or a code."),
    TEXT(struct guide_answer, next_text, 0, 0, NULL),
    TEXT(struct guide_answer, work, 0, 0, "wrk_…: the case that was opened; ''."),
};
static const struct shape answer_shape = SHAPE(guide_answer, answer_fields);

static const struct field sign_up_fields[] = {
    MEMBER_FIELD(struct sign_up_ask),
    BOOL_OPT(struct sign_up_ask, resend, "Send the confirmation to the account's contact again."),
};
static const struct shape sign_up_shape = SHAPE(sign_up_ask, sign_up_fields);

static const struct field signed_fields[] = {
    TEXT(struct sign_up_answer, biller, 0, 0, "Who collects the money: direct, or a partner."),
    TEXT(struct sign_up_answer, plan, 0, 0, NULL),
    TEXT(struct sign_up_answer, joined_on, 0, 0, NULL),
    TEXT(struct sign_up_answer, currency, 0, 0, "'' when a partner billed, or it is not known."),
    INT(struct sign_up_answer, price_minor, 0, 0, "A month of the plan then; 0: not known."),
    TEXT(struct sign_up_answer, billing_day, 0, 0, "Day of the month then; '': not known."),
    TEXT(struct sign_up_answer, how, 0, 0, "joined, imported, …"),
    TEXT(struct sign_up_answer, confirmed_at, 0, 0, "'' when that was before the import."),
    BOOL(struct sign_up_answer, sent, "The confirmation is on its way again."),
};
static const struct shape signed_shape = SHAPE(sign_up_answer, signed_fields);

OP_RUN(guide_charged_twice, struct guide_ask, struct guide_answer)
OP_RUN(guide_unknown_charge, struct guide_ask, struct guide_answer)
OP_RUN(guide_charged_after_cancel, struct guide_ask, struct guide_answer)
OP_RUN(guide_sign_up, struct sign_up_ask, struct sign_up_answer)

enum { READERS = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM) };

static const struct op ops[] = {
    {
        .id = "guide.charged_twice",
        .method = "POST",
        .path = "/accounts/{member}/guides/charged-twice",
        .role = READERS,
        .summary = "Say why money left twice; open a case when there is no known cause.",
        .in = &ask_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct guide_ask),
        .action = ACTION_CHARGES_VIEW,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN),
        .writes = true,
        .run = run_guide_charged_twice,
    },
    {
        .id = "guide.unknown_charge",
        .method = "POST",
        .path = "/accounts/{member}/guides/unknown-charge",
        .role = READERS,
        .summary = "Find where an unknown charge comes from, and what to do step by step.",
        .in = &unknown_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct guide_ask),
        .action = ACTION_CHARGES_VIEW,
        .faults = FAULTS(&GUIDE_DATE, &MEMBERSHIP_UNKNOWN),
        .writes = true,
        .run = run_guide_unknown_charge,
    },
    {
        .id = "guide.charged_after_cancel",
        .method = "POST",
        .path = "/accounts/{member}/guides/charged-after-cancel",
        .role = READERS,
        .summary = "Go through the eight checks of a charge after cancelling.",
        .in = &ask_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct guide_ask),
        .action = ACTION_CHARGES_VIEW,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN),
        .writes = true,
        .run = run_guide_charged_after_cancel,
    },
    {
        .id = "guide.sign_up",
        .method = "POST",
        .path = "/accounts/{member}/guides/sign-up",
        .role = READERS,
        .summary = "Say how this membership was signed up for; send its confirmation again.",
        .in = &sign_up_shape,
        .out = &signed_shape,
        .subject = ABOUT_MEMBER(struct sign_up_ask),
        .action = ACTION_MEMBERSHIP_VIEW,
        .faults = FAULTS(&MEMBERSHIP_UNKNOWN),
        .writes = true,
        .run = run_guide_sign_up,
    },
};
/* clang-format on */
const struct ops guide_ops = {COUNT(ops), ops};
