/* check_api: the ops that say what is ours, and what we never ask for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "notify/notify.h"

#define EVERYBODY                                                                                  \
    (MAY(ROLE_VISITOR) | MAY(ROLE_OWNER) | MAY(ROLE_PROFILE) | MAY(ROLE_KIDS) | MAY(ROLE_EXTRA) |  \
     MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM))

/* clang-format off */
static const struct field check_fields[] = {
    TEXT_OPT(struct message_check, reference, 1, 60, "As it stands at the message's end."),
    TEXT_PHONE_OPT(struct message_check, sender, 1, 400,
                   "Whom it came from: an address or a number."),
    TEXT_OPT(struct message_check, link, 1, 4000, "A link in it; it is not opened."),
    TEXT_OPT(struct message_check, locale, 2, 35, "Language of the answer; else English."),
};
static const struct shape check_shape = SHAPE(message_check, check_fields);

static const struct field answer_fields[] = {
    ENUM(struct check_answer, verdict, check_verdicts, NULL),
    ENUM(struct check_answer, reason, check_reasons, "Why."),
    TEXT(struct check_answer, text, 0, 0, "What it means and what to do."),
    TEXT(struct check_answer, kind, 0, 0, "What the message with that reference is about."),
    TEXT(struct check_answer, sent_on, 0, 0, "When it was made: compare both with yours."),
};
static const struct shape answer_shape = SHAPE(check_answer, answer_fields);

static const struct field safety_fields[] = {
    TEXT_OPT(struct safety_ask, locale, 2, 35, "Language of the answer; else English."),
};
static const struct shape safety_shape = SHAPE(safety_ask, safety_fields);

static const struct field line_fields[] = {
    TEXT(struct safety_line, code, 0, 0, NULL),
    TEXT(struct safety_line, text, 0, 0, "One sentence."),
};
static const struct shape line_shape = SHAPE(safety_line, line_fields);

static const struct field view_fields[] = {
    TEXT(struct safety_view, title, 0, 0, NULL),
    LIST(struct safety_view, lines, n, line_shape, "What we never ask for, and what to do."),
};
static const struct shape view_shape = SHAPE(safety_view, view_fields);

static const struct field report_fields[] = {
    TEXT(struct message_report, provider_ref, 1, 60, "The provider's own number: SM…."),
    TEXT(struct message_report, status, 1, 40, "As the provider says it: delivered, failed, …"),
    TEXT_OPT(struct message_report, code, 0, 40, "Why it failed."),
};
static const struct shape report_shape = SHAPE(message_report, report_fields);

static const struct field reported_fields[] = {
    BOOL(struct message_reported, known, "False: no delivery has that number."),
    TEXT(struct message_reported, state, 0, 0, "Of the delivery; empty: not known."),
};
static const struct shape reported_shape = SHAPE(message_reported, reported_fields);
/* clang-format on */

OP_RUN(message_check, struct message_check, struct check_answer)
OP_RUN(safety_text, struct safety_ask, struct safety_view)
OP_RUN(message_report, struct message_report, struct message_reported)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "message.check",
        .method = "POST",
        .path = "/messages/check",
        .role = EVERYBODY,
        .summary = "Tell whether a message is ours, by its reference, its sender or a link in it.",
        .in = &check_shape,
        .out = &answer_shape,
        .faults = FAULTS(&CHECK_ONE_THING, &CHECK_TOO_MANY),
        .writes = true,
        .run = run_message_check,
    },
    {
        .id = "message.report",
        .method = "POST",
        .path = "/messages/report",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Take what a provider reports of a text message that it had accepted.",
        .in = &report_shape,
        .out = &reported_shape,
        .writes = true,
        .run = run_message_report,
    },
    {
        .id = "safety.text",
        .method = "GET",
        .path = "/safety",
        .role = EVERYBODY,
        .summary = "Say what we never ask for, and how to tell that a message is ours.",
        .in = &safety_shape,
        .out = &view_shape,
        .run = run_safety_text,
    },
};
/* clang-format on */
const struct ops check_ops = {COUNT(ops), ops};
