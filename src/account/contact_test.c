/* contact_test: what an email address is. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "account/contact_rules.h"
#include "base/test.h"

static void addresses(void **state)
{
    static const char *const good[] = {"anna@example.com",
                                       "a@b.co",
                                       "o'hara+tag@mail.example.com",
                                       "a.b-c_d@xn--bcher-kva.example",
                                       "zoë@bücher.example",
                                       "1@2.example",
                                       "a@1.2.example",
                                       "ÅÄÖ@example.com"};
    static const char *const bad[] = {"",
                                      "@",
                                      "a",
                                      "a@",
                                      "@b.example",
                                      "a@@b.com",
                                      "a@b@c.example",
                                      "a b@example.com",
                                      " a@example.com",
                                      "a@example.com ",
                                      "a@exam ple.com",
                                      "a@localhost",
                                      "a@.example",
                                      "a@example.",
                                      "a@example..com",
                                      "a..b@example.com",
                                      ".a@example.com",
                                      "a.@example.com",
                                      "a@-b.example",
                                      "a@b-.example",
                                      "a@b_c.example",
                                      "a@192.0.2.1",
                                      "a@[192.0.2.1]",
                                      "\"a b\"@example.com",
                                      "a,b@example.com",
                                      "a<b@example.com",
                                      "a@example.com\r\nBcc: b",
                                      "a\tb@example.com",
                                      "a\x7f@example.com",
                                      "a\x01@example.com",
                                      "a@exa\nmple.com",
                                      "a\xc2\x85@example.com",
                                      "a\xc2\xa0@example.com",
                                      "a\xe2\x80\xae@example.com",
                                      "a@ex\xe2\x80\x8b"
                                      "ample.com",
                                      "a\xe3\x80\x80@example.com",
                                      "\xef\xbb\xbf"
                                      "a@example.com",
                                      "a@b.example?x",
                                      "a@b.example/c"};

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!email_is_valid(good[i])) FAIL("%s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (email_is_valid(bad[i])) FAIL("%s", bad[i]);
}

/* An address whose parts have these lengths: labels of 50 bytes at most. */
static const char *long_one(char to[400], size_t local, size_t domain)
{
    memset(to, 'a', local + 1 + domain);
    to[local] = '@';
    for (size_t i = 50; i + 1 < domain; i += 51) to[local + 1 + i] = '.';
    to[local + 1 + domain] = 0;
    return to;
}

static void lengths(void **state)
{
    char text[400];

    (void)state;
    CHECK(email_is_valid(long_one(text, 64, 189)) && strlen(text) == 254);
    CHECK(!email_is_valid(long_one(text, 64, 190)));
    CHECK(!email_is_valid(long_one(text, 65, 100)));
    memset(text, 'a', 70);
    memcpy(text + 70, ".example", 9);
    text[1] = '@';
    CHECK(!email_is_valid(text)); /* a label of 68 bytes */
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("Y-14 an email address is one that mail can be sent to", addresses),
        CASE("Y-14 an email address has its bounds", lengths),
    };
    return RUN_CASES("contact", cases);
}
