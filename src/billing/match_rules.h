/* match_rules: what a statement's descriptor says, and what an answer is. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct catalog;
struct partner;

enum match_kind { MATCH_NONE, MATCH_ACCOUNT, MATCH_PARTNER };
extern const struct names match_kinds;

/* The partner whose name or code stands in a descriptor, as banks write it: any case, any signs
 * between the letters; the longest name of several. NULL: none. */
const struct partner *match_partner(const struct catalog *c, const char *descriptor);
/* Four digits. */
bool match_last4(const char *text);
