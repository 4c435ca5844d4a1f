/* courier: claiming, sending, storing. SPDX-License-Identifier: Apache-2.0 */
#include "notify/courier.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "account/account.h"
#include "base/code.h"
#include "courier_sql.h"
#include "db/clock.h"
#include "membership/membership.h"
#include "notify/delivery_rules.h"
#include "notify/dispatch.h"

enum {
    BATCH = 200,
    CLAIM_MAX = 20,
    CLAIM_MS = 180000,
    IDLE_MS = 300,
    RACE_MS = 5,
    TRIES = 20,
    HOLDERS = 64
};

static const struct fault COURIER_RACE = {E_BUSY, "notify.race",
                                          "Another courier has taken these deliveries."};

enum status couriers_open(const struct settings *s, struct couriers *out, struct error *e)
{
    *out = (struct couriers){0};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    TRY(mail_open(s, &out->by[CHANNEL_EMAIL], e));
    TRY(text_open(s, &out->by[CHANNEL_TEXT], e));
    return push_open(s, &out->by[CHANNEL_PUSH], e);
}

void couriers_close(struct couriers *c)
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (c->by[i].state) c->by[i].close(c->by[i].state);
    *c = (struct couriers){0};
}

/* ---- one courier at work ---- */

struct courier {
    struct ctx cx;
    const struct notify_world *w;
    struct arena catalog_arena;
    const struct catalog *catalog; /* NULL: none is applied yet */
    struct notify_done done;
};

static int64_t wall(const struct courier *k)
{
    return k->w->machine->wall_ms(k->w->machine->arg);
}

static bool stops(const struct courier *k)
{
    return k->w->stop && k->w->stop(k->w->arg);
}

/* The newest catalog: read again when another was applied. */
static enum status refresh(struct courier *k)
{
    struct catalog_version *newest;
    struct clock_state clock;
    size_t n;

    arena_reset(k->cx.arena);
    TRY(clock_read(&k->cx, wall(k), &clock));
    k->cx.now = clock.now;
    TRY(catalog_versions(&k->cx, 1, &newest, &n));
    if (!n || (k->catalog && k->catalog->version == newest[0].version)) return OK;
    struct ctx mine = k->cx;
    arena_reset(&k->catalog_arena);
    mine.arena = &k->catalog_arena;
    return catalog_load(&mine, 0, &k->catalog);
}

static enum status dispatch_some(struct courier *k, size_t *n)
{
    *n = 0;
    if (!k->catalog) return OK; /* no member can be there */
    TRY(notify_dispatch(&k->cx, k->catalog, BATCH, n));
    k->done.dispatched += (int64_t)*n;
    return OK;
}

/* ---- claiming ---- */

static enum status claim(struct courier *k, enum channel channel, struct delivery_due **rows,
                         size_t *n)
{
    struct delivery_claim_in *claims;
    int64_t const now = wall(k);
    int64_t claimed;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, &k->cx, TX_BATCH));
    TRY(deliveries_due(&k->cx, rows, n, .now = k->cx.now, .wall = now, .channel = channel,
                       .max = CLAIM_MAX));
    if (!*n) return OK;
    claims = arena_array(k->cx.arena, struct delivery_claim_in, *n);
    for (size_t i = 0; i < *n; i++)
        claims[i] = (struct delivery_claim_in){.claim_until = now + CLAIM_MS,
                                               .claim_process = k->w->machine->process,
                                               .message_id = (*rows)[i].message_id,
                                               .channel = channel,
                                               .place = (*rows)[i].place,
                                               .claim = (*rows)[i].claim};
    TRY(delivery_claim(&k->cx, claims, *n, &claimed));
    if (claimed != (int64_t)*n) return fail(k->cx.err, &COURIER_RACE, NULL);
    TRY(tx_commit(&tx));
    for (size_t i = 0; i < *n; i++) (*rows)[i].claim++;
    return OK;
}

/* What a courier that died had claimed is free at once; what another machine has is not touched. */
static enum status bury(struct courier *k)
{
    const struct machine *m = k->w->machine;
    struct delivery_holder *rows;
    size_t n;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, &k->cx, TX_BATCH));
    TRY(delivery_holders(&k->cx, &rows, &n, .wall = wall(k), .max = HOLDERS));
    for (size_t i = 0; i < n; i++)
        if (m->process_gone(m->arg, rows[i].claim_process))
            TRY(deliveries_release(&k->cx, NULL, .claim_process = rows[i].claim_process));
    for (enum channel c = 0; c < CHANNELS && !k->w->test_clock; c++)
        if (!k->w->couriers->by[c].state)
            TRY(deliveries_expire(&k->cx, NULL, .now = k->cx.now, .channel = c));
    return tx_commit(&tx);
}

