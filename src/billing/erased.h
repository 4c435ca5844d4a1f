/* erased: for restores, which must not bring back whom we have forgotten.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

/* Somebody who was erased at `at` and whom a restored backup has brought back, in whatever state.
 * Money that is on its way in it is left to `foyer doctor` and the payment provider. */
enum status erase_again(struct ctx *cx, int64_t account_id, int64_t at) MUST_CHECK;
