/* shape_fuzz: any bytes as JSON for a struct; what is accepted is written and read back alike.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "policy/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct settings in = settings_default, again = settings_default;
    struct error e;
    json_t *from = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);

    if (!from) return 0;
    if (shape_read(&settings_shape, from, &in, &arena, &e) == OK) {
        json_t *to = shape_write(&settings_shape, &in);
        json_t *second = NULL;

        promise(shape_read(&settings_shape, to, &again, &arena, &e) == OK);
        second = shape_write(&settings_shape, &again);
        promise(json_equal(to, second));
        json_decref(to);
        json_decref(second);
    }
    json_decref(from);
    return 0;
}
