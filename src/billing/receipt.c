/* receipt: finds a charge's document and puts it into the words of a locale.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/receipt.h"

#include <sodium.h>
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/locale.h"
#include "base/message.h"
#include "billing/history.h"
#include "receipt_sql.h"

const struct fault RECEIPT_UNKNOWN = {
    E_NOT_FOUND, "receipt.unknown",
    "The account has no such charge or invoice; take the reference from its payment history."};
const struct fault RECEIPT_NONE_YET = {
    E_CONFLICT, "receipt.none_yet",
    "This charge has no document: nothing was paid, and nothing is owed for it."};

enum { LINES_READ_MAX = 200 };

/* While a view is being written. */
struct writing {
    struct ctx *cx;
    const char *locale;
    const struct receipt_row *row;
    const struct catalog *catalog;
};

static const char *money(const struct writing *w, int64_t minor)
{
    return locale_money(w->cx->arena, w->locale, minor, w->row->currency);
}

static const char *word(const struct writing *w, const char *key)
{
    return message_text(w->cx->arena, w->locale, key, NULL, 0);
}

static const char *line_label(const struct writing *w, const struct receipt_line_row *l)
{
    struct arena *a = w->cx->arena;
    const struct plan *plan = catalog_plan(w->catalog, l->item);

    switch ((enum line_kind)l->line_kind) {
    case LINE_TAX:
        return MESSAGE(a, w->locale, "receipt.line.tax", l->item,
                       locale_rate(a, w->locale, l->rate_ppm));
    case LINE_SLOT: return word(w, "receipt.line.slot");
    case LINE_PLAN: break;
    }
    return MESSAGE(a, w->locale, "receipt.line.plan", plan ? plan->name : l->item);
}

static enum status add_lines(const struct writing *w, int64_t account_id, struct receipt_view *v)
{
    struct receipt_line_row *rows;
    size_t n;

    TRY(receipt_lines_of(w->cx, &rows, &n, .invoice_id = w->row->invoice_id,
                         .account_id = account_id, .max = LINES_READ_MAX));
    struct receipt_line *lines = arena_array(w->cx->arena, struct receipt_line, n + 1);
    for (size_t i = 0; i < n; i++)
        lines[i] = (struct receipt_line){line_label(w, &rows[i]), money(w, rows[i].amount_minor)};
    v->lines = lines;
    v->n_lines = n;
    return OK;
}

static void add_sums(const struct writing *w, struct receipt_view *v)
{
    const struct receipt_row *r = w->row;
    struct receipt_line *sums = arena_array(w->cx->arena, struct receipt_line, 5);
    bool const by_credit = r->document == DOC_INVOICE && r->charged_minor != r->total_minor;

    v->sums = sums;
    sums[v->n_sums++] = (struct receipt_line){word(w, "receipt.net"), money(w, r->net_minor)};
    sums[v->n_sums++] = (struct receipt_line){word(w, "receipt.tax"), money(w, r->tax_minor)};
    sums[v->n_sums++] = (struct receipt_line){word(w, "receipt.total"), money(w, r->total_minor)};
    if (!by_credit) return;
    sums[v->n_sums++] = (struct receipt_line){word(w, "receipt.credit"),
                                              money(w, r->charged_minor - r->total_minor)};
    sums[v->n_sums++] =
        (struct receipt_line){word(w, "receipt.charged"), money(w, r->charged_minor)};
}

static const char *number_of(const struct writing *w)
{
    const struct receipt_row *r = w->row;

    return invoice_number_text(r->seller, r->series_year, r->series, r->document == DOC_CREDIT_NOTE,
                               r->number, w->cx->arena);
}

static enum status add_status(const struct writing *w, const struct account *account,
                              const struct zone *z, struct receipt_view *v)
{
    struct arena *a = w->cx->arena;
    const struct receipt_row *r = w->row;
    struct receipt_row taken;

    v->kind = r->document == DOC_CREDIT_NOTE       ? RECEIPT_CREDIT_NOTE
              : r->charge_state == CHARGE_CAPTURED ? RECEIPT_PAID
                                                   : RECEIPT_UNPAID;
    if (v->kind == RECEIPT_UNPAID) {
        v->title = word(w, "receipt.title.unpaid");
        v->status = word(w, "receipt.unpaid");
    } else if (v->kind == RECEIPT_PAID) {
        v->title = word(w, "receipt.title.paid");
        v->status = MESSAGE(a, w->locale, "receipt.paid",
                            locale_date(a, w->locale, zone_day(z, r->captured_at)),
                            method_text(r->pays_by, r->brand, r->last4, a));
    } else {
        TRY(receipt_of(w->cx, &taken, &RECEIPT_UNKNOWN, .invoice_id = r->credits_id,
                       .account_id = account->account_id));
        struct writing const other = {w->cx, w->locale, &taken, w->catalog};
        v->title = word(w, "receipt.title.credit_note");
        v->status = MESSAGE(a, w->locale, "receipt.takes_back", number_of(&other));
    }
    return OK;
}

