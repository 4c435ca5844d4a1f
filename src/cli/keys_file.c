/* keys_file: lines of tab-separated words; the last line counts them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/keys_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "db/copy.h"
#include "keys_file_sql.h"

const struct fault KEYS_FILE_BROKEN = {
    E_INVALID, "backup.keys_broken",
    "The file of keys is missing, damaged or not whole; name another one with --keys."};

enum { LINE = 512, WORDS = 6 };
static const char FIRST[] = "foyer-keys\t1\n";

static const char *dash(const char *text)
{
    return *text ? text : "-";
}

static const char *undash(const char *word)
{
    return strcmp(word, "-") == 0 ? "" : word;
}

/* ---- writing ---- */

static enum status write_keys(struct ctx *cx, FILE *f, int64_t *lines)
{
    struct keys_all_row k;
    SCAN scan = {0};
    bool more = true;

    TRY(keys_all(cx, &scan));
    for (; db_scan_next(&scan, &k, &more) == OK && more; ++*lines)
        fprintf(f, "key\t%lld\t%s\t%s\t%lld\t%lld\n", (long long)k.account_id, dash(k.wrapped_by),
                dash(k.wrapped_key), (long long)k.keyed_at, (long long)k.destroyed_at);
    return more ? cx->err->fault->status : OK;
}

static enum status write_secrets(struct ctx *cx, FILE *f, int64_t *lines)
{
    struct secrets_all_row s;
    SCAN scan = {0};
    bool more = true;

    TRY(secrets_all(cx, &scan));
    for (; db_scan_next(&scan, &s, &more) == OK && more; ++*lines)
        fprintf(f, "secret\t%s\t%s\t%s\n", s.secret, dash(s.wrapped_by), dash(s.secret_key));
    return more ? cx->err->fault->status : OK;
}

static enum status write_migrations(struct ctx *cx, FILE *f, int64_t *lines)
{
    struct migrations_all_row m;
    SCAN scan = {0};
    bool more = true;

    TRY(migrations_all(cx, &scan));
    for (; db_scan_next(&scan, &m, &more) == OK && more; ++*lines)
        fprintf(f, "migration\t%lld\t%s\t%lld\n", (long long)m.number, m.name,
                (long long)m.applied_at);
    return more ? cx->err->fault->status : OK;
}

static enum status finish(struct ctx *cx, FILE *f, const char *path, int64_t lines)
{
    fprintf(f, "end\t%lld\n", (long long)lines);
    bool const good = fflush(f) == 0 && !ferror(f) && fsync(fileno(f)) == 0;

    return good ? OK
                : failf(cx->err, errno == ENOSPC ? &DB_FULL : &COPY_FAILED, "%s: %s", path,
                        strerror(errno));
}

enum status keys_file_write(struct ctx *cx, const char *path)
{
    CLEANUP(cli_close) FILE *f = fopen(path, "w");
    int64_t lines = 0;
    TX tx = {0};

    if (!f) return failf(cx->err, &COPY_FAILED, "%s: %s", path, strerror(errno));
    fputs(FIRST, f);
    TRY(tx_begin_kind(&tx, cx, TX_READ));
    TRY(write_migrations(cx, f, &lines));
    TRY(write_secrets(cx, f, &lines));
    TRY(write_keys(cx, f, &lines));
    return finish(cx, f, path, lines);
}

/* ---- reading ---- */

struct lines {
    FILE *f;
    char line[LINE];
    char *word[WORDS];
    size_t n;
    int64_t number[WORDS]; /* of the words that are numbers */
};

static bool next_line(struct lines *l)
{
    if (!fgets(l->line, sizeof l->line, l->f)) return false;
    char *at = l->line;
    size_t const n = strlen(at);
    if (n == 0 || at[n - 1] != '\n') return false;
    at[n - 1] = 0;
    for (l->n = 0; at && l->n < WORDS; l->n++) {
        char *word = at, *tab = strchr(at, '\t');

        if (tab) *tab++ = 0;
        at = tab;
        l->word[l->n] = word;
        if (!int_parse(word, &l->number[l->n])) l->number[l->n] = -1;
    }
    return !at;
}

static enum status take_line(struct ctx *cx, const struct lines *l, struct keys_seen *seen)
{
    char *const *w = l->word;

