/* hook: what is planned for whom, the log, and sending again.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "hook_sql.h"
#include "notify/event_rules.h"
#include "notify/webhook.h"
#include "policy/settings.h"
#include "webhook_sql.h"

const struct fault HOOK_UNKNOWN = {E_NOT_FOUND, "webhook.delivery_unknown",
                                   "There is no such delivery; webhook.deliveries lists them."};
const struct fault HOOK_OPEN = {
    E_CONFLICT, "webhook.delivery_open",
    "This delivery is still under way; it can be sent again when it has ended."};
const struct fault WEBHOOK_TIME = {
    E_INVALID, "webhook.time",
    "That is no time; write a date such as 2026-03-01 or an instant such as 2026-03-01T08:00:00Z."};

enum { PAGE = 50, ATTEMPTS_MAX = 200, ENDPOINTS_MAX = 100, INSTANT_LETTERS = 20 };

/* ---- planning ---- */

/* What one call plans. */
struct plan {
    struct ctx *cx;
    struct webhook_endpoint *endpoints;
    struct hook_event_add_in *events;
    struct hook_add_in *deliveries;
    size_t n_endpoints, n_events, n_deliveries, room;
};

static struct hook_add_in *room_for_one(struct plan *p)
{
    if (p->n_deliveries == p->room) {
        size_t const room = p->room ? 2 * p->room : 64;
        struct hook_add_in *more = arena_array(p->cx->arena, struct hook_add_in, room);

        if (p->room) memcpy(more, p->deliveries, p->n_deliveries * sizeof *more);
        p->deliveries = more;
        p->room = room;
    }
    return &p->deliveries[p->n_deliveries++];
}

static void plan_one(struct plan *p, const struct webhook_endpoint *e,
                     const struct hook_event_add_in *v)
{
    bool const enabled = e->endpoint_state == ENDPOINT_ENABLED;

    *room_for_one(p) = (struct hook_add_in){
        .endpoint_id = e->endpoint_id,
        .event_id = v->event_id,
        .account_id = v->account_id,
        .event_type = v->event_type,
        .happened_at = v->happened_at,
        .hook_state = enabled ? HOOK_WAITING : HOOK_MISSED,
        .ended_at = enabled ? 0 : p->cx->now,
    };
}

static void plan_event(struct plan *p, const struct event_type *type, const struct outbox_row *row)
{
    size_t const before = p->n_deliveries;
    struct hook_event_add_in *v = &p->events[p->n_events];

    *v = (struct hook_event_add_in){.event_id = row->outbox_id,
                                    .account_id = row->account_id,
                                    .event_type = type->type,
                                    .happened_at = row->happened_at};
    for (size_t i = 0; i < p->n_endpoints; i++)
        if (event_filter_takes(p->endpoints[i].event_filter, type->type))
            plan_one(p, &p->endpoints[i], v);
    if (p->n_deliveries == before) return;
    v->event_body = event_text(p->cx->arena, type, row->account_id, row->happened_at, row->body);
    p->n_events++;
}

/* Turns are taken last and by all of a call at once: whoever takes them waits for whoever has. */
static enum status store(struct plan *p)
{
    struct hook_turn turn;

    if (!p->n_deliveries) return OK;
    TRY(hook_turns(p->cx, &turn, &DB_NO_ROW, .n = (int64_t)p->n_deliveries));
    for (size_t i = 0; i < p->n_deliveries; i++)
        p->deliveries[i].delivery_id = turn.last_turn - (int64_t)(p->n_deliveries - 1 - i);
    TRY(hook_event_add(p->cx, p->events, p->n_events, NULL));
    return hook_add(p->cx, p->deliveries, p->n_deliveries, NULL);
}

enum status webhook_plan(struct ctx *cx, const struct outbox_row *rows, size_t n)
{
    struct plan p = {.cx = cx, .events = arena_array(cx->arena, struct hook_event_add_in, n)};
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(webhooks(cx, &p.endpoints, &p.n_endpoints, .max = ENDPOINTS_MAX));
    for (size_t i = 0; i < n && p.n_endpoints; i++) {
        const struct event_type *type = event_of_topic(rows[i].topic);

        if (type) plan_event(&p, type, &rows[i]);
    }
    TRY(store(&p));
    return tx_commit(&tx);
}

