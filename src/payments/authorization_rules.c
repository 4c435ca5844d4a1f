/* authorization_rules: what each answer means. SPDX-License-Identifier: Apache-2.0 */
#include "payments/authorization_rules.h"

#include "base/calendar.h"
#include "base/money.h"
#include "base/sabotage.h"

const struct names authorization_states = NAMES("unknown", "held", "voided", "refused");

bool authorization_fits(enum method_kind kind)
{
    return kind == KIND_CARD || kind == KIND_WALLET;
}

int64_t authorization_amount(const char *currency)
{
    const struct currency *c = currency_find(currency);
    int64_t amount = 1;

    for (int i = 0; c && i < c->exponent; i++) amount *= 10;
    return amount;
}

bool authorization_voids(const struct authorization_life *a, int64_t at)
{
    return at >= a->void_due_at;
}

static void end(struct authorization_life *a, enum authorization_state state, int64_t at)
{
    a->state = state;
    a->due_at = a->tries = 0;
    if (!a->ended_at) a->ended_at = at;
}

/* Not beyond the day on which it is to be gone. */
static void wait(struct authorization_life *a, int64_t at, int64_t wait_ms)
{
    for (int64_t i = 0; i < a->tries && wait_ms < DAY_MS; i++) wait_ms *= 2;
    if (wait_ms > DAY_MS) wait_ms = DAY_MS;
    a->tries++;
    a->ended_at = 0;
    a->due_at = at + wait_ms;
    if (at < a->void_due_at && a->due_at > a->void_due_at) a->due_at = a->void_due_at;
}

void authorization_hear(struct authorization_life *a, const struct authorization_answer *said,
                        int64_t at, int64_t wait_ms)
{
    bool const ended = a->ended_at != 0;

    switch (said->outcome) {
    case AUTHORIZATION_HELD: /* even of one that we took for ended: it must be given back */
        a->state = AUTH_HELD;
        a->tries = a->ended_at = 0;
        a->due_at = at < a->void_due_at ? a->void_due_at : at;
        if (SABOTAGE("hold_kept")) a->due_at = 0;
        break;
    case AUTHORIZATION_REFUSED:
        a->code = said->code;
        end(a, AUTH_REFUSED, at);
        break;
    case AUTHORIZATION_VOIDED:
    case AUTHORIZATION_NEVER_SEEN: end(a, AUTH_VOIDED, at); break;
    case AUTHORIZATION_NO_REPLY:
        a->state = AUTH_UNKNOWN;
        wait(a, at, wait_ms);
        break;
    case AUTHORIZATION_LATER:
        if (!ended) wait(a, at, wait_ms);
        break;
    }
}
