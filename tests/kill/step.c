/* step: ends a program right before a chosen step that others could see - a file that appears,
 * goes, is cut or is made to last, a message to a server, a process that begins. It is loaded
 * before the C library: STEP is the number of that step, 0 for none, and STEP_FILE gets how many
 * there were. What
 * the program starts goes on undisturbed. SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static long fatal;
static const char *file;
static atomic_long steps;
static pid_t owner;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("STEP");

    fatal = at ? strtol(at, NULL, 10) : 0;
    file = getenv("STEP_FILE");
    owner = getpid();
    unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void)
{
    FILE *f = file && getpid() == owner ? fopen(file, "w") : NULL;

    if (!f) return;
    fprintf(f, "%ld\n", atomic_load(&steps));
    fclose(f);
}

static void step(void)
{
    if (getpid() == owner && atomic_fetch_add(&steps, 1) + 1 == fatal) kill(owner, SIGKILL);
}

/* The C library's own function of that name. */
#define NEXT(type, name)                                                                           \
    static type next;                                                                              \
    if (!next) next = (type)(uintptr_t)dlsym(RTLD_NEXT, name);                                     \
    step()

typedef int of_file(int);
typedef int of_path(const char *);
typedef int of_paths(const char *, const char *);
typedef int of_length(int, off_t);
typedef ssize_t of_message(int, const void *, size_t, int);
typedef pid_t of_nothing(void);

int fsync(int fd);
int fsync(int fd)
{
    NEXT(of_file *, "fsync");
    return next(fd);
}

int fdatasync(int fd);
int fdatasync(int fd)
{
    NEXT(of_file *, "fdatasync");
    return next(fd);
}

int unlink(const char *path)
{
    NEXT(of_path *, "unlink");
    return next(path);
}

int rename(const char *from, const char *to)
{
    NEXT(of_paths *, "rename");
    return next(from, to);
}

/* Under this name where lengths have 64 bits: meson says so. */
int ftruncate(int fd, off_t n)
{
    NEXT(of_length *, "ftruncate64");
    return next(fd, n);
}

ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
    NEXT(of_message *, "send");
    return next(fd, bytes, n, flags);
}

pid_t fork(void)
{
    NEXT(of_nothing *, "fork");
    return next();
}
