/* dispatch: facts that messages need beside those of the outbox, and who gets them where and when.
 * SPDX-License-Identifier: Apache-2.0 */
#include "notify/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/code.h"
#include "base/locale.h"
#include "base/message.h"
#include "billing/billing.h"
#include "db/outbox.h"
#include "db/secret.h"
#include "dispatch_sql.h"
#include "notify/delivery_rules.h"
#include "notify/webhook.h"

/* One message in the making. */
struct event {
    struct ctx *cx;
    const struct catalog *catalog;
    const struct outbox_row *row;
    const struct message_kind *kind;
    struct account account;
    struct contact contact;
    const struct zone *zone;
    json_t *facts;
};

static const char *fact(const struct event *e, const char *name)
{
    const char *s = json_string_value(json_object_get(e->facts, name));

    return s ? s : "";
}

static void set(struct event *e, const char *name, const char *value)
{
    json_object_set_new(e->facts, name, json_string(value));
}

static void set_number(struct event *e, const char *name, int64_t value)
{
    json_object_set_new(e->facts, name, json_integer((json_int_t)value));
}

/* ---- facts ---- */

static void name_plan(struct event *e, const char *code, const char *as)
{
    const struct plan *p = catalog_plan(e->catalog, fact(e, code));

    if (*fact(e, code)) set(e, as, p ? p->name : fact(e, code));
}

static const char *label(const struct label *at, size_t n, const char *code)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(at[i].code, code) == 0) return at[i].name;
    return code;
}

/* "Visa 4242"; what has no number is told by its kind's or brand's name alone. */
static void name_method(struct event *e)
{
    const struct catalog *c = e->catalog;
    const char *brand = label(c->brands, c->n_brands, fact(e, "brand"));

    if (*brand)
        set(e, "method_name",
            arena_printf(e->cx->arena, "%s%s%s", brand, *fact(e, "last4") ? " " : "",
                         fact(e, "last4")));
}

/* Words and dates in one language: where we do not have the person's, or do not know it, English as
 * it is written in the country. */
static const char *locale_of(const struct event *e)
{
    const char *locale = e->account.locale;
    const char *language = message_language(e->cx->arena, locale);

    if (*locale && strncmp(locale, language, strlen(language)) == 0) return locale;
    return arena_printf(e->cx->arena, "en-%s", e->account.country);
}

/* "Basic €7.99; Premium €17.99" */
static void name_choices(struct event *e)
{
    const json_t *list = json_object_get(e->facts, "choices");
    char *text = arena_strdup(e->cx->arena, "");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *choice = json_array_get(list, i);
        const char *code = json_string_value(json_object_get(choice, "plan"));
        const struct plan *p = code ? catalog_plan(e->catalog, code) : NULL;
        int64_t const minor = json_integer_value(json_object_get(choice, "amount_minor"));

        if (p)
            text =
                arena_printf(e->cx->arena, "%s%s%s %s", text, *text ? "; " : "", p->name,
                             locale_money(e->cx->arena, locale_of(e), minor, fact(e, "currency")));
    }
    if (*text) set(e, "choices_text", text);
}

/* An instant of a fact, to the minute. */
static bool instant_of(const struct event *e, const char *name, int64_t *at)
{
    static const char midnight[] = "T00:00:00.000Z";
    const char *text = fact(e, name);
    char day[DAY_TEXT];

    snprintf(day, sizeof day, "%.10s", text);
    if (strlen(text) != 10 + sizeof midnight - 1 || !day_parse(day, at)) return false;
    int64_t const hours = (text[11] - '0') * 10 + text[12] - '0';
    int64_t const minutes = (text[14] - '0') * 10 + text[15] - '0';
    *at = *at * DAY_MS + (hours * 60 + minutes) * 60000;
    return true;
}

/* The local date of an instant. */
static void date_of(struct event *e, const char *instant, const char *as)
{
    char text[DAY_TEXT];
    int64_t at;

    if (instant_of(e, instant, &at)) set(e, as, day_text(zone_day(e->zone, at), text));
}

/* The date and the time, for what must be told to the minute. */
static void time_of(struct event *e, const char *instant, const char *as)
{
    int64_t at;

    if (instant_of(e, instant, &at))
        set(e, as, locale_instant(e->cx->arena, locale_of(e), e->zone, at));
}

