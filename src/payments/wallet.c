/* wallet: loads, orders, shows and keeps the history of an account's methods.
 * SPDX-License-Identifier: Apache-2.0 */
#include "payments/wallet.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "billing/billing.h"
#include "db/outbox.h"

enum status wallet_load_methods(struct ctx *cx, int64_t account_id, struct wallet *w)
{
    TRY(methods_of(cx, &w->methods, &w->n, .account_id = account_id,
                   .max = METHODS_OF_ACCOUNT_MAX));
    TRY(temporary_load(cx, account_id, &w->temporary, &w->n_temporary));
    w->order.n = w->n;
    for (size_t i = 0; i < w->n; i++) {
        w->order.at[i].method_id = w->methods[i].method_id;
        w->order.at[i].usable = w->methods[i].method_state == METHOD_USABLE;
    }
    return OK;
}

enum status wallet_load(struct ctx *cx, int64_t account_id, struct wallet *w)
{
    TRY(account_get(cx, account_id, &w->account));
    TRY(membership_get(cx, account_id, &w->m));
    if (is_partner_billed(&w->m)) return fail(cx->err, &METHOD_PARTNER_BILLED, NULL);
    if (w->m.state == M_DELETED) return fail(cx->err, &MEMBERSHIP_NOT_NOW, NULL);
    return wallet_load_methods(cx, account_id, w);
}

/* Stores the order. The membership's row is written even when its primary method stays: of two
 * changes at once the second begins again. */
enum status wallet_store(struct ctx *cx, struct wallet *w)
{
    methods_settle(&w->order);
    for (size_t i = 0; i < w->n; i++) {
        int64_t const rank = (int64_t)methods_find(&w->order, w->methods[i].method_id);

        if (w->methods[i].method_rank == rank) continue;
        TRY(method_rank_put(cx, NULL, .method_id = w->methods[i].method_id,
                            .account_id = w->account.account_id, .method_rank = rank));
    }
    w->m.method_id = w->order.n ? w->order.at[0].method_id : 0;
    return membership_store(cx, &w->m);
}

enum status wallet_find(struct ctx *cx, const struct wallet *w, const char *method, size_t *place)
{
    int64_t id;

    if (!id_parse("mth", method, &id)) return fail(cx->err, &METHOD_UNKNOWN, "method");
    *place = methods_find(&w->order, id);
    return *place < w->n ? OK : fail(cx->err, &METHOD_UNKNOWN, "method");
}

/* Touching what is in doubt makes a race with its answer, which may choose this method next, a
 * write conflict. */
enum status wallet_at_rest(struct ctx *cx, const struct wallet *w, int64_t method_id)
{
    struct method_open_charge *rows;
    size_t n;

    TRY(method_open_charges(cx, &rows, &n, .account_id = w->account.account_id, .max = 100));
    for (size_t i = 0; i < n; i++)
        if (rows[i].charge_state == CHARGE_WANTED || rows[i].method_id == method_id)
            return fail(cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL);
    return n ? method_charges_touch(cx, NULL, .account_id = w->account.account_id) : OK;
}

size_t wallet_others(const struct wallet *w, size_t place)
{
    size_t n = 0;

    for (size_t i = 0; i < w->order.n; i++) n += i != place && w->order.at[i].usable;
    return n;
}

bool wallet_has_failed(const struct membership *m)
{
    return m->state == M_GRACE || m->state == M_HOLD;
}

enum status wallet_today(struct ctx *cx, const struct account *a, int64_t *day)
{
    const struct zone *z;

    TRY(zone_find(a->zone, &z, cx->err));
    *day = zone_day(z, cx->now);
    return OK;
}

enum status wallet_accepts(struct ctx *cx, const struct catalog *c, const struct account *a,
                           const struct gateway_method *is)
{
    struct method_card const card = {is->kind, is->brand, is->funding, is->operator_};
    const struct country *country = catalog_country(c, a->country);
    int64_t day;

    if (!country) return fail(cx->err, &COUNTRY_UNKNOWN, NULL);
    TRY(wallet_today(cx, a, &day));
    const struct fault *refusal = country_accepts(country, &card, day);
    if (refusal) return fail(cx->err, refusal, "token");
    return is->recurring ? OK : fail(cx->err, &METHOD_NOT_RECURRING, "token");
}

