/* contact: reading and changing how a person is reached. SPDX-License-Identifier: Apache-2.0 */
#include "account/contact.h"

#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/luhn.h"
#include "db/outbox.h"
#include "policy/settings.h"

const struct fault CONTACT_EMAIL_INVALID = {
    E_INVALID, "contact.email_invalid", "That is no email address; check it for typing errors."};
const struct fault CONTACT_PHONE_INVALID = {
    E_INVALID, "contact.phone_invalid",
    "That is no phone number; write it with a plus sign and the country's code, without blanks."};
const struct fault CONTACT_HOUR_INVALID = {E_INVALID, "contact.hour_invalid",
                                           "That is no time of day; write it as 22:00."};
const struct fault CONTACT_LOCALE_INVALID = {E_INVALID, "contact.locale_invalid",
                                             "That is no language; write it as en, de or ar-EG."};
const struct fault CONTACT_NOT_VOUCHED = {
    E_DENIED, "contact.not_vouched",
    "Nobody can vouch for a phone of their own; it is verified by a code that is sent there."};

enum { QUIET_DEFAULT = -1 };

enum status contact_load(struct ctx *cx, int64_t account_id, struct contact *out)
{
    struct contact *rows;
    size_t n;

    TRY(contact_of(cx, &rows, &n, .account_id = account_id, .max = 1));
    *out = n ? rows[0]
             : (struct contact){.account_id = account_id,
                                .phone = "",
                                .quiet_from = QUIET_DEFAULT,
                                .quiet_until = QUIET_DEFAULT,
                                .email_failed_code = "",
                                .phone_failed_code = ""};
    return OK;
}

static enum status store(struct ctx *cx, const struct contact *c)
{
    return contact_put(
        cx, NULL, .account_id = c->account_id, .phone = c->phone,
        .phone_verified_at = c->phone_verified_at, .text_agreed_at = c->text_agreed_at,
        .push_agreed_at = c->push_agreed_at, .quiet_from = c->quiet_from,
        .quiet_until = c->quiet_until, .email_failed_at = c->email_failed_at,
        .email_failed_code = c->email_failed_code, .phone_failed_at = c->phone_failed_at,
        .phone_failed_code = c->phone_failed_code);
}

enum status contact_refused(struct ctx *cx, int64_t account_id, bool is_phone, const char *code,
                            int64_t at)
{
    struct contact c;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(contact_load(cx, account_id, &c));
    int64_t *const failed_at = is_phone ? &c.phone_failed_at : &c.email_failed_at;
    if (!*code && !*failed_at) return OK;
    *failed_at = *code ? at : 0;
    *(is_phone ? &c.phone_failed_code : &c.email_failed_code) = code;
    TRY(store(cx, &c));
    return tx_commit(&tx);
}

/* ---- showing ---- */

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

static const char *hour(struct ctx *cx, int64_t minute, int64_t usual)
{
    int64_t const m = minute == QUIET_DEFAULT ? usual : minute;

    return arena_printf(cx->arena, "%02d:%02d", (int)(m / 60), (int)(m % 60));
}

static void show(struct ctx *cx, const struct account *a, const struct contact *c,
                 struct contact_view *out)
{
    *out = (struct contact_view){
        .member = id_text("mem", a->account_id, arena_alloc(cx->arena, ID_TEXT)),
        .email = a->email,
        .phone = c->phone,
        .phone_verified = c->phone_verified_at > 0,
        .email_reachable = *a->email && !c->email_failed_at,
        .phone_reachable = *c->phone && c->phone_verified_at && !c->phone_failed_at,
        .email_failed_at = instant(cx, c->email_failed_at),
        .phone_failed_at = instant(cx, c->phone_failed_at),
        .texts = c->text_agreed_at > 0,
        .push = c->push_agreed_at > 0,
        .quiet_from = hour(cx, c->quiet_from, cx->settings->quiet_from_minute),
        .quiet_until = hour(cx, c->quiet_until, cx->settings->quiet_until_minute),
        .time_zone = a->zone,
        .locale = a->locale};
}

