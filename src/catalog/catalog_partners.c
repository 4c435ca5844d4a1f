/* catalog_partners: reads the partners that may bill members in our place (SPEC D-01, D-12), and
 * tells where a member goes for what (SPEC D-02, D-04). SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/money.h"
#include "catalog/catalog_parts.h"

const struct names partner_kinds =
    NAMES("app_store", "carrier", "cable", "isp", "channels", "package");
const struct names partner_statuses = NAMES("open", "existing_only", "closing");
const struct names biller_routes = NAMES("payment", "cancel", "refund", "recovery");

struct partner_row {
    struct partner partner;
    const struct node *routes[ROUTES], *plans;
};

#define PARTNER_AT(member) offsetof(struct partner_row, member)

static const struct key partner_keys[] = {
    {"name",     KEY_TEXT, PARTNER_AT(partner.name),           true,  1, 60, NULL             },
    {"kind",     KEY_ENUM, PARTNER_AT(partner.kind),           true,  0, 0,  &partner_kinds   },
    {"status",   KEY_ENUM, PARTNER_AT(partner.status),         false, 0, 0,  &partner_statuses},
    {"closes",   KEY_DAY,  PARTNER_AT(partner.closes_day),     false, 0, 0,  NULL             },
    {"slots",    KEY_BOOL, PARTNER_AT(partner.slots),          false, 0, 0,  NULL             },
    {"share",    KEY_RATE, PARTNER_AT(partner.share_ppm),      false, 0, 0,  NULL             },
    {"plans",    KEY_NODE, PARTNER_AT(plans),                  false, 0, 0,  NULL             },
    {"payment",  KEY_NODE, PARTNER_AT(routes[ROUTE_PAYMENT]),  true,  0, 0,  NULL             },
    {"cancel",   KEY_NODE, PARTNER_AT(routes[ROUTE_CANCEL]),   true,  0, 0,  NULL             },
    {"refund",   KEY_NODE, PARTNER_AT(routes[ROUTE_REFUND]),   true,  0, 0,  NULL             },
    {"recovery", KEY_NODE, PARTNER_AT(routes[ROUTE_RECOVERY]), false, 0, 0,  NULL             },
};

static const struct key route_keys[] = {
    {"text", KEY_TEXT, offsetof(struct route, text), true,  1, 0, NULL},
    {"link", KEY_TEXT, offsetof(struct route, link), false, 1, 0, NULL},
};

static void read_route(struct draft *d, const struct node *n, struct route *to)
{
    *to = (struct route){"", ""};
    if (!n) return;
    node_bind(&d->r, n, route_keys, COUNT(route_keys), to);
    if (*to->link && strncmp(to->link, "https://", 8) != 0)
        problem_at(&d->r, n, "link", "catalog.link", "A link begins with https://.");
}

static void read_plans(struct draft *d, const struct node *n, struct partner *p)
{
    if (!n || !node_is(&d->r, n, NODE_LIST) || !size_valid(d, n, 200)) return;
    const char **plans = arena_array(d->r.keep, const char *, n->n + 1);

    for (const struct node *one = n->first; one; one = one->next) {
        const struct plan *plan =
            node_is(&d->r, one, NODE_TEXT) ? catalog_plan(d->c, one->text) : NULL;

        if (plan)
            plans[p->n_plans++] = plan->code;
        else if (one->kind == NODE_TEXT)
            problem_at(&d->r, one, NULL, "catalog.plan_unknown", "There is no plan \"%s\".",
                       node_shown(&d->r, one->text));
    }
    p->plans = plans;
}

static void check_status(struct draft *d, const struct node *n, const struct partner *p)
{
    if ((p->status == PARTNER_CLOSING) != (p->closes_day != 0))
        problem_at(&d->r, n, "closes", "catalog.period",
                   "`closes` says from which day on a partner with status closing bills nobody.");
}

static void read_partner(struct draft *d, const struct node *n, struct partner *to)
{
    struct partner_row row = {
        .partner = {.code = arena_strdup(d->r.keep, n->key), .share_ppm = PPM}
    };

    if (!code_valid(n->key) || strcmp(n->key, "direct") == 0)
        problem_at(&d->r, n, NULL, "catalog.code",
                   "\"%s\" is not a partner's code: small letters, digits and _, at most 40, and "
                   "not direct.",
                   node_shown(&d->r, n->key));
    if (node_bind(&d->r, n, partner_keys, COUNT(partner_keys), &row))
        check_status(d, n, &row.partner);
    for (size_t i = 0; i < ROUTES; i++) read_route(d, row.routes[i], &row.partner.routes[i]);
    /* Who can change the payment there can prove who they are there (SPEC D-14). */
    if (!row.routes[ROUTE_RECOVERY])
        row.partner.routes[ROUTE_RECOVERY] = row.partner.routes[ROUTE_PAYMENT];
    read_plans(d, row.plans, &row.partner);
    *to = row.partner;
}

