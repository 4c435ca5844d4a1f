/* former: keyed hashes of ids. SPDX-License-Identifier: Apache-2.0 */
#include "account/former.h"

#include "db/secret.h"
#include "former_sql.h"

const struct fault MEMBER_ERASED = {
    E_CONFLICT, "member.erased",
    "This member was erased and is not brought back by a file; whoever comes back signs up "
    "(membership.start) or is imported under a new external_id."};

static const char secret_name[] = "erased_name";

enum status former_remember(struct ctx *cx, const char *external_id)
{
    char hash[SECRET_HASH];

    TRY(secret_hash(cx, secret_name, external_id, hash));
    return former_add(cx, NULL, .name_hash = hash);
}

/* The key is opened once for all, and not at all where nobody was ever erased. */
enum status former_known(struct ctx *cx, const char *const *external_ids, size_t n, bool *known)
{
    struct former_row *rows;
    char hash[SECRET_HASH];
    size_t some;
    WIPED_KEY k;

    for (size_t i = 0; i < n; i++) known[i] = false;
    if (n == 0) return OK;
    TRY(former_some(cx, &rows, &some, .max = 1));
    if (some == 0) return OK;
    TRY(secret_key_kept(cx, secret_name, &k));
    for (size_t i = 0; i < n; i++) {
        secret_hash_by(&k, external_ids[i], hash);
        TRY(former_by_hash(cx, &rows, &some, .name_hash = hash, .max = 1));
        known[i] = some > 0;
    }
    return OK;
}

enum status former_returned(struct ctx *cx, const char *external_id)
{
    struct former_row *rows;
    char hash[SECRET_HASH];
    size_t some;

    TRY(former_some(cx, &rows, &some, .max = 1));
    if (some == 0) return OK;
    TRY(secret_hash(cx, secret_name, external_id, hash));
    return former_drop(cx, NULL, .name_hash = hash);
}
