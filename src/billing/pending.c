/* pending: wants the first charge of a term, and says what its answer means. While an outcome is in
 * doubt nothing else is tried, also after the time is over: only a look-up ends the doubt (SPEC
 * B-11). SPDX-License-Identifier: Apache-2.0 */
#include "billing/pending.h"

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/erase.h"
#include "billing/quote.h"
#include "billing/retire.h"
#include "billing/settle.h"
#include "billing/side.h"
#include "billing/spend.h"
#include "db/outbox.h"
#include "steps_sql.h"

static const struct fault PENDING_NO_CHARGE = {
    E_INTERNAL, "billing.pending_no_charge",
    "A pending membership has no charge; let `foyer doctor` examine the database."};

bool billing_given_up(enum membership_state state, int64_t term, enum charge_kind kind,
                      int64_t charge_term)
{
    bool const lives =
        state == M_ACTIVE || state == M_GRACE || state == M_HOLD || state == M_ENDING;

    if (kind != CHARGE_RENEWAL) return !lives;
    return charge_term > term && state != M_PENDING && state != M_HOLD;
}

bool pending_is(const struct membership *m, const struct charge *c)
{
    return c->kind == CHARGE_RENEWAL && c->term > m->term && m->state != M_HOLD;
}

int64_t pause_until_day(const struct membership *m)
{
    return period_start_day(m->anchor_day, m->k + 1 + m->pause_months);
}

enum status pending_rate(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                         int64_t at, struct rated *out)
{
    struct rate_in in = trouble_rate_in(t);

    in.anchor_day = zone_day(t->zone, at);
    in.first = t->m.state == M_NONE;
    in.recovered = !in.first;
    TRY(retire_foresee(cx, c, t, &in));
    const struct fault *fault = rate_period(c, &in, out);

    return fault ? fail(cx->err, fault, NULL) : OK;
}

/* Revenue is looked for among the charges of late: one that was given up long ago stays so. */
static bool is_recent(const struct charge *c, int64_t at)
{
    enum { REOPEN_DAYS = 30 };

    return c->charge_id >= db_id_floor(at - REOPEN_DAYS * DAY_MS);
}

/* A charge that was refused is tried again under its next attempt; beside one that came late, or is
 * old, a new term's is made. */
static enum status want(struct ctx *cx, const struct catalog *c, const struct trouble *t,
                        const struct rated *r, int64_t at)
{
    struct rate_in const in = trouble_rate_in(t);
    struct charge *last, now;
    int64_t charge_id;
    size_t n;

    TRY(trouble_ahead(cx, t, &last, &n));
    if (n && (last->charge_state == CHARGE_WANTED || last->charge_state == CHARGE_UNKNOWN))
        return fail(cx->err, &BILLING_PAYMENT_IN_FLIGHT, NULL);
    if (n && last->charge_state == CHARGE_CANCELED && is_recent(last, at)) {
        charge_id = last->charge_id;
        TRY(charge_reopen(cx, NULL, .charge_id = charge_id, .due_on_day = r->start_day,
                          .amount_minor = r->total_minor, .currency = r->currency, .wanted_at = at,
                          .catalog_version = c->version));
    } else {
        struct trouble_first const first = {r, (n ? last->term : t->m.term) + 1, c->version, at};

        TRY(trouble_first_charge(cx, t, &first, &charge_id));
    }
    TRY(quote_keep(cx, t->m.account_id, charge_id, &in));
    TRY(charge_by_id(cx, &now, &PENDING_NO_CHARGE, .charge_id = charge_id));
    return trouble_want(cx, &now, 0, RECOVERED_NOT, at);
}

enum status pending_begin(struct ctx *cx, const struct catalog *c, struct trouble *t,
                          const struct pending_begin *in)
{
    struct rated r;

    TRY(pending_rate(cx, c, t, in->at, &r));
    TRY(want(cx, c, t, &r, in->at));
    TRY(membership_move(cx, &t->m, in->event, in->at, "", NULL));
    t->m.pending_from = in->back;
    membership_due_at(&t->m, STEP_PENDING_END, in->at + cx->settings->pending_minutes * 60000);
    return OK;
}

/* ---- answers ---- */

