/* formatter: ICU's formatters stay open, for opening one costs far more than using it, and so does
 * what they have made last, for the same few dates and prices are asked for again and again. Each
 * thread has its own, so that none is ever shared. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct formatter_kind {
    void *(*open)(const void *arg); /* never NULL */
    void (*close)(void *formatter);
};

/* This thread's formatter of that name, opened with `arg` unless it is open. `name` says all that
 * open() looks at, and differs from kind to kind. Yours until the thread asks for another. */
void *formatter_of(const char *name, const struct formatter_kind *kind, const void *arg);

/* What a text was made of: it is the same text whenever these are the same. */
struct made_of {
    int what; /* which of the caller's ways of writing a number */
    const char *locale, *unit;
    int64_t number;
};

/* This thread's text of that, while it is kept; NULL: it is to be made. Yours until the next call.
 */
const char *made_before(const struct made_of *of);
/* Keeps it in place of another. Long ones are not kept. */
void made_keep(const struct made_of *of, const char *text);
