/* news: counts what the provider has called about. SPDX-License-Identifier: Apache-2.0 */
#include "payments/news.h"

#include "base/signature.h"
#include "news_sql.h"
#include "policy/settings.h"

/* Twice as long as a signature is good for: then none of them can come again. */
enum { KEPT_MS = 2 * 2 * SIGNATURE_WINDOW_S * 1000 };

enum status news_take(struct ctx *cx, const char *callback_id, int64_t wall)
{
    int64_t added;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(callbacks_forget(cx, NULL, .before = wall - KEPT_MS));
    TRY(callback_add(cx, &added, .callback_id = callback_id, .taken_at = wall));
    if (!added) return OK;
    TRY(news_add(cx, NULL));
    return tx_commit(&tx);
}

enum status news_wait(struct ctx *cx, const struct ear *ear, int64_t wall, int64_t *told,
                      bool *listens)
{
    struct payment_news now;

    TRY(news_told(cx, &now, &DB_NO_ROW));
    *told = now.told;
    *listens = now.told != ear->told || !ear->listened_at ||
               wall - ear->listened_at >= cx->settings->payment_pull_seconds * 1000;
    return OK;
}
