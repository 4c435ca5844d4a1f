/* gift: cards become credit. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/luhn.h"
#include "base/message.h"
#include "base/sabotage.h"
#include "billing/billing.h"
#include "billing/credit.h"
#include "billing/gift_rules.h"
#include "billing/ledger.h"
#include "billing/pending.h"
#include "billing/reach.h"
#include "db/secret.h"
#include "gift_sql.h"
#include "policy/throttle.h"

const struct names gift_states = NAMES("inactive", "active", "used");
const struct names gift_findings =
    NAMES("unknown", "inactive", "used", "other_currency", "redeemable");

const struct fault GIFT_CURRENCY_UNKNOWN = {
    E_INVALID, "gift.currency_unknown",
    "That is no currency in use; give its three letters of ISO 4217."};
const struct fault GIFT_CARD_UNKNOWN = {E_NOT_FOUND, "gift.card_unknown",
                                        "There is no such gift card; give its reference, gft_…."};
const struct fault GIFT_MISTYPED = {
    E_INVALID, "gift.mistyped",
    "A gift code has 16 letters and digits, and this one has a mistake; compare it with the card."};
const struct fault GIFT_REFUSED = {
    E_NOT_FOUND, "gift.refused",
    "This code cannot be redeemed: it is wrong, not activated or already used; compare it with the "
    "card, or ask where it was bought with the receipt at hand."};
const struct fault GIFT_CURRENCY = {
    E_CONFLICT, "gift.currency",
    "This gift card is in another currency than the account; redeem it on an account of its own "
    "currency. It has not been used."};
const struct fault GIFT_PARTNER_BILLED = {
    E_CONFLICT, "gift.partner_billed",
    "A partner bills this membership; redeem the card when the partner's last period is over. It "
    "has not been used."};
const struct fault GIFT_NOT_NOW = {
    E_CONFLICT, "gift.not_now",
    "This account takes no gift cards any more; redeem the card on another one."};
const struct fault GIFT_TOO_MANY = {
    E_LIMIT, "gift.too_many",
    "Too many codes were wrong; try again in a day, with the card at hand."};

static const char secret_name[] = "gift_code";

static const char *reference(struct arena *a, int64_t card_id)
{
    char text[ID_TEXT];

    return arena_strdup(a, id_text("gft", card_id, text));
}

static const char *date_of(struct arena *a, int64_t day)
{
    char text[DAY_TEXT];

    return day ? arena_strdup(a, day_text(day, text)) : "";
}

/* --- issuing --- */

/* No code may look like the number of a payment card: those are refused wherever they are typed. */
static char *draw(char code[static GIFT_CODE], char text[static GIFT_CODE_TEXT])
{
    unsigned char random[GIFT_RANDOM];

    do {
        secret_random(random, sizeof random);
        gift_code_text(gift_code_make(random, code), text);
    } while (text_has_card_number(code) || text_has_card_number(text));
    return text;
}

/* Sold: who sells cards has the money, and whoever holds the card is owed it. */
static void post_sale(struct ctx *cx, struct ledger_batch *b, int64_t card_id, const char *currency,
                      int64_t amount_minor)
{
    ledger_post(cx->arena, b,
                (struct ledger_entry_add_all_in){.document_id = card_id,
                                                 .entry_no = 1,
                                                 .booked_at = cx->now,
                                                 .debit = BOOK_GIFT_SALES,
                                                 .credit = BOOK_GIFTS,
                                                 .currency = currency,
                                                 .amount_minor = amount_minor});
}

static enum status make_card(struct ctx *cx, const struct gift_issue *in,
                             struct gift_add_all_in *row, struct gift_card_made *made)
{
    char code[GIFT_CODE], text[GIFT_CODE_TEXT], *hash = arena_alloc(cx->arena, SECRET_HASH);

