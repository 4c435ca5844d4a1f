/* sabotage: the list of seeded defects (base/sabotage.h). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sim/sim.h"

struct defect {
    const char *name, *what;
};
extern const struct defect defects[];
extern const size_t defect_count;
