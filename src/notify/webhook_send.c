/* webhook_send: the courier of webhooks, on libcurl. It claims what is due, sends it outside any
 * transaction, and stores what came of it; webhook_rules decides what that means.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/id.h"
#include "db/clock.h"
#include "hook_sql.h"
#include "notify/address_rules.h"
#include "notify/webhook.h"
#include "policy/settings.h"
#include "webhook_sql.h"

static const struct fault WEBHOOK_NO_COURIER = {
    E_INTERNAL, "webhook.no_courier", "The HTTP client cannot be set up; there is no memory left."};

enum {
    FLYING_MAX = 32,       /* at once */
    FLYING_ENDPOINT = 4,   /* to one endpoint; to one in trouble a single one */
    ANSWER_MAX = 64 << 10, /* more of an answer is not waited for */
    ENDPOINTS_MAX = 100,
    IDLE_MS = 250,
    RACE_MS = 20, /* after a race that was lost */
    FORGET_MS = 3600 * 1000,
};

/* One attempt on its way; free while `easy` is NULL. */
struct parcel {
    CURL *easy;
    struct curl_slist *headers;
    struct arena arena; /* what libcurl points at */
    const char *body;
    int64_t delivery_id, endpoint_id, account_id, attempts, sent_at;
    bool closed;   /* an address of it is not public, so nothing was sent there */
    bool local;    /* it may be */
    bool answered; /* what came of it is known and not yet stored */
    CURLcode code;
    char answer[WEBHOOK_ANSWER];
    size_t n_answer, n_read;
};

struct courier {
    struct ctx cx;
    struct arena arena; /* of one turn */
    const struct machine *machine;
    CURLM *multi;
    struct parcel parcels[FLYING_MAX];
    size_t n_flying;
    struct webhook_done done;
    int64_t forgot_at;
};

static int64_t now(const struct courier *c)
{
    return c->machine->wall_ms(c->machine->arg);
}

/* ---- libcurl ---- */

static bool is_public(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)a;

        return address4_is_public((const unsigned char *)&in->sin_addr);
    }
    if (a->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)a;

        return address6_is_public((const unsigned char *)&in->sin6_addr);
    }
    return false;
}

/* The last moment before a connection: what the name has become is what is called. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct parcel *p = arg;

    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
    if (!p->local && !is_public(&a->addr)) {
        p->closed = true;
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t take_answer(char *bytes, size_t size, size_t n, void *arg)
{
    struct parcel *p = arg;
    size_t const room = sizeof p->answer - p->n_answer;
    size_t const kept = n * size < room ? n * size : room;

    memcpy(p->answer + p->n_answer, bytes, kept);
    p->n_answer += kept;
    p->n_read += n * size;
    return p->n_read > ANSWER_MAX ? 0 : n * size;
}

static void put_header(struct parcel *p, const char *name, const char *value)
{
    p->headers = curl_slist_append(p->headers, arena_printf(&p->arena, "%s: %s", name, value));
}

static void set_up(struct parcel *p, const struct webhook_endpoint *e, const struct settings *s)
{
    CURL *h = p->easy;

    curl_easy_setopt(h, CURLOPT_URL, arena_strdup(&p->arena, e->endpoint_url));
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, p->local ? "http,https" : "https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)s->webhook_timeout_seconds * 1000);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, p);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, p);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "Foyer/" FOYER_VERSION);
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(p->body));
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, p->body);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, p->headers);
    curl_easy_setopt(h, CURLOPT_PRIVATE, p);
    if (*s->webhook_ca_file) curl_easy_setopt(h, CURLOPT_CAINFO, s->webhook_ca_file);
}

static void drop(struct courier *c, struct parcel *p)
{
    if (!p->easy) return;
    curl_multi_remove_handle(c->multi, p->easy);
    curl_easy_cleanup(p->easy);
    curl_slist_free_all(p->headers);
    arena_clear(&p->arena);
    *p = (struct parcel){0};
    c->n_flying--;
}

/* ---- claiming ---- */

static struct parcel *free_parcel(struct courier *c)
{
    for (size_t i = 0; i < FLYING_MAX; i++)
        if (!c->parcels[i].easy) return &c->parcels[i];
    return NULL;
}

