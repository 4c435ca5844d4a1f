/* keys_file: the keys of a backup, in a text file of its own: the wrapped keys of accounts and of
 * the database, and who was erased. The newest one fits every older backup of the same database; it
 * is worth nothing without the master key. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/cli.h"

extern const struct fault KEYS_FILE_BROKEN;

/* Writes all of them, and which migrations the database has, durably. */
enum status keys_file_write(struct ctx *cx, const char *path) MUST_CHECK;

struct keys_seen {
    int64_t keys, tombstones;
};
/* Puts them into a database that has none, in one transaction; what is erased there stays so. */
enum status keys_file_read(struct ctx *cx, const char *path, struct keys_seen *out) MUST_CHECK;

/* Who was erased, by number alone: a list beside the master key that outlives the database. Adds
 * whom it does not have yet, durably; a list is there whole or as it was. */
enum status erased_list_write(struct ctx *cx, const char *path) MUST_CHECK;
/* The list into the open database, as tombstones, which it counts. One that is not there is empty.
 */
enum status erased_list_read(struct ctx *cx, const char *path, int64_t *tombstones) MUST_CHECK;
/* The tombstones of a database that is to be replaced into another, counted. */
enum status erased_copy(struct ctx *from, struct ctx *to, int64_t *tombstones) MUST_CHECK;
