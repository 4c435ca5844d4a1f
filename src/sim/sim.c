/* sim: makes a world, lets time pass in it and compares. SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "db/clock.h"
#include "sim/workload.h"

static const char *instant(int64_t at, char to[static INSTANT_TEXT])
{
    return instant_text(at, to);
}

void complain(struct sim *s, const struct member *m, const char *fmt, ...)
{
    char text[300], at[INSTANT_TEXT];
    va_list ap;

    if (s->failed) return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    s->failed = true;
    s->failed_at = s->now;
    if (m)
        snprintf(s->reason, sizeof s->reason, "%s, %s, member %s: %s", instant(s->now, at),
                 membership_states.at[m->state], m->external_id, text);
    else
        snprintf(s->reason, sizeof s->reason, "%s: %s", instant(s->now, at), text);
    note(s, "FAILED %s", s->reason);
}

void note(struct sim *s, const char *fmt, ...)
{
    char at[INSTANT_TEXT];
    va_list ap;

    if (!s->options->trace) return;
    fprintf(stderr, "%s ", instant(s->now, at));
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

bool sim_compared(const struct sim *s)
{
    return s->options->calm || s->options->crash_point;
}

static int64_t wall_ms(void *arg)
{
    struct sim *s = arg;

    return s->now + s->wall_ms++;
}

static bool process_gone(void *arg, const char *process)
{
    struct sim *s = arg;

    return strcmp(process, s->awake) != 0;
}

static void pause_for(void *arg, int64_t ms)
{
    ((struct sim *)arg)->wall_ms += ms;
}

static int64_t pick(struct chance *c, const int64_t *values, size_t n)
{
    return values[chance_upto(c, (int64_t)n)];
}
#define PICK(c, ...)                                                                               \
    pick((c), (const int64_t[]){__VA_ARGS__}, COUNT(((const int64_t[]){__VA_ARGS__})))

static void choose_settings(struct sim *s)
{
    static const char *const retries[] = {"1,3,5,7,10,14,21",
                                          "1,3,5,7,10,14,21",
                                          "2,4,6,8,10",
                                          "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
                                          "5",
                                          "3,30"};
    static const char *const reminders[] = {"0,2,4", "0", "1,2,3,4,5,6"};
    struct chance c;

    chance_seed(&c, (uint64_t)s->options->seed, 3);
    s->settings = settings_default;
    s->settings.billing_day_moves = 1;
    s->real_clock = chance_one_in(&c, 3) && !sim_compared(s);
    if (chance_one_in(&c, 3)) return;
    s->settings.grace_days = PICK(&c, 5, 5, 0, 1, 7, 14, 27);
    s->settings.hold_limit_days = PICK(&c, 30, 30, 1, 7, 60);
    s->settings.retry_schedule_days = retries[chance_upto(&c, COUNT(retries))];
    s->settings.grace_reminder_days = reminders[chance_upto(&c, COUNT(reminders))];
    s->settings.max_attempts_card_30d = PICK(&c, 15, 15, 3, 1, 20);
    s->settings.max_attempts_mastercard_24h = PICK(&c, 10, 10, 1);
    s->settings.max_attempts_mastercard_30d = PICK(&c, 35, 4);
    s->settings.quick_retries_max = PICK(&c, 3, 3, 0, 10);
    s->settings.quick_retry_minutes = PICK(&c, 60, 5, 1440);
    s->settings.look_up_minutes = PICK(&c, 15, 15, 1, 1440);
    s->settings.bill_missed_periods = PICK(&c, 1, 1, 0);
    s->settings.batch_size = PICK(&c, 2000, 7, 50, 1);
    s->settings.retention_months = PICK(&c, 10, 3, 1);
    s->settings.pending_minutes = PICK(&c, 60, 60, 5, 4320);
    s->settings.pause_months = PICK(&c, 1, 1, 2);
    s->settings.pause_max_months = PICK(&c, 3, 3, 4, 2);
    s->settings.refund_second_person_minor = PICK(&c, 10000, 500, 0);
    s->settings.refund_days = PICK(&c, 400, 60);
    s->settings.undo_days = PICK(&c, 14, 40);
    s->settings.delete_wait_days = PICK(&c, 14, 1);
    s->settings.inactive_never_months = PICK(&c, 12, 2);
    s->settings.inactive_stopped_months = PICK(&c, 24, 3);
    s->settings.inactive_answer_days = PICK(&c, 30, 7);
    s->settings.billing_day_moves = PICK(&c, 1, 1, 0);
}

static void open_database(struct sim *s)
{
    int64_t applied;
    enum status st = db_open("sqlite::memory:", &s->db, &s->err);

    if (st == OK) st = db_migrate(s->db, s->start_at, &applied, &s->err);
    if (st == OK) st = sandbox_open("sqlite::memory:", &s->bank, &s->err);
    s->cx = (struct ctx){.db = s->db,
                         .arena = &s->job,
                         .err = &s->err,
                         .now = s->start_at,
                         .settings = &s->settings,
                         .actor = {.role = ROLE_SYSTEM}};
    if (st == OK && !s->real_clock) st = clock_make_test(&s->cx, s->start_at);
    if (st != OK) complain(s, NULL, "no world: %s %s", s->err.fault->code, s->err.detail);
}

static void open_world(struct sim *s, const struct sim_options *o)
{
    struct chance *c = &s->chance, retiring;

    *s = (struct sim){.options = o};
    chance_seed(c, (uint64_t)o->seed, 1);
    int64_t const start = day_of(2019, 1, 1) + chance_upto(c, 1700);
    int64_t const end = day_add_months(start, o->months);
    s->start_at = s->now = s->done_until = start * DAY_MS;
    s->end_at = end * DAY_MS;
    choose_settings(s);
    /* What is known a day later after a lost reply, owners may have decided otherwise meanwhile;
     * or what was asked for was given up. */
    if (sim_compared(s)) s->settings.look_up_minutes = 1, s->settings.pending_minutes = 10080;
    market_make(&s->market, c, start, end);
    s->announces = chance_one_in(c, 2);
    chance_seed(&retiring, (uint64_t)o->seed, 4);
    if (!sim_compared(s)) market_retire(&s->market, &retiring, start, end);
    population_make(s);
    open_database(s);
    if (s->failed) return;
    s->process = 1;
    s->machine = (struct machine){wall_ms, process_gone, pause_for, "sim-1", s};
    s->awake = s->machine.process;
    spy_open(s);
    s->world =
        (struct world){.machine = &s->machine, .gateway = &s->spy, .test_clock = !s->real_clock};
    harm_begin(s);
    note(s, "%s clock, storm %lld, grace %lld, hold %lld, retries %s, batch %lld",
         s->real_clock ? "real" : "test", (long long)s->harm.storm,
         (long long)s->settings.grace_days, (long long)s->settings.hold_limit_days,
         s->settings.retry_schedule_days, (long long)s->settings.batch_size);
    workload_news(s, false);
}

