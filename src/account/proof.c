/* proof: makes and finds codes. SPDX-License-Identifier: Apache-2.0 */
#include "account/proof.h"

#include <string.h>

#include "base/luhn.h"
#include "db/secret.h"
#include "proof_sql.h"

const struct names proof_kinds = NAMES("not_me", "confirm_restart", "keep", "compare");

const struct fault PROOF_UNKNOWN = {
    E_DENIED, "contact.proof_unknown",
    "This code is not known, or it was used, replaced or is too old; ask for a new one."};

/* What a person may type: no letter that looks like a digit. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
static const char secret_name[] = "contact_proof";

/* Never one that could be taken for a card's number. */
static void make(char code[static PROOF_CODE])
{
    unsigned char random[PROOF_CODE - 1];

    do {
        secret_random(random, sizeof random);
        for (size_t i = 0; i < sizeof random; i++) code[i] = alphabet[random[i] & 31];
        code[PROOF_CODE - 1] = '\0';
    } while (text_has_card_number(code));
}

enum status proof_make(struct ctx *cx, int64_t account_id, enum proof_for what, int64_t until_at,
                       char code[static PROOF_CODE])
{
    char hash[SECRET_HASH];

    make(code);
    TRY(secret_hash(cx, secret_name, code, hash));
    return proof_put(cx, NULL, .account_id = account_id, .proof_for = what, .code_hash = hash,
                     .made_at = cx->now, .until_at = until_at);
}

enum status proof_find(struct ctx *cx, const char *code, enum proof_for what, int64_t *account_id)
{
    char hash[SECRET_HASH];
    struct proof_row *rows;
    size_t n;

    TRY(secret_hash(cx, secret_name, code, hash));
    TRY(proof_by_code(cx, &rows, &n, .code_hash = hash, .proof_for = what, .now = cx->now,
                      .max = 1));
    if (n == 0) return fail(cx->err, &PROOF_UNKNOWN, "code");
    *account_id = rows->account_id;
    return OK;
}

enum status proof_drop(struct ctx *cx, int64_t account_id, enum proof_for what)
{
    return proof_remove(cx, NULL, .account_id = account_id, .proof_for = what);
}
