/* doctor_calendar: whether dates are those of the calendar, taxes those of their rates, and who is
 * charged has agreed to it. Each check reads its rows one by one, however many there are.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/money.h"
#include "base/zone.h"
#include "billing/billing.h"
#include "cli/doctor.h"
#include "doctor_calendar_sql.h"
#include "doctor_sql.h"

/* A zone may be another one than when a date was set: it moves the date's start by no more. */
enum { ZONES_APART_MS = 26 * 3600000 };

/* What was tampered with may be beyond any calendar. */
enum { DAYS_SANE = 4000000, PERIODS_SANE = 100000 };

static bool is_sane(int64_t anchor_day, int64_t k)
{
    return anchor_day > -DAYS_SANE && anchor_day < DAYS_SANE && k >= -1 && k < PERIODS_SANE;
}

/* Ids of findings are shown with a prefix, like those that a query finds. */
static void found(struct ctx *cx, struct finding *out, int64_t id)
{
    doctor_found(out, out->findings ? "" : arena_printf(cx->arena, "%lld", (long long)id));
}

/* ---- periods ---- */

/* Before a term's first period the one of the term before lasts, to the anchor. */
static bool is_of_term(const struct doctor_period *m)
{
    if (!is_sane(m->anchor_day, m->k)) return false;
    if (m->k < 0) return m->period_end_day == m->anchor_day && m->period_start_day <= m->anchor_day;
    return m->period_start_day == period_start_day(m->anchor_day, m->k) &&
           m->period_end_day == period_start_day(m->anchor_day, m->k + 1);
}

/* A partner's period is as it was told, or longer where it told less of it later; what partners
 * told of an erased member is gone. */
static bool is_told(const struct doctor_period *m)
{
    if (m->period_end_day <= m->period_start_day) return false;
    return m->state == M_DELETED || (m->told_until && m->told_until <= m->period_end_day);
}

enum status doctor_periods_fit(struct ctx *cx, const struct patient *p, struct finding *out)
{
    struct doctor_period m;
    bool more;

    (void)p;
    *out = (struct finding){.sample = ""};
    SCAN scan = {0};
    TRY(doctor_periods(cx, &scan, .none = 0));
    for (;;) {
        TRY(db_scan_next(&scan, &m, &more));
        if (!more) return OK;
        if (!is_of_term(&m) && !is_told(&m)) found(cx, out, m.account_id);
    }
}

/* ---- what is due next ---- */

/* The local date on which the step comes at the latest, unless it was put off; 0: it has none of
 * its own. */
static int64_t last_day_of(const struct doctor_step *m)
{
    switch ((enum membership_step)m->step) {
    case STEP_RENEW:
    case STEP_PAUSE: return m->period_end_day;
    case STEP_RESUME:
        return is_sane(m->anchor_day, m->k) && is_sane(0, m->pause_months)
                   ? period_start_day(m->anchor_day, m->k + 1 + m->pause_months)
                   : 0;
    case STEP_RETRY:
    case STEP_REMIND:
    case STEP_GRACE_END:
    case STEP_HOLD_END: return m->state == M_GRACE ? m->grace_until_day : m->hold_until_day;
    case STEP_PERIOD_END: return m->end_day > m->period_end_day ? m->end_day : m->period_end_day;
    case STEP_WARN_ERASE:
    case STEP_ERASE: return m->retention_until_day;
    case STEP_LOOK_UP:
    case STEP_PENDING_END:
    case STEP_NONE:
    case STEP_PURGE: break;
    }
    return 0;
}

/* Until when anything can have been done: a run that was killed leaves a test clock behind what it
 * has done, and its ids are of the time until which it was to work. */
struct horizon {
    int64_t now, newest_id, pending_ms;
};

/* What waits for an answer, or could not be done on its day, is looked at again within a day. */
static bool is_put_off(const struct horizon *h, const struct doctor_step *m)
{
    int64_t const at = m->due_at - DAY_MS - (m->step == STEP_PENDING_END ? h->pending_ms : 0);

    return at <= h->now || db_id_floor(at) <= h->newest_id;
}

static bool is_due_right(const struct horizon *h, const struct doctor_step *m, const struct zone *z)
{
    int64_t const day = last_day_of(m);

    if (m->step == STEP_PURGE) return true; /* by what is kept longest */
    if (day <= -DAYS_SANE || day >= DAYS_SANE) return false;
    int64_t const at = zone_day_start(z, day);
    if ((m->step == STEP_RENEW || m->step == STEP_PAUSE) && m->due_at < at - ZONES_APART_MS)
        return false;
    return (day && m->due_at <= at + ZONES_APART_MS) || is_put_off(h, m);
}

enum status doctor_steps_fit(struct ctx *cx, const struct patient *p, struct finding *out)
{
    struct horizon h = {p->clock.now, 0, cx->settings->pending_minutes * 60000};
    struct doctor_newest_id_row newest;
    struct error ignored;
    const struct zone *z;
    struct doctor_step m;
    bool more;

