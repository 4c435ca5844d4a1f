/* key_text: how keys of the API are spelt, and which ops a scope means.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { KEY_RANDOM = 32, KEY_DIGITS = 52, KEY_TEXT = 4 + KEY_DIGITS + 2 + 1 };

/* "fky_", 52 digits of base 32 and two check digits: `fky_[0-9a-hjkmnp-tv-z]{54}` finds leaks, and
 * key_is_spelt tells them from chance. */
char *key_spell(const unsigned char random[static KEY_RANDOM], char to[static KEY_TEXT]);
bool key_is_spelt(const char *s);

/* One pattern of a list with commas and blanks: an op's id, `noun.*` or `*`, each perhaps with
 * `:read` or `:write`. `*` does not mean the ops of keys themselves: those must be named. */
bool scopes_cover(const char *scopes, const char *op_id, bool writes);
/* Takes the next pattern off a list; false at its end. */
bool scope_next(const char **scopes, const char **at, size_t *n);
bool scope_covers(const char *pattern, size_t n, const char *op_id, bool writes);
