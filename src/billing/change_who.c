/* change_who: finds the change behind a cause. SPDX-License-Identifier: Apache-2.0 */
#include "billing/change_who.h"

#include <string.h>

#include "billing/side.h"

enum { ROWS_MAX = 1000 };

struct doing {
    int64_t role, surface, day;
    const char *device;
};

/* What is looked at for one charge. */
struct search {
    const struct zone *zone;
    const struct charge_facts *f;
    struct plan_change *changes;
    struct slot *slots;
    size_t n_changes, n_slots;
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

static struct doing by_change(const struct search *s, const struct plan_change *r)
{
    return (struct doing){r->actor_role, r->actor_surface, zone_day(s->zone, r->asked_at),
                          r->device};
}

/* A renewal shows what had come about by then; a charge beside them is for one change. */
static bool is_behind_plan(const struct search *s, const struct plan_change *r)
{
    if (s->f->kind == CHARGE_CHANGE) return r->change_id == s->f->subject;
    return r->change_effect != EFFECT_MOVED && r->change_state != CHANGE_REFUSED &&
           r->change_state != CHANGE_UNDONE && strcmp(r->to_plan, s->f->plan) == 0 &&
           r->effective_day <= s->f->due_day;
}

static bool is_behind_day(const struct search *s, const struct plan_change *r)
{
    if (s->f->kind == CHARGE_CHANGE) return r->change_id == s->f->subject;
    return r->change_effect == EFFECT_MOVED && r->change_state != CHANGE_REFUSED &&
           zone_day(s->zone, r->asked_at) <= s->f->due_day;
}

static void note_change(const struct search *s, struct cause *c,
                        bool (*is_behind)(const struct search *, const struct plan_change *))
{
    for (size_t i = 0; i < s->n_changes; i++) {
        if (!is_behind(s, &s->changes[i])) continue;
        struct doing const d = by_change(s, &s->changes[i]);
        note(c, &d);
        return;
    }
}

/* The slot of that number that was there when the charge fell due. */
static const struct slot *find_slot(const struct search *s, int64_t slot_no)
{
    for (size_t i = 0; i < s->n_slots; i++) {
        const struct slot *r = &s->slots[i];

        if (s->f->kind == CHARGE_SLOT ? r->slot_id == s->f->subject
                                      : r->slot_no == slot_no && r->from_day <= s->f->due_day &&
                                            (!r->end_day || r->end_day > s->f->due_day))
            return r;
    }
    return NULL;
}

static bool is_same(const struct doing *a, const struct doing *b)
{
    return a->role == b->role && a->surface == b->surface && a->day == b->day &&
           strcmp(a->device, b->device) == 0;
}

/* Slots that were bought together are told of once. */
static void note_slots(const struct search *s, struct cause *c)
{
    size_t const items = c->n;
    struct doing last = {.device = ""};

    for (size_t i = 0; i < items; i++) {
        int64_t const no = slot_of_item(c->at[i].name);
        const struct slot *r = no || s->f->kind == CHARGE_SLOT ? find_slot(s, no) : NULL;

        if (!r) continue;
        struct doing const d = {r->actor_role, r->actor_surface, zone_day(s->zone, r->bought_at),
                                r->device};
        if (!is_same(&d, &last)) note(c, &d);
        last = d;
    }
}

static void note_cause(const struct search *s, struct cause *c)
{
    bool const beside = c->cause == WHY_CHANGE_NOT_MADE;

    if (c->cause == WHY_PLAN_UPGRADE || c->cause == WHY_PLAN_DOWNGRADE ||
        (beside && s->f->kind == CHARGE_CHANGE))
        note_change(s, c, is_behind_plan);
    if (c->cause == WHY_DAY_MOVED) note_change(s, c, is_behind_day);
    if (c->cause == WHY_SLOT_ADDED || (beside && s->f->kind == CHARGE_SLOT)) note_slots(s, c);
}

enum status change_who(struct ctx *cx, const struct history *h, const struct charge_facts *f,
                       struct causes *causes)
{
    int64_t const account_id = h->account.account_id;
    struct search s = {.zone = h->zone, .f = f};
    bool change = false, slot = false;

    for (size_t i = 0; i < causes->n; i++) {
        enum explain_cause const why = causes->at[i].cause;

        change = change || why == WHY_PLAN_UPGRADE || why == WHY_PLAN_DOWNGRADE ||
                 why == WHY_DAY_MOVED || why == WHY_CHANGE_NOT_MADE;
        slot = slot || why == WHY_SLOT_ADDED || why == WHY_CHANGE_NOT_MADE;
    }
    if (change)
        TRY(plan_changes_of(cx, &s.changes, &s.n_changes, .account_id = account_id,
                            .max = ROWS_MAX));
    if (slot) TRY(slots_of(cx, &s.slots, &s.n_slots, .account_id = account_id, .max = ROWS_MAX));
    for (size_t i = 0; i < causes->n; i++) note_cause(&s, &causes->at[i]);
    return OK;
}
