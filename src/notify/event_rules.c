/* event_rules: the types, the facts, and how they are written.
 * SPDX-License-Identifier: Apache-2.0 */
#include "notify/event_rules.h"

#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/shape.h"

/* clang-format off */
/* The facts that several topics share. */
#define CHARGE "charge amount_minor credit_minor currency code state grace_until period_end"
#define STEP "state grace_until hold_until kept_until"
#define PENDING                                                                                    \
    "state biller plan price_minor amount_minor currency code anchor_on next_charge_on who"
#define PAUSE "state months pause_on resume_on"
#define CHANGE \
    "change from_plan to_plan effect effective_on amount_minor currency " \
    "period_end who code"
#define DAY "change days_from days_until moved_to amount_minor currency who code"
#define SLOT "slot slot_no state from last_day amount_minor currency who code"
#define PARTNER "state plan partner period_start period_end end_day"
#define REFUND "refund charge amount_minor currency to circumstance"
#define DISPUTE "charge amount_minor currency reason"
#define METHOD "method kind brand last4 place"
#define OUTSIDE "method brand last4 expires cause next_charge_on partner_bills"

const struct event_type event_types[] = {
    {"account.compare_code", NULL,
     "Somebody wants to see this account beside another one of theirs.",
     ""},
    {"account.compare_none", NULL,
     "Somebody asked for a code of an account that is not there.",
     ""},
    {"account.delete_decided", NULL,
     "An owner has asked for an early erasure.",
     "erase_on"},
    {"account.delete_undone", NULL,
     "An owner has taken that back.",
     ""},
    {"account.erase_announced", NULL,
     "The account will be erased on that day.",
     "erase_on"},
    {"account.erased", NULL,
     "The account is erased; forget what you keep of it.",
     ""},
    {"account.locked", NULL,
     "Everything stops while a takeover is looked into.",
     "state"},
    {"account.unlocked", NULL,
     "The lock is lifted.",
     "state outcome"},
    {"charge.match_none", NULL,
     "Somebody looked for a line of a bank statement, and nothing matches.",
     "charge amount_minor currency last4"},
    {"charge.matched", NULL,
     "Somebody looked for a line of a bank statement, and it is this charge.",
     "charge amount_minor currency last4"},
    {"contact.changed", NULL,
     "The owner's address or phone was changed; both the old and the new one were told.",
     "which who"},
    {"credit.low", "billing.credit_low",
     "Credit will not pay for the next charge.",
     "balance_minor currency short_on charge_minor short_minor"},
    {"dispute.lost", "billing.dispute_lost",
     "The bank has kept the money of a disputed charge.",
     DISPUTE},
    {"dispute.opened", "billing.dispute_opened",
     "A bank has taken a charge back.",
     DISPUTE},
    {"dispute.won", "billing.dispute_won",
     "The money of a disputed charge has come back.",
     DISPUTE},
    {"membership.billing_day_moved", NULL,
     "The billing day has moved; the days until then are paid.",
     DAY},
    {"membership.billing_day_refused", NULL,
     "The days until a new billing day could not be paid for.",
     DAY},
    {"membership.cancel_confirmed", NULL,
     "The owner was given proof of a cancel.",
     "state end_day last_day cancelled_at kept_until"},
    {"membership.cancel_form_received", NULL,
     "A cancellation came in by the form without signing in.",
     "form received_at outcome ground last_day"},
    {"membership.cancel_undone", NULL,
     "A cancel was taken back before it took effect.",
     "state next_charge_on"},
    {"membership.cancel_unfinished", NULL,
     "A cancel was begun and not finished.",
     "state since"},
    {"membership.canceled", NULL,
     "The membership is over; there is no access.",
     STEP " charge amount_minor credit_minor currency code period_end partner"
     " period_start end_day last_day cancelled_at"},
    {"membership.confirmation_again", NULL,
     "The owner asked for the confirmation of sign-up again.",
     "biller plan joined_on price_minor price_currency billing_day"},
    {"membership.direct_resumes", NULL,
     "A partner's part ends and we charge again.",
     PARTNER " next_charge_on total_minor currency"},
    {"membership.ended", NULL,
     "A paid period has ended and with it the membership.",
     STEP},
    {"membership.ending", NULL,
     "The membership will end with its paid period.",
     "state end_day last_day cancelled_at kept_until partner period_start period_end"},
    {"membership.grace_reminder", NULL,
     "A payment is still missing; access goes on for now.",
     STEP " held_back"},
    {"membership.grace_started", NULL,
     "A renewal has failed; access goes on for now.",
     CHARGE " held_back"},
    {"membership.held", NULL,
     "Access is stopped until the membership is paid.",
     STEP " charge amount_minor credit_minor currency code period_end held_back"},
    {"membership.late_payment", NULL,
     "A payment came after what it was for had lapsed; it goes back.",
     PENDING},
    {"membership.paid_twice", NULL,
     "A member whom a partner bills seems to pay us too.",
     "partner same_email same_card"},
    {"membership.partner_activated", NULL,
     "A partner bills the member from now on.",
     PARTNER},
    {"membership.partner_held", NULL,
     "A partner has stopped access.",
     PARTNER},
    {"membership.partner_plan", NULL,
     "A partner has changed the plan.",
     PARTNER " from to"},
    {"membership.partner_resumed", NULL,
     "A partner has opened access again.",
     PARTNER},
    {"membership.pause_decided", "pause.decided",
     "A pause will begin with the end of the paid period.",
     PAUSE},
    {"membership.pause_extended", "pause.extended",
     "A pause is longer now.",
     PAUSE},
    {"membership.pause_withdrawn", "pause.withdrawn",
     "A pause was taken back before it began.",
     PAUSE},
    {"membership.paused", NULL,
     "A pause has begun; there is no access.",
     PAUSE},
    {"membership.payment_refused", NULL,
     "The payment for a start, restart or resume was refused.",
     PENDING},
    {"membership.plan_change_refused", NULL,
     "A plan change could not be paid for.",
     CHANGE},
    {"membership.plan_change_scheduled", NULL,
     "The plan will change on a later date.",
     CHANGE},
    {"membership.plan_change_withdrawn", NULL,
     "A planned change was taken back.",
     CHANGE},
    {"membership.plan_changed", NULL,
     "The plan has changed.",
     CHANGE},
    {"membership.recovered", NULL,
     "An unpaid membership is paid and as before.",
     CHARGE},
    {"membership.renewed", "billing.renewed",
     "A period is paid.",
     "charge amount_minor credit_minor currency code state period_end next_on next_minor"
     " next_currency grace_until"},
    {"membership.restart_begun", NULL,
     "An ended membership is being restarted.",
     "plan who surface at"},
    {"membership.restart_blocked", NULL,
     "Somebody who may not tried to restart an ended membership.",
     "who at"},
    {"membership.restart_dropped", NULL,
     "A restart that was held back cannot begin any more.",
     "code reason"},
    {"membership.restart_held", NULL,
     "A restart looks unusual and waits for its owner.",
     "who at risks held_until"},
    {"membership.restart_undone", NULL,
     "A restart that was not the owner's is undone.",
     "state refunds amount_minor waits_minor currency"},
    {"membership.restarted", NULL,
     "A membership is back, in a new term.",
     PENDING},
    {"membership.resume_reminder", NULL,
     "A pause will end soon and charging restart.",
     PAUSE},
    {"membership.resumed", NULL,
     "A pause is over and paid for.",
     PENDING},
    {"membership.started", NULL,
     "A membership has begun.",
     PENDING},
    {"membership.unused_ended", NULL,
     "Nobody watches and nobody answered: it ends with its period.",
     "end_day"},
    {"membership.use_question", NULL,
     "Nobody watches: the owner is asked whether to stay.",
     "answer_by"},
    {"membership.withdrawn", NULL,
     "An owner has withdrawn within the legal time.",
     "amount_minor waits_minor currency"},
    {"method.added", NULL,
     "A payment method was added.",
     METHOD},
    {"method.closed", NULL,
     "A bank has closed what a method stands for.",
     OUTSIDE},
    {"method.endangers_charge", NULL,
     "Nothing usable is left for the next charge.",
     OUTSIDE},
    {"method.expires", NULL,
     "A method expires before the next charge.",
     "method expires next_charge_on may_still_be_charged"},
    {"method.primary_changed", NULL,
     "Another method is charged first.",
     METHOD},
    {"method.removed", NULL,
     "A payment method was removed.",
     METHOD},
    {"method.replaced", NULL,
     "The card network has replaced a card or its date.",
     OUTSIDE},
    {"method.revoked", NULL,
     "A member has revoked a mandate at the bank.",
     OUTSIDE},
    {"method.updated", NULL,
     "A payment method has new details.",
     METHOD},
    {"plan.retiring", NULL,
     "A plan is retired: its owner is asked what takes its place.",
     "plan last_day applies_on to_plan amount_minor currency choices"},
    {"price.notice", NULL,
     "A new price was announced.",
     "plan from applies_on old_minor new_minor changes slot_old_minor slot_new_minor "
     "total_old_minor total_new_minor currency asks_consent"},
    {"refund.decided", "billing.refund_decided",
     "Money of a charge will go back.",
     REFUND},
    {"refund.done", "billing.refunded",
     "Money of a charge has gone back.",
     REFUND},
    {"refund.failed", "billing.refund_failed",
     "Money could not go back the way it came.",
     REFUND},
    {"slot.bought", NULL,
     "A slot for an extra member was bought.",
     SLOT},
    {"slot.canceled", NULL,
     "A slot will end with its paid period.",
     SLOT},
    {"slot.held", NULL,
     "A slot could not be paid for.",
     SLOT},
    {"slot.kept", NULL,
     "A slot that was to end goes on.",
     SLOT},
    {"slot.paid", NULL,
     "A slot is paid for.",
     SLOT},
};

