/* method_api: the ops of payment methods. Agents may see them, masked as they are, and change
 * nothing (SPEC X-01, C-19). SPDX-License-Identifier: Apache-2.0 */
#include "http/op.h"
#include "payments/decline_rules.h"
#include "payments/method.h"

_Static_assert(offsetof(struct method_answer, view) == 0, "shapes share the fields of the view");

/* clang-format off */
static const struct field list_fields[] = {MEMBER_FIELD(struct method_list)};
static const struct shape list_shape = SHAPE(method_list, list_fields);

static const struct field add_fields[] = {
    MEMBER_FIELD(struct method_add),
    TEXT_SECRET(struct method_add, token, 1, 255, "The gateway's token; never a card's number."),
    BOOL_OPT(struct method_add, primary, "Make it the primary method."),
    TEXT_OPT(struct method_add, consent, 1, 40,
             "The version of the text on recurring charges that the owner agreed to; the current "
             "one when left out."),
    TEXT_OPT(struct method_add, surface, 1, 20,
             "Where: web, app, tv, …; when left out that of the call, or `api`."),
};
static const struct shape add_shape = SHAPE(method_add, add_fields);

static const struct field primary_fields[] = {
    MEMBER_FIELD(struct method_choose),
    TEXT(struct method_choose, method, 1, 40, "Which one: mth_… of method.list."),
};
static const struct shape primary_shape = SHAPE(method_choose, primary_fields);

static const struct field backup_fields[] = {
    MEMBER_FIELD(struct method_choose),
    TEXT(struct method_choose, method, 1, 40, "Which one: mth_… of method.list."),
    INT_OPT(struct method_choose, place, 1, METHODS_OF_ACCOUNT_MAX,
            "1 is tried first; the last when left out."),
};
static const struct shape backup_shape = SHAPE(method_choose, backup_fields);

#define VIEW_FIELDS                                                                                \
    TEXT(struct method_view, method, 0, 0, "The method's reference."),                             \
    INT(struct method_view, place, 0, 0, "0: primary; 1, 2, …: backups in the order of trying."),  \
    ENUM(struct method_view, state, method_states, NULL),                                          \
    ENUM(struct method_view, kind, method_kinds, NULL),                                            \
    TEXT(struct method_view, brand, 0, 0, NULL),                                                   \
    TEXT(struct method_view, last4, 0, 0, "The last four digits."),                                \
    TEXT(struct method_view, expires, 0, 0, "YYYY-MM; empty when it does not."),                   \
    ENUM(struct method_view, funding, fundings, NULL),                                             \
    TEXT(struct method_view, issuing_country, 0, 0, "ISO 3166-1; empty when unknown."),            \
    {"operator", F_TEXT, offsetof(struct method_view, operator_), 0, 0, 0, NULL,                   \
     "Of carrier billing; else empty.", NULL, 0},                                                  \
    LIST(struct method_view, temporary, n_temporary, temporary_shape,                              \
         "The authorization made when it was added; it is never charged.")

static const struct field view_fields[] = {VIEW_FIELDS};
static const struct shape view_shape = SHAPE(method_view, view_fields);

static const struct field event_fields[] = {
    TEXT(struct method_event_view, method, 0, 0, "Which one; perhaps removed since."),
    ENUM(struct method_event_view, event, method_events, NULL),
    TEXT(struct method_event_view, at, 0, 0, NULL),
    TEXT(struct method_event_view, last4, 0, 0, "From then on."),
    TEXT(struct method_event_view, expires, 0, 0, "From then on; YYYY-MM."),
    ENUM(struct method_event_view, by, roles, "Whose doing it was; `system`: the gateway told."),
};
static const struct shape event_shape = SHAPE(method_event_view, event_fields);

static const struct field methods_fields[] = {
    LIST(struct methods_view, methods, n, view_shape, "The primary one first."),
    LIST(struct methods_view, history, n_history, event_shape,
         "What has happened to them, the newest first."),
    TEXT(struct methods_view, fee_note, 0, 0, "A code: issuers may add fees of their own."),
    TEXT(struct methods_view, tax_note, 0, 0, "A code: local tax can depend on the method."),
    TEXT(struct methods_view, replaced_note, 0, 0,
         "A code: a replaced or expired card can still be charged, and removed at any time."),
};
static const struct shape methods_shape = SHAPE(methods_view, methods_fields);

static const struct field check_fields[] = {
    TEXT(struct method_check, code, 0, 0, NULL),
    TEXT(struct method_check, text, 0, 0, "What to look at."),
    TEXT(struct method_check, finding, 0, 0,
         "The fault that was found; empty when it passes or only the bank knows."),
};
static const struct shape check_shape = SHAPE(method_check, check_fields);

