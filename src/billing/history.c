/* history: loads a member's charges and lays their parts beside them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "billing/history.h"

#include <assert.h>
#include <string.h>

#include "base/id.h"
#include "billing/credit.h"
#include "billing/side.h"

const char *method_text(const char *kind, const char *brand, const char *last4, struct arena *a)
{
    const char *const what = *brand ? brand : kind;

    if (!*what) return "none";
    return *last4 ? arena_printf(a, "%s %s", what, last4) : what;
}

const char *invoice_number_text(const char *seller, int64_t year, int64_t series, bool credit_note,
                                int64_t number, struct arena *a)
{
    return arena_printf(a, "%s-%lld-%lld-%s%06lld", seller, (long long)year, (long long)series,
                        credit_note ? "CN-" : "", (long long)number);
}

/* Everything of one account; what belongs to a charge stands together. */
struct parts {
    size_t n_lines, n_attempts, n_notes, n_refunds, n_disputes;
    struct refund *refunds;
    struct dispute *disputes;
    struct history_line *lines;
    struct history_attempt *attempts;
    struct history_credit_note *notes;
    struct credit_life credit;
};

/* Of which charges parts are loaded: from number to number, and some of others between them. */
struct span {
    int64_t account_id, least_id, most_id;
    const struct history_size_row *size;
};

static enum status load_lines(struct ctx *cx, const struct span *of, struct parts *p)
{
    return history_lines(cx, &p->lines, &p->n_lines, .account_id = of->account_id,
                         .least_id = of->least_id, .most_id = of->most_id,
                         .max = HISTORY_MAX * LINES_MAX);
}

static enum status load_credit(struct ctx *cx, const struct span *of,
                               const struct history_charge *charges, size_t n, struct parts *p)
{
    bool credit = false, notes = false;

    for (size_t i = 0; i < n; i++) {
        credit = credit || charges[i].credit_minor != 0;
        notes = notes || charges[i].credit_note_id != 0;
    }
    if (credit) TRY(credit_life_of(cx, of->account_id, &p->credit));
    if (!notes && !of->size->refunds && !of->size->disputes) return OK;
    return history_credit_notes(cx, &p->notes, &p->n_notes, .account_id = of->account_id,
                                .least_id = of->least_id, .most_id = of->most_id,
                                .max = HISTORY_MAX);
}

static enum status load_parts(struct ctx *cx, const struct span *of,
                              const struct history_charge *charges, size_t n, struct parts *p)
{
    TRY(load_lines(cx, of, p));
    TRY(load_credit(cx, of, charges, n, p));
    TRY(history_attempts(cx, &p->attempts, &p->n_attempts, .account_id = of->account_id,
                         .least_id = of->least_id, .most_id = of->most_id,
                         .max = HISTORY_MAX * 20));
    if (of->size->refunds)
        TRY(refunds_of(cx, &p->refunds, &p->n_refunds, .account_id = of->account_id,
                       .max = HISTORY_MAX));
    if (!of->size->disputes) return OK;
    return disputes_of(cx, &p->disputes, &p->n_disputes, .account_id = of->account_id,
                       .max = HISTORY_MAX);
}

static void take_lines(struct history_row *r, const struct parts *p, struct arena *a)
{
    size_t from = 0;

    while (from < p->n_lines && p->lines[from].invoice_id != r->charge->charge_id) from++;
    r->lines = p->lines + from;
    while (from + r->n_lines < p->n_lines &&
           r->lines[r->n_lines].invoice_id == r->charge->charge_id)
        r->n_lines++;
    struct line_facts *facts = arena_array(a, struct line_facts, r->n_lines + 1);
    for (size_t i = 0; i < r->n_lines; i++) {
        const struct history_line *l = &r->lines[i];

        facts[i] = (struct line_facts){(enum line_kind)l->line_kind,
                                       l->item,
                                       l->unit_minor,
                                       l->rate_ppm,
                                       l->effective_day,
                                       l->amount_minor};
    }
    r->facts.lines = facts;
    r->facts.n_lines = r->n_lines;
}

static void take_tries(struct history_row *r, const struct parts *p, const struct zone *z,
                       struct arena *a)
{
    struct try_round round = {0};
    size_t from = 0, n = 0;

