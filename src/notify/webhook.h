/* webhook: who is told what has happened (Standard Webhooks 1.0.0): endpoints with their filters
 * and keys, what is planned for each, and the log. docs/webhooks.md tells receivers.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/lease.h"
#include "db/outbox.h"
#include "notify/tally.h"
#include "notify/webhook_rules.h"

extern const struct fault WEBHOOK_UNKNOWN, WEBHOOK_URL, WEBHOOK_FILTER, WEBHOOK_DELETED,
    WEBHOOK_TOO_MANY, WEBHOOK_TIME, HOOK_UNKNOWN, HOOK_OPEN;

/* ---- endpoints ---- */

struct webhook_create {
    const char *url, *note;
    const char *events; /* a filter; NULL: everything */
};
struct webhook_update {
    const char *endpoint;
    const char *url, *note, *events; /* NULL: as it was */
    const char *state;               /* enabled, disabled; NULL: as it was */
};
struct webhook_ref {
    const char *endpoint;
};
struct webhook_rotate {
    const char *endpoint;
    int64_t overlap_hours; /* the old keys sign beside the new ones so long */
};

struct webhook_view {
    const char *endpoint; /* whk_… */
    const char *url, *note, *events;
    int64_t state;
    const char *disabled_why, *disabled_at, *failing_since, *made_at;
    const char *public_key; /* whpk_…: of v1a */
    const char *old_keys_until;
    int64_t waiting; /* deliveries that are not yet through */
};
struct webhooks_view {
    const struct webhook_view *items;
    size_t n;
};
/* A key that is told now and never again. */
struct webhook_secret {
    const char *secret; /* whsec_… */
};
struct webhook_keys {
    const char *endpoint, *public_key, *old_keys_until;
    const struct webhook_secret *items;
    size_t n;
};

/* Faults: WEBHOOK_URL, WEBHOOK_FILTER, WEBHOOK_TOO_MANY. */
enum status webhook_create(struct ctx *cx, const struct webhook_create *in,
                           struct webhook_keys *out) MUST_CHECK;
enum status webhook_list(struct ctx *cx, const struct webhook_ref *in,
                         struct webhooks_view *out) MUST_CHECK;
/* Enabling forgets why it was disabled and what it failed. Faults: WEBHOOK_UNKNOWN,
 * WEBHOOK_DELETED, WEBHOOK_URL, WEBHOOK_FILTER. */
enum status webhook_update(struct ctx *cx, const struct webhook_update *in,
                           struct webhook_view *out) MUST_CHECK;
/* It is told nothing more and its keys are forgotten; the log stays while it is kept. */
enum status webhook_delete(struct ctx *cx, const struct webhook_ref *in,
                           struct webhook_view *out) MUST_CHECK;
enum status webhook_rotate(struct ctx *cx, const struct webhook_rotate *in,
                           struct webhook_keys *out) MUST_CHECK;

/* ---- deliveries ---- */

struct hook_list {
    const char *endpoint; /* NULL: of all */
    const char *state;    /* of hook_states; NULL: any */
    const char *before;   /* `next` of the page before */
    int64_t limit;        /* 0: 50 */
};
struct hook_ref {
    const char *delivery;
};
struct hook_view {
    const char *delivery, *endpoint, *id, *member; /* dlv_…, whk_…, msg_…, mem_… or '' */
    const char *type, *happened_at;
    int64_t state, attempts;
    const char *due_at;   /* of the next attempt; '' */
    const char *ended_at; /* '' while it is open */
};
struct hooks_view {
    const struct hook_view *items;
    size_t n;
    const char *next;
};
struct attempt_view {
    int64_t attempt;
    const char *sent_at;
    int64_t duration_ms, http_status, result;
    const char *answer;
};
struct hook_log {
    const char *delivery, *id, *type, *body;
    const struct attempt_view *items; /* newest first */
    size_t n;
};

enum status hook_list(struct ctx *cx, const struct hook_list *in,
                      struct hooks_view *out) MUST_CHECK;
enum status hook_log(struct ctx *cx, const struct hook_ref *in, struct hook_log *out) MUST_CHECK;

struct hook_replay {
    const char *endpoint, *delivery; /* one of them */
    const char *since, *until;       /* of what happened: dates or instants; NULL: no limit */
    bool all;                        /* what was delivered too */
};
struct hook_replayed {
    int64_t replayed;
};
/* Sends again, under the same webhook-id, what has ended: one delivery, or an endpoint's. Faults:
 * HOOK_UNKNOWN, HOOK_OPEN, WEBHOOK_UNKNOWN, WEBHOOK_DELETED, WEBHOOK_TIME. */
enum status hook_replay(struct ctx *cx, const struct hook_replay *in,
                        struct hook_replayed *out) MUST_CHECK;

/* Plans a ping to one endpoint, whatever its filter. */
enum status webhook_test(struct ctx *cx, const struct webhook_ref *in,
                         struct hook_ref *out) MUST_CHECK;

/* Plans a delivery for each of n messages of the outbox and each endpoint that wants its type, in
 * their order, inside the caller's transaction. A message that is planned already is left alone. */
enum status webhook_plan(struct ctx *cx, const struct outbox_row *rows, size_t n) MUST_CHECK;

/* ---- for the courier ---- */

struct webhook_endpoint; /* the row */
/* Headers of an event at this moment: every signature that is in force, with blanks between. `now`
 * is the database's clock, `timestamp_s` the attempt's. */
enum status webhook_signatures(struct ctx *cx, const struct webhook_endpoint *e, const char *id,
                               int64_t timestamp_s, const char *body, const char **out) MUST_CHECK;
/* Nothing more goes to the endpoint until an operator enables it; opens a work item. */
enum status webhook_disable(struct ctx *cx, int64_t endpoint_id, const char *why) MUST_CHECK;
/* What came of it. */
struct webhook_done {
    int64_t attempts, delivered;
    struct tally why; /* of those that were not delivered */
};
/* Sends what is planned, to many endpoints at once, until `stop` says so; then it waits for the
 * answers to what is on its way. Without `stop` until nothing is due. Whatever is cut short is sent
 * again when its claim has lapsed, under the same webhook-id. Uses cx's database alone, and a
 * memory and a clock of its own. *done may be NULL. */
enum status webhook_work(struct ctx *cx, const struct machine *machine, bool (*stop)(void *arg),
                         void *arg, struct webhook_done *done) MUST_CHECK;
/* Drops events, deliveries and log entries that are older than webhook_keep_days. */
enum status webhooks_forget(struct ctx *cx, int64_t now) MUST_CHECK;
