/* options_rules: the decision tables of SPEC 2.1 (DT-1 to DT-6) and of every other action.
 * SPDX-License-Identifier: Apache-2.0 */
#include "policy/options_rules.h"

#include "policy/reasons_rules.h"

const struct names biller_kinds =
    NAMES("direct", "app_store", "carrier", "cable", "isp", "channels", "package");
const struct names standings =
    NAMES("none", "pending", "good", "grace", "hold", "paused", "ending", "canceled", "deleted");
const struct names option_facts =
    NAMES("proven", "links_forbidden", "cancel_form", "credit_left", "risk_high", "plan_pausable",
          "method_pausable", "pause_left", "pause_planned", "change_planned", "plan_has_slots",
          "country_has_slots", "partner_has_slots", "slot_free", "slot_taken", "currency_equal",
          "partner_period_over", "withdrawal_open", "retention_over", "delete_planned", "contact",
          "price_question", "restarted", "restart_recent", "plan_retired", "end_reached",
          "day_moves", "method_moves", "billing_day", "free_period", "day_moved", "slot_ending");
const struct names option_results = NAMES("allowed", "hidden", "disabled", "redirect");
const struct names option_places =
    NAMES("here", "owner", "profiles", "sign_in", "sign_up", "web", "account", "payment", "cancel",
          "undo_cancel", "cancel_form", "restart", "resume", "plans", "identity", "security",
          "support", "partner_payment", "partner");

#define SET(value) (1U << (value))
#define OWNER      (SET(ROLE_OWNER) | SET(ROLE_SYSTEM))
#define AGENT      SET(ROLE_AGENT)
#define KIDS       SET(ROLE_KIDS)
#define EXTRA      SET(ROLE_EXTRA)
#define PROFILE    SET(ROLE_PROFILE)
#define VISITOR    SET(ROLE_VISITOR)
#define PARTNER                                                                                    \
    (SET(BILLER_APP_STORE) | SET(BILLER_CARRIER) | SET(BILLER_CABLE) | SET(BILLER_ISP) |           \
     SET(BILLER_CHANNELS) | SET(BILLER_PACKAGE))
#define APPS     (SET(SURFACE_APP) | SET(SURFACE_TV))
#define NONE     SET(STANDING_NONE)
#define PENDING  SET(STANDING_PENDING)
#define GOOD     SET(STANDING_GOOD)
#define UNPAID   (SET(STANDING_GRACE) | SET(STANDING_HOLD))
#define GRACE    SET(STANDING_GRACE)
#define HOLD     SET(STANDING_HOLD)
#define PAUSED   SET(STANDING_PAUSED)
#define ENDING   SET(STANDING_ENDING)
#define CANCELED SET(STANDING_CANCELED)
#define DELETED  SET(STANDING_DELETED)

/* The operator's own systems act with the rights of the owner. */
/* clang-format off */

/* ---- rows that many actions share ---- */

