/* tzif_fuzz: any bytes as a compiled time zone, and as the rule at its end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/tzif.h"

#include "base/tzrule.h"
#include "fuzz.h"

static void read_file(const uint8_t *data, size_t size)
{
    CLEANUP(tzif_clear) struct tzif zone = {0};

    if (!tzif_read(data, size, &zone)) return;
    promise(zone.n > 0 && zone.at[0] == INT64_MIN);
    for (size_t i = 0; i < zone.n; i++) {
        promise(zone.offset[i] >= -TZIF_OFFSET_MAX && zone.offset[i] <= TZIF_OFFSET_MAX);
        promise(i == 0 || zone.at[i] > zone.at[i - 1]);
    }
}

static void read_rule(const char *text)
{
    struct tzrule rule;

    if (!tzrule_read(text, &rule) || !rule.changes) return;
    for (int64_t year = 1970; year < 2100; year += 7) {
        promise(tzrule_second(&rule.change[0], year) < tzrule_second(&rule.change[0], year + 1));
        promise(tzrule_second(&rule.change[1], year) < tzrule_second(&rule.change[1], year + 1));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_clear) struct arena arena = {0};

    read_file(data, size);
    read_rule(arena_memdup(&arena, data, size));
    return 0;
}
