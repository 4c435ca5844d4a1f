/* webhook_rules: the tables and the signatures. SPDX-License-Identifier: Apache-2.0 */
#include "notify/webhook_rules.h"

#include <sodium.h>
#include <string.h>

#include "base/luhn.h"
#include "base/signature.h"

static const int64_t SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

const struct names endpoint_states = NAMES("enabled", "disabled", "deleted");
const struct names hook_states = NAMES("waiting", "sending", "delivered", "given_up", "missed");
static const struct names hook_events =
    NAMES("claim", "succeed", "fail", "exhaust", "lapse", "drop", "replay");
const struct names attempt_results = NAMES("delivered", "refused", "redirected", "gone", "slowed",
                                           "not_public", "unreachable", "timed_out", "broken");

/* clang-format off */
/* What is planned is delivered, or given up after its last try; an operator may replay either. */
static const struct move moves[] = {
    {HOOK_WAITING,  HOOK_CLAIM,   HOOK_SENDING,  0},
    {HOOK_WAITING,  HOOK_DROP,    HOOK_MISSED,   0},
    {HOOK_SENDING,  HOOK_SUCCEED, HOOK_DELIVERED,         0},
    {HOOK_SENDING,  HOOK_FAIL,    HOOK_WAITING,  0},
    {HOOK_SENDING,  HOOK_EXHAUST, HOOK_GIVEN_UP, 0},
    {HOOK_SENDING,  HOOK_LAPSE,   HOOK_WAITING,  0},
    {HOOK_DELIVERED,         HOOK_REPLAY,  HOOK_WAITING,  0},
    {HOOK_GIVEN_UP, HOOK_REPLAY,  HOOK_WAITING,  0},
    {HOOK_MISSED,   HOOK_REPLAY,  HOOK_WAITING,  0},
};
/* clang-format on */
const struct fsm hook_fsm = {"delivery", &hook_states, &hook_events, moves, COUNT(moves)};

/* Waits after each try that failed: in all a little more than three days, as Standard Webhooks
 * recommends. */
static const int64_t waits_s[WEBHOOK_TRIES] = {5,         5 * 60,    30 * 60,   2 * 3600,  5 * 3600,
                                               10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600, 0};

/* A finished FNV-1a of two numbers. */
static uint64_t mix(int64_t a, int64_t b)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    int64_t const both[] = {a, b};

    for (size_t i = 0; i < sizeof both; i++)
        h = (h ^ ((const unsigned char *)both)[i]) * UINT64_C(0x100000001b3);
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ (h >> 33);
}

static int64_t wait_after(int64_t attempts, int64_t delivery_id)
{
    int64_t const wait = waits_s[attempts - 1] * SECOND;

    return wait + wait / 5 * (int64_t)(mix(delivery_id, attempts) % 1001) / 1000;
}

static enum attempt_result result_of(const struct webhook_answer *a)
{
    int64_t const s = a->http_status;

    if (s == 0) return a->trouble;
    if (s >= 200 && s < 300) return ATTEMPT_DELIVERED;
    if (s == 410) return ATTEMPT_GONE;
    if (s == 429 || s == 502 || s == 504 || a->retry_after_s) return ATTEMPT_SLOWED;
    return s >= 300 && s < 400 ? ATTEMPT_REDIRECTED : ATTEMPT_REFUSED;
}

struct webhook_verdict webhook_judge(const struct webhook_answer *a, int64_t attempts,
                                     int64_t delivery_id, int64_t now)
{
    struct webhook_verdict v = {.result = result_of(a), .event = HOOK_SUCCEED};

    if (v.result == ATTEMPT_DELIVERED) return v;
    v.disables = v.result == ATTEMPT_GONE;
    v.event = v.disables || attempts >= WEBHOOK_TRIES ? HOOK_EXHAUST : HOOK_FAIL;
    if (v.result == ATTEMPT_SLOWED)
        v.quiet_until = now + (a->retry_after_s ? a->retry_after_s * SECOND : MINUTE);
    if (v.event == HOOK_EXHAUST) return v;
    v.due_at = now + wait_after(attempts, delivery_id);
    if (v.due_at < v.quiet_until) v.due_at = v.quiet_until;
    return v;
}

int64_t webhook_rest_ms(int64_t failing_since, int64_t now)
{
    int64_t const rest = failing_since ? (now - failing_since) / 4 : 0;

    return rest < 5 * MINUTE ? rest : 5 * MINUTE;
}

bool webhook_is_dead(int64_t failing_since, int64_t now, int64_t days)
{
    return failing_since && now - failing_since >= days * DAY;
}

/* ---- keys and signatures ---- */

static void key_text(const char *prefix, const unsigned char *bytes, size_t n, char *to)
{
    size_t const at = strlen(prefix);

    memcpy(to, prefix, at);
    sodium_bin2base64(to + at, WEBHOOK_KEY_TEXT - at, bytes, n, sodium_base64_VARIANT_ORIGINAL);
}

void webhook_secret_text(const unsigned char secret[static WEBHOOK_SECRET],
                         char to[static WEBHOOK_KEY_TEXT])
{
    key_text("whsec_", secret, WEBHOOK_SECRET, to);
}

void webhook_public_text(const unsigned char seed[static WEBHOOK_SECRET],
                         char to[static WEBHOOK_KEY_TEXT])
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], pair[crypto_sign_SECRETKEYBYTES];

    crypto_sign_seed_keypair(public, pair, seed);
    sodium_memzero(pair, sizeof pair);
    key_text("whpk_", public, sizeof public, to);
}

static const char *content(struct arena *a, const char *id, int64_t timestamp_s, const char *body)
{
    return arena_printf(a, "%s.%lld.%s", id, (long long)timestamp_s, body);
}

static char *signature_text(struct arena *a, const char *version, const unsigned char *bytes,
                            size_t n)
{
    char base64[128];

    sodium_bin2base64(base64, sizeof base64, bytes, n, sodium_base64_VARIANT_ORIGINAL);
    return arena_printf(a, "%s,%s", version, base64);
}

char *webhook_sign(struct arena *a, const unsigned char *secret, size_t n, const char *id,
                   int64_t timestamp_s, const char *body)
{
    return signature_v1(a, secret, n, id, timestamp_s, body);
}

char *webhook_sign_pair(struct arena *a, const unsigned char seed[static WEBHOOK_SECRET],
                        const char *id, int64_t timestamp_s, const char *body)
{
    const char *text = content(a, id, timestamp_s, body);
    unsigned char public[crypto_sign_PUBLICKEYBYTES], pair[crypto_sign_SECRETKEYBYTES];
    unsigned char signature[crypto_sign_BYTES];

    crypto_sign_seed_keypair(public, pair, seed);
    crypto_sign_detached(signature, NULL, (const unsigned char *)text, strlen(text), pair);
    sodium_memzero(pair, sizeof pair);
    return signature_text(a, "v1a", signature, sizeof signature);
}

/* ---- what receivers say ---- */

char *webhook_answer_text(struct arena *a, const char *bytes, size_t n)
{
    size_t const kept = n < WEBHOOK_ANSWER ? n : WEBHOOK_ANSWER;
    char *text = arena_memdup(a, bytes, kept);

    for (size_t i = 0; i < kept; i++)
        if (text[i] < ' ' || text[i] > '~')
            text[i] = text[i] == '\n' || text[i] == '\t' ? ' ' : '?';
    return text_has_card_number(text) ? arena_strdup(a, "") : text;
}
