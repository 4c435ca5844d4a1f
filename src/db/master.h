/* master: the master key. It is 32 bytes in a file of its own, which only its owner may read, and
 * never in the database or in a backup of it. It wraps other keys and nothing else.
 *
 * The file holds 64 hex digits on a line: `openssl rand -hex 32` makes one. While a rotation runs
 * it
 * has two lines, the newer key first. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

enum { KEY_BYTES = 32, MASTER_ID_TEXT = 17, MASTER_WRAPPED_TEXT = 100 };

/* A key in memory, wiped when it goes out of scope. */
struct key {
    unsigned char at[KEY_BYTES];
};
#define WIPED_KEY CLEANUP(key_wipe) struct key
void key_wipe(struct key *k);

extern const struct fault MASTER_FILE_NEEDED, MASTER_FILE_MISSING, MASTER_FILE_UNSAFE,
    MASTER_FILE_BROKEN, MASTER_FILE_WRONG, MASTER_BROKEN, MASTER_IS_ROTATING;

/* Where the master key of this database is looked for; NULL: nowhere, or in memory. In the arena.
 */
const char *master_path(const struct db *db, struct arena *a);
/* Loads the master key, and makes its file where there is none and nothing is sealed yet. Tells the
 * id of the newest. Faults: MASTER_FILE_NEEDED, MASTER_FILE_MISSING, MASTER_FILE_UNSAFE,
 * MASTER_FILE_BROKEN. */
enum status master_load(struct ctx *cx, const char **id) MUST_CHECK;

/* Wraps a key by the newest master key, in a write transaction; `label` says which key it is, so
 * that one cannot be passed off as another. `by` lives as long as the database is open. */
enum status master_wrap(struct ctx *cx, const char *label, const struct key *k,
                        char to[static MASTER_WRAPPED_TEXT], const char **by) MUST_CHECK;
/* Faults: MASTER_FILE_WRONG when another master key wrapped it, MASTER_BROKEN. */
enum status master_unwrap(struct ctx *cx, const char *label, const char *wrapped, const char *by,
                          struct key *out) MUST_CHECK;

/* Puts a new master key in front of the one in the file, unless a rotation that was cut short has
 * done so already; and ends a rotation, when nothing is wrapped by the old one any more. */
enum status master_file_add(struct ctx *cx) MUST_CHECK;
enum status master_put_in_force(struct ctx *cx) MUST_CHECK; /* the newest; in a write transaction */
enum status master_file_drop_old(struct ctx *cx) MUST_CHECK;
