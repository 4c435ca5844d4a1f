/* purse: gift cards of members, and the auditor's look at credit: it is the sum of what came and
 * went, is never below zero and pays before any method (SPEC J-01, J-03, J-11).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/purse.h"
#include "sim/workload.h"

enum { ROWS_MAX = 1 << 30 };

/* The operator sells a card; nothing breaks while it is printed. */
static char *buy(struct sim *s, const struct member *m, int64_t minor)
{
    const char *currency = places[m->place].currency;
    json_t *out,
        *in = json_pack("{s:I, s:s}", "amount_minor", (json_int_t)minor, "currency", currency);
    enum status const st = workload_call(s, NULL, "gift.issue", in, &out);
    const json_t *card = json_array_get(json_object_get(out, "cards"), 0);
    char *code = NULL;

    if (st == OK && card)
        code = arena_strdup(&s->seed_arena, json_string_value(json_object_get(card, "code")));
    else
        complain(s, m, "J-01: no gift card can be issued");
    json_decref(out);
    return code;
}

static enum status redeem(struct sim *s, struct member *m, const char *code)
{
    json_t *out;

    enum status const st =
        workload_call(s, m, "gift.redeem", json_pack("{s:s}", "code", code), &out);
    json_decref(out);
    return st;
}

/* Whatever is in flight was decided before. */
static bool in_flight(const struct member *m)
{
    for (const struct duty *d = m->duties; d; d = d->older)
        if (d->state == CHARGE_WANTED || d->state == CHARGE_UNKNOWN) return true;
    return false;
}

/* SPEC F-10: it ends when the credit is used up. */
static void reaches_further(struct sim *s, struct member *m)
{
    bool const carried = m->next.day < m->credit_until_day && !m->debt && !m->delete_day;
    int64_t const end_day = carried ? life_credit_end(s, m) : 0;

    if (end_day > m->end_day) m->end_day = m->credit_until_day = end_day;
}

void purse_redeem(struct sim *s, struct member *m)
{
    int64_t const price = owed_for(s, m, zone_day(m->zone, s->now)).total_minor;
    int64_t const most = chance_one_in(&s->chance, 2) ? price : 3 * price;
    int64_t const minor = 1 + chance_upto(&s->chance, most);
    const char *code = buy(s, m, minor);

    if (!code) return;
    bool const may = !m->locked_at && !m->partner;
    m->purse_vague = in_flight(m);
    if ((redeem(s, m, code) == OK) != may) {
        complain(s, m, "J-01: a good gift card is %s", may ? s->err.fault->code : "taken");
        return;
    }
    if (!may) {
        m->unused_minor += minor;
        return;
    }
    m->given_minor += minor;
    s->used_code = code;
    if (m->state == M_ENDING) reaches_further(s, m);
}

void purse_try_again(struct sim *s, struct member *m)
{
    if (s->used_code && redeem(s, m, s->used_code) == OK)
        complain(s, m, "J-01: a gift card was redeemed twice");
}

static bool read(struct sim *s, const struct member *m, struct seen_credit **rows, size_t *n)
{
    bool const was_on = s->harm.on;

    s->harm.on = false;
    enum status const st =
        seen_credits(&s->cx, rows, n, .account_id = m->account_id, .max = ROWS_MAX);
    s->harm.on = was_on;
    if (st != OK) complain(s, m, "credit cannot be read");
    return st == OK;
}

static int64_t change_of(const struct seen_credit *r)
{
    return strcmp(r->credit, "member_credit") == 0 ? r->amount_minor : -r->amount_minor;
}

void purse_audit(struct sim *s, const struct member *m)
{
    int64_t sum = 0, want = m->given_minor + m->returned_minor;
    struct seen_credit *rows;
    size_t n;

    if ((!m->given_minor && !m->returned_minor) || !read(s, m, &rows, &n)) return;
    for (size_t i = 0; i < n; i++) {
        sum += change_of(&rows[i]);
        if (sum < 0) complain(s, m, "J-11: credit is below zero");
    }
    for (const struct duty *d = m->duties; d; d = d->older)
        if (d->state != CHARGE_CREDITED) want -= d->credit_minor;
    if (sum != want)
        complain(s, m, "J-11: the credit is %lld, what came less what was paid is %lld",
                 (long long)sum, (long long)want);
}

void purse_check_method(struct sim *s, const struct member *m, const char *key, int64_t decided_at)
{
    int64_t sum = 0, came_at = 0;
    struct seen_credit *rows;
    size_t n;

    if (!m->given_minor || m->purse_vague || !read(s, m, &rows, &n)) return;
    for (size_t i = 0; i < n; i++) {
        int64_t const change = change_of(&rows[i]);

        sum += change;
        if (change > 0) came_at = rows[i].booked_at;
    }
    if (sum > 0 && decided_at > came_at)
        complain(s, m, "J-03: %s asks a method while %lld of credit are left", key, (long long)sum);
}

int64_t purse_left(struct sim *s, const struct member *m)
{
    struct seen_credit *rows;
    int64_t sum = 0;
    size_t n;

    if ((!m->given_minor && !m->returned_minor) || !read(s, m, &rows, &n)) return 0;
    for (size_t i = 0; i < n; i++) sum += change_of(&rows[i]);
    return sum;
}
