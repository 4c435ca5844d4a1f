/* settle: what an answered attempt means for the books and for the membership.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/settle.h"

#include <string.h>

#include "base/calendar.h"
#include "base/sabotage.h"
#include "billing/dunning.h"
#include "billing/invoice.h"
#include "billing/pending.h"
#include "billing/quote.h"
#include "billing/reach.h"
#include "billing/side.h"
#include "billing/spend.h"
#include "catalog/catalog.h"
#include "db/outbox.h"

static const struct fault SETTLED_TWICE = {E_BUSY, "billing.settled_twice",
                                           "Another worker has settled this charge already."};
static const struct fault CHARGE_GONE = {
    E_INTERNAL, "billing.charge_gone",
    "A settled charge does not exist; let `foyer doctor` examine the database."};

enum { ENTRY_CAPTURE = 100 }; /* apart from the entries of the invoice, which has the same number */

static void post_capture(struct ctx *cx, struct ledger_batch *b, int64_t charge_id,
                         int64_t account_id, int64_t at, const char *currency, int64_t amount_minor)
{
    ledger_post(cx->arena, b,
                (struct ledger_entry_add_all_in){.document_id = charge_id,
                                                 .entry_no = ENTRY_CAPTURE,
                                                 .account_id = account_id,
                                                 .booked_at = at,
                                                 .debit = BOOK_CLEARING,
                                                 .credit = BOOK_RECEIVABLE,
                                                 .currency = currency,
                                                 .amount_minor = amount_minor});
}

/* One receipt is one row of text made by hand: at full speed this is the busiest text there is. */
static const char *receipt_body(struct ctx *cx, const struct receipt *r)
{
    const char *credit = "";
    char day[DAY_TEXT];

    if (r->credit_minor)
        credit = arena_printf(cx->arena, "\"credit_minor\":%lld,", (long long)r->credit_minor);
    return arena_printf(cx->arena,
                        "{\"charge_id\":%lld,\"amount_minor\":%lld,%s\"currency\":\"%s\","
                        "\"next_day\":\"%s\",\"next_minor\":%lld,\"next_currency\":\"%s\"}",
                        (long long)r->settled.charge_id, (long long)r->amount_minor, credit,
                        r->currency, r->next_day ? day_text(r->next_day, day) : "",
                        (long long)r->next_minor, r->next_currency);
}

/* A capture that we learn of late counts from then on: its own month may be closed, and which
 * worker closes it when must make no difference. On a test clock an import may bring members whose
 * charges fall into closed months; they count in the first that is open. */
static int64_t recognised_from(const struct settled *s, int64_t closed_until)
{
    int64_t const known = s->known_at > s->at ? s->known_at : s->at;

    if (SABOTAGE("late_revenue_lost")) return s->at;
    return known > closed_until ? known : closed_until;
}

enum status billing_captured_all(struct ctx *cx, const struct receipt *r, size_t n)
{
    struct charge_captured_all_in *captured =
        arena_array(cx->arena, struct charge_captured_all_in, n);
    struct charge_wanted_remove_all_in *wanted =
        arena_array(cx->arena, struct charge_wanted_remove_all_in, n);
    struct outbox_add_all_in *letters = arena_array(cx->arena, struct outbox_add_all_in, n);
    struct ledger_batch ledger = {0};
    int64_t changed, closed_until;

    TRY(billing_closed_until(cx, &closed_until));
    for (size_t i = 0; i < n; i++) {
        const struct settled *s = &r[i].settled;

        captured[i] =
            (struct charge_captured_all_in){.captured_at = s->at,
                                            .recognised_from = recognised_from(s, closed_until),
                                            .charge_id = s->charge_id,
                                            .charge_state = s->seen.state,
                                            .attempts = s->seen.attempts};
        wanted[i].charge_id = s->charge_id;
        post_capture(cx, &ledger, s->charge_id, s->account_id, s->at, r[i].currency,
                     r[i].amount_minor);
        letters[i] = (struct outbox_add_all_in){.account_id = s->account_id,
                                                .topic = "billing.renewed",
                                                .happened_at = s->at,
                                                .body = receipt_body(cx, &r[i])};
        TRY(db_id(cx, &letters[i].outbox_id));
    }
    TRY(charge_captured_all(cx, captured, n, &changed));
    if (changed != (int64_t)n) return fail(cx->err, &SETTLED_TWICE, NULL);
    TRY(charge_wanted_remove_all(cx, wanted, n, NULL));
    TRY(ledger_write(cx, &ledger));
    return outbox_add_all(cx, letters, n, NULL);
}

