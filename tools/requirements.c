/* requirements: writes docs/requirements.md - each requirement, and the tests that bear its id.
 *
 *     requirements --write ROOT
 *     requirements --check ROOT      exit status 1 when the file is stale
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "proof.h"

#define PAGE "docs/requirements.md"

static const char *const head =
    "# Requirements\n\n"
    "What Foyer must do, and the tests whose names bear the id. Written by `ninja -C build docs`\n"
    "from `docs/requirements.txt` and the tests; do not edit. A requirement without a test is "
    "open.\n";

static const char *const table = "\n| id | state | requirement | tests |\n|---|---|---|---|\n";

/* The name of a test without the ids at its beginning. */
static const char *title(const struct proof *p)
{
    char id[REQUIREMENT_ID];
    const char *at = p->name;

    for (const char *next; (next = requirement_next(at, id)) == at + REQUIREMENT_ID - 1;)
        at = next + strspn(next, " ,");
    return at;
}

static char *tests_of(struct arena *a, const char *id, const struct proof *proofs, size_t n)
{
    char *list = arena_strdup(a, "");

    for (size_t i = 0; i < n; i++)
        if (strcmp(proofs[i].id, id) == 0)
            list = arena_printf(a, "%s%s`%s` %s", list, *list ? "<br>" : "", proofs[i].path,
                                markdown_cell(a, title(&proofs[i])));
    return list;
}

/* Each line of the list is an id, a blank and a sentence; a new letter begins a new table. */
static char *page(const struct tree *t)
{
    struct arena *a = t->arena;
    const struct source *list = tree_find(t, "docs/requirements.txt");
    const char *at = list ? list->text : "";
    char *text = arena_strdup(a, head), letter = 0;
    size_t n;
    const struct proof *proofs = proofs_of(t, &n);

    for (char *line; (line = line_next(a, &at)) && strlen(line) > REQUIREMENT_ID;) {
        const char *id = arena_memdup(a, line, REQUIREMENT_ID - 1);
        const char *tests = tests_of(a, id, proofs, n);

        text = arena_printf(a, "%s%s| %s | %s | %s | %s |\n", text, *id == letter ? "" : table, id,
                            *tests ? "proven" : "open", markdown_cell(a, line + REQUIREMENT_ID),
                            tests);
        letter = *id;
    }
    return text;
}

static int write_page(struct arena *a, const char *root, const char *text)
{
    const char *path = arena_printf(a, "%s/" PAGE, root);
    FILE *f = fopen(path, "w");

    if (!f || fputs(text, f) < 0 || fclose(f)) {
        perror(path);
        return 2;
    }
    return 0;
}

static int check_page(const struct tree *t, const char *text)
{
    const struct source *old = tree_find(t, PAGE);

    if (old && strcmp(old->text, text) == 0) return 0;
    printf("%s is stale: run `ninja -C build docs` and commit it\n", PAGE);
    return 1;
}

int main(int argc, char **argv)
{
    static const char *const places[] = {"src", "tests", "docs/requirements.txt", PAGE, NULL};
    bool const write = argc == 3 && strcmp(argv[1], "--write") == 0;
    CLEANUP(arena_clear) struct arena arena = {0};
    struct tree tree = {.arena = &arena};

    if (argc != 3 || (!write && strcmp(argv[1], "--check") != 0)) {
        fprintf(stderr, "usage: requirements --write|--check ROOT\n");
        return 2;
    }
    if (!tree_read(&tree, argv[2], places)) return 2;
    const char *text = page(&tree);
    return write ? write_page(&arena, argv[2], text) : check_page(&tree, text);
}
