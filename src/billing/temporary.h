/* temporary: authorizations as screens show them: labelled temporary, with the date from which on
 * they are gone (SPEC B-10, H-09). Making and voiding them is payments' matter.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/shape.h"
#include "db/db.h"

struct temporary {
    const char *label;  /* always "temporary": nobody was charged */
    const char *method; /* mth_… */
    int64_t method_id;
    const char *state; /* held, or unknown: whether the bank has it is not known yet */
    int64_t amount_minor;
    const char *currency;
    const char *made_on, *gone_by; /* local dates; it is not there any more when gone_by begins */
};
extern const struct shape temporary_shape;

/* What may stand on a member's statement for now, oldest first. Faults: ZONE_UNKNOWN. */
enum status temporary_load(struct ctx *cx, int64_t account_id, const struct temporary **out,
                           size_t *n) MUST_CHECK;
