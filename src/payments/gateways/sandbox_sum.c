/* sandbox_sum: what the sandbox has captured and given back, for whoever reconciles.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "payments/gateways/sandbox.h"
#include "payments/gateways/sandbox_parts.h"
#include "sandbox_sql.h"

/* The place of a currency in a sorted list, made when it is missing. */
static struct sandbox_sum *sum_of(struct sandbox_sum **sums, size_t *n, const char *currency,
                                  struct arena *a)
{
    size_t i = 0;

    while (i < *n && strcmp((*sums)[i].currency, currency) < 0) i++;
    if (i < *n && strcmp((*sums)[i].currency, currency) == 0) return &(*sums)[i];
    struct sandbox_sum *grown = arena_array(a, struct sandbox_sum, *n + 1);
    if (i) memcpy(grown, *sums, i * sizeof *grown);
    if (i < *n) memcpy(grown + i + 1, *sums + i, (*n - i) * sizeof *grown);
    grown[i] = (struct sandbox_sum){.currency = arena_strdup(a, currency)};
    *sums = grown;
    ++*n;
    return &grown[i];
}

/* In the order of keys the attempts of one obligation are neighbours. */
static bool same_obligation(const char *key, char before[static GATEWAY_KEY_TEXT])
{
    const char *end = strrchr(key, '/');
    size_t const n = end ? (size_t)(end - key) : strlen(key);
    bool const same = strncmp(before, key, n) == 0 && before[n] == 0;

    memcpy(before, key, n);
    before[n] = 0;
    return same;
}

static enum status add_refunds(struct ctx *cx, int64_t at, struct sandbox_sum **sums, size_t *n,
                               struct arena *a)
{
    struct sandbox_refund_sum *rows;
    size_t n_rows;

    TRY(sandbox_refund_sums(cx, &rows, &n_rows, .at = at));
    for (size_t i = 0; i < n_rows; i++) {
        struct sandbox_sum *sum = sum_of(sums, n, rows[i].currency, a);

        sum->refunds = rows[i].n;
        sum->refunded_minor = rows[i].minor;
    }
    return OK;
}

enum status sandbox_captured(struct gateway *g, int64_t at, struct sandbox_sum **out, size_t *n,
                             struct arena *a, struct error *e)
{
    struct ctx cx = sandbox_context(g->state, e);
    struct sandbox_capture row;
    struct sandbox_sum *sums = NULL;
    size_t n_sums = 0;
    char before[GATEWAY_KEY_TEXT] = "";
    SCAN scan = {0};

    assert(strcmp(g->name, "sandbox") == 0);
    TRY(sandbox_captures(&cx, &scan, .at = at));
    for (bool more;;) {
        TRY(db_scan_next(&scan, &row, &more));
        if (!more) break;
        struct sandbox_sum *sum = sum_of(&sums, &n_sums, row.currency, a);
        sum->captured++;
        sum->amount_minor += row.amount_minor;
        sum->doubled += same_obligation(row.charge_key, before);
    }
    db_scan_end(&scan);
    TRY(add_refunds(&cx, at, &sums, &n_sums, a));
    *out = sums;
    *n = n_sums;
    return OK;
}
