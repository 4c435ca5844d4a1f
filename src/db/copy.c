/* copy: SQLite's online backup, on one snapshot. SPDX-License-Identifier: Apache-2.0 */
#include "db/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/driver.h"

const struct fault COPY_DAMAGED = {E_INTERNAL, "backup.damaged",
                                   "The file is damaged; take another backup."};
const struct fault COPY_IN_USE = {
    E_CONFLICT, "backup.in_use",
    "The database is in use; stop every `foyer` that works with it, and restore again."};
const struct fault COPY_FAILED = {
    E_INTERNAL, "backup.failed",
    "A file could not be written or read; nothing was changed, see to it and run the same again."};

static void shut_database(sqlite3 **db)
{
    sqlite3_close(*db);
}

static void shut(int *fd)
{
    if (*fd >= 0) close(*fd);
}

static enum status failed(struct error *e, const char *path)
{
    return failf(e, errno == ENOSPC ? &DB_FULL : &COPY_FAILED, "%s: %s", path, strerror(errno));
}

static enum status lite_failed(struct error *e, const char *path, sqlite3 *db, int rc)
{
    if ((rc & 0xff) == SQLITE_FULL) return failf(e, &DB_FULL, "%s", path);
    return failf(e, &COPY_FAILED, "%s: %s", path, db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

/* The snapshot is held by the source's own open transaction: others go on writing, and the copy
 * need not begin again whenever they do. */
static int copy_pages(sqlite3 *from, sqlite3 *to, const struct copy *c)
{
    enum { PAGES = 1024, PAUSE_US = 2000 };
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    int rc;

    if (!b) return sqlite3_errcode(to);
    while ((rc = sqlite3_backup_step(b, PAGES)) == SQLITE_OK) {
        int64_t const total = sqlite3_backup_pagecount(b);

        if (c && c->step) c->step(c->arg, total - sqlite3_backup_remaining(b), total);
        usleep(PAUSE_US);
    }
    int const end = sqlite3_backup_finish(b);
    return rc == SQLITE_DONE ? end : rc;
}

enum status copy_hold(struct db *db, struct error *e)
{
    return db_script(db, "BEGIN; SELECT COUNT(*) FROM sqlite_schema", e);
}

enum status copy_stop_writers(struct db *db, struct error *e)
{
    return db_script(db, "BEGIN IMMEDIATE", e);
}

enum status copy_release(struct db *db, struct error *e)
{
    return db_script(db, "COMMIT", e);
}

enum status copy_database(struct db *db, const char *path, const struct copy *c, struct error *e)
{
    CLEANUP(shut_database) sqlite3 *to = NULL;

    unlink(path);
    int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_exec(to, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    if (rc != SQLITE_OK) return lite_failed(e, path, to, rc);
    rc = copy_pages(db->lite, to, c);
    if (rc == SQLITE_OK) rc = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : lite_failed(e, path, to, rc);
}

static int note_problem(void *arg, int columns, char **values, char **names)
{
    char *to = arg;

    (void)names;
    if (columns == 1 && values[0] && strcmp(values[0], "ok") != 0 && !*to)
        snprintf(to, 200, "%s", values[0]);
    return 0;
}

enum status copy_check(const char *path, struct error *e)
{
    CLEANUP(shut_database) sqlite3 *db = NULL;
    char problem[200] = "";
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "PRAGMA integrity_check(1)", note_problem, problem, NULL);
    if (rc != SQLITE_OK) return failf(e, &COPY_DAMAGED, "%s: %s", path, sqlite3_errmsg(db));
    return *problem ? failf(e, &COPY_DAMAGED, "%s: %s", path, problem) : OK;
}

enum status copy_forget_keys(struct db *copy, struct error *e)
{
    return db_script(copy, "PRAGMA secure_delete = ON; DELETE FROM account_key; DELETE FROM secret",
                     e);
}

enum status copy_end(struct db *copy, struct error *e)
{
    return db_script(copy, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE", e);
}

enum status copy_settle(const char *path, struct error *e)
{
    CLEANUP(shut_database) sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

    if (rc == SQLITE_OK) rc = sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT", NULL,
                          NULL, NULL);
    if ((rc & 0xff) == SQLITE_BUSY) return failf(e, &COPY_IN_USE, "%s", path);
    return rc == SQLITE_OK ? OK : lite_failed(e, path, db, rc);
}

enum status copy_bytes(const char *from, const char *to, struct error *e)
{
    enum { CHUNK = 1 << 16 };
    CLEANUP(shut) int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) return failed(e, from);
    CLEANUP(shut) int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char bytes[CHUNK];
    ssize_t n;

    if (out < 0) return failed(e, to);
    while ((n = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, (size_t)n) != n) return failed(e, to);
    if (n < 0) return failed(e, from);
    return fsync(out) == 0 ? OK : failed(e, to);
}

static enum status sync_path(const char *path, int flags, struct error *e)
{
    CLEANUP(shut) int fd = open(path, O_RDONLY | O_CLOEXEC | flags);

    return fd >= 0 && fsync(fd) == 0 ? OK : failed(e, path);
}

void copy_remove(const char *path)
{
    static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
    char text[4096];

    for (size_t i = 0; i < COUNT(ends); i++)
        if (snprintf(text, sizeof text, "%s%s", path, ends[i]) < (int)sizeof text) unlink(text);
}

enum status copy_put(const char *aside, const char *path, struct error *e)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');

    TRY(sync_path(aside, 0, e));
    if (rename(aside, path) != 0) return failed(e, path);
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path + 1) : 1,
             slash ? path : ".");
    return sync_path(folder, O_DIRECTORY, e);
}
