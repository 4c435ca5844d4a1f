/* catalog_parts: the pieces of a catalog document, read one by one for catalog_yaml.c.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog_value.h"

enum { ENTRIES_MAX = 2000, ROWS_MAX = 1000 };

/* A named list of acceptance rows, written once and used by many countries. */
struct accept_list {
    const char *name;
    size_t n;
    const struct acceptance *rows;
};

/* A named group of settings; bound again into each country that names it. */
struct settings_group {
    const char *name;
    const struct node *node; /* NULL when it has a problem */
};

struct draft {
    struct reader r;
    struct catalog *c;
    size_t n_lists, n_groups;
    const struct accept_list *lists;
    const struct settings_group *groups;
};

/* False, with a problem, unless the period ends after it begins. */
bool period_valid(struct draft *d, const struct node *row, int64_t from_day, int64_t until_day);
bool period_overlaps(int64_t from_a, int64_t until_a, int64_t from_b, int64_t until_b);
/* False, with a problem, when it has more parts than max. */
bool size_valid(struct draft *d, const struct node *n, size_t max);
int text_order(const char *a, const char *b); /* NULL first */

/* catalog_prices.c */
void prices_read(struct draft *d, struct country *c, const struct node *prices,
                 const struct node *plans_sold, const struct node *at);
void taxes_read(struct draft *d, struct country *c, const struct node *taxes);

/* catalog_partners.c; after the plans */
void partners_read(struct draft *d, const struct node *partners);

/* catalog_accept.c */
void accept_lists_read(struct draft *d, const struct node *lists);
void country_accept_read(struct draft *d, struct country *c, const struct node *n);