/* ---- deciding ---- */

/* On a test clock nobody was there in between: each message has its own time. */
static int64_t time_of(const struct courier *k, const struct delivery_due *d)
{
    return k->w->test_clock ? d->due_at : k->cx.now;
}

/* It was written before its owner cancelled; with credit a membership that ends may go on. */
static bool is_overtaken(const struct delivery_due *d, const struct membership *m)
{
    CLEANUP(json_decrefp) json_t *facts = json_loads(d->facts, 0, NULL);
    const char *next_on = json_string_value(json_object_get(facts, "next_on"));
    bool const ends = m->state == M_ENDING && m->end_day <= m->period_end_day;

    return next_on && *next_on &&
           (ends || m->state == M_CANCELED || m->state == M_DELETED || m->state == M_NONE);
}

static enum status is_true(struct courier *k, const struct delivery_due *d,
                           const struct message_kind *kind, bool *is)
{
    struct membership m;
    struct contact c;

    *is = kind != NULL;
    if (kind && (kind->states || kind->foretells)) {
        TRY(membership_get(&k->cx, d->account_id, &m));
        *is = (!kind->states || kind->states & 1U << m.state) &&
              !(kind->foretells && is_overtaken(d, &m));
    }
    if (!*is || d->channel == CHANNEL_EMAIL || d->place != 1) return OK;
    TRY(contact_load(&k->cx, d->account_id, &c));
    *is = d->channel == CHANNEL_PUSH ? c.push_agreed_at > 0
                                     : kind->everywhere || c.text_agreed_at > 0;
    return OK;
}

static enum status decide(struct courier *k, const struct delivery_due *d,
                          const struct message_kind *kind, enum delivery_event *event, bool *send)
{
    bool is;

    *send = false;
    *event = DEL_LATE;
    if (time_of(k, d) >= d->stale_at) return OK;
    TRY(is_true(k, d, kind, &is));
    *event = DEL_UNTRUE;
    *send = is;
    return OK;
}

/* ---- sending ---- */

static void carry(struct courier *k, const struct delivery_due *d, const struct message_kind *kind,
                  struct carried *out)
{
    const struct settings *s = k->cx.settings;
    struct arena *a = k->cx.arena;
    char *reference = code_text(d->reference, arena_alloc(a, REFERENCE_TEXT));
    struct letter_in const in = {.kind = kind,
                                 .service = s->service_name,
                                 .site = s->service_site,
                                 .name = d->name,
                                 .locale = d->locale,
                                 .reference = reference,
                                 .facts = d->facts};
    struct letter letter;
    struct outgoing const o = {
        .address = d->address,
        .token = arena_printf(a, "%s.%s.%d", d->reference, channels.at[d->channel], (int)d->place),
        .reference = reference,
        .kind = d->topic,
        .account_id = d->account_id,
        .at_ms = k->w->test_clock ? d->due_at : wall(k),
        .letter = &letter,
        .settings = s,
        .arena = a};
    const struct way_out *way = &k->w->couriers->by[d->channel];

    letter_write(a, &in, &letter);
    way->send(way->state, &o, out);
}

static enum delivery_event event_of(const struct courier *k, const struct delivery_due *d,
                                    const struct carried *s)
{
    bool const last = d->attempts + 1 >= k->cx.settings->message_attempts_max;

    switch (s->outcome) {
    case OUTCOME_ACCEPTED: return DEL_ACCEPTED;
    case OUTCOME_REFUSED: return DEL_REFUSED;
    case OUTCOME_BROKEN: return DEL_GIVEN_UP;
    case OUTCOME_LATER: break;
    }
    return last ? DEL_GIVEN_UP : DEL_PUT_OFF;
}

/* ---- storing what became of it ---- */

/* A delivery that cannot arrive. */
struct lost {
    int64_t message_id, account_id, channel, place, urgency, due_at, stale_at;
    bool everywhere; /* as its kind */
};

