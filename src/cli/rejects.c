/* rejects: written aside and renamed, so that a file of rejects is always whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/rejects.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/luhn.h"

const struct fault FILE_UNWRITABLE = {
    E_INTERNAL, "file.unwritable",
    "The file of rejects cannot be written; check the folder and the room on its disk."};

void rejects_begin(struct rejects *r, const char *file, struct arena *a)
{
    size_t n = strlen(file);

    if (n > 4 && text_equal_nocase(file + n - 4, ".csv")) n -= 4;
    *r = (struct rejects){.path = arena_printf(a, "%.*s.rejects.csv", (int)n, file)};
    r->partial = arena_printf(a, "%s.partial", r->path);
}

static enum status unwritable(const char *path, struct error *e)
{
    return failf(e, &FILE_UNWRITABLE, "%s: %s", path, strerror(errno));
}

static enum status begin_file(struct rejects *r, struct error *e)
{
    static const char *const header[] = {"line", "external_id", "code", "reason", "row"};

    /* Made anew, never through a link that somebody has put there. */
    if (unlink(r->partial) != 0 && errno != ENOENT) return unwritable(r->partial, e);
    r->out = (struct csv_writer){.file = fopen(r->partial, "wxe")};
    if (!r->out.file) return unwritable(r->partial, e);
    for (size_t i = 0; i < COUNT(header); i++) csv_put(&r->out, header[i]);
    csv_end_row(&r->out);
    return OK;
}

static void count(struct rejects *r, const char *code)
{
    size_t at = 0;

    while (at < r->n_codes && strcmp(r->codes[at].code, code) < 0) at++;
    if (at == r->n_codes || strcmp(r->codes[at].code, code) != 0) {
        assert(r->n_codes < REJECT_CODES_MAX);
        memmove(&r->codes[at + 1], &r->codes[at], (r->n_codes - at) * sizeof r->codes[0]);
        r->codes[at] = (struct reject_count){.code = code};
        r->n_codes++;
    }
    r->codes[at].n++;
    r->n++;
}

static const char *reason(const struct error *why, struct arena *a)
{
    bool const tell = *why->detail && !text_has_card_number(why->detail);
    const char *more = tell ? why->detail : why->field ? why->field : "";

    if (!*more) return why->fault->text;
    char *text = arena_printf(a, "%s (%s)", why->fault->text, more);
    return csv_clean(a, text, strlen(text)); /* details are cut by bytes */
}

enum status rejects_add(struct rejects *r, const struct reject *one, struct arena *a,
                        struct error *e)
{
    char *row = csv_clean(a, one->text, one->text_size);

    if (!r->out.file) TRY(begin_file(r, e));
    count(r, one->why->fault->code);
    csv_put_int(&r->out, one->line);
    csv_put(&r->out, one->external_id);
    csv_put(&r->out, one->why->fault->code);
    csv_put(&r->out, reason(one->why, a));
    csv_put(&r->out, text_has_card_number(row) ? "" : row);
    csv_end_row(&r->out);
    return ferror(r->out.file) ? unwritable(r->partial, e) : OK;
}

enum status rejects_end(struct rejects *r, struct error *e)
{
    FILE *file = r->out.file;

    r->out.file = NULL;
    if (!file) {
        if (unlink(r->path) != 0 && errno != ENOENT) return unwritable(r->path, e);
        return OK;
    }
    if (fclose(file) != 0 || rename(r->partial, r->path) != 0) return unwritable(r->path, e);
    return OK;
}

void rejects_drop(struct rejects *r)
{
    if (!r->out.file) return;
    fclose(r->out.file);
    unlink(r->partial);
    r->out.file = NULL;
}
