/* tally: counts reasons. SPDX-License-Identifier: Apache-2.0 */
#include "notify/tally.h"

#include <stdio.h>
#include <string.h>

static struct tally_row *row_of(struct tally *t, const char *way, const char *why)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->at[i].way, way) == 0 && strncmp(t->at[i].why, why, TALLY_WHY - 1) == 0)
            return &t->at[i];
    if (t->n == TALLY_MAX) return &t->at[TALLY_MAX - 1];
    struct tally_row *r = &t->at[t->n++];
    bool const last = t->n == TALLY_MAX;

    *r = (struct tally_row){.way = last ? "" : way};
    snprintf(r->why, sizeof r->why, "%s", last ? "other reasons" : why);
    return r;
}

void tally_add(struct tally *t, const char *way, const char *why, bool again)
{
    struct tally_row *r = row_of(t, way, *why ? why : "no reason given");

    r->n++;
    r->again += again;
}
