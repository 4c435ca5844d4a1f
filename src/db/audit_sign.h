/* audit_sign: signed heads. Each says what the ends of all chains were, by a digest that covers the
 * one before and the chains that have grown since. Kept elsewhere, on paper or another machine, one
 * shows later whether anything was taken away or rewritten. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/audit.h"

enum { AUDIT_SIGN_HEADS = 5000, AUDIT_DIGEST = 65, AUDIT_SIGNATURE = 129, AUDIT_PUBLIC = 65 };

/* Signs what has grown, in transactions of its own; *signs is how many signed heads came of it. */
enum status audit_sign(struct ctx *cx, int64_t *signs) MUST_CHECK;
/* The same, unless the newest signed head is younger than `every_ms`. */
enum status audit_sign_due(struct ctx *cx, int64_t every_ms) MUST_CHECK;

/* In the migration that brings the seals: seals the ends that are there already. */
enum status audit_seal_ends(struct ctx *cx) MUST_CHECK;
/* What the end of the signed heads says when s is the newest of them. */
void audit_sign_seal(const struct key *k, const struct audit_sign *s, char to[static AUDIT_CHAIN]);
enum { AUDIT_SIGN_END = 1 };

/* The public key whose signatures these are, as hex; '' while nothing was signed. */
enum status audit_sign_public(struct ctx *cx, char to[static AUDIT_PUBLIC]) MUST_CHECK;
/* The digest of a signed head over `before` ('' for the first). */
void audit_sign_digest(const char *before, const struct audit_sign *s,
                       const struct audit_walk_sign_head *heads, size_t n,
                       char to[static AUDIT_DIGEST]);
bool audit_sign_good(const char *public_key, const char *digest, const char *signature);