const struct event_field event_fields[] = {
    {"amount_minor", NULL, NULL,
     "Minor units."},
    {"anchor_on", NULL, NULL,
     "First day of the new term."},
    {"answer_by", NULL, NULL,
     "Last day for an answer."},
    {"applies_on", NULL, NULL,
     "Day of the first charge at the new price, or without the plan."},
    {"asks_consent", NULL, NULL,
     "Whether the law asks for the owner's consent."},
    {"at", NULL, NULL,
     "When it was asked for."},
    {"balance_minor", NULL, NULL,
     "Credit that is left, in minor units."},
    {"biller", NULL, NULL,
     "`direct` or a partner's code."},
    {"billing_day", NULL, NULL,
     "Day of the month, such as 31."},
    {"brand", NULL, NULL,
     "Of a card or wallet."},
    {"cancelled_at", NULL, NULL,
     "When it was cancelled."},
    {"cause", NULL, NULL,
     "What happened to the method."},
    {"change", "change_id", "pch",
     "Reference of the change of plan or billing day."},
    {"charge", "charge_id", "chg",
     "Reference of the charge."},
    {"charge", NULL, NULL,
     "Reference of the charge."},
    {"changes", NULL, NULL,
     "Whose price: `plan`, `slot` or `both`."},
    {"charge_minor", NULL, NULL,
     "The next charge, in minor units."},
    {"choices", NULL, NULL,
     "What can be chosen: `plan` and `amount_minor` of its first period."},
    {"circumstance", NULL, NULL,
     "Why the money goes back."},
    {"code", NULL, NULL,
     "Decline code of the payment; empty when it was not declined."},
    {"credit_minor", NULL, NULL,
     "Part that credit has paid, in minor units."},
    {"currency", NULL, NULL,
     "ISO 4217."},
    {"days_from", NULL, NULL,
     "First of the days that were to be paid; empty: none."},
    {"days_until", NULL, NULL,
     "Last of them."},
    {"effect", NULL, NULL,
     "How the change treats money."},
    {"effective_on", NULL, NULL,
     "From when the new plan counts."},
    {"end_day", NULL, NULL,
     "First day without access."},
    {"erase_on", NULL, NULL,
     "Day of the erasure."},
    {"expires", NULL, NULL,
     "Month of expiry."},
    {"form", NULL, NULL,
     "Reference of the form."},
    {"from", NULL, NULL,
     "From when it counts, or the plan before."},
    {"from_plan", NULL, NULL,
     "The plan before."},
    {"grace_until", NULL, NULL,
     "First day without access when nobody pays."},
    {"ground", NULL, NULL,
     "Ordinary or for cause."},
    {"held_back", NULL, NULL,
     "Why the payment was not even tried: dispute; empty: it was."},
    {"held_until", NULL, NULL,
     "When it begins unless it is stopped."},
    {"hold_until", NULL, NULL,
     "Day on which an unpaid membership ends."},
    {"joined_on", NULL, NULL,
     "Day of sign-up."},
    {"kept_until", NULL, NULL,
     "Until when data is kept for a restart."},
    {"kind", NULL, NULL,
     "card, wallet, …"},
    {"last4", NULL, NULL,
     "The last four digits."},
    {"last_day", NULL, NULL,
     "Last day of access."},
    {"may_still_be_charged", NULL, NULL,
     "An expired card often still pays."},
    {"method", NULL, NULL,
     "Reference of the payment method."},
    {"months", NULL, NULL,
     "Of the pause in all."},
    {"moved_to", NULL, NULL,
     "First day of a period with the new billing day."},
    {"new_minor", NULL, NULL,
     "The new price, in minor units."},
    {"next_charge_on", NULL, NULL,
     "Day of the next charge."},
    {"next_currency", NULL, NULL,
     "Of the next charge."},
    {"next_minor", NULL, NULL,
     "The next charge, in minor units."},
    {"next_on", "next_day", NULL,
     "Day of the next charge."},
    {"old_minor", NULL, NULL,
     "The price before, in minor units."},
    {"outcome", NULL, NULL,
     "What came of it."},
    {"partner", NULL, NULL,
     "The partner's code in the catalog."},
    {"partner_bills", NULL, NULL,
     "Whether a partner bills the member."},
    {"pause_on", NULL, NULL,
     "First day without access."},
    {"period_end", NULL, NULL,
     "First day after the paid period."},
    {"period_start", NULL, NULL,
     "First day of the paid period."},
    {"place", NULL, NULL,
     "0: charged first."},
    {"plan", NULL, NULL,
     "Code of the plan."},
    {"price_currency", NULL, NULL,
     "ISO 4217; empty where the price is not known."},
    {"price_minor", NULL, NULL,
     "What a month of the plan costs, in minor units; 0: not known."},
    {"reason", NULL, NULL,
     "The bank's reason."},
    {"received_at", NULL, NULL,
     "When it came in."},
    {"refund", NULL, NULL,
     "Reference of the refund."},
    {"refunds", NULL, NULL,
     "How many charges go back."},
    {"resume_on", NULL, NULL,
     "Day on which charging restarts."},
    {"risks", NULL, NULL,
     "Why it looks unusual."},
    {"same_card", NULL, NULL,
     "Other memberships with the same card."},
    {"same_email", NULL, NULL,
     "Other memberships with the same address."},
    {"slot_new_minor", NULL, NULL,
     "The new price of each slot, in minor units; only where it changes."},
    {"slot_old_minor", NULL, NULL,
     "That price before, in minor units."},
    {"short_minor", NULL, NULL,
     "What will be missing, in minor units."},
    {"short_on", NULL, NULL,
     "Day of the charge that credit will not pay."},
    {"since", NULL, NULL,
     "When it was begun."},
    {"slot", "slot_id", "slt",
     "Reference of the slot."},
    {"slot_no", NULL, NULL,
     "Its number on the account."},
    {"state", NULL, NULL,
     "Of the membership or slot afterwards."},
    {"surface", NULL, NULL,
     "Where it was asked for."},
    {"to", NULL, NULL,
     "Where the money goes, or the plan afterwards."},
    {"to_plan", NULL, NULL,
     "The plan afterwards."},
    {"total_minor", NULL, NULL,
     "Of the next charge, tax included, in minor units."},
    {"which", NULL, NULL,
     "email or phone."},
    {"total_new_minor", NULL, NULL,
     "The new price of a whole month with its slots, in minor units; only of who has slots."},
    {"total_old_minor", NULL, NULL,
     "That price before, in minor units."},
    {"waits_minor", NULL, NULL,
     "The same amount of what a bank is taking back, in minor units: it goes back when that "
     "dispute is won."},
    {"who", NULL, NULL,
     "Role of who asked: owner, agent, system, …"},
};
/* clang-format on */
const size_t n_event_types = COUNT(event_types), n_event_fields = COUNT(event_fields);
const struct event_type EVENT_PING = {"webhook.ping", NULL, "An operator tries the endpoint.", ""};

