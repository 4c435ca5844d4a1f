/* read_test: the commands that look, as a person or a script runs them; on SQLite and, where
 * FOYER_TEST_DB names one, on PostgreSQL, to the same bytes. SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static const char members[] = "external_id,plan,country,joined_on,method\n"
                              "\"zoe, \"\"Z\"\"\",basic,JP,2022-11-30,tok_visa\n"
                              "anna,standard,DE,2021-10-31,tok_visa\n"
                              "Bert,premium,US,2021-10-20,tok_fail_first_2\n"
                              "cleo,standard,GB,2022-01-10,tok_insufficient_funds;tok_mastercard\n"
                              "dora,standard,FR,2022-01-15,tok_do_not_honor\n";

static int set_up(void **state)
{
    (void)state;
    stage_begin_at("2023-01-01");
    stage_put("m.csv", members, sizeof members - 1);
    CHECK(foyer("import members m.csv --as-of 2023-01-01") == 0);
    CHECK(foyer("run --until 2023-04-01") == 0);
    return 0;
}

static void same(const char *expected)
{
    if (strcmp(stage.said, expected) != 0) FAIL("said\n%s", stage.said);
}

#define HEAD                                                                                       \
    "external_id,plan,kind,period_start,period_end,due_on,currency,net_minor,tax_minor,"           \
    "total_minor,cause,state,method,attempts\n"

static void charges_are_exported(void **state)
{
    (void)state;
    CHECK(foyer("charges --csv") == 0);
    same(HEAD
         "Bert,premium,renewal,2023-01-20,2023-02-20,2023-01-20,USD,1799,0,1799,renewal,captured,"
         "visa 4242,3\n"
         "Bert,premium,renewal,2023-02-20,2023-03-20,2023-02-20,USD,1799,0,1799,renewal,captured,"
         "visa 4242,3\n"
         "Bert,premium,renewal,2023-03-20,2023-04-20,2023-03-20,USD,1799,0,1799,renewal,captured,"
         "visa 4242,3\n"
         "anna,standard,renewal,2023-01-31,2023-02-28,2023-01-31,EUR,1092,207,1299,renewal,"
         "captured,visa 4242,1\n"
         "anna,standard,renewal,2023-02-28,2023-03-31,2023-02-28,EUR,1092,207,1299,missing_day,"
         "captured,visa 4242,1\n"
         "anna,standard,renewal,2023-03-31,2023-04-30,2023-03-31,EUR,1092,207,1299,renewal,"
         "captured,visa 4242,1\n"
         "cleo,standard,renewal,2023-01-10,2023-02-10,2023-01-10,GBP,832,167,999,renewal,captured,"
         "mastercard 4444,2\n"
         "cleo,standard,renewal,2023-02-10,2023-03-10,2023-02-10,GBP,832,167,999,renewal,captured,"
         "mastercard 4444,2\n"
         "cleo,standard,renewal,2023-03-10,2023-04-10,2023-03-10,GBP,832,167,999,renewal,captured,"
         "mastercard 4444,2\n"
         "dora,standard,renewal,2023-01-15,2023-02-15,2023-01-15,EUR,1124,225,1349,renewal,"
         "credited,visa 4242,4\n"
         "\"zoe, \"\"Z\"\"\",basic,renewal,2023-01-30,2023-02-28,2023-01-30,JPY,900,90,990,renewal,"
         "captured,visa 4242,1\n"
         "\"zoe, \"\"Z\"\"\",basic,renewal,2023-02-28,2023-03-30,2023-02-28,JPY,900,90,990,"
         "missing_day,captured,visa 4242,1\n"
         "\"zoe, \"\"Z\"\"\",basic,renewal,2023-03-30,2023-04-30,2023-03-30,JPY,900,90,990,renewal,"
         "captured,visa 4242,1\n");
    CHECK(foyer("charges --csv --from 2023-02-28 --to 2023-03-10") == 0); /* to is exclusive */
    same(HEAD "anna,standard,renewal,2023-02-28,2023-03-31,2023-02-28,EUR,1092,207,1299,"
              "missing_day,captured,visa 4242,1\n"
              "\"zoe, \"\"Z\"\"\",basic,renewal,2023-02-28,2023-03-30,2023-02-28,JPY,900,90,990,"
              "missing_day,captured,visa 4242,1\n");
    CHECK(foyer("charges --csv --to 2023-01") == 0);
    same(HEAD);
    CHECK(foyer("charges --json --to 2023-01") == 0);
    same("[]\n");
    CHECK(foyer("charges --json --from 2023-03") == 0);
    CLEANUP(json_decrefp) json_t *j = json_loads(stage.said, 0, NULL);
    CHECK(json_array_size(j) == 4);
    CHECK(json_integer_value(json_object_get(json_array_get(j, 0), "refunded_minor")) == 0);
    CHECK(json_object_get(json_array_get(j, 0), "refunded_minor"));
    CHECK(!strcmp(json_string_value(json_object_get(json_array_get(j, 3), "external_id")),
                  "zoe, \"Z\""));
    CHECK(foyer("charges") == 2 && foyer("charges --csv --from 2023-02-30") == 2);
    CHECK(foyer("charges --csv --from 2023-02 --to 2023-01") == 2);
}

