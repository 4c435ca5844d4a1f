/* method: stores and orders payment methods. SPDX-License-Identifier: Apache-2.0 */
#include "payments/wallet.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/luhn.h"
#include "payments/authorization.h"
#include "payments/forget.h"

const struct fault METHOD_UNKNOWN = {E_NOT_FOUND, "method.unknown",
                                     "The account has no such payment method; see method.list."};
const struct fault METHOD_TOO_MANY = {
    E_LIMIT, "method.too_many",
    "The account has as many payment methods as it may have; use one of them."};
const struct fault METHOD_NOT_RECURRING = {E_INVALID, "method.not_recurring",
                                           "This method cannot be charged online every month; ask "
                                           "its bank to allow that, or use another."};
const struct fault METHOD_EXPIRY_INVALID = {
    E_INVALID, "method.expiry_invalid",
    "Give a month of expiry that is not over yet, written YYYY-MM."};
const struct fault METHOD_BLOCKED_NOW = {
    E_CONFLICT, "method.blocked",
    "Its bank has refused this method for good; use another one or add one."};
const struct fault METHOD_DISPUTED = {
    E_CONFLICT, "method.disputed",
    "A bank disputes what this method has paid, or has taken it back; settle that with its bank or "
    "use another method."};
const struct fault METHOD_ONLY_ONE = {
    E_CONFLICT, "method.only_one",
    "No other method could be the primary one; add another first, then make this one a backup."};
const struct fault METHOD_PARTNER_BILLED = {
    E_CONFLICT, "method.partner_billed",
    "A partner bills this membership; change the payment method at the partner."};

const struct names method_trials = NAMES("none", "captured", "declined", "pending", "not_now");

const struct names method_events = NAMES("added", "updated", "confirmed", "removed", "blocked",
                                         "network_updated", "closed", "revoked");

static enum status add_history(struct ctx *cx, int64_t account_id, struct methods_view *out)
{
    struct method_event_row *rows;

    TRY(method_events_of(cx, &rows, &out->n_history, .account_id = account_id,
                         .max = METHOD_HISTORY_MAX));
    struct method_event_view *list =
        arena_array(cx->arena, struct method_event_view, out->n_history);
    for (size_t i = 0; i < out->n_history; i++)
        list[i] = (struct method_event_view){
            .method = id_text("mth", rows[i].method_id, arena_alloc(cx->arena, ID_TEXT)),
            .event = rows[i].method_event,
            .at = instant_text(rows[i].happened_at, arena_alloc(cx->arena, INSTANT_TEXT)),
            .last4 = rows[i].last4,
            .expires = month_text(rows[i].expiry_month, arena_alloc(cx->arena, MONTH_TEXT)),
            .by = rows[i].actor_role};
    out->history = list;
    return OK;
}

enum status method_list(struct ctx *cx, const struct method_list *in, struct methods_view *out)
{
    struct wallet w;

    TRY(wallet_load_methods(cx, in->account_id, &w));
    struct method_view *views = arena_array(cx->arena, struct method_view, w.n);

    for (size_t i = 0; i < w.n; i++) views[i] = wallet_view(cx->arena, &w, i);
    *out = (struct methods_view){.methods = views,
                                 .n = w.n,
                                 .fee_note = "method.issuer_may_add_fees",
                                 .tax_note = "method.tax_may_depend",
                                 .replaced_note = "method.replaced_may_be_charged"};
    return add_history(cx, in->account_id, out);
}

/* ---- adding ---- */

enum status method_describe(struct ctx *cx, const struct world *w, struct method_add *in)
{
    struct account account;

    TRY(account_get(cx, in->account_id, &account));
    return method_describe_for(cx, w, account.external_id, in);
}

enum status method_describe_for(struct ctx *cx, const struct world *w, const char *customer,
                                struct method_add *in)
{
    struct gateway *g = w->gateway;

    if (text_has_card_number(in->token)) return fail(cx->err, &INPUT_CARD_NUMBER, "token");
    TRY(forget_look(cx, g->name, in->token, &in->forget_seen));
    TRY(g->describe(g->state, in->token, customer, &in->is, cx->arena, cx->err));
    in->gateway = g->name;
    size_t const n = strlen(in->is.last4);
    if (n > 4) in->is.last4 += n - 4; /* a gateway that tells more than we may know */
    return OK;
}

static size_t stored_already(const struct wallet *w, const struct dispute_card *card)
{
    size_t i = 0;

    while (i < w->n && !wallet_is_card(&w->methods[i], card)) i++;
    return i;
}

/* Whoever else adds a method gives no consent, but may record one. */
static enum status record_consent(struct ctx *cx, const struct method_add *in)
{
    enum surface const from = cx->actor.surface;
    struct consent_record const consent = {
        .account_id = in->account_id,
        .text_version = in->consent ? in->consent : cx->settings->consent_text_version,
        .surface = in->surface            ? in->surface
                   : from == SURFACE_NONE ? "api"
                                          : surfaces.at[from],
        .source_op = in->source_op ? in->source_op : "method.add",
    };

    if (cx->actor.role != ROLE_OWNER && !in->consent) return OK;
    return consent_record(cx, &consent);
}

