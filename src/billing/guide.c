/* guide: gathers facts of one account, has guide_rules judge, and puts the findings into words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/guide.h"

#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/locale.h"
#include "base/message.h"
#include "billing/side.h"
#include "db/outbox.h"
#include "guide_sql.h"

const struct fault GUIDE_DATE = {E_INVALID, "guide.date",
                                 "That is no date; write it like 2026-01-31."};

enum {
    DAYS_BACK = 62,
    OTHERS_MAX = 20,
    EVENTS_MAX = 500,
    DEEDS_MAX = 100,
    EVIDENCE_ROOM = 8,
    BANK_DAYS = 3
};

/* What one guide works with. */
struct guide {
    struct ctx *cx;
    const struct guide_ask *in;
    const char *name, *locale; /* name: as in the keys of its texts */
    struct history history;
    struct guide_facts facts;
    int64_t from_day, today, on_day; /* local; on_day 0: none was given */
    const struct temporary *temporary;
    int64_t newest_at; /* when the newest of its charges was paid; 0: none was */
    /* The newest of each; NULL: none. `confirmed`: of cancels, that which the charge followed. */
    const struct membership_event_row *restart, *cancel, *cancel_begun, *confirmed, *undone;
    const struct guide_deed *deeds; /* facts.by_others, the newest first */
};

static const char *date(const struct guide *g, int64_t day)
{
    return day_text(day, arena_alloc(g->cx->arena, DAY_TEXT));
}

/* ---- facts ---- */

static enum status look_beside(struct guide *g)
{
    bool const partner = is_partner_billed(&g->history.membership);
    struct guide_payer *others;
    size_t n;

    TRY(guide_payers_beside(g->cx, &others, &n, .account_id = g->in->account_id,
                            .max = OTHERS_MAX));
    g->facts.by_partner = partner;
    g->facts.others = (int64_t)n;
    for (size_t i = 0; i < n; i++)
        g->facts.others_other_way += (strcmp(others[i].other_biller, "direct") != 0) != partner;
    return OK;
}

static bool is_in_time(const struct guide *g, const struct history_row *r)
{
    return r->captured_day && r->captured_day >= g->from_day;
}

/* A bank may show a charge some days later than it was made. */
static bool is_asked_for(const struct guide *g, const struct history_row *r)
{
    if (!r->captured_day || !g->facts.asked_amount) return false;
    if (r->charge->total_minor != g->in->amount_minor) return false;
    return !g->on_day ||
           (r->captured_day >= g->on_day - BANK_DAYS && r->captured_day <= g->on_day + BANK_DAYS);
}

/* The rest of a period that paid for a change shows as the first charge from a new day on. */
static bool is_shifted_for(const struct guide *g, const struct history_row *r,
                           enum explain_cause cause)
{
    size_t const at = (size_t)(r - g->history.rows);
    const struct history_row *was = history_before(&g->history, at);
    struct causes causes;

    if (!r->facts.shifted || !was || was->facts.term == r->facts.term) return false;
    explain_charge(&was->facts, &r->facts, &causes);
    for (size_t i = 0; i < causes.n; i++)
        if (causes.at[i].cause == cause) return true;
    return false;
}

static bool is_late(const struct guide *g, const struct history_row *r)
{
    return is_in_time(g, r) && r->facts.in_vain;
}

/* What the restart that is asked about has charged. */
static bool is_since_restart(const struct guide *g, const struct history_row *r)
{
    return is_in_time(g, r) && g->restart && r->charge->wanted_at >= g->restart->happened_at;
}

static bool is_undone(const struct guide *g, const struct history_row *r)
{
    for (size_t i = 0; is_in_time(g, r) && i < r->n_refunds; i++)
        if (r->refunds[i]->circumstance == REFUND_TAKEOVER) return true;
    return false;
}

static bool is_upgrade(const struct guide *g, const struct history_row *r)
{
    if (!is_in_time(g, r) || r->facts.in_vain) return false;
    return (r->charge->kind == CHARGE_CHANGE && !r->facts.gap_end_day) ||
           is_shifted_for(g, r, WHY_PLAN_UPGRADE);
}

