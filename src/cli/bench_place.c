/* bench_place: databases to measure in, made, copied, weighed and removed; here SQLite's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli/bench.h"

const struct fault BENCH_PLACE = {
    E_INTERNAL, "bench.place",
    "There is no place to measure in; set TMPDIR to a directory on a disk, or look at --db."};

static const char *const files[] = {"base.db", "base.db-wal", "base.db-shm",
                                    "run.db",  "run.db-wal",  "run.db-shm"};

static const char *path_of(const char *url)
{
    return url + strlen("sqlite:");
}

static enum status failed(struct error *e, const char *what)
{
    return failf(e, &BENCH_PLACE, "%s: %s", what, strerror(errno));
}

/* Beside the file that --db names; without --db, where temporary files belong. */
static enum status make_folder(struct bench_place *p, const char *db_url, struct error *e)
{
    const char *path = path_of(db_url), *slash = strrchr(path, '/'), *tmp = getenv("TMPDIR");

    if (strcmp(path, "foyer.db") == 0 && tmp && *tmp && strlen(tmp) < 500)
        snprintf(p->folder, sizeof p->folder, "%s/foyer-bench-XXXXXX", tmp);
    else
        snprintf(p->folder, sizeof p->folder, "%.*sfoyer-bench-XXXXXX",
                 slash ? (int)(slash - path + 1) : 0, path);
    if (!mkdtemp(p->folder)) {
        enum status const st = failed(e, p->folder);

        p->folder[0] = 0;
        return st;
    }
    snprintf(p->base, sizeof p->base, "sqlite:%s/base.db", p->folder);
    snprintf(p->run, sizeof p->run, "sqlite:%s/run.db", p->folder);
    return OK;
}

enum status place_make(struct bench_place *p, const char *db_url, struct error *e)
{
    *p = (struct bench_place){.pg = strncmp(db_url, "sqlite:", 7) != 0};
    if (strlen(db_url) > 500 || strcmp(db_url, "sqlite::memory:") == 0)
        return fail(e, &DB_URL, "db");
    if (!p->pg) return make_folder(p, db_url, e);
    snprintf(p->server, sizeof p->server, "%s", db_url);
    return schemas_make(p, e);
}

void place_remove(struct bench_place *p)
{
    char path[700];

    if (p->pg) schemas_remove(p);
    if (!p->folder[0]) return;
    for (size_t i = 0; i < COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", p->folder, files[i]);
        unlink(path);
    }
    rmdir(p->folder);
}

static void close_file(int *fd)
{
    if (*fd >= 0) close(*fd);
}

static enum status copy_bytes(int from, int to, struct error *e)
{
    ssize_t n;

    while ((n = copy_file_range(from, NULL, to, NULL, 1 << 24, 0)) > 0) continue;
    /* Written out, so that the run does not pay for the copy. */
    return n < 0 || fsync(to) != 0 ? failed(e, "copy") : OK;
}

enum status place_copy(const struct bench_place *p, struct error *e)
{
    char path[700];

    if (p->pg) return schemas_copy(p, e);
    for (size_t i = 3; i < COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", p->folder, files[i]);
        unlink(path);
    }
    CLEANUP(close_file) int in = open(path_of(p->base), O_RDONLY | O_CLOEXEC);
    CLEANUP(close_file)
    int out = open(path_of(p->run), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (in < 0 || out < 0) return failed(e, path_of(p->run));
    return copy_bytes(in, out, e);
}

enum status place_bytes(const struct bench_place *p, int64_t *bytes, struct error *e)
{
    struct stat s;

    if (p->pg)
        return schemas_ask(p,
                           "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c"
                           " WHERE c.relkind = 'r' AND c.relnamespace = '%s'::regnamespace",
                           bytes, e);
    if (stat(path_of(p->run), &s) != 0) return failed(e, path_of(p->run));
    *bytes = s.st_size;
    return OK;
}

/* A primary key of one INTEGER column is SQLite's rowid, which the schema does not list. */
static const char lite_indexes[] =
    "SELECT (SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name IN " BENCH_TABLES
    ") + (SELECT count(*) FROM sqlite_schema t WHERE t.type = 'table' AND t.name IN " BENCH_TABLES
    " AND NOT EXISTS (SELECT 1 FROM sqlite_schema i WHERE i.type = 'index'"
    " AND i.tbl_name = t.name AND i.name LIKE 'sqlite_autoindex%'))";

enum status place_indexes(const struct bench_place *p, int64_t *n, struct error *e)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;

    if (p->pg)
        return schemas_ask(p,
                           "SELECT count(*) FROM pg_indexes WHERE schemaname = '%s'"
                           " AND tablename IN " BENCH_TABLES,
                           n, e);
    bool const good = sqlite3_open(path_of(p->run), &db) == SQLITE_OK &&
                      sqlite3_prepare_v2(db, lite_indexes, -1, &s, NULL) == SQLITE_OK &&
                      sqlite3_step(s) == SQLITE_ROW;
    *n = good ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    sqlite3_close(db);
    return good ? OK : failf(e, &BENCH_PLACE, "the schema cannot be read");
}

enum status place_durable(const struct bench_place *p, bool *durable, struct error *e)
{
    struct statfs s;
    int64_t on;

    if (p->pg) {
        TRY(schemas_ask(p,
                        "SELECT (current_setting('fsync') = 'on' AND"
                        " current_setting('synchronous_commit') <> 'off')::int",
                        &on, e));
        *durable = on == 1;
        return OK;
    }
    if (statfs(p->folder, &s) != 0) return failed(e, p->folder);
    *durable = s.f_type != TMPFS_MAGIC && s.f_type != RAMFS_MAGIC;
    return OK;
}