static int64_t room_at(const struct courier *c, const struct webhook_endpoint *e)
{
    int64_t room = e->failing_since ? 1 : FLYING_ENDPOINT;
    int64_t const left = FLYING_MAX - (int64_t)c->n_flying;

    for (size_t i = 0; i < FLYING_MAX; i++)
        if (c->parcels[i].easy && c->parcels[i].endpoint_id == e->endpoint_id) room--;
    return room < left ? room : left;
}

/* Fills a parcel, everything but its handle. */
static enum status pack(struct courier *c, const struct webhook_endpoint *e,
                        const struct hook_due *d, struct parcel *p)
{
    const char *signatures;
    char id[ID_TEXT];
    int64_t const at = now(c);

    *p = (struct parcel){.delivery_id = d->delivery_id,
                         .endpoint_id = d->endpoint_id,
                         .account_id = d->account_id,
                         .attempts = d->attempts + 1,
                         .sent_at = at,
                         .local = c->cx.settings->webhook_local_targets};
    id_text("msg", d->event_id, id);
    TRY(webhook_signatures(&c->cx, e, id, at / 1000, d->event_body, &signatures));
    p->body = arena_strdup(&p->arena, d->event_body);
    put_header(p, "content-type", "application/json");
    put_header(p, "webhook-id", id);
    put_header(p, "webhook-timestamp", arena_printf(&p->arena, "%lld", (long long)(at / 1000)));
    put_header(p, "webhook-signature", signatures);
    put_header(p, "expect", "");
    return OK;
}

/* Its facts are erased meanwhile: there is nothing to tell any more. */
static enum status give_up(struct courier *c, const struct hook_due *d)
{
    return hook_settle(&c->cx, NULL, .hook_state = HOOK_GIVEN_UP, .due_at = 0, .ended_at = now(c),
                       .delivery_id = d->delivery_id, .attempts = d->attempts + 1);
}

static enum status claim_one(struct courier *c, const struct webhook_endpoint *e,
                             const struct hook_due *d, struct parcel *p)
{
    const struct move *move = fsm_move(&hook_fsm, HOOK_WAITING, HOOK_CLAIM);
    int64_t const until = now(c) + 2 * c->cx.settings->webhook_timeout_seconds * 1000 + 1000;
    int64_t claimed;
    TX tx = {0};

    TRY(tx_begin(&tx, &c->cx));
    TRY(hook_claim(&c->cx, &claimed, .hook_state = move->to, .due_at = until,
                   .delivery_id = d->delivery_id, .attempts = d->attempts));
    if (!claimed) return OK;
    if (*d->event_body)
        TRY(pack(c, e, d, p));
    else
        TRY(give_up(c, d));
    return tx_commit(&tx);
}

static void forget_parcel(struct parcel *p)
{
    curl_slist_free_all(p->headers);
    arena_clear(&p->arena);
    *p = (struct parcel){0};
}

/* A race with another courier is lost, not repeated: it has what we wanted. */
static enum status take(struct courier *c, const struct webhook_endpoint *e,
                        const struct hook_due *d)
{
    struct parcel *p = free_parcel(c);
    enum status const s = claim_one(c, e, d, p);

    if (s != OK || !p->body) {
        forget_parcel(p);
        return s == E_BUSY ? OK : s;
    }
    p->easy = curl_easy_init();
    if (!p->easy) {
        forget_parcel(p);
        return fail(c->cx.err, &WEBHOOK_NO_COURIER, NULL);
    }
    set_up(p, e, c->cx.settings);
    c->n_flying++;
    curl_multi_add_handle(c->multi, p->easy);
    return OK;
}

/* Claims of couriers that were not heard of again. */
static enum status release(struct courier *c, const struct webhook_endpoint *e)
{
    const struct move *move = fsm_move(&hook_fsm, HOOK_SENDING, HOOK_LAPSE);
    struct hook_lapsed *rows;
    size_t n;

    TRY(hook_lapsed(&c->cx, &rows, &n, .endpoint_id = e->endpoint_id, .now = now(c),
                    .max = FLYING_MAX));
    for (size_t i = 0; i < n; i++)
        TRY(hook_release(&c->cx, NULL, .hook_state = move->to, .delivery_id = rows[i].delivery_id,
                         .now = now(c)));
    return OK;
}

static enum status claim_from(struct courier *c, const struct webhook_endpoint *e)
{
    int64_t const room = room_at(c, e);
    struct hook_due *due;
    size_t n;

