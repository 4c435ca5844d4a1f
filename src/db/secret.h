/* secret: unpredictable bytes, and keys of the whole database, each for one purpose. They lie in
 * the
 * table `secret`, wrapped by the master key. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/master.h"

enum { SECRET_HASH = 65 }; /* 64 hex digits */

void secret_random(void *to, size_t n);
/* The database's key of that name, which is made when it is first asked for, in the caller's write
 * transaction or one of its own. */
enum status secret_key_of(struct ctx *cx, const char *name, struct key *out) MUST_CHECK;
/* The same without making it: E_NOT_FOUND when there is none. */
enum status secret_key_kept(struct ctx *cx, const char *name, struct key *out) MUST_CHECK;
/* BLAKE2b-256 of a text under such a key. */
enum status secret_hash(struct ctx *cx, const char *name, const char *text,
                        char to[static SECRET_HASH]) MUST_CHECK;
void secret_hash_by(const struct key *k, const char *text, char to[static SECRET_HASH]);
/* Wraps by the newest master key what is wrapped by another, or lies open as it did before there
 * was one. In the caller's write transaction. */
enum status secrets_rewrap(struct ctx *cx) MUST_CHECK;