/* price_minor: of a month of the plan; 0: nothing has begun. */
static enum status tell(struct ctx *cx, const char *topic, const struct trouble *t,
                        const struct charge *c, int64_t price_minor, int64_t at)
{
    char anchor[DAY_TEXT], next[DAY_TEXT];
    bool const active = t->m.state == M_ACTIVE;
    json_t *body = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "state",
        membership_states.at[t->m.state], "biller", t->m.biller, "plan", t->m.plan, "email",
        t->account.email, "amount_minor", (json_int_t)c->amount_minor, "currency", c->currency,
        "code", c->code, "anchor_on", active ? day_text(t->m.anchor_day, anchor) : "",
        "next_charge_on", active ? day_text(t->m.period_end_day, next) : "", "who",
        roles.at[cx->actor.role], "network", cx->actor.network ? cx->actor.network : "");

    if (price_minor) json_object_set_new(body, "price_minor", json_integer(price_minor));
    return outbox_put(cx, topic, t->m.account_id, at, body);
}

struct beginning {
    const char *topic;
    struct term_begin term;
};
static struct beginning beginning_of(enum membership_state back, int64_t at)
{
    if (back == M_NONE)
        return (struct beginning){
            "membership.started", {"joined", CAUSE_FIRST, true, at}
        };
    if (back == M_CANCELED)
        return (struct beginning){
            "membership.restarted", {"restarted", CAUSE_RESTARTED, false, at}
        };
    return (struct beginning){
        "membership.resumed", {"resumed", CAUSE_RESUMED, false, at}
    };
}

/* Nothing of what ended before is left: dates of the end, a cancel that was begun, a pause. */
static void begin_anew(struct trouble *t, int64_t at)
{
    t->m.pending_from = M_NONE;
    t->m.end_day = t->m.retention_until_day = t->m.cancel_started_at = t->m.pause_months = 0;
    trouble_due(t, STEP_RENEW, t->m.period_end_day, at);
}

/* Nobody waits for it any more: it begins no term and goes back at once. */
static enum status late(struct ctx *cx, const struct issuer *by, struct trouble *t,
                        const struct charge *c, const struct settled *s)
{
    bool const first = t->m.term == 0 || c->term == 1;
    struct term_begin const b = {"", first ? CAUSE_FIRST : CAUSE_RESTARTED, first, s->at};
    struct rate_in in;
    struct rated r;

    TRY(settle_book(cx, c, s));
    TRY(errand_drop(cx, c->account_id, ERRAND_LOOK_UP, c->charge_id));
    TRY(settle_invoice(cx, by, t, c, &b, &in, &r));
    if (!SABOTAGE("late_kept")) TRY(side_late(cx, by, c, s->at));
    return tell(cx, "membership.late_payment", t, c, 0, s->at);
}

enum status pending_captured(struct ctx *cx, const struct issuer *by, struct trouble *t,
                             const struct charge *c, const struct settled *s)
{
    if (t->m.state != M_PENDING) return late(cx, by, t, c, s);
    struct beginning const b = beginning_of((enum membership_state)t->m.pending_from, s->at);

    TRY(settle_book(cx, c, s));
    TRY(errand_drop(cx, c->account_id, ERRAND_LOOK_UP, c->charge_id));
    TRY(membership_move(cx, &t->m, MEV_PAYMENT_OK, s->at, "", NULL));
    TRY(settle_begin_term(cx, by, t, c, &b.term));
    begin_anew(t, s->at);
    TRY(membership_store(cx, &t->m));
    return tell(cx, b.topic, t, c, trouble_price(by->catalog, t, t->m.anchor_day), s->at);
}

/* Refused on the date on which a pause ends: HOLD, with nothing invoiced. Access ended when the
 * pause began; the hold limit counts from now on. */
static void hold(struct trouble *t, const struct charge *c, int64_t at)
{
    int64_t const today = zone_day(t->zone, at);

    t->m.pause_months = 0;
    trouble_begin(t, c);
    t->dates = dunning_begin(&t->rules, today);
    t->dates.grace_until_day = t->m.period_end_day;
    t->dates.hold_until_day = today + t->rules.hold_limit_days;
    dunning_pass_retries(&t->rules, &t->dates, today);
    trouble_next(t, at);
}

static enum status fall_back(struct ctx *cx, struct trouble *t, struct charge *c, const char *code,
                             int64_t at)
{
    c->code = code;
    TRY(membership_move(cx, &t->m, MEV_PAYMENT_REFUSED, at, code, NULL));
    t->m.pending_from = M_NONE;
    if (t->m.state == M_HOLD)
        hold(t, c, at);
    else if (t->m.state == M_PAUSED)
        membership_due(&t->m, STEP_RESUME, t->zone, pause_until_day(&t->m));
    else if (t->m.state == M_CANCELED)
        erase_plan(t, at);
    else
        membership_due_at(&t->m, STEP_NONE, 0);
    return tell(cx, "membership.payment_refused", t, c, 0, at);
}