    if (room <= 0 || e->quiet_until > now(c)) return OK;
    TRY(release(c, e));
    TRY(hook_due(&c->cx, &due, &n, .endpoint_id = e->endpoint_id, .now = now(c), .max = room));
    for (size_t i = 0; i < n; i++) TRY(take(c, e, &due[i]));
    return OK;
}

/* Round by round, so that no endpoint keeps others waiting. */
static enum status claim(struct courier *c)
{
    struct webhook_endpoint *rows;
    size_t n;

    TRY(webhooks(&c->cx, &rows, &n, .max = ENDPOINTS_MAX));
    for (size_t i = 0; i < n; i++)
        if (rows[i].endpoint_state == ENDPOINT_ENABLED) TRY(claim_from(c, &rows[i]));
    return OK;
}

/* ---- answers ---- */

static enum attempt_result trouble_of(const struct parcel *p)
{
    CURLcode const code = p->code;

    if (p->closed) return ATTEMPT_NOT_PUBLIC;
    if (code == CURLE_OPERATION_TIMEDOUT) return ATTEMPT_TIMED_OUT;
    if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
        code == CURLE_PARTIAL_FILE || code == CURLE_WEIRD_SERVER_REPLY)
        return ATTEMPT_BROKEN;
    return ATTEMPT_UNREACHABLE;
}

static struct webhook_answer read_answer(const struct parcel *p)
{
    struct webhook_answer a = {.trouble = trouble_of(p)};
    curl_off_t retry_after = 0;
    long status = 0;

    if (p->code != CURLE_OK && p->n_read <= ANSWER_MAX) return a;
    curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(p->easy, CURLINFO_RETRY_AFTER, &retry_after);
    a.http_status = status;
    a.retry_after_s = retry_after < 86400 ? retry_after : 86400;
    return a;
}

/* What the endpoint's own row learns of it. */
static enum status note_endpoint(struct courier *c, const struct parcel *p,
                                 const struct webhook_verdict *v, bool answered)
{
    struct webhook_endpoint e;

    if (v->result == ATTEMPT_DELIVERED)
        return endpoint_heard(&c->cx, NULL, .endpoint_id = p->endpoint_id);
    TRY(webhook_by_id(&c->cx, &e, &WEBHOOK_UNKNOWN, .endpoint_id = p->endpoint_id));
    int64_t const rest = answered ? 0 : now(c) + webhook_rest_ms(e.failing_since, now(c));
    TRY(endpoint_failed(&c->cx, NULL, .failing_since = now(c),
                        .quiet_until = v->quiet_until > rest ? v->quiet_until : rest,
                        .endpoint_id = p->endpoint_id));
    if (v->disables) return webhook_disable(&c->cx, p->endpoint_id, "gone");
    if (v->event != HOOK_EXHAUST) return OK;
    return webhook_is_dead(e.failing_since, now(c), c->cx.settings->webhook_disable_days)
               ? webhook_disable(&c->cx, p->endpoint_id, "failing")
               : OK;
}

static const char *words(const struct parcel *p)
{
    return p->closed ? "its address is not of the public internet" : curl_easy_strerror(p->code);
}

static enum status log_attempt(struct courier *c, const struct parcel *p, int64_t http_status,
                               enum attempt_result result)
{
    curl_off_t took_us = 0;
    int64_t id;
    const char *said =
        http_status ? webhook_answer_text(&c->arena, p->answer, p->n_answer) : words(p);

    curl_easy_getinfo(p->easy, CURLINFO_TOTAL_TIME_T, &took_us);
    TRY(db_id(&c->cx, &id));
    return attempt_log(&c->cx, NULL, .attempt_id = id, .delivery_id = p->delivery_id,
                       .endpoint_id = p->endpoint_id, .attempt_no = p->attempts,
                       .sent_at = p->sent_at, .duration_ms = took_us / 1000,
                       .http_status = http_status, .attempt_result = result, .answer_start = said);
}

static void count(struct courier *c, const struct webhook_verdict *v, const char *why)
{
    if (v->result == ATTEMPT_DELIVERED)
        c->done.delivered++;
    else
        tally_add(&c->done.why, "webhook", why, v->due_at > 0);
}

static enum status store(struct courier *c, const struct parcel *p)
{
    struct webhook_answer const a = read_answer(p);
    struct webhook_verdict const v = webhook_judge(&a, p->attempts, p->delivery_id, now(c));
    const struct move *move = fsm_move(&hook_fsm, HOOK_SENDING, v.event);
    int64_t mine;
    TX tx = {0};

