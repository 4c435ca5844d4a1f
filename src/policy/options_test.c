/* options_test: the full product of all variables and facts, for every action.
 * SPDX-License-Identifier: Apache-2.0 */
#include "policy/options_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/test.h"

/* ---- the product ---- */

struct walk {
    enum option_action action;
    unsigned facts[FACTS]; /* the bits that the action's tables name */
    size_t n_facts;
    int64_t n, end; /* the case's number */
};

static void begin(struct walk *w, enum option_action action)
{
    unsigned const named = option_facts_of(action);

    *w = (struct walk){.action = action};
    for (unsigned f = 0; f < FACTS; f++)
        if (named & FACT(f)) w->facts[w->n_facts++] = FACT(f);
    w->end = (int64_t)(biller_kinds.n * standings.n * 2 * surfaces.n * roles.n) << w->n_facts;
}

static unsigned take(int64_t *n, size_t values)
{
    unsigned const value = (unsigned)(*n % (int64_t)values);

    *n /= (int64_t)values;
    return value;
}

static bool next(struct walk *w, struct option_case *c)
{
    if (w->n == w->end) return false;
    int64_t n = w->n++;

    c->biller = take(&n, biller_kinds.n);
    c->standing = take(&n, standings.n);
    c->locked = take(&n, 2);
    c->surface = take(&n, surfaces.n);
    c->role = take(&n, roles.n);
    c->facts = 0;
    for (size_t f = 0; f < w->n_facts; f++)
        if (take(&n, 2)) c->facts |= w->facts[f];
    return true;
}

static const char *case_text(enum option_action action, const struct option_case *c)
{
    static char text[400];
    int n = snprintf(text, sizeof text, "%s: %s, %s%s, %s, %s", option_abouts[action].id,
                     biller_kinds.at[c->biller], standings.at[c->standing],
                     c->locked ? ", locked" : "", surfaces.at[c->surface], roles.at[c->role]);

    for (unsigned f = 0; f < FACTS; f++)
        if (c->facts & FACT(f))
            n += snprintf(text + n, sizeof text - (size_t)n, ", %s", option_facts.at[f]);
    return text;
}

static bool is_sentence(const char *text)
{
    size_t const n = strlen(text);

    return n > 20 && text[n - 1] == '.' && text[0] >= 'A' && text[0] <= 'Z';
}

static void check_defined(enum option_action action, const struct option_case *c)
{
    const struct option_rule *r = option_decide(action, c);

    if (!r) FAIL("%s: no row matches", case_text(action, c));
    const struct fault *f = &r->why->fault;
    if ((r->result == OPTION_ALLOWED) != (f->status == OK))
        FAIL("%s: %s by %s", case_text(action, c), option_results.at[r->result], f->code);
    if (!is_sentence(f->text) || strncmp(f->code, "policy.", 7) != 0)
        FAIL("%s is no sentence", f->code);
    if (r->result != OPTION_ALLOWED && r->why->place == TO_HERE)
        FAIL("%s says no place to go", f->code);
}

static void full_product(void **state)
{
    int64_t cases = 0;

    (void)state;
    for (enum option_action a = ACTION_NONE + 1; a < ACTIONS; a++) {
        struct option_case c;
        struct walk w;

        for (begin(&w, a); next(&w, &c); cases++) check_defined(a, &c);
    }
    CHECK(cases > 300000);
}

/* ---- what must hold whatever the tables say ---- */

struct promise {
    const char *text;
    bool (*broken)(enum option_action a, const struct option_case *c, const struct option_rule *r);
};

static bool in(enum option_action a, const enum option_action *list, size_t n)
{
    while (n && list[n - 1] != a) n--;
    return n > 0;
}
#define IN(a, ...)                                                                                 \
    in((a), (const enum option_action[]){__VA_ARGS__},                                             \
       sizeof((const enum option_action[]){__VA_ARGS__}) / sizeof(enum option_action))