enum status wallet_unexpired(struct ctx *cx, const struct account *a, int64_t month,
                             const char *field)
{
    int64_t today;

    if (!month) return OK;
    TRY(wallet_today(cx, a, &today));
    return month < month_of(today) ? fail(cx->err, &METHOD_EXPIRY_INVALID, field) : OK;
}

bool wallet_is_card(const struct method *m, const struct dispute_card *card)
{
    bool const same = *m->fingerprint && strcmp(m->fingerprint, card->fingerprint) == 0;

    return strcmp(m->gateway, card->gateway) == 0 && (same || strcmp(m->token, card->token) == 0);
}

enum status wallet_undisputed(struct ctx *cx, int64_t account_id, const struct dispute_card *card)
{
    bool stands;

    TRY(dispute_stands(cx, account_id, card, &stands));
    return stands ? fail(cx->err, &METHOD_DISPUTED, "token") : OK;
}

enum status wallet_hand_on(struct ctx *cx, const struct method *m, bool open_too, int64_t *id)
{
    TRY(db_id(cx, id));
    TRY(method_put(cx, NULL, .method_id = *id, .account_id = m->account_id,
                   .method_rank = m->method_rank, .method_state = METHOD_REMOVED,
                   .method_kind = m->method_kind, .brand = m->brand, .funding = m->funding,
                   .last4 = m->last4, .expiry_month = m->expiry_month,
                   .issuing_country = m->issuing_country, .operator= m->operator,
                   .gateway = m->gateway, .token = m->token, .fingerprint = m->fingerprint,
                   .added_at = m->added_at, .copy_of = m->method_id));
    TRY(method_hand_on_attempts(cx, NULL, .to_id = *id, .account_id = m->account_id,
                                .method_id = m->method_id, .open_too = open_too));
    TRY(method_hand_on_charges(cx, NULL, .to_id = *id, .account_id = m->account_id,
                               .method_id = m->method_id));
    return dispute_hand_on(cx, m->account_id, m->method_id, *id);
}

struct method_view wallet_view(struct arena *a, const struct wallet *w, size_t place)
{
    const struct method *m = &w->methods[place];
    size_t i = 0;

    while (i < w->n_temporary && w->temporary[i].method_id != m->method_id) i++;
    return (struct method_view){.method = id_text("mth", m->method_id, arena_alloc(a, ID_TEXT)),
                                .place = m->method_rank,
                                .state = m->method_state,
                                .kind = m->method_kind,
                                .funding = m->funding,
                                .brand = m->brand,
                                .last4 = m->last4,
                                .expires = month_text(m->expiry_month, arena_alloc(a, MONTH_TEXT)),
                                .issuing_country = m->issuing_country,
                                .operator_ = m->operator,
                                .temporary = w->temporary + i,
                                .n_temporary = i < w->n_temporary};
}

enum status wallet_answer(struct ctx *cx, struct wallet *w, int64_t method_id,
                          struct method_answer *out)
{
    TRY(wallet_load_methods(cx, w->account.account_id, w));
    size_t const place = methods_find(&w->order, method_id);

    if (place == w->n) return fail(cx->err, &METHOD_UNKNOWN, "method");
    out->view = wallet_view(cx->arena, w, place);
    out->membership = w->m.state;
    out->method_id = method_id;
    out->text = out->currency = "";
    return OK;
}

enum status wallet_tell(struct ctx *cx, const char *topic, int64_t account_id,
                        const struct method_view *v)
{
    return outbox_put(cx, topic, account_id, cx->now,
                      json_pack("{s:s, s:s, s:s, s:s, s:I}", "method", v->method, "kind",
                                method_kinds.at[v->kind], "brand", v->brand, "last4", v->last4,
                                "place", (json_int_t)v->place));
}

enum status wallet_note(struct ctx *cx, const struct method_note *n)
{
    const struct actor *by = &cx->actor;
    int64_t id;

    TRY(db_id(cx, &id));
    return method_event_add(
        cx, NULL, .method_event_id = id, .account_id = n->account_id, .method_id = n->method_id,
        .happened_at = n->happened_at, .method_event = n->event, .last4 = text_or_empty(n->last4),
        .expiry_month = n->expiry_month, .code = text_or_empty(n->code),
        .gateway_event = text_or_empty(n->gateway_event), .actor_role = by->role,
        .actor_id = by->id, .actor_surface = by->surface, .device = text_or_empty(by->device),
        .network = text_or_empty(by->network));
}
