/* held: weighs, keeps, carries out and tells. SPDX-License-Identifier: Apache-2.0 */
#include "billing/held.h"

#include <string.h>

#include "base/calendar.h"
#include "billing/pending.h"
#include "db/outbox.h"
#include "held_sql.h"
#include "policy/throttle.h"

const struct fault HELD_NONE = {
    E_CONFLICT, "billing.no_restart_held",
    "No restart of this membership is waiting; restart it, or see it on the account page."};

enum { REFUSED_NOTES_MAX = 20 }; /* entries in a day; letters are fewer */

/* ---- risk ---- */

static unsigned weigh(const struct ctx *cx, const struct account *a,
                      const struct held_facts_row *seen)
{
    int64_t const after = cx->now - cx->settings->risk_recent_hours * 3600000;
    const char *country = text_or_empty(cx->actor.country);
    unsigned set = 0;

    if (*country && !text_equal_nocase(country, a->country) && !seen->country_seen)
        set |= RISK(RISK_NEW_COUNTRY);
    if (*text_or_empty(cx->actor.device) && !seen->device_seen) set |= RISK(RISK_NEW_DEVICE);
    if (seen->added) set |= RISK(RISK_METHOD_ADDED);
    if (a->unlocked_at > after) set |= RISK(RISK_UNLOCKED);
    if (seen->refused) set |= RISK(RISK_REFUSED);
    return set;
}

enum status held_risk(struct ctx *cx, int64_t account_id, struct restart_risk *out)
{
    struct held_facts_row seen;
    struct account account;

    *out = (struct restart_risk){0};
    if (cx->actor.role != ROLE_OWNER) return OK;
    TRY(account_get(cx, account_id, &account));
    TRY(held_facts(cx, &seen, &DB_NO_ROW, .account_id = account_id,
                   .after = cx->now - cx->settings->risk_recent_hours * 3600000,
                   .device = text_or_empty(cx->actor.device),
                   .network_country = text_or_empty(cx->actor.country)));
    out->set = weigh(cx, &account, &seen);
    out->high = risk_points(out->set) >= cx->settings->restart_risk_high;
    return OK;
}

static const char *names_of(struct arena *a, unsigned set)
{
    char *list = "";

    for (enum risk r = 0; r < RISKS; r++)
        if (set & RISK(r)) list = arena_printf(a, "%s%s%s", list, *list ? "," : "", risks.at[r]);
    return list;
}

/* ---- telling ---- */

json_t *held_who(struct ctx *cx)
{
    const struct actor *a = &cx->actor;
    char at[INSTANT_TEXT];

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "who", roles.at[a->role], "surface",
                     surfaces.at[a->surface], "device", text_or_empty(a->device), "network",
                     text_or_empty(a->network), "country", text_or_empty(a->country), "at",
                     instant_text(cx->now, at), "to", "all_contacts");
}

/* ---- keeping ---- */

/* What would refuse it now would refuse it later. */
static enum status check(struct ctx *cx, const struct catalog *c, const struct trouble *t)
{
    struct charge *ahead;
    struct rated r;
    size_t n;

    TRY(restart_allowed(cx, c, t));
    TRY(charges_ahead(cx, &ahead, &n, .account_id = t->m.account_id, .term = t->m.term, .max = 1));
    if (n && (ahead->charge_state == CHARGE_WANTED || ahead->charge_state == CHARGE_UNKNOWN))
        return fail(cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL);
    return pending_rate(cx, c, t, cx->now, &r);
}

static enum status store(struct ctx *cx, int64_t account_id, const char *plan, const char *why,
                         int64_t go_at)
{
    const struct actor *a = &cx->actor;

    TRY(held_put(cx, NULL, .account_id = account_id, .plan = text_or_empty(plan),
                 .asked_at = cx->now, .go_at = go_at, .risks = why, .actor_role = a->role,
                 .actor_id = a->id, .actor_surface = a->surface, .device = text_or_empty(a->device),
                 .network = text_or_empty(a->network),
                 .network_country = text_or_empty(a->country)));
    return errand_plan(cx, account_id, ERRAND_RESTART, 0, go_at);
}

/* Two codes: one lets its owner have it at once, the other stops it. */
static enum status tell_held(struct ctx *cx, int64_t account_id, const char *why, int64_t go_at)
{
    char confirm[PROOF_CODE], not_me[PROOF_CODE], until[INSTANT_TEXT];

    TRY(proof_make(cx, account_id, PROOF_CONFIRM_RESTART, go_at, confirm));
    TRY(proof_make(cx, account_id, PROOF_NOT_ME, go_at + cx->settings->undo_days * DAY_MS, not_me));
    json_t *body = held_who(cx);
    json_object_set_new(body, "risks", json_string(why));
    json_object_set_new(body, "held_until", json_string(instant_text(go_at, until)));
    json_object_set_new(body, "confirm_code", json_string(confirm));
    json_object_set_new(body, "not_me_code", json_string(not_me));
    return outbox_put(cx, "membership.restart_held", account_id, cx->now, body);
}

