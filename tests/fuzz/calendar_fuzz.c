/* calendar_fuzz: the first line is a date, the rest its format.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    char *date = arena_memdup(&arena, data, size), text[DAY_TEXT];
    char *format = date + strcspn(date, "\n");
    int64_t day;

    if (*format) *format++ = 0;
    if (day_parse(date, &day)) promise(strcmp(day_text(day, text), date) == 0);
    if (day_parse_format(date, format, &day)) {
        int64_t again;

        promise(day_parse(day_text(day, text), &again) && again == day);
    }
    return 0;
}