static void close_world(struct sim *s)
{
    gateway_close(s->bank);
    db_close(s->db);
    arena_clear(&s->job);
    arena_clear(&s->seed_arena);
}

/* How far the next step goes: mostly days, sometimes hours, now and then a long outage. */
static int64_t stride(struct sim *s)
{
    struct chance *c = &s->chance;

    if (s->real_clock && chance_one_in(c, 60)) return chance_between(c, 20, 70) * DAY_MS;
    if (chance_one_in(c, 6)) return chance_between(c, 3600000, 21 * 3600000);
    return chance_between(c, DAY_MS / 2, 5 * DAY_MS);
}

static void step(struct sim *s)
{
    int64_t const next = s->now + stride(s);

    s->now = next < s->end_at ? next : s->end_at;
    s->steps++;
    arena_reset(&s->job);
    if (!s->news && s->now >= s->market.news_day * DAY_MS) workload_news(s, true);
    workload_retire(s);
    population_import(s);
    workload_run(s, s->now + s->real_clock);
    if (!s->failed) audit(s);
    if (!s->failed && s->news && s->announces && chance_one_in(&s->chance, 20)) plan_announce(s);
    if (!s->failed) workload_owners(s);
    trace_number(&s->trace, s->now);
}

/* What follows when nothing is broken any more: everything due must be done. */
static void calm(struct sim *s)
{
    workload_run(s, s->now + s->real_clock);
    s->harm.storm = 0;
}

void sim_run(const struct sim_options *o, struct sim_report *out)
{
    struct sim s;

    open_world(&s, o);
    while (!s.failed && s.now < s.end_at) step(&s);
    if (!s.failed) calm(&s);
    if (!s.failed) audit(&s);
    if (!s.failed) audit_everything(&s);
    if (!s.failed && o->examine) end_examine(&s);
    *out = (struct sim_report){.failed = s.failed,
                               .failed_at = s.failed_at,
                               .charges = s.charges,
                               .crashes = s.harm.crashes,
                               .injuries = s.harm.injuries,
                               .moments = s.harm.moments,
                               .trace = s.trace,
                               .result = s.failed ? 0 : s.result};
    snprintf(out->reason, sizeof out->reason, "%s", s.reason);
    close_world(&s);
}

void sim_seed(const struct sim_options *o, struct sim_report *out)
{
    struct sim_report again;
    struct sim_options quiet = *o;

    sim_run(o, out);
    if (out->failed) return;
    quiet.trace = false;
    sim_run(&quiet, &again);
    if (again.trace == out->trace && !again.failed) return;
    out->failed = true;
    snprintf(out->reason, sizeof out->reason,
             "the same seed ran differently a second time: a hidden source of chance");
}

void sim_everywhere(const struct sim_options *o, struct sim_report *out)
{
    struct sim_options hurt = *o;
    struct sim_report run;

    hurt.calm = true;
    sim_run(&hurt, out);
    hurt.calm = false;
    int64_t const moments = out->moments;
    for (int64_t at = 1; at <= moments && !out->failed; at++)
        for (int kind = 0; kind < SIM_CRASH_KINDS && !out->failed; kind++) {
            hurt.crash_point = at;
            hurt.crash_kind = kind;
            sim_run(&hurt, &run);
            out->charges += run.charges;
            out->crashes += run.crashes;
            out->injuries += run.injuries;
            out->failed = run.failed || run.result != out->result;
            if (!out->failed) continue;
            snprintf(out->reason, sizeof out->reason, "crash point %lld, kind %d: %.400s",
                     (long long)at, kind,
                     run.failed ? run.reason : "other charges than without a crash");
        }
}