/* only the owner sees and changes billing. */
static const struct option_rule not_member[] = {
    {.roles = KIDS,             .result = OPTION_HIDDEN, .why = &WHY_KIDS},
    {.roles = PROFILE,          .result = OPTION_HIDDEN, .why = &WHY_ASK_OWNER},
    {.roles = EXTRA,            .result = OPTION_HIDDEN, .why = &WHY_EXTRA},
    {.roles = VISITOR,          .result = OPTION_HIDDEN, .why = &WHY_SIGN_IN},
};
static const struct option_rule not_kids[] = {
    {.roles = KIDS,             .result = OPTION_HIDDEN, .why = &WHY_KIDS},
};
static const struct option_rule not_agent[] = {
    {.roles = AGENT,            .result = OPTION_HIDDEN, .why = &WHY_NOT_AGENT},
};
/* changes of billing are made on the web. */
static const struct option_rule on_web[] = {
    {.surfaces = APPS, .with = FACT(FACT_LINKS_FORBIDDEN),
                                .result = OPTION_HIDDEN, .why = &WHY_ON_WEB_NO_LINK},
    {.surfaces = APPS | SET(SURFACE_CONTACT),
                                .result = OPTION_REDIRECT, .why = &WHY_ON_WEB},
};
/* The same where nothing may be hidden from an owner: ending is never made harder (F-09). */
static const struct option_rule on_web_shown[] = {
    {.surfaces = APPS, .with = FACT(FACT_LINKS_FORBIDDEN),
                                .result = OPTION_DISABLED, .why = &WHY_ON_WEB_NO_LINK},
    {.surfaces = APPS | SET(SURFACE_CONTACT),
                                .result = OPTION_REDIRECT, .why = &WHY_ON_WEB},
};
/* L-10: no charge and no change while a takeover is looked into. */
static const struct option_rule not_locked[] = {
    {.if_locked = true,         .result = OPTION_DISABLED, .why = &WHY_LOCKED},
};
/* DT-2: nobody is trapped into paying: a proof is enough. */
static const struct option_rule locked_proven[] = {
    {.if_locked = true, .without = FACT(FACT_PROVEN),
                                .result = OPTION_DISABLED, .why = &WHY_PROVE},
};
static const struct option_rule deleted[] = {
    {.standings = DELETED,      .result = OPTION_REDIRECT, .why = &WHY_DELETED},
};
static const struct option_rule no_membership[] = {
    {.standings = DELETED,      .result = OPTION_REDIRECT, .why = &WHY_DELETED},
    {.standings = NONE,         .result = OPTION_REDIRECT, .why = &WHY_NO_MEMBERSHIP},
};

/* ---- looking ---- */

static const struct option_rule view[] = {
    {.roles = AGENT | SET(ROLE_SYSTEM), .standings = DELETED,
                                .result = OPTION_ALLOWED, .why = &WHY_KEPT},
    {.standings = DELETED,      .result = OPTION_REDIRECT, .why = &WHY_DELETED},
    {.roles = AGENT,            .result = OPTION_ALLOWED, .why = &WHY_MASKED},
    {                           .result = OPTION_ALLOWED, .why = &WHY_YOURS},
};

/* ---- DT-1: change payment information ---- */

static const struct option_rule partner_payment[] = {
    {.billers = PARTNER,        .result = OPTION_DISABLED, .why = &WHY_PARTNER_PAYMENT},
};
static const struct option_rule payment_change[] = {
    {.standings = GOOD | ENDING | PAUSED,
                                .result = OPTION_ALLOWED, .why = &WHY_NEXT_DATE},
    {.standings = UNPAID,       .result = OPTION_ALLOWED, .why = &WHY_TRIED_NOW},
    {.standings = CANCELED,     .result = OPTION_ALLOWED, .why = &WHY_WITH_RESTART},
    {.standings = PENDING,      .result = OPTION_ALLOWED, .why = &WHY_AFTER_ANSWER},
    {.standings = NONE,         .result = OPTION_ALLOWED, .why = &WHY_WITH_START},
    {.standings = DELETED,      .result = OPTION_REDIRECT, .why = &WHY_DELETED},
};

/* ---- DT-3: start and restart ---- */

