/* remedy: applies the rules and keeps what was decided. SPDX-License-Identifier: Apache-2.0 */
#include "billing/remedy.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/message.h"
#include "base/sabotage.h"
#include "billing/billing.h"
#include "remedy_sql.h"

const struct names remedy_outcomes =
    NAMES("given", "none", "waiting", "refused", "asked", "partner", "disputed");
const struct names remedy_wanteds =
    NAMES("unsaid", "cancel_duplicate", "reverse_unauthorized", "restore_access",
          "remove_extra_member", "correct_technical", "other");

const struct fault REMEDY_CHARGE_MISSING = {
    E_INVALID, "remedy.charge_missing",
    "Say which charge it is about; the history of charges has the references."};
const struct fault REMEDY_ABOVE_RULE = {
    E_CONFLICT, "remedy.above_rule",
    "The rule for this circumstance gives less than that; leave the amount out, or name another "
    "circumstance."};
const struct fault REMEDY_UNKNOWN = {E_NOT_FOUND, "remedy.unknown",
                                     "This account has no such request for a refund; see the list "
                                     "of work."};
const struct fault REMEDY_NOT_WAITING = {E_CONFLICT, "remedy.not_waiting",
                                         "This request is decided already; look at its refund."};
const struct fault REMEDY_SAME_PERSON = {
    E_DENIED, "remedy.same_person",
    "Who asked for this refund may not approve it; another agent has to."};

static const struct remedy_view nothing_said = {.work = "",
                                                .target_by = "",
                                                .link = "",
                                                .reason = "",
                                                .consumer_body = "",
                                                .consumer_link = ""};

#define WORK_APPROVE "refund.approve"
#define WORK_ASKED   "refund.asked"

/* What a decision is made of. */
struct matter {
    struct ctx *cx;
    const struct remedy_ask *in;
    struct account account;
    struct membership membership;
    const struct zone *zone;
    const struct remedy_facts_row *charge; /* NULL: a partner bills */
    struct refund_left left;
    const struct remedy_rule *rule;
    struct remedy row; /* to be stored */
};

static enum status find_charge(struct matter *m)
{
    struct ctx *cx = m->cx;
    struct remedy_facts_row *rows;
    int64_t id = 0;
    size_t n;

    if (!m->in->charge && is_partner_billed(&m->membership)) return OK;
    if (!m->in->charge) return fail(cx->err, &REMEDY_CHARGE_MISSING, "charge");
    if (!id_parse("chg", m->in->charge, &id) && !id_parse("inv", m->in->charge, &id))
        return fail(cx->err, &REFUND_CHARGE_UNKNOWN, "charge");
    TRY(remedy_facts(cx, &rows, &n, .charge_id = id, .account_id = m->in->account_id, .max = 1));
    if (n == 0) return fail(cx->err, &REFUND_CHARGE_UNKNOWN, "charge");
    m->charge = rows;
    TRY(refund_left(cx, m->in->account_id, id, &m->left));
    if (m->in->waits) m->left.total_minor += m->left.held_minor;
    return OK;
}

static int64_t granted(int64_t days)
{
    return days > 0 ? days : 0;
}

static void find_rule(struct matter *m, const struct catalog *c)
{
    const struct country *country = catalog_country(c, m->account.country);
    int64_t const today = zone_day(m->zone, m->cx->now);
    struct remedy_terms const terms = {
        .paid_days = today - zone_day(m->zone, m->charge->captured_at),
        .member_days = today - zone_day(m->zone, m->charge->began_at),
        .refund_days = m->cx->settings->refund_days,
        .withdrawal_days = country ? granted(country->settings.withdrawal_days) : 0,
        .unserved_days = country ? granted(country->settings.unserved_days) : 0};

    m->rule = remedy_find((enum refund_circumstance)m->in->circumstance, &terms);
}

/* How much a share is: a day that has begun is served. */
static int64_t share_of(const struct matter *m, enum refund_share share, int64_t *from_day)
{
    const struct remedy_facts_row *c = m->charge;
    int64_t const next = zone_day(m->zone, m->cx->now) + 1;
    int64_t amount = m->left.total_minor;

    *from_day = 0;
    if (share == SHARE_NONE) return 0;
    if (share == SHARE_FULL || c->period_end <= c->period_start) return amount;
    int64_t const unserved = remedy_unserved(c->paid_minor, c->period_start, c->period_end, next);
    *from_day = next > c->period_start ? next : c->period_start;
    return unserved < amount ? unserved : amount;
}

static enum status weigh(struct matter *m)
{
    struct remedy *r = &m->row;
    int64_t unused;

    r->amount_minor = share_of(m, m->rule->usual, &r->from_day);
    if (m->in->amount_minor) {
        r->amount_minor = m->in->amount_minor;
        r->from_day = 0;
        if (r->amount_minor > share_of(m, m->rule->most, &unused))
            return fail(m->cx->err,
                        r->amount_minor > m->left.total_minor ? &REFUND_TOO_MUCH
                                                              : &REMEDY_ABOVE_RULE,
                        "amount_minor");
    }
    r->until_day = r->from_day ? m->charge->period_end : 0;
    if (r->amount_minor == 0) r->from_day = r->until_day = 0;
    return OK;
}

