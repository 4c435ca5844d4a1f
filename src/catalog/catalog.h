/* catalog: what can be bought where, for how much, under which tax and paid how. One immutable
 * document per version, kept as it was applied; in memory a set of sorted tables that every reader
 * (sign-up, billing, entitlement, agents) shares (SPEC ).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"
#include "base/money.h"
#include "base/node.h"
#include "base/zone.h"
#include "catalog/partners.h"

#define DAY_NEVER INT64_C(0) /* "no end" in every until_day; until is exclusive, from inclusive */

enum tax_mode { TAX_INCLUSIVE, TAX_EXCLUSIVE };
extern const struct names tax_modes;
enum method_kind { KIND_CARD, KIND_WALLET, KIND_GIFT, KIND_CARRIER };
extern const struct names method_kinds; /* card wallet gift carrier (SPEC C-02) */
enum funding { FUNDING_CREDIT, FUNDING_DEBIT, FUNDING_PREPAID, FUNDING_VIRTUAL, FUNDING_NONE };
extern const struct names fundings; /* credit debit prepaid virtual none */
enum change_policy { SHIFT_ANCHOR, PRORATE_NOW, NEW_PRICE_NEXT_DATE };
extern const struct names change_policies; /* SPEC A-03 */

struct seller {
    const char *code, *legal_name, *tax_id, *country, *address;
};

/* One plan and its limits, the same in every country (SPEC A-01). */
struct plan {
    const char *code, *name; /* "standard_ads", "Standard with ads" */
    bool ads;
    int64_t streams, download_devices; /* at most so many at once */
    int64_t resolution;                /* lines: 720, 1080, 2160 */
    bool hdr;                          /* high dynamic range */
    const char *audio;                 /* "stereo", "5.1", "spatial" */
    int64_t slots;                     /* extra-member slots (O-02) */
    bool pausable;                     /* its owners may pause (G-03) */
    int64_t from_day, until_day;       /* when it exists at all */
    int64_t closed_day;                /* closed to new sign-ups from this day; 0 never */
    int64_t retired_day;               /* members are moved or ended from this day; 0 never */
    const char *retired_to;            /* the plan they are moved to; NULL: they end */
};

/* The list price of a plan (addon NULL) or of an add-on of it ("extra_member") in one country. */
struct price {
    const char *plan, *addon;
    int64_t amount_minor; /* in the country's currency; with tax inside where tax_mode says so */
    int64_t from_day, until_day;
};

struct tax {
    const char *name;   /* as printed: "VAT", "GST", "Sales tax" */
    const char *region; /* NULL: the whole country; else "CA": that region alone, in addition */
    bool replaces; /* with a region: there in place of the country-wide taxes (Canary Islands) */
    int64_t rate_ppm;
    int64_t from_day, until_day;
    bool registered; /* false: kept on file but not collected until the operator registers */
};

/* One row of the acceptance table (SPEC C-20). NULL matches anything of that column. A country
 * without a matching row refuses; the most specific matching row (most columns set) decides,
 * `accepted` either way; of two equally specific ones the refusal. */
struct acceptance {
    enum method_kind kind;
    const char *brand;     /* "visa", …; NULL any */
    const char *funding;   /* spelling of enum funding; NULL any */
    const char *operator_; /* carrier billing: the operator's code; NULL any */
    bool accepted;
    int64_t from_day, until_day;
};

/* Law and custom that differ by country; each a setting with a note of its source. -1: not set
 * here, the global setting rules. */
struct country_settings {
    int64_t withdrawal_days, unserved_days, grace_days, hold_limit_days, retention_months,
        price_notice_days;
    bool price_consent, cancel_form;
    enum change_policy change_policy;
    const char *consumer_body, *consumer_link; /* whom members can turn to (SPEC I-10); NULL */
    const char *source; /* where the values come from; NULL when none is set */
};

struct country {
    const char *code, *name; /* ISO 3166-1 alpha-2, English name */
    const char *currency, *seller;
    const char *zone_name;
    enum tax_mode tax_mode;
    size_t n_prices, n_taxes, n_acceptances;
    const struct price *prices;           /* sorted by plan, addon, from_day */
    const struct tax *taxes;              /* sorted by region (NULL first), name, from_day */
    const struct acceptance *acceptances; /* sorted by kind, brand, funding, operator, from_day */
    struct country_settings settings;
};

/* What people call a card brand or an operator: "amex", "American Express". */
struct label {
    const char *code, *name;
};

struct catalog {
    int64_t version; /* 0 until applied */
    size_t n_sellers, n_plans, n_countries, n_brands, n_operators, n_partners;
    const struct seller *sellers; /* sorted by code, like the others */
    const struct plan *plans;
    const struct country *countries;
    const struct label *brands, *operators;
    const struct partner *partners;
    const char *document; /* the YAML text it was read from */
};

