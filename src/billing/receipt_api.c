/* receipt_api: the op of receipts. SPDX-License-Identifier: Apache-2.0 */
#include "billing/receipt.h"
#include "catalog/catalog.h"
#include "http/op.h"

/* clang-format off */
static const struct field ask_fields[] = {
    MEMBER_FIELD(struct receipt_ask),
    TEXT(struct receipt_ask, reference, 1, 40, "The charge (chg_…) or document (inv_…)."),
    TEXT_OPT(struct receipt_ask, locale, 2, 35, "Of texts, amounts and dates; else the account's."),
};
static const struct shape ask_shape = SHAPE(receipt_ask, ask_fields);

static const struct field answer_fields[] = {
    TEXT(struct receipt_answer, file_name, 0, 0, NULL),
    TEXT(struct receipt_answer, media_type, 0, 0, NULL),
    TEXT(struct receipt_answer, number, 0, 0, "The document's number."),
    INT(struct receipt_answer, size_bytes, 0, 0, "Of the file."),
    TEXT(struct receipt_answer, content_base64, 0, 0, "The file, in base64 (RFC 4648)."),
};
static const struct shape answer_shape = SHAPE(receipt_answer, answer_fields);

OP_RUN(receipt_pdf, struct receipt_ask, struct receipt_answer)

static const struct op ops[] = {
    {
        .id = "receipt.pdf",
        .method = "GET",
        .path = "/accounts/{member}/receipts/{reference}",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_AGENT) | MAY(ROLE_SYSTEM),
        .summary = "Print a charge: its receipt, invoice or credit note as PDF.",
        .in = &ask_shape,
        .out = &answer_shape,
        .subject = ABOUT_MEMBER(struct receipt_ask),
        .action = ACTION_RECEIPT,
        .faults = FAULTS(&RECEIPT_UNKNOWN, &RECEIPT_NONE_YET, &CATALOG_VERSION_UNKNOWN),
        .run = run_receipt_pdf,
    },
};
/* clang-format on */
const struct ops receipt_ops = {COUNT(ops), ops};
