/* guide_rules: causes as tables over facts. SPDX-License-Identifier: Apache-2.0 */
#include "billing/guide_rules.h"

#include <assert.h>

const struct names verdicts = NAMES("no", "yes", "cannot_tell");

const char *const guide_steps[GUIDE_STEPS] = {
    "search_mailboxes", "ask_household",   "check_partners", "try_recovery",
    "review_history",   "contact_support", "contact_issuer",
};

static void add(struct guide_finding *g, const char *code, enum verdict v, const char *next_step)
{
    assert(g->n < GUIDE_FOUND_MAX);
    g->at[g->n++] = (struct guide_found){code, v, next_step};
}

static enum verdict yes_if(bool so)
{
    return so ? VERDICT_YES : VERDICT_NO;
}

/* The first cause that holds says what to do; a doubt counts after every certainty. */
static void conclude(struct guide_finding *g, bool something_to_explain)
{
    const struct guide_found *best = NULL;

    for (size_t i = 0; i < g->n; i++)
        if (g->at[i].next_step && g->at[i].verdict == VERDICT_YES && !best) best = &g->at[i];
    for (size_t i = 0; i < g->n; i++)
        if (g->at[i].next_step && g->at[i].verdict == VERDICT_CANNOT_TELL && !best)
            best = &g->at[i];
    g->none = !best && something_to_explain;
    g->next_step = best ? best->next_step : g->none ? "case" : "none";
}

static bool is_explained(const struct guide_finding *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->at[i].verdict != VERDICT_NO) return true;
    return false;
}

/* What others did is stopped by a lock; then a person has it. */
static const char *stop(const struct guide_facts *f)
{
    return f->locked ? "locked" : "account.lock";
}

static void add_undone(const struct guide_facts *f, struct guide_finding *out)
{
    if (f->undone) add(out, "undone", VERDICT_YES, f->locked ? "locked" : "none");
}

void guide_twice(const struct guide_facts *f, struct guide_finding *out)
{
    *out = (struct guide_finding){0};
    add(out, "two_accounts", yes_if(f->others > f->others_other_way), "account.compare");
    add(out, "upgrade", yes_if(f->upgrades > 0), "charge.explain");
    add(out, "slot", yes_if(f->slots > 0), "slot.cancel");
    add(out, "authorization", yes_if(f->temporary > 0), "wait");
    add(out, "retried", yes_if(f->retried > 0), "charge.list");
    add(out, "direct_and_partner", yes_if(f->others_other_way > 0), "guide.sign_up");
    add(out, "misuse", f->restarted ? VERDICT_CANNOT_TELL : VERDICT_NO, stop(f));
    add_undone(f, out);
    if (f->moves > 0) add(out, "day_moved", VERDICT_YES, "charge.explain");
    if (f->late > 0) add(out, "late", VERDICT_YES, "charge.explain");
    if (f->captures > 1 && f->apart && !is_explained(out)) add(out, "monthly", VERDICT_YES, "none");
    conclude(out, f->captures > 1);
}

void guide_unknown(const struct guide_facts *f, struct guide_finding *out)
{
    bool const found = f->own_matches > 0 || f->others_matches > 0;

    *out = (struct guide_finding){0};
    add(out, "existing_account", f->asked_amount ? yes_if(f->own_matches > 0) : VERDICT_CANNOT_TELL,
        "charge.explain");
    add(out, "duplicate_account",
        f->asked_amount ? yes_if(f->others_matches > 0) : yes_if(f->others > 0), "account.compare");
    add(out, "household", yes_if(f->by_others > 0), "membership.get");
    add(out, "unauthorized",
        f->stolen          ? VERDICT_YES
        : found            ? VERDICT_NO
        : f->by_others > 0 ? VERDICT_NO
                           : VERDICT_CANNOT_TELL,
        f->stolen ? "contact_issuer" : "case");
    conclude(out, true);
    out->none = !f->stolen && !found && f->by_others == 0 && f->asked_amount;
    if (f->stolen) out->next_step = "contact_issuer";
    if (out->none) out->next_step = "case";
}

void guide_canceled(const struct guide_facts *f, struct guide_finding *out)
{
    bool const active = state_has_access(f->state) || f->state == M_PENDING;

    *out = (struct guide_finding){0};
    add(out, "active", yes_if(active), NULL);
    add(out, "not_completed",
        yes_if(!f->cancel_finished && !f->restarted && !f->by_partner &&
               (f->cancel_started || active)),
        "membership.cancel");
    add(out, "confirmation", yes_if(f->cancel_finished || f->cancel_confirmed), NULL);
    add(out, "restarted", yes_if(f->restarted), stop(f));
    add(out, "second_account", yes_if(f->others > f->others_other_way), "account.compare");
    add(out, "partner", yes_if(f->by_partner || f->others_other_way > 0), "guide.sign_up");
    add(out, "secure", VERDICT_CANNOT_TELL, NULL); /* only the owner can say who has the password */
    add(out, "contact", yes_if(f->captures > 0), NULL);
    add_undone(f, out);
    conclude(out, f->captures > 0);
}

size_t guide_next_step(size_t done, bool stolen)
{
    size_t const issuer = GUIDE_STEPS - 1;

    if (stolen) return issuer;
    return done < issuer ? done : issuer;
}
