/* code: random codes that people read out and type - Crockford's base 32 and a last character that
 * checks the others. Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* The n characters that n random bytes stand for (5 bits of each are used) and the check character,
 * without groups; `to` has n + 2 bytes. */
char *code_make(const unsigned char *random, size_t n, char *to);
/* Reads what a person typed: any case, with spaces and dashes anywhere, I L O as 1 1 0. False
 * unless the length and the check character are right: one wrong character, or two that changed
 * places, are always found (n below 31). */
bool code_read(const char *typed, size_t n, char *to);
/* "7KQ2-M8ZD-…"; `to` has room for the code, a dash before each group of four, and the end. */
char *code_text(const char *code, char *to);
