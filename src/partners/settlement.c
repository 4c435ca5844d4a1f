/* settlement: looks members and periods up, has settlement_rules judge, opens and settles work.
 * SPDX-License-Identifier: Apache-2.0 */
#include "partners/settlement.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/money.h"
#include "membership/membership.h"
#include "partner_sql.h"
#include "partners/partners.h"
#include "settlement_sql.h"

const struct fault SETTLEMENT_MONTH = {
    E_INVALID, "partner.month_invalid",
    "This is no month; write it as 2024-02, the month in which the paid periods begin."};
const struct fault SETTLEMENT_LINE_REUSED = {
    E_CONFLICT, "partner.line_reused",
    "Another line of this statement was told under this number; give each line its own."};
const struct fault SETTLEMENT_WHOSE = {
    E_INVALID, "partner.line_whose",
    "A line names a member, or one of the partner's references, or both."};

#define WORK_MISMATCH "partner.settlement"
enum { BATCH = 1000, LINES_MAX_OF_PERIOD = 100, SUMS_MAX = 1000 };

/* A line, and what is known beside it. */
struct settling {
    struct ctx *cx;
    const struct catalog *c;
    const struct partner *partner;
    const struct settlement_tell *in; /* NULL: a line of our own */
    struct settlement_row row;        /* to be stored */
    struct settlement_facts facts;
};

static enum status read_month(struct ctx *cx, const struct catalog *c, const char *partner,
                              const char *month, const struct partner **out, int64_t *first_day,
                              int64_t *until_day)
{
    *out = catalog_partner(c, partner);
    if (!*out) return fail(cx->err, &PARTNER_UNKNOWN, "partner");
    return settlement_month(month, first_day, until_day)
               ? OK
               : fail(cx->err, &SETTLEMENT_MONTH, "month");
}

static enum status read_line(struct settling *s)
{
    const struct settlement_tell *in = s->in;
    struct settlement_row *r = &s->row;
    struct ctx *cx = s->cx;
    int64_t until;

    TRY(read_month(cx, s->c, in->partner, in->month, &s->partner, &r->month_day, &until));
    if (!in->member && !in->reference) return fail(cx->err, &SETTLEMENT_WHOSE, "member");
    if (!day_parse(in->period_start, &r->start_day))
        return fail(cx->err, &PARTNER_DATE, "period_start");
    if (!currency_find(in->currency)) return fail(cx->err, &CURRENCY_UNKNOWN, "currency");
    r->partner = s->partner->code;
    r->line = in->line;
    r->reference = in->reference ? in->reference : "";
    r->amount_minor = in->amount_minor;
    r->currency = in->currency;
    return OK;
}

/* ---- whose it is ---- */

static enum status find_named(struct settling *s, int64_t *account_id)
{
    enum status const st = account_number(s->cx, s->in->member, account_id);

    if (st == E_NOT_FOUND) *account_id = 0;
    return st == E_NOT_FOUND ? OK : st;
}

/* A reference and a member that name two people name nobody. */
static enum status find_member(struct settling *s)
{
    struct partner_event_row *events;
    int64_t by_name = 0, by_reference = 0;
    size_t n = 0;

    if (s->in->member) TRY(find_named(s, &by_name));
    if (s->in->reference)
        TRY(partner_event_by_reference(s->cx, &events, &n, .partner = s->partner->code,
                                       .reference = s->in->reference));
    if (n) by_reference = events[0].account_id;
    if (s->in->member && n && by_name != by_reference) return OK;
    s->row.account_id = by_name ? by_name : s->in->member ? 0 : by_reference;
    return OK;
}

/* ---- what is owed for it ---- */

static enum status expect(struct settling *s, const char *plan)
{
    struct account a;

    TRY(account_get(s->cx, s->row.account_id, &a));
    const struct country *country = catalog_country(s->c, a.country);
    const struct price *price =
        country ? country_price(country, plan, NULL, s->row.start_day) : NULL;
    s->row.expected_minor = price ? money_rate(price->amount_minor, s->partner->share_ppm) : 0;
    if (country && !s->in) s->row.currency = country->currency;
    s->facts.same_currency = country && strcmp(s->row.currency, country->currency) == 0;
    return OK;
}

/* Its newest word says whether it had ended before; a cancel without a date counts from its day. */
static bool ended_before(const struct partner_event_row *newest, size_t n, int64_t start_day)
{
    if (!n || newest->partner_event != EVENT_CANCEL) return false;
    int64_t const end =
        newest->until_day ? newest->until_day : divide_down(newest->told_at, DAY_MS);
    return end <= start_day;
}

static enum status look_at_period(struct settling *s)
{
    int64_t const m = s->row.account_id, start = s->row.start_day;
    struct settlement_period_row *period;
    struct partner_event_row *newest;
    struct membership membership;
    size_t n_period, n_newest;

