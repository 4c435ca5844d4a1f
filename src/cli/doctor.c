/* doctor: every invariant as a row.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "billing/billing.h"
#include "cli/cli.h"
#include "db/audit_check.h"
#include "doctor_look_sql.h"
#include "doctor_money_sql.h"
#include "doctor_plan_sql.h"
#include "doctor_sql.h"

enum { LISTS_MAX = 100000, PATIENCE_MS = 3600000 };

/* Work may lie for a while until the worker comes by. On a test clock everything before it is done,
 * but for what was imported since: its day may have begun earlier where the member lives. */
static int64_t before(const struct patient *p)
{
    return p->clock.now - (p->clock.is_test ? DAY_MS : PATIENCE_MS);
}

/* clang-format off */
#define QUERY(name)                                                                                \
    static enum status ask_##name(struct ctx *cx, const struct patient *p, struct finding *out)    \
    {                                                                                              \
        (void)p;                                                                                   \
        return doctor_##name(cx, out, &DB_NO_ROW, .none = 0);                                      \
    }
#define QUERY_AT(name)                                                                             \
    static enum status ask_##name(struct ctx *cx, const struct patient *p, struct finding *out)    \
    {                                                                                              \
        return doctor_##name(cx, out, &DB_NO_ROW, .before = before(p));                            \
    }

