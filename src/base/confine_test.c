/* confine_test: what a confined process can and cannot do, tried in children.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

static char folder[] = "/tmp/foyer-confine-XXXXXX", inside[64], outside[64];

/* How a child ends that could not be confined, and one that did what it should not. */
enum { WELL = 0, UNCONFINED = 100, DID_IT = 101 };

/* Confines a child, lets it try and tells how it ended: its status, or minus the signal. */
static int ends(int (*attempt)(void))
{
    pid_t const child = fork();

    if (child == 0) {
        struct confine_path const own = {folder, true};
        struct confinement const c = {&own, 1};
        struct confined done;
        struct error e;

        _exit(confine_self(&c, &done, &e) == OK ? attempt() : UNCONFINED);
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void need_landlock(void)
{
    if (confine_landlock() > 0) return;
    print_message("this kernel has no Landlock\n");
    skip();
}

static int writes_inside(void)
{
    char path[128];
    int const fd = open(inside, O_CREAT | O_RDWR | O_TRUNC, 0600);

    snprintf(path, sizeof path, "%s.new", inside);
    bool const well = fd >= 0 && write(fd, "x", 1) == 1 && fdatasync(fd) == 0 &&
                      ftruncate(fd, 0) == 0 && rename(inside, path) == 0 && unlink(path) == 0;
    return well ? WELL : errno;
}

/* As what is written whole in one folder and then put into another, for a reader to find. */
static int moves_between_folders(void)
{
    char from[96], to[96], written[128], found[128];

    snprintf(from, sizeof from, "%s/tmp", folder);
    snprintf(to, sizeof to, "%s/new", folder);
    snprintf(written, sizeof written, "%s/x", from);
    snprintf(found, sizeof found, "%s/x", to);
    if (mkdir(from, 0700) != 0 || mkdir(to, 0700) != 0) return errno;
    int const fd = open(written, O_CREAT | O_WRONLY, 0600);
    int const end = fd >= 0 && rename(written, found) == 0 ? WELL : errno;
    return unlink(end == WELL ? found : written) == 0 && rmdir(from) == 0 && rmdir(to) == 0 ? end
                                                                                            : errno;
}

static int reads_zones(void)
{
    int const fd = open("/usr/share/zoneinfo/UTC", O_RDONLY);
    char byte;

    return fd >= 0 && read(fd, &byte, 1) == 1 ? WELL : errno;
}

static void *nothing(void *arg)
{
    return arg;
}

static int starts_threads(void)
{
    pthread_t thread;
    void *got = NULL;

    if (pthread_create(&thread, NULL, nothing, folder) != 0) return errno;
    return pthread_join(thread, &got) == 0 && got == folder ? WELL : DID_IT;
}

static int connects(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof to;
    int const listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    bool const well = listener >= 0 && bind(listener, (void *)&to, sizeof to) == 0 &&
                      listen(listener, 1) == 0 && getsockname(listener, (void *)&to, &size) == 0 &&
                      connect(client, (void *)&to, size) == 0;
    return well ? WELL : errno;
}

static int reads_secrets(void)
{
    return open("/etc/shadow", O_RDONLY) >= 0 ? DID_IT : errno;
}

static int writes_outside(void)
{
    return open(outside, O_CREAT | O_WRONLY, 0600) >= 0 ? DID_IT : errno;
}

static int reads_by_link(void)
{
    char path[128];

    snprintf(path, sizeof path, "%s/link", folder); /* made before: it leads outside */
    return open(path, O_RDONLY) >= 0 ? DID_IT : errno;
}

static int raw_socket(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? DID_IT : errno;
}

static int pushes_keys(void)
{
    return ioctl(0, TIOCSTI, "x") == 0 ? DID_IT : errno;
}

#ifndef FOYER_SANITIZED
static int signals_others(void)
{
    return kill(getppid(), 0) == 0 ? DID_IT : errno;
}
#endif

static int new_spaces_by_clone(void)
{
    return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) >= 0 ? DID_IT : errno;
}

static int runs_a_program(void)
{
    char *argv[] = {(char[]){"/bin/true"}, NULL};

    execv(argv[0], argv);
    return DID_IT;
}

#define ATTEMPT(name, ...)                                                                         \
    static int name(void)                                                                          \
    {                                                                                              \
        syscall(__VA_ARGS__);                                                                      \
        return DID_IT;                                                                             \
    }
ATTEMPT(mounts, SYS_mount, "none", "/mnt", "tmpfs", 0, NULL)
ATTEMPT(loads_bpf, SYS_bpf, 0, NULL, 0)
ATTEMPT(uses_io_uring, SYS_io_uring_setup, 1, NULL)
ATTEMPT(unshares, SYS_unshare, CLONE_NEWUSER)
ATTEMPT(becomes_another, SYS_setuid, 65534)
ATTEMPT(loads_modules, SYS_init_module, NULL, 0, "")
ATTEMPT(asks_for_keys, SYS_keyctl, 0, 0, 0, 0, 0)
ATTEMPT(reads_other_memory, SYS_process_vm_writev, 1, NULL, 0, NULL, 0, 0)

struct trial {
    const char *what;
    int (*attempt)(void);
    int end; /* a status, or minus a signal */
};

static void try_all(const struct trial *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int const end = ends(rows[i].attempt);
        if (end != rows[i].end) FAIL("%s: %d (%s)", rows[i].what, end, strerror(end));
    }
}