/* Where a text may go instead of mail, "" nowhere; and the other way round. */
static enum status find_elsewhere(struct ctx *cx, const struct lost *d, const char **address)
{
    struct account account;
    struct contact c;

    *address = "";
    TRY(contact_load(cx, d->account_id, &c));
    if (d->channel == CHANNEL_TEXT) {
        TRY(account_get(cx, d->account_id, &account));
        if (!c.email_failed_at) *address = account.email;
    } else if (c.phone_verified_at && !c.phone_failed_at && (c.text_agreed_at || d->everywhere)) {
        *address = c.phone;
    }
    return OK;
}

/* Mail that cannot arrive goes as a text where that is allowed, and a text as mail unless that went
 * out anyway (SPEC Y-14). */
static enum status go_elsewhere(struct ctx *cx, const struct lost *d)
{
    const char *address;

    if (d->channel == CHANNEL_PUSH || d->place != 1) return OK;
    TRY(find_elsewhere(cx, d, &address));
    if (!*address) return OK;
    return delivery_elsewhere(cx, NULL, .message_id = d->message_id,
                              .channel = d->channel == CHANNEL_TEXT ? CHANNEL_EMAIL : CHANNEL_TEXT,
                              .account_id = d->account_id, .address = address,
                              .urgency = d->urgency, .due_at = d->due_at, .stale_at = d->stale_at);
}

static void count(struct courier *k, enum channel channel, enum delivery_state state,
                  const char *code)
{
    struct notify_done *d = &k->done;
    bool const again = state == DELIVERY_RETRYING;
    bool const failed = state == DELIVERY_BOUNCED || state == DELIVERY_FAILED;

    d->sent += state == DELIVERY_SENT;
    d->dropped += state == DELIVERY_STALE || state == DELIVERY_DROPPED;
    d->failed += failed;
    d->put_off += again;
    if (failed || again)
        tally_add(&d->why, channels.at[channel], strcmp(code, "0") == 0 ? "no answer" : code,
                  again);
    if (k->w->step) k->w->step(k->w->arg, d->sent + d->dropped + d->failed + d->put_off);
}

static enum status store(struct courier *k, const struct delivery_due *d,
                         const struct message_kind *kind, enum delivery_event event,
                         const struct carried *s)
{
    const struct move *move = fsm_move(&delivery_fsm, (unsigned)d->delivery_state, event);
    bool const tried = event != DEL_LATE && event != DEL_UNTRUE;
    int64_t const attempts = d->attempts + tried, at = time_of(k, d);
    int64_t stored;
    TX tx = {0};

    assert(move != NULL);
    bool const over = move->to != DELIVERY_RETRYING;
    TRY(tx_begin_kind(&tx, &k->cx, TX_BATCH));
    TRY(delivery_mark(&k->cx, &stored, .delivery_state = move->to,
                      .due_at = over ? 0 : at + delivery_wait_ms(attempts), .attempts = attempts,
                      .done_at = over ? at : 0, .provider_ref = s->provider_ref, .code = s->code,
                      .message_id = d->message_id, .channel = d->channel, .place = d->place,
                      .claim = d->claim));
    if (!stored) return OK; /* another took it over when we were too slow, or it was erased */
    if (move->effects & EFFECT_UNREACHABLE && d->place == 1 && d->channel != CHANNEL_PUSH)
        TRY(contact_refused(&k->cx, d->account_id, d->channel == CHANNEL_TEXT, s->code, at));
    struct lost const lost = {d->message_id, d->account_id, d->channel,  d->place,
                              d->urgency,    d->due_at,     d->stale_at, kind && kind->everywhere};
    if (move->effects & EFFECT_ELSEWHERE) TRY(go_elsewhere(&k->cx, &lost));
    TRY(tx_commit(&tx));
    count(k, (enum channel)d->channel, (enum delivery_state)move->to, s->code);
    return OK;
}

/* What was sent and is not stored would be sent again: others are given time to finish. */
static enum status store_surely(struct courier *k, const struct delivery_due *d,
                                const struct message_kind *kind, enum delivery_event event,
                                const struct carried *s)
{
    enum status st = E_BUSY;

    for (int n = 0; st == E_BUSY && n < TRIES; n++) {
        if (n > 2) k->w->machine->pause(k->w->machine->arg, n * RACE_MS);
        st = store(k, d, kind, event, s);
    }
    return st;
}