#define QUERY_PLAN(name)                                                                           \
    static enum status ask_##name(struct ctx *cx, const struct patient *p, struct finding *out)    \
    {                                                                                              \
        struct plan_finding found;                                                                 \
                                                                                                   \
        (void)p;                                                                                   \
        TRY(doctor_##name(cx, &found, &DB_NO_ROW, .none = 0));                                     \
        *out = (struct finding){found.findings, found.sample};                                     \
        return OK;                                                                                 \
    }

#define MONEY(name, ...)                                                                           \
    static enum status ask_##name(struct ctx *cx, const struct patient *p, struct finding *out)    \
    {                                                                                              \
        struct money_finding f;                                                                    \
                                                                                                   \
        (void)p;                                                                                   \
        TRY(doctor_##name(cx, &f, &DB_NO_ROW, __VA_ARGS__));                                       \
        *out = (struct finding){f.findings, f.sample};                                             \
        return OK;                                                                                 \
    }

QUERY(ledger_entries)
QUERY(ledger_receivable)
QUERY(ledger_revenue)
QUERY(ledger_tax)
QUERY(ledger_clearing)
QUERY(ledger_recognised)
QUERY(ledger_documents)
QUERY(invoice_total)
QUERY(invoice_lines)
QUERY(invoice_numbers)
QUERY(invoice_charge)
QUERY(invoice_credit_notes)
MONEY(invoice_reversals, .none = 0)
MONEY(refund_left, .none = 0)
MONEY(dispute_books, .none = 0)
MONEY(dispute_state, .none = 0)
MONEY(refund_note, .none = 0)
MONEY(refund_books, .none = 0)
MONEY(refund_state, .none = 0)
MONEY(refund_overdue, .before = before(p))
MONEY(forget_overdue, .before = before(p))
QUERY(charge_invoice)
QUERY(charge_once)
QUERY(charge_overlap)
QUERY(charge_capture)
QUERY(charge_captured_at)
QUERY(charge_credit)
QUERY(charge_attempts)
QUERY(charge_credited)
QUERY(charge_wanted)
QUERY_AT(charge_stale)
QUERY(charge_unknown)
QUERY(ledger_gifts)
QUERY(gift_redeemed)
QUERY(credit_balance)
QUERY(method_primary)
QUERY(method_ranks)
QUERY(method_digits)
QUERY(authorization_state)
QUERY_AT(authorization_overdue)
QUERY(membership_step)
QUERY(membership_due)
QUERY_AT(membership_overdue)
QUERY(account_locked)
QUERY(account_erased)
QUERY_PLAN(membership_slots)
QUERY_PLAN(membership_next_plan)
QUERY(membership_terms)
QUERY(membership_newest)
QUERY(membership_dunning)
QUERY(membership_dunned_charge)
QUERY(membership_events)
QUERY(orphan_account)
QUERY(orphan_term)
QUERY(orphan_charge)
QUERY(orphan_attempt)
QUERY(orphan_method)
QUERY(orphan_catalog)
QUERY(message_delivery)
/* clang-format on */

void doctor_found(struct finding *out, const char *sample)
{
    if (out->findings++ == 0) out->sample = sample;
}

static enum status catalog_newest(struct ctx *cx, const struct catalog **c)
{
    struct catalog_version *versions;
    size_t n;

    *c = NULL;
    TRY(catalog_versions(cx, 1, &versions, &n));
    return n ? catalog_load(cx, 0, c) : OK;
}

static enum status catalog_prices(struct ctx *cx, const struct patient *p, struct finding *out)
{
    const struct catalog *c;
    struct catalog_gap *gaps;
    size_t n;

    *out = (struct finding){.sample = ""};
    TRY(catalog_newest(cx, &c));
    TRY(catalog_gaps(cx, c, divide_down(p->clock.now, DAY_MS), &gaps, &n));
    for (size_t i = 0; i < n; i++)
        doctor_found(out, arena_printf(cx->arena, "%s in %s", gaps[i].plan, gaps[i].country));
    return OK;
}

/* What was written lately, and every end; `foyer audit verify` looks at all of it. */
static enum status audit_chain_whole(struct ctx *cx, const struct patient *p, struct finding *out)
{
    enum { LATELY_DAYS = 7 };
    struct audit_check *c = arena_new(cx->arena, struct audit_check);
    char id[ID_TEXT];

    *c = (struct audit_check){.only_account = AUDIT_ALL,
                              .from_at = p->clock.now - LATELY_DAYS * DAY_MS};
    TRY(audit_walk(cx, c));
    *out = (struct finding){c->findings, ""};
    if (!c->findings) return OK;
    const struct audit_finding *f = &c->found[0];
    out->sample = arena_printf(cx->arena, "%s, entry %lld, %s", id_text("mem", f->account_id, id),
                               (long long)f->entry_no, audit_defects.at[f->defect]);
    return OK;
}

static enum status zone_rules(struct ctx *cx, const struct patient *p, struct finding *out)
{
    const struct zone *z;
    struct doctor_zone *rows;
    struct error ignored;
    size_t n;

    (void)p;
    *out = (struct finding){.sample = ""};
    TRY(doctor_zones(cx, &rows, &n, .max = LISTS_MAX));
    for (size_t i = 0; i < n; i++)
        if (zone_find(rows[i].zone, &z, &ignored) != OK) doctor_found(out, rows[i].zone);
    return OK;
}

/* clang-format off */
static const struct check {
    const char *id, *prefix; /* prefix: of the sample, where that is an id */
    enum status (*run)(struct ctx *cx, const struct patient *p, struct finding *out);
    const char *sentence;
} checks[] = {
    {"ledger.entries", "doc", ask_ledger_entries,
     "Each entry of the journal moves an amount above 0 between two known books."},
    {"ledger.receivable", "", ask_ledger_receivable,
     "What is owed in the books is the sum of the unpaid invoices."},
    {"ledger.revenue", "", ask_ledger_revenue,
     "Deferred and recognised revenue together are the net of invoices less credit notes."},
    {"ledger.tax", "", ask_ledger_tax,
     "The tax owed to each country is that of invoices less credit notes."},
    {"ledger.clearing", "", ask_ledger_clearing,
     "What lies with gateways is the sum of the captured attempts."},
    {"ledger.recognised", "", ask_ledger_recognised,
     "Recognised revenue in the books is the sum of the months."},
    {"ledger.documents", "doc", ask_ledger_documents,
     "Each entry of the journal belongs to a document."},
    {"invoice.total", "inv", ask_invoice_total,
     "The total of an invoice is net and tax."},
    {"invoice.lines", "inv", ask_invoice_lines,
     "The lines of an invoice add up to its total, those of tax to its tax."},
    {"invoice.taxes", "inv", doctor_taxes_fit,
     "Each tax is its rate of what it was computed on."},
    {"invoice.numbers", "", ask_invoice_numbers,
     "Invoice numbers run from 1 without gaps or doubles in each series."},
    {"invoice.charge", "inv", ask_invoice_charge,
     "Each invoice has its charge, whose amount and credit add up to it."},
    {"invoice.credit_notes", "inv", ask_invoice_credit_notes,
     "A credit note takes back what one invoice demanded; of an unpaid one all of it, once."},
    {"invoice.reversals", "inv", ask_invoice_reversals,
     "The credit notes of a paid invoice never exceed it, in tax as in total."},
    {"charge.invoice", "chg", ask_charge_invoice,
     "Each charge has its invoice, unless it would end a hold and is unpaid."},
    {"charge.once", "chg", ask_charge_once,
     "Nobody is charged twice for the same thing."},
    {"charge.calendar", "chg", doctor_renewals_fit,
     "A renewal is due, and invoiced, for the period that the anchor of its term gives it."},
    {"charge.overlap", "chg", ask_charge_overlap,
     "Nobody pays twice for the same days."},
    {"charge.capture", "chg", ask_charge_capture,
     "A captured charge has one captured attempt, of its amount; others, or paid by credit, none."},
    {"charge.captured_at", "chg", ask_charge_captured_at,
     "A captured charge says when, and no other does."},
    {"charge.credit", "chg", ask_charge_credit,
     "What credit paid of a charge was taken from the member's credit, once."},
    {"charge.attempts", "chg", ask_charge_attempts,
     "A charge counts its attempts; at most one is still to be answered."},
    {"charge.credited", "chg", ask_charge_credited,
     "A credited charge has its credit note, and no other does."},
    {"charge.wanted", "chg", ask_charge_wanted,
     "What is to be collected stands in the list of wanted charges, and nothing else."},
    {"charge.stale", "chg", ask_charge_stale,
     "No wanted charge is left lying."},
    {"charge.unknown", "chg", ask_charge_unknown,
     "Each outcome in doubt is looked up."},
    {"ledger.gifts", "", ask_ledger_gifts,
     "What is owed for gift cards is the sum of those that are active."},
    {"gift.redeemed", "gft", ask_gift_redeemed,
     "A gift card that was used has become credit, once and whole."},
    {"credit.balance", "mem", ask_credit_balance,
     "No credit is below zero, and a membership knows whether there is any."},
    {"method.primary", "mem", ask_method_primary,
     "A membership's method is its account's primary one."},
    {"method.ranks", "mth", ask_method_ranks,
     "An account has one primary method, and its backups are in order."},
    {"method.digits", "mth", ask_method_digits,
     "Nothing that could be a full card number is stored."},
    {"refund.left", "chg", ask_refund_left,
     "No more is given back of a charge than was paid."},
    {"refund.note", "rfd", ask_refund_note,
     "Each refund of an invoiced charge has its credit note, of its amount."},
    {"refund.books", "", ask_refund_books,
     "The refunds that the books owe are those that nobody has received yet."},
    {"refund.state", "rfd", ask_refund_state,
     "A refund is pursued until it has reached the member."},
    {"forget.overdue", "mth", ask_forget_overdue,
     "No token of a removed method is left with its gateway."},
    {"refund.overdue", "rfd", ask_refund_overdue,
     "No refund is left lying."},
    {"dispute.books", "", ask_dispute_books,
     "What banks have taken for now is the sum of the open disputes."},
    {"dispute.state", "dsp", ask_dispute_state,
     "A dispute is of a paid charge, and never takes what was given back."},
    {"authorization.state", "mth", ask_authorization_state,
     "A temporary authorization is asked about again until it is voided or refused."},
    {"authorization.overdue", "mth", ask_authorization_overdue,
     "No temporary authorization is held beyond its day without being asked back."},
    {"membership.step", "mem", ask_membership_step,
     "A membership's next step fits its state."},
    {"membership.due", "mem", ask_membership_due,
     "What is due has a time, and its day is that of the time."},
    {"membership.due_date", "mem", doctor_steps_fit,
     "What is due comes on the date that its state says, or was put off and comes within a day."},
    {"membership.overdue", "mem", ask_membership_overdue,
     "Nothing is due that should have been done."},
    {"account.locked", "mem", ask_account_locked,
     "Nothing is charged and nothing falls due while an account is locked."},
    {"account.erased", "mem", ask_account_erased,
     "Of who was deleted nothing personal is left, and nobody else is erased."},
    {"membership.period", "mem", doctor_periods_fit,
     "A period begins and ends where the anchor of its term says, or the partner who bills."},
    {"membership.slots", "mem", ask_membership_slots,
     "A renewal charges the slots that nobody has ended."},
    {"membership.next_plan", "mem", ask_membership_next_plan,
     "A plan for the next date is a change that somebody asked for."},
    {"membership.terms", "mem", ask_membership_terms,
     "The terms of a membership are complete, and the newest has its anchor."},
    {"membership.newest", "mem", ask_membership_newest,
     "The newest period of a membership is that of its newest invoiced renewal."},
    {"membership.dunning", "mem", ask_membership_dunning,
     "Grace and hold of those whom we bill have their unpaid charge, and nobody else has one."},
    {"membership.dunned_charge", "mem", ask_membership_dunned_charge,
     "The charge that is dunned is unpaid."},
    {"membership.events", "mem", ask_membership_events,
     "The last event of a membership led to its state."},
    {"consent.given", "mem", doctor_consents_kept,
     "Whoever has joined or restarted, or came from elsewhere and was charged, has agreed to it."},
    {"orphan.account", "mem", ask_orphan_account,
     "Each account has its membership, and each membership its account."},
    {"orphan.term", "mem", ask_orphan_term,
     "Each term, event, consent and skipped period belongs to a membership."},
    {"orphan.charge", "chg", ask_orphan_charge,
     "Each charge and invoice belongs to a member, each line to an invoice."},
    {"orphan.attempt", "chg", ask_orphan_attempt,
     "Each attempt and decline belongs to a charge, each attempt to a method."},
    {"orphan.method", "mem", ask_orphan_method,
     "Each method, credit and letter belongs to a member, each authorization to a method."},
    {"orphan.catalog", "chg", ask_orphan_catalog,
     "Each invoice and charge names a version of the catalog that exists."},
    {"message.delivery", "msg", ask_message_delivery,
     "Each message is to a member, and each delivery of a message to the same one."},
    {"audit.chain", "", audit_chain_whole,
     "What was written down in the last week, and the end of every list, is as it was written."},
    {"catalog.prices", "", catalog_prices,
     "The newest catalog has a price for every plan that members have in their country."},
    {"zone.rules", "", zone_rules,
     "The rules of every member's time zone are installed (tzdata)."},
    {"gateway.sandbox", "", doctor_gateway,
     "The sandbox has captured and given back what we have, and nothing twice."},
};
/* clang-format on */

static const char *sample_text(struct ctx *cx, const struct check *c, const char *sample)
{
    char text[ID_TEXT];
    int64_t id;

    if (!*c->prefix || !int_parse(sample, &id)) return sample;
    return arena_strdup(cx->arena, id_text(c->prefix, id, text));
}

enum status doctor_examine(struct ctx *cx, const struct patient *p, struct examined **out,
                           size_t *n, int64_t *findings)
{
    struct examined *list = arena_array(cx->arena, struct examined, COUNT(checks));
    TX tx = {0};

    *findings = 0;
    TRY(tx_begin_kind(&tx, cx, TX_READ));
    for (size_t i = 0; i < COUNT(checks); i++) {
        struct finding f;

        TRY(checks[i].run(cx, p, &f));
        list[i] = (struct examined){checks[i].id, checks[i].sentence, f.findings,
                                    sample_text(cx, &checks[i], f.sample)};
        *findings += f.findings;
    }
    *out = list;
    *n = COUNT(checks);
    return tx_commit(&tx);
}

enum status doctor_count(struct ctx *cx, int64_t machine_now, int64_t *findings, const char **first)
{
    struct patient p = {0};
    struct examined *list;
    size_t n;

    *first = "";
    TRY(clock_read(cx, machine_now, &p.clock));
    TRY(doctor_examine(cx, &p, &list, &n, findings));
    for (size_t i = 0; i < n && !**first; i++)
        if (list[i].findings)
            *first = arena_printf(cx->arena, "%s: %s", list[i].id, list[i].sample);
    return OK;
}
