/* partner: each event once, in order. SPDX-License-Identifier: Apache-2.0 */
#include "partners/partners.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "db/outbox.h"
#include "partner_sql.h"

const struct names partner_events =
    NAMES("provision", "activate", "change_plan", "suspend", "resume", "renewed", "cancel");
const struct names partner_outcomes = NAMES("moved", "same", "late", "not_theirs");

const struct fault PARTNER_UNKNOWN = {
    E_NOT_FOUND, "partner.unknown",
    "The catalog has no such partner; `foyer catalog show` lists the partners."};
const struct fault PARTNER_CLOSED = {
    E_CONFLICT, "partner.closed",
    "This partner takes no new members any more, or has closed; the member can join directly."};
const struct fault PARTNER_PLAN = {E_INVALID, "partner.plan_not_offered",
                                   "The catalog has no such plan, or this partner may not sell "
                                   "it; see `plans` of its record."};
const struct fault PARTNER_REFERENCE_REUSED = {
    E_CONFLICT, "partner.reference_reused",
    "Another event was told under this reference; give each event a reference of its own."};
const struct fault PARTNER_ORDER_MISSING = {
    E_INVALID, "partner.order_missing",
    "Say where the event stands in the member's order: sequence, or occurred_at."};
const struct fault PARTNER_DATE = {E_INVALID, "partner.date_invalid",
                                   "This is no date that exists; write it as 2024-02-29."};
const struct fault PARTNER_PERIOD = {
    E_INVALID, "partner.period_invalid",
    "A period needs both dates, and ends (the first day after it) after it begins."};

/* An event, read. */
struct event {
    const struct partner *partner;
    const struct partner_tell *in;
    int64_t order, start_day, until_day;
    const char *plan;
};

static enum status read_day(struct ctx *cx, const char *text, const char *field, int64_t *day)
{
    *day = 0;
    if (!text) return OK;
    return day_parse(text, day) ? OK : fail(cx->err, &PARTNER_DATE, field);
}

static enum status read_period(struct ctx *cx, struct event *e)
{
    bool const needed = e->in->event == EVENT_ACTIVATE || e->in->event == EVENT_RENEWED;

    TRY(read_day(cx, e->in->period_start, "period_start", &e->start_day));
    TRY(read_day(cx, e->in->period_end, "period_end", &e->until_day));
    if (e->in->event == EVENT_CANCEL) {
        e->start_day = 0;
        return read_day(cx, e->in->end_on, "end_on", &e->until_day);
    }
    bool const given = e->start_day || e->until_day;
    if ((needed || given) && (!e->start_day || e->until_day <= e->start_day))
        return fail(cx->err, &PARTNER_PERIOD, "period_end");
    return OK;
}

static enum status read_event(struct ctx *cx, const struct catalog *c,
                              const struct partner_tell *in, struct event *e)
{
    *e = (struct event){.in = in, .partner = catalog_partner(c, in->partner)};
    if (!e->partner) return fail(cx->err, &PARTNER_UNKNOWN, "partner");
    e->order = in->sequence ? in->sequence : in->occurred_at;
    if (!e->order) return fail(cx->err, &PARTNER_ORDER_MISSING, "sequence");
    e->plan = in->plan ? in->plan : "";
    if (*e->plan && (!catalog_plan(c, e->plan) || !partner_offers(e->partner, e->plan)))
        return fail(cx->err, &PARTNER_PLAN, "plan");
    if (in->event == EVENT_CHANGE_PLAN && !*e->plan) return fail(cx->err, &PARTNER_PLAN, "plan");
    return read_period(cx, e);
}

/* ---- once ---- */

static bool same_event(const struct partner_event_row *was, const struct event *e)
{
    return was->account_id == e->in->account_id && was->partner_event == e->in->event &&
           was->event_order == e->order && strcmp(was->plan, e->plan) == 0 &&
           was->start_day == e->start_day && was->until_day == e->until_day;
}

static enum status look_known(struct ctx *cx, const struct event *e, struct partner_answer *out)
{
    struct partner_event_row *was;
    size_t n;

