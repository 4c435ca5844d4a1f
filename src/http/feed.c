/* feed: reads the outbox for open streams. SPDX-License-Identifier: Apache-2.0 */
#include "http/feed.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/id.h"
#include "feed_sql.h"
#include "http/place.h"

enum {
    LOOK_MS = 500, /* how often, when nobody says that something was committed */
    PAGE = 1000,
    REPLAY_MAX = 20000, /* messages looked at for what one stream missed */
};

struct join {
    struct join *next;
    int64_t loop, account_id;
    uint64_t stream;
    char last_id[PLACE_TEXT];
    bool replays;
};

struct feed {
    const struct serve_options *options;
    struct metrics *metrics;
    int64_t n_loops;
    void (*post)(void *arg, int64_t loop, struct letter *l);
    void *arg;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping, nudged;
    struct join *joins, **last_join;
    /* of its thread alone */
    struct hand hand;
    struct place place;
    bool placed;
};

void letter_free(struct letter *l)
{
    memory_free(l->id);
    memory_free(l->text);
    memory_free(l->full);
    memory_free(l);
}

static char *keep(const char *text)
{
    size_t const n = strlen(text);

    return memcpy(memory_new(n + 1), text, n);
}

/* ---- what an event looks like ---- */

/* People see what happened and when, so that their screens ask anew; operators also see those facts
 * that the app tells. The texts are JSON on one line, which is what an event's data must be. */
static char *event_text(struct feed *f, struct arena *a, const char *id,
                        const struct feed_message_row *m, bool full)
{
    const struct serve_app *app = f->options->app;
    char at[INSTANT_TEXT], account[ID_TEXT];

    instant_text(m->happened_at, at);
    if (!full)
        return arena_printf(a, "id: %s\nevent: %s\ndata: {\"topic\":\"%s\",\"at\":\"%s\"}\n\n", id,
                            m->topic, m->topic, at);
    id_text("mem", m->account_id, account);
    return arena_printf(a,
                        "id: %s\nevent: %s\ndata: {\"topic\":\"%s\",\"at\":\"%s\","
                        "\"member\":\"%s\",\"facts\":%s}\n\n",
                        id, m->topic, m->topic, at, m->account_id ? account : "",
                        app->facts ? app->facts(a, m->topic, m->body) : "{}");
}

static void tell(struct feed *f, struct arena *a, const struct feed_message_row *m)
{
    char id[PLACE_TEXT];

    place_write(&f->place, id);
    const char *text = event_text(f, a, id, m, false), *full = event_text(f, a, id, m, true);
    for (int64_t i = 0; i < f->n_loops; i++) {
        struct letter *l = memory_new(sizeof *l);

        *l = (struct letter){.kind = LETTER_EVENT,
                             .account_id = m->account_id,
                             .id = keep(id),
                             .text = keep(text),
                             .full = keep(full)};
        f->post(f->arg, i, l);
    }
}

/* ---- what was committed since ---- */

static enum status find_place(struct feed *f, struct ctx *cx)
{
    struct feed_writer_row *w;
    size_t n;

    TRY(feed_writers(cx, &w, &n, .max = PLACE_WRITERS));
    for (size_t i = 0; i < n; i++) place_move(&f->place, w[i].writer, w[i].last_id);
    f->placed = true;
    return OK;
}

/* The range of ids in which the writers' newest rows lie. What a writer has made since the last
 * look cannot be an hour older than its newest. */
static bool range_of(const struct feed *f, const struct feed_writer_row *w, size_t n,
                     int64_t *after, int64_t *upto)
{
    *after = INT64_MAX;
    *upto = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t const seen = f->place.at[w[i].writer], floor = place_floor(w[i].last_id);

        if (w[i].last_id <= seen) continue;
        int64_t const from = seen > floor ? seen : floor;
        if (from < *after) *after = from;
        if (w[i].last_id > *upto) *upto = w[i].last_id;
    }
    return *upto > 0;
}

static enum status read_on(struct feed *f, struct ctx *cx, int64_t after, int64_t upto)
{
    struct feed_message_row *m;
    size_t n;

    do {
        TRY(feed_messages(cx, &m, &n, .after = after, .upto = upto, .max = PAGE));
        for (size_t i = 0; i < n; i++) {
            after = m[i].outbox_id;
            if (!place_is_new(&f->place, after)) continue;
            place_move(&f->place, place_writer_of(after), after);
            tell(f, cx->arena, &m[i]);
        }
    } while (n == PAGE);
    return OK;
}

/* One snapshot tells how far each writer has come and holds all that it has committed. */
static enum status look(struct feed *f, struct ctx *cx)
{
    struct feed_writer_row *w;
    int64_t after, upto;
    size_t n;
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_READ));
    if (!f->placed) TRY(find_place(f, cx));
    TRY(feed_writers(cx, &w, &n, .max = PLACE_WRITERS));
    if (!range_of(f, w, n, &after, &upto)) return OK;
    if (atomic_load(&f->metrics->gauges[GAUGE_STREAMS])) TRY(read_on(f, cx, after, upto));
    for (size_t i = 0; i < n; i++) place_move(&f->place, w[i].writer, w[i].last_id);
    return OK;
}

/* ---- what a stream missed ---- */

struct replay {
    const struct join *join;
    struct place seen;
    int64_t floor;
    char *text;
    size_t n, room, looked_at;
};

static void append(struct replay *r, const char *text)
{
    size_t const n = strlen(text);

    if (r->n + n + 1 > r->room) {
        r->room = 2 * (r->n + n + 1);
        r->text = memory_grow(r->text, r->room);
    }
    memcpy(r->text + r->n, text, n + 1);
    r->n += n;
}

