/* remedy: what somebody asks of a charge - the rules decide, the decision is stored, the refund
 * ordered or left to a second person (SPEC I-01 to I-04, I-08, X-09).
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/shape.h"
#include "billing/remedy_rules.h"
#include "catalog/catalog.h"
#include "db/db.h"

enum remedy_outcome {
    REMEDY_GIVEN,    /* a refund is ordered */
    REMEDY_NONE,     /* the rule gives nothing */
    REMEDY_WAITING,  /* for a second person */
    REMEDY_REFUSED,  /* by the second person */
    REMEDY_ASKED,    /* by the owner: a person decides */
    REMEDY_PARTNER,  /* the partner who bills decides (SPEC I-08, D-15) */
    REMEDY_DISPUTED, /* a bank takes the charge back: decided when that has ended */
};
extern const struct names remedy_outcomes;

/* What somebody wants to come of it (SPEC I-09, U-10). */
enum remedy_wanted {
    WANTED_UNSAID,
    WANTED_CANCEL_DUPLICATE,
    WANTED_REVERSE_UNAUTHORIZED,
    WANTED_RESTORE_ACCESS,
    WANTED_REMOVE_EXTRA_MEMBER,
    WANTED_CORRECT_TECHNICAL,
    WANTED_OTHER,
};
extern const struct names remedy_wanteds;

extern const struct fault REMEDY_CHARGE_MISSING, REMEDY_ABOVE_RULE, REMEDY_UNKNOWN,
    REMEDY_NOT_WAITING, REMEDY_SAME_PERSON;

struct remedy_ask {
    const char *member;
    int64_t account_id;
    const char *charge;   /* chg_… or inv_…; NULL only where a partner bills */
    int64_t circumstance; /* enum refund_circumstance */
    int64_t amount_minor; /* 0: what the rule gives */
    int64_t to;           /* enum refund_to */
    int64_t wanted;       /* enum remedy_wanted */
    const char *note;     /* for the record; NULL */
    bool waits;           /* for the end of a dispute, instead of REFUND_DISPUTED */
};
struct remedy_view {
    const char *remedy, *charge, *refund, *work; /* rem_…, chg_…, rfd_…, wrk_…; '' where none */
    int64_t outcome, circumstance, amount_minor, to;
    const char *currency, *rule, *reason;
    const char *target_by;                     /* of what is urgent (SPEC I-03); '' */
    const char *link;                          /* where a partner is asked; '' */
    const char *consumer_body, *consumer_link; /* of the country, while it is open (I-10); '' */
};

/* An agent or the system asks for a refund. Faults: MEMBERSHIP_UNKNOWN, REMEDY_CHARGE_MISSING,
 * REMEDY_ABOVE_RULE and those of refund_order. */
enum status remedy_give(struct ctx *cx, const struct catalog *c, const struct remedy_ask *in,
                        struct remedy_view *out) MUST_CHECK;
/* The owner asks: nothing is decided, a work item is opened, urgent where the rules say so (SPEC
 * I-03), and the rule tells what can be expected. */
enum status remedy_request(struct ctx *cx, const struct catalog *c, const struct remedy_ask *in,
                           struct remedy_view *out) MUST_CHECK;

struct remedy_approve {
    const char *member;
    int64_t account_id;
    const char *remedy; /* rem_… */
    bool decline;
};
/* Another agent than the one who asked approves or declines what waits (SPEC X-09). Faults:
 * REMEDY_UNKNOWN, REMEDY_NOT_WAITING, REMEDY_SAME_PERSON and those of refund_order. */
enum status remedy_approve(struct ctx *cx, const struct remedy_approve *in,
                           struct remedy_view *out) MUST_CHECK;