static const struct option_rule not_newcomer[] = {
    {.roles = KIDS,             .result = OPTION_HIDDEN, .why = &WHY_KIDS},
    {.roles = PROFILE,          .result = OPTION_HIDDEN, .why = &WHY_ASK_OWNER},
    {.roles = EXTRA,            .result = OPTION_HIDDEN, .why = &WHY_EXTRA},
};
static const struct option_rule start[] = {
    {.standings = DELETED,      .result = OPTION_REDIRECT, .why = &WHY_DELETED},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = GOOD | UNPAID | PAUSED | ENDING,
                                .result = OPTION_DISABLED, .why = &WHY_MEMBER_ALREADY},
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_RESTART},
    {                           .result = OPTION_ALLOWED, .why = &WHY_CHARGED_NOW},
};
static const struct option_rule restart[] = {
    {.standings = DELETED,      .result = OPTION_REDIRECT, .why = &WHY_DELETED},
    {.standings = NONE,         .result = OPTION_REDIRECT, .why = &WHY_NO_MEMBERSHIP},
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_RESTART},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = GOOD,         .result = OPTION_DISABLED, .why = &WHY_STILL_RUNS},
    {.standings = UNPAID,       .result = OPTION_REDIRECT, .why = &WHY_UNPAID},
    {.standings = PAUSED,       .result = OPTION_REDIRECT, .why = &WHY_PAUSED},
    {.standings = ENDING, .with = FACT(FACT_END_REACHED),
                                .result = OPTION_DISABLED, .why = &WHY_END_REACHED},
    {.standings = ENDING,       .result = OPTION_ALLOWED, .why = &WHY_UNDONE},
    {.with = FACT(FACT_RETENTION_OVER),
                                .result = OPTION_REDIRECT, .why = &WHY_RETENTION_OVER},
    {.without = FACT(FACT_PROVEN),
                                .result = OPTION_DISABLED, .why = &WHY_PROVE},
    {.with = FACT(FACT_RISK_HIGH),
                                .result = OPTION_DISABLED, .why = &WHY_HELD_BACK},
    {                           .result = OPTION_ALLOWED, .why = &WHY_NEW_ANCHOR},
};
/* F-15: one click from whatever tells of the restart, on every surface. */
static const struct option_rule undo_restart[] = {
    {.without = FACT(FACT_RESTARTED),
                                .result = OPTION_REDIRECT, .why = &WHY_NOT_RESTARTED},
    {.without = FACT(FACT_RESTART_RECENT),
                                .result = OPTION_REDIRECT, .why = &WHY_RESTART_OLD},
    {                           .result = OPTION_ALLOWED, .why = &WHY_RESTART_UNDONE},
};

/* ---- DT-2: cancel, its undo, withdrawal ---- */

static const struct option_rule cancel_form[] = {
    {.roles = PROFILE | EXTRA | VISITOR, .with = FACT(FACT_CANCEL_FORM),
                                .result = OPTION_REDIRECT, .why = &WHY_CANCEL_FORM},
};
static const struct option_rule cancel_nothing[] = {
    {.standings = NONE,         .result = OPTION_DISABLED, .why = &WHY_NO_MEMBERSHIP},
    {.standings = DELETED,      .result = OPTION_DISABLED, .why = &WHY_DELETED},
    {.standings = CANCELED,     .result = OPTION_DISABLED, .why = &WHY_ENDED},
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_CANCEL},
    {.standings = ENDING,       .result = OPTION_DISABLED, .why = &WHY_ENDING},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
};
static const struct option_rule cancel[] = {
    {.standings = GOOD, .with = FACT(FACT_CREDIT_LEFT),
                                .result = OPTION_ALLOWED, .why = &WHY_ENDS_OR_CREDIT},
    {.standings = GOOD | GRACE, .result = OPTION_ALLOWED, .why = &WHY_ENDS_LATER},
    {                           .result = OPTION_ALLOWED, .why = &WHY_ENDS_NOW},
};
/* The form asks who is meant and tells nobody whether there is such a member; each country's law is
 * looked at when that is known. */
static const struct option_rule form_taken[] = {
    {                           .result = OPTION_ALLOWED, .why = &WHY_FORM},
};
static const struct option_rule undo_cancel[] = {
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_RESTART},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {.standings = ENDING, .with = FACT(FACT_END_REACHED),
                                .result = OPTION_DISABLED, .why = &WHY_END_REACHED},
    {.standings = ENDING,       .result = OPTION_ALLOWED, .why = &WHY_UNDONE},
    {                           .result = OPTION_DISABLED, .why = &WHY_NOT_ENDING},
};
static const struct option_rule withdraw[] = {
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_CANCEL},
    {.standings = CANCELED,     .result = OPTION_DISABLED, .why = &WHY_ENDED},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = UNPAID | PAUSED,
                                .result = OPTION_DISABLED, .why = &WHY_NO_WITHDRAWAL},
    {.without = FACT(FACT_WITHDRAWAL_OPEN),
                                .result = OPTION_DISABLED, .why = &WHY_NO_WITHDRAWAL},
    {                           .result = OPTION_ALLOWED, .why = &WHY_REFUNDED},
};

/* ---- DT-4: pause ---- */