static enum status handle(struct courier *k, const struct delivery_due *d)
{
    const struct message_kind *kind = message_kind_find(d->topic);
    struct carried *s = arena_new(k->cx.arena, struct carried);
    enum delivery_event event;
    bool send;

    TRY(decide(k, d, kind, &event, &send));
    if (send) {
        carry(k, d, kind, s);
        event = event_of(k, d, s);
    }
    return store_surely(k, d, kind, event, s);
}

static enum status send_some(struct courier *k, enum channel channel, size_t *n)
{
    struct delivery_due *rows;

    *n = 0;
    if (!k->w->couriers->by[channel].state) return OK;
    TRY(claim(k, channel, &rows, n));
    for (size_t i = 0; i < *n; i++) TRY(handle(k, &rows[i]));
    return OK;
}

/* ---- the loop ---- */

static enum status turn(struct courier *k, bool *idle)
{
    size_t n, all = 0;

    TRY(refresh(k));
    TRY(dispatch_some(k, &n));
    all += n;
    for (enum channel c = 0; c < CHANNELS && !stops(k); c++) {
        TRY(send_some(k, c, &n));
        all += n;
    }
    *idle = all == 0;
    return OK;
}

static enum status run(struct courier *k)
{
    int tries = 0;
    bool idle = false;

    TRY(refresh(k));
    enum status s = bury(k);
    if (s != OK && s != E_BUSY) return s;
    while (!stops(k) && (k->w->keep_on || !idle)) {
        s = turn(k, &idle);
        if (s != OK && (s != E_BUSY || ++tries > TRIES)) return s;
        if (s == OK) tries = 0;
        if (s == E_BUSY) idle = false;
        if (k->w->keep_on && idle) k->w->machine->pause(k->w->machine->arg, IDLE_MS);
    }
    return OK;
}

enum status notify_work(struct ctx *cx, const struct notify_world *w, struct notify_done *done)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct courier k = {.cx = *cx, .w = w};

    k.cx.arena = &arena;
    k.cx.actor = (struct actor){.role = ROLE_SYSTEM};
    enum status const s = run(&k);
    arena_clear(&k.catalog_arena);
    if (done) *done = k.done;
    return s;
}

/* ---- what providers report afterwards ---- */

static enum status report(struct ctx *cx, const struct delivery_reported *d,
                          const struct message_report *in, enum delivery_event event,
                          struct message_reported *out)
{
    const struct move *move = fsm_move(&delivery_fsm, (unsigned)d->delivery_state, event);
    const char *code = in->code ? in->code : "";

    out->state = delivery_states.at[move ? move->to : (unsigned)d->delivery_state];
    if (!move) return OK; /* told twice, or in another order */
    TRY(delivery_report(cx, NULL, .delivery_state = move->to, .code = code,
                        .message_id = d->message_id, .channel = d->channel, .place = d->place));
    if (move->effects & EFFECT_UNREACHABLE && d->place == 1)
        TRY(contact_refused(cx, d->account_id, d->channel == CHANNEL_TEXT, code, cx->now));
    struct lost const lost = {d->message_id, d->account_id, d->channel,  d->place,
                              d->urgency,    cx->now,       d->stale_at, false};
    return move->effects & EFFECT_ELSEWHERE ? go_elsewhere(cx, &lost) : OK;
}

enum status message_report(struct ctx *cx, const struct message_report *in,
                           struct message_reported *out)
{
    bool const failed = strcmp(in->status, "failed") == 0;
    bool const refused = strcmp(in->status, "undelivered") == 0;
    bool const arrived = strcmp(in->status, "delivered") == 0;
    struct delivery_reported *rows;
    TX tx = {0};
    size_t n;

    TRY(tx_begin(&tx, cx));
    TRY(delivery_by_ref(cx, &rows, &n, .provider_ref = in->provider_ref, .max = 1));
    *out = (struct message_reported){.known = n > 0, .state = ""};
    if (n) out->state = delivery_states.at[rows[0].delivery_state];
    if (n && (failed || refused || arrived))
        TRY(report(cx, &rows[0], in,
                   arrived   ? DEL_REPORTED
                   : refused ? DEL_REFUSED
                             : DEL_GIVEN_UP,
                   out));
    return tx_commit(&tx);
}