static bool is_slot(const struct guide *g, const struct history_row *r)
{
    if (!is_in_time(g, r) || r->facts.in_vain) return false;
    return r->charge->kind == CHARGE_SLOT || is_shifted_for(g, r, WHY_SLOT_ADDED);
}

static bool is_move(const struct guide *g, const struct history_row *r)
{
    return is_in_time(g, r) && !r->facts.in_vain && r->facts.gap_end_day;
}

static bool is_retried(const struct guide *g, const struct history_row *r)
{
    return is_in_time(g, r) && r->facts.refusals > 0;
}

static void look_at_charges(struct guide *g)
{
    struct guide_facts *f = &g->facts;
    int64_t paid_until_day = 0;

    f->apart = true;
    for (size_t i = 0; i < g->history.n; i++) {
        const struct history_row *r = &g->history.rows[i];
        const struct history_charge *c = r->charge;

        f->own_matches += is_asked_for(g, r);
        if (!is_in_time(g, r)) continue;
        f->captures++;
        f->upgrades += is_upgrade(g, r);
        f->moves += is_move(g, r);
        f->slots += is_slot(g, r);
        f->retried += is_retried(g, r);
        f->late += is_late(g, r);
        if (c->kind != CHARGE_RENEWAL || c->period_start_day < paid_until_day) f->apart = false;
        paid_until_day = c->period_end_day;
        if (c->captured_at > g->newest_at) g->newest_at = c->captured_at;
    }
}

static bool takes_back(const struct membership_event_row *e)
{
    return e->event == MEV_UNDO_CANCEL || e->event == MEV_RESTART;
}

static void look_at_event(struct guide *g, const struct membership_event_row *e)
{
    if (e->event == MEV_CANCEL_BEGIN) g->cancel_begun = e;
    if (e->event == MEV_CANCEL) g->cancel = e, g->facts.cancel_finished = true;
    if (takes_back(e)) g->facts.cancel_finished = false, g->undone = NULL;
    if (e->event == MEV_UNDO_RESTART) g->facts.cancel_finished = g->cancel, g->undone = e;
}

/* Of the events until an instant, the newest cancel and what took it back. A cancel that was taken
 * back before the time that is looked at has nothing to do with it. */
static bool look_at_cancel(struct guide *g, const struct membership_event_row *events, size_t n,
                           int64_t until_at)
{
    int64_t const from_at = zone_day_start(g->history.zone, g->from_day);

    g->restart = g->confirmed = NULL;
    for (size_t i = 0; i < n && events[i].happened_at <= until_at; i++) {
        const struct membership_event_row *e = &events[i];

        if (e->event == MEV_CANCEL) g->confirmed = e, g->restart = NULL;
        if (!takes_back(e)) continue;
        g->restart = e;
        if (e->happened_at < from_at) g->confirmed = NULL;
    }
    return g->confirmed != NULL;
}

static enum status look_at_events(struct guide *g)
{
    struct membership_event_row *events;
    size_t n;

    TRY(membership_events_of(g->cx, &events, &n, .account_id = g->in->account_id,
                             .max = EVENTS_MAX));
    for (size_t i = 0; i < n; i++) look_at_event(g, &events[i]);
    if (!look_at_cancel(g, events, n, g->newest_at)) look_at_cancel(g, events, n, INT64_MAX);
    g->facts.cancel_confirmed = g->confirmed != NULL;
    g->facts.undone = g->undone && zone_day(g->history.zone, g->undone->happened_at) >= g->from_day;
    if (g->undone) g->restart = NULL;
    g->facts.restarted = g->restart && (g->cancel || g->restart->event == MEV_RESTART) &&
                         zone_day(g->history.zone, g->restart->happened_at) >= g->from_day;
    return OK;
}

/* What comes after a charge is no cause of it. */
static enum status look_at_household(struct guide *g, const struct zone *z)
{
    int64_t const until = g->on_day ? g->on_day + BANK_DAYS : g->today;
    struct guide_deed *deeds;
    size_t n;

    TRY(guide_deeds(g->cx, &deeds, &n, .account_id = g->in->account_id,
                    .from_at = zone_day_start(z, g->from_day),
                    .until_at = zone_day_start(z, until + 1), .max = DEEDS_MAX));
    g->deeds = deeds;
    g->facts.by_others = (int64_t)n;
    return OK;
}

