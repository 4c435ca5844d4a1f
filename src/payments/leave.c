/* leave: cancels, and removes methods. SPDX-License-Identifier: Apache-2.0 */
#include "payments/leave.h"

static enum status remove_methods(struct ctx *cx, const struct catalog *c, int64_t account_id)
{
    struct method_list const all = {.account_id = account_id};
    struct method_removal removed;
    struct methods_view v;

    TRY(method_list(cx, &all, &v));
    for (size_t i = 0; i < v.n; i++) {
        struct method_remove const one = {
            .account_id = account_id, .method = v.methods[i].method, .confirm = true};

        TRY(method_remove(cx, c, &one, &removed));
    }
    return OK;
}

enum status leave(struct ctx *cx, const struct catalog *c, const struct leave *in,
                  struct overview *out)
{
    struct overview_get const get = {.account_id = in->account_id};
    struct membership m;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(membership_get(cx, in->account_id, &m));
    if (is_partner_billed(&m) && m.state != M_DELETED)
        TRY(biller_ask_cancel(cx, &m));
    else
        TRY(billing_cancel_until(cx, c, in->account_id, (enum cancel_until)in->until, &m));
    if (in->remove_methods) TRY(remove_methods(cx, c, in->account_id));
    TRY(overview_get(cx, c, &get, out));
    return tx_commit(&tx);
}