    TRY(partner_event_by_reference(cx, &was, &n, .partner = e->partner->code,
                                   .reference = e->in->reference));
    if (n == 0) return OK;
    if (!same_event(was, e)) return fail(cx->err, &PARTNER_REFERENCE_REUSED, "reference");
    out->known = true;
    out->outcome = was->partner_outcome;
    return OK;
}

/* ---- in order ---- */

/* Who begins must be somebody whom this partner may take (SPEC D-12). */
static enum status check_open(struct ctx *cx, const struct event *e, bool newcomer)
{
    if (e->in->event != EVENT_ACTIVATE && e->in->event != EVENT_PROVISION) return OK;
    return partner_bills(e->partner, newcomer, cx->now / DAY_MS)
               ? OK
               : fail(cx->err, &PARTNER_CLOSED, "partner");
}

/* What an event may do now. A partner whose membership it is not can only begin one, and only where
 * no other partner bills: one biller at a time (SPEC D-01). */
static enum status weigh(struct ctx *cx, const struct event *e, enum partner_outcome *outcome)
{
    struct partner_event_row *newest;
    struct membership m;
    size_t n;

    TRY(membership_get(cx, e->in->account_id, &m));
    TRY(partner_event_newest(cx, &newest, &n, .account_id = m.account_id,
                             .partner = e->partner->code, .max = 1));
    bool const theirs = strcmp(m.biller, e->partner->code) == 0;
    bool const ours = !is_partner_billed(&m);
    bool const begins = e->in->event == EVENT_ACTIVATE || e->in->event == EVENT_PROVISION;

    TRY(check_open(cx, e, !n && !theirs));
    *outcome = OUTCOME_SAME;
    if (n && e->order <= newest->event_order && !SABOTAGE("partner_out_of_order"))
        *outcome = OUTCOME_LATE;
    else if (!theirs && !(ours && begins))
        *outcome = OUTCOME_NOT_THEIRS;
    return OK;
}

static enum status carry_out(struct ctx *cx, const struct catalog *c, const struct event *e,
                             enum partner_outcome *outcome)
{
    static const enum partner_tale tales[] = {
        [EVENT_ACTIVATE] = TELL_ACTIVATE, [EVENT_CHANGE_PLAN] = TELL_CHANGE_PLAN,
        [EVENT_SUSPEND] = TELL_SUSPEND,   [EVENT_RESUME] = TELL_RESUME,
        [EVENT_RENEWED] = TELL_RENEWED,   [EVENT_CANCEL] = TELL_CANCEL,
    };
    struct partner_told told = {.account_id = e->in->account_id,
                                .partner = e->partner,
                                .plan = e->plan,
                                .start_day = e->start_day,
                                .until_day = e->until_day};
    bool moved;

    if (*outcome != OUTCOME_SAME || e->in->event == EVENT_PROVISION) return OK;
    told.tale = tales[e->in->event];
    TRY(biller_told(cx, c, &told, &moved));
    if (moved) *outcome = OUTCOME_MOVED;
    return OK;
}

static enum status keep(struct ctx *cx, const struct event *e, enum partner_outcome outcome)
{
    return partner_event_add(cx, NULL, .partner = e->partner->code, .reference = e->in->reference,
                             .account_id = e->in->account_id, .event_order = e->order,
                             .partner_event = e->in->event, .plan = e->plan,
                             .start_day = e->start_day, .until_day = e->until_day,
                             .partner_outcome = outcome, .told_at = cx->now);
}

/* Two partners claim one person: somebody must look (SPEC D-01). */
static enum status report_two(struct ctx *cx, const struct event *e, enum partner_outcome outcome)
{
    struct work_open const w = {.account_id = e->in->account_id,
                                .kind = "partner.two_billers",
                                .priority = WORK_HIGH,
                                .evidence = json_pack("{s:s, s:s}", "partner", e->partner->code,
                                                      "reference", e->in->reference)};

    if (outcome == OUTCOME_NOT_THEIRS && e->in->event == EVENT_ACTIVATE)
        return work_open(cx, &w, NULL);
    json_decref(w.evidence);
    return OK;
}

/* ---- the same person twice ---- */