static void name_partner(struct event *e)
{
    const struct partner *p = catalog_partner(e->catalog, fact(e, "partner"));

    if (*fact(e, "partner") && !*fact(e, "partner_name"))
        set(e, "partner_name", p ? p->name : fact(e, "partner"));
}

/* Who billed when what is told of was so. */
static void name_biller(struct event *e)
{
    const char *biller = fact(e, "biller");
    const struct partner *p = catalog_partner(e->catalog, biller);

    if (!*biller) return;
    set(e, "biller_name",
        p                               ? p->name
        : strcmp(biller, "direct") == 0 ? e->cx->settings->service_name
                                        : biller);
}

static void find_last_day(struct event *e)
{
    char text[DAY_TEXT];
    int64_t day;

    if (!*fact(e, "last_day") && day_parse(fact(e, "end_day"), &day))
        set(e, "last_day", day_text(day - 1, text));
}

/* As the account page says it: on hold the next retry, or nothing; in grace what is still open of
 * the unpaid charge. */
static void add_next(struct event *e, const struct overview *o)
{
    set(e, "next_on", o->next_charge_on);
    set_number(e, "next_minor",
               o->banner == BANNER_GRACE ? o->next_method_minor : o->next_total_minor);
    set(e, "next_currency", o->currency);
    set(e, "next_by", o->biller_name);
    if (strcmp(o->next_problem, BILLING_DISPUTED.code) == 0) set(e, "next_waits", HELD_BY_DISPUTE);
    if (*o->biller_name && !*o->next_charge_on) set(e, "next_on", o->period_end);
}

static void set_once(struct event *e, const char *name, const char *value)
{
    if (!*fact(e, name)) set(e, name, value);
}

/* A late letter tells of its own moment: of what has changed since nothing may slip in. A partner's
 * price is between them and the member. */
static void add_price(struct event *e, const struct overview *o)
{
    const char *plan = fact(e, "plan"), *currency = fact(e, "currency");

    if (json_object_get(e->facts, "price_currency")) return;
    if (json_integer_value(json_object_get(e->facts, "price_minor")) && *currency) {
        set(e, "price_currency", currency);
    } else if (!*o->biller_name && (!*plan || strcmp(plan, o->plan) == 0)) {
        set_number(e, "price_minor", o->price_minor);
        set(e, "price_currency", o->currency);
    }
}

static void add_overview(struct event *e, const struct overview *o)
{
    const char *anchor_on = *fact(e, "anchor_on") ? fact(e, "anchor_on") : o->anchor_on;
    int64_t anchor;

    set_once(e, "plan_name", o->plan_name);
    set_once(e, "biller_name", *o->biller_name ? o->biller_name : e->cx->settings->service_name);
    add_price(e, o);
    set_once(e, "email", e->account.email);
    if (!*fact(e, "billing_day") && day_parse(anchor_on, &anchor))
        set(e, "billing_day", arena_printf(e->cx->arena, "%lld", (long long)civil_of(anchor).day));
    set_once(e, "hold_until", o->hold_until);
    if (e->kind->next) add_next(e, o);
}

/* What the receipts of a batch say of the next charge stands in them: nothing is looked up. */
static bool says_next(struct event *e)
{
    if (!*fact(e, "next_day")) return false;
    set(e, "next_on", fact(e, "next_day"));
    return true;
}

/* A message goes out with what is known: a plan that the catalog has lost, say, must not hold up
 * what stands behind it. */
static enum status look_up(struct event *e)
{
    struct overview_get const in = {.account_id = e->row->account_id};
    struct overview o;

    if (says_next(e)) return OK;
    enum status const s = overview_get(e->cx, e->catalog, &in, &o);
    if (s == OK) add_overview(e, &o);
    return s == E_BUSY || s == E_INTERNAL || s == E_UNKNOWN ? s : OK;
}

static enum status gather(struct event *e)
{
    name_plan(e, "plan", "plan_name");
    name_plan(e, "from_plan", "from_name");
    name_plan(e, "to_plan", "to_name");
    name_choices(e);
    name_method(e);
    name_partner(e);
    name_biller(e);
    date_of(e, "since", "since_on");
    date_of(e, "at", "at_on");
    time_of(e, "received_at", "received_text");
    find_last_day(e);
    return look_up(e);
}

