/* text_test: callbacks of a provider of texts are its own. SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "notify/outgoing.h"

/* The vector of the provider's documentation. */
static void the_known_signature(void **state)
{
    static const char url[] = "https://mycompany.com/myapp.php?foo=1&bar=2";
    static const char signature[] = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    struct form_field fields[] = {
        {"To",      "+18005551212"     },
        {"CallSid", "CA1234567890ABCDE"},
        {"Digits",  "1234"             },
        {"From",    "+14158675309"     },
        {"Caller",  "+14158675309"     },
    };

    (void)state;
    CHECK(text_callback_is_genuine("12345", url, fields, COUNT(fields), signature));
    CHECK(!text_callback_is_genuine("12346", url, fields, COUNT(fields), signature));
    CHECK(!text_callback_is_genuine("12345", "https://mycompany.com/", fields, COUNT(fields),
                                    signature));
    CHECK(!text_callback_is_genuine("12345", url, fields, COUNT(fields) - 1, signature));
    CHECK(!text_callback_is_genuine("12345", url, fields, COUNT(fields), ""));
    fields[2].value = "1235";
    CHECK(!text_callback_is_genuine("12345", url, fields, COUNT(fields), signature));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("Y-14 a callback about a text is taken from the provider alone", the_known_signature),
    };
    return RUN_CASES("text", cases);
}