static enum status load_charge(struct ctx *cx, int64_t charge_id, const struct charge_seen *seen,
                               struct charge *c)
{
    TRY(charge_by_id(cx, c, &CHARGE_GONE, .charge_id = charge_id));
    if (c->charge_state != CHARGE_WANTED && c->charge_state != CHARGE_UNKNOWN)
        return fail(cx->err, &SETTLED_TWICE, NULL);
    return c->charge_state == seen->state && c->attempts == seen->attempts
               ? OK
               : fail(cx->err, &SETTLED_TWICE, NULL);
}

static enum status load(struct ctx *cx, const struct issuer *by, const struct settled *s,
                        struct trouble *t, struct charge *c)
{
    TRY(trouble_load(cx, s->account_id, t));
    trouble_in_country(t, by->catalog);
    return load_charge(cx, s->charge_id, &s->seen, c);
}

enum status settle_unwant(struct ctx *cx, int64_t charge_id)
{
    struct charge_wanted_remove_all_in const row = {charge_id};

    return charge_wanted_remove_all(cx, &row, 1, NULL);
}

enum status settle_book(struct ctx *cx, const struct charge *c, const struct settled *s)
{
    struct ledger_batch ledger = {0};
    int64_t closed_until;

    TRY(billing_closed_until(cx, &closed_until));
    struct charge_captured_all_in const row = {
        .captured_at = s->at,
        .recognised_from = recognised_from(s, closed_until),
        .charge_id = s->charge_id,
        .charge_state = c->charge_state,
        .attempts = c->attempts,
    };
    TRY(charge_captured_all(cx, &row, 1, NULL));
    TRY(settle_unwant(cx, s->charge_id));
    post_capture(cx, &ledger, c->charge_id, c->account_id, s->at, c->currency, c->amount_minor);
    return ledger_write(cx, &ledger);
}

/* A cause other than that of the calendar is the plan line's as well. */
static void because(struct rated *r, enum charge_cause cause)
{
    for (size_t i = 0; i < r->n_lines; i++)
        if (r->lines[i].cause == r->cause && r->lines[i].kind == LINE_PLAN)
            r->lines[i].cause = cause;
    r->cause = cause;
}

enum status settle_invoice(struct ctx *cx, const struct issuer *by, const struct trouble *t,
                           const struct charge *c, const struct term_begin *b, struct rate_in *in,
                           struct rated *r)
{
    const struct catalog *catalog;

    *in = (struct rate_in){.anchor_day = c->due_on_day, .first = b->first, .recovered = !b->first};
    TRY(quote_load(cx, c->charge_id, in));
    TRY(quote_drop(cx, c->account_id, c->charge_id));
    TRY(side_catalog(cx, by, c, &catalog));
    const struct fault *fault = rate_period(catalog, in, r);
    if (fault) return fail(cx->err, fault, NULL);
    because(r, b->cause);
    r->start_day = zone_day(t->zone, b->at);
    r->end_day = period_start_day(r->start_day, 1);
    return side_invoice(cx, by, c, r, b->at);
}

/* Period 0 is invoiced now that it is paid, and what was missed is taken back, never billed (SPEC
 * E-16, E-20). The price is that of the day on which the attempt was decided; the money may have
 * come days later. */
enum status settle_begin_term(struct ctx *cx, const struct issuer *by, struct trouble *t,
                              const struct charge *c, const struct term_begin *b)
{
    struct rate_in in;
    struct rated r;

    TRY(settle_invoice(cx, by, t, c, b, &in, &r));
    TRY(trouble_close_debt(cx, t, by->series, b->at));
    const char *const lifted = t->m.end_day ? t->m.period_plan : "";
    t->m.term = c->term;
    t->m.k = 0;
    t->m.period_plan = t->m.plan = in.plan;
    t->m.period_slots = in.slots;
    if (strcmp(t->m.next_plan, in.plan) == 0) {
        TRY(change_due(cx, t->m.account_id));
        t->m.next_plan = "";
    }
    if (!SABOTAGE("anchor_kept")) t->m.anchor_day = r.start_day;
    t->m.period_start_day = r.start_day;
    t->m.period_end_day = r.end_day;
    if (t->m.has_credit) TRY(reach_watch_from(cx, c->account_id, b->at));
    return term_add(cx, NULL, .account_id = c->account_id, .term = c->term,
                    .anchor_day = r.start_day, .zone = t->account.zone, .started_at = b->at,
                    .term_cause = b->term_cause, .lifted_end_day = t->m.end_day,
                    .lifted_until_day = t->m.retention_until_day, .lifted_plan = lifted);
}