static enum status begin(struct matter *m, struct ctx *cx, const struct catalog *c,
                         const struct remedy_ask *in)
{
    *m = (struct matter){.cx = cx, .in = in};
    TRY(membership_get(cx, in->account_id, &m->membership));
    TRY(account_get(cx, in->account_id, &m->account));
    TRY(zone_find(m->account.zone, &m->zone, cx->err));
    TRY(find_charge(m));
    m->row = (struct remedy){.account_id = in->account_id,
                             .charge_id = m->charge ? m->charge->charge_id : 0,
                             .circumstance = in->circumstance,
                             .rule = "partner",
                             .remedy_outcome = REMEDY_PARTNER,
                             .refund_to = in->to,
                             .note = in->note ? in->note : "",
                             .asked_at = cx->now,
                             .actor_role = cx->actor.role,
                             .actor_id = cx->actor.id};
    TRY(db_id(cx, &m->row.remedy_id));
    if (!m->charge) return OK;
    if (m->charge->charge_state != CHARGE_CAPTURED)
        return fail(cx->err, &REFUND_NOT_PAID, "charge");
    if (m->left.disputed && !m->in->waits) return fail(cx->err, &REFUND_DISPUTED, "charge");
    if (m->left.total_minor == 0) return fail(cx->err, &REFUND_NOTHING_LEFT, "charge");
    find_rule(m, c);
    m->row.rule = m->rule->id;
    return weigh(m);
}

static enum status order(struct ctx *cx, const struct remedy *r, int64_t *refund_id)
{
    struct refund_order const o = {
        .account_id = r->account_id,
        .charge_id = r->charge_id,
        .amount_minor = r->amount_minor,
        .to = (enum refund_to)r->refund_to,
        .circumstance = (enum refund_circumstance)r->circumstance,
        .rule = r->rule,
        .key = arena_printf(cx->arena, "remedy/%lld", (long long)r->remedy_id),
        .from_day = r->from_day,
        .until_day = r->until_day,
        .at = cx->now};

    TRY(refund_order(cx, &o, refund_id));
    return work_settle(cx, r->account_id, WORK_ASKED, r->charge_id, "refunded");
}

/* Everything of one charge counts, so that a large refund cannot be had in small parts. */
static bool needs_second(const struct matter *m)
{
    int64_t const before = m->charge->paid_minor - m->left.total_minor;

    return m->cx->actor.role == ROLE_AGENT && !SABOTAGE("one_person_refunds") &&
           before + m->row.amount_minor > m->cx->settings->refund_second_person_minor;
}

static enum status open_work(struct matter *m, const char *kind, int64_t subject,
                             struct remedy_view *out)
{
    int64_t const by = m->cx->now + m->cx->settings->refund_target_hours * 3600000;
    char charge[ID_TEXT], work[ID_TEXT], until[INSTANT_TEXT];
    int64_t id;

    out->target_by = m->rule->fast ? arena_strdup(m->cx->arena, instant_text(by, until)) : "";
    struct work_open const w = {
        .account_id = m->row.account_id,
        .kind = kind,
        .subject = subject,
        .priority = m->rule->fast ? WORK_URGENT : WORK_NORMAL,
        .evidence = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s}", "charge",
                              id_text("chg", m->row.charge_id, charge), "circumstance",
                              refund_circumstances.at[m->row.circumstance], "rule", m->row.rule,
                              "amount_minor", (json_int_t)m->row.amount_minor, "currency",
                              m->charge->currency, "wanted", remedy_wanteds.at[m->in->wanted],
                              "note", m->row.note, "target_by", out->target_by)};
    TRY(work_open(m->cx, &w, &id));
    out->work = arena_strdup(m->cx->arena, id_text("wrk", id, work));
    return OK;
}

static enum status store(struct matter *m)
{
    const struct remedy *r = &m->row;

    return remedy_add(m->cx, NULL, .remedy_id = r->remedy_id, .account_id = r->account_id,
                      .charge_id = r->charge_id, .circumstance = r->circumstance, .rule = r->rule,
                      .remedy_outcome = r->remedy_outcome, .amount_minor = r->amount_minor,
                      .refund_to = r->refund_to, .from_day = r->from_day, .until_day = r->until_day,
                      .note = r->note, .refund_id = r->refund_id, .asked_at = r->asked_at,
                      .actor_role = r->actor_role, .actor_id = r->actor_id);
}

static const char *reference(struct ctx *cx, const char *prefix, int64_t id)
{
    return id ? id_text(prefix, id, arena_alloc(cx->arena, ID_TEXT)) : "";
}