    TRY(db_id(cx, &row->card_id));
    made->card = reference(cx->arena, row->card_id);
    made->code = arena_strdup(cx->arena, draw(code, text));
    TRY(secret_hash(cx, secret_name, code, hash));
    row->code_hash = hash;
    row->gift_state = in->inactive ? GIFT_INACTIVE : GIFT_ACTIVE;
    row->amount_minor = in->amount_minor;
    row->currency = in->currency;
    row->issued_at = cx->now;
    row->activated_at = in->inactive ? 0 : cx->now;
    return OK;
}

enum status gift_issue(struct ctx *cx, const struct gift_issue *in, struct gift_issued *out)
{
    struct gift_issue issue = *in;
    struct ledger_batch ledger = {0};
    TX tx = {0};

    if (!currency_find(in->currency)) return fail(cx->err, &GIFT_CURRENCY_UNKNOWN, "currency");
    if (issue.count == 0) issue.count = 1;
    struct gift_add_all_in *rows =
        arena_array(cx->arena, struct gift_add_all_in, (size_t)issue.count);
    struct gift_card_made *made =
        arena_array(cx->arena, struct gift_card_made, (size_t)issue.count);
    TRY(tx_begin(&tx, cx));
    for (int64_t i = 0; i < issue.count; i++) {
        TRY(make_card(cx, &issue, &rows[i], &made[i]));
        if (!issue.inactive)
            post_sale(cx, &ledger, rows[i].card_id, issue.currency, issue.amount_minor);
    }
    TRY(gift_add_all(cx, rows, (size_t)issue.count, NULL));
    TRY(ledger_write(cx, &ledger));
    *out = (struct gift_issued){issue.amount_minor, issue.currency, (size_t)issue.count, made};
    return tx_commit(&tx);
}

enum status gift_activate(struct ctx *cx, const struct gift_activate *in,
                          struct gift_activated *out)
{
    struct ledger_batch ledger = {0};
    struct gift_card card;
    int64_t id, sold;
    TX tx = {0};

    if (!id_parse("gft", in->card, &id)) return fail(cx->err, &GIFT_CARD_UNKNOWN, "card");
    TRY(tx_begin(&tx, cx));
    TRY(gift_by_id(cx, &card, &GIFT_CARD_UNKNOWN, .card_id = id));
    TRY(gift_sell(cx, &sold, .card_id = id, .activated_at = cx->now));
    if (sold) post_sale(cx, &ledger, id, card.currency, card.amount_minor);
    TRY(ledger_write(cx, &ledger));
    *out = (struct gift_activated){reference(cx->arena, id), card.currency,
                                   sold ? GIFT_ACTIVE : card.gift_state, card.amount_minor};
    return tx_commit(&tx);
}

/* --- guessing --- */

/* Whoever is behind the call: the account or agent, the device and the network, as far as they are
 * known. */
static size_t guessers_of(struct ctx *cx, const struct gift_code *in, struct throttle out[static 3])
{
    const struct settings *s = cx->settings;
    bool const agent = cx->actor.role == ROLE_AGENT;
    size_t n = 0;

    out[n++] = (struct throttle){
        "gift", agent ? "agent" : "account",
        arena_printf(cx->arena, "%lld", (long long)(agent ? cx->actor.id : in->account_id)),
        s->gift_wrong_account};
    if (cx->actor.device && *cx->actor.device)
        out[n++] = (struct throttle){"gift", "device", cx->actor.device, s->gift_wrong_device};
    if (cx->actor.network && *cx->actor.network)
        out[n++] = (struct throttle){"gift", "network", cx->actor.network, s->gift_wrong_network};
    return n;
}

/* The same answer whatever the code is, so that nothing can be learned by waiting. */
static enum status refuse_guessers(struct ctx *cx, const struct throttle *g, size_t n)
{
    bool over;

    TRY(throttle_over(cx, g, n, &over));
    return over ? fail(cx->err, &GIFT_TOO_MANY, "code") : OK;
}

/* --- looking --- */