/* Thin: whoever is told looks the rest up with the rights they have. */
static const char *const withheld[] = {"because", "country", "descriptor",  "device", "email",
                                       "link",    "name",    "network",     "new",    "old",
                                       "on",      "place",   "reference",   "route",  "surface",
                                       "to",      "way_out", "partner_name"};

/* Whoever has one of these may act: it stands in the message to the owner and nowhere else. */
static const char *const codes[] = {"compare_code", "confirm_code", "keep_code", "not_me_code"};

static bool is_among(const char *const *names, size_t n, const char *stored)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], stored) == 0) return true;
    return false;
}

static const char *stored_name(const struct event_field *f)
{
    return f->stored ? f->stored : f->name;
}

bool event_withheld(const char *stored)
{
    return is_among(withheld, COUNT(withheld), stored) || is_among(codes, COUNT(codes), stored);
}

const char *event_topic(const struct event_type *t)
{
    return t->topic ? t->topic : t->type;
}

const struct event_type *event_of_topic(const char *topic)
{
    for (size_t i = 0; i < n_event_types; i++)
        if (strcmp(event_topic(&event_types[i]), topic) == 0) return &event_types[i];
    return NULL;
}

static bool lists(const char *words, const char *word)
{
    size_t const n = strlen(word);

    for (const char *s = words; *s; s += strcspn(s, " "), s += *s == ' ')
        if (strncmp(s, word, n) == 0 && (s[n] == ' ' || !s[n])) return true;
    return false;
}

