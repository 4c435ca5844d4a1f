/* consent: an owner's consent to recurring charges, with the text's version, time and surface, kept
 * for consent_keep_years (SPEC B-16). Nothing deletes one before its keep_until_day.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "consent_sql.h" /* struct consent: the row */

#define CONSENT_IMPORTED "imported" /* the text of a consent that was given elsewhere */

/* A consent given now. */
struct consent_record {
    int64_t account_id;
    const char *text_version, *surface, *source_op;
};

/* Inside the caller's transaction: records one, or n of them in bulk. */
enum status consent_record(struct ctx *cx, const struct consent_record *in) MUST_CHECK;
enum status consent_record_all(struct ctx *cx, const struct consent_record *in,
                               size_t n) MUST_CHECK;
/* Oldest first. */
enum status consent_list(struct ctx *cx, int64_t account_id, struct consent **out,
                         size_t *n) MUST_CHECK;

/* The first date on which a consent of `day` may be deleted: so many whole years have passed. */
int64_t consent_keep_until_day(int64_t day, int64_t years);
