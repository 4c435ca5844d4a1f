/* overview: what the owner's account page says of a membership - plan, price, taxes, what comes
 * next and what is wrong (SPEC A-02, B-12). Its figures are billing's own preview.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/temporary.h"
#include "catalog/catalog.h"

struct overview_get {
    const char *member; /* how the caller names the account; account_id is what is meant */
    int64_t account_id;
};

enum banner { BANNER_NONE, BANNER_GRACE, BANNER_HOLD, BANNER_ENDING };
extern const struct names banners;

/* Dates are "2024-02-29", '' for none; amounts are in `currency`. */
struct overview {
    const char *member, *external_id;
    const char *plan, *plan_name, *biller;
    const char *biller_name; /* as on the bill; "" when we bill */
    /* Where to go to change payment, to cancel, for a refund (SPEC D-02, D-04, D-15). */
    struct route to_pay, to_cancel, to_refund;
    const char *cancel_asked_at; /* of the partner, which has not answered yet (SPEC D-06) */
    int64_t state;
    const char *standing; /* the word that policy sees (SPEC 2.1) */
    bool access;          /* may watch now */
    const char *country, *currency;
    const char *time_zone; /* of every date here: the one billing zone (SPEC B-04) */
    const char *date_note; /* BANK_DATE_NOTE */
    int64_t price_minor;   /* what a month of the plan costs this member; 0: the catalog has none */
    int64_t tax_mode;      /* whether that includes tax */
    const char *anchor_on, *period_start, *period_end; /* end exclusive; a partner's own */
    /* The next charge: of the next period, or of what is unpaid, or on hold of a new period from
     * today. */
    const char *next_charge_on;
    int64_t next_net_minor, next_tax_minor, next_total_minor;
    int64_t next_credit_minor, next_method_minor; /* who pays that: credit, and then a method */
    const struct overview_tax *taxes;
    size_t n_taxes;
    const char *next_problem;      /* why there is none, or none comes: a fault's code; '' */
    const char *next_plan;         /* that counts from the next date on; '' */
    const struct slot_view *slots; /* that have not ended, the newest first */
    size_t n_slots;
    const struct plan_event *changes; /* of the plan, the newest first (SPEC A-06) */
    size_t n_changes;
    /* Authorizations: nothing of them is ever charged (SPEC B-10). */
    const struct temporary *temporary;
    size_t n_temporary;
    const struct overview_consent *consents; /* to recurring charges (SPEC B-16), oldest first */
    size_t n_consents;
    /* What a banner says (SPEC E-04); the dates are exclusive. */
    int64_t banner;
    const char *unpaid_since, *grace_until, *hold_until;
    const char *held_back; /* why what is unpaid was not even tried: HELD_BY_DISPUTE; '' */
    const char *last_day;  /* the final service date: the last local date with access (F-04) */
    const char *pause_on, *resume_on; /* of a pause that is decided or runs (G-05) */
    const char *unfinished_since;     /* a cancel was begun then and is not finished (F-02) */
    const char *kept_until;           /* everything is kept until this date (E-06) */
};
struct overview_tax {
    const char *name;
    int64_t rate_ppm, amount_minor;
};

/* A change of plan: who asked for it, when and from where, and what it did about money. */
struct plan_event {
    const char *change, *asked_at, *by, *surface, *device, *network;
    const char *from_plan, *to_plan, *effective_on;
    int64_t effect, state, amount_minor;
    const char *code;
};

struct overview_consent {
    const char *text_version, *consented_at, *surface, *source, *kept_until;
};

extern const struct shape overview_shape;

/* Faults: MEMBERSHIP_UNKNOWN. */
enum status overview_get(struct ctx *cx, const struct catalog *c, const struct overview_get *in,
                         struct overview *out) MUST_CHECK;
