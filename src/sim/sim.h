/* sim: years of membership in seconds. One seed decides everything, so that a failing seed is a
 * test case: the production use cases run on an in-memory database with a virtual clock, while
 * commits fail, the provider lies and the process crashes; an auditor with rules of its own
 * compares.
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/base.h"

struct sim_options {
    int64_t seed, members, months;
    bool trace;          /* tell on standard error what happens */
    int64_t crash_point; /* 0: chance decides what breaks; else one injury, at this moment */
    int crash_kind;      /* at a crash point: which of SIM_CRASH_KINDS */
    bool calm;           /* nothing breaks */
    bool examine;        /* at the end: `foyer doctor`, and every charge must explain itself */
};
enum { SIM_CRASH_KINDS = 3 };

struct sim_report {
    bool failed;
    char reason[480];
    int64_t failed_at; /* virtual time */
    int64_t charges, crashes, injuries, moments;
    uint64_t trace;  /* equal for equal options */
    uint64_t result; /* equal for all runs of one seed that end with the same charges and books */
};

/* One run of one seed. */
void sim_run(const struct sim_options *o, struct sim_report *out);
/* Twice; different traces are a failure. */
void sim_seed(const struct sim_options *o, struct sim_report *out);
/* A small world without chance of injury, then once more for each commit and gateway call, with a
 * crash there: every run must end with the same charges and books. */
void sim_everywhere(const struct sim_options *o, struct sim_report *out);
