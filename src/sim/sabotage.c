/* sabotage: proves that the simulator finds defects. Each is built in, chosen, and must be caught
 * within a number of seeds; docs/sabotage.md tells by what. SPDX-License-Identifier: Apache-2.0 */
#include "base/sabotage.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "sim/sabotage.h"

/* clang-format off */
const struct defect defects[] = {
    {"key_of_process",     "Another process sends an attempt under another key."},
    {"lost_reply_fails",   "A lost reply counts as a decline, and the next method is tried."},
    {"retry_after_never",  "A card is tried again after a decline that said never."},
    {"advice_forgotten",   "A word brings a card back that the network's advice has ended."},
    {"no_budget",          "The card networks' budgets are ignored."},
    {"no_backup",          "Backup methods are not tried when the first one is declined."},
    {"wish_lost",          "A charge is booked and its wish to be collected is not."},
    {"no_fence",           "A worker that was taken for dead goes on booking."},
    {"anchor_drift",       "A period starts a month after the last: a 31st becomes a 28th."},
    {"anchor_kept",        "A payment that ends a hold keeps the old anchor."},
    {"tax_of_joining",     "Taxes are those of the joining day."},
    {"grace_from_check",   "Grace counts from the last check and not from the debt."},
    {"reminder_for_retry", "After an outage a late reminder takes the place of a late retry."},
    {"retry_for_reminder", "A late retry takes the place of a late reminder."},
    {"charge_after_cancel", "A cancelled membership is charged again."},
    {"debt_kept",          "The end of a hold leaves the unpaid invoice as a debt."},
    {"credit_without_tax", "A credit note does not give the tax back in the books."},
    {"credit_twice",       "An unpaid invoice is credited twice."},
    {"number_gap",         "Invoice numbers are taken and not used."},
    {"revenue_twice",      "Revenue at the turn of a month is recognised twice."},
    {"hold_kept",          "A temporary authorization is kept for good."},
    {"credit_twice_spent", "A renewal that credit pays does not take it from the credit."},
    {"credit_ignored",     "A method is charged while credit is left."},
    {"code_reusable",      "A gift card can be redeemed again."},
    {"late_revenue_lost",  "Revenue of payments that become known late is never recognised."},
    {"late_kept",          "A payment that comes after its wait is over is kept."},
    {"pause_forgotten",    "A pause that was decided does not begin, and the month is charged."},
    {"restart_keeps_slots", "A restart charges for a slot that ended with the membership."},
    {"slots_outlive",      "Slots do not end with the membership."},
    {"downgrade_at_once",  "A cheaper plan counts at once and not from the next date."},
    {"change_charges_month", "A dearer plan is charged for the whole month."},
    {"shift_loses_a_day",  "What is left of a period pays for a day less than it is worth."},
    {"day_moves_unpaid",   "The billing day moves although the days until then are not paid."},
    {"consent_assumed",    "A dearer price counts where the law asks for consent first."},
    {"withdrawal_of_all",  "A withdrawal gives back the days that were served."},
    {"one_person_refunds", "A large refund needs no second person."},
    {"refund_key_of_moment", "A refund that is sent again has another key."},
    {"retry_in_dispute",   "A failed payment is retried while a dispute is open."},
    {"disputed_card_used", "A card is charged while its bank disputes a charge."},
    {"new_card_blamed",    "A dispute of a card blocks the one that has taken its place."},
    {"lock_ignored",       "A locked account stays in the due queue."},
    {"takeover_pays",      "An undone restart gives nothing back."},
    {"partner_and_us",     "Who has gone to a partner is charged by us as well."},
    {"partner_out_of_order", "A partner's older event undoes a newer one."},
    {"retired_at_once",    "A retired plan is taken before the notice is over."},
    {"retired_goes_on",    "A retired plan is billed as if it were not."},
    {"choice_forgotten",   "What was chosen in place of a retired plan is forgotten."},
    {"erased_at_notice",   "Everything is deleted as soon as it is announced."},
};
/* clang-format on */
const size_t defect_count = COUNT(defects);

#ifdef FOYER_SABOTAGE
/* Small worlds: a defect that needs a large one is better hunted by scripts/check --long. */
enum { MEMBERS = 60, MONTHS = 9 };

