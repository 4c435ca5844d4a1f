/* retiring: one member's plan that is being retired, for those who ask, tell and act
 * (retire_choice.c, retire_tell.c, retire.c). SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/retire.h"
#include "billing/side.h"
#include "retire_sql.h" /* struct retirement: the row */

enum { RETIREMENTS_MAX = 100 }; /* of one member, read at once */

/* A retirement as it stands for one member. */
struct retiring {
    const struct catalog *c;
    const struct country *country;
    struct trouble t;
    struct retirement *row;
    int64_t next_k;    /* the next period that is booked */
    int64_t start_day; /* of the first period without the plan */
};

/* The retirement of a plan, while it concerns the member; NULL: there is none. */
enum status retiring_find(struct ctx *cx, int64_t account_id, const char *plan,
                          struct retirement **out) MUST_CHECK;
/* A member, without a row yet; country is NULL where the catalog has it no more. */
enum status retiring_load(struct ctx *cx, const struct catalog *c, int64_t account_id, int64_t at,
                          struct retiring *r) MUST_CHECK;
/* Puts in the retirement it is about, and when that counts. */
void retiring_about(struct retiring *r, struct retirement *row);
/* A member now, with the retirement of its plan; no row: there is none. */
enum status retiring_load_open(struct ctx *cx, const struct catalog *c, int64_t account_id,
                               struct retiring *r) MUST_CHECK;

/* Whether a member with this membership has a plan that we bill. */
bool retiring_lives(const struct membership *m);
/* The day whose prices the first period without the plan has. */
int64_t retiring_prices_day(const struct retiring *r);
/* What takes the place of the plan; NULL: nothing, and the membership ends. A plan that has gone
 * since it was announced or chosen cannot. */
const struct plan *retiring_place(const struct retiring *r);
/* Whether the member may choose it. */
bool retiring_offers(const struct retiring *r, const struct plan *p);
/* The first period with it, less the slots that are lost, tax included; minor units. */
int64_t retiring_total(const struct retiring *r, const struct plan *p, int64_t lost);
enum status retiring_show_choice(struct ctx *cx, const struct retiring *r, const struct plan *p,
                                 struct retire_choice *out) MUST_CHECK;
enum status retiring_show(struct ctx *cx, const struct retiring *r,
                          struct retire_view *out) MUST_CHECK;

/* No period runs: on hold, paused, or in a grace that is over and that nobody has ended yet. */
bool retiring_rests(const struct retiring *r, int64_t at);
/* A term that begins on the day before still has the plan, and lasts. */
bool retiring_is_over(const struct trouble *t, const struct retirement *row, int64_t at);
/* When what takes the plan's place is planned: as soon as the last period with it has begun, or a
 * lock or an outage has outlived it; where no period runs, with the day. */
bool retiring_is_time(const struct retiring *r, int64_t at);

/* Plans what takes the plan's place; the same again is nothing. */
enum status retiring_move(struct ctx *cx, struct retiring *r, const struct plan *to) MUST_CHECK;