static enum status tell(struct ctx *cx, const char *topic, const struct trouble *t,
                        const struct charge *c, int64_t at)
{
    char until[DAY_TEXT], next[DAY_TEXT];
    const char *held_back = "";

    if (t->exists && t->d.charge_id == c->charge_id) TRY(trouble_held_back(cx, t, &held_back));
    json_t *body = json_pack(
        "{s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "charge_id", (json_int_t)c->charge_id,
        "amount_minor", (json_int_t)c->amount_minor, "credit_minor", (json_int_t)c->credit_minor,
        "currency", c->currency, "code", c->code, "state", membership_states.at[t->m.state],
        "grace_until", t->exists ? day_text(t->dates.grace_until_day, until) : "", "period_end",
        day_text(t->m.period_end_day, next));
    if (*held_back) json_object_set_new(body, "held_back", json_string(held_back));
    return outbox_put(cx, topic, t->m.account_id, at, body);
}

/* What follows a period that is paid: the next renewal, or the end that the owner has chosen. */
static void next_period_due(struct trouble *t, int64_t at)
{
    trouble_due(t,
                t->m.state == M_ENDING ? STEP_PERIOD_END
                : t->m.pause_months    ? STEP_PAUSE
                                       : STEP_RENEW,
                t->m.period_end_day, at);
}

/* While one renewal is being dunned another one's answer may still arrive, if a gateway put it off
 * for a whole period; it changes nothing about the first. */
static bool is_beside_the_debt(const struct trouble *t, const struct charge *c)
{
    return t->exists && t->d.charge_id != c->charge_id && c->term == t->m.term;
}

enum status billing_captured(struct ctx *cx, const struct issuer *by, const struct settled *s)
{
    unsigned effects = 0;
    struct trouble t;
    struct charge c;

    TRY(load(cx, by, s, &t, &c));
    if (c.kind != CHARGE_RENEWAL) return side_captured(cx, by, &t, &c, s);
    if (pending_is(&t.m, &c)) return pending_captured(cx, by, &t, &c, s);
    if (is_beside_the_debt(&t, &c)) {
        TRY(settle_book(cx, &c, s));
        return tell(cx, "billing.renewed", &t, &c, s->at);
    }
    bool const troubled = t.m.state == M_GRACE || t.m.state == M_HOLD;
    TRY(settle_book(cx, &c, s));
    if (troubled) TRY(membership_move(cx, &t.m, MEV_PAYMENT_OK, s->at, "", &effects));
    if (effects & FX_NEW_TERM) {
        struct term_begin const b = {"recovered", CAUSE_RECOVERED, false, s->at};

        TRY(settle_begin_term(cx, by, &t, &c, &b));
    }
    if (t.exists) TRY(trouble_remove(cx, &t));
    next_period_due(&t, s->at);
    TRY(membership_store(cx, &t.m));
    return tell(cx, troubled ? "membership.recovered" : "billing.renewed", &t, &c, s->at);
}

/* The first failure of a renewal: grace, or straight to hold; a membership that was ending has no
 * paid period left to serve and ends. */
static enum status first_failure(struct ctx *cx, const struct issuer *by, struct trouble *t,
                                 const struct charge *c, const char *code, int64_t at)
{
    bool const grace = t->rules.grace_days > 0;

    if (t->m.state == M_ENDING) {
        struct trouble_end const e = {MEV_RENEWAL_FAILED, code, at, by->series, c->due_on_day};

        TRY(trouble_move(cx, t, &e));
        return tell(cx, "membership.canceled", t, c, at);
    }
    TRY(grace ? membership_move(cx, &t->m, MEV_RENEWAL_FAILED, at, code, NULL)
              : trouble_hold(cx, t, code, at));
    return tell(cx, grace ? "membership.grace_started" : "membership.held", t, c, at);
}