/* Billing is everything but what anybody may tell us, and signing out. */
static bool is_billing(enum option_action a)
{
    return !IN(a, ACTION_CHARGE_MATCH, ACTION_CANCEL_FORM, ACTION_TAKEOVER_REPORT, ACTION_SIGN_OUT,
               ACTION_RECOVER, ACTION_CONTACT_CHANGE);
}

static bool is_view(enum option_action a)
{
    return IN(a, ACTION_MEMBERSHIP_VIEW, ACTION_CHARGES_VIEW, ACTION_RECEIPT, ACTION_PAYMENT_VIEW,
              ACTION_CREDIT_VIEW);
}

/* What can lead to a charge, or takes what was paid for. */
static bool is_charge(enum option_action a)
{
    return IN(a, ACTION_START, ACTION_RESTART, ACTION_RESUME, ACTION_PLAN_CHANGE, ACTION_SLOT_BUY,
              ACTION_PAYMENT_CHANGE, ACTION_GIFT_REDEEM, ACTION_UNDO_CANCEL);
}

static bool kids_reach(enum option_action a, const struct option_case *c,
                       const struct option_rule *r)
{
    return c->role == ROLE_KIDS && a != ACTION_SIGN_OUT && r->result != OPTION_HIDDEN;
}
static bool others_bill(enum option_action a, const struct option_case *c,
                        const struct option_rule *r)
{
    bool const other = c->role == ROLE_PROFILE || c->role == ROLE_EXTRA || c->role == ROLE_VISITOR;

    /* Signing up makes an account; it reaches none. */
    if (a == ACTION_START && c->role == ROLE_VISITOR) return false;
    return other && is_billing(a) && r->result == OPTION_ALLOWED;
}
static bool agents_change(enum option_action a, const struct option_case *c,
                          const struct option_rule *r)
{
    return c->role == ROLE_AGENT && is_billing(a) && !is_view(a) && r->result == OPTION_ALLOWED &&
           !IN(a, ACTION_REFUND, ACTION_UNLOCK, ACTION_UNDO_RESTART, ACTION_CONFIRM_USE);
}
static bool locked_charges(enum option_action a, const struct option_case *c,
                           const struct option_rule *r)
{
    return c->locked && is_charge(a) && r->result == OPTION_ALLOWED;
}
static bool cancel_hides(enum option_action a, const struct option_case *c,
                         const struct option_rule *r)
{
    return a == ACTION_CANCEL && c->role == ROLE_OWNER && r->result == OPTION_HIDDEN;
}
/* Directly billed, proven, on the web, with something that runs or is owed: it can be ended. */
static bool cancel_traps(enum option_action a, const struct option_case *c,
                         const struct option_rule *r)
{
    bool const runs = c->standing == STANDING_GOOD || c->standing == STANDING_GRACE ||
                      c->standing == STANDING_HOLD || c->standing == STANDING_PAUSED;

    return a == ACTION_CANCEL && c->role == ROLE_OWNER && c->biller == BILLER_DIRECT && runs &&
           c->surface == SURFACE_WEB && c->facts & FACT(FACT_PROVEN) && r->result != OPTION_ALLOWED;
}
static bool partner_touched(enum option_action a, const struct option_case *c,
                            const struct option_rule *r)
{
    return c->biller != BILLER_DIRECT && r->result == OPTION_ALLOWED &&
           IN(a, ACTION_PAYMENT_CHANGE, ACTION_START, ACTION_RESTART, ACTION_CANCEL,
              ACTION_UNDO_CANCEL, ACTION_PAUSE, ACTION_EXTEND_PAUSE, ACTION_RESUME,
              ACTION_PLAN_CHANGE, ACTION_WITHDRAW);
}
static bool off_the_web(enum option_action a, const struct option_case *c,
                        const struct option_rule *r)
{
    bool const away =
        c->surface == SURFACE_APP || c->surface == SURFACE_TV || c->surface == SURFACE_CONTACT;

    /* What protects or keeps a membership is taken wherever it is asked (F-15, B-15, I-03). */
    return c->role == ROLE_OWNER && away && is_billing(a) && !is_view(a) &&
           !IN(a, ACTION_REFUND, ACTION_REFUND_ASK, ACTION_UNDO_RESTART, ACTION_CONFIRM_USE) &&
           r->result == OPTION_ALLOWED;
}
static bool hold_changes_plan(enum option_action a, const struct option_case *c,
                              const struct option_rule *r)
{
    bool const unpaid = c->standing == STANDING_HOLD || c->standing == STANDING_GRACE;

    return a == ACTION_PLAN_CHANGE && unpaid && r->result == OPTION_ALLOWED;
}
static bool restarts_unproven(enum option_action a, const struct option_case *c,
                              const struct option_rule *r)
{
    return a == ACTION_RESTART && c->standing == STANDING_CANCELED &&
           !(c->facts & FACT(FACT_PROVEN)) && r->result == OPTION_ALLOWED;
}
static bool pause_unfit(enum option_action a, const struct option_case *c,
                        const struct option_rule *r)
{
    unsigned const needs =
        FACT(FACT_PLAN_PAUSABLE) | FACT(FACT_METHOD_PAUSABLE) | FACT(FACT_PAUSE_LEFT);
    bool const fits = (c->facts & needs) == needs && c->standing == STANDING_GOOD && !c->locked &&
                      c->biller == BILLER_DIRECT;

    return a == ACTION_PAUSE && !fits && r->result == OPTION_ALLOWED;
}
static bool slot_unfit(enum option_action a, const struct option_case *c,
                       const struct option_rule *r)
{
    unsigned const needs =
        FACT(FACT_PLAN_HAS_SLOTS) | FACT(FACT_COUNTRY_HAS_SLOTS) | FACT(FACT_SLOT_FREE);
    bool const fits = (c->facts & needs) == needs && c->biller == BILLER_DIRECT &&
                      c->standing == STANDING_GOOD && !c->locked &&
                      !(c->facts & FACT(FACT_CHANGE_PLANNED));

    return a == ACTION_SLOT_BUY && !fits && r->result == OPTION_ALLOWED;
}
static bool gift_unfit(enum option_action a, const struct option_case *c,
                       const struct option_rule *r)
{
    bool const billed = c->biller == BILLER_DIRECT || c->facts & FACT(FACT_PARTNER_PERIOD_OVER);

    return a == ACTION_GIFT_REDEEM && (!billed || !(c->facts & FACT(FACT_CURRENCY_EQUAL))) &&
           r->result == OPTION_ALLOWED;
}
static bool sign_out_bound(enum option_action a, const struct option_case *c,
                           const struct option_rule *r)
{
    return a == ACTION_SIGN_OUT && c->role != ROLE_VISITOR && r->result != OPTION_ALLOWED;
}
static bool report_refused(enum option_action a, const struct option_case *c,
                           const struct option_rule *r)
{
    return IN(a, ACTION_TAKEOVER_REPORT, ACTION_CHARGE_MATCH, ACTION_CANCEL_FORM) &&
           c->role != ROLE_KIDS && r->result != OPTION_ALLOWED;
}

