/* match: looks up, counts, and leaves a message. SPDX-License-Identifier: Apache-2.0 */
#include "billing/match.h"

#include "base/calendar.h"
#include "base/id.h"
#include "base/message.h"
#include "catalog/catalog.h"
#include "db/outbox.h"
#include "match_sql.h"
#include "policy/options_rules.h"
#include "policy/settings.h"
#include "policy/throttle.h"

const struct fault MATCH_DATE = {E_INVALID, "charge.match_date",
                                 "That is no date; write it like 2026-01-31."};
const struct fault MATCH_LAST4 = {
    E_INVALID, "charge.match_last4",
    "Give the last four digits of the card's number, and no more of it."};
const struct fault MATCH_TRIES = {
    E_LIMIT, "charge.match_tries",
    "Charges were looked up too often from here or for this card; try again tomorrow."};

/* A statement may name the day of the bank's own zone: a day more on both sides. */
enum { SLACK_DAYS = 1, FOUND_MAX = 2 };

static enum status count_try(struct ctx *cx, const struct charge_match *in)
{
    const char *network = cx->actor.network ? cx->actor.network : "";
    /* clang-format off */
    struct throttle const tries[] = {
        {"match", "network", network, cx->settings->match_tries_network},
        {"match", "card", in->last4, cx->settings->match_tries_card},
    };
    /* clang-format on */
    bool over;

    TRY(throttle_over(cx, tries, COUNT(tries), &over));
    if (over) return fail(cx->err, &MATCH_TRIES, NULL);
    return throttle_count(cx, tries, COUNT(tries));
}

static enum status look(struct ctx *cx, const struct charge_match *in, int64_t day,
                        struct match_charge **found, size_t *n)
{
    int64_t const from = day - SLACK_DAYS - cx->settings->statement_days;

    return match_charges(cx, found, n, .last4 = in->last4, .amount_minor = in->amount_minor,
                         .currency = in->currency, .from_at = from * DAY_MS,
                         .until_at = (day + SLACK_DAYS + 1) * DAY_MS, .max = FOUND_MAX);
}

/* Written for a miss too, to nobody, so that both take the same time. Of several accounts none is
 * told: who asks could be any of their owners, or nobody. */
static enum status tell(struct ctx *cx, const struct charge_match *in,
                        const struct match_charge *only)
{
    char charge[ID_TEXT];

    return outbox_put(
        cx, only ? "charge.matched" : "charge.match_none", only ? only->account_id : 0, cx->now,
        json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s}", "charge",
                  only ? id_text("chg", only->charge_id, charge) : "", "on", in->on, "amount_minor",
                  (json_int_t)in->amount_minor, "currency", in->currency, "last4", in->last4,
                  "descriptor", in->descriptor, "to", only ? "all_contacts" : ""));
}

/* The guide of unknown charges asks for an account; who has none, or not its charges, goes where
 * the policy sends them. */
static const char *go_on(const struct actor *who, enum match_kind kind)
{
    struct option_case const is = {
        .standing = STANDING_GOOD, .surface = who->surface, .role = who->role};
    const struct option_rule *view = option_decide(ACTION_CHARGES_VIEW, &is);

    if (kind == MATCH_ACCOUNT) return "account.recover";
    if (kind == MATCH_PARTNER) return "partner";
    return view->result == OPTION_ALLOWED ? "guide.unknown_charge"
                                          : option_places.at[view->why->place];
}

enum status charge_match(struct ctx *cx, const struct catalog *c, const struct charge_match *in,
                         struct match_answer *out)
{
    const struct partner *partner = match_partner(c, in->descriptor);
    struct match_charge *found;
    int64_t day;
    size_t n;
    TX tx = {0};

    if (!day_parse(in->on, &day)) return fail(cx->err, &MATCH_DATE, "on");
    if (!match_last4(in->last4)) return fail(cx->err, &MATCH_LAST4, "last4");
    TRY(tx_begin(&tx, cx));
    TRY(count_try(cx, in));
    TRY(look(cx, in, day, &found, &n));
    TRY(tell(cx, in, n == 1 ? found : NULL));
    out->kind = n ? MATCH_ACCOUNT : partner ? MATCH_PARTNER : MATCH_NONE;
    out->text = MESSAGE(cx->arena, in->locale ? in->locale : "en",
                        arena_printf(cx->arena, "match.%s", match_kinds.at[out->kind]),
                        partner ? partner->name : "");
    out->next_step = go_on(&cx->actor, (enum match_kind)out->kind);
    return tx_commit(&tx);
}
