/* settings_check: what a setting's shape does not say of its text. What is stored already is not
 * held
 * to it, so that it can be mended. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "policy/settings.h"

/* URLs lead where something of ours goes, lists hold words that mean something. */
bool setting_fits(const char *name, const char *value);
/* Mail comes from one of the service's domains, or from below one (SPEC R-06). */
bool settings_sender_is_ours(const struct settings *s);
