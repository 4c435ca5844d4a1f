/* sandbox_tell: the courier of the sandbox, on libcurl. SPDX-License-Identifier: Apache-2.0 */
#include "payments/gateways/sandbox_tell.h"

#include <curl/curl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "base/shape.h"
#include "base/signature.h"
#include "payments/gateways/sandbox.h"
#include "payments/gateways/sandbox_parts.h"
#include "sandbox_sql.h"

const struct fault SANDBOX_SECRET = {
    E_INVALID, "sandbox.secret",
    "The file that holds the key of callbacks cannot be read; see --callback-secret."};

enum { TRIES = 12, BATCH = 100, IDLE_MS = 200, WAIT_FIRST_MS = 500, WAIT_MS = 60000 };
enum { CONNECT_MS = 5000, TOTAL_MS = 15000 };

struct teller {
    struct gateway *g;
    struct signature_key key;
    char *url;
    int64_t (*now)(void);
    CURL *h;
    struct arena arena;        /* of one turn */
    int64_t tries;             /* of the event after the newest that was told */
    atomic_int_fast64_t ahead; /* of the callers' clock before ours */
    atomic_bool heard;
};

enum status teller_open(const struct teller_options *o, struct teller **out, struct error *e)
{
    struct teller *t = memory_new(sizeof *t);
    size_t const n = strlen(o->url) + 1;

    *out = t;
    t->url = memory_new(n);
    memcpy(t->url, o->url, n);
    t->now = o->now;
    if (!signature_key_load(o->secret_file, &t->key)) return fail(e, &SANDBOX_SECRET, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    t->h = curl_easy_init();
    if (!t->h) return failf(e, &GATEWAY_UNREACHABLE, "no memory");
    return sandbox_open(o->db_url, &t->g, e);
}

void teller_close(struct teller *t)
{
    if (!t) return;
    gateway_close(t->g);
    curl_easy_cleanup(t->h);
    arena_clear(&t->arena);
    sodium_memzero(&t->key, sizeof t->key);
    memory_free(t->url);
    memory_free(t);
}

void teller_heard(struct teller *t, int64_t at)
{
    atomic_store(&t->ahead, at - t->now());
    atomic_store(&t->heard, true);
}

/* ---- one call ---- */

static size_t ignore(char *bytes, size_t size, size_t n, void *arg)
{
    (void)bytes, (void)arg;
    return size * n;
}

/* What it says is for people: whoever is told asks for the event itself. */
static char *body_of(struct teller *t, const struct gateway_event *e)
{
    CLEANUP(json_decrefp)
    json_t *j = json_pack("{s:s, s:{s:s, s:I, s:s}}", "type", gateway_event_kinds.at[e->kind],
                          "data", "id", e->id, "cursor", (json_int_t)e->cursor, "key", e->key);

    return json_text(&t->arena, j, JSON_COMPACT | JSON_PRESERVE_ORDER);
}

static struct curl_slist *headers_of(struct teller *t, const struct gateway_event *e,
                                     const char *body)
{
    struct arena *a = &t->arena;
    int64_t const at = t->now() / 1000;
    const char *const lines[] = {
        "Content-Type: application/json",
        "Expect:",
        arena_printf(a, "webhook-id: %s", e->id),
        arena_printf(a, "webhook-timestamp: %lld", (long long)at),
        arena_printf(a, "webhook-signature: %s",
                     signature_v1(a, t->key.at, t->key.n, e->id, at, body)),
    };
    struct curl_slist *list = NULL;

    for (size_t i = 0; i < COUNT(lines); i++) list = curl_slist_append(list, lines[i]);
    return list;
}

static bool tell(struct teller *t, const struct gateway_event *e)
{
    char *body = body_of(t, e);
    struct curl_slist *headers = headers_of(t, e, body);
    long status = 0;

    curl_easy_reset(t->h);
    curl_easy_setopt(t->h, CURLOPT_URL, t->url);
    curl_easy_setopt(t->h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(t->h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t->h, CURLOPT_PROXY, "");
    curl_easy_setopt(t->h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(t->h, CURLOPT_TIMEOUT_MS, (long)TOTAL_MS);
    curl_easy_setopt(t->h, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(t->h, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(t->h, CURLOPT_HTTPHEADER, headers);
    if (curl_easy_perform(t->h) == CURLE_OK)
        curl_easy_getinfo(t->h, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    return status >= 200 && status < 300;
}

/* ---- a turn ---- */

static enum status told_until(struct teller *t, int64_t *cursor)
{
    struct error e;
    struct ctx cx = sandbox_context(t->g->state, &e);
    struct sandbox_told_row *rows;
    size_t n;

    TRY(sandbox_told_find(&cx, &rows, &n, .max = 1));
    *cursor = n ? rows[0].cursor : 0;
    return OK;
}

static enum status keep(struct teller *t, int64_t cursor)
{
    struct error e;
    struct ctx cx = sandbox_context(t->g->state, &e);
    TX tx = {0};

    TRY(tx_begin(&tx, &cx));
    TRY(sandbox_told_put(&cx, NULL, .cursor = cursor));
    return tx_commit(&tx);
}

static int64_t wait_after(int64_t tries)
{
    int64_t const ms = WAIT_FIRST_MS << (tries - 1);

    return ms < WAIT_MS ? ms : WAIT_MS;
}

/* The wait before the next turn. */
static int64_t tell_all(struct teller *t, const struct gateway_event *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!tell(t, &events[i]) && ++t->tries < TRIES) return wait_after(t->tries);
        t->tries = 0;
        if (keep(t, events[i].cursor) != OK) return IDLE_MS; /* told once more then */
    }
    return IDLE_MS;
}

int64_t teller_turn(struct teller *t)
{
    struct gateway_event *events;
    struct error e;
    int64_t cursor;
    size_t n;

    if (!atomic_load(&t->heard)) return IDLE_MS;
    arena_reset(&t->arena);
    int64_t const now = t->now() + atomic_load(&t->ahead);
    if (told_until(t, &cursor) != OK ||
        t->g->events(t->g->state, cursor, now, &events, &n, BATCH, &t->arena, &e) != OK)
        return IDLE_MS;
    return tell_all(t, events, n);
}