static enum status look_for_amount_beside(struct guide *g, const struct zone *z)
{
    struct guide_charges_beside_row row;
    int64_t const from = g->on_day ? g->on_day - BANK_DAYS : g->from_day;
    int64_t const until = (g->on_day ? g->on_day + BANK_DAYS : g->today) + 1;

    if (!g->facts.asked_amount) return OK;
    TRY(guide_charges_beside(g->cx, &row, &DB_NO_ROW, .account_id = g->in->account_id,
                             .amount_minor = g->in->amount_minor,
                             .from_at = zone_day_start(z, from),
                             .until_at = zone_day_start(z, until)));
    g->facts.others_matches = row.n;
    return OK;
}

static enum status begin(struct ctx *cx, const struct guide_ask *in, const char *name,
                         struct guide *g)
{
    const struct zone *z;
    size_t n;

    *g = (struct guide){.cx = cx, .in = in, .name = name};
    if (in->on && !day_parse(in->on, &g->on_day)) return fail(cx->err, &GUIDE_DATE, "on");
    TRY(history_load(cx, in->account_id, &g->history));
    z = g->history.zone;
    g->locale = in->locale ? in->locale : g->history.account.locale;
    g->today = zone_day(z, cx->now);
    g->from_day = g->today - (in->days ? in->days : DAYS_BACK);
    g->facts.state = (enum membership_state)g->history.membership.state;
    g->facts.cancel_started = g->history.membership.cancel_started_at != 0;
    g->facts.asked_amount = in->amount_minor != 0;
    g->facts.stolen = in->stolen;
    g->facts.locked = g->history.account.locked_at != 0;
    TRY(temporary_load(cx, in->account_id, &g->temporary, &n));
    g->facts.temporary = (int64_t)n;
    TRY(look_beside(g));
    look_at_charges(g);
    TRY(look_at_events(g));
    TRY(look_at_household(g, z));
    TRY(look_for_amount_beside(g, z));
    return OK;
}

/* ---- words ---- */

static void put_text(struct guide_item *item, struct guide_evidence *room, const char *name,
                     const char *value, const char *text)
{
    if (item->n_evidence == EVIDENCE_ROOM || !*value) return;
    room[item->n_evidence++] = (struct guide_evidence){name, value, text};
}

static void put(struct guide_item *item, struct guide_evidence *room, const char *name,
                const char *value)
{
    put_text(item, room, name, value, value);
}

static const char *instant(const struct guide *g, int64_t at)
{
    return instant_text(at, arena_alloc(g->cx->arena, INSTANT_TEXT));
}

static const char *day_of_instant(const struct guide *g, int64_t at)
{
    return locale_date(g->cx->arena, g->locale, zone_day(g->history.zone, at));
}

/* "the owner", "on the web" */
static const char *word(const struct guide *g, const char *code)
{
    return message_of(g->cx->arena, g->locale, "fact", code);
}

static void put_event(struct guide *g, struct guide_item *item, struct guide_evidence *room,
                      const struct membership_event_row *e)
{
    if (!e) return;
    const char *const who = roles.at[e->actor_role];
    const char *const where = e->actor_surface ? surfaces.at[e->actor_surface] : "";

    put(item, room, "event", membership_events.at[e->event]);
    put_text(item, room, "at", instant(g, e->happened_at), day_of_instant(g, e->happened_at));
    put_text(item, room, "who", who, word(g, who));
    if (*where) put_text(item, room, "where", where, word(g, where));
    put(item, room, "device", e->device);
    put(item, room, "network", e->network);
}

static void put_deeds(struct guide *g, struct guide_item *item, struct guide_evidence *room)
{
    struct arena *a = g->cx->arena;

    for (int64_t i = 0; i < g->facts.by_others; i++) {
        const struct guide_deed *d = &g->deeds[i];
        const char *const who = roles.at[d->actor_role];
        const char *const where = d->actor_surface ? surfaces.at[d->actor_surface] : "";
        const char *const with = *d->device ? ", " : "", *const at = *where ? ", " : "";

        put_text(item, room, instant(g, d->done_at),
                 arena_printf(a, "%s, %s%s%s%s%s", d->deed, who, at, where, with, d->device),
                 arena_printf(a, "%s, %s, %s%s%s%s%s", day_of_instant(g, d->done_at), d->deed,
                              word(g, who), at, *where ? word(g, where) : "", with, d->device));
    }
}

