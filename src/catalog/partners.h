/* partners: who bills members in our place, as the catalog has them. Part of the face, catalog.h.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct catalog;

/* Who may collect the money in our place (SPEC D-01). */
enum partner_kind {
    PARTNER_APP_STORE,
    PARTNER_CARRIER,
    PARTNER_CABLE,
    PARTNER_ISP,
    PARTNER_CHANNELS, /* a marketplace of channels */
    PARTNER_PACKAGE,  /* the membership is a part of something else */
};
extern const struct names partner_kinds;
enum partner_status { PARTNER_OPEN, PARTNER_EXISTING_ONLY, PARTNER_CLOSING };
extern const struct names partner_statuses; /* SPEC D-12 */

/* Where a member has to go: words, and a link when there is one ("" if not). */
struct route {
    const char *text, *link;
};
enum biller_route { ROUTE_PAYMENT, ROUTE_CANCEL, ROUTE_REFUND, ROUTE_RECOVERY, ROUTES };
extern const struct names biller_routes;

struct partner {
    const char *code, *name;
    enum partner_kind kind;
    enum partner_status status;
    int64_t closes_day; /* closing: from then on it bills nobody; else 0 */
    bool slots;         /* its members may buy extra-member slots, with it (SPEC D-11) */
    int64_t share_ppm;  /* of a plan's price, what it pays us for a period (SPEC D-17) */
    struct route routes[ROUTES];
    size_t n_plans;
    const char *const *plans; /* codes it may sell; none: all */
};

const struct partner *catalog_partner(const struct catalog *c, const char *code);
/* By code or name, any case, blanks for underscores; for people and imports. */
const struct partner *catalog_partner_named(const struct catalog *c, const char *text);
bool partner_offers(const struct partner *p, const char *plan);
/* Whether it may bill on that day somebody whom it bills already, or a newcomer (SPEC D-12). */
bool partner_bills(const struct partner *p, bool newcomer, int64_t day);
/* Where a member goes whose biller is `direct` or a partner's code (SPEC D-02, D-04). Of a partner
 * that the catalog does not know any more it only says so much. */
struct route biller_route(const struct catalog *c, const char *biller, enum biller_route which);
