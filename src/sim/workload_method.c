/* workload_method: members add payment methods, choose among them and take them away.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

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
        if (a->first_at == s->now && strcmp(a->token, token) == 0) return;
    complain(s, m, "E-08: the new method %s was not tried at once", token);
}

void method_add_one(struct sim *s, struct member *m)
{
    const char *name = population_token(s);
    bool const fresh = !member_has_token(m, name), bad = m->state == M_GRACE || m->state == M_HOLD;
    bool const quiet = !workload_in_flight(m) && !m->locked_at && !m->given_minor &&
                       !m->returned_minor && !m->partner;
    json_t *out;

    int64_t const injuries = s->harm.injuries;
    struct token *t = member_token(s, m, name);

    if (!t) return; /* has enough of them */
    bool const was_gone = t->gone;
    t->gone = false;
    enum status const st = workload_call(
        s, m, "method.add",
        json_pack("{s:s, s:b}", "token", name, "primary", (int)chance_upto(&s->chance, 2)), &out);
    if (st != OK) t->gone = fresh || was_gone;
    if (st == OK && (fresh || was_gone)) m->added_at = s->now;
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
        if (strcmp(m->tokens[i].name, name) == 0) return &m->tokens[i];
    return NULL;
}

void method_remove_one(struct sim *s, struct member *m)
{
    struct seen_method *rows;
    char id[ID_TEXT];
    json_t *out;
    size_t n;

    if (seen_methods(&s->cx, &rows, &n, .account_id = m->account_id, .max = ROWS_MAX) != OK) {
        complain(s, m, "methods cannot be read");
        return;
    }
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
