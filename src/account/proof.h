/* proof: codes that are sent to an account's own contacts. Who brings one back has read what was
 * sent there, whoever it is; what that proves is for the op that takes it to say.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "db/db.h"

enum proof_for {
    PROOF_NOT_ME,          /* "this was not me": a restart that was begun or done (SPEC F-15) */
    PROOF_CONFIRM_RESTART, /* a restart that is held back (SPEC DT-3) */
    PROOF_KEEP,            /* undoes a cancel that came by the form (SPEC F-25) */
    PROOF_COMPARE,         /* lets another account's owner see this one beside theirs (SPEC H-08) */
};
extern const struct names proof_kinds;

enum { PROOF_CODE = 27 }; /* 26 characters of base32: too many to be guessed */

extern const struct fault PROOF_UNKNOWN;

/* Makes a code that counts until `until_at`, instead of the account's older one of the kind. It
 * stands in the message that carries it and nowhere else. In the caller's transaction. */
enum status proof_make(struct ctx *cx, int64_t account_id, enum proof_for what, int64_t until_at,
                       char code[static PROOF_CODE]) MUST_CHECK;
/* Whose code it is. Faults: PROOF_UNKNOWN when there is none, or it is used, old or replaced. */
enum status proof_find(struct ctx *cx, const char *code, enum proof_for what,
                       int64_t *account_id) MUST_CHECK;
/* The account's code of the kind counts no more. */
enum status proof_drop(struct ctx *cx, int64_t account_id, enum proof_for what) MUST_CHECK;
