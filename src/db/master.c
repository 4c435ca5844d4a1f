/* master: reads and writes the file of the master key. SPDX-License-Identifier: Apache-2.0 */
#include "db/master.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/seal.h"
#include "db/driver.h"
#include "secret_sql.h"

const struct fault MASTER_FILE_NEEDED = {
    E_CONFLICT, "master.file_needed",
    "What is personal is sealed with a key that the database does not hold; say with --key-file or "
    "FOYER_KEY_FILE in which file it is to be."};
const struct fault MASTER_FILE_MISSING = {
    E_INTERNAL, "master.file_missing",
    "The file of the master key is not there; bring it back, or name it with --key-file."};
const struct fault MASTER_FILE_UNSAFE = {
    E_DENIED, "master.file_unsafe",
    "Others may read the file of the master key, or it is no file; chmod 600 it."};
const struct fault MASTER_FILE_BROKEN = {
    E_INTERNAL, "master.file_broken",
    "The file of the master key cannot be read or written, or holds no 64 hex digits on a line."};
const struct fault MASTER_FILE_WRONG = {
    E_CONFLICT, "master.file_wrong",
    "The master key in the file is not the one that this database was sealed with; name the right "
    "file with --key-file."};
const struct fault MASTER_BROKEN = {
    E_INTERNAL, "master.broken",
    "A wrapped key in the database is damaged; bring it back from a backup."};
const struct fault MASTER_IS_ROTATING = {
    E_CONFLICT, "master.is_rotating",
    "A key is still wrapped by the old master key; run `foyer key rotate` again."};

static const char IN_FORCE[] = "master"; /* the row that names the master key; it holds no key */

enum { KEYS_MAX = 2, HEX = 2 * KEY_BYTES, FILE_BYTES = KEYS_MAX * (HEX + 1) };

struct master {
    unsigned char raw[KEY_BYTES], wrap[KEY_BYTES];
    char id[MASTER_ID_TEXT];
};
struct keyring { /* sodium_malloc */
    size_t n;
    struct master at[KEYS_MAX];
};

void key_wipe(struct key *k)
{
    sodium_memzero(k->at, sizeof k->at);
}

void db_key_file(struct db *db, const char *path)
{
    memory_free(db->key_path);
    sodium_free(db->keys);
    db->key_path = NULL;
    db->keys = NULL;
    if (!path) return;
    db->key_path = memory_new(strlen(path) + 1);
    memcpy(db->key_path, path, strlen(path));
}

static bool in_memory(const struct db *db)
{
    return !db->key_path && strcmp(db->url, "sqlite::memory:") == 0;
}

const char *master_path(const struct db *db, struct arena *a)
{
    if (db->key_path) return db->key_path;
    if (db_is_pg(db) || in_memory(db)) return NULL;
    return arena_printf(a, "%s-key", db->url + strlen("sqlite:"));
}

/* Purpose keys of one master key: what wraps, and what names it. */
static void derive(struct master *m)
{
    static const char context[crypto_kdf_CONTEXTBYTES] = "foyerkey";
    unsigned char id[crypto_kdf_BYTES_MIN];

    crypto_kdf_derive_from_key(m->wrap, sizeof m->wrap, 1, context, m->raw);
    crypto_kdf_derive_from_key(id, sizeof id, 2, context, m->raw);
    sodium_bin2hex(m->id, sizeof m->id, id, (MASTER_ID_TEXT - 1) / 2);
}

static struct keyring *new_ring(void)
{
    struct keyring *ring = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *ring);

    if (!ring) memory_grow(NULL, SIZE_MAX); /* no memory: ends the process */
    memset(ring, 0, sizeof *ring);
    return ring;
}

static void free_ring(struct keyring **ring)
{
    sodium_free(*ring);
}

static void take(struct db *db, struct keyring **ring)
{
    sodium_free(db->keys);
    db->keys = *ring;
    *ring = NULL;
}

/* ---- the file ---- */

static void shut(int *fd)
{
    if (*fd >= 0) close(*fd);
}

static void wipe_text(char (*text)[FILE_BYTES + 2])
{
    sodium_memzero(*text, sizeof *text);
}

static enum status broken(struct error *e, const char *path)
{
    return failf(e, &MASTER_FILE_BROKEN, "%s: %s", path, errno ? strerror(errno) : "not hex");
}