    TRY(tx_begin(&tx, &c->cx));
    TRY(hook_settle(&c->cx, &mine, .hook_state = move->to, .due_at = v.due_at,
                    .ended_at = move->to == HOOK_WAITING ? 0 : now(c),
                    .delivery_id = p->delivery_id, .attempts = p->attempts));
    TRY(log_attempt(c, p, a.http_status, v.result));
    TRY(note_endpoint(c, p, &v, a.http_status != 0));
    if (mine && v.due_at && p->account_id)
        TRY(hook_postpone(&c->cx, NULL, .due_at = v.due_at, .endpoint_id = p->endpoint_id,
                          .account_id = p->account_id, .delivery_id = p->delivery_id));
    TRY(tx_commit(&tx));
    count(c, &v,
          a.http_status ? arena_printf(&c->arena, "HTTP %lld", (long long)a.http_status)
                        : words(p));
    return OK;
}

/* An answer that is not stored would be asked for again once the claim lapses: whoever loses a race
 * keeps it for the next turn. */
static enum status settle(struct courier *c, struct parcel *p)
{
    enum status const s = store(c, p);

    if (s == E_BUSY) return s;
    drop(c, p);
    c->done.attempts++;
    return s;
}

static void hear(struct courier *c)
{
    CURLMsg *m;
    int left;

    while ((m = curl_multi_info_read(c->multi, &left))) {
        struct parcel *p;
        char *arg;

        if (m->msg != CURLMSG_DONE) continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &arg);
        p = (struct parcel *)(void *)arg;
        p->code = m->data.result;
        p->answered = true;
    }
}

static enum status collect(struct courier *c)
{
    enum status busy = OK;

    hear(c);
    for (size_t i = 0; i < FLYING_MAX; i++) {
        enum status const s = c->parcels[i].answered ? settle(c, &c->parcels[i]) : OK;

        if (s == E_BUSY) busy = s;
        if (s != OK && s != E_BUSY) return s;
    }
    return busy;
}

/* ---- the loop ---- */

/* The database's clock may move while we work. */
static enum status refresh(struct courier *c)
{
    struct clock_state clock;

    arena_reset(&c->arena);
    TRY(clock_read(&c->cx, now(c), &clock));
    c->cx.now = clock.now;
    return OK;
}

static enum status tidy_up(struct courier *c)
{
    if (now(c) - c->forgot_at < FORGET_MS) return OK;
    c->forgot_at = now(c);
    return webhooks_forget(&c->cx, now(c));
}

/* One turn; *idle when nothing is on its way. */
static enum status turn(struct courier *c, bool stopping, bool *idle)
{
    enum status claimed;
    int running;

    TRY(refresh(c));
    claimed = stopping ? OK : claim(c);
    if (claimed != OK && claimed != E_BUSY) return claimed;
    curl_multi_perform(c->multi, &running);
    *idle = c->n_flying == 0;
    TRY(collect(c));
    if (claimed != OK) return claimed;
    return *idle ? tidy_up(c) : OK;
}

/* A race is lost now and then. A connection that is gone is made anew by whoever needs it, and
 * where that cannot be it is no race: what is on its way then is claimed again later. */
static enum status work(struct courier *c, bool (*stop)(void *arg), void *arg)
{
    for (;;) {
        bool const stopping = stop && stop(arg);
        bool idle = true;
        enum status const s = turn(c, stopping, &idle);

        if (s != OK && s != E_BUSY) return s;
        if (s == OK && idle && (stopping || !stop)) return OK;
        curl_multi_poll(c->multi, NULL, 0, s == OK ? IDLE_MS : RACE_MS, NULL);
    }
}

enum status webhook_work(struct ctx *cx, const struct machine *machine, bool (*stop)(void *arg),
                         void *arg, struct webhook_done *done)
{
    struct courier *c = memory_new(sizeof *c);
    enum status s;

    c->cx = *cx;
    c->cx.arena = &c->arena;
    c->machine = machine;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    c->multi = curl_multi_init();
    s = c->multi ? work(c, stop, arg) : fail(cx->err, &WEBHOOK_NO_COURIER, NULL);
    for (size_t i = 0; i < FLYING_MAX; i++) drop(c, &c->parcels[i]);
    curl_multi_cleanup(c->multi);
    if (done) *done = c->done;
    arena_clear(&c->arena);
    memory_free(c);
    return s;
}
