/* cli_test: what every command has in common. SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <dirent.h>

#include "cli/stage_test.h"

/* Runs it in an empty folder, without a database. */
static int alone(const char *arguments)
{
    char command[600];

    snprintf(command, sizeof command, "cd '%s' && env -u FOYER_DB '%s' %s 2>&1", stage.folder,
             getenv("FOYER"), arguments);
    FILE *f = popen(command, "r");
    CHECK(f);
    stage.said[fread(stage.said, 1, sizeof stage.said - 1, f)] = '\0';
    return WEXITSTATUS(pclose(f));
}

static size_t n_files(void)
{
    DIR *d = opendir(stage.folder);
    size_t n = 0;

    CHECK(d);
    while (readdir(d)) n++;
    closedir(d);
    return n - 2; /* . and .. */
}

static void misuses(const char *arguments)
{
    if (alone(arguments) != EXIT_USAGE || !strstr(stage.said, "usage: foyer "))
        FAIL("%s: %s", arguments, stage.said);
    if (n_files() > 0) FAIL("%s leaves a file behind", arguments);
}

/* Whoever has written a command wrongly is told so, whatever there is to work on. */
static void usage_comes_first(void **state)
{
    static const char *const wrong[] = {
        "run --until garbage",
        "run now",
        "history",
        "history a b",
        "preview",
        "explain",
        "receipt chg_1",
        "charges",
        "charges --csv --from 2024-02-30",
        "charges --csv --from 2024-02 --to 2024-01",
        "ledger --csv --json",
        "report --by week",
        "report --from yesterday",
        "report --from 2024-02 --to 2024-01",
        "report --chart --currency ZZZ",
        "import members",
        "import members a.csv --as-of tomorrow",
        "import settlement a.csv",
        "migrate --test-clock soon",
        "catalog apply",
        "catalog show --version x",
        "catalog versions all",
        "config show all",
        "config set mail_url",
        "audit verify --from then",
        "audit show m1 --limit 0",
        "audit head 1",
        "key rotate now",
        "backup",
        "restore",
        "export person m1",
        "doctor now",
        "serve --workers 0",
        "serve --limits all=1",
        "call member.get member",
        "call membership.get member=m1 --as owner",
        "call membership.get member=m1 --surface moon",
        "call membership.get member=m1 --proof stale",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) misuses(wrong[i]);
}

static void no_command_knows_any_option(void **state)
{
    static const char *const places[] = {"%s --bogus", "%s --bogus a b", "%s a --bogus"};
    size_t n = 0;

    (void)state;
    for (size_t t = 0; command_tables[t]; t++)
        for (const struct command *c = command_tables[t]; c->name; c++, n++)
            for (size_t i = 0; i < COUNT(places); i++) {
                char arguments[200];

                snprintf(arguments, sizeof arguments, places[i], c->name);
                misuses(arguments);
            }
    CHECK(n > 30);
}

static void without_a_database(void **state)
{
    (void)state;
    CHECK(alone("doctor") == EXIT_COULD_NOT && strstr(stage.said, "(db.gone)"));
    CHECK(alone("call membership.get member=m1 --as owner:m1") == EXIT_COULD_NOT);
    CHECK(alone("charges --csv") == EXIT_COULD_NOT && alone("run") == EXIT_COULD_NOT);
    CHECK(n_files() == 0);
}

static int begin(void **state)
{
    (void)state;
    stage_begin();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("no command takes an option that it does not know, and nothing is made",
             no_command_knows_any_option),
        CASE("what is written wrongly is told before the database is looked for",
             usage_comes_first),
        CASE("a database that is not there is told, and none is made", without_a_database),
    };

    return cmocka_run_group_tests_name("cli", cases, begin, stage_end);
}
