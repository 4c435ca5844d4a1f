/* catalog_test: the catalog commands, as a person or a script runs them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/stage_test.h"

static int foyer_with(const char *command, const char *file)
{
    char arguments[2000];

    snprintf(arguments, sizeof arguments, "%s '%s'", command, file);
    return foyer(arguments);
}

/* The example with one text in it replaced. */
static const char *spoilt(const char *before, const char *after)
{
    static char path[128], line[1000];
    char example[1024];
    int times = 0;

    snprintf(example, sizeof example, "%s/examples/catalog.yaml", getenv("SOURCE_ROOT"));
    snprintf(path, sizeof path, "%s/spoilt.yaml", stage.folder);
    FILE *from = fopen(example, "r"), *to = fopen(path, "w");
    CHECK(from && to);
    while (fgets(line, sizeof line, from)) {
        char *at = times == 0 ? strstr(line, before) : NULL;

        times += at != NULL;
        if (at)
            fprintf(to, "%.*s%s%s", (int)(at - line), line, after, at + strlen(before));
        else
            fputs(line, to);
    }
    fclose(from);
    fclose(to);
    CHECK(times == 1);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    stage_begin();
    return foyer("migrate --test-clock 2024-03-01");
}

static void applies_once(void **state)
{
    char example[1024];

    (void)state;
    snprintf(example, sizeof example, "%s/examples/catalog.yaml", getenv("SOURCE_ROOT"));
    CHECK(foyer("catalog show") == 1 && strstr(stage.said, "catalog.none"));
    CHECK(foyer_with("catalog check", example) == 0);
    CHECK(foyer("catalog show") == 1); /* checking applies nothing */
    CHECK(foyer_with("catalog apply", example) == 0 && strstr(stage.said, "version 1 applied"));
    CHECK(foyer_with("catalog apply", example) == 0 && strstr(stage.said, "unchanged"));
    CHECK(foyer("catalog versions --json") == 0 && !strstr(stage.said, "\"version\": 2"));
    CHECK(foyer("catalog show --version 2") == 1 && strstr(stage.said, "catalog.version_unknown"));
}

static void names_file_line_and_field(void **state)
{
    char wanted[256];
    const char *file = spoilt("currency: EUR", "currency: EUX");

    (void)state;
    CHECK(foyer_with("catalog apply", file) == 1);
    snprintf(wanted, sizeof wanted, "%s:", file);
    CHECK(strncmp(stage.said, wanted, strlen(wanted)) == 0);
    CHECK(strstr(stage.said, ": countries.AT.currency: ") &&
          strstr(stage.said, "catalog.currency_unknown"));
    CHECK(foyer_with("--json catalog check", file) == 1);
    CHECK(strstr(stage.said, "\"field\": \"countries.AT.currency\"") &&
          strstr(stage.said, "\"line\": "));
    CHECK(foyer_with("catalog apply", spoilt("amount: \"244.00\"", "amount: \"-244.00\"")) == 1);
    CHECK(strstr(stage.said, ": countries.AR.prices[0].amount: "));
    CHECK(foyer("catalog versions") == 0 && !strstr(stage.said, "     2  ")); /* nothing changed */
}

static void shows_a_country(void **state)
{
    (void)state;
    CHECK(foyer("catalog show") == 0 && strstr(stage.said, "DE Germany") &&
          strstr(stage.said, "VAT 19 %"));
    CHECK(foyer("catalog show de") == 0 && strstr(stage.said, "7.99 EUR") &&
          strstr(stage.said, "rhein_de"));
    CHECK(foyer("catalog show 'United States' --json") == 0 &&
          strstr(stage.said, "\"currency\": \"USD\""));
    CHECK(foyer("catalog show Atlantis") == 1 && strstr(stage.said, "country.unknown"));
}

static void says_how_it_is_used(void **state)
{
    (void)state;
    CHECK(foyer("catalog apply") == 2 && strstr(stage.said, "usage: "));
    CHECK(foyer("catalog check a b") == 2);
    CHECK(foyer("catalog check --fast a") == 2 && strstr(stage.said, "no option --fast here"));
    CHECK(foyer("catalog") == 2 && strstr(stage.said, "foyer catalog apply"));
    CHECK(foyer("catalog --help") == 0 && strstr(stage.said, "foyer catalog versions"));
    CHECK(foyer("catalogue") == 2 && strstr(stage.said, "foyer help"));
    CHECK(foyer("catalog show --db nowhere:x") == 2 && strstr(stage.said, "db.url"));
    CHECK(foyer("catalog show --version x") == 2);
    CHECK(foyer("catalog check /nowhere/catalog.yaml") == 3);
    CHECK(foyer("catalog check /") == 3);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("A-15 the command applies a catalog once", applies_once),
        CASE("A-01 the command names file, line and field of a mistake", names_file_line_and_field),
        CASE("A-01 the command shows a country", shows_a_country),
        CASE("A-01 the command says how it is used and what it could not do", says_how_it_is_used),
    };

    return cmocka_run_group_tests_name("cli_catalog", cases, set_up, stage_end);
}
