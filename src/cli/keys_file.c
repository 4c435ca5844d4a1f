/* keys_file: lines of tab-separated words; the last line counts them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/keys_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/copy.h"
#include "keys_file_sql.h"

const struct fault KEYS_FILE_BROKEN = {
    E_INVALID, "backup.keys_broken",
    "The file of keys is missing, damaged or not whole; name another one with --keys."};

static const struct fault ERASED_BROKEN = {
    E_INVALID, "backup.erased_broken",
    "The list of who was erased, beside the master key, cannot be read; put a copy of it there."};

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

struct erased {
    int64_t account_id, destroyed_at;
};

/* The last line of a list whose writing was cut short is none; any other that is no entry means
 * that the list cannot be relied upon. */
static enum status next_erased(struct ctx *cx, const char *path, struct lines *l, bool *more)
{
    *more = next_line(l);
    if (!*more && feof(l->f)) return OK;
    if (*more && l->n == 2 && l->number[0] > 0 && l->number[1] > 0) return OK;
    return failf(cx->err, &ERASED_BROKEN, "%s", path);
}

/* A list that is not there is empty. */
static enum status load_list(struct ctx *cx, const char *path, struct erased **out, size_t *n)
{
    CLEANUP(cli_close) FILE *f = fopen(path, "r");
    struct lines l = {.f = f};
    size_t room = 0;
    bool more;

    *out = NULL;
    *n = 0;
    if (!f && errno == ENOENT) return OK;
    if (!f) return failf(cx->err, &ERASED_BROKEN, "%s: %s", path, strerror(errno));
    for (;; ++*n) {
        TRY(next_erased(cx, path, &l, &more));
        if (!more) return OK;
        if (*n == room) {
            struct erased *grown = arena_array(cx->arena, struct erased, room = 2 * room + 64);

            if (*n) memcpy(grown, *out, *n * sizeof **out);
            *out = grown;
        }
        (*out)[*n] = (struct erased){l.number[0], l.number[1]};
    }
}

static int by_account(const void *a, const void *b)
{
    int64_t const x = ((const struct erased *)a)->account_id;
    int64_t const y = ((const struct erased *)b)->account_id;

    return (x > y) - (x < y);
}

/* Whom the database knows as erased and the list does not. */
static enum status write_others(struct ctx *cx, FILE *f, const struct erased *known, size_t n)
{
    struct tombstone_row row;
    SCAN scan = {0};
    bool more = true;

    TRY(tombstones_all(cx, &scan));
    while (db_scan_next(&scan, &row, &more) == OK && more) {
        struct erased const one = {row.account_id, row.destroyed_at};

        if (!n || !bsearch(&one, known, n, sizeof one, by_account))
            fprintf(f, "%lld\t%lld\n", (long long)one.account_id, (long long)one.destroyed_at);
    }
    return more ? cx->err->fault->status : OK;
}

static enum status write_list(struct ctx *cx, const char *path, const char *aside)
{
    CLEANUP(cli_close) FILE *f = fopen(aside, "w");
    struct erased *known;
    size_t n;

    if (!f) return failf(cx->err, &COPY_FAILED, "%s: %s", aside, strerror(errno));
    TRY(load_list(cx, path, &known, &n));
    if (n) qsort(known, n, sizeof *known, by_account);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%lld\t%lld\n", (long long)known[i].account_id,
                (long long)known[i].destroyed_at);
    TRY(write_others(cx, f, known, n));
    bool const good = fflush(f) == 0 && !ferror(f) && fsync(fileno(f)) == 0;
    return good ? OK
                : failf(cx->err, errno == ENOSPC ? &DB_FULL : &COPY_FAILED, "%s: %s", aside,
                        strerror(errno));
}

enum status erased_list_write(struct ctx *cx, const char *path)
{
    const char *aside = arena_printf(cx->arena, "%s.part", path);
    enum status s = write_list(cx, path, aside);

    if (s == OK) s = copy_put(aside, path, cx->err);
    if (s != OK) unlink(aside);
    return s;
}

static enum status put_tombstone(struct ctx *cx, int64_t account_id, int64_t at)
{
    return keys_put(cx, NULL, .account_id = account_id, .wrapped_by = "", .wrapped_key = "",
                    .keyed_at = at, .destroyed_at = at);
}

enum status erased_list_read(struct ctx *cx, const char *path, int64_t *tombstones)
{
    struct erased *list;
    size_t n;
    TX tx = {0};

    TRY(load_list(cx, path, &list, &n));
    TRY(tx_begin(&tx, cx));
    for (size_t i = 0; i < n; i++) TRY(put_tombstone(cx, list[i].account_id, list[i].destroyed_at));
    *tombstones += (int64_t)n;
    return tx_commit(&tx);
}

enum status erased_copy(struct ctx *from, struct ctx *to, int64_t *tombstones)
{
    struct tombstone_row row;
    SCAN scan = {0};
    bool more = true;
    TX tx = {0};

    TRY(tx_begin(&tx, to));
    TRY(tombstones_all(from, &scan));
    for (;; ++*tombstones) {
        TRY(db_scan_next(&scan, &row, &more));
        if (!more) return tx_commit(&tx);
        TRY(put_tombstone(to, row.account_id, row.destroyed_at));
    }
}
