/* contact_rules: what an address, an hour and a locale look like. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* What every email address must be, wherever it comes from: at most 254 bytes, one @, a domain of
 * two labels at least, nothing that ends a header or that nobody sees. */
bool email_is_valid(const char *s);
bool hour_read(const char *s, int64_t *minute); /* "22:30", of the day */
bool locale_is_plausible(const char *s);        /* "de", "pt-BR", "zh-Hant-TW" */
