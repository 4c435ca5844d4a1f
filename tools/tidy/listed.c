/* listed: what meson.build does not name is not in the build, and nothing else says so: a migration
 * by its path, a test by its noun. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tidy.h"

static const char *name_in_build(struct arena *a, const char *path)
{
    static const char test[] = "_test.c";
    const char *noun = strrchr(path, '/');

    if (starts_with(path, "migrations/")) return path;
    if (!noun || !starts_with(path, "src/") || !ends_with(path, test)) return NULL;
    return arena_printf(a, "%.*s", (int)(strlen(noun + 1) - strlen(test)), noun + 1);
}

void check_listed(struct tidy *t)
{
    const struct source *build = tree_find(t->tree, "meson.build");

    for (size_t i = 0; build && i < t->tree->n; i++) {
        const char *path = t->tree->at[i].path, *name = name_in_build(t->arena, path);

        if (name && !strstr(build->text, arena_printf(t->arena, "'%s'", name)))
            complain(t, path, 0, "meson.build does not name it");
    }
}