enum status held_keep(struct ctx *cx, const struct catalog *c, int64_t account_id, const char *plan,
                      const struct restart_risk *risk, int64_t *go_at)
{
    const char *why = names_of(cx->arena, risk->set);
    struct restart_wish *waiting;
    struct trouble t;
    size_t n;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(held_of(cx, &waiting, &n, .account_id = account_id, .max = 1));
    *go_at = n ? waiting->go_at : cx->now + cx->settings->restart_hold_hours * 3600000;
    if (n) return tx_commit(&tx);
    TRY(trouble_load(cx, account_id, &t));
    if (plan) t.m.plan = plan;
    TRY(check(cx, c, &t));
    TRY(membership_note(cx, &t.m, MEV_RESTART_HELD, cx->now, why));
    TRY(store(cx, account_id, plan, why, *go_at));
    TRY(tell_held(cx, account_id, why, *go_at));
    return tx_commit(&tx);
}

/* ---- carrying out ---- */

enum status held_forget(struct ctx *cx, int64_t account_id)
{
    TRY(held_remove(cx, NULL, .account_id = account_id));
    TRY(proof_drop(cx, account_id, PROOF_CONFIRM_RESTART));
    return errand_drop(cx, account_id, ERRAND_RESTART, 0);
}

/* Acts as who asked for it and had proved who it is. */
static enum status go(struct ctx *cx, const struct catalog *c, const struct restart_wish *w)
{
    struct ctx who = *cx;

    who.actor = (struct actor){.role = (enum role)w->actor_role,
                               .id = w->actor_id,
                               .surface = (enum surface)w->actor_surface,
                               .proven = true,
                               .device = w->device,
                               .network = w->network,
                               .country = w->network_country};
    return billing_restart(&who, c, w->account_id, w->plan[0] ? w->plan : NULL);
}

/* Nothing that has changed meanwhile may stop the worker: then it is over, and told. */
static enum status tell_dropped(struct ctx *cx, int64_t account_id, const struct fault *why)
{
    return outbox_put(
        cx, "membership.restart_dropped", account_id, cx->now,
        json_pack("{s:s, s:s, s:s}", "code", why->code, "reason", why->text, "to", "all_contacts"));
}

enum status held_over(struct ctx *cx, const struct catalog *c, const struct errand *e, int64_t at)
{
    struct ctx then = *cx;
    struct restart_wish *w;
    struct trouble t;
    size_t n;

    then.now = at;
    TRY(held_of(cx, &w, &n, .account_id = e->account_id, .max = 1));
    if (n == 0) return OK;
    TRY(held_forget(&then, e->account_id));
    TRY(trouble_load(&then, e->account_id, &t));
    if (w->plan[0]) t.m.plan = w->plan;
    enum status const s = check(&then, c, &t);
    if (s == E_CONFLICT || s == E_NOT_FOUND || s == E_INVALID)
        return tell_dropped(&then, e->account_id, cx->err->fault);
    TRY(s);
    return go(&then, c, w);
}

enum status held_confirm(struct ctx *cx, const struct catalog *c, int64_t account_id,
                         const char *code)
{
    struct restart_wish *w;
    int64_t whose;
    size_t n;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(held_of(cx, &w, &n, .account_id = account_id, .max = 1));
    if (n == 0) return fail(cx->err, &HELD_NONE, NULL);
    TRY(proof_find(cx, code, PROOF_CONFIRM_RESTART, &whose));
    if (whose != account_id) return fail(cx->err, &PROOF_UNKNOWN, "code");
    TRY(held_forget(cx, account_id));
    TRY(go(cx, c, w));
    return tx_commit(&tx);
}

enum status held_stop(struct ctx *cx, const struct membership *m, bool *stopped)
{
    struct restart_wish *w;
    size_t n;

    TRY(held_of(cx, &w, &n, .account_id = m->account_id, .max = 1));
    *stopped = n > 0;
    if (n == 0) return OK;
    TRY(held_forget(cx, m->account_id));
    return membership_note(cx, m, MEV_RESTART_STOPPED, cx->now, w->risks);
}

/* ---- who may not ---- */

static enum status count_refused(struct ctx *cx, int64_t account_id, bool *note, bool *letter)
{
    const char *who = arena_printf(cx->arena, "%lld", (long long)account_id);
    struct throttle notes = {"restart_refused", "account", who, REFUSED_NOTES_MAX};
    struct throttle letters = notes;
    bool over;

    letters.max = cx->settings->blocked_letters;
    TRY(throttle_over(cx, &notes, 1, &over));
    *note = !over;
    TRY(throttle_over(cx, &letters, 1, &over));
    *letter = !over;
    return *note ? throttle_count(cx, &notes, 1) : OK;
}

enum status held_refused(struct ctx *cx, int64_t account_id, const struct fault *why)
{
    struct membership m;
    bool note, letter;
    TX tx = {0};

    if (cx->actor.role == ROLE_OWNER) return OK;
    TRY(tx_begin(&tx, cx));
    TRY(membership_get(cx, account_id, &m));
    if (m.state != M_CANCELED && m.state != M_ENDING) return OK; /* nothing to restart */
    TRY(count_refused(cx, account_id, &note, &letter));
    if (!note) return OK;
    TRY(membership_note(cx, &m, MEV_RESTART_REFUSED, cx->now, why->code));
    if (letter)
        TRY(outbox_put(cx, "membership.restart_blocked", account_id, cx->now, held_who(cx)));
    return tx_commit(&tx);
}