enum { OTHERS_MAX = 20 };

static enum status find_others(struct ctx *cx, int64_t account_id, struct partner_other **emails,
                               size_t *n_emails, struct partner_other **cards, size_t *n_cards)
{
    struct account a;

    TRY(account_get(cx, account_id, &a));
    TRY(partner_same_email(cx, emails, n_emails, .email = a.email, .account_id = account_id,
                           .max = OTHERS_MAX));
    return partner_same_card(cx, cards, n_cards, .account_id = account_id, .max = OTHERS_MAX);
}

/* Told to the member when it begins, and shown whenever asked. */
static enum status warn(struct ctx *cx, const struct event *e, enum partner_outcome outcome,
                        struct partner_answer *out)
{
    struct partner_other *emails, *cards;
    size_t n_emails, n_cards;

    if (outcome != OUTCOME_MOVED || e->in->event != EVENT_ACTIVATE) return OK;
    TRY(find_others(cx, e->in->account_id, &emails, &n_emails, &cards, &n_cards));
    out->doubles = (int64_t)(n_emails + n_cards);
    if (!out->doubles) return OK;
    return outbox_put(cx, "membership.paid_twice", e->in->account_id, cx->now,
                      json_pack("{s:s, s:I, s:I}", "partner", e->partner->code, "same_email",
                                (json_int_t)n_emails, "same_card", (json_int_t)n_cards));
}

static void add_others(struct ctx *cx, const struct partner_other *rows, size_t n, const char *same,
                       struct partner_double *list, size_t *at)
{
    bool const owner = cx->actor.role == ROLE_OWNER;

    for (size_t i = 0; i < n; i++)
        list[(*at)++] = (struct partner_double){
            owner ? "" : id_text("mem", rows[i].account_id, arena_alloc(cx->arena, ID_TEXT)),
            owner ? "" : rows[i].biller, same};
}

enum status partner_doubles(struct ctx *cx, const struct catalog *c,
                            const struct partner_doubles *in, struct partner_doubles_view *out)
{
    struct partner_other *emails, *cards;
    size_t n_emails, n_cards;
    struct membership m;

    TRY(membership_get(cx, in->account_id, &m));
    TRY(find_others(cx, in->account_id, &emails, &n_emails, &cards, &n_cards));
    struct partner_double *list =
        arena_array(cx->arena, struct partner_double, n_emails + n_cards + 1);
    *out = (struct partner_doubles_view){.doubles = list, .way_out = ""};
    add_others(cx, emails, n_emails, "email", list, &out->n);
    add_others(cx, cards, n_cards, "card", list, &out->n);
    if (out->n) out->way_out = biller_route(c, m.biller, ROUTE_CANCEL).text;
    return OK;
}

/* ---- the op ---- */

static enum status answer(struct ctx *cx, const struct event *e, struct partner_answer *out)
{
    struct membership m;
    char *start = arena_alloc(cx->arena, DAY_TEXT), *end = arena_alloc(cx->arena, DAY_TEXT);

    TRY(membership_get(cx, e->in->account_id, &m));
    out->member = id_text("mem", m.account_id, arena_alloc(cx->arena, ID_TEXT));
    out->biller = m.biller;
    out->plan = m.plan;
    out->membership = m.state;
    out->period_start = day_text(m.period_start_day, start);
    out->period_end = day_text(m.period_end_day, end);
    return OK;
}

enum status partner_event(struct ctx *cx, const struct catalog *c, const struct partner_tell *in,
                          struct partner_answer *out)
{
    enum partner_outcome outcome;
    struct event e;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    *out = (struct partner_answer){0};
    TRY(read_event(cx, c, in, &e));
    TRY(look_known(cx, &e, out));
    if (!out->known) {
        TRY(weigh(cx, &e, &outcome));
        TRY(carry_out(cx, c, &e, &outcome));
        TRY(keep(cx, &e, outcome));
        TRY(report_two(cx, &e, outcome));
        TRY(warn(cx, &e, outcome, out));
        out->outcome = outcome;
    }
    TRY(answer(cx, &e, out));
    return tx_commit(&tx);
}