static enum status find(struct ctx *cx, const char *typed, struct gift_card *card, bool *found)
{
    char code[GIFT_CODE], hash[SECRET_HASH];
    struct gift_card *rows;
    size_t n;

    if (!gift_code_read(typed, code)) return fail(cx->err, &GIFT_MISTYPED, "code");
    TRY(secret_hash(cx, secret_name, code, hash));
    TRY(gift_by_hash(cx, &rows, &n, .code_hash = hash, .max = 1));
    *found = n > 0;
    if (n) *card = rows[0];
    return OK;
}

static enum gift_finding finding_of(const struct gift_card *card, bool found,
                                    const struct account *account)
{
    if (!found) return GIFT_FOUND_UNKNOWN;
    if (card->gift_state == GIFT_INACTIVE) return GIFT_FOUND_INACTIVE;
    if (card->gift_state == GIFT_USED && !SABOTAGE("code_reusable")) return GIFT_FOUND_USED;
    return strcmp(card->currency, account->currency) == 0 ? GIFT_FOUND_GOOD : GIFT_FOUND_CURRENCY;
}

static enum status describe(struct ctx *cx, const struct gift_code *in,
                            const struct account *account, const struct gift_card *card,
                            enum gift_finding finding, struct gift_checked *out)
{
    bool const found = finding != GIFT_FOUND_UNKNOWN, used = finding == GIFT_FOUND_USED;
    const struct zone *z;

    TRY(zone_find(account->zone, &z, cx->err));
    *out = (struct gift_checked){
        .finding = finding,
        .amount_minor = found ? card->amount_minor : 0,
        .card = found ? reference(cx->arena, card->card_id) : "",
        .currency = found ? card->currency : "",
        .redeemed_on = used ? date_of(cx->arena, zone_day(z, card->redeemed_at)) : "",
        .by_this_member = used && card->account_id == in->account_id,
        .text = message_of(cx->arena, account->locale, "gift", gift_findings.at[finding]),
        .warning = message_of(cx->arena, account->locale, "gift", "warning"),
    };
    return OK;
}

enum status gift_look(struct ctx *cx, const struct gift_code *in, struct gift_checked *out)
{
    struct throttle guessers[3];
    size_t const n = guessers_of(cx, in, guessers);
    struct account account;
    struct gift_card card = {0};
    bool found;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(refuse_guessers(cx, guessers, n));
    TRY(account_get(cx, in->account_id, &account));
    TRY(find(cx, in->code, &card, &found));
    enum gift_finding const finding = finding_of(&card, found, &account);
    if (finding < GIFT_FOUND_CURRENCY) TRY(throttle_count(cx, guessers, n));
    TRY(describe(cx, in, &account, &card, finding, out));
    return tx_commit(&tx);
}

/* --- redeeming --- */

static enum status refuse_finding(struct ctx *cx, enum gift_finding finding)
{
    if (finding == GIFT_FOUND_GOOD) return OK;
    return fail(cx->err, finding == GIFT_FOUND_CURRENCY ? &GIFT_CURRENCY : &GIFT_REFUSED, "code");
}

/* SPEC DT-6. What a partner bills ends with the partner's last period (SPEC J-07). */
static enum status refuse_standing(struct ctx *cx, int64_t account_id)
{
    struct account account;
    struct membership m;

    TRY(account_get(cx, account_id, &account));
    TRY(account_refuse_locked(cx, &account));
    TRY(membership_get(cx, account_id, &m));
    if (m.state == M_DELETED) return fail(cx->err, &GIFT_NOT_NOW, NULL);
    if (is_partner_billed(&m) && m.state != M_CANCELED && m.state != M_NONE)
        return fail(cx->err, &GIFT_PARTNER_BILLED, NULL);
    return OK;
}

enum status gift_may_redeem(struct ctx *cx, const struct gift_code *in)
{
    struct gift_checked seen;

    TRY(refuse_standing(cx, in->account_id));
    TRY(gift_look(cx, in, &seen));
    return refuse_finding(cx, (enum gift_finding)seen.finding);
}