static const char *reference(struct ctx *cx, const char *prefix, int64_t id)
{
    return id ? id_text(prefix, id, arena_alloc(cx->arena, ID_TEXT)) : "";
}

static enum status find_endpoint(struct ctx *cx, const char *endpoint, struct webhook_endpoint *e)
{
    int64_t id;

    if (!id_parse("whk", endpoint, &id)) return fail(cx->err, &WEBHOOK_UNKNOWN, "endpoint");
    return webhook_by_id(cx, e, &WEBHOOK_UNKNOWN, .endpoint_id = id);
}

enum status webhook_test(struct ctx *cx, const struct webhook_ref *in, struct hook_ref *out)
{
    struct plan p = {
        .cx = cx, .events = arena_new(cx->arena, struct hook_event_add_in), .n_events = 1};
    struct webhook_endpoint e;
    TX tx = {0};
    int64_t id;

    TRY(tx_begin(&tx, cx));
    TRY(find_endpoint(cx, in->endpoint, &e));
    if (e.endpoint_state == ENDPOINT_DELETED) return fail(cx->err, &WEBHOOK_DELETED, "endpoint");
    TRY(db_id(cx, &id));
    p.events[0] = (struct hook_event_add_in){
        .event_id = id,
        .event_type = EVENT_PING.type,
        .happened_at = cx->now,
        .event_body = event_text(cx->arena, &EVENT_PING, 0, cx->now, "{}"),
    };
    plan_one(&p, &e, &p.events[0]);
    TRY(store(&p));
    out->delivery = reference(cx, "dlv", p.deliveries[0].delivery_id);
    return tx_commit(&tx);
}

/* ---- the log ---- */

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

static struct hook_view view(struct ctx *cx, const struct webhook_delivery *d)
{
    return (struct hook_view){
        .delivery = reference(cx, "dlv", d->delivery_id),
        .endpoint = reference(cx, "whk", d->endpoint_id),
        .id = reference(cx, "msg", d->event_id),
        .member = reference(cx, "mem", d->account_id),
        .type = d->event_type,
        .happened_at = instant(cx, d->happened_at),
        .state = d->hook_state,
        .attempts = d->attempts,
        .due_at = d->hook_state == HOOK_WAITING ? instant(cx, d->due_at) : "",
        .ended_at = instant(cx, d->ended_at),
    };
}

enum status hook_list(struct ctx *cx, const struct hook_list *in, struct hooks_view *out)
{
    struct hook_newest_in filter = {.before = INT64_MAX,
                                    .only_state = in->state ? in->state : "",
                                    .max = (in->limit ? in->limit : PAGE) + 1};
    struct webhook_endpoint e = {0};
    struct webhook_delivery *rows;
    size_t n;

    if (in->state && name_find(&hook_states, in->state) < 0)
        return fail(cx->err, &HOOK_UNKNOWN, "state");
    if (in->before && !id_parse("dlv", in->before, &filter.before))
        return fail(cx->err, &HOOK_UNKNOWN, "before");
    if (in->endpoint) TRY(find_endpoint(cx, in->endpoint, &e));
    filter.only_endpoint = e.endpoint_id;
    TRY(q_hook_newest(cx, &filter, &rows, &n));
    bool const more = (int64_t)n == filter.max;
    struct hook_view *items = arena_array(cx->arena, struct hook_view, n);
    n -= more;
    for (size_t i = 0; i < n; i++) items[i] = view(cx, &rows[i]);
    *out = (struct hooks_view){items, n, more ? items[n - 1].delivery : ""};
    return OK;
}

static enum status load(struct ctx *cx, const char *delivery, struct webhook_delivery *d)
{
    int64_t id;

    if (!id_parse("dlv", delivery, &id)) return fail(cx->err, &HOOK_UNKNOWN, "delivery");
    return hook_by_id(cx, d, &HOOK_UNKNOWN, .delivery_id = id);
}

enum status hook_log(struct ctx *cx, const struct hook_ref *in, struct hook_log *out)
{
    struct webhook_attempt *rows;
    struct webhook_event *event;
    struct webhook_delivery d;
    size_t n, n_events;

