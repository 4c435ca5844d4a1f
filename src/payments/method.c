/* method: stores and orders payment methods. SPDX-License-Identifier: Apache-2.0 */
#include "payments/method.h"

#include <string.h>

#include "base/id.h"
#include "base/luhn.h"
#include "db/outbox.h"
#include "method_sql.h"
#include "payments/authorization.h"
#include "payments/decline_rules.h"

const struct fault METHOD_UNKNOWN = {E_NOT_FOUND, "method.unknown",
                                     "The account has no such payment method; see method.list."};
const struct fault METHOD_TOO_MANY = {
    E_LIMIT, "method.too_many",
    "The account has as many payment methods as it may have; use one of them."};
const struct fault METHOD_NOT_RECURRING = {E_INVALID, "method.not_recurring",
                                           "This method cannot be charged online every month; ask "
                                           "its bank to allow that, or use another."};
const struct fault METHOD_BLOCKED_NOW = {
    E_CONFLICT, "method.blocked",
    "Its bank has refused this method for good; use another one or add one."};
const struct fault METHOD_ONLY_ONE = {
    E_CONFLICT, "method.only_one",
    "No other method could be the primary one; add another first, then make this one a backup."};
const struct fault METHOD_PARTNER_BILLED = {
    E_CONFLICT, "method.partner_billed",
    "A partner bills this membership; change the payment method at the partner."};

const struct names method_trials = NAMES("none", "captured", "declined", "pending", "not_now");

/* An account, its membership and its methods in order. */
struct wallet {
    struct account account;
    struct membership m;
    struct method *methods;
    size_t n;
    struct method_order order;
    const struct temporary *temporary;
    size_t n_temporary;
};

static enum status load_methods(struct ctx *cx, int64_t account_id, struct wallet *w)
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

static enum status load(struct ctx *cx, int64_t account_id, struct wallet *w)
{
    TRY(account_get(cx, account_id, &w->account));
    TRY(membership_get(cx, account_id, &w->m));
    if (strcmp(w->m.biller, "direct") != 0) return fail(cx->err, &METHOD_PARTNER_BILLED, NULL);
    if (w->m.state == M_DELETED) return fail(cx->err, &MEMBERSHIP_NOT_NOW, NULL);
    return load_methods(cx, account_id, w);
}

/* Stores the order. The membership's row is written even when its primary method stays: of two
 * changes at once the second begins again. */
static enum status store_order(struct ctx *cx, struct wallet *w)
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

/* ---- showing ---- */

static const char *month_text(struct arena *a, int64_t month)
{
    return month ? arena_printf(a, "%04lld-%02lld", (long long)(month / 12),
                                (long long)(month % 12 + 1))
                 : "";
}

static struct method_view view_of(struct arena *a, const struct wallet *w, size_t place)
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
                                .expires = month_text(a, m->expiry_month),
                                .issuing_country = m->issuing_country,
                                .operator_ = m->operator,
                                .temporary = w->temporary + i,
                                .n_temporary = i < w->n_temporary};
}

static enum status answer(struct ctx *cx, struct wallet *w, int64_t method_id,
                          struct method_answer *out)
{
    TRY(load_methods(cx, w->account.account_id, w));
    size_t const place = methods_find(&w->order, method_id);

    if (place == w->n) return fail(cx->err, &METHOD_UNKNOWN, "method");
    out->view = view_of(cx->arena, w, place);
    out->membership = w->m.state;
    out->method_id = method_id;
    out->text = out->currency = "";
    return OK;
}

enum status method_list(struct ctx *cx, const struct method_list *in, struct methods_view *out)
{
    struct wallet w;

    TRY(load_methods(cx, in->account_id, &w));
    struct method_view *views = arena_array(cx->arena, struct method_view, w.n);

    for (size_t i = 0; i < w.n; i++) views[i] = view_of(cx->arena, &w, i);
    *out = (struct methods_view){views, w.n};
    return OK;
}

/* ---- an attempt at once ---- */

static bool has_failed(const struct membership *m)
{
    return m->state == M_GRACE || m->state == M_HOLD;
}

static enum status newest_attempt(struct ctx *cx, int64_t account_id, int64_t method_id,
                                  struct method_attempt *out, bool *found)
{
    struct method_attempt *rows;
    size_t n;

    TRY(method_attempts(cx, &rows, &n, .account_id = account_id, .method_id = method_id, .max = 1));
    *found = n > 0;
    if (n) *out = rows[0];
    return OK;
}