    *out = (struct finding){.sample = ""};
    TRY(doctor_newest_id(cx, &newest, &DB_NO_ROW, .none = 0));
    h.newest_id = newest.newest_id;
    SCAN scan = {0};
    TRY(doctor_steps(cx, &scan, .none = 0));
    for (;;) {
        TRY(db_scan_next(&scan, &m, &more));
        if (!more) return OK;
        if (zone_find(m.zone, &z, &ignored) != OK) continue; /* zone.rules says so */
        if (!is_due_right(&h, &m, z)) found(cx, out, m.account_id);
    }
}

/* ---- renewals ---- */

/* The first period of these terms is asked for before the payment that begins it. */
static bool begins_with_payment(const char *term_cause)
{
    static const char *const causes[] = {"joined", "restarted", "resumed", "recovered"};

    for (size_t i = 0; i < COUNT(causes); i++)
        if (strcmp(term_cause, causes[i]) == 0) return true;
    return false;
}

static bool is_renewal_right(const struct doctor_renewal *c)
{
    if (!is_sane(c->anchor_day, c->k) || c->k < 0) return false;
    bool const begins = c->invoiced && strcmp(c->term_cause, "partner") != 0;
    if (c->k == 0 && !begins) return true; /* it came too late, or never: something else began it */
    int64_t const start = period_start_day(c->anchor_day, c->k);
    bool const asked = c->k == 0 && begins_with_payment(c->term_cause);

    if (asked ? c->due_on_day > start + 1 : c->due_on_day != start) return false;
    return !c->invoiced || (c->period_start_day == start &&
                            c->period_end_day == period_start_day(c->anchor_day, c->k + 1));
}

enum status doctor_renewals_fit(struct ctx *cx, const struct patient *p, struct finding *out)
{
    struct doctor_renewal c;
    bool more;

    (void)p;
    *out = (struct finding){.sample = ""};
    SCAN scan = {0};
    TRY(doctor_renewals(cx, &scan, .none = 0));
    for (;;) {
        TRY(db_scan_next(&scan, &c, &more));
        if (!more) return OK;
        if (!is_renewal_right(&c)) found(cx, out, c.charge_id);
    }
}

/* ---- taxes ---- */

/* The taxes of one invoice. */
struct taxes {
    size_t n;
    struct doctor_tax at[TAXES_MAX];
};

/* Each on the net amount. */
static bool are_on_top(const struct taxes *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].unit_minor != t->at[i].net_minor ||
            t->at[i].amount_minor != money_rate(t->at[i].unit_minor, t->at[i].rate_ppm))
            return false;
    return true;
}

/* All within the total, rounded once and shared by their rates. */
static bool are_within(const struct taxes *t)
{
    int64_t rates[TAXES_MAX], amounts[TAXES_MAX] = {0}, sum = 0;

    for (size_t i = 0; i < t->n; i++) sum += rates[i] = t->at[i].rate_ppm;
    if (sum > 0) money_allocate(money_tax_within(t->at[0].total_minor, sum), rates, t->n, amounts);
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].unit_minor != t->at[i].total_minor || t->at[i].amount_minor != amounts[i])
            return false;
    return true;
}

static bool are_right(const struct taxes *t)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].rate_ppm < 0 || t->at[i].rate_ppm > 10 * PPM) return false;
    return are_on_top(t) || are_within(t);
}

static enum status read_taxes(struct ctx *cx, struct finding *out)
{
    struct taxes taxes = {0};
    struct doctor_tax row;
    bool more;

    SCAN scan = {0};
    TRY(doctor_taxes(cx, &scan, .none = 0));
    do {
        TRY(db_scan_next(&scan, &row, &more));
        if (taxes.n && (!more || row.invoice_id != taxes.at[0].invoice_id)) {
            if (!are_right(&taxes)) found(cx, out, taxes.at[0].invoice_id);
            taxes.n = 0;
        }
        if (more && taxes.n < TAXES_MAX) taxes.at[taxes.n++] = row;
    } while (more);
    return OK;
}

enum status doctor_taxes_fit(struct ctx *cx, const struct patient *p, struct finding *out)
{
    struct doctor_taxes_back_row back;

    (void)p;
    *out = (struct finding){.sample = ""};
    TRY(read_taxes(cx, out));
    TRY(doctor_taxes_back(cx, &back, &DB_NO_ROW, .none = 0));
    if (back.findings && !out->findings) out->sample = back.sample;
    out->findings += back.findings;
    return OK;
}

/* ---- consents ---- */

enum status doctor_consents_kept(struct ctx *cx, const struct patient *p, struct finding *out)
{
    struct doctor_consents_row row;

    (void)p;
    TRY(doctor_consents(cx, &row, &DB_NO_ROW, .none = 0));
    *out = (struct finding){row.findings, row.sample};
    return OK;
}