const struct event_field *event_field_of(const struct event_type *t, const char *stored)
{
    for (size_t i = 0; i < n_event_fields; i++)
        if (strcmp(stored_name(&event_fields[i]), stored) == 0 &&
            lists(t->fields, event_fields[i].name))
            return &event_fields[i];
    return NULL;
}

const char *event_unlisted(struct arena *a, const char *topic, const char *body)
{
    CLEANUP(json_decrefp) json_t *facts = json_loads(body, 0, NULL);
    const struct event_type *t = event_of_topic(topic);
    const char *stored;
    json_t *value;

    if (!t) return topic;
    json_object_foreach (facts, stored, value) {
        if (!event_field_of(t, stored) && !event_withheld(stored)) return arena_strdup(a, stored);
    }
    return NULL;
}

const char *event_facts(struct arena *a, const char *topic, const char *body)
{
    CLEANUP(json_decrefp) json_t *facts = json_loads(body, 0, NULL), *listed = json_object();
    const struct event_type *t = event_of_topic(topic);
    const char *stored;
    json_t *value;

    json_object_foreach (facts, stored, value) {
        if (t && event_field_of(t, stored)) json_object_set(listed, stored, value);
    }
    return json_text(a, listed, JSON_COMPACT | JSON_PRESERVE_ORDER);
}

