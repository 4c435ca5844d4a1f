/* keeper: looks after the database beside requests. While its disk has no room, or somebody else
 * keeps the file from being written to, it says so to whoever asks whether the server is ready, and
 * finds out when it is over; SQLite's log it writes back while nobody writes, so that it does not
 * keep what others need; and it writes when keys were last used.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/metric.h"
#include "http/serve.h"

/* What failed, and why: what keeps writes from the whole database is remembered until one succeeds.
 */
void keeper_note(const struct serve_options *o, struct metrics *m, const struct fault *why);
/* Why nothing can be written; NULL: as far as is known it can. */
const struct fault *keeper_hindrance(const struct metrics *m);

struct keeper;
struct keeper *keeper_new(const struct serve_options *o, struct metrics *m);
void keeper_free(struct keeper *k); /* accepts NULL; ends its thread */
