/* webhook_api: the ops of webhooks, for whoever operates the service.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "notify/webhook.h"

/* clang-format off */
static const struct field none_fields[] = {
    TEXT_OPT(struct webhook_ref, endpoint, 1, 40, "May be left out: all are listed."),
};
static const struct shape none_shape = SHAPE(webhook_ref, none_fields);

static const struct field ref_fields[] = {
    TEXT(struct webhook_ref, endpoint, 1, 40, "Which one: whk_…."),
};
static const struct shape ref_shape = SHAPE(webhook_ref, ref_fields);

static const struct field create_fields[] = {
    TEXT(struct webhook_create, url, 1, 500, "Where to: https:// and a host on the internet."),
    TEXT_OPT(struct webhook_create, note, 0, 200, "What it is for."),
    TEXT_OPT(struct webhook_create, events, 1, 1000,
             "Types with commas between, such as membership.*; everything when left out."),
};
static const struct shape create_shape = SHAPE(webhook_create, create_fields);

static const struct field update_fields[] = {
    TEXT(struct webhook_update, endpoint, 1, 40, "Which one: whk_…."),
    TEXT_OPT(struct webhook_update, url, 1, 500, "Where to from now on."),
    TEXT_OPT(struct webhook_update, note, 0, 200, "What it is for."),
    TEXT_OPT(struct webhook_update, events, 1, 1000, "Types from now on."),
    TEXT_OPT(struct webhook_update, state, 1, 20, "enabled or disabled."),
};
static const struct shape update_shape = SHAPE(webhook_update, update_fields);

static const struct field rotate_fields[] = {
    TEXT(struct webhook_rotate, endpoint, 1, 40, "Which one: whk_…."),
    INT(struct webhook_rotate, overlap_hours, 0, 720,
        "So long the old keys sign beside the new ones; 24 is usual, 0 when they have leaked."),
};
static const struct shape rotate_shape = SHAPE(webhook_rotate, rotate_fields);

static const struct field view_fields[] = {
    TEXT(struct webhook_view, endpoint, 0, 0, "The endpoint's reference."),
    TEXT(struct webhook_view, url, 0, 0, NULL),
    TEXT(struct webhook_view, note, 0, 0, NULL),
    TEXT(struct webhook_view, events, 0, 0, "The filter of types."),
    ENUM(struct webhook_view, state, endpoint_states, NULL),
    TEXT(struct webhook_view, disabled_why, 0, 0, "operator, gone (410) or failing; empty."),
    TEXT(struct webhook_view, disabled_at, 0, 0, "Empty while enabled."),
    TEXT(struct webhook_view, failing_since, 0, 0, "The first failure since the last success."),
    TEXT(struct webhook_view, made_at, 0, 0, NULL),
    TEXT(struct webhook_view, public_key, 0, 0, "whpk_…: checks the v1a signatures."),
    TEXT(struct webhook_view, old_keys_until, 0, 0, "Until when those before sign too; empty."),
    INT(struct webhook_view, waiting, 0, 0, "Deliveries that are under way."),
};
static const struct shape view_shape = SHAPE(webhook_view, view_fields);

static const struct field list_fields[] = {
    LIST(struct webhooks_view, items, n, view_shape, "Oldest first."),
};
static const struct shape list_shape = SHAPE(webhooks_view, list_fields);

static const struct field secret_fields[] = {
    TEXT(struct webhook_secret, secret, 0, 0, "whsec_…: told now and never again."),
};
static const struct shape secret_shape = SHAPE(webhook_secret, secret_fields);

static const struct field keys_fields[] = {
    TEXT(struct webhook_keys, endpoint, 0, 0, "The endpoint's reference."),
    TEXT(struct webhook_keys, public_key, 0, 0, "whpk_…: checks the v1a signatures."),
    TEXT(struct webhook_keys, old_keys_until, 0, 0, "Until when those before sign too; empty."),
    LIST(struct webhook_keys, items, n, secret_shape, "The one secret of the v1 signatures."),
};
static const struct shape keys_shape = SHAPE(webhook_keys, keys_fields);

