/* former: who was erased, known again by the operator's own id and by nothing else: the same file
 * must not bring them back (SPEC E-22, F-07). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

extern const struct fault MEMBER_ERASED;

/* In the transaction that erases. */
enum status former_remember(struct ctx *cx, const char *external_id) MUST_CHECK;
/* Which of them belonged to somebody who was erased; also in a transaction that only reads. */
enum status former_known(struct ctx *cx, const char *const *external_ids, size_t n,
                         bool *known) MUST_CHECK;
/* Somebody has signed up under that id, in the caller's transaction: it is in use again. */
enum status former_returned(struct ctx *cx, const char *external_id) MUST_CHECK;
