/* stage: databases, workers and exports of the tests that kill. SPDX-License-Identifier: Apache-2.0
 */
#include "stage.h"

#include <fcntl.h>
#include <time.h>

enum { COMMAND_MAX = 3000 };

static const char as_of[] = "2023-02-01";

/* Runs `foyer ARGUMENTS` on a place and returns what it prints, to be freed. */
static char *say(const struct stage *s, const struct place *p, const char *arguments)
{
    char command[COMMAND_MAX];
    size_t n = 0, got, room = 1 << 16;
    char *text = malloc(room);

    snprintf(command, sizeof command, "'%s' --db '%s' %s", s->foyer, p->url, arguments);
    FILE *f = popen(command, "r");
    CHECK(f && text);
    while ((got = fread(text + n, 1, room - n - 1, f)) > 0) {
        n += got;
        if (n + 1 == room) text = realloc(text, room *= 2);
        CHECK(text);
    }
    text[n] = '\0';
    if (pclose(f) == 0) return text;
    fputs(text, stderr); /* longer than a failure may be */
    FAIL("foyer --db '%s' %s failed", p->url, arguments);
    return text;
}

static void run_sql(const char *url, const char *sql)
{
    struct error e;
    CLEANUP(db_closep) struct db *db = NULL;

    CHECK(db_open(url, &db, &e) == OK);
    if (db_script(db, sql, &e) != OK) FAIL("%s: %s", sql, e.detail);
}

/* xorshift64*: any seed but 0. */
static int64_t below(struct stage *s, int64_t n)
{
    s->chance ^= s->chance >> 12;
    s->chance ^= s->chance << 25;
    s->chance ^= s->chance >> 27;
    return (int64_t)((s->chance * UINT64_C(2685821657736338717) >> 33) % (uint64_t)n);
}

void stage_pause(struct stage *s, int64_t max_ms)
{
    int64_t const us = below(s, max_ms * 1000);
    struct timespec const t = {us / 1000000, us % 1000000 * 1000};

    nanosleep(&t, NULL);
}

void place_open(struct stage *s, struct place *p, const char *kind)
{
    char sql[128];

    memset(p, 0, sizeof *p);
    if (!s->server || kind) {
        snprintf(p->path, sizeof p->path, "%s/%d.db", s->folder, s->places++);
        snprintf(p->url, sizeof p->url, "sqlite:%s", p->path);
        return;
    }
    snprintf(p->schema, sizeof p->schema, "kill%ld_%d", (long)getpid(), s->places++);
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", p->schema);
    run_sql(s->server, sql);
    snprintf(p->url, sizeof p->url, "%s%coptions=-csearch_path%%3D%s&application_name=%s",
             s->server, strchr(s->server, '?') ? '&' : '?', p->schema, p->schema);
}

void place_drop(struct stage *s, const struct place *p)
{
    static const char *const ends[] = {"",         "-wal",         "-shm",
                                       "-sandbox", "-sandbox-wal", "-sandbox-shm"};
    char text[256];

    if (*p->schema) {
        snprintf(text, sizeof text,
                 "DROP SCHEMA %s CASCADE; DROP SCHEMA IF EXISTS %s_sandbox CASCADE", p->schema,
                 p->schema);
        run_sql(s->server, text);
        return;
    }
    for (size_t i = 0; i < COUNT(ends); i++) {
        snprintf(text, sizeof text, "%s%s", p->path, ends[i]);
        unlink(text);
    }
}

void place_drop_connections(const struct stage *s, const struct place *p)
{
    char sql[256];

    snprintf(sql, sizeof sql,
             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'",
             p->schema);
    run_sql(s->server, sql);
}

int64_t place_bytes(const struct place *p)
{
    struct stat about;

    CHECK(stat(p->path, &about) == 0);
    return about.st_size;
}

void stage_prepare(struct stage *s, struct place *p, const char *kind)
{
    char command[512];

    place_open(s, p, kind);
    snprintf(command, sizeof command, "migrate --test-clock %s", as_of);
    free(say(s, p, command));
    snprintf(command, sizeof command, "catalog apply '%s/examples/catalog.yaml'",
             getenv("SOURCE_ROOT"));
    free(say(s, p, command));
    snprintf(command, sizeof command, "import members '%s/members.csv'", s->folder);
    free(say(s, p, command));
}

static struct exports export(const struct stage *s, const struct place *p)
{
    return (struct exports){say(s, p, "charges --csv"), say(s, p, "ledger --json"),
                            say(s, p, "report --json")};
}

static void exports_free(struct exports *e)
{
    free(e->charges);
    free(e->ledger);
    free(e->report);
}