/* ---- deliveries ---- */

static int64_t due_at(const struct event *e)
{
    const struct settings *s = e->cx->settings;
    int64_t const from = e->contact.quiet_from < 0 ? s->quiet_from_minute : e->contact.quiet_from;
    int64_t const until =
        e->contact.quiet_until < 0 ? s->quiet_until_minute : e->contact.quiet_until;
    int64_t const at = e->row->happened_at;

    return e->kind->urgency == URGENCY_ROUTINE ? quiet_over_at(e->zone, from, until, at) : at;
}

static int64_t stale_at(const struct event *e)
{
    int64_t const late = e->row->happened_at + e->kind->stale_hours * HOUR_MS;
    int64_t day;

    if (!e->kind->until || !day_parse(fact(e, e->kind->until), &day)) return late;
    int64_t const end = zone_day_start(e->zone, day);
    return end < late ? end : late;
}

static enum status deliver(const struct event *e, enum channel channel, int64_t place,
                           const char *address)
{
    if (!*address && channel != CHANNEL_PUSH) return OK;
    return delivery_add(e->cx, NULL, .message_id = e->row->outbox_id, .channel = channel,
                        .place = place, .account_id = e->row->account_id, .address = address,
                        .urgency = e->kind->urgency, .due_at = due_at(e), .stale_at = stale_at(e));
}

static bool wants(const struct event *e, enum channel channel)
{
    return e->kind->channels & 1U << channel;
}

static enum status deliver_all(const struct event *e)
{
    const struct contact *c = &e->contact;
    bool const phone = *c->phone && c->phone_verified_at && !c->phone_failed_at;
    bool const old_phone = strcmp(fact(e, "which"), "phone") == 0;

    if (wants(e, CHANNEL_EMAIL)) TRY(deliver(e, CHANNEL_EMAIL, 1, e->account.email));
    if (wants(e, CHANNEL_TEXT) && phone && (e->kind->everywhere || c->text_agreed_at))
        TRY(deliver(e, CHANNEL_TEXT, 1, c->phone));
    if (wants(e, CHANNEL_PUSH) && c->push_agreed_at) TRY(deliver(e, CHANNEL_PUSH, 1, ""));
    if (e->kind->old_contact)
        TRY(deliver(e, old_phone ? CHANNEL_TEXT : CHANNEL_EMAIL, 2, fact(e, "old")));
    return OK;
}

/* ---- the whole ---- */

static enum status store(struct event *e)
{
    unsigned char random[REFERENCE_RANDOM];
    char reference[REFERENCE];

    secret_random(random, sizeof random);
    TRY(message_add(e->cx, NULL, .message_id = e->row->outbox_id, .account_id = e->row->account_id,
                    .topic = e->row->topic,
                    .reference = code_make(random, sizeof random, reference),
                    .happened_at = e->row->happened_at, .locale = locale_of(e),
                    .facts = json_text(e->cx->arena, e->facts, JSON_PRESERVE_ORDER)));
    return deliver_all(e);
}

static enum status dispatch(struct ctx *cx, const struct catalog *c, const struct outbox_row *row)
{
    struct event e = {.cx = cx, .catalog = c, .row = row, .kind = message_kind_find(row->topic)};

    if (!e.kind || !row->account_id) return OK;
    TRY(account_get(cx, row->account_id, &e.account));
    if (e.account.erased_at) return OK; /* nobody is left to write to */
    TRY(contact_load(cx, row->account_id, &e.contact));
    TRY(zone_find(e.account.zone, &e.zone, cx->err));
    CLEANUP(json_decrefp) json_t *facts = json_loads(row->body, 0, NULL);
    e.facts = facts;
    if (!json_is_object(facts)) return OK;
    TRY(gather(&e));
    return store(&e);
}

enum status notify_dispatch(struct ctx *cx, const struct catalog *c, size_t max, size_t *done)
{
    struct outbox_row *rows;
    TX tx = {0};
    size_t n;

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    TRY(outbox_take(cx, (int64_t)max, &rows, &n));
    for (size_t i = 0; i < n; i++) TRY(dispatch(cx, c, &rows[i]));
    TRY(webhook_plan(cx, rows, n));
    TRY(tx_commit(&tx));
    *done = n;
    return OK;
}
