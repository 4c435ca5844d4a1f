/* workload_money: refunds asked for, given and approved, disputes, and accounts that are locked
 * because somebody has taken them over (SPEC I-01 to I-06, L-10, X-09).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "sim/workload.h"

static const struct actor agent = {.role = ROLE_AGENT, .id = 7, .proven = true};
static const struct actor second_agent = {.role = ROLE_AGENT, .id = 8, .proven = true};

static int64_t number_of(json_t *answer, const char *name)
{
    return json_integer_value(json_object_get(answer, name));
}

/* --- refunds --- */

/* Any charge, mostly a paid one of late. */
static struct duty *some_duty(struct sim *s, const struct member *m)
{
    int64_t skip = chance_one_in(&s->chance, 2) ? 0 : chance_upto(&s->chance, 6);
    struct duty *d = m->duties;

    while (d && d->older && (skip-- > 0 || d->state != CHARGE_CAPTURED)) d = d->older;
    return d;
}

struct claim {
    struct duty *d;
    enum refund_circumstance circumstance;
    int64_t amount_minor; /* asked for; 0: what the rule gives */
    int64_t left_minor, most_minor, usual_minor;
};

/* What is not served of a charge, where a day that has begun is. */
static int64_t unserved(const struct sim *s, const struct member *m, const struct duty *d)
{
    int64_t const next = zone_day(m->zone, s->now) + 1;
    int64_t const days = next < d->start_day ? 0 : next - d->start_day;
    int64_t const all = d->end_day - d->start_day, total = d->owed.total_minor;

    if (all <= 0 || next >= d->end_day) return all <= 0 ? total : 0;
    return total - total * days / all;
}

/* SPEC I-02, for the circumstances that are acted here. */
static void apply_rule(const struct sim *s, const struct member *m, struct claim *c)
{
    int64_t const today = zone_day(m->zone, s->now);
    int64_t const paid_days = today - zone_day(m->zone, c->d->captured_at);
    int64_t rest = unserved(s, m, c->d);

    c->left_minor = refund_left_of(c->d);
    if (rest > c->left_minor) rest = c->left_minor;
    c->most_minor = c->left_minor;
    bool const recent = paid_days <= s->settings.refund_days;
    int64_t const granted = laws[m->place].unserved_days;
    if (c->circumstance == REFUND_BILLING_ERROR) {
        c->usual_minor = c->left_minor;
    } else if (c->circumstance == REFUND_UNAUTHORIZED) {
        c->usual_minor = c->most_minor = recent ? c->left_minor : 0;
    } else if (c->circumstance == REFUND_SERVICE_FAILURE) {
        c->usual_minor = recent ? rest : 0;
        if (!recent) c->most_minor = 0;
    } else { /* goodwill */
        c->usual_minor = recent || (granted && paid_days <= granted) ? rest : 0;
        if (!recent && !(granted && paid_days <= granted)) c->most_minor = 0;
    }
}

static struct claim claim_of(struct sim *s, const struct member *m, struct duty *d)
{
    static const enum refund_circumstance kinds[] = {REFUND_BILLING_ERROR, REFUND_UNAUTHORIZED,
                                                     REFUND_SERVICE_FAILURE, REFUND_GOODWILL};
    struct claim c = {.d = d, .circumstance = kinds[chance_upto(&s->chance, COUNT(kinds))]};

    apply_rule(s, m, &c);
    if (chance_one_in(&s->chance, 3))
        c.amount_minor = 1 + chance_upto(&s->chance, d->owed.total_minor + d->owed.total_minor / 4);
    return c;
}

static bool is_open_dispute(const struct member *m, const struct duty *d)
{
    for (const struct sent *a = m->sent; a; a = a->next)
        if (a->dispute == 1 && a->parts.term == d->term && a->parts.k == d->k &&
            a->parts.subject == d->subject)
            return true;
    return false;
}

static json_t *words_of(struct sim *s, const struct claim *c, bool credit)
{
    char id[ID_TEXT];
    json_t *in =
        json_pack("{s:s, s:s, s:s}", "charge", id_text("chg", c->d->charge_id, id), "circumstance",
                  refund_circumstances.at[c->circumstance], "to", refund_targets.at[credit]);

    if (c->amount_minor) json_object_set_new(in, "amount_minor", json_integer(c->amount_minor));
    (void)s;
    return in;
}

/* Another agent decides what the first one may not (SPEC X-09). */
static void approve(struct sim *s, struct member *m, const struct claim *c, int64_t amount,
                    json_t *asked)
{
    bool const decline = chance_one_in(&s->chance, 3);
    json_t *out;

    enum status st =
        workload_call_as(s, &agent, m, "refund.approve",
                         json_pack("{s:s}", "remedy", workload_text(asked, "remedy")), &out);
    json_decref(out);
    if (st == OK) complain(s, m, "X-09: who asked for a refund has approved it");
    if (s->failed) return;
    st = workload_call_as(
        s, &second_agent, m, "refund.approve",
        json_pack("{s:s, s:b}", "remedy", workload_text(asked, "remedy"), "decline", (int)decline),
        &out);
    if (st == OK && !decline) refund_expect(s, m, c->d, c->circumstance, amount);
    if (st != OK) complain(s, m, "X-09: a refund cannot be decided: %s", s->err.fault->code);
    json_decref(out);
}

