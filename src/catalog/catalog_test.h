/* catalog_test: the example catalog, for tests. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/test.h"
#include "catalog/catalog.h"

/* A file of the source tree, with a final NUL; free it. */
static inline char *test_file(const char *name, size_t *n)
{
    const char *root = getenv("SOURCE_ROOT");
    char path[1024], *text = calloc(1, CATALOG_BYTES_MAX + 1);

    snprintf(path, sizeof path, "%s/%s", root ? root : ".", name);
    FILE *f = fopen(path, "rb");
    CHECK(f && text);
    *n = fread(text, 1, CATALOG_BYTES_MAX, f);
    fclose(f);
    return text;
}

static inline const struct catalog *test_catalog(struct arena *a)
{
    static struct problems problems;
    const struct catalog *c = NULL;
    size_t n;
    char *text = test_file("examples/catalog.yaml", &n);

    if (catalog_read(text, n, "examples/catalog.yaml", a, &problems, &c) != OK)
        print_error("%s\n", problem_text(&problems, 0, a));
    free(text);
    CHECK(c);
    return c;
}

static inline int64_t test_day(const char *date)
{
    int64_t day = 0;

    CHECK(day_parse(date, &day));
    return day;
}
