/* doctor_gateway: whether the sandbox has done what we have written down.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/doctor.h"
#include "doctor_look_sql.h"
#include "doctor_sql.h"

enum { LISTS_MAX = 100000 };

/* What we count of one currency. */
struct ours {
    int64_t captured, amount_minor, open;
};

static struct ours ours_of(const char *currency, const struct doctor_sum *sums, size_t n,
                           const struct doctor_open_row *open, size_t n_open)
{
    struct ours o = {0};

    for (size_t i = 0; i < n; i++)
        if (strcmp(sums[i].currency, currency) == 0) {
            o.captured = sums[i].n;
            o.amount_minor = sums[i].amount_minor;
        }
    for (size_t i = 0; i < n_open; i++)
        if (strcmp(open[i].currency, currency) == 0) o.open = open[i].n;
    return o;
}

/* The provider may have captured, or may capture later, what we do not know yet: at most what is
 * open. */
static bool agrees(const struct sandbox_sum *s, const struct ours *o)
{
    int64_t const more = s->captured - o->captured;

    if (s->doubled || more < 0 || more > o->open) return false;
    return more > 0 || s->amount_minor == o->amount_minor;
}

/* The provider may have given back what we do not know yet, and nothing that we never asked for. */
static enum status gateway_refunds(struct ctx *cx, const struct patient *p,
                                   const struct sandbox_sum *theirs, size_t n, struct finding *out)
{
    struct doctor_refunded_row *ours;
    size_t n_ours;

    TRY(doctor_refunded(cx, &ours, &n_ours, .gateway = p->sandbox->name, .max = LISTS_MAX));
    for (size_t i = 0; i < n; i++) {
        int64_t done = 0, open = 0;

        for (size_t k = 0; k < n_ours; k++)
            if (strcmp(ours[k].currency, theirs[i].currency) == 0)
                done = ours[k].n, open = ours[k].open;
        if (theirs[i].refunds < done || theirs[i].refunds > done + open)
            doctor_found(out, theirs[i].currency);
    }
    return OK;
}

enum status doctor_gateway(struct ctx *cx, const struct patient *p, struct finding *out)
{
    struct sandbox_sum *theirs;
    struct doctor_sum *sums;
    struct doctor_open_row *open;
    size_t n, n_sums, n_open;

    *out = (struct finding){.sample = ""};
    if (!p->sandbox) return OK;
    TRY(doctor_captured(cx, &sums, &n_sums, .gateway = p->sandbox->name, .max = LISTS_MAX));
    TRY(doctor_open(cx, &open, &n_open, .max = LISTS_MAX));
    /* Not until now: a run that was killed leaves a test clock behind what it has done. */
    TRY(sandbox_captured(p->sandbox, INT64_MAX, &theirs, &n, cx->arena, cx->err));
    for (size_t i = 0; i < n; i++) {
        struct ours const o = ours_of(theirs[i].currency, sums, n_sums, open, n_open);

        if (!agrees(&theirs[i], &o)) doctor_found(out, theirs[i].currency);
    }
    TRY(gateway_refunds(cx, p, theirs, n, out));
    for (size_t i = 0; i < n_sums; i++) {
        bool known = false;

        for (size_t k = 0; k < n; k++)
            known = known || strcmp(theirs[k].currency, sums[i].currency) == 0;
        if (!known) doctor_found(out, sums[i].currency);
    }
    return OK;
}
