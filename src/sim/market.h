/* market: what the simulated operator sells - a few countries that differ in everything that
 * matters - as a catalog document and as the auditor's own price list.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"
#include "catalog/catalog.h"
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

/* Law and custom that differ by country; -1: what the installation's settings say. */
struct law {
    enum change_policy policy;
    int64_t withdrawal_days, unserved_days; /* 0: grants nothing */
    int64_t notice_days, grace_days, hold_days, retention_months;
    bool consent;
    bool slots; /* extra members are sold there */
};
extern const struct law laws[PLACES];
extern const char *const plan_codes[PLANS];
enum { BASIC, STANDARD, PREMIUM };
extern const int64_t plan_slots[PLANS]; /* that a plan has room for */
enum { PLAN_PAUSABLE_FROM = STANDARD }; /* the cheapest one cannot be paused */
extern const char partner_code[];       /* who may bill in the operator's place */

/* A value that changes on given days; value[i] holds from day[i] on. */
struct ladder {
    size_t n;
    int64_t day[STEPS], value[STEPS];
};

/* A plan that is closed on the news_day, and that nobody has from `day` on; PLANS: none. */
struct retired {
    size_t plan, to; /* to: PLANS: nothing takes its place, and memberships end */
    int64_t day, news_day;
};

struct market {
    struct retired retired;
    struct ladder price[PLACES][PLANS], tax[PLACES], region_tax[PLACES];
    int64_t news_day; /* when the operator applies the second version of the catalog; all changes
                         take effect later than that */
};

/* Decides on the changes of prices and taxes between two days. */
void market_make(struct market *m, struct chance *c, int64_t start_day, int64_t end_day);
/* Decides whether a plan is retired between them. */
void market_retire(struct market *m, struct chance *c, int64_t start_day, int64_t end_day);
/* The catalog document as it is known before (or after) the news, and the retirement. */
char *market_yaml(const struct market *m, bool news, bool retires, struct arena *a);

/* What is sold for a period: a plan with slots (a bit for each), at the prices of one day and the
 * taxes of another. */
struct sale {
    size_t place, plan;
    const char *region;
    int64_t slots, price_day, tax_day;
};

/* What one period costs, by the rules of SPEC A-14 and no line of billing's code. */
struct owed {
    int64_t net_minor, tax_minor, total_minor;
    int64_t list_minor, rate_ppm; /* to tell what has changed since the period before */
};
struct owed market_owed(const struct market *m, const struct sale *sale);
/* Per month, before exclusive taxes; slots included. */
int64_t market_list(const struct market *m, const struct sale *sale);
/* What changing from one choice to another costs for `days` of a month of `whole` days, taxed on
 * the new one's day; each line is rounded by itself. A total that is not above 0 costs nothing. */
struct owed market_part(const struct market *m, const struct sale *from, const struct sale *to,
                        int64_t days, int64_t whole);
/* What `days` of a month of `whole` days cost by themselves, in the same way. */
struct owed market_days(const struct market *m, const struct sale *sale, int64_t days,
                        int64_t whole);
/* numerator / denominator to the nearest whole, halves away from zero. */
int64_t market_round(__int128 numerator, __int128 denominator);