void partners_read(struct draft *d, const struct node *n)
{
    if (!n || !node_is(&d->r, n, NODE_MAP) || !size_valid(d, n, ENTRIES_MAX)) return;
    struct partner *all = arena_array(d->r.keep, struct partner, n->n + 1);

    for (size_t i = 0; i < n->n; i++) {
        read_partner(d, n->by_key[i], &all[i]);
        for (size_t k = 0; k < i; k++)
            if (all[i].name && all[k].name && text_equal_nocase(all[i].name, all[k].name))
                problem_at(&d->r, n->by_key[i], "name", "catalog.name_twice",
                           "Two partners are called \"%s\".", all[i].name);
    }
    d->c->partners = all;
    d->c->n_partners = n->n;
}

/* --- looking up --- */

const struct partner *catalog_partner(const struct catalog *c, const char *code)
{
    for (size_t i = 0; i < c->n_partners; i++)
        if (strcmp(c->partners[i].code, code) == 0) return &c->partners[i];
    return NULL;
}

/* A name with blanks for a code's underscores. */
static bool spelt(const char *code, const char *text)
{
    size_t i = 0;

    for (; code[i] && text[i]; i++) {
        char const t = text[i] == ' ' ? '_' : text[i];
        if (code[i] != (t >= 'A' && t <= 'Z' ? (char)(t + 'a' - 'A') : t)) return false;
    }
    return code[i] == text[i];
}

const struct partner *catalog_partner_named(const struct catalog *c, const char *text)
{
    for (size_t i = 0; i < c->n_partners; i++)
        if (spelt(c->partners[i].code, text) || text_equal_nocase(c->partners[i].name, text))
            return &c->partners[i];
    return NULL;
}

bool partner_offers(const struct partner *p, const char *plan)
{
    for (size_t i = 0; i < p->n_plans; i++)
        if (strcmp(p->plans[i], plan) == 0) return true;
    return p->n_plans == 0;
}

bool partner_bills(const struct partner *p, bool newcomer, int64_t day)
{
    switch (p->status) {
    case PARTNER_OPEN: return true;
    case PARTNER_EXISTING_ONLY: return !newcomer;
    case PARTNER_CLOSING: return !newcomer && day < p->closes_day;
    }
    return false;
}

struct route biller_route(const struct catalog *c, const char *biller, enum biller_route which)
{
    static const struct route ours[ROUTES] = {
        [ROUTE_PAYMENT] = {"On the web, signed in: Account > Membership & Billing > Manage payment "
                           "info.",                                ""},
        [ROUTE_CANCEL] = {"On the web, signed in: Account > Membership & Billing > Cancel.", ""},
        [ROUTE_REFUND] = {"Ask us: Help > Contact.",                                         ""},
        [ROUTE_RECOVERY] = {"Sign in > Forgot email or password, or ask us: Help > Contact.",  ""},
    };
    static const struct route unknown = {"Ask the provider that bills you for this membership.",
                                         ""};
    const struct partner *p = catalog_partner(c, biller);

    if (p) return p->routes[which];
    return strcmp(biller, "direct") == 0 ? ours[which] : unknown;
}
