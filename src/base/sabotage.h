/* sabotage: seeded defects, to see whether the simulator finds them. They exist only in builds with
 * -Dsabotage=true, where one can be chosen by name; elsewhere the macro is the constant false.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

#ifdef FOYER_SABOTAGE
#define SABOTAGE(name) sabotage_is(name)
bool sabotage_is(const char *name);
void sabotage_choose(const char *name); /* NULL: nothing is wrong */
#else
#define SABOTAGE(name) false
#endif
