/* workload_method: members add payment methods, choose among them and take them away.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/id.h"
#include "sim/workload.h"

enum { ROWS_MAX = 1 << 30 };

bool workload_in_flight(const struct member *m)
{
    return due_in_doubt(m);
}

/* SPEC B-09, E-08: a method that comes while a payment is failed is tried at once. */
static void check_tried_now(struct sim *s, const struct member *m, const char *token)
{
    for (const struct sent *a = m->sent; a; a = a->next)
        if (a->first_at == s->now && same_card(a->token, token)) return;
    complain(s, m, "E-08: the method %s was not tried at once", token);
}

/* Nothing else decides whether or when a method is tried. */
static bool is_quiet(const struct member *m)
{
    return !workload_in_flight(m) && !m->locked_at && !m->given_minor && !m->returned_minor &&
           !m->partner;
}

static bool has_failed(const struct member *m)
{
    return m->state == M_GRACE || m->state == M_HOLD;
}

static struct seen_method *read_methods(struct sim *s, struct member *m, size_t *n)
{
    struct seen_method *rows;

    if (seen_methods(&s->cx, &rows, n, .account_id = m->account_id, .max = ROWS_MAX) == OK)
        return rows;
    complain(s, m, "methods cannot be read");
    *n = 0;
    return NULL;
}

/* A card that is stored with other details: its owner vouches for it from now on (SPEC E-11). */
static bool is_entered_anew(struct sim *s, struct member *m, const char *name)
{
    size_t n;
    const struct seen_method *rows = read_methods(s, m, &n);

    for (size_t i = 0; i < n; i++)
        if (same_card(rows[i].token, name)) return strcmp(rows[i].token, name) != 0;
    return false;
}

void method_add_one(struct sim *s, struct member *m)
{
    const char *name = population_token(s);
    bool const fresh = !member_has_token(m, name), bad = has_failed(m), quiet = is_quiet(m);
    json_t *out;

    int64_t const injuries = s->harm.injuries;
    struct token *t = member_token(s, m, name);

    if (!t) return; /* has enough of them */
    bool const was_gone = t->gone;
    int64_t const never_at = t->never_at;
    t->gone = false;
    if (is_entered_anew(s, m, name)) t->never_at = 0;
    enum status const st = workload_call(
        s, m, "method.add",
        json_pack("{s:s, s:b}", "token", name, "primary", (int)chance_upto(&s->chance, 2)), &out);
    if (st != OK) t->gone = fresh || was_gone;
    if (st != OK) t->never_at = never_at;
    if (st == OK && (fresh || was_gone)) m->added_at = t->added_at = s->now;
    if (st == OK && bad && fresh && quiet && s->harm.injuries == injuries)
        check_tried_now(s, m, name);
    json_decref(out);
}

/* Makes one of the methods the primary one, or a backup. */
void method_choose_one(struct sim *s, struct member *m)
{
    bool const primary = chance_one_in(&s->chance, 2);
    json_t *list = NULL, *out = NULL, *methods = NULL;
    const char *method = NULL;

    if (workload_call(s, m, "method.list", json_object(), &list) == OK)
        methods = json_object_get(list, "methods");
    if (json_array_size(methods)) {
        size_t const i = (size_t)chance_upto(&s->chance, (int64_t)json_array_size(methods));

        method = json_string_value(json_object_get(json_array_get(methods, i), "method"));
        (void)!workload_call(s, m, primary ? "method.set_primary" : "method.set_backup",
                             json_pack("{s:s}", "method", method), &out);
    }
    json_decref(list);
    json_decref(out);
}

static struct token *token_named(struct member *m, const char *name)
{
    for (size_t i = 0; i < m->n_tokens; i++)
        if (same_card(m->tokens[i].name, name)) return &m->tokens[i];
    return NULL;
}

void method_remove_one(struct sim *s, struct member *m)
{
    size_t n;
    const struct seen_method *rows = read_methods(s, m, &n);
    char id[ID_TEXT];
    json_t *out;

    if (n < 2 && !chance_one_in(&s->chance, 5)) return;
    if (n == 0) return;
    const struct seen_method *row = &rows[chance_upto(&s->chance, (int64_t)n)];
    struct token *t = token_named(m, row->token);
    enum status const st = workload_call(
        s, m, "method.remove",
        json_pack("{s:s, s:b}", "method", id_text("mth", row->method_id, id), "confirm", 1), &out);
    if (st == OK && t) t->gone = true;
    if (st == OK && t) t->never_at = 0; /* who adds it again may try again */
    json_decref(out);
}

/* --- new details --- */

/* What is said of a method: another token, a new date, a postal code, or only that it works. */
struct news {
    const char *token, *expires, *postal_code;
    int64_t expiry_month;
};

static struct news some_news(struct sim *s)
{
    struct civil const now = civil_of(s->now / DAY_MS);
    int64_t const year = now.year + chance_between(&s->chance, 1, 4);
    int64_t const month = chance_between(&s->chance, 1, 12);

    switch (chance_upto(&s->chance, 5)) {
    case 0: return (struct news){0};
    case 1: return (struct news){.postal_code = "10115"};
    case 2:
    case 3: return (struct news){.token = population_token(s)};
    default:
        return (struct news){.expires = arena_printf(&s->seed_arena, "%04lld-%02lld",
                                                     (long long)year, (long long)month),
                             .expiry_month = year * 12 + month - 1};
    }
}

