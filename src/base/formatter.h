/* formatter: ICU's formatters stay open, for opening one costs far more than using it. Each thread
 * has its own, so that none is ever shared. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct formatter_kind {
    void *(*open)(const void *arg); /* never NULL */
    void (*close)(void *formatter);
};

/* This thread's formatter of that name, opened with `arg` unless it is open. `name` says all that
 * open() looks at, and differs from kind to kind. Yours until the thread asks for another. */
void *formatter_of(const char *name, const struct formatter_kind *kind, const void *arg);
