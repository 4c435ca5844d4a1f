/* door: how many connections there are, in all and from each address. Every loop asks it.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct door;
struct door *door_new(int64_t max, int64_t max_per_address, const char *trusted);
/* Counts one more; false, and not counted, over a limit. A trusted proxy has no limit of its own.
 */
bool door_enter(struct door *d, const char *address);
void door_leave(struct door *d, const char *address);
bool door_trusts(const struct door *d, const char *address);
void door_free(struct door *d);