static const struct option_rule partner_pause[] = {
    {.billers = PARTNER,        .result = OPTION_DISABLED, .why = &WHY_PARTNER_PAUSE},
};
static const struct option_rule pause[] = {
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = UNPAID,       .result = OPTION_DISABLED, .why = &WHY_UNPAID},
    {.standings = ENDING,       .result = OPTION_DISABLED, .why = &WHY_ENDING},
    {.standings = CANCELED,     .result = OPTION_DISABLED, .why = &WHY_ENDED},
    {.standings = PAUSED,       .result = OPTION_DISABLED, .why = &WHY_PAUSED},
    {.with = FACT(FACT_PAUSE_PLANNED),
                                .result = OPTION_DISABLED, .why = &WHY_PAUSE_PLANNED},
    {.without = FACT(FACT_PLAN_PAUSABLE),
                                .result = OPTION_DISABLED, .why = &WHY_PAUSE_PLAN},
    {.without = FACT(FACT_METHOD_PAUSABLE),
                                .result = OPTION_DISABLED, .why = &WHY_PAUSE_METHOD},
    {.without = FACT(FACT_PAUSE_LEFT),
                                .result = OPTION_DISABLED, .why = &WHY_PAUSE_LIMIT},
    {                           .result = OPTION_ALLOWED, .why = &WHY_PAUSE_LATER},
};
static const struct option_rule extend_pause[] = {
    {.standings = GOOD, .without = FACT(FACT_PAUSE_PLANNED),
                                .result = OPTION_DISABLED, .why = &WHY_NOT_PAUSED},
    {.standings = PENDING | UNPAID | ENDING | CANCELED,
                                .result = OPTION_DISABLED, .why = &WHY_NOT_PAUSED},
    {.without = FACT(FACT_PAUSE_LEFT),
                                .result = OPTION_DISABLED, .why = &WHY_PAUSE_LIMIT},
    {                           .result = OPTION_ALLOWED, .why = &WHY_PAUSE_LONGER},
};
static const struct option_rule resume[] = {
    {.standings = PAUSED,       .result = OPTION_ALLOWED, .why = &WHY_RESUME_NOW},
    {.standings = GOOD, .with = FACT(FACT_PAUSE_PLANNED),
                                .result = OPTION_ALLOWED, .why = &WHY_PAUSE_DROPPED},
    {.standings = HOLD,         .result = OPTION_REDIRECT, .why = &WHY_UNPAID},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {                           .result = OPTION_DISABLED, .why = &WHY_NOT_PAUSED},
};

/* ---- plans ---- */

static const struct option_rule plan_change[] = {
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_PLAN},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = UNPAID,       .result = OPTION_DISABLED, .why = &WHY_UNPAID},
    {.standings = PAUSED,       .result = OPTION_DISABLED, .why = &WHY_PAUSED},
    {.standings = ENDING,       .result = OPTION_DISABLED, .why = &WHY_ENDING},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {                           .result = OPTION_ALLOWED, .why = &WHY_PLAN_PREVIEW},
};
static const struct option_rule undo_plan_change[] = {
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_PLAN},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {.without = FACT(FACT_CHANGE_PLANNED),
                                .result = OPTION_DISABLED, .why = &WHY_NOTHING_PLANNED},
    {                           .result = OPTION_ALLOWED, .why = &WHY_PLAN_KEPT},
};
/* B-13: an option of the installation. What waits for the end of the period would come too late,
 * or too early. */
