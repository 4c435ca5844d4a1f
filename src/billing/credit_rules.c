/* credit_rules: first come, first used. SPDX-License-Identifier: Apache-2.0 */
#include "billing/credit_rules.h"

#include <string.h>

const struct names credit_kinds = NAMES("issue", "redeem", "consume", "adjust", "refund_to_credit");

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void add_part(struct credit_story *s, size_t *room, struct arena *a, struct credit_part p)
{
    if (s->n_parts == *room) {
        struct credit_part *more = arena_array(a, struct credit_part, *room ? 2 * *room : 16);

        if (s->n_parts) memcpy(more, s->parts, s->n_parts * sizeof *more);
        *room = *room ? 2 * *room : 16;
        s->parts = more;
    }
    s->lots[p.lot].left -= p.minor;
    s->parts[s->n_parts++] = p;
}

static void take(struct credit_story *s, size_t *room, struct arena *a, size_t step, int64_t minor)
{
    for (size_t i = 0; i < s->n_lots && minor > 0; i++) {
        int64_t const part = smaller(s->lots[i].left, minor);

        if (part > 0) add_part(s, room, a, (struct credit_part){step, i, part});
        minor -= part;
    }
}

static void give_back(struct credit_story *s, size_t *room, struct arena *a,
                      const struct credit_step *steps, size_t step)
{
    struct credit_part *taken = arena_array(a, struct credit_part, s->n_lots + 1);
    size_t const n = credit_parts_of(s, steps, steps[step].cause_id, taken);
    int64_t minor = steps[step].minor;

    for (size_t i = 0; i < n && minor > 0; i++) {
        int64_t const part = smaller(taken[i].minor, minor);

        add_part(s, room, a, (struct credit_part){step, taken[i].lot, -part});
        minor -= part;
    }
}

void credit_tell(const struct credit_step *steps, size_t n, struct arena *a,
                 struct credit_story *out)
{
    size_t room = 0;

    *out = (struct credit_story){.lots = arena_array(a, struct credit_lot, n + 1)};
    for (size_t i = 0; i < n; i++) {
        if (steps[i].minor < 0)
            take(out, &room, a, i, -steps[i].minor);
        else if (steps[i].kind == CREDIT_CONSUME)
            give_back(out, &room, a, steps, i);
        else
            out->lots[out->n_lots++] = (struct credit_lot){i, steps[i].minor, steps[i].minor};
    }
}

size_t credit_parts_of(const struct credit_story *s, const struct credit_step *steps,
                       int64_t cause_id, struct credit_part *taken)
{
    size_t n = 0;

    for (size_t lot = 0; lot < s->n_lots; lot++) {
        struct credit_part sum = {0, lot, 0};

        for (size_t i = 0; i < s->n_parts; i++) {
            const struct credit_part *p = &s->parts[i];

            if (p->lot != lot || steps[p->step].kind != CREDIT_CONSUME ||
                steps[p->step].cause_id != cause_id)
                continue;
            sum.minor += p->minor;
            sum.step = p->step;
        }
        if (sum.minor > 0) taken[n++] = sum;
    }
    return n;
}
