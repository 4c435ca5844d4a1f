/* report: reads every member once and adds the figures up (SPEC B-17, E-23).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/report_rules.h"
#include "db/db.h"

/* The days on which anything fell due or should have, from inclusive, until exclusive; both 0 when
 * nothing has. */
enum status report_span(struct ctx *cx, int64_t *from_day, int64_t *until_day) MUST_CHECK;

/* The figures of a window of days. The rows lie in cx->arena; members are read in small groups, so
 * that memory does not grow with their number. */
enum status report_make(struct ctx *cx, int64_t from_day, int64_t until_day, unsigned by,
                        struct report *out) MUST_CHECK;