struct hunt {
    int64_t seeds; /* until it was caught, that one included; 0: never */
    char reason[480];
};

/* Without the moment and the member: what stays the same from run to run. */
static const char *plain(const char *reason)
{
    const char *at = strstr(reason, ": ");

    return at ? at + 2 : reason;
}

static void hunt(const char *name, int64_t seeds_max, struct hunt *out)
{
    struct sim_options o = {.members = MEMBERS, .months = MONTHS};
    struct sim_report r;

    *out = (struct hunt){0};
    sabotage_choose(name);
    for (o.seed = 1; o.seed <= seeds_max && !out->seeds; o.seed++) {
        sim_run(&o, &r);
        if (!r.failed) continue;
        out->seeds = o.seed;
        snprintf(out->reason, sizeof out->reason, "%s", plain(r.reason));
    }
    sabotage_choose(NULL);
}

static void write_row(FILE *f, const struct defect *d, const struct hunt *h)
{
    fprintf(f, "| `%s` | %s | ", d->name, d->what);
    if (!h->seeds) {
        fputs("**not caught** | |\n", f);
        return;
    }
    for (const char *p = h->reason; *p; p++) fputs(*p == '|' ? "\\|" : (char[]){*p, 0}, f);
    fprintf(f, " | %lld |\n", (long long)h->seeds);
}

static bool write_page(const char *path, const struct hunt *hunts)
{
    FILE *f = fopen(path, "w");

    if (!f) return false;
    fprintf(
        f,
        "# Seeded defects\n\n"
        "Generated by `foyer sabotage --write`, which exists in builds with `-Dsabotage=true`. "
        "Each defect is built in at\none place, chosen by name, and hunted by the simulator with "
        "worlds of %d members and %d months, seed after seed.\nCaught by: the first complaint "
        "of the auditor. The same seeds are clean without a defect.\n\n"
        "| defect | what is wrong | caught by | seeds |\n|---|---|---|--:|\n",
        MEMBERS, MONTHS);
    for (size_t i = 0; i < defect_count; i++) write_row(f, &defects[i], &hunts[i]);
    return fclose(f) == 0;
}

static int run_sabotage(struct cli *cli, int argc, char **argv)
{
    const char *path = NULL, *most = NULL, *only = NULL, *why = NULL;
    const struct cli_option options[] = {
        {"write", &path, NULL},
        {"seeds", &most, NULL},
        {"only",  &only, NULL},
    };
    struct hunt hunts[COUNT(defects)] = {0}, none;
    int64_t seeds = 120, missed = 0, clean = 0;

    if (!cli_options(&argc, argv, options, COUNT(options), &why) || argc ||
        (most && !int_parse(most, &seeds)))
        return cli_usage(cli, sabotage_commands, why);
    for (size_t i = 0; i < defect_count; i++) {
        if (only && strcmp(only, defects[i].name) != 0) continue;
        hunt(defects[i].name, seeds, &hunts[i]);
        missed += !hunts[i].seeds;
        if (hunts[i].seeds > clean) clean = hunts[i].seeds;
        printf("%-20s %s%lld: %s\n", defects[i].name,
               hunts[i].seeds ? "caught by seed " : "NOT CAUGHT ", (long long)hunts[i].seeds,
               hunts[i].reason);
        fflush(stdout);
    }
    hunt(NULL, clean, &none);
    if (none.seeds)
        printf("seed %lld fails without a defect: %s\n", (long long)none.seeds, none.reason);
    printf("sabotage: %zu defects, %lld not caught\n", only ? 1 : defect_count, (long long)missed);
    if (path && !write_page(path, hunts)) return perror(path), EXIT_COULD_NOT;
    return missed || none.seeds ? EXIT_REFUSED : EXIT_DONE;
}
#endif

/* clang-format off */
const struct command sabotage_commands[] = {
#ifdef FOYER_SABOTAGE
    {"sabotage", "[--only NAME] [--seeds N] [--write FILE]",
     "See whether the simulator finds seeded defects.", run_sabotage},
#endif
    {0},
};
/* clang-format on */