    while (from < p->n_attempts && p->attempts[from].charge_id != r->charge->charge_id) from++;
    while (from + n < p->n_attempts && p->attempts[from + n].charge_id == r->charge->charge_id) n++;
    struct history_try *tries = arena_array(a, struct history_try, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct history_attempt *t = &p->attempts[from + i];

        tries[i] =
            (struct history_try){t, method_text(t->pays_by, t->brand, t->last4, a),
                                 try_round_next(&round, t->method_id, zone_day(z, t->sent_at))};
        if (strcmp(t->outcome, "declined") == 0) r->facts.refusals++;
    }
    r->facts.begun_day = n ? zone_day(z, tries[0].attempt->sent_at) : r->initiated_day;
    r->tries = tries;
    r->n_tries = n;
}

static void take_credit(struct history_row *r, const struct parts *p, struct arena *a)
{
    const struct credit_story *s = &p->credit.story;

    if (r->charge->credit_minor == 0) return;
    struct credit_part *taken = arena_array(a, struct credit_part, s->n_lots + 1);
    r->n_parts = credit_parts_of(s, p->credit.steps, r->charge->charge_id, taken);
    struct history_part *list = arena_array(a, struct history_part, r->n_parts + 1);
    for (size_t i = 0; i < r->n_parts; i++)
        list[i] =
            (struct history_part){credit_kinds.at[p->credit.steps[s->lots[taken[i].lot].step].kind],
                                  credit_card_of(&p->credit, taken[i].lot, a), taken[i].minor};
    r->parts = list;
}

static void take_notes(struct history_row *r, const struct parts *p, struct arena *a)
{
    struct history_note *list = arena_array(a, struct history_note, p->n_notes + 1);
    char id[ID_TEXT];

    r->credit_note = "";
    for (size_t i = 0; i < p->n_notes; i++) {
        const struct history_credit_note *n = &p->notes[i];

        if (n->credits_id != r->charge->charge_id) continue;
        list[r->n_notes] = (struct history_note){
            n, arena_strdup(a, id_text("inv", n->invoice_id, id)),
            invoice_number_text(n->seller, n->series_year, n->series, true, n->number, a)};
        if (n->invoice_id == r->charge->credit_note_id) r->credit_note = list[r->n_notes].number;
        r->n_notes++;
    }
    r->notes = list;
}

static void take_dates(struct ctx *cx, struct history_row *r, const struct zone *z)
{
    r->initiated_day = zone_day(z, r->charge->wanted_at);
    if (r->charge->captured_at == 0) return;
    r->captured_day = zone_day(z, r->charge->captured_at);
    r->expected_day = r->captured_day + cx->settings->statement_days;
}

static void take_back(struct history_row *r, const struct parts *p, struct arena *a)
{
    const struct refund **list = arena_array(a, const struct refund *, p->n_refunds + 1);

    for (size_t i = 0; i < p->n_refunds; i++) {
        if (p->refunds[i].charge_id != r->charge->charge_id) continue;
        list[r->n_refunds++] = &p->refunds[i];
        r->refunded_minor += p->refunds[i].amount_minor;
    }
    r->refunds = list;
    for (size_t i = 0; i < p->n_disputes; i++)
        if (p->disputes[i].charge_id == r->charge->charge_id) r->dispute = &p->disputes[i];
}

/* It was paid when nobody waited for it any more, and goes back: nothing has come of it. */
static bool came_late(const struct history_row *r)
{
    for (size_t i = 0; i < r->n_refunds; i++)
        if (r->refunds[i]->circumstance == REFUND_LATE_CAPTURE) return true;
    return false;
}

/* Of what is not paid the credit waits, to be taken with the next attempt, but for what an attempt
 * that failed has taken already. */
static bool has_credit_taken(const struct history_charge *c)
{
    return c->charge_state == CHARGE_CAPTURED || c->charge_state == CHARGE_WANTED ||
           c->charge_state == CHARGE_UNKNOWN ||
           (c->charge_state == CHARGE_FAILED && c->credit_minor > 0);
}

