/* money_fuzz: amounts and ids as text; what can be read is written and read back alike.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"

#include <string.h>

#include "base/id.h"
#include "fuzz.h"

static void read_amount(const char *text, const char *currency)
{
    char again[MONEY_TEXT];
    int64_t amount, second;

    if (!money_parse(text, currency, &amount)) return;
    money_text(amount, currency, again);
    promise(strchr(again, ' '));
    *strchr(again, ' ') = 0;
    promise(money_parse(again, currency, &second) && second == amount);
}

static void read_id(const char *text)
{
    char again[ID_TEXT];
    int64_t id, second;

    if (!id_parse("mem", text, &id)) return;
    promise(id_parse("mem", id_text("mem", id, again), &second) && second == id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const currencies[] = {"EUR", "JPY", "BHD"};
    CLEANUP(arena_clear) struct arena arena = {0};
    const char *text = arena_memdup(&arena, data, size);

    for (size_t i = 0; i < COUNT(currencies); i++) read_amount(text, currencies[i]);
    read_id(text);
    return 0;
}
