/* tidy_test: each file in tests/tidy is a small tree and what tidy must say about it, no more and
 * no less.
 *
 *     refused: PATH:LINE: COMPLAINT      as often as needed
 *     === PATH                           the file that follows, up to the next such line
 *
 * A tree without its own src/layers or docs/requirements.txt gets the ones below.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "tidy/tidy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char layers[] = "base open\ndb open\npolicy open\nhttp open for api cli\nweb open for "
                             "web\ncatalog codes plan\nbilling codes invoice\npayments\ncli\n";
static const char requirements[] = "A-01 The first.\nB-03 The second.\n";

struct fixture {
    struct tree tree;
    const char *refused; /* the complaints, one per line */
};

static void add_default(struct tree *t, const char *path, const char *text)
{
    if (!tree_find(t, path)) tree_add(t, path, text, strlen(text));
}

static void read_fixture(struct fixture *f, struct arena *a, const char *text)
{
    static const char refused[] = "refused: ", begins[] = "=== ";
    const char *path = NULL, *body = "";

    *f = (struct fixture){.tree = {.arena = a}, .refused = ""};
    for (char *line; (line = line_next(a, &text));) {
        if (starts_with(line, begins)) {
            if (path) tree_add(&f->tree, path, body, strlen(body));
            path = line + strlen(begins);
            body = "";
        } else if (path) {
            body = arena_printf(a, "%s%s\n", body, line);
        } else {
            CHECK(starts_with(line, refused));
            f->refused = arena_printf(a, "%s%s\n", f->refused, line + strlen(refused));
        }
    }
    CHECK(path);
    tree_add(&f->tree, path, body, strlen(body));
    add_default(&f->tree, "src/layers", layers);
    add_default(&f->tree, "docs/requirements.txt", requirements);
}

static void test_fixture(void **state)
{
    const struct source *file = *state;
    struct arena arena = {0};
    struct fixture f;
    const char *said = "";

    read_fixture(&f, &arena, file->text);
    struct tidy t = {.arena = &arena, .tree = &f.tree};
    tidy_check(&t);
    for (size_t i = 0; i < t.n_found; i++)
        said = arena_printf(&arena, "%s%s:%lld: %s\n", said, t.found[i].path,
                            (long long)t.found[i].line, t.found[i].text);
    assert_string_equal(said, f.refused);
    arena_clear(&arena);
}

/* One case per file, named by it; argv[1] is the root of the sources. */
int main(int argc, char **argv)
{
    static const char *const places[] = {"tests/tidy", NULL};
    CLEANUP(arena_clear) struct arena arena = {0};
    struct tree files = {.arena = &arena};

    if (argc != 2 || !tree_read(&files, argv[1], places) || !files.n) return 2;
    struct CMUnitTest *cases = arena_array(&arena, struct CMUnitTest, files.n);
    for (size_t i = 0; i < files.n; i++)
        cases[i] = (struct CMUnitTest){
            .name = files.at[i].path, .test_func = test_fixture, .initial_state = &files.at[i]};
    return _cmocka_run_group_tests("tidy", cases, files.n, NULL, NULL);
}
