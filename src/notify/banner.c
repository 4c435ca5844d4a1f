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
    struct banner_view *list;
    size_t n;
};

/* Only the owner is told of money; whoever else watches learns whom to ask. */
static bool is_owner(const struct making *m)
{
    return m->is->role == ROLE_OWNER || m->is->role == ROLE_AGENT || m->is->role == ROLE_SYSTEM;
}

static const char *place_of(const struct making *m, enum option_action action)
{
    return action ? option_places.at[option_decide(action, m->is)->why->place] : "";
}

static void add(struct making *m, const char *code, const char *date, enum option_action action,
                const char *key)
{
    struct arena *a = m->cx->arena;
    int64_t day;
    bool const dated = day_parse(date, &day);

    m->list[m->n++] =
        (struct banner_view){.code = code,
                             .text = MESSAGE(a, m->locale, arena_printf(a, "banner.%s", key),
                                             dated ? locale_date(a, m->locale, day) : "none"),
                             .until = dated ? date : "",
                             .action = action ? option_abouts[action].id : "",
                             .place = place_of(m, action)};
}

static void add_payment(struct making *m, const struct overview *o)
{
    bool const owner = is_owner(m);

    if (o->state == M_HOLD)
        add(m, "hold", o->hold_until, ACTION_PAYMENT_CHANGE, owner ? "hold" : "hold.other");
    if (o->state == M_GRACE)
        add(m, "grace", o->grace_until, ACTION_PAYMENT_CHANGE, owner ? "grace" : "grace.other");
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
    struct making m = {cx, is, "en", arena_array(cx->arena, struct banner_view, BANNERS_MAX), 0};
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
    if (account.locked_at && is_owner(&m)) add(&m, "locked", "", ACTION_NONE, "locked");
    add_payment(&m, &o);
    add_end(&m, &o);
    if (contact.email_failed_at && is_owner(&m))
        add(&m, "unreachable", "", ACTION_NONE, "unreachable");
    *out = (struct banners_view){id_text("mem", in->account_id, arena_alloc(cx->arena, ID_TEXT)),
                                 m.list, m.n};
    return tx_commit(&tx);
}