/* Decides the attempt, and remembers the one before it, to tell the two apart. */
static enum status decide_trial(struct ctx *cx, const struct catalog *c, struct wallet *w,
                                int64_t method_id, struct method_answer *out)
{
    struct method_attempt seen;
    bool found;

    if (!has_failed(&w->m)) return OK;
    TRY(newest_attempt(cx, w->account.account_id, method_id, &seen, &found));
    if (found) out->seen_charge_id = seen.charge_id, out->seen_attempt_no = seen.attempt_no;
    out->try_now = true;
    out->trial = TRIAL_PENDING;
    return billing_try_now(cx, c, w->account.account_id, method_id);
}

static enum status today_of(struct ctx *cx, const struct account *a, int64_t *day)
{
    const struct zone *z;

    TRY(zone_find(a->zone, &z, cx->err));
    *day = zone_day(z, cx->now);
    return OK;
}

/* What to look at after a decline; the first is acceptance in the member's country. */
static enum status add_checks(struct ctx *cx, const struct catalog *c, int64_t account_id,
                              struct method_answer *out)
{
    struct method_card const card = {(enum method_kind)out->view.kind, out->view.brand,
                                     (enum funding)out->view.funding, out->view.operator_};
    struct method_check *checks = arena_array(cx->arena, struct method_check, DECLINE_CHECKS);
    struct decline_check found[DECLINE_CHECKS];
    struct account account;
    int64_t day;

    TRY(account_get(cx, account_id, &account));
    TRY(today_of(cx, &account, &day));
    const struct country *country = catalog_country(c, account.country);
    if (!country) return OK;
    country_decline_checks(country, &card, day, found);
    for (size_t i = 0; i < DECLINE_CHECKS; i++)
        checks[i] = (struct method_check){found[i].code, found[i].text,
                                          found[i].finding ? found[i].finding->code : ""};
    out->checks = checks;
    out->n_checks = DECLINE_CHECKS;
    return OK;
}

static enum status tell_trial(struct ctx *cx, const struct catalog *c, int64_t account_id,
                              const struct method_attempt *a, struct method_answer *out)
{
    out->amount_minor = a->amount_minor;
    out->currency = a->currency;
    if (a->attempt_state == ATTEMPT_CAPTURED) out->trial = TRIAL_CAPTURED;
    if (a->attempt_state != ATTEMPT_DECLINED) return OK;
    out->trial = TRIAL_DECLINED;
    out->reason = decline_read(a->code, a->advice).reason;
    out->text = decline_text((enum decline_reason)out->reason);
    return add_checks(cx, c, account_id, out);
}

/* No attempt was made: it is still to come, or the card's budget is used up. */
static enum status tell_none(struct ctx *cx, int64_t account_id, struct method_answer *out)
{
    struct method_open_charge *rows;
    size_t n;

    TRY(method_open_charges(cx, &rows, &n, .account_id = account_id, .max = 1));
    if (n) return OK;
    out->trial = TRIAL_NOT_NOW;
    out->text = "This method was refused so often lately that it may not be tried again for now; "
                "use another one.";
    return OK;
}

enum status method_try(struct ctx *cx, const struct world *w, const struct catalog *c,
                       int64_t account_id, struct method_answer *out)
{
    enum { TRIES = 5 };
    enum status s = E_BUSY;
    struct method_attempt a;
    struct wallet wallet;
    bool found;

    if (!out->try_now) return OK;
    /* The attempt is decided and stored: whatever stops us here, the worker carries it out. */
    for (int i = 0; i < TRIES && s == E_BUSY; i++)
        s = payments_collect_account(cx, w, c, account_id);
    TRY(newest_attempt(cx, account_id, out->method_id, &a, &found));
    if (found && (a.charge_id != out->seen_charge_id || a.attempt_no != out->seen_attempt_no))
        TRY(tell_trial(cx, c, account_id, &a, out));
    else
        TRY(tell_none(cx, account_id, out));
    TRY(membership_get(cx, account_id, &wallet.m));
    out->membership = wallet.m.state;
    TRY(load_methods(cx, account_id, &wallet)); /* the decline may have blocked it */
    size_t const place = methods_find(&wallet.order, out->method_id);
    if (place < wallet.n) out->view = view_of(cx->arena, &wallet, place);
    return OK;
}

enum status method_authorize(struct ctx *cx, const struct world *w, int64_t account_id,
                             struct method_answer *out)
{
    struct wallet wallet;

    if (!out->authorize_now) return OK;
    TRY(authorization_ask(cx, w, account_id, out->method_id));
    TRY(load_methods(cx, account_id, &wallet));
    size_t const place = methods_find(&wallet.order, out->method_id);
    if (place < wallet.n) out->view = view_of(cx->arena, &wallet, place);
    return OK;
}

/* ---- adding ---- */

enum status method_describe(struct ctx *cx, const struct world *w, struct method_add *in)
{
    struct gateway *g = w->gateway;
    struct account account;