enum status contact_get(struct ctx *cx, const struct contact_ask *in, struct contact_view *out)
{
    struct account a;
    struct contact c;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(account_get(cx, in->account_id, &a));
    TRY(contact_load(cx, in->account_id, &c));
    show(cx, &a, &c, out);
    return tx_commit(&tx);
}

/* ---- changing ---- */

static enum status check(struct ctx *cx, const struct contact_set *in)
{
    int64_t minute;

    if (in->email && !email_is_valid(in->email))
        return fail(cx->err, &CONTACT_EMAIL_INVALID, "email");
    if (in->phone && *in->phone && !text_is_phone(in->phone))
        return fail(cx->err, &CONTACT_PHONE_INVALID, "phone");
    if (in->locale && !locale_is_plausible(in->locale))
        return fail(cx->err, &CONTACT_LOCALE_INVALID, "locale");
    if (in->quiet_from && !hour_read(in->quiet_from, &minute))
        return fail(cx->err, &CONTACT_HOUR_INVALID, "quiet_from");
    if (in->quiet_until && !hour_read(in->quiet_until, &minute))
        return fail(cx->err, &CONTACT_HOUR_INVALID, "quiet_until");
    if (in->phone_verified && cx->actor.role != ROLE_SYSTEM)
        return fail(cx->err, &CONTACT_NOT_VOUCHED, "phone_verified");
    return OK;
}

static enum status tell(struct ctx *cx, int64_t account_id, const char *which, const char *old,
                        const char *new_)
{
    return outbox_put(cx, "contact.changed", account_id, cx->now,
                      json_pack("{s:s, s:s, s:s, s:s}", "which", which, "old", old, "new", new_,
                                "who", roles.at[cx->actor.role]));
}

static enum status set_email(struct ctx *cx, struct account *a, struct contact *c,
                             const char *email)
{
    if (!email) return OK;
    c->email_failed_at = 0; /* said again: it is tried again */
    c->email_failed_code = "";
    if (strcmp(email, a->email) == 0) return OK;
    TRY(tell(cx, a->account_id, "email", a->email, email));
    a->email = email;
    return OK;
}

static enum status set_phone(struct ctx *cx, struct contact *c, const struct contact_set *in)
{
    if (in->phone && strcmp(in->phone, c->phone) != 0) {
        TRY(tell(cx, c->account_id, "phone", c->phone_verified_at ? c->phone : "", in->phone));
        c->phone = in->phone;
        c->phone_verified_at = c->phone_failed_at = 0;
        c->phone_failed_code = "";
    }
    if (in->phone_verified && *c->phone && !c->phone_verified_at) c->phone_verified_at = cx->now;
    return OK;
}

static void agree(int64_t *at, int64_t wanted, int64_t now)
{
    if (wanted == 0) *at = 0;
    if (wanted == 1 && !*at) *at = now;
}

enum status contact_set(struct ctx *cx, const struct contact_set *in, struct contact_view *out)
{
    struct account a;
    struct contact c;
    TX tx = {0};

    TRY(check(cx, in));
    TRY(tx_begin(&tx, cx));
    TRY(account_get(cx, in->account_id, &a));
    TRY(account_refuse_locked(cx, &a));
    TRY(contact_load(cx, in->account_id, &c));
    TRY(set_email(cx, &a, &c, in->email));
    TRY(set_phone(cx, &c, in));
    if (in->locale) a.locale = in->locale;
    agree(&c.text_agreed_at, in->texts, cx->now);
    agree(&c.push_agreed_at, in->push, cx->now);
    if (in->quiet_from) hour_read(in->quiet_from, &c.quiet_from);
    if (in->quiet_until) hour_read(in->quiet_until, &c.quiet_until);
    TRY(contact_set_account(cx, NULL, .email = a.email, .locale = a.locale,
                            .account_id = in->account_id));
    TRY(store(cx, &c));
    show(cx, &a, &c, out);
    return tx_commit(&tx);
}