    TRY(load(cx, in->delivery, &d));
    TRY(event_by_id(cx, &event, &n_events, .event_id = d.event_id, .max = 1));
    TRY(hook_attempts(cx, &rows, &n, .delivery_id = d.delivery_id, .max = ATTEMPTS_MAX));
    struct attempt_view *items = arena_array(cx->arena, struct attempt_view, n);
    for (size_t i = 0; i < n; i++)
        items[i] = (struct attempt_view){.attempt = rows[i].attempt_no,
                                         .sent_at = instant(cx, rows[i].sent_at),
                                         .duration_ms = rows[i].duration_ms,
                                         .http_status = rows[i].http_status,
                                         .result = rows[i].attempt_result,
                                         .answer = rows[i].answer_start};
    *out = (struct hook_log){.delivery = reference(cx, "dlv", d.delivery_id),
                             .id = reference(cx, "msg", d.event_id),
                             .type = d.event_type,
                             .body = n_events ? event->event_body : "",
                             .items = items,
                             .n = n};
    return OK;
}

/* ---- once more ---- */

/* A date, or an instant in UTC to the second. */
static bool read_time(struct arena *a, const char *text, int64_t *at)
{
    int64_t day;

    if (day_parse(text, &day)) {
        *at = day * DAY_MS;
        return true;
    }
    if (strlen(text) != INSTANT_LETTERS || !day_parse_format(text, "%Y-%m-%dT%H:%M:%SZ", &day))
        return false;
    int64_t part[3] = {0};
    for (size_t i = 0; i < 3; i++)
        if (!int_parse(arena_memdup(a, text + 11 + 3 * i, 2), &part[i])) return false;
    *at = day * DAY_MS + ((part[0] * 60 + part[1]) * 60 + part[2]) * 1000;
    return true;
}

static enum status replay_one(struct ctx *cx, const char *delivery, int64_t *changed)
{
    struct webhook_endpoint e;
    struct webhook_delivery d;

    TRY(load(cx, delivery, &d));
    TRY(webhook_by_id(cx, &e, &WEBHOOK_UNKNOWN, .endpoint_id = d.endpoint_id));
    if (e.endpoint_state == ENDPOINT_DELETED) return fail(cx->err, &WEBHOOK_DELETED, "delivery");
    const struct move *move = fsm_move(&hook_fsm, (unsigned)d.hook_state, HOOK_REPLAY);
    if (!move) return fail(cx->err, &HOOK_OPEN, "delivery");
    return hook_reopen(cx, changed, .hook_state = move->to, .delivery_id = d.delivery_id);
}

static enum status replay_range(struct ctx *cx, const struct hook_replay *in, int64_t *changed)
{
    int64_t since = 0, until = INT64_MAX;
    struct webhook_endpoint e;

    if (!in->endpoint) return fail(cx->err, &WEBHOOK_UNKNOWN, "endpoint");
    TRY(find_endpoint(cx, in->endpoint, &e));
    if (e.endpoint_state == ENDPOINT_DELETED) return fail(cx->err, &WEBHOOK_DELETED, "endpoint");
    if (in->since && !read_time(cx->arena, in->since, &since))
        return fail(cx->err, &WEBHOOK_TIME, "since");
    if (in->until && !read_time(cx->arena, in->until, &until))
        return fail(cx->err, &WEBHOOK_TIME, "until");
    return hook_reopen_all(cx, changed, .hook_state = HOOK_WAITING, .endpoint_id = e.endpoint_id,
                           .since = since, .until = until, .with_delivered = in->all);
}

enum status hook_replay(struct ctx *cx, const struct hook_replay *in, struct hook_replayed *out)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    if (in->delivery)
        TRY(replay_one(cx, in->delivery, &out->replayed));
    else
        TRY(replay_range(cx, in, &out->replayed));
    return tx_commit(&tx);
}

enum status webhooks_forget(struct ctx *cx, int64_t now)
{
    int64_t const before = now - cx->settings->webhook_keep_days * DAY_MS;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(hook_forget(cx, NULL, .before = before));
    TRY(attempt_forget(cx, NULL, .before = before));
    TRY(event_forget(cx, NULL));
    return tx_commit(&tx);
}
