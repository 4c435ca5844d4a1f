/* cancel_form: takes forms, finds whose they are, and cancels.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/cancel_form.h"

#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "base/locale.h"
#include "base/message.h"
#include "billing/pending.h"
#include "billing/promise.h"
#include "cancel_form_sql.h"
#include "db/outbox.h"
#include "policy/throttle.h"

const struct names form_grounds = NAMES("ordinary", "for_cause");
const struct names form_outcomes =
    NAMES("received", "canceled", "ended", "partner", "sign_in", "person");

const struct fault FORM_TRIES = {
    E_LIMIT, "billing.form_tries",
    "Too many cancellations came from here today; try again tomorrow, or write to us."};

#define WORK_FORM "membership.cancel_form"

enum { SAME_EMAIL_MAX = 20, CHARGES_MAX = 20, FORGET_DAYS = 400 };

/* ---- taking ---- */

static bool names_equal(const char *a, const char *b)
{
    for (;;) {
        while (*a == ' ') a++;
        while (*b == ' ') b++;
        if (!*a || !*b) return *a == *b;
        char const one[2] = {*a++, 0}, other[2] = {*b++, 0};
        if (!text_equal_nocase(one, other)) return false;
    }
}

/* The member's reference, where it is given, decides among accounts of one address and name. */
static bool is_meant(const struct cancel_form_in *in, const struct account *a)
{
    int64_t id = 0;

    if (!names_equal(in->name, a->name)) return false;
    if (!in->member || strcmp(in->member, a->external_id) == 0) return true;
    return id_parse("mem", in->member, &id) && id == a->account_id;
}

/* 0 also when several could be meant: a person looks at it. */
static enum status find(struct ctx *cx, const struct cancel_form_in *in, int64_t *account_id)
{
    struct account *rows;
    size_t n, found = 0;

    *account_id = 0;
    TRY(accounts_by_email(cx, &rows, &n, .email = in->email, .max = SAME_EMAIL_MAX));
    for (size_t i = 0; i < n; i++)
        if (is_meant(in, &rows[i]) && ++found) *account_id = rows[i].account_id;
    if (found != 1) *account_id = 0;
    return OK;
}

static enum status count_try(struct ctx *cx)
{
    struct throttle const tries = {"cancel_form", "network", text_or_empty(cx->actor.network),
                                   cx->settings->form_tries_network};
    bool over;

    TRY(throttle_over(cx, &tries, 1, &over));
    if (over) return fail(cx->err, &FORM_TRIES, NULL);
    return throttle_count(cx, &tries, 1);
}

static enum status store(struct ctx *cx, const struct cancel_form_in *in, int64_t form_id,
                         int64_t account_id)
{
    TRY(form_add(cx, NULL, .form_id = form_id, .account_id = account_id, .received_at = cx->now,
                 .email = in->email, .name = in->name, .member_text = text_or_empty(in->member),
                 .form_ground = in->ground, .ground_text = text_or_empty(in->because),
                 .device = text_or_empty(cx->actor.device),
                 .network = text_or_empty(cx->actor.network)));
    TRY(form_forget(cx, NULL, .form_id = db_id_floor(cx->now - FORGET_DAYS * DAY_MS)));
    return errand_plan(cx, account_id, ERRAND_CANCEL_FORM, form_id, cx->now);
}

enum status cancel_form_take(struct ctx *cx, const struct cancel_form_in *in,
                             struct cancel_receipt *out)
{
    int64_t form_id, account_id;
    const char *locale = in->locale ? in->locale : "en";
    const struct zone *utc; /* whose zone it would be must not show */
    TX tx = {0};

    TRY(zone_find("UTC", &utc, cx->err));
    TRY(tx_begin(&tx, cx));
    TRY(count_try(cx));
    TRY(find(cx, in, &account_id));
    TRY(db_id(cx, &form_id));
    TRY(store(cx, in, form_id, account_id));
    *out = (struct cancel_receipt){
        .reference = id_text("cfm", form_id, arena_alloc(cx->arena, ID_TEXT)),
        .received_at = instant_text(cx->now, arena_alloc(cx->arena, INSTANT_TEXT)),
        .text = MESSAGE(cx->arena, locale, "form.received",
                        locale_instant(cx->arena, locale, utc, cx->now))};
    return tx_commit(&tx);
}

/* ---- what it comes to ---- */

/* A form on its way through. */
struct form {
    struct ctx cx; /* acts as the visitor who filled it in, when it was received */
    const struct catalog *catalog;
    const struct cancel_form *row;
    enum form_outcome outcome;
    struct trouble t;
};

static enum status open_work(struct form *f)
{
    char reference[ID_TEXT], received[INSTANT_TEXT];
    struct work_open const w = {
        .account_id = f->row->account_id,
        .kind = WORK_FORM,
        .subject = f->row->form_id,
        .priority = WORK_HIGH,
        .evidence =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "form",
                      id_text("cfm", f->row->form_id, reference), "received_at",
                      instant_text(f->row->received_at, received), "email", f->row->email, "name",
                      f->row->name, "member", f->row->member_text, "ground",
                      form_grounds.at[f->row->form_ground], "because", f->row->ground_text)};

    f->outcome = FORM_PERSON;
    return work_open(&f->cx, &w, NULL);
}

/* The confirmation on a durable medium: what was declared, when it came in, when it takes effect
 * and how to go on (docs/decisions/0016). */
static enum status confirm(struct form *f)
{
    const struct membership *m = &f->t.m;
    char reference[ID_TEXT], received[INSTANT_TEXT], end[DAY_TEXT], keep[PROOF_CODE] = "";
    struct route const route =
        biller_route(f->catalog, f->row->account_id ? m->biller : "direct", ROUTE_CANCEL);
    bool const partner = f->outcome == FORM_PARTNER;
    bool const ends = f->outcome == FORM_CANCELED || f->outcome == FORM_ENDED;

