/* viewing: notes that somebody watches. SPDX-License-Identifier: Apache-2.0 */
#include "playback/viewing.h"

#include "base/calendar.h"
#include "base/id.h"

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

static enum status answer(struct ctx *cx, int64_t account_id, struct viewing_view *out)
{
    struct viewing v;

    TRY(billing_is_used(cx, account_id));
    TRY(viewing_of(cx, &v, &DB_NO_ROW, .account_id = account_id));
    *out =
        (struct viewing_view){.member = id_text("mem", account_id, arena_alloc(cx->arena, ID_TEXT)),
                              .last_seen_at = instant(cx, v.last_seen_at),
                              .confirmed_at = instant(cx, v.confirmed_at)};
    return OK;
}

enum status playback_seen(struct ctx *cx, const struct playback_seen *in, struct viewing_view *out)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(viewing_seen(cx, NULL, .account_id = in->account_id, .first_seen_at = cx->now,
                     .last_seen_at = cx->now));
    TRY(answer(cx, in->account_id, out));
    return tx_commit(&tx);
}

enum status membership_confirm_use(struct ctx *cx, const struct playback_seen *in,
                                   struct viewing_view *out)
{
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(viewing_confirm(cx, NULL, .account_id = in->account_id, .confirmed_at = cx->now));
    TRY(answer(cx, in->account_id, out));
    return tx_commit(&tx);
}
