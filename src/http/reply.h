/* reply: the head of an answer as bytes. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/job.h"

enum { REPLY_HEAD_MAX = 6144, REPLY_DATE = 32 };

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
void reply_date(int64_t at_ms, char to[static REPLY_DATE]);

struct reply {
    const char *date;
    bool keep_alive, secure; /* secure: over TLS of our own */
};
/* Writes it and returns its length. The headers that keep browsers from misusing an answer are on
 * every one, unless the answer has its own. */
size_t reply_head(const struct job *j, const struct reply *r, char to[static REPLY_HEAD_MAX]);
