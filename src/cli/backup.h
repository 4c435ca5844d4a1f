/* backup: the parts of a backup, and Debian's tools for PostgreSQL.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/keys_file.h"

struct backup_parts {
    const char *file, *keys, *sandbox;
};
/* FILE, FILE-keys, FILE-sandbox. */
struct backup_parts backup_parts(struct arena *a, const char *file);
/* The path of an SQLite database and of the sandbox's store beside it. */
const char *backup_lite_path(const struct cli *cli);
bool backup_there(const char *path);

extern const struct fault BACKUP_TOOL;
/* Runs a program and waits for it. Faults: BACKUP_TOOL. */
enum status backup_run_tool(struct cli *cli, char *const *argv) MUST_CHECK;
/* Runs two, the second of which reads what the first prints; what the second prints is lost. */
enum status backup_run_pipe(struct cli *cli, char *const *from, char *const *to) MUST_CHECK;
/* Beside the master key: who was erased. NULL where there is no key file. */
const char *backup_erased_list(struct cli *cli);