const char *event_codeless(struct arena *a, const char *facts)
{
    CLEANUP(json_decrefp) json_t *kept = json_loads(facts, 0, NULL);

    if (!json_is_object(kept)) return facts;
    for (size_t i = 0; i < COUNT(codes); i++) json_object_del(kept, codes[i]);
    return json_text(a, kept, JSON_COMPACT | JSON_PRESERVE_ORDER);
}

static json_t *told(const struct event_field *f, const json_t *value)
{
    char text[ID_TEXT];

    if (f->prefix) return json_string(id_text(f->prefix, json_integer_value(value), text));
    return json_incref((json_t *)(uintptr_t)value);
}

const char *event_text(struct arena *a, const struct event_type *t, int64_t account_id,
                       int64_t happened_at, const char *body)
{
    CLEANUP(json_decrefp) json_t *facts = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
    json_t *data = json_object(), *value;
    char member[ID_TEXT], at[INSTANT_TEXT];
    const char *stored;

    if (account_id)
        json_object_set_new(data, "member", json_string(id_text("mem", account_id, member)));
    json_object_foreach (facts, stored, value) {
        const struct event_field *f = event_field_of(t, stored);

        if (f) json_object_set_new(data, f->name, told(f, value));
    }
    CLEANUP(json_decrefp)
    json_t *all = json_pack("{s:s, s:s, s:o}", "type", t->type, "timestamp",
                            instant_text(happened_at, at), "data", data);
    return json_text(a, all, JSON_COMPACT | JSON_PRESERVE_ORDER);
}

/* ---- filters ---- */

/* Whether one pattern, n bytes long, takes a type. */
static bool takes(const char *pattern, size_t n, const char *type)
{
    if (n == 1 && *pattern == '*') return true;
    if (n > 2 && pattern[n - 1] == '*') return strncmp(pattern, type, n - 1) == 0;
    return strncmp(pattern, type, n) == 0 && !type[n];
}