static const struct promise promises[] = {
    {"kids reach nothing",                                                kids_reach       },
    {"nobody else on the account, and no visitor, is allowed on billing", others_bill      },
    {"agents change nothing but refunds, locks and what they protect",    agents_change    },
    {"a locked account is led to no charge",                              locked_charges   },
    {"cancel is never hidden from an owner",                              cancel_hides     },
    {"a proven owner can end what runs",                                  cancel_traps     },
    {"what a partner bills is not touched here",                          partner_touched  },
    {"billing is changed on the web",                                     off_the_web      },
    {"no plan change while a payment has failed",                         hold_changes_plan},
    {"no restart without a proof",                                        restarts_unproven},
    {"a pause needs plan, method, months and good standing",              pause_unfit      },
    {"a slot needs plan, country, biller, room and good standing",        slot_unfit       },
    {"a gift card needs the currency and no running partner",             gift_unfit       },
    {"signing out is always possible",                                    sign_out_bound   },
    {"a report is taken from anybody",                                    report_refused   },
};

static void promises_hold(void **state)
{
    (void)state;
    for (enum option_action a = ACTION_NONE + 1; a < ACTIONS; a++) {
        struct option_case c;
        struct walk w;

        for (begin(&w, a); next(&w, &c);)
            for (size_t i = 0; i < COUNT(promises); i++)
                if (promises[i].broken(a, &c, option_decide(a, &c)))
                    FAIL("%s: %s", promises[i].text, case_text(a, &c));
    }
}

