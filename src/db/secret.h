/* secret: unpredictable bytes, and hashes under keys that only this database has.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

enum { SECRET_HASH = 65 }; /* 64 hex digits */

void secret_random(void *to, size_t n);
/* BLAKE2b-256 of a text under the database's key of that name, which is made when it is first asked
 * for. In the caller's write transaction or one of its own. */
enum status secret_hash(struct ctx *cx, const char *name, const char *text,
                        char to[static SECRET_HASH]) MUST_CHECK;
