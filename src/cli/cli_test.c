/* cli_test: what every command has in common. SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <dirent.h>
#include <signal.h>

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

    stage_begin();
    for (size_t i = 0; i < COUNT(wrong); i++) misuses(wrong[i]);
    CHECK(stage_end(state) == 0);
}

static void no_command_knows_any_option(void **state)
{
    static const char *const places[] = {"%s --bogus", "%s --bogus a b", "%s a --bogus"};
    size_t n = 0;

    stage_begin();
    for (size_t t = 0; command_tables[t]; t++)
        for (const struct command *c = command_tables[t]; c->name; c++, n++)
            for (size_t i = 0; i < COUNT(places); i++) {
                char arguments[200];

                snprintf(arguments, sizeof arguments, places[i], c->name);
                misuses(arguments);
            }
    CHECK(n > 30);
    CHECK(stage_end(state) == 0);
}

static void without_a_database(void **state)
{
    stage_begin();
    CHECK(alone("doctor") == EXIT_COULD_NOT && strstr(stage.said, "(db.gone)"));
    CHECK(alone("call membership.get member=m1 --as owner:m1") == EXIT_COULD_NOT);
    CHECK(alone("charges --csv") == EXIT_COULD_NOT && alone("run") == EXIT_COULD_NOT);
    CHECK(n_files() == 0);
    CHECK(stage_end(state) == 0);
}

static size_t read_whole(const char *name, char *to, size_t max)
{
    FILE *f = fopen(stage_path(name), "rb");

    CHECK(f);
    size_t const n = fread(to, 1, max, f);
    fclose(f);
    return n;
}

static void make_theirs(const char *sql)
{
    char url[200], script[200];

    unlink(stage_path("x.db"));
    snprintf(url, sizeof url, "sqlite:%s", stage_path("x.db"));
    snprintf(script, sizeof script, "PRAGMA journal_mode = DELETE; %s", sql);
    stage_script(url, script);
}

/* Tables of somebody else are left as they are, to the byte. */
static void other_databases_are_left_alone(void **state)
{
    static const char *const theirs[] = {
        "CREATE TABLE account (x INTEGER); INSERT INTO account VALUES (7)",
        "CREATE TABLE migration (version TEXT PRIMARY KEY, apply_time INTEGER)",
    };
    static char before[100000], after[100000];

    stage_begin();
    for (size_t i = 0; i < COUNT(theirs); i++) {
        make_theirs(theirs[i]);
        size_t const n = read_whole("x.db", before, sizeof before), files = n_files();
        CHECK(alone("migrate --db sqlite:x.db") == EXIT_REFUSED);
        CHECK(strstr(stage.said, "(db.foreign)"));
        CHECK(alone("doctor --db sqlite:x.db") != EXIT_DONE);
        CHECK(read_whole("x.db", after, sizeof after) == n && memcmp(before, after, n) == 0);
        CHECK(n_files() == files);
    }
    if (stage.schema[0]) { /* there only what is called alike is in the way */
        stage_script(stage.url, "CREATE TABLE account (x INTEGER)");
        CHECK(foyer("migrate") == EXIT_REFUSED && strstr(stage.said, "(db.foreign)"));
        stage_script(stage.url, "DROP TABLE account; CREATE TABLE of_somebody_else (x INTEGER)");
    }
    CHECK(foyer("migrate") == EXIT_DONE && foyer("migrate") == EXIT_DONE);
    CHECK(stage_end(state) == 0);
}

/* `foyer … | head -1` says nothing, and ends as cat does. */
static void a_reader_may_leave(void **state)
{
    static const char *const writers[] = {"openapi", "example members --members 20000"};

    stage_begin();
    for (size_t i = 0; i < COUNT(writers); i++) {
        char command[400];

        snprintf(command, sizeof command,
                 "bash -c \"'%s' %s 2>'%s' | head -1 >/dev/null; exit \\${PIPESTATUS[0]}\"",
                 getenv("FOYER"), writers[i], stage_path("said"));
        int const status = system(command);
        if (WEXITSTATUS(status) != 128 + SIGPIPE) FAIL("%s ends with %d", writers[i], status);
        CHECK(read_whole("said", stage.said, sizeof stage.said) == 0);
    }
    CHECK(alone("openapi 2>said >/dev/full; rc=$?; cat said; (exit $rc)") == EXIT_COULD_NOT);
    CHECK(strstr(stage.said, "standard output: No space left on device"));
    CHECK(stage_end(state) == 0);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE("no command takes an option that it does not know, and nothing is made",
             no_command_knows_any_option),
        CASE("what is written wrongly is told before the database is looked for",
             usage_comes_first),
        CASE("a database that is not there is told, and none is made", without_a_database),
        CASE("whoever reads only the first lines is left alone", a_reader_may_leave),
        CASE("a database of something else is refused before anything is changed",
             other_databases_are_left_alone),
    };

    return RUN_CASES("cli", cases);
}
