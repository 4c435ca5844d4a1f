/* tidy: reads the sources below a folder and complains about what breaks the rules of the house.
 *
 *     tidy ROOT
 *
 * The checks are in tools/tidy/; what each refuses is shown by the fixtures in tests/tidy.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tidy/tidy.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static const char *const places[] = {"src",
                                         "tools",
                                         "tests",
                                         "scripts",
                                         ".ci",
                                         "migrations",
                                         "meson.build",
                                         "meson_options.txt",
                                         "docs/requirements.txt",
                                         NULL};
    CLEANUP(arena_clear) struct arena arena = {0};
    struct tree tree = {.arena = &arena};
    struct tidy tidy = {.arena = &arena, .tree = &tree};

    if (argc != 2) {
        fprintf(stderr, "usage: tidy ROOT\n");
        return 2;
    }
    if (!tree_read(&tree, argv[1], places)) return 2;
    tidy_check(&tidy);
    for (size_t i = 0; i < tidy.n_found; i++)
        printf("%s:%lld: %s\n", tidy.found[i].path, (long long)tidy.found[i].line,
               tidy.found[i].text);
    return tidy.n_found > 0;
}