static const struct option_rule day_offered[] = {
    {.without = FACT(FACT_DAY_MOVES),
                                .result = OPTION_HIDDEN, .why = &WHY_DAY_FIXED},
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_DAY},
};
static const struct option_rule billing_day[] = {
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = UNPAID,       .result = OPTION_DISABLED, .why = &WHY_UNPAID},
    {.standings = PAUSED,       .result = OPTION_DISABLED, .why = &WHY_PAUSED},
    {.standings = ENDING,       .result = OPTION_DISABLED, .why = &WHY_ENDING},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {.with = FACT(FACT_PAUSE_PLANNED),
                                .result = OPTION_DISABLED, .why = &WHY_DAY_PAUSE},
    {.with = FACT(FACT_CHANGE_PLANNED),
                                .result = OPTION_DISABLED, .why = &WHY_DAY_PLANNED},
    {.with = FACT(FACT_PLAN_RETIRED),
                                .result = OPTION_DISABLED, .why = &WHY_DAY_PLANNED},
    {.with = FACT(FACT_SLOT_ENDING),
                                .result = OPTION_DISABLED, .why = &WHY_DAY_PLANNED},
    {.with = FACT(FACT_FREE_PERIOD),
                                .result = OPTION_DISABLED, .why = &WHY_DAY_FREE},
    {.with = FACT(FACT_DAY_MOVED),
                                .result = OPTION_DISABLED, .why = &WHY_DAY_MOVED_ALREADY},
    {.with = FACT(FACT_BILLING_DAY),
                                .result = OPTION_DISABLED, .why = &WHY_DAY_TODAY},
    {.without = FACT(FACT_METHOD_MOVES),
                                .result = OPTION_DISABLED, .why = &WHY_DAY_METHOD},
    {                           .result = OPTION_ALLOWED, .why = &WHY_DAY_PREVIEW},
};
static const struct option_rule price_consent[] = {
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_PRICE},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {.without = FACT(FACT_PRICE_QUESTION),
                                .result = OPTION_DISABLED, .why = &WHY_NO_PRICE_QUESTION},
    {                           .result = OPTION_ALLOWED, .why = &WHY_PRICE_AGREED},
};
/* what takes the place of a plan that is retired. */
static const struct option_rule plan_choose[] = {
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_PLAN},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {.without = FACT(FACT_PLAN_RETIRED),
                                .result = OPTION_DISABLED, .why = &WHY_PLAN_STAYS},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = UNPAID,       .result = OPTION_DISABLED, .why = &WHY_UNPAID},
    {.standings = ENDING,       .result = OPTION_DISABLED, .why = &WHY_ENDING},
    {                           .result = OPTION_ALLOWED, .why = &WHY_PLAN_CHOICE},
};
/* B-15: an answer to our question, taken wherever it is asked. */
static const struct option_rule confirm_use[] = {
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {                           .result = OPTION_ALLOWED, .why = &WHY_STAYS},
};

/* ---- DT-5: extra members ---- */

static const struct option_rule slot_buy[] = {
    {.without = FACT(FACT_PLAN_HAS_SLOTS),
                                .result = OPTION_DISABLED, .why = &WHY_SLOT_PLAN},
    {.billers = PARTNER, .without = FACT(FACT_PARTNER_HAS_SLOTS),
                                .result = OPTION_DISABLED, .why = &WHY_PARTNER_SLOTS},
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_SLOT},
    {.without = FACT(FACT_COUNTRY_HAS_SLOTS),
                                .result = OPTION_DISABLED, .why = &WHY_SLOT_COUNTRY},
    {.standings = UNPAID,       .result = OPTION_DISABLED, .why = &WHY_UNPAID},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {.standings = PAUSED,       .result = OPTION_DISABLED, .why = &WHY_PAUSED},
    {.standings = ENDING,       .result = OPTION_DISABLED, .why = &WHY_ENDING},
    {.standings = CANCELED,     .result = OPTION_REDIRECT, .why = &WHY_ENDED},
    {.with = FACT(FACT_CHANGE_PLANNED),
                                .result = OPTION_DISABLED, .why = &WHY_CHANGE_PLANNED},
    {.without = FACT(FACT_SLOT_FREE),
                                .result = OPTION_DISABLED, .why = &WHY_SLOT_LIMIT},
    {                           .result = OPTION_ALLOWED, .why = &WHY_SLOT_BILLED},
};
static const struct option_rule slot_cancel[] = {
    {.without = FACT(FACT_SLOT_TAKEN),
                                .result = OPTION_DISABLED, .why = &WHY_NO_SLOT},
    {                           .result = OPTION_ALLOWED, .why = &WHY_SLOT_ENDS},
};

/* ---- DT-6: gift card ---- */

