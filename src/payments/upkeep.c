/* upkeep: new details for a method, and taking one away. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/luhn.h"
#include "base/sabotage.h"
#include "payments/authorization.h"
#include "payments/decline_rules.h"
#include "payments/forget.h"
#include "payments/wallet.h"

const struct fault METHOD_KIND_DIFFERS = {
    E_CONFLICT, "method.kind_differs",
    "The token stands for another kind of method; add it as a new one."};
const struct fault METHOD_KNOWN = {
    E_CONFLICT, "method.known",
    "Another method of the account is this card already; use that one, or remove this one."};

/* ---- new details ---- */

static enum status read_expiry(struct ctx *cx, const struct account *a, const char *text,
                               int64_t *month)
{
    char date[DAY_TEXT];
    int64_t day;

    *month = 0;
    if (!text) return OK;
    snprintf(date, sizeof date, "%.7s-01", text);
    if (strlen(text) != 7 || !day_parse(date, &day))
        return fail(cx->err, &METHOD_EXPIRY_INVALID, "expires");
    *month = month_of(day);
    return wallet_unexpired(cx, a, *month, "expires");
}

enum status method_describe_update(struct ctx *cx, const struct world *w, struct method_update *in)
{
    struct gateway *g = w->gateway;
    struct wallet wallet;
    int64_t month;
    size_t place;

    if (in->token && text_has_card_number(in->token))
        return fail(cx->err, &INPUT_CARD_NUMBER, "token");
    TRY(wallet_load(cx, in->account_id, &wallet));
    TRY(wallet_find(cx, &wallet, in->method, &place));
    TRY(read_expiry(cx, &wallet.account, in->expires, &month));
    in->was_token = wallet.methods[place].token;
    in->new_token = in->token ? in->token : in->was_token;
    struct gateway_update const update = {in->new_token, wallet.account.external_id, month,
                                          in->postal_code ? in->postal_code : ""};
    TRY(forget_look(cx, g->name, in->new_token, &in->forget_seen));
    if (month || in->postal_code)
        TRY(g->update(g->state, &update, &in->new_token, &in->is, cx->arena, cx->err));
    else
        TRY(g->describe(g->state, in->new_token, wallet.account.external_id, &in->is, cx->arena,
                        cx->err));
    size_t const n = strlen(in->is.last4);
    if (n > 4) in->is.last4 += n - 4;
    return OK;
}

static bool changes_details(const struct method_update *in)
{
    return in->token || in->expires || in->postal_code;
}

/* A word of the owner is enough where a bank wanted one; a card that is gone needs another token,
 * and one whose details were wrong needs details (SPEC E-11). A dispute ends at the bank (I-06). */
static enum status check_blocked(struct ctx *cx, const struct method *m,
                                 const struct method_update *in)
{
    struct dispute_card const card = {m->gateway, in->new_token, in->is.fingerprint};

    if (in->token && strcmp(m->token, in->new_token) != 0)
        return wallet_undisputed(cx, m->account_id, &card);
    if (m->method_state != METHOD_BLOCKED) return OK;
    if (strcmp(m->blocked_code, "disputed") == 0) return fail(cx->err, &METHOD_DISPUTED, "method");
    TRY(wallet_undisputed(cx, m->account_id, &card)); /* it may have been blocked before that */
    if (in->token) return OK;
    enum decline_class const class = decline_read(m->blocked_code, "").class;
    bool const helps = class == DECLINE_NEVER      ? false
                       : class == DECLINE_FIX_DATA ? changes_details(in)
                                                   : true;
    return helps ? OK : fail(cx->err, &METHOD_BLOCKED_NOW, "method");
}

/* As it is, with what the network may have made of it since. */
static enum status confirm(struct ctx *cx, const struct method *m, const struct method_note *note)
{
    struct method_note as_it_is = *note;

    as_it_is.last4 = m->last4;
    as_it_is.expiry_month = m->expiry_month;
    TRY(method_outside(cx, NULL, .method_id = m->method_id, .account_id = m->account_id,
                       .method_state = METHOD_USABLE, .blocked_code = "", .last4 = m->last4,
                       .expiry_month = m->expiry_month));
    return wallet_note(cx, &as_it_is);
}

/* The method becomes another card. What the old one has paid stays with it: a dispute of it is none
 * of the new one's, and the gateway forgets its token. */
static enum status hand_on(struct ctx *cx, const struct method *m)
{
    int64_t id;

    TRY(authorization_release(cx, m->account_id, m->method_id));
    TRY(wallet_hand_on(cx, m, true, &id));
    return forget_want(cx, m->account_id, id);
}

static bool is_another_card(const struct method *m, const struct method_update *in)
{
    return strcmp(m->token, in->new_token) != 0 &&
           (!*m->fingerprint || strcmp(m->fingerprint, in->is.fingerprint) != 0);
}

static enum status put_change(struct ctx *cx, const struct method *m,
                              const struct method_update *in)
{
    struct method_note const note = {.account_id = m->account_id,
                                     .method_id = m->method_id,
                                     .happened_at = cx->now,
                                     .event =
                                         changes_details(in) ? METHOD_UPDATED : METHOD_CONFIRMED,
                                     .last4 = in->is.last4,
                                     .expiry_month = in->is.expiry_month};

    if (!changes_details(in)) return confirm(cx, m, &note);
    if (strcmp(m->token, in->new_token) != 0)
        TRY(forget_spare(cx, m->gateway, in->new_token, in->forget_seen));
    if (is_another_card(m, in) && !SABOTAGE("new_card_blamed")) TRY(hand_on(cx, m));
    TRY(method_change(cx, NULL, .method_id = m->method_id, .account_id = m->account_id,
                      .brand = in->is.brand, .funding = in->is.funding, .last4 = in->is.last4,
                      .expiry_month = in->is.expiry_month,
                      .issuing_country = in->is.issuing_country, .operator= in->is.operator_,
                      .token = in->new_token, .fingerprint = in->is.fingerprint));
    return wallet_note(cx, &note);
}