static json_t *words_of(const struct news *w, int64_t method_id)
{
    char id[ID_TEXT];
    json_t *in = json_pack("{s:s}", "method", id_text("mth", method_id, id));

    if (w->token) json_object_set_new(in, "token", json_string(w->token));
    if (w->expires) json_object_set_new(in, "expires", json_string(w->expires));
    if (w->postal_code) json_object_set_new(in, "postal_code", json_string(w->postal_code));
    return in;
}

static void check_updated(struct sim *s, const struct member *m, const struct news *w,
                          const struct seen_method *was, const struct seen_method *is)
{
    if (w->token ? strcmp(is->token, w->token) != 0 : !same_card(is->token, was->token))
        complain(s, m, "C-09: the method is %s, should be %s", is->token,
                 w->token ? w->token : was->token);
    else if (w->expires && is->expiry_month != w->expiry_month)
        complain(s, m, "C-09: the new date of %s was not kept", is->token);
    else if (!has_failed(m) && is->method_state != METHOD_USABLE)
        complain(s, m, "C-09: %s cannot be used after an update", is->token);
}

/* Its owner vouches for it from now on. */
static void vouch(const struct sim *s, struct token *old, struct token *new)
{
    if (old != new) old->gone = true;
    if (old != new) old->never_at = 0;
    new->gone = new->shy = false;
    new->never_at = 0;
    new->opened_at = s->now;
}

/* What a bank refuses for good, or has taken back, needs another card (SPEC E-11, I-06). */
static bool may_vouch(const struct token *old, const struct token *new, bool another)
{
    return new->card == old->card && !new->shut && !new->disputes && (another || !new->never_at);
}

/* Of a method: which, what the auditor knows of it, and of what it shall be. */
struct upkeep {
    const struct seen_method *rows;
    size_t n, at;
    struct token *old, *new;
    struct news news;
};

static bool choose(struct sim *s, struct member *m, struct upkeep *u)
{
    u->rows = read_methods(s, m, &u->n);
    if (u->n == 0) return false;
    u->at = (size_t)chance_upto(&s->chance, (int64_t)u->n);
    u->news = some_news(s);
    u->old = token_named(m, u->rows[u->at].token);
    u->new = u->news.token ? member_token(s, m, u->news.token) : u->old;
    return u->old && u->new;
}

/* Every other method stays what it was; only one that was refused gives up the first place. */
static void check_others(struct sim *s, const struct member *m, const struct upkeep *u,
                         const struct seen_method *is, size_t n)
{
    const struct seen_method *was = u->rows;
    bool moves = has_failed(m);

    if (n != u->n) complain(s, m, "C-12: new details made %zu methods of %zu", n, u->n);
    for (size_t i = 0; i < u->n; i++)
        moves |= was[i].method_rank == 0 && was[i].method_state != METHOD_USABLE;
    for (size_t i = 0; i < n && !s->failed; i++) {
        bool const same =
            strcmp(is[i].token, was[i].token) == 0 && is[i].expiry_month == was[i].expiry_month;

        if (is[i].method_id != was[i].method_id)
            complain(s, m, "C-12: another method is there after new details");
        else if (i != u->at && !same)
            complain(s, m, "C-12: new details of one method changed another");
        else if (!moves && is[i].method_rank != was[i].method_rank)
            complain(s, m, "C-12: new details moved a method from %lld to %lld",
                     (long long)was[i].method_rank, (long long)is[i].method_rank);
    }
}

static void updated(struct sim *s, struct member *m, const struct upkeep *u)
{
    size_t n;
    const struct seen_method *is = read_methods(s, m, &n);

    check_others(s, m, u, is, n);
    if (!s->failed) check_updated(s, m, &u->news, &u->rows[u->at], &is[u->at]);
}

/* Whether another method is that card already. */
static bool is_known(const struct upkeep *u)
{
    for (size_t i = 0; u->old != u->new &&i < u->n; i++)
        if (i != u->at && same_card(u->rows[i].token, u->news.token)) return true;
    return false;
}

/* Simulated members share cards: of one that is just being forgotten for another member nobody can
 * say whether the provider still has it. */
static bool is_being_forgotten(const struct sim *s, enum status st)
{
    return st != OK && strcmp(s->err.fault->code, "method.token_unknown") == 0;
}

/* SPEC B-09, C-09, C-12. */
void method_update_one(struct sim *s, struct member *m)
{
    size_t const n_tokens = m->n_tokens;
    int64_t const injuries = s->harm.injuries;
    struct upkeep u = {0};
    json_t *out;

    if (!choose(s, m, &u)) return;
    if (m->n_tokens > n_tokens) u.new->gone = true;
    struct token const old = *u.old, new = *u.new;
    bool const another = u.news.token != NULL;
    bool const gone = m->state == M_CANCELED && zone_day(m->zone, s->now) >= m->retention_day;
    bool const may =
        may_vouch(u.old, u.new, another) && !m->locked_at && !m->partner && !gone && !is_known(&u);
    bool const sure = !workload_in_flight(m) && (another || !new.shy); /* else the code decides */
    vouch(s, u.old, u.new);
    bool const tries = has_failed(m) && is_quiet(m) && token_usable(s, u.new, s->now);
    enum status const st =
        workload_call(s, m, "method.update", words_of(&u.news, u.rows[u.at].method_id), &out);
    if ((sure && !is_being_forgotten(s, st)) || !may)
        workload_expect(s, m, "an update of a method", st, may);
    if (st != OK) *u.old = old;
    if (st != OK) *u.new = new;
    if (st == OK && new.gone) m->added_at = u.new->added_at = s->now;
    if (st == OK && !s->failed) updated(s, m, &u);
    if (st == OK && tries && s->harm.injuries == injuries) check_tried_now(s, m, u.new->name);
    json_decref(out);
}
