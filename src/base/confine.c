/* confine: Landlock and seccomp. SPDX-License-Identifier: Apache-2.0 */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct fault PROCESS_UNCONFINED = {
    E_INTERNAL, "process.unconfined",
    "The process could not give up its rights and does not go on; the detail says what failed."};

/* clang-format off */
const struct confine_path confine_system[] = {
    {"/usr", false},           /* libraries, fonts, time zones, locales, certificates */
    {"/lib", false},
    {"/lib64", false},
    {"/etc/ssl", false},
    {"/etc/fonts", false},
    {"/etc/localtime", false},
    {"/etc/ld.so.cache", false},
    {"/etc/hosts", false},
    {"/etc/host.conf", false},
    {"/etc/resolv.conf", false},
    {"/etc/nsswitch.conf", false},
    {"/etc/gai.conf", false},
    {"/etc/services", false},
    {"/etc/passwd", false},    /* libpq asks who we are */
    {"/run/systemd/resolve", false},
    {"/var/cache/fontconfig", false},
    {"/proc", false},          /* whether another worker lives */
    {"/sys/devices/system/cpu", false},
    {"/sys/fs/cgroup", false},
    {"/dev/urandom", false},
    {"/dev/null", true},
};
/* clang-format on */
const size_t confine_system_n = COUNT(confine_system);

/* --- Landlock --- */

/* Rights that Debian's header does not know yet, with the version of the interface that brought
 * them. */
enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_DEVICES = 5 };
#define RIGHT_TRUNCATE (1ULL << 14)
#define RIGHT_DEVICES  (1ULL << 15)

#define RIGHTS_READ                                                                                \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_FILE                                                                                \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |   \
     RIGHT_TRUNCATE | RIGHT_DEVICES)
#define RIGHTS_WRITE                                                                               \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |                              \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |   \
     LANDLOCK_ACCESS_FS_REFER | RIGHT_TRUNCATE)

int64_t confine_landlock(void)
{
    long const abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return abi > 0 ? abi : 0;
}

/* Every right that this kernel can take away. */
static uint64_t rights_known(int64_t abi)
{
    uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

    if (abi >= ABI_REFER) all |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= ABI_TRUNCATE) all |= RIGHT_TRUNCATE;
    if (abi >= ABI_DEVICES) all |= RIGHT_DEVICES;
    return all;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
}

/* False, with errno, when a path that is there cannot be named to the kernel. */
static bool permit(int rules, const struct confine_path *p, uint64_t known)
{
    CLEANUP(close_fd) int fd = open(p->path, O_PATH | O_CLOEXEC);
    struct stat is;

    if (fd < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    if (fstat(fd, &is) != 0) return false;
    uint64_t rights = RIGHTS_READ | (p->writes ? RIGHTS_WRITE : 0);
    if (!S_ISDIR(is.st_mode)) rights &= RIGHTS_FILE;
    struct landlock_path_beneath_attr const under = {.allowed_access = rights & known,
                                                     .parent_fd = fd};
    return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &under, 0) == 0;
}

static enum status lock_files(const struct confinement *c, struct confined *out, struct error *e)
{
    long const abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    out->landlock_abi = abi > 0 ? abi : 0;
    if (abi <= 0) return OK;
    uint64_t const known = rights_known(abi);
    struct landlock_ruleset_attr const handled = {.handled_access_fs = known};
    CLEANUP(close_fd)
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (rules < 0) return failf(e, &PROCESS_UNCONFINED, "Landlock: %s", strerror(errno));
    for (size_t i = 0; i < confine_system_n + c->n_paths; i++) {
        const struct confine_path *p =
            i < confine_system_n ? &confine_system[i] : &c->paths[i - confine_system_n];

        if (!permit(rules, p, known))
            return failf(e, &PROCESS_UNCONFINED, "Landlock, %s: %s", p->path, strerror(errno));
    }
    if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        return failf(e, &PROCESS_UNCONFINED, "Landlock: %s", strerror(errno));
    return OK;
}

/* --- seccomp --- */

