/* call_test: ops as commands - what a script sees of them. SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static void put(const char *name, const char *text)
{
    stage_put(name, text, strlen(text));
}

static int set_up(void **state)
{
    (void)state;
    stage_begin_at("2024-02-01");
    put("members.csv", "external_id,plan,country,joined_on,method\n"
                       "ann,standard,DE,2023-01-31,tok_visa\n"
                       "bob,standard,DE,2023-01-31,tok_insufficient_funds\n");
    put("secret", "tok_mastercard\n");
    CHECK(foyer("import members members.csv --as-of 2024-02-01") == 0);
    return 0;
}

/* One after another on one database: each with its exit status, something it says, and something
 * that it must not say. */
struct step {
    const char *arguments;
    int status;
    const char *says, *never;
};

static void walk(const struct step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int const status = foyer(steps[i].arguments);

        if (status != steps[i].status || !strstr(stage.said, steps[i].says) ||
            (steps[i].never && strstr(stage.said, steps[i].never)))
            FAIL("%s: exit status %d\n%s", steps[i].arguments, status, stage.said);
    }
}

/* clang-format off */
static const struct step asking[] = {
    {"call", 0, "membership.cancel", NULL},
    {"call --json", 0, "\"additionalProperties\"", NULL},
    {"call membership.get member=ann", 0, "\"next_charge_on\": \"2024-02-29\"", NULL},
    {"call membership.get --as owner:ann", 0, "\"external_id\": \"ann\"", NULL},
    {"call membership.get member=ann --as agent:7", 0, "\"standing\": \"good\"", NULL},
    {"call membership.get member=ann --as owner:bob", 1, "op.not_yours", "standing"},
    {"call membership.get member=nobody --as owner:bob", 1, "op.not_yours", "unknown"},
    {"call membership.get", 1, "op.member_missing", NULL},
    {"call membership.get member=nobody", 1, "account.unknown", NULL},
    {"call membership.get --as owner:nobody", 1, "account.unknown", NULL},
    {"call membership.cancel member=ann --as agent:7", 1, "op.not_allowed", NULL},
    {"call membership.got member=ann", 1, "op.unknown", NULL},
    {"call membership.get member=ann colour=red", 1, "\"field\": \"colour\"", NULL},
    {"call membership.get member=ann member=bob", 1, "call.value_twice", NULL},
    {"call method.set_backup member=ann method=mth_x place=two", 1, "\"field\": \"place\"", NULL},
    {"call membership.get ann", 2, "name=value", NULL},
    {"call membership.get --as king:ann", 2, "owner:MEMBER", NULL},
    {"call membership.get --as visitor", 1, "op.not_allowed", NULL},
    {"call membership.get --as profile:ann", 1, "op.not_allowed", NULL},
    {"call membership.get --as kids:ann", 1, "op.not_allowed", NULL},
    {"call membership.get --as extra:ann", 1, "op.not_allowed", NULL},
    {"call membership.get --as extra:nobody", 1, "account.unknown", NULL},
    {"call membership.get --as owner:ann --surface radio", 2, "--surface: ", NULL},
    {"call membership.get --as owner:ann --surface none", 2, "--surface: ", NULL},
    {"call membership.get --as owner:ann --proof old", 2, "--proof: ", NULL},
    {"call membership.get --as owner:ann --device=", 2, "--device: ", NULL},
    {"call method.add token=tok_visa --as owner:ann", 1, "op.proof_needed", NULL},
    {"call membership.get --as agent:me", 2, "owner:MEMBER", NULL},
    {"call membership.get --az system", 2, "no option --az here", NULL},
    {"call method.add member=ann token=@nowhere", 3, "call.file_unreadable", NULL},
    {"--db sqlite:none/none.db call", 0, "membership.cancel", NULL},
    {"--db sqlite:none/none.db call membership.get member=ann", 3, "foyer:", NULL},
};