    TRY(membership_get(s->cx, m, &membership));
    TRY(partner_event_newest(s->cx, &newest, &n_newest, .account_id = m,
                             .partner = s->partner->code, .max = 1));
    TRY(settlement_period(s->cx, &period, &n_period, .account_id = m, .partner = s->partner->code,
                          .start_day = start, .max = 1));
    bool const theirs = strcmp(membership.biller, s->partner->code) == 0;
    s->facts.known = theirs || n_newest || n_period;
    s->facts.ended = ended_before(newest, n_newest, start);
    s->facts.told = n_period || (theirs && membership.period_start_day == start);
    return expect(s, n_period ? period[0].plan : membership.plan);
}

/* ---- other lines of the same period ---- */

static bool pays(const struct settlement_row *r)
{
    return r->settlement_finding == FINDING_MATCHED ||
           r->settlement_finding == FINDING_AMOUNT_DIFFERS;
}

/* What was missing is told after all. */
static enum status make_up(struct settling *s, const struct settlement_row *missing)
{
    TRY(settlement_made_up(s->cx, NULL, .line_id = missing->line_id,
                           .account_id = missing->account_id));
    return work_settle(s->cx, missing->account_id, WORK_MISMATCH, missing->line_id, "told later");
}

static enum status look_beside(struct settling *s)
{
    struct settlement_row *rows;
    size_t n;

    TRY(settlement_of_period(s->cx, &rows, &n, .partner = s->partner->code,
                             .account_id = s->row.account_id, .start_day = s->row.start_day,
                             .max = LINES_MAX_OF_PERIOD));
    for (size_t i = 0; i < n; i++) {
        if (pays(&rows[i])) s->facts.paid = true;
        if (rows[i].settlement_finding == FINDING_REVERSED) s->facts.paid = false;
        if (rows[i].settlement_finding == FINDING_MISSING) TRY(make_up(s, &rows[i]));
    }
    return OK;
}

/* ---- keeping it ---- */

static enum status open_work(struct settling *s, int64_t *work_id)
{
    const struct settlement_row *r = &s->row;
    char month[DAY_TEXT], start[DAY_TEXT];
    struct work_open const w = {
        .account_id = r->account_id,
        .kind = WORK_MISMATCH,
        .subject = r->line_id,
        .priority = WORK_NORMAL,
        .evidence =
            json_pack("{s:s, s:s, s:s#, s:s, s:s, s:s, s:I, s:I, s:s}", "finding",
                      settlement_findings.at[r->settlement_finding], "partner", r->partner, "month",
                      day_text(r->month_day, month), 7, "line", r->line, "reference", r->reference,
                      "period_start", day_text(r->start_day, start), "amount_minor",
                      (json_int_t)r->amount_minor, "expected_minor", (json_int_t)r->expected_minor,
                      "currency", r->currency)};

    *work_id = 0;
    return settlement_is_mismatch((enum settlement_finding)r->settlement_finding)
               ? work_open(s->cx, &w, work_id)
               : (json_decref(w.evidence), OK);
}

static enum status keep(struct settling *s, int64_t *work_id)
{
    struct settlement_row *r = &s->row;

    TRY(db_id(s->cx, &r->line_id));
    TRY(settlement_add(s->cx, NULL, .line_id = r->line_id, .partner = r->partner,
                       .month_day = r->month_day, .line = r->line, .reference = r->reference,
                       .account_id = r->account_id, .start_day = r->start_day,
                       .amount_minor = r->amount_minor, .currency = r->currency,
                       .expected_minor = r->expected_minor,
                       .settlement_finding = r->settlement_finding, .told_at = s->cx->now));
    return open_work(s, work_id);
}

static const char *shown(struct ctx *cx, const char *prefix, int64_t id)
{
    return id ? id_text(prefix, id, arena_alloc(cx->arena, ID_TEXT)) : "";
}

static void tell(struct settling *s, int64_t work_id, struct settlement_answer *out)
{
    const struct settlement_row *r = &s->row;

    out->finding = r->settlement_finding;
    out->line = shown(s->cx, "stl", r->line_id);
    out->member = shown(s->cx, "mem", r->account_id);
    out->work = shown(s->cx, "wrk", work_id);
    out->amount_minor = r->amount_minor;
    out->expected_minor = r->expected_minor;
    out->currency = r->currency;
}

/* ---- once ---- */

static bool same_line(const struct settlement_row *was, const struct settlement_row *is)
{
    return strcmp(was->reference, is->reference) == 0 && was->start_day == is->start_day &&
           was->account_id == is->account_id && was->amount_minor == is->amount_minor &&
           strcmp(was->currency, is->currency) == 0;
}

static enum status look_known(struct settling *s, bool *known)
{
    struct settlement_row *was;
    size_t n;