static void fill(struct ctx *cx, struct history_row *r, const struct history_charge *c,
                 const struct parts *p, const struct zone *z)
{
    struct arena *a = cx->arena;
    char id[ID_TEXT];

    *r = (struct history_row){.charge = c};
    r->reference = arena_strdup(a, id_text("chg", c->charge_id, id));
    r->invoice_number =
        c->invoiced ? invoice_number_text(c->seller, c->series_year, c->series, false, c->number, a)
                    : "";
    r->method = method_text(c->pays_by, c->brand, c->last4, a);
    take_dates(cx, r, z);
    r->facts = (struct charge_facts){
        .biller = "direct", /* what a partner collects is no charge of ours (SPEC B-07) */
        .plan = c->plan,
        .country = c->country,
        .region = c->region,
        .currency = c->currency,
        .kind = (enum charge_kind)c->kind,
        .subject = c->subject,
        .recovered = strcmp(c->term_cause, "recovered") == 0 || c->cause == CAUSE_HOLD_UNPAID,
        .resumed = c->cause == CAUSE_RESUMED || strcmp(c->term_cause, "resumed") == 0,
        .shifted = strcmp(c->term_cause, TERM_ANCHOR_SHIFT) == 0,
        .moved = strcmp(c->term_cause, TERM_DAY_MOVED) == 0,
        .gap_start_day = c->cause == CAUSE_DAY_MOVED ? c->period_start_day : 0,
        .gap_end_day = c->cause == CAUSE_DAY_MOVED ? c->period_end_day : 0,
        .term = c->term,
        .k = c->k,
        .anchor_day = c->anchor_day,
        .due_day = c->due_on_day,
        .captured_day = r->captured_day,
        .expected_day = r->expected_day,
        .total_minor = c->total_minor,
        .credit_minor = has_credit_taken(c) ? c->credit_minor : CREDIT_OPEN,
    };
    take_lines(r, p, a);
    take_tries(r, p, z, a);
    take_credit(r, p, a);
    take_back(r, p, a);
    take_notes(r, p, a);
    r->facts.in_vain = !c->invoiced || came_late(r);
    r->facts.credits = (int64_t)r->n_parts;
    if (!*c->pays_by && r->n_tries) r->method = r->tries[r->n_tries - 1].method;
    if (r->n_parts && c->credit_minor == c->total_minor) r->method = "credit";
}

const struct history_row *history_before(const struct history *h, size_t row)
{
    bool const renewal = h->rows[row].charge->kind == CHARGE_RENEWAL;

    for (size_t i = row; i-- > 0;) {
        const struct history_charge *c = h->rows[i].charge;

        if (c->invoiced && (!renewal || c->kind == CHARGE_RENEWAL)) return &h->rows[i];
    }
    return NULL;
}

enum status method_now(struct ctx *cx, int64_t account_id, const char **out)
{
    struct history_method_row *row;
    size_t n;

    TRY(history_method(cx, &row, &n, .account_id = account_id, .max = 1));
    *out = n ? method_text(row->pays_by, row->brand, row->last4, cx->arena) : "none";
    return OK;
}

/* Where a charge stands among a member's. */
struct place {
    int64_t day, wanted_at, charge_id;
};

static struct place place_of_charge(const void *at)
{
    const struct history_charge *c = at;

    return (struct place){c->due_on_day, c->wanted_at, c->charge_id};
}

static struct place place_of_key(const void *at)
{
    const struct history_key *k = at;

    return (struct place){k->due_on_day, k->wanted_at, k->charge_id};
}

static bool is_before(struct place a, struct place b)
{
    if (a.day != b.day) return a.day < b.day;
    if (a.wanted_at != b.wanted_at) return a.wanted_at < b.wanted_at;
    return a.charge_id < b.charge_id;
}

/* The database gives them by term; a shifted day can let terms overlap. Of one day the one that was
 * asked for first comes first: a charge tells what changed since the one before. */
static void sort_by_day(void *list, size_t n, size_t size, struct place (*place)(const void *))
{
    char *const at = list, one[sizeof(struct history_charge)];

    assert(size <= sizeof one);
    for (size_t i = 1; i < n; i++) {
        struct place const is = place(at + i * size);
        size_t to = i;

        while (to && is_before(is, place(at + (to - 1) * size))) to--;
        if (to == i) continue;
        memcpy(one, at + i * size, size);
        memmove(at + (to + 1) * size, at + to * size, (i - to) * size);
        memcpy(at + to * size, one, size);
    }
}

enum status history_begin(struct ctx *cx, int64_t account_id, struct history *out)
{
    *out = (struct history){0};
    TRY(account_get(cx, account_id, &out->account));
    TRY(membership_get(cx, account_id, &out->membership));
    return zone_find(out->account.zone, &out->zone, cx->err);
}

struct rate_in history_asked_with(const struct history *h, const struct history_charge *c)
{
    const struct membership *m = &h->membership;

