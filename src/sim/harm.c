/* harm: breaks things - lost races, lost replies, a full disk, crashes, a second worker that takes
 * over - by chance, or at one chosen moment. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "sim/world.h"

static bool hits(struct sim *s, int64_t one_in)
{
    struct harm *h = &s->harm;

    return h->storm > 0 && chance_one_in(&h->chance, one_in / h->storm + 1);
}

static void count(struct sim *s, const char *what, int injury)
{
    s->harm.injuries++;
    trace_number(&s->trace, injury);
    note(s, "  harm: %s %d", what, injury);
}

/* The one moment at which a run with a crash point is hurt. */
static bool is_target(struct harm *h)
{
    return ++h->moments == h->target;
}

static enum db_injury db_target(struct sim *s)
{
    static const enum db_injury kinds[SIM_CRASH_KINDS] = {CRASH_BEFORE, CRASH_AFTER, LOSE_REPLY};

    if (!is_target(&s->harm)) return UNHURT;
    count(s, "commit", s->harm.target_kind);
    return kinds[s->harm.target_kind];
}

static int64_t activity(struct sim *s)
{
    struct seen_activity_row *rows;
    size_t n;

    if (seen_activity(&s->cx, &rows, &n, .max = 1) != OK || n != 1) return -1;
    return rows[0].activity;
}

/* A worker that was stopped for so long that another has taken over must not book anything until it
 * has joined again. Called before a commit. */
static void check_fence(struct sim *s)
{
    struct seen_worker *rows;
    size_t n;

    if (!s->harm.stopped) return;
    s->harm.on = false;
    if (seen_workers(&s->cx, &rows, &n, .process = s->machine.process, .max = 1) == OK && n > 0)
        s->harm.stopped = false;
    else if (activity(s) != s->harm.stopped_activity)
        complain(s, NULL, "B-17: a worker whose buckets another has taken still books");
    s->harm.on = true;
}

/* The process stands still before its next transaction; meanwhile another one, which takes it for
 * dead, does its work - or a part of it. */
static void stand_still(struct sim *s)
{
    struct machine machine = s->machine;
    struct world world = s->world;
    struct ctx cx = s->cx;
    struct error e = {0};
    struct arena arena = {0};

    s->harm.nested = true;
    machine.process = arena_printf(&s->seed_arena, "sim-%lld", (long long)++s->process);
    world.machine = &machine;
    s->awake = machine.process;
    cx.err = &e;
    cx.arena = &arena;
    int64_t const until = s->real_clock || chance_one_in(&s->harm.chance, 2)
                              ? s->running_until
                              : chance_between(&s->harm.chance, s->done_until, s->running_until);
    note(s, "  harm: %s takes over", machine.process);
    if (payments_run(&cx, &world, until) != OK && db_crashed(s->db)) {
        s->harm.crash_next = false;
        db_revive(s->db);
    }
    arena_clear(&arena);
    s->awake = s->machine.process;
    s->harm.on = false;
    s->harm.stopped_activity = activity(s);
    s->harm.on = true;
    s->harm.stopped = true;
    s->harm.nested = false;
}

static enum db_injury at_commit(struct sim *s)
{
    static const enum db_injury kinds[] = {LOSE_RACE,    DISK_FULL,   DROP,      LOSE_REPLY,
                                           CRASH_BEFORE, CRASH_AFTER, LOSE_REPLY};

    if (s->harm.target) return db_target(s);
    s->harm.moments++;
    if (!hits(s, 200)) return UNHURT;
    enum db_injury const injury = kinds[chance_upto(&s->harm.chance, COUNT(kinds))];
    count(s, "commit", injury);
    return injury;
}

static enum db_injury elsewhere(struct sim *s, int64_t one_in)
{
    static const enum db_injury kinds[] = {LOSE_RACE, DISK_FULL, DROP, CRASH_BEFORE};

    if (s->harm.target || !hits(s, one_in)) return UNHURT;
    enum db_injury const injury = kinds[chance_upto(&s->harm.chance, COUNT(kinds))];
    count(s, "statement", injury);
    return injury;
}

static enum db_injury ask_db(void *arg, enum db_moment moment)
{
    struct sim *s = arg;

    if (!s->harm.on) return UNHURT;
    if (s->harm.crash_next) return CRASH_BEFORE;
    if (moment == AT_COMMIT) {
        if (!s->harm.nested) check_fence(s);
        return at_commit(s);
    }
    if (moment == AT_BEGIN) {
        if (s->running && !s->harm.nested && !s->harm.target && hits(s, 6000)) {
            count(s, "stands still", 0);
            stand_still(s);
        }
        return elsewhere(s, 3000);
    }
    return elsewhere(s, 40000);
}

