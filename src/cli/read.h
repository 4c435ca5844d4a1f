/* read: commands that look and change nothing. SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "billing/billing.h"
#include "cli/cli.h"

/* read.c */
int run_history(struct cli *cli, int argc, char **argv);
int run_preview(struct cli *cli, int argc, char **argv);
int run_explain(struct cli *cli, int argc, char **argv);
/* receipt.c */
int run_receipt(struct cli *cli, int argc, char **argv);
/* export.c */
int run_charges(struct cli *cli, int argc, char **argv);
int run_ledger(struct cli *cli, int argc, char **argv);
/* report.c */
int run_report(struct cli *cli, int argc, char **argv);

/* The command of that name, for its usage. */
const struct command *read_command(const char *name);

/* Reads --from (inclusive) and --to (exclusive), each a date or a month, which is its first day;
 * NULL leaves the bound as it is. False, with *why, when one is neither or they are the wrong way
 * round. */
bool read_window(const char *from, const char *to, int64_t *from_day, int64_t *until_day,
                 const char **why);

/* JSON of a day; null for 0. */
json_t *day_json(int64_t day);
/* "12.99 EUR", in the arena. */
const char *money_cell(struct cli *cli, int64_t minor, const char *currency);
const char *day_cell(struct cli *cli, int64_t day); /* "" for 0 */
