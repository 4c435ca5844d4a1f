/* ops_fuzz: sequences of calls on a small service, with days that pass between them: every call is
 * held to the rows of ops, the policy and the model, and at the end the doctor finds nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/ops_odd_test.h"
#include "fuzz.h"

static const uint8_t *input;
static size_t left;

/* Two bytes a choice; when they are used up everything is 0. */
static size_t pick(size_t n)
{
    size_t value = 0;

    for (int i = 0; i < 2 && left; i++, left--) value = value << 8 | *input++;
    return value % n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const plans[] = {"standard", "basic"};
    enum { CALLS_MAX = 60, DAYS_MAX = 400 };
    int64_t m[3], day = life_day("2024-02-01");
    char text[DAY_TEXT];

    input = data;
    left = size;
    begin();
    gather_ops();
    known.n = known.turn = 0;
    for (size_t i = 0; i < COUNT(m); i++) m[i] = joins(plans[pick(COUNT(plans))]);
    for (int turn = 0; left && turn < CALLS_MAX; turn++) {
        call_oddly(m[pick(COUNT(m))], turn);
        size_t const days = pick(4) ? 0 : 1 + pick(20);
        if (!days || day + (int64_t)days > life_day("2024-02-01") + DAYS_MAX) continue;
        day += (int64_t)days;
        life_run(&life, day_text(day, text));
    }
    life_is_well(&life, "after it");
    life_close(&life);
    return 0;
}
