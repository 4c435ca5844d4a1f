/* auditor_end: what must hold when a world is over beside the auditor's own books - `foyer doctor`
 * finds nothing, the report reconciles (B-17), and each charge says why it was made (SPEC B-05,
 * H-11).
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "base/id.h"
#include "cli/cli.h"
#include "sim/workload.h"

static void examine(struct sim *s)
{
    const char *first;
    int64_t findings;

    s->cx.now = s->now;
    if (doctor_count(&s->cx, s->now, &findings, &first) != OK)
        complain(s, NULL, "the doctor cannot examine: %s", s->err.fault->code);
    else if (findings)
        complain(s, NULL, "doctor: %lld findings, such as %s", (long long)findings, first);
}

/* Month by month, so that nothing missing is made up for elsewhere (SPEC B-17). */
static void reconcile(struct sim *s)
{
    int64_t from, until;

    if (report_span(&s->cx, &from, &until) != OK)
        return complain(s, NULL, "there is no report: %s", s->err.fault->code);
    for (int64_t m = month_of(from); m <= month_of(s->now / DAY_MS) && !s->failed; m++) {
        struct report r;

        arena_reset(&s->job);
        if (report_make(&s->cx, month_start_day(m), month_start_day(m + 1), 0, &r) != OK)
            complain(s, NULL, "there is no report: %s", s->err.fault->code);
        else if (r.sum.difference)
            complain(s, NULL, "B-17: of %lld renewals of month %lld %lld are missing in the report",
                     (long long)r.sum.due, (long long)m, (long long)r.sum.difference);
    }
}

static void explain(struct sim *s, struct member *m, const struct duty *d)
{
    struct actor const operator_ = {.role = ROLE_SYSTEM};
    char id[ID_TEXT];
    json_t *out;

    enum status const st =
        workload_call_as(s, &operator_, m, "charge.explain",
                         json_pack("{s:s}", "reference", id_text("chg", d->charge_id, id)), &out);
    if (st != OK || json_array_size(json_object_get(out, "causes")) == 0)
        complain(s, m, "B-05: %s has no cause: %s", id, st == OK ? "" : s->err.fault->code);
    json_decref(out);
}

void end_examine(struct sim *s)
{
    examine(s);
    if (!s->failed) reconcile(s);
    for (size_t i = 0; i < s->n_members && !s->failed; i++) {
        struct member *m = &s->members[i];

        arena_reset(&s->job);
        for (const struct duty *d = m->duties; d && !s->failed; d = d->older)
            if (d->invoiced && m->state != M_DELETED) explain(s, m, d);
    }
}
