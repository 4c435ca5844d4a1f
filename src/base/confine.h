/* confine: after its start a process gives up what it will not need - other files than its own, by
 * Landlock, and system calls, by seccomp - so that a fault in it is worth little to whoever finds
 * it. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

/* A file or folder that stays reachable; one that is not there is passed over. */
struct confine_path {
    const char *path;
    bool writes; /* else it may only be read */
};

struct confinement {
    const struct confine_path *paths;
    size_t n_paths;
};

/* What the kernel took part in. */
struct confined {
    int64_t landlock_abi; /* 0: this kernel has no Landlock, and files are as they were */
    bool seccomp;
};

extern const struct fault PROCESS_UNCONFINED;

/* What this kernel offers: the version of Landlock, 0 for none, and whether it has seccomp. */
int64_t confine_landlock(void);
bool confine_seccomp(void);

/* For this thread and all that it starts from now on: call it before the others begin. Programs can
 * no longer be run, nor can the kernel be changed or other processes be looked into: who tries
 * is killed. Whatever else no server needs fails with EPERM. There is no way back. Faults:
 * PROCESS_UNCONFINED when the kernel has a means and it could not be used. */
enum status confine_self(const struct confinement *c, struct confined *out,
                         struct error *e) MUST_CHECK;
/* Files that any process of ours reads: time zones, fonts, certificates, how names are resolved. */
extern const struct confine_path confine_system[];
extern const size_t confine_system_n;