/* Exactly what lies between the stream's place and the feed's. */
static enum status replay_rows(struct feed *f, struct ctx *cx, struct replay *r)
{
    struct feed_message_row *m;
    int64_t after = r->floor;
    size_t n;

    do {
        arena_reset(cx->arena);
        TRY(feed_messages(cx, &m, &n, .after = after, .upto = INT64_MAX, .max = PAGE));
        for (size_t i = 0; i < n; i++) {
            int64_t const id = after = m[i].outbox_id;
            char place[PLACE_TEXT];

            if (!place_is_new(&r->seen, id) || place_is_new(&f->place, id)) continue;
            place_move(&r->seen, place_writer_of(id), id);
            if (r->join->account_id && m[i].account_id != r->join->account_id) continue;
            place_write(&r->seen, place);
            append(r, event_text(f, cx->arena, place, &m[i], !r->join->account_id));
        }
        r->looked_at += n;
    } while (n == PAGE && r->looked_at < REPLAY_MAX);
    return OK;
}

/* A place that cannot be read, is too far back or ahead of all that there is, as after a restore,
 * is said: whoever shows something then loads it anew. */
static void replay(struct feed *f, struct ctx *cx, const struct join *j, struct replay *r)
{
    *r = (struct replay){.join = j};
    append(r, "retry: 2000\n\n");
    if (!j->replays) return;
    bool const known = place_read(j->last_id, &r->seen, &r->floor) &&
                       !place_is_ahead(&r->seen, r->floor, &f->place);
    if (!known || replay_rows(f, cx, r) != OK || r->looked_at >= REPLAY_MAX) {
        r->n = 0;
        append(r, "retry: 2000\n\nevent: reset\ndata: {}\n\n");
    }
}

static void join_now(struct feed *f, struct ctx *cx, const struct join *j)
{
    struct letter *l = memory_new(sizeof *l);
    struct replay r;
    char id[PLACE_TEXT];

    replay(f, cx, j, &r);
    place_write(&f->place, id);
    *l =
        (struct letter){.kind = LETTER_JOINED, .stream = j->stream, .id = keep(id), .text = r.text};
    f->post(f->arg, j->loop, l);
}

/* ---- its thread ---- */

static struct join *wait_for_work(struct feed *f)
{
    struct timespec until;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_mutex_lock(&f->lock);
    while (!f->stopping && !f->nudged && !f->joins && !late)
        late = pthread_cond_timedwait(&f->wake, &f->lock, &until);
    struct join *joins = f->joins;
    f->joins = NULL;
    f->last_join = &f->joins;
    f->nudged = false;
    pthread_mutex_unlock(&f->lock);
    return joins;
}

/* Joins that cannot be served because the database is away wait at the front. */
static void put_back(struct feed *f, struct join *joins)
{
    struct join **end = &joins;

    while (*end) end = &(*end)->next;
    pthread_mutex_lock(&f->lock);
    *end = f->joins;
    if (!f->joins) f->last_join = end;
    f->joins = joins;
    pthread_mutex_unlock(&f->lock);
}

static bool is_over(struct feed *f)
{
    pthread_mutex_lock(&f->lock);
    bool const stopping = f->stopping;
    pthread_mutex_unlock(&f->lock);
    return stopping;
}

static void serve_joins(struct feed *f, struct ctx *cx, struct join *joins)
{
    for (struct join *next; joins; joins = next) {
        next = joins->next;
        arena_reset(cx->arena);
        join_now(f, cx, joins);
        memory_free(joins);
    }
}

static void *work(void *arg)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct feed *f = arg;
    struct error e = {0};

    hand_open(&f->hand, f->options, f->metrics, 0);
    while (!is_over(f)) {
        struct join *joins = wait_for_work(f);
        struct timespec const pause = {0, 100000000};

        arena_reset(&arena);
        bool good = hand_ready(&f->hand, &e);
        struct ctx cx = {.db = f->hand.db, .arena = &arena, .err = &e};
        good = good && look(f, &cx) == OK;
        if (good)
            serve_joins(f, &cx, joins);
        else if (joins)
            put_back(f, joins);
        if (!good) nanosleep(&pause, NULL);
    }
    hand_close(&f->hand);
    return NULL;
}

struct feed *feed_new(const struct serve_options *o, struct metrics *m, int64_t n_loops,
                      void (*post)(void *, int64_t, struct letter *), void *arg)
{
    struct feed *f = memory_new(sizeof *f);

    *f = (struct feed){.options = o, .metrics = m, .n_loops = n_loops, .post = post, .arg = arg};
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->wake, NULL);
    f->last_join = &f->joins;
    int const failed = pthread_create(&f->thread, NULL, work, f);
    assert(!failed);
    return f;
}

void feed_join(struct feed *f, int64_t loop, uint64_t stream, int64_t account_id,
               const char *last_id)
{
    struct join *j = memory_new(sizeof *j);

    *j = (struct join){.loop = loop, .stream = stream, .account_id = account_id};
    j->replays = last_id != NULL;
    /* One that is too long is none, and must not be cut into one. */
    if (last_id && strlen(last_id) < PLACE_TEXT) memcpy(j->last_id, last_id, strlen(last_id));
    pthread_mutex_lock(&f->lock);
    *f->last_join = j;
    f->last_join = &j->next;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
}

void feed_nudge(struct feed *f)
{
    pthread_mutex_lock(&f->lock);
    f->nudged = true;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
}

void feed_free(struct feed *f)
{
    if (!f) return;
    pthread_mutex_lock(&f->lock);
    f->stopping = true;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
    for (struct join *j = f->joins, *next; j; j = next) {
        next = j->next;
        memory_free(j);
    }
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->wake);
    memory_free(f);
}
