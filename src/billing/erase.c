/* erase: announces, erases, forgets. SPDX-License-Identifier: Apache-2.0 */
#include "billing/erase.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/sabotage.h"
#include "billing/erased.h"
#include "db/outbox.h"
#include "db/vault.h"
#include "erase_sql.h"

void erase_plan(struct trouble *t, int64_t at)
{
    if (t->account.delete_on_day)
        trouble_due(t, STEP_ERASE, t->account.delete_on_day, at);
    else
        trouble_due(t, STEP_WARN_ERASE, t->m.retention_until_day - t->rules.retention_notice_days,
                    at);
}

static enum status tell(struct ctx *cx, const char *topic, const struct trouble *t,
                        int64_t erase_day, int64_t at)
{
    char day[DAY_TEXT];

    return outbox_put(cx, topic, t->m.account_id, at,
                      json_pack("{s:s*}", "erase_on", erase_day ? day_text(erase_day, day) : NULL));
}

enum status erase_announce(struct ctx *cx, struct trouble *t, int64_t at)
{
    int64_t const soonest = zone_day(t->zone, at) + t->rules.retention_notice_days;

    if (t->m.retention_until_day < soonest) t->m.retention_until_day = soonest;
    TRY(membership_note(cx, &t->m, MEV_ERASE_ANNOUNCED, at, ""));
    trouble_due(t, STEP_ERASE, SABOTAGE("erased_at_notice") ? 1 : t->m.retention_until_day, at);
    return tell(cx, "account.erase_announced", t, t->m.retention_until_day, at);
}

/* The account's row stays, nameless, for the books to point at. Its old name is free again for who
 * signs up, and no import may use it: the file that brought the person once would again. */
static enum status erase_account(struct ctx *cx, const struct account *a, int64_t at)
{
    char name[ID_TEXT];

    id_text("mem", a->account_id, name);
    if (strcmp(a->external_id, name) != 0) TRY(former_remember(cx, a->external_id));
    return erase_person(cx, NULL, .external_id = name, .erased_at = at,
                        .account_id = a->account_id);
}

/* Tokens, declines and authorizations are found by the methods, hence before those. A wish that a
 * gateway forgets a token outlives its person until that is done, and goes a day later. */
static enum status erase_payment(struct ctx *cx, int64_t account_id, int64_t at)
{
    TRY(erase_forgotten(cx, NULL, .account_id = account_id));
    TRY(erase_at_gateways(cx, NULL, .account_id = account_id, .at = at,
                          .due_day = divide_down(at, DAY_MS)));
    TRY(erase_declines(cx, NULL, .account_id = account_id));
    TRY(erase_authorizations(cx, NULL, .account_id = account_id));
    TRY(erase_method_events(cx, NULL, .account_id = account_id));
    return erase_methods(cx, NULL, .account_id = account_id);
}

static enum status erase_history(struct ctx *cx, int64_t account_id)
{
    TRY(erase_deliveries(cx, NULL, .account_id = account_id));
    TRY(erase_letters(cx, NULL, .account_id = account_id));
    TRY(erase_contact(cx, NULL, .account_id = account_id));
    TRY(erase_viewing(cx, NULL, .account_id = account_id));
    TRY(erase_webhooks(cx, NULL, .account_id = account_id));
    TRY(erase_errands(cx, NULL, .account_id = account_id));
    TRY(erase_partner_events(cx, NULL, .account_id = account_id));
    TRY(erase_partner_periods(cx, NULL, .account_id = account_id));
    TRY(erase_settlement_lines(cx, NULL, .account_id = account_id));
    TRY(erase_partner_link(cx, NULL, .account_id = account_id));
    TRY(erase_told(cx, NULL, .account_id = account_id));
    TRY(erase_quotes(cx, NULL, .account_id = account_id));
    TRY(erase_remedies(cx, NULL, .account_id = account_id));
    TRY(erase_traces(cx, NULL, .account_id = account_id));
    TRY(erase_change_traces(cx, NULL, .account_id = account_id));
    TRY(erase_choice_traces(cx, NULL, .account_id = account_id));
    TRY(erase_slot_traces(cx, NULL, .account_id = account_id));
    TRY(erase_proofs(cx, NULL, .account_id = account_id));
    TRY(erase_wish(cx, NULL, .account_id = account_id));
    TRY(erase_forms(cx, NULL, .account_id = account_id));
    TRY(erase_cases(cx, NULL, .account_id = account_id));
    TRY(erase_op_keys(cx, NULL, .account_id = account_id));
    TRY(erase_tries(cx, NULL, .tried_by = arena_printf(cx->arena, "%lld", (long long)account_id)));
    return erase_evidence(cx, NULL, .account_id = account_id);
}

/* What is kept longest after a person, until when: the consents one by one, then the books. */
static enum status plan_rest(struct ctx *cx, struct trouble *t, int64_t at)
{
    int64_t const id = t->m.account_id, today = zone_day(t->zone, at);
    int64_t const books = day_add_months(t->m.end_day, 12 * t->rules.books_keep_years) + 1;
    struct consents_kept_row kept;

