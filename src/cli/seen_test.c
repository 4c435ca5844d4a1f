/* seen_test: against a plain array. SPDX-License-Identifier: Apache-2.0 */
#include "cli/seen.h"

#include "base/test.h"

static void remembers(void **state)
{
    enum { N = 60000 };
    static int64_t first[N];
    CLEANUP(seen_end) struct seen s = {0};
    uint32_t dice = 7;
    struct error e;
    char text[32];

    (void)state;
    for (int64_t i = 1; i <= 2 * N; i++) {
        int64_t before;

        dice = dice * 1664525 + 1013904223;
        size_t const k = (dice >> 8) % N;
        snprintf(text, sizeof text, "member %zu", k);
        CHECK(seen_put(&s, text, i, &before, &e) == OK && before == first[k]);
        if (!first[k]) first[k] = i;
    }
    CHECK(s.slots > 2 * s.used); /* it has grown on the way */
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("a set on disk remembers what came by, and when first", remembers),
    };
    return RUN_CASES("seen", cases);
}
