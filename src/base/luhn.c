/* luhn: sums digits. SPDX-License-Identifier: Apache-2.0 */
#include "base/luhn.h"

#include <string.h>

const struct fault INPUT_CARD_NUMBER = {
    E_INVALID, "input.card_number",
    "That looks like a card's number, which is never taken here; give the gateway's token for it."};

enum { SHORTEST = 12, LONGEST = 19 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* From the right every second digit counts double, less 9 where that is above 9. */
static bool luhn_valid(const char *digits, size_t n)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++) {
        int const digit = digits[n - 1 - i] - '0', twice = 2 * digit;

        sum += i % 2 == 0 ? digit : twice > 9 ? twice - 9 : twice;
    }
    return sum % 10 == 0;
}

/* Whether a card's number begins at s, where a group of digits begins, and ends with a group. What
 * follows may be digits too: an expiry, a security code. */
static bool begins_card_number(const char *s)
{
    char digits[LONGEST];
    size_t n = 0;

    if (*s < '2' || *s > '6') return false;
    while (is_digit(*s) && n < LONGEST) {
        digits[n++] = *s++;
        if (is_digit(*s)) continue;
        if (n >= SHORTEST && luhn_valid(digits, n)) return true;
        if (*s == ' ' || *s == '-') s++;
    }
    return false;
}

bool text_is_phone(const char *s)
{
    size_t const n = strlen(s);

    return n >= 8 && n <= 16 && s[0] == '+' && s[1] >= '1' && s[1] <= '9' &&
           strspn(s + 1, "0123456789") == n - 1;
}

bool text_has_card_number(const char *s)
{
    for (size_t i = 0; s[i]; i++)
        if (is_digit(s[i]) && (i == 0 || !is_digit(s[i - 1])) && begins_card_number(s + i))
            return true;
    return false;
}