static void add_people(const struct writing *w, const struct account *account,
                       struct receipt_view *v)
{
    struct arena *a = w->cx->arena;
    const struct seller *seller = catalog_seller(w->catalog, w->row->seller);

    v->seller_name = seller ? seller->legal_name : w->row->seller;
    v->seller_address = seller && seller->address ? seller->address : "";
    v->seller_tax = seller && seller->tax_id && *seller->tax_id
                        ? MESSAGE(a, w->locale, "receipt.tax_id", seller->tax_id)
                        : "";
    v->payer_name = account->name;
    v->payer_contact = account->email;
    v->account = MESSAGE(a, w->locale, "receipt.account", account->external_id);
}

static void add_words(const struct writing *w, struct receipt_view *v)
{
    v->item_word = word(w, "receipt.item");
    v->amount_word = word(w, "receipt.amount");
    v->seller_word = word(w, "receipt.seller");
    v->payer_word = word(w, "receipt.billed_to");
    v->number_word = word(w, "receipt.number");
    v->date_word = word(w, "receipt.date");
}

static enum status write(const struct writing *w, const struct account *account,
                         struct receipt_view *v)
{
    struct arena *a = w->cx->arena;
    const struct receipt_row *r = w->row;
    const struct country *country = catalog_country(w->catalog, r->country);
    const struct zone *z;
    char id[ID_TEXT];

    TRY(zone_find(account->zone, &z, w->cx->err));
    *v = (struct receipt_view){
        .locale = w->locale,
        .rtl = locale_is_rtl(message_language(a, w->locale)),
        .number = number_of(w),
        .issued_at = r->issued_at,
        .issued = locale_date(a, w->locale, zone_day(z, r->issued_at)),
        .reference = MESSAGE(a, w->locale, "receipt.reference", id_text("chg", r->charge_id, id))};
    v->period =
        MESSAGE(a, w->locale, "receipt.period", locale_date(a, w->locale, r->period_start_day),
                locale_date(a, w->locale, r->period_end_day - 1));
    v->cause = word(w, arena_printf(a, "cause.%s", charge_causes.at[r->cause]));
    v->tax_note = country && country->tax_mode == TAX_INCLUSIVE && r->tax_minor
                      ? word(w, "receipt.price_includes_tax")
                      : "";
    add_words(w, v);
    add_people(w, account, v);
    add_sums(w, v);
    TRY(add_status(w, account, z, v));
    return add_lines(w, account->account_id, v);
}

/* A charge without a document is told from one that does not exist. */
static enum status find(struct ctx *cx, const struct receipt_ask *in, struct receipt_row *row)
{
    struct receipt_charge_row *charge;
    int64_t id;
    size_t n;

    if (!id_parse("inv", in->reference, &id) && !id_parse("chg", in->reference, &id))
        return fail(cx->err, &RECEIPT_UNKNOWN, "reference");
    TRY(receipt_charge(cx, &charge, &n, .charge_id = id, .account_id = in->account_id, .max = 1));
    return receipt_of(cx, row, n ? &RECEIPT_NONE_YET : &RECEIPT_UNKNOWN, .invoice_id = id,
                      .account_id = in->account_id);
}

enum status receipt_load(struct ctx *cx, const struct receipt_ask *in, struct receipt_view *out)
{
    struct account account;
    struct receipt_row row;
    struct writing w = {.cx = cx, .row = &row};

    TRY(account_get(cx, in->account_id, &account));
    TRY(find(cx, in, &row));
    TRY(catalog_load(cx, row.catalog_version, &w.catalog));
    w.locale = in->locale ? in->locale : account.locale;
    return write(&w, &account, out);
}

enum status receipt_pdf(struct ctx *cx, const struct receipt_ask *in, struct receipt_answer *out)
{
    struct receipt_view v;
    struct receipt_pdf pdf;

    TRY(receipt_load(cx, in, &v));
    receipt_draw(cx->arena, &v, &pdf);
    size_t const room = sodium_base64_encoded_len(pdf.n, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(cx->arena, room);
    sodium_bin2base64(text, room, (const unsigned char *)pdf.bytes, pdf.n,
                      sodium_base64_VARIANT_ORIGINAL);
    *out = (struct receipt_answer){arena_printf(cx->arena, "%s.pdf", v.number), "application/pdf",
                                   v.number, (int64_t)pdf.n, text};
    return OK;
}