    TRY(settlement_by_line(s->cx, &was, &n, .partner = s->row.partner,
                           .month_day = s->row.month_day, .line = s->row.line));
    *known = n > 0;
    if (!n) return OK;
    if (!same_line(was, &s->row)) return fail(s->cx->err, &SETTLEMENT_LINE_REUSED, "line");
    s->row = *was;
    return OK;
}

enum status settlement_tell(struct ctx *cx, const struct catalog *c,
                            const struct settlement_tell *in, struct settlement_answer *out)
{
    struct settling s = {.cx = cx, .c = c, .in = in};
    int64_t work_id = 0;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    *out = (struct settlement_answer){0};
    TRY(read_line(&s));
    TRY(find_member(&s));
    TRY(look_known(&s, &out->known));
    if (!out->known) {
        s.facts.amount_minor = in->amount_minor;
        if (s.row.account_id) TRY(look_at_period(&s));
        if (s.facts.known) TRY(look_beside(&s));
        s.facts.expected_minor = s.row.expected_minor;
        s.row.settlement_finding = settlement_judge(&s.facts);
        TRY(keep(&s, &work_id));
    }
    tell(&s, work_id, out);
    return tx_commit(&tx);
}

/* ---- the whole month ---- */

static enum status add_missing(struct ctx *cx, const struct catalog *c, const struct partner *p,
                               int64_t month_day, const struct settlement_untold_row *u,
                               bool *missing)
{
    struct settling s = {.cx = cx, .c = c, .partner = p};
    struct partner_event_row *newest;
    char member[ID_TEXT], start[DAY_TEXT];
    int64_t work_id;
    size_t n;

    TRY(partner_event_newest(cx, &newest, &n, .account_id = u->account_id, .partner = p->code,
                             .max = 1));
    *missing = !ended_before(newest, n, u->start_day);
    s.row = (struct settlement_row){
        .partner = p->code,
        .month_day = month_day,
        .line = arena_printf(cx->arena, "missing/%s/%s", id_text("mem", u->account_id, member),
                             day_text(u->start_day, start)),
        .reference = "",
        .account_id = u->account_id,
        .start_day = u->start_day,
        .settlement_finding = *missing ? FINDING_MISSING : FINDING_MADE_UP,
        .currency = ""};
    TRY(expect(&s, u->plan));
    if (!*missing) s.row.expected_minor = 0; /* it ended before the period: nobody owes it */
    return keep(&s, &work_id);
}

enum status settlement_close(struct ctx *cx, const struct catalog *c,
                             const struct settlement_ask *in, struct settlement_closed *out)
{
    struct settlement_untold_row *rows;
    const struct partner *p;
    int64_t first, until;
    TX tx = {0};
    size_t n;

    TRY(tx_begin(&tx, cx));
    TRY(read_month(cx, c, in->partner, in->month, &p, &first, &until));
    TRY(settlement_untold(cx, &rows, &n, .partner = p->code, .from_day = first, .before_day = until,
                          .max = BATCH));
    *out = (struct settlement_closed){p->code, in->month, 0, n == BATCH};
    for (size_t i = 0; i < n; i++) {
        bool missing;

        TRY(add_missing(cx, c, p, first, &rows[i], &missing));
        out->missing += missing;
    }
    if (!out->more)
        TRY(settlement_end(cx, NULL, .partner = p->code, .month_day = first, .closed_at = cx->now));
    return tx_commit(&tx);
}

enum status settlement_reconcile(struct ctx *cx, const struct catalog *c,
                                 const struct settlement_ask *in, struct settlement_view *out)
{
    struct settlement_whole_row *whole;
    struct settlement_sum_row *rows;
    const struct partner *p;
    int64_t first, until;
    size_t n, n_whole;

    TRY(read_month(cx, c, in->partner, in->month, &p, &first, &until));
    TRY(settlement_sums(cx, &rows, &n, .partner = p->code, .month_day = first, .max = SUMS_MAX));
    TRY(settlement_whole(cx, &whole, &n_whole, .partner = p->code, .month_day = first));
    struct settlement_sum *sums = arena_array(cx->arena, struct settlement_sum, n + 1);
    *out = (struct settlement_view){.partner = p->code, .month = in->month, .closed_at = ""};
    for (size_t i = 0; i < n; i++) {
        sums[i] = (struct settlement_sum){rows[i].settlement_finding, rows[i].lines,
                                          rows[i].paid_minor, rows[i].owed_minor, rows[i].currency};
        if (settlement_is_mismatch((enum settlement_finding)rows[i].settlement_finding))
            out->mismatches += rows[i].lines;
    }
    out->sums = sums;
    out->n = n;
    if (n_whole)
        out->closed_at = instant_text(whole->closed_at, arena_alloc(cx->arena, INSTANT_TEXT));
    return OK;
}
