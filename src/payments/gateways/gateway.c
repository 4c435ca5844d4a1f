/* gateway: the list of gateways, and what they share. SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/gateway.h"

#include "payments/gateways/sandbox.h"

#include <string.h>

const struct names gateway_outcomes =
    NAMES("captured", "declined", "pending", "no_reply", "never_seen", "later");
const struct names gateway_event_kinds =
    NAMES("charge", "refund", "dispute", "method_updated", "method_closed", "mandate_revoked");
const struct names forget_outcomes = NAMES("done", "no_reply", "later");
const struct names gateway_disputes = NAMES("opened", "won", "lost");

const struct fault METHOD_TOKEN_UNKNOWN = {
    E_NOT_FOUND, "method.token_unknown",
    "The payment provider does not know this method; enter it once more."};
const struct fault METHOD_REFUSED = {
    E_INVALID, "method.refused",
    "The payment provider does not take this method; check its details or use another one."};
const struct fault METHOD_IS_NUMBER = {
    E_INVALID, "method.is_number",
    "Card numbers are never accepted here; enter the card in the payment form."};
const struct fault GATEWAY_UNREACHABLE = {
    E_UPSTREAM, "gateway.unreachable",
    "The payment provider cannot be reached; nothing was sent, it is tried again later."};
const struct fault GATEWAY_UNKNOWN = {
    E_NOT_FOUND, "gateway.unknown",
    "There is no gateway of that name; use sandbox, null or the URL of a sandbox."};
const struct fault GATEWAY_CRASHED = {E_INTERNAL, "gateway.crashed",
                                      "The simulated process is gone."};

const struct fault GATEWAY_REAL = {
    E_CONFLICT, "gateway.real",
    "This gateway moves money and this database has a test clock; use the sandbox."};

enum status gateway_check_clock(const struct gateway *g, bool test_clock, struct error *e)
{
    return g->is_real && test_clock ? fail(e, &GATEWAY_REAL, "gateway") : OK;
}

static enum status open_null(const char *db_url, struct gateway **out, struct error *e)
{
    (void)db_url;
    return null_open(out, e);
}

static const struct {
    const char *name;
    enum status (*open)(const char *db_url, struct gateway **out, struct error *e);
} gateways[] = {
    {"sandbox", sandbox_open},
    {"null",    open_null   },
};

enum status gateway_open(const char *name, const char *db_url, struct gateway **out,
                         struct error *e)
{
    if (strncmp(name, "http://", 7) == 0 || strncmp(name, "https://", 8) == 0)
        return sandbox_http_open(name, out, e);
    for (size_t i = 0; i < COUNT(gateways); i++)
        if (strcmp(gateways[i].name, name) == 0) return gateways[i].open(db_url, out, e);
    return fail(e, &GATEWAY_UNKNOWN, "gateway");
}

enum status gateway_open_for(const char *name, const char *db_url, bool test_clock,
                             struct gateway **out, struct error *e)
{
    struct gateway *g;

    TRY(gateway_open(name, db_url, &g, e));
    enum status const s = gateway_check_clock(g, test_clock, e);
    if (s == OK)
        *out = g;
    else
        gateway_close(g);
    return s;
}

void gateway_close(struct gateway *g)
{
    if (!g) return;
    g->close(g->state);
    memory_free(g);
}

void gateway_closep(struct gateway **g)
{
    gateway_close(*g);
}

/* A number up to a '/' or the end. */
static bool read_number(const char **at, int64_t *out)
{
    const char *p = *at;
    int64_t value = 0;

    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *p - '0', &value))
            return false;
    if (p == *at || (*p && *p != '/')) return false;
    *at = *p ? p + 1 : p;
    *out = value;
    return true;
}

static bool read_word(const char **at, char *to, size_t size)
{
    size_t const n = strcspn(*at, "/");

    if (n == 0 || n >= size || !(*at)[n]) return false;
    memcpy(to, *at, n);
    to[n] = 0;
    *at += n + 1;
    return true;
}

/* -1 is what comes before the first period of a term: there a plan change or slot is charged. */
static bool read_period(const char **at, int64_t *out)
{
    if (strncmp(*at, "-1/", 3) != 0) return read_number(at, out);
    *at += 3;
    *out = -1;
    return true;
}

bool gateway_key_read(const char *key, struct gateway_key *out)
{
    struct gateway_key read = {0};
    const char *at = key;

    if (!read_word(&at, read.member, sizeof read.member) || !read_number(&at, &read.term) ||
        !read_period(&at, &read.k) || !read_word(&at, read.kind, sizeof read.kind))
        return false;
    if (!read_number(&at, &read.subject) || at[-1] != '/') return false;
    read.obligation = (size_t)(at - key) - 1;
    if (!read_number(&at, &read.attempt) || *at || at[-1] == '/') return false;
    *out = read;
    return true;
}

bool gateway_is_number(const char *token)
{
    size_t digits = 0;

    for (; *token; token++) {
        if (*token >= '0' && *token <= '9')
            digits++;
        else if (*token != ' ' && *token != '-')
            return false;
    }
    return digits >= 12 && digits <= 19;
}
