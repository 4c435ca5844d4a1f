/* route: the tree of paths. SPDX-License-Identifier: Apache-2.0 */
#include "http/route.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/hash.h"

/* The order of Allow. HEAD has no ops of its own. */
static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
enum { GET, HEAD, METHODS = COUNT(methods) };

enum { NODES_MAX = 1024, SLOTS = 4096, ALLOW_MAX = 48 };

/* A node is a path so far; its children by name stand in one hash table of all nodes. */
struct node {
    const char *text;
    size_t length;
    unsigned parent, value; /* value: the child that is a {name}; 0: none */
    const struct op *ops[METHODS];
    char allow[ALLOW_MAX];
};

static struct node nodes[NODES_MAX]; /* the first is the prefix */
static unsigned n_nodes = 1;
static unsigned slots[SLOTS]; /* 0: free */

static unsigned slot_of(unsigned parent, const char *text, size_t n)
{
    uint32_t h = hash_more(HASH_BEGIN ^ parent * 0x9e3779b9u, text, n);

    h ^= h >> 15;
    for (unsigned s = h % SLOTS;; s = (s + 1) % SLOTS) {
        const struct node *at = &nodes[slots[s]];

        if (!slots[s] || (at->parent == parent && at->length == n && !memcmp(at->text, text, n)))
            return s;
    }
}

static unsigned add_node(unsigned parent, const char *text, size_t n)
{
    assert(n_nodes < NODES_MAX);
    nodes[n_nodes] = (struct node){.text = text, .length = n, .parent = parent};
    return n_nodes++;
}

static unsigned child(unsigned parent, const char *text, size_t n)
{
    if (*text == '{') {
        if (!nodes[parent].value) {
            unsigned const made = add_node(parent, "{}", 2);

            nodes[parent].value = made;
        }
        return nodes[parent].value;
    }
    unsigned const s = slot_of(parent, text, n);

    if (!slots[s]) slots[s] = add_node(parent, text, n);
    return slots[s];
}

/* The node of an op's path. */
static unsigned node_of(const char *path)
{
    unsigned at = 0;

    for (const char *p = path; *p == '/';) {
        size_t const n = strcspn(p + 1, "/");

        at = child(at, p + 1, n);
        p += n + 1;
    }
    return at;
}

static size_t method_of(const char *method)
{
    for (size_t m = 0; m < METHODS; m++)
        if (strcmp(methods[m], method) == 0) return m;
    return METHODS;
}

static void spell_allow(struct node *node)
{
    size_t n = 0;

    node->allow[0] = 0;
    for (size_t m = 0; m < METHODS; m++) {
        if (!node->ops[m == HEAD ? GET : m]) continue;
        size_t const length = strlen(methods[m]);

        assert(n + length + 3 < ALLOW_MAX);
        if (n) memcpy(node->allow + n, ", ", 2), n += 2;
        memcpy(node->allow + n, methods[m], length + 1);
        n += length;
    }
}

static void plant(void)
{
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) {
            const struct op *op = &op_tables[t]->at[i];
            size_t const m = method_of(op->method);
            struct node *node = &nodes[node_of(op->path)];

            assert(m < METHODS);
            node->ops[m] = op;
            spell_allow(node);
        }
}

/* ---- finding ---- */

/* 0: there is no such child. */
static unsigned step(unsigned at, const char *text, size_t n)
{
    unsigned const named = slots[slot_of(at, text, n)];

    return named ? named : n ? nodes[at].value : 0;
}

void route_find(const char *method, const char *path, struct op_route *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    size_t const prefix = strlen(ROUTE_PREFIX);
    unsigned at = 0;

    pthread_once(&once, plant);
    *out = (struct op_route){0};
    if (strncmp(path, ROUTE_PREFIX "/", prefix + 1) != 0) return;
    for (const char *p = path + prefix; *p;) {
        size_t const n = strcspn(p + 1, "/");

        at = out->n < ROUTE_SEGMENTS_MAX ? step(at, p + 1, n) : 0;
        if (!at) return;
        out->segments[out->n].at = p + 1;
        out->segments[out->n++].n = n;
        p += n + 1;
    }
    size_t const m = method_of(method);
    out->allow = *nodes[at].allow ? nodes[at].allow : NULL;
    if (m < METHODS) out->op = nodes[at].ops[m == HEAD ? GET : m];
}

/* ---- the rows ---- */

static bool has_field(const struct shape *sh, const char *name, size_t n)
{
    for (size_t i = 0; i < sh->n_fields; i++)
        if (strlen(sh->fields[i].name) == n && !memcmp(sh->fields[i].name, name, n)) return true;
    return false;
}

static const char *path_defect(const struct op *op)
{
    size_t n_segments = 0;

    for (const char *p = op->path; *p; n_segments++) {
        size_t const n = strcspn(p + 1, "/");

        if (*p != '/' || n == 0) return "begins each segment with '/' and leaves none empty";
        if (p[1] == '{' && (p[n] != '}' || !has_field(op->in, p + 2, n - 2)))
            return "names a field of its input between { and }";
        p += n + 1;
    }
    if (n_segments == 0 || n_segments > ROUTE_SEGMENTS_MAX) return "has 1 to 8 segments";
    if (op->subject.is_member != !strncmp(op->path, "/accounts/{member}/", 19))
        return "begins with /accounts/{member}/ where the op is about an account, and only there";
    return NULL;
}

static const char *row_defect(const struct op *op)
{
    char path[256] = ROUTE_PREFIX;
    struct op_route r;

    size_t const m = method_of(op->method);
    if (m == HEAD || m == METHODS) return "has a method of its own";
    if (strlen(op->path) + sizeof ROUTE_PREFIX > sizeof path) return "is short";
    const char *why = path_defect(op);
    if (why) return why;
    memcpy(path + strlen(ROUTE_PREFIX), op->path, strlen(op->path) + 1);
    for (char *p = path; *p; p++)
        if (*p == '{' || *p == '}') *p = 'x';
    route_find(op->method, path, &r);
    return r.op == op ? NULL : "is no other op's";
}

const char *route_defect(struct arena *a)
{
    for (size_t t = 0; op_tables[t]; t++)
        for (size_t i = 0; i < op_tables[t]->n; i++) {
            const struct op *op = &op_tables[t]->at[i];
            const char *why = row_defect(op);

            if (why)
                return arena_printf(a, "%s: a path %s, not %s %s", op->id, why, op->method,
                                    op->path);
        }
    return NULL;
}
