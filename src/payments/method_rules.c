/* method_rules: moving methods. SPDX-License-Identifier: Apache-2.0 */
#include "payments/method_rules.h"

void methods_move(struct method_order *o, size_t from, size_t to)
{
    if (from >= o->n) return;
    if (to >= o->n) to = o->n - 1;
    struct method_order const was = *o;

    for (size_t i = from; i < to; i++) o->at[i] = was.at[i + 1];
    for (size_t i = from; i > to; i--) o->at[i] = was.at[i - 1];
    o->at[to] = was.at[from];
}

void methods_settle(struct method_order *o)
{
    size_t first = 0;

    while (first < o->n && !o->at[first].usable) first++;
    if (first < o->n) methods_move(o, first, 0);
}

size_t methods_find(const struct method_order *o, int64_t method_id)
{
    size_t i = 0;

    while (i < o->n && o->at[i].method_id != method_id) i++;
    return i;
}
