/* log_test: a line is whole or not there. SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/test.h"

/* A limit on the length of files is a disk that is full, for who writes to it. */
static void limit_files(rlim_t bytes)
{
    struct rlimit r;

    CHECK(getrlimit(RLIMIT_FSIZE, &r) == 0);
    r.rlim_cur = bytes;
    CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0);
}

static size_t read_all(const char *path, char *to, size_t room)
{
    FILE *f = fopen(path, "r");

    CHECK(f);
    size_t const n = fread(to, 1, room - 1, f);
    fclose(f);
    to[n] = 0;
    return n;
}

static void full_disk(void **state)
{
    static const char lines[] = "first line\nsecond line\n";
    char path[] = "/tmp/foyer-log-XXXXXX", text[200];
    int const file = mkstemp(path);
    struct log log;

    (void)state;
    CHECK(file >= 0);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t room = 0; room <= sizeof lines - 1; room++) {
        CHECK(truncate(path, 0) == 0 && log_open(&log, path));
        log_write(&log, "before\n", 7);
        limit_files(7 + room);
        log_write(&log, lines, sizeof lines - 1);
        limit_files(RLIM_INFINITY);
        log_write(&log, "after\n", 6);
        log_close(&log);
        read_all(path, text, sizeof text);
        const char *wanted = room < 11   ? "before\nafter\n"
                             : room < 23 ? "before\nfirst line\nafter\n"
                                         : "before\nfirst line\nsecond line\nafter\n";
        if (strcmp(text, wanted) != 0) FAIL("with room for %d: %s", (int)room, text);
    }
    close(file);
    unlink(path);
}

/* Standard output that a shell sends to a file writes where it is, and not at the end. */
static void without_append(void **state)
{
    char path[] = "/tmp/foyer-log-XXXXXX", text[200];
    struct log const log = {.file = mkstemp(path)};

    (void)state;
    CHECK(log.file >= 0);
    limit_files(3);
    log_write(&log, "torn line\n", 10);
    limit_files(RLIM_INFINITY);
    log_write(&log, "whole\n", 6);
    CHECK(read_all(path, text, sizeof text) == 6 && strcmp(text, "whole\n") == 0);
    close(log.file);
    unlink(path);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("a full disk leaves whole lines only", full_disk),
        CASE("also in a file that is not appended to", without_append),
    };
    return RUN_CASES("log", cases);
}