enum status wallet_renew(struct ctx *cx, const struct catalog *c, struct wallet *w, size_t place,
                         const struct method_update *in, struct method_answer *out)
{
    const struct method *m = &w->methods[place];

    if ((int64_t)in->is.kind != m->method_kind) return fail(cx->err, &METHOD_KIND_DIFFERS, "token");
    TRY(check_blocked(cx, m, in));
    TRY(wallet_accepts(cx, c, &w->account, &in->is));
    if (in->token && strcmp(m->token, in->new_token) != 0)
        TRY(wallet_unexpired(cx, &w->account, in->is.expiry_month, "token"));
    TRY(wallet_at_rest(cx, w, m->method_id));
    TRY(put_change(cx, m, in));
    w->order.at[methods_find(&w->order, m->method_id)].usable = true;
    TRY(wallet_store(cx, w));
    TRY(wallet_answer(cx, w, m->method_id, out));
    TRY(wallet_tell(cx, "method.updated", in->account_id, &out->view));
    return trial_decide(cx, c, w, out->method_id, out);
}

enum status method_update(struct ctx *cx, const struct catalog *c, const struct method_update *in,
                          struct method_answer *out)
{
    struct wallet w;
    size_t place;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(wallet_load(cx, in->account_id, &w));
    TRY(wallet_find(cx, &w, in->method, &place));
    const struct method *m = &w.methods[place];
    if (strcmp(m->token, in->was_token) != 0) return fail(cx->err, &MEMBERSHIP_CHANGED, NULL);
    struct dispute_card const card = {m->gateway, in->new_token, in->is.fingerprint};
    for (size_t i = 0; i < w.n; i++)
        if (i != place && wallet_is_card(&w.methods[i], &card) && !wallet_is_card(m, &card))
            return fail(cx->err, &METHOD_KNOWN, "token");
    TRY(wallet_renew(cx, c, &w, place, in, out));
    return tx_commit(&tx);
}

/* ---- taking one away ---- */

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

/* What comes of it when nothing can be charged any more (SPEC C-12). */
static enum status foretell(struct ctx *cx, const struct catalog *c, const struct wallet *w,
                            struct method_removal *out)
{
    int64_t charge_day, until_day;

    out->last_usable = true;
    TRY(billing_unpaid_until(cx, c, w->account.account_id, &charge_day, &until_day));
    out->next_charge_on = date(cx, charge_day);
    out->access_until = date(cx, until_day);
    return OK;
}

static bool ends_by_itself(const struct membership *m)
{
    return m->state == M_NONE || m->state == M_CANCELED;
}

/* The rows behind move up. */
static void take_out(struct wallet *w, size_t place)
{
    methods_move(&w->order, place, w->order.n - 1);
    w->order.n--;
    if (place < --w->n)
        memmove(&w->methods[place], &w->methods[place + 1], (w->n - place) * sizeof *w->methods);
}

static enum status take_away(struct ctx *cx, struct wallet *w, size_t place,
                             struct method_removal *out)
{
    struct method const m = w->methods[place];
    struct method_view const view = wallet_view(cx->arena, w, place);
    struct method_note const note = {.account_id = m.account_id,
                                     .method_id = m.method_id,
                                     .happened_at = cx->now,
                                     .event = METHOD_IS_REMOVED,
                                     .last4 = m.last4,
                                     .expiry_month = m.expiry_month};

    TRY(method_remove_row(cx, NULL, .method_id = m.method_id, .account_id = m.account_id));
    TRY(authorization_release(cx, m.account_id, m.method_id));
    TRY(forget_want(cx, m.account_id, m.method_id));
    take_out(w, place);
    TRY(wallet_store(cx, w));
    TRY(wallet_note(cx, &note));
    TRY(wallet_tell(cx, "method.removed", m.account_id, &view));
    out->removed = true;
    return OK;
}

enum status method_remove(struct ctx *cx, const struct catalog *c, const struct method_remove *in,
                          struct method_removal *out)
{
    struct wallet w;
    size_t place;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(wallet_load(cx, in->account_id, &w));
    TRY(wallet_find(cx, &w, in->method, &place));
    int64_t const id = w.order.at[place].method_id;
    *out = (struct method_removal){.next_charge_on = "", .access_until = "", .primary = ""};
    out->method = id_text("mth", id, arena_alloc(cx->arena, ID_TEXT));
    TRY(wallet_at_rest(cx, &w, id));
    if (w.order.at[place].usable && !wallet_others(&w, place) && !ends_by_itself(&w.m))
        TRY(foretell(cx, c, &w, out));
    if (!out->last_usable || in->confirm) TRY(take_away(cx, &w, place, out));
    if (w.order.n)
        out->primary = id_text("mth", w.order.at[0].method_id, arena_alloc(cx->arena, ID_TEXT));
    out->membership = w.m.state;
    return tx_commit(&tx);
}
