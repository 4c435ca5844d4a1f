/* pair: sends codes, compares, ends one. SPDX-License-Identifier: Apache-2.0 */
#include "billing/pair.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/locale.h"
#include "base/luhn.h"
#include "base/message.h"
#include "billing/match.h"
#include "billing/pending.h"
#include "billing/refund.h"
#include "billing/remedy.h"
#include "db/outbox.h"
#include "pair_sql.h"
#include "policy/throttle.h"

const struct names pair_keeps = NAMES("this", "other");

const struct fault PAIR_TRIES = {
    E_LIMIT, "billing.pair_tries",
    "Codes for other accounts were asked for too often today; try again tomorrow."};
const struct fault PAIR_WAY = {E_INVALID, "billing.pair_way",
                               "Name the other account in one way: by its email address, by its "
                               "phone number, or by a name and "
                               "the last four digits of its payment card."};

/* Of a million cards a hundred end alike; a name is looked for among a hundred times as many. */
enum { TRIES_MAX = 5, FOUND_MAX = 20, SAME_CARD_MAX = 10000 };
enum { CODE_HOURS = 1, MONTHS = 13, CHARGES_MAX = 60 };

/* ---- the code ---- */

static enum status count_try(struct ctx *cx, int64_t account_id)
{
    struct throttle const tries = {
        "pair", "account", arena_printf(cx->arena, "%lld", (long long)account_id), TRIES_MAX};
    bool over;

    TRY(throttle_over(cx, &tries, 1, &over));
    if (over) return fail(cx->err, &PAIR_TRIES, NULL);
    return throttle_count(cx, &tries, 1);
}

static enum status check_way(struct ctx *cx, const struct pair_begin *in)
{
    bool const by_card = in->name && in->last4;

    if (!in->email + !in->phone + !by_card != 2 || (!by_card && (in->name || in->last4)))
        return fail(cx->err, &PAIR_WAY, NULL);
    if (in->phone && !text_is_phone(in->phone))
        return fail(cx->err, &CONTACT_PHONE_INVALID, "phone");
    return by_card && !match_last4(in->last4) ? fail(cx->err, &MATCH_LAST4, "last4") : OK;
}

static enum status by_email(struct ctx *cx, const char *email, struct pair_found **out, size_t *n)
{
    struct account *rows;

    TRY(accounts_by_email(cx, &rows, n, .email = email, .max = FOUND_MAX));
    *out = arena_array(cx->arena, struct pair_found, *n + 1);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct pair_found){.account_id = rows[i].account_id, .name = rows[i].name};
    return OK;
}

static enum status look(struct ctx *cx, const struct pair_begin *in, struct pair_found **out,
                        size_t *n)
{
    if (in->email) return by_email(cx, in->email, out, n);
    if (in->phone) return pair_by_phone(cx, out, n, .phone = in->phone, .max = FOUND_MAX);
    return pair_by_card(cx, out, n, .last4 = in->last4, .max = SAME_CARD_MAX);
}

/* 0 also when several could be meant. */
static enum status find(struct ctx *cx, const struct pair_begin *in, int64_t *other)
{
    struct pair_found *rows;
    size_t n, found = 0;

    *other = 0;
    TRY(look(cx, in, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        bool const is_meant = !in->name || names_alike(in->name, rows[i].name);

        if (is_meant && rows[i].account_id != in->account_id && ++found)
            *other = rows[i].account_id;
    }
    if (found != 1) *other = 0;
    return OK;
}

/* Where nobody is meant, the same is written and goes to nobody, so that it takes the same time. */
static enum status send(struct ctx *cx, const struct pair_begin *in, int64_t other)
{
    char code[PROOF_CODE];

    TRY(proof_make(cx, other ? other : in->account_id, PROOF_COMPARE,
                   cx->now + CODE_HOURS * INT64_C(3600000), code));
    return outbox_put(
        cx, other ? "account.compare_code" : "account.compare_none", other, cx->now,
        json_pack("{s:s, s:s}", "compare_code", code, "to", other ? "all_contacts" : ""));
}

enum status pair_begin(struct ctx *cx, const struct pair_begin *in, struct pair_sent *out)
{
    struct account account;
    int64_t other;
    TX tx = {0};

    TRY(check_way(cx, in));
    TRY(tx_begin(&tx, cx));
    TRY(account_get(cx, in->account_id, &account));
    TRY(count_try(cx, in->account_id));
    TRY(find(cx, in, &other));
    TRY(send(cx, in, other));
    out->text =
        message_text(cx->arena, in->locale ? in->locale : account.locale, "pair.sent", NULL, 0);
    return tx_commit(&tx);
}

/* ---- both sides ---- */

static enum status prove(struct ctx *cx, const char *code, int64_t own, int64_t *other)
{
    TRY(proof_find(cx, code, PROOF_COMPARE, other));
    return *other != own ? OK : fail(cx->err, &PROOF_UNKNOWN, "code");
}

static enum status load(struct ctx *cx, int64_t account_id, struct pair_charge **charges, size_t *n)
{
    return pair_charges(cx, charges, n, .account_id = account_id,
                        .from_at = cx->now - MONTHS * 31 * DAY_MS, .max = CHARGES_MAX);
}

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

static enum status add_side(struct ctx *cx, int64_t account_id, const char *name,
                            struct pair_side *side, struct pair_view *out,
                            struct pair_charge_view *views)
{
    struct account account;
    struct membership m;
    struct pair_charge *charges;
    const struct zone *z;
    size_t n;

