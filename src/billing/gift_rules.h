/* gift_rules: what a gift card's code looks like. 15 random characters of Crockford's base 32 and
 * one that checks them, shown in groups of four. Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { GIFT_RANDOM = 15, GIFT_CODE = 17, GIFT_CODE_TEXT = 20 };

/* The code that random bytes stand for, without groups: 5 bits of each are used. */
char *gift_code_make(const unsigned char random[static GIFT_RANDOM], char to[static GIFT_CODE]);
/* Reads what a person typed: any case, with spaces and dashes anywhere, I L O as 1 1 0. False
 * unless the length and the check character are right: one wrong character, or two that changed
 * places, are always found. */
bool gift_code_read(const char *typed, char to[static GIFT_CODE]);
/* "7KQ2-M8ZD-…" */
char *gift_code_text(const char *code, char to[static GIFT_CODE_TEXT]);