static const struct field action_fields[] = {
    TEXT(struct method_action, code, 0, 0, NULL),
    TEXT(struct method_action, text, 0, 0, "What the member can do."),
    BOOL(struct method_action, applies, "Whether it can help here."),
};
static const struct shape action_shape = SHAPE(method_action, action_fields);

static const struct field update_fields[] = {
    MEMBER_FIELD(struct method_update),
    TEXT(struct method_update, method, 1, 40, "Which one: mth_… of method.list."),
    TEXT_SECRET_OPT(struct method_update, token, 1, 255,
             "The gateway's new token for it; never a card's number."),
    TEXT_OPT(struct method_update, expires, 7, 7, "The new month of expiry: YYYY-MM."),
    TEXT_SECRET_OPT(struct method_update, postal_code, 1, 16,
             "Of the billing address; the gateway gets it, nobody keeps it."),
};
static const struct shape update_shape = SHAPE(method_update, update_fields);

static const struct field remove_fields[] = {
    MEMBER_FIELD(struct method_remove),
    TEXT(struct method_remove, method, 1, 40, "Which one: mth_… of method.list."),
    BOOL_OPT(struct method_remove, confirm, "Remove it although no other one can be charged."),
};
static const struct shape remove_shape = SHAPE(method_remove, remove_fields);

static const struct field removal_fields[] = {
    TEXT(struct method_removal, method, 0, 0, NULL),
    BOOL(struct method_removal, removed, "False: it is the last one and `confirm` was not given."),
    BOOL(struct method_removal, last_usable, "No other method can be charged."),
    TEXT(struct method_removal, next_charge_on, 0, 0, "Local date of the charge that will fail."),
    TEXT(struct method_removal, access_until, 0, 0,
         "Access stops when this local date begins, unless another method is added."),
    TEXT(struct method_removal, primary, 0, 0, "The method that leads now; empty when none does."),
    ENUM(struct method_removal, membership, membership_states, NULL),
};
static const struct shape removal_shape = SHAPE(method_removal, removal_fields);

static const struct field answer_fields[] = {
    VIEW_FIELDS,
    ENUM(struct method_answer, membership, membership_states, "The membership's state afterwards."),
    ENUM(struct method_answer, trial, method_trials,
         "What came of the attempt that is made at once when a payment has failed."),
    ENUM(struct method_answer, reason, decline_reasons,
         "Of a decline, of the temporary authorization too."),
    ENUM(struct method_answer, detail, decline_details,
         "Which detail the bank rejected, when it says so."),
    TEXT(struct method_answer, text, 0, 0, "The same in words."),
    INT(struct method_answer, amount_minor, 0, 0, "Of the attempt."),
    TEXT(struct method_answer, currency, 0, 0, NULL),
    LIST(struct method_answer, checks, n_checks, check_shape,
         "What to look at after a decline, in this order."),
    LIST(struct method_answer, actions, n_actions, action_shape,
         "What can be done about a decline, in this order."),
};
static const struct shape answer_shape = SHAPE(method_answer, answer_fields);
/* clang-format on */

OP_RUN(method_list, struct method_list, struct methods_view)
OP_RUN_CATALOG(method_add, struct method_add, struct method_answer)
OP_RUN_CATALOG(method_set_primary, struct method_choose, struct method_answer)
OP_RUN(method_set_backup, struct method_choose, struct method_answer)

OP_RUN_CATALOG(method_update, struct method_update, struct method_answer)
OP_RUN_CATALOG(method_remove, struct method_remove, struct method_removal)

static enum status describe(struct ctx *cx, const struct op_world *w, void *in)
{
    return method_describe(cx, w->world, in);
}

static enum status describe_update(struct ctx *cx, const struct op_world *w, void *in)
{
    return method_describe_update(cx, w->world, in);
}

static enum status try_updated(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    return method_try(cx, w->world, w->catalog, ((const struct method_update *)in)->account_id,
                      out);
}

static enum status try_added(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    int64_t const account_id = ((const struct method_add *)in)->account_id;

    TRY(method_try(cx, w->world, w->catalog, account_id, out));
    return method_authorize(cx, w->world, w->catalog, account_id, out);
}

