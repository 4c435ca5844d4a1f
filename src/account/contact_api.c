/* contact_api: the ops of how a person is reached. SPDX-License-Identifier: Apache-2.0 */
#include "account/account.h"
#include "http/op.h"

static const struct names wishes = NAMES("no", "yes");

/* clang-format off */
static const struct field ask_fields[] = {MEMBER_FIELD(struct contact_ask)};
static const struct shape ask_shape = SHAPE(contact_ask, ask_fields);

/* What contact_set takes, as clients say it: consent is a word or is left out. */
struct contact_wish {
    const char *member;
    int64_t account_id;
    const char *email, *phone, *locale, *texts, *push, *quiet_from, *quiet_until;
    bool phone_verified;
};
static const struct field wish_fields[] = {
    MEMBER_FIELD(struct contact_wish),
    TEXT_OPT(struct contact_wish, email, 3, 254, "The address for mail."),
    TEXT_PHONE_OPT(struct contact_wish, phone, 0, 16,
                   "With a plus sign and the country's code; empty: none."),
    BOOL_OPT(struct contact_wish, phone_verified, "The operator vouches for it; not for people."),
    TEXT_OPT(struct contact_wish, locale, 2, 35, "The language of messages: en, de, ar-EG."),
    TEXT_OPT(struct contact_wish, texts, 2, 3, "yes or no: text messages beside security's."),
    TEXT_OPT(struct contact_wish, push, 2, 3, "yes or no: push messages."),
    TEXT_OPT(struct contact_wish, quiet_from, 5, 5, "No routine message from then on: 22:00."),
    TEXT_OPT(struct contact_wish, quiet_until, 5, 5, "Until then; the same time: never quiet."),
};
static const struct shape wish_shape = SHAPE(contact_wish, wish_fields);

static const struct field view_fields[] = {
    TEXT(struct contact_view, member, 0, 0, "The account's reference."),
    TEXT(struct contact_view, email, 0, 0, NULL),
    TEXT(struct contact_view, phone, 0, 0, "Empty: none."),
    BOOL(struct contact_view, phone_verified, "Nothing is sent to one that is not."),
    BOOL(struct contact_view, email_reachable, "False: mail comes back; please correct it."),
    TEXT(struct contact_view, email_failed_at, 0, 0, "When it first did; empty: it does not."),
    BOOL(struct contact_view, phone_reachable, "False: none, not verified, or texts fail."),
    TEXT(struct contact_view, phone_failed_at, 0, 0, NULL),
    BOOL(struct contact_view, texts, "Agreed to text messages beside those about security."),
    BOOL(struct contact_view, push, "Agreed to push messages."),
    TEXT(struct contact_view, quiet_from, 0, 0, "Of the local day; security does not wait."),
    TEXT(struct contact_view, quiet_until, 0, 0, NULL),
    TEXT(struct contact_view, time_zone, 0, 0, NULL),
    TEXT(struct contact_view, locale, 0, 0, "The language of messages."),
};
static const struct shape view_shape = SHAPE(contact_view, view_fields);
/* clang-format on */

static const struct fault CONTACT_WISH_INVALID = {E_INVALID, "contact.wish_invalid",
                                                  "Say yes or no, or leave it out."};

static enum status read_wish(struct ctx *cx, const char *text, const char *field, int64_t *out)
{
    *out = text ? name_find(&wishes, text) : -1;
    return text && *out < 0 ? fail(cx->err, &CONTACT_WISH_INVALID, field) : OK;
}

static enum status contact_wish(struct ctx *cx, const struct contact_wish *in,
                                struct contact_view *out)
{
    struct contact_set set = {.account_id = in->account_id,
                              .email = in->email,
                              .phone = in->phone,
                              .locale = in->locale,
                              .quiet_from = in->quiet_from,
                              .quiet_until = in->quiet_until,
                              .phone_verified = in->phone_verified};

    TRY(read_wish(cx, in->texts, "texts", &set.texts));
    TRY(read_wish(cx, in->push, "push", &set.push));
    return contact_set(cx, &set, out);
}

OP_RUN(contact_get, struct contact_ask, struct contact_view)
OP_RUN(contact_wish, struct contact_wish, struct contact_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "contact.get",
        .method = "GET",
        .path = "/accounts/{member}/contact",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Show how the owner is reached, and which address does not work.",
        .in = &ask_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct contact_ask),
        .faults = FAULTS(&ACCOUNT_UNKNOWN),
        .run = run_contact_get,
    },
    {
        .id = "contact.set",
        .method = "POST",
        .path = "/accounts/{member}/contact",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Change how the owner is reached; the old and the new address are told.",
        .in = &wish_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct contact_wish),
        .action = ACTION_CONTACT_CHANGE,
        .faults = FAULTS(&ACCOUNT_UNKNOWN, &ACCOUNT_LOCKED, &CONTACT_EMAIL_INVALID,
                         &CONTACT_PHONE_INVALID, &CONTACT_HOUR_INVALID, &CONTACT_LOCALE_INVALID,
                         &CONTACT_NOT_VOUCHED, &CONTACT_WISH_INVALID),
        .proof = true,
        .writes = true,
        .run = run_contact_wish,
    },
};
/* clang-format on */
const struct ops contact_ops = {COUNT(ops), ops};
