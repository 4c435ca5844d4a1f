/* memory: what reading transactions have read already. SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "db/driver.h"

/* Of a snapshot as little as all ask: nobody may make the others look through more. */
enum { REMEMBERED_ROWS_MAX = 8, SHARED_MAX = 16 };

struct remembered {
    struct remembered *next;
    const struct query *q;
    const void *in, *rows;
    size_t n;
};

void db_remember(struct ctx *cx)
{
    assert(db_is_reading(cx->db));
    cx->db->memory_of = cx->arena;
    cx->db->shares = false;
}

void db_remember_for_all(struct ctx *cx)
{
    db_remember(cx);
    cx->db->shares = cx->db->joined;
}

void memory_forget(struct db *db)
{
    db->memory_of = NULL;
    db->memory = NULL;
    db->shares = false;
}

void memory_forget_snapshot(struct db *db)
{
    arena_reset(&db->snapshot_arena);
    db->snapshot_memory = NULL;
    db->n_shared = 0;
}

static bool remembers(const struct ctx *cx)
{
    return cx->db->memory_of == cx->arena && db_is_reading(cx->db);
}

/* A failure may have cost the snapshot. */
static bool shares(const struct db *db)
{
    return db->shares && db->joined;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_input(const struct query *q, const void *a, const void *b)
{
    for (size_t i = 0; i < q->in->n_fields; i++) {
        const struct field *f = &q->in->fields[i];

        if (f->type == F_INT ? field_int(f, a) != field_int(f, b)
                             : !is_same_text(field_text(f, a), field_text(f, b)))
            return false;
    }
    return true;
}

static void *copied(struct arena *a, const struct shape *sh, const void *rows, size_t n)
{
    void *copy = arena_alloc(a, sh->size * n);

    return sh->size && n ? memcpy(copy, rows, sh->size * n) : copy;
}

/* With their texts, which live in another arena. */
static void *copied_whole(struct arena *a, const struct shape *sh, const void *rows, size_t n)
{
    char *copy = copied(a, sh, rows, n);

    for (size_t i = 0; i < n * sh->n_fields; i++) {
        const struct field *f = &sh->fields[i % sh->n_fields];
        char *row = copy + i / sh->n_fields * sh->size;

        if (f->type == F_TEXT && field_text(f, row))
            *(const char **)(void *)(row + f->offset) = arena_strdup(a, field_text(f, row));
    }
    return copy;
}

static const struct remembered *find(const struct remembered *r, const struct query *q,
                                     const void *in)
{
    while (r && (r->q != q || !is_same_input(q, in, r->in))) r = r->next;
    return r;
}

bool memory_recall(struct ctx *cx, const struct query *q, const void *in, void **rows, size_t *n)
{
    const struct db *db = cx->db;
    const struct remembered *r = NULL;

    if (!remembers(cx)) return false;
    r = find(shares(db) ? db->snapshot_memory : db->memory, q, in);
    if (!r) return false;
    *rows = shares(db) ? copied_whole(cx->arena, q->out, r->rows, r->n)
                       : copied(cx->arena, q->out, r->rows, r->n);
    *n = r->n;
    return true;
}

/* Callers may change the rows they were given: what is kept is a copy, and so is what is given. */
void memory_keep(struct ctx *cx, const struct query *q, const void *in, const void *rows, size_t n)
{
    struct db *db = cx->db;
    bool const shared = shares(db);

    if (!remembers(cx) || n > REMEMBERED_ROWS_MAX) return;
    if (shared && (n == 0 || db->n_shared++ >= SHARED_MAX)) return;
    struct remembered **list = shared ? &db->snapshot_memory : &db->memory;
    struct arena *a = shared ? &db->snapshot_arena : cx->arena;
    struct remembered *r = arena_new(a, struct remembered);
    *r = (struct remembered){*list, q, copied_whole(a, q->in, in, 1),
                             shared ? copied_whole(a, q->out, rows, n) : copied(a, q->out, rows, n),
                             n};
    *list = r;
}
