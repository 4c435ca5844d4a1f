/* account: finding people. SPDX-License-Identifier: Apache-2.0 */
#include "account/account.h"

#include "base/id.h"

const struct fault ACCOUNT_UNKNOWN = {
    E_NOT_FOUND, "account.unknown",
    "There is no such member; give the external id or the mem_… reference."};
const struct fault ACCOUNT_LOCKED = {
    E_CONFLICT, "account.locked",
    "The account is locked while a takeover is looked into; support unlocks it when that is done."};
const struct fault ACCOUNT_NOT_LOCKED = {E_CONFLICT, "account.not_locked",
                                         "The account is not locked; there is nothing to undo."};

const struct fault ACCOUNT_NOT_ENDED = {
    E_CONFLICT, "account.not_ended",
    "An account is deleted after its membership has ended; cancel the membership first."};
const struct fault ACCOUNT_NO_DELETION = {
    E_CONFLICT, "account.no_deletion",
    "No early deletion of this account was asked for; there is nothing to take back."};

enum status account_get(struct ctx *cx, int64_t account_id, struct account *out)
{
    return account_by_id(cx, out, &ACCOUNT_UNKNOWN, .account_id = account_id);
}

enum status account_locale(struct ctx *cx, int64_t account_id, const char *asked, const char **out)
{
    struct account a = {.locale = asked};

    if (!asked) TRY(account_get(cx, account_id, &a));
    *out = a.locale;
    return OK;
}

enum status account_find(struct ctx *cx, const char *member, struct account *out)
{
    int64_t id;

    if (id_parse("mem", member, &id) || id_parse("acc", member, &id))
        TRY(account_get(cx, id, out));
    else
        TRY(account_by_external_id(cx, out, &ACCOUNT_UNKNOWN, .external_id = member));
    return out->erased_at ? fail(cx->err, &ACCOUNT_UNKNOWN, NULL) : OK;
}

enum status account_number(struct ctx *cx, const char *member, int64_t *account_id)
{
    struct account_named_row found;
    struct account account;
    int64_t id;

    if (id_parse("mem", member, &id) || id_parse("acc", member, &id)) {
        TRY(account_find(cx, member, &account));
        *account_id = account.account_id;
        return OK;
    }
    TRY(account_named(cx, &found, &ACCOUNT_UNKNOWN, .external_id = member));
    if (found.erased_at) return fail(cx->err, &ACCOUNT_UNKNOWN, NULL);
    *account_id = found.account_id;
    return OK;
}

enum status account_erased(struct ctx *cx, const char *member, int64_t *account_id)
{
    struct account account = {0};
    int64_t id;

    if (id_parse("mem", member, &id)) TRY(account_get(cx, id, &account));
    if (!account.erased_at) return fail(cx->err, &ACCOUNT_UNKNOWN, NULL);
    *account_id = account.account_id;
    return OK;
}

enum status account_refuse_locked(struct ctx *cx, const struct account *a)
{
    return a->locked_at ? fail(cx->err, &ACCOUNT_LOCKED, NULL) : OK;
}
