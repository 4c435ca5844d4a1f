/* cancel_form: cancelling without signing in, where the member's country asks for it (SPEC F-25,
 * DT-2, docs/decisions/0016). The form is only taken; an errand finds out what it comes to, so that
 * nobody can tell by the answer or its time whether there is such a member.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/errand.h"

enum form_ground { GROUND_ORDINARY, GROUND_CAUSE };
extern const struct names form_grounds;

/* What a form came to. */
enum form_outcome {
    FORM_RECEIVED,
    FORM_CANCELED, /* the membership ends, as told in the confirmation */
    FORM_ENDED,    /* it was ended or ending already: the confirmation is sent again */
    FORM_PARTNER,  /* a partner bills: the wish is kept open and the contact told the way */
    FORM_SIGN_IN,  /* the member's country has no such form: the contact is told how to cancel */
    FORM_PERSON,   /* a person has to look at it */
};
extern const struct names form_outcomes;

struct cancel_form_in {
    const char *email, *name;
    const char *member;  /* the member's reference, if it is known; or NULL */
    int64_t ground;      /* enum form_ground */
    const char *because; /* of a termination for cause; or NULL */
    const char *locale;  /* of the answer's text; NULL: English */
};
struct cancel_receipt {
    const char *reference;   /* cfm_… */
    const char *received_at; /* from this instant the declaration counts */
    const char *text;
};

extern const struct fault FORM_TRIES;

/* Takes a form. The answer is the same whether there is such a member. Faults: FORM_TRIES. */
enum status cancel_form_take(struct ctx *cx, const struct cancel_form_in *in,
                             struct cancel_receipt *out) MUST_CHECK;
/* The errand: does what a form declares, and confirms it to the account's contacts. */
enum status cancel_form_do(struct ctx *cx, const struct catalog *c, const struct errand *e,
                           int64_t at) MUST_CHECK;

struct cancel_keep {
    const char *code; /* from the confirmation */
};
/* The form was not the owner's, or is regretted: undoes its cancel while access lasts. Faults:
 * PROOF_UNKNOWN and those of billing_undo_cancel. */
enum status cancel_form_keep(struct ctx *cx, const struct catalog *c, const struct cancel_keep *in,
                             struct cancel_undone *out) MUST_CHECK;