    if (ends && m->state == M_ENDING)
        TRY(proof_make(&f->cx, m->account_id, PROOF_KEEP, zone_day_start(f->t.zone, m->end_day),
                       keep));
    return outbox_put(
        &f->cx, "membership.cancel_form_received", f->row->account_id, f->cx.now,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "form",
                  id_text("cfm", f->row->form_id, reference), "received_at",
                  instant_text(f->row->received_at, received), "outcome",
                  form_outcomes.at[f->outcome], "ground", form_grounds.at[f->row->form_ground],
                  "because", f->row->ground_text, "name", f->row->name, "to",
                  f->row->account_id ? "all_contacts" : f->row->email, "last_day",
                  ends && m->end_day ? day_text(m->end_day - 1, end) : "", "keep_code", keep,
                  "route", partner ? route.text : "", "link", partner ? route.link : ""));
}

/* What was charged after the form came in goes back. */
static enum status give_back(struct form *f, const struct form_charge *charges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct refund_order const o = {
            .account_id = f->row->account_id,
            .charge_id = charges[i].charge_id,
            .to = REFUND_TO_METHOD,
            .circumstance = REFUND_AFTER_CANCEL,
            .rule = "after_cancel",
            .key = arena_printf(f->cx.arena, "cancel_form/%lld", (long long)charges[i].charge_id),
            .at = f->cx.now};
        struct given sum = {0};

        if (charges[i].charge_state == CHARGE_CAPTURED) TRY(promise_refund(&f->cx, &o, &sum));
    }
    return OK;
}

/* *waits: a payment has no answer yet, which decides how it ends. */
static enum status cancel(struct form *f, bool *waits)
{
    struct form_charge *charges;
    struct charge flying;
    size_t n;

    if (f->t.exists) TRY(trouble_in_flight(&f->cx, &f->t, waits, &flying));
    TRY(form_charges_since(&f->cx, &charges, &n, .account_id = f->row->account_id,
                           .received_at = f->row->received_at, .max = CHARGES_MAX));
    for (size_t i = 0; i < n; i++)
        *waits = *waits || charges[i].charge_state == CHARGE_WANTED ||
                 charges[i].charge_state == CHARGE_UNKNOWN;
    if (*waits) return OK;
    f->outcome = FORM_CANCELED;
    TRY(billing_cancel(&f->cx, f->catalog, f->row->account_id, &f->t.m));
    return give_back(f, charges, n);
}

static bool may_end(int64_t state)
{
    return state == M_ACTIVE || state == M_GRACE || state == M_HOLD || state == M_PAUSED;
}

static enum status decide(struct form *f, bool *waits)
{
    const struct country *country = catalog_country(f->catalog, f->t.account.country);
    int64_t const state = f->t.m.state;

    if (f->t.account.erased_at || f->t.account.locked_at) return open_work(f);
    f->outcome = FORM_SIGN_IN;
    if (!country || !country->settings.cancel_form) return OK;
    f->outcome = FORM_ENDED;
    if (state == M_ENDING || state == M_CANCELED) return OK;
    f->outcome = FORM_PARTNER;
    if (is_partner_billed(&f->t.m)) return biller_ask_cancel(&f->cx, &f->t.m);
    return may_end(state) ? cancel(f, waits) : open_work(f);
}

/* An event is never older than the one before it. */
static enum status begin(struct ctx *cx, const struct catalog *c, const struct cancel_form *row,
                         struct form *f)
{
    struct form_newest_event_row newest;

    *f = (struct form){.cx = *cx, .catalog = c, .row = row};
    TRY(form_newest_event(cx, &newest, &DB_NO_ROW, .account_id = row->account_id));
    f->cx.now = newest.newest_at > row->received_at ? newest.newest_at : row->received_at;
    f->cx.actor = (struct actor){.role = ROLE_VISITOR,
                                 .surface = SURFACE_WEB,
                                 .device = row->device,
                                 .network = row->network};
    if (!row->account_id) return OK;
    TRY(trouble_load(&f->cx, row->account_id, &f->t));
    return trouble_in_country(&f->t, c), OK;
}

enum status cancel_form_do(struct ctx *cx, const struct catalog *c, const struct errand *e,
                           int64_t at)
{
    struct cancel_form *row;
    bool waits = false;
    struct form f;
    size_t n;

    TRY(form_by_id(cx, &row, &n, .form_id = e->subject, .max = 1));
    if (n == 0 || row->account_id != e->account_id || row->form_outcome != FORM_RECEIVED) return OK;
    TRY(begin(cx, c, row, &f));
    TRY(row->account_id ? decide(&f, &waits) : open_work(&f));
    if (waits)
        return errand_plan(cx, e->account_id, ERRAND_CANCEL_FORM, e->subject,
                           at + cx->settings->look_up_minutes * 60000);
    TRY(confirm(&f));
    return form_end(cx, NULL, .form_outcome = f.outcome, .form_id = row->form_id,
                    .account_id = row->account_id);
}

/* ---- staying after all ---- */

enum status cancel_form_keep(struct ctx *cx, const struct catalog *c, const struct cancel_keep *in,
                             struct cancel_undone *out)
{
    struct cancel_ask ask = {0};
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(proof_find(cx, in->code, PROOF_KEEP, &ask.account_id));
    TRY(proof_drop(cx, ask.account_id, PROOF_KEEP));
    TRY(cancel_undo(cx, c, &ask, out));
    return tx_commit(&tx);
}