static const struct field hooks_in_fields[] = {
    TEXT_OPT(struct hook_list, endpoint, 1, 40, "Of this endpoint alone: whk_…."),
    TEXT_OPT(struct hook_list, state, 1, 20,
             "waiting, sending, delivered, given_up or missed; all when left out."),
    TEXT_OPT(struct hook_list, before, 1, 40, "`next` of the page before."),
    INT_OPT(struct hook_list, limit, 1, 200, "How many at most; 50 when left out."),
};
static const struct shape hooks_in_shape = SHAPE(hook_list, hooks_in_fields);

static const struct field hook_fields[] = {
    TEXT(struct hook_view, delivery, 0, 0, "The delivery's reference."),
    TEXT(struct hook_view, endpoint, 0, 0, NULL),
    TEXT(struct hook_view, id, 0, 0, "The webhook-id, the same at every attempt."),
    TEXT(struct hook_view, member, 0, 0, "mem_…; empty when it concerns nobody in particular."),
    TEXT(struct hook_view, type, 0, 0, NULL),
    TEXT(struct hook_view, happened_at, 0, 0, NULL),
    ENUM(struct hook_view, state, hook_states, NULL),
    INT(struct hook_view, attempts, 0, 0, "Since it was planned or replayed."),
    TEXT(struct hook_view, due_at, 0, 0, "Of the next attempt; empty: at once, or none."),
    TEXT(struct hook_view, ended_at, 0, 0, "Empty while it is under way."),
};
static const struct shape hook_shape = SHAPE(hook_view, hook_fields);

static const struct field hooks_fields[] = {
    LIST(struct hooks_view, items, n, hook_shape, "Newest first."),
    TEXT(struct hooks_view, next, 0, 0, "Gives the next page as `before`; empty: none."),
};
static const struct shape hooks_shape = SHAPE(hooks_view, hooks_fields);

static const struct field hook_ref_fields[] = {
    TEXT(struct hook_ref, delivery, 1, 40, "Which one: dlv_…."),
};
static const struct shape hook_ref_shape = SHAPE(hook_ref, hook_ref_fields);

static const struct field attempt_fields[] = {
    INT(struct attempt_view, attempt, 0, 0, "Counted from 1 since planned or replayed."),
    TEXT(struct attempt_view, sent_at, 0, 0, NULL),
    INT(struct attempt_view, duration_ms, 0, 0, NULL),
    INT(struct attempt_view, http_status, 0, 0, "0: there was no answer."),
    ENUM(struct attempt_view, result, attempt_results, NULL),
    TEXT(struct attempt_view, answer, 0, 0, "Its first bytes, or what kept it away."),
};
static const struct shape attempt_shape = SHAPE(attempt_view, attempt_fields);

static const struct field log_fields[] = {
    TEXT(struct hook_log, delivery, 0, 0, "The delivery's reference."),
    TEXT(struct hook_log, id, 0, 0, "The webhook-id."),
    TEXT(struct hook_log, type, 0, 0, NULL),
    TEXT(struct hook_log, body, 0, 0, "JSON, as it is sent; empty when it is erased."),
    LIST(struct hook_log, items, n, attempt_shape, "Newest first."),
};
static const struct shape log_shape = SHAPE(hook_log, log_fields);

static const struct field replay_fields[] = {
    TEXT_OPT(struct hook_replay, delivery, 1, 40, "One: dlv_…."),
    TEXT_OPT(struct hook_replay, endpoint, 1, 40, "Or what this endpoint has not received."),
    TEXT_OPT(struct hook_replay, since, 1, 40, "What happened from then on: 2026-03-01."),
    TEXT_OPT(struct hook_replay, until, 1, 40, "And before then: 2026-03-02T08:00:00Z."),
    BOOL_OPT(struct hook_replay, all, "What it has received too."),
};
static const struct shape replay_shape = SHAPE(hook_replay, replay_fields);

static const struct field replayed_fields[] = {
    INT(struct hook_replayed, replayed, 0, 0, "So many are sent again."),
};
static const struct shape replayed_shape = SHAPE(hook_replayed, replayed_fields);
/* clang-format on */