static void put_number(struct guide *g, struct guide_item *item, struct guide_evidence *room,
                       const char *name, int64_t n)
{
    if (n) put(item, room, name, arena_printf(g->cx->arena, "%lld", (long long)n));
}

static void put_charges(struct guide *g, struct guide_item *item, struct guide_evidence *room,
                        bool (*wanted)(const struct guide *, const struct history_row *))
{
    struct arena *a = g->cx->arena;

    for (size_t i = g->history.n; i-- > 0;) {
        const struct history_row *r = &g->history.rows[i];
        int64_t const minor = r->charge->total_minor;
        const char *const currency = r->charge->currency;
        char amount[MONEY_TEXT];

        if (!wanted(g, r)) continue;
        put_text(item, room, r->reference,
                 arena_printf(a, "%s, %s, %s", date(g, r->captured_day),
                              money_text(minor, currency, amount), r->method),
                 arena_printf(a, "%s, %s, %s", locale_date(a, g->locale, r->captured_day),
                              locale_money(a, g->locale, minor, currency), r->method));
    }
}

static void put_temporary(struct guide *g, struct guide_item *item, struct guide_evidence *room)
{
    struct arena *a = g->cx->arena;

    for (int64_t i = 0; i < g->facts.temporary; i++) {
        const struct temporary *t = &g->temporary[i];
        const char *gone = t->gone_by;
        char amount[MONEY_TEXT];
        int64_t day;

        if (day_parse(t->gone_by, &day)) gone = locale_date(a, g->locale, day);
        put_text(item, room, t->method,
                 arena_printf(a, "%s, gone by %s", money_text(t->amount_minor, t->currency, amount),
                              t->gone_by),
                 MESSAGE(a, g->locale, "guide.gone_by",
                         locale_money(a, g->locale, t->amount_minor, t->currency), gone));
    }
}

/* Of other accounts only the number is told: whose they are takes a proof (SPEC H-06, H-08). */
static void put_others(struct guide *g, struct guide_item *item, struct guide_evidence *room)
{
    const struct guide_facts *f = &g->facts;

    if (strcmp(item->code, "two_accounts") == 0 || strcmp(item->code, "second_account") == 0)
        put_number(g, item, room, "other_accounts", f->others - f->others_other_way);
    if (strcmp(item->code, "direct_and_partner") == 0 || strcmp(item->code, "partner") == 0)
        put_number(g, item, room, "other_accounts", f->others_other_way);
    if (strcmp(item->code, "duplicate_account") != 0) return;
    put_number(g, item, room, "other_accounts", f->others);
    put_number(g, item, room, "their_charges", f->others_matches);
}

static void put_state(struct guide *g, struct guide_item *item, struct guide_evidence *room)
{
    const char *const code = item->code;

    if (strcmp(code, "active") == 0 || strcmp(code, "not_completed") == 0)
        put(item, room, "state", membership_states.at[g->facts.state]);
    if (strcmp(code, "not_completed") == 0 && g->facts.cancel_started)
        put_event(g, item, room, g->cancel_begun);
    if (strcmp(code, "partner") == 0 && g->facts.by_partner)
        put(item, room, "biller", g->history.membership.biller);
    if (strcmp(code, "unauthorized") == 0 && g->in->stolen) put(item, room, "said", "stolen");
}

/* The cancel that the charge followed, with the reference that its confirmation has. */
static void put_confirmed(struct guide *g, struct guide_item *item, struct guide_evidence *room)
{
    const struct membership_event_row *e = g->confirmed ? g->confirmed : g->cancel;

    put(item, room, "reference", id_text("cnl", e->event_id, arena_alloc(g->cx->arena, ID_TEXT)));
    put_event(g, item, room, e);
}

