/* keeper: looks after the database beside requests. While its disk has no room it says so to
 * whoever asks whether the server is ready, and finds out when there is room again; SQLite's log it
 * writes back while nobody writes, so that it does not keep what others need.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "http/metric.h"
#include "http/serve.h"

/* What failed, and why: a want of room is remembered until a write succeeds. */
void keeper_note(struct metrics *m, const struct fault *why);
bool keeper_is_full(const struct metrics *m);

struct keeper;
struct keeper *keeper_new(const struct serve_options *o, struct metrics *m);
void keeper_free(struct keeper *k); /* accepts NULL; ends its thread */
