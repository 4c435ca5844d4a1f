/* audit_check: walks the audit and names what is not as it was written.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/audit_sign.h"

enum audit_defect {
    AUDIT_ENTRY_CHANGED,   /* or moved, or put in by somebody without the key */
    AUDIT_ENTRY_MISSING,   /* before the one that is named */
    AUDIT_ENTRIES_CUT_OFF, /* the last ones, which the end of the chain still tells of */
    AUDIT_HEAD_WRONG,      /* the end of the chain was changed or taken away */
    AUDIT_SIGN_MISSING,    /* a signed head before the one that is named */
    AUDIT_SIGN_CHANGED,    /* the digest of a signed head does not fit, or its signature */
    AUDIT_SIGNED_CHANGED,  /* an entry that a signed head tells of is not that entry any more */
    AUDIT_KEPT_MISSING,    /* the head that was kept elsewhere is not here */
    AUDIT_SIGNS_CUT_OFF, /* the newest signed heads, of which their end tells, or that end itself */
};
extern const struct names audit_defects;

struct audit_finding {
    enum audit_defect defect;
    int64_t account_id, entry_no; /* of an entry */
    int64_t sign_no;              /* of a signed head; else 0 */
};

enum { AUDIT_FINDINGS = 100, AUDIT_ALL = -1 };

struct audit_check {
    int64_t only_account; /* AUDIT_ALL: every account's chain, and the signed heads */
    int64_t from_at;      /* only what was written since; 0: everything */
    const struct audit_kept {
        int64_t sign_no;
        const char *digest, *signature, *public_key;
    } * kept; /* a signed head that was kept elsewhere; may be NULL */
    /* The answer. */
    int64_t entries, signs, findings;
    struct audit_finding found[AUDIT_FINDINGS]; /* the first ones */
    bool was_signed;                            /* an end tells of a signed head */
    void (*step)(void *arg, int64_t entries);   /* told now and then; may be NULL */
    void *step_arg;
};

/* In one snapshot. OK also when something was found. */
enum status audit_walk(struct ctx *cx, struct audit_check *c) MUST_CHECK;
