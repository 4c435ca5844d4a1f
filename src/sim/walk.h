/* walk: the auditor's calendar. It finds the first days of billing periods by walking through the
 * days one by one, as a person with a wall calendar would (SPEC B-02, B-03).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct walk {
    int64_t year, month, dom; /* the day it stands on, counted from 1 */
    int64_t day;              /* the same as days since 1970-01-01 */
    int64_t anchor_dom, k;    /* period k starts on this day */
};

void walk_begin(struct walk *w, int64_t anchor_day); /* stands on period 0 */
void walk_next(struct walk *w);                      /* goes to the next period's first day */
/* The first day of period k. */
int64_t walk_to(struct walk w, int64_t k);
