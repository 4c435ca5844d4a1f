/* message: lists messages in their own words. SPDX-License-Identifier: Apache-2.0 */
#include "notify/message.h"

#include <string.h>

#include "account/account.h"
#include "base/calendar.h"
#include "base/code.h"
#include "base/id.h"
#include "message_sql.h"
#include "notify/delivery_rules.h"
#include "notify/event_rules.h"
#include "notify/letter.h"

enum { PAGE = 20, PLACES_MAX = 8 };

const struct fault MESSAGE_UNKNOWN = {
    E_NOT_FOUND, "message.unknown",
    "No message of this account has that reference; check it for typing errors."};

static const char *instant(struct ctx *cx, int64_t at)
{
    return at ? instant_text(at, arena_alloc(cx->arena, INSTANT_TEXT)) : "";
}

/* "anna@example.com" as "a…@example.com", "+15550142" as "…0142": the owner knows it again, and a
 * stranger at the screen does not learn it. */
static const char *masked(struct ctx *cx, const char *address)
{
    const char *at = strchr(address, '@');
    size_t const n = strlen(address), first = *address & 0x80 ? 0 : 1;

    if (at) return arena_printf(cx->arena, "%.*s…%s", (int)first, address, at);
    return n > 4 ? arena_printf(cx->arena, "…%s", address + n - 4) : "";
}

static enum status add_deliveries(struct ctx *cx, const struct message_row *m,
                                  struct message_view *out)
{
    struct message_view_delivery *list;
    struct delivery_row *rows;
    size_t n;

    TRY(deliveries_of(cx, &rows, &n, .account_id = m->account_id, .message_id = m->message_id,
                      .max = PLACES_MAX));
    list = arena_array(cx->arena, struct message_view_delivery, n + 1);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct message_view_delivery){.channel = rows[i].channel,
                                                 .state = rows[i].delivery_state,
                                                 .address = masked(cx, rows[i].address),
                                                 .at = instant(cx, rows[i].done_at)};
    out->deliveries = list;
    out->n_deliveries = n;
    return OK;
}

static enum status view(struct ctx *cx, const struct message_row *m, struct message_view *out)
{
    const struct message_kind *kind = message_kind_find(m->topic);
    bool const own = cx->actor.role == ROLE_OWNER;
    struct letter_in const in = {.kind = kind,
                                 .locale = m->locale,
                                 .facts = own ? m->facts : event_codeless(cx->arena, m->facts)};

    *out = (struct message_view){
        .reference = code_text(m->reference, arena_alloc(cx->arena, REFERENCE_TEXT)),
        .kind = m->topic,
        .subject = kind ? letter_subject(cx->arena, &in) : "",
        .text = kind ? letter_body(cx->arena, &in) : "",
        .at = instant(cx, m->happened_at),
        .read_at = instant(cx, m->read_at)};
    return add_deliveries(cx, m, out);
}

static enum status find(struct ctx *cx, int64_t account_id, const char *typed, const char *field,
                        struct message_row *out)
{
    char reference[REFERENCE];

    if (!code_read(typed, REFERENCE_RANDOM, reference))
        return fail(cx->err, &MESSAGE_UNKNOWN, field);
    enum status const s =
        message_of(cx, out, &MESSAGE_UNKNOWN, .account_id = account_id, .reference = reference);
    return s == E_NOT_FOUND ? fail(cx->err, &MESSAGE_UNKNOWN, field) : s;
}

enum status message_list(struct ctx *cx, const struct message_list *in, struct messages_view *out)
{
    int64_t const limit = in->limit ? in->limit : PAGE;
    struct message_row last = {.message_id = INT64_MAX}, *rows;
    struct message_view *list;
    struct contact contact;
    TX tx = {0};
    size_t n;

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    if (in->before) TRY(find(cx, in->account_id, in->before, "before", &last));
    TRY(contact_load(cx, in->account_id, &contact));
    TRY(messages_of(cx, &rows, &n, .account_id = in->account_id, .before = last.message_id,
                    .max = limit + 1));
    size_t const shown = n > (size_t)limit ? (size_t)limit : n;
    list = arena_array(cx->arena, struct message_view, shown + 1);
    for (size_t i = 0; i < shown; i++) TRY(view(cx, &rows[i], &list[i]));
    *out = (struct messages_view){
        .member = id_text("mem", in->account_id, arena_alloc(cx->arena, ID_TEXT)),
        .messages = list,
        .n = shown,
        .next = n > shown ? list[shown - 1].reference : "",
        .email_reachable = !contact.email_failed_at,
        .phone_reachable = !contact.phone_failed_at};
    return tx_commit(&tx);
}

enum status message_read(struct ctx *cx, const struct message_ref *in, struct message_view *out)
{
    struct message_row m;
    TX tx = {0};

    TRY(tx_begin(&tx, cx));
    TRY(find(cx, in->account_id, in->reference, "reference", &m));
    TRY(message_mark_read(cx, NULL, .read_at = cx->now, .account_id = in->account_id,
                          .message_id = m.message_id));
    if (!m.read_at) m.read_at = cx->now;
    TRY(view(cx, &m, out));
    return tx_commit(&tx);
}
