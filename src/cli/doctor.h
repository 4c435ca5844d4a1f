/* doctor: examines a database. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/clock.h"
#include "payments/payments.h"

struct patient {
    struct clock_state clock;
    struct gateway *sandbox; /* NULL: not to be asked */
};

/* What one check found: how many rows break its sentence, and one of them. */
struct examined {
    const char *id, *sentence;
    int64_t findings;
    const char *sample; /* "" when there is none; chg_…, mem_… where it is an id */
};

/* Every check, in one snapshot of the database; *findings is the sum. */
enum status doctor_examine(struct ctx *cx, const struct patient *p, struct examined **out,
                           size_t *n, int64_t *findings) MUST_CHECK;

/* ---- for the files of the doctor ---- */

struct finding; /* doctor.sql: how many, and one of them */
void doctor_found(struct finding *out, const char *sample);
/* The sandbox has captured and given back what we have, and nothing twice. */
enum status doctor_gateway(struct ctx *cx, const struct patient *p, struct finding *out) MUST_CHECK;
/* doctor_calendar.c: dates, taxes and consents, as the table of checks says them. */
enum status doctor_periods_fit(struct ctx *cx, const struct patient *p,
                               struct finding *out) MUST_CHECK;
enum status doctor_steps_fit(struct ctx *cx, const struct patient *p,
                             struct finding *out) MUST_CHECK;
enum status doctor_renewals_fit(struct ctx *cx, const struct patient *p,
                                struct finding *out) MUST_CHECK;
enum status doctor_taxes_fit(struct ctx *cx, const struct patient *p,
                             struct finding *out) MUST_CHECK;
enum status doctor_consents_kept(struct ctx *cx, const struct patient *p,
                                 struct finding *out) MUST_CHECK;
