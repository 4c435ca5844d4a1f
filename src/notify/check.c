/* check: references, senders, links. SPDX-License-Identifier: Apache-2.0 */
#include "notify/check.h"

#include <string.h>

#include "base/calendar.h"
#include "base/code.h"
#include "base/message.h"
#include "message_sql.h"
#include "notify/dispatch.h"
#include "policy/settings.h"
#include "policy/throttle.h"

const struct fault CHECK_ONE_THING = {
    E_INVALID, "message.check_one_thing",
    "Give one thing to check: the reference, the sender or a link of the message."};
const struct fault CHECK_TOO_MANY = {
    E_LIMIT, "message.check_too_many",
    "Too many messages were checked from this network today; try again tomorrow."};

/* Nobody may try references one by one. */
static enum status throttle(struct ctx *cx)
{
    struct throttle const t = {"message", "network", cx->actor.network,
                               cx->settings->message_checks_network};
    bool over;

    if (!cx->actor.network || !*cx->actor.network) return OK;
    TRY(throttle_over(cx, &t, 1, &over));
    if (over) return fail(cx->err, &CHECK_TOO_MANY, NULL);
    return throttle_count(cx, &t, 1);
}

static enum status check_reference(struct ctx *cx, const char *typed, struct check_answer *out)
{
    char reference[REFERENCE], day[DAY_TEXT];
    struct message_row *rows;
    size_t n;

    out->reason = CHECK_MISTYPED;
    if (!code_read(typed, REFERENCE_RANDOM, reference)) return OK;
    TRY(message_by_reference(cx, &rows, &n, .reference = reference, .max = 1));
    out->reason = n ? CHECK_SENT : CHECK_NEVER_SENT;
    if (!n) return OK;
    out->kind = rows[0].topic;
    out->sent_on = arena_strdup(cx->arena, day_text(divide_down(rows[0].happened_at, DAY_MS), day));
    return OK;
}

/* Text messages come from a number or a name. */
static enum check_reason sender_reason(struct ctx *cx, const char *sender)
{
    const char *own = cx->settings->text_from;

    if (strchr(sender, '@')) return check_sender(cx->arena, sender, cx->settings->service_domains);
    return *own && strcmp(own, sender) == 0 ? CHECK_OUR_DOMAIN : CHECK_OTHER;
}

enum status message_check(struct ctx *cx, const struct message_check *in, struct check_answer *out)
{
    const char *locale = in->locale ? in->locale : "en";
    TX tx = {0};

    if (!!in->reference + !!in->sender + !!in->link != 1)
        return fail(cx->err, &CHECK_ONE_THING, NULL);
    TRY(tx_begin(&tx, cx));
    TRY(throttle(cx));
    *out = (struct check_answer){.kind = "", .sent_on = ""};
    if (in->reference) TRY(check_reference(cx, in->reference, out));
    if (in->sender) out->reason = sender_reason(cx, in->sender);
    if (in->link) out->reason = check_link(cx->arena, in->link, cx->settings->service_domains);
    out->verdict = check_verdict_of((enum check_reason)out->reason);
    out->text = MESSAGE(cx->arena, locale,
                        arena_printf(cx->arena, "check.%s", check_reasons.at[out->reason]));
    return tx_commit(&tx);
}

enum status safety_text(struct ctx *cx, const struct safety_ask *in, struct safety_view *out)
{
    static const char *const codes[] = {"card", "password", "code", "elsewhere", "how"};
    const char *locale = in->locale ? in->locale : "en";
    struct safety_line *lines = arena_array(cx->arena, struct safety_line, COUNT(codes));

    for (size_t i = 0; i < COUNT(codes); i++)
        lines[i] = (struct safety_line){
            codes[i], MESSAGE(cx->arena, locale, arena_printf(cx->arena, "safety.%s", codes[i]),
                              cx->settings->service_site)};
    *out =
        (struct safety_view){MESSAGE(cx->arena, locale, "safety.title", cx->settings->service_name),
                             lines, COUNT(codes)};
    return OK;
}