enum status pending_failed(struct ctx *cx, struct trouble *t, struct charge *c,
                           const struct settled *s, const char *code)
{
    bool const in_time = t->m.state == M_PENDING;

    TRY(charge_fail(cx, NULL, .charge_id = c->charge_id, .code = code, .attempts = s->attempts));
    TRY(settle_unwant(cx, c->charge_id));
    TRY(spend_undo(cx, c, s->at));
    TRY(errand_drop(cx, c->account_id, ERRAND_LOOK_UP, c->charge_id));
    if (!in_time || t->m.pending_from != M_HOLD)
        TRY(charge_close(cx, NULL, .charge_id = c->charge_id, .charge_state = CHARGE_CANCELED,
                         .credit_note_id = 0));
    if (!in_time) return OK;
    TRY(fall_back(cx, t, c, code, s->at));
    return trouble_store(cx, t);
}

/* Each look-up comes when the doubt is twice as old as at the last one; after a day at most. */
static int64_t next_look_up(const struct ctx *cx, const struct charge *c, int64_t at)
{
    int64_t const least = cx->settings->look_up_minutes * 60000, age = at - c->wanted_at;

    return at + (age < least ? least : age > DAY_MS ? DAY_MS : age);
}

static int64_t end_of(const struct ctx *cx, const struct charge *c)
{
    return c->wanted_at + cx->settings->pending_minutes * 60000;
}

enum status pending_unknown(struct ctx *cx, struct trouble *t, const struct charge *c,
                            const struct settled *s)
{
    int64_t const next = next_look_up(cx, c, s->at), end = end_of(cx, c);

    TRY(charge_doubt(cx, NULL, .charge_id = c->charge_id));
    TRY(settle_unwant(cx, c->charge_id));
    if (t->m.state != M_PENDING)
        return errand_plan_once(cx, c->account_id, ERRAND_LOOK_UP, c->charge_id, next);
    membership_due_at(&t->m, next < end ? STEP_LOOK_UP : STEP_PENDING_END, next < end ? next : end);
    return membership_store(cx, &t->m);
}

static enum status look_up(struct ctx *cx, const struct charge *c, int64_t at)
{
    struct charge_wanted_add_all_in const wanted = {c->charge_id, c->account_id};

    TRY(charge_look_up(cx, NULL, .charge_id = c->charge_id, .attempt_at = at));
    return charge_wanted_add_all(cx, &wanted, 1, NULL);
}

enum status pending_look_up(struct ctx *cx, struct trouble *t, int64_t at)
{
    struct charge *c;
    size_t n;

    TRY(trouble_ahead(cx, t, &c, &n));
    if (!n) return fail(cx->err, &PENDING_NO_CHARGE, NULL);
    membership_due_at(&t->m, STEP_PENDING_END, end_of(cx, c));
    return c->charge_state == CHARGE_UNKNOWN ? look_up(cx, c, at) : OK;
}

enum status pending_look_up_late(struct ctx *cx, const struct errand *e, int64_t at)
{
    struct charge c;

    TRY(charge_by_id(cx, &c, &PENDING_NO_CHARGE, .charge_id = e->subject));
    if (c.charge_state != CHARGE_UNKNOWN) return OK;
    TRY(look_up(cx, &c, at));
    return errand_plan(cx, e->account_id, ERRAND_LOOK_UP, e->subject, next_look_up(cx, &c, at));
}

/* An attempt that is on its way is answered first; one in doubt falls back and stays in doubt. */
enum status pending_over(struct ctx *cx, struct trouble *t, int64_t at)
{
    struct charge *c;
    size_t n;

    TRY(trouble_ahead(cx, t, &c, &n));
    if (!n) return fail(cx->err, &PENDING_NO_CHARGE, NULL);
    if (c->charge_state == CHARGE_WANTED) {
        int64_t const wait = cx->settings->look_up_minutes * 60000;

        membership_due_at(&t->m, STEP_PENDING_END, at + (t->account.locked_at ? DAY_MS : wait));
        return OK;
    }
    TRY(errand_plan(cx, c->account_id, ERRAND_LOOK_UP, c->charge_id, next_look_up(cx, c, at)));
    return fall_back(cx, t, c, "payment.no_answer", at);
}
