/* vault: cells that are personal, sealed under a key of the account that they are about. Whoever is
 * erased loses the key, and with it every copy of every such cell loses its meaning.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/master.h"

/* Where a sealed text stands; it opens there and nowhere else. */
struct cell {
    const char *column; /* "audit_entry.sealed_facts" */
    int64_t account_id, row;
};

extern const struct fault VAULT_TAMPERED, VAULT_DESTROYED;

/* Seals under the account's key, which is made when it is first needed; in the caller's write
 * transaction. Once the account's key is destroyed the result is ''. */
enum status vault_seal(struct ctx *cx, const struct cell *where, const char *text,
                       const char **sealed) MUST_CHECK;
/* Faults: VAULT_DESTROYED, VAULT_TAMPERED. */
enum status vault_open(struct ctx *cx, const struct cell *where, const char *sealed,
                       const char **text) MUST_CHECK;
/* For good. The account's row stays as a tombstone. In the caller's write transaction. */
enum status vault_destroy(struct ctx *cx, int64_t account_id, int64_t at) MUST_CHECK;

/* Wraps every key anew by the newest master key, some in a transaction, and tells how many; then
 * the file forgets the old one. Safe to repeat after it was cut short. */
enum status vault_rotate(struct ctx *cx, int64_t *keys) MUST_CHECK;