static const struct option_rule gift_visitor[] = {
    {.roles = VISITOR,          .result = OPTION_REDIRECT, .why = &WHY_GIFT_NO_ACCOUNT},
};
static const struct option_rule gift_redeem[] = {
    {.billers = PARTNER, .without = FACT(FACT_PARTNER_PERIOD_OVER),
                                .result = OPTION_DISABLED, .why = &WHY_PARTNER_GIFT},
    {.without = FACT(FACT_CURRENCY_EQUAL),
                                .result = OPTION_DISABLED, .why = &WHY_GIFT_CURRENCY},
    {.standings = HOLD,         .result = OPTION_ALLOWED, .why = &WHY_GIFT_RELEASES},
    {                           .result = OPTION_ALLOWED, .why = &WHY_CREDIT_ADDED},
};

/* ---- refunds, statements, security ---- */

static const struct option_rule refund[] = {
    {.roles = AGENT | SET(ROLE_SYSTEM),
                                .result = OPTION_ALLOWED, .why = &WHY_REFUND_RULES},
    {.standings = NONE,         .result = OPTION_DISABLED, .why = &WHY_NO_MEMBERSHIP},
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_REFUND},
    {                           .result = OPTION_REDIRECT, .why = &WHY_REFUND_ASK},
};
static const struct option_rule refund_ask[] = {
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_REFUND},
    {                           .result = OPTION_ALLOWED, .why = &WHY_REFUND_DECIDED},
};
static const struct option_rule charge_match[] = {
    {                           .result = OPTION_ALLOWED, .why = &WHY_MATCH},
};
static const struct option_rule takeover_report[] = {
    {                           .result = OPTION_ALLOWED, .why = &WHY_LOCKS},
};
static const struct option_rule unlock[] = {
    {.roles = SET(ROLE_OWNER),  .result = OPTION_REDIRECT, .why = &WHY_NOT_OWNER},
    {.if_locked = true,         .result = OPTION_ALLOWED, .why = &WHY_UNLOCKS},
    {                           .result = OPTION_DISABLED, .why = &WHY_NOT_LOCKED},
};

/* ---- deletion, signing out ---- */

static const struct option_rule erase[] = {
    {.standings = ENDING | CANCELED | NONE,
                                .result = OPTION_ALLOWED, .why = &WHY_DELETES},
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_DELETE},
    {.standings = PENDING,      .result = OPTION_DISABLED, .why = &WHY_PENDING},
    {                           .result = OPTION_REDIRECT, .why = &WHY_CANCEL_FIRST},
};
static const struct option_rule undo_erase[] = {
    {.without = FACT(FACT_DELETE_PLANNED),
                                .result = OPTION_DISABLED, .why = &WHY_NO_DELETION},
    {                           .result = OPTION_ALLOWED, .why = &WHY_DELETE_DROPPED},
};
static const struct option_rule sign_out[] = {
    {.roles = VISITOR,          .result = OPTION_HIDDEN, .why = &WHY_SIGN_IN},
    {                           .result = OPTION_ALLOWED, .why = &WHY_SIGN_OUT},
};
/* DT-7: who knows neither contact is sent to whoever can prove who they are. */
static const struct option_rule recover[] = {
    {.with = FACT(FACT_CONTACT),
                                .result = OPTION_ALLOWED, .why = &WHY_LINK_SENT},
    {.billers = PARTNER,        .result = OPTION_REDIRECT, .why = &WHY_PARTNER_RECOVERY},
    {                           .result = OPTION_REDIRECT, .why = &WHY_ASSISTED},
};
/* X-01, L-10: the owner's, and not while somebody else may be at it. */
static const struct option_rule contact_change[] = {
    {                           .result = OPTION_ALLOWED, .why = &WHY_CONTACTS_TOLD},
};

/* ---- the actions ---- */

#define T(table) {COUNT(table), table}

