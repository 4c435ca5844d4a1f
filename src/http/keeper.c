/* keeper: its thread. SPDX-License-Identifier: Apache-2.0 */
#include "http/keeper.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

#include "http/job.h"
#include "http/key.h"
#include "keeper_sql.h"

enum {
    LOOK_MS = 1000,
    LOG_IDLE_BYTES = 1 << 20, /* a log that short may lie where it is */
    TRY_BYTES = 32768,
    WRITE_MS = 1000, /* that a write may wait for others */
};

struct keeper {
    const struct serve_options *options;
    struct metrics *metrics;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    /* of its thread alone */
    bool lite;
    struct hand hand;
    struct db_log log; /* as it was a look ago */
};

static bool is_lite(const struct serve_options *o)
{
    return o->db_url && strncmp(o->db_url, "sqlite:", 7) == 0;
}

/* On PostgreSQL what is busy is a row. */
void keeper_note(const struct serve_options *o, struct metrics *m, const struct fault *why)
{
    if (why == &DB_FULL) metric_set(m, GAUGE_DATABASE_FULL, 1);
    if (why == &DB_BUSY && is_lite(o)) metric_set(m, GAUGE_DATABASE_BUSY, 1);
}

const struct fault *keeper_hindrance(const struct metrics *m)
{
    if (metric_get(m, GAUGE_DATABASE_FULL)) return &DB_FULL;
    return metric_get(m, GAUGE_DATABASE_BUSY) ? &DB_BUSY : NULL;
}

/* ---- room ---- */

/* No two bytes alike, or the database would store less. */
static char *filling(struct arena *a)
{
    unsigned char *bytes = arena_alloc(a, TRY_BYTES);
    char *text = arena_alloc(a, 2 * TRY_BYTES + 1);

    randombytes_buf(bytes, TRY_BYTES);
    return sodium_bin2hex(text, 2 * TRY_BYTES + 1, bytes, TRY_BYTES);
}

static enum status write_once(struct ctx *cx, bool tidy)
{
    static const char key[] = "is there room?"; /* no client's: those have no spaces */
    TX tx = {0};

    TRY(tx_begin_kind(&tx, cx, TX_BATCH));
    if (tidy)
        TRY(keeper_tidy(cx, NULL, .actor_role = ROLE_SYSTEM, .key_text = key));
    else
        TRY(keeper_try(cx, NULL, .actor_role = ROLE_SYSTEM, .key_text = key,
                       .answer = filling(cx->arena)));
    return tx_commit(&tx);
}

/* What the log holds may be written where it belongs without more room, and the room of the log is
 * free then. */
static void try_room(struct keeper *k, struct ctx *cx)
{
    struct error ignored = {0};

    (void)!db_shorten_log(cx->db, &ignored);
    if (write_once(cx, false) == OK && write_once(cx, true) == OK)
        metric_set(k->metrics, GAUGE_DATABASE_FULL, 0);
}

static void try_write(struct keeper *k, struct ctx *cx)
{
    if (write_once(cx, true) == OK) metric_set(k->metrics, GAUGE_DATABASE_BUSY, 0);
}

/* ---- the log ---- */

/* Nobody wrote since the last look. */
static void shorten_when_idle(struct keeper *k, struct ctx *cx)
{
    struct db_log const now = db_log_of(cx->db);
    bool const idle = now.bytes == k->log.bytes && now.written_at == k->log.written_at;

    k->log = now;
    if (idle && now.bytes > LOG_IDLE_BYTES) (void)!db_shorten_log(cx->db, cx->err);
}

/* ---- its thread ---- */

static bool wait_for_look(struct keeper *k)
{
    struct timespec until;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LOOK_MS / 1000;
    pthread_mutex_lock(&k->lock);
    while (!k->stopping && !late) late = pthread_cond_timedwait(&k->wake, &k->lock, &until);
    bool const goes_on = !k->stopping;
    pthread_mutex_unlock(&k->lock);
    return goes_on;
}

static void look(struct keeper *k, struct arena *a)
{
    struct error e = {0};
    const struct fault *why = keeper_hindrance(k->metrics);

    /* PostgreSQL looks after its log itself. */
    if (!why && !k->lite && !key_uses_noted()) return;
    if (!hand_ready(&k->hand, &e)) return;
    struct ctx cx = {.db = k->hand.db, .arena = a, .err = &e, .actor = {.role = ROLE_SYSTEM}};
    db_patience(cx.db, WRITE_MS);
    if (why == &DB_FULL)
        try_room(k, &cx);
    else if (why)
        try_write(k, &cx);
    else if (k->lite)
        shorten_when_idle(k, &cx);
    /* Uses that cannot be written now stay noted; a file that is busy for a moment is nobody's
     * concern. */
    if (!why && key_uses_write(&cx) != OK && e.fault != &DB_BUSY)
        keeper_note(k->options, k->metrics, e.fault);
}

static void *work(void *arg)
{
    CLEANUP(arena_clear) struct arena arena = {0};
    struct keeper *k = arg;

    while (wait_for_look(k)) {
        arena_reset(&arena);
        look(k, &arena);
    }
    look(k, &arena); /* what the last requests have left */
    hand_close(&k->hand);
    return NULL;
}

struct keeper *keeper_new(const struct serve_options *o, struct metrics *m)
{
    struct keeper *k = memory_new(sizeof *k);

    *k = (struct keeper){.options = o, .metrics = m};
    k->lite = is_lite(o);
    hand_prepare(&k->hand, o, m, 0);
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->wake, NULL);
    int const failed = pthread_create(&k->thread, NULL, work, k);
    assert(!failed);
    return k;
}

void keeper_free(struct keeper *k)
{
    if (!k) return;
    pthread_mutex_lock(&k->lock);
    k->stopping = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    pthread_mutex_destroy(&k->lock);
    pthread_cond_destroy(&k->wake);
    memory_free(k);
}
