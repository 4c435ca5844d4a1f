/* banner: the standing of a membership as sentences. SPDX-License-Identifier: Apache-2.0 */
#include "notify/banner.h"

#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/locale.h"
#include "base/message.h"
#include "billing/billing.h"

enum { BANNERS_MAX = 8 };
static const char none[] = "none"; /* what texts ask for where there is no such fact */

/* Where banners lead. */
static const enum option_action ways[] = {ACTION_PAYMENT_CHANGE, ACTION_CANCEL, ACTION_UNDO_CANCEL,
                                          ACTION_RESUME};

unsigned banner_facts(void)
{
    unsigned facts = 0;

    for (size_t i = 0; i < COUNT(ways); i++) facts |= option_facts_of(ways[i]);
    return facts;
}

struct making {
    struct ctx *cx;
    const struct option_case *is;
    const char *locale;
    const char *biller, *to_pay; /* a partner and the words of where to pay there; or none */
    struct banner_view *list;
    size_t n;
};

/* Only the owner is told of money; whoever else watches learns whom to ask. */
static bool is_owner(const struct making *m)
{
    return m->is->role == ROLE_OWNER || m->is->role == ROLE_AGENT || m->is->role == ROLE_SYSTEM;
}

static void add(struct making *m, const char *code, const char *date, enum option_action action,
                const char *key)
{
    const struct option_rule *way = action ? option_decide(action, m->is) : NULL;
    struct arena *a = m->cx->arena;
    int64_t day;
    bool const dated = day_parse(date, &day);

    m->list[m->n++] = (struct banner_view){
        .code = code,
        .text = MESSAGE(a, m->locale, arena_printf(a, "banner.%s", key),
                        dated ? locale_date(a, m->locale, day) : none, m->biller, m->to_pay),
        .until = dated ? date : "",
        .action = way && way->result != OPTION_DISABLED ? option_abouts[action].id : "",
        .place = way ? option_places.at[way->why->place] : ""};
}

/* Of a hold, what the biller's members can do (SPEC D-16). */
static const char *hold_key(const struct making *m, const struct overview *o)
{
    if (!is_owner(m)) return "hold.other";
    return *o->biller_name ? "hold.partner" : *o->held_back ? "hold.disputed" : "hold";
}

static const char *grace_key(const struct making *m, const struct overview *o)
{
    if (!is_owner(m)) return "grace.other";
    return *o->held_back ? "grace.disputed" : "grace";
}

static void add_payment(struct making *m, const struct overview *o)
{
    if (o->state == M_HOLD) add(m, "hold", o->hold_until, ACTION_PAYMENT_CHANGE, hold_key(m, o));
    if (o->state == M_GRACE)
        add(m, "grace", o->grace_until, ACTION_PAYMENT_CHANGE, grace_key(m, o));
}

static void add_end(struct making *m, const struct overview *o)
{
    char since[DAY_TEXT] = "";

    if (*o->unfinished_since && is_owner(m)) {
        memcpy(since, o->unfinished_since, 10);
        add(m, "cancel_unfinished", arena_strdup(m->cx->arena, since), ACTION_CANCEL,
            "cancel_unfinished");
    }
    if (o->state == M_ENDING) add(m, "ending", o->last_day, ACTION_UNDO_CANCEL, "ending");
    if (o->state == M_PAUSED) add(m, "paused", o->resume_on, ACTION_RESUME, "paused");
}

enum status banner_list(struct ctx *cx, const struct catalog *c, const struct banner_ask *in,
                        const struct option_case *is, struct banners_view *out)
{
    struct making m = {
        .cx = cx, .is = is, .list = arena_array(cx->arena, struct banner_view, BANNERS_MAX)};
    struct overview_get const ask = {.account_id = in->account_id};
    struct account account;
    struct contact contact;
    struct overview o;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(account_get(cx, in->account_id, &account));
    TRY(contact_load(cx, in->account_id, &contact));
    TRY(overview_get(cx, c, &ask, &o));
    m.locale = account.locale;
    m.biller = *o.biller_name ? o.biller_name : none;
    m.to_pay = *o.to_pay.text ? o.to_pay.text : none;
    if (account.locked_at && is_owner(&m)) add(&m, "locked", "", ACTION_NONE, "locked");
    add_payment(&m, &o);
    add_end(&m, &o);
    if (contact.email_failed_at && is_owner(&m))
        add(&m, "unreachable", "", ACTION_NONE, "unreachable");
    *out = (struct banners_view){id_text("mem", in->account_id, arena_alloc(cx->arena, ID_TEXT)),
                                 m.list, m.n};
    return tx_commit(&tx);
}