static void books_are_shown(void **state)
{
    json_int_t sums[3] = {0};
    size_t i;
    json_t *row;

    (void)state;
    CHECK(foyer("ledger --json") == 0);
    CLEANUP(json_decrefp) json_t *j = json_loads(stage.said, 0, NULL);
    CHECK(json_array_size(j) > 10);
    json_array_foreach (j, i, row) {
        sums[0] += json_integer_value(json_object_get(row, "debit"));
        sums[1] += json_integer_value(json_object_get(row, "credit"));
        sums[2] += json_integer_value(json_object_get(row, "balance"));
    }
    CHECK(sums[0] == sums[1] && sums[0] > 0 && sums[2] == 0);
    CHECK(strstr(stage.said, "    \"account\": \"gateway_clearing\",\n    \"currency\": \"EUR\",\n"
                             "    \"debit\": 3897,\n    \"credit\": 0,\n    \"balance\": 3897\n"));
    CHECK(foyer("ledger") == 0);
    CHECK(strstr(stage.said, "ACCOUNT           CURRENCY") == stage.said);
    CHECK(strstr(stage.said, "\ngateway_clearing  EUR       38.97 EUR"));
    CHECK(foyer("ledger --csv") == 0);
    CHECK(strstr(stage.said, "date,document,entry,debit,credit,currency,amount\n") == stage.said);
    CHECK(strstr(stage.said, ",100,gateway_clearing,receivable,EUR,1299\n"));
    CHECK(foyer("ledger --csv --json") == 2 && foyer("ledger x") == 2);
}

/* The reference of a member's row, counted from 0. */
static void reference(const char *member, size_t row, char to[static 64])
{
    char command[128];

    snprintf(command, sizeof command, "--json history '%s'", member);
    CHECK(foyer(command) == 0);
    CLEANUP(json_decrefp) json_t *j = json_loads(stage.said, 0, NULL);
    json_t *charge = json_array_get(json_object_get(j, "charges"), row);
    CHECK(charge);
    snprintf(to, 64, "%s", json_string_value(json_object_get(charge, "reference")));
}

