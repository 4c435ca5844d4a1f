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

static void add(struct cause *c, const char *name, enum fact_kind kind, const char *text,
                int64_t number)
{
    if (c->n < EVIDENCE_MAX)
        c->at[c->n++] = (struct evidence){
            name, {0 },
             { kind, text, number, 0}
        };
}

static void note(struct cause *c, const struct doing *d)
{
    add(c, "changed_by", FACT_WORD, roles.at[d->role], 0);
    add(c, "changed_on", FACT_DATE, NULL, d->day);
    if (d->surface != SURFACE_NONE) add(c, "changed_where", FACT_WORD, surfaces.at[d->surface], 0);
    if (*d->device) add(c, "changed_with", FACT_TEXT, d->device, 0);
}

static bool find_change(const struct plan_change *rows, size_t n, const char *plan, int64_t due_day,
                        struct doing *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct plan_change *r = &rows[i];

        if (r->change_effect == EFFECT_MOVED || r->change_state == CHANGE_REFUSED ||
            r->change_state == CHANGE_UNDONE || strcmp(r->to_plan, plan) != 0 ||
            r->effective_day > due_day)
            continue;
        *out = (struct doing){r->actor_role, r->actor_surface, r->asked_at / DAY_MS, r->device};
        return true;
    }
    return false;
}

/* Where UTC is ahead of the account's zone it was asked for on the day after. */
static bool find_move(const struct plan_change *rows, size_t n, int64_t due_day, struct doing *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct plan_change *r = &rows[i];

        if (r->change_effect != EFFECT_MOVED || r->change_state == CHANGE_REFUSED ||
            r->asked_at / DAY_MS > due_day + 1)
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

static bool is_of_plan(enum explain_cause cause)
{
    return cause == WHY_PLAN_UPGRADE || cause == WHY_PLAN_DOWNGRADE;
}

enum status change_who(struct ctx *cx, int64_t account_id, const char *plan, int64_t due_day,
                       struct causes *causes)
{
    struct plan_change *changes = NULL;
    struct slot *slots = NULL;
    size_t n_changes = 0, n_slots = 0;
    bool change = false, slot = false;
    struct doing d;

    for (size_t i = 0; i < causes->n; i++) {
        enum explain_cause const why = causes->at[i].cause;

        change = change || is_of_plan(why) || why == WHY_DAY_MOVED;
        slot = slot || why == WHY_SLOT_ADDED;
    }
    if (change)
        TRY(plan_changes_of(cx, &changes, &n_changes, .account_id = account_id, .max = ROWS_MAX));
    if (slot) TRY(slots_of(cx, &slots, &n_slots, .account_id = account_id, .max = ROWS_MAX));
    for (size_t i = 0; i < causes->n; i++) {
        struct cause *c = &causes->at[i];

        if (is_of_plan(c->cause) && find_change(changes, n_changes, plan, due_day, &d)) note(c, &d);
        if (c->cause == WHY_DAY_MOVED && find_move(changes, n_changes, due_day, &d)) note(c, &d);
        if (c->cause == WHY_SLOT_ADDED && find_slot(slots, n_slots, due_day, &d)) note(c, &d);
    }
    return OK;
}
