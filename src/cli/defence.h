/* defence: what stands between this installation and whoever means it ill, and whether it stands.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cli/cli.h"

struct defence {
    const char *name;
    bool weak;        /* somebody should see to it */
    const char *says; /* one line: how it is, and what to do when it is weak */
};

/* All of them, in the arena. */
enum status defences_look(struct cli *cli, struct defence **out, size_t *n) MUST_CHECK;