/* What members read in their language is what the API says in English. */
static void check_words(const struct fault *f)
{
    CLEANUP(arena_clear) struct arena a = {0};

    if (!message_exists(f->code)) FAIL("%s has no text", f->code);
    const char *text = message_text(&a, "en", f->code, NULL, 0);
    if (strcmp(text, f->text) != 0) FAIL("%s: \"%s\" is not \"%s\"", f->code, text, f->text);
}

static void reasons_have_words(void **state)
{
    (void)state;
    for (enum option_action a = ACTION_NONE + 1; a < ACTIONS; a++) {
        CLEANUP(arena_clear) struct arena arena = {0};

        CHECK(strcmp(message_of(&arena, "en", "action", option_abouts[a].id),
                     option_abouts[a].text) == 0);
        for (size_t k = 0; k < OPTION_TABLES_MAX; k++)
            for (size_t i = 0; i < option_abouts[a].tables[k].n; i++)
                check_words(&option_abouts[a].tables[k].at[i].why->fault);
    }
}

static bool decides(enum option_action a, const struct option_rule *wanted)
{
    struct option_case c;
    struct walk w;

    for (begin(&w, a); next(&w, &c);)
        if (option_decide(a, &c) == wanted) return true;
    return false;
}

/* A row that several actions share may be idle in one of them. */
static bool is_alive(const struct option_rule *wanted)
{
    for (enum option_action a = ACTION_NONE + 1; a < ACTIONS; a++)
        for (size_t k = 0; k < OPTION_TABLES_MAX; k++) {
            const struct option_table *t = &option_abouts[a].tables[k];

            if (t->n && wanted >= t->at && wanted < t->at + t->n && decides(a, wanted)) return true;
        }
    return false;
}

static void no_dead_rows(void **state)
{
    (void)state;
    for (enum option_action a = ACTION_NONE + 1; a < ACTIONS; a++)
        for (size_t k = 0; k < OPTION_TABLES_MAX; k++)
            for (size_t i = 0; i < option_abouts[a].tables[k].n; i++) {
                const struct option_rule *r = &option_abouts[a].tables[k].at[i];

                if (!is_alive(r))
                    FAIL("%s: row %zu of table %zu (%s) decides nothing", option_abouts[a].id, i, k,
                         r->why->fault.code);
            }
}

/* ---- the rows of SPEC, one by one ---- */

