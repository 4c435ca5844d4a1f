/* change_who: finds the change behind a cause. SPDX-License-Identifier: Apache-2.0 */
#include "billing/change_who.h"

#include <string.h>

#include "base/calendar.h"
#include "billing/side.h"

enum { ROWS_MAX = 1000 };

struct doing {
    int64_t role, surface, day;
    const char *device;
};

/* "owner on web, a television" */
static const char *who(struct arena *a, const struct doing *d)
{
    return arena_printf(a, "%s%s%s%s%s", roles.at[d->role],
                        d->surface == SURFACE_NONE ? "" : " on ",
                        d->surface == SURFACE_NONE ? "" : surfaces.at[d->surface],
                        *d->device ? ", " : "", d->device);
}

static void note(struct ctx *cx, struct cause *c, const struct doing *d)
{
    char day[DAY_TEXT];

    if (c->n + 2 > EVIDENCE_MAX) return;
    c->at[c->n++] = (struct evidence){"changed_by", "", who(cx->arena, d)};
    c->at[c->n++] =
        (struct evidence){"changed_on", "", arena_strdup(cx->arena, day_text(d->day, day))};
}

static bool find_change(const struct plan_change *rows, size_t n, const char *plan, int64_t due_day,
                        struct doing *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct plan_change *r = &rows[i];

        if (r->change_state == CHANGE_REFUSED || r->change_state == CHANGE_UNDONE ||
            strcmp(r->to_plan, plan) != 0 || r->effective_day > due_day)
            continue;
        *out = (struct doing){r->actor_role, r->actor_surface, r->asked_at / DAY_MS, r->device};
        return true;
    }
    return false;
}

static bool find_slot(const struct slot *rows, size_t n, int64_t due_day, struct doing *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct slot *r = &rows[i];

        if (r->from_day > due_day) continue;
        *out = (struct doing){r->actor_role, r->actor_surface, r->bought_at / DAY_MS, r->device};
        return true;
    }
    return false;
}

enum status change_who(struct ctx *cx, int64_t account_id, const char *plan, int64_t due_day,
                       struct causes *causes)
{
    struct plan_change *changes = NULL;
    struct slot *slots = NULL;
    size_t n_changes = 0, n_slots = 0;
    struct doing d;

    TRY(plan_changes_of(cx, &changes, &n_changes, .account_id = account_id, .max = ROWS_MAX));
    TRY(slots_of(cx, &slots, &n_slots, .account_id = account_id, .max = ROWS_MAX));
    for (size_t i = 0; i < causes->n; i++) {
        struct cause *c = &causes->at[i];
        bool const of_plan = c->cause == WHY_PLAN_UPGRADE || c->cause == WHY_PLAN_DOWNGRADE;

        if (of_plan && find_change(changes, n_changes, plan, due_day, &d)) note(cx, c, &d);
        if (c->cause == WHY_SLOT_ADDED && find_slot(slots, n_slots, due_day, &d)) note(cx, c, &d);
    }
    return OK;
}
