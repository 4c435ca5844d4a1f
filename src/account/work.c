/* work: opens, lists and closes. SPDX-License-Identifier: Apache-2.0 */
#include "account/work.h"

#include <assert.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/id.h"

const struct names work_priorities = NAMES("normal", "high", "urgent");
const struct names work_states = NAMES("open", "closed");

const struct fault WORK_UNKNOWN = {E_NOT_FOUND, "work.unknown",
                                   "There is no such work item; work.list shows them."};
const struct fault WORK_IS_CLOSED = {
    E_CONFLICT, "work.is_closed",
    "This work item was closed before and keeps its outcome; open the matter anew if need be."};

enum { PAGE = 50 };

static const char *compact(struct ctx *cx, const json_t *json)
{
    size_t const flags = JSON_COMPACT | JSON_PRESERVE_ORDER;
    size_t const size = json_dumpb(json, NULL, 0, flags);
    char *text = arena_alloc(cx->arena, size + 1);

    assert(size); /* inputs are UTF-8 by the time they reach it */
    (void)json_dumpb(json, text, size, flags);
    return text;
}

static enum status add(struct ctx *cx, const struct work_open *w, const char *evidence,
                       int64_t *work_id)
{
    TRY(db_id(cx, work_id));
    return work_add(cx, NULL, .work_id = *work_id, .account_id = w->account_id,
                    .work_kind = w->kind, .subject = w->subject, .priority = w->priority,
                    .opened_at = cx->now, .opener_role = cx->actor.role, .opener_id = cx->actor.id,
                    .evidence = evidence);
}

/* Whether it is what was said first, or one of what came after. */
static bool says(const json_t *all, const json_t *more, const json_t *evidence)
{
    CLEANUP(json_decrefp) json_t *first = json_copy((json_t *)all);
    bool found;

    (void)json_object_del(first, "more");
    found = json_equal(first, evidence);
    for (size_t i = 0; i < json_array_size(more); i++)
        found = found || json_equal(json_array_get(more, i), evidence);
    return found;
}

static enum status extend(struct ctx *cx, const struct work_item *open, json_t *evidence)
{
    CLEANUP(json_decrefp) json_t *all = json_loads(open->evidence, 0, NULL);
    json_t *more = json_object_get(all, "more");

    assert(json_is_object(all)); /* only this file writes it */
    if (says(all, more, evidence)) return OK;
    if (!more) json_object_set_new(all, "more", more = json_array());
    json_array_append(more, evidence);
    return work_extend(cx, NULL, .evidence = compact(cx, all), .account_id = open->account_id,
                       .work_id = open->work_id);
}

enum status work_open(struct ctx *cx, const struct work_open *w, int64_t *work_id)
{
    CLEANUP(json_decrefp) json_t *owned = w->evidence ? w->evidence : json_object();
    struct work_item *rows;
    int64_t id;
    size_t n;

    TRY(work_opened(cx, &rows, &n, .account_id = w->account_id, .work_kind = w->kind,
                    .subject = w->subject, .max = 1));
    if (!n)
        TRY(add(cx, w, compact(cx, owned), &id));
    else
        id = rows[0].work_id;
    if (n && w->adds) TRY(extend(cx, &rows[0], owned));
    if (work_id) *work_id = id;
    return OK;
}

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

static const char *person(struct ctx *cx, int64_t role, int64_t id)
{
    return id ? arena_printf(cx->arena, "%s:%lld", roles.at[role], (long long)id) : roles.at[role];
}

static const char *reference(struct ctx *cx, const char *prefix, int64_t id)
{
    return id ? id_text(prefix, id, arena_alloc(cx->arena, ID_TEXT)) : "";
}

static struct work_view view(struct ctx *cx, const struct work_item *w)
{
    bool const closed = w->work_state == WORK_CLOSED;

    return (struct work_view){
        .work = reference(cx, "wrk", w->work_id),
        .member = reference(cx, "mem", w->account_id),
        .kind = w->work_kind,
        .subject = w->subject ? arena_printf(cx->arena, "%lld", (long long)w->subject) : "",
        .priority = w->priority,
        .state = w->work_state,
        .opened_at = instant(cx, w->opened_at),
        .opened_by = person(cx, w->opener_role, w->opener_id),
        .closed_at = instant(cx, w->closed_at),
        .closed_by = closed ? person(cx, w->closer_role, w->closer_id) : "",
        .evidence = w->evidence,
        .outcome = w->outcome,
    };
}

static enum status read_filter(struct ctx *cx, const struct work_list *in,
                               struct work_newest_in *to)
{
    struct account a = {0};

    *to = (struct work_newest_in){.before = INT64_MAX,
                                  .only_state = in->state ? in->state : "",
                                  .only_kind = in->kind ? in->kind : "",
                                  .max = (in->limit ? in->limit : PAGE) + 1};
    if (in->state && name_find(&work_states, in->state) < 0)
        return fail(cx->err, &WORK_UNKNOWN, "state");
    if (in->before && !id_parse("wrk", in->before, &to->before))
        return fail(cx->err, &WORK_UNKNOWN, "before");
    if (in->member) TRY(account_find(cx, in->member, &a));
    to->only_account = a.account_id;
    return OK;
}

enum status work_list(struct ctx *cx, const struct work_list *in, struct works_view *out)
{
    struct work_newest_in filter;
    struct work_item *rows;
    size_t n;

    TRY(read_filter(cx, in, &filter));
    TRY(q_work_newest(cx, &filter, &rows, &n));
    bool const more = (int64_t)n == filter.max;
    struct work_view *items = arena_array(cx->arena, struct work_view, n);
    n -= more;
    for (size_t i = 0; i < n; i++) items[i] = view(cx, &rows[i]);
    *out = (struct works_view){items, n, more ? items[n - 1].work : ""};
    return OK;
}

static enum status end(struct ctx *cx, int64_t work_id, const char *outcome)
{
    int64_t changed;

    TRY(work_end(cx, &changed, .closed_at = cx->now, .closer_role = cx->actor.role,
                 .closer_id = cx->actor.id, .outcome = outcome, .work_id = work_id));
    return changed ? OK : fail(cx->err, &WORK_IS_CLOSED, "work");
}

enum status work_close(struct ctx *cx, const struct work_close *in, struct work_view *out)
{
    TX tx = {0};
    struct work_item w;
    int64_t id;

    if (!id_parse("wrk", in->work, &id)) return fail(cx->err, &WORK_UNKNOWN, "work");
    TRY(tx_begin(&tx, cx));
    TRY(work_by_id(cx, &w, &WORK_UNKNOWN, .work_id = id));
    TRY(end(cx, id, in->outcome));
    TRY(work_by_id(cx, &w, &WORK_UNKNOWN, .work_id = id));
    *out = view(cx, &w);
    return tx_commit(&tx);
}

enum status work_settle(struct ctx *cx, int64_t account_id, const char *kind, int64_t subject,
                        const char *outcome)
{
    struct work_item *rows;
    size_t n;

    TRY(work_opened(cx, &rows, &n, .account_id = account_id, .work_kind = kind, .subject = subject,
                    .max = 1));
    return n ? end(cx, rows[0].work_id, outcome) : OK;
}
