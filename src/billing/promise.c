/* promise: gives back by rule, or keeps what a dispute stops. SPDX-License-Identifier: Apache-2.0
 */
#include "billing/promise.h"

#include <string.h>

#include "account/account.h"
#include "base/id.h"
#include "billing/billing.h"
#include "billing/credit.h"
#include "billing/remedy.h"
#include "remedy_sql.h"

enum { PROMISES_MAX = 100 };

/* Nothing is promised twice: what is promised already counts as given. */
static enum status promise(struct ctx *cx, const struct refund_order *o, int64_t most_minor,
                           struct given *sum)
{
    struct remedy_promised_row before;
    int64_t amount, id;

    TRY(refund_guard(cx, NULL, .charge_id = o->charge_id, .account_id = o->account_id));
    TRY(remedy_promised(cx, &before, &DB_NO_ROW, .charge_id = o->charge_id,
                        .account_id = o->account_id));
    amount = most_minor - before.minor;
    if (o->amount_minor && o->amount_minor < amount) amount = o->amount_minor;
    if (amount <= 0) return OK;
    TRY(db_id(cx, &id));
    sum->waits_minor += amount;
    return remedy_add(cx, NULL, .remedy_id = id, .account_id = o->account_id,
                      .charge_id = o->charge_id, .circumstance = o->circumstance, .rule = o->rule,
                      .remedy_outcome = REMEDY_DISPUTED, .amount_minor = amount, .refund_to = o->to,
                      .from_day = o->from_day, .until_day = o->until_day, .note = "",
                      .asked_at = o->at, .actor_role = cx->actor.role, .actor_id = cx->actor.id);
}

enum status promise_refund(struct ctx *cx, const struct refund_order *o, struct given *sum)
{
    struct refund_order order = *o;
    struct refund_left left;

    TRY(refund_left(cx, o->account_id, o->charge_id, &left));
    if (left.disputed) return promise(cx, o, left.total_minor + left.held_minor, sum);
    if (!o->amount_minor || o->amount_minor > left.total_minor)
        order.amount_minor = left.total_minor;
    if (order.amount_minor == 0) return OK;
    sum->refunds++;
    sum->amount_minor += order.amount_minor;
    return refund_order(cx, &order, NULL);
}

/* ---- kept ---- */

/* An account that has moved to another currency cannot have credit: somebody looks at the rest. */
static enum status limit(struct ctx *cx, const struct remedy *r, const char *currency,
                         const struct refund_left *left, int64_t *amount_minor)
{
    struct account account;
    char charge[ID_TEXT];

    if (*amount_minor > left->total_minor) *amount_minor = left->total_minor;
    if (*amount_minor <= left->method_minor) return OK;
    TRY(account_get(cx, r->account_id, &account));
    if (strcmp(account.currency, currency) == 0) return OK;
    struct work_open const work = {
        .account_id = r->account_id,
        .kind = "refund.refused",
        .subject = r->charge_id,
        .priority = WORK_HIGH,
        .evidence =
            json_pack("{s:s, s:I, s:s, s:s, s:b}", "charge", id_text("chg", r->charge_id, charge),
                      "amount_minor", (json_int_t)(*amount_minor - left->method_minor), "currency",
                      currency, "code", CREDIT_CURRENCY.code, "given_as_credit", 0)};
    *amount_minor = left->method_minor;
    return work_open(cx, &work, NULL);
}

static enum status keep(struct ctx *cx, const struct remedy *r, const struct dispute *d,
                        const struct dispute_ending *e, int64_t amount)
{
    struct refund_left left;
    int64_t refund_id = 0;

    TRY(refund_left(cx, r->account_id, r->charge_id, &left));
    if (amount > 0) TRY(limit(cx, r, d->currency, &left, &amount));
    struct refund_order const o = {
        .account_id = r->account_id,
        .charge_id = r->charge_id,
        .amount_minor = amount,
        .to = (enum refund_to)r->refund_to,
        .circumstance = (enum refund_circumstance)r->circumstance,
        .rule = r->rule,
        .key = arena_printf(cx->arena, "remedy/%lld", (long long)r->remedy_id),
        .from_day = r->from_day,
        .until_day = r->until_day,
        .at = e->at,
        .by = e->by};
    if (amount > 0) TRY(refund_order(cx, &o, &refund_id));
    return remedy_kept(cx, NULL, .remedy_id = r->remedy_id, .account_id = r->account_id,
                       .remedy_outcome = refund_id ? REMEDY_GIVEN : REMEDY_NONE,
                       .refund_id = refund_id);
}

enum status promise_keep(struct ctx *cx, const struct dispute *d, const struct dispute_ending *e)
{
    int64_t taken = e->won ? 0 : d->amount_minor;
    struct remedy *rows;
    size_t n;

    TRY(refund_guard(cx, NULL, .charge_id = d->charge_id, .account_id = d->account_id));
    TRY(remedies_promised(cx, &rows, &n, .account_id = d->account_id, .charge_id = d->charge_id,
                          .max = PROMISES_MAX));
    for (size_t i = 0; i < n; i++) {
        int64_t const amount = rows[i].amount_minor;

        TRY(keep(cx, &rows[i], d, e, amount - taken));
        taken = taken > amount ? taken - amount : 0;
    }
    return OK;
}