static void members_are_looked_up(void **state)
{
    char chg[64], command[128];

    (void)state;
    CHECK(foyer("history anna") == 0);
    CHECK(strstr(stage.said, "2023-02-28  12.99 EUR  2.07 EUR  visa 4242  standard  missing_day"));
    CHECK(strstr(stage.said, "day 31 -> 28"));
    CHECK(foyer("history Bert") == 0);
    CHECK(strstr(stage.said, " attempt 3, round 3, 2023-01-23T05:00:00.000Z: visa 4242 captured"));
    CHECK(foyer("history 'zoe, \"Z\"'") == 0);
    CHECK(foyer("history nobody") == 1 && strstr(stage.said, "account.unknown"));
    CHECK(foyer("history") == 2 && foyer("history a b") == 2);

    CHECK(foyer("preview anna") == 0);
    CHECK(strstr(stage.said, "anna: next charge on 2023-04-30, 12.99 EUR, for Standard until "
                             "2023-05-31, by visa 4242\n"));
    CHECK(strstr(stage.said, "Dates are those of Europe/Berlin; a bank may show the charge one day "
                             "earlier or later.\n"));
    CHECK(strstr(stage.said, "tax   VAT       19 %   2.07 EUR"));
    CHECK(strstr(stage.said, "(missing_day)"));
    CHECK(foyer("--json preview anna") == 0);
    CHECK(strstr(stage.said, "\"date_note\": \"bank_date_may_differ_by_a_day\""));
    CHECK(foyer("preview dora") == 1 && strstr(stage.said, "billing.no_next_charge"));
    CHECK(foyer("preview nobody") == 1);

    reference("anna", 1, chg);
    snprintf(command, sizeof command, "explain %s", chg);
    CHECK(foyer(command) == 0);
    CHECK(strstr(stage.said, "    date: January 31, 2023 -> February 28, 2023\n"));
    CHECK(strstr(stage.said, "catalog version 1 produced it; asked again it says 12.99 EUR\n"));
    memcpy(chg, "inv", 3);
    snprintf(command, sizeof command, "--json explain %s", chg);
    CHECK(foyer(command) == 0);
    CHECK(strstr(stage.said, "\"cause\": \"missing_day\"") &&
          strstr(stage.said, "\"reproduced\": true"));
    CHECK(foyer("explain chg_123") == 1 && strstr(stage.said, "charge.unknown"));
}

static void figures_are_reported(void **state)
{
    (void)state;
    CHECK(foyer("report --by month") == 0);
    CHECK(strstr(stage.said, "due 13 = charged 12 + failed 0 + credited 1 + skipped 0 + waiting 0 "
                             "holds\n"));
    CHECK(strstr(stage.said, "\ninsufficient_funds  later "));
    CHECK(foyer("--json report --from 2023-02 --to 2023-03") == 0);
    CLEANUP(json_decrefp) json_t *j = json_loads(stage.said, 0, NULL);
    json_t *row = json_array_get(json_object_get(j, "rows"), 3);
    CHECK(json_array_size(json_object_get(j, "rows")) == 5);
    CHECK(!strcmp(json_string_value(json_object_get(row, "country")), "FR"));
    CHECK(json_is_true(json_object_get(json_object_get(j, "reconciliation"), "holds")));
    CHECK(json_integer_value(json_object_get(row, "active_before")) == 0);
    row = json_array_get(json_object_get(j, "rows"), 0); /* in Japan, imported with its past */
    CHECK(json_integer_value(json_object_get(row, "active_before")) == 1);
    CHECK(foyer("report --from 2010-01 --to 2010-02") == 0);
    CHECK(!strcmp(stage.said, "nothing fell due from 2010-01-01 to 2010-02-01\n"));
    CHECK(foyer("report --by week") == 2 && foyer("report --from yesterday") == 2);
}

static void the_doctor_finds(void **state)
{
    (void)state;
    CHECK(foyer("doctor") == 0);
    CHECK(strstr(stage.said, " checks, 0 findings\n") && strstr(stage.said, "\ncharge.once"));
    CHECK(strstr(stage.said, "clock                test clock, moved by `run`, 2023-04-01"));
    stage_script(stage.url, "UPDATE invoice SET net_minor = net_minor + 1 WHERE plan = 'basic'");
    CHECK(foyer("--json doctor") == 1);
    CLEANUP(json_decrefp) json_t *j = json_loads(stage.said, 0, NULL);
    CHECK(json_integer_value(json_object_get(j, "findings")) == 4); /* three, and the books */
    CHECK(strstr(stage.said, "\"sample\": \"inv_"));
    stage_script(stage.url, "UPDATE invoice SET net_minor = net_minor - 1 WHERE plan = 'basic'");
    CHECK(foyer("doctor") == 0 && foyer("doctor now") == 2);
}

