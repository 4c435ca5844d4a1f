/* message_api: the ops of the message centre. SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "notify/notify.h"

/* clang-format off */
static const struct field delivery_fields[] = {
    ENUM(struct message_view_delivery, channel, channels, NULL),
    ENUM(struct message_view_delivery, state, delivery_states, "What became of it."),
    TEXT(struct message_view_delivery, address, 0, 0, "Masked; empty for push."),
    TEXT(struct message_view_delivery, at, 0, 0, "Accepted or given up; empty: not yet."),
};
static const struct shape delivery_shape = SHAPE(message_view_delivery, delivery_fields);

static const struct field view_fields[] = {
    TEXT(struct message_view, reference, 0, 0, "Stands at the end of the message itself."),
    TEXT(struct message_view, kind, 0, 0, "What happened: membership.started, …"),
    TEXT(struct message_view, subject, 0, 0, "In the language that it was written in."),
    TEXT(struct message_view, text, 0, 0,
         "Paragraphs with an empty line between them; codes are for the owner alone."),
    TEXT(struct message_view, at, 0, 0, "When it happened."),
    TEXT(struct message_view, read_at, 0, 0, "Empty: not opened yet."),
    LIST(struct message_view, deliveries, n_deliveries, delivery_shape, "How it went out."),
};
static const struct shape view_shape = SHAPE(message_view, view_fields);

static const struct field list_fields[] = {
    MEMBER_FIELD(struct message_list),
    INT_OPT(struct message_list, limit, 1, 100, "How many; else 20."),
    TEXT_OPT(struct message_list, before, 1, 40, "`next` of the page before; else the newest."),
};
static const struct shape list_shape = SHAPE(message_list, list_fields);

static const struct field listed_fields[] = {
    TEXT(struct messages_view, member, 0, 0, "The account's reference."),
    LIST(struct messages_view, messages, n, view_shape, "The newest first."),
    TEXT(struct messages_view, next, 0, 0, "For the next page; empty at the end."),
    BOOL(struct messages_view, email_reachable, "False: mail comes back; see contact.get."),
    BOOL(struct messages_view, phone_reachable, "False: texts come back."),
};
static const struct shape listed_shape = SHAPE(messages_view, listed_fields);

static const struct field ref_fields[] = {
    MEMBER_FIELD(struct message_ref),
    TEXT(struct message_ref, reference, 1, 40, "As it stands in the message."),
};
static const struct shape ref_shape = SHAPE(message_ref, ref_fields);
/* clang-format on */

OP_RUN(message_list, struct message_list, struct messages_view)
OP_RUN(message_read, struct message_ref, struct message_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "message.list",
        .method = "GET",
        .path = "/accounts/{member}/messages",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "List every message that was sent to an account, and what became of it.",
        .in = &list_shape,
        .out = &listed_shape,
        .subject = ABOUT_MEMBER(struct message_list),
        .faults = FAULTS(&MESSAGE_UNKNOWN),
        .run = run_message_list,
    },
    {
        .id = "message.read",
        .method = "POST",
        .path = "/accounts/{member}/messages/{reference}/read",
        .role = MAY(ROLE_OWNER),
        .summary = "Open a message: it counts as read.",
        .in = &ref_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct message_ref),
        .faults = FAULTS(&MESSAGE_UNKNOWN),
        .writes = true,
        .run = run_message_read,
    },
};
/* clang-format on */
const struct ops message_ops = {COUNT(ops), ops};
