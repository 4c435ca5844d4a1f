/* inbox: reads the gateway's list and hands it out. SPDX-License-Identifier: Apache-2.0 */
#include "payments/inbox.h"

#include "base/id.h"
#include "inbox_sql.h"
#include "payments/repay.h"

bool inbox_account_of(const struct gateway_event *e, int64_t *account_id)
{
    struct gateway_key key;
    int64_t refund_id;

    if (e->kind == EVENT_REFUND) return repay_key_read(e->key, account_id, &refund_id);
    return gateway_key_read(e->key, &key) && id_parse("mem", key.member, account_id);
}

/* ---- in ---- */

static struct inbox_add_all_in row_of(const struct gateway *g, const struct gateway_event *e,
                                      int64_t account_id)
{
    return (struct inbox_add_all_in){
        .gateway = g->name,
        .cursor = e->cursor,
        .account_id = account_id,
        .told_id = e->id,
        .told_kind = e->kind,
        .told_key = e->key,
        .token = e->token,
        .last4 = e->last4,
        .expiry_month = e->expiry_month,
        .deliver_at = e->deliver_at,
        .told_outcome = e->answer.outcome,
        .code = e->answer.code,
        .advice = e->answer.advice,
        .gateway_ref = e->answer.ref,
        .captured_at = e->answer.captured_at,
        .declined_at = e->answer.declined_at,
        .told_dispute = e->dispute,
    };
}

static enum status cursor_of(struct ctx *cx, const struct gateway *g, int64_t *cursor)
{
    struct inbox_cursor_row *rows;
    size_t n;

    TRY(inbox_cursors_of(cx, &rows, &n, .gateway = g->name, .max = 1));
    *cursor = n ? rows[0].cursor : 0;
    return OK;
}

/* Whoever moves the cursor stores what it passes; what is about nobody of ours is passed over. */
static enum status store(struct ctx *cx, const struct gateway *g, int64_t from,
                         const struct gateway_event *events, size_t n)
{
    struct inbox_add_all_in *rows = arena_array(cx->arena, struct inbox_add_all_in, n);
    int64_t account_id, moved;
    size_t n_rows = 0;
    TX tx = {0};

    for (size_t i = 0; i < n; i++)
        if (inbox_account_of(&events[i], &account_id))
            rows[n_rows++] = row_of(g, &events[i], account_id);
    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(inbox_cursor_begin(cx, NULL, .gateway = g->name));
    TRY(inbox_cursor_move(cx, &moved, .cursor = events[n - 1].cursor, .gateway = g->name,
                          .from_cursor = from));
    if (!moved) return OK;
    TRY(inbox_add_all(cx, rows, n_rows, NULL));
    return tx_commit(&tx);
}

enum status inbox_read(struct ctx *cx, const struct gateway *g, int64_t at, size_t max, size_t *n)
{
    struct gateway_event *events;
    int64_t cursor;

    *n = 0;
    TRY(cursor_of(cx, g, &cursor));
    TRY(g->events(g->state, cursor, at, &events, n, max, cx->arena, cx->err));
    return *n ? store(cx, g, cursor, events, *n) : OK;
}

/* ---- out ---- */

static struct inbox_event event_of(const struct inbox_row *r)
{
    return (struct inbox_event){
        {.cursor = r->cursor,
         .id = r->told_id,
         .kind = (enum gateway_event_kind)r->told_kind,
         .key = r->told_key,
         .token = r->token,
         .last4 = r->last4,
         .expiry_month = r->expiry_month,
         .deliver_at = r->deliver_at,
         .answer = {.outcome = (enum gateway_outcome)r->told_outcome,
                    .code = r->code,
                    .advice = r->advice,
                    .ref = r->gateway_ref,
                    .captured_at = r->captured_at,
                    .declined_at = r->declined_at},
         .dispute = (enum gateway_dispute)r->told_dispute},
        r->account_id
    };
}

enum status inbox_look(struct ctx *cx, const struct gateway *g, const struct shift *s,
                       struct inbox_event **events, size_t *n)
{
    struct inbox_row *rows;

    TRY(inbox_due(cx, &rows, n, .gateway = g->name, .until_at = s->until_at,
                  .first = s->lease->first, .last = s->lease->last, .max = (int64_t)s->max));
    *events = arena_array(cx->arena, struct inbox_event, *n + 1);
    for (size_t i = 0; i < *n; i++) (*events)[i] = event_of(&rows[i]);
    return OK;
}

enum status inbox_first(struct ctx *cx, const struct gateway *g, int64_t *told_at)
{
    struct inbox_oldest_row oldest;

    TRY(inbox_oldest(cx, &oldest, &DB_NO_ROW, .gateway = g->name));
    *told_at = oldest.at;
    return OK;
}

enum status inbox_take(struct ctx *cx, const struct gateway *g, const struct inbox_event *events,
                       size_t n)
{
    struct inbox_remove_all_in *rows = arena_array(cx->arena, struct inbox_remove_all_in, n);

    for (size_t i = 0; i < n; i++)
        rows[i] = (struct inbox_remove_all_in){.gateway = g->name,
                                               .cursor = events[i].told.cursor,
                                               .account_id = events[i].account_id};
    return inbox_remove_all(cx, rows, n, NULL);
}
