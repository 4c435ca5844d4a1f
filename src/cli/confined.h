/* confined: what commands that run for long give up once they have begun: see base/confine.h.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/log.h"
#include "cli/cli.h"

/* Before the threads of a command begin. It keeps the folder of an SQLite database, where temporary
 * files go, the files that settings of couriers name, and what `reads` names (NULL: none), and logs
 * what the kernel took part in. Faults: PROCESS_UNCONFINED. */
enum status cli_confine(struct cli *cli, const struct log *log, const char *const *reads,
                        size_t n) MUST_CHECK;
