/* world: one simulated world - database, provider, clock, members - and what its parts offer each
 * other. The simulator's own; others use sim.h. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sim/auditor.h"
#include "sim/chance.h"
#include "sim/sim.h"

/* What is broken, how often and where: see harm.c. */
struct harm {
    struct chance chance;
    bool on;
    int64_t storm;   /* 0: calm; 1 to 4: how often things break */
    int64_t moments; /* commits and gateway calls so far */
    int64_t target;  /* a single injury at this moment; 0: none */
    int target_kind;
    int64_t crashes, injuries;
    bool crash_next; /* the provider's side has killed the process */
    bool nested;     /* a second worker runs while the first stands still */
    bool stopped;    /* the first has not yet noticed that it was taken for dead */
    int64_t stopped_activity;
    int64_t outage_calls; /* so many more calls do not reach the provider */
};

struct sim {
    const struct sim_options *options;
    struct chance chance;
    struct arena seed_arena, job;
    struct error err;
    struct settings settings;
    struct ctx cx;
    struct db *db;
    struct gateway *bank; /* the provider itself */
    struct gateway spy;   /* what Foyer talks to */
    struct machine machine;
    struct world world;
    const char *awake; /* the name of the process that runs */
    int64_t process;   /* 1, 2, …: a new one after each crash */
    int64_t calls;     /* of owners */
    int64_t wall_ms;   /* what the machine's clock is ahead of ours */
    struct market market;
    const struct catalog *catalog; /* the newest */
    bool news, announces, real_clock;
    int64_t retires_at; /* the catalog says since then that a plan is retired; 0: it does not */
    int64_t start_at, end_at, now;
    bool running; /* inside payments_run */
    int64_t running_until, done_until;
    struct member *members;
    struct member **by_account; /* hash table */
    size_t n_members, n_imported, accounts_room;
    struct sent **keys; /* hash table */
    size_t n_keys, keys_room;
    struct sent *open;
    struct reserved *reserved;
    struct returned *returned;
    const char *used_code; /* of the gift card redeemed last */
    struct harm harm;
    int64_t seen_event_id, seen_letter_id, charges, captures, steps, full_checked_at;
    uint64_t trace, result;
    bool failed;
    char reason[400];
    int64_t failed_at;
};

/* Says what is wrong; only the first counts. */
void complain(struct sim *s, const struct member *m, const char *fmt, ...) PRINTF(3, 4);
void note(struct sim *s, const char *fmt, ...) PRINTF(2, 3); /* --trace */
/* One of the runs of --everywhere, which must all come to the same. */
bool sim_compared(const struct sim *s);

/* --- population.c --- */
void population_make(struct sim *s);
/* Imports the members whose day has come. */
void population_import(struct sim *s);
struct member *member_by_account(struct sim *s, int64_t account_id);
/* Finds the number that a member was given; false when there is none yet. */
bool population_find(struct sim *s, struct member *m);
const char *population_token(struct sim *s); /* any token that a member may come with */
/* Whether two tokens stand for one card: new details give it another token. */
bool same_card(const char *a, const char *b);
bool member_has_token(const struct member *m, const char *name);
/* A token as the provider describes it, now one of the member's. */
struct token *member_token(struct sim *s, struct member *m, const char *name);

/* --- spy.c --- */
void spy_open(struct sim *s);
/* Asks the provider what became of attempts whose outcome was open. */
void spy_settle(struct sim *s);
void spy_check_reserved(struct sim *s);
/* A bank takes an attempt's money back, or that has ended: 1, 2 or 3 as in struct sent. */
void spy_disputed(struct sim *s, struct sent *a, int what);
bool spy_in_doubt(const struct sent *a); /* Foyer does not know its outcome */

/* --- harm.c --- */
void harm_begin(struct sim *s);
/* Lets the process that has crashed start again. */
void harm_restart(struct sim *s);

/* --- workload.c --- */
/* Runs the engine up to `until`, again after each crash or failure, until it comes to an end. */
void workload_run(struct sim *s, int64_t until);
void workload_owners(struct sim *s); /* what members do by themselves */
/* After a failed call: a process that is gone starts again. False, and a complaint, when the call
 * is to blame. */
bool workload_recover(struct sim *s, const char *what);
void workload_news(struct sim *s, bool news);
/* The operator says that a plan is retired. */
void workload_retire(struct sim *s);
/* Whether a plan takes new members. */
bool workload_sells(const struct sim *s, size_t plan);
/* Calls an op as the owner until its outcome is known, as a client would that tries again; with no
 * member as the operator, and nothing breaks. *out is the answer; the status is that of the last
 * call; all calls have one idempotency key, so that they are one wish. Takes over `in`. */
enum status workload_call(struct sim *s, struct member *m, const char *id, json_t *in,
                          json_t **out);
/* The same as somebody else: an agent of a number, the system, a visitor. */
enum status workload_call_as(struct sim *s, const struct actor *actor, struct member *m,
                             const char *id, json_t *in, json_t **out);
/* A text of an answer; '' where there is none. */
const char *workload_text(json_t *answer, const char *name);
