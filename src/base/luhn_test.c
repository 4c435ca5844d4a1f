/* luhn_test: what is taken for a card's number. SPDX-License-Identifier: Apache-2.0 */
#include "base/luhn.h"

#include <stdio.h>

#include "base/test.h"

static const struct {
    const char *text;
    bool found;
} texts[] = {
    {"",                                       false},
    {"tok_visa",                               false},
    {"4242424242424242",                       true },
    {"4242424242424241",                       false},
    {"my card is 4000 0566 5566 5556, thanks", true },
    {"3782-822463-10005",                      true },
    {"pm4242424242424242x",                    true },
    {"4242 4242 4242 4242 12/30 123",          true },
    {"1 4242424242424242",                     true },
    {"4242  4242  4242  4242",                 false}, /* no card is written so */
    {"6304000000000000",                       true },
    {"630400000000",                           true }, /* the shortest: 12 */
    {"63040000000",                            false}, /* 11 */
    {"6304000000000000000",                    true }, /* the longest: 19 */
    {"63040000000000000000",                   false}, /* 20 */
    {"2024-01-31",                             false},
    {"1732900000008",                          false}, /* an instant, with a right check digit */
    {"\xc3\xa9 4242424242424242",              true },
};

static void finds_card_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (text_has_card_number(texts[i].text) != texts[i].found) FAIL("%s", texts[i].text);
}

/* Every single wrong digit and every swap of neighbours but 09 is noticed: that is what the check
 * digit is for. */
static void notices_wrong_digits(void **state)
{
    (void)state;
    for (size_t at = 0; at < 16; at++)
        for (char digit = '0'; digit <= '9'; digit++) {
            char text[] = "4000056655665556";
            bool const same = text[at] == digit;

            text[at] = digit;
            if (text_has_card_number(text) != same) FAIL("%s", text);
        }
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("C-18 a card's number is found anywhere in a text", finds_card_numbers),
        CASE("C-18 a number with one wrong digit is no card's number", notices_wrong_digits),
    };
    return RUN_CASES("luhn", cases);
}
