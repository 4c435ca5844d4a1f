/* outside: events about methods. SPDX-License-Identifier: Apache-2.0 */
#include "payments/outside.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "db/outbox.h"
#include "payments/decline_rules.h"
#include "payments/wallet.h"

#define REVOKED "revocation_of_authorization"

static const struct outside {
    enum gateway_event_kind kind;
    enum method_event_kind event;
    const char *code, *topic;
} outsides[] = {
    {EVENT_METHOD_UPDATED,  METHOD_NETWORK_UPDATED, "",                "method.replaced"},
    {EVENT_METHOD_CLOSED,   METHOD_CLOSED,          "invalid_account", "method.closed"  },
    {EVENT_MANDATE_REVOKED, METHOD_REVOKED,         REVOKED,           "method.revoked" },
};

static const struct outside *find(enum gateway_event_kind kind)
{
    for (size_t i = 0; i < COUNT(outsides); i++)
        if (outsides[i].kind == kind) return &outsides[i];
    return NULL;
}

bool outside_is(enum gateway_event_kind kind)
{
    return find(kind) != NULL;
}

static size_t place_of(const struct wallet *w, const char *gateway, const char *token)
{
    size_t i = 0;

    while (i < w->n &&
           (strcmp(w->methods[i].gateway, gateway) != 0 || strcmp(w->methods[i].token, token) != 0))
        i++;
    return i;
}

/* A new date or number mends what only lacked one. */
static bool mends(const struct method *m, const struct outside *o)
{
    return o->event == METHOD_NETWORK_UPDATED && m->method_state == METHOD_BLOCKED &&
           decline_read(m->blocked_code, "").class == DECLINE_FIX_DATA;
}

/* The token stays, and with it the account behind the card: a dispute of the old number still
 * counts (dispute_block). What is being tried goes on as it was sent. */
static enum status keep_digits(struct ctx *cx, const struct method *m,
                               const struct gateway_event *e)
{
    int64_t id;

    if (!*m->last4 || !*e->last4 || strcmp(m->last4, e->last4) == 0) return OK;
    return wallet_hand_on(cx, m, false, &id);
}

static enum status change(struct ctx *cx, struct wallet *w, size_t place, const struct outside *o,
                          const struct gateway_event *e)
{
    const struct method *m = &w->methods[place];
    bool const gone = o->event != METHOD_NETWORK_UPDATED;

    if (gone) w->order.at[place].usable = false;
    if (mends(m, o)) w->order.at[place].usable = true;
    if (!gone) TRY(keep_digits(cx, m, e));
    return method_outside(
        cx, NULL, .method_id = m->method_id, .account_id = m->account_id,
        .method_state = w->order.at[place].usable ? METHOD_USABLE : METHOD_BLOCKED,
        .blocked_code = gone                        ? o->code
                        : w->order.at[place].usable ? ""
                                                    : m->blocked_code,
        .last4 = gone || !*e->last4 ? m->last4 : e->last4,
        .expiry_month = gone || !e->expiry_month ? m->expiry_month : e->expiry_month);
}

/* The next charge is in danger when nothing is left to charge. */
static enum status tell(struct ctx *cx, const struct wallet *w, int64_t method_id,
                        const struct outside *o, int64_t at)
{
    size_t const place = methods_find(&w->order, method_id);
    bool const endangers = o->event != METHOD_NETWORK_UPDATED && !wallet_others(w, place) &&
                           w->m.state != M_CANCELED && w->m.state != M_NONE;
    struct method_view const v = wallet_view(cx->arena, w, place);
    char day[DAY_TEXT];

    return outbox_put(cx, endangers ? "method.endangers_charge" : o->topic, w->m.account_id, at,
                      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "method", v.method, "brand",
                                v.brand, "last4", v.last4, "expires", v.expires, "cause",
                                method_events.at[o->event], "next_charge_on",
                                w->m.state == M_ACTIVE ? day_text(w->m.period_end_day, day) : "",
                                "partner_bills", (int)is_partner_billed(&w->m)));
}

static enum status note(struct ctx *cx, const struct method *m, const struct outside *o,
                        const struct gateway_event *e, int64_t at)
{
    struct method_note const n = {.account_id = m->account_id,
                                  .method_id = m->method_id,
                                  .happened_at = at,
                                  .event = o->event,
                                  .last4 = m->last4,
                                  .code = o->code,
                                  .gateway_event = e->id,
                                  .expiry_month = m->expiry_month};

    return wallet_note(cx, &n);
}

static enum status is_known(struct ctx *cx, int64_t account_id, const char *id, bool *known)
{
    struct method_event_known_row *rows;
    size_t n;

    TRY(method_event_known(cx, &rows, &n, .account_id = account_id, .gateway_event = id, .max = 1));
    *known = n > 0;
    return OK;
}

enum status outside_hear(struct ctx *cx, const char *gateway, int64_t account_id,
                         const struct gateway_event *e, int64_t at)
{
    const struct outside *o = find(e->kind);
    struct ctx mine = *cx;
    struct wallet w;
    bool known;

    TRY(is_known(cx, account_id, e->id, &known));
    if (known) return OK;
    TRY(account_get(cx, account_id, &w.account));
    TRY(membership_get(cx, account_id, &w.m));
    TRY(wallet_load_methods(cx, account_id, &w));
    size_t const place = place_of(&w, gateway, e->token);
    if (place == w.n) return OK; /* removed or replaced since: nobody's any more */
    int64_t const id = w.methods[place].method_id;
    mine.actor = (struct actor){.role = ROLE_SYSTEM};
    TRY(change(cx, &w, place, o, e));
    TRY(wallet_store(cx, &w));
    TRY(wallet_load_methods(cx, account_id, &w));
    TRY(note(&mine, &w.methods[methods_find(&w.order, id)], o, e, at));
    return tell(cx, &w, id, o, at);
}

enum status outside_expires(struct ctx *cx, const struct outside_expiry *x)
{
    char method[ID_TEXT], day[DAY_TEXT], expires[MONTH_TEXT];

    if (!x->expiry_month || !x->next_day || month_of(x->next_day) <= x->expiry_month ||
        month_of(x->charged_day) > x->expiry_month)
        return OK;
    return outbox_put(cx, "method.expires", x->account_id, x->at,
                      json_pack("{s:s, s:s, s:s, s:b}", "method",
                                id_text("mth", x->method_id, method), "expires",
                                month_text(x->expiry_month, expires), "next_charge_on",
                                day_text(x->next_day, day), "may_still_be_charged", 1));
}