static enum gateway_injury gateway_target(struct sim *s, enum gateway_moment moment)
{
    static const enum gateway_injury kinds[SIM_CRASH_KINDS] = {
        GATEWAY_CRASH_BEFORE, GATEWAY_CRASH_AFTER, GATEWAY_LOSE_REPLY};

    if (moment == GATEWAY_ON_CALL || moment == GATEWAY_ON_DESCRIBE) return GATEWAY_UNHURT;
    if (!is_target(&s->harm)) return GATEWAY_UNHURT;
    count(s, "gateway", s->harm.target_kind);
    return kinds[s->harm.target_kind];
}

static enum gateway_injury by_chance(struct sim *s, enum gateway_moment moment)
{
    static const enum gateway_injury charges[] = {GATEWAY_LOSE_REPLY,   GATEWAY_LOSE_REPLY,
                                                  GATEWAY_LOSE_REQUEST, GATEWAY_LIMIT_RATE,
                                                  GATEWAY_CRASH_BEFORE, GATEWAY_CRASH_AFTER};
    static const enum gateway_injury look_ups[] = {GATEWAY_CUT_OFF, GATEWAY_LOSE_REPLY,
                                                   GATEWAY_CRASH_BEFORE, GATEWAY_CRASH_AFTER};
    static const enum gateway_injury events[] = {GATEWAY_REPEAT_EVENTS, GATEWAY_DELAY_EVENTS,
                                                 GATEWAY_CUT_OFF, GATEWAY_CRASH_BEFORE,
                                                 GATEWAY_CRASH_AFTER};
    static const enum gateway_injury calls[] = {GATEWAY_LOSE_REPLY,   GATEWAY_LOSE_REQUEST,
                                                GATEWAY_LIMIT_RATE,   GATEWAY_CUT_OFF,
                                                GATEWAY_CRASH_BEFORE, GATEWAY_CRASH_AFTER};
    struct chance *c = &s->harm.chance;

    switch (moment) {
    case GATEWAY_ON_CHARGE: return hits(s, 150) ? charges[chance_upto(c, COUNT(charges))] : 0;
    case GATEWAY_ON_CALL:
        if (!hits(s, 400)) return GATEWAY_UNHURT;
        s->harm.outage_calls = chance_upto(c, 30);
        return GATEWAY_CUT_OFF;
    case GATEWAY_ON_LOOK_UP: return hits(s, 60) ? look_ups[chance_upto(c, COUNT(look_ups))] : 0;
    case GATEWAY_ON_EVENTS: return hits(s, 300) ? events[chance_upto(c, COUNT(events))] : 0;
    case GATEWAY_ON_AUTHORIZE:
    case GATEWAY_ON_FORGET:
    case GATEWAY_ON_REFUND:
    case GATEWAY_ON_REFUND_LOOK_UP:
    case GATEWAY_ON_VOID: return hits(s, 60) ? calls[chance_upto(c, COUNT(calls))] : 0;
    case GATEWAY_ON_DESCRIBE: break;
    }
    return GATEWAY_UNHURT;
}

static enum gateway_injury ask_gateway(void *arg, enum gateway_moment moment)
{
    struct sim *s = arg;
    struct harm *h = &s->harm;
    enum gateway_injury injury;

    if (!h->on) return GATEWAY_UNHURT;
    if (h->target) {
        injury = gateway_target(s, moment);
    } else if (h->outage_calls > 0 && moment != GATEWAY_ON_CHARGE) {
        h->outage_calls--;
        injury = GATEWAY_CUT_OFF;
    } else {
        h->moments += moment != GATEWAY_ON_CALL && moment != GATEWAY_ON_DESCRIBE;
        injury = by_chance(s, moment);
        if (injury != GATEWAY_UNHURT) count(s, "gateway", injury);
    }
    if (injury == GATEWAY_CRASH_BEFORE || injury == GATEWAY_CRASH_AFTER) h->crash_next = true;
    return injury;
}

void harm_begin(struct sim *s)
{
    struct harm *h = &s->harm;

    chance_seed(&h->chance, (uint64_t)s->options->seed, 2);
    h->storm = chance_upto(&h->chance, 5);
    if (s->options->calm || s->options->crash_point) h->storm = 0;
    h->target = s->options->crash_point;
    h->target_kind = s->options->crash_kind;
    db_injure(s->db, ask_db, s);
    sandbox_injure(s->bank, ask_gateway, s);
}

void harm_restart(struct sim *s)
{
    s->harm.crashes++;
    s->harm.crash_next = s->harm.stopped = false;
    db_revive(s->db);
    s->machine.process = arena_printf(&s->seed_arena, "sim-%lld", (long long)++s->process);
    s->awake = s->machine.process;
    note(s, "  a new process starts: %s", s->machine.process);
}
