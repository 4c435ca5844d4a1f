/* catalog_accept: reads the acceptance table of a catalog document: lists of rows that countries
 * share by name. A row may name several brands, types of funding or operators and stands for each
 * combination. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "catalog/catalog_parts.h"

struct accept_row {
    struct acceptance row; /* its columns still empty */
    const struct node *brand, *funding, *operator_;
};

static const struct key accept_keys[] = {
    {"kind",     KEY_ENUM, offsetof(struct accept_row, row.kind),      true,  0, 0, &method_kinds},
    {"brand",    KEY_NODE, offsetof(struct accept_row, brand),         false, 0, 0, NULL         },
    {"funding",  KEY_NODE, offsetof(struct accept_row, funding),       false, 0, 0, NULL         },
    {"operator", KEY_NODE, offsetof(struct accept_row, operator_),     false, 0, 0, NULL         },
    {"accepted", KEY_BOOL, offsetof(struct accept_row, row.accepted),  false, 0, 0, NULL         },
    {"from",     KEY_DAY,  offsetof(struct accept_row, row.from_day),  false, 0, 0, NULL         },
    {"until",    KEY_DAY,  offsetof(struct accept_row, row.until_day), false, 0, 0, NULL         },
};

/* The values of one column: at least one, a single NULL for "any". */
struct column {
    size_t n;
    const char **at;
};

typedef bool known_fn(const struct catalog *c, const char *value);

static bool has_label(const struct label *all, size_t n, const char *code)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i].code, code) == 0) return true;
    return false;
}

static bool brand_known(const struct catalog *c, const char *value)
{
    return has_label(c->brands, c->n_brands, value);
}

static bool operator_known(const struct catalog *c, const char *value)
{
    return has_label(c->operators, c->n_operators, value);
}

static bool funding_known(const struct catalog *c UNUSED, const char *value)
{
    int64_t const i = name_find(&fundings, value);
    return i >= 0 && i != FUNDING_NONE;
}

static bool read_value(struct draft *d, const struct node *n, known_fn *known, const char **to)
{
    if (!node_is(&d->r, n, NODE_TEXT)) return false;
    if (!known(d->c, n->text)) {
        problem_at(
            &d->r, n, NULL, "catalog.accept_unknown",
            "\"%s\" is not known: brands and operators stand under `brands` and `operators`, "
            "funding is credit, debit, prepaid or virtual.",
            node_shown(&d->r, n->text));
        return false;
    }
    *to = arena_strdup(d->r.keep, n->text);
    return true;
}

/* A single value, a list of them, or nothing for any. */
static bool read_column(struct draft *d, const struct node *n, known_fn *known, struct column *c)
{
    bool good = true;
    size_t const room = n && n->kind == NODE_LIST ? n->n : 1;

    *c = (struct column){.n = 1, .at = arena_array(d->r.scratch, const char *, room + 1)};
    if (!n) return true;
    if (n->kind != NODE_LIST) return read_value(d, n, known, &c->at[0]);
    c->n = 0;
    for (const struct node *part = n->first; part; part = part->next)
        good = read_value(d, part, known, &c->at[c->n++]) && good;
    if (c->n == 0) {
        problem_at(&d->r, n, NULL, "catalog.empty", "This list is empty; leave it out for any.");
        return false;
    }
    return good;
}

static bool row_fits(struct draft *d, const struct node *at, const struct accept_row *row)
{
    const char *text = NULL, *key = "kind";

    if (row->row.kind == KIND_GIFT)
        text = "A gift card becomes credit and is never a payment method; leave this row out.";
    else if (row->row.kind == KIND_CARRIER && !row->operator_)
        key = "operator", text = "Carrier billing works only with listed operators; name them.";
    else if (row->row.kind != KIND_CARRIER && row->operator_)
        key = "operator", text = "Only carrier billing has operators.";
    else if (row->row.kind != KIND_CARD && row->funding)
        key = "funding", text = "Only cards have a funding.";
    else if (row->row.kind == KIND_CARRIER && row->brand)
        key = "brand", text = "Carrier billing has operators instead of brands.";
    if (!text) return true;
    const struct node *n = node_get(at, key);
    problem_at(&d->r, n ? n : at, n ? NULL : key, "catalog.accept_row", "%s", text);
    return false;
}

struct rows {
    size_t n;
    struct acceptance *at; /* ROWS_MAX of them */
};