    return (struct rate_in){
        .plan = c->plan,
        .country = c->country,
        .region = c->region,
        .anchor_day = c->anchor_day,
        .k = c->k,
        .slots = c->quoted ? c->slots : m->slots,
        .prices =
            c->quoted
                ? (struct price_terms){c->price_known_day, c->price_new_day, c->price_from_day}
                : (struct price_terms){m->price_known_day, m->price_new_day, m->price_from_day}
    };
}

/* As if all of it were a list price: the amount is the same where taxes are inside it. */
static const struct fault *rate_whole(const struct catalog *catalog, const struct history_charge *c,
                                      struct rated *out)
{
    struct part const whole = {
        .plan = c->plan,
        .country = c->country,
        .region = c->region,
        .start_day = c->due_on_day,
        .end_day = c->due_on_day,
        .n = 1,
        .lines = {{.kind = LINE_PLAN, .item = c->plan, .amount_minor = c->total_minor}}};

    return rate_part(catalog, &whole, out);
}

/* As what it was wanted for, where taxes come on top. */
static enum status rate_anew(struct ctx *cx, const struct history *h, const struct catalog *catalog,
                             const struct history_charge *c, struct rated *out)
{
    struct side_ask const ask = {h->account.account_id, (enum charge_kind)c->kind, c->subject,
                                 c->country, c->region};
    struct rate_in const in = history_asked_with(h, c);
    struct side_rated side;

    if (c->kind == CHARGE_RENEWAL) return rate_period(catalog, &in, out) ? E_CONFLICT : OK;
    TRY(side_rate(cx, catalog, &ask, &side));
    *out = side.rated;
    return OK;
}

/* How much of an amount that no invoice states is tax: as its catalog says, where it still does. */
static enum status take_tax(struct ctx *cx, const struct history *h, struct history_charge *c)
{
    const struct catalog *catalog;
    struct rated r = {0};

    enum status s = catalog_load(cx, c->catalog_version, &catalog);
    if (s == OK && (rate_whole(catalog, c, &r) || r.total_minor != c->total_minor))
        s = rate_anew(cx, h, catalog, c, &r);
    if (s == E_NOT_FOUND || s == E_CONFLICT) return OK;
    TRY(s);
    if (r.total_minor != c->total_minor) return OK;
    c->net_minor = r.net_minor;
    c->tax_minor = r.tax_minor;
    return OK;
}

/* What neither an invoice nor a quote says is the member's. */
static enum status load_charges(struct ctx *cx, const struct history *h, const struct span *of,
                                struct history_charge **out, size_t *n)
{
    TRY(history_charges(cx, out, n, .account_id = of->account_id, .least_id = of->least_id,
                        .most_id = of->most_id, .max = HISTORY_MAX));
    for (size_t i = 0; i < *n; i++) {
        struct history_charge *c = &(*out)[i];

        if (c->invoiced) continue;
        if (!*c->plan) c->plan = h->membership.plan;
        if (!*c->country) {
            c->country = h->account.country;
            c->region = h->account.region;
        }
        TRY(take_tax(cx, h, c));
    }
    sort_by_day(*out, *n, sizeof **out, place_of_charge);
    return OK;
}

/* What the membership is made of from this charge on, and what of it is new. */
static void follow(struct history *h, size_t row, struct arena *a)
{
    struct history_row *r = &h->rows[row];
    const struct history_row *was = history_before(h, row);

    if (!r->charge->invoiced) return;
    bool const nothing_came = r->charge->kind != CHARGE_RENEWAL && r->facts.in_vain;
    r->facts.basket = was && nothing_came
                          ? was->facts.basket /* pages begin with what renewals say */
                          : charge_basket(was ? &was->facts : NULL, &r->facts, a);
    if (was)
        r->n_changes = charge_changes(&was->facts, &r->facts, was->method, r->method, a, r->changes,
                                      CHANGES_MAX);
}

static void lay_out(struct ctx *cx, struct history *h, const struct history_charge *charges,
                    const struct parts *p)
{
    h->rows = arena_array(cx->arena, struct history_row, h->n + 1);
    for (size_t i = 0; i < h->n; i++) {
        fill(cx, &h->rows[i], &charges[i], p, h->zone);
        follow(h, i, cx->arena);
    }
}

static enum status load_all(struct ctx *cx, const struct history_size_row *size, struct history *h)
{
    struct span const all = {h->account.account_id, 0, INT64_MAX, size};
    struct history_charge *charges;
    struct parts parts = {0};