/* clang-format off */
static const struct row {
    const char *name;
    enum option_action action;
    struct option_case c;
    enum option_result result;
    const char *code;
    enum option_place place;
} rows[] = {
    {"DT-1 not owner", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_PROFILE, .standing = STANDING_GOOD}, OPTION_HIDDEN, "policy.ask_owner",
     TO_OWNER},
    {"DT-1 partner", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_OWNER, .biller = BILLER_CARRIER, .standing = STANDING_HOLD,
      .surface = SURFACE_TV},
     OPTION_DISABLED, "policy.partner_payment", TO_PARTNER_PAYMENT},
    {"DT-1 app", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .surface = SURFACE_APP, .locked = true},
     OPTION_REDIRECT, "policy.on_web", TO_WEB},
    {"DT-1 app without links", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .surface = SURFACE_TV,
      .facts = FACT(FACT_LINKS_FORBIDDEN)}, OPTION_HIDDEN, "policy.not_in_app", TO_WEB},
    {"DT-1 locked", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_OWNER, .standing = STANDING_GRACE, .surface = SURFACE_WEB, .locked = true},
     OPTION_DISABLED, "policy.locked", TO_SECURITY},
    {"DT-1 ending", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_OWNER, .standing = STANDING_ENDING, .surface = SURFACE_WEB}, OPTION_ALLOWED,
     "policy.next_date", TO_HERE},
    {"DT-1 hold", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_OWNER, .standing = STANDING_HOLD, .surface = SURFACE_WEB}, OPTION_ALLOWED,
     "policy.tried_now", TO_HERE},
    {"DT-1 canceled", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_OWNER, .standing = STANDING_CANCELED, .surface = SURFACE_WEB}, OPTION_ALLOWED,
     "policy.with_restart", TO_RESTART},
    {"DT-1 deleted", ACTION_PAYMENT_CHANGE,
     {.role = ROLE_OWNER, .standing = STANDING_DELETED, .surface = SURFACE_WEB}, OPTION_REDIRECT,
     "policy.deleted", TO_SIGN_UP},
    {"DT-2 not a member", ACTION_CANCEL, {.role = ROLE_OWNER}, OPTION_DISABLED,
     "policy.no_membership", TO_SIGN_UP},
    {"DT-2 not owner", ACTION_CANCEL, {.role = ROLE_EXTRA, .standing = STANDING_GOOD},
     OPTION_HIDDEN, "policy.extra_member", TO_OWNER},
    {"DT-2 a country with a form", ACTION_CANCEL,
     {.role = ROLE_VISITOR, .standing = STANDING_GOOD, .facts = FACT(FACT_CANCEL_FORM)},
     OPTION_REDIRECT, "policy.cancel_form", TO_CANCEL_FORM},
    {"DT-2 a child there", ACTION_CANCEL,
     {.role = ROLE_KIDS, .standing = STANDING_GOOD, .facts = FACT(FACT_CANCEL_FORM)},
     OPTION_HIDDEN, "policy.kids_profile", TO_PROFILES},
    {"DT-2 the form itself", ACTION_CANCEL_FORM, {.role = ROLE_VISITOR}, OPTION_ALLOWED,
     "policy.form", TO_CANCEL_FORM},
    {"DT-2 partner", ACTION_CANCEL,
     {.role = ROLE_OWNER, .biller = BILLER_APP_STORE, .standing = STANDING_GOOD}, OPTION_REDIRECT,
     "policy.partner_cancel", TO_PARTNER},
    {"DT-2 good", ACTION_CANCEL, {.role = ROLE_OWNER, .standing = STANDING_GOOD}, OPTION_ALLOWED,
     "policy.ends_later", TO_HERE},
    {"DT-2 credit", ACTION_CANCEL,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .facts = FACT(FACT_CREDIT_LEFT)},
     OPTION_ALLOWED, "policy.ends_or_credit", TO_HERE},
    {"DT-2 hold", ACTION_CANCEL, {.role = ROLE_OWNER, .standing = STANDING_HOLD}, OPTION_ALLOWED,
     "policy.ends_now", TO_HERE},
    {"DT-2 paused", ACTION_CANCEL, {.role = ROLE_OWNER, .standing = STANDING_PAUSED},
     OPTION_ALLOWED, "policy.ends_now", TO_HERE},
    {"DT-2 ending", ACTION_CANCEL, {.role = ROLE_OWNER, .standing = STANDING_ENDING},
     OPTION_DISABLED, "policy.ending", TO_UNDO_CANCEL},
    {"DT-2 locked", ACTION_CANCEL, {.role = ROLE_OWNER, .standing = STANDING_GOOD, .locked = true},
     OPTION_DISABLED, "policy.prove_first", TO_IDENTITY},
    {"DT-2 locked, proven", ACTION_CANCEL,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .locked = true, .facts = FACT(FACT_PROVEN)},
     OPTION_ALLOWED, "policy.ends_later", TO_HERE},
    {"DT-3 ending", ACTION_RESTART, {.role = ROLE_OWNER, .standing = STANDING_ENDING},
     OPTION_ALLOWED, "policy.undone", TO_HERE},
    {"DT-3 ending, last day over", ACTION_RESTART,
     {.role = ROLE_OWNER, .standing = STANDING_ENDING, .facts = FACT(FACT_END_REACHED)},
     OPTION_DISABLED, "policy.end_reached", TO_ACCOUNT},
    {"DT-2 undone, last day over", ACTION_UNDO_CANCEL,
     {.role = ROLE_OWNER, .standing = STANDING_ENDING, .facts = FACT(FACT_END_REACHED)},
     OPTION_DISABLED, "policy.end_reached", TO_ACCOUNT},
    {"DT-3 canceled", ACTION_RESTART,
     {.role = ROLE_OWNER, .standing = STANDING_CANCELED, .facts = FACT(FACT_PROVEN)},
     OPTION_ALLOWED, "policy.new_anchor", TO_HERE},
    {"DT-3 unproven", ACTION_RESTART, {.role = ROLE_OWNER, .standing = STANDING_CANCELED},
     OPTION_DISABLED, "policy.prove_first", TO_IDENTITY},
    {"DT-3 risk", ACTION_RESTART,
     {.role = ROLE_OWNER, .standing = STANDING_CANCELED,
      .facts = FACT(FACT_PROVEN) | FACT(FACT_RISK_HIGH)},
     OPTION_DISABLED, "policy.held_back", TO_SUPPORT},
    {"DT-3 past retention", ACTION_RESTART,
     {.role = ROLE_OWNER, .standing = STANDING_DELETED, .facts = FACT(FACT_PROVEN)},
     OPTION_REDIRECT, "policy.deleted", TO_SIGN_UP},
    {"DT-3 past retention, not erased yet", ACTION_RESTART,
     {.role = ROLE_OWNER, .standing = STANDING_CANCELED,
      .facts = FACT(FACT_PROVEN) | FACT(FACT_RETENTION_OVER)},
     OPTION_REDIRECT, "policy.retention_over", TO_SIGN_UP},
    {"DT-3 kids", ACTION_RESTART,
     {.role = ROLE_KIDS, .standing = STANDING_CANCELED, .facts = FACT(FACT_PROVEN)},
     OPTION_HIDDEN, "policy.kids_profile", TO_PROFILES},
    {"DT-4 payment problem", ACTION_PAUSE,
     {.role = ROLE_OWNER, .standing = STANDING_GRACE,
      .facts = FACT(FACT_PLAN_PAUSABLE) | FACT(FACT_METHOD_PAUSABLE) | FACT(FACT_PAUSE_LEFT)},
     OPTION_DISABLED, "policy.unpaid", TO_PAYMENT},
    {"DT-4 plan", ACTION_PAUSE,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD,
      .facts = FACT(FACT_METHOD_PAUSABLE) | FACT(FACT_PAUSE_LEFT)},
     OPTION_DISABLED, "policy.pause_plan", TO_PLANS},
    {"DT-4 method", ACTION_PAUSE,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD,
      .facts = FACT(FACT_PLAN_PAUSABLE) | FACT(FACT_PAUSE_LEFT)},
     OPTION_DISABLED, "policy.pause_method", TO_PAYMENT},
    {"DT-4 limit", ACTION_PAUSE,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD,
      .facts = FACT(FACT_PLAN_PAUSABLE) | FACT(FACT_METHOD_PAUSABLE)},
     OPTION_DISABLED, "policy.pause_limit", TO_RESUME},
    {"DT-4 partner", ACTION_PAUSE,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .biller = BILLER_CABLE},
     OPTION_DISABLED, "policy.partner_pause", TO_PARTNER},
    {"DT-5 ad plan", ACTION_SLOT_BUY,
     {.role = ROLE_OWNER, .standing = STANDING_HOLD, .biller = BILLER_PACKAGE},
     OPTION_DISABLED, "policy.slot_plan", TO_PLANS},
    {"DT-5 package", ACTION_SLOT_BUY,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .biller = BILLER_PACKAGE,
      .facts = FACT(FACT_PLAN_HAS_SLOTS)}, OPTION_DISABLED, "policy.partner_slots", TO_PLANS},
    {"DT-5 a partner who sells slots", ACTION_SLOT_BUY,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .biller = BILLER_CARRIER,
      .facts = FACT(FACT_PLAN_HAS_SLOTS) | FACT(FACT_COUNTRY_HAS_SLOTS) | FACT(FACT_SLOT_FREE) |
               FACT(FACT_PARTNER_HAS_SLOTS)},
     OPTION_REDIRECT, "policy.partner_slot", TO_PARTNER},
    {"DT-5 country", ACTION_SLOT_BUY,
     {.role = ROLE_OWNER, .standing = STANDING_GRACE, .facts = FACT(FACT_PLAN_HAS_SLOTS)},
     OPTION_DISABLED, "policy.slot_country", TO_SIGN_UP},
    {"DT-5 unpaid", ACTION_SLOT_BUY,
     {.role = ROLE_OWNER, .standing = STANDING_GRACE,
      .facts = FACT(FACT_PLAN_HAS_SLOTS) | FACT(FACT_COUNTRY_HAS_SLOTS) | FACT(FACT_SLOT_FREE)},
     OPTION_DISABLED, "policy.unpaid", TO_PAYMENT},
    {"DT-5 up to the plan's", ACTION_SLOT_BUY,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD,
      .facts = FACT(FACT_PLAN_HAS_SLOTS) | FACT(FACT_COUNTRY_HAS_SLOTS)},
     OPTION_DISABLED, "policy.slot_limit", TO_PLANS},
    {"DT-5 a slot", ACTION_SLOT_BUY,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD,
      .facts = FACT(FACT_PLAN_HAS_SLOTS) | FACT(FACT_COUNTRY_HAS_SLOTS) | FACT(FACT_SLOT_FREE)},
     OPTION_ALLOWED, "policy.slot_billed", TO_HERE},
    {"DT-6 good", ACTION_GIFT_REDEEM,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .facts = FACT(FACT_CURRENCY_EQUAL)},
     OPTION_ALLOWED, "policy.credit_added", TO_HERE},
    {"DT-6 hold", ACTION_GIFT_REDEEM,
     {.role = ROLE_OWNER, .standing = STANDING_HOLD, .facts = FACT(FACT_CURRENCY_EQUAL)},
     OPTION_ALLOWED, "policy.gift_releases", TO_HERE},
    {"DT-6 currency", ACTION_GIFT_REDEEM, {.role = ROLE_OWNER, .standing = STANDING_GOOD},
     OPTION_DISABLED, "policy.gift_currency", TO_SIGN_UP},
    {"DT-6 partner", ACTION_GIFT_REDEEM,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .biller = BILLER_ISP,
      .facts = FACT(FACT_CURRENCY_EQUAL)}, OPTION_DISABLED, "policy.partner_gift", TO_PARTNER},
    {"DT-6 visitor", ACTION_GIFT_REDEEM, {.role = ROLE_VISITOR}, OPTION_REDIRECT,
     "policy.gift_no_account", TO_SIGN_UP},
    {"DT-7 a contact", ACTION_RECOVER, {.role = ROLE_VISITOR, .facts = FACT(FACT_CONTACT)},
     OPTION_ALLOWED, "policy.link_sent", TO_HERE},
    {"DT-7 D-14 a partner", ACTION_RECOVER,
     {.role = ROLE_VISITOR, .biller = BILLER_CARRIER, .standing = STANDING_GOOD}, OPTION_REDIRECT,
     "policy.partner_recovery", TO_PARTNER},
    {"DT-7 neither", ACTION_RECOVER, {.role = ROLE_VISITOR, .standing = STANDING_GOOD},
     OPTION_REDIRECT, "policy.assisted", TO_SUPPORT},
    {"F-15 no restart", ACTION_UNDO_RESTART, {.role = ROLE_OWNER, .standing = STANDING_GOOD},
     OPTION_REDIRECT, "policy.not_restarted", TO_SECURITY},
    {"F-15 an old restart", ACTION_UNDO_RESTART,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .facts = FACT(FACT_RESTARTED)},
     OPTION_REDIRECT, "policy.restart_old", TO_SECURITY},
    {"F-15 from an app, while locked", ACTION_UNDO_RESTART,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .surface = SURFACE_APP, .locked = true,
      .facts = FACT(FACT_RESTARTED) | FACT(FACT_RESTART_RECENT)},
     OPTION_ALLOWED, "policy.restart_undone", TO_HERE},
    {"A-08 nothing asked", ACTION_PRICE_CONSENT,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD}, OPTION_DISABLED, "policy.no_price_question",
     TO_ACCOUNT},
    {"A-08 asked", ACTION_PRICE_CONSENT,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .facts = FACT(FACT_PRICE_QUESTION)},
     OPTION_ALLOWED, "policy.price_agreed", TO_HERE},
    {"B-15 from a TV", ACTION_CONFIRM_USE,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .surface = SURFACE_TV}, OPTION_ALLOWED,
     "policy.stays", TO_HERE},
    {"D-15 I-08 partner", ACTION_REFUND_ASK,
     {.role = ROLE_OWNER, .standing = STANDING_GOOD, .biller = BILLER_CARRIER}, OPTION_REDIRECT,
     "policy.partner_refund", TO_PARTNER},
    {"I-03 asked for", ACTION_REFUND_ASK,
     {.role = ROLE_OWNER, .standing = STANDING_CANCELED, .locked = true}, OPTION_ALLOWED,
     "policy.refund_decided", TO_HERE},
    {"A-05 hold", ACTION_PLAN_CHANGE, {.role = ROLE_OWNER, .standing = STANDING_HOLD},
     OPTION_DISABLED, "policy.unpaid", TO_PAYMENT},
};
/* clang-format on */

static void rows_of_spec(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct option_rule *r = option_decide(rows[i].action, &rows[i].c);

        CHECK(r);
        if (r->result != rows[i].result || strcmp(r->why->fault.code, rows[i].code) != 0 ||
            r->why->place != rows[i].place)
            FAIL("%s: %s, %s, %s", rows[i].name, option_results.at[r->result], r->why->fault.code,
                 option_places.at[r->why->place]);
    }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("X-05 X-06 golden 30: the full product of all variables has a result, a reason and a "
             "place",
             full_product),
        CASE("X-01 X-03 X-07 X-08 F-14 A-05 M-08 promises hold in the full product", promises_hold),
        CASE("X-05 no row of a table is dead", no_dead_rows),
        CASE("X-06 every action and reason has its words in the catalogue of texts",
             reasons_have_words),
        CASE("D-03 D-11 F-08 F-12 G-03 J-06 J-07 O-03 DT-1 to DT-6 decide as SPEC says",
             rows_of_spec),
    };
    return RUN_CASES("options", cases);
}
