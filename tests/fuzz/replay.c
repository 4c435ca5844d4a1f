/* replay: runs a fuzzer, without libFuzzer, over every file of the folders that it is given, and
 * over the beginnings of the short ones, unless they are to be taken `--whole`: where one input is
 * much work. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "../../tools/source.h"
#include "fuzz.h"

enum { SHORT_MAX = 512 };

/* Each input has its own allocation, so that a sanitizer sees a read beyond it. */
static void feed(const char *text, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy) abort();
    for (size_t i = 0; i < size; i++) copy[i] = (uint8_t)text[i];
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

int main(int argc, char **argv)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct tree tree = {.arena = &arena};

    bool const whole = argc > 1 && strcmp(argv[argc - 1], "--whole") == 0;
    if (whole) argv[--argc] = NULL;
    if (argc < 2 || !tree_read(&tree, argv[1], (const char *const *)argv + 2)) return 2;
    for (size_t i = 0; i < tree.n; i++) {
        const struct source *s = &tree.at[i];

        for (size_t n = 0; !whole && n < s->size && n < SHORT_MAX; n++) feed(s->text, n);
        feed(s->text, s->size);
    }
    printf("%zu inputs\n", tree.n);
    return tree.n == 0;
}
