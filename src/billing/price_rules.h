/* price_rules: from when a price that was announced counts for one member (SPEC A-08). Pure.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing_rules.h"

enum price_consent { CONSENT_NOT_NEEDED, CONSENT_ASKED, CONSENT_GIVEN };
extern const struct names price_consents;

/* A price of the catalog that comes into force on from_day, announced on `today`. */
struct price_news {
    int64_t today, from_day, notice_days;
    bool dearer;  /* a lower price needs neither notice nor consent */
    bool consent; /* the country asks for the member's consent to a dearer one */
};

/* The first date on which a period that starts then has the new price. */
int64_t price_applies_day(const struct price_news *n);
/* The newest day of prices that a member has been told of and that count by today: what they pay
 * before a price of from_day is announced. */
int64_t price_known_by(const struct price_terms *t, int64_t today, int64_t from_day);
/* Whether that price, or a newer one, is what the member has been told of, or joined with. */
bool price_is_known(const struct price_terms *now, const struct price_news *n);
/* What a member knows after the announcement; while consent is asked for, the old price goes on. A
 * member who knows of that price already is left alone. */
struct price_terms price_announce(const struct price_terms *now, const struct price_news *n);
/* The same once consent is given, on today's date: from then on, and not before applies_day. */
struct price_terms price_agree(const struct price_terms *now, int64_t from_day, int64_t applies_day,
                               int64_t today);
