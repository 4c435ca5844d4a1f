/* doctor: every invariant as a row, and what the machine and the database look like.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor.h"

#include <assert.h>
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "billing/billing.h"
#include "cli/cli.h"
#include "cli/defence.h"
#include "cli/table.h"
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
QUERY(membership_period)
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

static void found(struct finding *out, const char *sample)
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
    int64_t const today = divide_down(p->clock.now, DAY_MS);
    const struct catalog *c;
    struct doctor_sale *rows;
    size_t n;

    *out = (struct finding){.sample = ""};
    TRY(catalog_newest(cx, &c));
    TRY(doctor_sold(cx, &rows, &n, .max = LISTS_MAX));
    for (size_t i = 0; i < n; i++) {
        const struct country *country = c ? catalog_country(c, rows[i].country) : NULL;

        if (country && country_price(country, rows[i].plan, NULL, today)) continue;
        found(out, arena_printf(cx->arena, "%s in %s", rows[i].plan, rows[i].country));
    }
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
        if (zone_find(rows[i].zone, &z, &ignored) != OK) found(out, rows[i].zone);
    return OK;
}

/* What we count of one currency. */
struct ours {
    int64_t captured, amount_minor, open;
};

static struct ours ours_of(const char *currency, const struct doctor_sum *sums, size_t n,
                           const struct doctor_open_row *open, size_t n_open)
{
    struct ours o = {0};

    for (size_t i = 0; i < n; i++)
        if (strcmp(sums[i].currency, currency) == 0) {
            o.captured = sums[i].n;
            o.amount_minor = sums[i].amount_minor;
        }
    for (size_t i = 0; i < n_open; i++)
        if (strcmp(open[i].currency, currency) == 0) o.open = open[i].n;
    return o;
}

/* The provider may have captured, or may capture later, what we do not know yet: at most what is
 * open. */
static bool agrees(const struct sandbox_sum *s, const struct ours *o)
{
    int64_t const more = s->captured - o->captured;

    if (s->doubled || more < 0 || more > o->open) return false;
    return more > 0 || s->amount_minor == o->amount_minor;
}

/* The provider may have given back what we do not know yet, and nothing that we never asked for. */
static enum status gateway_refunds(struct ctx *cx, const struct patient *p,
                                   const struct sandbox_sum *theirs, size_t n, struct finding *out)
{
    struct doctor_refunded_row *ours;
    size_t n_ours;

    TRY(doctor_refunded(cx, &ours, &n_ours, .gateway = p->sandbox->name, .max = LISTS_MAX));
    for (size_t i = 0; i < n; i++) {
        int64_t done = 0, open = 0;

        for (size_t k = 0; k < n_ours; k++)
            if (strcmp(ours[k].currency, theirs[i].currency) == 0)
                done = ours[k].n, open = ours[k].open;
        if (theirs[i].refunds < done || theirs[i].refunds > done + open)
            found(out, theirs[i].currency);
    }
    return OK;
}

static enum status gateway_sandbox(struct ctx *cx, const struct patient *p, struct finding *out)
{
    struct sandbox_sum *theirs;
    struct doctor_sum *sums;
    struct doctor_open_row *open;
    size_t n, n_sums, n_open;