/* The older debt is pursued; this period is not demanded on top of it (SPEC E-20). */
static enum status forgive(struct ctx *cx, const struct issuer *by, const struct charge *c,
                           const struct settled *s, const char *code)
{
    int64_t note;

    TRY(charge_fail(cx, NULL, .charge_id = c->charge_id, .code = code, .attempts = s->attempts));
    TRY(settle_unwant(cx, c->charge_id));
    TRY(invoice_credit(cx, c->charge_id, by->series, s->at, &note));
    return charge_close(cx, NULL, .charge_id = c->charge_id, .charge_state = CHARGE_CREDITED,
                        .credit_note_id = note);
}

/* A first failure is the attempt and the letter of its day. No later one takes the place of a retry
 * that is overdue: it may be a member's own, or have waited for an outage to end. But when an
 * answer was so long on its way that grace or hold is over by now, none of theirs is made up for.
 */
static void pass_what_is_done(struct ctx *cx, struct trouble *t, bool first, int64_t at)
{
    int64_t const today = trouble_today(t, at);
    int64_t const end = t->m.state == M_HOLD ? t->dates.hold_until_day : t->dates.grace_until_day;

    if (first || (t->d.look_ups && today >= end))
        dunning_pass_retries(cx->settings, &t->dates, first ? today : end);
    if (first || SABOTAGE("retry_for_reminder"))
        dunning_pass_reminders(cx->settings, &t->dates, today);
}

enum status billing_failed(struct ctx *cx, const struct issuer *by, const struct settled *s,
                           const char *code, bool soon)
{
    struct trouble t;
    struct charge c;

    TRY(load(cx, by, s, &t, &c));
    if (c.kind != CHARGE_RENEWAL) return side_failed(cx, &t, &c, s, code);
    if (pending_is(&t.m, &c)) return pending_failed(cx, &t, &c, s, code);
    if (is_beside_the_debt(&t, &c)) return forgive(cx, by, &c, s, code);
    bool const first = t.m.state == M_ACTIVE || t.m.state == M_ENDING;
    if (first) t.exists = false; /* a doubt, perhaps older than a lock, was no debt yet */
    trouble_begin(&t, &c);
    TRY(charge_fail(cx, NULL, .charge_id = c.charge_id, .code = code, .attempts = s->attempts));
    TRY(settle_unwant(cx, c.charge_id));
    if (c.term > t.m.term) TRY(spend_undo(cx, &c, s->at)); /* there is no invoice yet */
    c.code = code;
    if (first) TRY(first_failure(cx, by, &t, &c, code, s->at));
    if (t.m.state == M_CANCELED) return membership_store(cx, &t.m);
    pass_what_is_done(cx, &t, first, s->at);
    t.d.look_ups = 0;
    t.d.quick_retries = soon ? t.d.quick_retries + 1 : 0;
    trouble_next(&t, s->at);
    int64_t const quick = s->at + cx->settings->quick_retry_minutes * 60000;
    if (soon && t.d.quick_retries <= cx->settings->quick_retries_max && quick < t.m.due_at)
        membership_due_at(&t.m, STEP_RETRY, quick);
    return trouble_store(cx, &t);
}

enum status billing_unknown(struct ctx *cx, const struct issuer *by, const struct settled *s)
{
    struct trouble t;
    struct charge c;

    TRY(load(cx, by, s, &t, &c));
    if (c.kind != CHARGE_RENEWAL) return side_unknown(cx, &c, s);
    if (pending_is(&t.m, &c)) return pending_unknown(cx, &t, &c, s);
    trouble_begin(&t, &c);
    TRY(charge_doubt(cx, NULL, .charge_id = c.charge_id));
    TRY(settle_unwant(cx, c.charge_id));
    membership_due_at(&t.m, STEP_LOOK_UP, s->at + look_up_wait_ms(cx->settings, t.d.look_ups));
    t.d.look_ups++;
    return trouble_store(cx, &t);
}

/* A new attempt asks for what credit leaves by now; one that is sent again asks for the same. */
enum status billing_intend(struct ctx *cx, const struct intent *i)
{
    struct charge_wanted_add_all_in const wanted = {i->charge_id, i->account_id};
    struct charge c;

    TRY(load_charge(cx, i->charge_id, &i->seen, &c));
    if (i->attempts > c.attempts) TRY(spend_take(cx, &c, i->at));
    bool const paid = c.amount_minor == 0;
    TRY(charge_wanted_add_all(cx, &wanted, 1, NULL));
    return charge_choose(cx, NULL, .charge_id = i->charge_id, .method_id = paid ? 0 : i->method_id,
                         .attempts = paid ? c.attempts : i->attempts, .attempt_at = i->at,
                         .recovered_by = i->recovery);
}
