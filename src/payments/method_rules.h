/* method_rules: the order in which an account's payment methods are tried. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

enum { METHODS_OF_ACCOUNT_MAX = 10 };

/* The methods of one account in order: the first is the primary one (SPEC C-01), the others are
 * backups (SPEC C-11). */
struct method_order {
    size_t n;
    struct {
        int64_t method_id;
        bool usable;
    } at[METHODS_OF_ACCOUNT_MAX + 1];
};

/* Takes the method at `from` out and puts it in again at `to`; what stands between moves up. A
 * place behind the last means the last. */
void methods_move(struct method_order *o, size_t from, size_t to);
/* Brings the first usable method to the front: as long as any is usable, the primary one is. */
void methods_settle(struct method_order *o);
/* The place of a method; o->n when it has none. */
size_t methods_find(const struct method_order *o, int64_t method_id);