const struct option_about option_abouts[ACTIONS] = {
    [ACTION_MEMBERSHIP_VIEW] = {"membership.view", "See plan, price, state and next charge",
        "A-02, B-12, X-01", {T(not_member), T(view)}},
    [ACTION_CHARGES_VIEW] = {"charges.view", "See charges, and why each was made",
        "H-01, X-01", {T(not_member), T(view)}},
    [ACTION_RECEIPT] = {"receipt", "Get a receipt",
        "H-03, X-01", {T(not_member), T(view)}},
    [ACTION_PAYMENT_VIEW] = {"payment.view", "See the payment methods",
        "D-05, X-01, X-09", {T(not_member), T(view)}},
    [ACTION_CREDIT_VIEW] = {"credit.view", "See the credit",
        "J-08, X-01", {T(not_member), T(view)}},
    [ACTION_PAYMENT_CHANGE] = {"payment.change", "Change payment information",
        "DT-1, D-03, D-04", {T(not_member), T(not_agent), T(partner_payment), T(on_web),
                             T(not_locked), T(payment_change)}},
    [ACTION_START] = {"start", "Start a membership",
        "2.2, X-01, X-03", {T(not_newcomer), T(not_agent), T(on_web), T(not_locked), T(start)}},
    [ACTION_RESTART] = {"restart", "Restart the membership",
        "DT-3, F-12 to F-14", {T(not_member), T(not_agent), T(on_web), T(not_locked),
                               T(restart)}},
    [ACTION_UNDO_RESTART] = {"restart.undo", "Undo a restart that was not yours",
        "F-15, I-05", {T(not_member), T(no_membership), T(undo_restart)}},
    [ACTION_CANCEL] = {"cancel", "Cancel the membership",
        "DT-2, D-06, F-25", {T(cancel_form), T(not_member), T(not_agent), T(cancel_nothing),
                             T(on_web_shown), T(locked_proven), T(cancel)}},
    [ACTION_UNDO_CANCEL] = {"cancel.undo", "Undo the cancelling",
        "DT-3", {T(not_member), T(not_agent), T(no_membership), T(on_web), T(not_locked),
                 T(undo_cancel)}},
    [ACTION_CANCEL_FORM] = {"cancel.form", "Cancel by the form that works without signing in",
        "F-25, F-09", {T(not_kids), T(form_taken)}},
    [ACTION_WITHDRAW] = {"withdraw", "Withdraw from the contract",
        "F-24", {T(not_member), T(not_agent), T(no_membership), T(on_web_shown), T(locked_proven),
                 T(withdraw)}},
    [ACTION_PAUSE] = {"pause", "Pause the membership",
        "DT-4, G-03", {T(not_member), T(not_agent), T(no_membership), T(partner_pause), T(on_web),
                       T(not_locked), T(pause)}},
    [ACTION_EXTEND_PAUSE] = {"pause.extend", "Pause a month longer",
        "G-04", {T(not_member), T(not_agent), T(no_membership), T(partner_pause), T(on_web),
                 T(not_locked), T(extend_pause)}},
    [ACTION_RESUME] = {"resume", "Resume a paused membership",
        "G-06, G-07", {T(not_member), T(not_agent), T(no_membership), T(partner_pause), T(on_web),
                       T(not_locked), T(resume)}},
    [ACTION_PLAN_CHANGE] = {"plan.change", "Change the plan",
        "A-03 to A-05, X-03", {T(not_member), T(not_agent), T(no_membership), T(on_web),
                               T(not_locked), T(plan_change)}},
    [ACTION_UNDO_PLAN_CHANGE] = {"plan.undo", "Undo a planned change of plan",
        "A-04", {T(not_member), T(not_agent), T(no_membership), T(on_web), T(not_locked),
                 T(undo_plan_change)}},
    [ACTION_BILLING_DAY] = {"billing_day.move", "Move the billing day",
        "B-13, X-03", {T(not_member), T(not_agent), T(no_membership), T(day_offered), T(on_web),
                       T(not_locked), T(billing_day)}},
    [ACTION_PRICE_CONSENT] = {"price.consent", "Agree to a price that was announced",
        "A-08, X-03", {T(not_member), T(not_agent), T(no_membership), T(on_web), T(not_locked),
                       T(price_consent)}},
    [ACTION_PLAN_CHOOSE] = {"plan.choose", "Choose what takes the place of a retired plan",
        "A-10, A-05, X-03", {T(not_member), T(not_agent), T(no_membership), T(on_web),
                             T(not_locked), T(plan_choose)}},
    [ACTION_CONFIRM_USE] = {"use.confirm", "Stay a member without watching",
        "B-15", {T(not_member), T(no_membership), T(confirm_use)}},
    [ACTION_SLOT_BUY] = {"slot.buy", "Buy a slot for an extra member",
        "DT-5, O-02, O-03, D-11", {T(not_member), T(not_agent), T(no_membership), T(on_web),
                                   T(not_locked), T(slot_buy)}},
    [ACTION_SLOT_CANCEL] = {"slot.cancel", "Cancel an extra member's slot",
        "O-13, O-14", {T(not_member), T(not_agent), T(no_membership), T(on_web_shown),
                       T(locked_proven), T(slot_cancel)}},
    [ACTION_GIFT_REDEEM] = {"gift.redeem", "Redeem a gift card",
        "DT-6, J-06, J-07", {T(gift_visitor), T(not_member), T(not_agent), T(deleted), T(on_web),
                             T(not_locked), T(gift_redeem)}},
    [ACTION_REFUND] = {"refund", "Give a charge back",
        "D-15, I-02, I-08", {T(not_member), T(refund)}},
    [ACTION_REFUND_ASK] = {"refund.ask", "Ask for a charge to be given back",
        "D-15, I-02, I-03, I-08", {T(not_member), T(not_agent), T(no_membership),
                                   T(refund_ask)}},
    [ACTION_CHARGE_MATCH] = {"charge.match", "Find out what a line on a bank statement is",
        "H-06, X-10", {T(not_kids), T(charge_match)}},
    [ACTION_TAKEOVER_REPORT] = {"takeover.report", "Report that somebody took the account over",
        "L-10, L-14, X-10", {T(not_kids), T(takeover_report)}},
    [ACTION_UNLOCK] = {"unlock", "Unlock an account whose case is solved",
        "2.2, L-10", {T(not_member), T(unlock)}},
    [ACTION_DELETE] = {"delete", "Delete the account early",
        "F-20", {T(not_member), T(not_agent), T(deleted), T(on_web), T(not_locked), T(erase)}},
    [ACTION_UNDO_DELETE] = {"delete.undo", "Undo the planned deletion",
        "F-20", {T(not_member), T(not_agent), T(deleted), T(on_web), T(not_locked),
                 T(undo_erase)}},
    [ACTION_SIGN_OUT] = {"sign_out", "Sign out",
        "F-05, M-08", {T(sign_out)}},
    [ACTION_CONTACT_CHANGE] = {"contact.change", "Change how you are reached",
        "X-01, L-09, L-10", {T(not_member), T(not_agent), T(deleted), T(not_locked),
                             T(contact_change)}},
    [ACTION_RECOVER] = {"recover", "Recover access to the account",
        "D-14, DT-7", {T(not_kids), T(recover)}},
};
/* clang-format on */

static bool in_set(unsigned set, unsigned value)
{
    return !set || set & SET(value);
}

static bool matches(const struct option_rule *r, const struct option_case *c)
{
    return in_set(r->roles, c->role) && in_set(r->billers, c->biller) &&
           in_set(r->standings, c->standing) && in_set(r->surfaces, c->surface) &&
           (!r->if_locked || c->locked) && (c->facts & r->with) == r->with &&
           !(c->facts & r->without);
}

const struct option_rule *option_decide(enum option_action action, const struct option_case *c)
{
    const struct option_table *t = option_abouts[action].tables;

    for (size_t k = 0; k < OPTION_TABLES_MAX; k++)
        for (size_t i = 0; i < t[k].n; i++)
            if (matches(&t[k].at[i], c)) return &t[k].at[i];
    return NULL;
}

unsigned option_facts_of(enum option_action action)
{
    const struct option_table *t = option_abouts[action].tables;
    unsigned facts = 0;

    for (size_t k = 0; k < OPTION_TABLES_MAX; k++)
        for (size_t i = 0; i < t[k].n; i++) facts |= t[k].at[i].with | t[k].at[i].without;
    return facts;
}