/* Entered once more, the card may have another token and other details. */
static enum status add_again(struct ctx *cx, const struct catalog *c, struct wallet *w,
                             size_t place, const struct method_add *in, struct method_answer *out)
{
    const struct method *m = &w->methods[place];
    struct method_update const anew = {.account_id = in->account_id,
                                       .token = in->token,
                                       .was_token = m->token,
                                       .new_token = in->token,
                                       .forget_seen = in->forget_seen,
                                       .is = in->is};

    if (strcmp(m->token, in->token) == 0) return wallet_answer(cx, w, m->method_id, out);
    if (in->primary) methods_move(&w->order, place, 0);
    TRY(record_consent(cx, in));
    return wallet_renew(cx, c, w, place, &anew, out);
}

static enum status put(struct ctx *cx, struct wallet *w, const struct method_add *in, int64_t id)
{
    bool const primary_usable = w->n && w->order.at[0].usable;
    bool const primary = in->primary || !primary_usable || wallet_has_failed(&w->m);

    w->order.at[w->order.n].method_id = id;
    w->order.at[w->order.n++].usable = true;
    if (primary) methods_move(&w->order, w->order.n - 1, 0);
    TRY(method_put(cx, NULL, .method_id = id, .account_id = w->account.account_id,
                   .method_rank = (int64_t)methods_find(&w->order, id),
                   .method_state = METHOD_USABLE, .method_kind = in->is.kind, .brand = in->is.brand,
                   .funding = in->is.funding, .last4 = in->is.last4,
                   .expiry_month = in->is.expiry_month, .issuing_country = in->is.issuing_country,
                   .operator= in->is.operator_, .gateway = in->gateway, .token = in->token,
                   .fingerprint = in->is.fingerprint, .added_at = cx->now));
    return wallet_store(cx, w);
}

enum status method_add(struct ctx *cx, const struct catalog *c, const struct method_add *in,
                       struct method_answer *out)
{
    struct wallet w;
    int64_t id;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(wallet_load(cx, in->account_id, &w));
    struct dispute_card const card = {in->gateway, in->token, in->is.fingerprint};
    size_t const stored = stored_already(&w, &card);
    if (stored < w.n) {
        TRY(add_again(cx, c, &w, stored, in, out));
        return tx_commit(&tx);
    }
    TRY(wallet_accepts(cx, c, &w.account, &in->is));
    TRY(wallet_unexpired(cx, &w.account, in->is.expiry_month, "token"));
    TRY(wallet_undisputed(cx, in->account_id, &card));
    if (w.n >= METHODS_OF_ACCOUNT_MAX) return fail(cx->err, &METHOD_TOO_MANY, NULL);
    TRY(forget_spare(cx, in->gateway, in->token, in->forget_seen));
    TRY(db_id(cx, &id));
    TRY(put(cx, &w, in, id));
    struct method_note const added = {.account_id = in->account_id,
                                      .method_id = id,
                                      .happened_at = cx->now,
                                      .event = METHOD_ADDED,
                                      .last4 = in->is.last4,
                                      .expiry_month = in->is.expiry_month};
    TRY(wallet_note(cx, &added));
    TRY(record_consent(cx, in));
    TRY(wallet_answer(cx, &w, id, out));
    TRY(wallet_tell(cx, "method.added", in->account_id, &out->view));
    TRY(trial_decide(cx, c, &w, id, out));
    out->authorize_now = !out->try_now && !in->charged_now && authorization_fits(in->is.kind);
    if (out->authorize_now) TRY(authorization_want(cx, &w.account, id));
    return tx_commit(&tx);
}

/* ---- ordering ---- */

static enum status pick(struct ctx *cx, const struct method_choose *in, struct wallet *w,
                        size_t *place)
{
    TRY(wallet_load(cx, in->account_id, w));
    return wallet_find(cx, w, in->method, place);
}

enum status method_set_primary(struct ctx *cx, const struct catalog *c,
                               const struct method_choose *in, struct method_answer *out)
{
    struct wallet w;
    size_t place;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(pick(cx, in, &w, &place));
    int64_t const id = w.order.at[place].method_id;
    if (!w.order.at[place].usable) return fail(cx->err, &METHOD_BLOCKED_NOW, "method");
    methods_move(&w.order, place, 0);
    TRY(wallet_store(cx, &w));
    TRY(wallet_answer(cx, &w, id, out));
    if (place != 0) TRY(wallet_tell(cx, "method.primary_changed", in->account_id, &out->view));
    TRY(trial_decide(cx, c, &w, id, out));
    return tx_commit(&tx);
}

enum status method_set_backup(struct ctx *cx, const struct method_choose *in,
                              struct method_answer *out)
{
    struct wallet w;
    size_t from;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(pick(cx, in, &w, &from));
    int64_t const id = w.order.at[from].method_id, primary = w.order.at[0].method_id;
    methods_move(&w.order, from, in->place > 0 ? (size_t)in->place : w.n - 1);
    TRY(wallet_store(cx, &w));
    if (w.order.at[0].method_id == id) return fail(cx->err, &METHOD_ONLY_ONE, "method");
    TRY(wallet_answer(cx, &w, id, out));
    struct method_view const first = wallet_view(cx->arena, &w, 0);
    if (w.order.at[0].method_id != primary)
        TRY(wallet_tell(cx, "method.primary_changed", in->account_id, &first));
    return tx_commit(&tx);
}
