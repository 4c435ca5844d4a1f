/* id: how 64-bit ids look outside: a prefix, Crockford base32 and a check character.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { ID_TEXT = 24 };
/* "mem_" + 13 digits + check character (sum modulo 37, Crockford's alphabet *~$=U). Prefix is three
 * letters. */
char *id_text(const char *prefix, int64_t id, char to[static ID_TEXT]);
/* False unless the prefix, the length, every digit and the check character are right. Reads small
 * letters, and I L O as 1 1 0. */
bool id_parse(const char *prefix, const char *s, int64_t *id);
/* Whether its text could be taken for a card's number, which no op accepts. Such ids are never
 * given. */
bool id_like_card(int64_t id);
