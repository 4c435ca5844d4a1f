/* copy: a whole, consistent copy of an SQLite database while others write to it.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

struct copy {
    void (*step)(void *arg, int64_t done, int64_t total); /* pages; may be NULL */
    void *arg;
};

/* What is committed now is what copy_database copies, until copy_release. */
enum status copy_hold(struct db *db, struct error *e) MUST_CHECK;
/* Until copy_release nobody writes. */
enum status copy_stop_writers(struct db *db, struct error *e) MUST_CHECK;
enum status copy_release(struct db *db, struct error *e) MUST_CHECK;
/* Copies what is held into a new file at `path`, some pages at a time with pauses, so that the disk
 * has time for others. The copy is one file without a journal beside it. */
enum status copy_database(struct db *db, const char *path, const struct copy *c,
                          struct error *e) MUST_CHECK;
/* Reads every page of a file and its indexes. Faults: COPY_DAMAGED. */
enum status copy_check(const char *path, struct error *e) MUST_CHECK;
/* Takes every wrapped key out of a copy, and what lay where they stood. */
enum status copy_forget_keys(struct db *copy, struct error *e) MUST_CHECK;
/* Nothing of an open copy is left beside its file. */
enum status copy_end(struct db *copy, struct error *e) MUST_CHECK;
/* Makes the file whole by itself, and finds out whether anybody else has it open. Faults:
 * COPY_IN_USE. */
enum status copy_settle(const char *path, struct error *e) MUST_CHECK;
/* Copies a file's bytes, durably. */
enum status copy_bytes(const char *from, const char *to, struct error *e) MUST_CHECK;
/* Removes a database file and what SQLite may have left beside it. */
void copy_remove(const char *path);
/* Puts `aside` in the place of `path`, durably, whatever was there. */
enum status copy_put(const char *aside, const char *path, struct error *e) MUST_CHECK;

extern const struct fault COPY_DAMAGED, COPY_IN_USE, COPY_FAILED;
