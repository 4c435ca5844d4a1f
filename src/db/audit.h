/* audit: who did or looked at what, once and for ever. Entries are added and never changed; each
 * account has a chain of them in which every entry's keyed hash covers the one before. Where from
 * something was asked, with which input and result, is sealed under the account's key: the chain
 * covers the sealed text and stays whole when a person is erased.
 *
 * Entries are found again by audit_check.h. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "audit_sql.h"
#include "db/vault.h"

enum audit_kind { AUDIT_CHANGE, AUDIT_READ, AUDIT_REFUSED };
extern const struct names audit_kinds;

struct audit_note {
    int64_t account_id; /* whom it concerns; 0: nobody in particular */
    enum audit_kind kind;
    const char *what; /* the op's id, or the command */
};

/* Adds what cx->actor did, at cx->now, in the caller's write transaction or one of its own.
 * `facts`, an object that is taken over, says with which input and what came of it; secrets stay
 * out. */
enum status audit_add(struct ctx *cx, const struct audit_note *n, json_t *facts) MUST_CHECK;

/* Whether this connection wrote the same look of cx->actor down less than `within_ms` ago; and that
 * it has now done so. */
bool audit_looked(struct ctx *cx, const struct audit_note *n, int64_t within_ms);
void audit_look_kept(struct ctx *cx, const struct audit_note *n);

enum { AUDIT_CHAIN = 65 };
/* What an entry's chain must be after `before` ('' for the first) under the key AUDIT_KEY. */
extern const char AUDIT_KEY[];
void audit_chain(const struct key *k, const char *before, const struct audit_entry *e,
                 char to[static AUDIT_CHAIN]);
/* The seal of the end of a chain, under the same key: without it nobody says that a chain ends
 * elsewhere, or what of it is signed. */
void audit_seal(const struct key *k, const struct audit_head_row *h, char to[static AUDIT_CHAIN]);
