/* parts_test: a part of a member's history is what it is in the whole, however it is cut; any test
 * asks it of the members it has made. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/charge_list.h"
#include "db/db_test.h"
#include "report_sql.h"

/* Asks the whole history, as slowly and as plainly as can be. */
static inline const struct history_row *parts_last(const struct history *h, int64_t term, int64_t k)
{
    for (size_t i = h->n; i-- > 0;) {
        const struct history_charge *c = h->rows[i].charge;

        if (c->invoiced && c->kind == CHARGE_RENEWAL &&
            (c->term < term || (c->term == term && c->k < k)))
            return &h->rows[i];
    }
    return NULL;
}

static inline json_t *parts_view(struct ctx *cx, const struct history_row *r)
{
    struct charge_view v;

    charge_view(cx, "en", r, &v);
    return shape_write(&charge_view_shape, &v);
}

static inline void parts_alike(struct ctx *cx, const struct history_row *a,
                               const struct history_row *b)
{
    CLEANUP(json_decrefp) json_t *x = parts_view(cx, a), *y = parts_view(cx, b);

    if (!json_equal(x, y))
        FAIL("%s is not %s", json_dumps(x, JSON_COMPACT), json_dumps(y, JSON_COMPACT));
}

/* What the next charge is compared with, but for the attempts and what became of it. */
static inline void parts_check_last(struct ctx *cx, const struct history *whole, int64_t term,
                                    int64_t k)
{
    const struct history_row *want = parts_last(whole, term, k), *is;
    struct history h;

    CHECK(history_begin(cx, whole->account.account_id, &h) == OK);
    CHECK(history_load_last(cx, term, k, &h) == OK && h.n == (want != NULL));
    if (!want) return;
    is = h.rows;
    CHECK(strcmp(is->reference, want->reference) == 0);
    CHECK(is->charge->total_minor == want->charge->total_minor);
    CHECK(strcmp(is->charge->currency, want->charge->currency) == 0);
    CHECK(is->facts.n_lines == want->facts.n_lines);
    for (size_t i = 0; i < is->facts.n_lines; i++) {
        const struct line_facts *a = &is->facts.lines[i], *b = &want->facts.lines[i];

        CHECK(a->kind == b->kind && strcmp(a->item, b->item) == 0);
        CHECK(a->unit_minor == b->unit_minor && a->rate_ppm == b->rate_ppm);
        CHECK(a->effective_day == b->effective_day && a->amount_minor == b->amount_minor);
    }
    const struct charge_facts *a = &is->facts, *b = &want->facts;
    struct causes of_part, of_whole; /* of any charge that comes after it */
    explain_charge(a, b, &of_part);
    explain_charge(b, b, &of_whole);
    CHECK(of_part.n == of_whole.n);
    for (size_t i = 0; i < of_part.n; i++) CHECK(of_part.at[i].cause == of_whole.at[i].cause);
}

/* Every page of `max` rows, from the newest to the oldest: how many there were. */
static inline size_t parts_check_pages(struct ctx *cx, const struct history *whole, size_t max)
{
    struct history_page page = {.more = true};
    int64_t before = 0;
    size_t left = whole->n, pages = 0;

    for (; page.more; pages++) {
        CHECK(history_load_page(cx, whole->account.account_id, before, max, &page) == OK);
        size_t const n = page.history.n - page.first;
        CHECK(page.found && n == (left < max ? left : max) && page.more == (left > n));
        for (size_t i = 0; i < n; i++)
            parts_alike(cx, &page.history.rows[page.first + i], &whole->rows[left - n + i]);
        left -= n;
        if (n) before = page.history.rows[page.first].charge->charge_id;
    }
    CHECK(left == 0);
    return pages;
}

/* Gives how many charges there are. */
static inline size_t parts_check(struct ctx *cx, int64_t account_id)
{
    struct history_page page;
    struct history h;
    int64_t last_term = 0, last_k = 0;

    CHECK(history_load(cx, account_id, &h) == OK);
    for (size_t i = 0; i < h.n; i++) {
        const struct history_charge *c = h.rows[i].charge;

        parts_check_last(cx, &h, c->term, c->k);
        if (c->term > last_term) last_term = c->term;
        if (c->k > last_k) last_k = c->k;
    }
    for (int64_t term = 0; term <= last_term + 1; term++) {
        parts_check_last(cx, &h, term, 0);
        parts_check_last(cx, &h, term, last_k + 1);
    }
    for (size_t max = 1; max <= 5; max++) parts_check_pages(cx, &h, max);
    CHECK(parts_check_pages(cx, &h, h.n + 1) == 1);
    CHECK(history_load_page(cx, account_id, account_id, 5, &page) == OK && !page.found);
    return h.n;
}

/* The same of everybody; gives how many charges they have. */
static inline size_t parts_check_all(struct ctx *cx)
{
    struct report_member *rows;
    size_t n, charges = 0;

    CHECK(report_members(cx, &rows, &n, .after = -1, .max = 10000) == OK);
    for (size_t i = 0; i < n; i++) charges += parts_check(cx, rows[i].account_id);
    return charges;
}
