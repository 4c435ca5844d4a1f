/* sabotage: which defect is chosen. SPDX-License-Identifier: Apache-2.0 */
#include "base/sabotage.h"

#ifdef FOYER_SABOTAGE
#include <string.h>

static const char *chosen;

bool sabotage_is(const char *name)
{
    return chosen && strcmp(chosen, name) == 0;
}

void sabotage_choose(const char *name)
{
    chosen = name;
}
#endif
