/* stage: databases to run `foyer` on, workers to kill, and the exports to compare.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "db/db_test.h"

struct exports {
    char *charges, *ledger, *report;
};

struct stage {
    const char *foyer, *server; /* server: NULL for SQLite */
    char folder[64];
    bool is_long;
    uint64_t seed, chance;
    int64_t members, kills;
    const char *until;
    int64_t duration_ms; /* of an undisturbed run */
    struct exports wanted;
    int places;
};

struct place {
    char url[1024], schema[64], path[128]; /* schema or path is "" */
};

struct limits {
    int64_t file_bytes; /* 0: none */
    int64_t user;       /* 0: ours */
};

struct worker {
    pid_t pid;
    bool gone;
    int status; /* as waitpid has it, when gone */
    char log[128];
    char said[2000];
};

/* Imports the population, runs it to the end and keeps the exports as those that are wanted. */
void stage_open(struct stage *s);
void stage_close(struct stage *s);
/* A random time below max_ms. */
void stage_pause(struct stage *s, int64_t max_ms);

/* Where a database can be: `kind` "sqlite", or NULL for what is tested. */
void place_open(struct stage *s, struct place *p, const char *kind);
void place_drop(struct stage *s, const struct place *p);
void place_drop_connections(const struct stage *s, const struct place *p);
int64_t place_bytes(const struct place *p); /* of the file */

/* A place with catalog and members. */
void stage_prepare(struct stage *s, struct place *p, const char *kind);
/* Fails unless the exports are those wanted and the doctor finds nothing. */
void stage_compare(struct stage *s, const struct place *p);

/* Fails when the doctor finds anything. */
void stage_examine(const struct stage *s, const struct place *p);

void worker_start(struct stage *s, const struct place *p, struct worker *w,
                  const struct limits *limits);
bool worker_done(struct worker *w);
void worker_kill(struct worker *w);             /* harmless when it is done */
int worker_end(struct worker *w);               /* its exit status; -1 when a signal ended it */
void worker_wait(struct worker *w, int status); /* fails unless it ends with that */