    if (text_has_card_number(in->token)) return fail(cx->err, &INPUT_CARD_NUMBER, "token");
    TRY(account_get(cx, in->account_id, &account));
    TRY(g->describe(g->state, in->token, account.external_id, &in->is, cx->arena, cx->err));
    in->gateway = g->name;
    size_t const n = strlen(in->is.last4);
    if (n > 4) in->is.last4 += n - 4; /* a gateway that tells more than we may know */
    return OK;
}

static enum status check_accepted(struct ctx *cx, const struct catalog *c, const struct account *a,
                                  const struct gateway_method *is)
{
    struct method_card const card = {is->kind, is->brand, is->funding, is->operator_};
    const struct country *country = catalog_country(c, a->country);
    int64_t day;

    if (!country) return fail(cx->err, &COUNTRY_UNKNOWN, NULL);
    TRY(today_of(cx, a, &day));
    const struct fault *refusal = country_accepts(country, &card, day);
    if (refusal) return fail(cx->err, refusal, "token");
    return is->recurring ? OK : fail(cx->err, &METHOD_NOT_RECURRING, "token");
}

static const struct method *stored_already(const struct wallet *w, const struct method_add *in)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->methods[i].gateway, in->gateway) == 0 &&
            strcmp(w->methods[i].token, in->token) == 0)
            return &w->methods[i];
    return NULL;
}

static enum status put(struct ctx *cx, struct wallet *w, const struct method_add *in, int64_t id)
{
    bool const primary_usable = w->n && w->order.at[0].usable;
    bool const primary = in->primary || !primary_usable || has_failed(&w->m);

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
    return store_order(cx, w);
}

static enum status tell(struct ctx *cx, const char *topic, int64_t account_id,
                        const struct method_view *v)
{
    return outbox_put(cx, topic, account_id, cx->now,
                      json_pack("{s:s, s:s, s:s, s:s, s:I}", "method", v->method, "kind",
                                method_kinds.at[v->kind], "brand", v->brand, "last4", v->last4,
                                "place", (json_int_t)v->place));
}

/* Whoever else adds a method gives no consent, but may record one. */
static enum status record_consent(struct ctx *cx, const struct method_add *in)
{
    struct consent_record const consent = {
        .account_id = in->account_id,
        .text_version = in->consent ? in->consent : cx->settings->consent_text_version,
        .surface = in->surface ? in->surface : "api",
        .source_op = "method.add",
    };

    if (cx->actor.role != ROLE_OWNER && !in->consent) return OK;
    return consent_record(cx, &consent);
}

enum status method_add(struct ctx *cx, const struct catalog *c, const struct method_add *in,
                       struct method_answer *out)
{
    struct wallet w;
    int64_t id;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(load(cx, in->account_id, &w));
    const struct method *stored = stored_already(&w, in);
    if (stored) {
        TRY(answer(cx, &w, stored->method_id, out));
        return tx_commit(&tx);
    }
    TRY(check_accepted(cx, c, &w.account, &in->is));
    if (w.n >= METHODS_OF_ACCOUNT_MAX) return fail(cx->err, &METHOD_TOO_MANY, NULL);
    TRY(db_id(cx, &id));
    TRY(put(cx, &w, in, id));
    TRY(record_consent(cx, in));
    TRY(answer(cx, &w, id, out));
    TRY(tell(cx, "method.added", in->account_id, &out->view));
    TRY(decide_trial(cx, c, &w, id, out));
    out->authorize_now = !out->try_now && authorization_fits(in->is.kind);
    if (out->authorize_now) TRY(authorization_want(cx, &w.account, id));
    return tx_commit(&tx);
}

/* ---- ordering ---- */

static enum status pick(struct ctx *cx, const struct method_choose *in, struct wallet *w,
                        size_t *place)
{
    int64_t id;

    TRY(load(cx, in->account_id, w));
    if (!id_parse("mth", in->method, &id)) return fail(cx->err, &METHOD_UNKNOWN, "method");
    *place = methods_find(&w->order, id);
    return *place < w->n ? OK : fail(cx->err, &METHOD_UNKNOWN, "method");
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
    TRY(store_order(cx, &w));
    TRY(answer(cx, &w, id, out));
    if (place != 0) TRY(tell(cx, "method.primary_changed", in->account_id, &out->view));
    TRY(decide_trial(cx, c, &w, id, out));
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
    TRY(store_order(cx, &w));
    if (w.order.at[0].method_id == id) return fail(cx->err, &METHOD_ONLY_ONE, "method");
    TRY(answer(cx, &w, id, out));
    struct method_view const first = view_of(cx->arena, &w, 0);
    if (w.order.at[0].method_id != primary)
        TRY(tell(cx, "method.primary_changed", in->account_id, &first));
    return tx_commit(&tx);
}
