/* courier: carries messages out - dispatches what happened, claims what is due, sends it outside
 * any transaction and stores what became of it. Any number may work at once; a delivery is claimed
 * by one of them. A crash after a provider has accepted it and before that is stored sends it once
 * more, under the same Message-ID or token (docs/decisions/0027).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/lease.h"
#include "notify/outgoing.h"
#include "notify/tally.h"

struct couriers {
    struct way_out by[CHANNELS]; /* without state: nothing leaves on that way */
};

struct notify_world {
    const struct machine *machine;
    bool test_clock; /* each message goes out at its own time, as if somebody had been there */
    struct couriers *couriers;
    bool keep_on;                             /* waits for more when nothing is due */
    bool (*stop)(void *arg);                  /* ends it early; may be NULL */
    void (*step)(void *arg, int64_t handled); /* after each delivery; may be NULL */
    void *arg;
};
struct notify_done {
    int64_t dispatched; /* rows of the outbox */
    int64_t sent, dropped;
    int64_t failed, put_off; /* for good; and until later */
    struct tally why;        /* of these */
};

/* Opens every way out that the settings name. Faults: OUT_SECRET, OUT_URL. */
enum status couriers_open(const struct settings *s, struct couriers *out,
                          struct error *e) MUST_CHECK;
void couriers_close(struct couriers *c); /* a CLEANUP function; accepts the zero value */

/* Works until nothing is due, or with `keep_on` until `stop` says so. Uses cx's database and
 * settings, and a memory and clock of its own. *done may be NULL. */
enum status notify_work(struct ctx *cx, const struct notify_world *w,
                        struct notify_done *done) MUST_CHECK;

/* What a provider reports of a text message that it had accepted: `status` as it says it
 * (delivered, undelivered, failed, …). One that nobody knows is passed over. */
struct message_report {
    const char *provider_ref, *status, *code; /* NULL: none */
};
struct message_reported {
    bool known;
    const char *state; /* of the delivery; "" when not known */
};
enum status message_report(struct ctx *cx, const struct message_report *in,
                           struct message_reported *out) MUST_CHECK;
