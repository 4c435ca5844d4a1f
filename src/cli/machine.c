/* machine: the clock and the processes of the computer that we run on. A process is named by the
 * boot, its number and its start, so that a successor of the same number is not taken for it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

int64_t machine_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t wall_ms(void *arg)
{
    (void)arg;
    return machine_now();
}

enum { PROCESS_TEXT = 128 };

/* Field 22 of /proc/PID/stat; the command's name before it may hold anything but ends at the last
 * parenthesis. */
static bool start_of(long pid, unsigned long long *start)
{
    char path[64], line[1024];

    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    CLEANUP(cli_close) FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) return false;
    const char *p = strrchr(line, ')');
    return p && sscanf(p + 1,
                       " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                       "%*d %llu",
                       start) == 1;
}

static bool boot_id(char to[static 64])
{
    CLEANUP(cli_close) FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");

    return f && fscanf(f, "%63s", to) == 1;
}

static bool process_gone(void *arg, const char *process)
{
    char boot[64], theirs[64];
    long pid;
    unsigned long long start, now;

    (void)arg;
    if (sscanf(process, "%63[^:]:%ld:%llu", theirs, &pid, &start) != 3 || !boot_id(boot))
        return false;
    if (strcmp(boot, theirs) != 0) return false; /* another machine, or another life of this one */
    return !start_of(pid, &now) || now != start;
}

static void pause_ms(void *arg, int64_t ms)
{
    struct timespec const t = {ms / 1000, ms % 1000 * 1000000};

    (void)arg;
    nanosleep(&t, NULL);
}

void machine_give_way(int tries)
{
    enum { DOUBLINGS = 6 };

    pause_ms(NULL, 1 + randombytes_uniform(1U << (tries < DOUBLINGS ? tries : DOUBLINGS)));
}

const struct machine *machine_this(void)
{
    static char name[PROCESS_TEXT];
    static struct machine machine = {
        .wall_ms = wall_ms, .process_gone = process_gone, .pause = pause_ms, .process = name};
    char boot[64];
    unsigned long long start;

    if (!name[0] && boot_id(boot) && start_of(getpid(), &start))
        snprintf(name, sizeof name, "%s:%ld:%llu", boot, (long)getpid(), start);
    return &machine;
}
