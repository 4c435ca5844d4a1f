/* workload: what members, agents and partners do in a simulated world. Each does one thing to one
 * member, tells the auditor what was asked for, and complains when the answer is not what the
 * member's own rules say. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sim/world.h"

typedef void (*act_fn)(struct sim *s, struct member *m);
/* Wishes an event, calls the op and takes the wish back when it is refused. The answer, which the
 * caller owns, in *out. */
enum status workload_wish(struct sim *s, struct member *m, enum membership_event_kind event,
                          const char *id, json_t *in, json_t **out);

/* --- workload_life.c --- */
void life_sign_up(struct sim *s, struct member *m);
void life_cancel(struct sim *s, struct member *m);
/* The end that credit reaches to: whole periods, each at what is known of its price (SPEC F-10). */
int64_t life_credit_end(struct sim *s, struct member *m);
void life_begin_cancel(struct sim *s, struct member *m);
void life_undo_cancel(struct sim *s, struct member *m);
void life_restart(struct sim *s, struct member *m);
void life_restart_by_others(struct sim *s, struct member *m);
void life_sign_up_again(struct sim *s, struct member *m);
void life_withdraw(struct sim *s, struct member *m);
void life_pause(struct sim *s, struct member *m);
void life_extend_pause(struct sim *s, struct member *m);
void life_resume(struct sim *s, struct member *m);
void life_delete(struct sim *s, struct member *m);
void life_undo_delete(struct sim *s, struct member *m);
void life_watch(struct sim *s, struct member *m);

/* --- workload_look.c --- */
void look_next(struct sim *s, struct member *m);
void look_credit(struct sim *s, struct member *m);

/* --- workload_method.c --- */
void method_add_one(struct sim *s, struct member *m);
void method_choose_one(struct sim *s, struct member *m);
void method_update_one(struct sim *s, struct member *m);
void method_remove_one(struct sim *s, struct member *m);

/* --- workload_plan.c --- */
void plan_switch(struct sim *s, struct member *m);
void plan_unswitch(struct sim *s, struct member *m);
void plan_move(struct sim *s, struct member *m);
void plan_buy(struct sim *s, struct member *m);
void plan_unbuy(struct sim *s, struct member *m);
void plan_agree(struct sim *s, struct member *m);
/* Withdraws what is planned for the next date. */
void plan_unplan(const struct sim *s, struct member *m);
void plan_announce(struct sim *s); /* the operator tells everybody of new prices */
/* The day whose catalog is known today for `day`: nobody knows what the news will say. */
int64_t plan_foreseen(const struct sim *s, int64_t day);

/* --- workload_retire.c --- */
void retire_choose(struct sim *s, struct member *m);

/* --- workload_money.c --- */
void money_refund(struct sim *s, struct member *m);
void money_ask(struct sim *s, struct member *m);
void money_dispute(struct sim *s, struct member *m);
void lock_report(struct sim *s, struct member *m);
void lock_end(struct sim *s, struct member *m);
void lock_undo_restart(struct sim *s, struct member *m);

/* --- workload_partner.c --- */
void partner_act(struct sim *s, struct member *m);

/* Complains unless a call was answered as it should have been; of what may be done, something that
 * is on its way may all the same stand in the way. */
void workload_expect(struct sim *s, struct member *m, const char *id, enum status st, bool may);
/* Whether it has a primary method. */
bool workload_has_method(struct sim *s, const struct member *m);
/* Whether anything of the member is on its way to the provider. */
bool workload_in_flight(const struct member *m);