static void figures_are_drawn(void **state)
{
    (void)state;
    CHECK(foyer("report --chart --to 2023-04") == 0);
    CHECK(strstr(stage.said, "MONTH      REVENUE EUR"));
    CHECK(strstr(stage.said, "\n2023-01 ") && strstr(stage.said, "\n2023-03 "));
    CHECK(strstr(stage.said, "█") && strstr(stage.said, "░"));
    CHECK(strstr(stage.said, " holds"));
    CHECK(foyer("report --chart --currency JPY") == 0);
    CHECK(strstr(stage.said, "MONTH      REVENUE JPY"));
    CHECK(foyer("report --chart --currency ZZZ") == 2 && foyer("report --chart --by plan") == 2);
    CHECK(foyer("report --currency EUR") == 2 && foyer("--json report --chart") == 2);
}

/* By what is shown, whatever stands in its place: id, start of the period, kind. */
static void the_erased_are_sorted_too(void **state)
{
    char last[200] = "";
    size_t rows = 0, erased = 0;

    (void)state;
    stage_script(stage.url, "UPDATE account SET erased_at = 1, external_id = 'mem_2'"
                            " WHERE external_id = 'Bert';"
                            "UPDATE account SET erased_at = 1, external_id = 'mem_1'"
                            " WHERE external_id = 'dora';"
                            "UPDATE account SET external_id = 'erased' WHERE external_id = 'anna'");
    CHECK(foyer("charges --csv") == 0);
    char *rest = strchr(stage.said, '\n') + 1;
    for (char *line; (line = strsep(&rest, "\n"));) {
        char id[80], plan[20], kind[20], start[20], key[200];

        if (!*line || *line == '"') continue; /* zoe, whose id holds a comma */
        CHECK(sscanf(line, "%79[^,],%19[^,],%19[^,],%19[^,]", id, plan, kind, start) == 4);
        snprintf(key, sizeof key, "%s %s %s", id, start, kind);
        if (strcmp(key, last) < 0) FAIL("%s after %s", key, last);
        snprintf(last, sizeof last, "%s", key);
        rows++;
        erased += strcmp(id, "erased") == 0;
    }
    CHECK(rows == 10 && erased == 7);
}

/* Nothing is done where a clock could not go on or would stand where days mean none. */
static void clocks_have_bounds(void **state)
{
    static const char *const dates[] = {"9999-12-31", "2100-01-01", "1970-01-02", "1969-12-31",
                                        "0001-01-01"};

    (void)state;
    for (size_t i = 0; i < COUNT(dates); i++) {
        char arguments[80];

        snprintf(arguments, sizeof arguments, "migrate --test-clock %s", dates[i]);
        if (foyer(arguments) != 1 || !strstr(stage.said, "(clock.range")) FAIL("%s", stage.said);
    }
    CHECK(foyer("migrate --test-clock 2099-12-31") == 1 && strstr(stage.said, "(clock.fixed"));
    CHECK(foyer("migrate --test-clock 1970-01-03") == 1 && strstr(stage.said, "(clock.fixed"));
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("charges --csv is the same to the byte everywhere", charges_are_exported),
        CASE("the books balance and can be read", books_are_shown),
        CASE("A-02, A-15, B-04, B-05, B-12, E-17 history, preview, explain", members_are_looked_up),
        CASE("B-17, E-23 report", figures_are_reported),
        CASE("E-23 revenue and recovery are drawn by month", figures_are_drawn),
        CASE("doctor says what is wrong and exits with 1", the_doctor_finds),
        CASE("E-23 a test clock starts where it can go on", clocks_have_bounds),
        CASE("E-22 charges --csv has the erased in the order of what is shown",
             the_erased_are_sorted_too),
    };

    return cmocka_run_group_tests_name("read", cases, set_up, stage_end);
}
