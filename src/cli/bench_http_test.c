/* bench_http_test: `foyer bench http` for a moment. What it measures is no matter of a test.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static void measures(void **state)
{
    static const char *const names[] = {"ratio", "p99_half_load_ms", "bytes_per_stream", "streams"};

    (void)state;
    if (foyer("bench http --pairs 1 --ms 100 --streams 50 --json") != 0) FAIL("%s", stage.said);
    json_t *j = json_loads(stage.said, 0, NULL);
    for (size_t i = 0; i < COUNT(names); i++)
        if (!json_is_number(json_object_get(j, names[i]))) FAIL("%s: %s", names[i], stage.said);
    CHECK(json_number_value(json_object_get(j, "ratio")) > 0);
    json_decref(j);
}

static void refuses(void **state)
{
    (void)state;
    CHECK(foyer("bench http --pairs 0") == 2 && foyer("bench http --streams many") == 2);
    CHECK(foyer("bench http now") == 2);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("the bench of HTTP prints every figure", measures),
        CASE("the bench of HTTP says how it is used", refuses),
    };
    return cmocka_run_group_tests_name("bench_http", cases, stage_begin_bench, stage_end);
}
