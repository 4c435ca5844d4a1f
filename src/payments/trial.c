/* trial: an attempt that is made at once, and what its answer tells the member (SPEC E-08, C-08).
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "payments/authorization.h"
#include "payments/decline_rules.h"
#include "payments/wallet.h"

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

enum status trial_decide(struct ctx *cx, const struct catalog *c, struct wallet *w,
                         int64_t method_id, struct method_answer *out)
{
    struct method_open_charge *open;
    struct method_attempt seen;
    bool found;
    size_t n;

    if (!wallet_has_failed(&w->m)) return OK;
    TRY(newest_attempt(cx, w->account.account_id, method_id, &seen, &found));
    if (found) out->seen_charge_id = seen.charge_id, out->seen_attempt_no = seen.attempt_no;
    TRY(billing_try_now(cx, c, w->account.account_id, method_id));
    TRY(method_open_charges(cx, &open, &n, .account_id = w->account.account_id, .max = 1));
    if (n == 0) return OK; /* nothing is to be paid by an attempt now */
    out->try_now = true;
    out->trial = TRIAL_PENDING;
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
    TRY(wallet_today(cx, &account, &day));
    const struct country *country = catalog_country(c, account.country);
    if (!country) return OK;
    country_decline_checks(country, &card, day, found);
    for (size_t i = 0; i < DECLINE_CHECKS; i++)
        checks[i] = (struct method_check){
            found[i].code, message_of(cx->arena, account.locale, "check", found[i].code),
            found[i].finding ? found[i].finding->code : ""};
    out->checks = checks;
    out->n_checks = DECLINE_CHECKS;
    return OK;
}

/* The seven actions in their order; what a partner could do is no help to who pays us (SPEC C-14).
 */
static void add_actions(struct ctx *cx, const char *locale, struct method_answer *out)
{
    struct method_action *list = arena_array(cx->arena, struct method_action, DECLINE_ACTIONS);
    const struct decline_action *all[DECLINE_ACTIONS];
    size_t const n = decline_actions(true, all);

    for (size_t i = 0; i < n; i++)
        list[i] = (struct method_action){
            all[i]->code, message_of(cx->arena, locale, "todo", all[i]->code), !all[i]->packaged};
    out->actions = list;
    out->n_actions = n;
}

/* Why, in words, and what can be done about it (SPEC C-13, C-14). */
static enum status tell_decline(struct ctx *cx, const struct catalog *c, int64_t account_id,
                                const char *code, const char *advice, struct method_answer *out)
{
    const char *locale;

    out->reason = decline_read(code, advice).reason;
    out->detail = decline_detail(code);
    TRY(account_locale(cx, account_id, NULL, &locale));
    out->text = message_of(cx->arena, locale, "decline", decline_reasons.at[out->reason]);
    add_actions(cx, locale, out);
    return add_checks(cx, c, account_id, out);
}

static enum status tell_trial(struct ctx *cx, const struct catalog *c, int64_t account_id,
                              const struct method_attempt *a, struct method_answer *out)
{
    out->amount_minor = a->amount_minor;
    out->currency = a->currency;
    if (a->attempt_state == ATTEMPT_CAPTURED) out->trial = TRIAL_CAPTURED;
    if (a->attempt_state != ATTEMPT_DECLINED) return OK;
    out->trial = TRIAL_DECLINED;
    return tell_decline(cx, c, account_id, a->code, a->advice, out);
}

/* No attempt was made: it is still to come, or the card's budget is used up. */
static enum status tell_none(struct ctx *cx, int64_t account_id, struct method_answer *out)
{
    struct method_open_charge *rows;
    const char *locale;
    size_t n;

    TRY(method_open_charges(cx, &rows, &n, .account_id = account_id, .max = 1));
    if (n) return OK;
    out->trial = TRIAL_NOT_NOW;
    TRY(account_locale(cx, account_id, NULL, &locale));
    out->text = message_of(cx->arena, locale, "decline", "too_often");
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
    TRY(wallet_load_methods(cx, account_id, &wallet)); /* the decline may have blocked it */
    size_t const place = methods_find(&wallet.order, out->method_id);
    if (place < wallet.n) out->view = wallet_view(cx->arena, &wallet, place);
    return OK;
}

/* A refusal is told and changes nothing: the method stays, for only a charge's decline stops
 * attempts (SPEC E-11), and its owner can give the right details. */
enum status method_authorize(struct ctx *cx, const struct world *w, const struct catalog *c,
                             int64_t account_id, struct method_answer *out)
{
    struct wallet wallet;
    const char *code;

    if (!out->authorize_now) return OK;
    TRY(authorization_ask(cx, w, account_id, out->method_id));
    TRY(authorization_refusal(cx, account_id, out->method_id, &code));
    TRY(wallet_load_methods(cx, account_id, &wallet));
    size_t const place = methods_find(&wallet.order, out->method_id);
    if (place < wallet.n) out->view = wallet_view(cx->arena, &wallet, place);
    return *code ? tell_decline(cx, c, account_id, code, "", out) : OK;
}