    *out = (struct finding){.sample = ""};
    if (!p->sandbox) return OK;
    TRY(doctor_captured(cx, &sums, &n_sums, .gateway = p->sandbox->name, .max = LISTS_MAX));
    TRY(doctor_open(cx, &open, &n_open, .max = LISTS_MAX));
    /* Not until now: a run that was killed leaves a test clock behind what it has done. */
    TRY(sandbox_captured(p->sandbox, INT64_MAX, &theirs, &n, cx->arena, cx->err));
    for (size_t i = 0; i < n; i++) {
        struct ours const o = ours_of(theirs[i].currency, sums, n_sums, open, n_open);

        if (!agrees(&theirs[i], &o)) found(out, theirs[i].currency);
    }
    TRY(gateway_refunds(cx, p, theirs, n, out));
    for (size_t i = 0; i < n_sums; i++) {
        bool known = false;

        for (size_t k = 0; k < n; k++)
            known = known || strcmp(theirs[k].currency, sums[i].currency) == 0;
        if (!known) found(out, sums[i].currency);
    }
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
     "No temporary authorization is held beyond its day."},
    {"membership.step", "mem", ask_membership_step,
     "A membership's next step fits its state."},
    {"membership.due", "mem", ask_membership_due,
     "What is due has a time, and its day is that of the time."},
    {"membership.overdue", "mem", ask_membership_overdue,
     "Nothing is due that should have been done."},
    {"account.locked", "mem", ask_account_locked,
     "Nothing is charged and nothing falls due while an account is locked."},
    {"account.erased", "mem", ask_account_erased,
     "Of who was deleted nothing personal is left, and nobody else is erased."},
    {"membership.period", "mem", ask_membership_period,
     "A period ends after it begins, at the anchor of its term."},
    {"membership.slots", "mem", ask_membership_slots,
     "A renewal charges the slots that nobody has ended."},
    {"membership.next_plan", "mem", ask_membership_next_plan,
     "A plan for the next date is a change that somebody asked for."},
    {"membership.terms", "mem", ask_membership_terms,
     "The terms of a membership are complete, and the newest has its anchor."},
    {"membership.newest", "mem", ask_membership_newest,
     "The newest period of a membership is that of its newest invoiced renewal."},
    {"membership.dunning", "mem", ask_membership_dunning,
     "Grace and hold have their unpaid charge, and nobody else has one."},
    {"membership.dunned_charge", "mem", ask_membership_dunned_charge,
     "The charge that is dunned is unpaid."},
    {"membership.events", "mem", ask_membership_events,
     "The last event of a membership led to its state."},
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
    {"gateway.sandbox", "", gateway_sandbox,
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

/* ---- what it looks like ---- */

/* "2024a": the first line of tzdata.zi is "# version 2024a". */
static const char *tzdata_version(struct arena *a)
{
    CLEANUP(cli_close) FILE *f = fopen("/usr/share/zoneinfo/tzdata.zi", "r");
    char version[32];

    if (!f || fscanf(f, "# version %31s", version) != 1) return "not found";
    return arena_strdup(a, version);
}

static const char *catalog_text(struct cli *cli, const struct catalog_version *v, size_t n)
{
    char at[INSTANT_TEXT];

    if (!n) return "none; apply one with `foyer catalog apply FILE`";
    return arena_printf(&cli->arena, "version %lld of %s", (long long)v->version,
                        instant_text(v->applied_at, at));
}

static const char *clock_text(struct cli *cli)
{
    char at[INSTANT_TEXT];

    return arena_printf(&cli->arena, "%s, %s",
                        cli->clock.is_test ? "test clock, moved by `run`" : "the machine's",
                        instant_text(cli->clock.now, at));
}

/* The settings that are not as they ship. */
static const char *settings_text(struct cli *cli)
{
    const char *text = "";

    for (size_t i = 0; i < settings_shape.n_fields; i++) {
        const struct field *f = &settings_shape.fields[i];
        const char *mine = (const char *)&cli->settings + f->offset;
        const char *shipped = (const char *)&settings_default + f->offset;
        int64_t n;

        if (f->type == F_TEXT) {
            const char *value = *(const char *const *)(const void *)mine;

            if (strcmp(value, *(const char *const *)(const void *)shipped) == 0) continue;
            text = arena_printf(&cli->arena, "%s%s%s=%s", text, *text ? ", " : "", f->name,
                                setting_shown(value, &cli->arena));
        } else if ((n = *(const int64_t *)(const void *)mine) !=
                   *(const int64_t *)(const void *)shipped) {
            text = arena_printf(&cli->arena, "%s%s%s=%lld", text, *text ? ", " : "", f->name,
                                (long long)n);
        }
    }
    return *text ? text : "as they ship";
}

struct fact {
    const char *name, *value;
};
enum { FACTS_MAX = 16 };
struct facts {
    size_t n;
    struct fact at[FACTS_MAX];
};

static void tell(struct facts *f, const char *name, const char *value)
{
    assert(f->n < FACTS_MAX);
    f->at[f->n++] = (struct fact){name, value};
}

static const char *count_text(struct cli *cli, int64_t n)
{
    return arena_printf(&cli->arena, "%lld", (long long)n);
}

static enum status look(struct cli *cli, struct facts *f, bool *sandbox)
{
    struct doctor_counts_row counts;
    struct catalog_version *versions;
    size_t n;

    TRY(doctor_counts(&cli->cx, &counts, &DB_NO_ROW, .none = 0));
    TRY(catalog_versions(&cli->cx, 1, &versions, &n));
    tell(f, "database", db_is_pg(cli->db) ? "PostgreSQL" : "SQLite");
    tell(f, "clock", clock_text(cli));
    tell(f, "settings", settings_text(cli));
    tell(f, "catalog", catalog_text(cli, versions, n));
    tell(f, "tzdata", tzdata_version(&cli->arena));
    tell(f, "members", count_text(cli, counts.accounts));
    tell(f, "members_with_access", count_text(cli, counts.members));
    tell(f, "charges", count_text(cli, counts.charges));
    tell(f, "unknown_outcomes", count_text(cli, counts.unknown));
    tell(f, "workers", count_text(cli, counts.workers));
    *sandbox = counts.sandbox > 0;
    return OK;
}

struct verdict {
    struct facts facts;
    struct defence *defences;
    size_t n_defences, n;
    struct examined *list;
    int64_t findings;
};

static void print_json(const struct verdict *r)
{
    json_t *all = json_array(), *about = json_object(), *defences = json_array();

    for (size_t i = 0; i < r->facts.n; i++)
        json_object_set_new(about, r->facts.at[i].name, json_string(r->facts.at[i].value));
    for (size_t i = 0; i < r->n_defences; i++)
        json_array_append_new(defences,
                              json_pack("{s:s, s:b, s:s}", "name", r->defences[i].name, "weak",
                                        (int)r->defences[i].weak, "says", r->defences[i].says));
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(all, json_pack("{s:s, s:s, s:I, s:s}", "id", r->list[i].id, "says",
                                             r->list[i].sentence, "findings",
                                             (json_int_t)r->list[i].findings, "sample",
                                             r->list[i].sample));
    cli_print_json(json_pack("{s:I, s:o, s:o, s:o}", "findings", (json_int_t)r->findings, "about",
                             about, "defences", defences, "checks", all));
}

static void print_checks(struct cli *cli, const struct verdict *r)
{
    static const struct table_column columns[] = {
        {"CHECK",          false},
        {"FOUND",          true },
        {"SAMPLE",         false},
        {"WHAT MUST HOLD", false}
    };
    struct table t;

    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t i = 0; i < r->n; i++) {
        table_text(&t, r->list[i].id);
        table_text(&t, r->list[i].findings ? count_text(cli, r->list[i].findings) : "ok");
        table_text(&t, r->list[i].sample);
        table_text(&t, r->list[i].sentence);
    }
    table_print(&t, stdout);
}