static bool parse(char *text, struct keyring *ring)
{
    for (char *line = text, *end; *line && ring->n < KEYS_MAX; line = end) {
        struct master *m = &ring->at[ring->n];
        size_t n;

        end = line + strcspn(line, "\n");
        if (*end) *end++ = 0;
        if (sodium_hex2bin(m->raw, sizeof m->raw, line, strlen(line), "\r ", &n, NULL) != 0 ||
            n != KEY_BYTES)
            return false;
        derive(m);
        ring->n++;
    }
    return ring->n > 0;
}

/* E_NOT_FOUND, without a fault, when there is no file. */
static enum status read_file(const char *path, struct keyring *ring, struct error *e)
{
    CLEANUP(shut) int fd = open(path, O_RDONLY | O_CLOEXEC);
    CLEANUP(wipe_text) char text[FILE_BYTES + 2];
    struct stat st;

    if (fd < 0 && errno == ENOENT) return E_NOT_FOUND;
    if (fd < 0 || fstat(fd, &st) != 0) return broken(e, path);
    if (!S_ISREG(st.st_mode) || st.st_mode & (S_IRWXG | S_IRWXO))
        return failf(e, &MASTER_FILE_UNSAFE, "%s has mode %03o", path, st.st_mode & 0777U);
    errno = 0;
    ssize_t const n = read(fd, text, sizeof text - 1);
    if (n < 0 || (size_t)n > FILE_BYTES + 1) return broken(e, path);
    text[n] = 0;
    return parse(text, ring) ? OK : broken(e, path);
}

static bool sync_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    size_t const n = slash ? (size_t)(slash - path) : 1;

    if (n >= sizeof folder) return false;
    snprintf(folder, sizeof folder, "%.*s", (int)n, slash ? (n ? path : "/") : ".");
    CLEANUP(shut) int fd = open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

static bool write_whole(const char *path, const struct keyring *ring)
{
    CLEANUP(shut) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CLEANUP(wipe_text) char text[FILE_BYTES + 2];
    size_t n = 0;

    if (fd < 0) return false;
    for (size_t i = 0; i < ring->n; i++) {
        sodium_bin2hex(text + n, sizeof text - n, ring->at[i].raw, KEY_BYTES);
        n += HEX;
        text[n++] = '\n';
    }
    return write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
}

/* Whole or not at all. `fresh`: never over a file that is there, EEXIST then. */
static bool write_file(const char *path, const struct keyring *ring, bool fresh)
{
    char aside[4096];

    if (snprintf(aside, sizeof aside, "%s.%ld", path, (long)getpid()) >= (int)sizeof aside)
        return false;
    unlink(aside);
    bool const written =
        write_whole(aside, ring) && (fresh ? link(aside, path) : rename(aside, path)) == 0;
    int const why = errno;
    if (!written || fresh) unlink(aside);
    errno = why;
    return written && sync_folder(path);
}

/* ---- loading ---- */

/* Two that make it at once both use the file of the one that was first. */
static enum status make_file(struct ctx *cx, const char *path, struct keyring *ring)
{
    struct keys_wrapped_row wrapped;

    TRY(keys_wrapped(cx, &wrapped, &DB_NO_ROW));
    if (wrapped.n) return failf(cx->err, &MASTER_FILE_MISSING, "%s", path);
    ring->n = 1;
    randombytes_buf(ring->at[0].raw, KEY_BYTES);
    derive(&ring->at[0]);
    if (write_file(path, ring, true)) return OK;
    if (errno != EEXIST) return broken(cx->err, path);
    memset(ring, 0, sizeof *ring);
    enum status const s = read_file(path, ring, cx->err);
    return s == E_NOT_FOUND ? failf(cx->err, &MASTER_FILE_MISSING, "%s", path) : s;
}

static enum status load(struct ctx *cx)
{
    CLEANUP(free_ring) struct keyring *ring = new_ring();
    const char *path = master_path(cx->db, cx->arena);

    if (in_memory(cx->db)) {
        ring->n = 1;
        randombytes_buf(ring->at[0].raw, KEY_BYTES);
        derive(&ring->at[0]);
    } else {
        if (!path) return fail(cx->err, &MASTER_FILE_NEEDED, NULL);
        enum status const s = read_file(path, ring, cx->err);
        if (s != OK && s != E_NOT_FOUND) return s;
        if (s == E_NOT_FOUND) TRY(make_file(cx, path, ring));
    }
    take(cx->db, &ring);
    return OK;
}

