/* world: one simulated world - database, provider, clock, members - and what its parts offer each
 * other. The simulator's own; others use sim.h. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "auditor_sql.h"
#include "payments/payments.h"
#include "sim/chance.h"
#include "sim/market.h"
#include "sim/sim.h"
#include "sim/walk.h"

/* One attempt as it crossed the line to the provider. */
struct sent {
    const char *key, *token, *currency;
    struct member *member;
    struct gateway_key parts;
    int64_t amount_minor, first_at, last_at, times;
    enum gateway_outcome told;  /* what Foyer was told last */
    enum gateway_outcome truth; /* what the provider did */
    int64_t told_at;            /* when it was told something final; 0: not yet */
    int64_t captured_at;
    struct sent *next;      /* older one of the same member */
    struct sent *next_open; /* whose truth may still change */
};

/* A temporary authorization that may hold money (SPEC B-10). */
struct reserved {
    const char *key;
    const struct member *member;
    int64_t at;
    int64_t put_off_until; /* the provider gave no answer: Foyer may wait that long */
    bool gone;             /* voided, refused or never seen */
    struct reserved *next;
};

enum { TOKENS_MAX = 8, DECLINES_MAX = 96, REMINDERS_MAX = 32 };
struct token {
    const char *name;
    bool card, mastercard;
    int64_t added_at;
    bool gone;         /* removed by the owner */
    int64_t never_at;  /* a decline said "never again"; 0: none since it was last added */
    bool shy;          /* its newest decline leaves it open whether a retry makes sense */
    size_t n_declines; /* known to Foyer; those known longest are forgotten */
    int64_t declined_at[DECLINES_MAX];
};

/* What a member owes or has paid, as the auditor sees it. */
struct duty {
    int64_t charge_id, term, k, start_day, end_day;
    int64_t tried_day; /* local date of the first attempt: later than start_day after an outage */
    struct owed owed;
    bool held; /* period 0 of a term that only begins when it is paid */
    bool invoiced;
    enum charge_state state;
    int64_t captured_at, recognised_from;
    int64_t credit_minor; /* of what is owed, paid by credit */
    struct duty *older;
};

struct member {
    size_t no, place, plan;
    char external_id[24];
    const char *region, *zone_name;
    const struct zone *zone;
    int64_t joined_day, import_day, paid_through_day; /* 0: no such day */
    struct token tokens[TOKENS_MAX];
    size_t n_tokens;
    int64_t account_id; /* 0: not there yet */
    struct sent *sent;  /* newest first */
    bool touched;
    int64_t put_off_at; /* until then the provider took no charge of the member's */
    int64_t doubt_at;   /* until then an outcome was open, or the provider had put something off */

    /* what the auditor believes */
    struct seen_membership row;
    enum membership_state state;
    int64_t term, anchor_day, prev_day;
    struct walk next;    /* stands on the first day of the next period to be booked */
    struct duty *duties; /* newest first */
    struct duty *debt;   /* unpaid, while in GRACE or HOLD */
    int64_t failed_at, cancel_wanted_at, erase_told_at;
    int64_t reminded_at[REMINDERS_MAX], receipts; /* the newest letters, and their number */
    size_t n_reminded;
    int64_t charge_id;   /* the newest charge that has been seen */
    int64_t given_minor; /* gift cards redeemed */
    bool purse_vague;    /* the newest one came while an attempt was in flight */
};

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
    bool news, real_clock;
    int64_t start_at, end_at, now;
    bool running; /* inside payments_run */
    int64_t running_until, done_until;
    struct member *members;
    size_t n_members, n_imported;
    struct sent **keys; /* hash table */
    size_t n_keys, keys_room;
    struct sent *open;
    struct reserved *reserved;
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
const char *population_token(struct sim *s); /* any token that a member may come with */
bool member_has_token(const struct member *m, const char *name);
/* A token as the provider describes it, now one of the member's. */
struct token *member_token(struct sim *s, struct member *m, const char *name);

/* --- spy.c --- */
void spy_open(struct sim *s);
/* Asks the provider what became of attempts whose outcome was open. */
void spy_settle(struct sim *s);
void spy_check_reserved(struct sim *s);
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
/* Calls an op as the owner until its outcome is known, as a client would that tries again; with no
 * member as the operator, and nothing breaks. *out is the answer; the status is that of the last
 * call; all calls have one idempotency key, so that they are one wish. Takes over `in`. */
enum status workload_call(struct sim *s, struct member *m, const char *id, json_t *in,
                          json_t **out);

/* --- auditor.c, books.c --- */
/* Looks at what has changed since the last time, and at whether all that is due was done. */
void audit(struct sim *s);
void audit_everything(struct sim *s);
/* Whether an automatic attempt is allowed at all (SPEC E-10, E-11). A decline counts from when the
 * provider says that it was made. */
bool token_usable(const struct sim *s, const struct token *t, int64_t at);
struct duty *duty_of(const struct member *m, int64_t term, int64_t k);
bool duty_final(const struct duty *d);
/* Compares one charge, its documents, entries and attempts with what is owed and was sent. */
void audit_charge(struct sim *s, struct member *m, struct duty *d, const struct seen_charge *c);
/* The same for a charge on hold, which takes another day and price with each attempt. */
void audit_held(struct sim *s, struct member *m, struct duty *d, const struct seen_charge *c);
void audit_books(struct sim *s);