/* What backs a finding: whatever holds has something to show. */
static void back(struct guide *g, struct guide_item *item)
{
    struct guide_evidence *room = arena_array(g->cx->arena, struct guide_evidence, EVIDENCE_ROOM);
    static const struct {
        const char *code;
        bool (*wanted)(const struct guide *, const struct history_row *);
    } charges[] = {
        {"upgrade",          is_upgrade      },
        {"slot",             is_slot         },
        {"day_moved",        is_move         },
        {"retried",          is_retried      },
        {"existing_account", is_asked_for    },
        {"contact",          is_in_time      },
        {"misuse",           is_since_restart},
        {"undone",           is_undone       },
        {"monthly",          is_in_time      },
        {"late",             is_late         },
    };

    item->evidence = room;
    if (item->verdict == VERDICT_NO) return;
    for (size_t i = 0; i < COUNT(charges); i++)
        if (strcmp(charges[i].code, item->code) == 0) put_charges(g, item, room, charges[i].wanted);
    if (strcmp(item->code, "authorization") == 0) put_temporary(g, item, room);
    if (strcmp(item->code, "restarted") == 0 || strcmp(item->code, "misuse") == 0)
        put_event(g, item, room, g->restart);
    if (strcmp(item->code, "undone") == 0) put_event(g, item, room, g->undone);
    if (strcmp(item->code, "confirmation") == 0) put_confirmed(g, item, room);
    if (strcmp(item->code, "household") == 0) put_deeds(g, item, room);
    put_state(g, item, room);
    put_others(g, item, room);
}

static const char *text_of(const struct guide *g, const char *group, const char *code)
{
    return message_of(g->cx->arena, g->locale, group, code);
}

static void tell(struct guide *g, const struct guide_finding *found, struct guide_answer *out)
{
    struct guide_item *checks = arena_array(g->cx->arena, struct guide_item, GUIDE_FOUND_MAX);
    struct guide_item *causes = arena_array(g->cx->arena, struct guide_item, GUIDE_FOUND_MAX);

    *out = (struct guide_answer){.checks = checks, .causes = causes, .work = ""};
    for (size_t i = 0; i < found->n; i++) {
        struct guide_item *item = &checks[out->n_checks++];

        *item = (struct guide_item){
            .code = found->at[i].code,
            .text = text_of(g, arena_printf(g->cx->arena, "guide.%s", g->name), found->at[i].code),
            .verdict = found->at[i].verdict};
        back(g, item);
        if (found->at[i].next_step && item->verdict == VERDICT_YES) causes[out->n_causes++] = *item;
    }
    if (found->none)
        causes[out->n_causes++] = (struct guide_item){
            .code = "none", .text = text_of(g, "guide", "none"), .verdict = VERDICT_YES};
    out->next_step = found->next_step;
    out->next_text = text_of(g, "next", found->next_step);
}

static json_t *evidence_json(const struct guide *g, const struct guide_answer *a)
{
    json_t *all = json_object();

    json_object_set_new(all, "guide", json_string(g->name));
    if (g->in->on) json_object_set_new(all, "on", json_string(g->in->on));
    if (g->in->amount_minor)
        json_object_set_new(all, "amount_minor", json_integer(g->in->amount_minor));
    for (size_t i = 0; i < a->n_checks; i++) {
        const struct guide_item *item = &a->checks[i];
        json_t *of = json_object();

        json_object_set_new(of, "verdict", json_string(verdicts.at[item->verdict]));
        for (size_t k = 0; k < item->n_evidence; k++)
            json_object_set_new(of, item->evidence[k].name, json_string(item->evidence[k].value));
        json_object_set_new(all, item->code, of);
    }
    return all;
}

/* "None of these" is a result too: a person looks at it, with everything at hand. */
static enum status open_case(struct guide *g, const struct guide_finding *found,
                             struct guide_answer *out)
{
    int64_t id;

    if (!found->none) return OK;
    struct work_open const w = {g->in->account_id, "charge.unauthorized", 0,
                                WORK_HIGH,         evidence_json(g, out), .adds = true};
    TRY(work_open(g->cx, &w, &id));
    out->work = id_text("wrk", id, arena_alloc(g->cx->arena, ID_TEXT));
    return OK;
}

static enum status answer(struct ctx *cx, const struct guide_ask *in, const char *name,
                          void (*judge)(const struct guide_facts *, struct guide_finding *),
                          struct guide *g, struct guide_answer *out)
{
    struct guide_finding found;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(begin(cx, in, name, g));
    judge(&g->facts, &found);
    tell(g, &found, out);
    TRY(open_case(g, &found, out));
    return tx_commit(&tx);
}

