/* receipt: the printable document of a charge - its invoice, its receipt once it is paid, or the
 * credit note against it (SPEC H-03). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/account.h"

extern const struct fault RECEIPT_UNKNOWN, RECEIPT_NONE_YET;

/* Input of the op: `reference` is chg_… or inv_…; locale NULL means the account's. */
struct receipt_ask {
    const char *member;
    int64_t account_id;
    const char *reference, *locale;
};

enum receipt_kind { RECEIPT_PAID, RECEIPT_UNPAID, RECEIPT_CREDIT_NOTE };

struct receipt_line {
    const char *label, *amount; /* in the locale's words */
};

/* What the document says, in the locale's words and formats. */
struct receipt_view {
    enum receipt_kind kind;
    bool rtl;
    const char *locale, *title, *number, *issued, *period;
    int64_t issued_at;
    const char *seller_name, *seller_address, *seller_tax; /* tax: "" when there is none */
    const char *payer_name, *payer_contact, *account;
    size_t n_lines, n_sums;
    const struct receipt_line *lines; /* what it is for */
    const struct receipt_line *sums;  /* net, tax, total, credit, charged */
    const char *status;               /* paid when and how; what a credit note takes back */
    const char *cause, *tax_note;     /* why this charge; "" or that prices include tax */
    const char *reference;            /* chg_…, the same for ever */
    const char *item_word, *amount_word, *seller_word, *payer_word, *number_word, *date_word;
};

/* The document of one charge of the account, into cx->arena. Faults: RECEIPT_UNKNOWN;
 * RECEIPT_NONE_YET when the charge has no invoice because it was never paid; CATALOG_…. */
enum status receipt_load(struct ctx *cx, const struct receipt_ask *in,
                         struct receipt_view *out) MUST_CHECK;

/* The same as a PDF, A4, with the fonts of the machine: names in any script. The same view makes
 * the same bytes. */
struct receipt_pdf {
    const char *bytes;
    size_t n;
};
void receipt_draw(struct arena *a, const struct receipt_view *v, struct receipt_pdf *out);

/* The answer of the op `receipt.pdf`. */
struct receipt_answer {
    const char *file_name, *media_type, *number;
    int64_t size_bytes;
    const char *content_base64;
};
enum status receipt_pdf(struct ctx *cx, const struct receipt_ask *in,
                        struct receipt_answer *out) MUST_CHECK;