static void add_row(struct draft *d, const struct node *n, struct rows *rows)
{
    struct accept_row row = {.row = {.accepted = true}};
    struct column brand, funding, operator_;

    if (!node_bind(&d->r, n, accept_keys, COUNT(accept_keys), &row)) return;
    bool good = row_fits(d, n, &row);
    good = period_valid(d, n, row.row.from_day, row.row.until_day) && good;
    good = read_column(d, row.brand, brand_known, &brand) && good;
    good = read_column(d, row.funding, funding_known, &funding) && good;
    good = read_column(d, row.operator_, operator_known, &operator_) && good;
    if (!good) return;
    if (brand.n * funding.n * operator_.n > ROWS_MAX - rows->n) {
        problem_at(&d->r, n, NULL, "catalog.too_large", "The list has over 1000 rows.");
        return;
    }
    for (size_t i = 0; i < brand.n; i++)
        for (size_t j = 0; j < funding.n; j++)
            for (size_t k = 0; k < operator_.n; k++) {
                row.row.brand = brand.at[i];
                row.row.funding = funding.at[j];
                row.row.operator_ = operator_.at[k];
                rows->at[rows->n++] = row.row;
            }
}

void accept_lists_read(struct draft *d, const struct node *lists)
{
    if (!lists || !node_is(&d->r, lists, NODE_MAP) || !size_valid(d, lists, 500)) return;
    struct accept_list *all = arena_array(d->r.scratch, struct accept_list, lists->n + 1);
    struct rows rows = {0, arena_array(d->r.scratch, struct acceptance, ROWS_MAX)};

    for (size_t i = 0; i < lists->n; i++) {
        const struct node *list = lists->by_key[i];

        rows.n = 0;
        if (node_is(&d->r, list, NODE_LIST))
            for (const struct node *n = list->first; n; n = n->next) add_row(d, n, &rows);
        all[i] = (struct accept_list){
            list->key, rows.n,
            (void *)arena_memdup(d->r.scratch, rows.at, rows.n * sizeof *rows.at)};
    }
    d->lists = all;
    d->n_lists = lists->n;
}

static void add_list(struct draft *d, const struct node *n, struct rows *rows)
{
    for (size_t i = 0; i < d->n_lists; i++) {
        const struct accept_list *list = &d->lists[i];

        if (strcmp(list->name, n->text) != 0) continue;
        if (list->n > ROWS_MAX - rows->n) {
            problem_at(&d->r, n, NULL, "catalog.too_large", "The country has over 1000 rows.");
            return;
        }
        if (list->n) memcpy(rows->at + rows->n, list->rows, list->n * sizeof *list->rows);
        rows->n += list->n;
        return;
    }
    problem_at(&d->r, n, NULL, "catalog.list_unknown", "There is no list \"%s\" under acceptance.",
               node_shown(&d->r, n->text));
}

static int columns_order(const struct acceptance *a, const struct acceptance *b)
{
    int order = (int)a->kind - (int)b->kind;

    if (!order) order = text_order(a->brand, b->brand);
    if (!order) order = text_order(a->funding, b->funding);
    return order ? order : text_order(a->operator_, b->operator_);
}

static int row_order(const void *a, const void *b)
{
    const struct acceptance *x = a, *y = b;
    int const order = columns_order(x, y);

    return order ? order : (x->from_day > y->from_day) - (x->from_day < y->from_day);
}

static const char *any(const char *s)
{
    return s ? s : "any";
}

static void check_rows(struct draft *d, const struct node *n, const struct rows *rows)
{
    for (size_t i = 1; i < rows->n; i++) {
        const struct acceptance *a = &rows->at[i - 1], *b = &rows->at[i];
        char day[DAY_TEXT];

        if (columns_order(a, b) != 0) continue;
        if (!period_overlaps(a->from_day, a->until_day, b->from_day, b->until_day)) continue;
        problem_at(&d->r, n, NULL, "catalog.accept_overlaps",
                   "Two rows speak of %s (brand %s, funding %s, operator %s) %s%s; keep one.",
                   method_kinds.at[b->kind], any(b->brand), any(b->funding), any(b->operator_),
                   b->from_day ? "from " : "always", b->from_day ? day_text(b->from_day, day) : "");
    }
}

void country_accept_read(struct draft *d, struct country *c, const struct node *n)
{
    struct rows rows = {0, arena_array(d->r.scratch, struct acceptance, ROWS_MAX)};

    if (!n || (n->kind == NODE_MAP && !node_is(&d->r, n, NODE_LIST))) return;
    if (n->kind == NODE_TEXT) add_list(d, n, &rows);
    for (const struct node *part = n->first; part; part = part->next) {
        if (part->kind == NODE_TEXT)
            add_list(d, part, &rows);
        else
            add_row(d, part, &rows);
    }
    qsort(rows.at, rows.n, sizeof *rows.at, row_order);
    check_rows(d, n, &rows);
    c->acceptances = (void *)arena_memdup(d->r.keep, rows.at, rows.n * sizeof *rows.at);
    c->n_acceptances = rows.n;
}
