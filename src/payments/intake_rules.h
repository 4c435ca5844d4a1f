/* intake_rules: what a row of a member list must be, and where it puts a member in time. Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "catalog/catalog.h"

enum intake_field {
    IN_EXTERNAL_ID,
    IN_EMAIL,
    IN_NAME,
    IN_COUNTRY, /* ISO code or English name */
    IN_REGION,
    IN_PLAN, /* code or display name */
    IN_JOINED_ON,
    IN_PAID_THROUGH, /* the last paid day */
    IN_BILLER,       /* "direct" when empty */
    IN_METHOD,       /* tokens of the gateway, ';' between a method and its backups */
    IN_LOCALE,
    IN_TIME_ZONE,
    INTAKE_FIELDS,
};
extern const struct names intake_fields;
bool intake_required(enum intake_field field);

enum { INTAKE_TOKENS_MAX = 8, INTAKE_HASH_TEXT = 48 };

extern const struct fault MEMBER_VALUE_MISSING, MEMBER_VALUE_TOO_LONG, MEMBER_VALUE_INVALID,
    MEMBER_EXTERNAL_ID_INVALID, MEMBER_EXTERNAL_ID_RESERVED, MEMBER_EMAIL_INVALID,
    MEMBER_COUNTRY_UNKNOWN, MEMBER_PLAN_UNKNOWN, MEMBER_PLAN_NOT_SOLD, MEMBER_DATE_INVALID,
    MEMBER_DATE_RANGE, MEMBER_BILLER_UNKNOWN, MEMBER_LOCALE_INVALID, MEMBER_REGION_INVALID,
    MEMBER_ZONE_UNKNOWN, MEMBER_METHOD_INVALID;

/* What a file says of a member; "" where it says nothing. */
struct intake_row {
    const char *at[INTAKE_FIELDS];
};

/* Whether an id has a meaning of its own where members are named: nobody new may have it, and who
 * has it from before is found by the mem_… reference. */
bool external_id_is_reserved(const char *id);

/* Without blanks and line breaks at both ends, as every value is taken. */
char *intake_trim(struct arena *a, const char *text);

/* What holds for every row of a file. */
struct intake_terms {
    const struct catalog *catalog;
    const struct zone *zone; /* of rows that name none; NULL: their country's */
    const char *date_format; /* as day_parse_format reads it; NULL: ISO */
    int64_t as_of_day;       /* everything before counts as paid; see intake_as_of_fits */
};
/* Whether as_of_day can be billed from. */
bool intake_as_of_fits(int64_t as_of_day, int64_t today);

/* The row, read. Texts are in the arena. */
struct newcomer {
    const char *external_id, *email, *name, *region, *biller, *locale;
    const struct country *country;
    const struct plan *plan;
    const struct zone *zone;
    const char *zone_text;                /* as the row has it */
    bool zone_given;                      /* by the row or for the file, not by the country */
    int64_t joined_day, paid_through_day; /* 0: no such day given */
    int64_t k, period_start_day, period_end_day; /* the period that is paid; see membership */
    size_t n_tokens;
    const char *tokens[INTAKE_TOKENS_MAX];
    char hash[INTAKE_HASH_TEXT];
};

/* Reads and checks a row. E_INVALID with one of the faults above, its field and what stood there.
 */
enum status newcomer_read(const struct intake_terms *terms, const struct intake_row *row,
                          struct arena *a, struct newcomer *out, struct error *e) MUST_CHECK;

/* The first charge is at the first anchor date on or after as_of_day, or after paid_through_day (0:
 * none) where that is later; the anchor stays the joining day (SPEC B-02). Sets the period before
 * it, which is paid: k is -1, and both days the anchor, when there is none. */
void newcomer_place(struct newcomer *m, int64_t as_of_day);

bool newcomer_direct(const struct newcomer *m); /* billed by us, not by a partner (SPEC B-07) */
/* Whether what an import may never change (plan, country, dates, biller) is the same in both. */
bool newcomer_same_terms(const char *hash, const char *stored);