static void does_its_work(void **state)
{
    static const struct trial rows[] = {
        {"writes its own folder",     writes_inside,         WELL},
        {"moves between its folders", moves_between_folders, WELL},
        {"reads time zones",          reads_zones,           WELL},
        {"starts threads",            starts_threads,        WELL},
        {"connects and listens",      connects,              WELL},
    };

    (void)state;
    try_all(rows, COUNT(rows));
}

static void reaches_no_other_files(void **state)
{
    static const struct trial rows[] = {
        {"reads secrets",        reads_secrets,  EACCES},
        {"writes elsewhere",     writes_outside, EACCES},
        {"reads through a link", reads_by_link,  EACCES},
    };

    (void)state;
    need_landlock();
    try_all(rows, COUNT(rows));
    CHECK(access(outside, F_OK) != 0);
}

static void makes_no_other_calls(void **state)
{
    static const struct trial rows[] = {
        {"opens a raw socket",      raw_socket,          EPERM  },
        {"pushes keys",             pushes_keys,         EPERM  },
        {"makes new name spaces",   new_spaces_by_clone, EPERM  },
        {"runs a program",          runs_a_program,      -SIGSYS},
        {"mounts",                  mounts,              -SIGSYS},
        {"loads BPF",               loads_bpf,           -SIGSYS},
        {"uses io_uring",           uses_io_uring,       -SIGSYS},
        {"leaves its name spaces",  unshares,            -SIGSYS},
        {"becomes another user",    becomes_another,     -SIGSYS},
        {"loads modules",           loads_modules,       -SIGSYS},
        {"asks for kernel keys",    asks_for_keys,       -SIGSYS},
        {"writes others' memory",   reads_other_memory,  -SIGSYS},
#ifndef FOYER_SANITIZED
        {"signals other processes", signals_others,      EPERM  },
#endif
    };

    (void)state;
    if (!confine_seccomp()) {
        print_message("this kernel has no seccomp\n");
        skip();
    }
    try_all(rows, COUNT(rows));
}

/* One who is not there is passed over; nothing comes back by confining again. */
static int again_with_more(void)
{
    struct confine_path const more[] = {
        {"/etc",                 false},
        {"/no/such/path/at/all", true }
    };
    struct confinement const c = {more, COUNT(more)};
    struct confined done;
    struct error e;

    (void)!confine_self(&c, &done, &e);
    return reads_secrets();
}

static void there_is_no_way_back(void **state)
{
    static const struct trial rows[] = {
        {"confines itself with more rights", again_with_more, EACCES},
    };

    (void)state;
    need_landlock();
    try_all(rows, COUNT(rows));
}

static int set_up(void **state)
{
    char link[128];

    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(inside, sizeof inside, "%s/a", folder);
    snprintf(outside, sizeof outside, "%s-outside", folder);
    snprintf(link, sizeof link, "%s/link", folder);
    return symlink("/etc/shadow", link);
}

static int tear_down(void **state)
{
    char link[128];

    (void)state;
    snprintf(link, sizeof link, "%s/link", folder);
    return unlink(link) || rmdir(folder);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("a confined process does its work", does_its_work),
        CASE("a confined process reaches no other files", reaches_no_other_files),
        CASE("a confined process makes no other system calls", makes_no_other_calls),
        CASE("a confined process gets nothing back", there_is_no_way_back),
    };
    return cmocka_run_group_tests_name("confine", cases, set_up, tear_down);
}