enum status guide_charged_twice(struct ctx *cx, const struct guide_ask *in,
                                struct guide_answer *out)
{
    struct guide g;

    return answer(cx, in, "twice", guide_twice, &g, out);
}

enum status guide_charged_after_cancel(struct ctx *cx, const struct guide_ask *in,
                                       struct guide_answer *out)
{
    struct guide g;

    return answer(cx, in, "canceled", guide_canceled, &g, out);
}

enum status guide_unknown_charge(struct ctx *cx, const struct guide_ask *in,
                                 struct guide_answer *out)
{
    struct guide_item *steps = arena_array(cx->arena, struct guide_item, GUIDE_STEPS);
    size_t const next = guide_next_step((size_t)in->steps_done, in->stolen);
    struct guide g;

    TRY(answer(cx, in, "unknown", guide_unknown, &g, out));
    for (size_t i = 0; i < GUIDE_STEPS; i++)
        steps[i] = (struct guide_item){.code = guide_steps[i],
                                       .text = text_of(&g, "step", guide_steps[i]),
                                       .verdict = i == next ? VERDICT_YES : VERDICT_NO};
    out->steps = steps;
    out->n_steps = in->stolen || next == GUIDE_STEPS - 1 ? GUIDE_STEPS : GUIDE_STEPS - 1;
    return OK;
}

/* The confirmation went out with the event that made the membership. */
static const char *confirmed_at(struct ctx *cx, const struct membership_event_row *e, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (e[i].event == MEV_PAYMENT_OK && e[i].state_from == M_PENDING)
            return instant_text(e[i].happened_at, arena_alloc(cx->arena, INSTANT_TEXT));
    return "";
}

/* Whoever billed first, and what was agreed on with them; what nobody has written down is as it is
 * now. */
static enum status agreed(struct ctx *cx, const struct membership *m, const struct term_row *first,
                          struct sign_up_answer *out)
{
    struct guide_first_partner *partner;
    struct guide_first_period *period;
    size_t n, n_partners;

    TRY(guide_first_periods(cx, &period, &n, .account_id = m->account_id,
                            .term = first ? first->term : 1, .max = 1));
    TRY(guide_first_partners(cx, &partner, &n_partners, .account_id = m->account_id, .max = 1));
    out->biller = m->biller, out->plan = m->plan, out->currency = out->billing_day = "";
    if (n_partners && (!n || partner->start_day < period->period_start_day)) {
        out->biller = partner->partner;
        out->plan = partner->plan;
    } else if (n) {
        out->biller = "direct";
        out->plan = period->plan;
        out->currency = period->currency;
        out->price_minor = period->unit_minor;
    }
    if (first)
        out->billing_day =
            arena_printf(cx->arena, "%lld", (long long)civil_of(first->anchor_day).day);
    return OK;
}

static enum status send_again(struct ctx *cx, int64_t account_id, const struct sign_up_answer *a)
{
    return outbox_put(cx, "membership.confirmation_again", account_id, cx->now,
                      json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "biller", a->biller, "plan",
                                a->plan, "joined_on", a->joined_on, "price_minor",
                                (json_int_t)a->price_minor, "price_currency", a->currency,
                                "billing_day", a->billing_day));
}

enum status guide_sign_up(struct ctx *cx, const struct sign_up_ask *in, struct sign_up_answer *out)
{
    struct membership_event_row *events;
    struct term_row *terms;
    struct account account;
    struct membership m;
    size_t n_events, n_terms;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(account_get(cx, in->account_id, &account));
    TRY(membership_get(cx, in->account_id, &m));
    TRY(terms_of(cx, &terms, &n_terms, .account_id = in->account_id, .max = 1));
    TRY(membership_events_of(cx, &events, &n_events, .account_id = in->account_id,
                             .max = EVENTS_MAX));
    *out = (struct sign_up_answer){
        .joined_on = day_text(account.joined_day, arena_alloc(cx->arena, DAY_TEXT)),
        .how = n_terms ? terms[0].term_cause : "",
        .confirmed_at = confirmed_at(cx, events, n_events),
        .sent = in->resend};
    TRY(agreed(cx, &m, n_terms ? terms : NULL, out));
    if (in->resend) TRY(send_again(cx, in->account_id, out));
    return tx_commit(&tx);
}
