/* bench_audit_test: `foyer bench audit` for a moment. What it measures is no matter of a test.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static void measures(void **state)
{
    static const char *const names[] = {"ratio",
                                        "with_per_second",
                                        "without_per_second",
                                        "microseconds_per_entry",
                                        "cpu_microseconds_per_entry",
                                        "bytes_per_entry"};

    (void)state;
    if (foyer("bench audit --pairs 1 --changes 200 --json") != 0) FAIL("%s", stage.said);
    json_t *j = json_loads(stage.said, 0, NULL);
    for (size_t i = 0; i < COUNT(names); i++)
        if (!json_is_number(json_object_get(j, names[i]))) FAIL("%s: %s", names[i], stage.said);
    CHECK(json_number_value(json_object_get(j, "bytes_per_entry")) > 0);
    json_decref(j);
    CHECK(foyer("bench audit --pairs 0") == 2 && foyer("bench audit now") == 2);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("the bench of the audit prints every figure", measures),
    };
    return cmocka_run_group_tests_name("bench_audit", cases, stage_begin_bench, stage_end);
}
