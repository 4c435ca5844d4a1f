/* account: the person - contacts, country, currency, zone. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "account/contact.h"
#include "account/former.h"
#include "account/proof.h"
#include "account/trail.h"
#include "account/work.h"
#include "account_sql.h" /* struct account: the row */

extern const struct fault ACCOUNT_UNKNOWN, ACCOUNT_LOCKED, ACCOUNT_NOT_LOCKED, ACCOUNT_NOT_ENDED,
    ACCOUNT_NO_DELETION;

/* By the operator's external id, or by `mem_…`/`acc_…` (both show the account's number). One that
 * was erased is found no more. Faults: ACCOUNT_UNKNOWN. */
enum status account_find(struct ctx *cx, const char *member, struct account *out) MUST_CHECK;
/* The same, telling its number alone: the find_member of ops. */
enum status account_number(struct ctx *cx, const char *member, int64_t *account_id) MUST_CHECK;
/* The number of one that was erased, by its `mem_…` alone: the find_erased of ops. Faults:
 * ACCOUNT_UNKNOWN. */
enum status account_erased(struct ctx *cx, const char *member, int64_t *account_id) MUST_CHECK;
enum status account_get(struct ctx *cx, int64_t account_id, struct account *out) MUST_CHECK;
/* The language of texts for an account: what is asked for, else its own. */
enum status account_locale(struct ctx *cx, int64_t account_id, const char *asked,
                           const char **out) MUST_CHECK;

/* While a takeover is looked into nothing is charged, restarted or changed in its name (SPEC 2.2).
 * Faults: ACCOUNT_LOCKED. */
enum status account_refuse_locked(struct ctx *cx, const struct account *a) MUST_CHECK;