static enum status use(struct ctx *cx, const struct gift_code *in, struct gift_card *card)
{
    struct account account;
    int64_t used;
    bool found;

    TRY(refuse_standing(cx, in->account_id));
    TRY(account_get(cx, in->account_id, &account));
    TRY(find(cx, in->code, card, &found));
    TRY(refuse_finding(cx, finding_of(card, found, &account)));
    TRY(gift_use(cx, &used, .card_id = card->card_id, .account_id = in->account_id,
                 .redeemed_at = cx->now));
    if (!used && !SABOTAGE("code_reusable")) return fail(cx->err, &GIFT_REFUSED, "code");
    struct credit_move const m = {.account_id = in->account_id,
                                  .kind = CREDIT_REDEEM,
                                  .amount_minor = card->amount_minor,
                                  .currency = card->currency,
                                  .cause_id = card->card_id};
    return credit_post(cx, &m, NULL);
}

enum status gift_tell(struct ctx *cx, const struct catalog *c, int64_t account_id,
                      struct gift_redeemed *out)
{
    struct membership m;
    struct reach reach;

    TRY(membership_get(cx, account_id, &m));
    TRY(reach_of(cx, c, account_id, &reach));
    out->membership = m.state;
    out->balance_minor = reach.balance_minor;
    out->pays_until = date_of(cx->arena, reach.until_day);
    out->short_on = date_of(cx->arena, reach.short_day);
    out->short_minor = reach.short_minor;
    return OK;
}

enum status gift_redeem(struct ctx *cx, const struct catalog *c, const struct gift_code *in,
                        struct gift_redeemed *out)
{
    struct gift_card card;
    const char *locale;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(use(cx, in, &card));
    TRY(account_locale(cx, in->account_id, NULL, &locale));
    *out = (struct gift_redeemed){.card = reference(cx->arena, card.card_id),
                                  .currency = card.currency,
                                  .amount_minor = card.amount_minor,
                                  .warning = message_of(cx->arena, locale, "gift", "warning")};
    TRY(cancel_reaches_further(cx, c, in->account_id));
    TRY(gift_tell(cx, c, in->account_id, out));
    TRY(reach_release(cx, c, in->account_id));
    return tx_commit(&tx);
}

/* --- what is left --- */

static enum status lots_of(struct ctx *cx, int64_t account_id, const struct zone *z,
                           struct gift_balance *out)
{
    struct credit_life life;

    TRY(credit_life_of(cx, account_id, &life));
    out->n = life.story.n_lots;
    out->lots = arena_array(cx->arena, struct gift_lot, out->n + 1);
    for (size_t i = 0; i < out->n; i++) {
        const struct credit_lot *lot = &life.story.lots[i];
        const struct credit_story_row *e = &life.rows[lot->step];

        out->lots[i] = (struct gift_lot){.kind = credit_kinds.at[e->credit_kind],
                                         .card = credit_card_of(&life, i, cx->arena),
                                         .came_on = date_of(cx->arena, zone_day(z, e->booked_at)),
                                         .amount_minor = lot->minor,
                                         .left_minor = lot->left};
    }
    return OK;
}

enum status gift_balance(struct ctx *cx, const struct catalog *c, const struct gift_ask *in,
                         struct gift_balance *out)
{
    struct account account;
    const struct zone *z;
    struct reach reach;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(account_get(cx, in->account_id, &account));
    TRY(zone_find(account.zone, &z, cx->err));
    TRY(reach_of(cx, c, in->account_id, &reach));
    *out = (struct gift_balance){
        .balance_minor = reach.balance_minor,
        .short_minor = reach.short_minor,
        .currency = account.currency,
        .pays_until = date_of(cx->arena, reach.until_day),
        .short_on = date_of(cx->arena, reach.short_day),
        .warning = message_of(cx->arena, account.locale, "gift", "warning"),
    };
    TRY(lots_of(cx, in->account_id, z, out));
    return tx_commit(&tx);
}
