/* person_api: the op that tells people what is kept about them. SPDX-License-Identifier: Apache-2.0
 */
#include "db/vault.h"
#include "http/op.h"
#include "notify/notify.h"

/* clang-format off */
static const struct field ask_fields[] = {MEMBER_FIELD(struct person_ask)};
static const struct shape ask_shape = SHAPE(person_ask, ask_fields);

static const struct field value_fields[] = {
    TEXT(struct person_value, name, 0, 0, NULL),
    TEXT(struct person_value, value, 0, 0, "Instants and dates as ISO 8601."),
};
static const struct shape value_shape = SHAPE(person_value, value_fields);

static const struct field row_fields[] = {
    LIST(struct person_row, values, n, value_shape, "Without what is empty."),
};
static const struct shape row_shape = SHAPE(person_row, row_fields);

static const struct field part_fields[] = {
    TEXT(struct person_part, table, 0, 0, "What it is called here."),
    TEXT(struct person_part, about, 0, 0, "What it is."),
    ENUM(struct person_part, erasure, person_fates,
         "What becomes of it with the person; kept: it names nobody."),
    TEXT(struct person_part, kept_because, 0, 0, "Why something stays; empty: nothing does."),
    LIST(struct person_part, rows, n, row_shape, NULL),
};
static const struct shape part_shape = SHAPE(person_part, part_fields);

static const struct field view_fields[] = {
    TEXT(struct person_view, member, 0, 0, "The account's reference."),
    TEXT(struct person_view, made_at, 0, 0, NULL),
    LIST(struct person_view, parts, n, part_shape, "Everything, by kind."),
};
static const struct shape view_shape = SHAPE(person_view, view_fields);
/* clang-format on */

OP_RUN(person_export, struct person_ask, struct person_view)

/* clang-format off */
static const struct op ops[] = {
    {
        .id = "account.export",
        .method = "GET",
        .path = "/accounts/{member}/export",
        .role = MAY(ROLE_OWNER) | MAY(ROLE_SYSTEM),
        .summary = "Tell everything that is kept about a person.",
        .in = &ask_shape,
        .out = &view_shape,
        .subject = ABOUT_MEMBER(struct person_ask),
        .faults = FAULTS(&ACCOUNT_UNKNOWN, &ACCOUNT_LOCKED, &VAULT_TAMPERED),
        .proof = true,
        .run = run_person_export,
    },
};
/* clang-format on */
const struct ops person_ops = {COUNT(ops), ops};
