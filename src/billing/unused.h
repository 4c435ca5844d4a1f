/* unused: members who pay and do not watch are asked whether they want to, and without an answer
 * their membership ends with its paid period (SPEC B-15). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/errand.h"

/* The errands: asks; ends what nobody has answered for. */
enum status unused_ask(struct ctx *cx, const struct errand *e, int64_t at) MUST_CHECK;
enum status unused_end(struct ctx *cx, const struct catalog *c, const struct errand *e,
                       int64_t at) MUST_CHECK;