    TRY(account_get(cx, account_id, &account));
    TRY(membership_get(cx, account_id, &m));
    TRY(zone_find(account.zone, &z, cx->err));
    TRY(load(cx, account_id, &charges, &n));
    *side = (struct pair_side){name,
                               id_text("mem", account_id, arena_alloc(cx->arena, ID_TEXT)),
                               account.email,
                               m.plan,
                               m.biller,
                               date(cx, account.joined_day),
                               m.step == STEP_RENEW ? date(cx, m.period_end_day) : "",
                               m.state};
    for (size_t i = 0; i < n; i++)
        views[out->n_charges++] = (struct pair_charge_view){
            name,
            id_text("chg", charges[i].charge_id, arena_alloc(cx->arena, ID_TEXT)),
            date(cx, zone_day(z, charges[i].captured_at)),
            charges[i].currency,
            charges[i].last4,
            charges[i].amount_minor};
    return OK;
}

static int newest_first(const void *a, const void *b)
{
    const struct pair_charge_view *x = a, *y = b;
    int const by_day = strcmp(y->on, x->on);

    return by_day ? by_day : strcmp(y->charge, x->charge);
}

enum status pair_compare(struct ctx *cx, const struct pair_ask *in, struct pair_view *out)
{
    struct pair_charge_view *views =
        arena_array(cx->arena, struct pair_charge_view, 2 * (size_t)CHARGES_MAX);
    struct pair_side *sides = arena_array(cx->arena, struct pair_side, 2);
    int64_t other;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(prove(cx, in->code, in->account_id, &other));
    *out = (struct pair_view){.sides = sides, .n_sides = 2, .charges = views};
    TRY(add_side(cx, in->account_id, "this", &sides[0], out, views));
    TRY(add_side(cx, other, "other", &sides[1], out, views));
    qsort(views, out->n_charges, sizeof *views, newest_first);
    return tx_commit(&tx);
}

/* ---- keeping one ---- */

static bool overlaps(const struct pair_charge *c, const struct pair_charge *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c->period_start_day < list[i].period_end_day &&
            list[i].period_start_day < c->period_end_day)
            return true;
    return false;
}

static enum status give_back(struct ctx *cx, const struct catalog *c, int64_t account_id,
                             const struct pair_charge *charge, struct pair_done *out)
{
    struct remedy_ask const ask = {
        .account_id = account_id,
        .charge = id_text("chg", charge->charge_id, arena_alloc(cx->arena, ID_TEXT)),
        .circumstance = REFUND_DUPLICATE_ACCOUNT,
        .to = REFUND_TO_METHOD,
        .note = "Both accounts were proven; their owner keeps the other one.",
        .waits = true};
    struct remedy_view view;
    struct refund_left left;

    TRY(refund_left(cx, account_id, charge->charge_id, &left));
    if (left.total_minor + left.held_minor == 0) return OK;
    if (left.disputed && (out->refunds || out->waits_minor)) return OK;
    if (out->refunds || out->waits_minor) return out->asked++, remedy_request(cx, c, &ask, &view);
    TRY(remedy_give(cx, c, &ask, &view));
    if (view.outcome == REMEDY_DISPUTED) out->waits_minor += view.amount_minor;
    if (view.outcome != REMEDY_GIVEN) return OK;
    out->refunds++;
    out->amount_minor += view.amount_minor;
    return OK;
}

static enum status refund_doubles(struct ctx *cx, const struct catalog *c, int64_t kept,
                                  int64_t ended, struct pair_done *out)
{
    struct pair_charge *ours, *theirs;
    size_t n_ours, n_theirs;

    TRY(load(cx, ended, &ours, &n_ours));
    TRY(load(cx, kept, &theirs, &n_theirs));
    for (size_t i = 0; i < n_ours; i++)
        if (overlaps(&ours[i], theirs, n_theirs)) TRY(give_back(cx, c, ended, &ours[i], out));
    return OK;
}

static enum status end(struct ctx *cx, const struct catalog *c, int64_t account_id,
                       struct membership *m)
{
    struct account account;

    TRY(account_get(cx, account_id, &account));
    TRY(account_refuse_locked(cx, &account));
    TRY(membership_get(cx, account_id, m));
    if (m->state == M_ENDING || m->state == M_CANCELED) return OK;
    return is_partner_billed(m) ? biller_ask_cancel(cx, m) : billing_cancel(cx, c, account_id, m);
}

enum status pair_choose(struct ctx *cx, const struct catalog *c, const struct pair_choice *in,
                        struct pair_done *out)
{
    struct account account;
    struct membership m;
    int64_t other;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(prove(cx, in->code, in->account_id, &other));
    int64_t const kept = in->keep == KEEP_THIS ? in->account_id : other;
    int64_t const ended = in->keep == KEEP_THIS ? other : in->account_id;
    TRY(account_get(cx, ended, &account));
    TRY(end(cx, c, ended, &m));
    *out = (struct pair_done){
        .kept = id_text("mem", kept, arena_alloc(cx->arena, ID_TEXT)),
        .ended = id_text("mem", ended, arena_alloc(cx->arena, ID_TEXT)),
        .state = m.state,
        .currency = account.currency,
    };
    if (!is_partner_billed(&m)) TRY(refund_doubles(cx, c, kept, ended, out));
    TRY(proof_drop(cx, other, PROOF_COMPARE));
    return tx_commit(&tx);
}
