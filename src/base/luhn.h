/* luhn: finds what may be the number of a payment card, so that none is taken in by mistake
 * (SPEC C-18). Pure. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

extern const struct fault INPUT_CARD_NUMBER;

/* Whether a text is a telephone number, E.164: + and 7 to 15 digits. One in ten of the longer ones
 * has a right check digit too. */
bool text_is_phone(const char *s);
/* Whether 12 to 19 digits with a right check digit (ISO/IEC 7812-1) stand anywhere in the text, in
 * one run or in groups with single spaces or dashes between them. They begin with 2 to 6, as those
 * of all card networks do; so an instant in milliseconds is none. */
bool text_has_card_number(const char *s);
