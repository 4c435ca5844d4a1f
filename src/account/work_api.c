/* work_api: the ops of work for people. SPDX-License-Identifier: Apache-2.0 */
#include "account/account.h"
#include "http/op.h"

/* clang-format off */
static const struct field list_fields[] = {
    TEXT_OPT(struct work_list, member, 1, 200, "Of this account alone: external id or mem_…."),
    TEXT_OPT(struct work_list, state, 1, 20, "open or closed; both when left out."),
    TEXT_OPT(struct work_list, kind, 1, 80, "Of this kind alone."),
    TEXT_OPT(struct work_list, before, 1, 40, "`next` of the page before."),
    INT_OPT(struct work_list, limit, 1, 200, "How many at most; 50 when left out."),
};
static const struct shape list_shape = SHAPE(work_list, list_fields);

static const struct field view_fields[] = {
    TEXT(struct work_view, work, 0, 0, "The work item's reference."),
    TEXT(struct work_view, member, 0, 0, "mem_…; empty when it concerns nobody in particular."),
    TEXT(struct work_view, kind, 0, 0, NULL),
    TEXT(struct work_view, subject, 0, 0, "The number of what it is about, beside the account."),
    ENUM(struct work_view, priority, work_priorities, NULL),
    ENUM(struct work_view, state, work_states, NULL),
    TEXT(struct work_view, opened_at, 0, 0, NULL),
    TEXT(struct work_view, opened_by, 0, 0, "Role and number: agent:7."),
    TEXT(struct work_view, closed_at, 0, 0, "Empty while open."),
    TEXT(struct work_view, closed_by, 0, 0, NULL),
    TEXT(struct work_view, evidence, 0, 0, "JSON: facts and references."),
    TEXT(struct work_view, outcome, 0, 0, "What came of it."),
};
static const struct shape view_shape = SHAPE(work_view, view_fields);

static const struct field works_fields[] = {
    LIST(struct works_view, items, n, view_shape, "Newest first."),
    TEXT(struct works_view, next, 0, 0, "Gives the next page as `before`; empty: there is none."),
};
static const struct shape works_shape = SHAPE(works_view, works_fields);

static const struct field close_fields[] = {
    TEXT(struct work_close, work, 1, 40, "Which one: wrk_… of work.list."),
    TEXT(struct work_close, outcome, 1, 2000, "What came of it, for the record."),
};
static const struct shape close_shape = SHAPE(work_close, close_fields);
/* clang-format on */

OP_RUN(work_list, struct work_list, struct works_view)
OP_RUN(work_close, struct work_close, struct work_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "work.list",
        .method = "GET",
        .path = "/work",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "List the work that waits for people, newest first.",
        .in = &list_shape,
        .out = &works_shape,
        .faults = FAULTS(&ACCOUNT_UNKNOWN, &WORK_UNKNOWN),
        .run = run_work_list,
    },
    {
        .id = "work.close",
        .method = "POST",
        .path = "/work/{work}/close",
        .role = MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Close a work item with its outcome.",
        .in = &close_shape,
        .out = &view_shape,
        .faults = FAULTS(&WORK_UNKNOWN, &WORK_IS_CLOSED),
        .writes = true,
        .run = run_work_close,
    },
};
/* clang-format on */
const struct ops work_ops = {COUNT(ops), ops};
