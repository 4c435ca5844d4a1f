/* chore: the threads of chores, and billing as one. SPDX-License-Identifier: Apache-2.0 */
#include "cli/chore.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "db/audit_sign.h"
#include "http/op_key.h"
#include "notify/notify.h"
#include "payments/payments.h"

enum { RETRY_MS = 2000, BILL_MS = 1000 };

/* ---- the chores ---- */

static enum status bill(const struct chore_turn *t)
{
    const struct machine *m = t->world->machine;
    int64_t const wall = m->wall_ms(m->arg);
    struct world w = *t->world;
    bool listens;
    int64_t told;

    if (t->test_clock) return OK;
    TRY(news_wait(t->cx, t->ear, wall, &told, &listens));
    if (told == t->ear->told && wall - t->ear->billed_at < BILL_MS) return OK;
    w.deaf = !listens;
    TRY(payments_run(t->cx, &w, t->cx->now + 1));
    t->ear->billed_at = wall;
    if (listens) t->ear->listened_at = wall, t->ear->told = told;
    return op_keys_forget(t->cx);
}

static bool is_stopping(void *arg)
{
    return atomic_load((const atomic_bool *)arg);
}

static enum status send_webhooks(const struct chore_turn *t)
{
    return webhook_work(t->cx, machine_this(), is_stopping, (void *)(uintptr_t)t->stopping, NULL);
}

/* What did not go out, and why; what is tried again too, so that a courier who can deliver nothing
 * is seen. */
static void tell_undelivered(const struct chore_turn *t, const struct tally *why)
{
    struct log_line line;

    for (size_t i = 0; t->log && i < why->n; i++) {
        log_begin(&line, machine_now(), "not delivered");
        log_text(&line, "way", why->at[i].way);
        log_text(&line, "why", why->at[i].why);
        log_int(&line, "messages", why->at[i].n);
        log_int(&line, "again", why->at[i].again);
        log_finish(&line);
        log_write(t->log, line.text, line.n);
    }
}

/* What was decided becomes messages and webhooks, and the messages go out. */
static enum status write_to_people(const struct chore_turn *t)
{
    CLEANUP(couriers_close) struct couriers couriers = {0};
    struct notify_world const w = {.machine = machine_this(),
                                   .test_clock = t->test_clock,
                                   .couriers = &couriers,
                                   .stop = is_stopping,
                                   .arg = (void *)(uintptr_t)t->stopping};

    struct notify_done done = {0};

    TRY(couriers_open(t->cx->settings, &couriers, t->cx->err));
    enum status const s = notify_work(t->cx, &w, &done);
    tell_undelivered(t, &done.why);
    return s;
}

static enum status sign(const struct chore_turn *t)
{
    return audit_sign_due(t->cx, t->cx->settings->audit_sign_minutes * 60000);
}

const struct chore chores[] = {
    {"billing",  200, bill},
    {"audit",      20000, sign},
    {"couriers",    300, write_to_people},
    {"webhooks",      300, send_webhooks},
    {0},
};

/* ---- a chore's thread ---- */

struct crew {
    const struct cli *cli;
    const struct log *log;
    void (*failed)(void *arg, const struct fault *why);
    void *arg;
    atomic_bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    struct hired *hired;
    size_t n;
};

struct hired {
    struct crew *crew;
    const struct chore *chore;
    pthread_t thread;
    int64_t number;
    struct ear ear;
};

static void pause_for(struct crew *c, int64_t ms)
{
    struct timespec until;
    int late = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_mutex_lock(&c->lock);
    while (!atomic_load(&c->stopping) && !late)
        late = pthread_cond_timedwait(&c->stop, &c->lock, &until);
    pthread_mutex_unlock(&c->lock);
}

static enum status open_place(const struct crew *crew, struct cli *own, struct gateway **gateway,
                              int64_t number)
{
    if (!own->db) {
        TRY(db_open(own->db_url, &own->db, &own->err));
        db_key_file(own->db, crew->cli->key_file);
        db_set_writer(own->db, (getpid() + 100 + number) & 1023);
        db_share_memory(own->db);
    }
    TRY(db_alive(own->db, &own->err));
    own->cx = (struct ctx){.db = own->db,
                           .arena = &own->arena,
                           .err = &own->err,
                           .now = machine_now(),
                           .settings = &own->settings,
                           .actor = {.role = ROLE_SYSTEM}};
    own->given = crew->cli->given;
    TRY(clock_read(&own->cx, own->cx.now, &own->clock));
    own->cx.now = own->clock.now;
    TRY(cli_settings(own, &own->settings));
    return *gateway ? OK
                    : gateway_open_for(own->settings.payment_gateway, own->db_url,
                                       own->clock.is_test, gateway, &own->err);
}

static enum status turn(struct hired *h, struct cli *own, struct gateway **gateway)
{
    TRY(open_place(h->crew, own, gateway, h->number));
    struct world const world = {.machine = machine_this(),
                                .gateway = *gateway,
                                .test_clock = own->clock.is_test,
                                .stopping = &h->crew->stopping};
    struct chore_turn const t = {.cx = &own->cx,
                                 .world = &world,
                                 .ear = &h->ear,
                                 .db_url = own->db_url,
                                 .log = h->crew->log,
                                 .test_clock = own->clock.is_test,
                                 .stopping = &h->crew->stopping};
    return h->chore->turn(&t);
}

static void complain(const struct hired *h, const struct error *e)
{
    struct log_line line;

    if (h->crew->failed) h->crew->failed(h->crew->arg, e->fault);
    if (!h->crew->log) return;
    log_begin(&line, machine_now(), "chore failed");
    log_text(&line, "chore", h->chore->name);
    log_text(&line, "fault", e->fault->code);
    log_text(&line, "detail", e->detail);
    log_finish(&line);
    log_write(h->crew->log, line.text, line.n);
}

static void *work(void *arg)
{
    CLEANUP(gateway_closep) struct gateway *gateway = NULL;
    struct hired *h = arg;
    struct cli own = {.db_url = h->crew->cli->db_url};

    while (!atomic_load(&h->crew->stopping)) {
        arena_reset(&own.arena);
        enum status const st = turn(h, &own, &gateway);
        bool const failed = st != OK && !atomic_load(&h->crew->stopping);

        if (failed) complain(h, &own.err);
        pause_for(h->crew, failed ? RETRY_MS : h->chore->every_ms);
    }
    db_close(own.db);
    arena_clear(&own.arena);
    return NULL;
}

struct crew *crew_start(const struct cli *cli, const struct log *log,
                        void (*failed)(void *, const struct fault *), void *arg)
{
    struct crew *c = memory_new(sizeof *c);

    *c = (struct crew){.cli = cli, .log = log, .failed = failed, .arg = arg};
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->stop, NULL);
    while (chores[c->n].name) c->n++;
    c->hired = memory_new(sizeof *c->hired * c->n);
    for (size_t i = 0; i < c->n; i++) {
        c->hired[i] = (struct hired){.crew = c, .chore = &chores[i], .number = (int64_t)i};
        int const failed_to = pthread_create(&c->hired[i].thread, NULL, work, &c->hired[i]);
        assert(!failed_to);
    }
    return c;
}

void crew_stop(struct crew *c)
{
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    atomic_store(&c->stopping, true);
    pthread_cond_broadcast(&c->stop);
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < c->n; i++) pthread_join(c->hired[i].thread, NULL);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->stop);
    memory_free(c->hired);
    memory_free(c);
}