enum status master_load(struct ctx *cx, const char **id)
{
    if (!cx->db->keys) TRY(load(cx));
    if (id) *id = cx->db->keys->at[0].id;
    return OK;
}

/* ---- wrapping ---- */

/* A process that outlives a rotation must not wrap by the key that is gone: the database says which
 * one is in force. */
static enum status check_in_force(struct ctx *cx)
{
    struct secret *rows;
    size_t n;

    TRY(secret_by_name(cx, &rows, &n, .secret = IN_FORCE, .max = 1));
    if (!n)
        return secret_add(cx, NULL, .secret = IN_FORCE, .secret_key = "",
                          .wrapped_by = cx->db->keys->at[0].id);
    if (strcmp(rows->wrapped_by, cx->db->keys->at[0].id) != 0 && !in_memory(cx->db)) TRY(load(cx));
    if (strcmp(rows->wrapped_by, cx->db->keys->at[0].id) == 0) return OK;
    return failf(cx->err, &MASTER_FILE_WRONG, "%s is in force", rows->wrapped_by);
}

enum status master_put_in_force(struct ctx *cx)
{
    return secret_rewrap(cx, NULL, .secret = IN_FORCE, .secret_key = "",
                         .wrapped_by = cx->db->keys->at[0].id);
}

enum status master_wrap(struct ctx *cx, const char *label, const struct key *k,
                        char to[static MASTER_WRAPPED_TEXT], const char **by)
{
    TRY(master_load(cx, by));
    TRY(check_in_force(cx));
    *by = cx->db->keys->at[0].id;
    const char *text = seal_bytes(cx->arena, cx->db->keys->at[0].wrap, label, k->at, KEY_BYTES);
    snprintf(to, MASTER_WRAPPED_TEXT, "%s", text);
    return OK;
}

static const struct master *master_of(const struct keyring *ring, const char *by)
{
    for (size_t i = 0; i < ring->n; i++)
        if (strcmp(ring->at[i].id, by) == 0) return &ring->at[i];
    return NULL;
}

/* A process that lives through a rotation reads the file again. */
static enum status find_master(struct ctx *cx, const char *by, const struct master **out)
{
    TRY(master_load(cx, NULL));
    *out = master_of(cx->db->keys, by);
    if (!*out && !in_memory(cx->db)) {
        TRY(load(cx));
        *out = master_of(cx->db->keys, by);
    }
    return *out ? OK : failf(cx->err, &MASTER_FILE_WRONG, "wrapped by %.16s", by);
}

enum status master_unwrap(struct ctx *cx, const char *label, const char *wrapped, const char *by,
                          struct key *out)
{
    const struct master *m;
    unsigned char *bytes;
    size_t n;

    TRY(find_master(cx, by, &m));
    if (!unseal_bytes(cx->arena, m->wrap, label, wrapped, &bytes, &n) || n != KEY_BYTES)
        return failf(cx->err, &MASTER_BROKEN, "%.80s", label);
    memcpy(out->at, bytes, KEY_BYTES);
    sodium_memzero(bytes, n);
    return OK;
}

/* ---- rotation ---- */

enum status master_file_add(struct ctx *cx)
{
    CLEANUP(free_ring) struct keyring *ring = new_ring();
    const char *path = master_path(cx->db, cx->arena);

    TRY(load(cx)); /* as the file is now */
    if (cx->db->keys->n == KEYS_MAX) return OK;
    ring->n = KEYS_MAX;
    randombytes_buf(ring->at[0].raw, KEY_BYTES);
    derive(&ring->at[0]);
    ring->at[1] = cx->db->keys->at[0];
    if (path && !write_file(path, ring, false)) return broken(cx->err, path);
    take(cx->db, &ring);
    return OK;
}

enum status master_file_drop_old(struct ctx *cx)
{
    struct keyring *ring = cx->db->keys;
    const char *path = master_path(cx->db, cx->arena);
    struct keys_wrapped_otherwise_row left;

    TRY(keys_wrapped_otherwise(cx, &left, &DB_NO_ROW, .wrapped_by = ring->at[0].id));
    if (left.n) return fail(cx->err, &MASTER_IS_ROTATING, NULL);
    ring->n = 1;
    sodium_memzero(&ring->at[1], sizeof ring->at[1]);
    return !path || write_file(path, ring, false) ? OK : broken(cx->err, path);
}