OP_RUN(webhook_create, struct webhook_create, struct webhook_keys)
OP_RUN(webhook_list, struct webhook_ref, struct webhooks_view)
OP_RUN(webhook_update, struct webhook_update, struct webhook_view)
OP_RUN(webhook_delete, struct webhook_ref, struct webhook_view)
OP_RUN(webhook_rotate, struct webhook_rotate, struct webhook_keys)
OP_RUN(hook_list, struct hook_list, struct hooks_view)
OP_RUN(hook_log, struct hook_ref, struct hook_log)
OP_RUN(hook_replay, struct hook_replay, struct hook_replayed)
OP_RUN(webhook_test, struct webhook_ref, struct hook_ref)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "webhook.create",
        .method = "POST",
        .path = "/webhooks",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Tell an address of what happens.",
        .in = &create_shape,
        .out = &keys_shape,
        .faults = FAULTS(&WEBHOOK_URL, &WEBHOOK_FILTER, &WEBHOOK_TOO_MANY),
        .writes = true,
        .told_once = "secret",
        .run = run_webhook_create,
    },
    {
        .id = "webhook.list",
        .method = "GET",
        .path = "/webhooks",
        .role = MAY(ROLE_SYSTEM),
        .summary = "List who is told, and how it goes.",
        .in = &none_shape,
        .out = &list_shape,
        .run = run_webhook_list,
    },
    {
        .id = "webhook.update",
        .method = "POST",
        .path = "/webhooks/{endpoint}",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Change an endpoint, or enable it again.",
        .in = &update_shape,
        .out = &view_shape,
        .faults = FAULTS(&WEBHOOK_UNKNOWN, &WEBHOOK_DELETED, &WEBHOOK_URL, &WEBHOOK_FILTER),
        .writes = true,
        .run = run_webhook_update,
    },
    {
        .id = "webhook.delete",
        .method = "POST",
        .path = "/webhooks/{endpoint}/delete",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Tell an endpoint nothing more and forget its keys.",
        .in = &ref_shape,
        .out = &view_shape,
        .faults = FAULTS(&WEBHOOK_UNKNOWN, &WEBHOOK_DELETED),
        .writes = true,
        .run = run_webhook_delete,
    },
    {
        .id = "webhook.rotate",
        .method = "POST",
        .path = "/webhooks/{endpoint}/rotate",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Give an endpoint new keys; the old ones sign beside them for a while.",
        .in = &rotate_shape,
        .out = &keys_shape,
        .faults = FAULTS(&WEBHOOK_UNKNOWN, &WEBHOOK_DELETED),
        .writes = true,
        .told_once = "secret",
        .run = run_webhook_rotate,
    },
    {
        .id = "webhook.test",
        .method = "POST",
        .path = "/webhooks/{endpoint}/test",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Send a ping to an endpoint.",
        .in = &ref_shape,
        .out = &hook_ref_shape,
        .faults = FAULTS(&WEBHOOK_UNKNOWN, &WEBHOOK_DELETED),
        .writes = true,
        .run = run_webhook_test,
    },
    {
        .id = "webhook.deliveries",
        .method = "GET",
        .path = "/webhook-deliveries",
        .role = MAY(ROLE_SYSTEM),
        .summary = "List deliveries and what became of them, newest first.",
        .in = &hooks_in_shape,
        .out = &hooks_shape,
        .faults = FAULTS(&WEBHOOK_UNKNOWN, &HOOK_UNKNOWN),
        .run = run_hook_list,
    },
    {
        .id = "webhook.attempts",
        .method = "GET",
        .path = "/webhook-deliveries/{delivery}",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Show a delivery's body and every attempt.",
        .in = &hook_ref_shape,
        .out = &log_shape,
        .faults = FAULTS(&HOOK_UNKNOWN),
        .run = run_hook_log,
    },
    {
        .id = "webhook.replay",
        .method = "POST",
        .path = "/webhook-deliveries/replay",
        .role = MAY(ROLE_SYSTEM),
        .summary = "Send again what was not received, or everything of a time.",
        .in = &replay_shape,
        .out = &replayed_shape,
        .faults = FAULTS(&WEBHOOK_UNKNOWN, &WEBHOOK_DELETED, &HOOK_UNKNOWN, &HOOK_OPEN,
                         &WEBHOOK_TIME),
        .writes = true,
        .run = run_hook_replay,
    },
};
/* clang-format on */
const struct ops webhook_ops = {COUNT(ops), ops};