extern const struct fault CATALOG_INVALID, CATALOG_IN_USE, CATALOG_NONE, CATALOG_VERSION_UNKNOWN,
    PLAN_UNKNOWN, COUNTRY_UNKNOWN;

/* --- catalog_yaml.c --- */
enum { CATALOG_BYTES_MAX = NODE_BYTES_MAX };
/* Reads and checks a whole document; finds everything wrong with it, not only the first thing.
 * E_INVALID when *out has a problem. What it makes lives in the arena. file is only for the
 * messages. */
enum status catalog_read(const char *text, size_t n, const char *file, struct arena *a,
                         struct problems *out, const struct catalog **catalog) MUST_CHECK;

/* --- catalog.c --- */
struct ctx;
struct catalog_applied {
    int64_t version;
    bool changed; /* false: the newest version was this very text already */
};
/* What members have, or will have with their next period, and the catalog has no price for in their
 * country from the day on which a charge of theirs may want it. */
struct catalog_gap {
    const char *country, *plan;
    int64_t from_day;
};
/* All of them; c may be NULL, which has no price at all. */
enum status catalog_gaps(struct ctx *cx, const struct catalog *c, int64_t today,
                         struct catalog_gap **out, size_t *n) MUST_CHECK;
/* Checks a document and keeps it as a new version, one above the newest. On any problem nothing is
 * changed. Faults: CATALOG_INVALID, with *problems; CATALOG_IN_USE: it has a gap. */
enum status catalog_apply(struct ctx *cx, const char *text, size_t n, const char *file,
                          struct problems *problems, struct catalog_applied *out) MUST_CHECK;
/* A version, or the newest (0), for as long as cx->arena has what it has. A process reads each once
 * and its threads share it. Faults: CATALOG_NONE, CATALOG_VERSION_UNKNOWN. */
enum status catalog_load(struct ctx *cx, int64_t version, const struct catalog **out) MUST_CHECK;

struct catalog_version {
    int64_t version, applied_at;
    const char *applied_by, *document_hash;
};
/* The newest first, at most max of them. */
enum status catalog_versions(struct ctx *cx, int64_t max, struct catalog_version **out,
                             size_t *n) MUST_CHECK;

/* --- catalog_rules.c: pure lookups; all return NULL (or 0) when there is none --- */
const struct seller *catalog_seller(const struct catalog *c, const char *code);
const struct plan *catalog_plan(const struct catalog *c, const char *code);
/* By code or display name, any case; for people and imports. */
const struct plan *catalog_plan_named(const struct catalog *c, const char *text);
const struct country *catalog_country(const struct catalog *c, const char *code);
/* By ISO code (any case) or English name (any case, common variants: "United States", "USA", "UK").
 */
const struct country *catalog_country_named(const struct catalog *c, const char *text);
/* The price in force on a day; addon NULL for the plan itself. */
const struct price *country_price(const struct country *c, const char *plan, const char *addon,
                                  int64_t day);
/* Taxes collected on a day for a region (NULL or "" when unknown): country-wide ones and those of
 * the region, registered only; writes at most max pointers and returns how many. */
size_t country_taxes(const struct country *c, const char *region, int64_t day,
                     const struct tax **out, size_t max);
/* True when new members can take it on that day: it exists, is not closed and not retired.
 */
bool plan_open(const struct plan *p, int64_t day);

struct method_card { /* what acceptance is decided on */
    enum method_kind kind;
    const char *brand;
    enum funding funding;
    const char *operator_;
};
extern const struct fault METHOD_KIND_NOT_ACCEPTED, METHOD_BRAND_NOT_ACCEPTED,
    METHOD_FUNDING_NOT_ACCEPTED, METHOD_OPERATOR_NOT_ACCEPTED, METHOD_GIFT_NOT_A_METHOD;
/* NULL when the country accepts it on that day, else the true reason: the kind, the brand, the
 * funding or the operator (SPEC C-03 to C-08). Gift cards are credit, never a method (C-05). */
const struct fault *country_accepts(const struct country *c, const struct method_card *m,
                                    int64_t day);
/* True when some method of the kind is accepted there: whether a form offers it at all (C-04). */
bool country_offers(const struct country *c, enum method_kind kind, int64_t day);

/* What to look at when a payment was declined, in the order shown; the first is always whether this
 * kind of method is accepted in the member's country (SPEC C-08). */
struct decline_check {
    const char *code;            /* its text is check.CODE */
    const struct fault *finding; /* why it fails; NULL when it passes or only the bank knows */
};
enum { DECLINE_CHECKS = 4 };
void country_decline_checks(const struct country *c, const struct method_card *m, int64_t day,
                            struct decline_check out[static DECLINE_CHECKS]);