/* clang-format off */
static const char *const needed[] = {
    /* files */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "open",
    "openat", "close", "stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs",
    "lseek", "access", "faccessat", "faccessat2", "fsync", "fdatasync", "ftruncate",
    "fallocate", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat",
    "rmdir", "readlink", "readlinkat", "getcwd", "getdents64", "fcntl", "flock", "dup", "dup2",
    "dup3", "pipe", "pipe2", "fchmod", "fchown", "chmod", "utimensat", "umask", "sendfile",
    "copy_file_range", "fadvise64",
    /* memory */
    "mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "mlock", "mlock2", "munlock",
    "mincore", "membarrier",
    /* sockets */
    "connect", "bind", "listen", "accept", "accept4", "getsockname", "getpeername",
    "setsockopt", "getsockopt", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg",
    "recvmmsg", "shutdown", "socketpair",
    /* waiting */
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
    "poll", "ppoll", "select", "pselect6", "eventfd2", "timerfd_create", "timerfd_settime",
    "timerfd_gettime", "nanosleep", "clock_nanosleep", "restart_syscall",
    /* threads and this process */
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "exit", "exit_group",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigpending",
    "sigaltstack", "tgkill", "gettid", "getpid", "getppid", "getpgrp", "getuid", "geteuid",
    "getgid", "getegid", "getresuid", "getresgid", "getgroups", "set_tid_address", "arch_prctl",
    "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam",
    "sched_getscheduler", "sched_get_priority_min", "sched_get_priority_max", "getrusage",
    "times", "getrlimit", "prlimit64", "sysinfo", "uname", "wait4",
    /* clocks and chance */
    "clock_gettime", "clock_getres", "gettimeofday", "time", "getrandom",
#ifdef FOYER_SANITIZED /* whose own threads look for leaks */
    "ptrace", "prctl", "process_vm_readv", "personality", "kill", "getdents",
#endif
};
/* Nobody means well who tries these in a server. */
static const char *const deadly[] = {
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "mount", "umount2",
    "move_mount", "fsopen", "pivot_root", "chroot", "bpf", "perf_event_open", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "init_module", "finit_module", "delete_module",
    "kexec_load", "kexec_file_load", "userfaultfd", "keyctl", "add_key", "request_key", "unshare",
    "setns", "reboot", "swapon", "swapoff", "iopl", "ioperm", "open_by_handle_at", "setuid",
    "setgid", "setresuid", "setresgid", "setgroups", "capset", "pidfd_getfd", "personality",
};
static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
static const unsigned long requests[] = {FIONBIO, FIONREAD, FIOCLEX, TCGETS, TIOCGWINSZ};
/* clang-format on */

static void filter_end(scmp_filter_ctx *f)
{
    if (*f) seccomp_release(*f);
}

/* Calls that this machine's architecture does not have are passed over. */
static int add_names(scmp_filter_ctx f, uint32_t action, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int const number = seccomp_syscall_resolve_name(names[i]);

        if (number == __NR_SCMP_ERROR) continue;
        int const rc = seccomp_rule_add(f, action, number, 0);
        if (rc != 0 && rc != -EDOM && rc != -EEXIST && rc != -EINVAL) return rc;
    }
    return 0;
}

static int allow_if(scmp_filter_ctx f, int number, unsigned arg, uint64_t value)
{
    struct scmp_arg_cmp const is = {arg, SCMP_CMP_EQ, value, 0};

    return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, number, 1, &is);
}

/* Those of which only some arguments are allowed. New threads are, other name spaces are not; the
 * newer call hides its flags from filters, and the C library then takes the older one. */
static int add_partly(scmp_filter_ctx f)
{
    uint64_t const spaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                            CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    struct scmp_arg_cmp const none_of_them = {0, SCMP_CMP_MASKED_EQ, spaces, 0};
    int rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &none_of_them);

    if (!rc) rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    for (size_t i = 0; !rc && i < COUNT(families); i++)
        rc = allow_if(f, SCMP_SYS(socket), 0, (uint64_t)families[i]);
    for (size_t i = 0; !rc && i < COUNT(requests); i++)
        rc = allow_if(f, SCMP_SYS(ioctl), 1, requests[i]);
    return rc ? rc : allow_if(f, SCMP_SYS(prctl), 0, PR_SET_NAME);
}

bool confine_seccomp(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

static enum status lock_calls(struct confined *out, struct error *e)
{
    CLEANUP(filter_end) scmp_filter_ctx f = NULL;

    if (!confine_seccomp()) return OK;
    f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!f) return failf(e, &PROCESS_UNCONFINED, "seccomp: no memory");
    int rc = add_names(f, SCMP_ACT_ALLOW, needed, COUNT(needed));
    if (!rc) rc = add_names(f, SCMP_ACT_KILL_PROCESS, deadly, COUNT(deadly));
    if (!rc) rc = add_partly(f);
    if (!rc) rc = seccomp_load(f);
    if (rc) return failf(e, &PROCESS_UNCONFINED, "seccomp: %s", strerror(-rc));
    out->seccomp = true;
    return OK;
}

enum status confine_self(const struct confinement *c, struct confined *out, struct error *e)
{
    *out = (struct confined){0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failf(e, &PROCESS_UNCONFINED, "no new rights: %s", strerror(errno));
    TRY(lock_files(c, out, e));
    return lock_calls(out, e);
}