    TRY(erase_consents(cx, NULL, .today = today, .account_id = id));
    TRY(consents_kept(cx, &kept, &DB_NO_ROW, .account_id = id));
    if (books <= today) {
        TRY(erase_events(cx, NULL, .account_id = id));
        TRY(erase_references(cx, NULL, .account_id = id));
    }
    int64_t const next =
        books > today && (!kept.first_day || books < kept.first_day) ? books : kept.first_day;
    if (next)
        trouble_due(t, STEP_PURGE, next, at);
    else
        membership_due_at(&t->m, STEP_NONE, 0);
    return OK;
}

static enum status forget(struct ctx *cx, const struct account *a, int64_t at)
{
    TRY(erase_account(cx, a, at));
    TRY(erase_payment(cx, a->account_id, at));
    TRY(erase_history(cx, a->account_id));
    return vault_destroy(cx, a->account_id, at);
}

enum status erase_now(struct ctx *cx, struct trouble *t, int64_t at)
{
    int64_t const id = t->m.account_id;
    const char *reason = t->account.delete_on_day ? "account.delete" : "";
    struct erase_waits_row waits;

    TRY(erase_waits(cx, &waits, &DB_NO_ROW, .account_id = id));
    if (waits.n) return membership_due_at(&t->m, STEP_ERASE, at + DAY_MS), OK;
    TRY(membership_move(cx, &t->m, MEV_RETENTION_OVER, at, reason, NULL));
    TRY(forget(cx, &t->account, at));
    t->m.method_id = 0;
    TRY(plan_rest(cx, t, at));
    return tell(cx, "account.erased", t, 0, at);
}

enum status erase_again(struct ctx *cx, int64_t account_id, int64_t at)
{
    struct trouble t;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, account_id, &t));
    if (!t.m.end_day) t.m.end_day = zone_day(t.zone, at);
    t.m.state = M_CANCELED;
    TRY(membership_move(cx, &t.m, MEV_RETENTION_OVER, at, "restore", NULL));
    TRY(forget(cx, &t.account, at));
    t.m.method_id = 0;
    TRY(plan_rest(cx, &t, at));
    TRY(membership_store(cx, &t.m));
    return tx_commit(&tx);
}

enum status erase_messages(struct ctx *cx, int64_t first_at, int64_t last_at)
{
    return erase_outbox(cx, NULL, .first_at = first_at, .last_at = last_at);
}

enum status erase_rest(struct ctx *cx, struct trouble *t, int64_t at)
{
    return plan_rest(cx, t, at);
}

/* ---- early deletion ---- */

static const char *date(struct ctx *cx, int64_t day)
{
    return day ? day_text(day, arena_alloc(cx->arena, DAY_TEXT)) : "";
}

static void show(struct ctx *cx, const struct trouble *t, struct deletion_view *out)
{
    *out = (struct deletion_view){
        .member = id_text("mem", t->m.account_id, arena_alloc(cx->arena, ID_TEXT)),
        .state = t->m.state,
        .erase_on = date(cx, t->account.delete_on_day),
        .kept_until = date(cx, t->m.retention_until_day)};
}

static enum status decide(struct ctx *cx, struct trouble *t, int64_t day,
                          enum membership_event_kind event, const char *topic)
{
    t->account.delete_on_day = day;
    TRY(account_set_deletion(cx, NULL, .delete_on_day = day, .account_id = t->m.account_id));
    TRY(membership_note(cx, &t->m, event, cx->now, ""));
    if (t->m.state == M_CANCELED) erase_plan(t, cx->now);
    TRY(membership_store(cx, &t->m));
    return tell(cx, topic, t, day, cx->now);
}

/* Never later than it would happen anyway. */
static int64_t day_of_deletion(const struct ctx *cx, const struct trouble *t)
{
    int64_t const day = zone_day(t->zone, cx->now) + cx->settings->delete_wait_days;

    if (t->m.state == M_ENDING) return t->m.end_day;
    return day < t->m.retention_until_day ? day : t->m.retention_until_day;
}

enum status account_delete(struct ctx *cx, const struct account_delete *in,
                           struct deletion_view *out)
{
    TX tx = {0};
    struct trouble t;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    TRY(account_refuse_locked(cx, &t.account));
    if (t.m.state != M_ENDING && t.m.state != M_CANCELED)
        return fail(cx->err, &ACCOUNT_NOT_ENDED, NULL);
    if (!t.account.delete_on_day)
        TRY(decide(cx, &t, day_of_deletion(cx, &t), MEV_DELETE, "account.delete_decided"));
    show(cx, &t, out);
    return tx_commit(&tx);
}

enum status account_undo_delete(struct ctx *cx, const struct account_delete *in,
                                struct deletion_view *out)
{
    TX tx = {0};
    struct trouble t;

    TRY(tx_begin(&tx, cx));
    TRY(trouble_load(cx, in->account_id, &t));
    if (!t.account.delete_on_day) return fail(cx->err, &ACCOUNT_NO_DELETION, NULL);
    TRY(decide(cx, &t, 0, MEV_UNDO_DELETE, "account.delete_undone"));
    show(cx, &t, out);
    return tx_commit(&tx);
}