static void answered(struct sim *s, struct member *m, const struct claim *c, json_t *out)
{
    int64_t const amount = c->amount_minor ? c->amount_minor : c->usual_minor;
    int64_t const before = c->d->owed.total_minor - c->left_minor;
    const char *want = amount == 0                                                ? "none"
                       : before + amount > s->settings.refund_second_person_minor ? "waiting"
                                                                                  : "given";

    if (strcmp(workload_text(out, "outcome"), want) != 0 ||
        number_of(out, "amount_minor") != amount) {
        complain(s, m, "I-02: a refund (%s) of %lld is %s with %lld, should be %s",
                 refund_circumstances.at[c->circumstance], (long long)amount,
                 workload_text(out, "outcome"), (long long)number_of(out, "amount_minor"), want);
        return;
    }
    if (strcmp(want, "given") == 0) refund_expect(s, m, c->d, c->circumstance, amount);
    if (strcmp(want, "waiting") == 0) approve(s, m, c, amount, out);
}

void money_refund(struct sim *s, struct member *m)
{
    struct duty *d = some_duty(s, m);
    bool const credit = chance_one_in(&s->chance, 3);
    json_t *out;

    if (!d || m->partner) return;
    struct claim const c = claim_of(s, m, d);
    bool const may = d->state == CHARGE_CAPTURED && c.left_minor > 0 && !is_open_dispute(m, d) &&
                     c.amount_minor <= c.most_minor;
    enum status const st =
        workload_call_as(s, &agent, m, "charge.refund", words_of(s, &c, credit), &out);
    workload_expect(s, m, "a refund", st, may);
    if (st == OK && !s->failed) answered(s, m, &c, out);
    json_decref(out);
}

/* The owner's word alone decides nothing. */
void money_ask(struct sim *s, struct member *m)
{
    struct duty *d = some_duty(s, m);
    json_t *out;

    if (!d || m->partner) return;
    struct claim const c = claim_of(s, m, d);
    enum status const st = workload_call(s, m, "refund.ask", words_of(s, &c, false), &out);
    if (st == OK && strcmp(workload_text(out, "outcome"), "asked") != 0)
        complain(s, m, "I-03: what was asked for is %s", workload_text(out, "outcome"));
    json_decref(out);
}

/* --- disputes by hand --- */

static struct sent *capture_of(const struct member *m, const struct duty *d)
{
    for (struct sent *a = m->sent; a; a = a->next)
        if (a->truth == GATEWAY_CAPTURED && a->parts.term == d->term && a->parts.k == d->k &&
            a->parts.subject == d->subject && strcmp(a->parts.kind, charge_kinds.at[d->kind]) == 0)
            return a;
    return NULL;
}

void money_dispute(struct sim *s, struct member *m)
{
    struct duty *d = some_duty(s, m);
    struct sent *a = d ? capture_of(m, d) : NULL;
    char id[ID_TEXT];
    json_t *out;

    if (!a || a->dispute > 1 || d->state != CHARGE_CAPTURED) return;
    bool const opens = a->dispute == 0, won = chance_one_in(&s->chance, 2);
    json_t *in = json_pack("{s:s}", "charge", id_text("chg", d->charge_id, id));
    if (!opens) json_object_set_new(in, "outcome", json_string(won ? "won" : "lost"));
    enum status const st =
        workload_call_as(s, &agent, m, opens ? "dispute.open" : "dispute.close", in, &out);
    workload_expect(s, m, "a dispute", st, true);
    if (st == OK) spy_disputed(s, a, opens ? 1 : won ? 2 : 3);
    json_decref(out);
}

/* --- locks --- */

void lock_report(struct sim *s, struct member *m)
{
    bool const known = m->locked_at != 0;
    json_t *out;

    if (!known) m->wishes[MEV_LOCK].at = s->now;
    enum status const st = workload_call_as(s, &agent, m, "account.lock",
                                            json_pack("{s:s}", "report", "somebody else"), &out);
    workload_expect(s, m, "a lock", st, true);
    json_decref(out);
}

void lock_end(struct sim *s, struct member *m)
{
    json_t *out;

    if (!m->locked_at && !chance_one_in(&s->chance, 50)) return;
    m->wishes[MEV_UNLOCK].at = s->now;
    enum status const st = workload_call_as(s, &agent, m, "account.unlock",
                                            json_pack("{s:s}", "outcome", "solved"), &out);
    if (st != OK) m->wishes[MEV_UNLOCK].at = 0;
    workload_expect(s, m, "the end of a lock", st, m->locked_at != 0);
    json_decref(out);
}

/* Locks as well, and waits while a payment is on its way (SPEC I-05). */
void lock_undo_restart(struct sim *s, struct member *m)
{
    bool const pending = m->state == M_PENDING && m->back == M_CANCELED;
    int64_t const since = pending ? m->pending_at : m->state == M_PENDING ? 0 : m->began_at;
    bool const in_time = since && s->now <= since + s->settings.undo_days * DAY_MS;
    bool const was_locked = m->locked_at != 0;
    json_t *out;

    if (!since && !chance_one_in(&s->chance, 50)) return;
    m->wishes[MEV_UNDO_RESTART].at = s->now;
    if (!was_locked) m->wishes[MEV_LOCK].at = s->now;
    enum status const st = workload_call_as(s, &agent, m, "membership.undo_restart",
                                            json_pack("{s:s}", "report", "not me"), &out);
    if (st != OK || strcmp(workload_text(out, "outcome"), "undone") != 0)
        m->wishes[MEV_UNDO_RESTART].at = 0;
    if (st != OK && !was_locked) m->wishes[MEV_LOCK].at = 0;
    workload_expect(s, m, "an undone restart", st, in_time && !m->partner);
    json_decref(out);
}
