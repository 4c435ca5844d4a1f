/* catalog_yaml: reads a catalog document, written by an operator, into the tables of catalog.h and
 * says everything that is wrong with it. docs/catalog.md and examples/catalog.yaml show the format.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/money.h"
#include "catalog/catalog_parts.h"

/* ISO 3166-1 alpha-2, and XK, which banks and the EU use for Kosovo. */
static const char iso_3166[] =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA "
    "ZM ZW";

int text_order(const char *a, const char *b)
{
    if (!a || !b) return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

bool period_overlaps(int64_t from_a, int64_t until_a, int64_t from_b, int64_t until_b)
{
    return (!until_a || from_b < until_a) && (!until_b || from_a < until_b);
}

bool period_valid(struct draft *d, const struct node *row, int64_t from_day, int64_t until_day)
{
    const struct node *until = node_get(row, "until");

    if (!until || until_day > from_day) return true;
    problem_at(&d->r, until, NULL, "catalog.period",
               "The period ends (until, the first day after it) before it begins.");
    return false;
}

bool size_valid(struct draft *d, const struct node *n, size_t max)
{
    if (n->n <= max) return true;
    problem_at(&d->r, n, NULL, "catalog.too_large", "There are %zu entries here, over %zu.", n->n,
               max);
    return false;
}

/* The codes of a map are its keys; they come sorted. */
static bool is_table(struct draft *d, const struct node *n)
{
    return n && node_is(&d->r, n, NODE_MAP) && size_valid(d, n, ENTRIES_MAX);
}

static const char *read_code(struct draft *d, const struct node *n)
{
    if (!code_valid(n->key))
        problem_at(&d->r, n, NULL, "catalog.code",
                   "\"%s\" is not a code: small letters, digits and _, at most 40.",
                   node_shown(&d->r, n->key));
    return arena_strdup(d->r.keep, n->key);
}

static bool country_code_known(const char *code)
{
    return strlen(code) == 2 && strchr(code, ' ') == NULL && strstr(iso_3166, code) != NULL;
}

static void check_country_code(struct draft *d, const struct node *n, const char *code)
{
    if (!country_code_known(code))
        problem_at(&d->r, n, NULL, "catalog.country_unknown",
                   "\"%s\" is not an ISO 3166 country code like DE.", node_shown(&d->r, code));
}

/* --- sellers, brands, operators --- */

static const struct key seller_keys[] = {
    {"legal_name", KEY_TEXT, offsetof(struct seller, legal_name), true,  1, 200, NULL},
    {"tax_id",     KEY_TEXT, offsetof(struct seller, tax_id),     true,  1, 60,  NULL},
    {"country",    KEY_TEXT, offsetof(struct seller, country),    true,  1, 0,   NULL},
    {"address",    KEY_TEXT, offsetof(struct seller, address),    false, 1, 0,   NULL},
};

static void read_sellers(struct draft *d, const struct node *n)
{
    if (!is_table(d, n)) return;
    struct seller *all = arena_array(d->r.keep, struct seller, n->n + 1);

    for (size_t i = 0; i < n->n; i++) {
        struct seller *s = &all[i];

        *s = (struct seller){.code = read_code(d, n->by_key[i]), .address = ""};
        node_bind(&d->r, n->by_key[i], seller_keys, COUNT(seller_keys), s);
        if (s->country) check_country_code(d, node_get(n->by_key[i], "country"), s->country);
    }
    d->c->sellers = all;
    d->c->n_sellers = n->n;
}

static const struct label *read_labels(struct draft *d, const struct node *n, size_t *n_out)
{
    static const struct key name = {"", KEY_TEXT, offsetof(struct label, name), true, 1, 100, NULL};

    if (!is_table(d, n)) return NULL;
    struct label *all = arena_array(d->r.keep, struct label, n->n + 1);
    for (size_t i = 0; i < n->n; i++) {
        all[i].code = read_code(d, n->by_key[i]);
        node_value(&d->r, n->by_key[i], &name, &all[i]);
    }
    *n_out = n->n;
    return all;
}

/* --- plans --- */

static const struct names resolutions = NAMES("480", "720", "1080", "2160", "4320");
static const struct names audios = NAMES("stereo", "5.1", "spatial");

struct plan_row {
    struct plan plan;
    unsigned resolution, audio; /* places in the tables above */
};

#define PLAN_AT(member) offsetof(struct plan_row, member)

static const struct key plan_keys[] = {
    {"name",       KEY_TEXT, PLAN_AT(plan.name),             true,  1, 60,  NULL        },
    {"ads",        KEY_BOOL, PLAN_AT(plan.ads),              true,  0, 0,   NULL        },
    {"streams",    KEY_INT,  PLAN_AT(plan.streams),          true,  1, 100, NULL        },
    {"downloads",  KEY_INT,  PLAN_AT(plan.download_devices), true,  0, 100, NULL        },
    {"resolution", KEY_ENUM, PLAN_AT(resolution),            true,  0, 0,   &resolutions},
    {"hdr",        KEY_BOOL, PLAN_AT(plan.hdr),              false, 0, 0,   NULL        },
    {"audio",      KEY_ENUM, PLAN_AT(audio),                 true,  0, 0,   &audios     },
    {"slots",      KEY_INT,  PLAN_AT(plan.slots),            true,  0, 20,  NULL        },
    {"pausable",   KEY_BOOL, PLAN_AT(plan.pausable),         false, 0, 0,   NULL        },
    {"from",       KEY_DAY,  PLAN_AT(plan.from_day),         true,  0, 0,   NULL        },
    {"until",      KEY_DAY,  PLAN_AT(plan.until_day),        false, 0, 0,   NULL        },
    {"closed",     KEY_DAY,  PLAN_AT(plan.closed_day),       false, 0, 0,   NULL        },
    {"retired",    KEY_DAY,  PLAN_AT(plan.retired_day),      false, 0, 0,   NULL        },
    {"retired_to", KEY_CODE, PLAN_AT(plan.retired_to),       false, 0, 0,   NULL        },
};

static void read_plan(struct draft *d, const struct node *n, struct plan *to)
{
    struct plan_row row = {.plan = {.code = read_code(d, n)}};

    if (node_bind(&d->r, n, plan_keys, COUNT(plan_keys), &row)) {
        int_parse(resolutions.at[row.resolution], &row.plan.resolution);
        row.plan.audio = audios.at[row.audio];
        period_valid(d, n, row.plan.from_day, row.plan.until_day);
    }
    if (row.plan.retired_day && row.plan.closed_day > row.plan.retired_day)
        problem_at(&d->r, node_get(n, "retired"), NULL, "catalog.period",
                   "The plan is retired before it is closed to new members.");
    *to = row.plan;
}

static void check_plans(struct draft *d, const struct node *n)
{
    for (size_t i = 0; i < d->c->n_plans; i++) {
        const struct plan *p = &d->c->plans[i];

        if (p->retired_to && (!catalog_plan(d->c, p->retired_to) || !p->retired_day))
            problem_at(&d->r, node_get(n->by_key[i], "retired_to"), NULL, "catalog.plan_unknown",
                       "The plan to move to must exist, and `retired` say when.");
        for (size_t k = 0; k < i; k++)
            if (p->name && d->c->plans[k].name && text_equal_nocase(p->name, d->c->plans[k].name))
                problem_at(&d->r, node_get(n->by_key[i], "name"), NULL, "catalog.name_twice",
                           "Two plans are called \"%s\".", p->name);
    }
}

static void read_plans(struct draft *d, const struct node *n)
{
    if (!n || !node_is(&d->r, n, NODE_MAP) || !size_valid(d, n, 200)) return;
    struct plan *all = arena_array(d->r.keep, struct plan, n->n + 1);

    for (size_t i = 0; i < n->n; i++) read_plan(d, n->by_key[i], &all[i]);
    d->c->plans = all;
    d->c->n_plans = n->n;
    check_plans(d, n);
}

/* --- settings --- */

#define SET_AT(member) offsetof(struct country_settings, member)

static const struct key setting_keys[] = {
    {"withdrawal_days",   KEY_INT,  SET_AT(withdrawal_days),   false, 0, 365, NULL            },
    {"unserved_days",     KEY_INT,  SET_AT(unserved_days),     false, 0, 365, NULL            },
    {"grace_days",        KEY_INT,  SET_AT(grace_days),        false, 0, 27,  NULL            },
    {"hold_limit_days",   KEY_INT,  SET_AT(hold_limit_days),   false, 1, 365, NULL            },
    {"retention_months",  KEY_INT,  SET_AT(retention_months),  false, 1, 120, NULL            },
    {"price_notice_days", KEY_INT,  SET_AT(price_notice_days), false, 0, 365, NULL            },
    {"price_consent",     KEY_BOOL, SET_AT(price_consent),     false, 0, 0,   NULL            },
    {"cancel_form",       KEY_BOOL, SET_AT(cancel_form),       false, 0, 0,   NULL            },
    {"change_policy",     KEY_ENUM, SET_AT(change_policy),     false, 0, 0,   &change_policies},
    {"consumer_body",     KEY_TEXT, SET_AT(consumer_body),     false, 1, 120, NULL            },
    {"consumer_link",     KEY_TEXT, SET_AT(consumer_link),     false, 9, 200, NULL            },
    {"source",            KEY_TEXT, SET_AT(source),            true,  1, 0,   NULL            },
};

static const struct country_settings settings_unset = {
    -1, -1, -1, -1, -1, -1, false, false, NEW_PRICE_NEXT_DATE, NULL, NULL, NULL};

static bool bind_settings(struct draft *d, const struct node *n, struct country_settings *to)
{
    const char *before = to->source;
    bool const good = node_bind(&d->r, n, setting_keys, COUNT(setting_keys), to);

    if (to->consumer_link && strncmp(to->consumer_link, "https://", 8) != 0)
        problem_at(&d->r, n, "consumer_link", "catalog.link", "A link begins with https://.");
    if (before && to->source != before)
        to->source = arena_printf(d->r.keep, "%s; %s", before, to->source);
    return good;
}

static void read_groups(struct draft *d, const struct node *n)
{
    if (!n || !node_is(&d->r, n, NODE_MAP) || !size_valid(d, n, 500)) return;
    struct settings_group *all = arena_array(d->r.scratch, struct settings_group, n->n + 1);

    for (size_t i = 0; i < n->n; i++) {
        struct country_settings unused = settings_unset;
        bool const good = bind_settings(d, n->by_key[i], &unused);

        all[i] = (struct settings_group){n->by_key[i]->key, good ? n->by_key[i] : NULL};
    }
    d->groups = all;
    d->n_groups = n->n;
}

static void use_settings(struct draft *d, const struct node *n, struct country_settings *to)
{
    if (n->kind == NODE_MAP) {
        bind_settings(d, n, to);
        return;
    }
    if (!node_is(&d->r, n, NODE_TEXT)) return;
    for (size_t i = 0; i < d->n_groups; i++) {
        if (strcmp(d->groups[i].name, n->text) != 0) continue;
        if (d->groups[i].node) bind_settings(d, d->groups[i].node, to);
        return;
    }
    problem_at(&d->r, n, NULL, "catalog.list_unknown", "There is no group \"%s\" under settings.",
               node_shown(&d->r, n->text));
}

/* One group, a list of groups of which the later overrule, or the settings themselves. */
static void country_settings_read(struct draft *d, struct country *c, const struct node *n)
{
    c->settings = settings_unset;
    if (!n) return;
    if (n->kind != NODE_LIST) {
        use_settings(d, n, &c->settings);
        return;
    }
    if (!size_valid(d, n, 20)) return;
    for (const struct node *part = n->first; part; part = part->next)
        use_settings(d, part, &c->settings);
}

/* --- countries --- */

struct country_row {
    struct country country;
    const struct node *plans, *prices, *taxes, *acceptance, *settings;
};

#define ROW_AT(member) offsetof(struct country_row, member)

static const struct key country_keys[] = {
    {"name",       KEY_TEXT, ROW_AT(country.name),      true,  1, 80, NULL      },
    {"currency",   KEY_TEXT, ROW_AT(country.currency),  true,  1, 0,  NULL      },
    {"zone",       KEY_TEXT, ROW_AT(country.zone_name), true,  1, 0,  NULL      },
    {"seller",     KEY_CODE, ROW_AT(country.seller),    true,  1, 0,  NULL      },
    {"tax",        KEY_ENUM, ROW_AT(country.tax_mode),  true,  0, 0,  &tax_modes},
    {"plans",      KEY_NODE, ROW_AT(plans),             false, 0, 0,  NULL      },
    {"prices",     KEY_NODE, ROW_AT(prices),            true,  0, 0,  NULL      },
    {"taxes",      KEY_NODE, ROW_AT(taxes),             false, 0, 0,  NULL      },
    {"acceptance", KEY_NODE, ROW_AT(acceptance),        true,  0, 0,  NULL      },
    {"settings",   KEY_NODE, ROW_AT(settings),          false, 0, 0,  NULL      },
};

static void check_names(struct draft *d, const struct node *n, const struct country *c)
{
    const struct zone *zone;
    struct error e;

    if (c->currency && !currency_find(c->currency))
        problem_at(&d->r, node_get(n, "currency"), NULL, "catalog.currency_unknown",
                   "\"%s\" is not an ISO 4217 currency in use.", node_shown(&d->r, c->currency));
    if (c->zone_name && zone_find(c->zone_name, &zone, &e) != OK)
        problem_at(&d->r, node_get(n, "zone"), NULL, "catalog.zone_unknown",
                   "\"%s\" is not a time zone like Europe/Berlin.",
                   node_shown(&d->r, c->zone_name));
    if (c->seller && !catalog_seller(d->c, c->seller))
        problem_at(&d->r, node_get(n, "seller"), NULL, "catalog.seller_unknown",
                   "There is no seller \"%s\" under sellers.", c->seller);
}

static void read_country(struct draft *d, const struct node *n, struct country *to)
{
    struct country_row row = {.country = {.code = arena_strdup(d->r.keep, n->key)}};

    check_country_code(d, n, n->key);
    node_bind(&d->r, n, country_keys, COUNT(country_keys), &row);
    if (n->kind == NODE_MAP) check_names(d, n, &row.country);
    prices_read(d, &row.country, row.prices, row.plans, n);
    taxes_read(d, &row.country, row.taxes);
    country_accept_read(d, &row.country, row.acceptance);
    country_settings_read(d, &row.country, row.settings);
    *to = row.country;
}

static void read_countries(struct draft *d, const struct node *n)
{
    if (!n || !node_is(&d->r, n, NODE_MAP) || !size_valid(d, n, 300)) return;
    struct country *all = arena_array(d->r.keep, struct country, n->n + 1);

    for (size_t i = 0; i < n->n; i++) {
        read_country(d, n->by_key[i], &all[i]);
        for (size_t k = 0; k < i; k++)
            if (all[i].name && all[k].name && text_equal_nocase(all[i].name, all[k].name))
                problem_at(&d->r, node_get(n->by_key[i], "name"), NULL, "catalog.name_twice",
                           "Two countries are called \"%s\".", all[i].name);
    }
    d->c->countries = all;
    d->c->n_countries = n->n;
}

/* --- the document --- */

struct root {
    int64_t format;
    const struct node *sellers, *brands, *operators, *plans, *partners, *acceptance, *settings,
        *countries;
};

static const struct key root_keys[] = {
    {"format",     KEY_INT,  offsetof(struct root, format),     true,  1, 1, NULL},
    {"sellers",    KEY_NODE, offsetof(struct root, sellers),    true,  0, 0, NULL},
    {"brands",     KEY_NODE, offsetof(struct root, brands),     false, 0, 0, NULL},
    {"operators",  KEY_NODE, offsetof(struct root, operators),  false, 0, 0, NULL},
    {"plans",      KEY_NODE, offsetof(struct root, plans),      true,  0, 0, NULL},
    {"partners",   KEY_NODE, offsetof(struct root, partners),   false, 0, 0, NULL},
    {"acceptance", KEY_NODE, offsetof(struct root, acceptance), false, 0, 0, NULL},
    {"settings",   KEY_NODE, offsetof(struct root, settings),   false, 0, 0, NULL},
    {"countries",  KEY_NODE, offsetof(struct root, countries),  true,  0, 0, NULL},
};

static void read_root(struct draft *d, const struct node *n)
{
    struct root root = {0};
    struct catalog *c = d->c;

    node_bind(&d->r, n, root_keys, COUNT(root_keys), &root);
    read_sellers(d, root.sellers);
    c->brands = read_labels(d, root.brands, &c->n_brands);
    c->operators = read_labels(d, root.operators, &c->n_operators);
    read_plans(d, root.plans);
    partners_read(d, root.partners);
    accept_lists_read(d, root.acceptance);
    read_groups(d, root.settings);
    read_countries(d, root.countries);
}

enum status catalog_read(const char *text, size_t n, const char *file, struct arena *a,
                         struct problems *out, const struct catalog **catalog)
{
    CLEANUP(arena_clear) struct arena scratch = {0};
    struct draft d = {
        .r = {"catalog", a, &scratch, out},
          .c = arena_new(a, struct catalog)
    };

    *out = (struct problems){.file = file, .arena = a};
    const struct node *root = node_read(&d.r, text, n);
    if (root) read_root(&d, root);
    problems_sort(out);
    if (out->total > 0) return E_INVALID;
    d.c->document = arena_memdup(a, text, n);
    *catalog = d.c;
    return OK;
}
