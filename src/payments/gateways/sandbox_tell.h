/* sandbox_tell: the served sandbox calls back, as payment providers do: each event is POSTed with a
 * signature as Standard Webhooks says, in order, again and again until it is taken. What was not
 * taken in so many tries is left to be asked for. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "payments/gateways/gateway.h"

struct teller;

struct teller_options {
    const char *db_url, *url;
    const char *secret_file; /* holds the key, whsec_… */
    int64_t (*now)(void);    /* Unix ms */
};
/* On a connection to the store of its own. *out is to be closed in any case. Faults:
 * SANDBOX_SECRET. */
enum status teller_open(const struct teller_options *o, struct teller **out,
                        struct error *e) MUST_CHECK;
/* A caller's clock said that; from then on it goes as ours does. Any thread may say so. */
void teller_heard(struct teller *t, int64_t at);
/* Tells what has happened by the callers' clock; returns how many ms to wait until the next turn.
 */
int64_t teller_turn(struct teller *t);
void teller_close(struct teller *t); /* accepts NULL */

extern const struct fault SANDBOX_SECRET;