static void print_text(struct cli *cli, const struct verdict *r)
{
    static const struct table_column columns[] = {
        {"DEFENCE", false},
        {"",        false},
        {"HOW",     false}
    };
    struct table t;

    for (size_t i = 0; i < r->facts.n; i++)
        printf("%-20s %s\n", r->facts.at[i].name, r->facts.at[i].value);
    printf("\n");
    table_begin(&t, &cli->arena, columns, COUNT(columns));
    for (size_t i = 0; i < r->n_defences; i++) {
        table_text(&t, r->defences[i].name);
        table_text(&t, r->defences[i].weak ? "WEAK" : "ok");
        table_text(&t, r->defences[i].says);
    }
    table_print(&t, stdout);
    printf("\n");
    print_checks(cli, r);
    printf("\n%zu checks, %lld finding%s\n", r->n, (long long)r->findings,
           r->findings == 1 ? "" : "s");
}

static enum status examine(struct cli *cli, struct verdict *r)
{
    CLEANUP(gateway_closep) struct gateway *sandbox = NULL;
    bool uses_sandbox;

    TRY(look(cli, &r->facts, &uses_sandbox));
    TRY(defences_look(cli, &r->defences, &r->n_defences));
    /* What one elsewhere has done is its own affair. */
    uses_sandbox = uses_sandbox && strcmp(cli->settings.payment_gateway, "sandbox") == 0;
    if (uses_sandbox) TRY(sandbox_open(cli->db_url, &sandbox, &cli->err));
    struct patient const p = {cli->clock, sandbox};
    return doctor_examine(&cli->cx, &p, &r->list, &r->n, &r->findings);
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

static int run_doctor(struct cli *cli, int argc, char **argv)
{
    struct verdict r = {0};

    (void)argv;
    if (argc) return cli_usage(cli, doctor_commands, NULL);
    enum status const st = examine(cli, &r);
    if (st != OK) return cli_fail(cli, st);
    if (cli->json)
        print_json(&r);
    else
        print_text(cli, &r);
    return r.findings ? EXIT_REFUSED : EXIT_DONE;
}

/* clang-format off */
const struct command doctor_commands[] = {
    {"doctor", "", "Check everything that must always hold.", 0, run_doctor},
    {0},
};
/* clang-format on */