    if (strcmp(w[0], "key") == 0 && l->n == 6 && l->number[1] >= 0 && l->number[4] >= 0 &&
        l->number[5] >= 0) {
        seen->keys += l->number[5] == 0;
        seen->tombstones += l->number[5] != 0;
        return keys_put(cx, NULL, .account_id = l->number[1], .wrapped_by = undash(w[2]),
                        .wrapped_key = undash(w[3]), .keyed_at = l->number[4],
                        .destroyed_at = l->number[5]);
    }
    if (strcmp(w[0], "secret") == 0 && l->n == 4)
        return secrets_put(cx, NULL, .secret = w[1], .wrapped_by = undash(w[2]),
                           .secret_key = undash(w[3]));
    if (strcmp(w[0], "migration") == 0 && l->n == 4 && l->number[1] > 0)
        return migrations_put(cx, NULL, .number = l->number[1], .name = w[2],
                              .applied_at = l->number[3]);
    return failf(cx->err, &KEYS_FILE_BROKEN, "a line begins with %.20s", w[0]);
}

static enum status take_lines(struct ctx *cx, struct lines *l, struct keys_seen *out)
{
    for (int64_t lines = 0; next_line(l); lines++) {
        if (strcmp(l->word[0], "end") == 0 && l->n == 2)
            return l->number[1] == lines ? OK : fail(cx->err, &KEYS_FILE_BROKEN, NULL);
        TRY(take_line(cx, l, out));
    }
    return failf(cx->err, &KEYS_FILE_BROKEN, "it has no end");
}

enum status keys_file_read(struct ctx *cx, const char *path, struct keys_seen *out)
{
    CLEANUP(cli_close) FILE *f = fopen(path, "r");
    struct lines l = {.f = f};
    char first[sizeof FIRST];
    TX tx = {0};

    *out = (struct keys_seen){0};
    if (!f) return failf(cx->err, &KEYS_FILE_BROKEN, "%s: %s", path, strerror(errno));
    if (!fgets(first, sizeof first, f) || strcmp(first, FIRST) != 0)
        return failf(cx->err, &KEYS_FILE_BROKEN, "%s", path);
    TRY(tx_begin(&tx, cx));
    TRY(take_lines(cx, &l, out));
    return tx_commit(&tx);
}

/* ---- the list of who was erased ---- */

static bool read_erased(struct lines *l)
{
    return next_line(l) && l->n == 2 && l->number[0] > 0 && l->number[1] > 0;
}

enum status erased_list_write(struct ctx *cx, const char *path)
{
    CLEANUP(cli_close) FILE *f = fopen(path, "a+");
    struct lines l = {.f = f};
    struct tombstone_row row;
    int64_t known = 0, newest = 0;
    SCAN scan = {0};
    bool more = true;

    if (!f) return failf(cx->err, &COPY_FAILED, "%s: %s", path, strerror(errno));
    for (rewind(f); read_erased(&l); known++)
        if (l.number[1] > newest) newest = l.number[1];
    TRY(tombstones_all(cx, &scan));
    while (db_scan_next(&scan, &row, &more) == OK && more)
        if (row.destroyed_at >= newest) /* some of that instant twice: that does no harm */
            fprintf(f, "%lld\t%lld\n", (long long)row.account_id, (long long)row.destroyed_at);
    if (more) return cx->err->fault->status;
    bool const good = fflush(f) == 0 && !ferror(f) && fsync(fileno(f)) == 0;
    return good ? OK : failf(cx->err, &COPY_FAILED, "%s: %s", path, strerror(errno));
}

enum status erased_list_read(struct ctx *cx, const char *path, int64_t *tombstones)
{
    CLEANUP(cli_close) FILE *f = fopen(path, "r");
    struct lines l = {.f = f};
    TX tx = {0};

    *tombstones = 0;
    if (!f && errno == ENOENT) return OK;
    if (!f) return failf(cx->err, &KEYS_FILE_BROKEN, "%s: %s", path, strerror(errno));
    TRY(tx_begin(&tx, cx));
    for (; read_erased(&l); ++*tombstones)
        TRY(keys_put(cx, NULL, .account_id = l.number[0], .wrapped_by = "", .wrapped_key = "",
                     .keyed_at = l.number[1], .destroyed_at = l.number[1]));
    return tx_commit(&tx);
}