static const struct step adding[] = {
    {"call method.list --as owner:ann", 0, "\"place\": 0", "tok_"},
    {"call method.add token=@secret --as owner:ann --proof fresh", 0,
     "\"brand\": \"mastercard\"", "tok_"},
    {"call method.add token=- --as owner:ann --proof fresh < secret", 0, "\"place\": 1", "tok_"},
    {"call method.add token=tok_visa_debit primary=true --as owner:ann --proof fresh", 0,
     "\"place\": 0", NULL},
    {"call method.add token=4242424242424242 --as owner:ann --proof fresh", 1,
     "input.card_number", "4242"},
    {"--json call method.add token=4242424242424242 member=ann", 1, "input.card_number", "4242"},
    {"call method.add 4242424242424242=1 member=ann", 1, "input.card_number", "4242"},
    {"call method.add token=tok_visa member=4242424242424242", 1, "input.card_number", "4242"},
    {"call method.add token=tok_gift --as owner:ann --proof fresh", 1,
     "method.gift_not_a_method", NULL},
};

static const struct step curing[] = {
    {"run --until 2024-02-29", 0, "", NULL},
    {"call membership.get member=bob", 0, "\"banner\": \"grace\"", NULL},
    {"call method.add token=tok_lost_card --as owner:bob --proof fresh", 0,
     "\"trial\": \"declined\"", "lost"},
    {"call method.add token=tok_visa --as owner:bob --proof fresh", 0,
     "\"trial\": \"captured\"", NULL},
    {"call membership.get member=bob", 0, "\"next_charge_on\": \"2024-03-31\"", NULL},
};

/* A key belongs to one call of one actor; a refused call does not use it up. */
static const struct step repeating[] = {
    {"call method.add token=tok_gift --as owner:ann --proof fresh --key k1", 1,
     "method.gift_not_a_method", NULL},
    {"call method.add token=tok_visa --as owner:ann --proof fresh --key ''", 1,
     "op.key_invalid", NULL},
    {"call method.add token=tok_visa --as owner:ann --proof fresh --key k1", 0, "mth_", NULL},
    {"call method.add token=tok_visa --as owner:ann --proof fresh --key k1", 0, "mth_", NULL},
    {"call method.add token=tok_mastercard --as owner:ann --proof fresh --key k1", 1,
     "op.key_reused", NULL},
    {"call membership.cancel --as owner:ann --key k1", 1, "op.key_reused", NULL},
    {"call membership.get --as owner:ann --key k1", 0, "standing", NULL},
};

static const struct step ending[] = {
    {"call membership.cancel --as owner:ann --device phone --network 192.0.2.7 --key end", 0,
     "\"last_day\": \"2024-03-30\"", NULL},
    {"call membership.cancel --as owner:ann --key end", 0, "\"last_day\": \"2024-03-30\"", NULL},
    {"call membership.cancel --as owner:ann", 1, "policy.ending", NULL},
    {"run --until 2024-05-01", 0, "", NULL},
    {"call membership.get member=ann", 0, "\"state\": \"canceled\"", NULL},
    {"call membership.get member=bob", 0, "\"next_charge_on\": \"2024-05-31\"", NULL},
};
/* clang-format on */

static void asks(void **state)
{
    (void)state;
    walk(asking, COUNT(asking));
}

static void adds(void **state)
{
    (void)state;
    walk(adding, COUNT(adding));
}

static void repeats(void **state)
{
    (void)state;
    walk(repeating, COUNT(repeating));
}

static void cures(void **state)
{
    (void)state;
    walk(curing, COUNT(curing));
}

static void ends(void **state)
{
    (void)state;
    walk(ending, COUNT(ending));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("B-12 calling ops: roles, owners, inputs and exit statuses", asks),
        CASE("C-18 methods are added from files, and no card's number is taken or echoed", adds),
        CASE("calls under a key are answered again and change nothing twice", repeats),
        CASE("E-08 a failed payment is cured from the command line", cures),
        CASE("F-07 a membership is ended from the command line and not charged again", ends),
    };
    return cmocka_run_group_tests_name("call", cases, set_up, stage_end);
}
