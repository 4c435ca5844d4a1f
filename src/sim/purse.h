/* purse: gift cards of simulated members. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sim/world.h"

/* The member buys a gift card and redeems it. */
void purse_redeem(struct sim *s, struct member *m);
/* Somebody tries a code that was used. */
void purse_try_again(struct sim *s, struct member *m);
/* The member's credit is the sum of what came and went (SPEC J-11). */
void purse_audit(struct sim *s, const struct member *m);
/* A new attempt, decided at an instant, asks a method for money (SPEC J-03). */
void purse_check_method(struct sim *s, const struct member *m, const char *key, int64_t decided_at);
/* The credit that the member has. */
int64_t purse_left(struct sim *s, const struct member *m);
