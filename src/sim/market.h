/* market: what the simulated operator sells - a few countries that differ in everything that
 * matters - as a catalog document and as the auditor's own price list.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"
#include "sim/chance.h"

enum { PLACES = 12, PLANS = 3, STEPS = 3 };

struct place {
    const char *code, *name, *currency;
    int exponent;
    const char *zone, *seller;
    bool inclusive;
    int64_t rate_ppm;   /* country-wide tax; 0: none */
    const char *region; /* where one more tax is collected; NULL: nowhere */
    int64_t region_rate_ppm;
    int64_t price_minor; /* of the first plan; the others cost one and a half and two times that */
};
extern const struct place places[PLACES];
extern const char *const plan_codes[PLANS];

/* A value that changes on given days; value[i] holds from day[i] on. */
struct ladder {
    size_t n;
    int64_t day[STEPS], value[STEPS];
};

struct market {
    struct ladder price[PLACES][PLANS], tax[PLACES], region_tax[PLACES];
    int64_t news_day; /* when the operator applies the second version of the catalog; all changes
                         take effect later than that */
};

/* Decides on the changes of prices and taxes between two days. */
void market_make(struct market *m, struct chance *c, int64_t start_day, int64_t end_day);
/* The catalog document as it is known before (or after) the news. */
char *market_yaml(const struct market *m, bool news, struct arena *a);

/* What one period costs, by the rules of SPEC A-14 and no line of billing's code. */
struct owed {
    int64_t net_minor, tax_minor, total_minor;
    int64_t list_minor, rate_ppm; /* to tell what has changed since the period before */
};
struct owed market_owed(const struct market *m, size_t place, const char *region, size_t plan,
                        int64_t start_day);