    TRY(load_charges(cx, h, &all, &charges, &h->n));
    TRY(load_parts(cx, &all, charges, h->n, &parts));
    lay_out(cx, h, charges, &parts);
    return OK;
}

static enum status size_of(struct ctx *cx, int64_t account_id, size_t max,
                           struct history_size_row *out)
{
    return history_size(cx, out, &DB_NO_ROW, .account_id = account_id, .max = (int64_t)max);
}

enum status history_load(struct ctx *cx, int64_t account_id, struct history *out)
{
    struct history_size_row size;
    struct history h;

    TRY(history_begin(cx, account_id, &h));
    TRY(size_of(cx, account_id, 1, &size));
    TRY(load_all(cx, &size, &h));
    *out = h;
    return OK;
}

/* ---- a part of it ---- */

/* All charges in the order of history_load. */
static enum status load_keys(struct ctx *cx, int64_t account_id, struct history_key **keys,
                             size_t *n)
{
    TRY(history_keys(cx, keys, n, .account_id = account_id, .max = HISTORY_MAX));
    sort_by_day(*keys, *n, sizeof **keys, place_of_key);
    return OK;
}

static struct span span_of(int64_t account_id, const struct history_key *keys, size_t n)
{
    struct span s = {account_id, INT64_MAX, 0, NULL};

    for (size_t i = 0; i < n; i++) {
        if (keys[i].charge_id < s.least_id) s.least_id = keys[i].charge_id;
        if (keys[i].charge_id > s.most_id) s.most_id = keys[i].charge_id;
    }
    return s;
}

/* How many are older than the charge; SIZE_MAX: it is none of them. */
static size_t older_than(const struct history_key *keys, size_t n, int64_t charge_id)
{
    if (!charge_id) return n;
    for (size_t i = 0; i < n; i++)
        if (keys[i].charge_id == charge_id) return i;
    return SIZE_MAX;
}

/* From where on all is loaded that the charges from `first` on are compared with. */
static size_t compared_from(const struct history_key *keys, size_t first)
{
    for (size_t i = first; i-- > 0;)
        if (keys[i].invoiced && keys[i].kind == CHARGE_RENEWAL) return i;
    return 0;
}

/* The charges of n keys that follow one another, with all their parts; `size` NULL: with lines. */
static enum status load_some(struct ctx *cx, struct history *h, const struct history_key *keys,
                             size_t n, const struct history_size_row *size)
{
    struct span of = span_of(h->account.account_id, keys, n);
    struct history_charge *charges;
    struct parts parts = {0};
    size_t loaded, from = 0;

    if (n == 0) return OK;
    of.size = size;
    TRY(load_charges(cx, h, &of, &charges, &loaded));
    while (from < loaded && charges[from].charge_id != keys[0].charge_id) from++;
    h->n = loaded - from < n ? loaded - from : n;
    TRY(size ? load_parts(cx, &of, charges + from, h->n, &parts) : load_lines(cx, &of, &parts));
    lay_out(cx, h, charges + from, &parts);
    return OK;
}

enum status history_load_page(struct ctx *cx, int64_t account_id, int64_t before, size_t max,
                              struct history_page *out)
{
    struct history_size_row size;
    struct history_key *keys;
    size_t n;

    *out = (struct history_page){0};
    TRY(history_begin(cx, account_id, &out->history));
    TRY(size_of(cx, account_id, max + 1, &size));
    out->partner_periods = size.partner_periods != 0;
    out->found = !before && size.charges <= (int64_t)max;
    if (out->found) return load_all(cx, &size, &out->history);
    TRY(load_keys(cx, account_id, &keys, &n));
    size_t const older = older_than(keys, n, before);
    out->found = older != SIZE_MAX;
    if (!out->found) return OK;
    size_t const first = older < max ? 0 : older - max, from = compared_from(keys, first);
    TRY(load_some(cx, &out->history, keys + from, older - from, &size));
    out->first = first - from < out->history.n ? first - from : out->history.n;
    out->more = first > 0 && out->first < out->history.n;
    return OK;
}

enum status history_load_last(struct ctx *cx, int64_t term, int64_t k, struct history *h)
{
    struct history_key *keys;
    size_t n;

    TRY(load_keys(cx, h->account.account_id, &keys, &n));
    while (n-- > 0)
        if (keys[n].invoiced && keys[n].kind == CHARGE_RENEWAL &&
            (keys[n].term < term || (keys[n].term == term && keys[n].k < k)))
            return load_some(cx, h, keys + n, 1, NULL);
    return OK;
}