static void show(struct ctx *cx, const struct remedy *r, const char *currency,
                 struct remedy_view *out)
{
    out->remedy = reference(cx, "rem", r->remedy_id);
    out->charge = reference(cx, "chg", r->charge_id);
    out->refund = reference(cx, "rfd", r->refund_id);
    out->outcome = r->remedy_outcome;
    out->circumstance = r->circumstance;
    out->amount_minor = r->amount_minor;
    out->to = r->refund_to;
    out->currency = currency;
    out->rule = r->rule;
}

static bool is_open(int64_t outcome)
{
    return outcome == REMEDY_WAITING || outcome == REMEDY_ASKED || outcome == REMEDY_NONE ||
           outcome == REMEDY_PARTNER;
}

/* SPEC I-10: for what is not settled as it was asked for. */
static void name_consumer_body(const struct matter *m, const struct catalog *c,
                               struct remedy_view *out)
{
    const struct country *country = catalog_country(c, m->account.country);

    if (!country || !is_open(m->row.remedy_outcome)) return;
    if (country->settings.consumer_body) out->consumer_body = country->settings.consumer_body;
    if (country->settings.consumer_link) out->consumer_link = country->settings.consumer_link;
}

static enum status end(struct matter *m, const struct catalog *c, struct remedy_view *out)
{
    struct route const at = biller_route(c, m->membership.biller, ROUTE_REFUND);

    TRY(store(m));
    name_consumer_body(m, c, out);
    show(m->cx, &m->row, m->account.currency, out);
    if (m->charge) out->currency = m->charge->currency;
    out->reason =
        m->charge ? message_of(m->cx->arena, m->account.locale, "refund", m->rule->id) : at.text;
    if (!m->charge) out->link = at.link;
    return OK;
}

enum status remedy_give(struct ctx *cx, const struct catalog *c, const struct remedy_ask *in,
                        struct remedy_view *out)
{
    struct matter m;
    TX tx = {0};

    *out = nothing_said;
    TRY(tx_begin(&tx, cx));
    TRY(begin(&m, cx, c, in));
    if (m.charge && m.row.amount_minor == 0) {
        m.row.remedy_outcome = REMEDY_NONE;
    } else if (m.charge && m.left.disputed) {
        m.row.remedy_outcome = REMEDY_DISPUTED;
    } else if (m.charge && needs_second(&m)) {
        m.row.remedy_outcome = REMEDY_WAITING;
        TRY(open_work(&m, WORK_APPROVE, m.row.remedy_id, out));
    } else if (m.charge) {
        m.row.remedy_outcome = REMEDY_GIVEN;
        TRY(order(cx, &m.row, &m.row.refund_id));
    }
    TRY(end(&m, c, out));
    return tx_commit(&tx);
}

enum status remedy_request(struct ctx *cx, const struct catalog *c, const struct remedy_ask *in,
                           struct remedy_view *out)
{
    struct matter m;
    TX tx = {0};

    *out = nothing_said;
    TRY(tx_begin(&tx, cx));
    TRY(begin(&m, cx, c, in));
    if (m.charge) {
        m.row.remedy_outcome = REMEDY_ASKED;
        TRY(open_work(&m, WORK_ASKED, m.row.charge_id, out));
    }
    TRY(end(&m, c, out));
    return tx_commit(&tx);
}

static enum status decide(struct ctx *cx, struct remedy *r, bool decline)
{
    int64_t changed;

    if (r->remedy_outcome != REMEDY_WAITING) return fail(cx->err, &REMEDY_NOT_WAITING, "remedy");
    if (cx->actor.role == ROLE_AGENT && cx->actor.id == r->actor_id)
        return fail(cx->err, &REMEDY_SAME_PERSON, NULL);
    r->remedy_outcome = decline ? REMEDY_REFUSED : REMEDY_GIVEN;
    if (!decline) TRY(order(cx, r, &r->refund_id));
    TRY(remedy_decide(cx, &changed, .remedy_id = r->remedy_id, .account_id = r->account_id,
                      .remedy_outcome = r->remedy_outcome, .refund_id = r->refund_id,
                      .approved_at = cx->now, .approved_by = cx->actor.id));
    if (changed != 1) return fail(cx->err, &REFUND_CHANGED, NULL);
    return work_settle(cx, r->account_id, WORK_APPROVE, r->remedy_id,
                       decline ? "declined" : "approved");
}

enum status remedy_approve(struct ctx *cx, const struct remedy_approve *in, struct remedy_view *out)
{
    struct account account;
    struct remedy *r;
    int64_t id = 0;
    size_t n = 0;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(account_get(cx, in->account_id, &account));
    if (id_parse("rem", in->remedy, &id))
        TRY(remedy_by_id(cx, &r, &n, .remedy_id = id, .account_id = in->account_id, .max = 1));
    if (n == 0) return fail(cx->err, &REMEDY_UNKNOWN, "remedy");
    TRY(decide(cx, r, in->decline));
    *out = nothing_said;
    show(cx, r, account.currency, out);
    out->reason = message_of(cx->arena, account.locale, "refund", r->rule);
    return tx_commit(&tx);
}