static void same(const char *what, const char *wanted, const char *got)
{
    size_t line = 1, start = 0, i = 0;

    for (; wanted[i] && wanted[i] == got[i]; i++)
        if (wanted[i] == '\n') line++, start = i + 1;
    if (wanted[i] != got[i])
        FAIL("%s differ on line %zu:\nwanted: %.*s\ngot:    %.*s", what, line,
             (int)strcspn(wanted + start, "\n"), wanted + start, (int)strcspn(got + start, "\n"),
             got + start);
}

void stage_compare(struct stage *s, const struct place *p)
{
    struct exports got = export(s, p);

    same("charges", s->wanted.charges, got.charges);
    same("ledgers", s->wanted.ledger, got.ledger);
    same("reports", s->wanted.report, got.report);
    exports_free(&got);
    stage_examine(s, p);
}

void stage_examine(const struct stage *s, const struct place *p)
{
    free(say(s, p, "doctor"));
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void make_members(const struct stage *s)
{
    char command[COMMAND_MAX];

    snprintf(command, sizeof command,
             "'%s' example members --members %d --seed 5 --failing 60 --to %s >'%s/members.csv'",
             s->foyer, (int)s->members, as_of, s->folder);
    CHECK(system(command) == 0);
}

void stage_open(struct stage *s)
{
    const char *server = getenv("FOYER_TEST_DB"), *seed = getenv("FOYER_KILL_SEED"),
               *kills = getenv("FOYER_KILLS");
    int64_t chosen = 1, begun;
    struct place place;
    struct worker w;

    *s = (struct stage){.foyer = getenv("FOYER"), .server = server && *server ? server : NULL};
    s->kills = 4;
    if (seed) CHECK(int_parse(seed, &chosen) && chosen > 0);
    if (kills) CHECK(int_parse(kills, &s->kills) && s->kills >= 0);
    s->is_long = s->kills >= 50;
    s->seed = s->chance = (uint64_t)chosen;
    s->members = s->is_long ? 400 : 200;
    s->until = s->is_long ? "2024-03-15" : "2023-04-15";
    snprintf(s->folder, sizeof s->folder, "/tmp/foyer-kill-XXXXXX");
    CHECK(s->foyer && mkdtemp(s->folder));
    make_members(s);
    stage_prepare(s, &place, NULL);
    begun = now_ms();
    worker_start(s, &place, &w, NULL);
    worker_wait(&w, 0);
    s->duration_ms = now_ms() - begun;
    s->wanted = export(s, &place);
    stage_compare(s, &place);
    place_drop(s, &place);
}

void stage_close(struct stage *s)
{
    char command[128];

    exports_free(&s->wanted);
    snprintf(command, sizeof command, "rm -r '%s'", s->folder);
    CHECK(system(command) == 0);
}

/* Becomes foyer, or ends. */
static void become(const struct stage *s, const struct place *p, const struct worker *w,
                   const struct limits *limits)
{
    char *const arguments[] = {"foyer",          "--db", (char *)p->url, "run", "--until",
                               (char *)s->until, NULL};
    int const log = open(w->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    /* The other user may not be let into the folder that it was built in. */
    int const program = open(s->foyer, O_RDONLY | O_CLOEXEC);

    if (log < 0 || program < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(126);
    if (limits && limits->file_bytes) {
        struct rlimit const most = {(rlim_t)limits->file_bytes, (rlim_t)limits->file_bytes};

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &most) != 0) _exit(126);
    }
    if (limits && limits->user && setuid((uid_t)limits->user) != 0) _exit(126);
    fexecve(program, arguments, environ);
    _exit(127);
}

void worker_start(struct stage *s, const struct place *p, struct worker *w,
                  const struct limits *limits)
{
    static int serial;

    *w = (struct worker){0};
    snprintf(w->log, sizeof w->log, "%s/%d.log", s->folder, serial++);
    fflush(NULL);
    w->pid = fork();
    CHECK(w->pid >= 0);
    if (w->pid == 0) become(s, p, w, limits);
}

static void hear(struct worker *w)
{
    FILE *f = fopen(w->log, "r");

    w->gone = true;
    if (!f) return;
    w->said[fread(w->said, 1, sizeof w->said - 1, f)] = '\0';
    fclose(f);
    unlink(w->log);
}

bool worker_done(struct worker *w)
{
    if (!w->gone && waitpid(w->pid, &w->status, WNOHANG) == w->pid) hear(w);
    return w->gone;
}

void worker_kill(struct worker *w)
{
    if (w->gone) return;
    CHECK(kill(w->pid, SIGKILL) == 0);
    CHECK(waitpid(w->pid, &w->status, 0) == w->pid);
    hear(w);
}

int worker_end(struct worker *w)
{
    if (!w->gone) {
        CHECK(waitpid(w->pid, &w->status, 0) == w->pid);
        hear(w);
    }
    return WIFEXITED(w->status) ? WEXITSTATUS(w->status) : -1;
}

void worker_wait(struct worker *w, int status)
{
    int const got = worker_end(w);

    if (got != status) FAIL("exit status %d, not %d: %s", got, status, w->said);
}