static bool takes_any(const char *pattern, size_t n)
{
    if (takes(pattern, n, EVENT_PING.type)) return true;
    for (size_t i = 0; i < n_event_types; i++)
        if (takes(pattern, n, event_types[i].type)) return true;
    return false;
}

static bool spelt(const char *pattern, size_t n)
{
    bool const open = n > 2 && pattern[n - 1] == '*' && pattern[n - 2] == '.';
    size_t const words = open ? n - 1 : n;

    return (n == 1 && *pattern == '*') ||
           strspn(pattern, "abcdefghijklmnopqrstuvwxyz0123456789_.") >= words;
}

bool event_filter_valid(const char *filter)
{
    for (const char *s = filter;; s++) {
        size_t const n = strcspn(s, ",");

        if (n == 0 || !spelt(s, n) || !takes_any(s, n)) return false;
        s += n;
        if (!*s) return true;
    }
}

bool event_filter_takes(const char *filter, const char *type)
{
    for (const char *s = filter; *s; s += *s == ',') {
        size_t const n = strcspn(s, ",");

        if (takes(s, n, type)) return true;
        s += n;
    }
    return false;
}

/* ---- the page ---- */

static bool is_used(const struct event_field *f)
{
    for (size_t i = 0; i < n_event_types; i++)
        if (lists(event_types[i].fields, f->name)) return true;
    return false;
}

static bool is_known(const char *word, size_t n)
{
    for (size_t i = 0; i < n_event_fields; i++)
        if (strncmp(event_fields[i].name, word, n) == 0 && !event_fields[i].name[n]) return true;
    return false;
}

const char *events_defect(struct arena *a)
{
    for (size_t i = 0; i < n_event_types; i++) {
        const struct event_type *t = &event_types[i];

        if (i > 0 && strcmp(event_types[i - 1].type, t->type) >= 0)
            return arena_printf(a, "%s is not in its place", t->type);
        if (event_of_topic(event_topic(t)) != t)
            return arena_printf(a, "%s is told twice", event_topic(t));
        for (const char *s = t->fields; *s; s += *s == ' ') {
            size_t const n = strcspn(s, " ");

            if (!is_known(s, n)) return arena_printf(a, "%s: no field %s", t->type, s);
            s += n;
        }
    }
    for (size_t i = 0; i < n_event_fields; i++)
        if (!is_used(&event_fields[i]))
            return arena_printf(a, "no type tells %s", event_fields[i].name);
    return NULL;
}

static char *quoted(struct arena *a, const char *words)
{
    char *text = arena_strdup(a, "");

    for (const char *s = words; *s; s += *s == ' ') {
        size_t const n = strcspn(s, " ");

        text = arena_printf(a, "%s%s`%.*s`", text, *text ? ", " : "", (int)n, s);
        s += n;
    }
    return text;
}

char *events_page(struct arena *a)
{
    char *page = arena_strdup(
        a,
        "# Events\n\n"
        "What webhooks tell (see [webhooks.md](webhooks.md)). Written by `ninja -C build docs` "
        "from "
        "`src/notify/event_rules.c`; do\nnot edit. Each is told as\n\n"
        "    {\"type\":\"membership.renewed\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{…}}"
        "\n\nwith the time at which it happened. `data` holds `member` (mem_…) and what the row "
        "lists; what does not apply is left out\nor empty. New fields may come at any time.\n\n"
        "| type | says | data |\n|---|---|---|\n");

    for (size_t i = 0; i < n_event_types; i++)
        page = arena_printf(a, "%s| `%s` | %s | %s |\n", page, event_types[i].type,
                            event_types[i].tells, quoted(a, event_types[i].fields));
    page = arena_printf(a, "%s| `%s` | %s | |\n\n## Fields\n\n| field | is |\n|---|---|\n", page,
                        EVENT_PING.type, EVENT_PING.tells);
    for (size_t i = 0; i < n_event_fields; i++)
        if (i == 0 || strcmp(event_fields[i - 1].name, event_fields[i].name) != 0)
            page = arena_printf(a, "%s| `%s` | %s |\n", page, event_fields[i].name,
                                event_fields[i].doc);
    return page;
}