static enum status try_chosen(struct ctx *cx, const struct op_world *w, const void *in, void *out)
{
    return method_try(cx, w->world, w->catalog, ((const struct method_choose *)in)->account_id,
                      out);
}

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "method.list",
        .method = "GET",
        .path = "/accounts/{member}/methods",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "List the payment methods, the primary one first.",
        .in = &list_shape,
        .out = &methods_shape,
        .subject = ABOUT_MEMBER(struct method_list),
        .action = ACTION_PAYMENT_VIEW,
        .run = run_method_list,
    },
    {
        .id = "method.add",
        .method = "POST",
        .path = "/accounts/{member}/methods",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Add a payment method; it is tried at once when a payment has failed.",
        .in = &add_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct method_add),
        .action = ACTION_PAYMENT_CHANGE,
        .faults = FAULTS(&METHOD_TOKEN_UNKNOWN, &METHOD_REFUSED, &METHOD_IS_NUMBER,
                         &GATEWAY_UNREACHABLE, &COUNTRY_UNKNOWN,
                         &METHOD_KIND_NOT_ACCEPTED, &METHOD_BRAND_NOT_ACCEPTED,
                         &METHOD_FUNDING_NOT_ACCEPTED, &METHOD_OPERATOR_NOT_ACCEPTED,
                         &METHOD_GIFT_NOT_A_METHOD, &METHOD_NOT_RECURRING, &METHOD_EXPIRY_INVALID,
                         &METHOD_DISPUTED, &METHOD_TOO_MANY, &BILLING_PAYMENT_IN_FLIGHT,
                         &METHOD_PARTNER_BILLED, &MEMBERSHIP_NOT_NOW),
        .writes = true,
        .proof = true,
        .ask = describe,
        .run = run_method_add,
        .after = try_added,
    },
    {
        .id = "method.update",
        .method = "PATCH",
        .path = "/accounts/{member}/methods/{method}",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Give a method new details, or confirm that it works again.",
        .in = &update_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct method_update),
        .action = ACTION_PAYMENT_CHANGE,
        .faults = FAULTS(&METHOD_UNKNOWN, &METHOD_EXPIRY_INVALID, &METHOD_KNOWN,
                         &METHOD_KIND_DIFFERS,
                         &METHOD_BLOCKED_NOW, &METHOD_TOKEN_UNKNOWN, &METHOD_REFUSED,
                         &METHOD_IS_NUMBER, &GATEWAY_UNREACHABLE, &COUNTRY_UNKNOWN,
                         &METHOD_KIND_NOT_ACCEPTED, &METHOD_BRAND_NOT_ACCEPTED,
                         &METHOD_FUNDING_NOT_ACCEPTED, &METHOD_OPERATOR_NOT_ACCEPTED,
                         &METHOD_GIFT_NOT_A_METHOD, &METHOD_NOT_RECURRING, &METHOD_DISPUTED,
                         &METHOD_PARTNER_BILLED,
                         &BILLING_PAYMENT_IN_FLIGHT, &MEMBERSHIP_NOT_NOW),
        .writes = true,
        .proof = true,
        .ask = describe_update,
        .run = run_method_update,
        .after = try_updated,
    },
    {
        .id = "method.remove",
        .method = "DELETE",
        .path = "/accounts/{member}/methods/{method}",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Remove a method; of the last one tell first when access will stop.",
        .in = &remove_shape,
        .out = &removal_shape,
        .subject = ABOUT_MEMBER(struct method_remove),
        .action = ACTION_PAYMENT_CHANGE,
        .faults = FAULTS(&METHOD_UNKNOWN, &METHOD_PARTNER_BILLED, &BILLING_PAYMENT_IN_FLIGHT,
                         &MEMBERSHIP_NOT_NOW),
        .writes = true,
        .proof = true,
        .run = run_method_remove,
    },
    {
        .id = "method.set_primary",
        .method = "POST",
        .path = "/accounts/{member}/methods/{method}/primary",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Make a method the primary one; tried at once when a payment has failed.",
        .in = &primary_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct method_choose),
        .action = ACTION_PAYMENT_CHANGE,
        .faults = FAULTS(&METHOD_UNKNOWN, &METHOD_BLOCKED_NOW, &METHOD_PARTNER_BILLED,
                         &MEMBERSHIP_NOT_NOW),
        .writes = true,
        .proof = true,
        .run = run_method_set_primary,
        .after = try_chosen,
    },
    {
        .id = "method.set_backup",
        .method = "POST",
        .path = "/accounts/{member}/methods/{method}/backup",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Make a method a backup, or change the order of the backups.",
        .in = &backup_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct method_choose),
        .action = ACTION_PAYMENT_CHANGE,
        .faults = FAULTS(&METHOD_UNKNOWN, &METHOD_ONLY_ONE, &METHOD_PARTNER_BILLED,
                         &MEMBERSHIP_NOT_NOW),
        .writes = true,
        .proof = true,
        .run = run_method_set_backup,
    },
};
/* clang-format on */
const struct ops method_ops = {COUNT(ops), ops};
